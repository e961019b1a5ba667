/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/renewal.h"

#include "app/handset/air/revocations.h"
#include "app/identity/month.h"

static void tell(struct desk *desk, struct moment now, const struct renewal *renewal) {
    struct event event = {.kind = EVENT_KEYS_RENEWED};
    if (identity_is_me(renewal->credential->identity)) {
        event.kind = EVENT_ACCESS_RENEWED;
        day_print(renewal->access_until_ms - 1, event.day);
    } else {
        month_print(renewal->credential->period_start_ms, event.month);
    }
    if (event.kind == EVENT_KEYS_RENEWED || renewal->access_until_ms != 0) {
        desk_tell(desk, now, &event);
    }
}

enum status renewal_take(struct desk *desk, struct moment now, struct renewal *renewal,
                         struct event *problem) {
    struct batch *records = renewal->records;
    enum status status = keyring_renew(&desk->keyring, records);
    if (status == STATUS_OK) {
        renewal->records = NULL;
        status = outbox_store(&desk->outbox, records);
    }
    if (status != STATUS_OK) {
        return desk_problem(problem, (struct event){.kind = EVENT_COMMAND_FAILED}, status);
    }
    if (renewal->list != NULL) {
        status = revocations_keep(desk, now, renewal->list, false);
        (void)status; /* one that is no newer is held already */
    }
    tell(desk, now, renewal);
    return STATUS_OK;
}
