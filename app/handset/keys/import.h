/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys that an officer brings as text (6.X.3.3.2.3: delivery is independent of the path). The parts
 * of a key delivery (app/text/parts.h) may come over days: those that are there are kept in the
 * store, and once the last has come the delivery is taken like one from the air (standard.h), and
 * its parts are forgotten. Of at most COLLECTION_MAX deliveries parts are kept; the one of which
 * nothing has come for longest makes room for another, and after IMPORT_KEEP_MS each is forgotten.
 *
 * What came of an import is told line by line: TELL_IMPORTED, with STATUS_OK or the reason.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_IMPORT_H
#define MUSTER_APP_HANDSET_KEYS_IMPORT_H

#include "app/handset/keys/standard.h"
#include "app/text/collection.h"

#define IMPORT_KEEP_MS (30 * INT64_C(24) * 60 * 60 * 1000)

enum {
    IMPORT_TAKEN_MAX = 16
};

/* A key taken since the start, by its tag: parts of it that come once more begin nothing new. */
struct import_taken {
    char tag[PART_TAG_SIZE];
    bool again; /* in this import there were such parts */
};

struct import {
    struct desk *desk;
    struct standard *standard;
    struct collection collection;
    struct import_taken taken[IMPORT_TAKEN_MAX];
    size_t taken_count, taken_next;
    size_t event_count;
    struct event events[VIEW_IMPORTED_MAX]; /* about the latest import */
};

/* Carries out COMMAND_IMPORT: `text` is any text with parts in it, or with a list of the revoked
 * (identity/revocation.h), or both, or a key delivery's octets.
 * STATUS_OK when there was something in it, whatever came of it; STATUS_NOT_FOUND when there was
 * nothing, and `problem` says so. */
MUST_CHECK enum status import_text(struct import *import, struct moment now, struct span text,
                                   struct event *problem);

/* A RECORD_PARTS of the store. The errors of gathered_read; STATUS_TOO_LONG when there are more
 * than this handset keeps. */
MUST_CHECK enum status import_restore(struct import *import, struct span value);

/* Forgets what is older than IMPORT_KEEP_MS. */
void import_tick(struct import *import, struct moment now);

/* Into the view: what is there, and what came of the latest import. */
void import_show(const struct import *import, struct moment now, struct view *view);

#endif
