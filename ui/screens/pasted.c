/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/pasted.h"

#include <string.h>

#include "ui/character.h"
#include "ui/screens/text.h"
#include "ui/ui.h"

enum {
    LINE_SHOWN = 256 /* octets of the end of the text that are enough for any line on a screen */
};

void pasted_clear(struct pasted *pasted) {
    pasted->length = 0;
    pasted->is_taken = pasted->is_cut = false;
}

bool pasted_is_text(const struct pasted *pasted) {
    return pasted->length > 0 && !pasted->is_taken;
}

static void add(struct pasted *pasted, uint32_t press) {
    char octets[CHARACTER_UTF8_SIZE];
    size_t count = character_utf8(press, octets);
    if (pasted->is_taken) {
        pasted_clear(pasted);
    }
    if (pasted->length + count > sizeof pasted->text) {
        pasted->is_cut = true;
        return;
    }
    memcpy(pasted->text + pasted->length, octets, count);
    pasted->length += count;
}

static void take_back(struct pasted *pasted) {
    bool lead = false;
    while (pasted_is_text(pasted) && !lead) {
        lead = ((unsigned char)pasted->text[--pasted->length] & 0xC0) != 0x80;
    }
}

static bool is_character(uint32_t press) {
    return press >= ' ' && press != 0x7F && !(press >= 0x80 && press < 0xA0) &&
           !(press >= 0xD800 && press < 0xE000) && press < PRESS_NAMED;
}

bool pasted_key(struct pasted *pasted, const struct turn *turn) {
    uint32_t press = turn->press;
    if (turn->is_pasted && press == PRESS_ENTER) {
        add(pasted, '\n');
    } else if (turn->is_pasted && press == PRESS_TAB) {
        add(pasted, ' ');
    } else if (is_character(press)) {
        add(pasted, press);
    } else if (press == PRESS_BACKSPACE && !turn->is_pasted) {
        take_back(pasted);
    } else {
        return false;
    }
    return true;
}

void pasted_draw(const struct pasted *pasted, struct area line) {
    char end[LINE_SHOWN + 1];
    size_t start = pasted->length > LINE_SHOWN ? pasted->length - LINE_SHOWN : 0;
    size_t length = pasted_is_text(pasted) ? pasted->length - start : 0;
    memcpy(end, pasted->text + start, length);
    end[length] = '\0';
    const char *last = strrchr(end, '\n');
    area_fill(line, ' ', STYLE_SELECTED);
    int used =
        text_tail(line, 0, 0, line.columns - 1, STYLE_SELECTED, last != NULL ? last + 1 : end);
    area_text(line, 0, used, STYLE_SELECTED, "_");
}
