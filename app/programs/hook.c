/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/programs/machine.h"
#include "app/programs/starter.h"
#include "ui/words/event.h"
#include "ui/words/who.h"

enum {
    OWN_SOCKET = STDERR_FILENO + 1,
    VALUES_MAX = 16,
    INHERITED_MAX = 512,
    FORGETS_WITHIN_MS = 100, /* the process always has room but for moments */
    EXIT_LOST = 1,
    EXIT_NO_SHELL = 127,
    CONTROLS_END = 0x20,
    DELETE = 0x7F,
    CONTROLS_LEAD = 0xC2, /* in UTF-8, of U+0080 to U+00BF; up to 9F they are controls */
    CONTROLS_LAST = 0x9F,
};

static const char *const names[] = {"MUSTER_EVENT",    "MUSTER_TEXT",  "MUSTER_WHO",
                                    "MUSTER_IDENTITY", "MUSTER_GROUP", "MUSTER_DURATION",
                                    "MUSTER_CHECK"};
static const char urgent[] = "MUSTER_EVENT=emergency";
static const char stands = 's';  /* the process says so, and nothing else ever */
static const char forgets = 'f'; /* the handset says so, in place of a call */

/* --- In the handset -----------------------------------------------------------------------------
 */

struct call {
    char text[HOOK_MESSAGE_MAX]; /* NAME=VALUE, each terminated */
    size_t length;
};

static void add(struct call *message, const char *name, const char *value) {
    size_t room = sizeof message->text - message->length;
    size_t length = strlen(name) + 1 + strlen(value) + 1;
    if (value[0] != '\0' && length <= room) {
        snprintf(message->text + message->length, room, "%s=%s", name, value);
        message->length += length;
    }
}

static void add_value(struct call *message, const char *name, const struct event *event,
                      enum event_value value) {
    char text[EVENT_VALUE_SIZE];
    event_value_text(event, value, text);
    add(message, name, text);
}

void hook_tell(int socket, const struct event *event) {
    struct call message = {.length = 0};
    char words[EVENT_WORDS_SIZE], who[WHO_SIZE];
    if (socket < 0 || !event_alerts(event->kind)) {
        return;
    }
    event_words(event, words, sizeof words);
    add(&message, "MUSTER_EVENT", event_name(event->kind));
    add(&message, "MUSTER_TEXT", words);
    if (event_has(event, VALUE_IDENTITY)) {
        add(&message, "MUSTER_WHO", who_told(who, event->name, event->name_kind, event->identity));
        add_value(&message, "MUSTER_IDENTITY", event, VALUE_IDENTITY);
    }
    add_value(&message, "MUSTER_GROUP", event,
              event_has(event, VALUE_GROUP_NAME) ? VALUE_GROUP_NAME : VALUE_GROUP);
    add_value(&message, "MUSTER_DURATION", event, VALUE_DURATION);
    add_value(&message, "MUSTER_CHECK", event, VALUE_CHECK);
    (void)!send(socket, message.text, message.length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void hook_forget(int socket) {
    struct pollfd room = {.fd = socket, .events = POLLOUT};
    if (socket >= 0 && poll(&room, 1, FORGETS_WITHIN_MS) > 0) {
        (void)!send(socket, &forgets, sizeof forgets, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

/* --- In the process -----------------------------------------------------------------------------
 */

struct hook {
    const struct hook_setup *setup;
    size_t count;
    struct call queue[HOOK_QUEUE]; /* the next one first */
    pid_t pid;                     /* 0: no command runs */
    int64_t began_ms;
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes out control characters, whoever wrote them. */
static void clean(char *text) {
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        unsigned char octet = (unsigned char)*in, next = (unsigned char)in[1];
        if (octet == CONTROLS_LEAD && next >= 0x80 && next <= CONTROLS_LAST) {
            in++;
        } else if (octet >= CONTROLS_END && octet != DELETE) {
            *out++ = *in;
        }
    }
    *out = '\0';
}

/* Is it one of the names, and an equals sign? */
static bool is_named(const char *text) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(text, names[i], length) == 0 && text[length] == '=') {
            return true;
        }
    }
    return false;
}

/* What this process was given itself, but for values of that kind, and then those of the event. */
static void make_environment(struct call *message, char *out[INHERITED_MAX + VALUES_MAX + 1]) {
    size_t count = 0, values = 0;
    for (size_t i = 0; environ[i] != NULL && count < INHERITED_MAX; i++) {
        if (!is_named(environ[i])) {
            out[count++] = environ[i];
        }
    }
    for (size_t at = 0; at < message->length && values < VALUES_MAX;) {
        char *value = message->text + at;
        at += strlen(value) + 1;
        if (is_named(value)) {
            clean(value);
            out[count++] = value;
            values++;
        }
    }
    out[count] = NULL;
}

static _Noreturn void be_command(const struct hook *hook, struct call *message, pid_t parent,
                                 const sigset_t *before) {
    char *environment[INHERITED_MAX + VALUES_MAX + 1];
    char *const words[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)hook->setup->command,
                           NULL};
    for (int number = 1; number < NSIG; number++) {
        (void)signal(number, SIG_DFL);
    }
    (void)sigprocmask(SIG_SETMASK, before, NULL);
    (void)setpgid(0, 0);
    make_environment(message, environment);
    if (starter_end_with(parent)) {
        (void)execve("/bin/sh", words, environment);
    }
    _exit(EXIT_NO_SHELL);
}

static void start(struct hook *hook, const sigset_t *before) {
    pid_t parent = getpid();
    hook->began_ms = now_ms();
    hook->pid = fork();
    if (hook->pid == 0) {
        be_command(hook, &hook->queue[0], parent, before);
    }
    if (hook->pid > 0) {
        (void)setpgid(hook->pid, hook->pid);
    } else {
        hook->pid = 0; /* this one is left out */
    }
    hook->count--;
    memmove(&hook->queue[0], &hook->queue[1], hook->count * sizeof hook->queue[0]);
    explicit_bzero(&hook->queue[hook->count], sizeof hook->queue[0]);
}

/* What waits keeps its first value alone, the kind. */
static void forget(struct hook *hook) {
    for (size_t i = 0; i < hook->count; i++) {
        struct call *message = &hook->queue[i];
        message->length = strlen(message->text) + 1;
        explicit_bzero(message->text + message->length, sizeof message->text - message->length);
    }
}

/* Puts it at the end; an emergency before all others that are none, and in place of the last. */
static void wait_in_queue(struct hook *hook, const struct call *message) {
    bool is_urgent = strcmp(message->text, urgent) == 0;
    size_t at = hook->count;
    while (is_urgent && at > 0 && strcmp(hook->queue[at - 1].text, urgent) != 0) {
        at--;
    }
    if (at == HOOK_QUEUE) {
        return;
    }
    hook->count -= hook->count == HOOK_QUEUE;
    memmove(&hook->queue[at + 1], &hook->queue[at], (hook->count - at) * sizeof hook->queue[0]);
    hook->queue[at] = *message;
    hook->count++;
}

/* Returns false when the handset has ended. */
static bool take_messages(struct hook *hook) {
    struct call message;
    ssize_t length;
    while ((length = recv(OWN_SOCKET, message.text, sizeof message.text, MSG_DONTWAIT)) > 0) {
        if (length == sizeof forgets && message.text[0] == forgets) {
            forget(hook);
            continue;
        }
        message.length = (size_t)length;
        message.text[message.length - 1] = '\0';
        wait_in_queue(hook, &message);
    }
    bool goes_on = length < 0 && (errno == EAGAIN || errno == EINTR);
    explicit_bzero(&message, sizeof message);
    return goes_on;
}

static void take_end(struct hook *hook) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == hook->pid) {
            (void)kill(-pid, SIGKILL); /* what it left behind */
            hook->pid = 0;
        }
    }
    if (hook->pid > 0 && now_ms() - hook->began_ms >= hook->setup->lasts_ms) {
        (void)kill(-hook->pid, SIGKILL);
    }
}

/* Until a message comes, the command ends, or something is due. */
static void wait_for_more(const struct hook *hook, const sigset_t *before) {
    struct pollfd messages = {.fd = OWN_SOCKET, .events = POLLIN};
    int64_t left_ms =
        hook->began_ms - now_ms() + (hook->pid > 0 ? hook->setup->lasts_ms : hook->setup->apart_ms);
    left_ms = left_ms < 0 ? 0 : left_ms;
    if (hook->pid > 0 && left_ms == 0) {
        left_ms = hook->setup->lasts_ms; /* it was killed, and ends as soon as it can */
    }
    const struct timespec patience = {.tv_sec = left_ms / 1000,
                                      .tv_nsec = left_ms % 1000 * 1000000};
    bool waits = hook->pid > 0 || hook->count > 0;
    (void)ppoll(&messages, 1, waits ? &patience : NULL, before);
}

static void on_child(int number) {
    (void)number;
}

/* It ends when its socket does, and not by a signal at the handset's death, which would leave
 * nobody to end the command. */
static _Noreturn void be_hook(const struct hook_setup *setup, int socket) {
    static struct hook hook;
    sigset_t child, before;
    hook.setup = setup;
    hook.began_ms = now_ms() - setup->apart_ms;
    starter_stand_apart("muster-hook");
    if ((socket != OWN_SOCKET && dup3(socket, OWN_SOCKET, O_CLOEXEC) < 0) ||
        close_range(OWN_SOCKET + 1, ~0U, 0) != 0) {
        _exit(EXIT_LOST);
    }
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, &before);
    (void)sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_child}, NULL);
    if ((setup->settle != NULL && !setup->settle(setup->context)) ||
        send(OWN_SOCKET, &stands, sizeof stands, MSG_NOSIGNAL) != sizeof stands) {
        _exit(EXIT_LOST);
    }
    while (take_messages(&hook)) {
        take_end(&hook);
        if (hook.pid == 0 && hook.count > 0 && now_ms() - hook.began_ms >= setup->apart_ms) {
            start(&hook, &before);
        }
        wait_for_more(&hook, &before);
    }
    if (hook.pid > 0) {
        (void)kill(-hook.pid, SIGKILL);
    }
    _exit(0);
}

/* --- Beginning ----------------------------------------------------------------------------------
 */

/* Waits until the process stands, or has ended. */
static bool comes_to_stand(int socket) {
    char octet;
    ssize_t length;
    do {
        length = recv(socket, &octet, sizeof octet, 0);
    } while (length < 0 && errno == EINTR);
    return length == sizeof octet;
}

enum status hook_begin(const struct hook_setup *setup, int *socket, struct error *error) {
    int ends[2];
    pid_t pid = -1;
    *socket = HOOK_NONE;
    bool is_made = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
    if (is_made) {
        pid = fork();
    }
    int number = errno;
    if (pid == 0) {
        be_hook(setup, ends[1]);
    }
    if (is_made) {
        close(ends[1]);
    }
    if (pid > 0 && comes_to_stand(ends[0])) {
        *socket = ends[0];
        return STATUS_OK;
    }
    if (is_made) {
        close(ends[0]);
    }
    if (pid > 0) {
        (void)waitpid(pid, NULL, 0);
        return error_set(error, STATUS_LIBRARY_FAILED,
                         "the process for --on-event ended before it could give up privileges");
    }
    return machine_refused(error, "the process for --on-event cannot start", number);
}
