/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A real `muster` on a terminal of its own, which is taken from its officer: what its memory and
 * its files hold before and after it is locked or zeroised. The secrets are known to the test,
 * which made the store; that the search finds them shows while the handset is open.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/handset/keys/heard.h"
#include "app/identity/credential.h"
#include "app/programs/control.h"
#include "app/store/attempts.h"
#include "app/store/key_file.h"
#include "app/store/store.h"
#include "tests/app/chip.h"
#include "tests/app/scratch.h"
#include "tests/app/squad.h"

enum {
    PATIENCE_MS = 60 * 1000, /* no target: only that a loaded machine fails nothing */
    NEEDLE_MAX = 64,
    NEEDLES_MAX = 12,
    CHUNK = 1 << 20
};

static const char passphrase[] = "wandering copper lantern";

struct needle {
    const char *what;
    size_t length;
    uint8_t octets[NEEDLE_MAX];
    bool is_at_rest; /* looked for in files, not in memory */
};

struct life {
    void **state;
    pid_t pid;
    int terminal;
    struct chip *chip; /* that the store is bound to; NULL: to none */
    bool is_strict;    /* it locks by itself soon, and erases itself */
    bool hears;        /* also while it is locked */
    bool has_other;    /* there is another member's store */
    size_t count;
    struct needle needles[NEEDLES_MAX];
};

static int64_t now_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- What is secret --------------------------------------------------------------------------- */

static void add(struct life *life, const char *what, const void *octets, size_t length) {
    struct needle *needle = &life->needles[life->count++];
    needle->what = what;
    needle->length = length < NEEDLE_MAX ? length : NEEDLE_MAX;
    memcpy(needle->octets, octets, needle->length);
}

static void add_credential(struct life *life) {
    struct credential *credential = credential_new();
    assert_int_equal(credential_read(squad_credential(0), credential), STATUS_OK);
    add(life, "the signing key", credential->ssk, sizeof credential->ssk);
    add(life, "the receiver key", credential->rsk + 1, NEEDLE_MAX);
    credential_free(credential);
}

/* Handset 0 of a squad of two that has made a group lately, by this machine's clock: so long ago
 * that after a restart nothing of now may have been heard before it (HEARD_RESERVE_MS). */
static struct squad *squad_of_now(void) {
    struct squad *squad = squad_new(2);
    int64_t ahead_ms = now_ms(CLOCK_REALTIME) - squad_now(squad, 0).utc_ms - 2 * HEARD_RESERVE_MS;
    for (size_t n = 0; n < 2; n++) {
        squad->handsets[n].utc_offset_ms += ahead_ms;
        squad_restart(squad, n, true);
    }
    squad_run(squad, 6000);
    squad_group(squad, HOUR_MS);
    squad_flush(squad, 0);
    return squad;
}

static void add_group(struct life *life, struct squad *squad) {
    uint8_t gmk[16];
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->group_count, 1);
    assert_true(handset_reveal_gmk(squad->handsets[0].engine, view->groups[0].gmk_id, gmk));
    add(life, "the group's key", gmk, sizeof gmk);
    add(life, "the group's identity", view->groups[0].identity, strlen(view->groups[0].identity));
    add(life, "the group's name", view->groups[0].name, strlen(view->groups[0].name));
    add(life, "a member's identity", squad_identity(1), strlen(squad_identity(1)));
}

static void put_records(struct squad *squad, size_t n, struct store *store) {
    const struct squad_handset *handset = &squad->handsets[n];
    struct error error;
    for (size_t i = 0; i < handset->record_count; i++) {
        struct batch *batch = batch_new();
        assert_int_equal(batch_put(batch, handset->records[i].kind,
                                   secret_span(handset->records[i].key),
                                   secret_span(handset->records[i].value)),
                         STATUS_OK);
        assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
        batch_free(batch);
    }
}

static const char *store_of(struct life *life) {
    return scratch_path(life->state, "store");
}

static const char *other_store_of(struct life *life) {
    return scratch_path(life->state, "other");
}

static void put_setting(struct store *store, struct span value) {
    struct batch *batch = batch_new();
    struct error error;
    assert_int_equal(batch_put(batch, RECORD_SETTING, span_of_text("settings"), value), STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
}

/* As desk/settings.h writes them. */
static void put_hearing(struct store *store) {
    static const uint8_t settings[] = {1, 11, 1, 1};
    put_setting(store, SPAN_OF(settings));
}

static void put_strictness(struct store *store) {
    static const uint8_t settings[] = {1,
                                       9,
                                       4,
                                       0,
                                       0,
                                       SETTINGS_LOCK_AFTER_LEAST_MS >> 8 & 0xFF,
                                       SETTINGS_LOCK_AFTER_LEAST_MS & 0xFF,
                                       10,
                                       1,
                                       5};
    put_setting(store, SPAN_OF(settings));
}

static void make_other_store(struct life *life, struct squad *squad) {
    struct store *store;
    struct error error;
    squad_flush(squad, 1);
    assert_int_equal(store_create_bound(other_store_of(life), span_of_text(passphrase), STORE_QUICK,
                                        BINDING_NONE, &entropy_system, &store, &error),
                     STATUS_OK);
    put_records(squad, 1, store);
    store_close(store);
}

static void make_store(struct life *life) {
    struct store *store;
    struct error error;
    struct squad *squad = squad_of_now();
    assert_int_equal(store_create_bound(store_of(life), span_of_text(passphrase), STORE_QUICK,
                                        life->chip != NULL ? BINDING_TPM : BINDING_NONE,
                                        &entropy_system, &store, &error),
                     STATUS_OK);
    put_records(squad, 0, store);
    if (life->is_strict) {
        put_strictness(store);
    } else if (life->hears) {
        put_hearing(store);
    }
    store_close(store);
    if (life->has_other) {
        make_other_store(life, squad);
    }
    add_credential(life);
    add_group(life, squad);
    squad_free(squad);
}

/* --- The program ------------------------------------------------------------------------------ */

static const char *program(void) {
    static char path[512];
    const char *build = getenv("MUSTER_BUILD");
    snprintf(path, sizeof path, "%.400s/muster", build != NULL ? build : "build/release");
    return path;
}

static const char *port_of_test(void) {
    static char port[8];
    snprintf(port, sizeof port, "%u", 20000 + (unsigned)getpid() % 20000);
    return port;
}

static void start(struct life *life) {
    struct winsize size = {.ws_col = 80, .ws_row = 24};
    char store[SCRATCH_PATH_SIZE], log[SCRATCH_PATH_SIZE], heard[SCRATCH_PATH_SIZE];
    const char *port = port_of_test();
    snprintf(store, sizeof store, "%s", store_of(life));
    snprintf(log, sizeof log, "%s", scratch_path(life->state, "log"));
    snprintf(heard, sizeof heard, "%s", scratch_path(life->state, "heard"));
    life->pid = forkpty(&life->terminal, NULL, NULL, &size);
    if (life->pid == 0) {
        setenv("TERM", "xterm", 1);
        execl(program(), "muster", "--store", store, "--interface", "lo", "--port", port, "--log",
              log, "--tpm", life->chip != NULL ? life->chip->name : "device:/dev/no_such_tpm",
              life->hears ? "--record" : "--sound", life->hears ? heard : "silence", (char *)NULL);
        _exit(127);
    }
    assert_true(life->pid > 0);
}

static bool is_running(struct life *life) {
    if (life->pid > 0 && waitpid(life->pid, NULL, WNOHANG) == life->pid) {
        life->pid = 0;
    }
    return life->pid > 0;
}

/* Reads what it draws, so that it goes on drawing. */
static void watch(struct life *life) {
    char octets[4096];
    struct pollfd terminal = {.fd = life->terminal, .events = POLLIN};
    if (poll(&terminal, 1, 20) > 0 && (terminal.revents & POLLIN) != 0) {
        ssize_t length = read(life->terminal, octets, sizeof octets);
        (void)length;
    }
}

static void press(struct life *life, const char *keys) {
    assert_int_equal(write(life->terminal, keys, strlen(keys)), (ssize_t)strlen(keys));
    for (int64_t until = now_ms(CLOCK_MONOTONIC) + 100; now_ms(CLOCK_MONOTONIC) < until;) {
        watch(life);
    }
}

static bool state_is(struct life *life, const char *wanted) {
    char path[CONTROL_PATH_SIZE];
    json_t *answer;
    struct error error;
    control_path(store_of(life), path);
    enum status status = control_ask(path, "status", &answer, &error);
    const char *state = json_string_value(json_object_get(answer, "state"));
    bool is = status == STATUS_OK && state != NULL && strcmp(state, wanted) == 0;
    json_decref(answer);
    return is;
}

static void wait_for(struct life *life, const char *state) {
    for (int64_t until = now_ms(CLOCK_MONOTONIC) + PATIENCE_MS; !state_is(life, state);) {
        assert_true(is_running(life) && now_ms(CLOCK_MONOTONIC) < until);
        watch(life);
    }
}

static void wait_for_end(struct life *life) {
    for (int64_t until = now_ms(CLOCK_MONOTONIC) + PATIENCE_MS; is_running(life);) {
        assert_true(now_ms(CLOCK_MONOTONIC) < until);
        watch(life);
    }
}

static void unlock(struct life *life) {
    press(life, passphrase);
    press(life, "\r");
    wait_for(life, "ready");
    press(life, "2");  /* the groups, */
    press(life, "\r"); /* and this one with its members */
    press(life, "5");
}

static void begin_life(struct life *life) {
    make_store(life);
    start(life);
    wait_for(life, "locked");
    unlock(life);
}

static struct life begin(void **state) {
    struct life life = {.state = state, .terminal = -1};
    begin_life(&life);
    return life;
}

static void end(struct life *life) {
    if (is_running(life)) {
        kill(life->pid, SIGKILL);
        (void)waitpid(life->pid, NULL, 0);
    }
    close(life->terminal);
}

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
static void search_memory_of(const struct life *life, pid_t pid, size_t counts[NEEDLES_MAX]) {
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

static void search_memory(const struct life *life, size_t counts[NEEDLES_MAX]) {
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

static void assert_memory(const struct life *life, bool is_there) {
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
static void add_store_key(struct life *life) {
    struct key_file file = {0};
    struct error error;
    assert_int_equal(key_file_read(store_of(life), &file, &error), STATUS_OK);
    add(life, "a key of the key file", file.keys[0], sizeof file.keys[0]);
    add(life, "the other key of the key file", file.keys[1], sizeof file.keys[1]);
}

static size_t files_left(const struct life *life) {
    char folder[SCRATCH_PATH_SIZE];
    snprintf(folder, sizeof folder, "%s", scratch_path(life->state, "."));
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;
    assert_non_null(entries);
    while ((entry = readdir(entries)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    closedir(entries);
    return count;
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
    struct life life = begin(state);
    size_t counts[NEEDLES_MAX];
    add_store_key(&life);
    assert_memory(&life, true);
    add(&life, "the passphrase", passphrase, strlen(passphrase)); /* gone from the handset, too */
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
    end(&life);
}

static void a_locked_handset_has_nothing_of_its_store_in_memory_and_opens_again(void **state) {
    struct life life = begin(state);
    add_store_key(&life);
    assert_memory(&life, true);
    for (int round = 0; round < 2; round++) {
        if (round == 0) {
            press(&life, "\013"); /* Ctrl-K */
        } else {
            char path[CONTROL_PATH_SIZE];
            json_t *answer;
            struct error error;
            control_path(store_of(&life), path);
            assert_int_equal(control_ask(path, "lock", &answer, &error), STATUS_OK);
            json_decref(answer);
            assert_true(state_is(&life, "locked"));
        }
        wait_for(&life, "locked");
        life.count -= 2; /* they change with what is saved */
        add(&life, "the passphrase", passphrase, strlen(passphrase));
        assert_memory(&life, false);
        life.count--;
        unlock(&life);
        assert_memory(&life, true);
        add_store_key(&life);
    }
    end(&life);
}

static void a_wrong_passphrase_opens_nothing_and_leaves_nothing(void **state) {
    struct life life = begin(state);
    press(&life, "\013");
    wait_for(&life, "locked");
    press(&life, "wandering copper lanterns\r");
    wait_for(&life, "locked");
    assert_memory(&life, false);
    end(&life);
}

static void it_locks_by_itself_unless_a_key_is_pressed(void **state) {
    struct life life = {.state = state, .terminal = -1, .is_strict = true};
    begin_life(&life);
    int64_t began_ms = now_ms(CLOCK_MONOTONIC);
    while (now_ms(CLOCK_MONOTONIC) - began_ms < SETTINGS_LOCK_AFTER_LEAST_MS + 500) {
        press(&life, "1");
        if (!state_is(&life, "ready")) { /* only where the test itself was held up for so long */
            break;
        }
    }
    int64_t pressed_ms = now_ms(CLOCK_MONOTONIC);
    wait_for(&life, "locked");
    assert_true(now_ms(CLOCK_MONOTONIC) - pressed_ms > SETTINGS_LOCK_AFTER_LEAST_MS / 2);
    assert_memory(&life, false);
    end(&life);
}

/* The key that the TPM gives out is in memory while the store is opened alone. */
static void add_binding(struct life *life) {
    char path[BINDING_PATH_SIZE];
    uint8_t file[BINDING_FILE_MAX], key[HEAD_BINDING_SIZE];
    struct error error;
    const size_t before = 1 + STORE_ID_SIZE;
    binding_path(store_of(life), path);
    FILE *from = fopen(path, "r");
    size_t length = fread(file, 1, sizeof file, from);
    fclose(from);
    assert_int_equal(
        tpm_open((struct span){file + before, length - before - SEAL_HASH_SIZE}, key, &error),
        STATUS_OK);
    add(life, "the binding's key", key, sizeof key);
}

static void assert_binding_is_nowhere(const struct life *life) {
    size_t counts[NEEDLES_MAX];
    search_memory(life, counts);
    assert_true(counts[0] > 0); /* the search finds what is there */
    assert_int_equal(counts[life->count - 1], 0);
}

static void a_bound_handset_opens_with_its_tpm_and_keeps_nothing_of_it(void **state) {
    struct chip chip;
    struct life life = {.state = state, .terminal = -1, .chip = &chip};
    if (!chip_is_possible()) {
        skip();
    }
    chip_on(&chip, scratch_path(state, "chip"));
    make_store(&life);
    start(&life);
    wait_for(&life, "locked");
    unlock(&life);
    add_binding(&life);
    assert_binding_is_nowhere(&life);
    press(&life, "\013");
    wait_for(&life, "locked");
    assert_memory(&life, false);
    unlock(&life);
    assert_binding_is_nowhere(&life);
    press(&life, "\030");
    press(&life, "Z");
    wait_for_end(&life);
    end(&life);
    chip_off(&chip);
    chip_discard(chip.folder);
    assert_int_equal(files_left(&life), 0);
}

/* Neither is a passphrase asked for. */
static void a_bound_handset_without_its_tpm_ends_at_once(void **state) {
    struct chip chip;
    struct life life = {.state = state, .terminal = -1, .chip = &chip};
    if (!chip_is_possible()) {
        skip();
    }
    chip_on(&chip, scratch_path(state, "chip"));
    make_store(&life);
    chip_off(&chip);
    chip_discard(chip.folder);
    start(&life);
    wait_for_end(&life);
    end(&life);
}

/* So many were wrong, and the wait after them is over. */
static void pretend_wrong(const char *path, unsigned wrong) {
    char text[200], boot[64] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    assert_int_equal(fscanf(file, "%36s", boot), 1);
    fclose(file);
    int length = snprintf(text, sizeof text, "wrong %u erase-after 5 boot %s since %lld\n", wrong,
                          boot, (long long)now_ms(CLOCK_BOOTTIME) - ATTEMPTS_LONGEST_WAIT_MS);
    scratch_write(path, (struct span){(const uint8_t *)text, (size_t)length});
}

/* The last wrong passphrase but one was given long ago: nobody waits for it here. */
static void one_wrong_passphrase_too_many_erases_everything(void **state) {
    struct life life = {.state = state, .terminal = -1, .is_strict = true};
    begin_life(&life);
    char path[ATTEMPTS_PATH_SIZE];
    struct attempts attempts;
    press(&life, "\013");
    wait_for(&life, "locked");
    attempts_look(store_of(&life), &attempts);
    assert_int_equal(attempts.erase_after, 5);
    attempts_path(store_of(&life), path);
    pretend_wrong(path, 4);
    press(&life, "not this\r");
    wait_for_end(&life);
    assert_int_equal(files_left(&life), 0);
    end(&life);
}

static void zeroising_from_the_screen_leaves_no_file(void **state) {
    struct life life = begin(state);
    assert_true(files_left(&life) >= 4); /* the store, its keys, the attempts, the log */
    press(&life, "\030");                /* Ctrl-X */
    press(&life, "z");                   /* is not what confirms */
    assert_true(state_is(&life, "ready"));
    press(&life, "Z");
    wait_for_end(&life);
    assert_int_equal(files_left(&life), 0);
    end(&life);
}

static void zeroising_from_the_lock_screen_needs_no_passphrase(void **state) {
    struct life life = begin(state);
    press(&life, "\013");
    wait_for(&life, "locked");
    press(&life, "half a pass");
    press(&life, "\030");
    press(&life, "\033"); /* not yet */
    wait_for(&life, "locked");
    assert_true(files_left(&life) >= 4);
    press(&life, "\030");
    press(&life, "Z");
    wait_for_end(&life);
    assert_int_equal(files_left(&life), 0);
    end(&life);
}

static void run(struct life *life, const char *const arguments[]) {
    pid_t pid = fork();
    if (pid == 0) {
        int nowhere = open("/dev/null", O_RDWR);
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        execv(program(), (char *const *)arguments);
        _exit(127);
    }
    int status;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        watch(life);
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void zeroising_from_a_shell_ends_the_running_handset(void **state) {
    struct life life = begin(state);
    char store[SCRATCH_PATH_SIZE];
    snprintf(store, sizeof store, "%s", store_of(&life));
    run(&life, (const char *const[]){"muster", "zeroise", "--yes", "--store", store, NULL});
    wait_for_end(&life);
    assert_int_equal(files_left(&life), 0);
    end(&life);
}

static void zeroising_from_a_shell_needs_no_running_handset(void **state) {
    struct life life = {.state = state, .terminal = open("/dev/null", O_RDWR)};
    char store[SCRATCH_PATH_SIZE];
    make_store(&life);
    snprintf(store, sizeof store, "%s", store_of(&life));
    run(&life, (const char *const[]){"muster", "zeroise", "--yes", "--store", store, NULL});
    assert_int_equal(files_left(&life), 0);
    end(&life);
}

static void a_store_is_bound_and_unbound_from_a_shell(void **state) {
    struct chip chip;
    struct life life = {.state = state, .terminal = open("/dev/null", O_RDWR)};
    char store[SCRATCH_PATH_SIZE], secret[SCRATCH_PATH_SIZE];
    if (!chip_is_possible()) {
        skip();
    }
    make_store(&life);
    snprintf(store, sizeof store, "%s", store_of(&life));
    snprintf(secret, sizeof secret, "%s", scratch_path(state, "passphrase"));
    scratch_write(secret, span_of_text(passphrase));
    chip_on(&chip, scratch_path(state, "chip"));
    run(&life, (const char *const[]){"muster", "bind", "--store", store, "--passphrase-file",
                                     secret, "--tpm", chip.name, NULL});
    assert_true(binding_exists(store));
    run(&life, (const char *const[]){"muster", "unbind", "--store", store, "--passphrase-file",
                                     secret, "--tpm", chip.name, NULL});
    assert_false(binding_exists(store));
    chip_off(&chip);
    chip_discard(chip.folder);
    end(&life);
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
static void let_other_talk(struct life *life) {
    char store[SCRATCH_PATH_SIZE], secret[SCRATCH_PATH_SIZE], script[SCRATCH_PATH_SIZE];
    snprintf(store, sizeof store, "%s", other_store_of(life));
    snprintf(secret, sizeof secret, "%s", scratch_path(life->state, "passphrase"));
    snprintf(script, sizeof script, "%s", scratch_path(life->state, "script"));
    scratch_write(secret, span_of_text(passphrase));
    scratch_write(script, span_of_text(other_script));
    run(life,
        (const char *const[]){"muster", "--store", store, "--passphrase-file", secret, "--script",
                              script, "--voice", "fixtures/voice/bridge.wav", "--interface", "lo",
                              "--port", port_of_test(), "--tpm", "device:/dev/no_such_tpm", NULL});
}

/* So many samples that are no silence has the loudspeaker played. */
static size_t samples_heard(const struct life *life) {
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

static void wait_until_heard(struct life *life, size_t count) {
    for (int64_t until = now_ms(CLOCK_MONOTONIC) + PATIENCE_MS; samples_heard(life) < count;) {
        assert_true(is_running(life) && now_ms(CLOCK_MONOTONIC) < until);
        watch(life);
    }
}

/* Also while somebody talks and after that. */
static void a_handset_that_hears_while_locked_keeps_the_keys_to_hear_with_alone(void **state) {
    struct life life = {.state = state, .terminal = -1, .hears = true, .has_other = true};
    begin_life(&life);
    add_store_key(&life);
    assert_memory(&life, true);
    press(&life, "\013");
    wait_for(&life, "locked");
    life.count -= 2; /* they change with what is saved */
    add_store_key(&life);
    add(&life, "the passphrase", passphrase, strlen(passphrase));
    assert_memory(&life, false);
    assert_int_equal(samples_heard(&life), 0);
    let_other_talk(&life);
    wait_until_heard(&life, VOICE_RATE / 2);
    assert_memory(&life, false);
    assert_true(state_is(&life, "locked"));
    life.count -= 3;
    unlock(&life);
    assert_memory(&life, true);
    end(&life);
}

static void zeroising_one_that_hears_while_locked_leaves_no_file(void **state) {
    struct life life = {.state = state, .terminal = -1, .hears = true};
    begin_life(&life);
    press(&life, "\013");
    wait_for(&life, "locked");
    press(&life, "\030");
    press(&life, "Z");
    wait_for_end(&life);
    assert_int_equal(files_left(&life), 0);
    end(&life);
}

/* Somebody has put another one there, of the same passphrase, with nothing in it. */
static void one_whose_store_was_replaced_meanwhile_opens_that(void **state) {
    struct life life = {.state = state, .terminal = -1, .hears = true};
    struct store *store;
    struct error error;
    begin_life(&life);
    press(&life, "\013");
    wait_for(&life, "locked");
    store_discard(store_of(&life));
    assert_int_equal(store_create_bound(store_of(&life), span_of_text(passphrase), STORE_QUICK,
                                        BINDING_NONE, &entropy_system, &store, &error),
                     STATUS_OK);
    store_close(store);
    press(&life, passphrase);
    press(&life, "\r");
    wait_for(&life, "not-enrolled");
    end(&life);
}

#define LIFE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        LIFE(a_locked_handset_has_nothing_of_its_store_in_memory_and_opens_again),
        LIFE(the_processes_of_radios_hold_no_secret),
        LIFE(a_wrong_passphrase_opens_nothing_and_leaves_nothing),
        LIFE(a_bound_handset_opens_with_its_tpm_and_keeps_nothing_of_it),
        LIFE(a_bound_handset_without_its_tpm_ends_at_once),
        LIFE(it_locks_by_itself_unless_a_key_is_pressed),
        LIFE(one_wrong_passphrase_too_many_erases_everything),
        LIFE(zeroising_from_the_screen_leaves_no_file),
        LIFE(zeroising_from_the_lock_screen_needs_no_passphrase),
        LIFE(zeroising_from_a_shell_ends_the_running_handset),
        LIFE(zeroising_from_a_shell_needs_no_running_handset),
        LIFE(a_store_is_bound_and_unbound_from_a_shell),
        LIFE(a_handset_that_hears_while_locked_keeps_the_keys_to_hear_with_alone),
        LIFE(zeroising_one_that_hears_while_locked_leaves_no_file),
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
