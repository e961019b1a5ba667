/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/file.h"
#include "app/identity/month.h"
#include "app/kms/backup.h"
#include "app/kms/continuity.h"
#include "app/kms/register.h"
#include "app/kms/revoked_list.h"
#include "app/kms/statements.h"
#include "app/programs/kms/commands.h"
#include "app/store/key_file.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

enum {
    ROOM_LEAST = 16 * 1024 * 1024, /* octets on the disk, beside four times the domain's file */
    NODES_LEAST = 16,
    ROOT_DAYS = 30,
    KEY_DAYS = 7,
    BACKUP_DAYS = 7,
    AHEAD_S = 3600 /* a number may be ahead of the clock by so much: many were given at once */
};

/* What was found so far. */
struct findings {
    unsigned to_do;
};

/* One line: what was looked at, and what there is to do unless it is fine. */
static void say(struct findings *findings, bool is_fine, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void say(struct findings *findings, bool is_fine, const char *what, const char *format,
                ...) {
    va_list arguments;
    printf("%s  %-11s  ", is_fine ? "ok   " : "TO DO", what);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    findings->to_do += !is_fine;
}

/* --- Files ---------------------------------------------------------------------------------- */

/* Nobody else is to read or write it. */
static void check_mode(struct findings *findings, const char *what, const char *path) {
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) {
        return;
    }
    if ((about.st_mode & 077) == 0) {
        say(findings, true, what, "%s is its owner's alone", path);
    } else {
        say(findings, false, what, "others may read or write it: chmod 600 %s", path);
    }
}

/* Who may write to the folder may put another file in the domain's place. */
static void check_folder(struct findings *findings, const char *domain) {
    char folder[PATH_MAX];
    struct stat about;
    file_folder(domain, folder);
    if (stat(folder, &about) == 0 && (about.st_mode & 022) != 0 && (about.st_mode & S_ISVTX) == 0) {
        say(findings, false, "folder", "others may replace what is in it: chmod go-w %s", folder);
    }
}

static void check_disk(struct findings *findings, const char *domain) {
    struct statvfs disk;
    struct stat about;
    if (statvfs(domain, &disk) != 0 || stat(domain, &about) != 0) {
        return;
    }
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    uint64_t least = ROOM_LEAST + 4 * (uint64_t)about.st_size;
    if ((disk.f_flag & ST_RDONLY) != 0) {
        say(findings, false, "disk", "it is read-only: look why, and make it writable");
    } else if (room < least || (disk.f_files > 0 && disk.f_favail < NODES_LEAST)) {
        say(findings, false, "disk",
            "%" PRIu64 " MB are left, and %" PRIu64 " are wanted: make room", room >> 20,
            (least >> 20) + 1);
    } else {
        say(findings, true, "disk", "%" PRIu64 " MB are left", room >> 20);
    }
}

static void check_files(struct findings *findings, const struct order *order) {
    char keys[KEY_FILE_PATH_SIZE];
    key_file_path(order->domain, keys);
    check_mode(findings, "file", order->domain);
    check_mode(findings, "key file", keys);
    if (order->passphrase_file != NULL) {
        check_mode(findings, "passphrase", order->passphrase_file);
    }
    check_folder(findings, order->domain);
    check_disk(findings, order->domain);
}

/* --- The domain ----------------------------------------------------------------------------- */

struct keys {
    int64_t now_ms;
    size_t identities;
    size_t ending; /* whose keys end soon */
};

static void count_keys(void *context, const struct register_entry *entry) {
    struct keys *keys = context;
    keys->identities++;
    keys->ending += entry->revoked_ms == 0 && entry->until_ms != 0 &&
                    entry->until_ms - keys->now_ms < KEY_DAYS * DAY_MS;
}

static void check_register(struct findings *findings, struct kms *kms, int64_t now_ms) {
    struct keys keys = {.now_ms = now_ms};
    struct error why;
    if (register_list(kms, count_keys, &keys, &why) != STATUS_OK) {
        say(findings, false, "store", "%s", why.text);
        return;
    }
    say(findings, true, "store", "it is whole; %zu enrolled", keys.identities);
    if (keys.ending > 0) {
        say(findings, false, "keys",
            "those of %zu have ended or end within %d days: muster-kms renew", keys.ending,
            KEY_DAYS);
    } else {
        say(findings, true, "keys", "none end within %d days", KEY_DAYS);
    }
}

static void count_record(void *context, const struct audit_record *record) {
    *(uint64_t *)context = record->number;
}

static void check_log(struct findings *findings, struct kms *kms) {
    struct error why;
    uint64_t records = 0;
    if (audit_check(kms, count_record, &records, &why) != STATUS_OK) {
        say(findings, false, "audit", "%s; restore a backup, and ask who had access", why.text);
    } else {
        say(findings, true, "audit", "its chain is whole; %" PRIu64 " records", records);
    }
}

/* A record of the log that was noted down elsewhere. */
struct noted {
    struct audit_mark mark;
    bool found;
};

static void look_for(void *context, const struct audit_record *record) {
    struct noted *noted = context;
    noted->found = noted->found || audit_mark_fits(&noted->mark, record);
}

/* What others have of the log: the managers of groups share the newest that their bundles had at
 * the broker. This machine has no way there, and is to have none; somebody brings it. */
static void check_head(struct findings *findings, const struct order *order, struct kms *kms) {
    struct noted noted = {.mark = order->head};
    struct audit_head head;
    struct error why;
    char text[LOG_HEAD_TEXT_SIZE];
    if (audit_head(kms, &head, &why) != STATUS_OK || head.number == 0) {
        return; /* which the line of the audit says */
    }
    const struct log_head ends = audit_head_short(&head);
    log_head_print(&ends, text);
    if ((order->given & OPTION_HEAD) == 0) {
        say(findings, true, "log's end",
            "%s; not compared with what the broker has, to which this machine has no way: take "
            "what muster-gm prepare says, to doctor --head",
            text);
    } else if (audit_check(kms, look_for, &noted, &why) == STATUS_OK && !noted.found) {
        say(findings, false, "log's end",
            "%s; record %llu as it was given is not in this log, which is a copy's or an older "
            "state's: restore the last backup, and ask who had access",
            text, (unsigned long long)order->head.number);
    } else if (noted.found) {
        say(findings, true, "log's end", "%s; record %llu is in it as it was given", text,
            (unsigned long long)order->head.number);
    }
}

static void check_clock(struct findings *findings, struct kms *kms, int64_t now_ms) {
    struct audit_record last = {0};
    struct error why;
    uint64_t number = 0;
    bool found;
    char today[DAY_TEXT_SIZE], day[DAY_TEXT_SIZE];
    if (audit_last(kms, &last, &found, &why) != STATUS_OK ||
        revoked_list_last(kms, &number, &why) != STATUS_OK) {
        return; /* which the line of the store says */
    }
    number = kms_limits(kms)->number > number ? kms_limits(kms)->number : number;
    number = kms_certificate(kms)->number > number ? kms_certificate(kms)->number : number;
    int64_t known_ms = (int64_t)(number < AHEAD_S ? 0 : number - AHEAD_S) * 1000;
    known_ms = last.utc_ms > known_ms ? last.utc_ms : known_ms;
    day_print(now_ms, today);
    day_print(known_ms, day);
    if (now_ms < known_ms) {
        say(findings, false, "clock",
            "it says %s, and the domain did something on %s: set it before anything else", today,
            day);
    } else {
        say(findings, true, "clock", "it says %s; the last record is of %s", today, day);
    }
}

static void check_root(struct findings *findings, const struct kms *kms, int64_t now_ms) {
    const struct certificate *certificate = kms_certificate(kms);
    char day[DAY_TEXT_SIZE];
    if (certificate->number == 0) {
        say(findings, false, "root", "there is none: muster-kms certify makes one");
        return;
    }
    day_print(certificate->until_ms, day);
    if (certificate->until_ms <= now_ms) {
        say(findings, false, "root", "its certificate ended on %s: muster-kms certify", day);
    } else if (certificate->until_ms - now_ms < ROOT_DAYS * DAY_MS) {
        say(findings, false, "root", "its certificate ends on %s: muster-kms certify", day);
    } else {
        say(findings, true, "root", "its certificate ends on %s", day);
    }
}

static void check_backup(struct findings *findings, struct kms *kms, int64_t now_ms) {
    struct backup last;
    struct audit_record end;
    struct error why;
    bool found;
    char day[DAY_TEXT_SIZE], value[AUDIT_CHECK_VALUE_SIZE];
    if (kms_last_backup(kms, &last, &why) != STATUS_OK ||
        audit_last(kms, &end, &found, &why) != STATUS_OK) {
        return; /* which the line of the store says */
    }
    if (last.number == 0) {
        say(findings, false, "backup", "there is none: muster-kms backup");
        return;
    }
    bool is_fresh = now_ms - last.utc_ms < BACKUP_DAYS * DAY_MS;
    day_print(last.utc_ms, day);
    audit_check_value(last.hash, value);
    say(findings, is_fresh, "backup",
        "the last is of %s, check value %s; %" PRIu64 " records since%s", day, value,
        end.number - last.number, is_fresh ? "" : ": muster-kms backup");
}

static void check_state(struct findings *findings, const struct kms *kms) {
    struct error why;
    if (kms_check_settled(kms, &why) != STATUS_OK) {
        say(findings, false, "state", "%s", why.text);
    }
}

enum status command_doctor(const struct order *order, struct error *error) {
    struct findings findings = {0};
    struct kms *kms;
    check_files(&findings, order);
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK) {
        say(&findings, false, "store", "%s", error->text);
        return error_set(error, status, "the domain could not be opened; %u to do", findings.to_do);
    }
    int64_t now_ms = order_now();
    check_register(&findings, kms, now_ms);
    check_log(&findings, kms);
    check_head(&findings, order, kms);
    check_state(&findings, kms);
    check_clock(&findings, kms, now_ms);
    check_root(&findings, kms, now_ms);
    check_backup(&findings, kms, now_ms);
    kms_close(kms);
    return findings.to_do == 0
               ? STATUS_OK
               : error_set(error, STATUS_NOT_ALLOWED, "%u to do, as said above", findings.to_do);
}
