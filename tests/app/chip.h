/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TPM of software (swtpm) with a state folder and a port of its own.
 */
#ifndef MUSTER_TESTS_APP_CHIP_H
#define MUSTER_TESTS_APP_CHIP_H

#include <stdbool.h>
#include <sys/types.h>

struct chip {
    pid_t pid; /* 0: it is off */
    char folder[128];
    char name[64]; /* as tpm_use takes it; another one after each start */
};

/* Is there swtpm on this machine? */
bool chip_is_possible(void);

/* Switches it on, with the state that the folder has, and makes it the one that this program uses;
 * a folder that is not there is made, with a chip that is new. Ends the test where it does not
 * start. */
void chip_on(struct chip *chip, const char *folder);

/* As when its power is cut. */
void chip_off(struct chip *chip);

/* Removes the folder of a chip that is off, if it is there. */
void chip_discard(const char *folder);

/* As its owner does in the firmware: what it sealed is worthless. */
void chip_clear(const struct chip *chip);

/* Its owner sets a password. */
void chip_take_ownership(const struct chip *chip);

#endif
