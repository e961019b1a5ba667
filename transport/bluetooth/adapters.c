/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/adapters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>

#include "transport/bluetooth/octets.h"

enum {
    ANSWER_MS = 10 * 1000,
    INDEXES_MAX = 64,
    NO_INPUT_NO_OUTPUT = 3,
    MAJOR_CLASSES = 0x1f,
};

/* --- Places --------------------------------------------------------------------------------- */

static bool set_name(struct adapter *adapter, unsigned long index) {
    *adapter = (struct adapter){.index = (uint16_t)index, .turn = adapter->turn};
    int length = snprintf(adapter->name, sizeof adapter->name, "hci%u", adapter->index);
    return index < MANAGEMENT_NO_INDEX && length < (int)sizeof adapter->name;
}

static struct adapter *adapter_at(struct adapters *adapters, uint16_t index) {
    for (size_t i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        if (adapters->list[i].name[0] != '\0' && adapters->list[i].index == index) {
            return &adapters->list[i];
        }
    }
    return NULL;
}

static struct adapter *free_place(struct adapters *adapters) {
    for (size_t i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        if (adapters->list[i].name[0] == '\0') {
            return &adapters->list[i];
        }
    }
    return NULL;
}

/* Reads "hci" and a number, written as the kernel writes it, up to `end`. */
static bool read_index(const char *text, size_t length, unsigned long *index) {
    char copy[ADAPTER_NAME_SIZE], written[32];
    if (length < 4 || length >= sizeof copy || memcmp(text, "hci", 3) != 0) {
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    *index = strtoul(copy + 3, NULL, 10);
    snprintf(written, sizeof written, "hci%lu", *index);
    return strcmp(copy, written) == 0 && *index < MANAGEMENT_NO_INDEX;
}

bool adapters_name(struct adapters *adapters, const char *names) {
    *adapters = (struct adapters){.descriptor = -1, .is_by_name = names != NULL};
    while (names != NULL) {
        size_t length = strcspn(names, ",");
        unsigned long index;
        struct adapter *place = free_place(adapters);
        if (place == NULL || !read_index(names, length, &index) ||
            adapter_at(adapters, (uint16_t)index) != NULL || !set_name(place, index)) {
            return false;
        }
        names = names[length] == ',' ? names + length + 1 : NULL;
    }
    return true;
}

/* --- Making ready ----------------------------------------------------------------------------- */

static void send_command(struct adapters *adapters, struct adapter *adapter, int64_t now_ms,
                         enum mgmt_opcode opcode, const uint8_t *parameters, size_t length) {
    uint8_t packet[MANAGEMENT_PACKET_MAX];
    uint16_t index = adapter == NULL ? (uint16_t)MANAGEMENT_NO_INDEX : adapter->index;
    size_t size = mgmt_command(packet, opcode, index, parameters, length);
    if (adapter != NULL) {
        adapter->pending = (uint16_t)opcode;
        adapter->pending_until_ms = now_ms + ANSWER_MS;
    }
    (void)send(adapters->descriptor, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The steps, in order: what decides how others pair has to be set before the adapter is powered. */
static const struct step {
    enum mgmt_opcode opcode;
    uint32_t setting; /* that it is about, 0 for none */
} STEPS[] = {
    {MANAGEMENT_SET_IO_CAPABILITY, 0},
    {MANAGEMENT_SET_SSP, MANAGEMENT_SSP},
    {MANAGEMENT_SET_BONDABLE, MANAGEMENT_BONDABLE},
    {MANAGEMENT_SET_CONNECTABLE, MANAGEMENT_CONNECTABLE},
    {MANAGEMENT_SET_LOCAL_NAME, 0},
    {MANAGEMENT_SET_DEVICE_CLASS, 0},
    {MANAGEMENT_SET_POWERED, MANAGEMENT_POWERED},
    {MANAGEMENT_SET_DISCOVERABLE, MANAGEMENT_DISCOVERABLE},
};

enum {
    STEP_COUNT = sizeof STEPS / sizeof STEPS[0]
};

static unsigned step_bit(uint16_t opcode) {
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        if (STEPS[i].opcode == opcode) {
            return 1U << i;
        }
    }
    return 0;
}

bool class_is_handset(uint32_t device_class) {
    return (device_class & HANDSET_CLASS_MASK) == HANDSET_CLASS;
}

static bool is_own_name(const struct adapter *adapter, const char *name) {
    char own[ADAPTER_LOCAL_NAME_SIZE];
    adapter_local_name(adapter, own);
    return strcmp(name, own) == 0;
}

static bool is_needed(const struct adapters *adapters, const struct adapter *adapter,
                      const struct step *step) {
    bool is_powered = (adapter->info.settings & MANAGEMENT_POWERED) != 0;
    bool is_set = (adapter->info.settings & step->setting) != 0;
    switch (step->opcode) {
    case MANAGEMENT_SET_IO_CAPABILITY:
        return !adapter->has_io_capability && (adapter->info.supported & MANAGEMENT_SSP) != 0;
    case MANAGEMENT_SET_LOCAL_NAME:
        return !is_own_name(adapter, adapter->info.name);
    case MANAGEMENT_SET_DEVICE_CLASS:
        return !class_is_handset(adapter->info.device_class);
    case MANAGEMENT_SET_POWERED:
        return !is_powered && adapters->mode == TRANSPORT_SEEKS;
    case MANAGEMENT_SET_BONDABLE:
        return is_set;
    case MANAGEMENT_SET_CONNECTABLE:
        return is_set == (adapters->mode == TRANSPORT_OFF);
    case MANAGEMENT_SET_DISCOVERABLE:
        return is_powered && is_set != (adapters->mode == TRANSPORT_SEEKS);
    default:
        return !is_set && (adapter->info.supported & step->setting) != 0;
    }
}

/* The next step that is needed and has not been tried; NULL when there is none. */
static const struct step *next_step(const struct adapters *adapters,
                                    const struct adapter *adapter) {
    if (!adapters->is_trusted || !adapter->is_read || adapter->info.address == 0) {
        return NULL;
    }
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        if ((adapter->tried & 1U << i) == 0 && is_needed(adapters, adapter, &STEPS[i])) {
            return &STEPS[i];
        }
    }
    return NULL;
}

static void set_local_name(struct adapters *adapters, struct adapter *adapter, int64_t now_ms,
                           const char *name) {
    uint8_t parameters[MANAGEMENT_NAME_SIZE + MANAGEMENT_SHORT_NAME_SIZE] = {0};
    memcpy(parameters, name, strlen(name));
    send_command(adapters, adapter, now_ms, MANAGEMENT_SET_LOCAL_NAME, parameters,
                 sizeof parameters);
}

static void set_device_class(struct adapters *adapters, struct adapter *adapter, int64_t now_ms,
                             uint32_t device_class) {
    const uint8_t parameters[2] = {device_class >> 8 & MAJOR_CLASSES, device_class & 0xff};
    send_command(adapters, adapter, now_ms, MANAGEMENT_SET_DEVICE_CLASS, parameters,
                 sizeof parameters);
}

static void take_step(struct adapters *adapters, struct adapter *adapter, int64_t now_ms,
                      const struct step *step) {
    char name[ADAPTER_LOCAL_NAME_SIZE];
    uint8_t parameters[3] = {1};
    size_t length = 1;
    adapter->tried |= step_bit((uint16_t)step->opcode);
    switch (step->opcode) {
    case MANAGEMENT_SET_IO_CAPABILITY:
        parameters[0] = NO_INPUT_NO_OUTPUT;
        break;
    case MANAGEMENT_SET_BONDABLE:
        parameters[0] = 0;
        break;
    case MANAGEMENT_SET_DISCOVERABLE:
        parameters[0] = adapters->mode == TRANSPORT_SEEKS;
        length = 3; /* for no limited time */
        break;
    case MANAGEMENT_SET_CONNECTABLE:
        parameters[0] = adapters->mode != TRANSPORT_OFF;
        break;
    case MANAGEMENT_SET_DEVICE_CLASS:
        set_device_class(adapters, adapter, now_ms, HANDSET_CLASS);
        return;
    case MANAGEMENT_SET_LOCAL_NAME:
        adapter_local_name(adapter, name);
        set_local_name(adapters, adapter, now_ms, name);
        return;
    default:
        break;
    }
    send_command(adapters, adapter, now_ms, step->opcode, parameters, length);
}

/* Sends the next command that is needed, unless one is under way. */
static void advance(struct adapters *adapters, struct adapter *adapter, int64_t now_ms) {
    if (adapters->descriptor < 0 || !adapter->is_there || adapter->pending != 0) {
        return;
    }
    const struct step *step = next_step(adapters, adapter);
    if (!adapter->is_read) {
        send_command(adapters, adapter, now_ms, MANAGEMENT_READ_INFO, NULL, 0);
    } else if (step != NULL) {
        take_step(adapters, adapter, now_ms, step);
    }
}

bool adapters_prepare(const struct adapters *adapters, const struct adapter *adapter) {
    return !adapter->is_read || adapter->pending > MANAGEMENT_READ_INFO ||
           next_step(adapters, adapter) != NULL;
}

/* --- What the kernel says ------------------------------------------------------------------- */

static void set_info(struct adapter *adapter, const struct mgmt_info *info) {
    bool was_usable = adapter_is_usable(adapter);
    bool is_same = info->address == adapter->info.address;
    adapter->info = *info;
    adapter->is_read = true;
    /* It never is by what is done here: somebody wants it to be, such as bluetoothd at its start.
     */
    adapter->before.settings |= info->settings & MANAGEMENT_BONDABLE;
    if (was_usable && (!is_same || !adapter_is_usable(adapter))) {
        adapter->turn++;
    }
}

static void set_settings(struct adapter *adapter, uint32_t settings) {
    if (!adapter->is_read) {
        return;
    }
    struct mgmt_info info = adapter->info;
    info.settings = settings;
    set_info(adapter, &info);
}

static void came(struct adapters *adapters, uint16_t index, int64_t now_ms) {
    struct adapter *adapter = adapter_at(adapters, index);
    if (adapter == NULL && !adapters->is_by_name) {
        adapter = free_place(adapters);
        if (adapter != NULL && !set_name(adapter, index)) {
            return;
        }
    }
    if (adapter == NULL || adapter->is_there) {
        return;
    }
    set_name(adapter, index);
    adapter->is_there = true;
    advance(adapters, adapter, now_ms);
}

static void went(struct adapters *adapters, struct adapter *adapter) {
    if (adapter == NULL) {
        return;
    }
    if (adapter_is_usable(adapter)) {
        adapter->turn++;
    }
    set_name(adapter, adapter->index);
    if (!adapters->is_by_name) {
        adapter->name[0] = '\0';
    }
}

static int by_index(const void *a, const void *b) {
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void take_list(struct adapters *adapters, int64_t now_ms, const struct mgmt_event *event) {
    uint16_t indexes[INDEXES_MAX];
    size_t count = mgmt_indexes(event, indexes, INDEXES_MAX);
    qsort(indexes, count, sizeof indexes[0], by_index);
    for (size_t k = 0; k < PICONET_ADAPTERS_MAX; k++) {
        struct adapter *adapter = &adapters->list[k];
        bool is_listed = false;
        for (size_t i = 0; i < count; i++) {
            is_listed = is_listed || indexes[i] == adapter->index;
        }
        if (adapter->is_there && !is_listed) {
            went(adapters, adapter);
        }
    }
    adapters->is_listed = true;
    for (size_t i = 0; i < count; i++) {
        came(adapters, indexes[i], now_ms);
    }
}

/* What a step that was taken has changed. */
static void step_done(struct adapter *adapter, const struct mgmt_event *event) {
    uint32_t settings;
    if (event->opcode == MANAGEMENT_SET_IO_CAPABILITY) {
        adapter->has_io_capability = true;
    } else if (event->opcode == MANAGEMENT_SET_LOCAL_NAME) {
        adapter_local_name(adapter, adapter->info.name);
    } else if (event->opcode == MANAGEMENT_SET_DEVICE_CLASS) {
        adapter->info.device_class = HANDSET_CLASS;
    } else if (mgmt_settings(event, &settings)) {
        set_settings(adapter, settings);
    }
}

/* How others see the adapter: its first settings, and the name and class that it has been given
 * since. */
static void remember(struct adapter *adapter) {
    if (adapter->before.address != adapter->info.address) {
        adapter->before = adapter->info;
    }
    if (!is_own_name(adapter, adapter->info.name)) {
        memcpy(adapter->before.name, adapter->info.name, sizeof adapter->before.name);
    }
    if (!class_is_handset(adapter->info.device_class)) {
        adapter->before.device_class = adapter->info.device_class;
    }
}

static void take_answer(struct adapters *adapters, struct adapter *adapter,
                        const struct mgmt_event *event) {
    struct mgmt_info info;
    if (event->opcode == adapter->pending) {
        adapter->pending = 0;
    }
    if (event->status == MANAGEMENT_PERMISSION_DENIED) {
        adapters->is_trusted = false;
    }
    if (event->status == MANAGEMENT_INVALID_INDEX) {
        adapter->turn += adapter_is_usable(adapter);
        adapter->is_read = false; /* it is going away, as the kernel is about to report */
    }
    if (event->opcode == MANAGEMENT_SET_POWERED) {
        adapter->power_status = event->status;
    }
    if (event->status != MANAGEMENT_SUCCESS) {
        return;
    }
    if (event->opcode == MANAGEMENT_READ_INFO && mgmt_info(event, &info)) {
        set_info(adapter, &info);
        remember(adapter);
    } else if (step_bit(event->opcode) != 0) {
        step_done(adapter, event);
    }
}

void adapters_take(struct adapters *adapters, int64_t now_ms, const uint8_t *packet,
                   size_t length) {
    struct mgmt_event event;
    uint32_t settings;
    if (!mgmt_parse(packet, length, &event)) {
        return;
    }
    if (event.code == MANAGEMENT_COMMAND_COMPLETE && event.opcode == MANAGEMENT_READ_INDEX_LIST) {
        take_list(adapters, now_ms, &event);
    } else if (event.code == MANAGEMENT_INDEX_ADDED) {
        came(adapters, event.index, now_ms);
    }
    struct adapter *adapter = adapter_at(adapters, event.index);
    if (adapter == NULL || !adapter->is_there) {
        return;
    }
    if (event.code == MANAGEMENT_INDEX_REMOVED) {
        went(adapters, adapter);
        return;
    }
    if (event.code == MANAGEMENT_NEW_SETTINGS && mgmt_settings(&event, &settings)) {
        set_settings(adapter, settings);
    } else if (event.code == MANAGEMENT_COMMAND_COMPLETE ||
               event.code == MANAGEMENT_COMMAND_STATUS) {
        take_answer(adapters, adapter, &event);
    }
    /* What cannot be read now is read again at the next tick. */
    if (adapter->is_read) {
        advance(adapters, adapter, now_ms);
    }
}

/* What is answered does not matter. */
static void tell_of_peer(const struct adapters *adapters, const struct adapter *adapter,
                         enum mgmt_opcode opcode, uint64_t address, size_t length) {
    uint8_t packet[MANAGEMENT_PACKET_MAX];
    uint8_t parameters[8] = {0}; /* address, its type; UNPAIR: and without a disconnection */
    if (adapters->descriptor < 0 || !adapters->is_trusted || !adapter->is_there) {
        return;
    }
    octets_write_address(parameters, address);
    parameters[6] = BDADDR_BREDR;
    size_t size = mgmt_command(packet, opcode, adapter->index, parameters, length);
    (void)send(adapters->descriptor, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void adapters_unpair(const struct adapters *adapters, const struct adapter *adapter,
                     uint64_t address) {
    tell_of_peer(adapters, adapter, MANAGEMENT_UNPAIR_DEVICE, address, 8);
}

void adapters_disconnect(const struct adapters *adapters, const struct adapter *adapter,
                         uint64_t address) {
    tell_of_peer(adapters, adapter, MANAGEMENT_DISCONNECT, address, 7);
}

/* --- The socket ----------------------------------------------------------------------------- */

static int open_socket(void) {
    int descriptor = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, BTPROTO_HCI);
    if (descriptor < 0) {
        return -1;
    }
    const struct sockaddr_hci address = {
        .hci_family = AF_BLUETOOTH, .hci_dev = HCI_DEV_NONE, .hci_channel = HCI_CHANNEL_CONTROL};
    if (bind(descriptor, (const struct sockaddr *)&address, sizeof address) == 0) {
        return descriptor;
    }
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

void adapters_open(struct adapters *adapters, int64_t now_ms) {
    adapters->retry_ms = now_ms + ADAPTERS_RETRY_MS;
    adapters->is_trusted = true; /* until the kernel says otherwise */
    adapters->descriptor = open_socket();
    adapters->error = adapters->descriptor < 0 ? errno : 0;
    if (adapters->descriptor >= 0) {
        send_command(adapters, NULL, now_ms, MANAGEMENT_READ_INDEX_LIST, NULL, 0);
    }
}

static void lose_socket(struct adapters *adapters, int error) {
    close(adapters->descriptor);
    adapters->descriptor = -1;
    adapters->error = error;
    for (size_t i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        if (adapters->list[i].is_there) {
            went(adapters, &adapters->list[i]);
        }
    }
}

bool adapters_receive(struct adapters *adapters, int64_t now_ms) {
    uint8_t packet[MANAGEMENT_PACKET_MAX];
    if (adapters->descriptor < 0) {
        return false;
    }
    ssize_t length = recv(adapters->descriptor, packet, sizeof packet, MSG_DONTWAIT);
    if (length > 0) {
        adapters_take(adapters, now_ms, packet, (size_t)length);
    } else if (length < 0 && errno != EAGAIN && errno != EINTR) {
        lose_socket(adapters, errno);
    }
    return length > 0;
}

int64_t adapters_deadline(const struct adapters *adapters) {
    return adapters->retry_ms;
}

void adapters_tick(struct adapters *adapters, int64_t now_ms) {
    if (now_ms < adapters->retry_ms) {
        return;
    }
    adapters->retry_ms = now_ms + ADAPTERS_RETRY_MS;
    if (adapters->descriptor < 0) {
        adapters_open(adapters, now_ms);
        return;
    }
    send_command(adapters, NULL, now_ms, MANAGEMENT_READ_INDEX_LIST, NULL, 0);
    for (size_t i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        struct adapter *adapter = &adapters->list[i];
        if (!adapter->is_there || (adapter->pending != 0 && now_ms < adapter->pending_until_ms)) {
            continue;
        }
        adapter->tried = 0;
        send_command(adapters, adapter, now_ms, MANAGEMENT_READ_INFO, NULL, 0);
    }
}

void adapters_set_mode(struct adapters *adapters, enum transport_mode mode, int64_t now_ms) {
    adapters->mode = mode;
    for (size_t i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        struct adapter *adapter = &adapters->list[i];
        adapter->tried = 0;
        advance(adapters, adapter, now_ms);
    }
}

/* Whether or not the command that changed it was answered yet. The kernel by itself hides an
 * adapter that no longer accepts connections. */
static void restore(struct adapters *adapters, struct adapter *adapter) {
    static const uint8_t off[3] = {0}, on[1] = {1};
    const struct mgmt_info *before = &adapter->before;
    if ((before->settings & MANAGEMENT_CONNECTABLE) == 0) {
        send_command(adapters, adapter, 0, MANAGEMENT_SET_CONNECTABLE, off, 1);
    } else if ((before->settings & MANAGEMENT_DISCOVERABLE) == 0) {
        send_command(adapters, adapter, 0, MANAGEMENT_SET_DISCOVERABLE, off, sizeof off);
    }
    if ((before->settings & MANAGEMENT_BONDABLE) != 0) {
        send_command(adapters, adapter, 0, MANAGEMENT_SET_BONDABLE, on, sizeof on);
    }
    if (!is_own_name(adapter, before->name)) {
        set_local_name(adapters, adapter, 0, before->name);
    }
    if (!class_is_handset(before->device_class)) {
        set_device_class(adapters, adapter, 0, before->device_class);
    }
}

void adapters_close(struct adapters *adapters) {
    if (adapters->descriptor < 0) {
        return;
    }
    for (size_t i = 0; i < PICONET_ADAPTERS_MAX; i++) {
        struct adapter *adapter = &adapters->list[i];
        if (adapters->is_trusted && adapter->is_there && adapter->before.address != 0) {
            restore(adapters, adapter);
        }
    }
    close(adapters->descriptor);
    adapters->descriptor = -1;
}
