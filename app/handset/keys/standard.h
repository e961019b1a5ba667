/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Standard groups on a member's handset (6.X.3.3.2): their keys come from the group's manager in
 * key deliveries (crypto/key_delivery.h), over whatever path, and without a question to the
 * officer.
 *
 *   1. The KMS listed the group in this handset's credential. A delivery of any other is refused.
 *   2. A delivery counts when the group identity itself signed it, in this handset's domain, under
 *      a GMK id of the standard space, later than every delivery of the group taken before, by
 *      epoch and then by date.
 *      One that is more than eight days old is refused, and so is one that is dated further ahead
 *      than the domain's clocks may be apart (by time_proof_latest_ms), that was encapsulated to
 *      keys of another month than the one it was signed in, or whose GMK has a longer period of
 *      use than the domain allows (identity/freshness.h).
 *   3. Beside the group identity its manager has signed, with keys of its own, whom the KMS has
 *      certified for the term that it names (identity/epoch.h). Of an older term nothing counts
 *      any more, whoever holds the group identity's keys; nor does an older key of this term. A
 *      newer epoch counts also when it is dated earlier.
 *      Nor does a key count whose manager does not know the exclusions that this handset was told
 * of with an earlier one (identity/exclusion_state.h): its manager is shown the word that told of
 *      them, with a receipt (receipt.h).
 *   4. The GMK of the latest delivery is the group's. When its period of use has not begun it
 *      waits, and the one in use goes on until then; one that was waiting itself is wiped. An
 *      older one never comes back.
 *   5. What is taken is durable before it is used. Then a receipt tells the manager (receipt.h),
 *      and again when the same delivery comes once more.
 *   6. For STANDARD_OVERLAP_MS after a change the GMK before is still listened to, since clocks of
 *      members differ; nobody here talks with it any more.
 *
 * There is no member list: the manager may have thousands of members and tells them of nobody. A
 * member is who holds the GMK. So a talker is shown when both hold of one and the same
 * announcement: its MAC proves that who made it holds the group's GMK, which the manager gave to
 * members alone, and its signature proves which identity of this handset's domain that is.
 *
 * A group's time is this handset's own: its wall clock when the first delivery came, and its boot
 * clock since, moved forward where neighbours show that it is behind (time_proof.h). A delivery's
 * timestamp orders deliveries and moves no clock. A GMK whose period of use had begun by its
 * manager's clock when the delivery was made has begun here too, however far the clock here is
 * behind; it ends when its period ends, or when it has been held for as long as the period is,
 * whichever comes first.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_STANDARD_H
#define MUSTER_APP_HANDSET_KEYS_STANDARD_H

#include "app/handset/air/admission.h"
#include "app/handset/keys/receipts.h"

struct standard {
    struct desk *desk;
    struct admission *admission;
    struct groups *groups;
    struct receipts *receipts;
};

/* Is the payload of a FRAME_KEY_DELIVERY addressed to this handset? */
bool standard_concerns(const struct standard *standard, struct span payload);

/* The payload of a FRAME_KEY_DELIVERY arrived; one to another handset is passed over. Checked in
 * the order of what it costs: form, addressee, key id, group, domain, replay, and only then the
 * signature, which it may have to wait for (admission.h), the date and what it opens. */
void standard_delivery(struct standard *standard, struct moment now, struct span payload);

/* The octets of a key delivery that this handset's officer brought, not the air: the same checks,
 * without a bound on what they cost, and nothing told of a refusal. *message is the delivery parsed
 * where that succeeds, for saying what it is; it lives as long as `octets`. STATUS_OK when the key
 * was taken, STATUS_ALREADY_DONE when it was taken before, STATUS_NOT_ADDRESSED_TO_US, the errors
 * of key_delivery_parse, and for what is refused the check that failed. */
MUST_CHECK enum status standard_import(struct standard *standard, struct moment now,
                                       struct span octets, struct i_message *message);

/* At the start, with the credential that there is now: the keys of groups that it does not list any
 * more are wiped. What was the latest delivery stays known. */
void standard_start(struct standard *standard, struct moment now);

/* What people call the group: the part of its identity before the host. */
void standard_name(const char *identity, char name[DISPLAY_NAME_SIZE]);

/* Does a manager provide this group's keys, as the credential has it? Then no officer rekeys or
 * deletes it here. */
bool standard_is_managed(const struct keyring *keyring, const struct group *group);

/* A waiting GMK whose period of use has begun takes over. Returns whether anything changed; it need
 * not be made durable at once, since the same would come of it after a restart. */
bool standard_take_over(struct desk *desk, struct moment now, struct group *group);

/* A member whose clock was measured is heard to use the waiting GMK: it has begun, and group time
 * here is behind. It takes over, lasts its period from now on at most, and that is saved. */
void standard_begin_waiting(struct groups *groups, struct moment now, struct group *group);

#endif
