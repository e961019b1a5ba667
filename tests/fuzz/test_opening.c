/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The opening of D2D connections: I_MESSAGEs to a handset that takes each signature for right, and
 * HELLOs to one that has called. Each step of the input has its kind, then a length (2) and octets:
 * those that a true message is changed by, or what its other side says next.
 */
#include <sodium.h>
#include <string.h>

#include "app/handset/d2d/opening.h"
#include "held.h"

enum {
    STEPS_MAX = 24,
    STEP_MS = 200,
    CALLER = 0,
};

enum step_kind {
    OPEN,             /* changed by the octets; its id is right */
    OPEN_WITH_ID,     /* the octets change the id, and nothing else */
    OPEN_AGAIN,       /* the latest one */
    OPEN_WITH_FIELDS, /* the first octet says which are not as they should be */
    REQUEST,          /* the octets, to the latest that was answered */
    HEAD,             /* the octets behind the latest one's id */
    HELLO,            /* to a call of this handset, changed by the octets */
    STEP_KINDS
};

/* What is not as it should be. */
enum {
    OTHER_SPACE = 1,
    NO_SHARE = 2,
    RECOVERY = 4,
    OTHER_DOMAIN = 8,
    PARAMETERS = 16,
    OTHER_CALLER = 32,
};

/* The latest I_MESSAGE, and its sender's side if that has one. */
struct caller {
    uint8_t payload[D2D_PAYLOAD_MAX];
    size_t length;
    struct d2d *d2d;
};

static const struct keyring *keyring_of(size_t n) {
    return &held_squad()->handsets[n].engine->desk.keyring;
}

static void hear(struct span payload) {
    if (payload.length > 0 && payload.length <= FRAME_MAX - FRAME_HEADER_SIZE) {
        squad_inject_payload(held_squad(), HELD, CALLER, FRAME_D2D, payload);
        squad_run(held_squad(), STEP_MS); /* what waits for its signature to be checked is */
    }
}

static void change(uint8_t *octets, size_t length, struct span by) {
    for (size_t i = 0; i < length && i < by.length; i++) {
        octets[i] ^= by.octets[i];
    }
}

/* d2d.c: the first octets of the I_MESSAGE's hash, and the step. */
static void put_head(struct caller *caller) {
    const size_t head = sizeof(uint64_t) + 1;
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, caller->payload + head, caller->length - head);
    memcpy(caller->payload, hash, sizeof(uint64_t));
    caller->payload[sizeof(uint64_t)] = D2D_OPEN;
}

static void open_true(struct caller *caller) {
    d2d_free(caller->d2d);
    must(d2d_open(keyring_of(CALLER), &entropy_system, squad_identity(HELD),
                  "sip:kms@county.example", squad_now(held_squad(), HELD),
                  &caller->d2d) == STATUS_OK);
    struct span payload = d2d_payload(caller->d2d);
    memcpy(caller->payload, payload.octets, payload.length);
    caller->length = payload.length;
}

static void open_with_fields(struct caller *caller, uint8_t wrong) {
    static const uint8_t tgk[SSV_SIZE] = {7}, share[SHARE_SIZE] = {9}, data[SAKKE_DATA_SIZE] = {4};
    struct squad *squad = held_squad();
    int64_t now_ms = squad_now(squad, HELD).utc_ms;
    struct identifier identifier;
    struct writer w = writer_into(caller->payload, sizeof caller->payload);
    size_t from = (wrong & OTHER_CALLER) != 0 ? SQUAD_STRANGER : CALLER;
    struct i_message_fields fields = {
        .key_id = key_id_in_space(
            (wrong & OTHER_SPACE) != 0 ? KEY_ID_SPACE_STANDARD : KEY_ID_SPACE_TGK, 5),
        .utc_ms = now_ms,
        .initiator_kms = "sip:kms@county.example",
        .responder_kms = "sip:kms@county.example",
        .share = {share, (wrong & (NO_SHARE | PARAMETERS)) != 0 ? 0 : sizeof share},
        .recovery = {data, (wrong & RECOVERY) != 0 ? sizeof data : 0}};
    fields.key_parameters = (struct span){data, (wrong & PARAMETERS) != 0 ? 32 : 0};
    if ((wrong & OTHER_DOMAIN) != 0) {
        snprintf(fields.responder_kms, sizeof fields.responder_kms, "sip:kms@state.example");
    }
    snprintf(fields.initiator, sizeof fields.initiator, "%s", squad_identity(from));
    snprintf(fields.responder, sizeof fields.responder, "%s", squad_identity(HELD));
    must(identifier_of(fields.responder, now_ms, &identifier) == STATUS_OK);
    write_u64(&w, 0);
    write_u8(&w, D2D_OPEN);
    if (i_message_build(squad_provider(), &fields, squad_domain(), &identifier,
                        squad_signing_key(CALLER), tgk, &entropy_system, &w) == STATUS_OK) {
        caller->length = w.length;
        put_head(caller);
        hear(writer_span(&w));
    }
}

/* The handset's HELLO is heard once; then requests go on from it. */
static void request(struct caller *caller, struct span record) {
    struct d2d_head head;
    if (caller->d2d == NULL) {
        return;
    }
    const struct connection *connection =
        connection_find(&held_handset()->connections, caller->d2d->id);
    if (connection == NULL || record.length > D2D_PAYLOAD_MAX - D2D_SEALED_MAX) {
        return;
    }
    if (caller->d2d->stage == D2D_OPENING &&
        (d2d_head_read(d2d_payload(connection->d2d), &head) != STATUS_OK ||
         d2d_hear_hello(caller->d2d, head.body) != STATUS_OK)) {
        return;
    }
    if (d2d_request(caller->d2d, record) == STATUS_OK) {
        hear(d2d_payload(caller->d2d));
    }
}

static void answer(const struct connection *connection, struct span by) {
    struct moment now = squad_now(held_squad(), HELD);
    struct d2d_head head;
    struct i_message message;
    struct d2d *other;
    must(d2d_head_read(d2d_payload(connection->d2d), &head) == STATUS_OK);
    must(i_message_parse(head.body, &message) == STATUS_OK);
    must(d2d_answer(keyring_of(CALLER), &entropy_system, &head, &message, now, &other) ==
         STATUS_OK);
    uint8_t payload[D2D_PAYLOAD_MAX];
    struct span hello = d2d_payload(other);
    memcpy(payload, hello.octets, hello.length);
    change(payload + sizeof head.id + 1, hello.length - sizeof head.id - 1, by);
    hear((struct span){payload, hello.length});
    d2d_free(other);
}

static void call(struct span by) {
    struct handset *handset = held_handset();
    struct moment now = squad_now(held_squad(), HELD);
    struct connection *connection;
    if (connection_open(&handset->connections, now, &handset->call.use, NULL, true,
                        squad_identity(CALLER), "sip:kms@county.example",
                        &connection) == STATUS_OK) {
        const uint64_t id = connection->d2d->id;
        handset->call.state = CALL_RINGING;
        handset->call.connection = connection;
        memcpy(handset->call.identity, connection->d2d->remote, sizeof handset->call.identity);
        answer(connection, by);
        call_hang_up(&handset->call, now, REASON_HUNG_UP);
        connection = connection_find(&handset->connections, id);
        if (connection != NULL && connection->d2d->stage == D2D_OPENING) {
            answer(connection, (struct span){NULL, 0}); /* the true one may still come */
        }
    }
}

static void take_step(struct caller *caller, enum step_kind kind, struct span octets) {
    const size_t head = sizeof(uint64_t) + 1;
    switch (kind) {
    case OPEN:
        open_true(caller);
        change(caller->payload + head, caller->length - head, octets);
        put_head(caller);
        hear((struct span){caller->payload, caller->length});
        break;
    case OPEN_WITH_ID:
        open_true(caller);
        change(caller->payload, sizeof(uint64_t), octets);
        hear((struct span){caller->payload, caller->length});
        break;
    case OPEN_AGAIN:
        hear((struct span){caller->payload, caller->length});
        break;
    case OPEN_WITH_FIELDS:
        open_with_fields(caller, octets.length > 0 ? octets.octets[0] : 0);
        break;
    case REQUEST:
        request(caller, octets);
        break;
    case HEAD: {
        uint8_t room[D2D_PAYLOAD_MAX];
        struct writer w = writer_into(room, sizeof room);
        write_span(&w, (struct span){caller->payload, sizeof(uint64_t)});
        write_span(&w, octets);
        hear(writer_span(&w));
        break;
    }
    default:
        call(octets);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    static struct caller caller;
    struct reader input = reader_of((struct span){octets, length});
    caller.length = 0;
    for (unsigned i = 0; i < STEPS_MAX && reader_left(&input) > 2; i++) {
        enum step_kind kind = (enum step_kind)(read_u8(&input) % STEP_KINDS);
        struct span said = held_take(&input, read_u16(&input) % 2048);
        take_step(&caller, kind, said);
    }
    d2d_free(caller.d2d);
    caller.d2d = NULL;
    held_rest();
    return 0;
}
