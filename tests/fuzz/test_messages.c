/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as one of the smaller messages: the first octet says which. */
#include <string.h>

#include "app/handset/air/presence_message.h"
#include "app/handset/keys/receipt.h"
#include "app/handset/talk/media.h"
#include "crypto/key_delivery.h"
#include "tests/fuzz/target.h"
#include "transport/bluetooth/hci.h"
#include "transport/bluetooth/mgmt.h"
#include "transport/hello.h"

typedef void reader_fn(struct span octets);

static void as_presence(struct span octets) {
    struct presence presence;
    struct span covered, signature;
    if (presence_read(octets, &presence, &covered, &signature) == STATUS_OK) {
        must(presence.echo_count <= PRESENCE_ECHOES_MAX);
        must(covered.octets == octets.octets && signature.length == ECCSI_SIGNATURE_SIZE);
        must(strnlen(presence.name, DISPLAY_NAME_SIZE) < DISPLAY_NAME_SIZE);
    }
}

static void as_receipt(struct span octets) {
    struct receipt receipt;
    struct span covered, signature;
    if (receipt_read(octets, &receipt, &covered, &signature) == STATUS_OK) {
        must(covered.octets == octets.octets && signature.length == ECCSI_SIGNATURE_SIZE);
    }
}

static void as_key_delivery(struct span octets) {
    struct i_message message;
    if (key_delivery_parse(octets, &message) == STATUS_OK) {
        must(message.covered.octets == octets.octets);
    }
}

static void as_media(struct span octets) {
    struct media media;
    if (media_read(octets, &media) == STATUS_OK) {
        must(media.signature.length == VOICE_SIGNATURE_SIZE && media.srtp.length < octets.length);
    }
}

/* RTP as it comes out of SRTP: what it says of the queue, and its voice. */
static void as_voice(struct span octets) {
    struct voice_receiver *receiver;
    struct queue_info info;
    int16_t samples[VOICE_FRAME_SAMPLES];
    (void)queue_info_read(octets, false, &info);
    (void)queue_info_read(octets, true, &info);
    must(voice_receiver_new(&receiver) == STATUS_OK);
    enum status status = voice_receiver_packet(receiver, 1000, octets);
    must(status == STATUS_OK || !voice_receiver_holds(receiver));
    for (int64_t ms = 1000; ms < 1400; ms += VOICE_FRAME_MS) {
        (void)voice_receiver_play(receiver, ms, samples);
    }
    voice_receiver_free(receiver);
}

static void as_hello(struct span octets) {
    struct hello hello;
    (void)hello_read(octets.octets, octets.length, &hello);
}

static void as_management(struct span octets) {
    struct mgmt_event event;
    struct mgmt_info info;
    uint32_t settings;
    uint16_t indexes[16];
    if (mgmt_parse(octets.octets, octets.length, &event)) {
        (void)mgmt_info(&event, &info);
        (void)mgmt_settings(&event, &settings);
        must(mgmt_indexes(&event, indexes, 16) <= 16);
    }
}

static void as_controller(struct span octets) {
    struct hci_event event;
    (void)hci_parse(octets.octets, octets.length, &event);
}

static reader_fn *const readers[] = {as_presence, as_receipt, as_key_delivery, as_media,
                                     as_voice,    as_hello,   as_management,   as_controller};

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    if (length > 0) {
        readers[octets[0] % (sizeof readers / sizeof readers[0])](
            (struct span){octets + 1, length - 1});
    }
    return 0;
}
