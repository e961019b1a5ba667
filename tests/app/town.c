/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "town.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    LINK_SHIFT = 56,
    DELAY_MIN_MS = 1,
    DELAY_SPREAD_MS = 4
};

static const int64_t start_utc_ms = INT64_C(1795000000000);

static unsigned draw(struct town *town, unsigned below) {
    town->random = town->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(town->random >> 33) % below;
}

struct moment town_now(const struct town *town) {
    return (struct moment){
        .utc_ms = start_utc_ms + town->boot_ms, .boot_ms = town->boot_ms, .boot_id = 7};
}

const char *town_link_name(unsigned medium) {
    static const char *const names[TOWN_MEDIA_MAX] = {"street", "tunnel", "yard"};
    return names[medium];
}

void town_star(struct town *town, unsigned medium, size_t hub) {
    town->stars |= 1u << medium;
    town->hubs[medium] = hub;
}

static void begin_outputs(struct town *town, struct town_handset *handset);

struct town *town_new(uint64_t seed) {
    struct town *town = calloc(1, sizeof *town);
    assert_non_null(town);
    town->boot_ms = 1000000;
    town->random = seed;
    return town;
}

void town_free(struct town *town) {
    for (size_t n = 0; n < town->count; n++) {
        durable_free(town->handsets[n].durable);
        handset_free(town->handsets[n].engine);
    }
    for (size_t i = 0; i < town->flight_count; i++) {
        free(town->flights[i].octets);
    }
    free(town);
}

size_t town_add(struct town *town, unsigned media) {
    struct handset_setup setup = {.provider = squad_provider(), .entropy = entropy_system};
    size_t n = town->count++;
    struct town_handset *handset = &town->handsets[n];
    assert_true(n < TOWN_MAX);
    for (unsigned medium = 0; medium < TOWN_MEDIA_MAX; medium++) {
        if ((media & 1u << medium) != 0) {
            handset->media[handset->link_count++] = medium;
        }
    }
    assert_int_equal(handset_new(&setup, town_now(town), &handset->engine), STATUS_OK);
    assert_int_equal(handset_restore(handset->engine, RECORD_CREDENTIAL,
                                     span_of_text(squad_identity(n)), squad_credential(n)),
                     STATUS_OK);
    assert_int_equal(handset_set_links(handset->engine, handset->link_count), STATUS_OK);
    for (unsigned link = 0; link < handset->link_count; link++) {
        assert_int_equal(handset_describe_link(handset->engine, link + 1,
                                               town_link_name(handset->media[link]),
                                               (town->stars & 1u << handset->media[link]) != 0,
                                               town->largest[handset->media[link]]),
                         STATUS_OK);
    }
    assert_int_equal(handset_start(handset->engine, town_now(town)), STATUS_OK);
    begin_outputs(town, handset);
    return n;
}

/* --- Media ---------------------------------------------------------------------------------- */

static void put_on_way(struct town *town, size_t from, size_t to, unsigned link,
                       struct span octets) {
    assert_true(town->flight_count < TOWN_FLIGHTS_MAX);
    struct town_flight *flight = &town->flights[town->flight_count++];
    *flight = (struct town_flight){.from = from, .to = to, .link = link, .length = octets.length};
    flight->arrives_ms = town->boot_ms + DELAY_MIN_MS + draw(town, DELAY_SPREAD_MS);
    flight->octets = malloc(octets.length);
    assert_non_null(flight->octets);
    memcpy(flight->octets, octets.octets, octets.length);
}

static bool reaches(const struct town *town, unsigned medium, size_t from, size_t to) {
    bool is_star = (town->stars & 1u << medium) != 0;
    return from != to && (town->dead & 1u << medium) == 0 &&
           (!is_star || from == town->hubs[medium] || to == town->hubs[medium]);
}

/* To whoever is on the medium, to one handset or all (`to` is TOWN_MAX), `but` one. */
static void put_on_ways(struct town *town, unsigned medium, size_t from, size_t to, size_t but,
                        struct span octets) {
    for (size_t n = 0; n < town->count; n++) {
        for (unsigned link = 0; link < town->handsets[n].link_count; link++) {
            if ((to == TOWN_MAX || to == n) && n != but &&
                town->handsets[n].media[link] == medium && reaches(town, medium, from, n)) {
                put_on_way(town, from, n, link, octets);
            }
        }
    }
}

/* Somebody repeats it to all but who said it. */
static void copy(struct town *town, unsigned medium, size_t from, struct span octets) {
    size_t first = town->flight_count;
    uint8_t room[FRAME_MAX];
    if ((town->copied & 1u << medium) == 0 || octets.octets[1] != FRAME_PRESENCE) {
        return;
    }
    memcpy(room, octets.octets, octets.length);
    room[FRAME_HOPS_AT] = FRAME_HOPS;
    put_on_ways(town, medium, TOWN_COPIER, TOWN_MAX, from, (struct span){room, octets.length});
    for (size_t i = first; i < town->flight_count; i++) {
        town->flights[i].arrives_ms = town->boot_ms + (town->is_copier_faster ? 0 : 50);
    }
}

static void say_but(struct town *town, unsigned medium, size_t from, size_t to, size_t but,
                    struct span octets) {
    assert_true(town->said_count < TOWN_SAID_MAX);
    struct town_said *said = &town->said[town->said_count++];
    *said = (struct town_said){.at_ms = town->boot_ms,
                               .from = from,
                               .medium = medium,
                               .kind = octets.octets[1],
                               .hops_left = octets.octets[FRAME_HOPS_AT]};
    frame_identity(octets, said->identity);
    copy(town, medium, from, octets);
    put_on_ways(town, medium, from, to, but, octets);
}

/* Says a frame on a medium, to one handset or to all (`to` is TOWN_MAX). */
static void say(struct town *town, unsigned medium, size_t from, size_t to, struct span octets) {
    say_but(town, medium, from, to, from, octets);
}

/* Passes a frame on to the others of a star, of whom only its hub has any. */
static void say_to_others(struct town *town, unsigned medium, size_t from, size_t peer,
                          struct span octets) {
    assert_true((town->stars & 1u << medium) != 0);
    if (town->hubs[medium] == from) {
        say_but(town, medium, from, TOWN_MAX, peer, octets);
    }
}

void town_mark(const struct town *town, struct frame *frame) {
    squad_mark(town->handsets[0].engine, frame);
}

void town_say(struct town *town, unsigned medium, size_t from, const struct frame *frame) {
    uint8_t room[FRAME_MAX];
    struct writer w = writer_into(room, sizeof room);
    frame_write(&w, frame);
    assert_int_equal(writer_finish(&w), STATUS_OK);
    say(town, medium, from, TOWN_MAX, writer_span(&w));
}

/* The link that a peer's number is of; with one link it has no number. */
static unsigned link_of(const struct town_handset *handset, uint64_t peer) {
    return handset->link_count == 1 ? 0 : (unsigned)(peer >> LINK_SHIFT) - 1;
}

static void carry_out_frame(struct town *town, size_t n, const struct output *output) {
    const struct town_handset *handset = &town->handsets[n];
    assert_true(output->frame.length <= FRAME_MAX);
    if (output->is_for_topic_alone) {
        return;
    }
    unsigned link_of_peer = link_of(handset, output->peer);
    size_t peer = (size_t)(output->peer & ((UINT64_C(1) << LINK_SHIFT) - 1)) - 1;
    for (unsigned link = 0; link < handset->link_count; link++) {
        bool is_passed_on = output->kind == OUTPUT_RELAY && (output->links & 2u << link) != 0;
        if (is_passed_on && link == link_of_peer) {
            say_to_others(town, handset->media[link], n, peer, output->frame);
        } else if (is_passed_on) {
            say(town, handset->media[link], n, TOWN_MAX, output->frame);
        } else if (output->kind == OUTPUT_SEND && output->peer == EVERYONE) {
            say(town, handset->media[link], n, TOWN_MAX, output->frame);
        } else if (output->kind == OUTPUT_SEND && link == link_of_peer) {
            say(town, handset->media[link], n, peer, output->frame);
        }
    }
}

static void carry_out(void *context, const struct output *output) {
    struct town_handset *handset = context;
    if (handset->is_gone) {
        return;
    }
    carry_out_frame(handset->town, (size_t)(handset - handset->town->handsets), output);
    if (output->kind == OUTPUT_RELAY && output->topic != NULL) {
        handset->topics_relayed++;
        snprintf(handset->topic, sizeof handset->topic, "%s", output->topic);
    }
}

static void tell(void *context, const struct output *output) {
    struct town_handset *handset = context;
    handset->invitations += squad_is_invitation(output->event.kind);
    handset->talks += squad_is_beginning(output->event.kind);
    if (squad_is_refusal(output->event.kind)) {
        handset->refusals++;
        handset->last_refusal = output->status;
    }
}

static void alarm(void *context, const struct event *event) {
    (void)context;
    fail_msg("%s", event_name(event->kind));
}

/* No handset of a town is started again: nobody misses what is written. */
static void write_batches(void *context, const struct batch *const batches[], size_t count) {
    struct town_handset *handset = context;
    (void)batches;
    (void)count;
    durable_written(handset->durable, handset->town->boot_ms, STATUS_OK, NULL);
}

static void begin_outputs(struct town *town, struct town_handset *handset) {
    const struct durable_hands hands = {
        .context = handset, .send = carry_out, .relay = carry_out, .tell = tell, .alarm = alarm};
    const struct durable_worker worker = {.context = handset, .write = write_batches};
    handset->town = town;
    handset->durable = durable_new(handset->engine, &hands, &worker);
    assert_non_null(handset->durable);
}

static void take_outputs(struct town *town, size_t n) {
    durable_settle(town->handsets[n].durable, town->boot_ms);
}

static void arrive(struct town *town, const struct town_flight *flight) {
    struct town_handset *handset = &town->handsets[flight->to];
    uint64_t peer = flight->from + 1;
    if (handset->link_count > 1) {
        peer |= (uint64_t)(flight->link + 1) << LINK_SHIFT;
    }
    if (handset->is_gone) {
        return;
    }
    handset_frame(handset->engine, town_now(town), peer,
                  (struct span){flight->octets, flight->length});
    take_outputs(town, flight->to);
}

static void arrive_all(struct town *town) {
    for (size_t i = 0; i < town->flight_count;) {
        if (town->flights[i].arrives_ms > town->boot_ms) {
            i++;
            continue;
        }
        struct town_flight flight = town->flights[i];
        memmove(&town->flights[i], &town->flights[i + 1],
                (--town->flight_count - i) * sizeof flight);
        arrive(town, &flight);
        free(flight.octets);
    }
}

/* --- Time ----------------------------------------------------------------------------------- */

static void voice(struct town *town, size_t n) {
    struct town_handset *handset = &town->handsets[n];
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)(8000 * sin((double)i * 2 * 3.14159265 / 32));
    }
    if (handset_is_talking(handset->engine)) {
        handset_speak(handset->engine, town_now(town), 0, samples);
    }
    if (handset_listen(handset->engine, town_now(town), samples)) {
        handset->voice_frames++;
    }
}

void town_run(struct town *town, int64_t ms) {
    for (int64_t until = town->boot_ms + ms; town->boot_ms < until; town->boot_ms++) {
        arrive_all(town);
        for (size_t n = 0; n < town->count; n++) {
            if (handset_deadline(town->handsets[n].engine) <= town->boot_ms) {
                handset_tick(town->handsets[n].engine, town_now(town));
            }
            if (town->boot_ms % VOICE_FRAME_MS == 0) {
                voice(town, n);
            }
            take_outputs(town, n);
        }
    }
}

/* --- Officers ------------------------------------------------------------------------------- */

const struct view *town_view(struct town *town, size_t n) {
    return handset_view(town->handsets[n].engine, town_now(town));
}

enum status town_command(struct town *town, size_t n, const struct command *command) {
    struct event problem;
    enum status status =
        handset_command(town->handsets[n].engine, town_now(town), command, &problem);
    take_outputs(town, n);
    return status;
}

void town_call(struct town *town, size_t caller, size_t called) {
    struct command call = {.kind = COMMAND_CALL};
    snprintf(call.identity, sizeof call.identity, "%s", squad_identity(called));
    assert_int_equal(town_command(town, caller, &call), STATUS_OK);
    town_run(town, 2000);
    struct command accept = {.kind = COMMAND_ACCEPT,
                             .invitation = town_view(town, called)->invitations[0].id};
    assert_int_equal(town_command(town, called, &accept), STATUS_OK);
    town_run(town, 2000);
}

void town_group(struct town *town, size_t creator, size_t member) {
    struct command create = squad_create_command(1, HOUR_MS);
    snprintf(create.members[0], sizeof create.members[0], "%s", squad_identity(member));
    assert_int_equal(town_command(town, creator, &create), STATUS_OK);
    town_run(town, 2000);
    const struct view *view = town_view(town, member);
    assert_int_equal(view->invitation_count, 1);
    struct command accept = {.kind = COMMAND_ACCEPT, .invitation = view->invitations[0].id};
    assert_int_equal(town_command(town, member, &accept), STATUS_OK);
    town_run(town, 3000);
    assert_int_equal(town_view(town, creator)->group_count, 1);
    assert_int_equal(town_view(town, member)->group_count, 1);
}

enum status town_talk(struct town *town, size_t n) {
    struct command command = {.kind = COMMAND_TALK_BEGIN};
    memcpy(command.group, town_view(town, n)->groups[0].identity, sizeof command.group);
    return town_command(town, n, &command);
}

/* --- Counting ------------------------------------------------------------------------------- */

static bool is_counted(const struct town_said *said, unsigned medium, uint8_t kind,
                       int64_t since_ms) {
    return said->medium == medium && said->kind == kind && said->at_ms >= since_ms;
}

struct town_count town_count(const struct town *town, unsigned medium, uint8_t kind,
                             int64_t since_ms) {
    struct town_count count = {0, 0};
    for (size_t i = 0; i < town->said_count; i++) {
        if (!is_counted(&town->said[i], medium, kind, since_ms)) {
            continue;
        }
        bool is_new = true;
        for (size_t k = 0; k < i && is_new; k++) {
            is_new =
                !is_counted(&town->said[k], medium, kind, since_ms) ||
                memcmp(town->said[k].identity, town->said[i].identity, FRAME_IDENTITY_SIZE) != 0;
        }
        count.said++;
        count.frames += is_new;
    }
    return count;
}
