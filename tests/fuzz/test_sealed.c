/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a member says to a talker under the session's key: any plain text, sealed, as a floor
 * request and as a voice report; and the octets themselves as both. */
#include <string.h>

#include "crypto/floor_request.h"
#include "crypto/session_seal.h"
#include "crypto/voice_report.h"
#include "tests/fuzz/target.h"

static const uint8_t gsk[SSV_SIZE] = {7}, session[SESSION_HASH_SIZE] = {9};

/* The input cut, or filled up with zeros, to the one size that the kind has. */
static struct span sealed(struct span label, struct span input, size_t size, uint8_t room[]) {
    uint8_t plain[512] = {0}, key[SEAL_KEY_SIZE];
    struct writer out = writer_into(room, size);
    size_t length = size - SESSION_SEAL_OVERHEAD;
    must(length <= sizeof plain);
    memcpy(plain, input.octets, input.length < length ? input.length : length);
    must(session_seal_key(label, gsk, session, key) == STATUS_OK);
    must(session_seal_close(label, key, 1, (struct span){plain, length}, &entropy_system, &out) ==
         STATUS_OK);
    return writer_span(&out);
}

static void ask(struct span payload) {
    struct floor_request_opened opened;
    struct floor_key *key;
    must(floor_key_new(1, gsk, session, &key) == STATUS_OK);
    if (floor_request_open(key, payload, &opened) == STATUS_OK) {
        must(strnlen(opened.request.identity, IDENTITY_SIZE) < IDENTITY_SIZE);
        must(opened.request.number >= 0 && opened.signed_length <= FLOOR_REQUEST_SIGNED_MAX);
    }
    floor_key_free(key);
}

static void report(struct span payload) {
    struct voice_report said;
    struct voice_report_key *key;
    must(voice_report_key_new(gsk, session, &key) == STATUS_OK);
    if (voice_report_open(key, payload, &said) == STATUS_OK) {
        must(said.loss <= 100 || said.loss == VOICE_REPORT_LOSS_UNKNOWN);
    }
    voice_report_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    static const char floor_label[] = "Muster floor 1", report_label[] = "Muster voice report 1";
    struct span input = {octets, length};
    uint8_t room[1024];
    uint32_t id;
    must((floor_request_gmk_id(input, &id) == STATUS_OK) == (length == FLOOR_REQUEST_SIZE));
    must((voice_report_gmk_id(input, &id) == STATUS_OK) == (length == VOICE_REPORT_SIZE));
    ask(input);
    report(input);
    ask(sealed((struct span){(const uint8_t *)floor_label, sizeof floor_label}, input,
               FLOOR_REQUEST_SIZE, room));
    report(sealed((struct span){(const uint8_t *)report_label, sizeof report_label}, input,
                  VOICE_REPORT_SIZE, room));
    return 0;
}
