/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/installing.h"

#include <string.h>

#include "app/programs/acceptance.h"

/* With the keys of two identities a handset would not start. */
enum status installing_check_identity(const struct options *options, const struct credential *held,
                                      const char *identity, struct error *error) {
    struct group_list list = {0};
    if (options->manages && group_list_add(&list, identity) != STATUS_OK) {
        return error_set(
            error, STATUS_IDENTITY_INVALID,
            "%.95s: not the identity of a standard group, such as sip:fire7@county.example",
            identity);
    }
    if (options->manages) {
        return STATUS_OK;
    }
    if (held->identity[0] == '\0' || strcmp(held->identity, identity) == 0) {
        return STATUS_OK;
    }
    return error_set(
        error, STATUS_NOT_ALLOWED,
        "%.80s: this handset holds the keys of %s; a second identity needs another --store",
        options->store, held->identity);
}

static enum status open_bundle(struct installing *installing, struct span text,
                               struct error *error) {
    const struct options *options = installing->options;
    struct device_key *key = NULL;
    enum status status = installation_device_key(installing->store, &key, error);
    if (status == STATUS_OK && key == NULL) {
        status = error_set(error, STATUS_WRONG_RECIPIENT,
                           "%.150s: this handset has not asked for keys yet; make a request first",
                           options->bundle);
    }
    if (status == STATUS_OK) {
        status = enrolment_bundle_open(options->bundle, text, key, installing->provider,
                                       &installing->credential, error);
    }
    if (status == STATUS_OK) {
        status = access_open(text, key, installing->credential, &installing->access);
        if (status == STATUS_NOT_FOUND) {
            status = STATUS_OK;
        } else if (status == STATUS_TRUNCATED) {
            error_set(error, status,
                      "%.120s: the access to the broker that the KMS put into the bundle is "
                      "missing; fetch the whole bundle again",
                      options->bundle);
        } else if (status == STATUS_SIGNATURE_INVALID) {
            error_set(error, status,
                      "%.120s: the KMS did not put this access to a broker into the bundle: "
                      "somebody else did; fetch it from the KMS itself",
                      options->bundle);
        } else if (status != STATUS_OK) {
            error_set(error, status, "%.150s: its access to the broker cannot be used: %s",
                      options->bundle, status_text(status));
        }
    }
    device_key_free(key);
    return status;
}

/* Against what is held. */
static enum status accept(struct installing *installing, struct error *error) {
    struct credential *credential = installing->credential;
    const struct credential *latest = installing->held.latest;
    const struct acceptance acceptance = {.options = installing->options,
                                          .store = installing->store,
                                          .held = &installing->held,
                                          .requests = &installing->requests,
                                          .credential = credential,
                                          .now_ms = installing->now_ms,
                                          .is_running = installing->is_running,
                                          .is_look = installing->is_look};
    enum status status = installation_requests(installing->store, credential->identity,
                                               &installing->requests, error);
    if (status == STATUS_OK) {
        status = acceptance_check(&acceptance, error);
    }
    if (status == STATUS_OK && installation_is_same_domain(latest, credential) &&
        latest->limits.number > credential->limits.number) {
        credential->limits = latest->limits; /* the KMS is restored, and says older ones */
    }
    return status;
}

enum status installing_check(struct installing *installing, struct span text, struct error *error) {
    enum status status = open_bundle(installing, text, error);
    if (status == STATUS_OK) {
        const char *group = installing->options->manages ? installing->credential->identity : NULL;
        status = installation_read(installing->store, group, &installing->held, error);
    }
    if (status == STATUS_OK) {
        status = installing_check_identity(installing->options, installing->held.latest,
                                           installing->credential->identity, error);
    }
    if (status == STATUS_OK) {
        status = installation_list(installing->store, text, installing->credential,
                                   installing->provider, &installing->list, error);
    }
    return status == STATUS_OK ? accept(installing, error) : status;
}

void installing_clear(struct installing *installing) {
    installation_clear(&installing->held);
    credential_free(installing->credential);
    access_free(installing->access);
    installing->credential = NULL;
    installing->access = NULL;
}
