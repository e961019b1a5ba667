/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The group security context (GSC, 6.X.3.1.2): one direction of SRTP with AEAD_AES_128_GCM
 * (RFC 7714, libsrtp2), its TEK and salt derived from the GSK by RFC 3830 4.1.3. The TGK of a D2D
 * connection makes the two GSCs of a one-to-one talk the same way, one for each crypto session id.
 *
 * Both sides start at rollover counter 0 and count on from the packets they see (RFC 3711 3.3.1). A
 * listener who missed every packet before the sequence numbers wrapped hears nothing afterwards. So
 * a sender starts below 2^15, and a talk renews its GSK often enough that a late joiner does not
 * wait long for the next announcement.
 *
 * What a context keeps of its keys is in secret memory, but for the copies that the libraries need
 * for as long as it lives: libsrtp2's session, and in a context that receives OpenSSL's, which
 * checks tags. A context that takes each packet by gsc_check and gsc_unprotect uses OpenSSL's
 * alone. gsc_free wipes them.
 */
#ifndef MUSTER_CRYPTO_GSC_H
#define MUSTER_CRYPTO_GSC_H

#include "crypto/i_message.h"

enum {
    GSC_OVERHEAD = 16,
    RTP_PACKET_MAX = 1400,
    /* The upper 16 bits of a sender's random start are its first sequence number. */
    GSC_START_MAX = 0x7FFFFFFF,
};

struct gsc;

enum gsc_direction {
    GSC_SEND,
    GSC_RECEIVE
};

/* Sets up what all contexts share, once for the process; later calls only return the result. It
 * takes longer than a frame of voice, so call it early, before anybody talks or listens; otherwise
 * the first gsc_new does it, in the middle of the first words. May be called from any thread.
 * STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status gsc_set_up(void);

/* A context for one SSRC. `key` is the GSK or TGK (16 octets); `cs_id` the crypto session id (1 for
 * a group's talk session; 1 initiator to responder and 2 back in a D2D connection); `csb_id` and
 * `rand` come from the MIKEY message. The caller frees it. */
MUST_CHECK enum status gsc_new(const uint8_t key[SSV_SIZE], uint8_t cs_id, uint32_t csb_id,
                               const uint8_t rand[MIKEY_RAND_SIZE], uint32_t ssrc,
                               enum gsc_direction direction, struct gsc **out);

/* Wipes and frees; NULL is allowed. */
void gsc_free(struct gsc *gsc);

/* RTP packet (at most RTP_PACKET_MAX octets) to SRTP, appended to `out` (GSC_OVERHEAD more).
 * STATUS_MALFORMED, STATUS_TOO_LONG, STATUS_SESSION_UNKNOWN (another SSRC), STATUS_REPLAYED (a
 * sequence number that was sent already: its nonce is used up), STATUS_NOT_ALLOWED (a context that
 * receives). */
MUST_CHECK enum status gsc_protect(struct gsc *gsc, struct span rtp, struct writer *out);

/* What can be told of a packet without cryptography: form, SSRC, and whether its number was taken.
 * Only for contexts whose rollover counter is 0. STATUS_OK or the errors of gsc_unprotect. */
MUST_CHECK enum status gsc_sift(const struct gsc *gsc, struct span srtp);

/* Would gsc_unprotect take this SRTP packet, as far as its tag and its sequence number tell?
 * Takes nothing: what a packet's signature has not proven yet must not move the replay window. What
 * is in it is kept in secret memory until another packet is checked or this one is taken, so that
 * gsc_unprotect of the same octets need not decrypt them again; nothing else gives it out. Only for
 * contexts whose rollover counter is 0. STATUS_OK or the errors of gsc_unprotect. */
MUST_CHECK enum status gsc_check(const struct gsc *gsc, struct span srtp);

/* SRTP packet to RTP, appended to `out`, and marks it as taken. STATUS_MAC_INVALID, STATUS_REPLAYED
 * (also too old for the replay window of 128 packets), STATUS_MALFORMED, STATUS_TOO_LONG,
 * STATUS_SESSION_UNKNOWN (another SSRC), STATUS_NOT_ALLOWED (a context that sends). */
MUST_CHECK enum status gsc_unprotect(struct gsc *gsc, struct span srtp, struct writer *out);

#endif
