/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/distribution.h"
#include "app/handset/handset.h"
#include "app/handset/invitation.h"
#include "app/handset/standard.h"

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
    handset->view = calloc(1, sizeof *handset->view);
    handset->record_room = secret_new(D2D_RECORD_MAX + D2D_HASH_SIZE);
    if (handset->view == NULL || handset->record_room == NULL) {
        secret_free(handset->record_room);
        free(handset->view);
        free(handset);
        return STATUS_NO_MEMORY;
    }
    handset->keyring.provider = setup->provider;
    handset->entropy = setup->entropy;
    limiter_start(&handset->presence_limiter, now.boot_ms);
    limiter_start(&handset->opening_limiter, now.boot_ms);
    limiter_start(&handset->announcement_limiter, now.boot_ms);
    limiter_start(&handset->delivery_limiter, now.boot_ms);
    limiter_start(&handset->delivery_claim_limiter, now.boot_ms);
    limiter_start(&handset->presence_claim_limiter, now.boot_ms);
    limiter_start(&handset->opening_claim_limiter, now.boot_ms);
    limiter_start(&handset->decapsulation_limiter, now.boot_ms);
    limiter_start(&handset->talk_limiter, now.boot_ms);
    limiter_start(&handset->relay_limiter, now.boot_ms);
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
    call_clear(&handset->call);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (handset->connections[i] != NULL) {
            connection_drop(handset, handset->connections[i]);
        }
    }
    for (size_t i = 0; i < handset->group_count; i++) {
        group_free(handset->groups[i]);
    }
    management_clear(&handset->management);
    keyring_clear(&handset->keyring);
    relay_free(handset->relay);
    outbox_clear(&handset->outbox);
    secret_free(handset->record_room);
    free(handset->view);
    free(handset);
}

/* --- Starting ------------------------------------------------------------------------------- */

static enum status restore_group(struct handset *handset, struct span value) {
    struct group *group;
    enum status status = group_read(value, &group);
    if (status != STATUS_OK) {
        return status;
    }
    status = handset_add_group(handset, group);
    if (status != STATUS_OK) {
        group_free(group);
    }
    return status;
}

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
        return keyring_load(&handset->keyring, key, value);
    case RECORD_GROUP:
        return restore_group(handset, value);
    case RECORD_TRUST:
        status = restore_text(key, identity, sizeof identity);
        return status == STATUS_OK ? roster_mark(&handset->roster, identity, true) : status;
    case RECORD_SETTING:
        if (span_equal(key, span_of_text(SETTING_NAME))) {
            return restore_text(value, handset->name, sizeof handset->name);
        }
        return STATUS_OK;
    case RECORD_PARTS:
        return import_restore(handset, value);
    case RECORD_DEVICE_KEY:
    case RECORD_ACCESS:
        return STATUS_OK; /* for installing bundles and for the broker, not for the engine */
    case RECORD_MANAGER_KEYS:
    case RECORD_REKEY:
    case RECORD_MEMBER:
        return management_restore(handset, kind, key, value);
    default:
        return STATUS_MALFORMED;
    }
}

enum status handset_start(struct handset *handset, struct moment now) {
    const struct credential *credential = handset->keyring.credential;
    if (credential == NULL) {
        return STATUS_NOT_FOUND;
    }
    if (handset->name[0] == '\0') {
        snprintf(handset->name, sizeof handset->name, "%s", credential->display_name);
    }
    topic_key_of(credential, &handset->topic_key);
    handset->topics_version++;
    for (size_t i = 0; i < handset->group_count; i++) {
        group_clock_move(&handset->groups[i]->clock, now);
    }
    distribution_resume(handset);
    standard_start(handset, now);
    management_start(handset, now);
    handset->presence_due_ms = now.boot_ms;
    handset->clock_save_due_ms = now.boot_ms;
    handset->started = true;
    return STATUS_OK;
}

/* --- Frames --------------------------------------------------------------------------------- */

static void hear_presence(struct handset *handset, struct moment now,
                          const struct presence_arrival *arrival, struct span payload) {
    struct presence presence;
    struct span covered, signature;
    bool is_new = false;
    enum status status = presence_read(payload, &presence, &covered, &signature);
    if (status == STATUS_OK && strcmp(presence.identity, own_identity(handset)) == 0) {
        return;
    }
    const struct span none = {NULL, 0};
    if (status == STATUS_OK && seen_has(&handset->presences, covered, none)) {
        status = STATUS_REPLAYED;
    }
    if (status == STATUS_OK &&
        !handset_may_verify(handset, now, &handset->presence_limiter,
                            &handset->presence_claim_limiter, arrival->peer, presence.identity)) {
        status = STATUS_RATE_LIMITED;
    }
    if (status == STATUS_OK) {
        status = presence_verify(&presence, covered, signature, &handset->keyring, now);
    }
    if (status == STATUS_OK) {
        status = roster_hear(&handset->roster, &presence, arrival, now, &is_new);
    }
    if (status != STATUS_OK) {
        handset_refuse(handset, now, "presence", status);
    } else {
        seen_add(&handset->presences, covered, none);
    }
    if (status == STATUS_OK && is_new) {
        handset_tell(handset, now, TELL_NEARBY, LOG_DETAIL, "%s is nearby", presence.identity);
    }
}

/* An announcement and the media that came with it, in one transmission. */
static void hear_both(struct handset *handset, struct moment now, uint64_t peer,
                      struct span payload) {
    struct reader r = reader_of(payload);
    struct span announcement = read_span_u16(&r);
    if (!r.failed) {
        listening_announcement(handset, now, peer, announcement);
    }
    while (!r.failed && reader_left(&r) > 0) {
        struct span media = read_span_u16(&r);
        if (!r.failed) {
            listening_media(handset, now, media);
        }
    }
    if (r.failed) {
        handset_refuse(handset, now, "announcement with media", STATUS_TRUNCATED);
    }
}

void handset_frame(struct handset *handset, struct moment now, uint64_t peer, struct span octets) {
    struct frame frame;
    if (!handset->started || handset->airplane) {
        return;
    }
    handset->journal.frames_heard++;
    enum status status = frame_read(octets, &frame);
    if (status != STATUS_OK) {
        handset->journal.frames_refused++; /* dropped and counted, never an error to the officer */
        return;
    }
    const struct span none = {NULL, 0};
    uint8_t identity[FRAME_IDENTITY_SIZE];
    frame_identity(octets, identity);
    bool is_new = !seen_has(&handset->frames, SPAN_OF(identity), none);
    relay_hear(handset, now, peer, octets, is_new);
    struct presence_arrival arrival = {.peer = peer, .is_relayed = frame.hops_left < FRAME_HOPS};
    memcpy(arrival.frame, identity, sizeof arrival.frame);
    if (!is_new && frame.kind == FRAME_PRESENCE) {
        roster_hear_copy(&handset->roster, &arrival, now);
    }
    if (!is_new) {
        return;
    }
    seen_add(&handset->frames, SPAN_OF(identity), none);
    /* What is new of neighbours and of voice goes into the journal; the rest changes with time. */
    handset->version += frame.kind != FRAME_PRESENCE && frame.kind != FRAME_MEDIA;
    switch (frame.kind) {
    case FRAME_PRESENCE:
        hear_presence(handset, now, &arrival, frame.payload);
        break;
    case FRAME_D2D:
        connection_frame(handset, now, peer, frame.payload);
        break;
    case FRAME_ANNOUNCEMENT:
        listening_announcement(handset, now, peer, frame.payload);
        break;
    case FRAME_MEDIA:
        listening_media(handset, now, frame.payload);
        break;
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        hear_both(handset, now, peer, frame.payload);
        break;
    case FRAME_KEY_DELIVERY:
        standard_delivery(handset, now, peer, frame.payload);
        break;
    case FRAME_RECEIPT:
        management_receipt(handset, now, peer, frame.payload);
        break;
    case FRAME_RELAY_CONTROL:
        handset->journal.frames_refused++; /* no link of this version has a use for it */
        break;
    }
}

/* --- Time ----------------------------------------------------------------------------------- */

static void send_presence(struct handset *handset, struct moment now) {
    handset->presence_due_ms = now.boot_ms + PRESENCE_INTERVAL_MS;
    handset->presence_said_ms = now.boot_ms;
    if (handset_is_silent(handset)) {
        return;
    }
    struct presence presence = {.utc_ms = now.utc_ms};
    snprintf(presence.identity, sizeof presence.identity, "%s", own_identity(handset));
    snprintf(presence.kms, sizeof presence.kms, "%s", own_kms(handset));
    snprintf(presence.name, sizeof presence.name, "%s", handset->name);
    uint8_t payload[PRESENCE_MAX];
    struct writer w = writer_into(payload, sizeof payload);
    if (presence_write(&w, &presence, &handset->keyring, &handset->entropy) == STATUS_OK) {
        handset_send(handset, EVERYONE, FRAME_PRESENCE, writer_span(&w));
    }
}

/* Keys whose period is over go; each group's latest time is made durable now and then. */
static void keep_time(struct handset *handset, struct moment now) {
    bool save_all = now.boot_ms >= handset->clock_save_due_ms;
    if (save_all) {
        handset->clock_save_due_ms = now.boot_ms + CLOCK_SAVE_MS;
    }
    for (size_t i = 0; i < handset->group_count; i++) {
        struct group *group = handset->groups[i];
        bool taken_over = standard_take_over(handset, now, group);
        bool dropped = group_drop_expired(group, now);
        bool expired =
            group->current.id != 0 && group->current.octets == NULL && !group->expiry_told;
        if (expired) {
            group->expiry_told = true;
            handset_tell(handset, now, TELL_KEY_EXPIRED, LOG_WARNING,
                         group_is_standard(group)
                             ? "The key of %s has expired: ask its manager for a new one"
                             : "The key of %s has expired: rekey the group",
                         group->parameters.name);
        }
        group_clock_move(&group->clock, now);
        bool holds_any = group->current.octets != NULL || group->previous.octets != NULL ||
                         group->waiting.octets != NULL;
        if (taken_over || dropped || expired || (save_all && (holds_any || group->is_unsaved))) {
            /* What could not be saved is tried again: the record may still hold a key that is over.
             */
            group->is_unsaved = handset_save_group(handset, group) != STATUS_OK;
            if (group->is_unsaved) {
                handset->clock_save_due_ms = now.boot_ms + PRESENCE_INTERVAL_MS;
            }
        }
    }
}

/* Keys of months that are over go, from the store first. What could not be queued is tried again.
 */
static void drop_ended_months(struct handset *handset, struct moment now) {
    const struct key_set *ended;
    while ((ended = keyring_ended(&handset->keyring, now)) != NULL) {
        if (handset_save_record(handset, RECORD_CREDENTIAL, ended->record_key, NULL) != STATUS_OK) {
            return;
        }
        keyring_drop(&handset->keyring, ended);
    }
}

static int64_t time_deadline(const struct handset *handset) {
    int64_t deadline = handset->clock_save_due_ms;
    for (size_t i = 0; i < handset->group_count; i++) {
        const struct group *group = handset->groups[i];
        const struct gmk *gmks[] = {&group->current, &group->previous};
        for (size_t k = 0; k < 2; k++) {
            int64_t left = gmks[k]->not_after_ms - group->clock.group_ms;
            if (gmks[k]->octets != NULL && group->clock.at.boot_ms + left < deadline) {
                deadline = group->clock.at.boot_ms + left;
            }
        }
        int64_t until = group->waiting.not_before_ms - group->clock.group_ms;
        if (group->waiting.octets != NULL && group->clock.at.boot_ms + until < deadline) {
            deadline = group->clock.at.boot_ms + until;
        }
    }
    return deadline;
}

void handset_tick(struct handset *handset, struct moment now) {
    if (!handset->started) {
        return;
    }
    handset->version++;
    keep_time(handset, now);
    drop_ended_months(handset, now);
    import_tick(handset, now);
    if (now.boot_ms >= handset->presence_due_ms) {
        send_presence(handset, now);
    }
    invitation_tick(handset, now);
    connection_tick(handset, now);
    distribution_tick(handset, now);
    listening_tick(handset, now);
    relay_tick(handset, now);
    receipts_tick(handset, now);
    management_tick(handset, now);
}

int64_t handset_deadline(const struct handset *handset) {
    if (!handset->started) {
        return INT64_MAX;
    }
    int64_t deadlines[] = {
        handset->presence_due_ms,     time_deadline(handset),         invitation_deadline(handset),
        connection_deadline(handset), distribution_deadline(handset), listening_deadline(handset),
        relay_deadline(handset),      receipts_deadline(handset),     management_deadline(handset)};
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
    size_t count = 0;
    if (!handset->started) {
        return 0;
    }
    for (size_t i = 0; i < handset->group_count && count < room; i++) {
        struct handset_topic *topic = &out[count++];
        topic_group(&handset->topic_key, handset->groups[i]->parameters.identity, topic->name);
        topic->is_kept = false;
    }
    count += relay_topics_list(handset, out + count, room - count);
    const struct group_list *listed = &handset->keyring.credential->groups;
    for (size_t i = 0; i < listed->count && count < room; i++) {
        struct handset_topic *topic = &out[count++];
        topic_mailbox(&handset->topic_key, own_identity(handset), listed->groups[i], topic->name);
        topic->is_kept = true;
    }
    return count + management_topics(handset, out + count, room - count);
}

uint64_t handset_topics_version(const struct handset *handset) {
    return handset->started ? handset->topics_version : 0;
}

bool handset_is_silent(const struct handset *handset) {
    return handset->radio_silence || handset->airplane;
}

bool handset_is_off_air(const struct handset *handset) {
    return handset->airplane;
}

/* --- Voice and outputs ---------------------------------------------------------------------- */

bool handset_is_talking(const struct handset *handset) {
    return handset->talk.active || handset->call.state == CALL_ACTIVE;
}

bool handset_is_listening(const struct handset *handset) {
    return listening_is_active(&handset->listening) || handset->call.state == CALL_ACTIVE;
}

void handset_speak(struct handset *handset, struct moment now,
                   const int16_t samples[VOICE_FRAME_SAMPLES]) {
    handset->version += handset_is_talking(handset);
    if (handset->talk.active) {
        talk_speak(handset, now, samples);
    } else {
        call_speak(handset, samples);
    }
}

bool handset_listen(struct handset *handset, struct moment now,
                    int16_t samples[VOICE_FRAME_SAMPLES]) {
    memset(samples, 0, VOICE_FRAME_SAMPLES * sizeof samples[0]);
    bool group_voice = listening_play(handset, now, samples);
    bool call_voice = call_play(handset, now, samples);
    bool is_voice = group_voice || call_voice;
    handset->version += is_voice;
    return is_voice;
}

bool handset_take_output(struct handset *handset, struct output *out) {
    return outbox_take(&handset->outbox, out);
}

void handset_signal(struct handset *handset, uint64_t peer, int quality) {
    roster_signal(&handset->roster, peer, quality);
}

void handset_note(struct handset *handset, struct moment now, const char *line, bool is_problem) {
    journal_add(&handset->journal, now.utc_ms, is_problem ? LOG_WARNING : LOG_NOTICE, line);
}

uint64_t handset_version(const struct handset *handset) {
    return handset->version + handset->journal.version;
}

bool handset_reveal_gmk(const struct handset *handset, uint32_t gmk_id, uint8_t gmk[16]) {
    const struct gmk *held;
    if (handset_gmk(handset, gmk_id, &held) == NULL || held->octets == NULL) {
        return false;
    }
    memcpy(gmk, held->octets->octets, GMK_SIZE);
    return true;
}
