/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compare_recordings SENT RECEIVED - prints the likeness of two WAV files (app/voice/likeness.h);
 * exits with 0 when RECEIVED holds the speech of SENT, with 3 when it does not. */
#include <stdio.h>
#include <stdlib.h>

#include "app/sound/wav.h"
#include "app/voice/likeness.h"

int main(int argc, char *argv[]) {
    struct wav sent = {0}, received = {0};
    struct error error;
    double score = 0;
    if (argc != 3) {
        fputs("usage: compare_recordings SENT RECEIVED\n", stderr);
        return 2;
    }
    if (wav_load(argv[1], &sent, &error) != STATUS_OK ||
        wav_load(argv[2], &received, &error) != STATUS_OK) {
        fprintf(stderr, "compare_recordings: %s\n", error.text);
        return 1;
    }
    enum status status =
        likeness((struct recording){sent.samples, sent.count},
                 (struct recording){received.samples, received.count}, &score, NULL);
    free(sent.samples);
    free(received.samples);
    if (status != STATUS_OK) {
        fprintf(stderr, "compare_recordings: %s\n", status_text(status));
        return 1;
    }
    printf("%.2f\n", score);
    return score >= LIKENESS_SAME ? 0 : 3;
}
