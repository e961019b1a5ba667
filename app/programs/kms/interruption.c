/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/kms/interruption.h"

#include <stddef.h>

volatile sig_atomic_t interruption_came;

static void note(int signal_number) {
    (void)signal_number;
    interruption_came = 1;
}

/* No call is begun again after it: one that waits, for a turn or for who reads what is printed,
 * ends. */
void interruption_prepare(void) {
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    struct sigaction action = {.sa_handler = note}, before;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        /* Who started it in such a way that it outlives the terminal (nohup) means that. */
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(signals[i], &action, NULL);
        }
    }
}
