/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/said.h"

#include <sodium.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "crypto/announcement.h"

/* Of all octets: a copy that somebody damaged is not what was said, and no handset hears it. */
static uint64_t tag_of(struct span media) {
    uint8_t hash[crypto_generichash_BYTES_MIN];
    (void)crypto_generichash(hash, sizeof hash, media.octets, media.length, NULL, 0);
    struct reader r = reader_of(SPAN_OF(hash));
    return read_u64(&r);
}

static struct said_voice *voice_of(struct said *said, struct span media) {
    uint64_t tag = tag_of(media);
    for (size_t i = said->voice_count; i > 0; i--) {
        if (said->voice[i - 1].tag == tag) {
            return &said->voice[i - 1];
        }
    }
    return NULL;
}

struct said_announcement *said_announcement(struct said *said, struct span octets) {
    struct announcement announcement;
    if (announcement_parse(octets, &announcement) != STATUS_OK) {
        return NULL;
    }
    for (size_t i = 0; i < said->announcement_count; i++) {
        if (said->announcements[i].csb_id == announcement.fields.csb_id) {
            return &said->announcements[i];
        }
    }
    return NULL;
}

struct said_announcement *said_add(struct said *said, size_t talker, uint32_t csb_id,
                                   uint32_t gmk_id, int64_t now_ms) {
    if (said->announcement_count == SAID_ANNOUNCEMENTS_MAX) {
        return NULL;
    }
    struct said_announcement *added = &said->announcements[said->announcement_count++];
    *added = (struct said_announcement){
        .talker = talker, .csb_id = csb_id, .gmk_id = gmk_id, .made_ms = now_ms, .sent_ms = now_ms};
    return added;
}

void said_add_voice(struct said *said, size_t talker, struct span media, int64_t now_ms) {
    const struct said_announcement *latest = NULL;
    for (size_t i = said->announcement_count; i > 0 && latest == NULL; i--) {
        latest = said->announcements[i - 1].talker == talker ? &said->announcements[i - 1] : NULL;
    }
    if (said->voice_count < SAID_VOICE_MAX) {
        said->voice[said->voice_count++] = (struct said_voice){
            .tag = tag_of(media), .talker = talker, .sent_ms = now_ms, .announcement = latest};
    }
}

/* What the arriving frame carries of a talk; either may be NULL. */
static void take_apart(struct said *said, struct said_announcement **announcement,
                       struct said_voice **voice) {
    struct frame frame;
    *announcement = NULL;
    *voice = NULL;
    if (frame_read(said->arriving, &frame) != STATUS_OK) {
        return;
    }
    struct reader r = reader_of(frame.payload);
    if (frame.kind == FRAME_ANNOUNCEMENT) {
        *announcement = said_announcement(said, frame.payload);
    } else if (frame.kind == FRAME_MEDIA) {
        *voice = voice_of(said, frame.payload);
    } else if (frame.kind == FRAME_ANNOUNCEMENT_AND_MEDIA) {
        *announcement = said_announcement(said, read_span_u16(&r));
        *voice = voice_of(said, read_span_u16(&r));
    }
}

void said_arrives(struct said *said, struct span frame) {
    said->arriving = frame;
}

const struct said_announcement *said_arriving(const struct said *said) {
    struct said_announcement *announcement;
    struct said_voice *voice;
    take_apart((struct said *)(uintptr_t)said, &announcement, &voice);
    return announcement;
}

void said_arrived(struct said *said, size_t n) {
    struct said_announcement *announcement;
    struct said_voice *voice;
    take_apart(said, &announcement, &voice);
    if (voice != NULL && said->shows[n][voice->talker]) {
        voice->heard |= UINT32_C(1) << n;
    } else if (voice != NULL) {
        voice->kept |= UINT32_C(1) << n;
    }
    said->arriving = (struct span){NULL, 0};
}

/* Voice that came before its announcement, and was kept for it: the latest that n did not hear. */
static const struct said_voice *kept_for(const struct said *said, size_t n,
                                         const struct said_announcement *announcement) {
    for (size_t i = said->voice_count; i > 0; i--) {
        const struct said_voice *voice = &said->voice[i - 1];
        if (voice->announcement == announcement && (voice->kept >> n & 1) != 0 &&
            (voice->heard >> n & 1) == 0) {
            return voice;
        }
    }
    return NULL;
}

const struct said_voice *said_begins(struct said *said, size_t n, size_t talker) {
    struct said_announcement *announcement;
    struct said_voice *voice;
    take_apart(said, &announcement, &voice);
    said->shows[n][talker] = true;
    /* A stranger may have damaged the voice beside an announcement that is genuine. */
    if (voice == NULL && announcement != NULL && announcement->talker == talker) {
        return kept_for(said, n, announcement);
    }
    return voice != NULL && voice->talker == talker && (voice->heard >> n & 1) == 0 ? voice : NULL;
}

void said_ends(struct said *said, size_t n, size_t talker) {
    said->shows[n][talker] = false;
}

void said_forget(struct said *said, size_t n) {
    memset(said->shows[n], 0, sizeof said->shows[n]);
}
