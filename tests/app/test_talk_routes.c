/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of the ways that talkers' voices take (talk/routes.h) is each talker's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/talk/routes.h"

struct talk {
    struct voice_receiver *receiver;
    struct route *route;
};

static struct talk begin(struct routes *routes, unsigned talker, int64_t boot_ms) {
    char name[IDENTITY_SIZE];
    struct talk talk;
    snprintf(name, sizeof name, "talker %u", talker);
    assert_int_equal(
        routes_open(routes, name, (struct moment){.boot_ms = boot_ms}, &talk.receiver, &talk.route),
        STATUS_OK);
    return talk;
}

static void end(struct talk *talk) {
    voice_receiver_free(talk->receiver);
    routes_close(talk->route);
}

static void what_one_talk_showed_the_next_begins_with(void **state) {
    (void)state;
    struct routes routes = {0};
    struct talk talk = begin(&routes, 1, 0);
    talk.route->way.loss = 0.25;
    end(&talk);
    talk = begin(&routes, 1, ROUTES_KEPT_MS);
    assert_true(talk.route->way.loss > 0.2);
    end(&talk);
    talk = begin(&routes, 1, 2 * ROUTES_KEPT_MS + 1);
    assert_true(talk.route->way.loss < 0.2); /* links change */
    end(&talk);
}

/* Somebody talks for long, while more others than there is room for come and go. */
static void a_route_in_use_stays_its_talkers(void **state) {
    (void)state;
    struct routes routes = {0};
    struct talk talk = begin(&routes, 1, 0);
    talk.route->way.loss = 0.25;
    for (unsigned i = 0; i < 2 * ROUTES_MAX; i++) {
        struct talk other = begin(&routes, 2 + i, 1000 + i);
        assert_ptr_not_equal(other.route, talk.route);
        end(&other);
    }
    /* Nor is it forgotten under it, however long it lasts. */
    struct talk second = begin(&routes, 1, ROUTES_KEPT_MS + 1);
    assert_ptr_equal(second.route, talk.route);
    assert_true(talk.route->way.loss > 0.2);
    end(&second);
    end(&talk);
}

static void where_all_are_in_use_one_more_is_heard_all_the_same(void **state) {
    (void)state;
    struct routes routes = {0};
    struct talk talks[ROUTES_MAX + 1];
    for (unsigned i = 0; i <= ROUTES_MAX; i++) {
        talks[i] = begin(&routes, i, i);
        assert_true((talks[i].route == NULL) == (i == ROUTES_MAX));
    }
    end(&talks[0]);
    struct talk next = begin(&routes, ROUTES_MAX + 1, ROUTES_MAX);
    assert_non_null(next.route);
    end(&next);
    for (unsigned i = 1; i <= ROUTES_MAX; i++) {
        end(&talks[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_talk_showed_the_next_begins_with),
        cmocka_unit_test(a_route_in_use_stays_its_talkers),
        cmocka_unit_test(where_all_are_in_use_one_more_is_heard_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
