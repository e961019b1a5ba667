/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture of a handset for its officer: engine state to view. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/wall_clocks.h"
#include "app/handset/d2d/proposal.h"
#include "app/handset/handset.h"
#include "app/handset/keys/pursuit.h"
#include "app/handset/resemblance.h"
#include "app/identity/month.h"

static void show_group(const struct groups *groups, struct moment now, const struct group *group,
                       struct view_group *row) {
    const struct desk *desk = groups->desk;
    const struct group_parameters *parameters = &group->parameters;
    const struct gmk *gmk = group_shown_gmk(group);
    enum status status = gmk_is_usable(gmk, group, now);
    int64_t group_now = group_clock_read(&group->clock, now);
    *row = (struct view_group){
        .kind = group_is_standard(group) ? GROUP_STANDARD : GROUP_ADHOC,
        .managed = standard_is_managed(&desk->keyring, group),
        .gmk_id = gmk->id,
        .gmk_state = status == STATUS_OK            ? GMK_USABLE
                     : status == STATUS_GMK_NOT_YET ? GMK_NOT_YET
                                                    : GMK_EXPIRED,
        .remaining_ms = status == STATUS_GMK_EXPIRED ? 0 : gmk->not_after_ms - group_now,
        .begins_in_ms = status == STATUS_GMK_NOT_YET ? gmk->not_before_ms - group_now : 0,
        .period_ms = gmk->not_after_ms - gmk->not_before_ms,
        .created_utc_ms = gmk->not_before_ms,
        .time_unproven = group->is_unproven,
        .created_here = group->created_here,
        .member_count = parameters->member_count,
    };
    snprintf(row->identity, sizeof row->identity, "%s", parameters->identity);
    snprintf(row->name, sizeof row->name, "%s", parameters->name);
    for (size_t i = 0; i < parameters->member_count; i++) {
        group_member_show(&parameters->members[i], own_identity(desk), &row->members[i]);
        groups_show_name(groups, parameters->members[i].identity, parameters->identity,
                         row->members[i].name, &row->members[i].name_kind);
        row->members[i].is_pursued = group->created_here && row->gmk_state != GMK_EXPIRED &&
                                     pursuit_goes_on(&parameters->members[i]);
        row->distributing = row->distributing || row->members[i].is_pursued;
        row->members[i].is_near =
            !desk->airplane && roster_is_near(groups->roster, parameters->members[i].identity, now);
        row->members[i].trusted = roster_trusts(groups->roster, parameters->members[i].identity);
        enum status admitted = keyring_admits(&desk->keyring, parameters->members[i].identity);
        row->members[i].is_revoked = admitted != STATUS_OK;
        row->members[i].is_lost = admitted == STATUS_LOST;
        row->revoked_count += row->members[i].is_revoked;
        row->lost_count += row->members[i].is_lost;
    }
    row->former_count = group->former_count;
    for (size_t i = 0; i < group->former_count; i++) {
        snprintf(row->former[i].identity, OFFICER_IDENTITY_SIZE, "%s", group->former[i].identity);
        groups_show_name(groups, group->former[i].identity, parameters->identity,
                         row->former[i].name, &row->former[i].name_kind);
        enum status admitted = keyring_admits(&desk->keyring, group->former[i].identity);
        row->former[i].is_revoked = admitted != STATUS_OK;
        row->former[i].is_lost = admitted == STATUS_LOST;
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

static void show_credential(const struct keyring *keyring, struct moment now, struct view *view) {
    const struct credential *credential = keyring->credential;
    struct view_credential *row = &view->credential;
    snprintf(row->identity, sizeof row->identity, "%s", credential->identity);
    snprintf(row->kms, sizeof row->kms, "%s", credential->kms);
    snprintf(row->attested_name, sizeof row->attested_name, "%s", credential->attestation.name);
    credential_fingerprint(credential, row->fingerprint);
    const struct log_head log = keyring_log(keyring);
    log_head_print(&log, row->log);
    snprintf(row->crypto_module, sizeof row->crypto_module, "%s", keyring->provider->name);
    row->recovery = keyring_has_recovery(keyring);
    row->fixed = identity_is_me(credential->identity);
    show_months(keyring, row->months);
    row->ends_utc_ms = keyring_ends_ms(keyring, now);
    row->max_key_period_ms = credential->max_key_period_ms;
}

static void show_names(const struct groups *groups, struct view *view) {
    for (size_t i = 0; i < view->nearby_count; i++) {
        struct view_nearby *row = &view->nearby[i];
        const struct name name = groups_name_of(groups, row->identity);
        snprintf(row->name, sizeof row->name, "%s", name.text);
        row->name_kind = name.kind;
        enum status admitted = keyring_admits(&groups->desk->keyring, row->identity);
        row->is_revoked = admitted != STATUS_OK;
        row->is_lost = admitted == STATUS_LOST;
    }
}

static void show_lost(const struct groups *groups, struct view *view) {
    const struct lost *lost = &groups->desk->lost;
    _Static_assert((int)VIEW_LOST_MAX == (int)LOST_MAX, "each has a row");
    view->revoked.lost = lost->count;
    for (size_t i = 0; i < lost->count; i++) {
        struct view_lost *row = &view->lost[i];
        const struct name name = groups_name_of(groups, lost->list[i]);
        snprintf(row->identity, sizeof row->identity, "%s", lost->list[i]);
        snprintf(row->name, sizeof row->name, "%s", name.text);
        row->name_kind = name.kind;
    }
}

static void show_clocks(const struct roster *roster, struct moment now, struct view *view) {
    const struct wall_clocks clocks = wall_clocks_of(roster, now, PRESENCE_LASTS_MS);
    view->clocks_ahead_ms = wall_clocks_median(&clocks);
    view->clocks_differ = clock_differs(view->clocks_ahead_ms);
}

/* --- What others ask the officer ------------------------------------------------------------ */

static void show_proposal(const struct invitation *invitation, struct moment now,
                          const struct connection *connection, struct view_invitation *row) {
    const char *inviter = connection->d2d->remote;
    *row = (struct view_invitation){
        .id = connection->proposal.number,
        .trusted = roster_trusts(invitation->connections->roster, inviter),
        .is_two = roster_is_two(invitation->connections->roster, inviter, now),
        .clock_differs = clock_differs(connection->clock_difference_ms),
        .clock_difference_ms = connection->clock_difference_ms,
        .waits_ms = connection->proposal.decide_by_ms - now.boot_ms,
        .purpose = INVITED_TO_CALL,
    };
    snprintf(row->inviter, sizeof row->inviter, "%s", inviter);
    const struct name name = groups_name_of(invitation->groups, inviter);
    snprintf(row->inviter_name, sizeof row->inviter_name, "%s", name.text);
    row->inviter_name_kind = name.kind;
    invitation_show(invitation, now, connection, row);
}

static int by_number(const void *a, const void *b) {
    uint64_t x = ((const struct view_invitation *)a)->id;
    uint64_t y = ((const struct view_invitation *)b)->id;
    return (x > y) - (x < y);
}

static void show_proposals(const struct invitation *invitation, struct moment now,
                           struct view *view) {
    view->invitation_count = 0;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *connection = invitation->connections->list[i];
        if (connection != NULL && connection->proposal.number != 0 &&
            view->invitation_count < VIEW_INVITATIONS_MAX) {
            show_proposal(invitation, now, connection,
                          &view->invitations[view->invitation_count++]);
        }
    }
    if (view->invitation_count > 1) { /* it takes memory for one of them however few there are */
        qsort(view->invitations, view->invitation_count, sizeof view->invitations[0], by_number);
    }
}

/* --- The whole ------------------------------------------------------------------------------ */

const struct view *handset_view(struct handset *handset, struct moment now) {
    struct view *view = handset->view;
    const struct desk *desk = &handset->desk;
    view->phase = handset->started ? PHASE_READY : PHASE_UNENROLLED;
    view->utc_ms = now.utc_ms;
    links_show(&handset->links, view);
    versions_show(&handset->versions, now, view);
    alarms_show(&desk->alarms, view);
    if (!handset->started) {
        return view;
    }
    snprintf(view->identity, sizeof view->identity, "%s", own_identity(desk));
    snprintf(view->name, sizeof view->name, "%s", desk->name);
    view->radio_silence = desk->radio_silence;
    view->airplane = desk->airplane;
    settings_show(&handset->settings, view);
    crews_show(&handset->crews, view);
    show_credential(&desk->keyring, now, view);
    revoked_show(&desk->revoked, &desk->keyring, now, &view->revoked);
    show_lost(&handset->groups, view);
    roster_show(&handset->roster, &handset->links, now, view);
    view->is_asking = inquiry_goes_on(&handset->inquiry);
    show_names(&handset->groups, view);
    show_clocks(&handset->roster, now, view);
    view->group_count = handset->groups.count;
    for (size_t i = 0; i < handset->groups.count; i++) {
        show_group(&handset->groups, now, handset->groups.list[i], &view->groups[i]);
    }
    other_keys_show(&handset->other_keys, view);
    management_show(&handset->management, now, view);
    show_proposals(&handset->invitation, now, view);
    resemblance_show(&handset->desk.names, view);
    resemblance_show_groups(&handset->desk.names, view);
    view->talker_count = 0;
    emergencies_show(&handset->emergencies, view);
    talk_show(&handset->talk, now, view);
    hearers_show(&handset->hearers, now, view);
    listening_show(&handset->listening, now, view);
    queue_show(&handset->queue, view);
    turns_show(&handset->turns, now, view);
    asking_show(&handset->asking, view);
    call_show(&handset->call, now, view);
    again_show(&handset->again, now, view);
    messages_show(&handset->messages, now, view);
    import_show(&handset->import, now, view);
    journal_show(&desk->journal, view);
    return view;
}
