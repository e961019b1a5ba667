/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/signers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIGNERS_MAX = 64
};

struct signer {
    uint8_t hs[DIGEST_SIZE];
    EC_POINT *y; /* NULL: a free place */
    uint64_t used;
};

struct signers {
    const EC_GROUP *group;
    pthread_mutex_t lock;
    uint64_t now; /* counts uses */
    struct signer places[SIGNERS_MAX];
};

struct signers *signers_new(const EC_GROUP *group) {
    struct signers *signers = calloc(1, sizeof *signers);
    if (signers == NULL) {
        return NULL;
    }
    signers->group = group;
    if (pthread_mutex_init(&signers->lock, NULL) != 0) {
        free(signers);
        return NULL;
    }
    return signers;
}

void signers_free(struct signers *signers) {
    if (signers == NULL) {
        return;
    }
    for (unsigned i = 0; i < SIGNERS_MAX; i++) {
        EC_POINT_free(signers->places[i].y);
    }
    pthread_mutex_destroy(&signers->lock);
    free(signers);
}

static struct signer *place_of(struct signers *signers, const uint8_t hs[DIGEST_SIZE]) {
    for (unsigned i = 0; i < SIGNERS_MAX; i++) {
        struct signer *place = &signers->places[i];
        if (place->y != NULL && memcmp(place->hs, hs, DIGEST_SIZE) == 0) {
            return place;
        }
    }
    return NULL;
}

static struct signer *oldest_place(struct signers *signers) {
    struct signer *oldest = &signers->places[0];
    for (unsigned i = 1; i < SIGNERS_MAX; i++) {
        if (signers->places[i].used < oldest->used) {
            oldest = &signers->places[i];
        }
    }
    return oldest;
}

bool signers_find(struct signers *signers, const uint8_t hs[DIGEST_SIZE], EC_POINT *y) {
    pthread_mutex_lock(&signers->lock);
    struct signer *place = place_of(signers, hs);
    bool found = place != NULL && EC_POINT_copy(y, place->y);
    if (found) {
        place->used = ++signers->now;
    }
    pthread_mutex_unlock(&signers->lock);
    return found;
}

void signers_remember(struct signers *signers, const uint8_t hs[DIGEST_SIZE], const EC_POINT *y) {
    EC_POINT *copy = EC_POINT_dup(y, signers->group);
    if (copy == NULL) {
        return;
    }
    pthread_mutex_lock(&signers->lock);
    struct signer *place = place_of(signers, hs);
    if (place == NULL) {
        place = oldest_place(signers);
    }
    EC_POINT_free(place->y);
    place->y = copy;
    place->used = ++signers->now;
    memcpy(place->hs, hs, DIGEST_SIZE);
    pthread_mutex_unlock(&signers->lock);
}
