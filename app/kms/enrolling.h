/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enrolling many at once, from their requests, each into a bundle file of its own (production.h).
 * The checks of kms_enroll apply to each; whoever is refused stops nobody else. Where several ask
 * for one identity with different device keys, the one that the register has it for is enrolled
 * anew, and otherwise none.
 */
#ifndef MUSTER_APP_KMS_ENROLLING_H
#define MUSTER_APP_KMS_ENROLLING_H

#include "app/kms/production.h"

enum applicant_state {
    APPLICANT_WAITS,
    APPLICANT_ENROLLED,
    APPLICANT_HAD_IT, /* enrolled before, and its bundle is there */
    APPLICANT_REFUSED /* for the reason in `why` */
};

/* One who asks. */
struct applicant {
    const char *request_name; /* the request's file */
    const char *bundle_name;  /* of the file in the folder of bundles */
    bool has_bundle;          /* it is there already */
    struct enrolment_request request;
    enum applicant_state state; /* WAITS, or already REFUSED */
    struct error why;
};

struct enrolling {
    struct applicant *applicants;
    size_t count;
    const struct kms_terms *terms; /* of all; `after` is not looked at */
    bool anew;                     /* also who has a bundle gets a new one */
    const char *folder;            /* of the bundles */
    unsigned threads;
    void (*on_progress)(void *context, size_t done, size_t total); /* as in struct production */
    void (*on_state)(void *context, const struct applicant *applicant); /* when it is final */
    void *context;
    const volatile sig_atomic_t *stop; /* as in struct production */
};

/* Enrols all that wait, in their order. Errors of kms_check_settled,
 * production_prepare, production_run and register_list; who was enrolled before a failure stays so,
 * and who still waits is enrolled when it is run again. */
MUST_CHECK enum status enrolling_run(struct kms *kms, const struct enrolling *enrolling,
                                     struct error *error);

#endif
