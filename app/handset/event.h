/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happened, or why a command was not carried out: a kind with values, and no sentence. Log,
 * notices, problems and `--log` are all made of these; ui/words/event.h has the words for people,
 * app/programs/event_json.h the line for machines. Like view.h it is a part of what ui/ knows of a
 * handset, and includes nothing but the standard library, command.h and condition.h.
 *
 * To add an event:
 *   1. Add its kind to the enum below, in the section of what it is about. A kind is one thing that
 *      an officer would tell apart; what only differs in a value (who, which check) is one kind.
 *   2. Add its row to the table of event.c: the name for machines, the weight, and which values
 *      mean something. A name, once released, never changes.
 *   3. Add its sentence to ui/words/event.c and to each catalogue in ui/words.
 *   4. Raise it where it happens, and nowhere build a text.
 * tests/app/test_event.c and tests/ui/test_event_words.c fail for a kind that lacks any of these.
 */
#ifndef MUSTER_APP_HANDSET_EVENT_H
#define MUSTER_APP_HANDSET_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/handset/command.h"
#include "app/handset/condition.h"

enum event_kind {
    EVENT_NONE = 0,

    /* --- What happened -------------------------------------------------------------------- */

    /* On the air. */
    EVENT_FELL_SILENT,       /* `identity`, in that group, was in reach and is not heard any more */
    EVENT_NEARBY,            /* a verified identity came into reach */
    EVENT_IDENTITY_TWICE,    /* another device answers to the own identity */
    EVENT_IDENTITY_ALONE,    /* none has for ten minutes */
    EVENT_NEIGHBOUR_TWICE,   /* two devices answer to a neighbour's identity */
    EVENT_NAME_CHANGED,      /* `identity` calls itself `new_name` */
    EVENT_NAME_REISSUED,     /* the KMS calls it so */
    EVENT_REFUSED,           /* `count` messages were refused, of one source or of `sources` */
    EVENT_LINK_NEWS,         /* a link or its radio is well, or well again */
    EVENT_LINK_PROBLEM,      /* or frames do not get through */
    EVENT_OTHER_VERSION,     /* on `link` somebody's frames are of the version `number` */
    EVENT_FLOOD,             /* `number` frames a second come from a source, or from `sources` */
    EVENT_FLOOD_OVER,        /* after `duration_ms` */
    EVENT_REVOKED_LIST,      /* a newer list of the revoked came, which names `count` */
    EVENT_REVOKED_MEMBER,    /* it names `identity`, who is in that group */
    EVENT_REVOKED_SELF,      /* it names this handset: others refuse what it says */
    EVENT_REVOKED_SELF_OVER, /* it does not any more */
    EVENT_REPORTED_LOST,     /* by this officer: it is refused from now on, and trusted no more */
    EVENT_REPORTED_FOUND,    /* that was taken back */
    EVENT_REPORT_NOT_SAVED,  /* either holds until the next start alone */
    EVENT_LOST_MEMBER,       /* `identity`, who is lost, has a key that others gave out */
    EVENT_LOST_STAYS,        /* a key given out here, until radio silence or airplane mode ends */
    EVENT_LOST_NOT_LEFT_OUT, /* `check`: and of that group no new key could be made */
    EVENT_NEIGHBOUR_KEYS_ENDED, /* somebody's presence: their keys are those of `month`, now over */

    /* A group of one's own is made or rekeyed, and its key handed out. */
    EVENT_GROUP_ASKING,       /* a new group's members are being asked to join */
    EVENT_GROUP_REKEYING,     /* the members are being given a new key */
    EVENT_GROUP_ADDING,       /* `count` more are being asked to join the running group */
    EVENT_GROUP_DELETED,      /* durably */
    EVENT_DELETION_NOT_SAVED, /* it is deleted, but until that is saved a restart brings it back */
    EVENT_CREW_KEPT,          /* of `new_name`, durably: `count` identities to be picked together */
    EVENT_CREW_DROPPED,       /* `new_name`, durably */
    EVENT_CREW_UNREADABLE,    /* the record of one, or of several: they are left out */
    EVENT_CREW_NOT_SAVED,     /* `new_name`: what changed is not saved, a restart forgets it */
    EVENT_MEMBER_JOINED,      /* holds the key durably: the receipt came */
    EVENT_MEMBER_DECLINED,    /* `reason` */
    EVENT_MEMBER_UNREACHABLE, /* `reason` */
    EVENT_MEMBER_IS_TWO,      /* it accepted, and is not given the key: two devices answer to it */
    EVENT_MEMBER_NOT_SAVED,   /* a restart forgets how that member stands */

    /* Somebody asks this handset's officer. */
    EVENT_INVITED_TO_GROUP,
    EVENT_INVITED_TO_REKEY,
    EVENT_INVITED_TO_CALL,
    EVENT_INVITATION_ACCEPTED,  /* by this officer; the key is still to come */
    EVENT_INVITATION_DECLINED,  /* by this officer */
    EVENT_INVITATION_EXPIRED,   /* this officer did not decide in time */
    EVENT_INVITATION_WITHDRAWN, /* by who asked */
    EVENT_INVITATION_LOST,      /* contact was lost before this officer decided */
    EVENT_KEY_STILL_TO_COME,    /* contact was lost before the key came, which was accepted */
    EVENT_INVITATION_REFUSED,   /* `check`: it breaks a rule, so that this officer is not asked */
    EVENT_GROUP_KEY_REFUSED, /* `check`: this officer accepted, and the key that came is no good */
    EVENT_CALLS_QUIETED,     /* `identity` calls again and again, and rings no more for a while */
    EVENT_INVITATIONS_QUIETED, /* the same of invitations to groups */
    EVENT_STRANGERS_QUIETED,   /* the same of all who are neither trusted nor in a group of ours */

    /* Keys of groups. */
    EVENT_GROUP_READY,          /* this handset holds an ad-hoc group's GMK */
    EVENT_GROUP_RENAMED,        /* `identity`, who made it, calls it `group_name` from now on */
    EVENT_KEY_TAKEN,            /* the same, unasked: it takes `count` members out (narrowing.h) */
    EVENT_MEMBER_LEFT_OUT,      /* `identity` is in an ad-hoc group no more: its creator says so */
    EVENT_MEMBER_ADDED,         /* `identity` is in an ad-hoc group too now: its creator says so */
    EVENT_KEY_DELIVERED,        /* a standard group's GMK came */
    EVENT_KEY_WAITS,            /* the same, with a period of use that is still to begin */
    EVENT_KEY_IN_USE,           /* the GMK that waited is in use */
    EVENT_KEY_EXPIRED,          /* of an ad-hoc group; `identity` made it, if another did */
    EVENT_STANDARD_KEY_EXPIRED, /* of a standard group */
    EVENT_KEY_ENDS,             /* of an ad-hoc group, as EVENT_KEY_EXPIRED, in `duration_ms`; */
    EVENT_STANDARD_KEY_ENDS,    /* of a standard group: told ten minutes before, and one */
    EVENT_KEYS_WIPED,           /* this handset is not a member of the standard group any more */
    EVENT_KEY_HAS_NO_ROOM,      /* a standard group's GMK came, but `count` groups are held */
    EVENT_MANAGER_BEHIND,       /* the same, of a manager that does not know exclusion `count` */

    /* Groups that this handset manages. */
    EVENT_MANAGED_REKEY,     /* a new GMK goes to `count` members */
    EVENT_MANAGED_SENT,      /* it was sent to `count` members in `duration_ms` */
    EVENT_MANAGED_COMPLETE,  /* all `count` members gave their receipts */
    EVENT_MANAGED_NOT_SENT,  /* the deliveries cannot be built */
    EVENT_MANAGED_NOT_SAVED, /* a change is not durable: the group rests until the next start */
    EVENT_MANAGED_NOT_TAKEN, /* the manager's own handset could not take the key */
    EVENT_MANAGED_KEY_EXPIRED,
    EVENT_MANAGED_BEHIND, /* `identity` was told of exclusion `count`, which is not known here */
    EVENT_ROLL_EXCLUDED,
    EVENT_ROLL_INCLUDED,
    EVENT_ROLL_ADDED,

    /* Talk. */
    EVENT_TALK_BEGAN, /* somebody's talk session (verified) */
    EVENT_TALK_ENDED,
    EVENT_VOICE_FORGED,  /* a member spoke in the name of `identity`, and was not heard */
    EVENT_TICKET_FORGED, /* `identity` talks in a group whose creator has not let it in: it shows
                          * a ticket that is not the creator's, and is not heard */
    EVENT_EMERGENCY_UNFOUNDED, /* `identity` claims one in a group whose creator gave it no right
                                * to: it is heard as any other talk */
    EVENT_OTHERS_KEY,     /* `identity` talks in that group under a newer key than is held here */
    EVENT_OLD_KEY_USED,   /* or under an older one */
    EVENT_TALKER_UNHEARD, /* `identity` talks, and there is no room to hear one more */
    EVENT_TALKER_OUT_OF_TIME, /* who talks is not heard: its clock differs by `duration_ms` */
    EVENT_OWN_TALK_BEGAN,
    EVENT_OWN_TALK_ENDED,
    EVENT_OWN_TALK_CUT_OFF,   /* `check` says why */
    EVENT_OWN_TALK_UNHEARD,   /* it is over, and nobody reported hearing it */
    EVENT_OWN_TALK_SLEPT,     /* it ended because the handset slept, for `duration_ms` */
    EVENT_FLOOR_LOST,         /* it ended because `identity` has the floor */
    EVENT_FLOOR_GRANTED,      /* it is this officer's turn: a press opens the microphone */
    EVENT_FLOOR_TURN_MISSED,  /* and was not used */
    EVENT_FLOOR_NOT_ANSWERED, /* `identity` has not answered the request for the floor */
    EVENT_FLOOR_DENIED,       /* its queue is full */
    EVENT_FLOOR_REQUEST_OVER, /* it counts no more: who talked is not heard, or another talks */
    EVENT_FLOOR_CLAIMED_LATE, /* `identity` takes the floor from one who talks, since it says that
                               * it began `duration_ms` ago; it was not heard until now */
    EVENT_EMERGENCY,          /* `identity` called one in that group */
    EVENT_EMERGENCY_OVER,     /* `identity` says that it is over */
    EVENT_EMERGENCY_QUIETED,  /* `identity` calls one again and again: shown, but not sounded */
    EVENT_EMERGENCY_SEEN,     /* this officer acknowledged it */
    EVENT_OWN_EMERGENCY,      /* this officer called one */
    EVENT_OWN_EMERGENCY_OVER, /* and ended it */
    EVENT_OWN_TALK_ENDS_SOON, /* in `duration_ms`, by force */
    EVENT_OWN_TALK_TOO_LONG,  /* it was ended by force, after `duration_ms` */
    EVENT_MESSAGE,            /* one of `identity` came */
    EVENT_MESSAGE_WAITS,      /* the own one, for radio silence to end */
    EVENT_MESSAGES_UNSENT,    /* `count` own ones waited until their key was not used any more */
    EVENT_MESSAGES_DROPPED,   /* `count` that nobody had read made way for new ones */
    EVENT_MESSAGES_GONE,      /* `count` that nobody had read went with the key of the group */
    EVENT_CALL_BEGAN,
    EVENT_CALL_ENDED,        /* `reason` */
    EVENT_RECORDING_FAILED,  /* `check`: what is heard is not recorded any more */
    EVENT_MICROPHONE_FAILED, /* `check`: nothing that is said is sent until it is back */
    EVENT_MICROPHONE_SILENT, /* it is muted or gone: nothing but zeros comes */
    EVENT_MICROPHONE_BACK,
    EVENT_BUTTON_GONE, /* the device of the button that opens the microphone */
    EVENT_BUTTON_BACK,
    EVENT_LOUDSPEAKER_FAILED, /* `check`: nothing is played until it is back */
    EVENT_LOUDSPEAKER_BACK,

    /* Keys that came as text messages or as files. */
    EVENT_IMPORT_TAKEN,
    EVENT_IMPORT_HELD_ALREADY,
    EVENT_IMPORT_FOR_ANOTHER,    /* for `identity` */
    EVENT_IMPORT_OUTDATED,       /* a later key of the group is held */
    EVENT_IMPORT_GROUP_NOT_OURS, /* not on the list of the handset's credential */
    EVENT_IMPORT_EXPIRED,
    EVENT_IMPORT_NOT_SIGNED,     /* not by the group */
    EVENT_IMPORT_NOT_A_DELIVERY, /* `check` */
    EVENT_IMPORT_NOT_TAKEN,      /* `check` */
    EVENT_IMPORT_LIST_TAKEN,     /* of the revoked: it names `count` */
    EVENT_IMPORT_LIST_HELD,      /* it is the one that is held */
    EVENT_IMPORT_LIST_OUTDATED,  /* a later one is held */
    EVENT_IMPORT_LIST_REFUSED,   /* `check` */
    EVENT_PARTS_MISSING,         /* `parts`, of `count` */
    EVENT_PARTS_REPEATED,        /* `parts` came once more, the same as before */
    EVENT_PARTS_OF_HELD_KEY,     /* parts came again of what was taken */
    EVENT_PARTS_MISMATCHED,      /* all `count` are there and do not belong together */
    EVENT_PARTS_GIVEN_UP,        /* parts of `count` other keys came after them */
    EVENT_PARTS_NOT_SAVED,       /* a restart forgets them */
    EVENT_PARTS_NOT_FORGOTTEN,   /* a restart brings them back */
    EVENT_PART_DIFFERS,          /* `part` of `count` came twice, with different content */
    EVENT_PART_DAMAGED,          /* on `line`, `part` of `count` */
    EVENT_PART_RENUMBERED,       /* on `line`, `part` was given the number `count` */
    EVENT_PART_UNREADABLE,       /* on `line`, not even its number is to be trusted */

    /* The months of the own keys (`day`: the last one of the keys that are held; `month`: the one
     * whose keys are to be installed). Each of these takes the place of the one before. */
    EVENT_KEYS_END_SOON,  /* within seven days */
    EVENT_KEYS_END_TODAY, /* it is their last day */
    EVENT_KEYS_ENDING,    /* they are over; others still accept them, as their clocks may differ */
    EVENT_KEYS_ENDED,     /* nobody accepts them any more */
    EVENT_KEYS_LAST,      /* after one of these: they last for more than seven days */

    /* Bundles that come over the broker to a handset that runs. */
    EVENT_KEYS_RENEWED,      /* the keys of `month` are installed */
    EVENT_ACCESS_RENEWED,    /* an ME's access to the broker, whose last day is `day` */
    EVENT_RENEWAL_BY_HAND,   /* one waits that gives more than new keys: muster fetch */
    EVENT_RENEWAL_REFUSED,   /* `check` says why */
    EVENT_RENEWAL_NOT_SAVED, /* `check`: it could not be installed now; it is tried again */
    EVENT_KMS_LOG_DIFFERS,   /* it was issued from another audit log than the keys before */

    /* The program around the engine: its machine, its store, its log and its broker. */
    EVENT_CLOCK_DIFFERS,       /* most handsets nearby are `duration_ms` ahead, or behind */
    EVENT_CLOCK_AGREES,        /* that is over */
    EVENT_CLOCK_MAY_BE_BEHIND, /* the only one nearby is `duration_ms` ahead */
    EVENT_SLEPT,               /* for `duration_ms` the program stood still: nothing was heard */
    EVENT_SAVING_FAILED,     /* `check`: keys and changes cannot be saved now; it is tried again */
    EVENT_JOINING_NOT_SAVED, /* its key came, and was not taken: it cannot be saved */
    EVENT_SAVING_BACK,       /* they are saved again */
    EVENT_SAVING_ENDED,      /* `check`: nothing is saved until the next start */
    EVENT_SETTINGS_UNREADABLE, /* what the officer has set; each such setting is the usual one */
    EVENT_ACCESS_UNREADABLE,   /* `check`: the access to the broker, so that it is not used */
    EVENT_MEMORY_NOT_LOCKED,   /* secrets may be written to swap */
    EVENT_LOGGING_FAILED,      /* `check`: events are not written to the file any more */
    EVENT_MAILBOXES_CLOSED,    /* `check`: no receipts for managed groups come from the broker */
    EVENT_LOCKED,              /* the store is closed, and all that came out of it wiped */
    EVENT_LOCKED_UNSAVED,      /* likewise, and what could not be saved is lost */
    EVENT_UNLOCKED,            /* it was opened again */
    EVENT_WRONG_PASSPHRASES,   /* `count` were given before it was opened */
    EVENT_ERASING_NOT_SET,     /* `check`: wrong passphrases do not destroy the store as was set */
    EVENT_CONTROL_CLOSED, /* `check`: there is no control socket for muster lock and the like */
    EVENT_HOOK_ENDED,     /* the command of --on-event runs no more */
    EVENT_NOT_CONFINED,   /* `check`: what is open to the program and should not be, or "off" */

    /* --- Why a command was not carried out: nothing has changed ---------------------------- */

    /* Any command. */
    EVENT_SOUND_BUSY,   /* the devices are in use, or just being changed */
    EVENT_NOT_ENROLLED, /* no identity is installed */
    EVENT_OUT_OF_MEMORY,
    EVENT_COMMAND_FAILED, /* `check` says why */
    EVENT_CANNOT_SAVE,    /* it must be durable, and saving fails */
    EVENT_AIRPLANE_IS_ON,
    EVENT_SILENCE_IS_ON,
    EVENT_GROUP_GONE,            /* there is no such group */
    EVENT_GROUP_IS_ITS_MANAGERS, /* only the group's manager may do that */
    EVENT_GROUP_IS_ITS_CREATORS, /* only `identity`, who made the group, may do that */
    EVENT_NOT_NEARBY,
    EVENT_IS_REVOKED,       /* an identity that would be given a key, or called */
    EVENT_IS_LOST,          /* the same of one that this officer has reported lost */
    EVENT_ANSWERS_TWICE,    /* two devices do to an identity that it gives a key */
    EVENT_NAME_NOT_ALLOWED, /* a display name that could not be shown */
    EVENT_PERIOD_MISSING,
    EVENT_PERIOD_TOO_LONG, /* over `duration_ms` */

    /* Groups of one's own. */
    EVENT_GROUP_NAME_MISSING,
    EVENT_MEMBERS_MISSING,
    EVENT_MEMBERS_TOO_MANY, /* over `count` */
    EVENT_MEMBER_NAMED_TWICE,
    EVENT_GROUPS_TOO_MANY,   /* `count` are held */
    EVENT_GROUP_NOT_CREATED, /* `check` */
    EVENT_GROUP_NOT_REKEYED, /* `check` */
    EVENT_MEMBERS_NOT_ADDED, /* `check` */
    EVENT_GROUP_NOT_DELETED, /* `check` */
    EVENT_NOTHING_CANCELLED, /* `check` */
    EVENT_NOT_A_MEMBER,
    EVENT_RETRY_NOT_NEEDED,
    EVENT_RETRY_EXPIRED,     /* the key to hand out is over */
    EVENT_INVITATION_CLOSED, /* it is no longer open */

    /* Own marks and names. */
    EVENT_IDENTITY_NOT_MARKED, /* `check` */
    EVENT_NAME_NOT_SAVED,      /* `check` */
    EVENT_CREWS_TOO_MANY,      /* `count` are kept */
    EVENT_CREW_NOT_CHANGED,    /* `check` */

    /* Talk. */
    EVENT_TALKING_ALREADY,
    EVENT_TALK_TOO_OFTEN,     /* others would not hear it */
    EVENT_FLOOR_TAKEN,        /* `identity` talks in that group */
    EVENT_FLOOR_ASKED,        /* the same, and was asked for the floor by that press */
    EVENT_FLOOR_TAKEN_BACK,   /* the same, and that was taken back by it */
    EVENT_FLOOR_KEPT,         /* nobody talks, but it is the turn of `identity`, if that is known */
    EVENT_NO_EMERGENCY,       /* there is none to acknowledge, or to end */
    EVENT_NO_EMERGENCY_RIGHT, /* the creator of that group gave this identity none */
    EVENT_TALK_NOT_BEGUN,     /* `check` */
    EVENT_MESSAGE_EMPTY,
    EVENT_MESSAGE_TOO_LONG,
    EVENT_MESSAGE_NOT_ALLOWED, /* it holds what cannot be shown */
    EVENT_MESSAGES_TOO_OFTEN,  /* others would not take it */
    EVENT_MESSAGE_NOT_SENT,    /* `check` */
    EVENT_CALL_NOT_MADE,       /* `check` */
    EVENT_NO_CALL,
    EVENT_NOTHING_TO_SAY_AGAIN,
    EVENT_SOMEBODY_TALKS, /* so nothing is said again now */

    /* Groups that this handset manages. */
    EVENT_NOT_MANAGED_HERE,
    EVENT_MANAGED_RESTS,        /* after EVENT_MANAGED_NOT_SAVED */
    EVENT_MANAGED_NOT_CHANGED,  /* `check`: it could not be saved */
    EVENT_MANAGED_NO_NEW_KEY,   /* `check` */
    EVENT_MANAGED_NO_KEY,       /* there is none to send */
    EVENT_MANAGER_KEYS_MISSING, /* of the group's identity, for this month */
    EVENT_PERIOD_NOT_POSSIBLE,
    EVENT_MANAGER_CLOCK_DIFFERS, /* the handsets nearby are `duration_ms` ahead, or behind */
    EVENT_IDENTITY_NOT_VALID,
    EVENT_ROLL_LACKS,
    EVENT_ROLL_HAS_ALREADY,
    EVENT_ROLL_EXCLUDED_ALREADY,
    EVENT_ROLL_NOT_EXCLUDED,
    EVENT_ROLL_GETS_NO_KEYS, /* it is excluded */
    EVENT_ROLL_FULL,         /* `count` members */

    /* Import. */
    EVENT_NO_KEY_IN_TEXT,

    /* The program around the engine, which opens the store and ends the handset. */
    EVENT_PASSPHRASE_WRONG,
    EVENT_PASSPHRASE_EMPTY,
    EVENT_PASSPHRASE_TOO_SOON, /* wrong ones were given: the next one has to wait */
    EVENT_STORE_OPEN_ALREADY,
    EVENT_IS_DEMONSTRATION, /* its handsets do not end one by one */

    EVENT_COUNT
};

/* What a display name is worth beside a proof of its identity (statement 12, app/README.md). */
enum name_kind {
    NAME_CLAIMED = 0, /* its owner says so */
    NAME_ACCEPTED,    /* it stood in the list of the group that this officer accepted */
    NAME_ATTESTED,    /* the KMS says so */
    NAME_GIVEN,       /* this officer does */
    NAME_KINDS
};

enum log_weight {
    LOG_DETAIL,
    LOG_NOTICE,
    LOG_WARNING
};

/* Why a member does not have the key, or why a one-to-one talk ended. */
enum event_reason {
    REASON_NONE = 0,
    REASON_OFFICER_DECLINED,
    REASON_NO_DECISION,     /* the officer did not decide in time */
    REASON_PERIOD_TOO_LONG, /* its keys last at most `duration_ms` */
    REASON_BUSY,            /* in a talk, or too many groups or invitations */
    REASON_TOO_OFTEN,       /* called too often lately */
    REASON_PROPOSAL_REFUSED,
    REASON_BROKE_OFF,
    REASON_NO_ANSWER,
    REASON_CONTACT_LOST,
    REASON_NO_RECEIPT, /* it may or may not hold the key */
    REASON_RESTART,
    REASON_AIRPLANE,
    REASON_SILENCE,
    REASON_CHECK_FAILED, /* `check` */
    REASON_HUNG_UP,      /* by this officer */
    REASON_OTHER_HUNG_UP,
    REASON_CANNOT_SAVE, /* its disk fails, or is full */
    REASON_SLEPT,       /* this handset did */
    REASON_TWO_DEVICES, /* answer to its identity, and this officer was not asked */
    REASON_REVOKED,     /* the KMS has revoked it */
    REASON_LOST,        /* this officer has reported it lost */
    REASON_COUNT
};

/* What was refused. */
enum event_message {
    MESSAGE_NONE = 0,
    MESSAGE_PRESENCE,
    MESSAGE_I_MESSAGE,
    MESSAGE_D2D_HELLO,
    MESSAGE_D2D_RECORD,
    MESSAGE_D2D_FRAME,
    MESSAGE_GROUP_PROPOSAL,
    MESSAGE_GROUP_KEY,
    MESSAGE_ANNOUNCEMENT,
    MESSAGE_ANNOUNCEMENT_AND_MEDIA,
    MESSAGE_VOICE,
    MESSAGE_CALL_VOICE,
    MESSAGE_KEY_DELIVERY,
    MESSAGE_RECEIPT,
    MESSAGE_REVOCATION,
    MESSAGE_GROUP_MESSAGE,
    MESSAGE_COUNT
};

enum {
    EVENT_DAY_SIZE = sizeof "YYYY-MM-DD",
    EVENT_TAG_SIZE = 9,                  /* the tag of a key in parts, terminated */
    EVENT_PARTS_MAX = 32,                /* that `parts` can hold */
    EVENT_SOURCE_SIZE = 48,              /* an address, terminated */
    EVENT_VALUE_SIZE = OFFICER_NAME_SIZE /* any value as text, terminated */
};

/* One event. Only the values that event_values names for its kind mean anything; of texts any may
 * still be empty, where it is not known. No kind has values of a link and of somebody or a group.
 */
struct event {
    enum event_kind kind;
    enum event_reason reason;
    enum event_message message;
    uint32_t gmk_id;
    int64_t utc_ms;      /* when: this handset's clock, since 1970; 0 when it is of no matter */
    int64_t duration_ms; /* how long it took or may take */
    const char *check;   /* the check that failed, as status_name names it (crypto/status.h); it is
                          * in static storage. NULL: none */
    unsigned count;
    union {
        unsigned sources; /* of messages: so many at least; 0: it is one, or none is known */
        unsigned line;    /* of an imported text, from 1 up */
    };
    unsigned part;  /* of a key in parts, from 1 up */
    uint32_t parts; /* the same, several: 1 << (number - 1) */
    char tag[EVENT_TAG_SIZE];
    char day[EVENT_DAY_SIZE];   /* YYYY-MM-DD, UTC */
    char month[EVENT_DAY_SIZE]; /* YYYY-MM, UTC */
    union {
        struct {
            char identity[OFFICER_IDENTITY_SIZE]; /* who */
            char name[OFFICER_NAME_SIZE];         /* the display name that goes with it */
            enum name_kind name_kind;
            char group[OFFICER_GROUP_SIZE]; /* which group, by its identity */
            union {
                char group_name[OFFICER_NAME_SIZE];
                char new_name[OFFICER_NAME_SIZE]; /* what it is called from now on; of no group */
            };
        };
        struct {
            struct view_condition condition; /* what a link reports */
            char link[VIEW_LINK_SIZE];       /* what the officer calls it; empty: of no link */
            char source[EVENT_SOURCE_SIZE];  /* an address there; may be empty */
        };
    };
};

/* Values, as a set: 1 << value. */
enum event_value {
    VALUE_IDENTITY,
    VALUE_NAME,
    VALUE_NAME_KIND,
    VALUE_NEW_NAME,
    VALUE_GROUP,
    VALUE_GROUP_NAME,
    VALUE_GMK_ID,
    VALUE_REASON,
    VALUE_MESSAGE,
    VALUE_CHECK,
    VALUE_COUNT, /* `count` itself */
    VALUE_DURATION,
    VALUE_TAG,
    VALUE_DAY,
    VALUE_MONTH,
    VALUE_LINE,
    VALUE_PART,
    VALUE_PARTS,
    VALUE_LINK,
    VALUE_CONDITION, /* the condition's name; then its values */
    VALUE_OBJECT,
    VALUE_DETAIL,
    VALUE_ERROR,
    VALUE_NUMBER,
    VALUE_MORE,
    VALUE_SOURCE,
    VALUE_SOURCES, /* `sources` itself */
    EVENT_VALUES
};

/* An event about somebody, about a group, or about both; texts that are too long are cut. The name
 * is a claimed one. */
struct event event_of_identity(enum event_kind kind, const char *identity, const char *name);
struct event event_of_group(enum event_kind kind, const char *group, const char *group_name);
struct event event_of_member(enum event_kind kind, const char *identity, const char *name,
                             const char *group, const char *group_name);

/* The name of a kind for machines: "group-ready". Never NULL, also for what is no kind. */
const char *event_name(enum event_kind kind);

/* The kind with that name, or EVENT_NONE. */
enum event_kind event_named(const char *name);

/* How much it matters. */
enum log_weight event_weight(enum event_kind kind);

/* The set of the values that mean something for this kind. */
unsigned event_values(enum event_kind kind);

/* Should the officer notice it whatever screen they are on? The rest is in the log. */
bool event_is_for_every_screen(enum event_kind kind);

/* Does it call for the officer, wherever they look: by the terminal's bell, a flash and the command
 * that --on-event names? */
bool event_alerts(enum event_kind kind);

/* Is it a reason why a command was not carried out? */
bool event_is_refusal(enum event_kind kind);

/* Is it what came of an import (COMMAND_IMPORT), or of a part of it? */
bool event_is_of_import(enum event_kind kind);

/* Is it so until another event says that it is over? Such an event is shown on every screen
 * meanwhile. */
bool event_stands(enum event_kind kind);

/* Does an event of this kind say that one of the kind `standing` is over? */
bool event_ends(enum event_kind kind, enum event_kind standing);

/* Does it say that something was done that a power cut could still undo? */
bool event_claims_durable(enum event_kind kind);

/* Names for machines, as event_name: "gmk-id", "no-answer", "key-delivery", "warning". */
const char *event_value_name(enum event_value value);
const char *event_reason_name(enum event_reason reason);
const char *event_message_name(enum event_message message);
const char *event_weight_name(enum log_weight weight);
const char *event_name_kind_name(enum name_kind kind);

/* The reason with that name, or REASON_NONE: for records that name one. */
enum event_reason event_reason_named(const char *name);

/* Does the event have this value: does it mean something for its kind, and is it known? */
bool event_has(const struct event *event, enum event_value value);

/* One value as text for machines: a GMK id as 8 hexadecimal digits, a duration in milliseconds, the
 * parts as "2,5,7", and so on. Empty where event_has says no. */
void event_value_text(const struct event *event, enum event_value value,
                      char out[EVENT_VALUE_SIZE]);

#endif
