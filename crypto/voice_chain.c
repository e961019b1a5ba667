/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/voice_chain.h"

#include <sodium.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/secret.h"

static const uint8_t personalization[crypto_generichash_blake2b_PERSONALBYTES] = "Muster link 1";

/* The link before `link`, which is that of packet `number`; `before` may be `link`. */
static void step_back(const uint8_t key[TALKER_KEY_SIZE], unsigned number,
                      const uint8_t link[VOICE_LINK_SIZE], uint8_t before[VOICE_LINK_SIZE]) {
    uint8_t octets[TALKER_KEY_SIZE + 2 + VOICE_LINK_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    write_span(&w, (struct span){key, TALKER_KEY_SIZE});
    write_u16(&w, (uint16_t)number);
    write_span(&w, (struct span){link, VOICE_LINK_SIZE});
    /* It can fail for sizes that it does not support alone, and these are constants. */
    (void)crypto_generichash_blake2b_salt_personal(before, VOICE_LINK_SIZE, octets, sizeof octets,
                                                   NULL, 0, NULL, personalization);
}

void voice_chain_fill(const uint8_t key[TALKER_KEY_SIZE],
                      uint8_t links[VOICE_CHAIN_MAX + 1][VOICE_LINK_SIZE]) {
    for (unsigned number = VOICE_CHAIN_MAX; number > 0; number--) {
        step_back(key, number, links[number], links[number - 1]);
    }
    secret_wipe_stack();
}

/* --- Heard ------------------------------------------------------------------------------------ */

static uint8_t *link_at(struct heard_chain *chain, unsigned number) {
    return chain->links[number % VOICE_CHAIN_KEPT];
}

void heard_chain_start(struct heard_chain *chain, const uint8_t key[TALKER_KEY_SIZE],
                       const uint8_t anchor[VOICE_LINK_SIZE]) {
    *chain = (struct heard_chain){.newest = 0};
    memcpy(chain->key, key, sizeof chain->key);
    memcpy(link_at(chain, 0), anchor, VOICE_LINK_SIZE);
}

enum link_sight heard_chain_see(struct heard_chain *chain, unsigned number,
                                const uint8_t link[VOICE_LINK_SIZE], unsigned steps) {
    uint8_t before[VOICE_LINK_SIZE];
    if (number == 0 || number > VOICE_CHAIN_MAX ||
        (number <= chain->newest && chain->newest - number >= VOICE_CHAIN_KEPT)) {
        return LINK_WRONG;
    }
    if (number > chain->newest && number - chain->newest > steps) {
        return LINK_FAR;
    }
    memcpy(before, link, sizeof before);
    for (unsigned at = number; at > chain->newest; at--) {
        step_back(chain->key, at, before, before);
    }
    unsigned known = number < chain->newest ? number : chain->newest;
    if (memcmp(before, link_at(chain, known), sizeof before) != 0) {
        return LINK_WRONG;
    }
    if (number > chain->newest) {
        heard_chain_take(chain, number, link);
    }
    return LINK_RIGHT;
}

void heard_chain_take(struct heard_chain *chain, unsigned number,
                      const uint8_t link[VOICE_LINK_SIZE]) {
    if (number <= chain->newest || number > VOICE_CHAIN_MAX) {
        return;
    }
    memcpy(link_at(chain, number), link, VOICE_LINK_SIZE);
    for (unsigned at = number; at > chain->newest + 1 && number - at < VOICE_CHAIN_KEPT - 1; at--) {
        step_back(chain->key, at, link_at(chain, at), link_at(chain, at - 1));
    }
    chain->newest = number;
}
