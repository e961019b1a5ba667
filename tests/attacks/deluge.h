/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A deluge: thousands of frames a second of each kind that a stranger can send, said on one medium
 * of a town, straight into the handsets that hear it.
 */
#ifndef MUSTER_TESTS_ATTACKS_DELUGE_H
#define MUSTER_TESTS_ATTACKS_DELUGE_H

#include "crypto/announcement.h"
#include "tests/app/town.h"

/* What it is of. */
enum deluge_kind {
    DELUGE_PRESENCES, /* of identities that nobody has, and of the talker */
    DELUGE_I_MESSAGES,
    DELUGE_STRANGE_ANNOUNCEMENTS, /* of groups that nobody here is in */
    DELUGE_FORGED_ANNOUNCEMENTS,  /* of the group that talks, with a wrong MAC */
    DELUGE_COPIED_ANNOUNCEMENTS,  /* the same with the right MAC and another signature */
    DELUGE_VOICE,                 /* of that group, and of others */
    DELUGE_REPORTS,               /* and floor requests in it */
    DELUGE_PARTS,
    DELUGE_DELIVERIES, /* of keys, and their receipts */
    DELUGE_KINDS
};

struct deluge {
    struct town *town;
    unsigned medium;
    size_t talker;    /* whose group it is, and whose words it is to drown */
    size_t addresses; /* that it seems to come from; 0: from the talker's own */
    bool is_enrolled; /* its frames have the domain's mark */
    enum deluge_kind kind;
    int64_t a_second;
    uint64_t random;
    size_t lengths[2]; /* of announcements: with a wrong MAC, and with the right one */
    uint8_t octets[2][ANNOUNCEMENT_MAX];
};

const char *deluge_name(enum deluge_kind kind);

/* Makes ready what a deluge is made from. The talker is in a group. */
void deluge_begin(struct deluge *deluge);

/* Lets time pass in the town while it rains. */
void deluge_run(struct deluge *deluge, int64_t ms);

#endif
