/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/subcommands.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "app/broker/access.h"
#include "app/file.h"
#include "app/identity/month.h"
#include "app/programs/clocks.h"
#include "app/programs/fetch.h"
#include "app/programs/installing.h"
#include "app/programs/memory.h"
#include "app/programs/new_passphrase.h"
#include "app/programs/opening.h"
#include "app/programs/passphrase.h"
#include "app/programs/question.h"
#include "app/programs/rebinding.h"
#include "app/programs/requesting.h"
#include "app/store/store.h"

enum status subcommand_passphrase(const struct options *options, struct secret **passphrase,
                                  struct error *error) {
    if (!store_exists(options->store)) {
        return new_passphrase_get(options->passphrase_file,
                                  "New passphrase (at least 8 characters): ", passphrase, error);
    }
    return options->passphrase_file != NULL
               ? passphrase_from_file(options->passphrase_file, passphrase, error)
               : passphrase_from_terminal("Passphrase: ", false, passphrase, error);
}

enum status subcommand_make_folder(const struct options *options, struct error *error) {
    char folder[PATH_MAX];
    if (!options->store_is_default) {
        return STATUS_OK;
    }
    strcpy(folder, options->store);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
            return error_set(error, STATUS_IO_FAILED, "cannot make the folder %.200s: %s", folder,
                             strerror(errno));
        }
        *slash = '/';
    }
    return STATUS_OK;
}

static enum status require_store(const struct options *options, struct error *error) {
    if (store_exists(options->store)) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_FOUND,
                     "%.150s: there is no store; make one with muster request", options->store);
}

/* Opens the store of the options, or makes it where `may_create`. */
static enum status open_store(const struct options *options, bool may_create, struct store **store,
                              struct error *error) {
    struct secret *passphrase = NULL;
    enum status status =
        may_create ? subcommand_make_folder(options, error) : require_store(options, error);
    if (status == STATUS_OK) {
        status = binding_check(options->store, error);
    }
    if (status == STATUS_OK) {
        status = subcommand_passphrase(options, &passphrase, error);
    }
    if (status == STATUS_OK && (!may_create || store_exists(options->store))) {
        status = store_open(options->store, secret_span(passphrase), store, error);
    } else if (status == STATUS_OK) {
        status = store_create_bound(options->store, secret_span(passphrase), STORE_HARD,
                                    options->binding, &entropy_system, store, error);
    }
    secret_free(passphrase);
    return status;
}

/* --- Request -----------------------------------------------------------------------------------
 */

enum status subcommand_request(const struct options *options, FILE *out, struct error *error) {
    struct enrolment_request request;
    struct store *store = NULL;
    enum status status = requesting_fill("--", options->identity, options->name, &request, error);
    if (status == STATUS_OK) {
        status = file_check_free(options->out, false, error);
    }
    if (status == STATUS_OK) {
        status = open_store(options, true, &store, error);
    }
    if (status == STATUS_OK) {
        status = requesting_keep(options, store, &request, error);
    }
    if (status == STATUS_OK) {
        status = requesting_write(&request, options->out, false, error);
    }
    if (status == STATUS_OK) {
        char fingerprint[FINGERPRINT_SIZE];
        device_key_fingerprint(request.device_key, fingerprint);
        fprintf(out, "Request for %s written to %s.\nThis handset's device key: %s\n",
                request.identity, options->out, fingerprint);
        rebinding_print(options->store, store_is_bound(store), out);
    }
    if (store != NULL) {
        store_close(store);
    }
    return status;
}

/* --- Install -----------------------------------------------------------------------------------
 */

/* The KMS goes on all the same; its operator can say whether it was restored from a backup. */
static void print_other_log(FILE *out, const struct credential *held,
                            const struct credential *new) {
    char before[LOG_HEAD_TEXT_SIZE], now[LOG_HEAD_TEXT_SIZE];
    if (!installation_is_same_domain(held, new) || !log_head_differs(&held->log, &new->log)) {
        return;
    }
    log_head_print(&held->log, before);
    log_head_print(&new->log, now);
    fprintf(out,
            "The KMS's audit log is not the one from which the keys held were issued: it ended "
            "with\n  %s\nthen and ends with\n  %s\nnow. Ask the KMS's operator whether it was "
            "restored from an older state.\n",
            before, now);
}

/* Exclusions are kept under names that are made with the domain's keys (app/manager/exclusions.h).
 */
static void print_other_domain(FILE *out, const struct options *options,
                               const struct credential *held, const struct credential *new) {
    if (options->manages && held->identity[0] != '\0' && !installation_has_same_keys(held, new)) {
        fputs("These are another domain's keys: whom the group excludes stays excluded if it is on "
              "the roll; exclude anybody else again.\n",
              out);
    }
}

static void print_installed(const struct installing *installing, FILE *out) {
    const struct options *options = installing->options;
    const struct credential *credential = installing->credential;
    const struct access *access = installing->access;
    char fingerprint[FINGERPRINT_SIZE], month[MONTH_TEXT_SIZE] = "";
    credential_fingerprint(credential, fingerprint);
    if (!identity_is_me(credential->identity)) {
        month_print(credential->period_start_ms, month);
    }
    bool is_compared = options->fingerprint != NULL || question_is_possible();
    fprintf(out, "Installed the keys of %s%s%s from %s.\n%s: %s\n", credential->identity,
            month[0] == '\0' ? "" : " for ", month, credential->kms,
            is_compared ? "The domain's fingerprint"
                        : "Compare the domain's fingerprint with the KMS's",
            fingerprint);
    if (access != NULL) {
        char day[DAY_TEXT_SIZE];
        day_print(access->until_ms - 1, day);
        fprintf(out, "Access to the broker at %s until %s\n", access->servers, day);
    }
    if (installing->list.number != 0) {
        fprintf(out, "A newer list of the revoked, which names %zu\n", installing->list.count);
    }
    print_other_log(out, installing->held.latest, credential);
    print_other_domain(out, options, installing->held.latest, credential);
}

enum status subcommand_install_text(const struct options *options, const struct provider *provider,
                                    struct store *store, const struct secret *text, FILE *out,
                                    struct error *error) {
    struct installing installing = {
        .options = options, .provider = provider, .store = store, .now_ms = clocks_now(0).utc_ms};
    const struct revocation *list = &installing.list;
    enum status status = installing_check(&installing, secret_span(text), error);
    if (status == STATUS_OK) {
        status = installation_add(&installing.held, store, installing.credential, installing.access,
                                  list->number == 0 ? NULL : list, &installing.requests,
                                  installing.now_ms, error);
    }
    if (status == STATUS_OK) {
        print_installed(&installing, out);
    }
    installing_clear(&installing);
    return status;
}

enum status subcommand_install(const struct options *options, const struct provider *provider,
                               FILE *out, struct error *error) {
    struct secret *text = NULL;
    struct store *store = NULL;
    enum status status = file_read(options->bundle, ENROLMENT_FILE_MAX, &text, error);
    if (status == STATUS_OK) {
        status = open_store(options, false, &store, error);
    }
    if (status == STATUS_OK) {
        status = subcommand_install_text(options, provider, store, text, out, error);
    }
    secret_free(text);
    if (store != NULL) {
        store_close(store);
    }
    return status;
}

enum status subcommand_fetch(const struct options *options, const struct provider *provider,
                             FILE *out, struct error *error) {
    struct options of_broker = *options;
    struct secret *text = NULL;
    struct store *store = NULL;
    of_broker.bundle = "the bundle at the broker";
    enum status status = open_store(options, false, &store, error);
    if (status == STATUS_OK) {
        status = fetch_bundle(store, NULL, &text, error);
    }
    if (status == STATUS_OK) {
        status = subcommand_install_text(&of_broker, provider, store, text, out, error);
    }
    secret_free(text);
    if (store != NULL) {
        store_close(store);
    }
    return status;
}

/* --- Status ------------------------------------------------------------------------------------
 */

/* Prints a remaining time in its two largest units. */
static void print_left(FILE *out, int64_t left_ms) {
    long long minutes = (long long)left_ms / 60000;
    if (minutes >= 24 * 60) {
        fprintf(out, "%lld d %lld h left", minutes / (24 * 60), minutes / 60 % 24);
    } else if (minutes >= 60) {
        fprintf(out, "%lld h %lld min left", minutes / 60, minutes % 60);
    } else if (minutes >= 1) {
        fprintf(out, "%lld min left", minutes);
    } else {
        fprintf(out, "%lld s left", (long long)left_ms / 1000);
    }
}

static void print_group(FILE *out, const struct view_group *group) {
    fprintf(out, "group: %s, %s, GMK %08X, ", group->name,
            group->kind == GROUP_ADHOC ? "ad-hoc" : "standard", (unsigned)group->gmk_id);
    if (group->kind == GROUP_ADHOC) {
        fprintf(out, "%zu members, ", group->member_count);
    }
    if (group->gmk_state == GMK_USABLE) {
        print_left(out, group->remaining_ms);
    } else {
        fputs(group->gmk_state == GMK_EXPIRED ? "expired" : "not yet usable", out);
    }
    fprintf(out, "\n  %s\n", group->identity);
    for (size_t i = 0; i < group->member_count; i++) {
        fprintf(out, "  %s  %s\n", group->members[i].identity, group->members[i].name);
    }
}

/* When monthly keys end. */
static void print_end(FILE *out, const struct view *view) {
    char day[DAY_TEXT_SIZE];
    int64_t left_ms = view->credential.ends_utc_ms - view->utc_ms;
    day_print(view->credential.ends_utc_ms - 1, day);
    if (left_ms <= 0) {
        fprintf(out, "keys ended on: %s\n", day);
        return;
    }
    fprintf(out, "keys end on: %s, ", day);
    print_left(out, left_ms);
    fputc('\n', out);
}

/* When the access to the broker ends: that to talk, and what is left after it. */
static void print_access(FILE *out, struct store *store, int64_t now_ms) {
    struct access *access;
    struct error error;
    char day[DAY_TEXT_SIZE], fetch_day[DAY_TEXT_SIZE];
    enum status status = access_load(store, NULL, &access, &error);
    if (status != STATUS_OK) {
        fprintf(out, "access to a broker: %s\n",
                status == STATUS_NOT_FOUND ? "none" : status_text(status));
        return;
    }
    day_print(access->until_ms - 1, day);
    day_print(access->fetch_until_ms - 1, fetch_day);
    int64_t left_ms = access->until_ms - now_ms;
    fprintf(out, "access to the broker %s on: %s", left_ms > 0 ? "ends" : "ended", day);
    if (left_ms > 0) {
        fputs(", ", out);
        print_left(out, left_ms);
    }
    if (access->fetch_until_ms > access->until_ms) {
        fprintf(out, "; %s what is kept for it until %s",
                now_ms < access->fetch_until_ms ? "it fetches" : "it fetched", fetch_day);
    }
    fputc('\n', out);
    access_free(access);
}

static void print_revoked(FILE *out, const struct view_revoked *revoked) {
    const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;
    if (!revoked->has_list) {
        fputs("list of the revoked: none\n", out);
        return;
    }
    fprintf(out, "list of the revoked: names %zu, %lld days old%s\n", revoked->count,
            (long long)(revoked->age_ms / day_ms),
            revoked->is_self ? ", and this identity among them: others refuse it" : "");
}

static void print_view(FILE *out, const struct view *view) {
    fprintf(out, "identity: %s\nname: %s\nKMS: %s\ndomain fingerprint: %s\nkeys: %s%s%s\n",
            view->identity, view->name, view->credential.kms, view->credential.fingerprint,
            view->credential.fixed ? "fixed" : "monthly", view->credential.fixed ? "" : ", ",
            view->credential.months);
    if (!view->credential.fixed) {
        print_end(out, view);
    }
    if (view->credential.log[0] != '\0') {
        fprintf(out, "KMS's audit log: %s\n", view->credential.log);
    }
    print_revoked(out, &view->revoked);
    fprintf(out, "groups: %zu\n", view->group_count);
    for (size_t i = 0; i < view->group_count; i++) {
        print_group(out, &view->groups[i]);
    }
}

enum status subcommand_open_handset(const struct options *options, const struct provider *provider,
                                    bool to_read, struct opening *opening, struct error *error) {
    struct secret *passphrase = NULL;
    uint64_t boot_id;
    *opening = (struct opening){.path = options->store,
                                .to_read = to_read,
                                .strength = STORE_HARD,
                                .provider = provider,
                                .entropy = entropy_system};
    enum status status = require_store(options, error);
    if (status == STATUS_OK) {
        status = clocks_boot_id(&boot_id, error);
    }
    if (status == STATUS_OK) {
        status = subcommand_passphrase(options, &passphrase, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    opening->passphrase = secret_span(passphrase);
    opening->now = clocks_now(boot_id);
    status = opening_run(opening, error);
    opening->passphrase = (struct span){NULL, 0};
    secret_free(passphrase);
    return status;
}

enum status subcommand_status(const struct options *options, const struct provider *provider,
                              FILE *out, struct error *error) {
    struct opening opening;
    enum status status = subcommand_open_handset(options, provider, true, &opening, error);
    if (status == STATUS_OK && opening.handset == NULL) {
        fprintf(out, "identity: none yet; ask a KMS for keys with muster request\n");
    } else if (status == STATUS_OK) {
        print_view(out, handset_view(opening.handset, opening.now));
        print_access(out, opening.store, opening.now.utc_ms);
    }
    if (status == STATUS_OK) {
        rebinding_print(options->store, store_is_bound(opening.store), out);
    }
    if (status == STATUS_OK && store_is_copy(opening.store)) {
        fprintf(out,
                "disk: read-only; muster and muster install need one that they can write to\n");
    }
    if (status == STATUS_OK) {
        const char *warning = memory_warning();
        fprintf(out, "memory: %s\n", warning == NULL ? "locked" : warning);
    }
    opening_undo(&opening);
    return status;
}
