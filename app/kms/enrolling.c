/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/enrolling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/identity/month.h"
#include "app/kms/domain.h"
#include "app/kms/names.h"

#define DRAFT_NAME ".enrolment.draft"

/* What the register says of an applicant's identity. */
struct held {
    bool is_there;
    int64_t until_ms;
    uint64_t number, term;
    uint8_t device_key[DEVICE_KEY_SIZE];
    enum status revoked; /* STATUS_OK: it is not */
    struct error why;
};

struct plan {
    struct kms *kms;
    const struct enrolling *enrolling;
    struct held *held;   /* of each applicant */
    size_t *by_identity; /* the applicants, sorted */
    struct names *names;
    struct product *products;
    size_t *applicants; /* of each product */
    size_t count;
    bool no_memory;
};

static void decide(const struct enrolling *enrolling, size_t n, enum applicant_state state) {
    struct applicant *applicant = &enrolling->applicants[n];
    applicant->state = state;
    enrolling->on_state(enrolling->context, applicant);
}

/* --- What the register has ------------------------------------------------------------------ */

static int compare_identities(const void *a, const void *b, void *context) {
    const struct applicant *applicants = context;
    size_t one = *(const size_t *)a, two = *(const size_t *)b;
    int order = strcmp(applicants[one].request.identity, applicants[two].request.identity);
    return order != 0 ? order : one < two ? -1 : one > two;
}

/* The first of the sorted applicants whose identity is not before that one. */
static size_t first_of(const struct plan *plan, const char *identity) {
    const struct applicant *applicants = plan->enrolling->applicants;
    size_t low = 0, high = plan->enrolling->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(applicants[plan->by_identity[middle]].request.identity, identity) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void note_entry(void *context, const struct register_entry *entry) {
    struct plan *plan = context;
    const struct enrolling *enrolling = plan->enrolling;
    if (entry->revoked_ms == 0 && plan->names != NULL &&
        names_add(plan->names, entry->identity, entry->display_name) != STATUS_OK) {
        plan->no_memory = true;
    }
    for (size_t i = first_of(plan, entry->identity); i < enrolling->count; i++) {
        size_t n = plan->by_identity[i];
        if (strcmp(enrolling->applicants[n].request.identity, entry->identity) != 0) {
            break;
        }
        struct held *held = &plan->held[n];
        *held = (struct held){.is_there = true,
                              .until_ms = entry->until_ms,
                              .number = entry->number,
                              .term = kms_held_term(entry, &enrolling->applicants[n].request)};
        memcpy(held->device_key, entry->device_key, sizeof held->device_key);
        held->revoked = register_check_revoked(entry, &held->why);
    }
}

/* --- Who is enrolled ------------------------------------------------------------------------ */

/* Another one in this run, before it, with its identity; SIZE_MAX when there is none. */
static size_t twin_of(const struct plan *plan, size_t n) {
    const struct applicant *applicants = plan->enrolling->applicants;
    for (size_t i = first_of(plan, applicants[n].request.identity);
         i < plan->enrolling->count && plan->by_identity[i] < n; i++) {
        size_t twin = plan->by_identity[i];
        if (strcmp(applicants[twin].request.identity, applicants[n].request.identity) != 0) {
            break;
        }
        if (applicants[twin].state != APPLICANT_REFUSED) {
            return twin;
        }
    }
    return SIZE_MAX;
}

/* Another one in this run with its identity and another device key; SIZE_MAX when there is none. */
static size_t rival_of(const struct plan *plan, size_t n) {
    const struct applicant *applicants = plan->enrolling->applicants;
    const struct enrolment_request *request = &applicants[n].request;
    for (size_t i = first_of(plan, request->identity); i < plan->enrolling->count; i++) {
        const struct enrolment_request *other = &applicants[plan->by_identity[i]].request;
        if (strcmp(other->identity, request->identity) != 0) {
            break;
        }
        if (memcmp(other->device_key, request->device_key, DEVICE_KEY_SIZE) != 0) {
            return plan->by_identity[i];
        }
    }
    return SIZE_MAX;
}

/* Which of several handsets an identity is for, the register says; where it does not, only somebody
 * who compares device keys can: the name of a file is nobody's word. */
static enum status check_device(const struct plan *plan, size_t n, struct error *error) {
    const struct enrolling *enrolling = plan->enrolling;
    const struct enrolment_request *request = &enrolling->applicants[n].request;
    const struct held *held = &plan->held[n];
    if (held->is_there && !enrolling->terms->replace) {
        return memcmp(held->device_key, request->device_key, DEVICE_KEY_SIZE) == 0
                   ? STATUS_OK
                   : kms_refuse_other_device(request, held->device_key, error);
    }
    size_t rival = rival_of(plan, n);
    return rival == SIZE_MAX
               ? STATUS_OK
               : error_set(error, STATUS_NOT_ALLOWED,
                           "%.100s: %.150s asks for this identity with another device key; leave "
                           "the one here whose device key its officer reads out",
                           request->identity, enrolling->applicants[rival].request_name);
}

static bool has_its_keys(const struct plan *plan, size_t n) {
    const struct enrolling *enrolling = plan->enrolling;
    const struct applicant *applicant = &enrolling->applicants[n];
    const struct held *held = &plan->held[n];
    int64_t month_ms =
        enrolling->terms->month_ms != 0 ? enrolling->terms->month_ms : enrolling->terms->now_ms;
    return held->is_there && applicant->has_bundle && !enrolling->anew &&
           memcmp(held->device_key, applicant->request.device_key, DEVICE_KEY_SIZE) == 0 &&
           (held->until_ms == 0 || held->until_ms >= month_start(month_ms, 1));
}

/* As kms_enroll, of what does not need the register. */
static enum status check_alone(const struct plan *plan, size_t n, struct error *error) {
    const struct enrolment_request *request = &plan->enrolling->applicants[n].request;
    struct kms_terms terms = *plan->enrolling->terms;
    terms.refuse_alike = false;
    return kms_check_terms(plan->kms, request, &terms, error);
}

static enum status check_applicant(const struct plan *plan, size_t n, struct error *error) {
    const struct enrolling *enrolling = plan->enrolling;
    const struct enrolment_request *request = &enrolling->applicants[n].request;
    const struct held *held = &plan->held[n];
    enum status status = check_alone(plan, n, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (held->is_there && held->revoked != STATUS_OK) {
        *error = held->why;
        return held->revoked;
    }
    status = check_device(plan, n, error);
    if (status != STATUS_OK) {
        return status;
    }
    size_t twin = twin_of(plan, n);
    if (twin != SIZE_MAX) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.100s: %.150s asks for this identity as well; leave one of them here",
                         request->identity, enrolling->applicants[twin].request_name);
    }
    const char *other = plan->names == NULL
                            ? NULL
                            : names_find(plan->names, request->identity, request->display_name);
    return other == NULL ? STATUS_OK
                         : error_set(error, STATUS_NOT_ALLOWED,
                                     "%.100s: its name looks like that of %.100s, or like its "
                                     "number; have another one asked for, or enrol it alone with "
                                     "--alike",
                                     request->identity, other);
}

static void add_product(struct plan *plan, size_t n) {
    const struct kms_terms *terms = plan->enrolling->terms;
    int64_t month_ms = terms->month_ms != 0 ? terms->month_ms : terms->now_ms;
    const struct enrolment_request *request = &plan->enrolling->applicants[n].request;
    plan->applicants[plan->count] = n;
    plan->products[plan->count++] =
        (struct product){.request = *request,
                         .month_ms = identity_is_me(request->identity) ? 0 : month_ms,
                         .max_key_period_ms = terms->max_key_period_ms,
                         .after = plan->held[n].number,
                         .term = plan->held[n].term,
                         .groups = terms->groups};
    if (plan->names != NULL &&
        names_add(plan->names, request->identity, request->display_name) != STATUS_OK) {
        plan->no_memory = true;
    }
}

static void sort_out(struct plan *plan) {
    const struct enrolling *enrolling = plan->enrolling;
    for (size_t n = 0; n < enrolling->count && !plan->no_memory; n++) {
        struct applicant *applicant = &enrolling->applicants[n];
        if (applicant->state == APPLICANT_REFUSED) {
            enrolling->on_state(enrolling->context, applicant);
        } else if (check_applicant(plan, n, &applicant->why) != STATUS_OK) {
            decide(enrolling, n, APPLICANT_REFUSED);
        } else if (has_its_keys(plan, n)) {
            decide(enrolling, n, APPLICANT_HAD_IT);
        } else {
            add_product(plan, n);
        }
    }
}

/* --- The run -------------------------------------------------------------------------------- */

static void name_product(const struct production *production, size_t product,
                         char name[FILE_NAME_SIZE]) {
    const struct plan *plan = production->context;
    snprintf(name, FILE_NAME_SIZE, "%s",
             plan->enrolling->applicants[plan->applicants[product]].bundle_name);
}

static void enter(const struct production *production, const struct product *product,
                  struct register_entry *entry) {
    const struct plan *plan = production->context;
    kms_fill_entry(entry, &product->request, plan->enrolling->terms);
}

static void note_progress(void *context, size_t done, size_t total) {
    const struct plan *plan = context;
    plan->enrolling->on_progress(plan->enrolling->context, done, total);
}

static void note_outcome(void *context, size_t product, enum product_outcome outcome) {
    const struct plan *plan = context;
    size_t n = plan->applicants[product];
    struct applicant *applicant = &plan->enrolling->applicants[n];
    if (outcome == PRODUCT_MADE) {
        decide(plan->enrolling, n, APPLICANT_ENROLLED);
        return;
    }
    error_set(&applicant->why, STATUS_NOT_ALLOWED,
              outcome == PRODUCT_REVOKED
                  ? "%.100s: revoked meanwhile; it gets no new keys"
                  : "%.100s: enrolled or renewed meanwhile; run the same command again",
              applicant->request.identity);
    decide(plan->enrolling, n, APPLICANT_REFUSED);
}

static enum status produce(struct plan *plan, struct error *error) {
    const struct enrolling *enrolling = plan->enrolling;
    const struct production production = {.products = plan->products,
                                          .count = plan->count,
                                          .action = AUDIT_ENROL,
                                          .now_ms = enrolling->terms->now_ms,
                                          .folder = enrolling->folder,
                                          .draft = DRAFT_NAME,
                                          .threads = enrolling->threads,
                                          .name = name_product,
                                          .enter = enter,
                                          .on_progress = note_progress,
                                          .on_outcome = note_outcome,
                                          .context = plan,
                                          .stop = enrolling->stop};
    size_t made;
    return production_run(plan->kms, &production, &made, error);
}

static enum status make_plan(struct plan *plan, struct error *error) {
    const struct enrolling *enrolling = plan->enrolling;
    size_t room = enrolling->count + 1;
    plan->held = calloc(room, sizeof *plan->held);
    plan->by_identity = calloc(room, sizeof *plan->by_identity);
    plan->products = calloc(room, sizeof *plan->products);
    plan->applicants = calloc(room, sizeof *plan->applicants);
    enum status status = STATUS_OK;
    if (plan->held == NULL || plan->by_identity == NULL || plan->products == NULL ||
        plan->applicants == NULL) {
        status = STATUS_NO_MEMORY;
    } else if (enrolling->terms->refuse_alike) {
        status = names_new(&plan->names);
    }
    if (status != STATUS_OK) {
        return kms_failure(plan->kms, status, error);
    }
    for (size_t n = 0; n < enrolling->count; n++) {
        plan->by_identity[n] = n;
    }
    qsort_r(plan->by_identity, enrolling->count, sizeof *plan->by_identity, compare_identities,
            enrolling->applicants);
    status = register_list(plan->kms, note_entry, plan, error);
    if (status == STATUS_OK) {
        sort_out(plan);
    }
    return status == STATUS_OK && plan->no_memory ? kms_failure(plan->kms, STATUS_NO_MEMORY, error)
                                                  : status;
}

enum status enrolling_run(struct kms *kms, const struct enrolling *enrolling, struct error *error) {
    struct plan plan = {.kms = kms, .enrolling = enrolling};
    enum status status = kms_check_settled(kms, error);
    if (status == STATUS_OK) {
        status = production_prepare(enrolling->folder, DRAFT_NAME, error);
    }
    if (status == STATUS_OK) {
        status = make_plan(&plan, error);
    }
    if (status == STATUS_OK) {
        status = produce(&plan, error);
    }
    names_free(plan.names);
    free(plan.held);
    free(plan.by_identity);
    free(plan.products);
    free(plan.applicants);
    return status;
}
