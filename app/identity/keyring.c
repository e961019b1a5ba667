/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/keyring.h"

#include <string.h>

#include "app/identity/month.h"
#include "crypto/secret.h"

static void set_clear(const struct provider *provider, struct key_set *set) {
    if (set->receiver_key != NULL) {
        provider->receiver_key_free(set->receiver_key);
    }
    if (set->signing_key != NULL) {
        provider->signing_key_free(set->signing_key);
    }
    if (set->manager_key != NULL) {
        provider->signing_key_free(set->manager_key);
    }
    credential_free(set->credential);
    memset(set, 0, sizeof *set);
}

/* The keyring's credential is the latest month's. */
static void find_latest(struct keyring *keyring) {
    const struct key_set *latest = NULL;
    for (size_t i = 0; i < keyring->count; i++) {
        if (latest == NULL || keyring->sets[i].begins_ms > latest->begins_ms) {
            latest = &keyring->sets[i];
        }
    }
    keyring->credential = latest == NULL ? NULL : latest->credential;
}

/* Reads what the record says, and when it holds. */
static enum status read_set(struct span key, struct span octets, struct key_set *set) {
    if (key.length >= sizeof set->record_key || memchr(key.octets, 0, key.length) != NULL) {
        return STATUS_MALFORMED;
    }
    set->credential = credential_new();
    if (set->credential == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = credential_read(octets, set->credential);
    if (status != STATUS_OK) {
        return status;
    }
    memcpy(set->record_key, key.octets, key.length);
    bool fixed = identity_is_me(set->credential->identity);
    set->begins_ms = fixed ? INT64_MIN : month_start(set->credential->period_start_ms, 0);
    set->ends_ms = fixed ? INT64_MAX : month_start(set->credential->period_start_ms, 1);
    return STATUS_OK;
}

/* Other months' keys must be of the same identity and domain. */
static enum status check_owner(const struct keyring *keyring, const struct key_set *set) {
    const struct credential *held = keyring->credential, *new = set->credential;
    if (held == NULL) {
        return STATUS_OK;
    }
    if (strcmp(held->identity, new->identity) != 0 || strcmp(held->kms, new->kms) != 0 ||
        memcmp(held->z, new->z, sizeof held->z) != 0 ||
        memcmp(held->kpak, new->kpak, sizeof held->kpak) != 0 || held->recovery != new->recovery ||
        memcmp(held->authority, new->authority, sizeof held->authority) != 0) {
        return STATUS_ALREADY_DONE;
    }
    return STATUS_OK;
}

static enum status check_beside(const struct keyring *keyring, const struct key_set *set) {
    enum status status = check_owner(keyring, set);
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t i = 0; i < keyring->count; i++) {
        if (keyring->sets[i].begins_ms == set->begins_ms) {
            return STATUS_ALREADY_DONE;
        }
    }
    return keyring->count < KEYRING_MONTHS_MAX ? STATUS_OK : STATUS_TOO_LONG;
}

static enum status load_manager_key(const struct keyring *keyring, struct key_set *set) {
    const struct credential *credential = set->credential;
    struct identifier identifier;
    enum status status =
        identifier_of_manager(credential->manager.name, credential->period_start_ms, &identifier);
    return status == STATUS_OK
               ? keyring->provider->signing_key_load(keyring->domain, identifier_span(&identifier),
                                                     credential->manager_ssk,
                                                     credential->manager_pvt, &set->manager_key)
               : status;
}

static enum status load_keys(struct keyring *keyring, struct key_set *set) {
    const struct provider *provider = keyring->provider;
    const struct credential *credential = set->credential;
    struct span identifier = identifier_span(&credential->identifier);
    enum status status = STATUS_OK;
    if (keyring->domain == NULL) {
        status = provider->domain_load(credential->z, credential->kpak, &keyring->domain);
    }
    if (status == STATUS_OK && keyring->authority == NULL && credential_has_authority(credential)) {
        status =
            provider->domain_load(credential->authority, credential->kpak, &keyring->authority);
    }
    if (status == STATUS_OK && credential_signs(credential)) {
        status = provider->signing_key_load(keyring->domain, identifier, credential->ssk,
                                            credential->pvt, &set->signing_key);
    }
    if (status == STATUS_OK && credential_signs(credential) && credential->manager.term != 0) {
        status = load_manager_key(keyring, set);
    }
    if (status == STATUS_OK) {
        status = provider->receiver_key_load(keyring->domain, identifier, credential->rsk,
                                             &set->receiver_key);
    }
    return status;
}

enum status keyring_load(struct keyring *keyring, struct span key, struct span octets) {
    struct key_set set = {0};
    enum status status = read_set(key, octets, &set);
    if (status == STATUS_OK) {
        status = check_beside(keyring, &set);
    }
    if (status == STATUS_OK) {
        status = load_keys(keyring, &set);
    }
    if (status != STATUS_OK) {
        set_clear(keyring->provider, &set);
        if (keyring->count == 0) {
            keyring_clear(keyring);
        }
        return status;
    }
    keyring->sets[keyring->count++] = set;
    find_latest(keyring);
    return STATUS_OK;
}

/* --- A renewal ------------------------------------------------------------------------------- */

/* What the keyring is to be: sets that stay, by their places, and new ones. */
struct renewing {
    bool goes[KEYRING_MONTHS_MAX];
    struct key_set new[KEYRING_MONTHS_MAX];
    size_t new_count;
};

static enum status renew_one(struct keyring *keyring, const struct batch_change *change,
                             struct renewing *renewing) {
    const struct span key = {change->key, change->key_length};
    struct key_set *set = &renewing->new[renewing->new_count];
    if (renewing->new_count == KEYRING_MONTHS_MAX) {
        return STATUS_TOO_LONG;
    }
    enum status status =
        read_set(key, (struct span){change->value->octets, change->value->length}, set);
    if (status == STATUS_OK) {
        status = check_owner(keyring, set);
    }
    if (status == STATUS_OK) {
        status = load_keys(keyring, set);
    }
    if (status != STATUS_OK) {
        set_clear(keyring->provider, set);
        return status;
    }
    renewing->new_count++;
    for (size_t i = 0; i < keyring->count; i++) {
        renewing->goes[i] = renewing->goes[i] || keyring->sets[i].begins_ms == set->begins_ms;
    }
    return STATUS_OK;
}

static enum status read_renewal(struct keyring *keyring, const struct batch *records,
                                struct renewing *renewing) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < records->count; i++) {
        const struct batch_change *change = &records->changes[i];
        if (change->kind != RECORD_CREDENTIAL) {
            continue;
        }
        for (size_t k = 0; change->is_delete && k < keyring->count; k++) {
            const struct span key = {change->key, change->key_length};
            renewing->goes[k] =
                renewing->goes[k] || span_equal(span_of_text(keyring->sets[k].record_key), key);
        }
        if (!change->is_delete) {
            status = renew_one(keyring, change, renewing);
        }
    }
    size_t stay = 0;
    for (size_t i = 0; i < keyring->count; i++) {
        stay += !renewing->goes[i];
    }
    bool is_empty = stay + renewing->new_count == 0;
    bool fits = !is_empty && stay + renewing->new_count <= KEYRING_MONTHS_MAX;
    return status == STATUS_OK && !fits ? STATUS_TOO_LONG : status;
}

enum status keyring_renew(struct keyring *keyring, const struct batch *records) {
    struct renewing renewing = {.new_count = 0};
    enum status status = read_renewal(keyring, records, &renewing);
    if (status != STATUS_OK) {
        for (size_t i = 0; i < renewing.new_count; i++) {
            set_clear(keyring->provider, &renewing.new[i]);
        }
        return status;
    }
    for (size_t i = keyring->count; i > 0; i--) {
        if (renewing.goes[i - 1]) {
            keyring_drop(keyring, &keyring->sets[i - 1]);
        }
    }
    for (size_t i = 0; i < renewing.new_count; i++) {
        keyring->sets[keyring->count++] = renewing.new[i];
    }
    find_latest(keyring);
    return STATUS_OK;
}

/* Of a credential what others see anyway. */
static struct credential *public_part(const struct credential *from) {
    struct credential *credential = credential_new();
    if (credential != NULL) {
        memcpy(credential->identity, from->identity, sizeof from->identity);
        memcpy(credential->kms, from->kms, sizeof from->kms);
        memcpy(credential->z, from->z, sizeof from->z);
        memcpy(credential->kpak, from->kpak, sizeof from->kpak);
        credential->period_start_ms = from->period_start_ms;
        credential->limits = from->limits;
    }
    return credential;
}

enum status keyring_copy_public(struct keyring *keyring, const struct keyring *from) {
    if (from->credential == NULL) {
        return STATUS_NOT_FOUND;
    }
    struct key_set set = {.credential = public_part(from->credential)};
    if (set.credential == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < from->count; i++) {
        if (from->sets[i].credential == from->credential) {
            set.begins_ms = from->sets[i].begins_ms;
            set.ends_ms = from->sets[i].ends_ms;
        }
    }
    enum status status =
        from->provider->domain_load(set.credential->z, set.credential->kpak, &keyring->domain);
    if (status != STATUS_OK) {
        credential_free(set.credential);
        return status;
    }
    keyring->provider = from->provider;
    keyring->revoked = from->revoked;
    keyring->lost = from->lost;
    keyring->sets[keyring->count++] = set;
    find_latest(keyring);
    return STATUS_OK;
}

void keyring_clear(struct keyring *keyring) {
    const struct provider *provider = keyring->provider;
    for (size_t i = 0; i < keyring->count; i++) {
        set_clear(provider, &keyring->sets[i]);
    }
    if (keyring->domain != NULL) {
        provider->domain_free(keyring->domain);
    }
    if (keyring->authority != NULL) {
        provider->domain_free(keyring->authority);
    }
    *keyring = (struct keyring){.provider = provider};
}

/* How long before the set's month begins, or after it has ended, `utc_ms` is; 0 within it. */
static int64_t distance(const struct key_set *set, int64_t utc_ms) {
    if (utc_ms < set->begins_ms) {
        return set->begins_ms - utc_ms;
    }
    return utc_ms < set->ends_ms ? 0 : utc_ms - set->ends_ms + 1;
}

/* The set of the month of `utc_ms`, or of the nearest month; of those that sign, or of all. */
static const struct key_set *nearest(const struct keyring *keyring, int64_t utc_ms,
                                     bool must_sign) {
    const struct key_set *found = NULL;
    for (size_t i = 0; i < keyring->count; i++) {
        const struct key_set *set = &keyring->sets[i];
        if ((set->signing_key != NULL || !must_sign) &&
            (found == NULL || distance(set, utc_ms) < distance(found, utc_ms))) {
            found = set;
        }
    }
    return found;
}

const struct signing_key *keyring_signing_key(const struct keyring *keyring, int64_t utc_ms) {
    const struct key_set *set = nearest(keyring, utc_ms, true);
    return set == NULL ? NULL : set->signing_key;
}

/* The month of `utc_ms`, or the last one before it, or the first one after it; NULL for an empty
 * keyring. */
static const struct key_set *month_at(const struct keyring *keyring, int64_t utc_ms) {
    const struct key_set *found = NULL;
    for (size_t i = 0; i < keyring->count; i++) {
        const struct key_set *set = &keyring->sets[i];
        bool begun = set->begins_ms <= utc_ms;
        bool found_begun = found != NULL && found->begins_ms <= utc_ms;
        bool is_earlier = found == NULL || set->begins_ms < found->begins_ms;
        if (begun ? !found_begun || !is_earlier : !found_begun && is_earlier) {
            found = set;
        }
    }
    return found;
}

int64_t keyring_ends_ms(const struct keyring *keyring, struct moment now) {
    const struct key_set *first = month_at(keyring, now.utc_ms);
    int64_t ends_ms = first == NULL ? INT64_MAX : first->ends_ms;
    for (size_t passed = 0; passed < keyring->count; passed++) {
        for (size_t i = 0; i < keyring->count; i++) {
            if (keyring->sets[i].begins_ms == ends_ms) {
                ends_ms = keyring->sets[i].ends_ms;
            }
        }
    }
    return ends_ms;
}

/* May something have been encapsulated to the set's keys that arrives at `utc_ms`? */
static bool is_kept(const struct key_set *set, int64_t utc_ms) {
    return utc_ms < set->ends_ms ? distance(set, utc_ms) <= KEYRING_TOLERANCE_MS
                                 : utc_ms - set->ends_ms < KEYRING_HORIZON_MS;
}

static bool holds_month(const struct keyring *keyring, int64_t utc_ms) {
    for (size_t i = 0; i < keyring->count; i++) {
        if (distance(&keyring->sets[i], utc_ms) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_near(const struct key_set *set, int64_t utc_ms) {
    return distance(set, utc_ms) <= KEYRING_TOLERANCE_MS;
}

/* Opens it by one of the sets that may have been meant; *by is that one. */
static enum status open_by(const struct keyring *keyring, const struct i_message *message,
                           int64_t now_ms, uint8_t ssv[SSV_SIZE], const struct key_set **by) {
    *by = nearest(keyring, now_ms, false);
    if (*by == NULL) {
        return STATUS_KEY_INVALID;
    }
    const struct key_set *first = *by;
    enum status status = i_message_open(keyring->provider, message, first->receiver_key, ssv);
    for (size_t i = 0; status == STATUS_ENCAPSULATION_INVALID && i < keyring->count; i++) {
        const struct key_set *set = &keyring->sets[i];
        /* The wall clock may be set back, and the message is of a later month. */
        bool is_later = set->begins_ms > now_ms && is_near(set, message->fields.utc_ms);
        if (set != first && (is_kept(set, now_ms) || is_later)) {
            *by = set;
            status = i_message_open(keyring->provider, message, set->receiver_key, ssv);
        }
    }
    bool lacks_month =
        !holds_month(keyring, message->fields.utc_ms) || !holds_month(keyring, now_ms);
    return status == STATUS_ENCAPSULATION_INVALID && lacks_month ? STATUS_MONTH_NOT_HELD : status;
}

/* What was opened in the wrong month was not opened. */
static enum status finish_open(enum status status, bool is_of_one_month, uint8_t ssv[SSV_SIZE]) {
    if (status == STATUS_OK && !is_of_one_month) {
        status = STATUS_MONTHS_DIFFER;
    }
    if (status != STATUS_OK) {
        secret_wipe(ssv, SSV_SIZE);
    }
    return status;
}

enum status keyring_open(const struct keyring *keyring, const struct i_message *message,
                         struct moment now, uint8_t ssv[SSV_SIZE]) {
    const struct key_set *by;
    enum status status = open_by(keyring, message, now.utc_ms, ssv, &by);
    return finish_open(status, status == STATUS_OK && is_near(by, message->fields.utc_ms), ssv);
}

enum status keyring_open_live(const struct keyring *keyring, const struct i_message *message,
                              struct moment now, uint8_t ssv[SSV_SIZE]) {
    const struct key_set *by;
    enum status status = open_by(keyring, message, now.utc_ms, ssv, &by);
    bool is_live = status == STATUS_OK && (is_near(by, now.utc_ms) || by->begins_ms > now.utc_ms ||
                                           by == nearest(keyring, now.utc_ms, false));
    return finish_open(status, is_live, ssv);
}

static bool has_ended(const struct keyring *keyring, const struct key_set *set, struct moment now,
                      int64_t kept_ms) {
    return set->credential != keyring->credential && now.utc_ms >= set->ends_ms &&
           now.utc_ms - set->ends_ms >= kept_ms;
}

const struct key_set *keyring_ended(const struct keyring *keyring, struct moment now,
                                    int64_t kept_ms) {
    for (size_t i = 0; i < keyring->count; i++) {
        if (has_ended(keyring, &keyring->sets[i], now, kept_ms)) {
            return &keyring->sets[i];
        }
    }
    return NULL;
}

const struct key_set *keyring_done_signing(const struct keyring *keyring, struct moment now) {
    for (size_t i = 0; i < keyring->count; i++) {
        const struct key_set *set = &keyring->sets[i];
        if (set->signing_key != NULL && has_ended(keyring, set, now, KEYRING_TOLERANCE_MS)) {
            return set;
        }
    }
    return NULL;
}

size_t keyring_months_ahead(const struct keyring *keyring, struct moment now,
                            int64_t utc_ms[KEYRING_MONTHS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < keyring->count; i++) {
        if (keyring->sets[i].begins_ms <= now.utc_ms) {
            return 0;
        }
        utc_ms[count++] = keyring->sets[i].begins_ms;
    }
    return count;
}

void keyring_wipe_signing(struct keyring *keyring, const struct key_set *set) {
    struct key_set *own = &keyring->sets[set - keyring->sets];
    keyring->provider->signing_key_free(own->signing_key);
    own->signing_key = NULL;
    if (own->manager_key != NULL) {
        keyring->provider->signing_key_free(own->manager_key);
        own->manager_key = NULL;
    }
    credential_wipe_signing(own->credential);
}

void keyring_drop(struct keyring *keyring, const struct key_set *set) {
    size_t at = (size_t)(set - keyring->sets);
    set_clear(keyring->provider, &keyring->sets[at]);
    keyring->sets[at] = keyring->sets[--keyring->count];
    memset(&keyring->sets[keyring->count], 0, sizeof keyring->sets[0]);
    find_latest(keyring);
}

enum status keyring_domain(const struct keyring *keyring, const char *kms,
                           const struct domain_key **domain) {
    *domain = keyring->domain;
    if (keyring->credential == NULL || strcmp(kms, keyring->credential->kms) != 0) {
        return STATUS_DOMAIN_UNKNOWN;
    }
    return STATUS_OK;
}

struct limits keyring_limits(const struct keyring *keyring) {
    struct limits found = limits_usual();
    for (size_t i = 0; i < keyring->count; i++) {
        const struct limits *limits = &keyring->sets[i].credential->limits;
        if (limits->number > found.number) {
            found = *limits;
        }
    }
    return found;
}

struct log_head keyring_log(const struct keyring *keyring) {
    struct log_head found = {0};
    for (size_t i = 0; i < keyring->count; i++) {
        const struct log_head *log = &keyring->sets[i].credential->log;
        if (log->number > found.number) {
            found = *log;
        }
    }
    return found;
}

bool keyring_has_recovery(const struct keyring *keyring) {
    return keyring->credential != NULL && keyring->credential->recovery;
}

const struct domain_key *keyring_authority(const struct keyring *keyring) {
    return keyring->authority != NULL ? keyring->authority : keyring->domain;
}

/* A moment in the month whose keys it verifies by is in *found_ms. */
static enum status verify_near(const struct keyring *keyring, const char *identity, const char *kms,
                               struct message_date date, struct span message,
                               const uint8_t signature[ECCSI_SIGNATURE_SIZE], int64_t *found_ms) {
    const int64_t moments[] = {date.utc_ms, date.utc_ms - date.tolerance_ms,
                               date.utc_ms + date.tolerance_ms};
    const struct domain_key *domain;
    enum status status = keyring_domain(keyring, kms, &domain);
    if (status != STATUS_OK) {
        return status;
    }
    struct identifier tried = {0};
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        struct identifier identifier;
        status = identifier_of(identity, moments[i], &identifier);
        if (status == STATUS_TIME_OUT_OF_RANGE) {
            continue;
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (i > 0 && span_equal(identifier_span(&identifier), identifier_span(&tried))) {
            continue;
        }
        tried = identifier;
        *found_ms = moments[i];
        if (keyring->provider->verify(domain, identifier_span(&identifier), message, signature) ==
            STATUS_OK) {
            return STATUS_OK;
        }
    }
    return STATUS_SIGNATURE_INVALID;
}

void keyring_heed(struct keyring *keyring, const struct revocation *list) {
    keyring->revoked = list;
}

void keyring_heed_lost(struct keyring *keyring, const struct lost *lost) {
    keyring->lost = lost;
}

enum status keyring_admits(const struct keyring *keyring, const char *identity) {
    if (keyring->revoked != NULL && revocation_names(keyring->revoked, identity)) {
        return STATUS_REVOKED;
    }
    return keyring->lost != NULL && lost_has(keyring->lost, identity) ? STATUS_LOST : STATUS_OK;
}

bool keyring_refuses(const struct keyring *keyring, const char *identity) {
    return keyring_admits(keyring, identity) != STATUS_OK;
}

enum status keyring_verify(const struct keyring *keyring, const char *identity, const char *kms,
                           struct moment now, struct span message,
                           const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    enum status status = keyring_admits(keyring, identity);
    return status != STATUS_OK
               ? status
               : keyring_verify_any(keyring, identity, kms, now, message, signature);
}

enum status keyring_verify_any(const struct keyring *keyring, const char *identity, const char *kms,
                               struct moment now, struct span message,
                               const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    const struct message_date near_now = {now.utc_ms, KEYRING_TOLERANCE_MS};
    int64_t found_ms;
    return verify_near(keyring, identity, kms, near_now, message, signature, &found_ms);
}

enum status keyring_verify_dated(const struct keyring *keyring, const char *identity,
                                 const char *kms, struct message_date date, struct moment now,
                                 struct span message,
                                 const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    int64_t found_ms;
    enum status status = keyring_admits(keyring, identity);
    if (status != STATUS_OK) {
        return status;
    }
    status = verify_near(keyring, identity, kms, date, message, signature, &found_ms);
    bool is_over = status == STATUS_OK && !identity_is_me(identity) &&
                   now.utc_ms - month_start(found_ms, 1) >= KEYRING_HORIZON_MS;
    return is_over ? STATUS_MONTH_ENDED : status;
}

enum status keyring_explain(const struct keyring *keyring, const char *identity, struct moment now,
                            struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    const struct {
        int64_t utc_ms;
        enum status status;
    } beside[] = {
        {month_start(now.utc_ms - KEYRING_TOLERANCE_MS, -1), STATUS_MONTH_ENDED},
        {month_start(now.utc_ms + KEYRING_TOLERANCE_MS, 1), STATUS_MONTH_NOT_YET},
    };
    struct identifier identifier;
    for (size_t i = 0; i < 2 && !identity_is_me(identity); i++) {
        if (beside[i].utc_ms != 0 &&
            identifier_of(identity, beside[i].utc_ms, &identifier) == STATUS_OK &&
            keyring->provider->verify(keyring->domain, identifier_span(&identifier), message,
                                      signature) == STATUS_OK) {
            return beside[i].status;
        }
    }
    return STATUS_SIGNATURE_INVALID;
}
