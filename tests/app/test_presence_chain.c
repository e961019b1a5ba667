/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The presence chain by itself (air/presence_chain.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/presence_chain.h"

static const uint8_t start[START_SIZE] = "a start";

static struct moment at_slot(int64_t slot) {
    return (struct moment){.boot_ms = 1000 + slot * PRESENCE_SLOT_MS};
}

struct scene {
    struct own_chain *chain;
    struct heard_presences heard;
};

/* A chain whose anchor was heard with its beginning. */
static struct scene begin(void) {
    struct scene scene = {.chain = NULL};
    struct presence_link link;
    assert_int_equal(own_chain_new(start, &entropy_system, at_slot(0), &scene.chain), STATUS_OK);
    assert_true(own_chain_open(scene.chain, at_slot(0), &link));
    heard_presences_take(&scene.heard, start, &link, at_slot(0));
    return scene;
}

static enum presence_sight see(struct scene *scene, const struct presence_link *link,
                               struct moment now) {
    return heard_presences_see(&scene->heard, link->anchor, link->number, link->link, now);
}

static struct presence_link open_at(const struct scene *scene, int64_t slot) {
    struct presence_link link = {.number = 0};
    assert_true(own_chain_open(scene->chain, at_slot(slot), &link));
    assert_int_equal(link.number, slot);
    return link;
}

static void each_link_of_a_chain_opens_once(void **state) {
    (void)state;
    struct scene scene = begin();
    for (int64_t slot = 1; slot <= PRESENCE_CHAIN_MAX; slot++) {
        struct presence_link link = open_at(&scene, slot);
        assert_int_equal(see(&scene, &link, at_slot(slot)), PRESENCE_LINK_OPENS);
        assert_int_equal(see(&scene, &link, at_slot(slot)), PRESENCE_LINK_LATEST);
    }
    struct presence_link link;
    assert_false(own_chain_open(scene.chain, at_slot(PRESENCE_CHAIN_MAX + 1), &link));
    own_chain_free(scene.chain);
}

static void any_other_octets_are_no_link(void **state) {
    (void)state;
    struct scene scene = begin(), other = begin();
    struct presence_link link = open_at(&scene, 3), of_other = open_at(&other, 3);
    for (size_t at = 0; at < PRESENCE_LINK_SIZE; at++) {
        struct presence_link wrong = link;
        wrong.link[at] ^= 1;
        assert_int_equal(see(&scene, &wrong, at_slot(3)), PRESENCE_LINK_WRONG);
    }
    struct presence_link elsewhere = link;
    elsewhere.number++;
    assert_int_equal(see(&scene, &elsewhere, at_slot(3)), PRESENCE_LINK_WRONG);
    memcpy(of_other.anchor, link.anchor, sizeof link.anchor);
    assert_int_equal(see(&scene, &of_other, at_slot(3)), PRESENCE_LINK_WRONG);
    assert_int_equal(see(&scene, &link, at_slot(3)), PRESENCE_LINK_OPENS);
    own_chain_free(scene.chain);
    own_chain_free(other.chain);
}

/* Nor makes anybody this handset hash for longer than the time that has passed allows. */
static void a_link_ahead_of_its_time_is_not_looked_at(void **state) {
    (void)state;
    struct scene scene = begin();
    struct presence_link early = open_at(&scene, 10 + PRESENCE_LINKS_AHEAD);
    assert_int_equal(see(&scene, &early, at_slot(9)), PRESENCE_LINK_WRONG);
    assert_int_equal(see(&scene, &early, at_slot(10)), PRESENCE_LINK_OPENS);
    own_chain_free(scene.chain);
}

static void a_link_too_many_steps_on_is_not_looked_at(void **state) {
    (void)state;
    struct scene scene = begin();
    struct presence_link far = open_at(&scene, PRESENCE_LINKS_WALK + 1);
    struct presence_link last = open_at(&scene, PRESENCE_LINKS_WALK);
    assert_int_equal(see(&scene, &far, at_slot(far.number)), PRESENCE_LINK_WRONG);
    assert_int_equal(see(&scene, &last, at_slot(last.number)), PRESENCE_LINK_OPENS);
    own_chain_free(scene.chain);
}

static void a_link_that_was_held_back_is_worth_nothing(void **state) {
    (void)state;
    struct scene scene = begin();
    struct presence_link link = open_at(&scene, 2);
    struct moment late = at_slot(3);
    late.boot_ms += PRESENCE_LINK_OLD_MS;
    struct scene same = scene;
    assert_int_equal(see(&same, &link, late), PRESENCE_LINK_OPENS);
    late.boot_ms++;
    assert_int_equal(see(&scene, &link, late), PRESENCE_LINK_WRONG);
    own_chain_free(scene.chain);
}

static void an_older_link_changes_nothing(void **state) {
    (void)state;
    struct scene scene = begin();
    struct presence_link second = open_at(&scene, 2), third = open_at(&scene, 3);
    assert_int_equal(see(&scene, &third, at_slot(3)), PRESENCE_LINK_OPENS);
    assert_int_equal(see(&scene, &second, at_slot(3)), PRESENCE_LINK_WRONG);
    heard_presences_take(&scene.heard, start, &second, at_slot(3));
    assert_int_equal(scene.heard.number, 3);
    own_chain_free(scene.chain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_link_of_a_chain_opens_once),
        cmocka_unit_test(any_other_octets_are_no_link),
        cmocka_unit_test(a_link_ahead_of_its_time_is_not_looked_at),
        cmocka_unit_test(a_link_too_many_steps_on_is_not_looked_at),
        cmocka_unit_test(a_link_that_was_held_back_is_worth_nothing),
        cmocka_unit_test(an_older_link_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
