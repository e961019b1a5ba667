/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who talks in a squad's group, as its handsets see it; for tests of the floor and of emergencies.
 */
#ifndef MUSTER_TESTS_APP_TALKERS_H
#define MUSTER_TESTS_APP_TALKERS_H

#include "tests/app/squad.h"

/* `count` handsets in one group, which have met. */
struct squad *talkers_new(size_t count);

/* At handset n one talks, who is `talker`; and n talks itself if it is that. */
void talkers_expect(struct squad *squad, size_t n, size_t talker);

/* The events of that kind in the log of handset n, about `identity`, or about anybody: NULL. */
unsigned talkers_events(struct squad *squad, size_t n, enum event_kind kind, const char *identity);

/* A filter: of what is said announcements alone arrive. */
bool talkers_cut_media(void *context, struct squad_frame *frame, size_t receiver);

#endif
