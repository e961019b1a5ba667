/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_rekey [THREADS]: a new GMK for groups of 500 to 8000 members, each member's I_MESSAGE built
 * and signed in full, on THREADS cores (2). The messages of a small group are opened again first,
 * to show that it is one. Prints time, rate, processor time for each member, and the most memory
 * used.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/i_message.h"
#include "crypto/native/arithmetic.h"
#include "tests/bench/stopwatch.h"

enum {
    THREADS_DEFAULT = 2,
    THREADS_MAX = 64,
    TAKEN_AT_ONCE = 4 * I_MESSAGES_AT_ONCE
};

static const unsigned group_sizes[] = {500, 1000, 2000, 4000, 8000};
static const char kms[] = "sip:kms@county.example";
static const char group[] = "sip:fire7@county.example";
static const int64_t now_ms = INT64_C(1795572000000); /* 2026-11-25 */

struct rekey {
    const struct provider *module;
    struct domain_key *domain;
    struct signing_key *signing_key;
    struct master_key *master;
    unsigned members;
    bool opened; /* is each message opened again? */
    uint8_t gmk[SSV_SIZE];
    atomic_uint next; /* member that nobody has taken yet */
    atomic_bool failed;
    atomic_size_t octets;
};

static enum status make_fields(unsigned member, struct i_message_fields *fields,
                               struct identifier *identifier) {
    *fields = (struct i_message_fields){.key_id = 0x01234567, .utc_ms = now_ms};
    snprintf(fields->initiator, sizeof fields->initiator, "%s", group);
    snprintf(fields->responder, sizeof fields->responder, "tel:+4477009%05u", member);
    snprintf(fields->initiator_kms, sizeof fields->initiator_kms, "%s", kms);
    snprintf(fields->responder_kms, sizeof fields->responder_kms, "%s", kms);
    return identifier_of(fields->responder, now_ms, identifier);
}

static enum status open_again(struct rekey *rekey, struct span octets,
                              const struct identifier *identifier) {
    struct i_message message;
    struct receiver_key *key;
    uint8_t rsk[SAKKE_POINT_SIZE], ssv[SSV_SIZE];
    enum status status =
        rekey->module->issue_receiver_key(rekey->master, identifier_span(identifier), rsk);
    if (status == STATUS_OK) {
        status =
            rekey->module->receiver_key_load(rekey->domain, identifier_span(identifier), rsk, &key);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = i_message_parse(octets, &message);
    if (status == STATUS_OK) {
        status = i_message_open(rekey->module, &message, key, ssv);
    }
    rekey->module->receiver_key_free(key);
    return status == STATUS_OK && memcmp(ssv, rekey->gmk, sizeof ssv) != 0 ? STATUS_KEY_INVALID
                                                                           : status;
}

static enum status build(struct rekey *rekey, unsigned first, unsigned count) {
    struct i_message_fields fields[I_MESSAGES_AT_ONCE] = {0};
    struct identifier identifiers[I_MESSAGES_AT_ONCE] = {0};
    uint8_t octets[I_MESSAGES_AT_ONCE][I_MESSAGE_MAX];
    struct writer writers[I_MESSAGES_AT_ONCE];
    enum status status = STATUS_OK;
    for (unsigned i = 0; status == STATUS_OK && i < count; i++) {
        status = make_fields(first + i, &fields[i], &identifiers[i]);
        writers[i] = writer_into(octets[i], sizeof octets[i]);
    }
    if (status == STATUS_OK) {
        status = i_message_build_each(rekey->module, count, fields, rekey->domain, identifiers,
                                      rekey->signing_key, rekey->gmk, &entropy_system, writers);
    }
    for (unsigned i = 0; status == STATUS_OK && i < count; i++) {
        rekey->octets += writer_span(&writers[i]).length;
        if (rekey->opened) {
            status = open_again(rekey, writer_span(&writers[i]), &identifiers[i]);
        }
    }
    return status;
}

static void *work(void *context) {
    struct rekey *rekey = context;
    unsigned first;
    while ((first = atomic_fetch_add(&rekey->next, TAKEN_AT_ONCE)) < rekey->members) {
        for (unsigned done = 0; done < TAKEN_AT_ONCE && first + done < rekey->members;
             done += I_MESSAGES_AT_ONCE) {
            unsigned left = rekey->members - first - done;
            unsigned count = left < I_MESSAGES_AT_ONCE ? left : I_MESSAGES_AT_ONCE;
            if (build(rekey, first + done, count) != STATUS_OK) {
                rekey->failed = true;
            }
        }
    }
    return NULL;
}

static bool run(struct rekey *rekey, unsigned members, unsigned threads) {
    pthread_t workers[THREADS_MAX];
    unsigned started = 0;
    rekey->members = members;
    rekey->next = 0;
    rekey->octets = 0;
    while (started < threads && pthread_create(&workers[started], NULL, work, rekey) == 0) {
        started++;
    }
    for (unsigned i = 0; i < started; i++) {
        pthread_join(workers[i], NULL);
    }
    return started == threads && !rekey->failed;
}

static bool load(struct rekey *rekey, struct span identifier, const uint8_t z[SAKKE_FIELD_SIZE],
                 const uint8_t ksak[ECCSI_SCALAR_SIZE]) {
    uint8_t z_point[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
    uint8_t ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    const struct provider *module = rekey->module;
    return module->master_load(z, ksak, &rekey->master) == STATUS_OK &&
           module->public_keys(rekey->master, z_point, kpak) == STATUS_OK &&
           module->domain_load(z_point, kpak, &rekey->domain) == STATUS_OK &&
           module->issue_signing_key(rekey->master, identifier, &entropy_system, ssk, pvt) ==
               STATUS_OK &&
           module->signing_key_load(rekey->domain, identifier, ssk, pvt, &rekey->signing_key) ==
               STATUS_OK;
}

static bool measure(const struct arithmetic *arithmetic, unsigned threads) {
    struct rekey rekey = {.module = provider_find("native"), .gmk = "sixteen octets."};
    struct identifier identifier;
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    arithmetic_choose(arithmetic);
    if (identifier_of(group, now_ms, &identifier) != STATUS_OK ||
        rekey.module->master_generate(&entropy_system, z, ksak) != STATUS_OK ||
        !load(&rekey, identifier_span(&identifier), z, ksak)) {
        return false;
    }
    rekey.opened = true;
    bool good = run(&rekey, group_sizes[0] / 10, threads);
    rekey.opened = false;
    for (unsigned i = 0; good && i < sizeof group_sizes / sizeof *group_sizes; i++) {
        double began = milliseconds_passed(), used = milliseconds_used();
        good = run(&rekey, group_sizes[i], threads);
        double passed = milliseconds_passed() - began;
        used = milliseconds_used() - used;
        printf("%-10s%8u%10.3f s%10.0f%14.3f ms%10.0f%10ld KiB\n", arithmetic->name, group_sizes[i],
               passed / 1e3, group_sizes[i] / passed * 1e3, used / group_sizes[i],
               (double)rekey.octets / group_sizes[i], memory_peak());
    }
    rekey.module->signing_key_free(rekey.signing_key);
    rekey.module->domain_free(rekey.domain);
    rekey.module->master_free(rekey.master);
    return good;
}

int main(int argc, char **argv) {
    long threads = argc > 1 ? strtol(argv[1], NULL, 10) : THREADS_DEFAULT;
    if (argc > 2 || threads < 1 || threads > THREADS_MAX) {
        fprintf(stderr, "usage: bench_rekey [THREADS], THREADS in 1..%d\n", THREADS_MAX);
        return 2;
    }
    printf("A new GMK on %ld cores: an I_MESSAGE for each member, encapsulated and signed\n",
           threads);
    printf("%-10s%8s%12s%10s%17s%10s%14s\n", "", "members", "time", "a second", "CPU a member",
           "octets", "memory");
    const char *name;
    for (unsigned n = 0; (name = arithmetic_name(n)) != NULL; n++) {
        if (arithmetic_find(name) != NULL && !measure(arithmetic_find(name), (unsigned)threads)) {
            fprintf(stderr, "bench_rekey: %s failed\n", name);
            return 1;
        }
    }
    return 0;
}
