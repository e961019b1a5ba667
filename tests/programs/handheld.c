/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "handheld.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/handset/keys/heard.h"
#include "app/identity/credential.h"
#include "app/programs/control.h"
#include "app/store/store.h"
#include "tests/app/squad.h"

const char handheld_passphrase[] = "wandering copper lantern";

int64_t handheld_now_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- What is secret --------------------------------------------------------------------------- */

void handheld_add(struct handheld *life, const char *what, const void *octets, size_t length) {
    struct needle *needle = &life->needles[life->count++];
    needle->what = what;
    needle->length = length < NEEDLE_MAX ? length : NEEDLE_MAX;
    memcpy(needle->octets, octets, needle->length);
}

static void add_credential(struct handheld *life) {
    struct credential *credential = credential_new();
    assert_int_equal(credential_read(squad_credential(0), credential), STATUS_OK);
    handheld_add(life, "the signing key", credential->ssk, sizeof credential->ssk);
    handheld_add(life, "the receiver key", credential->rsk + 1, NEEDLE_MAX);
    credential_free(credential);
}

/* Handset 0 of a squad of two that has made a group lately, by this machine's clock: so long ago
 * that after a restart nothing of now may have been heard before it (HEARD_RESERVE_MS). */
static struct squad *squad_of_now(void) {
    struct squad *squad = squad_new(2);
    int64_t ahead_ms =
        handheld_now_ms(CLOCK_REALTIME) - squad_now(squad, 0).utc_ms - 2 * HEARD_RESERVE_MS;
    for (size_t n = 0; n < 2; n++) {
        squad->handsets[n].utc_offset_ms += ahead_ms;
        squad_restart(squad, n, true);
    }
    squad_run(squad, 6000);
    squad_group(squad, HOUR_MS);
    squad_flush(squad, 0);
    return squad;
}

static void add_group(struct handheld *life, struct squad *squad) {
    uint8_t gmk[16];
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->group_count, 1);
    assert_true(handset_reveal_gmk(squad->handsets[0].engine, view->groups[0].gmk_id, gmk));
    handheld_add(life, "the group's key", gmk, sizeof gmk);
    handheld_add(life, "the group's identity", view->groups[0].identity,
                 strlen(view->groups[0].identity));
    handheld_add(life, "the group's name", view->groups[0].name, strlen(view->groups[0].name));
    handheld_add(life, "a member's identity", squad_identity(1), strlen(squad_identity(1)));
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

const char *handheld_store(struct handheld *life) {
    return scratch_path(life->state, "store");
}

const char *handheld_other_store(struct handheld *life) {
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

static void make_other_store(struct handheld *life, struct squad *squad) {
    struct store *store;
    struct error error;
    squad_flush(squad, 1);
    assert_int_equal(store_create_bound(handheld_other_store(life),
                                        span_of_text(handheld_passphrase), STORE_QUICK,
                                        BINDING_NONE, &entropy_system, &store, &error),
                     STATUS_OK);
    put_records(squad, 1, store);
    store_close(store);
}

void handheld_make_store(struct handheld *life) {
    struct store *store;
    struct error error;
    struct squad *squad = squad_of_now();
    assert_int_equal(store_create_bound(handheld_store(life), span_of_text(handheld_passphrase),
                                        STORE_QUICK,
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

const char *handheld_port(void) {
    static char port[8];
    snprintf(port, sizeof port, "%u", 20000 + (unsigned)getpid() % 12000);
    return port;
}

void handheld_start(struct handheld *life) {
    struct winsize size = {.ws_col = 80, .ws_row = 24};
    char store[SCRATCH_PATH_SIZE], log[SCRATCH_PATH_SIZE], heard[SCRATCH_PATH_SIZE];
    const char *port = handheld_port();
    snprintf(store, sizeof store, "%s", handheld_store(life));
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

bool handheld_is_running(struct handheld *life) {
    if (life->pid > 0 && waitpid(life->pid, NULL, WNOHANG) == life->pid) {
        life->pid = 0;
    }
    return life->pid > 0;
}

void handheld_watch(struct handheld *life) {
    char octets[4096];
    struct pollfd terminal = {.fd = life->terminal, .events = POLLIN};
    if (poll(&terminal, 1, 20) > 0 && (terminal.revents & POLLIN) != 0) {
        ssize_t length = read(life->terminal, octets, sizeof octets);
        (void)length;
    }
}

void handheld_press(struct handheld *life, const char *keys) {
    assert_int_equal(write(life->terminal, keys, strlen(keys)), (ssize_t)strlen(keys));
    for (int64_t until = handheld_now_ms(CLOCK_MONOTONIC) + 100;
         handheld_now_ms(CLOCK_MONOTONIC) < until;) {
        handheld_watch(life);
    }
}

bool handheld_state_is(struct handheld *life, const char *wanted) {
    char path[CONTROL_PATH_SIZE];
    json_t *answer;
    struct error error;
    control_path(handheld_store(life), path);
    enum status status = control_ask(path, "status", &answer, &error);
    const char *state = json_string_value(json_object_get(answer, "state"));
    bool is = status == STATUS_OK && state != NULL && strcmp(state, wanted) == 0;
    json_decref(answer);
    return is;
}

void handheld_wait_for(struct handheld *life, const char *state) {
    for (int64_t until = handheld_now_ms(CLOCK_MONOTONIC) + HANDHELD_PATIENCE_MS;
         !handheld_state_is(life, state);) {
        assert_true(handheld_is_running(life) && handheld_now_ms(CLOCK_MONOTONIC) < until);
        handheld_watch(life);
    }
}

void handheld_wait_for_end(struct handheld *life) {
    for (int64_t until = handheld_now_ms(CLOCK_MONOTONIC) + HANDHELD_PATIENCE_MS;
         handheld_is_running(life);) {
        assert_true(handheld_now_ms(CLOCK_MONOTONIC) < until);
        handheld_watch(life);
    }
}

void handheld_unlock(struct handheld *life) {
    handheld_press(life, handheld_passphrase);
    handheld_press(life, "\r");
    handheld_wait_for(life, "ready");
    handheld_press(life, "2");  /* the groups, */
    handheld_press(life, "\r"); /* and this one with its members */
    handheld_press(life, "5");
}

void handheld_begin_as(struct handheld *life) {
    handheld_make_store(life);
    handheld_start(life);
    handheld_wait_for(life, "locked");
    handheld_unlock(life);
}

struct handheld handheld_begin(void **state) {
    struct handheld life = {.state = state, .terminal = -1};
    handheld_begin_as(&life);
    return life;
}

void handheld_end(struct handheld *life) {
    if (handheld_is_running(life)) {
        kill(life->pid, SIGKILL);
        (void)waitpid(life->pid, NULL, 0);
    }
    close(life->terminal);
}

size_t handheld_files_left(const struct handheld *life) {
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

void handheld_run(struct handheld *life, const char *const arguments[]) {
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
        handheld_watch(life);
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}
