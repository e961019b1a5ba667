/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/enrol.h"

#include <stdio.h>
#include <string.h>

#include "ui/screens/enrol_code.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    PATH_LONGEST = 400, /* octets; what is longer, or has lines, is a bundle */
    FIELD_COLUMNS = 50
};

void enrol_clear(struct enrol *enrol) {
    bool has_no_halves = enrol->has_no_halves;
    if (!enrol->is_open) {
        return;
    }
    explicit_bzero(enrol, sizeof *enrol);
    enrol->has_no_halves = has_no_halves;
}

bool enrol_is_typing(const struct enrol *enrol) {
    return enrol->step == ENROL_ASK || enrol_takes_lines(enrol) || enrol->step == ENROL_FINGERPRINT;
}

bool enrol_takes_lines(const struct enrol *enrol) {
    return enrol->step == ENROL_BUNDLE;
}

bool enrol_has_escape(const struct enrol *enrol) {
    return enrol->step != ENROL_START;
}

static void go(struct enrol *enrol, enum enrol_step step) {
    enrol->step = step;
    enrol->scroll = (struct scroll){0};
    enrol->is_refused = false;
    enrol->part = 0;
}

/* What came of the last command leads on, or is told on the page where it was given. */
static void follow(struct enrol *enrol, const struct view *view) {
    const struct view_enrolment *known = &view->enrolment;
    enrol->is_open = true;
    if (known->is_busy) {
        return;
    }
    if (enrol->is_sent) {
        enrol->is_sent = false;
        enrol->is_refused = known->refusal[0] != '\0';
        if (!enrol->is_refused && enrol->step == ENROL_ASK) {
            go(enrol, ENROL_CODE);
        } else if (!enrol->is_refused && enrol->step == ENROL_BUNDLE) {
            go(enrol, ENROL_HOLDS);
        }
    }
    bool has_bundle = known->bundle.identity[0] != '\0';
    if (!has_bundle && (enrol->step == ENROL_HOLDS || enrol->step == ENROL_FINGERPRINT)) {
        go(enrol, ENROL_START);
    }
}

/* --- Keys ------------------------------------------------------------------------------------- */

static void send(struct enrol *enrol, struct turn *turn, enum command_kind kind) {
    turn_command(turn, kind);
    enrol->is_sent = true;
    enrol->is_refused = false;
    enrol->scroll = (struct scroll){0};
}

static void start_key(struct enrol *enrol, struct turn *turn) {
    bool has_asked = turn->view->enrolment.request.identity[0] != '\0';
    if (turn->press == 'q') {
        turn->go = PLACE_LEAVE;
    } else if (turn->press == 'r') {
        go(enrol, has_asked ? ENROL_CODE : ENROL_ASK);
    } else if (turn->press == 'b') {
        pasted_clear(&enrol->bundle);
        go(enrol, ENROL_BUNDLE);
    } else {
        scroll_key(&enrol->scroll, turn->press);
    }
}

static void ask(struct enrol *enrol, struct turn *turn) {
    field_trim(&enrol->identity);
    field_trim(&enrol->name);
    if (enrol->identity.length == 0) {
        enrol->is_at_name = false;
        turn->notice = _("Type the identity that this handset is to have first.");
        return;
    }
    send(enrol, turn, COMMAND_REQUEST);
    text_copy(turn->command->identity, sizeof turn->command->identity, enrol->identity.text);
    text_copy(turn->command->name, sizeof turn->command->name, enrol->name.text);
}

static void ask_key(struct enrol *enrol, struct turn *turn) {
    uint32_t press = turn->press;
    if (press == PRESS_ENTER && enrol->is_at_name) {
        ask(enrol, turn);
    } else if (press == PRESS_ENTER || press == PRESS_DOWN) {
        enrol->is_at_name = true;
    } else if (press == PRESS_UP) {
        enrol->is_at_name = false;
    } else if (press == PRESS_ESCAPE) {
        go(enrol, ENROL_START);
    } else if (enrol->is_at_name) {
        field_key_name(&enrol->name, press);
    } else {
        field_key(&enrol->identity, OFFICER_IDENTITY_SIZE, press);
    }
}

static void shown_key(struct enrol *enrol, struct turn *turn) {
    uint32_t press = turn->press;
    if (press == PRESS_ESCAPE) {
        go(enrol, ENROL_START);
    } else if (press == 't') {
        go(enrol, enrol->step == ENROL_CODE ? ENROL_TEXT : ENROL_CODE);
    } else if (press == 'b') {
        pasted_clear(&enrol->bundle);
        go(enrol, ENROL_BUNDLE);
    } else if (press == 'n') {
        go(enrol, ENROL_ASK);
        enrol->is_at_name = false;
    } else if (press == PRESS_RIGHT && enrol->part + 1 < enrol->parts) {
        enrol->part++;
    } else if (press == PRESS_LEFT && enrol->part > 0) {
        enrol->part--;
    } else if (enrol->step == ENROL_TEXT) {
        scroll_key(&enrol->scroll, press);
    }
}

/* No path has lines, or is as long as the shortest bundle. */
static bool is_path(const struct pasted *bundle) {
    return bundle->length <= PATH_LONGEST && bundle->text[0] != '-' &&
           memchr(bundle->text, '\n', bundle->length) == NULL;
}

static void give(struct enrol *enrol, struct turn *turn) {
    struct pasted *bundle = &enrol->bundle;
    if (!pasted_is_text(bundle)) {
        return;
    }
    bundle->is_taken = true;
    if (bundle->is_cut) {
        turn->notice = _("That is too long to paste: give the name of its file.");
        return;
    }
    send(enrol, turn, COMMAND_LOOK_AT);
    turn->command->text = bundle->text;
    turn->command->text_length = bundle->length;
    turn->command->on = is_path(bundle);
}

/* Is its last line there? Its first and its last line begin and end with such a mark. */
static bool is_whole(const struct pasted *bundle) {
    static const char mark[] = "-----";
    size_t marks = 0, at = 0;
    while (pasted_is_text(bundle) && at + sizeof mark - 1 <= bundle->length) {
        bool is_mark = memcmp(bundle->text + at, mark, sizeof mark - 1) == 0;
        marks += is_mark;
        at += is_mark ? sizeof mark - 1 : 1;
    }
    return marks >= 4;
}

static void bundle_key(struct enrol *enrol, struct turn *turn) {
    struct turn lines = *turn;
    uint32_t press = turn->press;
    lines.is_pasted |= turn->is_burst; /* a terminal without brackets around what is pasted */
    if (pasted_key(&enrol->bundle, &lines)) {
        return;
    }
    if (press == PRESS_ESCAPE) {
        pasted_clear(&enrol->bundle);
        go(enrol, ENROL_START);
    } else if (press == PRESS_ENTER || (press == PRESS_PASTE_END && is_whole(&enrol->bundle))) {
        give(enrol, turn);
    } else {
        scroll_key(&enrol->scroll, press);
    }
}

static void holds_key(struct enrol *enrol, struct turn *turn) {
    if (turn->press == PRESS_ENTER) {
        go(enrol, ENROL_FINGERPRINT);
    } else if (turn->press == PRESS_ESCAPE) {
        turn_command(turn, COMMAND_PUT_AWAY);
        go(enrol, ENROL_START);
    } else {
        scroll_key(&enrol->scroll, turn->press);
    }
}

static void fingerprint_key(struct enrol *enrol, struct turn *turn) {
    if (turn->press == PRESS_ESCAPE) {
        field_wipe(&enrol->fingerprint);
        go(enrol, ENROL_HOLDS);
    } else if (turn->press != PRESS_ENTER) {
        field_key(&enrol->fingerprint, OFFICER_NAME_SIZE, turn->press);
    } else if (enrol->fingerprint.length == 0) {
        turn->notice = _("Type the fingerprint that the KMS's operator reads out first.");
    } else {
        send(enrol, turn, COMMAND_INSTALL);
        text_copy(turn->command->name, sizeof turn->command->name, enrol->fingerprint.text);
    }
}

void enrol_key(struct enrol *enrol, struct turn *turn) {
    follow(enrol, turn->view);
    if (turn->view->enrolment.is_busy) {
        return;
    }
    switch (enrol->step) {
    case ENROL_START:
        start_key(enrol, turn);
        break;
    case ENROL_ASK:
        ask_key(enrol, turn);
        break;
    case ENROL_CODE:
    case ENROL_TEXT:
        shown_key(enrol, turn);
        break;
    case ENROL_BUNDLE:
        bundle_key(enrol, turn);
        break;
    case ENROL_HOLDS:
        holds_key(enrol, turn);
        break;
    case ENROL_FINGERPRINT:
        fingerprint_key(enrol, turn);
        break;
    }
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static void write_step(struct page *page, const char *key, const char *text) {
    if (page->drawing) {
        area_text(page->area, page_row(page), 1, STYLE_STRONG, key);
    }
    page_text(page, 3, STYLE_PLAIN, text);
    page_gap(page);
}

static void write_start(struct page *page, const struct view_request *request) {
    page_text(page, 0, STYLE_STRONG, _("This handset has no credential yet."));
    page_gap(page);
    if (request->identity[0] != '\0') {
        page_text(page, 0, STYLE_GOOD, _("It has asked for one:"));
        page_text(page, 3, STYLE_PLAIN, request->identity);
        page_gap(page);
    }
    write_step(page, "r",
               _("Request one: the screen shows what your KMS needs, as a code for a camera and as "
                 "text. It is in a file as well."));
    write_step(page, "b",
               _("Your KMS gives back a bundle that only this handset can open: paste it, or name "
                 "its file."));
    page_text(page, 0, STYLE_DIM, _("Or in a shell:"));
    page_text(page, 3, STYLE_DIM, "muster request --identity URI --out FILE");
    page_text(page, 3, STYLE_DIM, "muster install BUNDLE");
}

static void write_field(struct page *page, const char *label, const struct field *field,
                        bool is_here) {
    page_text(page, 0, is_here ? STYLE_STRONG : STYLE_PLAIN, label);
    if (page->drawing) {
        int width = page->area.columns - 2;
        width = width < FIELD_COLUMNS ? width : FIELD_COLUMNS;
        if (is_here) {
            field_draw(field, false, page->area, page_row(page), 1, width);
        } else {
            text_tail(page->area, page_row(page), 1, width, STYLE_PLAIN, field->text);
        }
    }
    page->row++;
}

static void write_refusal(const struct enrol *enrol, struct page *page, const struct view *view) {
    if (enrol->is_refused) {
        page_print(page, 0, STYLE_CAUTION, "! %s", view->enrolment.refusal);
        page_gap(page);
    }
}

static void write_ask(const struct enrol *enrol, struct page *page, const struct view *view) {
    write_refusal(enrol, page, view);
    write_field(page, _("Identity that this handset is to have"), &enrol->identity,
                !enrol->is_at_name);
    page_text(page, 0, STYLE_DIM, _("tel:+447700900123, or urn:gsma:imei: and its number"));
    page_gap(page);
    write_field(page, _("Name that others see, or nothing"), &enrol->name, enrol->is_at_name);
    page_gap(page);
    if (view->enrolment.is_busy) {
        page_text(page, 0, STYLE_STRONG, _("The request is being written."));
    }
}

static void write_bundle(const struct enrol *enrol, struct page *page, const struct view *view) {
    write_refusal(enrol, page, view);
    page_text(
        page, 0, STYLE_STRONG,
        _("Paste the bundle, or what a camera has read of it, or type the name of its file."));
    page_gap(page);
    if (page->drawing) {
        pasted_draw(&enrol->bundle,
                    area_within(page->area, page_row(page), 1, 1, page->area.columns - 2));
    }
    page->row++;
    if (pasted_is_text(&enrol->bundle)) {
        unsigned long letters = (unsigned long)enrol->bundle.length;
        page_print(page, 0, STYLE_DIM, words_many("%lu letter", "%lu letters", letters), letters);
    }
    page_gap(page);
    if (view->enrolment.is_busy) {
        page_text(page, 0, STYLE_STRONG, _("The bundle is being checked."));
    }
    page_text(page, 0, STYLE_DIM, _("The file has to be in the folder of this handset's store."));
}

static void write_holds(struct page *page, const struct view_bundle *holds) {
    page_text(page, 0, STYLE_STRONG, _("This bundle gives the handset"));
    page_gap(page);
    page_pair(page, _("Identity"), STYLE_STRONG, holds->identity);
    page_pair(page, _("Name"), STYLE_PLAIN, holds->name[0] != '\0' ? holds->name : _("none"));
    page_pair(page, _("KMS"), STYLE_STRONG, holds->kms);
    page_pair(page, _("Until"), STYLE_PLAIN,
              holds->until[0] != '\0' ? holds->until : _("no end (fixed keys)"));
    page_pair(page, _("Broker"), STYLE_PLAIN, holds->has_broker ? _("access") : _("none"));
    page_pair(page, _("Groups"), STYLE_PLAIN,
              holds->group_count > 0 ? holds->groups[0] : _("none"));
    for (size_t i = 1; i < holds->group_count; i++) {
        page_pair(page, "", STYLE_PLAIN, holds->groups[i]);
    }
}

static void write_fingerprint(const struct enrol *enrol, struct page *page,
                              const struct view *view) {
    write_refusal(enrol, page, view);
    page_print(page, 0, STYLE_PLAIN,
               _("Anybody can make a domain. Have the operator of %s read out its fingerprint."),
               view->enrolment.bundle.kms);
    page_gap(page);
    write_field(page, _("Fingerprint"), &enrol->fingerprint, true);
    page_gap(page);
    if (view->enrolment.is_busy) {
        page_text(page, 0, STYLE_STRONG, _("The bundle is being installed."));
    }
}

static void write_text(struct page *page, const struct view_request *request) {
    enrol_write_request(page, request);
    page_gap(page);
    page_text(page, 0, STYLE_DIM, _("The same as text:"));
    for (const char *at = request->text; *at != '\0';) {
        char line[VIEW_REQUEST_SIZE];
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, at);
        page_text(page, 0, STYLE_PLAIN, line);
        at += length + (at[length] != '\0' ? 1 : 0);
    }
}

static void write_page(struct enrol *enrol, struct page *page, const struct view *view) {
    const struct view_enrolment *known = &view->enrolment;
    page_gap(page);
    switch (enrol->step) {
    case ENROL_START:
        write_start(page, &known->request);
        break;
    case ENROL_ASK:
        write_ask(enrol, page, view);
        break;
    case ENROL_BUNDLE:
        write_bundle(enrol, page, view);
        break;
    case ENROL_HOLDS:
        write_holds(page, &known->bundle);
        break;
    case ENROL_FINGERPRINT:
        write_fingerprint(enrol, page, view);
        break;
    default:
        if (enrol->step == ENROL_CODE) {
            page_text(page, 0, STYLE_CAUTION,
                      _("The window is too small for a code: make it larger, or use the text."));
            page_gap(page);
        }
        write_text(page, &known->request);
    }
}

void enrol_draw(struct enrol *enrol, const struct view *view, struct area area) {
    follow(enrol, view);
    if (enrol->step == ENROL_CODE && enrol_draw_code(enrol, &view->enrolment.request, area)) {
        return;
    }
    struct page page = page_begin(&enrol->scroll, area);
    do {
        write_page(enrol, &page, view);
    } while (page_again(&page));
}

void enrol_hints(const struct enrol *enrol, const struct view *view, struct hints *hints) {
    bool is_busy = view->enrolment.is_busy;
    switch (enrol->step) {
    case ENROL_START:
        hints_add(hints, "r", _("request"));
        hints_add(hints, "b", _("bundle"));
        hints_add(hints, "q", _("quit"));
        return;
    case ENROL_ASK:
        if (!is_busy) {
            hints_add(hints, _("enter"), enrol->is_at_name ? _("request") : _("next"));
        }
        break;
    case ENROL_CODE:
    case ENROL_TEXT:
        if (enrol->step == ENROL_CODE && enrol->parts > 1) {
            hints_add(hints, _("left/right"), _("codes"));
        }
        hints_add(hints, "b", _("bundle"));
        hints_add(hints, "t", enrol->step == ENROL_CODE ? _("text") : _("code"));
        hints_add(hints, "n", _("another"));
        break;
    case ENROL_BUNDLE:
        if (!is_busy && pasted_is_text(&enrol->bundle)) {
            hints_add(hints, _("enter"), _("take it"));
        }
        break;
    case ENROL_HOLDS:
        hints_add(hints, _("enter"), _("go on"));
        break;
    case ENROL_FINGERPRINT:
        if (!is_busy) {
            hints_add(hints, _("enter"), _("install"));
        }
        break;
    }
    hints_add(hints, _("esc"), _("back"));
}
