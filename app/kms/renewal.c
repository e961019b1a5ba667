/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/renewal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/identity/month.h"
#include "app/kms/domain.h"

#define DRAFT_NAME ".renewal.draft"

/* All bundles to make, in the order of identities and months. */
struct list {
    const struct renewal_terms *terms;
    bool has_broker;
    struct product *products;
    size_t count, room;
    size_t revoked;
    bool no_memory;
    struct groups *groups; /* the latest first */
};

/* Groups that many have, once. */
struct groups {
    struct groups *next;
    struct group_list list;
};

enum {
    GROUPS_LOOKED_AT = 64 /* whose lists differ more than that have some of them several times */
};

/* NULL when out of memory. */
static const struct group_list *share_groups(struct list *list, const struct group_list *groups) {
    const struct groups *held = list->groups;
    for (unsigned n = 0; n < GROUPS_LOOKED_AT && held != NULL; n++, held = held->next) {
        if (memcmp(&held->list, groups, sizeof *groups) == 0) {
            return &held->list;
        }
    }
    struct groups *added = malloc(sizeof *added);
    if (added == NULL) {
        return NULL;
    }
    *added = (struct groups){list->groups, *groups};
    list->groups = added;
    return &added->list;
}

static void free_list(struct list *list) {
    while (list->groups != NULL) {
        struct groups *next = list->groups->next;
        free(list->groups);
        list->groups = next;
    }
    free(list->products);
}

void renewal_file_name(const char *identity, int64_t month_ms, char name[FILE_NAME_SIZE]) {
    char month[MONTH_TEXT_SIZE], ending[MONTH_TEXT_SIZE + sizeof ".bundle"];
    month_print(month_ms, month);
    snprintf(ending, sizeof ending, "%s.bundle", month);
    file_name_of_identity(identity, ending, name);
}

static void add_product(struct list *list, const struct register_entry *entry, int64_t month_ms,
                        uint64_t after, uint64_t term) {
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : 2 * list->room;
        struct product *products = reallocarray(list->products, room, sizeof *products);
        list->no_memory = list->no_memory || products == NULL;
        if (products == NULL) {
            return;
        }
        list->products = products;
        list->room = room;
    }
    const struct group_list *groups = share_groups(list, &entry->groups);
    if (groups == NULL) {
        list->no_memory = true;
        return;
    }
    struct product *product = &list->products[list->count++];
    *product = (struct product){.month_ms = month_ms,
                                .max_key_period_ms = entry->max_key_period_ms,
                                .after = after,
                                .term = term,
                                .groups = groups};
    struct enrolment_request *request = &product->request;
    memcpy(request->identity, entry->identity, sizeof request->identity);
    memcpy(request->display_name, entry->display_name, sizeof request->display_name);
    memcpy(request->device_key, entry->device_key, sizeof request->device_key);
}

/* An ME's keys have no end. Its access to the broker has: it was issued when its last bundle was
 * made, which its number says. */
static void add_access(struct list *list, const struct register_entry *entry, int64_t this_ms,
                       int64_t before_ms) {
    if (!list->has_broker || kms_me_access_ends_ms((int64_t)entry->number * 1000) >= before_ms) {
        return;
    }
    if (entry->revoked_ms != 0) {
        list->revoked++;
    } else {
        add_product(list, entry, this_ms, entry->number, entry->term);
    }
}

/* The months that the entry lacks, of this one and the next. */
static void add_months(void *context, const struct register_entry *entry) {
    struct list *list = context;
    int64_t this_ms = month_start(list->terms->now_ms, 0);
    int64_t end_ms = month_start(list->terms->now_ms, 2);
    int64_t before_ms = list->terms->before_ms == 0 ? end_ms : list->terms->before_ms;
    int64_t until_ms = entry->until_ms;
    uint64_t after = entry->number, term = entry->term;
    if (identity_is_me(entry->identity)) {
        add_access(list, entry, this_ms, before_ms);
        return;
    }
    if (entry->revoked_ms != 0) {
        list->revoked += until_ms < before_ms;
        return;
    }
    while (until_ms < before_ms && until_ms < end_ms && !list->no_memory) {
        int64_t month_ms = until_ms > this_ms ? until_ms : this_ms;
        const struct kms_terms terms = {.now_ms = list->terms->now_ms, .after = after};
        add_product(list, entry, month_ms, after, term);
        after = kms_number(&terms);
        term = term == 0 ? after : term;
        until_ms = month_start(month_ms, 1);
    }
}

static void name_product(const struct production *production, size_t product,
                         char name[FILE_NAME_SIZE]) {
    const struct product *named = &production->products[product];
    renewal_file_name(named->request.identity, named->month_ms, name);
}

/* Of whom the register says already all but how long the keys last. */
static void enter(const struct production *production, const struct product *product,
                  struct register_entry *entry) {
    (void)production;
    entry->until_ms = identity_is_me(entry->identity) ? 0 : month_start(product->month_ms, 1);
}

struct watch {
    const struct list *list;
    const char *revoked; /* who was counted last: somebody has several bundles, one by one */
    renewal_progress_fn *on_progress;
    void *context;
    struct renewal_result *result;
};

static void note_progress(void *context, size_t done, size_t total) {
    const struct watch *watch = context;
    watch->on_progress(watch->context, done, total);
}

static void note_outcome(void *context, size_t product, enum product_outcome outcome) {
    struct watch *watch = context;
    const char *identity = watch->list->products[product].request.identity;
    watch->result->changed += outcome == PRODUCT_CHANGED;
    if (outcome == PRODUCT_REVOKED &&
        (watch->revoked == NULL || strcmp(watch->revoked, identity) != 0)) {
        watch->result->revoked++;
        watch->revoked = identity;
    }
}

enum status renewal_run(struct kms *kms, const struct renewal_terms *terms,
                        renewal_progress_fn *on_progress, void *context,
                        struct renewal_result *result, struct error *error) {
    struct list list = {.terms = terms, .has_broker = kms->broker != NULL};
    struct watch watch = {
        .list = &list, .on_progress = on_progress, .context = context, .result = result};
    *result = (struct renewal_result){0};
    enum status status = kms_check_settled(kms, error);
    if (status == STATUS_OK) {
        status = production_prepare(terms->folder, DRAFT_NAME, error);
    }
    if (status == STATUS_OK) {
        status = register_list(kms, add_months, &list, error);
    }
    if (status == STATUS_OK && list.no_memory) {
        status = kms_failure(kms, STATUS_NO_MEMORY, error);
    }
    result->revoked = list.revoked;
    if (status == STATUS_OK) {
        const struct production production = {.products = list.products,
                                              .count = list.count,
                                              .action = AUDIT_RENEW,
                                              .now_ms = terms->now_ms,
                                              .folder = terms->folder,
                                              .draft = DRAFT_NAME,
                                              .threads = terms->threads,
                                              .name = name_product,
                                              .enter = enter,
                                              .on_progress = note_progress,
                                              .on_outcome = note_outcome,
                                              .context = &watch,
                                              .stop = terms->stop};
        status = production_run(kms, &production, &result->bundles, error);
    }
    free_list(&list);
    return status;
}
