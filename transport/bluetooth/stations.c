/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/bluetooth_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "transport/bluetooth/l2cap.h"

enum {
    RETRY_MS = 5000,
    /* A page is given up before the kernel does so, after 5.12 s: some kernels (6.1.192) crash when
     * a socket is closed whose connection they have already dropped. */
    PAGE_MS = 4600,
    ASK_MS = 6 * 1000,
    MEASURE_MS = 2000,
    /* No name is asked for later than this after an inquiry began: meanwhile no channel is asked
     * for, and a crowd of phones that do not answer would take minutes. */
    NAMES_MS = 12 * 1000,
};

/* --- On and off ----------------------------------------------------------------------------- */

static void note_trouble(struct station *station, const char *name, int error) {
    station->trouble = error == EADDRINUSE
                           ? transport_condition_of(CONDITION_ADAPTER_LISTENED_ON, name)
                           : transport_condition_error(CONDITION_ADAPTER_FAILED, name, error);
}

static void close_descriptor(int *descriptor) {
    if (*descriptor >= 0) {
        close(*descriptor);
    }
    *descriptor = -1;
}

static bool open_sockets(struct bluetooth *bluetooth, unsigned number, uint16_t index) {
    struct station *station = &bluetooth->stations[number];
    return inquiry_open(&station->inquiry, index) &&
           (station->listening = l2cap_listen(station->address)) >= 0 &&
           bluetooth_watch(bluetooth, station->inquiry.descriptor, EPOLLIN, SOURCE_INQUIRY,
                           number) &&
           bluetooth_watch(bluetooth, station->listening, EPOLLIN, SOURCE_LISTENING, number);
}

static void station_on(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct station *station = &bluetooth->stations[number];
    const struct adapter *adapter = &bluetooth->adapters.list[number];
    station->turn = adapter->turn;
    station->address = adapter->info.address;
    if (!open_sockets(bluetooth, number, adapter->index)) {
        note_trouble(station, adapter->name, errno);
        inquiry_close(&station->inquiry);
        close_descriptor(&station->listening);
        station->retry_ms = now_ms + RETRY_MS;
        return;
    }
    station->is_on = true;
    station->trouble = (struct transport_condition){0};
    piconet_adapter_on(bluetooth->piconet, now_ms, number, station->address);
}

void station_hush(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct station *station = &bluetooth->stations[number];
    struct bluetooth_ask *ask = &station->ask;
    bool was_seeking = station->is_seeking || station->wants_seek;
    bool was_asking = ask->is_wanted || ask->descriptor >= 0;
    inquiry_stop(&station->inquiry);
    station->is_seeking = station->wants_seek = ask->is_wanted = false;
    close_descriptor(&ask->descriptor);
    if (was_seeking) {
        piconet_sought(bluetooth->piconet, now_ms, number);
    }
    if (was_asking) {
        piconet_failed(bluetooth->piconet, now_ms, number, ask->address);
    }
}

void station_off(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct station *station = &bluetooth->stations[number];
    station->retry_ms = 0;
    station->trouble = (struct transport_condition){0};
    if (!station->is_on) {
        return;
    }
    station_hush(bluetooth, now_ms, number);
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        if (bluetooth->channels[i].descriptor >= 0 && bluetooth->channels[i].station == number) {
            channels_drop(bluetooth, now_ms, i);
        }
    }
    inquiry_close(&station->inquiry);
    close_descriptor(&station->listening);
    station->is_on = false;
    piconet_adapter_off(bluetooth->piconet, now_ms, number);
}

void stations_update(struct bluetooth *bluetooth, int64_t now_ms) {
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        struct station *station = &bluetooth->stations[i];
        const struct adapter *adapter = &bluetooth->adapters.list[i];
        bool is_usable = adapter_is_usable(adapter) && bluetooth->mode != TRANSPORT_OFF;
        if (!is_usable || station->turn != adapter->turn) {
            station_off(bluetooth, now_ms, i);
        }
        if (is_usable && !station->is_on && now_ms >= station->retry_ms) {
            station_on(bluetooth, now_ms, i);
        }
    }
}

/* --- Asking for channels -------------------------------------------------------------------- */

static void ask_failed(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    channels_forget(bluetooth, number, bluetooth->stations[number].ask.address);
    piconet_failed(bluetooth->piconet, now_ms, number, bluetooth->stations[number].ask.address);
}

static bool begin_ask(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct station *station = &bluetooth->stations[number];
    struct bluetooth_ask *ask = &station->ask;
    ask->is_wanted = false;
    ask->deadline_ms = now_ms + PAGE_MS;
    ask->descriptor = l2cap_connect(station->address, ask->address);
    if (ask->descriptor >= 0 &&
        bluetooth_watch(bluetooth, ask->descriptor, EPOLLOUT, SOURCE_ASK, number)) {
        return true;
    }
    close_descriptor(&ask->descriptor);
    return false;
}

/* It did not come about, or has taken too long. */
static void ask_ended(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    close_descriptor(&bluetooth->stations[number].ask.descriptor);
    ask_failed(bluetooth, now_ms, number);
}

void station_asked(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct bluetooth_ask *ask = &bluetooth->stations[number].ask;
    int error = l2cap_connect_result(ask->descriptor);
    if (error == EINPROGRESS) {
        return;
    }
    if (error != 0) {
        ask_ended(bluetooth, now_ms, number);
        return;
    }
    int descriptor = ask->descriptor;
    ask->descriptor = -1;
    if (!channels_add(bluetooth, now_ms, number, descriptor, ask->address, true)) {
        ask_failed(bluetooth, now_ms, number);
    }
}

/* The page was answered; agreeing on encryption may take its time. */
static void note_paged(struct bluetooth_ask *ask, int64_t now_ms, uint64_t address) {
    if (ask->descriptor < 0 || ask->address != address) {
        return;
    }
    ask->deadline_ms = now_ms + ASK_MS;
}

void station_ask(struct bluetooth *bluetooth, int64_t now_ms, unsigned number, uint64_t address) {
    struct station *station = &bluetooth->stations[number];
    if (station->is_on && !station->ask.is_wanted && station->ask.descriptor < 0) {
        station->ask =
            (struct bluetooth_ask){.is_wanted = true, .descriptor = -1, .address = address};
    } else {
        piconet_failed(bluetooth->piconet, now_ms, number, address);
    }
}

/* --- Looking for others --------------------------------------------------------------------- */

void station_seek(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct station *station = &bluetooth->stations[number];
    if (station->is_on && !station->is_seeking) {
        station->wants_seek = true;
    } else if (!station->is_on) {
        piconet_sought(bluetooth->piconet, now_ms, number);
    }
}

static bool is_own(const struct bluetooth *bluetooth, uint64_t address) {
    for (size_t i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        if (bluetooth->stations[i].is_on && bluetooth->stations[i].address == address) {
            return true;
        }
    }
    return false;
}

static void take_results(struct bluetooth *bluetooth, int64_t now_ms, unsigned number,
                         const struct hci_event *event) {
    for (size_t i = 0; i < event->result_count; i++) {
        const struct hci_result *result = &event->results[i];
        if (!is_own(bluetooth, result->address) &&
            candidates_found(&bluetooth->candidates, now_ms, number, result, event->name) ==
                CANDIDATE_HANDSET) {
            piconet_seen(bluetooth->piconet, now_ms, number, result->address, result->rssi);
        }
    }
}

static void name_ended(struct bluetooth *bluetooth, int64_t now_ms, unsigned number,
                       uint64_t address, const char *name) {
    const struct candidate *handset =
        candidates_named(&bluetooth->candidates, now_ms, address, name);
    if (handset != NULL) {
        piconet_seen(bluetooth->piconet, now_ms, number, address, handset->result.rssi);
    }
}

static void note_measure(struct bluetooth *bluetooth, unsigned number,
                         const struct hci_event *event) {
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        struct channel *channel = &bluetooth->channels[i];
        uint16_t handle;
        if (channel->descriptor >= 0 && channel->station == number &&
            l2cap_handle(channel->descriptor, &handle) && handle == event->handle) {
            channel->quality = radios_channel_quality(event->rssi);
        }
    }
}

void station_receive(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct inquiry *inquiry = &bluetooth->stations[number].inquiry;
    struct hci_event event;
    enum inquiry_errand errand = inquiry->errand;
    uint64_t address = inquiry->address;
    enum inquiry_taken taken = inquiry_receive(inquiry, &event);
    if (taken == INQUIRY_BROKEN) {
        station_off(bluetooth, now_ms, number);
        bluetooth->stations[number].retry_ms = now_ms + RETRY_MS;
    } else if (taken == INQUIRY_PAGED) {
        note_paged(&bluetooth->stations[number].ask, now_ms, event.address);
    } else if (taken == INQUIRY_FOUND) {
        take_results(bluetooth, now_ms, number, &event);
    } else if (taken == INQUIRY_ENDED && errand == INQUIRY_NAMING) {
        bool has_name = event.code == HCI_REMOTE_NAME_COMPLETE && event.status == 0;
        name_ended(bluetooth, now_ms, number, address, has_name ? event.name : NULL);
    } else if (taken == INQUIRY_ENDED && errand == INQUIRY_MEASURING && event.status == 0) {
        note_measure(bluetooth, number, &event);
    }
}

/* --- One errand after another --------------------------------------------------------------- */

static void expire(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct station *station = &bluetooth->stations[number];
    enum inquiry_errand errand = station->inquiry.errand;
    if (inquiry_expired(&station->inquiry, now_ms) && errand == INQUIRY_NAMING) {
        name_ended(bluetooth, now_ms, number, station->inquiry.address, NULL);
    }
    if (station->ask.descriptor >= 0 && now_ms >= station->ask.deadline_ms) {
        ask_ended(bluetooth, now_ms, number);
    }
}

static void begin_measure(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        struct channel *channel = &bluetooth->channels[i];
        uint16_t handle;
        if (channel->descriptor < 0 || channel->station != number || now_ms < channel->measure_ms) {
            continue;
        }
        channel->measure_ms = now_ms + MEASURE_MS;
        if (l2cap_handle(channel->descriptor, &handle) &&
            inquiry_measure(&bluetooth->stations[number].inquiry, now_ms, handle)) {
            return;
        }
    }
}

/* Starts what an idle adapter is needed for most: channels, names, others, signals.
 */
static void begin_next(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct station *station = &bluetooth->stations[number];
    const struct candidate *unnamed;
    if (station->inquiry.errand != INQUIRY_IDLE || station->ask.descriptor >= 0) {
        return;
    }
    if (station->ask.is_wanted) {
        if (!begin_ask(bluetooth, now_ms, number)) {
            ask_failed(bluetooth, now_ms, number);
        }
        return;
    }
    while (station->is_seeking && now_ms < station->names_until_ms &&
           (unnamed = candidates_unnamed(&bluetooth->candidates, number)) != NULL) {
        if (inquiry_name(&station->inquiry, now_ms, &unnamed->result)) {
            return;
        }
        name_ended(bluetooth, now_ms, number, unnamed->result.address, NULL);
    }
    if (station->is_seeking) {
        station->is_seeking = false;
        piconet_sought(bluetooth->piconet, now_ms, number);
    }
    if (station->wants_seek) {
        station->wants_seek = false;
        station->names_until_ms = now_ms + NAMES_MS;
        station->is_seeking = inquiry_seek(&station->inquiry, now_ms);
        if (station->is_seeking) {
            return;
        }
        piconet_sought(bluetooth->piconet, now_ms, number);
    }
    begin_measure(bluetooth, now_ms, number);
}

void stations_work(struct bluetooth *bluetooth, int64_t now_ms) {
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        if (!bluetooth->stations[i].is_on) {
            continue;
        }
        expire(bluetooth, now_ms, i);
        begin_next(bluetooth, now_ms, i);
    }
}

int64_t stations_deadline(const struct bluetooth *bluetooth) {
    int64_t deadline = INT64_MAX;
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        const struct station *station = &bluetooth->stations[i];
        if (!station->is_on && station->retry_ms > 0 && station->retry_ms < deadline) {
            deadline = station->retry_ms;
        }
        if (!station->is_on) {
            continue;
        }
        if (station->inquiry.errand != INQUIRY_IDLE && station->inquiry.deadline_ms < deadline) {
            deadline = station->inquiry.deadline_ms;
        }
        if (station->ask.descriptor >= 0 && station->ask.deadline_ms < deadline) {
            deadline = station->ask.deadline_ms;
        }
    }
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        const struct channel *channel = &bluetooth->channels[i];
        if (channel->descriptor >= 0 && channel->measure_ms < deadline &&
            bluetooth->stations[channel->station].inquiry.errand == INQUIRY_IDLE &&
            bluetooth->stations[channel->station].ask.descriptor < 0) {
            deadline = channel->measure_ms;
        }
    }
    return deadline;
}
