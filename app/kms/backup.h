/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Backups of a domain: everything that its store holds, in one file (store/archive.h) that needs
 * the passphrase of that day and nothing else. The master secrets are in it, and the root's if it
 * was not moved out.
 *
 * The check value of a backup is that of its last record in the audit log, which says that it was
 * made. It names the whole log up to there, so a backup with an older or another log has another
 * one. The next backup's record repeats it.
 */
#ifndef MUSTER_APP_KMS_BACKUP_H
#define MUSTER_APP_KMS_BACKUP_H

#include "app/kms/audit.h"

/* A backup that was made. */
struct backup {
    uint64_t number; /* of its record; 0: there is none */
    int64_t utc_ms;
    uint8_t hash[AUDIT_HASH_SIZE]; /* of that record */
};

/* Writes a backup into a new file at `path`, sealed under `passphrase`, the domain's. It is in the
 * audit log before the file is there, and counts as the last one when it is there, durably. Errors
 * of archive_write, audit_append and store_apply; the log then tells of one that was not made. */
MUST_CHECK enum status kms_backup(struct kms *kms, const char *path, struct span passphrase,
                                  enum store_strength strength, int64_t now_ms,
                                  const struct entropy *entropy, struct backup *made,
                                  struct error *error);

/* The last one that was made. Errors of store_find. */
MUST_CHECK enum status kms_last_backup(struct kms *kms, struct backup *last, struct error *error);

/* Restores the domain in the file `backup` for the place `path`, where there must be no store and
 * no key file of one. It lies beside that place, and is not there yet, until kms_restore_finish:
 * what is done to it before is there together with it. What a killed program left is removed. The
 * domain is unsettled (continuity.h). *state is the backup's own record. STATUS_ALREADY_DONE for a
 * place that is taken, STATUS_NOT_FOUND also for a backup that holds no domain; errors of
 * archive_read, store_create and store_apply; then nothing has changed. */
MUST_CHECK enum status kms_restore(const char *path, const char *backup, struct span passphrase,
                                   enum store_strength strength, const struct provider *provider,
                                   int64_t now_ms, const struct entropy *entropy, struct kms **kms,
                                   struct audit_record *state, struct error *error);

/* Closes the domain that kms_restore made and puts it in its place, or only removes it. `path` is
 * the same. STATUS_ALREADY_DONE when something is there by now, STATUS_IO_FAILED; then it is
 * removed. */
MUST_CHECK enum status kms_restore_finish(struct kms *kms, const char *path, struct error *error);
void kms_restore_give_up(struct kms *kms, const char *path);

#endif
