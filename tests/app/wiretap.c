/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wiretap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/identity/credential.h"

enum {
    STREAM_HEADER_SIZE = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    PLACE_SIZE = 8 + 1 + 4 /* what a sealed request is bound to: connection id, step, number */
};

struct receiver_key *wiretap_receiver_key(size_t n) {
    struct credential *credential = credential_new();
    struct receiver_key *key;
    assert_non_null(credential);
    assert_int_equal(credential_read(squad_credential(n), credential), STATUS_OK);
    assert_int_equal(squad_provider()->receiver_key_load(squad_domain(),
                                                         identifier_span(&credential->identifier),
                                                         credential->rsk, &key),
                     STATUS_OK);
    credential_free(credential);
    return key;
}

/* Whoever has no key of the recovery identity has to guess the ephemeral key, with what the message
 * itself holds. */
bool wiretap_open(struct wiretap *tap, const struct wiretap_keys *keys, struct span payload) {
    struct d2d_head head;
    struct i_message message;
    uint8_t tgk[SSV_SIZE], seed[RECOVERY_SEED_SIZE];
    assert_int_equal(d2d_head_read(payload, &head), STATUS_OK);
    if (head.step != D2D_OPEN || i_message_parse(head.body, &message) != STATUS_OK ||
        squad_provider()->decapsulate(keys->receiver, message.sakke.octets, tgk) != STATUS_OK) {
        return false;
    }
    const struct i_message_fields *fields = &message.fields;
    *tap = (struct wiretap){.connection = head.id, .key_id = fields->key_id};
    memcpy(tap->rand, fields->rand, sizeof tap->rand);
    memcpy(tap->tgk, tgk, sizeof tap->tgk);
    crypto_hash_sha256(tap->open_hash, head.body.octets, head.body.length);
    assert_int_equal(fields->share.length, SHARE_SIZE);
    tap->has_seed = fields->recovery.length > 0;
    memcpy(seed, tgk, sizeof seed);
    if (keys->recovery != NULL) {
        assert_true(tap->has_seed);
        assert_int_equal(
            squad_provider()->decapsulate(keys->recovery, fields->recovery.octets, seed),
            STATUS_OK);
    }
    assert_int_equal(ephemeral_of_seed(seed, tap->rand, tap->ephemeral), STATUS_OK);
    return true;
}

/* The responder's nonce and its share are in the clear. */
static void hear_hello(struct wiretap *tap, struct span body) {
    uint8_t transcript[TRANSCRIPT_SIZE];
    crypto_hash_sha256_state hash;
    struct span clear = {body.octets, D2D_NONCE_SIZE + SHARE_SIZE};
    crypto_hash_sha256_init(&hash);
    crypto_hash_sha256_update(&hash, tap->open_hash, sizeof tap->open_hash);
    crypto_hash_sha256_update(&hash, clear.octets, clear.length);
    crypto_hash_sha256_final(&hash, transcript);
    assert_int_equal(connection_keys_make(tap->tgk, tap->ephemeral, clear.octets + D2D_NONCE_SIZE,
                                          transcript, &tap->keys),
                     STATUS_OK);
}

/* Opens the next request into `record`; empty for one that is repeated, or does not open. */
static struct span hear_request(struct wiretap *tap, struct span body,
                                uint8_t record[D2D_PAYLOAD_MAX]) {
    struct reader r = reader_of(body);
    uint32_t number = read_u32(&r);
    uint8_t place[PLACE_SIZE];
    unsigned long long length;
    if (number != tap->requests + 1) {
        return (struct span){NULL, 0};
    }
    if (number == 1) {
        struct span header = read_span(&r, STREAM_HEADER_SIZE);
        crypto_secretstream_xchacha20poly1305_init_pull(&tap->stream, header.octets,
                                                        tap->keys.forward);
    }
    struct writer w = writer_into(place, sizeof place);
    write_u64(&w, tap->connection);
    write_u8(&w, D2D_REQUEST);
    write_u32(&w, number);
    struct span sealed = read_span(&r, reader_left(&r));
    if (crypto_secretstream_xchacha20poly1305_pull(&tap->stream, record, &length, NULL,
                                                   sealed.octets, sealed.length, place,
                                                   sizeof place) != 0) {
        return (struct span){NULL, 0};
    }
    tap->requests = number;
    size_t skipped = number > 1 ? 0 : D2D_HASH_SIZE + (tap->has_seed ? RECOVERY_SEED_SIZE : 0);
    return (struct span){record + skipped, (size_t)length - skipped};
}

struct span wiretap_hear(struct wiretap *tap, struct span payload, uint8_t room[D2D_PAYLOAD_MAX]) {
    struct d2d_head head;
    assert_int_equal(d2d_head_read(payload, &head), STATUS_OK);
    if (head.id == tap->connection && head.step == D2D_HELLO) {
        hear_hello(tap, head.body);
    } else if (head.id == tap->connection && head.step == D2D_REQUEST) {
        return hear_request(tap, head.body, room);
    }
    return (struct span){NULL, 0};
}
