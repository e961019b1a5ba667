/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration of a domain's broker, which shuts out those on the register as revoked
 * (broker/broker.h): their access ends when the server has it, and not when their keys do.
 */
#ifndef MUSTER_APP_KMS_SHUT_OUT_H
#define MUSTER_APP_KMS_SHUT_OUT_H

#include "app/broker/broker.h"
#include "app/kms/kms.h"

/* Appends the configuration of `broker`, which may be one that the domain is only about to have.
 * STATUS_TOO_LONG for more than BROKER_REVOKED_MAX revoked identities, errors of
 * register_list and broker_configure. */
MUST_CHECK enum status shut_out_configure(struct kms *kms, const struct broker *broker,
                                          int64_t now_ms, struct writer *out, struct error *error);

#endif
