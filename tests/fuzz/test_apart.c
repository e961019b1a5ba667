/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets from a radio's process, or from the handset to it: what is accepted is within its
 * bounds, and is written as octets that say the same. The handset's side takes them as well, by the
 * socket that the first octet names. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/target.h"
#include "transport/apart/apart.h"
#include "transport/apart/message.h"

static struct transport *transport;
static int theirs[APART_SOCKETS];

static void begin(void) {
    static const struct message opened = {
        .kind = MESSAGE_OPENED, .result = TRANSPORT_OK, .abilities = ABLE_TO_ALL};
    struct transport_condition problem;
    uint8_t octets[MESSAGE_SIZE];
    int ours[APART_SOCKETS];
    must(apart_pair(ours, theirs));
    size_t length = message_write(&opened, octets);
    must(send(theirs[APART_REST], octets, length, 0) == (ssize_t)length);
    must(apart_open(ours, &transport, &problem) == TRANSPORT_OK);
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    char address[TRANSPORT_ADDRESS_SIZE];
    (void)context;
    must(peer != PEER_ALL && frame != NULL && length > 0 && length <= TRANSPORT_FRAME_MAX);
    must(transport->kind->quality(transport, peer) <= 100);
    transport->kind->address(transport, peer, address);
    must(memchr(address, 0, sizeof address) != NULL);
    transport->kind->favour(transport, transport->kind->origin(transport));
    (void)transport->kind->send(transport, peer, LANE_REST, frame, length);
}

/* What was accepted once is accepted again as it is written, and is written the same. */
static void write_again(bool (*read)(const uint8_t *, size_t, struct message *),
                        const uint8_t *octets, size_t length) {
    static uint8_t once[MESSAGE_SIZE], twice[MESSAGE_SIZE];
    static struct message first, second;
    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
    if (!read(octets, length, &first)) {
        return;
    }
    size_t written = message_write(&first, once);
    must(written > 0 && read(once, written, &second));
    must(message_write(&second, twice) == written && memcmp(once, twice, written) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct transport_radio radios[TRANSPORT_RADIOS_MAX];
    struct transport_condition news;
    uint8_t drained[64];
    if (transport == NULL) {
        begin();
    }
    if (length < 1) {
        return 0;
    }
    enum apart_socket by = (enum apart_socket)(octets[0] % APART_SOCKETS);
    write_again(message_read_of_radio, octets + 1, length - 1);
    write_again(message_read_of_handset, octets + 1, length - 1);
    (void)!send(theirs[by], octets + 1, length - 1, MSG_DONTWAIT);
    (void)transport->kind->receive(transport, on_frame, NULL);
    while (transport->kind->news(transport, &news)) {
        must((unsigned)news.kind < CONDITION_KINDS);
    }
    must(transport->kind->radios(transport, radios, TRANSPORT_RADIOS_MAX) <= MESSAGE_RADIOS_MAX);
    for (size_t i = 0; i < APART_SOCKETS; i++) {
        while (recv(theirs[i], drained, sizeof drained, MSG_DONTWAIT) > 0) {
        }
    }
    return 0;
}
