/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/revocation.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "app/text/armour.h"

#define LIST_LABEL "MUSTER REVOKED"

static const char label[] = "Muster revoked";

_Static_assert((int)REVOCATION_SAID_MAX <= (int)STATEMENT_SAID_MAX &&
                   (int)REVOCATION_SIZE_MAX <= (int)ARMOUR_OCTETS_MAX,
               "a list is one statement");

enum status revocation_begin(struct revocation *list, const char *kms, uint64_t number,
                             int64_t issued_ms, const struct entropy *entropy) {
    *list = (struct revocation){.number = number, .issued_ms = issued_ms};
    snprintf(list->kms, sizeof list->kms, "%s", kms);
    return entropy_draw(entropy, list->salt, sizeof list->salt);
}

/* --- Names ---------------------------------------------------------------------------------- */

static void name_of(const struct revocation *list, const char *identity,
                    uint8_t name[REVOCATION_NAME_SIZE]) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)label, sizeof label);
    crypto_hash_sha256_update(&state, list->salt, sizeof list->salt);
    crypto_hash_sha256_update(&state, (const uint8_t *)identity, strlen(identity));
    crypto_hash_sha256_final(&state, hash);
    memcpy(name, hash, REVOCATION_NAME_SIZE);
}

/* Where that name stands, or would. */
static size_t place_of(const struct revocation *list, const uint8_t name[REVOCATION_NAME_SIZE]) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (memcmp(list->names[middle], name, REVOCATION_NAME_SIZE) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct revocation *list, size_t at,
                  const uint8_t name[REVOCATION_NAME_SIZE]) {
    return at < list->count && memcmp(list->names[at], name, REVOCATION_NAME_SIZE) == 0;
}

enum status revocation_add(struct revocation *list, const char *identity) {
    uint8_t name[REVOCATION_NAME_SIZE];
    name_of(list, identity, name);
    size_t at = place_of(list, name);
    if (is_at(list, at, name)) {
        return STATUS_OK;
    }
    if (list->count == REVOCATION_NAMES_MAX) {
        return STATUS_TOO_LONG;
    }
    memmove(list->names[at + 1], list->names[at], (list->count - at) * REVOCATION_NAME_SIZE);
    memcpy(list->names[at], name, REVOCATION_NAME_SIZE);
    list->count++;
    return STATUS_OK;
}

bool revocation_names(const struct revocation *list, const char *identity) {
    uint8_t name[REVOCATION_NAME_SIZE];
    if (list->count == 0) {
        return false;
    }
    name_of(list, identity, name);
    return is_at(list, place_of(list, name), name);
}

void revocation_carry(struct revocation *list, const struct revocation *other) {
    memcpy(list->salt, other->salt, sizeof list->salt);
    memcpy(list->names, other->names, sizeof list->names);
    list->count = other->count;
}

void revocation_remove(struct revocation *list, const char *identity) {
    uint8_t name[REVOCATION_NAME_SIZE];
    name_of(list, identity, name);
    size_t at = place_of(list, name);
    if (is_at(list, at, name)) {
        list->count--;
        memmove(list->names[at], list->names[at + 1], (list->count - at) * REVOCATION_NAME_SIZE);
    }
}

/* --- Signature ------------------------------------------------------------------------------ */

static void write_said(struct writer *out, const struct revocation *list) {
    write_u64(out, (uint64_t)list->issued_ms);
    write_span(out, SPAN_OF(list->salt));
    write_span(out, (struct span){list->names[0], list->count * REVOCATION_NAME_SIZE});
}

/* It is about the domain, so it is about its KMS. */
static struct statement statement_of(const struct revocation *list,
                                     uint8_t room[REVOCATION_SAID_MAX]) {
    struct writer said = writer_into(room, REVOCATION_SAID_MAX);
    write_said(&said, list);
    return (struct statement){.kind = STATEMENT_REVOKED,
                              .kms = list->kms,
                              .identity = list->kms,
                              .number = list->number,
                              .said = writer_span(&said)};
}

enum status revocation_sign(struct revocation *list, const struct provider *provider,
                            const struct signing_key *key, const struct entropy *entropy) {
    uint8_t room[REVOCATION_SAID_MAX];
    const struct statement statement = statement_of(list, room);
    return statement_sign(&statement, provider, key, entropy, list->signature);
}

enum status revocation_verify(const struct revocation *list, const struct provider *provider,
                              const struct domain_key *domain) {
    uint8_t room[REVOCATION_SAID_MAX];
    const struct statement statement = statement_of(list, room);
    return statement_verify(&statement, provider, domain, list->signature);
}

/* --- Octets and text ------------------------------------------------------------------------ */

void revocation_write(struct writer *out, const struct revocation *list) {
    write_text_u8(out, list->kms);
    write_u64(out, list->number);
    write_span(out, SPAN_OF(list->signature));
    write_said(out, list);
}

static bool is_ascending(const struct revocation *list) {
    for (size_t i = 1; i < list->count; i++) {
        if (memcmp(list->names[i - 1], list->names[i], REVOCATION_NAME_SIZE) >= 0) {
            return false;
        }
    }
    return true;
}

enum status revocation_read(struct span octets, struct revocation *list) {
    struct reader r = reader_of(octets);
    memset(list, 0, sizeof *list);
    read_text_u8(&r, list->kms, sizeof list->kms);
    list->number = read_u64(&r);
    read_octets(&r, list->signature, sizeof list->signature);
    list->issued_ms = (int64_t)read_u64(&r);
    read_octets(&r, list->salt, sizeof list->salt);
    size_t length = r.failed ? 0 : reader_left(&r);
    if (length > REVOCATION_NAMES_MAX * (size_t)REVOCATION_NAME_SIZE) {
        return STATUS_TOO_LONG;
    }
    list->count = length / REVOCATION_NAME_SIZE;
    read_octets(&r, list->names[0], list->count * REVOCATION_NAME_SIZE);
    bool is_whole = length % REVOCATION_NAME_SIZE == 0;
    enum status status = is_whole ? reader_finish(&r) : STATUS_MALFORMED;
    bool in_bounds = list->number > 0 && list->number <= (uint64_t)INT64_MAX &&
                     list->issued_ms >= 0 && list->issued_ms <= INT64_MAX / 4;
    if (status == STATUS_OK && (!in_bounds || !is_ascending(list))) {
        status = STATUS_MALFORMED;
    }
    return status == STATUS_OK ? kms_uri_check(list->kms) : status;
}

enum status revocation_write_text(struct writer *out, const struct revocation *list) {
    uint8_t octets[REVOCATION_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    revocation_write(&w, list);
    enum status status = writer_finish(&w);
    return status == STATUS_OK ? armour_write(LIST_LABEL, writer_span(&w), out) : status;
}

enum status revocation_read_text(struct span text, struct revocation *list) {
    uint8_t octets[ARMOUR_OCTETS_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    enum status status = armour_read(LIST_LABEL, text, &w);
    return status == STATUS_OK ? revocation_read(writer_span(&w), list) : status;
}
