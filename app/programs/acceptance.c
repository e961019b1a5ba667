/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/acceptance.h"

#include <stdio.h>
#include <string.h>

#include "app/identity/month.h"
#include "app/programs/question.h"

/* Whose keys are held is known to have asked for them, also where that was before requests were
 * remembered. That the bundle answers a request of this device for its identity and name was
 * checked when it was opened. */
static enum status check_asked(const struct acceptance *acceptance, struct error *error) {
    const struct credential *held = acceptance->held->latest, *new = acceptance->credential;
    bool is_renewal = strcmp(held->identity, new->identity) == 0 &&
                      strcmp(held->display_name, new->display_name) == 0;
    if (is_renewal || requests_have(acceptance->requests, new->issue.request)) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.120s: these are the keys of %s, and this handset has not asked for that "
                     "under this name; if it should have, make the request (again)",
                     acceptance->options->bundle, new->identity);
}

/* Of another domain, whose numbers tell nothing here, it is not older. */
static enum status check_number(const struct acceptance *acceptance, struct error *error) {
    const struct credential *held = acceptance->held->latest, *new = acceptance->credential;
    bool is_other = held->identity[0] != '\0' && !installation_is_same_domain(held, new);
    if (is_other || new->issue.number >= acceptance->requests->number) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.120s: the KMS made this bundle before the one that was installed last "
                     "(number %llu, that one had %llu); take its newest one",
                     acceptance->options->bundle, (unsigned long long)new->issue.number,
                     (unsigned long long)acceptance->requests->number);
}

static enum status check_certificate(const struct acceptance *acceptance, struct error *error) {
    const struct certificate *certificate = &acceptance->credential->certificate;
    char today[DAY_TEXT_SIZE], day[DAY_TEXT_SIZE];
    if (certificate->number == 0 || acceptance->now_ms < certificate->until_ms) {
        return STATUS_OK;
    }
    day_print(certificate->until_ms - 1, day);
    day_print(acceptance->now_ms, today);
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.120s: the root of its domain certified the KMS's keys until %s, and by "
                     "this machine's clock it is %s; fetch a newer bundle, or set the clock",
                     acceptance->options->bundle, day, today);
}

/* Anybody can make a domain: keys of one other than that of the keys held are not taken silently.
 */
static enum status check_domain(const struct acceptance *acceptance, const char *theirs,
                                struct error *error) {
    const struct credential *held = acceptance->held->latest;
    char ours[FINGERPRINT_SIZE];
    if (held->identity[0] == '\0' || acceptance->options->replace ||
        installation_is_same_domain(held, acceptance->credential)) {
        return STATUS_OK;
    }
    credential_fingerprint(held, ours);
    return error_set(
        error, STATUS_NOT_ALLOWED,
        "%.80s: its domain's fingerprint is %s, the one of the keys held is %s; if the "
        "KMS's operator reads out the new one, add --replace",
        acceptance->options->bundle, theirs, ours);
}

static enum status other_fingerprint(const struct acceptance *acceptance, const char *theirs,
                                     struct error *error) {
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.120s: its domain's fingerprint is %s, not the one that was read out; "
                     "fetch the bundle from the KMS itself",
                     acceptance->options->bundle, theirs);
}

/* The first bundle of a domain: somebody has to have heard from the KMS's operator which it is. A
 * script that has nobody to ask may install the first keys of a store, whose domain its output
 * names; it replaces none, and brings no other domain's beside those held. */
static enum status ask_fingerprint(const struct acceptance *acceptance, const char *theirs,
                                   struct error *error) {
    char typed[80];
    enum installed_domain installed;
    enum status status =
        installation_domain(acceptance->store, acceptance->credential, &installed, error);
    if (status != STATUS_OK || installed == INSTALLED_SAME) {
        return status;
    }
    if (!question_is_possible() && installed == INSTALLED_NONE) {
        return STATUS_OK;
    }
    if (!question_is_possible()) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.120s: this is the first bundle of its domain; give that domain's "
                         "fingerprint, as the KMS's operator reads it out, with --fingerprint",
                         acceptance->options->bundle);
    }
    printf("This is the first bundle of the domain %s.\n", acceptance->credential->kms);
    question_ask("Type its fingerprint, as the KMS's operator reads it out: ", typed, sizeof typed);
    return fingerprint_same(typed, theirs) ? STATUS_OK
                                           : other_fingerprint(acceptance, theirs, error);
}

/* The last bundle, or one from before it, is still in the mailbox: that is as it should be. */
static enum status check_renews(const struct acceptance *acceptance, struct error *error) {
    const struct credential *held = acceptance->held->latest, *new = acceptance->credential;
    if (strcmp(held->identity, new->identity) != 0 ||
        strcmp(held->display_name, new->display_name) != 0 ||
        !installation_has_same_keys(held, new)) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.120s: it gives more than new keys for %s; end Muster, and install it",
                         acceptance->options->bundle, held->identity);
    }
    if (new->issue.number <= acceptance->requests->number) {
        return error_set(error, STATUS_ALREADY_DONE, "%.120s: it is not newer than the last one",
                         acceptance->options->bundle);
    }
    return STATUS_OK;
}

enum status acceptance_check(const struct acceptance *acceptance, struct error *error) {
    const char *read_out = acceptance->options->fingerprint;
    char theirs[FINGERPRINT_SIZE];
    credential_fingerprint(acceptance->credential, theirs);
    if (read_out != NULL && !fingerprint_same(read_out, theirs)) {
        return other_fingerprint(acceptance, theirs, error);
    }
    enum status status = check_domain(acceptance, theirs, error);
    if (status == STATUS_OK && acceptance->is_running) {
        status = check_renews(acceptance, error);
    }
    if (status == STATUS_OK) {
        status = check_asked(acceptance, error);
    }
    if (status == STATUS_OK) {
        status = check_number(acceptance, error);
    }
    if (status == STATUS_OK) {
        status = check_certificate(acceptance, error);
    }
    bool is_known = read_out != NULL || acceptance->is_running || acceptance->is_look;
    return status == STATUS_OK && !is_known ? ask_fingerprint(acceptance, theirs, error) : status;
}
