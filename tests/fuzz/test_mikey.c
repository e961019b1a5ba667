/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as a MIKEY-SAKKE I_MESSAGE: what opens a D2D connection, and a key delivery. */
#include <string.h>

#include "crypto/i_message.h"
#include "tests/app/squad.h"
#include "tests/fuzz/target.h"

static void must_be_text(const char *identity) {
    must(strnlen(identity, IDENTITY_SIZE) < IDENTITY_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct i_message message;
    if (i_message_parse((struct span){octets, length}, &message) != STATUS_OK) {
        return 0;
    }
    must_be_text(message.fields.initiator);
    must_be_text(message.fields.initiator_kms);
    must_be_text(message.fields.responder);
    must_be_text(message.fields.responder_kms);
    must(message.covered.octets == octets && message.covered.length < length);
    struct identifier initiator;
    if (identifier_of(message.fields.initiator, message.fields.utc_ms, &initiator) == STATUS_OK) {
        (void)!i_message_verify(squad_provider(), &message, squad_domain(), &initiator);
    }
    return 0;
}
