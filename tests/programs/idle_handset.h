/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A real `muster` at rest on a terminal of its own, on the loopback interface, with neighbours that
 * say their presence: how often it wakes up, and what that costs.
 */
#ifndef MUSTER_TESTS_PROGRAMS_IDLE_HANDSET_H
#define MUSTER_TESTS_PROGRAMS_IDLE_HANDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    IDLE_NEIGHBOURS_MAX = 20,
};

struct idle_cost {
    double seconds; /* that it was watched for */
    double wakeups; /* how often a thread began to run after it had waited: of the process that */
    double all_wakeups; /* does so most, and of that and its radios' together */
    double processor_ms;
    size_t drawings; /* on its screen */
    size_t frames;   /* that its neighbours said */
};

struct idle_handset;

/* Starts the program at `muster` with a new store in `folder`, and waits until it is on the air and
 * knows its `neighbours`, at most IDLE_NEIGHBOURS_MAX. NULL, with a line in `problem`, when that
 * does not come about. idle_handset_end frees. */
struct idle_handset *idle_handset_begin(const char *muster, const char *folder, size_t neighbours,
                                        char problem[160]);

/* Lets `seconds` pass, in which the neighbours go on, and tells what they cost the program. False
 * when it ended meanwhile. */
bool idle_handset_watch(struct idle_handset *idle, double seconds, struct idle_cost *cost);

/* Prints what each thread of the program is doing, several times: where one spins, this tells. The
 * kernel's stacks need root. */
void idle_handset_explain(const struct idle_handset *idle);

/* Presses a key that leads to another screen, or changes the size of the terminal, and tells after
 * how many milliseconds that is drawn; -1 when it is not within 5 s. */
int idle_handset_press(struct idle_handset *idle, char key);
int idle_handset_resize(struct idle_handset *idle, unsigned columns, unsigned rows);

/* Stops the terminal (as Ctrl-S does where it means that), or lets it go on. */
bool idle_handset_pause(const struct idle_handset *idle, bool is_paused);

/* Does it still say its presence? It has 20 s for the next one. */
bool idle_handset_is_on_air(struct idle_handset *idle);

/* Sends it the signal; has it ended 10 s later? */
bool idle_handset_ends_with(struct idle_handset *idle, int number);

void idle_handset_end(struct idle_handset *idle);

/* Of a process and those that it started, its radios' for one: how often their threads have waited
 * so far, all together and those of the one that waits most; and how long all of them have run. */
double process_waits(pid_t pid);
double process_waits_most(pid_t pid);
double process_ms(pid_t pid);

#endif
