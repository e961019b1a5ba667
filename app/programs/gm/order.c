/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/gm/order.h"

#include <stdio.h>
#include <string.h>

#include "app/programs/clocks.h"
#include "app/programs/passphrase.h"

/* The group that is loaded, while the store is read. */
struct loading {
    const struct provider *provider;
    const char *wanted; /* NULL: the only one */
    struct managed_group *group;
    bool has_several;
};

static enum status load_record(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    struct loading *loading = context;
    char identity[IDENTITY_SIZE];
    if (kind != RECORD_MANAGER_KEYS && kind != RECORD_REKEY && kind != RECORD_MEMBER &&
        kind != RECORD_EXCLUSIONS) {
        return STATUS_OK;
    }
    enum status status = managed_group_of_record(kind, key, identity);
    if (status != STATUS_OK ||
        (loading->wanted != NULL && strcmp(identity, loading->wanted) != 0)) {
        return status;
    }
    if (loading->group == NULL) {
        status = managed_group_new(loading->provider, identity, &loading->group);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (strcmp(identity, loading->group->identity) != 0) {
        loading->has_several = true;
        return STATUS_OK;
    }
    return managed_group_restore(loading->group, kind, key, value);
}

static enum status load_group(const struct gm_order *order, struct gm *gm, struct error *error) {
    struct loading loading = {.provider = order->provider, .wanted = order->group};
    enum status status = store_load(gm->store, load_record, &loading, error);
    gm->group = loading.group;
    if (status != STATUS_OK) {
        return status;
    }
    if (loading.has_several) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.150s manages several groups; say which with --group", order->store);
    }
    if (loading.group == NULL || loading.group->keyring.credential == NULL) {
        return error_set(error, STATUS_NOT_FOUND,
                         "%.150s holds no keys of %s; ask the KMS with muster-gm request, then "
                         "muster-gm install",
                         order->store, order->group == NULL ? "a group" : order->group);
    }
    return STATUS_OK;
}

/* A GMK whose period of use is over is not kept. */
static enum status drop_expired(const struct gm *gm, struct error *error) {
    struct batch *batch = batch_new();
    bool dropped;
    enum status status = batch == NULL
                             ? STATUS_NO_MEMORY
                             : managed_group_drop_expired(gm->group, gm_now(), batch, &dropped);
    return gm_apply(gm, status, batch, error);
}

enum status gm_open(const struct gm_order *order, struct gm *gm, struct error *error) {
    struct secret *passphrase = NULL;
    *gm = (struct gm){0};
    if (!store_exists(order->store)) {
        return error_set(error, STATUS_NOT_FOUND,
                         "%.150s: there is no store; make one with muster-gm request",
                         order->store);
    }
    enum status status = binding_check(order->store, error);
    if (status == STATUS_OK) {
        status = order->passphrase_file != NULL
                     ? passphrase_from_closed_file(order->passphrase_file, &passphrase, error)
                     : passphrase_from_terminal("Passphrase: ", false, &passphrase, error);
    }
    if (status == STATUS_OK) {
        status = store_open(order->store, secret_span(passphrase), &gm->store, error);
    }
    secret_free(passphrase);
    if (status == STATUS_OK) {
        status = load_group(order, gm, error);
    }
    if (status == STATUS_OK) {
        status = drop_expired(gm, error);
    }
    if (status != STATUS_OK) {
        gm_close(gm);
    }
    return status;
}

void gm_close(struct gm *gm) {
    managed_group_free(gm->group);
    if (gm->store != NULL) {
        store_close(gm->store);
    }
    *gm = (struct gm){0};
}

enum status gm_apply(const struct gm *gm, enum status status, struct batch *batch,
                     struct error *error) {
    if (status != STATUS_OK) {
        error_set(error, status, "%s: %s", gm->group->identity, status_text(status));
    } else if (batch->count > 0) {
        status = store_apply(gm->store, batch, error);
    }
    batch_free(batch);
    return status;
}

enum status gm_drop_ended_months(const struct gm *gm, struct error *error) {
    const struct moment now = {.utc_ms = gm_now()};
    const struct key_set *ended;
    enum status status = STATUS_OK;
    while (status == STATUS_OK &&
           (ended = keyring_ended(&gm->group->keyring, now, KEYRING_TOLERANCE_MS)) != NULL) {
        struct batch *batch = batch_new();
        status = batch == NULL
                     ? STATUS_NO_MEMORY
                     : batch_delete(batch, RECORD_MANAGER_KEYS, span_of_text(ended->record_key));
        status = gm_apply(gm, status, batch, error);
        keyring_drop(&gm->group->keyring, ended);
    }
    return status;
}

int64_t gm_now(void) {
    return clocks_now(0).utc_ms;
}
