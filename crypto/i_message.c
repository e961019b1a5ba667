/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/i_message.h"

#include <string.h>

#include "crypto/mikey.h"
#include "crypto/secret.h"

/* Only what the parser takes is built. */
static enum status check_extensions(const struct i_message_fields *fields) {
    bool share_fits = fields->share.length == 0 ||
                      (fields->share.length == SHARE_SIZE && fields->key_parameters.length == 0);
    bool recovery_fits =
        fields->recovery.length == 0 ||
        (fields->recovery.length == SAKKE_DATA_SIZE && fields->share.length == SHARE_SIZE);
    bool manager_fits = fields->manager.length == 0 || fields->key_parameters.length > 0;
    return share_fits && recovery_fits && manager_fits ? STATUS_OK : STATUS_MALFORMED;
}

static enum status check_fields(const struct i_message_fields *fields) {
    enum status status = identity_check(fields->initiator);
    if (status == STATUS_OK) {
        status = identity_check(fields->responder);
    }
    if (status == STATUS_OK) {
        status = kms_uri_check(fields->initiator_kms);
    }
    if (status == STATUS_OK) {
        status = kms_uri_check(fields->responder_kms);
    }
    if (status == STATUS_OK && !mikey_time_fits(fields->utc_ms)) {
        status = STATUS_TIME_OUT_OF_RANGE;
    }
    return status == STATUS_OK ? check_extensions(fields) : status;
}

/* Everything that the signature covers. */
static void write_covered(struct writer *w, const struct i_message_fields *fields,
                          const uint8_t sakke[SAKKE_DATA_SIZE]) {
    mikey_write_header(w, MIKEY_SAKKE_I_MESSAGE, MIKEY_T, fields->key_id, NULL);
    mikey_write_timestamp(w, MIKEY_RAND, fields->utc_ms);
    mikey_write_rand(w, MIKEY_IDR, fields->rand);
    mikey_write_uri(w, MIKEY_IDR, MIKEY_INITIATOR, fields->initiator);
    mikey_write_uri(w, MIKEY_IDR, MIKEY_RESPONDER, fields->responder);
    mikey_write_uri(w, MIKEY_IDR, MIKEY_INITIATOR_KMS, fields->initiator_kms);
    mikey_write_uri(w, MIKEY_SAKKE, MIKEY_RESPONDER_KMS, fields->responder_kms);
    bool is_delivery = fields->key_parameters.length > 0, has_share = fields->share.length > 0;
    bool has_recovery = fields->recovery.length > 0;
    mikey_write_sakke(w, is_delivery || has_share ? MIKEY_GENERAL_EXTENSION : MIKEY_SIGN,
                      identity_scheme(fields->responder), sakke);
    bool has_manager = fields->manager.length > 0;
    if (is_delivery) {
        mikey_write_key_parameters(w, has_manager ? MIKEY_GENERAL_EXTENSION : MIKEY_SIGN,
                                   fields->key_parameters);
    }
    if (has_manager) {
        mikey_write_manager(w, MIKEY_SIGN, fields->manager);
    }
    if (has_share) {
        mikey_write_share(w, has_recovery ? MIKEY_GENERAL_EXTENSION : MIKEY_SIGN, fields->share);
    }
    if (has_recovery) {
        mikey_write_recovery(w, MIKEY_SIGN, fields->recovery);
    }
    mikey_write_sign(w);
}

static void read_delivery(struct mikey_reader *m, struct i_message_fields *fields) {
    bool has_manager = mikey_next_is(m, MIKEY_GENERAL_EXTENSION);
    mikey_read_key_parameters(m, has_manager ? MIKEY_GENERAL_EXTENSION : MIKEY_SIGN,
                              &fields->key_parameters);
    if (has_manager) {
        mikey_read_manager(m, MIKEY_SIGN, &fields->manager);
    }
}

/* What stands between SAKKE and SIGN. */
static void read_extensions(struct mikey_reader *m, struct i_message_fields *fields) {
    if (!mikey_is_share(m)) {
        read_delivery(m, fields);
        return;
    }
    bool has_recovery = mikey_next_is(m, MIKEY_GENERAL_EXTENSION);
    mikey_read_share(m, has_recovery ? MIKEY_GENERAL_EXTENSION : MIKEY_SIGN, &fields->share);
    if (has_recovery) {
        mikey_read_recovery(m, MIKEY_SIGN, &fields->recovery);
    }
}

static void read_message(struct mikey_reader *m, struct i_message *out) {
    struct i_message_fields *fields = &out->fields;
    mikey_read_header(m, MIKEY_SAKKE_I_MESSAGE, MIKEY_T, &fields->key_id, NULL);
    mikey_read_timestamp(m, MIKEY_RAND, &fields->utc_ms);
    mikey_read_rand(m, MIKEY_IDR, fields->rand);
    mikey_read_uri(m, MIKEY_IDR, MIKEY_INITIATOR, identity_check, fields->initiator,
                   sizeof fields->initiator);
    mikey_read_uri(m, MIKEY_IDR, MIKEY_RESPONDER, identity_check, fields->responder,
                   sizeof fields->responder);
    mikey_read_uri(m, MIKEY_IDR, MIKEY_INITIATOR_KMS, kms_uri_check, fields->initiator_kms,
                   sizeof fields->initiator_kms);
    mikey_read_uri(m, MIKEY_SAKKE, MIKEY_RESPONDER_KMS, kms_uri_check, fields->responder_kms,
                   sizeof fields->responder_kms);
    bool is_extended = mikey_next_is(m, MIKEY_GENERAL_EXTENSION);
    mikey_read_sakke(m, is_extended ? MIKEY_GENERAL_EXTENSION : MIKEY_SIGN, &out->id_scheme,
                     &out->sakke);
    if (is_extended) {
        read_extensions(m, fields);
    }
    mikey_read_sign(m);
    out->covered = mikey_read_so_far(m);
    out->signature = mikey_read_octets(m, ECCSI_SIGNATURE_SIZE);
}

/* The message around encapsulated data, signed. */
static enum status build_around(const struct provider *provider,
                                const struct i_message_fields *fields,
                                const uint8_t sakke[SAKKE_DATA_SIZE],
                                const struct signing_key *signing_key,
                                const struct entropy *entropy, struct writer *out) {
    uint8_t octets[I_MESSAGE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    write_covered(&w, fields, sakke);
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    enum status status = provider->sign(signing_key, writer_span(&w), entropy, signature);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(&w, SPAN_OF(signature));
    status = writer_finish(&w);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(out, writer_span(&w));
    return writer_finish(out);
}

enum status i_message_build(const struct provider *provider, const struct i_message_fields *fields,
                            const struct domain_key *responder_domain,
                            const struct identifier *responder_identifier,
                            const struct signing_key *signing_key, const uint8_t ssv[SSV_SIZE],
                            const struct entropy *entropy, struct writer *out) {
    uint8_t sakke[SAKKE_DATA_SIZE];
    enum status status = check_fields(fields);
    if (status == STATUS_OK) {
        status = provider->encapsulate(responder_domain, identifier_span(responder_identifier), ssv,
                                       sakke);
    }
    if (status == STATUS_OK) {
        status = build_around(provider, fields, sakke, signing_key, entropy, out);
    }
    return status;
}

enum status i_message_build_each(const struct provider *provider, size_t count,
                                 const struct i_message_fields fields[],
                                 const struct domain_key *responder_domain,
                                 const struct identifier responder_identifiers[],
                                 const struct signing_key *signing_key, const uint8_t ssv[SSV_SIZE],
                                 const struct entropy *entropy, struct writer outs[]) {
    struct span identifiers[I_MESSAGES_AT_ONCE] = {{0}};
    uint8_t ssvs[I_MESSAGES_AT_ONCE][SSV_SIZE], sakke[I_MESSAGES_AT_ONCE][SAKKE_DATA_SIZE];
    enum status status = count <= I_MESSAGES_AT_ONCE ? STATUS_OK : STATUS_TOO_LONG;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = check_fields(&fields[i]);
        identifiers[i] = identifier_span(&responder_identifiers[i]);
        memcpy(ssvs[i], ssv, SSV_SIZE);
    }
    if (status == STATUS_OK) {
        status = provider->encapsulate_each(responder_domain, count, identifiers,
                                            (const uint8_t(*)[SSV_SIZE])ssvs, sakke);
    }
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = build_around(provider, &fields[i], sakke[i], signing_key, entropy, &outs[i]);
    }
    secret_wipe(ssvs, sizeof ssvs);
    return status;
}

enum status i_message_parse(struct span octets, struct i_message *out) {
    memset(out, 0, sizeof *out);
    struct mikey_reader m = mikey_reader_of(octets);
    if (octets.length > I_MESSAGE_MAX) {
        return STATUS_TOO_LONG;
    }
    read_message(&m, out);
    enum status status = mikey_finish(&m);
    if (status == STATUS_OK && out->id_scheme != identity_scheme(out->fields.responder)) {
        status = STATUS_MALFORMED;
    }
    if (status != STATUS_OK) {
        memset(out, 0, sizeof *out);
    }
    return status;
}

enum status i_message_verify(const struct provider *provider, const struct i_message *message,
                             const struct domain_key *initiator_domain,
                             const struct identifier *initiator_identifier) {
    return provider->verify(initiator_domain, identifier_span(initiator_identifier),
                            message->covered, message->signature.octets);
}

enum status i_message_open(const struct provider *provider, const struct i_message *message,
                           const struct receiver_key *key, uint8_t ssv[SSV_SIZE]) {
    return provider->decapsulate(key, message->sakke.octets, ssv);
}
