/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/floor_request.h"

#include <string.h>

#include "crypto/announcement.h"
#include "crypto/secret.h"
#include "crypto/session_seal.h"

static const char label[] = "Muster floor 1";

enum {
    PLAIN_SIZE = FLOOR_REQUEST_FIELDS_SIZE + ECCSI_SIGNATURE_SIZE,
};

_Static_assert(sizeof label <= SESSION_SEAL_LABEL_MAX, "the label fits");
_Static_assert(FLOOR_REQUEST_SIZE == PLAIN_SIZE + SESSION_SEAL_OVERHEAD, "a request has one size");
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
    *out = NULL;
    struct floor_key *key = secret_object_new(sizeof *key);
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    key->gmk_id = gmk_id;
    memcpy(key->session, session, sizeof key->session);
    enum status status = session_seal_key(SPAN_OF(label), gsk, session, key->octets);
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
    uint8_t plain[PLAIN_SIZE], covered[FLOOR_REQUEST_SIGNED_MAX], signature[ECCSI_SIGNATURE_SIZE];
    struct writer w = writer_into(plain, sizeof plain);
    write_fields(&w, request);
    enum status status =
        provider->sign(signer, signed_of(key, writer_span(&w), covered), entropy, signature);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(&w, SPAN_OF(signature));
    return session_seal_close(SPAN_OF(label), key->octets, key->gmk_id, writer_span(&w), entropy,
                              out);
}

enum status floor_request_gmk_id(struct span payload, uint32_t *gmk_id) {
    return session_seal_gmk_id(payload, FLOOR_REQUEST_SIZE, gmk_id);
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
    uint8_t plain[PLAIN_SIZE];
    uint32_t gmk_id;
    *out = (struct floor_request_opened){.signed_length = 0};
    enum status status = floor_request_gmk_id(payload, &gmk_id);
    struct writer w = writer_into(plain, sizeof plain);
    if (status == STATUS_OK && gmk_id != key->gmk_id) {
        status = STATUS_SEAL_BROKEN;
    }
    if (status == STATUS_OK) {
        status = session_seal_open(SPAN_OF(label), key->octets, payload, &w);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct span fields = {plain, FLOOR_REQUEST_FIELDS_SIZE};
    out->signed_length = signed_of(key, fields, out->signed_octets).length;
    memcpy(out->signature, plain + FLOOR_REQUEST_FIELDS_SIZE, sizeof out->signature);
    return read_fields(fields, &out->request);
}
