/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/admission.h"

#include <string.h>

bool admission_is_refused(const struct admission *admission,
                          const struct announcement *announcement) {
    const struct announcement_fields *fields = &announcement->fields;
    return fields->ticket.length > 0 &&
           seen_has(&admission->forged, span_of_text(fields->talker), fields->ticket);
}

static void tell(struct admission *admission, struct moment now, const struct group *group,
                 const struct ticket *ticket) {
    if (admission->is_told && now.boot_ms - admission->told_ms < ADMISSION_TOLD_MS) {
        return;
    }
    const struct event event = event_of_member(EVENT_TICKET_FORGED, ticket->member.identity, "",
                                               group->parameters.identity, group->parameters.name);
    admission->is_told = true;
    admission->told_ms = now.boot_ms;
    desk_tell(admission->desk, now, &event);
}

enum status admission_check(struct admission *admission, struct moment now,
                            const struct group *group, const struct ticket *ticket,
                            const struct announcement *announcement) {
    const struct announcement_fields *fields = &announcement->fields;
    enum status status = ticket_verify(ticket, &group->parameters, &admission->desk->keyring, now);
    if (status != STATUS_SIGNATURE_INVALID) {
        return status;
    }
    seen_add(&admission->forged, span_of_text(fields->talker), fields->ticket);
    tell(admission, now, group, ticket);
    return STATUS_NOT_A_MEMBER;
}
