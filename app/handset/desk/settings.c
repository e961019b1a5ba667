/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/settings.h"

#include <stdio.h>
#include <string.h>

enum {
    VERSION = 1,
    RECORD_SIZE_MAX = 512,
};

/* Written to disk: these never change and are never used again. */
enum setting {
    SETTING_MICROPHONE = 1,
    SETTING_LOUDSPEAKER = 2,
    SETTING_GAIN = 3,         /* octet: dB and SETTINGS_GAIN_DB_MAX more, so that it is never less
                               * than 0 */
    SETTING_NOISE = 4,        /* octet: 1 when it is suppressed */
    SETTING_PERMIT_TONE = 5,  /* octet: 1 when there is one */
    SETTING_LONGEST_TALK = 6, /* 4 octets: ms */
    SETTING_SPEECH = 7,       /* octet: 1 when it is kept on disk */
    SETTING_HEADSET = 8,      /* octet: 1 when no echo is taken out */
    SETTING_LOCK_AFTER = 9,   /* 4 octets: ms; 0: never */
    SETTING_ERASE_AFTER = 10, /* octet: wrong passphrases; 0: never */
    SETTING_HEAR_LOCKED = 11, /* octet: 1 when it hears while it is locked */
    SETTING_TAKE_KEYS = 12,   /* octet: 1 when a key that only takes members out is taken unasked */
};

void settings_begin(struct settings *settings, struct desk *desk) {
    *settings = (struct settings){.desk = desk,
                                  .set = {.suppresses_noise = true,
                                          .has_permit_tone = true,
                                          .takes_keys = true,
                                          .longest_talk_ms = SETTINGS_LONGEST_TALK_MS},
                                  .longest_talk_ms = SETTINGS_LONGEST_TALK_MS};
}

/* --- Each setting: false, and nothing changed, where the value is out of bounds --------------- */

static bool set_device(char device[SETTINGS_DEVICE_SIZE], struct span name) {
    if (name.length >= SETTINGS_DEVICE_SIZE ||
        (name.length > 0 && memchr(name.octets, 0, name.length) != NULL)) {
        return false;
    }
    memset(device, 0, SETTINGS_DEVICE_SIZE);
    if (name.length > 0) {
        memcpy(device, name.octets, name.length);
    }
    return true;
}

static bool set_gain(int *gain_db, int value_db) {
    bool is_possible = value_db >= -SETTINGS_GAIN_DB_MAX && value_db <= SETTINGS_GAIN_DB_MAX;
    *gain_db = is_possible ? value_db : *gain_db;
    return is_possible;
}

static bool set_longest_talk(int64_t *longest_ms, int64_t value_ms) {
    bool is_possible =
        value_ms >= SETTINGS_LONGEST_TALK_LEAST_MS && value_ms <= SETTINGS_LONGEST_TALK_MOST_MS;
    *longest_ms = is_possible ? value_ms : *longest_ms;
    return is_possible;
}

static bool set_lock_after(int64_t *after_ms, int64_t value_ms) {
    bool is_possible = value_ms == 0 || (value_ms >= SETTINGS_LOCK_AFTER_LEAST_MS &&
                                         value_ms <= SETTINGS_LOCK_AFTER_MOST_MS);
    *after_ms = is_possible ? value_ms : *after_ms;
    return is_possible;
}

static bool set_erase_after(unsigned *after, int value) {
    bool is_possible =
        value == 0 || (value >= SETTINGS_ERASE_AFTER_LEAST && value <= SETTINGS_ERASE_AFTER_MOST);
    *after = is_possible ? (unsigned)value : *after;
    return is_possible;
}

static bool read_switch(struct reader *value, bool *is_on) {
    uint8_t octet = read_u8(value);
    *is_on = octet <= 1 ? octet == 1 : *is_on;
    return octet <= 1;
}

static bool read_setting(struct view_settings *set, uint8_t number, struct span octets) {
    struct reader value = reader_of(octets);
    bool is_possible = true;
    switch ((enum setting)number) {
    case SETTING_MICROPHONE:
        return set_device(set->microphone, octets);
    case SETTING_LOUDSPEAKER:
        return set_device(set->loudspeaker, octets);
    case SETTING_GAIN:
        is_possible = set_gain(&set->gain_db, read_u8(&value) - SETTINGS_GAIN_DB_MAX);
        break;
    case SETTING_NOISE:
        is_possible = read_switch(&value, &set->suppresses_noise);
        break;
    case SETTING_PERMIT_TONE:
        is_possible = read_switch(&value, &set->has_permit_tone);
        break;
    case SETTING_LONGEST_TALK:
        is_possible = set_longest_talk(&set->longest_talk_ms, read_u32(&value));
        break;
    case SETTING_SPEECH:
        is_possible = read_switch(&value, &set->keeps_speech);
        break;
    case SETTING_HEADSET:
        is_possible = read_switch(&value, &set->has_headset);
        break;
    case SETTING_LOCK_AFTER:
        is_possible = set_lock_after(&set->lock_after_ms, read_u32(&value));
        break;
    case SETTING_HEAR_LOCKED:
        is_possible = read_switch(&value, &set->hears_locked);
        break;
    case SETTING_TAKE_KEYS:
        is_possible = read_switch(&value, &set->takes_keys);
        break;
    case SETTING_ERASE_AFTER:
        is_possible = set_erase_after(&set->erase_after, read_u8(&value));
        break;
    default:
        return true; /* a newer program's */
    }
    return is_possible && reader_finish(&value) == STATUS_OK;
}

/* --- The record ------------------------------------------------------------------------------- */

void settings_restore(struct settings *settings, struct span value) {
    struct reader r = reader_of(value);
    bool is_known = read_u8(&r) == VERSION;
    settings->is_malformed = !is_known;
    while (is_known && reader_left(&r) > 0) {
        uint8_t number = read_u8(&r);
        struct span octets = read_span_u8(&r);
        struct view_settings set = settings->set;
        if (!r.failed && read_setting(&set, number, octets)) {
            settings->set = set;
        } else {
            settings->is_malformed = true;
        }
    }
    settings->longest_talk_ms = settings->set.longest_talk_ms;
}

void settings_start(struct settings *settings, struct moment now) {
    if (settings->is_malformed) {
        const struct event event = {.kind = EVENT_SETTINGS_UNREADABLE};
        desk_tell(settings->desk, now, &event);
    }
}

static void write_octet(struct writer *out, enum setting number, unsigned value) {
    const uint8_t octet[] = {(uint8_t)value};
    write_u8(out, (uint8_t)number);
    write_span_u8(out, SPAN_OF(octet));
}

static void write_device(struct writer *out, enum setting number, const char *device) {
    write_u8(out, (uint8_t)number);
    write_text_u8(out, device);
}

static void write_settings(const struct view_settings *set, struct writer *out) {
    write_u8(out, VERSION);
    write_device(out, SETTING_MICROPHONE, set->microphone);
    write_device(out, SETTING_LOUDSPEAKER, set->loudspeaker);
    write_octet(out, SETTING_GAIN, (unsigned)(set->gain_db + SETTINGS_GAIN_DB_MAX));
    write_octet(out, SETTING_NOISE, set->suppresses_noise);
    write_octet(out, SETTING_HEADSET, set->has_headset);
    write_octet(out, SETTING_PERMIT_TONE, set->has_permit_tone);
    write_octet(out, SETTING_SPEECH, set->keeps_speech);
    write_u8(out, SETTING_LONGEST_TALK);
    write_u8(out, sizeof(uint32_t));
    write_u32(out, (uint32_t)set->longest_talk_ms);
    write_u8(out, SETTING_LOCK_AFTER);
    write_u8(out, sizeof(uint32_t));
    write_u32(out, (uint32_t)set->lock_after_ms);
    write_octet(out, SETTING_HEAR_LOCKED, set->hears_locked);
    write_octet(out, SETTING_ERASE_AFTER, set->erase_after);
    write_octet(out, SETTING_TAKE_KEYS, set->takes_keys);
}

static void save(struct settings *settings) {
    uint8_t octets[RECORD_SIZE_MAX];
    struct writer out = writer_into(octets, sizeof octets);
    write_settings(&settings->set, &out);
    struct span value = writer_span(&out);
    settings->is_lost =
        desk_save(settings->desk, RECORD_SETTING, SETTINGS_KEY, &value) != STATUS_OK;
    settings->saved_with = settings->desk->outbox.queued;
}

/* --- Changes ---------------------------------------------------------------------------------- */

static bool change(struct settings *settings, const struct command *command) {
    struct view_settings *set = &settings->set;
    switch (command->kind) {
    case COMMAND_MICROPHONE:
        return set_device(set->microphone, span_of_text(command->name));
    case COMMAND_LOUDSPEAKER:
        return set_device(set->loudspeaker, span_of_text(command->name));
    case COMMAND_GAIN:
        return set_gain(&set->gain_db, command->on);
    case COMMAND_NOISE:
        set->suppresses_noise = command->on != 0;
        return true;
    case COMMAND_HEADSET:
        set->has_headset = command->on != 0;
        return true;
    case COMMAND_PERMIT_TONE:
        set->has_permit_tone = command->on != 0;
        return true;
    case COMMAND_KEEP_SPEECH:
        set->keeps_speech = command->on != 0;
        return true;
    case COMMAND_LONGEST_TALK:
        return set_longest_talk(&settings->longest_talk_ms, command->period_ms) &&
               (command->on != 0 || set_longest_talk(&set->longest_talk_ms, command->period_ms));
    case COMMAND_LOCK_AFTER:
        return set_lock_after(&set->lock_after_ms, command->period_ms);
    case COMMAND_HEAR_LOCKED:
        set->hears_locked = command->on != 0;
        return true;
    case COMMAND_TAKE_KEYS:
        set->takes_keys = command->on != 0;
        return true;
    case COMMAND_ERASE_AFTER:
        return set_erase_after(&set->erase_after, command->on);
    default:
        return false;
    }
}

enum status settings_command(struct settings *settings, const struct command *command,
                             struct event *problem) {
    if (!change(settings, command)) {
        return desk_problem(problem, (struct event){.kind = EVENT_COMMAND_FAILED},
                            STATUS_MALFORMED);
    }
    if (command->kind != COMMAND_LONGEST_TALK || command->on == 0) {
        save(settings);
    }
    return STATUS_OK;
}

void settings_show(const struct settings *settings, struct view *view) {
    const struct desk *desk = settings->desk;
    bool is_waiting = desk->cannot_save && desk->outbox.durable < settings->saved_with;
    view->settings = settings->set;
    view->settings.longest_talk_ms = settings->longest_talk_ms;
    view->settings.is_unsaved = settings->is_lost || is_waiting;
}
