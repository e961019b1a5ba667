/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "app/broker/access.h"
#include "app/file.h"
#include "app/identity/freshness.h"
#include "app/programs/gm/commands.h"
#include "app/programs/gm/held_list.h"
#include "app/programs/gm/import.h"
#include "app/programs/gm/path.h"
#include "app/programs/gm/receiving.h"
#include "app/programs/gm/sharing.h"
#include "app/programs/progress.h"
#include "app/programs/question.h"
#include "app/text/duration.h"

enum {
    MINUTE_MS = 60 * 1000
};

static void show_progress(void *context, const struct round_progress *progress) {
    progress_show(context, progress->served, progress->total);
}

/* Is a GMK on its way to members, so that a rekey continues with it rather than begin another? */
static bool is_under_way(const struct managed_group *group) {
    struct managed_tally tally = managed_group_tally(group);
    return managed_group_check(group, gm_now()) == STATUS_OK && tally.sent < tally.members;
}

/* Keys are dated by this machine's clock: who draws one must know that it differs from those of the
 * handsets in reach, or the broker's. */
static enum status check_clock(const struct gm_order *order, const struct path *path,
                               struct error *error) {
    char difference[DURATION_TEXT_SIZE];
    int64_t ahead_ms = 0;
    enum status status = (order->given & GM_YES) != 0 || path->clocks == NULL
                             ? STATUS_OK
                             : path->clocks(path->delivery.context, &ahead_ms, error);
    if (status != STATUS_OK || !clock_differs(ahead_ms)) {
        return status;
    }
    duration_print((llabs(ahead_ms) + MINUTE_MS / 2) / MINUTE_MS * MINUTE_MS, difference);
    const char *direction = ahead_ms < 0 ? "ahead of" : "behind";
    if (!question_is_possible()) {
        return error_set(
            error, STATUS_NOT_ALLOWED,
            "this machine's clock is %s %s %s, so no key was drawn; set it, or run it again with "
            "--yes",
            difference, direction, path->whose_clocks);
    }
    printf("This machine's clock is %s %s %s, and keys are dated by it.\n", difference, direction,
           path->whose_clocks);
    return question_says_yes("Draw a key nevertheless?")
               ? STATUS_OK
               : error_set(error, STATUS_NOT_ALLOWED, "no key was drawn");
}

/* Why no key can be drawn. */
static enum status explain_begin(const struct gm *gm, enum status status, struct error *error) {
    char longest[DURATION_TEXT_SIZE];
    duration_print(keyring_limits(&gm->group->keyring).longest_period_ms, longest);
    switch (status) {
    case STATUS_NOT_FOUND:
        return error_set(error, status,
                         "%s: there are no keys of the group identity for this month; install this "
                         "month's bundle",
                         gm->group->identity);
    case STATUS_TIME_OUT_OF_RANGE:
        return error_set(error, status, "--period: a period of use lasts at least 1s");
    case STATUS_PERIOD_TOO_LONG:
        return error_set(error, status,
                         "--period: handsets refuse a key that may be used for longer than %s",
                         longest);
    default:
        return error_set(error, status,
                         "--begins-in: handsets refuse a key that begins in more than %s", longest);
    }
}

/* A key is dated later than the one before: nobody would take it where that one is dated far ahead.
 */
static enum status check_before(const struct gm *gm, int64_t now_ms, struct error *error) {
    char ahead[DURATION_TEXT_SIZE];
    int64_t dated_ms = gm->group->rekey.utc_ms;
    const struct limits limits = keyring_limits(&gm->group->keyring);
    if (freshness_check(&limits, dated_ms, now_ms) != STATUS_DATED_AHEAD) {
        return STATUS_OK;
    }
    duration_print((dated_ms - now_ms) / MINUTE_MS * MINUTE_MS, ahead);
    return error_set(error, STATUS_DATED_AHEAD,
                     "the key before is dated %s ahead of this machine's clock, so handsets would "
                     "refuse the next one, and none was drawn; set the clock, or wait until then",
                     ahead);
}

static enum status begin(const struct gm_order *order, struct gm *gm, struct error *error) {
    int64_t now_ms = gm_now();
    enum status status = check_before(gm, now_ms, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct batch *batch = batch_new();
    status = batch == NULL ? STATUS_NO_MEMORY
                           : managed_group_begin(gm->group, now_ms, now_ms + order->begins_in_ms,
                                                 order->period_ms, &entropy_system, batch);
    if (status == STATUS_NOT_FOUND || status == STATUS_TIME_OUT_OF_RANGE ||
        status == STATUS_PERIOD_TOO_LONG || status == STATUS_DATED_AHEAD) {
        batch_free(batch);
        return explain_begin(gm, status, error);
    }
    return gm_apply(gm, status, batch, error);
}

/* Nobody has a key of it yet. */
static enum status undo(const struct gm *gm, struct rekey *before, struct error *error) {
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY : managed_group_undo(gm->group, before, batch);
    if (status == STATUS_OK) {
        before->gmk = NULL; /* it is the group's */
    }
    return gm_apply(gm, status, batch, error);
}

/* The other managers are told before anybody gets a key: where one of them was faster, that one's
 * counts, and this one is as if it had not been drawn. */
static enum status draw(const struct gm_order *order, struct gm *gm, const struct path *shared,
                        struct error *error) {
    struct rekey before = gm->group->rekey;
    struct error failed = {0};
    char period[DURATION_TEXT_SIZE];
    if (before.gmk != NULL && (before.gmk = secret_copy(secret_span(before.gmk))) == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    enum status status = begin(order, gm, error);
    if (status == STATUS_OK) {
        status = sharing_write(gm, shared, error);
        if (status == STATUS_NOT_ALLOWED && undo(gm, &before, &failed) != STATUS_OK) {
            *error = failed;
        }
    }
    secret_free(before.gmk);
    if (status != STATUS_OK) {
        return status;
    }
    duration_print(order->period_ms, period);
    printf("GMK %08X of %s, for %s%s\n", gm->group->rekey.gmk_id, gm->group->identity, period,
           order->begins_in_ms > 0 ? " from the time it begins" : "");
    return STATUS_OK;
}

static enum status begin_or_go_on(const struct gm_order *order, struct gm *gm,
                                  const struct path *path, const struct path *shared,
                                  struct error *error) {
    if ((order->given & GM_NEW) != 0 || !is_under_way(gm->group)) {
        enum status status = check_clock(order, path, error);
        return status == STATUS_OK ? draw(order, gm, shared, error) : status;
    }
    struct managed_tally tally = managed_group_tally(gm->group);
    printf("Continuing with GMK %08X of %s: %zu of %zu members have been served (--new draws "
           "another)\n",
           gm->group->rekey.gmk_id, gm->group->identity, tally.sent, tally.members);
    return STATUS_OK;
}

/* The ledger is compared with the mailboxes: what is not there any more is to be delivered again.
 */
static enum status compare(const struct path *path, struct error *error) {
    struct waiting_keys found = {0};
    enum status status = path->waiting == NULL
                             ? STATUS_OK
                             : path->waiting(path->delivery.context, true, &found, error);
    if (status == STATUS_OK && found.waiting < found.looked_at) {
        printf(
            "%zu of %zu keys that were sent are not in their mailboxes: they are delivered again\n",
            found.looked_at - found.waiting, found.looked_at);
    }
    return status;
}

/* Nothing is said to wait that does not: a stream can be lost while it is being filled. */
static enum status look_again(const struct path *path, struct round_progress *result,
                              struct error *error) {
    struct waiting_keys found = {0};
    if (path->waiting == NULL || result->taken == 0) {
        return STATUS_OK;
    }
    enum status status = path->waiting(path->delivery.context, true, &found, error);
    size_t missing = status == STATUS_OK ? found.looked_at - found.waiting : result->taken;
    result->taken -= missing < result->taken ? missing : result->taken;
    return status;
}

/* By the paths that keys take, to whoever gets them. */
static enum status hand_out_list(const struct gm *gm, const struct path *path,
                                 struct error *error) {
    struct revocation list;
    enum status status = held_list_find(gm, &list, error);
    return status == STATUS_OK && list.number != 0
               ? path->list(path->delivery.context, &list, error)
               : status;
}

static enum status serve(struct gm *gm, const struct path *path, struct error *error) {
    const struct round_terms terms = {.now_ms = gm_now(),
                                      .threads = cores_count(ROUND_THREADS_MAX)};
    struct progress progress = progress_start("members");
    struct round_progress result;
    enum status status = round_run(gm->group, gm->store, &path->delivery, &terms, show_progress,
                                   &progress, &result, error);
    progress_end(&progress);
    if (status == STATUS_OK) {
        status = look_again(path, &result, error);
    }
    if (status == STATUS_OK || result.taken > 0) {
        printf("%zu of %zu keys %s\n", result.taken, result.total, path->taken_means);
    }
    if (status == STATUS_OK && result.taken < result.total) {
        status = error_set(error, STATUS_BUSY,
                           "%zu members do not have GMK %08X yet; muster-gm deliver tries again",
                           result.total - result.taken, gm->group->rekey.gmk_id);
    }
    return status;
}

static enum status redate(struct gm *gm, struct error *error) {
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY : managed_group_redate(gm->group, gm_now(), batch);
    return gm_apply(gm, status, batch, error);
}

static enum status do_again(const struct gm_order *order, struct gm *gm, struct error *error) {
    if (order->again == NULL) {
        return STATUS_OK;
    }
    struct roll_member *member = roll_find(&gm->group->roll, order->again);
    if (member == NULL) {
        return error_set(error, STATUS_NOT_FOUND, "%.96s is not on the roll of %s", order->again,
                         gm->group->identity);
    }
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY : managed_group_again(gm->group, member, batch);
    return gm_apply(gm, status, batch, error);
}

/* The broker is asked what other managers have done, also when keys go another way. Then one that
 * cannot be reached holds up nothing: `shared` stays closed, and whoever manages is told. */
static enum status open_shared(struct gm *gm, const struct path *path, struct path *shared,
                               struct error *error) {
    struct error why = {0};
    if (path->read_state != NULL) {
        enum status status = sharing_check(gm, path, &why);
        return status == STATUS_IO_FAILED
                   ? error_set(error, status, "%.200s; no key was drawn or delivered", why.text)
               : status != STATUS_OK ? error_set(error, status, "%s", why.text)
                                     : status;
    }
    enum status status = path_open_broker(gm, shared, &why);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = sharing_check(gm, shared, &why);
    }
    if (status != STATUS_IO_FAILED) {
        return status == STATUS_OK ? status : error_set(error, status, "%s", why.text);
    }
    printf("What other managers of %s have done is not known: %s\n", gm->group->identity, why.text);
    path_close(shared);
    return STATUS_OK;
}

/* Opens what a round needs; the path first, since a key that cannot go anywhere is not drawn. */
static enum status run(const struct gm_order *order, bool draws, struct error *error) {
    struct gm gm;
    struct path path = {0}, broker = {0};
    enum status status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = path_open(order, &gm, &path, error);
    }
    if (status == STATUS_OK) {
        status = open_shared(&gm, &path, &broker, error);
    }
    const struct path *shared = path.read_state != NULL ? &path : &broker;
    if (status == STATUS_OK) {
        status = receiving_check(&gm, error);
    }
    if (status == STATUS_OK && order->list != NULL) {
        status = import_list(order, order->list, &gm, error);
    }
    if (status == STATUS_OK) { /* a bundle may have brought the list, or a member come after it */
        status = held_list_leave_out(&gm, error);
    }
    if (status == STATUS_OK && managed_group_tally(gm.group).members == 0) {
        status =
            error_set(error, STATUS_NOT_FOUND,
                      "%s has no members; fill its roll with muster-gm import", gm.group->identity);
    }
    if (status == STATUS_OK && (!draws || is_under_way(gm.group))) {
        status = compare(&path, error);
    }
    if (status == STATUS_OK && draws) {
        status = begin_or_go_on(order, &gm, &path, shared, error);
    }
    if (status == STATUS_OK) {
        status = sharing_write(&gm, shared, error);
    }
    if (status == STATUS_OK) {
        status = do_again(order, &gm, error);
    }
    if (status == STATUS_OK) {
        status = redate(&gm, error);
    }
    if (status == STATUS_OK) {
        status = gm_drop_ended_months(&gm, error);
    }
    if (status == STATUS_OK) {
        status = hand_out_list(&gm, &path, error);
    }
    if (status == STATUS_OK) {
        status = serve(&gm, &path, error);
    }
    path_close(&broker);
    path_close(&path);
    gm_close(&gm);
    return status;
}

enum status gm_rekey(const struct gm_order *order, struct error *error) {
    return run(order, true, error);
}

enum status gm_deliver(const struct gm_order *order, struct error *error) {
    return run(order, false, error);
}

enum status gm_receipts(const struct gm_order *order, struct error *error) {
    struct gm gm;
    struct path path = {0};
    enum status status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = path_open(order, &gm, &path, error);
    }
    if (status == STATUS_OK && path.receipts == NULL) {
        status = error_set(error, STATUS_UNSUPPORTED, "--over %.80s: this path has no receipts",
                           order->over);
    }
    if (status == STATUS_OK) {
        status = path.receipts(path.delivery.context, order->wait_ms, error);
    }
    if (status == STATUS_OK) {
        struct managed_tally tally = managed_group_tally(gm.group);
        printf("%zu of %zu members have confirmed GMK %08X\n", tally.received, tally.members,
               gm.group->rekey.gmk_id);
    }
    path_close(&path);
    gm_close(&gm);
    return status;
}

enum status operator_access_read(const char *path, struct access **access, struct error *error) {
    struct secret *text;
    *access = NULL;
    enum status status = file_read(path, ENROLMENT_FILE_MAX, &text, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = access_read_open(secret_span(text), access);
    secret_free(text);
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(
                     error, status,
                     "%.150s: this is not the operator's access, which muster-kms broker writes",
                     path);
}

/* The operator's access is a file by itself, and needs no store. */
static enum status make_stream(const struct gm_order *order, struct error *error) {
    struct access *access;
    enum status status = operator_access_read(order->operator_file, &access, error);
    if (status == STATUS_OK) {
        status = path_prepare_broker(access, order->replicas, error);
    }
    access_free(access);
    return status;
}

static enum status try_broker(const struct gm_order *order, struct error *error) {
    struct gm gm;
    struct path path = {0};
    enum status status = gm_open(order, &gm, error);
    if (status == STATUS_OK) {
        status = path_open_broker(&gm, &path, error);
    }
    if (status == STATUS_OK) {
        status = path_try_broker(&path, error);
    }
    if (status == STATUS_OK) {
        status = sharing_show_log(&gm, &path, error);
    }
    path_close(&path);
    gm_close(&gm);
    return status;
}

enum status gm_prepare(const struct gm_order *order, struct error *error) {
    bool makes = order->operator_file != NULL;
    enum status status = makes ? make_stream(order, error) : try_broker(order, error);
    if (status == STATUS_OK) {
        puts(makes ? "The broker now keeps deliveries and receipts"
                   : "The broker keeps deliveries and receipts");
    }
    return status;
}
