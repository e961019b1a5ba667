/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/alsa/card.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "crypto/secret.h"

/* Where the kernel's sound cards are. */
#define CARDS_FOLDER "/dev/snd"

enum {
    WAIT_MS = 10,      /* for a period; then it is seen whether anything was told */
    CARDS_MAX = 32,    /* ALSA's own limit */
    LOOK_TURNS = 10,   /* between two looks at the list of cards: 100 ms */
    HUNG_MS = 1400,    /* with what opens at once or not at all: a server that does not answer */
    END_MS = 500,      /* for what hangs, once the program ends */
    PRIORITY_OVER = 10 /* over the lowest real-time priority: below the machine's own threads */
};

int64_t card_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t card_now_ms(void) {
    return card_now_us() / 1000;
}

void *card_memory(size_t size, bool *is_locked) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    *is_locked = mlock(memory, size) == 0;
    return memory;
}

void card_memory_free(void *memory, size_t size) {
    if (memory != NULL) {
        secret_wipe(memory, size);
        munmap(memory, size);
    }
}

static void set_event(int event) {
    uint64_t one = 1;
    (void)!write(event, &one, sizeof one);
}

static void clear_event(int event) {
    uint64_t count;
    (void)!read(event, &count, sizeof count);
}

void card_signal(struct card *card) {
    set_event(card->event);
}

void card_quiet(struct card *card) {
    clear_event(card->event);
}

uint32_t card_present(const char *folder, snd_pcm_stream_t stream) {
    uint32_t cards = 0;
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        unsigned number, device;
        char way, rest;
        if (sscanf(entry->d_name, "pcmC%2uD%2u%c%c", &number, &device, &way, &rest) == 3 &&
            way == (stream == SND_PCM_STREAM_CAPTURE ? 'c' : 'p') && number < CARDS_MAX) {
            cards |= UINT32_C(1) << number;
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
    return cards;
}

/* --- In the thread -------------------------------------------------------------------------- */

static void raise_priority(struct card *card) {
    struct sched_param priority = {.sched_priority =
                                       sched_get_priority_min(SCHED_FIFO) + PRIORITY_OVER};
    atomic_store(&card->is_realtime,
                 pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority) == 0);
}

static int set_up(struct card *card) {
    snd_pcm_hw_params_t *hardware;
    snd_pcm_sw_params_t *software;
    snd_pcm_uframes_t period = CARD_PERIOD, buffer = card->side->buffer_size;
    snd_pcm_hw_params_alloca(&hardware);
    snd_pcm_sw_params_alloca(&software);
    int failed = snd_pcm_hw_params_any(card->pcm, hardware);
    if (failed >= 0) {
        failed = snd_pcm_hw_params_set_access(card->pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED);
    }
    if (failed >= 0) {
        failed = snd_pcm_hw_params_set_format(card->pcm, hardware, SND_PCM_FORMAT_S16);
    }
    if (failed >= 0) {
        failed = snd_pcm_hw_params_set_channels(card->pcm, hardware, 1);
    }
    if (failed >= 0) {
        failed = snd_pcm_hw_params_set_rate(card->pcm, hardware, VOICE_RATE, 0);
    }
    if (failed >= 0) {
        failed = snd_pcm_hw_params_set_period_size_near(card->pcm, hardware, &period, NULL);
    }
    if (failed >= 0) {
        failed = snd_pcm_hw_params_set_buffer_size_near(card->pcm, hardware, &buffer);
    }
    if (failed >= 0) {
        failed = snd_pcm_hw_params(card->pcm, hardware);
    }
    if (failed >= 0) {
        failed = snd_pcm_hw_params_get_buffer_size(hardware, &card->buffer);
    }
    if (failed >= 0) {
        failed = snd_pcm_sw_params_current(card->pcm, software);
    }
    if (failed >= 0) {
        failed = snd_pcm_sw_params_set_start_threshold(card->pcm, software, card->side->starts_at);
    }
    if (failed >= 0) {
        failed = snd_pcm_sw_params_set_avail_min(card->pcm, software, CARD_PERIOD);
    }
    return failed >= 0 ? snd_pcm_sw_params(card->pcm, software) : failed;
}

/* --- The list ------------------------------------------------------------------------------- */

/* Hints name each way through ALSA to each card. What a person chooses among is the usual device,
 * those of sound servers, and each card with what it takes to play at any rate. */
static bool is_for_people(const char *name) {
    static const char *const prefixes[] = {"plughw:", "sysdefault:", "bluealsa"};
    static const char *const names[] = {"default", "pulse", "pipewire"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void take_hint(const void *hint, const char *direction, struct sound_device devices[],
                      size_t room, size_t *count) {
    char *name = snd_device_name_get_hint(hint, "NAME");
    char *description = snd_device_name_get_hint(hint, "DESC");
    char *is_for = snd_device_name_get_hint(hint, "IOID"); /* NULL: both ways */
    if (*count < room && name != NULL && strlen(name) < SOUND_NAME_SIZE && is_for_people(name) &&
        (is_for == NULL || strcmp(is_for, direction) == 0)) {
        struct sound_device *device = &devices[(*count)++];
        snprintf(device->name, sizeof device->name, "%s", name);
        snprintf(device->description, sizeof device->description, "%s",
                 description != NULL ? description : "");
        device->description[strcspn(device->description, "\n")] = '\0';
    }
    free(name);
    free(description);
    free(is_for);
}

static size_t list_now(snd_pcm_stream_t stream, struct sound_device devices[], size_t room) {
    const char *direction = stream == SND_PCM_STREAM_CAPTURE ? "Input" : "Output";
    void **hints;
    size_t count = 0;
    if (snd_device_name_hint(-1, "pcm", &hints) < 0) {
        return 0;
    }
    for (void **hint = hints; *hint != NULL; hint++) {
        take_hint(*hint, direction, devices, room, &count);
    }
    snd_device_name_free_hint(hints);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(devices[i].name, "default") == 0) {
            struct sound_device usual = devices[i];
            devices[i] = devices[0];
            devices[0] = usual;
        }
    }
    return count;
}

/* ALSA's hints are read from files and asked of servers: not in the loop. */
static void list_devices(struct card *card) {
    struct sound_device devices[SOUND_DEVICES_MAX];
    card->listed = card_present(CARDS_FOLDER, card->side->stream);
    size_t count = list_now(card->side->stream, devices, SOUND_DEVICES_MAX);
    pthread_mutex_lock(&card->listing);
    memcpy(card->devices, devices, count * sizeof devices[0]);
    card->device_count = count;
    pthread_mutex_unlock(&card->listing);
}

static void close_pcm(struct card *card) {
    if (card->pcm != NULL) {
        snd_pcm_close(card->pcm);
        card->pcm = NULL;
    }
    if (card->mixer != NULL) {
        snd_ctl_close(card->mixer);
        card->mixer = NULL;
    }
}

/* Sound servers and most cards have that switch. A microphone that has none is found out to be
 * muted by what it gives. */
static void look_at_switch(struct card *card) {
    snd_ctl_elem_value_t *value;
    snd_ctl_elem_value_alloca(&value);
    snd_ctl_elem_value_set_interface(value, SND_CTL_ELEM_IFACE_MIXER);
    snd_ctl_elem_value_set_name(value, "Capture Switch");
    atomic_store(&card->is_switched_off, card->mixer != NULL &&
                                             snd_ctl_elem_read(card->mixer, value) == 0 &&
                                             snd_ctl_elem_value_get_boolean(value, 0) == 0);
}

static void open_mixer(struct card *card) {
    if (card->side->stream == SND_PCM_STREAM_CAPTURE &&
        snd_ctl_open(&card->mixer, card->open_as, SND_CTL_NONBLOCK) < 0) {
        card->mixer = NULL;
    }
    look_at_switch(card);
}

/* The one that was opened; through a server, all that it may have taken. */
static uint32_t cards_in_use(const struct card *card) {
    snd_pcm_info_t *about;
    snd_pcm_info_alloca(&about);
    int number = snd_pcm_info(card->pcm, about) == 0 ? snd_pcm_info_get_card(about) : -1;
    uint32_t present = card_present(CARDS_FOLDER, card->side->stream);
    bool is_known = number >= 0 && number < CARDS_MAX && (present >> number & 1) != 0;
    return is_known ? UINT32_C(1) << number : present;
}

static int open_pcm(struct card *card) {
    atomic_store(&card->opening_ms, card_now_ms());
    int failed = snd_pcm_open(&card->pcm, card->open_as, card->side->stream, SND_PCM_NONBLOCK);
    atomic_store(&card->opening_ms, 0);
    if (failed < 0) {
        card->pcm = NULL;
        return failed;
    }
    failed = set_up(card);
    if (failed < 0) {
        close_pcm(card);
    } else {
        atomic_store(&card->was_opened, true);
        card->cards = cards_in_use(card);
        open_mixer(card);
    }
    return failed;
}

/* A server goes on with another card, or with silence, when the one in use is pulled out, and does
 * not tell which one that is: any may be it that could have been. */
static bool is_pulled_out(const struct card *card) {
    return (card->cards & ~card_present(CARDS_FOLDER, card->side->stream)) != 0 ||
           snd_pcm_state(card->pcm) == SND_PCM_STATE_DISCONNECTED;
}

static void fail(struct card *card, int failed) {
    close_pcm(card);
    card->side->forget(card);
    atomic_store(&card->failure, failed);
    atomic_store(&card->state, CARD_FAILED);
    card_signal(card);
}

static int try_start(struct card *card, uint32_t start) {
    int failed = card->pcm == NULL ? open_pcm(card) : 0;
    return failed < 0 ? failed : card->side->begin(card, start);
}

/* A card that has rested may have gone meanwhile, and its server with it: it is opened again before
 * that counts as a failure. */
static void start(struct card *card, uint32_t number) {
    bool was_open = card->pcm != NULL;
    int failed = try_start(card, number);
    if (failed < 0 && was_open) {
        close_pcm(card);
        failed = try_start(card, number);
    }
    look_at_switch(card); /* by what it says now, and not when it was looked at last */
    atomic_store(&card->running, number);
    if (failed < 0) {
        fail(card, failed);
    } else {
        atomic_store(&card->state, CARD_RUNS);
    }
}

static void rest(struct card *card) {
    int failed = snd_pcm_drop(card->pcm);
    if (failed < 0) {
        close_pcm(card);
    }
    card->side->forget(card);
    atomic_store(&card->state, CARD_RESTS);
}

static void wait_until_woken(struct card *card, int timeout_ms) {
    struct pollfd wait = {.fd = card->waker, .events = POLLIN};
    (void)poll(&wait, 1, timeout_ms);
    clear_event(card->waker);
}

static void run_on(struct card *card) {
    if (card->side->waits_for_card) {
        (void)snd_pcm_wait(card->pcm, WAIT_MS);
    } else {
        wait_until_woken(card, WAIT_MS);
    }
    int failed = card->side->turn(card);
    if (failed == 0 && ++card->turns % LOOK_TURNS == 0) {
        look_at_switch(card);
        failed = is_pulled_out(card) ? -ENODEV : 0;
    }
    if (failed < 0) {
        fail(card, failed);
    }
}

/* What another thread put in while it came to rest is wiped here. */
static void look(struct card *card) {
    atomic_store(&card->is_looked_for, false);
    card->side->forget(card);
    if (card->pcm != NULL && !is_pulled_out(card)) {
        look_at_switch(card);
        if (card->listed != card_present(CARDS_FOLDER, card->side->stream)) {
            list_devices(card); /* another one was plugged in */
        }
        return;
    }
    close_pcm(card);
    int failed = open_pcm(card);
    atomic_store(&card->failure, failed);
    atomic_store(&card->state, failed < 0 ? CARD_FAILED : CARD_RESTS);
    list_devices(card);
}

/* Another device: if one ran, the new one does. */
static void change(struct card *card) {
    bool runs = atomic_load(&card->state) == CARD_RUNS;
    close_pcm(card);
    memcpy(card->open_as, card->next, sizeof card->open_as);
    atomic_store(&card->was_opened, false);
    atomic_store(&card->is_changing, false);
    if (runs) {
        start(card, atomic_load(&card->running));
    } else {
        look(card);
    }
}

static void turn(struct card *card) {
    if (atomic_load(&card->is_changing)) {
        change(card);
    }
    uint32_t starts = atomic_load(&card->starts);
    bool is_wanted = atomic_load(&card->is_wanted), is_new = starts != atomic_load(&card->running);
    bool runs = atomic_load(&card->state) == CARD_RUNS;
    if (runs && !is_wanted && (card->side->is_drained == NULL || card->side->is_drained(card))) {
        rest(card);
    } else if (runs && is_new && is_wanted && card->side->is_drained != NULL) {
        atomic_store(&card->running, starts); /* it plays on */
    } else if (is_wanted && is_new) {
        if (runs) {
            rest(card);
        }
        start(card, starts);
    } else if (runs) {
        run_on(card);
    } else if (atomic_load(&card->is_looked_for)) {
        look(card);
    } else {
        wait_until_woken(card, -1);
    }
}

static void *run(void *context) {
    struct card *card = context;
    raise_priority(card);
    while (!atomic_load(&card->is_ending)) {
        turn(card);
    }
    close_pcm(card);
    secret_wipe_stack();
    return NULL;
}

int card_recover(struct card *card, int failed) {
    if (failed == -EPIPE || failed == -ESTRPIPE) {
        atomic_fetch_add(&card->xruns, 1);
        return snd_pcm_prepare(card->pcm);
    }
    return failed == -EAGAIN || failed == -EINTR ? 0 : failed;
}

/* --- In the loop ---------------------------------------------------------------------------- */

/* ALSA writes to standard error what it finds in its configuration; the screen is there. */
static void keep_quiet(const char *file, int line, const char *function, int code,
                       const char *format, ...) {
    (void)file;
    (void)line;
    (void)function;
    (void)code;
    (void)format;
}

static enum status begin_thread(struct card *card, struct error *error) {
    bool is_locked = false;
    sigset_t others, before;
    pthread_attr_t attributes;
    card->stack = card_memory(CARD_STACK_SIZE, &is_locked);
    if (card->stack == NULL || pthread_attr_init(&attributes) != 0) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    (void)mprotect(card->stack, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE); /* it ends there */
    if (!is_locked) {
        atomic_store(&card->is_locked, false);
    }
    int failed = pthread_attr_setstack(&attributes, card->stack, CARD_STACK_SIZE);
    /* Signals are the loop's: the thread, and those that a library begins from it, take none but of
     * what they break themselves, so that the terminal is given back then as well. */
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigfillset(&others);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        sigdelset(&others, own[i]);
    }
    pthread_sigmask(SIG_SETMASK, &others, &before);
    if (failed == 0) {
        failed = pthread_create(&card->thread, &attributes, run, card);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failed == 0 ? STATUS_OK
                       : error_set(error, STATUS_LIBRARY_FAILED, "no thread for the %s: %s",
                                   card->side->what, strerror(failed));
}

static void free_card(struct card *card) {
    if (card->stack != NULL) {
        (void)mprotect(card->stack, CARD_STACK_SIZE, PROT_READ | PROT_WRITE);
        card_memory_free(card->stack, CARD_STACK_SIZE);
    }
    if (card->waker >= 0) {
        close(card->waker);
    }
    if (card->event >= 0) {
        close(card->event);
    }
}

enum status card_begin(struct card *card, const struct card_side *side, const char *device,
                       struct error *error) {
    snd_lib_error_set_handler(keep_quiet);
    card->side = side;
    pthread_mutex_init(&card->listing, NULL);
    card->waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    card->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_store(&card->is_looked_for, true);
    snprintf(card->device, sizeof card->device, "%s", device != NULL ? device : "default");
    memcpy(card->open_as, card->device, sizeof card->open_as);
    enum status status = STATUS_OK;
    if (card->waker < 0 || card->event < 0) {
        status = error_set(error, STATUS_IO_FAILED, "no descriptor for the %s: %s", side->what,
                           strerror(errno));
    }
    if (status == STATUS_OK) {
        status = begin_thread(card, error);
    }
    if (status != STATUS_OK) {
        free_card(card);
    }
    return status;
}

bool card_end(struct card *card) {
    struct timespec until;
    atomic_store(&card->is_ending, true);
    set_event(card->waker);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += END_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (pthread_timedjoin_np(card->thread, NULL, &until) != 0) {
        return false;
    }
    free_card(card);
    return true;
}

void card_start(struct card *card) {
    if (atomic_load(&card->state) == CARD_FAILED) {
        atomic_store(&card->state, CARD_RESTS);
    }
    atomic_store(&card->is_wanted, true);
    atomic_fetch_add(&card->starts, 1);
    set_event(card->waker);
}

void card_stop(struct card *card) {
    atomic_store(&card->is_wanted, false);
    set_event(card->waker);
}

void card_wake(struct card *card) {
    set_event(card->waker);
}

uint32_t card_start_number(const struct card *card) {
    return atomic_load(&card->starts);
}

/* The thread waits in it, and cannot say so itself. */
static bool is_hung(const struct card *card) {
    int64_t opening_ms = atomic_load(&card->opening_ms);
    return opening_ms != 0 && card_now_ms() - opening_ms >= HUNG_MS;
}

enum status card_check(const struct card *card, struct error *error) {
    if (is_hung(card)) {
        return error_set(error, STATUS_IO_FAILED, "the %s '%s' does not answer", card->side->what,
                         card->device);
    }
    if (atomic_load(&card->state) != CARD_FAILED) {
        return STATUS_OK;
    }
    int failure = atomic_load(&card->failure);
    enum status status = failure == -EBUSY                                ? STATUS_BUSY
                         : !atomic_load(&card->was_opened)                ? STATUS_NOT_FOUND
                         : failure == -ENODEV                             ? STATUS_FILE_GONE
                         : failure == -ENOENT || failure == -ECONNREFUSED ? STATUS_NOT_FOUND
                                                                          : STATUS_IO_FAILED;
    return error_set(error, status, "the %s '%s': %s", card->side->what, card->device,
                     snd_strerror(failure));
}

enum status card_look(struct card *card, struct error *error) {
    enum status status = card_check(card, error);
    atomic_store(&card->is_looked_for, true);
    set_event(card->waker);
    return status;
}

enum status card_choose(struct card *card, const char *device, struct error *error) {
    if (atomic_load(&card->is_changing)) {
        return error_set(error, STATUS_BUSY, "the %s is being changed", card->side->what);
    }
    snprintf(card->device, sizeof card->device, "%s", device);
    memcpy(card->next, card->device, sizeof card->next);
    atomic_store(&card->is_changing, true);
    set_event(card->waker);
    return STATUS_OK;
}

size_t card_list(struct card *card, struct sound_device devices[], size_t room) {
    size_t count = 0;
    if (pthread_mutex_trylock(&card->listing) == 0) {
        count = card->device_count < room ? card->device_count : room;
        memcpy(devices, card->devices, count * sizeof devices[0]);
        pthread_mutex_unlock(&card->listing);
    }
    return count;
}

void card_tell(const struct card *card, struct sound_state *state) {
    long delay = atomic_load(&card->delay);
    *state = (struct sound_state){.delay_ms = delay > 0 ? (unsigned)(delay * 1000 / VOICE_RATE) : 0,
                                  .gaps = atomic_load(&card->xruns),
                                  .is_realtime = atomic_load(&card->is_realtime),
                                  .is_locked = atomic_load(&card->is_locked)};
    memcpy(state->device, card->device, sizeof state->device);
}
