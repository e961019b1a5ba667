/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "junk.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/handset/air/presence_message.h"

uint64_t junk_number(uint64_t *random) {
    *random += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t number = *random;
    number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    number = (number ^ number >> 27) * UINT64_C(0x94D049BB133111EB);
    return number ^ number >> 31;
}

void junk_fill(uint64_t *random, uint8_t *octets, size_t size) {
    for (size_t i = 0; i < size; i++) {
        octets[i] = (uint8_t)junk_number(random);
    }
}

void junk_presence(uint64_t *random, int64_t utc_ms, const char *identity, struct writer *out) {
    uint8_t signature_octets[ECCSI_SIGNATURE_SIZE];
    const uint8_t chain[PRESENCE_LINK_SIZE + 2 + PRESENCE_LINK_SIZE] = {0}, rhythm[2 + 1 + 2] = {0};
    struct presence presence;
    struct span covered, signature;
    size_t begin = out->length;
    junk_fill(random, signature_octets, sizeof signature_octets);
    write_u64(out, (uint64_t)utc_ms);
    write_u64(out, junk_number(random)); /* the start of a life */
    write_u64(out, 0);                   /* and its age */
    write_span(out, SPAN_OF(chain));
    write_span(out, SPAN_OF(rhythm));
    write_text_u8(out, identity);
    write_text_u8(out, "sip:kms@county.example");
    write_text_u8(out, "Ghost");
    write_u16(out, 0); /* which nobody attests */
    write_u8(out, 0);  /* no echoes */
    write_span(out, SPAN_OF(signature_octets));
    const struct span payload = {out->octets + begin, out->length - begin};
    if (presence_read(payload, &presence, &covered, &signature) != STATUS_OK) {
        fprintf(stderr, "a forged presence is not of today's form\n");
        abort();
    }
}
