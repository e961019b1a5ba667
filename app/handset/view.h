/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an officer may see of a handset: a read-only picture without secrets, made by the engine
 * (handset_view) and drawn by ui/. Times are durations in milliseconds unless said otherwise.
 */
#ifndef MUSTER_APP_HANDSET_VIEW_H
#define MUSTER_APP_HANDSET_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "app/handset/condition.h"
#include "app/handset/event.h"
#include "app/handset/view_enrolment.h"
#include "app/handset/view_floor.h"
#include "app/handset/view_settings.h"
#include "app/handset/view_sound.h"

enum {
    VIEW_NEARBY_MAX = 256, /* of more the most useful are shown: air/usefulness.h */
    VIEW_GROUPS_MAX = 32,
    VIEW_FORMER_MAX = 16,
    VIEW_INVITATIONS_MAX = 8,
    VIEW_TALKERS_MAX = 4,
    VIEW_REFUSED_MAX = 4,
    VIEW_SESSIONS_MAX = 64,
    VIEW_VERSIONS_MAX = 8,
    VIEW_MONTHS_SIZE = 32, /* three months, each with its comma */
    VIEW_LOG_MAX = 200,
    VIEW_GATHERINGS_MAX = 16,
    VIEW_TAG_SIZE = 9,
    VIEW_MARK_SIZE = 9,
    VIEW_IMPORTED_MAX = 8,
    VIEW_MANAGED_MAX = 8,
    VIEW_RADIOS_MAX = 12,
    VIEW_ALARMS_MAX = 20,
    VIEW_EMERGENCIES_MAX = 16,
    VIEW_CREW_KEY_SIZE = 12,
    VIEW_CREW_MAX =
        ADHOC_MEMBERS_MAX - 1, /* this officer is a member of each group that it makes */
    VIEW_MESSAGES_MAX = 64,
};

#define VIEW_QUALITY_UNKNOWN (-1)

enum view_phase {
    PHASE_LOCKED,     /* there is a store; it waits for its passphrase (struct view_lock) */
    PHASE_NEW,        /* no store yet: the officer chooses a passphrase */
    PHASE_UNLOCKING,  /* the passphrase is being worked on (about a second) */
    PHASE_UNENROLLED, /* open, but no credential installed */
    PHASE_READY,
};

/* Of a handset that waits for its passphrase; filled in by the program around the engine. */
struct view_lock {
    bool was_open;        /* it was in use before, and was locked */
    bool hears;           /* what is said in its groups (ear.h), and shows nothing of it */
    unsigned wrong;       /* passphrases that were given, one after the other */
    int64_t wait_ms;      /* until another one is taken; 0: now */
    unsigned erase_after; /* so many wrong ones, everything is destroyed; 0: it is not */
};

/* Whether one that is heard hears this handset. A forwarder in between cannot be told apart, so
 * nobody is said to be near. */
enum nearby_state {
    NEARBY_REACHABLE,     /* it has answered lately */
    NEARBY_HEARD,         /* by its clock; it has had no time to answer, or was not asked */
    NEARBY_NOT_ANSWERING, /* by its clock alone: it does not hear this handset, or is a recording */
};

/* An identity whose signed presence verified. */
struct view_nearby {
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE]; /* the best that is known of it; may be empty */
    enum name_kind name_kind;
    bool alike;      /* others have that name too, or one that looks like it */
    bool trusted;    /* the officer's own mark */
    bool is_member;  /* of a group that this handset is in */
    bool is_two;     /* two devices answer to it, or did in the last ten minutes */
    bool is_revoked; /* it can be given no key and is not heard: the KMS has shut it out, */
    bool is_lost;    /* or this officer has reported it lost, and the KMS has not */
    enum nearby_state state;
    bool clock_differs;          /* by more than the tolerance */
    int64_t clock_difference_ms; /* its clock minus ours */
    int64_t heard_ago_ms;
    char link[VIEW_LINK_SIZE]; /* the one that a D2D connection would take now; may be empty */
    unsigned links;            /* how many it is heard on */
    bool relayed;              /* there: not directly, but through another handset */
    int quality;               /* there, 0 to 100, or VIEW_QUALITY_UNKNOWN */
};

/* A radio, or whatever else a link sends with (transport/transport.h: struct transport_radio). */
enum radio_view_state {
    RADIO_VIEW_ON,
    RADIO_VIEW_STARTING,
    RADIO_VIEW_OFF, /* airplane mode */
    RADIO_VIEW_UNUSABLE
};

struct view_radio {
    char link[VIEW_LINK_SIZE]; /* what the officer calls the link: "bluetooth" */
    char name[VIEW_LINK_SIZE]; /* "hci0"; may be empty */
    enum radio_view_state state;
    unsigned peers;                  /* reached without another handset in between */
    int quality;                     /* of the best of them, or VIEW_QUALITY_UNKNOWN */
    struct view_condition condition; /* what it does, or why it is not on; may be none */
    struct view_condition also;      /* another one; may be none */
};

/* Somebody whose frames are of another version. */
struct view_version {
    char link[VIEW_LINK_SIZE]; /* that they come in on */
    unsigned version;
    uint64_t frames;
};

enum member_state {
    MEMBER_UNKNOWN, /* in the list; this handset did not hand the key out itself */
    MEMBER_SELF,
    MEMBER_WAITING,     /* contacting the handset */
    MEMBER_ASKED,       /* its officer is deciding */
    MEMBER_ACCEPTED,    /* holds the current GMK durably: its receipt came */
    MEMBER_DECLINED,    /* its officer or its handset said no */
    MEMBER_UNREACHABLE, /* it could not be asked, or contact was lost */
    MEMBER_CANCELLED,   /* not asked any more: this officer said so */
    MEMBER_UNANSWERED,  /* it answered, and nobody decided */
};

/* Under which key of the group a member was heard to talk, where that is not the one held here. */
enum member_key {
    MEMBER_KEY_NOT_OTHER = 0,
    MEMBER_KEY_NEWER, /* it is not heard here; it hears this handset if it kept the older one */
    MEMBER_KEY_OLDER,
};

struct view_member {
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
    bool alike;   /* as in struct view_nearby */
    bool is_near; /* it was heard lately */
    bool trusted; /* the officer's own mark */
    enum member_key key;
    enum member_state state;
    bool is_revoked;          /* as in struct view_nearby, */
    bool is_lost;             /* likewise */
    bool no_emergency;        /* it may raise none in the group */
    bool is_pursued;          /* this handset goes on by itself until the member has the key */
    enum event_reason reason; /* why it does not have the key; may be none */
    int64_t reason_limit_ms;  /* of REASON_PERIOD_TOO_LONG: how long its keys last at most */
    const char *reason_check; /* of REASON_CHECK_FAILED: as in event.h; NULL: not known */
};

/* Somebody who was a member of a group, and may be let in again with its next key. */
struct view_former {
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
    bool is_revoked; /* as in struct view_nearby, */
    bool is_lost;    /* likewise */
};

enum group_kind {
    GROUP_ADHOC,
    GROUP_STANDARD
};

enum gmk_state {
    GMK_USABLE,
    GMK_NOT_YET,
    GMK_EXPIRED
};

struct view_group {
    char identity[OFFICER_GROUP_SIZE];
    char name[OFFICER_NAME_SIZE];
    char mark[VIEW_MARK_SIZE]; /* beside the name, where another group has that name or one that
                                * looks like it: the end of its creator's identity, or its GMK id
                                * where that is the other one's too. Empty where none has */
    enum group_kind kind;
    uint32_t gmk_id;
    enum gmk_state gmk_state;
    bool managed;           /* a standard group whose manager gives the keys: no officer rekeys or
                             * deletes it */
    int64_t remaining_ms;   /* of the period of use; 0 when expired */
    int64_t begins_in_ms;   /* until the period of use begins; 0 once it has */
    int64_t period_ms;      /* the whole period of use */
    int64_t created_utc_ms; /* when the period of use begins: group time, since 1970 */
    size_t unread;          /* messages that the officer has not seen */
    bool says_again;        /* something that was said in it is kept, to be heard again */
    bool time_unproven;     /* whether its time is right is not known: its key may last too long */
    bool created_here;
    bool distributing;    /* some member is pursued */
    size_t revoked_count; /* members that are revoked or lost, and may hold its key; */
    size_t lost_count;    /* of them those that are lost */
    size_t member_count;  /* 0 in a standard group: who its members are only its manager knows */
    struct view_member members[ADHOC_MEMBERS_MAX];
    size_t former_count; /* who was left out of a key that this handset made; the latest last */
    struct view_former former[VIEW_FORMER_MAX];
};

/* Identities that this officer keeps under a name, to pick them together (desk/crews.h). */
struct view_crew_member {
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE]; /* the best that is known, or was when the crew was kept */
    enum name_kind name_kind;
};

struct view_crew {
    char name[OFFICER_NAME_SIZE];
    char key[VIEW_CREW_KEY_SIZE]; /* of its record: a number, as text */
    size_t member_count;
    struct view_crew_member members[VIEW_CREW_MAX];
};

enum invitation_purpose {
    INVITED_TO_GROUP,
    INVITED_TO_REKEY,
    INVITED_TO_CALL
};

/* What a member of a managed group has of its GMK. */
enum managed_member_state {
    MANAGED_LACKS, /* it has not been sent yet, or is to be sent again */
    MANAGED_SENT,  /* sent; no receipt yet */
    MANAGED_HAS,   /* the member's handset gave its receipt */
    MANAGED_EXCLUDED,
};

struct view_managed_member {
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE]; /* on this officer's own roll; may be empty */
    enum managed_member_state state;
};

enum managed_state {
    MANAGED_NO_GMK,  /* there was never one */
    MANAGED_USABLE,  /* members can use it, or will be able to at its time */
    MANAGED_EXPIRED, /* its period of use is over */
    MANAGED_SPOILED, /* an excluded member has it: it goes to nobody any more */
    MANAGED_BEHIND,  /* members know of an exclusion that is not known here: nor does it */
};

/* A standard group whose manager this handset is. */
struct view_managed {
    char identity[OFFICER_GROUP_SIZE];
    char name[OFFICER_NAME_SIZE];
    enum managed_state state;
    uint32_t gmk_id;
    int64_t remaining_ms; /* of the period of use; 0 unless MANAGED_USABLE */
    int64_t begins_in_ms; /* until the period of use begins; 0 once it has */
    int64_t period_ms;    /* the whole period of use */
    bool has_keys;        /* of the group identity for this month: without them there is no rekey */
    size_t members, excluded, sent, received; /* of the members: sent to, receipt given */
    bool sending;                             /* deliveries go out */
    unsigned sent_a_second;                   /* while sending; 0: not known yet */
    int64_t sending_left_ms;
    size_t row_count;                       /* the roll, in the order of identities */
    const struct view_managed_member *rows; /* the engine's; valid like the view */
};

/* Somebody asks this handset's officer for a decision. Who asks is verified. */
struct view_invitation {
    uint64_t id;
    enum invitation_purpose purpose;
    char inviter[OFFICER_IDENTITY_SIZE];
    char inviter_name[OFFICER_NAME_SIZE];
    enum name_kind inviter_name_kind;
    bool inviter_alike; /* as in struct view_nearby */
    bool trusted;
    bool is_two; /* as in struct view_nearby */
    bool clock_differs;
    int64_t clock_difference_ms;
    char group[OFFICER_GROUP_SIZE]; /* empty of a call */
    char group_name[OFFICER_NAME_SIZE];
    char former_name[OFFICER_NAME_SIZE]; /* of the group until then; empty unless that changes */
    bool group_alike; /* another group has that name too, or one that looks like it */
    int64_t period_ms;
    bool is_late;         /* to a group that runs already: */
    int64_t since_utc_ms; /* when its key was made, by this handset's clock, since 1970, */
    int64_t left_ms;      /* and how long that is still good */
    int64_t waits_ms;     /* time left to decide */
    size_t member_count;
    struct view_member
        members[ADHOC_MEMBERS_MAX]; /* the list as proposed; state is UNKNOWN or SELF */
};

enum call_state {
    CALL_NONE,
    CALL_RINGING,
    CALL_ACTIVE
};

/* Where a one-to-one talk rings. */
enum ringing {
    RINGS_NOWHERE,
    RINGS_EMERGENCY, /* one was called, and this officer has not seen it */
    RINGS_HERE,      /* this officer is asked */
    RINGS_THERE,     /* the one who was called is */
};

struct view_talker {
    char identity[OFFICER_IDENTITY_SIZE]; /* verified by the announcement's signature */
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
    char group[OFFICER_GROUP_SIZE]; /* empty in a one-to-one talk */
    bool self;
    bool is_emergency;  /* this talk has that priority, whether the officer has seen it or not */
    bool time_unproven; /* its clock was not measured yet: it may be a recording */
    int64_t elapsed_ms;
    int64_t missed_ms;     /* of its beginning, before this handset heard anything */
    unsigned level;        /* 0 to 100 */
    unsigned delay_ms;     /* that packing and the jitter buffer add; 0: not known, or self */
    unsigned loss_percent; /* of the packets, over the last seconds */
};

/* Somebody called an emergency in a group: verified, of a member. */
struct view_emergency {
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
    char group[OFFICER_GROUP_SIZE];
    char group_name[OFFICER_NAME_SIZE];
    bool self;
    bool is_over;         /* its talker said so */
    int64_t began_utc_ms; /* when it was heard first: this handset's clock, since 1970 */
};

/* Why a member of the group that this handset talks in has not reported that it hears, as far as is
 * known here. */
enum unheard_reason {
    UNHEARD_LACKS_KEY,     /* this handset makes the key, and that member does not hold it */
    UNHEARD_CLOCK_DIFFERS, /* and was not measured: it may refuse what is said for its time */
    UNHEARD_NOT_PLAYED,    /* it reports that it cannot play what arrives */
    UNHEARD_NOT_NEARBY,    /* nothing was heard of it lately: out of reach, off, or silent */
    UNHEARD_UNKNOWN,
    UNHEARD_REASONS
};

struct view_unheard {
    enum unheard_reason reason;
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
};

enum hearing_state {
    HEARING_NONE,    /* this handset does not talk, and has not lately */
    HEARING_AWAITED, /* it began just now: reports are still to come */
    HEARING_SOME,    /* `hearers` report that they hear */
    HEARING_NOBODY,  /* nobody reports it, though there was time to */
};

/* Who hears this handset's talk, as listeners report it; while it lasts and for a moment after. */
struct view_hearing {
    enum hearing_state state;
    bool is_over;                   /* the talk is */
    bool was_heard;                 /* somebody reported it of this talk */
    size_t earlier;                 /* and of an earlier one, lately, but not of this one yet */
    char group[OFFICER_GROUP_SIZE]; /* that it is in */
    size_t hearers;
    size_t others; /* the members but this one; 0 in a group without a list */
    bool has_list;
    size_t unheard_count; /* of a group with a list: the rest of them, by reason */
    struct view_unheard unheard[ADHOC_MEMBERS_MAX];
};

/* What was said before and is heard once more now. */
struct view_again {
    bool is_playing;
    char identity[OFFICER_IDENTITY_SIZE]; /* whose words they are: as verified then */
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
    char group[OFFICER_GROUP_SIZE];
    int64_t began_utc_ms; /* when they were said */
    int64_t elapsed_ms, lasts_ms;
    unsigned level; /* 0 to 100 */
};

/* Somebody who talks and is not heard, for time: the announcement is genuine, but nothing shows
 * whether its talker's clock differs or it is a recording. */
struct view_refused {
    char identity[OFFICER_IDENTITY_SIZE]; /* verified by the announcement's signature */
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
    char group[OFFICER_GROUP_SIZE];
    int64_t clock_difference_ms; /* its group time minus ours */
};

/* A talk session that has ended, for the log of sessions. */
struct view_session {
    char talker[OFFICER_IDENTITY_SIZE];
    char talker_name[OFFICER_NAME_SIZE];
    enum name_kind talker_name_kind;
    char group_name[OFFICER_NAME_SIZE];
    bool self;
    int64_t began_utc_ms; /* this handset's clock, since 1970 */
    int64_t lasted_ms;
};

/* A key that comes as text messages, some of which are there. */
struct view_gathering {
    char tag[VIEW_TAG_SIZE]; /* what its messages say after their number */
    unsigned count, there;   /* parts */
    uint32_t missing;        /* the others, as in event.h: 1 << (number - 1) */
    int64_t latest_ago_ms;   /* since one came */
};

/* The handset's own credential, for the keys screen. GMKs are in the groups. */
struct view_credential {
    char identity[OFFICER_IDENTITY_SIZE];
    char kms[OFFICER_IDENTITY_SIZE];
    char attested_name[OFFICER_NAME_SIZE]; /* by the KMS; empty: none is */
    char fingerprint[40];
    char log[48]; /* where the KMS's audit log ended when it issued them; empty: not said */
    char crypto_module[16];
    bool recovery; /* the domain's setting: its authority can open D2D connections and calls */
    bool fixed;    /* ME identity: keys never change; otherwise monthly */
    char months[VIEW_MONTHS_SIZE]; /* those that keys are held for: "2026-11, 2026-12" */
    int64_t ends_utc_ms;           /* when the last of them is over; of no meaning when fixed */
    int64_t max_key_period_ms;
};

enum {
    VIEW_LOST_MAX = 64 /* LOST_MAX */
};

/* Whom this officer has reported lost, in reach or not. */
struct view_lost {
    char identity[OFFICER_IDENTITY_SIZE]; /* first: it is the key of a row */
    char name[OFFICER_NAME_SIZE];         /* the one that counts, or empty */
    enum name_kind name_kind;
};

/* The list of the revoked that this handset holds. */
struct view_revoked {
    bool has_list;  /* else nothing is known of who is revoked */
    bool is_self;   /* it names this handset's own identity */
    size_t count;   /* that it names */
    int64_t age_ms; /* since the KMS made it */
    size_t lost;    /* whom this officer has reported lost, whatever list there is */
};

/* For how many events a line of the log stands. */
struct view_log_times {
    unsigned times;       /* itself among them; 0 is 1 */
    int64_t since_utc_ms; /* when the first of them was: this handset's clock, since 1970 */
};

/* A message of a group. */
struct view_message {
    uint64_t id; /* for COMMAND_READ_MESSAGES; until the next start */
    char group[OFFICER_GROUP_SIZE];
    char identity[OFFICER_IDENTITY_SIZE]; /* who wrote it: verified */
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
    char text[MESSAGE_TEXT_SIZE]; /* of one line, without anything that moves a cursor */
    unsigned word;                /* which of the status words it is; 0: none */
    int64_t utc_ms;               /* when: group time, by its sender's clock */
    bool is_own;
    bool is_read;
    int64_t late_ms; /* it came so long after that; 0: within the time in which it is resent */
    /* Of an own one: */
    bool waits;             /* it was not sent yet: radio silence, or the disk */
    bool is_unsent;         /* and never will be: its key was replaced */
    bool is_resent;         /* to who comes into reach */
    bool has_list;          /* the group has one; otherwise only `has_it` is known */
    size_t has_it;          /* so many have said that they have it */
    size_t in_reach;        /* of the members in reach, this handset not counted, */
    size_t in_reach_has_it; /* so many have, by their own word */
    uint32_t silent;        /* and those who have not: bit i is the group's members[i] */
};

struct view {
    enum view_phase phase;
    struct event problem; /* shown until the next command; EVENT_NONE when there is none */
    size_t alarm_count;
    struct event alarms[VIEW_ALARMS_MAX]; /* what still stands: the heaviest first, of those
                                           * as heavy the latest */
    int64_t utc_ms;                       /* this handset's clock, since 1970 */
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE];
    bool radio_silence;
    bool airplane; /* nothing is sent or heard on any link */
    size_t radio_count;
    struct view_radio radios[VIEW_RADIOS_MAX];
    size_t version_count;
    struct view_version versions[VIEW_VERSIONS_MAX];
    struct view_credential credential;
    struct view_revoked revoked;
    struct view_lost lost[VIEW_LOST_MAX]; /* as many as revoked.lost says */
    struct view_floor floor;
    struct view_settings settings;
    struct view_sound sound;         /* filled in by the program around the engine */
    struct view_lock lock;           /* likewise */
    struct view_enrolment enrolment; /* likewise, until there is a credential */
    bool is_bound;                   /* the store, to this machine: a copy opens nowhere else */

    size_t nearby_count;
    size_t nearby_total; /* those that are not among them as well */
    bool is_asking;      /* somebody is being asked for by name, for the officer */
    struct view_nearby nearby[VIEW_NEARBY_MAX];
    size_t group_count;
    struct view_group groups[VIEW_GROUPS_MAX];
    size_t crew_count;
    const struct view_crew *crews; /* the engine's; valid like the view, in the order of names */
    size_t managed_count;
    struct view_managed managed[VIEW_MANAGED_MAX];
    size_t invitation_count;
    struct view_invitation invitations[VIEW_INVITATIONS_MAX]; /* oldest first */

    int64_t clocks_ahead_ms; /* the handsets nearby, in the middle, of this handset's wall clock */
    bool clocks_differ;      /* by more than the tolerance */

    size_t emergency_count; /* the latest first, the own ones last */
    struct view_emergency emergencies[VIEW_EMERGENCIES_MAX]; /* that the officer has not seen, and
                                                              * the own ones */
    bool talking;                                            /* this handset is sending voice */
    size_t talker_count;
    struct view_talker talkers[VIEW_TALKERS_MAX]; /* who is heard now; self among them */
    struct view_hearing hearing;
    size_t refused_count;
    struct view_refused refused[VIEW_REFUSED_MAX]; /* who is not, for time */
    struct view_again again;
    enum call_state call_state;
    char call_identity[OFFICER_IDENTITY_SIZE];
    char call_name[OFFICER_NAME_SIZE];
    enum name_kind call_name_kind;
    int64_t call_elapsed_ms;
    bool call_is_parting; /* the other side of the latest does not know yet that it is over */
    bool call_is_quiet;   /* nothing has come from the other side for a while, not even silence */

    size_t gathering_count;
    struct view_gathering gatherings[VIEW_GATHERINGS_MAX];
    size_t imported_count;
    struct event imported[VIEW_IMPORTED_MAX]; /* of the latest import the last, in their order */

    size_t message_count;
    struct view_message messages[VIEW_MESSAGES_MAX]; /* of each group the latest first, by its
                                                      * writer's clock; when they are more, the
                                                      * unread rather than others */
    size_t session_count;
    struct view_session sessions[VIEW_SESSIONS_MAX]; /* newest first */
    size_t log_count;
    struct event log[VIEW_LOG_MAX];                /* newest first */
    struct view_log_times log_times[VIEW_LOG_MAX]; /* of each its own */
    uint64_t frames_heard;
    uint64_t frames_refused;
};

#endif
