/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/ticket.h"

#include <stdio.h>
#include <string.h>

static const char label[] = "Muster ticket";

enum {
    FIELDS_MAX = 1 + 8 + 2 * 256,
    SIGNED_MAX = sizeof label + GROUP_IDENTITY_SIZE + 4 + 8 + IDENTITY_SIZE + FIELDS_MAX
};

_Static_assert(1 + 8 + IDENTITY_SIZE + DISPLAY_NAME_SIZE + ECCSI_SIGNATURE_SIZE <= TICKET_MAX,
               "every ticket fits into an announcement");

/* What is signed: the label keeps a ticket apart from every other signed message. */
static struct span signed_of(const struct group_parameters *parameters, const char *identity,
                             struct span fields, uint8_t room[SIGNED_MAX]) {
    struct writer w = writer_into(room, SIGNED_MAX);
    write_span(&w, SPAN_OF(label));
    write_text_u8(&w, parameters->identity);
    write_u32(&w, parameters->gmk_id);
    write_u64(&w, (uint64_t)parameters->created_ms);
    write_text_u8(&w, identity);
    write_span(&w, fields);
    return writer_span(&w);
}

enum status ticket_write(struct writer *out, const struct group_parameters *parameters,
                         const struct group_member *member, int64_t group_ms,
                         const struct keyring *keyring, const struct entropy *entropy) {
    uint8_t room[SIGNED_MAX];
    size_t begin = out->length;
    write_u8(out, group_listing(member));
    write_u64(out, (uint64_t)group_ms);
    write_text_u8(out, member->kms);
    write_text_u8(out, member->name);
    uint8_t *signature = write_room(out, ECCSI_SIGNATURE_SIZE);
    if (signature == NULL) {
        return STATUS_TOO_LONG;
    }
    struct span fields = {out->octets + begin, (size_t)(signature - out->octets) - begin};
    return keyring->provider->sign(keyring_signing_key(keyring, group_ms),
                                   signed_of(parameters, member->identity, fields, room), entropy,
                                   signature);
}

enum status ticket_read(struct span octets, const char *identity, struct ticket *ticket) {
    *ticket = (struct ticket){.utc_ms = 0};
    if (octets.length > TICKET_MAX) {
        return STATUS_TOO_LONG;
    }
    struct group_member *member = &ticket->member;
    struct reader r = reader_of(octets);
    group_take_listing(member, read_u8(&r));
    ticket->utc_ms = (int64_t)read_u64(&r);
    read_text_u8(&r, member->kms, sizeof member->kms);
    read_text_u8(&r, member->name, sizeof member->name);
    ticket->fields = (struct span){octets.octets, r.at};
    ticket->signature = read_span(&r, ECCSI_SIGNATURE_SIZE);
    enum status status = reader_finish(&r);
    bool in_bounds = ticket->utc_ms >= 0 && ticket->utc_ms <= INT64_MAX / 4 &&
                     member->listed_in > 0 && member->listed_in < ADHOC_MEMBERS_MAX;
    if (status == STATUS_OK && (!in_bounds || !display_name_take(member->name))) {
        status = STATUS_MALFORMED;
    }
    snprintf(member->identity, sizeof member->identity, "%s", identity);
    return status == STATUS_OK ? kms_uri_check(member->kms) : status;
}

enum status ticket_verify(const struct ticket *ticket, const struct group_parameters *parameters,
                          const struct keyring *keyring, struct moment now) {
    uint8_t room[SIGNED_MAX];
    const struct group_member *creator = group_listed(parameters, parameters->creator);
    const struct message_date date = {ticket->utc_ms, KEYRING_TOLERANCE_MS};
    if (creator == NULL) {
        return STATUS_NOT_A_MEMBER;
    }
    if (ticket->utc_ms < parameters->created_ms) {
        return STATUS_SIGNATURE_INVALID; /* the creator has made no ticket before the GMK */
    }
    return keyring_verify_dated(
        keyring, creator->identity, creator->kms, date, now,
        signed_of(parameters, ticket->member.identity, ticket->fields, room),
        ticket->signature.octets);
}
