/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the officer of an ad-hoc group's creator commands (6.X.3.3.3.3 steps 3 and 4, and 6, note):
 * draw a GMK for the members chosen, a new one for those who stay or are let in, let others in
 * without a new one (latecomers.h), ask somebody again, stop asking. How the GMK gets to each
 * member is offers.h.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_DISTRIBUTION_H
#define MUSTER_APP_HANDSET_KEYS_DISTRIBUTION_H

#include "app/handset/keys/offers.h"

struct distribution {
    struct desk *desk;
    const struct roster *roster;
    struct groups *groups;
    struct offers *offers;
};

/* The officer's commands; `problem` as for handset_command. A failed one changes nothing.
 * STATUS_NOT_ALLOWED, STATUS_NOT_FOUND, STATUS_PERIOD_TOO_LONG, STATUS_TOO_LONG, and to add
 * somebody or ask again STATUS_GMK_EXPIRED. */
MUST_CHECK enum status distribution_create(struct distribution *distribution, struct moment now,
                                           const struct command *command, struct event *problem);
MUST_CHECK enum status distribution_rekey(struct distribution *distribution, struct moment now,
                                          const struct command *command, struct event *problem);
MUST_CHECK enum status distribution_add(struct distribution *distribution, struct moment now,
                                        const struct command *command, struct event *problem);
MUST_CHECK enum status distribution_retry(struct distribution *distribution, struct moment now,
                                          const struct command *command, struct event *problem);
MUST_CHECK enum status distribution_cancel(struct distribution *distribution, struct moment now,
                                           const struct command *command, struct event *problem);

/* A new GMK for the members of `group`, an ad-hoc group that this handset created, without those
 * whom the keyring does not admit, with the period of the one before: it may be for this handset
 * alone. `group` is replaced. Errors as distribution_rekey, and STATUS_NO_MEMORY. */
MUST_CHECK enum status distribution_leave_out(struct distribution *distribution, struct moment now,
                                              const struct group *group, struct event *problem);

#endif
