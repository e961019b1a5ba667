/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/inquiry.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>

enum {
    INQUIRY_LENGTH = 2, /* times 1.28 s */
    SEEKING_MS = 5000,
    NAMING_MS = 8000,
    MEASURING_MS = 2000,
};

static const uint8_t EVENTS[] = {
    HCI_INQUIRY_COMPLETE,         HCI_INQUIRY_RESULT,          HCI_CONNECTION_COMPLETE,
    HCI_REMOTE_NAME_COMPLETE,     HCI_COMMAND_COMPLETE,        HCI_COMMAND_STATUS,
    HCI_INQUIRY_RESULT_WITH_RSSI, HCI_EXTENDED_INQUIRY_RESULT,
};

static bool set_filter(int descriptor) {
    struct hci_filter filter = {.type_mask = 1U << HCI_EVENT_PKT};
    for (size_t i = 0; i < sizeof EVENTS; i++) {
        filter.event_mask[EVENTS[i] / 32] |= 1U << EVENTS[i] % 32;
    }
    return setsockopt(descriptor, SOL_HCI, HCI_FILTER, &filter, sizeof filter) == 0;
}

bool inquiry_open(struct inquiry *inquiry, uint16_t index) {
    *inquiry = (struct inquiry){.descriptor = -1};
    int descriptor = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, BTPROTO_HCI);
    if (descriptor < 0) {
        return false;
    }
    const struct sockaddr_hci address = {
        .hci_family = AF_BLUETOOTH, .hci_dev = index, .hci_channel = HCI_CHANNEL_RAW};
    if (!set_filter(descriptor) ||
        bind(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        int error = errno;
        close(descriptor);
        errno = error;
        return false;
    }
    inquiry->descriptor = descriptor;
    return true;
}

static bool send_command(const struct inquiry *inquiry, const uint8_t *packet, size_t length) {
    return send(inquiry->descriptor, packet, length, MSG_DONTWAIT | MSG_NOSIGNAL) ==
           (ssize_t)length;
}

/* Tells the controller that nobody waits for it any longer. */
void inquiry_stop(struct inquiry *inquiry) {
    uint8_t packet[HCI_COMMAND_SIZE];
    if (inquiry->errand == INQUIRY_SEEKING) {
        (void)send_command(inquiry, packet, hci_inquiry_cancel(packet));
    } else if (inquiry->errand == INQUIRY_NAMING) {
        (void)send_command(inquiry, packet,
                           hci_remote_name_request_cancel(packet, inquiry->address));
    }
    inquiry->errand = INQUIRY_IDLE;
}

void inquiry_close(struct inquiry *inquiry) {
    if (inquiry->descriptor < 0) {
        return;
    }
    inquiry_stop(inquiry);
    close(inquiry->descriptor);
    inquiry->descriptor = -1;
}

/* --- Errands -------------------------------------------------------------------------------- */

static bool begin(struct inquiry *inquiry, enum inquiry_errand errand, int64_t deadline_ms,
                  const uint8_t *packet, size_t length) {
    if (inquiry->errand != INQUIRY_IDLE || !send_command(inquiry, packet, length)) {
        return false;
    }
    inquiry->errand = errand;
    inquiry->deadline_ms = deadline_ms;
    return true;
}

bool inquiry_seek(struct inquiry *inquiry, int64_t now_ms) {
    uint8_t packet[HCI_COMMAND_SIZE];
    return begin(inquiry, INQUIRY_SEEKING, now_ms + SEEKING_MS, packet,
                 hci_inquiry(packet, INQUIRY_LENGTH));
}

bool inquiry_name(struct inquiry *inquiry, int64_t now_ms, const struct hci_result *of) {
    uint8_t packet[HCI_COMMAND_SIZE];
    inquiry->address = of->address;
    return begin(inquiry, INQUIRY_NAMING, now_ms + NAMING_MS, packet,
                 hci_remote_name_request(packet, of));
}

bool inquiry_measure(struct inquiry *inquiry, int64_t now_ms, uint16_t handle) {
    uint8_t packet[HCI_COMMAND_SIZE];
    inquiry->handle = handle;
    return begin(inquiry, INQUIRY_MEASURING, now_ms + MEASURING_MS, packet,
                 hci_read_rssi(packet, handle));
}

/* Does `event` end the errand? A command that was refused ends it, too. */
static bool ends(const struct inquiry *inquiry, const struct hci_event *event) {
    bool is_refusal = event->code == HCI_COMMAND_STATUS && event->status != 0;
    switch (inquiry->errand) {
    case INQUIRY_SEEKING:
        return event->code == HCI_INQUIRY_COMPLETE ||
               (is_refusal && event->opcode == HCI_OP_INQUIRY);
    case INQUIRY_NAMING:
        return (event->code == HCI_REMOTE_NAME_COMPLETE && event->address == inquiry->address) ||
               (is_refusal && event->opcode == HCI_OP_REMOTE_NAME_REQUEST);
    case INQUIRY_MEASURING:
        return (event->code == HCI_COMMAND_COMPLETE || is_refusal) &&
               event->opcode == HCI_OP_READ_RSSI;
    default:
        return false;
    }
}

enum inquiry_taken inquiry_take(struct inquiry *inquiry, const struct hci_event *event) {
    if (event->result_count > 0) {
        return INQUIRY_FOUND;
    }
    if (event->code == HCI_CONNECTION_COMPLETE && event->status == 0) {
        return INQUIRY_PAGED;
    }
    if (!ends(inquiry, event)) {
        return INQUIRY_OTHER;
    }
    inquiry->errand = INQUIRY_IDLE;
    return INQUIRY_ENDED;
}

enum inquiry_taken inquiry_receive(struct inquiry *inquiry, struct hci_event *event) {
    uint8_t packet[HCI_PACKET_SIZE];
    ssize_t length = recv(inquiry->descriptor, packet, sizeof packet, MSG_DONTWAIT);
    if (length < 0) {
        return errno == EAGAIN || errno == EINTR ? INQUIRY_NOTHING : INQUIRY_BROKEN;
    }
    if (length == 0) {
        return INQUIRY_BROKEN;
    }
    if (hci_parse(packet, (size_t)length, event)) {
        return inquiry_take(inquiry, event);
    }
    return INQUIRY_OTHER;
}

bool inquiry_expired(struct inquiry *inquiry, int64_t now_ms) {
    if (inquiry->errand == INQUIRY_IDLE || now_ms < inquiry->deadline_ms) {
        return false;
    }
    inquiry_stop(inquiry);
    return true;
}
