/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/gm/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "app/manager/member_list.h"
#include "app/programs/gm/commands.h"
#include "app/programs/question.h"

enum {
    NAMED_MAX = 10,     /* members that are named before they are taken off, */
    NEW_NAMED_MAX = 100 /* and before they are put on */
};

/* --- What it will change -------------------------------------------------------------------- */

/* How many members of `roll` are not in `others`. */
static size_t count_missing(const struct roll *roll, const struct roll *others) {
    size_t count = 0;
    for (size_t i = 0; i < roll->count; i++) {
        count += roll_find(others, roll->members[i].identity) == NULL;
    }
    return count;
}

/* Those of `roll` who are not in `others`, `count` in all. */
static void name_missing(const struct roll *roll, const struct roll *others, size_t count,
                         size_t named_max) {
    size_t named = 0;
    for (size_t i = 0; i < roll->count && named < named_max; i++) {
        const struct roll_member *member = &roll->members[i];
        if (roll_find(others, member->identity) == NULL) {
            printf("  %s%s%s\n", member->identity, member->name[0] == '\0' ? "" : "  ",
                   member->name);
            named++;
        }
    }
    if (count > named) {
        printf("  and %zu more\n", count - named);
    }
}

static void preview(const struct gm *gm, const struct roll *list, size_t added, size_t struck) {
    const struct roll *roll = &gm->group->roll;
    printf("%s has %zu members; with this list, %zu new, %zu taken off the roll:\n",
           gm->group->identity, roll->count, added, struck);
    name_missing(roll, list, struck, NAMED_MAX);
}

/* Asks before members are taken off: a list that is too short looks like any other. */
static enum status confirm(const struct gm_order *order, size_t struck, struct error *error) {
    char question[64];
    if ((order->given & GM_YES) != 0) {
        return STATUS_OK;
    }
    if (!question_is_possible()) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "this list takes %zu %s off the roll, so nothing was changed; if that is "
                         "meant, run it again with --yes",
                         struck, struck == 1 ? "member" : "members");
    }
    snprintf(question, sizeof question, "Take %zu %s off the roll?", struck,
             struck == 1 ? "member" : "members");
    return question_says_yes(question)
               ? STATUS_OK
               : error_set(error, STATUS_NOT_ALLOWED, "nothing was changed");
}

/* --- Carrying it out ------------------------------------------------------------------------ */

/* Changes that become durable together: the whole list is taken, or nothing of it. */
struct changes {
    struct gm *gm;
    struct batch **batches;
    size_t count;
    struct error *error;
};

static void drop(struct changes *changes) {
    for (size_t i = 0; i < changes->count; i++) {
        batch_free(changes->batches[i]);
    }
    free(changes->batches);
}

static enum status out_of_memory(const struct changes *changes) {
    return error_set(changes->error, STATUS_NO_MEMORY, "out of memory; close other programs");
}

/* Room for the three changes that one member can make. */
static enum status make_room(struct changes *changes, struct batch **batch) {
    if (changes->count > 0) {
        *batch = changes->batches[changes->count - 1];
        if ((*batch)->count + 3 <= BATCH_CHANGES_MAX) {
            return STATUS_OK;
        }
    }
    struct batch **batches =
        reallocarray(changes->batches, changes->count + 1, sizeof(struct batch *));
    if (batches == NULL) {
        return out_of_memory(changes);
    }
    changes->batches = batches;
    *batch = batch_new();
    if (*batch == NULL) {
        return out_of_memory(changes);
    }
    changes->batches[changes->count++] = *batch;
    return STATUS_OK;
}

static enum status cannot_change(const struct changes *changes, enum status status) {
    return error_set(changes->error, status, "%s: %s", changes->gm->group->identity,
                     status_text(status));
}

static enum status save(const struct changes *changes) {
    return changes->count == 0
               ? STATUS_OK
               : store_apply_all(changes->gm->store, (const struct batch *const *)changes->batches,
                                 changes->count, changes->error);
}

static enum status enlist_all(struct changes *changes, const struct roll *list) {
    struct batch *batch;
    for (size_t i = 0; i < list->count; i++) {
        enum status status = make_room(changes, &batch);
        if (status != STATUS_OK) {
            return status;
        }
        status = managed_group_enlist(changes->gm->group, &list->members[i], batch);
        if (status != STATUS_OK) {
            return cannot_change(changes, status);
        }
    }
    return STATUS_OK;
}

/* Those who are not on the roll yet. */
static enum status enlist_missing(struct changes *changes, const struct roll *list, size_t *added) {
    struct batch *batch;
    *added = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (roll_find(&changes->gm->group->roll, list->members[i].identity) != NULL) {
            continue;
        }
        enum status status = make_room(changes, &batch);
        if (status != STATUS_OK) {
            return status;
        }
        status = managed_group_enlist(changes->gm->group, &list->members[i], batch);
        if (status != STATUS_OK) {
            return cannot_change(changes, status);
        }
        ++*added;
    }
    return STATUS_OK;
}

static enum status strike_others(struct changes *changes, const struct roll *list) {
    struct roll *roll = &changes->gm->group->roll;
    struct batch *batch;
    for (size_t i = roll->count; i > 0; i--) {
        struct roll_member *member = &roll->members[i - 1];
        if (roll_find(list, member->identity) != NULL) {
            continue;
        }
        enum status status = make_room(changes, &batch);
        if (status != STATUS_OK) {
            return status;
        }
        status = managed_group_strike(changes->gm->group, member, batch);
        if (status != STATUS_OK) {
            return cannot_change(changes, status);
        }
    }
    return STATUS_OK;
}

static enum status replace_roll(const struct gm_order *order, struct gm *gm,
                                const struct roll *list, struct error *error) {
    struct changes changes = {.gm = gm, .error = error};
    size_t added = count_missing(list, &gm->group->roll);
    size_t struck = count_missing(&gm->group->roll, list);
    enum status status = STATUS_OK;
    if (struck > 0) {
        preview(gm, list, added, struck);
        status = confirm(order, struck, error);
    }
    if (status == STATUS_OK) {
        status = enlist_all(&changes, list);
    }
    if (status == STATUS_OK) {
        status = strike_others(&changes, list);
    }
    if (status == STATUS_OK) {
        status = save(&changes);
    }
    drop(&changes);
    if (status == STATUS_OK) {
        printf("%s has %zu members: %zu new, %zu taken off the roll\n", gm->group->identity,
               gm->group->roll.count, added, struck);
    }
    return status;
}

enum status import_list(const struct gm_order *order, const char *path, struct gm *gm,
                        struct error *error) {
    struct secret *text = NULL;
    struct roll list = {0};
    enum status status = file_read(path, MEMBER_LIST_OCTETS_MAX, &text, error);
    if (status == STATUS_OK) {
        status = member_list_read(path, secret_span(text), &list, error);
    }
    secret_free(text);
    if (status == STATUS_OK) {
        status = replace_roll(order, gm, &list, error);
    }
    roll_clear(&list);
    return status;
}

enum status import_missing(const struct roll *list, struct gm *gm, size_t *added,
                           struct error *error) {
    struct changes changes = {.gm = gm, .error = error};
    const struct roll *roll = &gm->group->roll;
    size_t missing = count_missing(list, roll);
    char question[64];
    *added = 0;
    if (missing == 0) {
        return STATUS_OK;
    }
    printf("%zu of that roll %s not on the one of %s, and get its keys once they are put there:\n",
           missing, missing == 1 ? "is" : "are", gm->group->identity);
    name_missing(list, roll, missing, NEW_NAMED_MAX);
    snprintf(question, sizeof question, "Put %zu %s on the roll?", missing,
             missing == 1 ? "member" : "members");
    if (question_is_possible() && !question_says_yes(question)) {
        return error_set(error, STATUS_NOT_ALLOWED, "nobody was put on the roll");
    }
    enum status status = enlist_missing(&changes, list, added);
    if (status == STATUS_OK) {
        status = save(&changes);
    }
    drop(&changes);
    return status;
}

enum status gm_import(const struct gm_order *order, struct error *error) {
    struct gm gm;
    enum status status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = import_list(order, order->arguments[0], &gm, error);
    }
    gm_close(&gm);
    return status;
}
