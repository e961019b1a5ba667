/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A walker presses random keys for thousands of steps, in one process, while the world around the
 * handset changes. What must hold at each step:
 *
 *   1. A key that does something is named: in the row of keys, or in the help of that screen.
 *   2. A key that the row of keys names does something.
 *   3. Escape, pressed often enough, leads home: there is no dead end.
 *   4. No text is cut off, and no row is wider than the canvas.
 *
 * A failure prints its seed; MUSTER_SEED=N walks that way again, MUSTER_STEPS=10000 so far.
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
#include "ui/character.h"
#include "ui/words/words.h"

enum {
    STEPS = 3000, /* two seconds */
    WIDE = 200,   /* all hints have room there */
    HOME_EVERY = 20,
    ROW_SIZE = 4096,
    PAGES_MAX = 40,
    TITLE_SIZE = 80,
};

struct walker {
    struct officer officer;
    struct canvas *before; /* the picture before the latest key */
    size_t page_count;
    struct page {
        char title[TITLE_SIZE];
        char *text;
    } pages[PAGES_MAX]; /* the help of the screens that were met */
    uint64_t seed, random;
    unsigned step, effects, hints;
};

static uint64_t draw(uint64_t *random) {
    uint64_t x = *random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static size_t below(struct walker *walker, size_t limit) {
    return (size_t)(draw(&walker->random) % limit);
}

/* The picture before a key. */
static void keep(struct walker *walker) {
    (void)canvas_copy(walker->before, walker->officer.canvas);
}

/* Has the key done something: a command, or another picture? */
static bool has_effect(const struct walker *walker) {
    bool is_alike = true;
    for (int row = 0; row < walker->before->rows && is_alike; row++) {
        is_alike = canvas_row_is_alike(walker->before, walker->officer.canvas, row);
    }
    return !is_alike || walker->officer.command.kind != COMMAND_NONE;
}

static void complain(struct walker *walker, const char *what, const char *key) {
    struct officer then = walker->officer;
    then.canvas = walker->before;
    char *before = officer_screen(&then);
    char *screen = officer_screen(&walker->officer);
    fprintf(stderr, "MUSTER_SEED=%llu, step %u, key %s: %s\nBefore:\n%s\nAfter:\n%s",
            (unsigned long long)walker->seed, walker->step, key, what, before != NULL ? before : "",
            screen);
    free(screen);
    fail();
}

/* --- The world ---------------------------------------------------------------------------------
 */

/* What the handset does by the command, as far as a screen shows it. */
static void carry_out(struct walker *walker) {
    struct view *view = walker->officer.view;
    const struct command *command = &walker->officer.command;
    switch (command->kind) {
    case COMMAND_AIRPLANE:
        view->airplane = command->on != 0;
        break;
    case COMMAND_RADIO_SILENCE:
        view->radio_silence = command->on != 0;
        break;
    case COMMAND_TALK_BEGIN:
        view->talking = true;
        break;
    case COMMAND_TALK_END:
        view->talking = false;
        break;
    case COMMAND_HANG_UP:
        view->call_state = CALL_NONE;
        break;
    case COMMAND_ACCEPT:
    case COMMAND_DECLINE:
        view->invitation_count = 0;
        break;
    case COMMAND_CREATE_GROUP:
        if (view->group_count < 6) {
            view_add_group(view, "adhoc:mine;2", command->name)->created_here = true;
        }
        break;
    case COMMAND_DELETE_GROUP:
        view->group_count -= view->group_count > 1;
        break;
    case COMMAND_TRUST:
    case COMMAND_UNTRUST:
        for (size_t i = 0; i < view->nearby_count; i++) {
            if (strcmp(view->nearby[i].identity, command->identity) == 0) {
                view->nearby[i].trusted = command->kind == COMMAND_TRUST;
            }
        }
        break;
    default:
        break;
    }
}

static void change_world(struct walker *walker) {
    struct view *view = walker->officer.view;
    struct view_group *group = &view->groups[below(walker, view->group_count)];
    switch (below(walker, 10)) {
    case 0:
        if (view->invitation_count == 0) {
            view_add_invitation(view, 7 + below(walker, 3), BEN, "Ben")->purpose =
                (enum invitation_purpose)below(walker, 3);
        }
        break;
    case 1:
        view->invitation_count = 0;
        break;
    case 2:
        view->talker_count = 0;
        if (!view->talking) {
            view_add_talker(view, BEN, "Ben", FIRE);
        }
        break;
    case 3:
        view->talker_count = 0;
        break;
    case 4:
        group->gmk_state = (enum gmk_state)below(walker, 3);
        break;
    case 5:
        group->members[below(walker, group->member_count + 1)].key =
            (enum member_key)below(walker, 3);
        break;
    case 6:
        view->alarm_count = below(walker, 2);
        view->alarms[0] = (struct event){.kind = EVENT_MICROPHONE_SILENT};
        break;
    case 7:
        view->call_state = (enum call_state)below(walker, 3);
        snprintf(view->call_identity, sizeof view->call_identity, "%s", BEN);
        snprintf(view->call_name, sizeof view->call_name, "Ben");
        break;
    case 8:
        view->emergency_count = 0;
        if (below(walker, 2) == 0) {
            view_add_emergency(view, BEN, "Ben", FIRE, "Fire 7");
        }
        break;
    default:
        view->utc_ms += 1000;
        break;
    }
}

/* --- What the screen names -----------------------------------------------------------------------
 */

/* The first word of each hint: they stand three columns apart where there is room. */
static size_t hinted(struct walker *walker, char keys[][16], size_t room) {
    char line[ROW_SIZE];
    size_t count = 0;
    snprintf(line, sizeof line, "%s", officer_keys(&walker->officer));
    for (char *at = line; *at != '\0' && count < room;) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        if (length > 0 && length < 16) {
            memcpy(keys[count], at, length);
            keys[count++][length] = '\0';
        }
        char *next = strstr(at, "   ");
        at = next != NULL ? next : at + strlen(at);
    }
    return count;
}

/* Does a row of the text begin with that key? */
static bool has_row(const char *text, const char *key) {
    char start[32];
    snprintf(start, sizeof start, "\n %s ", key);
    return strstr(text, start) != NULL;
}

static bool keys_say(struct walker *walker, const char *text) {
    return strstr(officer_keys(&walker->officer), text) != NULL;
}

/* The key that stands for those that move, in the help; or the key itself. */
static const char *help_name(const char *key) {
    static const char *const movers[] = {"up",       "down", "j",   "k",    "pageup",
                                         "pagedown", "home", "end", "left", "right"};
    for (size_t i = 0; i < sizeof movers / sizeof movers[0]; i++) {
        if (strcmp(movers[i], key) == 0) {
            return NULL; /* lists and texts move everywhere */
        }
    }
    return strcmp(key, "escape") == 0                               ? "esc"
           : key[0] >= '1' && key[0] <= '6' && key[1] == '\0'       ? "1 to 6"
           : strcmp(key, "tab") == 0 || strcmp(key, "backtab") == 0 ? "1 to 6"
           : strcmp(key, "+") == 0 || strcmp(key, "-") == 0         ? "+/-"
                                                                    : key;
}

static bool is_named(char keys[][16], size_t count, const char *key) {
    const char *name = help_name(key);
    bool is = name == NULL || strcmp(key, "?") == 0;
    for (size_t i = 0; i < count && !is; i++) {
        is = strcmp(keys[i], name) == 0;
    }
    return is;
}

/* --- A step
 * ---------------------------------------------------------------------------------------- */

static void check_picture(struct walker *walker, const char *key) {
    const struct canvas *canvas = walker->officer.canvas;
    char line[ROW_SIZE];
    int row = (int)(walker->step % (unsigned)canvas->rows); /* each in its turn */
    if (canvas_row_text(canvas, row, line, sizeof line)) {
        if (text_width(line) > canvas->columns) {
            complain(walker, "a row is wider than the canvas", key);
        }
    }
    if (canvas->cut > 0) {
        complain(walker, "a text is cut off", key);
    }
}

static struct page *find_page(struct walker *walker, const char *title) {
    for (size_t i = 0; i < walker->page_count; i++) {
        if (strcmp(walker->pages[i].title, title) == 0) {
            return &walker->pages[i];
        }
    }
    return NULL;
}

/* Does the help of the screen that is looked at have the key? It is opened and closed for that, the
 * first time. */
static bool help_names(struct walker *walker, const char *key) {
    char title[TITLE_SIZE] = "", line[ROW_SIZE];
    canvas_row_text(walker->officer.canvas, 0, line, sizeof line);
    snprintf(title, sizeof title, "%.60s", line);
    struct page *page = find_page(walker, title);
    if (page == NULL) {
        officer_press(&walker->officer, "?");
        if (!keys_say(walker, "close")) {
            return true; /* a request opened over it by itself */
        }
        assert_in_range(walker->page_count, 0, PAGES_MAX - 1);
        page = &walker->pages[walker->page_count++];
        *page = (struct page){.text = officer_screen(&walker->officer)};
        memcpy(page->title, title, sizeof title);
        officer_press(&walker->officer, "?");
    }
    return has_row(page->text, help_name(key));
}

/* A row under the title says what to press: "! Press i: Ben calls you". */
static bool banner_names(struct walker *walker, const char *key) {
    char words[32];
    snprintf(words, sizeof words, "! Press %.10s: ", key);
    return officer_sees(&walker->officer, words);
}

static void check_named(struct walker *walker, const char *key, char keys[][16], size_t count,
                        bool is_in_help) {
    bool has = has_effect(walker);
    walker->effects += has;
    if (has && !is_in_help && !is_named(keys, count, key)) {
        complain(walker, "it does something, and nothing on the screen says so", key);
    }
}

static void check_hint_works(struct walker *walker, const char *key) {
    walker->hints++;
    if (!has_effect(walker)) {
        complain(walker, "the row of keys names it, and it does nothing", key);
    }
}

static const char *hinted_press(const char *hint) {
    return strcmp(hint, "esc") == 0 ? "escape" : hint;
}

/* What the last key brought is gone: it is no effect of the next one. */
static void clear_notice(struct walker *walker) {
    officer_press(&walker->officer, "f12");
}

/* One key that the row of keys names. */
static void take_hint(struct walker *walker) {
    clear_notice(walker);
    char keys[24][16];
    size_t count = hinted(walker, keys, 24);
    const char *key = hinted_press(keys[below(walker, count)]);
    if (strchr(key, '/') != NULL && key[1] != '\0') {
        key =
            below(walker, 2) == 0 ? "down" : "up"; /* up/down, left/right: not at an end of both */
        officer_press(&walker->officer, key);
        return;
    }
    if (press_from_name(key) == PRESS_NONE || strcmp(key, "home") == 0) {
        return;
    }
    keep(walker);
    officer_press(&walker->officer, key);
    check_hint_works(walker, key);
}

/* Any key. */
static void take_any(struct walker *walker) {
    static const char *const names[] = {
        "a",      "b",        "c",         "d",  "e",    "f",    "g",     "h",     "i",
        "j",      "k",        "l",         "m",  "n",    "o",    "p",     "q",     "r",
        "s",      "t",        "u",         "v",  "w",    "x",    "y",     "z",     "0",
        "1",      "2",        "3",         "4",  "5",    "6",    "7",     "8",     "9",
        "?",      "!",        "/",         "+",  "-",    "E",    "K",     "space", "enter",
        "escape", "tab",      "backtab",   "up", "down", "left", "right", "home",  "end",
        "pageup", "pagedown", "backspace", ":"};
    const char *key = names[below(walker, sizeof names / sizeof names[0])];
    char keys[24][16];
    clear_notice(walker);
    size_t count = hinted(walker, keys, 24);
    /* The keys of the help itself are in its text; a text field takes every character. */
    bool is_in_help = keys_say(walker, "tab help") || help_name(key) == NULL ||
                      keys_say(walker, "close") || banner_names(walker, key) ||
                      help_names(walker, key);
    keep(walker);
    officer_press(&walker->officer, key);
    check_named(walker, key, keys, count, is_in_help);
}

static void lead_home(struct walker *walker) {
    struct view *view = walker->officer.view;
    view->invitation_count = 0;
    for (int i = 0; i < 12 && !officer_sees(&walker->officer, "[1 Nearby]"); i++) {
        officer_press(&walker->officer, "escape");
    }
    if (!officer_sees(&walker->officer, "[1 Nearby]")) {
        complain(walker, "it is a dead end", "escape");
    }
}

static void walk(uint64_t seed, unsigned steps) {
    struct walker walker = {.officer = officer_begin(WIDE, 30), .seed = seed, .random = seed};
    walker.before = canvas_new(WIDE, 30);
    assert_non_null(walker.before);
    printf("test_walker: seed %llu, %u steps\n", (unsigned long long)seed, steps);
    view_busy(walker.officer.view);
    struct view *view = walker.officer.view;
    view->revoked.lost = 2;
    snprintf(view->lost[0].identity, sizeof view->lost[0].identity, "%s", CAROL);
    snprintf(view->lost[1].identity, sizeof view->lost[1].identity, "%s", "tel:+447700900999");
    officer_look(&walker.officer);
    for (walker.step = 0; walker.step < steps; walker.step++) {
        if (below(&walker, 6) == 0) {
            change_world(&walker);
            officer_look(&walker.officer);
        }
        if (below(&walker, 2) == 0) {
            take_hint(&walker);
        } else {
            take_any(&walker);
        }
        if (walker.officer.command.kind != COMMAND_NONE) {
            carry_out(&walker);
            officer_look(&walker.officer);
        }
        check_picture(&walker, "any");
        if (walker.step % HOME_EVERY == 0) {
            lead_home(&walker);
        }
    }
    /* It got somewhere. */
    assert_true(walker.effects > steps / 20);
    assert_true(walker.hints > steps / 20);
    for (size_t i = 0; i < walker.page_count; i++) {
        free(walker.pages[i].text);
    }
    canvas_free(walker.before);
    officer_end(&walker.officer);
}

static void whatever_is_pressed_the_screen_says_what_keys_do(void **state) {
    (void)state;
    const char *given = getenv("MUSTER_SEED");
    const char *steps = getenv("MUSTER_STEPS");
    walk(given != NULL ? strtoull(given, NULL, 10) : 1,
         steps != NULL ? (unsigned)strtoul(steps, NULL, 10) : STEPS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_pressed_the_screen_says_what_keys_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
