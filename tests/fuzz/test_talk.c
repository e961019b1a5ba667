/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A member who talks: an announcement under the group's key with whatever fields, under which comes
 * whatever RTP, with right tags and signatures. The input: what the announcement says, then for
 * each packet its length (1) and what stands after its sequence number and time. Bits that RTP
 * fixes say what happens to it on its way: CHANGED, a copy with one octet changed comes before it;
 * LOST, it does not come itself.
 *
 * With an SSRC of 4 the announcement has a ticket, its length (2) and its octets; who talks is then
 * nobody of the group's list, unless the input says that it is. With the highest bit of the CSB ID
 * all is in the standard group, of which nobody has a list. With the next one the announcement
 * comes after the first packet, and with the third another member has talked for a while when all
 * begins.
 */
#include <string.h>

#include "held.h"
#include "tests/app/speaker.h"

enum {
    PACKETS_MAX = 12,
    RTP_FIXED = 12,
    CHANGED = 0x80, /* in the first octet */
    LOST = 0x40,
    CHANGED_FROM = 4 + RTP_FIXED, /* behind what says of which talk it is, and its number */
    OTHER_PACKETS = 4,
    OTHER_EVERY_MS = 400, /* so the other has talked for longer than two collide */
};

static const uint32_t in_standard_group = UINT32_C(0x80000000);
static const uint32_t comes_late = UINT32_C(0x40000000);
static const uint32_t after_another = UINT32_C(0x20000000);

/* The one that the input talks in. */
static const struct group *group_of(uint32_t csb_id) {
    const struct groups *groups = &held_handset()->groups;
    bool is_standard = (csb_id & in_standard_group) != 0 && groups->count > 1 &&
                       groups->list[1]->current.octets != NULL;
    return groups->list[is_standard];
}

static struct announcement_fields fields_of(struct reader *input) {
    struct squad *squad = held_squad();
    struct moment now = squad_now(squad, HELD);
    uint32_t csb_id = read_u32(input);
    const struct group *group = group_of(csb_id);
    struct announcement_fields fields = {
        .csb_id = csb_id, .gmk_id = group->current.id, .hour = group->current.hour};
    uint8_t choice = read_u8(input);
    fields.ssrc = 1 + choice % 4;
    fields.utc_ms = group_clock_read(&group->clock, now) + (int8_t)read_u8(input) * INT64_C(40);
    fields.is_doubted = (choice & 4) != 0;
    fields.hour += (choice & 8) != 0 ? read_u8(input) : 0;
    bool is_late = fields.ssrc == 4;
    size_t talker = (choice & 16) != 0 ? 2 : is_late ? SQUAD_STRANGER : 0;
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(talker));
    snprintf(fields.group, sizeof fields.group, "%s", group->parameters.identity);
    fields.proof.age_ms = now.boot_ms;
    fields.proof.priority = (choice & 32) != 0 ? TALK_EMERGENCY : TALK_NORMAL;
    fields.proof.began_ms = fields.utc_ms - read_u8(input) * INT64_C(100);
    memset(fields.proof.session, read_u8(input), sizeof fields.proof.session);
    memset(fields.proof.start, choice >> 6, sizeof fields.proof.start);
    if (is_late) {
        fields.ticket = held_take(input, read_u16(input) % (TICKET_MAX + 1));
    }
    return fields;
}

/* The input's octets with a head that belongs to the session, so that they get behind it. */
static struct span packet_of(struct span rest, const struct announcement_fields *fields,
                             uint16_t sequence, uint32_t time, uint8_t room[RTP_PACKET_MAX]) {
    struct writer rtp = writer_into(room, RTP_PACKET_MAX);
    write_u8(&rtp, rest.length > 0 ? (uint8_t)(0x80 | (rest.octets[0] & 0x3F)) : 0x80);
    write_u8(&rtp, rest.length > 1 ? rest.octets[1] : 96);
    write_u16(&rtp, sequence);
    write_u32(&rtp, time);
    write_u32(&rtp, fields->ssrc);
    if (rest.length > 2) {
        write_span(&rtp, (struct span){rest.octets + 2, rest.length - 2});
    }
    return writer_span(&rtp);
}

/* A sealed packet on its way. */
static void pass(struct span rest, uint8_t room[MEDIA_MAX], size_t length) {
    const struct span media = {room, length};
    uint8_t how = rest.length > 0 ? rest.octets[0] : 0;
    if ((how & CHANGED) != 0) {
        size_t at = CHANGED_FROM + rest.octets[rest.length - 1] % (length - CHANGED_FROM);
        room[at] ^= 1;
        squad_inject_payload(held_squad(), HELD, 0, FRAME_MEDIA, media);
        room[at] ^= 1;
    }
    if ((how & LOST) == 0) {
        squad_inject_payload(held_squad(), HELD, 0, FRAME_MEDIA, media);
    }
}

static void announce(const struct speaker *speaker) {
    squad_inject_payload(held_squad(), HELD, 0, FRAME_ANNOUNCEMENT, speaker_announcement(speaker));
}

/* Another member says something now and then, and then the time of the input is later. */
static void let_another_talk(struct announcement_fields *fields, const struct group *group) {
    struct squad *squad = held_squad();
    size_t who = strcmp(fields->talker, squad_identity(2)) == 0 ? 0 : 2;
    struct announcement_fields others = *fields;
    uint16_t sequence;
    uint32_t time;
    others.ssrc = 9;
    others.csb_id++;
    others.ticket = (struct span){NULL, 0};
    others.proof.began_ms = others.utc_ms;
    memset(others.proof.session, ~fields->proof.session[0], sizeof others.proof.session);
    snprintf(others.talker, sizeof others.talker, "%s", squad_identity(who));
    struct speaker other =
        speaker_new(others, secret_span(group->current.octets).octets, squad_signing_key(who));
    voice_sender_next(other.sender, &sequence, &time);
    announce(&other);
    for (unsigned i = 0; i < OTHER_PACKETS; i++) {
        uint8_t rtp[RTP_PACKET_MAX], room[MEDIA_MAX];
        struct writer media = writer_into(room, sizeof room);
        struct span packet = packet_of((struct span){NULL, 0}, &others, sequence++, time, rtp);
        must(media_seal(&other.key, packet, &media) == STATUS_OK);
        squad_inject_payload(squad, HELD, 0, FRAME_MEDIA, writer_span(&media));
        time += OTHER_EVERY_MS * RTP_CLOCK_PER_MS;
        squad->boot_ms += OTHER_EVERY_MS;
    }
    fields->utc_ms += OTHER_PACKETS * OTHER_EVERY_MS;
    fields->proof.age_ms += OTHER_PACKETS * OTHER_EVERY_MS;
    speaker_clear(&other);
}

static void speak(struct reader *input, struct speaker *speaker,
                  const struct announcement_fields *fields) {
    struct squad *squad = held_squad();
    uint16_t sequence = speaker->key.sequence;
    uint32_t time;
    bool is_early = (fields->csb_id & comes_late) != 0;
    voice_sender_next(speaker->sender, &sequence, &time);
    for (unsigned i = 0; i < PACKETS_MAX && reader_left(input) > 1; i++) {
        if (is_early && i == 1) {
            announce(speaker);
        }
        uint8_t rtp[RTP_PACKET_MAX], room[MEDIA_MAX];
        int16_t samples[VOICE_FRAME_SAMPLES];
        struct writer media = writer_into(room, sizeof room);
        struct span rest = held_take(input, read_u8(input));
        struct span packet = packet_of(rest, fields, sequence++, time, rtp);
        time +=
            VOICE_FRAME_MS * RTP_CLOCK_PER_MS; /* slower, each would be numbered too far ahead */
        if (media_seal(&speaker->key, packet, &media) == STATUS_OK) {
            pass(rest, room, media.length);
        }
        squad->boot_ms += VOICE_FRAME_MS;
        (void)handset_listen(held_handset(), squad_now(squad, HELD), samples);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct reader input = reader_of((struct span){octets, length});
    struct announcement_fields fields = fields_of(&input);
    if (input.failed) {
        return 0;
    }
    const struct group *group = group_of(fields.csb_id);
    if ((fields.csb_id & after_another) != 0) {
        let_another_talk(&fields, group);
    }
    size_t signer = strcmp(fields.talker, squad_identity(2)) == 0 ? 2 : 0;
    struct speaker speaker =
        speaker_new(fields, secret_span(group->current.octets).octets, squad_signing_key(signer));
    if ((fields.csb_id & comes_late) == 0) {
        announce(&speaker);
    }
    speak(&input, &speaker, &fields);
    speaker_clear(&speaker);
    held_rest();
    return 0;
}
