/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture of a handset for its officer: engine state to view. */
#include <stdio.h>
#include <string.h>

#include "app/handset/handset.h"
#include "app/handset/invitation.h"
#include "app/handset/standard.h"
#include "app/month.h"

void handset_show_member(const struct handset *handset, const struct group_member *member,
                         struct view_member *row) {
    bool is_self = strcmp(member->identity, own_identity(handset)) == 0;
    *row = (struct view_member){.state = is_self ? MEMBER_SELF : member->state};
    snprintf(row->identity, sizeof row->identity, "%s", member->identity);
    snprintf(row->name, sizeof row->name, "%s", member->name);
    snprintf(row->reason, sizeof row->reason, "%s", member->reason);
}

static void show_group(const struct handset *handset, struct moment now, const struct group *group,
                       struct view_group *row) {
    const struct group_parameters *parameters = &group->parameters;
    const struct gmk *gmk = group_shown_gmk(group);
    enum status status = gmk_is_usable(gmk, group, now);
    int64_t group_now = group_clock_read(&group->clock, now);
    *row = (struct view_group){
        .kind = group_is_standard(group) ? GROUP_STANDARD : GROUP_ADHOC,
        .managed = standard_is_managed(handset, group),
        .gmk_id = gmk->id,
        .gmk_state = status == STATUS_OK            ? GMK_USABLE
                     : status == STATUS_GMK_NOT_YET ? GMK_NOT_YET
                                                    : GMK_EXPIRED,
        .remaining_ms = status == STATUS_GMK_EXPIRED ? 0 : gmk->not_after_ms - group_now,
        .begins_in_ms = status == STATUS_GMK_NOT_YET ? gmk->not_before_ms - group_now : 0,
        .period_ms = gmk->not_after_ms - gmk->not_before_ms,
        .created_utc_ms = gmk->not_before_ms,
        .created_here = group->created_here,
        .member_count = parameters->member_count,
    };
    snprintf(row->identity, sizeof row->identity, "%s", parameters->identity);
    snprintf(row->name, sizeof row->name, "%s", parameters->name);
    for (size_t i = 0; i < parameters->member_count; i++) {
        handset_show_member(handset, &parameters->members[i], &row->members[i]);
        if (row->members[i].state == MEMBER_WAITING || row->members[i].state == MEMBER_ASKED) {
            row->distributing = true;
        }
    }
}

/* The months of the held keys, the earliest first. */
static void show_months(const struct keyring *keyring, char months[VIEW_MONTHS_SIZE]) {
    int64_t after_ms = INT64_MIN;
    months[0] = '\0';
    for (size_t shown = 0; shown < keyring->count; shown++) {
        const struct key_set *next = NULL;
        for (size_t i = 0; i < keyring->count; i++) {
            const struct key_set *set = &keyring->sets[i];
            if (set->begins_ms > after_ms && (next == NULL || set->begins_ms < next->begins_ms)) {
                next = set;
            }
        }
        if (next == NULL) {
            return;
        }
        char month[MONTH_TEXT_SIZE];
        month_print(next->begins_ms, month);
        size_t length = strlen(months);
        snprintf(months + length, VIEW_MONTHS_SIZE - length, "%s%s", length > 0 ? ", " : "", month);
        after_ms = next->begins_ms;
    }
}

static void show_credential(const struct handset *handset, struct view *view) {
    const struct credential *credential = handset->keyring.credential;
    struct view_credential *row = &view->credential;
    snprintf(row->identity, sizeof row->identity, "%s", credential->identity);
    snprintf(row->kms, sizeof row->kms, "%s", credential->kms);
    credential_fingerprint(credential, row->fingerprint);
    snprintf(row->crypto_module, sizeof row->crypto_module, "%s", handset->keyring.provider->name);
    row->fixed = identity_is_me(credential->identity);
    show_months(&handset->keyring, row->months);
    row->max_key_period_ms = credential->max_key_period_ms;
}

const struct view *handset_view(struct handset *handset, struct moment now) {
    struct view *view = handset->view;
    view->phase = handset->started ? PHASE_READY : PHASE_UNENROLLED;
    view->utc_ms = now.utc_ms;
    if (!handset->started) {
        return view;
    }
    snprintf(view->identity, sizeof view->identity, "%s", own_identity(handset));
    snprintf(view->name, sizeof view->name, "%s", handset->name);
    view->radio_silence = handset->radio_silence;
    view->airplane = handset->airplane;
    show_credential(handset, view);
    roster_show(&handset->roster, &handset->links, now, view);
    view->group_count = handset->group_count;
    for (size_t i = 0; i < handset->group_count; i++) {
        show_group(handset, now, handset->groups[i], &view->groups[i]);
    }
    management_show(handset, now, view);
    invitation_show(handset, now, view);
    view->talker_count = 0;
    talk_show(handset, now, view);
    listening_show(handset, now, view);
    call_show(handset, now, view);
    import_show(handset, now, view);
    journal_show(&handset->journal, view);
    return view;
}
