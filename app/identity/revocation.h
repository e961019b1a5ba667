/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of the revoked: whom the KMS has shut out of its domain, as a statement of its own
 * (crypto/statement.h) that every path can carry, text as well as the air. Of two lists the one
 * with the greater number counts, and it counts whole: it names all who are revoked and whose keys
 * others could still take.
 *
 * An identity is named by the first octets of SHA-256 over "Muster revoked" 00, the list's salt and
 * the identity. The salt is drawn for each list, so that nobody can look for an identity that is
 * named like another's before there is the list (it stays where names are carried over, below); by
 * chance alone, with 180 names and 10,000 identities, one in 600,000 lists names somebody else as
 * well, and the next one does not.
 *
 * On the wire: the KMS's URI with its length before it in one octet, the number (8), the signature
 * (129), and what is said: when the list was made (8, milliseconds since 1970), the salt (8), and
 * the names (5 each), in ascending order. For 100 identities that is 0.7 kB.
 */
#ifndef MUSTER_APP_IDENTITY_REVOCATION_H
#define MUSTER_APP_IDENTITY_REVOCATION_H

#include "crypto/statement.h"

enum {
    REVOCATION_NAME_SIZE = 5,
    REVOCATION_SALT_SIZE = 8,
    REVOCATION_NAMES_MAX = 180,
    REVOCATION_HEAD_SIZE = 8 + REVOCATION_SALT_SIZE,
    REVOCATION_SAID_MAX = REVOCATION_HEAD_SIZE + REVOCATION_NAMES_MAX * REVOCATION_NAME_SIZE,
    REVOCATION_SIZE_MAX = 1 + IDENTITY_MAX + 8 + ECCSI_SIGNATURE_SIZE + REVOCATION_SAID_MAX,
    REVOCATION_TEXT_MAX = 2048 /* octets of its text */
};

/* The key of the record that keeps the list in a handset's or a manager's store. */
#define REVOCATION_RECORD_KEY "list"

struct revocation {
    char kms[IDENTITY_SIZE];
    uint64_t number;   /* from 1 up to INT64_MAX */
    int64_t issued_ms; /* since 1970 UTC, by the KMS's clock */
    uint8_t salt[REVOCATION_SALT_SIZE];
    size_t count;
    uint8_t names[REVOCATION_NAMES_MAX][REVOCATION_NAME_SIZE];
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
};

/* An empty list with a fresh salt. STATUS_LIBRARY_FAILED without randomness. */
MUST_CHECK enum status revocation_begin(struct revocation *list, const char *kms, uint64_t number,
                                        int64_t issued_ms, const struct entropy *entropy);

/* Names one more identity; one that is named already changes nothing. STATUS_TOO_LONG for more than
 * REVOCATION_NAMES_MAX. */
MUST_CHECK enum status revocation_add(struct revocation *list, const char *identity);

/* Takes the names of `other` over, with its salt, into a list that names nobody yet: of them the
 * identities are not known. */
void revocation_carry(struct revocation *list, const struct revocation *other);

/* Names that identity no more, if it did. The signature then holds no longer. */
void revocation_remove(struct revocation *list, const char *identity);

/* Signs with `key`, the KMS's for statements, once all are named. Errors of statement_sign. */
MUST_CHECK enum status revocation_sign(struct revocation *list, const struct provider *provider,
                                       const struct signing_key *key,
                                       const struct entropy *entropy);

/* Is it the word of the KMS of `domain`? STATUS_SIGNATURE_INVALID; errors of statement_verify. */
MUST_CHECK enum status revocation_verify(const struct revocation *list,
                                         const struct provider *provider,
                                         const struct domain_key *domain);

/* Does it name that identity? */
bool revocation_names(const struct revocation *list, const char *identity);

/* Codec, writer and reader side by side. What is read has the right form and no more:
 * STATUS_TRUNCATED, STATUS_MALFORMED, STATUS_TOO_LONG, errors of kms_uri_check. */
void revocation_write(struct writer *out, const struct revocation *list);
MUST_CHECK enum status revocation_read(struct span octets, struct revocation *list);

/* The same as text armour (text/armour.h), at most REVOCATION_TEXT_MAX octets, and out of a text
 * that came in any way: STATUS_NOT_FOUND when there is no list in it, errors of armour_write,
 * armour_read and revocation_read. */
MUST_CHECK enum status revocation_write_text(struct writer *out, const struct revocation *list);
MUST_CHECK enum status revocation_read_text(struct span text, struct revocation *list);

#endif
