/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The domain's broker (kms.h). */
#include <stdio.h>
#include <string.h>

#include "app/kms/domain.h"
#include "app/kms/shut_out.h"
#include "crypto/secret.h"

#define BROKER_RECORD_KEY "broker"

static enum status take_broker(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    struct kms *kms = context;
    (void)kind;
    (void)key;
    kms->broker = broker_new();
    return kms->broker == NULL ? STATUS_NO_MEMORY : broker_read(value, kms->broker);
}

enum status kms_load_broker(struct kms *kms, struct error *error) {
    bool found;
    return store_find(kms->store, RECORD_KMS_BROKER, span_of_text(BROKER_RECORD_KEY), take_broker,
                      kms, &found, error);
}

/* Other threads may read what is loaded: it is not touched. */
enum status kms_check_broker(const struct kms *kms, struct error *error) {
    struct kms now = {.store = kms->store};
    enum status status = kms_load_broker(&now, error);
    const struct broker *held = kms->broker;
    bool is_same = held == NULL || now.broker == NULL ? held == now.broker
                                                      : memcmp(held, now.broker, sizeof *held) == 0;
    broker_free(now.broker);
    if (status == STATUS_OK && !is_same) {
        status = error_set(error, STATUS_NOT_ALLOWED,
                           "domain %.100s: its broker was set anew meanwhile", kms->uri);
    }
    return status;
}

/* Addresses as handsets take them: tls://host:port, separated by commas. */
static bool are_servers(const char *servers) {
    static const char scheme[] = "tls://";
    if (!display_text_is_valid(servers, ACCESS_SERVERS_MAX) || strchr(servers, ' ') != NULL) {
        return false;
    }
    for (const char *server = servers; server != NULL;) {
        const char *end = strchr(server, ',');
        size_t length = end == NULL ? strlen(server) : (size_t)(end - server);
        if (length <= sizeof scheme || strncmp(server, scheme, sizeof scheme - 1) != 0) {
            return false;
        }
        server = end == NULL ? NULL : end + 1;
    }
    return true;
}

static enum status fill_broker(const struct kms *kms, const char *servers, struct span ca,
                               bool replace, const struct entropy *entropy, struct broker *broker) {
    enum status status = STATUS_OK;
    strcpy(broker->servers, servers);
    if (ca.octets == NULL) {
        strcpy(broker->ca, kms->broker->ca);
    } else {
        status = broker_set_ca(broker, ca);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (kms->broker == NULL || replace) {
        return entropy_draw(entropy, broker->secret, sizeof broker->secret);
    }
    memcpy(broker->secret, kms->broker->secret, sizeof broker->secret);
    return STATUS_OK;
}

static enum status keep_broker(struct kms *kms, const struct broker *broker, bool replace,
                               int64_t now_ms, struct error *error) {
    struct audit_record record = {.utc_ms = now_ms, .action = AUDIT_BROKER};
    struct secret *value = secret_new(BROKER_OCTETS_MAX);
    struct batch *batch = batch_new();
    enum status status = value == NULL || batch == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    memcpy(record.identity, kms->uri, sizeof record.identity);
    snprintf(record.detail, sizeof record.detail, "%s at %.200s",
             kms->broker == NULL || replace ? "new keys" : "the same keys", broker->servers);
    if (status == STATUS_OK) {
        struct writer w = writer_into(value->octets, value->length);
        status = broker_write(broker, &w);
        if (status == STATUS_OK) {
            status = batch_put(batch, RECORD_KMS_BROKER, span_of_text(BROKER_RECORD_KEY),
                               writer_span(&w));
        }
    }
    status = status == STATUS_OK ? audit_apply(kms, &record, batch, error)
                                 : kms_failure(kms, status, error);
    secret_free(value);
    batch_free(batch);
    return status;
}

enum status kms_set_broker(struct kms *kms, const char *servers, struct span ca, bool replace,
                           int64_t now_ms, const struct entropy *entropy,
                           struct writer *configuration, struct error *error) {
    if (kms->broker == NULL && (servers == NULL || ca.octets == NULL)) {
        return error_set(error, STATUS_NOT_FOUND,
                         "domain %.100s: it has no broker yet; say where it is with --servers, and "
                         "with --ca whose CA signs its certificate",
                         kms->uri);
    }
    if (servers == NULL) {
        servers = kms->broker->servers;
    }
    if (strlen(servers) > ACCESS_SERVERS_MAX || !are_servers(servers)) {
        return error_set(
            error, STATUS_MALFORMED,
            "%.100s: not the address of a broker, such as tls://broker.county.example:4222; "
            "separate several with commas, %d characters at most",
            servers, ACCESS_SERVERS_MAX);
    }
    struct broker *broker = broker_new();
    if (broker == NULL) {
        return kms_failure(kms, STATUS_NO_MEMORY, error);
    }
    enum status status = fill_broker(kms, servers, ca, replace, entropy, broker);
    if (status == STATUS_MALFORMED || status == STATUS_TOO_LONG) {
        error_set(error, status,
                  "the CA's file must hold its certificate, as PEM text of at most %d octets",
                  ACCESS_CA_MAX);
    } else if (status != STATUS_OK) {
        kms_failure(kms, status, error);
    } else {
        status = shut_out_configure(kms, broker, now_ms, configuration, error);
    }
    if (status == STATUS_OK) {
        status = keep_broker(kms, broker, replace, now_ms, error);
    }
    if (status != STATUS_OK) {
        broker_free(broker);
        return status;
    }
    broker_free(kms->broker);
    kms->broker = broker;
    return STATUS_OK;
}

const char *kms_broker_servers(const struct kms *kms) {
    return kms->broker == NULL ? NULL : kms->broker->servers;
}

enum status kms_operator_access(const struct kms *kms, int64_t now_ms, struct writer *out,
                                struct error *error) {
    struct access *access = access_new();
    enum status status =
        access == NULL ? STATUS_NO_MEMORY : broker_issue_operator(kms->broker, now_ms, access);
    if (status == STATUS_OK) {
        status = access_write_open(access, out);
    }
    access_free(access);
    return status == STATUS_OK ? STATUS_OK : kms_failure(kms, status, error);
}
