/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/apart/message.h"

#include <string.h>

#define CROWD UINT64_MAX

enum {
    ERRORS_MAX = 4095, /* the kernel's */
    RELAYED = 1
};

/* --- Octets ----------------------------------------------------------------------------------- */

struct writing {
    uint8_t *octets;
    size_t length;
    bool is_full;
};

struct reading {
    const uint8_t *octets;
    size_t length, at;
    bool is_wrong;
};

static void write_octets(struct writing *out, const void *octets, size_t length) {
    if (out->is_full || length > MESSAGE_SIZE - out->length) {
        out->is_full = true;
    } else if (length > 0) {
        memcpy(out->octets + out->length, octets, length);
        out->length += length;
    }
}

static void write_number(struct writing *out, uint64_t number, size_t size) {
    uint8_t octets[8];
    for (size_t i = size; i > 0; i--, number >>= 8) {
        octets[i - 1] = (uint8_t)(number & 0xff);
    }
    write_octets(out, octets, size);
}

static void write_text(struct writing *out, const char *text) {
    size_t length = strlen(text);
    write_number(out, length, 1);
    write_octets(out, text, length);
}

static uint64_t read_number(struct reading *in, size_t size) {
    uint64_t number = 0;
    if (in->is_wrong || size > in->length - in->at) {
        in->is_wrong = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        number = number << 8 | in->octets[in->at++];
    }
    return number;
}

/* A number that is at most `most`. */
static uint64_t read_up_to(struct reading *in, size_t size, uint64_t most) {
    uint64_t number = read_number(in, size);
    if (number > most) {
        in->is_wrong = true;
        return 0;
    }
    return number;
}

static void read_text(struct reading *in, char *out, size_t size) {
    size_t length = (size_t)read_up_to(in, 1, size - 1);
    out[0] = '\0';
    if (in->is_wrong || length > in->length - in->at) {
        in->is_wrong = true;
        return;
    }
    for (size_t i = 0; i < length; i++) {
        uint8_t octet = in->octets[in->at++];
        out[i] = octet < ' ' || octet > '~' ? '?' : (char)octet;
    }
    out[length] = '\0';
}

static void read_frame(struct reading *in, struct message *out) {
    out->frame = in->octets + in->at;
    out->length = in->length - in->at;
    in->at = in->length;
    in->is_wrong = in->is_wrong || out->length == 0 || out->length > TRANSPORT_FRAME_MAX;
}

/* --- Values ----------------------------------------------------------------------------------- */

static uint64_t read_peer(struct reading *in) {
    uint64_t peer = read_number(in, 8);
    in->is_wrong = in->is_wrong || (peer != CROWD && peer >> MESSAGE_PEER_BITS != 0);
    return peer;
}

/* A signal and a time are written one higher, so that what is not known is 0. */
static int read_quality(struct reading *in) {
    return (int)read_up_to(in, 1, 101) - 1;
}

static void write_quality(struct writing *out, int quality) {
    write_number(out, quality < 0 ? 0 : (uint64_t)(quality > 100 ? 100 : quality) + 1, 1);
}

static void write_condition(struct writing *out, const struct transport_condition *condition) {
    write_number(out, (uint64_t)condition->kind, 1);
    write_number(out, (uint64_t)(condition->error < 0 ? 0 : condition->error), 2);
    write_number(out, (uint64_t)(condition->number < 0 ? 0 : condition->number), 8);
    write_number(out, (uint64_t)(condition->more < 0 ? 0 : condition->more), 8);
    write_text(out, condition->object);
    write_text(out, condition->detail);
}

static void read_condition(struct reading *in, struct transport_condition *out) {
    *out = (struct transport_condition){
        .kind = (enum transport_condition_kind)read_up_to(in, 1, CONDITION_KINDS - 1)};
    out->error = (int)read_up_to(in, 2, ERRORS_MAX);
    out->number = (int64_t)read_up_to(in, 8, INT64_MAX);
    out->more = (int64_t)read_up_to(in, 8, INT64_MAX);
    read_text(in, out->object, sizeof out->object);
    read_text(in, out->detail, sizeof out->detail);
}

static void write_radio(struct writing *out, const struct transport_radio *radio) {
    write_text(out, radio->name);
    write_number(out, (uint64_t)radio->state, 1);
    write_number(out, radio->peers, 4);
    write_quality(out, radio->quality);
    write_condition(out, &radio->condition);
    write_condition(out, &radio->also);
}

static void read_radio(struct reading *in, struct transport_radio *out) {
    *out = (struct transport_radio){.link = 1};
    read_text(in, out->name, sizeof out->name);
    out->state = (enum radio_state)read_up_to(in, 1, RADIO_UNUSABLE);
    out->peers = (unsigned)read_up_to(in, 4, MESSAGE_PEERS_MAX);
    out->quality = read_quality(in);
    read_condition(in, &out->condition);
    read_condition(in, &out->also);
}

static void read_standing(struct reading *in, struct message *out) {
    out->largest = (size_t)read_up_to(in, 4, TRANSPORT_FRAME_MAX);
    out->radio_count = (size_t)read_up_to(in, 1, MESSAGE_RADIOS_MAX);
    in->is_wrong = in->is_wrong || out->largest == 0;
    for (size_t i = 0; i < out->radio_count && !in->is_wrong; i++) {
        read_radio(in, &out->radios[i]);
    }
}

static void write_heard(struct writing *out, const struct message *message) {
    write_number(out, message->peer, 8);
    write_number(out, message->origin, 8);
    write_number(out, message->heard_ms < 0 ? 0 : (uint64_t)message->heard_ms + 1, 8);
    write_quality(out, message->quality);
    write_text(out, message->address);
    write_octets(out, message->frame, message->length);
}

static void read_heard(struct reading *in, struct message *out) {
    out->peer = read_peer(in);
    out->origin = read_up_to(in, 8, (UINT64_C(1) << MESSAGE_ORIGIN_BITS) - 1);
    out->heard_ms = (int64_t)read_up_to(in, 8, INT64_MAX) - 1;
    out->quality = read_quality(in);
    read_text(in, out->address, sizeof out->address);
    read_frame(in, out);
    in->is_wrong = in->is_wrong || out->peer == PEER_ALL;
}

/* --- Messages --------------------------------------------------------------------------------- */

size_t message_write(const struct message *message, uint8_t out[MESSAGE_SIZE]) {
    struct writing writing = {.octets = out};
    write_number(&writing, (uint64_t)message->kind, 1);
    switch (message->kind) {
    case MESSAGE_MODE:
        write_number(&writing, (uint64_t)message->mode, 1);
        break;
    case MESSAGE_SEND:
        write_number(&writing, (uint64_t)message->lane, 1);
        write_number(&writing, message->is_relayed ? RELAYED : 0, 1);
        write_number(&writing, message->peer, 8);
        write_octets(&writing, message->frame, message->length);
        break;
    case MESSAGE_FAVOUR:
        write_number(&writing, message->origin, 8);
        break;
    case MESSAGE_LOOK:
        break;
    case MESSAGE_OPENED:
        write_number(&writing, message->result == TRANSPORT_OK ? 0 : 1, 1);
        write_number(&writing, message->abilities, 1);
        write_condition(&writing, &message->condition);
        break;
    case MESSAGE_FRAME:
        write_heard(&writing, message);
        break;
    case MESSAGE_STANDING:
        write_number(&writing, message->largest, 4);
        write_number(&writing, message->radio_count, 1);
        for (size_t i = 0; i < message->radio_count; i++) {
            write_radio(&writing, &message->radios[i]);
        }
        break;
    case MESSAGE_NEWS:
        write_condition(&writing, &message->condition);
        break;
    case MESSAGE_ENDED:
        write_number(&writing, message->signal, 1);
        break;
    }
    return writing.is_full || message->length > TRANSPORT_FRAME_MAX ? 0 : writing.length;
}

static bool is_whole(const struct reading *in) {
    return !in->is_wrong && in->at == in->length;
}

bool message_read_of_handset(const uint8_t *octets, size_t length, struct message *out) {
    struct reading in = {.octets = octets, .length = length};
    switch (read_number(&in, 1)) {
    case MESSAGE_MODE:
        out->kind = MESSAGE_MODE;
        out->mode = (enum transport_mode)read_up_to(&in, 1, TRANSPORT_OFF);
        break;
    case MESSAGE_SEND:
        out->kind = MESSAGE_SEND;
        out->lane = (enum transport_lane)read_up_to(&in, 1, TRANSPORT_LANES - 1);
        out->is_relayed = read_up_to(&in, 1, RELAYED) == RELAYED;
        out->peer = read_peer(&in);
        read_frame(&in, out);
        break;
    case MESSAGE_FAVOUR:
        out->kind = MESSAGE_FAVOUR;
        out->origin = read_up_to(&in, 8, (UINT64_C(1) << MESSAGE_ORIGIN_BITS) - 1);
        break;
    case MESSAGE_LOOK:
        out->kind = MESSAGE_LOOK;
        break;
    default:
        return false;
    }
    return is_whole(&in);
}

bool message_read_of_radio(const uint8_t *octets, size_t length, struct message *out) {
    struct reading in = {.octets = octets, .length = length};
    switch (read_number(&in, 1)) {
    case MESSAGE_OPENED:
        out->kind = MESSAGE_OPENED;
        out->result = read_up_to(&in, 1, 1) == 0 ? TRANSPORT_OK : TRANSPORT_FAILED;
        out->abilities = (unsigned)read_up_to(&in, 1, ABLE_TO_ALL);
        read_condition(&in, &out->condition);
        break;
    case MESSAGE_FRAME:
        out->kind = MESSAGE_FRAME;
        read_heard(&in, out);
        break;
    case MESSAGE_STANDING:
        out->kind = MESSAGE_STANDING;
        read_standing(&in, out);
        break;
    case MESSAGE_NEWS:
        out->kind = MESSAGE_NEWS;
        read_condition(&in, &out->condition);
        break;
    case MESSAGE_ENDED:
        out->kind = MESSAGE_ENDED;
        out->signal = (unsigned)read_up_to(&in, 1, MESSAGE_SIGNAL_HUNG);
        break;
    default:
        return false;
    }
    return is_whole(&in);
}
