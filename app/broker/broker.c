/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/broker/broker.h"

#include <jansson.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FORMAT_VERSION = 1,
    TOKEN_MAX = 8192 + 80 * BROKER_REVOKED_MAX
};

/* The operator is nobody of the domain: no handset and no group can have this identity or name. */
static const char operator_identity[] = "operator", operator_name[] = "operator";
static const int64_t operator_ms = INT64_C(366) * 24 * 3600 * 1000;

/* A server that runs takes no configuration with another operator, not even with one whose token
 * was signed at another time: his is always the same. */
static const int64_t operator_since_ms = INT64_C(1767225600000); /* 2026-01-01 */

/* A server refuses a revoked user's tokens that were signed until then, in seconds since 1970. The
 * end of the year 9999: the KMS signs no more for who is revoked, and its clock may have been ahead
 * when it did. */
static const json_int_t revoked_until_s = INT64_C(253402300799);

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
    if (text.length >= size) {
        *status = STATUS_TOO_LONG;
    } else if (text.length > 0) {
        memcpy(out, text.octets, text.length);
    }
}

enum status broker_read(struct span octets, struct broker *broker) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    memset(broker, 0, sizeof *broker);
    read_octets(&r, broker->secret, sizeof broker->secret);
    struct span servers = read_span_u16(&r), ca = read_span_u16(&r);
    enum status status = reader_finish(&r);
    if (status == STATUS_OK && version == 0) {
        status = STATUS_MALFORMED;
    }
    if (status == STATUS_OK) {
        take_text(servers, broker->servers, sizeof broker->servers, &status);
    }
    if (status == STATUS_OK) {
        take_text(ca, broker->ca, sizeof broker->ca, &status);
    }
    return status;
}

/* --- Who signs the broker's certificate ------------------------------------------------------
 */

/* Appends the certificates of `in`, and nothing else of it, to `out`. */
static enum status copy_certificates(BIO *in, BIO *out) {
    X509 *certificate;
    enum status status = STATUS_MALFORMED;
    while ((certificate = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        status = PEM_write_bio_X509(out, certificate) == 1 ? STATUS_OK : STATUS_NO_MEMORY;
        X509_free(certificate);
        if (status != STATUS_OK) {
            break;
        }
    }
    ERR_clear_error(); /* which says that there are no more */
    return status;
}

enum status broker_set_ca(struct broker *broker, struct span pem) {
    if (pem.length == 0) {
        return STATUS_MALFORMED;
    }
    BIO *in = BIO_new_mem_buf(pem.octets, (int)pem.length), *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    enum status status = in == NULL || out == NULL ? STATUS_NO_MEMORY : copy_certificates(in, out);
    long length = status == STATUS_OK ? BIO_get_mem_data(out, &text) : 0;
    if (length > ACCESS_CA_MAX) {
        status = STATUS_TOO_LONG;
    }
    if (status == STATUS_OK) {
        memcpy(broker->ca, text, (size_t)length);
        broker->ca[length] = '\0';
    }
    BIO_free(in);
    BIO_free(out);
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

/* A key pair that is named in tokens and signs them. */
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

static enum status write_base64(struct span octets, struct writer *out) {
    size_t size =
        sodium_base64_encoded_len(octets.length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = malloc(size);
    if (text == NULL) {
        return STATUS_NO_MEMORY;
    }
    sodium_bin2base64(text, size, octets.octets, octets.length,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    write_span(out, span_of_text(text));
    free(text);
    return writer_finish(out);
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
    if (text == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = strlen(text) < TOKEN_MAX ? STATUS_OK : STATUS_TOO_LONG;
    if (status == STATUS_OK) {
        status = write_base64(span_of_text(header), out);
    }
    if (status == STATUS_OK) {
        write_u8(out, '.');
        status = write_base64(span_of_text(text), out);
    }
    free(text);
    if (status == STATUS_OK) {
        status = nkey_sign(issuer->seed, (struct span){out->octets + begin, out->length - begin},
                           signature);
    }
    if (status != STATUS_OK) {
        return status;
    }
    write_u8(out, '.');
    return write_base64(SPAN_OF(signature), out);
}

static enum rights_role role_of(const char *identity) {
    return strncmp(identity, "sip:", strlen("sip:")) == 0 ? RIGHTS_MANAGER : RIGHTS_HANDSET;
}

/* The tags that the server puts in place of {{tag(g)}}: the opaque names of the groups. */
static json_t *tags_of(const struct topic_key *key, const struct group_list *groups) {
    json_t *tags = json_array();
    for (size_t i = 0; groups != NULL && i < groups->count; i++) {
        char name[TOPIC_NAME_SIZE], tag[sizeof "g:" + TOPIC_NAME_SIZE];
        topic_name(key, groups->groups[i], name);
        snprintf(tag, sizeof tag, "g:%s", name);
        json_array_append_new(tags, json_string(tag));
    }
    return tags;
}

/* A token of the user's, in one of its roles. */
struct token {
    enum rights_role role;
    int64_t from_ms, until_ms;
    json_t *tags; /* used up by write_user_token */
    const char *name;
};

static enum status write_user_token(const struct pair *user, const struct pair *signer,
                                    const struct pair *account, const struct token *token,
                                    struct writer *out) {
    json_t *claims = json_pack("{s:I, s:{s:s, s:o, s:s, s:i}}", "exp",
                               (json_int_t)(token->until_ms / 1000), "nats", "issuer_account",
                               account->name, "tags", token->tags, "type", "user", "version", 2);
    return claims == NULL
               ? STATUS_NO_MEMORY
               : write_token(claims, signer, token->from_ms, user->name, token->name, out);
}

/* The token as text in `jwt`, which has ACCESS_JWT_MAX octets and one more, zeroed. */
static enum status issue_token(const struct broker *broker, const struct pair *user,
                               const struct token *token, char *jwt) {
    struct pair signer, account;
    struct writer w = writer_into((uint8_t *)jwt, ACCESS_JWT_MAX);
    enum status status = make_pair(broker, NKEY_ACCOUNT, "account", "", &account);
    if (status == STATUS_OK) {
        status = make_pair(broker, NKEY_ACCOUNT, rights_role_name(token->role), "signs", &signer);
    }
    if (status == STATUS_OK) {
        status = write_user_token(user, &signer, &account, token, &w);
    } else {
        json_decref(token->tags);
    }
    secret_wipe(&signer, sizeof signer);
    secret_wipe(&account, sizeof account);
    return status;
}

/* Fills in the tokens and the seed of the user of that role whose keys are derived from `identity`.
 */
static enum status issue_to(const struct broker *broker, enum rights_role role,
                            const char *identity, const struct topic_key *key,
                            const struct broker_terms *terms, struct access *access) {
    struct pair user;
    enum status status = make_pair(broker, NKEY_USER, rights_role_name(role), identity, &user);
    if (status == STATUS_OK) {
        const struct token token = {role, terms->now_ms, access->until_ms,
                                    tags_of(key, terms->groups), access->name};
        status = issue_token(broker, &user, &token, access->jwt);
    }
    if (status == STATUS_OK && access->fetch_until_ms != 0) {
        const struct token token = {RIGHTS_FETCHER, terms->now_ms, access->fetch_until_ms,
                                    tags_of(key, terms->groups), access->name};
        status = issue_token(broker, &user, &token, access->fetch_jwt);
    }
    if (status == STATUS_OK) {
        nkey_seed_text(NKEY_USER, user.seed, access->seed);
    }
    secret_wipe(&user, sizeof user);
    return status;
}

static void begin_access(const struct broker *broker, const struct broker_terms *terms,
                         struct access *access) {
    memset(access, 0, sizeof *access);
    access->until_ms = terms->until_ms;
    strcpy(access->servers, broker->servers);
    strcpy(access->ca, broker->ca);
}

enum status broker_issue(const struct broker *broker, const struct topic_key *key,
                         const char *identity, const struct broker_terms *terms,
                         struct access *access) {
    begin_access(broker, terms, access);
    strcpy(access->identity, identity);
    topic_name(key, identity, access->name);
    /* Who hands out keys has to renew first. */
    if (role_of(identity) == RIGHTS_HANDSET && terms->fetch_until_ms > terms->until_ms) {
        access->fetch_until_ms = terms->fetch_until_ms;
    }
    return issue_to(broker, role_of(identity), identity, key, terms, access);
}

enum status broker_issue_operator(const struct broker *broker, int64_t now_ms,
                                  struct access *access) {
    const struct broker_terms terms = {.now_ms = now_ms, .until_ms = now_ms + operator_ms};
    begin_access(broker, &terms, access);
    strcpy(access->identity, operator_identity);
    strcpy(access->name, operator_name);
    return issue_to(broker, RIGHTS_OPERATOR, "", NULL, &terms, access);
}

/* --- The broker's configuration ------------------------------------------------------------- */

/* The subjects that users of a role may publish, or listen to. */
static json_t *subjects_of(enum rights_role role, bool says) {
    json_t *list = json_array();
    const struct right *right;
    for (size_t i = 0; (right = rights_row(i)) != NULL; i++) {
        if (((says ? right->says : right->hears) & role) != 0) {
            json_array_append_new(list, json_string(right->subject));
        }
    }
    return list;
}

static json_t *scope_of(enum rights_role role, const char *key) {
    return json_pack("{s:s, s:s, s:s, s:{s:{s:o}, s:{s:o}, s:i, s:i, s:i}}", "kind", "user_scope",
                     "key", key, "role", rights_role_name(role), "template", "pub", "allow",
                     subjects_of(role, true), "sub", "allow", subjects_of(role, false), "subs",
                     RIGHTS_LISTENING_MAX, "data", -1, "payload", RIGHTS_MESSAGE_MAX);
}

/* What the account with the stream exports to that of the users, under its own names. */
static json_t *lent(void) {
    json_t *list = json_array();
    const struct right *right;
    for (size_t i = 0; (right = rights_row(i)) != NULL; i++) {
        if (right->kept != NULL) {
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", right->kept, "subject",
                                                  right->kept_as, "type", "service"));
        }
    }
    return list;
}

static json_t *borrowed(const struct pair *mail) {
    json_t *list = json_array();
    const struct right *right;
    for (size_t i = 0; (right = rights_row(i)) != NULL; i++) {
        if (right->kept != NULL) {
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", right->kept,
                                            "subject", right->kept_as, "local_subject", right->kept,
                                            "account", mail->name, "type", "service"));
        }
    }
    return list;
}

/* One account has users, and one the two streams, which nobody consumes but by direct requests. The
 * streams' own clients count as its connections when the server reloads. */
static json_t *limits_of(bool has_users, bool keeps) {
    int storage = keeps ? -1 : 0;
    return json_pack("{s:i,s:i,s:i,s:i,s:i,s:b,s:i,s:i,s:i,s:i,s:i,s:i}", "subs", -1, "data", -1,
                     "payload", -1, "imports", -1, "exports", -1, "wildcards", 1, "conn",
                     has_users || keeps ? -1 : 0, "leaf", -1, "mem_storage", storage,
                     "disk_storage", storage, "streams", keeps ? 2 : 0, "consumer", 0);
}

/* The operator, and the accounts whose tokens he signs. */
struct accounts {
    struct pair operator, system, mail, users;
};

static enum status make_accounts(const struct broker *broker, struct accounts *made) {
    enum status status = make_pair(broker, NKEY_OPERATOR, "operator", "", &made->operator);
    if (status == STATUS_OK) {
        status = make_pair(broker, NKEY_ACCOUNT, "system", "", &made->system);
    }
    if (status == STATUS_OK) {
        status = make_pair(broker, NKEY_ACCOUNT, "mail", "", &made->mail);
    }
    if (status == STATUS_OK) {
        status = make_pair(broker, NKEY_ACCOUNT, "account", "", &made->users);
    }
    return status;
}

/* The roles with the keys that sign for them; NULL on failure. */
static json_t *scopes_of(const struct broker *broker) {
    json_t *scopes = json_array();
    for (unsigned i = 0; i < RIGHTS_ROLES; i++) {
        const enum rights_role role = 1u << i;
        struct pair signer;
        enum status status =
            make_pair(broker, NKEY_ACCOUNT, rights_role_name(role), "signs", &signer);
        if (status == STATUS_OK) {
            json_array_append_new(scopes, scope_of(role, signer.name));
        }
        secret_wipe(&signer, sizeof signer);
        if (status != STATUS_OK) {
            json_decref(scopes);
            return NULL;
        }
    }
    return scopes;
}

/* Each appends an account's token. */
static enum status write_account(json_t *nats, const struct accounts *made,
                                 const struct pair *account, const char *name, int64_t now_ms,
                                 struct writer *out) {
    json_t *claims = nats == NULL ? NULL : json_pack("{s:o}", "nats", nats);
    return claims == NULL ? STATUS_NO_MEMORY
                          : write_token(claims, &made->operator, now_ms, account->name, name, out);
}

static enum status write_system(const struct accounts *made, int64_t now_ms, struct writer *out) {
    return write_account(json_pack("{s:o, s:s, s:i}", "limits", limits_of(false, false), "type",
                                   "account", "version", 2),
                         made, &made->system, "system", now_ms, out);
}

static enum status write_mail(const struct accounts *made, int64_t now_ms, struct writer *out) {
    return write_account(json_pack("{s:o, s:o, s:s, s:i}", "limits", limits_of(false, true),
                                   "exports", lent(), "type", "account", "version", 2),
                         made, &made->mail, "mail", now_ms, out);
}

/* The users' public keys of those who are revoked; NULL on failure. */
static json_t *revocations_of(const struct broker *broker, const struct broker_revoked *revoked) {
    json_t *users = json_object();
    for (size_t i = 0; revoked != NULL && i < revoked->count; i++) {
        const char *identity = revoked->identities[i];
        struct pair user;
        enum status status =
            make_pair(broker, NKEY_USER, rights_role_name(role_of(identity)), identity, &user);
        bool is_set = status == STATUS_OK &&
                      json_object_set_new(users, user.name, json_integer(revoked_until_s)) == 0;
        secret_wipe(&user, sizeof user);
        if (!is_set) {
            json_decref(users);
            return NULL;
        }
    }
    return users;
}

static enum status write_users(const struct broker *broker, const struct accounts *made,
                               const struct broker_revoked *revoked, int64_t now_ms,
                               struct writer *out) {
    json_t *scopes = scopes_of(broker), *revocations = revocations_of(broker, revoked);
    if (scopes == NULL || revocations == NULL) {
        json_decref(scopes);
        json_decref(revocations);
        return STATUS_NO_MEMORY;
    }
    return write_account(json_pack("{s:o, s:o, s:o, s:o, s:s, s:i}", "limits",
                                   limits_of(true, false), "signing_keys", scopes, "revocations",
                                   revocations, "imports", borrowed(&made->mail), "type", "account",
                                   "version", 2),
                         made, &made->users, "muster", now_ms, out);
}

static enum status write_operator(const struct accounts *made, struct writer *out) {
    json_t *claims = json_pack("{s:{s:s, s:s, s:i}}", "nats", "system_account", made->system.name,
                               "type", "operator", "version", 2);
    return claims == NULL ? STATUS_NO_MEMORY
                          : write_token(claims, &made->operator, operator_since_ms,
                                        made->operator.name, "muster", out);
}

static const char instructions[] =
    "# The broker of a Muster domain, for nats-server 2.9 or later. Put server.pem and\n# "
    "server-key.pem beside this file: the broker's certificate, for the host names or addresses "
    "that\n# handsets use, signed by the CA that the KMS was given, and its key. Start it here "
    "with\n"
    "#     nats-server -c nats-server.conf\n"
    "# and make the stream, once, with the operator's access, which is beside it as well:\n"
    "#     muster-gm prepare --operator operator.access\n"
    "# For a cluster of three give each a server_name and a cluster block with its routes, and "
    "use\n# prepare --replicas 3. A new server.pem is taken with nats-server --signal reload.\n"
    "\n"
    "jetstream { store_dir: \"jetstream\" }\n"
    "tls { cert_file: \"server.pem\", key_file: \"server-key.pem\" }\n";

/* Appends the texts up to the first NULL. */
static void write_texts(struct writer *out, const char *const texts[]) {
    for (size_t i = 0; texts[i] != NULL; i++) {
        write_span(out, span_of_text(texts[i]));
    }
}

static enum status write_configuration(const struct broker *broker, const struct accounts *made,
                                       const struct broker_revoked *revoked, int64_t now_ms,
                                       struct writer *out) {
    write_texts(out, (const char *const[]){instructions, "operator: ", NULL});
    enum status status = write_operator(made, out);
    write_texts(out, (const char *const[]){"\nsystem_account: ", made->system.name,
                                           "\nresolver: MEMORY\nresolver_preload {\n  ",
                                           made->system.name, ": ", NULL});
    if (status == STATUS_OK) {
        status = write_system(made, now_ms, out);
    }
    write_texts(out, (const char *const[]){"\n  ", made->mail.name, ": ", NULL});
    if (status == STATUS_OK) {
        status = write_mail(made, now_ms, out);
    }
    write_texts(out, (const char *const[]){"\n  ", made->users.name, ": ", NULL});
    if (status == STATUS_OK) {
        status = write_users(broker, made, revoked, now_ms, out);
    }
    write_texts(out, (const char *const[]){"\n}\n", NULL});
    return status == STATUS_OK ? writer_finish(out) : status;
}

enum status broker_configure(const struct broker *broker, const struct broker_revoked *revoked,
                             int64_t now_ms, struct writer *out) {
    struct accounts made;
    enum status status = make_accounts(broker, &made);
    if (status == STATUS_OK) {
        status = write_configuration(broker, &made, revoked, now_ms, out);
    }
    secret_wipe(&made, sizeof made);
    return status;
}
