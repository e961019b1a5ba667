/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/kms/commands.h"

#include <stdio.h>

#include "app/kms/audit.h"
#include "app/programs/kms/print.h"

static void print_record(void *context, const struct audit_record *record) {
    (void)context;
    printf("%llu  ", (unsigned long long)record->number);
    print_moment(record->utc_ms);
    printf("  %-7s  %s  %s\n    ", audit_action_name(record->action), record->identity,
           record->detail);
    print_hex(SPAN_OF(record->hash));
    putchar('\n');
}

/* Whether a record that somebody noted down is in the log, and what came after it. */
struct comparison {
    struct audit_mark mark;
    bool found;
    uint64_t last;
};

static void compare(void *context, const struct audit_record *record) {
    struct comparison *comparison = context;
    comparison->found = comparison->found || audit_mark_fits(&comparison->mark, record);
    comparison->last = record->number;
}

static enum status compare_head(struct kms *kms, const struct order *order, struct error *error) {
    struct comparison comparison = {.mark = order->head};
    unsigned long long number = order->head.number;
    enum status status = audit_check(kms, compare, &comparison, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (!comparison.found) {
        return error_set(error, STATUS_NOT_FOUND,
                         "domain %.100s: that record %llu is not in its audit log, which ends with "
                         "record %llu: this is another log, of a copy or of an older state",
                         kms_uri(kms), number, (unsigned long long)comparison.last);
    }
    printf("record %llu is in the audit log, which is whole; %llu came after it\n", number,
           (unsigned long long)comparison.last - number);
    return STATUS_OK;
}

enum status command_audit(const struct order *order, struct error *error) {
    struct kms *kms;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    if ((order->given & OPTION_HEAD) != 0) {
        status = compare_head(kms, order, error);
    } else {
        status = audit_check(kms, print_record, NULL, error);
        if (status == STATUS_OK) {
            print_log_head(kms);
        }
    }
    kms_close(kms);
    return status;
}
