/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/kms/commands.h"

#include <stdio.h>
#include <string.h>

#include "app/programs/duration.h"
#include "app/programs/kms/print.h"

static void widen(void *context, const struct register_entry *entry) {
    int *width = context, length = (int)strlen(entry->identity);
    if (length > *width) {
        *width = length;
    }
}

static void print_line(void *context, const struct register_entry *entry) {
    char period[DURATION_TEXT_SIZE];
    const int *width = context;
    duration_print(entry->max_key_period_ms, period);
    printf("%-*s  ", *width, entry->identity);
    print_moment(entry->enrolled_ms);
    fputs("  ", stdout);
    print_until(entry->until_ms);
    printf("%s  %-6s  %s", entry->until_ms == 0 ? "          " : "", period, entry->display_name);
    if (entry->revoked_ms != 0) {
        fputs(entry->display_name[0] == '\0' ? "revoked " : "  revoked ", stdout);
        print_moment(entry->revoked_ms);
        printf("%s%s", entry->reason[0] == '\0' ? "" : ": ", entry->reason);
    }
    putchar('\n');
}

enum status command_list(const struct order *order, struct error *error) {
    struct kms *kms;
    int width = (int)strlen("IDENTITY");
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = register_list(kms, widen, &width, error);
    if (status == STATUS_OK) {
        printf("%-*s  %-16s  %-16s  %-6s  %s\n", width, "IDENTITY", "ENROLLED (UTC)", "UNTIL",
               "PERIOD", "NAME");
        status = register_list(kms, print_line, &width, error);
    }
    kms_close(kms);
    return status;
}

static void count_enrolment(void *context, const struct register_entry *entry) {
    (void)entry;
    ++*(size_t *)context;
}

enum status command_show(const struct order *order, struct error *error) {
    struct kms *kms;
    struct register_entry entry;
    size_t count = 0;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (order->argument != NULL) {
        status = register_find(kms, order->argument, &entry, error);
        if (status == STATUS_OK) {
            print_entry(&entry);
        }
    } else {
        status = register_list(kms, count_enrolment, &count, error);
        if (status == STATUS_OK) {
            print_domain(kms);
            printf("enrolled     %zu\n", count);
        }
    }
    kms_close(kms);
    return status;
}

enum status command_revoke(const struct order *order, struct error *error) {
    struct kms *kms;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = register_revoke(kms, order->argument, order->reason, order_now(), error);
    kms_close(kms);
    if (status == STATUS_OK) {
        printf("%s is revoked: it gets no new keys. Managers leave it out of their groups.\n",
               order->argument);
    }
    return status;
}

static void print_revoked(void *context, const struct register_entry *entry) {
    (void)context;
    if (entry->revoked_ms != 0) {
        puts(entry->identity);
    }
}

enum status command_revoked(const struct order *order, struct error *error) {
    struct kms *kms;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = register_list(kms, print_revoked, NULL, error);
    kms_close(kms);
    return status;
}
