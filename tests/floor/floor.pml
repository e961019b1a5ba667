/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The floor (app/handset/talk/floor.h) of three handsets in one group, on air that delays and loses:
 * tests/floor/check_floor looks at every history.
 *
 * Time goes in turns. In its turn a handset hears what came, or leaves it for the next one; presses,
 * if it likes and counts nobody as talking; and says a packet if it talks, of which each of the
 * others may lose its copy. What a talk claims is its rank, the lower the better: the beginning as
 * its own clock has it, whatever that is, and then the identity. One talks in emergency, whose rank is
 * better than all of those, and presses also while somebody talks in none. A packet of a better rank closes
 * the microphone. Who talks counts until its end comes, or until it was silent for long.
 *
 * ENDLESS: nobody releases, and no talk is too long. MUTANT breaks a rule, and the check must find
 * that: 1 who is heard first keeps the floor, 2 no microphone is closed by another's packet, 3 nobody
 * is forgotten for being silent.
 */
#define N 3
#define LOST_IN_A_ROW 1
#ifndef MUTANT
#define MUTANT 0
#endif
#define PRESSES 1
#define PACKETS 2 /* of a talk that is not endless */

mtype = { voice, over };

#define AT(one, other) ((one) * N + (other))
#define OWN(me) rank_of[AT(me, me)]

chan air[N * N] = [1] of { mtype, byte }; /* from one to the other */
bool is_late[N * N];                      /* what is in there was left for the next turn once */
byte lost[N * N];                         /* copies in a row */
byte rank_of[N * N]; /* at one: of the other, who counts as talking, or of itself; 0: none */
byte presses[N] = PRESSES;
byte packets[N];
byte played[N]; /* who has the floor there: number and 1; 0: nobody */

/* Do both handsets hear the same talk of that one? */
#define BOTH_HEAR(one, other, who) \
    (rank_of[AT(one, who)] != 0 && rank_of[AT(one, who)] == rank_of[AT(other, who)])

/* Two handsets that hear the same two talks, and do not agree who of them has the floor. */
#define DIFFER(one, other, a, b) \
    (BOTH_HEAR(one, other, a) && BOTH_HEAR(one, other, b) && \
     ((played[one] == a + 1 && played[other] == b + 1) || \
      (played[one] == b + 1 && played[other] == a + 1)))
#define THEY_DIFFER(one, other) \
    (DIFFER(one, other, 0, 1) || DIFFER(one, other, 0, 2) || DIFFER(one, other, 1, 2))
#define AGREED !(THEY_DIFFER(0, 1) || THEY_DIFFER(0, 2) || THEY_DIFFER(1, 2))

/* Who has the floor at `me`: the best rank of all that count. */
inline look(me) {
    best = 0;
    if
    :: MUTANT == 1 && played[me] != 0 && rank_of[AT(me, played[me] - 1)] != 0 /* keeps it */
    :: else ->
        played[me] = 0;
        for (other : 0 .. N - 1) {
            if
            :: rank_of[AT(me, other)] != 0 && (best == 0 || rank_of[AT(me, other)] < best) ->
                best = rank_of[AT(me, other)];
                played[me] = other + 1
            :: else
            fi
        }
    fi;
    best = 0;
    other = 0;
    assert(AGREED)
}

/* Its copy for each of the others, or not. While one is on its way, the next one is lost. */
inline say(me, what, which) {
    for (other : 0 .. N - 1) {
        if
        :: other == me || full(air[AT(me, other)])
        :: other != me && nfull(air[AT(me, other)]) ->
            air[AT(me, other)]!what, which;
            lost[AT(me, other)] = 0
        :: other != me && nfull(air[AT(me, other)]) && lost[AT(me, other)] < LOST_IN_A_ROW ->
            lost[AT(me, other)]++
        fi
    }
    other = 0
}

inline stop(me) {
    OWN(me) = 0;
    packets[me] = 0;
    say(me, over, 0);
    look(me)
}

inline hear(me, from) {
    if
    :: empty(air[AT(from, me)]) ->
        if /* it was silent for long */
        :: MUTANT != 3 && from != me && rank_of[AT(me, from)] != 0 && OWN(from) == 0 ->
            rank_of[AT(me, from)] = 0;
            look(me)
        :: else
        fi
    :: nempty(air[AT(from, me)]) && !is_late[AT(from, me)] -> is_late[AT(from, me)] = true
    :: nempty(air[AT(from, me)]) ->
        air[AT(from, me)]?kind, rank;
        is_late[AT(from, me)] = false;
        rank_of[AT(me, from)] = (kind == voice -> rank : 0);
        look(me);
        if
        :: OWN(me) != 0 && played[me] != me + 1 && MUTANT != 2 -> stop(me)
        :: else
        fi;
        kind = over;
        rank = 0
    fi
}

#define IN_EMERGENCY 0 /* that handset, if it likes; its rank is one that no other has */

#define IS_FREE(me) \
    (rank_of[AT(me, 0)] == 0 && rank_of[AT(me, 1)] == 0 && rank_of[AT(me, 2)] == 0)
#define TALKERS ((OWN(0) != 0) + (OWN(1) != 0) + (OWN(2) != 0))

/* Nobody presses any more. */
#define ALL_PRESSED (presses[0] + presses[1] + presses[2] == 0)
#define ALL_FREE (IS_FREE(0) && IS_FREE(1) && IS_FREE(2))

active proctype world() {
    mtype kind = over;
    byte me, other, rank, best;
    do
    :: atomic {
        hear(me, 0);
        hear(me, 1);
        hear(me, 2);
        if
        :: presses[me] > 0 && IS_FREE(me) ->
            presses[me]--;
            if
            :: OWN(me) = N + me + 1
            :: OWN(me) = 2 * N + me + 1
            :: skip /* it does not like to */
            fi;
            packets[me] = (OWN(me) != 0 -> PACKETS : 0);
            look(me)
        :: presses[me] > 0 && me == IN_EMERGENCY && OWN(me) == 0 -> /* whoever talks */
            presses[me]--;
            OWN(me) = me + 1;
            packets[me] = PACKETS;
            look(me)
        :: true
        fi;
        if
        :: OWN(me) == 0
        :: OWN(me) != 0 && packets[me] > 0 -> say(me, voice, OWN(me))
        :: OWN(me) != 0 && packets[me] == 0 -> stop(me)
        fi;
#ifndef ENDLESS
        packets[me] = (packets[me] > 0 -> packets[me] - 1 : 0);
#endif
        me = (me + 1) % N
       }
    od
}

/* Of those who talk all but one stop, whatever is lost; with ENDLESS. */
ltl one_talker { <>[] (TALKERS <= 1) }

/* Once nobody presses any more all find the floor free, whatever is lost; without. */
ltl becomes_free { [] (ALL_PRESSED -> <> ALL_FREE) }
