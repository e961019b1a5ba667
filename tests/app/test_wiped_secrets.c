/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What makes a D2D connection's keys is nowhere in the memory of the process once they are made, or
 * once there will be none: the whole of it is searched. That the search finds what is there shows
 * while the initiator still waits for an answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/d2d/d2d.h"
#include "app/handset/d2d/proposal.h"
#include "crypto/connection_key.h"
#include "crypto/secret.h"
#include "own_memory.h"
#include "squad.h"
#include "wiretap.h"

enum {
    CREATOR = 0,
    MEMBER = 1
};

/* The secrets of the latest connection that the creator opened, each octet inverted. */
struct secrets {
    uint8_t tgk[SSV_SIZE], seed[RECOVERY_SEED_SIZE], ephemeral[EPHEMERAL_KEY_SIZE];
};

/* By the keys of the member and of the authority, from what went over the air. */
static struct secrets secrets_of(const struct squad *squad) {
    struct secrets secrets = {0};
    struct receiver_key *key = wiretap_receiver_key(MEMBER);
    bool found = false;
    for (size_t i = squad->frame_count; !found && i-- > 0;) {
        struct d2d_head head;
        struct i_message message;
        if (squad->frames[i].from != CREATOR || squad->frames[i].octets[1] != FRAME_D2D ||
            d2d_head_read(squad_payload(&squad->frames[i]), &head) != STATUS_OK ||
            head.step != D2D_OPEN) {
            continue;
        }
        found = true;
        assert_int_equal(i_message_parse(head.body, &message), STATUS_OK);
        assert_int_equal(squad_provider()->decapsulate(key, message.sakke.octets, secrets.tgk),
                         STATUS_OK);
        assert_int_equal(squad_provider()->decapsulate(
                             squad_recovery_key(), message.fields.recovery.octets, secrets.seed),
                         STATUS_OK);
        assert_int_equal(ephemeral_of_seed(secrets.seed, message.fields.rand, secrets.ephemeral),
                         STATUS_OK);
    }
    assert_true(found);
    squad_provider()->receiver_key_free(key);
    own_memory_invert((uint8_t *)&secrets, sizeof secrets);
    secret_wipe_stack();
    return secrets;
}

static void assert_gone(const struct secrets *secrets) {
    assert_int_equal(own_memory_count(secrets->tgk, sizeof secrets->tgk), 0);
    assert_int_equal(own_memory_count(secrets->seed, sizeof secrets->seed), 0);
    assert_int_equal(own_memory_count(secrets->ephemeral, sizeof secrets->ephemeral), 0);
}

static bool drop_hello(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context, (void)receiver;
    return frame->octets[1] != FRAME_D2D || frame->octets[FRAME_HEADER_SIZE + 8] != D2D_HELLO;
}

static struct squad *asked(squad_filter *filter) {
    struct squad *squad = squad_new(2);
    for (size_t n = 0; n < 2; n++) {
        squad_recover(squad, n);
    }
    squad_run(squad, 6000);
    squad->filter = filter;
    squad_ask(squad, CREATOR, MEMBER, 1);
    squad_run(squad, 1000);
    return squad;
}

static struct secrets found_while_it_waits(const struct squad *squad) {
    struct secrets secrets = secrets_of(squad);
    assert_true(own_memory_count(secrets.tgk, sizeof secrets.tgk) > 0);
    assert_true(own_memory_count(secrets.seed, sizeof secrets.seed) > 0);
    assert_true(own_memory_count(secrets.ephemeral, sizeof secrets.ephemeral) > 0);
    return secrets;
}

static void they_are_gone_once_the_officer_is_asked_and_whatever_he_answers(void **state) {
    (void)state;
    static const enum command_kind answers[] = {COMMAND_ACCEPT, COMMAND_DECLINE};
    for (size_t i = 0; i < 2; i++) {
        struct squad *squad = asked(NULL);
        assert_int_equal(squad_view(squad, MEMBER)->invitation_count, 1);
        struct secrets secrets = secrets_of(squad);
        assert_gone(&secrets);
        assert_int_equal(squad_answer(squad, MEMBER, answers[i]), STATUS_OK);
        squad_run(squad, 3000);
        assert_gone(&secrets);
        squad_free(squad);
    }
}

static void they_are_gone_when_nobody_answers_in_time(void **state) {
    (void)state;
    struct squad *squad = asked(drop_hello);
    struct secrets secrets = found_while_it_waits(squad);
    squad->handsets[MEMBER].deaf = true; /* or the creator would ask again, with new ones */
    squad_run(squad, CONNECTION_LOST_MS + 1000);
    assert_gone(&secrets);
    squad_free(squad);
}

static void they_are_gone_when_the_officer_hangs_up_before_there_is_an_answer(void **state) {
    (void)state;
    struct squad *squad = asked(NULL);
    struct command call = {.kind = COMMAND_CALL}, hang_up = {.kind = COMMAND_HANG_UP};
    squad->filter = drop_hello;
    snprintf(call.identity, sizeof call.identity, "%s", squad_identity(MEMBER));
    assert_int_equal(squad_command(squad, CREATOR, &call), STATUS_OK);
    squad_run(squad, 500);
    struct secrets secrets = found_while_it_waits(squad);
    assert_int_equal(squad_command(squad, CREATOR, &hang_up), STATUS_OK);
    squad_run(squad, CONNECTION_LOST_MS + 1000);
    assert_gone(&secrets);
    squad_free(squad);
}

static void they_are_gone_when_the_handset_stops(void **state) {
    (void)state;
    struct squad *squad = asked(drop_hello);
    struct secrets secrets = found_while_it_waits(squad);
    squad->handsets[CREATOR].deaf = true;
    squad_restart(squad, CREATOR, false);
    assert_gone(&secrets);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_gone_once_the_officer_is_asked_and_whatever_he_answers),
        cmocka_unit_test(they_are_gone_when_nobody_answers_in_time),
        cmocka_unit_test(they_are_gone_when_the_officer_hangs_up_before_there_is_an_answer),
        cmocka_unit_test(they_are_gone_when_the_handset_stops),
    };
#ifdef __SANITIZE_ADDRESS__
    (void)tests; /* its memory holds what was freed, and does not end */
    return 77;
#else
    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
