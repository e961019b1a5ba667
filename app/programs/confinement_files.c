/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wall around files. The C library has no functions for Landlock's system calls. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/programs/confinement.h"
#include "app/store/key_file.h"

/* Newer than the headers of some systems that may have the kernel. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

enum {
    VERSION_REFER = 2,
    VERSION_TRUNCATE = 3
};

#define READ_FILE   ((uint64_t)LANDLOCK_ACCESS_FS_READ_FILE)
#define READ        (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_FILE  ((uint64_t)LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define REMOVE      ((uint64_t)LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define MAKE_SOCKET ((uint64_t)LANDLOCK_ACCESS_FS_MAKE_SOCK)
#define WRITE       (READ | WRITE_FILE | REMOVE | LANDLOCK_ACCESS_FS_MAKE_REG | MAKE_SOCKET)
#define USE_DEVICES (READ | LANDLOCK_ACCESS_FS_WRITE_FILE)

/* All that the first three versions know, running programs included. */
#define HANDLED                                                                                    \
    (WRITE | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                          \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_FIFO |   \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

/* What may be opened later, wherever the handset's own files are. */
static const struct {
    const char *path;
    uint64_t rights;
} system_paths[] = {
    /* Libraries that libraries load; catalogues, time zones, terminals, sound settings. */
    {"/usr", READ},
    {"/lib", READ},
    {"/lib64", READ},
    /* Names of hosts and users, certificates, sound settings. */
    {"/etc", READ},
    {"/run", READ},
    /* The machine: boot id, radios' switches, sound cards, processors. */
    {"/proc/self", READ},
    {"/proc/sys/kernel", READ},
    {"/proc/sys/net", READ},
    {"/proc/asound", READ},
    {"/proc/stat", READ},
    {"/proc/meminfo", READ},
    {"/proc/cpuinfo", READ},
    {"/sys", READ},
    /* Devices that come and go. */
    {"/dev/snd", USE_DEVICES},
    {"/dev/input", READ},
    {"/dev/tty", USE_DEVICES},
    {"/dev/pts", USE_DEVICES},
    {"/dev/null", USE_DEVICES},
    {"/dev/zero", READ},
    {"/dev/random", READ},
    {"/dev/urandom", READ},
};

/* Settings of the user, below the home folder: sound and terminals. */
static const char *const home_paths[] = {".asoundrc",       ".config/alsa",  ".config/pulse",
                                         ".pulse",          ".pulse-cookie", ".config/pipewire",
                                         ".config/gtk-3.0", ".terminfo"};

/* Variables that name a file or a folder of the same kind. */
static const char *const variables[] = {"XDG_RUNTIME_DIR",  "PULSE_COOKIE",    "PULSE_CLIENTCONFIG",
                                        "ALSA_CONFIG_PATH", "ALSA_CONFIG_DIR", "TERMINFO",
                                        "SSL_CERT_FILE",    "SSL_CERT_DIR"};

struct wall {
    int rules;
    uint64_t handled;
};

/* Of a file only what a file can have. What is not there, and what is refused, is not within
 * reach. */
static void allow_open(const struct wall *wall, int file, uint64_t rights) {
    struct stat about;
    uint64_t of_files = READ_FILE | WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
    if (file >= 0 && fstat(file, &about) == 0) {
        struct landlock_path_beneath_attr rule = {
            .allowed_access =
                rights & wall->handled & (S_ISDIR(about.st_mode) ? HANDLED | WRITE : of_files),
            .parent_fd = file};
        (void)syscall(SYS_landlock_add_rule, wall->rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    if (file >= 0) {
        close(file);
    }
}

static void allow(const struct wall *wall, const char *path, uint64_t rights) {
    if (path != NULL && path[0] != '\0') {
        allow_open(wall, open(path, O_PATH | O_CLOEXEC), rights);
    }
}

static void allow_folder_of(const struct wall *wall, const char *path, uint64_t rights) {
    char copy[PATH_MAX];
    if (path != NULL && strlen(path) < sizeof copy) {
        strcpy(copy, path);
        allow(wall, dirname(copy), rights);
    }
}

/* Also where the file is a link to one elsewhere. */
static void allow_folders_of(const struct wall *wall, const char *path, uint64_t rights) {
    char real[PATH_MAX];
    allow_folder_of(wall, path, rights);
    if (path != NULL && realpath(path, real) != NULL) {
        allow_folder_of(wall, real, rights);
    }
}

/* The absolute path that the link leads to; false: it is none. */
static bool read_link(const char *link, char target[PATH_MAX]) {
    char text[PATH_MAX], folder[PATH_MAX], copy[KEY_FILE_PATH_SIZE];
    ssize_t length = readlink(link, text, sizeof text - 1);
    if (length <= 0) {
        return false;
    }
    text[length] = '\0';
    if (text[0] == '/') {
        strcpy(target, text);
        return true;
    }
    snprintf(copy, sizeof copy, "%s", link);
    return realpath(dirname(copy), folder) != NULL &&
           snprintf(target, PATH_MAX, "%s/%s", folder, text) < PATH_MAX;
}

/* A stick that was away is another file system when it is back, so what stays within reach is the
 * folder that sticks appear in. */
static void allow_linked_key_file(const struct wall *wall, const char *store) {
    static const char *const of_sticks[] = {"/media", "/run/media", "/mnt"};
    const uint64_t rights = READ_FILE | WRITE_FILE | REMOVE;
    char link[KEY_FILE_PATH_SIZE], target[PATH_MAX];
    key_file_path(store, link);
    if (!read_link(link, target)) {
        return;
    }
    for (size_t i = 0; i < sizeof of_sticks / sizeof of_sticks[0]; i++) {
        size_t length = strlen(of_sticks[i]);
        if (strncmp(target, of_sticks[i], length) == 0 && target[length] == '/') {
            allow(wall, of_sticks[i], rights);
        }
    }
    allow_folder_of(wall, target, rights);
}

/* The terminal, to be opened once more (ui/outlet.h): it may be a console. */
static void allow_terminal(const struct wall *wall) {
    for (int each = STDIN_FILENO; each <= STDOUT_FILENO; each++) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", each);
        if (isatty(each)) {
            allow(wall, path, USE_DEVICES);
        }
    }
}

static bool is_no_file(const char *path) {
    struct stat about;
    return path != NULL && stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

static void allow_recording(const struct wall *wall, const char *path) {
    if (is_no_file(path)) {
        allow(wall, path, WRITE_FILE);
    } else {
        allow_folders_of(wall, path, WRITE);
    }
}

/* The catalogues of words: beside the program, or where it is installed. */
static void allow_catalogues(const struct wall *wall) {
    char program[PATH_MAX], path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) {
        return;
    }
    program[length] = '\0';
    const char *folder = dirname(program);
    static const char *const places[] = {"locale", "../share/locale"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (snprintf(path, sizeof path, "%s/%s", folder, places[i]) < (int)sizeof path) {
            allow(wall, path, READ);
        }
    }
}

static void make_folder(const char *parent, const char *name) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", parent, name) < (int)sizeof path) {
        (void)mkdir(path, S_IRWXU);
    }
}

/* Is there a folder of a sound server that was started without XDG_RUNTIME_DIR? */
static bool has_server_folder(const char *home) {
    char pattern[PATH_MAX];
    glob_t found = {0};
    bool is_there = snprintf(pattern, sizeof pattern, "%s/.config/pulse/*-runtime/.", home) <
                        (int)sizeof pattern &&
                    glob(pattern, 0, NULL, &found) == 0;
    globfree(&found);
    return is_there;
}

/* PulseAudio's library makes folders where there are none, for its settings and for the socket of a
 * server, and complains on the terminal where it may not, as within the walls. So they are made
 * now. Without XDG_RUNTIME_DIR it would make one with a random name in /tmp: where no server has
 * done that, the library is told of one that is there. */
static void make_sound_folders(const char *home) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char path[PATH_MAX];
    make_folder(home, ".config");
    make_folder(home, ".config/pulse");
    if (runtime != NULL) {
        make_folder(runtime, "pulse");
    } else if (!has_server_folder(home) &&
               snprintf(path, sizeof path, "%s/.config/pulse", home) < (int)sizeof path) {
        (void)setenv("PULSE_RUNTIME_PATH", path, 0);
    }
}

static void allow_settings(const struct wall *wall, bool has_cards) {
    const char *home = getenv("HOME");
    char path[PATH_MAX];
    if (home != NULL && has_cards) {
        make_sound_folders(home);
    }
    for (size_t i = 0; home != NULL && i < sizeof home_paths / sizeof home_paths[0]; i++) {
        if (snprintf(path, sizeof path, "%s/%s", home, home_paths[i]) < (int)sizeof path) {
            allow(wall, path, READ);
        }
    }
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        allow(wall, getenv(variables[i]), READ);
    }
}

static void allow_system(const struct wall *wall) {
    for (size_t i = 0; i < sizeof system_paths / sizeof system_paths[0]; i++) {
        allow(wall, system_paths[i].path, system_paths[i].rights);
    }
    /* A sound card that is plugged in later makes its folder then. Of other devices an ordinary
     * user may open few; root could open all, and has to start the handset again. */
    if (geteuid() != 0 && access("/dev/snd", F_OK) != 0) {
        allow(wall, "/dev", USE_DEVICES);
    }
}

static void allow_configured(const struct wall *wall, const struct confinement_reach *reach) {
    allow_folders_of(wall, reach->store, WRITE);
    allow_linked_key_file(wall, reach->store);
    allow(wall, reach->tpm, USE_DEVICES);
    allow_terminal(wall);
    allow_folder_of(wall, reach->socket, WRITE);
    allow_recording(wall, reach->recording);
    allow(wall, reach->log, READ_FILE | WRITE_FILE);
    allow_folder_of(wall, is_no_file(reach->log) ? NULL : reach->log, REMOVE);
    allow(wall, reach->golden, WRITE);
    allow(wall, reach->voice, READ_FILE);
    allow(wall, reach->script, READ_FILE);
}

/* A wall without gates; `rules` is negative where the kernel has none. */
static struct wall begin_wall(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct wall wall = {.handled = HANDLED};
    if (version < VERSION_REFER) {
        wall.handled &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
    }
    if (version < VERSION_TRUNCATE) {
        wall.handled &= ~(uint64_t)LANDLOCK_ACCESS_FS_TRUNCATE;
    }
    struct landlock_ruleset_attr attributes = {.handled_access_fs = wall.handled};
    wall.rules = version < 1 ? -1
                             : (int)syscall(SYS_landlock_create_ruleset, &attributes,
                                            sizeof attributes.handled_access_fs, 0);
    return wall;
}

static enum confinement_wall close_wall(const struct wall *wall) {
    bool is_closed = syscall(SYS_landlock_restrict_self, wall->rules, 0) == 0;
    close(wall->rules);
    return is_closed ? WALL_CLOSED : WALL_MISSING;
}

enum confinement_wall confinement_close_files(const struct confinement_reach *reach) {
    struct wall wall = begin_wall();
    if (wall.rules < 0) {
        return WALL_MISSING;
    }
    allow_system(&wall);
    allow_settings(&wall, reach->has_cards);
    allow_catalogues(&wall);
    allow_configured(&wall, reach);
    return close_wall(&wall);
}

enum confinement_wall confinement_close_radio_files(const struct confinement_radio *radio) {
    struct wall wall = begin_wall();
    if (wall.rules < 0) {
        return WALL_MISSING;
    }
    if (radio->has_wifi_direct) {
        allow(&wall, "/sys", READ); /* where switches of radios stand, among others */
        allow(&wall, "/run", READ);
        allow(&wall, radio->supplicant, READ);
        allow(&wall, "/tmp", MAKE_SOCKET | REMOVE);
    }
    return close_wall(&wall);
}
