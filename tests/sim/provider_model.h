/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A model of a crypto module, for simulations of many hours: a signature is a hash that names
 * the identifier and the message, and an encapsulation one that names the identifier and the
 * secret. They verify and open as real ones do, and cost next to nothing. Whoever knows how they
 * are made can forge them, which nobody in the simulation does.
 */
#ifndef MUSTER_TESTS_SIM_PROVIDER_MODEL_H
#define MUSTER_TESTS_SIM_PROVIDER_MODEL_H

#include "crypto/provider.h"

const struct provider *provider_model(void);

#endif
