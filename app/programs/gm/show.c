/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "app/identity/month.h"
#include "app/programs/gm/commands.h"
#include "app/programs/gm/path.h"
#include "ui/character.h"

/* What a member has of the present GMK. */
static const char *state_of(const struct managed_group *group, const struct roll_member *member) {
    uint32_t gmk_id = group->rekey.gmk_id;
    if (member->is_excluded) {
        return "excluded";
    }
    if (gmk_id == 0) {
        return "-";
    }
    if (managed_group_lacks(group, member)) {
        return "not sent";
    }
    return member->received_id == gmk_id ? "confirmed" : "sent";
}

enum status gm_members(const struct gm_order *order, struct error *error) {
    struct gm gm;
    enum status status = gm_open(order, &gm, error);
    if (status != STATUS_OK) {
        return status;
    }
    printf("%-32s %-24s %s\n", "identity", "name", "key");
    for (size_t i = 0; i < gm.group->roll.count; i++) {
        const struct roll_member *member = &gm.group->roll.members[i];
        int room = DISPLAY_NAME_LETTERS - text_width(member->name);
        printf("%-32s %s%*s %s\n", member->identity, member->name, room > 0 ? room : 0, "",
               state_of(gm.group, member));
    }
    gm_close(&gm);
    return STATUS_OK;
}

static void print_moment(int64_t utc_ms) {
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm date;
    char text[40];
    strftime(text, sizeof text, "%Y-%m-%d %H:%M", gmtime_r(&seconds, &date));
    printf("%s UTC", text);
}

/* When the keys of the group identity end. */
static void print_end(const struct managed_group *group) {
    const struct moment now = {.utc_ms = gm_now()};
    int64_t ends_ms = keyring_ends_ms(&group->keyring, now);
    char day[DAY_TEXT_SIZE];
    day_print(ends_ms - 1, day);
    if (ends_ms <= now.utc_ms) {
        printf("\nended on   %s", day);
    } else {
        long long days = (long long)((ends_ms - now.utc_ms) / (24 * 60 * 60 * 1000));
        printf("\nend on     %s, %lld %s left", day, days, days == 1 ? "day" : "days");
    }
}

static const char *rekey_state(const struct managed_group *group) {
    int64_t now_ms = gm_now();
    switch (managed_group_check(group, now_ms)) {
    case STATUS_OK:
        return "in use";
    case STATUS_EXCLUSION_UNKNOWN:
        return "members know of an exclusion that this store does not; run muster-gm catch-up";
    case STATUS_GMK_EXPIRED:
        if (now_ms < group->rekey.not_after_ms) {
            return "of another manager, and not in this store; rekey the group";
        }
        return "expired; rekey the group";
    default:
        return "somebody who has it was excluded; rekey the group";
    }
}

/* What of the keys that nobody has confirmed yet waits at the broker, where there is one. */
static void print_waiting(struct gm *gm) {
    struct path path = {0};
    struct waiting_keys found = {0};
    struct error why = {0};
    enum status status = path_open_broker(gm, &path, &why);
    if (status == STATUS_NOT_FOUND) {
        return;
    }
    if (status == STATUS_OK) {
        status = path.waiting(path.delivery.context, false, &found, &why);
    }
    if (status == STATUS_OK) {
        printf("waiting    %zu of %zu not confirmed, in their mailboxes%s\n", found.waiting,
               found.looked_at,
               found.waiting < found.looked_at ? "; muster-gm deliver brings the others" : "");
    } else {
        printf("waiting    not known: %s\n", why.text);
    }
    path_close(&path);
}

enum status gm_status(const struct gm_order *order, struct error *error) {
    struct gm gm;
    enum status status = gm_open(order, &gm, error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct rekey *rekey = &gm.group->rekey;
    struct managed_tally tally = managed_group_tally(gm.group);
    printf("group      %s\ndomain     %s\nkeys for   ", gm.group->identity,
           gm.group->keyring.credential->kms);
    for (size_t i = 0; i < gm.group->keyring.count; i++) {
        char month[MONTH_TEXT_SIZE];
        month_print(gm.group->keyring.sets[i].credential->period_start_ms, month);
        printf("%s%s", i > 0 ? ", " : "", month);
    }
    print_end(gm.group);
    printf("\nmembers    %zu, and %zu excluded\n", tally.members, tally.excluded);
    if (rekey->gmk_id != 0) {
        printf("GMK        %08X, %s\nfrom       ", rekey->gmk_id, rekey_state(gm.group));
        print_moment(rekey->not_before_ms);
        fputs("\nuntil      ", stdout);
        print_moment(rekey->not_after_ms);
        printf("\nsent to    %zu of %zu\nconfirmed  %zu of %zu\n", tally.sent, tally.members,
               tally.received, tally.members);
        if (tally.sent > tally.received) {
            print_waiting(&gm);
        }
    } else {
        puts("GMK        none yet; muster-gm rekey makes one");
    }
    gm_close(&gm);
    return STATUS_OK;
}
