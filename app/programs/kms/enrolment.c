/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/kms/commands.h"

#include <stdio.h>

#include "app/file.h"
#include "app/kms/continuity.h"
#include "app/kms/half.h"
#include "app/kms/statements.h"
#include "app/programs/kms/bulk.h"
#include "app/programs/kms/print.h"
#include "app/programs/new_passphrase.h"
#include "app/programs/passphrase.h"
#include "app/programs/question.h"

/* What a domain says from the beginning on. */
static enum status say_first(struct kms *kms, struct error *error) {
    const struct limits usual = limits_usual();
    enum status status = kms_certify(kms, NULL, order_now(), &entropy_system, error);
    return status == STATUS_OK ? kms_set_limits(kms, usual.longest_period_ms, usual.tolerance_ms,
                                                order_now(), &entropy_system, error)
                               : status;
}

static enum status check_half_wanted(const struct order *order, struct error *error) {
    if (order->half == NULL) {
        return STATUS_OK;
    }
    if (!order->recovery) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "--half goes with --recovery on: without recovery nothing is split");
    }
    enum status status = file_check_free(order->half, false, error);
    return status == STATUS_OK && order->half_passphrase_file != NULL
               ? passphrase_check_closed(order->half_passphrase_file, error)
               : status;
}

/* The authority's half, if one is wanted. */
static enum status make_half(const struct order *order, struct kms *kms, struct error *error) {
    struct secret *passphrase;
    if (order->half == NULL) {
        return STATUS_OK;
    }
    enum status status = new_passphrase_get(
        order->half_passphrase_file,
        "Passphrase for the authority's half (at least 8 characters): ", &passphrase, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = half_make(kms, order->half, secret_span(passphrase), STORE_HARD, order_now(),
                       &entropy_system, error);
    secret_free(passphrase);
    return status;
}

enum status command_init(const struct order *order, struct error *error) {
    struct secret *passphrase;
    struct kms *kms;
    enum status status = file_check_free(order->domain, false, error);
    if (status == STATUS_OK) {
        status = check_half_wanted(order, error);
    }
    if (status == STATUS_OK) {
        status = order_passphrase(order, true, &passphrase, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = kms_init(order->domain, order->uri, order->recovery, secret_span(passphrase),
                      STORE_HARD, order->provider, &entropy_system, &kms, error);
    secret_free(passphrase);
    if (status != STATUS_OK) {
        return status;
    }
    kms_forget_witness(order->domain);
    status = make_half(order, kms, error);
    bool has_half = status == STATUS_OK && order->half != NULL;
    if (status == STATUS_OK) {
        status = say_first(kms, error);
    }
    if (status == STATUS_OK) {
        status = kms_watch(kms, order_now(), error);
    }
    if (status == STATUS_OK) {
        print_domain(kms);
    }
    kms_close(kms);
    if (status != STATUS_OK) {
        store_discard(order->domain);
        if (has_half) {
            store_discard(order->half);
        }
    } else if (has_half) {
        printf("%s and %s-keys are the authority's half: it takes both away, and keeps a copy.\n"
               "Without them nobody opens a connection, the KMS neither.\n",
               order->half, order->half);
    }
    return status;
}

enum status command_passphrase(const struct order *order, struct error *error) {
    const char *const files[] = {order->passphrase_file, order->new_passphrase_file};
    for (size_t i = 0; i < 2; i++) {
        enum status status =
            files[i] == NULL ? STATUS_OK : passphrase_check_closed(files[i], error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return new_passphrase_change(order->domain, order->passphrase_file, order->new_passphrase_file,
                                 stdout, error);
}

static enum status check_device_key(const struct order *order,
                                    const struct enrolment_request *request, struct error *error) {
    char fingerprint[FINGERPRINT_SIZE];
    device_key_fingerprint(request->device_key, fingerprint);
    if (order->device_key == NULL || fingerprint_same(order->device_key, fingerprint)) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.150s: the request's device key is %s, not the one that was read out; ask "
                     "that handset for its request",
                     order->argument, fingerprint);
}

/* Whose keys are about to be issued. The officer of that handset reads the device key out. */
static enum status confirm_device_key(const struct order *order,
                                      const struct enrolment_request *request,
                                      struct error *error) {
    char fingerprint[FINGERPRINT_SIZE];
    device_key_fingerprint(request->device_key, fingerprint);
    printf("request of   %s\nname         %s\ndevice key   %s\n", request->identity,
           request->display_name, fingerprint);
    fflush(stdout);
    if (order->device_key != NULL || !question_is_possible() ||
        question_says_yes("Does the handset's officer read out the same device key?")) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.150s: nothing was issued; ask that handset for its request",
                     order->argument);
}

static enum status read_request(const struct order *order, struct enrolment_request *request,
                                struct error *error) {
    struct secret *text;
    enum status status = file_read(order->argument, ENROLMENT_FILE_MAX, &text, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = enrolment_request_read(order->argument, secret_span(text), request, error);
    secret_free(text);
    return status;
}

static enum status enroll_in(struct kms *kms, const struct order *order,
                             const struct enrolment_request *request, struct error *error) {
    const struct kms_terms terms = {
        .now_ms = order_now(),
        .month_ms = order->month_ms,
        .max_key_period_ms = order->max_key_period_ms,
        .replace = (order->given & OPTION_REPLACE) != 0,
        .refuse_alike = (order->given & OPTION_ALIKE) == 0,
        .groups = &order->groups,
    };
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    struct register_entry entry;
    enum status status = kms_enroll(kms, request, &terms, &entropy_system, &bundle, error);
    if (status == STATUS_OK) {
        status =
            file_write(order->out, writer_span(&bundle), (order->given & OPTION_FORCE) != 0, error);
        if (status != STATUS_OK) {
            error_add(error, "; %s is enrolled: for its bundle, run the same command again",
                      request->identity);
        }
    }
    if (status == STATUS_OK) {
        status = register_find(kms, request->identity, &entry, error);
    }
    if (status == STATUS_OK) {
        print_domain(kms);
        print_entry(&entry);
        print_log_head(kms);
    }
    return status;
}

enum status command_enroll(const struct order *order, struct error *error) {
    struct enrolment_request request;
    struct kms *kms;
    if (bulk_is_folder(order->argument)) {
        return bulk_enroll(order, error);
    }
    enum status status = read_request(order, &request, error);
    if (status == STATUS_OK) {
        status = check_device_key(order, &request, error);
    }
    if (status == STATUS_OK) {
        status = file_check_free(order->out, (order->given & OPTION_FORCE) != 0, error);
    }
    if (status == STATUS_OK) {
        status = confirm_device_key(order, &request, error);
    }
    if (status == STATUS_OK) {
        status = order_open(order, &kms, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = enroll_in(kms, order, &request, error);
    kms_close(kms);
    return status;
}
