/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/candidates.h"

#include <string.h>

#include "transport/bluetooth/adapters.h"

static const struct candidate *find(const struct candidates *candidates, uint64_t address) {
    for (size_t i = 0; i < CANDIDATES_MAX; i++) {
        if (candidates->list[i].result.address == address) {
            return &candidates->list[i];
        }
    }
    return NULL;
}

static struct candidate *at(struct candidates *candidates, uint64_t address) {
    const struct candidate *found = find(candidates, address);
    return found == NULL ? NULL : &candidates->list[found - candidates->list];
}

/* An empty place, or that of the one heard longest ago. */
static struct candidate *place(struct candidates *candidates) {
    struct candidate *oldest = &candidates->list[0];
    for (size_t i = 0; i < CANDIDATES_MAX; i++) {
        struct candidate *candidate = &candidates->list[i];
        if (candidate->result.address == 0) {
            return candidate;
        }
        if (candidate->heard_ms < oldest->heard_ms) {
            oldest = candidate;
        }
    }
    return oldest;
}

static void set_name(struct candidate *candidate, int64_t now_ms, const char *name) {
    bool is_handset = strncmp(name, HANDSET_NAME, strlen(HANDSET_NAME)) == 0;
    candidate->kind = is_handset ? CANDIDATE_HANDSET : CANDIDATE_OTHER;
    candidate->until_ms = now_ms + (is_handset ? CANDIDATE_HANDSET_MS : CANDIDATE_OTHER_MS);
}

enum candidate_kind candidates_found(struct candidates *candidates, int64_t now_ms,
                                     unsigned adapter, const struct hci_result *result,
                                     const char *name) {
    if (!class_is_handset(result->device_class) || result->address == 0) {
        return CANDIDATE_OTHER;
    }
    struct candidate *candidate = at(candidates, result->address);
    if (candidate == NULL) {
        candidate = place(candidates);
        *candidate = (struct candidate){.kind = CANDIDATE_UNNAMED};
    } else if (candidate->kind != CANDIDATE_UNNAMED && now_ms >= candidate->until_ms) {
        candidate->kind = CANDIDATE_UNNAMED;
    }
    candidate->result = *result;
    candidate->adapter = adapter;
    candidate->heard_ms = now_ms;
    if (name[0] != '\0') {
        set_name(candidate, now_ms, name);
    }
    return candidate->kind;
}

/* Those never asked come first, then those that failed to answer longest ago. */
const struct candidate *candidates_unnamed(const struct candidates *candidates, unsigned adapter) {
    const struct candidate *first = NULL;
    for (size_t i = 0; i < CANDIDATES_MAX; i++) {
        const struct candidate *candidate = &candidates->list[i];
        if (candidate->result.address != 0 && candidate->kind == CANDIDATE_UNNAMED &&
            candidate->adapter == adapter &&
            (first == NULL || candidate->until_ms < first->until_ms)) {
            first = candidate;
        }
    }
    return first;
}

const struct candidate *candidates_named(struct candidates *candidates, int64_t now_ms,
                                         uint64_t address, const char *name) {
    struct candidate *candidate = at(candidates, address);
    if (address == 0 || candidate == NULL) {
        return NULL;
    }
    if (name != NULL) {
        set_name(candidate, now_ms, name);
    } else {
        candidate->kind = CANDIDATE_OTHER;
        candidate->until_ms = now_ms + CANDIDATE_SILENT_MS;
    }
    return candidate->kind == CANDIDATE_HANDSET ? candidate : NULL;
}

int8_t candidates_rssi(const struct candidates *candidates, uint64_t address) {
    const struct candidate *candidate = address == 0 ? NULL : find(candidates, address);
    return candidate == NULL ? (int8_t)HCI_RSSI_UNKNOWN : candidate->result.rssi;
}
