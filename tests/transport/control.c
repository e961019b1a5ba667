/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    COMMAND_SIZE = 512
};

void control_appear(struct control *control) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, control->path, strlen(control->path) + 1);
    control->descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int bound = bind(control->descriptor, (struct sockaddr *)&address, sizeof address);
    assert(control->descriptor >= 0 && bound == 0);
    control->client_length = 0;
}

void control_vanish(struct control *control) {
    close(control->descriptor);
    unlink(control->path);
}

void control_open(struct control *control, const char *name) {
    memset(control, 0, sizeof *control);
    strcpy(control->folder, "/tmp/muster-control-XXXXXX");
    const char *made = mkdtemp(control->folder);
    assert(made != NULL);
    snprintf(control->path, sizeof control->path, "%s/%s", control->folder, name);
    control_appear(control);
}

void control_close(struct control *control) {
    control_vanish(control);
    rmdir(control->folder);
}

static const char *answer(const struct control *control, const char *command) {
    if (control->answers_garbage) {
        return command[0] % 2 == 0 ? "\n\n=\t\x01 p2p_device_address=zz persistent=-" : "";
    }
    if (strcmp(command, "STATUS") == 0) {
        return control->has_no_device
                   ? "wpa_state=INACTIVE\n"
                   : "wpa_state=INACTIVE\np2p_device_address=42:00:00:00:01:00\n";
    }
    if (strncmp(command, "P2P_FIND", 8) == 0 && control->refuses) {
        return "FAIL\n";
    }
    if (strncmp(command, "STA ", 4) == 0) {
        return "42:00:00:00:02:00\nsignal=-70\n";
    }
    return "OK\n";
}

void control_serve(struct control *control) {
    char command[COMMAND_SIZE];
    struct sockaddr_un from;
    socklen_t from_length = sizeof from;
    ssize_t length = recvfrom(control->descriptor, command, sizeof command - 1, 0,
                              (struct sockaddr *)&from, &from_length);
    if (length < 0) {
        return;
    }
    command[length] = '\0';
    if (control->used + (size_t)length + 2 < sizeof control->heard) {
        control->used += (size_t)sprintf(control->heard + control->used, "%s\n", command);
    }
    if (strcmp(command, "ATTACH") == 0) {
        control->client = from;
        control->client_length = from_length;
    }
    const char *reply = strcmp(command, "ATTACH") == 0 ? "OK\n" : answer(control, command);
    if (!control->is_mute) {
        sendto(control->descriptor, reply, strlen(reply), 0, (struct sockaddr *)&from, from_length);
    }
}

void control_say(struct control *control, const char *line) {
    sendto(control->descriptor, line, strlen(line), 0, (struct sockaddr *)&control->client,
           control->client_length);
}

bool control_heard(const struct control *control, const char *beginning) {
    size_t length = strlen(beginning);
    for (const char *line = control->heard; *line != '\0';) {
        if (strncmp(line, beginning, length) == 0) {
            return true;
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return false;
}
