/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/mikey.h"

#include <string.h>

enum {
    VERSION = 1,
    PRF_HMAC_SHA_256 = 1, /* RFC 6043 6.1; the bit above it is V, no verification message */
    MAP_SRTP_ID = 0,
    POLICY_NUMBER = 0,
    ROLLOVER_COUNTER = 0,
    TIMESTAMP_NTP_UTC = 0,
    ID_URI = 1,
    ID_BYTE_STRING = 2, /* RFC 6043 6.6 */
    SAKKE_PARAMETER_SET_1 = 1,
    ENCRYPTION_AES_CM_128 = 1,
    MAC_HMAC_SHA_256_256 = 2, /* RFC 6043 6.2 */
    KEY_DATA_TGK = 0,         /* type TGK in the upper half, no key validity in the lower */
    SIGNATURE_ECCSI = 2,      /* RFC 6509 4 */
    EXTENSION_VENDOR_ID = 0,
    EXTENSION_KEY_PARAMETERS = 7,
    EXTENSION_SHARE = 241,
    EXTENSION_RECOVERY = 242,
    EXTENSION_TICKET = 243,
    EXTENSION_MANAGER = 244,
    PROTOCOL_SRTP = 0,
};

static const uint64_t ntp_seconds_at_1970 = UINT64_C(2208988800);

/* --- The reader ----------------------------------------------------------------------------------
 */

struct mikey_reader mikey_reader_of(struct span message) {
    return (struct mikey_reader){.octets = reader_of(message), .status = STATUS_OK};
}

static void fail(struct mikey_reader *m, enum status status) {
    if (!m->octets.failed && m->status == STATUS_OK) {
        m->status = status;
    }
    m->octets.failed = true;
}

enum status mikey_finish(const struct mikey_reader *m) {
    return m->status != STATUS_OK ? m->status : reader_finish(&m->octets);
}

bool mikey_next_is(const struct mikey_reader *m, enum mikey_payload next) {
    return reader_left(&m->octets) > 0 && m->octets.octets[m->octets.at] == next;
}

struct span mikey_read_so_far(const struct mikey_reader *m) {
    return m->octets.failed ? (struct span){NULL, 0}
                            : (struct span){m->octets.octets, m->octets.at};
}

struct span mikey_read_octets(struct mikey_reader *m, size_t length) {
    return read_span(&m->octets, length);
}

/* Reads one field that has to hold `value`; another one fails with `otherwise`. */
static void expect_u8(struct mikey_reader *m, unsigned value, enum status otherwise) {
    if (read_u8(&m->octets) != value) {
        fail(m, otherwise);
    }
}

static void expect_u16(struct mikey_reader *m, unsigned value, enum status otherwise) {
    if (read_u16(&m->octets) != value) {
        fail(m, otherwise);
    }
}

static void expect_u32(struct mikey_reader *m, uint32_t value, enum status otherwise) {
    if (read_u32(&m->octets) != value) {
        fail(m, otherwise);
    }
}

/* --- HDR: the common header ----------------------------------------------------------------------
 */

void mikey_write_header(struct writer *w, enum mikey_data_type type, enum mikey_payload next,
                        uint32_t csb_id, const uint32_t *ssrc) {
    write_u8(w, VERSION);
    write_u8(w, (uint8_t)type);
    write_u8(w, (uint8_t)next);
    write_u8(w, PRF_HMAC_SHA_256);
    write_u32(w, csb_id);
    write_u8(w, ssrc != NULL ? 1 : 0);
    write_u8(w, MAP_SRTP_ID);
    if (ssrc == NULL) {
        return;
    }
    write_u8(w, POLICY_NUMBER);
    write_u32(w, *ssrc);
    write_u32(w, ROLLOVER_COUNTER);
}

void mikey_read_header(struct mikey_reader *m, enum mikey_data_type type, enum mikey_payload next,
                       uint32_t *csb_id, uint32_t *ssrc) {
    expect_u8(m, VERSION, STATUS_UNSUPPORTED);
    expect_u8(m, type, STATUS_UNSUPPORTED);
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, PRF_HMAC_SHA_256, STATUS_UNSUPPORTED);
    *csb_id = read_u32(&m->octets);
    expect_u8(m, ssrc != NULL ? 1 : 0, STATUS_MALFORMED);
    expect_u8(m, MAP_SRTP_ID, STATUS_UNSUPPORTED);
    if (ssrc == NULL) {
        return;
    }
    expect_u8(m, POLICY_NUMBER, STATUS_MALFORMED);
    *ssrc = read_u32(&m->octets);
    expect_u32(m, ROLLOVER_COUNTER, STATUS_MALFORMED);
}

/* --- T: timestamp --------------------------------------------------------------------------------
 */

static const uint64_t ntp_era_seconds = UINT64_C(1) << 32;

bool mikey_time_fits(int64_t utc_ms) {
    return utc_ms >= 0 &&
           (uint64_t)utc_ms / 1000 + ntp_seconds_at_1970 < ntp_era_seconds + ntp_era_seconds / 2;
}

uint64_t mikey_ntp_of(int64_t utc_ms) {
    uint64_t seconds = (uint64_t)utc_ms / 1000 + ntp_seconds_at_1970;
    uint64_t fraction = (((uint64_t)utc_ms % 1000 << 32) + 999) / 1000;
    return seconds << 32 | fraction;
}

static int64_t utc_ms_of(uint64_t ntp) {
    uint64_t seconds = ntp >> 32;
    if (seconds < ntp_era_seconds / 2) {
        seconds += ntp_era_seconds;
    }
    uint64_t ms = (ntp & UINT32_MAX) * 1000 >> 32;
    return ((int64_t)seconds - (int64_t)ntp_seconds_at_1970) * 1000 + (int64_t)ms;
}

void mikey_write_timestamp(struct writer *w, enum mikey_payload next, int64_t utc_ms) {
    write_u8(w, (uint8_t)next);
    write_u8(w, TIMESTAMP_NTP_UTC);
    write_u64(w, mikey_ntp_of(utc_ms));
}

void mikey_read_timestamp(struct mikey_reader *m, enum mikey_payload next, int64_t *utc_ms) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, TIMESTAMP_NTP_UTC, STATUS_UNSUPPORTED);
    uint64_t ntp = read_u64(&m->octets);
    *utc_ms = utc_ms_of(ntp);
    /* Only a time on the millisecond comes back as the same octets. */
    if (!mikey_time_fits(*utc_ms) || mikey_ntp_of(*utc_ms) != ntp) {
        fail(m, STATUS_MALFORMED);
    }
}

/* --- RAND ----------------------------------------------------------------------------------------
 */

void mikey_write_rand(struct writer *w, enum mikey_payload next,
                      const uint8_t rand[MIKEY_RAND_SIZE]) {
    write_u8(w, (uint8_t)next);
    write_u8(w, MIKEY_RAND_SIZE);
    write_span(w, (struct span){rand, MIKEY_RAND_SIZE});
}

void mikey_read_rand(struct mikey_reader *m, enum mikey_payload next,
                     uint8_t rand[MIKEY_RAND_SIZE]) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, MIKEY_RAND_SIZE, STATUS_MALFORMED);
    read_octets(&m->octets, rand, MIKEY_RAND_SIZE);
}

/* --- IDR: identity with its role -----------------------------------------------------------------
 */

void mikey_write_uri(struct writer *w, enum mikey_payload next, enum mikey_role role,
                     const char *uri) {
    write_u8(w, (uint8_t)next);
    write_u8(w, (uint8_t)role);
    write_u8(w, ID_URI);
    write_span_u16(w, span_of_text(uri));
}

void mikey_read_uri(struct mikey_reader *m, enum mikey_payload next, enum mikey_role role,
                    enum status (*check)(const char *uri), char *out, size_t capacity) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, role, STATUS_MALFORMED);
    expect_u8(m, ID_URI, STATUS_MALFORMED);
    struct span uri = read_span_u16(&m->octets);
    memset(out, 0, capacity);
    if (uri.length >= capacity) {
        fail(m, STATUS_TOO_LONG);
    } else if (uri.length > 0) {
        memcpy(out, uri.octets, uri.length);
    }
    if (m->octets.failed) {
        return;
    }
    enum status status = check(out);
    if (status == STATUS_OK && strlen(out) != uri.length) { /* a NUL inside */
        status = STATUS_IDENTITY_INVALID;
    }
    if (status != STATUS_OK) {
        fail(m, status);
    }
}

void mikey_write_key_id(struct writer *w, enum mikey_payload next, enum mikey_role role,
                        uint32_t key_id, uint32_t hour) {
    write_u8(w, (uint8_t)next);
    write_u8(w, (uint8_t)role);
    write_u8(w, ID_BYTE_STRING);
    write_u16(w, sizeof key_id + sizeof hour);
    write_u32(w, key_id);
    write_u32(w, hour);
}

void mikey_read_key_id(struct mikey_reader *m, enum mikey_payload next, enum mikey_role role,
                       uint32_t *key_id, uint32_t *hour) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, role, STATUS_MALFORMED);
    expect_u8(m, ID_BYTE_STRING, STATUS_MALFORMED);
    expect_u16(m, sizeof *key_id + sizeof *hour, STATUS_MALFORMED);
    *key_id = read_u32(&m->octets);
    *hour = read_u32(&m->octets);
}

/* --- SP: security policy -------------------------------------------------------------------------
 */

/* The policy's parameters, each with one octet of value. The salt is 12 octets where RFC 3830's
 * default is 14, and the tag alone authenticates (RFC 7714 12, 14.3). */
static const struct {
    uint8_t type;
    uint8_t value;
} srtp_policy[] = {
    {0, 6},   /* encryption algorithm: AES-GCM */
    {1, 16},  /* session encryption key length */
    {2, 0},   /* authentication algorithm: NULL */
    {4, 12},  /* session salt key length */
    {20, 16}, /* AEAD authentication tag length */
};

enum {
    POLICY_PARAMETERS = sizeof srtp_policy / sizeof srtp_policy[0],
    POLICY_PARAMETER_SIZE = 3, /* type, length, value */
};

void mikey_write_policy(struct writer *w, enum mikey_payload next) {
    write_u8(w, (uint8_t)next);
    write_u8(w, POLICY_NUMBER);
    write_u8(w, PROTOCOL_SRTP);
    write_u16(w, POLICY_PARAMETERS * POLICY_PARAMETER_SIZE);
    for (size_t i = 0; i < POLICY_PARAMETERS; i++) {
        write_u8(w, srtp_policy[i].type);
        write_u8(w, 1);
        write_u8(w, srtp_policy[i].value);
    }
}

void mikey_read_policy(struct mikey_reader *m, enum mikey_payload next) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, POLICY_NUMBER, STATUS_MALFORMED);
    expect_u8(m, PROTOCOL_SRTP, STATUS_UNSUPPORTED);
    expect_u16(m, POLICY_PARAMETERS * POLICY_PARAMETER_SIZE, STATUS_UNSUPPORTED);
    for (size_t i = 0; i < POLICY_PARAMETERS; i++) {
        expect_u8(m, srtp_policy[i].type, STATUS_UNSUPPORTED);
        expect_u8(m, 1, STATUS_MALFORMED);
        expect_u8(m, srtp_policy[i].value, STATUS_UNSUPPORTED);
    }
}

/* --- SAKKE: encapsulated data --------------------------------------------------------------------
 */

void mikey_write_sakke(struct writer *w, enum mikey_payload next, enum id_scheme scheme,
                       const uint8_t data[SAKKE_DATA_SIZE]) {
    write_u8(w, (uint8_t)next);
    write_u8(w, SAKKE_PARAMETER_SET_1);
    write_u8(w, (uint8_t)scheme);
    write_span_u16(w, (struct span){data, SAKKE_DATA_SIZE});
}

void mikey_read_sakke(struct mikey_reader *m, enum mikey_payload next, enum id_scheme *scheme,
                      struct span *data) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, SAKKE_PARAMETER_SET_1, STATUS_UNSUPPORTED);
    uint8_t number = read_u8(&m->octets);
    if (number != ID_SCHEME_MONTHLY_TEL && number != ID_SCHEME_FIXED &&
        number != ID_SCHEME_MONTHLY_URI) {
        fail(m, STATUS_UNSUPPORTED);
    }
    *scheme = (enum id_scheme)number;
    expect_u16(m, SAKKE_DATA_SIZE, STATUS_MALFORMED);
    *data = read_span(&m->octets, SAKKE_DATA_SIZE);
}

/* --- General extensions --------------------------------------------------------------------------
 */

static void write_extension(struct writer *w, enum mikey_payload next, uint8_t type,
                            struct span data) {
    write_u8(w, (uint8_t)next);
    write_u8(w, type);
    write_span_u16(w, data);
}

static void read_extension(struct mikey_reader *m, enum mikey_payload next, uint8_t type,
                           uint16_t size, struct span *data) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, type, STATUS_UNSUPPORTED);
    expect_u16(m, size, STATUS_MALFORMED);
    *data = read_span(&m->octets, size);
}

void mikey_write_key_parameters(struct writer *w, enum mikey_payload next, struct span data) {
    write_extension(w, next, EXTENSION_KEY_PARAMETERS, data);
}

static void read_some(struct mikey_reader *m, enum mikey_payload next, uint8_t type,
                      struct span *data) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, type, STATUS_UNSUPPORTED);
    *data = read_span_u16(&m->octets);
    if (data->length == 0) {
        fail(m, STATUS_MALFORMED);
    }
}

void mikey_read_key_parameters(struct mikey_reader *m, enum mikey_payload next, struct span *data) {
    read_some(m, next, EXTENSION_KEY_PARAMETERS, data);
}

void mikey_write_manager(struct writer *w, enum mikey_payload next, struct span data) {
    write_extension(w, next, EXTENSION_MANAGER, data);
}

void mikey_read_manager(struct mikey_reader *m, enum mikey_payload next, struct span *data) {
    read_some(m, next, EXTENSION_MANAGER, data);
}

void mikey_write_vendor(struct writer *w, enum mikey_payload next, struct span data) {
    write_extension(w, next, EXTENSION_VENDOR_ID, data);
}

void mikey_read_vendor(struct mikey_reader *m, enum mikey_payload next, uint16_t size,
                       struct span *data) {
    read_extension(m, next, EXTENSION_VENDOR_ID, size, data);
}

void mikey_write_share(struct writer *w, enum mikey_payload next, struct span share) {
    write_extension(w, next, EXTENSION_SHARE, share);
}

void mikey_read_share(struct mikey_reader *m, enum mikey_payload next, struct span *share) {
    read_extension(m, next, EXTENSION_SHARE, SHARE_SIZE, share);
}

void mikey_write_recovery(struct writer *w, enum mikey_payload next, struct span data) {
    write_extension(w, next, EXTENSION_RECOVERY, data);
}

void mikey_read_recovery(struct mikey_reader *m, enum mikey_payload next, struct span *data) {
    read_extension(m, next, EXTENSION_RECOVERY, SAKKE_DATA_SIZE, data);
}

void mikey_write_ticket(struct writer *w, enum mikey_payload next, struct span data) {
    write_extension(w, next, EXTENSION_TICKET, data);
}

void mikey_read_ticket(struct mikey_reader *m, enum mikey_payload next, size_t most,
                       struct span *data) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, EXTENSION_TICKET, STATUS_UNSUPPORTED);
    *data = read_span_u16(&m->octets);
    if (data->length == 0 || data->length > most) {
        fail(m, STATUS_MALFORMED);
    }
}

bool mikey_is_share(const struct mikey_reader *m) {
    return reader_left(&m->octets) > 1 && m->octets.octets[m->octets.at + 1] == EXTENSION_SHARE;
}

/* --- KEMAC: key data transport -------------------------------------------------------------------
 */

void mikey_write_kemac(struct writer *w, enum mikey_payload next,
                       const uint8_t encrypted[MIKEY_KEY_DATA_SIZE]) {
    write_u8(w, (uint8_t)next);
    write_u8(w, ENCRYPTION_AES_CM_128);
    write_span_u16(w, (struct span){encrypted, MIKEY_KEY_DATA_SIZE});
    write_u8(w, MAC_HMAC_SHA_256_256);
}

void mikey_read_kemac(struct mikey_reader *m, enum mikey_payload next, struct span *encrypted) {
    expect_u8(m, next, STATUS_MALFORMED);
    expect_u8(m, ENCRYPTION_AES_CM_128, STATUS_UNSUPPORTED);
    expect_u16(m, MIKEY_KEY_DATA_SIZE, STATUS_MALFORMED);
    *encrypted = read_span(&m->octets, MIKEY_KEY_DATA_SIZE);
    expect_u8(m, MAC_HMAC_SHA_256_256, STATUS_UNSUPPORTED);
}

/* --- Key data sub-payload ------------------------------------------------------------------------
 */

void mikey_write_tgk(struct writer *w, const uint8_t tgk[SSV_SIZE]) {
    write_u8(w, MIKEY_LAST);
    write_u8(w, KEY_DATA_TGK);
    write_span_u16(w, (struct span){tgk, SSV_SIZE});
}

void mikey_read_tgk(struct mikey_reader *m, uint8_t tgk[SSV_SIZE]) {
    expect_u8(m, MIKEY_LAST, STATUS_MALFORMED);
    expect_u8(m, KEY_DATA_TGK, STATUS_MALFORMED);
    expect_u16(m, SSV_SIZE, STATUS_MALFORMED);
    read_octets(&m->octets, tgk, SSV_SIZE);
}

/* --- SIGN: signature -----------------------------------------------------------------------------
 */

enum {
    SIGN_TYPE_AND_LENGTH = SIGNATURE_ECCSI << 12 | ECCSI_SIGNATURE_SIZE
};

void mikey_write_sign(struct writer *w) {
    write_u16(w, SIGN_TYPE_AND_LENGTH);
}

void mikey_read_sign(struct mikey_reader *m) {
    uint16_t type_and_length = read_u16(&m->octets);
    if (type_and_length >> 12 != SIGNATURE_ECCSI) {
        fail(m, STATUS_UNSUPPORTED);
    } else if (type_and_length != SIGN_TYPE_AND_LENGTH) {
        fail(m, STATUS_MALFORMED);
    }
}
