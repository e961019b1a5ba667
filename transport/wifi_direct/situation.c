/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/wifi_direct/situation.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

enum {
    PATH_SIZE = 300
};

bool situation_is_problem(enum situation situation) {
    return situation != SITUATION_STARTING && situation != SITUATION_WORKS;
}

/* Does the file of this switch begin with `text`? */
static bool switch_says(const char *folder, const char *name, const char *file, const char *text) {
    char path[PATH_SIZE], content[16] = "";
    if ((size_t)snprintf(path, sizeof path, "%s/%.40s/%s", folder, name, file) >= sizeof path) {
        return false;
    }
    FILE *opened = fopen(path, "re");
    if (opened == NULL) {
        return false;
    }
    bool is_read = fgets(content, sizeof content, opened) != NULL;
    fclose(opened);
    return is_read && strncmp(content, text, strlen(text)) == 0;
}

enum situation situation_of_switches(const char *folder, enum situation otherwise) {
    DIR *opened = opendir(folder);
    const struct dirent *entry;
    enum situation situation = otherwise;
    while (opened != NULL && (entry = readdir(opened)) != NULL) {
        if (entry->d_name[0] == '.' || !switch_says(folder, entry->d_name, "type", "wlan")) {
            continue;
        }
        if (switch_says(folder, entry->d_name, "hard", "1")) {
            situation = SITUATION_SWITCHED_OFF;
        } else if (situation == otherwise && switch_says(folder, entry->d_name, "soft", "1")) {
            situation = SITUATION_BLOCKED;
        }
    }
    if (opened != NULL) {
        closedir(opened);
    }
    return situation;
}

static const char *what_to_do(enum situation situation) {
    switch (situation) {
    case SITUATION_STARTING:
    case SITUATION_WORKS:
        return "";
    case SITUATION_NO_SUPPLICANT:
        return "no wpa_supplicant serves a radio: `systemctl start wpa_supplicant` (package "
               "wpasupplicant), with a ctrl_interface";
    case SITUATION_FORBIDDEN:
        return "wpa_supplicant's socket is not open to this user: `adduser USER netdev`, and log "
               "in again";
    case SITUATION_MUTE:
        return "wpa_supplicant does not answer: `systemctl restart wpa_supplicant`";
    case SITUATION_NO_INTERFACE:
        return "there is no such interface; see `iw dev`";
    case SITUATION_NOT_SERVED:
        return "wpa_supplicant does not serve this interface; start it with -i and a "
               "ctrl_interface for it";
    case SITUATION_NO_DEVICE:
        return "the driver has no P2P device, or p2p_disabled=1 is set; see `iw phy` for "
               "P2P-device, or use another radio";
    case SITUATION_BLOCKED:
        return "the radio is blocked: `rfkill unblock wifi`";
    case SITUATION_SWITCHED_OFF:
        return "the radio is switched off: use the switch or key of this machine";
    case SITUATION_REFUSED:
        return "the radio does not look for others; see `wpa_cli status` and `dmesg`";
    }
    return "";
}

void situation_line(enum situation situation, const char *interface,
                    char line[TRANSPORT_LINE_SIZE]) {
    snprintf(line, TRANSPORT_LINE_SIZE, "%.20s%s%s", interface, interface[0] != '\0' ? ": " : "",
             what_to_do(situation));
}
