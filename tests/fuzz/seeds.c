/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seeds.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/d2d/record.h"
#include "app/handset/handset.h"
#include "app/handset/keys/receipt.h"
#include "app/handset/keys/ticket.h"
#include "crypto/attendance_word.h"
#include "held.h"
#include "seed_files.h"
#include "seeds_groups.h"
#include "seeds_keys.h"

enum {
    EACH = 2,         /* payloads of a kind */
    IN_EMERGENCY = 32 /* what a talk is in test_talk.c */
};

/* --- What goes over the air ------------------------------------------------------------------- */

static void talk(struct squad *squad, size_t n, size_t other) {
    must(squad_talk(squad, n) == STATUS_OK);
    squad_run(squad, 600);
    (void)!squad_talk(squad, other); /* has to wait, and does */
    squad_run(squad, 3000);
    (void)!squad_stop(squad, other);
    (void)!squad_stop(squad, n);
    squad_run(squad, 3000);
    (void)!squad_stop(squad, other); /* in case it got the floor by then */
    squad_run(squad, 6000);
}

static void put_frames(const struct squad *squad) {
    static const char *const names[FRAME_KINDS] = {
        [FRAME_PRESENCE] = "presence",
        [FRAME_ANNOUNCEMENT] = "announcement",
        [FRAME_MEDIA] = "media",
        [FRAME_ANNOUNCEMENT_AND_MEDIA] = "both",
        [FRAME_VOICE_REPORT] = "voice-report",
        [FRAME_FLOOR] = "floor",
        [FRAME_PRESENCE_LINK] = "presence-link",
    };
    unsigned counts[FRAME_KINDS] = {0};
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        unsigned kind = frame->octets[FRAME_KIND_AT];
        char name[64];
        if (frame->from == HELD || kind >= FRAME_KINDS || counts[kind] == EACH) {
            continue;
        }
        snprintf(name, sizeof name, "kind-%u-%u", kind, ++counts[kind]);
        put_payload(name, kind, frame->from, squad_payload(frame));
        snprintf(name, sizeof name, "far-%u-%u", kind, counts[kind]);
        put_payload(name, kind | MARKED | TWICE | FAR, frame->from | AS_IT_IS,
                    squad_payload(frame));
        if (names[kind] != NULL && counts[kind] == 1) {
            snprintf(name, sizeof name, "frame/%s", names[kind]);
            put(name, (struct span){frame->octets, frame->length});
        }
        if (kind == FRAME_PRESENCE) {
            put_message("presence", AS_PRESENCE, squad_payload(frame));
        } else if (kind == FRAME_PRESENCE_LINK) {
            put_message("presence-link", AS_LINK, squad_payload(frame));
        } else if (kind == FRAME_MEDIA) {
            put_message("media", AS_MEDIA, squad_payload(frame));
        } else if (kind == FRAME_FLOOR || kind == FRAME_VOICE_REPORT) {
            put(kind == FRAME_FLOOR ? "sealed/floor" : "sealed/report", squad_payload(frame));
        }
    }
}

/* --- What the tests' squad does not say ------------------------------------------------------- */

/* The plain text of an attendance word, which the targets seal. */
static void write_word(struct writer *w, size_t member, uint32_t age_ms) {
    write_u8(w, (uint8_t)member);
    write_u16(w, attendance_check(squad_identity(member)));
    write_u32(w, 0x01020304);
    write_u8(w, 0);
    write_u32(w, age_ms);
    write_u8(w, 40);
    write_u8(w, 1);
    write_u32(w, 0x05060708);
    write_u8(w, 0);
    write_u8(w, 1);
    write_u8(w, 7);
    write_u8(w, 1);
    write_u8(w, ATTENDANCE_UNPROVEN);
    write_u32(w, 0x05060708);
    write_u8(w, 2);
}

/* Enough say that there are many about; then a member's words. */
static void put_crowd(const struct presence *said, const struct keyring *keyring) {
    uint8_t input[ROOM], room[ROOM];
    struct writer all = writer_into(input, sizeof input);
    struct presence presence = *said;
    presence.near = 60;
    for (unsigned n = 0; n < 5; n++) {
        struct writer w = writer_into(room, sizeof room);
        snprintf(presence.identity, sizeof presence.identity, "%s", squad_identity(5 + n));
        memset(presence.start, (int)(n + 1), sizeof presence.start);
        presence.age_ms += 1000;
        must(presence_write(&w, &presence, keyring, &entropy_system) == STATUS_OK);
        write_u8(&all, FRAME_PRESENCE);
        write_u8(&all, (uint8_t)(5 + n));
        write_span_u16(&all, writer_span(&w));
    }
    for (unsigned n = 0; n < 3; n++) {
        struct writer w = writer_into(room, sizeof room);
        write_u16(&all, 0);
        write_u16(&all, 5000); /* ms */
        write_word(&w, n == 1 ? 2 : 0, 5000 * (n + 1));
        write_u8(&all, FRAME_ATTENDANCE);
        write_u8(&all, 1);
        write_span_u16(&all, writer_span(&w));
    }
    put("handset/crowd", writer_span(&all));
}

/* A presence of more than a frame, in parts. */
static void put_parts(struct span presence) {
    uint8_t whole[D2D_PAYLOAD_MAX] = {0}, input[ROOM];
    struct writer w = writer_into(whole, sizeof whole), all = writer_into(input, sizeof input);
    write_u8(&w, FRAME_PRESENCE);
    write_span(&w, presence);
    struct fragment_cut cut = fragment_cut(writer_span(&w), FRAME_LINK_MIN);
    for (size_t at = 0; at < cut.count; at++) {
        uint8_t room[FRAME_MAX];
        struct writer part = writer_into(room, sizeof room);
        fragment_write(&part, &cut, at);
        write_u8(&all, FRAME_FRAGMENT);
        write_u8(&all, 0);
        write_span_u16(&all, writer_span(&part));
    }
    put("handset/parts", writer_span(&all));
}

/* Parts of so many different frames that one sender has no room for more. */
static void put_parts_of_many(void) {
    enum {
        MANY = 24
    };
    static uint8_t input[2 * ROOM];
    struct writer all = writer_into(input, sizeof input);
    for (unsigned n = 0; n < MANY; n++) {
        uint8_t whole[FRAME_MAX] = {FRAME_D2D, (uint8_t)n}, room[FRAME_MAX];
        struct writer part = writer_into(room, sizeof room);
        struct fragment_cut cut = fragment_cut(SPAN_OF(whole), FRAME_LINK_MIN);
        fragment_write(&part, &cut, n % 2);
        write_payload(&all, FRAME_FRAGMENT, n % 4 == 0 ? n : 0, writer_span(&part));
    }
    must(writer_finish(&all) == STATUS_OK);
    put("handset/parts-of-many", writer_span(&all));
}

/* A question for this handset; and one for it and another, whom it wants as well, and asks for
 * itself later. */
static void put_inquiries(struct presence presence, const struct keyring *keyring) {
    uint8_t room[ROOM], input[ROOM];
    struct writer w = writer_into(room, sizeof room), all = writer_into(input, sizeof input);
    presence.age_ms += 1000;
    must(presence_write(&w, &presence, keyring, &entropy_system) == STATUS_OK);
    put_payload("inquiry", FRAME_INQUIRY, 0, writer_span(&w));
    presence.age_ms += 1000;
    w = writer_into(room, sizeof room);
    must(presence_write(&w, &presence, keyring, &entropy_system) == STATUS_OK);
    write_payload(&all, 0, WANTED | ASKED_FOR, (struct span){NULL, 0});
    write_payload(&all, 0, WANTED | AT_LEISURE | (ASKED_FOR + 1), (struct span){NULL, 0});
    write_payload(&all, FRAME_INQUIRY, 3, writer_span(&w));
    for (unsigned n = 0; n < 4; n++) {
        write_u16(&all, 0);
        write_u16(&all, 7000); /* ms */
    }
    must(writer_finish(&all) == STATUS_OK);
    put("handset/inquiry-for-two", writer_span(&all));
}

/* Of the first handset, whose name its KMS attests. */
static void put_attested(struct squad *squad) {
    uint8_t room[ROOM];
    const struct keyring *keyring = &squad->handsets[0].engine->desk.keyring;
    const struct squad_frame *frame = squad_find_frame(squad, 0, FRAME_PRESENCE);
    struct presence presence;
    struct span covered, signature;
    must(presence_read(squad_payload(frame), &presence, &covered, &signature) == STATUS_OK);
    must(attestation_sign(&presence.attestation, presence.kms, presence.identity, "Anna", 7,
                          squad_provider(), squad_statements_key(), &entropy_system) == STATUS_OK);
    struct writer w = writer_into(room, sizeof room);
    attestation_write(&w, &presence.attestation, "");
    put_message("attestation", AS_ATTESTATION, writer_span(&w));
    w = writer_into(room, sizeof room);
    snprintf(presence.name, sizeof presence.name, "Anna");
    presence.age_ms += 1000;
    must(presence_write(&w, &presence, keyring, &entropy_system) == STATUS_OK);
    put_payload("attested", FRAME_PRESENCE, 0, writer_span(&w));
    put_message("attested", AS_PRESENCE, writer_span(&w));
    put_parts(writer_span(&w));
    put_crowd(&presence, keyring);
    put_inquiries(presence, keyring);
    struct credential *credential = credential_new();
    must(credential != NULL && credential_read(squad_credential(0), credential) == STATUS_OK);
    credential->attestation = presence.attestation;
    w = writer_into(room, sizeof room);
    must(credential_write(credential, &w) == STATUS_OK);
    put_message("credential", AS_CREDENTIAL, writer_span(&w));
    seeds_write_credentials(credential);
    credential_free(credential);
}

static void put_word(void) {
    static const uint8_t key[GMK_SIZE] = {0};
    uint8_t room[ATTENDANCE_WORD_MAX];
    struct writer w = writer_into(room, sizeof room);
    write_word(&w, 0, 5000);
    put_message("word", AS_WORD, writer_span(&w));
    put_payload("word", FRAME_ATTENDANCE, 0, writer_span(&w));
    struct attendance_word word = {.gmk_id = 1, .latest_member = ATTENDANCE_NOBODY};
    w = writer_into(room, sizeof room);
    must(attendance_close(key, &word, &w) == STATUS_OK);
    put_payload("word-of-others", FRAME_ATTENDANCE, 200, writer_span(&w));
}

/* Who came late talks and shows its ticket; and a forged one. */
static void put_ticket(const char *name, uint8_t choice, struct span ticket) {
    uint8_t input[ROOM];
    char forged[64];
    struct writer w = writer_into(input, sizeof input);
    write_u32(&w, 1);
    write_u8(&w, choice | 3); /* an SSRC of 4: there is a ticket */
    write_u8(&w, 0);
    write_u8(&w, 1);
    write_u8(&w, 2);
    write_span_u16(&w, ticket);
    put(name, writer_span(&w));
    input[w.length - ECCSI_SIGNATURE_SIZE] = HELD_FORGED;
    snprintf(forged, sizeof forged, "talk/forged-%s", name + strlen("talk/"));
    put(forged, writer_span(&w));
}

/* A message of the group's creator, and a receipt for one of this handset's. */
static void put_texts(const struct squad *squad) {
    const struct group *group = squad->handsets[HELD].engine->groups.list[0];
    uint8_t room[GROUP_MESSAGE_PLAIN_MAX];
    struct writer w = writer_into(room, sizeof room);
    struct group_message said = {.number = group_clock_read(&group->clock, squad_now(squad, HELD)),
                                 .text = "two hurt"};
    snprintf(said.identity, sizeof said.identity, "%s", squad_identity(0));
    group_message_write(&w, &said);
    put_payload("text", FRAME_MESSAGE, 0, writer_span(&w));
    w = writer_into(room, sizeof room);
    uint8_t who[VOICE_REPORT_WHO_SIZE];
    must(voice_report_who(squad_identity(HELD), who) == STATUS_OK);
    write_span(&w, SPAN_OF(who));
    write_u64(&w, (uint64_t)said.number);
    must(voice_report_who(squad_identity(0), who) == STATUS_OK);
    write_span(&w, SPAN_OF(who));
    put_payload("text-receipt", FRAME_MESSAGE_RECEIPT, 0, writer_span(&w));
}

/* The group's list with one who came late, its ticket, and the creator's record of the group. */
static void put_latecomer(struct squad *squad) {
    static uint8_t room[4 * ROOM];
    const struct handset *creator = squad->handsets[0].engine;
    struct group *group = creator->groups.list[0];
    struct group_parameters kept = group->parameters;
    int64_t group_ms = group_clock_read(&group->clock, squad_now(squad, 0));
    struct writer w = writer_into(room, sizeof room);
    group_write(&w, group);
    put("stored/group", writer_span(&w));
    struct group_member *late = &group->parameters.members[group->parameters.member_count++];
    *late = (struct group_member){.listed_in = ++group->parameters.list_number};
    snprintf(late->identity, sizeof late->identity, "%s", squad_identity(SQUAD_STRANGER));
    snprintf(late->kms, sizeof late->kms, "%s", kept.members[0].kms);
    w = writer_into(room, sizeof room);
    must(ticket_write(&w, &group->parameters, late, group_ms, &creator->desk.keyring,
                      &entropy_system) == STATUS_OK);
    put_message("ticket", AS_TICKET, writer_span(&w));
    put_ticket("talk/ticket", 0, writer_span(&w));
    late->no_emergency = true;
    w = writer_into(room, sizeof room);
    must(ticket_write(&w, &group->parameters, late, group_ms, &creator->desk.keyring,
                      &entropy_system) == STATUS_OK);
    put_ticket("talk/ticket-without-emergency", IN_EMERGENCY, writer_span(&w));
    late->no_emergency = false;
    struct d2d_record list = {.type = RECORD_LIST,
                              .utc_ms = group_ms,
                              .group_ms = group_ms,
                              .parameters = &group->parameters};
    w = writer_into(room, sizeof room);
    d2d_record_write(&w, &list);
    put("record/list", writer_span(&w));
    uint8_t record[ROOM];
    struct writer r = writer_into(record, sizeof record);
    write_u8(&r, 0); /* as one who called */
    write_span_u16(&r, writer_span(&w));
    put("d2d/list", writer_span(&r));
    w = writer_into(room, sizeof room);
    group_write(&w, group);
    put("stored/late", writer_span(&w));
    group->parameters = kept;
}

/* The record of the managed group's key, with one whose clock is ahead. */
static void put_standard(const struct squad *squad) {
    uint8_t room[ROOM];
    const struct groups *groups = &squad->handsets[HELD].engine->groups;
    struct writer w = writer_into(room, sizeof room);
    must(groups->count == 2 && group_is_standard(groups->list[1]));
    struct group *group = groups->list[1];
    struct talkers kept = group->talkers;
    must(talkers_set(&group->talkers, squad_identity(2), squad_now(squad, HELD).utc_ms, 0));
    group_write(&w, group);
    group->talkers = kept;
    put("stored/standard", writer_span(&w));
    seeds_write_talkers(writer_span(&w), squad_identity(2));
}

/* Of one who is not there, and so has said nothing of the key. */
static void put_receipt(const struct squad *squad) {
    uint8_t room[RECEIPT_MAX];
    struct receipt receipt = {.utc_ms = squad_now(squad, 0).utc_ms,
                              .kms = "sip:kms@county.example"};
    struct writer w = writer_into(room, sizeof room);
    snprintf(receipt.group, sizeof receipt.group, "%s", squad_identity(SQUAD_FIRE));
    snprintf(receipt.member, sizeof receipt.member, "%s", squad_identity(HELD_AWAY));
    must(receipt_write(&w, &receipt, &squad->handsets[0].engine->desk.keyring, &entropy_system) ==
         STATUS_OK);
    put_message("receipt", AS_RECEIPT, writer_span(&w));
    put_payload("receipt", FRAME_RECEIPT, 0, writer_span(&w));
}

/* And of one who was told of exclusions that the handset, which manages, does not know. What proves
 * it is nobody's word, or a manager's. */
static void put_objection(const struct squad *squad, const char *name,
                          const struct epoch_proof *told) {
    uint8_t room[RECEIPT_MAX], proof[EPOCH_PROOF_SIZE];
    struct writer w = writer_into(room, sizeof room), p = writer_into(proof, sizeof proof);
    epoch_proof_write(&p, told);
    struct receipt receipt = {.utc_ms = squad_now(squad, 0).utc_ms,
                              .told = told->word.known.list[0],
                              .kms = "sip:kms@county.example",
                              .proof = writer_span(&p)};
    snprintf(receipt.group, sizeof receipt.group, "%s", squad_identity(SQUAD_FIRE));
    snprintf(receipt.member, sizeof receipt.member, "%s", squad_identity(0));
    must(receipt_write(&w, &receipt, &squad->handsets[0].engine->desk.keyring, &entropy_system) ==
         STATUS_OK);
    put_message(name, AS_RECEIPT, writer_span(&w));
    put_payload(name, FRAME_RECEIPT, 0, writer_span(&w));
}

static void put_objections(const struct squad *squad) {
    static const uint8_t gmk[SSV_SIZE] = {5};
    const struct exclusion_states known = {
        .count = 2, .is_cut = true, .list = {{.number = 3}, {.number = 2}}};
    const struct epoch_proof nobodys = {
        .word = {.certificate = {.term = SQUAD_TERM}, .counter = 9, .known = known}, .gmk_id = 7};
    int64_t now_ms = squad_now(squad, 0).utc_ms;
    struct key_delivery_fields fields = {.gmk_id = 7,
                                         .utc_ms = now_ms,
                                         .not_before_ms = now_ms,
                                         .not_after_ms = now_ms + HOUR_MS,
                                         .group_kms = "sip:kms@county.example"};
    uint8_t said[EPOCH_WORD_SIZE];
    struct writer w = writer_into(said, sizeof said);
    struct epoch_word word;
    struct epoch_proof proof;
    snprintf(fields.group, sizeof fields.group, "%s", squad_identity(SQUAD_FIRE));
    squad_manager_word(SQUAD_MANAGER, SQUAD_TERM, 9, &known, &fields, gmk, &w);
    must(epoch_word_read(writer_span(&w), &word) == STATUS_OK &&
         epoch_proof_of(&word, &fields, gmk, &proof) == STATUS_OK);
    put_objection(squad, "objection", &nobodys);
    put_objection(squad, "objection-with-proof", &proof);
}

/* Of a group in which this handset is not: it learns which group that is, and passes on what is
 * said there; some of it is in parts, or too long for the other link. */
static void put_others_talk(const struct squad *squad) {
    static const uint8_t gmk[GMK_SIZE] = {1}, gsk[GSK_SIZE] = {2}, voice[700] = {0xC0, 0, 0, 9};
    uint8_t room[ROOM], input[ROOM];
    struct announcement_fields fields = {
        .csb_id = 5, .ssrc = 7, .gmk_id = 0xC0000009, .utc_ms = squad_now(squad, 0).utc_ms};
    struct writer w = writer_into(room, sizeof room), all = writer_into(input, sizeof input);
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(2));
    snprintf(fields.group, sizeof fields.group, "%s", squad_identity(SQUAD_POLICE));
    must(announcement_build(squad_provider(), &fields, gmk, gsk, squad_signing_key(2),
                            &entropy_system, &w) == STATUS_OK);
    const unsigned far = MARKED | FAR;
    write_payload(&all, FRAME_ANNOUNCEMENT | far, 2, writer_span(&w));
    write_payload(&all, FRAME_MEDIA | far, 2, SPAN_OF(voice));
    write_payload(&all, FRAME_MEDIA | FAR, 2, SPAN_OF(voice));
    write_payload(&all, FRAME_FRAGMENT | far, 2, SPAN_OF(voice));
    write_u16(&all, 7);    /* who is looked up meanwhile */
    write_u16(&all, 7000); /* ms */
    write_payload(&all, FRAME_ANNOUNCEMENT | far | TWICE, 2, writer_span(&w));
    put("handset/others-talk", writer_span(&all));
}

/* Of more ad-hoc groups than are learnt; the first one's is said again, and what is in it. */
static void put_others_groups(const struct squad *squad) {
    static const uint8_t gmk[GMK_SIZE] = {1}, gsk[GSK_SIZE] = {2};
    static const uint8_t voice[60] = {0xA0, 0, 0, 1}, unknown[60] = {0xA0, 0, 0, 99};
    static uint8_t input[2 * ROOM];
    uint8_t room[ROOM];
    const unsigned far = MARKED | FAR;
    const uint32_t groups = HANDSET_RELAYED_GROUPS_MAX + 1;
    struct writer all = writer_into(input, sizeof input);
    for (uint32_t n = 0; n < groups + 2; n++) {
        struct announcement_fields fields = {.csb_id = 5,
                                             .ssrc = 7,
                                             .gmk_id = 0xA0000001 + n % groups,
                                             .utc_ms = squad_now(squad, 0).utc_ms + n};
        struct writer w = writer_into(room, sizeof room);
        snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(2));
        must(group_identity_adhoc(squad_identity(2), n % groups, fields.group) == STATUS_OK);
        must(announcement_build(squad_provider(), &fields, gmk, gsk, squad_signing_key(2),
                                &entropy_system, &w) == STATUS_OK);
        write_payload(&all, FRAME_ANNOUNCEMENT | far, 2, writer_span(&w));
        if (n == 0) {
            write_payload(&all, FRAME_ANNOUNCEMENT | far | TWICE, 2, writer_span(&w));
            write_payload(&all, FRAME_MEDIA | far, 2, SPAN_OF(voice));
            write_payload(&all, FRAME_MEDIA | far, 2, SPAN_OF(unknown));
        }
        write_u16(&all, 0);
        write_u16(&all, 1000); /* ms */
    }
    must(writer_finish(&all) == STATUS_OK);
    put("handset/others-groups", writer_span(&all));
}

/* Talkers in the group that has no list, who say what they say again. */
static void put_standard_talk(void) {
    static const uint8_t packets[][8] = {
        {0x00, 96, 1, 2, 3}, {0x80, 96, 1, 2, 3, 0, 0, 1}, {0xC0, 96, 1, 2, 3, 0, 0, 30}};
    for (uint8_t n = 0; n < 3; n++) {
        uint8_t input[256];
        char name[32];
        struct writer w = writer_into(input, sizeof input);
        write_u32(&w, UINT32_C(0x80000001) + n);
        write_u8(&w, n == 1 ? 16 : n == 2 ? 32 : 0);
        write_u8(&w, 0);
        write_u8(&w, 0);
        write_u8(&w, n);
        for (size_t i = 0; i < 3; i++) {
            write_u8(&w, sizeof packets[i]);
            write_span(&w, SPAN_OF(packets[i]));
        }
        snprintf(name, sizeof name, "talk/standard-%u", n);
        put(name, writer_span(&w));
    }
}

/* A talker, and somebody who changes what it says on the way. */
static void put_forged(void) {
    static const uint8_t packets[][8] = {
        {0x00, 96, 1, 2, 3}, {0x80, 96, 1, 2, 3, 0, 0, 1},  {0xC0, 96, 1, 2, 3, 0, 0, 30},
        {0x00, 96, 4, 5, 6}, {0x80, 96, 1, 2, 3, 0, 0, 90}, {0x80, 96, 1, 2, 3, 0, 0, 120}};
    uint8_t input[256];
    struct writer w = writer_into(input, sizeof input);
    write_u32(&w, 1);
    write_u32(&w, 0); /* nothing special about its announcement */
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        write_u8(&w, sizeof packets[i]);
        write_span(&w, SPAN_OF(packets[i]));
    }
    put("talk/forged", writer_span(&w));
}

/* Who is announced after the first packet, and who claims to have talked before one who talks. */
static void put_late(void) {
    static const uint32_t how[] = {UINT32_C(0x40000001), UINT32_C(0x20000001),
                                   UINT32_C(0x20000002)};
    static const uint8_t packet[] = {0x00, 96, 1, 2, 3};
    static const uint8_t end_of[] = {0x00, MEDIA_END_TYPE, 1};
    for (size_t n = 0; n < sizeof how / sizeof how[0]; n++) {
        uint8_t input[256];
        char name[32];
        struct writer w = writer_into(input, sizeof input);
        write_u32(&w, how[n]);
        write_u8(&w, 0);
        write_u8(&w, 0);
        write_u8(&w, n == 1 ? 100 : 0); /* tenths of a second ago it began */
        write_u8(&w, (uint8_t)(40 + n));
        for (size_t i = 0; i < 4; i++) {
            write_span_u8(&w, SPAN_OF(packet));
        }
        write_span_u8(&w, SPAN_OF(end_of));
        write_span_u8(&w, SPAN_OF(packet));
        snprintf(name, sizeof name, "talk/late-%zu", n);
        put(name, writer_span(&w));
    }
}

/* A list that names handset 2, and a presence of who holds it. */
static void put_revocation(struct squad *squad) {
    uint8_t room[ROOM];
    const struct keyring *keyring = &squad->handsets[0].engine->desk.keyring;
    struct revocation list;
    struct presence presence;
    struct span covered, signature;
    must(revocation_begin(&list, keyring->credential->kms, 7, squad_now(squad, HELD).utc_ms,
                          &entropy_system) == STATUS_OK);
    must(revocation_add(&list, squad_identity(2)) == STATUS_OK);
    must(revocation_add(&list, "sip:stolen@county.example") == STATUS_OK);
    must(revocation_sign(&list, squad_provider(), squad_statements_key(), &entropy_system) ==
         STATUS_OK);
    struct writer w = writer_into(room, sizeof room);
    revocation_write(&w, &list);
    put_message("revocation", AS_REVOCATION, writer_span(&w));
    put_payload("revocation", FRAME_REVOCATION, 0, writer_span(&w));
    must(presence_read(squad_payload(squad_find_frame(squad, 0, FRAME_PRESENCE)), &presence,
                       &covered, &signature) == STATUS_OK);
    presence.revoked = 7;
    presence.age_ms += 2000;
    w = writer_into(room, sizeof room);
    must(presence_write(&w, &presence, keyring, &entropy_system) == STATUS_OK);
    put_message("presence-with-list", AS_PRESENCE, writer_span(&w));
    put_payload("presence-with-list", FRAME_PRESENCE, 0, writer_span(&w));
}

void seeds_write(struct squad *squad) {
    const char *wish = getenv("MUSTER_FUZZ");
    if (wish == NULL || strcmp(wish, "write") != 0) {
        return;
    }
    talk(squad, 0, 2);
    talk(squad, 2, 0);
    talk(squad, HELD, 2);
    squad_run(squad, 15000);
    put_frames(squad);
    put_attested(squad);
    put_word();
    put_texts(squad);
    put_latecomer(squad);
    put_standard(squad);
    seeds_write_deliveries(squad);
    put_receipt(squad);
    put_objections(squad);
    put_others_talk(squad);
    put_others_groups(squad);
    put_standard_talk();
    put_forged();
    put_late();
    put_parts_of_many();
    put_revocation(squad);
    seeds_write_proposals(squad);
}
