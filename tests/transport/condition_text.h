/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A condition as one line for comparing: "no-such-interface eth77". */
#ifndef MUSTER_TESTS_TRANSPORT_CONDITION_TEXT_H
#define MUSTER_TESTS_TRANSPORT_CONDITION_TEXT_H

#include "transport/condition.h"

/* The kind's name, then link ("link 2"), object, numbers, error ("error 13") and detail ("(...)"),
 * each where there is one. Valid until the next call. */
const char *condition_text(const struct transport_condition *condition);

#endif
