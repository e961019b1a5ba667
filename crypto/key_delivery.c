/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/key_delivery.h"

#include <openssl/evp.h>
#include <string.h>

#include "crypto/derivation.h"
#include "crypto/secret.h"

enum {
    KEY_SIZE = 16,
    NONCE_SIZE = 12,
    TAG_SIZE = 16,
    KEY_TYPE_GMK = 0,
    PLAIN_MAX = 1 + 4 + 5 + 5,
    SEALED_MAX = PLAIN_MAX + TAG_SIZE,
    BOUND_MAX = 4 + 8 + MIKEY_RAND_SIZE + 4 * (1 + IDENTITY_MAX),
};

/* --- The key parameters: writer above reader ----------------------------------------------------
 */

static const int64_t seconds_limit = INT64_C(1) << 40;

static bool period_fits(const struct key_delivery_fields *fields) {
    return fields->not_before_ms >= 0 && fields->not_before_ms < fields->not_after_ms &&
           fields->not_after_ms / 1000 < seconds_limit && fields->not_before_ms % 1000 == 0 &&
           fields->not_after_ms % 1000 == 0;
}

static void write_time(struct writer *w, int64_t utc_ms) {
    uint64_t seconds = (uint64_t)utc_ms / 1000;
    write_u8(w, (uint8_t)(seconds >> 32));
    write_u32(w, (uint32_t)seconds);
}

static int64_t read_time(struct reader *r) {
    uint64_t high = read_u8(r);
    return (int64_t)(high << 32 | read_u32(r)) * 1000;
}

static void write_parameters(struct writer *w, const struct key_delivery_fields *fields) {
    write_u8(w, KEY_TYPE_GMK);
    write_u32(w, fields->gmk_id);
    write_time(w, fields->not_before_ms);
    write_time(w, fields->not_after_ms);
}

/* The fields of `message` with the period of use in `plain`. */
static enum status read_parameters(struct span plain, const struct i_message_fields *message,
                                   struct key_delivery_fields *fields) {
    struct reader r = reader_of(plain);
    uint8_t key_type = read_u8(&r);
    fields->gmk_id = read_u32(&r);
    fields->not_before_ms = read_time(&r);
    fields->not_after_ms = read_time(&r);
    enum status status = reader_finish(&r);
    if (status != STATUS_OK) {
        return status;
    }
    if (key_type != KEY_TYPE_GMK || fields->gmk_id != message->key_id || !period_fits(fields)) {
        return STATUS_MALFORMED;
    }
    fields->utc_ms = message->utc_ms;
    memcpy(fields->group, message->initiator, sizeof fields->group);
    memcpy(fields->group_kms, message->initiator_kms, sizeof fields->group_kms);
    return STATUS_OK;
}

/* --- Their protection ---------------------------------------------------------------------------
 */

struct protection {
    uint8_t key[KEY_SIZE];
    uint8_t nonce[NONCE_SIZE];
};

static enum status derive(const struct i_message_fields *message, const uint8_t gmk[SSV_SIZE],
                          struct protection *protection) {
    uint8_t room[64], derived[KEY_SIZE + NONCE_SIZE];
    struct writer label = writer_into(room, sizeof room);
    write_span(&label, span_of_text("Muster key parameters"));
    write_u32(&label, message->key_id);
    write_span(&label, SPAN_OF(message->rand));
    enum status status =
        mikey_prf((struct span){gmk, SSV_SIZE}, writer_span(&label), derived, sizeof derived);
    memcpy(protection->key, derived, KEY_SIZE);
    memcpy(protection->nonce, derived + KEY_SIZE, NONCE_SIZE);
    secret_wipe(derived, sizeof derived);
    return status;
}

/* What the parameters are bound to. */
static struct span bound_fields(const struct i_message_fields *message, uint8_t room[BOUND_MAX]) {
    struct writer w = writer_into(room, BOUND_MAX);
    write_u32(&w, message->key_id);
    write_u64(&w, (uint64_t)message->utc_ms);
    write_span(&w, SPAN_OF(message->rand));
    write_text_u8(&w, message->initiator);
    write_text_u8(&w, message->responder);
    write_text_u8(&w, message->initiator_kms);
    write_text_u8(&w, message->responder_kms);
    return writer_span(&w);
}

/* AES-128-GCM either way over `length` octets: `tag` is written when encrypting, checked else. */
static enum status apply_gcm(EVP_CIPHER_CTX *context, bool encrypt,
                             const struct protection *protection, struct span bound,
                             const uint8_t *in, uint8_t *out, size_t length,
                             uint8_t tag[TAG_SIZE]) {
    int n = 0;
    int size = (int)length;
    bool ok = EVP_CipherInit_ex2(context, EVP_aes_128_gcm(), protection->key, protection->nonce,
                                 encrypt, NULL) == 1 &&
              EVP_CipherUpdate(context, NULL, &n, bound.octets, (int)bound.length) == 1 &&
              EVP_CipherUpdate(context, out, &n, in, size) == 1 && n == size;
    if (ok && !encrypt) {
        ok = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1;
    }
    if (!ok) {
        return STATUS_LIBRARY_FAILED;
    }
    if (EVP_CipherFinal_ex(context, out + length, &n) != 1) {
        return encrypt ? STATUS_LIBRARY_FAILED : STATUS_MAC_INVALID;
    }
    if (encrypt && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) != 1) {
        return STATUS_LIBRARY_FAILED;
    }
    return STATUS_OK;
}

static enum status protect(bool encrypt, const struct i_message_fields *message,
                           const uint8_t gmk[SSV_SIZE], const uint8_t *in, uint8_t *out,
                           size_t length, uint8_t tag[TAG_SIZE]) {
    struct protection protection;
    uint8_t room[BOUND_MAX];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    enum status status = context == NULL ? STATUS_NO_MEMORY : derive(message, gmk, &protection);
    if (status == STATUS_OK) {
        status = apply_gcm(context, encrypt, &protection, bound_fields(message, room), in, out,
                           length, tag);
    }
    EVP_CIPHER_CTX_free(context);
    secret_wipe(&protection, sizeof protection);
    return status;
}

static enum status seal_parameters(const struct key_delivery_fields *fields,
                                   const struct i_message_fields *message,
                                   const uint8_t gmk[SSV_SIZE], struct writer *out) {
    uint8_t plain[PLAIN_MAX], sealed[PLAIN_MAX], tag[TAG_SIZE];
    struct writer w = writer_into(plain, sizeof plain);
    write_parameters(&w, fields);
    enum status status = writer_finish(&w);
    if (status == STATUS_OK) {
        status = protect(true, message, gmk, plain, sealed, w.length, tag);
    }
    if (status == STATUS_OK) {
        write_span(out, (struct span){sealed, w.length});
        write_span(out, SPAN_OF(tag));
        status = writer_finish(out);
    }
    secret_wipe(plain, sizeof plain);
    return status;
}

static enum status open_parameters(const struct i_message_fields *message,
                                   const uint8_t gmk[SSV_SIZE],
                                   struct key_delivery_fields *fields) {
    uint8_t plain[PLAIN_MAX], tag[TAG_SIZE];
    struct reader r = reader_of(message->key_parameters);
    if (message->key_parameters.length < TAG_SIZE) {
        return STATUS_TRUNCATED;
    }
    if (message->key_parameters.length > SEALED_MAX) {
        return STATUS_TOO_LONG;
    }
    struct span sealed = read_span(&r, message->key_parameters.length - TAG_SIZE);
    read_octets(&r, tag, sizeof tag);
    enum status status = protect(false, message, gmk, sealed.octets, plain, sealed.length, tag);
    if (status == STATUS_OK) {
        status = read_parameters((struct span){plain, sealed.length}, message, fields);
    }
    secret_wipe(plain, sizeof plain);
    return status;
}

/* --- The message --------------------------------------------------------------------------------
 */

static enum status address(const struct key_delivery_fields *fields,
                           const struct key_delivery_member *member, const uint8_t gmk[SSV_SIZE],
                           const struct entropy *entropy, struct i_message_fields *message,
                           struct writer *sealed) {
    *message = (struct i_message_fields){
        .key_id = fields->gmk_id, .utc_ms = fields->utc_ms, .manager = fields->manager};
    memcpy(message->initiator, fields->group, IDENTITY_SIZE);
    memcpy(message->responder, member->identity, IDENTITY_SIZE);
    memcpy(message->initiator_kms, fields->group_kms, IDENTITY_SIZE);
    memcpy(message->responder_kms, member->kms, IDENTITY_SIZE);
    enum status status = entropy_draw(entropy, message->rand, sizeof message->rand);
    if (status == STATUS_OK) {
        status = seal_parameters(fields, message, gmk, sealed);
    }
    message->key_parameters = writer_span(sealed);
    return status;
}

size_t key_delivery_room(const struct key_delivery_fields *fields, const char *kms, size_t length) {
    size_t names = strlen(fields->group) + strlen(fields->group_kms) + strlen(kms) + length;
    return names + KEY_DELIVERY_BARE < KEY_DELIVERY_MAX
               ? KEY_DELIVERY_MAX - KEY_DELIVERY_BARE - names
               : 0;
}

enum status key_delivery_build_each(const struct provider *provider,
                                    const struct key_delivery_fields *fields,
                                    const uint8_t gmk[SSV_SIZE], size_t count,
                                    const struct key_delivery_member members[],
                                    const struct domain_key *member_domain,
                                    const struct signing_key *signing_key,
                                    const struct entropy *entropy, struct writer outs[]) {
    struct i_message_fields messages[I_MESSAGES_AT_ONCE];
    struct identifier identifiers[I_MESSAGES_AT_ONCE];
    uint8_t rooms[I_MESSAGES_AT_ONCE][SEALED_MAX];
    if (count > I_MESSAGES_AT_ONCE) {
        return STATUS_TOO_LONG;
    }
    if (!period_fits(fields)) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    for (size_t i = 0; i < count; i++) {
        struct writer sealed = writer_into(rooms[i], SEALED_MAX);
        enum status status = address(fields, &members[i], gmk, entropy, &messages[i], &sealed);
        if (status != STATUS_OK) {
            return status;
        }
        identifiers[i] = members[i].identifier;
    }
    return i_message_build_each(provider, count, messages, member_domain, identifiers, signing_key,
                                gmk, entropy, outs);
}

enum status key_delivery_parse(struct span octets, struct i_message *out) {
    enum status status = i_message_parse(octets, out);
    if (status == STATUS_OK && out->fields.key_parameters.length == 0) {
        status = STATUS_MALFORMED;
    }
    if (status == STATUS_OK && octets.length > KEY_DELIVERY_MAX) {
        status = STATUS_TOO_LONG;
    }
    if (status != STATUS_OK) {
        memset(out, 0, sizeof *out);
    }
    return status;
}

enum status key_delivery_parameters(const struct i_message *message, const uint8_t gmk[SSV_SIZE],
                                    struct key_delivery_fields *fields) {
    memset(fields, 0, sizeof *fields);
    enum status status = open_parameters(&message->fields, gmk, fields);
    if (status != STATUS_OK) {
        memset(fields, 0, sizeof *fields);
    }
    return status;
}

enum status key_delivery_open(const struct provider *provider, const struct i_message *message,
                              const struct receiver_key *key, struct key_delivery_fields *fields,
                              uint8_t gmk[SSV_SIZE]) {
    memset(fields, 0, sizeof *fields);
    enum status status = i_message_open(provider, message, key, gmk);
    if (status == STATUS_OK) {
        status = key_delivery_parameters(message, gmk, fields);
    }
    if (status != STATUS_OK) {
        secret_wipe(gmk, SSV_SIZE);
    }
    return status;
}
