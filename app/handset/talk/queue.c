/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void queue_start(struct queue *queue, struct moment now) {
    purses_start(&queue->checks, now.boot_ms);
}

void queue_open(struct queue *queue, const char *group, const struct queue_info *before) {
    queue_close(queue);
    queue->is_open = true;
    snprintf(queue->group, sizeof queue->group, "%s", group);
    queue->before = before != NULL ? *before : (struct queue_info){.count = 0};
}

void queue_close(struct queue *queue) {
    floor_key_free(queue->keys[0]);
    floor_key_free(queue->keys[1]);
    queue->keys[0] = queue->keys[1] = NULL;
    queue->is_open = false;
    queue->count = queue->caller_count = 0;
    queue->denial.cause = QUEUE_CAUSE_NONE;
    queue->says = 0;
}

void queue_announce(struct queue *queue, uint32_t gmk_id, const uint8_t gsk[GSK_SIZE],
                    const uint8_t session[SESSION_HASH_SIZE]) {
    struct floor_key *key;
    if (floor_key_new(gmk_id, gsk, session, &key) == STATUS_OK) {
        floor_key_free(queue->keys[1]);
        queue->keys[1] = queue->keys[0];
        queue->keys[0] = key;
    }
}

/* --- Places --------------------------------------------------------------------------------- */

static void say_soon(struct queue *queue, struct moment now) {
    int64_t earliest_ms = queue->said_ms + QUEUE_SAYS_EVERY_MS;
    queue->says = QUEUE_SAYS;
    queue->due_ms = now.boot_ms > earliest_ms ? now.boot_ms : earliest_ms;
}

static void remove_place(struct queue *queue, size_t at) {
    queue->count--;
    memmove(&queue->places[at], &queue->places[at + 1],
            (queue->count - at) * sizeof queue->places[0]);
}

/* Whose request is too old, and who has been revoked since, has no place any more. */
static void expire(struct queue *queue, struct moment now) {
    for (size_t i = queue->count; i > 0; i--) {
        const struct queue_place *place = &queue->places[i - 1];
        if (now.boot_ms - place->asked_ms >= QUEUE_LASTS_MS ||
            keyring_refuses(&queue->desk->keyring, place->identity)) {
            remove_place(queue, i - 1);
            say_soon(queue, now);
        }
    }
}

static bool comes_before(const struct queue_place *one, const struct queue_place *other) {
    if (one->priority != other->priority) {
        return one->priority > other->priority;
    }
    return one->rank != other->rank ? one->rank < other->rank : one->arrival < other->arrival;
}

static size_t find(const struct queue *queue, const char *identity) {
    size_t at = 0;
    while (at < queue->count && strcmp(queue->places[at].identity, identity) != 0) {
        at++;
    }
    return at;
}

static void insert(struct queue *queue, const struct queue_place *place) {
    size_t at = queue->count++;
    for (; at > 0 && comes_before(place, &queue->places[at - 1]); at--) {
        queue->places[at] = queue->places[at - 1];
    }
    queue->places[at] = *place;
}

/* The queue is full: the last one makes way if it comes after `place`. */
static bool has_room(struct queue *queue, const struct queue_place *place) {
    if (queue->count == QUEUE_MAX && comes_before(place, &queue->places[QUEUE_MAX - 1])) {
        remove_place(queue, QUEUE_MAX - 1);
    }
    return queue->count < QUEUE_MAX;
}

/* Who asks again keeps its arrival, and with the same priority its place. */
static void take(struct queue *queue, struct moment now, const struct floor_request *request) {
    const struct group *group = groups_find(queue->groups, queue->group);
    bool may_raise = group == NULL || group_may_raise(&group->parameters, request->identity);
    struct queue_place place = {.priority = may_raise ? request->priority : TALK_NORMAL,
                                .arrival = queue->arrivals,
                                .asked_ms = now.boot_ms};
    snprintf(place.identity, sizeof place.identity, "%s", request->identity);
    if (voice_report_who(request->identity, place.who) != STATUS_OK) {
        return;
    }
    int rank = queue_info_place(&queue->before, place.who);
    place.rank = rank < 0 ? QUEUE_MAX : (size_t)rank;
    size_t known = find(queue, request->identity);
    if (known < queue->count) {
        place.arrival = queue->places[known].arrival;
        remove_place(queue, known);
    }
    if (request->wish == FLOOR_WISH_NOTHING) {
        return;
    }
    if (has_room(queue, &place)) {
        insert(queue, &place);
    } else {
        memcpy(queue->denial.denied, place.who, sizeof place.who);
        queue->denial.cause = QUEUE_CAUSE_FULL;
    }
}

/* --- Requests ------------------------------------------------------------------------------- */

/* The latest request of that member; a new one takes the place of who asked longest ago. */
static struct queue_caller *caller_of(struct queue *queue, const char *identity) {
    struct queue_caller *oldest = &queue->callers[0];
    for (size_t i = 0; i < queue->caller_count; i++) {
        struct queue_caller *caller = &queue->callers[i];
        if (strcmp(caller->identity, identity) == 0) {
            return caller;
        }
        oldest = caller->arrival < oldest->arrival ? caller : oldest;
    }
    struct queue_caller *caller =
        queue->caller_count < QUEUE_CALLERS_MAX ? &queue->callers[queue->caller_count++] : oldest;
    *caller = (struct queue_caller){.number = -1};
    snprintf(caller->identity, sizeof caller->identity, "%s", identity);
    return caller;
}

static int64_t number_of(const struct queue *queue, const char *identity) {
    for (size_t i = 0; i < queue->caller_count; i++) {
        if (strcmp(queue->callers[i].identity, identity) == 0) {
            return queue->callers[i].number;
        }
    }
    return -1;
}

/* Has that member signed it? Its seat pays, which it has for itself where it is known to be. */
static bool is_signed(struct queue *queue, struct moment now, struct group *group,
                      const struct floor_request_opened *opened) {
    const char *identity = opened->request.identity;
    const struct group_member *member = group_member(&group->parameters, identity);
    const struct moment signed_at = {.utc_ms = group_clock_read(&group->clock, now),
                                     .boot_ms = now.boot_ms};
    return purses_take(&queue->checks, admission_who(queue->admission, identity), now.boot_ms,
                       QUEUE_CHECK_COST * UNIT) &&
           keyring_verify(&queue->desk->keyring, identity,
                          member != NULL ? member->kms : own_kms(queue->desk), signed_at,
                          (struct span){opened->signed_octets, opened->signed_length},
                          opened->signature) == STATUS_OK;
}

static void act_on(struct queue *queue, struct moment now,
                   const struct floor_request_opened *opened) {
    const struct floor_request *request = &opened->request;
    struct group *group = groups_find(queue->groups, queue->group);
    int64_t latest = number_of(queue, request->identity);
    if (group == NULL || !group_may_talk(group, request->identity) ||
        strcmp(request->identity, own_identity(queue->desk)) == 0 || request->number < latest) {
        return;
    }
    if (request->number == latest) {
        say_soon(queue, now); /* it did not hear the answer */
        return;
    }
    if (is_signed(queue, now, group, opened)) {
        struct queue_caller *caller = caller_of(queue, request->identity);
        caller->number = request->number;
        caller->arrival = ++queue->arrivals;
        expire(queue, now);
        take(queue, now, request);
        say_soon(queue, now);
    }
}

void queue_hear(struct queue *queue, struct moment now, struct span payload) {
    struct floor_request_opened opened;
    uint32_t gmk_id;
    const struct gmk *gmk;
    if (!queue->is_open || floor_request_gmk_id(payload, &gmk_id) != STATUS_OK ||
        groups_gmk(queue->groups, queue->group, gmk_id, &gmk) == NULL ||
        !admission_affords(queue->admission, now, SPENT_ON_REPORTS, QUEUE_OPENING_MILLI)) {
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        if (queue->keys[i] != NULL &&
            floor_request_open(queue->keys[i], payload, &opened) == STATUS_OK) {
            act_on(queue, now, &opened);
            return;
        }
    }
}

/* --- What is said --------------------------------------------------------------------------- */

void queue_order(struct queue *queue, struct moment now, struct queue_info *info) {
    expire(queue, now);
    *info = (struct queue_info){.count = queue->count};
    for (size_t i = 0; i < queue->count; i++) {
        memcpy(info->who[i], queue->places[i].who, QUEUE_WHO_SIZE);
    }
}

bool queue_says(struct queue *queue, struct moment now, struct queue_info *info) {
    queue_order(queue, now, info);
    if ((queue->says == 0 && queue->count == 0) || now.boot_ms < queue->due_ms) {
        return false;
    }
    memcpy(info->denied, queue->denial.denied, sizeof info->denied);
    info->cause = queue->denial.cause;
    queue->says -= queue->says > 0;
    queue->said_ms = now.boot_ms;
    queue->due_ms = now.boot_ms + (queue->says > 0 ? QUEUE_SAYS_EVERY_MS : QUEUE_SAYS_AGAIN_MS);
    if (queue->says == 0) {
        queue->denial.cause = QUEUE_CAUSE_NONE;
    }
    return true;
}

void queue_show(const struct queue *queue, struct view *view) {
    view->floor.waiting = (unsigned)queue->count;
}
