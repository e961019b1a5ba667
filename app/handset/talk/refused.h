/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Talkers who are refused for time, so that the officer knows who talks unheard. An announcement
 * that proves to be genuine is refused when its group time differs and its talker's clock was not
 * measured (judging.h): then nobody can tell whether the talker's clock differs or somebody plays a
 * recording. It counts once: of one life of a talker (air/life.h) only what is later than what came
 * before, and its repetitions for as long as a talker repeats one.
 */
#ifndef MUSTER_APP_HANDSET_TALK_REFUSED_H
#define MUSTER_APP_HANDSET_TALK_REFUSED_H

#include "app/handset/air/seen.h"
#include "app/handset/desk/desk.h"
#include "app/handset/talk/judging.h"
#include "app/handset/talk/noted.h"
#include "app/handset/view.h"

enum {
    REFUSED_SHOWN_MS = 5 * 1000, /* after the last announcement */
    REFUSED_TOLD_MS = 60 * 1000, /* one event a talker in so long */
    REFUSED_HASH_SIZE = 16,
};

struct refused_talker {
    uint8_t start[START_SIZE];
    int64_t age_ms; /* of that life: the latest announcement's, */
    uint8_t hash[REFUSED_HASH_SIZE];
    int64_t lead_ms;           /* its group time minus ours */
    int64_t first_ms, told_ms; /* boot clock: when it came first, and was told of last */
};

struct refused {
    struct noted names;
    struct refused_talker talkers[NOTED_MAX];
    struct seen added; /* by what the signature covers: none counts as a new one again */
    struct seen told;  /* what was refused, and for what */
};

/* May the clock of its talker be why that announcement was refused? Not where it was measured to be
 * old. */
bool refused_by_clock(const struct judgement *judgement);

/* An announcement was refused by its talker's clock. A repetition of one that was added is noted.
 * True when it is a new one: if it proves to be genuine, refused_add follows. */
bool refused_hear(struct refused *refused, const struct announcement *announcement,
                  struct span octets, struct moment now);

/* May its signature be checked now? If so that is paid for. */
bool refused_may_check(struct refused *refused, struct moment now);

/* It is genuine. Returns whether the officer is to be told, as not in the last REFUSED_TOLD_MS. */
bool refused_add(struct refused *refused, const struct announcement *announcement,
                 struct span octets, int64_t lead_ms, struct moment now);

/* An announcement was refused with `status`. Is that news, or a repetition of one that was refused
 * for the same? Talkers repeat theirs several times a second, and each is judged anew. */
bool refused_is_news(struct refused *refused, struct span octets, enum status status);

/* That talker is heard now. */
void refused_forget(struct refused *refused, const char *identity, const char *group);

/* Who was refused in the last REFUSED_SHOWN_MS; the names are left to the caller. */
void refused_show(const struct refused *refused, struct moment now, struct view *view);

#endif
