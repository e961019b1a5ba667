/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/stranger.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/handset/air/roster.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/talk/talk.h"
#include "tests/sim/provider_cache.h"
#include "tests/sim/shadow.h"
#include "tests/sim/wicked.h"

enum {
    HEARD_MAX = 128,
    ANNOUNCEMENTS_HEARD = 8,
    FRAME_ID_AT = 4,
    BITS_MAX = 3
};

struct overheard {
    uint8_t *octets;
    size_t length;
};

/* What it heard last. */
struct memory {
    size_t next;
    size_t size;
    struct overheard heard[HEARD_MAX];
};

struct stranger {
    bool enrolled;
    struct memory all;
    struct memory announcements; /* few among all the voice, so that they are kept apart */
    struct entropy_seeded seeded;
    struct entropy entropy;
    struct wicked *wicked; /* NULL when it is not enrolled */
};

static void remember(struct memory *memory, const struct air_frame *frame) {
    struct overheard *heard = &memory->heard[memory->next++ % memory->size];
    free(heard->octets);
    heard->length = frame->length;
    heard->octets = malloc(frame->length + 1);
    if (heard->octets == NULL) {
        abort();
    }
    memcpy(heard->octets, frame->octets, frame->length);
}

static void listen(void *context, const struct air_frame *frame) {
    struct stranger *stranger = context;
    remember(&stranger->all, frame);
    if (stranger->wicked != NULL) {
        wicked_hear(stranger->wicked, frame);
    }
    if (frame->length > 1 && frame->octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA) {
        remember(&stranger->announcements, frame);
    }
}

struct stranger *stranger_new(struct world *world) {
    struct stranger *stranger = calloc(1, sizeof *stranger);
    if (stranger == NULL) {
        abort();
    }
    stranger->all.size = HEARD_MAX;
    stranger->announcements.size = ANNOUNCEMENTS_HEARD;
    stranger->enrolled = world_chance(world, 2) == 0;
    stranger->entropy = entropy_from_seed(&stranger->seeded, world->seed * 100 + DOMAIN_STRANGER);
    stranger->wicked = stranger->enrolled ? wicked_new(world->seed) : NULL;
    air_observe(world->air, listen, stranger);
    return stranger;
}

void stranger_free(struct stranger *stranger) {
    if (stranger->wicked != NULL) {
        wicked_free(stranger->wicked);
    }
    for (size_t i = 0; i < HEARD_MAX; i++) {
        free(stranger->all.heard[i].octets);
        free(stranger->announcements.heard[i].octets);
    }
    free(stranger);
}

static unsigned any_port(struct world *world) {
    return 1 + world_chance(world, (unsigned)world->count + 1);
}

/* To one handset or to all, from the place of any handset or from its own. */
static void send(struct world *world, const uint8_t *octets, size_t length) {
    uint64_t to = world_chance(world, 2) == 0 ? PEER_ALL : any_port(world);
    (void)air_inject(world->air, any_port(world), to, octets, length);
}

static void new_frame_id(struct world *world, uint8_t *octets, size_t length) {
    for (size_t i = FRAME_ID_AT; i < FRAME_HEADER_SIZE && i < length; i++) {
        octets[i] = (uint8_t)world_chance(world, 256);
    }
}

static void alter(struct world *world, uint8_t *octets, size_t length) {
    for (unsigned bits = 1 + world_chance(world, BITS_MAX); bits > 0 && length > 0; bits--) {
        octets[world_chance(world, (unsigned)length)] ^= (uint8_t)(1U << world_chance(world, 8));
    }
}

/* Something it heard: as it was, under a new frame id, with changed bits, or cut short. */
static void send_again(struct world *world) {
    const struct memory *memory =
        world_chance(world, 3) == 0 ? &world->stranger->announcements : &world->stranger->all;
    const struct overheard *heard = &memory->heard[world_chance(world, (unsigned)memory->size)];
    if (heard->octets == NULL) {
        return;
    }
    uint8_t octets[FRAME_MAX];
    size_t length = heard->length < sizeof octets ? heard->length : sizeof octets;
    memcpy(octets, heard->octets, length);
    unsigned way = world_chance(world, 4);
    if (way > 0) {
        new_frame_id(world, octets, length);
    }
    if (way == 2) {
        alter(world, octets, length);
    } else if (way == 3) {
        length = world_chance(world, (unsigned)length + 1);
    }
    send(world, octets, length);
}

static void send_frame(struct world *world, enum frame_kind kind, struct span payload) {
    uint8_t octets[FRAME_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    frame_write(&w, &(struct frame){.kind = kind, .payload = payload});
    new_frame_id(world, octets, w.length);
    send(world, octets, w.length);
}

/* The signing key it has: its own, or, when it is not enrolled, one of another identity that it got
 * hold of. Never that of `victim`. */
static const struct domain_member *signer(struct world *world, size_t victim) {
    if (world->stranger->enrolled) {
        return domain_member(DOMAIN_STRANGER);
    }
    return domain_member((victim + 1 + world_chance(world, (unsigned)world->count - 1)) %
                         world->count);
}

static void forge_presence(struct world *world) {
    size_t victim = world_chance(world, DOMAIN_HANDSETS);
    struct presence presence = {.utc_ms = world_moment(world, 0).utc_ms, .name = "unit 0"};
    memcpy(presence.identity, domain_member(victim)->identity, sizeof presence.identity);
    memcpy(presence.kms, domain_kms, strlen(domain_kms) + 1);
    struct keyring keyring = {.provider = provider_cache(), .count = 1};
    keyring.sets[0].signing_key = signer(world, victim % world->count)->signing_key;
    if (victim >= world->count) {
        keyring.sets[0].signing_key = domain_member(DOMAIN_STRANGER)->signing_key;
    }
    uint8_t payload[PRESENCE_MAX];
    struct writer w = writer_into(payload, sizeof payload);
    if (presence_write(&w, &presence, &keyring, &world->stranger->entropy) == STATUS_OK) {
        send_frame(world, FRAME_PRESENCE, writer_span(&w));
    }
}

/* Under a stolen GMK in the name of another member, or signed rightly by who is no member. */
static void forge_announcement(struct world *world) {
    const struct shadow *shadow = world->shadow;
    if (shadow->gmk_count == 0) {
        return;
    }
    const struct shadow_gmk *gmk = &shadow->gmks[world_chance(world, (unsigned)shadow->gmk_count)];
    size_t victim = world_chance(world, (unsigned)world->count);
    const struct domain_member *by = signer(world, victim);
    bool as_itself = world_chance(world, 2) == 0 && world->stranger->enrolled;
    struct announcement_fields fields = {
        .csb_id = world_chance(world, UINT32_MAX),
        .ssrc = world_chance(world, UINT32_MAX),
        .utc_ms = shadow_group_time(world, gmk),
        .gmk_id = gmk->id,
    };
    memcpy(fields.group, gmk->group, sizeof fields.group);
    memcpy(fields.talker, as_itself ? by->identity : domain_member(victim)->identity,
           sizeof fields.talker);
    const uint8_t gsk[GSK_SIZE] = {1};
    uint8_t payload[ANNOUNCEMENT_MAX];
    struct writer w = writer_into(payload, sizeof payload);
    if (announcement_build(provider_cache(), &fields, gmk->octets, gsk, by->signing_key,
                           &world->stranger->entropy, &w) == STATUS_OK) {
        send_frame(world, FRAME_ANNOUNCEMENT, writer_span(&w));
    }
}

/* An I_MESSAGE in the name of one handset to another, with a TGK that the stranger knows. */
static void forge_i_message(struct world *world) {
    struct shadow *shadow = world->shadow;
    size_t victim = world_chance(world, (unsigned)world->count);
    size_t target = (victim + 1 + world_chance(world, (unsigned)world->count - 1)) % world->count;
    const uint8_t share[SHARE_SIZE] = {9};
    struct i_message_fields fields = {
        .key_id = key_id_in_space(KEY_ID_SPACE_TGK, world_chance(world, UINT32_MAX)),
        .utc_ms = world_moment(world, target).utc_ms,
        .share = SPAN_OF(share),
    };
    memcpy(fields.initiator, domain_member(victim)->identity, IDENTITY_SIZE);
    memcpy(fields.responder, domain_member(target)->identity, IDENTITY_SIZE);
    memcpy(fields.initiator_kms, domain_kms, strlen(domain_kms) + 1);
    memcpy(fields.responder_kms, domain_kms, strlen(domain_kms) + 1);
    const uint8_t tgk[SSV_SIZE] = {(uint8_t)world_chance(world, 4)};
    uint8_t message[I_MESSAGE_MAX];
    uint8_t payload[I_MESSAGE_MAX + D2D_HEADER_SIZE];
    struct writer w = writer_into(message, sizeof message);
    if (i_message_build(provider_cache(), &fields, domain_key(), &domain_member(target)->identifier,
                        signer(world, victim)->signing_key, tgk, &world->stranger->entropy,
                        &w) != STATUS_OK) {
        return;
    }
    uint8_t hash[D2D_HASH_SIZE];
    crypto_hash_sha256(hash, message, w.length);
    struct reader id = reader_of(SPAN_OF(hash));
    struct writer open = writer_into(payload, sizeof payload);
    shadow->forgeries[shadow->forgery_count % SHADOW_FORGERIES_MAX] = read_u64(&id);
    write_span(&open, (struct span){hash, sizeof(uint64_t)});
    write_u8(&open, D2D_OPEN);
    write_span(&open, writer_span(&w));
    shadow->forgery_count += shadow->forgery_count < SHADOW_FORGERIES_MAX;
    send_frame(world, FRAME_D2D, writer_span(&open));
}

void stranger_go_on(struct world *world) {
    if (world->stranger->wicked != NULL) {
        wicked_go_on(world, world->stranger->wicked);
    }
}

void stranger_act(struct world *world) {
    world->shadow->count.forgeries++;
    if (world->stranger->wicked != NULL && world_chance(world, 3) == 0) {
        world_note(world, "the stranger opens a connection in its own name");
        wicked_open(world, world->stranger->wicked);
        return;
    }
    switch (world_chance(world, 8)) {
    case 0:
        world_note(world, "the stranger forges a presence");
        forge_presence(world);
        break;
    case 1:
        world_note(world, "the stranger forges an announcement");
        forge_announcement(world);
        break;
    case 2:
        world_note(world, "the stranger forges an I_MESSAGE");
        forge_i_message(world);
        break;
    default:
        world_note(world, "the stranger sends again what it heard");
        for (unsigned times = 1 + world_chance(world, 6); times > 0; times--) {
            send_again(world);
        }
        break;
    }
}
