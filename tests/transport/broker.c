/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "broker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    START_ATTEMPTS = 500, /* of 20 ms each */
    CA_SIZE = 4096
};

bool broker_is_installed(void) {
    return system("command -v nats-server >/dev/null 2>&1") == 0;
}

static struct sockaddr_in loopback(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A port that nobody listens on, below those the system hands out: one of these could be taken
 * while the broker is off, or be the probe's own (listens). */
static uint16_t free_port(void) {
    static unsigned asked;
    int failed;
    struct sockaddr_in address;
    do {
        address = loopback((uint16_t)(10000 + ((unsigned)getpid() * 16 + asked++) % 20000));
        int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(probe >= 0);
        failed = bind(probe, (struct sockaddr *)&address, sizeof address);
        close(probe);
    } while (failed != 0);
    return ntohs(address.sin_port);
}

static bool listens(uint16_t port) {
    struct sockaddr_in address = loopback(port);
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_open = probe >= 0 && connect(probe, (struct sockaddr *)&address, sizeof address) == 0;
    close(probe);
    return is_open;
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...) {
    char command[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (system(command) != 0) {
        fail_msg("failed: %s", command);
    }
}

/* --- Certificates --------------------------------------------------------------------------- */

static void make_ca(const struct broker *broker, const char *name) {
    run("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "
        "2 "
        "-keyout %s-key.pem -out %s.pem -subj /CN=%s >/dev/null 2>&1",
        broker->folder, name, name, name);
}

/* server.pem and server-key.pem as `certificate` says. */
static void make_certificate(const struct broker *broker) {
    const char *ca = broker->certificate == CERTIFICATE_OF_ANOTHER_CA ? "other-ca" : "ca";
    const char *host = broker->certificate == CERTIFICATE_OF_ANOTHER_HOST ? "DNS:elsewhere.example"
                                                                          : "IP:127.0.0.1";
    int days = broker->certificate == CERTIFICATE_EXPIRED ? -1 : 2;
    run("cd %s && openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "
        "server-key.pem -out server.csr -subj /CN=broker >/dev/null 2>&1 && "
        "echo subjectAltName=%s >server.ext && "
        "openssl x509 -req -in server.csr -CA %s.pem -CAkey %s-key.pem -CAcreateserial -days %d "
        "-extfile server.ext -out server.pem >/dev/null 2>&1",
        broker->folder, host, ca, ca, days);
}

const char *broker_ca(const struct broker *broker) {
    static char text[CA_SIZE];
    char path[96];
    if (broker->certificate == CERTIFICATE_NONE) {
        return NULL;
    }
    snprintf(path, sizeof path, "%s/ca.pem", broker->folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* --- Servers -------------------------------------------------------------------------------- */

static void write_configuration(const struct broker *broker, unsigned n) {
    char path[96];
    snprintf(path, sizeof path, "%s/%u.conf", broker->folder, n);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "host: 127.0.0.1\nport: %u\nserver_name: n%u\n"
            "jetstream { store_dir: \"%s/%u\", max_mem: 64M, max_file: 256M }\n",
            (unsigned)broker->ports[n], n, broker->folder, n);
    if (broker->rules != NULL) {
        fprintf(file, "%s\n", broker->rules);
    }
    if (broker->certificate != CERTIFICATE_NONE) {
        fprintf(file, "tls { cert_file: \"%s/server.pem\", key_file: \"%s/server-key.pem\" }\n",
                broker->folder, broker->folder);
    }
    if (broker->count > 1) {
        fprintf(file, "cluster { name: muster, listen: 127.0.0.1:%u, routes: [",
                (unsigned)broker->cluster_ports[n]);
        for (unsigned i = 0; i < broker->count; i++) {
            if (i != n) {
                fprintf(file, " \"nats://127.0.0.1:%u\",", (unsigned)broker->cluster_ports[i]);
            }
        }
        fputs(" ] }\n", file);
    }
    assert_int_equal(fclose(file), 0);
}

void broker_begin(struct broker *broker, unsigned count, enum broker_certificate certificate) {
    *broker = (struct broker){.count = count, .certificate = certificate};
    snprintf(broker->folder, sizeof broker->folder, "/tmp/muster-broker.XXXXXX");
    assert_non_null(mkdtemp(broker->folder));
    if (certificate != CERTIFICATE_NONE) {
        make_ca(broker, "ca");
        make_ca(broker, "other-ca");
        make_certificate(broker);
    }
    for (unsigned i = 0; i < count; i++) {
        broker->ports[i] = free_port();
        broker->cluster_ports[i] = free_port();
    }
    for (unsigned i = 0; i < count; i++) {
        write_configuration(broker, i);
    }
}

void broker_recertify(struct broker *broker, enum broker_certificate certificate) {
    broker->certificate = certificate;
    if (certificate != CERTIFICATE_NONE) {
        make_certificate(broker);
    }
    for (unsigned i = 0; i < broker->count; i++) {
        write_configuration(broker, i);
    }
}

void broker_rule(struct broker *broker, const char *rules) {
    broker->rules = rules;
    for (unsigned i = 0; i < broker->count; i++) {
        write_configuration(broker, i);
    }
}

void broker_start(struct broker *broker, unsigned n) {
    char configuration[96], log[96];
    snprintf(configuration, sizeof configuration, "%s/%u.conf", broker->folder, n);
    snprintf(log, sizeof log, "%s/%u.log", broker->folder, n);
    broker->processes[n] = fork();
    assert_true(broker->processes[n] >= 0);
    if (broker->processes[n] == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execlp("nats-server", "nats-server", "-c", configuration, "-l", log, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < START_ATTEMPTS && !listens(broker->ports[n]); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    assert_true(listens(broker->ports[n]));
}

void broker_start_all(struct broker *broker) {
    for (unsigned i = 0; i < broker->count; i++) {
        broker_start(broker, i);
    }
}

void broker_kill(struct broker *broker, unsigned n) {
    if (broker->processes[n] == 0) {
        return;
    }
    kill(broker->processes[n], SIGKILL);
    waitpid(broker->processes[n], NULL, 0);
    broker->processes[n] = 0;
}

void broker_pause(struct broker *broker, unsigned n, bool pauses) {
    kill(broker->processes[n], pauses ? SIGSTOP : SIGCONT);
    /* Its threads stop one by one, and on a busy machine the last of them still answers. */
    while (pauses && waitpid(broker->processes[n], NULL, WUNTRACED) < 0 && errno == EINTR)
        ;
}

/* Has it read it so many times? */
static unsigned count_reloads(const struct broker *broker, unsigned n) {
    char path[96], line[400];
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/%u.log", broker->folder, n);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        count += strstr(line, "Reloaded server configuration") != NULL;
    }
    fclose(file);
    return count;
}

void broker_reload(struct broker *broker, unsigned n) {
    unsigned before = count_reloads(broker, n);
    kill(broker->processes[n], SIGHUP);
    for (int i = 0; i < START_ATTEMPTS && count_reloads(broker, n) == before; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    assert_true(count_reloads(broker, n) > before);
}

void broker_end(struct broker *broker) {
    for (unsigned i = 0; i < broker->count; i++) {
        broker_kill(broker, i);
    }
    if (broker->folder[0] != '\0') {
        run("rm -rf %s", broker->folder);
    }
    *broker = (struct broker){0};
}

void broker_urls(const struct broker *broker, char urls[BROKER_URLS_SIZE]) {
    size_t length = 0;
    const char *scheme = broker->certificate == CERTIFICATE_NONE ? "nats" : "tls";
    for (unsigned i = 0; i < broker->count; i++) {
        length += (size_t)snprintf(urls + length, BROKER_URLS_SIZE - length, "%s%s://127.0.0.1:%u",
                                   i > 0 ? "," : "", scheme, (unsigned)broker->ports[i]);
    }
}
