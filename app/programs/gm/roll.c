/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "app/file.h"
#include "app/manager/member_list.h"
#include "app/programs/gm/commands.h"
#include "app/programs/gm/import.h"

/* --- Many at once --------------------------------------------------------------------------- */

/* Changes that become durable some dozens at a time. */
struct changes {
    struct gm *gm;
    struct batch *batch;
    struct error *error;
};

static enum status flush(struct changes *changes, enum status status) {
    status = gm_apply(changes->gm, status, changes->batch, changes->error);
    changes->batch = NULL;
    return status;
}

/* Room for the two changes that one member can make. */
static enum status make_room(struct changes *changes) {
    enum status status = STATUS_OK;
    if (changes->batch != NULL && changes->batch->count + 2 > BATCH_CHANGES_MAX) {
        status = flush(changes, STATUS_OK);
    }
    if (status == STATUS_OK && changes->batch == NULL && (changes->batch = batch_new()) == NULL) {
        status = error_set(changes->error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    return status;
}

static enum status enlist_all(struct changes *changes, const struct roll *list, size_t *added) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++) {
        *added += roll_find(&changes->gm->group->roll, list->members[i].identity) == NULL;
        status = make_room(changes);
        if (status != STATUS_OK) {
            return status;
        }
        status = managed_group_enlist(changes->gm->group, &list->members[i], changes->batch);
        if (status != STATUS_OK) {
            return flush(changes, status);
        }
    }
    return status;
}

static enum status strike_others(struct changes *changes, const struct roll *list, size_t *struck) {
    struct roll *roll = &changes->gm->group->roll;
    enum status status = STATUS_OK;
    for (size_t i = roll->count; status == STATUS_OK && i > 0; i--) {
        struct roll_member *member = &roll->members[i - 1];
        if (roll_find(list, member->identity) != NULL) {
            continue;
        }
        status = make_room(changes);
        if (status != STATUS_OK) {
            return status;
        }
        status = managed_group_strike(changes->gm->group, member, changes->batch);
        if (status != STATUS_OK) {
            return flush(changes, status);
        }
        ++*struck;
    }
    return status;
}

enum status import_list(struct gm *gm, const char *path, struct error *error) {
    struct secret *text = NULL;
    struct roll list = {0};
    struct changes changes = {.gm = gm, .error = error};
    size_t added = 0, struck = 0;
    enum status status = file_read(path, MEMBER_LIST_OCTETS_MAX, &text, error);
    if (status == STATUS_OK) {
        status = member_list_read(path, secret_span(text), &list, error);
    }
    secret_free(text);
    if (status == STATUS_OK) {
        status = enlist_all(&changes, &list, &added);
    }
    if (status == STATUS_OK) {
        status = strike_others(&changes, &list, &struck);
    }
    if (status == STATUS_OK && changes.batch != NULL) {
        status = flush(&changes, STATUS_OK);
    }
    batch_free(changes.batch);
    roll_clear(&list);
    if (status == STATUS_OK) {
        printf("%s has %zu members: %zu new, %zu taken off the roll\n", gm->group->identity,
               gm->group->roll.count, added, struck);
    }
    return status;
}

enum status gm_import(const struct gm_order *order, struct error *error) {
    struct gm gm;
    enum status status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = import_list(&gm, order->arguments[0], error);
    }
    gm_close(&gm);
    return status;
}

/* --- One, or a few -------------------------------------------------------------------------- */

static enum status find(const struct gm *gm, const char *identity, struct roll_member **member,
                        struct error *error) {
    *member = roll_find(&gm->group->roll, identity);
    return *member != NULL ? STATUS_OK
                           : error_set(error, STATUS_NOT_FOUND, "%.96s is not on the roll of %s",
                                       identity, gm->group->identity);
}

/* Says what to do when somebody has a key who should not. */
static void tell_spoiled(const struct gm *gm) {
    if (gm->group->rekey.is_spoiled) {
        printf("GMK %08X is held by somebody who should no longer have it: rekey the group\n",
               gm->group->rekey.gmk_id);
    }
}

enum status gm_add(const struct gm_order *order, struct error *error) {
    struct gm gm;
    struct roll_member member = {0};
    const char *identity = order->arguments[0], *name = order->name == NULL ? "" : order->name;
    if (identity_check(identity) != STATUS_OK) {
        return error_set(error, STATUS_IDENTITY_INVALID,
                         "%.120s: not an identity; one looks like tel:+447700900123", identity);
    }
    enum status status = display_name_make(name, member.name);
    if (status != STATUS_OK) {
        return error_set(error, status, "--name: " DISPLAY_NAME_RULE);
    }
    strcpy(member.identity, identity);
    status = gm_open(order, &gm, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct batch *batch = batch_new();
    status = batch == NULL ? STATUS_NO_MEMORY : managed_group_enlist(gm.group, &member, batch);
    status = gm_apply(&gm, status, batch, error);
    if (status == STATUS_OK) {
        printf("%s is on the roll of %s\n", identity, gm.group->identity);
    }
    gm_close(&gm);
    return status;
}

enum status gm_remove(const struct gm_order *order, struct error *error) {
    struct gm gm;
    struct roll_member *member;
    enum status status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = find(&gm, order->arguments[0], &member, error);
    }
    if (status == STATUS_OK) {
        struct batch *batch = batch_new();
        status = batch == NULL ? STATUS_NO_MEMORY : managed_group_strike(gm.group, member, batch);
        status = gm_apply(&gm, status, batch, error);
    }
    if (status == STATUS_OK) {
        printf("%s is off the roll of %s\n", order->arguments[0], gm.group->identity);
        tell_spoiled(&gm);
    }
    gm_close(&gm);
    return status;
}

static enum status set_excluded(struct gm *gm, struct roll_member *member, bool is_excluded,
                                struct error *error) {
    struct batch *batch = batch_new();
    enum status status = batch == NULL
                             ? STATUS_NO_MEMORY
                             : managed_group_exclude(gm->group, member, is_excluded, batch);
    status = gm_apply(gm, status, batch, error);
    if (status == STATUS_OK) {
        printf("%s is %s\n", member->identity,
               is_excluded ? "excluded and gets no keys" : "let in again");
    }
    return status;
}

static enum status set_named(const struct gm_order *order, struct gm *gm, bool is_excluded,
                             struct error *error) {
    struct roll_member *member;
    enum status status = STATUS_OK;
    /* All must exist before the first is changed. */
    for (int i = 0; status == STATUS_OK && i < order->argument_count; i++) {
        status = find(gm, order->arguments[i], &member, error);
    }
    for (int i = 0; status == STATUS_OK && i < order->argument_count; i++) {
        status =
            set_excluded(gm, roll_find(&gm->group->roll, order->arguments[i]), is_excluded, error);
    }
    return status;
}

/* The lines of a list such as muster-kms revoked prints, for the whole domain: most of them belong
 * to other groups. */
static enum status exclude_listed(const struct gm_order *order, struct gm *gm,
                                  struct error *error) {
    char line[IDENTITY_SIZE + 1];
    FILE *file = strcmp(order->from, "-") == 0 ? stdin : fopen(order->from, "r");
    enum status status = STATUS_OK;
    if (file == NULL) {
        return error_set(error, STATUS_NOT_FOUND, "%.200s: the file cannot be read", order->from);
    }
    while (status == STATUS_OK && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, " \t\r\n")] = '\0';
        struct roll_member *member = roll_find(&gm->group->roll, line);
        if (member != NULL && !member->is_excluded) {
            status = set_excluded(gm, member, true, error);
        }
    }
    if (status == STATUS_OK && ferror(file)) {
        status = error_set(error, STATUS_IO_FAILED, "%.200s: reading failed", order->from);
    }
    if (file != stdin) {
        fclose(file);
    }
    return status;
}

enum status gm_exclude(const struct gm_order *order, struct error *error) {
    struct gm gm;
    if (order->argument_count == 0 && order->from == NULL) {
        return error_set(error, STATUS_MALFORMED,
                         "exclude needs identities, or a list of them with --from");
    }
    enum status status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = set_named(order, &gm, true, error);
    }
    if (status == STATUS_OK && order->from != NULL) {
        status = exclude_listed(order, &gm, error);
    }
    if (status == STATUS_OK) {
        tell_spoiled(&gm);
    }
    gm_close(&gm);
    return status;
}

enum status gm_include(const struct gm_order *order, struct error *error) {
    struct gm gm;
    enum status status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = set_named(order, &gm, false, error);
    }
    gm_close(&gm);
    return status;
}
