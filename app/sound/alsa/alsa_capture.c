/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "app/sound/alsa/alsa.h"
#include "app/sound/alsa/card.h"
#include "app/sound/alsa/join.h"
#include "app/sound/cleaning.h"
#include "app/sound/drift.h"
#include "app/sound/echo.h"
#include "app/sound/steering.h"
#include "crypto/secret.h"

enum {
    MADE_MAX = CARD_PERIOD + CARD_PERIOD / 100 + STEERING_SPARE,
    MUTE_SAMPLES = CAPTURE_MUTE_MS * VOICE_RATE / 1000,
};

struct alsa_capture {
    struct capture capture;
    struct card card;
    struct ring ring;

    /* As the officer wants it. */
    _Atomic int gain_db;
    _Atomic bool suppresses;
    struct reference *_Atomic reference; /* what the loudspeaker is given; NULL: nobody says */
    _Atomic unsigned level;              /* 0 to 100, of what was captured last */

    /* The loop's own. */
    bool hears_others, has_headset;
    bool was_mute;   /* it was when it failed: it is back with the first sound alone */
    int64_t late_ms; /* if nothing has come by then, nothing will */

    /* The thread's own. */
    struct cleaning cleaning;
    struct echo echo;
    bool takes_echo_out;
    uint64_t heard; /* samples of all whole periods, of all time */
    struct drift drift;
    struct steering steering;
    uint32_t start;
    int64_t first_ms;  /* when the first period came */
    uint64_t made;     /* samples since then, as steered */
    uint64_t position; /* of the frame that is being filled */
    size_t taken;      /* samples of the period that is being read */
    int16_t period[CARD_PERIOD];
    size_t mute; /* samples that were exactly 0, at the end of what came, before it is cleaned */
    size_t filled;
    int16_t samples[VOICE_FRAME_SAMPLES + MADE_MAX];
    _Atomic bool is_mute;
    _Atomic bool has_sounded; /* since it was started: it lives, however quiet it is */
};

static struct alsa_capture *of_card(struct card *card) {
    return (struct alsa_capture *)((char *)card - offsetof(struct alsa_capture, card));
}

static struct alsa_capture *of(struct capture *capture) {
    return (struct alsa_capture *)capture;
}

/* --- In the thread -------------------------------------------------------------------------- */

static void begin_anew(struct alsa_capture *alsa) {
    echo_restart(&alsa->echo);
    drift_restart(&alsa->drift);
    steering_restart(&alsa->steering);
    alsa->made = 0;
    alsa->filled = 0;
    alsa->taken = 0;
}

/* Nobody takes what the loudspeaker tells while the microphone rests. */
static void forget(struct card *card) {
    struct alsa_capture *alsa = of_card(card);
    struct reference *reference = atomic_load(&alsa->reference);
    begin_anew(alsa);
    if (reference != NULL) {
        reference_pass(reference, NULL);
    }
    secret_wipe(alsa->period, sizeof alsa->period);
    secret_wipe(alsa->samples, sizeof alsa->samples);
}

static int begin(struct card *card, uint32_t start) {
    struct alsa_capture *alsa = of_card(card);
    begin_anew(alsa);
    alsa->start = start;
    alsa->position = 0;
    alsa->mute = 0;
    atomic_store(&alsa->is_mute, false);
    atomic_store(&alsa->has_sounded, false);
    int failed = snd_pcm_prepare(card->pcm);
    return failed < 0 ? failed : snd_pcm_start(card->pcm);
}

/* A muted microphone, and a server whose microphone is gone, give exact zeros; a living one never
 * does for long. */
static void watch_for_silence(struct alsa_capture *alsa, const int16_t samples[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        alsa->mute = samples[i] == 0 ? alsa->mute + 1 : 0;
    }
    if (alsa->mute < count) {
        atomic_store(&alsa->has_sounded, true);
    }
    atomic_store(&alsa->is_mute, alsa->mute >= MUTE_SAMPLES);
}

/* Begins with taking the echo out, or ends it, as it was told. */
static void face(struct alsa_capture *alsa, struct reference *reference) {
    bool is_wanted = reference != NULL && reference_is_wanted(reference);
    if (is_wanted != alsa->takes_echo_out) {
        alsa->takes_echo_out = is_wanted;
        reference_pass(reference, NULL);
        echo_restart(&alsa->echo);
        cleaning_face(&alsa->cleaning, NULL, false);
    }
}

/* Before anything else is done to the samples: the filter knows the room by what the card heard. */
static void take_echo_out(struct alsa_capture *alsa, int16_t samples[CARD_PERIOD]) {
    struct reference *reference = atomic_load(&alsa->reference);
    uint64_t position = alsa->heard;
    snd_pcm_sframes_t delay;
    alsa->heard += CARD_PERIOD;
    face(alsa, reference);
    if (alsa->takes_echo_out && snd_pcm_delay(alsa->card.pcm, &delay) == 0) {
        reference_pass(reference, &alsa->echo);
        bool is_out = echo_cancel(&alsa->echo, samples, position, card_now_us(),
                                  (double)alsa->heard + (double)delay);
        cleaning_face(&alsa->cleaning, is_out ? alsa->echo.filter : NULL,
                      echo_hears_far_end(&alsa->echo));
    }
}

static void hand_over(struct alsa_capture *alsa, int64_t now_ms) {
    struct sound_frame frame = {.position = alsa->position,
                                .at_ms = now_ms - VOICE_FRAME_MS -
                                         (int64_t)(alsa->filled - VOICE_FRAME_SAMPLES) /
                                             (VOICE_RATE / 1000)};
    memcpy(frame.samples, alsa->samples, sizeof frame.samples);
    alsa->filled -= VOICE_FRAME_SAMPLES;
    memmove(alsa->samples, alsa->samples + VOICE_FRAME_SAMPLES,
            alsa->filled * sizeof alsa->samples[0]);
    alsa->position += VOICE_FRAME_SAMPLES;
    atomic_store(&alsa->level, voice_level(frame.samples));
    /* A ring that is full is of a loop that stands still: the position shows what was lost. */
    if (ring_put(&alsa->ring, alsa->start, &frame)) {
        card_signal(&alsa->card);
    }
    secret_wipe(&frame, sizeof frame);
}

static void take_period(struct alsa_capture *alsa, int16_t samples[CARD_PERIOD], int64_t now_ms) {
    watch_for_silence(alsa, samples, CARD_PERIOD);
    take_echo_out(alsa, samples);
    cleaning_run(&alsa->cleaning, samples, atomic_load(&alsa->gain_db),
                 atomic_load(&alsa->suppresses));
    alsa->first_ms = alsa->made == 0 ? now_ms : alsa->first_ms;
    size_t made =
        steering_run(&alsa->steering, samples, CARD_PERIOD, alsa->samples + alsa->filled, MADE_MAX);
    alsa->filled += made;
    alsa->made += made;
    double due = (double)(now_ms - alsa->first_ms) * (VOICE_RATE / 1000);
    steering_set(&alsa->steering, drift_note(&alsa->drift, (double)alsa->made - due, now_ms));
    while (alsa->filled >= VOICE_FRAME_SAMPLES) {
        hand_over(alsa, now_ms);
    }
    if (atomic_load(&alsa->is_mute)) {
        card_signal(&alsa->card);
    }
}

static int recover(struct alsa_capture *alsa, int failed) {
    int64_t lost = (card_now_ms() - alsa->first_ms) * (VOICE_RATE / 1000) - (int64_t)alsa->made;
    failed = failed == 0 ? 0 : card_recover(&alsa->card, failed);
    if (failed == 0 && snd_pcm_state(alsa->card.pcm) == SND_PCM_STATE_PREPARED) {
        alsa->position += alsa->filled + (uint64_t)(lost > 0 ? lost : 0);
        begin_anew(alsa);
        failed = snd_pcm_start(alsa->card.pcm);
    }
    return failed;
}

static int turn(struct card *card) {
    struct alsa_capture *alsa = of_card(card);
    snd_pcm_sframes_t there = snd_pcm_avail_update(card->pcm);
    int failed = there < 0 ? recover(alsa, (int)there) : 0;
    while (there > 0) {
        /* A server gives what is left of a block of its own, however little that is. */
        snd_pcm_sframes_t count =
            snd_pcm_readi(card->pcm, alsa->period + alsa->taken, CARD_PERIOD - alsa->taken);
        if (count <= 0) {
            failed = recover(alsa, (int)count);
            break;
        }
        alsa->taken += (size_t)count;
        there -= count; /* below 0 if more came meanwhile */
        if (alsa->taken == CARD_PERIOD) {
            take_period(alsa, alsa->period, card_now_ms());
            alsa->taken = 0;
        }
    }
    snd_pcm_sframes_t delay;
    if (failed == 0 && snd_pcm_delay(card->pcm, &delay) == 0) {
        atomic_store(&card->delay, delay);
    }
    return failed;
}

static const struct card_side microphone = {.stream = SND_PCM_STREAM_CAPTURE,
                                            .what = "microphone",
                                            .buffer_size = 20 * CARD_PERIOD,
                                            .starts_at = 1,
                                            .waits_for_card = true,
                                            .begin = begin,
                                            .turn = turn,
                                            .forget = forget};

/* --- In the loop ---------------------------------------------------------------------------- */

static size_t alsa_list(struct capture *capture, struct sound_device devices[], size_t room) {
    return card_list(&of(capture)->card, devices, room);
}

static void free_all(struct alsa_capture *alsa) {
    cleaning_end(&alsa->cleaning);
    echo_end(&alsa->echo);
    reference_release(atomic_load(&alsa->reference));
    steering_end(&alsa->steering);
    card_memory_free(alsa, sizeof *alsa);
}

static enum status alsa_open(const char *device, struct capture **out, struct error *error) {
    bool is_locked = false;
    struct alsa_capture *alsa = card_memory(sizeof *alsa, &is_locked);
    *out = NULL;
    if (alsa == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "sound alsa: out of memory");
    }
    alsa->capture.kind = &capture_alsa;
    atomic_store(&alsa->suppresses, true);
    atomic_store(&alsa->card.is_locked, is_locked);
    drift_begin(&alsa->drift, true);
    enum status status = steering_begin(&alsa->steering, error);
    if (status == STATUS_OK) {
        status = cleaning_begin(&alsa->cleaning, error);
    }
    if (status == STATUS_OK) {
        status = echo_begin(&alsa->echo, error);
    }
    if (status == STATUS_OK) {
        status = card_begin(&alsa->card, &microphone, device, error);
    }
    if (status != STATUS_OK) {
        free_all(alsa);
        return status;
    }
    *out = &alsa->capture;
    return STATUS_OK;
}

static enum status alsa_start(struct capture *capture, int64_t now_ms, struct error *error) {
    (void)error;
    of(capture)->late_ms = now_ms + CAPTURE_LATE_MS;
    card_start(&of(capture)->card);
    return STATUS_OK;
}

/* What was captured and not read yet is not said any more. */
static void stop(struct alsa_capture *alsa) {
    card_stop(&alsa->card);
    ring_drop(&alsa->ring, card_start_number(&alsa->card));
}

static void alsa_stop(struct capture *capture) {
    stop(of(capture));
}

static int alsa_descriptor(const struct capture *capture) {
    return ((const struct alsa_capture *)capture)->card.event;
}

static int64_t alsa_deadline(const struct capture *capture) {
    return ((const struct alsa_capture *)capture)->late_ms;
}

static enum status say_mute(const struct alsa_capture *alsa, struct error *error) {
    return error_set(error, STATUS_FILE_GONE, "the microphone '%s' is muted or gone",
                     alsa->card.device);
}

static enum status fail_mute(struct alsa_capture *alsa, struct error *error) {
    alsa->was_mute = !atomic_load(&alsa->card.is_switched_off);
    stop(alsa);
    return say_mute(alsa, error);
}

/* After it was mute nothing counts until there is sound: a server goes on giving zeros. The frame
 * does not show it, from which noise may have been taken. */
static bool is_worth_saying(struct alsa_capture *alsa) {
    alsa->was_mute = alsa->was_mute && !atomic_load(&alsa->has_sounded);
    return !alsa->was_mute;
}

static enum status alsa_read(struct capture *capture, int64_t now_ms, struct sound_frame *frame,
                             bool *there, struct error *error) {
    struct alsa_capture *alsa = of(capture);
    uint32_t start = card_start_number(&alsa->card);
    *there = false;
    card_quiet(&alsa->card);
    enum status status = card_check(&alsa->card, error);
    if (status != STATUS_OK) {
        stop(alsa);
        return status;
    }
    bool is_mute = atomic_load(&alsa->is_mute) || atomic_load(&alsa->card.is_switched_off);
    if (atomic_load(&alsa->card.running) == start && is_mute) {
        return fail_mute(alsa, error);
    }
    while (!*there && ring_take(&alsa->ring, start, frame)) {
        *there = is_worth_saying(alsa);
        alsa->late_ms = now_ms + CAPTURE_MUTE_MS;
    }
    if (ring_held(&alsa->ring) > 0) {
        card_signal(&alsa->card);
    }
    return !*there && now_ms >= alsa->late_ms ? fail_mute(alsa, error) : STATUS_OK;
}

static enum status alsa_reopen(struct capture *capture, struct error *error) {
    (void)capture;
    (void)error;
    return STATUS_OK;
}

/* That a microphone gave nothing but zeros is known until it gives something else; of one that was
 * switched off it is known at once. */
static enum status alsa_look(struct capture *capture, struct error *error) {
    struct alsa_capture *alsa = of(capture);
    ring_drop(&alsa->ring, card_start_number(&alsa->card)); /* what came while it stopped */
    enum status status = card_look(&alsa->card, error);
    bool is_off = atomic_load(&alsa->card.is_switched_off);
    return status == STATUS_OK && (is_off || alsa->was_mute) ? say_mute(alsa, error) : status;
}

static enum status alsa_choose(struct capture *capture, const char *device, struct error *error) {
    return card_choose(&of(capture)->card, device, error);
}

/* Where no echo is to be taken out, nobody has to say what the loudspeaker is given. */
static void want_reference(struct alsa_capture *alsa) {
    struct reference *reference = atomic_load(&alsa->reference);
    if (reference != NULL) {
        reference_want(reference, alsa->hears_others && !alsa->has_headset);
    }
}

static void alsa_treat(struct capture *capture, struct sound_treatment treatment) {
    atomic_store(&of(capture)->gain_db, treatment.gain_db);
    atomic_store(&of(capture)->suppresses, treatment.suppresses_noise);
    of(capture)->has_headset = treatment.has_headset;
    want_reference(of(capture));
}

static void alsa_face(struct capture *capture, bool hears_others) {
    of(capture)->hears_others = hears_others;
    want_reference(of(capture));
}

void alsa_capture_hear(struct capture *capture, struct reference *reference) {
    atomic_store(&of(capture)->reference, reference);
}

static void alsa_tell(const struct capture *capture, struct sound_state *state) {
    const struct alsa_capture *alsa = (const struct alsa_capture *)capture;
    card_tell(&alsa->card, state);
    state->treatment = (struct sound_treatment){.gain_db = atomic_load(&alsa->gain_db),
                                                .suppresses_noise = atomic_load(&alsa->suppresses),
                                                .has_headset = alsa->has_headset};
    state->level = atomic_load(&alsa->level);
}

static void alsa_close(struct capture *capture) {
    if (card_end(&of(capture)->card)) {
        free_all(of(capture));
    }
}

const struct capture_kind capture_alsa = {
    .name = "alsa",
    .list = alsa_list,
    .open = alsa_open,
    .start = alsa_start,
    .stop = alsa_stop,
    .descriptor = alsa_descriptor,
    .deadline = alsa_deadline,
    .read = alsa_read,
    .reopen = alsa_reopen,
    .look = alsa_look,
    .choose = alsa_choose,
    .face = alsa_face,
    .treat = alsa_treat,
    .tell = alsa_tell,
    .close = alsa_close,
};
