/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/refused.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "app/handset/talk/talk.h"

static const struct span nothing = {NULL, 0};

bool refused_by_clock(const struct judgement *judgement) {
    return !judgement->is_measured ||
           (judgement->ago.min_ms <= GSK_IN_USE_MS && judgement->ago.max_ms >= 0);
}

static void hash_of(struct span octets, uint8_t hash[REFUSED_HASH_SIZE]) {
    /* Fails only for sizes out of range. */
    (void)crypto_generichash(hash, REFUSED_HASH_SIZE, octets.octets, octets.length, NULL, 0);
}

bool refused_hear(struct refused *refused, const struct announcement *announcement,
                  struct span octets, struct moment now) {
    const struct announcement_fields *fields = &announcement->fields;
    bool is_known = seen_has(&refused->added, announcement->covered, nothing);
    size_t place = noted_find(&refused->names, fields->talker, fields->group);
    const struct refused_talker *talker = place < NOTED_MAX ? &refused->talkers[place] : NULL;
    uint8_t hash[REFUSED_HASH_SIZE];
    if (talker == NULL || memcmp(talker->start, fields->proof.start, START_SIZE) != 0) {
        return !is_known;
    }
    hash_of(octets, hash);
    if (memcmp(talker->hash, hash, sizeof hash) == 0 &&
        now.boot_ms - talker->first_ms <= TALK_AHEAD_MS + TALK_REFRESH_MS) {
        refused->names.list[place].heard_ms = now.boot_ms;
    }
    return !is_known && fields->proof.age_ms > talker->age_ms;
}

bool refused_may_check(struct refused *refused, struct moment now) {
    if (!noted_may_check(&refused->names, now)) {
        return false;
    }
    noted_check(&refused->names, now);
    return true;
}

bool refused_add(struct refused *refused, const struct announcement *announcement,
                 struct span octets, int64_t lead_ms, struct moment now) {
    const struct announcement_fields *fields = &announcement->fields;
    seen_add(&refused->added, announcement->covered, nothing);
    bool is_new;
    size_t place = noted_hear(&refused->names, fields->talker, fields->group, now, &is_new);
    struct refused_talker *talker = &refused->talkers[place];
    if (is_new) {
        talker->told_ms = now.boot_ms - REFUSED_TOLD_MS;
    }
    memcpy(talker->start, fields->proof.start, START_SIZE);
    talker->age_ms = fields->proof.age_ms;
    hash_of(octets, talker->hash);
    talker->lead_ms = lead_ms;
    talker->first_ms = now.boot_ms;
    bool is_due = now.boot_ms - talker->told_ms >= REFUSED_TOLD_MS;
    if (is_due) {
        talker->told_ms = now.boot_ms;
    }
    return is_due;
}

bool refused_is_news(struct refused *refused, struct span octets, enum status status) {
    const uint8_t number[] = {(uint8_t)status};
    if (seen_has(&refused->told, octets, SPAN_OF(number))) {
        return false;
    }
    seen_add(&refused->told, octets, SPAN_OF(number));
    return true;
}

void refused_forget(struct refused *refused, const char *identity, const char *group) {
    noted_forget(&refused->names, identity, group);
}

static bool is_shown(const struct refused *refused, size_t place, struct moment now) {
    return noted_is(&refused->names, place) &&
           now.boot_ms - refused->names.list[place].heard_ms < REFUSED_SHOWN_MS;
}

void refused_show(const struct refused *refused, struct moment now, struct view *view) {
    view->refused_count = 0;
    for (size_t i = 0; i < NOTED_MAX; i++) {
        const struct noted_talker *talker = &refused->names.list[i];
        if (!is_shown(refused, i, now) || view->refused_count == VIEW_REFUSED_MAX) {
            continue;
        }
        struct view_refused *row = &view->refused[view->refused_count++];
        *row = (struct view_refused){.clock_difference_ms = refused->talkers[i].lead_ms};
        snprintf(row->identity, sizeof row->identity, "%s", talker->identity);
        snprintf(row->group, sizeof row->group, "%s", talker->group);
    }
}
