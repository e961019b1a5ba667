/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/credential.h"

#include <string.h>

#include "app/identity/display_name.h"
#include "crypto/secret.h"

enum {
    CREDENTIAL_VERSION = 7,
    CREDENTIAL_VERSION_WITHOUT_MANAGER = 6,
    CREDENTIAL_VERSION_WITHOUT_LOG = 5,
    CREDENTIAL_VERSION_WITHOUT_LIMITS = 4,
    CREDENTIAL_VERSION_WITHOUT_ATTESTATION = 3,
    CREDENTIAL_VERSION_WITHOUT_RECOVERY = 2,
    CREDENTIAL_VERSION_WITHOUT_GROUPS = 1
};

/* How it is written. */
enum recovery_setting {
    RECOVERY_OFF,
    RECOVERY_ON,
    RECOVERY_BY_AUTHORITY /* with its key after it */
};

struct credential *credential_new(void) {
    return secret_object_new(sizeof(struct credential));
}

void credential_free(struct credential *credential) {
    secret_object_free(credential);
}

bool credential_signs(const struct credential *credential) {
    return credential->pvt[0] != 0; /* which is public, and begins with 4 (RFC 6507 3.3) */
}

void credential_wipe_signing(struct credential *credential) {
    secret_wipe(credential->ssk, sizeof credential->ssk);
    secret_wipe(credential->pvt, sizeof credential->pvt);
    secret_wipe(credential->manager_ssk, sizeof credential->manager_ssk);
    secret_wipe(credential->manager_pvt, sizeof credential->manager_pvt);
}

bool credential_has_authority(const struct credential *credential) {
    return credential->authority[0] != 0; /* a point begins with 4 */
}

static void write_recovery(struct writer *out, const struct credential *credential) {
    bool has_authority = credential_has_authority(credential);
    write_u8(out, has_authority          ? RECOVERY_BY_AUTHORITY
                  : credential->recovery ? RECOVERY_ON
                                         : RECOVERY_OFF);
    if (has_authority) {
        write_span(out, SPAN_OF(credential->authority));
    }
}

/* False for what is no setting. */
static bool read_recovery(struct reader *in, struct credential *credential) {
    uint8_t setting = read_u8(in);
    credential->recovery = setting != RECOVERY_OFF;
    if (setting == RECOVERY_BY_AUTHORITY) {
        read_octets(in, credential->authority, sizeof credential->authority);
    }
    return setting <= RECOVERY_BY_AUTHORITY &&
           (setting == RECOVERY_BY_AUTHORITY) == credential_has_authority(credential);
}

enum status credential_write(const struct credential *credential, struct writer *out) {
    write_u8(out, CREDENTIAL_VERSION);
    write_text_u8(out, credential->identity);
    write_text_u8(out, credential->display_name);
    write_text_u8(out, credential->kms);
    write_u64(out, (uint64_t)credential->period_start_ms);
    write_u64(out, (uint64_t)credential->max_key_period_ms);
    write_span(out, SPAN_OF(credential->z));
    write_span(out, SPAN_OF(credential->kpak));
    write_span(out, SPAN_OF(credential->ssk));
    write_span(out, SPAN_OF(credential->pvt));
    write_span(out, SPAN_OF(credential->rsk));
    group_list_write(out, &credential->groups);
    write_recovery(out, credential);
    attestation_write(out, &credential->attestation, credential->display_name);
    limits_write(out, &credential->limits);
    certificate_write(out, &credential->certificate);
    log_head_write(out, &credential->log);
    manager_certificate_write(out, &credential->manager);
    if (credential->manager.term != 0) {
        write_span(out, SPAN_OF(credential->manager_ssk));
        write_span(out, SPAN_OF(credential->manager_pvt));
    }
    return writer_finish(out);
}

static void read_manager(struct reader *r, struct credential *credential) {
    manager_certificate_read(r, &credential->manager);
    if (credential->manager.term != 0) {
        read_octets(r, credential->manager_ssk, sizeof credential->manager_ssk);
        read_octets(r, credential->manager_pvt, sizeof credential->manager_pvt);
    }
}

static enum status read_fields(struct span octets, struct credential *credential) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > CREDENTIAL_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    read_text_u8(&r, credential->identity, sizeof credential->identity);
    read_text_u8(&r, credential->display_name, sizeof credential->display_name);
    read_text_u8(&r, credential->kms, sizeof credential->kms);
    credential->period_start_ms = (int64_t)read_u64(&r);
    credential->max_key_period_ms = (int64_t)read_u64(&r);
    read_octets(&r, credential->z, sizeof credential->z);
    read_octets(&r, credential->kpak, sizeof credential->kpak);
    read_octets(&r, credential->ssk, sizeof credential->ssk);
    read_octets(&r, credential->pvt, sizeof credential->pvt);
    read_octets(&r, credential->rsk, sizeof credential->rsk);
    enum status status = STATUS_OK;
    if (version != CREDENTIAL_VERSION_WITHOUT_GROUPS) {
        status = group_list_read(&r, &credential->groups);
    }
    bool is_setting =
        version <= CREDENTIAL_VERSION_WITHOUT_RECOVERY || read_recovery(&r, credential);
    if (status == STATUS_OK && version > CREDENTIAL_VERSION_WITHOUT_ATTESTATION) {
        status = attestation_read(&r, credential->display_name, &credential->attestation);
    }
    if (status == STATUS_OK && version > CREDENTIAL_VERSION_WITHOUT_LIMITS) {
        status = limits_read(&r, &credential->limits);
        if (status == STATUS_OK) {
            status = certificate_read(&r, &credential->certificate);
        }
    }
    if (status == STATUS_OK && version > CREDENTIAL_VERSION_WITHOUT_LOG) {
        status = log_head_read(&r, &credential->log);
    }
    if (status == STATUS_OK && version > CREDENTIAL_VERSION_WITHOUT_MANAGER) {
        read_manager(&r, credential);
    }
    if (status == STATUS_OK) {
        status = reader_finish(&r);
    }
    if (status == STATUS_OK && !is_setting) {
        status = STATUS_MALFORMED;
    }
    if (status == STATUS_OK && version < CREDENTIAL_VERSION_WITHOUT_GROUPS) {
        status = STATUS_MALFORMED;
    }
    return status;
}

static enum status check_fields(struct credential *credential) {
    bool fixed = identity_is_me(credential->identity);
    if (credential->period_start_ms < 0 || credential->max_key_period_ms < 0 ||
        (fixed && credential->period_start_ms != 0) ||
        !display_name_take(credential->display_name)) {
        return STATUS_MALFORMED;
    }
    enum status status = kms_uri_check(credential->kms);
    if (status == STATUS_OK) {
        status = identifier_of(credential->identity, credential->period_start_ms,
                               &credential->identifier);
    }
    return status;
}

enum status credential_read(struct span octets, struct credential *credential) {
    memset(credential, 0, sizeof *credential);
    enum status status = read_fields(octets, credential);
    if (status == STATUS_OK) {
        status = check_fields(credential);
    }
    if (status != STATUS_OK) {
        secret_wipe(credential, sizeof *credential);
    }
    return status;
}

void credential_fingerprint(const struct credential *credential, char out[FINGERPRINT_SIZE]) {
    uint8_t octets[1 + IDENTITY_MAX + SAKKE_POINT_SIZE + ECCSI_POINT_SIZE + 1 + SAKKE_POINT_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    write_text_u8(&w, credential->kms);
    if (credential->certificate.number != 0) {
        write_span(&w, SPAN_OF(credential->certificate.root));
    } else {
        write_span(&w, SPAN_OF(credential->z));
        write_span(&w, SPAN_OF(credential->kpak));
    }
    if (credential->recovery) {
        write_recovery(&w, credential);
    }
    fingerprint_of(writer_span(&w), out);
}

struct domain_keys credential_domain(const struct credential *credential) {
    return (struct domain_keys){
        .kms = credential->kms,
        .z = credential->z,
        .kpak = credential->kpak,
        .recovery = credential->recovery,
        .authority = credential_has_authority(credential) ? credential->authority : NULL};
}
