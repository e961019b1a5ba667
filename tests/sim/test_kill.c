/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handsets with real stores on disk, killed (SIGKILL) at everything that they do while a group is
 * made and rekeyed: each output, each batch as it goes to the worker, before it is written and
 * after, before the worker has reported. What the stores hold afterwards must be a state that
 * app/README.md section 5 allows: confirmed groups alone, and every key for which a receipt may
 * have been sent.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/handset/d2d/d2d.h"
#include "app/programs/durable.h"
#include "app/store/store.h"
#include "tests/sim/domain.h"
#include "tests/sim/provider_cache.h"
#include "transport/loopback.h"

enum {
    UNITS = 3,
    GMKS = 2, /* that of the new group, and that of the rekey, which leaves the last handset out */
    STEP_MS = 10,
    DISK_MS = 50, /* so long the worker takes, while everything else goes on */
    BEGIN_MS = 1000,
    LIFE_MS = 8000,
    PERIOD_MS = 600000,
    PATH_SIZE = 64,
};

static const int64_t UTC_MS = INT64_C(1795000000000);
static char folder[] = "/tmp/muster-kill-XXXXXX";

/* What was seen from outside before the kill; in memory that outlives the killed process. */
struct witness {
    unsigned deeds;
    bool finished;
    size_t gmk_count;
    uint32_t ids[GMKS];
    uint8_t gmks[GMKS][16];
    bool confirmed[GMKS][UNITS]; /* by the handset's officer */
    bool promised[GMKS][UNITS];  /* the handset, having the key, said a record on a D2D connection:
                                  * to  hand it out, or to give the receipt */
};

struct life;

struct unit {
    struct life *life;
    struct store *store;
    struct handset *engine;
    struct durable *durable;
    const struct batch *const *writing; /* what the worker has; or NULL */
    size_t writing_count;
    int64_t written_ms; /* when it is done */
    struct transport *port;
    struct entropy_seeded seeded;
};

struct life {
    struct unit units[UNITS];
    struct air *air;
    int64_t now_ms;
    unsigned kill_at;
    struct witness *witness;
};

static void must(bool well, const char *what) {
    if (!well) {
        fprintf(stderr, "test_kill: %s\n", what);
        abort();
    }
}

static void path_of(char path[PATH_SIZE], const char *kind, size_t n) {
    snprintf(path, PATH_SIZE, "%s/%s%zu", folder, kind, n);
}

static struct moment moment_of(const struct life *life) {
    return (struct moment){.utc_ms = UTC_MS + life->now_ms, .boot_ms = life->now_ms, .boot_id = 1};
}

/* --- Stores --- */

static const struct span passphrase = {(const uint8_t *)"three words here", 16};

/* A store with the credential of handset n and nothing else, to be copied for each life. */
static void make_store(size_t n) {
    char path[PATH_SIZE];
    struct store *store = NULL;
    struct error error;
    struct batch *batch = batch_new();
    const struct domain_member *member = domain_member(n);
    path_of(path, "new", n);
    must(batch != NULL, "memory");
    must(batch_put(batch, RECORD_CREDENTIAL, span_of_text(member->identity),
                   (struct span){member->credential, member->credential_length}) == STATUS_OK,
         "batch");
    must(store_create(path, passphrase, STORE_QUICK, &entropy_system, &store, &error) == STATUS_OK,
         "store_create");
    must(store_apply(store, batch, &error) == STATUS_OK, "store_apply");
    store_close(store);
    batch_free(batch);
}

static void copy_file(const char *from, const char *to, const char *ending) {
    char source[PATH_SIZE + 8], target[PATH_SIZE + 8];
    uint8_t octets[8192];
    snprintf(source, sizeof source, "%s%s", from, ending);
    snprintf(target, sizeof target, "%s%s", to, ending);
    FILE *in = fopen(source, "rb");
    FILE *out = fopen(target, "wb");
    must(in != NULL && out != NULL, "copying a store");
    for (size_t got; (got = fread(octets, 1, sizeof octets, in)) > 0;) {
        must(fwrite(octets, 1, got, out) == got, "copying a store");
    }
    fclose(in);
    must(fclose(out) == 0, "copying a store");
}

static void copy_store(size_t n) {
    char from[PATH_SIZE];
    char to[PATH_SIZE];
    path_of(from, "new", n);
    path_of(to, "unit", n);
    store_discard(to);
    copy_file(from, to, "");
    copy_file(from, to, "-keys");
}

static enum status restore(void *context, enum record_kind kind, struct span key,
                           struct span value) {
    return handset_restore(context, kind, key, value);
}

/* Opens the store of handset n and starts an engine from it. */
static enum status start(struct life *life, size_t n) {
    struct unit *unit = &life->units[n];
    char path[PATH_SIZE];
    struct error error;
    struct handset_setup setup = {.provider = provider_cache(),
                                  .entropy = entropy_from_seed(&unit->seeded, n)};
    path_of(path, "unit", n);
    enum status status = store_open(path, passphrase, &unit->store, &error);
    if (status == STATUS_OK) {
        status = handset_new(&setup, moment_of(life), &unit->engine);
    }
    if (status == STATUS_OK) {
        status = store_load(unit->store, restore, unit->engine, &error);
    }
    return status == STATUS_OK ? handset_start(unit->engine, moment_of(life)) : status;
}

/* --- A life, in a process of its own --- */

/* Something is about to be done: perhaps it never is. */
static void do_one_more(struct life *life) {
    if (++life->witness->deeds == life->kill_at) {
        raise(SIGKILL);
    }
}

/* An OPEN and a HELLO carry no record. */
static void note_promises(const struct unit *unit, struct span octets) {
    struct witness *witness = unit->life->witness;
    struct frame frame;
    struct d2d_head head;
    uint8_t gmk[16];
    if (frame_read(octets, &frame) != STATUS_OK || frame.kind != FRAME_D2D ||
        d2d_head_read(frame.payload, &head) != STATUS_OK ||
        (head.step != D2D_REQUEST && head.step != D2D_RESPONSE)) {
        return;
    }
    for (size_t g = 0; g < witness->gmk_count; g++) {
        if (handset_reveal_gmk(unit->engine, witness->ids[g], gmk)) {
            witness->promised[g][unit - unit->life->units] = true;
        }
    }
}

static void send_frame(void *context, const struct output *output) {
    struct unit *unit = context;
    do_one_more(unit->life);
    note_promises(unit, output->frame);
    (void)unit->port->kind->send(unit->port, output->peer, LANE_REST, output->frame.octets,
                                 output->frame.length);
}

static void pass_over(void *context, const struct output *output) {
    const struct unit *unit = context;
    (void)output;
    do_one_more(unit->life);
}

static void alarm_officer(void *context, const struct event *event) {
    (void)context;
    must(event_weight(event->kind) != LOG_WARNING, event_name(event->kind));
}

static void write_batches(void *context, const struct batch *const batches[], size_t count) {
    struct unit *unit = context;
    do_one_more(unit->life);
    unit->writing = batches;
    unit->writing_count = count;
    unit->written_ms = unit->life->now_ms + DISK_MS;
}

static void write_on(struct unit *unit) {
    struct error error;
    if (unit->writing == NULL || unit->life->now_ms < unit->written_ms) {
        return;
    }
    do_one_more(unit->life);
    enum status status = store_apply_all(unit->store, unit->writing, unit->writing_count, &error);
    must(status == STATUS_OK, "store_apply_all");
    do_one_more(unit->life);
    unit->writing = NULL;
    durable_written(unit->durable, unit->life->now_ms, STATUS_OK, NULL);
}

static void begin_outputs(struct life *life, size_t n) {
    struct unit *unit = &life->units[n];
    const struct durable_hands hands = {.context = unit,
                                        .send = send_frame,
                                        .relay = pass_over,
                                        .tell = pass_over,
                                        .alarm = alarm_officer};
    const struct durable_worker worker = {.context = unit, .write = write_batches};
    unit->life = life;
    unit->durable = durable_new(unit->engine, &hands, &worker);
    must(unit->durable != NULL, "memory");
}

static void take_outputs(struct life *life, size_t n) {
    durable_settle(life->units[n].durable, life->now_ms);
}

struct delivery {
    struct life *life;
    size_t n;
};

static void deliver(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct delivery *delivery = context;
    handset_frame(delivery->life->units[delivery->n].engine, moment_of(delivery->life), peer,
                  (struct span){frame, length});
    take_outputs(delivery->life, delivery->n);
}

static void run(struct life *life, int64_t ms) {
    for (int64_t until = life->now_ms + ms; life->now_ms < until;) {
        life->now_ms += STEP_MS;
        air_advance(life->air, life->now_ms);
        for (size_t n = 0; n < UNITS; n++) {
            struct unit *unit = &life->units[n];
            struct delivery delivery = {life, n};
            (void)unit->port->kind->receive(unit->port, deliver, &delivery);
            write_on(unit);
            handset_tick(unit->engine, moment_of(life));
            take_outputs(life, n);
        }
    }
}

static void command(struct life *life, size_t n, const struct command *command) {
    struct event problem;
    enum status status = handset_command(life->units[n].engine, moment_of(life), command, &problem);
    must(status == STATUS_OK, event_name(problem.kind));
}

static const struct view *view_of(struct life *life, size_t n) {
    return handset_view(life->units[n].engine, moment_of(life));
}

/* The first handset's officer has a GMK made for itself and those up to `last`. */
static void make_gmk(struct life *life, enum command_kind kind, size_t last) {
    struct witness *witness = life->witness;
    struct command make = {.kind = kind, .period_ms = PERIOD_MS, .name = "Bridge"};
    for (size_t n = 1; n <= last; n++) {
        memcpy(make.members[make.member_count++], domain_member(n)->identity, IDENTITY_SIZE);
    }
    if (kind == COMMAND_REKEY_GROUP) {
        memcpy(make.group, view_of(life, 0)->groups[0].identity, sizeof make.group);
    }
    command(life, 0, &make);
    size_t g = witness->gmk_count;
    witness->ids[g] = view_of(life, 0)->groups[0].gmk_id;
    must(handset_reveal_gmk(life->units[0].engine, witness->ids[g], witness->gmks[g]), "a new GMK");
    witness->confirmed[g][0] = true;
    witness->gmk_count++;
    take_outputs(life, 0);
}

static void everyone_accepts(struct life *life) {
    for (size_t n = 0; n < UNITS; n++) {
        const struct view *view = view_of(life, n);
        if (view->invitation_count > 0) {
            struct command accept = {.kind = COMMAND_ACCEPT, .invitation = view->invitations[0].id};
            command(life, n, &accept);
            life->witness->confirmed[life->witness->gmk_count - 1][n] = true;
            take_outputs(life, n);
        }
    }
}

static void live(struct witness *witness, unsigned kill_at) {
    struct life life = {.now_ms = BEGIN_MS, .kill_at = kill_at, .witness = witness};
    life.air = air_new(1);
    must(life.air != NULL, "memory");
    for (size_t n = 0; n < UNITS; n++) {
        must(start(&life, n) == STATUS_OK, "starting a new handset");
        life.units[n].port = air_open_port(life.air, (unsigned)n + 1);
        begin_outputs(&life, n);
        /* Each key is one that the handset's officer said yes to. */
        const struct command ask = {.kind = COMMAND_TAKE_KEYS, .on = 0};
        command(&life, n, &ask);
    }
    run(&life, 300);
    make_gmk(&life, COMMAND_CREATE_GROUP, 2);
    run(&life, 1000);
    everyone_accepts(&life);
    run(&life, 2000);
    make_gmk(&life, COMMAND_REKEY_GROUP, 1);
    run(&life, 1000);
    everyone_accepts(&life);
    run(&life, 2000);
    witness->finished = true;
    raise(SIGKILL);
}

/* --- What is left --- */

/* A key that was promised is held until the next takes its place, which leaves one unit out: from
 * then on the earlier one is gone. */
static void check_holding(const struct witness *witness, const struct handset *engine, size_t n) {
    bool next_held = false;
    for (size_t g = witness->gmk_count; g-- > 0;) {
        uint8_t gmk[16];
        bool held = handset_reveal_gmk(engine, witness->ids[g], gmk);
        if (held) {
            assert_memory_equal(gmk, witness->gmks[g], sizeof gmk);
            assert_true(witness->confirmed[g][n]);
        }
        assert_false(held && next_held);
        if (witness->promised[g][n]) {
            assert_true(held || next_held);
        }
        next_held = held;
    }
}

static void check_view(const struct witness *witness, const struct view *view) {
    assert_in_range(view->group_count, 0, 1);
    assert_int_equal(view->invitation_count, 0);
    for (size_t i = 0; i < view->group_count; i++) {
        const struct view_group *group = &view->groups[i];
        bool known = false;
        for (size_t g = 0; g < witness->gmk_count; g++) {
            known = known || (group->gmk_id == witness->ids[g] &&
                              group->member_count == (g == 0 ? UNITS : UNITS - 1));
        }
        assert_true(known);
    }
}

/* A creator counts as accepted only who holds the key. */
static void check_accepted(const struct life *life, const struct view *creator) {
    for (size_t i = 0; i < creator->group_count; i++) {
        const struct view_group *group = &creator->groups[i];
        for (size_t m = 0; m < group->member_count; m++) {
            uint8_t gmk[16];
            size_t n = domain_find(group->members[m].identity);
            if (group->members[m].state == MEMBER_ACCEPTED) {
                assert_true(handset_reveal_gmk(life->units[n].engine, group->gmk_id, gmk));
            }
        }
    }
}

static void check_what_is_left(const struct witness *witness) {
    struct life after = {.now_ms = BEGIN_MS + LIFE_MS};
    for (size_t n = 0; n < UNITS; n++) {
        assert_int_equal(start(&after, n), STATUS_OK);
        check_holding(witness, after.units[n].engine, n);
        check_view(witness, view_of(&after, n));
    }
    check_accepted(&after, view_of(&after, 0));
    for (size_t n = 0; n < UNITS; n++) {
        handset_free(after.units[n].engine);
        store_close(after.units[n].store);
    }
}

static void a_handset_killed_at_any_point_is_left_in_the_old_state_or_the_new(void **state) {
    struct witness *witness = *state;
    unsigned lives = 0;
    unsigned kill_at = 0;
    for (bool finished = false; !finished; lives++) {
        kill_at++;
        memset(witness, 0, sizeof *witness);
        for (size_t n = 0; n < UNITS; n++) {
            copy_store(n);
        }
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            live(witness, kill_at);
        }
        int how = 0;
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
        finished = witness->finished;
        check_what_is_left(witness);
    }
    print_message("killed at %u points of %u\n", lives - 1, witness->deeds);
    assert_int_equal(witness->gmk_count, GMKS);
    assert_true(witness->promised[0][1] && witness->promised[0][2] && witness->promised[1][1]);
    assert_false(witness->promised[1][2]);
}

static int prepare(void **state) {
    struct witness *witness =
        mmap(NULL, sizeof *witness, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (witness == MAP_FAILED || mkdtemp(folder) == NULL) {
        return -1;
    }
    domain_issue(provider_cache());
    for (size_t n = 0; n < UNITS; n++) {
        make_store(n);
    }
    *state = witness;
    return 0;
}

static int clear(void **state) {
    munmap(*state, sizeof(struct witness));
    for (size_t n = 0; n < UNITS; n++) {
        char path[PATH_SIZE];
        path_of(path, "new", n);
        store_discard(path);
        path_of(path, "unit", n);
        store_discard(path);
    }
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_handset_killed_at_any_point_is_left_in_the_old_state_or_the_new, prepare, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
