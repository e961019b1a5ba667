/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/transport.h"

enum transport_result transport_better(enum transport_result a, enum transport_result b) {
    static const int rank[] = {[TRANSPORT_OK] = 4,
                               [TRANSPORT_BUSY] = 3,
                               [TRANSPORT_TOO_LONG] = 2,
                               [TRANSPORT_FAILED] = 1,
                               [TRANSPORT_NO_ROUTE] = 0};
    return rank[a] >= rank[b] ? a : b;
}
