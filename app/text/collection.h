/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parts of messages (app/text/parts.h) as they come, perhaps over days: a few messages at a time,
 * each with the parts that have come. It is only data, and none of it is secret, since what the
 * parts carry is encrypted to one identity.
 */
#ifndef MUSTER_APP_TEXT_COLLECTION_H
#define MUSTER_APP_TEXT_COLLECTION_H

#include "app/text/parts.h"

enum {
    COLLECTION_MAX = 16,          /* messages */
    COLLECTION_MISSING_SIZE = 64, /* the numbers of missing parts as text, terminated */
    GATHERED_RECORD_MAX = 16 + PARTS_MAX * (1 + PART_OCTETS), /* octets of a message's record */
    GATHERED_KEY_SIZE = PART_TAG_SIZE + 4 /* what names a message, "TAGTAGTA/10", terminated */
};

/* What has come of one message. */
struct gathered {
    char tag[PART_TAG_SIZE];
    unsigned count;
    int64_t latest_ms;          /* when a part of it came last: wall clock, since 1970 */
    uint8_t lengths[PARTS_MAX]; /* 0: that part is missing */
    uint8_t octets[PARTS_MAX][PART_OCTETS];

    /* For whoever keeps it; not in its record. */
    bool is_saved, is_changed;
    bool again[PARTS_MAX]; /* that part came once more */
};

struct collection {
    size_t count;
    struct gathered messages[COLLECTION_MAX];
};

/* What came of a part. */
enum gathering {
    GATHERED_NEW,
    GATHERED_AGAIN,   /* the same one was already there */
    GATHERED_DIFFERS, /* a different one was there under this number: neither is kept */
    GATHERED_NO_ROOM, /* it begins a message, and COLLECTION_MAX are there */
};

/* Adds a part that is good. */
enum gathering collection_add(struct collection *collection, const struct part *part,
                              int64_t now_ms);

/* The message that the part belongs to, or NULL. */
struct gathered *collection_find(struct collection *collection, const struct part *part);

/* The message of which nothing has come for longest, or NULL. */
struct gathered *collection_oldest(struct collection *collection);

void collection_remove(struct collection *collection, struct gathered *gathered);

/* How many parts have come. */
unsigned gathered_parts(const struct gathered *gathered);

/* The numbers of the missing parts: "2", "2 and 5", "2, 5 and 7"; empty when none is missing. */
void gathered_missing(const struct gathered *gathered, char out[COLLECTION_MISSING_SIZE]);

/* Appends the whole message, all of whose parts have come. STATUS_MALFORMED when it does not match
 * its tag. */
MUST_CHECK enum status gathered_join(const struct gathered *gathered, struct writer *out);

/* What names the message, as the key of its record. */
void gathered_key(const struct gathered *gathered, char key[GATHERED_KEY_SIZE]);

/* Codec of RECORD_PARTS' value. Reading: STATUS_TRUNCATED, STATUS_MALFORMED. */
void gathered_write(struct writer *out, const struct gathered *gathered);
MUST_CHECK enum status gathered_read(struct span octets, struct gathered *gathered);

#endif
