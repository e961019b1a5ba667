/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A handset without a credential: it asks a KMS for one, shows the request as a code for a camera,
 * as text and as a file, and takes the answer.
 */
#ifndef MUSTER_UI_SCREENS_ENROL_H
#define MUSTER_UI_SCREENS_ENROL_H

#include "ui/qr.h"
#include "ui/screens/field.h"
#include "ui/screens/page.h"
#include "ui/screens/pasted.h"
#include "ui/screens/turn.h"

enum enrol_step {
    ENROL_START,       /* what there is to do */
    ENROL_ASK,         /* identity and name are typed */
    ENROL_CODE,        /* the request as a code, */
    ENROL_TEXT,        /* and as text */
    ENROL_BUNDLE,      /* the answer is pasted, or its file's name typed */
    ENROL_HOLDS,       /* what it gives */
    ENROL_FINGERPRINT, /* its domain's fingerprint is typed */
};

struct enrol {
    bool is_open; /* something of it may have been seen or typed */
    enum enrol_step step;
    struct scroll scroll;
    struct field identity, name, fingerprint;
    bool is_at_name; /* which of the two fields is typed in */
    struct pasted bundle;
    bool is_sent;       /* a command was given, and what came of it is not known yet */
    bool is_refused;    /* the last one was not carried out */
    bool has_no_halves; /* the terminal has no half blocks: a module takes two cells */
    size_t part, parts; /* of the codes, which is shown, and how many there are */
    char coded[QR_SIDE_MAX * QR_SIDE_MAX / 8]; /* what `code` says; terminated */
    struct qr code;
};

/* As new: the handset is enrolled, or locked. Costs nothing where nothing was open. */
void enrol_clear(struct enrol *enrol);

/* Are characters typed now? And lines of a paste? */
bool enrol_is_typing(const struct enrol *enrol);
bool enrol_takes_lines(const struct enrol *enrol);

/* Has escape a step to go back? */
bool enrol_has_escape(const struct enrol *enrol);

/* COMMAND_LOOK_AT's text stays here until the next key. */
void enrol_key(struct enrol *enrol, struct turn *turn);
void enrol_draw(struct enrol *enrol, const struct view *view, struct area area);
void enrol_hints(const struct enrol *enrol, const struct view *view, struct hints *hints);

#endif
