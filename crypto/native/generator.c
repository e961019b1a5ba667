/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/generator.h"

#include <pthread.h>

#include "crypto/native/arithmetic.h"

struct combs {
    pthread_once_t once;
    struct curve_comb points;
    struct power_comb powers;
};

/* One at a time, and eight at a time. */
static struct combs forms[2] = {{.once = PTHREAD_ONCE_INIT}, {.once = PTHREAD_ONCE_INIT}};

static struct combs *chosen_form(void) {
    return &forms[arithmetic_chosen()->eight];
}

static void build(void) {
    struct combs *combs = chosen_form();
    struct affine_point generator;
    struct field_element g;
    curve_generator(&generator);
    curve_comb_build(&combs->points, &generator);
    field_from_integer(&g, &sakke_g);
    power_comb_build(&combs->powers, &g);
}

const struct curve_comb *generator_comb(void) {
    struct combs *combs = chosen_form();
    (void)pthread_once(&combs->once, build);
    return &combs->points;
}

const struct power_comb *generator_power_comb(void) {
    struct combs *combs = chosen_form();
    (void)pthread_once(&combs->once, build);
    return &combs->powers;
}

static struct wide_comb wide;

static void build_wide(void) {
    struct affine_point generator;
    curve_generator(&generator);
    wide_comb_build(&wide, &generator);
}

const struct wide_comb *generator_wide_comb(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, build_wide);
    return &wide;
}
