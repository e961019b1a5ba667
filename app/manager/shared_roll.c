/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/manager/shared_roll.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/derivation.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

static const char label[] = "Muster roll";

enum {
    FORMAT_VERSION = 1,
    COUNT_SIZE = 4,
    SIGNED_MAX = (int)sizeof label + 2 * (1 + IDENTITY_MAX) + SEAL_HASH_SIZE
};

/* --- What is sealed: writer above reader ---------------------------------------------------- */

static size_t plain_size(const struct roll *roll) {
    size_t size = COUNT_SIZE;
    for (size_t i = 0; i < roll->count; i++) {
        size += 2 + strlen(roll->members[i].identity) + strlen(roll->members[i].name);
    }
    return size;
}

static void write_plain(struct writer *w, const struct roll *roll) {
    write_u32(w, (uint32_t)roll->count);
    for (size_t i = 0; i < roll->count; i++) {
        write_text_u8(w, roll->members[i].identity);
        write_text_u8(w, roll->members[i].name);
    }
}

static enum status read_plain(struct span plain, struct roll *roll) {
    struct reader r = reader_of(plain);
    const struct roll_member *twice;
    uint32_t count = read_u32(&r);
    enum status status = r.failed ? STATUS_TRUNCATED : STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++) {
        struct roll_member member = {0};
        read_text_u8(&r, member.identity, sizeof member.identity);
        read_text_u8(&r, member.name, sizeof member.name);
        status = r.failed ? STATUS_TRUNCATED : identity_check(member.identity);
        if (status == STATUS_OK && !display_name_take(member.name)) {
            status = STATUS_MALFORMED;
        }
        if (status == STATUS_OK) {
            status = roll_append(roll, &member);
        }
    }
    if (status == STATUS_OK) {
        status = reader_finish(&r);
    }
    return status == STATUS_OK ? roll_settle(roll, &twice) : status;
}

/* --- The key and the signature -------------------------------------------------------------- */

static enum status key_of(const uint8_t ssv[SSV_SIZE], uint8_t key[SEAL_KEY_SIZE]) {
    return mikey_prf((struct span){ssv, SSV_SIZE}, span_of_text(label), key, SEAL_KEY_SIZE);
}

/* What the signature is over: the hash of what was written, with what it is about before it. */
static enum status about(const struct managed_group *group, struct span written,
                         uint8_t room[SIGNED_MAX], struct span *octets) {
    uint8_t hash[SEAL_HASH_SIZE];
    struct writer w = writer_into(room, SIGNED_MAX);
    enum status status = seal_checksum(written, hash);
    write_span(&w, SPAN_OF(label));
    write_text_u8(&w, group->keyring.credential->kms);
    write_text_u8(&w, group->identity);
    write_span(&w, SPAN_OF(hash));
    *octets = writer_span(&w);
    return status == STATUS_OK ? writer_finish(&w) : status;
}

/* --- Writing -------------------------------------------------------------------------------- */

static enum status write_sealed(const struct managed_group *group, const uint8_t key[SEAL_KEY_SIZE],
                                const struct entropy *entropy, struct writer *out) {
    size_t size = plain_size(&group->roll);
    uint8_t *plain = malloc(size);
    if (plain == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(plain, size);
    write_plain(&w, &group->roll);
    write_u32(out, (uint32_t)(size + SEAL_OVERHEAD));
    enum status status = writer_finish(&w);
    if (status == STATUS_OK) {
        status = seal_close(key, span_of_text(group->identity), writer_span(&w), entropy, out);
    }
    free(plain);
    return status;
}

/* Draws the key, and encapsulates it to the group identity. */
static enum status write_key(const struct managed_group *group, int64_t now_ms,
                             const struct entropy *entropy, struct writer *out,
                             uint8_t key[SEAL_KEY_SIZE]) {
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE];
    struct identifier identifier;
    enum status status = identifier_of(group->identity, now_ms, &identifier);
    if (status == STATUS_OK) {
        status = entropy_draw(entropy, ssv, sizeof ssv);
    }
    if (status == STATUS_OK) {
        status = group->keyring.provider->encapsulate(group->keyring.domain,
                                                      identifier_span(&identifier), ssv, data);
    }
    if (status == STATUS_OK) {
        status = key_of(ssv, key);
    }
    if (status == STATUS_OK) {
        write_span(out, SPAN_OF(data));
        status = writer_finish(out);
    }
    secret_wipe(ssv, sizeof ssv);
    return status;
}

enum status shared_roll_write(const struct managed_group *group, int64_t now_ms,
                              const struct entropy *entropy, struct writer *out) {
    uint8_t key[SEAL_KEY_SIZE], room[SIGNED_MAX], signature[ECCSI_SIGNATURE_SIZE];
    const struct key_set *keys;
    struct span octets;
    size_t begin = out->length;
    enum status status = managed_group_keys(group, now_ms, &keys);
    if (status == STATUS_OK && (keys->manager_key == NULL || keys->credential->manager.term == 0)) {
        status = STATUS_KEY_INVALID;
    }
    if (status != STATUS_OK) {
        return status;
    }
    write_span(out, SPAN_OF(label));
    write_u8(out, FORMAT_VERSION);
    write_u64(out, (uint64_t)now_ms);
    manager_certificate_write(out, &keys->credential->manager);
    status = write_key(group, now_ms, entropy, out, key);
    if (status == STATUS_OK) {
        status = write_sealed(group, key, entropy, out);
    }
    secret_wipe(key, sizeof key);
    if (status == STATUS_OK) {
        status =
            about(group, (struct span){out->octets + begin, out->length - begin}, room, &octets);
    }
    if (status == STATUS_OK) {
        status = group->keyring.provider->sign(keys->manager_key, octets, entropy, signature);
    }
    if (status == STATUS_OK) {
        write_span(out, SPAN_OF(signature));
        status = writer_finish(out);
    }
    return status;
}

/* --- Reading -------------------------------------------------------------------------------- */

/* A roll as it was written. */
struct written {
    struct manager_certificate certificate;
    int64_t written_ms;
    uint8_t data[SAKKE_DATA_SIZE];
    struct span sealed, covered;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
};

static enum status read_form(struct span octets, struct written *written) {
    uint8_t name[sizeof label];
    struct reader r = reader_of(octets);
    read_octets(&r, name, sizeof name);
    if (memcmp(name, label, sizeof name) != 0) {
        return STATUS_MALFORMED;
    }
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    written->written_ms = (int64_t)read_u64(&r);
    manager_certificate_read(&r, &written->certificate);
    read_octets(&r, written->data, sizeof written->data);
    written->sealed = read_span(&r, read_u32(&r));
    written->covered = (struct span){octets.octets, r.at};
    read_octets(&r, written->signature, sizeof written->signature);
    enum status status = reader_finish(&r);
    bool is_form = version != 0 && written->written_ms >= 0 &&
                   written->written_ms <= INT64_MAX / 4 && written->sealed.length > SEAL_OVERHEAD;
    return status == STATUS_OK && !is_form ? STATUS_MALFORMED : status;
}

static enum status verify(const struct managed_group *group, const struct written *written) {
    uint8_t room[SIGNED_MAX];
    const struct keyring *keyring = &group->keyring;
    struct identifier identifier;
    struct span octets;
    if (written->certificate.month != manager_month_of(written->written_ms)) {
        return STATUS_MANAGER_UNCERTIFIED;
    }
    enum status status =
        manager_certificate_verify(&written->certificate, keyring->credential->kms, group->identity,
                                   keyring->provider, keyring->domain);
    if (status == STATUS_OK) {
        status = identifier_of_manager(written->certificate.name, written->written_ms, &identifier);
    }
    if (status == STATUS_OK) {
        status = about(group, written->covered, room, &octets);
    }
    if (status == STATUS_OK) {
        status = keyring->provider->verify(keyring->domain, identifier_span(&identifier), octets,
                                           written->signature);
    }
    return status == STATUS_SIGNATURE_INVALID ? STATUS_MANAGER_UNCERTIFIED : status;
}

static enum status open_sealed(const struct managed_group *group, const struct written *written,
                               struct roll *roll) {
    uint8_t ssv[SSV_SIZE] = {0}, key[SEAL_KEY_SIZE] = {0};
    const struct key_set *keys;
    size_t size = written->sealed.length - SEAL_OVERHEAD;
    uint8_t *plain = malloc(size);
    struct writer w = writer_into(plain, plain == NULL ? 0 : size);
    enum status status =
        plain == NULL ? STATUS_NO_MEMORY : managed_group_keys(group, written->written_ms, &keys);
    if (status == STATUS_OK) {
        status = group->keyring.provider->decapsulate(keys->receiver_key, written->data, ssv);
    }
    if (status == STATUS_OK) {
        status = key_of(ssv, key);
    }
    if (status == STATUS_OK) {
        status = seal_open(key, span_of_text(group->identity), written->sealed, &w);
    }
    if (status == STATUS_OK) {
        status = read_plain(writer_span(&w), roll);
    }
    secret_wipe(ssv, sizeof ssv);
    secret_wipe(key, sizeof key);
    free(plain);
    return status;
}

enum status shared_roll_read(const struct managed_group *group, struct span octets,
                             struct roll *roll) {
    struct written written;
    enum status status = read_form(octets, &written);
    if (status == STATUS_OK) {
        status = verify(group, &written);
    }
    if (status == STATUS_OK) {
        status = open_sealed(group, &written, roll);
    }
    if (status != STATUS_OK) {
        roll_clear(roll);
    }
    return status;
}
