/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "transport/bluetooth/piconet_state.h"

enum {
    SIGNAL_GUESS = -70,   /* dBm, where the inquiry did not tell */
    SIGNAL_UNSEEN = -200, /* of an adapter that has not seen it */
    SIGNAL_OF_LINK = 3,   /* dB that a link on the adapter counts against it */
};

struct sighting *sightings_find(struct piconet *piconet, uint64_t address) {
    for (size_t i = 0; i < PICONET_SEEN_MAX; i++) {
        if (piconet->sightings[i].address == address) {
            return &piconet->sightings[i];
        }
    }
    return NULL;
}

static bool is_old(const struct sighting *sighting, int64_t now_ms) {
    return now_ms - sighting->seen_ms > PICONET_SEEN_MS;
}

/* A free place, or that of the oldest hearsay; for an address that was really seen otherwise that
 * of the oldest of all. */
static struct sighting *find_place(struct piconet *piconet, bool is_hearsay) {
    struct sighting *oldest = NULL;
    for (size_t i = 0; i < PICONET_SEEN_MAX; i++) {
        struct sighting *sighting = &piconet->sightings[i];
        if (sighting->address == 0) {
            return sighting;
        }
        if (is_hearsay && !sighting->is_hearsay) {
            continue;
        }
        if (oldest == NULL || sighting->is_hearsay > oldest->is_hearsay ||
            (sighting->is_hearsay == oldest->is_hearsay && sighting->seen_ms < oldest->seen_ms)) {
            oldest = sighting;
        }
    }
    return oldest;
}

struct sighting *sightings_note(struct piconet *piconet, int64_t now_ms, uint64_t address,
                                bool is_hearsay) {
    if (address == 0 || piconet_is_own(piconet, address)) {
        return NULL;
    }
    struct sighting *sighting = sightings_find(piconet, address);
    bool is_new = sighting == NULL || is_old(sighting, now_ms);
    if (sighting == NULL) {
        sighting = find_place(piconet, is_hearsay);
    }
    if (sighting == NULL) {
        return NULL;
    }
    if (is_new) {
        *sighting = (struct sighting){.address = address,
                                      .is_hearsay = true,
                                      .is_reached = piconet_links_reach(piconet, address),
                                      .wanted_ms = now_ms,
                                      .retry_ms = now_ms};
    }
    sighting->seen_ms = now_ms;
    sighting->is_hearsay = sighting->is_hearsay && is_hearsay;
    return sighting;
}

void sightings_failed(struct piconet *piconet, int64_t now_ms, uint64_t address,
                      unsigned at_least) {
    struct sighting *sighting = sightings_find(piconet, address);
    if (sighting == NULL) {
        return;
    }
    if (sighting->failures < at_least) {
        sighting->failures = at_least;
    }
    int64_t longest = PICONET_BACKOFF_MAX_MS;
    if (sighting->failures < 5) {
        longest = (int64_t)PICONET_BACKOFF_MS << sighting->failures;
    }
    sighting->failures++;
    sighting->retry_ms = now_ms + longest / 2 + piconet_random(piconet, longest / 2);
}

void sightings_is_double(struct piconet *piconet, uint64_t address) {
    struct sighting *sighting = sightings_find(piconet, address);
    if (sighting != NULL) {
        sighting->is_double = true;
    }
    if (piconet->doubles < DOUBLES_MAX) {
        piconet->doubles++;
    }
}

void sightings_doubt_later(struct piconet *piconet, int64_t now_ms) {
    int64_t pause = (int64_t)DOUBT_MS << piconet->doubles;
    piconet->doubt_ms = now_ms + pause + piconet_random(piconet, pause);
}

void sightings_refresh(struct piconet *piconet, int64_t now_ms) {
    for (size_t i = 0; i < PICONET_SEEN_MAX; i++) {
        struct sighting *sighting = &piconet->sightings[i];
        if (sighting->address == 0) {
            continue;
        }
        if (is_old(sighting, now_ms) || piconet_is_own(piconet, sighting->address)) {
            memset(sighting, 0, sizeof *sighting);
            continue;
        }
        if (!piconet->has_changed) {
            continue;
        }
        bool was_reached = sighting->is_reached;
        sighting->is_reached = piconet_links_reach(piconet, sighting->address);
        if (was_reached && !sighting->is_reached) {
            sighting->wanted_ms = now_ms + SETTLE_MS + piconet_random(piconet, SETTLE_MS);
        }
    }
    piconet->has_changed = false;
}

/* --- Whom to ask ------------------------------------------------------------------------------ */

static bool can_ask(const struct piconet *piconet, unsigned adapter) {
    return piconet->adapters[adapter].is_on && !piconet->adapters[adapter].is_seeking &&
           piconet_links_of_adapter(piconet, adapter) < PICONET_LINKS_MAX;
}

/* One at a time: waits until the one that was asked has said its table, or has failed. */
static bool must_wait(const struct piconet *piconet) {
    if (piconet->is_silent || piconet->is_asking) {
        return true;
    }
    for (size_t i = 0; i < LINKS_SIZE; i++) {
        if (piconet->links[i].state == LINK_NEW && piconet->links[i].asked) {
            return true;
        }
    }
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        if (can_ask(piconet, i)) {
            return false;
        }
    }
    return true;
}

static int64_t ask_ms(const struct piconet *piconet, const struct sighting *sighting) {
    if (sighting->address == 0 || sighting->is_reached) {
        return INT64_MAX;
    }
    int64_t ms = sighting->wanted_ms;
    if (sighting->address > piconet->node) {
        ms += PICONET_GRACE_MS;
    }
    if (ms < sighting->retry_ms) {
        ms = sighting->retry_ms;
    }
    if (ms < piconet->settle_ms) {
        ms = piconet->settle_ms;
    }
    return ms <= sighting->seen_ms + PICONET_SEEN_MS ? ms : INT64_MAX;
}

int64_t sightings_quiet_end(const struct piconet *piconet) {
    int64_t end_ms = piconet->voice_ms + PICONET_QUIET_MS;
    int64_t latest_ms = piconet->quiet_since_ms + PICONET_QUIET_MAX_MS;
    return end_ms < latest_ms ? end_ms : latest_ms;
}

static int64_t doubt_deadline(const struct piconet *piconet) {
    unsigned links = piconet_links_up(piconet);
    if (links == 0 || links >= DOUBT_LINKS) {
        return INT64_MAX;
    }
    int64_t quiet_ms = sightings_quiet_end(piconet);
    return piconet->doubt_ms > quiet_ms ? piconet->doubt_ms : quiet_ms;
}

int64_t sightings_ask_deadline(const struct piconet *piconet) {
    if (must_wait(piconet)) {
        return INT64_MAX;
    }
    int64_t earliest = doubt_deadline(piconet);
    for (size_t i = 0; i < PICONET_SEEN_MAX; i++) {
        int64_t ms = ask_ms(piconet, &piconet->sightings[i]);
        if (ms < earliest) {
            earliest = ms;
        }
    }
    return earliest;
}

/* The lowest address first, but those that failed more often later; and after an ask on hearsay
 * that failed, one that was really seen, so that nobody can use up the time with made-up addresses.
 */
static bool goes_before(const struct piconet *piconet, const struct sighting *a,
                        const struct sighting *b) {
    if (piconet->was_hearsay_in_vain && a->is_hearsay != b->is_hearsay) {
        return b->is_hearsay;
    }
    if (a->failures != b->failures) {
        return a->failures < b->failures;
    }
    return a->address < b->address;
}

static const struct sighting *first_to_ask(const struct piconet *piconet, int64_t now_ms) {
    const struct sighting *best = NULL;
    for (size_t i = 0; i < PICONET_SEEN_MAX; i++) {
        const struct sighting *sighting = &piconet->sightings[i];
        if (ask_ms(piconet, sighting) <= now_ms &&
            (best == NULL || goes_before(piconet, sighting, best))) {
            best = sighting;
        }
    }
    return best;
}

/* A random one of those that were seen and are reached only by what others say. */
static const struct sighting *doubtful(struct piconet *piconet, int64_t now_ms) {
    if (now_ms < doubt_deadline(piconet)) {
        return NULL;
    }
    sightings_doubt_later(piconet, now_ms);
    const struct sighting *chosen = NULL;
    int64_t count = 0;
    for (size_t i = 0; i < PICONET_SEEN_MAX; i++) {
        const struct sighting *sighting = &piconet->sightings[i];
        if (sighting->address == 0 || sighting->is_hearsay || !sighting->is_reached ||
            sighting->is_double || sighting->retry_ms > now_ms ||
            piconet_links_touch(piconet, sighting->address)) {
            continue;
        }
        if (piconet_random(piconet, ++count) == 0) {
            chosen = sighting;
        }
    }
    return chosen;
}

static int signal_at(const struct piconet *piconet, const struct sighting *sighting,
                     unsigned adapter) {
    int signal = SIGNAL_UNSEEN;
    if (sighting->was_seen_by[adapter]) {
        signal =
            sighting->signal[adapter] == SIGNAL_UNKNOWN ? SIGNAL_GUESS : sighting->signal[adapter];
    }
    return signal - SIGNAL_OF_LINK * (int)piconet_links_of_adapter(piconet, adapter);
}

static unsigned best_adapter(const struct piconet *piconet, const struct sighting *sighting) {
    unsigned best = PICONET_ADAPTERS_MAX;
    for (unsigned i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        if (can_ask(piconet, i) &&
            (best == PICONET_ADAPTERS_MAX ||
             signal_at(piconet, sighting, i) > signal_at(piconet, sighting, best))) {
            best = i;
        }
    }
    return best;
}

bool sightings_choose(struct piconet *piconet, int64_t now_ms, uint64_t *address,
                      unsigned *adapter) {
    if (must_wait(piconet)) {
        return false;
    }
    const struct sighting *chosen = first_to_ask(piconet, now_ms);
    if (chosen == NULL) {
        chosen = doubtful(piconet, now_ms);
    }
    if (chosen == NULL) {
        return false;
    }
    *address = chosen->address;
    *adapter = best_adapter(piconet, chosen);
    return true;
}
