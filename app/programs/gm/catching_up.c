/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "app/programs/gm/commands.h"
#include "app/programs/gm/receiving.h"
#include "app/programs/gm/sharing.h"

static enum status at_broker(struct gm *gm, struct error *error) {
    struct path path = {0};
    enum status status = path_open_broker(gm, &path, error);
    if (status == STATUS_NOT_FOUND) {
        error_set(
            error, status,
            "there is no access to a broker to catch up at; take over what another manager "
            "exports with --from FILE, or exclude all whom you know to be excluded and say so "
            "with --yes");
    }
    if (status == STATUS_OK) {
        status = sharing_join(gm, &path, error);
    }
    path_close(&path);
    return status;
}

/* Nobody else can say it: the store from which they were excluded is gone. */
static enum status vouch(const struct gm_order *order, struct gm *gm, struct error *error) {
    uint32_t number = order->number != 0 ? order->number : gm->group->unknown.number;
    if (number == 0) {
        return error_set(
            error, STATUS_ALREADY_DONE,
            "no member of %s has objected here; if a handset has refused a key, give the "
            "number of the exclusion that it named with --number",
            gm->group->identity);
    }
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY : managed_group_vouch(gm->group, number, batch);
    status = gm_apply(gm, status, batch, error);
    if (status == STATUS_OK) {
        printf("%s: all whom exclusions up to number %u concern are taken to be among the %zu "
               "excluded here; rekey the group\n",
               gm->group->identity, number, managed_group_tally(gm->group).excluded);
    }
    return status;
}

enum status gm_catch_up(const struct gm_order *order, struct error *error) {
    struct gm gm;
    enum status status = gm_open(order, &gm, error);
    if (status != STATUS_OK) {
        return status;
    }
    if ((order->given & GM_YES) != 0) {
        status = vouch(order, &gm, error);
    } else if (order->from != NULL) {
        status = sharing_take(&gm, order->from, error);
    } else {
        status = at_broker(&gm, error);
    }
    if (status == STATUS_OK) {
        status = receiving_check(&gm, error);
    }
    gm_close(&gm);
    return status;
}

enum status gm_export(const struct gm_order *order, struct error *error) {
    struct gm gm;
    enum status status = gm_open(order, &gm, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = sharing_export(&gm, order->out, error);
    if (status == STATUS_OK) {
        printf("%s: %s tells another manager of the group whom it excludes, up to exclusion number "
               "%u: muster-gm catch-up --from\n",
               gm.group->identity, order->out, gm.group->exclusions.highest);
    }
    gm_close(&gm);
    return status;
}
