/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded (LD_PRELOAD) into a real handset, it does what an intruder might who has taken over the
 * process that holds the keys. Signals make it act, in the main thread: at SIGUSR2 it tries what
 * follows, and at SIGUSR1 it executes a program.
 *
 *     PROBE_OTHER      a file elsewhere: read, written, removed, truncated, its mode changed
 *     PROBE_STORE      the store: opened, which must go on working
 *     PROBE_REPORT     a pipe's descriptor, to which goes a line for each: name and errno
 *
 * What it does before the walls are closed works (tests/programs/test_confinement.c).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *other, *store;
static int report = -1;

static void tell(const char *what, long result, int opens) {
    char line[64];
    int length = snprintf(line, sizeof line, "%s %d\n", what, result < 0 ? errno : 0);
    if (write(report, line, (size_t)length) < 0) {
        _exit(3);
    }
    if (opens && result >= 0) {
        close((int)result);
    }
}

static void try_files(void) {
    char made[4096];
    snprintf(made, sizeof made, "%s-made", other);
    tell("open-store", open(store, O_RDWR | O_CLOEXEC), 1);
    tell("read-elsewhere", open(other, O_RDONLY | O_CLOEXEC), 1);
    tell("write-elsewhere", open(other, O_WRONLY | O_CLOEXEC), 1);
    tell("truncate-elsewhere", truncate(other, 0), 0);
    tell("change-mode-elsewhere", chmod(other, 0666), 0);
    tell("change-mode-elsewhere-2", fchmodat(AT_FDCWD, other, 0666, 0), 0);
    tell("make-elsewhere", open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), 1);
    tell("link-elsewhere", symlink("/etc/passwd", made), 0);
    tell("read-folder-elsewhere", open("/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 1);
    tell("write-system", open("/etc/hostname", O_WRONLY | O_CLOEXEC), 1);
    tell("write-proc", open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC), 1);
    tell("read-other-process", open("/proc/1/environ", O_RDONLY | O_CLOEXEC), 1);
    tell("write-disk", open("/dev/vda", O_WRONLY | O_CLOEXEC), 1);
    tell("remove-elsewhere", unlink(other), 0);
}

static void try_sockets(void) {
    tell("packet-socket", socket(AF_PACKET, SOCK_RAW, 0), 1);
    tell("audit-socket", socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT), 1);
    tell("event-socket", socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT), 1);
    tell("virtual-machine-socket", socket(AF_VSOCK, SOCK_STREAM, 0), 1);
    tell("crypto-socket", socket(AF_ALG, SOCK_SEQPACKET, 0), 1);
    tell("bluetooth-socket", socket(AF_BLUETOOTH, SOCK_RAW, 1), 1);
    tell("raw-socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), 1);
    tell("network-socket", socket(AF_INET6, SOCK_DGRAM, 0), 1);
    tell("routes-socket", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), 1);
}

static void try_system(void) {
    char letter = 'x';
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        _exit(0);
    }
    tell("fork", child, 0);
    tell("unshare", unshare(CLONE_NEWUSER), 0);
    tell("mount", mount("none", "/mnt", "tmpfs", 0, NULL), 0);
    tell("set-uid", syscall(SYS_setuid, 0), 0);
    tell("kill-parent", kill(getppid(), 0), 0);
    tell("type-into-terminal", ioctl(STDIN_FILENO, TIOCSTI, &letter), 0);
    tell("type-with-high-bits", syscall(SYS_ioctl, STDIN_FILENO, TIOCSTI | 0x100000000UL, &letter),
         0);
    tell("kernel-program", syscall(SYS_bpf, 0, NULL, 0), 0);
    tell("keyring", syscall(SYS_keyctl, 0, -3, 0), 0);
    tell("ring-of-calls", syscall(SYS_io_uring_setup, 1, NULL), 0);
    tell("handle", syscall(SYS_open_by_handle_at, 0, NULL, 0), 0);
    tell("descriptor-of-other", syscall(SYS_pidfd_open, getppid(), 0), 0);
}

static void probe(int number) {
    (void)number;
    try_files();
    try_sockets();
    try_system();
    tell("end", 0, 0);
}

/* Looks into another process, or becomes another program: whichever PROBE_DEADLY names. */
static void die(int number) {
    char *const words[] = {(char *)"true", NULL};
    const char *which = getenv("PROBE_DEADLY");
    (void)number;
    if (which != NULL && strcmp(which, "ptrace") == 0) {
        (void)syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, getppid(), 0, 0);
    } else if (which != NULL && strcmp(which, "read-memory") == 0) {
        (void)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
    } else {
        execve("/bin/true", words, NULL);
    }
    tell("alive", 0, 0);
}

__attribute__((constructor)) static void prepare(void) {
    const char *descriptor = getenv("PROBE_REPORT");
    other = getenv("PROBE_OTHER");
    store = getenv("PROBE_STORE");
    if (descriptor != NULL && other != NULL && store != NULL) {
        report = atoi(descriptor);
        signal(SIGUSR2, probe);
        signal(SIGUSR1, die);
    }
}
