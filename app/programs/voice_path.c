/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/voice_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "crypto/secret.h"

enum status voice_path_open(struct voice_path *path, struct capture *capture,
                            struct playback *playback, struct error *error) {
    *path = (struct voice_path){.capture = capture,
                                .playback = playback,
                                .epoll = epoll_create1(EPOLL_CLOEXEC),
                                .speech = {.failed = EVENT_MICROPHONE_FAILED,
                                           .back = EVENT_MICROPHONE_BACK,
                                           .descriptor = -1},
                                .hearing = {.failed = EVENT_LOUDSPEAKER_FAILED,
                                            .back = EVENT_LOUDSPEAKER_BACK,
                                            .descriptor = -1}};
    path->speech.look_ms = path->hearing.look_ms = path->doubt_ms = INT64_MAX;
    return path->epoll >= 0 ? STATUS_OK
                            : error_set(error, STATUS_IO_FAILED, "no descriptor for the sound: %s",
                                        strerror(errno));
}

void voice_path_begin(struct voice_path *path, struct handset *handset, struct moment now) {
    int64_t look_ms = now.boot_ms + VOICE_PATH_FIRST_LOOK_MS;
    path->handset = handset;
    path->speech.look_ms = path->capture->kind->look != NULL ? look_ms : INT64_MAX;
    path->hearing.look_ms =
        path->playback->kind->look != NULL ? look_ms + VOICE_PATH_LOOKS_APART_MS : INT64_MAX;
}

void voice_path_begin_ear(struct voice_path *path, struct ear *ear, struct moment now) {
    path->ear = ear;
    path->hearing.look_ms =
        path->playback->kind->look != NULL ? now.boot_ms + VOICE_PATH_FIRST_LOOK_MS : INT64_MAX;
}

static bool is_talking(const struct voice_path *path) {
    return path->handset != NULL && handset_is_talking(path->handset);
}

static bool is_listening(const struct voice_path *path) {
    return path->handset != NULL ? handset_is_listening(path->handset)
                                 : ear_is_listening(path->ear);
}

/* Only where a person hears it. */
static void play_cue(struct voice_path *path, enum cue_kind kind) {
    if (path->playback->kind->is_heard) {
        tones_begin(&path->tones, kind);
    }
}

static bool wants_speech(const struct voice_path *path) {
    return (is_talking(path) && !path->given.is_on) || sound_test_records(&path->test);
}

static bool wants_hearing(const struct voice_path *path) {
    return is_listening(path) || sound_test_plays(&path->test) || tones_play(&path->tones);
}

/* An open microphone hears no ringing. */
static enum cue_kind ring_of(const struct voice_path *path) {
    if (!path->playback->kind->is_heard || wants_speech(path)) {
        return CUE_NONE;
    }
    switch (path->handset == NULL ? RINGS_NOWHERE : handset_ringing(path->handset)) {
    case RINGS_EMERGENCY:
        return is_listening(path) ? CUE_EMERGENCY_WAITS : CUE_EMERGENCY_STANDS;
    case RINGS_HERE:
        return is_listening(path) ? CUE_CALL_WAITS : CUE_RINGS_HERE;
    case RINGS_THERE:
        return CUE_RINGS_THERE;
    case RINGS_NOWHERE:
        break;
    }
    return CUE_NONE;
}

void voice_path_tell(struct voice_path *path, enum event_kind kind) {
    enum cue_kind cue = tones_of(kind);
    if (cue != CUE_TALK_PERMIT || !path->speech.is_broken) {
        play_cue(path, cue);
    }
}

void voice_path_permit_tone(struct voice_path *path, bool is_on) {
    path->tones.has_no_permit = !is_on;
}

void voice_path_refuse(struct voice_path *path) {
    play_cue(path, CUE_TALK_REFUSED);
}

int voice_path_descriptor(const struct voice_path *path) {
    return path->epoll;
}

/* --- Devices come and go -------------------------------------------------------------------- */

static void unwatch(struct voice_path *path, struct voice_side *side) {
    if (side->descriptor >= 0) {
        /* If the device has closed the descriptor itself, nothing is left to remove. */
        (void)epoll_ctl(path->epoll, EPOLL_CTL_DEL, side->descriptor, NULL);
        side->descriptor = -1;
    }
}

static enum status watch(struct voice_path *path, struct voice_side *side, int descriptor,
                         struct error *error) {
    struct epoll_event event = {.events = EPOLLIN};
    if (descriptor < 0) {
        return STATUS_OK;
    }
    if (epoll_ctl(path->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        return error_set(error, STATUS_IO_FAILED, "cannot wait for a sound device: %s",
                         strerror(errno));
    }
    side->descriptor = descriptor;
    return STATUS_OK;
}

static void set_failed(struct voice_path *path, struct moment now, struct voice_side *side,
                       bool can_return, const struct error *error) {
    unwatch(path, side);
    /* Reported once, however often it is tried. */
    side->has_news = side->has_news || !side->is_broken;
    side->state = can_return ? VOICE_FAILED : VOICE_LOST;
    side->is_broken = side->was_wanted = true;
    side->retry_ms = now.boot_ms + VOICE_PATH_RETRY_MS;
    if (side->look_ms != INT64_MAX) {
        side->look_ms = side->retry_ms; /* if it rests by then */
    }
    side->error = *error;
}

static void set_back(struct voice_side *side) {
    side->has_news = side->is_broken;
    side->is_broken = side->was_wanted = false;
}

static void speech_failed(struct voice_path *path, struct moment now, const struct error *error) {
    if (!path->speech.is_broken) {
        play_cue(path, CUE_MICROPHONE_LOST);
    }
    if (sound_test_records(&path->test)) {
        sound_test_end(&path->test);
    }
    set_failed(path, now, &path->speech, path->capture->kind->reopen != NULL, error);
}

static void hearing_failed(struct voice_path *path, struct moment now, const struct error *error) {
    set_failed(path, now, &path->hearing, path->playback->kind->reopen != NULL, error);
    if (!path->unheard.runs) {
        metronome_start(&path->unheard, now.boot_ms);
    }
}

static void start_speech(struct voice_path *path, struct moment now) {
    struct capture *capture = path->capture;
    struct error error;
    enum status status =
        path->speech.is_broken ? capture->kind->reopen(capture, &error) : STATUS_OK;
    if (status == STATUS_OK) {
        status = capture->kind->start(capture, now.boot_ms, &error);
    }
    if (status == STATUS_OK) {
        status = watch(path, &path->speech, capture->kind->descriptor(capture), &error);
        if (status != STATUS_OK) {
            capture->kind->stop(capture);
        }
    }
    if (status == STATUS_OK) {
        path->speech.state = VOICE_RUNS;
    } else {
        speech_failed(path, now, &error);
    }
}

static void start_hearing(struct voice_path *path, struct moment now) {
    struct playback *playback = path->playback;
    struct error error;
    enum status status =
        path->hearing.is_broken ? playback->kind->reopen(playback, &error) : STATUS_OK;
    if (status == STATUS_OK) {
        status = playback->kind->start(playback, now.boot_ms, &error);
    }
    if (status == STATUS_OK) {
        status = watch(path, &path->hearing, playback->kind->descriptor(playback), &error);
        if (status != STATUS_OK) {
            playback->kind->stop(playback);
        }
    }
    if (status == STATUS_OK) {
        path->hearing.state = VOICE_RUNS;
        path->unheard.runs = false;
    } else {
        hearing_failed(path, now, &error);
    }
}

static void rest_speech(struct voice_path *path) {
    unwatch(path, &path->speech);
    if (path->speech.state == VOICE_RUNS) {
        path->capture->kind->stop(path->capture);
    }
    if (path->speech.state != VOICE_LOST) {
        path->speech.state = VOICE_RESTS;
    }
}

static void rest_hearing(struct voice_path *path) {
    unwatch(path, &path->hearing);
    if (path->hearing.state == VOICE_RUNS) {
        path->playback->kind->stop(path->playback);
    }
    if (path->hearing.state != VOICE_LOST) {
        path->hearing.state = VOICE_RESTS;
    }
    path->unheard.runs = false;
}

void voice_path_slept(struct voice_path *path) {
    rest_speech(path);
    rest_hearing(path);
}

void voice_path_end(struct voice_path *path) {
    voice_path_slept(path);
    sound_test_end(&path->test);
    given_voice_end(&path->given);
    path->tones = (struct tones){0};
    path->handset = NULL;
    path->ear = NULL;
    path->speech.look_ms = path->hearing.look_ms = path->doubt_ms = INT64_MAX;
    path->speech.has_news = path->hearing.has_news = false;
}

void voice_path_close(struct voice_path *path) {
    rest_speech(path);
    rest_hearing(path);
    sound_test_end(&path->test);
    given_voice_end(&path->given);
    close(path->epoll);
}

static bool wants_start(const struct voice_side *side, struct moment now) {
    return side->state == VOICE_RESTS ||
           (side->state == VOICE_FAILED && now.boot_ms >= side->retry_ms);
}

static bool is_time_to_look(const struct voice_side *side, struct moment now) {
    return side->state == VOICE_RESTS && now.boot_ms >= side->look_ms;
}

/* What a look at a device that rests has found. One that has failed in use is looked at sooner:
 * what comes of a look is known with the next. A handset that has none idles. */
static void found(struct voice_side *side, struct moment now, enum status status,
                  const struct error *error) {
    if (status != STATUS_OK && !side->is_broken) {
        side->has_news = true;
        side->is_broken = true;
        side->error = *error;
    } else if (status == STATUS_OK && side->is_broken) {
        set_back(side);
    }
    side->look_ms =
        now.boot_ms + (side->was_wanted ? VOICE_PATH_LOOK_AGAIN_MS : VOICE_PATH_LOOK_MS);
}

static void look_at_microphone(struct voice_path *path, struct moment now) {
    struct error error;
    if (is_time_to_look(&path->speech, now)) {
        found(&path->speech, now, path->capture->kind->look(path->capture, &error), &error);
    }
}

static void look_at_loudspeaker(struct voice_path *path, struct moment now) {
    struct error error;
    if (is_time_to_look(&path->hearing, now)) {
        found(&path->hearing, now, path->playback->kind->look(path->playback, &error), &error);
    }
}

/* Who begins to talk is told at once that nobody hears it, although that was told before; by a tone
 * unless it turns out that the microphone is back since. */
static void tell_before_the_first_word(struct voice_path *path, struct moment now) {
    if (path->speech.state == VOICE_RESTS && path->speech.is_broken) {
        path->speech.has_news = true;
        path->doubt_ms = now.boot_ms + VOICE_PATH_DOUBT_MS;
    }
}

static void end_doubt(struct voice_path *path, struct moment now) {
    if (now.boot_ms >= path->doubt_ms) {
        path->doubt_ms = INT64_MAX;
        play_cue(path, CUE_MICROPHONE_LOST);
    }
}

/* In a call both ways are open. */
static void face_others(struct voice_path *path) {
    if (path->capture->kind->face != NULL) {
        path->capture->kind->face(path->capture, is_talking(path) && is_listening(path));
    }
}

void voice_path_settle(struct voice_path *path, struct moment now) {
    if (path->handset == NULL && path->ear == NULL) {
        return;
    }
    if (!is_talking(path)) {
        given_voice_end(&path->given);
    }
    face_others(path);
    sound_test_settle(&path->test, now.boot_ms, is_talking(path));
    end_doubt(path, now);
    tones_ring(&path->tones, ring_of(path));
    if (!wants_speech(path)) {
        path->doubt_ms = INT64_MAX;
        rest_speech(path);
        look_at_microphone(path, now);
    } else if (wants_start(&path->speech, now)) {
        tell_before_the_first_word(path, now);
        start_speech(path, now);
    }
    if (!wants_hearing(path)) {
        rest_hearing(path);
        look_at_loudspeaker(path, now);
    } else if (wants_start(&path->hearing, now)) {
        start_hearing(path, now);
    } else if (path->hearing.state == VOICE_LOST && !path->unheard.runs) {
        metronome_start(&path->unheard, now.boot_ms);
    }
}

void voice_path_test(struct voice_path *path, struct moment now) {
    if (sound_test_is_on(&path->test)) {
        sound_test_end(&path->test);
    } else if (!is_talking(path)) {
        sound_test_begin(&path->test, now.boot_ms);
    }
}

void voice_path_give(struct voice_path *path, uint64_t octets, struct moment now) {
    given_voice_begin(&path->given, octets, now.boot_ms);
}

/* --- Voice ---------------------------------------------------------------------------------- */

/* Nothing was heard of a microphone that was back before the word. */
static void play_back_cue(struct voice_path *path) {
    if (path->doubt_ms == INT64_MAX) {
        play_cue(path, CUE_MICROPHONE_BACK);
    }
    path->doubt_ms = INT64_MAX;
}

static void speak(struct voice_path *path, struct moment now) {
    struct capture *capture = path->capture;
    struct sound_frame frame;
    struct error error;
    for (int i = 0; i < VOICE_PATH_TURN_FRAMES && path->speech.state == VOICE_RUNS; i++) {
        bool there = false;
        if (capture->kind->read(capture, now.boot_ms, &frame, &there, &error) != STATUS_OK) {
            speech_failed(path, now, &error);
        }
        if (!there) {
            break;
        }
        if (path->speech.is_broken) {
            play_back_cue(path);
            set_back(&path->speech);
        }
        if (sound_test_records(&path->test)) {
            sound_test_take(&path->test, &frame);
        } else {
            handset_speak(path->handset, now, now.boot_ms - frame.at_ms - VOICE_FRAME_MS,
                          frame.samples);
        }
    }
    secret_wipe(&frame, sizeof frame);
}

static void speak_given(struct voice_path *path, struct moment now) {
    struct sound_frame frame;
    for (int i = 0;
         i < VOICE_PATH_TURN_FRAMES && given_voice_next(&path->given, now.boot_ms, &frame); i++) {
        handset_speak(path->handset, now, now.boot_ms - frame.at_ms - VOICE_FRAME_MS,
                      frame.samples);
    }
    secret_wipe(&frame, sizeof frame);
}

/* How many frames are to be heard now, by the loudspeaker or unheard. */
static size_t wanted(struct voice_path *path, struct moment now) {
    struct playback_need need = {0};
    struct error error;
    if (path->hearing.state == VOICE_RUNS &&
        path->playback->kind->ask(path->playback, now.boot_ms, &need, &error) != STATUS_OK) {
        hearing_failed(path, now, &error);
    }
    if (path->hearing.state == VOICE_RUNS && path->hearing.is_broken && need.plays) {
        set_back(&path->hearing);
    }
    if (path->unheard.runs) {
        int64_t held_ms = (VOICE_PATH_TURN_FRAMES - 1) * VOICE_FRAME_MS;
        need.wanted = metronome_due(&path->unheard, now.boot_ms, held_ms);
    }
    return need.wanted < VOICE_PATH_TURN_FRAMES ? need.wanted : VOICE_PATH_TURN_FRAMES;
}

static bool listen(struct voice_path *path, struct moment now,
                   int16_t samples[VOICE_FRAME_SAMPLES]) {
    return path->handset != NULL ? handset_listen(path->handset, now, samples)
                                 : ear_listen(path->ear, now, samples);
}

static void hear(struct voice_path *path, struct moment now) {
    struct sound_frame frame;
    struct error error;
    for (size_t left = wanted(path, now); left > 0; left--) {
        frame.is_silence = !listen(path, now, frame.samples);
        if (sound_test_plays(&path->test)) {
            sound_test_give(&path->test, &frame);
        }
        if (tones_play(&path->tones)) {
            tones_mix(&path->tones, frame.samples);
            frame.is_silence = false;
        }
        if (path->hearing.state != VOICE_RUNS) {
            metronome_take(&path->unheard, &frame);
        } else if (path->playback->kind->write(path->playback, &frame, &error) != STATUS_OK) {
            hearing_failed(path, now, &error);
            break;
        }
    }
    secret_wipe(&frame, sizeof frame);
}

void voice_path_run(struct voice_path *path, struct moment now) {
    voice_path_settle(path, now);
    if (path->handset != NULL) {
        speak(path, now);
        speak_given(path, now);
    }
    if (path->handset != NULL || path->ear != NULL) {
        hear(path, now);
        voice_path_settle(path, now);
    }
}

bool voice_path_plays(const struct voice_path *path) {
    bool has_clock = path->hearing.state == VOICE_RUNS || path->unheard.runs;
    return has_clock && (path->handset != NULL || path->ear != NULL) && is_listening(path);
}

int64_t voice_path_deadline(const struct voice_path *path) {
    int64_t deadlines[] = {
        path->speech.state == VOICE_RUNS ? path->capture->kind->deadline(path->capture) : INT64_MAX,
        path->hearing.state == VOICE_RUNS ? path->playback->kind->deadline(path->playback)
                                          : metronome_deadline(&path->unheard),
        path->speech.state == VOICE_FAILED ? path->speech.retry_ms : INT64_MAX,
        path->hearing.state == VOICE_FAILED ? path->hearing.retry_ms : INT64_MAX,
        path->speech.state == VOICE_RESTS ? path->speech.look_ms : INT64_MAX,
        path->hearing.state == VOICE_RESTS ? path->hearing.look_ms : INT64_MAX,
        path->doubt_ms,
        given_voice_deadline(&path->given),
        sound_test_deadline(&path->test)};
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++) {
        deadline = deadlines[i] < deadline ? deadlines[i] : deadline;
    }
    return deadline;
}

bool voice_path_take_news(struct voice_path *path, struct voice_path_news *news) {
    struct voice_side *const sides[] = {&path->speech, &path->hearing};
    for (size_t i = 0; i < 2; i++) {
        struct voice_side *side = sides[i];
        if (!side->has_news) {
            continue;
        }
        side->has_news = false;
        bool is_lost = side->state == VOICE_LOST;
        *news = (struct voice_path_news){.is_for_good = is_lost, .error = side->error};
        news->event.kind = is_lost           ? EVENT_RECORDING_FAILED
                           : side->is_broken ? side->failed
                                             : side->back;
        if (side->is_broken) {
            news->event.check = status_name(side->error.status);
        }
        if (side == &path->speech && side->is_broken && side->error.status == STATUS_FILE_GONE) {
            news->event.kind = EVENT_MICROPHONE_SILENT;
        }
        return true;
    }
    return false;
}
