/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * muster-kms: makes a domain and enrols handsets in it.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/file.h"
#include "app/kms/kms.h"
#include "app/programs/duration.h"
#include "app/programs/memory.h"
#include "app/programs/passphrase.h"
#include "app/programs/version.h"

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2
};

/* A bit for each option, so that a command can say which it takes. */
enum option_bit {
    OPTION_URI = 1 << 0,
    OPTION_PASSPHRASE_FILE = 1 << 1,
    OPTION_CRYPTO = 1 << 2,
    OPTION_MAX_KEY_PERIOD = 1 << 3,
    OPTION_REPLACE = 1 << 4,
    OPTION_OUT = 1 << 5,
    OPTION_FORCE = 1 << 6,
    OPTION_HELP = 1 << 7,
    OPTION_VERSION = 1 << 8,
    OPTION_DEVICE_KEY = 1 << 9,
    OPTION_GROUP = 1 << 10,
    OPTIONS_OF_ALL = OPTION_PASSPHRASE_FILE | OPTION_CRYPTO,
};

static const struct option long_options[] = {
    {"uri", required_argument, NULL, OPTION_URI},
    {"passphrase-file", required_argument, NULL, OPTION_PASSPHRASE_FILE},
    {"crypto", required_argument, NULL, OPTION_CRYPTO},
    {"max-key-period", required_argument, NULL, OPTION_MAX_KEY_PERIOD},
    {"device-key", required_argument, NULL, OPTION_DEVICE_KEY},
    {"group", required_argument, NULL, OPTION_GROUP},
    {"replace", no_argument, NULL, OPTION_REPLACE},
    {"out", required_argument, NULL, OPTION_OUT},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

/* What the command line says. */
struct order {
    unsigned given; /* enum option_bit */
    const char *uri;
    const char *passphrase_file;
    const char *crypto;
    const char *out;
    const char *device_key; /* its fingerprint */
    int64_t max_key_period_ms;
    struct group_list groups;
    const char *domain;   /* the domain's file */
    const char *argument; /* the request's file, or an identity; may be NULL */
    const struct provider *provider;
};

struct verb {
    const char *name;
    unsigned takes, needs; /* options */
    int arguments_least, arguments_most;
    enum status (*carry_out)(const struct order *order, struct error *error);
};

static enum status init(const struct order *order, struct error *error);
static enum status enroll(const struct order *order, struct error *error);
static enum status list(const struct order *order, struct error *error);
static enum status show(const struct order *order, struct error *error);

static const struct verb verbs[] = {
    {"init", OPTIONS_OF_ALL | OPTION_URI, OPTION_URI, 1, 1, init},
    {"enroll",
     OPTIONS_OF_ALL | OPTION_MAX_KEY_PERIOD | OPTION_DEVICE_KEY | OPTION_GROUP | OPTION_REPLACE |
         OPTION_OUT | OPTION_FORCE,
     OPTION_OUT, 2, 2, enroll},
    {"list", OPTIONS_OF_ALL, 0, 1, 1, list},
    {"show", OPTIONS_OF_ALL, 0, 1, 2, show},
};

static const char help_text[] =
    "muster-kms: a key management server. It makes a domain and enrols handsets in it.\n"
    "\n"
    "  muster-kms init FILE --uri sip:kms@county.example\n"
    "      makes a new domain in FILE, sealed under a passphrase\n"
    "  muster-kms enroll FILE REQUEST --out BUNDLE\n"
    "      enrols the handset that wrote REQUEST; only that handset opens BUNDLE\n"
    "  muster-kms list FILE\n"
    "      lists who is enrolled, since when and until when\n"
    "  muster-kms show FILE [IDENTITY]\n"
    "      shows the domain, or one enrolment\n"
    "\n"
    "Options:\n"
    "  --passphrase-file FILE  the passphrase is the first line of FILE; otherwise typed\n"
    "  --max-key-period TIME   the longest period of use of an ad-hoc GMK that the handset\n"
    "                          makes or accepts: 90m, 12h, 7d (enroll; 24h if not given)\n"
    "  --device-key DIGITS     the fingerprint that the handset's officer read out: another\n"
    "                          handset's request is refused (enroll)\n"
    "  --group URI             a standard group that the handset belongs to, as its group "
    "identity\n"
    "                          sip:fire7@county.example; once for each group, at every enrolment\n"
    "                          anew (enroll)\n"
    "  --replace               enrol although the identity is enrolled for another handset\n"
    "  --out FILE              where the bundle goes (enroll)\n"
    "  --force                 overwrite FILE if it exists (enroll)\n"
    "  --crypto NAME           the crypto module:";

static void print_help(void) {
    fputs(help_text, stdout);
    for (unsigned n = 0; provider_name(n) != NULL; n++)
        printf(" %s%s", provider_name(n),
               provider_find(provider_name(n)) != NULL ? "" : " (not on this machine)");
    fputs("\n  --help, --version\n", stdout);
}

static void print_moment(int64_t utc_ms) {
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm date;
    char text[40];
    strftime(text, sizeof text, "%Y-%m-%d %H:%M", gmtime_r(&seconds, &date));
    fputs(text, stdout);
}

static void print_until(int64_t until_ms) {
    if (until_ms == 0)
        fputs("no end", stdout);
    else
        print_moment(until_ms);
}

static enum status read_passphrase(const struct order *order, bool twice,
                                   struct secret **passphrase, struct error *error) {
    if (order->passphrase_file != NULL)
        return passphrase_from_file(order->passphrase_file, passphrase, error);
    return passphrase_from_terminal(
        twice ? "New passphrase of the domain: " : "Passphrase of the domain: ", twice, passphrase,
        error);
}

static void print_domain(const struct kms *kms) {
    char fingerprint[FINGERPRINT_SIZE];
    kms_fingerprint(kms, fingerprint);
    printf("domain       %s\nfingerprint  %s\n", kms_uri(kms), fingerprint);
}

static enum status init(const struct order *order, struct error *error) {
    struct secret *passphrase;
    struct kms *kms;
    enum status status = file_check_free(order->domain, false, error);
    if (status == STATUS_OK)
        status = read_passphrase(order, true, &passphrase, error);
    if (status != STATUS_OK)
        return status;
    status = kms_init(order->domain, order->uri, secret_span(passphrase), STORE_HARD,
                      order->provider, &entropy_system, &kms, error);
    secret_free(passphrase);
    if (status != STATUS_OK)
        return status;
    print_domain(kms);
    kms_close(kms);
    return STATUS_OK;
}

static enum status open_domain(const struct order *order, struct kms **kms, struct error *error) {
    struct secret *passphrase;
    *kms = NULL;
    if (!store_exists(order->domain))
        return error_set(error, STATUS_NOT_FOUND,
                         "%.150s: there is no such domain; muster-kms init makes one",
                         order->domain);
    enum status status = read_passphrase(order, false, &passphrase, error);
    if (status != STATUS_OK)
        return status;
    status = kms_open(order->domain, secret_span(passphrase), order->provider, kms, error);
    secret_free(passphrase);
    return status;
}

static enum status check_device_key(const struct order *order,
                                    const struct enrolment_request *request, struct error *error) {
    char fingerprint[FINGERPRINT_SIZE];
    device_key_fingerprint(request->device_key, fingerprint);
    if (order->device_key == NULL || fingerprint_same(order->device_key, fingerprint))
        return STATUS_OK;
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.150s: the request's device key is %s, not the one that was read out; ask "
                     "that handset for its request",
                     order->argument, fingerprint);
}

static enum status read_request(const struct order *order, struct enrolment_request *request,
                                struct error *error) {
    struct secret *text;
    enum status status = file_read(order->argument, ENROLMENT_TEXT_MAX, &text, error);
    if (status != STATUS_OK)
        return status;
    status = enrolment_request_read(order->argument, secret_span(text), request, error);
    secret_free(text);
    return status;
}

static void print_enrolment(const struct kms_enrolment *enrolment) {
    char fingerprint[FINGERPRINT_SIZE], period[DURATION_TEXT_SIZE];
    device_key_fingerprint(enrolment->device_key, fingerprint);
    duration_print(enrolment->max_key_period_ms, period);
    printf("identity     %s\nname         %s\ndevice key   %s\nenrolled     ", enrolment->identity,
           enrolment->display_name, fingerprint);
    print_moment(enrolment->enrolled_ms);
    fputs(" UTC\nuntil        ", stdout);
    print_until(enrolment->until_ms);
    printf("%s\nkey period   at most %s\n", enrolment->until_ms == 0 ? " (fixed keys)" : " UTC",
           period);
    for (size_t i = 0; i < enrolment->groups.count; i++)
        printf("group        %s\n", enrolment->groups.groups[i]);
}

static enum status enroll_in(struct kms *kms, const struct order *order,
                             const struct enrolment_request *request, struct error *error) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const struct kms_terms terms = {
        .now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
        .max_key_period_ms = order->max_key_period_ms,
        .replace = (order->given & OPTION_REPLACE) != 0,
        .groups = &order->groups,
    };
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    struct kms_enrolment enrolment;
    enum status status = kms_enroll(kms, request, &terms, &entropy_system, &bundle, error);
    if (status == STATUS_OK)
        status =
            file_write(order->out, writer_span(&bundle), (order->given & OPTION_FORCE) != 0, error);
    if (status == STATUS_OK)
        status = kms_find(kms, request->identity, &enrolment, error);
    if (status == STATUS_OK) {
        print_domain(kms);
        print_enrolment(&enrolment);
    }
    return status;
}

static enum status enroll(const struct order *order, struct error *error) {
    struct enrolment_request request;
    struct kms *kms;
    enum status status = read_request(order, &request, error);
    if (status == STATUS_OK)
        status = check_device_key(order, &request, error);
    if (status == STATUS_OK)
        status = file_check_free(order->out, (order->given & OPTION_FORCE) != 0, error);
    if (status == STATUS_OK)
        status = open_domain(order, &kms, error);
    if (status != STATUS_OK)
        return status;
    status = enroll_in(kms, order, &request, error);
    kms_close(kms);
    return status;
}

static void widen(void *context, const struct kms_enrolment *enrolment) {
    int *width = context, length = (int)strlen(enrolment->identity);
    if (length > *width)
        *width = length;
}

static void print_line(void *context, const struct kms_enrolment *enrolment) {
    char period[DURATION_TEXT_SIZE];
    const int *width = context;
    duration_print(enrolment->max_key_period_ms, period);
    printf("%-*s  ", *width, enrolment->identity);
    print_moment(enrolment->enrolled_ms);
    fputs("  ", stdout);
    print_until(enrolment->until_ms);
    printf("%s  %-6s  %s\n", enrolment->until_ms == 0 ? "          " : "", period,
           enrolment->display_name);
}

static enum status list(const struct order *order, struct error *error) {
    struct kms *kms;
    int width = (int)strlen("IDENTITY");
    enum status status = open_domain(order, &kms, error);
    if (status != STATUS_OK)
        return status;
    status = kms_list(kms, widen, &width, error);
    if (status == STATUS_OK) {
        printf("%-*s  %-16s  %-16s  %-6s  %s\n", width, "IDENTITY", "ENROLLED (UTC)", "UNTIL",
               "PERIOD", "NAME");
        status = kms_list(kms, print_line, &width, error);
    }
    kms_close(kms);
    return status;
}

static void count_enrolment(void *context, const struct kms_enrolment *enrolment) {
    (void)enrolment;
    ++*(size_t *)context;
}

static enum status show(const struct order *order, struct error *error) {
    struct kms *kms;
    struct kms_enrolment enrolment;
    size_t count = 0;
    enum status status = open_domain(order, &kms, error);
    if (status != STATUS_OK)
        return status;
    if (order->argument != NULL) {
        status = kms_find(kms, order->argument, &enrolment, error);
        if (status == STATUS_OK)
            print_enrolment(&enrolment);
    } else {
        status = kms_list(kms, count_enrolment, &count, error);
        if (status == STATUS_OK) {
            print_domain(kms);
            printf("enrolled     %zu\n", count);
        }
    }
    kms_close(kms);
    return status;
}

/* The name of an option by its bit. */
static const char *option_name(unsigned bit) {
    for (const struct option *option = long_options; option->name != NULL; option++)
        if ((unsigned)option->val == bit)
            return option->name;
    return "";
}

static enum status usage(struct error *error, const char *what, const char *which) {
    return error_set(error, STATUS_MALFORMED, "%s%.100s; muster-kms --help shows what there is",
                     what, which);
}

static enum status take_group(const char *group, struct order *order, struct error *error) {
    switch (group_list_add(&order->groups, group)) {
    case STATUS_OK:
        return STATUS_OK;
    case STATUS_ALREADY_DONE:
        return usage(error, "--group says this group twice: ", group);
    case STATUS_TOO_LONG:
        return usage(error, "a handset belongs to 16 groups at most, of 95 letters each; not to ",
                     group);
    default:
        return usage(error, "--group takes a group identity like sip:fire7@county.example, not ",
                     group);
    }
}

static enum status take_option(int option, struct order *order, struct error *error) {
    order->given |= (unsigned)option;
    switch (option) {
    case OPTION_URI:
        order->uri = optarg;
        return STATUS_OK;
    case OPTION_PASSPHRASE_FILE:
        order->passphrase_file = optarg;
        return STATUS_OK;
    case OPTION_CRYPTO:
        order->crypto = optarg;
        return STATUS_OK;
    case OPTION_OUT:
        order->out = optarg;
        return STATUS_OK;
    case OPTION_DEVICE_KEY:
        order->device_key = optarg;
        return STATUS_OK;
    case OPTION_GROUP:
        return take_group(optarg, order, error);
    case OPTION_MAX_KEY_PERIOD:
        if (duration_parse(optarg, &order->max_key_period_ms) == STATUS_OK)
            return STATUS_OK;
        return usage(error, "--max-key-period takes a time like 12h, not ", optarg);
    default:
        return STATUS_OK;
    }
}

static enum status parse_options(int argc, char *argv[], struct order *order, struct error *error) {
    int option;
    opterr = 0; /* the messages are ours */
    while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
        char letter[] = {'-', (char)optopt, '\0'};
        if (option == '?')
            return usage(error, "unknown option, or one with a value too many: ",
                         isalnum(optopt) ? letter : argv[optind - 1]);
        if (option == ':')
            return usage(error, "a value is missing after ", argv[optind - 1]);
        enum status status = take_option(option, order, error);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* The module asked for, or the first that is on this machine. */
static enum status find_provider(struct order *order, struct error *error) {
    if (order->crypto != NULL)
        order->provider = provider_find(order->crypto);
    for (unsigned n = 0; order->crypto == NULL && order->provider == NULL; n++) {
        if (provider_name(n) == NULL)
            break;
        order->provider = provider_find(provider_name(n));
    }
    return order->provider != NULL ? STATUS_OK
                                   : usage(error, "no such crypto module on this machine: ",
                                           order->crypto != NULL ? order->crypto : "any");
}

static enum status parse_verb(int argc, char *argv[], struct order *order, const struct verb **verb,
                              struct error *error) {
    if (optind == argc)
        return usage(error, "what to do is missing", "");
    const char *name = argv[optind++];
    *verb = NULL;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(name, verbs[i].name) == 0)
            *verb = &verbs[i];
    if (*verb == NULL)
        return usage(error, "unknown command ", name);
    unsigned foreign = order->given & ~(*verb)->takes, missing = (*verb)->needs & ~order->given;
    if (foreign != 0)
        return usage(error, "this command does not take --", option_name(foreign & -foreign));
    if (missing != 0)
        return usage(error, "this command needs --", option_name(missing));
    if (argc - optind < (*verb)->arguments_least)
        return usage(error, "a file is missing after ", argv[argc - 1]);
    if (argc - optind > (*verb)->arguments_most)
        return usage(error, "too many arguments, from ", argv[optind + (*verb)->arguments_most]);
    order->domain = argv[optind];
    order->argument = argv[optind + 1]; /* NULL after the last */
    return find_provider(order, error);
}

/* What was printed has to arrive as well. */
static int finish(void) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_DONE;
    fputs("muster-kms: standard output cannot be written; is its disk full?\n", stderr);
    return EXIT_FAILED;
}

int main(int argc, char *argv[]) {
    struct order order = {.max_key_period_ms = INT64_C(24) * 3600 * 1000};
    struct error error = {0};
    const struct verb *verb = NULL;
    int code = EXIT_USAGE;
    memory_keep_off_disk();
    enum status status = parse_options(argc, argv, &order, &error);
    if (status == STATUS_OK && (order.given & OPTION_HELP) != 0) {
        print_help();
        return finish();
    }
    if (status == STATUS_OK && (order.given & OPTION_VERSION) != 0) {
        puts("muster-kms " MUSTER_VERSION);
        return finish();
    }
    if (status == STATUS_OK)
        status = parse_verb(argc, argv, &order, &verb, &error);
    if (status == STATUS_OK) {
        code = EXIT_FAILED;
        status = verb->carry_out(&order, &error);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "muster-kms: %s\n", error.text);
        return code;
    }
    return finish();
}
