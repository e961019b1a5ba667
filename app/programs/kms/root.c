/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "app/file.h"
#include "app/kms/statements.h"
#include "app/programs/kms/commands.h"
#include "app/programs/kms/print.h"
#include "app/programs/new_passphrase.h"
#include "app/programs/passphrase.h"
#include "app/text/duration.h"

static enum status take_root(const struct order *order, struct kms *kms, struct error *error) {
    struct secret *passphrase;
    enum status status = new_passphrase_get(
        order->root_passphrase_file,
        "Passphrase for the root's own file (at least 8 characters): ", &passphrase, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = kms_take_root(kms, order->out, secret_span(passphrase), STORE_HARD, order_now(),
                           &entropy_system, error);
    secret_free(passphrase);
    if (status == STATUS_OK) {
        printf("%s and %s-keys now have the secret of the root, and %s no longer has it.\n"
               "Keep both offline, and a copy: muster-kms certify needs them once a year.\n",
               order->out, order->out, order->domain);
    }
    return status;
}

enum status command_root(const struct order *order, struct error *error) {
    struct kms *kms;
    enum status status = file_check_free(order->out, false, error);
    if (status == STATUS_OK && order->root_passphrase_file != NULL) {
        status = passphrase_check_closed(order->root_passphrase_file, error);
    }
    if (status == STATUS_OK) {
        status = order_open(order, &kms, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = take_root(order, kms, error);
    kms_close(kms);
    return status;
}

/* The secret in the file given; NULL when none was. */
static enum status read_secret(const struct order *order, struct secret **secret,
                               struct error *error) {
    struct secret *passphrase;
    *secret = NULL;
    if (order->root == NULL) {
        return STATUS_OK;
    }
    enum status status =
        order_other_passphrase(order->root, order->root_passphrase_file,
                               "Passphrase of the root's file: ", &passphrase, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = root_secret_read(order->root, secret_span(passphrase), secret, error);
    secret_free(passphrase);
    return status;
}

enum status command_certify(const struct order *order, struct error *error) {
    struct kms *kms;
    struct secret *secret;
    enum status status = read_secret(order, &secret, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = order_open(order, &kms, error);
    if (status == STATUS_OK) {
        status = kms_certify(kms, secret == NULL ? NULL : secret->octets, order_now(),
                             &entropy_system, error);
        if (status == STATUS_OK) {
            print_domain(kms);
        }
        kms_close(kms);
    }
    secret_free(secret);
    return status;
}

static void print_limits(const struct kms *kms) {
    char period[DURATION_TEXT_SIZE], tolerance[DURATION_TEXT_SIZE];
    const struct limits usual = limits_usual();
    const struct limits *limits = kms_limits(kms)->number != 0 ? kms_limits(kms) : &usual;
    duration_print(limits->longest_period_ms, period);
    duration_print(limits->tolerance_ms, tolerance);
    printf("keys of groups  at most %s\nclocks apart    at most %s\n", period, tolerance);
}

enum status command_limits(const struct order *order, struct error *error) {
    struct kms *kms;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct limits usual = limits_usual();
    const struct limits *held = kms_limits(kms)->number != 0 ? kms_limits(kms) : &usual;
    bool sets_period = (order->given & OPTION_LONGEST_PERIOD) != 0;
    bool sets_tolerance = (order->given & OPTION_TOLERANCE) != 0;
    if (sets_period || sets_tolerance) {
        status =
            kms_set_limits(kms, sets_period ? order->longest_period_ms : held->longest_period_ms,
                           sets_tolerance ? order->tolerance_ms : held->tolerance_ms, order_now(),
                           &entropy_system, error);
    }
    if (status == STATUS_OK) {
        print_limits(kms);
    }
    kms_close(kms);
    return status;
}
