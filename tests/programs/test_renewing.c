/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a running handset looks at a bundle that came over the broker
 * (app/programs/loop_renewing.c), which costs it the worker: what the worker finds is said by the
 * test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/programs/loop_state.h"

enum {
    SOON_MS = 30 * 1000 /* before this a bundle is not looked at again */
};

/* --- What the loop has beside it ----------------------------------------------------------------
 */

static unsigned jobs;
static struct worker_job job;

void __wrap_worker_do(struct worker *worker, struct worker_job given);
void __wrap_worker_do(struct worker *worker, struct worker_job given) {
    worker->is_busy = true;
    job = given;
    jobs++;
}

bool __wrap_traffic_is_bundle(const struct traffic *traffic, uint64_t peer, struct span frame);
bool __wrap_traffic_is_bundle(const struct traffic *traffic, uint64_t peer, struct span frame) {
    (void)traffic;
    (void)peer;
    (void)frame;
    return true;
}

bool __wrap_durable_is_done(const struct durable *durable, struct error *error);
bool __wrap_durable_is_done(const struct durable *durable, struct error *error) {
    (void)durable;
    (void)error;
    return true;
}

void __wrap_loop_tell(struct loop *loop, struct event event);
void __wrap_loop_tell(struct loop *loop, struct event event) {
    (void)loop;
    (void)event;
}

void __wrap_loop_after_change(struct loop *loop);
void __wrap_loop_after_change(struct loop *loop) {
    (void)loop;
}

/* --- The loop -----------------------------------------------------------------------------------
 */

struct scene {
    struct zeroise zeroise;
    struct loop_setup setup;
    struct loop loop;
};

static struct scene *scene_new(void) {
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->setup.store_path = "none";
    scene->setup.zeroise = &scene->zeroise;
    scene->loop.setup = &scene->setup;
    scene->loop.handset = (struct handset *)scene; /* nothing looks into it */
    jobs = 0;
    return scene;
}

static void scene_free(struct scene *scene) {
    loop_forget_bundles(&scene->loop);
    free(scene);
}

/* It comes, and the worker is free. Returns whether it looks at it. */
static bool comes(struct scene *scene, const char *bundle) {
    unsigned before = jobs;
    assert_true(loop_take_bundle(&scene->loop, 1, span_of_text(bundle)));
    loop_look_at_bundle(&scene->loop);
    return jobs > before;
}

static void finds(struct scene *scene, enum status status) {
    scene->loop.renewal.work.status = status;
    scene->loop.worker.is_busy = false;
    job.done(job.context);
}

static bool waits_for_long(const struct scene *scene) {
    return loop_renewal_deadline(&scene->loop) >= loop_now(&scene->loop).boot_ms + SOON_MS;
}

/* --- Tests --------------------------------------------------------------------------------------
 */

static void what_the_handset_has_is_looked_at_once(void **state) {
    (void)state;
    struct scene *scene = scene_new();
    assert_true(comes(scene, "November"));
    finds(scene, STATUS_ALREADY_DONE);
    for (int i = 0; i < 3; i++) {
        assert_false(comes(scene, "November"));
        assert_int_equal(loop_renewal_deadline(&scene->loop), INT64_MAX); /* nor later */
    }
    scene_free(scene);
}

/* Whoever has two of them lets them come in turn. */
static void those_that_bring_nothing_are_a_minute_apart(void **state) {
    static const enum status found[] = {STATUS_ALREADY_DONE, STATUS_SIGNATURE_INVALID,
                                        STATUS_NO_MEMORY};
    (void)state;
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        struct scene *scene = scene_new();
        assert_true(comes(scene, "October"));
        finds(scene, found[i]);
        assert_false(comes(scene, "November"));
        assert_true(waits_for_long(scene));
        scene_free(scene);
    }
}

static void what_waited_is_saved_after_it_unless_the_store_was_destroyed(void **state) {
    (void)state;
    for (int is_destroyed = 0; is_destroyed <= 1; is_destroyed++) {
        struct scene *scene = scene_new();
        assert_true(comes(scene, "November"));
        scene->loop.saving.is_due = true;
        scene->zeroise.is_done = is_destroyed != 0;
        scene->loop.is_ending = true;
        jobs = 0;
        finds(scene, STATUS_OK);
        assert_int_equal(jobs, is_destroyed ? 0 : 1);
        scene_free(scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_handset_has_is_looked_at_once),
        cmocka_unit_test(those_that_bring_nothing_are_a_minute_apart),
        cmocka_unit_test(what_waited_is_saved_after_it_unless_the_store_was_destroyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
