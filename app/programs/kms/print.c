/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/kms/print.h"

#include <stdio.h>
#include <time.h>

#include "app/kms/audit.h"
#include "app/kms/continuity.h"
#include "app/kms/statements.h"
#include "app/text/duration.h"

void print_moment(int64_t utc_ms) {
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm date;
    char text[40];
    strftime(text, sizeof text, "%Y-%m-%d %H:%M", gmtime_r(&seconds, &date));
    fputs(text, stdout);
}

/* How long what the root said holds, and where its secret is. */
static void print_root(const struct kms *kms) {
    const struct certificate *certificate = kms_certificate(kms);
    if (certificate->number == 0) {
        puts("root         none: muster-kms certify makes one");
        return;
    }
    fputs("root         certifies these keys until ", stdout);
    print_moment(certificate->until_ms);
    printf(" UTC; its secret is %s\n", kms_has_root_secret(kms)
                                           ? "in this file (muster-kms root moves it out)"
                                           : "in a file of its own");
}

void print_domain(const struct kms *kms) {
    char fingerprint[FINGERPRINT_SIZE];
    kms_fingerprint(kms, fingerprint);
    printf("domain       %s\nfingerprint  %s\nrecovery     %s\n", kms_uri(kms), fingerprint,
           kms_is_split(kms) ? "split: D2D connections and calls open with the authority's half "
                               "and this file together"
           : kms_has_recovery(kms) ? "on: the authority can open D2D connections and calls"
                                   : "off: nobody can open D2D connections and calls");
    print_root(kms);
    if (kms_unsettled(kms)->is_set) {
        fputs("state        put back, as it was on ", stdout);
        print_moment(kms_unsettled(kms)->state_ms);
        puts(" UTC: muster-kms settle, before it issues keys");
    }
}

void print_log_head(struct kms *kms) {
    struct audit_head head;
    struct error unread;
    char text[LOG_HEAD_TEXT_SIZE];
    if (audit_head(kms, &head, &unread) == STATUS_OK && head.number != 0) {
        const struct log_head log = audit_head_short(&head);
        log_head_print(&log, text);
        printf("audit log    %s\n", text);
    }
}

void print_hex(struct span octets) {
    for (size_t i = 0; i < octets.length; i++) {
        printf("%02x", octets.octets[i]);
    }
}

void print_until(int64_t until_ms) {
    if (until_ms == 0) {
        fputs("no end", stdout);
    } else {
        print_moment(until_ms);
    }
}

void print_entry(const struct register_entry *entry) {
    char fingerprint[FINGERPRINT_SIZE], period[DURATION_TEXT_SIZE];
    device_key_fingerprint(entry->device_key, fingerprint);
    duration_print(entry->max_key_period_ms, period);
    printf("identity     %s\nname         %s%s\ndevice key   %s\nenrolled     ", entry->identity,
           entry->display_name,
           entry->number != 0 && entry->display_name[0] != '\0' ? " (attested)" : "", fingerprint);
    print_moment(entry->enrolled_ms);
    fputs(" UTC\nuntil        ", stdout);
    print_until(entry->until_ms);
    printf("%s\nkey period   at most %s\n", entry->until_ms == 0 ? " (fixed keys)" : " UTC",
           period);
    for (size_t i = 0; i < entry->groups.count; i++) {
        printf("group        %s\n", entry->groups.groups[i]);
    }
    if (entry->revoked_ms != 0) {
        fputs("revoked      ", stdout);
        print_moment(entry->revoked_ms);
        printf(" UTC%s%s\n", entry->reason[0] == '\0' ? "" : ", ", entry->reason);
    }
}
