/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "revoked_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"

struct revocation revoked_list(const struct squad *squad, uint64_t number, size_t place) {
    struct revocation list;
    const struct desk *desk = &squad->handsets[0].engine->desk;
    assert_int_equal(revocation_begin(&list, desk->keyring.credential->kms, number,
                                      squad_now(squad, 0).utc_ms, &desk->entropy),
                     STATUS_OK);
    assert_int_equal(revocation_add(&list, place < SQUAD_MAX + 10 ? squad_identity(place)
                                                                  : "sip:stolen@county.example"),
                     STATUS_OK);
    assert_int_equal(
        revocation_sign(&list, squad_provider(), squad_statements_key(), &desk->entropy),
        STATUS_OK);
    return list;
}

enum status revoked_list_import(struct squad *squad, size_t n, const struct revocation *list) {
    uint8_t text[REVOCATION_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    assert_int_equal(revocation_write_text(&w, list), STATUS_OK);
    const struct command command = {
        .kind = COMMAND_IMPORT, .text = (const char *)text, .text_length = w.length};
    return squad_command(squad, n, &command);
}

void revoked_list_say(struct squad *squad, size_t n, size_t from, const struct revocation *list) {
    uint8_t room[REVOCATION_SIZE_MAX];
    struct writer w = writer_into(room, sizeof room);
    revocation_write(&w, list);
    assert_int_equal(writer_finish(&w), STATUS_OK);
    squad_inject_payload(squad, n, from, FRAME_REVOCATION, writer_span(&w));
}

uint64_t revoked_list_held(const struct squad *squad, size_t n) {
    return squad->handsets[n].engine->desk.revoked.list.number;
}

unsigned revoked_list_said(const struct squad *squad, size_t from) {
    unsigned count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        count += squad->frames[i].from == from && squad->frames[i].octets[1] == FRAME_REVOCATION;
    }
    return count;
}
