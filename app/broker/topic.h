/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Topics: the names under which frames go through a broker (transport/transport.h), so that each
 * frame reaches those whom it is for and no others.
 *
 *   muster.group.GROUP             what is said in a standard group
 *   muster.adhoc.GROUP             what is said in an ad-hoc group
 *   muster.mail.MEMBER.GROUP       a member's key delivery of a group; the newest is kept
 *   muster.mail.MEMBER.kms         a bundle of the KMS's for it; likewise
 *   muster.mail.list.GROUP         the list of the revoked, for the group's members; likewise
 *   muster.receipt.GROUP.MEMBER    the member's receipt for it; the newest is kept
 *   muster.state.GROUP             what the group's managers share (app/manager/group_state.h)
 *
 * The names are opaque: each is a keyed hash of an identity, under a key made from the domain's
 * public parameters. Every handset of the domain can tell the name of an identity that it knows; a
 * broker, which has no part in the domain, cannot, although it could try every telephone number.
 */
#ifndef MUSTER_APP_BROKER_TOPIC_H
#define MUSTER_APP_BROKER_TOPIC_H

#include "app/identity/credential.h"

enum {
    TOPIC_KEY_SIZE = 32,
    TOPIC_NAME_SIZE = 2 * 16 + 1, /* hex digits and a terminating 0 */
    TOPIC_SIZE = 120              /* a topic, terminated */
};

/* The key under which one domain's names are made. */
struct topic_key {
    uint8_t octets[TOPIC_KEY_SIZE];
};

/* The key of the credential's domain. */
void topic_key_of(const struct credential *credential, struct topic_key *key);

/* The opaque name of an identity or a group identity: 32 hex digits. */
void topic_name(const struct topic_key *key, const char *identity, char out[TOPIC_NAME_SIZE]);

/* The topics above. For listening, a NULL `group` stands for a mailbox of any group, a NULL
 * `member` for receipts of any member. */
void topic_group(const struct topic_key *key, const char *group, char out[TOPIC_SIZE]);
void topic_mailbox(const struct topic_key *key, const char *member, const char *group,
                   char out[TOPIC_SIZE]);
void topic_revoked(const struct topic_key *key, const char *group, char out[TOPIC_SIZE]);
void topic_receipt(const struct topic_key *key, const char *group, const char *member,
                   char out[TOPIC_SIZE]);
void topic_state(const struct topic_key *key, const char *group, char out[TOPIC_SIZE]);

/* That of the bundle for whoever has this opaque name. */
void topic_renewal(const char name[TOPIC_NAME_SIZE], char out[TOPIC_SIZE]);

#endif
