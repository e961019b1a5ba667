/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chip.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/tpm/tpm.h"

enum {
    STARTS_MAX = 20, /* somebody may take a port between our look and its use */
    PATIENCE_MS = 20 * 1000,
    LOOK_MS = 10
};

bool chip_is_possible(void) {
    return access("/usr/bin/swtpm", X_OK) == 0;
}

static struct sockaddr_in local(int port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int bind_port(int port) {
    struct sockaddr_in address = local(port);
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(file, (struct sockaddr *)&address, sizeof address) == 0) {
        return file;
    }
    close(file);
    return -1;
}

/* A port such that the next one is free as well. */
static int free_port(void) {
    for (;;) {
        struct sockaddr_in address;
        socklen_t length = sizeof address;
        int first = bind_port(0);
        assert_int_equal(getsockname(first, (struct sockaddr *)&address, &length), 0);
        int port = ntohs(address.sin_port), second = port < 65535 ? bind_port(port + 1) : -1;
        close(first);
        if (second >= 0) {
            close(second);
            return port;
        }
    }
}

static bool answers(const struct chip *chip) {
    TSS2_TCTI_CONTEXT *line;
    ESYS_CONTEXT *tpm;
    if (Tss2_TctiLdr_Initialize(chip->name, &line) != TSS2_RC_SUCCESS) {
        return false;
    }
    bool does = Esys_Initialize(&tpm, line, NULL) == TSS2_RC_SUCCESS;
    if (does) {
        TPM2B_DIGEST *octets = NULL;
        does = Esys_GetRandom(tpm, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, 8, &octets) ==
               TSS2_RC_SUCCESS;
        Esys_Free(octets);
        Esys_Finalize(&tpm);
    }
    Tss2_TctiLdr_Finalize(&line);
    return does;
}

static void become_chip(const char *folder, int port) {
    char state[160], server[64], control[64];
    snprintf(state, sizeof state, "dir=%s,mode=0600", folder);
    snprintf(server, sizeof server, "type=tcp,port=%d", port);
    snprintf(control, sizeof control, "type=tcp,port=%d", port + 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execl("/usr/bin/swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server", server,
          "--ctrl", control, "--flags", "not-need-init,startup-clear", (char *)NULL);
    _exit(127);
}

static bool start(struct chip *chip, int port) {
    snprintf(chip->name, sizeof chip->name, "swtpm:host=127.0.0.1,port=%d", port);
    tpm_use(chip->name);
    chip->pid = fork();
    assert_true(chip->pid >= 0);
    if (chip->pid == 0) {
        become_chip(chip->folder, port);
    }
    for (int waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
        if (waitpid(chip->pid, NULL, WNOHANG) == chip->pid) {
            return false;
        }
        if (answers(chip)) {
            return waitpid(chip->pid, NULL, WNOHANG) == 0; /* it is ours that has the port */
        }
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    }
    fail_msg("swtpm does not start");
    return false;
}

void chip_on(struct chip *chip, const char *folder) {
    struct chip on = {0};
    snprintf(on.folder, sizeof on.folder, "%s", folder); /* which may be the chip's own */
    *chip = on;
    (void)mkdir(chip->folder, 0700);
    int port = free_port();
    for (int starts = 1; !start(chip, port); starts++) {
        assert_true(starts < STARTS_MAX);
        port = free_port();
    }
}

void chip_off(struct chip *chip) {
    if (chip->pid > 0) {
        kill(chip->pid, SIGKILL);
        waitpid(chip->pid, NULL, 0);
    }
    chip->pid = 0;
}

void chip_discard(const char *folder) {
    static const char *const names[] = {"tpm2-00.permall", "tpm2-00.volatilestate", ".lock"};
    char path[192];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static void command(const struct chip *chip, TSS2_RC (*tell)(ESYS_CONTEXT *tpm)) {
    TSS2_TCTI_CONTEXT *line;
    ESYS_CONTEXT *tpm;
    assert_int_equal(Tss2_TctiLdr_Initialize(chip->name, &line), TSS2_RC_SUCCESS);
    assert_int_equal(Esys_Initialize(&tpm, line, NULL), TSS2_RC_SUCCESS);
    assert_int_equal(tell(tpm), TSS2_RC_SUCCESS);
    Esys_Finalize(&tpm);
    Tss2_TctiLdr_Finalize(&line);
}

static TSS2_RC clear(ESYS_CONTEXT *tpm) {
    return Esys_Clear(tpm, ESYS_TR_RH_LOCKOUT, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE);
}

void chip_clear(const struct chip *chip) {
    command(chip, clear);
}

static TSS2_RC set_password(ESYS_CONTEXT *tpm) {
    static const TPM2B_AUTH password = {.size = 5, .buffer = "owner"};
    return Esys_HierarchyChangeAuth(tpm, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                    ESYS_TR_NONE, &password);
}

void chip_take_ownership(const struct chip *chip) {
    command(chip, set_password);
}
