/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/handset/keys/standard.h"
#include "crypto/key_delivery.h"

_Static_assert((int)VIEW_GATHERINGS_MAX == (int)COLLECTION_MAX &&
                   (int)VIEW_TAG_SIZE == (int)PART_TAG_SIZE &&
                   (int)VIEW_MISSING_SIZE == (int)COLLECTION_MISSING_SIZE,
               "the view shows all that is there");

/* --- Telling the officer -------------------------------------------------------------------- */

static void tell(struct import *import, struct moment now, enum status status, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

/* A line about this import. The view keeps the last ones. */
static void tell(struct import *import, struct moment now, enum status status, const char *format,
                 ...) {
    if (import->line_count == VIEW_IMPORTED_MAX) {
        memmove(&import->lines[0], &import->lines[1],
                --import->line_count * sizeof import->lines[0]);
    }
    struct view_imported *line = &import->lines[import->line_count++];
    line->is_problem = status != STATUS_OK;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line->text, sizeof line->text, format, arguments);
    va_end(arguments);
    journal_add(&import->desk->journal, now.utc_ms, line->is_problem ? LOG_WARNING : LOG_NOTICE,
                line->text);
    outbox_tell(&import->desk->outbox, TELL_IMPORTED, status, line->text);
}

/* What came of a whole delivery. `message` is what standard_import made of it. */
static void tell_delivery(struct import *import, struct moment now, enum status status,
                          const struct i_message *message) {
    const char *group = message->fields.initiator, *member = message->fields.responder;
    switch (status) {
    case STATUS_OK:
        tell(import, now, STATUS_OK, "The key of %s is taken", group);
        break;
    case STATUS_ALREADY_DONE:
        tell(import, now, STATUS_OK, "The key of %s is here already", group);
        break;
    case STATUS_NOT_ADDRESSED_TO_US:
        tell(import, now, status, "This key is for %s, not for this handset: import it there",
             member);
        break;
    case STATUS_REPLAYED:
        tell(import, now, status, "Not taken: a later key of %s is here already", group);
        break;
    case STATUS_GROUP_IDENTITY_WRONG:
        tell(import, now, status, "Not taken: %s is no group of this handset's: ask the KMS",
             group);
        break;
    case STATUS_GMK_EXPIRED:
        tell(import, now, status, "Not taken: the key of %s is over: ask its manager for a new one",
             group);
        break;
    case STATUS_SIGNATURE_INVALID:
        tell(import, now, status, "Not taken: %s did not sign this key: ask who sent it", group);
        break;
    case STATUS_TRUNCATED:
    case STATUS_MALFORMED:
    case STATUS_UNSUPPORTED:
        tell(import, now, status, "Not taken: this is no key delivery (%s)", status_text(status));
        break;
    default:
        tell(import, now, status, "Not taken: the key of %s: %s", group, status_text(status));
        break;
    }
}

/* --- Records -------------------------------------------------------------------------------- */

/* Keeps the parts that are there over a restart. */
static void save(struct import *import, struct moment now, struct gathered *gathered) {
    uint8_t octets[GATHERED_RECORD_MAX];
    char key[GATHERED_KEY_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    gathered_write(&w, gathered);
    struct span value = writer_span(&w);
    gathered_key(gathered, key);
    if (desk_save(import->desk, RECORD_PARTS, key, &value) == STATUS_OK) {
        gathered->is_saved = true;
    } else {
        tell(import, now, STATUS_NO_MEMORY,
             "The parts of %s are not kept over a restart: out of memory", gathered->tag);
    }
}

/* Takes it out, from the store as well. */
static void forget(struct import *import, struct moment now, struct gathered *gathered) {
    char key[GATHERED_KEY_SIZE];
    gathered_key(gathered, key);
    if (gathered->is_saved && desk_save(import->desk, RECORD_PARTS, key, NULL) != STATUS_OK) {
        tell(import, now, STATUS_NO_MEMORY,
             "The parts of %s come back with a restart: out of memory", gathered->tag);
    }
    collection_remove(&import->collection, gathered);
}

enum status import_restore(struct import *import, struct span value) {
    struct collection *collection = &import->collection;
    if (collection->count == COLLECTION_MAX) {
        return STATUS_TOO_LONG;
    }
    struct gathered *gathered = &collection->messages[collection->count];
    enum status status = gathered_read(value, gathered);
    if (status != STATUS_OK) {
        return status;
    }
    gathered->is_saved = true;
    collection->count++;
    return STATUS_OK;
}

void import_tick(struct import *import, struct moment now) {
    struct gathered *oldest = collection_oldest(&import->collection);
    while (oldest != NULL && now.utc_ms - oldest->latest_ms > IMPORT_KEEP_MS) {
        forget(import, now, oldest);
        oldest = collection_oldest(&import->collection);
    }
}

/* --- Parts ---------------------------------------------------------------------------------- */

static struct import_taken *find_taken(struct import *import, const char *tag) {
    for (size_t i = 0; i < import->taken_count; i++) {
        if (strcmp(import->taken[i].tag, tag) == 0) {
            return &import->taken[i];
        }
    }
    return NULL;
}

static void remember_taken(struct import *import, const char *tag) {
    struct import_taken *taken = &import->taken[import->taken_next];
    *taken = (struct import_taken){.again = false};
    memcpy(taken->tag, tag, sizeof taken->tag);
    import->taken_next = (import->taken_next + 1) % IMPORT_TAKEN_MAX;
    if (import->taken_count < IMPORT_TAKEN_MAX) {
        import->taken_count++;
    }
}

/* The parts that came once more, with the same content: it does no harm. */
static void tell_again(struct import *import, struct moment now, const struct gathered *gathered) {
    char numbers[COLLECTION_MISSING_SIZE] = "";
    size_t length = 0;
    for (unsigned i = 0; i < gathered->count; i++) {
        if (gathered->again[i]) {
            length += (size_t)snprintf(numbers + length, sizeof numbers - length, "%s%u",
                                       length > 0 ? ", " : "", i + 1);
        }
    }
    if (length > 0) {
        tell(import, now, STATUS_OK, "Parts of %s that came again, the same as before: %s",
             gathered->tag, numbers);
    }
}

/* All parts are there: the delivery is taken or not, and the parts have done their service. */
static void finish(struct import *import, struct moment now, struct gathered *gathered) {
    uint8_t octets[PARTS_MAX * PART_OCTETS];
    struct writer w = writer_into(octets, sizeof octets);
    struct i_message message = {0};
    tell_again(import, now, gathered);
    if (gathered_join(gathered, &w) != STATUS_OK) {
        tell(import, now, STATUS_MALFORMED,
             "The %u parts of %s do not belong together: get all of them again", gathered->count,
             gathered->tag);
    } else {
        enum status status = standard_import(import->standard, now, writer_span(&w), &message);
        tell_delivery(import, now, status, &message);
        if (status == STATUS_OK || status == STATUS_ALREADY_DONE) {
            remember_taken(import, gathered->tag);
        }
    }
    forget(import, now, gathered);
}

static void tell_bad_part(struct import *import, struct moment now,
                          const struct part_found *found) {
    const struct part *part = &found->part;
    if (found->state == PART_RENUMBERED) {
        tell(import, now, STATUS_MALFORMED,
             "Line %u: part %u of %s has the number %u: numbers were swapped; get it again",
             found->line, found->true_number, part->tag, part->number);
    } else if (part->number != 0) {
        tell(import, now, STATUS_MALFORMED, "Line %u: part %u of %u of %s is damaged; get it again",
             found->line, part->number, part->count, part->tag);
    } else {
        tell(import, now, STATUS_MALFORMED,
             "Line %u: a part is damaged, also in its number; get it again", found->line);
    }
}

static void take_part(struct import *import, struct moment now, const struct part *part) {
    struct collection *collection = &import->collection;
    struct import_taken *taken = find_taken(import, part->tag);
    if (taken != NULL) {
        taken->again = true;
        return;
    }
    enum gathering gathering = collection_add(collection, part, now.utc_ms);
    if (gathering == GATHERED_NO_ROOM) {
        struct gathered *oldest = collection_oldest(collection);
        tell(import, now, STATUS_TOO_LONG,
             "The parts of %s are given up: parts of %d other keys came after them", oldest->tag,
             COLLECTION_MAX);
        forget(import, now, oldest);
        gathering = collection_add(collection, part, now.utc_ms);
    }
    if (gathering == GATHERED_DIFFERS) {
        tell(import, now, STATUS_MALFORMED,
             "Part %u of %u of %s came twice and differs: neither is kept; get it again",
             part->number, part->count, part->tag);
    }
    struct gathered *gathered = collection_find(collection, part);
    if (gathered != NULL && gathered_parts(gathered) == gathered->count) {
        finish(import, now, gathered);
    }
}

/* What there is now of a message that this import brought parts of is kept and told. */
static void keep_and_tell(struct import *import, struct moment now, struct gathered *gathered) {
    char missing[COLLECTION_MISSING_SIZE];
    bool is_one = gathered_parts(gathered) + 1 == gathered->count;
    save(import, now, gathered);
    tell_again(import, now, gathered);
    gathered_missing(gathered, missing);
    tell(import, now, STATUS_NOT_FOUND, "%s %s of %u of %s %s missing", is_one ? "Part" : "Parts",
         missing, gathered->count, gathered->tag, is_one ? "is" : "are");
    gathered->is_changed = false;
    memset(gathered->again, 0, sizeof gathered->again);
}

/* What is to be said once all of the text has been read. */
static void sum_up(struct import *import, struct moment now) {
    for (size_t i = 0; i < import->collection.count; i++) {
        if (import->collection.messages[i].is_changed) {
            keep_and_tell(import, now, &import->collection.messages[i]);
        }
    }
    for (size_t i = 0; i < import->taken_count; i++) {
        if (import->taken[i].again) {
            tell(import, now, STATUS_OK, "Parts of %s came again: its key is here already",
                 import->taken[i].tag);
        }
        import->taken[i].again = false;
    }
}

/* Returns whether there was any part in the text. */
static bool import_parts(struct import *import, struct moment now, struct span text) {
    struct part_reader reader = part_reader_of(text);
    struct part_found found;
    bool any = false;
    while (part_reader_next(&reader, &found)) {
        any = true;
        if (found.state == PART_GOOD) {
            take_part(import, now, &found.part);
        } else {
            tell_bad_part(import, now, &found);
        }
    }
    sum_up(import, now);
    return any;
}

/* --- The whole ------------------------------------------------------------------------------ */

/* A delivery as it is begins with MIKEY's version, 1, which no text does. */
static bool is_binary(struct span text) {
    return text.length > 0 && text.octets[0] == 1;
}

enum status import_text(struct import *import, struct moment now, struct span text,
                        char problem[VIEW_LOG_TEXT_SIZE]) {
    struct i_message message = {0};
    import->line_count = 0;
    if (is_binary(text)) {
        enum status status = standard_import(import->standard, now, text, &message);
        tell_delivery(import, now, status, &message);
        return STATUS_OK;
    }
    if (import_parts(import, now, text)) {
        return STATUS_OK;
    }
    snprintf(problem, VIEW_LOG_TEXT_SIZE,
             "There is no key in it: a key's lines begin with MUSTER KEY and a number");
    return STATUS_NOT_FOUND;
}

void import_show(const struct import *import, struct moment now, struct view *view) {
    view->gathering_count = import->collection.count;
    for (size_t i = 0; i < import->collection.count; i++) {
        const struct gathered *gathered = &import->collection.messages[i];
        struct view_gathering *row = &view->gatherings[i];
        memcpy(row->tag, gathered->tag, sizeof row->tag);
        row->count = gathered->count;
        row->there = gathered_parts(gathered);
        row->latest_ago_ms = now.utc_ms - gathered->latest_ms;
        gathered_missing(gathered, row->missing);
    }
    view->imported_count = import->line_count;
    memcpy(view->imported, import->lines, sizeof import->lines);
}
