/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A button that opens the microphone: a key of an input device of the kernel (evdev, through
 * libevdev), such as that of a speaker microphone or a headset. The device may go and come back.
 */
#ifndef MUSTER_APP_PROGRAMS_BUTTON_H
#define MUSTER_APP_PROGRAMS_BUTTON_H

#include <stdbool.h>

#include "app/error.h"

/* Where the kernel's input devices are. */
#define BUTTON_FOLDER "/dev/input"

enum {
    BUTTON_NAME_SIZE = 120 /* of a device, or a part of it, terminated */
};

/* Which key of which devices. */
struct button_choice {
    char name[BUTTON_NAME_SIZE];
    int code; /* of the kernel; -1: the key that speaker microphones and headsets have */
};

/* Reads NAME[:CODE]; CODE is a number or the kernel's name for it (KEY_PLAYPAUSE). A name may have
 * colons itself. STATUS_MALFORMED with one line for the user. */
MUST_CHECK enum status button_parse(const char *text, struct button_choice *choice,
                                    struct error *error);

struct button;

/* Is the kernel's key `code` a letter? A device that has one is a keyboard. */
bool button_is_letter(unsigned code);

/* Opens the first device of `folder` that has the key and whose name is that of `choice`, or else
 * has it as a part, in capitals or not. With `grab` no other program gets the device's keys;
 * STATUS_UNSUPPORTED for a keyboard, with one line that says why: nobody could type any more.
 * STATUS_NOT_FOUND with one line that names the devices that there are: the button is open then,
 * too, and is back once there is such a device. STATUS_IO_FAILED; STATUS_NO_MEMORY. The caller
 * closes it. */
MUST_CHECK enum status button_open(const char *folder, const struct button_choice *choice,
                                   bool grab, struct button **button, struct error *error);

/* NULL is allowed. */
void button_close(struct button *button);

/* Is its device there? */
bool button_is_there(const struct button *button);

/* What to wait on until it is readable; it never changes. */
int button_descriptor(const struct button *button);

enum button_news {
    BUTTON_PRESSED,
    BUTTON_RELEASED,
    BUTTON_GONE, /* its device: nothing tells a release any more */
    BUTTON_BACK,
};

/* The next thing that happened to it; false when nothing did. */
bool button_next(struct button *button, enum button_news *news);

#endif
