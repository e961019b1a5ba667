/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/gsc.h"

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
    REPLAY_WINDOW = 128, /* packets: 2.5 s of speech that arrive late or out of order */
};

struct gsc {
    srtp_t session;
    enum gsc_direction direction;
};

/* libsrtp2 works on packets in place, aligned to 32 bits, with room for its trailer. */
union packet {
    uint32_t alignment;
    uint8_t octets[RTP_PACKET_MAX + GSC_OVERHEAD + SRTP_MAX_TRAILER_LEN];
};

/* libsrtp2 has one state for the whole process, set up once and never taken down. */
static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static srtp_err_status_t library_status = srtp_err_status_init_fail;

static void set_up_library(void) {
    library_status = srtp_init();
}

enum status gsc_set_up(void) {
    bool is_up =
        pthread_once(&library_once, set_up_library) == 0 && library_status == srtp_err_status_ok;
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

    struct span inkey = {key, SSV_SIZE};
    uint8_t key_and_salt[TEK_SIZE + SALT_SIZE];
    status = mikey_derive(DERIVED_TEK, inkey, cs_id, csb_id, rand, key_and_salt, TEK_SIZE);
    if (status == STATUS_OK) {
        status = mikey_derive(DERIVED_SALT, inkey, cs_id, csb_id, rand, key_and_salt + TEK_SIZE,
                              SALT_SIZE);
    }
    if (status == STATUS_OK) {
        status = create_session(gsc, ssrc, key_and_salt);
    }
    secret_wipe(key_and_salt, sizeof key_and_salt);
    if (status != STATUS_OK) {
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

enum status gsc_unprotect(struct gsc *gsc, struct span srtp, struct writer *out) {
    enum status status = check_packet(gsc, GSC_RECEIVE, srtp, GSC_OVERHEAD, out);
    return status == STATUS_OK ? convert(gsc, srtp_unprotect, srtp, out) : status;
}
