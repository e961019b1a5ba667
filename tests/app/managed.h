/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A domain with a standard group and its manager, in memory, and what its members make of the
 * deliveries that they get.
 */
#ifndef MUSTER_TESTS_APP_MANAGED_H
#define MUSTER_TESTS_APP_MANAGED_H

#include "app/manager/managed_group.h"
#include "crypto/key_delivery.h"

#define MANAGED_GROUP "sip:fire7@county.example"
enum {
    MANAGED_MEMBERS_MAX = 100
};

/* Some moment of November 2026. */
extern const int64_t managed_now_ms;

/* A new domain; the one before is freed. */
void managed_domain_setup(void);
void managed_domain_free(void);

const struct provider *managed_provider(void);

/* The record of an identity's keys for the month of `utc_ms`: its key and value. */
void managed_keys_record(const char *identity, int64_t utc_ms, struct writer *key,
                         struct writer *value);

enum {
    MANAGED_TERM = 5 /* of the manager of managed_group_fixture */
};

/* A group with these keys for the present month and an empty roll. The caller frees it. */
struct managed_group *managed_group_fixture(void);

/* The same as the manager of another term has it. */
struct managed_group *managed_group_of_term(uint64_t term);

/* The identity of the n-th member. */
const char *managed_member(size_t n);

/* Puts the first `count` members on the roll. */
void managed_enlist(struct managed_group *group, size_t count);

/* Opens a delivery as the n-th member's handset does, signature and all: the GMK and what it is
 * for. The status of the first check that fails. */
enum status managed_open(size_t n, struct span delivery, struct key_delivery_fields *fields,
                         uint8_t gmk[SSV_SIZE]);

#endif
