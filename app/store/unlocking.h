/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a passphrase to a store's keys: each spelling of it (spelling.h), together with the binding
 * to this machine (binding.h), opens the head (head.h), and each attempt is counted (attempts.h).
 * `path` is the store's, for its files and for messages.
 */
#ifndef MUSTER_APP_STORE_UNLOCKING_H
#define MUSTER_APP_STORE_UNLOCKING_H

#include "app/store/attempts.h"
#include "app/store/binding.h"
#include "app/store/head.h"
#include "app/store/store.h"

/* A new store's id, keys, binding and head, which is appended; nothing is written to a file. *keys
 * and *binding live in secret memory. Errors of binding_draw, head_make and spellings_of. */
MUST_CHECK enum status unlocking_make(const char *path, struct span passphrase,
                                      enum store_strength strength, enum binding_choice choice,
                                      const struct entropy *entropy, struct store_keys *keys,
                                      struct binding *binding, struct writer *head,
                                      struct error *error);

/* The keys from a head. The TPM of a bound store is asked once, and before an attempt counts;
 * *attempts is how that attempt ended. Errors of binding_open, and those of store_open that concern
 * the passphrase. */
MUST_CHECK enum status unlocking_open(const char *path, struct span head, struct span passphrase,
                                      struct store_keys *keys, bool *is_bound,
                                      struct attempts *attempts, struct error *error);

/* Appends the same store's head under another passphrase, with the same binding. Nothing is
 * counted. STATUS_WRONG_PASSPHRASE, errors of binding_open and head_change. */
MUST_CHECK enum status unlocking_change(const char *path, struct span head, struct span passphrase,
                                        struct span new_passphrase, const struct entropy *entropy,
                                        struct writer *out, struct error *error);

/* The same under the same passphrase, with the binding of that key, or with none (NULL). */
MUST_CHECK enum status unlocking_bind(const char *path, struct span head, struct span passphrase,
                                      const uint8_t *binding, const struct entropy *entropy,
                                      struct writer *out, struct error *error);

#endif
