/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/limits.h"

static void budget_start(struct budget *budget, int64_t boot_ms) {
    limiter_start(&budget->by_peer, boot_ms);
    limiter_start(&budget->by_claim, boot_ms);
}

void limits_start(struct limits *limits, const struct roster *roster, int64_t boot_ms) {
    limits->roster = roster;
    budget_start(&limits->presence, boot_ms);
    budget_start(&limits->opening, boot_ms);
    budget_start(&limits->delivery, boot_ms);
    budget_start(&limits->announcement, boot_ms);
    limiter_start(&limits->talker, boot_ms);
    limiter_start(&limits->repetition, boot_ms);
    limiter_start(&limits->overheard, boot_ms);
    limiter_start(&limits->decapsulation, boot_ms);
    limiter_start(&limits->relay, boot_ms);
    limiter_start(&limits->explanation, boot_ms);
}

bool limits_allow_claim(const struct limits *limits, struct budget *budget, struct moment now,
                        uint64_t peer, const char *identity) {
    if (limits_allow_peer(limits, &budget->by_peer, now, peer, COST_SIGNATURE)) {
        return true;
    }
    return roster_is_at(limits->roster, identity, peer) &&
           limiter_allows(&budget->by_claim, limiter_source(identity), true, now.boot_ms,
                          COST_SIGNATURE);
}

bool limits_allow_peer(const struct limits *limits, struct limiter *limiter, struct moment now,
                       uint64_t peer, int64_t cost) {
    return limiter_allows(limiter, peer, roster_has_peer(limits->roster, peer), now.boot_ms, cost);
}

bool limits_may_talk(struct limits *limits, struct moment now, const char *own) {
    return limiter_has_left(&limits->talker, limiter_source(own), true, now.boot_ms,
                            COST_SIGNATURE);
}

void limits_announced(struct limits *limits, struct moment now, const char *own) {
    (void)limiter_allows(&limits->talker, limiter_source(own), true, now.boot_ms, COST_SIGNATURE);
}

bool limits_may_check_talker(struct limits *limits, struct moment now, uint64_t peer,
                             const char *talker) {
    struct budget *budget = &limits->announcement;
    bool by_peer = limiter_has_left(&budget->by_peer, peer, roster_has_peer(limits->roster, peer),
                                    now.boot_ms, COST_SIGNATURE) ||
                   (roster_is_at(limits->roster, talker, peer) &&
                    limiter_has_left(&budget->by_claim, limiter_source(talker), true, now.boot_ms,
                                     COST_SIGNATURE));
    return by_peer && limits_may_talk(limits, now, talker);
}

void limits_checked_talker(struct limits *limits, struct moment now, uint64_t peer,
                           const char *talker, bool is_genuine) {
    if (is_genuine) {
        limits_announced(limits, now, talker);
    } else {
        (void)limits_allow_claim(limits, &limits->announcement, now, peer, talker);
    }
}

bool limits_allow_repetition(struct limits *limits, struct moment now, uint64_t peer,
                             bool is_checked) {
    return limiter_allows_milli(&limits->repetition, peer, roster_has_peer(limits->roster, peer),
                                now.boot_ms, is_checked ? COST_SIGNATURE * 1000 : REPETITION_MILLI);
}

enum status limits_explain(struct limits *limits, enum status status, const struct keyring *keyring,
                           const char *identity, struct moment now, struct span message,
                           const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    bool is_known = roster_find(limits->roster, identity) != NULL;
    if (status != STATUS_SIGNATURE_INVALID ||
        !limiter_allows(&limits->explanation, limiter_source(identity), is_known, now.boot_ms,
                        COST_EXPLANATION)) {
        return status;
    }
    return keyring_explain(keyring, identity, now, message, signature);
}
