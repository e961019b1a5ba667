/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/unlocking.h"

#include "app/store/destruction.h"
#include "app/store/spelling.h"
#include "app/store/trouble.h"
#include "crypto/secret.h"

static const struct seal_work hard_work = {.passes = 3, .memory_kib = 256 * 1024};
static const struct seal_work quick_work = {.passes = 1, .memory_kib = 8};

enum status unlocking_make(const char *path, struct span passphrase, enum store_strength strength,
                           enum binding_choice choice, const struct entropy *entropy,
                           struct store_keys *keys, struct binding *binding, struct writer *head,
                           struct error *error) {
    struct spellings spellings;
    enum status status = entropy_draw(entropy, keys->id, sizeof keys->id);
    if (status != STATUS_OK) {
        return trouble_internal(path, status, error);
    }
    status = binding_draw(path, keys->id, choice, entropy, binding, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = spellings_of(passphrase, &spellings);
    if (status == STATUS_OK) {
        status = head_make(secret_span(spellings.each[0]), binding_key(binding),
                           strength == STORE_HARD ? hard_work : quick_work, entropy, keys, head);
    }
    spellings_wipe(&spellings);
    return status == STATUS_OK ? STATUS_OK : trouble_internal(path, status, error);
}

/* Each try costs what a guess costs: only spellings that differ are tried. */
static enum status open_head(struct span head, struct span passphrase, const uint8_t *binding,
                             struct store_keys *keys) {
    struct spellings spellings;
    enum status status = spellings_of(passphrase, &spellings);
    for (size_t i = 0; i < spellings.count; i++) {
        status = head_open(head, secret_span(spellings.each[i]), binding, keys);
        if (status != STATUS_WRONG_PASSPHRASE) {
            break;
        }
    }
    spellings_wipe(&spellings);
    return status;
}

/* It was the last one that is allowed: everything goes. */
static enum status destroy_after(const char *path, unsigned wrong, struct error *error) {
    struct destruction destruction = {0};
    destroy_store(path, &destruction);
    return error_set(error, STATUS_WRONG_PASSPHRASE,
                     "store %.150s: %u wrong passphrases: it was destroyed, as it was set to be",
                     path, wrong);
}

static enum status refuse_wrong(const char *path, const struct attempts *attempts,
                                struct error *error) {
    if (attempts->wait_ms == 0) {
        return error_set(error, STATUS_WRONG_PASSPHRASE,
                         "store %.150s: wrong passphrase; type it again", path);
    }
    return error_set(error, STATUS_WRONG_PASSPHRASE,
                     "store %.150s: wrong passphrase, %u times now; wait %lld s before the next",
                     path, attempts->wrong, (long long)(attempts->wait_ms / 1000));
}

/* Each attempt counts before it is made (attempts.h). */
static enum status open_counted(const char *path, struct span head, struct span passphrase,
                                const uint8_t *binding, struct store_keys *keys,
                                struct attempts *attempts, struct error *error) {
    enum status status = attempts_begin(path, attempts);
    if (status != STATUS_OK) {
        return error_set(error, status,
                         "store %.150s: %u wrong passphrases were given; wait %lld s", path,
                         attempts->wrong, (long long)((attempts->wait_ms + 999) / 1000));
    }
    status = open_head(head, passphrase, binding, keys);
    bool is_last = attempts_end(path, attempts, status);
    if (status == STATUS_WRONG_PASSPHRASE) {
        return is_last ? destroy_after(path, attempts->wrong, error)
                       : refuse_wrong(path, attempts, error);
    }
    if (status == STATUS_OK) {
        return STATUS_OK;
    }
    return status == STATUS_SEAL_BROKEN ? trouble_broken(path, error)
                                        : trouble_internal(path, status, error);
}

enum status unlocking_open(const char *path, struct span head, struct span passphrase,
                           struct store_keys *keys, bool *is_bound, struct attempts *attempts,
                           struct error *error) {
    struct secret *binding = secret_new(HEAD_BINDING_SIZE);
    if (binding == NULL) {
        return trouble_internal(path, STATUS_NO_MEMORY, error);
    }
    enum status status = binding_open(path, head, is_bound, binding->octets, error);
    if (status == STATUS_OK) {
        status = open_counted(path, head, passphrase, *is_bound ? binding->octets : NULL, keys,
                              attempts, error);
    }
    secret_free(binding);
    return status;
}

/* --- Another head --------------------------------------------------------------------------------
 */

/* What stands in place of what opened it. */
struct replacement {
    struct span passphrase; /* empty: the same one */
    bool is_other_binding;
    const uint8_t *binding;
};

static enum status try_each(struct span head, struct span passphrase, const uint8_t *binding,
                            const struct replacement *after, const struct entropy *entropy,
                            struct writer *out) {
    struct spellings before, other;
    enum status status = spellings_of(passphrase, &before);
    if (status == STATUS_OK) {
        status =
            spellings_of(after->passphrase.length > 0 ? after->passphrase : passphrase, &other);
    }
    if (status == STATUS_OK) {
        status = STATUS_WRONG_PASSPHRASE;
        for (size_t i = 0; i < before.count && status == STATUS_WRONG_PASSPHRASE; i++) {
            status =
                head_change(head, secret_span(before.each[i]), binding, secret_span(other.each[0]),
                            after->is_other_binding ? after->binding : binding, entropy, out);
        }
        spellings_wipe(&other);
    }
    spellings_wipe(&before);
    return status;
}

static enum status change(const char *path, struct span head, struct span passphrase,
                          const struct replacement *after, const struct entropy *entropy,
                          struct writer *out, struct error *error) {
    bool is_bound;
    struct secret *binding = secret_new(HEAD_BINDING_SIZE);
    if (binding == NULL) {
        return trouble_internal(path, STATUS_NO_MEMORY, error);
    }
    enum status status = binding_open(path, head, &is_bound, binding->octets, error);
    if (status != STATUS_OK) {
        secret_free(binding);
        return status;
    }
    status = try_each(head, passphrase, is_bound ? binding->octets : NULL, after, entropy, out);
    secret_free(binding);
    if (status == STATUS_WRONG_PASSPHRASE) {
        return error_set(error, status, "store %.150s: wrong passphrase; type it again", path);
    }
    return status == STATUS_OK ? STATUS_OK : trouble_internal(path, status, error);
}

enum status unlocking_change(const char *path, struct span head, struct span passphrase,
                             struct span new_passphrase, const struct entropy *entropy,
                             struct writer *out, struct error *error) {
    const struct replacement after = {.passphrase = new_passphrase};
    return change(path, head, passphrase, &after, entropy, out, error);
}

enum status unlocking_bind(const char *path, struct span head, struct span passphrase,
                           const uint8_t *binding, const struct entropy *entropy,
                           struct writer *out, struct error *error) {
    const struct replacement after = {.is_other_binding = true, .binding = binding};
    return change(path, head, passphrase, &after, entropy, out, error);
}
