/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/overheard.h"
#include "tests/app/delivery.h"
#include "tests/app/squad.h"

/* Handset 0 has made a group with handset 1 and talked in it. */
static int talk_once(void **state) {
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 300);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    *state = squad;
    return 0;
}

static int end(void **state) {
    squad_free(*state);
    return 0;
}

static const struct squad_frame *frame_of(const struct squad *squad, size_t from, unsigned kind) {
    const struct squad_frame *frame = squad_find_frame(squad, from, kind);
    assert_non_null(frame);
    return frame;
}

/* What is there of names is spelled like identities. */
static void assert_plain(const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        assert_in_range(*c, '!', '~');
    }
}

static struct view_frame look(struct span octets) {
    struct view_frame seen;
    overheard_look(octets, &seen);
    assert_in_range(seen.sight, 0, SIGHT_COUNT - 1);
    assert_plain(seen.from);
    assert_plain(seen.to);
    assert_plain(seen.group);
    assert_true(seen.sight != SIGHT_UNKNOWN || seen.check != NULL);
    if (seen.check != NULL) {
        assert_int_equal(seen.from[0] + seen.to[0] + seen.group[0], 0);
    }
    return seen;
}

static struct view_frame look_at(const struct squad_frame *frame) {
    return look((struct span){frame->octets, frame->length});
}

static void expect(const struct view_frame *seen, enum frame_sight sight, const char *from,
                   const char *to, const char *group) {
    assert_int_equal(seen->sight, sight);
    assert_null(seen->check);
    assert_string_equal(seen->from, from);
    assert_string_equal(seen->to, to);
    assert_string_equal(seen->group, group);
}

static void a_presence_names_who(void **state) {
    const struct view_frame seen = look_at(frame_of(*state, 1, FRAME_PRESENCE));
    expect(&seen, SIGHT_PRESENCE, "urn:gsma:imei:90420156-025764-0", "", "");
}

static void an_i_message_names_both_sides(void **state) {
    const struct squad *squad = *state;
    for (size_t i = 0; i < squad->frame_count; i++) {
        struct frame frame;
        struct d2d_head head;
        struct span octets = {squad->frames[i].octets, squad->frames[i].length};
        if (frame_read(octets, &frame) == STATUS_OK && frame.kind == FRAME_D2D &&
            d2d_head_read(frame.payload, &head) == STATUS_OK && head.step == D2D_OPEN) {
            const struct view_frame seen = look(octets);
            expect(&seen, SIGHT_I_MESSAGE, "urn:gsma:imei:90420156-025763-0",
                   "urn:gsma:imei:90420156-025764-0", "");
            assert_int_equal(seen.connection, head.id);
            return;
        }
    }
    fail_msg("no I_MESSAGE went over the air");
}

static void a_key_delivery_names_group_and_member(void **state) {
    struct delivery delivery = delivery_now(*state, 1, 0x01020304);
    uint8_t message[KEY_DELIVERY_MAX], octets[FRAME_MAX];
    struct writer w = writer_into(message, sizeof message);
    struct writer framed = writer_into(octets, sizeof octets);
    delivery_write(&delivery, &w);
    frame_write(&framed, &(struct frame){.kind = FRAME_KEY_DELIVERY, .payload = writer_span(&w)});
    const struct view_frame seen = look(writer_span(&framed));
    expect(&seen, SIGHT_KEY_DELIVERY, "sip:fire7@county.example", "urn:gsma:imei:90420156-025764-0",
           "");
}

static void what_follows_on_the_d2d_connection_says_its_step(void **state) {
    const struct view_frame seen = look_at(frame_of(*state, 1, FRAME_D2D));
    expect(&seen, SIGHT_D2D_RESPONSE, "", "", "");
    assert_int_not_equal(seen.connection, 0);
}

static void an_announcement_names_talker_group_and_gmk(void **state) {
    struct squad *squad = *state;
    const struct view_group *group = &squad_view(squad, 0)->groups[0];
    const struct view_frame both = look_at(frame_of(squad, 0, FRAME_ANNOUNCEMENT_AND_MEDIA));
    expect(&both, SIGHT_ANNOUNCEMENT_AND_VOICE, squad_identity(0), "", group->identity);
    assert_int_equal(both.key_id, group->gmk_id);
    const struct view_frame media = look_at(frame_of(squad, 0, FRAME_MEDIA));
    expect(&media, SIGHT_GROUP_VOICE, "", "", "");
    assert_int_equal(media.key_id, group->gmk_id);
}

static void an_announcement_alone_is_told_without_voice(void **state) {
    struct squad *squad = *state;
    const struct squad_frame *both = frame_of(squad, 0, FRAME_ANNOUNCEMENT_AND_MEDIA);
    struct frame frame;
    assert_int_equal(frame_read((struct span){both->octets, both->length}, &frame), STATUS_OK);
    struct reader r = reader_of(frame.payload);
    frame.kind = FRAME_ANNOUNCEMENT;
    frame.payload = read_span_u16(&r);
    uint8_t octets[2000];
    struct writer w = writer_into(octets, sizeof octets);
    frame_write(&w, &frame);
    assert_int_equal(look(writer_span(&w)).sight, SIGHT_ANNOUNCEMENT);
}

static void frames_of_other_versions_and_kinds_are_said_to_be_unknown(void **state) {
    (void)state;
    uint8_t octets[FRAME_HEADER_SIZE] = {FRAME_VERSION + 1, FRAME_MEDIA};
    assert_int_equal(look(SPAN_OF(octets)).sight, SIGHT_UNKNOWN);
    octets[0] = FRAME_VERSION;
    octets[1] = 99;
    assert_int_equal(look(SPAN_OF(octets)).sight, SIGHT_UNKNOWN);
    assert_int_equal(look((struct span){octets, 0}).sight, SIGHT_UNKNOWN);
}

static void a_frame_cut_anywhere_is_still_looked_at(void **state) {
    struct squad *squad = *state;
    for (unsigned kind = FRAME_PRESENCE; kind <= FRAME_ANNOUNCEMENT_AND_MEDIA; kind++) {
        const struct squad_frame *frame = squad_find_frame(squad, 0, kind);
        for (size_t length = 0; frame != NULL && length < frame->length; length++) {
            const struct view_frame seen = look((struct span){frame->octets, length});
            if (kind == FRAME_PRESENCE || kind == FRAME_ANNOUNCEMENT_AND_MEDIA) {
                assert_non_null(seen.check);
            }
        }
    }
}

static void a_frame_with_any_octet_changed_is_still_looked_at(void **state) {
    struct squad *squad = *state;
    for (unsigned kind = FRAME_PRESENCE; kind <= FRAME_ANNOUNCEMENT_AND_MEDIA; kind++) {
        const struct squad_frame *frame = squad_find_frame(squad, 0, kind);
        for (size_t at = 0; frame != NULL && at < frame->length; at++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                frame->octets[at] ^= (uint8_t)(1U << bit);
                look_at(frame);
                frame->octets[at] ^= (uint8_t)(1U << bit);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_presence_names_who),
        cmocka_unit_test(an_i_message_names_both_sides),
        cmocka_unit_test(a_key_delivery_names_group_and_member),
        cmocka_unit_test(what_follows_on_the_d2d_connection_says_its_step),
        cmocka_unit_test(an_announcement_names_talker_group_and_gmk),
        cmocka_unit_test(an_announcement_alone_is_told_without_voice),
        cmocka_unit_test(frames_of_other_versions_and_kinds_are_said_to_be_unknown),
        cmocka_unit_test(a_frame_cut_anywhere_is_still_looked_at),
        cmocka_unit_test(a_frame_with_any_octet_changed_is_still_looked_at),
    };
    return cmocka_run_group_tests(tests, talk_once, end);
}
