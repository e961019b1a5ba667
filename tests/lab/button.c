/* SPDX-License-Identifier: GPL-3.0-or-later */
/* button NAME - a speaker microphone with one button, as the kernel sees it (uinput), and a finger
 * on it: the lines of standard input are press, release, unplug and plug. */
#include <fcntl.h>
#include <libevdev/libevdev-uinput.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct libevdev_uinput *plug(const char *name) {
    struct libevdev_uinput *made = NULL;
    struct libevdev *device = libevdev_new();
    if (device != NULL) {
        libevdev_set_name(device, name);
        libevdev_enable_event_code(device, EV_KEY, KEY_VOLUMEUP, NULL);
        libevdev_enable_event_code(device, EV_KEY, KEY_PLAYPAUSE, NULL);
        (void)libevdev_uinput_create_from_device(device, LIBEVDEV_UINPUT_OPEN_MANAGED, &made);
        libevdev_free(device);
    }
    return made;
}

static bool push(const struct libevdev_uinput *made, unsigned code, int value) {
    return libevdev_uinput_write_event(made, EV_KEY, code, value) == 0 &&
           libevdev_uinput_write_event(made, EV_SYN, SYN_REPORT, 0) == 0;
}

static bool carry_out(struct libevdev_uinput **made, const char *name, const char *word) {
    if (strcmp(word, "plug\n") == 0) {
        *made = plug(name);
        return *made != NULL;
    }
    if (strcmp(word, "unplug\n") == 0) {
        libevdev_uinput_destroy(*made);
        *made = NULL;
        return true;
    }
    if (strcmp(word, "other\n") == 0) {
        return push(*made, KEY_VOLUMEUP, 1) && push(*made, KEY_VOLUMEUP, 0);
    }
    bool is_press = strcmp(word, "press\n") == 0;
    return (is_press || strcmp(word, "release\n") == 0) && push(*made, KEY_PLAYPAUSE, is_press);
}

int main(int argc, char *argv[]) {
    char word[32];
    if (argc != 2) {
        return 2;
    }
    struct libevdev_uinput *made = NULL;
    while (fgets(word, sizeof word, stdin) != NULL) {
        bool has_device = made != NULL || strcmp(word, "plug\n") == 0;
        if (!has_device || !carry_out(&made, argv[1], word)) {
            fprintf(stderr, "button: in vain: %s", word);
            return 1;
        }
        printf("done: %s", word);
        fflush(stdout);
    }
    return 0;
}
