/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every subject at a domain's broker, and who may publish and listen to it: each pair of a user and
 * a subject is tried at a real nats-server, the forbidden ones above all. And how much may be kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "raw_user.h"

#define FIRE "sip:fire7@county.example"
#define BOAT "sip:boat@county.example"

#define GET       "$JS.API.DIRECT.GET.MUSTER."
#define GET_STATE "$JS.API.DIRECT.GET.MUSTER_STATE."
#define EVERYONE  "acdfb"

enum {
    SKIPPED = 77,
    HOUR_MS = 60 * 60 * 1000,
    SUBJECT_SIZE = 200
};

/* Who tries. Each has a letter, by which the table names it. */
static struct person {
    char letter;
    const char *identity, *group; /* NULL: the operator; in no group */
    bool fetches;                 /* comes with the second token of its access */
    struct access *access;
    struct raw_user raw;
} people[] = {
    {.letter = 'a', .identity = "tel:+447700900001", .group = FIRE},
    {.letter = 'c', .identity = "tel:+447700900003", .group = BOAT},
    {.letter = 'd', .identity = "tel:+447700900004"},
    {.letter = 'e', .identity = "tel:+447700900005", .group = FIRE, .fetches = true},
    {.letter = 'g', .identity = "tel:+447700900006", .fetches = true},
    {.letter = 'f', .identity = FIRE},
    {.letter = 'b', .identity = BOAT},
    {.letter = 'o'},
};

enum {
    PEOPLE = sizeof people / sizeof people[0]
};

static struct domain_broker domain;

/* In a subject @A is the opaque name of whoever has the letter a, and @X that of nobody. */
static const struct {
    const char *subject, *say, *hear;
} cases[] = {
    /* What is said in groups. */
    {"muster.group.@F", "a", "a"},
    {"muster.group.@B", "c", "c"},
    {"muster.group.@X", "", ""},
    {"muster.group.*", "", ""},
    {"muster.group.>", "", ""},
    {"muster.group.@F.more", "", ""},
    {"muster.adhoc.@X", EVERYONE, EVERYONE},
    {"muster.adhoc.@X.more", "", ""},
    {"muster.adhoc", "", ""},

    /* Mailboxes. */
    {"muster.mail.@A.@F", "f", "a"},
    {"muster.mail.@A.@B", "b", "a"},
    {"muster.mail.@C.@F", "f", "c"},
    {"muster.mail.@D.@B", "b", "d"},
    {"muster.mail.@E.@F", "f", "e"},
    {"muster.mail.@G.*", "", "g"},
    {"muster.mail.@A.@X", "", "a"},
    {"muster.mail.@A.*", "", "a"},
    {"muster.mail.*.*", "", ""},
    {"muster.mail.>", "", ""},
    {"muster.mail.@A.@F.more", "", ""},
    {"muster.mail.@A", "", ""},
    {"muster.mail.@A.kms", "o", "a"},
    {"muster.mail.@E.kms", "o", "e"},
    {GET "muster.mail.@A.kms", "a", ""},
    {GET "muster.mail.@G.kms", "g", ""},
    {"muster.mail.*.kms", "o", ""},
    {"muster.mail.kms.@A", "", ""},
    {"muster.mail.list.@F", "f", "ae"},
    {"muster.mail.list.@B", "b", "c"},
    {"muster.mail.list.@X", "", ""},
    {"muster.mail.list.*", "", ""},
    {"muster.mail.list", "", ""},
    {GET "muster.mail.list.@F", "aef", ""},
    {GET "muster.mail.list.@B", "cb", ""},
    {GET "muster.mail.list.@X", "", ""},
    {GET "muster.mail.@A.@F", "af", ""},
    {GET "muster.mail.@A.@B", "ab", ""},
    {GET "muster.mail.@C.@F", "cf", ""},
    {GET "muster.mail.@D.@X", "d", ""},
    {GET "muster.mail.@E.@F", "ef", ""},
    {GET "muster.mail.@G.@F", "gf", ""},
    {GET "muster.mail.>", "", ""},
    {GET "muster.>", "", ""},

    /* Receipts, of groups that are one's own. */
    {"muster.receipt.@F.@A", "a", "f"},
    {"muster.receipt.@B.@A", "", "b"},
    {"muster.receipt.@B.@C", "c", "b"},
    {"muster.receipt.@F.@D", "", "f"},
    {"muster.receipt.@F.@E", "e", "f"},
    {"muster.receipt.@F.@G", "", "f"},
    {"muster.receipt.@X.@A", "", ""},
    {"muster.receipt.x1.@A", "", ""},
    {"muster.receipt.@F.@F", "f", "f"},
    {"muster.receipt.@F.@B", "", "f"},
    {"muster.receipt.@F.*", "", "f"},
    {"muster.receipt.*.@A", "", ""},
    {"muster.receipt.*.*", "", ""},
    {"muster.receipt.>", "", ""},
    {"muster.receipt.@F.@A.more", "", ""},
    {GET "muster.receipt.@F.@A", "f", ""},
    {GET "muster.receipt.@B.@A", "b", ""},
    {GET "muster.receipt.>", "", ""},

    /* What a group's managers share. */
    {"muster.state.@F", "f", ""},
    {"muster.state.@B", "b", ""},
    {"muster.state.@A", "", ""},
    {"muster.state.@X", "", ""},
    {"muster.state.*", "", ""},
    {"muster.state.>", "", ""},
    {"muster.state.@F.more", "", ""},
    {GET_STATE "muster.state.@F", "f", ""},
    {GET_STATE "muster.state.@B", "b", ""},
    {GET_STATE "muster.state.@X", "", ""},
    {GET_STATE "muster.state.*", "", ""},
    {GET_STATE "muster.state.>", "", ""},
    {GET "muster.state.@F", "", ""},
    {GET_STATE "muster.mail.@A.@F", "", ""},

    /* Everything else under its root. */
    {"muster.>", "", ""},
    {"muster.*", "", ""},
    {"muster.other.@A", "", ""},
    {"muster", "", ""},

    /* Answers. */
    {"_INBOX.@A.1", "", "a"},
    {"_INBOX.@F.1", "", "f"},
    {"_INBOX.@E.1", "", "e"},
    {"_INBOX.@O.1", "", "o"},
    {"_INBOX.@X.1", "", ""},
    {"_INBOX.*.1", "", ""},
    {"_INBOX.>", "", ""},

    /* The streams and the server. The streams do not outlive their rows. */
    {"muster.api.INFO", EVERYONE "ego", ""},
    {"muster.api.STREAM.CREATE.MUSTER", "o", ""},
    {"muster.api.STREAM.UPDATE.MUSTER", "o", ""},
    {"muster.api.STREAM.INFO.MUSTER", "o", ""},
    {"muster.api.STREAM.PURGE.MUSTER", "o", ""},
    {"muster.api.STREAM.DELETE.MUSTER", "o", ""},
    {"muster.api.STREAM.CREATE.MUSTER_STATE", "o", ""},
    {"muster.api.STREAM.UPDATE.MUSTER_STATE", "o", ""},
    {"muster.api.STREAM.INFO.MUSTER_STATE", "o", ""},
    {"muster.api.STREAM.PURGE.MUSTER_STATE", "o", ""},
    {"muster.api.STREAM.DELETE.MUSTER_STATE", "o", ""},
    {"muster.api.STREAM.MSG.GET.MUSTER_STATE", "", ""},
    {"muster.api.STREAM.MSG.DELETE.MUSTER_STATE", "", ""},
    {"muster.api.CONSUMER.CREATE.MUSTER_STATE", "", ""},
    {"$JS.API.STREAM.DELETE.MUSTER_STATE", "", ""},
    {"$JS.API.DIRECT.GET.MUSTER_STATE", "", ""},
    {"muster.api.STREAM.CREATE.OTHER", "", ""},
    {"muster.api.STREAM.DELETE.OTHER", "", ""},
    {"muster.api.STREAM.MSG.GET.MUSTER", "", ""},
    {"muster.api.STREAM.MSG.DELETE.MUSTER", "", ""},
    {"muster.api.STREAM.SNAPSHOT.MUSTER", "", ""},
    {"muster.api.STREAM.NAMES", "", ""},
    {"muster.api.STREAM.LIST", "", ""},
    {"muster.api.CONSUMER.CREATE.MUSTER", "", ""},
    {"muster.api.>", "", ""},
    {"$JS.API.INFO", "", ""},
    {"$JS.API.STREAM.CREATE.MUSTER", "", ""},
    {"$JS.API.STREAM.CREATE.OTHER", "", ""},
    {"$JS.API.STREAM.UPDATE.MUSTER", "", ""},
    {"$JS.API.STREAM.INFO.MUSTER", "", ""},
    {"$JS.API.STREAM.PURGE.MUSTER", "", ""},
    {"$JS.API.STREAM.DELETE.MUSTER", "", ""},
    {"$JS.API.STREAM.MSG.GET.MUSTER", "", ""},
    {"$JS.API.STREAM.NAMES", "", ""},
    {"$JS.API.CONSUMER.CREATE.MUSTER", "", ""},
    {"$JS.API.CONSUMER.DURABLE.CREATE.MUSTER.x", "", ""},
    {"$JS.API.DIRECT.GET.MUSTER", "", ""},
    {"$JS.API.>", "", ""},
    {"$JS.ACK.MUSTER.x", "", ""},
    {"$JS.EVENT.>", "", ""},
    {"$SYS.REQ.SERVER.PING", "", ""},
    {"$SYS.REQ.ACCOUNT.PING.CONNZ", "", ""},
    {"$SYS.>", "", ""},
    {"$KV.x.y", "", ""},
    {"other", "", ""},
    {"*", "", ""},
    {">", "", ""},
};

static const char *name_of(char letter) {
    static const char nobody[] = "00000000000000000000000000000000";
    for (size_t i = 0; i < PEOPLE; i++) {
        if (people[i].letter == letter - 'A' + 'a') {
            return people[i].access->name;
        }
    }
    return nobody;
}

static void fill_in(const char *subject, char out[SUBJECT_SIZE]) {
    size_t length = 0;
    for (const char *c = subject; *c != '\0'; c++) {
        if (*c == '@') {
            length += (size_t)snprintf(out + length, SUBJECT_SIZE - length, "%s", name_of(*++c));
        } else {
            out[length++] = *c;
        }
    }
    out[length] = '\0';
}

static int setup(void **state) {
    (void)state;
    domain_broker_begin(&domain, NULL);
    domain_broker_make_stream(&domain, stream_usual);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct group_list groups = {0};
        const struct broker_terms terms = {domain.now_ms, domain.now_ms + HOUR_MS, &groups,
                                           people[i].fetches ? domain.now_ms + 2 * HOUR_MS : 0};
        people[i].access = access_new();
        assert_non_null(people[i].access);
        if (people[i].group != NULL) {
            assert_int_equal(group_list_add(&groups, people[i].group), STATUS_OK);
        }
        enum status status =
            people[i].identity == NULL
                ? broker_issue_operator(domain.broker, domain.now_ms, people[i].access)
                : broker_issue(domain.broker, &domain.topics, people[i].identity, &terms,
                               people[i].access);
        assert_int_equal(status, STATUS_OK);
        if (people[i].fetches) {
            memcpy(people[i].access->jwt, people[i].access->fetch_jwt, ACCESS_JWT_MAX);
        }
        raw_enter(&people[i].raw, &domain, people[i].access);
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    for (size_t i = 0; i < PEOPLE; i++) {
        raw_leave(&people[i].raw);
        access_free(people[i].access);
    }
    domain_broker_end(&domain);
    return 0;
}

static void every_pair_of_a_user_and_a_subject_is_as_the_table_says(void **state) {
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char subject[SUBJECT_SIZE];
        fill_in(cases[i].subject, subject);
        for (size_t k = 0; k < PEOPLE; k++) {
            struct person *person = &people[k];
            bool should_say = strchr(cases[i].say, person->letter) != NULL;
            bool should_hear = strchr(cases[i].hear, person->letter) != NULL;
            bool says = raw_may_say(&person->raw, subject, "");
            bool hears = raw_may_hear(&person->raw, subject);
            if (says != should_say || hears != should_hear) {
                printf("%c at %s: says %d and not %d, hears %d and not %d\n", person->letter,
                       cases[i].subject, says, should_say, hears, should_hear);
                wrong++;
            }
        }
    }
    assert_int_equal(wrong, 0);
}

/* Does a row's subject, in which a name stands for any, cover the case's? */
static bool covers(const char *row, const char *tried) {
    while (*row != '\0' && *tried != '\0') {
        if (strncmp(row, "{{", 2) == 0 || *row == '*') {
            row += *row == '*' ? 1 : strcspn(row, ".>");
            tried += strcspn(tried, ".");
        } else if (*row == '>') {
            return true;
        } else if (*row++ != *tried++) {
            return false;
        }
    }
    return *row == *tried;
}

static void every_row_of_the_table_of_rights_is_tried(void **state) {
    (void)state;
    const struct right *right;
    for (size_t i = 0; (right = rights_row(i)) != NULL; i++) {
        bool said = right->says == 0, heard = right->hears == 0;
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
            bool is_covered = covers(right->subject, cases[k].subject);
            said = said || (is_covered && cases[k].say[0] != '\0');
            heard = heard || (is_covered && cases[k].hear[0] != '\0');
        }
        if (!said || !heard) {
            fail_msg("no case tries what %s allows", right->subject);
        }
    }
}

int main(void) {
    if (!domain_broker_is_installed()) {
        puts("nats-server is not installed");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_a_user_and_a_subject_is_as_the_table_says),
        cmocka_unit_test(every_row_of_the_table_of_rights_is_tried),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
