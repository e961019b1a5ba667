/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/presence_message.h"

#include "app/identity/display_name.h"
#include "crypto/mikey.h"

enum {
    TENTH_MS = 100
};

static const char label[] = "Muster presence";

enum {
    ECHO_SIZE = LIFE_NAME_SIZE + 8 + 4,
    LIST_NUMBER_SIZE = 8,
};

_Static_assert(sizeof label <= (size_t)PRESENCE_SIGNED_MAX - PRESENCE_MAX, "room for both");

/* The label keeps a presence apart from every other signed message. */
struct span presence_signed(uint8_t room[PRESENCE_SIGNED_MAX], struct span covered) {
    struct writer w = writer_into(room, PRESENCE_SIGNED_MAX);
    write_span(&w, SPAN_OF(label));
    write_span(&w, covered);
    return writer_span(&w);
}

/* As many as leave room for the signature in a presence that began at `begin`. */
static void write_echoes(struct writer *out, const struct presence *presence, size_t begin) {
    size_t list = presence->revoked > 0 ? LIST_NUMBER_SIZE : 0;
    size_t used = out->length - begin + 1 + list + ECCSI_SIGNATURE_SIZE;
    size_t room = used < PRESENCE_MAX ? (PRESENCE_MAX - used) / ECHO_SIZE : 0;
    size_t count = presence->echo_count < room ? presence->echo_count : room;
    write_u8(out, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        write_span(out, SPAN_OF(presence->echoes[i].life));
        write_u64(out, (uint64_t)presence->echoes[i].age_ms);
        write_u32(out, (uint32_t)presence->echoes[i].held_ms);
    }
}

static bool is_age(int64_t ms) {
    return ms >= 0 && ms <= INT64_MAX / 4;
}

static bool read_echoes(struct reader *in, struct presence *presence) {
    size_t count = read_u8(in);
    bool in_bounds = count <= PRESENCE_ECHOES_MAX;
    for (presence->echo_count = 0; in_bounds && presence->echo_count < count;) {
        struct presence_echo *echo = &presence->echoes[presence->echo_count++];
        read_octets(in, echo->life, LIFE_NAME_SIZE);
        echo->age_ms = (int64_t)read_u64(in);
        echo->held_ms = read_u32(in);
        in_bounds = is_age(echo->age_ms);
    }
    return in_bounds;
}

enum status presence_write(struct writer *out, const struct presence *presence,
                           const struct keyring *keyring, const struct entropy *entropy) {
    uint8_t room[PRESENCE_SIGNED_MAX];
    size_t begin = out->length;
    write_u64(out, (uint64_t)presence->utc_ms);
    write_span(out, SPAN_OF(presence->start));
    write_u64(out, (uint64_t)presence->age_ms);
    write_span(out, SPAN_OF(presence->link.anchor));
    write_u16(out, presence->link.number);
    write_span(out, SPAN_OF(presence->link.link));
    write_u16(out, (uint16_t)(presence->rhythm.interval_ms / TENTH_MS));
    write_u8(out, (uint8_t)presence->rhythm.signed_each);
    write_u16(out, (uint16_t)(presence->near < UINT16_MAX ? presence->near : UINT16_MAX));
    write_text_u8(out, presence->identity);
    write_text_u8(out, presence->kms);
    write_text_u8(out, presence->name);
    attestation_write(out, &presence->attestation, presence->name);
    write_echoes(out, presence, begin);
    if (presence->revoked > 0) {
        write_u64(out, presence->revoked);
    }
    uint8_t *signature = write_room(out, ECCSI_SIGNATURE_SIZE);
    if (signature == NULL) {
        return STATUS_TOO_LONG;
    }
    struct span covered = {out->octets + begin, (size_t)(signature - out->octets) - begin};
    return keyring->provider->sign(keyring_signing_key(keyring, presence->utc_ms),
                                   presence_signed(room, covered), entropy, signature);
}

enum status presence_read(struct span payload, struct presence *presence, struct span *covered,
                          struct span *signature) {
    if (payload.length > PRESENCE_MAX) {
        return STATUS_TOO_LONG;
    }
    struct reader r = reader_of(payload);
    presence->utc_ms = (int64_t)read_u64(&r);
    read_octets(&r, presence->start, START_SIZE);
    presence->age_ms = (int64_t)read_u64(&r);
    read_octets(&r, presence->link.anchor, PRESENCE_LINK_SIZE);
    presence->link.number = read_u16(&r);
    read_octets(&r, presence->link.link, PRESENCE_LINK_SIZE);
    presence->rhythm.interval_ms = (int64_t)read_u16(&r) * TENTH_MS;
    presence->rhythm.signed_each = read_u8(&r);
    presence->near = read_u16(&r);
    read_text_u8(&r, presence->identity, sizeof presence->identity);
    read_text_u8(&r, presence->kms, sizeof presence->kms);
    read_text_u8(&r, presence->name, sizeof presence->name);
    enum status attested = attestation_read(&r, presence->name, &presence->attestation);
    bool in_bounds =
        read_echoes(&r, presence) && mikey_time_fits(presence->utc_ms) && is_age(presence->age_ms);
    bool has_list = !r.failed && reader_left(&r) == LIST_NUMBER_SIZE + ECCSI_SIGNATURE_SIZE;
    presence->revoked = has_list ? read_u64(&r) : 0;
    in_bounds = in_bounds && has_list == (presence->revoked > 0);
    *covered = (struct span){payload.octets, r.at};
    *signature = read_span(&r, ECCSI_SIGNATURE_SIZE);
    enum status status = reader_finish(&r);
    if (status == STATUS_OK &&
        (!in_bounds || attested != STATUS_OK || !display_name_take(presence->name))) {
        return STATUS_MALFORMED;
    }
    if (status == STATUS_OK) {
        status = kms_uri_check(presence->kms);
    }
    return status == STATUS_OK ? identity_check(presence->identity) : status;
}

void presence_link_write(struct writer *out, const struct presence_link *link) {
    write_span(out, (struct span){link->anchor, PRESENCE_CHAIN_ID_SIZE});
    write_u16(out, link->number);
    write_span(out, SPAN_OF(link->link));
}

enum status presence_link_read(struct span payload, struct said_link *link) {
    struct reader r = reader_of(payload);
    read_octets(&r, link->chain, PRESENCE_CHAIN_ID_SIZE);
    link->number = read_u16(&r);
    read_octets(&r, link->link, PRESENCE_LINK_SIZE);
    return reader_finish(&r);
}

/* Where the month may lie, by the wall clock here and by what is heard and held, the likeliest
 * first; returns how many. */
static size_t moments_of(const struct presence *presence, const struct keyring *keyring,
                         struct moment now, int64_t utc_ms[2 + KEYRING_MONTHS_MAX]) {
    size_t count = 0;
    utc_ms[count++] = now.utc_ms;
    if (presence->utc_ms > now.utc_ms && clock_differs(presence->utc_ms - now.utc_ms)) {
        utc_ms[count++] = presence->utc_ms;
    }
    return count + keyring_months_ahead(keyring, now, utc_ms + count);
}

enum status presence_verify(const struct presence *presence, struct span covered,
                            struct span signature, const struct keyring *keyring,
                            struct moment now) {
    uint8_t room[PRESENCE_SIGNED_MAX];
    int64_t utc_ms[2 + KEYRING_MONTHS_MAX];
    size_t count = moments_of(presence, keyring, now, utc_ms);
    struct span signed_octets = presence_signed(room, covered);
    enum status status = STATUS_SIGNATURE_INVALID;
    for (size_t i = 0; i < count && status == STATUS_SIGNATURE_INVALID; i++) {
        status = keyring_verify_any(keyring, presence->identity, presence->kms,
                                    (struct moment){.utc_ms = utc_ms[i]}, signed_octets,
                                    signature.octets);
    }
    return status;
}
