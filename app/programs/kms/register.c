/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/kms/commands.h"

#include <stdio.h>
#include <string.h>

#include "app/file.h"
#include "app/kms/readmission.h"
#include "app/kms/revoked_list.h"
#include "app/programs/kms/print.h"
#include "app/text/duration.h"

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

enum {
    NAMES_LEFT_FEW = 30 /* free names on a list: from there on it says how many there can be */
};

/* Writes the list of the revoked of now into the file that the order names. */
static enum status write_list(struct kms *kms, const struct order *order, struct error *error) {
    struct revocation list;
    uint8_t text[REVOCATION_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    enum status status = revoked_list_make(kms, order_now(), &entropy_system, &list, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = revocation_write_text(&w, &list);
    if (status != STATUS_OK) {
        return error_set(error, status, "%.150s: %s", order->out, status_text(status));
    }
    status = file_write(order->out, writer_span(&w), (order->given & OPTION_FORCE) != 0, error);
    if (status == STATUS_OK) {
        printf("%s: the list of the revoked, which names %zu %s. On one handset of each place:\n"
               "  muster import %s\n"
               "or paste it on its screen (Keys, then p). The others there get it from that one.\n",
               order->out, list.count, list.count == 1 ? "identity" : "identities", order->out);
    }
    if (status == STATUS_OK && list.count + NAMES_LEFT_FEW > REVOCATION_NAMES_MAX) {
        printf("A list can name %d; one that is full takes no more until the keys of somebody on "
               "it are over.\n",
               REVOCATION_NAMES_MAX);
    }
    return status;
}

/* Bundles have the list from now on. */
static enum status make_list(struct kms *kms, struct error *error) {
    struct revocation list;
    return revoked_list_make(kms, order_now(), &entropy_system, &list, error);
}

/* Is there room for the list, if one is wanted? */
static enum status check_out(const struct order *order, struct error *error) {
    return order->out == NULL
               ? STATUS_OK
               : file_check_free(order->out, (order->given & OPTION_FORCE) != 0, error);
}

enum status command_revoke(const struct order *order, struct error *error) {
    struct kms *kms;
    enum status status = check_out(order, error);
    if (status != STATUS_OK) {
        error_add(error, "; nobody was revoked");
        return status;
    }
    status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = register_revoke(kms, order->argument, order->reason, order_now(), error);
    if (status == STATUS_OK) {
        printf("%s is revoked: it gets no new keys. Managers leave it out of their groups.\n",
               order->argument);
        if (kms_broker_servers(kms) != NULL) {
            printf("The broker lets it in until it has a new configuration:\n"
                   "  muster-kms broker %s --out FOLDER\n"
                   "then nats-server --signal reload.\n",
                   order->domain);
        }
        print_log_head(kms);
        status = order->out == NULL ? make_list(kms, error) : write_list(kms, order, error);
        if (status == STATUS_OK && order->out == NULL) {
            printf("Handsets refuse it once they have the list of the revoked:\n"
                   "  muster-kms revoked %s --out revoked.txt\n",
                   order->domain);
        } else if (status == STATUS_TOO_LONG && order->out == NULL) {
            /* Whoever wants no list has what he wanted. */
            printf("Handsets do not learn of it: %s\n", error->text);
            status = STATUS_OK;
        } else if (status != STATUS_OK && status != STATUS_TOO_LONG) {
            error_add(error,
                      "; %s is revoked and gets no new keys: for the list, run muster-kms revoked",
                      order->argument);
        }
    }
    kms_close(kms);
    return status;
}

enum status command_readmit(const struct order *order, struct error *error) {
    struct kms *kms;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = register_readmit(kms, order->argument, order->reason, order_now(), error);
    if (status == STATUS_OK) {
        printf("%s can be enrolled again, like a new identity:\n"
               "  muster-kms enroll %s REQUEST --out BUNDLE\n"
               "Compare the device key. Managers who left it out have to add it again.\n",
               order->argument, order->domain);
        print_log_head(kms);
    }
    kms_close(kms);
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
    enum status status = check_out(order, error);
    if (status == STATUS_OK) {
        status = order_open(order, &kms, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = order->out != NULL ? write_list(kms, order, error)
                                : register_list(kms, print_revoked, NULL, error);
    kms_close(kms);
    return status;
}
