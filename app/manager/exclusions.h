/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is excluded from a standard group's keys, as all who manage it know it. Each exclusion has a
 * number, the group's highest plus one, and a re-admission names the exclusion that it ends. So
 * what two managers know is joined without asking which of them is right: of each identity the
 * highest exclusion counts, and the highest that was ended. Whom one has excluded stays out
 * whatever the other did meanwhile, and is let in by nobody who has not seen that exclusion.
 *
 * Identities stand here as hashes under the domain's public keys and the group, so that the broker,
 * which keeps the list for the managers, learns no names from it.
 */
#ifndef MUSTER_APP_MANAGER_EXCLUSIONS_H
#define MUSTER_APP_MANAGER_EXCLUSIONS_H

#include "app/identity/credential.h"
#include "app/identity/exclusion_state.h"

enum {
    EXCLUSION_NAME_SIZE = 8,
    EXCLUSIONS_MAX = 900,
    EXCLUSION_SIZE = EXCLUSION_NAME_SIZE + 2 * 4,
    EXCLUSIONS_SIZE_MAX = 4 + 2 + EXCLUSIONS_MAX * EXCLUSION_SIZE
};

struct exclusion {
    uint8_t name[EXCLUSION_NAME_SIZE];
    uint32_t number; /* of its last exclusion */
    uint32_t ended;  /* the last one that a re-admission ended; it is out while that is less */
};

struct exclusions {
    uint32_t highest; /* number of the group */
    size_t count;
    struct exclusion list[EXCLUSIONS_MAX]; /* in the order of names */
};

/* The name of `identity` in the list of `group`, of the credential's domain.
 * STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status exclusion_name(const struct credential *credential, const char *group,
                                      const char *identity, uint8_t name[EXCLUSION_NAME_SIZE]);

/* Is it out? */
bool exclusions_hold(const struct exclusions *exclusions, const uint8_t name[EXCLUSION_NAME_SIZE]);

/* Puts it out under the next number, or lets it in, if that is not so already. Where the list is
 * full, the re-admission that is over longest is forgotten; STATUS_TOO_LONG when all are out, or
 * the numbers are used up. */
MUST_CHECK enum status exclusions_put_out(struct exclusions *exclusions,
                                          const uint8_t name[EXCLUSION_NAME_SIZE]);
void exclusions_let_in(struct exclusions *exclusions, const uint8_t name[EXCLUSION_NAME_SIZE]);

/* The state that stands for the list. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status exclusions_state(const struct exclusions *exclusions,
                                        struct exclusion_state *state);

/* Is all that `theirs` says known to `ours`? Of what `theirs` has beyond number `shared`, up to
 * which both agreed, `ours` knows only what it has just so: numbers were given by each alone. */
bool exclusions_cover(const struct exclusions *ours, uint32_t shared,
                      const struct exclusions *theirs);

/* Joins `theirs` into `ours`. What `ours` has beyond number `shared` was never told to others: an
 * exclusion gets a number above theirs first, and one that is over again counts for nothing where
 * `theirs` has the identity. STATUS_TOO_LONG, and `ours` is of no use then. */
MUST_CHECK enum status exclusions_join(struct exclusions *ours, uint32_t shared,
                                       const struct exclusions *theirs);

/* Codec: highest number (4), count (2), and of each name (8), number (4) and what is ended (4).
 * STATUS_TRUNCATED; STATUS_MALFORMED for what is out of order or has no such numbers. */
void exclusions_write(struct writer *out, const struct exclusions *exclusions);
MUST_CHECK enum status exclusions_read(struct reader *in, struct exclusions *exclusions);

#endif
