/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/handset.h"
#include "app/handset/standard.h"

enum {
    RTP_HEADER_SIZE = 12,
    RTP_VERSION_2 = 0x80,
    RTP_CLOCK_A_FRAME = 48 * VOICE_FRAME_MS
};

void talk_clear(struct talk *talk) {
    gsc_free(talk->gsc);
    voice_sender_free(talk->sender);
    *talk = (struct talk){.active = false};
}

/* --- Media ---------------------------------------------------------------------------------- */

enum status media_build(uint32_t key_id, struct gsc *gsc, struct voice_sender *sender,
                        const int16_t samples[VOICE_FRAME_SAMPLES], struct writer *out,
                        uint8_t rtp_header[12]) {
    uint8_t room[RTP_PACKET_MAX];
    struct writer rtp = writer_into(room, sizeof room);
    enum status status = voice_sender_encode(sender, samples, &rtp);
    if (status == STATUS_OK && rtp.length < RTP_HEADER_SIZE) {
        status = STATUS_LIBRARY_FAILED;
    }
    if (status == STATUS_OK) {
        memcpy(rtp_header, room, RTP_HEADER_SIZE);
        write_u32(out, key_id);
        status = gsc_protect(gsc, writer_span(&rtp), out);
    }
    secret_wipe(room, sizeof room);
    return status == STATUS_OK ? writer_finish(out) : status;
}

void media_send(struct handset *handset, uint64_t peer, uint32_t key_id, struct gsc *gsc,
                struct voice_sender *sender, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    uint8_t payload[MEDIA_MAX], header[RTP_HEADER_SIZE];
    struct writer media = writer_into(payload, sizeof payload);
    if (media_build(key_id, gsc, sender, samples, &media, header) == STATUS_OK) {
        handset_send(handset, peer, FRAME_MEDIA, writer_span(&media));
    }
}

/* --- The announcement ----------------------------------------------------------------------- */

static enum status draw_fields(struct handset *handset, struct moment now,
                               const struct group *group, struct announcement_fields *fields) {
    int64_t group_now = group_clock_read(&group->clock, now);
    /* Each announcement is later than the one before: receivers refuse any other as a replay. */
    *fields = (struct announcement_fields){
        .ssrc = handset->talk.ssrc,
        .gmk_id = group->current.id,
        .utc_ms = group_now > group->own_talk_ms ? group_now : group->own_talk_ms + 1,
    };
    snprintf(fields->talker, sizeof fields->talker, "%s", own_identity(handset));
    snprintf(fields->group, sizeof fields->group, "%s", group->parameters.identity);
    enum status status = handset_draw_u32(handset, &fields->csb_id);
    if (status != STATUS_OK) {
        return status;
    }
    return entropy_draw(&handset->entropy, fields->rand, sizeof fields->rand);
}

/* A new GSK for the session: builds the announcement and its GSC, and makes durable when it was. */
static enum status announce(struct handset *handset, struct moment now, struct group *group) {
    struct talk *talk = &handset->talk;
    struct announcement_fields fields;
    uint8_t gsk[GSK_SIZE];
    struct gsc *gsc = NULL;
    struct writer out = writer_into(talk->announcement, sizeof talk->announcement);
    enum status status = draw_fields(handset, now, group, &fields);
    if (status == STATUS_OK) {
        status = entropy_draw(&handset->entropy, gsk, sizeof gsk);
    }
    if (status == STATUS_OK) {
        status = announcement_build(
            handset->keyring.provider, &fields, group->current.octets->octets, gsk,
            keyring_signing_key(&handset->keyring, fields.utc_ms), &handset->entropy, &out);
    }
    if (status == STATUS_OK) {
        status = gsc_new(gsk, 1, fields.csb_id, fields.rand, talk->ssrc, GSC_SEND, &gsc);
    }
    secret_wipe(gsk, sizeof gsk);
    if (status == STATUS_OK) {
        group->own_talk_ms = fields.utc_ms;
        status = handset_save_group(handset, group);
    }
    if (status != STATUS_OK) {
        gsc_free(gsc);
        return status;
    }
    gsc_free(talk->gsc);
    talk->gsc = gsc;
    talk->gmk_id = fields.gmk_id;
    talk->announcement_length = out.length;
    talk->repeat_due_ms = now.boot_ms;
    talk->refresh_due_ms = now.boot_ms + TALK_REFRESH_MS;
    return STATUS_OK;
}

static enum status start(struct handset *handset, struct moment now, struct group *group) {
    struct talk *talk = &handset->talk;
    uint32_t random;
    enum status status = handset_draw_u32(handset, &talk->ssrc);
    if (status == STATUS_OK) {
        status = handset_draw_u32(handset, &random);
    }
    if (status == STATUS_OK) {
        status = voice_sender_new(talk->ssrc, random & GSC_START_MAX, &talk->sender);
    }
    return status == STATUS_OK ? announce(handset, now, group) : status;
}

enum status talk_begin(struct handset *handset, struct moment now, const struct command *command,
                       char problem[VIEW_LOG_TEXT_SIZE]) {
    struct talk *talk = &handset->talk;
    struct group *group = handset_group(handset, command->group);
    if (group == NULL) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "There is no such group any more");
        return STATUS_NOT_FOUND;
    }
    if (talk->active || handset->call.state != CALL_NONE) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "You are talking already; end that first");
        return STATUS_BUSY;
    }
    standard_take_over(handset, now, group);
    enum status status = gmk_is_usable(group_shown_gmk(group), group, now);
    if (status == STATUS_OK) {
        status = start(handset, now, group);
    }
    if (status != STATUS_OK) {
        talk_clear(talk);
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "You cannot talk in %s: %s", group->parameters.name,
                 status_text(status));
        return status;
    }
    talk->active = true;
    talk->began_ms = now.boot_ms;
    talk->began_utc_ms = now.utc_ms;
    snprintf(talk->group, sizeof talk->group, "%s", command->group);
    handset_tell(handset, now, TELL_TALK_BEGAN, LOG_DETAIL, "You talk in %s",
                 group->parameters.name);
    return STATUS_OK;
}

/* --- Voice ---------------------------------------------------------------------------------- */

/* Says that the session has ended, under the same protection as the voice. */
static void send_end(struct handset *handset) {
    struct talk *talk = &handset->talk;
    uint8_t octets[RTP_HEADER_SIZE], payload[MEDIA_MAX];
    struct writer rtp = writer_into(octets, sizeof octets);
    write_u8(&rtp, RTP_VERSION_2);
    write_u8(&rtp, MEDIA_END_TYPE);
    write_u16(&rtp, ++talk->sequence);
    write_u32(&rtp, talk->timestamp += RTP_CLOCK_A_FRAME);
    write_u32(&rtp, talk->ssrc);
    struct writer media = writer_into(payload, sizeof payload);
    write_u32(&media, talk->gmk_id);
    if (gsc_protect(talk->gsc, writer_span(&rtp), &media) == STATUS_OK) {
        handset_send_to_group(handset, talk->group, FRAME_MEDIA, writer_span(&media));
    }
}

void talk_end(struct handset *handset, struct moment now) {
    struct talk *talk = &handset->talk;
    if (!talk->active) {
        return;
    }
    const struct gmk *gmk;
    const struct group *group = handset_gmk(handset, talk->gmk_id, &gmk);
    bool may_send = group != NULL && gmk_is_usable(gmk, group, now) == STATUS_OK;
    group = handset_group(handset, talk->group);
    for (int i = 0; may_send && i < TALK_ENDINGS; i++) {
        send_end(handset);
    }
    struct view_session session = {.self = true,
                                   .began_utc_ms = talk->began_utc_ms,
                                   .lasted_ms = now.boot_ms - talk->began_ms};
    snprintf(session.talker, sizeof session.talker, "%s", own_identity(handset));
    snprintf(session.talker_name, sizeof session.talker_name, "%s", handset->name);
    snprintf(session.group_name, sizeof session.group_name, "%s",
             group == NULL ? "" : group->parameters.name);
    journal_add_session(&handset->journal, &session);
    handset_tell(handset, now, TELL_TALK_ENDED, LOG_DETAIL, "You stopped talking");
    talk_clear(talk);
}

/* One media payload on the air; with the announcement before it when that is due. */
static void send_media(struct handset *handset, struct moment now, struct span media) {
    struct talk *talk = &handset->talk;
    if (now.boot_ms < talk->repeat_due_ms) {
        handset_send_to_group(handset, talk->group, FRAME_MEDIA, media);
        return;
    }
    talk->repeat_due_ms = now.boot_ms + TALK_REPEAT_MS;
    uint8_t payload[ANNOUNCEMENT_MAX + MEDIA_MAX + 4];
    struct writer both = writer_into(payload, sizeof payload);
    write_span_u16(&both, (struct span){talk->announcement, talk->announcement_length});
    write_span_u16(&both, media);
    handset_send_to_group(handset, talk->group, FRAME_ANNOUNCEMENT_AND_MEDIA, writer_span(&both));
}

/* May the session go on? It takes up the group's current GMK when it is renewed. */
static enum status go_on(struct handset *handset, struct moment now) {
    struct talk *talk = &handset->talk;
    struct group *group = handset_group(handset, talk->group);
    if (group == NULL) {
        return STATUS_NOT_FOUND;
    }
    standard_take_over(handset, now, group);
    enum status status = gmk_is_usable(&group->current, group, now);
    bool is_due = now.boot_ms >= talk->refresh_due_ms || talk->gmk_id != group->current.id;
    return status == STATUS_OK && is_due ? announce(handset, now, group) : status;
}

void talk_speak(struct handset *handset, struct moment now,
                const int16_t samples[VOICE_FRAME_SAMPLES]) {
    struct talk *talk = &handset->talk;
    uint8_t payload[MEDIA_MAX], header[RTP_HEADER_SIZE];
    struct writer media = writer_into(payload, sizeof payload);
    enum status status = go_on(handset, now);
    if (status == STATUS_OK) {
        status = media_build(talk->gmk_id, talk->gsc, talk->sender, samples, &media, header);
    }
    if (status != STATUS_OK) {
        /* The key may be over: no more is sent under it, not even the end. */
        handset_tell(handset, now, TELL_TALK_ENDED, LOG_WARNING, "Your talk was cut off: %s",
                     status_text(status));
        talk_clear(talk);
        return;
    }
    struct reader r = reader_of(SPAN_OF(header));
    (void)read_u16(&r);
    talk->sequence = read_u16(&r);
    talk->timestamp = read_u32(&r);
    talk->level = voice_level(samples);
    send_media(handset, now, writer_span(&media));
}

void talk_show(const struct handset *handset, struct moment now, struct view *view) {
    const struct talk *talk = &handset->talk;
    view->talking = talk->active;
    if (!talk->active || view->talker_count == VIEW_TALKERS_MAX) {
        return;
    }
    struct view_talker *row = &view->talkers[view->talker_count++];
    *row = (struct view_talker){
        .self = true, .elapsed_ms = now.boot_ms - talk->began_ms, .level = talk->level};
    snprintf(row->identity, sizeof row->identity, "%s", own_identity(handset));
    snprintf(row->name, sizeof row->name, "%s", handset->name);
    snprintf(row->group, sizeof row->group, "%s", talk->group);
}
