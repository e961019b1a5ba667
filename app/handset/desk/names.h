/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names: what this handset calls other identities, and what each such name is worth (enum
 * name_kind). This is the one place that knows where names come from, but for those accepted with a
 * group, which stand in its list (keys/groups.h: groups_name_in).
 *
 * A name that this officer gave is in the store. What the KMS attested and what somebody calls
 * itself comes with presences and is in memory; of an attestation the one with the greatest number
 * counts, for as long as it is remembered.
 */
#ifndef MUSTER_APP_HANDSET_DESK_NAMES_H
#define MUSTER_APP_HANDSET_DESK_NAMES_H

#include "app/handset/view.h"
#include "app/identity/alike.h"
#include "app/identity/attestation.h"

enum {
    NAMES_MAX = 768,              /* that are remembered; given ones make way for none */
    NAMES_GIVEN_MAX = 256,        /* by this officer */
    LOOKS_KEPT = 128,             /* of names that are shown, so that each is looked at once */
    NAME_TOLD_MS = 10 * 60 * 1000 /* a change of one identity's is told this often at most */
};

struct known_name {
    char identity[IDENTITY_SIZE];
    enum name_kind kind;
    uint64_t number;  /* of an attested one */
    int64_t heard_ms; /* boot clock */
    char name[DISPLAY_NAME_SIZE];
    char told[DISPLAY_NAME_SIZE]; /* of a claimed one: which was told last */
    int64_t told_ms;              /* boot clock: when; INT64_MIN: never */
};

struct kept_look {
    char name[DISPLAY_NAME_SIZE];
    struct look look;
};

struct names {
    size_t count, room, given;
    struct known_name *list; /* in the order of identities, the best of each first */
    struct alike *alike;     /* NULL: not needed yet */
    struct kept_look *looks;
};

/* A name to be shown. `text` is valid until names change; empty: none is known. */
struct name {
    const char *text;
    enum name_kind kind;
};

/* Frees what it holds. */
void names_clear(struct names *names);

/* The best name known: given, else attested, else claimed. */
struct name names_of(const struct names *names, const char *identity);

/* The best name known of those that this officer did not give: what may be told to others. */
struct name names_public(const struct names *names, const char *identity);

/* What the officer calls it from now on; "" takes that back. STATUS_TOO_LONG for more than
 * NAMES_GIVEN_MAX, STATUS_NO_MEMORY. */
MUST_CHECK enum status names_give(struct names *names, const char *identity, const char *name);

/* Is that attestation known, so that it need not be verified again? Older ones are not. */
bool names_have(const struct names *names, const char *identity,
                const struct attestation *attestation);

/* The KMS attests that name: it verified. An older statement than the one known changes nothing.
 * True when it replaces another name, which is copied to `before`. */
bool names_attest(struct names *names, const char *identity, const struct attestation *attestation,
                  int64_t boot_ms, char before[DISPLAY_NAME_SIZE]);

/* Somebody calls itself that, in a presence that verified. True when that is to be told: it is
 * another name than before, or than the one that it is known by. */
bool names_claim(struct names *names, const char *identity, const char *name, int64_t boot_ms);

/* How a name looks (identity/alike.h). Without memory it looks like none. */
struct look names_look(struct names *names, const char *name);

#endif
