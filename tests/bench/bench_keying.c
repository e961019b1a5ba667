/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_keying [ROUNDS]: what keying costs, each arithmetic of the native module beside Debian's
 * libwolfssl. Milliseconds of processor time: the medians of runs that take turns, so that what
 * else the machine does hits all alike. Below that the multiplications in F_p behind each
 * operation. Exits 1 when an operation fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/native/pairing.h"
#include "tests/bench/multiplications.h"
#include "tests/bench/stopwatch.h"
#include "tests/crypto/peer.h"

enum {
    ROUNDS_DEFAULT = 21,
    ROUNDS_MAX = 1000,
    ARITHMETICS_MAX = 3,
    BATCH = 32,
    SIGNERS = 80, /* more than a domain remembers */
    NAME_SIZE = 40
};

static const char message_text[] = "an I_MESSAGE before its signature";

struct signer {
    char identifier[NAME_SIZE];
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
};

/* The native module with one arithmetic. */
struct side {
    const struct arithmetic *arithmetic;
    struct master_key *master;
    struct domain_key *domain;
    struct signing_key *signing_key;
    struct receiver_key *receiver_key;
    unsigned next_signer;
};

struct bench {
    const struct provider *module;
    struct entropy_seeded seeded;
    struct entropy entropy;
    struct span identifier, message;
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    uint8_t z_point[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
    uint8_t rsk[SAKKE_POINT_SIZE], ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    uint8_t ssv[SSV_SIZE], data[SAKKE_DATA_SIZE], signature[ECCSI_SIGNATURE_SIZE];
    struct signer signers[SIGNERS];
    unsigned identities; /* so many were made up */
    struct peer *peer;
    unsigned peer_next_signer;
    struct side sides[ARITHMETICS_MAX];
    unsigned count;
};

/* An identifier that nobody has met. */
static struct span new_identifier(struct bench *b, char text[NAME_SIZE]) {
    int length = snprintf(text, NAME_SIZE, "2026-11 tel:+4477009%08u", b->identities++);
    return (struct span){(const uint8_t *)text, (size_t)length};
}

/* --- Operations: ours with a side, the peer's without --- */

static bool encapsulate(struct bench *b, struct side *side) {
    char text[NAME_SIZE];
    struct span identifier = new_identifier(b, text);
    uint8_t data[SAKKE_DATA_SIZE];
    return side == NULL
               ? peer_encapsulate(b->peer, identifier, b->ssv, data)
               : b->module->encapsulate(side->domain, identifier, b->ssv, data) == STATUS_OK;
}

static bool encapsulate_batch(struct bench *b, struct side *side) {
    if (side == NULL) {
        return encapsulate(b, NULL);
    }
    static char texts[BATCH][NAME_SIZE];
    static uint8_t ssvs[BATCH][SSV_SIZE], data[BATCH][SAKKE_DATA_SIZE];
    struct span identifiers[BATCH];
    for (unsigned i = 0; i < BATCH; i++) {
        identifiers[i] = new_identifier(b, texts[i]);
    }
    return b->module->encapsulate_each(side->domain, BATCH, identifiers,
                                       (const uint8_t(*)[SSV_SIZE])ssvs, data) == STATUS_OK;
}

static bool decapsulate(struct bench *b, struct side *side) {
    uint8_t ssv[SSV_SIZE];
    bool good = side == NULL
                    ? peer_decapsulate(b->peer, b->data, ssv)
                    : b->module->decapsulate(side->receiver_key, b->data, ssv) == STATUS_OK;
    return good && memcmp(ssv, b->ssv, sizeof ssv) == 0;
}

static bool issue_receiver_key(struct bench *b, struct side *side) {
    char text[NAME_SIZE];
    struct span identifier = new_identifier(b, text);
    uint8_t rsk[SAKKE_POINT_SIZE];
    return side == NULL ? peer_issue_receiver_key(b->peer, identifier)
                        : b->module->issue_receiver_key(side->master, identifier, rsk) == STATUS_OK;
}

static bool sign(struct bench *b, struct side *side) {
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    return side == NULL ? peer_sign(b->peer, b->message, &b->entropy, signature)
                        : b->module->sign(side->signing_key, b->message, &b->entropy, signature) ==
                              STATUS_OK;
}

static bool verify(struct bench *b, struct side *side, struct span identifier,
                   const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    return side == NULL
               ? peer_verify(b->peer, identifier, b->message, signature)
               : b->module->verify(side->domain, identifier, b->message, signature) == STATUS_OK;
}

static bool verify_new(struct bench *b, struct side *side) {
    unsigned *next = side == NULL ? &b->peer_next_signer : &side->next_signer;
    struct signer *signer = &b->signers[(*next)++ % SIGNERS];
    return verify(b, side, span_of_text(signer->identifier), signer->signature);
}

static bool verify_known(struct bench *b, struct side *side) {
    return verify(b, side, b->identifier, b->signature);
}

static bool load_domain(struct bench *b, struct side *side) {
    b->module->domain_free(side->domain);
    return b->module->domain_load(b->z_point, b->kpak, &side->domain) == STATUS_OK;
}

static bool load_receiver_key(struct bench *b, struct side *side) {
    b->module->receiver_key_free(side->receiver_key);
    return b->module->receiver_key_load(side->domain, b->identifier, b->rsk, &side->receiver_key) ==
           STATUS_OK;
}

/* What a handset with one domain and one set of keys does before its first message. */
static bool start(struct bench *b, struct side *side) {
    b->module->signing_key_free(side->signing_key);
    return load_domain(b, side) &&
           b->module->signing_key_load(side->domain, b->identifier, b->ssk, b->pvt,
                                       &side->signing_key) == STATUS_OK &&
           load_receiver_key(b, side);
}

static const struct operation {
    const char *name;
    bool (*run)(struct bench *bench, struct side *side);
    unsigned repeated; /* runs in one measurement */
    unsigned each;     /* what one of our runs counts as */
    bool has_peer;
} operations[] = {
    {"encapsulate to a new identity", encapsulate, 1, 1, true},
    {"the same, each of a batch of 32", encapsulate_batch, 1, BATCH, true},
    {"decapsulate and check", decapsulate, 1, 1, true},
    {"issue a receiver key", issue_receiver_key, 2, 1, true},
    {"sign", sign, 16, 1, true},
    {"verify, new signer", verify_new, 8, 1, true},
    {"verify, known signer", verify_known, 8, 1, true},
    {"load a domain", load_domain, 1, 1, false},
    {"load a receiver key, with tables", load_receiver_key, 1, 1, false},
    {"start with one domain and its keys", start, 1, 1, false},
};

enum {
    OPERATIONS = sizeof operations / sizeof *operations
};

/* --- Setting up --- */

static bool make_signers(struct bench *b) {
    for (unsigned i = 0; i < SIGNERS; i++) {
        struct signer *signer = &b->signers[i];
        struct span identifier = new_identifier(b, signer->identifier);
        uint8_t ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
        struct side *side = &b->sides[0];
        struct signing_key *key;
        if (b->module->issue_signing_key(side->master, identifier, &b->entropy, ssk, pvt) !=
                STATUS_OK ||
            b->module->signing_key_load(side->domain, identifier, ssk, pvt, &key) != STATUS_OK) {
            return false;
        }
        bool good = b->module->sign(key, b->message, &b->entropy, signer->signature) == STATUS_OK;
        b->module->signing_key_free(key);
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool open_side(struct bench *b, const struct arithmetic *arithmetic) {
    struct side *side = &b->sides[b->count];
    side->arithmetic = arithmetic;
    arithmetic_choose(arithmetic);
    bool good = b->module->master_load(b->z, b->ksak, &side->master) == STATUS_OK;
    if (good && b->count == 0) {
        good = b->module->public_keys(side->master, b->z_point, b->kpak) == STATUS_OK &&
               b->module->issue_receiver_key(side->master, b->identifier, b->rsk) == STATUS_OK &&
               b->module->issue_signing_key(side->master, b->identifier, &b->entropy, b->ssk,
                                            b->pvt) == STATUS_OK;
    }
    b->count++;
    return good && start(b, side);
}

static bool open_bench(struct bench *b) {
    b->module = provider_find("native");
    b->identifier = span_of_text("2026-11 tel:+447700900123");
    b->message = span_of_text(message_text);
    b->entropy = entropy_from_seed(&b->seeded, 6508);
    bool good = b->module->master_generate(&b->entropy, b->z, b->ksak) == STATUS_OK;
    const char *name;
    for (unsigned n = 0; good && (name = arithmetic_name(n)) != NULL; n++) {
        if (arithmetic_find(name) != NULL) {
            good = b->count < ARITHMETICS_MAX && open_side(b, arithmetic_find(name));
        }
    }
    good = good && make_signers(b) &&
           b->module->sign(b->sides[0].signing_key, b->message, &b->entropy, b->signature) ==
               STATUS_OK &&
           b->module->encapsulate(b->sides[0].domain, b->identifier, b->ssv, b->data) == STATUS_OK;
    b->peer = peer_new(b->z, b->z_point, b->kpak, b->identifier, b->rsk, b->ssk, b->pvt);
    return good;
}

/* --- Measuring --- */

/* Milliseconds of one operation, negative when it fails; the peer's where side is NULL. */
static double measure(struct bench *b, const struct operation *operation, struct side *side) {
    if (side != NULL) {
        arithmetic_choose(side->arithmetic);
    }
    double began = milliseconds_used();
    for (unsigned i = 0; i < operation->repeated; i++) {
        if (!operation->run(b, side)) {
            return -1;
        }
    }
    unsigned each = side != NULL ? operation->each : 1;
    return (milliseconds_used() - began) / operation->repeated / each;
}

static bool measure_row(struct bench *b, const struct operation *operation, unsigned rounds) {
    static double times[1 + ARITHMETICS_MAX][ROUNDS_MAX];
    bool has_peer = operation->has_peer && b->peer != NULL;
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = has_peer ? 0 : 1; i <= b->count; i++) {
            times[i][round] = measure(b, operation, i == 0 ? NULL : &b->sides[i - 1]);
            if (times[i][round] < 0) {
                fprintf(stderr, "bench_keying: %s failed\n", operation->name);
                return false;
            }
        }
    }
    double peer = has_peer ? median(times[0], rounds) : 0;
    printf("%-36s", operation->name);
    if (has_peer) {
        printf("%10.3f", peer);
    } else {
        printf("%10s", "-");
    }
    for (unsigned i = 1; i <= b->count; i++) {
        double ours = median(times[i], rounds);
        printf("%10.3f", ours);
        if (has_peer) {
            printf("%6.1fx", peer / ours);
        } else {
            printf("%7s", "");
        }
    }
    printf("\n");
    return true;
}

/* In the row of an operation: those one at a time, and those eight at a time. */
static bool count_row(struct bench *b, const struct operation *operation) {
    printf("%-36s%10s", operation->name, "");
    for (unsigned i = 0; i < b->count; i++) {
        struct side *side = &b->sides[i];
        arithmetic_choose(multiplications_counted(side->arithmetic));
        (void)multiplications_take();
        if (!operation->run(b, side)) {
            return false;
        }
        struct multiplications taken = multiplications_take();
        char text[32];
        if (taken.eight_at_a_time > 0) {
            snprintf(text, sizeof text, "%.0f + 8 x %.0f", taken.one_at_a_time / operation->each,
                     taken.eight_at_a_time / operation->each);
        } else {
            snprintf(text, sizeof text, "%.0f", taken.one_at_a_time / operation->each);
        }
        printf("%17s", text);
        arithmetic_choose(side->arithmetic);
    }
    printf("\n");
    return true;
}

static void print_head(const struct bench *b, const char *what, const char *peer) {
    printf("%-36s%10s", what, peer);
    for (unsigned i = 0; i < b->count; i++) {
        printf("%17s", b->sides[i].arithmetic->name);
    }
    printf("\n");
}

int main(int argc, char **argv) {
    static struct bench bench;
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : ROUNDS_DEFAULT;
    if (argc > 2 || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_keying [ROUNDS], ROUNDS in 1..%d\n", ROUNDS_MAX);
        return 2;
    }
    if (!open_bench(&bench)) {
        fprintf(stderr, "bench_keying: cannot make the keys\n");
        return 1;
    }
    if (bench.peer == NULL) {
        printf("libwolfssl is not on this machine: no ratios\n");
    }
    bool good = true;
    print_head(&bench, "ms of processor time", "libwolfssl");
    for (unsigned i = 0; good && i < OPERATIONS; i++) {
        good = measure_row(&bench, &operations[i], (unsigned)rounds);
    }
    printf("\n");
    print_head(&bench, "multiplications in F_p", "");
    for (unsigned i = 0; good && i < OPERATIONS; i++) {
        if (operations[i].run != sign && operations[i].run != verify_new &&
            operations[i].run != verify_known) {
            good = count_row(&bench, &operations[i]);
        }
    }
    printf("\nA receiver key's tables: %zu KiB one at a time, %zu KiB eight at a time.\n",
           sizeof(struct pairing_steps) / 1024, sizeof(struct eight_pairing_steps) / 1024);
    return good ? 0 : 1;
}
