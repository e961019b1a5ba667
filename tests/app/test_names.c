/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the name beside an identity is worth, whatever its owner says of itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "squad.h"

enum {
    A_MINUTE = 60 * 1000,
    SOON = 7000 /* the next presence has come */
};

static const char kms[] = "sip:kms@county.example";

/* What handset 0 was told of names. */
struct told {
    unsigned changed, reissued;
    struct event last;
};

static void hear(void *context, size_t n, const struct event *event) {
    struct told *told = context;
    bool is_one = event->kind == EVENT_NAME_CHANGED || event->kind == EVENT_NAME_REISSUED;
    if (n == 0 && is_one) {
        told->changed += event->kind == EVENT_NAME_CHANGED;
        told->reissued += event->kind == EVENT_NAME_REISSUED;
        told->last = *event;
    }
}

static struct attestation attested(size_t n, const char *name, uint64_t number) {
    struct attestation attestation;
    assert_int_equal(attestation_sign(&attestation, kms, squad_identity(n), name, number,
                                      squad_provider(), squad_statements_key(), &entropy_system),
                     STATUS_OK);
    return attestation;
}

/* From now on handset n carries that, whatever it calls itself. */
static void carry(struct squad *squad, size_t n, struct attestation attestation) {
    squad->handsets[n].engine->desk.keyring.credential->attestation = attestation;
}

static void call_itself(struct squad *squad, size_t n, const char *name) {
    snprintf(squad->handsets[n].engine->desk.name, DISPLAY_NAME_SIZE, "%s", name);
}

static enum status give(struct squad *squad, size_t n, const char *name) {
    struct command command = {.kind = COMMAND_GIVE_NAME};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(n));
    snprintf(command.name, sizeof command.name, "%s", name);
    return squad_command(squad, 0, &command);
}

static const struct view_nearby *row_of(struct squad *squad, size_t n) {
    const struct view *view = squad_view(squad, 0);
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, squad_identity(n)) == 0) {
            return &view->nearby[i];
        }
    }
    fail_msg("handset %zu is not nearby", n);
    return NULL;
}

static void assert_row(struct squad *squad, size_t n, const char *name, enum name_kind kind) {
    const struct view_nearby *row = row_of(squad, n);
    assert_string_equal(row->name, name);
    assert_int_equal(row->name_kind, kind);
}

static struct squad *begin(size_t count, struct told *told) {
    struct squad *squad = squad_new(count);
    *told = (struct told){0};
    squad->told = hear;
    squad->told_context = told;
    return squad;
}

static void what_nobody_attests_is_claimed(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = begin(2, &told);
    squad_run(squad, SOON);
    assert_row(squad, 1, "fire2", NAME_CLAIMED);
    squad_free(squad);
}

static void
an_attested_name_is_not_replaced_by_what_its_owner_says_and_that_is_told_once(void **state) {
    (void)state;
    static const char *const claims[] = {"Ben",
                                         "B\xd0\xb5n",
                                         "\xef\xbc\xa2\xef\xbd\x85\xef\xbd\x8e",
                                         "BEN",
                                         "B\xe1\xba\xb9n",
                                         "Warner",
                                         "urn:gsma:imei:90420156"};
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        struct told told;
        struct squad *squad = begin(2, &told);
        carry(squad, 1, attested(1, "Cleo", 5));
        call_itself(squad, 1, "Cleo");
        squad_run(squad, SOON);
        assert_row(squad, 1, "Cleo", NAME_ATTESTED);
        assert_int_equal(told.changed, 0);
        call_itself(squad, 1, claims[i]);
        squad_run(squad, A_MINUTE);
        assert_row(squad, 1, "Cleo", NAME_ATTESTED);
        assert_int_equal(told.changed, 1);
        assert_string_equal(told.last.identity, squad_identity(1));
        assert_string_equal(told.last.name, "Cleo");
        assert_int_equal(told.last.name_kind, NAME_ATTESTED);
        assert_string_equal(told.last.new_name, claims[i]);
        squad_free(squad);
    }
}

static void who_was_never_met_before_is_known_by_the_attested_name_too(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = begin(2, &told);
    carry(squad, 1, attested(1, "Cleo", 5));
    call_itself(squad, 1, "Ben");
    squad_run(squad, SOON);
    assert_row(squad, 1, "Cleo", NAME_ATTESTED);
    assert_int_equal(told.changed, 1);
    squad_free(squad);
}

static void an_attestation_of_another_or_by_another_or_altered_attests_nothing(void **state) {
    (void)state;
    struct attestation forged[6];
    forged[0] = attested(2, "Ben", 5); /* another's, overheard */
    assert_int_equal(attestation_sign(&forged[1], "sip:kms@other.example", squad_identity(1), "Ben",
                                      5, squad_provider(), squad_statements_key(), &entropy_system),
                     STATUS_OK);
    assert_int_equal(attestation_sign(&forged[2], kms, squad_identity(1), "Ben", 5,
                                      squad_provider(), squad_signing_key(1), &entropy_system),
                     STATUS_OK); /* by itself */
    forged[3] = attested(1, "Cleo", 5);
    snprintf(forged[3].name, sizeof forged[3].name, "Ben");
    forged[4] = attested(1, "Ben", 5);
    forged[4].number++;
    forged[5] = attested(1, "Ben", 5);
    forged[5].signature[40] ^= 1;
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        struct told told;
        struct squad *squad = begin(3, &told);
        carry(squad, 1, forged[i]);
        call_itself(squad, 1, "Ben");
        squad_run(squad, SOON);
        assert_row(squad, 1, "Ben", NAME_CLAIMED);
        squad_free(squad);
    }
}

static void the_latest_attestation_counts_whatever_is_said_after_it(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = begin(2, &told);
    carry(squad, 1, attested(1, "Unit 2", 5));
    call_itself(squad, 1, "Unit 2");
    squad_run(squad, SOON);
    carry(squad, 1, attested(1, "Unit 9", 6));
    call_itself(squad, 1, "Unit 9");
    squad_run(squad, SOON);
    assert_row(squad, 1, "Unit 9", NAME_ATTESTED);
    assert_int_equal(told.reissued, 1);
    assert_string_equal(told.last.name, "Unit 2");
    assert_string_equal(told.last.new_name, "Unit 9");
    /* The old one again, and then none. */
    carry(squad, 1, attested(1, "Unit 2", 5));
    squad_run(squad, SOON);
    assert_row(squad, 1, "Unit 9", NAME_ATTESTED);
    carry(squad, 1, (struct attestation){0});
    squad_run(squad, SOON);
    assert_row(squad, 1, "Unit 9", NAME_ATTESTED);
    assert_int_equal(told.reissued, 1);
    squad_free(squad);
}

static void who_changes_its_name_all_the_time_is_told_of_every_ten_minutes(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = begin(2, &told);
    for (unsigned i = 0; i < 30; i++) {
        char name[16];
        snprintf(name, sizeof name, "Name %u", i);
        call_itself(squad, 1, name);
        squad_run(squad, 6000);
    }
    assert_int_equal(told.changed, 1);
    squad->step_ms = 100;
    squad_run(squad, NAME_TOLD_MS);
    assert_int_equal(told.changed, 2);
    assert_string_equal(told.last.new_name, "Name 29");
    squad_free(squad);
}

static void what_this_officer_calls_it_goes_before_all_others_and_is_durable(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = begin(2, &told);
    carry(squad, 1, attested(1, "Cleo", 5));
    squad_run(squad, SOON);
    assert_int_equal(give(squad, 1, "My driver"), STATUS_OK);
    assert_row(squad, 1, "My driver", NAME_GIVEN);
    squad_flush(squad, 0);
    squad_restart(squad, 0, false);
    squad_run(squad, SOON);
    assert_row(squad, 1, "My driver", NAME_GIVEN);
    assert_int_equal(give(squad, 1, "two\nlines"), STATUS_MALFORMED);
    assert_row(squad, 1, "My driver", NAME_GIVEN);
    assert_int_equal(give(squad, 1, ""), STATUS_OK);
    assert_row(squad, 1, "Cleo", NAME_ATTESTED);
    squad_flush(squad, 0);
    squad_restart(squad, 0, false);
    squad_run(squad, SOON);
    assert_row(squad, 1, "Cleo", NAME_ATTESTED);
    squad_free(squad);
}

/* Names that nobody attests stand in the list of a group: there they are accepted, and stay. */
static void a_name_accepted_with_the_group_stays_there(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = begin(3, &told);
    squad_group(squad, HOUR_MS);
    call_itself(squad, 1, "fire3"); /* the name of handset 2 */
    squad_run(squad, SOON);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 0; n < 3; n += 2) {
        const struct view *view = squad_view(squad, n);
        assert_int_equal(view->talker_count, 1);
        assert_string_equal(view->talkers[0].identity, squad_identity(1));
        assert_string_equal(view->talkers[0].name, "fire2");
        assert_int_equal(view->talkers[0].name_kind, NAME_ACCEPTED);
    }
    assert_int_equal(told.changed, 1);
    squad_free(squad);
}

/* The same before the group is made: then there are two of that name, and the officer is warned. */
static void a_name_taken_before_the_group_is_made_is_marked(void **state) {
    (void)state;
    static const char *const taken[] = {"fire3", "FIRE3", "f\xd1\x96re3", "025765-0"};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        struct told told;
        struct squad *squad = begin(4, &told);
        call_itself(squad, 1, taken[i]);
        squad_run(squad, SOON);
        assert_true(row_of(squad, 1)->alike);
        assert_false(row_of(squad, 3)->alike);
        carry(squad, 2, attested(2, "fire3", 5));
        squad_run(squad, SOON);
        assert_row(squad, 1, taken[i], NAME_CLAIMED);
        assert_row(squad, 2, "fire3", NAME_ATTESTED);
        assert_true(row_of(squad, 1)->alike);
        squad_ask(squad, 0, 1, 3);
        squad_run(squad, 3000);
        const struct view *view = squad_view(squad, 3);
        assert_int_equal(view->invitation_count, 1);
        assert_true(view->invitations[0].members[1].alike);
        assert_false(view->invitations[0].members[0].alike);
        squad_free(squad);
    }
}

/* The longest names and identities there are fit, with echoes, into what a presence may have. */
static void a_presence_with_the_longest_names_fits(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct handset *engine = squad->handsets[0].engine;
    struct presence presence = {.utc_ms = squad_now(squad, 0).utc_ms, .echo_count = 12}, read;
    uint8_t octets[PRESENCE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct span covered, signature;
    snprintf(presence.identity, IDENTITY_SIZE, "sip:%0*d@county.example", IDENTITY_MAX - 19, 0);
    snprintf(presence.kms, IDENTITY_SIZE, "sip:%0*d@county.example", IDENTITY_MAX - 19, 0);
    for (size_t i = 0; i < DISPLAY_NAME_LETTERS; i++) {
        memcpy(presence.name + 4 * i, "\xf0\x90\x8c\xb0", 4);
        memcpy(presence.attestation.name + 4 * i, "\xf0\x90\x8c\xb1", 4);
    }
    presence.attestation.number = 7;
    assert_int_equal(presence_write(&w, &presence, &engine->desk.keyring, &engine->desk.entropy),
                     STATUS_OK);
    assert_int_equal(presence_read(writer_span(&w), &read, &covered, &signature), STATUS_OK);
    assert_string_equal(read.name, presence.name);
    assert_string_equal(read.attestation.name, presence.attestation.name);
    assert_true(read.echo_count >= 8);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_attests_is_claimed),
        cmocka_unit_test(
            an_attested_name_is_not_replaced_by_what_its_owner_says_and_that_is_told_once),
        cmocka_unit_test(who_was_never_met_before_is_known_by_the_attested_name_too),
        cmocka_unit_test(an_attestation_of_another_or_by_another_or_altered_attests_nothing),
        cmocka_unit_test(the_latest_attestation_counts_whatever_is_said_after_it),
        cmocka_unit_test(who_changes_its_name_all_the_time_is_told_of_every_ten_minutes),
        cmocka_unit_test(what_this_officer_calls_it_goes_before_all_others_and_is_durable),
        cmocka_unit_test(a_name_accepted_with_the_group_stays_there),
        cmocka_unit_test(a_name_taken_before_the_group_is_made_is_marked),
        cmocka_unit_test(a_presence_with_the_longest_names_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
