/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Crews: identities that an officer picks together again and again, kept under a name ("Engine 7,
 * night"). A crew is a help for picking and no more: it trusts nobody, lets nobody into a group,
 * and is told to nobody. Each is a record of its own, so one that cannot be read costs no other.
 */
#ifndef MUSTER_APP_HANDSET_DESK_CREWS_H
#define MUSTER_APP_HANDSET_DESK_CREWS_H

#include "app/handset/command.h"
#include "app/handset/desk/desk.h"

enum {
    CREWS_MAX = 16
};

struct crews {
    struct desk *desk;
    size_t count;
    struct view_crew *list; /* in the order of their names; NULL: none yet */
    bool is_malformed;      /* a record could not be read */
};

/* No crews, of the handset whose desk that is. */
void crews_begin(struct crews *crews, struct desk *desk);

/* Frees what it holds. */
void crews_clear(struct crews *crews);

/* A record of one, from the store. One that cannot be read is left out, and told of by crews_start:
 * no handset stays shut for it. STATUS_NO_MEMORY. */
MUST_CHECK enum status crews_restore(struct crews *crews, struct span key, struct span value);

/* The handset starts: its officer is told if a crew was left out. */
void crews_start(struct crews *crews, struct moment now);

/* COMMAND_KEEP_CREW: the command's members are a crew of that name from now on, in place of one
 * that had it. COMMAND_DROP_CREW: there is none of that name any more. The officer is told once
 * that is durable. Otherwise why not is in *problem, and nothing has changed: STATUS_MALFORMED for
 * a name or for members that cannot be, STATUS_TOO_LONG for more than CREWS_MAX, STATUS_NOT_FOUND,
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status crews_command(struct crews *crews, struct moment now,
                                     const struct command *command, struct event *problem);

/* The crews into the view, under the best names that are known now. */
void crews_show(struct crews *crews, struct view *view);

#endif
