/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/file.h"
#include "app/identity/month.h"
#include "app/kms/backup.h"
#include "app/kms/domain.h"
#include "app/store/archive.h"
#include "app/store/attempts.h"
#include "app/store/key_file.h"
#include "crypto/secret.h"

/*
 * What is restored is made as a store of its own beside its place. Then its key file gets its name,
 * and last the store, so that there is a whole domain or none. Killed in between, the key file has
 * two names, and one of them is the draft's: that tells it from the key file of another store,
 * which nobody removes.
 */

enum {
    DRAFT_SIZE = PATH_MAX + 16,
    BATCHES = 8
};

static void draft_of(const char *path, char draft[DRAFT_SIZE]) {
    snprintf(draft, DRAFT_SIZE, "%.*s.restoring", PATH_MAX - 16, path);
}

/* --- The place ------------------------------------------------------------------------------ */

static bool is_there(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0;
}

/* Has it no other name? */
static bool is_alone(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0 && about.st_nlink == 1;
}

static bool is_same_file(const char *one, const char *other) {
    struct stat a, b;
    return lstat(one, &a) == 0 && lstat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* What a store that was being made is called before it has the draft's name. */
static void remove_strays(const char *draft) {
    char folder[DRAFT_SIZE];
    snprintf(folder, sizeof folder, "%s", draft);
    char *slash = strrchr(folder, '/');
    const char *name = slash == NULL ? draft : draft + (slash - folder) + 1;
    size_t length = strlen(name);
    snprintf(slash == NULL ? folder : slash + 1, 2, ".");
    DIR *open_folder = opendir(folder);
    struct dirent *entry;
    while (open_folder != NULL && (entry = readdir(open_folder)) != NULL) {
        if (strncmp(entry->d_name, name, length) == 0 && entry->d_name[length] == '.') {
            unlinkat(dirfd(open_folder), entry->d_name, 0);
        }
    }
    if (open_folder != NULL) {
        closedir(open_folder);
    }
}

/* The place is free, and nothing is left of a restoration that was killed. */
static enum status clear(const char *path, const char *draft, struct error *error) {
    char keys[KEY_FILE_PATH_SIZE], draft_keys[KEY_FILE_PATH_SIZE];
    enum status status = file_check_free(path, false, error);
    if (status != STATUS_OK) {
        return status;
    }
    key_file_path(path, keys);
    key_file_path(draft, draft_keys);
    if (is_alone(draft) && is_same_file(keys, draft_keys)) {
        unlink(keys);
    }
    if (is_there(keys)) {
        return error_set(error, STATUS_ALREADY_DONE,
                         "%.200s: the key file of another store is there, which is worth nothing "
                         "without it; give it back its store, or move both away",
                         keys);
    }
    if (!is_alone(draft)) {
        unlink(draft_keys); /* of one that has its place: both may be in use under other names */
        unlink(draft);
    }
    store_discard(draft);
    remove_strays(draft);
    return STATUS_OK;
}

static enum status cannot_place(const char *path, struct error *error) {
    return error_set(error, errno == EEXIST ? STATUS_ALREADY_DONE : STATUS_IO_FAILED,
                     "%.200s: the domain cannot be put there (%s)", path, strerror(errno));
}

static enum status place(const char *draft, const char *path, struct error *error) {
    char keys[KEY_FILE_PATH_SIZE], draft_keys[KEY_FILE_PATH_SIZE];
    key_file_path(path, keys);
    key_file_path(draft, draft_keys);
    if (link(draft_keys, keys) != 0) {
        return cannot_place(keys, error);
    }
    enum status status = file_publish(draft, path, false, error);
    if (is_there(path) && !is_there(draft)) {
        unlink(draft_keys);
    } else {
        unlink(keys);
    }
    return status;
}

/* --- The records ---------------------------------------------------------------------------- */

struct filling {
    struct store *store;
    struct batch *batches[BATCHES];
    size_t count;       /* of those that are begun */
    struct error error; /* of a change that failed */
};

static void empty(struct filling *filling) {
    for (size_t i = 0; i < filling->count; i++) {
        batch_free(filling->batches[i]);
    }
    filling->count = 0;
}

static enum status flush(struct filling *filling) {
    enum status status =
        filling->count == 0
            ? STATUS_OK
            : store_apply_all(filling->store, (const struct batch *const *)filling->batches,
                              filling->count, &filling->error);
    empty(filling);
    return status;
}

static enum status next_batch(struct filling *filling) {
    enum status status = filling->count == BATCHES ? flush(filling) : STATUS_OK;
    if (status != STATUS_OK) {
        return status;
    }
    filling->batches[filling->count] = batch_new();
    return filling->batches[filling->count++] == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status take_record(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    struct filling *filling = context;
    enum status status = STATUS_OK;
    if (filling->count == 0 || filling->batches[filling->count - 1]->count == BATCH_CHANGES_MAX) {
        status = next_batch(filling);
    }
    return status == STATUS_OK ? batch_put(filling->batches[filling->count - 1], kind, key, value)
                               : status;
}

static enum status fill(struct store *store, const char *backup, struct span passphrase,
                        struct error *error) {
    struct filling filling = {.store = store};
    enum status status = archive_read(backup, passphrase, take_record, &filling, error);
    if (status == STATUS_OK) {
        status = flush(&filling);
    }
    if (status != STATUS_OK && filling.error.status != STATUS_OK) {
        *error = filling.error;
    }
    empty(&filling);
    return status;
}

/* --- A restoration -------------------------------------------------------------------------- */

static enum status say(struct kms *kms, const char *path, const struct audit_record *state,
                       int64_t now_ms, struct error *error) {
    char detail[AUDIT_DETAIL_SIZE], value[AUDIT_CHECK_VALUE_SIZE], day[DAY_TEXT_SIZE];
    uint64_t known = continuity_known(path);
    const struct unsettled unsettled = {.noticed_ms = now_ms,
                                        .state_ms = state->utc_ms,
                                        .missing =
                                            known > state->number ? known - state->number : 0};
    audit_check_value(state->hash, value);
    day_print(state->utc_ms, day);
    snprintf(detail, sizeof detail, "from the backup of %s, record %" PRIu64 ", check value %s",
             day, state->number, value);
    return continuity_unsettle(kms, &unsettled, detail, error);
}

static enum status make(struct kms *kms, const char *path, const char *backup,
                        struct span passphrase, enum store_strength strength, int64_t now_ms,
                        const struct entropy *entropy, struct audit_record *state,
                        struct error *error) {
    char draft[DRAFT_SIZE];
    bool found;
    draft_of(path, draft);
    enum status status = store_create(draft, passphrase, strength, entropy, &kms->store, error);
    if (status == STATUS_OK) {
        status = fill(kms->store, backup, passphrase, error);
    }
    if (status == STATUS_OK) {
        status = kms_load(kms, backup, error);
    }
    if (status == STATUS_OK) {
        status = audit_last(kms, state, &found, error);
    }
    return status == STATUS_OK ? say(kms, path, state, now_ms, error) : status;
}

enum status kms_restore(const char *path, const char *backup, struct span passphrase,
                        enum store_strength strength, const struct provider *provider,
                        int64_t now_ms, const struct entropy *entropy, struct kms **kms,
                        struct audit_record *state, struct error *error) {
    char draft[DRAFT_SIZE];
    *kms = NULL;
    draft_of(path, draft);
    enum status status = clear(path, draft, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct kms *made = secret_object_new(sizeof *made);
    if (made == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    made->provider = provider;
    status = make(made, path, backup, passphrase, strength, now_ms, entropy, state, error);
    if (status != STATUS_OK) {
        kms_restore_give_up(made, path);
        return status;
    }
    *kms = made;
    return STATUS_OK;
}

void kms_restore_give_up(struct kms *kms, const char *path) {
    char draft[DRAFT_SIZE];
    draft_of(path, draft);
    kms_close(kms);
    store_discard(draft);
}

enum status kms_restore_finish(struct kms *kms, const char *path, struct error *error) {
    char draft[DRAFT_SIZE], attempts[ATTEMPTS_PATH_SIZE];
    draft_of(path, draft);
    kms_close(kms);
    enum status status = place(draft, path, error);
    if (status != STATUS_OK) {
        store_discard(draft);
        return status;
    }
    kms_forget_witness(path);
    attempts_path(draft, attempts);
    unlink(attempts);
    return STATUS_OK;
}
