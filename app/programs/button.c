/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/button.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

struct button {
    struct button_choice choice;
    bool grabs;
    char folder[PATH_MAX];
    int epoll, folder_watch;
    struct libevdev *device; /* NULL while it is gone */
    unsigned code;
};

/* What speaker microphones and headsets have, by how likely it is what an officer presses. */
static const unsigned usual_codes[] = {KEY_PLAYPAUSE, KEY_MEDIA, KEY_PHONE, KEY_PLAYCD,
                                       KEY_VOICECOMMAND};

/* --- The choice --------------------------------------------------------------------------------
 */

/* -1: it is none. */
static int code_of(const char *text) {
    char *rest;
    unsigned long number = strtoul(text, &rest, 0);
    if (text[0] >= '0' && text[0] <= '9' && *rest == '\0') {
        return number <= KEY_MAX ? (int)number : -1;
    }
    return libevdev_event_code_from_name(EV_KEY, text);
}

static bool looks_like_code(const char *text) {
    return strncmp(text, "KEY_", 4) == 0 || strncmp(text, "BTN_", 4) == 0 ||
           (text[0] != '\0' && strspn(text, "0123456789") == strlen(text));
}

enum status button_parse(const char *text, struct button_choice *choice, struct error *error) {
    const char *colon = strrchr(text, ':');
    size_t length = strlen(text);
    choice->code = -1;
    if (colon != NULL && looks_like_code(colon + 1)) {
        length = (size_t)(colon - text);
        choice->code = code_of(colon + 1);
        if (choice->code < 0) {
            return error_set(error, STATUS_MALFORMED,
                             "--ptt %.120s: no such key; see KEY_... and BTN_... in "
                             "linux/input-event-codes.h",
                             text);
        }
    }
    if (length == 0 || length >= sizeof choice->name) {
        return error_set(error, STATUS_MALFORMED, "--ptt %.120s: that names no device", text);
    }
    memcpy(choice->name, text, length);
    choice->name[length] = '\0';
    return STATUS_OK;
}

/* --- Devices -----------------------------------------------------------------------------------
 */

static void close_device(struct libevdev *device) {
    if (device != NULL) {
        int descriptor = libevdev_get_fd(device);
        libevdev_free(device);
        close(descriptor);
    }
}

/* A device with keys, or NULL, and then errno says why. */
static struct libevdev *open_device(const char *folder, const char *file) {
    char path[PATH_MAX + NAME_MAX + 2];
    struct libevdev *device = NULL;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        return NULL;
    }
    int failed = libevdev_new_from_fd(descriptor, &device);
    if (failed != 0) {
        close(descriptor);
        errno = -failed;
        return NULL;
    }
    if (!libevdev_has_event_type(device, EV_KEY)) {
        close_device(device);
        errno = ENODEV;
        return NULL;
    }
    return device;
}

/* The key that is meant of this device; -1: it does not have it. */
static int find_code(const struct libevdev *device, int chosen) {
    if (chosen >= 0) {
        return libevdev_has_event_code(device, EV_KEY, (unsigned)chosen) ? chosen : -1;
    }
    for (size_t i = 0; i < sizeof usual_codes / sizeof usual_codes[0]; i++) {
        if (libevdev_has_event_code(device, EV_KEY, usual_codes[i])) {
            return (int)usual_codes[i];
        }
    }
    int only = -1;
    for (unsigned code = 0; code < KEY_CNT; code++) {
        if (libevdev_has_event_code(device, EV_KEY, code)) {
            if (only >= 0) {
                return -1;
            }
            only = (int)code;
        }
    }
    return only;
}

static int is_event_file(const struct dirent *entry) {
    return strncmp(entry->d_name, "event", 5) == 0;
}

/* What was seen of the devices, for the line that says which there are. */
struct sighting {
    size_t count, locked;
    struct error *error; /* NULL: nobody wants to know */
};

static void note_device(struct sighting *sighting, const char *name) {
    sighting->count++;
    if (sighting->error != NULL) {
        error_add(sighting->error, "%s\"%.60s\"", sighting->count > 1 ? ", " : "", name);
    }
}

/* How well a device is what was chosen: 0 not at all, 2 by its whole name. */
static int likeness(const struct libevdev *device, const struct button_choice *choice) {
    const char *name = libevdev_get_name(device);
    if (find_code(device, choice->code) < 0 || strcasestr(name, choice->name) == NULL) {
        return 0;
    }
    return strcasecmp(name, choice->name) == 0 ? 2 : 1;
}

/* The device that is chosen, or NULL. */
static struct libevdev *find_device(const char *folder, const struct button_choice *choice,
                                    struct sighting *sighting) {
    struct dirent **files = NULL;
    struct libevdev *best = NULL;
    int best_likeness = 0, count = scandir(folder, &files, is_event_file, versionsort);
    for (int i = 0; i < count; i++) {
        struct libevdev *device = open_device(folder, files[i]->d_name);
        free(files[i]);
        if (device == NULL) {
            sighting->locked += errno == EACCES || errno == EPERM;
            continue;
        }
        note_device(sighting, libevdev_get_name(device));
        int alike = likeness(device, choice);
        if (alike > best_likeness) {
            close_device(best);
            best = device;
            best_likeness = alike;
        } else {
            close_device(device);
        }
    }
    free(files);
    return best;
}

/* --- The button --------------------------------------------------------------------------------
 */

static bool watch(const struct button *button, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(button->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

bool button_is_letter(unsigned code) {
    return (code >= KEY_Q && code <= KEY_P) || (code >= KEY_A && code <= KEY_L) ||
           (code >= KEY_Z && code <= KEY_M);
}

static bool is_keyboard(const struct libevdev *device) {
    for (unsigned code = 0; code < KEY_CNT; code++) {
        if (button_is_letter(code) && libevdev_has_event_code(device, EV_KEY, code)) {
            return true;
        }
    }
    return false;
}

/* Takes the device over; false when it is a keyboard that nobody else could have, when another
 * program has it, or the kernel refuses. */
static bool take_device(struct button *button, struct libevdev *device) {
    int code = find_code(device, button->choice.code);
    bool is_let =
        !button->grabs || (!is_keyboard(device) && libevdev_grab(device, LIBEVDEV_GRAB) == 0);
    bool is_taken = code >= 0 && is_let && watch(button, libevdev_get_fd(device));
    if (is_taken) {
        button->device = device;
        button->code = (unsigned)code;
    } else {
        close_device(device);
    }
    return is_taken;
}

static enum status find_first(struct button *button, struct error *error) {
    struct error seen;
    struct sighting sighting = {.error = &seen};
    error_set(&seen, STATUS_NOT_FOUND, "--ptt %.80s: no device has that name and such a key; ",
              button->choice.name);
    error_add(&seen, "%s", "there are ");
    struct libevdev *device = find_device(button->folder, &button->choice, &sighting);
    if (device != NULL && button->grabs && is_keyboard(device)) {
        error_set(error, STATUS_UNSUPPORTED,
                  "--ptt-grab: \"%.60s\" has letters, it is a keyboard: grabbed, nobody could type "
                  "on it; leave --ptt-grab out",
                  libevdev_get_name(device));
        close_device(device);
        return STATUS_UNSUPPORTED;
    }
    if (device != NULL) {
        return take_device(button, device)
                   ? STATUS_OK
                   : error_set(error, STATUS_IO_FAILED,
                               "--ptt %.80s: another program keeps the device to itself",
                               button->choice.name);
    }
    if (sighting.count == 0) {
        error_add(&seen, "none");
    }
    if (sighting.locked > 0) {
        error_add(&seen, "; %zu may not be read: is this user in the group input?",
                  sighting.locked);
    }
    *error = seen;
    return STATUS_NOT_FOUND;
}

enum status button_open(const char *folder, const struct button_choice *choice, bool grab,
                        struct button **button, struct error *error) {
    *button = calloc(1, sizeof **button);
    if (*button == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    (*button)->choice = *choice;
    (*button)->grabs = grab;
    snprintf((*button)->folder, sizeof(*button)->folder, "%s", folder);
    (*button)->epoll = epoll_create1(EPOLL_CLOEXEC);
    (*button)->folder_watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    enum status status = STATUS_OK;
    if ((*button)->epoll < 0 || (*button)->folder_watch < 0 ||
        !watch(*button, (*button)->folder_watch)) {
        status = error_set(error, STATUS_IO_FAILED, "--ptt: %s", strerror(errno));
    }
    /* Without the folder there are no devices, as find_first says. Rights come after the file. */
    (void)inotify_add_watch((*button)->folder_watch, folder, IN_CREATE | IN_ATTRIB);
    if (status == STATUS_OK) {
        status = find_first(*button, error);
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        button_close(*button);
        *button = NULL;
    }
    return status;
}

bool button_is_there(const struct button *button) {
    return button->device != NULL;
}

void button_close(struct button *button) {
    if (button == NULL) {
        return;
    }
    close_device(button->device);
    if (button->epoll >= 0) {
        close(button->epoll);
    }
    if (button->folder_watch >= 0) {
        close(button->folder_watch);
    }
    free(button);
}

int button_descriptor(const struct button *button) {
    return button->epoll;
}

/* The next event of the device; 0, or a negative errno: -EAGAIN when there is none. When the kernel
 * had to drop events, libevdev tells what is different now. */
static int read_event(struct button *button, struct input_event *event) {
    int result = libevdev_next_event(button->device, LIBEVDEV_READ_FLAG_NORMAL, event);
    if (result == LIBEVDEV_READ_STATUS_SYNC) {
        result = libevdev_next_event(button->device, LIBEVDEV_READ_FLAG_SYNC, event);
        if (result == -EAGAIN) {
            return read_event(button, event);
        }
    }
    return result < 0 ? result : 0;
}

static bool next_of_device(struct button *button, enum button_news *news) {
    struct input_event event;
    int failed;
    while ((failed = read_event(button, &event)) == 0) {
        bool is_ours = event.type == EV_KEY && event.code == button->code;
        if (is_ours && event.value <= 1) { /* 2 is a repeat */
            *news = event.value == 1 ? BUTTON_PRESSED : BUTTON_RELEASED;
            return true;
        }
    }
    if (failed == -EAGAIN || failed == -EINTR) {
        return false;
    }
    close_device(button->device);
    button->device = NULL;
    *news = BUTTON_GONE;
    return true;
}

/* Has something changed in the folder of the devices? */
static bool has_changed(const struct button *button) {
    char octets[4096];
    bool has = false;
    while (read(button->folder_watch, octets, sizeof octets) > 0) {
        has = true;
    }
    return has;
}

bool button_next(struct button *button, enum button_news *news) {
    if (button->device != NULL && next_of_device(button, news)) {
        return true;
    }
    if (!has_changed(button) || button->device != NULL) {
        return false;
    }
    struct sighting sighting = {.error = NULL};
    struct libevdev *device = find_device(button->folder, &button->choice, &sighting);
    *news = BUTTON_BACK;
    return device != NULL && take_device(button, device);
}
