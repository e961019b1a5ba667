/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/backup.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/file.h"
#include "app/kms/continuity.h"
#include "app/programs/kms/commands.h"
#include "app/programs/kms/print.h"

enum {
    LIST_FILE_MAX = 64 * 1024 /* octets of a file with a list: a whole mail */
};

enum status command_backup(const struct order *order, struct error *error) {
    struct kms *kms;
    struct secret *passphrase;
    struct backup made;
    enum status status = file_check_free(order->argument, false, error);
    if (status == STATUS_OK) {
        status = order_open_with(order, &kms, &passphrase, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = kms_backup(kms, order->argument, secret_span(passphrase), STORE_HARD, order_now(),
                        &entropy_system, &made, error);
    if (status == STATUS_OK) {
        char value[AUDIT_CHECK_VALUE_SIZE];
        audit_check_value(made.hash, value);
        printf("%s: a backup of %s\ncheck value  %s (audit record %" PRIu64 ")\n"
               "It opens with the domain's passphrase of today, and needs nothing else: no key "
               "file.\nWrite the check value down, and keep both away from this machine.\n",
               order->argument, kms_uri(kms), value, made.number);
    }
    secret_free(passphrase);
    kms_close(kms);
    return status;
}

/* --- The newest list ------------------------------------------------------------------------ */

/* What the order says of whom was revoked since: nothing, a list, or that nobody was. */
static enum status read_list(const struct order *order, struct revocation *list,
                             struct error *error) {
    struct secret *text;
    if (order->revoked == NULL) {
        return STATUS_OK;
    }
    enum status status = file_read(order->revoked, LIST_FILE_MAX, &text, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = revocation_read_text(secret_span(text), list);
    secret_free(text);
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status,
                           "%.150s: no list of the revoked that can be read (%s); give one that "
                           "muster-kms revoke or revoked wrote",
                           order->revoked, status_text(status));
}

static bool says_nothing(const struct order *order) {
    return order->revoked == NULL && (order->given & OPTION_NONE_REVOKED) == 0;
}

static enum status refuse_both(const struct order *order, struct error *error) {
    return order->revoked != NULL && (order->given & OPTION_NONE_REVOKED) != 0
               ? error_set(error, STATUS_MALFORMED,
                           "either --revoked or --none-revoked can be true, not both")
               : STATUS_OK;
}

/* A number and the noun, in the form that goes with it. */
static const char *identities(size_t count) {
    return count == 1 ? "identity" : "identities";
}

static enum status settle(struct kms *kms, const struct order *order, const struct revocation *list,
                          struct error *error) {
    struct settlement done;
    const struct revocation *newest = order->revoked == NULL ? NULL : list;
    enum status status = kms_settle(kms, newest, order_now(), &done, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (newest == NULL) {
        puts("settled      by your word that nobody was revoked since");
        return STATUS_OK;
    }
    fputs("settled      with the list of ", stdout);
    print_moment(newest->issued_ms);
    printf(" UTC, which names %zu %s\n", done.named, identities(done.named));
    printf("revoked      %zu %s of the register (muster-kms list says whom)\n", done.revoked,
           identities(done.revoked));
    if (done.unknown > 0) {
        printf("not known    %zu %s that this state has never enrolled, or has no more: it will\n"
               "             enrol none of them, and goes on listing them as revoked\n",
               done.unknown, identities(done.unknown));
    }
    return STATUS_OK;
}

enum status command_settle(const struct order *order, struct error *error) {
    struct kms *kms;
    struct revocation list;
    enum status status = refuse_both(order, error);
    if (status == STATUS_OK && says_nothing(order)) {
        status = error_set(error, STATUS_MALFORMED,
                           "give the newest list of the revoked, with --revoked LIST, or say "
                           "--none-revoked if nobody was revoked since");
    }
    if (status == STATUS_OK) {
        status = read_list(order, &list, error);
    }
    if (status == STATUS_OK) {
        status = order_open(order, &kms, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = settle(kms, order, &list, error);
    kms_close(kms);
    return status;
}

/* --- Restoring ------------------------------------------------------------------------------ */

static void say_state(const struct kms *kms, const struct order *order,
                      const struct audit_record *state) {
    char value[AUDIT_CHECK_VALUE_SIZE];
    uint64_t missing = kms_unsettled(kms)->missing;
    audit_check_value(state->hash, value);
    printf("restored     %s from the state of ", kms_uri(kms));
    print_moment(state->utc_ms);
    printf(" UTC\ncheck value  %s (audit record %" PRIu64 "): compare it with the one that was "
           "written down\n",
           value, state->number);
    if (missing > 0) {
        printf("missing      %" PRIu64 " later records of what was in %s before\n", missing,
               order->domain);
    }
}

static void say_what_is_left(const struct order *order) {
    printf("Who was revoked since is not in it, so it issues no keys and no list of the revoked "
           "yet.\nGive it the newest list there is:\n"
           "  muster-kms settle %s --revoked revoked.txt\n"
           "or, if nobody was revoked since:\n"
           "  muster-kms settle %s --none-revoked\n"
           "Handsets enrolled since are not in it either: enrol them again.\n",
           order->domain, order->domain);
}

static enum status restore(const struct order *order, const struct revocation *list,
                           struct span passphrase, struct error *error) {
    struct kms *kms;
    struct audit_record state;
    enum status status =
        kms_restore(order->domain, order->argument, passphrase, STORE_HARD, order->provider,
                    order_now(), &entropy_system, &kms, &state, error);
    if (status != STATUS_OK) {
        error_add(error, "; nothing was restored");
        return status;
    }
    say_state(kms, order, &state);
    if (!says_nothing(order)) {
        status = settle(kms, order, list, error);
    }
    if (status == STATUS_OK) {
        status = kms_restore_finish(kms, order->domain, error);
    } else {
        kms_restore_give_up(kms, order->domain);
    }
    if (status != STATUS_OK) {
        error_add(error, "; nothing was restored");
    } else if (says_nothing(order)) {
        say_what_is_left(order);
    }
    return status;
}

enum status command_restore(const struct order *order, struct error *error) {
    struct secret *passphrase;
    struct revocation list;
    enum status status = refuse_both(order, error);
    if (status == STATUS_OK) {
        status = file_check_free(order->domain, false, error);
    }
    if (status == STATUS_OK) {
        status = read_list(order, &list, error);
    }
    if (status == STATUS_OK) {
        status = order_passphrase(order, false, &passphrase, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = restore(order, &list, secret_span(passphrase), error);
    secret_free(passphrase);
    return status;
}
