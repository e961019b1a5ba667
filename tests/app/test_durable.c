/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The executor of outputs (app/programs/durable.h) around real engines, whose disks are slow or
 * fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "squad.h"

enum {
    GROUPS = 12,
    TALK_MS = 50 * 1000,
    SLOW_MS = 300,
    MINUTE_MS = 60 * 1000,
};

static const char many_digits[] = "0123456789";

/* --- What is carried out when -------------------------------------------------------------------
 */

/* An executor for an engine that puts out only what the test has it put out. */
struct bench {
    struct squad *squad;
    struct handset *engine;
    struct durable *durable;
    const struct batch *const *writing;
    size_t writing_count, given; /* batches in hand; how often it was given some */
    char done[64];               /* a letter for each frame that left */
    unsigned alarms, alarms_over;
};

static void note_frame(void *context, const struct output *output) {
    struct bench *bench = context;
    size_t length = strlen(bench->done);
    if (length + 1 < sizeof bench->done) {
        bench->done[length] = (char)output->frame.octets[0];
    }
}

static void pass_over(void *context, const struct output *output) {
    (void)context;
    (void)output;
}

static void note_alarm(void *context, const struct event *event) {
    struct bench *bench = context;
    bool is_problem = event->kind != EVENT_SAVING_BACK;
    assert_true(!is_problem || event->kind == EVENT_SAVING_FAILED ||
                event->kind == EVENT_SAVING_ENDED);
    assert_int_equal(event->check != NULL, is_problem);
    bench->alarms += is_problem;
    bench->alarms_over += !is_problem;
}

static void take_work(void *context, const struct batch *const batches[], size_t count) {
    struct bench *bench = context;
    assert_null(bench->writing);
    bench->writing = batches;
    bench->writing_count = count;
    bench->given++;
}

static void bench_begin(struct bench *bench) {
    const struct durable_hands hands = {.context = bench,
                                        .send = note_frame,
                                        .relay = note_frame,
                                        .tell = pass_over,
                                        .alarm = note_alarm};
    const struct durable_worker worker = {.context = bench, .write = take_work};
    *bench = (struct bench){.squad = squad_new(1)};
    bench->engine = bench->squad->handsets[0].engine;
    bench->durable = durable_new(bench->engine, &hands, &worker);
    assert_non_null(bench->durable);
}

static void bench_end(struct bench *bench) {
    durable_free(bench->durable);
    squad_free(bench->squad);
}

static void put_out(struct bench *bench, char letter, uint64_t after) {
    uint8_t octet = (uint8_t)letter;
    outbox_send(&bench->engine->desk.outbox, EVERYONE, (struct span){&octet, 1},
                &(struct output_way){.after = after});
}

/* Saves a setting called `key`; returns the number of its batch. */
static uint64_t save(struct bench *bench, const char *key, const char *value) {
    struct span octets = span_of_text(value);
    assert_int_equal(desk_save(&bench->engine->desk, RECORD_SETTING, key, &octets), STATUS_OK);
    return bench->engine->desk.outbox.queued;
}

static void settle(struct bench *bench) {
    durable_settle(bench->durable, 0);
}

static void report(struct bench *bench, int64_t boot_ms, enum status status) {
    const struct error error = {status, "the disk is full"};
    bench->writing = NULL;
    durable_written(bench->durable, boot_ms, status, &error);
}

static void what_depends_on_a_batch_leaves_after_it_and_all_else_at_once(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    uint64_t first = save(&bench, "1", "");
    assert_int_equal(first, 1);
    put_out(&bench, 'a', first);
    put_out(&bench, 'b', 0);
    settle(&bench);
    assert_string_equal(bench.done, "b");
    uint64_t second = save(&bench, "2", "");
    assert_int_equal(second, 2);
    put_out(&bench, 'c', second);
    put_out(&bench, 'd', first);
    put_out(&bench, 'e', 0);
    settle(&bench);
    assert_string_equal(bench.done, "be");
    assert_int_equal(bench.given, 1);
    assert_int_equal(bench.engine->desk.outbox.durable, 0);
    report(&bench, 0, STATUS_OK);
    assert_string_equal(bench.done, "bead"); /* those held back, in their order */
    assert_int_equal(bench.engine->desk.outbox.durable, 1);
    assert_int_equal(bench.given, 2);
    assert_false(durable_is_done(bench.durable, NULL));
    report(&bench, 0, STATUS_OK);
    assert_string_equal(bench.done, "beadc");
    assert_true(durable_is_done(bench.durable, NULL));
    put_out(&bench, 'f', second);
    settle(&bench);
    assert_string_equal(bench.done, "beadcf");
    bench_end(&bench);
}

static void batches_that_come_while_the_worker_is_busy_go_together(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    save(&bench, "0", "");
    settle(&bench);
    for (size_t i = 1; i < 10; i++) {
        save(&bench, (char[]){many_digits[i], 0}, "");
        settle(&bench);
    }
    assert_int_equal(bench.given, 1);
    report(&bench, 0, STATUS_OK);
    assert_int_equal(bench.given, 2);
    assert_int_equal(bench.writing_count, 9);
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(bench.writing[i]->changes[0].key[0], many_digits[i + 1]);
    }
    report(&bench, 0, STATUS_OK);
    assert_int_equal(bench.engine->desk.outbox.durable, 10);
    bench_end(&bench);
}

static void saves_that_fall_together_are_one_batch(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    assert_int_equal(save(&bench, "1", ""), 1);
    put_out(&bench, 'a', 1);
    assert_int_equal(save(&bench, "2", ""), 1);
    settle(&bench);
    assert_int_equal(bench.writing_count, 1);
    assert_int_equal(bench.writing[0]->count, 2);
    assert_int_equal(save(&bench, "3", ""), 2); /* the first is on its way */
    report(&bench, 0, STATUS_OK);
    bench_end(&bench);
}

static void what_fails_is_tried_again_in_order_with_each_record_as_it_is_now(void **state) {
    (void)state;
    struct bench bench;
    struct error error;
    bench_begin(&bench);
    put_out(&bench, 'a', save(&bench, "1", "old"));
    settle(&bench);
    put_out(&bench, 'b', save(&bench, "2", "other"));
    settle(&bench);
    report(&bench, 1000, STATUS_NO_SPACE);
    assert_int_equal(bench.alarms, 1);
    assert_false(durable_is_done(bench.durable, &error));
    assert_int_equal(error.status, STATUS_NO_SPACE);
    assert_int_equal(durable_deadline(bench.durable), 1000 + DURABLE_RETRY_MS);
    put_out(&bench, 'c', save(&bench, "1", "new"));
    put_out(&bench, 'd', 0);
    durable_settle(bench.durable, 1000 + DURABLE_RETRY_MS - 1);
    assert_int_equal(bench.given, 1);
    assert_string_equal(bench.done, "d"); /* talk goes on, and nothing is acknowledged */
    durable_settle(bench.durable, 1000 + DURABLE_RETRY_MS);
    assert_int_equal(bench.given, 2);
    assert_int_equal(bench.writing_count, 1);
    assert_int_equal(bench.writing[0]->count, 2);
    assert_int_equal(bench.writing[0]->changes[0].key[0], '2');
    assert_int_equal(bench.writing[0]->changes[1].key[0], '1');
    assert_true(span_equal(secret_span(bench.writing[0]->changes[1].value), span_of_text("new")));
    report(&bench, 9000, STATUS_NO_SPACE);
    assert_int_equal(bench.alarms, 1); /* told once */
    durable_hurry(bench.durable);
    report(&bench, 9001, STATUS_OK);
    assert_int_equal(bench.alarms_over, 1);
    assert_string_equal(bench.done, "dabc");
    assert_int_equal(durable_deadline(bench.durable), INT64_MAX);
    bench_end(&bench);
}

static void a_disk_that_fails_for_long_costs_no_more_memory_than_the_records(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    for (unsigned i = 0; i < 1000; i++) {
        save(&bench, (char[]){many_digits[i % 10], 0}, "");
        durable_settle(bench.durable, (int64_t)i * DURABLE_RETRY_MS);
        if (bench.writing != NULL) {
            assert_in_range(bench.writing_count, 1, 1);
            assert_in_range(bench.writing[0]->count, 1, 10);
            report(&bench, (int64_t)i * DURABLE_RETRY_MS, STATUS_IO_FAILED);
        }
    }
    assert_int_equal(bench.given, 1000);
    bench_end(&bench);
}

static void what_is_held_back_is_bounded_and_keeps_its_order(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    uint64_t batch = save(&bench, "1", "");
    for (size_t i = 0; i < DURABLE_HELD_MAX + 10; i++) {
        put_out(&bench, i < DURABLE_HELD_MAX ? many_digits[i % 10] : 'x', batch);
    }
    put_out(&bench, 'v', 0);
    settle(&bench);
    assert_string_equal(bench.done, "v");
    assert_int_equal(durable_held(bench.durable), DURABLE_HELD_MAX);
    assert_int_equal(durable_dropped(bench.durable), 10);
    report(&bench, 0, STATUS_OK);
    assert_int_equal(durable_held(bench.durable), 0);
    assert_int_equal(strncmp(bench.done, "v01234567890123456789", 21), 0);
    bench_end(&bench);
}

static void what_was_held_back_too_long_or_under_radio_silence_is_not_said(void **state) {
    (void)state;
    struct bench bench;
    struct event problem;
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    bench_begin(&bench);
    put_out(&bench, 'a', save(&bench, "1", ""));
    settle(&bench);
    put_out(&bench, 'b', 1);
    durable_settle(bench.durable, 1);
    report(&bench, DURABLE_HELD_MS + 1, STATUS_OK);
    assert_string_equal(bench.done, "b");
    put_out(&bench, 'c', save(&bench, "2", ""));
    settle(&bench);
    assert_int_equal(handset_command(bench.engine, squad_now(bench.squad, 0), &silence, &problem),
                     STATUS_OK);
    report(&bench, 0, STATUS_OK);
    assert_string_equal(bench.done, "b");
    assert_int_equal(durable_held(bench.durable), 0);
    bench_end(&bench);
}

/* --- Handsets with slow disks -------------------------------------------------------------------
 */

/* Two handsets that have heard of each other. */
static struct squad *met(void) {
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    return squad;
}

static void slow_down(struct squad *squad, int64_t disk_ms) {
    for (size_t n = 0; n < squad->count; n++) {
        squad->handsets[n].disk_ms = disk_ms;
    }
}

static void everybody_accepts(struct squad *squad) {
    squad_run(squad, 2000);
    for (size_t n = 1; n < squad->count; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    squad_run(squad, 3000);
}

struct talk_seen {
    size_t sent;      /* transmissions with voice in them */
    unsigned heard;   /* pieces of 20 ms with voice in them */
    int64_t first_ms; /* from the key to the first at the listener */
    int64_t pause_ms; /* the longest from one to the next */
    unsigned writes;
};

static size_t voice_sent(const struct squad *squad, size_t from) {
    size_t sent = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        uint8_t kind = squad->frames[i].octets[1];
        sent += squad->frames[i].from == from &&
                (kind == FRAME_MEDIA || kind == FRAME_ANNOUNCEMENT_AND_MEDIA);
    }
    return sent;
}

/* 12 groups held; a talk of three minutes with its renewals, three times the minute's save, and a
 * rekey of another group: whoever is talked to under a new key has to accept that first. */
static struct talk_seen talk_with_disk(int64_t disk_ms) {
    struct squad *squad = met();
    struct talk_seen seen = {.sent = 0};
    for (size_t i = 0; i < GROUPS; i++) {
        squad_ask(squad, 0, 1, 1);
        everybody_accepts(squad);
    }
    assert_int_equal(squad_view(squad, 1)->group_count, GROUPS);
    slow_down(squad, disk_ms);
    struct squad_handset *listener = &squad->handsets[1];
    unsigned heard = listener->voice_frames, writes = squad->handsets[0].writes;
    int64_t began_ms = squad->boot_ms;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    while (listener->voice_frames == heard && squad->boot_ms - began_ms < 5000) {
        squad_run(squad, 10);
    }
    seen.first_ms = squad->boot_ms - began_ms;
    listener->longest_ms = 0;
    squad_run(squad, TALK_MS / 2);
    struct command rekey = {.kind = COMMAND_REKEY_GROUP, .period_ms = HOUR_MS};
    memcpy(rekey.group, squad_view(squad, 0)->groups[1].identity, sizeof rekey.group);
    memcpy(rekey.members[rekey.member_count++], squad_identity(1), IDENTITY_SIZE);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    everybody_accepts(squad);
    squad_run(squad, TALK_MS / 2);
    seen.pause_ms = listener->longest_ms;
    seen.heard = listener->voice_frames - heard;
    seen.sent = voice_sent(squad, 0);
    seen.writes = squad->handsets[0].writes - writes;
    assert_int_equal(squad_view(squad, 0)->groups[1].gmk_id,
                     squad_view(squad, 1)->groups[1].gmk_id);
    squad_free(squad);
    return seen;
}

static void a_slow_disk_takes_nothing_from_a_talk(void **state) {
    (void)state;
    static const int64_t slow_ms[] = {100, SLOW_MS};
    struct talk_seen quick = talk_with_disk(0);
    assert_true(quick.sent > TALK_MS / VOICE_FRAME_MS);
    for (size_t i = 0; i < sizeof slow_ms / sizeof slow_ms[0]; i++) {
        struct talk_seen slow = talk_with_disk(slow_ms[i]);
        print_message(
            "%d ms a write: %zu sent, %u heard, first after %d ms, longest pause %d ms; %u "
            "writes\n",
            (int)slow_ms[i], slow.sent, slow.heard, (int)slow.first_ms, (int)slow.pause_ms,
            slow.writes);
        assert_int_equal(slow.sent, quick.sent);
        assert_int_equal(slow.heard, quick.heard);
        assert_int_equal(slow.first_ms, quick.first_ms);
        assert_int_equal(slow.pause_ms, quick.pause_ms);
    }
}

static void the_minutes_save_of_all_groups_is_one_write(void **state) {
    (void)state;
    struct squad *squad = met();
    for (size_t i = 0; i < GROUPS; i++) {
        squad_ask(squad, 0, 1, 1);
        everybody_accepts(squad);
    }
    unsigned writes = squad->handsets[1].writes, stores = squad->handsets[1].stores;
    squad_run(squad, GROUP_SAVE_MS);
    assert_int_equal(squad->handsets[1].writes - writes, 1);
    assert_int_equal(squad->handsets[1].stores - stores, 1);
    squad_free(squad);
}

static enum member_state state_of(struct squad *squad, size_t n) {
    const struct view_group *group = &squad_view(squad, 0)->groups[0];
    for (size_t i = 0; i < group->member_count; i++) {
        if (strcmp(group->members[i].identity, squad_identity(n)) == 0) {
            return group->members[i].state;
        }
    }
    return MEMBER_UNKNOWN;
}

static void a_member_gives_no_receipt_for_what_it_could_lose(void **state) {
    (void)state;
    struct squad *squad = met();
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    squad->handsets[1].disk_ms = 5000;
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 3000); /* the grant comes, and is repeated */
    assert_int_equal(squad_view(squad, 1)->group_count, 1);
    assert_int_equal(state_of(squad, 1), MEMBER_ASKED);
    squad_run(squad, 9000); /* what the officer said is written first, and then the group */
    assert_int_equal(state_of(squad, 1), MEMBER_ACCEPTED);
    squad_free(squad);
}

static void a_creator_hands_out_no_key_that_it_could_lose(void **state) {
    (void)state;
    struct squad *squad = met();
    squad->handsets[0].disk_ms = 5000;
    struct command create = squad_create_command(1, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 4000);
    assert_int_equal(squad->handsets[1].invitations, 0);
    squad_run(squad, 3000);
    assert_int_equal(squad->handsets[1].invitations, 1);
    squad_free(squad);
}

static bool has_told(struct squad *squad, size_t n, enum event_kind kind) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->log_count; i++) {
        if (view->log[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static void a_group_is_said_to_be_deleted_once_it_cannot_come_back(void **state) {
    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        struct squad *squad = met();
        squad_ask(squad, 0, 1, 1);
        everybody_accepts(squad);
        struct squad_handset *deleter = &squad->handsets[1];
        struct command delete = {.kind = COMMAND_DELETE_GROUP};
        memcpy(delete.group, squad_view(squad, 1)->groups[0].identity, sizeof delete.group);
        deleter->disk_ms = 1000;
        deleter->disk_failure = fails ? STATUS_IO_FAILED : STATUS_OK;
        assert_int_equal(squad_command(squad, 1, &delete), STATUS_OK);
        squad_run(squad, 900);
        assert_int_equal(squad_view(squad, 1)->group_count, 0);
        assert_false(has_told(squad, 1, EVENT_GROUP_DELETED));
        squad_run(squad, 1100);
        assert_int_equal(has_told(squad, 1, EVENT_GROUP_DELETED), !fails);
        assert_int_equal(has_told(squad, 1, EVENT_DELETION_NOT_SAVED), fails);
        deleter->disk_failure = STATUS_OK;
        squad_run(squad, DURABLE_RETRY_MS + 2000);
        assert_true(has_told(squad, 1, EVENT_GROUP_DELETED));
        squad_restart(squad, 1, false);
        assert_int_equal(squad_view(squad, 1)->group_count, 0);
        squad_free(squad);
    }
}

/* Its officer's yes is on disk, and the disk is full when the key comes. */
static struct squad *full_after_the_yes(void) {
    struct squad *squad = met();
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_flush(squad, 1);
    squad->handsets[1].disk_failure = STATUS_NO_SPACE;
    squad_run(squad, 3000);
    assert_int_equal(squad->handsets[1].alarms, 1);
    assert_int_equal(state_of(squad, 1), MEMBER_ASKED);
    assert_int_equal(squad_view(squad, 1)->group_count, 1);
    return squad;
}

static void with_a_full_disk_keys_are_not_acknowledged_and_talk_goes_on(void **state) {
    (void)state;
    struct squad *squad = full_after_the_yes();
    struct squad_handset *member = &squad->handsets[1];
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(member->talks, 1); /* from memory */
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    member->disk_failure = STATUS_OK;
    squad_run(squad, DURABLE_RETRY_MS + 3000);
    assert_int_equal(member->alarms_over, 1);
    assert_int_equal(state_of(squad, 1), MEMBER_ACCEPTED);
    squad_restart(squad, 1, false);
    assert_int_equal(squad_view(squad, 1)->group_count, 1);
    squad_free(squad);
}

static void with_a_full_disk_a_lost_power_leaves_the_old_state(void **state) {
    (void)state;
    struct squad *squad = full_after_the_yes();
    squad_restart(squad, 1, true);
    assert_int_equal(squad_view(squad, 1)->group_count, 0);
    squad->handsets[1].disk_failure = STATUS_OK;
    squad_run(squad, MINUTE_MS);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 0); /* but for the yes */
    assert_int_equal(squad_view(squad, 1)->group_count, 1);
    assert_int_equal(state_of(squad, 1), MEMBER_ACCEPTED);
    squad_free(squad);
}

static enum event_reason reason_of(struct squad *squad, size_t n) {
    const struct view_group *group = &squad_view(squad, 0)->groups[0];
    for (size_t i = 0; i < group->member_count; i++) {
        if (strcmp(group->members[i].identity, squad_identity(n)) == 0) {
            return group->members[i].reason;
        }
    }
    return REASON_NONE;
}

/* The disk is full when the officer says yes, and has room again later: the key comes by itself.
 * Where the handset stops before, the yes is lost and the officer is asked again. */
static void a_yes_that_could_not_be_saved_counts_until_the_handset_stops(void **state) {
    (void)state;
    for (int stops = 0; stops < 2; stops++) {
        struct squad *squad = met();
        struct squad_handset *member = &squad->handsets[1];
        squad_ask(squad, 0, 1, 1);
        squad_run(squad, 1000);
        member->disk_failure = STATUS_NO_SPACE;
        assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
        squad_run(squad, 3000);
        assert_int_equal(member->alarms, 1);
        assert_int_equal(squad_view(squad, 1)->group_count, 0);
        assert_int_equal(state_of(squad, 1), MEMBER_UNANSWERED);
        assert_int_equal(reason_of(squad, 1), REASON_CANNOT_SAVE);
        squad->step_ms = 50;
        for (int minute = 0; minute < 30; minute++) {
            squad_run(squad, MINUTE_MS);
            assert_int_equal(squad_view(squad, 1)->invitation_count, 0); /* it has decided */
        }
        assert_int_equal(state_of(squad, 1), MEMBER_UNANSWERED);
        assert_int_equal(squad_view(squad, 1)->group_count, 0);
        member->disk_failure = STATUS_OK;
        if (stops) {
            squad_restart(squad, 1, false);
        }
        unsigned asked = 0;
        for (int minute = 0; minute < 13; minute++) {
            squad_run(squad, MINUTE_MS);
            asked += squad_view(squad, 1)->invitation_count > 0;
        }
        assert_int_equal(asked > 0, stops);
        assert_int_equal(squad_view(squad, 1)->group_count, !stops);
        squad_free(squad);
    }
}

/* Handset n's minute passes with a disk that fails, which it then knows. */
static void let_it_fail(struct squad *squad, size_t n, enum status failure) {
    squad->handsets[n].disk_failure = failure;
    squad_run(squad, 61 * 1000);
    assert_int_equal(squad->handsets[n].alarms, 1);
}

static void
while_nothing_can_be_saved_what_must_be_durable_is_refused_and_talk_goes_on(void **state) {
    static const enum command_kind refused[] = {
        COMMAND_CREATE_GROUP,   COMMAND_REKEY_GROUP, COMMAND_DELETE_GROUP, COMMAND_MANAGE_REKEY,
        COMMAND_MANAGE_EXCLUDE, COMMAND_MANAGE_ADD,  COMMAND_TRUST,        COMMAND_UNTRUST,
        COMMAND_SET_NAME,       COMMAND_IMPORT,      COMMAND_MANAGE_AGAIN, COMMAND_MANAGE_INCLUDE,
    };
    static const enum status failures[] = {STATUS_NO_SPACE, STATUS_IO_FAILED, STATUS_SEAL_BROKEN};
    (void)state;
    for (size_t f = 0; f < sizeof failures / sizeof failures[0]; f++) {
        struct squad *squad = squad_new(2);
        struct squad_handset *creator = &squad->handsets[0];
        squad_run(squad, 200);
        squad_group(squad, HOUR_MS);
        let_it_fail(squad, 0, failures[f]);
        for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
            struct command command = squad_create_command(1, HOUR_MS);
            struct event problem;
            command.kind = refused[i];
            snprintf(command.identity, sizeof command.identity, "%s", squad_identity(1));
            snprintf(command.group, sizeof command.group, "%s",
                     squad_view(squad, 0)->groups[0].identity);
            assert_int_equal(
                handset_command(creator->engine, squad_now(squad, 0), &command, &problem),
                STATUS_NOT_ALLOWED);
            assert_int_equal(problem.kind, EVENT_CANNOT_SAVE);
        }
        assert_int_equal(squad_view(squad, 0)->group_count, 1);
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, TALK_MS);
        assert_true(handset_is_talking(creator->engine));
        assert_int_equal(squad->handsets[1].talks, 1);
        assert_int_equal(squad_stop(squad, 0), STATUS_OK);
        squad_run(squad, 500);
        assert_int_equal(squad_talk(squad, 1), STATUS_OK);
        squad_run(squad, 500);
        assert_int_equal(creator->talks, 2); /* its own, and what it hears from memory */
        creator->disk_failure = STATUS_OK;
        squad_run(squad, DURABLE_RETRY_MS + 1000);
        assert_int_equal(creator->alarms_over, 1);
        struct command create = squad_create_command(1, HOUR_MS);
        assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
        squad_free(squad);
    }
}

static void an_invitation_that_cannot_be_saved_is_declined_for_that_reason(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad_group(squad, HOUR_MS); /* so that there is something to save each minute */
    let_it_fail(squad, 1, STATUS_NO_SPACE);
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_NOT_ALLOWED);
    squad_run(squad, 10 * 1000);
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->group_count, 2);
    size_t asked = view->groups[0].members[1].state == MEMBER_ACCEPTED;
    assert_int_equal(view->groups[asked].members[1].state, MEMBER_UNANSWERED);
    assert_int_equal(view->groups[asked].members[1].reason, REASON_CANNOT_SAVE);
    assert_int_equal(squad_view(squad, 1)->group_count, 1);
    squad_free(squad);
}

static void a_disk_that_is_short_of_space_is_an_alarm_until_there_is_room(void **state) {
    (void)state;
    const struct error full = {STATUS_NO_SPACE, "the disk is full"};
    struct bench bench;
    bench_begin(&bench);
    uint64_t batch = save(&bench, "1", "");
    put_out(&bench, 'a', batch);
    settle(&bench);
    durable_short(bench.durable, &full);
    report(&bench, 0, STATUS_OK);
    assert_string_equal(bench.done, "a"); /* it was saved all the same */
    assert_int_equal(bench.alarms, 1);
    assert_true(bench.engine->desk.cannot_save);
    durable_settle(bench.durable, DURABLE_RETRY_MS - 1);
    assert_int_equal(bench.given, 1);
    assert_int_equal(durable_deadline(bench.durable), DURABLE_RETRY_MS);
    durable_settle(bench.durable, DURABLE_RETRY_MS); /* is there room? */
    assert_int_equal(bench.given, 2);
    durable_short(bench.durable, &full);
    report(&bench, DURABLE_RETRY_MS, STATUS_OK);
    assert_int_equal(bench.alarms, 1);
    durable_settle(bench.durable, INT64_C(2) * DURABLE_RETRY_MS);
    durable_short(bench.durable, NULL);
    report(&bench, INT64_C(2) * DURABLE_RETRY_MS, STATUS_OK);
    assert_int_equal(bench.alarms_over, 1);
    assert_false(bench.engine->desk.cannot_save);
    assert_int_equal(durable_deadline(bench.durable), INT64_MAX);
    bench_end(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_depends_on_a_batch_leaves_after_it_and_all_else_at_once),
        cmocka_unit_test(batches_that_come_while_the_worker_is_busy_go_together),
        cmocka_unit_test(saves_that_fall_together_are_one_batch),
        cmocka_unit_test(what_fails_is_tried_again_in_order_with_each_record_as_it_is_now),
        cmocka_unit_test(a_disk_that_fails_for_long_costs_no_more_memory_than_the_records),
        cmocka_unit_test(what_is_held_back_is_bounded_and_keeps_its_order),
        cmocka_unit_test(what_was_held_back_too_long_or_under_radio_silence_is_not_said),
        cmocka_unit_test(a_slow_disk_takes_nothing_from_a_talk),
        cmocka_unit_test(the_minutes_save_of_all_groups_is_one_write),
        cmocka_unit_test(a_member_gives_no_receipt_for_what_it_could_lose),
        cmocka_unit_test(a_creator_hands_out_no_key_that_it_could_lose),
        cmocka_unit_test(a_group_is_said_to_be_deleted_once_it_cannot_come_back),
        cmocka_unit_test(with_a_full_disk_keys_are_not_acknowledged_and_talk_goes_on),
        cmocka_unit_test(with_a_full_disk_a_lost_power_leaves_the_old_state),
        cmocka_unit_test(a_yes_that_could_not_be_saved_counts_until_the_handset_stops),
        cmocka_unit_test(
            while_nothing_can_be_saved_what_must_be_durable_is_refused_and_talk_goes_on),
        cmocka_unit_test(an_invitation_that_cannot_be_saved_is_declined_for_that_reason),
        cmocka_unit_test(a_disk_that_is_short_of_space_is_an_alarm_until_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
