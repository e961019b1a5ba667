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
    DEVICE_ROWS_LEAST = 3, /* which what is set about them may not take */
    LABEL_COLUMN = 3,      /* behind the key that changes it */
    BAR_WIDTH = 30
};

/* How long a talk may last, one after the other. */
static const int longest_talks_s[] = {15, 30, 60, 90, 120, 180, 300};

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

static void change_longest_talk(struct turn *turn) {
    enum {
        COUNT = sizeof longest_talks_s / sizeof longest_talks_s[0]
    };
    size_t next = 0;
    while (next < COUNT && longest_talks_s[next] * 1000 <= turn->view->settings.longest_talk_ms) {
        next++;
    }
    turn_command(turn, COMMAND_LONGEST_TALK);
    turn->command->period_ms = (int64_t)longest_talks_s[next % COUNT] * 1000;
}

/* What is not of the sound devices. Returns whether the key was of this. */
static bool talk_key(struct turn *turn) {
    if (turn->press == 'z') {
        change_longest_talk(turn);
    } else if (turn->press == 'd') {
        turn_command(turn, COMMAND_KEEP_SPEECH);
        turn->command->on = !turn->view->settings.keeps_speech;
    } else {
        return false;
    }
    return true;
}

void sound_screen_key(struct sound_screen *sound, struct turn *turn) {
    struct rows rows = rows_now(sound, turn->view);
    list_settle(&sound->list, &rows);
    if (talk_key(turn) || !turn->view->sound.is_live ||
        list_key(&sound->list, &rows, turn->press)) {
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
    case 'e':
        turn_command(turn, COMMAND_HEADSET);
        turn->command->on = !turn->view->sound.has_headset;
        break;
    case 'p':
        turn_command(turn, COMMAND_PERMIT_TONE);
        turn->command->on = !turn->view->sound.has_permit_tone;
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
        snprintf(text, TEXT_SIZE, "%s", _("records 3 s and plays them"));
        break;
    }
}

/* The column of what follows the keys and the labels. */
static int value_column(void) {
    return LABEL_COLUMN +
           text_widest(_("Level"), _("Gain"), _("Noise"), _("Echo"), _("Tone"), _("Talk"),
                       _("Again"), _("Test"), _("Delay"), _("Thread"), NULL) +
           2;
}

/* Draws one line, and goes on to the next row. `key` is in it too: the hints have no room for all
 * of them on a narrow screen. */
static void draw_line(struct area area, int *row, const char *key, const char *label,
                      enum style style, const char *text) {
    int at = value_column();
    area_text(area, *row, 1, STYLE_DIM, key);
    area_text(area, *row, LABEL_COLUMN, STYLE_DIM, label);
    area_text_fit(area, *row, at, area.columns - at, style, text);
    (*row)++;
}

static void draw_level(struct area area, int *row, const struct view_sound *sound) {
    int at = value_column(), width = area.columns - at - 1;
    bool is_open = sound->test == VIEW_TEST_RECORDS;
    area_bar(area, *row, at, width < BAR_WIDTH ? width : BAR_WIDTH, STYLE_TALK,
             is_open ? sound->level : 0, 100);
    draw_line(area, row, "", _("Level"), STYLE_PLAIN, "");
}

static void draw_unsaved(const struct view_settings *settings, struct area area, int *row) {
    if (settings->is_unsaved) {
        area_text_fit(area, *row, 1, area.columns - 2, STYLE_CAUTION,
                      _("Not saved: it holds until Muster ends."));
        (*row)++;
    }
}

static void draw_talk(const struct view_settings *settings, struct area area, int *row) {
    char text[TEXT_SIZE];
    snprintf(text, sizeof text, _("up to %u s"), (unsigned)(settings->longest_talk_ms / 1000));
    draw_line(area, row, "z", _("Talk"), STYLE_PLAIN, text);
    draw_line(area, row, "d", _("Again"), STYLE_PLAIN,
              settings->keeps_speech ? _("on disk, sealed") : _("in memory only"));
}

/* What matters most comes first: where there is little room, the rest is not seen. Returns the rows
 * that all of it takes. */
static int draw_detail(const struct view *view, struct area area) {
    const struct view_sound *sound = &view->sound;
    char text[TEXT_SIZE];
    int row = 0;
    draw_unsaved(&view->settings, area, &row);
    draw_level(area, &row, sound);
    test_text(sound, text);
    draw_line(area, &row, "t", _("Test"), sound->test == VIEW_TEST_RESTS ? STYLE_DIM : STYLE_STRONG,
              text);
    snprintf(text, sizeof text, _("%+d dB"), sound->gain_db);
    draw_line(area, &row, "+", _("Gain"), STYLE_PLAIN, text);
    draw_line(area, &row, "n", _("Noise"), STYLE_PLAIN,
              sound->suppresses_noise ? _("is suppressed") : _("is left in"));
    draw_line(area, &row, "e", _("Echo"), STYLE_PLAIN,
              sound->has_headset ? _("left in (headset)") : _("removed in calls"));
    draw_line(area, &row, "p", _("Tone"), STYLE_PLAIN,
              sound->has_permit_tone ? _("when you may talk") : _("none"));
    draw_talk(&view->settings, area, &row);
    snprintf(text, sizeof text, _("in %u ms, out %u ms, gaps %u"), sound->microphone_delay_ms,
             sound->loudspeaker_delay_ms, sound->gaps);
    draw_line(area, &row, "", _("Delay"), STYLE_PLAIN, text);
    snprintf(text, sizeof text, "%s, %s", sound->is_realtime ? _("real-time") : _("usual priority"),
             sound->is_locked ? _("locked in memory") : _("may be swapped out"));
    draw_line(area, &row, "", _("Thread"), STYLE_DIM, text);
    return row;
}

static void draw_without_devices(const struct view *view, struct area area) {
    struct page page = page_begin(NULL, area);
    do {
        page_text(&page, 0, STYLE_PLAIN, _("No sound device is in use."));
        page_text(&page, 0, STYLE_DIM,
                  _("Sound comes from files, or is silence, as Muster was started."));
    } while (page_again(&page));
    struct area below = area_within(area, area.rows - 3, 0, 3, area.columns);
    int row = 0;
    draw_unsaved(&view->settings, below, &row);
    draw_talk(&view->settings, below, &row);
}

void sound_screen_draw(struct sound_screen *sound, const struct view *view, struct area area) {
    if (!view->sound.is_live) {
        draw_without_devices(view, area);
        return;
    }
    int detail = draw_detail(view, area_within(area, 0, 0, 0, area.columns)) + 1;
    if (detail > area.rows - DEVICE_ROWS_LEAST) {
        detail = area.rows - DEVICE_ROWS_LEAST;
    }
    draw_devices(sound, view, area_within(area, 0, 0, area.rows - detail, area.columns));
    if (view->sound.microphone_count + view->sound.loudspeaker_count == 0) {
        area_text_fit(area, 0, 1, area.columns - 2, STYLE_CAUTION, _("No sound device found."));
    }
    (void)draw_detail(view, area_within(area, area.rows - detail, 0, detail, area.columns));
}

void sound_screen_hints(const struct view *view, struct hints *hints) {
    if (view->sound.is_live) {
        hints_add(hints, _("enter"), _("use it"));
        hints_add(hints, "+/-", _("gain"));
        hints_add(hints, "t", _("test"));
        hints_add(hints, "n", _("noise"));
        hints_add(hints, "e", _("echo"));
        hints_add(hints, "p", _("tone"));
    }
    hints_add(hints, "z", _("talk"));
    hints_add(hints, "d", _("disk"));
}
