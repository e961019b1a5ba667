/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes what the real programs would make, but for a passphrase that is quick to try, so that a
 * check can start them hundreds of times.
 *
 *     quick_store store FILE PASSPHRASE          an empty store, for muster or muster-gm
 *     quick_store domain FILE PASSPHRASE URI     a domain, for muster-kms
 */
#include <stdio.h>
#include <string.h>

#include "app/kms/kms.h"

int main(int argc, char *argv[]) {
    struct error error = {0};
    struct store *store = NULL;
    struct kms *kms = NULL;
    enum status status = STATUS_MALFORMED;
    if (argc == 4 && strcmp(argv[1], "store") == 0) {
        status = store_create(argv[2], span_of_text(argv[3]), STORE_QUICK, &entropy_system, &store,
                              &error);
        store_close(store);
    } else if (argc == 5 && strcmp(argv[1], "domain") == 0) {
        status = kms_init(argv[2], argv[4], false, span_of_text(argv[3]), STORE_QUICK,
                          provider_find("native"), &entropy_system, &kms, &error);
        kms_close(kms);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "quick_store: %s\n", error.text);
        return 1;
    }
    return 0;
}
