/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Bluetooth adapters of this machine, through the kernel's management interface: lists them,
 * watches their state, and makes them ready so that other handsets find them and connect, and
 * nobody pairs with them (not bondable: the kernel refuses). Without the right to do that it only
 * watches. Nothing waits: answers arrive later. An adapter that somebody switches off while the
 * handset is to be found is switched on again, and one that is made bondable is so no more; what
 * rfkill blocks stays off.
 *
 * Each adapter has a place in `list` for as long as it is plugged in; one that was asked for by
 * name keeps its place for good.
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_ADAPTERS_H
#define MUSTER_TRANSPORT_BLUETOOTH_ADAPTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/bluetooth/mgmt.h"
#include "transport/bluetooth/piconet.h"
#include "transport/transport.h"

enum {
    ADAPTERS_RETRY_MS = 5000, /* between two tries of what does not work */
    ADAPTER_NAME_SIZE = 10,   /* "hci65534" */
    ADAPTER_LOCAL_NAME_SIZE = 12,
};

/* What tells a handset from others that answer an inquiry: the major and minor class of a cellular
 * phone, and the beginning of its name. */
#define HANDSET_CLASS      UINT32_C(0x000204)
#define HANDSET_CLASS_MASK UINT32_C(0x001ffc)
#define HANDSET_NAME       "Muster"

enum adapter_state {
    ADAPTER_NONE, /* nothing in this place */
    ADAPTER_STARTING,
    ADAPTER_UNUSABLE,
    ADAPTER_HIDDEN, /* it can connect to others, but they do not find it or recognise it as a
                       handset */
    ADAPTER_READY,
};

struct adapter {
    char name[ADAPTER_NAME_SIZE]; /* "hci0"; empty where there is none */
    uint16_t index;
    bool is_there;
    bool is_read; /* `info` is known */
    struct mgmt_info info;
    unsigned turn; /* changes each time that it can no longer be used */

    uint16_t pending; /* opcode of the command under way, 0 for none, ... */
    int64_t pending_until_ms;
    unsigned tried;          /* steps of making it ready, as bits, until they are tried again */
    uint8_t power_status;    /* of the latest try to switch it on */
    bool has_io_capability;  /* it was told that it has neither keys nor display */
    struct mgmt_info before; /* its settings before all this; no address: not known */
};

struct adapters {
    int descriptor; /* readable when there is something to receive; -1 while there is none */
    int error;      /* why there is none */
    bool is_listed; /* the kernel has said which adapters there are */
    bool is_trusted;
    enum transport_mode mode;
    bool is_by_name;
    int64_t retry_ms;
    struct adapter list[PICONET_ADAPTERS_MAX];
};

/* Takes names, "hci0" or "hci0,hci2" (NULL: all adapters); false when they are not names of
 * adapters, more than PICONET_ADAPTERS_MAX, or one comes twice. Call adapters_open next. */
bool adapters_name(struct adapters *adapters, const char *names);

/* Opens the management socket; it has the right to change adapters if this process has it now. If
 * that fails, adapters_tick tries again. */
void adapters_open(struct adapters *adapters, int64_t now_ms);

/* Takes one packet; false when none was waiting. The descriptor may be another one afterwards. */
bool adapters_receive(struct adapters *adapters, int64_t now_ms);

/* To be called when adapters_deadline has come. */
void adapters_tick(struct adapters *adapters, int64_t now_ms);
int64_t adapters_deadline(const struct adapters *adapters);

/* What the adapters should do: be on and be found (TRANSPORT_SEEKS, at first); not be found, but
 * keep their connections; or answer nobody. They stay powered, since others may use them. */
void adapters_set_mode(struct adapters *adapters, enum transport_mode mode, int64_t now_ms);

/* Forgets the adapter's pairing with this address, which the other side may have lost; and ends the
 * connection of the two controllers: while it waits for one that is gone, it would block what the
 * adapter sends to others. Without the right to do that nothing happens, and the kernel ends the
 * connection in the end. */
void adapters_unpair(const struct adapters *adapters, const struct adapter *adapter,
                     uint64_t address);
void adapters_disconnect(const struct adapters *adapters, const struct adapter *adapter,
                         uint64_t address);

/* The state of an adapter; *missing becomes what it lacks, CONDITION_NONE when it lacks nothing. */
enum adapter_state adapters_state(const struct adapters *adapters, const struct adapter *adapter,
                                  struct transport_condition *missing);

/* Is it being made ready: is a step under way, or does one come next? */
bool adapters_prepare(const struct adapters *adapters, const struct adapter *adapter);

/* Is this the class of a handset, whatever its services? */
bool class_is_handset(uint32_t device_class);

/* Has an address and is powered. It may not accept connections for a while, as when bluetoothd
 * starts, and keeps those that it has. */
bool adapter_is_usable(const struct adapter *adapter);

/* "Muster" and the last four digits of the adapter's address. */
void adapter_local_name(const struct adapter *adapter, char name[ADAPTER_LOCAL_NAME_SIZE]);

/* Why there is no adapter at all; CONDITION_NONE while that is not known. */
struct transport_condition adapters_none(const struct adapters *adapters);

/* Puts the adapters back to how they were before, or as others wanted them meanwhile: whether they
 * are found, may be connected to and paired with, their name and their class. Does not wait for
 * that; closes. */
void adapters_close(struct adapters *adapters);

/* A packet of the management socket, for adapters_receive. A malformed one changes nothing. */
void adapters_take(struct adapters *adapters, int64_t now_ms, const uint8_t *packet, size_t length);

#endif
