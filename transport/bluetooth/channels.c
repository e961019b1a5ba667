/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/bluetooth_state.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "transport/bluetooth/l2cap.h"

enum {
    CLOSING_MS = 300,
    TRAFFIC_WINDOW_MS = 1000,
    TRAFFIC_OF_VOICE = 10, /* frames in that time */
    LINKS_OF_ADDRESS = 2,  /* where both have asked at once; more would take others' places */
};

static unsigned channels_of_address(const struct bluetooth *bluetooth, unsigned station,
                                    uint64_t address) {
    unsigned count = 0;
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        const struct channel *channel = &bluetooth->channels[i];
        count +=
            channel->descriptor >= 0 && channel->station == station && channel->address == address;
    }
    return count;
}

bool channels_add(struct bluetooth *bluetooth, int64_t now_ms, unsigned station, int descriptor,
                  uint64_t address, bool asked) {
    unsigned number = 0;
    while (number < BLUETOOTH_CHANNELS && bluetooth->channels[number].descriptor >= 0) {
        number++;
    }
    if (number == BLUETOOTH_CHANNELS ||
        channels_of_address(bluetooth, station, address) >= LINKS_OF_ADDRESS ||
        !bluetooth_watch(bluetooth, descriptor, EPOLLIN, SOURCE_CHANNEL, number)) {
        close(descriptor);
        return false;
    }
    bluetooth->channels[number] = (struct channel){.descriptor = descriptor,
                                                   .station = station,
                                                   .address = address,
                                                   .asked = asked,
                                                   .measure_ms = now_ms,
                                                   .quality = TRANSPORT_QUALITY_UNKNOWN};
    piconet_linked(bluetooth->piconet, now_ms, number, station, address, asked);
    return true;
}

void channels_accept(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    uint64_t peer;
    int descriptor = l2cap_accept(bluetooth->stations[number].listening, &peer);
    if (descriptor >= 0) {
        (void)channels_add(bluetooth, now_ms, number, descriptor, peer, false);
    }
}

static bool has_met(const struct bluetooth *bluetooth, uint64_t address) {
    for (unsigned i = 0; i < BLUETOOTH_MET_MAX; i++) {
        if (bluetooth->met[i] == address) {
            return true;
        }
    }
    return false;
}

static void meet(struct bluetooth *bluetooth, uint64_t address) {
    if (has_met(bluetooth, address)) {
        return;
    }
    bluetooth->met[bluetooth->next_met] = address;
    bluetooth->next_met = (bluetooth->next_met + 1) % BLUETOOTH_MET_MAX;
}

/* Is it a handset that no other channel leads to? */
static bool is_parted(const struct bluetooth *bluetooth, unsigned station, uint64_t address) {
    return has_met(bluetooth, address) && channels_of_address(bluetooth, station, address) == 0;
}

void channels_forget(const struct bluetooth *bluetooth, unsigned station, uint64_t address) {
    if (!is_parted(bluetooth, station, address)) {
        return;
    }
    const struct adapter *adapter = &bluetooth->adapters.list[station];
    adapters_unpair(&bluetooth->adapters, adapter, address);
    adapters_disconnect(&bluetooth->adapters, adapter, address);
}

static void let_go(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct channel *channel = &bluetooth->channels[number];
    l2cap_close(channel->descriptor);
    channel->descriptor = -1;
    piconet_unlinked(bluetooth->piconet, now_ms, number);
}

void channels_drop(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    const struct channel *channel = &bluetooth->channels[number];
    let_go(bluetooth, now_ms, number);
    channels_forget(bluetooth, channel->station, channel->address);
}

/* The channel has ended by itself. The other side may already be calling again, so the connection
 * below is left alone. */
static void has_ended(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    const struct channel *channel = &bluetooth->channels[number];
    let_go(bluetooth, now_ms, number);
    if (is_parted(bluetooth, channel->station, channel->address)) {
        adapters_unpair(&bluetooth->adapters, &bluetooth->adapters.list[channel->station],
                        channel->address);
    }
}

void channels_end(struct bluetooth *bluetooth, int64_t now_ms, unsigned number) {
    struct channel *channel = &bluetooth->channels[number];
    if (channel->descriptor < 0 || channel->is_closing) {
        return;
    }
    channel->is_closing = true;
    channel->closing_ms = now_ms + CLOSING_MS;
}

void channels_expire(struct bluetooth *bluetooth, int64_t now_ms) {
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        const struct channel *channel = &bluetooth->channels[i];
        if (channel->descriptor >= 0 && channel->is_closing && now_ms >= channel->closing_ms) {
            channels_drop(bluetooth, now_ms, i);
        }
    }
}

int64_t channels_deadline(const struct bluetooth *bluetooth) {
    int64_t deadline = INT64_MAX;
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        const struct channel *channel = &bluetooth->channels[i];
        if (channel->descriptor >= 0 && channel->is_closing && channel->closing_ms < deadline) {
            deadline = channel->closing_ms;
        }
    }
    return deadline;
}

bool channels_is_open(const struct bluetooth *bluetooth, unsigned number) {
    const struct channel *channel = &bluetooth->channels[number];
    return channel->descriptor >= 0 && !channel->is_closing &&
           piconet_node(bluetooth->piconet, number) != 0;
}

unsigned channels_to(const struct bluetooth *bluetooth, uint64_t peer) {
    unsigned number = 0;
    while (number < BLUETOOTH_CHANNELS &&
           (bluetooth->channels[number].address != peer || !channels_is_open(bluetooth, number))) {
        number++;
    }
    return number;
}

void channels_count_frame(struct bluetooth *bluetooth, int64_t now_ms) {
    if (now_ms - bluetooth->traffic_since_ms >= TRAFFIC_WINDOW_MS) {
        bluetooth->traffic_since_ms = now_ms;
        bluetooth->traffic = 0;
    }
    if (++bluetooth->traffic >= TRAFFIC_OF_VOICE) {
        piconet_busy(bluetooth->piconet, now_ms);
    }
}

void channels_receive(struct bluetooth *bluetooth, int64_t now_ms, unsigned number,
                      transport_frame_fn *on_frame, void *context) {
    const struct channel *channel = &bluetooth->channels[number];
    ssize_t length =
        l2cap_receive(channel->descriptor, bluetooth->packet, sizeof bluetooth->packet);
    if (length < 0 && errno == EAGAIN) {
        return;
    }
    if (length <= 0) {
        has_ended(bluetooth, now_ms, number);
        return;
    }
    if (channel->is_closing || length > TRANSPORT_FRAME_MAX) {
        return;
    }
    if (bluetooth->packet[0] == 0) {
        piconet_control(bluetooth->piconet, now_ms, number, bluetooth->packet, (size_t)length);
        if (piconet_node(bluetooth->piconet, number) != 0) {
            meet(bluetooth, channel->address);
        }
    } else if (piconet_heard(bluetooth->piconet, now_ms, number)) {
        channels_count_frame(bluetooth, now_ms);
        on_frame(context, channel->address, bluetooth->packet, (size_t)length);
    }
}
