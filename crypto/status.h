/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one result type of crypto/ and app/: each value names the check that failed, so that a log
 * line or a test can say why a message was refused. No value depends on the value of a secret.
 */
#ifndef MUSTER_CRYPTO_STATUS_H
#define MUSTER_CRYPTO_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum status {
    STATUS_OK = 0,

    /* The machine. */
    STATUS_NO_MEMORY,
    STATUS_LIBRARY_FAILED, /* a library reported an unexpected failure */
    STATUS_UNSUPPORTED,    /* a version, algorithm or option that this program does not support */

    /* Octets that came from outside. */
    STATUS_TRUNCATED, /* the input ends before a field does */
    STATUS_MALFORMED, /* a field holds a value that the format does not allow */
    STATUS_TOO_LONG,  /* more than the stated limit, or than the room given */

    /* Identities, keys and points. */
    STATUS_IDENTITY_INVALID,      /* not a URI of a kind we take, or not canonical */
    STATUS_POINT_INVALID,         /* off the curve, at infinity, or outside the subgroup */
    STATUS_KEY_INVALID,           /* key material does not belong to its identifier and domain */
    STATUS_DOMAIN_UNKNOWN,        /* no parameters held for the KMS that the message names */
    STATUS_NOT_ADDRESSED_TO_US,   /* the message names another receiver */
    STATUS_SIGNATURE_INVALID,     /* ECCSI verification failed (RFC 6507 5.2.2) */
    STATUS_REVOKED,               /* the KMS has revoked the identity (identity/revocation.h) */
    STATUS_LOST,                  /* this officer reported it lost (identity/lost.h) */
    STATUS_MONTH_ENDED,           /* signed with the identity's keys of a month that is over */
    STATUS_MONTH_NOT_YET,         /* signed with those of a month that has not begun */
    STATUS_MONTH_NOT_HELD,        /* encapsulated to keys of a month that are not held */
    STATUS_MONTHS_DIFFER,         /* signed in one month, encapsulated to keys of another */
    STATUS_ENCAPSULATION_INVALID, /* SAKKE's check of R failed (RFC 6508 6.2.2) */
    STATUS_MAC_INVALID,           /* a MIKEY MAC, SRTP tag or sealed record did not verify */
    STATUS_SHARE_INVALID,         /* an ephemeral share is missing, or of small order */
    STATUS_RECOVERY_MISSING,      /* the domain's recovery is on, and its authority is kept out */
    STATUS_RECOVERY_NOT_ALLOWED,  /* it is off, and the authority is let in */

    /* Groups, their keys and time. */
    STATUS_GMK_UNKNOWN,          /* no GMK held under that GMK id */
    STATUS_GMK_NOT_YET,          /* before the GMK's period of use */
    STATUS_GMK_EXPIRED,          /* after the GMK's period of use */
    STATUS_GMK_HOUR_OVER,        /* of an hour whose key is destroyed (gmk_hour.h) */
    STATUS_NOT_A_MEMBER,         /* the identity is not in the group's member list */
    STATUS_REPLAYED,             /* acted on already */
    STATUS_TIME_OUT_OF_RANGE,    /* timestamp outside the tolerance */
    STATUS_TOO_OLD,              /* dated longer ago than anything waits */
    STATUS_DATED_AHEAD,          /* dated, or to begin, further ahead than clocks may differ */
    STATUS_KEY_ID_WRONG_SPACE,   /* key id outside the range of its kind (6.X.3.3.3.3 note) */
    STATUS_GROUP_IDENTITY_WRONG, /* group identity not one that this sender may create or rekey */
    STATUS_MANAGER_UNCERTIFIED,  /* no manager that the KMS certified says so (identity/epoch.h) */
    STATUS_TERM_OVER,            /* a manager says so whom another one has followed */
    STATUS_EXCLUSION_UNKNOWN,    /* its manager does not know whom another one has excluded */
    STATUS_PERIOD_TOO_LONG,      /* period of use over the maximum key period */
    STATUS_SESSION_UNKNOWN,      /* media of a talk session that was never announced */
    STATUS_RATE_LIMITED,         /* its source has used up its checks for now */

    /* What the officer or a script asked for. */
    STATUS_NOT_FOUND,
    STATUS_ALREADY_DONE,
    STATUS_NOT_ALLOWED,
    STATUS_BUSY,
    STATUS_INTERRUPTED, /* by a signal */

    /* Files and the store. */
    STATUS_IO_FAILED,
    STATUS_NO_SPACE,
    STATUS_READ_ONLY,
    STATUS_FILE_GONE, /* it was there, and is not any more */
    STATUS_WRONG_PASSPHRASE,
    STATUS_SEAL_BROKEN,     /* sealed octets were changed, moved, or made for another key */
    STATUS_NEWER_VERSION,   /* written by a later version of Muster */
    STATUS_WRONG_RECIPIENT, /* a bundle for another handset */

    /* The machine's TPM. */
    STATUS_TPM_MISSING,
    STATUS_TPM_FAILED,      /* it does not answer, or refuses */
    STATUS_BOUND_ELSEWHERE, /* another TPM sealed it, or this one before it was cleared */

    STATUS_COUNT
};

/* What a status means, as a short English phrase in lower case ("signature does not verify"): for
 * the lines on standard error and the programs that speak English alone. The handset's screens have
 * the words of ui/words/check.h. Never NULL, also for values out of range. */
const char *status_text(enum status status);

/* The name of a status for machines ("signature-invalid"): events and logs name the check that
 * failed by it. It is in static storage and never changes. Never NULL, also for values out of
 * range. */
const char *status_name(enum status status);

#endif
