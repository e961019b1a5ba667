/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/status.h"

struct status_entry {
    const char *name;
    const char *text;
};

static const struct status_entry entries[STATUS_COUNT] = {
    [STATUS_OK] = {"ok", "done"},
    [STATUS_NO_MEMORY] = {"no-memory", "out of memory"},
    [STATUS_LIBRARY_FAILED] = {"library-failed", "a library failed"},
    [STATUS_UNSUPPORTED] = {"unsupported", "not supported by this version"},
    [STATUS_TRUNCATED] = {"truncated", "ends too early"},
    [STATUS_MALFORMED] = {"malformed", "malformed"},
    [STATUS_TOO_LONG] = {"too-long", "too long"},
    [STATUS_IDENTITY_INVALID] = {"identity-invalid", "not a valid identity"},
    [STATUS_POINT_INVALID] = {"point-invalid", "not a valid point on the curve"},
    [STATUS_KEY_INVALID] = {"key-invalid", "key does not belong to this identity and domain"},
    [STATUS_DOMAIN_UNKNOWN] = {"domain-unknown", "unknown domain"},
    [STATUS_NOT_ADDRESSED_TO_US] = {"not-addressed-to-us", "addressed to another identity"},
    [STATUS_SIGNATURE_INVALID] = {"signature-invalid", "signature does not verify"},
    [STATUS_REVOKED] = {"revoked", "its identity is revoked"},
    [STATUS_LOST] = {"lost", "its handset was reported lost"},
    [STATUS_MONTH_ENDED] = {"month-ended", "signed with the keys of a month that is over"},
    [STATUS_MONTH_NOT_YET] = {"month-not-yet",
                              "signed with the keys of a month that has not begun"},
    [STATUS_MONTH_NOT_HELD] = {"month-not-held", "made for the keys of a month that are not held"},
    [STATUS_MONTHS_DIFFER] = {"months-differ",
                              "signed in one month and made for the keys of another"},
    [STATUS_ENCAPSULATION_INVALID] = {"encapsulation-invalid", "encapsulated key does not verify"},
    [STATUS_MAC_INVALID] = {"mac-invalid", "authentication code does not verify"},
    [STATUS_SHARE_INVALID] = {"share-invalid", "ephemeral share is missing or of small order"},
    [STATUS_RECOVERY_MISSING] = {"recovery-missing",
                                 "not encapsulated to the domain's recovery identity"},
    [STATUS_RECOVERY_NOT_ALLOWED] = {"recovery-not-allowed",
                                     "encapsulated for recovery, which the domain has off"},
    [STATUS_GMK_UNKNOWN] = {"gmk-unknown", "no GMK held under this id"},
    [STATUS_GMK_NOT_YET] = {"gmk-not-yet", "the GMK's period of use has not begun"},
    [STATUS_GMK_EXPIRED] = {"gmk-expired", "the GMK's period of use is over"},
    [STATUS_GMK_HOUR_OVER] = {"gmk-hour-over", "the key of that hour is destroyed"},
    [STATUS_NOT_A_MEMBER] = {"not-a-member", "not a member of the group"},
    [STATUS_REPLAYED] = {"replayed", "repeats a message already acted on"},
    [STATUS_TIME_OUT_OF_RANGE] = {"time-out-of-range", "timestamp is out of range"},
    [STATUS_TOO_OLD] = {"too-old", "dated more than eight days ago"},
    [STATUS_DATED_AHEAD] = {"dated-ahead", "dated more than a day ahead"},
    [STATUS_KEY_ID_WRONG_SPACE] = {"key-id-wrong-space", "key id belongs to another kind of group"},
    [STATUS_GROUP_IDENTITY_WRONG] = {"group-identity-wrong",
                                     "sender may not create or rekey this group"},
    [STATUS_MANAGER_UNCERTIFIED] = {"manager-uncertified",
                                    "no manager that the KMS certified says so"},
    [STATUS_TERM_OVER] = {"term-over", "its manager has been replaced by another one"},
    [STATUS_EXCLUSION_UNKNOWN] = {"exclusion-unknown",
                                  "its manager does not know of the last exclusion"},
    [STATUS_PERIOD_TOO_LONG] = {"period-too-long", "period of use is over the maximum key period"},
    [STATUS_SESSION_UNKNOWN] = {"session-unknown", "no announcement heard for this talk session"},
    [STATUS_RATE_LIMITED] = {"rate-limited", "too many messages from one source"},
    [STATUS_NOT_FOUND] = {"not-found", "not found"},
    [STATUS_ALREADY_DONE] = {"already-done", "already done"},
    [STATUS_NOT_ALLOWED] = {"not-allowed", "not allowed"},
    [STATUS_BUSY] = {"busy", "busy"},
    [STATUS_INTERRUPTED] = {"interrupted", "stopped by a signal"},
    [STATUS_IO_FAILED] = {"io-failed", "reading or writing failed"},
    [STATUS_NO_SPACE] = {"no-space", "no space left on the disk"},
    [STATUS_READ_ONLY] = {"read-only", "the disk is read-only"},
    [STATUS_FILE_GONE] = {"file-gone", "the file is gone"},
    [STATUS_WRONG_PASSPHRASE] = {"wrong-passphrase", "wrong passphrase"},
    [STATUS_SEAL_BROKEN] = {"seal-broken", "sealed record was changed or is for another key"},
    [STATUS_NEWER_VERSION] = {"newer-version", "made by a newer version of Muster"},
    [STATUS_WRONG_RECIPIENT] = {"wrong-recipient", "made for another handset"},
    [STATUS_TPM_MISSING] = {"tpm-missing", "there is no TPM"},
    [STATUS_TPM_FAILED] = {"tpm-failed", "the TPM does not do what it is asked"},
    [STATUS_BOUND_ELSEWHERE] = {"bound-elsewhere", "bound to the TPM of another machine"},
};

static const struct status_entry *entry_of(enum status status) {
    static const struct status_entry unknown = {"unknown", "unknown status"};
    return (unsigned)status < STATUS_COUNT ? &entries[status] : &unknown;
}

const char *status_text(enum status status) {
    return entry_of(status)->text;
}

const char *status_name(enum status status) {
    return entry_of(status)->name;
}
