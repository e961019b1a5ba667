/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole screens against fixtures/golden, in the full layout, in the short one and in the smallest,
 * in each language; and of what they say in their own words nothing may be cut off. A change on
 * purpose: run with MUSTER_GOLDEN=write, look at the difference, commit it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"
#include "ui/picture.h"
#include "ui/words/words.h"

static void write_golden(const char *path, const char *screen) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(screen, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* The pictures of ui/README.md, which `make picture` writes, are of the screens of today. */
static void compare_picture(const struct canvas *canvas, const char *name) {
    static const char *const titles[][2] = {
        {"nearby", "Muster: who is nearby"},       {"new-group-confirm", "Muster: a new group"},
        {"invitation", "Muster: an invitation"},   {"group", "Muster: a group"},
        {"talk-talker", "Muster: somebody talks"}, {"emergency", "Muster: an emergency"}};
    const char *mode = getenv("MUSTER_PICTURES");
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        char path[128], *picture = NULL, golden[64 * 1024];
        size_t size = 0;
        if (strcmp(titles[i][0], name) != 0) {
            continue;
        }
        FILE *memory = open_memstream(&picture, &size);
        assert_non_null(memory);
        assert_true(picture_write(canvas, titles[i][1], memory));
        assert_int_equal(fclose(memory), 0);
        snprintf(path, sizeof path, "fixtures/screens/%s.svg", name);
        if (mode != NULL && strcmp(mode, "write") == 0) {
            write_golden(path, picture);
        }
        FILE *file = fopen(path, "r");
        size_t length = file != NULL ? fread(golden, 1, sizeof golden - 1, file) : 0;
        golden[length] = '\0';
        if (file != NULL) {
            fclose(file);
        }
        if (strcmp(golden, picture) != 0) {
            fail_msg("%s is not of today: make picture", path);
        }
        free(picture);
    }
}

static void compare(struct officer *officer, const char *language, const char *name) {
    char path[128], golden[64 * 1024];
    snprintf(path, sizeof path, "fixtures/golden/%s%s-%dx%d.txt",
             strcmp(language, "en") == 0 ? "" : "de/", name, officer->canvas->columns,
             officer->canvas->rows);
    officer_look(officer);
    char *screen = officer_screen(officer);
    const char *mode = getenv("MUSTER_GOLDEN");
    if (mode != NULL && strcmp(mode, "write") == 0) {
        write_golden(path, screen);
    }
    FILE *file = fopen(path, "r");
    size_t length = file != NULL ? fread(golden, 1, sizeof golden - 1, file) : 0;
    golden[length] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    if (strcmp(golden, screen) != 0) {
        print_error("%s differs. It should be:\n%sIt is:\n%s", path, golden, screen);
    }
    if (officer->canvas->cut > 0) {
        print_error("%s: %u texts are cut off:\n%s", path, officer->canvas->cut, screen);
    }
    assert_string_equal(golden, screen);
    free(screen);
    if (strcmp(language, "en") == 0 && officer->canvas->columns == 80) {
        compare_picture(officer->canvas, name);
    }
}

/* A scene: how the view is, and the keys that lead to the screen. */
struct scene {
    const char *name;
    void (*set)(struct view *view);
    const char *keys;
};

static void set_new(struct view *view) {
    view->phase = PHASE_NEW;
}

/* Two crews; of one somebody is away. */
static void set_crews(struct view *view) {
    static struct view_crew crews[2];
    view_busy(view);
    memset(crews, 0, sizeof crews);
    crews[0] = (struct view_crew){.name = "Boat, coast guard, night", .key = "2"};
    crews[1] = (struct view_crew){.name = "Engine 7", .key = "1"};
    static const char *const identities[] = {BEN, CAROL, DAVE};
    static const char *const names[] = {"Ben", "Carol", "Dave"};
    for (size_t i = 0; i < 3; i++) {
        struct view_crew_member *member = &crews[0].members[crews[0].member_count++];
        snprintf(member->identity, sizeof member->identity, "%s", identities[i]);
        snprintf(member->name, sizeof member->name, "%s", names[i]);
        member->name_kind = i == 2 ? NAME_CLAIMED : NAME_ATTESTED;
    }
    crews[1].member_count = 1;
    crews[1].members[0] = crews[0].members[0];
    view->crews = crews;
    view->crew_count = 2;
}

static void set_locked(struct view *view) {
    view->phase = PHASE_LOCKED;
    view->problem.kind = EVENT_PASSPHRASE_WRONG;
}

static void set_locked_again(struct view *view) {
    view_busy(view);
    view->phase = PHASE_LOCKED;
    view->lock = (struct view_lock){.was_open = true};
}

static void set_locked_waiting(struct view *view) {
    set_locked_again(view);
    view->lock.wrong = 8;
    view->lock.wait_ms = 95 * 1000;
    view->lock.erase_after = 10;
}

static void set_locked_hearing(struct view *view) {
    set_locked_again(view);
    view->lock.hears = true;
}

static void set_lock_hearing(struct view *view) {
    view_busy(view);
    view->settings.hears_locked = true;
}

static void set_lock_settings(struct view *view) {
    view_busy(view);
    view->settings.lock_after_ms = 15 * 60 * 1000;
    view->settings.erase_after = 10;
}

static void set_unlocking(struct view *view) {
    view->phase = PHASE_UNLOCKING;
}

static void set_unenrolled(struct view *view) {
    view->phase = PHASE_UNENROLLED;
}

static void set_nothing(struct view *view) {
    (void)view;
}

static void set_invitation(struct view *view) {
    view_busy(view);
    struct view_invitation *invitation = view_add_invitation(view, 7, BEN, "Ben");
    invitation->clock_differs = true;
    invitation->clock_difference_ms = -3 * (int64_t)TEST_HOUR;
}

/* Of three in reach one is in the group. */
static void set_few_members(struct view *view) {
    view_busy(view);
    view->groups[0].member_count = 2;
}

static void set_late_invitation(struct view *view) {
    set_invitation(view);
    view->invitations[0].is_late = true;
    view->invitations[0].since_utc_ms = view->utc_ms - 3 * (int64_t)TEST_HOUR;
    view->invitations[0].left_ms = view->invitations[0].period_ms - 3 * (int64_t)TEST_HOUR;
}

static void set_rekey_invitation(struct view *view) {
    set_invitation(view);
    view->invitations[0].purpose = INVITED_TO_REKEY;
    view->invitations[0].trusted = true;
    view->invitations[0].clock_differs = false;
}

/* Two of the groups that are held have one name, in different letters. */
static void set_groups_alike(struct view *view) {
    view_busy(view);
    snprintf(view->groups[0].mark, sizeof view->groups[0].mark, "025763-0");
    snprintf(view->groups[1].name, sizeof view->groups[1].name, "FIRE 7");
    snprintf(view->groups[1].mark, sizeof view->groups[1].mark, "025702-0");
}

static void set_invitation_alike(struct view *view) {
    set_invitation(view);
    view->invitations[0].clock_differs = false;
    view->invitations[0].group_alike = true;
}

static void set_renaming_invitation(struct view *view) {
    set_invitation_alike(view);
    view->invitations[0].purpose = INVITED_TO_REKEY;
    snprintf(view->invitations[0].former_name, sizeof view->invitations[0].former_name, "Fire 8");
}

static void set_call_invitation(struct view *view) {
    view_busy(view);
    view_add_invitation(view, 9, BEN, "Ben")->purpose = INVITED_TO_CALL;
}

static void set_talker(struct view *view) {
    view_busy(view);
    view_add_talker(view, BEN, "Ben", FIRE);
}

static void set_talker_alike(struct view *view) {
    set_talker(view);
    snprintf(view->groups[0].mark, sizeof view->groups[0].mark, "025763-0");
}

static void set_late(struct view *view) {
    view_busy(view);
    view_add_talker(view, BEN, "Ben", FIRE)->missed_ms = 12 * 1000;
}

static void set_unproven(struct view *view) {
    view_busy(view);
    view->groups[0].time_unproven = true;
}

static void set_refused(struct view *view) {
    view_busy(view);
    view_add_refused(view, BEN, "Ben", FIRE, -4 * 60 * 1000);
}

/* The disk is full, and somebody asks and somebody talks besides. */
static void set_alarms(struct view *view) {
    view_busy(view);
    view_add_invitation(view, 7, BEN, "Ben");
    view_add_talker(view, BEN, "Ben", FIRE);
    view->alarms[0] = (struct event){.kind = EVENT_SAVING_FAILED, .check = "no-space"};
    view->alarms[1] = (struct event){.kind = EVENT_MEMORY_NOT_LOCKED};
    view->alarm_count = 2;
}

static void set_flood(struct view *view) {
    view_busy(view);
    view->alarms[0] = (struct event){
        .kind = EVENT_FLOOD, .condition.number = 9800, .link = "udp", .source = "10.0.0.7"};
    view->alarm_count = 1;
}

/* November's keys, a week before they end, on their last day and after it. */
static void set_november(struct view *view, int64_t left_ms) {
    view_busy(view);
    snprintf(view->identity, sizeof view->identity, "tel:+447700900100");
    memcpy(view->credential.identity, view->identity, sizeof view->identity);
    view->credential.fixed = false;
    snprintf(view->credential.months, VIEW_MONTHS_SIZE, "2026-11");
    view->credential.ends_utc_ms = INT64_C(1796083200000);
    view->utc_ms = view->credential.ends_utc_ms - left_ms;
    view->alarm_count = 1;
}

static void set_last_days(struct view *view) {
    set_november(view, 155 * (int64_t)TEST_HOUR);
    view->alarms[0] =
        (struct event){.kind = EVENT_KEYS_END_SOON, .day = "2026-11-30", .month = "2026-12"};
}

static void set_last_day(struct view *view) {
    set_november(view, 11 * (int64_t)TEST_HOUR);
    view->alarms[0] = (struct event){.kind = EVENT_KEYS_END_TODAY, .month = "2026-12"};
}

static void set_keys_ended(struct view *view) {
    set_november(view, -36 * (int64_t)TEST_HOUR);
    view->alarms[0] =
        (struct event){.kind = EVENT_KEYS_ENDED, .day = "2026-11-30", .month = "2026-12"};
}

/* Ben talks, and this officer asked to talk next. */
static void set_queued(struct view *view) {
    set_talker(view);
    view->floor.asked = ASKED_QUEUED;
    view->floor.position = 2;
    snprintf(view->floor.asked_group, sizeof view->floor.asked_group, "%s", FIRE);
}

static void set_your_turn(struct view *view) {
    set_queued(view);
    view->talker_count = 0;
    view->floor.asked = ASKED_YOUR_TURN;
}

static void set_other_turn(struct view *view) {
    view_busy(view);
    view->floor.turn_count = 1;
    struct view_turn *turn = &view->floor.turns[0];
    snprintf(turn->group, sizeof turn->group, "%s", FIRE);
    snprintf(turn->identity, sizeof turn->identity, "%s", BEN);
    snprintf(turn->name, sizeof turn->name, "Ben");
    turn->name_kind = NAME_ATTESTED;
}

static void set_talking(struct view *view) {
    view_busy(view);
    view->talking = true;
    view_add_talker(view, ANNA, "Anna", FIRE)->self = true;
    view_add_invitation(view, 7, BEN, "Ben");
}

static void add_unheard(struct view *view, const char *identity, const char *name,
                        enum unheard_reason reason) {
    struct view_unheard *unheard = &view->hearing.unheard[view->hearing.unheard_count++];
    unheard->reason = reason;
    snprintf(unheard->identity, sizeof unheard->identity, "%s", identity);
    snprintf(unheard->name, sizeof unheard->name, "%s", name);
    unheard->name_kind = NAME_ATTESTED;
}

static void set_waited_for(struct view *view) {
    set_talking(view);
    view->floor.waiting = 2;
}

/* Anna talks, or has until now, to three others. */
static void set_hearing(struct view *view, enum hearing_state state, size_t hearers) {
    view_busy(view);
    view->talking = true;
    view_add_talker(view, ANNA, "Anna", FIRE)->self = true;
    view->hearing = (struct view_hearing){
        .state = state, .has_list = true, .group = FIRE, .hearers = hearers, .others = 3};
}

static void set_just_pressed(struct view *view) {
    set_hearing(view, HEARING_AWAITED, 0);
    add_unheard(view, BEN, "Ben", UNHEARD_UNKNOWN);
    add_unheard(view, CAROL, "Carol", UNHEARD_LACKS_KEY);
    add_unheard(view, DAVE, "", UNHEARD_NOT_NEARBY);
}

static void set_pressed_again(struct view *view) {
    set_just_pressed(view);
    view->hearing.earlier = 2;
}

static void set_heard(struct view *view) {
    set_hearing(view, HEARING_SOME, 1);
    view->hearing.was_heard = true;
    add_unheard(view, CAROL, "Carol", UNHEARD_LACKS_KEY);
    add_unheard(view, DAVE, "", UNHEARD_NOT_NEARBY);
}

static void set_unheard(struct view *view) {
    set_hearing(view, HEARING_NOBODY, 0);
    add_unheard(view, BEN, "Ben", UNHEARD_NOT_PLAYED);
    add_unheard(view, CAROL, "Carol", UNHEARD_CLOCK_DIFFERS);
    add_unheard(view, DAVE, "", UNHEARD_UNKNOWN);
}

static void set_alone(struct view *view) {
    set_hearing(view, HEARING_NOBODY, 0);
    view->hearing.others = 0;
}

static void end_talk(struct view *view) {
    view->talking = false;
    view->talker_count = 0;
    view->hearing.is_over = true;
}

static void set_was_heard(struct view *view) {
    set_hearing(view, HEARING_SOME, 3);
    end_talk(view);
}

static void set_was_unheard(struct view *view) {
    set_hearing(view, HEARING_NOBODY, 0);
    add_unheard(view, BEN, "Ben", UNHEARD_LACKS_KEY);
    add_unheard(view, CAROL, "Carol", UNHEARD_LACKS_KEY);
    add_unheard(view, DAVE, "", UNHEARD_LACKS_KEY);
    end_talk(view);
}

static void set_was_heard_at_first(struct view *view) {
    set_unheard(view);
    view->hearing.was_heard = true;
    end_talk(view);
}

static void set_heard_without_list(struct view *view) {
    set_hearing(view, HEARING_SOME, 17);
    view->hearing.has_list = false;
    view->hearing.others = 0;
}

static void set_call(struct view *view) {
    view_busy(view);
    view->call_state = CALL_ACTIVE;
    view->call_elapsed_ms = 83 * 1000;
    snprintf(view->call_identity, sizeof view->call_identity, "%s", BEN);
    snprintf(view->call_name, sizeof view->call_name, "Ben");
    view->call_name_kind = NAME_ATTESTED;
    view_add_talker(view, BEN, "Ben", "");
}

static void set_expired(struct view *view) {
    view_busy(view);
    view->groups[0] = view->groups[2];
    view->group_count = 1;
}

static void add_imported(struct view *view, struct event event) {
    view->imported[view->imported_count++] = event;
}

static void set_import(struct view *view) {
    view_busy(view);
    struct view_gathering *fire = &view->gatherings[view->gathering_count++];
    *fire = (struct view_gathering){.tag = "K7QX2MPA",
                                    .count = 8,
                                    .there = 5,
                                    .missing = 1u << 1 | 1u << 4 | 1u << 6,
                                    .latest_ago_ms = 3 * (int64_t)TEST_HOUR};
    struct view_gathering *rescue = &view->gatherings[view->gathering_count++];
    *rescue = (struct view_gathering){
        .tag = "ABCDEFGH", .count = 8, .there = 7, .missing = 1u << 2, .latest_ago_ms = 2000};
    add_imported(view, (struct event){.kind = EVENT_IMPORT_TAKEN, .group = COUNTY});
    add_imported(
        view, (struct event){
                  .kind = EVENT_PART_DAMAGED, .line = 4, .part = 3, .count = 8, .tag = "ABCDEFGH"});
    add_imported(view,
                 (struct event){
                     .kind = EVENT_PARTS_MISSING, .parts = 1u << 2, .count = 8, .tag = "ABCDEFGH"});
}

/* A group of twelve in all states; whoever manages it is no member. */
static void set_manager(struct view *view) {
    struct view_managed_member *rows;
    view_busy(view);
    struct view_managed *group = view_add_managed(view, BOAT, "boat2", 12, &rows);
    rows[1].state = MANAGED_EXCLUDED;
    rows[2].state = rows[3].state = MANAGED_SENT;
    rows[4].name[0] = '\0';
    group->members = group->sent = 11;
    group->excluded = 1;
    group->received = 9;
}

static void set_manager_ahead(struct view *view) {
    set_manager(view);
    view->clocks_ahead_ms = -6 * 60 * 1000;
    view->clocks_differ = true;
}

static void set_manager_sending(struct view *view) {
    struct view_managed_member *rows;
    view_busy(view);
    struct view_managed *group = view_add_managed(view, BOAT, "boat2", 2000, &rows);
    for (size_t i = 0; i < 2000; i++) {
        rows[i].state = i < 700 ? MANAGED_HAS : i < 1200 ? MANAGED_SENT : MANAGED_LACKS;
    }
    group->received = 700;
    group->sent = 1200;
    group->sending = true;
    group->sent_a_second = 412;
    group->sending_left_ms = 2000;
    group->begins_in_ms = 52000;
}

static void set_manager_new(struct view *view) {
    struct view_managed_member *rows;
    struct view_managed *group = view_add_managed(view, BOAT, "boat2", 0, &rows);
    group->state = MANAGED_NO_GMK;
    group->gmk_id = 0;
    group->has_keys = false;
}

static void set_silence(struct view *view) {
    view_busy(view);
    view->radio_silence = true;
}

static void set_airplane(struct view *view) {
    view->airplane = true;
    view_add_group(view, FIRE, "Fire 7");
    view_add_radio(view, "bluetooth", "hci0", RADIO_VIEW_OFF, NULL);
    view_add_radio(view, "wifi-direct", "wlan0", RADIO_VIEW_OFF, NULL);
}

static void set_links(struct view *view) {
    view_busy(view);
    struct view_radio *bluetooth = view_add_radio(view, "bluetooth", "hci0", RADIO_VIEW_ON, "hub");
    bluetooth->condition.number = 3;
    bluetooth->peers = 3;
    bluetooth->quality = 40;
    view_add_radio(view, "bluetooth", "hci1", RADIO_VIEW_STARTING, NULL);
    struct view_radio *wifi =
        view_add_radio(view, "wifi-direct", "wlan0", RADIO_VIEW_ON, "in-group");
    strcpy(wifi->condition.object, "Muster 1a2b");
    wifi->peers = 1;
    wifi->quality = 91;
    view_add_radio(view, "udp:eth0", "", RADIO_VIEW_ON, NULL);
}

static void add_blocked_radio(struct view *view) {
    struct view_radio *radio =
        view_add_radio(view, "bluetooth", "hci0", RADIO_VIEW_UNUSABLE, "adapter-blocked");
    strcpy(radio->condition.object, "hci0");
}

static void set_sound(struct view *view) {
    set_links(view);
    view->sound = (struct view_sound){
        .is_live = true,
        .microphone_count = 2,
        .microphones = {{"default", "Default ALSA input (currently PipeWire)", true},
                        {"plughw:CARD=Headset,DEV=0", "USB Headset, USB Audio", false}},
        .loudspeaker_count = 2,
        .loudspeakers = {{"default", "Default ALSA output (currently PipeWire)", true},
                         {"plughw:CARD=Headset,DEV=0", "USB Headset, USB Audio", false}},
        .level = 62,
        .gain_db = 6,
        .suppresses_noise = true,
        .has_permit_tone = true,
        .microphone_delay_ms = 12,
        .loudspeaker_delay_ms = 48,
        .gaps = 1,
        .is_realtime = true,
        .is_locked = true};
}

static void set_sound_test(struct view *view) {
    set_sound(view);
    view->sound.test = VIEW_TEST_RECORDS;
    view->sound.test_left_s = 2;
}

static void set_no_microphone(struct view *view) {
    static const enum event_kind kinds[] = {EVENT_MICROPHONE_SILENT, EVENT_LOUDSPEAKER_FAILED};
    set_sound(view);
    view->alarm_count = 2;
    for (size_t i = 0; i < 2; i++) {
        view->alarms[i] =
            (struct event){.kind = kinds[i], .utc_ms = view->utc_ms, .check = "not-found"};
    }
}

static void set_links_blocked(struct view *view) {
    set_links(view);
    view->radios[0] = view->radios[2];
    view->radio_count = 1;
    add_blocked_radio(view);
}

static void set_no_radio_on(struct view *view) {
    add_blocked_radio(view);
    view_add_radio(view, "wifi-direct", "", RADIO_VIEW_UNUSABLE, "no-supplicant");
}

static void set_emergency(struct view *view) {
    set_alarms(view);
    view_add_emergency(view, BEN, "Ben", FIRE, "Fire 7");
}

static void set_emergencies(struct view *view) {
    view_busy(view);
    view_add_emergency(view, BEN, "Ben", FIRE, "Fire 7")->is_over = true;
    view_add_emergency(view, CAROL, "Carol", RESCUE, "Rescue 3");
}

static void set_own_emergency(struct view *view) {
    view_busy(view);
    view->talking = true;
    view_add_talker(view, ANNA, "Anna", FIRE)->self = true;
    view_add_emergency(view, ANNA, "Anna", FIRE, "Fire 7");
}

/* The officer has acknowledged it, and its caller goes on. */
static void set_emergency_talk(struct view *view) {
    set_talker(view);
    view->talkers[0].is_emergency = true;
}

/* More than fit, and more in reach than have a row. */
static void set_crowd(struct view *view) {
    static const char *const names[] = {"Dora", "Emil", "Finn", "Gita", "Hugo", "Ines"};
    static char identities[40][OFFICER_IDENTITY_SIZE];
    view_busy(view);
    for (int i = 0; i < 40; i++) {
        snprintf(identities[i], sizeof identities[i], "urn:gsma:imei:90420156-03%04d-%d",
                 1207 * i % 9973, i % 10);
        struct view_nearby *nearby = view_add_nearby(view, identities[i], names[i % 6]);
        nearby->name_kind = i % 5 == 4 ? NAME_CLAIMED : NAME_ATTESTED;
        nearby->alike = i % 6 == 0;
        nearby->state = i % 4 == 3 ? NEARBY_HEARD : NEARBY_REACHABLE;
    }
    view->nearby_total = 212;
}

static void set_asking(struct view *view) {
    set_crowd(view);
    view->is_asking = true;
}

static void set_two(struct view *view) {
    view_busy(view);
    view->nearby[1].is_two = true;
}

static void set_not_answering(struct view *view) {
    view_busy(view);
    view->nearby[0].state = NEARBY_HEARD;
    view->nearby[1].state = NEARBY_NOT_ANSWERING;
}

static void set_two_invites(struct view *view) {
    set_two(view);
    view_add_invitation(view, 7, CAROL, "Carol")->is_two = true;
}

static void set_two_and_manager(struct view *view) {
    set_manager(view);
    view->nearby[0].is_two = true;
}

static void set_revoked(struct view *view) {
    view_busy(view);
    view->nearby[1].is_revoked = true;
    view->groups[0].members[1].is_revoked = true;
    view->groups[0].revoked_count = 1;
    view->revoked =
        (struct view_revoked){.has_list = true, .count = 3, .age_ms = INT64_C(50) * 60 * 60 * 1000};
}

static void set_lost(struct view *view) {
    view_busy(view);
    view->nearby[1].is_revoked = view->nearby[1].is_lost = true;
    view->groups[0].members[2].is_revoked = view->groups[0].members[2].is_lost = true;
    view->groups[0].revoked_count = view->groups[0].lost_count = 1;
    view->revoked.lost = 2;
    snprintf(view->lost[0].identity, sizeof view->lost[0].identity, "%s", CAROL);
    snprintf(view->lost[0].name, sizeof view->lost[0].name, "Carol");
    view->lost[0].name_kind = NAME_ATTESTED;
    snprintf(view->lost[1].identity, sizeof view->lost[1].identity, "%s", "tel:+447700900999");
}

static void set_revoked_self(struct view *view) {
    set_revoked(view);
    view->revoked.is_self = true;
    view->alarms[view->alarm_count++] = (struct event){.kind = EVENT_REVOKED_SELF};
}

static void set_twice(struct view *view) {
    view_busy(view);
    view->alarms[view->alarm_count++] = (struct event){.kind = EVENT_IDENTITY_TWICE};
}

static const struct scene scenes[] = {
    {"locked", set_locked, "a b c"},
    {"locked-again", set_locked_again, "a b c"},
    {"locked-waiting", set_locked_waiting, ""},
    {"locked-zeroise", set_locked_again, "ctrl-x"},
    {"locked-hearing", set_locked_hearing, "a b c"},
    {"palette", view_busy, ":"},
    {"palette-typed", view_busy, "2 : n e w space k"},
    {"palette-nothing", view_busy, ": q q q"},
    {"help-palette", view_busy, ": tab"},
    {"lock", view_busy, "4 u"},
    {"lock-hearing", set_lock_hearing, "4 u"},
    {"lock-set", set_lock_settings, "4 u"},
    {"new-handset", set_new, "a b c d"},
    {"new-handset-again", set_new, "a b c d e f g h enter a"},
    {"unlocking", set_unlocking, ""},
    {"unenrolled", set_unenrolled, ""},
    {"enrol-ask", set_unenrolled, "r"},
    {"enrol-asked", view_requested, ""},
    {"enrol-code", view_requested, "r"},
    {"enrol-text", view_requested, "r t"},
    {"enrol-bundle", view_requested, "b"},
    {"help-enrol", view_requested, "?"},
    {"nearby-nobody", set_nothing, ""},
    {"nearby", view_busy, "down"},
    {"nearby-talker", set_talker, ""},
    {"nearby-alarms", set_alarms, ""},
    {"groups-none", set_nothing, "2"},
    {"groups", view_busy, "2"},
    {"group", view_busy, "2 enter down down down"},
    {"group-delete", view_busy, "2 x"},
    {"new-group-pick", view_busy, "n space down space"},
    {"crews", set_crews, "n c"},
    {"crews-forget", set_crews, "n space c x"},
    {"crews-name", set_crews, "n space c n"},
    {"crews-none", view_busy, "n space c"},
    {"new-group-name", view_busy, "n space enter O p s"},
    {"new-group-period", view_busy, "n space enter O p s enter"},
    {"new-group-confirm", view_busy, "n space down space enter O p s enter enter"},
    {"new-key-confirm", view_busy, "2 k down space enter enter"},
    {"invitation", set_invitation, ""},
    {"more-members-pick", set_few_members, "2 enter j space down"},
    {"more-members-confirm", set_few_members, "2 enter j space enter"},
    {"invitation-late", set_late_invitation, ""},
    {"invitation-rekey", set_rekey_invitation, ""},
    {"invitation-alike", set_invitation_alike, "down down down down down down"},
    {"invitation-renaming", set_renaming_invitation, "down down down down down down"},
    {"invitation-call", set_call_invitation, ""},
    {"invitation-put-off", set_invitation, "escape"},
    {"talk", view_busy, "3"},
    {"talk-talker", set_talker, "3"},
    {"talk-late", set_late, "3"},
    {"groups-alike", set_groups_alike, "2"},
    {"group-alike-delete", set_groups_alike, "2 x"},
    {"keys-alike", set_groups_alike, "4"},
    {"nearby-talker-alike", set_talker_alike, "1"},
    {"talk-alike", set_groups_alike, "3"},
    {"groups-unproven", set_unproven, "2"},
    {"keys-unproven", set_unproven, "4"},
    {"talk-unproven", set_unproven, "3"},
    {"talk-refused", set_refused, "3"},
    {"talk-talking", set_talking, "3"},
    {"talk-queued", set_queued, "3"},
    {"talk-your-turn", set_your_turn, "3"},
    {"talk-other-turn", set_other_turn, "3"},
    {"talk-waited-for", set_waited_for, "3"},
    {"talk-awaited", set_just_pressed, "3"},
    {"talk-pressed-again", set_pressed_again, "3"},
    {"talk-heard", set_heard, "3"},
    {"talk-unheard", set_unheard, "3"},
    {"talk-alone", set_alone, "3"},
    {"talk-was-heard", set_was_heard, "3"},
    {"talk-was-unheard", set_was_unheard, "3"},
    {"talk-was-heard-at-first", set_was_heard_at_first, "3"},
    {"talk-heard-no-list", set_heard_without_list, "3"},
    {"talk-call", set_call, "3"},
    {"talk-expired", set_expired, "3"},
    {"talk-no-group", set_nothing, "3"},
    {"keys", view_busy, "4"},
    {"keys-last-days", set_last_days, "4"},
    {"keys-last-day", set_last_day, "4"},
    {"keys-ended", set_keys_ended, "4"},
    {"nearby-keys-ended", set_keys_ended, ""},
    {"keys-name", view_busy, "4 e"},
    {"import", view_busy, "4 p M U S T E R"},
    {"import-parts", set_import, "4 p M enter"},
    {"log", view_busy, "5"},
    {"log-alarms", set_alarms, "5"},
    {"log-flood", set_flood, "5"},
    {"links", set_links, "6"},
    {"sound", set_sound, "6 s"},
    {"sound-test", set_sound_test, "6 s"},
    {"sound-none", set_links, "6 s"},
    {"sound-alarms", set_no_microphone, "3"},
    {"help-sound", set_sound, "6 s ?"},
    {"links-blocked", set_links_blocked, "6"},
    {"links-none", set_nothing, "6"},
    {"links-airplane", set_airplane, "6"},
    {"nearby-no-radio", set_no_radio_on, ""},
    {"nearby-airplane", set_airplane, ""},
    {"nearby-silence", set_silence, ""},
    {"talk-airplane", set_airplane, "3"},
    {"talk-call-airplane", set_call, "3 0"},
    {"help-links", set_links, "6 ?"},
    {"groups-manager", set_manager, "2 end"},
    {"manager", set_manager, "2 end g down down"},
    {"manager-sending", set_manager_sending, "2 end g"},
    {"manager-new", set_manager_new, "2 enter"},
    {"manager-period", set_manager, "2 end g r"},
    {"manager-rekey", set_manager, "2 end g r up enter"},
    {"manager-rekey-clock", set_manager_ahead, "2 end g r up enter"},
    {"manager-exclude", set_manager, "2 end g down down x enter"},
    {"manager-include", set_manager, "2 end g down b"},
    {"manager-find", set_manager, "2 end g f b o"},
    {"manager-pick", set_manager, "2 end g a down"},
    {"manager-type", set_manager, "2 end g a t t e l :"},
    {"manager-add", set_manager, "2 end g a enter"},
    {"help-manager", set_manager, "2 end g ?"},
    {"nearby-emergency", set_emergency, ""},
    {"talk-emergencies", set_emergencies, "3"},
    {"talk-emergency-own", set_own_emergency, "3"},
    {"talk-emergency-key", view_busy, "3 E"},
    {"talk-emergency-seen", set_emergency_talk, "3"},
    {"groups-emergency-seen", set_emergency_talk, "2"},
    {"emergency", set_emergency, "!"},
    {"emergency-over", set_emergencies, "!"},
    {"emergency-own", set_own_emergency, "3 !"},
    {"help-emergency", set_emergency, "! ?"},
    {"help-talk", view_busy, "3 ?"},
    {"quit", view_busy, "q"},
    {"help-nearby", view_busy, "?"},
    {"help-invitation", set_invitation, "?"},
    {"nearby-twice", set_twice, ""},
    {"nearby-crowd", set_crowd, "down down down"},
    {"nearby-filter", set_crowd, "/ h u g"},
    {"nearby-filter-on", set_crowd, "/ h u g enter"},
    {"nearby-filter-nobody", set_crowd, "/ x y enter"},
    {"nearby-filter-asked", set_asking, "/ t e l : + 4 9 1 7 1 1 enter"},
    {"nearby-filter-unanswered", set_crowd, "/ t e l : + 4 9 1 7 1 1 enter"},
    {"nearby-name", view_busy, "e"},
    {"new-group-filter", set_crowd, "n / h u g"},
    {"nearby-two", set_two, "down"},
    {"nearby-heard", set_not_answering, ""},
    {"nearby-not-answering", set_not_answering, "down"},
    {"group-two", set_two, "2 enter up"},
    {"new-group-pick-two", set_two, "n space down space"},
    {"new-group-confirm-two", set_two, "n down space enter O p s enter enter"},
    {"invitation-two", set_two_invites, ""},
    {"manager-pick-two", set_two_and_manager, "2 end g a"},
    {"revoked", set_revoked, "down"},
    {"group-revoked", set_revoked, "2 enter down"},
    {"pick-revoked", set_revoked, "n down space"},
    {"keys-revoked", set_revoked, "4"},
    {"revoked-self", set_revoked_self, "4"},
    {"report-lost", view_busy, "l"},
    {"report-found", set_lost, "down l"},
    {"lost", set_lost, "down"},
    {"group-lost", set_lost, "2 enter down"},
    {"keys-lost", set_lost, "4"},
    {"all-lost", set_lost, "4 f"},
    {"all-lost-found", set_lost, "4 f down l"},
    {"nearby-by-signal", view_busy, "s s s"},
};

/* After a call to Carol was refused. */
static const struct scene questions[] = {
    {"two-devices", set_two, ""},
    {"help-two-devices", set_two, "?"},
};

static void call_carol(struct officer *officer) {
    struct event event = event_of_identity(EVENT_ANSWERS_TWICE, CAROL, "Carol");
    event.name_kind = NAME_ATTESTED;
    officer_press(officer, "down c y");
    ui_notice(officer->ui, &event);
    officer_look(officer);
}

/* Returns whether a text was cut off. */
static bool play_scene(const struct scene *scene, bool is_question, const char *language,
                       int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    scene->set(officer.view);
    officer_look(&officer);
    if (is_question) {
        call_carol(&officer);
    }
    officer_press(&officer, scene->keys);
    compare(&officer, language, scene->name);
    bool is_cut = officer.canvas->cut > 0;
    officer_end(&officer);
    return is_cut;
}

/* Plays all scenes; returns how many of them had a text cut off. */
static unsigned play(const char *language, int columns, int rows) {
    unsigned cut = 0;
    assert_true(words_choose_in(language, officer_locale()));
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        cut += play_scene(&scenes[i], false, language, columns, rows);
    }
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        cut += play_scene(&questions[i], true, language, columns, rows);
    }
    assert_true(words_choose_in("en", officer_locale()));
    return cut;
}

static void every_screen_is_as_agreed_in_80x24(void **state) {
    (void)state;
    assert_int_equal(play("en", 80, 24), 0);
}

static void every_screen_is_as_agreed_in_40x15(void **state) {
    (void)state;
    assert_int_equal(play("en", 40, 15), 0);
}

/* The least that there is: a pane of the demonstration in a terminal of 80 columns. Here texts are
 * shortened. */
static void every_screen_is_as_agreed_in_26x14(void **state) {
    (void)state;
    (void)play("en", 26, 14);
}

static void every_screen_is_as_agreed_in_german_in_80x24(void **state) {
    (void)state;
    assert_int_equal(play("de", 80, 24), 0);
}

static void every_screen_is_as_agreed_in_german_in_40x15(void **state) {
    (void)state;
    assert_int_equal(play("de", 40, 15), 0);
}

static void every_screen_is_as_agreed_in_german_in_26x14(void **state) {
    (void)state;
    (void)play("de", 26, 14);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_screen_is_as_agreed_in_80x24),
        cmocka_unit_test(every_screen_is_as_agreed_in_40x15),
        cmocka_unit_test(every_screen_is_as_agreed_in_26x14),
        cmocka_unit_test(every_screen_is_as_agreed_in_german_in_80x24),
        cmocka_unit_test(every_screen_is_as_agreed_in_german_in_40x15),
        cmocka_unit_test(every_screen_is_as_agreed_in_german_in_26x14),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
