/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/handset.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *own_identity(const struct handset *handset) {
    return handset->keyring.credential->identity;
}

const char *own_kms(const struct handset *handset) {
    return handset->keyring.credential->kms;
}

enum status handset_draw_u32(const struct handset *handset, uint32_t *number) {
    uint8_t octets[4];
    do {
        enum status status = entropy_draw(&handset->entropy, octets, sizeof octets);
        if (status != STATUS_OK) {
            return status;
        }
        struct reader r = reader_of(SPAN_OF(octets));
        *number = read_u32(&r);
    } while (*number == 0);
    return STATUS_OK;
}

bool handset_may_verify(const struct handset *handset, struct moment now, struct limiter *by_peer,
                        struct limiter *by_claim, uint64_t peer, const char *identity) {
    if (limiter_allows(by_peer, peer, roster_has_peer(&handset->roster, peer), now.boot_ms,
                       COST_SIGNATURE)) {
        return true;
    }
    return roster_is_at(&handset->roster, identity, peer) &&
           limiter_allows(by_claim, limiter_source(identity), true, now.boot_ms, COST_SIGNATURE);
}

void handset_send_under(struct handset *handset, uint64_t peer, enum frame_kind kind,
                        struct span payload, const char *topic, bool is_kept) {
    uint32_t high, low;
    if (payload.length == 0 || handset->airplane || handset_draw_u32(handset, &high) != STATUS_OK ||
        handset_draw_u32(handset, &low) != STATUS_OK) {
        return; /* lost, as the air may lose it */
    }
    uint8_t *room = malloc(FRAME_HEADER_SIZE + payload.length);
    if (room == NULL) {
        return;
    }
    struct writer w = writer_into(room, FRAME_HEADER_SIZE + payload.length);
    frame_write(&w, &(struct frame){.kind = kind,
                                    .hops_left = FRAME_HOPS,
                                    .id = (uint64_t)high << 32 | low,
                                    .payload = payload});
    uint8_t identity[FRAME_IDENTITY_SIZE];
    frame_identity(writer_span(&w), identity);
    seen_add(&handset->frames, SPAN_OF(identity), (struct span){NULL, 0});
    outbox_send(&handset->outbox, peer, writer_span(&w), topic, is_kept);
    free(room);
}

void handset_send(struct handset *handset, uint64_t peer, enum frame_kind kind,
                  struct span payload) {
    handset_send_under(handset, peer, kind, payload, NULL, false);
}

void handset_send_to_group(struct handset *handset, const char *group, enum frame_kind kind,
                           struct span payload) {
    char topic[TOPIC_SIZE];
    topic_group(&handset->topic_key, group, topic);
    handset_send_under(handset, EVERYONE, kind, payload, topic, false);
}

struct group *handset_group(const struct handset *handset, const char *identity) {
    for (size_t i = 0; i < handset->group_count; i++) {
        if (strcmp(handset->groups[i]->parameters.identity, identity) == 0) {
            return handset->groups[i];
        }
    }
    return NULL;
}

struct group *handset_gmk(const struct handset *handset, uint32_t gmk_id, const struct gmk **gmk) {
    for (size_t i = 0; i < handset->group_count; i++) {
        struct group *group = handset->groups[i];
        const struct gmk *const gmks[] = {&group->current, &group->previous, &group->waiting};
        for (size_t k = 0; gmk_id != 0 && k < sizeof gmks / sizeof gmks[0]; k++) {
            *gmk = gmks[k];
            if (gmks[k]->id == gmk_id) {
                return group;
            }
        }
    }
    *gmk = NULL;
    return NULL;
}

enum status handset_add_group(struct handset *handset, struct group *group) {
    if (handset->group_count == GROUPS_MAX) {
        return STATUS_TOO_LONG;
    }
    handset->groups[handset->group_count++] = group;
    handset->topics_version++;
    return STATUS_OK;
}

static size_t place_of_group(const struct handset *handset, const struct group *group) {
    size_t at = 0;
    while (at < handset->group_count && handset->groups[at] != group) {
        at++;
    }
    return at;
}

void handset_replace_group(struct handset *handset, struct group *group,
                           struct group *replacement) {
    handset->groups[place_of_group(handset, group)] = replacement;
    group_free(group);
}

void handset_remove_group(struct handset *handset, struct group *group) {
    size_t at = place_of_group(handset, group);
    handset->group_count--;
    memmove(&handset->groups[at], &handset->groups[at + 1],
            (handset->group_count - at) * sizeof handset->groups[0]);
    handset->topics_version++;
    group_free(group);
}

/* A group's record in secret memory. */
static enum status group_record(const struct group *group, struct secret **record,
                                struct span *value) {
    *record = secret_new(GROUP_RECORD_MAX);
    if (*record == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into((*record)->octets, (*record)->length);
    group_write(&w, group);
    *value = writer_span(&w);
    return writer_finish(&w);
}

enum status handset_copy_group(const struct group *group, struct group **copy) {
    struct secret *record;
    struct span value;
    *copy = NULL;
    enum status status = group_record(group, &record, &value);
    if (status == STATUS_OK) {
        status = group_read(value, copy);
    }
    secret_free(record);
    return status;
}

enum status handset_save_record(struct handset *handset, enum record_kind kind, const char *key,
                                const struct span *value) {
    struct batch *batch = batch_new();
    if (batch == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = value == NULL ? batch_delete(batch, kind, span_of_text(key))
                                       : batch_put(batch, kind, span_of_text(key), *value);
    if (status != STATUS_OK) {
        batch_free(batch);
        return status;
    }
    return outbox_store(&handset->outbox, batch);
}

enum status handset_save_group(struct handset *handset, const struct group *group) {
    struct secret *record;
    struct span value;
    enum status status = group_record(group, &record, &value);
    if (status == STATUS_OK) {
        status = handset_save_record(handset, RECORD_GROUP, group->parameters.identity, &value);
    }
    secret_free(record);
    return status;
}

enum status handset_keep_group(struct handset *handset, struct group *held, struct group *group) {
    enum status status = handset_save_group(handset, group);
    if (status == STATUS_OK && held != NULL) {
        handset_replace_group(handset, held, group);
    } else if (status == STATUS_OK) {
        status = handset_add_group(handset, group);
    }
    return status;
}

void handset_tell(struct handset *handset, struct moment now, enum tell_kind kind,
                  enum log_weight weight, const char *format, ...) {
    char text[VIEW_LOG_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    journal_add(&handset->journal, now.utc_ms, weight, text);
    outbox_tell(&handset->outbox, kind, STATUS_OK, text);
}

void handset_refuse(struct handset *handset, struct moment now, const char *what,
                    enum status status) {
    char text[VIEW_LOG_TEXT_SIZE];
    if (!journal_may_log_refusal(&handset->journal, now.boot_ms)) {
        return;
    }
    snprintf(text, sizeof text, "Refused: %s: %s", what, status_text(status));
    journal_add(&handset->journal, now.utc_ms, LOG_DETAIL, text);
    outbox_tell(&handset->outbox, TELL_REFUSED, status, text);
}

const char *handset_name_of(const struct handset *handset, const char *identity) {
    const struct neighbour *neighbour = roster_find(&handset->roster, identity);
    if (strcmp(identity, own_identity(handset)) == 0) {
        return handset->name;
    }
    if (neighbour != NULL) {
        return neighbour->presence.name;
    }
    for (size_t i = 0; i < handset->group_count; i++) {
        struct group *group = handset->groups[i];
        const struct group_member *member = group_member(&group->parameters, identity);
        if (group->created_here && member != NULL) {
            return member->name;
        }
    }
    return "";
}
