/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/sound.h"

#include <stdio.h>
#include <string.h>

#include "ui/screens/page.h"
#include "ui/screens/text.h"
#include "ui/words/words.h"

enum {
    GAIN_STEP_DB = 3,
    GAIN_MAX_DB = 24,
    DETAIL_ROWS = 7,
    BAR_WIDTH = 30
};

/* The microphones, and below them the loudspeakers. */
static struct rows rows_now(struct sound_screen *sound, const struct view *view) {
    const struct view_sound *of = &view->sound;
    struct rows rows = {0};
    for (size_t i = 0; i < of->microphone_count; i++) {
        snprintf(sound->keys[i], SOUND_KEY_SIZE, "%c %s", 'i', of->microphones[i].name);
        rows_add(&rows, sound->keys[i]);
    }
    for (size_t i = 0; i < of->loudspeaker_count; i++) {
        size_t row = of->microphone_count + i;
        snprintf(sound->keys[row], SOUND_KEY_SIZE, "%c %s", 'o', of->loudspeakers[i].name);
        rows_add(&rows, sound->keys[row]);
    }
    return rows;
}

static bool is_microphone(const struct view *view, size_t row) {
    return row < view->sound.microphone_count;
}

static const struct view_device *device_of(const struct view *view, size_t row) {
    return is_microphone(view, row) ? &view->sound.microphones[row]
                                    : &view->sound.loudspeakers[row - view->sound.microphone_count];
}

static void choose(struct sound_screen *sound, const struct rows *rows, struct turn *turn) {
    if (rows->count == 0) {
        return;
    }
    if (!list_is_sure(&sound->list)) {
        turn->notice = _(turn_look_again);
        return;
    }
    size_t row = sound->list.row;
    turn_command(turn, is_microphone(turn->view, row) ? COMMAND_MICROPHONE : COMMAND_LOUDSPEAKER);
    snprintf(turn->command->name, sizeof turn->command->name, "%s",
             device_of(turn->view, row)->name);
}

static void change_gain(struct turn *turn, int step) {
    int gain_db = turn->view->sound.gain_db + step;
    if (gain_db >= -GAIN_MAX_DB && gain_db <= GAIN_MAX_DB) {
        turn_command(turn, COMMAND_GAIN);
        turn->command->on = gain_db;
    }
}

void sound_screen_key(struct sound_screen *sound, struct turn *turn) {
    struct rows rows = rows_now(sound, turn->view);
    list_settle(&sound->list, &rows);
    if (!turn->view->sound.is_live || list_key(&sound->list, &rows, turn->press)) {
        return;
    }
    switch (turn->press) {
    case PRESS_ENTER:
        choose(sound, &rows, turn);
        break;
    case '+':
    case '=':
        change_gain(turn, GAIN_STEP_DB);
        break;
    case '-':
        change_gain(turn, -GAIN_STEP_DB);
        break;
    case 'n':
        turn_command(turn, COMMAND_NOISE);
        turn->command->on = !turn->view->sound.suppresses_noise;
        break;
    case 't':
        turn_command(turn, COMMAND_SOUND_TEST);
        break;
    default:
        break;
    }
}

static const char *mark_of(const struct view_device *device) {
    return device->is_chosen ? "✓" : " ";
}

static void draw_devices(struct sound_screen *sound, const struct view *view, struct area area) {
    struct rows rows = rows_now(sound, view);
    int name = 6 + text_widest(_("Microphone"), _("Loudspeaker"), NULL);
    size_t end = list_draw(&sound->list, &rows, area);
    for (size_t row = sound->list.top; row < end; row++) {
        const struct view_device *device = device_of(view, row);
        const char *what = is_microphone(view, row) ? _("Microphone") : _("Loudspeaker");
        int at = (int)(row - sound->list.top);
        enum style style =
            list_style(&sound->list, row, device->is_chosen ? STYLE_STRONG : STYLE_PLAIN);
        if (text_is_full(area)) {
            char text[2 * VIEW_DEVICE_SIZE + 4];
            snprintf(text, sizeof text, "%s%s%s", device->name,
                     device->description[0] != '\0' ? ", " : "", device->description);
            area_print(area, at, 0, style, "%s%s", list_mark(&sound->list, row), what);
            area_text(area, at, name - 2, STYLE_GOOD, mark_of(device));
            area_text_fit(area, at, name, area.columns - name - 1, style, text);
        } else {
            area_print(area, at, 0, style, "%s%s ", list_mark(&sound->list, row),
                       is_microphone(view, row) ? _("in") : _("out"));
            int column = 3 + text_widest(_("in"), _("out"), NULL);
            area_text(area, at, column, STYLE_GOOD, mark_of(device));
            area_text_fit(area, at, column + 2, area.columns - column - 3, style, device->name);
        }
    }
}

static void test_text(const struct view_sound *sound, char text[TEXT_SIZE]) {
    switch (sound->test) {
    case VIEW_TEST_RECORDS:
        snprintf(text, TEXT_SIZE, _("speak now, %u s left"), sound->test_left_s);
        break;
    case VIEW_TEST_PLAYS:
        snprintf(text, TEXT_SIZE, _("this is how you sound, %u s left"), sound->test_left_s);
        break;
    default:
        snprintf(text, TEXT_SIZE, "%s", _("t records 3 s and plays them"));
        break;
    }
}

static void draw_level(struct area area, int row, const struct view_sound *sound) {
    int at =
        1 +
        text_widest(_("Level"), _("Gain"), _("Noise"), _("Test"), _("Delay"), _("Thread"), NULL) +
        2;
    int width = area.columns - at - 1;
    bool is_open = sound->test == VIEW_TEST_RECORDS;
    area_text(area, row, 1, STYLE_DIM, _("Level"));
    area_bar(area, row, at, width < BAR_WIDTH ? width : BAR_WIDTH, STYLE_TALK,
             is_open ? sound->level : 0, 100);
}

static void draw_line(struct area area, int row, const char *label, enum style style,
                      const char *text) {
    int at =
        1 +
        text_widest(_("Level"), _("Gain"), _("Noise"), _("Test"), _("Delay"), _("Thread"), NULL) +
        2;
    area_text(area, row, 1, STYLE_DIM, label);
    area_text_fit(area, row, at, area.columns - at, style, text);
}

static void draw_detail(const struct view_sound *sound, struct area area) {
    char text[TEXT_SIZE];
    draw_level(area, 0, sound);
    test_text(sound, text);
    draw_line(area, 1, _("Test"), sound->test == VIEW_TEST_RESTS ? STYLE_DIM : STYLE_STRONG, text);
    snprintf(text, sizeof text, _("%+d dB"), sound->gain_db);
    draw_line(area, 2, _("Gain"), STYLE_PLAIN, text);
    draw_line(area, 3, _("Noise"), STYLE_PLAIN,
              sound->suppresses_noise ? _("is suppressed") : _("is left in"));
    snprintf(text, sizeof text, _("in %u ms, out %u ms, gaps %u"), sound->microphone_delay_ms,
             sound->loudspeaker_delay_ms, sound->gaps);
    draw_line(area, 4, _("Delay"), STYLE_PLAIN, text);
    snprintf(text, sizeof text, "%s, %s", sound->is_realtime ? _("real-time") : _("usual priority"),
             sound->is_locked ? _("locked in memory") : _("may be swapped out"));
    draw_line(area, 5, _("Thread"), STYLE_DIM, text);
}

void sound_screen_draw(struct sound_screen *sound, const struct view *view, struct area area) {
    if (!view->sound.is_live) {
        struct page page = page_begin(NULL, area);
        do {
            page_text(&page, 0, STYLE_PLAIN, _("No sound device is in use."));
            page_text(&page, 0, STYLE_DIM,
                      _("Sound comes from files, or is silence, as Muster was started."));
        } while (page_again(&page));
        return;
    }
    int detail = area.rows > DETAIL_ROWS + 2 ? DETAIL_ROWS : area.rows - 3;
    draw_devices(sound, view, area_within(area, 0, 0, area.rows - detail, area.columns));
    if (view->sound.microphone_count + view->sound.loudspeaker_count == 0) {
        area_text_fit(area, 0, 1, area.columns - 2, STYLE_CAUTION, _("No sound device found."));
    }
    draw_detail(&view->sound, area_within(area, area.rows - detail, 0, detail, area.columns));
}

void sound_screen_hints(const struct view *view, struct hints *hints) {
    if (view->sound.is_live) {
        hints_add(hints, "t", _("test"));
        hints_add(hints, _("enter"), _("use it"));
        hints_add(hints, "+/-", _("gain"));
        hints_add(hints, "n", _("noise"));
    }
}
