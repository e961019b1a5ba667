/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/app/virtual_sound.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    MILLION = 1000000
};

static void clock_start(struct virtual_clock *clock, int64_t now_ms) {
    clock->runs = true;
    clock->started_ms = now_ms;
}

/* Samples that the crystal has counted. */
static uint64_t clock_read(const struct virtual_clock *clock, int64_t now_ms) {
    int64_t samples = (now_ms - clock->started_ms) * (VOICE_RATE / 1000);
    return clock->runs ? (uint64_t)(samples + samples * clock->ppm / MILLION) : 0;
}

/* The boot clock when it comes to `samples`. */
static int64_t clock_when(const struct virtual_clock *clock, uint64_t samples) {
    int64_t now_ms = clock->started_ms + (int64_t)samples / (VOICE_RATE / 1000) - 20;
    while (clock_read(clock, now_ms) < samples) {
        now_ms++;
    }
    return now_ms;
}

static void set_event(int event, bool is_readable) {
    uint64_t count = 1;
    if (event >= 0 && is_readable) {
        (void)!write(event, &count, sizeof count);
    } else if (event >= 0) {
        (void)!read(event, &count, sizeof count);
    }
}

static int open_event(bool has_event) {
    return has_event ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
}

static enum status muted(struct error *error) {
    return error_set(error, STATUS_FILE_GONE, "the headset is muted");
}

static enum status gone(struct error *error) {
    return error_set(error, STATUS_NOT_FOUND, "the headset was pulled out");
}

/* --- The microphone ------------------------------------------------------------------------- */

static struct virtual_capture *capture_of(struct capture *capture) {
    return (struct virtual_capture *)capture;
}

static size_t list_headset(struct sound_device devices[], size_t room) {
    if (room > 0) {
        devices[0] = (struct sound_device){.name = "virtual", .description = "A headset"};
    }
    return room > 0;
}

static size_t capture_list(struct capture *capture, struct sound_device devices[], size_t room) {
    (void)capture;
    return list_headset(devices, room);
}

static size_t playback_list(struct playback *playback, struct sound_device devices[], size_t room) {
    (void)playback;
    return list_headset(devices, room);
}

static enum status capture_start(struct capture *capture, int64_t now_ms, struct error *error) {
    struct virtual_capture *virtual = capture_of(capture);
    if (virtual->is_gone) {
        return gone(error);
    }
    virtual->starts++;
    virtual->read = 0;
    virtual->said = 0;
    clock_start(&virtual->clock, now_ms);
    return STATUS_OK;
}

static void capture_stop(struct capture *capture) {
    struct virtual_capture *virtual = capture_of(capture);
    virtual->stops++;
    virtual->clock.runs = false;
    set_event(virtual->event, false);
}

static int capture_descriptor(const struct capture *capture) {
    return ((const struct virtual_capture *)capture)->event;
}

static uint64_t next_frame_ends(const struct virtual_capture *virtual) {
    return (virtual->read + 1) * VOICE_FRAME_SAMPLES;
}

static int64_t capture_deadline(const struct capture *capture) {
    const struct virtual_capture *virtual = (const struct virtual_capture *)capture;
    return virtual->event >= 0 ? INT64_MAX : clock_when(&virtual->clock, next_frame_ends(virtual));
}

static enum status capture_read(struct capture *capture, int64_t now_ms, struct sound_frame *frame,
                                bool *there, struct error *error) {
    struct virtual_capture *virtual = capture_of(capture);
    uint64_t count = clock_read(&virtual->clock, now_ms);
    *there = false;
    if (virtual->is_gone) {
        virtual->clock.runs = false;
        return gone(error);
    }
    if (virtual->is_muted) {
        virtual->clock.runs = false;
        return muted(error);
    }
    if (count < next_frame_ends(virtual)) {
        set_event(virtual->event, false);
        return STATUS_OK;
    }
    uint64_t held = count / VOICE_FRAME_SAMPLES - virtual->read;
    if (held > VIRTUAL_HELD_FRAMES) {
        virtual->read += held - VIRTUAL_HELD_FRAMES;
        virtual->overrun += held - VIRTUAL_HELD_FRAMES;
    }
    *frame = (struct sound_frame){
        .position = virtual->read * VOICE_FRAME_SAMPLES,
        .at_ms = clock_when(&virtual->clock, virtual->read * VOICE_FRAME_SAMPLES)};
    frame->samples[0] = ++virtual->said;
    virtual->read++;
    *there = true;
    return STATUS_OK;
}

static enum status capture_reopen(struct capture *capture, struct error *error) {
    struct virtual_capture *virtual = capture_of(capture);
    virtual->reopens++;
    return virtual->is_gone ? gone(error) : STATUS_OK;
}

static enum status capture_look(struct capture *capture, struct error *error) {
    const struct virtual_capture *virtual = capture_of(capture);
    return virtual->is_gone ? gone(error) : virtual->is_muted ? muted(error) : STATUS_OK;
}

static void capture_face(struct capture *capture, bool hears_others) {
    capture_of(capture)->hears_others = hears_others;
}

static void capture_close(struct capture *capture) {
    if (capture_of(capture)->event >= 0) {
        close(capture_of(capture)->event);
    }
}

static const struct capture_kind capture_virtual = {
    .name = "virtual",
    .list = capture_list,
    .start = capture_start,
    .stop = capture_stop,
    .descriptor = capture_descriptor,
    .deadline = capture_deadline,
    .read = capture_read,
    .reopen = capture_reopen,
    .close = capture_close,
};

/* The same as a sound card: it can be looked at while it rests. */
static const struct capture_kind capture_card = {
    .name = "virtual",
    .list = capture_list,
    .start = capture_start,
    .stop = capture_stop,
    .descriptor = capture_descriptor,
    .deadline = capture_deadline,
    .read = capture_read,
    .reopen = capture_reopen,
    .look = capture_look,
    .face = capture_face,
    .close = capture_close,
};

void virtual_capture_becomes_card(struct virtual_capture *capture) {
    capture->capture.kind = &capture_card;
}

void virtual_capture_open(struct virtual_capture *capture, int ppm, bool has_event) {
    *capture = (struct virtual_capture){
        .capture = {&capture_virtual}, .clock = {.ppm = ppm}, .event = open_event(has_event)};
}

void virtual_capture_pass(struct virtual_capture *capture, int64_t now_ms) {
    bool has_frame = clock_read(&capture->clock, now_ms) >= next_frame_ends(capture);
    set_event(capture->event,
              capture->clock.runs && (capture->is_gone || capture->is_muted || has_frame));
}

/* --- The loudspeaker ------------------------------------------------------------------------ */

static struct virtual_playback *playback_of(struct playback *playback) {
    return (struct virtual_playback *)playback;
}

static enum status playback_start(struct playback *playback, int64_t now_ms, struct error *error) {
    struct virtual_playback *virtual = playback_of(playback);
    if (virtual->is_gone) {
        return gone(error);
    }
    virtual->starts++;
    virtual->written = 0;
    clock_start(&virtual->clock, now_ms);
    set_event(virtual->event, true);
    return STATUS_OK;
}

static void playback_stop(struct playback *playback) {
    struct virtual_playback *virtual = playback_of(playback);
    virtual->stops++;
    virtual->clock.runs = false;
    set_event(virtual->event, false);
}

static int playback_descriptor(const struct playback *playback) {
    return ((const struct virtual_playback *)playback)->event;
}

/* What it is to have when it has played `played`. */
static uint64_t full(uint64_t played) {
    return played + VIRTUAL_QUEUE_FRAMES * VOICE_FRAME_SAMPLES;
}

static bool wants(const struct virtual_playback *virtual, int64_t now_ms) {
    return virtual->written + VOICE_FRAME_SAMPLES <= full(clock_read(&virtual->clock, now_ms));
}

static int64_t playback_deadline(const struct playback *playback) {
    const struct virtual_playback *virtual = (const struct virtual_playback *)playback;
    uint64_t wanted_at = virtual->written + VOICE_FRAME_SAMPLES;
    uint64_t queue = full(0);
    return virtual->event >= 0
               ? INT64_MAX
               : clock_when(&virtual->clock, wanted_at > queue ? wanted_at - queue : 0);
}

static enum status playback_ask(struct playback *playback, int64_t now_ms,
                                struct playback_need *need, struct error *error) {
    struct virtual_playback *virtual = playback_of(playback);
    uint64_t played = clock_read(&virtual->clock, now_ms);
    if (virtual->is_gone) {
        virtual->clock.runs = false;
        return gone(error);
    }
    if (virtual->written < played) {
        virtual->underrun += played - virtual->written;
        virtual->written = played;
    }
    *need = (struct playback_need){
        .wanted = (size_t)((full(played) - virtual->written) / VOICE_FRAME_SAMPLES),
        .queued = (size_t)(virtual->written - played),
        .plays = true};
    if (need->wanted == 0) {
        set_event(virtual->event, false);
    }
    return STATUS_OK;
}

static enum status playback_write(struct playback *playback, struct sound_frame *frame,
                                  struct error *error) {
    struct virtual_playback *virtual = playback_of(playback);
    if (virtual->is_gone) {
        virtual->clock.runs = false;
        return gone(error);
    }
    frame->position = virtual->written;
    frame->at_ms = clock_when(&virtual->clock, virtual->written);
    virtual->written += VOICE_FRAME_SAMPLES;
    virtual->heard += !frame->is_silence;
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        virtual->peak = frame->samples[i] > virtual->peak ? frame->samples[i] : virtual->peak;
    }
    return STATUS_OK;
}

static enum status playback_reopen(struct playback *playback, struct error *error) {
    struct virtual_playback *virtual = playback_of(playback);
    virtual->reopens++;
    return virtual->is_gone ? gone(error) : STATUS_OK;
}

/* As of a sound card, which is looked at beside: it tells what the look before has found. */
static enum status playback_look(struct playback *playback, struct error *error) {
    struct virtual_playback *virtual = playback_of(playback);
    bool was_gone = virtual->was_gone;
    virtual->was_gone = virtual->is_gone;
    return was_gone ? gone(error) : STATUS_OK;
}

static enum status playback_close(struct playback *playback, struct error *error) {
    (void)error;
    if (playback_of(playback)->event >= 0) {
        close(playback_of(playback)->event);
    }
    return STATUS_OK;
}

static const struct playback_kind playback_virtual = {
    .name = "virtual",
    .list = playback_list,
    .start = playback_start,
    .stop = playback_stop,
    .descriptor = playback_descriptor,
    .deadline = playback_deadline,
    .ask = playback_ask,
    .write = playback_write,
    .reopen = playback_reopen,
    .close = playback_close,
};

/* The same as a sound card: a person hears it, and it can be looked at while it rests. */
static const struct playback_kind playback_card = {
    .name = "virtual",
    .is_heard = true,
    .list = playback_list,
    .start = playback_start,
    .stop = playback_stop,
    .descriptor = playback_descriptor,
    .deadline = playback_deadline,
    .ask = playback_ask,
    .write = playback_write,
    .reopen = playback_reopen,
    .look = playback_look,
    .close = playback_close,
};

void virtual_playback_becomes_card(struct virtual_playback *playback) {
    playback->playback.kind = &playback_card;
}

void virtual_playback_open(struct virtual_playback *playback, int ppm, bool has_event) {
    *playback = (struct virtual_playback){
        .playback = {&playback_virtual}, .clock = {.ppm = ppm}, .event = open_event(has_event)};
}

void virtual_playback_pass(struct virtual_playback *playback, int64_t now_ms) {
    set_event(playback->event,
              playback->clock.runs && (playback->is_gone || wants(playback, now_ms)));
}
