/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/collection.h"

#include <stdio.h>
#include <string.h>

static struct gathered *find(struct collection *collection, const char *tag, unsigned count) {
    for (size_t i = 0; i < collection->count; i++) {
        if (collection->messages[i].count == count &&
            strcmp(collection->messages[i].tag, tag) == 0) {
            return &collection->messages[i];
        }
    }
    return NULL;
}

struct gathered *collection_find(struct collection *collection, const struct part *part) {
    return find(collection, part->tag, part->count);
}

struct gathered *collection_oldest(struct collection *collection) {
    struct gathered *oldest = NULL;
    for (size_t i = 0; i < collection->count; i++) {
        if (oldest == NULL || collection->messages[i].latest_ms < oldest->latest_ms) {
            oldest = &collection->messages[i];
        }
    }
    return oldest;
}

enum gathering collection_add(struct collection *collection, const struct part *part,
                              int64_t now_ms) {
    struct gathered *gathered = collection_find(collection, part);
    if (gathered == NULL) {
        if (collection->count == COLLECTION_MAX) {
            return GATHERED_NO_ROOM;
        }
        gathered = &collection->messages[collection->count++];
        *gathered = (struct gathered){.count = part->count};
        memcpy(gathered->tag, part->tag, sizeof gathered->tag);
    }
    uint8_t *length = &gathered->lengths[part->number - 1];
    uint8_t *octets = gathered->octets[part->number - 1];
    gathered->latest_ms = now_ms;
    gathered->is_changed = true;
    if (*length != 0) {
        if (*length == part->length && memcmp(octets, part->octets, part->length) == 0) {
            gathered->again[part->number - 1] = true;
            return GATHERED_AGAIN;
        }
        *length = 0;
        return GATHERED_DIFFERS;
    }
    *length = (uint8_t)part->length;
    memcpy(octets, part->octets, part->length);
    return GATHERED_NEW;
}

void collection_remove(struct collection *collection, struct gathered *gathered) {
    size_t at = (size_t)(gathered - collection->messages);
    collection->count--;
    memmove(gathered, gathered + 1, (collection->count - at) * sizeof *gathered);
}

unsigned gathered_parts(const struct gathered *gathered) {
    unsigned parts = 0;
    for (unsigned i = 0; i < gathered->count; i++) {
        parts += gathered->lengths[i] != 0;
    }
    return parts;
}

void gathered_missing(const struct gathered *gathered, char out[COLLECTION_MISSING_SIZE]) {
    unsigned left = gathered->count - gathered_parts(gathered);
    size_t length = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < gathered->count; i++) {
        if (gathered->lengths[i] != 0) {
            continue;
        }
        left--;
        const char *joint = length == 0 ? "" : left == 0 ? " and " : ", ";
        length +=
            (size_t)snprintf(out + length, COLLECTION_MISSING_SIZE - length, "%s%u", joint, i + 1);
    }
}

enum status gathered_join(const struct gathered *gathered, struct writer *out) {
    size_t start = out->length;
    char tag[PART_TAG_SIZE];
    for (unsigned i = 0; i < gathered->count; i++) {
        write_span(out, (struct span){gathered->octets[i], gathered->lengths[i]});
    }
    enum status status = writer_finish(out);
    if (status != STATUS_OK) {
        return status;
    }
    parts_tag((struct span){out->octets + start, out->length - start}, tag);
    return strcmp(tag, gathered->tag) == 0 ? STATUS_OK : STATUS_MALFORMED;
}

void gathered_key(const struct gathered *gathered, char key[GATHERED_KEY_SIZE]) {
    snprintf(key, GATHERED_KEY_SIZE, "%s/%u", gathered->tag, gathered->count % 100);
}

void gathered_write(struct writer *out, const struct gathered *gathered) {
    write_span(out, (struct span){(const uint8_t *)gathered->tag, PART_TAG_SIZE - 1});
    write_u8(out, (uint8_t)gathered->count);
    write_u64(out, (uint64_t)gathered->latest_ms);
    for (unsigned i = 0; i < gathered->count; i++) {
        write_span_u8(out, (struct span){gathered->octets[i], gathered->lengths[i]});
    }
}

enum status gathered_read(struct span octets, struct gathered *gathered) {
    struct reader r = reader_of(octets);
    memset(gathered, 0, sizeof *gathered);
    read_octets(&r, (uint8_t *)gathered->tag, PART_TAG_SIZE - 1);
    gathered->count = read_u8(&r);
    gathered->latest_ms = (int64_t)read_u64(&r);
    if (gathered->count == 0 || gathered->count > PARTS_MAX) {
        return r.failed ? STATUS_TRUNCATED : STATUS_MALFORMED;
    }
    for (unsigned i = 0; i < gathered->count; i++) {
        struct span part = read_span_u8(&r);
        if (part.length > PART_OCTETS) {
            return STATUS_MALFORMED;
        }
        gathered->lengths[i] = (uint8_t)part.length;
        if (part.length > 0) {
            memcpy(gathered->octets[i], part.octets, part.length);
        }
    }
    return reader_finish(&r);
}
