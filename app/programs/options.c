/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/programs/options_verbs.h"
#include "app/sound/frame.h"
#include "app/text/duration.h"

enum option_key {
    KEY_STORE = 256,
    KEY_PASSPHRASE_FILE,
    KEY_NEW_PASSPHRASE_FILE,
    KEY_SOCKET,
    KEY_JSON,
    KEY_YES,
    KEY_FOR,
    KEY_WITH,
    KEY_FROM,
    KEY_WITHIN,
    KEY_SINCE,
    KEY_FOLLOW,
    KEY_BIND,
    KEY_TPM,
    KEY_CRYPTO,
    KEY_TRANSPORT,
    KEY_INTERFACE,
    KEY_PORT,
    KEY_PEER,
    KEY_SUPPLICANT,
    KEY_HEADLESS,
    KEY_SCRIPT,
    KEY_GOLDEN,
    KEY_KEEP_GOING,
    KEY_JUNIT,
    KEY_TAP,
    KEY_LOG,
    KEY_LANGUAGE,
    KEY_SOUND,
    KEY_VOICE,
    KEY_RECORD,
    KEY_MICROPHONE,
    KEY_SPEAKER,
    KEY_HEADSET,
    KEY_NO_HEADSET,
    KEY_GAIN,
    KEY_NOISE,
    KEY_NO_NOISE,
    KEY_PERMIT_TONE,
    KEY_NO_PERMIT_TONE,
    KEY_LONGEST_TALK,
    KEY_PTT,
    KEY_PTT_GRAB,
    KEY_NO_CONFINEMENT,
    KEY_ON_EVENT,
    KEY_GLYPHS,
    KEY_PALETTE,
    KEY_IDENTITY,
    KEY_NAME,
    KEY_OUT,
    KEY_FINGERPRINT,
    KEY_REPLACE,
    KEY_HELP,
    KEY_VERSION,
};

static const struct option long_options[] = {
    {"store", required_argument, NULL, KEY_STORE},
    {"passphrase-file", required_argument, NULL, KEY_PASSPHRASE_FILE},
    {"new-passphrase-file", required_argument, NULL, KEY_NEW_PASSPHRASE_FILE},
    {"socket", required_argument, NULL, KEY_SOCKET},
    {"json", no_argument, NULL, KEY_JSON},
    {"yes", no_argument, NULL, KEY_YES},
    {"for", required_argument, NULL, KEY_FOR},
    {"with", required_argument, NULL, KEY_WITH},
    {"from", required_argument, NULL, KEY_FROM},
    {"within", required_argument, NULL, KEY_WITHIN},
    {"since", required_argument, NULL, KEY_SINCE},
    {"follow", no_argument, NULL, KEY_FOLLOW},
    {"bind", required_argument, NULL, KEY_BIND},
    {"tpm", required_argument, NULL, KEY_TPM},
    {"crypto", required_argument, NULL, KEY_CRYPTO},
    {"transport", required_argument, NULL, KEY_TRANSPORT},
    {"interface", required_argument, NULL, KEY_INTERFACE},
    {"port", required_argument, NULL, KEY_PORT},
    {"peer", required_argument, NULL, KEY_PEER},
    {"supplicant", required_argument, NULL, KEY_SUPPLICANT},
    {"headless", no_argument, NULL, KEY_HEADLESS},
    {"script", required_argument, NULL, KEY_SCRIPT},
    {"golden", required_argument, NULL, KEY_GOLDEN},
    {"keep-going", no_argument, NULL, KEY_KEEP_GOING},
    {"junit", required_argument, NULL, KEY_JUNIT},
    {"tap", required_argument, NULL, KEY_TAP},
    {"log", required_argument, NULL, KEY_LOG},
    {"language", required_argument, NULL, KEY_LANGUAGE},
    {"sound", required_argument, NULL, KEY_SOUND},
    {"voice", required_argument, NULL, KEY_VOICE},
    {"record", required_argument, NULL, KEY_RECORD},
    {"microphone", required_argument, NULL, KEY_MICROPHONE},
    {"speaker", required_argument, NULL, KEY_SPEAKER},
    {"headset", no_argument, NULL, KEY_HEADSET},
    {"no-headset", no_argument, NULL, KEY_NO_HEADSET},
    {"gain", required_argument, NULL, KEY_GAIN},
    {"noise", no_argument, NULL, KEY_NOISE},
    {"no-noise", no_argument, NULL, KEY_NO_NOISE},
    {"permit-tone", no_argument, NULL, KEY_PERMIT_TONE},
    {"no-permit-tone", no_argument, NULL, KEY_NO_PERMIT_TONE},
    {"longest-talk", required_argument, NULL, KEY_LONGEST_TALK},
    {"ptt", required_argument, NULL, KEY_PTT},
    {"ptt-grab", no_argument, NULL, KEY_PTT_GRAB},
    {"no-confinement", no_argument, NULL, KEY_NO_CONFINEMENT},
    {"glyphs", required_argument, NULL, KEY_GLYPHS},
    {"palette", required_argument, NULL, KEY_PALETTE},
    {"on-event", required_argument, NULL, KEY_ON_EVENT},
    {"identity", required_argument, NULL, KEY_IDENTITY},
    {"name", required_argument, NULL, KEY_NAME},
    {"out", required_argument, NULL, KEY_OUT},
    {"fingerprint", required_argument, NULL, KEY_FINGERPRINT},
    {"replace", no_argument, NULL, KEY_REPLACE},
    {"help", no_argument, NULL, KEY_HELP},
    {"version", no_argument, NULL, KEY_VERSION},
    {NULL, 0, NULL, 0},
};

static enum status parse_port(const char *text, uint16_t *port, struct error *error) {
    char *rest;
    errno = 0;
    unsigned long value = strtoul(text, &rest, 10);
    if (text[0] < '0' || text[0] > '9' || *rest != '\0' || errno != 0 || value < 1 ||
        value >= UINT16_MAX) {
        return error_set(error, STATUS_MALFORMED, "--port %s: a port is a number from 1 to 65534",
                         text);
    }
    *port = (uint16_t)value;
    return STATUS_OK;
}

static enum status parse_gain(const char *text, int *gain_db, struct error *error) {
    char *rest;
    long value = strtol(text, &rest, 10);
    if (rest == text || *rest != '\0' || value < -SOUND_GAIN_DB_MAX || value > SOUND_GAIN_DB_MAX) {
        return error_set(error, STATUS_MALFORMED, "--gain %s: a gain is a number from -%d to %d dB",
                         text, SOUND_GAIN_DB_MAX, SOUND_GAIN_DB_MAX);
    }
    *gain_db = (int)value;
    return STATUS_OK;
}

static enum status parse_longest_talk(const char *text, int64_t *longest_ms, struct error *error) {
    enum {
        LEAST_S = SETTINGS_LONGEST_TALK_LEAST_MS / 1000,
        MOST_S = SETTINGS_LONGEST_TALK_MOST_MS / 1000
    };
    char *rest;
    long value = strtol(text, &rest, 10);
    if (rest == text || *rest != '\0' || value < LEAST_S || value > MOST_S) {
        return error_set(error, STATUS_MALFORMED,
                         "--longest-talk %s: a talk lasts from %d to %d seconds", text, LEAST_S,
                         MOST_S);
    }
    *longest_ms = (int64_t)value * 1000;
    return STATUS_OK;
}

static enum status parse_time(const char *option, const char *text, int64_t *ms,
                              struct error *error) {
    const int64_t most_ms = INT64_C(24) * 60 * 60 * 1000;
    if (duration_parse(text, ms) != STATUS_OK || *ms > most_ms) {
        return error_set(error, STATUS_MALFORMED,
                         "%s %.80s: a duration such as 10s or 5m, 24h at most", option, text);
    }
    return STATUS_OK;
}

static enum status set_store(struct options *options, const char *path, struct error *error) {
    if (path[0] == '\0' || strlen(path) >= sizeof options->store) {
        return error_set(error, STATUS_MALFORMED, "--store: that is no file's path");
    }
    strcpy(options->store, path);
    options->store_is_default = false;
    return STATUS_OK;
}

bool options_default_store(char path[PATH_MAX]) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (state != NULL && state[0] == '/') {
        length = snprintf(path, PATH_MAX, "%s/muster/store", state);
    } else if (home != NULL && home[0] == '/') {
        length = snprintf(path, PATH_MAX, "%s/.local/state/muster/store", home);
    }
    if (length < 0 || length >= PATH_MAX) {
        path[0] = '\0';
    }
    return path[0] != '\0';
}

/* A transport's name, or its name, a colon, and what belongs to it. */
static enum status add_link(struct options *options, const char *word, struct error *error) {
    static const struct {
        const char *name;
        enum link_kind kind;
    } kinds[] = {{"udp", LINK_UDP},
                 {"nats", LINK_NATS},
                 {"bluetooth", LINK_BLUETOOTH},
                 {"wifi-direct", LINK_WIFI_DIRECT}};
    size_t length = strcspn(word, ":");
    if (options->link_count == OPTION_LINKS_MAX) {
        return error_set(error, STATUS_MALFORMED, "--transport %.80s: %d are the most", word,
                         OPTION_LINKS_MAX);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strlen(kinds[i].name) != length || memcmp(kinds[i].name, word, length) != 0) {
            continue;
        }
        options->links[options->link_count++] =
            (struct link_choice){.kind = kinds[i].kind,
                                 .word = word,
                                 .detail = word[length] == ':' ? word + length + 1 : NULL};
        return STATUS_OK;
    }
    return error_set(error, STATUS_MALFORMED,
                     "--transport %.80s: no such transport; there are udp, bluetooth, wifi-direct "
                     "(each also with :NAME) and nats",
                     word);
}

static enum status add_peer(struct options *options, const char *address, struct error *error) {
    if (options->peer_count == OPTION_PEERS_MAX) {
        return error_set(error, STATUS_MALFORMED, "--peer %.80s: %d are the most", address,
                         OPTION_PEERS_MAX);
    }
    options->peers[options->peer_count++] = address;
    return STATUS_OK;
}

static enum status parse_binding(const char *text, struct options *options, struct error *error) {
    if (strcmp(text, "tpm") != 0 && strcmp(text, "none") != 0) {
        return error_set(error, STATUS_MALFORMED, "--bind %.80s: choose tpm or none", text);
    }
    options->binding = strcmp(text, "tpm") == 0 ? BINDING_TPM : BINDING_NONE;
    return STATUS_OK;
}

static enum status take_option(struct options *options, int key, const char *argument,
                               struct error *error) {
    switch ((enum option_key)key) {
    case KEY_STORE:
        return set_store(options, argument, error);
    case KEY_PASSPHRASE_FILE:
        options->passphrase_file = argument;
        break;
    case KEY_NEW_PASSPHRASE_FILE:
        options->new_passphrase_file = argument;
        break;
    case KEY_SOCKET:
        options->socket = argument;
        break;
    case KEY_JSON:
        options->json = true;
        break;
    case KEY_YES:
        options->says_yes = true;
        break;
    case KEY_FOR:
        options->lasts = argument;
        break;
    case KEY_WITH:
        return options_add_member(options, argument, error);
    case KEY_FROM:
        options->from = argument;
        break;
    case KEY_WITHIN:
        return parse_time("--within", argument, &options->within_ms, error);
    case KEY_SINCE:
        return parse_time("--since", argument, &options->since_ms, error);
    case KEY_FOLLOW:
        options->follows = true;
        break;
    case KEY_BIND:
        return parse_binding(argument, options, error);
    case KEY_TPM:
        options->tpm = argument;
        break;
    case KEY_CRYPTO:
        options->crypto = argument;
        break;
    case KEY_TRANSPORT:
        return add_link(options, argument, error);
    case KEY_INTERFACE:
        options->interface = argument;
        break;
    case KEY_PORT:
        return parse_port(argument, &options->port, error);
    case KEY_PEER:
        return add_peer(options, argument, error);
    case KEY_SUPPLICANT:
        options->supplicant = argument;
        break;
    case KEY_HEADLESS:
        options->is_headless = true;
        break;
    case KEY_SCRIPT:
        options->script = argument;
        break;
    case KEY_GOLDEN:
        options->golden = argument;
        break;
    case KEY_KEEP_GOING:
        options->keeps_going = true;
        break;
    case KEY_JUNIT:
        options->junit = argument;
        break;
    case KEY_TAP:
        options->tap = argument;
        break;
    case KEY_LOG:
        options->log = argument;
        break;
    case KEY_LANGUAGE:
        options->language = argument;
        break;
    case KEY_SOUND:
        options->sound = argument;
        break;
    case KEY_VOICE:
        options->voice = argument;
        break;
    case KEY_RECORD:
        options->record = argument;
        break;
    case KEY_MICROPHONE:
        options->microphone = argument;
        break;
    case KEY_SPEAKER:
        options->speaker = argument;
        break;
    case KEY_HEADSET:
    case KEY_NO_HEADSET:
        options->headset = key == KEY_HEADSET ? SOUND_ON : SOUND_OFF;
        break;
    case KEY_GAIN:
        options->has_gain = true;
        return parse_gain(argument, &options->gain_db, error);
    case KEY_NOISE:
    case KEY_NO_NOISE:
        options->suppression = key == KEY_NOISE ? SOUND_OFF : SOUND_ON;
        break;
    case KEY_PERMIT_TONE:
    case KEY_NO_PERMIT_TONE:
        options->permit_tone = key == KEY_PERMIT_TONE ? SOUND_ON : SOUND_OFF;
        break;
    case KEY_LONGEST_TALK:
        return parse_longest_talk(argument, &options->longest_talk_ms, error);
    case KEY_PTT:
        options->has_ptt = true;
        return button_parse(argument, &options->ptt, error);
    case KEY_PTT_GRAB:
        options->grabs_ptt = true;
        break;
    case KEY_NO_CONFINEMENT:
        options->is_unconfined = true;
        break;
    case KEY_GLYPHS:
        options->glyphs = argument;
        break;
    case KEY_PALETTE:
        options->palette = argument;
        break;
    case KEY_ON_EVENT:
        options->on_event = argument;
        break;
    case KEY_IDENTITY:
        options->identity = argument;
        break;
    case KEY_NAME:
        options->name = argument;
        break;
    case KEY_OUT:
        options->out = argument;
        break;
    case KEY_FINGERPRINT:
        options->fingerprint = argument;
        break;
    case KEY_REPLACE:
        options->replace = true;
        break;
    case KEY_HELP:
        options->errand = ERRAND_HELP;
        break;
    case KEY_VERSION:
        options->errand = ERRAND_VERSION;
        break;
    }
    return STATUS_OK;
}

/* Nobody could unlock it, and nobody sees what is wrong. */
static enum status check_headless(const struct options *options, struct error *error) {
    if (!options->is_headless) {
        return STATUS_OK;
    }
    if (options->errand != ERRAND_SCREEN) {
        return error_set(error, STATUS_MALFORMED, "--headless belongs to the handset itself");
    }
    if (options->script != NULL) {
        return error_set(error, STATUS_MALFORMED, "--headless and --script: say one");
    }
    if (options->passphrase_file == NULL) {
        return error_set(error, STATUS_MALFORMED, "--headless wants --passphrase-file FILE");
    }
    return STATUS_OK;
}

static enum status take_subcommand(struct options *options, int count, char *words[],
                                   struct error *error) {
    if (count == 0 || options->errand != ERRAND_SCREEN) {
        return STATUS_OK;
    }
    int wanted = 1;
    if (options_are_verb(words[0])) {
        return options_take_verb(options, count, words, error);
    } else if (strcmp(words[0], "request") == 0) {
        options->errand = ERRAND_REQUEST;
    } else if (strcmp(words[0], "fetch") == 0) {
        options->errand = ERRAND_FETCH;
    } else if (strcmp(words[0], "status") == 0) {
        options->errand = ERRAND_STATUS;
    } else if (strcmp(words[0], "lock") == 0) {
        options->errand = ERRAND_LOCK;
    } else if (strcmp(words[0], "zeroise") == 0) {
        options->errand = ERRAND_ZEROISE;
    } else if (strcmp(words[0], "passphrase") == 0) {
        options->errand = ERRAND_PASSPHRASE;
    } else if (strcmp(words[0], "bind") == 0) {
        options->errand = ERRAND_BIND;
    } else if (strcmp(words[0], "unbind") == 0) {
        options->errand = ERRAND_UNBIND;
    } else if (strcmp(words[0], "install") == 0) {
        options->errand = ERRAND_INSTALL;
        wanted = 2;
        if (count < wanted) {
            return error_set(error, STATUS_MALFORMED,
                             "install wants a bundle: muster install FILE");
        }
        options->bundle = words[1];
    } else if (strcmp(words[0], "import") == 0) {
        options->errand = ERRAND_IMPORT;
        options->keys = count > 1 ? words[1] : "-";
        wanted = count > 1 ? 2 : 1;
    } else {
        return error_set(error, STATUS_MALFORMED, "no such command: %.80s; see muster --help",
                         words[0]);
    }
    if (count > wanted) {
        return error_set(error, STATUS_MALFORMED, "%s does not take \"%.80s\"; see muster --help",
                         words[0], words[wanted]);
    }
    return STATUS_OK;
}

/* Are these two links ways to the same handsets? Then passing frames on between them is in vain. Of
 * the radios each would find this handset itself by the other. */
static bool are_same(const struct link_choice *a, const struct link_choice *b) {
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind != LINK_UDP) {
        return true;
    }
    return a->detail == NULL || b->detail == NULL || strcmp(a->detail, b->detail) == 0;
}

static bool has_udp(const struct options *options) {
    for (size_t i = 0; i < options->link_count; i++) {
        if (options->links[i].kind == LINK_UDP) {
            return true;
        }
    }
    return false;
}

static enum status check_links(const struct options *options, struct error *error) {
    if (options->peer_count > 0 && !has_udp(options)) {
        return error_set(error, STATUS_MALFORMED,
                         "--peer %.80s belongs to --transport udp, which is not among the links",
                         options->peers[0]);
    }
    for (size_t i = 0; i < options->link_count; i++) {
        const struct link_choice *link = &options->links[i];
        if (link->detail != NULL && link->detail[0] == '\0') {
            return error_set(error, STATUS_MALFORMED,
                             "--transport %.80s: nothing follows the colon; see muster --help",
                             link->word);
        }
        if (link->kind == LINK_UDP && link->detail != NULL && options->interface != NULL) {
            return error_set(error, STATUS_MALFORMED,
                             "--interface and --transport %.80s both name an interface; say one",
                             link->word);
        }
        for (size_t k = 0; k < i; k++) {
            if (are_same(&options->links[k], link)) {
                return error_set(error, STATUS_MALFORMED,
                                 "--transport %.80s and --transport %.80s are the same network",
                                 options->links[k].word, link->word);
            }
        }
    }
    return STATUS_OK;
}

bool options_has_cards(const struct options *options) {
    return strcmp(options->sound, "alsa") == 0;
}

const char *options_source(const struct options *options) {
    return options_has_cards(options) ? options->microphone : options->voice;
}

const char *options_sink(const struct options *options) {
    return options_has_cards(options) ? options->speaker : options->record;
}

static enum status check(const struct options *options, struct error *error) {
    if (options->errand == ERRAND_HELP || options->errand == ERRAND_VERSION ||
        options->errand == ERRAND_EVENT_NAMES) {
        return STATUS_OK;
    }
    if (options->store[0] == '\0') {
        return error_set(error, STATUS_MALFORMED, "HOME is not set; say --store FILE");
    }
    if (options->errand == ERRAND_REQUEST && (options->identity == NULL || options->out == NULL)) {
        return error_set(error, STATUS_MALFORMED,
                         "request wants --identity URI and --out FILE; see muster --help");
    }
    if (options->errand != ERRAND_REQUEST && (options->identity != NULL || options->out != NULL)) {
        return error_set(error, STATUS_MALFORMED, "--identity and --out belong to muster request");
    }
    if (options->errand != ERRAND_INSTALL && (options->fingerprint != NULL || options->replace)) {
        return error_set(error, STATUS_MALFORMED,
                         "--fingerprint and --replace belong to muster install");
    }
    if (options->errand != ERRAND_PASSPHRASE && options->new_passphrase_file != NULL) {
        return error_set(error, STATUS_MALFORMED,
                         "--new-passphrase-file belongs to muster passphrase");
    }
    if (!options->has_ptt && options->grabs_ptt) {
        return error_set(error, STATUS_MALFORMED, "--ptt-grab belongs to --ptt NAME");
    }
    if (options->has_ptt && options->errand != ERRAND_SCREEN) {
        return error_set(error, STATUS_MALFORMED, "--ptt belongs to the handset's screen");
    }
    if (options->is_unconfined && options->errand != ERRAND_SCREEN) {
        return error_set(error, STATUS_MALFORMED,
                         "--no-confinement belongs to the handset's screen");
    }
    if ((options->glyphs != NULL || options->palette != NULL) && options->errand != ERRAND_SCREEN) {
        return error_set(error, STATUS_MALFORMED,
                         "--glyphs and --palette belong to the handset's screen");
    }
    if (options->on_event != NULL && options->errand != ERRAND_SCREEN) {
        return error_set(error, STATUS_MALFORMED, "--on-event belongs to the handset's screen");
    }
    if (options->json && options->errand != ERRAND_STATUS && options->errand != ERRAND_GROUPS &&
        options->errand != ERRAND_NEARBY && options->errand != ERRAND_GROUP) {
        return error_set(error, STATUS_MALFORMED,
                         "--json belongs to muster status, groups, nearby and group");
    }
    if (options->says_yes && options->errand != ERRAND_ZEROISE &&
        options->errand != ERRAND_DELETE) {
        return error_set(error, STATUS_MALFORMED, "--yes belongs to muster zeroise and delete");
    }
    if (options->log != NULL && options->errand != ERRAND_SCREEN &&
        options->errand != ERRAND_ZEROISE) {
        return error_set(error, STATUS_MALFORMED, "--log belongs to the handset's screen");
    }
    if (options->log != NULL && strcmp(options->log, "-") == 0 && options->script == NULL &&
        !options->is_headless && options->errand == ERRAND_SCREEN) {
        return error_set(error, STATUS_MALFORMED,
                         "--log - would write over the screen: name a file, or use --script or "
                         "--headless");
    }
    if ((options->keeps_going || options->junit != NULL || options->tap != NULL) &&
        options->script == NULL) {
        return error_set(error, STATUS_MALFORMED,
                         "--keep-going, --junit and --tap belong to --script");
    }
    if (options_has_cards(options) && (options->voice != NULL || options->record != NULL)) {
        return error_set(error, STATUS_MALFORMED,
                         "--voice and --record are for files; --sound alsa has --microphone and "
                         "--speaker");
    }
    if (!options_has_cards(options) && (options->microphone != NULL || options->speaker != NULL)) {
        return error_set(error, STATUS_MALFORMED,
                         "--microphone and --speaker belong to --sound alsa");
    }
    return check_links(options, error);
}

/* Handsets nearby are met over whatever there is; who names a network means that one. The first is
 * taken where several are as good. */
static void take_default_links(struct options *options) {
    static const struct link_choice all[] = {{.kind = LINK_WIFI_DIRECT, .word = "wifi-direct"},
                                             {.kind = LINK_BLUETOOTH, .word = "bluetooth"},
                                             {.kind = LINK_UDP, .word = "udp"}};
    size_t first = options->interface != NULL || options->port != 0 ? 2 : 0;
    for (size_t i = first; i < sizeof all / sizeof all[0]; i++) {
        options->links[options->link_count++] = all[i];
    }
}

/* A person hears and speaks; a script, or a relay without a screen, does neither, and has no sound
 * unless it is given some. */
static void take_default_sound(struct options *options) {
    if (options->sound != NULL) {
        return;
    }
    if (options->voice != NULL || options->record != NULL) {
        options->sound = "wav";
    } else {
        bool has_nobody = options->script != NULL || options->is_headless;
        bool is_live = !has_nobody || options->microphone != NULL || options->speaker != NULL;
        options->sound = is_live ? "alsa" : "silence";
    }
}

enum status options_parse(int argc, char *argv[], struct options *options, struct error *error) {
    *options = (struct options){.crypto = "native",
                                .golden = "fixtures/golden",
                                .binding = BINDING_WHERE_POSSIBLE,
                                .tpm = TPM_DEVICE};
    (void)options_default_store(options->store);
    options->store_is_default = true;
    opterr = 0;
    optind = 1;
    for (int key; (key = getopt_long(argc, argv, ":", long_options, NULL)) != -1;) {
        const char *word = argv[optind - 1];
        if (key == ':') {
            return error_set(error, STATUS_MALFORMED, "%.80s wants a value; see muster --help",
                             word);
        }
        /* Within a cluster of letters, which muster has none of, optind has not moved on yet. */
        if (key == '?' && optopt > 0 && optopt < KEY_STORE) {
            return error_set(error, STATUS_MALFORMED, "unknown option -%c; see muster --help",
                             optopt);
        }
        if (key == '?') {
            return error_set(error, STATUS_MALFORMED, "unknown option %.80s; see muster --help",
                             word);
        }
        enum status status = take_option(options, key, optarg, error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    take_default_sound(options);
    if (options->link_count == 0) {
        take_default_links(options);
    }
    enum status status = take_subcommand(options, argc - optind, argv + optind, error);
    if (status == STATUS_OK) {
        status = options_check_verb(options, error);
    }
    if (status == STATUS_OK) {
        status = check_headless(options, error);
    }
    return status == STATUS_OK ? check(options, error) : status;
}
