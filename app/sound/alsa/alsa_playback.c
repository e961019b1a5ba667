/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/sound/alsa/alsa.h"
#include "app/sound/alsa/card.h"
#include "app/sound/alsa/join.h"
#include "app/sound/drift.h"
#include "app/sound/metronome.h"
#include "app/sound/modules.h"
#include "app/sound/steering.h"
#include "crypto/secret.h"

enum {
    MADE_MAX = VOICE_FRAME_SAMPLES + VOICE_FRAME_SAMPLES / 100 + STEERING_SPARE,
    BUFFER_SAMPLES = PLAYBACK_BUFFER_MS * VOICE_RATE / 1000,
    QUEUE_SAMPLES = PLAYBACK_QUEUE_MS * VOICE_RATE / 1000,
    /* With less than this the card is given silence rather than left to run dry. */
    DRY_SAMPLES = CARD_PERIOD,
    /* So much over what is to be queued was put there by a loop that stood still: silence is left
     * out until it is gone, and words never are. */
    FULL_SAMPLES = QUEUE_SAMPLES + VOICE_FRAME_SAMPLES + CARD_PERIOD,
    DRAIN_MS = 500 /* a card that does not play out in that time is stopped */
};

struct alsa_playback {
    struct playback playback;
    struct card card;
    struct ring ring;

    /* The loop's own. */
    struct metronome metronome;
    _Atomic int64_t put_ms; /* when the latest frame was due */

    struct reference *_Atomic reference; /* for the microphone's thread; NULL: nobody wants it */

    _Atomic bool plays; /* the card has taken something since it was started */

    /* The thread's own. */
    uint64_t given;   /* samples of all time */
    uint64_t written; /* samples since then */
    uint64_t taken;   /* of them, those that the card had taken when it was looked at last */
    int64_t taken_ms; /* when it took the latest */
    struct drift drift;
    struct steering steering;
    int64_t drains_ms; /* since when it plays out; 0: it does not */
    int64_t ends_ms;   /* when what it was given last is heard; 0: something is still to be given */
    size_t filled;     /* samples that are steered and wait for the card */
    int16_t samples[MADE_MAX];
    _Atomic size_t queued; /* samples in the card and here */
};

static struct alsa_playback *of_card(struct card *card) {
    return (struct alsa_playback *)((char *)card - offsetof(struct alsa_playback, card));
}

static struct alsa_playback *of(struct playback *playback) {
    return (struct alsa_playback *)playback;
}

/* --- In the thread -------------------------------------------------------------------------- */

/* Tells the microphone what the card takes, and when that will be heard; the first sample is
 * `delay` behind the one that sounds now. */
static void tell(struct alsa_playback *alsa, const int16_t samples[], size_t count, long delay) {
    struct reference *reference = atomic_load(&alsa->reference);
    struct echo_played *piece =
        reference != NULL && reference_is_wanted(reference) ? reference_next(reference) : NULL;
    if (piece != NULL) {
        piece->position = alsa->given;
        piece->is_restart = alsa->written == 0;
        piece->heard_us = card_now_us() + (int64_t)delay * 1000000 / VOICE_RATE;
        piece->count = count;
        memcpy(piece->samples, samples, count * sizeof samples[0]);
        reference_put(reference);
    }
    alsa->given += count;
}

/* Writes at most `count` samples to the card. 0, or what ALSA failed with; *written says how many.
 */
static int put(struct alsa_playback *alsa, const int16_t samples[], size_t count, size_t *written) {
    snd_pcm_sframes_t delay = 0;
    bool is_known = snd_pcm_delay(alsa->card.pcm, &delay) == 0;
    snd_pcm_sframes_t result = snd_pcm_writei(alsa->card.pcm, samples, count);
    *written = result > 0 ? (size_t)result : 0;
    tell(alsa, samples, *written, is_known ? delay : 0);
    alsa->written += *written;
    return result < 0 ? (int)result : 0;
}

/* The queue begins with a little silence, and grows to what it should be while the card starts. */
static int fill(struct alsa_playback *alsa) {
    static const int16_t silence[CARD_PERIOD];
    int failed = 0;
    size_t room = alsa->card.buffer, written;
    alsa->written = 0;
    alsa->taken = 0;
    alsa->taken_ms = card_now_ms();
    for (size_t n = CARD_PERIOD; n <= VOICE_FRAME_SAMPLES && n <= room && failed == 0;
         n += CARD_PERIOD) {
        failed = put(alsa, silence, CARD_PERIOD, &written);
    }
    return failed;
}

static int begin(struct card *card, uint32_t start) {
    struct alsa_playback *alsa = of_card(card);
    (void)start;
    drift_restart(&alsa->drift);
    steering_restart(&alsa->steering);
    alsa->filled = 0;
    atomic_store(&alsa->plays, false);
    int failed = snd_pcm_prepare(card->pcm);
    return failed < 0 ? failed : fill(alsa);
}

static int recover(struct alsa_playback *alsa, int failed) {
    failed = card_recover(&alsa->card, failed);
    if (failed == 0 && snd_pcm_state(alsa->card.pcm) == SND_PCM_STATE_PREPARED) {
        failed = fill(alsa);
    }
    return failed;
}

/* The next frame of the ring, steered; false when there is none. */
static bool take_frame(struct alsa_playback *alsa, size_t in_card) {
    struct sound_frame frame;
    uint32_t start = atomic_load(&alsa->card.running);
    bool there = ring_take(&alsa->ring, start, &frame);
    if (there && !(frame.is_silence && in_card > FULL_SAMPLES)) {
        alsa->filled = steering_run(&alsa->steering, frame.samples, VOICE_FRAME_SAMPLES,
                                    alsa->samples, MADE_MAX);
    }
    secret_wipe(&frame, sizeof frame);
    return there;
}

/* Gives the card as much as it has room for, frame by frame. */
static int give(struct alsa_playback *alsa, size_t *in_card, size_t room) {
    static const int16_t silence[CARD_PERIOD];
    int failed = 0;
    while (failed == 0 && room > 0) {
        if (alsa->filled == 0 && !take_frame(alsa, *in_card)) {
            break;
        }
        size_t count = alsa->filled < room ? alsa->filled : room, written = 0;
        if (count > 0) {
            failed = put(alsa, alsa->samples, count, &written);
        }
        alsa->filled -= written;
        memmove(alsa->samples, alsa->samples + written, alsa->filled * sizeof alsa->samples[0]);
        room -= written;
        *in_card += written;
        if (written < count) {
            break;
        }
    }
    if (failed == 0 && *in_card < DRY_SAMPLES && room >= CARD_PERIOD) {
        size_t written;
        failed = put(alsa, silence, CARD_PERIOD, &written);
        *in_card += written;
    }
    return failed;
}

/* A server whose card is gone takes nothing any more, and reports nothing. */
static bool is_stuck(struct alsa_playback *alsa, size_t in_card) {
    uint64_t taken = alsa->written - in_card;
    int64_t now_ms = card_now_ms();
    if (alsa->written >= in_card && taken > alsa->taken) {
        alsa->taken = taken;
        alsa->taken_ms = now_ms;
        atomic_store(&alsa->plays, true);
    }
    return now_ms - alsa->taken_ms >
           (atomic_load(&alsa->plays) ? PLAYBACK_STUCK_MS : PLAYBACK_LATE_MS);
}

/* What waited while the card stood still is not live any more. */
static void drop_stale(struct alsa_playback *alsa) {
    struct sound_frame frame;
    while (ring_held(&alsa->ring) > PLAYBACK_STALE_MS / VOICE_FRAME_MS &&
           ring_take(&alsa->ring, atomic_load(&alsa->card.running), &frame)) {
        secret_wipe(&frame, sizeof frame);
    }
}

static int turn(struct card *card) {
    struct alsa_playback *alsa = of_card(card);
    if (atomic_load(&card->is_wanted)) {
        alsa->drains_ms = 0;
    }
    snd_pcm_sframes_t room = snd_pcm_avail_update(card->pcm), delay;
    if (room < 0) {
        return recover(alsa, (int)room);
    }
    size_t free_room = (size_t)room < card->buffer ? (size_t)room : card->buffer;
    size_t in_card = card->buffer - free_room;
    drop_stale(alsa);
    if (is_stuck(alsa, in_card)) {
        return -ENODEV;
    }
    int failed = give(alsa, &in_card, free_room);
    if (failed < 0) {
        return recover(alsa, failed);
    }
    size_t queued = in_card + alsa->filled + ring_held(&alsa->ring) * VOICE_FRAME_SAMPLES;
    atomic_store(&alsa->queued, queued);
    int64_t now_ms = card_now_ms();
    double excess = drift_queue_excess((double)queued, QUEUE_SAMPLES,
                                       (double)(now_ms - atomic_load(&alsa->put_ms)));
    steering_set(&alsa->steering, drift_note(&alsa->drift, excess, now_ms));
    if (snd_pcm_delay(card->pcm, &delay) == 0) {
        atomic_store(&card->delay, delay);
    }
    return 0;
}

/* Words end when they are heard, not when they are written. */
static bool is_drained(struct card *card) {
    struct alsa_playback *alsa = of_card(card);
    int64_t now_ms = card_now_ms();
    snd_pcm_sframes_t delay = 0;
    if (alsa->drains_ms == 0) {
        alsa->drains_ms = now_ms;
        alsa->ends_ms = 0;
    }
    if (alsa->ends_ms == 0 && alsa->filled == 0 && ring_held(&alsa->ring) == 0) {
        alsa->ends_ms =
            snd_pcm_delay(card->pcm, &delay) == 0 ? now_ms + delay * 1000 / VOICE_RATE : now_ms;
    }
    return (alsa->ends_ms != 0 && now_ms >= alsa->ends_ms) || now_ms - alsa->drains_ms >= DRAIN_MS;
}

static void forget(struct card *card) {
    struct alsa_playback *alsa = of_card(card);
    ring_drop(&alsa->ring, atomic_load(&card->running));
    alsa->filled = 0;
    secret_wipe(alsa->samples, sizeof alsa->samples);
}

static const struct card_side loudspeaker = {.stream = SND_PCM_STREAM_PLAYBACK,
                                             .what = "loudspeaker",
                                             .buffer_size = BUFFER_SAMPLES,
                                             .starts_at = CARD_PERIOD,
                                             .begin = begin,
                                             .turn = turn,
                                             .is_drained = is_drained,
                                             .forget = forget};

/* --- In the loop ---------------------------------------------------------------------------- */

static size_t alsa_list(struct playback *playback, struct sound_device devices[], size_t room) {
    return card_list(&of(playback)->card, devices, room);
}

void alsa_playback_tell(struct playback *playback, struct reference *reference) {
    atomic_store(&of(playback)->reference, reference);
}

static void free_all(struct alsa_playback *alsa) {
    reference_release(atomic_load(&alsa->reference));
    steering_end(&alsa->steering);
    card_memory_free(alsa, sizeof *alsa);
}

static enum status alsa_open(const char *device, struct playback **out, struct error *error) {
    bool is_locked = false;
    struct alsa_playback *alsa = card_memory(sizeof *alsa, &is_locked);
    *out = NULL;
    if (alsa == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "sound alsa: out of memory");
    }
    alsa->playback.kind = &playback_alsa;
    atomic_store(&alsa->card.is_locked, is_locked);
    drift_begin(&alsa->drift, false);
    enum status status = steering_begin(&alsa->steering, error);
    if (status == STATUS_OK) {
        status = card_begin(&alsa->card, &loudspeaker, device, error);
    }
    if (status != STATUS_OK) {
        free_all(alsa);
        return status;
    }
    *out = &alsa->playback;
    return STATUS_OK;
}

static enum status alsa_start(struct playback *playback, int64_t now_ms, struct error *error) {
    (void)error;
    metronome_start(&of(playback)->metronome, now_ms);
    card_start(&of(playback)->card);
    return STATUS_OK;
}

static void alsa_stop(struct playback *playback) {
    of(playback)->metronome.runs = false;
    card_stop(&of(playback)->card);
}

static int alsa_descriptor(const struct playback *playback) {
    return ((const struct alsa_playback *)playback)->card.event;
}

static int64_t alsa_deadline(const struct playback *playback) {
    return metronome_deadline(&((const struct alsa_playback *)playback)->metronome);
}

static enum status check(struct alsa_playback *alsa, struct error *error) {
    card_quiet(&alsa->card);
    enum status status = card_check(&alsa->card, error);
    if (status != STATUS_OK) {
        alsa->metronome.runs = false;
        card_stop(&alsa->card);
    }
    return status;
}

static enum status alsa_ask(struct playback *playback, int64_t now_ms, struct playback_need *need,
                            struct error *error) {
    struct alsa_playback *alsa = of(playback);
    *need = (struct playback_need){
        .wanted = metronome_due(&alsa->metronome, now_ms, PLAYBACK_HELD_MS),
        .queued = atomic_load(&alsa->queued),
        .plays = atomic_load(&alsa->card.running) == card_start_number(&alsa->card) &&
                 atomic_load(&alsa->plays)};
    return check(alsa, error);
}

/* A ring that is full belongs to a card that stands still, which fails soon. */
static enum status alsa_write(struct playback *playback, struct sound_frame *frame,
                              struct error *error) {
    struct alsa_playback *alsa = of(playback);
    (void)error;
    metronome_take(&alsa->metronome, frame);
    atomic_store(&alsa->put_ms, frame->at_ms + VOICE_FRAME_MS);
    frame->at_ms += PLAYBACK_QUEUE_MS;
    if (!ring_put(&alsa->ring, card_start_number(&alsa->card), frame)) {
        return error_set(error, STATUS_FILE_GONE, "the loudspeaker '%s' takes nothing any more",
                         alsa->card.device);
    }
    card_wake(&alsa->card);
    return STATUS_OK;
}

static enum status alsa_reopen(struct playback *playback, struct error *error) {
    (void)playback;
    (void)error;
    return STATUS_OK;
}

static enum status alsa_look(struct playback *playback, struct error *error) {
    return card_look(&of(playback)->card, error);
}

static enum status alsa_choose(struct playback *playback, const char *device, struct error *error) {
    return card_choose(&of(playback)->card, device, error);
}

static void alsa_tell(const struct playback *playback, struct sound_state *state) {
    card_tell(&((const struct alsa_playback *)playback)->card, state);
}

static enum status alsa_close(struct playback *playback, struct error *error) {
    (void)error;
    if (card_end(&of(playback)->card)) {
        free_all(of(playback));
    }
    return STATUS_OK;
}

const struct playback_kind playback_alsa = {
    .name = "alsa",
    .is_heard = true,
    .list = alsa_list,
    .open = alsa_open,
    .start = alsa_start,
    .stop = alsa_stop,
    .descriptor = alsa_descriptor,
    .deadline = alsa_deadline,
    .ask = alsa_ask,
    .write = alsa_write,
    .reopen = alsa_reopen,
    .look = alsa_look,
    .choose = alsa_choose,
    .tell = alsa_tell,
    .close = alsa_close,
};
