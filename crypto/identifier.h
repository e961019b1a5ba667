/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Identities (URIs) and the identifiers that RFC 6507 and RFC 6508 take (RFC 6509 3.2).
 */
#ifndef MUSTER_CRYPTO_IDENTIFIER_H
#define MUSTER_CRYPTO_IDENTIFIER_H

#include <stdbool.h>

#include "crypto/bytes.h"

enum {
    IDENTITY_MAX = 95,                      /* characters of an identity */
    IDENTITY_SIZE = IDENTITY_MAX + 1,       /* a buffer for one, with its terminating 0 */
    GROUP_IDENTITY_MAX = IDENTITY_MAX + 24, /* adhoc:<creator identity>;<16 hex digits> */
    GROUP_IDENTITY_SIZE = GROUP_IDENTITY_MAX + 1,
    IDENTIFIER_MAX = 8 + 9 + IDENTITY_MAX + 1, /* "YYYY-MM" 00 URI 00; "recovery:" before a KMS's;
                                                * as long with "fixed" and "statements:" */
};

/* SAKKE payload's ID scheme (RFC 6509 4.2.1; 240 to 255 are for private use). */
enum id_scheme {
    ID_SCHEME_MONTHLY_TEL = 1,   /* tel: URI with monthly keys, as registered */
    ID_SCHEME_FIXED = 240,       /* ME identity: keys never change (6.X.3.3.3.4) */
    ID_SCHEME_MONTHLY_URI = 241, /* any other URI with monthly keys */
};

struct identifier {
    size_t length;
    uint8_t octets[IDENTIFIER_MAX];
};

/* Is `uri` an identity we take: tel:+digits; urn:gsma:imei:TTTTTTTT-SSSSSS-C (RFC 7254); or
 * sip:user@host; printable ASCII, no spaces, lower-case scheme, at most IDENTITY_MAX characters.
 * STATUS_IDENTITY_INVALID or STATUS_TOO_LONG. One identity has one spelling, so identities are
 * compared as strings. */
MUST_CHECK enum status identity_check(const char *uri);

/* Is `uri` an ME identity (urn:gsma:imei:)? Those have fixed keys; all others monthly ones. */
bool identity_is_me(const char *uri);

/* The ID scheme that goes with an identity. */
enum id_scheme identity_scheme(const char *uri);

/* The identifier: "fixed" 00 URI 00 for an ME identity; for others "YYYY-MM" 00 URI 00 with the
 * month that holds `utc_ms`, milliseconds since 1970 UTC. Errors as identity_check, and for a
 * monthly identifier STATUS_TIME_OUT_OF_RANGE outside the years 1970 to 9999. */
MUST_CHECK enum status identifier_of(const char *uri, int64_t utc_ms, struct identifier *out);

/* The identifier of a domain's recovery identity, to which the keys of D2D connections are
 * encapsulated as well where its setting says so: "YYYY-MM" 00 "recovery:" KMS URI 00. It is no
 * identity that could be enrolled. Errors as kms_uri_check, and STATUS_TIME_OUT_OF_RANGE. */
MUST_CHECK enum status identifier_of_recovery(const char *kms, int64_t utc_ms,
                                              struct identifier *out);

/* The identifier under which a KMS signs what it says itself (statement.h): "fixed" 00
 * "statements:" KMS URI 00. It is no identity that could be enrolled. Errors as kms_uri_check. */
MUST_CHECK enum status identifier_of_statements(const char *kms, struct identifier *out);

enum {
    MANAGER_NAME_SIZE =
        16 /* octets of the name of a group's manager: of its own, not the group's */
};

/* The identifier under which a group's manager signs what it says itself (identity/epoch.h):
 * "YYYY-MM" 00 "manager:" the name in lower-case hex 00. It is no identity that could be enrolled.
 * STATUS_TIME_OUT_OF_RANGE. */
MUST_CHECK enum status identifier_of_manager(const uint8_t name[MANAGER_NAME_SIZE], int64_t utc_ms,
                                             struct identifier *out);

struct span identifier_span(const struct identifier *identifier);

/* Is `uri` the name of a KMS (and so of a domain): a lower-case scheme, a colon and something after
 * it, printable ASCII without spaces, at most IDENTITY_MAX characters? STATUS_IDENTITY_INVALID or
 * STATUS_TOO_LONG. */
MUST_CHECK enum status kms_uri_check(const char *uri);

/* Is `group` a group identity: an ad-hoc one, or the sip: identity of a standard group?
 * STATUS_IDENTITY_INVALID or STATUS_TOO_LONG. */
MUST_CHECK enum status group_identity_check(const char *group);

/* Is `group` spelled adhoc:<identity>;<16 lower-case hex digits> with `creator` as the identity
 * (app/README.md section 4)? A NULL creator matches any valid identity. */
bool group_identity_is_adhoc(const char *group, const char *creator);

/* Writes the ad-hoc group identity of `creator` with `number` as its 16 hex digits. */
MUST_CHECK enum status group_identity_adhoc(const char *creator, uint64_t number,
                                            char out[GROUP_IDENTITY_SIZE]);

/* GMK ids: 32 bits, the top nibble tells the space (6.X.3.3.3.3 note). */
enum {
    KEY_ID_SPACE_STANDARD = 0x0,
    KEY_ID_SPACE_ADHOC = 0xA
};

unsigned key_id_space(uint32_t key_id);

/* `random` with its top nibble replaced by the space's. */
uint32_t key_id_in_space(unsigned space, uint32_t random);

#endif
