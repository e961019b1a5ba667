/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A real `muster` that is zeroised, from its screen, from a shell or by wrong passphrases: no file
 * of its store is left. And one that is bound to a TPM, without it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/store/attempts.h"
#include "app/store/store.h"
#include "handheld.h"

/* Neither is a passphrase asked for. */
static void a_bound_handset_without_its_tpm_ends_at_once(void **state) {
    struct chip chip;
    struct handheld life = {.state = state, .terminal = -1, .chip = &chip};
    if (!chip_is_possible()) {
        skip();
    }
    chip_on(&chip, scratch_path(state, "chip"));
    handheld_make_store(&life);
    chip_off(&chip);
    chip_discard(chip.folder);
    handheld_start(&life);
    handheld_wait_for_end(&life);
    handheld_end(&life);
}

/* So many were wrong, and the wait after them is over. */
static void pretend_wrong(const char *path, unsigned wrong) {
    char text[200], boot[64] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    assert_int_equal(fscanf(file, "%36s", boot), 1);
    fclose(file);
    int length =
        snprintf(text, sizeof text, "wrong %u erase-after 5 boot %s since %lld\n", wrong, boot,
                 (long long)handheld_now_ms(CLOCK_BOOTTIME) - ATTEMPTS_LONGEST_WAIT_MS);
    scratch_write(path, (struct span){(const uint8_t *)text, (size_t)length});
}

/* The last wrong passphrase but one was given long ago: nobody waits for it here. */
static void one_wrong_passphrase_too_many_erases_everything(void **state) {
    struct handheld life = {.state = state, .terminal = -1, .is_strict = true};
    handheld_begin_as(&life);
    char path[ATTEMPTS_PATH_SIZE];
    struct attempts attempts;
    handheld_press(&life, "\013");
    handheld_wait_for(&life, "locked");
    attempts_look(handheld_store(&life), &attempts);
    assert_int_equal(attempts.erase_after, 5);
    attempts_path(handheld_store(&life), path);
    pretend_wrong(path, 4);
    handheld_press(&life, "not this\r");
    handheld_wait_for_end(&life);
    assert_int_equal(handheld_files_left(&life), 0);
    handheld_end(&life);
}

static void zeroising_from_the_screen_leaves_no_file(void **state) {
    struct handheld life = handheld_begin(state);
    assert_true(handheld_files_left(&life) >= 4); /* the store, its keys, the attempts, the log */
    handheld_press(&life, "\030");                /* Ctrl-X */
    handheld_press(&life, "z");                   /* is not what confirms */
    assert_true(handheld_state_is(&life, "ready"));
    handheld_press(&life, "Z");
    handheld_wait_for_end(&life);
    assert_int_equal(handheld_files_left(&life), 0);
    handheld_end(&life);
}

static void zeroising_from_the_lock_screen_needs_no_passphrase(void **state) {
    struct handheld life = handheld_begin(state);
    handheld_press(&life, "\013");
    handheld_wait_for(&life, "locked");
    handheld_press(&life, "half a pass");
    handheld_press(&life, "\030");
    handheld_press(&life, "\033"); /* not yet */
    handheld_wait_for(&life, "locked");
    assert_true(handheld_files_left(&life) >= 4);
    handheld_press(&life, "\030");
    handheld_press(&life, "Z");
    handheld_wait_for_end(&life);
    assert_int_equal(handheld_files_left(&life), 0);
    handheld_end(&life);
}

static void zeroising_from_a_shell_ends_the_running_handset(void **state) {
    struct handheld life = handheld_begin(state);
    char store[SCRATCH_PATH_SIZE];
    snprintf(store, sizeof store, "%s", handheld_store(&life));
    handheld_run(&life,
                 (const char *const[]){"muster", "zeroise", "--yes", "--store", store, NULL});
    handheld_wait_for_end(&life);
    assert_int_equal(handheld_files_left(&life), 0);
    handheld_end(&life);
}

static void zeroising_from_a_shell_needs_no_running_handset(void **state) {
    struct handheld life = {.state = state, .terminal = open("/dev/null", O_RDWR)};
    char store[SCRATCH_PATH_SIZE];
    handheld_make_store(&life);
    snprintf(store, sizeof store, "%s", handheld_store(&life));
    handheld_run(&life,
                 (const char *const[]){"muster", "zeroise", "--yes", "--store", store, NULL});
    assert_int_equal(handheld_files_left(&life), 0);
    handheld_end(&life);
}

static void a_store_is_bound_and_unbound_from_a_shell(void **state) {
    struct chip chip;
    struct handheld life = {.state = state, .terminal = open("/dev/null", O_RDWR)};
    char store[SCRATCH_PATH_SIZE], secret[SCRATCH_PATH_SIZE];
    if (!chip_is_possible()) {
        skip();
    }
    handheld_make_store(&life);
    snprintf(store, sizeof store, "%s", handheld_store(&life));
    snprintf(secret, sizeof secret, "%s", scratch_path(state, "passphrase"));
    scratch_write(secret, span_of_text(handheld_passphrase));
    chip_on(&chip, scratch_path(state, "chip"));
    handheld_run(&life,
                 (const char *const[]){"muster", "bind", "--store", store, "--passphrase-file",
                                       secret, "--tpm", chip.name, NULL});
    assert_true(binding_exists(store));
    handheld_run(&life,
                 (const char *const[]){"muster", "unbind", "--store", store, "--passphrase-file",
                                       secret, "--tpm", chip.name, NULL});
    assert_false(binding_exists(store));
    chip_off(&chip);
    chip_discard(chip.folder);
    handheld_end(&life);
}

static void zeroising_one_that_hears_while_locked_leaves_no_file(void **state) {
    struct handheld life = {.state = state, .terminal = -1, .hears = true};
    handheld_begin_as(&life);
    handheld_press(&life, "\013");
    handheld_wait_for(&life, "locked");
    handheld_press(&life, "\030");
    handheld_press(&life, "Z");
    handheld_wait_for_end(&life);
    assert_int_equal(handheld_files_left(&life), 0);
    handheld_end(&life);
}

#define LIFE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        LIFE(a_bound_handset_without_its_tpm_ends_at_once),
        LIFE(one_wrong_passphrase_too_many_erases_everything),
        LIFE(zeroising_from_the_screen_leaves_no_file),
        LIFE(zeroising_from_the_lock_screen_needs_no_passphrase),
        LIFE(zeroising_from_a_shell_ends_the_running_handset),
        LIFE(zeroising_from_a_shell_needs_no_running_handset),
        LIFE(a_store_is_bound_and_unbound_from_a_shell),
        LIFE(zeroising_one_that_hears_while_locked_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
