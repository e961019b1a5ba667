/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thief who has recorded everything takes one handset at a random moment, with all its keys, from
 * memory and from the disk (app/README.md section 5, 11): keys of groups, and its receiver key,
 * with which the connections recorded are searched for more. Histories by seed: two ad-hoc groups
 * of three handsets; they talk, sleep, start again, rekey, and let in who comes late, who opens
 * nothing of the hours before. To see one again, or to go on looking:
 *
 *   build/release/tests/attacks/test_theft FIRST LAST
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/keys/hours.h"
#include "crypto/gmk_hour.h"
#include "tests/app/wiretap.h"
#include "tests/sim/provider_cache.h"

enum {
    HANDSETS = 3,
    GROUPS = 2,
    MINUTE_MS = 60 * 1000,
#ifdef __SANITIZE_ADDRESS__
    SEEDS_ALL = 50, /* each costs more than twice as much */
#else
    SEEDS_ALL = 200,
#endif
    SEEDS_FEW = 20,
    DEEDS_MIN = 8,
    DEEDS_MORE = 14,
    PAUSE_MAX_MS = 25 * MINUTE_MS,
    IDLE_STEP_MS = 10000,    /* in which nobody talks; and for most of it a minute */
    SURE_MS = 3 * MINUTE_MS, /* after a start clocks are compared, and a step goes to the disk */
    RECORDED_MAX = 2000,
    OVERHEARD_MAX = 1000,
    STOLEN_MAX = 64,
    ENTRIES_MAX = 32,
    LATE = 1,       /* the handset that is not in the second group from the beginning, */
    LATE_GROUP = 1, /* and may be let in */
    CLOCKS_APART_MS = 10 * MINUTE_MS, /* so far ahead of another's a member may name an hour */
};

/* The second group is made by the last handset, with the first alone. */
static const size_t makers[GROUPS] = {0, 2};
static const bool is_member[GROUPS][HANDSETS] = {{true, true, true}, {true, false, true}};

/* An announcement as it was recorded: it holds the key of what was said under it. */
struct recorded {
    int64_t said_ms; /* boot clock */
    size_t group;
    size_t length;
    uint8_t octets[ANNOUNCEMENT_MAX];
};

/* A payload of a D2D connection; repetitions are left out. */
struct overheard {
    uint64_t to;
    struct span payload;
};

struct stolen {
    uint32_t gmk_id, hour;
    uint8_t key[GMK_SIZE];
};

/* The latecomer was let in under a GMK, whose hour then began at `since_ms`. */
struct entry {
    uint32_t gmk_id;
    int64_t since_ms; /* boot clock */
};

struct history {
    uint64_t chance;
    struct squad *squad;
    char groups[GROUPS][GROUP_IDENTITY_SIZE];
    int64_t made_ms; /* boot clock: the late group's GMK */
    bool is_late_in; /* the latecomer is, under the present GMK */
    size_t entry_count;
    struct entry entries[ENTRIES_MAX];
    size_t recorded_count;
    struct recorded recorded[RECORDED_MAX];
    size_t overheard_count;
    struct overheard overheard[OVERHEARD_MAX];
    size_t stolen_count;
    struct stolen stolen[STOLEN_MAX];
    unsigned connections;            /* searched */
    unsigned opened, shut, foreign;  /* announcements */
    unsigned late_opened, too_early; /* those of a latecomer's group: after and before it came */
};

static unsigned chance(struct history *history, unsigned limit) {
    history->chance =
        history->chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(history->chance >> 33) % limit;
}

/* --- What is recorded ----------------------------------------------------------------------- */

static void record(struct history *history, struct span octets) {
    struct announcement announcement;
    assert_int_equal(announcement_parse(octets, &announcement), STATUS_OK);
    assert_true(history->recorded_count < RECORDED_MAX);
    struct recorded *recorded = &history->recorded[history->recorded_count++];
    *recorded = (struct recorded){.said_ms = history->squad->boot_ms, .length = octets.length};
    memcpy(recorded->octets, octets.octets, octets.length);
    while (strcmp(history->groups[recorded->group], announcement.fields.group) != 0) {
        recorded->group++;
        assert_true(recorded->group < GROUPS);
    }
}

static void overhear(struct history *history, uint64_t to, struct span payload) {
    for (size_t i = 0; i < history->overheard_count; i++) {
        const struct span *earlier = &history->overheard[i].payload;
        if (earlier->length == payload.length &&
            memcmp(earlier->octets, payload.octets, payload.length) == 0) {
            return;
        }
    }
    uint8_t *copy = malloc(payload.length);
    assert_non_null(copy);
    memcpy(copy, payload.octets, payload.length);
    assert_true(history->overheard_count < OVERHEARD_MAX);
    history->overheard[history->overheard_count++] = (struct overheard){to, {copy, payload.length}};
}

static void run(struct history *history, int64_t ms) {
    struct squad *squad = history->squad;
    squad_run(squad, ms);
    for (size_t i = 0; i < squad->frame_count; i++) {
        struct reader r = reader_of(squad_payload(&squad->frames[i]));
        if (squad->frames[i].octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA) {
            record(history, read_span_u16(&r));
        } else if (squad->frames[i].octets[1] == FRAME_ANNOUNCEMENT) {
            record(history, squad_payload(&squad->frames[i]));
        } else if (squad->frames[i].octets[1] == FRAME_D2D) {
            overhear(history, squad->frames[i].to, squad_payload(&squad->frames[i]));
        }
        free(squad->frames[i].octets);
    }
    squad->frame_count = squad->delivered = 0;
}

static void pass(struct history *history, int64_t ms) {
    struct squad *squad = history->squad;
    squad->is_mute = true;
    for (squad->step_ms = MINUTE_MS; ms > MINUTE_MS; ms -= MINUTE_MS) {
        run(history, MINUTE_MS);
    }
    squad->step_ms = IDLE_STEP_MS;
    run(history, ms);
    squad->is_mute = false;
    squad->step_ms = VOICE_FRAME_MS;
}

/* --- What is done --------------------------------------------------------------------------- */

static void answer_all(struct history *history) {
    history->squad->is_mute = true;
    run(history, 1000);
    for (size_t n = 0; n < HANDSETS; n++) {
        (void)squad_answer(history->squad, n, COMMAND_ACCEPT);
    }
    run(history, 1000);
    history->squad->is_mute = false;
}

static struct command members_command(enum command_kind kind, size_t group, int64_t period_ms) {
    struct command command = {.kind = kind, .period_ms = period_ms, .name = "Bridge"};
    for (size_t n = 0; n < HANDSETS; n++) {
        if (is_member[group][n] && n != makers[group]) {
            snprintf(command.members[command.member_count++], IDENTITY_SIZE, "%s",
                     squad_identity(n));
        }
    }
    return command;
}

static void make_groups(struct history *history) {
    struct squad *squad = history->squad;
    run(history, 500);
    for (size_t group = 0; group < GROUPS; group++) {
        const struct groups *made = &squad->handsets[makers[group]].engine->groups;
        struct command create = members_command(COMMAND_CREATE_GROUP, group, 12 * (int64_t)HOUR_MS);
        assert_int_equal(squad_command(squad, makers[group], &create), STATUS_OK);
        memcpy(history->groups[group], made->list[made->count - 1]->parameters.identity,
               GROUP_IDENTITY_SIZE);
        answer_all(history);
        history->made_ms = squad->boot_ms;
    }
}

static void rekey(struct history *history, size_t group) {
    struct command command = members_command(COMMAND_REKEY_GROUP, group, 12 * (int64_t)HOUR_MS);
    memcpy(command.group, history->groups[group], sizeof command.group);
    assert_int_equal(squad_command(history->squad, makers[group], &command), STATUS_OK);
    answer_all(history);
    if (group == LATE_GROUP) {
        history->made_ms = history->squad->boot_ms;
        history->is_late_in = false;
    }
}

static bool belongs(const struct history *history, size_t group, size_t n) {
    return is_member[group][n] || (group == LATE_GROUP && n == LATE && history->is_late_in);
}

static const struct group *held(const struct history *history, size_t n, size_t group) {
    return groups_find(&history->squad->handsets[n].engine->groups, history->groups[group]);
}

static void let_in(struct history *history) {
    struct command command = {.kind = COMMAND_ADD_MEMBERS, .member_count = 1};
    if (history->is_late_in) {
        return;
    }
    memcpy(command.group, history->groups[LATE_GROUP], sizeof command.group);
    snprintf(command.members[0], IDENTITY_SIZE, "%s", squad_identity(LATE));
    assert_int_equal(squad_command(history->squad, makers[LATE_GROUP], &command), STATUS_OK);
    int64_t now_ms = history->squad->boot_ms;
    answer_all(history);
    const struct group *group = held(history, LATE, LATE_GROUP);
    assert_non_null(group);
    assert_int_equal(group->current.id, held(history, makers[LATE_GROUP], LATE_GROUP)->current.id);
    assert_true(history->entry_count < ENTRIES_MAX);
    history->entries[history->entry_count++] = (struct entry){
        .gmk_id = group->current.id, .since_ms = now_ms - (now_ms - history->made_ms) % HOUR_MS};
    history->is_late_in = true;
}

static void talk(struct history *history, size_t group) {
    struct squad *squad = history->squad;
    struct command command = {.kind = COMMAND_TALK_BEGIN};
    size_t n = chance(history, HANDSETS);
    while (!belongs(history, group, n)) {
        n = (n + 1) % HANDSETS;
    }
    memcpy(command.group, history->groups[group], sizeof command.group);
    assert_int_equal(squad_command(squad, n, &command), STATUS_OK);
    run(history, 60);
    assert_int_equal(squad_stop(squad, n), STATUS_OK);
    run(history, 40);
}

static void sleep_for(struct history *history, size_t n, int64_t ms) {
    struct squad_handset *handset = &history->squad->handsets[n];
    handset->is_asleep = handset->deaf = true;
    pass(history, ms);
    handset->is_asleep = handset->deaf = false;
    handset_slept(handset->engine, squad_now(history->squad, n), ms);
}

/* Its wall clock is right to a minute or two. */
static void start_again(struct history *history, size_t n) {
    struct squad_handset *handset = &history->squad->handsets[n];
    handset->utc_offset_ms = (int64_t)chance(history, 4 * MINUTE_MS) - 2 * MINUTE_MS;
    squad_restart(history->squad, n, chance(history, 2) == 0);
    pass(history, MINUTE_MS); /* for its neighbours to confirm the time */
}

static void act(struct history *history) {
    size_t n = chance(history, HANDSETS);
    unsigned deed = chance(history, 12);
    if (deed == 0) {
        rekey(history, chance(history, GROUPS));
    } else if (deed == 1) {
        sleep_for(history, n, chance(history, 2 * HOUR_MS));
        run(history, 1000);
    } else if (deed == 2) {
        start_again(history, n);
    } else if (deed == 3) {
        let_in(history);
    } else {
        talk(history, chance(history, GROUPS));
    }
    pass(history, chance(history, PAUSE_MAX_MS));
}

/* --- What is stolen ------------------------------------------------------------------------- */

static void take_key(struct history *history, const struct gmk *gmk) {
    if (gmk->octets != NULL) {
        assert_true(history->stolen_count < STOLEN_MAX);
        struct stolen *stolen = &history->stolen[history->stolen_count++];
        *stolen = (struct stolen){.gmk_id = gmk->id, .hour = gmk->hour};
        memcpy(stolen->key, gmk->octets->octets, sizeof stolen->key);
    }
}

static void take_keys(struct history *history, const struct group *group) {
    take_key(history, &group->current);
    take_key(history, &group->previous);
    take_key(history, &group->waiting);
}

/* A record that the receiver key opened: does it bring a key? */
static void take_record(struct history *history, struct span octets) {
    struct group_parameters parameters;
    struct d2d_record record = {.parameters = &parameters};
    assert_int_equal(d2d_record_read(octets, &record), STATUS_OK);
    if (record.type == RECORD_GRANT) {
        assert_true(history->stolen_count < STOLEN_MAX);
        struct stolen *stolen = &history->stolen[history->stolen_count++];
        *stolen = (struct stolen){.gmk_id = record.gmk_id, .hour = record.hour};
        memcpy(stolen->key, record.gmk, sizeof stolen->key);
    }
}

/* Follows each connection that was opened to handset n, from its first payload on. */
static void search_connections(struct history *history, size_t n) {
    static uint8_t room[D2D_PAYLOAD_MAX];
    struct receiver_key *key = wiretap_receiver_key(n);
    const struct wiretap_keys keys = {.receiver = key};
    for (size_t i = 0; i < history->overheard_count; i++) {
        struct wiretap tap;
        if (history->overheard[i].to != n + 1 ||
            !wiretap_open(&tap, &keys, history->overheard[i].payload)) {
            continue;
        }
        history->connections++;
        for (size_t later = i + 1; later < history->overheard_count; later++) {
            struct span record = wiretap_hear(&tap, history->overheard[later].payload, room);
            if (record.length > 0) {
                take_record(history, record);
            }
        }
    }
    squad_provider()->receiver_key_free(key);
}

static void steal(struct history *history, size_t n) {
    const struct squad_handset *handset = &history->squad->handsets[n];
    for (size_t i = 0; i < handset->engine->groups.count; i++) {
        take_keys(history, handset->engine->groups.list[i]);
    }
    for (size_t i = 0; i < handset->record_count; i++) {
        struct group *group;
        if (handset->records[i].kind == RECORD_GROUP) {
            assert_int_equal(group_read(secret_span(handset->records[i].value), &group), STATUS_OK);
            take_keys(history, group);
            group_free(group);
        }
    }
    search_connections(history, n);
}

static bool opens(const struct stolen *stolen, const struct announcement *announcement) {
    uint8_t key[GMK_SIZE], gsk[GSK_SIZE];
    memcpy(key, stolen->key, sizeof key);
    gmk_hour_move(key, announcement->fields.gmk_id, stolen->hour, announcement->fields.hour);
    return announcement_open(announcement, key, gsk) == STATUS_OK ||
           announcement_open(announcement, stolen->key, gsk) == STATUS_OK;
}

static bool is_opened(const struct history *history, const struct recorded *recorded) {
    struct announcement announcement;
    assert_int_equal(
        announcement_parse((struct span){recorded->octets, recorded->length}, &announcement),
        STATUS_OK);
    bool opened = false;
    for (size_t i = 0; i < history->stolen_count; i++) {
        opened = opened || opens(&history->stolen[i], &announcement);
    }
    return opened;
}

/* From when on may handset n open what was said under that GMK? INT64_MAX: it may not. */
static int64_t opens_from(const struct history *history, size_t n, const struct recorded *recorded,
                          int64_t oldest_ms) {
    struct announcement announcement;
    int64_t from_ms = is_member[recorded->group][n] ? oldest_ms : INT64_MAX;
    assert_int_equal(
        announcement_parse((struct span){recorded->octets, recorded->length}, &announcement),
        STATUS_OK);
    for (size_t i = 0; n == LATE && i < history->entry_count; i++) {
        const struct entry *entry = &history->entries[i];
        if (entry->gmk_id == announcement.fields.gmk_id) {
            int64_t since_ms = entry->since_ms - CLOCKS_APART_MS;
            from_ms = since_ms > oldest_ms ? since_ms : oldest_ms;
        }
    }
    return from_ms;
}

/* Handset n was up until now: it is in the thief's hands. */
static void attack(struct history *history, size_t n, uint64_t seed) {
    const int64_t now_ms = history->squad->boot_ms;
    const int64_t oldest_ms = now_ms - GMK_HOUR_MS - HOURS_KEPT_MS - SURE_MS;
    for (size_t i = 0; i < history->recorded_count; i++) {
        const struct recorded *recorded = &history->recorded[i];
        int64_t from_ms = opens_from(history, n, recorded, oldest_ms);
        bool opened = is_opened(history, recorded), is_own = from_ms != INT64_MAX;
        if (opened && recorded->said_ms < from_ms) {
            fail_msg("seed %llu: handset %zu opens what was said in group %zu %lld s before",
                     (unsigned long long)seed, n, recorded->group,
                     (long long)(now_ms - recorded->said_ms) / 1000);
        }
        history->opened += opened;
        history->shut += !opened && is_own;
        history->foreign += !is_own;
        bool is_late = is_own && !is_member[recorded->group][n];
        history->late_opened += is_late && opened;
        history->too_early += is_late && !opened && recorded->said_ms < from_ms;
    }
}

static void live(uint64_t seed, struct history *sum) {
    struct history *history = calloc(1, sizeof *history);
    assert_non_null(history);
    history->chance = seed * UINT64_C(0x9E3779B97F4A7C15);
    squad_seed(seed);
    history->squad = squad_new(HANDSETS);
    history->squad->step_ms = VOICE_FRAME_MS;
    make_groups(history);
    unsigned deeds = DEEDS_MIN + chance(history, DEEDS_MORE);
    for (unsigned i = 0; i < deeds; i++) {
        act(history);
    }
    size_t n = chance(history, HANDSETS);
    pass(history, SURE_MS);
    steal(history, n);
    attack(history, n, seed);
    sum->opened += history->opened;
    sum->shut += history->shut;
    sum->foreign += history->foreign;
    sum->late_opened += history->late_opened;
    sum->too_early += history->too_early;
    sum->connections += history->connections;
    for (size_t i = 0; i < history->overheard_count; i++) {
        free((void *)history->overheard[i].payload.octets);
    }
    squad_free(history->squad);
    free(history);
}

static void live_all(uint64_t first, uint64_t last) {
    static struct history sum;
    for (uint64_t seed = first; seed <= last; seed++) {
        live(seed, &sum);
    }
    print_message("seeds %llu to %llu: of the announcements recorded the stolen keys open %u; %u "
                  "of the handset's own groups stay shut, and %u of others; a latecomer's open %u "
                  "and not %u; %u "
                  "connections searched\n",
                  (unsigned long long)first, (unsigned long long)last, sum.opened, sum.shut,
                  sum.foreign, sum.late_opened, sum.too_early, sum.connections);
    /* A thief who never had anything to open would prove nothing. */
    unsigned seeds = (unsigned)(last - first + 1);
    assert_true(sum.opened > seeds / 2);
    assert_true(sum.shut > seeds / 2);
    assert_true(sum.foreign > seeds / 2);
    assert_true(sum.connections > seeds / 2);
    assert_true(sum.late_opened > seeds / 20 && sum.too_early > 0);
}

static void a_thief_opens_nothing_older_than_the_last_running_hour(void **state) {
    (void)state;
    const char *wants_all = getenv("MUSTER_TESTS_ALL");
    live_all(1, wants_all != NULL && wants_all[0] != '\0' ? SEEDS_ALL : SEEDS_FEW);
}

static uint64_t asked[2];

static void as_asked(void **state) {
    (void)state;
    live_all(asked[0], asked[1]);
}

int main(int argc, char **argv) {
    squad_use(provider_cache());
    if (argc == 3) {
        const struct CMUnitTest again[] = {cmocka_unit_test(as_asked)};
        asked[0] = strtoull(argv[1], NULL, 10);
        asked[1] = strtoull(argv[2], NULL, 10);
        return cmocka_run_group_tests(again, NULL, NULL);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thief_opens_nothing_older_than_the_last_running_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
