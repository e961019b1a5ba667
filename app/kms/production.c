/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/production.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/file.h"
#include "app/kms/domain.h"
#include "app/kms/revoked_list.h"
#include "app/kms/turns.h"

enum {
    PARTS = 4,                        /* batches of the store that are applied together */
    BATCH = PARTS * AUDIT_APPEND_MAX, /* bundles that are written between two commits */
    SLOTS = 2 * BATCH,                /* bundles that may be issued ahead of what is written */
    ISSUED_AT_ONCE = KMS_ISSUE_MAX,
    BUNDLES_A_THREAD = 8, /* fewer are not worth one more thread */
};

_Static_assert((int)BATCH <= (int)FILE_PIECES_MAX, "a batch is made durable in one go");

/* A bundle between the thread that issues it and the one that writes it. */
struct slot {
    bool is_ready;
    enum status status;
    struct error error;
    size_t length;
    uint8_t text[ENROLMENT_TEXT_MAX];
};

/* Those of the next products that may be written now. */
struct selection {
    size_t count;
    size_t products[BATCH];
    struct register_entry entries[BATCH]; /* as they will be */
};

struct run {
    struct kms *kms;
    const struct production *production;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t taken;   /* products that a thread issues or has issued */
    size_t written; /* products that are done; the slots of the next SLOTS ones are in use */
    size_t made;
    bool stop;
    struct slot slots[SLOTS]; /* product n's is n modulo SLOTS */
    struct selection selection;
    struct audit_head head; /* where the log ended when the list was looked at, or written after */
    uint64_t list_number;   /* of the list of the revoked that each bundle gets; 0: none */
    size_t list_length;
    uint8_t list[REVOCATION_TEXT_MAX]; /* as text */
    struct file_piece pieces[BATCH];
    char paths[BATCH][PATH_MAX];
};

/* --- Files ---------------------------------------------------------------------------------- */

static enum status path_in(const char *folder, const char *name, char path[PATH_MAX],
                           struct error *error) {
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < PATH_MAX
               ? STATUS_OK
               : error_set(error, STATUS_IO_FAILED, "%.150s...: the path is too long", folder);
}

enum status production_prepare(const char *folder, const char *draft, struct error *error) {
    char path[PATH_MAX];
    struct stat about;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return error_set(error, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO_FAILED,
                         "%.200s: the folder cannot be made: %s", folder, strerror(errno));
    }
    if (stat(folder, &about) != 0 || !S_ISDIR(about.st_mode)) {
        return error_set(error, STATUS_IO_FAILED, "%.200s: this is a file, not a folder", folder);
    }
    enum status status = path_in(folder, draft, path, error);
    if (status == STATUS_OK) {
        file_remove_drafts(path);
    }
    return status;
}

/* --- Issuing -------------------------------------------------------------------------------- */

static struct kms_terms terms_of(const struct production *production,
                                 const struct product *product) {
    return (struct kms_terms){.now_ms = production->now_ms,
                              .month_ms = product->month_ms,
                              .max_key_period_ms = product->max_key_period_ms,
                              .after = product->after,
                              .term = product->term,
                              .groups = product->groups};
}

/* Issues the next `count` products from number `first` on into their slots. */
static void issue_some(struct run *run, size_t first, size_t count) {
    struct kms_issue issues[KMS_ISSUE_MAX] = {{0}};
    struct kms_terms terms[KMS_ISSUE_MAX];
    struct writer bundles[KMS_ISSUE_MAX];
    struct error error = {0};
    for (size_t i = 0; i < count; i++) {
        const struct product *product = &run->production->products[first + i];
        struct slot *slot = &run->slots[(first + i) % SLOTS];
        terms[i] = terms_of(run->production, product);
        bundles[i] = writer_into(slot->text, sizeof slot->text);
        issues[i] = (struct kms_issue){&product->request, &terms[i], &bundles[i]};
    }
    enum status status = kms_issue_each(run->kms, issues, count, &entropy_system, &error);
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = &run->slots[(first + i) % SLOTS];
        slot->status = status;
        slot->error = error;
        slot->length = bundles[i].length;
    }
}

/* How many products the next thread may take: as far as they have free slots. */
static size_t count_free(const struct run *run) {
    size_t end = run->written + SLOTS, count = run->production->count;
    size_t left = (end < count ? end : count) - run->taken;
    return left < ISSUED_AT_ONCE ? left : ISSUED_AT_ONCE;
}

static void *work(void *context) {
    struct run *run = context;
    pthread_mutex_lock(&run->lock);
    for (;;) {
        while (!run->stop && run->taken < run->production->count && count_free(run) == 0) {
            pthread_cond_wait(&run->changed, &run->lock);
        }
        if (run->stop || run->taken == run->production->count) {
            break;
        }
        size_t first = run->taken, count = count_free(run);
        run->taken += count;
        pthread_mutex_unlock(&run->lock);
        issue_some(run, first, count);
        pthread_mutex_lock(&run->lock);
        for (size_t i = 0; i < count; i++) {
            run->slots[(first + i) % SLOTS].is_ready = true;
        }
        pthread_cond_broadcast(&run->changed);
    }
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

/* --- What may be written -------------------------------------------------------------------- */

/* The entry of the product's identity: of the selection, if it has one already. */
static enum status find_entry(struct run *run, const struct product *product,
                              struct register_entry *entry, struct error *error) {
    const struct selection *selection = &run->selection;
    for (size_t i = selection->count; i-- > 0;) {
        if (strcmp(selection->entries[i].identity, product->request.identity) == 0) {
            *entry = selection->entries[i];
            return STATUS_OK;
        }
    }
    enum status status = register_find(run->kms, product->request.identity, entry, error);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void tell(const struct production *production, size_t product,
                 enum product_outcome outcome) {
    if (production->on_outcome != NULL) {
        production->on_outcome(production->context, product, outcome);
    }
}

/* Of the next `count` products, those that the register still lets be made. */
static enum status select_products(struct run *run, size_t count, struct error *error) {
    const struct production *production = run->production;
    struct selection *selection = &run->selection;
    selection->count = 0;
    for (size_t n = run->written; n < run->written + count; n++) {
        const struct product *product = &production->products[n];
        struct register_entry *entry = &selection->entries[selection->count];
        enum status status = find_entry(run, product, entry, error);
        if (status != STATUS_OK) {
            return status;
        }
        if (entry->revoked_ms != 0) {
            tell(production, n, PRODUCT_REVOKED);
        } else if (entry->number != product->after) {
            tell(production, n, PRODUCT_CHANGED);
        } else {
            production->enter(production, product, entry);
            const struct kms_terms terms = terms_of(production, product);
            entry->number = kms_number(&terms);
            entry->term = kms_term(&product->request, &terms);
            selection->products[selection->count++] = n;
        }
    }
    return STATUS_OK;
}

/* --- Writing -------------------------------------------------------------------------------- */

static void free_batches(struct batch *batches[PARTS]) {
    for (size_t i = 0; i < PARTS; i++) {
        batch_free(batches[i]);
    }
}

static bool make_batches(struct batch *batches[PARTS]) {
    bool all = true;
    for (size_t i = 0; i < PARTS; i++) {
        batches[i] = batch_new();
        all = all && batches[i] != NULL;
    }
    return all;
}

static enum status apply(struct run *run, enum status status, struct batch *batches[PARTS],
                         struct error *error) {
    if (status == STATUS_OK) {
        status =
            store_apply_all(run->kms->store, (const struct batch *const *)batches, PARTS, error);
    }
    free_batches(batches);
    return status;
}

static enum status keep_records(struct run *run, struct error *error) {
    const struct selection *selection = &run->selection;
    struct audit_record records[BATCH];
    for (size_t i = 0; i < selection->count; i++) {
        const struct product *product = &run->production->products[selection->products[i]];
        const struct kms_terms terms = terms_of(run->production, product);
        kms_fill_record(&records[i], run->production->action, &product->request, &terms);
    }
    struct batch *batches[PARTS];
    enum status status = STATUS_OK;
    if (!make_batches(batches)) {
        status = kms_failure(run->kms, STATUS_NO_MEMORY, error);
    } else {
        status = audit_append_all(run->kms, records, selection->count, batches, error);
    }
    return apply(run, status, batches, error);
}

static enum status write_list(struct run *run, const struct revocation *list, struct error *error) {
    struct writer w = writer_into(run->list, sizeof run->list);
    if (list->number == run->list_number) {
        return STATUS_OK;
    }
    enum status status = revocation_write_text(&w, list);
    run->list_number = list->number;
    run->list_length = w.length;
    return status == STATUS_OK ? STATUS_OK : kms_failure(run->kms, status, error);
}

static bool is_same_head(const struct audit_head *one, const struct audit_head *other) {
    return one->number == other->number && memcmp(one->hash, other->hash, sizeof one->hash) == 0;
}

/* Whoever revokes somebody meanwhile makes a newer list, unless he is killed in between: the log
 * shows that something was done, and then the register is looked through. */
static enum status look_at_list(struct run *run, struct error *error) {
    struct revocation list;
    struct audit_head head;
    enum status status = audit_head(run->kms, &head, error);
    if (status != STATUS_OK) {
        return status;
    }
    status =
        is_same_head(&head, &run->head)
            ? revoked_list_latest(run->kms, &list, error)
            : revoked_list_newest(run->kms, run->production->now_ms, &entropy_system, &list, error);
    run->head = head;
    return status == STATUS_OK && list.number > run->list_number ? write_list(run, &list, error)
                                                                 : status;
}

/* The bundle in the slot with the list of the revoked after it. */
static struct span finished(const struct run *run, struct slot *slot) {
    struct writer w = {.octets = slot->text, .capacity = sizeof slot->text, .length = slot->length};
    write_span(&w, (struct span){run->list, run->list_length});
    return writer_span(&w);
}

/* The files of those that are selected, up to the first that fails. */
static enum status write_files(struct run *run, size_t *done, struct error *error) {
    const struct selection *selection = &run->selection;
    struct file_piece *pieces = run->pieces;
    char name[FILE_NAME_SIZE], draft[PATH_MAX];
    const char *folder = run->production->folder;
    enum status status = path_in(folder, run->production->draft, draft, error);
    *done = 0;
    for (size_t i = 0; status == STATUS_OK && i < selection->count; i++) {
        size_t n = selection->products[i];
        run->production->name(run->production, n, name);
        status = path_in(folder, name, run->paths[i], error);
        pieces[i] = (struct file_piece){run->paths[i], finished(run, &run->slots[n % SLOTS])};
    }
    return status == STATUS_OK ? file_replace_each(draft, pieces, selection->count, done, error)
                               : status;
}

static enum status keep_entries(struct run *run, size_t count, struct error *error) {
    struct batch *batches[PARTS];
    enum status status = make_batches(batches) ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = register_put(&run->selection.entries[i], batches[i / AUDIT_APPEND_MAX]);
    }
    if (status != STATUS_OK) {
        kms_failure(run->kms, status, error);
    }
    return apply(run, status, batches, error);
}

/* The log, the files, and the register for those whose files are written: *done of them. */
static enum status write_selection(struct run *run, size_t *done, struct error *error) {
    struct error second;
    *done = 0;
    if (run->selection.count == 0) {
        return STATUS_OK;
    }
    enum status status = keep_records(run, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = write_files(run, done, error);
    enum status kept = *done == 0 ? STATUS_OK : keep_entries(run, *done, &second);
    if (kept == STATUS_OK) {
        return status;
    }
    *done = 0;
    *error = second;
    return kept;
}

/* The slots of `done` products are free for the threads again. */
static void release_slots(struct run *run, size_t done) {
    pthread_mutex_lock(&run->lock);
    for (size_t i = 0; i < done; i++) {
        run->slots[(run->written + i) % SLOTS].is_ready = false;
    }
    run->written += done;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

/* Writes the next `count` bundles as far as they could be issued. */
static enum status write_batch(struct run *run, size_t count, struct error *error) {
    const struct selection *selection = &run->selection;
    size_t issued = 0, done = 0;
    while (issued < count && run->slots[(run->written + issued) % SLOTS].status == STATUS_OK) {
        issued++;
    }
    enum status status = select_products(run, issued, error);
    if (status == STATUS_OK) {
        status = write_selection(run, &done, error);
    }
    for (size_t i = 0; i < done; i++) {
        tell(run->production, selection->products[i], PRODUCT_MADE);
    }
    run->made += done;
    if (status == STATUS_OK) {
        status = audit_head(run->kms, &run->head, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (issued < count) {
        const struct slot *slot = &run->slots[(run->written + issued) % SLOTS];
        *error = slot->error;
        status = slot->status;
    }
    release_slots(run, issued);
    return status;
}

/* Waits for the next batch to be issued; tells how many bundles it has. */
static size_t await_batch(struct run *run) {
    const struct production *production = run->production;
    size_t left = production->count - run->written, count = left < BATCH ? left : BATCH;
    for (size_t i = 0; i < count; i++) {
        pthread_mutex_lock(&run->lock);
        while (!run->slots[(run->written + i) % SLOTS].is_ready) {
            pthread_cond_wait(&run->changed, &run->lock);
        }
        pthread_mutex_unlock(&run->lock);
        production->on_progress(production->context, run->written + i + 1, production->count);
    }
    return count;
}

/* --- A run ---------------------------------------------------------------------------------- */

static unsigned count_threads(const struct production *production) {
    size_t most = (production->count + BUNDLES_A_THREAD - 1) / BUNDLES_A_THREAD;
    size_t threads = production->threads < most ? production->threads : most;
    return threads < PRODUCTION_THREADS_MAX ? (unsigned)threads : PRODUCTION_THREADS_MAX;
}

static bool is_stopped(const struct production *production) {
    return production->stop != NULL && *production->stop != 0;
}

static enum status write_all(struct run *run, struct error *error) {
    enum status status = STATUS_OK;
    while (status == STATUS_OK && run->written < run->production->count) {
        if (is_stopped(run->production)) {
            return error_set(error, STATUS_INTERRUPTED, "stopped");
        }
        size_t count = await_batch(run);
        status = turns_give_way(run->kms, error);
        if (status == STATUS_OK) {
            status = look_at_list(run, error);
        }
        if (status == STATUS_OK) {
            status = write_batch(run, count, error);
        }
    }
    return status;
}

static enum status run_threads(struct run *run, struct error *error) {
    pthread_t threads[PRODUCTION_THREADS_MAX];
    unsigned started = 0, wanted = count_threads(run->production);
    while (started < wanted && pthread_create(&threads[started], NULL, work, run) == 0) {
        started++;
    }
    enum status status =
        started > 0 ? write_all(run, error)
                    : error_set(error, STATUS_LIBRARY_FAILED,
                                "cannot start a thread; the limit on processes and threads "
                                "(ulimit -u) or on memory (ulimit -v) is reached");
    pthread_mutex_lock(&run->lock);
    run->stop = true;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    return status;
}

enum status production_run(struct kms *kms, const struct production *production, size_t *made,
                           struct error *error) {
    *made = 0;
    if (production->count == 0) {
        return STATUS_OK;
    }
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return kms_failure(kms, STATUS_NO_MEMORY, error);
    }
    run->kms = kms;
    run->production = production;
    struct revocation list;
    enum status status =
        revoked_list_newest(kms, production->now_ms, &entropy_system, &list, error);
    if (status == STATUS_OK) {
        status = audit_head(kms, &run->head, error);
    }
    if (status == STATUS_OK) {
        status = write_list(run, &list, error);
    }
    if (status != STATUS_OK) {
        free(run);
        return status;
    }
    pthread_mutex_init(&run->lock, NULL);
    pthread_cond_init(&run->changed, NULL);
    status = run_threads(run, error);
    *made = run->made;
    pthread_cond_destroy(&run->changed);
    pthread_mutex_destroy(&run->lock);
    free(run);
    return status;
}
