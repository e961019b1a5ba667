/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/ui/officer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/character.h"

enum {
    ROW_SIZE = 4096
};

#define SET(field, text) snprintf((field), sizeof(field), "%s", (text))

static const int64_t noon_utc_ms = INT64_C(1795521600000); /* 2026-11-24 12:00 UTC */

struct officer officer_begin(int columns, int rows) {
    struct officer officer = {.ui = ui_new(),
                              .view = calloc(1, sizeof *officer.view),
                              .canvas = canvas_new(columns, rows)};
    struct view *view = officer.view;
    if (officer.ui == NULL || view == NULL || officer.canvas == NULL) {
        abort();
    }
    view->phase = PHASE_READY;
    view->utc_ms = noon_utc_ms + 34 * 60 * 1000 + 56 * 1000;
    SET(view->identity, ANNA);
    SET(view->name, "Anna");
    SET(view->credential.attested_name, "Anna");
    SET(view->credential.identity, ANNA);
    SET(view->credential.kms, "kms.county.example");
    SET(view->credential.fingerprint, "7f3a 91c0 55de 0b12");
    SET(view->credential.crypto_module, "native");
    view->credential.fixed = true;
    view->credential.max_key_period_ms = 24 * (int64_t)TEST_HOUR;
    view->settings.longest_talk_ms = SETTINGS_LONGEST_TALK_MS;
    view->settings.takes_keys = true;
    officer_look(&officer);
    return officer;
}

void officer_end(struct officer *officer) {
    ui_free(officer->ui);
    free(officer->view);
    canvas_free(officer->canvas);
}

const char *officer_locale(void) {
    static char folder[4096];
    /* BUILD/tests/ui/test_* */
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - sizeof "locale");
    for (int parts = 0; parts < 3; parts++) {
        while (length > 0 && folder[--length] != '/') {
        }
    }
    strcpy(folder + (length > 0 ? length : 0), "/locale");
    return folder;
}

void officer_look(struct officer *officer) {
    canvas_clear(officer->canvas);
    ui_draw(officer->ui, officer->view, area_of(officer->canvas));
}

static void press(struct officer *officer, uint32_t key) {
    if (!ui_key(officer->ui, officer->view, key, &officer->command)) {
        officer->command.kind = COMMAND_NONE;
    }
}

void officer_press_blind(struct officer *officer, const char *name) {
    uint32_t key = press_from_name(name);
    if (key == PRESS_NONE) {
        fprintf(stderr, "no key is named %s\n", name);
        abort();
    }
    press(officer, key);
}

void officer_press(struct officer *officer, const char *names) {
    char copy[256], *rest = copy;
    SET(copy, names);
    for (char *name; (name = strtok_r(rest, " ", &rest)) != NULL;) {
        officer_press_blind(officer, name);
        officer_look(officer);
    }
}

void officer_type(struct officer *officer, const char *text) {
    while (*text != '\0') {
        press(officer, character_next(&text));
    }
    officer_look(officer);
}

static const char *find_row(struct officer *officer, const char *text, int *row) {
    static char line[ROW_SIZE];
    for (*row = 0; *row < officer->canvas->rows; (*row)++) {
        if (canvas_row_text(officer->canvas, *row, line, sizeof line) &&
            strstr(line, text) != NULL) {
            return line;
        }
    }
    return NULL;
}

bool officer_sees(struct officer *officer, const char *text) {
    int row;
    return find_row(officer, text, &row) != NULL;
}

bool officer_sees_style(struct officer *officer, const char *text, enum style style) {
    int row;
    const char *line = find_row(officer, text, &row);
    if (line == NULL) {
        return false;
    }
    char before[ROW_SIZE];
    SET(before, line);
    *strstr(before, text) = '\0';
    int column = text_width(before);
    for (int i = 0; i < text_width(text); i++) {
        if (canvas_cell(officer->canvas, row, column + i).style != style) {
            return false;
        }
    }
    return true;
}

const char *officer_keys(struct officer *officer) {
    static char line[ROW_SIZE];
    canvas_row_text(officer->canvas, officer->canvas->rows - 1, line, sizeof line);
    return line;
}

char *officer_screen(struct officer *officer) {
    size_t size = (size_t)officer->canvas->rows * ROW_SIZE + 1, used = 0;
    char *screen = malloc(size);
    for (int row = 0; row < officer->canvas->rows; row++) {
        canvas_row_text(officer->canvas, row, screen + used, ROW_SIZE);
        used += strlen(screen + used);
        screen[used++] = '\n';
    }
    screen[used] = '\0';
    return screen;
}

struct view_nearby *view_add_nearby(struct view *view, const char *identity, const char *name) {
    struct view_nearby *nearby = &view->nearby[view->nearby_count++];
    *nearby = (struct view_nearby){.heard_ago_ms = 4000, .quality = VIEW_QUALITY_UNKNOWN};
    SET(nearby->identity, identity);
    SET(nearby->name, name);
    nearby->name_kind = NAME_ATTESTED;
    return nearby;
}

void view_hear(struct view_nearby *nearby, const char *link, unsigned links, int quality) {
    SET(nearby->link, link);
    nearby->links = links;
    nearby->quality = quality;
}

struct view_radio *view_add_radio(struct view *view, const char *link, const char *name,
                                  enum radio_view_state state, const char *condition) {
    struct view_radio *radio = &view->radios[view->radio_count++];
    *radio = (struct view_radio){.state = state, .quality = VIEW_QUALITY_UNKNOWN};
    SET(radio->link, link);
    SET(radio->name, name);
    radio->condition.name = condition;
    return radio;
}

void view_remove_nearby(struct view *view, size_t index) {
    view->nearby_count--;
    memmove(&view->nearby[index], &view->nearby[index + 1],
            (view->nearby_count - index) * sizeof view->nearby[0]);
}

struct view_group *view_add_group(struct view *view, const char *identity, const char *name) {
    struct view_group *group = &view->groups[view->group_count++];
    memset(group, 0, sizeof *group);
    SET(group->identity, identity);
    SET(group->name, name);
    group->gmk_id = 0xA1B2C3D4;
    group->period_ms = 8 * (int64_t)TEST_HOUR;
    group->remaining_ms = 7 * (int64_t)TEST_HOUR + 12 * 60 * 1000;
    group->created_utc_ms = noon_utc_ms;
    view_add_member(group, ANNA, "Anna", MEMBER_SELF);
    return group;
}

static void set_member(struct view_member *member, const char *identity, const char *name,
                       enum member_state state) {
    *member = (struct view_member){.state = state};
    SET(member->identity, identity);
    SET(member->name, name);
    member->name_kind = NAME_ATTESTED;
}

struct view_member *view_add_member(struct view_group *group, const char *identity,
                                    const char *name, enum member_state state) {
    struct view_member *member = &group->members[group->member_count++];
    set_member(member, identity, name, state);
    return member;
}

struct view_invitation *view_add_invitation(struct view *view, uint64_t id, const char *inviter,
                                            const char *name) {
    struct view_invitation *invitation = &view->invitations[view->invitation_count++];
    memset(invitation, 0, sizeof *invitation);
    invitation->id = id;
    SET(invitation->inviter, inviter);
    SET(invitation->inviter_name, name);
    invitation->inviter_name_kind = NAME_ATTESTED;
    SET(invitation->group_name, "Rescue 3");
    invitation->period_ms = 8 * (int64_t)TEST_HOUR;
    invitation->waits_ms = 45 * 1000;
    invitation->member_count = 3;
    set_member(&invitation->members[0], inviter, name, MEMBER_UNKNOWN);
    set_member(&invitation->members[1], ANNA, "Anna", MEMBER_SELF);
    set_member(&invitation->members[2], CAROL, "Carol", MEMBER_UNKNOWN);
    return invitation;
}

struct view_talker *view_add_talker(struct view *view, const char *identity, const char *name,
                                    const char *group) {
    struct view_talker *talker = &view->talkers[view->talker_count++];
    *talker = (struct view_talker){
        .elapsed_ms = 42 * 1000, .level = 63, .delay_ms = 64, .loss_percent = 3};
    SET(talker->identity, identity);
    SET(talker->name, name);
    talker->name_kind = NAME_ATTESTED;
    SET(talker->group, group);
    return talker;
}

struct view_emergency *view_add_emergency(struct view *view, const char *identity, const char *name,
                                          const char *group, const char *group_name) {
    struct view_emergency *emergency = &view->emergencies[view->emergency_count++];
    *emergency = (struct view_emergency){.began_utc_ms = view->utc_ms - 24 * 1000,
                                         .self = strcmp(identity, ANNA) == 0};
    SET(emergency->identity, identity);
    SET(emergency->name, name);
    emergency->name_kind = NAME_ATTESTED;
    SET(emergency->group, group);
    SET(emergency->group_name, group_name);
    return emergency;
}

struct view_refused *view_add_refused(struct view *view, const char *identity, const char *name,
                                      const char *group, int64_t clock_difference_ms) {
    struct view_refused *refused = &view->refused[view->refused_count++];
    *refused = (struct view_refused){.clock_difference_ms = clock_difference_ms};
    SET(refused->identity, identity);
    SET(refused->name, name);
    refused->name_kind = NAME_ATTESTED;
    SET(refused->group, group);
    return refused;
}

struct view_managed *view_add_managed(struct view *view, const char *identity, const char *name,
                                      size_t members, struct view_managed_member **rows) {
    static struct view_managed_member *held;
    struct view_managed *group = &view->managed[view->managed_count++];
    free(held);
    held = calloc(members, sizeof *held);
    if (members > 0 && held == NULL) {
        abort();
    }
    for (size_t i = 0; i < members; i++) {
        held[i].state = MANAGED_HAS;
        snprintf(held[i].identity, sizeof held[i].identity, "tel:+4477009%05zu", i + 100);
        snprintf(held[i].name, sizeof held[i].name, "boat%zu", i + 1);
    }
    *group = (struct view_managed){.state = MANAGED_USABLE,
                                   .gmk_id = 0x0B0A7002,
                                   .period_ms = 7 * 24 * (int64_t)TEST_HOUR,
                                   .remaining_ms = 6 * 24 * (int64_t)TEST_HOUR,
                                   .has_keys = true,
                                   .members = members,
                                   .sent = members,
                                   .received = members,
                                   .row_count = members,
                                   .rows = held};
    SET(group->identity, identity);
    SET(group->name, name);
    *rows = held;
    return group;
}

static void add_session(struct view *view, const char *identity, const char *name, bool self,
                        int64_t ago_ms) {
    struct view_session *session = &view->sessions[view->session_count++];
    *session = (struct view_session){
        .self = self, .began_utc_ms = view->utc_ms - ago_ms, .lasted_ms = 12 * 1000};
    SET(session->talker, identity);
    SET(session->talker_name, name);
    session->talker_name_kind = NAME_ATTESTED;
    SET(session->group_name, "Fire 7");
}

static void add_log(struct view *view, int64_t ago_ms, struct event event) {
    if (event.name[0] != '\0') {
        event.name_kind = NAME_ATTESTED;
    }
    event.utc_ms = view->utc_ms - ago_ms;
    view->log[view->log_count++] = event;
}

/* As the engine shows it: who is in reach is so as a member of a group too. */
static void note_reach(struct view *view) {
    for (size_t i = 0; i < view->group_count; i++) {
        struct view_group *group = &view->groups[i];
        for (size_t k = 0; k < group->member_count; k++) {
            for (size_t n = 0; n < view->nearby_count; n++) {
                group->members[k].is_near |=
                    strcmp(group->members[k].identity, view->nearby[n].identity) == 0;
            }
        }
    }
}

void view_requested(struct view *view) {
    struct view_request *request = &view->enrolment.request;
    view->phase = PHASE_UNENROLLED;
    snprintf(request->identity, sizeof request->identity, "tel:+447700900077");
    snprintf(request->name, sizeof request->name, "Dora");
    snprintf(request->device_key, sizeof request->device_key,
             "63db b9f0 c5ac 41df eec4 a45f 0d14 066d");
    snprintf(request->text, sizeof request->text,
             "-----BEGIN MUSTER REQUEST-----\n"
             "ARF0ZWw6KzQ0NzcwMDkwMDA3NwREb3JhuGyw7YyLVbMp+hb40JYBt6BVjKiR9W4t\n"
             "ysmaWzWy9BnEp3NoF3pQyg==\n"
             "-----END MUSTER REQUEST-----\n");
    snprintf(request->bare, sizeof request->bare,
             "ARF0ZWw6KzQ0NzcwMDkwMDA3NwREb3JhuGyw7YyLVbMp+hb40JYBt6BVjKiR9W4t"
             "ysmaWzWy9BnEp3NoF3pQyg");
    snprintf(request->file, sizeof request->file, "/home/dora/.local/state/muster/store-request");
}

void view_bundled(struct view *view) {
    struct view_bundle *bundle = &view->enrolment.bundle;
    view_requested(view);
    snprintf(bundle->identity, sizeof bundle->identity, "tel:+447700900077");
    snprintf(bundle->name, sizeof bundle->name, "Dora");
    snprintf(bundle->kms, sizeof bundle->kms, "sip:kms@county.example");
    snprintf(bundle->until, sizeof bundle->until, "2026-12-31");
    bundle->has_broker = true;
    bundle->group_count = 1;
    snprintf(bundle->groups[0], sizeof bundle->groups[0], "sip:fire7@county.example");
}

void view_busy(struct view *view) {
    struct view_nearby *ben = view_add_nearby(view, BEN, "Ben");
    ben->trusted = true;
    view_hear(ben, "wifi-direct", 2, 91);
    struct view_nearby *carol = view_add_nearby(view, CAROL, "Carol");
    view_hear(carol, "bluetooth", 1, 40);
    carol->clock_differs = true;
    carol->clock_difference_ms = 3 * (int64_t)TEST_HOUR - 2000;
    carol->heard_ago_ms = 95 * 1000;
    struct view_nearby *dave = view_add_nearby(view, DAVE, "");
    dave->heard_ago_ms = 12 * 1000;
    view_hear(dave, "bluetooth", 1, VIEW_QUALITY_UNKNOWN);
    dave->relayed = true;

    struct view_group *fire = view_add_group(view, FIRE, "Fire 7");
    fire->created_here = true;
    fire->distributing = true;
    view_add_member(fire, BEN, "Ben", MEMBER_ACCEPTED);
    view_add_member(fire, CAROL, "Carol", MEMBER_ASKED)->is_pursued = true;
    struct view_member *unreached = view_add_member(fire, DAVE, "", MEMBER_UNREACHABLE);
    unreached->is_pursued = true;
    unreached->reason = REASON_NO_ANSWER;
    struct view_group *rescue = view_add_group(view, RESCUE, "Rescue 3");
    rescue->gmk_id = 0xA0000007;
    rescue->remaining_ms = 12 * 60 * 1000;
    view_add_member(rescue, BEN, "Ben", MEMBER_UNKNOWN);
    struct view_group *county = view_add_group(view, COUNTY, "County fire service");
    county->kind = GROUP_STANDARD;
    county->managed = true;
    county->member_count = 0;
    county->gmk_id = 0x0000002A;
    county->gmk_state = GMK_EXPIRED;
    county->remaining_ms = 0;

    note_reach(view);
    add_session(view, BEN, "Ben", false, 60 * 1000);
    add_session(view, ANNA, "Anna", true, 3 * 60 * 1000);
    add_session(view, CAROL, "Carol", false, 5 * 60 * 1000);
    add_log(view, 60 * 1000, event_of_member(EVENT_TALK_BEGAN, BEN, "Ben", FIRE, "Fire 7"));
    struct event unreachable = event_of_member(EVENT_MEMBER_UNREACHABLE, DAVE, "", FIRE, "Fire 7");
    unreachable.reason = REASON_NO_ANSWER;
    add_log(view, 90 * 1000, unreachable);
    view->log_times[view->log_count] =
        (struct view_log_times){.times = 412, .since_utc_ms = view->utc_ms - TEST_HOUR};
    add_log(view, 100 * 1000,
            (struct event){.kind = EVENT_REFUSED,
                           .message = MESSAGE_PRESENCE,
                           .check = "signature-invalid",
                           .count = 412,
                           .source = "10.0.0.7",
                           .link = "udp"});
    view->log_times[view->log_count] =
        (struct view_log_times){.times = 24, .since_utc_ms = view->utc_ms - TEST_HOUR};
    add_log(view, 110 * 1000, event_of_identity(EVENT_INVITED_TO_CALL, CAROL, "Carol"));
    view->frames_heard = 4211;
    view->frames_refused = 3;
}
