/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/status.h"

struct status_entry {
    const char *name;
    const char *text;
};

#define ENTRY(value, text) [value] = {#value, text}

static const struct status_entry entries[STATUS_COUNT] = {
    ENTRY(STATUS_OK, "done"),
    ENTRY(STATUS_NO_MEMORY, "out of memory"),
    ENTRY(STATUS_LIBRARY_FAILED, "a library failed"),
    ENTRY(STATUS_UNSUPPORTED, "not supported by this version"),
    ENTRY(STATUS_TRUNCATED, "ends too early"),
    ENTRY(STATUS_MALFORMED, "malformed"),
    ENTRY(STATUS_TOO_LONG, "too long"),
    ENTRY(STATUS_IDENTITY_INVALID, "not a valid identity"),
    ENTRY(STATUS_POINT_INVALID, "not a valid point on the curve"),
    ENTRY(STATUS_KEY_INVALID, "key does not belong to this identity and domain"),
    ENTRY(STATUS_DOMAIN_UNKNOWN, "unknown domain"),
    ENTRY(STATUS_NOT_ADDRESSED_TO_US, "addressed to another identity"),
    ENTRY(STATUS_SIGNATURE_INVALID, "signature does not verify"),
    ENTRY(STATUS_ENCAPSULATION_INVALID, "encapsulated key does not verify"),
    ENTRY(STATUS_MAC_INVALID, "authentication code does not verify"),
    ENTRY(STATUS_GMK_UNKNOWN, "no GMK held under this id"),
    ENTRY(STATUS_GMK_NOT_YET, "the GMK's period of use has not begun"),
    ENTRY(STATUS_GMK_EXPIRED, "the GMK's period of use is over"),
    ENTRY(STATUS_NOT_A_MEMBER, "not a member of the group"),
    ENTRY(STATUS_REPLAYED, "repeats a message already acted on"),
    ENTRY(STATUS_TIME_OUT_OF_RANGE, "timestamp is out of range"),
    ENTRY(STATUS_KEY_ID_WRONG_SPACE, "key id belongs to another kind of group"),
    ENTRY(STATUS_GROUP_IDENTITY_WRONG, "sender may not create or rekey this group"),
    ENTRY(STATUS_PERIOD_TOO_LONG, "period of use is over the maximum key period"),
    ENTRY(STATUS_SESSION_UNKNOWN, "no announcement heard for this talk session"),
    ENTRY(STATUS_RATE_LIMITED, "too many messages from one source"),
    ENTRY(STATUS_NOT_FOUND, "not found"),
    ENTRY(STATUS_ALREADY_DONE, "already done"),
    ENTRY(STATUS_NOT_ALLOWED, "not allowed"),
    ENTRY(STATUS_BUSY, "busy"),
    ENTRY(STATUS_IO_FAILED, "reading or writing failed"),
    ENTRY(STATUS_NO_SPACE, "no space left on the disk"),
    ENTRY(STATUS_WRONG_PASSPHRASE, "wrong passphrase"),
    ENTRY(STATUS_SEAL_BROKEN, "sealed record was changed or is for another key"),
    ENTRY(STATUS_NEWER_VERSION, "made by a newer version of Muster"),
    ENTRY(STATUS_WRONG_RECIPIENT, "made for another handset"),
};

static const struct status_entry *entry_of(enum status status) {
    static const struct status_entry unknown = {"STATUS_?", "unknown status"};
    return (unsigned)status < STATUS_COUNT ? &entries[status] : &unknown;
}

const char *status_text(enum status status) {
    return entry_of(status)->text;
}

const char *status_name(enum status status) {
    return entry_of(status)->name;
}
