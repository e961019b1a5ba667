/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What anybody can tell of a frame that passes on the air, from its public octets alone
 * (overheard.h fills it in). Nothing of it is verified. Like view.h it is a part of what ui/ knows
 * of a handset.
 */
#ifndef MUSTER_APP_HANDSET_VIEW_FRAME_H
#define MUSTER_APP_HANDSET_VIEW_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "app/handset/command.h"

enum frame_sight {
    SIGHT_UNKNOWN, /* no frame of this version */
    SIGHT_PRESENCE,
    SIGHT_I_MESSAGE,
    SIGHT_D2D_ANSWER,
    SIGHT_D2D_REQUEST,
    SIGHT_D2D_RESPONSE,
    SIGHT_D2D_RECORD, /* one that is garbled, so that its step is not known */
    SIGHT_ANNOUNCEMENT,
    SIGHT_ANNOUNCEMENT_AND_VOICE,
    SIGHT_GROUP_VOICE, /* under a key from the GMK `key_id` */
    SIGHT_CALL_VOICE,  /* under a key from the TGK `key_id` */
    SIGHT_VOICE,       /* that is garbled, so that its key is not known */
    SIGHT_KEY_DELIVERY,
    SIGHT_RECEIPT, /* `from` has the GMK `key_id` of `group` */
    SIGHT_RELAY_CONTROL,
    SIGHT_VOICE_REPORT,  /* that somebody hears who talks under the GMK `key_id` */
    SIGHT_FLOOR,         /* that somebody asks who talks under the GMK `key_id` for the floor */
    SIGHT_PRESENCE_LINK, /* that somebody who said a presence is still there */
    SIGHT_INQUIRY,       /* presence of somebody who asks for others by name */
    SIGHT_ATTENDANCE,    /* that a member is here, under the GMK `key_id` */
    SIGHT_REVOCATION,    /* list of the revoked */
    SIGHT_MESSAGE,
    SIGHT_MESSAGE_RECEIPT,
    SIGHT_FRAGMENT, /* of a frame that was too long for a link */
    SIGHT_COUNT
};

/* Identities are there only where they are spelled like identities. */
struct view_frame {
    enum frame_sight sight;
    const char *check; /* why it is garbled, as in event.h; NULL: it is not, and what follows is
                        * there where the sight has it */
    uint32_t key_id;
    uint64_t connection;
    char from[OFFICER_IDENTITY_SIZE]; /* whose presence, message, talk or receipt */
    char to[OFFICER_IDENTITY_SIZE];
    char group[OFFICER_GROUP_SIZE];
};

#endif
