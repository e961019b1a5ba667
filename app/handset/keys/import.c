/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/import.h"

#include <string.h>

#include "app/handset/air/revocations.h"
#include "app/handset/keys/standard.h"
#include "app/text/plain.h"
#include "crypto/key_delivery.h"

_Static_assert((int)VIEW_GATHERINGS_MAX == (int)COLLECTION_MAX &&
                   (int)VIEW_TAG_SIZE == (int)PART_TAG_SIZE &&
                   (int)EVENT_TAG_SIZE == (int)PART_TAG_SIZE,
               "the view shows all that is there");
_Static_assert((int)PARTS_MAX <= (int)EVENT_PARTS_MAX, "an event names any parts");

/* --- Telling the officer -------------------------------------------------------------------- */

/* About this import. The view keeps the last events. */
static void tell(struct import *import, struct moment now, enum status status,
                 const struct event *event) {
    if (import->event_count == VIEW_IMPORTED_MAX) {
        memmove(&import->events[0], &import->events[1],
                --import->event_count * sizeof import->events[0]);
    }
    struct event *shown = &import->events[import->event_count++];
    *shown = *event;
    shown->utc_ms = now.utc_ms;
    desk_tell_status(import->desk, now, event, status);
}

/* About a key in parts. */
static struct event event_of_key(enum event_kind kind, const char *tag) {
    struct event event = {.kind = kind};
    memcpy(event.tag, tag, sizeof event.tag);
    return event;
}

static enum event_kind kind_of_delivery(enum status status) {
    switch (status) {
    case STATUS_OK:
        return EVENT_IMPORT_TAKEN;
    case STATUS_ALREADY_DONE:
        return EVENT_IMPORT_HELD_ALREADY;
    case STATUS_NOT_ADDRESSED_TO_US:
        return EVENT_IMPORT_FOR_ANOTHER;
    case STATUS_REPLAYED:
        return EVENT_IMPORT_OUTDATED;
    case STATUS_GROUP_IDENTITY_WRONG:
        return EVENT_IMPORT_GROUP_NOT_OURS;
    case STATUS_GMK_EXPIRED:
        return EVENT_IMPORT_EXPIRED;
    case STATUS_SIGNATURE_INVALID:
        return EVENT_IMPORT_NOT_SIGNED;
    case STATUS_TRUNCATED:
    case STATUS_MALFORMED:
    case STATUS_UNSUPPORTED:
        return EVENT_IMPORT_NOT_A_DELIVERY;
    default:
        return EVENT_IMPORT_NOT_TAKEN;
    }
}

/* What came of a whole delivery. `message` is what standard_import made of it. */
static void tell_delivery(struct import *import, struct moment now, enum status status,
                          const struct i_message *message) {
    struct event event = event_of_member(kind_of_delivery(status), message->fields.responder, "",
                                         message->fields.initiator, "");
    event.check = status_name(status);
    bool is_here = status == STATUS_OK || status == STATUS_ALREADY_DONE;
    tell(import, now, is_here ? STATUS_OK : status, &event);
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
        struct event event = event_of_key(EVENT_PARTS_NOT_SAVED, gathered->tag);
        event.check = status_name(STATUS_NO_MEMORY);
        tell(import, now, STATUS_NO_MEMORY, &event);
    }
}

/* Takes it out, from the store as well. */
static void forget(struct import *import, struct moment now, struct gathered *gathered) {
    char key[GATHERED_KEY_SIZE];
    gathered_key(gathered, key);
    if (gathered->is_saved && desk_save(import->desk, RECORD_PARTS, key, NULL) != STATUS_OK) {
        struct event event = event_of_key(EVENT_PARTS_NOT_FORGOTTEN, gathered->tag);
        event.check = status_name(STATUS_NO_MEMORY);
        tell(import, now, STATUS_NO_MEMORY, &event);
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
    struct event event = event_of_key(EVENT_PARTS_REPEATED, gathered->tag);
    for (unsigned i = 0; i < gathered->count; i++) {
        event.parts |= gathered->again[i] ? UINT32_C(1) << i : 0;
    }
    if (event.parts != 0) {
        tell(import, now, STATUS_OK, &event);
    }
}

/* All parts are there: the delivery is taken or not, and the parts have done their service. */
static void finish(struct import *import, struct moment now, struct gathered *gathered) {
    uint8_t octets[PARTS_MAX * PART_OCTETS];
    struct writer w = writer_into(octets, sizeof octets);
    struct i_message message = {0};
    tell_again(import, now, gathered);
    if (gathered_join(gathered, &w) != STATUS_OK) {
        struct event event = event_of_key(EVENT_PARTS_MISMATCHED, gathered->tag);
        event.count = gathered->count;
        tell(import, now, STATUS_MALFORMED, &event);
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
    struct event event = {.line = found->line, .part = part->number, .count = part->count};
    memcpy(event.tag, part->tag, sizeof event.tag);
    if (found->state == PART_RENUMBERED) {
        event.kind = EVENT_PART_RENUMBERED;
        event.part = found->true_number;
        event.count = part->number;
    } else {
        event.kind = part->number != 0 ? EVENT_PART_DAMAGED : EVENT_PART_UNREADABLE;
    }
    tell(import, now, STATUS_MALFORMED, &event);
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
        struct event event = event_of_key(EVENT_PARTS_GIVEN_UP, oldest->tag);
        event.count = COLLECTION_MAX;
        tell(import, now, STATUS_TOO_LONG, &event);
        forget(import, now, oldest);
        gathering = collection_add(collection, part, now.utc_ms);
    }
    if (gathering == GATHERED_DIFFERS) {
        struct event event = event_of_key(EVENT_PART_DIFFERS, part->tag);
        event.part = part->number;
        event.count = part->count;
        tell(import, now, STATUS_MALFORMED, &event);
    }
    struct gathered *gathered = collection_find(collection, part);
    if (gathered != NULL && gathered_parts(gathered) == gathered->count) {
        finish(import, now, gathered);
    }
}

static uint32_t missing_of(const struct gathered *gathered) {
    uint32_t missing = 0;
    for (unsigned i = 0; i < gathered->count; i++) {
        missing |= gathered->lengths[i] == 0 ? UINT32_C(1) << i : 0;
    }
    return missing;
}

/* What there is now of a message that this import brought parts of is kept and told. */
static void keep_and_tell(struct import *import, struct moment now, struct gathered *gathered) {
    struct event event = event_of_key(EVENT_PARTS_MISSING, gathered->tag);
    event.parts = missing_of(gathered);
    event.count = gathered->count;
    save(import, now, gathered);
    tell_again(import, now, gathered);
    tell(import, now, STATUS_NOT_FOUND, &event);
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
            const struct event event = event_of_key(EVENT_PARTS_OF_HELD_KEY, import->taken[i].tag);
            tell(import, now, STATUS_OK, &event);
        }
        import->taken[i].again = false;
    }
}

/* Is the part there, from another place in the text or another text? */
static bool is_here(struct import *import, const struct part *part) {
    const struct gathered *gathered = collection_find(&import->collection, part);
    return find_taken(import, part->tag) != NULL ||
           (gathered != NULL && part->number != 0 && gathered->lengths[part->number - 1] != 0);
}

/* Returns whether there was any part in the text. What is damaged in one place and whole in another
 * is not missed. */
static bool import_parts(struct import *import, struct moment now, struct span plain) {
    struct part_reader reader = part_reader_of(plain);
    struct part_found found;
    bool any = false;
    while (part_reader_next(&reader, &found)) {
        any = true;
        if (found.state == PART_GOOD) {
            take_part(import, now, &found.part);
        }
    }
    reader = part_reader_of(plain);
    while (part_reader_next(&reader, &found)) {
        if (found.state != PART_GOOD && !is_here(import, &found.part)) {
            tell_bad_part(import, now, &found);
        }
    }
    sum_up(import, now);
    return any;
}

/* --- The list of the revoked ---------------------------------------------------------------- */

static enum event_kind kind_of_list(enum status status) {
    switch (status) {
    case STATUS_OK:
        return EVENT_IMPORT_LIST_TAKEN;
    case STATUS_ALREADY_DONE:
        return EVENT_IMPORT_LIST_HELD;
    case STATUS_REPLAYED:
        return EVENT_IMPORT_LIST_OUTDATED;
    default:
        return EVENT_IMPORT_LIST_REFUSED;
    }
}

static bool has_parts(struct span plain) {
    struct part_reader reader = part_reader_of(plain);
    struct part_found found;
    return part_reader_next(&reader, &found);
}

/* Returns whether there was one in the text. Beside a key it is no failure that a newer one is
 * held.
 */
static bool import_list(struct import *import, struct moment now, struct span text,
                        bool is_beside_key) {
    struct revocation list = {.count = 0};
    enum status status = revocation_read_text(text, &list);
    if (status == STATUS_NOT_FOUND) {
        return false;
    }
    if (status == STATUS_OK) {
        status = revocations_keep(import->desk, now, &list, true);
    }
    const struct event event = {
        .kind = kind_of_list(status), .count = (unsigned)list.count, .check = status_name(status)};
    bool is_well = status == STATUS_ALREADY_DONE || (status == STATUS_REPLAYED && is_beside_key);
    tell(import, now, is_well ? STATUS_OK : status, &event);
    return true;
}

/* --- The whole ------------------------------------------------------------------------------ */

/* A delivery as it is begins with MIKEY's version, 1, which no text does. */
static bool is_binary(struct span text) {
    return text.length > 0 && text.octets[0] == 1;
}

enum status import_text(struct import *import, struct moment now, struct span text,
                        struct event *problem) {
    struct i_message message = {0};
    import->event_count = 0;
    if (is_binary(text)) {
        enum status status = standard_import(import->standard, now, text, &message);
        tell_delivery(import, now, status, &message);
        return STATUS_OK;
    }
    struct plain plain;
    enum status status = plain_of(text, &plain);
    if (status != STATUS_OK) {
        return desk_problem(problem, (struct event){.kind = EVENT_OUT_OF_MEMORY}, status);
    }
    bool has_list = import_list(import, now, text, has_parts(plain.text));
    bool any = import_parts(import, now, plain.text) || has_list;
    plain_free(&plain);
    if (any) {
        return STATUS_OK;
    }
    return desk_problem(problem, (struct event){.kind = EVENT_NO_KEY_IN_TEXT}, STATUS_NOT_FOUND);
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
        row->missing = missing_of(gathered);
    }
    view->imported_count = import->event_count;
    memcpy(view->imported, import->events, sizeof import->events);
}
