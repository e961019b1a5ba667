/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/app/talkers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum {
    MEETING_MS = 6000
};

struct squad *talkers_new(size_t count) {
    struct squad *squad = squad_new(count);
    squad_group(squad, HOUR_MS);
    squad_run(squad, MEETING_MS);
    return squad;
}

void talkers_expect(struct squad *squad, size_t n, size_t talker) {
    const struct view *view = squad_view(squad, n);
    assert_int_equal(view->talker_count, 1);
    assert_string_equal(view->talkers[0].identity, squad_identity(talker));
    assert_int_equal(view->talking, n == talker);
}

unsigned talkers_events(struct squad *squad, size_t n, enum event_kind kind, const char *identity) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        const struct event *event = &view->log[i];
        count +=
            event->kind == kind && (identity == NULL || strcmp(event->identity, identity) == 0);
    }
    return count;
}

bool talkers_cut_media(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context, (void)receiver;
    if (frame->octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA) {
        size_t announcement =
            (size_t)(frame->octets[FRAME_HEADER_SIZE] << 8) + frame->octets[FRAME_HEADER_SIZE + 1];
        frame->length = FRAME_HEADER_SIZE + 2 + announcement;
    }
    return frame->octets[1] != FRAME_MEDIA;
}
