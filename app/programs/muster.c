/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program `muster`: a handset. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/programs/broker_link.h"
#include "app/programs/button.h"
#include "app/programs/conditions.h"
#include "app/programs/confinement.h"
#include "app/programs/demo.h"
#include "app/programs/hook.h"
#include "app/programs/loop.h"
#include "app/programs/machine.h"
#include "app/programs/memory.h"
#include "app/programs/new_passphrase.h"
#include "app/programs/options.h"
#include "app/programs/passphrase.h"
#include "app/programs/permission.h"
#include "app/programs/radio_links.h"
#include "app/programs/rebinding.h"
#include "app/programs/remote.h"
#include "app/programs/subcommands.h"
#include "app/programs/version.h"
#include "app/sound/sound.h"
#include "app/store/binding.h"
#include "crypto/secret.h"
#include "transport/bundle.h"

enum {
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_LATE = 124, /* as timeout(1) says it */
    DEVICES_MAX = 5  /* the last is NULL */
};

static int complain(const struct error *error, int exit_status) {
    fprintf(stderr, "muster: %s\n", error->text);
    return exit_status;
}

/* What the handset needs besides its store; closed in the reverse order of opening. */
struct equipment {
    struct secret *passphrase;
    struct transport *transport;
    struct transport *broker;  /* the nats link of it, if there is one */
    struct radio_links radios; /* the others, and their processes */
    struct capture *capture;
    struct playback *playback;
    struct face *face;
    struct button *button; /* NULL: none */
    FILE *log;             /* NULL: none */
    FILE *junit, *tap;     /* likewise */
    int hook;              /* of the command's process; HOOK_NONE */
    struct confinement confinement;
};

/* Which broker it is, and as whom to log in, is in the store, which is not open yet. */
static enum status open_nats(struct equipment *equipment, struct transport **transport,
                             struct error *error) {
    struct transport_condition problem;
    if (nats_open_idle(transport, &problem) != TRANSPORT_OK) {
        return conditions_fail(&problem, error);
    }
    equipment->broker = *transport;
    return STATUS_OK;
}

/* Opens the links of the command line; several become one transport. */
static enum status open_transport(const struct options *options, struct equipment *equipment,
                                  struct error *error) {
    struct transport *links[BUNDLE_LINKS_MAX];
    enum status status = STATUS_OK;
    size_t count = 0;
    for (; count < options->link_count; count++) {
        const struct link_choice *choice = &options->links[count];
        status = choice->kind == LINK_NATS
                     ? open_nats(equipment, &links[count], error)
                     : radio_links_open(&equipment->radios, choice, &links[count], error);
        if (status != STATUS_OK) {
            break;
        }
    }
    if (status == STATUS_OK && count == 1) {
        equipment->transport = links[0];
    } else if (status == STATUS_OK && (equipment->transport = bundle_open(links, count)) == NULL) {
        status = error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    for (size_t i = 0; status != STATUS_OK && i < count; i++) {
        links[i]->kind->close(links[i]);
    }
    return status;
}

_Static_assert((int)OPTION_LINKS_MAX <= (int)BUNDLE_LINKS_MAX,
               "all that are asked for can be joined");

static enum status open_face(const struct options *options, struct equipment *equipment,
                             struct error *error) {
    if (options->script != NULL) {
        const struct face_script script = {.path = options->script,
                                           .golden = options->golden,
                                           .keeps_going = options->keeps_going};
        return face_of_script(&script, &equipment->face, error);
    }
    return options->is_headless ? face_of_nothing(&equipment->face, error)
                                : face_on_terminal(&equipment->face, error);
}

static enum status open_button(const struct options *options, struct button **button,
                               struct error *error) {
    if (!options->has_ptt) {
        return STATUS_OK;
    }
    enum status status =
        button_open(BUTTON_FOLDER, &options->ptt, options->grabs_ptt, button, error);
    if (status == STATUS_NOT_FOUND) { /* it may be switched on later; the screen says so as well */
        fprintf(stderr, "muster: warning: %s\n", error->text);
        status = STATUS_OK;
    }
    return status;
}

/* Appended to, and nobody else's to read: it says who talks to whom. */
static enum status open_log(const struct options *options, FILE **log, struct error *error) {
    const char *path = options->log;
    if (path == NULL || strcmp(path, "-") == 0) {
        *log = path != NULL ? stdout : options->is_headless ? stderr : NULL;
        return STATUS_OK;
    }
    int descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    *log = descriptor < 0 ? NULL : fdopen(descriptor, "a");
    if (*log != NULL) {
        return STATUS_OK;
    }
    enum status status =
        error_set(error, STATUS_IO_FAILED, "--log %.150s: %s", path, strerror(errno));
    if (descriptor >= 0) {
        close(descriptor);
    }
    return status;
}

/* What came of a script goes there when it is over. Nobody else's to read: screens are in it. */
static enum status open_results(const char *option, const char *path, FILE **file,
                                struct error *error) {
    if (path == NULL) {
        return STATUS_OK;
    }
    int descriptor = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (*file != NULL) {
        return STATUS_OK;
    }
    enum status status =
        error_set(error, STATUS_IO_FAILED, "%s %.150s: %s", option, path, strerror(errno));
    if (descriptor >= 0) {
        close(descriptor);
    }
    return status;
}

/* A device, and standard output, are nobody's memory. */
static const char *file_or_none(const char *path) {
    return path == NULL || strcmp(path, "-") == 0 ? NULL : path;
}

/* One that tss2 reaches otherwise than by a file: over the network, as simulators are. */
static bool has_remote_tpm(const struct options *options) {
    return options->tpm != NULL && tpm_path() == NULL;
}

/* What may be opened later: no more than the command line names. */
static enum confinement_wall
close_wall(const struct options *options,
           enum confinement_wall (*close)(const struct confinement_reach *)) {
    char control[CONTROL_PATH_SIZE];
    struct confinement_reach reach = {.store = options->store,
                                      .tpm = tpm_path(),
                                      .socket = control,
                                      .recording = file_or_none(options->record),
                                      .log = file_or_none(options->log),
                                      .golden = options->script != NULL ? options->golden : NULL,
                                      .voice = options->voice,
                                      .script = options->script,
                                      .has_network = radio_links_are_wanted(options, LINK_NATS) ||
                                                     has_remote_tpm(options),
                                      .has_cards = options_has_cards(options)};
    remote_socket(options, control);
    return options->is_unconfined ? WALL_UNWANTED : close(&reach);
}

/* Root leaves itself behind, and stays in the groups that may use what it was told to use. */
static enum status give_up_root(const struct options *options, bool opens_radios,
                                struct error *error) {
    const char *devices[DEVICES_MAX] = {NULL};
    size_t count = 0;
    if (tpm_path() != NULL) {
        devices[count++] = tpm_path();
    }
    if (options_has_cards(options)) {
        devices[count++] = "/dev/snd/timer";
    }
    if (options->has_ptt) {
        devices[count++] = BUTTON_FOLDER "/event0";
    }
    if (radio_links_are_wanted(options, LINK_WIFI_DIRECT)) {
        devices[count++] = options->supplicant;
    }
    return opens_radios ? permission_give_up_but_radios(options->store, devices, error)
                        : permission_give_up_for(options->store, devices, error);
}

static enum status open_equipment(const struct options *options, struct equipment *equipment,
                                  struct error *error) {
    enum status status = STATUS_OK;
    if (options->passphrase_file != NULL) {
        /* A handset goes on: its officer must be able to talk. */
        if (passphrase_check_closed(options->passphrase_file, error) != STATUS_OK) {
            fprintf(stderr, "muster: warning: %s\n", error->text);
        }
        status = subcommand_passphrase(options, &equipment->passphrase, error);
    }
    if (status == STATUS_OK) {
        status = open_transport(options, equipment, error);
    }
    /* Before there are threads, and before anything of a stranger is read. */
    if (status == STATUS_OK) {
        status = give_up_root(options, false, error);
    }
    if (status == STATUS_OK) {
        status = open_log(options, &equipment->log, error);
    }
    if (status == STATUS_OK) {
        status = open_results("--junit", options->junit, &equipment->junit, error);
    }
    if (status == STATUS_OK) {
        status = open_results("--tap", options->tap, &equipment->tap, error);
    }
    if (status == STATUS_OK) {
        equipment->confinement.files = close_wall(options, confinement_close_files);
        status = open_button(options, &equipment->button, error);
    }
    if (status == STATUS_OK) {
        status = sound_open(options->sound, options_source(options), options_sink(options),
                            &equipment->capture, &equipment->playback, error);
    }
    return status;
}

/* Closes everything; `status` and *error are unchanged unless only the closing failed. */
static enum status close_equipment(struct equipment *equipment, enum status status,
                                   struct error *error) {
    struct error closing_error;
    face_close(equipment->face);
    button_close(equipment->button);
    if (equipment->capture != NULL) {
        equipment->capture->kind->close(equipment->capture);
    }
    if (equipment->playback != NULL &&
        equipment->playback->kind->close(equipment->playback, &closing_error) != STATUS_OK &&
        status == STATUS_OK) {
        *error = closing_error;
        status = closing_error.status;
    }
    if (equipment->transport != NULL) {
        equipment->transport->kind->close(equipment->transport);
    }
    if (equipment->hook >= 0) {
        close(equipment->hook);
    }
    if (equipment->broker != NULL) {
        (void)nats_end(BROKER_LINK_END_MS);
    }
    secret_free(equipment->passphrase);
    if (equipment->log != NULL && equipment->log != stdout && equipment->log != stderr) {
        fclose(equipment->log); /* each line was flushed */
    }
    if (equipment->junit != NULL) {
        fclose(equipment->junit); /* likewise */
    }
    if (equipment->tap != NULL) {
        fclose(equipment->tap);
    }
    return status;
}

static enum status run_loop(const struct options *options, const struct provider *provider,
                            struct equipment *equipment, struct error *error) {
    const char *link_names[OPTION_LINKS_MAX];
    for (size_t i = 0; i < options->link_count; i++) {
        link_names[i] = options->links[i].word;
    }
    char control[CONTROL_PATH_SIZE];
    struct zeroise zeroise = {.store = options->store,
                              .log = file_or_none(options->log),
                              .recording = file_or_none(options->record)};
    remote_socket(options, control);
    struct loop_setup setup = {
        .store_path = options->store,
        .strength = STORE_HARD,
        .binding = options->binding,
        .provider = provider,
        .entropy = entropy_system,
        .transport = equipment->transport,
        .broker = equipment->broker,
        .link_count = (unsigned)options->link_count,
        .link_names = link_names,
        .capture = equipment->capture,
        .playback = equipment->playback,
        .wishes = {.has_microphone = options->microphone != NULL,
                   .has_loudspeaker = options->speaker != NULL,
                   .has_gain = options->has_gain,
                   .gain_db = options->gain_db,
                   .suppression = options->suppression,
                   .headset = options->headset,
                   .permit_tone = options->permit_tone,
                   .longest_talk_ms = options->longest_talk_ms},
        .face = equipment->face,
        .button = equipment->button,
        .log = equipment->log,
        .hook = equipment->hook,
        .control_path = control,
        .confinement = &equipment->confinement,
        .zeroise = &zeroise,
        .passphrase = &equipment->passphrase,
    };
    enum status status = loop_run(&setup, error);
    fputs(face_report(equipment->face), stderr);
    /* After a zeroise nothing is left that says who was there. */
    if (!zeroise.is_done &&
        !face_write_results(equipment->face, equipment->junit, equipment->tap) &&
        status == STATUS_OK) {
        status = error_set(error, STATUS_IO_FAILED, "--junit or --tap: %s", strerror(errno));
    }
    if (zeroise.is_done) {
        face_close(equipment->face); /* what is said now stays on the terminal */
        equipment->face = NULL;
        zeroise_print(&zeroise, stderr);
        if (!zeroise_is_whole(&zeroise)) {
            return error_set(error, STATUS_IO_FAILED, "not everything could be destroyed");
        }
    }
    return status;
}

static bool settle_hook(void *context) {
    struct error error;
    return give_up_root(context, false, &error) == STATUS_OK &&
           permission_give_up_rest(&error) == STATUS_OK;
}

static enum status begin_hook(const struct options *options, int *hook, struct error *error) {
    struct options *given = (struct options *)(uintptr_t)options;
    const struct hook_setup setup = {.command = options->on_event,
                                     .apart_ms = HOOK_APART_MS,
                                     .lasts_ms = HOOK_LASTS_MS,
                                     .settle = settle_hook,
                                     .context = given};
    *hook = HOOK_NONE;
    return options->on_event == NULL ? STATUS_OK : hook_begin(&setup, hook, error);
}

static int run_handset(const struct options *options, const struct provider *provider) {
    struct error error;
    struct equipment equipment = {.hook = HOOK_NONE};
    int exit_status = EXIT_FAILED;
    if (face_choose_language(options->language, options->script != NULL, &error) != STATUS_OK ||
        face_choose_look(options->glyphs, options->palette, &error) != STATUS_OK) {
        return complain(&error, EXIT_USAGE);
    }
    if (!sound_exists(options->sound)) {
        error_set(&error, STATUS_MALFORMED,
                  "--sound %.80s: no such sound; choose alsa, wav, tone or silence",
                  options->sound);
        return complain(&error, EXIT_USAGE);
    }
    /* The radios' processes begin before there is anything secret in memory: they never have it.
     * The folder comes first, since root becomes its owner. */
    equipment.radios = (struct radio_links){.options = options, .give_up = give_up_root};
    enum status status = subcommand_make_folder(options, &error);
    if (status == STATUS_OK) {
        status = radio_links_begin(&equipment.radios, &error);
    }
    if (status == STATUS_OK) {
        status = begin_hook(options, &equipment.hook, &error);
    }
    /* Who cannot be let in is not asked for a passphrase. */
    if (status == STATUS_OK) {
        status = binding_check(options->store, &error);
    }
    if (status == STATUS_OK) {
        status = open_equipment(options, &equipment, &error);
    }
    if (status == STATUS_OK) {
        status = sound_join(equipment.capture, equipment.playback, &error);
    }
    /* The face comes last: from then on the terminal is its own, and a problem would not be seen.
     */
    if (status == STATUS_OK) {
        status = open_face(options, &equipment, &error);
        if (status == STATUS_MALFORMED) {
            exit_status = EXIT_USAGE; /* an invalid script */
        }
    }
    if (status == STATUS_OK) {
        equipment.confinement.calls = close_wall(options, confinement_close_calls);
        status = run_loop(options, provider, &equipment, &error);
    }
    status = close_equipment(&equipment, status, &error);
    return status == STATUS_OK ? 0 : complain(&error, exit_status);
}

static int run_errand(const struct options *options) {
    struct error error;
    if (options->errand != ERRAND_SCREEN && permission_give_up(&error) != STATUS_OK) {
        return complain(&error, EXIT_FAILED);
    }
    if (options->errand == ERRAND_HELP) {
        options_help(stdout);
        return 0;
    }
    if (options->errand == ERRAND_EVENT_NAMES) {
        options_event_names(stdout);
        return 0;
    }
    if (options->errand == ERRAND_VERSION) {
        puts("muster " MUSTER_VERSION);
        return 0;
    }
    const struct provider *provider = provider_find(options->crypto);
    if (provider == NULL) {
        error_set(&error, STATUS_MALFORMED,
                  "--crypto %.80s: no such module, or its library is missing; see muster --help",
                  options->crypto);
        return complain(&error, EXIT_USAGE);
    }
    enum status status = machine_has_descriptors("the program cannot start", &error);
    if (status != STATUS_OK) {
        return complain(&error, EXIT_FAILED);
    }
    bool is_late = false;
    switch (options->errand) {
    case ERRAND_REQUEST:
        status = subcommand_request(options, stdout, &error);
        break;
    case ERRAND_INSTALL:
        status = subcommand_install(options, provider, stdout, &error);
        break;
    case ERRAND_FETCH:
        status = subcommand_fetch(options, provider, stdout, &error);
        break;
    case ERRAND_IMPORT:
        status = subcommand_import(options, provider, stdout, &error);
        break;
    case ERRAND_PASSPHRASE:
        status = new_passphrase_change(options->store, options->passphrase_file,
                                       options->new_passphrase_file, stdout, &error);
        break;
    case ERRAND_BIND:
    case ERRAND_UNBIND:
        status = rebinding_run(options->store, options->errand == ERRAND_BIND,
                               options->passphrase_file, stdout, &error);
        break;
    case ERRAND_STATUS:
        status = remote_status(options, stdout, &error);
        if (status == STATUS_NOT_FOUND) {
            status = subcommand_status(options, provider, stdout, &error);
        }
        break;
    case ERRAND_LOCK:
        status = remote_lock(options, stdout, &error);
        break;
    case ERRAND_ZEROISE:
        status = remote_zeroise(options, stdout, &error);
        break;
    case ERRAND_GROUPS:
    case ERRAND_NEARBY:
    case ERRAND_EVENTS:
    case ERRAND_WAIT:
    case ERRAND_TALK:
    case ERRAND_MESSAGE:
    case ERRAND_ACCEPT:
    case ERRAND_GROUP:
    case ERRAND_DELETE:
    case ERRAND_SILENCE:
    case ERRAND_QUIT:
        status = remote_run(options, stdout, &is_late, &error);
        break;
    default:
        return run_handset(options, provider);
    }
    bool opens_store = options->errand <= ERRAND_STATUS || options->errand == ERRAND_PASSPHRASE ||
                       options->errand == ERRAND_BIND || options->errand == ERRAND_UNBIND;
    bool was_said = options->errand == ERRAND_STATUS && status == STATUS_OK;
    const char *warning = opens_store && !was_said ? memory_warning() : NULL;
    if (warning != NULL) {
        fprintf(stderr, "muster: warning: %s\n", warning);
    }
    if (is_late) {
        fputs("muster: it did not happen in that time\n", stderr);
        return EXIT_LATE;
    }
    return status == STATUS_OK ? 0 : complain(&error, EXIT_FAILED);
}

/* Printing counts as done only when it was written. */
static int finish(int code) {
    if ((fflush(stdout) == 0 && !ferror(stdout)) || code != 0) {
        return code;
    }
    fputs(
        "muster: cannot write to standard output: the disk is full, or nobody reads it any more\n",
        stderr);
    return EXIT_FAILED;
}

int main(int argc, char *argv[]) {
    struct options options;
    struct error error;
    machine_prepare();
    memory_keep_off_disk();
    if (argc > 1 && strcmp(argv[1], "demo") == 0) {
        return permission_give_up(&error) == STATUS_OK ? finish(demo_main(argc - 1, argv + 1))
                                                       : complain(&error, EXIT_FAILED);
    }
    if (options_parse(argc, argv, &options, &error) != STATUS_OK) {
        return complain(&error, EXIT_USAGE);
    }
    tpm_use(options.tpm);
    return finish(run_errand(&options));
}
