/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/broker/topic.h"

static const char anna[] = "tel:+447700900123", fire7[] = "sip:fire7@county.example",
                  adhoc[] = "adhoc:tel:+447700900123;0123456789abcdef";

static struct topic_key key_of(const char *kms, uint8_t z) {
    struct credential *credential = credential_new();
    struct topic_key key;
    assert_non_null(credential);
    snprintf(credential->kms, sizeof credential->kms, "%s", kms);
    credential->z[1] = z;
    topic_key_of(credential, &key);
    credential_free(credential);
    return key;
}

static void names_tell_identities_and_domains_apart(void **state) {
    (void)state;
    struct topic_key ours = key_of("sip:kms@county.example", 1);
    const struct topic_key others[] = {key_of("sip:kms@county.example", 2),
                                       key_of("sip:kms@city.example", 1)};
    char one[TOPIC_NAME_SIZE], two[TOPIC_NAME_SIZE];
    topic_name(&ours, anna, one);
    assert_int_equal(strlen(one), TOPIC_NAME_SIZE - 1);
    assert_int_equal(strspn(one, "0123456789abcdef"), TOPIC_NAME_SIZE - 1);
    topic_name(&ours, anna, two);
    assert_string_equal(one, two);
    topic_name(&ours, fire7, two);
    assert_string_not_equal(one, two);
    for (size_t i = 0; i < 2; i++) {
        topic_name(&others[i], anna, two);
        assert_string_not_equal(one, two);
    }
}

static void topics_are_made_of_names(void **state) {
    (void)state;
    struct topic_key key = key_of("sip:kms@county.example", 1);
    char member[TOPIC_NAME_SIZE], group[TOPIC_NAME_SIZE], expected[TOPIC_SIZE], topic[TOPIC_SIZE];
    topic_name(&key, anna, member);
    topic_name(&key, fire7, group);
    topic_group(&key, fire7, topic);
    snprintf(expected, sizeof expected, "muster.group.%s", group);
    assert_string_equal(topic, expected);
    topic_name(&key, adhoc, expected + strlen("muster.adhoc."));
    memcpy(expected, "muster.adhoc.", strlen("muster.adhoc."));
    topic_group(&key, adhoc, topic);
    assert_string_equal(topic, expected);
    topic_mailbox(&key, anna, fire7, topic);
    snprintf(expected, sizeof expected, "muster.mail.%s.%s", member, group);
    assert_string_equal(topic, expected);
    topic_mailbox(&key, anna, NULL, topic);
    snprintf(expected, sizeof expected, "muster.mail.%s.*", member);
    assert_string_equal(topic, expected);
    topic_receipt(&key, fire7, anna, topic);
    snprintf(expected, sizeof expected, "muster.receipt.%s.%s", group, member);
    assert_string_equal(topic, expected);
    topic_receipt(&key, fire7, NULL, topic);
    snprintf(expected, sizeof expected, "muster.receipt.%s.*", group);
    assert_string_equal(topic, expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_identities_and_domains_apart),
        cmocka_unit_test(topics_are_made_of_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
