/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What transports report, in words: every kind there is, in both languages (ui/words/radio.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/conditions.h"
#include "ui/words/words.h"

static const char *locale(void) {
    static char folder[4096];
    /* BUILD/tests/programs/test_* */
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - sizeof "/locale");
    assert_true(length > 0);
    folder[length] = '\0';
    for (int parts = 0; parts < 3; parts++) {
        *strrchr(folder, '/') = '\0';
    }
    strcat(folder, "/locale");
    return folder;
}

static struct transport_condition full(enum transport_condition_kind kind) {
    return (struct transport_condition){
        .kind = kind, .error = 13, .number = 3, .more = 2, .object = "OBJECT", .detail = "DETAIL"};
}

static void every_kind_has_words_in_every_language(void **state) {
    (void)state;
    for (unsigned i = CONDITION_NONE + 1; i < CONDITION_KINDS; i++) {
        char english[CONDITION_WORDS_SIZE], german[CONDITION_WORDS_SIZE];
        const struct transport_condition condition = full((enum transport_condition_kind)i);
        const char *name = transport_condition_name(condition.kind);
        assert_true(words_choose_in("en", locale()));
        conditions_in_words(&condition, NULL, 0, english);
        assert_true(words_choose_in("de", locale()));
        conditions_in_words(&condition, NULL, 0, german);
        if (strcmp(english, name) == 0 || strcmp(german, english) == 0 || english[0] == '\0') {
            fail_msg("%s: \"%s\", \"%s\"", name, english, german);
        }
        assert_true(strlen(english) < CONDITION_WORDS_SIZE - 1);
        assert_true(strlen(german) < CONDITION_WORDS_SIZE - 1);
    }
    assert_true(words_choose_in("en", locale()));
}

static void values_are_in_the_words(void **state) {
    (void)state;
    static const struct {
        struct transport_condition condition;
        const char *words;
    } cases[] = {
        {{.kind = CONDITION_NONE, .object = "hci0"}, ""},
        {{.kind = CONDITION_HUB, .number = 1}, "hub of 1 handset"},
        {{.kind = CONDITION_HUB_AND_LINKED, .number = 3, .more = 2},
         "hub of 3 handsets, linked to 2 more"},
        {{.kind = CONDITION_LINKED_TO_HUBS, .number = 1}, "linked to a hub"},
        {{.kind = CONDITION_LINKED_TO_HUBS, .number = 2}, "linked to 2 hubs"},
        {{.kind = CONDITION_IN_GROUP, .object = "Muster 1a2b"}, "in the group of Muster 1a2b"},
        {{.kind = CONDITION_PORT_TAKEN, .number = 22690},
         "another program uses UDP port 22690; choose another one"},
        {{.kind = CONDITION_UNREACHABLE, .object = "eth0", .error = 101},
         "eth0 cannot be reached: Network is unreachable; see `ip address`"},
        {{.kind = CONDITION_ADAPTER_POWER_FAILED, .object = "hci0", .number = 3},
         "hci0 does not switch on (management status 0x03); plug it in again, or see "
         "`journalctl -k`"},
        {{.kind = CONDITION_ADAPTER_NOT_CONNECTABLE, .object = "hci0"},
         "hci0 does not accept connections; let it with `bluetoothctl discoverable on`, or give "
         "Muster the right to once: `make install`"},
        {{.kind = CONDITION_RADIO_BLOCKED, .object = "wlan0"},
         "wlan0: the radio is blocked: `rfkill unblock wifi`"},
        {{.kind = CONDITION_RADIO_BLOCKED}, "the radio is blocked: `rfkill unblock wifi`"},
        {{.kind = CONDITION_KEEPING_REFUSED},
         "the broker refuses to keep messages, and does not say why: tell its operator"},
        {{.kind = CONDITION_KEEPING_REFUSED, .detail = "full"},
         "the broker refuses to keep messages: tell its operator (full)"},
        {{.kind = CONDITION_BROKER_SLOW, .object = "MUSTER", .number = 5},
         "the broker is slow: no answer for 5 s"},
        {{.kind = CONDITION_NO_JETSTREAM, .object = "tls://b:4222"},
         "the broker keeps no messages: its JetStream is off, fails or has no leader yet; tell "
         "its operator (tls://b:4222)"},
    };
    assert_true(words_choose_in("en", locale()));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char words[CONDITION_WORDS_SIZE];
        conditions_in_words(&cases[i].condition, NULL, 0, words);
        assert_string_equal(words, cases[i].words);
    }
}

static void link_is_named_as_the_officer_calls_it(void **state) {
    (void)state;
    const char *const names[] = {"udp:eth0", "nats"};
    char words[CONDITION_WORDS_SIZE];
    struct transport_condition condition = transport_condition_of(CONDITION_NETWORK_BACK, NULL);
    conditions_in_words(&condition, names, 2, words);
    assert_string_equal(words, "the network is back");
    condition.link = 1;
    conditions_in_words(&condition, names, 2, words);
    assert_string_equal(words, "udp:eth0: the network is back");
    condition.link = 3; /* there is no such link */
    conditions_in_words(&condition, names, 2, words);
    assert_string_equal(words, "the network is back");
}

static void failure_is_an_error_in_words(void **state) {
    (void)state;
    struct error error;
    const struct transport_condition problem =
        transport_condition_of(CONDITION_NO_SUCH_INTERFACE, "eth77");
    assert_int_equal(conditions_fail(&problem, &error), STATUS_IO_FAILED);
    assert_string_equal(error.text, "no such interface eth77; see `ip link`");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_words_in_every_language),
        cmocka_unit_test(values_are_in_the_words),
        cmocka_unit_test(link_is_named_as_the_officer_calls_it),
        cmocka_unit_test(failure_is_an_error_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
