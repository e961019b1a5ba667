/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Presence: saying now and then that this handset is here, and hearing who else is (app/README.md
 * section 4, kind 1; roster.h has the message and who is known).
 *
 * A copy of the own keys may say the own start with a greater age, or with echoes of its own
 * making: then neighbours take what this handset says for replayed, or for long past. So a presence
 * of the own start that this handset did not say is an alarm, and the next own presence is of a new
 * start.
 */
#ifndef MUSTER_APP_HANDSET_AIR_PRESENCE_H
#define MUSTER_APP_HANDSET_AIR_PRESENCE_H

#include "app/handset/air/admission.h"
#include "app/handset/air/air.h"
#include "app/handset/air/meeting.h"
#include "app/handset/air/pace.h"
#include "app/handset/air/revocations.h"

enum {
    PRESENCE_NEW_TIMES = 3, /* one who comes into a crowd says so again, while there is room, */
    PRESENCE_NEW_MS = 2500, /* and so often */
    PRESENCE_OWN_KEPT_MS = 5 * 60 * 1000, /* an older own one is known by its age alone */
};

struct presences {
    struct air *air;
    struct roster *roster;
    struct admission *admission;
    struct pace *pace;
    struct revocations *revocations;
    struct seen acted_on;    /* without their signatures: those have two forms */
    struct seen said;        /* the own ones, likewise */
    struct seen told_ended;  /* identities whose keys are those of an ended month, and which */
    struct own_chain *chain; /* NULL: none is begun */
    int64_t due_ms, said_ms; /* boot clock */
    unsigned again;          /* how often it is still to be said soon, since this one is new here */
    unsigned links;          /* said since the latest signed one */
    bool is_sign_due;        /* the next one is signed, whatever the rhythm */
    bool is_usual;           /* the next one is said as it is time, and was planned in a crowd */
    struct meeting meeting;  /* when one is said besides */
    bool is_start_taken;     /* another handset says the own start: draw one */
    int64_t renewed_ms;      /* boot clock: when one was last drawn for that; INT64_MIN: never */
    bool has_other;          /* the officer was told that another handset has the own identity */
};

/* The handset ends: its chain is freed. */
void presence_clear(struct presences *presences);

/* The handset starts: the own presence is said at the next tick. */
void presence_begin(struct presences *presences, struct moment now);

/* The payload of a FRAME_PRESENCE arrived. */
void presence_hear(struct presences *presences, struct moment now,
                   const struct presence_arrival *arrival, struct span payload);

/* The payload of a FRAME_PRESENCE_LINK arrived. */
void presence_hear_link(struct presences *presences, struct moment now, struct span payload);

/* Says the own presence, signed, at the next tick; or soon after the last one, since somebody new
 * is in reach. */
void presence_hurry(struct presences *presences, struct moment now);
void presence_say_soon(struct presences *presences);

/* There is a new reason to know the clock of that one, and that it knows this handset's: a
 * connection with it, or a common group (meeting.h). */
void presence_seek(struct presences *presences, struct moment now, const char *identity);

/* The genuine announcement with `fields` was heard, whose talker is not measured: it is asked
 * (meeting.h). */
void presence_ask_talker(struct presences *presences, struct moment now,
                         const struct announcement_fields *fields);

/* A word of `talker` was heard while this handset talks in the same group (meeting.h). */
void presence_hear_both(struct presences *presences, struct moment now, const char *talker);

/* Was that talker asked in vain (meeting.h)? */
bool presence_is_unanswered(const struct presences *presences, struct moment now,
                            const char *talker);

/* Says one now that stands behind `head` in a frame of `kind`, signed; not under radio silence. It
 * counts as the usual one that was to be said next. */
void presence_say_in(struct presences *presences, struct moment now, enum frame_kind kind,
                     struct span head);

/* Says it when it is due; not under radio silence. */
void presence_tick(struct presences *presences, struct moment now);

/* The boot_ms at which presence_tick has something to do. */
int64_t presence_deadline(const struct presences *presences);

#endif
