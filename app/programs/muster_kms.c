/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * muster-kms: makes a domain, enrols handsets in it, and answers for what it did. The commands are
 * in app/programs/kms/.
 */
#include <stdio.h>
#include <string.h>

#include "app/identity/month.h"
#include "app/programs/command_line.h"
#include "app/programs/kms/commands.h"
#include "app/programs/kms/interruption.h"
#include "app/programs/machine.h"
#include "app/programs/memory.h"
#include "app/programs/permission.h"
#include "app/programs/version.h"
#include "app/text/duration.h"
#include "app/tpm/tpm.h"

static const struct option long_options[] = {
    {"uri", required_argument, NULL, OPTION_URI},
    {"passphrase-file", required_argument, NULL, OPTION_PASSPHRASE_FILE},
    {"new-passphrase-file", required_argument, NULL, OPTION_NEW_PASSPHRASE_FILE},
    {"crypto", required_argument, NULL, OPTION_CRYPTO},
    {"max-key-period", required_argument, NULL, OPTION_MAX_KEY_PERIOD},
    {"device-key", required_argument, NULL, OPTION_DEVICE_KEY},
    {"group", required_argument, NULL, OPTION_GROUP},
    {"month", required_argument, NULL, OPTION_MONTH},
    {"reason", required_argument, NULL, OPTION_REASON},
    {"within", required_argument, NULL, OPTION_WITHIN},
    {"authority", required_argument, NULL, OPTION_AUTHORITY},
    {"recovery", required_argument, NULL, OPTION_RECOVERY},
    {"half", required_argument, NULL, OPTION_HALF},
    {"half-passphrase-file", required_argument, NULL, OPTION_HALF_PASSPHRASE_FILE},
    {"head", required_argument, NULL, OPTION_HEAD},
    {"other-log", no_argument, NULL, OPTION_OTHER_LOG},
    {"servers", required_argument, NULL, OPTION_SERVERS},
    {"ca", required_argument, NULL, OPTION_CA},
    {"root", required_argument, NULL, OPTION_ROOT},
    {"root-passphrase-file", required_argument, NULL, OPTION_ROOT_PASSPHRASE_FILE},
    {"longest-period", required_argument, NULL, OPTION_LONGEST_PERIOD},
    {"tolerance", required_argument, NULL, OPTION_TOLERANCE},
    {"revoked", required_argument, NULL, OPTION_REVOKED},
    {"none-revoked", no_argument, NULL, OPTION_NONE_REVOKED},
    {"alike", no_argument, NULL, OPTION_ALIKE},
    {"replace", no_argument, NULL, OPTION_REPLACE},
    {"out", required_argument, NULL, OPTION_OUT},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static const struct command_line line = {.program = "muster-kms", .options = long_options};

struct verb {
    struct command_shape shape;
    enum status (*carry_out)(const struct order *order, struct error *error);
};

static const struct verb verbs[] = {
    {{"init",
      OPTIONS_OF_ALL | OPTION_URI | OPTION_RECOVERY | OPTION_HALF | OPTION_HALF_PASSPHRASE_FILE,
      OPTION_URI, 1, 1},
     command_init},
    {{"passphrase", OPTION_PASSPHRASE_FILE | OPTION_NEW_PASSPHRASE_FILE, 0, 1, 1},
     command_passphrase},
    {{"enroll",
      OPTIONS_OF_ALL | OPTION_MAX_KEY_PERIOD | OPTION_DEVICE_KEY | OPTION_GROUP | OPTION_REPLACE |
          OPTION_ALIKE | OPTION_OUT | OPTION_FORCE | OPTION_MONTH,
      OPTION_OUT, 2, 2},
     command_enroll},
    {{"renew", OPTIONS_OF_ALL | OPTION_OUT | OPTION_WITHIN, OPTION_OUT, 1, 1}, command_renew},
    {{"revoke", OPTIONS_OF_ALL | OPTION_REASON | OPTION_OUT | OPTION_FORCE, 0, 2, 2},
     command_revoke},
    {{"readmit", OPTIONS_OF_ALL | OPTION_REASON, 0, 2, 2}, command_readmit},
    {{"revoked", OPTIONS_OF_ALL | OPTION_OUT | OPTION_FORCE, 0, 1, 1}, command_revoked},
    {{"recover",
      OPTIONS_OF_ALL | OPTION_AUTHORITY | OPTION_HALF | OPTION_HALF_PASSPHRASE_FILE |
          OPTION_OTHER_LOG,
      OPTION_AUTHORITY, 2, 2},
     command_recover},
    {{"broker", OPTIONS_OF_ALL | OPTION_SERVERS | OPTION_CA | OPTION_OUT | OPTION_REPLACE,
      OPTION_OUT, 1, 1},
     command_broker},
    {{"root", OPTIONS_OF_ALL | OPTION_OUT | OPTION_ROOT_PASSPHRASE_FILE, OPTION_OUT, 1, 1},
     command_root},
    {{"certify", OPTIONS_OF_ALL | OPTION_ROOT | OPTION_ROOT_PASSPHRASE_FILE, 0, 1, 1},
     command_certify},
    {{"limits", OPTIONS_OF_ALL | OPTION_LONGEST_PERIOD | OPTION_TOLERANCE, 0, 1, 1},
     command_limits},
    {{"audit", OPTIONS_OF_ALL | OPTION_HEAD, 0, 1, 1}, command_audit},
    {{"backup", OPTIONS_OF_ALL, 0, 2, 2}, command_backup},
    {{"restore", OPTIONS_OF_ALL | OPTION_REVOKED | OPTION_NONE_REVOKED, 0, 2, 2}, command_restore},
    {{"settle", OPTIONS_OF_ALL | OPTION_REVOKED | OPTION_NONE_REVOKED, 0, 1, 1}, command_settle},
    {{"doctor", OPTIONS_OF_ALL | OPTION_HEAD, 0, 1, 1}, command_doctor},
    {{"list", OPTIONS_OF_ALL, 0, 1, 1}, command_list},
    {{"show", OPTIONS_OF_ALL, 0, 1, 2}, command_show},
};

static const char commands_text[] =
    "muster-kms: a key management server. It makes a domain and enrols handsets in it.\n"
    "\n"
    "  muster-kms init FILE --uri sip:kms@county.example [--recovery on [--half HALF]]\n"
    "      makes a new domain in FILE, sealed under a passphrase, and its root, which certifies "
    "the\n"
    "      domain's keys for a year. Handsets know the domain by the root's fingerprint. HALF is\n"
    "      the authority's: without it recover then opens nothing\n"
    "  muster-kms root FILE --out ROOT\n"
    "      moves the root's secret out of FILE into ROOT, which has a passphrase of its own and "
    "can\n"
    "      be kept elsewhere: it is needed once a year\n"
    "  muster-kms certify FILE [--root ROOT]\n"
    "      has the root certify the domain's keys for a year from now; makes a root if there is "
    "none\n"
    "  muster-kms limits FILE [--longest-period TIME] [--tolerance TIME]\n"
    "      says the domain's limits, which bundles made from now on carry, and shows them\n"
    "  muster-kms passphrase FILE\n"
    "      changes the domain's passphrase\n"
    "  muster-kms enroll FILE REQUEST --out BUNDLE\n"
    "      enrols the handset that wrote REQUEST; only that handset can open BUNDLE. It shows the\n"
    "      handset's device key, which its officer reads out, and at a terminal asks whether it "
    "is\n"
    "      that one; elsewhere --device-key compares it. The name in REQUEST is attested: others\n"
    "      see it as that identity's, so check that it is its own\n"
    "  muster-kms enroll FILE FOLDER --out FOLDER\n"
    "      enrols all whose requests are in the first folder, anna.request in anna.bundle: shows\n"
    "      their device keys, at a terminal asks whether they are right, and says what became of\n"
    "      each; if interrupted, it enrols the rest when run again\n"
    "  muster-kms renew FILE --out FOLDER\n"
    "      makes bundles in FOLDER for everybody whose monthly keys end soon, one for each month\n"
    "      that is missing; if interrupted, it makes the rest when run again\n"
    "  muster-kms revoke FILE IDENTITY [--reason TEXT] [--out LIST]\n"
    "      gives IDENTITY no new keys; handsets refuse it once one near them imports LIST\n"
    "  muster-kms revoked FILE [--out LIST]\n"
    "      prints the revoked identities, one per line, for managers to leave out; or makes LIST\n"
    "  muster-kms readmit FILE IDENTITY [--reason TEXT]\n"
    "      lets IDENTITY, which was revoked, be enrolled again, once nobody takes the keys of its\n"
    "      old handset any more: it says when that is\n"
    "  muster-kms list FILE\n"
    "      lists who is enrolled, since when and until when, and who is revoked\n"
    "  muster-kms show FILE [IDENTITY]\n"
    "      shows the domain, or one enrolment\n"
    "  muster-kms broker FILE [--servers tls://HOST:4222[,...] --ca CA.pem] --out FOLDER\n"
    "      sets where the domain's broker is: bundles made from now on give access to it; writes\n"
    "      its configuration, for nats-server, into FOLDER\n"
    "  muster-kms audit FILE [--head HEAD]\n"
    "      lists the audit log and checks its chain of hashes; or says whether the record that a\n"
    "      handset shows, or somebody noted down, is in it\n"
    "  muster-kms recover FILE MESSAGE --authority REFERENCE [--half HALF]\n"
    "      opens MESSAGE, a MIKEY-SAKKE I_MESSAGE to an identity of the domain, under lawful\n"
    "      authority, and prints what it carries; the audit log records it for good. Standard\n"
    "      groups' keys open in every domain, D2D connections and calls with recovery on\n";

static const char safekeeping_text[] =
    "  muster-kms backup FILE BACKUP\n"
    "      writes all of the domain into BACKUP, sealed under its passphrase, and prints the "
    "check\n"
    "      value that tells this state from every other\n"
    "  muster-kms restore FILE BACKUP [--revoked LIST | --none-revoked]\n"
    "      makes the domain in FILE, where there is none, as it was then. Who was revoked since "
    "is\n"
    "      not in it: it issues nothing before it is settled\n"
    "  muster-kms settle FILE --revoked LIST | --none-revoked\n"
    "      says who was revoked since the state that was put back: whom LIST names, the newest "
    "list\n"
    "      of the revoked that there is, or nobody\n"
    "  muster-kms doctor FILE [--head HEAD]\n"
    "      looks through the domain, its files and its clock; says what is to be done, and what\n"
    "      ends soon. It ends with 0 if nothing is to be done, and with 1 otherwise\n"
    "\n";

static const char options_text[] =
    "Options:\n"
    "  --passphrase-file FILE  the passphrase is the first line of FILE; asked for if not given\n"
    "  --new-passphrase-file FILE\n"
    "                          the new one likewise (passphrase)\n"
    "  --max-key-period TIME   the longest period of use of an ad-hoc GMK that the handset\n"
    "                          makes or accepts: 90m, 12h, 7d (enroll; 24h if not given)\n"
    "  --month YYYY-MM         the month of the keys: this one or the next (enroll; this one if\n"
    "                          not given; an ME's keys are fixed and have no month)\n"
    "  --within TIME           renew keys that end within this time: 7d (renew; before the end of\n"
    "                          the next month if not given)\n"
    "  --device-key DIGITS     the fingerprint that the handset's officer read out: another\n"
    "                          handset's request is refused (enroll)\n"
    "  --group URI             a standard group that the handset belongs to, by group identity:\n"
    "                          sip:fire7@county.example; give it once for each group, at every\n"
    "                          enrolment (enroll; renew keeps them)\n"
    "  --alike                 attest the name even though it looks like another identity's\n"
    "                          (enroll)\n"
    "  --replace               enrol even though the identity is enrolled for another handset\n"
    "                          (enroll); draw new keys, which ends all earlier access (broker)\n"
    "  --servers ADDRESSES     the broker's addresses, separated by commas (broker; as before)\n"
    "  --ca FILE               the certificate (PEM) of the CA that signs the broker's (broker; "
    "as\n"
    "                          before)\n"
    "  --reason TEXT           why, for the register and the audit log (revoke, readmit)\n"
    "  --recovery on|off       can the authority open the domain's D2D connections and calls\n"
    "                          (recover)? Every handset shows it; it cannot be changed later, and\n"
    "                          domains from before there was a choice have it off (init; off if\n"
    "                          not given)\n"
    "  --revoked LIST          the newest list of the revoked that there is (restore, settle)\n"
    "  --none-revoked          nobody was revoked since (restore, settle)\n"
    "  --half FILE             the authority's half of the recovery: made (init), needed "
    "(recover)\n"
    "  --half-passphrase-file FILE\n"
    "                          its passphrase is the first line of FILE\n"
    "  --head NUMBER:HASH      a record of the audit log, as it is shown: '57: 1a2b 3c4d 5e6f "
    "7a8b'\n"
    "                          (audit, doctor)\n"
    "  --other-log             open although the half saw another audit log (recover)\n"
    "  --root FILE             where the root's secret is, when it was moved there (certify)\n"
    "  --root-passphrase-file FILE\n"
    "                          its passphrase is the first line of FILE (root, certify)\n"
    "  --longest-period TIME   the longest period of use of any group's key: 35d (limits; 92d\n"
    "                          where nothing was said)\n"
    "  --tolerance TIME        how far clocks may be apart: 24h (limits)\n"
    "  --authority REFERENCE   who ordered the message to be opened, and by what order (recover)\n"
    "  --out FILE              where the bundle goes (enroll), the root's secret (root), the list "
    "of\n"
    "                          the revoked (revoke, revoked), or FOLDER (enroll, renew, broker)\n"
    "  --force                 overwrite FILE if it exists; of a folder, enrol anew also who was\n"
    "                          enrolled before (enroll)\n"
    "  --crypto NAME           the crypto module:";

static void print_help(void) {
    fputs(commands_text, stdout);
    fputs(safekeeping_text, stdout);
    fputs(options_text, stdout);
    for (unsigned n = 0; provider_name(n) != NULL; n++) {
        printf(" %s%s", provider_name(n),
               provider_find(provider_name(n)) != NULL ? "" : " (not on this machine)");
    }
    fputs("\n  --help, --version\n", stdout);
}

static enum status usage(struct error *error, const char *what, const char *which) {
    return command_line_usage(&line, error, what, which);
}

static enum status take_group(const char *group, struct order *order, struct error *error) {
    switch (group_list_add(&order->groups, group)) {
    case STATUS_OK:
        return STATUS_OK;
    case STATUS_ALREADY_DONE:
        return usage(error, "--group names this group twice: ", group);
    case STATUS_TOO_LONG:
        return usage(
            error,
            "a handset belongs to at most 16 groups, each of at most 95 letters; cannot add ",
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
    case OPTION_NEW_PASSPHRASE_FILE:
        order->new_passphrase_file = optarg;
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
    case OPTION_WITHIN:
        if (duration_parse(optarg, &order->within_ms) == STATUS_OK) {
            return STATUS_OK;
        }
        return usage(error, "--within takes a time like 7d, not ", optarg);
    case OPTION_AUTHORITY:
        order->authority = optarg;
        return STATUS_OK;
    case OPTION_RECOVERY:
        order->recovery = strcmp(optarg, "on") == 0;
        return order->recovery || strcmp(optarg, "off") == 0
                   ? STATUS_OK
                   : usage(error, "--recovery takes on or off, not ", optarg);
    case OPTION_SERVERS:
        order->servers = optarg;
        return STATUS_OK;
    case OPTION_CA:
        order->ca = optarg;
        return STATUS_OK;
    case OPTION_REVOKED:
        order->revoked = optarg;
        return STATUS_OK;
    case OPTION_HALF:
        order->half = optarg;
        return STATUS_OK;
    case OPTION_HALF_PASSPHRASE_FILE:
        order->half_passphrase_file = optarg;
        return STATUS_OK;
    case OPTION_HEAD:
        return audit_mark_read(optarg, &order->head) == STATUS_OK
                   ? STATUS_OK
                   : usage(error, "--head takes a record like '57: 1a2b 3c4d 5e6f 7a8b', not ",
                           optarg);
    case OPTION_ROOT:
        order->root = optarg;
        return STATUS_OK;
    case OPTION_ROOT_PASSPHRASE_FILE:
        order->root_passphrase_file = optarg;
        return STATUS_OK;
    case OPTION_LONGEST_PERIOD:
        return duration_parse(optarg, &order->longest_period_ms) == STATUS_OK
                   ? STATUS_OK
                   : usage(error, "--longest-period takes a time like 35d, not ", optarg);
    case OPTION_TOLERANCE:
        return duration_parse(optarg, &order->tolerance_ms) == STATUS_OK
                   ? STATUS_OK
                   : usage(error, "--tolerance takes a time like 24h, not ", optarg);
    case OPTION_REASON:
        order->reason = optarg;
        return STATUS_OK;
    case OPTION_MONTH:
        if (month_parse(optarg, &order->month_ms) == STATUS_OK) {
            return STATUS_OK;
        }
        return usage(error, "--month takes a month like 2026-12, not ", optarg);
    case OPTION_MAX_KEY_PERIOD:
        if (duration_parse(optarg, &order->max_key_period_ms) == STATUS_OK) {
            return STATUS_OK;
        }
        return usage(error, "--max-key-period takes a time like 12h, not ", optarg);
    default:
        return STATUS_OK;
    }
}

static enum status parse_options(int argc, char *argv[], struct order *order, struct error *error) {
    for (;;) {
        int option;
        enum status status = command_line_next(&line, argc, argv, &option, error);
        if (status == STATUS_OK && option == -1) {
            return STATUS_OK;
        }
        if (status == STATUS_OK) {
            status = take_option(option, order, error);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
}

/* The module asked for, or the first that is on this machine. */
static enum status find_provider(struct order *order, struct error *error) {
    if (order->crypto != NULL) {
        order->provider = provider_find(order->crypto);
    }
    for (unsigned n = 0; order->crypto == NULL && order->provider == NULL; n++) {
        if (provider_name(n) == NULL) {
            break;
        }
        order->provider = provider_find(provider_name(n));
    }
    return order->provider != NULL ? STATUS_OK
                                   : usage(error, "no such crypto module on this machine: ",
                                           order->crypto != NULL ? order->crypto : "any");
}

static enum status parse_verb(int argc, char *argv[], struct order *order, const struct verb **verb,
                              struct error *error) {
    if (optind == argc) {
        return usage(error, "no command was given", "");
    }
    const char *name = argv[optind++];
    *verb = NULL;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(name, verbs[i].shape.name) == 0) {
            *verb = &verbs[i];
        }
    }
    if (*verb == NULL) {
        return usage(error, "unknown command ", name);
    }
    enum status status =
        command_line_check(&line, &(*verb)->shape, order->given, argc, argv, error);
    if (status != STATUS_OK) {
        return status;
    }
    order->domain = argv[optind];
    order->argument = argv[optind + 1]; /* NULL after the last */
    return find_provider(order, error);
}

int main(int argc, char *argv[]) {
    struct order order = {.reason = "", .max_key_period_ms = INT64_C(24) * 3600 * 1000};
    struct error error = {0};
    const struct verb *verb = NULL;
    int code = EXIT_USAGE;
    machine_prepare();
    memory_keep_off_disk();
    interruption_prepare();
    tpm_use(TPM_DEVICE);
    enum status status = parse_options(argc, argv, &order, &error);
    if (status == STATUS_OK && (order.given & OPTION_HELP) != 0) {
        print_help();
        return command_line_finish(&line, EXIT_DONE);
    }
    if (status == STATUS_OK && (order.given & OPTION_VERSION) != 0) {
        puts("muster-kms " MUSTER_VERSION);
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
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "muster-kms: %s\n", error.text);
        return code;
    }
    return command_line_finish(&line, EXIT_DONE);
}
