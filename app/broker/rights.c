/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/broker/rights.h"

#define EVERY_USER (RIGHTS_HANDSET | RIGHTS_MANAGER)
#define FETCHES    (EVERY_USER | RIGHTS_FETCHER)

/* The stream's API as users call it. Under its usual name ($JS.API) their own account, which has no
 * stream, would answer as well. */
#define FETCH       "$JS.API.DIRECT.GET." RIGHTS_STREAM "."
#define FETCH_STATE "$JS.API.DIRECT.GET." RIGHTS_STATES "."
#define ASK(what)   "muster.api." what, .kept = "muster.api." what, .kept_as = "$JS.API." what

/* clang-format off */
static const struct right rights[] = {
    /* What is said in a group is for its members. Ad-hoc groups come into being without the KMS, so
     * that no permission can tell who is in one: their keys alone do. */
    {"muster.group.{{tag(g)}}", .says = EVERY_USER, .hears = EVERY_USER},
    {"muster.adhoc.*", .says = EVERY_USER, .hears = EVERY_USER},

    /* A mailbox is filled by the group's manager and read by its owner; the manager sees whether
     * its key still waits there. */
    {"muster.mail.{{name()}}.*", .hears = FETCHES},
    {"muster.mail.*.{{name()}}", .says = RIGHTS_MANAGER,
     .kept = "muster.mail.*.*", .kept_as = "muster.mail.*.*"},
    {FETCH "muster.mail.{{name()}}.*", .says = FETCHES,
     .kept = FETCH "muster.mail.*.*", .kept_as = FETCH "muster.mail.*.*"},
    {FETCH "muster.mail.*.{{name()}}", .says = RIGHTS_MANAGER},

    /* The group's own mailbox has the list of the revoked, from its manager for its members. */
    {"muster.mail.list.{{tag(g)}}", .hears = FETCHES},
    {FETCH "muster.mail.list.{{tag(g)}}", .says = FETCHES},

    /* The KMS's bundles, which are sealed and signed, come from whoever runs the broker. */
    {"muster.mail.*.kms", .says = RIGHTS_OPERATOR},

    /* A receipt is written by a member, for groups in its bundle alone, and read by their manager,
     * who also asks for the time under its own. */
    {"muster.receipt.{{tag(g)}}.{{name()}}", .says = FETCHES,
     .kept = "muster.receipt.*.*", .kept_as = "muster.receipt.*.*"},
    {"muster.receipt.{{name()}}.{{name()}}", .says = RIGHTS_MANAGER},
    {"muster.receipt.{{name()}}.*", .hears = RIGHTS_MANAGER},
    {FETCH "muster.receipt.{{name()}}.*", .says = RIGHTS_MANAGER,
     .kept = FETCH "muster.receipt.*.*", .kept_as = FETCH "muster.receipt.*.*"},

    /* What the managers of a group share is theirs alone. */
    {"muster.state.{{name()}}", .says = RIGHTS_MANAGER,
     .kept = "muster.state.*", .kept_as = "muster.state.*"},
    {FETCH_STATE "muster.state.{{name()}}", .says = RIGHTS_MANAGER,
     .kept = FETCH_STATE "muster.state.*", .kept_as = FETCH_STATE "muster.state.*"},

    /* Does the broker keep anything at all? Its answer has totals, and nobody's subjects. */
    {ASK("INFO"), .says = FETCHES | RIGHTS_OPERATOR},

    /* The streams are the operator's. */
    {ASK("STREAM.CREATE." RIGHTS_STREAM), .says = RIGHTS_OPERATOR},
    {ASK("STREAM.UPDATE." RIGHTS_STREAM), .says = RIGHTS_OPERATOR},
    {ASK("STREAM.INFO." RIGHTS_STREAM), .says = RIGHTS_OPERATOR},
    {ASK("STREAM.PURGE." RIGHTS_STREAM), .says = RIGHTS_OPERATOR},
    {ASK("STREAM.DELETE." RIGHTS_STREAM), .says = RIGHTS_OPERATOR},
    {ASK("STREAM.CREATE." RIGHTS_STATES), .says = RIGHTS_OPERATOR},
    {ASK("STREAM.UPDATE." RIGHTS_STATES), .says = RIGHTS_OPERATOR},
    {ASK("STREAM.INFO." RIGHTS_STATES), .says = RIGHTS_OPERATOR},
    {ASK("STREAM.PURGE." RIGHTS_STATES), .says = RIGHTS_OPERATOR},
    {ASK("STREAM.DELETE." RIGHTS_STATES), .says = RIGHTS_OPERATOR},

    /* Answers. */
    {"_INBOX.{{name()}}.>", .hears = FETCHES | RIGHTS_OPERATOR},
};
/* clang-format on */

const struct right *rights_row(size_t i) {
    return i < sizeof rights / sizeof rights[0] ? &rights[i] : NULL;
}

const char *rights_role_name(enum rights_role role) {
    switch (role) {
    case RIGHTS_HANDSET:
        return "handset";
    case RIGHTS_MANAGER:
        return "manager";
    case RIGHTS_FETCHER:
        return "fetcher";
    case RIGHTS_OPERATOR:
        break;
    }
    return "keeper"; /* "operator" is who signs the accounts */
}
