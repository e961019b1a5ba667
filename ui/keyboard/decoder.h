/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the octets that a terminal sends to keys: characters in UTF-8, the control sequences of the
 * xterm family (ECMA-48: CSI, SS3), those of the Linux console and rxvt, and the CSI u sequences of
 * terminals that tell when a key is released. A pure state machine: time is an argument. Whatever
 * comes, it neither stays in a sequence nor passes a part of one for keys.
 */
#ifndef MUSTER_UI_KEYBOARD_DECODER_H
#define MUSTER_UI_KEYBOARD_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DECODER_ESCAPE_MS = 25,    /* an ESC that nothing follows for so long is the key */
    DECODER_SEQUENCE_MS = 200, /* a sequence that does not go on for so long is dropped */
    DECODER_PASTE_MS = 1000,   /* a paste that does not go on for so long is over */
    DECODER_SEQUENCE_SIZE = 64,
    DECODER_READY_MAX = 2,
};

enum input_kind {
    INPUT_TYPED,    /* a key, from a terminal that does not tell when it is released: each repeat
                     * comes as one more */
    INPUT_PRESSED,  /* a key whose release will be told */
    INPUT_REPEATED, /* the same key, held */
    INPUT_RELEASED,
    INPUT_FOCUS_GAINED,
    INPUT_FOCUS_LOST,
    INPUT_TELLS_RELEASES, /* the answer to CSI ? u: the terminal knows CSI u */
    INPUT_ATTRIBUTES,     /* the answer to CSI c: what was asked before has been answered by now */
};

struct input {
    enum input_kind kind;
    uint32_t press; /* of a key: as in enum press of ui/ui.h, never PRESS_NONE */
};

struct decoder {
    struct input ready[DECODER_READY_MAX];
    size_t ready_count;
    char sequence[DECODER_SEQUENCE_SIZE]; /* what is under way, from its ESC on */
    size_t length;
    bool is_string;     /* it is text for programs (OSC, DCS), which is passed over */
    bool may_end;       /* its last octet was an ESC, as at the beginning of its end */
    uint32_t character; /* of UTF-8, under way */
    uint32_t least;     /* what its length is for: less is another spelling, and malformed */
    int octets_left;
    int64_t began_ms; /* when the last octet came */
    bool is_pasting;  /* the end of a paste is still to come */
};

/* What is under way, and what was not taken yet, counts no more; a paste ends. */
void decoder_forget(struct decoder *decoder);

/* The next octet, which came at `now_ms`. Only while decoder_next has nothing. */
void decoder_octet(struct decoder *decoder, uint8_t octet, int64_t now_ms);

/* Takes the next input; false when there is none. */
bool decoder_next(struct decoder *decoder, int64_t now_ms, struct input *input);

/* By when decoder_next is to be asked again although no octet comes; INT64_MAX: never. */
int64_t decoder_deadline(const struct decoder *decoder);

#endif
