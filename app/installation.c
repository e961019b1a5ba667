/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/installation.h"

#include <string.h>

#include "app/identity/keyring.h"
#include "app/identity/month.h"

/* Puts the place of one held credential on record; the latest is kept as a whole. */
static enum status note_held(struct installation *installation, struct span key,
                             const struct credential *credential) {
    if (installation->count == INSTALLATION_HELD_MAX) {
        return STATUS_TOO_LONG;
    }
    bool fixed = identity_is_me(credential->identity);
    int64_t begins_ms = fixed ? 0 : month_start(credential->period_start_ms, 0);
    bool is_latest = true;
    for (size_t i = 0; i < installation->count; i++) {
        is_latest = is_latest && installation->held[i].begins_ms <= begins_ms;
    }
    size_t at = installation->count++;
    memcpy(installation->held[at].record_key, key.octets, key.length);
    installation->held[at].begins_ms = begins_ms;
    installation->held[at].ends_ms = fixed ? 0 : month_start(credential->period_start_ms, 1);
    if (is_latest) {
        *installation->latest = *credential;
    }
    return STATUS_OK;
}

struct reading {
    struct installation *installation;
    const char *group; /* NULL: the handset's own keys */
};

/* Is this the record of a credential that is read? Those of a group are under its identity, a space
 * and the month. */
static bool is_wanted(const struct reading *reading, enum record_kind kind, struct span key) {
    if (kind != reading->installation->kind) {
        return false;
    }
    if (reading->group == NULL) {
        return true;
    }
    size_t length = strlen(reading->group);
    return key.length > length && memcmp(key.octets, reading->group, length) == 0 &&
           key.octets[length] == ' ';
}

static enum status take_credential(void *context, enum record_kind kind, struct span key,
                                   struct span value) {
    struct reading *reading = context;
    if (!is_wanted(reading, kind, key)) {
        return STATUS_OK;
    }
    struct credential *credential = credential_new();
    if (credential == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = credential_read(value, credential);
    if (status == STATUS_OK) {
        status = note_held(reading->installation, key, credential);
    }
    credential_free(credential);
    return status;
}

static enum status take_requests(void *context, enum record_kind kind, struct span key,
                                 struct span value) {
    (void)kind;
    (void)key;
    return requests_read(value, context);
}

enum status installation_read(struct store *store, const char *group,
                              struct installation *installation, struct error *error) {
    *installation =
        (struct installation){.kind = group == NULL ? RECORD_CREDENTIAL : RECORD_MANAGER_KEYS,
                              .latest = credential_new()};
    if (installation->latest == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    struct reading reading = {.installation = installation, .group = group};
    return store_load(store, take_credential, &reading, error);
}

void installation_clear(struct installation *installation) {
    credential_free(installation->latest);
    *installation = (struct installation){0};
}

bool installation_has_same_keys(const struct credential *a, const struct credential *b) {
    return strcmp(a->kms, b->kms) == 0 && memcmp(a->z, b->z, sizeof a->z) == 0 &&
           memcmp(a->kpak, b->kpak, sizeof a->kpak) == 0 && a->recovery == b->recovery;
}

bool installation_is_same_domain(const struct credential *held,
                                 const struct credential *credential) {
    const struct certificate *ours = &held->certificate, *theirs = &credential->certificate;
    if (ours->number == 0) {
        return installation_has_same_keys(held, credential);
    }
    /* A root may have certified new keys since; an older certificate does not bring back old
     * ones. */
    return theirs->number != 0 && memcmp(ours->root, theirs->root, sizeof ours->root) == 0 &&
           strcmp(held->kms, credential->kms) == 0 && held->recovery == credential->recovery &&
           (theirs->number >= ours->number || installation_has_same_keys(held, credential));
}

enum status installation_requests(struct store *store, const char *identity,
                                  struct requests *requests, struct error *error) {
    bool found;
    *requests = (struct requests){0};
    strcpy(requests->identity, identity);
    return store_find(store, RECORD_REQUEST, span_of_text(identity), take_requests, requests,
                      &found, error);
}

/* A domain that is looked for. */
struct search {
    const struct credential *credential;
    enum installed_domain found;
};

static enum status compare_domain(void *context, enum record_kind kind, struct span key,
                                  struct span value) {
    struct search *search = context;
    (void)key;
    if (kind != RECORD_CREDENTIAL && kind != RECORD_MANAGER_KEYS) {
        return STATUS_OK;
    }
    struct credential *held = credential_new();
    enum status status = held == NULL ? STATUS_NO_MEMORY : credential_read(value, held);
    if (status == STATUS_OK && installation_is_same_domain(held, search->credential)) {
        search->found = INSTALLED_SAME;
    } else if (status == STATUS_OK && search->found == INSTALLED_NONE) {
        search->found = INSTALLED_OTHER;
    }
    credential_free(held);
    return status;
}

enum status installation_domain(struct store *store, const struct credential *credential,
                                enum installed_domain *installed, struct error *error) {
    struct search search = {.credential = credential};
    enum status status = store_load(store, compare_domain, &search, error);
    *installed = search.found;
    return status;
}

/* How many of the held months are later than that of the `n`-th. */
static size_t count_later(const struct installation *installation, size_t n) {
    size_t later = 0;
    for (size_t i = 0; i < installation->count; i++) {
        later += installation->held[i].begins_ms > installation->held[n].begins_ms;
    }
    return later;
}

/* What time it certainly is: both this machine's clock and the KMS, which signed when it issued
 * `credential` (the number is of seconds since 1970 or more), have passed it. A clock that is set
 * ahead takes no keys away; what that leaves, a running handset drops (handset/keys/lifetime). */
static int64_t surely_ms(const struct credential *credential, int64_t now_ms) {
    bool is_before = now_ms / 1000 < 0 || (uint64_t)(now_ms / 1000) < credential->issue.number;
    return is_before ? now_ms : (int64_t)credential->issue.number * 1000;
}

/* Does the n-th of the held stay beside `credential`? */
static bool stays(const struct installation *installation, size_t n,
                  const struct credential *credential, int64_t now_ms) {
    if (identity_is_me(credential->identity) ||
        !installation_has_same_keys(installation->latest, credential)) {
        return false;
    }
    int64_t begins_ms = month_start(credential->period_start_ms, 0);
    /* Nothing is sent to a group identity that could have waited. */
    int64_t kept_ms =
        installation->kind == RECORD_CREDENTIAL ? KEYRING_HORIZON_MS : KEYRING_TOLERANCE_MS;
    return installation->held[n].begins_ms != begins_ms &&
           now_ms - installation->held[n].ends_ms < kept_ms &&
           count_later(installation, n) < KEYRING_MONTHS_MAX - 1;
}

static enum status take_list(void *context, enum record_kind kind, struct span key,
                             struct span value) {
    (void)kind;
    (void)key;
    return revocation_read(value, context);
}

/* A list of another domain, whose keys are to be replaced, has no number here. */
static enum status find_newer(struct store *store, struct revocation *list, struct error *error) {
    struct revocation held = {.number = 0};
    bool found;
    enum status status = store_find(store, RECORD_REVOKED, span_of_text(REVOCATION_RECORD_KEY),
                                    take_list, &held, &found, error);
    if (status == STATUS_OK && strcmp(held.kms, list->kms) == 0 && held.number >= list->number) {
        list->number = 0;
    }
    return status;
}

static enum status verify_list(const struct revocation *list, const struct credential *credential,
                               const struct provider *provider) {
    struct domain_key *domain = NULL;
    if (strcmp(list->kms, credential->kms) != 0) {
        return STATUS_SIGNATURE_INVALID;
    }
    enum status status = provider->domain_load(credential->z, credential->kpak, &domain);
    if (status == STATUS_OK) {
        status = revocation_verify(list, provider, domain);
        provider->domain_free(domain);
    }
    return status;
}

enum status installation_list(struct store *store, struct span text,
                              const struct credential *credential, const struct provider *provider,
                              struct revocation *list, struct error *error) {
    enum status status = revocation_read_text(text, list);
    if (status == STATUS_NOT_FOUND) {
        list->number = 0;
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = verify_list(list, credential, provider);
    }
    return status == STATUS_OK
               ? find_newer(store, list, error)
               : error_set(error, status,
                           "the list of the revoked in it cannot be used, so nothing was "
                           "installed: %s; fetch the bundle from the KMS itself",
                           status_text(status));
}

static enum status put_list(const struct revocation *list, struct batch *batch) {
    uint8_t octets[REVOCATION_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    revocation_write(&w, list);
    enum status status = writer_finish(&w);
    return status == STATUS_OK ? batch_put(batch, RECORD_REVOKED,
                                           span_of_text(REVOCATION_RECORD_KEY), writer_span(&w))
                               : status;
}

enum status installation_put(const struct installation *installation,
                             const struct credential *credential, const struct access *access,
                             const struct revocation *list, const struct requests *requests,
                             int64_t now_ms, struct batch *batch) {
    struct requests answered = *requests;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < installation->count; i++) {
        if (!stays(installation, i, credential, surely_ms(credential, now_ms))) {
            status = batch_delete(batch, installation->kind,
                                  span_of_text(installation->held[i].record_key));
        }
    }
    /* It comes last: it wins where its record is one of those that go. */
    if (status == STATUS_OK) {
        status = enrolment_install(credential, installation->kind, batch);
    }
    if (status == STATUS_OK) {
        answered.number = credential->issue.number;
        status = requests_put(&answered, batch);
    }
    if (status == STATUS_OK && access != NULL) {
        status = access_put(access, installation->kind == RECORD_MANAGER_KEYS, batch);
    }
    if (status == STATUS_OK && list != NULL) {
        status = put_list(list, batch);
    }
    return status;
}

enum status installation_add(const struct installation *installation, struct store *store,
                             const struct credential *credential, const struct access *access,
                             const struct revocation *list, const struct requests *requests,
                             int64_t now_ms, struct error *error) {
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY
                                       : installation_put(installation, credential, access, list,
                                                          requests, now_ms, batch);
    if (status != STATUS_OK) {
        error_set(error, status, "cannot install the bundle: %s", status_text(status));
    } else {
        status = store_apply(store, batch, error);
    }
    batch_free(batch);
    return status;
}

/* --- The device key ----------------------------------------------------------------------------
 */

static enum status take_device_key(void *context, enum record_kind kind, struct span key,
                                   struct span value) {
    struct device_key **device_key = context;
    (void)kind;
    (void)key;
    return device_key_read(value, device_key);
}

enum status installation_device_key(struct store *store, struct device_key **key,
                                    struct error *error) {
    bool found;
    *key = NULL;
    return store_find(store, RECORD_DEVICE_KEY, span_of_text(DEVICE_RECORD_KEY), take_device_key,
                      key, &found, error);
}
