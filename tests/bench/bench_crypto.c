/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_crypto [ROUNDS]: the median milliseconds of processor time of each operation in each crypto
 * module present, with keys from a fixed seed. Exits 1 when an operation fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/identifier.h"
#include "crypto/provider.h"

enum {
    ROUNDS_DEFAULT = 25,
    ROUNDS_MAX = 1000,
    MODULES_MAX = 4
};

/* What a module needs for each operation, and what an operation makes. */
struct bench {
    const struct provider *module;
    struct entropy entropy;
    struct entropy_seeded seeded;
    struct span identifier, message;
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    uint8_t z_point[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
    uint8_t rsk[SAKKE_POINT_SIZE], ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE], signature[ECCSI_SIGNATURE_SIZE];
    struct master_key *master;
    struct domain_key *domain;
    struct signing_key *signing_key;
    struct receiver_key *receiver_key;
};

static enum status master_load(struct bench *b) {
    b->module->master_free(b->master);
    return b->module->master_load(b->z, b->ksak, &b->master);
}

static enum status issue_receiver_key(struct bench *b) {
    return b->module->issue_receiver_key(b->master, b->identifier, b->rsk);
}

static enum status issue_signing_key(struct bench *b) {
    return b->module->issue_signing_key(b->master, b->identifier, &b->entropy, b->ssk, b->pvt);
}

static enum status domain_load(struct bench *b) {
    b->module->domain_free(b->domain);
    return b->module->domain_load(b->z_point, b->kpak, &b->domain);
}

static enum status signing_key_load(struct bench *b) {
    b->module->signing_key_free(b->signing_key);
    return b->module->signing_key_load(b->domain, b->identifier, b->ssk, b->pvt, &b->signing_key);
}

static enum status receiver_key_load(struct bench *b) {
    b->module->receiver_key_free(b->receiver_key);
    return b->module->receiver_key_load(b->domain, b->identifier, b->rsk, &b->receiver_key);
}

static enum status sign(struct bench *b) {
    return b->module->sign(b->signing_key, b->message, &b->entropy, b->signature);
}

static enum status verify(struct bench *b) {
    return b->module->verify(b->domain, b->identifier, b->message, b->signature);
}

static enum status encapsulate(struct bench *b) {
    return b->module->encapsulate(b->domain, b->identifier, b->ssv, b->data);
}

static enum status decapsulate(struct bench *b) {
    return b->module->decapsulate(b->receiver_key, b->data, b->ssv);
}

/* In an order in which each operation finds what it needs. */
static const struct {
    const char *name;
    enum status (*run)(struct bench *bench);
} operations[] = {
    {"load master secrets", master_load},
    {"issue receiver key", issue_receiver_key},
    {"issue signing key", issue_signing_key},
    {"load domain", domain_load},
    {"load signing key", signing_key_load},
    {"load receiver key", receiver_key_load},
    {"sign", sign},
    {"verify", verify},
    {"encapsulate", encapsulate},
    {"decapsulate", decapsulate},
};

enum {
    OPERATIONS = sizeof operations / sizeof *operations
};

static double milliseconds_used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare_times(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of `rounds` runs, or a negative number when one fails. */
static double median_of(struct bench *bench, unsigned operation, unsigned rounds) {
    double times[ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++) {
        double began = milliseconds_used();
        enum status status = operations[operation].run(bench);
        times[i] = milliseconds_used() - began;
        if (status != STATUS_OK) {
            fprintf(stderr, "bench_crypto: %s, %s: %s\n", bench->module->name,
                    operations[operation].name, status_text(status));
            return -1;
        }
    }
    qsort(times, rounds, sizeof *times, compare_times);
    return times[rounds / 2];
}

/* Fills medians[OPERATIONS] for one module; false when an operation fails. */
static bool measure(const struct provider *module, unsigned rounds, double *medians) {
    struct bench bench = {.module = module,
                          .identifier = span_of_text("2026-11 tel:+447700900123"),
                          .message = span_of_text("an I_MESSAGE before its signature"),
                          .ssv = {1}};
    bench.entropy = entropy_from_seed(&bench.seeded, 6508);
    bool good = module->master_generate(&bench.entropy, bench.z, bench.ksak) == STATUS_OK &&
                master_load(&bench) == STATUS_OK &&
                module->public_keys(bench.master, bench.z_point, bench.kpak) == STATUS_OK;
    for (unsigned i = 0; good && i < OPERATIONS; i++) {
        medians[i] = median_of(&bench, i, rounds);
        good = medians[i] >= 0;
    }
    module->receiver_key_free(bench.receiver_key);
    module->signing_key_free(bench.signing_key);
    module->domain_free(bench.domain);
    module->master_free(bench.master);
    return good;
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : ROUNDS_DEFAULT;
    if (argc > 2 || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_crypto [ROUNDS], ROUNDS in 1..%d\n", ROUNDS_MAX);
        return 2;
    }
    double medians[MODULES_MAX][OPERATIONS];
    unsigned count = 0;
    printf("%-22s", "median CPU ms");
    for (unsigned n = 0; provider_name(n) != NULL && count < MODULES_MAX; n++) {
        const struct provider *module = provider_find(provider_name(n));
        if (module == NULL)
            continue;
        printf("%12s", module->name);
        fflush(stdout);
        if (!measure(module, (unsigned)rounds, medians[count++]))
            return 1;
    }
    printf("\n");
    for (unsigned i = 0; i < OPERATIONS; i++) {
        printf("%-22s", operations[i].name);
        for (unsigned module = 0; module < count; module++)
            printf("%12.3f", medians[module][i]);
        printf("\n");
    }
    return 0;
}
