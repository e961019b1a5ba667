/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sealing.h"

#include <openssl/evp.h>
#include <string.h>

#include "crypto/derivation.h"
#include "crypto/seal.h"
#include "tests/fuzz/target.h"

enum {
    PLACE_MAX = 1500
};

/* Encrypts `plain` into `out`, with `place` as what else is authenticated, and writes the tag. */
static void encrypt(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *nonce,
                    struct span place, struct span plain, uint8_t *out, uint8_t tag[16]) {
    int length = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    must(context != NULL && EVP_EncryptInit_ex2(context, cipher, key, nonce, NULL) == 1);
    must(EVP_EncryptUpdate(context, NULL, &length, place.octets, (int)place.length) == 1);
    must(EVP_EncryptUpdate(context, out, &length, plain.octets, (int)plain.length) == 1);
    must(EVP_EncryptFinal_ex(context, out + length, &length) == 1);
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
    EVP_CIPHER_CTX_free(context);
}

struct span sealed_word(const uint8_t key[GMK_SIZE], uint32_t gmk_id, uint16_t hour,
                        struct span plain, uint8_t room[ATTENDANCE_WORD_MAX]) {
    static const char label[] = "Muster attendance 1";
    uint8_t place[sizeof label + ATTENDANCE_HEAD_SIZE], keys[32], tag[ATTENDANCE_TAG_SIZE];
    uint8_t text[ATTENDANCE_WORD_MAX] = {0}, sealed[ATTENDANCE_WORD_MAX];
    const size_t most = ATTENDANCE_WORD_MAX - ATTENDANCE_HEAD_SIZE - ATTENDANCE_TAG_SIZE;
    size_t length = plain.length < most ? plain.length : most;
    memcpy(text, plain.octets, length);
    length = length > ATTENDANCE_FIXED_SIZE ? length : ATTENDANCE_FIXED_SIZE;
    struct writer w = writer_into(place, sizeof place),
                  out = writer_into(room, ATTENDANCE_WORD_MAX);
    write_span(&w, SPAN_OF(label));
    write_u32(&w, gmk_id);
    write_u16(&w, hour);
    must(mikey_prf((struct span){key, GMK_SIZE}, writer_span(&w), keys, sizeof keys) == STATUS_OK);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-SIV", NULL);
    encrypt(cipher, keys, NULL, writer_span(&w), (struct span){text, length}, sealed, tag);
    EVP_CIPHER_free(cipher);
    write_u32(&out, gmk_id);
    write_u16(&out, hour);
    write_span(&out, SPAN_OF(tag));
    write_span(&out, (struct span){sealed, length});
    must(writer_finish(&out) == STATUS_OK);
    return writer_span(&out);
}

struct span sealed_parameters(const struct i_message_fields *message, const uint8_t gmk[SSV_SIZE],
                              struct span plain, uint8_t *room) {
    uint8_t label[64], bound[PLACE_MAX], keys[16 + 12];
    struct writer l = writer_into(label, sizeof label), b = writer_into(bound, sizeof bound);
    write_span(&l, span_of_text("Muster key parameters"));
    write_u32(&l, message->key_id);
    write_span(&l, SPAN_OF(message->rand));
    must(mikey_prf((struct span){gmk, SSV_SIZE}, writer_span(&l), keys, sizeof keys) == STATUS_OK);
    write_u32(&b, message->key_id);
    write_u64(&b, (uint64_t)message->utc_ms);
    write_span(&b, SPAN_OF(message->rand));
    write_text_u8(&b, message->initiator);
    write_text_u8(&b, message->responder);
    write_text_u8(&b, message->initiator_kms);
    write_text_u8(&b, message->responder_kms);
    encrypt(EVP_aes_128_gcm(), keys, keys + 16, writer_span(&b), plain, room, room + plain.length);
    return (struct span){room, plain.length + SEALED_PARAMETERS_TAG};
}

struct span sealed_message(const struct message_key *key, bool is_receipt, struct span plain,
                           uint8_t room[GROUP_MESSAGE_MAX]) {
    static const char labels[][25] = {"Muster message 1", "Muster message receipt 1"};
    const char *label = labels[is_receipt];
    uint8_t text[PLACE_MAX], sealing[SEAL_KEY_SIZE];
    struct writer w = writer_into(text, sizeof text), out = writer_into(room, GROUP_MESSAGE_MAX);
    write_span(&w, (struct span){(const uint8_t *)label, strlen(label) + 1});
    write_u32(&w, key->gmk_id);
    write_u32(&w, key->hour);
    const struct span place = writer_span(&w);
    write_span(&w, span_of_text(key->group));
    must(mikey_prf((struct span){key->octets, GMK_SIZE}, writer_span(&w), sealing,
                   sizeof sealing) == STATUS_OK);
    plain.length =
        plain.length < GROUP_MESSAGE_PLAIN_MAX ? plain.length : (size_t)GROUP_MESSAGE_PLAIN_MAX;
    write_u32(&out, key->gmk_id);
    write_u32(&out, key->hour);
    must(seal_close(sealing, place, plain, &entropy_system, &out) == STATUS_OK);
    return writer_span(&out);
}
