/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asking for the floor: what the officer's press brings while another has it. The first asks to be
 * queued (queue.h), the next one takes that back. The request is repeated until it is answered, and
 * renewed for as long as it stands. When the talk ends and it is this officer's turn (turns.h) that
 * is told; the microphone opens at a press alone. Who has not had its turn when another has begun
 * to talk asks that one, in whose queue it keeps its place.
 *
 * A request does not outlive a talker who falls silent, or an emergency, or ASKING_LONGEST_MS.
 * Under radio silence nobody asks.
 */
#ifndef MUSTER_APP_HANDSET_TALK_ASKING_H
#define MUSTER_APP_HANDSET_TALK_ASKING_H

#include "app/handset/air/air.h"
#include "app/handset/command.h"
#include "app/handset/talk/emergency.h"
#include "app/handset/talk/floor.h"
#include "app/handset/talk/seats.h"
#include "app/handset/talk/turns.h"

enum {
    ASKING_ANSWER_MS = 1500, /* without an answer for so long there will be none */
    ASKING_TRIES = 4,        /* how often a request is said until then: */
    ASKING_FIRST_MS = 150, /* the second time so long after the first; then twice that, and so on */
    ASKING_RENEW_MS = 10 * 1000,    /* well within QUEUE_LASTS_MS, though two are lost */
    ASKING_LOOK_MS = 200,           /* while it stands: does who has the floor still talk? */
    ASKING_LONGEST_MS = 180 * 1000, /* an officer who still wants to talk presses again */
};

struct asking {
    struct desk *desk;
    struct air *air;
    struct groups *groups;
    struct floor *floor;
    struct turns *turns;
    const struct emergencies *emergencies;
    struct session *sessions; /* that are heard: SESSIONS_MAX, of which nothing is changed here */
    enum asked_state state;
    bool takes_back;     /* nothing is wanted any more, and that is being said */
    bool is_ordered;     /* the end of a talk named this handset among those who are queued */
    struct claim holder; /* who is asked, and where */
    uint8_t priority;
    uint8_t who[QUEUE_WHO_SIZE]; /* this handset */
    int64_t number;
    unsigned tries, position;
    bool has_answer;
    uint32_t answer_time;                                 /* RTP time of the newest answer */
    int64_t pressed_ms, asked_ms, repeat_ms, look_due_ms; /* boot clock */
};

/* The officer has pressed in command->group, and the press was refused with *problem, an
 * EVENT_FLOOR_TAKEN: asks, or takes that back, which is then what *problem says. Where nothing can
 * be asked it stays. */
void asking_press(struct asking *asking, struct moment now, const struct command *command,
                  struct event *problem);

/* The officer talks or is in a call now: what was asked is taken back. */
void asking_stop(struct asking *asking, struct moment now);

/* A packet of a talk session verified: RTP, opened. To be called before the floor hears of it. */
void asking_packet(struct asking *asking, struct moment now, const struct session *session,
                   const struct media *media, struct span rtp);

/* Who has the floor may have changed. */
void asking_look(struct asking *asking, struct moment now);

void asking_tick(struct asking *asking, struct moment now);
int64_t asking_deadline(const struct asking *asking);

void asking_show(const struct asking *asking, struct view *view);

#endif
