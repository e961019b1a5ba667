/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the walls around a handset leave open (app/programs/confinement.h), each wall in a process
 * of its own: key files on sticks, the TPM, memory that is shared for a sound card. And what a
 * radio's process may do, and that it ends with who started it.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/confinement.h"
#include "app/programs/radio_links.h"
#include "app/programs/starter.h"
#include "tests/app/scratch.h"
#include "transport/udp.h"
#include "transport/wifi_direct/supplicant.h"

enum {
    NO_WALL = 77, /* exit status: this kernel has none */
    OTHER_SOCKET = CONFINEMENT_OWN_DESCRIPTORS,
    NOBODY = 65534,
    PATIENCE_MS = 20 * 1000, /* no target: only that a loaded machine fails nothing */
    PING_MS = 400, /* a process that is not run for so long, twice, would be taken to hang */
    PATH_SIZE = SCRATCH_PATH_SIZE + 32
};

static void assert_in_a_process(void **state, void (*proof)(void **)) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        proof(state);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_WALL) {
        skip();
    }
    assert_int_equal(status, 0);
}

static void expect(bool holds, int line) {
    if (!holds) {
        fprintf(stderr, "line %d: %s\n", line, strerror(errno));
        _exit(1);
    }
}

#define EXPECT(holds) expect(holds, __LINE__)

/* --- Files --------------------------------------------------------------------------------------
 */

static void close_files(const struct confinement_reach *reach) {
    if (confinement_close_files(reach) != WALL_CLOSED) {
        _exit(NO_WALL);
    }
}

/* Read and written, as a key file or a device is. Returns 0 or an errno. */
static int use(const char *path) {
    char octet = 0;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return errno;
    }
    int cause = pwrite(file, &octet, 1, 0) == 1 && pread(file, &octet, 1, 0) == 1 ? 0 : EIO;
    close(file);
    return cause;
}

/* A store in a folder of its own, with a key file that is a link to `key`. */
struct place {
    char store[PATH_SIZE], link[PATH_SIZE], other[PATH_SIZE];
};

static struct place lay_out(void **state, const char *key) {
    struct place place;
    EXPECT(mkdir(scratch_path(state, "home"), 0700) == 0);
    snprintf(place.store, PATH_SIZE, "%s", scratch_path(state, "home/store"));
    snprintf(place.link, PATH_SIZE, "%s", scratch_path(state, "home/store-keys"));
    snprintf(place.other, PATH_SIZE, "%s", scratch_path(state, "other"));
    EXPECT(symlink(key, place.link) == 0);
    scratch_write(place.other, span_of_text("another"));
    return place;
}

static int remove_folders(void **state) {
    char path[PATH_SIZE];
    static const char *const names[] = {"home/store-keys", "home/.config/pulse",
                                        "home/.config",    "home",
                                        "elsewhere/keys",  "elsewhere"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s", scratch_path(state, names[i]));
        (void)remove(path);
    }
    return scratch_teardown(state);
}

static void use_linked(void **state) {
    char elsewhere[PATH_SIZE], key[PATH_SIZE], made[PATH_SIZE];
    struct place place = lay_out(state, "../elsewhere/keys");
    snprintf(elsewhere, PATH_SIZE, "%s", scratch_path(state, "elsewhere"));
    snprintf(key, PATH_SIZE, "%s", scratch_path(state, "elsewhere/keys"));
    snprintf(made, PATH_SIZE, "%s", scratch_path(state, "elsewhere/made"));
    EXPECT(mkdir(elsewhere, 0700) == 0);
    scratch_write(key, span_of_text("a key"));
    close_files(&(struct confinement_reach){.store = place.store});
    EXPECT(use(place.link) == 0);
    EXPECT(use(place.other) == EACCES);
    EXPECT(open(made, O_CREAT | O_WRONLY, 0600) < 0 && errno == EACCES);
    EXPECT(unlink(key) == 0); /* the handset is zeroised */
}

static void a_key_file_elsewhere_is_used_and_nothing_is_made_beside_it(void **state) {
    assert_in_a_process(state, use_linked);
}

static const char stick[] = "/media/stick", key_on_stick[] = "/media/stick/keys";

static void mount_stick(void) {
    EXPECT(mount("none", stick, "tmpfs", 0, NULL) == 0);
    scratch_write(key_on_stick, span_of_text("a key"));
}

/* /media is this process's and its children's own. */
static struct place lay_out_media(void **state) {
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/media", "tmpfs", 0, NULL) != 0) {
        _exit(NO_WALL);
    }
    EXPECT(mkdir(stick, 0700) == 0);
    return lay_out(state, key_on_stick);
}

/* The confined process goes on when the other one has plugged the stick in. */
static void use_after(const struct place *place, void (*plug_in)(void)) {
    int closed[2], plugged[2], status = 0;
    char octet = 0;
    EXPECT(pipe(closed) == 0 && pipe(plugged) == 0);
    pid_t confined = fork();
    if (confined == 0) {
        close_files(&(struct confinement_reach){.store = place->store});
        EXPECT(write(closed[1], &octet, 1) == 1);
        EXPECT(read(plugged[0], &octet, 1) == 1);
        EXPECT(use(place->link) == 0);
        EXPECT(use(place->other) == EACCES);
        _exit(0);
    }
    close(closed[1]);
    if (read(closed[0], &octet, 1) == 1) {
        plug_in();
        EXPECT(write(plugged[1], &octet, 1) == 1);
    }
    EXPECT(waitpid(confined, &status, 0) == confined && WIFEXITED(status));
    _exit(WEXITSTATUS(status));
}

static void exchange_sticks(void) {
    EXPECT(umount2(stick, MNT_DETACH) == 0);
    mount_stick();
}

static void use_when_it_is_there(void **state) {
    struct place place = lay_out_media(state);
    use_after(&place, mount_stick);
}

static void use_when_it_is_back(void **state) {
    struct place place = lay_out_media(state);
    mount_stick();
    use_after(&place, exchange_sticks);
}

static void a_stick_that_is_away_at_first_is_used_later(void **state) {
    assert_in_a_process(state, use_when_it_is_there);
}

static void a_stick_that_was_away_is_used_again(void **state) {
    assert_in_a_process(state, use_when_it_is_back);
}

static void link_to_the_root(void **state) {
    struct place place = lay_out(state, "/no-such-folder/keys");
    close_files(&(struct confinement_reach){.store = place.store});
    EXPECT(use(place.other) == EACCES);
}

static void a_link_to_nowhere_opens_nothing(void **state) {
    assert_in_a_process(state, link_to_the_root);
}

static void look_for_sound_settings(void **state) {
    char home[PATH_SIZE], folder[PATH_SIZE];
    snprintf(home, sizeof home, "%s", scratch_path(state, "home"));
    snprintf(folder, sizeof folder, "%s", scratch_path(state, "home/.config/pulse"));
    EXPECT(mkdir(home, 0700) == 0 && setenv("HOME", home, 1) == 0);
    close_files(&(struct confinement_reach){.store = "store", .has_cards = true});
    EXPECT(mkdir(folder, 0700) == -1 && errno == EEXIST);
    EXPECT(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0);
}

static void the_folder_that_the_sound_servers_library_makes_is_there(void **state) {
    assert_in_a_process(state, look_for_sound_settings);
}

static void use_tpm(void **state) {
    struct place place = lay_out(state, "/no-such-folder/keys");
    char device[PATH_SIZE]; /* a file stands for it */
    snprintf(device, PATH_SIZE, "%s", scratch_path(state, "device"));
    scratch_write(device, span_of_text("a device"));
    close_files(&(struct confinement_reach){.store = place.store, .tpm = device});
    EXPECT(use(device) == 0);
    EXPECT(unlink(device) != 0 && errno == EACCES);
    EXPECT(use(place.other) == EACCES);
}

static void the_tpm_is_used_and_not_removed(void **state) {
    assert_in_a_process(state, use_tpm);
}

/* --- System calls ------------------------------------------------------------------------------
 */

static void close_calls(bool has_cards) {
    if (confinement_close_calls(&(struct confinement_reach){.has_cards = has_cards}) !=
        WALL_CLOSED) {
        _exit(NO_WALL);
    }
}

static void mix(void **state) {
    (void)state;
    close_calls(true);
    int memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    EXPECT(memory >= 0);
    void *at = shmat(memory, NULL, 0);
    EXPECT(shmctl(memory, IPC_RMID, NULL) == 0);
    EXPECT(at != (void *)-1 && shmdt(at) == 0);
}

static void share(void **state) {
    (void)state;
    close_calls(false);
    EXPECT(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) < 0 && errno == EPERM);
}

static void memory_is_shared_where_there_are_sound_cards_and_nowhere_else(void **state) {
    assert_in_a_process(state, mix);
    assert_in_a_process(state, share);
}

static int socket_problem(int family, int type) {
    int descriptor = socket(family, type | SOCK_CLOEXEC, 0);
    int cause = descriptor < 0 ? errno : 0;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return cause;
}

static void use_no_network(void **state) {
    (void)state;
    close_calls(false);
    EXPECT(socket_problem(AF_INET, SOCK_DGRAM) == EPERM);
    EXPECT(socket_problem(AF_INET6, SOCK_STREAM) == EPERM);
    EXPECT(socket_problem(AF_NETLINK, SOCK_RAW) == EPERM);
    EXPECT(socket_problem(AF_UNIX, SOCK_STREAM) == 0);
}

static void use_a_network(void **state) {
    (void)state;
    if (confinement_close_calls(&(struct confinement_reach){.has_network = true}) != WALL_CLOSED) {
        _exit(NO_WALL);
    }
    EXPECT(socket_problem(AF_INET, SOCK_DGRAM) == 0);
    EXPECT(socket_problem(AF_NETLINK, SOCK_RAW) == 0);
}

static void a_handset_without_a_link_of_the_network_opens_no_sockets_of_it(void **state) {
    assert_in_a_process(state, use_no_network);
    assert_in_a_process(state, use_a_network);
}

/* --- A radio's own process ----------------------------------------------------------------------
 */

static bool is_refused(long result) {
    return result < 0 && (errno == EPERM || errno == EACCES);
}

static void close_radio(const struct confinement_radio *radio) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        confinement_close_radio_files(radio) != WALL_CLOSED ||
        confinement_close_radio_calls(radio) != WALL_CLOSED) {
        _exit(NO_WALL);
    }
}

/* What none of them does. */
static void expect_nothing_else(void) {
    char *const words[] = {(char *)"true", NULL};
    EXPECT(is_refused(open("/etc/passwd", O_RDONLY | O_CLOEXEC)));
    EXPECT(is_refused(open("/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    EXPECT(is_refused(open("/proc/self/mem", O_RDWR | O_CLOEXEC)));
    EXPECT(is_refused(open("/tmp/muster-radio", O_RDWR | O_CREAT | O_CLOEXEC, 0600)));
    EXPECT(is_refused(execve("/bin/true", words, NULL)));
    EXPECT(is_refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)));
    EXPECT(is_refused(syscall(SYS_ptrace, 16, getppid(), 0, 0)));
    EXPECT(is_refused(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0)));
    EXPECT(is_refused(syscall(SYS_pidfd_open, getppid(), 0)));
    EXPECT(is_refused(kill(getppid(), 0)));
    EXPECT(is_refused(socket(AF_PACKET, SOCK_RAW, 0)));
    EXPECT(is_refused(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)));
    EXPECT(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
               MAP_FAILED &&
           errno == EPERM);
    EXPECT(is_refused(fcntl(STDIN_FILENO, F_SETOWN, getppid())));
    EXPECT(is_refused(fcntl(STDIN_FILENO, F_SETSIG, SIGKILL)));
    EXPECT(is_refused(fcntl(STDIN_FILENO, F_SETFL, O_ASYNC)));
    EXPECT(is_refused(ioctl(STDIN_FILENO, TIOCSTI, "x")));
}

/* Neither a socket's room nor how it waits. The kernel takes the lower half of a descriptor. */
static bool is_changed(int descriptor, uint64_t upper) {
    const unsigned long as_given = (unsigned long)((uint64_t)descriptor | upper);
    const int room = 4096;
    return !is_refused(
               syscall(SYS_setsockopt, as_given, SOL_SOCKET, SO_SNDBUF, &room, sizeof room)) ||
           !is_refused(syscall(SYS_fcntl, as_given, F_SETFL, O_RDWR | O_NONBLOCK));
}

/* Of the handset's sockets it changes nothing, which would outlive it. */
static void expect_own_sockets_stay(int own) {
    const int room = 4096;
    for (int each = 0; each < CONFINEMENT_OWN_DESCRIPTORS; each++) {
        EXPECT(!is_changed(each, 0));
        EXPECT(!is_changed(each, UINT64_C(1) << 32));
        EXPECT(!is_changed(each, UINT64_C(0xffffffff) << 32));
    }
    EXPECT(setsockopt(OTHER_SOCKET, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0);
    EXPECT(fcntl(OTHER_SOCKET, F_SETFL, O_RDWR | O_NONBLOCK) == 0);
    EXPECT(is_refused(shutdown(own, SHUT_RDWR)));
    EXPECT(send(own, "x", 1, MSG_DONTWAIT) == 1);
}

/* Has the first descriptors as a radio's process has them, and one of its radio's after them. */
static int own_socket(void) {
    int ends[2], others[2];
    EXPECT(close_range(STDERR_FILENO + 1, ~0U, 0) == 0);
    EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, others) == 0);
    EXPECT(ends[0] == STDERR_FILENO + 1 && others[1] == OTHER_SOCKET - 1);
    EXPECT(dup(others[1]) == OTHER_SOCKET);
    return ends[0];
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    (void)context;
    (void)peer;
    (void)frame;
    (void)length;
}

static void be_the_local_network(void **state) {
    const struct udp_options options = {.interface = "lo",
                                        .port = (uint16_t)(20000 + getpid() % 12000)};
    struct transport *udp;
    struct transport_condition problem;
    struct transport_radio radio;
    int own = own_socket();
    (void)state;
    EXPECT(udp_open(&options, &udp, &problem) == TRANSPORT_OK);
    close_radio(&(struct confinement_radio){.has_network = true});
    expect_nothing_else();
    expect_own_sockets_stay(own);
    EXPECT(is_refused(socket(AF_UNIX, SOCK_STREAM, 0)));
    EXPECT(is_refused(socket(AF_BLUETOOTH, SOCK_RAW, 1)));
    EXPECT(is_refused(unlink("/tmp/muster-radio")));
    EXPECT(udp->kind->send(udp, PEER_ALL, LANE_VOICE, (const uint8_t *)"x", 1) == TRANSPORT_OK);
    EXPECT(udp->kind->receive(udp, on_frame, NULL) == TRANSPORT_OK);
    EXPECT(udp->kind->radios(udp, &radio, 1) == 1 && radio.state == RADIO_ON);
    udp->kind->set_mode(udp, TRANSPORT_SILENT);
    udp->kind->close(udp);
}

static void be_bluetooth(void **state) {
    int own = own_socket();
    (void)state;
    close_radio(&(struct confinement_radio){.has_bluetooth = true});
    expect_nothing_else();
    expect_own_sockets_stay(own);
    EXPECT(!is_refused(socket(AF_BLUETOOTH, SOCK_RAW, 1)));
    EXPECT(is_refused(socket(AF_INET, SOCK_DGRAM, 0)));
    EXPECT(is_refused(socket(AF_UNIX, SOCK_STREAM, 0)));
}

/* Through wpa_supplicant's own library, which waits in its own way: `served` answers in its place.
 */
static void expect_talk_with_supplicant(int served, const struct sockaddr_un *at) {
    struct sockaddr_un who;
    socklen_t size = sizeof who;
    char asked[64] = "";
    const char *line;
    struct supplicant *supplicant = supplicant_open(at->sun_path, 0);
    EXPECT(supplicant != NULL);
    EXPECT(recvfrom(served, asked, sizeof asked - 1, MSG_DONTWAIT, (struct sockaddr *)&who, &size) >
           0);
    EXPECT(sendto(served, "OK\n", 3, 0, (const struct sockaddr *)&who, size) == 3);
    EXPECT(supplicant_hear(supplicant, 0, &line) == SUPPLICANT_READY);
    EXPECT(supplicant_hear(supplicant, 0, &line) == SUPPLICANT_NOTHING);
    supplicant_close(supplicant);
}

static void be_wifi_direct(void **state) {
    struct sockaddr_un address = {.sun_family = AF_UNIX}, supplicant = {.sun_family = AF_UNIX};
    int own = own_socket();
    (void)state;
    snprintf(address.sun_path, sizeof address.sun_path, "/tmp/muster-radio-%d", (int)getpid());
    snprintf(supplicant.sun_path, sizeof supplicant.sun_path, "/tmp/muster-supplicant-%d",
             (int)getpid());
    int served = socket(AF_UNIX, SOCK_DGRAM, 0);
    EXPECT(served >= 0 &&
           bind(served, (const struct sockaddr *)&supplicant, sizeof supplicant) == 0);
    close_radio(&(struct confinement_radio){.has_network = true, .has_wifi_direct = true});
    expect_nothing_else();
    expect_own_sockets_stay(own);
    EXPECT(open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM, 0);
    EXPECT(descriptor >= 0 &&
           bind(descriptor, (const struct sockaddr *)&address, sizeof address) == 0);
    EXPECT(unlink(address.sun_path) == 0);
    expect_talk_with_supplicant(served, &supplicant);
    EXPECT(unlink(supplicant.sun_path) == 0);
    EXPECT(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
}

static void a_radios_process_does_what_its_radio_needs_and_nothing_else(void **state) {
    assert_in_a_process(state, be_the_local_network);
    assert_in_a_process(state, be_bluetooth);
    assert_in_a_process(state, be_wifi_direct);
}

/* --- Who ends with whom -------------------------------------------------------------------------
 */

static struct {
    pid_t starter, radio;
} *seen; /* by the radio's process, for the handset's */

/* As a handset that root has started for somebody else's store. */
static enum status become_nobody(const struct options *options, bool opens_radios,
                                 struct error *error) {
    char name[16] = "";
    (void)options;
    (void)opens_radios;
    (void)error;
    EXPECT(prctl(PR_GET_NAME, name, 0, 0, 0) == 0);
    if (strcmp(name, "muster-udp") == 0) {
        seen->radio = getpid();
        seen->starter = getppid();
    }
    EXPECT(setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0);
    return STATUS_OK;
}

static void end_who_starts_radios(void **state) {
    struct options options = {.link_count = 1,
                              .links = {{.kind = LINK_UDP, .detail = "lo"}},
                              .port = (uint16_t)(20000 + getpid() % 12000)};
    struct radio_links links = {.options = &options, .give_up = become_nobody};
    struct transport *transport;
    struct error error;
    (void)state;
    if (geteuid() != 0) {
        _exit(NO_WALL);
    }
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(seen != MAP_FAILED && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
    EXPECT(radio_links_begin(&links, &error) == STATUS_OK);
    EXPECT(radio_links_open(&links, &options.links[0], &transport, &error) == STATUS_OK);
    struct pollfd radio = {.fd = (int)syscall(SYS_pidfd_open, seen->radio, 0), .events = POLLIN};
    EXPECT(radio.fd >= 0 && poll(&radio, 1, 0) == 0);
    EXPECT(kill(seen->starter, SIGKILL) == 0);
    EXPECT(poll(&radio, 1, PATIENCE_MS) == 1);
}

static void a_radio_that_became_another_user_ends_with_who_started_it(void **state) {
    assert_in_a_process(state, end_who_starts_radios);
}

/* --- Who hangs ----------------------------------------------------------------------------------
 */

enum {
    HANGING,
    GOING_ON,
    RADIOS
};

static pid_t *radios; /* the latest process of each, which it writes itself */

static size_t nothing_descriptors(const struct transport *transport, int descriptors[]) {
    (void)transport;
    (void)descriptors;
    return 0;
}

static void nothing_close(struct transport *transport) {
    (void)transport;
}

static enum transport_result open_nothing(void *context, struct transport **out,
                                          struct transport_condition *problem) {
    static const struct transport_kind kind = {
        .name = "nothing", .descriptors = nothing_descriptors, .close = nothing_close};
    static struct transport nothing = {.kind = &kind};
    (void)context;
    (void)problem;
    *out = &nothing;
    return TRANSPORT_OK;
}

static bool note_process(void *context) {
    *(pid_t *)context = getpid();
    return true;
}

static bool settle(void *context) {
    (void)context;
    return true;
}

static enum transport_condition_kind next_news(struct transport *transport) {
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    struct transport_condition news;
    (void)transport->kind->descriptors(transport, descriptors);
    while (!transport->kind->news(transport, &news)) {
        struct pollfd rest = {.fd = descriptors[APART_REST], .events = POLLIN};
        EXPECT(poll(&rest, 1, PATIENCE_MS) == 1);
        EXPECT(transport->kind->receive(transport, on_frame, NULL) == TRANSPORT_OK);
    }
    return news.kind;
}

/* Meanwhile the other one is asked as often. */
static void hang(void **state) {
    struct starter_radio starting[RADIOS];
    struct transport *transports[RADIOS];
    struct transport_condition problem;
    struct error error;
    int ours[RADIOS][APART_SOCKETS];
    (void)state;
    radios = mmap(NULL, RADIOS * sizeof *radios, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
    EXPECT(radios != MAP_FAILED);
    for (size_t i = 0; i < RADIOS; i++) {
        starting[i] = (struct starter_radio){
            "muster-none", {open_nothing, note_process, &radios[i]}, PING_MS};
    }
    EXPECT(starter_begin(starting, RADIOS, settle, NULL, ours, &error) == STATUS_OK);
    for (size_t i = 0; i < RADIOS; i++) {
        EXPECT(apart_open(ours[i], &transports[i], &problem) == TRANSPORT_OK);
    }
    pid_t going_on = radios[GOING_ON];
    pid_t hanging = radios[HANGING];
    EXPECT(kill(hanging, SIGSTOP) == 0);
    EXPECT(next_news(transports[HANGING]) == CONDITION_PROCESS_HUNG);
    EXPECT(next_news(transports[HANGING]) == CONDITION_PROCESS_BACK);
    EXPECT(radios[HANGING] != hanging && kill(hanging, 0) != 0);
    EXPECT(transports[GOING_ON]->kind->receive(transports[GOING_ON], on_frame, NULL) ==
           TRANSPORT_OK);
    EXPECT(!transports[GOING_ON]->kind->news(transports[GOING_ON], &problem));
    EXPECT(radios[GOING_ON] == going_on && kill(going_on, 0) == 0);
    for (size_t i = 0; i < RADIOS; i++) {
        transports[i]->kind->close(transports[i]);
    }
}

static void a_radio_that_hangs_is_told_of_and_started_again(void **state) {
    assert_in_a_process(state, hang);
}

#define WITH_FOLDERS(test) cmocka_unit_test_setup_teardown(test, scratch_setup, remove_folders)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDERS(a_key_file_elsewhere_is_used_and_nothing_is_made_beside_it),
        WITH_FOLDERS(a_stick_that_is_away_at_first_is_used_later),
        WITH_FOLDERS(a_stick_that_was_away_is_used_again),
        WITH_FOLDERS(a_link_to_nowhere_opens_nothing),
        WITH_FOLDERS(the_folder_that_the_sound_servers_library_makes_is_there),
        WITH_FOLDERS(the_tpm_is_used_and_not_removed),
        cmocka_unit_test(a_handset_without_a_link_of_the_network_opens_no_sockets_of_it),
        cmocka_unit_test(a_radios_process_does_what_its_radio_needs_and_nothing_else),
        cmocka_unit_test(a_radio_that_became_another_user_ends_with_who_started_it),
        cmocka_unit_test(a_radio_that_hangs_is_told_of_and_started_again),
        cmocka_unit_test(memory_is_shared_where_there_are_sound_cards_and_nowhere_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
