/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * muster-gm: manages a standard group without a screen: its roll, its keys, and their way to
 * thousands of members. The commands are in app/programs/gm/.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/programs/command_line.h"
#include "app/programs/gm/commands.h"
#include "app/programs/machine.h"
#include "app/programs/memory.h"
#include "app/programs/options.h"
#include "app/programs/permission.h"
#include "app/programs/version.h"
#include "app/text/duration.h"
#include "app/tpm/tpm.h"

static const struct option long_options[] = {
    {"store", required_argument, NULL, GM_STORE},
    {"passphrase-file", required_argument, NULL, GM_PASSPHRASE_FILE},
    {"crypto", required_argument, NULL, GM_CRYPTO},
    {"group", required_argument, NULL, GM_GROUP},
    {"out", required_argument, NULL, GM_OUT},
    {"name", required_argument, NULL, GM_NAME},
    {"list", required_argument, NULL, GM_LIST},
    {"period", required_argument, NULL, GM_PERIOD},
    {"begins-in", required_argument, NULL, GM_BEGINS_IN},
    {"over", required_argument, NULL, GM_OVER},
    {"wait", required_argument, NULL, GM_WAIT},
    {"new", no_argument, NULL, GM_NEW},
    {"again", required_argument, NULL, GM_AGAIN},
    {"from", required_argument, NULL, GM_FROM},
    {"fingerprint", required_argument, NULL, GM_FINGERPRINT},
    {"replace", no_argument, NULL, GM_REPLACE},
    {"replicas", required_argument, NULL, GM_REPLICAS},
    {"operator", required_argument, NULL, GM_OPERATOR},
    {"number", required_argument, NULL, GM_NUMBER},
    {"yes", no_argument, NULL, GM_YES},
    {"help", no_argument, NULL, GM_HELP},
    {"version", no_argument, NULL, GM_VERSION},
    {NULL, 0, NULL, 0},
};

enum {
    ANY_NUMBER = 1 << 20,
    OF_ROUND = GM_GROUP | GM_OVER | GM_WAIT | GM_LIST | GM_YES
};

static const struct command_line line = {.program = "muster-gm", .options = long_options};

struct verb {
    struct command_shape shape;
    enum status (*carry_out)(const struct gm_order *order, struct error *error);
};

static const struct verb verbs[] = {
    {{"request", GM_OF_ALL | GM_GROUP | GM_OUT | GM_NAME, GM_GROUP | GM_OUT, 0, 0}, gm_request},
    {{"install", GM_OF_ALL | GM_FINGERPRINT | GM_REPLACE, 0, 1, 1}, gm_install},
    {{"fetch", GM_OF_ALL | GM_GROUP | GM_FINGERPRINT | GM_REPLACE, 0, 0, 0}, gm_fetch},
    {{"import", GM_OF_ALL | GM_GROUP | GM_YES, 0, 1, 1}, gm_import},
    {{"add", GM_OF_ALL | GM_GROUP | GM_NAME, 0, 1, 1}, gm_add},
    {{"remove", GM_OF_ALL | GM_GROUP, 0, 1, 1}, gm_remove},
    {{"exclude", GM_OF_ALL | GM_GROUP | GM_FROM, 0, 0, ANY_NUMBER}, gm_exclude},
    {{"include", GM_OF_ALL | GM_GROUP, 0, 1, ANY_NUMBER}, gm_include},
    {{"revoked", GM_OF_ALL | GM_GROUP, 0, 1, 1}, gm_revoked},
    {{"rekey", GM_OF_ALL | OF_ROUND | GM_PERIOD | GM_BEGINS_IN | GM_NEW, 0, 0, 0}, gm_rekey},
    {{"deliver", GM_OF_ALL | OF_ROUND | GM_AGAIN, 0, 0, 0}, gm_deliver},
    {{"catch-up", GM_OF_ALL | GM_GROUP | GM_FROM | GM_YES | GM_NUMBER, 0, 0, 0}, gm_catch_up},
    {{"export", GM_OF_ALL | GM_GROUP | GM_OUT, GM_OUT, 0, 0}, gm_export},
    {{"receipts", GM_OF_ALL | GM_GROUP | GM_OVER | GM_WAIT, 0, 0, 0}, gm_receipts},
    {{"prepare", GM_OF_ALL | GM_GROUP | GM_REPLICAS | GM_OPERATOR, 0, 0, 0}, gm_prepare},
    {{"post", GM_OPERATOR, GM_OPERATOR, 1, 1}, gm_post},
    {{"members", GM_OF_ALL | GM_GROUP, 0, 0, 0}, gm_members},
    {{"status", GM_OF_ALL | GM_GROUP, 0, 0, 0}, gm_status},
};

static const char help_text[] =
    "muster-gm: manages a standard group: its members and its keys.\n"
    "\n"
    "  muster-gm request --group sip:fire7@county.example --out FILE\n"
    "      asks a KMS for the keys of the group identity: writes a request\n"
    "  muster-gm install BUNDLE        installs the bundle from the KMS\n"
    "  muster-gm fetch                 installs the bundle that waits at the broker\n"
    "  muster-gm import LIST           replaces the roll with this CSV file: identity,name; asks\n"
    "                                  before it takes members off\n"
    "  muster-gm add IDENTITY          puts one identity on the roll; remove takes it off\n"
    "  muster-gm exclude IDENTITY...   gives these no more keys; --from takes them from a list;\n"
    "                                  include lets them in again\n"
    "  muster-gm revoked LIST          takes the signed list of the revoked, which goes out with "
    "keys\n"
    "                                  from then on, and excludes whom it names\n"
    "  muster-gm rekey                 draws a new group key (GMK) and delivers it to all "
    "members;\n"
    "                                  if interrupted, it continues when run again\n"
    "  muster-gm deliver               delivers the key to members who lack it, and with --again\n"
    "                                  IDENTITY to this one as well\n"
    "  muster-gm catch-up              takes over what other managers of the group have left at "
    "the\n"
    "                                  broker: whom they excluded, and which key was the last;\n"
    "                                  with --from what one of them exported; with --yes says "
    "that\n"
    "                                  all whom members know to be excluded are excluded here\n"
    "  muster-gm export --out FILE     writes whom the group excludes, for another manager of it\n"
    "  muster-gm receipts              reads which members have confirmed the key\n"
    "  muster-gm prepare               sees whether the broker keeps deliveries; with --operator\n"
    "                                  makes it do so: its operator runs that once, first\n"
    "  muster-gm post FOLDER           puts the KMS's bundles in FOLDER into mailboxes at the "
    "broker,\n"
    "                                  from which muster fetch installs them (with --operator)\n"
    "  muster-gm members               lists the roll, and who has which key\n"
    "  muster-gm status                shows the state of the group\n"
    "\n";

static const char help_options[] =
    "Paths (--over PATH):\n"
    "  nats                    through the domain's broker, where keys wait for members who are\n"
    "                          away; the default if the KMS gave access\n"
    "  udp, udp:INTERFACE      over the local network, to members who are there\n"
    "  text:FOLDER             as text for SMS, e-mail or paper: one file for each member\n"
    "\n"
    "Options:\n"
    "  --store FILE            where keys and roll are kept: muster-gm's own store, or a "
    "handset's\n"
    "                          (default $XDG_STATE_HOME/muster/store)\n"
    "  --passphrase-file FILE  its passphrase is the first line of FILE; asked for if not given\n"
    "  --group URI             which group, if the store manages several\n"
    "  --list LIST             import LIST first (rekey, deliver)\n"
    "  --yes                   take members who are not in the list off the roll without asking\n"
    "                          (import, rekey, deliver), and draw a key though this machine's\n"
    "                          clock differs from the handsets' nearby or the broker's (rekey)\n"
    "  --period TIME           how long the key may be used: 12h, 30d (rekey; 30d if not given)\n"
    "  --begins-in TIME        how long until that begins (rekey; at once if not given)\n"
    "  --new                   draw a new key although one is still under way (rekey)\n"
    "  --again IDENTITY        deliver to this member again, on a new handset, say (deliver)\n"
    "  --from FILE             a list, one identity per line, as muster-kms revoked prints; - is\n"
    "                          standard input (exclude); or what was exported (catch-up)\n"
    "  --operator FILE         the operator's access, operator.access, which muster-kms broker\n"
    "                          wrote (prepare, post)\n"
    "  --replicas N            how many of the broker's servers keep deliveries: 1, 3 or 5\n"
    "                          (prepare --operator; 1 if not given)\n"
    "  --wait TIME             how long to wait for receipts (3s if not given)\n"
    "  --number N              up to which exclusion (catch-up --yes; that of which a member has\n"
    "                          objected if not given)\n"
    "  --name TEXT             the name of a member (add), or of the group (request)\n"
    "  --out FILE              where the request goes, or what is exported\n"
    "  --fingerprint DIGITS    of the bundle's domain, as the KMS's operator read it out "
    "(install)\n"
    "  --replace               install even though the keys held are of another domain (install)\n"
    "  --crypto NAME           the crypto module (default native)\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 success; 1 failure, explained in one line; 2 usage error.\n";

static enum status usage(struct error *error, const char *what, const char *which) {
    return command_line_usage(&line, error, what, which);
}

/* `what` ends in "not ". */
static enum status take_time(const char *what, const char *text, int64_t *time_ms,
                             struct error *error) {
    return duration_parse(text, time_ms) == STATUS_OK ? STATUS_OK : usage(error, what, text);
}

static bool take_number(const char *text, uint32_t *number) {
    char *end;
    unsigned long long read = strtoull(text, &end, 10);
    bool is_one = text[0] >= '0' && text[0] <= '9' && *end == '\0' && read > 0 &&
                  read <= MANAGED_VOUCHED_MAX; /* too great a one reads as the greatest */
    *number = is_one ? (uint32_t)read : 0;
    return is_one;
}

static enum status take_option(int option, struct gm_order *order, struct error *error) {
    order->given |= (unsigned)option;
    switch (option) {
    case GM_STORE:
        if (optarg[0] == '\0' || strlen(optarg) >= sizeof order->store) {
            return usage(error, "--store: not the path of a file", "");
        }
        strcpy(order->store, optarg);
        return STATUS_OK;
    case GM_PERIOD:
        return take_time("--period takes a time like 12h or 30d, not ", optarg, &order->period_ms,
                         error);
    case GM_BEGINS_IN:
        return take_time("--begins-in takes a time like 12h or 30d, not ", optarg,
                         &order->begins_in_ms, error);
    case GM_OPERATOR:
        order->operator_file = optarg;
        return STATUS_OK;
    case GM_REPLICAS:
        order->replicas = (unsigned)strtoul(optarg, NULL, 10);
        return order->replicas == 1 || order->replicas == 3 || order->replicas == 5
                   ? STATUS_OK
                   : usage(error, "--replicas is 1, 3 or 5, not ", optarg);
    case GM_NUMBER:
        return take_number(optarg, &order->number)
                   ? STATUS_OK
                   : usage(error, "--number takes the number of an exclusion, not ", optarg);
    case GM_WAIT:
        return take_time("--wait takes a time like 12h or 30d, not ", optarg, &order->wait_ms,
                         error);
    default:
        break;
    }
    const struct {
        int option;
        const char **text;
    } texts[] = {{GM_PASSPHRASE_FILE, &order->passphrase_file},
                 {GM_CRYPTO, &order->crypto},
                 {GM_GROUP, &order->group},
                 {GM_OUT, &order->out},
                 {GM_NAME, &order->name},
                 {GM_LIST, &order->list},
                 {GM_OVER, &order->over},
                 {GM_AGAIN, &order->again},
                 {GM_FROM, &order->from},
                 {GM_FINGERPRINT, &order->fingerprint}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].option == option) {
            *texts[i].text = optarg;
        }
    }
    return STATUS_OK;
}

static enum status parse_options(int argc, char *argv[], struct gm_order *order,
                                 struct error *error) {
    int option;
    for (;;) {
        enum status status = command_line_next(&line, argc, argv, &option, error);
        if (status == STATUS_OK && option != -1) {
            status = take_option(option, order, error);
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (option == -1) {
            break;
        }
    }
    if ((order->given & GM_STORE) == 0 && !options_default_store(order->store)) {
        return usage(error, "there is no home folder for the store; give --store FILE", "");
    }
    return STATUS_OK;
}

static enum status find_verb(const char *name, const struct verb **verb, struct error *error) {
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        *verb = &verbs[i];
        if (strcmp(name, verbs[i].shape.name) == 0) {
            return STATUS_OK;
        }
    }
    return usage(error, "unknown command ", name);
}

static enum status parse_verb(int argc, char *argv[], struct gm_order *order,
                              const struct verb **verb, struct error *error) {
    if (optind == argc) {
        return usage(error, "no command was given", "");
    }
    enum status status = find_verb(argv[optind++], verb, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = command_line_check(&line, &(*verb)->shape, order->given, argc, argv, error);
    if (status != STATUS_OK) {
        return status;
    }
    order->arguments = argv + optind;
    order->argument_count = argc - optind;
    order->provider = provider_find(order->crypto == NULL ? "native" : order->crypto);
    return order->provider != NULL
               ? STATUS_OK
               : usage(error, "no such crypto module on this machine: ", order->crypto);
}

int main(int argc, char *argv[]) {
    struct gm_order order = {
        .period_ms = INT64_C(30) * 24 * 3600 * 1000, .wait_ms = 3000, .replicas = 1};
    struct error error = {0};
    const struct verb *verb = NULL;
    int code = EXIT_USAGE;
    machine_prepare();
    memory_keep_off_disk();
    tpm_use(TPM_DEVICE);
    enum status status = parse_options(argc, argv, &order, &error);
    if (status == STATUS_OK && (order.given & GM_HELP) != 0) {
        fputs(help_text, stdout);
        fputs(help_options, stdout);
        return command_line_finish(&line, EXIT_DONE);
    }
    if (status == STATUS_OK && (order.given & GM_VERSION) != 0) {
        puts("muster-gm " MUSTER_VERSION);
        return command_line_finish(&line, EXIT_DONE);
    }
    if (status == STATUS_OK) {
        status = parse_verb(argc, argv, &order, &verb, &error);
    }
    if (status == STATUS_OK) {
        code = EXIT_FAILED;
        status = machine_has_descriptors("the program cannot start", &error);
    }
    if (status == STATUS_OK) {
        status = permission_give_up(&error);
    }
    if (status == STATUS_OK) {
        status = verb->carry_out(&order, &error);
        if (status == STATUS_OK) {
            code = EXIT_DONE;
        }
    }
    code = command_line_finish(&line, code);
    if (status != STATUS_OK) {
        fprintf(stderr, "muster-gm: %s\n", error.text);
    }
    return code;
}
