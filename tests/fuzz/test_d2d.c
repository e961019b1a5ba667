/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records that the other side of an established D2D connection seals: any plain text, as requests
 * to a handset that was called and as responses to one that called. The first octet chooses which,
 * and what the officer says to what is proposed; then each record has its length (2) and octets.
 */
#include <string.h>

#include "app/handset/d2d/hearing.h"
#include "app/handset/d2d/opening.h"
#include "held.h"

enum {
    RECORDS_MAX = 6,
    RECORD_MAX = D2D_PAYLOAD_MAX - D2D_SEALED_MAX,
    ANSWERS = 2, /* to an input's proposals: neither, yes, no */
    AS_INITIATOR = 4,
};

/* Both sides of a connection that is about to be established: `held` is the handset's. And what
 * they own, since no sanitizer looks for pointers in locked memory. */
struct ends {
    struct d2d *held, *other;
    uint8_t *payloads[2];
};

static struct ends ends_new(size_t from, size_t to) {
    struct squad *squad = held_squad();
    struct moment now = squad_now(squad, HELD);
    const struct keyring *keyrings[] = {&squad->handsets[from].engine->desk.keyring,
                                        &squad->handsets[to].engine->desk.keyring};
    struct d2d *initiator, *responder;
    struct d2d_head head;
    struct i_message message;
    must(d2d_open(keyrings[0], &entropy_system, squad_identity(to), "sip:kms@county.example", now,
                  &initiator) == STATUS_OK);
    must(d2d_head_read(d2d_payload(initiator), &head) == STATUS_OK);
    must(i_message_parse(head.body, &message) == STATUS_OK);
    must(d2d_answer(keyrings[1], &entropy_system, &head, &message, now, &responder) == STATUS_OK);
    must(d2d_head_read(d2d_payload(responder), &head) == STATUS_OK);
    must(d2d_hear_hello(initiator, head.body) == STATUS_OK);
    return (struct ends){.held = from == HELD ? initiator : responder,
                         .other = from == HELD ? responder : initiator,
                         .payloads = {initiator->payload, responder->payload}};
}

static struct d2d *copy_of(const struct d2d *d2d) {
    struct d2d *copy = secret_object_new(sizeof *copy);
    must(copy != NULL);
    memcpy(copy, d2d, sizeof *copy);
    copy->payload = malloc(D2D_PAYLOAD_MAX);
    must(copy->payload != NULL);
    memcpy(copy->payload, d2d->payload, d2d->payload_length);
    return copy;
}

static void hear(const struct d2d *from) {
    connection_frame(&held_handset()->connections, squad_now(held_squad(), HELD), 1,
                     d2d_payload(from));
}

/* The officer's answer to what is proposed now. */
static void decide(unsigned answer) {
    struct squad *squad = held_squad();
    if (answer != 0 && squad_view(squad, HELD)->invitation_count > 0) {
        (void)squad_answer(squad, HELD, answer == 1 ? COMMAND_ACCEPT : COMMAND_DECLINE);
    }
}

static void say_requests(struct reader *input, struct d2d *other, unsigned answer) {
    for (unsigned i = 0; i < RECORDS_MAX && reader_left(input) > 2; i++) {
        struct span record = held_take(input, read_u16(input) % RECORD_MAX);
        if (d2d_request(other, record) != STATUS_OK) {
            return;
        }
        hear(other);
        hear(other); /* and once more, as on the air */
        decide(answer);
    }
}

/* The other side's requests have to be answered first: so each response is to one of the handset's.
 */
static void say_responses(struct reader *input, struct d2d *other, struct connection *connection) {
    uint8_t room[D2D_PAYLOAD_MAX];
    for (unsigned i = 0; i < RECORDS_MAX && reader_left(input) > 2; i++) {
        struct writer opened = writer_into(room, sizeof room);
        struct d2d_head head;
        bool is_new;
        struct span record = held_take(input, read_u16(input) % RECORD_MAX);
        if (connection_find(&held_handset()->connections, other->id) != connection ||
            d2d_head_read(d2d_payload(connection->d2d), &head) != STATUS_OK ||
            d2d_hear_request(other, &held_squad()->handsets[0].engine->desk.keyring, head.body,
                             &opened, &is_new) != STATUS_OK ||
            d2d_respond(other, record) != STATUS_OK) {
            return;
        }
        hear(other);
    }
}

static void be_called(struct reader *input, unsigned answer) {
    static struct ends ends;
    struct connection *connection;
    if (ends.held == NULL) {
        ends = ends_new(0, HELD);
    }
    struct d2d *other = copy_of(ends.other);
    if (connection_add(&held_handset()->connections, squad_now(held_squad(), HELD),
                       copy_of(ends.held), 1, &connection) == STATUS_OK) {
        say_requests(input, other, answer);
    }
    d2d_free(other);
}

/* The handset has called, and says so in its first request. */
static void have_called(struct reader *input) {
    static struct ends ends;
    struct handset *handset = held_handset();
    struct moment now = squad_now(held_squad(), HELD);
    struct connection *connection;
    if (ends.held == NULL) {
        ends = ends_new(HELD, 0);
    }
    struct d2d *other = copy_of(ends.other);
    if (connection_add(&handset->connections, now, copy_of(ends.held), 1, &connection) ==
        STATUS_OK) {
        connection->use = &handset->call.use;
        handset->call.state = CALL_RINGING;
        handset->call.connection = connection;
        memcpy(handset->call.identity, connection->d2d->remote, sizeof handset->call.identity);
        connection->use->established(connection->use->owner, now, connection);
        say_responses(input, other, connection);
    }
    d2d_free(other);
    if (handset->call.state != CALL_NONE) {
        call_hang_up(&handset->call, now, REASON_HUNG_UP);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct reader input = reader_of((struct span){octets, length});
    uint8_t choice = read_u8(&input);
    if ((choice & AS_INITIATOR) != 0) {
        have_called(&input);
    } else {
        be_called(&input, choice % (ANSWERS + 1));
    }
    if (held_handset()->call.state != CALL_NONE) {
        call_hang_up(&held_handset()->call, squad_now(held_squad(), HELD), REASON_HUNG_UP);
    }
    held_rest();
    return 0;
}
