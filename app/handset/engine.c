/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/d2d/hearing.h"
#include "app/handset/d2d/proposal.h"
#include "app/handset/d2d/upkeep.h"
#include "app/handset/handset.h"
#include "app/handset/keys/confirmation.h"
#include "app/handset/talk/standing.h"

/* Each room is told of those below it that it uses. */
static void join_rooms(struct handset *handset) {
    struct desk *desk = &handset->desk;
    struct air *air = &handset->air;
    struct groups *groups = &handset->groups;
    struct connections *connections = &handset->connections;
    struct roster *roster = &handset->roster;
    struct limits *limits = &handset->limits;
    settings_begin(&handset->settings, desk);
    air->desk = desk;
    air->links = &handset->links;
    handset->presences = (struct presences){.air = air,
                                            .roster = roster,
                                            .limits = limits,
                                            .due_ms = INT64_MAX,
                                            .renewed_ms = INT64_MIN};
    handset->relay =
        (struct relay){.desk = desk, .air = air, .limits = limits, .links = &handset->links};
    handset->versions = (struct versions){.desk = desk, .links = &handset->links};
    connections->desk = desk;
    connections->air = air;
    connections->roster = roster;
    connections->links = &handset->links;
    connections->limits = limits;
    groups->desk = desk;
    groups->roster = roster;
    handset->lifetime = (struct lifetime){.desk = desk, .groups = groups};
    handset->time_proof = (struct time_proof){.desk = desk, .roster = roster, .groups = groups};
    handset->receipts = (struct receipts){.desk = desk, .air = air, .groups = groups};
    handset->standard = (struct standard){
        .desk = desk, .limits = limits, .groups = groups, .receipts = &handset->receipts};
    handset->import.desk = desk;
    handset->import.standard = &handset->standard;
    handset->management = (struct management){.desk = desk,
                                              .air = air,
                                              .roster = roster,
                                              .groups = groups,
                                              .standard = &handset->standard};
    handset->offers = (struct offers){
        .desk = desk, .roster = roster, .connections = connections, .groups = groups};
    handset->distribution = (struct distribution){
        .desk = desk, .roster = roster, .groups = groups, .offers = &handset->offers};
    handset->invitation = (struct invitation){
        .desk = desk, .connections = connections, .groups = groups, .decisions.desk = desk};
    handset->acquaintance = (struct acquaintance){.desk = desk,
                                                  .groups = groups,
                                                  .connections = connections,
                                                  .presences = &handset->presences};
    handset->emergencies = (struct emergencies){.desk = desk, .groups = groups};
    handset->hearers.desk = desk;
    handset->hearers.groups = groups;
    handset->talk = (struct talk){.desk = desk,
                                  .air = air,
                                  .limits = limits,
                                  .groups = groups,
                                  .hearers = &handset->hearers,
                                  .floor = &handset->floor,
                                  .queue = &handset->queue,
                                  .turns = &handset->turns,
                                  .settings = &handset->settings,
                                  .emergencies = &handset->emergencies};
    handset->queue.desk = desk;
    handset->queue.groups = groups;
    handset->turns = (struct turns){.desk = desk, .groups = groups};
    handset->asking = (struct asking){.desk = desk,
                                      .air = air,
                                      .groups = groups,
                                      .floor = &handset->floor,
                                      .turns = &handset->turns,
                                      .emergencies = &handset->emergencies,
                                      .sessions = handset->listening.sessions};
    handset->reporting.desk = desk;
    handset->reporting.air = air;
    handset->reporting.groups = groups;
    handset->listening.desk = desk;
    handset->listening.limits = limits;
    handset->listening.groups = groups;
    handset->listening.presences = &handset->presences;
    handset->listening.reporting = &handset->reporting;
    handset->listening.floor = &handset->floor;
    handset->listening.emergencies = &handset->emergencies;
    handset->listening.again = &handset->again;
    handset->listening.asking = &handset->asking;
    handset->again.desk = desk;
    handset->again.groups = groups;
    handset->again.settings = &handset->settings;
    handset->again.store = (struct speech_store){.desk = desk, .groups = groups};
    handset->call = (struct call){
        .desk = desk, .air = air, .roster = roster, .connections = connections, .groups = groups};
    handset->topics = (struct topics){.desk = desk, .limits = limits, .groups = groups};
    offers_serve(&handset->offers);
    invitation_serve(&handset->invitation);
    call_serve(&handset->call);
}

enum status handset_new(const struct handset_setup *setup, struct moment now,
                        struct handset **out) {
    *out = NULL;
    /* Here, and not when the first words are waiting for it. */
    enum status status = gsc_set_up();
    if (status != STATUS_OK) {
        return status;
    }
    struct handset *handset = calloc(1, sizeof *handset);
    if (handset == NULL) {
        return STATUS_NO_MEMORY;
    }
    join_rooms(handset);
    handset->view = calloc(1, sizeof *handset->view);
    if (handset->view == NULL || connections_start(&handset->connections) != STATUS_OK) {
        handset_free(handset);
        return STATUS_NO_MEMORY;
    }
    handset->desk.keyring.provider = setup->provider;
    handset->desk.entropy = setup->entropy;
    limits_start(&handset->limits, &handset->roster, now.boot_ms);
    hearers_start(&handset->hearers, now);
    queue_start(&handset->queue, now);
    reporting_start(&handset->reporting, now);
    management_begin(&handset->management, now.boot_ms);
    *out = handset;
    return STATUS_OK;
}

void handset_free(struct handset *handset) {
    if (handset == NULL) {
        return;
    }
    talk_clear(&handset->talk);
    listening_clear(&handset->listening);
    hearers_clear(&handset->hearers);
    reporting_clear(&handset->reporting);
    again_clear(&handset->again);
    call_clear(&handset->call);
    connections_clear(&handset->connections);
    groups_clear(&handset->groups);
    management_clear(&handset->management);
    relay_clear(&handset->relay);
    fragments_clear(&handset->fragments);
    desk_clear(&handset->desk);
    free(handset->view);
    free(handset);
}

/* --- Starting ------------------------------------------------------------------------------- */

static enum status restore_text(struct span octets, char *out, size_t size) {
    if (octets.length >= size || memchr(octets.octets, 0, octets.length) != NULL) {
        return STATUS_MALFORMED;
    }
    memcpy(out, octets.octets, octets.length);
    out[octets.length] = '\0';
    return STATUS_OK;
}

enum status handset_restore(struct handset *handset, enum record_kind kind, struct span key,
                            struct span value) {
    char identity[IDENTITY_SIZE];
    enum status status = STATUS_OK;
    switch (kind) {
    case RECORD_CREDENTIAL:
        return keyring_load(&handset->desk.keyring, key, value);
    case RECORD_GROUP:
        return groups_restore(&handset->groups, value);
    case RECORD_TRUST:
        status = restore_text(key, identity, sizeof identity);
        return status == STATUS_OK ? roster_mark(&handset->roster, identity, true) : status;
    case RECORD_SETTING:
        if (span_equal(key, span_of_text(SETTING_NAME))) {
            status = restore_text(value, handset->desk.name, sizeof handset->desk.name);
            return status == STATUS_OK && !display_name_take(handset->desk.name) ? STATUS_MALFORMED
                                                                                 : status;
        }
        if (span_equal(key, span_of_text(SETTINGS_KEY))) {
            settings_restore(&handset->settings, value);
        }
        return STATUS_OK;
    case RECORD_DECISION:
        return decisions_restore(&handset->invitation.decisions, key, value);
    case RECORD_EMERGENCIES:
        standing_restore(&handset->emergencies, value);
        return STATUS_OK;
    case RECORD_SPEECH_KEY:
        speech_store_restore_key(&handset->again.store, key, value);
        return STATUS_OK;
    case RECORD_SPEECH:
        again_restore(&handset->again, key, value);
        return STATUS_OK;
    case RECORD_PARTS:
        return import_restore(&handset->import, value);
    case RECORD_DEVICE_KEY:
    case RECORD_ACCESS:
        return STATUS_OK; /* for installing bundles and for the broker, not for the engine */
    case RECORD_MANAGER_KEYS:
    case RECORD_REKEY:
    case RECORD_MEMBER:
        return management_restore(&handset->management, kind, key, value);
    default:
        return STATUS_MALFORMED;
    }
}

enum status handset_start(struct handset *handset, struct moment now) {
    struct desk *desk = &handset->desk;
    const struct credential *credential = desk->keyring.credential;
    if (credential == NULL) {
        return STATUS_NOT_FOUND;
    }
    if (desk->name[0] == '\0') {
        snprintf(desk->name, sizeof desk->name, "%s", credential->display_name);
    }
    topic_key_of(credential, &desk->topic_key);
    enum status status = roster_begin(&handset->roster, &desk->entropy, now);
    if (status != STATUS_OK) {
        return status;
    }
    settings_start(&handset->settings, now);
    lifetime_start(&handset->lifetime, now);
    time_proof_start(&handset->time_proof, now);
    heard_start(&handset->listening.heard);
    standing_start(&handset->emergencies, now);
    again_start(&handset->again, now);
    offers_resume(&handset->offers);
    standard_start(&handset->standard, now);
    management_start(&handset->management, now);
    presence_begin(&handset->presences, now);
    acquaintance_start(&handset->acquaintance);
    handset->started = true;
    return STATUS_OK;
}

/* --- Links ---------------------------------------------------------------------------------- */

/* The handset is a relay or none, by the links as they will be; then it has them. */
static enum status take_links(struct handset *handset, const struct handset_links *links) {
    enum status status = relay_provide(&handset->relay, links);
    if (status != STATUS_OK) {
        return status;
    }
    if (!relay_is_on(&handset->relay)) {
        topics_forget(&handset->topics);
    }
    handset->links = *links;
    return STATUS_OK;
}

enum status handset_set_links(struct handset *handset, unsigned count) {
    struct handset_links links;
    enum status status = links_set(&links, count);
    return status == STATUS_OK ? take_links(handset, &links) : status;
}

enum status handset_describe_link(struct handset *handset, unsigned link, const char *name,
                                  enum link_form form, size_t largest) {
    struct handset_links links = handset->links;
    enum status status = links_describe(&links, link, name, form, largest);
    return status == STATUS_OK ? take_links(handset, &links) : status;
}

void handset_signal(struct handset *handset, uint64_t peer, int quality) {
    roster_signal(&handset->roster, peer, quality);
}

void handset_show_radios(struct handset *handset, const struct view_radio radios[], size_t count) {
    if (links_take_radios(&handset->links, radios, count)) {
        presence_say_soon(&handset->presences);
    }
}

/* --- Frames --------------------------------------------------------------------------------- */

static void hear_media(struct call *call, struct listening *listening, struct moment now,
                       uint64_t peer, struct span media) {
    if (!call_media(call, now, media)) {
        listening_media(listening, now, peer, media);
    }
}

/* An announcement and the media that came with it, in one transmission. */
static void hear_both(struct handset *handset, struct moment now, uint64_t peer,
                      struct span payload) {
    struct reader r = reader_of(payload);
    struct span announcement = read_span_u16(&r);
    if (!r.failed) {
        listening_announcement(&handset->listening, now, peer, announcement);
    }
    while (!r.failed && reader_left(&r) > 0) {
        struct span media = read_span_u16(&r);
        if (!r.failed) {
            hear_media(&handset->call, &handset->listening, now, peer, media);
        }
    }
    if (r.failed) {
        desk_refuse(&handset->desk, now, MESSAGE_ANNOUNCEMENT_AND_MEDIA, STATUS_TRUNCATED);
    }
}

/* Is it addressed to this handset and to nobody else? */
static bool is_ours(const struct connections *connections, const struct call *call,
                    const struct standard *standard, const struct frame *frame) {
    switch (frame->kind) {
    case FRAME_D2D:
        return connection_concerns(connections, frame->payload);
    case FRAME_MEDIA:
        return call_concerns(call, frame->payload);
    case FRAME_KEY_DELIVERY:
        return standard_concerns(standard, frame->payload);
    default:
        return false;
    }
}

/* What concerns others as well: passing frames on, and learning of groups. */
static void hear_as_relay(struct handset *handset, struct moment now, uint64_t peer,
                          struct span octets, const struct frame *frame, bool is_new) {
    if (!relay_is_on(&handset->relay) || desk_is_silent(&handset->desk) || peer == EVERYONE) {
        return;
    }
    if (handset->links.count > 1) {
        topics_hear(&handset->topics, now, peer, frame);
    }
    bool is_own =
        is_new && is_ours(&handset->connections, &handset->call, &handset->standard, frame);
    relay_hear(&handset->relay, now, peer, octets, is_new, is_own);
}

/* To the room that it concerns. */
static void hear(struct handset *handset, struct moment now, const struct presence_arrival *arrival,
                 const struct frame *frame) {
    uint64_t peer = arrival->peer;
    /* What is new of neighbours and of voice goes into the journal; the rest changes with time. */
    handset->version += frame->kind != FRAME_PRESENCE && frame->kind != FRAME_MEDIA;
    switch (frame->kind) {
    case FRAME_PRESENCE:
        presence_hear(&handset->presences, now, arrival, frame->payload);
        break;
    case FRAME_D2D:
        connection_frame(&handset->connections, now, peer, frame->payload);
        break;
    case FRAME_ANNOUNCEMENT:
        listening_announcement(&handset->listening, now, peer, frame->payload);
        break;
    case FRAME_MEDIA:
        hear_media(&handset->call, &handset->listening, now, peer, frame->payload);
        break;
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        hear_both(handset, now, peer, frame->payload);
        break;
    case FRAME_KEY_DELIVERY:
        standard_delivery(&handset->standard, now, peer, frame->payload);
        break;
    case FRAME_RECEIPT:
        confirmation_hear(&handset->management, now, peer, frame->payload);
        break;
    case FRAME_VOICE_REPORT:
        hearers_hear(&handset->hearers, now, peer, frame->payload);
        reporting_overhear(&handset->reporting, now, peer, frame->payload);
        break;
    case FRAME_FLOOR:
        queue_hear(&handset->queue, now, peer, frame->payload);
        break;
    case FRAME_FRAGMENT: /* what it completes is heard in its place */
    case FRAME_RELAY_CONTROL:
        handset->desk.journal.frames_refused++; /* no link of this version has a use for it */
        break;
    }
    acquaintance_look(&handset->acquaintance, now);
    listening_look(&handset->listening, now);
    talk_look(&handset->talk, now);
    asking_look(&handset->asking, now);
}

/* A part came: does it complete a frame, which is then in *frame in place of the part? That was not
 * said by a frame of its own, so each room sees by itself whether it heard it before, as it must
 * anyway. */
static bool completes(struct fragments *fragments, struct journal *journal,
                      const struct roster *roster, struct moment now, uint64_t peer,
                      struct frame *frame) {
    struct span whole;
    enum status status =
        fragments_hear(fragments, now, peer, roster_has_peer(roster, peer), frame->payload, &whole);
    if (status == STATUS_OK && whole.length > 0) {
        status = frame_of_whole(whole, frame);
    }
    journal->frames_refused += status != STATUS_OK;
    return status == STATUS_OK && whole.length > 0;
}

void handset_frame(struct handset *handset, struct moment now, uint64_t peer, struct span octets) {
    struct journal *journal = &handset->desk.journal;
    struct frame frame;
    if (!handset->started || handset->desk.airplane) {
        return;
    }
    journal->frames_heard++;
    if (frame_read(octets, &frame) != STATUS_OK) {
        journal->frames_refused++; /* dropped and counted, never an error to the officer */
        versions_hear(&handset->versions, now, peer, octets);
        return;
    }
    struct presence_arrival arrival = {.peer = peer, .is_relayed = frame.hops_left < FRAME_HOPS};
    frame_identity(octets, arrival.frame);
    bool is_new = air_is_new(&handset->air, arrival.frame);
    hear_as_relay(handset, now, peer, octets, &frame, is_new);
    if (is_new) {
        air_remember(&handset->air, arrival.frame);
        if (frame.kind != FRAME_FRAGMENT) {
            hear(handset, now, &arrival, &frame);
        } else if (completes(&handset->fragments, journal, &handset->roster, now, peer, &frame)) {
            if (relay_is_on(&handset->relay) && handset->links.count > 1) {
                topics_hear(&handset->topics, now, peer, &frame);
            }
            hear(handset, now, &arrival, &frame);
        }
    } else if (frame.kind == FRAME_PRESENCE) {
        roster_hear_copy(&handset->roster, &arrival, now);
    }
}

/* --- Time ----------------------------------------------------------------------------------- */

static void relay_what_waited(struct relay *relay, struct topics *topics, struct moment now) {
    struct relay_frame *next;
    topics_tick(topics, now);
    while ((next = relay_next(relay, now)) != NULL) {
        struct frame frame;
        char topic[TOPIC_SIZE];
        bool has_topic =
            frame_read((struct span){next->octets, next->length}, &frame) == STATUS_OK &&
            topics_of_frame(topics, &frame, topic);
        relay_pass_on(relay, now, next, has_topic ? topic : NULL);
    }
}

void handset_tick(struct handset *handset, struct moment now) {
    if (!handset->started) {
        return;
    }
    handset->version++;
    time_proof_tick(&handset->time_proof, now);
    desk_tick(&handset->desk, now);
    lifetime_tick(&handset->lifetime, now);
    import_tick(&handset->import, now);
    presence_tick(&handset->presences, now);
    proposal_tick(&handset->connections, now);
    connection_tick(&handset->connections, now);
    offers_tick(&handset->offers, now);
    talk_tick(&handset->talk, now);
    listening_tick(&handset->listening, now);
    if (handset_is_talking(handset)) {
        asking_stop(&handset->asking, now);
    }
    asking_tick(&handset->asking, now);
    hearers_tick(&handset->hearers, now);
    reporting_tick(&handset->reporting, now);
    again_tick(&handset->again, now);
    relay_what_waited(&handset->relay, &handset->topics, now);
    receipts_tick(&handset->receipts, now);
    management_tick(&handset->management, now);
    acquaintance_look(&handset->acquaintance, now);
}

void handset_slept(struct handset *handset, struct moment now, int64_t slept_ms) {
    const struct event event = {.kind = EVENT_SLEPT, .duration_ms = slept_ms};
    if (!handset->started) {
        return;
    }
    handset->version++;
    desk_tell(&handset->desk, now, &event);
    talk_slept(&handset->talk, now, slept_ms);
    call_slept(&handset->call, now, slept_ms);
    listening_slept(&handset->listening);
    connection_slept(&handset->connections, now, slept_ms);
    relay_silence(&handset->relay);
    presence_hurry(&handset->presences, now);
}

int64_t handset_deadline(const struct handset *handset) {
    if (!handset->started) {
        return INT64_MAX;
    }
    int64_t deadlines[] = {desk_deadline(&handset->desk),
                           presence_deadline(&handset->presences),
                           lifetime_deadline(&handset->lifetime),
                           proposal_deadline(&handset->connections),
                           connection_deadline(&handset->connections),
                           offers_deadline(&handset->offers),
                           talk_deadline(&handset->talk),
                           listening_deadline(&handset->listening),
                           asking_deadline(&handset->asking),
                           hearers_deadline(&handset->hearers),
                           reporting_deadline(&handset->reporting),
                           again_deadline(&handset->again),
                           relay_deadline(&handset->relay),
                           receipts_deadline(&handset->receipts),
                           management_deadline(&handset->management)};
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++) {
        if (deadlines[i] < deadline) {
            deadline = deadlines[i];
        }
    }
    return deadline;
}

/* --- Topics --------------------------------------------------------------------------------- */

size_t handset_topics(const struct handset *handset, struct handset_topic out[], size_t room) {
    if (!handset->started) {
        return 0;
    }
    size_t count = topics_list(&handset->topics, out, room);
    return count + management_topics(&handset->management, out + count, room - count);
}

uint64_t handset_topics_version(const struct handset *handset) {
    return handset->started ? 1 + handset->groups.version + handset->topics.version : 0;
}

bool handset_is_silent(const struct handset *handset) {
    return desk_is_silent(&handset->desk);
}

bool handset_is_off_air(const struct handset *handset) {
    return handset->desk.airplane;
}

/* --- Voice and outputs ---------------------------------------------------------------------- */

bool handset_is_talking(const struct handset *handset) {
    return handset->talk.active || handset->call.state == CALL_ACTIVE;
}

bool handset_is_listening(const struct handset *handset) {
    return listening_is_active(&handset->listening) || handset->call.state == CALL_ACTIVE ||
           again_is_active(&handset->again);
}

enum ringing handset_ringing(const struct handset *handset) {
    return emergencies_alarm(&handset->emergencies) ? RINGS_EMERGENCY
                                                    : call_ringing(&handset->call);
}

void handset_speak(struct handset *handset, struct moment now,
                   const int16_t samples[VOICE_FRAME_SAMPLES]) {
    handset->version += handset_is_talking(handset);
    if (handset->talk.active) {
        talk_speak(&handset->talk, now, samples);
    } else {
        call_speak(&handset->call, samples);
    }
}

bool handset_listen(struct handset *handset, struct moment now,
                    int16_t samples[VOICE_FRAME_SAMPLES]) {
    memset(samples, 0, VOICE_FRAME_SAMPLES * sizeof samples[0]);
    bool group_voice = listening_play(&handset->listening, now, samples);
    bool call_voice = call_play(&handset->call, now, samples);
    if (handset_is_talking(handset) || listening_is_active(&handset->listening)) {
        again_stop(&handset->again); /* who talks now comes first */
    }
    bool again_voice = again_play(&handset->again, now, samples);
    bool is_voice = group_voice || call_voice || again_voice;
    handset->version += is_voice;
    return is_voice;
}

bool handset_take_output(struct handset *handset, struct output *out) {
    return outbox_take(&handset->desk.outbox, out);
}

struct batch *handset_release_batch(struct handset *handset) {
    return outbox_release_batch(&handset->desk.outbox);
}

void handset_durable(struct handset *handset, uint64_t number) {
    handset->desk.outbox.durable = number;
}

void handset_saving(struct handset *handset, bool works) {
    handset->desk.cannot_save = !works;
    handset->version++;
}

void handset_note(struct handset *handset, struct moment now, const struct event *event) {
    reporting_note(&handset->reporting, event->kind);
    desk_tell(&handset->desk, now, event);
}

uint64_t handset_version(const struct handset *handset) {
    return handset->version + handset->desk.journal.version;
}

bool handset_reveal_gmk(const struct handset *handset, uint32_t gmk_id, uint8_t gmk[16]) {
    const struct gmk *held;
    if (groups_gmk(&handset->groups, gmk_id, &held) == NULL || held->octets == NULL) {
        return false;
    }
    memcpy(gmk, held->octets->octets, GMK_SIZE);
    return true;
}
