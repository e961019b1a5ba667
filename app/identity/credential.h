/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A credential: what the KMS issues for one identity and a handset holds to act under it. It comes
 * in a bundle that only that handset's device key opens (app/identity/enrolment.h), and is kept in
 * the store as the octets of credential_write.
 */
#ifndef MUSTER_APP_IDENTITY_CREDENTIAL_H
#define MUSTER_APP_IDENTITY_CREDENTIAL_H

#include "app/identity/attestation.h"
#include "app/identity/certificate.h"
#include "app/identity/display_name.h"
#include "app/identity/epoch.h"
#include "app/identity/fingerprint.h"
#include "app/identity/group_list.h"
#include "app/identity/issuance.h"
#include "app/identity/limits.h"
#include "app/identity/log_head.h"
#include "crypto/identifier.h"
#include "crypto/provider.h"

enum {
    CREDENTIAL_SIZE_MAX = 4000
};

/* Holds secret keys: allocate it with credential_new. */
struct credential {
    char identity[IDENTITY_SIZE];
    char display_name[DISPLAY_NAME_SIZE]; /* app/identity/display_name.h; may be empty */
    struct attestation attestation;       /* of that name: the KMS's word for it; may be none */
    char kms[IDENTITY_SIZE];              /* the KMS's URI: the domain's name */
    int64_t period_start_ms;              /* any moment of the month of the keys; 0 when fixed */
    int64_t max_key_period_ms;            /* limit for ad-hoc GMKs (6.X.3.3.3.4) */
    struct identifier identifier;
    uint8_t z[SAKKE_POINT_SIZE];
    uint8_t kpak[ECCSI_POINT_SIZE];
    bool recovery; /* the domain's setting: its authority can open D2D connections */
    uint8_t authority[SAKKE_POINT_SIZE]; /* the authority's own public key, a Z, to which they are
                                            opened; zero: that is the KMS's */
    uint8_t ssk[ECCSI_SCALAR_SIZE]; /* the signing key; this and pvt are zero once it was wiped */
    uint8_t pvt[ECCSI_POINT_SIZE];
    uint8_t rsk[SAKKE_POINT_SIZE];
    struct group_list groups;           /* the standard groups that it belongs to (6.X.3.3.2.2) */
    struct limits limits;               /* the domain's; may be none */
    struct certificate certificate;     /* the root's, of the domain's keys; may be none */
    struct log_head log;                /* of the KMS, when it issued this; may be none */
    struct manager_certificate manager; /* of who holds it, where the identity may be a group's;
                                         * may be none. The manager's own keys of that month: */
    uint8_t manager_ssk[ECCSI_SCALAR_SIZE];
    uint8_t manager_pvt[ECCSI_POINT_SIZE];
    struct issuance issue; /* of the bundle that it just came in; it is not written, so one that was
                            * read has none */
};

/* A zeroed credential in secret memory, or NULL. */
struct credential *credential_new(void);

/* Wipes and frees; NULL is allowed. */
void credential_free(struct credential *credential);

/* Has it a signing key? */
bool credential_signs(const struct credential *credential);

/* Wipes the signing key: what is left opens what was sent in its month. */
void credential_wipe_signing(struct credential *credential);

/* Codec, reader and writer side by side. Reading checks the form and the identities
 * (STATUS_TRUNCATED, STATUS_MALFORMED, STATUS_NEWER_VERSION, STATUS_IDENTITY_INVALID,
 * STATUS_TOO_LONG); one written before there were standard groups belongs to none, one
 * from before there was recovery is of a domain that has it off, and in one from before names were
 * attested there is no attestation; older ones have no limits, no certificates and no head of a
 * log. Whether the keys belong to identity and domain is checked by the provider when they are
 * loaded. */
MUST_CHECK enum status credential_write(const struct credential *credential, struct writer *out);
MUST_CHECK enum status credential_read(struct span octets, struct credential *credential);

/* Has the domain's authority a key of its own? */
bool credential_has_authority(const struct credential *credential);

/* The domain's fingerprint, over KMS URI and the root's key, and over its recovery where that is
 * on, with the authority's key where it has one: who compares it sees whether both handsets were
 * told the same. Of a domain without a root it is over Z and KPAK in that one's place. */
void credential_fingerprint(const struct credential *credential, char out[FINGERPRINT_SIZE]);

/* The keys of its domain, as a root certifies them; they live as long as the credential. */
struct domain_keys credential_domain(const struct credential *credential);

#endif
