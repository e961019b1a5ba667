/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/demo.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/programs/demo/rehearsal.h"
#include "app/programs/demo/scene.h"
#include "app/programs/demo/trainer.h"
#include "app/programs/face.h"
#include "ui/words/words.h"

/* 1 June 2026, 09:00:00 UTC: a script's day always begins at the same time. */
static const int64_t scripted_utc_ms = INT64_C(1780304400000);

enum {
    SIGNALLED = 128 /* plus the signal's number: the exit code that shells know */
};

struct demo_options {
    struct exercise_setup setup;
    const char *script; /* what is built in, in the language of the screens, unless one is given */
    bool is_built_in;
    const char *junit, *tap; /* files for what came of its parts; NULL: none */
    bool keeps_going;        /* when a line of it does not come true */
    const char *picture;     /* NULL: none */
    const char *crypto;
    const char *glyphs, *palette; /* NULL: as the environment says */
    const char *language;         /* NULL: of a script English, else the environment's */
    bool wants_help;
};

static const char help[] =
    "muster demo [OPTION]...  - handsets side by side; without a terminal, driven by a script\n"
    "  --handsets N           how many can form a group (default 3)\n"
    "  --strangers N          how many others hear the same air, in no group (default 1)\n"
    "  --script FILE          play this script on virtual time; transcript on standard output\n"
    "  --keep-going           a line of it that does not come true is told, and the next one "
    "runs;\n"
    "                         ends with 1\n"
    "  --junit FILE           write what came of each part of the script, as JUnit XML\n"
    "  --tap FILE             the same in TAP\n"
    "  --voice DIR            WAV files of the officers' voices (default fixtures/voice)\n"
    "  --record DIR           write what each handset hears to this folder, as WAV files\n"
    "  --capture FILE.pcap    write the MIKEY messages on the air to this file, for Wireshark\n"
    "  --capture-frames FILE.pcap\n"
    "                         write all frames on the air to this file, for Wireshark with\n"
    "                         Muster's dissector\n"
    "  --picture FILE.svg     draw the trainer's screen as it is when the script ends\n"
    "  --crypto NAME          crypto module (default native)\n"
    "  --seed N               seed for everything that is random (default 1)\n"
    "  --language en|de       language of the screens (default: from LANG; scripts: English)\n"
    "  --glyphs ascii|linux|full, --palette night|day|contrast|red\n"
    "                         signs and colours of the terminal (default: by what it is)\n"
    "  --help                 this text\n"
    "Environment: MUSTER_PALETTE=day for bright sun, contrast, red; NO_COLOR=1,\n"
    "MUSTER_GOLDEN=rewrite to write a script's snapshots instead of comparing them.\n";

/* The signal that asks the program to end, or 0: a handler can pass it on in no other way. */
static volatile sig_atomic_t stop;

static void on_signal(int number) {
    stop = number;
}

static bool take_number(const char *text, const char *option, unsigned long least,
                        unsigned long most, unsigned long *out) {
    char *end;
    *out = strtoul(text, &end, 10);
    bool good = text[0] >= '0' && text[0] <= '9' && *end == 0 && *out >= least && *out <= most;
    if (!good) {
        fprintf(stderr, "muster demo: --%s takes a number from %lu to %lu, not '%s'\n", option,
                least, most, text);
    }
    return good;
}

enum demo_option {
    OPTION_HANDSETS = 1,
    OPTION_STRANGERS,
    OPTION_SCRIPT,
    OPTION_KEEP_GOING,
    OPTION_JUNIT,
    OPTION_TAP,
    OPTION_VOICE,
    OPTION_RECORD,
    OPTION_CAPTURE,
    OPTION_CAPTURE_FRAMES,
    OPTION_PICTURE,
    OPTION_CRYPTO,
    OPTION_SEED,
    OPTION_LANGUAGE,
    OPTION_GLYPHS,
    OPTION_PALETTE,
    OPTION_HELP,
};

static const struct option long_options[] = {
    {"handsets", required_argument, NULL, OPTION_HANDSETS},
    {"strangers", required_argument, NULL, OPTION_STRANGERS},
    {"script", required_argument, NULL, OPTION_SCRIPT},
    {"keep-going", no_argument, NULL, OPTION_KEEP_GOING},
    {"junit", required_argument, NULL, OPTION_JUNIT},
    {"tap", required_argument, NULL, OPTION_TAP},
    {"voice", required_argument, NULL, OPTION_VOICE},
    {"record", required_argument, NULL, OPTION_RECORD},
    {"capture", required_argument, NULL, OPTION_CAPTURE},
    {"capture-frames", required_argument, NULL, OPTION_CAPTURE_FRAMES},
    {"picture", required_argument, NULL, OPTION_PICTURE},
    {"crypto", required_argument, NULL, OPTION_CRYPTO},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"language", required_argument, NULL, OPTION_LANGUAGE},
    {"glyphs", required_argument, NULL, OPTION_GLYPHS},
    {"palette", required_argument, NULL, OPTION_PALETTE},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static bool take_option(struct demo_options *options, int option) {
    unsigned long number;
    switch (option) {
    case OPTION_HANDSETS:
        if (!take_number(optarg, "handsets", 1, EXERCISE_STATIONS_MAX - 8, &number)) {
            return false;
        }
        options->setup.handsets = (unsigned)number;
        return true;
    case OPTION_STRANGERS:
        if (!take_number(optarg, "strangers", 0, 8, &number)) {
            return false;
        }
        options->setup.strangers = (unsigned)number;
        return true;
    case OPTION_SCRIPT:
        options->script = optarg;
        options->is_built_in = false;
        return true;
    case OPTION_KEEP_GOING:
        options->keeps_going = true;
        return true;
    case OPTION_JUNIT:
        options->junit = optarg;
        return true;
    case OPTION_TAP:
        options->tap = optarg;
        return true;
    case OPTION_VOICE:
        options->setup.voice_folder = optarg;
        return true;
    case OPTION_RECORD:
        options->setup.record_folder = optarg;
        return true;
    case OPTION_CAPTURE:
        options->setup.capture_path = optarg;
        return true;
    case OPTION_CAPTURE_FRAMES:
        options->setup.frames_path = optarg;
        return true;
    case OPTION_PICTURE:
        options->picture = optarg;
        return true;
    case OPTION_CRYPTO:
        options->crypto = optarg;
        return true;
    case OPTION_SEED:
        if (!take_number(optarg, "seed", 0, 1000000000, &number)) {
            return false;
        }
        options->setup.seed = number;
        return true;
    case OPTION_LANGUAGE:
        options->language = optarg;
        return true;
    case OPTION_GLYPHS:
        options->glyphs = optarg;
        return true;
    case OPTION_PALETTE:
        options->palette = optarg;
        return true;
    case OPTION_HELP:
        options->wants_help = true;
        return true;
    default:
        return false;
    }
}

static bool parse_options(int argc, char **argv, struct demo_options *options) {
    optind = 1;
    opterr = 0;
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (!take_option(options, option)) {
            if (option == '?') {
                fprintf(stderr,
                        "muster demo: '%s' is not an option, or lacks its value; see muster "
                        "demo --help\n",
                        argv[optind - 1]);
            }
            return false;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "muster demo: unexpected argument '%s'; see muster demo --help\n",
                argv[optind]);
        return false;
    }
    options->setup.provider = provider_find(options->crypto);
    if (!options->setup.provider) {
        fprintf(stderr, "muster demo: there is no crypto module '%s' on this machine\n",
                options->crypto);
    }
    return options->setup.provider != NULL;
}

static void print_line(void *context, const char *line) {
    (void)context;
    puts(line);
}

/* Prints the end of the transcript. Returns whether nobody heard what was not meant for them and,
 * in the built-in scenario, everybody heard what was. */
static bool sum_up(struct exercise *exercise, bool is_built_in) {
    struct exercise_tally tally = exercise_tally(exercise);
    exercise_report_strangers(exercise);
    printf("talks: %u; heard by those they were meant for: %u of %u", tally.talks, tally.heard,
           tally.heard + tally.unheard);
    if (tally.heard > 0) {
        printf(", likeness %.2f or better", tally.worst);
    }
    printf("; leaks: %u\n", tally.leaks);
    if (tally.talks > 0) {
        printf(
            "likeness: mean correlation of the waveforms, in segments of 200 ms without the "
            "pauses; 1 means the same samples, 0 nothing in common, %.2f or more the same speech\n",
            LIKENESS_SAME);
    }
    if (tally.leaks > 0) {
        fprintf(stderr, "muster demo: a stranger heard what was not meant for it\n");
    }
    bool all_heard = !is_built_in || (tally.talks > 0 && tally.unheard == 0);
    if (!all_heard) {
        fprintf(stderr, "muster demo: somebody did not hear what was meant for them\n");
    }
    return tally.leaks == 0 && all_heard;
}

/* `rehearsal` is NULL on a terminal, where the script is the trainer's lesson. */
static int run_exercise(const struct demo_options *options, struct exercise *exercise,
                        struct script *rehearsal) {
    struct error error;
    bool is_interactive = rehearsal == NULL;
    int code = is_interactive ? trainer_run(exercise, options->script, &stop)
                              : rehearsal_run(exercise, rehearsal, &stop);
    if (code == 0 && stop) {
        code = SIGNALLED + stop;
    }
    if (code == 0 && !is_interactive && !sum_up(exercise, options->is_built_in)) {
        code = 1;
    }
    const struct scene scene = {.step = exercise_said(exercise), .speed = 1};
    if (code == 0 && options->picture &&
        scene_write_picture(exercise, &scene, options->picture, &error) != STATUS_OK) {
        fprintf(stderr, "muster demo: %s\n", error.text);
        code = 1;
    }
    if (exercise_free(exercise, &error) != STATUS_OK && code == 0) {
        fprintf(stderr, "muster demo: %s\n", error.text);
        code = 1;
    }
    return code;
}

/* They are opened before anything is played, so that a path that is no good is known then. */
static bool open_results(const char *option, const char *path, FILE **file) {
    *file = path ? fopen(path, "w") : NULL;
    if (path && !*file) {
        fprintf(stderr, "muster demo: --%s %s: %s\n", option, path, strerror(errno));
    }
    return !path || *file;
}

static bool close_results(FILE *file) {
    return !file || fclose(file) == 0;
}

/* The exercise with a script, or on a terminal without one. */
static int play(const struct demo_options *options, struct exercise **exercise,
                struct script *rehearsal) {
    struct error error;
    if (exercise_new(&options->setup, exercise, &error) != STATUS_OK) {
        fprintf(stderr, "muster demo: %s\n", error.text);
        return 1;
    }
    return run_exercise(options, *exercise, rehearsal);
}

static int play_for_results(const struct demo_options *options, struct exercise **exercise,
                            struct script *rehearsal) {
    FILE *junit = NULL, *tap = NULL;
    int code = 1;
    if (open_results("junit", options->junit, &junit) && open_results("tap", options->tap, &tap)) {
        code = play(options, exercise, rehearsal);
        if (!script_write_results(rehearsal, junit, tap)) {
            fprintf(stderr, "muster demo: --junit or --tap: %s\n", strerror(errno));
            code = code == 0 ? 1 : code;
        }
    }
    bool are_closed = close_results(junit);
    are_closed = close_results(tap) && are_closed;
    return are_closed || code != 0 ? code : 1;
}

static int run(const struct demo_options *options, bool is_interactive) {
    struct exercise *exercise = NULL;
    struct script *rehearsal = NULL;
    if (!is_interactive) {
        /* Before anything is made: a script with an error has no transcript. */
        struct stage stage =
            rehearsal_stage(&exercise, options->setup.handsets + options->setup.strangers);
        stage.keeps_going = options->keeps_going;
        char problem[SCRIPT_PROBLEM_SIZE];
        rehearsal = script_load(options->script, &stage, problem);
        if (!rehearsal) {
            fprintf(stderr, "muster demo: %s\n",
                    script_problems_print(problem, "muster demo", stderr));
            return 2;
        }
    }
    int code = is_interactive ? play(options, &exercise, NULL)
                              : play_for_results(options, &exercise, rehearsal);
    script_free(rehearsal);
    return code;
}

/* A file of the demonstration, in the working folder as in a checkout; or else where `make install`
 * puts it, beside the program: fixtures/voice is ../share/muster/voice there. `path` where it is in
 * neither, to be complained of. */
static const char *find_file(const char *path, char room[PATH_MAX]) {
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    const char *name = strchr(path, '/');
    if (access(path, R_OK) == 0 || length < 1 || name == NULL) {
        return path;
    }
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL) {
        return path;
    }
    *slash = '\0';
    int size = snprintf(room, PATH_MAX, "%s/../share/muster%s", program, name);
    return size < PATH_MAX && access(room, R_OK) == 0 ? room : path;
}

int demo_main(int argc, char **argv) {
    char voices[PATH_MAX], lesson[PATH_MAX];
    struct demo_options options = {
        .setup = {.handsets = 3, .strangers = 1, .seed = 1},
        .is_built_in = true,
        .crypto = "native",
    };
    if (!parse_options(argc, argv, &options)) {
        return 2;
    }
    if (options.wants_help) {
        fputs(help, stdout);
        return 0;
    }
    if (options.setup.voice_folder == NULL) {
        options.setup.voice_folder = find_file("fixtures/voice", voices);
    }
    /* So that the folder with the stores is removed even then. */
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    bool is_interactive = options.is_built_in && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    struct error error;
    if (face_choose_language(options.language, !is_interactive, &error) != STATUS_OK ||
        face_choose_look(options.glyphs, options.palette, &error) != STATUS_OK) {
        fprintf(stderr, "muster demo: %s\n", error.text);
        return 2;
    }
    if (options.is_built_in) {
        /* Translators: the lesson's script; it expects what the screens say in your language. */
        options.script = find_file(_("fixtures/scenarios/demo.script"), lesson);
    }
    options.setup.utc_ms = is_interactive ? (int64_t)time(NULL) * 1000 : scripted_utc_ms;
    if (!is_interactive) {
        setvbuf(stdout, NULL, _IOLBF, 0);
        options.setup.on_line = print_line;
    }
    return run(&options, is_interactive);
}
