/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for what happened: of each kind, in each language, with every value that it tells. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/status.h"
#include "tests/ui/officer.h"
#include "ui/words/check.h"
#include "ui/words/event.h"
#include "ui/words/reason.h"
#include "ui/words/words.h"

enum {
    ROOM = 4000, /* octets, for any sentence */
    LOG_LINE = 160
};

static const char *const languages[] = {"en", "de"};

static void choose(const char *language) {
    assert_true(words_choose_in(language, officer_locale()));
}

/* As they are in the field, and another of each. */
static const struct event usual = {
    .reason = REASON_CHECK_FAILED,
    .message = MESSAGE_PRESENCE,
    .gmk_id = 0xA1B2C3D4,
    .duration_ms = 8 * 3600000,
    .check = "key-invalid",
    .count = 12,
    .line = 3,
    .part = 7,
    .parts = 1u << 1 | 1u << 4,
    .tag = "K7QXT2AB",
    .day = "2026-11-30",
    .month = "2026-12",
    .identity = "tel:+447700900123",
    .name = "Ada",
    .name_kind = NAME_ATTESTED,
    .group = "sip:fire7@county.example",
    .group_name = "Fire and rescue 7",
};

static const struct event other = {
    .reason = REASON_NO_ANSWER,
    .message = MESSAGE_VOICE,
    .gmk_id = 0xA0000001,
    .duration_ms = 90 * 60000,
    .check = "no-memory",
    .count = 13,
    .line = 4,
    .part = 8,
    .parts = 1u << 2,
    .tag = "ZZZZZZZZ",
    .day = "2027-01-31",
    .month = "2027-02",
    .identity = "tel:+447700900456",
    .name = "Ben",
    .name_kind = NAME_CLAIMED,
    .group = "sip:fire8@county.example",
    .group_name = "Fire and rescue 8",
};

/* A link's event has no values of somebody or of a group, but those of what the link reports. */
static bool is_of_link(enum event_kind kind) {
    return (event_values(kind) >> VALUE_LINK & 1) != 0;
}

static struct event of_kind(const struct event *values, enum event_kind kind) {
    struct event event = *values;
    event.kind = kind;
    if (is_of_link(kind)) {
        memset(event.link, 0, sizeof event.link);
        memcpy(event.link, "udp:eth0", sizeof "udp:eth0");
        event.condition = (struct view_condition){.name = kind == EVENT_LINK_NEWS ? "network-back"
                                                                                  : "unreachable",
                                                  .error = ENETUNREACH,
                                                  .object = "eth0"};
        memset(event.source, 0, sizeof event.source);
        memcpy(event.source, "10.0.0.7", sizeof "10.0.0.7");
        event.sources = 37;
    }
    return event;
}

static void put_other(struct event *event, enum event_value value) {
    switch (value) {
    case VALUE_IDENTITY:
        memcpy(event->identity, other.identity, sizeof event->identity);
        break;
    case VALUE_NAME:
        memcpy(event->name, other.name, sizeof event->name);
        break;
    case VALUE_NAME_KIND:
        event->name_kind = other.name_kind;
        break;
    case VALUE_NEW_NAME:
        memcpy(event->new_name, other.new_name, sizeof event->new_name);
        break;
    case VALUE_GROUP:
        memcpy(event->group, other.group, sizeof event->group);
        break;
    case VALUE_GROUP_NAME:
        memcpy(event->group_name, other.group_name, sizeof event->group_name);
        break;
    case VALUE_GMK_ID:
        event->gmk_id = other.gmk_id;
        break;
    case VALUE_REASON:
        event->reason = other.reason;
        break;
    case VALUE_MESSAGE:
        event->message = other.message;
        break;
    case VALUE_CHECK:
        event->check = other.check;
        break;
    case VALUE_COUNT:
        event->count = other.count;
        break;
    case VALUE_DURATION:
        event->duration_ms = other.duration_ms;
        break;
    case VALUE_TAG:
        memcpy(event->tag, other.tag, sizeof event->tag);
        break;
    case VALUE_DAY:
        memcpy(event->day, other.day, sizeof event->day);
        break;
    case VALUE_MONTH:
        memcpy(event->month, other.month, sizeof event->month);
        break;
    case VALUE_LINE:
        event->line = other.line;
        break;
    case VALUE_PART:
        event->part = other.part;
        break;
    case VALUE_PARTS:
        event->parts = other.parts;
        break;
    case VALUE_LINK:
        memcpy(event->link, "bluetooth", sizeof "bluetooth");
        break;
    case VALUE_CONDITION:
        event->condition.name = "seeking";
        break;
    case VALUE_SOURCE:
        memcpy(event->source, "10.0.0.8", sizeof "10.0.0.8");
        break;
    case VALUE_SOURCES:
        event->sources = 38;
        break;
    case VALUE_NUMBER:
        event->condition.number++;
        break;
    default:
        fail();
    }
}

static bool changes_words(const struct event *event, enum event_value value) {
    char before[ROOM], after[ROOM];
    struct event changed = *event;
    put_other(&changed, value);
    event_words(event, before, sizeof before);
    event_words(&changed, after, sizeof after);
    return strcmp(before, after) != 0;
}

/* Some reasons alone have a check or a duration that goes with them. */
static bool is_shown(enum event_kind kind, enum event_value value) {
    struct event event = of_kind(&usual, kind);
    bool shown = false;
    for (int reason = 0; reason < REASON_COUNT && !shown; reason++) {
        event.reason = (enum event_reason)reason;
        shown = changes_words(&event, value);
    }
    if (shown || value != VALUE_GROUP) {
        return shown;
    }
    event.group_name[0] = '\0'; /* a group's name stands for its identity */
    return changes_words(&event, value);
}

/* What people need not read in the sentence, as it says enough or a screen has it. */
static unsigned hidden_values(enum event_kind kind) {
    const unsigned gmk_id = 1 << VALUE_GMK_ID, group = 1 << VALUE_GROUP | 1 << VALUE_GROUP_NAME,
                   duration = 1 << VALUE_DURATION;
    switch (kind) {
    case EVENT_MEMBER_JOINED:
        return gmk_id;
    case EVENT_INVITATION_ACCEPTED:
    case EVENT_INVITATION_DECLINED:
    case EVENT_INVITATION_EXPIRED:
    case EVENT_INVITATION_WITHDRAWN:
    case EVENT_INVITATION_LOST:
    case EVENT_KEY_STILL_TO_COME:
    case EVENT_IMPORT_FOR_ANOTHER:
    case EVENT_RETRY_NOT_NEEDED:
        return group;
    case EVENT_KEY_EXPIRED:
    case EVENT_STANDARD_KEY_EXPIRED:
    case EVENT_KEY_ENDS:
    case EVENT_STANDARD_KEY_ENDS:
    case EVENT_OTHERS_KEY:
    case EVENT_OLD_KEY_USED:
    case EVENT_MANAGED_NOT_SENT:
    case EVENT_MANAGED_NOT_TAKEN:
    case EVENT_MANAGED_KEY_EXPIRED:
        return gmk_id;
    case EVENT_TALK_ENDED:
    case EVENT_CALL_ENDED:
        return duration; /* the log of sessions has it */
    case EVENT_OWN_TALK_ENDED:
        return duration;
    default:
        return 0;
    }
}

/* Not both a link's values and those of somebody. And which of its values a condition tells,
 * tests/programs/test_conditions.c looks at. */
static bool may_have(enum event_kind kind, enum event_value value) {
    bool is_source = value == VALUE_LINK || value == VALUE_SOURCE || value == VALUE_SOURCES;
    switch (kind) {
    case EVENT_OTHER_VERSION:
        return value == VALUE_LINK || value == VALUE_NUMBER;
    case EVENT_FLOOD:
        return is_source || value == VALUE_NUMBER;
    case EVENT_REFUSED:
        return is_source || value == VALUE_MESSAGE || value == VALUE_CHECK || value == VALUE_COUNT;
    default:
        break;
    }
    if (value == VALUE_NEW_NAME || value == VALUE_GROUP_NAME) { /* they have the same place */
        bool is_renamed = kind == EVENT_NAME_CHANGED || kind == EVENT_NAME_REISSUED ||
                          kind == EVENT_CREW_KEPT || kind == EVENT_CREW_DROPPED ||
                          kind == EVENT_CREW_NOT_SAVED;
        return !is_of_link(kind) && (value == VALUE_NEW_NAME) == is_renamed;
    }
    return is_of_link(kind) ? value == VALUE_LINK || value == VALUE_CONDITION : value < VALUE_LINK;
}

static void every_value_is_in_the_words_or_left_out_on_purpose(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        choose(languages[i]);
        for (int kind = 0; kind < EVENT_COUNT; kind++) {
            enum event_kind is = (enum event_kind)kind;
            for (int value = 0; value < EVENT_VALUES; value++) {
                bool is_meant = (event_values(is) >> value & 1) != 0;
                if (!may_have(is, (enum event_value)value)) {
                    assert_int_equal(is_meant,
                                     (is == EVENT_LINK_NEWS || is == EVENT_LINK_PROBLEM) &&
                                         value > VALUE_CONDITION && value < VALUE_SOURCE);
                    continue;
                }
                bool is_hidden = (hidden_values(is) >> value & 1) != 0;
                if (is_shown(is, (enum event_value)value) != (is_meant && !is_hidden)) {
                    fail_msg("%s, %s: %s is %s", languages[i], event_name(is),
                             event_value_name((enum event_value)value),
                             is_meant && !is_hidden ? "not shown" : "shown");
                }
            }
        }
    }
}

typedef void each_fn(const struct event *event);

/* Each kind with each reason and each message that it can have. */
static void for_each(const struct event *values, each_fn *each) {
    for (int kind = EVENT_NONE + 1; kind < EVENT_COUNT; kind++) {
        unsigned has = event_values((enum event_kind)kind);
        int reasons = (has >> VALUE_REASON & 1) != 0 ? REASON_COUNT : 1;
        int messages = (has >> VALUE_MESSAGE & 1) != 0 ? MESSAGE_COUNT : 1;
        for (int at = 0; at < reasons * messages; at++) {
            struct event event = of_kind(values, (enum event_kind)kind);
            event.reason = (enum event_reason)(at % reasons);
            event.message = (enum event_message)(at / reasons);
            each(&event);
        }
    }
}

static void expect_words_of_its_own_language(const struct event *event) {
    char english[ROOM], german[ROOM];
    choose("en");
    event_words(event, english, sizeof english);
    choose("de");
    event_words(event, german, sizeof german);
    assert_true(strlen(english) > 0 && strlen(german) > 0);
    if (strcmp(english, german) == 0) {
        fail_msg("%s is the same in both: %s", event_name(event->kind), english);
    }
}

static void every_kind_has_words_in_both_languages(void **state) {
    (void)state;
    for_each(&usual, expect_words_of_its_own_language);
    for_each(&(struct event){.kind = EVENT_NONE}, expect_words_of_its_own_language);
}

static void no_two_kinds_are_told_alike(void **state) {
    static char sentences[EVENT_COUNT][ROOM];
    (void)state;
    choose("en");
    for (int kind = 0; kind < EVENT_COUNT; kind++) {
        const struct event event = of_kind(&usual, (enum event_kind)kind);
        event_words(&event, sentences[kind], ROOM);
        for (int before = 0; before < kind; before++) {
            /* The first is told when the key expires, the other when it is to be handed out. */
            if ((before != EVENT_KEY_EXPIRED || kind != EVENT_RETRY_EXPIRED) &&
                strcmp(sentences[before], sentences[kind]) == 0) {
                fail_msg("%s and %s: %s", event_name((enum event_kind)before),
                         event_name(event.kind), sentences[kind]);
            }
        }
    }
    assert_string_equal(sentences[EVENT_NONE], "");
}

static void expect_whole(const struct event *event) {
    char words_of_it[EVENT_WORDS_SIZE], whole[ROOM];
    event_words(event, words_of_it, sizeof words_of_it);
    event_words(event, whole, sizeof whole);
    if (strcmp(words_of_it, whole) != 0) {
        fail_msg("%s is cut off: %s", event_name(event->kind), words_of_it);
    }
}

static void no_sentence_is_cut_off_with_the_longest_values(void **state) {
    struct event longest = {.gmk_id = UINT32_MAX,
                            .duration_ms = INT64_MAX - 999,
                            .count = UINT32_MAX,
                            .line = UINT32_MAX,
                            .part = UINT32_MAX,
                            .parts = UINT32_MAX};
    (void)state;
    memset(longest.tag, 'T', sizeof longest.tag - 1);
    memset(longest.identity, 'i', sizeof longest.identity - 1);
    memset(longest.name, 'n', sizeof longest.name - 1);
    memset(longest.group, 'g', sizeof longest.group - 1);
    for (size_t i = 0; i < 2; i++) {
        choose(languages[i]);
        for (int status = 0; status < STATUS_COUNT; status++) {
            longest.check = status_name((enum status)status);
            for_each(&longest, expect_whole);
        }
    }
}

static void expect_a_line_of_the_log(const struct event *event) {
    char text[ROOM];
    event_words(event, text, sizeof text);
    if (strlen(text) >= LOG_LINE) {
        fail_msg("%s has %zu octets: %s", event_name(event->kind), strlen(text), text);
    }
}

static void usual_values_make_short_sentences(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        choose(languages[i]);
        struct event event = usual;
        for (int status = 0; status < STATUS_COUNT; status++) {
            event.check = status_name((enum status)status);
            for_each(&event, expect_a_line_of_the_log);
        }
    }
}

static void every_check_has_words_of_its_own(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        choose(languages[i]);
        for (int a = 0; a < STATUS_COUNT; a++) {
            const char *name = status_name((enum status)a), *text = check_words(name);
            /* One that lacks its words is shown by its name, which is no German. */
            if (strlen(text) == 0 || (i == 1 && strcmp(text, name) == 0)) {
                fail_msg("%s has no words", name);
            }
            for (int b = 0; b < a; b++) {
                assert_string_not_equal(text, check_words(status_name((enum status)b)));
            }
        }
        assert_string_equal(check_words("not-of-this-version"), "not-of-this-version");
        assert_true(strlen(check_words(NULL)) > 0);
    }
    choose("en");
    assert_string_equal(check_words("signature-invalid"), "invalid signature");
    choose("de");
    assert_string_equal(check_words("signature-invalid"), "ungültige Signatur");
}

static void how_long_something_lasted_is_said_in_one_unit(void **state) {
    static const struct {
        int64_t ms;
        const char *words;
    } times[] = {{4000, "4 s"},     {90000, "90 s"},      {119999, "119 s"},
                 {120000, "2 min"}, {7199000, "119 min"}, {INT64_C(72000000), "20 h"}};
    char words[PERIOD_WORDS_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        time_words(times[i].ms, words);
        assert_string_equal(words, times[i].words);
    }
}

static void every_reason_of_a_member_has_its_phrase(void **state) {
    char text[REASON_WORDS_SIZE], whole[ROOM];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        choose(languages[i]);
        for (int reason = 0; reason < REASON_COUNT; reason++) {
            bool has_none = reason == REASON_NONE || reason == REASON_HUNG_UP ||
                            reason == REASON_OTHER_HUNG_UP || reason == REASON_SLEPT ||
                            reason == REASON_TOO_OFTEN;
            for (int status = 0; status < STATUS_COUNT; status++) {
                const char *check = status_name((enum status)status);
                reason_words((enum event_reason)reason, INT64_MAX, check, text, sizeof text);
                reason_words((enum event_reason)reason, INT64_MAX, check, whole, sizeof whole);
                assert_string_equal(text, whole);
                assert_int_equal(text[0] == '\0', has_none);
            }
        }
    }
    reason_words(REASON_PERIOD_TOO_LONG, 90 * 60000, NULL, text, sizeof text);
    assert_string_equal(text, "Schlüssel gelten dort höchstens 90 Minuten");
}

static void a_period_is_told_in_its_largest_whole_unit(void **state) {
    static const struct {
        int64_t minutes;
        const char *english, *german;
    } periods[] = {
        {-1, "0 minutes", "0 Minuten"},
        {0, "0 minutes", "0 Minuten"},
        {1, "1 minute", "1 Minute"},
        {90, "90 minutes", "90 Minuten"},
        {60, "1 hour", "1 Stunde"},
        {36 * 60, "36 hours", "36 Stunden"},
        {24 * 60, "1 day", "1 Tag"},
        {366 * 24 * 60, "366 days", "366 Tage"},
        {24 * 60 + 1, "1441 minutes", "1441 Minuten"},
    };
    char text[PERIOD_WORDS_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        choose("en");
        period_words(periods[i].minutes * 60000, text);
        assert_string_equal(text, periods[i].english);
        choose("de");
        period_words(periods[i].minutes * 60000, text);
        assert_string_equal(text, periods[i].german);
    }
}

static void expect_sentences(const struct event *event, const char *english, const char *german) {
    char text[EVENT_WORDS_SIZE];
    choose("en");
    event_words(event, text, sizeof text);
    assert_string_equal(text, english);
    choose("de");
    event_words(event, text, sizeof text);
    assert_string_equal(text, german);
}

static void a_key_for_nobody_else_is_told_as_that(void **state) {
    struct event event = usual;
    char text[ROOM];
    (void)state;
    choose("en");
    event.kind = EVENT_GROUP_REKEYING;
    event.count = 0;
    event_words(&event, text, sizeof text);
    assert_non_null(strstr(text, "(GMK A1B2C3D4): nobody else is in it"));
}

static void what_there_is_one_of_is_told_as_one(void **state) {
    struct event event = usual;
    (void)state;
    event.kind = EVENT_PARTS_MISSING;
    event.parts = 1u << 13;
    event.count = 14;
    expect_sentences(&event, "Key K7QXT2AB: part 14 of 14 is missing",
                     "Schlüssel K7QXT2AB: Teil 14 von 14 fehlt");
    event.parts |= 1u << 1;
    expect_sentences(&event, "Key K7QXT2AB: parts 2 and 14 of 14 are missing",
                     "Schlüssel K7QXT2AB: die Teile 2 und 14 von 14 fehlen");
    event.parts |= 1u << 4;
    expect_sentences(&event, "Key K7QXT2AB: parts 2, 5 and 14 of 14 are missing",
                     "Schlüssel K7QXT2AB: die Teile 2, 5 und 14 von 14 fehlen");
    event.kind = EVENT_GROUP_ASKING;
    event.count = 1;
    expect_sentences(&event, "Asking 1 handset to join Fire and rescue 7",
                     "1 Funkgerät wird in die Gruppe Fire and rescue 7 eingeladen");
    event.count = 2;
    expect_sentences(&event, "Asking 2 handsets to join Fire and rescue 7",
                     "2 Funkgeräte werden in die Gruppe Fire and rescue 7 eingeladen");
}

static void a_group_without_a_name_is_told_by_its_identity(void **state) {
    struct event event = usual;
    (void)state;
    event.kind = EVENT_IMPORT_GROUP_NOT_OURS;
    event.group_name[0] = '\0';
    expect_sentences(
        &event,
        "Not imported: sip:fire7@county.example is not one of this handset's groups: "
        "ask the KMS",
        "Nicht übernommen: sip:fire7@county.example ist keine Gruppe dieses Funkgeräts: "
        "beim KMS nachfragen");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_words_in_both_languages),
        cmocka_unit_test(no_two_kinds_are_told_alike),
        cmocka_unit_test(every_value_is_in_the_words_or_left_out_on_purpose),
        cmocka_unit_test(no_sentence_is_cut_off_with_the_longest_values),
        cmocka_unit_test(usual_values_make_short_sentences),
        cmocka_unit_test(every_check_has_words_of_its_own),
        cmocka_unit_test(how_long_something_lasted_is_said_in_one_unit),
        cmocka_unit_test(every_reason_of_a_member_has_its_phrase),
        cmocka_unit_test(a_period_is_told_in_its_largest_whole_unit),
        cmocka_unit_test(a_key_for_nobody_else_is_told_as_that),
        cmocka_unit_test(what_there_is_one_of_is_told_as_one),
        cmocka_unit_test(a_group_without_a_name_is_told_by_its_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
