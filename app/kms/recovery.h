/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recovery of a message under lawful authority, without any handset (the proposal's natural lawful
 * intercept): the KMS issues itself the receiver key of the message's responder, opens the message
 * with it, and wipes it. No handset takes part or notices; the audit log (audit.h) holds the
 * authority's reference before anything is opened.
 *
 * A standard group's key delivery opens in every domain. What opens a D2D connection is not in its
 * message alone, but also in an ephemeral key of its initiator, which is encapsulated to the
 * domain's recovery identity where the domain has recovery on (a setting made by kms_init): the
 * KMS issues itself that identity's receiver key of the message's month as well, and nobody else
 * ever holds one. In a domain that has it off, no connection opens to anybody.
 *
 * Where recovery is split (half.h) that second key is issued with the authority's half and not with
 * the KMS's secrets, and nothing is opened without it. For a connection that is so by the keys
 * themselves. For a standard group's delivery it is this program's rule: who has the domain's file
 * and passphrase and another program can issue any receiver key.
 */
#ifndef MUSTER_APP_KMS_RECOVERY_H
#define MUSTER_APP_KMS_RECOVERY_H

#include "app/kms/half.h"
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

/* What is to be opened, and on whose word. */
struct recovery_order {
    const char *name;      /* of the file, as the person knows it */
    struct span content;   /* an I_MESSAGE: binary, armoured as RECOVERY_LABEL, or in parts
                              (app/text/parts.h) */
    const char *authority; /* its reference: 1 to RECOVERY_AUTHORITY_MAX octets of plain text */
    int64_t now_ms;
    struct half *half; /* the authority's; NULL where it did not bring one */
    bool other_log;    /* go on though the half saw another log */
};

/* Opens the message. The audit record is durable before a receiver key is issued, so there is one
 * even for a message that then does not open; and where there is a half, that has noted it too.
 * *error begins with the file's name where it is about the message.
 *
 * Without a record and without a trace: STATUS_NOT_ALLOWED for an invalid reference, and for a D2D
 * connection's message in a domain that has recovery off or that was made without it,
 * STATUS_TRUNCATED, STATUS_MALFORMED and the other errors of i_message_parse and armour_read,
 * STATUS_DOMAIN_UNKNOWN for a message to another domain, errors of half_check, half_check_log,
 * audit_append and store_apply. After the record: STATUS_ENCAPSULATION_INVALID and
 * STATUS_POINT_INVALID for a message that is not as it was sent, STATUS_NO_MEMORY, errors of
 * half_note and of the provider. *recovery then holds no secret. */
MUST_CHECK enum status recovery_run(struct kms *kms, const struct recovery_order *order,
                                    struct recovery *recovery, struct error *error);

#endif
