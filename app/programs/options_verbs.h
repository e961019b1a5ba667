/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of what is asked of a running handset: `muster groups`, `muster talk` and so on.
 */
#ifndef MUSTER_APP_PROGRAMS_OPTIONS_VERBS_H
#define MUSTER_APP_PROGRAMS_OPTIONS_VERBS_H

#include "app/programs/options.h"

/* Is that the word of something that is asked of a running handset? */
bool options_are_verb(const char *word);

/* Takes that word and the arguments after it, `count` together. STATUS_MALFORMED. */
MUST_CHECK enum status options_take_verb(struct options *options, int count, char *words[],
                                         struct error *error);

/* One --with. STATUS_MALFORMED: there are too many. */
MUST_CHECK enum status options_add_member(struct options *options, const char *who,
                                          struct error *error);

/* Are the options those of the errand, and all that it needs? STATUS_MALFORMED. */
MUST_CHECK enum status options_check_verb(struct options *options, struct error *error);

#endif
