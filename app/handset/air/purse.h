/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Purses: what may be spent, in units of about a millisecond of work (app/README.md section 5, 9).
 * A purse fills with time, up to its size. `purses` are one for each of many sources, and one for
 * all of them together; the purse of a source is forgotten only when it is full, so that nobody
 * gets a new one by making others crowd out the old. admission.h says who pays from which.
 */
#ifndef MUSTER_APP_HANDSET_AIR_PURSE_H
#define MUSTER_APP_HANDSET_AIR_PURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UNIT = 1000, /* milli-units */
    PURSES_MAX = 64,
    PURSE_BURST = 40, /* units at once from one source */
    PURSE_RATE = 10,  /* units a second */
    PURSES_ALL_BURST = 200,
    PURSES_ALL_RATE = 100,
};

/* How much it holds, and what it gets in a second, in units. */
struct purse_size {
    int64_t burst, rate;
};

struct purse {
    int64_t filled_ms; /* boot clock */
    int64_t milli_units;
};

/* A full one. */
struct purse purse_full(struct purse_size size, int64_t boot_ms);

/* Is so much in it? purse_take takes it out, if so. */
bool purse_has(struct purse *purse, struct purse_size size, int64_t boot_ms, int64_t milli_units);
bool purse_take(struct purse *purse, struct purse_size size, int64_t boot_ms, int64_t milli_units);

/* What was taken and not spent goes back. */
void purse_return(struct purse *purse, struct purse_size size, int64_t milli_units);

/* The boot_ms at which so much will be in it. */
int64_t purse_due(const struct purse *purse, struct purse_size size, int64_t milli_units);

struct purses {
    struct purse all;
    struct purse rest; /* shared by sources for which there is no place */
    size_t count;
    struct {
        uint64_t source;
        struct purse purse;
    } list[PURSES_MAX];
};

/* Fills them all; to be called once, before any is used. */
void purses_start(struct purses *purses, int64_t boot_ms);

/* What stands for `identity` as a source; and for what claims to be of it and shows it by nothing
 * but `shown`, a number that is different for what is to be kept apart, as an address is. */
uint64_t purse_source(const char *identity);
uint64_t purse_source_at(const char *identity, uint64_t shown);

/* May `source` cause so much work now? If so it is paid for from its purse, and from that of all.
 */
bool purses_take(struct purses *purses, uint64_t source, int64_t boot_ms, int64_t milli_units);

/* The same, but nothing is paid. */
bool purses_have(struct purses *purses, uint64_t source, int64_t boot_ms, int64_t milli_units);

#endif
