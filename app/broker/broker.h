/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A domain's broker as its KMS knows it (NATS's decentralised authentication). The broker knows one
 * operator and his two accounts, and no handset: what a user may do follows from the name in a
 * token (JWT) that is signed with one of the signing keys of the users' account. A name is opaque
 * (app/topic.h).
 *
 *   handset NAME   says muster.group.*, muster.receipt.*.NAME; hears muster.group.*,
 *                  muster.mail.NAME.*; fetches from muster.mail.NAME.*
 *   manager NAME   the same, and says muster.mail.*.NAME; hears and fetches muster.receipt.NAME.*;
 *                  makes the stream
 *
 * The stream is in a separate account, which has no users and exports to them what they may do
 * there. The reason: a broker sends its answers wherever a request says, without the permissions of
 * the user who asked. If the stream were in the users' account, an answer sent to another member's
 * mailbox would be kept there in place of its key delivery. Across accounts an answer reaches only
 * those who are listening and is never kept.
 *
 * Identities that can be a group's (sip:) are managers of the topics with their own name; all
 * others are handsets. All keys are derived from one secret, so that the same identity is always
 * the same user.
 */
#ifndef MUSTER_APP_BROKER_BROKER_H
#define MUSTER_APP_BROKER_BROKER_H

#include "app/broker/access.h"

enum {
    BROKER_SECRET_SIZE = 32,
    BROKER_OCTETS_MAX = 1 + BROKER_SECRET_SIZE + 2 + ACCESS_SERVERS_MAX + 2 + ACCESS_CA_MAX,
    BROKER_CONFIGURATION_MAX = 16384
};

/* Holds a secret: allocate it with broker_new. */
struct broker {
    uint8_t secret[BROKER_SECRET_SIZE];
    char servers[ACCESS_SERVERS_MAX + 1];
    char ca[ACCESS_CA_MAX + 1];
};

/* Zeroed, in secret memory, or NULL; broker_free wipes, and takes NULL. */
struct broker *broker_new(void);
void broker_free(struct broker *broker);

/* Codec of the domain's record. STATUS_TRUNCATED, STATUS_MALFORMED, STATUS_NEWER_VERSION,
 * STATUS_TOO_LONG. */
MUST_CHECK enum status broker_write(const struct broker *broker, struct writer *out);
MUST_CHECK enum status broker_read(struct span octets, struct broker *broker);

/* Sets the CA certificates in `pem`, one of which has signed the broker's certificate. Only
 * certificates are taken, whatever else is in the text: every handset gets this. STATUS_MALFORMED
 * when there is none, STATUS_TOO_LONG for more than ACCESS_CA_MAX octets, STATUS_NO_MEMORY. */
MUST_CHECK enum status broker_set_ca(struct broker *broker, struct span pem);

/* Fills in the access of `identity`, whose name is made under `key`, from `now_ms` until `until_ms`
 * (since 1970 UTC). STATUS_LIBRARY_FAILED, STATUS_NO_MEMORY, STATUS_TOO_LONG. Changes nothing in
 * `broker`, so several threads may issue at the same time. */
MUST_CHECK enum status broker_issue(const struct broker *broker, const struct topic_key *key,
                                    const char *identity, int64_t now_ms, int64_t until_ms,
                                    struct access *access);

/* Appends the configuration for nats-server, at most BROKER_CONFIGURATION_MAX octets. It holds no
 * secret. Errors as above. */
MUST_CHECK enum status broker_configure(const struct broker *broker, int64_t now_ms,
                                        struct writer *out);

#endif
