/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of a view that shows the handset's microphone and loudspeaker. It is the program's: the
 * engine knows nothing of devices.
 */
#ifndef MUSTER_APP_HANDSET_VIEW_SOUND_H
#define MUSTER_APP_HANDSET_VIEW_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VIEW_DEVICES_MAX = 16,
    VIEW_DEVICE_SIZE = 80
};

/* A device to choose. */
struct view_device {
    char name[VIEW_DEVICE_SIZE];
    char description[VIEW_DEVICE_SIZE]; /* for people; may be empty */
    bool is_chosen;
};

enum view_sound_test {
    VIEW_TEST_RESTS,
    VIEW_TEST_RECORDS,
    VIEW_TEST_PLAYS,
};

struct view_sound {
    bool is_live; /* there are devices; otherwise sound comes from files, and the rest is empty */
    size_t microphone_count, loudspeaker_count;
    struct view_device microphones[VIEW_DEVICES_MAX], loudspeakers[VIEW_DEVICES_MAX];
    unsigned level; /* of the microphone while it is open, 0 to 100 */
    int gain_db;
    bool suppresses_noise, has_headset;
    bool has_permit_tone;
    enum view_sound_test test;
    unsigned test_left_s;
    unsigned microphone_delay_ms, loudspeaker_delay_ms; /* as the devices say themselves */
    unsigned gaps;                                      /* how often a device was late */
    bool is_realtime, is_locked;                        /* what both their threads were allowed */
};

#endif
