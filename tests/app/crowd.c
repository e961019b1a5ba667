/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/sim/provider_model.h"

enum {
    HOUR = 60 * 60 * 1000,
};

static const int64_t start_utc_ms = INT64_C(1795000000000);
static const char kms_uri[] = "sip:kms@county.example";

/* Who is being run, and the module's own check of a signature. */
static struct crowd_handset *running;
static struct provider counting;

static enum status verify(const struct domain_key *domain, struct span identifier,
                          struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    if (running != NULL) {
        running->verified++;
    }
    return provider_model()->verify(domain, identifier, message, signature);
}

static const struct provider *the_provider(void) {
    counting = *provider_model();
    counting.verify = verify;
    return &counting;
}

void crowd_identity(size_t n, char identity[IDENTITY_SIZE]) {
    snprintf(identity, IDENTITY_SIZE, "urn:gsma:imei:90420156-%06zu-0", 100000 + n);
}

struct moment crowd_now(const struct crowd *crowd) {
    return (struct moment){
        .utc_ms = start_utc_ms + crowd->boot_ms, .boot_ms = crowd->boot_ms, .boot_id = 7};
}

unsigned crowd_draw(struct crowd *crowd, unsigned below) {
    crowd->random = crowd->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(crowd->random >> 33) % below;
}

/* --- Handsets ------------------------------------------------------------------------------- */

static enum status draw_octets(void *context, uint8_t *octets, size_t length) {
    struct crowd *crowd = context;
    for (size_t i = 0; i < length; i++) {
        octets[i] = (uint8_t)crowd_draw(crowd, 256);
    }
    return STATUS_OK;
}

static size_t credential_of(size_t n, uint8_t octets[CREDENTIAL_SIZE_MAX],
                            char identity[IDENTITY_SIZE]) {
    struct credential *credential = credential_new();
    assert_non_null(credential);
    crowd_identity(n, identity);
    snprintf(credential->identity, IDENTITY_SIZE, "%s", identity);
    snprintf(credential->kms, IDENTITY_SIZE, "%s", kms_uri);
    snprintf(credential->display_name, DISPLAY_NAME_SIZE, "unit %zu", n);
    credential->max_key_period_ms = 12 * (int64_t)HOUR;
    assert_int_equal(identifier_of(identity, 0, &credential->identifier), STATUS_OK);
    struct span identifier = identifier_span(&credential->identifier);
    const struct provider *provider = the_provider();
    assert_int_equal(provider->public_keys(NULL, credential->z, credential->kpak), STATUS_OK);
    assert_int_equal(provider->issue_receiver_key(NULL, identifier, credential->rsk), STATUS_OK);
    assert_int_equal(provider->issue_signing_key(NULL, identifier, &entropy_system, credential->ssk,
                                                 credential->pvt),
                     STATUS_OK);
    struct writer w = writer_into(octets, CREDENTIAL_SIZE_MAX);
    assert_int_equal(credential_write(credential, &w), STATUS_OK);
    credential_free(credential);
    return w.length;
}

/* The last two of a whole group came late. Every other handset heard of the later one first. */
static void order_latecomers(struct group_parameters *parameters, size_t n) {
    if (parameters->member_count < CROWD_GROUP) {
        return;
    }
    struct group_member *members = &parameters->members[CROWD_GROUP - 2];
    const struct group_member first = members[0];
    parameters->list_number = 2;
    members[0].listed_in = 1;
    members[1].listed_in = 2;
    if (n % 2 == 1) {
        members[0] = members[1];
        members[1] = first;
        members[1].listed_in = 1;
    }
}

/* The record of the group that the n-th is in. */
static size_t group_of(const struct crowd *crowd, size_t n, uint8_t octets[GROUP_RECORD_MAX]) {
    const struct moment began = {.utc_ms = start_utc_ms, .boot_ms = 0, .boot_id = 7};
    size_t number = n / CROWD_GROUP;
    uint8_t gmk[GMK_SIZE] = {0};
    struct group_parameters *parameters = calloc(1, sizeof *parameters);
    assert_non_null(parameters);
    snprintf(parameters->name, sizeof parameters->name, "group %zu", number);
    crowd_identity(number * CROWD_GROUP, parameters->creator);
    assert_int_equal(group_identity_adhoc(parameters->creator, number + 1, parameters->identity),
                     STATUS_OK);
    parameters->gmk_id = 0xA0000000 + (uint32_t)number;
    parameters->created_ms = start_utc_ms;
    parameters->period_ms = 8 * (int64_t)HOUR;
    for (size_t i = 0; i < CROWD_GROUP && number * CROWD_GROUP + i < crowd->count; i++) {
        struct group_member *member = &parameters->members[parameters->member_count++];
        crowd_identity(number * CROWD_GROUP + i, member->identity);
        snprintf(member->kms, sizeof member->kms, "%s", kms_uri);
        snprintf(member->name, sizeof member->name, "unit %zu", number * CROWD_GROUP + i);
    }
    order_latecomers(parameters, n);
    memcpy(gmk, &number, sizeof number);
    struct group *group =
        group_new(parameters, group_clock_start(start_utc_ms + crowd->boot_ms, crowd_now(crowd)));
    assert_non_null(group);
    assert_int_equal(group_set_gmk(group, parameters, gmk, began), STATUS_OK);
    struct writer w = writer_into(octets, GROUP_RECORD_MAX);
    group_write(&w, group);
    assert_int_equal(writer_finish(&w), STATUS_OK);
    group_free(group);
    free(parameters);
    return w.length;
}

struct crowd *crowd_new(size_t count, uint64_t seed) {
    struct crowd *crowd = calloc(1, sizeof *crowd);
    assert_non_null(crowd);
    crowd->handsets = calloc(count, sizeof crowd->handsets[0]);
    assert_non_null(crowd->handsets);
    crowd->boot_ms = 1000000;
    crowd->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    crowd->count = count;
    crowd->ears = count <= CROWD_ALL_EARS ? count : CROWD_EARS;
    for (size_t n = 0; n < count; n++) {
        crowd->handsets[n] = (struct crowd_handset){
            .crowd = crowd, .deadline_ms = INT64_MAX, .heard = calloc(count, sizeof(bool))};
        assert_non_null(crowd->handsets[n].heard);
    }
    return crowd;
}

void crowd_off(struct crowd *crowd, size_t n) {
    handset_free(crowd->handsets[n].engine);
    crowd->handsets[n].engine = NULL;
    crowd->handsets[n].deadline_ms = INT64_MAX;
}

void crowd_free(struct crowd *crowd) {
    for (size_t n = 0; n < crowd->count; n++) {
        crowd_off(crowd, n);
        free(crowd->handsets[n].heard);
    }
    for (size_t i = 0; i < crowd->flight_count; i++) {
        free(crowd->flights[i].octets);
    }
    free(crowd->flights);
    free(crowd->handsets);
    free(crowd);
}

/* --- The air -------------------------------------------------------------------------------- */

static void say(struct crowd *crowd, size_t from, struct span frame) {
    if (crowd->flight_count == crowd->flight_room) {
        crowd->flight_room = crowd->flight_room * 2 + 64;
        crowd->flights = realloc(crowd->flights, crowd->flight_room * sizeof crowd->flights[0]);
        assert_non_null(crowd->flights);
    }
    struct crowd_flight *flight = &crowd->flights[crowd->flight_count++];
    *flight = (struct crowd_flight){.arrives_ms = crowd->boot_ms + CROWD_STEP_MS,
                                    .from = from,
                                    .length = frame.length,
                                    .octets = malloc(frame.length)};
    assert_non_null(flight->octets);
    memcpy(flight->octets, frame.octets, frame.length);
    unsigned kind = frame.octets[1] % CROWD_KINDS;
    crowd->frames[kind]++;
    crowd->octets[kind] += frame.length;
}

/* What is to be made durable is at once. */
static void settle(struct crowd *crowd, size_t n) {
    struct crowd_handset *handset = &crowd->handsets[n];
    struct output output;
    while (handset_take_output(handset->engine, &output)) {
        if (output.kind == OUTPUT_SEND) {
            say(crowd, n, output.frame);
        } else if (output.kind == OUTPUT_STORE) {
            handset_durable(handset->engine, output.number);
        }
    }
    handset->deadline_ms = handset_deadline(handset->engine);
}

static int64_t ns_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void hear(struct crowd *crowd, size_t n, const struct crowd_flight *flight) {
    struct crowd_handset *handset = &crowd->handsets[n];
    int64_t before_ns = crowd->is_timed ? ns_now() : 0;
    running = handset;
    handset_frame(handset->engine, crowd_now(crowd), flight->from + 1,
                  (struct span){flight->octets, flight->length});
    settle(crowd, n);
    running = NULL;
    handset->spent_ns += crowd->is_timed ? ns_now() - before_ns : 0;
}

void crowd_inject(struct crowd *crowd, size_t n, size_t from, struct span octets) {
    const struct crowd_flight flight = {
        .from = from, .length = octets.length, .octets = (uint8_t *)octets.octets};
    hear(crowd, n, &flight);
}

/* What the n-th makes of a frame, if it does not hear all (crowd.h). Returns whether it hears it.
 */
static bool hears_it(struct crowd *crowd, size_t n, const struct crowd_flight *flight) {
    enum frame_kind kind = (enum frame_kind)flight->octets[1];
    struct crowd_handset *handset = &crowd->handsets[n];
    bool is_own_group = n / CROWD_GROUP == flight->from / CROWD_GROUP;
    struct presence presence;
    struct span covered, signature;
    if (n < crowd->ears || is_own_group || kind == FRAME_INQUIRY ||
        flight->from == handset->trusted ||
        (kind == FRAME_PRESENCE && crowd_draw(crowd, CROWD_HEARD_EACH) == 0)) {
        return true;
    }
    if (kind != FRAME_PRESENCE) {
        return false;
    }
    if (crowd->near_of != flight->octets) {
        const struct span payload = {flight->octets + FRAME_HEADER_SIZE,
                                     flight->length - FRAME_HEADER_SIZE};
        assert_int_equal(presence_read(payload, &presence, &covered, &signature), STATUS_OK);
        crowd->near_of = flight->octets;
        crowd->near = presence.near;
        snprintf(crowd->said_by, sizeof crowd->said_by, "%s", presence.identity);
    }
    handset->near += !handset->heard[flight->from];
    handset->heard[flight->from] = true;
    /* It says how many it has heard, like those that hear all. */
    handset->engine->roster.counted = handset->near;
    handset->engine->roster.counted_ms = INT64_MAX / 2;
    struct pace *pace = &handset->engine->pace;
    uint32_t who = (uint32_t)neighbours_hash(&handset->engine->roster.neighbours,
                                             span_of_text(crowd->said_by));
    pace_hear(pace, crowd_now(crowd), who, crowd->near, handset->near, flight->length);
    roster_crowd(&handset->engine->roster, pace_is_crowd(pace, crowd_now(crowd)),
                 pace_rhythm(pace, crowd_now(crowd)).interval_ms);
    return false;
}

static void arrive(struct crowd *crowd) {
    size_t arrived = 0;
    while (arrived < crowd->flight_count && crowd->flights[arrived].arrives_ms <= crowd->boot_ms) {
        const struct crowd_flight flight = crowd->flights[arrived++];
        for (size_t n = 0; n < crowd->count; n++) {
            if (n != flight.from && crowd->handsets[n].engine != NULL &&
                (crowd->loss_percent == 0 || crowd_draw(crowd, 100) >= crowd->loss_percent) &&
                hears_it(crowd, n, &flight)) {
                hear(crowd, n, &flight);
            }
        }
        crowd->near_of = NULL;
        free(flight.octets);
    }
    crowd->flight_count -= arrived;
    if (crowd->flight_count > 0) {
        memmove(crowd->flights, crowd->flights + arrived,
                crowd->flight_count * sizeof crowd->flights[0]);
    }
}

static void tick(struct crowd *crowd, size_t n) {
    struct crowd_handset *handset = &crowd->handsets[n];
    int64_t before_ns = crowd->is_timed ? ns_now() : 0;
    handset_tick(handset->engine, crowd_now(crowd));
    settle(crowd, n);
    handset->spent_ns += crowd->is_timed ? ns_now() - before_ns : 0;
}

void crowd_run(struct crowd *crowd, int64_t ms) {
    for (int64_t until_ms = crowd->boot_ms + ms; crowd->boot_ms < until_ms;) {
        crowd->boot_ms += CROWD_STEP_MS;
        arrive(crowd);
        for (size_t n = 0; n < crowd->count; n++) {
            if (crowd->handsets[n].deadline_ms <= crowd->boot_ms) {
                tick(crowd, n);
            }
        }
    }
}

uint64_t crowd_said(const struct crowd *crowd) {
    uint64_t octets = 0;
    for (size_t kind = 0; kind < CROWD_KINDS; kind++) {
        octets += crowd->octets[kind];
    }
    return octets;
}

struct crowd *crowd_gather(size_t count) {
    struct crowd *crowd = crowd_new(count, 7);
    for (size_t n = 0; n < count; n++) {
        crowd_on(crowd, n, NULL);
        crowd_run(crowd, 200);
    }
    crowd_run(crowd, 30000);
    return crowd;
}

/* --- Officers ------------------------------------------------------------------------------- */

void crowd_on(struct crowd *crowd, size_t n, const size_t *trusted) {
    struct crowd_handset *handset = &crowd->handsets[n];
    struct handset_setup setup = {.provider = the_provider(), .entropy = {draw_octets, crowd}};
    static uint8_t credential[CREDENTIAL_SIZE_MAX], group[GROUP_RECORD_MAX];
    char identity[IDENTITY_SIZE], mark[IDENTITY_SIZE];
    size_t length = credential_of(n, credential, identity);
    handset->trusted = trusted == NULL ? n : *trusted;
    assert_int_equal(handset_new(&setup, crowd_now(crowd), &handset->engine), STATUS_OK);
    assert_int_equal(handset_restore(handset->engine, RECORD_CREDENTIAL, span_of_text(identity),
                                     (struct span){credential, length}),
                     STATUS_OK);
    length = group_of(crowd, n, group);
    assert_int_equal(handset_restore(handset->engine, RECORD_GROUP, SPAN_OF("group"),
                                     (struct span){group, length}),
                     STATUS_OK);
    if (trusted != NULL) {
        crowd_identity(*trusted, mark);
        assert_int_equal(handset_restore(handset->engine, RECORD_TRUST, span_of_text(mark),
                                         (struct span){NULL, 0}),
                         STATUS_OK);
    }
    assert_int_equal(handset_start(handset->engine, crowd_now(crowd)), STATUS_OK);
    settle(crowd, n);
}

void crowd_look_up(struct crowd *crowd, size_t n, size_t other) {
    struct command command = {.kind = COMMAND_LOOK_UP};
    struct event problem;
    crowd_identity(other, command.identity);
    assert_int_equal(
        handset_command(crowd->handsets[n].engine, crowd_now(crowd), &command, &problem),
        STATUS_OK);
    settle(crowd, n);
}

bool crowd_has(const struct crowd *crowd, size_t n, size_t other) {
    char identity[IDENTITY_SIZE];
    crowd_identity(other, identity);
    return roster_is_near(&crowd->handsets[n].engine->roster, identity, crowd_now(crowd));
}

void crowd_forget(struct crowd *crowd, size_t n, const char *identity) {
    struct handset *engine = crowd->handsets[n].engine;
    if (engine == NULL) {
        return;
    }
    struct roster *roster = &engine->roster;
    struct neighbour *neighbour = neighbours_find(&roster->neighbours, identity);
    if (neighbour != NULL) {
        neighbours_remove(&roster->neighbours, neighbour);
    }
    for (size_t i = 0; i < engine->attendance.count; i++) {
        struct attendance_group *attended = engine->attendance.list[i];
        const struct group *group = groups_find(&engine->groups, attended->identity);
        const struct group_member *member =
            group == NULL ? NULL : group_listed(&group->parameters, identity);
        if (member != NULL) {
            size_t place = member->listed_in == 0 ? (size_t)(member - group->parameters.members)
                                                  : (size_t)CROWD_GROUP - 3 + member->listed_in;
            attended->attendees[place] = (struct attendee){.lived_ms = INT64_MIN};
        }
    }
}
