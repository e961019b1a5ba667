/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/bluetooth_state.h"

#include <string.h>

/* --- Signals -------------------------------------------------------------------------------- */

static int within(int least, int value, int most) {
    return value < least ? least : value > most ? most : value;
}

/* Of a link the controller tells how far the signal is off the golden range, in which it is just
 * right: 0 in it, more above, less below. */
int radios_channel_quality(int8_t rssi) {
    return within(0, rssi >= 0 ? 80 + 2 * rssi : 80 + 4 * rssi, 100);
}

/* An inquiry tells the signal itself, some -95 dBm where it can hardly be heard. */
static int inquiry_quality(int8_t rssi) {
    if (rssi == HCI_RSSI_UNKNOWN) {
        return TRANSPORT_QUALITY_UNKNOWN;
    }
    return within(0, (rssi + 95) * 100 / 60, 100);
}

static int channel_quality(const struct bluetooth *bluetooth, const struct channel *channel) {
    if (channel->quality != TRANSPORT_QUALITY_UNKNOWN) {
        return channel->quality;
    }
    return inquiry_quality(candidates_rssi(&bluetooth->candidates, channel->address));
}

int radios_quality(const struct bluetooth *bluetooth, uint64_t peer) {
    unsigned number = channels_to(bluetooth, peer);
    if (number < BLUETOOTH_CHANNELS) {
        return channel_quality(bluetooth, &bluetooth->channels[number]);
    }
    return inquiry_quality(candidates_rssi(&bluetooth->candidates, peer));
}

/* --- How it stands --------------------------------------------------------------------------- */

struct standing {
    unsigned hubs; /* asked by this handset */
    unsigned handsets;
    int quality;
};

static struct standing standing_of(const struct bluetooth *bluetooth, unsigned station) {
    struct standing standing = {.quality = TRANSPORT_QUALITY_UNKNOWN};
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        const struct channel *channel = &bluetooth->channels[i];
        if (!channels_is_open(bluetooth, i) || channel->station != station) {
            continue;
        }
        standing.hubs += channel->asked;
        standing.handsets += !channel->asked;
        int quality = channel_quality(bluetooth, channel);
        if (quality > standing.quality) {
            standing.quality = quality;
        }
    }
    return standing;
}

/* What an adapter that is on does. */
static struct transport_condition doing(const struct bluetooth *bluetooth,
                                        const struct standing *standing) {
    struct transport_condition condition = {
        .kind = bluetooth->mode == TRANSPORT_SILENT ? CONDITION_RADIO_SILENCE : CONDITION_SEEKING};
    if (standing->handsets > 0) {
        condition.kind = standing->hubs > 0 ? CONDITION_HUB_AND_LINKED : CONDITION_HUB;
        condition.number = standing->handsets;
        condition.more = standing->hubs;
    } else if (standing->hubs > 0) {
        condition.kind = CONDITION_LINKED_TO_HUBS;
        condition.number = standing->hubs;
    }
    return condition;
}

/* In radio silence an adapter still answers those who look for it if Muster has no right to hide
 * it. */
static bool is_found_in_silence(const struct bluetooth *bluetooth, const struct adapter *adapter) {
    return bluetooth->mode == TRANSPORT_SILENT && !bluetooth->adapters.is_trusted &&
           (adapter->info.settings & MANAGEMENT_DISCOVERABLE) != 0;
}

bool radios_station(const struct bluetooth *bluetooth, unsigned number,
                    struct transport_radio *radio) {
    const struct adapter *adapter = &bluetooth->adapters.list[number];
    const struct station *station = &bluetooth->stations[number];
    *radio = (struct transport_radio){.link = 1, .quality = TRANSPORT_QUALITY_UNKNOWN};
    enum adapter_state state = adapters_state(&bluetooth->adapters, adapter, &radio->condition);
    if (state == ADAPTER_NONE) {
        return false;
    }
    memcpy(radio->name, adapter->name, sizeof adapter->name);
    if (state == ADAPTER_STARTING || state == ADAPTER_UNUSABLE) {
        radio->state = state == ADAPTER_STARTING ? RADIO_STARTING : RADIO_UNUSABLE;
    } else if (bluetooth->mode == TRANSPORT_OFF) {
        radio->state = RADIO_OFF;
        radio->condition = (struct transport_condition){0};
    } else if (!station->is_on) {
        radio->state = station->trouble.kind == CONDITION_NONE ? RADIO_STARTING : RADIO_UNUSABLE;
        radio->condition = station->trouble;
    } else {
        const struct standing standing = standing_of(bluetooth, number);
        radio->state = RADIO_ON;
        radio->peers = standing.hubs + standing.handsets;
        radio->quality = standing.quality;
        if (is_found_in_silence(bluetooth, adapter)) {
            radio->condition = transport_condition_of(CONDITION_FOUND_IN_SILENCE, adapter->name);
        } else if (state == ADAPTER_READY || radio->peers > 0) {
            radio->condition = doing(bluetooth, &standing);
        }
    }
    return true;
}

size_t radios_all(const struct bluetooth *bluetooth, struct transport_radio out[], size_t room) {
    size_t count = 0;
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX && count < room; i++) {
        count += radios_station(bluetooth, i, &out[count]);
    }
    if (count > 0 || room == 0) {
        return count;
    }
    out[0] = (struct transport_radio){.link = 1, .quality = TRANSPORT_QUALITY_UNKNOWN};
    out[0].condition = adapters_none(&bluetooth->adapters);
    out[0].state = out[0].condition.kind == CONDITION_NONE ? RADIO_STARTING : RADIO_UNUSABLE;
    return 1;
}

bool radios_any(const struct bluetooth *bluetooth) {
    struct transport_radio radios[PICONET_ADAPTERS_MAX];
    size_t count = radios_all(bluetooth, radios, PICONET_ADAPTERS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (radios[i].state != RADIO_UNUSABLE) {
            return true;
        }
    }
    return false;
}

/* --- News ----------------------------------------------------------------------------------- */

static void add_news(struct bluetooth *bluetooth, enum transport_condition_kind kind,
                     const char *adapter) {
    const struct transport_condition condition = transport_condition_of(kind, adapter);
    news_add(&bluetooth->news, &condition);
}

/* What is wrong with the adapter in this place; false while that is not known. */
static bool complaint(const struct bluetooth *bluetooth, unsigned number,
                      struct transport_condition *wrong) {
    const struct adapter *adapter = &bluetooth->adapters.list[number];
    enum adapter_state state = adapters_state(&bluetooth->adapters, adapter, wrong);
    if (state == ADAPTER_READY) {
        *wrong = bluetooth->stations[number].trouble;
    }
    return state != ADAPTER_NONE && state != ADAPTER_STARTING;
}

/* Reports what is newly wrong, and when nothing is wrong any longer. */
static void tell_station(struct bluetooth *bluetooth, unsigned number) {
    struct station *station = &bluetooth->stations[number];
    const struct adapter *adapter = &bluetooth->adapters.list[number];
    struct transport_condition wrong;
    if (station->name[0] != '\0' && adapter->name[0] == '\0') {
        add_news(bluetooth, CONDITION_ADAPTER_GONE, station->name);
        bluetooth->is_none_told = true;
        station->name[0] = '\0';
        station->told = (struct transport_condition){0};
    }
    if (!complaint(bluetooth, number, &wrong)) {
        return;
    }
    memcpy(station->name, adapter->name, sizeof station->name);
    bool was_missed = station->told.kind != CONDITION_NONE || bluetooth->is_none_told;
    if (wrong.kind == CONDITION_NONE && was_missed) {
        add_news(bluetooth, CONDITION_ADAPTER_READY, adapter->name);
    } else if (!transport_condition_equal(&wrong, &station->told)) {
        news_add(&bluetooth->news, &wrong);
    }
    bluetooth->is_none_told = false;
    station->told = wrong;
}

/* That there is no adapter at all, or no Bluetooth, is reported once, whatever was asked for by
 * name. */
static void tell_none(struct bluetooth *bluetooth) {
    struct transport_radio radio;
    for (unsigned i = 0; bluetooth->adapters.error == 0 && i < PICONET_ADAPTERS_MAX; i++) {
        if (radios_station(bluetooth, i, &radio)) {
            return;
        }
    }
    const struct transport_condition none = adapters_none(&bluetooth->adapters);
    if (none.kind != CONDITION_NONE && !bluetooth->is_none_told) {
        news_add(&bluetooth->news, &none);
        bluetooth->is_none_told = true;
    }
}

void radios_tell(struct bluetooth *bluetooth) {
    if (bluetooth->mode == TRANSPORT_OFF) {
        return;
    }
    for (unsigned i = 0; bluetooth->adapters.error == 0 && i < PICONET_ADAPTERS_MAX; i++) {
        tell_station(bluetooth, i);
    }
    tell_none(bluetooth);
}
