/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an officer can tell a handset to do. Plain values: the screen, a script and a simulation
 * fill them in alike. This header, event.h and view.h are all that ui/ knows of a handset, so they
 * include nothing but the standard library.
 */
#ifndef MUSTER_APP_HANDSET_COMMAND_H
#define MUSTER_APP_HANDSET_COMMAND_H

#include <stddef.h>
#include <stdint.h>

enum {
    ADHOC_MEMBERS_MAX = 32,     /* members of an ad-hoc group, its creator included */
    OFFICER_IDENTITY_SIZE = 96, /* an identity, terminated (crypto/identifier.h) */
    OFFICER_GROUP_SIZE = 120,   /* a group identity, terminated */
    OFFICER_NAME_LETTERS = 24,  /* of a display name or group name, as a person counts them */
    OFFICER_NAME_SIZE = 241,    /* octets of one, UTF-8, terminated: ten a letter */
    MESSAGE_LETTERS_MAX = 400,  /* of a message, as a person counts them, */
    MESSAGE_TEXT_SIZE = 897,    /* and octets, UTF-8, terminated (crypto/group_message.h) */
    MESSAGE_WORDS_MAX = 10,     /* status words of a group */
    OFFICER_PASSPHRASE_SIZE = 512,
    OFFICER_PASSPHRASE_MIN = 8, /* characters of one that is chosen */
};

enum command_kind {
    COMMAND_NONE = 0,

    /* For the program around the engine. What is set by them the engine remembers, once it is told
     * as well (desk/settings.h). */
    COMMAND_QUIT,
    COMMAND_UNLOCK,     /* passphrase: open the store, or make a new one */
    COMMAND_LOCK,       /* close the store, and forget all that came out of it */
    COMMAND_ZEROISE,    /* destroy the store and all that belongs to it, and end */
    COMMAND_REQUEST,    /* identity, name: ask a KMS for a credential */
    COMMAND_LOOK_AT,    /* text: its answer, a bundle; on: no, the path of the file that holds it */
    COMMAND_PUT_AWAY,   /* the bundle that was looked at */
    COMMAND_INSTALL,    /* name: its domain's fingerprint, as it was read out: install it */
    COMMAND_MICROPHONE, /* name: the device to take from now on */
    COMMAND_LOUDSPEAKER, /* name */
    COMMAND_GAIN,        /* on: of the microphone, in dB */
    COMMAND_NOISE,       /* on: suppress it */
    COMMAND_HEADSET,     /* on: it does not hear the loudspeaker; no echo is taken out */
    COMMAND_PERMIT_TONE, /* on: a tone says that the floor is won */
    COMMAND_SOUND_TEST,  /* record from the microphone for 3 s, then play that; or end it */

    /* For the engine. */
    COMMAND_CREATE_GROUP, /* name, period_ms, members (without the creator) */
    COMMAND_REKEY_GROUP,  /* group, period_ms, members: a new GMK for these, who need not have been
                           * members before, leaving out others */
    COMMAND_ADD_MEMBERS,  /* group, members: let these in as well, with the present GMK */
    COMMAND_RETRY_MEMBER, /* group, identity: try again to hand the current GMK to this member */
    COMMAND_CANCEL_DISTRIBUTION, /* group, and identity for one member alone: stop asking those who
                                  * do not have the GMK */
    COMMAND_DELETE_GROUP,        /* group: wipe its keys from this handset */
    COMMAND_ACCEPT,              /* invitation */
    COMMAND_DECLINE,             /* invitation */
    COMMAND_TALK_BEGIN,          /* group */
    COMMAND_TALK_END,
    COMMAND_EMERGENCY, /* group; on: this officer calls one there and talks at once, before all who
                        * are in none; not on: it is over */
    COMMAND_ACKNOWLEDGE, /* identity, group: the emergency of that one was seen */
    COMMAND_SAY_AGAIN,   /* group; on: what was said there last, or when that is being said again,
                          * what was said before it; not on: no more */
    COMMAND_MESSAGE, /* group, text: a text of MESSAGE_LETTERS_MAX letters at most goes to it; on:
                      * which of the status words it is, or 0 */
    COMMAND_READ_MESSAGES, /* group: the officer has seen the messages `seen` */
    COMMAND_CALL,          /* identity: one-to-one talk over a D2D connection */
    COMMAND_HANG_UP,       /* or, where none is going on, nobody answers who rings here */
    COMMAND_TRUST,         /* identity: the officer knows this identity to be right */
    COMMAND_UNTRUST,       /* identity */
    COMMAND_REPORT_LOST,  /* identity: its handset may be in other hands: it is refused from now on,
                           * and left out of all that was made here */
    COMMAND_REPORT_FOUND, /* identity: that is taken back */
    COMMAND_LOOK_UP,      /* identity: is it in reach? It is asked for by name */
    COMMAND_SET_NAME,     /* name: own display name */
    COMMAND_GIVE_NAME, /* identity, name: what this officer calls it; an empty one takes it back */
    COMMAND_KEEP_CREW, /* name, members: keep these under that name, to pick them together */
    COMMAND_DROP_CREW, /* name */
    COMMAND_KEEP_SPEECH, /* on: what is to be said again is on disk as well; not on: in memory alone
                          */
    COMMAND_LONGEST_TALK, /* period_ms: then an own talk is ended by force; on: in this run alone */
    COMMAND_LOCK_AFTER,   /* period_ms: without a key for so long it locks; 0: never by itself */
    COMMAND_HEAR_LOCKED,  /* on: 1: locked, it goes on hearing its groups; 0: it hears nobody */
    COMMAND_TAKE_KEYS,    /* on: 1: a new key that only takes members out of a group that the
                           * officer joined is taken by itself; 0: the officer is asked */
    COMMAND_ERASE_AFTER,  /* on: after so many wrong passphrases the store is destroyed; 0: never */

    /* For the engine, about a standard group that this handset manages. */
    COMMAND_MANAGE_REKEY,   /* group, period_ms: a new GMK for all who are not excluded; on: though
                             * this handset's clock differs from those nearby */
    COMMAND_MANAGE_EXCLUDE, /* group, identity, period_ms: no keys for this member any more, and a
                             * new GMK for the others, both or neither; on: as above */
    COMMAND_MANAGE_INCLUDE, /* group, identity: let an excluded member in again */
    COMMAND_MANAGE_ADD,     /* group, identity, name (may be empty): onto the roll */
    COMMAND_MANAGE_AGAIN,   /* group, identity: send the GMK once more, as to a new handset */

    COMMAND_IMPORT,        /* text: keys as text messages, or one as it is; tells what came of it */
    COMMAND_RADIO_SILENCE, /* on: listen only, and send nothing but own talk and own calls; members
                            * who are being asked are not asked until it ends */
    COMMAND_AIRPLANE,      /* on: nothing goes out on any link and nothing comes in; own talk and
                            * calls end, members who are being asked are not until it is off */

    /* From the program around the engine, and from no officer. */
    COMMAND_RENEW, /* renewal: new keys for this handset, which the program has checked */
};

struct renewal;

struct command {
    enum command_kind kind;
    char group[OFFICER_GROUP_SIZE];
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE];
    int64_t period_ms;
    uint64_t invitation;
    int on;
    size_t member_count;
    char members[ADHOC_MEMBERS_MAX][OFFICER_IDENTITY_SIZE];
    /* Those of them who may raise no emergency in the group: all others may. */
    size_t no_emergency_count;
    char no_emergency[ADHOC_MEMBERS_MAX][OFFICER_IDENTITY_SIZE];
    /* Identities that the officer wants to have a key although two devices answer to them; without
     * that a command that gives them one is refused with EVENT_ANSWERS_TWICE. */
    size_t allowed_count;
    char allowed[ADHOC_MEMBERS_MAX][OFFICER_IDENTITY_SIZE];
    const char *text; /* text_length octets, which live until the command is carried out */
    size_t text_length;
    const uint64_t *seen; /* seen_count ids of view_message, which live as long */
    size_t seen_count;
    char seen_group[OFFICER_GROUP_SIZE]; /* any command: the officer has seen `seen` there besides;
                                          * empty: nothing */
    struct renewal *renewal; /* keys/renewal.h; it lives until the command is carried out */
    char passphrase[OFFICER_PASSPHRASE_SIZE]; /* wiped by whoever carries the command out */
};

#endif
