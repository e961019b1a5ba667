/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/manager/exclusions.h"

#include <string.h>

#include "crypto/seal.h"

static const char label[] = "Muster exclusion", state_label[] = "Muster exclusions";

enum {
    NAMED_MAX = (int)sizeof label + 3 * (1 + IDENTITY_MAX) + SAKKE_POINT_SIZE + ECCSI_POINT_SIZE,
    STATED_MAX = (int)sizeof state_label + EXCLUSIONS_SIZE_MAX
};

enum status exclusion_name(const struct credential *credential, const char *group,
                           const char *identity, uint8_t name[EXCLUSION_NAME_SIZE]) {
    uint8_t room[NAMED_MAX], hash[SEAL_HASH_SIZE] = {0};
    struct writer w = writer_into(room, sizeof room);
    write_span(&w, SPAN_OF(label));
    write_text_u8(&w, credential->kms);
    write_span(&w, SPAN_OF(credential->z));
    write_span(&w, SPAN_OF(credential->kpak));
    write_text_u8(&w, group);
    write_text_u8(&w, identity);
    enum status status = writer_finish(&w);
    if (status == STATUS_OK) {
        status = seal_checksum(writer_span(&w), hash);
    }
    memcpy(name, hash, EXCLUSION_NAME_SIZE);
    return status;
}

/* --- The list ------------------------------------------------------------------------------- */

static int compare(const uint8_t a[EXCLUSION_NAME_SIZE], const uint8_t b[EXCLUSION_NAME_SIZE]) {
    return memcmp(a, b, EXCLUSION_NAME_SIZE);
}

static bool is_out(const struct exclusion *exclusion) {
    return exclusion->number > exclusion->ended;
}

/* Where `name` stands, or would. */
static size_t place_of(const struct exclusions *exclusions,
                       const uint8_t name[EXCLUSION_NAME_SIZE]) {
    size_t from = 0, to = exclusions->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare(exclusions->list[middle].name, name) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static const struct exclusion *find(const struct exclusions *exclusions,
                                    const uint8_t name[EXCLUSION_NAME_SIZE]) {
    size_t at = place_of(exclusions, name);
    return at < exclusions->count && compare(exclusions->list[at].name, name) == 0
               ? &exclusions->list[at]
               : NULL;
}

/* Forgets the re-admission that is over longest. */
static bool make_room(struct exclusions *exclusions) {
    struct exclusion *oldest = NULL;
    for (size_t i = 0; i < exclusions->count; i++) {
        struct exclusion *here = &exclusions->list[i];
        if (!is_out(here) && (oldest == NULL || here->ended < oldest->ended)) {
            oldest = here;
        }
    }
    if (oldest == NULL) {
        return false;
    }
    exclusions->count--;
    memmove(oldest, oldest + 1,
            (size_t)(&exclusions->list[exclusions->count] - oldest) * sizeof *oldest);
    return true;
}

/* That of `name`, which is added if it was not there; NULL when there is no room. */
static struct exclusion *enter(struct exclusions *exclusions,
                               const uint8_t name[EXCLUSION_NAME_SIZE]) {
    if (find(exclusions, name) == NULL) {
        if (exclusions->count == EXCLUSIONS_MAX && !make_room(exclusions)) {
            return NULL;
        }
        size_t at = place_of(exclusions, name);
        struct exclusion *here = &exclusions->list[at];
        memmove(here + 1, here, (exclusions->count - at) * sizeof *here);
        *here = (struct exclusion){0};
        memcpy(here->name, name, EXCLUSION_NAME_SIZE);
        exclusions->count++;
    }
    return &exclusions->list[place_of(exclusions, name)];
}

bool exclusions_hold(const struct exclusions *exclusions, const uint8_t name[EXCLUSION_NAME_SIZE]) {
    const struct exclusion *found = find(exclusions, name);
    return found != NULL && is_out(found);
}

enum status exclusions_put_out(struct exclusions *exclusions,
                               const uint8_t name[EXCLUSION_NAME_SIZE]) {
    if (exclusions_hold(exclusions, name)) {
        return STATUS_OK;
    }
    struct exclusion *here =
        exclusions->highest >= EXCLUSION_NUMBER_MAX ? NULL : enter(exclusions, name);
    if (here == NULL) {
        return STATUS_TOO_LONG;
    }
    here->number = ++exclusions->highest;
    return STATUS_OK;
}

void exclusions_let_in(struct exclusions *exclusions, const uint8_t name[EXCLUSION_NAME_SIZE]) {
    size_t at = place_of(exclusions, name);
    if (exclusions_hold(exclusions, name)) {
        exclusions->list[at].ended = exclusions->list[at].number;
    }
}

enum status exclusions_state(const struct exclusions *exclusions, struct exclusion_state *state) {
    uint8_t room[STATED_MAX], hash[SEAL_HASH_SIZE] = {0};
    struct writer w = writer_into(room, sizeof room);
    write_span(&w, SPAN_OF(state_label));
    exclusions_write(&w, exclusions);
    enum status status = writer_finish(&w);
    if (status == STATUS_OK) {
        status = seal_checksum(writer_span(&w), hash);
    }
    state->number = exclusions->highest;
    memcpy(state->tag, hash, sizeof state->tag);
    return status;
}

/* --- Two lists ------------------------------------------------------------------------------ */

bool exclusions_cover(const struct exclusions *ours, uint32_t shared,
                      const struct exclusions *theirs) {
    bool covers = ours->highest >= theirs->highest;
    for (size_t i = 0; covers && i < theirs->count; i++) {
        const struct exclusion *there = &theirs->list[i], *here = find(ours, there->name);
        if (here == NULL) {
            covers = !is_out(there); /* a re-admission that is over may be forgotten here */
        } else if (there->number > shared) {
            covers = here->number == there->number && here->ended == there->ended;
        } else {
            covers = here->number >= there->number && here->ended >= there->ended;
        }
    }
    return covers;
}

enum status exclusions_join(struct exclusions *ours, uint32_t shared,
                            const struct exclusions *theirs) {
    uint32_t further = theirs->highest > shared ? theirs->highest - shared : 0;
    if (ours->highest > EXCLUSION_NUMBER_MAX || further > EXCLUSION_NUMBER_MAX - ours->highest) {
        return STATUS_TOO_LONG;
    }
    for (size_t i = 0; i < ours->count; i++) {
        struct exclusion *here = &ours->list[i];
        const struct exclusion *there = find(theirs, here->name);
        if (here->number <= shared) {
            continue;
        }
        if (there != NULL && !is_out(here)) {
            *here = *there;
            continue;
        }
        here->ended += is_out(here) ? 0 : further;
        here->number += further;
    }
    ours->highest = ours->highest > shared ? ours->highest + further : ours->highest;
    ours->highest = theirs->highest > ours->highest ? theirs->highest : ours->highest;
    for (size_t i = 0; i < theirs->count; i++) {
        const struct exclusion *there = &theirs->list[i];
        struct exclusion *here = enter(ours, there->name);
        if (here == NULL) {
            return STATUS_TOO_LONG;
        }
        here->number = there->number > here->number ? there->number : here->number;
        here->ended = there->ended > here->ended ? there->ended : here->ended;
    }
    return STATUS_OK;
}

/* --- Codec ---------------------------------------------------------------------------------- */

void exclusions_write(struct writer *out, const struct exclusions *exclusions) {
    write_u32(out, exclusions->highest);
    write_u16(out, (uint16_t)exclusions->count);
    for (size_t i = 0; i < exclusions->count; i++) {
        write_span(out, SPAN_OF(exclusions->list[i].name));
        write_u32(out, exclusions->list[i].number);
        write_u32(out, exclusions->list[i].ended);
    }
}

enum status exclusions_read(struct reader *in, struct exclusions *exclusions) {
    exclusions->highest = read_u32(in);
    exclusions->count = read_u16(in);
    if (in->failed || exclusions->count > EXCLUSIONS_MAX ||
        exclusions->highest > EXCLUSION_NUMBER_MAX ||
        reader_left(in) < exclusions->count * EXCLUSION_SIZE) {
        exclusions->count = 0;
        return in->failed ? STATUS_TRUNCATED : STATUS_MALFORMED;
    }
    for (size_t i = 0; i < exclusions->count; i++) {
        struct exclusion *here = &exclusions->list[i];
        read_octets(in, here->name, sizeof here->name);
        here->number = read_u32(in);
        here->ended = read_u32(in);
        if (here->number > exclusions->highest || here->ended > here->number ||
            (i > 0 && compare(exclusions->list[i - 1].name, here->name) >= 0)) {
            return STATUS_MALFORMED;
        }
    }
    return STATUS_OK;
}
