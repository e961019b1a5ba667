/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/screens/groups.h"
#include "ui/screens/lock.h"
#include "ui/screens/lost.h"
#include "ui/screens/revoked.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

static void key_naming(struct keys *keys, struct turn *turn) {
    if (turn->press == PRESS_ESCAPE) {
        keys->naming = false;
    } else if (turn->press == PRESS_ENTER) {
        field_trim(&keys->name);
        turn_command(turn, COMMAND_SET_NAME);
        text_copy(turn->command->name, sizeof turn->command->name, keys->name.text);
        keys->naming = false;
    } else {
        field_key_name(&keys->name, turn->press);
    }
}

void keys_key(struct keys *keys, struct turn *turn) {
    if (keys->naming) {
        key_naming(keys, turn);
    } else if (turn->press == 'p') {
        turn_go(turn, PLACE_IMPORT, "");
    } else if (turn->press == LOCK_SETTINGS_PRESS) {
        turn_go(turn, PLACE_LOCK, "");
    } else if (turn->press == 'o') {
        turn_command(turn, COMMAND_TAKE_KEYS);
        turn->command->on = !turn->view->settings.takes_keys;
    } else if (turn->press == LOST_LIST_PRESS && turn->view->revoked.lost > 0) {
        turn_go(turn, PLACE_LOST, "");
    } else if (turn->press == 'e') {
        keys->naming = true;
        text_copy(keys->name.text, OFFICER_NAME_SIZE, turn->view->name);
        keys->name.length = strlen(keys->name.text);
        keys->name.after = 0;
    } else {
        scroll_key(&keys->scroll, turn->press);
    }
}

static void draw_naming(struct keys *keys, struct area area) {
    struct page page = page_begin(NULL, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_STRONG, _("What name do others see for this handset?"));
        page_gap(&page);
        if (page.drawing) {
            int width = text_name_columns(area);
            field_draw(&keys->name, false, area, page_row(&page), 1, width);
        }
        page.row++;
        page_gap(&page);
        page_text(&page, 0, STYLE_DIM,
                  _("A name only helps people find each other. What counts is the identity."));
    } while (page_again(&page));
}

/* A standard group is known by its identity, as the KMS and its manager call it. */
static const char *name_of(const struct view_group *group, char room[TEXT_GROUP_SIZE]) {
    return group->kind == GROUP_STANDARD ? group->identity : text_group_name(room, group);
}

static void write_gmk(struct page *page, const struct view_group *group) {
    char left[TEXT_SIZE], name[TEXT_GROUP_SIZE];
    text_left(group, left);
    if (text_is_full(page->area)) {
        int row = page_row(page);
        int at = 12 + text_widest(groups_kind(GROUP_STANDARD), groups_kind(GROUP_ADHOC), NULL) + 2;
        int end = page->area.columns - text_width(left) - 1;
        end = end < 50 ? end : 50;
        area_print(page->area, row, 1, STYLE_STRONG, "%08" PRIX32, group->gmk_id);
        area_text(page->area, row, 12, STYLE_PLAIN, groups_kind(group->kind));
        area_text_fit(page->area, row, at, end - at - 2, STYLE_PLAIN, name_of(group, name));
        area_text(page->area, row, end, text_left_style(group), left);
        page->row++;
        return;
    }
    page_print(page, 0, STYLE_STRONG, "%08" PRIX32 " %s", group->gmk_id, groups_kind(group->kind));
    page_text(page, 2, STYLE_PLAIN, name_of(group, name));
    page_text(page, 2, text_left_style(group), left);
}

/* When monthly keys end, and how long they still last. */
static void write_end(struct page *page, const struct view *view) {
    const int64_t day_ms = 24 * 60 * 60 * 1000;
    int64_t left_ms = view->credential.ends_utc_ms - view->utc_ms;
    char date[TEXT_SIZE], left[TEXT_SIZE], end[2 * TEXT_SIZE];
    text_date(view->credential.ends_utc_ms - 1, date);
    date[10] = '\0'; /* YYYY-MM-DD, without the time */
    if (left_ms <= 0) {
        page_pair(page, _("Ended on"), STYLE_BAD, date);
        return;
    }
    if (left_ms < day_ms) {
        text_duration(left_ms, left);
    } else {
        unsigned long days = (unsigned long)(left_ms / day_ms);
        snprintf(left, sizeof left, words_many("%lu day", "%lu days", days), days);
    }
    snprintf(end, sizeof end, _("%s, %s left"), date, left);
    page_pair(page, _("They end on"), left_ms < day_ms ? STYLE_CAUTION : STYLE_PLAIN, end);
}

/* The own name, and what it is worth to others. */
static void write_name(struct page *page, const struct view *view) {
    const char *attested = view->credential.attested_name;
    char text[OFFICER_NAME_SIZE + 64];
    bool is_attested = strcmp(attested, view->name) == 0;
    if (view->name[0] == '\0') {
        page_pair(page, _("Name"), STYLE_PLAIN, _("none"));
        return;
    }
    snprintf(text, sizeof text,
             is_attested ? _("%s, attested by the KMS") : _("%s, to others only claimed"),
             view->name);
    page_pair(page, _("Name"), is_attested ? STYLE_PLAIN : STYLE_CAUTION, text);
    if (!is_attested && attested[0] != '\0') {
        page_pair(page, _("Attested"), STYLE_PLAIN, attested);
    }
}

static void write_keys(struct page *page, const struct view *view) {
    const struct view_credential *credential = &view->credential;
    char period[TEXT_SIZE], frames[96], months[48], revoked[96];
    snprintf(months, sizeof months, _("monthly: %s"), credential->months);
    text_duration(credential->max_key_period_ms, period);
    snprintf(frames, sizeof frames, _("%llu heard, %llu refused"),
             (unsigned long long)view->frames_heard, (unsigned long long)view->frames_refused);
    page_gap(page);
    page_pair(page, _("Identity"), STYLE_STRONG, credential->identity);
    page_pair(page, _("Its keys"), STYLE_PLAIN,
              credential->fixed ? _("fixed: those of the ME") : months);
    if (!credential->fixed) {
        write_end(page, view);
    }
    write_name(page, view);
    page_pair(page, _("KMS"), STYLE_PLAIN, credential->kms);
    page_pair(page, _("Domain"), STYLE_PLAIN, credential->fingerprint);
    if (credential->log[0] != '\0') {
        page_pair(page, _("KMS's log"), STYLE_PLAIN, credential->log);
    }
    revoked_list_text(&view->revoked, revoked, sizeof revoked);
    page_pair(page, _("Revoked"), revoked_list_style(&view->revoked), revoked);
    if (view->revoked.lost > 0) {
        snprintf(revoked, sizeof revoked, _("%zu, reported by you: f shows them"),
                 view->revoked.lost);
        page_pair(page, _("Lost"), STYLE_CAUTION, revoked);
    }
    page_pair(page, _("New keys"), STYLE_PLAIN,
              view->settings.takes_keys ? _("unasked, where they only take members out (o)")
                                        : _("all are asked for (o)"));
    page_pair(page, _("Recovery"), STYLE_PLAIN,
              credential->recovery ? _("on: the authority can open connections")
                                   : _("off: the authority can open standard groups only"));
    page_pair(page, _("Store"), view->is_bound ? STYLE_PLAIN : STYLE_CAUTION,
              view->is_bound ? _("bound to this machine: a copy opens nowhere else")
                             : _("a copy opens elsewhere with the passphrase"));
    page_pair(page, _("Crypto"), STYLE_PLAIN, credential->crypto_module);
    page_pair(page, _("Longest period"), STYLE_PLAIN, period);
    page_pair(page, _("Frames"), STYLE_PLAIN, frames);
    page_gap(page);
    page_text(page, 0, STYLE_DIM,
              view->group_count > 0 ? _("Group Master Keys") : _("No GMK held"));
    for (size_t i = 0; i < view->group_count; i++) {
        write_gmk(page, &view->groups[i]);
    }
}

void keys_draw(struct keys *keys, const struct view *view, struct area area) {
    if (keys->naming) {
        draw_naming(keys, area);
        return;
    }
    struct page page = page_begin(&keys->scroll, area);
    do {
        write_keys(&page, view);
    } while (page_again(&page));
}

void keys_hints(const struct keys *keys, const struct view *view, struct hints *hints) {
    if (keys->naming) {
        hints_add(hints, _("enter"), _("save"));
    } else {
        if (view->revoked.lost > 0) { /* the only way to them, so it is there at 26 columns */
            hints_add(hints, LOST_LIST_KEY, _("lost ones"));
        }
        hints_add(hints, "e", _("name"));
        hints_add(hints, "p", _("import"));
        hints_add(hints, LOCK_SETTINGS_KEY, _("lock"));
        hints_add(hints, "o", view->settings.takes_keys ? _("ask") : _("take"));
        hints_add(hints, _("up/down"), _("scroll"));
    }
}
