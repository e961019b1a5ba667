/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/renewal.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/file.h"
#include "app/identity/month.h"
#include "app/kms/audit.h"
#include "app/kms/domain.h"
#include "app/kms/register.h"

#define DRAFT_NAME ".renewal.draft"

enum {
    BATCH = AUDIT_APPEND_MAX, /* bundles that are written between two commits */
    SLOTS = 4 * BATCH,        /* bundles that may be issued ahead of what is written */
    ISSUED_AT_ONCE = KMS_ISSUE_MAX,
    BUNDLES_A_THREAD = 8, /* fewer are not worth one more thread */
};

/* One bundle to make. */
struct item {
    struct enrolment_request request;
    int64_t month_ms; /* its first moment */
    int64_t max_key_period_ms;
    uint64_t after; /* as in struct kms_terms */
    struct group_list groups;
};

/* All of them, in the order of identities and months. */
struct list {
    const struct renewal_terms *terms;
    struct item *items;
    size_t count, room;
    size_t revoked;
    bool no_memory;
};

/* A bundle between the thread that issues it and the one that writes it. */
struct slot {
    bool is_ready;
    enum status status;
    struct error error;
    size_t length;
    uint8_t text[ENROLMENT_TEXT_MAX];
};

struct renewal {
    struct kms *kms;
    const struct renewal_terms *terms;
    const struct list *list;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t taken;   /* items that a thread issues or has issued */
    size_t written; /* items that are done; the slots of the next SLOTS ones are in use */
    bool stop;
    struct slot slots[SLOTS]; /* item n's is n modulo SLOTS */
};

/* --- Files ---------------------------------------------------------------------------------- */

void renewal_file_name(const char *identity, int64_t month_ms, char name[FILE_NAME_SIZE]) {
    char month[MONTH_TEXT_SIZE], ending[MONTH_TEXT_SIZE + sizeof ".bundle"];
    month_print(month_ms, month);
    snprintf(ending, sizeof ending, "%s.bundle", month);
    file_name_of_identity(identity, ending, name);
}

static enum status path_in(const char *folder, const char *name, char path[PATH_MAX],
                           struct error *error) {
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < PATH_MAX
               ? STATUS_OK
               : error_set(error, STATUS_IO_FAILED, "%.150s...: the path is too long", folder);
}

/* --- What is to be done --------------------------------------------------------------------- */

static void add_item(struct list *list, const struct register_entry *entry, int64_t month_ms,
                     uint64_t after) {
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : 2 * list->room;
        struct item *items = reallocarray(list->items, room, sizeof *items);
        list->no_memory = list->no_memory || items == NULL;
        if (items == NULL) {
            return;
        }
        list->items = items;
        list->room = room;
    }
    struct item *item = &list->items[list->count++];
    *item = (struct item){.month_ms = month_ms,
                          .max_key_period_ms = entry->max_key_period_ms,
                          .after = after,
                          .groups = entry->groups};
    memcpy(item->request.identity, entry->identity, sizeof item->request.identity);
    memcpy(item->request.display_name, entry->display_name, sizeof item->request.display_name);
    memcpy(item->request.device_key, entry->device_key, sizeof item->request.device_key);
}

/* The months that the entry lacks, of this one and the next. */
static void add_months(void *context, const struct register_entry *entry) {
    struct list *list = context;
    int64_t this_ms = month_start(list->terms->now_ms, 0);
    int64_t end_ms = month_start(list->terms->now_ms, 2);
    int64_t before_ms = list->terms->before_ms == 0 ? end_ms : list->terms->before_ms;
    int64_t until_ms = entry->until_ms;
    uint64_t after = entry->number;
    if (identity_is_me(entry->identity)) {
        return;
    }
    if (entry->revoked_ms != 0) {
        list->revoked += until_ms < before_ms;
        return;
    }
    while (until_ms < before_ms && until_ms < end_ms && !list->no_memory) {
        int64_t month_ms = until_ms > this_ms ? until_ms : this_ms;
        const struct kms_terms terms = {.now_ms = list->terms->now_ms, .after = after};
        add_item(list, entry, month_ms, after);
        after = kms_number(&terms);
        until_ms = month_start(month_ms, 1);
    }
}

/* --- Issuing -------------------------------------------------------------------------------- */

static struct kms_terms terms_of(const struct renewal *renewal, const struct item *item) {
    return (struct kms_terms){.now_ms = renewal->terms->now_ms,
                              .month_ms = item->month_ms,
                              .max_key_period_ms = item->max_key_period_ms,
                              .after = item->after,
                              .groups = &item->groups};
}

/* Issues the next `count` items from number `first` on into their slots. */
static void issue_some(struct renewal *renewal, size_t first, size_t count) {
    struct issue issues[KMS_ISSUE_MAX] = {{0}};
    struct kms_terms terms[KMS_ISSUE_MAX];
    struct writer bundles[KMS_ISSUE_MAX];
    struct error error = {0};
    for (size_t i = 0; i < count; i++) {
        const struct item *item = &renewal->list->items[first + i];
        struct slot *slot = &renewal->slots[(first + i) % SLOTS];
        terms[i] = terms_of(renewal, item);
        bundles[i] = writer_into(slot->text, sizeof slot->text);
        issues[i] = (struct issue){&item->request, &terms[i], &bundles[i]};
    }
    enum status status = kms_issue_each(renewal->kms, issues, count, &entropy_system, &error);
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = &renewal->slots[(first + i) % SLOTS];
        slot->status = status;
        slot->error = error;
        slot->length = bundles[i].length;
    }
}

/* How many items the next thread may take: as far as they have free slots. */
static size_t count_free(const struct renewal *renewal) {
    size_t end = renewal->written + SLOTS;
    size_t left = (end < renewal->list->count ? end : renewal->list->count) - renewal->taken;
    return left < ISSUED_AT_ONCE ? left : ISSUED_AT_ONCE;
}

static void *work(void *context) {
    struct renewal *renewal = context;
    pthread_mutex_lock(&renewal->lock);
    for (;;) {
        while (!renewal->stop && renewal->taken < renewal->list->count &&
               count_free(renewal) == 0) {
            pthread_cond_wait(&renewal->changed, &renewal->lock);
        }
        if (renewal->stop || renewal->taken == renewal->list->count) {
            break;
        }
        size_t first = renewal->taken, count = count_free(renewal);
        renewal->taken += count;
        pthread_mutex_unlock(&renewal->lock);
        issue_some(renewal, first, count);
        pthread_mutex_lock(&renewal->lock);
        for (size_t i = 0; i < count; i++) {
            renewal->slots[(first + i) % SLOTS].is_ready = true;
        }
        pthread_cond_broadcast(&renewal->changed);
    }
    pthread_mutex_unlock(&renewal->lock);
    return NULL;
}

/* --- Writing -------------------------------------------------------------------------------- */

static enum status keep_records(struct renewal *renewal, const struct item items[], size_t count,
                                struct error *error) {
    struct audit_record records[BATCH];
    for (size_t i = 0; i < count; i++) {
        char month[MONTH_TEXT_SIZE], fingerprint[FINGERPRINT_SIZE];
        month_print(items[i].month_ms, month);
        device_key_fingerprint(items[i].request.device_key, fingerprint);
        records[i] = (struct audit_record){.utc_ms = renewal->terms->now_ms, .action = AUDIT_RENEW};
        memcpy(records[i].identity, items[i].request.identity, sizeof records[i].identity);
        snprintf(records[i].detail, sizeof records[i].detail, "keys of %s for device key %s", month,
                 fingerprint);
    }
    struct batch *batch = batch_new();
    if (batch == NULL) {
        return kms_failure(renewal->kms, STATUS_NO_MEMORY, error);
    }
    enum status status = audit_append(renewal->kms, records, count, batch, error);
    if (status == STATUS_OK) {
        status = store_apply(renewal->kms->store, batch, error);
    }
    batch_free(batch);
    return status;
}

static enum status keep_entries(struct renewal *renewal, const struct item items[], size_t count,
                                struct error *error) {
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? kms_failure(renewal->kms, STATUS_NO_MEMORY, error) : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct register_entry entry;
        status = register_find(renewal->kms, items[i].request.identity, &entry, error);
        if (status != STATUS_OK) {
            break;
        }
        const struct kms_terms terms = terms_of(renewal, &items[i]);
        entry.until_ms = month_start(items[i].month_ms, 1);
        entry.number = kms_number(&terms);
        status = register_put(&entry, batch);
        if (status != STATUS_OK) {
            kms_failure(renewal->kms, status, error);
        }
    }
    if (status == STATUS_OK) {
        status = store_apply(renewal->kms->store, batch, error);
    }
    batch_free(batch);
    return status;
}

/* The slot of the n-th item that is not written yet. */
static struct slot *slot_of(struct renewal *renewal, size_t n) {
    return &renewal->slots[(renewal->written + n) % SLOTS];
}

/* The files of items[0..count), up to the first that fails. */
static enum status write_files(struct renewal *renewal, const struct item items[], size_t count,
                               size_t *done, struct error *error) {
    struct file_piece pieces[BATCH];
    char paths[BATCH][PATH_MAX], name[FILE_NAME_SIZE], draft[PATH_MAX];
    enum status status = path_in(renewal->terms->folder, DRAFT_NAME, draft, error);
    *done = 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        const struct slot *slot = slot_of(renewal, i);
        renewal_file_name(items[i].request.identity, items[i].month_ms, name);
        status = path_in(renewal->terms->folder, name, paths[i], error);
        pieces[i] = (struct file_piece){paths[i], {slot->text, slot->length}};
    }
    return status == STATUS_OK ? file_replace_each(draft, pieces, count, done, error) : status;
}

/* The register gets those whose files are written. */
static enum status write_bundles(struct renewal *renewal, const struct item items[], size_t count,
                                 size_t *done, struct error *error) {
    struct error second;
    enum status status = write_files(renewal, items, count, done, error);
    enum status kept = *done == 0 ? STATUS_OK : keep_entries(renewal, items, *done, &second);
    if (kept == STATUS_OK) {
        return status;
    }
    *done = 0;
    *error = second;
    return kept;
}

/* The slots of `done` items are free for the threads again. */
static void release_slots(struct renewal *renewal, size_t done) {
    pthread_mutex_lock(&renewal->lock);
    for (size_t i = 0; i < done; i++) {
        slot_of(renewal, i)->is_ready = false;
    }
    renewal->written += done;
    pthread_cond_broadcast(&renewal->changed);
    pthread_mutex_unlock(&renewal->lock);
}

/* Writes the next `count` bundles as far as they could be issued: the log, the files, the register.
 */
static enum status write_batch(struct renewal *renewal, size_t count, struct error *error) {
    const struct item *items = &renewal->list->items[renewal->written];
    size_t issued = 0, done = 0;
    while (issued < count && slot_of(renewal, issued)->status == STATUS_OK) {
        issued++;
    }
    enum status status = issued == 0 ? STATUS_OK : keep_records(renewal, items, issued, error);
    if (status == STATUS_OK) {
        status = write_bundles(renewal, items, issued, &done, error);
    }
    if (status == STATUS_OK && issued < count) {
        status = slot_of(renewal, issued)->status;
        *error = slot_of(renewal, issued)->error;
    }
    release_slots(renewal, done);
    return status;
}

/* Waits for the next batch to be issued; tells how many bundles it has. */
static size_t await_batch(struct renewal *renewal, renewal_progress_fn *on_progress,
                          void *context) {
    size_t left = renewal->list->count - renewal->written, count = left < BATCH ? left : BATCH;
    for (size_t i = 0; i < count; i++) {
        pthread_mutex_lock(&renewal->lock);
        while (!slot_of(renewal, i)->is_ready) {
            pthread_cond_wait(&renewal->changed, &renewal->lock);
        }
        pthread_mutex_unlock(&renewal->lock);
        on_progress(context, renewal->written + i + 1, renewal->list->count);
    }
    return count;
}

/* --- A run ---------------------------------------------------------------------------------- */

static enum status make_folder(const char *folder, struct error *error) {
    char draft[PATH_MAX];
    struct stat about;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return error_set(error, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO_FAILED,
                         "%.200s: the folder cannot be made: %s", folder, strerror(errno));
    }
    if (stat(folder, &about) != 0 || !S_ISDIR(about.st_mode)) {
        return error_set(error, STATUS_IO_FAILED, "%.200s: this is a file, not a folder", folder);
    }
    enum status status = path_in(folder, DRAFT_NAME, draft, error);
    if (status == STATUS_OK) {
        file_remove_drafts(draft); /* of a renewal that was killed */
    }
    return status;
}

static unsigned count_threads(const struct renewal_terms *terms, size_t bundles) {
    size_t most = (bundles + BUNDLES_A_THREAD - 1) / BUNDLES_A_THREAD;
    size_t threads = terms->threads < most ? terms->threads : most;
    return threads < RENEWAL_THREADS_MAX ? (unsigned)threads : RENEWAL_THREADS_MAX;
}

static enum status run_threads(struct renewal *renewal, renewal_progress_fn *on_progress,
                               void *context, struct error *error) {
    pthread_t threads[RENEWAL_THREADS_MAX];
    unsigned started = 0, wanted = count_threads(renewal->terms, renewal->list->count);
    while (started < wanted && pthread_create(&threads[started], NULL, work, renewal) == 0) {
        started++;
    }
    enum status status =
        started > 0 ? STATUS_OK
                    : error_set(error, STATUS_LIBRARY_FAILED,
                                "cannot start a thread; the limit on processes and threads "
                                "(ulimit -u) or on memory (ulimit -v) is reached");
    while (status == STATUS_OK && renewal->written < renewal->list->count) {
        size_t count = await_batch(renewal, on_progress, context);
        status = write_batch(renewal, count, error);
    }
    pthread_mutex_lock(&renewal->lock);
    renewal->stop = true;
    pthread_cond_broadcast(&renewal->changed);
    pthread_mutex_unlock(&renewal->lock);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    return status;
}

static enum status run_list(struct kms *kms, const struct list *list,
                            renewal_progress_fn *on_progress, void *context,
                            struct renewal_result *result, struct error *error) {
    struct renewal *renewal = calloc(1, sizeof *renewal);
    if (renewal == NULL) {
        return kms_failure(kms, STATUS_NO_MEMORY, error);
    }
    renewal->kms = kms;
    renewal->terms = list->terms;
    renewal->list = list;
    pthread_mutex_init(&renewal->lock, NULL);
    pthread_cond_init(&renewal->changed, NULL);
    enum status status = run_threads(renewal, on_progress, context, error);
    result->bundles = renewal->written;
    pthread_cond_destroy(&renewal->changed);
    pthread_mutex_destroy(&renewal->lock);
    free(renewal);
    return status;
}

enum status renewal_run(struct kms *kms, const struct renewal_terms *terms,
                        renewal_progress_fn *on_progress, void *context,
                        struct renewal_result *result, struct error *error) {
    struct list list = {.terms = terms};
    *result = (struct renewal_result){0};
    enum status status = make_folder(terms->folder, error);
    if (status == STATUS_OK) {
        status = register_list(kms, add_months, &list, error);
    }
    if (status == STATUS_OK && list.no_memory) {
        status = kms_failure(kms, STATUS_NO_MEMORY, error);
    }
    result->revoked = list.revoked;
    if (status == STATUS_OK && list.count > 0) {
        status = run_list(kms, &list, on_progress, context, result, error);
    }
    free(list.items);
    return status;
}
