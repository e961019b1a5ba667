/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seeds_groups.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/d2d/record.h"
#include "app/handset/handset.h"
#include "app/handset/keys/ticket.h"
#include "held.h"
#include "seed_files.h"

enum {
    CALLED_AND_ACCEPTS = 1, /* of test_d2d.c */
    GRANT_ROOM = 2048,
};

static const uint8_t new_gmk[GMK_SIZE] = {9};

static void write_one(struct writer *input, const struct d2d_record *record) {
    static uint8_t room[ROOM];
    struct writer w = writer_into(room, sizeof room);
    d2d_record_write(&w, record);
    must(writer_finish(&w) == STATUS_OK);
    write_span_u16(input, writer_span(&w));
}

/* A proposal, a question of how it stands, and the key. */
struct handover {
    struct group_parameters parameters;
    int64_t group_ms;
    uint32_t hour;
    const uint8_t *gmk;
    struct span ticket;
    bool is_doubted, is_repeated;
};

static void put_handover(const char *name, struct handover *handover) {
    static uint8_t input[2 * ROOM];
    struct writer w = writer_into(input, sizeof input);
    const struct d2d_record proposal = {.type = RECORD_PROPOSE_GROUP,
                                        .utc_ms = handover->group_ms,
                                        .group_ms = handover->group_ms,
                                        .is_repeated = handover->is_repeated,
                                        .parameters = &handover->parameters};
    const struct d2d_record poll = {
        .type = RECORD_POLL, .utc_ms = handover->group_ms, .group_ms = handover->group_ms};
    struct d2d_record grant = {.type = RECORD_GRANT,
                               .utc_ms = handover->group_ms,
                               .group_ms = handover->group_ms,
                               .gmk_id = handover->parameters.gmk_id,
                               .hour = handover->hour,
                               .is_doubted = handover->is_doubted,
                               .ticket = handover->ticket};
    memcpy(grant.gmk, handover->gmk, sizeof grant.gmk);
    write_u8(&w, CALLED_AND_ACCEPTS);
    write_one(&w, &proposal);
    write_one(&w, &poll);
    write_one(&w, &grant);
    write_one(&w, &grant); /* it asks again for the receipt */
    must(writer_finish(&w) == STATUS_OK);
    put(name, writer_span(&w));
}

static void put_of_held(const struct squad *squad, const struct handover *held) {
    struct handover handover = *held;
    put_handover("d2d/held-again", &handover);
    handover.gmk = new_gmk;
    put_handover("d2d/held-other-key", &handover);
    handover.parameters.gmk_id ^= 0x77;
    put_handover("d2d/held-not-newer", &handover);
    handover.parameters.created_ms = handover.group_ms;
    handover.parameters.period_ms = HOUR_MS;
    put_handover("d2d/held-rekey", &handover);
    handover.hour = 1;
    put_handover("d2d/held-impossible-hour", &handover);
    handover.hour = 0;
    handover.is_doubted = true;
    snprintf(handover.parameters.name, sizeof handover.parameters.name, "Renamed");
    put_handover("d2d/held-rekey-renamed", &handover);
    (void)squad;
}

static void put_of_late(struct squad *squad, const struct handover *held) {
    static uint8_t room[GRANT_ROOM];
    struct handover handover = *held;
    struct group_parameters *parameters = &handover.parameters;
    const struct keyring *creator = &squad->handsets[0].engine->desk.keyring;
    must(group_identity_adhoc(squad_identity(0), 5, parameters->identity) == STATUS_OK);
    parameters->gmk_id ^= 0x55;
    parameters->created_ms = handover.group_ms;
    parameters->period_ms = HOUR_MS;
    handover.gmk = new_gmk;
    put_handover("d2d/another", &handover);
    struct group_member *late = group_member(parameters, squad_identity(HELD));
    must(late != NULL);
    late->listed_in = parameters->list_number = 1;
    put_handover("d2d/late-without-ticket", &handover);
    struct writer w = writer_into(room, sizeof room);
    must(ticket_write(&w, parameters, late, handover.group_ms, creator, &entropy_system) ==
         STATUS_OK);
    handover.ticket = writer_span(&w);
    put_handover("d2d/late", &handover);
    late->listed_in = parameters->list_number = 2;
    put_handover("d2d/late-other-number", &handover);
    late->listed_in = parameters->list_number = 0;
    put_handover("d2d/ticket-for-nothing", &handover);
}

static void put_breaches(const struct handover *held) {
    struct handover handover = *held;
    struct group_parameters *parameters = &handover.parameters;
    must(group_identity_adhoc(squad_identity(0), 6, parameters->identity) == STATUS_OK);
    parameters->gmk_id ^= 0x33;
    parameters->created_ms = handover.group_ms + HOUR_MS;
    put_handover("d2d/breach-not-yet", &handover);
    parameters->created_ms = handover.group_ms - 2 * HOUR_MS;
    parameters->period_ms = HOUR_MS;
    put_handover("d2d/breach-over", &handover);
    parameters->created_ms = handover.group_ms;
    parameters->period_ms = 300 * (int64_t)HOUR_MS;
    put_handover("d2d/breach-too-long", &handover);
    parameters->period_ms = HOUR_MS;
    struct group_member *self = group_member(parameters, squad_identity(HELD));
    must(self != NULL);
    snprintf(self->identity, sizeof self->identity, "%s", squad_identity(HELD_AWAY));
    put_handover("d2d/breach-no-member", &handover);
    snprintf(parameters->creator, sizeof parameters->creator, "%s", squad_identity(2));
    put_handover("d2d/breach-no-creator", &handover);
    handover = *held;
    must(group_identity_adhoc(squad_identity(0), 7, parameters->identity) == STATUS_OK);
    parameters->gmk_id = 7; /* of a standard group's space */
    put_handover("d2d/breach-key-space", &handover);
}

void seeds_write_proposals(struct squad *squad) {
    static struct handover held;
    const struct group *group = squad->handsets[HELD].engine->groups.list[0];
    held = (struct handover){.parameters = group->parameters,
                             .group_ms = group_clock_read(&group->clock, squad_now(squad, HELD)),
                             .hour = group->current.hour,
                             .gmk = group->current.octets->octets};
    put_of_held(squad, &held);
    put_of_late(squad, &held);
    put_breaches(&held);
}

void seeds_write_talkers(struct span record, const char *talker) {
    static uint8_t room[ROOM];
    const size_t length = strlen(talker);
    must(record.length <= sizeof room);
    memcpy(room, record.octets, record.length);
    uint8_t *identity = memmem(room, record.length, talker, length);
    must(identity != NULL && identity - room > 2 && identity[-2] == 1);
    identity[-2] = TALKERS_MAX + 1; /* how many there are, before the length of the first */
    put("stored/talkers-too-many", (struct span){room, record.length});
    identity[-2] = 1;
    put("stored/talkers-cut", (struct span){room, (size_t)(identity - room) + length + 3});
    identity[0] = '!';
    put("stored/talkers-nobody", (struct span){room, record.length});
}
