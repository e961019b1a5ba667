/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/adapters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool adapter_is_usable(const struct adapter *adapter) {
    const uint32_t needed = MANAGEMENT_POWERED | MANAGEMENT_BREDR;
    return adapter->is_there && adapter->is_read && adapter->info.address != 0 &&
           (adapter->info.settings & needed) == needed;
}

void adapter_local_name(const struct adapter *adapter, char name[ADAPTER_LOCAL_NAME_SIZE]) {
    snprintf(name, ADAPTER_LOCAL_NAME_SIZE, HANDSET_NAME " %04X",
             (unsigned)(adapter->info.address & 0xffff));
}

/* Why others cannot link to it, do not find it, or do not recognise it as a handset. */
static struct transport_condition hidden_by(const struct adapters *adapters,
                                            const struct adapter *adapter) {
    char name[ADAPTER_LOCAL_NAME_SIZE];
    enum transport_condition_kind kind = CONDITION_NONE;
    if ((adapter->info.settings & MANAGEMENT_CONNECTABLE) == 0 && adapters->mode != TRANSPORT_OFF) {
        kind = CONDITION_ADAPTER_NOT_CONNECTABLE;
    } else if ((adapter->info.settings & MANAGEMENT_DISCOVERABLE) == 0 &&
               adapters->mode == TRANSPORT_SEEKS) {
        kind = CONDITION_ADAPTER_NOT_DISCOVERABLE;
    } else if (strncmp(adapter->info.name, HANDSET_NAME, strlen(HANDSET_NAME)) != 0) {
        adapter_local_name(adapter, name);
        return transport_condition_detail(CONDITION_ADAPTER_NAME_FOREIGN, adapter->name, name);
    } else if (!class_is_handset(adapter->info.device_class)) {
        kind = CONDITION_ADAPTER_CLASS_FOREIGN;
    }
    return transport_condition_of(kind, kind == CONDITION_NONE ? NULL : adapter->name);
}

static struct transport_condition unusable_by(const struct adapters *adapters,
                                              const struct adapter *adapter) {
    enum transport_condition_kind kind;
    if ((adapter->info.settings & MANAGEMENT_POWERED) != 0) {
        kind = CONDITION_ADAPTER_LE_ONLY;
    } else if (adapter->power_status == MANAGEMENT_RFKILLED) {
        kind = CONDITION_ADAPTER_BLOCKED;
    } else if (!adapters->is_trusted) {
        kind = CONDITION_ADAPTER_OFF_NO_RIGHT;
    } else if (adapter->power_status == MANAGEMENT_SUCCESS) {
        kind = CONDITION_ADAPTER_OFF;
    } else {
        return transport_condition_number(CONDITION_ADAPTER_POWER_FAILED, adapter->name,
                                          adapter->power_status);
    }
    return transport_condition_of(kind, adapter->name);
}

enum adapter_state adapters_state(const struct adapters *adapters, const struct adapter *adapter,
                                  struct transport_condition *missing) {
    *missing = (struct transport_condition){0};
    if (adapter->name[0] == '\0') {
        return ADAPTER_NONE;
    }
    if (!adapter->is_there) {
        *missing = adapters->is_listed && adapters->error == 0
                       ? transport_condition_of(CONDITION_ADAPTER_MISSING, adapter->name)
                       : adapters_none(adapters);
        return missing->kind == CONDITION_NONE ? ADAPTER_STARTING : ADAPTER_UNUSABLE;
    }
    bool is_busy = adapters_prepare(adapters, adapter);
    if (!adapter_is_usable(adapter) && is_busy) {
        return ADAPTER_STARTING;
    }
    if (!adapter_is_usable(adapter)) {
        *missing = unusable_by(adapters, adapter);
        return ADAPTER_UNUSABLE;
    }
    if (!is_busy) {
        *missing = hidden_by(adapters, adapter);
    }
    return missing->kind == CONDITION_NONE ? ADAPTER_READY : ADAPTER_HIDDEN;
}

struct transport_condition adapters_none(const struct adapters *adapters) {
    switch (adapters->error) {
    case 0:
        return transport_condition_of(adapters->is_listed ? CONDITION_NO_ADAPTER : CONDITION_NONE,
                                      NULL);
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
        return transport_condition_of(CONDITION_NO_BLUETOOTH, NULL);
    case EPERM:
    case EACCES:
        return transport_condition_of(CONDITION_BLUETOOTH_FORBIDDEN, NULL);
    default:
        return transport_condition_error(CONDITION_BLUETOOTH_FAILED, NULL, adapters->error);
    }
}
