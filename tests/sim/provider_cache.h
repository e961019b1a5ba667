/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The native crypto module behind a memory: the same inputs get the remembered result, the first
 * time they are computed for real. Ten handsets that verify one signature cost one verification,
 * and a handset that starts again has its keys checked once for all histories.
 */
#ifndef MUSTER_TESTS_SIM_PROVIDER_CACHE_H
#define MUSTER_TESTS_SIM_PROVIDER_CACHE_H

#include "crypto/provider.h"

/* The module. Its handles live as long as the program; freeing one is allowed and does nothing. */
const struct provider *provider_cache(void);

struct provider_cache_count {
    uint64_t remembered, computed;
};

struct provider_cache_count provider_cache_count(void);

#endif
