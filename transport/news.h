/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a transport has to report and nobody has asked for yet. When it is full the oldest gives
 * way.
 */
#ifndef MUSTER_TRANSPORT_NEWS_H
#define MUSTER_TRANSPORT_NEWS_H

#include <stdbool.h>
#include <stddef.h>

#include "transport/condition.h"

enum {
    NEWS_MAX = 8
};

/* Empty where it is all zeros. */
struct news {
    size_t first, count;
    struct transport_condition list[NEWS_MAX];
};

void news_add(struct news *news, const struct transport_condition *condition);

/* Takes the oldest; false when there is none. */
bool news_take(struct news *news, struct transport_condition *out);

#endif
