/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is the domain's file in its newest state? After an older one was put back, by `restore` or by
 * hand, whoever was revoked since is revoked no longer in it, and nothing in it tells who that was.
 * So the domain is unsettled then: it issues no keys and no list of the revoked until somebody
 * gives the newest list there is, from a broker's or a handset's hands, or says that nobody was
 * revoked since. That is durable, and in the audit log.
 *
 * What was put back by hand is noticed by a witness: a file beside the domain's, under its name
 * with "-witness", that says how long the audit log is and its last hash. It holds no secret and
 * proves nothing: where it is put back together with the domain's file, or removed, nothing is
 * noticed. The check values of backups (audit.h), kept on paper, tell it then.
 */
#ifndef MUSTER_APP_KMS_CONTINUITY_H
#define MUSTER_APP_KMS_CONTINUITY_H

#include "app/identity/revocation.h"
#include "app/kms/kms.h"

/* That an older state is in place. */
struct unsettled {
    bool is_set;
    bool by_hand;       /* no command did it */
    int64_t noticed_ms; /* since 1970 UTC */
    int64_t state_ms;   /* when the last thing that it knows of was done */
    uint64_t missing;   /* so many records of the log are known to be missing; 0: it is not known */
};

/* Of the domain, as long as it is open. */
const struct unsettled *kms_unsettled(const struct kms *kms);

/* STATUS_NOT_ALLOWED, with what to do, of a domain that is unsettled. */
MUST_CHECK enum status kms_check_settled(const struct kms *kms, struct error *error);

/* Compares the file with its witness, once it is open: one that is older, or has another log, is
 * unsettled from now on. When the kms is closed the witness says what the file is then; one that
 * cannot be written says what it said before. Errors of store_find, audit_append and store_apply.
 */
MUST_CHECK enum status kms_watch(struct kms *kms, int64_t now_ms, struct error *error);

/* Removes the witness of what is not at `path` any more, before another domain is made there. */
void kms_forget_witness(const char *path);

/* How a domain was settled. */
struct settlement {
    size_t named;   /* on the list */
    size_t revoked; /* of these, in the register and revoked from now on */
    size_t unknown; /* of these, not in the register: each later list names them, and nobody of them
                       is enrolled */
};

/* Settles it with `list`, the newest list of the revoked, or with the word that nobody was revoked
 * since (NULL). Whom the register has as revoked stays so; the next list's number is greater. A
 * list is taken of a domain that is settled as well. STATUS_ALREADY_DONE without a list when there
 * is nothing to settle, STATUS_DOMAIN_UNKNOWN for the list of another domain, STATUS_NOT_ALLOWED
 * for one that is older than what the file knows of, and for a clock that is behind the log or the
 * list; errors of revocation_verify, register_list, audit_append and store_apply. Then nothing has
 * changed. */
MUST_CHECK enum status kms_settle(struct kms *kms, const struct revocation *list, int64_t now_ms,
                                  struct settlement *settlement, struct error *error);

/* --- For the files of app/kms/ -------------------------------------------------------------- */

/* Reads from the store of a domain that is being opened what it has of this. Errors of store_find.
 */
MUST_CHECK enum status continuity_load(struct kms *kms, struct error *error);

/* How many records the log of the domain that was at `path` had, by its witness; 0: it says
 * nothing. */
uint64_t continuity_known(const char *path);

/* Has the witness say what the domain is now, if it is watched (kms_watch). */
void continuity_note(struct kms *kms);

/* Adds to `batch` that it is settled, and whom each later list names beside those of the register
 * (NULL: whom it did before). Errors of batch_put. */
MUST_CHECK enum status continuity_put_settled(const struct revocation *carried,
                                              struct batch *batch);

/* Makes durable that it is unsettled, with `detail` in the audit log. Errors of audit_append and
 * store_apply. */
MUST_CHECK enum status continuity_unsettle(struct kms *kms, const struct unsettled *unsettled,
                                           const char *detail, struct error *error);

#endif
