/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_renewal [IDENTITIES [FOLDER [MODULE]]]: a domain renews everybody's keys, for a tenth, a
 * third and all of IDENTITIES (10000), on one core and on all. Everything is real: issuing,
 * checking, sealing, the audit log, a durable file for each. Prints bundles a second, processor
 * time for each, and the most memory used so far. The domains and bundles are made in a new folder
 * in FOLDER (/tmp) and removed. MODULE is the crypto module: native, native:portable.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/kms/domain.h"
#include "app/kms/register.h"
#include "app/kms/renewal.h"
#include "tests/bench/stopwatch.h"

#define PASSPHRASE span_of_text("correct horse")

static const int64_t november_ms = INT64_C(1793491200000);
static const int64_t december_ms = INT64_C(1796083200000);

/* Puts identities into the register as if they had been enrolled this month. */
static enum status fill_register(struct kms *kms, unsigned identities, struct error *error) {
    enum status status = STATUS_OK;
    for (unsigned n = 0; status == STATUS_OK && n < identities;) {
        struct batch *batch = batch_new();
        if (batch == NULL) {
            return STATUS_NO_MEMORY;
        }
        for (; status == STATUS_OK && n < identities && batch->count < BATCH_CHANGES_MAX; n++) {
            struct register_entry entry = {
                .enrolled_ms = november_ms, .until_ms = december_ms, .max_key_period_ms = 43200000};
            snprintf(entry.identity, sizeof entry.identity, "tel:+447700%06u", n);
            uint8_t private_key[DEVICE_KEY_SIZE];
            status = seal_box_keys(&entropy_system, entry.device_key, private_key);
            if (status == STATUS_OK) {
                status = register_put(&entry, batch);
            }
        }
        if (status == STATUS_OK) {
            status = store_apply(kms->store, batch, error);
        }
        batch_free(batch);
    }
    return status;
}

static void no_progress(void *context, size_t done, size_t total) {
    (void)context;
    (void)done;
    (void)total;
}

static void remove_folder(const char *path) {
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder != NULL) {
        closedir(folder);
    }
    rmdir(path);
}

static const char *module = "native";

static enum status measure(const char *path, unsigned identities, unsigned threads) {
    char domain[256], bundles[256];
    struct error error = {.text = "out of memory"};
    struct kms *kms;
    struct renewal_result result = {0};
    snprintf(domain, sizeof domain, "%s/domain", path);
    snprintf(bundles, sizeof bundles, "%s/bundles", path);
    const struct renewal_terms terms = {
        .now_ms = december_ms - 1, .folder = bundles, .threads = threads};
    enum status status = kms_init(domain, "sip:kms@county.example", false, PASSPHRASE, STORE_QUICK,
                                  provider_find(module), &entropy_system, &kms, &error);
    if (status == STATUS_OK) {
        status = fill_register(kms, identities, &error);
        double began = milliseconds_passed(), used = milliseconds_used();
        if (status == STATUS_OK) {
            status = renewal_run(kms, &terms, no_progress, NULL, &result, &error);
        }
        double passed = milliseconds_passed() - began;
        used = milliseconds_used() - used;
        if (status == STATUS_OK) {
            printf("%10u%9u%10.2f s%10.0f%11.3f ms%12ld KiB\n", identities, threads, passed / 1e3,
                   (double)result.bundles / passed * 1e3, used / (double)result.bundles,
                   memory_peak());
        }
        kms_close(kms);
        store_discard(domain);
        remove_folder(bundles);
    }
    if (status != STATUS_OK || result.bundles != identities) {
        fprintf(stderr, "bench_renewal: %s\n", error.text);
    }
    return status;
}

int main(int argc, char **argv) {
    long identities = argc > 1 ? strtol(argv[1], NULL, 10) : 10000;
    char path[200];
    snprintf(path, sizeof path, "%.150s/muster-bench.XXXXXX", argc > 2 ? argv[2] : "/tmp");
    module = argc > 3 ? argv[3] : module;
    if (argc > 4 || identities < 10 || identities > 999999 || provider_find(module) == NULL ||
        mkdtemp(path) == NULL) {
        fprintf(stderr, "usage: bench_renewal [IDENTITIES [FOLDER [MODULE]]], IDENTITIES in "
                        "10..999999\n");
        return 2;
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    printf("Renewing everybody's keys: a bundle issued, checked, sealed, logged and durable\n");
    printf("%10s%9s%12s%10s%14s%16s\n", "identities", "threads", "time", "a second", "CPU for each",
           "memory");
    const unsigned numbers[] = {(unsigned)identities / 10, (unsigned)identities / 3,
                                (unsigned)identities};
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof numbers / sizeof *numbers; i++) {
        if (i == 0) {
            status = measure(path, numbers[i], 1);
        }
        if (status == STATUS_OK) {
            status = measure(path, numbers[i], cores > 1 ? (unsigned)cores : 1);
        }
    }
    remove_folder(path);
    return status == STATUS_OK ? 0 : 1;
}
