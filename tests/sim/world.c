/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/world.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "crypto/i_message.h"

static const int64_t BEGIN_UTC_MS = INT64_C(1795000000000);
enum {
    BEGIN_MS = 1000,
    LOOK_EVERY_MS = 1000
};

unsigned world_chance(struct world *world, unsigned limit) {
    /* SplitMix64: every seed, small ones as well, gives its own history. */
    world->chance += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = world->chance;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return (unsigned)((z >> 32) % limit);
}

void world_note(struct world *world, const char *format, ...) {
    va_list arguments;
    fprintf(world->history, "%8.2f  ", (double)world->now_ms / 1000);
    va_start(arguments, format);
    vfprintf(world->history, format, arguments);
    va_end(arguments);
    fputc('\n', world->history);
}

void world_fail(struct world *world, const char *format, ...) {
    if (world->problem[0] != '\0') {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(world->problem, sizeof world->problem, format, arguments);
    va_end(arguments);
    world_note(world, "MUST NOT BE: %s", world->problem);
}

bool world_is_well(const struct world *world) {
    return world->problem[0] == '\0';
}

/* By how much more its clocks have moved in that time. */
static int64_t drifted(const struct unit *unit, int64_t ms) {
    return ms * unit->drift_ppm / 1000000;
}

static int64_t boot_age_ms(const struct unit *unit) {
    return unit->world->now_ms - unit->boot_began_ms;
}

struct moment world_moment(const struct world *world, size_t n) {
    const struct unit *unit = &world->units[n];
    return (struct moment){.utc_ms = world->begin_utc_ms + world->now_ms + unit->utc_offset_ms +
                                     drifted(unit, world->now_ms),
                           .boot_ms = boot_age_ms(unit) + drifted(unit, boot_age_ms(unit)),
                           .boot_id = unit->boot_id};
}

const struct view *world_view(struct world *world, size_t n) {
    return handset_view(world->units[n].engine, world_moment(world, n));
}

/* --- Durable records --- */

static struct durable_record *find_record(struct unit *unit, enum record_kind kind,
                                          struct span key) {
    for (size_t i = 0; i < unit->record_count; i++) {
        struct durable_record *record = &unit->records[i];
        if (record->kind == kind &&
            span_equal((struct span){record->key, record->key_length}, key)) {
            return record;
        }
    }
    return NULL;
}

static void record_delete(struct unit *unit, struct durable_record *record) {
    if (record != NULL) {
        free(record->value);
        *record = unit->records[--unit->record_count];
    }
}

static void record_put(struct unit *unit, enum record_kind kind, struct span key,
                       struct span value) {
    struct durable_record *record = find_record(unit, kind, key);
    if (record == NULL) {
        if (unit->record_count == WORLD_RECORDS_MAX || key.length > RECORD_KEY_MAX) {
            abort();
        }
        record = &unit->records[unit->record_count++];
        *record = (struct durable_record){.kind = kind, .key_length = key.length};
        memcpy(record->key, key.octets, key.length);
    }
    free(record->value);
    record->length = value.length;
    record->value = malloc(value.length + 1);
    if (record->value == NULL) {
        abort();
    }
    if (value.length > 0) {
        memcpy(record->value, value.octets, value.length);
    }
}

static size_t number_of(const struct unit *unit) {
    return (size_t)(unit - unit->world->units);
}

/* All of the batch at once: a store does nothing by half. */
static void apply(struct unit *unit, const struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_change *change = &batch->changes[i];
        struct span key = {change->key, change->key_length};
        if (change->is_delete) {
            record_delete(unit, find_record(unit, change->kind, key));
        } else {
            record_put(unit, change->kind, key, secret_span(change->value));
        }
        /* A key that came and ended since the last write was on the disk all the same. */
        unit->world->kind->stored(unit->world, number_of(unit));
    }
}

/* One thing more that it does, unless its time has come: then kill_after is 0. */
static bool lives_on(struct unit *unit) {
    bool lives = unit->kill_after != 0;
    unit->kill_after -= unit->kill_after > 0;
    return lives;
}

/* --- Outputs, until it dies --- */

static void send_frame(void *context, const struct output *output) {
    struct unit *unit = context;
    if (!lives_on(unit)) {
        return;
    }
    if (output->frame.length > FRAME_MAX) {
        world_fail(unit->world, "handset %zu says a frame of %zu octets", number_of(unit),
                   output->frame.length);
    }
    unit->world->kind->sent(unit->world, number_of(unit), output->frame);
    /* A full queue loses the frame, as the air may. */
    (void)unit->port->kind->send(unit->port, output->peer, LANE_REST, output->frame.octets,
                                 output->frame.length);
}

/* With one link it is asked for nothing. */
static void relay_frame(void *context, const struct output *output) {
    (void)context;
    (void)output;
    abort();
}

static void tell(void *context, const struct output *output) {
    struct unit *unit = context;
    if (lives_on(unit)) {
        unit->world->kind->told(unit->world, number_of(unit), output);
        unit->restless = true;
    }
}

static void alarm_officer(void *context, const struct event *event) {
    const struct unit *unit = context;
    world_fail(unit->world, "handset %zu cannot save: %s", number_of(unit),
               event_name(event->kind));
}

/* The worker begins. What it is given may be durable at any time until it reports. */
static void write_batches(void *context, const struct batch *const batches[], size_t count) {
    struct unit *unit = context;
    unit->writing = batches;
    unit->writing_count = count;
    unit->written_ms = unit->world->now_ms;
    if (unit->disk_ms > 0) {
        unit->written_ms += world_chance(unit->world, (unsigned)unit->disk_ms);
    }
    if (unit->dies_at_disk == DIES_QUEUED) {
        unit->kill_after = 0;
    }
}

/* The worker is done, if its time has come and it is not to die before. */
static void write_on(struct unit *unit) {
    struct world *world = unit->world;
    if (unit->kill_after == 0 || unit->writing == NULL || world->now_ms < unit->written_ms) {
        return;
    }
    if (unit->dies_at_disk == DIES_WRITING) {
        unit->kill_after = 0;
        return;
    }
    for (size_t i = 0; i < unit->writing_count; i++) {
        apply(unit, unit->writing[i]);
    }
    unit->writing = NULL;
    unit->restless = true;
    if (unit->dies_at_disk == DIES_WRITTEN) {
        unit->kill_after = 0;
    } else {
        durable_written(unit->durable, world->now_ms, STATUS_OK, NULL);
    }
}

/* --- Life and death --- */

static void start(struct world *world, size_t n) {
    struct unit *unit = &world->units[n];
    struct handset_setup setup = {.provider = world->kind->provider(), .entropy = unit->entropy};
    enum status status = handset_new(&setup, world_moment(world, n), &unit->engine);
    for (size_t i = 0; i < unit->record_count && status == STATUS_OK; i++) {
        const struct durable_record *record = &unit->records[i];
        status = handset_restore(unit->engine, record->kind,
                                 (struct span){record->key, record->key_length},
                                 (struct span){record->value, record->length});
    }
    if (status == STATUS_OK) {
        status = handset_start(unit->engine, world_moment(world, n));
    }
    if (status != STATUS_OK) {
        world_fail(world, "7: handset %zu does not start from its records: %s", n,
                   status_name(status));
    }
    const struct durable_hands hands = {.context = unit,
                                        .send = send_frame,
                                        .relay = relay_frame,
                                        .tell = tell,
                                        .alarm = alarm_officer};
    const struct durable_worker worker = {.context = unit, .write = write_batches};
    unit->durable = durable_new(unit->engine, &hands, &worker);
    if (unit->durable == NULL) {
        abort();
    }
    unit->writing = NULL;
    unit->kill_after = NOT_KILLED;
    unit->dies_at_disk = DIES_NOT;
    unit->restless = true;
}

void world_kill(struct world *world, size_t n, int64_t away_ms) {
    struct unit *unit = &world->units[n];
    world_note(world, "handset %zu dies, for %lld ms", n, (long long)away_ms);
    durable_free(unit->durable);
    handset_free(unit->engine);
    unit->durable = NULL;
    unit->engine = NULL;
    unit->port->kind->close(unit->port);
    unit->port = NULL;
    unit->died_ms = world->now_ms;
    unit->back_ms = world->now_ms + away_ms;
}

void world_set_clock(struct world *world, size_t n, int64_t by_ms) {
    world->units[n].utc_offset_ms += by_ms;
    world->units[n].was_set_back = world->units[n].was_set_back || by_ms < 0;
}

static void open_port(struct world *world, size_t n) {
    world->units[n].port = air_open_port(world->air, (unsigned)n + 1);
    if (world->units[n].port == NULL) {
        abort();
    }
}

void world_revive(struct world *world, size_t n, bool boots, int64_t clock_ms) {
    struct unit *unit = &world->units[n];
    world_note(world, "handset %zu is back%s, its clock moved by %lld s", n,
               boots ? ", newly booted" : "", (long long)clock_ms / 1000);
    world_set_clock(world, n, clock_ms);
    bool set_back = unit->was_set_back;
    if (boots) {
        unit->was_set_back = false;
        unit->boot_id += 1000;
        unit->boot_began_ms = world->now_ms - (int64_t)world_chance(world, 100000);
    }
    open_port(world, n);
    start(world, n);
    world->kind->revived(world, n, boots, set_back);
}

static void revive_some(struct world *world) {
    for (size_t n = 0; n < world->count; n++) {
        const struct unit *unit = &world->units[n];
        if (unit->engine == NULL && world->now_ms >= unit->back_ms) {
            world->kind->come_back(world, n);
        }
    }
}

/* --- Commands --- */

/* Carries out what handset n put out, until its time has come: then kill_after is 0. */
static void carry_out_all(struct world *world, size_t n) {
    struct unit *unit = &world->units[n];
    if (unit->kill_after != 0) {
        durable_settle(unit->durable, world->now_ms);
        write_on(unit);
    }
}

static void take_outputs(struct world *world, size_t n) {
    if (world->units[n].engine == NULL) {
        return;
    }
    carry_out_all(world, n);
    if (world->units[n].kill_after == 0) {
        world_kill(world, n, world_chance(world, 15000));
    }
}

enum status world_command(struct world *world, size_t n, const struct command *command) {
    struct event problem;
    enum status status =
        handset_command(world->units[n].engine, world_moment(world, n), command, &problem);
    if ((status == STATUS_OK) != (problem.kind == EVENT_NONE)) {
        world_fail(world, "a command's status and problem disagree: %s, '%s'", status_name(status),
                   event_name(problem.kind));
    }
    world->units[n].restless = true;
    if (status == STATUS_OK) {
        world->kind->commanded(world, n, command);
    } else {
        world_note(world, "    refused: %s", event_name(problem.kind));
    }
    take_outputs(world, n);
    return status;
}

/* --- Time --- */

struct delivery {
    struct world *world;
    size_t n;
};

static void deliver(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct delivery *delivery = context;
    struct unit *unit = &delivery->world->units[delivery->n];
    if (unit->engine == NULL || unit->kill_after == 0) {
        return;
    }
    delivery->world->kind->arrives(delivery->world, delivery->n, (struct span){frame, length});
    handset_frame(unit->engine, world_moment(delivery->world, delivery->n), peer,
                  (struct span){frame, length});
    /* The port must not be closed while it hands frames over: death comes after it. */
    carry_out_all(delivery->world, delivery->n);
    delivery->world->kind->arrived(delivery->world, delivery->n);
}

static void voice(struct world *world, size_t n) {
    struct unit *unit = &world->units[n];
    int16_t samples[VOICE_FRAME_SAMPLES] = {0};
    if (handset_is_talking(unit->engine)) {
        handset_speak(unit->engine, world_moment(world, n), 0, samples);
    }
    if (handset_listen(unit->engine, world_moment(world, n), samples)) {
        world->kind->heard(world, n);
    }
}

static void stop_talking(struct world *world, size_t n) {
    bool calls = world_view(world, n)->call_state != CALL_NONE;
    struct command end = {.kind = calls ? COMMAND_HANG_UP : COMMAND_TALK_END};
    world_note(world, "handset %zu stops talking", n);
    (void)world_command(world, n, &end);
}

static void step_unit(struct world *world, size_t n) {
    struct unit *unit = &world->units[n];
    struct delivery delivery = {world, n};
    (void)unit->port->kind->receive(unit->port, deliver, &delivery);
    if (unit->kill_after == 0) {
        world_kill(world, n, world_chance(world, 15000));
        return;
    }
    write_on(unit);
    struct moment now = world_moment(world, n);
    if (unit->kill_after != 0 && handset_deadline(unit->engine) <= now.boot_ms) {
        handset_tick(unit->engine, now);
    }
    if (unit->kill_after != 0 && handset_is_talking(unit->engine) &&
        world->now_ms >= unit->stops_talking_ms) {
        stop_talking(world, n);
    }
    if (unit->engine != NULL && world->now_ms % VOICE_FRAME_MS == 0) {
        voice(world, n);
    }
    take_outputs(world, n);
}

/* Then voice has to be taken and played every 20 ms. */
static bool somebody_talks(const struct world *world) {
    bool talks = world->kind->hears_voice(world);
    for (size_t n = 0; n < world->count; n++) {
        const struct handset *engine = world->units[n].engine;
        talks = talks || (engine != NULL && handset_is_talking(engine));
    }
    return talks;
}

/* The next moment at which anything is due, in whole steps. */
static int64_t next_ms(const struct world *world, int64_t until) {
    int64_t next = until;
    int64_t arrival;
    if (somebody_talks(world)) {
        return world->now_ms + WORLD_STEP_MS;
    }
    if (air_next_event(world->air, &arrival) && arrival < next) {
        next = arrival;
    }
    for (size_t n = 0; n < world->count; n++) {
        const struct unit *unit = &world->units[n];
        int64_t deadline = unit->engine == NULL ? 0 : handset_deadline(unit->engine);
        int64_t due = unit->engine == NULL ? unit->back_ms : deadline + unit->boot_began_ms;
        if (unit->engine != NULL && unit->writing != NULL && unit->written_ms < next) {
            next = unit->written_ms;
        }
        if (deadline != INT64_MAX) {
            next = due < next ? due : next;
        }
    }
    int64_t step = (next - world->now_ms + WORLD_STEP_MS - 1) / WORLD_STEP_MS * WORLD_STEP_MS;
    return world->now_ms + (step < WORLD_STEP_MS ? WORLD_STEP_MS : step);
}

void world_run(struct world *world, int64_t ms) {
    int64_t until = world->now_ms + ms;
    while (world->now_ms < until && world_is_well(world)) {
        world->now_ms = next_ms(world, until);
        air_advance(world->air, world->now_ms);
        revive_some(world);
        world->kind->go_on(world);
        for (size_t n = 0; n < world->count; n++) {
            if (world->units[n].engine != NULL) {
                step_unit(world, n);
            }
        }
        bool look_at_all = world->now_ms - world->looked_ms >= LOOK_EVERY_MS;
        world->looked_ms = look_at_all ? world->now_ms : world->looked_ms;
        world->kind->look(world, look_at_all);
    }
}

/* --- The whole --- */

/* A handset's randomness, from its own seed. The engine draws a TGK right after the 20 octets of
 * key id and RAND that go with it; TGKs come from a few, so that their encapsulations are
 * remembered. */
static enum status draw(void *context, uint8_t *out, size_t length) {
    enum {
        BEFORE_TGK = 4 + MIKEY_RAND_SIZE,
        TGKS = 4
    };
    struct unit *unit = context;
    bool is_tgk = length == SSV_SIZE && unit->last_draw == BEFORE_TGK;
    unit->last_draw = length;
    enum status status = entropy_draw(&unit->source, out, length);
    if (is_tgk) {
        out[0] %= TGKS;
        memset(out + 1, 0, length - 1);
    }
    return status;
}

void world_give_record(struct world *world, size_t n, enum record_kind kind, struct span key,
                       struct span value) {
    record_put(&world->units[n], kind, key, value);
}

struct world *world_new(const struct world_kind *kind, uint64_t seed, FILE *history) {
    struct world *world = calloc(1, sizeof *world);
    if (world == NULL) {
        abort();
    }
    world->kind = kind;
    world->seed = seed;
    world->chance = seed;
    world->history = history;
    world->begin_utc_ms = BEGIN_UTC_MS;
    world->now_ms = BEGIN_MS;
    world->air = air_new(seed);
    if (world->air == NULL) {
        abort();
    }
    air_advance(world->air, world->now_ms);
    kind->begin(world);
    for (size_t n = 0; n < world->count; n++) {
        struct unit *unit = &world->units[n];
        unit->source = entropy_from_seed(&unit->seeded, seed * 100 + n);
        unit->entropy = (struct entropy){draw, unit};
        unit->world = world;
        unit->disk_ms = world_chance(world, 3) == 0 ? 0 : world_chance(world, 400);
        unit->boot_id = n + 1;
        unit->boot_began_ms = -(int64_t)world_chance(world, 1000000);
        kind->settle(world, n);
        open_port(world, n);
        start(world, n);
        const struct command ask = {.kind = COMMAND_TAKE_KEYS, .on = 0};
        if (kind->asks_always && world_command(world, n, &ask) != STATUS_OK) {
            abort();
        }
    }
    return world;
}

void world_free(struct world *world) {
    for (size_t n = 0; n < world->count; n++) {
        struct unit *unit = &world->units[n];
        durable_free(unit->durable);
        handset_free(unit->engine);
        while (unit->record_count > 0) {
            record_delete(unit, &unit->records[0]);
        }
    }
    air_free(world->air);
    world->kind->end(world);
    free(world);
}
