/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "app/handset/d2d/proposal.h"
#include "app/handset/handset.h"

/* For keys/invitation.h. */
static bool is_for_officer(const void *owner, const struct group_parameters *proposed) {
    const struct handset *handset = owner;
    return emergencies_stand(&handset->emergencies, proposed->identity) ||
           messages_has_unread(&handset->messages, proposed->identity) ||
           messages_report_one_of(&handset->messages, proposed);
}

/* Each room is told of those below it that it uses. */
static void join_rooms(struct handset *handset) {
    struct desk *desk = &handset->desk;
    struct air *air = &handset->air;
    struct groups *groups = &handset->groups;
    struct connections *connections = &handset->connections;
    struct roster *roster = &handset->roster;
    struct admission *admission = &handset->admission;
    settings_begin(&handset->settings, desk);
    crews_begin(&handset->crews, desk);
    admission->desk = desk;
    air->desk = desk;
    air->links = &handset->links;
    handset->presences = (struct presences){.air = air,
                                            .roster = roster,
                                            .admission = admission,
                                            .pace = &handset->pace,
                                            .revocations = &handset->revocations,
                                            .due_ms = INT64_MAX,
                                            .renewed_ms = INT64_MIN};
    handset->revocations =
        (struct revocations){.air = air, .roster = roster, .admission = admission};
    handset->inquiry = (struct inquiry){
        .desk = desk, .roster = roster, .pace = &handset->pace, .presences = &handset->presences};
    handset->relay = (struct relay){.desk = desk, .air = air, .links = &handset->links};
    handset->floods = (struct floods){.desk = desk};
    handset->versions = (struct versions){.desk = desk, .links = &handset->links};
    connections->desk = desk;
    connections->air = air;
    connections->roster = roster;
    connections->links = &handset->links;
    connections->admission = admission;
    groups->desk = desk;
    groups->roster = roster;
    handset->absences = (struct absences){.desk = desk, .groups = groups, .roster = roster};
    handset->lifetime = (struct lifetime){.desk = desk, .groups = groups};
    handset->time_proof = (struct time_proof){.desk = desk, .roster = roster, .groups = groups};
    handset->receipts = (struct receipts){.desk = desk, .air = air, .groups = groups};
    handset->standard = (struct standard){
        .desk = desk, .admission = admission, .groups = groups, .receipts = &handset->receipts};
    handset->import.desk = desk;
    handset->import.standard = &handset->standard;
    handset->management = (struct management){.desk = desk,
                                              .air = air,
                                              .roster = roster,
                                              .groups = groups,
                                              .standard = &handset->standard,
                                              .admission = admission};
    handset->offers = (struct offers){
        .desk = desk, .roster = roster, .connections = connections, .groups = groups};
    handset->distribution = (struct distribution){
        .desk = desk, .roster = roster, .groups = groups, .offers = &handset->offers};
    handset->invitation = (struct invitation){
        .desk = desk,
        .connections = connections,
        .groups = groups,
        .settings = &handset->settings,
        .is_for_officer = is_for_officer,
        .owner = handset,
        .decisions.desk = desk,
        .rings = {.each_max = INVITATIONS_EACH_MAX, .doublings_max = RINGS_DOUBLINGS_MAX}};
    handset->lists = (struct lists){
        .desk = desk, .roster = roster, .connections = connections, .groups = groups};
    handset->acquaintance = (struct acquaintance){.desk = desk,
                                                  .groups = groups,
                                                  .connections = connections,
                                                  .presences = &handset->presences,
                                                  .roster = roster};
    handset->attendance = (struct attendance){.desk = desk,
                                              .air = air,
                                              .groups = groups,
                                              .roster = roster,
                                              .pace = &handset->pace,
                                              .inquiry = &handset->inquiry,
                                              .admission = admission};
    handset->emergencies = (struct emergencies){.desk = desk, .groups = groups};
    handset->hearers.desk = desk;
    handset->hearers.groups = groups;
    handset->hearers.admission = admission;
    handset->talk = (struct talk){.desk = desk,
                                  .air = air,
                                  .admission = admission,
                                  .groups = groups,
                                  .hearers = &handset->hearers,
                                  .floor = &handset->floor,
                                  .queue = &handset->queue,
                                  .turns = &handset->turns,
                                  .settings = &handset->settings,
                                  .emergencies = &handset->emergencies};
    handset->queue.desk = desk;
    handset->queue.groups = groups;
    handset->queue.admission = admission;
    handset->turns = (struct turns){.desk = desk, .groups = groups};
    handset->asking = (struct asking){.desk = desk,
                                      .air = air,
                                      .groups = groups,
                                      .floor = &handset->floor,
                                      .turns = &handset->turns,
                                      .emergencies = &handset->emergencies,
                                      .sessions = handset->listening.sessions};
    handset->reporting.desk = desk;
    handset->reporting.air = air;
    handset->reporting.groups = groups;
    handset->reporting.admission = admission;
    handset->listening.ticket_checks.desk = desk;
    handset->listening.desk = desk;
    handset->listening.admission = admission;
    handset->listening.groups = groups;
    handset->listening.presences = &handset->presences;
    handset->listening.reporting = &handset->reporting;
    handset->listening.floor = &handset->floor;
    handset->listening.emergencies = &handset->emergencies;
    handset->listening.again = &handset->again;
    handset->listening.asking = &handset->asking;
    handset->other_keys =
        (struct other_keys){.desk = desk, .admission = admission, .groups = groups};
    handset->listening.other_keys = &handset->other_keys;
    handset->again.desk = desk;
    handset->again.groups = groups;
    handset->again.settings = &handset->settings;
    handset->again.store = (struct speech_store){.desk = desk, .groups = groups};
    handset->call = (struct call){.desk = desk,
                                  .air = air,
                                  .roster = roster,
                                  .connections = connections,
                                  .groups = groups,
                                  .rings.doublings_max = RINGS_DOUBLINGS_MAX};
    handset->messages =
        (struct messages){.desk = desk, .air = air, .admission = admission, .groups = groups};
    handset->topics = (struct topics){.desk = desk, .admission = admission, .groups = groups};
    handset->revoking = (struct revoking){.desk = desk,
                                          .revocations = &handset->revocations,
                                          .roster = roster,
                                          .connections = connections,
                                          .groups = groups,
                                          .management = &handset->management,
                                          .offers = &handset->offers,
                                          .listening = &handset->listening,
                                          .call = &handset->call,
                                          .distribution = &handset->distribution,
                                          .messages = &handset->messages};
    offers_serve(&handset->offers);
    invitation_serve(&handset->invitation);
    call_serve(&handset->call);
    lists_serve(&handset->lists);
}

enum status handset_new(const struct handset_setup *setup, struct moment now,
                        struct handset **out) {
    *out = NULL;
    /* Here, and not when the first words are waiting for it. */
    enum status status = gsc_set_up();
    if (status != STATUS_OK) {
        return status;
    }
    struct handset *handset = calloc(1, sizeof *handset);
    if (handset == NULL) {
        return STATUS_NO_MEMORY;
    }
    join_rooms(handset);
    handset->view = calloc(1, sizeof *handset->view);
    if (handset->view == NULL || connections_start(&handset->connections) != STATUS_OK) {
        handset_free(handset);
        return STATUS_NO_MEMORY;
    }
    handset->view->is_bound = setup->is_bound;
    handset->desk.keyring.provider = setup->provider;
    handset->desk.entropy = setup->entropy;
    handset->desk.namer = setup->namer;
    admission_start(&handset->admission, now.boot_ms);
    relay_start(&handset->relay, now.boot_ms);
    revocations_start(&handset->revocations, now.boot_ms);
    queue_start(&handset->queue, now);
    management_begin(&handset->management, now.boot_ms);
    *out = handset;
    return STATUS_OK;
}

void handset_free(struct handset *handset) {
    if (handset == NULL) {
        return;
    }
    talk_clear(&handset->talk);
    listening_clear(&handset->listening);
    hearers_clear(&handset->hearers);
    reporting_clear(&handset->reporting);
    again_clear(&handset->again);
    crews_clear(&handset->crews);
    call_clear(&handset->call);
    messages_clear(&handset->messages);
    connections_clear(&handset->connections);
    groups_clear(&handset->groups);
    management_clear(&handset->management);
    attendance_clear(&handset->attendance);
    relay_clear(&handset->relay);
    admission_clear(&handset->admission);
    fragments_clear(&handset->fragments);
    presence_clear(&handset->presences);
    roster_clear(&handset->roster);
    desk_clear(&handset->desk);
    free(handset->view);
    free(handset);
}
