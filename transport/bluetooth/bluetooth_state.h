/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the bluetooth transport share: bluetooth.c (the transport's functions),
 * stations.c (adapters in use, and their errands), channels.c (L2CAP channels to other handsets,
 * and frames) and radios.c (what is reported). A channel has the number of its link in the piconet.
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_BLUETOOTH_STATE_H
#define MUSTER_TRANSPORT_BLUETOOTH_BLUETOOTH_STATE_H

#include "transport/bluetooth/adapters.h"
#include "transport/bluetooth/bluetooth.h"
#include "transport/bluetooth/candidates.h"
#include "transport/bluetooth/inquiry.h"
#include "transport/bluetooth/piconet.h"
#include "transport/news.h"

enum {
    BLUETOOTH_CHANNELS = PICONET_ALL_LINKS_MAX + 1,
    BLUETOOTH_MET_MAX = 32,
};

/* What a descriptor in the epoll set is, with the number of its station or channel. */
enum bluetooth_source {
    SOURCE_MANAGEMENT,
    SOURCE_TIMER,
    SOURCE_INQUIRY,
    SOURCE_LISTENING,
    SOURCE_ASK,
    SOURCE_CHANNEL,
};

/* A channel that is being asked for. */
struct bluetooth_ask {
    bool is_wanted; /* by the piconet, and not started yet */
    int descriptor; /* -1: not started */
    uint64_t address;
    int64_t deadline_ms;
};

/* An adapter in use: the one in the same place of `adapters`. */
struct station {
    bool is_on;
    unsigned turn; /* of the adapter, when it was taken into use */
    uint64_t address;
    struct inquiry inquiry;
    int listening;
    bool wants_seek;        /* the piconet does */
    bool is_seeking;        /* an inquiry, or asking for names after it, ... */
    int64_t names_until_ms; /* ... which begins no later */
    struct bluetooth_ask ask;
    int64_t retry_ms; /* to take it into use, when that failed */
    struct transport_condition trouble;
    char name[ADAPTER_NAME_SIZE]; /* of the adapter that was reported on */
    struct transport_condition told;
};

struct channel {
    int descriptor; /* -1: no channel */
    unsigned station;
    uint64_t address;
    bool asked;      /* by this handset */
    bool is_closing; /* at closing_ms, for what was said to get out */
    int64_t closing_ms;
    int64_t measure_ms; /* when the signal is due */
    int quality;
};

struct bluetooth {
    struct transport transport; /* first: a struct transport is its beginning */
    int epoll, timer;
    int watched; /* management socket in the epoll set, or -1 */
    enum transport_mode mode;
    struct adapters adapters;
    struct candidates candidates;
    struct piconet *piconet;
    struct station stations[PICONET_ADAPTERS_MAX];
    struct channel channels[BLUETOOTH_CHANNELS];
    uint64_t met[BLUETOOTH_MET_MAX]; /* adapters of handsets that have said a table lately */
    unsigned next_met;
    int64_t traffic_since_ms;
    unsigned traffic; /* frames since then */
    bool is_none_told;
    struct news news;
    struct transport_condition problem;
    uint8_t packet[TRANSPORT_FRAME_MAX + 1]; /* one more, to tell what is too long */
};

/* Puts a descriptor into the epoll set; false when the system has no memory for it. */
bool bluetooth_watch(const struct bluetooth *bluetooth, int descriptor, uint32_t events,
                     enum bluetooth_source source, unsigned number);

/* --- stations.c ------------------------------------------------------------------- */

/* Starts using the adapters that can be used, and stops using those that no longer can. */
void stations_update(struct bluetooth *bluetooth, int64_t now_ms);

/* Stops using a station and ends all its channels. */
void station_off(struct bluetooth *bluetooth, int64_t now_ms, unsigned number);

/* Stops looking for others and asking them for channels. */
void station_hush(struct bluetooth *bluetooth, int64_t now_ms, unsigned number);

/* What the piconet wants done on a station. */
void station_ask(struct bluetooth *bluetooth, int64_t now_ms, unsigned number, uint64_t address);
void station_seek(struct bluetooth *bluetooth, int64_t now_ms, unsigned number);

/* Gives up what has taken too long, and starts what is next. */
void stations_work(struct bluetooth *bluetooth, int64_t now_ms);

/* When stations_work will have something to do even if nothing happens; INT64_MAX for never. */
int64_t stations_deadline(const struct bluetooth *bluetooth);

/* Something is to be read on the station's HCI socket; a channel that was asked for is open, or has
 * failed. */
void station_receive(struct bluetooth *bluetooth, int64_t now_ms, unsigned number);
void station_asked(struct bluetooth *bluetooth, int64_t now_ms, unsigned number);

/* --- channels.c ---------------------------------------------------------------------- */

/* A channel is open; takes `descriptor`. False when there is no room for it, or `address` already
 * has its share of channels. */
bool channels_add(struct bluetooth *bluetooth, int64_t now_ms, unsigned station, int descriptor,
                  uint64_t address, bool asked);

/* Accepts one who has asked station `number`. */
void channels_accept(struct bluetooth *bluetooth, int64_t now_ms, unsigned number);

/* Takes one packet from a channel. */
void channels_receive(struct bluetooth *bluetooth, int64_t now_ms, unsigned number,
                      transport_frame_fn *on_frame, void *context);

/* Ends a channel: at once, or once what was sent over it has had time to go out. */
void channels_drop(struct bluetooth *bluetooth, int64_t now_ms, unsigned number);
void channels_end(struct bluetooth *bluetooth, int64_t now_ms, unsigned number);

/* A channel to this one was ended, or did not open: once the two handsets have no other channel,
 * nothing is left of it in the layers below (adapters_unpair, adapters_disconnect). Addresses of
 * those never met are left alone: a stranger may use, or name in a table, the address of a device
 * that is paired with this machine for good. */
void channels_forget(const struct bluetooth *bluetooth, unsigned station, uint64_t address);

/* Drops the channels whose time to end has come; and when that is next, INT64_MAX for never. */
void channels_expire(struct bluetooth *bluetooth, int64_t now_ms);
int64_t channels_deadline(const struct bluetooth *bluetooth);

/* Does it lead to a handset, and is not about to end? */
bool channels_is_open(const struct bluetooth *bluetooth, unsigned number);

/* The number of the open channel to a peer, or BLUETOOTH_CHANNELS. */
unsigned channels_to(const struct bluetooth *bluetooth, uint64_t peer);

/* A frame has come or gone; many in a row are voice. */
void channels_count_frame(struct bluetooth *bluetooth, int64_t now_ms);

/* --- radios.c --------------------------------------------------------------------- */

/* The state of a station; false when there is none in this place. */
bool radios_station(const struct bluetooth *bluetooth, unsigned number,
                    struct transport_radio *radio);

/* The state of all of them: writes at most `room` and returns how many. */
size_t radios_all(const struct bluetooth *bluetooth, struct transport_radio out[], size_t room);

/* Is any adapter in use, or may it soon be? */
bool radios_any(const struct bluetooth *bluetooth);

/* Adds what has changed about the adapters to `news`. */
void radios_tell(struct bluetooth *bluetooth);

/* The signal from a peer, or TRANSPORT_QUALITY_UNKNOWN; and that of a channel that was measured. */
int radios_quality(const struct bluetooth *bluetooth, uint64_t peer);
int radios_channel_quality(int8_t rssi);

#endif
