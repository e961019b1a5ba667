/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages: shown once at every member, in nobody else's name, and not after their key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/keys/hours.h"
#include "crypto/seal.h"
#include "delivery.h"
#include "revoked_list.h"
#include "squad.h"
#include "texts.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
};

/* The latest that handset n shows. */
static const struct view_message *latest(struct squad *squad, size_t n) {
    const struct view *view = squad_view(squad, n);
    assert_true(view->message_count > 0);
    return &view->messages[0];
}

/* The one with that text that handset n shows. */
static const struct view_message *with_text(struct squad *squad, size_t n, const char *text) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->message_count; i++) {
        if (strcmp(view->messages[i].text, text) == 0) {
            return &view->messages[i];
        }
    }
    fail();
    return NULL;
}

static void set_silence(struct squad *squad, size_t n, int on) {
    struct command command = {.kind = COMMAND_RADIO_SILENCE, .on = on};
    assert_int_equal(squad_command(squad, n, &command), STATUS_OK);
}

static size_t count_records(const struct squad *squad, size_t n) {
    const struct squad_handset *handset = &squad->handsets[n];
    size_t count = 0;
    for (size_t i = 0; i < handset->record_count; i++) {
        count += handset->records[i].kind == RECORD_MESSAGES;
    }
    return count;
}

static size_t frames_of(const struct squad *squad, size_t from, enum frame_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        count += squad->frames[i].from == from && squad->frames[i].octets[1] == kind;
    }
    return count;
}

static struct squad *squad_of(size_t count) {
    struct squad *squad = squad_new(count);
    squad_group(squad, 8 * HOUR_MS);
    squad_run(squad, 5 * SECOND_MS);
    squad->is_mute = true;
    return squad;
}

/* What was told of messages, by handset. */
struct told {
    unsigned messages[SQUAD_MAX], waits[SQUAD_MAX], gone[SQUAD_MAX], dropped[SQUAD_MAX];
    unsigned unsent[SQUAD_MAX];
    char who[OFFICER_IDENTITY_SIZE];
};

static void listen(void *context, size_t n, const struct event *event) {
    struct told *told = context;
    told->messages[n] += event->kind == EVENT_MESSAGE;
    told->waits[n] += event->kind == EVENT_MESSAGE_WAITS;
    told->unsent[n] += event->kind == EVENT_MESSAGES_UNSENT ? event->count : 0;
    told->gone[n] += event->kind == EVENT_MESSAGES_GONE ? event->count : 0;
    told->dropped[n] += event->kind == EVENT_MESSAGES_DROPPED ? event->count : 0;
    if (event->kind == EVENT_MESSAGE) {
        snprintf(told->who, sizeof told->who, "%s", event->identity);
    }
}

/* --- Shown ---------------------------------------------------------------------------------- */

static void a_message_is_shown_once_at_every_member_and_its_sender_sees_who_has_it(void **state) {
    (void)state;
    struct squad *squad = squad_of(4);
    struct told told = {.who = ""};
    squad->told = listen;
    squad->told_context = &told;
    assert_int_equal(texts_write(squad, 1, "Zwei Verletzte am Osttor"), STATUS_OK);
    assert_int_equal(texts_shown(squad, 1, "Zwei Verletzte am Osttor"), 1);
    squad_run(squad, 3 * SECOND_MS);
    for (size_t n = 0; n < 4; n++) {
        assert_int_equal(texts_shown(squad, n, "Zwei Verletzte am Osttor"), 1);
        assert_int_equal(told.messages[n], n != 1);
        assert_string_equal(latest(squad, n)->identity, squad_identity(1));
        assert_int_equal(latest(squad, n)->is_own, n == 1);
        assert_int_equal(squad_view(squad, n)->groups[0].unread, n != 1);
    }
    assert_string_equal(told.who, squad_identity(1));
    assert_int_equal(latest(squad, 1)->in_reach, 3);
    assert_int_equal(latest(squad, 1)->in_reach_has_it, 3);
    assert_int_equal(latest(squad, 1)->silent, 0);
    assert_false(latest(squad, 1)->waits);
    assert_int_equal(frames_of(squad, 1, FRAME_MESSAGE), 1);
    squad->step_ms = 100;
    squad_run(squad, 11 * MINUTE_MS);
    assert_int_equal(frames_of(squad, 1, FRAME_MESSAGE), 1); /* all had it */
    texts_read(squad, 0);
    assert_int_equal(squad_view(squad, 0)->groups[0].unread, 0);
    assert_int_equal(texts_shown(squad, 0, "Zwei Verletzte am Osttor"), 1);
    squad_free(squad);
}

static void a_status_word_travels_as_text_with_its_number(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    assert_int_equal(texts_write_word(squad, 0, "need water", 2), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(latest(squad, 1)->word, 2);
    assert_string_equal(latest(squad, 1)->text, "need water");
    squad_free(squad);
}

static void what_cannot_be_sent_is_refused_in_words(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    char longest[2 * MESSAGE_LETTERS_MAX + 3] = "";
    for (size_t i = 0; i < MESSAGE_LETTERS_MAX; i++) {
        strcat(longest, "ü");
    }
    assert_int_equal(texts_write(squad, 0, ""), STATUS_MALFORMED);
    assert_int_equal(texts_write(squad, 0, "bell\a"), STATUS_MALFORMED);
    assert_int_equal(texts_write(squad, 0, "\xe2\x80\xaeturned"), STATUS_MALFORMED);
    assert_int_equal(texts_write(squad, 0, "not UTF-8 \xff"), STATUS_MALFORMED);
    assert_int_equal(texts_write_word(squad, 0, "a word of no list", MESSAGE_WORDS_MAX + 1),
                     STATUS_MALFORMED);
    assert_int_equal(texts_write(squad, 0, longest), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, longest), 1);
    strcat(longest, "!");
    assert_int_equal(texts_write(squad, 0, longest), STATUS_TOO_LONG);
    for (unsigned i = 0; i < 7; i++) {
        assert_int_equal(texts_write(squad, 0, "again"), STATUS_OK);
    }
    assert_int_equal(texts_write(squad, 0, "too often"), STATUS_NOT_ALLOWED);
    squad_run(squad, 6 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "again"),
                     7); /* of one moment, and each with its number */
    assert_int_equal(texts_write(squad, 0, "later"), STATUS_OK);
    squad_free(squad);
}

/* --- To whom, and from whom ----------------------------------------------------------------- */

/* The key of the present hour, as each member has it. */
static struct message_key key_now(struct squad *squad, size_t n, uint8_t octets[GMK_SIZE]) {
    const struct group *group = squad->handsets[n].engine->groups.list[0];
    uint32_t hour = hours_now(group, squad_now(squad, n));
    hours_key(group, hour, octets);
    return (struct message_key){group->parameters.identity, group->current.id, hour, octets};
}

/* A message in the name of handset `claimed`, signed by `signer`, and sealed as any member can. */
static void inject(struct squad *squad, size_t n, size_t claimed, size_t signer, int64_t number,
                   const char *text) {
    uint8_t octets[GMK_SIZE], room[GROUP_MESSAGE_SIGNED_MAX], payload[GROUP_MESSAGE_MAX];
    struct writer w = writer_into(payload, sizeof payload);
    const struct message_key key = key_now(squad, 0, octets);
    struct group_message said = {.number = number};
    struct signing_key *signing = squad_signing_key(signer);
    snprintf(said.identity, sizeof said.identity, "%s", squad_identity(claimed));
    snprintf(said.text, sizeof said.text, "%s", text);
    assert_int_equal(
        squad_provider()->sign(signing, group_message_covered(&said, key.group, key.gmk_id, room),
                               &entropy_system, said.signature),
        STATUS_OK);
    assert_int_equal(group_message_close(&key, &said, &entropy_system, &w), STATUS_OK);
    squad_inject_marked(squad, n, SQUAD_STRANGER, FRAME_MESSAGE, writer_span(&w));
    squad_run(squad, 100);
}

static int64_t group_ms(struct squad *squad, size_t n) {
    return group_clock_read(&squad->handsets[n].engine->groups.list[0]->clock, squad_now(squad, n));
}

static void nobody_writes_in_anothers_name(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    int64_t now_ms = group_ms(squad, 0);
    unsigned before = squad->handsets[2].refusals;
    inject(squad, 2, 1, 0, now_ms, "a member as another");
    assert_int_equal(texts_shown(squad, 2, "a member as another"), 0);
    assert_int_equal(squad->handsets[2].refusals, before + 1);
    assert_int_equal(squad->handsets[2].last_refusal, STATUS_SIGNATURE_INVALID);
    inject(squad, 2, SQUAD_STRANGER, SQUAD_STRANGER, now_ms, "of the domain, not of the list");
    assert_int_equal(texts_shown(squad, 2, "of the domain, not of the list"), 0);
    inject(squad, 2, 1, 1, now_ms + CLOCK_TOLERANCE_MS + MINUTE_MS, "of tomorrow");
    assert_int_equal(texts_shown(squad, 2, "of tomorrow"), 0);
    assert_int_equal(squad->handsets[2].refusals, before + 2);
    assert_int_equal(squad->handsets[2].last_refusal, STATUS_TIME_OUT_OF_RANGE);
    inject(squad, 2, 1, 1, now_ms - HOUR_MS, "of before its key");
    assert_int_equal(texts_shown(squad, 2, "of before its key"), 0);
    inject(squad, 2, 1, 1, now_ms, "genuine");
    assert_int_equal(texts_shown(squad, 2, "genuine"), 1);
    squad_free(squad);
}

/* Withheld, or under silence for long: it is taken, and the officer sees that it is of before. */
static void what_comes_late_is_shown_as_late(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    const int64_t soon_ms = MESSAGES_RESENT_MS, late_ms = 3 * HOUR_MS;
    squad->boot_ms += 4 * HOUR_MS;
    squad_run(squad, 5 * SECOND_MS);
    inject(squad, 1, 0, 0, group_ms(squad, 1) - late_ms, "need help");
    assert_in_range(latest(squad, 1)->late_ms, late_ms, late_ms + MINUTE_MS);
    inject(squad, 1, 0, 0, group_ms(squad, 1) - soon_ms, "on time");
    assert_string_equal(latest(squad, 1)->text, "on time");
    assert_int_equal(latest(squad, 1)->late_ms, 0);
    squad_run(squad, SECOND_MS);
    texts_read_first(squad, 1, 1);
    squad_run(squad, MESSAGES_SAVE_MS + SECOND_MS);
    const struct view *view = squad_view(squad, 1);
    assert_int_equal(view->message_count, 2);
    assert_in_range(view->messages[1].late_ms, late_ms, late_ms + MINUTE_MS);
    squad_free(squad);
}

/* Another member opens it, changes what is inside, and seals it again. */
static void what_is_inside_is_its_senders_word(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    uint8_t octets[GMK_SIZE], payload[GROUP_MESSAGE_MAX];
    struct group_message said;
    squad->handsets[2].deaf = true;
    assert_int_equal(texts_write(squad, 1, "hold at the bridge"), STATUS_OK);
    squad_run(squad, 100);
    const struct message_key key = key_now(squad, 0, octets);
    assert_int_equal(
        group_message_open(&key, squad_payload(squad_find_frame(squad, 1, FRAME_MESSAGE)), &said),
        STATUS_OK);
    assert_string_equal(said.text, "hold at the bridge");
    squad->handsets[2].deaf = false;
    for (int change = 0; change < 4; change++) {
        struct group_message changed = said;
        struct writer w = writer_into(payload, sizeof payload);
        changed.text[0] = (char)(change == 0 ? 'H' : changed.text[0]);
        changed.number += change == 1;
        changed.word = (uint8_t)(change == 2);
        assert_int_equal(group_message_close(&key, &changed, &entropy_system, &w), STATUS_OK);
        squad_inject_marked(squad, 2, 0, FRAME_MESSAGE, writer_span(&w));
        squad_run(squad, 20);
        assert_int_equal(squad_view(squad, 2)->message_count, change == 3); /* as it was */
    }
    squad_free(squad);
}

static void who_is_no_member_sees_nothing_and_learns_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, SECOND_MS);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(texts_write(squad, 0, "not for the third"), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "not for the third"), 1);
    assert_int_equal(squad_view(squad, 2)->message_count, 0);
    assert_int_equal(frames_of(squad, 2, FRAME_MESSAGE_RECEIPT), 0);
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        assert_null(memmem(frame->octets, frame->length, "not for", 7));
    }
    squad_free(squad);
}

static void who_is_revoked_writes_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    const struct revocation list = revoked_list(squad, 1, 1);
    assert_int_equal(revoked_list_import(squad, 2, &list), STATUS_OK);
    inject(squad, 2, 1, 1, group_ms(squad, 0), "of one who is out");
    assert_int_equal(texts_shown(squad, 2, "of one who is out"), 0);
    assert_int_equal(squad->handsets[2].last_refusal, STATUS_REVOKED);
    squad_free(squad);
}

static void who_was_left_out_of_a_new_key_neither_reads_nor_is_read(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    squad_ask_always(squad);
    struct command rekey = squad_create_command(1, HOUR_MS);
    rekey.kind = COMMAND_REKEY_GROUP;
    snprintf(rekey.group, sizeof rekey.group, "%s", texts_group(squad, 0));
    assert_int_equal(texts_write(squad, 0, "under the old key"), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad_run(squad, SECOND_MS);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "under the old key"), 0); /* gone with it */
    assert_int_equal(texts_write(squad, 0, "for who stayed"), STATUS_OK);
    assert_int_equal(texts_write(squad, 2, "from who did not"), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "for who stayed"), 1);
    assert_int_equal(texts_shown(squad, 2, "for who stayed"), 0);
    assert_int_equal(
        texts_shown(squad, 0, "from who did not") + texts_shown(squad, 1, "from who did not"), 0);
    squad_free(squad);
}

static void of_an_old_and_a_new_key_the_latest_comes_first(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    struct command rekey = squad_create_command(1, HOUR_MS);
    rekey.kind = COMMAND_REKEY_GROUP;
    snprintf(rekey.group, sizeof rekey.group, "%s", texts_group(squad, 0));
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(texts_write(squad, 0, "under the old key"), STATUS_OK);
        squad_run(squad, SECOND_MS);
    }
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad_run(squad, SECOND_MS);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(texts_write(squad, 0, "under the new key"), STATUS_OK);
        squad_run(squad, SECOND_MS);
    }
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->message_count, 6);
    for (size_t i = 1; i < view->message_count; i++) {
        assert_true(view->messages[i - 1].utc_ms > view->messages[i].utc_ms);
    }
    squad_free(squad);
}

/* --- Standard groups, and many ---------------------------------------------------------------- */

static struct squad *standard_squad(size_t count) {
    struct squad *squad = squad_new(count);
    for (size_t n = 0; n < count; n++) {
        const struct delivery delivery = delivery_now(squad, n, 0x01020304);
        assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    }
    squad_run(squad, 5 * SECOND_MS);
    squad->is_mute = true;
    return squad;
}

static void in_a_standard_group_it_is_sent_five_times_however_many_there_are(void **state) {
    (void)state;
    for (size_t count = 2; count <= 4; count += 2) {
        struct squad *squad = standard_squad(count);
        squad->step_ms = 100;
        assert_int_equal(texts_write(squad, 0, "to all of Fire"), STATUS_OK);
        squad_run(squad, 20 * SECOND_MS);
        squad->step_ms = 500;
        squad_run(squad, 20 * MINUTE_MS);
        for (size_t n = 1; n < count; n++) {
            assert_int_equal(texts_shown(squad, n, "to all of Fire"), 1);
            assert_in_range(frames_of(squad, n, FRAME_MESSAGE_RECEIPT), 1, 5);
        }
        assert_int_equal(frames_of(squad, 0, FRAME_MESSAGE), MESSAGES_FAR_TRIES);
        assert_false(latest(squad, 0)->has_list);
        assert_int_equal(latest(squad, 0)->has_it, count - 1);
        squad_free(squad);
    }
}

/* How many receipts a handset says for `times` sendings when it knows `near` handsets. */
static size_t receipts_among(struct squad *squad, size_t near, unsigned times) {
    struct roster *roster = &squad->handsets[1].engine->roster;
    struct span payload = squad_payload(squad_find_frame(squad, 0, FRAME_MESSAGE));
    size_t before = frames_of(squad, 1, FRAME_MESSAGE_RECEIPT);
    for (unsigned i = 0; i < times; i++) {
        roster->counted = near;
        roster->counted_ms = squad->boot_ms;
        squad_inject_marked(squad, 1, 0, FRAME_MESSAGE, payload);
        squad_run(squad, 3 * SECOND_MS);
    }
    return frames_of(squad, 1, FRAME_MESSAGE_RECEIPT) - before;
}

/* Two thousand say some twenty receipts for a sending, like twenty. */
static void of_two_thousand_some_twenty_say_that_they_have_it(void **state) {
    (void)state;
    squad_seed(1);
    struct squad *squad = standard_squad(2);
    squad->step_ms = 100;
    assert_int_equal(texts_write(squad, 0, "to two thousand"), STATUS_OK);
    squad_run(squad, 3 * SECOND_MS);
    assert_int_equal(receipts_among(squad, 2, 20), 20);
    size_t said = receipts_among(squad, 2000, 400); /* 4 on average */
    assert_in_range(said, 1, 12);
    print_message("of 2000 receivers %zu say a receipt for a sending, of %u octets each\n",
                  said * 2000 / 400, MESSAGE_RECEIPT_SIZE + FRAME_HEADER_SIZE);
    squad_free(squad);
}

/* Who replays what is on the air, with or without the mark, makes no member loud. */
static void a_replay_brings_forth_few_receipts(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(texts_write(squad, 0, "to be replayed"), STATUS_OK);
    }
    squad_run(squad, 5 * SECOND_MS);
    size_t before = frames_of(squad, 1, FRAME_MESSAGE_RECEIPT), last = squad->frame_count;
    for (unsigned turn = 0; turn < 50; turn++) {
        for (size_t k = 0; k < last; k++) {
            if (squad->frames[k].octets[1] == FRAME_MESSAGE) {
                squad_inject_marked(squad, 1, SQUAD_STRANGER, FRAME_MESSAGE,
                                    squad_payload(&squad->frames[k]));
            }
        }
        squad_run(squad, 400);
    }
    assert_in_range(frames_of(squad, 1, FRAME_MESSAGE_RECEIPT) - before, 1,
                    MESSAGES_RECEIPTS_BURST + 21 * MESSAGES_RECEIPTS_RATE);
    squad_free(squad);
}

/* --- Once ----------------------------------------------------------------------------------- */

static void a_replay_is_not_shown_again_also_after_a_restart(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    struct told told = {.who = ""};
    squad->told = listen;
    squad->told_context = &told;
    assert_int_equal(texts_write(squad, 0, "once"), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    struct span payload = squad_payload(squad_find_frame(squad, 0, FRAME_MESSAGE));
    for (int restarts = 0; restarts < 3; restarts++) {
        squad_inject_marked(squad, 1, SQUAD_STRANGER, FRAME_MESSAGE, payload);
        squad_run(squad, 2 * SECOND_MS);
        assert_int_equal(texts_shown(squad, 1, "once"), 1);
        assert_int_equal(told.messages[1], 1);
        squad_restart(squad, 1, true);
        squad_run(squad, SECOND_MS);
    }
    texts_read(squad, 1);
    for (unsigned i = 0; i < MESSAGES_KEPT + 2; i++) { /* others take its place */
        squad_run(squad, 6 * SECOND_MS);
        assert_int_equal(texts_write(squad, 0, "more"), STATUS_OK);
        squad_run(squad, SECOND_MS);
        texts_read(squad, 1);
    }
    assert_int_equal(texts_shown(squad, 1, "once"), 0);
    squad_inject_marked(squad, 1, SQUAD_STRANGER, FRAME_MESSAGE, payload);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "once"), 0);
    squad_free(squad);
}

/* So many others have written that the sender's place went: its next message gives it another one,
 * and what came before that is not new. */
static void a_replay_of_who_lost_its_place_is_not_shown_again(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    struct told told = {.who = ""};
    squad->told = listen;
    squad->told_context = &told;
    assert_int_equal(texts_write(squad, 0, "once"), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    struct span payload = squad_payload(squad_find_frame(squad, 0, FRAME_MESSAGE));
    struct message_box *box = squad->handsets[1].engine->messages.boxes[0];
    int64_t number = box->messages[0].said.number;
    for (uint8_t i = 0; i < MESSAGE_SENDERS_MAX; i++) {
        const uint8_t who[VOICE_REPORT_WHO_SIZE] = {0xff, i};
        message_box_pays(box, who, squad_now(squad, 1));
        message_box_note(box, who, number + 1 + i);
    }
    assert_int_equal(texts_write(squad, 0, "again"), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "again"), 1);
    for (int restarts = 0; restarts < 2; restarts++) {
        squad_inject_marked(squad, 1, SQUAD_STRANGER, FRAME_MESSAGE, payload);
        squad_run(squad, 2 * SECOND_MS);
        assert_int_equal(texts_shown(squad, 1, "once"), 1);
        assert_int_equal(told.messages[1], 2);
        squad_restart(squad, 1, true);
        squad_run(squad, SECOND_MS);
    }
    squad_free(squad);
}

static void unread_ones_that_make_way_are_told_of(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    struct told told = {.who = ""};
    squad->told = listen;
    squad->told_context = &told;
    for (unsigned i = 0; i < MESSAGES_KEPT + 2; i++) {
        squad_run(squad, 6 * SECOND_MS);
        assert_int_equal(texts_write(squad, 0, "unread"), STATUS_OK);
        squad_run(squad, SECOND_MS);
    }
    assert_int_equal(texts_shown(squad, 1, "unread"), MESSAGES_KEPT);
    assert_int_equal(told.dropped[1], 2);
    assert_int_equal(told.dropped[0], 0);
    squad_free(squad);
}

/* Who writes on and on drives out its own, and nobody else's. */
static void who_writes_much_makes_no_others_go(void **state) {
    (void)state;
    struct message_box *box = message_box_new("group", 1);
    struct group_message said = {.text = "unread"};
    unsigned of_others = 0;
    assert_non_null(box);
    for (int64_t i = 0; i < 2 * MESSAGES_KEPT; i++) {
        bool dropped;
        said.number = i;
        snprintf(said.identity, sizeof said.identity, "%s", squad_identity(i < 4 ? (size_t)i : 4));
        assert_non_null(message_box_add(box, &said, 0, &dropped));
        assert_int_equal(dropped, i >= MESSAGES_KEPT);
    }
    for (size_t i = 0; i < box->message_count; i++) {
        of_others += strcmp(box->messages[i].said.identity, squad_identity(4)) != 0;
    }
    assert_int_equal(of_others, 4);
    assert_int_equal(box->messages[MESSAGES_KEPT - 1].said.number, 2 * MESSAGES_KEPT - 1);
    message_box_free(box);
}

struct few_octets {
    const struct entropy *entropy;
    unsigned left;
};

static enum status draw_few(void *context, uint8_t *out, size_t length) {
    struct few_octets *few = context;
    if (few->left == 0) {
        return STATUS_LIBRARY_FAILED;
    }
    few->left--;
    return entropy_draw(few->entropy, out, length);
}

/* An own one that cannot be kept takes an unread one with it, but not without a word. */
static void what_made_way_in_vain_is_told_of(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    struct told told = {.who = ""};
    struct handset *engine = squad->handsets[0].engine;
    const struct entropy entropy = engine->desk.entropy;
    struct message_box *box =
        messages_box(&engine->messages, texts_group(squad, 0), engine->groups.list[0]->current.id);
    struct few_octets few = {.entropy = &entropy};
    bool dropped;
    unsigned failures = 0;
    squad->told = listen;
    squad->told_context = &told;
    assert_non_null(box);
    for (int64_t i = 0; i < MESSAGES_KEPT; i++) {
        const struct group_message said = {.number = i, .text = "unread"};
        message_box_add(box, &said, 0, &dropped)->is_told = true;
    }
    enum status status;
    do {
        few.left = failures;
        engine->desk.entropy = (struct entropy){draw_few, &few};
        status = texts_write(squad, 0, "in vain");
        engine->desk.entropy = entropy;
        squad_run(squad, 20);
        unsigned left = 0;
        for (size_t i = 0; i < box->message_count; i++) {
            left += !box->messages[i].is_own;
        }
        assert_int_equal(left + told.dropped[0], MESSAGES_KEPT);
    } while (status != STATUS_OK && ++failures < 8);
    assert_in_range(failures, 2, 7); /* at the signature, at the salt, at the seal */
    squad_free(squad);
}

/* What was not on the screen stays unread, whichever came after it, and also after a restart. */
static void what_was_not_shown_is_not_read(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    const char *const texts[] = {"first", "second", "third"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(texts_write(squad, 0, texts[i]), STATUS_OK);
        squad_run(squad, 2 * SECOND_MS);
    }
    texts_read_first(squad, 1, 1);
    squad_run(squad, 6 * SECOND_MS);
    squad_restart(squad, 1, true);
    const struct view *view = squad_view(squad, 1);
    assert_int_equal(view->groups[0].unread, 2);
    assert_true(view->messages[0].is_read); /* the third */
    assert_false(view->messages[1].is_read || view->messages[2].is_read);
    squad_free(squad);
}

/* Handset 2 hears nothing, and was in reach a moment ago. */
static void who_in_reach_has_not_said_so_is_known(void **state) {
    (void)state;
    struct squad *squad = squad_of(4);
    squad->handsets[2].deaf = true;
    assert_int_equal(texts_write(squad, 1, "Wer hat das"), STATUS_OK);
    squad_run(squad, 3 * SECOND_MS);
    const struct view_group *group = &squad_view(squad, 1)->groups[0];
    assert_int_equal(latest(squad, 1)->in_reach, 3);
    assert_int_equal(latest(squad, 1)->in_reach_has_it, 2);
    for (size_t i = 0; i < group->member_count; i++) {
        bool is_silent = strcmp(group->members[i].identity, squad_identity(2)) == 0;
        assert_int_equal(latest(squad, 1)->silent >> i & 1, is_silent);
    }
    squad_free(squad);
}

/* Handset 2 is in the hands of somebody else, in a group that another made, and has the key. */
static void nobody_waits_for_the_word_of_one_that_is_lost(void **state) {
    (void)state;
    struct squad *squad = squad_of(4);
    struct command lost = {.kind = COMMAND_REPORT_LOST};
    snprintf(lost.identity, sizeof lost.identity, "%s", squad_identity(2));
    assert_int_equal(texts_write(squad, 1, "before"), STATUS_OK);
    squad_run(squad, 3 * SECOND_MS);
    assert_int_equal(latest(squad, 1)->has_it, 3);
    assert_int_equal(squad_command(squad, 1, &lost), STATUS_OK);
    assert_int_equal(with_text(squad, 1, "before")->in_reach, 2);
    assert_int_equal(with_text(squad, 1, "before")->in_reach_has_it, 2);
    assert_int_equal(with_text(squad, 1, "before")->has_it, 2);
    assert_int_equal(texts_write(squad, 1, "after"), STATUS_OK);
    squad_run(squad, 3 * SECOND_MS); /* it says that it has it */
    assert_int_equal(texts_shown(squad, 2, "after"), 1);
    assert_int_equal(with_text(squad, 1, "after")->in_reach, 2);
    assert_int_equal(with_text(squad, 1, "after")->in_reach_has_it, 2);
    assert_int_equal(with_text(squad, 1, "after")->has_it, 2);
    assert_int_equal(with_text(squad, 1, "after")->silent, 0);
    lost.kind = COMMAND_REPORT_FOUND; /* what it said meanwhile was not heard */
    assert_int_equal(squad_command(squad, 1, &lost), STATUS_OK);
    assert_int_equal(with_text(squad, 1, "after")->has_it, 2);
    assert_int_equal(with_text(squad, 1, "after")->in_reach, 3);
    squad_free(squad);
}

static bool lose_receipts_of_2(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->from != 2 || frame->octets[1] != FRAME_MESSAGE_RECEIPT;
}

/* Nor is it sent again for one that is lost and says nothing. */
static void it_is_not_sent_again_for_one_that_is_lost(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    struct command lost = {.kind = COMMAND_REPORT_LOST};
    snprintf(lost.identity, sizeof lost.identity, "%s", squad_identity(2));
    assert_int_equal(squad_command(squad, 1, &lost), STATUS_OK);
    assert_int_equal(texts_write(squad, 1, "once"), STATUS_OK);
    squad->filter = lose_receipts_of_2;
    squad_run(squad, SECOND_MS + SECOND_MS / 2);
    assert_int_equal(latest(squad, 1)->in_reach_has_it, 1);
    const size_t sent = frames_of(squad, 1, FRAME_MESSAGE);
    squad_run(squad, 20 * SECOND_MS);
    assert_int_equal(frames_of(squad, 1, FRAME_MESSAGE), sent);
    squad_free(squad);
}

/* Whoever reads and presses the talk key gives one command for both. */
static void what_was_seen_is_read_whatever_else_the_command_does(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    assert_int_equal(texts_write(squad, 0, "Zwei Verletzte"), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    const uint64_t id = latest(squad, 1)->id;
    assert_false(latest(squad, 1)->is_read);
    struct command talk = {.kind = COMMAND_TALK_BEGIN, .seen = &id, .seen_count = 1};
    snprintf(talk.group, sizeof talk.group, "%s", texts_group(squad, 1));
    snprintf(talk.seen_group, sizeof talk.seen_group, "%s", texts_group(squad, 1));
    assert_int_equal(squad_command(squad, 1, &talk), STATUS_OK);
    assert_true(squad_view(squad, 1)->talking);
    assert_true(latest(squad, 1)->is_read);
    assert_int_equal(squad_view(squad, 1)->groups[0].unread, 0);
    squad_free(squad);
}

/* Three full boxes are more than the view holds: what nobody has read is in it first. */
static void what_is_unread_is_shown_before_what_was_read(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    struct messages *messages = &squad->handsets[1].engine->messages;
    struct group *group = squad->handsets[1].engine->groups.list[0];
    bool dropped;
    group->previous = group->waiting = group->current; /* under three keys */
    group->previous.id = group->current.id + 1;
    group->waiting.id = group->current.id + 2;
    for (uint32_t k = 0; k < 3; k++) {
        struct message_box *box =
            messages_box(messages, group->parameters.identity, group->current.id + k);
        assert_non_null(box);
        for (int64_t i = 0; i < MESSAGES_KEPT; i++) {
            const struct group_message said = {.number = group_ms(squad, 1) + i, .text = "full"};
            struct kept_message *kept = message_box_add(box, &said, 0, &dropped);
            kept->is_told = true;
            kept->is_read = k < 2 || i >= 2; /* the oldest two under the last */
        }
    }
    const struct view *view = squad_view(squad, 1);
    size_t unread = 0;
    for (size_t i = 0; i < view->message_count; i++) {
        unread += !view->messages[i].is_read;
    }
    assert_int_equal(view->message_count, VIEW_MESSAGES_MAX);
    assert_int_equal(unread, 2);
    group->previous = group->waiting = (struct gmk){.id = 0};
    squad_free(squad);
}

/* --- Who is out of reach -------------------------------------------------------------------- */

static bool lose_receipts(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_MESSAGE_RECEIPT;
}

static void who_comes_into_reach_within_ten_minutes_gets_it(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    squad->step_ms = 100;
    squad->handsets[2].deaf = true;
    squad_run(squad, 30 * SECOND_MS);
    assert_int_equal(texts_write(squad, 0, "meet at six"), STATUS_OK);
    squad_run(squad, 5 * MINUTE_MS);
    assert_int_equal(texts_shown(squad, 1, "meet at six"), 1);
    assert_int_equal(latest(squad, 0)->in_reach, 1);
    assert_int_equal(latest(squad, 0)->in_reach_has_it, 1);
    squad_restart(squad, 0, true); /* it goes on after that */
    squad->handsets[2].deaf = false;
    squad_run(squad, 15 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 2, "meet at six"), 1);
    assert_int_equal(latest(squad, 0)->in_reach_has_it, 2);
    assert_in_range(frames_of(squad, 0, FRAME_MESSAGE), 2, 5);
    squad_free(squad);
}

/* One in reach never answers, and another comes: that one does not wait for the next long turn. */
static void who_comes_is_sent_it_at_once(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    squad->step_ms = 100;
    squad->handsets[2].deaf = true;
    squad_run(squad, 30 * SECOND_MS);
    assert_int_equal(texts_write(squad, 0, "come in"), STATUS_OK);
    squad->filter = lose_receipts;
    squad_run(squad, 4 * MINUTE_MS); /* every 64 s by now */
    squad->handsets[2].deaf = false;
    squad_run(squad, 8 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 2, "come in"), 1);
    squad_free(squad);
}

static void after_ten_minutes_it_is_resent_no_more(void **state) {
    (void)state;
    struct squad *squad = squad_of(3);
    squad->step_ms = 100;
    squad->handsets[2].deaf = true;
    assert_int_equal(texts_write(squad, 0, "too late"), STATUS_OK);
    squad_run(squad, 11 * MINUTE_MS);
    assert_false(latest(squad, 0)->is_resent);
    squad->handsets[2].deaf = false;
    squad_run(squad, MINUTE_MS);
    assert_int_equal(texts_shown(squad, 2, "too late"), 0);
    squad_free(squad);
}

static void under_radio_silence_it_waits_and_is_sent_then(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    struct told told = {.who = ""};
    squad->told = listen;
    squad->told_context = &told;
    squad->step_ms = 100;
    set_silence(squad, 0, 1);
    assert_int_equal(texts_write(squad, 0, "quiet"), STATUS_OK);
    squad_run(squad, 15 * MINUTE_MS);
    assert_int_equal(told.waits[0], 1);
    assert_true(latest(squad, 0)->waits);
    assert_int_equal(frames_of(squad, 0, FRAME_MESSAGE), 0);
    for (unsigned i = 1; i < MESSAGES_OUT_MAX; i++) {
        assert_int_equal(texts_write(squad, 0, "quiet as well"), STATUS_OK);
        squad_run(squad, 10 * SECOND_MS);
    }
    /* One more would not fit among those that are resent: none is given up silently. */
    assert_int_equal(texts_write(squad, 0, "one more"), STATUS_NOT_ALLOWED);
    set_silence(squad, 0, 0);
    squad_run(squad, 3 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "quiet"), 1);
    assert_int_equal(texts_shown(squad, 1, "quiet as well"), MESSAGES_OUT_MAX - 1);
    assert_false(latest(squad, 0)->waits);
    set_silence(squad, 1, 1); /* who keeps it reads, and says nothing */
    assert_int_equal(texts_write(squad, 0, "for silent ones"), STATUS_OK);
    size_t receipts = frames_of(squad, 1, FRAME_MESSAGE_RECEIPT);
    squad_run(squad, 3 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "for silent ones"), 1);
    assert_int_equal(frames_of(squad, 1, FRAME_MESSAGE_RECEIPT), receipts);
    squad_free(squad);
}

/* The member takes the new key as its silence ends, before it sends what waits. */
static void rekey_for(struct squad *squad, size_t member) {
    struct command rekey = squad_create_command(member, HOUR_MS);
    rekey.kind = COMMAND_REKEY_GROUP;
    snprintf(rekey.group, sizeof rekey.group, "%s", texts_group(squad, 0));
    set_silence(squad, member, 0);
    squad->handsets[member].engine->messages.boxes[0]->messages[0].due_ms = INT64_MAX;
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad_run(squad, SECOND_MS);
    assert_int_equal(squad_answer(squad, member, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
}

/* The key is replaced, or over, before the silence is. */
static void what_waited_longer_than_its_key_is_told_of(void **state) {
    (void)state;
    for (int is_over = 0; is_over < 2; is_over++) {
        struct squad *squad = squad_of(2);
        struct told told = {.who = ""};
        squad->told = listen;
        squad->told_context = &told;
        set_silence(squad, 1, 1);
        assert_int_equal(texts_write(squad, 1, "never sent"), STATUS_OK);
        squad_run(squad, SECOND_MS);
        if (is_over) {
            squad->handsets[1].engine->groups.list[0]->current.not_after_ms = group_ms(squad, 1);
            squad_run(squad, SECOND_MS);
        } else {
            rekey_for(squad, 1);
        }
        assert_int_equal(told.unsent[1], 1);
        for (size_t i = 0; i < squad_view(squad, 1)->message_count; i++) {
            const struct view_message *message = &squad_view(squad, 1)->messages[i];
            assert_true(message->is_unsent && !message->waits && !message->is_resent);
        }
        squad_restart(squad, 1, true);
        squad_run(squad, 10 * SECOND_MS);
        assert_int_equal(told.unsent[1], 1);
        assert_int_equal(frames_of(squad, 1, FRAME_MESSAGE), 0);
        squad_free(squad);
    }
}

/* Written just before the silence, on a slow disk: what may not leave any more was not sent. */
static void what_was_not_durable_before_the_silence_waits_for_its_end(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    squad->step_ms = 100;
    squad->handsets[0].disk_ms = 3 * SECOND_MS;
    squad_flush(squad, 0);
    assert_int_equal(texts_write(squad, 0, "just before"), STATUS_OK);
    squad_run(squad, SECOND_MS);
    set_silence(squad, 0, 1);
    squad_run(squad, 11 * MINUTE_MS);
    assert_true(latest(squad, 0)->waits);
    set_silence(squad, 0, 0);
    squad_run(squad, 10 * SECOND_MS);
    assert_false(latest(squad, 0)->waits);
    assert_int_equal(texts_shown(squad, 1, "just before"), 1);
    squad_free(squad);
}

/* --- With the key --------------------------------------------------------------------------- */

static void it_is_there_after_an_hour_and_a_restart_and_gone_with_its_key(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct told told = {.who = ""};
    squad_group(squad, 2 * HOUR_MS);
    squad->is_mute = true;
    squad->step_ms = SECOND_MS;
    assert_int_equal(texts_write(squad, 0, "as long as the key"), STATUS_OK);
    squad_run(squad, MINUTE_MS);
    squad->step_ms = 4 * SECOND_MS;
    squad_run(squad, HOUR_MS + HOURS_KEPT_MS + MINUTE_MS);
    assert_int_equal(squad->handsets[1].engine->groups.list[0]->current.hour, 1);
    squad_restart(squad, 1, true);
    assert_int_equal(texts_shown(squad, 1, "as long as the key"), 1);
    assert_int_equal(count_records(squad, 1), 1);
    struct squad_frame *frame = NULL;
    for (size_t i = 0; i < squad->frame_count && frame == NULL; i++) {
        frame = squad->frames[i].octets[1] == FRAME_MESSAGE ? &squad->frames[i] : NULL;
    }
    squad->told = listen;
    squad->told_context = &told;
    squad_run(squad, HOUR_MS);
    assert_int_equal(squad_view(squad, 1)->message_count, 0);
    assert_int_equal(told.gone[1], 1);
    assert_int_equal(count_records(squad, 0) + count_records(squad, 1), 0);
    squad_inject_marked(squad, 1, SQUAD_STRANGER, FRAME_MESSAGE, squad_payload(frame));
    squad_run(squad, SECOND_MS);
    assert_int_equal(squad_view(squad, 1)->message_count, 0);
    assert_int_equal(texts_write(squad, 0, "without a key"), STATUS_GMK_EXPIRED);
    squad_free(squad);
}

static void without_its_gmk_the_record_is_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    assert_int_equal(texts_write(squad, 0, "sealed"), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    for (size_t i = 0; i < squad->handsets[1].record_count; i++) {
        struct squad_record *record = &squad->handsets[1].records[i];
        if (record->kind == RECORD_MESSAGES) {
            assert_null(memmem(record->value->octets, record->value->length, "sealed", 6));
        }
    }
    squad->handsets[1].engine->groups.list[0]->current.octets->octets[0] ^= 1;
    uint8_t octets[GROUP_RECORD_MAX];
    struct writer out = writer_into(octets, sizeof octets);
    const struct group *group = squad->handsets[1].engine->groups.list[0];
    group_write(&out, group);
    struct span value = writer_span(&out);
    squad_put_record(squad, 1, RECORD_GROUP, span_of_text(group->parameters.identity), &value);
    squad_restart(squad, 1, true);
    squad_run(squad, SECOND_MS);
    assert_int_equal(squad_view(squad, 1)->message_count, 0);
    assert_int_equal(count_records(squad, 1), 0);
    squad_free(squad);
}

/* A record of handset 1 as a later version might write it, under a name of its own. */
static void put_newer(struct squad *squad, uint32_t gmk_id, uint8_t version) {
    uint8_t salt[SEAL_KEY_SIZE] = {7}, wrapping[SEAL_KEY_SIZE], octets[256];
    char name[MESSAGE_BOX_NAME_SIZE];
    const struct group *group = squad->handsets[1].engine->groups.list[0];
    const struct gmk *gmk = &group->current;
    struct writer out = writer_into(octets, sizeof octets);
    snprintf(name, sizeof name, "%08x %s", (unsigned)gmk_id, group->parameters.identity);
    write_u32(&out, gmk->hour);
    write_span(&out, SPAN_OF(salt));
    assert_int_equal(seal_hash(salt, (struct span){gmk->octets->octets, GMK_SIZE}, wrapping),
                     STATUS_OK);
    assert_int_equal(
        seal_close(wrapping, span_of_text(name), (struct span){&version, 1}, &entropy_system, &out),
        STATUS_OK);
    struct span value = writer_span(&out);
    squad_put_record(squad, 1, RECORD_MESSAGES, span_of_text(name), &value);
}

static enum status restore_record(struct squad *squad, const struct squad_record *record) {
    return messages_restore(&squad->handsets[1].engine->messages, secret_span(record->key),
                            secret_span(record->value));
}

/* What this version cannot read is not removed for that. */
static void a_record_that_may_be_read_yet_is_kept(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    put_newer(squad, squad->handsets[1].engine->groups.list[0]->current.id, 2);
    for (size_t i = 0; i < squad->handsets[1].record_count; i++) {
        const struct squad_record *record = &squad->handsets[1].records[i];
        if (record->kind == RECORD_MESSAGES) {
            assert_int_equal(restore_record(squad, record), STATUS_NEWER_VERSION);
        }
    }
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(count_records(squad, 1), 1);
    squad_free(squad);
}

/* However many there are: none stays on the disk, and none takes the place of one that opens. */
static void records_that_never_open_go_and_take_no_places(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    uint32_t gmk_id = squad->handsets[1].engine->groups.list[0]->current.id;
    assert_int_equal(texts_write(squad, 0, "among many"), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    for (uint32_t i = 1; i <= MESSAGE_BOXES_MAX + 1; i++) {
        put_newer(squad, (gmk_id & 0xf0000000) ^ i, 1);
    }
    assert_int_equal(count_records(squad, 1), MESSAGE_BOXES_MAX + 2);
    squad_restart(squad, 1, true);
    squad_run(squad, SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "among many"), 1);
    assert_int_equal(count_records(squad, 1), 1);
    squad_free(squad);
}

/* --- Kills and disks ------------------------------------------------------------------------ */

/* The power of handset n is cut at its cut_at-th output from the writing on; false when it came to
 * no such output. */
static bool send_with_cut(size_t n, unsigned cut_at) {
    struct squad *squad = squad_of(2);
    struct told told = {.who = ""};
    squad->told = listen;
    squad->told_context = &told;
    squad->handsets[n].cut_at = cut_at;
    enum status status = texts_write(squad, 0, "power");
    assert_int_equal(status, STATUS_OK);
    squad_run(squad, 1500);
    bool was_cut = squad->handsets[n].is_cut;
    squad->handsets[n].cut_at = 0;
    if (was_cut) {
        squad_restart(squad, n, true);
    }
    squad->step_ms = 100;
    squad_run(squad, 20 * SECOND_MS);
    unsigned at_sender = texts_shown(squad, 0, "power"), at_member = texts_shown(squad, 1, "power");
    assert_true(at_sender <= 1 && at_member <= at_sender); /* who has lost it has sent nothing */
    assert_true(told.messages[1] <= 1);
    if (at_sender == 1) {
        assert_int_equal(at_member, 1);
    }
    assert_int_equal(texts_write(squad, 0, "the next"), STATUS_OK);
    squad_run(squad, 5 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "the next"), 1); /* under a number that was not used */
    squad_free(squad);
    return was_cut;
}

static void a_power_cut_at_any_output_leaves_it_written_or_not(void **state) {
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        unsigned cut_at = 1;
        while (send_with_cut(n, cut_at)) {
            cut_at++;
        }
        assert_true(cut_at > 2);
    }
}

/* Slow disks: nothing leaves and nothing is shown before it is there to stay. */
static void it_leaves_and_is_shown_once_it_is_durable(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    squad->handsets[0].disk_ms = squad->handsets[1].disk_ms = 3 * SECOND_MS;
    squad_flush(squad, 0);
    squad_flush(squad, 1);
    assert_int_equal(texts_write(squad, 0, "slowly"), STATUS_OK);
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(frames_of(squad, 0, FRAME_MESSAGE), 0);
    assert_true(latest(squad, 0)->is_own);
    while (frames_of(squad, 0, FRAME_MESSAGE) == 0) {
        squad_run(squad, 100);
    }
    squad_run(squad, 2 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "slowly"), 0);
    assert_int_equal(frames_of(squad, 1, FRAME_MESSAGE_RECEIPT), 0);
    squad_run(squad, 10 * SECOND_MS);
    assert_int_equal(texts_shown(squad, 1, "slowly"), 1);
    assert_true(frames_of(squad, 1, FRAME_MESSAGE_RECEIPT) > 0);
    squad_free(squad);
}

static void a_full_disk_is_told_and_keeps_no_text_from_the_officer(void **state) {
    (void)state;
    struct squad *squad = squad_of(2);
    squad->handsets[1].disk_failure = STATUS_IO_FAILED;
    squad->step_ms = 100;
    assert_int_equal(texts_write(squad, 0, "on a full disk"), STATUS_OK);
    squad_run(squad, 2 * MINUTE_MS);
    assert_int_equal(texts_shown(squad, 1, "on a full disk"), 1);
    assert_int_equal(frames_of(squad, 1, FRAME_MESSAGE_RECEIPT), 0); /* it may be lost yet */
    assert_int_equal(texts_write(squad, 1, "not from a full disk"), STATUS_NOT_ALLOWED);
    squad->handsets[1].disk_failure = STATUS_OK;
    squad_run(squad, 2 * MINUTE_MS);
    assert_int_equal(frames_of(squad, 1, FRAME_MESSAGE_RECEIPT) > 0, 1);
    assert_int_equal(latest(squad, 0)->in_reach_has_it, 1);
    assert_int_equal(texts_shown(squad, 1, "on a full disk"), 1);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_shown_once_at_every_member_and_its_sender_sees_who_has_it),
        cmocka_unit_test(a_status_word_travels_as_text_with_its_number),
        cmocka_unit_test(what_cannot_be_sent_is_refused_in_words),
        cmocka_unit_test(nobody_writes_in_anothers_name),
        cmocka_unit_test(what_comes_late_is_shown_as_late),
        cmocka_unit_test(what_is_inside_is_its_senders_word),
        cmocka_unit_test(who_is_no_member_sees_nothing_and_learns_nothing),
        cmocka_unit_test(who_is_revoked_writes_nothing),
        cmocka_unit_test(who_was_left_out_of_a_new_key_neither_reads_nor_is_read),
        cmocka_unit_test(of_an_old_and_a_new_key_the_latest_comes_first),
        cmocka_unit_test(in_a_standard_group_it_is_sent_five_times_however_many_there_are),
        cmocka_unit_test(of_two_thousand_some_twenty_say_that_they_have_it),
        cmocka_unit_test(a_replay_brings_forth_few_receipts),
        cmocka_unit_test(a_replay_is_not_shown_again_also_after_a_restart),
        cmocka_unit_test(a_replay_of_who_lost_its_place_is_not_shown_again),
        cmocka_unit_test(unread_ones_that_make_way_are_told_of),
        cmocka_unit_test(who_writes_much_makes_no_others_go),
        cmocka_unit_test(what_made_way_in_vain_is_told_of),
        cmocka_unit_test(what_was_not_shown_is_not_read),
        cmocka_unit_test(who_in_reach_has_not_said_so_is_known),
        cmocka_unit_test(nobody_waits_for_the_word_of_one_that_is_lost),
        cmocka_unit_test(it_is_not_sent_again_for_one_that_is_lost),
        cmocka_unit_test(what_was_seen_is_read_whatever_else_the_command_does),
        cmocka_unit_test(what_is_unread_is_shown_before_what_was_read),
        cmocka_unit_test(who_comes_into_reach_within_ten_minutes_gets_it),
        cmocka_unit_test(who_comes_is_sent_it_at_once),
        cmocka_unit_test(after_ten_minutes_it_is_resent_no_more),
        cmocka_unit_test(under_radio_silence_it_waits_and_is_sent_then),
        cmocka_unit_test(what_waited_longer_than_its_key_is_told_of),
        cmocka_unit_test(what_was_not_durable_before_the_silence_waits_for_its_end),
        cmocka_unit_test(it_is_there_after_an_hour_and_a_restart_and_gone_with_its_key),
        cmocka_unit_test(without_its_gmk_the_record_is_nothing),
        cmocka_unit_test(a_record_that_may_be_read_yet_is_kept),
        cmocka_unit_test(records_that_never_open_go_and_take_no_places),
        cmocka_unit_test(a_power_cut_at_any_output_leaves_it_written_or_not),
        cmocka_unit_test(it_leaves_and_is_shown_once_it_is_durable),
        cmocka_unit_test(a_full_disk_is_told_and_keeps_no_text_from_the_officer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
