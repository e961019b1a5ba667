/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * controllers [--seed N] [--control FIFO] [--no-ssp NUMBER]... COUNT
 *
 * Makes COUNT virtual Bluetooth controllers (BR/EDR) on /dev/vhci, all in one air: controller 0
 * with the address 00:4D:55:00:00:00, which is hci0 where there was none before, and so on. Ends
 * when it is killed. Lines written to the FIFO, which it makes:
 *
 *   off N  on N              the radio falls silent, as when a battery is pulled; is heard again
 *   apart N M  near N M      two are out of range of each other; in range again
 *   signal N M DBM           how strong they hear each other, such as -70
 *   drop N PERCENT           so many of the L2CAP packets that it sends are lost
 *   remove N  add N          it is pulled out; plugged in again
 *
 * What was done is printed; so is what each controller is called.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/lab_air.h"

enum {
    VENDOR_PACKET = 0xff, /* of vhci: asks for a controller, and tells its index */
    PRIMARY_CONTROLLER = 0x00,
    PLUG_TIMEOUT_MS = 10 * 1000,
    LINE_SIZE = 128,
};

struct lab {
    struct lab_air *air;
    unsigned count;
    int vhci[LAB_AIR_CONTROLLERS_MAX]; /* -1: pulled out */
    bool has_ssp[LAB_AIR_CONTROLLERS_MAX];
    int control; /* -1: there is none */
    char line[LINE_SIZE];
    size_t line_length;
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void to_host(void *context, unsigned number, const uint8_t *packet, size_t length) {
    const struct lab *lab = context;
    /* The kernel takes nothing for a controller that is down. */
    if (lab->vhci[number] >= 0 && write(lab->vhci[number], packet, length) < 0 && errno != ENXIO) {
        fprintf(stderr, "controllers: %u: %s\n", number, strerror(errno));
    }
}

/* --- Plugging in and pulling out -----------------------------------------------------------------
 */

static bool fail(unsigned number, int vhci, const char *what) {
    fprintf(stderr, "controllers: %u: %s: %s\n", number, what, strerror(errno));
    if (vhci >= 0) {
        close(vhci);
    }
    return false;
}

static bool plug(struct lab *lab, unsigned number) {
    const uint8_t request[] = {VENDOR_PACKET, PRIMARY_CONTROLLER};
    uint8_t answer[4];
    int vhci = open("/dev/vhci", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (vhci < 0 || write(vhci, request, sizeof request) < 0) {
        return fail(number, vhci, "/dev/vhci");
    }
    struct pollfd wait = {.fd = vhci, .events = POLLIN};
    if (poll(&wait, 1, PLUG_TIMEOUT_MS) != 1 ||
        read(vhci, answer, sizeof answer) != sizeof answer || answer[0] != VENDOR_PACKET) {
        return fail(number, vhci, "no answer of /dev/vhci");
    }
    lab->vhci[number] = vhci;
    lab_air_plug(lab->air, now_us(), number, lab->has_ssp[number]);
    printf("%u is hci%u 00:4D:55:00:00:%02X\n", number, answer[2] | (unsigned)answer[3] << 8,
           number);
    return true;
}

static void pull(struct lab *lab, unsigned number) {
    lab_air_unplug(lab->air, now_us(), number);
    close(lab->vhci[number]);
    lab->vhci[number] = -1;
}

/* --- Control -------------------------------------------------------------------------------------
 */

/* Carries out a line; false when it is not a command. */
static bool carry_out(struct lab *lab, const char *line) {
    char verb[16];
    unsigned one;
    int second = -1, third = 0;
    int fields = sscanf(line, "%15s %u %d %d", verb, &one, &second, &third);
    if (fields < 2 || one >= lab->count) {
        return false;
    }
    const bool is_of_two =
        fields >= 3 && second >= 0 && (unsigned)second < lab->count && (unsigned)second != one;
    if (strcmp(verb, "off") == 0 || strcmp(verb, "on") == 0) {
        lab_air_set_radio(lab->air, now_us(), one, strcmp(verb, "on") == 0);
    } else if ((strcmp(verb, "apart") == 0 || strcmp(verb, "near") == 0) && is_of_two) {
        lab_air_set_near(lab->air, now_us(), one, (unsigned)second, strcmp(verb, "near") == 0);
    } else if (strcmp(verb, "signal") == 0 && is_of_two && fields == 4 && third >= -127 &&
               third <= 20) {
        lab_air_set_signal(lab->air, one, (unsigned)second, (int8_t)third);
    } else if (strcmp(verb, "drop") == 0 && fields == 3 && second >= 0 && second <= 100) {
        lab_air_set_loss(lab->air, one, (unsigned)second);
    } else if (strcmp(verb, "remove") == 0 && lab->vhci[one] >= 0) {
        pull(lab, one);
    } else if (strcmp(verb, "add") == 0 && lab->vhci[one] < 0) {
        return plug(lab, one);
    } else {
        return false;
    }
    return true;
}

/* Takes what came, and carries out each line that is complete. */
static void read_control(struct lab *lab) {
    char octets[256];
    ssize_t count = read(lab->control, octets, sizeof octets);
    for (ssize_t i = 0; i < count; i++) {
        if (octets[i] != '\n') {
            if (lab->line_length < LINE_SIZE - 1) {
                lab->line[lab->line_length++] = octets[i];
            }
            continue;
        }
        lab->line[lab->line_length] = '\0';
        lab->line_length = 0;
        printf("%s: %s\n", lab->line, carry_out(lab, lab->line) ? "done" : "no such thing");
    }
}

static bool open_control(struct lab *lab, const char *path) {
    if (mkfifo(path, 0600) != 0 && errno != EEXIST) {
        return false;
    }
    /* Writing as well, so that it does not end with the first who wrote to it. */
    lab->control = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return lab->control >= 0;
}

/* --- The loop ------------------------------------------------------------------------------------
 */

static void read_host(struct lab *lab, unsigned number) {
    uint8_t packet[LAB_AIR_PACKET_MAX];
    ssize_t length = read(lab->vhci[number], packet, sizeof packet);
    if (length > 0) {
        lab_air_from_host(lab->air, now_us(), number, packet, (size_t)length);
    } else if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
        pull(lab, number);
    }
}

static int wait_ms(const struct lab *lab) {
    int64_t next_us = lab_air_next(lab->air);
    if (next_us == INT64_MAX) {
        return -1;
    }
    int64_t left_ms = (next_us - now_us() + 999) / 1000;
    return left_ms < 0 ? 0 : left_ms > 60000 ? 60000 : (int)left_ms;
}

static void run(struct lab *lab) {
    struct pollfd waits[LAB_AIR_CONTROLLERS_MAX + 1];
    for (;;) {
        for (unsigned i = 0; i < lab->count; i++) {
            waits[i] = (struct pollfd){.fd = lab->vhci[i], .events = POLLIN};
        }
        waits[lab->count] = (struct pollfd){.fd = lab->control, .events = POLLIN};
        if (poll(waits, lab->count + 1, wait_ms(lab)) < 0 && errno != EINTR) {
            return;
        }
        lab_air_pass(lab->air, now_us());
        for (unsigned i = 0; i < lab->count; i++) {
            if (lab->vhci[i] >= 0 && waits[i].revents != 0) {
                read_host(lab, i);
            }
        }
        if (waits[lab->count].revents != 0) {
            read_control(lab);
        }
    }
}

/* --- The command line ----------------------------------------------------------------------------
 */

static bool parse_number(const char *text, unsigned long max, unsigned long *number) {
    char *end;
    errno = 0;
    *number = strtoul(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *number <= max;
}

static bool parse(struct lab *lab, int argc, char *argv[], unsigned long *seed,
                  const char **control) {
    static const struct option OPTIONS[] = {{"seed", required_argument, NULL, 's'},
                                            {"control", required_argument, NULL, 'c'},
                                            {"no-ssp", required_argument, NULL, 'n'},
                                            {0}};
    unsigned long number;
    int option;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (option == 'c') {
            *control = optarg;
        } else if (option == 's' && parse_number(optarg, UINT32_MAX, &number)) {
            *seed = number;
        } else if (option == 'n' && parse_number(optarg, LAB_AIR_CONTROLLERS_MAX - 1, &number)) {
            lab->has_ssp[number] = false;
        } else {
            return false;
        }
    }
    if (optind != argc - 1 || !parse_number(argv[optind], LAB_AIR_CONTROLLERS_MAX, &number)) {
        return false;
    }
    lab->count = (unsigned)number;
    return number > 0;
}

int main(int argc, char *argv[]) {
    struct lab lab = {.control = -1};
    const char *control = NULL;
    unsigned long seed = 1;
    for (unsigned i = 0; i < LAB_AIR_CONTROLLERS_MAX; i++) {
        lab.has_ssp[i] = true;
        lab.vhci[i] = -1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!parse(&lab, argc, argv, &seed, &control)) {
        fprintf(stderr, "usage: controllers [--seed N] [--control FIFO] [--no-ssp NUMBER]... "
                        "COUNT\n");
        return 2;
    }
    if (control != NULL && !open_control(&lab, control)) {
        fprintf(stderr, "controllers: %s: %s\n", control, strerror(errno));
        return 1;
    }
    lab.air = lab_air_new(seed, to_host, &lab);
    if (lab.air == NULL) {
        return 1;
    }
    for (unsigned i = 0; i < lab.count; i++) {
        if (!plug(&lab, i)) {
            return 1;
        }
    }
    puts("ready");
    run(&lab);
    lab_air_free(lab.air);
    return 1;
}
