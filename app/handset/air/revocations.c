/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/revocations.h"

static const struct purse_size octets_size = {REVOCATIONS_BURST, REVOCATIONS_RATE};

_Static_assert((int)REVOCATION_SIZE_MAX <= (int)FRAME_MAX - (int)FRAME_HEADER_SIZE,
               "a list is one frame");

void revocations_start(struct revocations *revocations, int64_t boot_ms) {
    revocations->octets = purse_full(octets_size, boot_ms);
    revocations->due_ms = INT64_MAX;
}

static const struct revoked *held(const struct revocations *revocations) {
    return &revocations->air->desk->revoked;
}

static struct span written(const struct revocations *revocations,
                           uint8_t room[REVOCATION_SIZE_MAX]) {
    struct writer w = writer_into(room, REVOCATION_SIZE_MAX);
    revocation_write(&w, &held(revocations)->list);
    return writer_span(&w);
}

/* --- Hearing -------------------------------------------------------------------------------- */

enum status revocations_keep(struct desk *desk, struct moment now, const struct revocation *list,
                             bool is_import) {
    uint8_t octets[REVOCATION_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    enum status status = revoked_take(&desk->revoked, &desk->keyring, list);
    if (status != STATUS_OK) {
        return status;
    }
    revocation_write(&w, list);
    struct span value = writer_span(&w);
    status = desk_save(desk, RECORD_REVOKED, REVOCATION_RECORD_KEY, &value);
    if (!is_import || status != STATUS_OK) {
        const struct event event = {.kind = EVENT_REVOKED_LIST, .count = (unsigned)list->count};
        desk_tell(desk, now, &event);
    }
    return STATUS_OK; /* unsaved it counts all the same, and others have it still after a restart */
}

static void hear_newer(struct revocations *revocations, struct moment now,
                       const struct revocation *list) {
    struct desk *desk = revocations->air->desk;
    if (!admission_checks(revocations->admission, now, list->kms, false)) {
        return; /* it waits */
    }
    enum status status = revocations_keep(desk, now, list, false);
    if (status != STATUS_OK) {
        desk_refuse(desk, now, MESSAGE_REVOCATION, status);
    }
}

void revocations_hear(struct revocations *revocations, struct moment now, struct span payload) {
    struct desk *desk = revocations->air->desk;
    uint8_t room[REVOCATION_SIZE_MAX];
    struct revocation list;
    enum status status = revocation_read(payload, &list);
    if (status == STATUS_OK) {
        status = revoked_compare(held(revocations), own_kms(desk), &list);
    }
    if (status == STATUS_OK) {
        hear_newer(revocations, now, &list);
    } else if (status == STATUS_ALREADY_DONE) {
        if (!revocations->is_insistent && span_equal(payload, written(revocations, room))) {
            revocations->due_ms = INT64_MAX; /* another was faster */
        }
    } else if (status != STATUS_REPLAYED && status != STATUS_DOMAIN_UNKNOWN) {
        desk_refuse(desk, now, MESSAGE_REVOCATION, status);
    }
}

/* --- Who is behind -------------------------------------------------------------------------- */

/* The place of that identity, a free one, or that of who was to hear of it longest ago. */
static struct revocations_behind *place_of(struct revocations *revocations, uint64_t source) {
    struct revocations_behind *place = &revocations->behind[0];
    for (size_t i = 0; i < REVOCATIONS_BEHIND_MAX; i++) {
        struct revocations_behind *behind = &revocations->behind[i];
        if (behind->source == source) {
            return behind;
        }
        if (place->source != 0 && (behind->source == 0 || behind->again_ms < place->again_ms)) {
            place = behind;
        }
    }
    *place = (struct revocations_behind){.source = source};
    return place;
}

static int64_t rest_ms(unsigned times) {
    int64_t rest_ms = REVOCATIONS_AGAIN_MS;
    for (unsigned i = 1; i < times && rest_ms < REVOCATIONS_AGAIN_MAX_MS; i++) {
        rest_ms *= 2;
    }
    return rest_ms < REVOCATIONS_AGAIN_MAX_MS ? rest_ms : REVOCATIONS_AGAIN_MAX_MS;
}

static void say_soon(struct revocations *revocations, struct moment now) {
    size_t near = roster_near(revocations->roster, now);
    size_t others = near < REVOCATIONS_SPREAD_MAX ? near : REVOCATIONS_SPREAD_MAX;
    uint32_t random = 0;
    uint32_t spread_ms = REVOCATIONS_WAIT_MS + (uint32_t)others * REVOCATIONS_SPREAD_MS;
    if (desk_draw_u32(revocations->air->desk, &random) == STATUS_OK &&
        revocations->due_ms == INT64_MAX) {
        revocations->is_insistent = false;
        revocations->due_ms = now.boot_ms + REVOCATIONS_WAIT_MS + random % spread_ms;
    }
}

void revocations_compare(struct revocations *revocations, struct moment now, const char *identity,
                         uint64_t number) {
    uint64_t own = revoked_number(held(revocations));
    if (number >= own || desk_is_silent(revocations->air->desk)) {
        return;
    }
    struct revocations_behind *behind = place_of(revocations, purse_source(identity));
    if (behind->number != own) {
        *behind = (struct revocations_behind){.source = behind->source, .number = own};
    } else if (now.boot_ms < behind->again_ms) {
        return;
    }
    behind->times++;
    behind->again_ms = now.boot_ms + rest_ms(behind->times);
    say_soon(revocations, now);
    revocations->is_insistent = revocations->is_insistent || behind->times > REVOCATIONS_YIELDS;
}

void revocations_taken(struct revocations *revocations, struct moment now) {
    if (roster_near(revocations->roster, now) > 0 && !desk_is_silent(revocations->air->desk)) {
        say_soon(revocations, now);
    }
}

void revocations_say_far(const struct revocations *revocations, const char *group) {
    uint8_t room[REVOCATION_SIZE_MAX];
    if (!desk_is_silent(revocations->air->desk)) {
        air_send_far(revocations->air, group, FRAME_REVOCATION, written(revocations, room));
    }
}

/* --- Saying --------------------------------------------------------------------------------- */

void revocations_tick(struct revocations *revocations, struct moment now) {
    uint8_t room[REVOCATION_SIZE_MAX];
    if (revocations->due_ms > now.boot_ms) {
        return;
    }
    revocations->due_ms = INT64_MAX;
    const struct span list = written(revocations, room);
    if (!desk_is_silent(revocations->air->desk) &&
        purse_take(&revocations->octets, octets_size, now.boot_ms, (int64_t)list.length * UNIT)) {
        air_send(revocations->air, EVERYONE, FRAME_REVOCATION, list);
    }
}

int64_t revocations_deadline(const struct revocations *revocations) {
    return revocations->due_ms;
}
