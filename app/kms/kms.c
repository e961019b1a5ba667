/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/kms.h"

#include <string.h>
#include <time.h>

#include "crypto/secret.h"

#define DOMAIN_RECORD_KEY "domain"

enum {
    FORMAT_VERSION = 1,
    ENROLMENT_VERSION = 2,
    ENROLMENT_VERSION_WITHOUT_GROUPS = 1,
    DOMAIN_SIZE_MAX = 2 + IDENTITY_MAX + SAKKE_FIELD_SIZE + ECCSI_SCALAR_SIZE,
    ENROLMENT_SIZE_MAX =
        3 + IDENTITY_MAX + DISPLAY_NAME_MAX + DEVICE_KEY_SIZE + 3 * 8 + GROUP_LIST_SIZE_MAX,
};

/* Lives in secret memory. */
struct kms {
    struct store *store; /* NULL for a domain in memory alone */
    const struct provider *provider;
    struct master_key *master;
    char uri[IDENTITY_SIZE];
    uint8_t z_secret[SAKKE_FIELD_SIZE];
    uint8_t ksak[ECCSI_SCALAR_SIZE];
    uint8_t z[SAKKE_POINT_SIZE];
    uint8_t kpak[ECCSI_POINT_SIZE];
};

static enum status domain_failure(const char *uri, enum status status, struct error *error) {
    return error_set(error, status, "domain %.100s: %s", uri, status_text(status));
}

static enum status write_domain(const struct kms *kms, struct writer *out) {
    write_u8(out, FORMAT_VERSION);
    write_text_u8(out, kms->uri);
    write_span(out, SPAN_OF(kms->z_secret));
    write_span(out, SPAN_OF(kms->ksak));
    return writer_finish(out);
}

static enum status read_domain(struct span octets, struct kms *kms) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION)
        return STATUS_NEWER_VERSION;
    read_text_u8(&r, kms->uri, sizeof kms->uri);
    read_octets(&r, kms->z_secret, sizeof kms->z_secret);
    read_octets(&r, kms->ksak, sizeof kms->ksak);
    enum status status = reader_finish(&r);
    return status == STATUS_OK && version != FORMAT_VERSION ? STATUS_MALFORMED : status;
}

static enum status write_enrolment(const struct kms_enrolment *enrolment, struct writer *out) {
    write_u8(out, ENROLMENT_VERSION);
    write_text_u8(out, enrolment->identity);
    write_text_u8(out, enrolment->display_name);
    write_span(out, SPAN_OF(enrolment->device_key));
    write_u64(out, (uint64_t)enrolment->enrolled_ms);
    write_u64(out, (uint64_t)enrolment->until_ms);
    write_u64(out, (uint64_t)enrolment->max_key_period_ms);
    group_list_write(out, &enrolment->groups);
    return writer_finish(out);
}

static enum status read_enrolment(struct span octets, struct kms_enrolment *enrolment) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > ENROLMENT_VERSION)
        return STATUS_NEWER_VERSION;
    read_text_u8(&r, enrolment->identity, sizeof enrolment->identity);
    read_text_u8(&r, enrolment->display_name, sizeof enrolment->display_name);
    read_octets(&r, enrolment->device_key, sizeof enrolment->device_key);
    enrolment->enrolled_ms = (int64_t)read_u64(&r);
    enrolment->until_ms = (int64_t)read_u64(&r);
    enrolment->max_key_period_ms = (int64_t)read_u64(&r);
    enum status status = STATUS_OK;
    if (version != ENROLMENT_VERSION_WITHOUT_GROUPS)
        status = group_list_read(&r, &enrolment->groups);
    if (status == STATUS_OK)
        status = reader_finish(&r);
    return status == STATUS_OK && version < ENROLMENT_VERSION_WITHOUT_GROUPS ? STATUS_MALFORMED
                                                                             : status;
}

void kms_close(struct kms *kms) {
    if (kms == NULL)
        return;
    if (kms->master != NULL)
        kms->provider->master_free(kms->master);
    store_close(kms->store);
    secret_object_free(kms);
}

/* The master key's handle and the domain's public keys, from its secrets. */
static enum status load_master(struct kms *kms) {
    enum status status = kms->provider->master_load(kms->z_secret, kms->ksak, &kms->master);
    if (status == STATUS_OK)
        status = kms->provider->public_keys(kms->master, kms->z, kms->kpak);
    return status;
}

enum status kms_init_in_memory(const char *uri, const struct provider *provider,
                               const struct entropy *entropy, struct kms **kms,
                               struct error *error) {
    *kms = NULL;
    enum status status = identity_check(uri);
    if (status != STATUS_OK)
        return error_set(error, status,
                         "%.100s: no URI for a KMS; it is spelled like sip:kms@county.example",
                         uri);
    struct kms *made = secret_object_new(sizeof *made);
    if (made == NULL)
        return domain_failure(uri, STATUS_NO_MEMORY, error);
    made->provider = provider;
    memcpy(made->uri, uri, strlen(uri) + 1);
    status = provider->master_generate(entropy, made->z_secret, made->ksak);
    if (status == STATUS_OK)
        status = load_master(made);
    if (status != STATUS_OK) {
        kms_close(made);
        return domain_failure(uri, status, error);
    }
    *kms = made;
    return STATUS_OK;
}

static enum status keep_domain(struct kms *kms, struct error *error) {
    struct batch *batch = batch_new();
    struct secret *value = secret_new(DOMAIN_SIZE_MAX);
    enum status status = STATUS_NO_MEMORY;
    if (batch != NULL && value != NULL) {
        struct writer w = writer_into(value->octets, value->length);
        status = write_domain(kms, &w);
        if (status == STATUS_OK)
            status = batch_put(batch, RECORD_KMS_DOMAIN, span_of_text(DOMAIN_RECORD_KEY),
                               writer_span(&w));
    }
    if (status != STATUS_OK)
        domain_failure(kms->uri, status, error);
    else
        status = store_apply(kms->store, batch, error);
    secret_free(value);
    batch_free(batch);
    return status;
}

enum status kms_init(const char *path, const char *uri, struct span passphrase,
                     enum store_strength strength, const struct provider *provider,
                     const struct entropy *entropy, struct kms **kms, struct error *error) {
    struct kms *made;
    *kms = NULL;
    enum status status = kms_init_in_memory(uri, provider, entropy, &made, error);
    if (status != STATUS_OK)
        return status;
    status = store_create(path, passphrase, strength, entropy, &made->store, error);
    bool created = status == STATUS_OK;
    if (created)
        status = keep_domain(made, error);
    if (status != STATUS_OK) {
        kms_close(made);
        if (created)
            store_discard(path);
        return status;
    }
    *kms = made;
    return STATUS_OK;
}

static enum status take_domain(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    bool is_domain = kind == RECORD_KMS_DOMAIN && span_equal(key, span_of_text(DOMAIN_RECORD_KEY));
    return is_domain ? read_domain(value, context) : STATUS_OK;
}

enum status kms_open(const char *path, struct span passphrase, const struct provider *provider,
                     struct kms **kms, struct error *error) {
    *kms = NULL;
    struct kms *opened = secret_object_new(sizeof *opened);
    if (opened == NULL)
        return domain_failure(path, STATUS_NO_MEMORY, error);
    opened->provider = provider;
    enum status status = store_open(path, passphrase, &opened->store, error);
    if (status == STATUS_OK)
        status = store_load(opened->store, take_domain, opened, error);
    if (status == STATUS_OK && opened->uri[0] == '\0') {
        status = error_set(error, STATUS_NOT_FOUND,
                           "%.150s: a store without a domain (a handset's?); give the file that "
                           "muster-kms init made",
                           path);
    } else if (status == STATUS_OK) {
        status = load_master(opened);
        if (status != STATUS_OK)
            domain_failure(opened->uri, status, error);
    }
    if (status != STATUS_OK) {
        kms_close(opened);
        return status;
    }
    *kms = opened;
    return STATUS_OK;
}

const char *kms_uri(const struct kms *kms) {
    return kms->uri;
}

/* What every credential of the domain says about it. */
static void describe_domain(const struct kms *kms, struct credential *credential) {
    memcpy(credential->kms, kms->uri, sizeof credential->kms);
    memcpy(credential->z, kms->z, sizeof credential->z);
    memcpy(credential->kpak, kms->kpak, sizeof credential->kpak);
}

void kms_fingerprint(const struct kms *kms, char out[FINGERPRINT_SIZE]) {
    struct credential domain = {0};
    describe_domain(kms, &domain);
    credential_fingerprint(&domain, out);
}

/* First moment of the month that holds `utc_ms`, or of the one after it. */
static int64_t month_start(int64_t utc_ms, int months_later) {
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm date;
    gmtime_r(&seconds, &date);
    date = (struct tm){.tm_year = date.tm_year, .tm_mon = date.tm_mon + months_later, .tm_mday = 1};
    return (int64_t)timegm(&date) * 1000;
}

static enum status issue(struct kms *kms, const struct enrolment_request *request,
                         const struct kms_terms *terms, const struct entropy *entropy,
                         struct credential *credential) {
    const struct provider *provider = kms->provider;
    describe_domain(kms, credential);
    memcpy(credential->identity, request->identity, sizeof credential->identity);
    memcpy(credential->display_name, request->display_name, sizeof credential->display_name);
    credential->max_key_period_ms = terms->max_key_period_ms;
    if (terms->groups != NULL)
        credential->groups = *terms->groups;
    enum status status = identifier_of(request->identity, terms->now_ms, &credential->identifier);
    if (status != STATUS_OK)
        return status;
    if (!identity_is_me(request->identity))
        credential->period_start_ms = month_start(terms->now_ms, 0);
    struct span identifier = identifier_span(&credential->identifier);
    status = provider->issue_receiver_key(kms->master, identifier, credential->rsk);
    if (status == STATUS_OK)
        status = provider->issue_signing_key(kms->master, identifier, entropy, credential->ssk,
                                             credential->pvt);
    /* A fault while issuing must not leave the house: a wrong signature key would tell the master
     * secret. */
    return status == STATUS_OK ? enrolment_keys_check(credential, provider) : status;
}

static enum status keep_enrolment(struct kms *kms, const struct enrolment_request *request,
                                  const struct kms_terms *terms, struct error *error) {
    struct kms_enrolment enrolment = {
        .enrolled_ms = terms->now_ms,
        .until_ms = identity_is_me(request->identity) ? 0 : month_start(terms->now_ms, 1),
        .max_key_period_ms = terms->max_key_period_ms,
    };
    if (terms->groups != NULL)
        enrolment.groups = *terms->groups;
    memcpy(enrolment.identity, request->identity, sizeof enrolment.identity);
    memcpy(enrolment.display_name, request->display_name, sizeof enrolment.display_name);
    memcpy(enrolment.device_key, request->device_key, sizeof enrolment.device_key);
    uint8_t octets[ENROLMENT_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct batch *batch = batch_new();
    enum status status = batch != NULL ? write_enrolment(&enrolment, &w) : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = batch_put(batch, RECORD_KMS_ENROLMENT, span_of_text(enrolment.identity),
                           writer_span(&w));
    if (status != STATUS_OK)
        domain_failure(kms->uri, status, error);
    else
        status = store_apply(kms->store, batch, error);
    batch_free(batch);
    return status;
}

/* May this identity be enrolled for this device key? */
static enum status check_request(struct kms *kms, const struct enrolment_request *request,
                                 const struct kms_terms *terms, struct error *error) {
    if (strcmp(request->identity, kms->uri) == 0 ||
        (terms->groups != NULL && group_list_has(terms->groups, kms->uri)))
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.100s: the domain's own name is nobody's identity, and no group's",
                         kms->uri);
    if (terms->max_key_period_ms <= 0)
        return error_set(error, STATUS_MALFORMED,
                         "%.100s: the maximum key period must be longer than 0", request->identity);
    if (kms->store == NULL)
        return STATUS_OK;
    struct kms_enrolment held;
    enum status status = kms_find(kms, request->identity, &held, error);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (terms->replace || memcmp(held.device_key, request->device_key, DEVICE_KEY_SIZE) == 0)
        return STATUS_OK;
    char fingerprint[FINGERPRINT_SIZE];
    device_key_fingerprint(held.device_key, fingerprint);
    return error_set(error, STATUS_ALREADY_DONE,
                     "%.100s: enrolled already, for the device key %s; to give it to this one, "
                     "replace it (--replace)",
                     request->identity, fingerprint);
}

static enum status seal_bundle(struct kms *kms, const struct enrolment_request *request,
                               const struct kms_terms *terms, const struct entropy *entropy,
                               struct writer *bundle, struct error *error) {
    struct credential *credential = credential_new();
    if (credential == NULL)
        return domain_failure(kms->uri, STATUS_NO_MEMORY, error);
    enum status status = issue(kms, request, terms, entropy, credential);
    if (status == STATUS_OK)
        status = enrolment_bundle_seal(credential, request->device_key, bundle);
    credential_free(credential);
    if (status != STATUS_OK)
        error_set(error, status, "%.100s: no keys could be issued: %s", request->identity,
                  status_text(status));
    return status;
}

enum status kms_enroll(struct kms *kms, const struct enrolment_request *request,
                       const struct kms_terms *terms, const struct entropy *entropy,
                       struct writer *bundle, struct error *error) {
    enum status status = check_request(kms, request, terms, error);
    if (status != STATUS_OK)
        return status;
    struct writer before = *bundle;
    status = seal_bundle(kms, request, terms, entropy, bundle, error);
    if (status == STATUS_OK && kms->store != NULL)
        status = keep_enrolment(kms, request, terms, error);
    if (status != STATUS_OK)
        *bundle = before;
    return status;
}

/* The handset's side of an enrolment in one place: the request through its text, and back. */
static enum status exchange(struct kms *kms, struct enrolment_request *request,
                            const struct device_key *key, const struct kms_terms *terms,
                            const struct entropy *entropy, struct credential **credential,
                            struct error *error) {
    uint8_t asked[ENROLMENT_TEXT_MAX], given[ENROLMENT_TEXT_MAX];
    struct writer question = writer_into(asked, sizeof asked);
    struct writer answer = writer_into(given, sizeof given);
    memcpy(request->device_key, key->public_key, DEVICE_KEY_SIZE);
    enum status status = enrolment_request_write(request, &question);
    if (status != STATUS_OK)
        return error_set(error, status, "%.100s: %s", request->identity, status_text(status));
    status = enrolment_request_read("request", writer_span(&question), request, error);
    if (status == STATUS_OK)
        status = kms_enroll(kms, request, terms, entropy, &answer, error);
    if (status == STATUS_OK)
        status = enrolment_bundle_open("bundle", writer_span(&answer), key, kms->provider,
                                       credential, error);
    return status;
}

enum status kms_enroll_in_memory(struct kms *kms, const char *identity, const char *display_name,
                                 const struct kms_terms *terms, const struct entropy *entropy,
                                 struct batch *batch, struct error *error) {
    struct enrolment_request request = {0};
    if (strlen(identity) > IDENTITY_MAX || strlen(display_name) > DISPLAY_NAME_MAX)
        return error_set(error, STATUS_TOO_LONG, "%.100s: identity or name too long", identity);
    memcpy(request.identity, identity, strlen(identity));
    memcpy(request.display_name, display_name, strlen(display_name));
    struct device_key *key = NULL;
    struct credential *credential = NULL;
    enum status status = device_key_new(entropy, &key);
    if (status != STATUS_OK)
        return error_set(error, status, "%.100s: %s", identity, status_text(status));
    status = exchange(kms, &request, key, terms, entropy, &credential, error);
    if (status == STATUS_OK) {
        status = device_key_put(key, batch);
        if (status == STATUS_OK)
            status = enrolment_install(credential, batch);
        if (status != STATUS_OK)
            error_set(error, status, "%.100s: %s", identity, status_text(status));
    }
    credential_free(credential);
    device_key_free(key);
    return status;
}

struct listing {
    kms_enrolment_fn *on_enrolment;
    void *context;
};

static enum status list_record(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    const struct listing *listing = context;
    struct kms_enrolment enrolment = {0};
    (void)key;
    if (kind != RECORD_KMS_ENROLMENT)
        return STATUS_OK;
    enum status status = read_enrolment(value, &enrolment);
    if (status == STATUS_OK)
        listing->on_enrolment(listing->context, &enrolment);
    return status;
}

enum status kms_list(struct kms *kms, kms_enrolment_fn *on_enrolment, void *context,
                     struct error *error) {
    struct listing listing = {on_enrolment, context};
    return kms->store == NULL ? STATUS_OK : store_load(kms->store, list_record, &listing, error);
}

struct search {
    const char *identity;
    struct kms_enrolment *found;
    bool is_found;
};

static void search_enrolment(void *context, const struct kms_enrolment *enrolment) {
    struct search *search = context;
    if (strcmp(enrolment->identity, search->identity) != 0)
        return;
    *search->found = *enrolment;
    search->is_found = true;
}

enum status kms_find(struct kms *kms, const char *identity, struct kms_enrolment *enrolment,
                     struct error *error) {
    struct search search = {identity, enrolment, false};
    enum status status = kms_list(kms, search_enrolment, &search, error);
    if (status == STATUS_OK && !search.is_found)
        status = error_set(error, STATUS_NOT_FOUND, "%.100s: not enrolled in the domain %.100s",
                           identity, kms->uri);
    return status;
}
