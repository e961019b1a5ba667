/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/permission.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    REALTIME_MOST = 20, /* more than a sound card's thread takes (app/sound/alsa/card.c) */
    KEPT_MAX = 3,
    GROUPS_MAX = 256 /* a user with more keeps the groups that it has */
};

/* The capabilities that stay. */
struct kept {
    cap_value_t list[KEPT_MAX];
    int count;
};

static void keep(struct kept *kept, cap_value_t capability) {
    kept->list[kept->count++] = capability;
}

static bool is_kept(const struct kept *kept, cap_value_t capability) {
    for (int i = 0; i < kept->count; i++) {
        if (kept->list[i] == capability) {
            return true;
        }
    }
    return false;
}

/* So that it does not take a privilege to lock memory and to be in time for the sound card. Returns
 * whether all memory may be locked. */
static bool raise_limits(void) {
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    (void)setrlimit(RLIMIT_RTPRIO, &(struct rlimit){REALTIME_MOST, REALTIME_MOST});
    return setrlimit(RLIMIT_MEMLOCK, &all) == 0;
}

/* What a program that root starts would get back. A process that may not change these (it is in a
 * container) relies on no_new_privs alone. */
static void close_ways_back(const struct kept *kept) {
    (void)prctl(PR_SET_SECUREBITS,
                SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
                0, 0, 0);
    for (cap_value_t each = 0; each < cap_max_bits(); each++) {
        if (!is_kept(kept, each)) {
            (void)cap_drop_bound(each);
        }
    }
}

/* The ambient capabilities, which outlive an exec, go with the permitted ones. */
static int give_up_others(const struct kept *kept) {
    cap_t left = cap_init();
    bool done = left != NULL;
    if (done && kept->count > 0) {
        done = cap_set_flag(left, CAP_PERMITTED, kept->count, kept->list, CAP_SET) == 0 &&
               cap_set_flag(left, CAP_EFFECTIVE, kept->count, kept->list, CAP_SET) == 0;
    }
    done = done && cap_set_proc(left) == 0;
    int why = errno;
    (void)cap_free(left);
    errno = why;
    return done ? 0 : -1;
}

static enum status finish(int failed, struct error *error) {
    if (failed != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return error_set(error, STATUS_LIBRARY_FAILED,
                         "cannot give up the program's privileges: %s", strerror(errno));
    }
    return STATUS_OK;
}

/* The devices' groups as well: what root could use, it still can. Not where it may not. */
static void join_groups_of(const char *const devices[]) {
    gid_t groups[GROUPS_MAX];
    int count = getgroups(GROUPS_MAX, groups);
    struct stat about;
    if (count < 0) {
        return;
    }
    for (; *devices != NULL && count < GROUPS_MAX; devices++) {
        if (stat(*devices, &about) == 0 && about.st_gid != 0 && (about.st_mode & S_IRWXG) != 0) {
            groups[count++] = about.st_gid;
        }
    }
    (void)setgroups((size_t)count, groups);
}

/* A user with all its groups, since devices are a group's. */
static int become(uid_t user, const char *const devices[]) {
    const struct passwd *entry = getpwuid(user);
    gid_t group = entry != NULL ? entry->pw_gid : user;
    if ((entry != NULL ? initgroups(entry->pw_name, group) : setgroups(0, NULL)) != 0) {
        return -1;
    }
    join_groups_of(devices);
    return setresgid(group, group, group) != 0 ? -1 : setresuid(user, user, user);
}

/* Only what is had can be kept: root of a container may lack it. */
static void keep_no_more_than_there_is(struct kept *kept) {
    cap_t now = cap_get_proc();
    for (int i = kept->count - 1; i >= 0 && now != NULL; i--) {
        cap_flag_value_t has = CAP_CLEAR;
        (void)cap_get_flag(now, kept->list[i], CAP_PERMITTED, &has);
        if (has != CAP_SET) {
            kept->list[i] = kept->list[--kept->count];
        }
    }
    (void)cap_free(now);
}

static enum status root_gives_up(uid_t user, const char *const devices[], struct kept *kept,
                                 struct error *error) {
    if (!raise_limits()) {
        keep(kept, CAP_IPC_LOCK);
    }
    close_ways_back(kept);
    (void)prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0); /* until they are given up, in a moment */
    if (user == 0) {
        join_groups_of(devices);
    } else if (become(user, devices) != 0) {
        keep(kept, CAP_DAC_OVERRIDE); /* root of a container that may not, or knows no such user */
    }
    keep_no_more_than_there_is(kept);
    return finish(give_up_others(kept), error);
}

enum status permission_give_up(struct error *error) {
    static const char *const no_devices[] = {NULL};
    struct kept kept = {.count = 0};
    if (geteuid() != 0) {
        return finish(give_up_others(&kept), error);
    }
    keep(&kept, CAP_DAC_OVERRIDE);
    return root_gives_up(0, no_devices, &kept, error);
}

/* Of the file's folder; a path without one is in the working folder. False: there is none. */
static bool look_at_folder(const char *path, struct stat *about) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int length = slash == NULL
                     ? snprintf(folder, sizeof folder, ".")
                     : snprintf(folder, sizeof folder, "%.*s/", (int)(slash - path), path);
    return length < (int)sizeof folder && stat(folder, about) == 0;
}

static enum status give_up_for(const char *store, const char *const devices[], struct kept kept,
                               struct error *error) {
    struct stat folder, file;
    if (geteuid() != 0) {
        keep_no_more_than_there_is(&kept);
        return finish(give_up_others(&kept), error);
    }
    bool has_folder = look_at_folder(store, &folder), has_file = stat(store, &file) == 0;
    uid_t owner = has_file ? file.st_uid : has_folder ? folder.st_uid : 0;
    if (owner == 0 && has_folder && folder.st_uid != 0) {
        keep(&kept, CAP_DAC_OVERRIDE);
    }
    return root_gives_up(owner, devices, &kept, error);
}

enum status permission_give_up_for(const char *store, const char *const devices[],
                                   struct error *error) {
    return give_up_for(store, devices, (struct kept){.count = 0}, error);
}

enum status permission_give_up_but_radios(const char *store, const char *const devices[],
                                          struct error *error) {
    struct kept kept = {.count = 0};
    keep(&kept, CAP_NET_ADMIN);
    return give_up_for(store, devices, kept, error);
}

enum status permission_give_up_rest(struct error *error) {
    const struct kept kept = {.count = 0};
    return finish(give_up_others(&kept), error);
}
