/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Say again on disk: there after a restart, gone with its key, and in nobody's way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/keys/hours.h"
#include "app/voice/rtp.h"
#include "tests/app/squad.h"

enum {
    SECOND_MS = 1000,
    QUIET_MS = 5 * SECOND_MS, /* in which all that was said goes to the disk */
    HEARER = 1,
};

static void keep(struct squad *squad, int on) {
    struct command command = {.kind = COMMAND_KEEP_SPEECH, .on = on};
    assert_int_equal(squad_command(squad, HEARER, &command), STATUS_OK);
}

static struct squad *squad_that_keeps(void) {
    struct squad *squad = squad_new(2);
    squad_group(squad, 8 * HOUR_MS);
    squad_run(squad, QUIET_MS);
    keep(squad, 1);
    return squad;
}

static void say(struct squad *squad, int64_t ms) {
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, ms);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, QUIET_MS);
}

static enum status again(struct squad *squad, int on) {
    struct command command = {.kind = COMMAND_SAY_AGAIN, .on = on};
    snprintf(command.group, sizeof command.group, "%s",
             squad_view(squad, HEARER)->groups[0].identity);
    return squad_command(squad, HEARER, &command);
}

/* How many frames the latest piece has when it is said again; 0: there is none. */
static unsigned frames_again(struct squad *squad) {
    unsigned before = squad->handsets[HEARER].voice_frames;
    if (again(squad, 1) != STATUS_OK) {
        return 0;
    }
    while (squad_view(squad, HEARER)->again.is_playing) {
        squad_run(squad, 100);
    }
    return squad->handsets[HEARER].voice_frames - before;
}

static size_t count_records(const struct squad *squad, enum record_kind kind) {
    const struct squad_handset *handset = &squad->handsets[HEARER];
    size_t count = 0;
    for (size_t i = 0; i < handset->record_count; i++) {
        count += handset->records[i].kind == kind;
    }
    return count;
}

static void assert_on_disk(const struct squad *squad, bool is_there) {
    assert_int_equal(count_records(squad, RECORD_SPEECH) > 0, is_there);
    assert_int_equal(count_records(squad, RECORD_SPEECH_KEY), is_there ? 1 : 0);
}

static void delete_group(struct squad *squad) {
    struct command command = {.kind = COMMAND_DELETE_GROUP};
    snprintf(command.group, sizeof command.group, "%s",
             squad_view(squad, HEARER)->groups[0].identity);
    assert_int_equal(squad_command(squad, HEARER, &command), STATUS_OK);
}

/* --- What is there ---------------------------------------------------------------------------- */

static void what_was_said_is_heard_again_after_a_restart(void **state) {
    (void)state;
    struct squad *squad = squad_that_keeps();
    int64_t said_utc_ms = squad_now(squad, HEARER).utc_ms;
    say(squad, 20 * SECOND_MS);
    say(squad, SECOND_MS);
    squad_restart(squad, HEARER, true);
    assert_true(squad_view(squad, HEARER)->groups[0].says_again);
    assert_in_range(frames_again(squad), 45, 55);
    assert_int_equal(again(squad, 1), STATUS_OK); /* and what was said before it */
    assert_int_equal(again(squad, 1), STATUS_OK);
    squad_run(squad, 200);
    const struct view_again *shown = &squad_view(squad, HEARER)->again;
    assert_string_equal(shown->identity, squad_identity(0));
    assert_in_range(shown->began_utc_ms, said_utc_ms, said_utc_ms + SECOND_MS);
    assert_in_range(shown->lasts_ms, 19900, 20100);
    squad_free(squad);
}

/* The GMK becomes that of the next hour, while the handset runs; what was said before is kept. */
static void the_next_hour_takes_nothing_that_may_be_kept(void **state) {
    (void)state;
    struct squad *squad = squad_that_keeps();
    const struct gmk *gmk = &squad->handsets[HEARER].engine->groups.list[0]->current;
    const int64_t voice_step_ms = squad->step_ms;
    squad->step_ms = SECOND_MS;
    squad_run(squad, HOUR_MS + HOURS_KEPT_MS - 60 * SECOND_MS);
    squad->step_ms = voice_step_ms;
    say(squad, 3 * SECOND_MS);
    assert_int_equal(gmk->hour, 0);
    squad_run(squad, 120 * SECOND_MS);
    assert_int_equal(gmk->hour, 1);
    say(squad, SECOND_MS);
    for (int restarts = 0; restarts < 2; restarts++) {
        squad_restart(squad, HEARER, true);
        assert_in_range(frames_again(squad), 45, 55);
        assert_int_equal(again(squad, 1), STATUS_OK);
        assert_int_equal(again(squad, 1), STATUS_OK); /* what was said in the hour before */
        squad_run(squad, 200);
        assert_in_range(squad_view(squad, HEARER)->again.lasts_ms, 2900, 3100);
        assert_on_disk(squad, true);
    }
    squad_free(squad);
}

/* A power cut at the cut_at-th output as the GMK becomes that of the next hour; false when it came
 * to none. */
static bool change_hour_with_cut(unsigned cut_at) {
    struct squad *squad = squad_that_keeps();
    struct squad_handset *hearer = &squad->handsets[HEARER];
    const struct group *group = hearer->engine->groups.list[0];
    const int64_t voice_step_ms = squad->step_ms;
    squad->step_ms = SECOND_MS;
    squad_run(squad, hours_deadline(group) - squad->boot_ms - 60 * SECOND_MS);
    squad->step_ms = voice_step_ms;
    say(squad, 3 * SECOND_MS);
    squad_run(squad, hours_deadline(group) - squad->boot_ms - SECOND_MS);
    hearer->cut_at = cut_at;
    squad_run(squad, 2 * SECOND_MS);
    bool was_cut = hearer->is_cut;
    hearer->cut_at = 0;
    assert_int_equal(group->current.next_hour, 1);
    squad_restart(squad, HEARER, true);
    assert_true(frames_again(squad) > 140);
    squad_free(squad);
    return was_cut;
}

static void a_power_cut_as_the_hour_changes_takes_nothing(void **state) {
    (void)state;
    unsigned cut_at = 1;
    while (change_hour_with_cut(cut_at)) {
        cut_at++;
    }
    assert_true(cut_at > 1);
}

static void it_is_on_disk_only_while_that_is_switched_on(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, 8 * HOUR_MS);
    say(squad, 3 * SECOND_MS);
    assert_on_disk(squad, false);
    keep(squad, 1);
    squad_run(squad, 100);
    assert_on_disk(squad, true); /* also what was said before */
    keep(squad, 0);
    squad_flush(squad, HEARER);
    assert_on_disk(squad, false);           /* at once */
    assert_true(frames_again(squad) > 140); /* what is in memory stays there */
    squad_restart(squad, HEARER, true);
    assert_false(squad_view(squad, HEARER)->groups[0].says_again);
    squad_free(squad);
}

/* As a talk goes on, all but its last seconds is on disk; of a killed handset they are lost. */
static void a_killed_handset_loses_seconds(void **state) {
    (void)state;
    struct squad *squad = squad_that_keeps();
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 20 * SECOND_MS);
    squad_restart(squad, HEARER, true);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, QUIET_MS);
    unsigned heard = 0;
    for (unsigned frames; again(squad, 0) == STATUS_OK && (frames = frames_again(squad)) > heard;) {
        heard = frames;
        assert_int_equal(again(squad, 1), STATUS_OK);
    }
    assert_in_range(heard, (20 * SECOND_MS - AGAIN_SAVE_MS - 500) / VOICE_FRAME_MS, 1000);
    squad_free(squad);
}

/* A cut at the cut_at-th output while something is said; false when it came to none. */
static bool say_with_cut(unsigned cut_at) {
    struct squad *squad = squad_that_keeps();
    say(squad, SECOND_MS);
    squad->handsets[HEARER].cut_at = cut_at;
    say(squad, 5 * SECOND_MS);
    bool was_cut = squad->handsets[HEARER].is_cut;
    squad_restart(squad, HEARER, true);
    unsigned pieces = 0;
    for (; again(squad, 1) == STATUS_OK; pieces++) {
        int64_t lasts_ms = squad_view(squad, HEARER)->again.lasts_ms;
        assert_in_range(lasts_ms, 500, 5200);
    }
    assert_in_range(pieces, 1, 2);
    assert_int_equal(count_records(squad, RECORD_SPEECH_KEY), 1);
    squad_free(squad);
    return was_cut;
}

static void a_power_cut_at_any_moment_leaves_what_was_saved(void **state) {
    (void)state;
    unsigned cut_at = 1;
    while (say_with_cut(cut_at)) {
        cut_at++;
    }
    assert_true(cut_at > 5);
}

/* --- What is gone ----------------------------------------------------------------------------- */

static void it_goes_with_the_group(void **state) {
    (void)state;
    struct squad *squad = squad_that_keeps();
    say(squad, 3 * SECOND_MS);
    assert_on_disk(squad, true);
    unsigned before = squad->handsets[HEARER].stores;
    delete_group(squad);
    squad_flush(squad, HEARER);
    assert_on_disk(squad, false);
    assert_int_equal(count_records(squad, RECORD_GROUP), 0);
    assert_int_equal(squad->handsets[HEARER].stores, before + 1); /* in one: both or neither */
    squad_free(squad);
}

static void it_goes_when_the_key_ends_and_after_an_hour(void **state) {
    (void)state;
    for (int is_key = 0; is_key <= 1; is_key++) {
        struct squad *squad = squad_new(2);
        squad_group(squad, is_key ? HOUR_MS / 2 : 8 * HOUR_MS);
        squad_run(squad, QUIET_MS);
        keep(squad, 1);
        say(squad, 3 * SECOND_MS);
        assert_on_disk(squad, true);
        squad->step_ms = SECOND_MS;
        squad_run(squad, (is_key ? HOUR_MS / 2 : HOUR_MS) - 60 * SECOND_MS);
        assert_on_disk(squad, true);
        squad_run(squad, 120 * SECOND_MS);
        assert_on_disk(squad, false);
        squad_free(squad);
    }
}

/* The handset is off until the key has ended, or so that nobody knows when it was said. */
static void it_goes_at_the_next_start_too(void **state) {
    static const int64_t passes_ms[] = {8 * HOUR_MS, HOUR_MS + 60 * SECOND_MS, -60 * SECOND_MS};
    (void)state;
    for (size_t i = 0; i < sizeof passes_ms / sizeof passes_ms[0]; i++) {
        struct squad *squad = squad_that_keeps();
        say(squad, 3 * SECOND_MS);
        assert_on_disk(squad, true);
        squad->handsets[HEARER].utc_offset_ms += passes_ms[i];
        squad_restart(squad, HEARER, true);
        squad_run(squad, 100);
        assert_on_disk(squad, false);
        squad_free(squad);
    }
}

struct theft {
    size_t count;
    struct squad_record records[SQUAD_RECORDS_MAX];
};

/* A copy of the records of that kind. */
static void steal(const struct squad *squad, enum record_kind kind, struct theft *theft) {
    const struct squad_handset *handset = &squad->handsets[HEARER];
    for (size_t i = 0; i < handset->record_count; i++) {
        const struct squad_record *record = &handset->records[i];
        if (record->kind == kind) {
            theft->records[theft->count++] =
                (struct squad_record){.kind = kind,
                                      .key = secret_copy(secret_span(record->key)),
                                      .value = secret_copy(secret_span(record->value))};
        }
    }
}

static void put_back(struct squad *squad, struct theft *theft) {
    for (size_t i = 0; i < theft->count; i++) {
        struct squad_record *record = &theft->records[i];
        struct span value = secret_span(record->value);
        squad_put_record(squad, HEARER, record->kind, secret_span(record->key), &value);
        secret_free(record->key);
        secret_free(record->value);
    }
    theft->count = 0;
}

/* Of the two that are needed one is gone: its own key, or the GMK, in whose place there is another
 * one of the same id. */
static void without_one_of_its_keys_the_records_are_nothing(void **state) {
    (void)state;
    for (int lacks_gmk = 0; lacks_gmk <= 1; lacks_gmk++) {
        struct squad *squad = squad_that_keeps();
        struct theft theft = {0};
        say(squad, 3 * SECOND_MS);
        steal(squad, RECORD_SPEECH, &theft);
        assert_true(theft.count > 0);
        if (lacks_gmk) {
            steal(squad, RECORD_SPEECH_KEY, &theft);
        }
        keep(squad, 0); /* the own key is destroyed; then it is on again, with another one */
        keep(squad, 1);
        squad_run(squad, SECOND_MS);
        if (lacks_gmk) {
            struct gmk *gmk = &squad->handsets[HEARER].engine->groups.list[0]->current;
            gmk->octets->octets[0] ^= 1;
            uint8_t octets[GROUP_RECORD_MAX];
            struct writer out = writer_into(octets, sizeof octets);
            const struct group *group = squad->handsets[HEARER].engine->groups.list[0];
            group_write(&out, group);
            struct span value = writer_span(&out);
            squad_put_record(squad, HEARER, RECORD_GROUP, span_of_text(group->parameters.identity),
                             &value);
        }
        put_back(squad, &theft);
        squad_restart(squad, HEARER, true);
        assert_false(squad_view(squad, HEARER)->groups[0].says_again);
        squad_run(squad, 100);
        assert_on_disk(squad, false);
        squad_free(squad);
    }
}

/* --- In nobody's way -------------------------------------------------------------------------- */

/* Does the disk have speech to write? */
static unsigned speech_in_hand(const struct squad *squad) {
    const struct squad_handset *handset = &squad->handsets[HEARER];
    unsigned count = 0;
    for (size_t b = 0; handset->writing != NULL && b < handset->writing_count; b++) {
        for (size_t i = 0; i < handset->writing[b]->count; i++) {
            const struct batch_change *change = &handset->writing[b]->changes[i];
            count += change->kind == RECORD_SPEECH && !change->is_delete;
        }
    }
    return count;
}

static void on_a_full_disk_it_goes_on_from_memory_and_holds_up_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_that_keeps();
    squad->handsets[HEARER].disk_failure = STATUS_NO_SPACE;
    squad->handsets[HEARER].disk_ms = 50;
    say(squad, 10 * SECOND_MS);
    assert_int_equal(squad->handsets[HEARER].alarms, 1);
    assert_true(frames_again(squad) > 490);
    squad_run(squad, DURABLE_RETRY_MS);
    for (int64_t ms = 0; ms < 2 * DURABLE_RETRY_MS; ms += 10) {
        squad_run(squad, 10);
        assert_int_equal(speech_in_hand(squad), 0); /* what else there is to save stands alone */
    }
    assert_on_disk(squad, false);
    squad->handsets[HEARER].disk_failure = STATUS_OK;
    squad_run(squad, DURABLE_RETRY_MS + QUIET_MS);
    assert_on_disk(squad, true);
    squad_restart(squad, HEARER, true);
    assert_true(frames_again(squad) > 490);
    squad_free(squad);
}

static void a_slow_disk_has_one_record_in_hand_and_no_word_waits(void **state) {
    (void)state;
    struct squad *squad = squad_that_keeps();
    squad->handsets[HEARER].disk_ms = 3 * AGAIN_SAVE_MS;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, SECOND_MS);
    unsigned before = squad->handsets[HEARER].voice_frames;
    squad->handsets[HEARER].longest_ms = 0;
    for (int64_t ms = 0; ms < 20 * SECOND_MS; ms += 10) {
        squad_run(squad, 10);
        assert_in_range(speech_in_hand(squad), 0, 1);
    }
    assert_true(squad->handsets[HEARER].voice_frames - before > 980);
    assert_in_range(squad->handsets[HEARER].longest_ms, 0, 40);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad->handsets[HEARER].disk_ms = 10;
    squad_run(squad, 20 * SECOND_MS);
    squad_restart(squad, HEARER, true);
    assert_true(frames_again(squad) > 980);
    squad_free(squad);
}

static void keep_packet(struct again *own, struct moment now, const struct group_parameters *group,
                        uint32_t ssrc, uint32_t timestamp) {
    static const uint8_t payload[VOICE_PACKET_MAX - RTP_HEADER_SIZE];
    uint8_t octets[VOICE_PACKET_MAX];
    struct writer rtp = writer_into(octets, sizeof octets);
    rtp_write(&(struct rtp_packet){.payload_type = RTP_PAYLOAD_OPUS,
                                   .timestamp = timestamp,
                                   .ssrc = ssrc,
                                   .payload = SPAN_OF(payload)},
              &rtp);
    again_keep(own, now, group->identity, squad_identity(0), group->gmk_id, writer_span(&rtp));
}

/* Whatever a member says, the disk has no more of it than memory. */
static void the_disk_takes_no_more_than_memory_may(void **state) {
    enum {
        PACKETS = 24000,
        AT_ONCE = 50
    };
    (void)state;
    struct squad *squad = squad_that_keeps();
    struct again *own = &squad->handsets[HEARER].engine->again;
    const struct group_parameters *group =
        &squad->handsets[HEARER].engine->groups.list[0]->parameters;
    for (uint32_t i = 0; i < PACKETS; i++) {
        keep_packet(own, squad_now(squad, HEARER), group, i / 1000,
                    i * VOICE_FRAME_MS * RTP_CLOCK_PER_MS);
        if (i % AT_ONCE == 0) {
            squad->step_ms = AT_ONCE * VOICE_FRAME_MS;
            squad_run(squad, squad->step_ms);
        }
    }
    squad->step_ms = 10;
    squad_run(squad, QUIET_MS);
    const struct squad_handset *handset = &squad->handsets[HEARER];
    size_t octets = 0;
    for (size_t i = 0; i < handset->record_count; i++) {
        octets += handset->records[i].kind == RECORD_SPEECH ? handset->records[i].value->length : 0;
    }
    assert_in_range(octets, AGAIN_GROUP_OCTETS / 2, AGAIN_GROUP_OCTETS);
    squad_free(squad);
}

/* A sealed record is changed by nobody; but a handset starts whatever it finds. */
static void broken_records_keep_no_handset_from_starting(void **state) {
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    print_message("SEED=%u\n", seed);
    srand(seed);
    for (unsigned round = 0; round < 20; round++) {
        struct squad *squad = squad_that_keeps();
        struct theft theft = {0};
        say(squad, 4 * SECOND_MS);
        steal(squad, RECORD_SPEECH, &theft);
        steal(squad, RECORD_SPEECH_KEY, &theft);
        struct squad_record *record = &theft.records[(size_t)rand() % theft.count];
        if (round % 2 == 0) {
            record->value->octets[(size_t)rand() % record->value->length] ^=
                (uint8_t)(1 + rand() % 255);
        } else {
            struct span value = secret_span(record->value);
            value.length = 1 + (size_t)rand() % (value.length - 1);
            struct secret *shorter = secret_copy(value);
            secret_free(record->value);
            record->value = shorter;
        }
        put_back(squad, &theft);
        squad_restart(squad, HEARER, true);
        squad_run(squad, SECOND_MS);
        unsigned frames = frames_again(squad); /* a piece is whole or not there */
        assert_true(frames == 0 || frames > 190);
        squad_free(squad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_said_is_heard_again_after_a_restart),
        cmocka_unit_test(the_next_hour_takes_nothing_that_may_be_kept),
        cmocka_unit_test(a_power_cut_as_the_hour_changes_takes_nothing),
        cmocka_unit_test(it_is_on_disk_only_while_that_is_switched_on),
        cmocka_unit_test(a_killed_handset_loses_seconds),
        cmocka_unit_test(a_power_cut_at_any_moment_leaves_what_was_saved),
        cmocka_unit_test(it_goes_with_the_group),
        cmocka_unit_test(it_goes_when_the_key_ends_and_after_an_hour),
        cmocka_unit_test(it_goes_at_the_next_start_too),
        cmocka_unit_test(without_one_of_its_keys_the_records_are_nothing),
        cmocka_unit_test(on_a_full_disk_it_goes_on_from_memory_and_holds_up_nothing),
        cmocka_unit_test(a_slow_disk_has_one_record_in_hand_and_no_word_waits),
        cmocka_unit_test(the_disk_takes_no_more_than_memory_may),
        cmocka_unit_test(broken_records_keep_no_handset_from_starting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
