/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as what a terminal sends: each input is a key or news that there is, a pause later
 * nothing is under way, no paste either, and push-to-talk by such keys never asks for a time that
 * has been. */
#include "tests/fuzz/target.h"
#include "ui/keyboard/ptt.h"
#include "ui/ui.h"

static void take_all(struct decoder *decoder, struct ptt *ptt, int64_t now_ms) {
    struct input input;
    while (decoder_next(decoder, now_ms, &input)) {
        must(input.kind <= INPUT_ATTRIBUTES && input.press <= PRESS_LAST);
        must(input.kind > INPUT_RELEASED || input.press != PRESS_NONE);
        (void)ptt_key(ptt, input.kind, ptt_is_open(ptt), now_ms);
        must(ptt_deadline(ptt) > now_ms);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct decoder decoder = {.length = 0};
    struct ptt ptt = {.state = PTT_UP};
    int64_t now_ms = 0;
    for (size_t i = 0; i < length; i++) {
        decoder_octet(&decoder, octets[i], now_ms);
        take_all(&decoder, &ptt, now_ms);
        now_ms += octets[i] % 64;
        (void)ptt_tick(&ptt, now_ms);
        must(ptt_deadline(&ptt) > now_ms);
    }
    (void)ptt_tick(&ptt, now_ms + DECODER_PASTE_MS);
    take_all(&decoder, &ptt, now_ms + DECODER_PASTE_MS);
    must(decoder_deadline(&decoder) == INT64_MAX);
    return 0;
}
