/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an officer may see of the way to the first credential (view.h). */
#ifndef MUSTER_APP_HANDSET_VIEW_ENROLMENT_H
#define MUSTER_APP_HANDSET_VIEW_ENROLMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/handset/command.h"

enum {
    VIEW_REQUEST_SIZE = 768,   /* of the longest request as text, terminated */
    VIEW_BARE_SIZE = 544,      /* likewise, without its first line and its last */
    VIEW_DEVICE_KEY_SIZE = 40, /* of a fingerprint, terminated */
    VIEW_FILE_SIZE = 512,      /* of a path; a longer one is shown as far as it goes */
    VIEW_REFUSAL_SIZE = 320,   /* of a line that says why something was not done, in the words of
                                * the shell's commands */
    VIEW_DAY_SIZE = 11,        /* YYYY-MM-DD, terminated */
    VIEW_BUNDLE_GROUPS_MAX = 16
};

/* What a handset without a credential asks its KMS for. */
struct view_request {
    char identity[OFFICER_IDENTITY_SIZE]; /* empty: it has not asked yet, as far as is known */
    char name[OFFICER_NAME_SIZE];
    char device_key[VIEW_DEVICE_KEY_SIZE]; /* the fingerprint that the officer reads out */
    char text[VIEW_REQUEST_SIZE];          /* with its lines, */
    char bare[VIEW_BARE_SIZE];             /* and as a camera is to read it */
    char file[VIEW_FILE_SIZE];             /* that it is in; empty: it could not be written, */
    char unwritten[VIEW_REFUSAL_SIZE];     /* and why not */
};

/* What an answer gives that was looked at and not installed yet. */
struct view_bundle {
    char identity[OFFICER_IDENTITY_SIZE]; /* empty: there is none */
    char name[OFFICER_NAME_SIZE];
    char kms[OFFICER_IDENTITY_SIZE];
    char until[VIEW_DAY_SIZE]; /* the last day of its keys; empty: they do not end */
    bool has_broker;           /* access to one */
    size_t group_count;
    char groups[VIEW_BUNDLE_GROUPS_MAX][OFFICER_IDENTITY_SIZE];
};

struct view_enrolment {
    bool is_busy; /* the last command is still being carried out */
    struct view_request request;
    struct view_bundle bundle;
    char refusal[VIEW_REFUSAL_SIZE]; /* why the last command was not; empty: it was */
};

#endif
