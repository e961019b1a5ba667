/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "app/programs/gm/commands.h"
#include "app/programs/gm/held_list.h"
#include "app/text/shown.h"

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
        status = held_list_leave_out(&gm, error);
    }
    if (status == STATUS_OK) {
        const struct roll_member *there = roll_find(&gm.group->roll, identity);
        printf("%s is on the roll of %s%s\n", identity, gm.group->identity,
               there->is_excluded ? ", and excluded: muster-gm include lets it in" : "");
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

/* Longer lines are no identities; what is behind that is read as a line of its own. */
enum {
    LINE_SIZE = 512
};

/* One line: most of a domain's belong to other groups, and are named all the same, for a number
 * that was mistyped looks just like them. */
static enum status exclude_line(struct gm *gm, char *line, struct error *error) {
    struct roll_member *member = roll_find(&gm->group->roll, line);
    if (member == NULL) {
        shown_make(line);
        printf("%s is not on the roll\n", line);
        return STATUS_OK;
    }
    return member->is_excluded ? STATUS_OK : set_excluded(gm, member, true, error);
}

/* The lines of a list such as muster-kms revoked prints, for the whole domain. An empty one is what
 * a command that failed leaves in a pipe: it must not pass for "nobody". */
static enum status exclude_listed(const struct gm_order *order, struct gm *gm,
                                  struct error *error) {
    char line[LINE_SIZE];
    size_t lines = 0;
    FILE *file = strcmp(order->from, "-") == 0 ? stdin : fopen(order->from, "r");
    enum status status = STATUS_OK;
    if (file == NULL) {
        return error_set(error, STATUS_NOT_FOUND, "%.200s: the file cannot be read", order->from);
    }
    while (status == STATUS_OK && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, " \t\r\n")] = '\0';
        if (line[0] != '\0') {
            status = exclude_line(gm, line, error);
            lines++;
        }
    }
    if (status == STATUS_OK && ferror(file)) {
        status = error_set(error, STATUS_IO_FAILED, "%.200s: reading failed", order->from);
    } else if (status == STATUS_OK && lines == 0) {
        status = error_set(error, STATUS_MALFORMED,
                           "%.200s: the list is empty, so nobody was excluded; did the command "
                           "that makes it fail?",
                           strcmp(order->from, "-") == 0 ? "standard input" : order->from);
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
