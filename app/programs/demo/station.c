/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/demo/station.h"

#include <string.h>

static enum status on_record(void *context, enum record_kind kind, struct span key,
                             struct span value) {
    struct station *station = context;
    return handset_restore(station->handset, kind, key, value);
}

/* --- What the engine wants done ----------------------------------------------------------------
 */

static void send_frame(void *context, const struct output *output) {
    struct station *station = context;
    /* Best effort: what is lost here is repeated as if lost on the air. */
    station->port->kind->send(station->port, output->peer, LANE_REST, output->frame.octets,
                              output->frame.length);
}

/* A station has one link, so that its handset asks for none. */
static void relay_frame(void *context, const struct output *output) {
    (void)context;
    (void)output;
}

static void tell(void *context, const struct output *output) {
    struct station *station = context;
    if (station->on_tell) {
        station->on_tell(station->context, station, output);
    }
}

/* A demonstration whose store fails ends: station->error says so, once saving has failed. */
static void fail(void *context, const struct event *event) {
    (void)context;
    (void)event;
}

static void save(void *context, const struct batch *const batches[], size_t count) {
    struct station *station = context;
    station->saving = batches;
    station->saving_count = count;
}

/* One step of the worker: what it was given before. */
static void save_some(struct station *station, struct moment now) {
    struct error error;
    if (station->saving == NULL) {
        return;
    }
    enum status status =
        store_apply_all(station->store, station->saving, station->saving_count, &error);
    if (status != STATUS_OK) {
        station->error = error;
    }
    station->saving = NULL;
    durable_written(station->durable, now.boot_ms, status, &error);
}

enum status station_start(struct station *station, const struct provider *provider,
                          struct entropy entropy, struct moment now, struct error *error) {
    struct handset_setup setup = {.provider = provider, .entropy = entropy};
    enum status status = handset_new(&setup, now, &station->handset);
    if (status == STATUS_OK) {
        status = store_load(station->store, on_record, station, error);
    }
    if (status == STATUS_OK) {
        status = handset_start(station->handset, now);
    }
    if (status == STATUS_OK) {
        status = station->playback->kind->start(station->playback, now.boot_ms, error);
    }
    if (status != STATUS_OK) {
        return error_set(error, status, "handset %u does not start: %s", station->number,
                         status_text(status));
    }
    const struct durable_hands hands = {
        .context = station, .send = send_frame, .relay = relay_frame, .tell = tell, .alarm = fail};
    const struct durable_worker worker = {.context = station, .write = save};
    station->durable = durable_new(station->handset, &hands, &worker);
    station->ui = ui_new();
    station->canvas = canvas_new(STATION_COLUMNS, STATION_ROWS);
    if (!station->durable || !station->ui || !station->canvas) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    return STATUS_OK;
}

void station_end(struct station *station) {
    struct error error;
    if (station->capture) {
        station->capture->kind->close(station->capture);
    }
    if (station->playback &&
        station->playback->kind->close(station->playback, &error) != STATUS_OK &&
        station->error.status == STATUS_OK) {
        station->error = error;
    }
    if (station->port) {
        station->port->kind->close(station->port);
    }
    ui_free(station->ui);
    canvas_free(station->canvas);
    durable_free(station->durable);
    handset_free(station->handset);
    store_close(station->store);
}

struct arrival {
    struct station *station;
    struct moment now;
};

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct arrival *arrival = context;
    handset_frame(arrival->station->handset, arrival->now, peer,
                  (struct span){.octets = frame, .length = length});
    durable_settle(arrival->station->durable, arrival->now.boot_ms);
}

void station_run(struct station *station, struct moment now) {
    struct arrival arrival = {.station = station, .now = now};
    save_some(station, now);
    station->port->kind->receive(station->port, on_frame, &arrival);
    if (handset_deadline(station->handset) <= now.boot_ms) {
        handset_tick(station->handset, now);
    }
    durable_settle(station->durable, now.boot_ms);
}

int64_t station_deadline(const struct station *station) {
    return station->saving != NULL ? 0 : handset_deadline(station->handset);
}

/* The next 20 ms of the officer's voice. Who talks longer than the recording says it again. */
static enum status say(struct station *station, struct moment now, struct sound_frame *frame,
                       struct error *error) {
    struct capture *capture = station->capture;
    enum status status = STATUS_OK;
    bool there = false;
    if (!station->was_talking || station->said_all) {
        /* The key was pressed since the last beat, and these 20 ms have been spoken. */
        status = capture->kind->start(capture, now.boot_ms - VOICE_FRAME_MS, error);
    }
    if (status == STATUS_OK) {
        status = capture->kind->read(capture, now.boot_ms, frame, &there, error);
    }
    if (!there) {
        *frame = (struct sound_frame){.is_silence = true};
    }
    station->said_all = frame->is_silence;
    return status;
}

bool station_beat(struct station *station, struct moment now, bool *is_talking,
                  int16_t said[VOICE_FRAME_SAMPLES], int16_t heard[VOICE_FRAME_SAMPLES]) {
    struct sound_frame frame;
    struct error error;
    enum status status = STATUS_OK;
    *is_talking = handset_is_talking(station->handset);
    if (*is_talking) {
        status = say(station, now, &frame, &error);
        memcpy(said, frame.samples, sizeof frame.samples);
        handset_speak(station->handset, now, 0, said);
    }
    station->was_talking = *is_talking;
    bool is_voice = handset_listen(station->handset, now, heard);
    station->voice_heard += is_voice;
    if (status == STATUS_OK) {
        /* The pauses are recorded, too: all recordings go by the time of the exercise. */
        frame.is_silence = false;
        memcpy(frame.samples, heard, sizeof frame.samples);
        status = station->playback->kind->write(station->playback, &frame, &error);
    }
    if (status != STATUS_OK && station->error.status == STATUS_OK) {
        station->error = error;
    }
    durable_settle(station->durable, now.boot_ms);
    return is_voice;
}

static void draw(struct station *station, struct moment now) {
    canvas_clear(station->canvas);
    ui_draw(station->ui, handset_view(station->handset, now), area_of(station->canvas));
}

void station_time(struct station *station, int64_t real_ms) {
    ui_time(station->ui, real_ms);
}

void station_has_read(struct station *station) {
    ui_has_read(station->ui);
}

void station_press(struct station *station, struct moment now, uint32_t press) {
    struct command command;
    memset(&command, 0, sizeof command);
    const struct view *view = handset_view(station->handset, now);
    bool is_call = false;
    if (press == UI_EMERGENCY_PRESS && ui_has_emergency_key(station->ui, view)) {
        is_call = hold_key(&station->emergency, INPUT_TYPED, now.boot_ms);
    } else if (press == UI_EMERGENCY_PRESS) {
        hold_spend(&station->emergency, INPUT_TYPED, now.boot_ms);
    }
    if (!(is_call ? ui_emergency(station->ui, view, &command)
                  : ui_key(station->ui, view, press, &command))) {
        return;
    }
    struct event problem = {.kind = EVENT_IS_DEMONSTRATION};
    if (command.kind == COMMAND_QUIT || command.kind == COMMAND_UNLOCK ||
        command.kind == COMMAND_LOCK || command.kind == COMMAND_ZEROISE) {
        ui_notice(station->ui, &problem);
        return;
    }
    enum status status = handset_command(station->handset, now, &command, &problem);
    ui_notice(station->ui, status == STATUS_OK ? NULL : &problem);
    durable_settle(station->durable, now.boot_ms);
}

const struct canvas *station_screen(struct station *station, struct moment now) {
    draw(station, now);
    return station->canvas;
}
