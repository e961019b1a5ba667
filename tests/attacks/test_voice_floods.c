/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 10,000 forged packets a second, all from the talker's own address: a listener hears sample for
 * sample what it hears when there are none, and what it spends on them is bounded. Counted are the
 * tags and signatures that it checks.
 *
 * Bravo talks for 34 seconds, in which its GSK is renewed. The flood comes in the first seconds and
 * around the renewal.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "impostor.h"
#include "junk.h"

enum {
    BRAVO = 1,   /* talks */
    CHARLIE = 2, /* listens */
    MALLORY = 3, /* a member */
    SECOND_MS = 1000,
    BEGIN_MS = 100, /* a member needs the announcement first */
    FIRST_END_MS = 3 * SECOND_MS,
    SECOND_BEGIN_MS = 28 * SECOND_MS,
    SCENE_MS = 34 * SECOND_MS,
    SCENE_FRAMES = SCENE_MS / VOICE_FRAME_MS,
    SCENE_SAMPLES = SCENE_FRAMES * VOICE_FRAME_SAMPLES,
    A_FRAME = 10000 * VOICE_FRAME_MS / SECOND_MS, /* forgeries in 20 ms */
    VARIETIES = 16,                               /* of them, for one number */
};

struct scene;

/* Floods Charlie; `media` is Bravo's latest packet, which has come, or is about to. */
typedef void flood_fn(struct scene *scene, struct span media);

struct scene {
    struct squad *squad;
    flood_fn *before, *after; /* each packet of Bravo's; NULL: nothing */
    int64_t ms;               /* since it began */
    int64_t in_reach_ms;      /* until then Bravo does not reach Charlie */
    size_t next;              /* the first frame on the air that was not looked at */
    uint64_t random;
    struct impostor *impostor;
    unsigned packets; /* Bravo's, while the flood went on, */
    unsigned forged;
    unsigned checked, verified; /* and the signatures that Charlie checked meanwhile; */
    unsigned tags; /* in the first flood also tags: later on there is the next key to try, too */
    int16_t heard[SCENE_SAMPLES];
};

/* --- What is counted -------------------------------------------------------------------------- */

static struct {
    unsigned tags, checked, verified;
} counted;

enum status __real_gsc_check(const struct gsc *gsc, struct span srtp);
enum status __wrap_gsc_check(const struct gsc *gsc, struct span srtp);
enum status __real_voice_verify(const uint8_t public_key[TALKER_KEY_SIZE],
                                const uint8_t session[SESSION_HASH_SIZE], struct span packet,
                                const uint8_t signature[VOICE_SIGNATURE_SIZE]);
enum status __wrap_voice_verify(const uint8_t public_key[TALKER_KEY_SIZE],
                                const uint8_t session[SESSION_HASH_SIZE], struct span packet,
                                const uint8_t signature[VOICE_SIGNATURE_SIZE]);

enum status __wrap_gsc_check(const struct gsc *gsc, struct span srtp) {
    counted.tags++;
    return __real_gsc_check(gsc, srtp);
}

enum status __wrap_voice_verify(const uint8_t public_key[TALKER_KEY_SIZE],
                                const uint8_t session[SESSION_HASH_SIZE], struct span packet,
                                const uint8_t signature[VOICE_SIGNATURE_SIZE]) {
    enum status status = __real_voice_verify(public_key, session, packet, signature);
    counted.checked++;
    counted.verified += status == STATUS_OK;
    return status;
}

/* --- The scene -------------------------------------------------------------------------------- */

static bool is_flooded(const struct scene *scene) {
    return (scene->ms >= BEGIN_MS && scene->ms < FIRST_END_MS) || scene->ms >= SECOND_BEGIN_MS;
}

/* A tone that rises. */
static void speak(struct scene *scene) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        double t = (double)(scene->ms % 5000) / SECOND_MS + (double)i / VOICE_RATE;
        samples[i] = (int16_t)(8000 * sin(2 * 3.14159265 * (300 + 100 * t) * t));
    }
    handset_speak(scene->squad->handsets[BRAVO].engine, squad_now(scene->squad, BRAVO), 0, samples);
}

/* The media in a frame of Bravo's; empty when there is none. */
static struct span media_of(const struct squad_frame *frame) {
    struct span payload = squad_payload(frame);
    struct reader r = reader_of(payload);
    if (frame->from != BRAVO) {
        return (struct span){NULL, 0};
    }
    if (frame->octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA) {
        (void)read_span_u16(&r);
        return read_span_u16(&r);
    }
    return frame->octets[1] == FRAME_MEDIA ? payload : (struct span){NULL, 0};
}

static void flood(struct scene *scene, flood_fn *how, struct span media) {
    const unsigned tags = counted.tags, checked = counted.checked, verified = counted.verified;
    if (how != NULL && is_flooded(scene)) {
        how(scene, media);
    }
    /* None of it was ever Bravo's. */
    assert_int_equal(counted.verified, verified);
    if (scene->ms < FIRST_END_MS) {
        scene->tags += counted.tags - tags;
    }
    scene->checked += counted.checked - checked;
}

/* In the second before Bravo's packets reach Charlie, its announcements do. */
static void hear_early_announcement(struct scene *scene, const struct squad_frame *frame,
                                    size_t receiver) {
    if (receiver == CHARLIE && frame->from == BRAVO && scene->ms < scene->in_reach_ms &&
        scene->ms >= scene->in_reach_ms - SECOND_MS &&
        frame->octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA) {
        struct reader r = reader_of(squad_payload(frame));
        squad_inject_payload(scene->squad, CHARLIE, BRAVO, FRAME_ANNOUNCEMENT, read_span_u16(&r));
    }
}

/* Nobody reports what it loses: that comes at random moments, and the talker's encoder goes by it.
 */
static bool on_the_way(void *context, struct squad_frame *frame, size_t receiver) {
    struct scene *scene = context;
    struct span media = media_of(frame);
    hear_early_announcement(scene, frame, receiver);
    if (frame->octets[1] == FRAME_VOICE_REPORT ||
        (frame->from == BRAVO && scene->ms < scene->in_reach_ms) ||
        (media.length > 0 && receiver != CHARLIE)) { /* what others check is not counted */
        return false;
    }
    if (media.length > 0) {
        flood(scene, scene->before, media);
    }
    return true;
}

/* After what Bravo has said in this step. */
static void flood_after(struct scene *scene) {
    struct squad *squad = scene->squad;
    while (scene->next < squad->frame_count) {
        struct span media = media_of(&squad->frames[scene->next++]);
        if (media.length > 0) {
            scene->packets += is_flooded(scene);
            flood(scene, scene->after, media);
        }
    }
}

/* Takes over the session as it is now. */
static void renew_impostor(struct scene *scene) {
    if (scene->ms % SECOND_MS == BEGIN_MS) {
        if (scene->impostor != NULL) {
            impostor_free(scene->impostor);
        }
        scene->impostor = impostor_new(scene->squad, MALLORY, BRAVO, 1);
    }
}

static struct scene *play(flood_fn *before, flood_fn *after, int64_t in_reach_ms) {
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    struct squad *squad = squad_new(4);
    *scene = (struct scene){
        .squad = squad, .before = before, .after = after, .in_reach_ms = in_reach_ms, .random = 1};
    squad_group(squad, HOUR_MS);
    squad_run(squad, 8 * SECOND_MS);
    squad->is_mute = true;
    squad->filter = on_the_way;
    squad->filter_context = scene;
    scene->next = squad->frame_count;
    assert_int_equal(squad_talk(squad, BRAVO), STATUS_OK);
    for (size_t i = 0; i < SCENE_FRAMES; i++) {
        const unsigned verified = counted.verified;
        speak(scene);
        squad_run(squad, VOICE_FRAME_MS / 2);
        renew_impostor(scene);
        flood_after(scene);
        squad_run(squad, VOICE_FRAME_MS / 2);
        scene->verified += is_flooded(scene) ? counted.verified - verified : 0;
        (void)handset_listen(squad->handsets[CHARLIE].engine, squad_now(squad, CHARLIE),
                             scene->heard + i * VOICE_FRAME_SAMPLES);
        scene->ms += VOICE_FRAME_MS;
    }
    return scene;
}

static void scene_free(struct scene *scene) {
    impostor_free(scene->impostor);
    squad_free(scene->squad);
    free(scene);
}

static struct scene *peace;

static int play_in_peace(void **state) {
    (void)state;
    unsigned voiced = 0;
    peace = play(NULL, NULL, 0);
    for (size_t i = 0; i < SCENE_SAMPLES; i++) {
        voiced += abs(peace->heard[i]) > 1000;
    }
    return voiced > SCENE_SAMPLES / 4 ? 0 : -1;
}

static int end_peace(void **state) {
    (void)state;
    scene_free(peace);
    return 0;
}

/* Of the forgeries so many are looked at in a second, at most. */
static void assert_as_in_peace(flood_fn *before, flood_fn *after, unsigned tags,
                               unsigned signatures) {
    struct scene *scene = play(before, after, 0);
    unsigned seconds = scene->packets * VOICE_FRAME_MS / SECOND_MS + 1;
    assert_true(scene->packets >= 8 * SECOND_MS / VOICE_FRAME_MS);
    assert_in_range(scene->forged / A_FRAME, scene->packets - VARIETIES, scene->packets);
    assert_memory_equal(scene->heard, peace->heard, sizeof peace->heard);
    assert_in_range(scene->tags, 0, tags * FIRST_END_MS / SECOND_MS);
    assert_in_range(scene->checked, 0, signatures * seconds);
    scene_free(scene);
}

static void give(struct scene *scene, struct span payload) {
    squad_inject_payload(scene->squad, CHARLIE, BRAVO, FRAME_MEDIA, payload);
    scene->forged++;
}

static struct media read_of(struct span payload) {
    struct media media;
    assert_int_equal(media_read(payload, &media), STATUS_OK);
    return media;
}

/* --- A stranger ------------------------------------------------------------------------------- */

/* A packet as if the next ones were there already; without the keys that is junk, but for what
 * stands in the clear. Every fifth has the link of the packet that was there. */
static void make_junk(struct scene *scene, unsigned i, struct span media) {
    enum {
        SEQUENCE_AT = 4 + 2
    };
    uint8_t room[MEDIA_MAX];
    uint16_t ahead = (uint16_t)(1 + i % 3);
    struct media latest = read_of(media);
    struct writer w = writer_into(room + SEQUENCE_AT, 6);
    memcpy(room, media.octets, media.length);
    write_u16(&w, (uint16_t)(latest.sequence + ahead));
    write_u32(&w, latest.rtp_time + (uint32_t)ahead * VOICE_FRAME_MS * RTP_CLOCK_PER_MS);
    size_t from = 4 + RTP_HEADER_SIZE,
           keep = i % 5 == 0 ? VOICE_LINK_SIZE + VOICE_SIGNATURE_SIZE : 0;
    junk_fill(&scene->random, room + from, media.length - from - keep);
    give(scene, (struct span){room, media.length});
}

static void flood_with_junk(struct scene *scene, struct span media) {
    for (unsigned i = 0; i < A_FRAME; i++) {
        make_junk(scene, i, media);
    }
}

static void a_strangers_flood_takes_nothing_and_costs_next_to_nothing(void **state) {
    (void)state;
    assert_as_in_peace(NULL, flood_with_junk, SECOND_MS / FORGERY_TAG_MS, 0);
}

/* The packet itself with other signatures. */
static void alter(struct scene *scene, struct span media, unsigned count) {
    uint8_t room[MEDIA_MAX];
    memcpy(room, media.octets, media.length);
    for (unsigned i = 0; i < count; i++) {
        junk_fill(&scene->random, room + media.length - VOICE_SIGNATURE_SIZE, VOICE_SIGNATURE_SIZE);
        give(scene, (struct span){room, media.length});
    }
}

static void alter_before(struct scene *scene, struct span media) {
    alter(scene, media, LINK_TRIALS - 1);
}

static void alter_after(struct scene *scene, struct span media) {
    alter(scene, media, A_FRAME - LINK_TRIALS + 1);
}

/* It hears each packet before Charlie does, as a hub may. */
static void altered_copies_that_overtake_a_packet_do_not_take_its_place(void **state) {
    (void)state;
    const unsigned a_second = LINK_TRIALS * SECOND_MS / VOICE_FRAME_MS;
    assert_as_in_peace(alter_before, alter_after, a_second, a_second);
}

/* --- A member --------------------------------------------------------------------------------- */

/* So many packets of one number, with right tags and wrong signatures, of VARIETIES kinds. */
static void forge(struct scene *scene, const struct forgery *of, unsigned count) {
    uint8_t rooms[VARIETIES][MEDIA_MAX];
    struct span made[VARIETIES];
    for (unsigned i = 0; scene->impostor != NULL && i < count; i++) {
        struct forgery forgery = *of;
        forgery.type = (uint8_t)(of->type + i);
        if (i < VARIETIES) {
            made[i] = impostor_forge(scene->impostor, &forgery, rooms[i]);
        }
        give(scene, made[i % VARIETIES]);
    }
}

/* Under the numbers that come next. */
static void flood_ahead(struct scene *scene, struct span media, struct span link) {
    enum {
        NUMBERS = 4
    };
    for (uint16_t ahead = 1; ahead <= NUMBERS; ahead++) {
        forge(scene,
              &(struct forgery){.sequence = (uint16_t)(read_of(media).sequence + ahead),
                                .at_ms = -1,
                                .link = link},
              A_FRAME / NUMBERS);
    }
}

static void flood_with_own_links(struct scene *scene, struct span media) {
    flood_ahead(scene, media, (struct span){NULL, 0});
}

static void flood_with_the_latest_link(struct scene *scene, struct span media) {
    flood_ahead(scene, media, read_of(media).link);
}

/* Right tags are looked at as seldom as any: so are their signatures. */
static void a_members_flood_under_the_next_numbers_takes_nothing(void **state) {
    (void)state;
    flood_fn *const floods[] = {flood_with_own_links, flood_with_the_latest_link};
    for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++) {
        assert_as_in_peace(NULL, floods[i], SECOND_MS / FORGERY_TAG_MS,
                           SECOND_MS / FORGERY_LOOK_MS + 1);
    }
}

static void replace(struct scene *scene, struct span media, unsigned count) {
    const struct media latest = read_of(media);
    forge(scene, &(struct forgery){.sequence = latest.sequence, .at_ms = -1, .link = latest.link},
          count);
}

static void replace_before(struct scene *scene, struct span media) {
    replace(scene, media, LINK_TRIALS - 1);
}

static void replace_after(struct scene *scene, struct span media) {
    replace(scene, media, A_FRAME - LINK_TRIALS + 1);
}

/* A member at the hub has the packet's link, and the key for its tag. */
static void a_members_packets_that_overtake_one_do_not_take_its_place(void **state) {
    (void)state;
    const unsigned a_second = LINK_TRIALS * SECOND_MS / VOICE_FRAME_MS;
    assert_as_in_peace(replace_before, replace_after, a_second, a_second);
}

static void replace_every_fifth(struct scene *scene, struct span media) {
    if (read_of(media).sequence % 5 == 0) {
        replace(scene, media, 5 * A_FRAME);
    }
}

/* Whoever holds a packet back for so long can as well withhold it: that one is lost, and no other,
 * and the work is bounded. */
static void a_hub_that_holds_packets_back_takes_those_alone(void **state) {
    (void)state;
    struct scene *scene = play(replace_every_fifth, NULL, 0);
    unsigned fifth = scene->packets / 5;
    assert_in_range(scene->verified, scene->packets - fifth - 2, scene->packets);
    assert_in_range(scene->checked, 1, (fifth + 2) * LINK_TRIALS);
    scene_free(scene);
}

/* Before it has heard a packet of Bravo's, Charlie can tell no link so far ahead: it comes in with
 * a signature, of which it checks so many in a second. */
static void who_comes_late_comes_in_through_a_members_flood(void **state) {
    (void)state;
    enum {
        LATE_MS = SECOND_BEGIN_MS + SECOND_MS,
        ENTRY_MS = SECOND_MS, /* a purse */
    };
    struct scene *scene = play(NULL, flood_with_own_links, LATE_MS);
    unsigned left = (SCENE_MS - LATE_MS - ENTRY_MS) / VOICE_FRAME_MS;
    assert_in_range(scene->verified, left, left + ENTRY_MS / VOICE_FRAME_MS);
    assert_in_range(scene->checked, FAR_A_SECOND, 3 * FAR_A_SECOND);
    scene_free(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_strangers_flood_takes_nothing_and_costs_next_to_nothing),
        cmocka_unit_test(altered_copies_that_overtake_a_packet_do_not_take_its_place),
        cmocka_unit_test(a_members_flood_under_the_next_numbers_takes_nothing),
        cmocka_unit_test(a_members_packets_that_overtake_one_do_not_take_its_place),
        cmocka_unit_test(a_hub_that_holds_packets_back_takes_those_alone),
        cmocka_unit_test(who_comes_late_comes_in_through_a_members_flood),
    };
    return cmocka_run_group_tests(tests, play_in_peace, end_peace);
}
