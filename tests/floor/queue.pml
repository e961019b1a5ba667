/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue for the floor (app/handset/talk/queue.h, turns.h, asking.h) of three handsets in one group, on
 * air that delays and loses: tests/floor/check_floor looks at every history.
 *
 * Time goes in turns of the world, in which each handset hears what came; presses, if its officer likes;
 * and says a packet if it talks, or its request if it asks and was not answered. Each of the others may
 * lose its copy, but not two in a row: so an end, which is said twice, is late at some; or it reaches
 * nobody. Who talks names in each packet who is queued, and at the end in whose order the turns are. A turn
 * opens no microphone. Collisions are floor.pml's matter: here the lower number has the floor, and who
 * gives way ends without a queue.
 *
 * MUTANT breaks a rule, and the check must find that: 1 the others' turns begin as soon as the first one's
 * is over, without the time that an end takes to be heard; 2 a request outlives a talker who fell silent;
 * 3 turns never end.
 */
#define N 3
#ifndef MUTANT
#define MUTANT 0
#endif
#define PRESSES 2 /* of an officer, to talk or to ask; the first one has one */
#define PACKETS 2
#define ENDS 2
#define TURN 1 /* so long may one press whose turn it is, */
#if MUTANT == 1
#define EVERY TURN
#else
#define EVERY (TURN + 2) /* and the others wait for so long */
#endif
#define TURNS (2 * EVERY)

mtype = { voice, over, asks };

#define AT(one, other) ((one) * N + (other))
#define NOBODY N

chan air[N * N] = [1] of { mtype, byte, byte, byte }; /* the talk's number, who is queued first and second */
bool lost[N * N];                               /* the copy before */
bool counts[N * N];                             /* at one: does the other, or itself, talk? */
byte presses[N] = PRESSES;
byte talks[N]; /* that it has begun */
byte packets[N], ends[N];
byte first[N] = NOBODY, second[N] = NOBODY; /* the queue that one keeps */
byte asked[N] = NOBODY;                     /* who is asked for the floor */
bool is_queued[N];                          /* and has answered */
byte turn_of[N] = NOBODY, turn_talk[N];     /* whose talk it was after which turns are taken there, */
byte turn_first[N] = NOBODY, turn_second[N] = NOBODY;
byte turn_age[N]; /* and how long ago its end was heard */

#define IS_TURN(me) \
    (turn_of[me] != NOBODY && ((turn_first[me] == me && turn_age[me] < TURN) || \
     (turn_second[me] == me && turn_age[me] >= EVERY && turn_age[me] < EVERY + TURN)))
#define IS_FREE(me) (!counts[AT(me, 0)] && !counts[AT(me, 1)] && !counts[AT(me, 2)])
#define MAY_PRESS(me) (IS_FREE(me) && (turn_of[me] == NOBODY || IS_TURN(me)))

/* Both have their turn, after the same talk. */
#define BOTH_TURN(one, other) (IS_TURN(one) && IS_TURN(other) && turn_of[one] == turn_of[other] && \
                               turn_talk[one] == turn_talk[other])

inline say(me, what, one, two) {
    for (other : 0 .. N - 1) {
        if
        :: other == me || full(air[AT(me, other)])
        :: other != me && nfull(air[AT(me, other)]) ->
            air[AT(me, other)]!what, talks[me], one, two;
            lost[AT(me, other)] = false
        :: other != me && nfull(air[AT(me, other)]) && !lost[AT(me, other)] -> lost[AT(me, other)] = true
        fi
    }
    other = 0
}

inline forget_turns(me) {
    turn_of[me] = NOBODY;
    turn_talk[me] = 0;
    turn_first[me] = NOBODY;
    turn_second[me] = NOBODY;
    turn_age[me] = 0
}

/* It talks no more; the end is said in this turn and the ones after it. */
inline stop(me) {
    counts[AT(me, me)] = false;
    packets[me] = 0;
    ends[me] = ENDS
}

/* The officer of `me` asked `from`, who talks no more. */
inline ask_no_more(me, from) {
    if
    :: asked[me] == from ->
        asked[me] = NOBODY;
        is_queued[me] = false
    :: else
    fi
}

inline hear_end(me, from) {
    if
    :: counts[AT(me, from)] -> /* its repetition says nothing new */
        counts[AT(me, from)] = false;
        ask_no_more(me, from);
        if
        :: one != NOBODY && IS_FREE(me) ->
            turn_of[me] = from;
            turn_talk[me] = number;
            turn_first[me] = one;
            turn_second[me] = two;
            turn_age[me] = 0
        :: else
        fi
    :: else
    fi
}

inline hear_voice(me, from) {
    counts[AT(me, from)] = true;
    forget_turns(me);
    if
    :: asked[me] == from -> is_queued[me] = (one == me || two == me)
    :: else
    fi;
    if
    :: counts[AT(me, me)] && from < me ->
        first[me] = NOBODY;
        second[me] = NOBODY;
        stop(me)
    :: else
    fi
}

inline hear_request(me, from) {
    if
    :: !counts[AT(me, me)] || first[me] == from || second[me] == from
    :: else ->
        if
        :: first[me] == NOBODY -> first[me] = from
        :: else -> second[me] = from
        fi
    fi
}

inline hear(me, from) {
    if
    :: empty(air[AT(from, me)]) ->
        if /* it was silent for long */
        :: from != me && counts[AT(me, from)] && !counts[AT(from, from)] && ends[from] == 0 ->
            counts[AT(me, from)] = false;
            if
            :: MUTANT != 2 -> ask_no_more(me, from)
            :: else
            fi
        :: else
        fi
    :: nempty(air[AT(from, me)]) ->
        air[AT(from, me)]?kind, number, one, two;
        if
        :: kind == voice -> hear_voice(me, from)
        :: kind == over -> hear_end(me, from)
        :: kind == asks -> hear_request(me, from)
        fi;
        kind = over;
        number = 0;
        one = 0;
        two = 0
    fi
}

inline press(me) {
    if
    :: presses[me] > 0 && MAY_PRESS(me) && ends[me] == 0 ->
        presses[me]--;
        talks[me]++;
        counts[AT(me, me)] = true;
        packets[me] = PACKETS;
        first[me] = NOBODY;
        second[me] = NOBODY;
        forget_turns(me)
    :: presses[me] > 0 && !counts[AT(me, me)] && asked[me] == NOBODY ->
        presses[me]--;
        if
        :: counts[AT(me, 0)] -> asked[me] = 0
        :: !counts[AT(me, 0)] && counts[AT(me, 1)] -> asked[me] = 1
        :: !counts[AT(me, 0)] && !counts[AT(me, 1)] && counts[AT(me, 2)] -> asked[me] = 2
        :: else
        fi
    :: true
    fi
}

/* Its packet, its end or its request. */
inline speak(me) {
    if
    :: counts[AT(me, me)] && packets[me] == 0 -> stop(me)
    :: counts[AT(me, me)] && packets[me] == 0 -> /* its end reaches nobody */
        stop(me);
        ends[me] = 0
    :: else
    fi;
    if
    :: counts[AT(me, me)] ->
        packets[me]--;
        say(me, voice, first[me], second[me])
    :: !counts[AT(me, me)] && ends[me] > 0 ->
        ends[me]--;
        say(me, over, first[me], second[me])
    :: else ->
        if
        :: asked[me] != NOBODY && !is_queued[me] -> say(me, asks, NOBODY, NOBODY)
        :: else
        fi
    fi
}

inline age(me) {
    if
    :: turn_of[me] != NOBODY && turn_age[me] < TURNS -> turn_age[me]++
    :: else
    fi;
    if
    :: turn_age[me] == TURNS && MUTANT != 3 -> forget_turns(me)
    :: else
    fi
}

#define ALL_PRESSED (presses[0] + presses[1] + presses[2] == 0)
#define ALL_MAY (IS_FREE(0) && IS_FREE(1) && IS_FREE(2) && turn_of[0] == NOBODY && \
                 turn_of[1] == NOBODY && turn_of[2] == NOBODY)
#define NOBODY_ASKS (asked[0] == NOBODY && asked[1] == NOBODY && asked[2] == NOBODY)

active proctype world() {
    mtype kind = over;
    byte me, other, number, one, two;
    presses[0] = 1;
    do
    :: atomic {
        age(me);
        hear(me, 0);
        hear(me, 1);
        hear(me, 2);
        press(me);
        speak(me);
        assert(!BOTH_TURN(0, 1) && !BOTH_TURN(0, 2) && !BOTH_TURN(1, 2));
        me = (me + 1) % N
       }
    od
}

/* Once nobody presses any more it is nobody's turn and all find the floor free, whatever is lost. */
ltl all_may { [] (ALL_PRESSED -> <> ALL_MAY) }

/* And nobody waits for an answer, or for a turn, that never comes. */
ltl nobody_waits { [] (ALL_PRESSED -> <> NOBODY_ASKS) }
