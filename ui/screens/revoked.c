/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/revoked.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/talk/message_word.h"
#include "ui/screens/groups.h"
#include "ui/screens/nearby.h"
#include "ui/screens/text.h"
#include "ui/words/words.h"

#define LIST_OLD_MS (31 * INT64_C(24) * 60 * 60 * 1000)

enum standing {
    STANDS_WELL,
    STANDS_LOST, /* this officer's report, and no list of the KMS */
    STANDS_REVOKED
};

static enum standing standing_in(const struct view_group *group, const char *identity) {
    for (size_t i = 0; group->revoked_count > 0 && i < group->member_count; i++) {
        const struct view_member *member = &group->members[i];
        if (member->is_revoked && strcmp(member->identity, identity) == 0) {
            return member->is_lost ? STANDS_LOST : STANDS_REVOKED;
        }
    }
    for (size_t i = 0; i < group->former_count; i++) {
        const struct view_former *former = &group->former[i];
        if (former->is_revoked && strcmp(former->identity, identity) == 0) {
            return former->is_lost ? STANDS_LOST : STANDS_REVOKED;
        }
    }
    return STANDS_WELL;
}

/* Whom the KMS has revoked is that first, reported lost or not. */
static enum standing standing_of(const struct view *view, const char *identity) {
    const struct view_nearby *nearby = nearby_find(view, identity);
    enum standing standing = STANDS_WELL;
    if (nearby != NULL && nearby->is_revoked) {
        return nearby->is_lost ? STANDS_LOST : STANDS_REVOKED;
    }
    for (size_t i = 0; i < view->group_count && standing == STANDS_WELL; i++) {
        standing = standing_in(&view->groups[i], identity);
    }
    return standing != STANDS_WELL                     ? standing
           : revoked_lost_find(view, identity) != NULL ? STANDS_LOST
                                                       : STANDS_WELL;
}

bool revoked_is(const struct view *view, const char *identity) {
    return standing_of(view, identity) != STANDS_WELL;
}

bool revoked_is_lost(const struct view *view, const char *identity) {
    return standing_of(view, identity) == STANDS_LOST;
}

const struct view_lost *revoked_lost_find(const struct view *view, const char *identity) {
    for (size_t i = 0; i < view->revoked.lost; i++) {
        if (strcmp(view->lost[i].identity, identity) == 0) {
            return &view->lost[i];
        }
    }
    return NULL;
}

/* Who reports something later of the same handset means that. */
static bool is_last_word(const struct view *view, const struct view_message *report) {
    for (size_t i = 0; i < view->message_count; i++) {
        const struct view_message *other = &view->messages[i];
        if (message_word_is_report(other->word) && other->utc_ms > report->utc_ms &&
            strcmp(other->identity, report->identity) == 0 &&
            strcmp(other->text, report->text) == 0) {
            return false;
        }
    }
    return true;
}

const struct view_message *revoked_report_find(const struct view *view, const char *identity) {
    const struct view_message *latest = NULL;
    for (size_t i = 0; i < view->message_count; i++) {
        const struct view_message *message = &view->messages[i];
        if (message->word == MESSAGE_WORD_LOST && !message->is_own &&
            strcmp(message->text, identity) == 0 && is_last_word(view, message) &&
            (latest == NULL || message->utc_ms > latest->utc_ms)) {
            latest = message;
        }
    }
    return latest;
}

void revoked_report_text(const struct view_message *report, char out[REPORT_WORDS_SIZE]) {
    char room[WHO_SIZE];
    snprintf(out, REPORT_WORDS_SIZE, _("%s reports it lost: nothing is refused until you say so"),
             who_told(room, report->name, report->name_kind, report->identity));
}

bool revoked_is_near(const struct view *view) {
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (view->nearby[i].is_revoked) {
            return true;
        }
    }
    return false;
}

const char *revoked_words(bool is_lost) {
    return is_lost ? _("you reported it lost: it gets no keys and is not heard")
                   : _("revoked by the KMS: it gets no keys and is not heard");
}

const char *revoked_mark(bool is_lost) {
    return is_lost ? _("lost") : _("revoked");
}

struct member_words revoked_member(bool is_lost) {
    return (struct member_words){"x", revoked_mark(is_lost), revoked_mark(is_lost), STYLE_BAD};
}

struct member_words revoked_reported_member(void) {
    return (struct member_words){"!", _("reported lost"), _("lost?"), STYLE_CAUTION};
}

static void lost_group_text(const struct view_group *group, bool full, char *out, size_t size) {
    size_t count = group->lost_count;
    if (!full) {
        snprintf(out, size, words_many("%zu member lost", "%zu members lost", count), count);
    } else if (groups_can_rekey(group)) {
        snprintf(out, size,
                 words_many("%zu member is lost: w makes a new key without it",
                            "%zu members are lost: w makes a new key without them", count),
                 count);
    } else {
        snprintf(out, size,
                 words_many("%zu member is lost, and may hold this key",
                            "%zu members are lost, and may hold this key", count),
                 count);
    }
}

static void mixed_group_text(const struct view_group *group, bool full, char *out, size_t size) {
    size_t count = group->revoked_count;
    if (!full) {
        snprintf(out, size, words_many("%zu revoked or lost", "%zu revoked or lost", count), count);
    } else if (groups_can_rekey(group)) {
        snprintf(out, size, _("%zu members are revoked or lost: w makes a new key without them"),
                 count);
    } else {
        snprintf(out, size, _("%zu members are revoked or lost, and may hold this key"), count);
    }
}

void revoked_group_text(const struct view_group *group, bool full, char *out, size_t size) {
    size_t count = group->revoked_count;
    if (count == group->lost_count) {
        lost_group_text(group, full, out, size);
    } else if (group->lost_count > 0) {
        mixed_group_text(group, full, out, size);
    } else if (!full) {
        snprintf(out, size, words_many("%zu member revoked", "%zu members revoked", count), count);
    } else if (groups_can_rekey(group)) {
        snprintf(out, size,
                 words_many("%zu member is revoked: w makes a new key without it",
                            "%zu members are revoked: w makes a new key without them", count),
                 count);
    } else {
        snprintf(out, size,
                 words_many("%zu member is revoked, and may hold this key",
                            "%zu members are revoked, and may hold this key", count),
                 count);
    }
}

void revoked_list_text(const struct view_revoked *revoked, char *out, size_t size) {
    char age[TEXT_SIZE];
    if (!revoked->has_list) {
        text_copy(out, size, _("no list held"));
        return;
    }
    if (revoked->is_self) {
        text_copy(out, size, _("this identity is on the list"));
        return;
    }
    const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;
    unsigned long days = (unsigned long)(revoked->age_ms / day_ms);
    if (days == 0) {
        text_duration(revoked->age_ms, age);
    } else {
        snprintf(age, sizeof age, words_many("%lu day", "%lu days", days), days);
    }
    snprintf(out, size, _("a list of %zu, %s old"), revoked->count, age);
}

enum style revoked_list_style(const struct view_revoked *revoked) {
    return revoked->is_self                ? STYLE_BAD
           : revoked->age_ms > LIST_OLD_MS ? STYLE_CAUTION
                                           : STYLE_PLAIN;
}
