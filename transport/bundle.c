/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bundle.h"

#include <stdlib.h>

#define BUNDLE_PEER_MASK ((UINT64_C(1) << BUNDLE_PEER_BITS) - 1)

struct member {
    struct transport *transport;
    bool is_down;   /* it did not take the latest frame for everyone */
    bool is_untold; /* and `news` has not reported that, or that it takes them again */
    struct transport_condition why;
};

struct bundle {
    struct transport transport; /* first: a struct transport is its beginning */
    size_t count;
    struct member members[BUNDLE_LINKS_MAX];
    struct transport_condition problem;
    struct transport *reading; /* the link whose frame is handed over */
};

/* A link that is being read, and whom for. */
struct reception {
    unsigned number;
    transport_frame_fn *on_frame;
    void *context;
};

/* --- Peers ---------------------------------------------------------------------------------- */

static uint64_t peer_on_link(unsigned number, uint64_t peer) {
    return (uint64_t)number << BUNDLE_PEER_BITS | (peer & BUNDLE_PEER_MASK);
}

/* The link's own number for the peer. */
static uint64_t peer_of_link(uint64_t peer) {
    uint64_t own = peer & BUNDLE_PEER_MASK;
    return own == BUNDLE_PEER_MASK ? UINT64_MAX : own;
}

/* The place of the peer's link; `count` when there is no such link. */
static size_t place_of(const struct bundle *bundle, uint64_t peer) {
    uint64_t number = peer >> BUNDLE_PEER_BITS;
    return number >= 1 && number <= bundle->count ? (size_t)number - 1 : bundle->count;
}

static struct member *member_of(struct bundle *bundle, uint64_t peer) {
    size_t at = place_of(bundle, peer);
    if (at < bundle->count) {
        return &bundle->members[at];
    }
    bundle->problem = transport_condition_of(CONDITION_NO_SUCH_PEER, NULL);
    return NULL;
}

/* --- Results -------------------------------------------------------------------------------- */

static unsigned number_of(const struct bundle *bundle, const struct member *member) {
    return (unsigned)(member - bundle->members) + 1;
}

static void note_problem(struct bundle *bundle, const struct member *member) {
    const struct transport *transport = member->transport;
    transport->kind->problem(transport, &bundle->problem);
    bundle->problem.link = number_of(bundle, member);
}

static bool is_broken(enum transport_result result) {
    return result == TRANSPORT_NO_ROUTE || result == TRANSPORT_FAILED;
}

/* --- What a transport does ------------------------------------------------------------------ */

static size_t bundle_descriptors(const struct transport *transport, int descriptors[]) {
    const struct bundle *bundle = (const struct bundle *)transport;
    size_t count = 0;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct transport *link = bundle->members[i].transport;
        int own[TRANSPORT_DESCRIPTORS_MAX];
        size_t more = link->kind->descriptors(link, own);
        for (size_t k = 0; k < more && count < TRANSPORT_DESCRIPTORS_MAX; k++) {
            descriptors[count++] = own[k];
        }
    }
    return count;
}

static void on_link_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    const struct reception *reception = context;
    reception->on_frame(reception->context, peer_on_link(reception->number, peer), frame, length);
}

static enum transport_result bundle_receive(struct transport *transport,
                                            transport_frame_fn *on_frame, void *context) {
    struct bundle *bundle = (struct bundle *)transport;
    enum transport_result result = TRANSPORT_OK;
    for (size_t i = 0; i < bundle->count; i++) {
        struct transport *link = bundle->members[i].transport;
        struct reception reception = {(unsigned)i + 1, on_frame, context};
        bundle->reading = link;
        enum transport_result received = link->kind->receive(link, on_link_frame, &reception);
        if (received == TRANSPORT_OK) {
            continue;
        }
        result = received;
        note_problem(bundle, &bundle->members[i]);
    }
    return result;
}

static int64_t bundle_age_ms(const struct transport *transport) {
    const struct transport *link = ((const struct bundle *)transport)->reading;
    return link == NULL || link->kind->age_ms == NULL ? TRANSPORT_AGE_UNKNOWN
                                                      : link->kind->age_ms(link);
}

static enum transport_lane bundle_lane(const struct transport *transport) {
    const struct transport *link = ((const struct bundle *)transport)->reading;
    return link == NULL || link->kind->lane == NULL ? LANE_REST : link->kind->lane(link);
}

/* With the number of its link in front, like a peer's. */
static uint64_t bundle_origin(const struct transport *transport) {
    const struct bundle *bundle = (const struct bundle *)transport;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct transport *link = bundle->members[i].transport;
        if (link == bundle->reading && link->kind->origin != NULL) {
            return peer_on_link((unsigned)i + 1, link->kind->origin(link));
        }
    }
    return 0;
}

static void bundle_favour(struct transport *transport, uint64_t origin) {
    const struct bundle *bundle = (const struct bundle *)transport;
    size_t at = place_of(bundle, origin);
    struct transport *link = at < bundle->count ? bundle->members[at].transport : NULL;
    if (link != NULL && link->kind->favour != NULL) {
        link->kind->favour(link, origin & BUNDLE_PEER_MASK);
    }
}

static bool bundle_is_favoured(const struct transport *transport) {
    const struct transport *link = ((const struct bundle *)transport)->reading;
    return link != NULL && link->kind->is_favoured != NULL && link->kind->is_favoured(link);
}

/* Sends to everyone on one link, and notes whether that starts or stops failing. */
static enum transport_result send_on_link(struct bundle *bundle, struct member *member,
                                          enum transport_lane lane, const uint8_t *frame,
                                          size_t length) {
    struct transport *link = member->transport;
    enum transport_result result = link->kind->send(link, PEER_ALL, lane, frame, length);
    if (is_broken(result)) {
        note_problem(bundle, member);
        member->why = bundle->problem;
    }
    /* A link with news of its own reports its state better. */
    if (link->kind->news == NULL && (result == TRANSPORT_OK || is_broken(result))) {
        member->is_untold = member->is_untold != (member->is_down != is_broken(result));
        member->is_down = is_broken(result);
    }
    return result;
}

static enum transport_result bundle_send(struct transport *transport, uint64_t peer,
                                         enum transport_lane lane, const uint8_t *frame,
                                         size_t length) {
    struct bundle *bundle = (struct bundle *)transport;
    enum transport_result result = TRANSPORT_NO_ROUTE;
    for (size_t i = 0; peer == PEER_ALL && i < bundle->count; i++) {
        result = transport_better(result,
                                  send_on_link(bundle, &bundle->members[i], lane, frame, length));
    }
    if (peer == PEER_ALL) {
        return result;
    }
    struct member *member = member_of(bundle, peer);
    if (member == NULL) {
        return TRANSPORT_NO_ROUTE;
    }
    struct transport *link = member->transport;
    result = link->kind->send(link, peer_of_link(peer), lane, frame, length);
    if (is_broken(result)) {
        note_problem(bundle, member);
    }
    return result;
}

static void bundle_problem(const struct transport *transport, struct transport_condition *out) {
    *out = ((const struct bundle *)transport)->problem;
}

static enum transport_result publish_on_link(struct bundle *bundle, const struct member *member,
                                             const char *topic, bool is_kept,
                                             enum transport_lane lane, const uint8_t *frame,
                                             size_t length) {
    struct transport *link = member->transport;
    enum transport_result result = link->kind->publish(link, topic, is_kept, lane, frame, length);
    if (is_broken(result)) {
        note_problem(bundle, member);
    }
    return result;
}

static enum transport_result bundle_publish(struct transport *transport, const char *topic,
                                            bool is_kept, enum transport_lane lane,
                                            const uint8_t *frame, size_t length) {
    struct bundle *bundle = (struct bundle *)transport;
    enum transport_result result = TRANSPORT_NO_ROUTE;
    bool has_topics = false;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct member *member = &bundle->members[i];
        if (member->transport->kind->publish == NULL) {
            continue;
        }
        has_topics = true;
        result = transport_better(
            result, publish_on_link(bundle, member, topic, is_kept, lane, frame, length));
    }
    return has_topics ? result : TRANSPORT_OK; /* all hear all that is sent */
}

static enum transport_result bundle_listen(struct transport *transport,
                                           const struct transport_topic topics[], size_t count) {
    struct bundle *bundle = (struct bundle *)transport;
    enum transport_result result = TRANSPORT_OK;
    for (size_t i = 0; i < bundle->count; i++) {
        struct transport *link = bundle->members[i].transport;
        if (link->kind->listen == NULL) {
            continue;
        }
        enum transport_result listened = link->kind->listen(link, topics, count);
        if (listened == TRANSPORT_OK) {
            continue;
        }
        result = listened;
        note_problem(bundle, &bundle->members[i]);
    }
    return result;
}

enum transport_result bundle_relay(struct transport *transport, uint64_t peer, unsigned numbers,
                                   const char *topic, enum transport_lane lane,
                                   const uint8_t *frame, size_t length) {
    struct bundle *bundle = (struct bundle *)transport;
    struct member *from = member_of(bundle, peer);
    enum transport_result result = TRANSPORT_NO_ROUTE;
    if (from == NULL) {
        return TRANSPORT_NO_ROUTE;
    }
    for (size_t i = 0; i < bundle->count; i++) {
        struct member *member = &bundle->members[i];
        const struct transport_kind *kind = member->transport->kind;
        if ((numbers & 1u << (i + 1)) == 0) {
            continue;
        }
        if (member == from && kind->relay != NULL) {
            result = transport_better(
                result, kind->relay(member->transport, peer_of_link(peer), lane, frame, length));
        }
        if (member == from) {
            continue;
        }
        result = transport_better(result, send_on_link(bundle, member, lane, frame, length));
        if (topic != NULL && kind->publish != NULL) {
            result = transport_better(
                result, publish_on_link(bundle, member, topic, false, lane, frame, length));
        }
    }
    return result;
}

static enum transport_result relay_without_topic(struct transport *transport, uint64_t peer,
                                                 enum transport_lane lane, const uint8_t *frame,
                                                 size_t length) {
    return bundle_relay(transport, peer, ~0u, NULL, lane, frame, length);
}

/* What a link reports of itself, or else that it stopped taking frames, or takes them again. */
static bool news_of_link(struct member *member, struct transport_condition *out) {
    struct transport *link = member->transport;
    if (link->kind->news != NULL && link->kind->news(link, out)) {
        return true;
    }
    if (!member->is_untold) {
        return false;
    }
    member->is_untold = false;
    *out = member->is_down ? member->why : transport_condition_of(CONDITION_NETWORK_BACK, NULL);
    return true;
}

static bool bundle_news(struct transport *transport, struct transport_condition *out) {
    struct bundle *bundle = (struct bundle *)transport;
    for (size_t i = 0; i < bundle->count; i++) {
        if (news_of_link(&bundle->members[i], out)) {
            out->link = (unsigned)i + 1;
            return true;
        }
    }
    return false;
}

/* --- Radios --------------------------------------------------------------------------------- */

bool bundle_is_star(const struct transport *transport, unsigned number) {
    const struct bundle *bundle = (const struct bundle *)transport;
    return number >= 1 && number <= bundle->count &&
           bundle->members[number - 1].transport->kind->relay != NULL;
}

bool bundle_has_topics(const struct transport *transport, unsigned number) {
    const struct bundle *bundle = (const struct bundle *)transport;
    return number >= 1 && number <= bundle->count &&
           bundle->members[number - 1].transport->kind->publish != NULL;
}

size_t bundle_largest(const struct transport *transport, unsigned number) {
    const struct bundle *bundle = (const struct bundle *)transport;
    const struct transport *link =
        number >= 1 && number <= bundle->count ? bundle->members[number - 1].transport : NULL;
    return link == NULL || link->kind->largest == NULL ? TRANSPORT_FRAME_MAX
                                                       : link->kind->largest(link);
}

static size_t bundle_radios(const struct transport *transport, struct transport_radio out[],
                            size_t room) {
    const struct bundle *bundle = (const struct bundle *)transport;
    size_t count = 0;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct transport *link = bundle->members[i].transport;
        size_t more =
            link->kind->radios == NULL ? 0 : link->kind->radios(link, out + count, room - count);
        for (size_t k = 0; k < more; k++) {
            out[count + k].link = (unsigned)i + 1;
        }
        count += more;
    }
    return count;
}

static int bundle_quality(const struct transport *transport, uint64_t peer) {
    const struct bundle *bundle = (const struct bundle *)transport;
    size_t at = place_of(bundle, peer);
    if (at == bundle->count) {
        return TRANSPORT_QUALITY_UNKNOWN;
    }
    const struct transport *link = bundle->members[at].transport;
    return link->kind->quality == NULL ? TRANSPORT_QUALITY_UNKNOWN
                                       : link->kind->quality(link, peer_of_link(peer));
}

static void bundle_address(const struct transport *transport, uint64_t peer,
                           char out[TRANSPORT_ADDRESS_SIZE]) {
    const struct bundle *bundle = (const struct bundle *)transport;
    size_t at = place_of(bundle, peer);
    const struct transport *link = at < bundle->count ? bundle->members[at].transport : NULL;
    out[0] = '\0';
    if (link != NULL && link->kind->address != NULL) {
        link->kind->address(link, peer_of_link(peer), out);
    }
}

static void bundle_set_mode(struct transport *transport, enum transport_mode mode) {
    struct bundle *bundle = (struct bundle *)transport;
    for (size_t i = 0; i < bundle->count; i++) {
        struct transport *link = bundle->members[i].transport;
        if (link->kind->set_mode != NULL) {
            link->kind->set_mode(link, mode);
        }
    }
}

static void bundle_close(struct transport *transport) {
    struct bundle *bundle = (struct bundle *)transport;
    for (size_t i = 0; i < bundle->count; i++) {
        bundle->members[i].transport->kind->close(bundle->members[i].transport);
    }
    free(bundle);
}

static const struct transport_kind bundle_kind = {
    .name = "bundle",
    .descriptors = bundle_descriptors,
    .receive = bundle_receive,
    .send = bundle_send,
    .problem = bundle_problem,
    .relay = relay_without_topic,
    .publish = bundle_publish,
    .listen = bundle_listen,
    .news = bundle_news,
    .radios = bundle_radios,
    .quality = bundle_quality,
    .address = bundle_address,
    .age_ms = bundle_age_ms,
    .lane = bundle_lane,
    .origin = bundle_origin,
    .favour = bundle_favour,
    .is_favoured = bundle_is_favoured,
    .set_mode = bundle_set_mode,
    .close = bundle_close,
};

struct transport *bundle_open(struct transport *const list[], size_t count) {
    struct bundle *bundle =
        count < 1 || count > BUNDLE_LINKS_MAX ? NULL : calloc(1, sizeof *bundle);
    if (bundle == NULL) {
        return NULL;
    }
    bundle->transport.kind = &bundle_kind;
    bundle->count = count;
    for (size_t i = 0; i < count; i++) {
        bundle->members[i].transport = list[i];
    }
    return &bundle->transport;
}
