/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/handset/handset.h"
#include "tests/sim/clocks.h"
#include "tests/sim/provider_model.h"

enum {
    VOICE_LASTS_MS = 500,
    STEPS_MS = 3 * WORLD_STEP_MS /* the world goes in steps */
};

static void begin(struct world *world) {
    world->clocks = calloc(1, sizeof *world->clocks);
    if (world->clocks == NULL) {
        abort();
    }
    clocks_people_begin(world);
    world->clocks->replayer = clocks_replayer_new(world);
    clocks_reach(world);
}

static void end(struct world *world) {
    managed_group_free(world->clocks->manager);
    clocks_replayer_free(world->clocks->replayer);
    free(world->clocks);
}

static void answer(struct world *world, size_t n) {
    const struct view *view = world_view(world, n);
    if (view->invitation_count > 0) {
        struct command command = {.kind = COMMAND_ACCEPT, .invitation = view->invitations[0].id};
        (void)world_command(world, n, &command);
    }
}

static void go_on(struct world *world) {
    clocks_deliver(world);
    clocks_replayer_go_on(world);
}

static void come_back(struct world *world, size_t n) {
    const struct clocks_unit *unit = &world->clocks->units[n];
    world_revive(world, n, unit->boots, unit->clock_ms);
}

static void revived(struct world *world, size_t n, bool boots, bool was_set_back) {
    (void)was_set_back;
    world->clocks->units[n].up_ms = world->now_ms;
    world->clocks->count.boots += boots;
    said_forget(&world->clocks->said, n);
    clocks_came_back(world, n, boots);
    clocks_reach(world);
    clocks_replayer_tempt(world, n);
}

/* --- Keys --- */

/* The officer of handset n had an ad-hoc key made: its view shows which. */
static void commanded(struct world *world, size_t n, const struct command *command) {
    if (command->kind != COMMAND_CREATE_GROUP && command->kind != COMMAND_REKEY_GROUP) {
        return;
    }
    const struct view *view = world_view(world, n);
    for (size_t i = 0; i < view->group_count; i++) {
        const struct view_group *group = &view->groups[i];
        if (group->kind != GROUP_ADHOC || clocks_key_find(world, group->gmk_id) != NULL) {
            continue;
        }
        struct clocks_key *key = clocks_key_add(world, CLOCKS_ADHOC, group->gmk_id);
        if (key == NULL) {
            return;
        }
        memcpy(world->clocks->adhoc, group->identity, sizeof world->clocks->adhoc);
        key->maker = n;
        key->dated_ms = key->begins_ms = group->created_utc_ms;
        key->ends_ms = key->begins_ms + group->period_ms;
    }
    clocks_look_at_keys(world, n);
}

static void stored(struct world *world, size_t n) {
    (void)world;
    (void)n;
}

static void look(struct world *world, bool at_all) {
    for (size_t n = 0; n < world->count; n++) {
        struct unit *unit = &world->units[n];
        if (unit->engine != NULL && (at_all || unit->restless)) {
            clocks_look_at_keys(world, n);
            answer(world, n);
            unit->restless = false;
        }
    }
}

/* --- What is said --- */

static void check_use(struct world *world, size_t n, uint32_t gmk_id, const char *what) {
    const struct clocks_key *key = clocks_key_find(world, gmk_id);
    if (key != NULL && key->at[n].taken_ms == 0) {
        clocks_look_at_keys(world, n); /* it was taken just now */
    }
    if (key == NULL || !clocks_may_use(world, key, n)) {
        world_fail(world, "1: handset %zu %s under GMK %08X, which is over", n, what, gmk_id);
    }
}

static void announced(struct world *world, size_t n, struct span octets) {
    struct clocks *clocks = world->clocks;
    struct announcement announcement;
    if (announcement_parse(octets, &announcement) != STATUS_OK) {
        world_fail(world, "handset %zu announces what is no announcement", n);
        return;
    }
    const struct announcement_fields *fields = &announcement.fields;
    struct said_announcement *known = said_announcement(&clocks->said, octets);
    check_use(world, n, fields->gmk_id, "announces itself");
    if (known == NULL) {
        known = said_add(&clocks->said, n, fields->csb_id, fields->gmk_id, world->now_ms);
        const struct clocks_key *key = clocks_key_find(world, fields->gmk_id);
        if (known == NULL || key == NULL) {
            return;
        }
        clocks->ahead_ms[known - clocks->said.announcements] =
            clocks->units[n].time[key->group].high_ms;
    }
    known->sent_ms = world->now_ms;
    clocks->announced[n] = fields->gmk_id;
}

static void spoke(struct world *world, size_t n, struct span media) {
    struct reader r = reader_of(media);
    check_use(world, n, read_u32(&r), "speaks");
    said_add_voice(&world->clocks->said, n, media, world->now_ms);
    world->clocks->said_ms = world->now_ms;
}

static void sent(struct world *world, size_t n, struct span octets) {
    struct frame frame;
    if (frame_read(octets, &frame) != STATUS_OK) {
        world_fail(world, "handset %zu sends a frame that cannot be read", n);
        return;
    }
    struct reader r = reader_of(frame.payload);
    if (frame.kind == FRAME_ANNOUNCEMENT) {
        announced(world, n, frame.payload);
    } else if (frame.kind == FRAME_ANNOUNCEMENT_AND_MEDIA) {
        announced(world, n, read_span_u16(&r));
        spoke(world, n, read_span_u16(&r));
    } else if (frame.kind == FRAME_MEDIA) {
        spoke(world, n, frame.payload);
    }
}

static bool hears_voice(const struct world *world) {
    return world->clocks->said_ms > 0 && world->now_ms - world->clocks->said_ms < VOICE_LASTS_MS;
}

/* --- What is heard --- */

/* Looks at what handset n has measured of the clock of who announces itself in `octets`. */
static bool measure(const struct world *world, size_t n, struct span octets, struct ago *ago) {
    struct frame frame;
    struct announcement announcement;
    if (frame_read(octets, &frame) != STATUS_OK) {
        return false;
    }
    struct reader r = reader_of(frame.payload);
    struct span payload =
        frame.kind == FRAME_ANNOUNCEMENT_AND_MEDIA ? read_span_u16(&r) : frame.payload;
    return (frame.kind == FRAME_ANNOUNCEMENT || frame.kind == FRAME_ANNOUNCEMENT_AND_MEDIA) &&
           announcement_parse(payload, &announcement) == STATUS_OK &&
           roster_ago(&world->units[n].engine->roster, announcement.fields.talker,
                      announcement.fields.proof.start, announcement.fields.proof.age_ms,
                      world_moment(world, n), ago);
}

/* By the clock of the talker, which drifts. */
static void check_measured(struct world *world, size_t n) {
    const struct clocks *clocks = world->clocks;
    const struct said_announcement *said = said_arriving(&clocks->said);
    const struct ago *ago = &clocks->ago;
    if (said == NULL || !clocks->is_measured) {
        return;
    }
    int64_t age_ms = world->now_ms - said->made_ms;
    age_ms += age_ms * world->units[said->talker].drift_ppm / 1000000;
    if (age_ms < ago->min_ms - STEPS_MS || age_ms > ago->max_ms + STEPS_MS ||
        ago->max_ms - ago->min_ms > LIFE_UNSURE_MAX_MS) {
        world_fail(
            world, "6: handset %zu takes an announcement of %zu, %lld ms old, for %lld to %lld ms",
            n, said->talker, (long long)age_ms, (long long)ago->min_ms, (long long)ago->max_ms);
    }
}

static void arrives(struct world *world, size_t n, struct span octets) {
    said_arrives(&world->clocks->said, octets);
    world->clocks->is_measured = measure(world, n, octets, &world->clocks->ago);
    check_measured(world, n);
}

static void arrived(struct world *world, size_t n) {
    said_arrived(&world->clocks->said, n);
}

/* Was the clock of that talker, who is heard at handset n, measured there? */
static bool is_measured(const struct world *world, size_t n, const struct event *event) {
    const struct session *session =
        seats_find(world->units[n].engine->listening.sessions, event->identity, event->group);
    return session != NULL && session->current.announced.is_measured;
}

/* How old may voice be that lets a talk begin at handset n? */
static int64_t oldest_ms(const struct world *world, const struct said_voice *voice, size_t n,
                         bool is_measured) {
    const struct clocks *clocks = world->clocks;
    int64_t reach_ms = clocks->reach_ms[n][voice->talker];
    bool is_near = reach_ms != INT64_MAX && voice->sent_ms - reach_ms > CLOCKS_REACH_MS;
    const struct said_announcement *announcement = voice->announcement;
    const struct clocks_key *key =
        announcement == NULL
            ? NULL
            : clocks_key_find((struct world *)(uintptr_t)world, announcement->gmk_id);
    if (is_near || is_measured || key == NULL) {
        return LIVE_MS + LIFE_UNSURE_MAX_MS + 1000;
    }
    return ANNOUNCEMENT_TOLERANCE_MS + LIVE_MS + CLOCKS_SLACK_MS +
           clocks->ahead_ms[announcement - clocks->said.announcements] -
           clocks->units[n].time[key->group].low_ms;
}

static void talk_began(struct world *world, size_t n, size_t talker, const struct event *event) {
    struct clocks *clocks = world->clocks;
    const struct said_voice *voice = said_begins(&clocks->said, n, talker);
    clocks->count.heard++;
    if (voice == NULL) {
        world_fail(world, "4: handset %zu lets %zu talk by what it heard before", n, talker);
        return;
    }
    int64_t age_ms = world->now_ms - voice->sent_ms;
    bool measured = is_measured(world, n, event);
    if (voice->announcement != NULL) {
        check_use(world, n, voice->announcement->gmk_id, "hears a talk");
    }
    if (age_ms > oldest_ms(world, voice, n, measured)) {
        world_fail(world, "5: handset %zu lets %zu talk by voice %lld ms old%s", n, talker,
                   (long long)age_ms, measured ? ", measured" : "");
    }
}

static void told(struct world *world, size_t n, const struct output *output) {
    const struct event *event = &output->event;
    bool is_replay =
        event->kind == EVENT_REFUSED && strcmp(event->check, status_name(STATUS_REPLAYED)) == 0;
    if (event->kind != EVENT_NEARBY && !is_replay) {
        world_note(world, "  %zu: %s %s %s", n, event_name(event->kind), event->identity,
                   event->kind == EVENT_REFUSED ? event->check : event->group);
    }
    size_t talker = clocks_find(world, event->identity);
    if (event->kind == EVENT_TALK_BEGAN && talker == world->count) {
        world_fail(world, "handset %zu lets %s talk, who is nobody", n, event->identity);
    } else if (event->kind == EVENT_TALK_BEGAN) {
        talk_began(world, n, talker, event);
        if (strcmp(event->group, world->clocks->adhoc) == 0) {
            clocks_hears_member(world, n, talker);
        }
    } else if (event->kind == EVENT_TALK_ENDED && talker < world->count) {
        said_ends(&world->clocks->said, n, talker);
    }
}

/* Has the talker announced itself under a key that handset n may hear? */
static bool may_hear(struct world *world, size_t n, size_t talker) {
    const struct said *said = &world->clocks->said;
    for (size_t i = 0; i < said->announcement_count; i++) {
        const struct said_announcement *announcement = &said->announcements[i];
        const struct clocks_key *key = clocks_key_find(world, announcement->gmk_id);
        if (announcement->talker == talker && key != NULL && clocks_may_use(world, key, n)) {
            return true;
        }
    }
    return false;
}

static void heard(struct world *world, size_t n) {
    world->clocks->units[n].voice_ms = world->now_ms;
    for (size_t talker = 0; talker < world->count; talker++) {
        if (world->clocks->said.shows[n][talker] && !may_hear(world, n, talker)) {
            world_fail(world, "1: handset %zu hears %zu under keys that are over", n, talker);
        }
    }
}

const struct world_kind clocks_kind = {
    .provider = provider_model,
    .begin = begin,
    .settle = clocks_people_settle,
    .end = end,
    .go_on = go_on,
    .come_back = come_back,
    .commanded = commanded,
    .stored = stored,
    .sent = sent,
    .told = told,
    .heard = heard,
    .arrives = arrives,
    .arrived = arrived,
    .revived = revived,
    .look = look,
    .hears_voice = hears_voice,
};
