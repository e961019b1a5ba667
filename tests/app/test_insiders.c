/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks by those who hold keys: enrolled identities, members, creators (app/README.md section 5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "speaker.h"

/* --- Connections ---------------------------------------------------------------------------- */

/* An enrolled identity that is no handset: it says over its connections what it likes. */
struct insider {
    struct squad *squad;
    struct keyring keyring;
    size_t count;
    struct d2d *connections[CONNECTIONS_INCOMING_MAX];
};

static struct insider insider_new(struct squad *squad) {
    struct insider insider = {.squad = squad, .keyring.provider = squad_provider()};
    assert_int_equal(
        keyring_load(&insider.keyring, span_of_text("stranger"), squad_credential(SQUAD_STRANGER)),
        STATUS_OK);
    return insider;
}

static void insider_clear(struct insider *insider) {
    for (size_t i = 0; i < insider->count; i++) {
        d2d_free(insider->connections[i]);
    }
    keyring_clear(&insider->keyring);
}

static void insider_send(struct insider *insider, size_t to, const struct d2d *d2d) {
    squad_inject_payload(insider->squad, to, SQUAD_STRANGER, FRAME_D2D, d2d_payload(d2d));
}

/* Opens a connection to handset `to` and hears its HELLO. */
static struct d2d *insider_open(struct insider *insider, size_t to) {
    struct squad *squad = insider->squad;
    struct moment now = squad_now(squad, to);
    struct d2d *d2d;
    struct d2d_head head;
    squad_rest(squad, to);
    assert_int_equal(d2d_open(&insider->keyring, &entropy_system, squad_identity(to),
                              "sip:kms@county.example", now, &d2d),
                     STATUS_OK);
    insider_send(insider, to, d2d);
    squad_run(squad, 10);
    assert_int_equal(d2d_head_read(squad_payload(squad_find_frame(squad, to, FRAME_D2D)), &head),
                     STATUS_OK);
    assert_int_equal(d2d_hear_hello(d2d, head.body), STATUS_OK);
    insider->connections[insider->count++] = d2d;
    return d2d;
}

/* Says a record that no handset knows, well sealed. */
static void insider_talk_nonsense(struct insider *insider, size_t to, struct d2d *d2d) {
    uint8_t unknown[9] = {99};
    assert_int_equal(d2d_request(d2d, SPAN_OF(unknown)), STATUS_OK);
    insider_send(insider, to, d2d);
}

static void whoever_talks_nonsense_over_its_connections_keeps_nobody_out(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct insider insider = insider_new(squad);
    for (size_t i = 0; i < CONNECTIONS_INCOMING_MAX; i++) {
        insider_talk_nonsense(&insider, 1, insider_open(&insider, 1));
    }
    squad_ask(squad, 0, 1, 1);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
    insider_clear(&insider);
    squad_free(squad);
}

static void a_creator_who_offers_many_keys_again_at_once_keeps_nobody_out(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    for (size_t i = 0; i < CONNECTIONS_INCOMING_MAX; i++) {
        squad_ask(squad, 0, 1, 1);
        squad_run(squad, 1000);
        assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
        squad_run(squad, 1000);
    }
    struct handset *creator = squad->handsets[0].engine, *asked = squad->handsets[1].engine;
    assert_int_equal(asked->groups.count, CONNECTIONS_INCOMING_MAX);
    squad->filter = squad_drop_all_but_first_request_of_0;
    for (size_t i = 0; i < creator->groups.count; i++) {
        const struct group *group = creator->groups.list[i];
        squad_rest(squad, 1);
        assert_int_equal(offers_open(&creator->offers, squad_now(squad, 0), group,
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

/* --- Members -------------------------------------------------------------------------------- */

/* What `member`, who holds the GMK of `announcement`, makes of it: voice that goes on in its
 * talker's session. */
static void go_on_as_talker(struct squad *squad, size_t to, size_t member, struct span octets,
                            uint32_t sequence) {
    struct announcement announcement;
    uint8_t gmk[GMK_SIZE], gsk[GSK_SIZE], payload[MEDIA_MAX];
    assert_int_equal(announcement_parse(octets, &announcement), STATUS_OK);
    const struct announcement_fields *fields = &announcement.fields;
    assert_true(handset_reveal_gmk(squad->handsets[member].engine, fields->gmk_id, gmk));
    assert_int_equal(announcement_open(&announcement, gmk, gsk), STATUS_OK);
    struct voice_sender *sender;
    struct media_key key = {.key_id = fields->gmk_id, .sequence = (uint16_t)sequence};
    assert_int_equal(
        gsc_new(gsk, 1, fields->csb_id, fields->rand, fields->ssrc, GSC_SEND, &key.gsc), STATUS_OK);
    assert_int_equal(talker_key_new(&squad->handsets[member].engine->desk.entropy, &key.talker),
                     STATUS_OK);
    assert_int_equal(session_hash(announcement.covered, key.session), STATUS_OK);
    assert_int_equal(voice_sender_new(fields->ssrc, sequence << 16, &sender), STATUS_OK);
    for (int i = 0; i < 50; i++) {
        int16_t samples[VOICE_FRAME_SAMPLES];
        for (int k = 0; k < VOICE_FRAME_SAMPLES; k++) {
            samples[k] = (int16_t)(k % 64 * 200);
        }
        struct writer w = writer_into(payload, sizeof payload);
        assert_int_equal(media_build(&key, sender, samples, &w), STATUS_OK);
        squad_inject_payload(squad, to, member, FRAME_MEDIA, writer_span(&w));
        squad_run(squad, VOICE_FRAME_MS);
    }
    voice_sender_free(sender);
    talker_key_free(key.talker);
    gsc_free(key.gsc);
}

static void who_is_left_out_cannot_speak_on_as_a_talker_out_of_reach(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 1000);
    const struct talk *talk = &squad->handsets[1].engine->talk;
    uint8_t announcement[ANNOUNCEMENT_MAX];
    size_t length = talk->current.length;
    memcpy(announcement, talk->current.octets, length);
    squad->handsets[1].deaf = true;
    struct command rekey = squad_create_command(1, HOUR_MS);
    rekey.kind = COMMAND_REKEY_GROUP;
    memcpy(rekey.group, squad_view(squad, 0)->groups[0].identity, sizeof rekey.group);
    assert_int_equal(squad_command(squad, 0, &rekey), STATUS_OK);
    squad_run(squad, 3000);
    unsigned heard = squad->handsets[0].voice_frames, talks = squad->handsets[0].talks;
    uint16_t sequence;
    uint32_t rtp_time;
    voice_sender_next(talk->sender, &sequence, &rtp_time);
    go_on_as_talker(squad, 0, 2, (struct span){announcement, length}, sequence + 5000u);
    assert_int_equal(squad_view(squad, 0)->talker_count, 0);
    assert_int_equal(squad->handsets[0].voice_frames, heard);
    assert_int_equal(squad->handsets[0].talks, talks);
    squad_free(squad);
}

/* A new announcement of member `talker` and 20 ms under it, heard by handset `to` as from address
 * `from`; signed by that member or by `signer`, who holds the same key. */
static void announce(struct squad *squad, size_t to, size_t talker, size_t signer, uint32_t ssrc,
                     size_t from) {
    struct handset *member = squad->handsets[talker].engine;
    const struct group *group = member->groups.list[0];
    struct announcement_fields fields = {
        .csb_id = 5,
        .ssrc = ssrc,
        .gmk_id = group->current.id,
        .utc_ms = group_clock_read(&group->clock, squad_now(squad, talker)),
        .proof.age_ms = squad->boot_ms};
    snprintf(fields.talker, IDENTITY_SIZE, "%s", squad_identity(talker));
    snprintf(fields.group, GROUP_IDENTITY_SIZE, "%s", group->parameters.identity);
    struct speaker speaker =
        speaker_new(fields, group->current.octets->octets, squad_signing_key(signer));
    speaker_say(&speaker, squad, to, from);
    speaker_clear(&speaker);
}

static void a_members_flood_of_announcements_costs_a_bounded_share_and_no_record(void **state) {
    (void)state;
    enum {
        SECONDS = 10,
        A_SECOND = 50,
        ADDRESSES = 60
    };
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    squad->handsets[2].deaf = true;
    unsigned stored = squad->handsets[0].stores, talks = squad->handsets[0].talks;
    const struct session *session = &squad->handsets[0].engine->listening.sessions[0];
    int64_t announced_ms = 0;
    unsigned acted_on = 0;
    for (unsigned i = 0; i < SECONDS * A_SECOND; i++) {
        announce(squad, 0, 2, 2, 1000 + i, SQUAD_STRANGER + i % ADDRESSES);
        acted_on += session->current.announced.utc_ms != announced_ms;
        announced_ms = session->current.announced.utc_ms;
        squad_run(squad, 1000 / A_SECOND);
    }
    assert_in_range(acted_on, SECONDS * PURSE_RATE, PURSE_BURST + (SECONDS + 1) * PURSE_RATE);
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_RATE_LIMITED);
    assert_int_equal(squad->handsets[0].stores, stored);
    assert_int_equal(squad->handsets[0].talks - talks, 1);
    squad_run(squad, FLOOR_FREE_MS);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 100);
    assert_int_equal(squad->handsets[0].talks - talks, 2);
    squad_free(squad);
}

/* Handset 2 announces in the name of handset 1. */
static void forged_announcements_take_no_press_from_who_they_name(void **state) {
    (void)state;
    enum {
        PRESSES = 10,
        FORGED_EACH = 60
    };
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    squad->handsets[2].deaf = true;
    for (unsigned i = 1; i <= PRESSES; i++) {
        for (unsigned k = 0; k < FORGED_EACH; k++) {
            announce(squad, 0, 1, 2, 7, 2);
        }
        unsigned voiced = squad->handsets[0].voice_frames;
        assert_int_equal(squad_talk(squad, 1), STATUS_OK);
        squad_run(squad, VOICE_FRAME_MS);
        assert_int_equal(squad->handsets[0].talks, i);
        squad_run(squad, 300 - VOICE_FRAME_MS);
        assert_int_equal(squad_stop(squad, 1), STATUS_OK);
        squad_run(squad, 200);
        assert_in_range(squad->handsets[0].voice_frames - voiced, 12, 15);
    }
    squad_free(squad);
}

static void a_member_who_presses_and_releases_quickly_is_heard_each_time(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    for (unsigned i = 1; i <= 100; i++) {
        assert_int_equal(squad_talk(squad, 1), STATUS_OK);
        squad_run(squad, 200);
        assert_int_equal(squad->handsets[0].talks, i);
        assert_int_equal(squad_stop(squad, 1), STATUS_OK);
        squad_run(squad, 140);
    }
    squad_free(squad);
}

/* A key that bounces, or a script: what listeners would refuse is refused here, and said. */
static void presses_that_listeners_would_refuse_are_refused_at_the_talker(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    unsigned begun = 0, refused = 0;
    for (unsigned i = 0; i < 400; i++) {
        enum status status = squad_talk(squad, 1);
        begun += status == STATUS_OK;
        refused += status == STATUS_RATE_LIMITED;
        squad_run(squad, 20);
        assert_int_equal(squad->handsets[0].talks, begun);
        (void)squad_stop(squad, 1);
    }
    assert_int_equal(begun + refused, 400);
    assert_in_range(begun, PURSE_BURST + 7 * PURSE_RATE, PURSE_BURST + 9 * PURSE_RATE);
    squad_run(squad, 1000);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_free(squad);
}

/* Loses everything that handset 1 sends once it holds the group's key. */
static bool drop_receipt(void *context, struct squad_frame *frame, size_t receiver) {
    (void)receiver;
    const struct squad *squad = context;
    return frame->from != 1 || squad->handsets[1].engine->groups.count == 0;
}

static void what_was_said_before_a_group_is_joined_again_is_not_heard_again(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 200);
    squad->filter = drop_receipt;
    squad->filter_context = squad;
    squad_ask(squad, 0, 1, 2);
    squad_run(squad, 1000);
    for (size_t n = 1; n <= 2; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    squad_run(squad, CONNECTION_LOST_MS + 1000);
    squad->filter = NULL;
    size_t first = squad->frame_count;
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_stop(squad, 2), STATUS_OK);
    squad_run(squad, 100);
    size_t last = squad->frame_count;
    assert_int_equal(squad->handsets[1].talks, 1);

    struct command command = {.kind = COMMAND_DELETE_GROUP};
    memcpy(command.group, squad_view(squad, 1)->groups[0].identity, sizeof command.group);
    assert_int_equal(squad_command(squad, 1, &command), STATUS_OK);
    command.kind = COMMAND_RETRY_MEMBER;
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(1));
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->group_count, 1);
    recording_play(squad, 1, 2, first, last);
    assert_int_equal(squad->handsets[1].talks, 1);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, 100);
    assert_int_equal(squad->handsets[1].talks, 2);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_talks_nonsense_over_its_connections_keeps_nobody_out),
        cmocka_unit_test(a_creator_who_offers_many_keys_again_at_once_keeps_nobody_out),
        cmocka_unit_test(who_is_left_out_cannot_speak_on_as_a_talker_out_of_reach),
        cmocka_unit_test(a_members_flood_of_announcements_costs_a_bounded_share_and_no_record),
        cmocka_unit_test(forged_announcements_take_no_press_from_who_they_name),
        cmocka_unit_test(a_member_who_presses_and_releases_quickly_is_heard_each_time),
        cmocka_unit_test(presses_that_listeners_would_refuse_are_refused_at_the_talker),
        cmocka_unit_test(what_was_said_before_a_group_is_joined_again_is_not_heard_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
