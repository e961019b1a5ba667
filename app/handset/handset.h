/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One handset: the desk and the engine's rooms, each with its own state, the lowest first. Only the
 * door (engine, command, topics, picture) knows them all.
 */
#ifndef MUSTER_APP_HANDSET_HANDSET_H
#define MUSTER_APP_HANDSET_HANDSET_H

#include "app/handset/air/floods.h"
#include "app/handset/air/inquiry.h"
#include "app/handset/air/presence.h"
#include "app/handset/air/relay.h"
#include "app/handset/air/versions.h"
#include "app/handset/desk/crews.h"
#include "app/handset/desk/desk.h"
#include "app/handset/desk/settings.h"
#include "app/handset/engine.h"
#include "app/handset/keys/absences.h"
#include "app/handset/keys/acquaintance.h"
#include "app/handset/keys/attendance.h"
#include "app/handset/keys/distribution.h"
#include "app/handset/keys/import.h"
#include "app/handset/keys/invitation.h"
#include "app/handset/keys/lifetime.h"
#include "app/handset/keys/lists.h"
#include "app/handset/keys/management.h"
#include "app/handset/keys/time_proof.h"
#include "app/handset/revoking.h"
#include "app/handset/talk/again.h"
#include "app/handset/talk/asking.h"
#include "app/handset/talk/call.h"
#include "app/handset/talk/listening.h"
#include "app/handset/talk/messages.h"
#include "app/handset/talk/talk.h"
#include "app/handset/topics.h"

struct handset {
    struct desk desk;
    struct settings settings;
    struct crews crews;
    bool started;
    uint64_t version; /* of what the view shows, but for the journal's and levels */
    uint64_t levels;  /* how often a level that it shows has moved */
    struct view *view;

    /* air: frames, neighbours, ways, relaying, and what others may make it spend. */
    struct air air;
    struct handset_links links;
    struct roster roster;
    struct admission admission;
    struct pace pace;
    struct presences presences;
    struct revocations revocations;
    struct inquiry inquiry;
    struct relay relay;
    struct fragments fragments;
    struct versions versions;
    struct floods floods;

    /* d2d: connections for whatever use. */
    struct connections connections;

    /* keys: groups, and how their keys come and go. */
    struct groups groups;
    struct lifetime lifetime;
    struct time_proof time_proof;
    struct receipts receipts;
    struct standard standard;
    struct import import;
    struct management management;
    struct offers offers;
    struct distribution distribution;
    struct invitation invitation;
    struct lists lists;
    struct acquaintance acquaintance;
    struct attendance attendance;
    struct absences absences;

    /* talk: who speaks, who is heard, what is said again, one-to-one. */
    struct floor floor;
    struct queue queue;
    struct turns turns;
    struct asking asking;
    struct emergencies emergencies;
    struct talk talk;
    struct hearers hearers;
    struct again again;
    struct listening listening;
    struct other_keys other_keys;
    struct reporting reporting;
    struct call call;
    struct messages messages;

    struct topics topics;
    struct revoking revoking;
};

/* These are in frames.c. The first hands a frame to the room that it concerns. */
void handset_hear(struct handset *handset, struct moment now, const struct knock *knock);

/* The same of what is said in groups, and where there is a `call`, in that. Returns whether it was
 * such a frame. */
bool handset_hear_voice(struct call *call, struct listening *listening, struct moment now,
                        uint64_t peer, const struct frame *frame);

/* A part came: does it complete a frame, which is then in *knock in place of the part? Its parts
 * show of it what they show. That was not said by a frame of its own, so each room sees by itself
 * whether it heard it before, as it must anyway. */
bool handset_completes(struct fragments *fragments, struct journal *journal, struct moment now,
                       struct knock *knock);

#endif
