/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a radio does, or what has happened to a link: a kind's name with its values, as the
 * transport reports them (transport/condition.h says which kind has which). ui/words/radio.h has
 * the words. Like view.h it is a part of what ui/ knows of a handset, and includes nothing but the
 * standard library.
 */
#ifndef MUSTER_APP_HANDSET_CONDITION_H
#define MUSTER_APP_HANDSET_CONDITION_H

#include <stdint.h>

enum {
    VIEW_LINK_SIZE = 32, /* what the officer calls a link, terminated */
    VIEW_OBJECT_SIZE = 96,
    VIEW_DETAIL_SIZE = 104
};

struct view_condition {
    const char *name; /* "no-such-interface", in static storage; NULL: nothing to say */
    int error;        /* an errno; 0: none */
    int64_t number, more;
    char object[VIEW_OBJECT_SIZE]; /* what it is about */
    char detail[VIEW_DETAIL_SIZE];
};

#endif
