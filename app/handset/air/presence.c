/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/presence.h"

#include <stdio.h>
#include <string.h>

#include "app/identity/month.h"

static const struct span nothing = {NULL, 0};

/* Tells when another handset begins to answer to the own identity, and when none has for long. */
static void watch_other(struct presences *presences, struct moment now) {
    bool has_other = roster_has_other(presences->roster, now);
    if (has_other != presences->has_other) {
        const struct event event = {.kind =
                                        has_other ? EVENT_IDENTITY_TWICE : EVENT_IDENTITY_ALONE};
        presences->has_other = has_other;
        desk_tell(presences->air->desk, now, &event);
    }
}

static void tell(struct presences *presences, struct moment now, enum event_kind kind,
                 const struct presence *presence) {
    const struct event event = event_of_identity(kind, presence->identity, presence->name);
    desk_tell(presences->air->desk, now, &event);
}

/* Does the signature verify, and if not, why not? */
static enum status verify(const struct presences *presences, struct moment now,
                          const struct presence *presence, struct span covered,
                          struct span signature) {
    uint8_t room[PRESENCE_SIGNED_MAX];
    const struct keyring *keyring = &presences->air->desk->keyring;
    enum status status = presence_verify(presence, covered, signature, keyring, now);
    return admission_explains(presences->admission, status, presence->identity, now,
                              presence_signed(room, covered), signature.octets);
}

/* Somebody goes on with the keys of a month that is over: said now, and not in that month, and
 * proven by those keys. The officer hears of it once. */
static bool tell_ended(struct presences *presences, struct moment now,
                       const struct presence *presence) {
    int64_t difference_ms = presence->utc_ms - now.utc_ms;
    struct event event =
        event_of_identity(EVENT_NEIGHBOUR_KEYS_ENDED, presence->identity, presence->name);
    month_print(month_start(now.utc_ms - KEYRING_TOLERANCE_MS, -1), event.month);
    struct span who = span_of_text(presence->identity), month = span_of_text(event.month);
    if (difference_ms > KEYRING_TOLERANCE_MS || difference_ms < -KEYRING_TOLERANCE_MS) {
        return false;
    }
    if (!seen_has(&presences->told_ended, who, month)) {
        seen_add(&presences->told_ended, who, month);
        desk_tell_status(presences->air->desk, now, &event, STATUS_MONTH_ENDED);
    }
    return true;
}

/* Did this handset say it, or may it have said it so long ago that it is not remembered? Neighbours
 * that hear this handset take nothing of such an age any more. */
static bool is_said_here(const struct presences *presences, struct moment now,
                         const struct presence *presence, struct span covered) {
    return own_age(&presences->roster->own, now) - presence->age_ms > PRESENCE_OWN_KEPT_MS ||
           seen_has(&presences->said, covered, nothing);
}

static bool has_own_start(const struct presences *presences, const struct presence *presence) {
    return memcmp(presence->start, presences->roster->own.start, START_SIZE) == 0;
}

/* Another handset of the own identity says the own start. A new one is said soon; but not sooner
 * than usual, where it is taken again and again. */
static void lose_start(struct presences *presences, struct moment now) {
    roster_hear_own_start(presences->roster, now);
    presences->is_start_taken = true;
    if (presences->renewed_ms == INT64_MIN ||
        now.boot_ms - presences->renewed_ms >= PRESENCE_INTERVAL_MS) {
        presence_say_soon(presences);
    }
}

/* A verified presence of the own identity. */
static enum status take_own(struct presences *presences, struct moment now,
                            const struct presence *presence) {
    enum status heard = STATUS_OK;
    if (has_own_start(presences, presence)) {
        lose_start(presences, now);
    } else {
        heard = roster_hear_self(presences->roster, presence, now);
    }
    watch_other(presences, now);
    return heard;
}

/* When the next usual one is said; with many in one place they spread. In a crowd the first of them
 * may come at any time in one interval: those who came together speak at different times from then
 * on. */
static int64_t usual_ms(struct presences *presences, struct moment now) {
    int64_t interval_ms = pace_rhythm(presences->pace, now).interval_ms;
    bool is_crowd = pace_is_crowd(presences->pace, now);
    bool is_first = is_crowd && !presences->is_usual;
    uint32_t random = 0;
    presences->is_usual = is_crowd;
    if (interval_ms == PRESENCE_INTERVAL_MS ||
        desk_draw_u32(presences->air->desk, &random) != STATUS_OK) {
        return now.boot_ms + interval_ms;
    }
    return now.boot_ms + (is_first ? (int64_t)(random % (uint64_t)(interval_ms + 1))
                                   : pace_spread(interval_ms, random));
}

/* When the next one is said. */
static int64_t next_ms(struct presences *presences, struct moment now) {
    const struct pace *pace = presences->pace;
    uint32_t random = 0;
    bool is_again = pace_is_crowd(pace, now) && presences->again > 0 &&
                    pace_has_room(pace, now, PACE_EXTRA_OCTETS) &&
                    desk_draw_u32(presences->air->desk, &random) == STATUS_OK;
    presences->again -= presences->again > 0;
    if (!is_again) {
        return usual_ms(presences, now);
    }
    presences->is_sign_due = true;
    presences->is_usual = false;
    return now.boot_ms + pace_spread(PRESENCE_NEW_MS, random);
}

/* It is new here: it says so again soon, the first time though others are new as well. */
static void be_new(struct presences *presences, struct moment now) {
    int64_t soon_ms = now.boot_ms + PRESENCE_NEW_MS;
    presences->again = PRESENCE_NEW_TIMES;
    if (pace_is_crowd(presences->pace, now) && presences->due_ms > soon_ms &&
        pace_has_room(presences->pace, now,
                      pace_borne(PACE_FRESH_OCTETS, air_is_star(presences->air)))) {
        presences->due_ms = soon_ms;
        presences->is_sign_due = true;
        presences->is_usual = false;
        presences->again--;
    }
}

/* More or fewer handsets are in one place than when the next own one was planned; and who hears
 * somebody for the first time after a while is new there. */
static void keep_pace(struct presences *presences, struct moment now,
                      const struct presence *presence, size_t octets) {
    struct pace *pace = presences->pace;
    bool is_new = pace_is_alone(pace, now);
    uint32_t who =
        (uint32_t)neighbours_hash(&presences->roster->neighbours, span_of_text(presence->identity));
    roster_count(presences->roster, now);
    pace_hear(pace, now, who, presence->near, roster_near(presences->roster, now), octets);
    int64_t latest_ms = now.boot_ms + 2 * pace_rhythm(pace, now).interval_ms;
    if (presences->due_ms > latest_ms) {
        presences->is_usual = false; /* those who stay find that out together */
        presences->due_ms = next_ms(presences, now);
    }
    if (is_new) {
        be_new(presences, now);
    }
    roster_crowd(presences->roster, pace_is_crowd(pace, now), pace_rhythm(pace, now).interval_ms);
}

static void tell_name(struct presences *presences, struct moment now, enum event_kind kind,
                      const char *identity, const struct event *known, const char *name) {
    struct event event = event_of_identity(kind, identity, known->name);
    event.name_kind = known->name_kind;
    snprintf(event.new_name, sizeof event.new_name, "%s", name);
    desk_tell(presences->air->desk, now, &event);
}

/* What the KMS calls it, which a stripped or an older attestation takes from nobody, and what it
 * calls itself. */
static void hear_name(struct presences *presences, struct moment now,
                      const struct presence *presence) {
    struct desk *desk = presences->air->desk;
    const struct attestation *attestation = &presence->attestation;
    const char *identity = presence->identity;
    const struct domain_key *domain;
    struct event known = {.kind = EVENT_NAME_CHANGED};
    char before[DISPLAY_NAME_SIZE];
    desk_show_name(desk, identity, known.name, &known.name_kind);
    if (attestation->number != 0 &&
        (names_have(&desk->names, identity, attestation) ||
         (keyring_domain(&desk->keyring, presence->kms, &domain) == STATUS_OK &&
          attestation_verify(attestation, presence->kms, identity, desk->keyring.provider,
                             domain) == STATUS_OK)) &&
        names_attest(&desk->names, identity, attestation, now.boot_ms, before)) {
        snprintf(known.name, sizeof known.name, "%s", before);
        known.name_kind = NAME_ATTESTED;
        tell_name(presences, now, EVENT_NAME_REISSUED, identity, &known, attestation->name);
    }
    if (names_claim(&desk->names, identity, presence->name, now.boot_ms)) {
        desk_show_name(desk, identity, before, &known.name_kind);
        if (known.name_kind != NAME_CLAIMED) {
            snprintf(known.name, sizeof known.name, "%s", before);
        }
        tell_name(presences, now, EVENT_NAME_CHANGED, identity, &known, presence->name);
    }
}

/* Was its presence of now, and no recording? */
static bool is_of_now(const struct presences *presences, struct moment now, const char *identity) {
    const struct neighbour *neighbour = roster_find(presences->roster, identity);
    return neighbour != NULL && neighbour->signed_ms == now.boot_ms;
}

/* A presence whose signature verifies. */
static enum status take(struct presences *presences, struct moment now,
                        const struct presence_arrival *arrival, const struct presence *presence,
                        size_t octets) {
    struct roster *roster = presences->roster;
    bool is_new = false;
    if (strcmp(presence->identity, own_identity(presences->air->desk)) == 0) {
        return take_own(presences, now, presence);
    }
    bool was_two = roster_is_two(roster, presence->identity, now);
    enum status status = roster_hear(roster, presence, arrival, now, &is_new);
    bool is_revoked = keyring_refuses(&presences->air->desk->keyring, presence->identity);
    if (status == STATUS_OK) {
        roster_note_revoked(roster, presence->identity, is_revoked);
        revocations_compare(presences->revocations, now, presence->identity, presence->revoked);
    }
    if (status == STATUS_OK && !is_revoked) {
        if (is_of_now(presences, now, presence->identity)) {
            keep_pace(presences, now, presence, octets);
        }
        hear_name(presences, now, presence);
        meeting_hear(&presences->meeting, presences->air->desk, roster, presence, now);
    }
    if (status == STATUS_OK && is_new) {
        tell(presences, now, EVENT_NEARBY, presence);
    }
    if (!was_two && roster_is_two(roster, presence->identity, now)) {
        tell(presences, now, EVENT_NEIGHBOUR_TWICE, presence);
    }
    return status;
}

void presence_hear(struct presences *presences, struct moment now,
                   const struct presence_arrival *arrival, struct span payload) {
    struct desk *desk = presences->air->desk;
    struct presence presence;
    struct span covered, signature;
    enum status status = presence_read(payload, &presence, &covered, &signature);
    if (status == STATUS_OK && has_own_start(presences, &presence) &&
        (presences->is_start_taken || strcmp(presence.identity, own_identity(desk)) != 0 ||
         is_said_here(presences, now, &presence, covered))) {
        return; /* it tells nothing new */
    }
    if (status == STATUS_OK && seen_has(&presences->acted_on, covered, nothing)) {
        status = STATUS_REPLAYED;
    }
    if (status == STATUS_OK &&
        !roster_hear_claim(presences->roster, presence.identity, &presence.link, now) &&
        !admission_checks(presences->admission, now, presence.identity, false)) {
        return; /* it waits */
    }
    if (status == STATUS_OK) {
        status = verify(presences, now, &presence, covered, signature);
    }
    if (status == STATUS_OK) {
        status = take(presences, now, arrival, &presence, FRAME_HEADER_SIZE + payload.length);
    }
    if (status == STATUS_MONTH_ENDED && tell_ended(presences, now, &presence)) {
        return;
    }
    if (status != STATUS_OK) {
        desk_refuse(desk, now, MESSAGE_PRESENCE, status);
    } else {
        seen_add(&presences->acted_on, covered, nothing);
    }
}

void presence_hear_link(struct presences *presences, struct moment now, struct span payload) {
    struct said_link link;
    enum status status = presence_link_read(payload, &link);
    if (status == STATUS_OK) {
        roster_hear_link(presences->roster, &link, now);
    } else {
        desk_refuse(presences->air->desk, now, MESSAGE_PRESENCE, status);
    }
}

void presence_begin(struct presences *presences, struct moment now) {
    meeting_begin(&presences->meeting, now);
    pace_begin(presences->pace, now);
    presences->again = PRESENCE_NEW_TIMES;
    presence_hurry(presences, now);
}

void presence_seek(struct presences *presences, struct moment now, const char *identity) {
    meeting_seek(&presences->meeting, presences->air->desk, presences->roster, identity, now);
}

void presence_ask_talker(struct presences *presences, struct moment now,
                         const struct announcement_fields *fields) {
    meeting_hear_talker(&presences->meeting, presences->air->desk, presences->roster,
                        fields->talker, fields->proof.start, fields->proof.age_ms, now);
}

void presence_hear_both(struct presences *presences, struct moment now, const char *talker) {
    meeting_hear_both(&presences->meeting, presences->air->desk, presences->roster, talker, now);
}

bool presence_is_unanswered(const struct presences *presences, struct moment now,
                            const char *talker) {
    return meeting_is_unanswered(&presences->meeting, talker, now);
}

void presence_clear(struct presences *presences) {
    own_chain_free(presences->chain);
    presences->chain = NULL;
}

void presence_hurry(struct presences *presences, struct moment now) {
    presences->is_sign_due = true;
    presences->is_usual = false;
    presences->due_ms = now.boot_ms;
}

void presence_say_soon(struct presences *presences) {
    presences->is_sign_due = true;
    int64_t soon_ms = presences->said_ms + PRESENCE_SOON_MS;
    if (soon_ms < presences->due_ms) {
        presences->due_ms = soon_ms;
        presences->is_usual = false;
    }
}

/* Opens the link of now, of a new chain where there is none or it is used up. Without memory or
 * randomness for one the link says nothing, and the signature does. */
static void open_link(struct presences *presences, struct moment now, struct presence_link *link) {
    if (presences->chain != NULL && own_chain_open(presences->chain, now, link)) {
        return;
    }
    presence_clear(presences);
    const struct desk *desk = presences->air->desk;
    if (own_chain_new(presences->roster->own.start, &desk->entropy, now, &presences->chain) ==
        STATUS_OK) {
        presences->is_sign_due = true;
        (void)own_chain_open(presences->chain, now, link);
    }
}

static void say_link(struct presences *presences, const struct presence_link *link) {
    uint8_t payload[PRESENCE_LINK_MESSAGE_SIZE];
    struct writer w = writer_into(payload, sizeof payload);
    presence_link_write(&w, link);
    air_send(presences->air, EVERYONE, FRAME_PRESENCE_LINK, writer_span(&w));
    presences->links++;
}

/* The own presence of now, behind `head` in a frame of `kind`. */
static void say_signed(struct presences *presences, struct moment now,
                       const struct presence_link *link, const struct rhythm *rhythm,
                       enum frame_kind kind, struct span head) {
    const struct desk *desk = presences->air->desk;
    struct presence presence = {.utc_ms = now.utc_ms, .link = *link, .rhythm = *rhythm};
    uint8_t payload[FRAME_MAX - FRAME_HEADER_SIZE];
    struct writer w = writer_into(payload, sizeof payload);
    write_span(&w, head);
    snprintf(presence.identity, sizeof presence.identity, "%s", own_identity(desk));
    snprintf(presence.kms, sizeof presence.kms, "%s", own_kms(desk));
    snprintf(presence.name, sizeof presence.name, "%s", desk->name);
    presence.near = roster_near(presences->roster, now);
    presence.attestation = desk->keyring.credential->attestation;
    presence.revoked = revoked_number(&desk->revoked);
    meeting_echo(&presences->meeting, presences->roster, now, &presence);
    roster_echo(presences->roster, now, &presence);
    if (presence_write(&w, &presence, &desk->keyring, &desk->entropy) == STATUS_OK) {
        const struct span covered = {payload + head.length,
                                     w.length - head.length - ECCSI_SIGNATURE_SIZE};
        seen_add(&presences->said, covered, nothing);
        air_send(presences->air, EVERYONE, kind, writer_span(&w));
    }
    meeting_said(&presences->meeting, desk, presences->roster, now);
    presences->links = 0;
    presences->is_sign_due = false;
}

/* A signed presence where the rhythm or a meeting wants it, or else a link alone. */
static void say(struct presences *presences, struct moment now, const struct rhythm *rhythm) {
    struct presence_link link = {.number = 0};
    open_link(presences, now, &link);
    if (presences->is_sign_due || presences->links + 1 >= rhythm->signed_each ||
        meeting_is_due(&presences->meeting, now)) {
        say_signed(presences, now, &link, rhythm, FRAME_PRESENCE, nothing);
    } else {
        say_link(presences, &link);
    }
}

/* A new start, and a chain of its own. */
static void renew(struct presences *presences, struct moment now) {
    const struct entropy *entropy = &presences->air->desk->entropy;
    presences->is_start_taken = roster_renew(presences->roster, entropy) != STATUS_OK;
    presences->renewed_ms = now.boot_ms;
    presence_clear(presences);
}

void presence_tick(struct presences *presences, struct moment now) {
    if (now.boot_ms < presence_deadline(presences)) {
        return;
    }
    const struct rhythm rhythm = pace_rhythm(presences->pace, now);
    watch_other(presences, now);
    presences->is_usual = presences->is_usual && presences->due_ms <= now.boot_ms;
    presences->said_ms = now.boot_ms;
    if (presences->is_start_taken) {
        renew(presences, now);
    }
    if (desk_is_silent(presences->air->desk)) {
        meeting_pause(&presences->meeting);
        roster_fall_silent(presences->roster);
    } else {
        say(presences, now, &rhythm);
    }
    presences->due_ms = next_ms(presences, now);
}

void presence_say_in(struct presences *presences, struct moment now, enum frame_kind kind,
                     struct span head) {
    const struct rhythm rhythm = pace_rhythm(presences->pace, now);
    struct presence_link link = {.number = 0};
    if (!desk_is_silent(presences->air->desk)) {
        open_link(presences, now, &link);
        say_signed(presences, now, &link, &rhythm, kind, head);
        presences->said_ms = now.boot_ms;
        presences->is_usual = false;
        presences->due_ms = next_ms(presences, now);
    }
}

int64_t presence_deadline(const struct presences *presences) {
    int64_t extra_ms = presences->meeting.due_ms;
    return extra_ms < presences->due_ms ? extra_ms : presences->due_ms;
}
