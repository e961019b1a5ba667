/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/manager/member_list.h"

#define ANNA "tel:+447700900001"
#define BEN  "tel:+447700900002"

static struct roll roll;
static struct error error;

static enum status read_list(const char *text) {
    roll_clear(&roll);
    return member_list_read("list.csv", span_of_text(text), &roll, &error);
}

static void lists_as_people_write_them_are_read(void **state) {
    (void)state;
    static const char *const lists[] = {
        "identity,name\n" ANNA ",Anna\n" BEN ",Ben\n",
        "identity,unit,name\r\n" BEN ",7,Ben\r\n" ANNA ",8,Anna\r\n",
        ANNA ",Anna\n" BEN ",Ben",
        "\xEF\xBB\xBFidentity,name\n\n\"" ANNA "\",\"Anna\"\n  " BEN "  , Ben \n",
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        assert_int_equal(read_list(lists[i]), STATUS_OK);
        assert_int_equal(roll.count, 2);
        assert_string_equal(roll.members[0].identity, ANNA);
        assert_string_equal(roll.members[0].name, "Anna");
        assert_string_equal(roll.members[1].identity, BEN);
        assert_string_equal(roll.members[1].name, "Ben");
    }
    assert_int_equal(read_list("identity\n" ANNA "\n"), STATUS_OK);
    assert_string_equal(roll.members[0].name, "");
    assert_int_equal(read_list("identity,unit\n" ANNA ",7\n"), STATUS_OK);
    assert_string_equal(roll.members[0].name, "");
}

/* The same list as different spreadsheets and countries save it. */
static void lists_as_spreadsheets_save_them_are_read(void **state) {
    (void)state;
    static const char *const lists[] = {
        "identity;name\r\n" ANNA ";Anna\r\n" BEN ";Ben\r\n",
        "identity\tname\n" ANNA "\tAnna\n" BEN "\tBen\n",
        "\"Identity\";\"Name\"\n\"" ANNA "\";\"Anna\"\n\"" BEN "\";\"Ben\"\n",
        ANNA "|Anna\n" BEN "|Ben\n",
        "Name|Identity\nAnna|" ANNA "\nBen|" BEN "\n",
        "sep=;\r\nidentity;name\r\n" ANNA ";Anna\r\n" BEN ";Ben\r\n",
        "SEP=|\nidentity|name\n" ANNA "|Anna\n" BEN "|Ben\n",
        "\"sep=,\"\nidentity,name\n" ANNA ",Anna\n" BEN ",Ben\n",
        ANNA ";Anna\r" BEN ";Ben\r",
        "NAME,IDENTITY\nAnna," ANNA "\nBen," BEN "\n",
        "Einheit;Anzeigename;IDENTIT\u00c4T;;\n7;Anna;" ANNA ";;\n8;Ben;" BEN ";;\n",
        "Name;Kennung;Nummer\nAnna;" ANNA ";7\nBen;" BEN ";8\n",
        "Nr;Nummer;Kennung;Name\n1;7;" ANNA ";Anna\n2;8;" BEN ";Ben\n",
        "Einheit;Identit\xe4t;Name\nS\xfc"
        "d;" ANNA ";Anna\nS\xfc"
        "d;" BEN ";Ben\n",
        "\n,,\nIdentity,Name,,\n,,\n" ANNA ",Anna,,\n \t ,,\n" BEN ",Ben,,\n,,\n,,\n\n",
        "identity,name\n\u202a" ANNA "\u202c,\u00a0Anna\u00a0\n\" " BEN " \",\"Ben \"\n",
        "identity;name;remark\n" ANNA ";Anna;a, b, c\n" BEN ";Ben;\"tel:+1; tel:+2\"\n",
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (read_list(lists[i]) != STATUS_OK) {
            fail_msg("list %zu: %s", i, error.text);
        }
        if (roll.count != 2 || strcmp(roll.members[0].identity, ANNA) != 0 ||
            strcmp(roll.members[0].name, "Anna") != 0 ||
            strcmp(roll.members[1].identity, BEN) != 0 ||
            strcmp(roll.members[1].name, "Ben") != 0) {
            fail_msg("list %zu is read as another", i);
        }
    }
}

/* "Unicode text", in either order of the octets, with the mark and without. */
static void utf16_is_read(void **state) {
    (void)state;
    static const char list[] = "Name\tIdentity\r\nJ\xfcrgen\t" ANNA "\r\n";
    uint8_t wide[2 * sizeof list];
    for (unsigned form = 0; form < 4; form++) {
        bool is_big = (form & 1) != 0, has_mark = (form & 2) != 0;
        size_t length = 0;
        for (size_t i = 0; i + (has_mark ? 0 : 1) < sizeof list; i++) {
            unsigned unit = !has_mark ? (uint8_t)list[i] : i == 0 ? 0xFEFF : (uint8_t)list[i - 1];
            wide[length + !is_big] = (uint8_t)(unit >> 8);
            wide[length + is_big] = (uint8_t)unit;
            length += 2;
        }
        roll_clear(&roll);
        if (member_list_read("list.txt", (struct span){wide, length}, &roll, &error) != STATUS_OK) {
            fail_msg("form %u: %s", form, error.text);
        }
        assert_int_equal(roll.count, 1);
        assert_string_equal(roll.members[0].name, "J\u00fcrgen");
    }
}

/* The user part of an address may hold commas, and no identity holds a semicolon. */
static void the_separator_is_the_one_that_leaves_identities_whole(void **state) {
    (void)state;
    static const char *const lists[] = {
        "sip:fire,7@county.example;Fire, 7\n",
        "sip:fire,7@county.example\tFire, 7; Fire 8\n",
        "\"sip:fire,7@county.example\",\"Fire; 7\"\n",
        "sip:fire,7@county.example\n",
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (read_list(lists[i]) != STATUS_OK) {
            fail_msg("list %zu: %s", i, error.text);
        }
        assert_int_equal(roll.count, 1);
        assert_string_equal(roll.members[0].identity, "sip:fire,7@county.example");
    }
}

static void what_is_wrong_is_named_with_its_row_and_column(void **state) {
    (void)state;
    static const struct {
        const char *list;
        enum status status;
        const char *says;
    } cases[] = {
        {"", STATUS_NOT_FOUND, "list.csv: this list names nobody"},
        {"identity,name\n", STATUS_NOT_FOUND, "nobody"},
        {"identity,name\n,\n,\n", STATUS_NOT_FOUND, "nobody"},
        {"identity\n" ANNA "\nAnna\n", STATUS_IDENTITY_INVALID, "row 3, column 1: not an identity"},
        {"\n\nidentity\n\n" ANNA "\nAnna\n", STATUS_IDENTITY_INVALID, "row 6, column 1: "},
        {"sep=,\nidentity\n" ANNA "\nAnna\n", STATUS_IDENTITY_INVALID, "row 3, column 1: "},
        {"identity,name\n" ANNA ",\"An\nna\"\n", STATUS_MALFORMED, "row 2, column 2: a name"},
        {"identity,name\n" ANNA ",\"An\nna\"\n", STATUS_MALFORMED, ", not An na"},
        {"\"Roll\nof\tFire 7\",x\n" ANNA "\n", STATUS_IDENTITY_INVALID, ": Roll of Fire 7"},
        {"identity\nAn\x1b[2J\n", STATUS_IDENTITY_INVALID, "+447700900123: ?"},
        {"a,\"b\nc\",identity\n,," ANNA "\n,,Ben\n", STATUS_IDENTITY_INVALID, "row 3, column 3: "},
        {"Roll\n" ANNA "\n", STATUS_IDENTITY_INVALID, "nor a heading such as identity: Roll"},
        {"identity\nTEL:+447700900001\n", STATUS_IDENTITY_INVALID, "row 2"},
        {ANNA ",Anna\n,Ben\n", STATUS_IDENTITY_INVALID, "row 2"},
        {ANNA ",A name that is far too long for a screen\n", STATUS_MALFORMED, "column 2: a name"},
        {"name,identity\nAn\x1b[2J," ANNA "\n", STATUS_MALFORMED, "row 2, column 1: a name"},
        {ANNA "\n" BEN "\n\n" ANNA "\n", STATUS_ALREADY_DONE,
         "rows 1 and 4: " ANNA " is listed twice"},
        {"name;tel\nA;" BEN "\nB;" ANNA "\nC;" BEN "\n", STATUS_ALREADY_DONE, "rows 2 and 4: " BEN},
        {ANNA ",\"Anna\n", STATUS_MALFORMED, "quotation mark"},
        {ANNA ",An\"na\n", STATUS_MALFORMED, "quotation mark"},
        {"tel;name\n4.47E+11;Anna\n", STATUS_IDENTITY_INVALID,
         "row 2, column 1: the spreadsheet has replaced the number by an approximation"},
        {"4,4770090012E+11;Anna\n", STATUS_IDENTITY_INVALID, "approximation"},
        {"447700900001;Anna\n447700900002;Ben\n", STATUS_IDENTITY_INVALID, "lacks its +"},
        {"identity\ntel:447700900001\n", STATUS_IDENTITY_INVALID, "lacks its +"},
        {"identity\n00447700900001\n", STATUS_IDENTITY_INVALID, "in place of the leading 00"},
        {"identity\n+447700900001\n", STATUS_IDENTITY_INVALID, "as in tel:+"},
        {ANNA ",an "
              "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"
              "\u00e4"
              "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"
              "\u00e4\u00e4\n",
         STATUS_MALFORMED, "not an \u00e4"},
        {"PK\x03\x04 and so on", STATUS_MALFORMED, "save the list as CSV"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (read_list(cases[i].list) != cases[i].status ||
            strstr(error.text, cases[i].says) == NULL) {
            fail_msg("case %zu says: %s", i, error.text);
        }
        assert_true(display_text_is_valid(error.text, sizeof error.text));
        assert_int_equal(roll.count, 0);
    }
}

static void a_list_of_thousands_in_any_order_is_read(void **state) {
    (void)state;
    enum {
        COUNT = 10000
    };
    static char text[COUNT * 24];
    size_t length = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "tel:+4477%08u\n",
                                   i * 7919 % COUNT);
    }
    assert_int_equal(read_list(text), STATUS_OK);
    assert_int_equal(roll.count, COUNT);
    for (size_t i = 1; i < COUNT; i++) {
        assert_true(strcmp(roll.members[i - 1].identity, roll.members[i].identity) < 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_as_people_write_them_are_read),
        cmocka_unit_test(lists_as_spreadsheets_save_them_are_read),
        cmocka_unit_test(utf16_is_read),
        cmocka_unit_test(the_separator_is_the_one_that_leaves_identities_whole),
        cmocka_unit_test(what_is_wrong_is_named_with_its_row_and_column),
        cmocka_unit_test(a_list_of_thousands_in_any_order_is_read),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    roll_clear(&roll);
    return failed;
}
