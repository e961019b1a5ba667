/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/bluetooth_state.h"

#include <stdio.h>
#include <string.h>

/* --- Signals -------------------------------------------------------------------------------- */

static int within(int least, int value, int most) {
    return value < least ? least : value > most ? most : value;
}

/* Of a link the controller tells how far the signal is off the golden range, in which it is just
 * right: 0 in it, more above, less below. */
int radios_link_quality(int8_t rssi) {
    return within(0, rssi >= 0 ? 80 + 2 * rssi : 80 + 4 * rssi, 100);
}

/* An inquiry tells the signal itself, some -95 dBm where it can hardly be heard. */
static int inquiry_quality(int8_t rssi) {
    if (rssi == HCI_RSSI_UNKNOWN) {
        return TRANSPORT_QUALITY_UNKNOWN;
    }
    return within(0, (rssi + 95) * 100 / 60, 100);
}

static int link_quality(const struct bluetooth *bluetooth, const struct bluetooth_link *link) {
    if (link->quality != TRANSPORT_QUALITY_UNKNOWN) {
        return link->quality;
    }
    return inquiry_quality(candidates_rssi(&bluetooth->candidates, link->address));
}

int radios_quality(const struct bluetooth *bluetooth, uint64_t peer) {
    unsigned number = links_to(bluetooth, peer);
    if (number < BLUETOOTH_LINKS) {
        return link_quality(bluetooth, &bluetooth->links[number]);
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
    for (unsigned i = 0; i < BLUETOOTH_LINKS; i++) {
        const struct bluetooth_link *link = &bluetooth->links[i];
        if (!links_is_open(bluetooth, i) || link->station != station) {
            continue;
        }
        standing.hubs += link->asked;
        standing.handsets += !link->asked;
        int quality = link_quality(bluetooth, link);
        if (quality > standing.quality) {
            standing.quality = quality;
        }
    }
    return standing;
}

/* What an adapter that is on does. */
static void say_doing(const struct bluetooth *bluetooth, const struct standing *standing,
                      char line[TRANSPORT_LINE_SIZE]) {
    const char *plural = standing->handsets == 1 ? "" : "s";
    if (standing->handsets > 0 && standing->hubs > 0) {
        snprintf(line, TRANSPORT_LINE_SIZE, "hub of %u handset%s, linked to %u more",
                 standing->handsets, plural, standing->hubs);
    } else if (standing->handsets > 0) {
        snprintf(line, TRANSPORT_LINE_SIZE, "hub of %u handset%s", standing->handsets, plural);
    } else if (standing->hubs > 1) {
        snprintf(line, TRANSPORT_LINE_SIZE, "linked to %u hubs", standing->hubs);
    } else if (standing->hubs == 1) {
        snprintf(line, TRANSPORT_LINE_SIZE, "linked to a hub");
    } else if (bluetooth->mode == TRANSPORT_SILENT) {
        snprintf(line, TRANSPORT_LINE_SIZE, "radio silence");
    } else {
        snprintf(line, TRANSPORT_LINE_SIZE, "looking for handsets");
    }
}

/* In radio silence an adapter still answers those who look for it if muster may not keep it from
 * that. */
static bool is_found_in_silence(const struct bluetooth *bluetooth, const struct adapter *adapter) {
    return bluetooth->mode == TRANSPORT_SILENT && !bluetooth->adapters.is_trusted &&
           (adapter->info.settings & MANAGEMENT_DISCOVERABLE) != 0;
}

bool radios_station(const struct bluetooth *bluetooth, unsigned number,
                    struct transport_radio *radio) {
    const struct adapter *adapter = &bluetooth->adapters.list[number];
    const struct station *station = &bluetooth->stations[number];
    *radio = (struct transport_radio){.link = 1, .quality = TRANSPORT_QUALITY_UNKNOWN};
    enum adapter_state state = adapters_state(&bluetooth->adapters, adapter, radio->line);
    if (state == ADAPTER_NONE) {
        return false;
    }
    memcpy(radio->name, adapter->name, sizeof adapter->name);
    if (state == ADAPTER_STARTING || state == ADAPTER_UNUSABLE) {
        radio->state = state == ADAPTER_STARTING ? RADIO_STARTING : RADIO_UNUSABLE;
    } else if (bluetooth->mode == TRANSPORT_OFF) {
        radio->state = RADIO_OFF;
        radio->line[0] = '\0';
    } else if (!station->is_on) {
        radio->state = station->trouble[0] == '\0' ? RADIO_STARTING : RADIO_UNUSABLE;
        memcpy(radio->line, station->trouble, sizeof radio->line);
    } else {
        const struct standing standing = standing_of(bluetooth, number);
        radio->state = RADIO_ON;
        radio->peers = standing.hubs + standing.handsets;
        radio->quality = standing.quality;
        if (is_found_in_silence(bluetooth, adapter)) {
            snprintf(radio->line, sizeof radio->line,
                     "others still find %s; end that with `bluetoothctl discoverable off`",
                     adapter->name);
        } else if (state == ADAPTER_READY || radio->peers > 0) {
            say_doing(bluetooth, &standing, radio->line);
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
    adapters_none(&bluetooth->adapters, out[0].line);
    out[0].state = out[0].line[0] == '\0' ? RADIO_STARTING : RADIO_UNUSABLE;
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

/* The oldest gives way to the newest. */
static void add_news(struct bluetooth *bluetooth, const char *line, bool is_problem) {
    if (bluetooth->news_count == BLUETOOTH_NEWS_MAX) {
        bluetooth->news_first = (bluetooth->news_first + 1) % BLUETOOTH_NEWS_MAX;
        bluetooth->news_count--;
    }
    size_t at = (bluetooth->news_first + bluetooth->news_count++) % BLUETOOTH_NEWS_MAX;
    snprintf(bluetooth->news[at].line, TRANSPORT_LINE_SIZE, "%s", line);
    bluetooth->news[at].is_problem = is_problem;
}

static void add_named_news(struct bluetooth *bluetooth, const char *name, const char *what,
                           bool is_problem) {
    char line[TRANSPORT_LINE_SIZE];
    snprintf(line, sizeof line, "%s %s", name, what);
    add_news(bluetooth, line, is_problem);
}

/* What is wrong with the adapter in this place; false while that is not known. */
static bool complaint(const struct bluetooth *bluetooth, unsigned number,
                      char line[TRANSPORT_LINE_SIZE]) {
    const struct adapter *adapter = &bluetooth->adapters.list[number];
    const struct station *station = &bluetooth->stations[number];
    enum adapter_state state = adapters_state(&bluetooth->adapters, adapter, line);
    if (state == ADAPTER_READY) {
        memcpy(line, station->trouble, TRANSPORT_LINE_SIZE);
    }
    return state != ADAPTER_NONE && state != ADAPTER_STARTING;
}

/* Tells when there is something wrong that was not before, and when nothing is any more. */
static void tell_station(struct bluetooth *bluetooth, unsigned number) {
    struct station *station = &bluetooth->stations[number];
    const struct adapter *adapter = &bluetooth->adapters.list[number];
    char line[TRANSPORT_LINE_SIZE];
    if (station->name[0] != '\0' && adapter->name[0] == '\0') {
        add_named_news(bluetooth, station->name, "is gone; plug it in again", true);
        bluetooth->is_none_told = true;
        station->name[0] = station->told[0] = '\0';
    }
    if (!complaint(bluetooth, number, line)) {
        return;
    }
    memcpy(station->name, adapter->name, sizeof station->name);
    bool was_missed = station->told[0] != '\0' || bluetooth->is_none_told;
    if (line[0] == '\0' && was_missed) {
        add_named_news(bluetooth, adapter->name, "is ready", false);
    } else if (strcmp(line, station->told) != 0) {
        add_news(bluetooth, line, true);
    }
    bluetooth->is_none_told = false;
    memcpy(station->told, line, sizeof station->told);
}

/* With no adapter at all, or no Bluetooth, that is told once, whatever was asked for by name. */
static void tell_none(struct bluetooth *bluetooth) {
    struct transport_radio radio;
    char line[TRANSPORT_LINE_SIZE];
    for (unsigned i = 0; bluetooth->adapters.error == 0 && i < PICONET_ADAPTERS_MAX; i++) {
        if (radios_station(bluetooth, i, &radio)) {
            return;
        }
    }
    adapters_none(&bluetooth->adapters, line);
    if (line[0] != '\0' && !bluetooth->is_none_told) {
        add_news(bluetooth, line, true);
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
