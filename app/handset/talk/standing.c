/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/standing.h"

#include <stdio.h>
#include <string.h>

enum {
    VERSION = 1,
    ENTRY_MAX = OFFICER_IDENTITY_SIZE + OFFICER_GROUP_SIZE + 16,
    RECORD_MAX = 1 + EMERGENCIES_MAX * ENTRY_MAX,
};

/* Written to disk. */
enum flag {
    FLAG_OWN = 1,
    FLAG_SEEN = 2,
    FLAG_OVER = 4,
};

static const char key[] = "standing";

static void entry_write(struct writer *out, const struct emergency *emergency) {
    unsigned flags = (emergency->is_own ? FLAG_OWN : 0U) | (emergency->is_seen ? FLAG_SEEN : 0U) |
                     (emergency->is_over ? FLAG_OVER : 0U);
    write_text_u8(out, emergency->shown.identity);
    write_text_u8(out, emergency->shown.group);
    write_u8(out, (uint8_t)flags);
    write_u64(out, (uint64_t)emergency->shown.began_utc_ms);
}

static bool entry_read(struct reader *in, struct emergency *emergency) {
    *emergency = (struct emergency){.is_used = true};
    struct view_emergency *shown = &emergency->shown;
    read_text_u8(in, shown->identity, sizeof shown->identity);
    read_text_u8(in, shown->group, sizeof shown->group);
    unsigned flags = read_u8(in);
    shown->began_utc_ms = (int64_t)read_u64(in);
    emergency->is_own = shown->self = (flags & FLAG_OWN) != 0;
    emergency->is_seen = (flags & FLAG_SEEN) != 0;
    emergency->is_over = shown->is_over = (flags & FLAG_OVER) != 0;
    return !in->failed;
}

void standing_save(const struct emergencies *emergencies) {
    uint8_t octets[RECORD_MAX];
    struct writer out = writer_into(octets, sizeof octets);
    bool has_any = false;
    write_u8(&out, VERSION);
    for (size_t i = 0; i < EMERGENCIES_MAX; i++) {
        if (emergencies->list[i].is_used) {
            entry_write(&out, &emergencies->list[i]);
            has_any = true;
        }
    }
    struct span value = writer_span(&out);
    enum status status =
        desk_save(emergencies->desk, RECORD_EMERGENCIES, key, has_any ? &value : NULL);
    (void)status;
}

void standing_restore(struct emergencies *emergencies, struct span value) {
    struct reader r = reader_of(value);
    size_t count = 0;
    if (read_u8(&r) != VERSION) {
        return;
    }
    while (reader_left(&r) > 0 && count < EMERGENCIES_MAX) {
        struct emergency emergency;
        if (entry_read(&r, &emergency)) {
            emergencies->list[count++] = emergency;
        }
    }
}

static void begin_anew(struct emergencies *emergencies, struct moment now,
                       const struct group *group, struct emergency *emergency) {
    struct view_emergency *shown = &emergency->shown;
    emergency->heard_ms = now.boot_ms;
    snprintf(shown->group_name, sizeof shown->group_name, "%s", group->parameters.name);
    struct event event =
        emergency->is_own
            ? event_of_group(EVENT_OWN_EMERGENCY, shown->group, shown->group_name)
            : groups_event(emergencies->groups, EVENT_EMERGENCY, shown->identity, shown->group);
    event.utc_ms = shown->began_utc_ms;
    journal_add(&emergencies->desk->journal, &event);
}

void standing_start(struct emergencies *emergencies, struct moment now) {
    bool has_changed = false;
    for (size_t i = 0; i < EMERGENCIES_MAX; i++) {
        struct emergency *emergency = &emergencies->list[i];
        const struct group *group = groups_find(emergencies->groups, emergency->shown.group);
        if (!emergency->is_used) {
            continue;
        }
        if (group == NULL ||
            gmk_is_usable(group_shown_gmk(group), group, now) == STATUS_GMK_EXPIRED) {
            emergency->is_used = false;
            has_changed = true;
        } else {
            begin_anew(emergencies, now, group, emergency);
        }
    }
    if (has_changed) {
        standing_save(emergencies);
    }
}
