/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A real `muster`: what its memory holds while it is open, locked, and hearing while it is locked.
 * That the search finds the secrets shows while the handset is open.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/control.h"
#include "app/store/key_file.h"
#include "app/store/store.h"
#include "handheld.h"
#include "tests/app/squad.h"

enum {
    CHUNK = 1 << 20
};

/* --- The search ------------------------------------------------------------------------------- */

static size_t count_in(const uint8_t *octets, size_t length, const struct needle *needle) {
    size_t count = 0;
    const uint8_t *end_of = octets + length;
    while (octets < end_of && (octets = memmem(octets, (size_t)(end_of - octets), needle->octets,
                                               needle->length)) != NULL) {
        count++;
        octets++;
    }
    return count;
}

/* How often each of them is in what that process may write to. */
static void search_memory_of(const struct handheld *life, pid_t pid, size_t counts[NEEDLES_MAX]) {
    static uint8_t chunk[CHUNK];
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "r");
    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    int memory = open(path, O_RDONLY);
    assert_true(maps != NULL && memory >= 0);
    memset(counts, 0, NEEDLES_MAX * sizeof counts[0]);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long long from, to;
        char rights[5];
        if (sscanf(line, "%llx-%llx %4s", &from, &to, rights) != 3 || rights[1] != 'w') {
            continue;
        }
        for (unsigned long long at = from; at < to; at += CHUNK - NEEDLE_MAX) {
            size_t wanted = to - at < CHUNK ? (size_t)(to - at) : CHUNK;
            ssize_t got = pread(memory, chunk, wanted, (off_t)at);
            for (size_t i = 0; got > 0 && i < life->count; i++) {
                counts[i] += count_in(chunk, (size_t)got, &life->needles[i]);
            }
        }
    }
    fclose(maps);
    close(memory);
}

static void search_memory(const struct handheld *life, size_t counts[NEEDLES_MAX]) {
    search_memory_of(life, life->pid, counts);
}

/* Is it, of all that is searched for, what a handset that is locked hears with? */
static bool is_to_hear(const struct needle *needle) {
    static const char *const names[] = {"the group's key", "the group's identity",
                                        "a member's identity"};
    bool is = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        is = is || strcmp(needle->what, names[i]) == 0;
    }
    return is;
}

static void assert_memory(const struct handheld *life, bool is_there) {
    size_t counts[NEEDLES_MAX];
    search_memory(life, counts);
    for (size_t i = 0; i < life->count; i++) {
        bool is_expected = is_there || (life->hears && is_to_hear(&life->needles[i]));
        if ((counts[i] > 0) != is_expected) {
            fail_msg("%s: %zu times in memory", life->needles[i].what, counts[i]);
        }
    }
}

/* The present key of the key file, without which the store cannot be read, is also in memory. */
static void add_store_key(struct handheld *life) {
    struct key_file file = {0};
    struct error error;
    assert_int_equal(key_file_read(handheld_store(life), &file, &error), STATUS_OK);
    handheld_add(life, "a key of the key file", file.keys[0], sizeof file.keys[0]);
    handheld_add(life, "the other key of the key file", file.keys[1], sizeof file.keys[1]);
}

/* The process that this one has started, by its name; 0: none. */
static pid_t child_of(pid_t parent, const char *name) {
    DIR *processes = opendir("/proc");
    const struct dirent *entry;
    pid_t found = 0;
    assert_non_null(processes);
    while ((entry = readdir(processes)) != NULL) {
        char path[300], called[32] = "";
        int number = 0, by = 0;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *stat = fopen(path, "r");
        if (stat == NULL) {
            continue;
        }
        if (fscanf(stat, "%d (%31[^)]) %*c %d", &number, called, &by) == 3 && by == parent &&
            strcmp(called, name) == 0) {
            found = number;
        }
        fclose(stat);
    }
    closedir(processes);
    return found;
}

/* --- The tests -------------------------------------------------------------------------------- */

static void the_processes_of_radios_hold_no_secret(void **state) {
    struct handheld life = handheld_begin(state);
    size_t counts[NEEDLES_MAX];
    add_store_key(&life);
    assert_memory(&life, true);
    handheld_add(&life, "the passphrase", handheld_passphrase,
                 strlen(handheld_passphrase)); /* gone from the handset, too */
    pid_t starter = child_of(life.pid, "muster-starter");
    const pid_t processes[] = {starter, child_of(starter, "muster-udp")};
    for (size_t i = 0; i < sizeof processes / sizeof processes[0]; i++) {
        assert_true(processes[i] > 0);
        search_memory_of(&life, processes[i], counts);
        for (size_t k = 0; k < life.count; k++) {
            if (counts[k] > 0) {
                fail_msg("%s: %zu times in the memory of process %zu", life.needles[k].what,
                         counts[k], i);
            }
        }
    }
    handheld_end(&life);
}

static void a_locked_handset_has_nothing_of_its_store_in_memory_and_opens_again(void **state) {
    struct handheld life = handheld_begin(state);
    add_store_key(&life);
    assert_memory(&life, true);
    for (int round = 0; round < 2; round++) {
        if (round == 0) {
            handheld_press(&life, "\013"); /* Ctrl-K */
        } else {
            char path[CONTROL_PATH_SIZE];
            json_t *answer;
            struct error error;
            control_path(handheld_store(&life), path);
            assert_int_equal(control_ask(path, "lock", &answer, &error), STATUS_OK);
            json_decref(answer);
            assert_true(handheld_state_is(&life, "locked"));
        }
        handheld_wait_for(&life, "locked");
        life.count -= 2; /* they change with what is saved */
        handheld_add(&life, "the passphrase", handheld_passphrase, strlen(handheld_passphrase));
        assert_memory(&life, false);
        life.count--;
        handheld_unlock(&life);
        assert_memory(&life, true);
        add_store_key(&life);
    }
    handheld_end(&life);
}

static void a_wrong_passphrase_opens_nothing_and_leaves_nothing(void **state) {
    struct handheld life = handheld_begin(state);
    handheld_press(&life, "\013");
    handheld_wait_for(&life, "locked");
    handheld_press(&life, "wandering copper lanterns\r");
    handheld_wait_for(&life, "locked");
    assert_memory(&life, false);
    handheld_end(&life);
}

static void it_locks_by_itself_unless_a_key_is_pressed(void **state) {
    struct handheld life = {.state = state, .terminal = -1, .is_strict = true};
    handheld_begin_as(&life);
    int64_t began_ms = handheld_now_ms(CLOCK_MONOTONIC);
    while (handheld_now_ms(CLOCK_MONOTONIC) - began_ms < SETTINGS_LOCK_AFTER_LEAST_MS + 500) {
        handheld_press(&life, "1");
        if (!handheld_state_is(&life,
                               "ready")) { /* only where the test itself was held up for so long */
            break;
        }
    }
    int64_t pressed_ms = handheld_now_ms(CLOCK_MONOTONIC);
    handheld_wait_for(&life, "locked");
    assert_true(handheld_now_ms(CLOCK_MONOTONIC) - pressed_ms > SETTINGS_LOCK_AFTER_LEAST_MS / 2);
    assert_memory(&life, false);
    handheld_end(&life);
}

/* The key that the TPM gives out is in memory while the store is opened alone. */
static void add_binding(struct handheld *life) {
    char path[BINDING_PATH_SIZE];
    uint8_t file[BINDING_FILE_MAX], key[HEAD_BINDING_SIZE];
    struct error error;
    const size_t before = 1 + STORE_ID_SIZE;
    binding_path(handheld_store(life), path);
    FILE *from = fopen(path, "r");
    size_t length = fread(file, 1, sizeof file, from);
    fclose(from);
    assert_int_equal(
        tpm_open((struct span){file + before, length - before - SEAL_HASH_SIZE}, key, &error),
        STATUS_OK);
    handheld_add(life, "the binding's key", key, sizeof key);
}

static void assert_binding_is_nowhere(const struct handheld *life) {
    size_t counts[NEEDLES_MAX];
    search_memory(life, counts);
    assert_true(counts[0] > 0); /* the search finds what is there */
    assert_int_equal(counts[life->count - 1], 0);
}

static void a_bound_handset_opens_with_its_tpm_and_keeps_nothing_of_it(void **state) {
    struct chip chip;
    struct handheld life = {.state = state, .terminal = -1, .chip = &chip};
    if (!chip_is_possible()) {
        skip();
    }
    chip_on(&chip, scratch_path(state, "chip"));
    handheld_make_store(&life);
    handheld_start(&life);
    handheld_wait_for(&life, "locked");
    handheld_unlock(&life);
    add_binding(&life);
    assert_binding_is_nowhere(&life);
    handheld_press(&life, "\013");
    handheld_wait_for(&life, "locked");
    assert_memory(&life, false);
    handheld_unlock(&life);
    assert_binding_is_nowhere(&life);
    handheld_press(&life, "\030");
    handheld_press(&life, "Z");
    handheld_wait_for_end(&life);
    handheld_end(&life);
    chip_off(&chip);
    chip_discard(chip.folder);
    assert_int_equal(handheld_files_left(&life), 0);
}

/* --- Hearing while locked --------------------------------------------------------------------- */

static const char other_script[] = "expect \"2 Groups\" within 20s\n"
                                   "key 3\n"
                                   "key space\n"
                                   "expect \"You talk\" within 20s\n"
                                   "advance 1500ms\n"
                                   "key space\n"
                                   "advance 500ms\n";

/* The other member says something. */
static void let_other_talk(struct handheld *life) {
    char store[SCRATCH_PATH_SIZE], secret[SCRATCH_PATH_SIZE], script[SCRATCH_PATH_SIZE];
    snprintf(store, sizeof store, "%s", handheld_other_store(life));
    snprintf(secret, sizeof secret, "%s", scratch_path(life->state, "passphrase"));
    snprintf(script, sizeof script, "%s", scratch_path(life->state, "script"));
    scratch_write(secret, span_of_text(handheld_passphrase));
    scratch_write(script, span_of_text(other_script));
    handheld_run(life, (const char *const[]){
                           "muster", "--store", store, "--passphrase-file", secret, "--script",
                           script, "--voice", "fixtures/voice/bridge.wav", "--interface", "lo",
                           "--port", handheld_port(), "--tpm", "device:/dev/no_such_tpm", NULL});
}

/* So many samples that are no silence has the loudspeaker played. */
static size_t samples_heard(const struct handheld *life) {
    int16_t sample;
    size_t count = 0;
    FILE *file = fopen(scratch_path(life->state, "heard"), "r");
    assert_non_null(file);
    assert_int_equal(fseek(file, 44, SEEK_SET), 0);
    while (fread(&sample, sizeof sample, 1, file) == 1) {
        count += sample > 100 || sample < -100;
    }
    fclose(file);
    return count;
}

static void wait_until_heard(struct handheld *life, size_t count) {
    for (int64_t until = handheld_now_ms(CLOCK_MONOTONIC) + HANDHELD_PATIENCE_MS;
         samples_heard(life) < count;) {
        assert_true(handheld_is_running(life) && handheld_now_ms(CLOCK_MONOTONIC) < until);
        handheld_watch(life);
    }
}

/* Also while somebody talks and after that. */
static void a_handset_that_hears_while_locked_keeps_the_keys_to_hear_with_alone(void **state) {
    struct handheld life = {.state = state, .terminal = -1, .hears = true, .has_other = true};
    handheld_begin_as(&life);
    add_store_key(&life);
    assert_memory(&life, true);
    handheld_press(&life, "\013");
    handheld_wait_for(&life, "locked");
    life.count -= 2; /* they change with what is saved */
    add_store_key(&life);
    handheld_add(&life, "the passphrase", handheld_passphrase, strlen(handheld_passphrase));
    assert_memory(&life, false);
    assert_int_equal(samples_heard(&life), 0);
    let_other_talk(&life);
    wait_until_heard(&life, VOICE_RATE / 2);
    assert_memory(&life, false);
    assert_true(handheld_state_is(&life, "locked"));
    life.count -= 3;
    handheld_unlock(&life);
    assert_memory(&life, true);
    handheld_end(&life);
}

/* Somebody has put another one there, of the same handheld_passphrase, with nothing in it. */
static void one_whose_store_was_replaced_meanwhile_opens_that(void **state) {
    struct handheld life = {.state = state, .terminal = -1, .hears = true};
    struct store *store;
    struct error error;
    handheld_begin_as(&life);
    handheld_press(&life, "\013");
    handheld_wait_for(&life, "locked");
    store_discard(handheld_store(&life));
    assert_int_equal(store_create_bound(handheld_store(&life), span_of_text(handheld_passphrase),
                                        STORE_QUICK, BINDING_NONE, &entropy_system, &store, &error),
                     STATUS_OK);
    store_close(store);
    handheld_press(&life, handheld_passphrase);
    handheld_press(&life, "\r");
    handheld_wait_for(&life, "not-enrolled");
    handheld_end(&life);
}

#define LIFE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        LIFE(a_locked_handset_has_nothing_of_its_store_in_memory_and_opens_again),
        LIFE(the_processes_of_radios_hold_no_secret),
        LIFE(a_wrong_passphrase_opens_nothing_and_leaves_nothing),
        LIFE(a_bound_handset_opens_with_its_tpm_and_keeps_nothing_of_it),
        LIFE(it_locks_by_itself_unless_a_key_is_pressed),
        LIFE(a_handset_that_hears_while_locked_keeps_the_keys_to_hear_with_alone),
        LIFE(one_whose_store_was_replaced_meanwhile_opens_that),
    };
    if (geteuid() != 0) {
        puts("only root can read the memory of a program that cannot be traced");
        return 77;
    }
#ifdef __SANITIZE_ADDRESS__
    /* What is freed is kept there, and not wiped (app/programs/heap.h). */
    puts("under a sanitizer what is freed stays in memory");
    return 77;
#endif
    return cmocka_run_group_tests(tests, NULL, NULL);
}
