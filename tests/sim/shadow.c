/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the shadow learns from commands and outputs; what it checks by looking is in shadow_look.c.
 */
#include "tests/sim/shadow.h"

#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/keys/decisions.h"
#include "app/handset/talk/judging.h"
#include "crypto/announcement.h"

enum {
    VOICE_LASTS_MS = 3000,
    DELAY_SLACK_MS = 15000,  /* a D2D connection without a word for so long is given up */
    ANCHOR_SLACK_MS = 61000, /* group time is made durable once a minute */
};

struct shadow *shadow_new(void) {
    return calloc(1, sizeof(struct shadow));
}

void shadow_free(struct shadow *shadow) {
    free(shadow);
}

struct shadow_gmk *shadow_find(struct shadow *shadow, uint32_t gmk_id) {
    for (size_t i = 0; i < shadow->gmk_count; i++) {
        if (shadow->gmks[i].id == gmk_id) {
            return &shadow->gmks[i];
        }
    }
    return NULL;
}

int64_t shadow_group_time(const struct world *world, const struct shadow_gmk *gmk) {
    return gmk->made_utc_ms + (world->now_ms - gmk->made_ms);
}

/* A member learns group time as its creator has it, and late by what the way there took. */
static int64_t slack_on_the_way(const struct shadow_gmk *gmk, size_t n) {
    return n == gmk->creator ? 0 : gmk->at[gmk->creator].slack_ms + DELAY_SLACK_MS;
}

bool shadow_is_over(const struct world *world, const struct shadow_gmk *gmk, size_t n) {
    int64_t slack_ms = gmk->at[n].slack_ms;
    if (!gmk->at[n].was_durable) {
        slack_ms += slack_on_the_way(gmk, n); /* it may have it, and not on its disk yet */
    }
    return world->now_ms - gmk->made_ms > gmk->period_ms + slack_ms;
}

bool shadow_hears_voice(const struct world *world) {
    return world->now_ms - world->shadow->voice_ms < VOICE_LASTS_MS && world->shadow->voice_ms > 0;
}

/* --- Commands --- */

static uint32_t members_of(const struct command *command, size_t creator) {
    uint32_t members = UINT32_C(1) << creator;
    for (size_t i = 0; i < command->member_count; i++) {
        members |= UINT32_C(1) << domain_find(command->members[i]);
    }
    return members;
}

/* The officer of handset n had a GMK made: its view shows which. */
static void gmk_was_made(struct world *world, size_t n, const struct command *command) {
    struct shadow *shadow = world->shadow;
    const struct view *view = world_view(world, n);
    const struct view_group *group = NULL;
    for (size_t i = 0; i < view->group_count; i++) {
        if (view->groups[i].period_ms == command->period_ms) {
            group = &view->groups[i];
        }
    }
    if (group == NULL || shadow_find(shadow, group->gmk_id) != NULL) {
        world_fail(world, "handset %zu shows no new GMK after its officer had one made", n);
        return;
    }
    if (shadow->gmk_count == SHADOW_GMKS_MAX) {
        abort(); /* officers.c stops making groups long before */
    }
    struct shadow_gmk *gmk = &shadow->gmks[shadow->gmk_count++];
    *gmk = (struct shadow_gmk){.id = group->gmk_id,
                               .period_ms = command->period_ms,
                               .made_ms = world->now_ms,
                               .made_utc_ms = group->created_utc_ms,
                               .creator = n,
                               .first = members_of(command, n),
                               .members = members_of(command, n)};
    memcpy(gmk->group, group->identity, sizeof gmk->group);
    memcpy(gmk->name, group->name, sizeof gmk->name);
    gmk->at[n].confirmed = true;
    if (!handset_reveal_gmk(world->units[n].engine, gmk->id, gmk->octets)) {
        world_fail(world, "handset %zu does not hold GMK %08X that it just made", n, gmk->id);
    }
    shadow->count.gmks++;
    world_note(world, "    GMK %08X of %s", gmk->id, gmk->name);
}

/* A rekeyed group's time is its creator's still: what lag the creator had goes on. */
static void inherit_slack(struct shadow *shadow, const struct command *command) {
    struct shadow_gmk *made = &shadow->gmks[shadow->gmk_count - 1];
    for (size_t i = 0; i + 1 < shadow->gmk_count; i++) {
        const struct shadow_gmk *before = &shadow->gmks[i];
        if (strcmp(before->group, command->group) != 0) {
            continue;
        }
        made->at[made->creator].slack_ms = 0; /* its period begins at the creator's group time */
        shadow->count.left_out += (before->members & ~made->members) != 0;
        break;
    }
}

/* Its creator's officer let others in, who get the present GMK. */
static void others_were_let_in(struct world *world, size_t n, const struct command *command) {
    const struct view_group *group = NULL;
    const struct view *view = world_view(world, n);
    for (size_t i = 0; i < view->group_count; i++) {
        if (strcmp(view->groups[i].identity, command->group) == 0) {
            group = &view->groups[i];
        }
    }
    struct shadow_gmk *gmk = group == NULL ? NULL : shadow_find(world->shadow, group->gmk_id);
    if (gmk == NULL) {
        world_fail(world, "handset %zu lets others into a group that it does not hold", n);
        return;
    }
    gmk->members |= members_of(command, n);
    world->shadow->count.late += (unsigned)command->member_count;
}

/* The officer of handset n decided on the invitation, which the view showed just before. */
static void was_decided(struct world *world, size_t n, const struct command *command) {
    for (size_t i = 0; i < world->shadow->gmk_count; i++) {
        struct shadow_gmk *gmk = &world->shadow->gmks[i];
        if (gmk->period_ms == command->period_ms) {
            gmk->at[n].confirmed = command->kind == COMMAND_ACCEPT;
        }
    }
}

/* Whoever deletes a group and is to have its key again is asked again. */
static void group_was_deleted(struct world *world, size_t n, const struct command *command) {
    for (size_t i = 0; i < world->shadow->gmk_count; i++) {
        struct shadow_gmk *gmk = &world->shadow->gmks[i];
        if (strcmp(gmk->group, command->group) == 0) {
            gmk->at[n].confirmed = false;
        }
    }
}

void shadow_commanded(struct world *world, size_t n, const struct command *command) {
    switch (command->kind) {
    case COMMAND_CREATE_GROUP:
        gmk_was_made(world, n, command);
        break;
    case COMMAND_REKEY_GROUP:
        gmk_was_made(world, n, command);
        inherit_slack(world->shadow, command);
        break;
    case COMMAND_ADD_MEMBERS:
        others_were_let_in(world, n, command);
        break;
    case COMMAND_ACCEPT:
    case COMMAND_DECLINE:
        was_decided(world, n, command);
        break;
    case COMMAND_DELETE_GROUP:
        group_was_deleted(world, n, command);
        break;
    default:
        break;
    }
}

/* --- Records --- */

/* Is it the record of a yes to this very GMK? Its last value is when the decision is over: with the
 * GMK, whose period is like no other's and shorter than a decision lasts. */
static bool is_yes_to(const struct durable_record *record, const struct shadow_gmk *gmk) {
    struct reader r = reader_of((struct span){record->value, record->length});
    (void)read_u8(&r); /* the version */
    bool is_yes = read_u8(&r) == DECISION_YES;
    size_t left = reader_left(&r);
    if (record->kind != RECORD_DECISION || record->key_length != strlen(gmk->group) ||
        memcmp(record->key, gmk->group, record->key_length) != 0 || left < sizeof(uint64_t)) {
        return false;
    }
    (void)read_span(&r, left - sizeof(uint64_t));
    return is_yes && (int64_t)read_u64(&r) == gmk->made_utc_ms + gmk->period_ms;
}

void shadow_stored(struct world *world, size_t n) {
    const struct unit *unit = &world->units[n];
    for (size_t i = 0; i < world->shadow->gmk_count; i++) {
        struct shadow_gmk *gmk = &world->shadow->gmks[i];
        bool durable = false, is_yes_durable = false;
        for (size_t r = 0; r < unit->record_count; r++) {
            const struct durable_record *record = &unit->records[r];
            durable =
                durable || (record->kind == RECORD_GROUP &&
                            memmem(record->value, record->length, gmk->octets, sizeof gmk->octets));
            is_yes_durable = is_yes_durable || is_yes_to(record, gmk);
        }
        if (durable && !gmk->at[n].was_durable) {
            world_note(world, "handset %zu has GMK %08X on disk", n, gmk->id);
            gmk->at[n].slack_ms += slack_on_the_way(gmk, n);
        }
        gmk->at[n].durable = durable;
        gmk->at[n].is_yes_durable = is_yes_durable;
        gmk->at[n].was_durable = gmk->at[n].was_durable || durable;
    }
}

void shadow_revived(struct world *world, size_t n, bool boots, bool was_set_back) {
    const struct unit *unit = &world->units[n];
    world->shadow->count.deaths++;
    said_forget(&world->shadow->said, n);
    for (size_t i = 0; i < world->shadow->gmk_count; i++) {
        struct shadow_gmk *gmk = &world->shadow->gmks[i];
        struct holding *holding = &gmk->at[n];
        uint8_t octets[16];
        bool held = handset_reveal_gmk(unit->engine, gmk->id, octets);
        if (held != holding->durable) {
            world_fail(world, "7: handset %zu %s GMK %08X after it died, and its records %s", n,
                       held ? "holds" : "does not hold", gmk->id, held ? "do not" : "do");
        }
        /* Of what officers said only that counts which is on disk, or which led to what is there;
         * also where it was about to be deleted. */
        world->shadow->count.decided += holding->is_yes_durable && !holding->durable;
        holding->confirmed = holding->is_yes_durable || holding->durable;
        if (boots && was_set_back) {
            holding->slack_ms += world->now_ms - unit->died_ms + ANCHOR_SLACK_MS;
        }
    }
}

/* --- The air --- */

void shadow_arrives(struct world *world, size_t n, struct span octets) {
    (void)n;
    said_arrives(&world->shadow->said, octets);
}

void shadow_arrived(struct world *world, size_t n) {
    said_arrived(&world->shadow->said, n);
}

static void check_period(struct world *world, size_t n, uint32_t gmk_id, const char *what) {
    struct shadow_gmk *gmk = shadow_find(world->shadow, gmk_id);
    if (gmk == NULL) {
        return; /* a one-to-one talk's TGK */
    }
    if (shadow_is_over(world, gmk, n)) {
        world_fail(world, "2: handset %zu sends %s under GMK %08X, over for %lld ms", n, what,
                   gmk_id, (long long)(world->now_ms - gmk->made_ms - gmk->period_ms));
    }
    if ((gmk->members >> n & 1) == 0) {
        world_fail(world, "1: handset %zu sends %s under GMK %08X and is no member", n, what,
                   gmk_id);
    }
}

static void announcement_was_sent(struct world *world, size_t n, struct span octets) {
    struct shadow *shadow = world->shadow;
    struct announcement announcement;
    if (announcement_parse(octets, &announcement) != STATUS_OK ||
        domain_find(announcement.fields.talker) != n) {
        world_fail(world, "5: handset %zu announces what is no announcement of its own", n);
        return;
    }
    check_period(world, n, announcement.fields.gmk_id, "an announcement");
    struct said_announcement *known = said_announcement(&shadow->said, octets);
    if (known != NULL) {
        known->sent_ms = world->now_ms;
        return;
    }
    if (shadow_find(shadow, announcement.fields.gmk_id) == NULL ||
        said_add(&shadow->said, n, announcement.fields.csb_id, announcement.fields.gmk_id,
                 world->now_ms) == NULL) {
        world_fail(world, "1: handset %zu announces under GMK %08X that nobody made", n,
                   announcement.fields.gmk_id);
    }
}

static void d2d_was_sent(struct world *world, size_t n, struct span payload) {
    struct shadow *shadow = world->shadow;
    struct d2d_head head;
    struct i_message message;
    if (d2d_head_read(payload, &head) != STATUS_OK) {
        world_fail(world, "handset %zu sends a D2D frame that cannot be read", n);
        return;
    }
    for (size_t i = 0; i < shadow->forgery_count; i++) {
        if (head.step == D2D_HELLO && head.id == shadow->forgeries[i]) {
            world_fail(world, "5: handset %zu answers a forged I_MESSAGE", n);
        }
    }
    if (head.step == D2D_OPEN && i_message_parse(head.body, &message) == STATUS_OK) {
        size_t to = domain_find(message.fields.responder);
        if (to < DOMAIN_HANDSETS && shadow->last_open[to][n] != head.id) {
            shadow->last_open[to][n] = head.id;
            shadow->opened[to][n]++;
        }
    }
}

static void media_was_sent(struct world *world, size_t n, struct span payload) {
    struct shadow *shadow = world->shadow;
    struct reader r = reader_of(payload);
    uint32_t key_id = read_u32(&r);
    check_period(world, n, key_id, "voice");
    shadow->voice_ms = world->now_ms;
    if (shadow_find(shadow, key_id) != NULL) {
        said_add_voice(&shadow->said, n, payload, world->now_ms);
    }
}

void shadow_sent(struct world *world, size_t n, struct span octets) {
    struct frame frame;
    if (frame_read(octets, &frame) != STATUS_OK) {
        world_fail(world, "handset %zu sends a frame that cannot be read", n);
        return;
    }
    struct reader r = reader_of(frame.payload);
    switch (frame.kind) {
    case FRAME_D2D:
        d2d_was_sent(world, n, frame.payload);
        break;
    case FRAME_ANNOUNCEMENT:
        announcement_was_sent(world, n, frame.payload);
        break;
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        announcement_was_sent(world, n, read_span_u16(&r));
        media_was_sent(world, n, read_span_u16(&r));
        break;
    case FRAME_MEDIA:
        media_was_sent(world, n, frame.payload);
        break;
    default:
        break;
    }
}

/* --- What officers are told --- */

/* The handset that an event is about; DOMAIN_HANDSETS when it is about none. */
static size_t subject_of(const struct event *event) {
    size_t n = 0;
    while (n < DOMAIN_HANDSETS && strcmp(event->identity, domain_member(n)->identity) != 0) {
        n++;
    }
    return n;
}

static bool is_expiry(enum event_kind kind) {
    return kind == EVENT_KEY_EXPIRED || kind == EVENT_STANDARD_KEY_EXPIRED ||
           kind == EVENT_KEYS_WIPED || kind == EVENT_MANAGED_KEY_EXPIRED;
}

/* A talk begins at handset n: by something that it did not hear before. */
static void talk_began(struct world *world, size_t n, size_t talker) {
    struct shadow *shadow = world->shadow;
    const struct said_voice *voice = said_begins(&shadow->said, n, talker);
    if (voice == NULL) {
        world_fail(world, "6: handset %zu lets %zu talk by what it heard before", n, talker);
    } else if (world->now_ms - voice->sent_ms > LIVE_MS + LIFE_UNSURE_MAX_MS) {
        world_fail(world, "6: handset %zu lets %zu talk by voice %lld ms old", n, talker,
                   (long long)(world->now_ms - voice->sent_ms));
    }
    shadow->count.talks++;
}

void shadow_told(struct world *world, size_t n, const struct output *output) {
    struct shadow *shadow = world->shadow;
    const struct event *event = &output->event;
    if (event->kind != EVENT_REFUSED && event->kind != EVENT_NEARBY) {
        world_note(world, "  %zu: %s %s %s", n, event_name(event->kind), event->identity,
                   event->group);
    }
    if (event->kind == EVENT_TALK_BEGAN) {
        size_t talker = subject_of(event);
        if (talker == DOMAIN_HANDSETS) {
            world_fail(world, "handset %zu lets %s talk, who is nobody", n, event->identity);
            return;
        }
        talk_began(world, n, talker);
    } else if (event->kind == EVENT_TALK_ENDED) {
        size_t talker = subject_of(event);
        if (talker < DOMAIN_HANDSETS) {
            said_ends(&shadow->said, n, talker);
        }
    } else if (event->kind == EVENT_INVITED_TO_GROUP || event->kind == EVENT_INVITED_TO_REKEY) {
        size_t inviter = subject_of(event);
        if (inviter < DOMAIN_HANDSETS && ++shadow->asked[n][inviter] > shadow->opened[n][inviter]) {
            world_fail(world, "6: handset %zu was asked by %zu more often than that asked", n,
                       inviter);
        }
    } else if (is_expiry(event->kind)) {
        shadow->count.expired++;
    }
}
