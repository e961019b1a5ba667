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

enum status command_audit(const struct order *order, struct error *error) {
    struct kms *kms;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = audit_check(kms, print_record, NULL, error);
    kms_close(kms);
    return status;
}
