/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/recovery.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "app/kms/domain.h"
#include "app/text/armour.h"
#include "app/text/collection.h"
#include "app/text/plain.h"
#include "crypto/secret.h"

struct recovery *recovery_new(void) {
    return secret_object_new(sizeof(struct recovery));
}

void recovery_free(struct recovery *recovery) {
    secret_object_free(recovery);
}

static enum status check_authority(const char *authority, struct error *error) {
    bool is_blank = authority[strspn(authority, " ")] == '\0';
    if (!is_blank && display_text_is_valid(authority, RECOVERY_AUTHORITY_MAX)) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "no message is opened without the authority's reference: 1 to %d octets of "
                     "plain letters, digits and symbols",
                     RECOVERY_AUTHORITY_MAX);
}

/* --- The message ---------------------------------------------------------------------------- */

static enum status unreadable(const char *name, enum status status, struct error *error) {
    if (status == STATUS_TRUNCATED) {
        return error_set(error, status, "%.150s: the message ends early; fetch all of it again",
                         name);
    }
    if (status == STATUS_UNSUPPORTED) {
        return error_set(
            error, status,
            "%.150s: a MIKEY message, but not a MIKEY-SAKKE I_MESSAGE that Muster can open", name);
    }
    return error_set(
        error, status,
        "%.150s: not a MIKEY-SAKKE I_MESSAGE (%s); give one as it was sent, or armoured "
        "as " RECOVERY_LABEL,
        name, status_text(status));
}

static bool is_armoured(struct span content) {
    static const char mark[] = "-----BEGIN ";
    return content.length > 0 && memmem(content.octets, content.length, mark, strlen(mark)) != NULL;
}

/* Puts the parts of one message in the file together; without any, *is_there is false. */
static enum status join_parts(const char *name, struct span content, struct writer *room,
                              bool *is_there, struct error *error) {
    struct collection collection = {0};
    struct plain plain;
    if (plain_of(content, &plain) != STATUS_OK) {
        return error_set(error, STATUS_NO_MEMORY, "%.150s: out of memory", name);
    }
    struct part_reader reader = part_reader_of(plain.text);
    struct part_found found;
    char missing[COLLECTION_MISSING_SIZE];
    while (part_reader_next(&reader, &found)) {
        if (found.state == PART_GOOD) {
            (void)collection_add(&collection, &found.part, 0);
        }
    }
    plain_free(&plain);
    *is_there = collection.count > 0;
    if (collection.count == 0) {
        return STATUS_OK;
    }
    const struct gathered *gathered = &collection.messages[0];
    if (collection.count > 1) {
        return error_set(error, STATUS_MALFORMED,
                         "%.150s: parts of more than one message; give one file for each", name);
    }
    gathered_missing(gathered, missing);
    if (missing[0] != '\0') {
        return error_set(error, STATUS_TRUNCATED,
                         "%.150s: of the message's %u parts, these are missing or damaged: %s",
                         name, gathered->count, missing);
    }
    enum status status = gathered_join(gathered, room);
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status, "%.150s: its parts do not belong together", name);
}

/* Parses what is in the file; `room` holds its octets when it is armoured, or in parts. */
static enum status read_message(const char *name, struct span content, struct writer *room,
                                struct i_message *message, struct error *error) {
    bool is_there = false;
    enum status status = join_parts(name, content, room, &is_there, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (is_there) {
        content = writer_span(room);
    } else {
        status = armour_read(RECOVERY_LABEL, content, room);
        content = status == STATUS_OK ? writer_span(room) : content;
        if (status == STATUS_NOT_FOUND) {
            status = is_armoured(content) ? STATUS_MALFORMED : STATUS_OK;
        }
    }
    if (status == STATUS_OK) {
        status = i_message_parse(content, message);
    }
    return status == STATUS_OK ? STATUS_OK : unreadable(name, status, error);
}

static enum status check_domain(const struct kms *kms, const char *name,
                                const struct i_message_fields *fields, struct error *error) {
    if (strcmp(fields->responder_kms, kms->uri) == 0) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_DOMAIN_UNKNOWN,
                     "%.80s: the message is for an identity of the domain %.95s, not of %.95s; "
                     "only that domain can open it",
                     name, fields->responder_kms, kms->uri);
}

/* What opens a connection is encapsulated to the recovery identity, or nowhere. */
static enum status check_recovery(const struct kms *kms, const char *name,
                                  const struct i_message_fields *fields, struct error *error) {
    if (fields->share.length == 0 || (kms->recovery && fields->recovery.length > 0)) {
        return STATUS_OK;
    }
    if (!kms->recovery) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.100s: the message opens a D2D connection, and the domain was made with "
                         "recovery off; recover opens the keys of standard groups only",
                         name);
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.100s: the message opens a D2D connection and is not encapsulated to the "
                     "recovery identity; no handset of the domain takes such a connection",
                     name);
}

static enum recovery_signature check_signature(const struct kms *kms,
                                               const struct i_message *message) {
    const struct i_message_fields *fields = &message->fields;
    struct identifier identifier;
    if (strcmp(fields->initiator_kms, kms->uri) != 0) {
        return RECOVERY_OTHER_DOMAIN;
    }
    bool verifies = identifier_of(fields->initiator, fields->utc_ms, &identifier) == STATUS_OK &&
                    i_message_verify(kms->provider, message, kms->domain, &identifier) == STATUS_OK;
    return verifies ? RECOVERY_SIGNED : RECOVERY_NOT_SIGNED;
}

/* --- The record ----------------------------------------------------------------------------- */

/* Who asked, and which message: its hash tells it from every other. */
static enum status keep_record(struct kms *kms, const struct i_message *message,
                               const struct recovery_order *order, struct audit_record *record,
                               struct error *error) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    crypto_hash_sha256(hash, message->covered.octets, message->covered.length);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    *record = (struct audit_record){.utc_ms = order->now_ms, .action = AUDIT_RECOVER};
    memcpy(record->identity, message->fields.responder, sizeof record->identity);
    snprintf(record->detail, sizeof record->detail, "by %s: message %s, key %08x%s",
             order->authority, hex, (unsigned)message->fields.key_id,
             order->other_log ? ", though its half saw another log" : "");
    struct batch *batch = batch_new();
    if (batch == NULL) {
        return kms_failure(kms, STATUS_NO_MEMORY, error);
    }
    enum status status = audit_apply(kms, record, batch, error);
    batch_free(batch);
    return status;
}

/* May it be opened with what was brought, as far as that is not about the message? */
static enum status check_half(struct kms *kms, const struct recovery_order *order,
                              struct error *error) {
    enum status status = half_check(order->half, kms, error);
    return status == STATUS_OK && order->half != NULL && !order->other_log
               ? half_check_log(order->half, kms, error)
               : status;
}

/* The half remembers the record. */
static enum status note_record(const struct recovery_order *order,
                               const struct audit_record *record, struct error *error) {
    struct audit_head head = {.number = record->number};
    memcpy(head.hash, record->hash, sizeof head.hash);
    if (order->half == NULL) {
        return STATUS_OK;
    }
    enum status status = half_note(order->half, &head, error);
    if (status != STATUS_OK) {
        error_add(error, "; nothing was opened; the attempt is in audit record %llu",
                  (unsigned long long)record->number);
    }
    return status;
}

/* --- The key -------------------------------------------------------------------------------- */

/* Whose secrets issue a receiver key, and the public keys that it belongs to. */
struct issuer_keys {
    const struct provider *provider;
    const struct master_key *master;
    const struct domain_key *domain;
};

/* Decapsulates with a receiver key that exists for no longer. */
static enum status open_data(const struct issuer_keys *keys, const struct identifier *identifier,
                             struct span data, uint8_t ssv[SSV_SIZE]) {
    const struct provider *provider = keys->provider;
    struct receiver_key *key = NULL;
    struct secret *rsk = secret_new(SAKKE_POINT_SIZE);
    if (rsk == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status =
        provider->issue_receiver_key(keys->master, identifier_span(identifier), rsk->octets);
    if (status == STATUS_OK) {
        status = provider->receiver_key_load(keys->domain, identifier_span(identifier), rsk->octets,
                                             &key);
    }
    secret_free(rsk);
    if (status != STATUS_OK) {
        return status;
    }
    status = provider->decapsulate(key, data.octets, ssv);
    provider->receiver_key_free(key);
    return status;
}

/* The responder's key is that of the month in which the message was sent, or its fixed one. */
static enum status open_message(const struct kms *kms, const struct i_message *message,
                                uint8_t ssv[SSV_SIZE]) {
    struct identifier identifier;
    const struct issuer_keys keys = {kms->provider, kms->master, kms->domain};
    enum status status =
        identifier_of(message->fields.responder, message->fields.utc_ms, &identifier);
    return status == STATUS_OK ? open_data(&keys, &identifier, message->sakke, ssv) : status;
}

/* The ephemeral key of a D2D connection's initiator, of the authority's half where there is one.
 * STATUS_ENCAPSULATION_INVALID when what was
 * encapsulated does not make its share. */
static enum status open_ephemeral(const struct kms *kms, const struct half *half,
                                  const struct i_message_fields *fields,
                                  uint8_t ephemeral[EPHEMERAL_KEY_SIZE]) {
    struct identifier identifier;
    const struct issuer_keys keys = {kms->provider, half == NULL ? kms->master : half_master(half),
                                     half == NULL ? kms->domain : half_domain(half)};
    uint8_t seed[RECOVERY_SEED_SIZE], share[SHARE_SIZE];
    enum status status = identifier_of_recovery(kms->uri, fields->utc_ms, &identifier);
    if (status == STATUS_OK) {
        status = open_data(&keys, &identifier, fields->recovery, seed);
    }
    if (status == STATUS_OK) {
        status = ephemeral_of_seed(seed, fields->rand, ephemeral);
        secret_wipe(seed, sizeof seed);
    }
    if (status == STATUS_OK) {
        status = ephemeral_share(ephemeral, share);
    }
    if (status == STATUS_OK && !span_equal(SPAN_OF(share), fields->share)) {
        status = STATUS_ENCAPSULATION_INVALID;
    }
    return status;
}

/* Reads the message, checks that it may be opened, and puts it on record. */
static enum status prepare(struct kms *kms, const struct recovery_order *order, struct writer *room,
                           struct i_message *message, struct audit_record *record,
                           struct error *error) {
    enum status status = check_authority(order->authority, error);
    if (status == STATUS_OK) {
        status = read_message(order->name, order->content, room, message, error);
    }
    if (status == STATUS_OK) {
        status = check_domain(kms, order->name, &message->fields, error);
    }
    if (status == STATUS_OK) {
        status = check_recovery(kms, order->name, &message->fields, error);
    }
    if (status == STATUS_OK) {
        status = check_half(kms, order, error);
    }
    if (status == STATUS_OK) {
        status = keep_record(kms, message, order, record, error);
    }
    return status == STATUS_OK ? note_record(order, record, error) : status;
}

enum status recovery_run(struct kms *kms, const struct recovery_order *order,
                         struct recovery *recovery, struct error *error) {
    uint8_t octets[ARMOUR_OCTETS_MAX];
    struct writer room = writer_into(octets, sizeof octets);
    struct i_message message;
    enum status status = prepare(kms, order, &room, &message, &recovery->record, error);
    if (status != STATUS_OK) {
        return status;
    }
    recovery->fields = message.fields;
    recovery->signature = check_signature(kms, &message);
    recovery->is_connection = message.fields.share.length > 0;
    status = open_message(kms, &message, recovery->ssv);
    if (status == STATUS_OK && recovery->is_connection) {
        status = open_ephemeral(kms, order->half, &message.fields, recovery->ephemeral);
    }
    /* The extensions lie in `octets`, or in the file. */
    recovery->fields.key_parameters = recovery->fields.share = recovery->fields.recovery =
        (struct span){NULL, 0};
    if (status != STATUS_OK) {
        secret_wipe(recovery->ssv, sizeof recovery->ssv);
        secret_wipe(recovery->ephemeral, sizeof recovery->ephemeral);
        error_set(error, status,
                  "%.150s: the message does not open (%s): it was changed, or its time is not when "
                  "it was sent; the attempt is in audit record %llu",
                  order->name, status_text(status), (unsigned long long)recovery->record.number);
    }
    return status;
}
