/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recovery of a message under lawful authority, from the domain's secrets alone (the proposal's
 * natural lawful intercept): the KMS issues itself the receiver key of the message's responder,
 * opens the message with it, and wipes it. No handset takes part or notices; the safeguard is the
 * audit log (audit.h), which holds the authority's reference before anything is opened.
 *
 * A standard group's key delivery opens in every domain. What opens a D2D connection is not in its
 * message alone, but also in an ephemeral key of its initiator, which is encapsulated to the
 * domain's recovery identity where the domain has recovery on (a setting made by kms_init): the
 * KMS issues itself that identity's receiver key of the message's month as well, and nobody else
 * ever holds one. In a domain that has it off, no connection opens to anybody.
 */
#ifndef MUSTER_APP_KMS_RECOVERY_H
#define MUSTER_APP_KMS_RECOVERY_H

#include "app/kms/audit.h"
#include "crypto/connection_key.h"

#define RECOVERY_LABEL "MUSTER I_MESSAGE" /* of a message in text armour (app/text/armour.h) */

enum {
    RECOVERY_AUTHORITY_MAX = 120,
    RECOVERY_FILE_MAX = 256 * 1024 /* octets of a file with a message: a whole mail, or UTF-16 */
};

/* What is known of who signed the message. */
enum recovery_signature {
    RECOVERY_SIGNED,       /* it verifies for the initiator, an identity of this domain */
    RECOVERY_NOT_SIGNED,   /* it does not */
    RECOVERY_OTHER_DOMAIN, /* the initiator belongs to another domain, whose public keys are not
                              here */
};

/* A recovered message. Holds a secret: allocate it with recovery_new. */
struct recovery {
    struct i_message_fields fields;
    enum recovery_signature signature;
    uint8_t ssv[SSV_SIZE];
    bool is_connection;                    /* the SSV is a D2D connection's TGK; and then: */
    uint8_t ephemeral[EPHEMERAL_KEY_SIZE]; /* its initiator's ephemeral key (connection_key.h) */
    struct audit_record record;            /* what the audit log has of it */
};

/* A zeroed recovery in secret memory, or NULL. */
struct recovery *recovery_new(void);

/* Wipes and frees; NULL is allowed. */
void recovery_free(struct recovery *recovery);

/* Opens the I_MESSAGE in a file's `content`, binary, armoured as RECOVERY_LABEL, or in parts
 * (app/text/parts.h), under the authority of `authority`, a reference of 1 to
 * RECOVERY_AUTHORITY_MAX octets of plain text. The audit record is durable before the receiver key
 * is issued, so there is one even for a message that then does not open. *error begins with `name`,
 * the file's name as the person knows it.
 *
 * Without a record and without a trace: STATUS_NOT_ALLOWED for an invalid reference, and for a D2D
 * connection's message in a domain that has recovery off or that was made without it,
 * STATUS_TRUNCATED, STATUS_MALFORMED and the other errors of i_message_parse and armour_read,
 * STATUS_DOMAIN_UNKNOWN for a message to another domain, errors of audit_append and store_apply.
 * After the record: STATUS_ENCAPSULATION_INVALID and STATUS_POINT_INVALID for a message that is not
 * as it was sent, STATUS_NO_MEMORY, errors of the provider. *recovery then holds no secret. */
MUST_CHECK enum status recovery_run(struct kms *kms, const char *name, struct span content,
                                    const char *authority, int64_t now_ms,
                                    struct recovery *recovery, struct error *error);

#endif
