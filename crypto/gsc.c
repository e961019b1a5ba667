/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/gsc.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/derivation.h"
#include "crypto/secret.h"

enum {
    TEK_SIZE = 16,
    SALT_SIZE = 12,
    RTP_HEADER_SIZE = 12,
    RTP_VERSION_ALONE = 2 << 6, /* RFC 3550 5.1: the first octet, */
    RTP_PADDING_BIT = 0x20,
    SEQUENCE_AT = 2,
    SSRC_AT = 8,
    LABEL_ENCRYPTION = 0, /* RFC 3711 4.3.1 */
    LABEL_SALT = 2,
    LABEL_AT = 7,
    REPLAY_WINDOW = 128, /* packets: 2.5 s of speech that arrive late or out of order */
};

/* What packets are checked with: the keys of one SRTP session, which RFC 3711 4.3.1 makes of TEK
 * and salt (RFC 7714 11), and the packet whose tag was right last, with what is in it. */
struct checking {
    uint8_t key[TEK_SIZE];
    uint8_t salt[SALT_SIZE];
    size_t length; /* of `rtp`; 0: there is none */
    uint8_t rtp[RTP_PACKET_MAX];
    uint8_t srtp[RTP_PACKET_MAX + GSC_OVERHEAD];
};

struct gsc {
    srtp_t session;
    enum gsc_direction direction;
    uint32_t ssrc;
    struct checking *checking; /* secret memory */
    EVP_CIPHER_CTX *checker;   /* has the key of it: to set it up for each packet costs more than
                                  the packet does */
    bool has_opened; /* a packet that was checked was taken: libsrtp2 has not seen all of them */
    bool has_seen;
    uint16_t newest;          /* of the packets taken */
    bool seen[REPLAY_WINDOW]; /* by sequence number modulo the window */
};

/* libsrtp2 works on packets in place, aligned to 32 bits, with room for its trailer. */
union packet {
    uint32_t alignment;
    uint8_t octets[RTP_PACKET_MAX + GSC_OVERHEAD + SRTP_MAX_TRAILER_LEN];
};

/* libsrtp2 has one state for the whole process, set up once and never taken down. */
static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static srtp_err_status_t library_status = srtp_err_status_init_fail;
static EVP_CIPHER *gcm; /* looking it up costs as much as checking a packet with it */

static void set_up_library(void) {
    library_status = srtp_init();
    gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
}

enum status gsc_set_up(void) {
    bool is_up = pthread_once(&library_once, set_up_library) == 0 &&
                 library_status == srtp_err_status_ok && gcm != NULL;
    return is_up ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

static enum status status_of(srtp_err_status_t result) {
    switch (result) {
    case srtp_err_status_ok:
        return STATUS_OK;
    case srtp_err_status_alloc_fail:
        return STATUS_NO_MEMORY;
    case srtp_err_status_auth_fail:
        return STATUS_MAC_INVALID;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old:
        return STATUS_REPLAYED;
    case srtp_err_status_no_ctx: /* another SSRC */
        return STATUS_SESSION_UNKNOWN;
    case srtp_err_status_bad_param:
    case srtp_err_status_parse_err:
    case srtp_err_status_cipher_fail: /* shorter than its header and the tag */
        return STATUS_MALFORMED;
    default:
        return STATUS_LIBRARY_FAILED;
    }
}

static enum status create_session(struct gsc *gsc, uint32_t ssrc,
                                  uint8_t key_and_salt[TEK_SIZE + SALT_SIZE]) {
    srtp_policy_t policy = {
        .ssrc = {.type = ssrc_specific, .value = ssrc},
        .key = key_and_salt,
        .window_size = REPLAY_WINDOW,
    };
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    return status_of(srtp_create(&gsc->session, &policy));
}

/* One key of RFC 3711 4.3.1: AES-CM under the TEK, from the salt with the key's label at octet 7.
 */
static enum status derive_session_key(const uint8_t key_and_salt[TEK_SIZE + SALT_SIZE],
                                      uint8_t label, uint8_t *out, int length) {
    static const uint8_t zeros[TEK_SIZE];
    uint8_t counter[TEK_SIZE] = {0};
    int done = 0;
    memcpy(counter, key_and_salt + TEK_SIZE, SALT_SIZE);
    counter[LABEL_AT] ^= label;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ok = context != NULL &&
              EVP_EncryptInit_ex2(context, EVP_aes_128_ctr(), key_and_salt, counter, NULL) == 1 &&
              EVP_EncryptUpdate(context, out, &done, zeros, length) == 1 && done == length;
    EVP_CIPHER_CTX_free(context);
    secret_wipe(counter, sizeof counter);
    return ok ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

static enum status set_up_checking(struct gsc *gsc,
                                   const uint8_t key_and_salt[TEK_SIZE + SALT_SIZE]) {
    gsc->checking = secret_object_new(sizeof *gsc->checking);
    if (gsc->checking == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status =
        derive_session_key(key_and_salt, LABEL_ENCRYPTION, gsc->checking->key, TEK_SIZE);
    if (status == STATUS_OK) {
        status = derive_session_key(key_and_salt, LABEL_SALT, gsc->checking->salt, SALT_SIZE);
    }
    if (status != STATUS_OK) {
        return status;
    }
    gsc->checker = EVP_CIPHER_CTX_new();
    if (gsc->checker == NULL) {
        return STATUS_NO_MEMORY;
    }
    bool ok = EVP_DecryptInit_ex2(gsc->checker, gcm, gsc->checking->key, NULL, NULL) == 1;
    return ok ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

static void tear_down_checking(struct gsc *gsc) {
    EVP_CIPHER_CTX_free(gsc->checker); /* wipes the key */
    secret_object_free(gsc->checking);
}

enum status gsc_new(const uint8_t key[SSV_SIZE], uint8_t cs_id, uint32_t csb_id,
                    const uint8_t rand[MIKEY_RAND_SIZE], uint32_t ssrc,
                    enum gsc_direction direction, struct gsc **out) {
    *out = NULL;
    enum status status = gsc_set_up();
    if (status != STATUS_OK) {
        return status;
    }
    struct gsc *gsc = calloc(1, sizeof *gsc);
    if (gsc == NULL) {
        return STATUS_NO_MEMORY;
    }
    gsc->direction = direction;
    gsc->ssrc = ssrc;

    struct span inkey = {key, SSV_SIZE};
    uint8_t key_and_salt[TEK_SIZE + SALT_SIZE];
    status = mikey_derive(DERIVED_TEK, inkey, cs_id, csb_id, rand, key_and_salt, TEK_SIZE);
    if (status == STATUS_OK) {
        status = mikey_derive(DERIVED_SALT, inkey, cs_id, csb_id, rand, key_and_salt + TEK_SIZE,
                              SALT_SIZE);
    }
    if (status == STATUS_OK && direction == GSC_RECEIVE) {
        status = set_up_checking(gsc, key_and_salt);
    }
    if (status == STATUS_OK) {
        status = create_session(gsc, ssrc, key_and_salt);
    }
    secret_wipe(key_and_salt, sizeof key_and_salt);
    if (status != STATUS_OK) {
        tear_down_checking(gsc);
        free(gsc);
        return status;
    }
    *out = gsc;
    return STATUS_OK;
}

void gsc_free(struct gsc *gsc) {
    if (gsc == NULL) {
        return;
    }
    /* Fails only for a session that is not one; wipes its keys. */
    (void)srtp_dealloc(gsc->session);
    tear_down_checking(gsc);
    free(gsc);
}

/* The checks that come before the cryptography. */
static enum status check_packet(const struct gsc *gsc, enum gsc_direction direction,
                                struct span packet, size_t overhead, const struct writer *out) {
    if (gsc->direction != direction) {
        return STATUS_NOT_ALLOWED;
    }
    if (packet.length < RTP_HEADER_SIZE + overhead || packet.octets[0] >> 6 != 2) {
        return STATUS_MALFORMED;
    }
    if (packet.length > RTP_PACKET_MAX + overhead) {
        return STATUS_TOO_LONG;
    }
    /* Before the packet is counted as sent or seen: what does not fit can be tried again. */
    size_t result = packet.length - overhead + (overhead == 0 ? GSC_OVERHEAD : 0);
    return out->failed || out->capacity - out->length < result ? STATUS_TOO_LONG : STATUS_OK;
}

static enum status convert(struct gsc *gsc, srtp_err_status_t (*conversion)(srtp_t, void *, int *),
                           struct span packet, struct writer *out) {
    union packet work;
    int length = (int)packet.length;
    memcpy(work.octets, packet.octets, packet.length);
    enum status status = status_of(conversion(gsc->session, work.octets, &length));
    if (status == STATUS_OK) {
        write_span(out, (struct span){work.octets, (size_t)length});
        status = writer_finish(out);
    }
    secret_wipe(&work, sizeof work);
    return status;
}

enum status gsc_protect(struct gsc *gsc, struct span rtp, struct writer *out) {
    enum status status = check_packet(gsc, GSC_SEND, rtp, 0, out);
    return status == STATUS_OK ? convert(gsc, srtp_protect, rtp, out) : status;
}

/* --- Checking without taking ------------------------------------------------------------------ */

static uint16_t sequence_of(struct span packet) {
    return (uint16_t)(packet.octets[SEQUENCE_AT] << 8 | packet.octets[SEQUENCE_AT + 1]);
}

/* A packet that was taken, as the replay window of RFC 3711 3.3.2 counts it. */
static void mark(struct gsc *gsc, uint16_t sequence) {
    while (gsc->has_seen && sequence > gsc->newest) {
        gsc->seen[++gsc->newest % REPLAY_WINDOW] = false;
    }
    gsc->newest = gsc->has_seen ? gsc->newest : sequence;
    gsc->has_seen = true;
    gsc->seen[sequence % REPLAY_WINDOW] = true;
}

static bool is_replay(const struct gsc *gsc, uint16_t sequence) {
    return gsc->has_seen && sequence <= gsc->newest &&
           (gsc->newest - sequence >= REPLAY_WINDOW || gsc->seen[sequence % REPLAY_WINDOW]);
}

/* Nothing is left of what was in the packet that was checked last. */
static void forget_checked(struct checking *checking) {
    secret_wipe(checking->rtp, checking->length);
    checking->length = 0;
}

/* The tag of RFC 7714 8: nonce 00 00, SSRC, ROC, SEQ, XOR the session's salt. A packet whose tag is
 * right is kept, decrypted. */
static enum status check_tag(const struct gsc *gsc, struct span srtp) {
    struct checking *checking = gsc->checking;
    uint8_t nonce[SALT_SIZE];
    int body = (int)(srtp.length - RTP_HEADER_SIZE - GSC_OVERHEAD), done = 0;
    struct writer w = writer_into(nonce, sizeof nonce);
    write_u16(&w, 0);
    write_u32(&w, gsc->ssrc);
    write_u32(&w, 0);
    write_u16(&w, sequence_of(srtp));
    for (size_t i = 0; i < sizeof nonce; i++) {
        nonce[i] ^= checking->salt[i];
    }
    forget_checked(checking);
    memcpy(checking->srtp, srtp.octets, srtp.length);
    memcpy(checking->rtp, srtp.octets, RTP_HEADER_SIZE);
    checking->length = srtp.length - GSC_OVERHEAD;
    uint8_t *plain = checking->rtp + RTP_HEADER_SIZE;
    uint8_t *tag = checking->srtp + srtp.length - GSC_OVERHEAD;
    EVP_CIPHER_CTX *checker = gsc->checker;
    bool ok = EVP_DecryptInit_ex2(checker, NULL, NULL, nonce, NULL) == 1 &&
              EVP_DecryptUpdate(checker, NULL, &done, srtp.octets, RTP_HEADER_SIZE) == 1 &&
              EVP_DecryptUpdate(checker, plain, &done, srtp.octets + RTP_HEADER_SIZE, body) == 1 &&
              EVP_CIPHER_CTX_ctrl(checker, EVP_CTRL_AEAD_SET_TAG, GSC_OVERHEAD, tag) == 1;
    bool is_genuine = ok && EVP_DecryptFinal_ex(checker, plain, &done) == 1;
    if (!is_genuine) {
        forget_checked(checking);
    }
    return !ok ? STATUS_LIBRARY_FAILED : is_genuine ? STATUS_OK : STATUS_MAC_INVALID;
}

enum status gsc_sift(const struct gsc *gsc, struct span srtp) {
    uint8_t room[RTP_PACKET_MAX];
    const struct writer out = writer_into(room, sizeof room);
    enum status status = check_packet(gsc, GSC_RECEIVE, srtp, GSC_OVERHEAD, &out);
    if (status != STATUS_OK) {
        return status;
    }
    /* No contributing sources and no extension: what is under the tag alone is the header. Padding
     * is encrypted with the payload. */
    if ((srtp.octets[0] & ~RTP_PADDING_BIT) != RTP_VERSION_ALONE) {
        return STATUS_MALFORMED;
    }
    struct reader r = reader_of(srtp);
    (void)read_span(&r, SSRC_AT);
    if (read_u32(&r) != gsc->ssrc) {
        return STATUS_SESSION_UNKNOWN;
    }
    return is_replay(gsc, sequence_of(srtp)) ? STATUS_REPLAYED : STATUS_OK;
}

enum status gsc_check(const struct gsc *gsc, struct span srtp) {
    enum status status = gsc_sift(gsc, srtp);
    return status == STATUS_OK ? check_tag(gsc, srtp) : status;
}

static bool is_checked(const struct gsc *gsc, struct span srtp) {
    const struct checking *checking = gsc->checking;
    return checking->length > 0 &&
           span_equal((struct span){checking->srtp, checking->length + GSC_OVERHEAD}, srtp);
}

/* What the check has decrypted is not decrypted once more. */
static enum status take_checked(struct gsc *gsc, struct span srtp, struct writer *out) {
    if (is_replay(gsc, sequence_of(srtp))) {
        return STATUS_REPLAYED;
    }
    write_span(out, (struct span){gsc->checking->rtp, gsc->checking->length});
    forget_checked(gsc->checking);
    gsc->has_opened = true;
    return writer_finish(out);
}

enum status gsc_unprotect(struct gsc *gsc, struct span srtp, struct writer *out) {
    enum status status = check_packet(gsc, GSC_RECEIVE, srtp, GSC_OVERHEAD, out);
    if (status == STATUS_OK && is_checked(gsc, srtp)) {
        status = take_checked(gsc, srtp, out);
    } else if (status == STATUS_OK) {
        bool was_opened = gsc->has_opened && is_replay(gsc, sequence_of(srtp));
        status = was_opened ? STATUS_REPLAYED : convert(gsc, srtp_unprotect, srtp, out);
    }
    if (status == STATUS_OK) {
        mark(gsc, sequence_of(srtp));
    }
    return status;
}
