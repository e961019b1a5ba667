/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames of any kind, with any payload, to a handset that takes each signature for right: each has
 * its kind and how it comes, its sender and its length (2), then its octets. It comes with or
 * without hops left, with or without the domain's mark, on the one link or the other, and perhaps
 * once more on the other by a relay that was as quick. With a sender below AS_IT_IS, what nobody
 * could guess is put in its place: an attendance word, a message and the receipt of one are the
 * octets sealed under the group's key, and a word from an odd sender names the latest one of this
 * handset; an inquiry asks for this handset, and from an odd sender for ASKED_FOR as well, with
 * them as the presence of now, of a presence link they change the right one, and a receipt of a key
 * is for the one that this handset waits for receipts of, if it is for any. Kind 0 is no frame: so
 * many milliseconds pass. Before that, from a sender that is not 0, the officer looks that one up,
 * or with WANTED above it the handset wants it, and nobody waits; with NO_ROOM the handset is in as
 * many groups as it can be from then on, and with KEYS_OVER what was delivered has ended, of groups
 * whose time neighbours had moved.
 */
#include <sodium.h>
#include <string.h>

#include "app/handset/keys/hours.h"
#include "held.h"
#include "sealing.h"

enum {
    AS_IT_IS = 128,
    ON_OTHER_LINK = 64,
    KIND = 31, /* above it in the octet of the kind: */
    MARKED = 32,
    TWICE = 64,
    FAR = 128,
    RECEIPT_ID_AT = 8, /* 0: an objection, which is left as it is */
    FRAMES = 48,
    ASKED_FOR = 5,
    SENDERS = 8, /* who can be looked up; above them in the octet of the sender: */
    NO_ROOM = 64,
    KEYS_OVER = 128,
    WANTED = 8,
    AT_LEISURE = 16,
    MOVED_MS = 1000,
    REST_MAX_MS = 8000,
    LATEST_AT = 13, /* in an attendance word: who said the latest one, and its mark */
    ROOM = 2 * D2D_PAYLOAD_MAX
};

static struct span word_of(uint8_t from, struct span plain, uint8_t room[ROOM]) {
    const struct group *group = held_handset()->groups.list[0];
    const struct attendance *attendance = &held_handset()->attendance;
    uint8_t naming[ATTENDANCE_WORD_MAX];
    if ((from & 1) != 0 && attendance->count > 0 && plain.length >= LATEST_AT + 5 &&
        plain.length <= sizeof naming) {
        struct writer w = writer_into(naming + LATEST_AT, 5);
        memcpy(naming, plain.octets, plain.length);
        write_u8(&w, HELD);
        write_u32(&w, attendance->list[0]->said[0].mark);
        plain.octets = naming;
    }
    uint32_t hour = hours_now(group, squad_now(held_squad(), HELD));
    uint8_t key[GMK_SIZE];
    hours_key(group, hour, key);
    return sealed_word(key, group->current.id, (uint16_t)hour, plain, room);
}

static const uint8_t no_nonce[INQUIRY_NONCE_SIZE] = {0};

static void write_name(struct writer *out, const char *identity) {
    static const char label[] = "Muster inquiry";
    uint8_t octets[sizeof label + sizeof no_nonce + IDENTITY_SIZE], hash[crypto_generichash_BYTES];
    struct writer w = writer_into(octets, sizeof octets);
    write_span(&w, SPAN_OF(label));
    write_span(&w, SPAN_OF(no_nonce));
    write_span(&w, span_of_text(identity));
    crypto_generichash(hash, sizeof hash, octets, w.length, NULL, 0);
    write_span(out, (struct span){hash, INQUIRY_NAME_SIZE});
}

/* The presence as of now and of another life, so that the question is answered. What is none stays
 * as it is. */
static void write_of_now(struct writer *out, struct span octets) {
    struct squad *squad = held_squad();
    const struct moment now = squad_now(squad, HELD);
    struct presence presence;
    struct span covered, signature;
    size_t length = out->length;
    static uint64_t lives;
    if (presence_read(octets, &presence, &covered, &signature) == STATUS_OK) {
        struct writer start = writer_into(presence.start, sizeof presence.start);
        presence.utc_ms = now.utc_ms;
        write_u64(&start, ++lives);
        if (presence_write(out, &presence, &squad->handsets[0].engine->desk.keyring,
                           &entropy_system) == STATUS_OK) {
            return;
        }
    }
    out->length = length;
    write_span(out, octets);
}

/* air/inquiry.h. */
static struct span inquiry_of(uint8_t from, struct span presence, uint8_t room[ROOM]) {
    struct writer out = writer_into(room, ROOM);
    bool is_for_two = (from & 1) != 0;
    write_span(&out, SPAN_OF(no_nonce));
    write_u8(&out, is_for_two ? 2 : 1);
    write_name(&out, squad_identity(HELD));
    if (is_for_two) {
        write_name(&out, squad_identity(ASKED_FOR));
    }
    write_of_now(&out, presence);
    return writer_span(&out);
}

static struct span link_of(struct span changes, uint8_t room[ROOM]) {
    struct squad *squad = held_squad();
    struct presence_link link;
    struct writer out = writer_into(room, ROOM);
    const struct own_chain *chain = squad->handsets[0].engine->presences.chain;
    if (chain == NULL || !own_chain_open(chain, squad_now(squad, 0), &link)) {
        return changes;
    }
    presence_link_write(&out, &link);
    for (size_t i = 0; i < out.length && i < changes.length; i++) {
        room[i] ^= changes.octets[i];
    }
    return writer_span(&out);
}

static struct span receipt_of(struct span octets, uint8_t room[ROOM]) {
    static const uint8_t objection[4] = {0};
    memcpy(room, octets.octets, octets.length);
    if (octets.length >= RECEIPT_ID_AT + 4 &&
        memcmp(room + RECEIPT_ID_AT, objection, sizeof objection) != 0) {
        struct writer w = writer_into(room + RECEIPT_ID_AT, 4);
        write_u32(&w, held_managed()->rekey.gmk_id);
    }
    return (struct span){room, octets.length};
}

static struct span message_of(uint8_t kind, struct span plain, uint8_t room[ROOM]) {
    const struct group *group = held_handset()->groups.list[0];
    uint32_t hour = hours_now(group, squad_now(held_squad(), HELD));
    uint8_t octets[GMK_SIZE];
    hours_key(group, hour, octets);
    const struct message_key key = {group->parameters.identity, group->current.id, hour, octets};
    return sealed_message(&key, kind == FRAME_MESSAGE_RECEIPT, plain, room);
}

static struct span payload_of(uint8_t kind, uint8_t from, struct span octets, uint8_t room[ROOM]) {
    if (from >= AS_IT_IS) {
        return octets;
    }
    switch (kind) {
    case FRAME_ATTENDANCE:
        return word_of(from, octets, room);
    case FRAME_MESSAGE:
    case FRAME_MESSAGE_RECEIPT:
        return message_of(kind, octets, room);
    case FRAME_INQUIRY:
        return inquiry_of(from, octets, room);
    case FRAME_PRESENCE_LINK:
        return link_of(octets, room);
    case FRAME_RECEIPT:
        return receipt_of(octets, room);
    default:
        return octets;
    }
}

static size_t sender_on(uint8_t from, bool is_other_link) {
    return (size_t)(from & ~ON_OTHER_LINK) | (is_other_link ? (size_t)2 << LINK_SHIFT : 0);
}

static void say(uint8_t kind, uint8_t from, struct span payload) {
    static uint64_t number;
    uint8_t octets[FRAME_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    const struct frame frame = {.kind = (enum frame_kind)(kind & KIND),
                                .hops_left = (kind & FAR) != 0 ? FRAME_HOPS : 0,
                                .id = ++number,
                                .payload = payload};
    bool is_other_link = (from & ON_OTHER_LINK) != 0;
    frame_write(&w, &frame);
    must(writer_finish(&w) == STATUS_OK);
    if ((kind & MARKED) != 0) {
        mark_put(&held_handset()->air.mark_key, octets, w.length);
    }
    squad_inject(held_squad(), HELD, sender_on(from, is_other_link), writer_span(&w));
    if ((kind & TWICE) != 0) {
        octets[FRAME_HOPS_AT] = (kind & FAR) != 0 ? FRAME_HOPS - 1 : 0;
        squad_inject(held_squad(), HELD, sender_on(from, !is_other_link), writer_span(&w));
    }
}

static void look_up(size_t sender) {
    struct command command = {.kind = COMMAND_LOOK_UP};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(sender));
    if (sender != 0) {
        (void)squad_command(held_squad(), HELD, &command);
    }
}

static void leave_no_room(void) {
    struct groups *groups = &held_handset()->groups;
    while (groups->count < GROUPS_MAX) {
        struct group *group;
        must(group_copy(groups->list[0], &group) == STATUS_OK);
        must(group_identity_adhoc(squad_identity(0), 1000 + groups->count,
                                  group->parameters.identity) == STATUS_OK);
        must(groups_add(groups, group) == STATUS_OK);
    }
}

/* But that of the group which it manages. */
static void end_keys(void) {
    const struct groups *groups = &held_handset()->groups;
    for (size_t i = 0; i < groups->count; i++) {
        struct group *group = groups->list[i];
        if (group_is_standard(group) &&
            strcmp(group->parameters.identity, squad_identity(SQUAD_FIRE)) != 0) {
            (void)group_drop_all(group);
            group->moved_ms = MOVED_MS;
        }
    }
}

/* What is no frame. */
static void pass_time(uint8_t from, uint16_t ms) {
    if ((from & WANTED) != 0) {
        inquiry_want(&held_handset()->inquiry, squad_now(held_squad(), HELD),
                     squad_identity(from % SENDERS),
                     (from & AT_LEISURE) != 0 ? INQUIRY_LATER : INQUIRY_SOON);
    } else {
        look_up(from % SENDERS);
    }
    if ((from & NO_ROOM) != 0) {
        leave_no_room();
    }
    if ((from & KEYS_OVER) != 0) {
        end_keys();
    }
    squad_run(held_squad(), ms % REST_MAX_MS);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    static uint8_t room[ROOM];
    struct reader input = reader_of((struct span){octets, length});
    struct squad *squad = held_squad();
    for (unsigned frames = 0; frames < FRAMES && reader_left(&input) > 3; frames++) {
        uint8_t kind = read_u8(&input), from = read_u8(&input);
        uint16_t size = read_u16(&input);
        if (kind == 0) {
            pass_time(from, size);
            continue;
        }
        struct span payload = held_take(&input, size % (D2D_PAYLOAD_MAX + 1));
        say(kind, from, payload_of(kind & KIND, from, payload, room));
    }
    must(squad_view(squad, HELD)->log_count <= VIEW_LOG_MAX);
    held_rest();
    return 0;
}
