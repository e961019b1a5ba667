/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/piconet.h"

#include <stdlib.h>
#include <string.h>

#include "transport/bluetooth/piconet_state.h"

enum {
    ASIDE = 3,      /* as many failures count for one that is full, or not a handset */
    FIRST_SEEK = 3, /* of a new adapter: within a third of what is usual without links */
};

int64_t piconet_random(struct piconet *piconet, int64_t end) {
    piconet->random += 0x9e3779b97f4a7c15;
    uint64_t x = piconet->random;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return (int64_t)((x ^ x >> 31) % (uint64_t)end);
}

struct piconet *piconet_new(uint64_t seed) {
    struct piconet *piconet = calloc(1, sizeof *piconet);
    if (piconet == NULL) {
        return NULL;
    }
    piconet->random = seed;
    piconet->settle_ms = piconet->voice_ms = piconet->quiet_since_ms = INT64_MIN / 2;
    piconet->seek_ms = INT64_MAX;
    return piconet;
}

void piconet_free(struct piconet *piconet) {
    free(piconet);
}

bool piconet_is_own(const struct piconet *piconet, uint64_t address) {
    if (address == piconet->node) {
        return true;
    }
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        if (piconet->adapters[i].is_on && piconet->adapters[i].address == address) {
            return true;
        }
    }
    return false;
}

/* --- Adapters --------------------------------------------------------------------------------- */

/* The node address stays while anybody could know it. */
static void name_node(struct piconet *piconet) {
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        if (piconet->links[i].state != LINK_NONE) {
            return;
        }
    }
    uint64_t lowest = 0;
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        const struct piconet_adapter *adapter = &piconet->adapters[i];
        if (adapter->is_on && (lowest == 0 || adapter->address < lowest)) {
            lowest = adapter->address;
        }
    }
    if (lowest != 0) {
        piconet->node = lowest;
    }
}

void piconet_adapter_on(struct piconet *piconet, int64_t now_ms, unsigned adapter,
                        uint64_t address) {
    if (adapter >= PICONET_ADAPTERS_MAX || address == 0) {
        return;
    }
    piconet->adapters[adapter] = (struct piconet_adapter){.is_on = true, .address = address};
    name_node(piconet);
    piconet_links_tell(piconet, now_ms);
    int64_t soon = now_ms + piconet_random(piconet, PICONET_SEEK_LONELY_MS / FIRST_SEEK);
    if (soon < piconet->seek_ms) {
        piconet->seek_ms = soon;
    }
}

/* --- Links that come and go ------------------------------------------------------------------- */

static void seek_again(struct piconet *piconet, int64_t now_ms) {
    int64_t pause = piconet_links_up(piconet) > 0 ? PICONET_SEEK_LINKED_MS : PICONET_SEEK_LONELY_MS;
    piconet->seek_ms = now_ms + pause + piconet_random(piconet, pause);
}

static void end_link(struct piconet *piconet, int64_t now_ms, struct piconet_link *link) {
    link->state = LINK_ENDING;
    link->must_close = true;
    piconet_links_tell(piconet, now_ms);
}

/* A handset that was reached through a lost link counts as seen. */
static void note_lost(struct piconet *piconet, int64_t now_ms, const struct piconet_handset *lost,
                      int64_t wanted_ms) {
    for (unsigned i = 0; i < lost->count; i++) {
        uint64_t address = lost->addresses[i];
        struct sighting *sighting = NULL;
        if (!piconet_links_reach(piconet, address)) {
            sighting = sightings_note(piconet, now_ms, address, true);
        }
        if (sighting == NULL) {
            continue;
        }
        sighting->is_reached = false;
        sighting->wanted_ms = wanted_ms;
        if (lost->distance > 0) {
            continue;
        }
        sightings_failed(piconet, now_ms, address, 0);
        if (sighting->failures == 1) { /* one that did not fail before is asked again at once */
            sighting->retry_ms = now_ms;
        }
    }
}

static void lose_link(struct piconet *piconet, int64_t now_ms, struct piconet_link *link) {
    end_link(piconet, now_ms, link);
    struct sighting *direct = sightings_find(piconet, link->address);
    if (direct != NULL && now_ms - link->linked_ms >= STEADY_MS) {
        direct->failures = 0;
    }
    if (piconet_links_lead(piconet, link->table.handsets[0].addresses[0])) {
        sightings_is_double(piconet, link->address);
    }
    for (size_t i = 0; i < link->table.count; i++) {
        note_lost(piconet, now_ms, &link->table.handsets[i], now_ms);
    }
    piconet->settle_ms = now_ms + DETACH_MS + piconet_random(piconet, DETACH_MS);
    if (piconet_links_up(piconet) == 0) {
        int64_t seek_ms = piconet->seek_ms;
        seek_again(piconet, now_ms);
        if (seek_ms < piconet->seek_ms) {
            piconet->seek_ms = seek_ms;
        }
    }
}

/* The link was no good, or never came up. */
static void refuse_link(struct piconet *piconet, int64_t now_ms, struct piconet_link *link) {
    sightings_failed(piconet, now_ms, link->address, ASIDE);
    if (link->state == LINK_UP) {
        lose_link(piconet, now_ms, link);
    } else {
        end_link(piconet, now_ms, link);
    }
}

void piconet_adapter_off(struct piconet *piconet, int64_t now_ms, unsigned adapter) {
    if (adapter >= PICONET_ADAPTERS_MAX) {
        return;
    }
    piconet->adapters[adapter].is_on = false;
    piconet->adapters[adapter].is_seeking = false;
    if (piconet->is_asking && piconet->ask_adapter == adapter) {
        piconet->is_asking = false;
    }
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        struct piconet_link *link = &piconet->links[i];
        if (link->state == LINK_NONE || link->adapter != adapter) {
            continue;
        }
        if (link->state == LINK_UP) {
            lose_link(piconet, now_ms, link);
        }
        link->state = LINK_ENDING;
        link->must_close = link->must_say_full = false;
    }
    name_node(piconet);
    piconet_links_tell(piconet, now_ms);
}

static bool take_ask(struct piconet *piconet, unsigned adapter, uint64_t address) {
    bool is_it =
        piconet->is_asking && piconet->ask_adapter == adapter && piconet->ask_address == address;
    if (is_it) {
        piconet->is_asking = false;
    }
    return is_it;
}

void piconet_linked(struct piconet *piconet, int64_t now_ms, unsigned number, unsigned adapter,
                    uint64_t address, bool asked) {
    if (number >= LINKS_SIZE || adapter >= PICONET_ADAPTERS_MAX) {
        return;
    }
    piconet_unlinked(piconet, now_ms, number);
    if (asked && take_ask(piconet, adapter, address)) {
        piconet->was_hearsay_in_vain = false;
    }
    bool is_full = piconet_links_of_adapter(piconet, adapter) >= PICONET_LINKS_MAX;
    struct piconet_link *link = &piconet->links[number];
    *link = (struct piconet_link){.state = LINK_NEW,
                                  .adapter = adapter,
                                  .address = address,
                                  .asked = asked,
                                  .linked_ms = now_ms,
                                  .heard_ms = now_ms,
                                  .spared_until_ms = now_ms,
                                  .said_ms = INT64_MIN / 2,
                                  .say_ms = now_ms};
    piconet->has_changed = true;
    link->must_say_full = is_full;
    if (is_full || piconet_is_own(piconet, address)) {
        refuse_link(piconet, now_ms, link);
    }
}

void piconet_failed(struct piconet *piconet, int64_t now_ms, unsigned adapter, uint64_t address) {
    if (!take_ask(piconet, adapter, address)) {
        return;
    }
    struct sighting *sighting = sightings_find(piconet, address);
    piconet->was_hearsay_in_vain = sighting != NULL && sighting->is_hearsay;
    if (sighting != NULL) {
        sighting->was_seen_by[adapter] = false;
    }
    sightings_failed(piconet, now_ms, address, 0);
}

void piconet_unlinked(struct piconet *piconet, int64_t now_ms, unsigned number) {
    if (number >= LINKS_SIZE || piconet->links[number].state == LINK_NONE) {
        return;
    }
    struct piconet_link *link = &piconet->links[number];
    if (link->state == LINK_UP) {
        lose_link(piconet, now_ms, link);
    } else if (link->state == LINK_NEW && link->asked) {
        sightings_failed(piconet, now_ms, link->address, 0);
    }
    memset(link, 0, sizeof *link);
    piconet->has_changed = true;
}

/* --- What is heard ---------------------------------------------------------------------------- */

/* Leaves out what a table says of this handset itself. */
static void leave_out_own(const struct piconet *piconet, struct piconet_table *table) {
    size_t count = 1;
    for (size_t i = 1; i < table->count; i++) {
        bool is_own = false;
        for (unsigned j = 0; j < table->handsets[i].count; j++) {
            is_own = is_own || piconet_is_own(piconet, table->handsets[i].addresses[j]);
        }
        if (!is_own) {
            table->handsets[count++] = table->handsets[i];
        }
    }
    table->count = count;
}

static void come_up(struct piconet *piconet, int64_t now_ms, struct piconet_link *link) {
    struct sighting *sighting = sightings_find(piconet, link->address);
    if (sighting != NULL && sighting->failures > 1) {
        sighting->failures = 1; /* it is there, after all */
    }
    if (piconet_links_up(piconet) == 0) {
        piconet->doubles = 0;
        sightings_doubt_later(piconet, now_ms);
        link->state = LINK_UP;
        seek_again(piconet, now_ms);
    }
    link->state = LINK_UP;
    piconet->settle_ms = now_ms + SETTLE_MS + piconet_random(piconet, SETTLE_MS);
}

static void hear_table(struct piconet *piconet, int64_t now_ms, struct piconet_link *link,
                       struct piconet_table *table) {
    if (table->handsets[0].addresses[0] == piconet->node) {
        refuse_link(piconet, now_ms, link);
        return;
    }
    leave_out_own(piconet, table);
    link->heard_ms = now_ms;
    link->is_stuck = false;
    struct piconet_table before = link->table;
    bool is_news = !piconet_table_equal(&before, table);
    link->table = *table;
    int64_t settled_ms = now_ms + SETTLE_MS + piconet_random(piconet, SETTLE_MS);
    for (size_t i = 1; is_news && i < before.count; i++) {
        note_lost(piconet, now_ms, &before.handsets[i], settled_ms);
    }
    if (link->state == LINK_NEW) {
        come_up(piconet, now_ms, link);
    }
    if (is_news) {
        piconet_links_tell(piconet, now_ms);
    }
    piconet_links_settle(piconet, now_ms, link);
}

void piconet_control(struct piconet *piconet, int64_t now_ms, unsigned number,
                     const uint8_t *packet, size_t length) {
    if (number >= LINKS_SIZE || !piconet_link_lives(&piconet->links[number])) {
        return;
    }
    struct piconet_link *link = &piconet->links[number];
    struct piconet_table table;
    switch (piconet_read(packet, length, &table)) {
    case PICONET_TABLE:
        hear_table(piconet, now_ms, link, &table);
        break;
    case PICONET_FULL:
        refuse_link(piconet, now_ms, link);
        break;
    case PICONET_BROKEN:
        break;
    }
}

bool piconet_heard(struct piconet *piconet, int64_t now_ms, unsigned number) {
    if (number >= LINKS_SIZE || piconet->links[number].state != LINK_UP) {
        return false;
    }
    piconet->links[number].heard_ms = now_ms;
    piconet->links[number].is_stuck = false;
    return true;
}

void piconet_stuck(struct piconet *piconet, unsigned number) {
    if (number < LINKS_SIZE) {
        piconet->links[number].is_stuck = true;
    }
}

void piconet_busy(struct piconet *piconet, int64_t now_ms) {
    if (now_ms >= piconet->voice_ms + PICONET_QUIET_MS) {
        piconet->quiet_since_ms = now_ms;
    }
    piconet->voice_ms = now_ms;
}

void piconet_set_silent(struct piconet *piconet, int64_t now_ms, bool is_silent) {
    if (piconet->is_silent && !is_silent) {
        piconet->seek_ms = now_ms + piconet_random(piconet, PICONET_SEEK_LONELY_MS / FIRST_SEEK);
    }
    piconet->is_silent = is_silent;
}

void piconet_seen(struct piconet *piconet, int64_t now_ms, unsigned adapter, uint64_t address,
                  int8_t rssi) {
    if (adapter >= PICONET_ADAPTERS_MAX) {
        return;
    }
    struct sighting *sighting = sightings_note(piconet, now_ms, address, false);
    if (sighting == NULL) {
        return;
    }
    sighting->was_seen_by[adapter] = true;
    sighting->signal[adapter] = rssi;
}

void piconet_sought(struct piconet *piconet, int64_t now_ms, unsigned adapter) {
    if (adapter >= PICONET_ADAPTERS_MAX || !piconet->adapters[adapter].is_seeking) {
        return;
    }
    piconet->adapters[adapter].is_seeking = false;
    seek_again(piconet, now_ms);
}

/* --- Links that say nothing ------------------------------------------------------------------- */

/* What an adapter cannot deliver holds up what it has for others, until their links seem to be gone
 * as well. So they get some more time, once; and something to send when the controller has room
 * again, without which Linux would not resume sending at all. */
static void spare_others(struct piconet *piconet, int64_t now_ms,
                         const struct piconet_link *silent) {
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        struct piconet_link *link = &piconet->links[i];
        if (link->adapter != silent->adapter) {
            continue;
        }
        if (link->spared_until_ms <= link->heard_ms) {
            link->spared_until_ms = now_ms + SPARED_MS;
        }
        link->say_ms = now_ms + DETACH_MS;
    }
}

/* Gives up the links that are due, the one that has been silent longest first. */
static void give_up_silent(struct piconet *piconet, int64_t now_ms) {
    struct piconet_link *link;
    while ((link = piconet_link_most_due(piconet, now_ms)) != NULL) {
        if (link->state == LINK_NEW) {
            refuse_link(piconet, now_ms, link);
        } else {
            lose_link(piconet, now_ms, link);
            spare_others(piconet, now_ms, link);
        }
    }
}

/* --- What is to be done ----------------------------------------------------------------------- */

static bool say_table(struct piconet *piconet, int64_t now_ms, struct piconet_link *link,
                      struct piconet_action *action) {
    struct piconet_table table;
    piconet_links_compose(piconet, link, &table);
    action->deed = PICONET_SAY;
    action->length = piconet_write_table(&table, action->packet);
    link->said_ms = now_ms;
    link->say_ms = now_ms + PICONET_TABLE_MS;
    return true;
}

static bool take_of_link(struct piconet *piconet, int64_t now_ms, struct piconet_link *link,
                         struct piconet_action *action) {
    action->adapter = link->adapter;
    action->address = link->address;
    if (link->must_say_full) {
        link->must_say_full = false;
        action->deed = PICONET_SAY;
        action->length = piconet_write_full(action->packet);
        return true;
    }
    if (link->must_close) {
        link->must_close = false;
        action->deed = PICONET_CLOSE;
        return true;
    }
    return piconet_link_lives(link) && now_ms >= link->say_ms &&
           say_table(piconet, now_ms, link, action);
}

static bool take_of_links(struct piconet *piconet, int64_t now_ms, struct piconet_action *action) {
    for (unsigned i = 0; i < LINKS_SIZE; i++) {
        action->link = i;
        if (take_of_link(piconet, now_ms, &piconet->links[i], action)) {
            return true;
        }
    }
    return false;
}

static bool take_ask_of_seen(struct piconet *piconet, int64_t now_ms,
                             struct piconet_action *action) {
    if (!sightings_choose(piconet, now_ms, &action->address, &action->adapter)) {
        return false;
    }
    action->deed = PICONET_ASK;
    piconet->is_asking = true;
    piconet->ask_adapter = action->adapter;
    piconet->ask_address = action->address;
    piconet->asked_last = true;
    return true;
}

/* The adapters take turns; one that is asking now finishes that first. */
static unsigned next_seeker(const struct piconet *piconet) {
    unsigned seeker = PICONET_ADAPTERS_MAX;
    for (unsigned i = PICONET_ADAPTERS_MAX; i > 0; i--) {
        unsigned adapter = (piconet->seek_turn + i) % PICONET_ADAPTERS_MAX;
        if (piconet->adapters[adapter].is_seeking) {
            return PICONET_ADAPTERS_MAX;
        }
        if (piconet->adapters[adapter].is_on &&
            !(piconet->is_asking && piconet->ask_adapter == adapter)) {
            seeker = adapter;
        }
    }
    return seeker;
}

static int64_t seek_deadline(const struct piconet *piconet) {
    if (piconet->is_silent || next_seeker(piconet) == PICONET_ADAPTERS_MAX) {
        return INT64_MAX;
    }
    int64_t quiet_ms = sightings_quiet_end(piconet);
    return piconet->seek_ms > quiet_ms ? piconet->seek_ms : quiet_ms;
}

static bool take_seek(struct piconet *piconet, int64_t now_ms, struct piconet_action *action) {
    if (now_ms < seek_deadline(piconet)) {
        return false;
    }
    action->deed = PICONET_SEEK;
    piconet->quiet_since_ms = now_ms;
    action->adapter = piconet->seek_turn = next_seeker(piconet);
    piconet->adapters[action->adapter].is_seeking = true;
    piconet->asked_last = false;
    return true;
}

bool piconet_take(struct piconet *piconet, int64_t now_ms, struct piconet_action *action) {
    memset(action, 0, sizeof *action);
    give_up_silent(piconet, now_ms);
    sightings_refresh(piconet, now_ms);
    if (take_of_links(piconet, now_ms, action)) {
        return true;
    }
    if (piconet->asked_last && take_seek(piconet, now_ms, action)) {
        return true;
    }
    return take_ask_of_seen(piconet, now_ms, action) || take_seek(piconet, now_ms, action);
}

int64_t piconet_deadline(const struct piconet *piconet) {
    int64_t seek_ms = seek_deadline(piconet), ask_ms = sightings_ask_deadline(piconet);
    int64_t earliest = seek_ms < ask_ms ? seek_ms : ask_ms;
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        int64_t ms = piconet_link_deadline(&piconet->links[i]);
        if (ms < earliest) {
            earliest = ms;
        }
    }
    return earliest;
}

/* --- How it stands ---------------------------------------------------------------------------- */

uint64_t piconet_node(const struct piconet *piconet, unsigned number) {
    if (number >= LINKS_SIZE || piconet->links[number].state != LINK_UP) {
        return 0;
    }
    return piconet->links[number].table.handsets[0].addresses[0];
}

unsigned piconet_links(const struct piconet *piconet, unsigned adapter) {
    unsigned count = 0;
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        count += piconet->links[i].state == LINK_UP && piconet->links[i].adapter == adapter;
    }
    return count;
}

/* Whether a link before number `end` leads to that node. */
static bool is_counted(const struct piconet *piconet, size_t end, uint64_t node) {
    for (size_t i = 0; i < end; i++) {
        if (piconet->links[i].state == LINK_UP &&
            piconet_table_find(&piconet->links[i].table, node) != NULL) {
            return true;
        }
    }
    return false;
}

unsigned piconet_reached(const struct piconet *piconet) {
    unsigned count = 0;
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        const struct piconet_link *link = &piconet->links[i];
        for (size_t j = 0; link->state == LINK_UP && j < link->table.count; j++) {
            count += !is_counted(piconet, i, link->table.handsets[j].addresses[0]);
        }
    }
    return count;
}
