/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/floor_request.h"

#include <string.h>

#include "crypto/announcement.h"
#include "crypto/derivation.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

static const char label[] = "Muster floor 1";

enum {
    PLAIN_SIZE = FLOOR_REQUEST_FIELDS_SIZE + ECCSI_SIGNATURE_SIZE,
};

_Static_assert(FLOOR_REQUEST_SIZE == 4 + PLAIN_SIZE + SEAL_OVERHEAD, "a request has one size");
_Static_assert(FLOOR_REQUEST_SIGNED_MAX ==
                   sizeof label + 4 + SESSION_HASH_SIZE + FLOOR_REQUEST_FIELDS_SIZE,
               "what is signed has one size");

struct floor_key {
    uint32_t gmk_id;
    uint8_t session[SESSION_HASH_SIZE];
    uint8_t octets[SEAL_KEY_SIZE];
};

enum status floor_key_new(uint32_t gmk_id, const uint8_t gsk[SSV_SIZE],
                          const uint8_t session[SESSION_HASH_SIZE], struct floor_key **out) {
    uint8_t text[sizeof label + SESSION_HASH_SIZE];
    struct writer w = writer_into(text, sizeof text);
    write_span(&w, SPAN_OF(label));
    write_span(&w, (struct span){session, SESSION_HASH_SIZE});
    *out = NULL;
    struct floor_key *key = secret_object_new(sizeof *key);
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    key->gmk_id = gmk_id;
    memcpy(key->session, session, sizeof key->session);
    enum status status =
        mikey_prf((struct span){gsk, SSV_SIZE}, writer_span(&w), key->octets, sizeof key->octets);
    if (status != STATUS_OK) {
        secret_object_free(key);
        return status;
    }
    *out = key;
    return STATUS_OK;
}

void floor_key_free(struct floor_key *key) {
    secret_object_free(key);
}

/* What a request is sealed for. */
static struct span place_of(uint32_t gmk_id, uint8_t room[sizeof label + 4]) {
    struct writer w = writer_into(room, sizeof label + 4);
    write_span(&w, SPAN_OF(label));
    write_u32(&w, gmk_id);
    return writer_span(&w);
}

/* What its identity signs. */
static struct span signed_of(const struct floor_key *key, struct span fields,
                             uint8_t room[FLOOR_REQUEST_SIGNED_MAX]) {
    struct writer w = writer_into(room, FLOOR_REQUEST_SIGNED_MAX);
    write_span(&w, SPAN_OF(label));
    write_u32(&w, key->gmk_id);
    write_span(&w, SPAN_OF(key->session));
    write_span(&w, fields);
    return writer_span(&w);
}

static void write_fields(struct writer *out, const struct floor_request *request) {
    static const uint8_t zeros[IDENTITY_MAX];
    size_t length = strlen(request->identity);
    write_u8(out, (uint8_t)request->wish);
    write_u8(out, request->priority);
    write_u64(out, (uint64_t)request->number);
    write_text_u8(out, request->identity);
    write_span(out, (struct span){zeros, IDENTITY_MAX - length});
}

enum status floor_request_close(const struct floor_key *key, const struct floor_request *request,
                                const struct provider *provider, const struct signing_key *signer,
                                const struct entropy *entropy, struct writer *out) {
    uint8_t plain[PLAIN_SIZE], covered[FLOOR_REQUEST_SIGNED_MAX], place[sizeof label + 4];
    uint8_t payload[FLOOR_REQUEST_SIZE], signature[ECCSI_SIGNATURE_SIZE];
    struct writer w = writer_into(plain, sizeof plain);
    write_fields(&w, request);
    enum status status =
        provider->sign(signer, signed_of(key, writer_span(&w), covered), entropy, signature);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(&w, SPAN_OF(signature));
    struct writer whole = writer_into(payload, sizeof payload);
    write_u32(&whole, key->gmk_id);
    status =
        seal_close(key->octets, place_of(key->gmk_id, place), writer_span(&w), entropy, &whole);
    if (status == STATUS_OK) {
        write_span(out, writer_span(&whole));
        status = writer_finish(out);
    }
    return status;
}

enum status floor_request_gmk_id(struct span payload, uint32_t *gmk_id) {
    struct reader r = reader_of(payload);
    *gmk_id = read_u32(&r);
    (void)read_span(&r, FLOOR_REQUEST_SIZE - 4);
    return reader_finish(&r);
}

static enum status read_fields(struct span fields, struct floor_request *out) {
    struct reader r = reader_of(fields);
    uint8_t wish = read_u8(&r);
    out->wish = (enum floor_wish)wish;
    out->priority = read_u8(&r);
    out->number = (int64_t)read_u64(&r);
    read_text_u8(&r, out->identity, sizeof out->identity);
    bool is_possible = !r.failed && out->number >= 0 && out->priority <= TALK_EMERGENCY &&
                       (wish == FLOOR_WISH_TALK || wish == FLOOR_WISH_NOTHING);
    while (is_possible && reader_left(&r) > 0) {
        is_possible = read_u8(&r) == 0;
    }
    return is_possible ? identity_check(out->identity) : STATUS_MALFORMED;
}

enum status floor_request_open(const struct floor_key *key, struct span payload,
                               struct floor_request_opened *out) {
    uint8_t plain[PLAIN_SIZE], place[sizeof label + 4];
    uint32_t gmk_id;
    *out = (struct floor_request_opened){.signed_length = 0};
    enum status status = floor_request_gmk_id(payload, &gmk_id);
    struct writer w = writer_into(plain, sizeof plain);
    if (status == STATUS_OK && gmk_id != key->gmk_id) {
        status = STATUS_SEAL_BROKEN;
    }
    if (status == STATUS_OK) {
        const struct span sealed = {payload.octets + 4, payload.length - 4};
        status = seal_open(key->octets, place_of(gmk_id, place), sealed, &w);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct span fields = {plain, FLOOR_REQUEST_FIELDS_SIZE};
    out->signed_length = signed_of(key, fields, out->signed_octets).length;
    memcpy(out->signature, plain + FLOOR_REQUEST_FIELDS_SIZE, sizeof out->signature);
    return read_fields(fields, &out->request);
}
