/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the key to the first word, and where the time goes. */
#include <stdio.h>

#include "tests/bench/voice_tables.h"

enum {
    PRESSES = 200,
    SLOW_PRESSES = 60,
    SLOW_DISK_MS = 300,
    WORD_MS = 300, /* the key is held down */
    PAUSE_MS = 250,
    SETTLING_MS = 1000,
    REKEY_PRESSES = 20,
    OTHER = 2, /* listens too, and is asked about the new key like the talker */
    HANDSETS = 3,
};

struct access {
    struct figures key, sign, frame, encode, write, air, verify, buffer;
    struct figures to_packet, to_voice;
    unsigned unheard;
};

static double ms(int64_t us) {
    return (double)us / 1000;
}

/* One press, which is the stretch's beginning, as `listener` heard it. */
static void look_at(const struct crew *crew, size_t listener, struct stretch press,
                    struct access *access) {
    const struct trace_record *pressed = crew_first(crew, TALKER, TRACE_PRESSED, press);
    struct stretch later = {pressed == NULL ? press.to_us : pressed->at_us, press.to_us};
    const struct trace_record *made = crew_first(crew, TALKER, TRACE_SIGNED, later);
    const struct trace_record *spoke = crew_first(crew, TALKER, TRACE_SPOKE, later);
    const struct trace_record *sent = crew_first(crew, TALKER, TRACE_SENT, later);
    if (made == NULL || spoke == NULL || sent == NULL) {
        access->unheard++;
        return;
    }
    int64_t spoken_us = spoke->at_us + spoke->took_us;
    bool signs_in_speech = made->at_us >= spoke->at_us && made->at_us < spoken_us;
    figures_add(&access->key, ms(pressed->at_us - press.from_us));
    figures_add(&access->sign, ms(made->took_us));
    figures_add(&access->frame, ms(spoke->at_us - pressed->at_us - pressed->took_us));
    figures_add(&access->encode, ms(spoke->took_us - (signs_in_speech ? made->took_us : 0)));
    figures_add(&access->write, ms(sent->at_us - spoken_us));
    figures_add(&access->to_packet, ms(sent->at_us - press.from_us));
    later.from_us = sent->at_us;
    const struct trace_record *heard = crew_first(crew, listener, TRACE_HEARD, later);
    const struct trace_record *played = crew_first(crew, listener, TRACE_PLAYED, later);
    if (heard == NULL || played == NULL) {
        access->unheard++;
        return;
    }
    figures_add(&access->air, ms(heard->at_us - sent->at_us));
    figures_add(&access->verify, ms(heard->took_us));
    figures_add(&access->buffer, ms(played->at_us - heard->at_us - heard->took_us));
    figures_add(&access->to_voice, ms(played->at_us - press.from_us));
}

static bool press_often(struct voice_bench *bench, size_t listener, int presses,
                        struct access *access) {
    *access = (struct access){.unheard = 0};
    for (int i = 0; i < presses; i++) {
        struct stretch press = {.from_us = crew_press(bench->crew, TALKER)};
        bool well = crew_wait(bench->crew, WORD_MS);
        crew_release(bench->crew, TALKER);
        if (!well || !crew_wait(bench->crew, PAUSE_MS)) {
            snprintf(bench->problem, sizeof bench->problem, "a handset has ended");
            return false;
        }
        press.to_us = crew_now_us();
        look_at(bench->crew, listener, press, access);
    }
    return true;
}

static void print(const struct access *access, int presses, const char *how) {
    printf("Access, %d presses%s; ms                          median     95th      max\n", presses,
           how);
    figures_print(&access->to_packet, "key to first packet");
    figures_print(&access->key, "  key to engine");
    figures_print(&access->sign, "  sign the announcement");
    figures_print(&access->frame, "  wait for the first 20 ms of speech");
    figures_print(&access->encode, "  encode, seal and sign them");
    figures_print(&access->write, "  held back for a durable write");
    figures_print(&access->to_voice, "key to first decoded frame");
    figures_print(&access->air, "  air");
    figures_print(&access->verify, "  verify");
    figures_print(&access->buffer, "  buffer");
}

/* Presses while each durable write takes longer; at two handsets. */
static bool press_with_slow_disks(struct voice_bench *bench, struct access *access) {
    for (size_t n = 0; n < HANDSETS; n++) {
        crew_slow_disk(bench->crew, n, SLOW_DISK_MS);
    }
    bool well =
        crew_wait(bench->crew, SETTLING_MS) && press_often(bench, LISTENER, SLOW_PRESSES, access);
    for (size_t n = 0; n < HANDSETS; n++) {
        crew_slow_disk(bench->crew, n, 0);
    }
    return well;
}

/* How much later than without what makes it hard. */
static void compare(struct voice_bench *bench, const struct access *plain,
                    const struct access *hard) {
    bench_target(bench, "first packet later than above, 95th",
                 figures_at(&hard->to_packet, 95) - figures_at(&plain->to_packet, 95), "ms", 5,
                 false);
    bench_target(bench, "first decoded frame later than above, 95th",
                 figures_at(&hard->to_voice, 95) - figures_at(&plain->to_voice, 95), "ms", 5,
                 false);
    bench_target(bench, "presses not heard", hard->unheard, "", 0, false);
}

bool access_table(struct voice_bench *bench) {
    struct access access, slow, rekeyed;
    struct impaired_air *air = bench_open(bench, HANDSETS, HANDSETS, AIR_IPV4);
    if (air == NULL) {
        return false;
    }
    bool well = press_often(bench, LISTENER, PRESSES, &access) &&
                press_with_slow_disks(bench, &slow) && crew_rekey(bench->crew) &&
                press_often(bench, OTHER, REKEY_PRESSES, &rekeyed);
    bench_close(bench, air);
    if (!well) {
        return false;
    }
    print(&access, PRESSES, "");
    bench_target(bench, "key to first packet, 95th", figures_at(&access.to_packet, 95), "ms", 25,
                 false);
    bench_target(bench, "key to first decoded frame, 95th", figures_at(&access.to_voice, 95), "ms",
                 75, false);
    bench_target(bench, "presses not heard", access.unheard, "", 0, false);
    printf("\n");
    print(&slow, SLOW_PRESSES, ", each durable write 300 ms longer");
    compare(bench, &access, &slow);
    printf("\n");
    print(&rekeyed, REKEY_PRESSES, ", while the group's creator hands out a new key");
    compare(bench, &access, &rekeyed);
    return true;
}
