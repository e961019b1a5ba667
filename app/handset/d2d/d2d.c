/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/d2d.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/d2d/authority.h"
#include "crypto/secret.h"

enum {
    HEADER_SIZE = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    SEAL_SIZE = crypto_secretstream_xchacha20poly1305_ABYTES,
    PLACE_SIZE = 13,
};

_Static_assert((int)STREAM_KEY_SIZE == (int)crypto_secretstream_xchacha20poly1305_KEYBYTES,
               "secretstream");

enum status d2d_head_read(struct span payload, struct d2d_head *head) {
    struct reader r = reader_of(payload);
    head->id = read_u64(&r);
    uint8_t step = read_u8(&r);
    if (r.failed) {
        return STATUS_TRUNCATED;
    }
    if (step < D2D_OPEN || step > D2D_RESPONSE || payload.length > D2D_PAYLOAD_MAX) {
        return STATUS_MALFORMED;
    }
    head->step = (enum d2d_step)step;
    head->body = read_span(&r, reader_left(&r));
    return STATUS_OK;
}

static struct d2d *d2d_new(bool initiator) {
    struct d2d *d2d = secret_object_new(sizeof *d2d);
    if (d2d == NULL) {
        return NULL;
    }
    d2d->initiator = initiator;
    d2d->payload = malloc(D2D_PAYLOAD_MAX);
    if (d2d->payload == NULL) {
        secret_object_free(d2d);
        return NULL;
    }
    return d2d;
}

void d2d_free(struct d2d *d2d) {
    if (d2d == NULL) {
        return;
    }
    free(d2d->payload);
    secret_object_free(d2d);
}

struct span d2d_payload(const struct d2d *d2d) {
    return (struct span){d2d->payload, d2d->payload_length};
}

static struct writer payload_begin(struct d2d *d2d, enum d2d_step step) {
    struct writer w = writer_into(d2d->payload, D2D_PAYLOAD_MAX);
    write_u64(&w, d2d->id);
    write_u8(&w, (uint8_t)step);
    return w;
}

static enum status payload_finish(struct d2d *d2d, const struct writer *w) {
    d2d->payload_length = writer_span(w).length;
    return writer_finish(w);
}

static uint64_t id_of(struct span i_message, uint8_t hash[D2D_HASH_SIZE]) {
    crypto_hash_sha256(hash, i_message.octets, i_message.length);
    struct reader r = reader_of((struct span){hash, D2D_HASH_SIZE});
    return read_u64(&r);
}

/* --- Keys and sealing ----------------------------------------------------------------------- */

/* The transcript hash and the connection's keys, once TGK, nonce and both shares are known;
 * `responder_share` is in the transcript, and `other_share` the one to exchange with. */
static enum status derive(struct d2d *d2d, const uint8_t responder_share[SHARE_SIZE],
                          const uint8_t other_share[SHARE_SIZE], struct connection_keys *keys) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, d2d->i_message_hash, sizeof d2d->i_message_hash);
    crypto_hash_sha256_update(&state, d2d->nonce, sizeof d2d->nonce);
    crypto_hash_sha256_update(&state, responder_share, SHARE_SIZE);
    crypto_hash_sha256_final(&state, d2d->transcript);
    return connection_keys_make(d2d->tgk, d2d->ephemeral, other_share, d2d->transcript, keys);
}

/* The connection's keys are made: what they were made of is needed no longer. */
static void take_keys(struct d2d *d2d, struct connection_keys *keys) {
    memcpy(d2d->call_key, keys->call, sizeof d2d->call_key);
    secret_wipe(keys, sizeof *keys);
    secret_wipe(d2d->tgk, sizeof d2d->tgk);
    secret_wipe(d2d->ephemeral, sizeof d2d->ephemeral);
}

/* Where a sealed record stands; part of what its seal covers. */
static void place_of(const struct d2d *d2d, enum d2d_step step, uint32_t number,
                     uint8_t place[PLACE_SIZE]) {
    struct writer w = writer_into(place, PLACE_SIZE);
    write_u64(&w, d2d->id);
    write_u8(&w, (uint8_t)step);
    write_u32(&w, number);
}

static enum status seal(struct d2d *d2d, enum d2d_step step, struct span record,
                        struct writer *out) {
    uint8_t place[PLACE_SIZE];
    place_of(d2d, step, d2d->number, place);
    uint8_t *room = write_room(out, record.length + SEAL_SIZE);
    if (room == NULL) {
        return STATUS_TOO_LONG;
    }
    if (crypto_secretstream_xchacha20poly1305_push(&d2d->sending, room, NULL, record.octets,
                                                   record.length, place, sizeof place, 0) != 0) {
        return STATUS_LIBRARY_FAILED;
    }
    return STATUS_OK;
}

static enum status unseal(struct d2d *d2d, enum d2d_step step, uint32_t number, struct span sealed,
                          struct writer *out) {
    uint8_t place[PLACE_SIZE];
    place_of(d2d, step, number, place);
    if (sealed.length < SEAL_SIZE) {
        return STATUS_TRUNCATED;
    }
    if (out->failed || out->capacity - out->length < sealed.length - SEAL_SIZE) {
        return STATUS_TOO_LONG;
    }
    uint8_t tag;
    if (crypto_secretstream_xchacha20poly1305_pull(&d2d->receiving, out->octets + out->length, NULL,
                                                   &tag, sealed.octets, sealed.length, place,
                                                   sizeof place) != 0) {
        return STATUS_MAC_INVALID;
    }
    out->length += sealed.length - SEAL_SIZE;
    return STATUS_OK;
}

/* --- Opening and answering ------------------------------------------------------------------ */

static enum status open_fields(const struct keyring *keyring, const struct entropy *entropy,
                               const char *remote, const char *remote_kms, struct moment now,
                               struct i_message_fields *fields) {
    uint8_t random[4 + MIKEY_RAND_SIZE];
    enum status status = entropy_draw(entropy, random, sizeof random);
    if (status != STATUS_OK) {
        return status;
    }
    struct reader r = reader_of(SPAN_OF(random));
    *fields = (struct i_message_fields){.utc_ms = now.utc_ms};
    fields->key_id = key_id_in_space(KEY_ID_SPACE_TGK, read_u32(&r));
    read_octets(&r, fields->rand, sizeof fields->rand);
    snprintf(fields->initiator, IDENTITY_SIZE, "%s", keyring->credential->identity);
    snprintf(fields->initiator_kms, IDENTITY_SIZE, "%s", keyring->credential->kms);
    snprintf(fields->responder, IDENTITY_SIZE, "%s", remote);
    snprintf(fields->responder_kms, IDENTITY_SIZE, "%s", remote_kms);
    return STATUS_OK;
}

static void adopt_fields(struct d2d *d2d, const struct i_message_fields *fields) {
    d2d->key_id = fields->key_id;
    d2d->i_message_utc_ms = fields->utc_ms;
    memcpy(d2d->rand, fields->rand, sizeof d2d->rand);
    memcpy(d2d->remote, d2d->initiator ? fields->responder : fields->initiator, IDENTITY_SIZE);
    memcpy(d2d->remote_kms, d2d->initiator ? fields->responder_kms : fields->initiator_kms,
           IDENTITY_SIZE);
}

/* Draws the ephemeral key; with recovery on by a seed, which `data` encapsulates. */
static enum status draw_ephemeral(struct d2d *d2d, const struct keyring *keyring,
                                  const struct entropy *entropy, uint8_t data[SAKKE_DATA_SIZE]) {
    d2d->has_recovery = keyring_has_recovery(keyring);
    if (!d2d->has_recovery) {
        return ephemeral_draw(entropy, d2d->ephemeral);
    }
    enum status status = entropy_draw(entropy, d2d->seed, sizeof d2d->seed);
    if (status == STATUS_OK) {
        status = ephemeral_of_seed(d2d->seed, d2d->rand, d2d->ephemeral);
    }
    return status == STATUS_OK ? authority_admit(keyring, d2d->i_message_utc_ms, d2d->seed, data)
                               : status;
}

static enum status open_into(struct d2d *d2d, const struct keyring *keyring,
                             const struct entropy *entropy, struct i_message_fields *fields,
                             struct moment now) {
    const struct domain_key *domain;
    struct identifier identifier;
    uint8_t octets[I_MESSAGE_MAX], share[SHARE_SIZE], recovery[SAKKE_DATA_SIZE];
    struct writer message = writer_into(octets, sizeof octets);
    enum status status = keyring_domain(keyring, fields->responder_kms, &domain);
    if (status == STATUS_OK) {
        status = identifier_of(fields->responder, now.utc_ms, &identifier);
    }
    if (status == STATUS_OK) {
        status = entropy_draw(entropy, d2d->tgk, sizeof d2d->tgk);
    }
    if (status == STATUS_OK) {
        status = draw_ephemeral(d2d, keyring, entropy, recovery);
    }
    if (status == STATUS_OK) {
        status = ephemeral_share(d2d->ephemeral, share);
    }
    fields->share = SPAN_OF(share);
    fields->recovery = (struct span){recovery, d2d->has_recovery ? sizeof recovery : 0};
    if (status == STATUS_OK) {
        status = i_message_build(keyring->provider, fields, domain, &identifier,
                                 keyring_signing_key(keyring, fields->utc_ms), d2d->tgk, entropy,
                                 &message);
    }
    if (status != STATUS_OK) {
        return status;
    }
    d2d->id = id_of(writer_span(&message), d2d->i_message_hash);
    struct writer payload = payload_begin(d2d, D2D_OPEN);
    write_span(&payload, writer_span(&message));
    return payload_finish(d2d, &payload);
}

enum status d2d_open(const struct keyring *keyring, const struct entropy *entropy,
                     const char *remote, const char *remote_kms, struct moment now,
                     struct d2d **out) {
    *out = NULL;
    struct i_message_fields fields;
    enum status status = open_fields(keyring, entropy, remote, remote_kms, now, &fields);
    if (status != STATUS_OK) {
        return status;
    }
    struct d2d *d2d = d2d_new(true);
    if (d2d == NULL) {
        return STATUS_NO_MEMORY;
    }
    adopt_fields(d2d, &fields);
    status = open_into(d2d, keyring, entropy, &fields, now);
    if (status != STATUS_OK) {
        d2d_free(d2d);
    } else {
        *out = d2d;
    }
    return status;
}

/* A share, and recovery as the domain has it. */
static enum status check_extensions(const struct keyring *keyring,
                                    const struct i_message_fields *fields) {
    bool is_recoverable = fields->recovery.length > 0;
    if (fields->share.length == 0) {
        return STATUS_SHARE_INVALID;
    }
    if (is_recoverable == keyring_has_recovery(keyring)) {
        return STATUS_OK;
    }
    return is_recoverable ? STATUS_RECOVERY_NOT_ALLOWED : STATUS_RECOVERY_MISSING;
}

enum status d2d_verify(const struct keyring *keyring, const struct d2d_head *head,
                       const struct i_message *message, struct moment now) {
    const struct i_message_fields *fields = &message->fields;
    uint8_t hash[D2D_HASH_SIZE];
    if (id_of(head->body, hash) != head->id) {
        return STATUS_MALFORMED;
    }
    if (strcmp(fields->responder, keyring->credential->identity) != 0 ||
        strcmp(fields->responder_kms, keyring->credential->kms) != 0) {
        return STATUS_NOT_ADDRESSED_TO_US;
    }
    if (fields->key_parameters.length > 0) { /* a key delivery opens no connection */
        return STATUS_MALFORMED;
    }
    if (key_id_space(fields->key_id) != KEY_ID_SPACE_TGK) {
        return STATUS_KEY_ID_WRONG_SPACE;
    }
    enum status status = keyring_verify(keyring, fields->initiator, fields->initiator_kms, now,
                                        message->covered, message->signature.octets);
    return status == STATUS_OK ? check_extensions(keyring, fields) : status;
}

/* What only the responder draws; its share goes into the HELLO. */
static enum status draw_answer(struct d2d *d2d, const struct entropy *entropy,
                               uint8_t share[SHARE_SIZE]) {
    enum status status = entropy_draw(entropy, d2d->nonce, sizeof d2d->nonce);
    if (status == STATUS_OK) {
        status = ephemeral_draw(entropy, d2d->ephemeral);
    }
    return status == STATUS_OK ? ephemeral_share(d2d->ephemeral, share) : status;
}

static enum status hello_into(struct d2d *d2d, const struct keyring *keyring,
                              const struct entropy *entropy, const struct i_message *message,
                              struct moment now) {
    struct connection_keys keys;
    uint8_t share[SHARE_SIZE];
    enum status status = keyring_open_live(keyring, message, now, d2d->tgk);
    if (status == STATUS_OK) {
        status = draw_answer(d2d, entropy, share);
    }
    if (status == STATUS_OK) {
        status = derive(d2d, share, message->fields.share.octets, &keys);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct writer payload = payload_begin(d2d, D2D_HELLO);
    write_span(&payload, SPAN_OF(d2d->nonce));
    write_span(&payload, SPAN_OF(share));
    uint8_t *header = write_room(&payload, HEADER_SIZE);
    crypto_secretstream_xchacha20poly1305_init_push(&d2d->sending, header, keys.back);
    /* The receiving half starts with the header of request 1; until then the key waits in it. */
    memcpy(d2d->receiving.k, keys.forward, STREAM_KEY_SIZE);
    take_keys(d2d, &keys);
    status = seal(d2d, D2D_HELLO, SPAN_OF(d2d->transcript), &payload);
    return status == STATUS_OK ? payload_finish(d2d, &payload) : status;
}

enum status d2d_answer(const struct keyring *keyring, const struct entropy *entropy,
                       const struct d2d_head *head, const struct i_message *message,
                       struct moment now, struct d2d **out) {
    *out = NULL;
    struct d2d *d2d = d2d_new(false);
    if (d2d == NULL) {
        return STATUS_NO_MEMORY;
    }
    adopt_fields(d2d, &message->fields);
    d2d->id = id_of(head->body, d2d->i_message_hash);
    d2d->has_recovery = message->fields.recovery.length > 0;
    if (d2d->has_recovery) {
        authority_hash(message->fields.share.octets, message->fields.recovery.octets,
                       d2d->recovery_hash);
    }
    enum status status = hello_into(d2d, keyring, entropy, message, now);
    if (status != STATUS_OK) {
        d2d_free(d2d);
    } else {
        *out = d2d;
    }
    return status;
}

enum status d2d_hear_hello(struct d2d *d2d, struct span body) {
    struct reader r = reader_of(body);
    struct connection_keys keys;
    uint8_t header[HEADER_SIZE], share[SHARE_SIZE], transcript[D2D_HASH_SIZE];
    read_octets(&r, d2d->nonce, sizeof d2d->nonce);
    read_octets(&r, share, sizeof share);
    read_octets(&r, header, sizeof header);
    struct span sealed = read_span(&r, D2D_HASH_SIZE + SEAL_SIZE);
    enum status status = reader_finish(&r);
    if (status == STATUS_OK) {
        status = derive(d2d, share, share, &keys);
    }
    if (status != STATUS_OK) {
        return status;
    }
    crypto_secretstream_xchacha20poly1305_init_pull(&d2d->receiving, header, keys.back);
    struct writer opened = writer_into(transcript, sizeof transcript);
    status = unseal(d2d, D2D_HELLO, 0, sealed, &opened);
    if (status == STATUS_OK && !secret_equal(transcript, d2d->transcript, sizeof transcript)) {
        status = STATUS_MAC_INVALID;
    }
    if (status != STATUS_OK) { /* the true one may still come */
        secret_wipe(&keys, sizeof keys);
        return status;
    }
    crypto_secretstream_xchacha20poly1305_init_push(&d2d->sending, d2d->header, keys.forward);
    take_keys(d2d, &keys);
    d2d->stage = D2D_ESTABLISHED;
    return STATUS_OK;
}

/* --- Requests and responses ----------------------------------------------------------------- */

enum status d2d_request(struct d2d *d2d, struct span record) {
    d2d->number++;
    struct writer payload = payload_begin(d2d, D2D_REQUEST);
    write_u32(&payload, d2d->number);
    if (d2d->number > 1) {
        enum status status = seal(d2d, D2D_REQUEST, record, &payload);
        return status == STATUS_OK ? payload_finish(d2d, &payload) : status;
    }
    write_span(&payload, SPAN_OF(d2d->header));
    struct secret *first = secret_new(D2D_FIRST_MAX + record.length);
    if (first == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(first->octets, first->length);
    write_span(&w, SPAN_OF(d2d->transcript));
    write_span(&w, (struct span){d2d->seed, d2d->has_recovery ? sizeof d2d->seed : 0});
    write_span(&w, record);
    enum status status = seal(d2d, D2D_REQUEST, writer_span(&w), &payload);
    secret_free(first);
    secret_wipe(d2d->seed, sizeof d2d->seed);
    return status == STATUS_OK ? payload_finish(d2d, &payload) : status;
}

/* Takes what stands before the record off what request 1 holds, opened[length]. */
static enum status check_first(const struct d2d *d2d, const struct keyring *keyring,
                               const uint8_t *opened, size_t length, size_t *skipped) {
    *skipped = D2D_HASH_SIZE + (d2d->has_recovery ? RECOVERY_SEED_SIZE : 0);
    if (length < *skipped || !secret_equal(opened, d2d->transcript, D2D_HASH_SIZE)) {
        return STATUS_MAC_INVALID;
    }
    return d2d->has_recovery ? authority_check(keyring, d2d->i_message_utc_ms, d2d->rand,
                                               opened + D2D_HASH_SIZE, d2d->recovery_hash)
                             : STATUS_OK;
}

/* Request 1 starts the stream: on any failure the key must go on waiting for the true one. */
static enum status hear_first_request(struct d2d *d2d, const struct keyring *keyring,
                                      struct reader *r, struct writer *record) {
    uint8_t header[HEADER_SIZE], *opened = record->octets + record->length;
    size_t length = record->length, skipped;
    read_octets(r, header, sizeof header);
    if (r->failed) {
        return STATUS_TRUNCATED;
    }
    crypto_secretstream_xchacha20poly1305_state waiting = d2d->receiving;
    crypto_secretstream_xchacha20poly1305_init_pull(&d2d->receiving, header, waiting.k);
    enum status status = unseal(d2d, D2D_REQUEST, 1, read_span(r, reader_left(r)), record);
    if (status == STATUS_OK) {
        status = check_first(d2d, keyring, opened, record->length - length, &skipped);
    }
    if (status == STATUS_OK) {
        record->length -= skipped;
        memmove(opened, opened + skipped, record->length - length);
    } else {
        record->length = length;
        d2d->receiving = waiting;
    }
    secret_wipe(&waiting, sizeof waiting);
    return status;
}

enum status d2d_hear_request(struct d2d *d2d, const struct keyring *keyring, struct span body,
                             struct writer *record, bool *is_new) {
    struct reader r = reader_of(body);
    uint32_t number = read_u32(&r);
    *is_new = false;
    if (r.failed) {
        return STATUS_TRUNCATED;
    }
    if (number == d2d->number && number > 0) {
        return STATUS_OK;
    }
    if (number != d2d->number + 1) {
        return STATUS_REPLAYED;
    }
    enum status status =
        number == 1 ? hear_first_request(d2d, keyring, &r, record)
                    : unseal(d2d, D2D_REQUEST, number, read_span(&r, reader_left(&r)), record);
    if (status != STATUS_OK) {
        return status;
    }
    d2d->number = number;
    d2d->stage = D2D_ESTABLISHED;
    *is_new = true;
    return STATUS_OK;
}

enum status d2d_respond(struct d2d *d2d, struct span record) {
    struct writer payload = payload_begin(d2d, D2D_RESPONSE);
    write_u32(&payload, d2d->number);
    enum status status = seal(d2d, D2D_RESPONSE, record, &payload);
    return status == STATUS_OK ? payload_finish(d2d, &payload) : status;
}

enum status d2d_hear_response(struct d2d *d2d, struct span body, struct writer *record) {
    struct reader r = reader_of(body);
    uint32_t number = read_u32(&r);
    if (r.failed) {
        return STATUS_TRUNCATED;
    }
    if (number != d2d->number || number == 0) {
        return STATUS_REPLAYED;
    }
    return unseal(d2d, D2D_RESPONSE, number, read_span(&r, reader_left(&r)), record);
}
