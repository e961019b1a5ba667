/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The D2D channel alone (app/handset/d2d/d2d.h): keys, order, repetition, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/d2d/d2d.h"
#include "app/handset/handset.h"
#include "squad.h"

struct ends {
    struct squad *squad; /* for its keyrings */
    struct d2d *initiator, *responder;
    uint8_t octets[D2D_RECORD_MAX];
    struct writer record;
};

static struct d2d_head head_of(const struct d2d *d2d) {
    struct d2d_head head;
    assert_int_equal(d2d_head_read(d2d_payload(d2d), &head), STATUS_OK);
    return head;
}

static const struct keyring *keyring_of(const struct ends *ends, size_t n) {
    return &ends->squad->handsets[n].engine->desk.keyring;
}

/* The responder's answer to what stands in the initiator's payload. */
static struct d2d *answer(const struct ends *ends) {
    struct d2d_head open = head_of(ends->initiator);
    struct i_message message;
    struct d2d *responder;
    assert_int_equal(i_message_parse(open.body, &message), STATUS_OK);
    assert_int_equal(d2d_verify(keyring_of(ends, 1), &open, &message, squad_now(ends->squad, 1)),
                     STATUS_OK);
    assert_int_equal(d2d_answer(keyring_of(ends, 1), &entropy_system, &open, &message,
                                squad_now(ends->squad, 1), &responder),
                     STATUS_OK);
    return responder;
}

static void opened_with(struct ends *ends, bool recovery) {
    ends->squad = squad_new(2);
    for (size_t n = 0; recovery && n < 2; n++) {
        squad_recover(ends->squad, n);
    }
    assert_int_equal(d2d_open(keyring_of(ends, 0), &entropy_system, squad_identity(1),
                              "sip:kms@county.example", squad_now(ends->squad, 0),
                              &ends->initiator),
                     STATUS_OK);
    ends->responder = answer(ends);
    ends->record = writer_into(ends->octets, sizeof ends->octets);
}

static void opened(struct ends *ends) {
    opened_with(ends, false);
}

static void closed(struct ends *ends) {
    d2d_free(ends->initiator);
    d2d_free(ends->responder);
    squad_free(ends->squad);
}

static enum status request(struct ends *ends, const char *text, bool *is_new) {
    assert_int_equal(d2d_request(ends->initiator, span_of_text(text)), STATUS_OK);
    ends->record.length = 0;
    return d2d_hear_request(ends->responder, keyring_of(ends, 1), head_of(ends->initiator).body,
                            &ends->record, is_new);
}

static void assert_heard(const struct ends *ends, const char *text) {
    assert_true(span_equal(writer_span(&ends->record), span_of_text(text)));
}

static void requests_and_responses_arrive_in_order_and_sealed(void **state) {
    (void)state;
    struct ends ends;
    bool is_new;
    opened(&ends);
    assert_int_equal(d2d_hear_hello(ends.initiator, head_of(ends.responder).body), STATUS_OK);
    const char *const requests[] = {"propose", "poll", "", "close"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(request(&ends, requests[i], &is_new), STATUS_OK);
        assert_true(is_new);
        assert_heard(&ends, requests[i]);
        struct span sent = d2d_payload(ends.initiator);
        if (requests[i][0] != '\0') {
            assert_null(memmem(sent.octets, sent.length, requests[i], strlen(requests[i])));
        }
        assert_int_equal(d2d_respond(ends.responder, span_of_text("yes")), STATUS_OK);
        ends.record.length = 0;
        assert_int_equal(
            d2d_hear_response(ends.initiator, head_of(ends.responder).body, &ends.record),
            STATUS_OK);
        assert_heard(&ends, "yes");
    }
    closed(&ends);
}

static void a_repeated_request_is_known_and_an_old_one_refused(void **state) {
    (void)state;
    struct ends ends;
    bool is_new;
    opened(&ends);
    assert_int_equal(d2d_hear_hello(ends.initiator, head_of(ends.responder).body), STATUS_OK);
    assert_int_equal(request(&ends, "one", &is_new), STATUS_OK);
    struct span first = d2d_payload(ends.initiator);
    uint8_t *kept = malloc(first.length);
    assert_non_null(kept);
    memcpy(kept, first.octets, first.length);
    struct d2d_head again;
    assert_int_equal(d2d_head_read((struct span){kept, first.length}, &again), STATUS_OK);
    assert_int_equal(
        d2d_hear_request(ends.responder, keyring_of(&ends, 1), again.body, &ends.record, &is_new),
        STATUS_OK);
    assert_false(is_new);
    assert_int_equal(request(&ends, "two", &is_new), STATUS_OK);
    assert_true(is_new);
    assert_int_equal(
        d2d_hear_request(ends.responder, keyring_of(&ends, 1), again.body, &ends.record, &is_new),
        STATUS_REPLAYED);
    free(kept);
    closed(&ends);
}

/* Every octet of `payload` changed, one by one: `hear` must refuse each, and the genuine one after
 * them must still do. */
static void assert_every_change_refused(struct ends *ends, const struct d2d *from,
                                        enum status (*hear)(struct ends *, struct span)) {
    struct span genuine = d2d_payload(from);
    uint8_t *copy = malloc(genuine.length);
    assert_non_null(copy);
    for (size_t at = D2D_HEADER_SIZE; at < genuine.length; at++) {
        memcpy(copy, genuine.octets, genuine.length);
        copy[at] ^= (uint8_t)(1u << at % 8);
        struct d2d_head head;
        assert_int_equal(d2d_head_read((struct span){copy, genuine.length}, &head), STATUS_OK);
        assert_int_not_equal(hear(ends, head.body), STATUS_OK);
    }
    free(copy);
    assert_int_equal(hear(ends, head_of(from).body), STATUS_OK);
}

static enum status hear_hello(struct ends *ends, struct span body) {
    return d2d_hear_hello(ends->initiator, body);
}

static enum status hear_request(struct ends *ends, struct span body) {
    bool is_new;
    ends->record.length = 0;
    return d2d_hear_request(ends->responder, keyring_of(ends, 1), body, &ends->record, &is_new);
}

static enum status hear_response(struct ends *ends, struct span body) {
    ends->record.length = 0;
    return d2d_hear_response(ends->initiator, body, &ends->record);
}

static void changed_octets_are_refused(bool recovery) {
    struct ends ends;
    opened_with(&ends, recovery);
    assert_every_change_refused(&ends, ends.responder, hear_hello);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(d2d_request(ends.initiator, span_of_text("propose")), STATUS_OK);
        assert_every_change_refused(&ends, ends.initiator, hear_request);
        assert_heard(&ends, "propose");
        assert_int_equal(d2d_respond(ends.responder, span_of_text("accepted")), STATUS_OK);
        assert_every_change_refused(&ends, ends.responder, hear_response);
        assert_heard(&ends, "accepted");
    }
    closed(&ends);
}

static void every_changed_octet_is_refused_and_the_genuine_record_still_counts(void **state) {
    (void)state;
    changed_octets_are_refused(false);
    changed_octets_are_refused(true);
}

static void a_hello_to_one_nonce_does_not_open_another(void **state) {
    (void)state;
    struct ends ends;
    bool is_new;
    opened(&ends);
    struct d2d *other = answer(&ends); /* the same I_MESSAGE answered twice: two nonces */
    assert_int_equal(d2d_hear_hello(ends.initiator, head_of(ends.responder).body), STATUS_OK);
    assert_int_equal(d2d_request(ends.initiator, span_of_text("propose")), STATUS_OK);
    assert_int_equal(d2d_hear_request(other, keyring_of(&ends, 1), head_of(ends.initiator).body,
                                      &ends.record, &is_new),
                     STATUS_MAC_INVALID);
    d2d_free(other);
    closed(&ends);
}

static void truncated_payloads_are_refused_at_every_length(void **state) {
    (void)state;
    struct ends ends;
    opened(&ends);
    struct span hello = d2d_payload(ends.responder);
    for (size_t length = 0; length < hello.length; length++) {
        struct d2d_head head;
        enum status status = d2d_head_read((struct span){hello.octets, length}, &head);
        if (status == STATUS_OK) {
            status = d2d_hear_hello(ends.initiator, head.body);
        }
        assert_int_not_equal(status, STATUS_OK);
    }
    assert_int_equal(d2d_hear_hello(ends.initiator, head_of(ends.responder).body), STATUS_OK);
    closed(&ends);
}

/* --- Shares and secrets --------------------------------------------------------------------- */

/* An I_MESSAGE from handset 0 to handset 1 as an insider may sign it, and the verdict on it. */
static enum status answer_to(const struct ends *ends, struct span share, struct d2d **responder) {
    uint8_t octets[D2D_HEADER_SIZE + I_MESSAGE_MAX], hash[crypto_hash_sha256_BYTES];
    const uint8_t ssv[SSV_SIZE] = {1};
    struct moment now = squad_now(ends->squad, 1);
    struct identifier identifier;
    struct i_message_fields fields = {.key_id = 0xD0000001, .utc_ms = now.utc_ms, .share = share};
    snprintf(fields.initiator, IDENTITY_SIZE, "%s", squad_identity(0));
    snprintf(fields.responder, IDENTITY_SIZE, "%s", squad_identity(1));
    snprintf(fields.initiator_kms, IDENTITY_SIZE, "sip:kms@county.example");
    snprintf(fields.responder_kms, IDENTITY_SIZE, "sip:kms@county.example");
    struct writer w = writer_into(octets, sizeof octets);
    write_u64(&w, 0);
    write_u8(&w, D2D_OPEN);
    assert_int_equal(identifier_of(squad_identity(1), 0, &identifier), STATUS_OK);
    assert_int_equal(i_message_build(squad_provider(), &fields, squad_domain(), &identifier,
                                     squad_signing_key(0), ssv, &entropy_system, &w),
                     STATUS_OK);
    crypto_hash_sha256(hash, octets + D2D_HEADER_SIZE, w.length - D2D_HEADER_SIZE);
    memcpy(octets, hash, sizeof(uint64_t));
    struct d2d_head head;
    struct i_message message;
    assert_int_equal(d2d_head_read(writer_span(&w), &head), STATUS_OK);
    assert_int_equal(i_message_parse(head.body, &message), STATUS_OK);
    enum status status = d2d_verify(keyring_of(ends, 1), &head, &message, now);
    return status == STATUS_OK
               ? d2d_answer(keyring_of(ends, 1), &entropy_system, &head, &message, now, responder)
               : status;
}

/* Of an insider, whose signature verifies: nothing else stands between it and keys that a recording
 * opens. */
static void an_opening_without_a_share_or_with_a_worthless_one_is_refused(void **state) {
    (void)state;
    const uint8_t zero[SHARE_SIZE] = {0}, one[SHARE_SIZE] = {1}, good[SHARE_SIZE] = {9};
    const struct span shares[] = {{NULL, 0}, SPAN_OF(zero), SPAN_OF(one), SPAN_OF(good)};
    struct ends ends;
    opened(&ends);
    for (size_t i = 0; i < 4; i++) {
        struct d2d *responder = NULL;
        enum status status = answer_to(&ends, shares[i], &responder);
        assert_int_equal(status, i < 3 ? STATUS_SHARE_INVALID : STATUS_OK);
        assert_true((responder == NULL) == (i < 3));
        d2d_free(responder);
    }
    closed(&ends);
}

/* Whoever stands between the two puts in its own share, or one that makes the exchange worthless.
 * The true HELLO still counts after it. */
static void a_share_put_into_the_hello_on_the_way_is_refused(void **state) {
    (void)state;
    static const uint8_t bases[3] = {0, 1, 9};
    struct ends ends;
    opened(&ends);
    struct span hello = d2d_payload(ends.responder);
    uint8_t *copy = malloc(hello.length);
    assert_non_null(copy);
    for (size_t i = 0; i < sizeof bases; i++) {
        struct d2d_head head;
        memcpy(copy, hello.octets, hello.length);
        memset(copy + D2D_HEADER_SIZE + D2D_NONCE_SIZE, 0, SHARE_SIZE);
        copy[D2D_HEADER_SIZE + D2D_NONCE_SIZE] = bases[i];
        assert_int_equal(d2d_head_read((struct span){copy, hello.length}, &head), STATUS_OK);
        assert_int_equal(d2d_hear_hello(ends.initiator, head.body),
                         bases[i] < 2 ? STATUS_SHARE_INVALID : STATUS_MAC_INVALID);
        assert_int_equal(ends.initiator->stage, D2D_OPENING);
    }
    free(copy);
    assert_int_equal(d2d_hear_hello(ends.initiator, head_of(ends.responder).body), STATUS_OK);
    closed(&ends);
}

static bool is_zero(const uint8_t *octets, size_t length) {
    return sodium_is_zero(octets, length) == 1;
}

/* Does any part of the connection's state still hold `secret`? */
static bool holds(const struct d2d *d2d, const uint8_t *secret, size_t length) {
    return memmem(d2d, sizeof *d2d, secret, length) != NULL;
}

/* The initiator needs its secrets until the HELLO comes, the responder only while it answers. */
static void the_secrets_are_wiped_as_soon_as_the_keys_are_made(void **state) {
    (void)state;
    for (unsigned recovery = 0; recovery < 2; recovery++) {
        uint8_t tgk[SSV_SIZE], ephemeral[EPHEMERAL_KEY_SIZE], seed[RECOVERY_SEED_SIZE];
        struct ends ends;
        bool is_new;
        opened_with(&ends, recovery == 1);
        const struct d2d *one = ends.initiator, *other = ends.responder;
        assert_false(is_zero(one->ephemeral, sizeof one->ephemeral));
        assert_int_equal(is_zero(one->seed, sizeof one->seed), recovery == 0);
        memcpy(tgk, one->tgk, sizeof tgk);
        memcpy(ephemeral, one->ephemeral, sizeof ephemeral);
        memcpy(seed, one->seed, sizeof seed);
        assert_true(is_zero(other->tgk, sizeof tgk));
        assert_true(is_zero(other->ephemeral, sizeof ephemeral));
        assert_false(holds(other, tgk, sizeof tgk));

        assert_int_equal(d2d_hear_hello(ends.initiator, head_of(other).body), STATUS_OK);
        assert_false(holds(one, tgk, sizeof tgk));
        assert_false(holds(one, ephemeral, sizeof ephemeral));
        assert_int_equal(request(&ends, "propose", &is_new), STATUS_OK);
        if (recovery == 1) {
            assert_false(holds(one, seed, sizeof seed));
            assert_false(holds(other, seed, sizeof seed));
        }
        assert_false(is_zero(one->call_key, sizeof one->call_key));
        assert_memory_equal(one->call_key, other->call_key, sizeof one->call_key);
        closed(&ends);
    }
}

/* What fills an I_MESSAGE most, with recovery on, goes in one frame on the air. */
static void the_longest_i_message_fits_into_one_frame(void **state) {
    (void)state;
    uint8_t octets[I_MESSAGE_MAX], data[SAKKE_DATA_SIZE] = {0};
    const uint8_t ssv[SSV_SIZE] = {1}, share[SHARE_SIZE] = {9};
    struct identifier identifier;
    struct i_message_fields fields = {.share = SPAN_OF(share), .recovery = SPAN_OF(data)};
    char *const names[] = {fields.initiator, fields.responder, fields.initiator_kms,
                           fields.responder_kms};
    for (size_t i = 0; i < 4; i++) {
        memset(names[i], 'x', IDENTITY_MAX);
        memcpy(names[i], "sip:x@", 6);
    }
    struct writer w = writer_into(octets, sizeof octets);
    struct squad *squad = squad_new(1);
    assert_int_equal(identifier_of(fields.responder, 0, &identifier), STATUS_OK);
    assert_int_equal(i_message_build(squad_provider(), &fields, squad_domain(), &identifier,
                                     squad_signing_key(0), ssv, &entropy_system, &w),
                     STATUS_OK);
    assert_true(w.length <= I_MESSAGE_MAX);
    assert_true(D2D_HEADER_SIZE + w.length <= D2D_PAYLOAD_MAX);
    squad_free(squad);
}

/* --- Records -------------------------------------------------------------------------------- */

static enum event_reason longest_reason(void) {
    enum event_reason longest = REASON_NONE;
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        if (strlen(event_reason_name((enum event_reason)reason)) >
            strlen(event_reason_name(longest))) {
            longest = (enum event_reason)reason;
        }
    }
    return longest;
}

static const char *longest_check(void) {
    const char *longest = "";
    for (int status = 0; status < STATUS_COUNT; status++) {
        const char *name = status_name((enum status)status);
        longest = strlen(name) > strlen(longest) ? name : longest;
    }
    return longest;
}

/* A member's domain is a URI, or the list is refused. */
static void a_member_whose_domain_is_no_uri_is_refused(void **state) {
    (void)state;
    static const char *const uris[] = {
        "sip:kms@county.example", "",          "kms",          "sip:", ":kms", "SIP:kms",
        "sip:kms county",         "sip:kms\n", "sip:k\xC3\xA4"};
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
        struct group_parameters parameters = {.gmk_id = 0xA0000001,
                                              .period_ms = 1000,
                                              .member_count = 2},
                                again;
        uint8_t octets[1000];
        struct writer w = writer_into(octets, sizeof octets);
        snprintf(parameters.name, sizeof parameters.name, "Bridge");
        snprintf(parameters.creator, IDENTITY_SIZE, "%s", squad_identity(0));
        assert_int_equal(group_identity_adhoc(squad_identity(0), 1, parameters.identity),
                         STATUS_OK);
        for (size_t n = 0; n < 2; n++) {
            snprintf(parameters.members[n].identity, IDENTITY_SIZE, "%s", squad_identity(n));
            snprintf(parameters.members[n].kms, IDENTITY_SIZE, "%s", uris[n == 1 ? i : 0]);
        }
        group_parameters_write(&w, &parameters);
        assert_int_equal(writer_finish(&w), STATUS_OK);
        struct reader r = reader_of(writer_span(&w));
        assert_int_equal(group_parameters_read(&r, &again),
                         i == 0 ? STATUS_OK : STATUS_IDENTITY_INVALID);
    }
}

static void the_largest_group_fits_into_one_record(void **state) {
    (void)state;
    struct group_parameters *parameters = calloc(1, sizeof *parameters);
    assert_non_null(parameters);
    memset(parameters->identity, 'x', sizeof parameters->identity - 1);
    memset(parameters->creator, 'x', sizeof parameters->creator - 1);
    memset(parameters->name, 'x', sizeof parameters->name - 1);
    parameters->member_count = ADHOC_MEMBERS_MAX;
    for (size_t i = 0; i < ADHOC_MEMBERS_MAX; i++) {
        memset(parameters->members[i].identity, 'x', IDENTITY_MAX);
        memset(parameters->members[i].kms, 'x', IDENTITY_MAX);
        memset(parameters->members[i].name, 'x', DISPLAY_NAME_MAX);
        parameters->members[i].reason = longest_reason();
        parameters->members[i].reason_limit_ms = INT64_MAX;
        parameters->members[i].reason_check = longest_check();
    }
    uint8_t octets[GROUP_RECORD_MAX];
    struct writer w = writer_into(octets, D2D_RECORD_MAX);
    d2d_record_write(&w, &(struct d2d_record){.type = RECORD_PROPOSE_GROUP,
                                              .is_repeated = true,
                                              .parameters = parameters});
    assert_int_equal(writer_finish(&w), STATUS_OK);
    struct group *group = group_new(parameters, (struct group_clock){0});
    assert_non_null(group);
    uint8_t gmk[GMK_SIZE] = {1};
    struct moment now = {0};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(group_set_gmk(group, parameters, gmk, now), STATUS_OK);
    }
    group->former_count = FORMER_MAX;
    for (size_t i = 0; i < FORMER_MAX; i++) {
        memset(group->former[i].identity, 'x', IDENTITY_MAX);
        memset(group->former[i].kms, 'x', IDENTITY_MAX);
        memset(group->former[i].name, 'x', DISPLAY_NAME_MAX);
    }
    w = writer_into(octets, sizeof octets);
    group_write(&w, group);
    assert_int_equal(writer_finish(&w), STATUS_OK);
    group_free(group);
    free(parameters);
}

/* A time that no announcement can carry is refused where it comes in, since it stays: a handset
 * keeps group time, and never sets it back. */
static void a_group_time_beyond_every_timestamp_is_refused(void **state) {
    (void)state;
    const int64_t latest_ms = INT64_C(4233462143999), most_ms = INT64_MAX / 4;
    const struct {
        int64_t group_ms, created_ms;
        bool is_good;
    } cases[] = {
        {latest_ms, latest_ms, true}, {latest_ms + 1, 1, false}, {1, latest_ms + 1, false},
        {most_ms, 1, false},          {1, most_ms, false},
    };
    const enum record_type types[] = {RECORD_PROPOSE_GROUP, RECORD_POLL, RECORD_GRANT};
    struct group_parameters parameters = {.period_ms = HOUR_MS}, read;
    memcpy(parameters.name, "Bridge", sizeof "Bridge");
    memcpy(parameters.creator, squad_identity(0), strlen(squad_identity(0)) + 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t k = 0; k < sizeof types / sizeof types[0]; k++) {
            bool is_proposal = types[k] == RECORD_PROPOSE_GROUP;
            uint8_t octets[D2D_RECORD_MAX];
            struct writer w = writer_into(octets, sizeof octets);
            struct d2d_record record = {
                .type = types[k], .group_ms = cases[i].group_ms, .parameters = &parameters};
            parameters.created_ms = cases[i].created_ms;
            d2d_record_write(&w, &record);
            record.parameters = &read;
            bool is_good = is_proposal ? cases[i].is_good : cases[i].group_ms <= latest_ms;
            assert_int_equal(d2d_record_read(writer_span(&w), &record) == STATUS_OK, is_good);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_and_responses_arrive_in_order_and_sealed),
        cmocka_unit_test(a_repeated_request_is_known_and_an_old_one_refused),
        cmocka_unit_test(every_changed_octet_is_refused_and_the_genuine_record_still_counts),
        cmocka_unit_test(a_hello_to_one_nonce_does_not_open_another),
        cmocka_unit_test(truncated_payloads_are_refused_at_every_length),
        cmocka_unit_test(an_opening_without_a_share_or_with_a_worthless_one_is_refused),
        cmocka_unit_test(a_share_put_into_the_hello_on_the_way_is_refused),
        cmocka_unit_test(the_secrets_are_wiped_as_soon_as_the_keys_are_made),
        cmocka_unit_test(the_longest_i_message_fits_into_one_frame),
        cmocka_unit_test(a_member_whose_domain_is_no_uri_is_refused),
        cmocka_unit_test(the_largest_group_fits_into_one_record),
        cmocka_unit_test(a_group_time_beyond_every_timestamp_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
