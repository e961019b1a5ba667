/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wall around system calls. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <net/if.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/programs/confinement.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

enum {
    CALLS_MAX = 48,
    SOCKET_KINDS = 0xf, /* the kernel's mask of a socket's type, without its flags */
    BINARY_TREE = 2     /* libseccomp's: some 10 comparisons a call in place of 200 */
};

/* Whatever else they are told. What a machine's kernel does not have, it does not get. Of what
 * changes a file's mode or length only what takes an open file: the other wall stops no change of a
 * mode by its path, and of a length not before its third version. */
static const struct {
    const char *purpose;
    const char *calls[CALLS_MAX]; /* NULL after the last */
} used[] = {
    {"memory, and keeping it from swap",
     {"brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "mincore", "mlock",
      "mlock2", "munlock", "mlockall", "munlockall", "memfd_create", "membarrier"}},
    {"files, within the other wall",
     {"open",     "openat",   "close",      "close_range", "read",     "write",     "pread64",
      "pwrite64", "readv",    "writev",     "preadv",      "pwritev",  "preadv2",   "pwritev2",
      "lseek",    "_llseek",  "ftruncate",  "fallocate",   "fsync",    "fdatasync", "fadvise64",
      "flock",    "fcntl",    "dup",        "dup2",        "dup3",     "unlink",    "unlinkat",
      "rename",   "renameat", "renameat2",  "link",        "linkat",   "mkdir",     "umask",
      "fchmod",   "fchown",   "getdents64", "getdents",    "sendfile", "sync"}},
    {"looking at files",
     {"stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat",
      "faccessat2", "readlink", "readlinkat", "getcwd", "inotify_init1", "inotify_add_watch",
      "inotify_rm_watch"}},
    {"waiting",
     {"poll",
      "ppoll",
      "select",
      "pselect6",
      "epoll_create",
      "epoll_create1",
      "epoll_ctl",
      "epoll_wait",
      "epoll_pwait",
      "epoll_pwait2",
      "eventfd",
      "eventfd2",
      "pipe",
      "pipe2",
      "timerfd_create",
      "timerfd_settime",
      "timerfd_gettime",
      "nanosleep",
      "clock_nanosleep",
      "restart_syscall",
      "pause"}},
    {"time and chance",
     {"clock_gettime", "clock_getres", "gettimeofday", "time", "times", "getrandom"}},
    {"threads",
     {"exit",
      "exit_group",
      "futex",
      "futex_waitv",
      "gettid",
      "rseq",
      "set_robust_list",
      "get_robust_list",
      "set_tid_address",
      "arch_prctl",
      "sched_yield",
      "sched_getaffinity",
      "sched_setaffinity",
      "sched_setscheduler",
      "sched_getscheduler",
      "sched_setparam",
      "sched_getparam",
      "sched_get_priority_max",
      "sched_get_priority_min",
      "getpriority",
      "setpriority",
      "getcpu"}},
    {"signals, to itself",
     {"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "rt_sigsuspend",
      "rt_sigpending", "sigaltstack", "alarm", "setitimer", "getitimer"}},
    {"sockets that there are",
     {"connect", "bind", "listen", "accept", "accept4", "getsockname", "getpeername", "sendto",
      "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg", "setsockopt", "getsockopt",
      "shutdown"}},
    {"who and where it is",
     {"getpid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid", "getegid",
      "getresuid", "getresgid", "getgroups", "uname", "sysinfo", "getrlimit", "getrusage",
      "capget"}},
    {"devices and terminals", {"ioctl"}},
    {"the same on machines of 32 bits",
     {"clock_gettime64",
      "clock_getres_time64",
      "clock_nanosleep_time64",
      "futex_time64",
      "ppoll_time64",
      "pselect6_time64",
      "recvmmsg_time64",
      "rt_sigtimedwait_time64",
      "timerfd_settime64",
      "timerfd_gettime64",
      "_newselect",
      "fcntl64",
      "fstat64",
      "stat64",
      "lstat64",
      "fstatat64",
      "statfs64",
      "fstatfs64",
      "ftruncate64",
      "fchown32",
      "arm_fadvise64_64",
      "getuid32",
      "geteuid32",
      "getgid32",
      "getegid32",
      "getresuid32",
      "getresgid32",
      "getgroups32",
      "ugetrlimit",
      "send",
      "recv",
      "sigreturn",
      "cacheflush",
      "set_tls"}},
};

/* ALSA's dmix and dsnoop: System V's calls, for all who have the same sound card. */
static const char *const of_cards[] = {"shmget", "shmat",      "shmdt",
                                       "shmctl", "semget",     "semop",
                                       "semctl", "semtimedop", "semtimedop_time64",
                                       "ipc"};

/* Nothing but an intruder does these: the process ends. */
static const char *const deadly[] = {"execve", "execveat", "ptrace", "process_vm_readv",
                                     "process_vm_writev"};

/* What a radio's process does: it waits, and moves octets between sockets. */
static const char *const of_radios[] = {"brk",
                                        "munmap",
                                        "mremap",
                                        "madvise",
                                        "read",
                                        "readv",
                                        "write",
                                        "close",
                                        "poll",
                                        "ppoll",
                                        "ppoll_time64",
                                        "epoll_create1",
                                        "epoll_ctl",
                                        "epoll_wait",
                                        "epoll_pwait",
                                        "timerfd_create",
                                        "timerfd_settime",
                                        "timerfd_settime64",
                                        "clock_gettime",
                                        "clock_gettime64",
                                        "gettimeofday",
                                        "time",
                                        "getrandom",
                                        "sysinfo",
                                        "getpid",
                                        "futex",
                                        "exit",
                                        "exit_group",
                                        "rt_sigreturn",
                                        "sigreturn",
                                        "restart_syscall",
                                        "bind",
                                        "connect",
                                        "listen",
                                        "accept",
                                        "accept4",
                                        "getsockname",
                                        "getpeername",
                                        "getsockopt",
                                        "setsockopt",
                                        "send",
                                        "sendto",
                                        "sendmsg",
                                        "recv",
                                        "recvfrom",
                                        "recvmsg",
                                        NULL};

/* To see whether a radio is switched off, and to talk to wpa_supplicant. */
static const char *const of_wifi_direct[] = {
    "open",     "openat", "getdents64", "getdents",        "lseek",     "_llseek",    "fstat",
    "stat",     "lstat",  "fstat64",    "newfstatat",      "fstatat64", "stat64",     "lstat64",
    "statx",    "access", "faccessat",  "faccessat2",      "readlink",  "readlinkat", "unlink",
    "unlinkat", "select", "pselect6",   "pselect6_time64", NULL};

/* What a radio is asked of networks. */
static const unsigned long asked_of_networks[] = {SIOCGIFMTU, SIOCGIFINDEX, SIOCGIFNAME};

/* Not for who starts radios anew. */
static const char *const not_of_starters[] = {"execve",
                                              "execveat",
                                              "ptrace",
                                              "process_vm_readv",
                                              "process_vm_writev",
                                              "mount",
                                              "umount2",
                                              "pivot_root",
                                              "chroot",
                                              "unshare",
                                              "setns",
                                              "init_module",
                                              "finit_module",
                                              "delete_module",
                                              "kexec_load",
                                              "kexec_file_load",
                                              "bpf",
                                              "perf_event_open",
                                              "keyctl",
                                              "add_key",
                                              "request_key",
                                              "io_uring_setup",
                                              "open_by_handle_at",
                                              "pidfd_getfd",
                                              "kcmp",
                                              "userfaultfd",
                                              "reboot",
                                              "swapon",
                                              "swapoff",
                                              NULL};

/* Of this machine, or negative. */
static int number_of(const char *call) {
    int number = seccomp_syscall_resolve_name(call);
    return number == __NR_SCMP_ERROR ? -1 : number;
}

static bool add(scmp_filter_ctx filter, uint32_t action, const char *call, unsigned count,
                const struct scmp_arg_cmp *conditions) {
    int number = number_of(call);
    return number < 0 || seccomp_rule_add_array(filter, action, number, count, conditions) == 0;
}

static bool allow_if(scmp_filter_ctx filter, const char *call, struct scmp_arg_cmp condition) {
    return add(filter, SCMP_ACT_ALLOW, call, 1, &condition);
}

/* The argument as the kernel takes it: 32 bits of it. */
static struct scmp_arg_cmp is(unsigned argument, uint64_t value) {
    return (struct scmp_arg_cmp){.arg = argument,
                                 .op = SCMP_CMP_MASKED_EQ,
                                 .datum_a = UINT32_MAX,
                                 .datum_b = value & UINT32_MAX};
}

static bool allow_list(scmp_filter_ctx filter, const char *const calls[], size_t most) {
    bool done = true;
    for (size_t i = 0; done && i < most && calls[i] != NULL; i++) {
        done = add(filter, SCMP_ACT_ALLOW, calls[i], 0, NULL);
    }
    return done;
}

static bool allow_used(scmp_filter_ctx filter, bool has_cards) {
    bool done = true;
    for (size_t i = 0; done && i < sizeof used / sizeof used[0]; i++) {
        done = allow_list(filter, used[i].calls, CALLS_MAX);
    }
    for (size_t i = 0; has_cards && i < sizeof of_cards / sizeof of_cards[0]; i++) {
        done = done && add(filter, SCMP_ACT_ALLOW, of_cards[i], 0, NULL);
    }
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        done = done && add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0, NULL);
    }
    return done;
}

/* Of the socket's kinds: datagrams alone. */
static struct scmp_arg_cmp for_datagrams(void) {
    return (struct scmp_arg_cmp){
        .arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = SOCKET_KINDS, .datum_b = SOCK_DGRAM};
}

static bool allow_datagrams(scmp_filter_ctx filter, int family) {
    const struct scmp_arg_cmp conditions[] = {is(0, (uint64_t)family), for_datagrams()};
    return add(filter, SCMP_ACT_ALLOW, "socket", 2, conditions);
}

/* Of netlink only what tells of networks. */
static bool allow_routes(scmp_filter_ctx filter) {
    const struct scmp_arg_cmp routes[] = {is(0, AF_NETLINK), is(2, NETLINK_ROUTE)};
    return add(filter, SCMP_ACT_ALLOW, "socket", 2, routes);
}

static bool allow_network(scmp_filter_ctx filter) {
    return allow_routes(filter) && allow_if(filter, "socket", is(0, AF_INET)) &&
           allow_if(filter, "socket", is(0, AF_INET6));
}

static bool allow_sockets(scmp_filter_ctx filter, bool has_network) {
    return allow_if(filter, "socket", is(0, AF_UNIX)) &&
           allow_if(filter, "socketpair", is(0, AF_UNIX)) &&
           (!has_network || allow_network(filter));
}

/* Threads and no processes. */
static bool allow_threads(scmp_filter_ctx filter) {
    const struct scmp_arg_cmp of_thread = {
        .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = CLONE_THREAD};
    static const int asked[] = {PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_GET_DUMPABLE,
                                PR_GET_NO_NEW_PRIVS};
    bool done = allow_if(filter, "clone", of_thread) &&
                add(filter, SCMP_ACT_ALLOW, "clone3", 0, NULL); /* which the other filter forbids */
    for (size_t i = 0; done && i < sizeof asked / sizeof asked[0]; i++) {
        done = allow_if(filter, "prctl", is(0, (uint64_t)asked[i]));
    }
    return done;
}

/* On itself alone; 0 is itself as well. */
static bool allow_itself(scmp_filter_ctx filter) {
    uint64_t self = (uint64_t)getpid();
    return allow_if(filter, "kill", is(0, self)) && allow_if(filter, "tgkill", is(0, self)) &&
           allow_if(filter, "prlimit64", is(0, 0)) && allow_if(filter, "prlimit64", is(0, self));
}

/* What it refuses is in the kernel's log if `logs`. */
static bool load(scmp_filter_ctx filter, bool logs) {
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
    return seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
           seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, logs) == 0 && seccomp_load(filter) == 0;
}

/* A filter of its own for what the other one lets through. Nothing is typed into the terminal for
 * its shell to read. And the C library makes threads with clone3, whose arguments no filter sees,
 * unless it hears that the kernel has none. */
static bool close_ways_round(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    const struct scmp_arg_cmp typing = is(1, TIOCSTI), selecting = is(1, TIOCLINUX);
    bool done = filter != NULL && add(filter, SCMP_ACT_ERRNO(EPERM), "ioctl", 1, &typing) &&
                add(filter, SCMP_ACT_ERRNO(EPERM), "ioctl", 1, &selecting) &&
                add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL) && load(filter, false);
    seccomp_release(filter);
    return done;
}

static bool close_rest(const struct confinement_reach *reach) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool done = filter != NULL && allow_used(filter, reach->has_cards) &&
                allow_sockets(filter, reach->has_network) && allow_threads(filter) &&
                allow_itself(filter) && load(filter, true);
    seccomp_release(filter);
    return done;
}

/* A filter of its own for what the other one lets through: of its sockets to the handset, and of
 * the standard ones, it changes nothing, since another process has them beside it and after it. */
static bool keep_own_descriptors(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool done = filter != NULL;
    for (uint64_t each = 0; done && each < CONFINEMENT_OWN_DESCRIPTORS; each++) {
        const struct scmp_arg_cmp own[] = {is(0, each), is(1, F_SETFL)};
        done = add(filter, SCMP_ACT_ERRNO(EPERM), "setsockopt", 1, own) &&
               add(filter, SCMP_ACT_ERRNO(EPERM), "fcntl", 2, own) &&
               add(filter, SCMP_ACT_ERRNO(EPERM), "fcntl64", 2, own);
    }
    done = done && load(filter, true);
    seccomp_release(filter);
    return done;
}

static bool allow_asking(scmp_filter_ctx filter) {
    bool done = true;
    for (size_t i = 0; done && i < sizeof asked_of_networks / sizeof asked_of_networks[0]; i++) {
        done = allow_if(filter, "ioctl", is(1, asked_of_networks[i]));
    }
    return done;
}

/* Memory that is no program; and nobody is sent a signal when a descriptor has something. */
static bool allow_narrowly(scmp_filter_ctx filter) {
    const struct scmp_arg_cmp no_program = {
        .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
    const struct scmp_arg_cmp no_signal[] = {
        is(1, F_SETFL), {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = O_ASYNC, .datum_b = 0}};
    static const int asked[] = {F_GETFD, F_SETFD, F_GETFL};
    bool done = allow_if(filter, "mmap", no_program) && allow_if(filter, "mmap2", no_program) &&
                add(filter, SCMP_ACT_ALLOW, "fcntl", 2, no_signal) &&
                add(filter, SCMP_ACT_ALLOW, "fcntl64", 2, no_signal);
    for (size_t i = 0; done && i < sizeof asked / sizeof asked[0]; i++) {
        done = allow_if(filter, "fcntl", is(1, (uint64_t)asked[i])) &&
               allow_if(filter, "fcntl64", is(1, (uint64_t)asked[i]));
    }
    return done;
}

/* The filter of its own first: the other one would not let it be loaded. */
enum confinement_wall confinement_close_radio_calls(const struct confinement_radio *radio) {
    if (IS_SANITIZED) {
        return WALL_SANITIZED;
    }
    if (!keep_own_descriptors()) {
        return WALL_MISSING;
    }
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool done = filter != NULL && allow_list(filter, of_radios, SIZE_MAX) && allow_asking(filter) &&
                allow_narrowly(filter) &&
                (!radio->has_network || (allow_routes(filter) && allow_datagrams(filter, AF_INET) &&
                                         allow_datagrams(filter, AF_INET6))) &&
                (!radio->has_bluetooth || allow_if(filter, "socket", is(0, AF_BLUETOOTH))) &&
                (!radio->has_wifi_direct || (allow_datagrams(filter, AF_UNIX) &&
                                             allow_list(filter, of_wifi_direct, SIZE_MAX))) &&
                load(filter, true);
    seccomp_release(filter);
    return done ? WALL_CLOSED : WALL_MISSING;
}

enum confinement_wall confinement_close_starter_calls(void) {
    if (IS_SANITIZED) {
        return WALL_SANITIZED;
    }
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool done = filter != NULL;
    for (size_t i = 0; done && not_of_starters[i] != NULL; i++) {
        done = add(filter, SCMP_ACT_KILL_PROCESS, not_of_starters[i], 0, NULL);
    }
    done = done && load(filter, true);
    seccomp_release(filter);
    return done ? WALL_CLOSED : WALL_MISSING;
}

/* The other one first: the second would not let it be loaded. */
enum confinement_wall confinement_close_calls(const struct confinement_reach *reach) {
    if (IS_SANITIZED) {
        return WALL_SANITIZED;
    }
    return close_ways_round() && close_rest(reach) ? WALL_CLOSED : WALL_MISSING;
}
