/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_standard: a standard group rekeyed through a real nats-server over TLS, at 500 to 10 000
 * members: encapsulated and signed in full, each delivery acknowledged by the stream, each member
 * noted in the store. Prints the rate, processor time for each member, and the most memory used.
 * Then 200 of 2000 members' handsets, off until then, fetch their keys from their mailboxes; and
 * one of them opens a talk session that 1999 engines in this process receive.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/broker/broker.h"
#include "app/handset/air/frame.h"
#include "app/handset/engine.h"
#include "app/kms/kms.h"
#include "app/programs/broker_link.h"
#include "app/programs/gm/path.h"
#include "app/programs/progress.h"
#include "crypto/key_delivery.h"
#include "tests/bench/stopwatch.h"
#include "transport/nats.h"

#define FIRE "sip:fire7@county.example"

enum {
    MEMBERS_MAX = 10000,
    ENGINES = 2000,
    THROUGH_BROKER = 200, /* of the engines */
    ROUND_TRIP_MS = 60 * 1000,
    TOPICS_MAX = 32
};

static const unsigned group_sizes[] = {500, 1000, 2000, 5000, 10000};
static const struct span passphrase = {(const uint8_t *)"correct horse", 13};
static char folder[] = "/tmp/muster-bench.XXXXXX";
static pid_t server;
static struct kms *kms;
static struct gm manager;
static struct error error;

static int64_t utc_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct moment moment_now(void) {
    return (struct moment){
        .utc_ms = utc_ms(), .boot_ms = (int64_t)milliseconds_passed(), .boot_id = 1};
}

static void end(void) {
    char command[64];
    if (server > 0) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) {
        return;
    }
}

static void check(bool good, const char *what) {
    if (good) {
        return;
    }
    fprintf(stderr, "bench_standard: %s: %s\n", what, error.text);
    exit(1);
}

static const char *in_folder(const char *name) {
    static char path[96];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* --- The domain and its broker -------------------------------------------------------------- */

static const char certificates[] =
    "cd %s && c='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes' && "
    "openssl req -x509 $c -days 2 -keyout ca-key.pem -out ca.pem -subj /CN=ca 2>/dev/null && "
    "openssl req $c -keyout server-key.pem -out s.csr -subj /CN=broker 2>/dev/null && "
    "echo subjectAltName=IP:127.0.0.1 >s.ext && openssl x509 -req -in s.csr -CA ca.pem -CAkey "
    "ca-key.pem -CAcreateserial -days 2 -extfile s.ext -out server.pem 2>/dev/null";

static void start_server(const char *port) {
    server = fork();
    if (server != 0) {
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (chdir(folder) == 0) {
        execlp("nats-server", "nats-server", "-c", "conf", "-a", "127.0.0.1", "-p", port, "-l",
               "log", (char *)NULL);
    }
    _exit(127);
}

static void make_domain(const struct provider *provider) {
    char command[1024], servers[64], port[8], ca[ACCESS_CA_MAX];
    uint8_t text[BROKER_CONFIGURATION_MAX];
    struct writer conf = writer_into(text, sizeof text);
    snprintf(command, sizeof command, certificates, folder);
    check(system(command) == 0, "openssl");
    FILE *file = fopen(in_folder("ca.pem"), "r");
    check(file != NULL, "ca.pem");
    size_t length = fread(ca, 1, sizeof ca, file);
    fclose(file);
    snprintf(port, sizeof port, "%d", 24000 + getpid() % 9000);
    snprintf(servers, sizeof servers, "tls://127.0.0.1:%s", port);
    check(kms_init(in_folder("kms"), "sip:kms@county.example", false, passphrase, STORE_QUICK,
                   provider, &entropy_system, &kms, &error) == STATUS_OK &&
              kms_set_broker(kms, servers, (struct span){(const uint8_t *)ca, length}, false,
                             utc_ms(), &entropy_system, &conf, &error) == STATUS_OK,
          "the domain");
    file = fopen(in_folder("conf"), "w");
    check(file != NULL && fwrite(text, 1, conf.length, file) == conf.length && fclose(file) == 0,
          "the configuration");
    start_server(port);
}

/* Keys and access of an identity, as its handset opens them. */
static void enrol(const char *identity, const struct provider *provider,
                  struct credential **credential, struct access **access) {
    static uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    struct enrolment_request request = {0};
    struct group_list groups = {0};
    struct device_key *key;
    bool is_member = strcmp(identity, FIRE) != 0;
    check(device_key_new(&entropy_system, &key) == STATUS_OK &&
              (!is_member || group_list_add(&groups, FIRE) == STATUS_OK),
          "a device");
    strcpy(request.identity, identity);
    memcpy(request.device_key, key->public_key, sizeof request.device_key);
    const struct kms_terms terms = {
        .now_ms = utc_ms(), .max_key_period_ms = 3600000, .groups = &groups};
    check(kms_enroll(kms, &request, &terms, &entropy_system, &bundle, &error) == STATUS_OK &&
              enrolment_bundle_open("bundle", writer_span(&bundle), key, provider, credential,
                                    &error) == STATUS_OK &&
              access_open(writer_span(&bundle), key, *credential, access) == STATUS_OK,
          "an enrolment");
    device_key_free(key);
}

static enum status restore_group(void *context, enum record_kind kind, struct span key,
                                 struct span value) {
    return kind == RECORD_ACCESS ? STATUS_OK : managed_group_restore(context, kind, key, value);
}

/* As the operator does. */
static void make_stream(void) {
    static uint8_t text[ARMOUR_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    struct access *access;
    check(kms_operator_access(kms, utc_ms(), &w, &error) == STATUS_OK &&
              access_read_open(writer_span(&w), &access) == STATUS_OK &&
              path_prepare_broker(access, 1, &error) == STATUS_OK,
          "the stream");
    access_free(access);
}

static void make_manager(const struct provider *provider) {
    struct credential *credential;
    struct access *access;
    struct batch *batch = batch_new();
    enrol(FIRE, provider, &credential, &access);
    check(enrolment_install(credential, RECORD_MANAGER_KEYS, batch) == STATUS_OK &&
              access_put(access, true, batch) == STATUS_OK &&
              store_create(in_folder("gm"), passphrase, STORE_QUICK, &entropy_system,
                           &manager.store, &error) == STATUS_OK &&
              store_apply(manager.store, batch, &error) == STATUS_OK &&
              managed_group_new(provider, FIRE, &manager.group) == STATUS_OK &&
              store_load(manager.store, restore_group, manager.group, &error) == STATUS_OK,
          "the manager");
    batch_free(batch);
    credential_free(credential);
    access_free(access);
    make_stream();
}

/* --- Rekeying ------------------------------------------------------------------------------- */

static void member_identity(unsigned n, char identity[IDENTITY_SIZE]) {
    snprintf(identity, IDENTITY_SIZE, "tel:+4477009%05u", n);
}

static void enlist(unsigned count) {
    struct batch *batch = NULL;
    for (unsigned n = (unsigned)manager.group->roll.count; n < count; n++) {
        struct roll_member member = {0};
        member_identity(n, member.identity);
        batch = batch == NULL ? batch_new() : batch;
        check(managed_group_enlist(manager.group, &member, batch) == STATUS_OK, "a member");
        if (batch->count < BATCH_CHANGES_MAX && n + 1 < count) {
            continue;
        }
        check(store_apply(manager.store, batch, &error) == STATUS_OK, "the roll");
        batch_free(batch);
        batch = NULL;
    }
}

static void quiet(void *context, const struct round_progress *progress) {
    (void)context;
    (void)progress;
}

static void rekey(void) {
    const struct round_terms terms = {.now_ms = utc_ms(),
                                      .threads = cores_count(ROUND_THREADS_MAX)};
    struct round_progress progress;
    struct path path;
    struct batch *batch = batch_new();
    check(managed_group_begin(manager.group, utc_ms(), utc_ms(), 3600000, &entropy_system, batch) ==
                  STATUS_OK &&
              store_apply(manager.store, batch, &error) == STATUS_OK &&
              path_open_broker(&manager, &path, &error) == STATUS_OK,
          "a key");
    batch_free(batch);
    double began = milliseconds_passed(), used = milliseconds_used();
    check(round_run(manager.group, manager.store, &path.delivery, &terms, quiet, NULL, &progress,
                    &error) == STATUS_OK &&
              progress.taken == manager.group->roll.count,
          "a rekey");
    double passed = milliseconds_passed() - began;
    used = milliseconds_used() - used;
    path_close(&path);
    printf("%8zu%10.2f s%10.0f%14.3f ms%10ld KiB\n", progress.taken, passed / 1e3,
           (double)progress.taken / passed * 1e3, used / (double)progress.taken, memory_peak());
}

/* --- Handsets ------------------------------------------------------------------------------- */

struct unit {
    struct handset *handset;
    struct access *access;
    struct transport *transport;
};

static struct unit units[ENGINES];

static void make_unit(const struct provider *provider, unsigned n) {
    struct unit *unit = &units[n];
    struct credential *credential;
    struct secret *value = secret_new(CREDENTIAL_SIZE_MAX);
    struct writer w = writer_into(value->octets, value->length);
    char identity[IDENTITY_SIZE];
    const struct handset_setup setup = {.provider = provider, .entropy = entropy_system};
    member_identity(n, identity);
    enrol(identity, provider, &credential, &unit->access);
    check(credential_write(credential, &w) == STATUS_OK &&
              handset_new(&setup, moment_now(), &unit->handset) == STATUS_OK &&
              handset_restore(unit->handset, RECORD_CREDENTIAL, span_of_text(identity),
                              writer_span(&w)) == STATUS_OK &&
              handset_start(unit->handset, moment_now()) == STATUS_OK,
          "a handset");
    credential_free(credential);
    secret_free(value);
}

static bool holds_key(const struct unit *unit) {
    uint8_t gmk[SSV_SIZE];
    bool holds = handset_reveal_gmk(unit->handset, manager.group->rekey.gmk_id, gmk) &&
                 secret_equal(gmk, manager.group->rekey.gmk->octets, sizeof gmk);
    secret_wipe(gmk, sizeof gmk);
    return holds;
}

static void drop_outputs(struct unit *unit) {
    struct output output;
    while (handset_take_output(unit->handset, &output)) {
    }
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct unit *unit = context;
    handset_frame(unit->handset, moment_now(), peer, (struct span){frame, length});
    drop_outputs(unit);
}

static void connect_unit(struct unit *unit) {
    struct transport_condition problem;
    struct transport_topic topics[TOPICS_MAX];
    struct handset_topic wanted[TOPICS_MAX];
    const struct nats_options options = broker_link_options(unit->access);
    check(nats_open_broker(&options, &unit->transport, &problem) == TRANSPORT_OK, "a connection");
    size_t count = handset_topics(unit->handset, wanted, TOPICS_MAX);
    for (size_t i = 0; i < count; i++) {
        memcpy(topics[i].name, wanted[i].name, sizeof wanted[i].name);
        topics[i].is_kept = wanted[i].is_kept;
    }
    check(unit->transport->kind->listen(unit->transport, topics, count) == TRANSPORT_OK, "topics");
}

/* The handsets come back and fetch what waits for them. */
static void fetch_keys(void) {
    unsigned holding = 0;
    double began = milliseconds_passed(), used = milliseconds_used();
    for (unsigned n = 0; n < THROUGH_BROKER; n++) {
        connect_unit(&units[n]);
    }
    while (holding < THROUGH_BROKER && milliseconds_passed() - began < ROUND_TRIP_MS) {
        poll(NULL, 0, 5);
        holding = 0;
        for (unsigned n = 0; n < THROUGH_BROKER; n++) {
            (void)units[n].transport->kind->receive(units[n].transport, on_frame, &units[n]);
            holding += holds_key(&units[n]);
        }
    }
    check(holding == THROUGH_BROKER, "handsets without their key");
    printf("%u handsets fetched and opened their keys in %.2f s, %.2f ms CPU each (TLS included)\n",
           holding, (milliseconds_passed() - began) / 1e3,
           (milliseconds_used() - used) / THROUGH_BROKER);
    for (unsigned n = 0; n < THROUGH_BROKER; n++) {
        units[n].transport->kind->close(units[n].transport);
    }
}

/* The others are handed theirs. */
static void hand_keys(void) {
    for (unsigned n = THROUGH_BROKER; n < ENGINES; n++) {
        uint8_t message[KEY_DELIVERY_MAX], octets[FRAME_HEADER_SIZE + KEY_DELIVERY_MAX];
        struct writer m = writer_into(message, sizeof message),
                      w = writer_into(octets, sizeof octets);
        char identity[IDENTITY_SIZE];
        member_identity(n, identity);
        const struct roll_member *member = roll_find(&manager.group->roll, identity);
        check(managed_group_build(manager.group, utc_ms(), 1, &member, &entropy_system, &m) ==
                  STATUS_OK,
              "a delivery");
        const struct frame frame = {
            .kind = FRAME_KEY_DELIVERY, .hops_left = 1, .id = n, .payload = writer_span(&m)};
        frame_write(&w, &frame);
        on_frame(&units[n], 1, octets, w.length);
        check(holds_key(&units[n]), "a handset without its key");
    }
}

/* --- One talk session for all --------------------------------------------------------------- */

static void talk(void) {
    static uint8_t octets[FRAME_MAX];
    size_t length = 0;
    struct command command = {.kind = COMMAND_TALK_BEGIN};
    struct event problem = {.kind = EVENT_NONE};
    const int16_t silence[VOICE_FRAME_SAMPLES] = {0};
    struct output output;
    strcpy(command.group, FIRE);
    check(handset_command(units[0].handset, moment_now(), &command, &problem) == STATUS_OK,
          event_name(problem.kind));
    for (int i = 0; i < 5 && length == 0; i++) {
        handset_speak(units[0].handset, moment_now(), 0, silence);
        while (handset_take_output(units[0].handset, &output)) {
            if (output.kind == OUTPUT_SEND && length == 0 &&
                (output.frame.octets[1] == FRAME_ANNOUNCEMENT ||
                 output.frame.octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA)) {
                length = output.frame.length;
                memcpy(octets, output.frame.octets, length);
            }
        }
    }
    check(length > 0, "no announcement");
    unsigned hearing = 0;
    double used = milliseconds_used();
    for (unsigned n = 1; n < ENGINES; n++) {
        on_frame(&units[n], 1, octets, length);
    }
    used = milliseconds_used() - used;
    for (unsigned n = 1; n < ENGINES; n++) {
        hearing += handset_view(units[n].handset, moment_now())->talker_count == 1;
    }
    check(hearing == ENGINES - 1, "engines that did not hear the announcement");
    printf(
        "one announcement of %zu octets opened the talk session for %u engines, %.3f ms CPU each\n",
        length, hearing, used / hearing);
}

int main(void) {
    const struct provider *provider = provider_find("native");
    struct rlimit descriptors = {.rlim_cur = 4096, .rlim_max = 4096};
    if (system("command -v nats-server >/dev/null 2>&1 && command -v openssl >/dev/null") != 0) {
        puts("bench_standard: nats-server or openssl is not installed");
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    (void)setrlimit(RLIMIT_NOFILE, &descriptors);
    check(mkdtemp(folder) != NULL, "a folder");
    atexit(end);
    make_domain(provider);
    make_manager(provider);
    printf("A standard group rekeyed through nats-server, TLS and acknowledged, %u "
           "cores\n%8s%12s%10s%17s%14s\n",
           cores_count(ROUND_THREADS_MAX), "members", "time", "a second", "CPU a member", "memory");
    for (size_t i = 0; i < sizeof group_sizes / sizeof *group_sizes; i++) {
        enlist(group_sizes[i]);
        rekey();
    }
    for (unsigned n = 0; n < ENGINES; n++) {
        make_unit(provider, n);
    }
    fetch_keys();
    hand_keys();
    talk();
    return 0;
}
