/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/enrol_code.h"

#include <stdio.h>
#include <string.h>

#include "ui/words/words.h"

enum {
    BESIDE_LEAST = 24, /* columns that words beside a code need */
    PARTS_MOST = 16    /* nobody holds a camera up more often */
};

/* The modules that the area has room for, without the quiet ones around them. */
static int side_of(const struct enrol *enrol, struct area area) {
    int across = enrol->has_no_halves ? area.columns / 2 : area.columns;
    int down = enrol->has_no_halves ? area.rows : 2 * area.rows;
    return (across < down ? across : down) - 2 * QR_QUIET;
}

/* Cuts the text into as few parts as fit, of about the same length, and makes the code of the one
 * that is looked at, unless it is there already. */
static bool make_code(struct enrol *enrol, const char *text, size_t room) {
    size_t length = strlen(text);
    if (room == 0 || length == 0 || (length + room - 1) / room > PARTS_MOST) {
        return false;
    }
    enrol->parts = (length + room - 1) / room;
    enrol->part = enrol->part < enrol->parts ? enrol->part : enrol->parts - 1;
    size_t each = (length + enrol->parts - 1) / enrol->parts;
    size_t from = enrol->part * each, count = length - from < each ? length - from : each;
    if (count >= sizeof enrol->coded) {
        return false;
    }
    bool is_there = enrol->code.side > 0 && strlen(enrol->coded) == count &&
                    memcmp(enrol->coded, text + from, count) == 0;
    memcpy(enrol->coded, text + from, count);
    enrol->coded[count] = '\0';
    return is_there || qr_make(enrol->coded, count, &enrol->code);
}

/* A cell is two modules, one above the other. */
static void draw_halves(const struct qr *code, struct area area) {
    static const uint32_t signs[] = {' ', 0x2584, 0x2580, 0x2588};
    for (int row = 0; row < code->side + 2 * QR_QUIET; row += 2) {
        for (int column = 0; column < code->side + 2 * QR_QUIET; column++) {
            int above = qr_is_dark(code, row - QR_QUIET, column - QR_QUIET);
            int below = qr_is_dark(code, row + 1 - QR_QUIET, column - QR_QUIET);
            area_fill(area_within(area, row / 2, column, 1, 1), signs[2 * above + below],
                      STYLE_CODE);
        }
    }
}

/* Two cells are a module. */
static void draw_wide(const struct qr *code, struct area area) {
    for (int row = 0; row < code->side + 2 * QR_QUIET; row++) {
        for (int column = 0; column < code->side + 2 * QR_QUIET; column++) {
            bool is_dark = qr_is_dark(code, row - QR_QUIET, column - QR_QUIET);
            area_fill(area_within(area, row, 2 * column, 1, 2), is_dark ? 0x2588 : ' ', STYLE_CODE);
        }
    }
}

void enrol_write_request(struct page *page, const struct view_request *request) {
    page_text(page, 0, STYLE_STRONG, request->identity);
    if (request->name[0] != '\0') {
        page_text(page, 0, STYLE_PLAIN, request->name);
    }
    page_gap(page);
    page_text(page, 0, STYLE_DIM, _("Device key, to be read out to the KMS's operator"));
    page_text(page, 0, STYLE_STRONG, request->device_key);
    page_gap(page);
    if (request->file[0] != '\0') {
        page_text(page, 0, STYLE_DIM, _("In the file"));
        page_text(page, 0, STYLE_PLAIN, request->file);
    } else {
        page_print(page, 0, STYLE_CAUTION, "! %s", request->unwritten);
    }
}

static void write_beside(const struct enrol *enrol, struct area area,
                         const struct view_request *request) {
    struct page page = page_begin(NULL, area);
    do {
        if (enrol->parts > 1) {
            page_print(&page, 0, STYLE_CAUTION, _("Code %zu of %zu: show all of them, in order"),
                       enrol->part + 1, enrol->parts);
            page_gap(&page);
        }
        enrol_write_request(&page, request);
    } while (page_again(&page));
}

bool enrol_draw_code(struct enrol *enrol, const struct view_request *request, struct area area) {
    int side = side_of(enrol, area);
    if (!make_code(enrol, request->bare, qr_room(side))) {
        return false;
    }
    if (enrol->has_no_halves) {
        draw_wide(&enrol->code, area);
    } else {
        draw_halves(&enrol->code, area);
    }
    int columns = (enrol->code.side + 2 * QR_QUIET) * (enrol->has_no_halves ? 2 : 1);
    int left = area.columns - columns - 1;
    if (left >= BESIDE_LEAST) {
        write_beside(enrol, area_within(area, 0, columns + 1, area.rows, left), request);
    } else if (enrol->parts > 1 && left >= 5) {
        area_print(area, 0, columns + 1, STYLE_CAUTION, "%zu/%zu", enrol->part + 1, enrol->parts);
    }
    return true;
}
