/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rights: what may be published and heard at a domain's broker, by whom, and how much. The server's
 * permissions are made from this table (broker.h), and what is not in it is forbidden. The streams'
 * limits are those below; their subjects, and that they keep one message under each, stand in
 * transport/nats_store.c as well.
 *
 * In a subject, {{name()}} stands for the opaque name (topic.h) of whoever it is about, and
 * {{tag(g)}} for that of each group in the user's bundle.
 */
#ifndef MUSTER_APP_BROKER_RIGHTS_H
#define MUSTER_APP_BROKER_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RIGHTS_STREAM "MUSTER"
#define RIGHTS_STATES "MUSTER_STATE" /* the stream with what managers of a group share */

/* Who comes to a broker. A bit each, so that a row can have several. */
enum rights_role {
    RIGHTS_HANDSET = 1 << 0,
    RIGHTS_MANAGER = 1 << 1,  /* of the group whose opaque name is its own */
    RIGHTS_OPERATOR = 1 << 2, /* makes the streams, and puts renewals into mailboxes */
    RIGHTS_FETCHER = 1 << 3 /* a handset that did not come for its renewal: of a handset's rights it
                             * has those to what is kept, and takes part in no talk */
};

enum {
    RIGHTS_ROLES = 4,

    /* How much. Of a message that is not kept, and of one that is, in octets: */
    RIGHTS_MESSAGE_MAX = 16 * 1024,
    RIGHTS_KEPT_MESSAGE_MAX = 15 * 1024, /* a bundle with access and the CA in it */
    RIGHTS_LISTENING_MAX = 256           /* subjects that one user listens to at a time */
};

/* What the stream keeps altogether, in octets, and for how long: at least as long as a delivery
 * counts (KEYRING_HORIZON_MS). When it is full nothing is pushed out: what is new is refused. */
#define RIGHTS_KEPT_OCTETS (INT64_C(512) * 1024 * 1024)
#define RIGHTS_KEPT_MS     (INT64_C(8) * 24 * 3600 * 1000)

/* What groups' states take altogether, which are kept for good: each RIGHTS_MESSAGE_MAX at most. */
#define RIGHTS_STATES_OCTETS (INT64_C(64) * 1024 * 1024)

struct right {
    const char *subject;
    unsigned says, hears; /* who, as bits of enum rights_role */

    /* A subject of the account that has the stream, as users of any name call it (with * for each
     * name), and its name in that account; NULL for what is between users. */
    const char *kept, *kept_as;
};

/* The i-th row, or NULL after the last. */
const struct right *rights_row(size_t i);

/* The name of a role in the server's configuration, from which its keys are derived too, such as
 * "handset". */
const char *rights_role_name(enum rights_role role);

#endif
