/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a transport reports (transport/condition.h), and what waits to be asked for
 * (transport/news.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "transport/condition.h"
#include "transport/news.h"

static void every_kind_has_a_name_of_its_own_for_programs(void **state) {
    (void)state;
    assert_string_equal(transport_condition_name(CONDITION_NONE), "");
    for (unsigned i = CONDITION_NONE + 1; i < CONDITION_KINDS; i++) {
        const char *name = transport_condition_name((enum transport_condition_kind)i);
        if (name == NULL || name[0] == '\0') {
            fail_msg("kind %u has no name", i);
        }
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name));
        for (unsigned k = CONDITION_NONE; k < i; k++) {
            assert_string_not_equal(name,
                                    transport_condition_name((enum transport_condition_kind)k));
        }
    }
}

static void what_a_radio_does_is_no_problem_and_what_it_lacks_is(void **state) {
    (void)state;
    assert_false(transport_condition_is_problem(CONDITION_NONE));
    assert_false(transport_condition_is_problem(CONDITION_HUB));
    assert_false(transport_condition_is_problem(CONDITION_SEEKING));
    assert_false(transport_condition_is_problem(CONDITION_BROKER_BACK));
    assert_true(transport_condition_is_problem(CONDITION_BROKER_SLOW));
    assert_true(transport_condition_is_problem(CONDITION_NO_SUPPLICANT));
    assert_true(transport_condition_is_problem(CONDITION_ADAPTER_NOT_CONNECTABLE));
}

static void text_from_outside_is_cut_and_made_printable(void **state) {
    (void)state;
    char text[300];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text, "a\033[2J\nb\x7f\xe2", 9);
    const struct transport_condition condition =
        transport_condition_detail(CONDITION_KEEPING_REFUSED, text, text);
    assert_int_equal(strlen(condition.object), CONDITION_OBJECT_SIZE - 1);
    assert_int_equal(strlen(condition.detail), CONDITION_DETAIL_SIZE - 1);
    assert_memory_equal(condition.detail, "a?[2J?b??x", 10);
}

static void conditions_are_equal_when_every_value_is(void **state) {
    (void)state;
    const struct transport_condition one =
        transport_condition_number(CONDITION_ADAPTER_POWER_FAILED, "hci0", 3);
    struct transport_condition others[8];
    for (size_t i = 0; i < 8; i++) {
        others[i] = one;
    }
    others[1].kind = CONDITION_ADAPTER_OFF;
    others[2].link = 1;
    others[3].error = 1;
    others[4].number = 4;
    others[5].more = 1;
    strcpy(others[6].object, "hci1");
    strcpy(others[7].detail, "x");
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(transport_condition_equal(&one, &others[i]), i == 0);
    }
}

static void news_is_taken_in_order_and_the_oldest_gives_way(void **state) {
    (void)state;
    struct news news = {0};
    struct transport_condition out;
    assert_false(news_take(&news, &out));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < NEWS_MAX + 2; i++) {
            const struct transport_condition condition =
                transport_condition_number(CONDITION_HUB, NULL, i);
            news_add(&news, &condition);
        }
        for (int i = 2; i < NEWS_MAX + 2; i++) {
            assert_true(news_take(&news, &out));
            assert_int_equal(out.number, i);
        }
        assert_false(news_take(&news, &out));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_of_its_own_for_programs),
        cmocka_unit_test(what_a_radio_does_is_no_problem_and_what_it_lacks_is),
        cmocka_unit_test(text_from_outside_is_cut_and_made_printable),
        cmocka_unit_test(conditions_are_equal_when_every_value_is),
        cmocka_unit_test(news_is_taken_in_order_and_the_oldest_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
