/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who stands between two handsets that open a D2D connection, or plays an opening again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "app/handset/d2d/d2d.h"
#include "app/handset/d2d/record.h"
#include "tests/app/squad.h"

/* What the attacker does to frames of one step; the rest it lets through. */
struct between {
    enum d2d_step step;
    enum change {
        CHANGE_NOTHING,
        CHANGE_SHARE, /* for its own */
        CHANGE_TO_ZERO
    } change;
    unsigned changed;
};

static struct d2d_head head_of(const struct squad_frame *frame) {
    struct d2d_head head;
    assert_int_equal(d2d_head_read(squad_payload(frame), &head), STATUS_OK);
    return head;
}

/* Where a share stands in a payload: in the HELLO, or in the I_MESSAGE of an OPEN. */
static size_t share_at(const struct d2d_head *head) {
    struct i_message message;
    if (head->step == D2D_HELLO) {
        return D2D_HEADER_SIZE + D2D_NONCE_SIZE;
    }
    assert_int_equal(i_message_parse(head->body, &message), STATUS_OK);
    assert_int_equal(message.fields.share.length, SHARE_SIZE);
    return D2D_HEADER_SIZE + (size_t)(message.fields.share.octets - head->body.octets);
}

/* The id of a connection is its I_MESSAGE's hash: who changes the one has to change the other. */
static void change_id(uint8_t *payload, size_t length) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, payload + D2D_HEADER_SIZE, length - D2D_HEADER_SIZE);
    memcpy(payload, hash, sizeof(uint64_t));
}

static bool stand_between(void *context, struct squad_frame *frame, size_t receiver) {
    struct between *between = context;
    const uint8_t own_key[32] = {7};
    (void)receiver;
    if (frame->octets[1] != FRAME_D2D || between->change == CHANGE_NOTHING) {
        return true;
    }
    struct d2d_head head = head_of(frame);
    if (head.step != between->step) {
        return true;
    }
    uint8_t *payload = frame->octets + FRAME_HEADER_SIZE;
    uint8_t *share = payload + share_at(&head);
    if (between->change == CHANGE_SHARE) {
        assert_int_equal(crypto_scalarmult_base(share, own_key), 0);
    } else {
        memset(share, 0, SHARE_SIZE);
    }
    if (head.step == D2D_OPEN) {
        change_id(payload, frame->length - FRAME_HEADER_SIZE);
    }
    between->changed++;
    return true;
}

/* Neither side takes what was changed, nor is anything said over it; once the attacker is gone, the
 * group is made. */
static void who_changes_a_share_on_the_way_gets_no_connection_and_spoils_none(void **state) {
    (void)state;
    static const struct {
        enum d2d_step step;
        enum change change;
        size_t refuses;
        enum status status;
    } attacks[] = {
        {D2D_OPEN, CHANGE_SHARE, 1, STATUS_SIGNATURE_INVALID},
        {D2D_OPEN, CHANGE_TO_ZERO, 1, STATUS_SIGNATURE_INVALID},
        {D2D_HELLO, CHANGE_SHARE, 0, STATUS_MAC_INVALID},
        {D2D_HELLO, CHANGE_TO_ZERO, 0, STATUS_SHARE_INVALID},
    };
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        struct between between = {.step = attacks[i].step, .change = attacks[i].change};
        struct squad *squad = squad_new(2);
        squad_run(squad, 6000);
        squad->filter = stand_between;
        squad->filter_context = &between;
        squad_ask(squad, 0, 1, 1);
        squad_run(squad, 3000);
        assert_true(between.changed > 0);
        assert_int_equal(squad->handsets[attacks[i].refuses].last_refusal, attacks[i].status);
        assert_int_equal(squad_view(squad, 1)->invitation_count, 0);
        between.change = CHANGE_NOTHING;
        squad_run(squad, 4000);
        assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
        squad_free(squad);
    }
}

static const struct squad_frame *find_step(const struct squad *squad, size_t from,
                                           enum d2d_step step) {
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->from == from && frame->octets[1] == FRAME_D2D && head_of(frame).step == step) {
            return frame;
        }
    }
    return NULL;
}

/* The opening of a group that is over, said again after a restart: the answer to it has another
 * nonce and another share, so that the recorded requests are none of this connection's. */
static void a_recorded_connection_played_again_says_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    const struct squad_frame *open = find_step(squad, 0, D2D_OPEN);
    const struct squad_frame *hello = find_step(squad, 1, D2D_HELLO);
    const struct squad_frame *request = find_step(squad, 0, D2D_REQUEST);
    assert_true(open != NULL && hello != NULL && request != NULL);
    squad->handsets[0].deaf = true; /* its recording speaks for it */
    squad_restart(squad, 1, true);
    squad_run(squad, 6000);
    size_t before = squad->frame_count;
    unsigned invitations = squad->handsets[1].invitations;
    squad_inject_payload(squad, 1, 0, FRAME_D2D, squad_payload(open));
    const struct squad_frame *again = &squad->frames[squad->frame_count - 1];
    assert_int_equal(squad->frame_count, before + 1);
    assert_int_equal(head_of(again).step, D2D_HELLO);
    struct span earlier = squad_payload(hello), later = squad_payload(again);
    assert_memory_not_equal(earlier.octets + D2D_HEADER_SIZE + D2D_NONCE_SIZE,
                            later.octets + D2D_HEADER_SIZE + D2D_NONCE_SIZE, SHARE_SIZE);
    squad_inject_payload(squad, 1, 0, FRAME_D2D, squad_payload(request));
    assert_int_equal(squad->handsets[1].last_refusal, STATUS_MAC_INVALID);
    squad_run(squad, 2000);
    assert_int_equal(squad->handsets[1].invitations, invitations);
    squad_free(squad);
}

/* Two handsets that were told different things about recovery make no group: neither is anything
 * opened to an authority that one of them does not know of, nor is one kept out unseen. */
static void handsets_with_different_settings_of_recovery_make_no_group(void **state) {
    (void)state;
    for (size_t told = 0; told < 2; told++) {
        struct squad *squad = squad_new(2);
        squad_recover(squad, told);
        squad_run(squad, 6000);
        squad_ask(squad, 0, 1, 1);
        squad_run(squad, 5000);
        assert_int_equal(squad_view(squad, 1)->invitation_count, 0);
        assert_int_equal(squad->handsets[1].last_refusal,
                         told == 0 ? STATUS_RECOVERY_NOT_ALLOWED : STATUS_RECOVERY_MISSING);
        squad_free(squad);
    }
}

/* One message each way, as ever, and then the first word; with recovery on as well. */
static void a_connection_is_made_by_one_message_each_way(void **state) {
    (void)state;
    for (unsigned recovery = 0; recovery < 2; recovery++) {
        static const enum d2d_step expected[] = {D2D_OPEN, D2D_HELLO, D2D_REQUEST, D2D_RESPONSE};
        struct squad *squad = squad_new(2);
        for (size_t n = 0; recovery == 1 && n < 2; n++) {
            squad_recover(squad, n);
        }
        squad_run(squad, 6000);
        size_t begun = squad->frame_count, steps = 0;
        squad_ask(squad, 0, 1, 1);
        squad_run(squad, 200);
        for (size_t i = begun; i < squad->frame_count && steps < 4; i++) {
            assert_int_not_equal(squad->frames[i].octets[1], FRAME_FRAGMENT);
            if (squad->frames[i].octets[1] == FRAME_D2D) {
                assert_int_equal(head_of(&squad->frames[i]).step, expected[steps]);
                assert_int_equal(squad->frames[i].from, steps % 2);
                steps++;
            }
        }
        assert_int_equal(steps, 4);
        assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
        squad_free(squad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_changes_a_share_on_the_way_gets_no_connection_and_spoils_none),
        cmocka_unit_test(a_recorded_connection_played_again_says_nothing),
        cmocka_unit_test(handsets_with_different_settings_of_recovery_make_no_group),
        cmocka_unit_test(a_connection_is_made_by_one_message_each_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
