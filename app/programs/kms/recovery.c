/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/recovery.h"

#include <stdio.h>
#include <time.h>

#include "app/file.h"
#include "app/programs/kms/commands.h"
#include "app/programs/kms/print.h"

static const char *signature_text(enum recovery_signature signature) {
    switch (signature) {
    case RECOVERY_SIGNED:
        return "verified";
    case RECOVERY_NOT_SIGNED:
        return "DOES NOT VERIFY: somebody else may have sent it";
    case RECOVERY_OTHER_DOMAIN:
        return "not checked: the initiator belongs to another domain";
    }
    return "";
}

static void print_second(int64_t utc_ms) {
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm date;
    char text[40];
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime_r(&seconds, &date));
    fputs(text, stdout);
}

static void print_recovery(const struct recovery *recovery) {
    const struct i_message_fields *fields = &recovery->fields;
    printf("initiator    %s (%s)\nresponder    %s (%s)\ntime         ", fields->initiator,
           fields->initiator_kms, fields->responder, fields->responder_kms);
    print_second(fields->utc_ms);
    printf(" UTC\nsignature    %s\nkey id       %08x\nSSV          ",
           signature_text(recovery->signature), (unsigned)fields->key_id);
    print_hex(SPAN_OF(recovery->ssv));
    if (recovery->is_connection) {
        fputs("\nephemeral    ", stdout);
        print_hex(SPAN_OF(recovery->ephemeral));
    }
    printf("\naudit        record %llu, ", (unsigned long long)recovery->record.number);
    print_hex(SPAN_OF(recovery->record.hash));
    putchar('\n');
}

static enum status recover_with(struct kms *kms, struct half *half, const struct order *order,
                                struct span content, struct error *error) {
    struct recovery *recovery = recovery_new();
    const struct recovery_order what = {.name = order->argument,
                                        .content = content,
                                        .authority = order->authority,
                                        .now_ms = order_now(),
                                        .half = half,
                                        .other_log = (order->given & OPTION_OTHER_LOG) != 0};
    if (recovery == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    enum status status = recovery_run(kms, &what, recovery, error);
    /* No copy of the SSV stays in a buffer of standard output's. */
    if (status == STATUS_OK && setvbuf(stdout, NULL, _IONBF, 0) == 0) {
        print_recovery(recovery);
    } else if (status == STATUS_OK) {
        status = error_set(error, STATUS_IO_FAILED, "cannot write to standard output");
    }
    recovery_free(recovery);
    secret_wipe_stack();
    return status;
}

/* The half in the file given; NULL when none was. */
static enum status open_half(const struct order *order, struct half **half, struct error *error) {
    struct secret *passphrase;
    *half = NULL;
    if (order->half == NULL) {
        return STATUS_OK;
    }
    enum status status =
        order_other_passphrase(order->half, order->half_passphrase_file,
                               "Passphrase of the authority's half: ", &passphrase, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = half_open(order->half, secret_span(passphrase), order->provider, half, error);
    secret_free(passphrase);
    return status;
}

enum status command_recover(const struct order *order, struct error *error) {
    struct secret *content;
    struct kms *kms;
    struct half *half;
    enum status status = file_read(order->argument, RECOVERY_FILE_MAX, &content, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = open_half(order, &half, error);
    if (status == STATUS_OK) {
        status = order_open(order, &kms, error);
    }
    if (status == STATUS_OK) {
        status = recover_with(kms, half, order, secret_span(content), error);
        kms_close(kms);
    }
    half_close(half);
    secret_free(content);
    return status;
}
