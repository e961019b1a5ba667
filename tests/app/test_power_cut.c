/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The power is cut at every single output (app/README.md section 5, 7): old state or new. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/announcement.h"
#include "squad.h"

/* What a creator and a member hold must agree, whatever was lost. */
static void assert_agreement(struct squad *squad, bool member_confirmed) {
    const struct view *creator = squad_view(squad, 0), *member = squad_view(squad, 1);
    uint8_t made[GMK_SIZE], held[GMK_SIZE];
    if (!member_confirmed) {
        assert_int_equal(member->group_count, 0);
    }
    if (member->group_count == 1) {
        uint32_t id = member->groups[0].gmk_id;
        assert_true(handset_reveal_gmk(squad->handsets[1].engine, id, held));
        assert_true(handset_reveal_gmk(squad->handsets[0].engine, id, made));
        assert_memory_equal(made, held, GMK_SIZE);
    }
    if (creator->group_count == 1 && creator->groups[0].members[1].state == MEMBER_ACCEPTED) {
        assert_true(handset_reveal_gmk(squad->handsets[1].engine, creator->groups[0].gmk_id, held));
    }
}

/* Group building with a power cut of handset n; false when it came to no cut_at-th output. */
static bool build_with_cut(size_t n, unsigned cut_at) {
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad->handsets[n].cut_at = cut_at;
    struct command create = squad_create_command(1, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 300);
    bool confirmed = squad_answer(squad, 1, COMMAND_ACCEPT) == STATUS_OK;
    squad_run(squad, 1000);
    bool was_cut = squad->handsets[n].is_cut;
    squad_restart(squad, n, true);
    assert_agreement(squad, confirmed);
    squad_run(squad, 2500); /* and once what was still on its way is in */
    assert_agreement(squad, confirmed);
    squad_free(squad);
    return was_cut;
}

static void building_a_group_survives_a_power_cut_at_any_output(void **state) {
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        unsigned cut_at = 1;
        while (build_with_cut(n, cut_at)) {
            cut_at++;
        }
        assert_true(cut_at > 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(building_a_group_survives_a_power_cut_at_any_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
