/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a terminal is given back as it was found, however the program ends: return, exit, a signal, a
 * crash; and when job control stops it. A signal handler is handed nothing, so that the terminal's
 * settings, and the octets that undo what it was sent, are kept here; one terminal at a time.
 */
#ifndef MUSTER_UI_RESTORATION_H
#define MUSTER_UI_RESTORATION_H

#include <stdbool.h>
#include <termios.h>

/* Notes how the terminal behind standard input is set. False when it is none. */
bool restoration_begin(void);

/* The terminal's descriptors, the caller's until the end, and the flags of the first one's open
 * file as they are now. */
void restoration_note(int input, int output);

/* The settings as they were. */
const struct termios *restoration_settings(void);

/* Adds octets that the terminal is to be sent; NULL is allowed. */
void restoration_remember(const char *octets);

/* From now on every end gives the terminal back. */
void restoration_arm(void);

/* Gives it back now; without the octets when the terminal `has_them` already. */
void restoration_end(bool has_them);

/* Was the terminal asked to tell when keys are released? That ends first of all, and only then. */
void restoration_set_releases(bool are_told);
bool restoration_has_releases(void);

/* Catches what ends and what stops the program, but for what it catches already, and lets go. */
void restoration_catch_signals(void);
void restoration_release_signals(void);

/* Is the terminal the program's? Whoever changes it from the background is stopped for that. */
bool restoration_is_in_front(void);

/* The program goes on after it was stopped, and the terminal was somebody else's meanwhile; it is
 * in front again, and this is the first time that it is asked. */
bool restoration_is_taking_back(void);

/* Has it gone on after it was stopped since this was asked last? */
bool restoration_stood_still(void);

/* Gives the terminal back, and stops the program until it is continued; where nobody could continue
 * it (no shell has it as a job), it goes on at once. */
void restoration_stop(void);

#endif
