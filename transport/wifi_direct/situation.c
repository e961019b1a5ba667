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

struct transport_condition situation_condition(enum situation situation, const char *interface) {
    static const enum transport_condition_kind kinds[] = {
        [SITUATION_STARTING] = CONDITION_NONE,
        [SITUATION_WORKS] = CONDITION_NONE,
        [SITUATION_NO_SUPPLICANT] = CONDITION_NO_SUPPLICANT,
        [SITUATION_FORBIDDEN] = CONDITION_SUPPLICANT_FORBIDDEN,
        [SITUATION_MUTE] = CONDITION_SUPPLICANT_MUTE,
        [SITUATION_NO_INTERFACE] = CONDITION_NO_SUCH_RADIO,
        [SITUATION_NOT_SERVED] = CONDITION_RADIO_NOT_SERVED,
        [SITUATION_NO_DEVICE] = CONDITION_NO_P2P_DEVICE,
        [SITUATION_BLOCKED] = CONDITION_RADIO_BLOCKED,
        [SITUATION_SWITCHED_OFF] = CONDITION_RADIO_SWITCHED_OFF,
        [SITUATION_REFUSED] = CONDITION_RADIO_NOT_SEEKING};
    return transport_condition_of(kinds[situation], interface);
}
