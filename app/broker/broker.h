/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A domain's broker as its KMS knows it (NATS's decentralised authentication). The broker knows one
 * operator and his two accounts, and no handset: what a user may do follows from the name in a
 * token (JWT) that is signed with one of the signing keys of the users' account. A name is opaque
 * (app/broker/topic.h).
 *
 * What each role may say, hear and have kept is one table: rights.h.
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
#include "app/broker/rights.h"

enum {
    BROKER_SECRET_SIZE = 32,
    BROKER_OCTETS_MAX = 1 + BROKER_SECRET_SIZE + 2 + ACCESS_SERVERS_MAX + 2 + ACCESS_CA_MAX,
    BROKER_REVOKED_MAX = 1000, /* identities that a configuration shuts out */
    BROKER_CONFIGURATION_MAX = 16384 + 112 * BROKER_REVOKED_MAX
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

/* What an access is issued for. */
struct broker_terms {
    int64_t now_ms, until_ms;        /* from and until, since 1970 UTC */
    const struct group_list *groups; /* the standard groups in the user's bundle; NULL: none */
    int64_t fetch_until_ms; /* until when a handset still fetches what is kept, if after until_ms */
};

/* Fills in the access of `identity`, whose name is made under `key`. STATUS_LIBRARY_FAILED,
 * STATUS_NO_MEMORY, STATUS_TOO_LONG. Changes nothing in `broker`, so several threads may issue at
 * the same time. */
MUST_CHECK enum status broker_issue(const struct broker *broker, const struct topic_key *key,
                                    const char *identity, const struct broker_terms *terms,
                                    struct access *access);

/* Fills in the access of the broker's operator, who makes the stream; it lasts a year. Errors of
 * broker_issue. */
MUST_CHECK enum status broker_issue_operator(const struct broker *broker, int64_t now_ms,
                                             struct access *access);

/* Whom a broker lets in no more, whatever access they hold. */
struct broker_revoked {
    size_t count;
    char identities[BROKER_REVOKED_MAX][IDENTITY_SIZE];
};

/* Appends the configuration for nats-server, at most BROKER_CONFIGURATION_MAX octets. It holds no
 * secret. A server that reloads it cuts off those in `revoked` (NULL: nobody) and leaves everybody
 * else connected. Errors as above. */
MUST_CHECK enum status broker_configure(const struct broker *broker,
                                        const struct broker_revoked *revoked, int64_t now_ms,
                                        struct writer *out);

#endif
