/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/identity/month.h"
#include "app/text/parts.h"
#include "tests/sim/clocks.h"
#include "tests/sim/provider_model.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HOUR_MS = 60 * MINUTE_MS,
    AGAIN_MS = 4 * SECOND_MS, /* between two deliveries by the air */
    FRAME_ID_AT = 4
};

const char clocks_group_identity[] = "sip:fire7@county.example";
static const char kms[] = "sip:kms@county.example";

static void must(enum status status, const char *what) {
    if (status != STATUS_OK) {
        fprintf(stderr, "simulation: %s: %s\n", what, status_name(status));
        abort();
    }
}

const char *clocks_identity(const struct world *world, size_t n) {
    static char identity[IDENTITY_SIZE];
    if (world->clocks->is_monthly) {
        snprintf(identity, sizeof identity, "tel:+4477009%05zu", n);
    } else {
        snprintf(identity, sizeof identity, "urn:gsma:imei:90420156-0257%02zu-0", n);
    }
    return identity;
}

size_t clocks_find(const struct world *world, const char *identity) {
    size_t n = 0;
    while (n < world->count && strcmp(clocks_identity(world, n), identity) != 0) {
        n++;
    }
    return n;
}

/* --- Keys of identities, for the month of `utc_ms` where they are monthly --- */

struct issued {
    uint8_t key[RECORD_KEY_MAX], value[CREDENTIAL_SIZE_MAX];
    size_t key_length, value_length;
};

/* The group's manager, whom there is one of. */
static void certify(struct credential *credential) {
    const struct provider *provider = provider_model();
    struct identifier identifier;
    struct signing_key *key;
    credential->manager = (struct manager_certificate){
        .term = 1, .month = manager_month_of(credential->period_start_ms)};
    must(identifier_of_statements(kms, &identifier), "statements");
    must(provider->signing_key_load(NULL, identifier_span(&identifier), credential->ssk,
                                    credential->pvt, &key),
         "statements");
    must(manager_certificate_sign(&credential->manager, kms, credential->identity, provider, key,
                                  &entropy_system),
         "a certificate");
    provider->signing_key_free(key);
}

static struct issued issue(const char *identity, int64_t utc_ms) {
    static struct issued issued;
    struct credential *credential = credential_new();
    char month[MONTH_TEXT_SIZE];
    bool is_monthly = !identity_is_me(identity);
    must(credential == NULL ? STATUS_NO_MEMORY : STATUS_OK, "memory");
    snprintf(credential->identity, sizeof credential->identity, "%s", identity);
    snprintf(credential->kms, sizeof credential->kms, "%s", kms);
    credential->period_start_ms = is_monthly ? month_start(utc_ms, 0) : 0;
    credential->max_key_period_ms = (int64_t)48 * HOUR_MS;
    credential->pvt[0] = 4; /* zeros are a key that was wiped */
    must(identifier_of(identity, utc_ms, &credential->identifier), "identifier");
    if (strcmp(identity, clocks_group_identity) != 0) {
        must(group_list_add(&credential->groups, clocks_group_identity), "group");
    } else {
        certify(credential);
    }
    struct writer key = writer_into(issued.key, sizeof issued.key);
    struct writer value = writer_into(issued.value, sizeof issued.value);
    must(credential_write(credential, &value), "credential");
    credential_free(credential);
    write_span(&key, span_of_text(identity));
    if (is_monthly) {
        month_print(utc_ms, month);
        write_u8(&key, ' ');
        write_span(&key, span_of_text(month));
    }
    issued.key_length = key.length;
    issued.value_length = value.length;
    return issued;
}

static struct span key_of(const struct issued *issued) {
    return (struct span){issued->key, issued->key_length};
}

static struct span value_of(const struct issued *issued) {
    return (struct span){issued->value, issued->value_length};
}

/* Minutes off, to either side; some are right. */
static int64_t wrong_by(struct world *world) {
    return world_chance(world, 5) == 0
               ? 0
               : (int64_t)world_chance(world, 20 * 60 + 1) * SECOND_MS - 10 * MINUTE_MS;
}

static int64_t managers_clock(struct world *world) {
    static const int64_t clocks[] = {0, 6 * MINUTE_MS, (int64_t)20 * HOUR_MS, -6 * MINUTE_MS};
    return clocks[world_chance(world, sizeof clocks / sizeof clocks[0])];
}

static struct batch *batch(void) {
    struct batch *made = batch_new();
    must(made == NULL ? STATUS_NO_MEMORY : STATUS_OK, "memory");
    return made;
}

static void make_manager(struct world *world) {
    struct clocks *clocks = world->clocks;
    must(managed_group_new(provider_model(), clocks_group_identity, &clocks->manager), "manager");
    for (int month = 0; month < 2; month++) {
        struct issued keys = issue(clocks_group_identity, month_start(clocks_utc(world), month));
        must(managed_group_restore(clocks->manager, RECORD_MANAGER_KEYS, key_of(&keys),
                                   value_of(&keys)),
             "the manager's keys");
    }
    for (size_t n = 0; n < world->count; n++) {
        struct roll_member member = {.name = ""};
        struct batch *changes = batch();
        snprintf(member.identity, sizeof member.identity, "%s", clocks_identity(world, n));
        must(managed_group_enlist(clocks->manager, &member, changes), "enlisting");
        batch_free(changes);
    }
}

void clocks_people_begin(struct world *world) {
    struct clocks *clocks = world->clocks;
    world->count =
        CLOCKS_HANDSETS_MIN + world_chance(world, CLOCKS_HANDSETS_MAX - CLOCKS_HANDSETS_MIN + 1);
    clocks->is_monthly = world_chance(world, 3) == 0;
    if (clocks->is_monthly) {
        world->begin_utc_ms =
            month_start(world->begin_utc_ms, 1) - (int64_t)world_chance(world, 20) * MINUTE_MS;
    }
    clocks->month_ends_ms = month_start(world->begin_utc_ms, 1);
    clocks->entropy = entropy_from_seed(&clocks->seeded, world->seed * 100 + DOMAIN_STRANGER);
    clocks->manager_ms = managers_clock(world);
    make_manager(world);
}

void clocks_people_settle(struct world *world, size_t n) {
    struct unit *unit = &world->units[n];
    unit->utc_offset_ms = wrong_by(world);
    unit->drift_ppm = (int64_t)world_chance(world, 201) - 100;
    for (int group = 0; group < CLOCKS_GROUPS; group++) {
        struct clocks_time *time = &world->clocks->units[n].time[group];
        time->wall_min_ms = time->wall_max_ms = unit->utc_offset_ms;
    }
    int months = world->clocks->is_monthly ? 2 : 1;
    for (int month = 0; month < months; month++) {
        struct issued keys =
            issue(clocks_identity(world, n), month_start(clocks_utc(world), month));
        world_give_record(world, n, RECORD_CREDENTIAL, key_of(&keys), value_of(&keys));
    }
}

/* --- The manager --- */

static void write_deliveries(struct world *world, struct clocks_key *key, int64_t now_ms) {
    struct clocks *clocks = world->clocks;
    const struct roll_member *members[CLOCKS_HANDSETS_MAX];
    for (size_t n = 0; n < world->count; n++) {
        members[n] = roll_find(&clocks->manager->roll, clocks_identity(world, n));
    }
    struct writer outs[CLOCKS_HANDSETS_MAX];
    for (size_t n = 0; n < world->count; n++) {
        outs[n] = writer_into(key->octets[n], sizeof key->octets[n]);
        must(managed_group_build(clocks->manager, now_ms, 1, &members[n], &clocks->entropy,
                                 &outs[n]),
             "a delivery");
        key->length[n] = outs[n].length;
    }
}

/* Half of the keys go by the air, half as text: each member's officer brings it in its own time. */
static void plan_deliveries(struct world *world, struct clocks_key *key) {
    bool by_text = world_chance(world, 2) == 0;
    unsigned late_s = world_chance(world, 3) == 0 ? 3 * 3600 : 300;
    for (size_t n = 0; n < world->count; n++) {
        key->is_text[n] = by_text;
        key->due_ms[n] =
            world->now_ms + (by_text ? (int64_t)world_chance(world, late_s) * SECOND_MS : 0);
    }
}

void clocks_manager_rekeys(struct world *world) {
    static const int64_t periods[] = {40 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS};
    struct clocks *clocks = world->clocks;
    if (world_chance(world, 4) == 0) {
        clocks->manager_ms = managers_clock(world);
    }
    int64_t now_ms = clocks_utc(world) + clocks->manager_ms;
    int64_t later_ms =
        world_chance(world, 3) != 0 ? 0 : (int64_t)world_chance(world, 20 * 60) * SECOND_MS;
    int64_t period_ms = periods[world_chance(world, sizeof periods / sizeof periods[0])];
    struct batch *changes = batch();
    enum status status = managed_group_begin(clocks->manager, now_ms, now_ms + later_ms, period_ms,
                                             &clocks->entropy, changes);
    batch_free(changes);
    const struct rekey *rekey = &clocks->manager->rekey;
    struct clocks_key *key =
        status == STATUS_OK ? clocks_key_add(world, CLOCKS_STANDARD, rekey->gmk_id) : NULL;
    if (key == NULL) {
        world_note(world, "the manager makes no key: %s", status_name(status));
        return;
    }
    key->dated_ms = rekey->utc_ms;
    key->begins_ms = rekey->not_before_ms;
    key->ends_ms = rekey->not_after_ms;
    write_deliveries(world, key, now_ms);
    plan_deliveries(world, key);
    world_note(world, "the manager, %+lld s off, makes GMK %08X, in %lld s, for %lld min, %s",
               (long long)clocks->manager_ms / SECOND_MS, key->id, (long long)later_ms / SECOND_MS,
               (long long)period_ms / MINUTE_MS, key->is_text[0] ? "as text" : "by the air");
}

static bool has_later(const struct world *world, const struct clocks_key *key, size_t n) {
    for (size_t i = 0; i < world->clocks->key_count; i++) {
        const struct clocks_key *other = &world->clocks->keys[i];
        if (other->group == key->group && other->dated_ms > key->dated_ms &&
            other->at[n].taken_ms != 0) {
            return true;
        }
    }
    return false;
}

/* Would the handset be right to refuse it? */
static bool is_too_late(const struct world *world, const struct clocks_key *key, size_t n) {
    const struct clocks_time *time = &world->clocks->units[n].time[CLOCKS_STANDARD];
    int64_t ahead_ms = time->is_known ? time->high_ms : world->units[n].utc_offset_ms;
    return clocks_utc(world) + ahead_ms + CLOCKS_SLACK_MS >= key->ends_ms;
}

/* The same, since it is dated further ahead than clocks may differ by all that the handset knows:
 * its wall clock and its group time, at least. */
static bool is_dated_ahead(const struct world *world, const struct clocks_key *key, size_t n) {
    const struct clocks_time *time = &world->clocks->units[n].time[CLOCKS_STANDARD];
    int64_t known_ms = world->units[n].utc_offset_ms;
    known_ms = time->is_known && time->low_ms > known_ms ? time->low_ms : known_ms;
    return key->dated_ms - (int64_t)24 * HOUR_MS > clocks_utc(world) + known_ms - CLOCKS_SLACK_MS;
}

static void bring_text(struct world *world, struct clocks_key *key, size_t n) {
    static uint8_t text[PARTS_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    must(parts_write((struct span){key->octets[n], key->length[n]}, "For you", &w), "parts");
    struct command command = {
        .kind = COMMAND_IMPORT, .text = (const char *)text, .text_length = w.length};
    world_note(world, "the officer of %zu brings GMK %08X", n, key->id);
    bool is_late =
        is_too_late(world, key, n) || has_later(world, key, n) || is_dated_ahead(world, key, n);
    (void)world_command(world, n, &command);
    key->due_ms[n] = INT64_MAX;
    if (world->units[n].engine == NULL) {
        return;
    }
    clocks_look_at_keys(world, n);
    if (!key->at[n].is_held && !is_late) {
        world_fail(world, "2: handset %zu does not take GMK %08X, which is not over", n, key->id);
    }
}

static void send(struct world *world, struct clocks_key *key, size_t n) {
    uint8_t octets[FRAME_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    frame_write(&w, &(struct frame){.kind = FRAME_KEY_DELIVERY,
                                    .payload = {key->octets[n], key->length[n]}});
    for (size_t i = FRAME_ID_AT; i < FRAME_HEADER_SIZE; i++) {
        octets[i] = (uint8_t)world_chance(world, 256);
    }
    /* The manager is beside the first handset. */
    if (((world->clocks->side >> n ^ world->clocks->side) & 1) == 0) {
        (void)air_inject(world->air, clocks_port(world, n), n + 1, octets, w.length);
    }
    key->due_ms[n] = world->now_ms + AGAIN_MS;
}

void clocks_deliver(struct world *world) {
    struct clocks *clocks = world->clocks;
    for (size_t i = 0; i < clocks->key_count; i++) {
        struct clocks_key *key = &clocks->keys[i];
        for (size_t n = 0; n < world->count && key->group == CLOCKS_STANDARD; n++) {
            if (world->now_ms < key->due_ms[n] || world->units[n].engine == NULL) {
                continue;
            }
            if (key->is_text[n]) {
                bring_text(world, key, n);
            } else if (key->at[n].taken_ms != 0 || has_later(world, key, n) ||
                       is_too_late(world, key, n)) {
                key->due_ms[n] = INT64_MAX;
            } else {
                send(world, key, n);
            }
        }
    }
}
