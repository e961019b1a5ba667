/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/broker/broker.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM "MUSTER"

enum {
    FORMAT_VERSION = 1,
    TOKEN_MAX = 8192
};

struct broker *broker_new(void) {
    return secret_object_new(sizeof(struct broker));
}

void broker_free(struct broker *broker) {
    secret_object_free(broker);
}

/* --- Record: writer above reader ------------------------------------------------------------
 */

enum status broker_write(const struct broker *broker, struct writer *out) {
    write_u8(out, FORMAT_VERSION);
    write_span(out, SPAN_OF(broker->secret));
    write_span_u16(out, span_of_text(broker->servers));
    write_span_u16(out, span_of_text(broker->ca));
    return writer_finish(out);
}

static void take_text(struct span text, char *out, size_t size, enum status *status) {
    if (text.length >= size)
        *status = STATUS_TOO_LONG;
    else if (text.length > 0)
        memcpy(out, text.octets, text.length);
}

enum status broker_read(struct span octets, struct broker *broker) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION)
        return STATUS_NEWER_VERSION;
    memset(broker, 0, sizeof *broker);
    read_octets(&r, broker->secret, sizeof broker->secret);
    struct span servers = read_span_u16(&r), ca = read_span_u16(&r);
    enum status status = reader_finish(&r);
    if (status == STATUS_OK && version == 0)
        status = STATUS_MALFORMED;
    if (status == STATUS_OK)
        take_text(servers, broker->servers, sizeof broker->servers, &status);
    if (status == STATUS_OK)
        take_text(ca, broker->ca, sizeof broker->ca, &status);
    return status;
}

/* --- Keys ----------------------------------------------------------------------------------- */

/* The seed of the key with that label: a user's are its role and identity. */
static enum status derive(const struct broker *broker, const char *label, const char *identity,
                          uint8_t seed[NKEY_SEED_SIZE]) {
    char text[64 + IDENTITY_SIZE];
    snprintf(text, sizeof text, "Muster broker %s %s", label, identity);
    return seal_hash(broker->secret, span_of_text(text), seed);
}

/* A key pair as tokens name it and are signed with. */
struct pair {
    uint8_t seed[NKEY_SEED_SIZE];
    char name[NKEY_PUBLIC_TEXT_SIZE];
};

static enum status make_pair(const struct broker *broker, enum nkey_kind kind, const char *label,
                             const char *identity, struct pair *pair) {
    enum status status = derive(broker, label, identity, pair->seed);
    return status == STATUS_OK ? nkey_public_text(kind, pair->seed, pair->name) : status;
}

/* --- Tokens (RFC 7519, as NATS writes them) ------------------------------------------------- */

static void write_base64(struct span octets, struct writer *out) {
    char text[TOKEN_MAX * 2];
    sodium_bin2base64(text, sizeof text, octets.octets, octets.length,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    write_span(out, span_of_text(text));
}

/* Appends the token with these claims, which it uses up, signed by `issuer`. */
static enum status write_token(json_t *claims, const struct pair *issuer, int64_t now_ms,
                               const char *subject, const char *name, struct writer *out) {
    static const char header[] = "{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}";
    uint8_t signature[NKEY_SIGNATURE_SIZE];
    size_t begin = out->length;
    bool is_filled = json_object_set_new(claims, "iat", json_integer(now_ms / 1000)) == 0 &&
                     json_object_set_new(claims, "iss", json_string(issuer->name)) == 0 &&
                     json_object_set_new(claims, "sub", json_string(subject)) == 0 &&
                     json_object_set_new(claims, "jti", json_string(subject)) == 0 &&
                     json_object_set_new(claims, "name", json_string(name)) == 0;
    char *text = is_filled ? json_dumps(claims, JSON_COMPACT) : NULL;
    json_decref(claims);
    if (text == NULL)
        return STATUS_NO_MEMORY;
    enum status status = strlen(text) < TOKEN_MAX ? STATUS_OK : STATUS_TOO_LONG;
    if (status == STATUS_OK) {
        write_base64(span_of_text(header), out);
        write_u8(out, '.');
        write_base64(span_of_text(text), out);
        status = writer_finish(out);
    }
    free(text);
    if (status == STATUS_OK)
        status = nkey_sign(issuer->seed, (struct span){out->octets + begin, out->length - begin},
                           signature);
    if (status != STATUS_OK)
        return status;
    write_u8(out, '.');
    write_base64(SPAN_OF(signature), out);
    return writer_finish(out);
}

static const char *role_of(const char *identity) {
    return strncmp(identity, "sip:", strlen("sip:")) == 0 ? "manager" : "handset";
}

static enum status write_user_token(const struct pair *user, const struct pair *signer,
                                    const struct pair *account, const char *name, int64_t now_ms,
                                    int64_t until_ms, struct writer *out) {
    json_t *claims =
        json_pack("{s:I, s:{s:s, s:s, s:i}}", "exp", (json_int_t)(until_ms / 1000), "nats",
                  "issuer_account", account->name, "type", "user", "version", 2);
    return claims == NULL ? STATUS_NO_MEMORY
                          : write_token(claims, signer, now_ms, user->name, name, out);
}

enum status broker_issue(const struct broker *broker, const struct topic_key *key,
                         const char *identity, int64_t now_ms, int64_t until_ms,
                         struct access *access) {
    struct pair user, signer, account;
    const char *role = role_of(identity);
    memset(access, 0, sizeof *access);
    strcpy(access->identity, identity);
    topic_name(key, identity, access->name);
    access->until_ms = until_ms;
    strcpy(access->servers, broker->servers);
    strcpy(access->ca, broker->ca);
    struct writer jwt = writer_into((uint8_t *)access->jwt, ACCESS_JWT_MAX);
    enum status status = make_pair(broker, NKEY_ACCOUNT, "account", "", &account);
    if (status == STATUS_OK)
        status = make_pair(broker, NKEY_ACCOUNT, role, "signs", &signer);
    if (status == STATUS_OK)
        status = make_pair(broker, NKEY_USER, role, identity, &user);
    if (status == STATUS_OK)
        status = write_user_token(&user, &signer, &account, access->name, now_ms, until_ms, &jwt);
    if (status == STATUS_OK)
        nkey_seed_text(NKEY_USER, user.seed, access->seed);
    secret_wipe(&user, sizeof user);
    secret_wipe(&signer, sizeof signer);
    secret_wipe(&account, sizeof account);
    return status;
}

/* --- What the broker is told ---------------------------------------------------------------- */

/* What users of a role may do; {{name()}} is the name in their token. */
struct role {
    const char *name;
    const char *says[10], *hears[6]; /* up to the first NULL */
};

static const struct role roles[] = {
    {"handset",
     {"muster.group.*", "muster.receipt.*.{{name()}}",
      "$JS.API.DIRECT.GET." STREAM ".muster.mail.{{name()}}.*"},
     {"muster.group.*", "muster.mail.{{name()}}.*", "_INBOX.{{name()}}.>"}},
    {"manager",
     {"muster.group.*", "muster.receipt.*.{{name()}}",
      "$JS.API.DIRECT.GET." STREAM ".muster.mail.{{name()}}.*", "muster.mail.*.{{name()}}",
      "$JS.API.DIRECT.GET." STREAM ".muster.receipt.{{name()}}.*", "$JS.API.STREAM.CREATE." STREAM},
     {"muster.group.*", "muster.mail.{{name()}}.*", "muster.receipt.{{name()}}.*",
      "_INBOX.{{name()}}.>"}},
};

static json_t *list_of(const char *const texts[]) {
    json_t *list = json_array();
    for (size_t i = 0; texts[i] != NULL; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

static json_t *scope_of(const struct role *role, const char *key) {
    return json_pack("{s:s, s:s, s:s, s:{s:{s:o}, s:{s:o}, s:i, s:i, s:i}}", "kind", "user_scope",
                     "key", key, "role", role->name, "template", "pub", "allow",
                     list_of(role->says), "sub", "allow", list_of(role->hears), "subs", -1, "data",
                     -1, "payload", 32768);
}

static json_t *unlimited(bool keeps) {
    int storage = keeps ? -1 : 0;
    return json_pack("{s:i,s:i,s:i,s:i,s:i,s:b,s:i,s:i,s:i,s:i,s:i,s:i}", "subs", -1, "data", -1,
                     "payload", -1, "imports", -1, "exports", -1, "wildcards", 1, "conn", -1,
                     "leaf", -1, "mem_storage", storage, "disk_storage", storage, "streams",
                     storage, "consumer", storage);
}

static enum status write_account_token(const struct broker *broker, const struct pair *operator,
                                       const struct pair * account, bool is_system, int64_t now_ms,
                                       struct writer *out) {
    json_t *scopes = json_array();
    for (size_t i = 0; !is_system && i < sizeof roles / sizeof roles[0]; i++) {
        struct pair signer;
        enum status status = make_pair(broker, NKEY_ACCOUNT, roles[i].name, "signs", &signer);
        if (status == STATUS_OK)
            json_array_append_new(scopes, scope_of(&roles[i], signer.name));
        secret_wipe(&signer, sizeof signer);
        if (status != STATUS_OK) {
            json_decref(scopes);
            return status;
        }
    }
    json_t *claims = json_pack("{s:{s:o, s:o, s:s, s:i}}", "nats", "limits", unlimited(!is_system),
                               "signing_keys", scopes, "type", "account", "version", 2);
    return claims == NULL ? STATUS_NO_MEMORY
                          : write_token(claims, operator, now_ms, account->name,
                                        is_system ? "system" : "muster", out);
}

static const char instructions[] =
    "# The broker of a Muster domain, for nats-server 2.9 or later. Beside this file belong\n"
    "# server.pem and server-key.pem: the broker's certificate for the host names or addresses "
    "that\n"
    "# handsets know it by, signed by the CA that the KMS was told, and its key. Start it here "
    "with\n"
    "#     nats-server -c nats-server.conf\n"
    "# A group manager then makes the stream with muster-gm prepare. For a cluster of three give\n"
    "# each a server_name and a cluster block with its routes, and use prepare --replicas 3.\n"
    "\n"
    "jetstream { store_dir: \"jetstream\" }\n"
    "tls { cert_file: \"server.pem\", key_file: \"server-key.pem\" }\n";

/* A line of three words and a token. */
static void write_line(struct writer *out, const char *one, const char *two, const char *three,
                       struct span token) {
    const char *parts[] = {one, two, three};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        write_span(out, span_of_text(parts[i]));
    write_span(out, token);
    write_u8(out, '\n');
}

enum status broker_configure(const struct broker *broker, int64_t now_ms, struct writer *out) {
    struct pair operator, account, system;
    static const char *const labels[] = {"operator", "account", "system"};
    struct pair *pairs[] = {&operator, & account, &system};
    uint8_t octets[3][TOKEN_MAX];
    struct writer tokens[3];
    enum status status = STATUS_OK;
    for (size_t i = 0; i < 3; i++)
        tokens[i] = writer_into(octets[i], sizeof octets[i]);
    for (size_t i = 0; status == STATUS_OK && i < 3; i++)
        status = make_pair(broker, i == 0 ? NKEY_OPERATOR : NKEY_ACCOUNT, labels[i], "", pairs[i]);
    if (status == STATUS_OK) {
        json_t *claims = json_pack("{s:{s:s, s:s, s:i}}", "nats", "system_account", system.name,
                                   "type", "operator", "version", 2);
        status = claims == NULL
                     ? STATUS_NO_MEMORY
                     : write_token(claims, &operator, now_ms, operator.name, "muster", &tokens[0]);
    }
    if (status == STATUS_OK)
        status = write_account_token(broker, &operator, & account, false, now_ms, &tokens[1]);
    if (status == STATUS_OK)
        status = write_account_token(broker, &operator, & system, true, now_ms, &tokens[2]);
    if (status == STATUS_OK) {
        write_span(out, span_of_text(instructions));
        write_line(out, "operator: ", "", "", writer_span(&tokens[0]));
        write_line(out, "system_account: ", system.name, "", (struct span){NULL, 0});
        write_line(out, "resolver: MEMORY\nresolver_preload {\n  ", account.name, ": ",
                   writer_span(&tokens[1]));
        write_line(out, "  ", system.name, ": ", writer_span(&tokens[2]));
        write_span(out, span_of_text("}\n"));
        status = writer_finish(out);
    }
    secret_wipe(&operator, sizeof operator);
    secret_wipe(&account, sizeof account);
    secret_wipe(&system, sizeof system);
    return status;
}
