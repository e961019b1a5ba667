/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words/check.h"

#include <stddef.h>
#include <string.h>

#include "ui/words/words.h"

struct check_row {
    const char *check, *english;
};

/* The names are those of crypto/status.c, which ui/ may not know, and of the programs. */
static const struct check_row rows[] = {
    {"ok", N_("done")},
    {"no-memory", N_("out of memory")},
    {"library-failed", N_("a software library failed")},
    {"unsupported", N_("not supported by this version")},
    {"truncated", N_("ends too early")},
    {"malformed", N_("malformed")},
    {"too-long", N_("too long")},
    {"identity-invalid", N_("not a valid identity")},
    {"point-invalid", N_("not a valid point on the curve")},
    {"key-invalid", N_("key does not belong to this identity and domain")},
    {"domain-unknown", N_("unknown domain")},
    {"not-addressed-to-us", N_("addressed to another identity")},
    {"signature-invalid", N_("invalid signature")},
    {"revoked", N_("its identity is revoked")},
    {"lost", N_("you reported it lost")},
    {"month-ended", N_("signed with a past month's keys")},
    {"month-not-yet", N_("signed with a later month's keys")},
    {"month-not-held", N_("made for a month whose keys this handset does not hold")},
    {"months-differ", N_("signed in one month, made for another month's keys")},
    {"encapsulation-invalid", N_("invalid encapsulated key")},
    {"mac-invalid", N_("invalid authentication code")},
    {"share-invalid", N_("no fresh key of the other side, or a worthless one")},
    {"recovery-missing", N_("closed to the authority, against the domain's setting")},
    {"recovery-not-allowed", N_("open to an authority, against the domain's setting")},
    {"gmk-unknown", N_("this handset holds no GMK with this id")},
    {"gmk-not-yet", N_("the key's period of use has not begun")},
    {"gmk-expired", N_("the key's period of use is over")},
    {"gmk-hour-over", N_("the key of that hour is destroyed")},
    {"not-a-member", N_("not a member of the group")},
    {"replayed", N_("repeats an earlier message")},
    {"time-out-of-range", N_("its time is too far off")},
    {"too-old", N_("more than eight days old")},
    {"dated-ahead", N_("dated ahead of this handset's clock")},
    {"key-id-wrong-space", N_("key id belongs to another kind of group")},
    {"group-identity-wrong", N_("sender may not create or rekey this group")},
    {"manager-uncertified", N_("not from a manager that the KMS has certified")},
    {"term-over", N_("its manager has been replaced by another one")},
    {"exclusion-unknown", N_("its manager does not know of the last exclusion")},
    {"period-too-long", N_("period of use is longer than this handset allows")},
    {"session-unknown", N_("no announcement heard for this talk session")},
    {"rate-limited", N_("too many messages from one source")},
    {"not-found", N_("not found")},
    {"already-done", N_("already done")},
    {"not-allowed", N_("not allowed")},
    {"busy", N_("busy")},
    {"io-failed", N_("reading or writing failed")},
    {"no-space", N_("no space left on the disk")},
    {"read-only", N_("the disk is read-only")},
    {"file-gone", N_("the file is gone from the disk")},
    {"interrupted", N_("stopped by a signal")},
    {"wrong-passphrase", N_("wrong passphrase")},
    {"seal-broken", N_("sealed record was changed or is for another key")},
    {"newer-version", N_("made by a newer version of Muster")},
    {"wrong-recipient", N_("made for another handset")},
    {"tpm-missing", N_("there is no TPM")},
    {"tpm-failed", N_("the TPM does not do what it is asked")},
    {"bound-elsewhere", N_("bound to the TPM of another machine")},
    {"files-open", N_("no Landlock")},
    {"calls-open", N_("no seccomp")},
    {"files-and-calls-open", N_("no Landlock, no seccomp")},
};

const char *check_words(const char *check) {
    if (check == NULL) {
        return _("unknown reason");
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].check, check) == 0) {
            return words(rows[i].english);
        }
    }
    return check;
}

bool check_is_absence(const char *check) {
    return check != NULL && strcmp(check, "not-found") == 0;
}
