/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `muster demo`: several handsets in one program. On a terminal a trainer sees them side by side
 * and works them by hand; without one, or with --script, a script does so on a virtual clock, as
 * fast as it can, and the transcript goes to standard output.
 */
#ifndef MUSTER_APP_PROGRAMS_DEMO_H
#define MUSTER_APP_PROGRAMS_DEMO_H

/* Runs it with the arguments that follow the word `demo`, which is argv[0]. Returns the program's
 * exit code: 0 when everything went as expected; 1 when a line of the script failed, a member did
 * not hear what was said, a stranger did, or something failed (one line on standard error says
 * what); 2 for a bad option or an invalid script; 128 plus its number when a signal ended it. */
int demo_main(int argc, char **argv);

#endif
