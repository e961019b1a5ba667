/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks on handsets by strangers on the air, by members and by creators (app/README.md section
 * 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "squad.h"

/* --- State that would not load again -------------------------------------------------------- */

/* Gives handset n durable groups until only `room` more fit. */
static void fill_with_groups(struct squad *squad, size_t n, size_t room) {
    struct handset *engine = squad->handsets[n].engine;
    struct command flush = {.kind = COMMAND_TALK_END};
    for (uint32_t i = 0; engine->groups.count < GROUPS_MAX - room; i++) {
        struct group_parameters parameters = {.gmk_id = 0xA0000001 + i, .period_ms = HOUR_MS};
        snprintf(parameters.creator, IDENTITY_SIZE, "%s", squad_identity(SQUAD_STRANGER));
        assert_int_equal(
            group_identity_adhoc(squad_identity(SQUAD_STRANGER), i, parameters.identity),
            STATUS_OK);
        struct group *group =
            group_new(&parameters, group_clock_start(HOUR_MS * 2, squad_now(squad, n)));
        assert_non_null(group);
        assert_int_equal(groups_save(&engine->groups, group), STATUS_OK);
        assert_int_equal(groups_add(&engine->groups, group), STATUS_OK);
    }
    assert_int_equal(squad_command(squad, n, &flush), STATUS_OK);
}

static void a_key_for_which_there_is_no_room_is_not_stored(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    fill_with_groups(squad, 1, 1);
    squad_ask(squad, 0, 1, 1);
    squad_ask(squad, 2, 1, 1);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_int_equal(squad_view(squad, 1)->group_count, GROUPS_MAX);
    /* One of the two creators has given its key, and the other asks again when there is room. */
    const struct view_member *rows[2];
    for (size_t i = 0; i < 2; i++) {
        const struct view_group *group = &squad_view(squad, 2 * i)->groups[0];
        size_t at = strcmp(group->members[0].identity, squad_identity(1)) == 0 ? 0 : 1;
        rows[i] = &group->members[at];
    }
    size_t late = rows[0]->state == MEMBER_ACCEPTED ? 1 : 0;
    assert_int_equal(rows[1 - late]->state, MEMBER_ACCEPTED);
    assert_int_equal(rows[late]->state, MEMBER_UNANSWERED);
    assert_int_equal(rows[late]->reason, REASON_BUSY);
    squad_restart(squad, 1, true); /* checks that every record loads */
    assert_int_equal(squad_view(squad, 1)->group_count, GROUPS_MAX);
    squad_free(squad);
}

static void a_trust_mark_for_which_there_is_no_room_is_not_stored(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct roster *roster = &squad->handsets[0].engine->roster;
    for (unsigned i = 0; i < TRUSTED_MAX; i++) {
        char identity[IDENTITY_SIZE];
        snprintf(identity, sizeof identity, "tel:+4477009%05u", i);
        assert_int_equal(roster_mark(roster, identity, true), STATUS_OK);
    }
    size_t records = squad->handsets[0].record_count;
    struct command trust = {.kind = COMMAND_TRUST, .identity = "tel:+447700999999"};
    assert_int_equal(squad_command(squad, 0, &trust), STATUS_TOO_LONG);
    assert_int_equal(squad->handsets[0].record_count, records);
    squad_free(squad);
}

/* --- A stolen handset that is left out ------------------------------------------------------ */

static void who_is_left_out_while_talking_is_heard_no_more(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_ask_always(squad);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad_view(squad, 0)->talker_count, 1);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    struct command rekey = squad_create_command(1, HOUR_MS);
    rekey.kind = COMMAND_REKEY_GROUP;
    memcpy(rekey.group, squad_view(squad, 0)->groups[0].identity, sizeof rekey.group);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad_run(squad, 200);
    assert_int_equal(squad_view(squad, 0)->talker_count, 0);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    unsigned heard = squad->handsets[1].voice_frames;
    squad_run(squad, 1000);
    assert_int_equal(squad->handsets[1].voice_frames, heard);
    squad_free(squad);
}

/* --- Strangers ------------------------------------------------------------------------------ */

/* A stranger who repeats each D2D frame from its own address before the frame itself arrives. */
static bool race_d2d_frames(void *context, struct squad_frame *frame, size_t receiver) {
    struct squad *squad = context;
    if (frame->octets[1] == FRAME_D2D && receiver == 1) {
        squad_inject_payload(squad, 1, SQUAD_STRANGER, FRAME_D2D, squad_payload(frame));
    }
    return true;
}

static void a_stranger_who_repeats_frames_first_does_not_draw_the_answers_away(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->filter = race_d2d_frames;
    squad->filter_context = squad;
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_view(squad, 0)->groups[0].members[1].state, MEMBER_ACCEPTED);
    squad_free(squad);
}

/* Forged frames from many addresses: as much as the checks of a few seconds. */
static void flood(struct squad *squad, size_t to, enum frame_kind kind, struct span genuine,
                  size_t from_octet) {
    enum {
        FRAMES = 600
    };
    uint8_t copy[FRAME_MAX];
    memcpy(copy, genuine.octets, genuine.length);
    for (size_t i = 0; i < FRAMES; i++) {
        copy[genuine.length - 1 - i % 32] ^= (uint8_t)(i % 255 + 1);
        if (kind == FRAME_PRESENCE) { /* another time, so that it is not one acted on before */
            copy[6] = (uint8_t)(i >> 8);
            copy[7] = (uint8_t)i;
        }
        if (from_octet > 0) { /* a D2D payload: its id goes with the message */
            uint8_t hash[crypto_hash_sha256_BYTES];
            crypto_hash_sha256(hash, copy + from_octet, genuine.length - from_octet);
            memcpy(copy, hash, 8);
        }
        squad_inject_payload(squad, to, SQUAD_STRANGER + i, kind,
                             (struct span){copy, genuine.length});
    }
}

static struct span open_of(const struct squad *squad, size_t from) {
    enum {
        STEP_AT = 8
    };
    for (size_t i = squad->frame_count; i > 0; i--) {
        struct span payload = squad_payload(&squad->frames[i - 1]);
        if (squad->frames[i - 1].from == from && squad->frames[i - 1].octets[1] == FRAME_D2D &&
            payload.octets[STEP_AT] == D2D_OPEN) {
            return payload;
        }
    }
    return (struct span){NULL, 0};
}

static void a_flood_of_forged_presence_stops_neither_talk_nor_invitations(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    struct span presence = squad_payload(squad_find_frame(squad, 1, FRAME_PRESENCE));
    flood(squad, 0, FRAME_PRESENCE, presence, 0);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 100);
    assert_int_equal(squad_view(squad, 0)->talker_count, 1);
    flood(squad, 0, FRAME_PRESENCE, presence, 0);
    squad_ask(squad, 1, 0, 1);
    squad_run(squad, 200);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 1);
    squad_free(squad);
}

static void a_flood_of_forged_i_messages_does_not_stop_a_neighbours_invitation(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    struct span open = open_of(squad, 0);
    assert_non_null(open.octets);
    flood(squad, 1, FRAME_D2D, open, D2D_HEADER_SIZE);
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 200);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    squad_free(squad);
}

static void whoever_repeats_requests_gets_few_answers(void **state) {
    (void)state;
    enum {
        REPEATS = 1000
    };
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    struct span request = squad_payload(squad_find_frame(squad, 0, FRAME_D2D));
    assert_int_equal(request.octets[8], D2D_REQUEST);
    size_t before = squad->frame_count;
    for (size_t i = 0; i < REPEATS; i++) {
        squad_inject_payload(squad, 1, SQUAD_STRANGER, FRAME_D2D, request);
    }
    assert_in_range(squad->frame_count - before, 1, PURSE_BURST);
    squad_free(squad);
}

static void a_presence_recorded_earlier_brings_nobody_back(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct span presence = squad_payload(squad_find_frame(squad, 1, FRAME_PRESENCE));
    squad->handsets[1].deaf = true;
    squad_run(squad, PRESENCE_LASTS_MS + 5000);
    assert_int_equal(squad_view(squad, 0)->nearby_count, 0);
    squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_PRESENCE, presence);
    assert_int_equal(squad_view(squad, 0)->nearby_count, 0);
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_REPLAYED);
    squad_free(squad);
}

/* Not even when so many were heard since that it is no longer remembered itself. */
static void a_presence_recorded_within_the_tolerance_brings_nobody_back(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct span presence = squad_payload(squad_find_frame(squad, 1, FRAME_PRESENCE));
    squad->handsets[1].deaf = true;
    squad_run(squad, CLOCK_TOLERANCE_MS - 10000);
    memset(&squad->handsets[0].engine->presences.acted_on, 0, sizeof(struct seen));
    squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_PRESENCE, presence);
    assert_int_equal(squad_view(squad, 0)->nearby_count, 0);
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_REPLAYED);
    squad_free(squad);
}

/* Its battery was out. To its neighbours it is one whose clock differs, not invisible. */
static void
a_handset_that_comes_back_with_its_clock_set_back_is_shown_with_its_clock(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad->handsets[1].deaf = true;
    squad_run(squad, PRESENCE_LASTS_MS + 5000);
    squad->handsets[1].deaf = false;
    squad->handsets[1].utc_offset_ms = -HOUR_MS;
    squad_restart(squad, 1, true);
    squad_run(squad, 2 * PRESENCE_INTERVAL_MS);
    assert_int_equal(squad_view(squad, 0)->nearby_count, 1);
    assert_true(squad_view(squad, 0)->nearby[0].clock_differs);
    squad_free(squad);
}

static void a_neighbour_whose_clock_was_ahead_and_is_set_right_stays_nearby(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad->handsets[1].utc_offset_ms = HOUR_MS;
    squad_run(squad, 200);
    assert_true(squad_view(squad, 0)->nearby[0].clock_differs);
    squad->handsets[1].utc_offset_ms = 0;
    squad_run(squad, PRESENCE_LASTS_MS + PRESENCE_INTERVAL_MS);
    assert_int_equal(squad_view(squad, 0)->nearby_count, 1);
    assert_false(squad_view(squad, 0)->nearby[0].clock_differs);
    squad_free(squad);
}

static void an_address_that_replays_an_old_presence_is_no_neighbours(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct span presence = squad_payload(squad_find_frame(squad, 1, FRAME_PRESENCE));
    squad->handsets[1].deaf = true;
    squad_run(squad, 2 * CLOCK_TOLERANCE_MS);
    squad_restart(squad, 0, false); /* which has heard of nobody yet */
    squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_PRESENCE, presence);
    assert_int_equal(squad_view(squad, 0)->nearby_count, 0);
    assert_false(roster_has_peer(&squad->handsets[0].engine->roster, SQUAD_STRANGER + 1));
    squad_free(squad);
}

static bool drop_hello(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_D2D || frame->octets[FRAME_HEADER_SIZE + 8] != D2D_HELLO;
}

/* An opening of an enrolled identity that goes no further. */
static void open_idly(struct squad *squad, size_t to, uint32_t number) {
    const uint8_t share[SHARE_SIZE] = {9};
    struct i_message_fields fields = {.key_id = 0xD0000000 + number,
                                      .utc_ms = squad_now(squad, 0).utc_ms,
                                      .share = SPAN_OF(share)};
    snprintf(fields.initiator, IDENTITY_SIZE, "%s", squad_identity(SQUAD_STRANGER));
    snprintf(fields.responder, IDENTITY_SIZE, "%s", squad_identity(to));
    snprintf(fields.initiator_kms, IDENTITY_SIZE, "sip:kms@county.example");
    snprintf(fields.responder_kms, IDENTITY_SIZE, "sip:kms@county.example");
    struct identifier identifier;
    assert_int_equal(identifier_of(squad_identity(to), 0, &identifier), STATUS_OK);
    uint8_t ssv[SSV_SIZE] = {1}, payload[D2D_HEADER_SIZE + I_MESSAGE_MAX];
    uint8_t hash[crypto_hash_sha256_BYTES];
    struct writer w = writer_into(payload, sizeof payload);
    write_u64(&w, 0);
    write_u8(&w, D2D_OPEN);
    assert_int_equal(i_message_build(squad_provider(), &fields, squad_domain(), &identifier,
                                     squad_signing_key(SQUAD_STRANGER), ssv, &entropy_system, &w),
                     STATUS_OK);
    crypto_hash_sha256(hash, payload + D2D_HEADER_SIZE, w.length - D2D_HEADER_SIZE);
    memcpy(payload, hash, 8);
    squad_rest(squad, to);
    squad_inject_payload(squad, to, SQUAD_STRANGER + number, FRAME_D2D, writer_span(&w));
}

static void an_invitation_that_was_crowded_out_gets_in_when_it_is_repeated(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad->filter = drop_hello;
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 50);
    for (uint32_t i = 0; i < CONNECTIONS_INCOMING_MAX; i++) {
        open_idly(squad, 1, i);
    }
    squad->filter = NULL;
    squad_run(squad, 5000);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    squad_free(squad);
}

/* --- Time on the way ------------------------------------------------------------------------ */

static bool drop_media_of_1(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->from != 1 ||
           (frame->octets[1] != FRAME_MEDIA && frame->octets[1] != FRAME_ANNOUNCEMENT_AND_MEDIA);
}

static void a_talk_held_back_is_not_heard(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->filter = drop_media_of_1;
    size_t next = squad->frame_count;
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 6000);
    assert_int_equal(squad_stop(squad, 1), STATUS_OK);
    size_t last = squad->frame_count;
    for (; next < last && squad->boot_ms < 1000000 + 4 * 60000; next++) {
        const struct squad_frame *frame = &squad->frames[next];
        if (frame->from != 1 || drop_media_of_1(NULL, &squad->frames[next], 0)) {
            continue;
        }
        squad_inject(squad, 0, SQUAD_STRANGER, (struct span){frame->octets, frame->length});
        squad_run(squad, 1500);
    }
    assert_true(next < last);
    assert_int_equal(squad->handsets[0].talks, 0);
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(squad_view(squad, 0)->talker_count, 0);
    squad_free(squad);
}

static void a_talker_is_heard_again_at_once_after_a_fade(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 1000);
    squad->filter = drop_media_of_1;
    squad_run(squad, 3000);
    assert_int_equal(squad_view(squad, 0)->talker_count, 0);
    squad->filter = NULL;
    unsigned heard = squad->handsets[0].voice_frames;
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 0)->talker_count, 1);
    assert_string_equal(squad_view(squad, 0)->talkers[0].identity, squad_identity(1));
    assert_true(squad->handsets[0].voice_frames > heard + 30);
    squad_free(squad);
}

static void a_creator_who_offers_the_same_key_again_and_again_holds_one_connection(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    struct handset *creator = squad->handsets[0].engine;
    const struct group *group = creator->groups.list[0];
    squad->filter = squad_drop_all_but_first_request_of_0;
    for (size_t i = 0; i < CONNECTIONS_INCOMING_MAX; i++) {
        struct moment now = squad_now(squad, 1);
        squad_rest(squad, 1);
        assert_int_equal(offers_open(&creator->offers, now, group,
                                     group_listed(&group->parameters, squad_identity(1))),
                         STATUS_OK);
        squad_run(squad, 100);
    }
    squad_rest(squad, 1);
    squad_ask(squad, 2, 1, 1);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    squad_free(squad);
}

static void what_another_creator_calls_somebody_is_not_the_name_of_who_asks(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct group_parameters parameters = {.gmk_id = 0xA0000001, .period_ms = HOUR_MS};
    parameters.member_count = 2;
    for (size_t i = 0; i < 2; i++) { /* one that is nearby, and one that is not */
        struct group_member *member = &parameters.members[i];
        snprintf(member->identity, IDENTITY_SIZE, "%s",
                 squad_identity(i == 0 ? 0 : SQUAD_STRANGER));
        snprintf(member->name, DISPLAY_NAME_SIZE, "Chief");
    }
    struct handset *asked = squad->handsets[1].engine;
    struct group *group =
        group_new(&parameters, group_clock_start(HOUR_MS * 2, squad_now(squad, 1)));
    assert_non_null(group);
    assert_int_equal(groups_add(&asked->groups, group), STATUS_OK);
    assert_string_equal(groups_name_of(&asked->groups, squad_identity(SQUAD_STRANGER)).text, "");
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 500);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    assert_string_equal(squad_view(squad, 1)->invitations[0].inviter_name, "fire1");
    squad_free(squad);
}

/* --- The officer's last word ---------------------------------------------------------------- */

static void a_group_deleted_after_its_new_key_was_accepted_stays_deleted(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    struct command command = squad_create_command(1, HOUR_MS);
    memcpy(command.group, squad_view(squad, 0)->groups[0].identity, sizeof command.group);
    command.kind = COMMAND_REKEY_GROUP;
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    command.kind = COMMAND_DELETE_GROUP;
    assert_int_equal(squad_command(squad, 1, &command), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(squad_view(squad, 1)->group_count, 0);
    assert_int_equal(squad_view(squad, 0)->groups[0].members[1].state, MEMBER_DECLINED);
    squad_free(squad);
}

/* --- Members -------------------------------------------------------------------------------- */

static void a_member_cannot_silence_another_by_taking_the_same_ssrc(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    squad->handsets[2].deaf = true; /* the malicious member; its frames are injected */
    uint32_t ssrcs[2] = {7, 0};
    for (size_t i = 0; i < 2; i++) {
        struct announcement_fields fields = {
            .csb_id = 5, .ssrc = ssrcs[i], .utc_ms = squad_now(squad, 2).utc_ms};
        struct handset *member = squad->handsets[2].engine;
        const struct group *group = member->groups.list[0];
        fields.gmk_id = group->current.id;
        snprintf(fields.talker, IDENTITY_SIZE, "%s", squad_identity(2));
        snprintf(fields.group, GROUP_IDENTITY_SIZE, "%s", group->parameters.identity);
        uint8_t gsk[GSK_SIZE] = {7}, octets[ANNOUNCEMENT_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        assert_int_equal(announcement_build(squad_provider(), &fields,
                                            group->current.octets->octets, gsk,
                                            squad_signing_key(2), &entropy_system, &w),
                         STATUS_OK);
        squad_inject_payload(squad, 0, 2, FRAME_ANNOUNCEMENT, writer_span(&w));
        if (i == 0) {
            assert_int_equal(squad_talk(squad, 1), STATUS_OK);
            squad_run(squad, 500);
            ssrcs[1] = squad->handsets[1].engine->talk.ssrc;
        }
    }
    unsigned heard = squad->handsets[0].voice_frames;
    squad_run(squad, 1000);
    assert_true(squad->handsets[0].voice_frames > heard + 35);
    squad_free(squad);
}

static void one_identity_cannot_fill_the_officers_list_of_invitations(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    for (size_t i = 0; i < VIEW_INVITATIONS_MAX; i++) {
        squad_ask(squad, 0, 1, 1);
        squad_run(squad, 1000);
    }
    squad_ask(squad, 2, 1, 1);
    squad_run(squad, 1000);
    const struct view *view = squad_view(squad, 1);
    bool found = false;
    for (size_t i = 0; i < view->invitation_count; i++) {
        found = found || strcmp(view->invitations[i].inviter, squad_identity(2)) == 0;
    }
    assert_true(found);
    squad_free(squad);
}

static void a_rekey_in_the_millisecond_of_the_creation_asks_its_members(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad_ask(squad, 0, 1, 1);
    struct command rekey = squad_create_command(1, HOUR_MS);
    rekey.kind = COMMAND_REKEY_GROUP;
    memcpy(rekey.group, squad_view(squad, 0)->groups[0].identity, sizeof rekey.group);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    handset_tick(squad->handsets[0].engine, squad_now(squad, 0));
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_for_which_there_is_no_room_is_not_stored),
        cmocka_unit_test(a_trust_mark_for_which_there_is_no_room_is_not_stored),
        cmocka_unit_test(who_is_left_out_while_talking_is_heard_no_more),
        cmocka_unit_test(a_stranger_who_repeats_frames_first_does_not_draw_the_answers_away),
        cmocka_unit_test(a_flood_of_forged_presence_stops_neither_talk_nor_invitations),
        cmocka_unit_test(a_flood_of_forged_i_messages_does_not_stop_a_neighbours_invitation),
        cmocka_unit_test(an_invitation_that_was_crowded_out_gets_in_when_it_is_repeated),
        cmocka_unit_test(a_talk_held_back_is_not_heard),
        cmocka_unit_test(a_talker_is_heard_again_at_once_after_a_fade),
        cmocka_unit_test(a_member_cannot_silence_another_by_taking_the_same_ssrc),
        cmocka_unit_test(whoever_repeats_requests_gets_few_answers),
        cmocka_unit_test(a_presence_recorded_earlier_brings_nobody_back),
        cmocka_unit_test(a_presence_recorded_within_the_tolerance_brings_nobody_back),
        cmocka_unit_test(a_handset_that_comes_back_with_its_clock_set_back_is_shown_with_its_clock),
        cmocka_unit_test(a_neighbour_whose_clock_was_ahead_and_is_set_right_stays_nearby),
        cmocka_unit_test(an_address_that_replays_an_old_presence_is_no_neighbours),
        cmocka_unit_test(a_group_deleted_after_its_new_key_was_accepted_stays_deleted),
        cmocka_unit_test(a_creator_who_offers_the_same_key_again_and_again_holds_one_connection),
        cmocka_unit_test(what_another_creator_calls_somebody_is_not_the_name_of_who_asks),
        cmocka_unit_test(a_rekey_in_the_millisecond_of_the_creation_asks_its_members),
        cmocka_unit_test(one_identity_cannot_fill_the_officers_list_of_invitations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
