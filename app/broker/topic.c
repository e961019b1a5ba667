/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/broker/topic.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char key_label[] = "Muster topics";

enum {
    NAME_OCTETS = (TOPIC_NAME_SIZE - 1) / 2
};

_Static_assert((int)TOPIC_KEY_SIZE == (int)crypto_auth_hmacsha256_KEYBYTES, "the key of a name");

void topic_key_of(const struct credential *credential, struct topic_key *key) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    /* Each part but the last ends by itself: with its 0, or by its fixed size. */
    crypto_hash_sha256_update(&state, (const uint8_t *)key_label, sizeof key_label);
    crypto_hash_sha256_update(&state, credential->z, sizeof credential->z);
    crypto_hash_sha256_update(&state, credential->kpak, sizeof credential->kpak);
    crypto_hash_sha256_update(&state, (const uint8_t *)credential->kms, strlen(credential->kms));
    crypto_hash_sha256_final(&state, key->octets);
}

void topic_name(const struct topic_key *key, const char *identity, char out[TOPIC_NAME_SIZE]) {
    uint8_t hash[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256(hash, (const uint8_t *)identity, strlen(identity), key->octets);
    sodium_bin2hex(out, TOPIC_NAME_SIZE, hash, NAME_OCTETS);
}

/* The name, or any name. */
static void name_or_any(const struct topic_key *key, const char *identity,
                        char out[TOPIC_NAME_SIZE]) {
    if (identity != NULL) {
        topic_name(key, identity, out);
    } else {
        memcpy(out, "*", sizeof "*");
    }
}

void topic_group(const struct topic_key *key, const char *group, char out[TOPIC_SIZE]) {
    char name[TOPIC_NAME_SIZE];
    topic_name(key, group, name);
    snprintf(out, TOPIC_SIZE, "muster.%s.%s",
             group_identity_is_adhoc(group, NULL) ? "adhoc" : "group", name);
}

void topic_mailbox(const struct topic_key *key, const char *member, const char *group,
                   char out[TOPIC_SIZE]) {
    char member_name[TOPIC_NAME_SIZE], group_name[TOPIC_NAME_SIZE];
    topic_name(key, member, member_name);
    name_or_any(key, group, group_name);
    snprintf(out, TOPIC_SIZE, "muster.mail.%s.%s", member_name, group_name);
}

void topic_revoked(const struct topic_key *key, const char *group, char out[TOPIC_SIZE]) {
    char name[TOPIC_NAME_SIZE];
    topic_name(key, group, name);
    snprintf(out, TOPIC_SIZE, "muster.mail.list.%s", name);
}

void topic_renewal(const char name[TOPIC_NAME_SIZE], char out[TOPIC_SIZE]) {
    snprintf(out, TOPIC_SIZE, "muster.mail.%.32s.kms", name);
}

void topic_receipt(const struct topic_key *key, const char *group, const char *member,
                   char out[TOPIC_SIZE]) {
    char member_name[TOPIC_NAME_SIZE], group_name[TOPIC_NAME_SIZE];
    topic_name(key, group, group_name);
    name_or_any(key, member, member_name);
    snprintf(out, TOPIC_SIZE, "muster.receipt.%s.%s", group_name, member_name);
}

void topic_state(const struct topic_key *key, const char *group, char out[TOPIC_SIZE]) {
    char name[TOPIC_NAME_SIZE];
    topic_name(key, group, name);
    snprintf(out, TOPIC_SIZE, "muster.state.%s", name);
}
