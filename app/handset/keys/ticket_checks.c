/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/ticket_checks.h"

#include <string.h>

bool ticket_checks_refuse(const struct ticket_checks *checks,
                          const struct announcement *announcement) {
    const struct announcement_fields *fields = &announcement->fields;
    return fields->ticket.length > 0 &&
           seen_has(&checks->forged, span_of_text(fields->talker), fields->ticket);
}

static void tell(struct ticket_checks *checks, struct moment now, const struct group *group,
                 const struct ticket *ticket) {
    if (checks->is_told && now.boot_ms - checks->told_ms < TICKET_CHECKS_TOLD_MS) {
        return;
    }
    const struct event event = event_of_member(EVENT_TICKET_FORGED, ticket->member.identity, "",
                                               group->parameters.identity, group->parameters.name);
    checks->is_told = true;
    checks->told_ms = now.boot_ms;
    desk_tell(checks->desk, now, &event);
}

enum status ticket_checks_pass(struct ticket_checks *checks, struct moment now,
                               const struct group *group, const struct ticket *ticket,
                               const struct announcement *announcement) {
    const struct announcement_fields *fields = &announcement->fields;
    enum status status = ticket_verify(ticket, &group->parameters, &checks->desk->keyring, now);
    if (status != STATUS_SIGNATURE_INVALID) {
        return status;
    }
    seen_add(&checks->forged, span_of_text(fields->talker), fields->ticket);
    tell(checks, now, group, ticket);
    return STATUS_NOT_A_MEMBER;
}
