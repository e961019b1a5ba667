/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of the revoked as octets and as text (app/identity/revocation.h): what it names, what is
 * no list, and that nobody but the KMS makes one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/identity/revocation.h"
#include "squad.h"

static const char kms[] = "sip:kms@county.example";
static const int64_t issued_ms = INT64_C(1795000000000);

static void name_n(unsigned n, char identity[IDENTITY_SIZE]) {
    snprintf(identity, IDENTITY_SIZE, "sip:stolen%u@county.example", n);
}

static struct revocation list_of(unsigned count) {
    struct revocation list;
    char identity[IDENTITY_SIZE];
    assert_int_equal(revocation_begin(&list, kms, 7, issued_ms, &entropy_system), STATUS_OK);
    for (unsigned n = 0; n < count; n++) {
        name_n(n, identity);
        assert_int_equal(revocation_add(&list, identity), STATUS_OK);
    }
    assert_int_equal(
        revocation_sign(&list, squad_provider(), squad_statements_key(), &entropy_system),
        STATUS_OK);
    return list;
}

static struct span written(const struct revocation *list, uint8_t room[REVOCATION_SIZE_MAX]) {
    struct writer w = writer_into(room, REVOCATION_SIZE_MAX);
    revocation_write(&w, list);
    assert_int_equal(writer_finish(&w), STATUS_OK);
    return writer_span(&w);
}

static enum status verify(struct span octets) {
    struct revocation list;
    enum status status = revocation_read(octets, &list);
    return status == STATUS_OK ? revocation_verify(&list, squad_provider(), squad_domain())
                               : status;
}

static void a_list_names_who_is_on_it_and_nobody_else(void **state) {
    (void)state;
    static const unsigned counts[] = {0, 1, 2, 100, REVOCATION_NAMES_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        uint8_t room[REVOCATION_SIZE_MAX];
        struct revocation list = list_of(counts[i]), read;
        assert_int_equal(list.count, counts[i]);
        struct span octets = written(&list, room);
        assert_int_equal(verify(octets), STATUS_OK);
        assert_int_equal(revocation_read(octets, &read), STATUS_OK);
        assert_memory_equal(&read, &list, sizeof list);
        for (unsigned n = 0; n < 2 * REVOCATION_NAMES_MAX; n++) {
            char identity[IDENTITY_SIZE];
            name_n(n, identity);
            assert_int_equal(revocation_names(&read, identity), n < counts[i]);
        }
    }
}

static void a_hundred_are_named_in_less_than_a_kibibyte_and_all_in_one_frame(void **state) {
    (void)state;
    uint8_t room[REVOCATION_SIZE_MAX];
    const struct revocation hundred = list_of(100), most = list_of(REVOCATION_NAMES_MAX);
    assert_true(written(&hundred, room).length < 1024);
    assert_true(written(&most, room).length <= FRAME_MAX - FRAME_HEADER_SIZE);
}

static void one_more_than_the_most_is_refused_and_nobody_is_named_twice(void **state) {
    (void)state;
    struct revocation list = list_of(REVOCATION_NAMES_MAX);
    char identity[IDENTITY_SIZE];
    name_n(0, identity);
    assert_int_equal(revocation_add(&list, identity), STATUS_OK);
    assert_int_equal(list.count, REVOCATION_NAMES_MAX);
    name_n(REVOCATION_NAMES_MAX, identity);
    assert_int_equal(revocation_add(&list, identity), STATUS_TOO_LONG);
    assert_int_equal(list.count, REVOCATION_NAMES_MAX);
}

/* Two lists of the same identities name them differently. */
static void names_tell_nothing_before_there_is_the_list(void **state) {
    (void)state;
    const struct revocation one = list_of(20), other = list_of(20);
    for (size_t i = 0; i < one.count; i++) {
        for (size_t k = 0; k < other.count; k++) {
            assert_memory_not_equal(one.names[i], other.names[k], REVOCATION_NAME_SIZE);
        }
    }
}

static void no_changed_octet_is_the_kmss_word(void **state) {
    (void)state;
    uint8_t room[REVOCATION_SIZE_MAX], changed[REVOCATION_SIZE_MAX];
    const struct revocation list = list_of(3);
    const struct span octets = written(&list, room);
    for (size_t at = 0; at < octets.length; at++) {
        memcpy(changed, room, octets.length);
        changed[at] ^= 1;
        assert_int_not_equal(verify((struct span){changed, octets.length}), STATUS_OK);
    }
}

/* Not even an empty list, so that none is taken for it that was cut off. */
static void what_is_cut_off_or_too_long_is_no_list(void **state) {
    (void)state;
    uint8_t room[REVOCATION_SIZE_MAX + 8] = {0};
    const struct revocation list = list_of(REVOCATION_NAMES_MAX);
    const struct span octets = written(&list, room);
    for (size_t length = 0; length < octets.length; length++) {
        assert_int_not_equal(verify((struct span){room, length}), STATUS_OK);
    }
    assert_int_equal(verify((struct span){room, octets.length + 5}), STATUS_TOO_LONG);
}

/* Whoever signs it: a number or a time that could not be passed, names out of order. */
static void what_has_not_the_form_is_no_list(void **state) {
    (void)state;
    uint8_t room[REVOCATION_SIZE_MAX];
    struct revocation list = list_of(2);
    const struct revocation good = list;
    list.number = 0;
    assert_int_equal(verify(written(&list, room)), STATUS_MALFORMED);
    list.number = UINT64_MAX;
    assert_int_equal(verify(written(&list, room)), STATUS_MALFORMED);
    list = good;
    list.issued_ms = -1;
    assert_int_equal(verify(written(&list, room)), STATUS_MALFORMED);
    list = good;
    memcpy(list.names[0], good.names[1], REVOCATION_NAME_SIZE);
    assert_int_equal(verify(written(&list, room)), STATUS_MALFORMED);
    memcpy(list.names[1], good.names[0], REVOCATION_NAME_SIZE);
    assert_int_equal(verify(written(&list, room)), STATUS_MALFORMED);
}

static void a_member_of_the_domain_signs_none(void **state) {
    (void)state;
    uint8_t room[REVOCATION_SIZE_MAX];
    struct revocation list = list_of(1);
    struct signing_key *key = squad_signing_key(1);
    assert_int_equal(revocation_sign(&list, squad_provider(), key, &entropy_system), STATUS_OK);
    assert_int_equal(verify(written(&list, room)), STATUS_SIGNATURE_INVALID);
}

static void it_comes_as_text_in_a_mail(void **state) {
    (void)state;
    char mail[REVOCATION_TEXT_MAX + 200];
    uint8_t text[REVOCATION_TEXT_MAX];
    const struct revocation list = list_of(REVOCATION_NAMES_MAX);
    struct revocation read;
    struct writer w = writer_into(text, sizeof text);
    assert_int_equal(revocation_write_text(&w, &list), STATUS_OK);
    int length = snprintf(mail, sizeof mail, "> Please import this.\r\n%.*s\r\n-- \r\nThe KMS\r\n",
                          (int)w.length, (const char *)text);
    struct span all = {(const uint8_t *)mail, (size_t)length};
    assert_int_equal(revocation_read_text(all, &read), STATUS_OK);
    assert_memory_equal(&read, &list, sizeof list);
    assert_int_equal(revocation_read_text(span_of_text("no list"), &read), STATUS_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_names_who_is_on_it_and_nobody_else),
        cmocka_unit_test(a_hundred_are_named_in_less_than_a_kibibyte_and_all_in_one_frame),
        cmocka_unit_test(one_more_than_the_most_is_refused_and_nobody_is_named_twice),
        cmocka_unit_test(names_tell_nothing_before_there_is_the_list),
        cmocka_unit_test(no_changed_octet_is_the_kmss_word),
        cmocka_unit_test(what_is_cut_off_or_too_long_is_no_list),
        cmocka_unit_test(what_has_not_the_form_is_no_list),
        cmocka_unit_test(a_member_of_the_domain_signs_none),
        cmocka_unit_test(it_comes_as_text_in_a_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
