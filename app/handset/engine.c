/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/d2d/upkeep.h"
#include "app/handset/handset.h"
#include "app/handset/losing.h"
#include "app/handset/talk/standing.h"

/* --- Starting ------------------------------------------------------------------------------- */

static enum status restore_text(struct span octets, char *out, size_t size) {
    if (octets.length >= size || memchr(octets.octets, 0, octets.length) != NULL) {
        return STATUS_MALFORMED;
    }
    memcpy(out, octets.octets, octets.length);
    out[octets.length] = '\0';
    return STATUS_OK;
}

static enum status restore_name(struct names *names, struct span key, struct span value) {
    char identity[IDENTITY_SIZE], name[DISPLAY_NAME_SIZE];
    enum status status = restore_text(key, identity, sizeof identity);
    if (status == STATUS_OK) {
        status = restore_text(value, name, sizeof name);
    }
    if (status == STATUS_OK &&
        (identity_check(identity) != STATUS_OK || !display_name_take(name))) {
        status = STATUS_MALFORMED;
    }
    return status == STATUS_OK ? names_give(names, identity, name) : status;
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
    case RECORD_LOST:
        status = restore_text(key, identity, sizeof identity);
        return status == STATUS_OK ? revoking_restore_lost(&handset->revoking, identity) : status;
    case RECORD_NAME:
        return restore_name(&handset->desk.names, key, value);
    case RECORD_CREW:
        return crews_restore(&handset->crews, key, value);
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
    case RECORD_MESSAGES:
        return messages_restore(&handset->messages, key, value);
    case RECORD_REVOKED:
        return revoked_restore(&handset->desk.revoked, value);
    case RECORD_PARTS:
        return import_restore(&handset->import, value);
    case RECORD_DEVICE_KEY:
    case RECORD_REQUEST:
    case RECORD_ACCESS:
        return STATUS_OK; /* for installing bundles and for the broker, not for the engine */
    case RECORD_MANAGER_KEYS:
    case RECORD_REKEY:
    case RECORD_MEMBER:
    case RECORD_EXCLUSIONS:
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
    mark_key_of(&desk->topic_key, &handset->air.mark_key);
    enum status status = roster_begin(&handset->roster, own_identity(desk), &desk->entropy, now);
    if (status != STATUS_OK) {
        return status;
    }
    settings_start(&handset->settings, now);
    crews_start(&handset->crews, now);
    lifetime_start(&handset->lifetime, now);
    time_proof_start(&handset->time_proof, now);
    heard_start(&handset->listening.heard);
    standing_start(&handset->emergencies, now);
    again_start(&handset->again, now);
    messages_start(&handset->messages, now);
    offers_resume(&handset->offers);
    standard_start(&handset->standard, now);
    revoking_start(&handset->revoking, now);
    management_start(&handset->management, now);
    presence_begin(&handset->presences, now);
    inquiry_start(&handset->inquiry, now);
    acquaintance_start(&handset->acquaintance, now);
    attendance_start(&handset->attendance, now);
    losing_start(&handset->revoking, now);
    handset->started = true;
    return STATUS_OK;
}

/* --- Links ---------------------------------------------------------------------------------- */

/* The handset is a relay or none, by the links as they will be; then it has them. */
static enum status take_links(struct relay *relay, struct topics *topics,
                              struct handset_links *held, const struct handset_links *links) {
    enum status status = relay_provide(relay, links);
    if (status != STATUS_OK) {
        return status;
    }
    if (!relay_is_on(relay)) {
        topics_forget(topics);
    }
    *held = *links;
    return STATUS_OK;
}

enum status handset_set_links(struct handset *handset, unsigned count) {
    struct handset_links links;
    enum status status = links_set(&links, count);
    return status == STATUS_OK
               ? take_links(&handset->relay, &handset->topics, &handset->links, &links)
               : status;
}

enum status handset_describe_link(struct handset *handset, unsigned link, const char *name,
                                  enum link_form form, size_t largest) {
    struct handset_links links = handset->links;
    enum status status = links_describe(&links, link, name, form, largest);
    return status == STATUS_OK
               ? take_links(&handset->relay, &handset->topics, &handset->links, &links)
               : status;
}

void handset_signal(struct handset *handset, uint64_t peer, int quality) {
    roster_signal(&handset->roster, peer, quality);
}

void handset_show_radios(struct handset *handset, const struct view_radio radios[], size_t count) {
    if (links_take_radios(&handset->links, radios, count)) {
        presence_say_soon(&handset->presences);
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
    struct waiting *waited; /* for its signature to be checked */
    if (!handset->started) {
        return;
    }
    handset->version++;
    handset->admission.is_busy = handset_is_talking(handset) || handset_is_listening(handset);
    while ((waited = admission_next(&handset->admission, now)) != NULL) {
        handset->desk.journal.peer = waited->knock.arrival.peer;
        handset_hear(handset, now, &waited->knock);
        handset->desk.journal.peer = EVERYONE;
        admission_heard(&handset->admission, waited);
    }
    time_proof_tick(&handset->time_proof, now);
    desk_tick(&handset->desk, now);
    floods_tick(&handset->floods, now);
    lifetime_tick(&handset->lifetime, now);
    import_tick(&handset->import, now);
    attendance_tick(&handset->attendance, now);
    absences_tick(&handset->absences, now);
    inquiry_tick(&handset->inquiry, now);
    presence_tick(&handset->presences, now);
    revocations_tick(&handset->revocations, now);
    losing_tick(&handset->revoking, now);
    proposal_tick(&handset->connections, now);
    connection_tick(&handset->connections, now);
    offers_tick(&handset->offers, now);
    lists_tick(&handset->lists, now);
    talk_tick(&handset->talk, now);
    listening_tick(&handset->listening, now);
    if (handset_is_talking(handset)) {
        asking_stop(&handset->asking, now);
    }
    asking_tick(&handset->asking, now);
    hearers_tick(&handset->hearers, now);
    reporting_tick(&handset->reporting, now);
    again_tick(&handset->again, now);
    messages_tick(&handset->messages, now);
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
    absences_forget(&handset->absences);
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
                           revocations_deadline(&handset->revocations),
                           losing_deadline(&handset->revoking),
                           inquiry_deadline(&handset->inquiry),
                           attendance_deadline(&handset->attendance),
                           absences_deadline(&handset->absences),
                           lifetime_deadline(&handset->lifetime),
                           proposal_deadline(&handset->connections),
                           connection_deadline(&handset->connections),
                           offers_deadline(&handset->offers),
                           lists_deadline(&handset->lists),
                           talk_deadline(&handset->talk),
                           listening_deadline(&handset->listening),
                           asking_deadline(&handset->asking),
                           hearers_deadline(&handset->hearers),
                           reporting_deadline(&handset->reporting),
                           again_deadline(&handset->again),
                           messages_deadline(&handset->messages),
                           relay_deadline(&handset->relay),
                           admission_deadline(&handset->admission),
                           floods_deadline(&handset->floods),
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

void handset_speak(struct handset *handset, struct moment now, int64_t waited_ms,
                   const int16_t samples[VOICE_FRAME_SAMPLES]) {
    handset->levels += handset_is_talking(handset);
    if (handset->talk.active) {
        talk_speak(&handset->talk, now, waited_ms, samples);
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
    handset->levels += is_voice;
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

/* Is it one that answers again? */
static bool tells_of_broker(const struct event *event) {
    const char *name = event->condition.name;
    return name != NULL &&
           (strcmp(name, "broker-back") == 0 || strcmp(name, "broker-answers") == 0);
}

void handset_note(struct handset *handset, struct moment now, const struct event *event) {
    reporting_note(&handset->reporting, event->kind);
    if (event->kind == EVENT_LINK_NEWS && tells_of_broker(event)) {
        management_broker_is_back(&handset->management, now);
    }
    desk_tell(&handset->desk, now, event);
}

uint64_t handset_version(const struct handset *handset, uint64_t *levels) {
    if (levels != NULL) {
        *levels = handset->levels;
    }
    return handset->version + handset->levels + handset->desk.journal.version;
}

bool handset_reveal_gmk(const struct handset *handset, uint32_t gmk_id, uint8_t gmk[16]) {
    const struct gmk *held;
    if (groups_any_gmk(&handset->groups, gmk_id, &held) == NULL || held->octets == NULL) {
        return false;
    }
    memcpy(gmk, held->octets->octets, GMK_SIZE);
    return true;
}
