/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A few handset engines on one perfect piece of air, for tests of the engine: real keys, virtual
 * time in steps of 10 ms, durable records in memory. A filter can drop or change what is sent, and
 * everything sent is kept for a test to replay.
 */
#ifndef MUSTER_TESTS_APP_SQUAD_H
#define MUSTER_TESTS_APP_SQUAD_H

#include "app/handset/air/frame.h"
#include "app/handset/engine.h"
#include "app/programs/durable.h"

enum {
    SQUAD_MAX = 21,
    SQUAD_STRANGER = SQUAD_MAX, /* a place on the air that is no handset's; also its identity */
    SQUAD_MONTHLY = SQUAD_MAX + 2,
    SQUAD_FIRE = SQUAD_MAX + 3,   /* group identities: every handset belongs to these two, */
    SQUAD_RESCUE = SQUAD_MAX + 4, /* and none */
    SQUAD_POLICE = SQUAD_MAX + 5, /* to this one */
    SQUAD_FRAMES_MAX = 20000,
    SQUAD_RECORDS_MAX = 512,
    SQUAD_PROOF_MAX = 4000,
    HOUR_MS = 60 * 60 * 1000,
};

struct squad_record {
    enum record_kind kind;
    struct secret *key, *value;
};

struct squad_frame {
    size_t from;
    uint64_t to;            /* EVERYONE, or the receiver's place plus one */
    char topic[TOPIC_SIZE]; /* empty: none */
    bool is_kept;
    size_t length;
    uint8_t *octets;
};

struct squad;

struct squad_handset {
    struct squad *squad;
    struct handset *engine;
    struct durable *durable;
    int64_t disk_ms;          /* how long its disk takes to make durable what it is given */
    enum status disk_failure; /* STATUS_OK: it takes it */
    const struct batch *const *writing; /* what the disk has; or NULL */
    size_t writing_count;
    int64_t written_ms;           /* boot clock: when it reports */
    unsigned alarms, alarms_over; /* its officer was told that saving fails, and works again */
    int64_t utc_offset_ms;        /* how far this handset's wall clock is off */
    uint64_t boot_id;
    size_t record_count;
    struct squad_record records[SQUAD_RECORDS_MAX];
    enum status last_refusal;
    unsigned refusals, invitations, talks;
    unsigned proofs; /* events that came with what proves them, and the latest of those */
    size_t proof_length;
    uint8_t proof[SQUAD_PROOF_MAX];
    unsigned stores; /* batches made durable */
    unsigned writes; /* how often the disk was given some */
    bool deaf;       /* hears nothing and is not heard */
    bool is_asleep;  /* does nothing either, and hears nothing, until a test wakes it */
    unsigned
        cut_at;  /* its power is cut at the cut_at-th output from now, which is lost; 0: never */
    bool is_cut; /* and all later ones are, until squad_restart */
    unsigned voice_frames; /* 20 ms heard with voice in them */
    int64_t voiced_ms;     /* boot clock: when the last of them was */
    int64_t longest_ms;    /* the longest time from one to the next; a test sets it to 0 */
};

/* Returns whether the frame is delivered; may change its octets. */
typedef bool squad_filter(void *context, struct squad_frame *frame, size_t receiver);

/* Handset n tells its officer something. */
typedef void squad_told(void *context, size_t n, const struct event *event);

struct squad {
    int64_t boot_ms;
    int64_t step_ms; /* 10; a test where nobody talks for long may take larger ones */
    bool is_mute;    /* the test speaks and listens itself, by handset_speak and handset_listen */
    size_t count;
    struct squad_handset handsets[SQUAD_MAX];
    size_t frame_count, delivered;
    struct squad_frame frames[SQUAD_FRAMES_MAX];
    unsigned far_count; /* frames for a topic alone, which reach nobody here, and the last one's */
    char far_topic[TOPIC_SIZE];
    bool far_is_kept;
    squad_filter *filter;
    void *filter_context;
    squad_told *told; /* NULL: nobody wants to know */
    void *told_context;
};

/* The identity of the n-th handset, which is an ME identity for all of them. */
const char *squad_identity(size_t n);

/* From now on the handsets' random octets are a function of `seed`: a test that calls this before
 * it makes a squad replays exactly. */
void squad_seed(uint64_t seed);

/* `count` handsets with credentials of one domain, started. */
struct squad *squad_new(size_t count);
void squad_free(struct squad *squad);

struct moment squad_now(const struct squad *squad, size_t n);

/* Lets time pass. Whoever talks sends a tone; everyone listens. */
void squad_run(struct squad *squad, int64_t ms);

/* Carries out an officer's command and returns its status. */
enum status squad_command(struct squad *squad, size_t n, const struct command *command);

/* Handset n's disk takes what it has in hand, whatever time that takes, until it has no more. */
void squad_flush(struct squad *squad, size_t n);

/* Stops a handset at once and starts it again from its durable records; `reboot` gives it a new
 * boot. */
void squad_restart(struct squad *squad, size_t n, bool reboot);

/* Handset n has had time: its budgets for costly checks are full. */
void squad_rest(struct squad *squad, size_t n);

const struct view *squad_view(struct squad *squad, size_t n);

/* Is it about somebody who asks the officer; does somebody begin to talk, perhaps the officer? */
bool squad_is_invitation(enum event_kind kind);

/* Was a message refused, whether or not its sender is named? */
bool squad_is_refusal(enum event_kind kind);
bool squad_is_beginning(enum event_kind kind);

/* Hands `octets` to handset n as if `from` had sent them. */
void squad_inject(struct squad *squad, size_t n, size_t from, struct span octets);

/* The same with a frame of `kind`, of an id not used before, around `payload`. */
void squad_inject_payload(struct squad *squad, size_t n, size_t from, enum frame_kind kind,
                          struct span payload);

/* The same with the domain's mark, as who was enrolled sends it: it waits behind no stranger's. */
void squad_inject_marked(struct squad *squad, size_t n, size_t from, enum frame_kind kind,
                         struct span payload);

/* Puts the mark of that handset's domain (app/handset/air/mark.h) into the frame's id, as who was
 * enrolled can. */
void squad_mark(const struct handset *engine, struct frame *frame);

/* Group building in one go: handset 0 asks all others, who accept; `period_ms` is the GMK's. The
 * group is then the first in everybody's view. squad_ask only begins: `creator` asks the `count`
 * handsets from `first` on. */
void squad_group(struct squad *squad, int64_t period_ms);
void squad_ask(struct squad *squad, size_t creator, size_t first, size_t count);
struct command squad_create_command(size_t members, int64_t period_ms);
enum status squad_answer(struct squad *squad, size_t n, enum command_kind answer);

/* From now on every officer is asked for each new key: none is taken unasked
 * (app/handset/keys/narrowing.h). */
void squad_ask_always(struct squad *squad);
enum status squad_talk(struct squad *squad, size_t n);
enum status squad_stop(struct squad *squad, size_t n);

/* All handsets use this module in place of "native": for tests with thousands of them, one that
 * remembers what it has verified (tests/sim/provider_cache.h). Before anything else of a squad. */
void squad_use(const struct provider *provider);

/* The domain's keys of the n-th identity (also one that is no handset), for forging with. The one
 * of SQUAD_MONTHLY and the group identities have monthly keys, of the month in which squads begin.
 */
const struct provider *squad_provider(void);
const struct domain_key *squad_domain(void);
struct signing_key *squad_signing_key(size_t n);

/* Handset n gets a credential without groups, as after another enrolment; restart it next. */
void squad_leave_groups(struct squad *squad, size_t n);

/* The domain has recovery on, as far as handset n was told: it is restarted with such a credential.
 * And the receiver key of the recovery identity for the month in which squads begin. */
void squad_recover(struct squad *squad, size_t n);
const struct receiver_key *squad_recovery_key(void);

/* What the domain's KMS signs statements with (crypto/statement.h). No credential of a squad has an
 * attestation: what handsets are called there is claimed, until a test gives them one. */
const struct signing_key *squad_statements_key(void);

/* Appends the word of the manager with that name, in that term and for its key number `counter`,
 * which knows the lists of exclusions of `known`, for a delivery of `fields` and `gmk`
 * (app/identity/epoch.h). squad_manage's has the name
 * SQUAD_MANAGER and the term SQUAD_TERM. */
enum {
    SQUAD_MANAGER = 7,
    SQUAD_TERM = 5
};
void squad_manager_word(uint8_t name, uint64_t term, uint64_t counter,
                        const struct exclusion_states *known,
                        const struct key_delivery_fields *fields, const uint8_t gmk[SSV_SIZE],
                        struct writer *out);

/* Handset n gets a record; restart it next. NULL: it loses the one with that key. */
void squad_put_record(struct squad *squad, size_t n, enum record_kind kind, struct span key,
                      const struct span *value);

/* Handset n becomes the manager of SQUAD_FIRE, with the first `count` identities on its roll, and
 * is restarted. */
void squad_manage(struct squad *squad, size_t n, size_t count);

/* The n-th identity's credential as a handset stores it. */
struct span squad_credential(size_t n);

/* The latest frame of `kind` that `from` sent, or NULL. */
const struct squad_frame *squad_find_frame(const struct squad *squad, size_t from, unsigned kind);

/* What a kept frame carries. */
struct span squad_payload(const struct squad_frame *frame);

/* A filter: of the D2D records that handset 0 sends no request passes but its first one. */
bool squad_drop_all_but_first_request_of_0(void *context, struct squad_frame *frame,
                                           size_t receiver);

#endif
