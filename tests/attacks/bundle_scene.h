/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A domain, Ben's new handset with its request, and Mallory, who is a member: what bundles are
 * tried on that no KMS made, or that it made for somebody else or at another time.
 */
#ifndef MUSTER_TESTS_ATTACKS_BUNDLE_SCENE_H
#define MUSTER_TESTS_ATTACKS_BUNDLE_SCENE_H

#include <stdio.h>

#include "app/installation.h"
#include "app/kms/domain.h"
#include "app/programs/subcommands.h"
#include "tests/app/scratch.h"

#define BEN     "tel:+447700900001"
#define MALLORY "tel:+447700900002"
#define GROUP   "sip:fire7@county.example"

struct scene {
    struct kms *kms;
    char fingerprint[FINGERPRINT_SIZE]; /* the domain's, as its operator reads it out */
    struct credential *mallory;
    struct options options; /* of Ben's handset */
    char passphrase[SCRATCH_PATH_SIZE], request_path[SCRATCH_PATH_SIZE],
        bundle_path[SCRATCH_PATH_SIZE];
    struct enrolment_request request; /* Ben's, which anybody on its way can read */
    struct device_key *key;           /* Ben's */
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle;
};

/* In a folder of the scratch setup; the caller frees it. */
struct scene *scene_new(void **state);
void scene_free(struct scene *scene);

/* Now, and an hour for keys of ad-hoc groups. */
struct kms_terms scene_terms(void);

/* Where nobody reads what is printed. */
FILE *scene_nowhere(void);

/* What the KMS makes for Ben's request, at another moment by its clock. */
void scene_issue(struct scene *scene, int64_t later_ms);

/* `muster install` of the bundle, with the fingerprint that the KMS's operator reads out; and by
 * somebody who sits at a terminal and types `answer`. */
enum status scene_install(struct scene *scene);
enum status scene_install_at_terminal(struct scene *scene, const char *answer);

/* The bundle is refused with that status, and nothing of it is installed. */
void scene_refuses(struct scene *scene, enum status status);

/* The handset's store, open. */
struct store *scene_store(const struct scene *scene);

#endif
