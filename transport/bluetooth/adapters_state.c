/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/adapters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define GIVE_THE_RIGHT "or give muster its right once: `make install`"

bool adapter_is_usable(const struct adapter *adapter) {
    const uint32_t needed = MANAGEMENT_POWERED | MANAGEMENT_BREDR;
    return adapter->is_there && adapter->is_read && adapter->info.address != 0 &&
           (adapter->info.settings & needed) == needed;
}

void adapter_local_name(const struct adapter *adapter, char name[ADAPTER_LOCAL_NAME_SIZE]) {
    snprintf(name, ADAPTER_LOCAL_NAME_SIZE, HANDSET_NAME " %04X",
             (unsigned)(adapter->info.address & 0xffff));
}

/* Why others cannot link to it, do not find it, or do not know it for a handset. */
static bool is_hidden(const struct adapters *adapters, const struct adapter *adapter,
                      char line[TRANSPORT_LINE_SIZE]) {
    char name[ADAPTER_LOCAL_NAME_SIZE];
    adapter_local_name(adapter, name);
    line[0] = '\0';
    if ((adapter->info.settings & MANAGEMENT_CONNECTABLE) == 0 && adapters->mode != TRANSPORT_OFF) {
        snprintf(line, TRANSPORT_LINE_SIZE,
                 "%s takes no links; let it with `bluetoothctl discoverable on`, " GIVE_THE_RIGHT,
                 adapter->name);
    } else if ((adapter->info.settings & MANAGEMENT_DISCOVERABLE) == 0 &&
               adapters->mode == TRANSPORT_SEEKS) {
        snprintf(
            line, TRANSPORT_LINE_SIZE,
            "others cannot find %s; let them with `bluetoothctl discoverable on`, " GIVE_THE_RIGHT,
            adapter->name);
    } else if (strncmp(adapter->info.name, HANDSET_NAME, strlen(HANDSET_NAME)) != 0) {
        snprintf(line, TRANSPORT_LINE_SIZE,
                 "others do not know %s for a handset; name it with "
                 "`bluetoothctl system-alias '%s'`, " GIVE_THE_RIGHT,
                 adapter->name, name);
    } else if (!class_is_handset(adapter->info.device_class)) {
        snprintf(line, TRANSPORT_LINE_SIZE,
                 "others do not know %s for a handset, by its class; "
                 "let muster set it, with its right: `make install`",
                 adapter->name);
    }
    return line[0] != '\0';
}

static void say_off(const struct adapters *adapters, const struct adapter *adapter,
                    char line[TRANSPORT_LINE_SIZE]) {
    if (adapter->power_status == MANAGEMENT_RFKILLED) {
        snprintf(line, TRANSPORT_LINE_SIZE,
                 "%s is blocked; free it with `rfkill unblock bluetooth`", adapter->name);
    } else if (!adapters->is_trusted) {
        snprintf(line, TRANSPORT_LINE_SIZE,
                 "%s is off; switch it on with `bluetoothctl power on`, " GIVE_THE_RIGHT,
                 adapter->name);
    } else if (adapter->power_status == MANAGEMENT_SUCCESS) {
        snprintf(line, TRANSPORT_LINE_SIZE, "%s is off; switch it on with `bluetoothctl power on`",
                 adapter->name);
    } else {
        snprintf(line, TRANSPORT_LINE_SIZE,
                 "%s does not switch on (management status 0x%02x); plug it in again, "
                 "or see `journalctl -k`",
                 adapter->name, adapter->power_status);
    }
}

static void say_unusable(const struct adapters *adapters, const struct adapter *adapter,
                         char line[TRANSPORT_LINE_SIZE]) {
    if ((adapter->info.settings & MANAGEMENT_POWERED) == 0) {
        say_off(adapters, adapter, line);
    } else {
        snprintf(line, TRANSPORT_LINE_SIZE,
                 "%s is on for Bluetooth LE alone; see `btmgmt bredr on`, or use another adapter",
                 adapter->name);
    }
}

enum adapter_state adapters_state(const struct adapters *adapters, const struct adapter *adapter,
                                  char line[TRANSPORT_LINE_SIZE]) {
    line[0] = '\0';
    if (adapter->name[0] == '\0') {
        return ADAPTER_NONE;
    }
    if (!adapter->is_there) {
        adapters_none(adapters, line);
        if (adapters->is_listed && adapters->error == 0) {
            snprintf(line, TRANSPORT_LINE_SIZE, "%s is not there; plug it in", adapter->name);
        }
        return line[0] == '\0' ? ADAPTER_STARTING : ADAPTER_UNUSABLE;
    }
    bool is_busy = adapters_prepare(adapters, adapter);
    if (!adapter_is_usable(adapter) && is_busy) {
        return ADAPTER_STARTING;
    }
    if (!adapter_is_usable(adapter)) {
        say_unusable(adapters, adapter, line);
        return ADAPTER_UNUSABLE;
    }
    return !is_busy && is_hidden(adapters, adapter, line) ? ADAPTER_HIDDEN : ADAPTER_READY;
}

void adapters_none(const struct adapters *adapters, char line[TRANSPORT_LINE_SIZE]) {
    line[0] = '\0';
    if (adapters->error == EAFNOSUPPORT || adapters->error == EPROTONOSUPPORT) {
        snprintf(line, TRANSPORT_LINE_SIZE,
                 "this system has no Bluetooth; load it with `sudo modprobe bluetooth`, "
                 "or install a kernel that has it");
    } else if (adapters->error == EPERM || adapters->error == EACCES) {
        snprintf(line, TRANSPORT_LINE_SIZE,
                 "this system does not let muster use Bluetooth; ask who looks after it");
    } else if (adapters->error != 0) {
        snprintf(line, TRANSPORT_LINE_SIZE, "Bluetooth cannot be used: %s",
                 strerror(adapters->error));
    } else if (adapters->is_listed) {
        snprintf(line, TRANSPORT_LINE_SIZE, "no Bluetooth adapter; plug one in");
    }
}
