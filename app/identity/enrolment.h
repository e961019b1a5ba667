/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enrolment: how a handset gets its credential from a KMS, by two files that can be carried in any
 * way (6.X.3.3.3.2: "securely provisioned"; 6.X.3.3.3.4 for MEs).
 *
 *   1. The handset draws a device key, keeps it in its store (RECORD_DEVICE_KEY, key
 *      DEVICE_RECORD_KEY) and writes a request: the identity asked for and the device key's public
 *      half. It remembers what it asked for (requests.h).
 *   2. The KMS (app/kms/kms.h) checks who asks - by procedure: the officer reads out the device
 *      key's fingerprint - and writes a bundle (bundle.h): in the clear the identity that it is
 *      for; then, sealed to the device key, the credential and the KMS's signed word for what the
 *      bundle gives.
 *   3. The handset opens the bundle and checks that word. Before the first one is taken its officer
 *      compares the domain's fingerprint (credential_fingerprint) with the KMS's - anybody can make
 *      a domain; keys of another one replace those held only when the officer says so. It keeps the
 *      credential in its store (RECORD_CREDENTIAL) in one batch.
 *
 * Both files are text armour (app/text/armour.h). Errors are one line for a person in *error, which
 * begins with `name`, the file's name as the person knows it.
 */
#ifndef MUSTER_APP_IDENTITY_ENROLMENT_H
#define MUSTER_APP_IDENTITY_ENROLMENT_H

#include "app/error.h"
#include "app/identity/credential.h"
#include "app/store/batch.h"
#include "app/text/armour.h"
#include "crypto/seal.h"

#define DEVICE_RECORD_KEY "device"

enum {
    DEVICE_KEY_SIZE = SEAL_BOX_KEY_SIZE,
    ENROLMENT_TEXT_MAX =
        2 * ARMOUR_TEXT_MAX + 2048, /* octets of a request or bundle, which may
                                     * also hold access to the broker (app/broker/)
                                     * and the list of the revoked (revocation.h) */
    ENROLMENT_FILE_MAX = 256 * 1024 /* octets of a file that holds one: a whole mail, UTF-16 */
};

/* The key pair of a handset that bundles are sealed to. Holds a secret: allocate it with
 * device_key_new. */
struct device_key {
    uint8_t public_key[DEVICE_KEY_SIZE];
    uint8_t private_key[DEVICE_KEY_SIZE];
};

/* A fresh device key drawn from `entropy`, in secret memory. STATUS_NO_MEMORY,
 * STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status device_key_new(const struct entropy *entropy, struct device_key **key);

/* The device key in the value of a RECORD_DEVICE_KEY record. STATUS_NO_MEMORY, STATUS_TRUNCATED,
 * STATUS_MALFORMED, STATUS_NEWER_VERSION. */
MUST_CHECK enum status device_key_read(struct span value, struct device_key **key);

/* Adds the device key to `batch` as the store's RECORD_DEVICE_KEY. Errors of batch_put. */
MUST_CHECK enum status device_key_put(const struct device_key *key, struct batch *batch);

/* Wipes and frees; NULL is allowed. */
void device_key_free(struct device_key *key);

/* The fingerprint of a device key that people compare: 8 groups of 4 hex digits. */
void device_key_fingerprint(const uint8_t public_key[DEVICE_KEY_SIZE], char out[FINGERPRINT_SIZE]);

/* What a handset asks for. */
struct enrolment_request {
    char identity[IDENTITY_SIZE];
    char display_name[DISPLAY_NAME_SIZE]; /* may be empty */
    uint8_t device_key[DEVICE_KEY_SIZE];  /* the public half */
};

/* Appends the request as text (at most ENROLMENT_TEXT_MAX octets) to `out`. STATUS_TOO_LONG,
 * STATUS_MALFORMED for an invalid display name, errors of identity_check. */
MUST_CHECK enum status enrolment_request_write(const struct enrolment_request *request,
                                               struct writer *out);

/* Reads a request from a file's `text`, or from what a camera has decoded of the codes on the
 * handset's screen (armour_read_bare). STATUS_TRUNCATED, STATUS_MALFORMED (also when damaged on
 * the way: it carries a checksum), STATUS_NEWER_VERSION, STATUS_IDENTITY_INVALID, STATUS_TOO_LONG;
 * *request is then zeroed. */
MUST_CHECK enum status enrolment_request_read(const char *name, struct span text,
                                              struct enrolment_request *request,
                                              struct error *error);

/* The hash by which a bundle says which request it answers: of identity, name and device key, so
 * that the same request made again has the same one. STATUS_TOO_LONG, STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status enrolment_request_hash(const struct enrolment_request *request,
                                              uint8_t hash[SEAL_HASH_SIZE]);

/* Sets *error to what a person reads about a request or bundle (`what`) in the file `name` that
 * cannot be read, and returns `status`. */
enum status enrolment_unreadable(const char *name, const char *what, enum status status,
                                 struct error *error);

#endif
