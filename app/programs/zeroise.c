/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/zeroise.h"

#include <string.h>

void zeroise_run(struct zeroise *zeroise) {
    if (zeroise->is_done) {
        return;
    }
    zeroise->is_done = true;
    destroy_store(zeroise->store, &zeroise->destruction);
    if (zeroise->log != NULL) {
        destroy_file(zeroise->log, &zeroise->destruction);
    }
    if (zeroise->recording != NULL) {
        destroy_file(zeroise->recording, &zeroise->destruction);
    }
}

bool zeroise_is_whole(const struct zeroise *zeroise) {
    return destruction_is_whole(&zeroise->destruction);
}

void zeroise_print(const struct zeroise *zeroise, FILE *out) {
    const struct destruction *destruction = &zeroise->destruction;
    if (destruction->found == 0 && destruction->left_count == 0) {
        fprintf(out, "Nothing of %s is left.\n", zeroise->store);
        return;
    }
    fprintf(out, "This handset was %szeroised: %zu files of %s are destroyed.\n",
            zeroise_is_whole(zeroise) ? "" : "NOT wholly ",
            destruction->found - destruction->left_count, zeroise->store);
    for (size_t i = 0; i < destruction->left_count; i++) {
        const struct destruction_rest *rest = &destruction->left[i];
        fprintf(out, "%s %s: %s\n",
                rest->is_emptied ? "Emptied, but its name is left:" : "STILL THERE:", rest->path,
                strerror(rest->cause));
    }
    fputs("Copies, backups and other handsets' keys are not touched: tell your KMS and the groups' "
          "managers.\n",
          out);
}
