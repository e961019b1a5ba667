/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/session_seal.h"

#include "crypto/derivation.h"

enum {
    GMK_ID_SIZE = 4
};

enum status session_seal_key(struct span label, const uint8_t gsk[SSV_SIZE],
                             const uint8_t session[SESSION_HASH_SIZE], uint8_t key[SEAL_KEY_SIZE]) {
    uint8_t text[SESSION_SEAL_LABEL_MAX + SESSION_HASH_SIZE];
    struct writer w = writer_into(text, sizeof text);
    write_span(&w, label);
    write_span(&w, (struct span){session, SESSION_HASH_SIZE});
    return mikey_prf((struct span){gsk, SSV_SIZE}, writer_span(&w), key, SEAL_KEY_SIZE);
}

/* What a payload is sealed for. */
static struct span place_of(struct span label, struct span gmk_id,
                            uint8_t room[SESSION_SEAL_LABEL_MAX + GMK_ID_SIZE]) {
    struct writer w = writer_into(room, SESSION_SEAL_LABEL_MAX + GMK_ID_SIZE);
    write_span(&w, label);
    write_span(&w, gmk_id);
    return writer_span(&w);
}

enum status session_seal_close(struct span label, const uint8_t key[SEAL_KEY_SIZE], uint32_t gmk_id,
                               struct span plain, const struct entropy *entropy,
                               struct writer *out) {
    uint8_t place[SESSION_SEAL_LABEL_MAX + GMK_ID_SIZE], id[GMK_ID_SIZE];
    struct writer w = writer_into(id, sizeof id);
    const size_t before = out->length;
    write_u32(&w, gmk_id);
    write_span(out, SPAN_OF(id));
    enum status status = seal_close(key, place_of(label, SPAN_OF(id), place), plain, entropy, out);
    if (status == STATUS_OK) {
        status = writer_finish(out);
    }
    if (status != STATUS_OK) {
        out->length = before;
    }
    return status;
}

enum status session_seal_gmk_id(struct span payload, size_t size, uint32_t *gmk_id) {
    struct reader r = reader_of(payload);
    *gmk_id = read_u32(&r);
    (void)read_span(&r, size - GMK_ID_SIZE);
    return reader_finish(&r);
}

enum status session_seal_open(struct span label, const uint8_t key[SEAL_KEY_SIZE],
                              struct span payload, struct writer *plain) {
    uint8_t place[SESSION_SEAL_LABEL_MAX + GMK_ID_SIZE];
    const struct span id = {payload.octets, GMK_ID_SIZE};
    const struct span sealed = {payload.octets + GMK_ID_SIZE, payload.length - GMK_ID_SIZE};
    return seal_open(key, place_of(label, id, place), sealed, plain);
}
