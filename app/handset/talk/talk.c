/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/keys/hours.h"
#include "app/handset/keys/standard.h"
#include "app/handset/talk/packing.h"

enum {
    RTP_VERSION_2 = 0x80,
    RTP_CLOCK_A_FRAME = 48 * VOICE_FRAME_MS
};

void talk_clear(struct talk *talk) {
    talker_gsk_clear(&talk->current);
    talker_gsk_clear(&talk->coming);
    voice_sender_free(talk->sender);
    floor_release(talk->floor);
    queue_close(talk->queue);
    *talk = (struct talk){.desk = talk->desk,
                          .air = talk->air,
                          .admission = talk->admission,
                          .groups = talk->groups,
                          .hearers = talk->hearers,
                          .floor = talk->floor,
                          .queue = talk->queue,
                          .turns = talk->turns,
                          .settings = talk->settings,
                          .emergencies = talk->emergencies};
}

/* About the group that is talked in, which may be gone. */
static struct event event_about(const struct talk *talk, enum event_kind kind) {
    const struct group *group = groups_find(talk->groups, talk->group);
    return event_of_group(kind, talk->group, group == NULL ? "" : group->parameters.name);
}

/* About another who has the floor. */
static struct event event_of_holder(const struct talk *talk, enum event_kind kind,
                                    const struct claim *holder) {
    return groups_event(talk->groups, kind, holder->identity, holder->group);
}

/* --- The announcement ----------------------------------------------------------------------- */

static enum status draw_fields(struct talk *talk, struct moment now, int64_t said_ms,
                               const struct group *group, struct announcement_fields *fields) {
    int64_t waited_ms = now.boot_ms - said_ms;
    int64_t group_ms = group_clock_read(&group->clock, now) - waited_ms;
    int64_t age_ms = own_age(&talk->groups->roster->own, now) - waited_ms;
    /* Each announcement is later than the one before, also than those before a restart: group time
     * does not run back, and when the last one was is saved behind it. */
    *fields = (struct announcement_fields){
        .ssrc = talk->ssrc,
        .gmk_id = group->current.id,
        .hour = hours_now(group, now),
        .is_doubted = group->hours.is_doubted,
        .utc_ms = group_ms > group->own_talk_ms ? group_ms : group->own_talk_ms + 1,
        .proof.age_ms = age_ms > 0 ? age_ms : 0,
        .ticket = {group->ticket.octets, group->ticket.length},
    };
    struct talker_proof *proof = &fields->proof;
    memcpy(proof->start, talk->groups->roster->own.start, sizeof proof->start);
    memcpy(proof->session, talk->claim.session, sizeof proof->session);
    proof->began_ms = talk->claim.began_ms;
    proof->priority = talk->claim.priority;
    voice_sender_next(talk->sender, &proof->sequence, &proof->rtp_time);
    snprintf(fields->talker, sizeof fields->talker, "%s", own_identity(talk->desk));
    snprintf(fields->group, sizeof fields->group, "%s", group->parameters.identity);
    enum status status = desk_draw_u32(talk->desk, &fields->csb_id);
    if (status != STATUS_OK) {
        return status;
    }
    return entropy_draw(&talk->desk->entropy, fields->rand, sizeof fields->rand);
}

/* The announcement of `gsk`, into `out`, and what its packets are sealed and signed with. The
 * caller clears *key, also on failure. */
static enum status build(const struct talk *talk, const struct group *group,
                         struct announcement_fields *fields, const uint8_t gsk[GSK_SIZE],
                         struct writer *out, struct media_key *key) {
    const struct desk *desk = talk->desk;
    struct announcement announcement;
    uint8_t gmk[GMK_SIZE];
    *key = (struct media_key){.key_id = fields->gmk_id, .sequence = fields->proof.sequence};
    enum status status = talker_key_new(&desk->entropy, &key->talker);
    if (status == STATUS_OK) {
        memcpy(fields->proof.key, talker_key_public(key->talker), sizeof fields->proof.key);
        memcpy(fields->proof.anchor, talker_key_anchor(key->talker), sizeof fields->proof.anchor);
        hours_key(group, fields->hour, gmk);
        status = announcement_build(desk->keyring.provider, fields, gmk, gsk,
                                    keyring_signing_key(&desk->keyring, fields->utc_ms),
                                    &desk->entropy, out);
        secret_wipe(gmk, sizeof gmk);
    }
    if (status == STATUS_OK) {
        status = announcement_parse(writer_span(out), &announcement);
    }
    if (status == STATUS_OK) {
        status = session_hash(announcement.covered, key->session);
    }
    if (status == STATUS_OK) {
        status = gsc_new(gsk, 1, fields->csb_id, fields->rand, talk->ssrc, GSC_SEND, &key->gsc);
    }
    return status;
}

/* A key that was given out meanwhile may have come with a list that takes the right: others do not
 * believe more than it gives. */
static void keep_to_list(struct talk *talk, struct moment now, const struct group *group) {
    if (talk->active && talk->claim.priority != TALK_NORMAL &&
        !group_may_raise(&group->parameters, own_identity(talk->desk))) {
        talk->claim.priority = TALK_NORMAL;
        floor_take(talk->floor, now, &talk->claim);
    }
}

/* Draws a new GSK for the session into *place, one of its two; what was there is over. When it was
 * announced is made durable, for which nobody waits. The announcement is of `said_ms`, to which the
 * next packet's RTP time belongs: were it of now while sound still waits to be sent, all that comes
 * after would seem to be said that much too early, and listeners would refuse it. */
static enum status announce(struct talk *talk, struct moment now, int64_t said_ms,
                            struct group *group, struct talker_gsk *place) {
    struct announcement_fields fields;
    struct talker_gsk next = {.length = 0};
    uint8_t gsk[GSK_SIZE];
    struct writer out = writer_into(next.octets, sizeof next.octets);
    keep_to_list(talk, now, group);
    enum status status = draw_fields(talk, now, said_ms, group, &fields);
    if (status == STATUS_OK) {
        status = entropy_draw(&talk->desk->entropy, gsk, sizeof gsk);
    }
    if (status == STATUS_OK) {
        status = build(talk, group, &fields, gsk, &out, &next.key);
    }
    if (status == STATUS_OK && !talk->is_wordless) {
        hearers_expect(talk->hearers, now, group, gsk, next.key.session);
        queue_announce(talk->queue, fields.gmk_id, gsk, next.key.session);
    }
    secret_wipe(gsk, sizeof gsk);
    if (status != STATUS_OK) {
        talker_gsk_clear(&next);
        return status;
    }
    /* As its listeners count, each announcement, those of renewals too. */
    (void)admission_pays(talk->admission, now, PROVEN_TALK, fields.talker, COST_SIGNATURE * UNIT);
    group->own_talk_ms = fields.utc_ms;
    group->is_unsaved = groups_save(talk->groups, group) != STATUS_OK || group->is_unsaved;
    next.length = out.length;
    memcpy(next.start, fields.proof.start, sizeof next.start);
    next.announced_ms = said_ms;
    next.announced_rtp_time = fields.proof.rtp_time;
    talker_gsk_clear(place);
    *place = next;
    return STATUS_OK;
}

/* When the next packet's sound was captured, on the boot clock, if none was lost. */
static int64_t said_by_rtp(const struct talk *talk) {
    uint16_t sequence;
    uint32_t rtp_time;
    voice_sender_next(talk->sender, &sequence, &rtp_time);
    return talk->current.announced_ms +
           (int32_t)(rtp_time - talk->current.announced_rtp_time) / RTP_CLOCK_PER_MS;
}

/* When it is captured, if it is captured already and waits: or else, now. */
static int64_t said_if_waiting(const struct talk *talk, struct moment now) {
    int64_t said_ms = said_by_rtp(talk);
    return said_ms < now.boot_ms && now.boot_ms - said_ms <= TALK_WAITS_MS ? said_ms : now.boot_ms;
}

/* The same, and packets go out under it from now on. */
static enum status announce_at_once(struct talk *talk, struct moment now, int64_t said_ms,
                                    struct group *group) {
    enum status status = announce(talk, now, said_ms, group, &talk->current);
    talker_gsk_clear(&talk->coming);
    talk->refresh_due_ms = now.boot_ms + TALK_REFRESH_MS;
    return status;
}

/* Packets go out under the one that was to come. */
static void change_over(struct talk *talk, struct moment now) {
    talker_gsk_clear(&talk->current);
    talk->current = talk->coming;
    talk->coming = (struct talker_gsk){.length = 0};
    talker_gsk_begin(&talk->current);
    talk->refresh_due_ms = now.boot_ms + TALK_REFRESH_MS;
}

/* What this handset says of a talk that begins now. */
static enum status draw_claim(const struct talk *talk, struct moment now, const struct group *group,
                              enum talk_priority priority, struct claim *claim) {
    *claim = (struct claim){.priority = priority, .began_ms = group_clock_read(&group->clock, now)};
    snprintf(claim->group, sizeof claim->group, "%s", group->parameters.identity);
    snprintf(claim->identity, sizeof claim->identity, "%s", own_identity(talk->desk));
    return entropy_draw(&talk->desk->entropy, claim->session, sizeof claim->session);
}

static enum status start(struct talk *talk, struct moment now, struct group *group,
                         enum talk_priority priority) {
    uint32_t random;
    enum status status = draw_claim(talk, now, group, priority, &talk->claim);
    if (status == STATUS_OK) {
        status = desk_draw_u32(talk->desk, &talk->ssrc);
    }
    if (status == STATUS_OK) {
        status = desk_draw_u32(talk->desk, &random);
    }
    if (status == STATUS_OK) {
        status = voice_sender_new(talk->ssrc, random & GSC_START_MAX, &talk->sender);
    }
    if (status != STATUS_OK) {
        return status;
    }
    voice_sender_pack(talk->sender,
                      packing_to_group(talk->groups->roster, talk->air->links, group));
    snprintf(talk->group, sizeof talk->group, "%s", group->parameters.identity);
    return announce_at_once(talk, now, now.boot_ms, group);
}

/* May a session be announced in that group now? */
static enum status check_group(const struct talk *talk, struct moment now, const char *identity,
                               struct group **group, struct event *problem) {
    *group = groups_find(talk->groups, identity);
    if (*group == NULL) {
        return desk_problem(problem, (struct event){.kind = EVENT_GROUP_GONE}, STATUS_NOT_FOUND);
    }
    if (!admission_has(talk->admission, now, PROVEN_TALK, own_identity(talk->desk),
                       COST_SIGNATURE * UNIT)) {
        return desk_problem(problem, (struct event){.kind = EVENT_TALK_TOO_OFTEN},
                            STATUS_RATE_LIMITED);
    }
    return STATUS_OK;
}

static enum status problem_of(const struct group *group, enum status status,
                              struct event *problem) {
    return desk_problem(
        problem,
        event_of_group(EVENT_TALK_NOT_BEGUN, group->parameters.identity, group->parameters.name),
        status);
}

static enum status begin(struct talk *talk, struct moment now, struct group *group,
                         enum talk_priority priority) {
    standard_take_over(talk->desk, now, group);
    enum status status = gmk_is_usable(group_shown_gmk(group), group, now);
    if (status == STATUS_OK) {
        status = start(talk, now, group, priority);
    }
    if (status != STATUS_OK) {
        talk_clear(talk);
    }
    return status;
}

enum status talk_begin(struct talk *talk, struct moment now, const struct command *command,
                       struct event *problem) {
    struct group *group;
    enum status status = check_group(talk, now, command->group, &group, problem);
    if (status != STATUS_OK) {
        return status;
    }
    struct claim claim = {.priority = emergencies_own_priority(talk->emergencies, command->group)};
    snprintf(claim.group, sizeof claim.group, "%s", command->group);
    const struct claim *holder = floor_check(talk->floor, now, &claim);
    if (holder != NULL) {
        return desk_problem(problem, event_of_holder(talk, EVENT_FLOOR_TAKEN, holder), STATUS_BUSY);
    }
    const char *turn_of = turns_check(talk->turns, now, command->group);
    if (turn_of != NULL && claim.priority == TALK_NORMAL) {
        snprintf(claim.identity, sizeof claim.identity, "%s", turn_of);
        return desk_problem(problem, event_of_holder(talk, EVENT_FLOOR_KEPT, &claim), STATUS_BUSY);
    }
    size_t nth;
    const struct turn_list *turn = turns_current(talk->turns, now, command->group, &nth);
    queue_open(talk->queue, command->group, turn == NULL ? NULL : &turn->order);
    status = begin(talk, now, group, claim.priority);
    if (status != STATUS_OK) {
        return problem_of(group, status, problem);
    }
    turns_end(talk->turns, command->group);
    floor_take(talk->floor, now, &talk->claim);
    talk->active = true;
    talk->began_ms = now.boot_ms;
    talk->longest_ms = talk->settings->longest_talk_ms;
    talk->began_utc_ms = now.utc_ms;
    const struct event event = event_about(talk, EVENT_OWN_TALK_BEGAN);
    desk_tell(talk->desk, now, &event);
    return STATUS_OK;
}

/* --- Voice ---------------------------------------------------------------------------------- */

/* Says that the session has ended, under the same protection as the voice; `more` times more than
 * once, each in a packet of its own. `order`: who is queued then. */
static void send_end(struct talk *talk, unsigned more, const struct queue_info *order) {
    uint8_t octets[RTP_HEADER_SIZE + QUEUE_INFO_SIZE], payload[MEDIA_MAX];
    uint16_t sequence;
    uint32_t rtp_time;
    voice_sender_next(talk->sender, &sequence, &rtp_time);
    struct writer rtp = writer_into(octets, sizeof octets);
    write_u8(&rtp, RTP_VERSION_2);
    write_u8(&rtp, MEDIA_END_TYPE);
    write_u16(&rtp, (uint16_t)(sequence + more));
    write_u32(&rtp, rtp_time + more * RTP_CLOCK_A_FRAME);
    write_u32(&rtp, talk->ssrc);
    if (order->count > 0) {
        queue_info_write(order, &rtp);
    }
    struct writer media = writer_into(payload, sizeof payload);
    if (media_seal(&talk->current.key, writer_span(&rtp), &media) == STATUS_OK) {
        air_send_to_group(talk->air, talk->group, FRAME_MEDIA, writer_span(&media));
    }
}

/* The last words, which fill no packet. */
static void send_last(struct talk *talk) {
    uint8_t payload[MEDIA_MAX];
    struct writer media = writer_into(payload, sizeof payload);
    if (media_finish(&talk->current.key, talk->sender, &media) == STATUS_OK && media.length > 0) {
        air_send_to_group(talk->air, talk->group, FRAME_MEDIA, writer_span(&media));
    }
}

/* Says the end on the air, if the key still may be used, and puts the session in the log of
 * sessions, with what its end is told by. */
static void finish(struct talk *talk, struct moment now, struct event event) {
    const struct gmk *gmk;
    const struct group *group =
        groups_gmk(talk->groups, talk->group, talk->current.key.key_id, &gmk);
    struct queue_info order = {.count = 0};
    if (event.kind != EVENT_FLOOR_LOST && event.kind != EVENT_OWN_TALK_SLEPT) {
        queue_order(talk->queue, now, &order);
    }
    bool may_send = group != NULL && gmk_is_usable(gmk, group, now) == STATUS_OK;
    group = groups_find(talk->groups, talk->group);
    if (may_send) {
        send_last(talk);
    }
    for (unsigned i = 0; may_send && i < TALK_ENDINGS; i++) {
        send_end(talk, i, &order);
    }
    turns_begin(talk->turns, now, talk->group, &order);
    struct view_session session = {.self = true,
                                   .began_utc_ms = talk->began_utc_ms,
                                   .lasted_ms = now.boot_ms - talk->began_ms};
    snprintf(session.talker, sizeof session.talker, "%s", own_identity(talk->desk));
    desk_show_name(talk->desk, session.talker, session.talker_name, &session.talker_name_kind);
    snprintf(session.group_name, sizeof session.group_name, "%s",
             group == NULL ? "" : group->parameters.name);
    journal_add_session(&talk->desk->journal, &session);
    desk_tell(talk->desk, now, &event);
    hearers_end(talk->hearers, now);
    talk_clear(talk);
}

void talk_end(struct talk *talk, struct moment now) {
    if (talk->active) {
        struct event event = event_about(talk, EVENT_OWN_TALK_ENDED);
        event.duration_ms = now.boot_ms - talk->began_ms;
        finish(talk, now, event);
    }
}

/* A session of an announcement and its end, which proves it. */
static enum status say_without_words(struct talk *talk, struct moment now, struct group *group,
                                     enum talk_priority priority) {
    const struct queue_info nobody = {.count = 0};
    talk->is_wordless = true;
    enum status status = begin(talk, now, group, priority);
    for (unsigned i = 0; status == STATUS_OK && i < TALK_ENDINGS; i++) {
        air_send_to_group(talk->air, talk->group, FRAME_ANNOUNCEMENT,
                          (struct span){talk->current.octets, talk->current.length});
        send_end(talk, i, &nobody);
    }
    talk_clear(talk);
    return status;
}

static enum status change_priority(struct talk *talk, struct moment now, struct group *group,
                                   enum talk_priority priority) {
    enum talk_priority earlier = talk->claim.priority;
    talk->claim.priority = priority;
    enum status status = announce_at_once(talk, now, said_if_waiting(talk, now), group);
    if (status != STATUS_OK) {
        talk->claim.priority = earlier;
        return status;
    }
    floor_take(talk->floor, now, &talk->claim);
    return STATUS_OK;
}

enum status talk_say_priority(struct talk *talk, struct moment now, const char *identity,
                              enum talk_priority priority, struct event *problem) {
    struct group *group;
    enum status status = check_group(talk, now, identity, &group, problem);
    if (status != STATUS_OK) {
        return status;
    }
    status = talk->active ? change_priority(talk, now, group, priority)
                          : say_without_words(talk, now, group, priority);
    return status == STATUS_OK ? status : problem_of(group, status, problem);
}

void talk_slept(struct talk *talk, struct moment now, int64_t slept_ms) {
    if (talk->active) {
        struct event event = event_about(talk, EVENT_OWN_TALK_SLEPT);
        event.duration_ms = slept_ms;
        talk->began_ms += slept_ms; /* nothing was said meanwhile */
        finish(talk, now, event);
    }
}

void talk_look(struct talk *talk, struct moment now) {
    const struct claim *winner = floor_taken_by(talk->floor, now);
    if (winner != NULL) {
        finish(talk, now, event_of_holder(talk, EVENT_FLOOR_LOST, winner));
    }
}

/* Warns before the longest time is over, and ends the talk then. */
static void end_in_time(struct talk *talk, struct moment now) {
    int64_t left_ms = talk->longest_ms - (now.boot_ms - talk->began_ms);
    if (left_ms <= TALK_WARNING_MS && !talk->is_warned) {
        struct event event = event_about(talk, EVENT_OWN_TALK_ENDS_SOON);
        event.duration_ms = left_ms;
        talk->is_warned = true;
        desk_tell(talk->desk, now, &event);
    }
    if (left_ms <= 0) {
        struct event event = event_about(talk, EVENT_OWN_TALK_TOO_LONG);
        event.duration_ms = talk->longest_ms;
        finish(talk, now, event);
    }
}

void talk_tick(struct talk *talk, struct moment now) {
    if (talk->active) {
        end_in_time(talk, now);
    }
}

int64_t talk_deadline(const struct talk *talk) {
    int64_t end_ms = talk->began_ms + talk->longest_ms;
    return !talk->active ? INT64_MAX : talk->is_warned ? end_ms : end_ms - TALK_WARNING_MS;
}

/* The announcement and one media payload, in one transmission where that goes out whole. */
static void send_both(struct talk *talk, const struct talker_gsk *announced, struct span media) {
    uint8_t payload[ANNOUNCEMENT_MAX + MEDIA_MAX + 4];
    struct writer both = writer_into(payload, sizeof payload);
    struct span announcement = {announced->octets, announced->length};
    write_span_u16(&both, announcement);
    write_span_u16(&both, media);
    if (air_takes_whole(talk->air, both.length)) {
        air_send_to_group(talk->air, talk->group, FRAME_ANNOUNCEMENT_AND_MEDIA, writer_span(&both));
        return;
    }
    /* Voice does not wait for all parts of the announcement to come through. */
    air_send_to_group(talk->air, talk->group, FRAME_ANNOUNCEMENT, announcement);
    air_send_to_group(talk->air, talk->group, FRAME_MEDIA, media);
}

/* Does RTP's clock not say what time has passed until the next packet's sound was captured, since
 * some was lost? Then the packets would be taken for old. */
static bool lags(const struct talk *talk, int64_t said_ms) {
    return llabs(said_ms - said_by_rtp(talk)) > TALK_LAG_MS;
}

/* One media payload on the air, of RTP time `rtp_time`, with the announcements that are due. The
 * one that comes goes after the current one: who hears it alone could not hear until then. */
static void send_media(struct talk *talk, uint32_t rtp_time, struct span media) {
    bool is_on_star = air_is_star(talk->air);
    bool comes =
        talk->coming.length > 0 && talker_gsk_goes_out(&talk->coming, rtp_time, is_on_star);
    if (talker_gsk_goes_out(&talk->current, rtp_time, is_on_star) || comes) {
        send_both(talk, &talk->current, media);
    } else {
        air_send_to_group(talk->air, talk->group, FRAME_MEDIA, media);
    }
    if (comes) {
        air_send_to_group(talk->air, talk->group, FRAME_ANNOUNCEMENT,
                          (struct span){talk->coming.octets, talk->coming.length});
    }
}

/* A GSK ends before its sequence numbers wrap, so that the rollover counter is always 0; the next
 * one is announced before that too, and begins with the first number. */
static enum status renew(struct talk *talk, struct moment now, int64_t said_ms,
                         struct group *group) {
    enum {
        WRAPS_SOON = UINT16_MAX + 1 - TALK_AHEAD_MS / VOICE_FRAME_MS
    };
    uint16_t sequence;
    uint32_t rtp_time;
    voice_sender_next(talk->sender, &sequence, &rtp_time);
    bool wraps_soon = sequence >= WRAPS_SOON, has_wrapped = sequence == 0;
    if (talk->coming.length == 0) {
        bool is_due = wraps_soon || now.boot_ms >= talk->refresh_due_ms - TALK_AHEAD_MS;
        return is_due ? announce(talk, now, said_ms, group, &talk->coming) : STATUS_OK;
    }
    if (has_wrapped || (now.boot_ms >= talk->refresh_due_ms && !wraps_soon)) {
        change_over(talk, now);
    }
    return STATUS_OK;
}

/* May the session go on? It takes up the group's current GMK when that is renewed. */
static enum status go_on(struct talk *talk, struct moment now, int64_t said_ms) {
    struct group *group = groups_find(talk->groups, talk->group);
    if (group == NULL) {
        return STATUS_NOT_FOUND;
    }
    standard_take_over(talk->desk, now, group);
    enum status status = gmk_is_usable(&group->current, group, now);
    if (status != STATUS_OK) {
        return status;
    }
    const uint8_t *start = talk->groups->roster->own.start;
    bool is_over = talk->current.key.key_id != group->current.id ||
                   memcmp(talk->current.start, start, sizeof talk->current.start) != 0 ||
                   lags(talk, said_ms);
    return is_over ? announce_at_once(talk, now, said_ms, group) : renew(talk, now, said_ms, group);
}

void talk_speak(struct talk *talk, struct moment now, int64_t waited_ms,
                const int16_t samples[VOICE_FRAME_SAMPLES]) {
    int64_t most_ms = waited_ms < TALK_WAITS_MS ? waited_ms : TALK_WAITS_MS;
    int64_t said_ms = now.boot_ms - (most_ms > 0 ? most_ms : 0);
    uint8_t payload[MEDIA_MAX];
    struct writer media = writer_into(payload, sizeof payload);
    uint16_t sequence;
    uint32_t rtp_time;
    talk_tick(talk, now);
    if (!talk->active) {
        return;
    }
    floor_speak(talk->floor, now);
    enum status status = go_on(talk, now, said_ms);
    voice_sender_next(talk->sender, &sequence, &rtp_time);
    unsigned lost_percent;
    if (hearers_loss(talk->hearers, now, &lost_percent)) {
        voice_sender_loss(talk->sender, lost_percent);
    }
    struct queue_info info;
    bool says = queue_says(talk->queue, now, &info);
    if (status == STATUS_OK) {
        status = media_build_saying(&talk->current.key, talk->sender, samples, says ? &info : NULL,
                                    &media);
    }
    if (status != STATUS_OK) {
        /* The key may be over: no more is sent under it, not even the end. */
        struct event event = event_about(talk, EVENT_OWN_TALK_CUT_OFF);
        event.check = status_name(status);
        desk_tell(talk->desk, now, &event);
        hearers_end(talk->hearers, now);
        talk_clear(talk);
        return;
    }
    talk->level = voice_level(samples);
    if (media.length > 0) {
        hearers_said(talk->hearers, now, rtp_time);
        send_media(talk, rtp_time, writer_span(&media));
    }
}

void talk_show(const struct talk *talk, struct moment now, struct view *view) {
    view->talking = talk->active;
    if (!talk->active || view->talker_count == VIEW_TALKERS_MAX) {
        return;
    }
    struct view_talker *row = &view->talkers[view->talker_count++];
    *row = (struct view_talker){
        .self = true, .elapsed_ms = now.boot_ms - talk->began_ms, .level = talk->level};
    snprintf(row->identity, sizeof row->identity, "%s", own_identity(talk->desk));
    desk_show_name(talk->desk, row->identity, row->name, &row->name_kind);
    snprintf(row->group, sizeof row->group, "%s", talk->group);
}
