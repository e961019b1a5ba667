/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deluge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/fragment.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/handset.h"
#include "app/handset/keys/hours.h"
#include "junk.h"

enum {
    FIRST_ADDRESS = 1000,
    JUNK_MAX = 400,
    SSRC_AT = 12, /* of media: after the GMK id and eight octets of RTP */
};

const char *deluge_name(enum deluge_kind kind) {
    static const char *const names[DELUGE_KINDS] = {"presences",
                                                    "I_MESSAGEs",
                                                    "strange announcements",
                                                    "forged announcements",
                                                    "copied announcements",
                                                    "voice",
                                                    "reports, requests",
                                                    "parts",
                                                    "deliveries"};
    return names[kind];
}

static void build(struct deluge *deluge, size_t which, const uint8_t gmk[GMK_SIZE]) {
    const struct handset *engine = deluge->town->handsets[deluge->talker].engine;
    const struct group *group = engine->groups.list[0];
    struct moment now = town_now(deluge->town);
    struct announcement_fields fields = {.csb_id = 7,
                                         .ssrc = 9,
                                         .gmk_id = group->current.id,
                                         .hour = hours_now(group, now),
                                         .utc_ms = group_clock_read(&group->clock, now)};
    const uint8_t gsk[GSK_SIZE] = {2};
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(deluge->talker));
    snprintf(fields.group, sizeof fields.group, "%s", group->parameters.identity);
    struct writer w = writer_into(deluge->octets[which], ANNOUNCEMENT_MAX);
    assert_int_equal(announcement_build(squad_provider(), &fields, gmk, gsk,
                                        squad_signing_key(SQUAD_STRANGER), &entropy_system, &w),
                     STATUS_OK);
    deluge->lengths[which] = w.length;
}

void deluge_begin(struct deluge *deluge) {
    struct town *town = deluge->town;
    uint8_t gmk[GMK_SIZE] = {1};
    build(deluge, 0, gmk);
    uint32_t gmk_id = town->handsets[deluge->talker].engine->groups.list[0]->current.id;
    assert_true(handset_reveal_gmk(town->handsets[deluge->talker].engine, gmk_id, gmk));
    build(deluge, 1, gmk);
}

static void write_presence(struct deluge *deluge, struct writer *w) {
    char identity[IDENTITY_SIZE];
    uint64_t number = junk_number(&deluge->random);
    snprintf(identity, sizeof identity, "urn:gsma:imei:90420156-%06u-0",
             (unsigned)(number % 1000000));
    junk_presence(&deluge->random, town_now(deluge->town).utc_ms,
                  number % 2 == 0 ? identity : squad_identity(deluge->talker), w);
}

/* A copy with another signature, and, of a strange group, another GMK id. */
static void write_announcement(struct deluge *deluge, size_t which, bool is_strange,
                               struct writer *w) {
    struct span octets = {deluge->octets[which], deluge->lengths[which]};
    uint8_t copy[ANNOUNCEMENT_MAX];
    struct announcement announcement;
    memcpy(copy, octets.octets, octets.length);
    assert_int_equal(announcement_parse((struct span){copy, octets.length}, &announcement),
                     STATUS_OK);
    size_t signature_at = (size_t)(announcement.signature.octets - copy);
    junk_fill(&deluge->random, copy + signature_at, announcement.signature.length);
    for (size_t i = 0; is_strange && i + 4 < signature_at; i++) {
        uint8_t id[4] = {(uint8_t)(announcement.fields.gmk_id >> 24),
                         (uint8_t)(announcement.fields.gmk_id >> 16),
                         (uint8_t)(announcement.fields.gmk_id >> 8),
                         (uint8_t)announcement.fields.gmk_id};
        if (memcmp(copy + i, id, sizeof id) == 0) {
            junk_fill(&deluge->random, copy + i + 1, 3);
        }
    }
    write_span(w, (struct span){copy, octets.length});
}

/* Junk that begins like what is said in the group, or in another one. */
static void write_junk(struct deluge *deluge, struct writer *w) {
    const struct handset *engine = deluge->town->handsets[deluge->talker].engine;
    uint8_t junk[JUNK_MAX];
    junk_fill(&deluge->random, junk, sizeof junk);
    junk[4] = 0x80; /* RTP */
    uint32_t ssrc = engine->talk.ssrc;
    bool is_own = junk[0] % 2 == 0;
    struct writer begin = writer_into(junk, 4);
    write_u32(&begin, is_own ? engine->groups.list[0]->current.id : junk[1]);
    if (is_own && engine->talk.active) {
        struct writer at = writer_into(junk + SSRC_AT, 4);
        write_u32(&at, ssrc);
    }
    write_span(w, (struct span){junk, 120 + junk_number(&deluge->random) % 80});
}

static enum frame_kind write_one(struct deluge *deluge, struct writer *w) {
    bool is_even = junk_number(&deluge->random) % 2 == 0;
    switch (deluge->kind) {
    case DELUGE_PRESENCES:
        write_presence(deluge, w);
        return FRAME_PRESENCE;
    case DELUGE_STRANGE_ANNOUNCEMENTS:
        write_announcement(deluge, 0, true, w);
        return FRAME_ANNOUNCEMENT;
    case DELUGE_FORGED_ANNOUNCEMENTS:
        write_announcement(deluge, 0, false, w);
        return FRAME_ANNOUNCEMENT;
    case DELUGE_COPIED_ANNOUNCEMENTS:
        write_announcement(deluge, 1, false, w);
        return FRAME_ANNOUNCEMENT;
    default:
        write_junk(deluge, w);
    }
    switch (deluge->kind) {
    case DELUGE_I_MESSAGES:
        return FRAME_D2D;
    case DELUGE_VOICE:
        return FRAME_MEDIA;
    case DELUGE_REPORTS:
        return is_even ? FRAME_VOICE_REPORT : FRAME_FLOOR;
    case DELUGE_PARTS:
        return FRAME_FRAGMENT;
    default:
        return is_even ? FRAME_KEY_DELIVERY : FRAME_RECEIPT;
    }
}

/* Into all that hear the medium directly. */
static void rain(struct deluge *deluge) {
    uint8_t payload[ANNOUNCEMENT_MAX], octets[FRAME_MAX];
    struct town *town = deluge->town;
    struct writer w = writer_into(payload, sizeof payload);
    struct frame frame = {.hops_left = FRAME_HOPS, .id = junk_number(&deluge->random)};
    frame.kind = write_one(deluge, &w);
    frame.payload = writer_span(&w);
    if (deluge->is_enrolled) {
        town_mark(town, &frame);
    }
    struct writer out = writer_into(octets, sizeof octets);
    frame_write(&out, &frame);
    size_t from = deluge->addresses == 0
                      ? deluge->talker
                      : FIRST_ADDRESS + junk_number(&deluge->random) % deluge->addresses;
    bool is_star = (town->stars & 1u << deluge->medium) != 0;
    for (size_t n = 0; n < town->count; n++) {
        const struct town_handset *handset = &town->handsets[n];
        for (unsigned link = 0; link < handset->link_count; link++) {
            uint64_t number = handset->link_count == 1 ? 0 : (uint64_t)(link + 1) << LINK_SHIFT;
            if (handset->media[link] == deluge->medium &&
                (!is_star || town->hubs[deluge->medium] == n)) {
                handset_frame(handset->engine, town_now(town), number | (from + 1),
                              writer_span(&out));
            }
        }
    }
}

void deluge_run(struct deluge *deluge, int64_t ms) {
    int64_t due = 0;
    for (int64_t passed = 0; passed < ms; passed++) {
        for (due += deluge->a_second; due >= 1000; due -= 1000) {
            rain(deluge);
        }
        town_run(deluge->town, 1);
    }
}
