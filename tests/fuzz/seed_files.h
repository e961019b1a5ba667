/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of fixtures/fuzz, for what writes inputs of today's form (seeds.h). */
#ifndef MUSTER_TESTS_FUZZ_SEED_FILES_H
#define MUSTER_TESTS_FUZZ_SEED_FILES_H

#include "tests/app/squad.h"

enum {
    ROOM = 8192
};

/* The readers of test_messages.c, by their places. */
enum {
    AS_PRESENCE = 0,
    AS_RECEIPT = 1,
    AS_DELIVERY = 2,
    AS_MEDIA = 3,
    AS_HELLO = 5,
    AS_TICKET = 8,
    AS_ATTESTATION = 9,
    AS_PARAMETERS = 10,
    AS_LINK = 11,
    AS_WORD = 12,
    AS_CREDENTIAL = 13,
    AS_REVOCATION = 14
};

/* How a frame comes to test_handset.c, beside its kind; AS_IT_IS beside its sender; what there is
 * beside the sender of what is no frame; and for whom questions are as well. */
enum {
    MARKED = 32,
    TWICE = 64,
    FAR = 128,
    AS_IT_IS = 128,
    WANTED = 8,
    AT_LEISURE = 16,
    NO_ROOM = 64,
    KEYS_OVER = 128,
    ASKED_FOR = 5
};

/* As fixtures/fuzz/NAME. */
void put(const char *name, struct span octets);

/* As messages/NAME, to that reader. */
void put_message(const char *name, uint8_t reader, struct span octets);

/* A frame as it comes to test_handset.c, and as handset/NAME, where it is the only one. */
void write_payload(struct writer *w, unsigned kind, size_t from, struct span payload);
void put_payload(const char *name, unsigned kind, size_t from, struct span payload);

#endif
