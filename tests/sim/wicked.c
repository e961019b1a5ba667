/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/wicked.h"

#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/d2d/record.h"
#include "tests/sim/provider_cache.h"
#include "tests/sim/shadow.h"

struct wicked {
    struct keyring keyring;
    struct entropy_seeded seeded;
    struct entropy entropy;
    struct d2d *d2d; /* NULL when no connection is under way */
    size_t target;
    uint64_t frames;
    bool granted;
    struct group_parameters parameters;
    size_t heard_length; /* of the body of the answer to handle next; 0 when there is none */
    enum d2d_step heard_step;
    uint8_t heard[D2D_PAYLOAD_MAX];
};

struct wicked *wicked_new(uint64_t seed) {
    struct wicked *wicked = calloc(1, sizeof *wicked);
    const struct domain_member *self = domain_member(DOMAIN_STRANGER);
    if (wicked == NULL) {
        abort();
    }
    wicked->entropy = entropy_from_seed(&wicked->seeded, seed);
    wicked->keyring.provider = provider_cache();
    if (keyring_load(&wicked->keyring, span_of_text(self->identity),
                     (struct span){self->credential, self->credential_length}) != STATUS_OK) {
        abort();
    }
    return wicked;
}

void wicked_free(struct wicked *wicked) {
    d2d_free(wicked->d2d);
    keyring_clear(&wicked->keyring);
    free(wicked);
}

static void send(struct world *world, struct wicked *wicked) {
    uint8_t octets[FRAME_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    frame_write(&w, &(struct frame){.kind = FRAME_D2D,
                                    .id = ++wicked->frames,
                                    .payload = d2d_payload(wicked->d2d)});
    (void)air_inject(world->air, DOMAIN_STRANGER + 1, wicked->target + 1, octets, w.length);
}

void wicked_open(struct world *world, struct wicked *wicked) {
    d2d_free(wicked->d2d);
    wicked->d2d = NULL;
    wicked->heard_length = 0;
    wicked->granted = false;
    wicked->target = world_chance(world, (unsigned)world->count);
    if (d2d_open(&wicked->keyring, &wicked->entropy, domain_member(wicked->target)->identity,
                 domain_kms, world_moment(world, wicked->target), &wicked->d2d) == STATUS_OK) {
        send(world, wicked);
    }
}

void wicked_hear(struct wicked *wicked, const struct air_frame *air_frame) {
    struct frame frame;
    struct d2d_head head;
    if (wicked->d2d == NULL ||
        frame_read((struct span){air_frame->octets, air_frame->length}, &frame) != STATUS_OK ||
        frame.kind != FRAME_D2D || d2d_head_read(frame.payload, &head) != STATUS_OK ||
        head.id != wicked->d2d->id || (head.step != D2D_HELLO && head.step != D2D_RESPONSE)) {
        return;
    }
    wicked->heard_step = head.step;
    wicked->heard_length = head.body.length;
    memcpy(wicked->heard, head.body.octets, head.body.length);
}

/* --- What it proposes --- */

static void add_member(struct group_parameters *parameters, const char *identity) {
    struct group_member *member = &parameters->members[parameters->member_count++];
    *member = (struct group_member){0};
    memcpy(member->identity, identity, strlen(identity) + 1);
    memcpy(member->kms, domain_kms, strlen(domain_kms) + 1);
}

/* A proposal with nothing wrong about it. */
static void propose_rightly(struct world *world, struct wicked *wicked) {
    struct group_parameters *parameters = &wicked->parameters;
    const char *self = domain_member(DOMAIN_STRANGER)->identity;
    *parameters = (struct group_parameters){
        .name = "Trap",
        .gmk_id = key_id_in_space(KEY_ID_SPACE_ADHOC, world_chance(world, UINT32_MAX)),
        .created_ms = world_moment(world, wicked->target).utc_ms,
        .period_ms = 60000,
    };
    memcpy(parameters->creator, self, strlen(self) + 1);
    if (group_identity_adhoc(self, world_chance(world, UINT32_MAX), parameters->identity) !=
        STATUS_OK) {
        abort();
    }
    add_member(parameters, self);
    add_member(parameters, domain_member(wicked->target)->identity);
}

/* The same with one thing wrong. */
static void propose_wrongly(struct world *world, struct wicked *wicked) {
    struct group_parameters *parameters = &wicked->parameters;
    const struct shadow *shadow = world->shadow;
    const char *other = domain_member((wicked->target + 1) % world->count)->identity;
    static const char standard[] = "sip:fire7@county.example";
    propose_rightly(world, wicked);
    switch (world_chance(world, 7)) {
    case 0:
        memcpy(parameters->creator, other, strlen(other) + 1);
        break;
    case 1:
        parameters->gmk_id = key_id_in_space(KEY_ID_SPACE_STANDARD, parameters->gmk_id);
        break;
    case 2:
        memcpy(parameters->identity, standard, sizeof standard);
        break;
    case 3: /* without the one that is asked */
        memcpy(parameters->members[1].identity, other, strlen(other) + 1);
        break;
    case 4: /* without itself */
        memcpy(parameters->members[0].identity, other, strlen(other) + 1);
        break;
    case 5:
        parameters->period_ms = DOMAIN_PERIOD_MS + 1;
        break;
    default: /* a new key for a group that another made, or the same thing made up */
        if (shadow->gmk_count > 0) {
            const struct shadow_gmk *gmk =
                &shadow->gmks[world_chance(world, (unsigned)shadow->gmk_count)];
            const char *creator = domain_member(gmk->creator)->identity;
            memcpy(parameters->identity, gmk->group, sizeof parameters->identity);
            memcpy(parameters->name, gmk->name, sizeof gmk->name);
            if (world_chance(world, 2) == 0) {
                memcpy(parameters->creator, creator, strlen(creator) + 1);
            }
        } else {
            memcpy(parameters->creator, other, strlen(other) + 1);
        }
        break;
    }
}

static void request(struct world *world, struct wicked *wicked, struct d2d_record *record) {
    uint8_t octets[D2D_RECORD_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    record->utc_ms = world_moment(world, wicked->target).utc_ms;
    record->group_ms = wicked->parameters.created_ms;
    d2d_record_write(&w, record);
    if (d2d_request(wicked->d2d, writer_span(&w)) == STATUS_OK) {
        send(world, wicked);
    }
}

void wicked_go_on(struct world *world, struct wicked *wicked) {
    struct span body = {wicked->heard, wicked->heard_length};
    if (wicked->d2d == NULL || body.length == 0) {
        return;
    }
    wicked->heard_length = 0;
    if (wicked->heard_step == D2D_HELLO && wicked->d2d->stage == D2D_OPENING &&
        d2d_hear_hello(wicked->d2d, body) == STATUS_OK) {
        propose_wrongly(world, wicked);
        world_note(world, "the stranger proposes a group to %zu against the rules", wicked->target);
        world->shadow->count.proposals++;
        request(
            world, wicked,
            &(struct d2d_record){.type = RECORD_PROPOSE_GROUP, .parameters = &wicked->parameters});
    } else if (wicked->heard_step == D2D_RESPONSE && !wicked->granted) {
        wicked->granted = true;
        request(world, wicked,
                &(struct d2d_record){.type = RECORD_GRANT, .gmk_id = wicked->parameters.gmk_id});
    }
}
