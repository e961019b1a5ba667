/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is longer than a frame, or than a link takes: parts of D2D records, and of frames
 * (app/handset/air/fragment.h). Random tests print their seed and take it as SEED=N.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/handset/air/fragment.h"
#include "app/handset/d2d/opening.h"
#include "app/handset/d2d/saying.h"
#include "app/handset/handset.h"
#include "squad.h"
#include "town.h"

enum {
    NARROW = 548, /* what IPv4 leaves of 576 octets */
    PEER = 7,
    ATTACKER = 8
};

static uint64_t the_seed(void) {
    static uint64_t seed;
    const char *given = getenv("SEED");
    if (seed == 0) {
        seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    }
    return seed;
}

static uint32_t draw(uint64_t *random, uint32_t limit) {
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*random >> 33) % limit;
}

static struct moment at(int64_t boot_ms) {
    return (struct moment){.boot_ms = boot_ms};
}

/* --- Cutting up and putting together -------------------------------------------------------- */

/* A whole of random octets, and the payloads of its parts. */
struct pieces {
    uint8_t whole[FRAGMENT_WHOLE_MAX];
    struct fragment_cut cut;
    uint8_t payloads[FRAGMENTS_MAX][FRAME_MAX];
    struct span spans[FRAGMENTS_MAX];
};

static void cut_up(struct pieces *pieces, uint64_t *random, size_t length, size_t largest) {
    for (size_t i = 0; i < length; i++) {
        pieces->whole[i] = (uint8_t)draw(random, 256);
    }
    pieces->whole[0] = FRAME_ANNOUNCEMENT;
    pieces->cut = fragment_cut((struct span){pieces->whole, length}, largest);
    assert_in_range(pieces->cut.count, 2, FRAGMENTS_MAX);
    for (size_t i = 0; i < pieces->cut.count; i++) {
        struct writer w = writer_into(pieces->payloads[i], FRAME_MAX);
        fragment_write(&w, &pieces->cut, i);
        assert_int_equal(writer_finish(&w), STATUS_OK);
        pieces->spans[i] = writer_span(&w);
        assert_true(FRAME_HEADER_SIZE + w.length <= largest);
    }
}

/* The payload of part `i` with one bit of its octets changed. */
static struct span forged(const struct pieces *pieces, size_t i, unsigned bit,
                          uint8_t room[FRAME_MAX]) {
    struct span part = pieces->spans[i];
    memcpy(room, part.octets, part.length);
    size_t octets = part.length - FRAGMENT_HEADER_SIZE;
    room[FRAGMENT_HEADER_SIZE + bit / 8 % octets] ^= (uint8_t)(1u << bit % 8);
    return (struct span){room, part.length};
}

/* One part comes; true when it completes the whole. */
static bool comes(struct fragments *fragments, int64_t boot_ms, uint64_t peer, struct span payload,
                  const struct pieces *pieces) {
    struct span whole;
    assert_int_equal(fragments_hear(fragments, at(boot_ms), peer, false, payload, &whole),
                     STATUS_OK);
    if (whole.length > 0) {
        assert_true(span_equal(whole, pieces->cut.whole));
    }
    return whole.length > 0;
}

static void every_frame_fits_every_link_in_at_most_four_parts_in_any_order(void **state) {
    struct fragments *fragments = calloc(1, sizeof *fragments);
    struct pieces *pieces = calloc(1, sizeof *pieces);
    uint64_t random = the_seed();
    (void)state;
    for (size_t largest = FRAME_LINK_MIN; largest < FRAME_MAX; largest++) {
        size_t least = largest - FRAME_HEADER_SIZE + 2;
        size_t length = least + draw(&random, (uint32_t)(FRAGMENT_WHOLE_MAX - least + 1));
        cut_up(pieces, &random, length, largest);
        size_t first = draw(&random, (uint32_t)pieces->cut.count);
        for (size_t i = 0; i < pieces->cut.count; i++) {
            struct span part = pieces->spans[(first + i) % pieces->cut.count];
            assert_int_equal(comes(fragments, 0, PEER, part, pieces), i + 1 == pieces->cut.count);
        }
    }
    assert_int_equal(fragments_octets(fragments, false), 0);
    free(pieces);
    free(fragments);
}

/* At each place, before and after the true part. */
static void a_forged_part_spoils_nothing(void **state) {
    struct fragments *fragments = calloc(1, sizeof *fragments);
    struct pieces *pieces = calloc(1, sizeof *pieces);
    uint8_t room[FRAME_MAX];
    uint64_t random = the_seed();
    (void)state;
    for (unsigned trial = 0; trial < 1000; trial++) {
        cut_up(pieces, &random, FRAGMENT_WHOLE_MAX, FRAME_LINK_MIN);
        size_t count = pieces->cut.count, victim = draw(&random, (uint32_t)count);
        bool before = draw(&random, 2) == 0, is_complete = false;
        for (size_t i = 0; i < count; i++) {
            struct span forgery = forged(pieces, victim, draw(&random, 4096), room);
            if (i == victim && before) {
                /* As many as there are variants: the latest ones are kept. */
                (void)comes(fragments, 0, PEER, forgery, pieces);
                (void)comes(fragments, 0, PEER, forged(pieces, victim, draw(&random, 4096), room),
                            pieces);
            }
            is_complete = comes(fragments, 0, PEER, pieces->spans[i], pieces);
            if (i == victim && !before && !is_complete) {
                assert_false(comes(fragments, 0, PEER, forged(pieces, victim, 5, room), pieces));
            }
        }
        assert_true(is_complete);
    }
    fragments_clear(fragments);
    free(pieces);
    free(fragments);
}

static void forged_parts_from_elsewhere_are_never_put_together_with_true_ones(void **state) {
    struct fragments *fragments = calloc(1, sizeof *fragments);
    struct pieces *pieces = calloc(1, sizeof *pieces);
    uint64_t random = the_seed();
    (void)state;
    cut_up(pieces, &random, FRAGMENT_WHOLE_MAX, NARROW);
    size_t last = pieces->cut.count - 1;
    for (size_t i = 0; i < last; i++) {
        assert_false(comes(fragments, 0, PEER, pieces->spans[i], pieces));
    }
    assert_false(comes(fragments, 0, ATTACKER, pieces->spans[last], pieces));
    assert_true(comes(fragments, 0, PEER, pieces->spans[last], pieces));
    fragments_clear(fragments);
    free(pieces);
    free(fragments);
}

static void a_whole_is_given_up_after_five_seconds(void **state) {
    struct fragments *fragments = calloc(1, sizeof *fragments);
    struct pieces *pieces = calloc(1, sizeof *pieces);
    uint64_t random = the_seed();
    (void)state;
    cut_up(pieces, &random, NARROW, NARROW);
    assert_false(comes(fragments, 0, PEER, pieces->spans[0], pieces));
    assert_false(comes(fragments, FRAGMENTS_LAST_MS, PEER, pieces->spans[1], pieces));
    assert_true(comes(fragments, FRAGMENTS_LAST_MS + 1, PEER, pieces->spans[0], pieces));
    fragments_clear(fragments);
    free(pieces);
    free(fragments);
}

/* A part of a whole that there is not, from `peer`. */
static void flood(struct fragments *fragments, uint64_t *random, uint64_t peer, bool is_neighbour) {
    uint8_t payload[FRAGMENT_HEADER_SIZE + FRAGMENT_OCTETS_MAX];
    struct span whole;
    for (size_t i = 0; i < sizeof payload; i++) {
        payload[i] = (uint8_t)draw(random, 256);
    }
    payload[FRAGMENT_HASH_SIZE] = (uint8_t)(draw(random, 4) << 4 | 4);
    size_t length = FRAGMENT_HEADER_SIZE + 1 + draw(random, FRAGMENT_OCTETS_MAX);
    assert_int_equal(fragments_hear(fragments, at(0), peer, is_neighbour,
                                    (struct span){payload, length}, &whole),
                     STATUS_OK);
    assert_int_equal(whole.length, 0);
}

static void a_flood_takes_up_a_bounded_room_and_nobody_elses(void **state) {
    struct fragments *fragments = calloc(1, sizeof *fragments);
    struct pieces *pieces = calloc(1, sizeof *pieces);
    uint64_t random = the_seed();
    struct span whole;
    (void)state;
    cut_up(pieces, &random, FRAGMENT_WHOLE_MAX, NARROW);
    for (size_t i = 0; i + 1 < pieces->cut.count; i++) {
        assert_false(comes(fragments, 0, PEER, pieces->spans[i], pieces));
        assert_int_equal(fragments_hear(fragments, at(0), PEER, true, pieces->spans[i], &whole),
                         STATUS_OK);
    }
    size_t before = fragments_octets(fragments, false);
    for (unsigned i = 0; i < 3000; i++) { /* one stranger */
        flood(fragments, &random, ATTACKER, false);
        assert_true(fragments_octets(fragments, false) <= before + FRAGMENTS_STRANGER_MAX);
    }
    for (unsigned i = 0; i < 3000; i++) { /* and one who says that he is twenty */
        flood(fragments, &random, ATTACKER + draw(&random, 20), false);
        assert_true(fragments_octets(fragments, false) <= FRAGMENTS_OCTETS_MAX);
    }
    struct span last = pieces->spans[pieces->cut.count - 1];
    assert_true(comes(fragments, 0, PEER, last, pieces));
    for (unsigned i = 0; i < 3000; i++) { /* as many as he likes take nothing from a neighbour */
        flood(fragments, &random, ATTACKER + draw(&random, 1000), false);
        assert_true(fragments_octets(fragments, false) <= FRAGMENTS_OCTETS_MAX);
    }
    assert_int_equal(fragments_hear(fragments, at(0), PEER, true, last, &whole), STATUS_OK);
    assert_true(span_equal(whole, pieces->cut.whole));
    fragments_clear(fragments);
    free(pieces);
    free(fragments);
}

/* As many addresses as there are places, with an octet each, and a new one between any two parts.
 */
static void many_addresses_with_an_octet_each_put_nobody_out(void **state) {
    struct fragments *fragments = calloc(1, sizeof *fragments);
    struct pieces *pieces = calloc(1, sizeof *pieces);
    uint64_t random = the_seed(), address = ATTACKER;
    uint8_t junk[FRAGMENT_HEADER_SIZE + 1] = {[FRAGMENT_HASH_SIZE] = 0x02};
    struct span whole;
    (void)state;
    cut_up(pieces, &random, FRAGMENT_WHOLE_MAX, NARROW);
    for (size_t i = 0; i < pieces->cut.count; i++) {
        for (unsigned n = 0; n < FRAGMENTS_WHOLES_MAX; n++) {
            for (size_t k = 0; k < FRAGMENT_HASH_SIZE; k++) {
                junk[k] = (uint8_t)draw(&random, 256);
            }
            assert_int_equal(
                fragments_hear(fragments, at(0), address++, false, SPAN_OF(junk), &whole),
                STATUS_OK);
        }
        assert_int_equal(comes(fragments, 0, PEER, pieces->spans[i], pieces),
                         i + 1 == pieces->cut.count);
    }
    fragments_clear(fragments);
    free(pieces);
    free(fragments);
}

static void frames_of_each_kind_go_in_parts_but_parts_themselves(void **state) {
    (void)state;
    for (unsigned kind = 0; kind <= FRAME_KINDS; kind++) {
        const uint8_t whole[] = {(uint8_t)kind, 1, 2, 3};
        bool is_kind = kind >= FRAME_PRESENCE && kind < FRAME_KINDS && kind != FRAME_FRAGMENT;
        struct frame frame;
        assert_int_equal(frame_of_whole(SPAN_OF(whole), &frame),
                         is_kind ? STATUS_OK : STATUS_UNSUPPORTED);
    }
}

static void what_is_not_a_part_is_refused(void **state) {
    static const uint8_t places[] = {0x00, 0x01, 0x11, 0x22, 0x34, 0x05, 0x44, 0xff};
    uint8_t payload[FRAGMENT_HEADER_SIZE + 1] = {0};
    struct fragment fragment;
    (void)state;
    for (size_t i = 0; i < sizeof places; i++) {
        payload[FRAGMENT_HASH_SIZE] = places[i];
        enum status expected = places[i] == 0x34 ? STATUS_OK : STATUS_MALFORMED;
        assert_int_equal(fragment_read(SPAN_OF(payload), &fragment), expected);
        assert_int_equal(fragment_read((struct span){payload, FRAGMENT_HEADER_SIZE}, &fragment),
                         STATUS_TRUNCATED);
    }
}

/* --- Handsets ------------------------------------------------------------------------------- */

/* The air between them: a frame in five is lost; somebody forges parts. */
struct weather {
    struct squad *squad;
    uint64_t random;
    size_t largest;
    unsigned lost_of_a_hundred;
    bool forges;
    bool is_busy; /* forging: what is forged comes through */
};

/* Forges two variants of the part at each place, as from the same address. */
static void forge(struct weather *weather, const struct squad_frame *frame, size_t receiver) {
    uint8_t room[FRAME_MAX];
    memcpy(room, frame->octets, frame->length);
    size_t place = FRAME_HEADER_SIZE + FRAGMENT_HASH_SIZE;
    for (unsigned i = 0; i < 2 * (room[place] & 15u); i++) {
        room[4 + draw(&weather->random, 8)] ^= (uint8_t)(1 + draw(&weather->random, 255));
        room[place] = (uint8_t)((i / 2) << 4 | (room[place] & 15));
        room[place + 1] = (uint8_t)draw(&weather->random, 256);
        squad_inject(weather->squad, receiver, frame->from, (struct span){room, frame->length});
    }
}

static bool bad_weather(void *context, struct squad_frame *frame, size_t receiver) {
    struct weather *weather = context;
    assert_true(frame->length <= weather->largest);
    /* Between the parts of one transmission there is room for nobody: what is forged comes after
     * a first part that was heard, now and then. */
    if (weather->forges && frame->octets[1] == FRAME_FRAGMENT && draw(&weather->random, 4) == 0) {
        forge(weather, frame, receiver);
    }
    return draw(&weather->random, 100) >= weather->lost_of_a_hundred;
}

static void narrow(struct squad *squad, size_t n, size_t largest) {
    assert_int_equal(handset_describe_link(squad->handsets[n].engine, 1, "street", false, largest),
                     STATUS_OK);
}

static struct squad *squad_in(struct weather *weather, size_t count, size_t largest) {
    struct squad *squad = squad_new(count);
    *weather = (struct weather){.squad = squad, .random = the_seed(), .largest = largest};
    for (size_t n = 0; n < count; n++) {
        narrow(squad, n, largest);
    }
    squad->filter = bad_weather;
    squad->filter_context = weather;
    squad_run(squad, 2 * PRESENCE_INTERVAL_MS);
    return squad;
}

static size_t members_with_key(struct squad *squad) {
    size_t count = 0;
    for (size_t n = 1; n < squad->count; n++) {
        count += squad_view(squad, n)->group_count == 1;
    }
    return count;
}

/* All of `squad` form a group and talk; returns how many have the key. */
static size_t form_group(struct squad *squad) {
    squad_ask(squad, 0, 1, squad->count - 1);
    for (unsigned i = 0; i < 60 && members_with_key(squad) < squad->count - 1; i++) {
        squad_run(squad, 500);
        for (size_t n = 1; n < squad->count; n++) {
            if (squad_view(squad, n)->invitation_count > 0) {
                (void)squad_answer(squad, n, COMMAND_ACCEPT);
            }
        }
    }
    return members_with_key(squad);
}

static void all_form_a_group_and_talk_on_links_that_take_548_octets(void **state) {
    struct weather weather;
    struct squad *squad = squad_in(&weather, SQUAD_MAX, NARROW);
    (void)state;
    assert_int_equal(form_group(squad), SQUAD_MAX - 1);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 3000);
    for (size_t n = 1; n < SQUAD_MAX; n++) {
        assert_true(squad->handsets[n].voice_frames > 100);
    }
    assert_non_null(squad_find_frame(squad, 0, FRAME_FRAGMENT));
    squad_free(squad);
}

static void a_group_comes_about_although_frames_are_lost_and_parts_forged(void **state) {
    struct weather weather;
    struct squad *squad = squad_in(&weather, 5, NARROW);
    (void)state;
    weather.lost_of_a_hundred = 20;
    weather.forges = true;
    assert_int_equal(form_group(squad), 4);
    squad_free(squad);
}

static void a_proposal_of_twenty_one_goes_in_frames_of_1200_octets(void **state) {
    struct weather weather;
    struct squad *squad = squad_in(&weather, SQUAD_MAX, FRAME_MAX);
    (void)state;
    weather.lost_of_a_hundred = 10;
    assert_int_equal(form_group(squad), SQUAD_MAX - 1);
    assert_null(squad_find_frame(squad, 0, FRAME_FRAGMENT));
    squad_free(squad);
}

/* A creator that proposes what the test says. */
struct proposer {
    struct connections *connections;
    struct group_parameters parameters;
    enum record_type answer;
};

static void propose(void *owner, struct moment now, struct connection *connection) {
    struct proposer *proposer = owner;
    struct d2d_record record = {
        .type = RECORD_PROPOSE_GROUP, .group_ms = now.boot_ms, .parameters = &proposer->parameters};
    connection_request(proposer->connections, now, connection, &record);
}

static void hear_answer(void *owner, struct moment now, struct connection *connection,
                        const struct d2d_record *record) {
    struct proposer *proposer = owner;
    (void)now;
    (void)connection;
    proposer->answer = record->type;
}

/* As many letters as a name may have, each as long as it may be: 10 octets, three marks on it. */
static void longest_name(char name[DISPLAY_NAME_SIZE]) {
    name[0] = '\0';
    for (size_t i = 0; i < DISPLAY_NAME_LETTERS; i++) {
        strcat(name, "m\xe1\xaa\xb0\xe1\xaa\xb0\xe1\xaa\xb0"); /* U+1AB0 */
    }
    assert_int_equal(strlen(name), DISPLAY_NAME_MAX);
}

/* The longest group that there can be: as many members as may be, with the longest identities and
 * names. */
static void longest_group(struct group_parameters *parameters) {
    memset(parameters, 0, sizeof *parameters);
    snprintf(parameters->identity, sizeof parameters->identity, "adhoc:%s;0123456789abcdef",
             squad_identity(0));
    snprintf(parameters->creator, sizeof parameters->creator, "%s", squad_identity(0));
    longest_name(parameters->name);
    parameters->gmk_id = UINT32_C(0xA0000001);
    parameters->period_ms = HOUR_MS;
    for (size_t i = 0; i < ADHOC_MEMBERS_MAX; i++) {
        struct group_member *member = &parameters->members[parameters->member_count++];
        snprintf(member->kms, sizeof member->kms, "sip:kms@county.example");
        longest_name(member->name);
        snprintf(member->identity, sizeof member->identity,
                 "sip:%060zu@thirty.octets.of.a.domain.ex", i);
        if (i < 2) {
            snprintf(member->identity, sizeof member->identity, "%s", squad_identity(i));
        }
    }
}

static void the_longest_group_is_proposed_part_by_part_on_any_link(void **state) {
    static const size_t links[] = {FRAME_LINK_MIN, NARROW, FRAME_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        struct weather weather;
        struct squad *squad = squad_in(&weather, 2, links[i]);
        struct proposer proposer = {.connections = &squad->handsets[0].engine->connections};
        const struct connection_use use = {
            .owner = &proposer, .established = propose, .response = hear_answer};
        struct connection *connection;
        longest_group(&proposer.parameters);
        proposer.parameters.created_ms = squad_now(squad, 0).boot_ms;
        weather.lost_of_a_hundred = 20;
        assert_int_equal(connection_open(proposer.connections, squad_now(squad, 0), &use, NULL,
                                         true, squad_identity(1), "sip:kms@county.example",
                                         &connection),
                         STATUS_OK);
        squad_flush(squad, 0);
        for (unsigned n = 0; n < 200 && squad_view(squad, 1)->invitation_count == 0; n++) {
            squad_run(squad, 500);
        }
        const struct view *view = squad_view(squad, 1);
        assert_int_equal(view->invitation_count, 1);
        assert_int_equal(view->invitations[0].member_count, ADHOC_MEMBERS_MAX);
        squad_run(squad, 10000);
        assert_int_equal(proposer.answer, RECORD_PENDING);
        squad_free(squad);
    }
}

/* --- Relays --------------------------------------------------------------------------------- */

static void frames_for_a_narrower_link_are_passed_on_in_parts_once(void **state) {
    (void)state;
    for (unsigned relays = 1; relays <= 2; relays++) {
        struct town *town = town_new(the_seed());
        town->largest[1] = NARROW;
        size_t alpha = town_add(town, 1), bravo = town_add(town, 2);
        for (unsigned i = 0; i < relays; i++) {
            town_add(town, 3);
        }
        town_run(town, 3 * PRESENCE_INTERVAL_MS);
        int64_t since_ms = town->boot_ms;
        town_group(town, alpha, bravo);
        assert_int_equal(town_talk(town, alpha), STATUS_OK);
        town_run(town, 4000);
        assert_true(town->handsets[bravo].voice_frames > 150);
        struct town_count narrow_parts = town_count(town, 1, FRAME_FRAGMENT, since_ms);
        struct town_count wide_parts = town_count(town, 0, FRAME_FRAGMENT, since_ms);
        assert_true(narrow_parts.frames > 0);
        /* A second relay, which the creator did not address, may pass them back once, as it does
         * with all that it hears on one side alone. */
        assert_true(wide_parts.said <= (relays - 1) * narrow_parts.frames);
        assert_true(narrow_parts.said <= relays * narrow_parts.frames);
        assert_true(narrow_parts.frames <= 3 * town_count(town, 0, FRAME_D2D, since_ms).frames);
        town_free(town);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_fits_every_link_in_at_most_four_parts_in_any_order),
        cmocka_unit_test(a_forged_part_spoils_nothing),
        cmocka_unit_test(forged_parts_from_elsewhere_are_never_put_together_with_true_ones),
        cmocka_unit_test(a_whole_is_given_up_after_five_seconds),
        cmocka_unit_test(a_flood_takes_up_a_bounded_room_and_nobody_elses),
        cmocka_unit_test(many_addresses_with_an_octet_each_put_nobody_out),
        cmocka_unit_test(frames_of_each_kind_go_in_parts_but_parts_themselves),
        cmocka_unit_test(what_is_not_a_part_is_refused),
        cmocka_unit_test(all_form_a_group_and_talk_on_links_that_take_548_octets),
        cmocka_unit_test(a_group_comes_about_although_frames_are_lost_and_parts_forged),
        cmocka_unit_test(a_proposal_of_twenty_one_goes_in_frames_of_1200_octets),
        cmocka_unit_test(the_longest_group_is_proposed_part_by_part_on_any_link),
        cmocka_unit_test(frames_for_a_narrower_link_are_passed_on_in_parts_once),
    };
    printf("SEED=%llu\n", (unsigned long long)the_seed());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
