/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a handset refuses, and which check says so (app/README.md section 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "app/handset/handset.h"
#include "app/handset/keys/invitation.h"
#include "speaker.h"

enum {
    STRANGER = SQUAD_MAX
}; /* enrolled in the domain, member of nothing */

static uint64_t frame_number;

/* A frame of `kind` with a new frame id. */
static struct span framed(uint8_t room[FRAME_MAX], enum frame_kind kind, struct span payload) {
    struct writer w = writer_into(room, FRAME_MAX);
    frame_write(&w, &(struct frame){.kind = kind, .id = ++frame_number, .payload = payload});
    assert_int_equal(writer_finish(&w), STATUS_OK);
    return writer_span(&w);
}

static void inject(struct squad *squad, size_t to, enum frame_kind kind, struct span payload) {
    uint8_t room[FRAME_MAX];
    squad_inject(squad, to, STRANGER, framed(room, kind, payload));
}

/* The payload of a kept frame. */
static struct span payload_of(const struct squad_frame *frame) {
    assert_non_null(frame);
    return (struct span){frame->octets + FRAME_HEADER_SIZE, frame->length - FRAME_HEADER_SIZE};
}

static struct span first_open(const struct squad *squad, size_t from) {
    enum {
        STEP_AT = 8
    };
    for (size_t i = 0; i < squad->frame_count; i++) {
        struct span payload = payload_of(&squad->frames[i]);
        if (squad->frames[i].from == from && squad->frames[i].octets[1] == FRAME_D2D &&
            payload.octets[STEP_AT] == D2D_OPEN) {
            return payload;
        }
    }
    return (struct span){NULL, 0};
}

/* --- Invitations ---------------------------------------------------------------------------- */

static void an_invitation_signed_by_another_than_it_claims_is_refused(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    const uint8_t share[SHARE_SIZE] = {9};
    struct i_message_fields fields = {
        .key_id = 0xD0000001, .utc_ms = squad_now(squad, 0).utc_ms, .share = SPAN_OF(share)};
    snprintf(fields.initiator, IDENTITY_SIZE, "%s", squad_identity(0));
    snprintf(fields.responder, IDENTITY_SIZE, "%s", squad_identity(1));
    snprintf(fields.initiator_kms, IDENTITY_SIZE, "sip:kms@county.example");
    snprintf(fields.responder_kms, IDENTITY_SIZE, "sip:kms@county.example");
    struct identifier identifier;
    assert_int_equal(identifier_of(squad_identity(1), 0, &identifier), STATUS_OK);
    uint8_t ssv[SSV_SIZE] = {1}, octets[I_MESSAGE_MAX], payload[I_MESSAGE_MAX + 9];
    uint8_t hash[SHA256_DIGEST_LENGTH];
    for (int forged = 1; forged >= 0; forged--) {
        struct writer message = writer_into(octets, sizeof octets);
        assert_int_equal(i_message_build(squad_provider(), &fields, squad_domain(), &identifier,
                                         squad_signing_key(forged ? STRANGER : 0), ssv,
                                         &entropy_system, &message),
                         STATUS_OK);
        SHA256(octets, message.length, hash);
        struct writer w = writer_into(payload, sizeof payload);
        write_span(&w, (struct span){hash, 8});
        write_u8(&w, D2D_OPEN);
        write_span(&w, writer_span(&message));
        unsigned refusals = squad->handsets[1].refusals;
        size_t sent = squad->frame_count;
        inject(squad, 1, FRAME_D2D, writer_span(&w));
        assert_int_equal(squad->handsets[1].refusals, refusals + (unsigned)forged);
        assert_int_equal(squad->frame_count, sent + !forged); /* the genuine one gets its hello */
        if (forged) {
            assert_int_equal(squad->handsets[1].last_refusal, STATUS_SIGNATURE_INVALID);
        }
    }
    squad_free(squad);
}

static void a_replayed_i_message_never_reaches_the_officer(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    struct span open = first_open(squad, 0);
    assert_non_null(open.octets);
    unsigned invitations = squad->handsets[1].invitations;
    squad_run(squad, 40000); /* the connection is forgotten by now */
    inject(squad, 1, FRAME_D2D, open);
    assert_int_equal(squad->handsets[1].last_refusal, STATUS_REPLAYED);

    /* A restart forgets what was seen; the nonce still leads a replay nowhere. */
    squad_restart(squad, 1, true);
    inject(squad, 1, FRAME_D2D, open);
    squad_run(squad, 20000);
    assert_int_equal(squad->handsets[1].invitations, invitations);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 0);
    squad_free(squad);
}

static void an_altered_i_message_is_refused_at_any_octet(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    struct span open = first_open(squad, 0);
    uint8_t *copy = malloc(open.length);
    assert_non_null(copy);
    squad_restart(squad, 1, false);
    unsigned invitations = squad->handsets[1].invitations;
    for (size_t at = 0; at < open.length; at++) {
        memcpy(copy, open.octets, open.length);
        copy[at] ^= (uint8_t)(1u << at % 8);
        if (at > 8) { /* a change of the message, under the id that goes with it */
            uint8_t hash[SHA256_DIGEST_LENGTH];
            memcpy(copy, SHA256(copy + 9, open.length - 9, hash), 8);
        }
        size_t sent = squad->frame_count;
        squad->boot_ms += 100;
        inject(squad, 1, FRAME_D2D, (struct span){copy, open.length});
        assert_int_equal(squad->frame_count, sent); /* no hello */
    }
    squad_run(squad, 1000);
    assert_int_equal(squad->handsets[1].invitations, invitations);
    free(copy);
    squad_free(squad);
}

/* The officer reads who invited them, and why they were not asked; nothing is refused of nobody. */
static void expect_named(const struct view *view, enum status status) {
    unsigned named = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        const struct event *event = &view->log[i];
        assert_int_not_equal(event->kind, EVENT_REFUSED);
        named += event->kind == EVENT_INVITATION_REFUSED &&
                 strcmp(event->identity, squad_identity(0)) == 0 &&
                 strcmp(event->check, status_name(status)) == 0;
    }
    assert_true(named > 0);
}

/* A creator that breaks a rule: its parameters are changed inside its engine. */
static enum status refusal_of(void (*twist)(struct handset *)) {
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad->handsets[0].engine->desk.keyring.credential->max_key_period_ms = 48 * (int64_t)HOUR_MS;
    struct command create = squad_create_command(1, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    twist(squad->handsets[0].engine);
    squad_run(squad, 3000);
    assert_int_equal(squad->handsets[1].invitations, 0);
    assert_int_equal(squad_view(squad, 1)->invitation_count, 0);
    assert_int_equal(squad_view(squad, 1)->group_count, 0);
    enum status status = squad->handsets[1].last_refusal;
    expect_named(squad_view(squad, 1), status);
    squad_free(squad);
    return status;
}

static void with_standard_key_id(struct handset *creator) {
    struct group *group = creator->groups.list[0];
    group->parameters.gmk_id &= 0x0FFFFFFF;
    group->current.id = group->parameters.gmk_id;
}

static void naming_a_standard_group(struct handset *creator) {
    snprintf(creator->groups.list[0]->parameters.identity, GROUP_IDENTITY_SIZE,
             "sip:fire7@county.example");
}

static void naming_anothers_group(struct handset *creator) {
    assert_int_equal(
        group_identity_adhoc(squad_identity(2), 7, creator->groups.list[0]->parameters.identity),
        STATUS_OK);
}

static void with_too_long_a_period(struct handset *creator) {
    creator->groups.list[0]->parameters.period_ms = 13 * (int64_t)HOUR_MS;
}

static void past_its_period(struct handset *creator) {
    creator->groups.list[0]->parameters.created_ms -= 2 * (int64_t)HOUR_MS;
}

static void a_proposal_that_breaks_the_rules_of_adhoc_groups_is_refused(void **state) {
    (void)state;
    assert_int_equal(refusal_of(with_standard_key_id), STATUS_KEY_ID_WRONG_SPACE);
    assert_int_equal(refusal_of(naming_a_standard_group), STATUS_GROUP_IDENTITY_WRONG);
    assert_int_equal(refusal_of(naming_anothers_group), STATUS_GROUP_IDENTITY_WRONG);
    assert_int_equal(refusal_of(with_too_long_a_period), STATUS_PERIOD_TOO_LONG);
    assert_int_equal(refusal_of(past_its_period), STATUS_GMK_EXPIRED);
}

static void a_proposal_that_does_not_list_the_asked_one_is_refused(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    struct group_parameters parameters = {
        .gmk_id = 0xA0000001, .period_ms = HOUR_MS, .member_count = 1};
    snprintf(parameters.creator, IDENTITY_SIZE, "%s", squad_identity(0));
    snprintf(parameters.members[0].identity, IDENTITY_SIZE, "%s", squad_identity(0));
    snprintf(parameters.members[0].kms, IDENTITY_SIZE, "sip:kms@county.example");
    assert_int_equal(group_identity_adhoc(squad_identity(0), 7, parameters.identity), STATUS_OK);
    const struct invitation *asked = &squad->handsets[1].engine->invitation;
    assert_int_equal(
        invitation_check(asked, squad_identity(0), "sip:kms@county.example", &parameters, 0),
        STATUS_NOT_A_MEMBER);
    parameters.members[1] = parameters.members[0];
    parameters.member_count = 2;
    snprintf(parameters.members[1].identity, IDENTITY_SIZE, "%s", squad_identity(1));
    assert_int_equal(
        invitation_check(asked, squad_identity(0), "sip:kms@county.example", &parameters, 0),
        STATUS_OK);
    assert_int_equal(
        invitation_check(asked, squad_identity(0), "sip:other@county.example", &parameters, 0),
        STATUS_NOT_A_MEMBER);
    squad_free(squad);
}

/* --- Announcements -------------------------------------------------------------------------- */

struct forgery {
    size_t talker, signer; /* whose identity it claims, whose key signs */
    bool wrong_gmk;
    int64_t age_ms;
};

/* Who announces itself in handset 0's group, as the forgery wants it. */
static struct speaker speaker(struct squad *squad, const struct forgery *forgery) {
    const struct view_group *group = &squad_view(squad, 0)->groups[0];
    uint8_t gmk[GMK_SIZE] = {0};
    struct announcement_fields fields = {.csb_id = 5, .ssrc = 6, .gmk_id = group->gmk_id};
    fields.utc_ms = squad_now(squad, 0).utc_ms - forgery->age_ms;
    snprintf(fields.talker, IDENTITY_SIZE, "%s", squad_identity(forgery->talker));
    snprintf(fields.group, GROUP_IDENTITY_SIZE, "%s", group->identity);
    (void)handset_reveal_gmk(squad->handsets[0].engine, group->gmk_id, gmk);
    gmk[0] ^= forgery->wrong_gmk;
    return speaker_new(fields, gmk, squad_signing_key(forgery->signer));
}

static void assert_refused(struct squad *squad, struct forgery forgery, enum status expected) {
    unsigned talks = squad->handsets[0].talks;
    squad->handsets[0].last_refusal = STATUS_OK;
    squad->boot_ms += 1000; /* a handset tells of so many refusals a second */
    struct speaker forger = speaker(squad, &forgery);
    speaker_say(&forger, squad, 0, STRANGER);
    assert_int_equal(squad->handsets[0].last_refusal, expected);
    assert_int_equal(squad->handsets[0].talks, talks + (expected == STATUS_OK));
    speaker_clear(&forger);
}

static void an_announcement_that_proves_less_than_everything_is_refused(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    assert_refused(squad, (struct forgery){.talker = STRANGER, .signer = STRANGER},
                   STATUS_NOT_A_MEMBER);
    assert_refused(squad, (struct forgery){.talker = 1, .signer = 1, .wrong_gmk = true},
                   STATUS_MAC_INVALID);
    assert_refused(squad, (struct forgery){.talker = 1, .signer = STRANGER},
                   STATUS_SIGNATURE_INVALID);
    assert_refused(squad, (struct forgery){.talker = 0, .signer = 0}, STATUS_NOT_A_MEMBER);
    assert_refused(squad, (struct forgery){.talker = 1, .signer = 1, .age_ms = 121000},
                   STATUS_TIME_OUT_OF_RANGE);
    assert_refused(squad, (struct forgery){.talker = 1, .signer = 1, .age_ms = -121000},
                   STATUS_TIME_OUT_OF_RANGE);
    assert_refused(squad, (struct forgery){.talker = 1, .signer = 1}, STATUS_OK);
    squad_free(squad);
}

static void an_announcement_changed_at_any_octet_makes_nobody_a_talker(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    uint8_t copy[ANNOUNCEMENT_MAX], room[MEDIA_MAX];
    struct speaker genuine = speaker(squad, &(struct forgery){.talker = 1, .signer = 1});
    struct span octets = speaker_announcement(&genuine), media = speaker_next(&genuine, room);
    for (size_t at = 0; at < octets.length; at++) {
        memcpy(copy, octets.octets, octets.length);
        copy[at] ^= (uint8_t)(1u << at % 8);
        squad->boot_ms += 110; /* so that the limit on signature checks is not what refuses */
        inject(squad, 0, FRAME_ANNOUNCEMENT, (struct span){copy, octets.length});
        inject(squad, 0, FRAME_MEDIA, media);
        assert_int_equal(squad->handsets[0].talks, 0);
        assert_int_not_equal(squad->handsets[0].last_refusal, STATUS_RATE_LIMITED);
    }
    inject(squad, 0, FRAME_ANNOUNCEMENT, octets);
    inject(squad, 0, FRAME_MEDIA, media);
    assert_int_equal(squad->handsets[0].talks, 1);
    speaker_clear(&genuine);
    squad_free(squad);
}

/* The announcement may open a session again, in which nothing is heard again: neither what was
 * heard nor, after a restart, what was said before. */
static void what_was_said_is_heard_once_also_across_a_restart(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    uint8_t room[MEDIA_MAX];
    squad_group(squad, HOUR_MS);
    struct speaker talker = speaker(squad, &(struct forgery){.talker = 1, .signer = 1});
    struct span media = speaker_next(&talker, room);
    for (int i = 0; i < 2; i++) {
        inject(squad, 0, FRAME_ANNOUNCEMENT, speaker_announcement(&talker));
        inject(squad, 0, FRAME_MEDIA, media);
        assert_int_equal(squad->handsets[0].talks, 1);
        /* No media: the session is over, and in the end forgotten. */
        squad_run(squad, SESSION_SILENCE_MS + SESSION_KEPT_MS + 1000);
    }
    squad_restart(squad, 0, true);
    inject(squad, 0, FRAME_ANNOUNCEMENT, speaker_announcement(&talker));
    inject(squad, 0, FRAME_MEDIA, media);
    inject(squad, 0, FRAME_MEDIA, speaker_next(&talker, room));
    assert_int_equal(squad->handsets[0].talks, 1);
    speaker_clear(&talker);
    squad_free(squad);
}

static void an_expired_gmk_is_refused_for_listening(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, 60000);
    squad_run(squad, 55000);
    struct speaker talker = speaker(squad, &(struct forgery){.talker = 1, .signer = 1});
    squad_run(squad, 10000);
    speaker_say(&talker, squad, 0, 1);
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_GMK_EXPIRED);
    assert_int_equal(squad->handsets[0].talks, 0);
    speaker_clear(&talker);
    squad_free(squad);
}

/* --- Hostile frames ------------------------------------------------------------------------- */

static unsigned verifications;

static enum status count_and_verify(const struct domain_key *domain, struct span identifier,
                                    struct span message,
                                    const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    verifications++;
    return squad_provider()->verify(domain, identifier, message, signature);
}

static void a_flood_of_forged_presence_costs_few_signature_checks(void **state) {
    (void)state;
    enum {
        FORGED = 2000,
        SECONDS = 20
    };
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    struct provider counting = *squad_provider();
    counting.verify = count_and_verify;
    squad->handsets[0].engine->desk.keyring.provider = &counting;
    struct span payload = payload_of(squad_find_frame(squad, 1, FRAME_PRESENCE));
    uint8_t copy[PRESENCE_MAX];
    memcpy(copy, payload.octets, payload.length);
    verifications = 0;
    for (unsigned i = 0; i < FORGED; i++) {
        copy[6] = (uint8_t)(i >> 8); /* another time, so that it is not one acted on before */
        copy[7] = (uint8_t)i;
        copy[payload.length - 1 - i % 32] ^= (uint8_t)(i % 255 + 1);
        squad->boot_ms += SECONDS * 1000 / FORGED;
        inject(squad, 0, FRAME_PRESENCE, (struct span){copy, payload.length});
    }
    assert_in_range(verifications, PURSE_BURST, PURSE_BURST + SECONDS * PURSE_RATE);
    squad_run(squad, 1000); /* what waited is refused as well */
    assert_true(squad_view(squad, 0)->frames_refused >= FORGED);
    assert_true(squad_view(squad, 0)->log_count < SECONDS * 8); /* the log is not washed away */
    squad_free(squad);
}

static void garbage_of_every_kind_and_length_is_dropped_and_counted(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, 2026);
    uint8_t octets[600];
    for (size_t i = 0; i < 4000; i++) {
        assert_int_equal(entropy_draw(&entropy, octets, sizeof octets), STATUS_OK);
        size_t length = i % sizeof octets;
        octets[0] = FRAME_VERSION;
        octets[1] = (uint8_t)(i % 9);
        octets[3] = 0;
        squad->boot_ms += 10;
        squad_inject(squad, 0, STRANGER, (struct span){octets, length});
    }
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->group_count, 1);
    assert_int_equal(view->invitation_count, 0);
    assert_int_equal(squad->handsets[0].talks, 0);
    assert_true(view->frames_refused > 1000);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_signed_by_another_than_it_claims_is_refused),
        cmocka_unit_test(a_replayed_i_message_never_reaches_the_officer),
        cmocka_unit_test(an_altered_i_message_is_refused_at_any_octet),
        cmocka_unit_test(a_proposal_that_breaks_the_rules_of_adhoc_groups_is_refused),
        cmocka_unit_test(a_proposal_that_does_not_list_the_asked_one_is_refused),
        cmocka_unit_test(an_announcement_that_proves_less_than_everything_is_refused),
        cmocka_unit_test(an_announcement_changed_at_any_octet_makes_nobody_a_talker),
        cmocka_unit_test(what_was_said_is_heard_once_also_across_a_restart),
        cmocka_unit_test(an_expired_gmk_is_refused_for_listening),
        cmocka_unit_test(a_flood_of_forged_presence_costs_few_signature_checks),
        cmocka_unit_test(garbage_of_every_kind_and_length_is_dropped_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
