/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/names.h"

#include <stdlib.h>
#include <string.h>

void names_clear(struct names *names) {
    alike_free(names->alike);
    free(names->looks);
    free(names->list);
    *names = (struct names){0};
}

/* Identities in their order, of one the strongest kind first. */
static int compare(const struct known_name *known, const char *identity, enum name_kind kind) {
    int order = strcmp(known->identity, identity);
    return order != 0 ? order : (known->kind < kind) - (known->kind > kind);
}

/* Where a name of that kind is, or belongs. */
static size_t place_of(const struct names *names, const char *identity, enum name_kind kind) {
    size_t low = 0, high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&names->list[middle], identity, kind) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct known_name *find(const struct names *names, const char *identity,
                               enum name_kind kind) {
    size_t at = place_of(names, identity, kind);
    return at < names->count && compare(&names->list[at], identity, kind) == 0 ? &names->list[at]
                                                                               : NULL;
}

static struct name best_of(const struct names *names, const char *identity, enum name_kind from) {
    size_t at = place_of(names, identity, from);
    if (at == names->count || strcmp(names->list[at].identity, identity) != 0) {
        return (struct name){.text = "", .kind = NAME_CLAIMED};
    }
    return (struct name){.text = names->list[at].name, .kind = names->list[at].kind};
}

struct name names_of(const struct names *names, const char *identity) {
    return best_of(names, identity, NAME_GIVEN);
}

struct name names_public(const struct names *names, const char *identity) {
    return best_of(names, identity, NAME_ATTESTED);
}

static void drop(struct names *names, size_t at) {
    names->given -= names->list[at].kind == NAME_GIVEN;
    names->count--;
    memmove(&names->list[at], &names->list[at + 1], (names->count - at) * sizeof names->list[0]);
}

/* Who was not heard for longest makes way. */
static void make_room(struct names *names) {
    size_t oldest = names->count;
    for (size_t i = 0; i < names->count; i++) {
        if (names->list[i].kind != NAME_GIVEN &&
            (oldest == names->count || names->list[i].heard_ms < names->list[oldest].heard_ms)) {
            oldest = i;
        }
    }
    if (oldest < names->count) {
        drop(names, oldest);
    }
}

/* The name of that kind, or a new one without text; NULL without memory. */
static struct known_name *take(struct names *names, const char *identity, enum name_kind kind) {
    struct known_name *known = find(names, identity, kind);
    if (known != NULL) {
        return known;
    }
    if (names->count == NAMES_MAX) {
        make_room(names);
    }
    if (names->count == names->room) {
        size_t room = names->room == 0 ? 8 : 2 * names->room;
        struct known_name *list = reallocarray(names->list, room, sizeof *list);
        if (list == NULL) {
            return NULL;
        }
        names->list = list;
        names->room = room;
    }
    size_t at = place_of(names, identity, kind);
    known = &names->list[at];
    memmove(known + 1, known, (names->count - at) * sizeof *known);
    *known = (struct known_name){.kind = kind, .told_ms = INT64_MIN};
    strcpy(known->identity, identity);
    names->count++;
    names->given += kind == NAME_GIVEN;
    return known;
}

enum status names_give(struct names *names, const char *identity, const char *name) {
    struct known_name *known = find(names, identity, NAME_GIVEN);
    if (name[0] == '\0') {
        if (known != NULL) {
            drop(names, (size_t)(known - names->list));
        }
        return STATUS_OK;
    }
    if (known == NULL && names->given == NAMES_GIVEN_MAX) {
        return STATUS_TOO_LONG;
    }
    known = take(names, identity, NAME_GIVEN);
    if (known == NULL) {
        return STATUS_NO_MEMORY;
    }
    strcpy(known->name, name);
    return STATUS_OK;
}

bool names_have(const struct names *names, const char *identity,
                const struct attestation *attestation) {
    const struct known_name *known = find(names, identity, NAME_ATTESTED);
    return known != NULL && known->number == attestation->number &&
           strcmp(known->name, attestation->name) == 0;
}

bool names_attest(struct names *names, const char *identity, const struct attestation *attestation,
                  int64_t boot_ms, char before[DISPLAY_NAME_SIZE]) {
    struct known_name *known = take(names, identity, NAME_ATTESTED);
    before[0] = '\0';
    if (known == NULL || known->number > attestation->number) {
        return false;
    }
    known->heard_ms = boot_ms;
    known->number = attestation->number;
    if (strcmp(known->name, attestation->name) != 0) {
        strcpy(before, known->name);
        strcpy(known->name, attestation->name);
    }
    return before[0] != '\0';
}

/* Of a claimed name: is it another than the one that the officer sees or was told? */
static bool is_news(const struct names *names, const struct known_name *claimed, const char *name) {
    struct name best = names_of(names, claimed->identity);
    if (strcmp(claimed->told, name) == 0) {
        return false;
    }
    return claimed->told[0] != '\0' || best.kind != NAME_CLAIMED;
}

bool names_claim(struct names *names, const char *identity, const char *name, int64_t boot_ms) {
    struct known_name *claimed =
        name[0] == '\0' ? find(names, identity, NAME_CLAIMED) : take(names, identity, NAME_CLAIMED);
    if (claimed == NULL || name[0] == '\0') {
        return false;
    }
    struct name best = names_of(names, identity);
    claimed->heard_ms = boot_ms;
    strcpy(claimed->name, name);
    if (best.kind != NAME_CLAIMED && strcmp(best.text, name) == 0) {
        return false; /* it is what it is called here anyway */
    }
    bool is_due = claimed->told_ms == INT64_MIN || boot_ms - claimed->told_ms >= NAME_TOLD_MS;
    bool is_told = is_news(names, claimed, name) && is_due;
    if (is_told || claimed->told[0] == '\0') {
        strcpy(claimed->told, name);
    }
    if (is_told) {
        claimed->told_ms = boot_ms;
    }
    return is_told;
}

static bool open_looks(struct names *names) {
    if (names->looks == NULL) {
        names->looks = calloc(LOOKS_KEPT, sizeof *names->looks);
    }
    if (names->alike == NULL && alike_new(&names->alike) != STATUS_OK) {
        names->alike = NULL;
    }
    return names->looks != NULL && names->alike != NULL;
}

struct look names_look(struct names *names, const char *name) {
    size_t slot = 0;
    if (name[0] == '\0' || !open_looks(names)) {
        return (struct look){0};
    }
    for (const char *at = name; *at != '\0'; at++) {
        slot = slot * 31 + (uint8_t)*at;
    }
    struct kept_look *kept = &names->looks[slot % LOOKS_KEPT];
    if (strcmp(kept->name, name) != 0) {
        strcpy(kept->name, name);
        kept->look = alike_look(names->alike, name);
    }
    return kept->look;
}
