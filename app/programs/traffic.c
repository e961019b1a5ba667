/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/traffic.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/programs/broker_link.h"
#include "app/programs/conditions.h"
#include "app/programs/lane.h"
#include "transport/bundle.h"

_Static_assert((int)HANDSET_TOPICS_MAX + 1 <= (int)TRANSPORT_TOPICS_MAX, "all can be heard");
_Static_assert((int)TOPIC_SIZE <= (int)TRANSPORT_TOPIC_SIZE, "every topic fits");
_Static_assert((int)BUNDLE_LINKS_MAX <= (int)HANDSET_LINKS_MAX, "every link has its number");
_Static_assert((int)TRANSPORT_RADIOS_MAX <= (int)VIEW_RADIOS_MAX, "every radio can be shown");
_Static_assert(TRANSPORT_QUALITY_UNKNOWN == VIEW_QUALITY_UNKNOWN, "a signal needs no translation");

enum {
    EARLY_MS = 100 /* a second that the screen shows is never exactly one later */
};

static void note_failed(struct traffic *traffic, struct moment now, enum event_kind kind,
                        const struct error *error) {
    const struct event event = {.kind = kind, .check = status_name(error->status)};
    handset_note(traffic->handset, now, &event);
}

/* What a link reports, for the screen and the log. */
static void note_condition(struct traffic *traffic, struct moment now,
                           const struct transport_condition *condition) {
    const struct event event =
        conditions_event(condition, traffic->link_names, traffic->link_count);
    handset_note(traffic->handset, now, &event);
}

static void note_failure(struct traffic *traffic, struct moment now) {
    struct transport_condition problem;
    traffic->transport->kind->problem(traffic->transport, &problem);
    note_condition(traffic, now, &problem);
}

/* --- The beginning and the end -------------------------------------------------------------- */

/* What the machine does not give now it may give later: the broker is gone to with `access` then.
 * That it was not has been told. */
static void try_later(struct traffic *traffic, struct moment now, struct access *access) {
    traffic->renewed = access;
    traffic->is_parting = true;
    traffic->is_told = true;
    traffic->parting_due_ms = now.boot_ms + TRAFFIC_AGAIN_MS;
}

/* The store tells where the broker is, and as whom to go there. */
static void connect_broker(struct traffic *traffic, struct store *store, struct moment now) {
    struct transport_condition problem;
    struct error error;
    struct access *access;
    if (access_load(store, NULL, &access, &error) != STATUS_OK) {
        note_failed(traffic, now, EVENT_ACCESS_UNREADABLE, &error);
        return;
    }
    const struct nats_options options = broker_link_options(access);
    memcpy(traffic->name, access->name, sizeof traffic->name);
    traffic->access_until_ms = access->until_ms;
    if (nats_connect(traffic->broker, &options, &problem) == TRANSPORT_OK) {
        access_free(access);
    } else {
        note_condition(traffic, now, &problem);
        try_later(traffic, now, access);
    }
    traffic->mailboxes_due_ms = now.boot_ms + TRAFFIC_AGAIN_MS;
    if (mailboxes_open(&traffic->mailboxes, store, handset_view(traffic->handset, now), &error) !=
        STATUS_OK) {
        note_failed(traffic, now, EVENT_MAILBOXES_CLOSED, &error);
    }
}

bool traffic_is_bundle(const struct traffic *traffic, uint64_t peer, struct span frame) {
    const struct transport *transport = traffic->transport;
    char name[TOPIC_NAME_SIZE];
    /* It is longer than any frame, and neighbours' frames are not asked. */
    if (traffic->name[0] == '\0' || frame.length <= FRAME_MAX ||
        !(traffic->link_count > 1
              ? bundle_has_topics(transport, (unsigned)(peer >> BUNDLE_PEER_BITS))
              : transport->kind->publish != NULL)) {
        return false;
    }
    return access_read_mailbox(frame, name) && strcmp(name, traffic->name) == 0;
}

void traffic_renew(struct traffic *traffic, struct moment now, struct access *access) {
    int64_t left_ms = traffic->access_until_ms - now.utc_ms - TRAFFIC_AGAIN_MS;
    bool ends_first = traffic->access_until_ms != 0 && left_ms < TRAFFIC_LATEST_MS;
    access_free(traffic->renewed);
    traffic->renewed = access;
    traffic->access_until_ms = access->until_ms;
    traffic->quiet_since_ms = now.boot_ms;
    traffic->latest_ms = now.boot_ms + (ends_first ? left_ms : TRAFFIC_LATEST_MS);
}

/* Back with the new access. */
static void connect_again(struct traffic *traffic, struct moment now) {
    struct transport_condition problem;
    const struct nats_options options = broker_link_options(traffic->renewed);
    if (nats_connect(traffic->broker, &options, &problem) != TRANSPORT_OK) {
        if (!traffic->is_told) {
            note_condition(traffic, now, &problem);
        }
        try_later(traffic, now, traffic->renewed);
        return;
    }
    traffic->is_told = false;
    memcpy(traffic->name, traffic->renewed->name, sizeof traffic->name);
    access_free(traffic->renewed);
    traffic->renewed = NULL;
    traffic->is_parting = false;
}

/* When the broker is to be left. */
static int64_t parting_from(const struct traffic *traffic) {
    int64_t quiet_ms = traffic->quiet_since_ms + TRAFFIC_QUIET_MS;
    return quiet_ms < traffic->latest_ms ? quiet_ms : traffic->latest_ms;
}

static void use_renewed(struct traffic *traffic, struct moment now) {
    if (traffic->renewed == NULL || traffic->broker == NULL) {
        return;
    }
    if (handset_is_talking(traffic->handset) || handset_is_listening(traffic->handset)) {
        traffic->quiet_since_ms = now.boot_ms;
    }
    if (!traffic->is_parting && now.boot_ms >= parting_from(traffic)) {
        nats_renew(traffic->broker);
        traffic->is_parting = true;
        traffic->parting_due_ms = now.boot_ms;
    }
    if (!traffic->is_parting || now.boot_ms < traffic->parting_due_ms) {
        return;
    }
    traffic->parting_due_ms = now.boot_ms + TRAFFIC_PARTING_MS;
    if (nats_is_idle(traffic->broker)) {
        connect_again(traffic, now);
    }
}

static int64_t renewed_deadline(const struct traffic *traffic) {
    if (traffic->renewed == NULL || traffic->broker == NULL) {
        return INT64_MAX;
    }
    return traffic->is_parting ? traffic->parting_due_ms : parting_from(traffic);
}

/* The same for those of the groups' mailboxes that could not be gone to. */
static void open_mailboxes(struct traffic *traffic, struct moment now) {
    if (mailboxes_are_waiting(&traffic->mailboxes) && now.boot_ms >= traffic->mailboxes_due_ms) {
        mailboxes_try_again(&traffic->mailboxes);
        traffic->mailboxes_due_ms = now.boot_ms + TRAFFIC_AGAIN_MS;
    }
}

/* The longest frame that link number i + 1 takes now. */
static size_t largest_on(const struct traffic *traffic, unsigned i) {
    const struct transport *transport = traffic->transport;
    if (traffic->link_count > 1) {
        return bundle_largest(transport, i + 1);
    }
    return transport->kind->largest == NULL ? TRANSPORT_FRAME_MAX
                                            : transport->kind->largest(transport);
}

static enum link_form form_of(const struct traffic *traffic, unsigned i) {
    const struct transport *transport = traffic->transport;
    bool is_bundle = traffic->link_count > 1;
    if (is_bundle ? bundle_is_star(transport, i + 1) : transport->kind->relay != NULL) {
        return LINK_STAR;
    }
    bool has_topics =
        is_bundle ? bundle_has_topics(transport, i + 1) : transport->kind->publish != NULL;
    return has_topics ? LINK_BROKER : LINK_PLAIN;
}

static enum status describe_link(struct traffic *traffic, struct handset *handset, unsigned i) {
    traffic->largest[i] = largest_on(traffic, i);
    return handset_describe_link(handset, i + 1, traffic->link_names[i], form_of(traffic, i),
                                 traffic->largest[i]);
}

static enum status describe_links(struct traffic *traffic, struct handset *handset) {
    enum status status = handset_set_links(handset, traffic->link_count);
    for (unsigned i = 0; status == STATUS_OK && i < traffic->link_count; i++) {
        status = describe_link(traffic, handset, i);
    }
    return status;
}

/* Networks come and go, and with them what they take. */
static void tell_largest(struct traffic *traffic) {
    for (unsigned i = 0; i < traffic->link_count; i++) {
        if (largest_on(traffic, i) != traffic->largest[i]) {
            (void)describe_link(traffic, traffic->handset, i); /* it stays a relay, or none */
        }
    }
}

enum status traffic_begin(struct traffic *traffic, struct handset *handset, struct store *store,
                          struct moment now, struct error *error) {
    enum status status = describe_links(traffic, handset);
    if (status != STATUS_OK) {
        return error_set(error, status, "the links cannot be joined: %s", status_text(status));
    }
    traffic->handset = handset;
    if (traffic->broker != NULL) {
        connect_broker(traffic, store, now);
    }
    return STATUS_OK;
}

void traffic_rest(struct traffic *traffic, bool hears) {
    struct transport *transport = traffic->transport;
    enum transport_mode mode = hears ? TRANSPORT_SILENT : TRANSPORT_OFF;
    traffic_end(traffic);
    if (traffic->broker != NULL) {
        nats_disconnect(traffic->broker);
    }
    if (transport->kind->set_mode != NULL) {
        transport->kind->set_mode(transport, mode);
    }
    *traffic = (struct traffic){.transport = transport,
                                .broker = traffic->broker,
                                .link_count = traffic->link_count,
                                .link_names = traffic->link_names,
                                .mode = mode};
}

void traffic_end(struct traffic *traffic) {
    mailboxes_close(&traffic->mailboxes);
    access_free(traffic->renewed);
    traffic->renewed = NULL;
}

/* --- Sending -------------------------------------------------------------------------------- */

/* Under its topic as well, where the transport has topics. What becomes of it there the transport's
 * news tells. */
static void publish(struct traffic *traffic, const struct output *output) {
    struct transport *transport = traffic->transport;
    if (output->topic == NULL || mailboxes_publish(&traffic->mailboxes, output->topic,
                                                   output->frame.octets, output->frame.length)) {
        return;
    }
    if (transport->kind->publish != NULL) {
        (void)transport->kind->publish(transport, output->topic, output->is_kept,
                                       lane_of(output->frame), output->frame.octets,
                                       output->frame.length);
    }
}

void traffic_send(struct traffic *traffic, struct moment now, const struct output *output) {
    struct transport *transport = traffic->transport;
    if (handset_is_off_air(traffic->handset)) {
        return;
    }
    publish(traffic, output);
    if (output->is_for_topic_alone) {
        return;
    }
    enum transport_lane lane = lane_of(output->frame);
    uint64_t peer = output->peer == EVERYONE ? PEER_ALL : output->peer;
    enum transport_result result =
        transport->kind->send(transport, peer, lane, output->frame.octets, output->frame.length);
    if (peer != PEER_ALL && result == TRANSPORT_NO_ROUTE) {
        /* The transport has no place for that handset's address, or none any more: it still hears
         * what goes to everyone, who cannot read it. */
        peer = PEER_ALL;
        result = transport->kind->send(transport, peer, lane, output->frame.octets,
                                       output->frame.length);
    }
    if (peer != PEER_ALL) {
        return; /* whether that one handset heard it, the engine finds out by itself */
    }
    if (transport->kind->news != NULL) {
        return; /* it tells by itself how it stands; and to be alone is no fault of a radio */
    }
    bool is_broken = result == TRANSPORT_NO_ROUTE || result == TRANSPORT_FAILED;
    if (is_broken && traffic->last_send == TRANSPORT_OK) {
        note_failure(traffic, now);
    } else if (result == TRANSPORT_OK && traffic->last_send != TRANSPORT_OK) {
        const struct transport_condition back =
            transport_condition_of(CONDITION_NETWORK_BACK, NULL);
        note_condition(traffic, now, &back);
    }
    traffic->last_send = is_broken ? result : TRANSPORT_OK;
}

/* Only with several links, or on a star, does the handset ask for it. What a link does not take is
 * lost, as the air may lose it; that it takes nothing any more, the next frame of this handset's
 * own shows. */
void traffic_relay(struct traffic *traffic, const struct output *output) {
    struct transport *transport = traffic->transport;
    struct span frame = output->frame;
    if (handset_is_off_air(traffic->handset)) {
        return;
    }
    enum transport_lane lane = lane_of(frame);
    if (traffic->link_count > 1) {
        (void)bundle_relay(transport, output->peer, output->links, output->topic, lane,
                           frame.octets, frame.length);
    } else if (transport->kind->relay != NULL) {
        (void)transport->kind->relay(transport, output->peer, lane, frame.octets, frame.length);
    }
}

/* --- Radios --------------------------------------------------------------------------------- */

/* What is never heard needs no place: a place is of whom it was used for last. */
static void name_source(void *context, uint64_t peer, char address[EVENT_SOURCE_SIZE],
                        char link[VIEW_LINK_SIZE]) {
    const struct traffic *traffic = context;
    uint64_t number = traffic->link_count > 1 ? peer >> BUNDLE_PEER_BITS : 1;
    address[0] = link[0] = '\0';
    if (number >= 1 && number <= traffic->link_count) {
        snprintf(link, VIEW_LINK_SIZE, "%s", traffic->link_names[number - 1]);
    }
    if (traffic->transport->kind->address != NULL) {
        traffic->transport->kind->address(traffic->transport, peer, address);
    }
}

struct source_namer traffic_namer(struct traffic *traffic) {
    return (struct source_namer){.context = traffic, .name = name_source};
}

void traffic_heard(struct traffic *traffic, struct moment now, uint64_t peer) {
    const struct transport *transport = traffic->transport;
    size_t at = (size_t)((peer ^ peer >> 56) % TRAFFIC_PEERS_MAX);
    bool is_same = traffic->signals[at].peer == peer;
    if (transport->kind->quality == NULL ||
        (is_same && now.boot_ms < traffic->signals[at].due_ms)) {
        return;
    }
    traffic->signals[at].peer = peer;
    traffic->signals[at].due_ms = now.boot_ms + TRAFFIC_INTERVAL_MS;
    handset_signal(traffic->handset, peer, transport->kind->quality(transport, peer));
}

static struct view_radio radio_to_show(const struct traffic *traffic,
                                       const struct transport_radio *radio) {
    static const enum radio_view_state states[] = {[RADIO_ON] = RADIO_VIEW_ON,
                                                   [RADIO_STARTING] = RADIO_VIEW_STARTING,
                                                   [RADIO_OFF] = RADIO_VIEW_OFF,
                                                   [RADIO_UNUSABLE] = RADIO_VIEW_UNUSABLE};
    struct view_radio shown = {
        .state = states[radio->state], .peers = radio->peers, .quality = radio->quality};
    unsigned link = radio->link >= 1 && radio->link <= traffic->link_count ? radio->link - 1 : 0;
    snprintf(shown.link, sizeof shown.link, "%s", traffic->link_names[link]);
    snprintf(shown.name, sizeof shown.name, "%s", radio->name);
    shown.condition = conditions_to_show(&radio->condition);
    shown.also = conditions_to_show(&radio->also);
    return shown;
}

static void show_radios(struct traffic *traffic, struct moment now) {
    const struct transport *transport = traffic->transport;
    struct transport_radio radios[TRANSPORT_RADIOS_MAX];
    struct view_radio shown[TRANSPORT_RADIOS_MAX];
    traffic->radios_due_ms = now.boot_ms + TRAFFIC_INTERVAL_MS;
    if (transport->kind->radios == NULL) {
        return;
    }
    size_t count = transport->kind->radios(transport, radios, TRANSPORT_RADIOS_MAX);
    for (size_t i = 0; i < count; i++) {
        shown[i] = radio_to_show(traffic, &radios[i]);
    }
    handset_show_radios(traffic->handset, shown, count);
}

/* Whether the radios look for others, and can be found, follows the officer's modes. */
static void tell_mode(struct traffic *traffic, struct moment now) {
    struct transport *transport = traffic->transport;
    enum transport_mode mode = handset_is_off_air(traffic->handset)  ? TRANSPORT_OFF
                               : handset_is_silent(traffic->handset) ? TRANSPORT_SILENT
                                                                     : TRANSPORT_SEEKS;
    if (mode == traffic->mode) {
        return;
    }
    traffic->mode = mode;
    if (transport->kind->set_mode != NULL) {
        transport->kind->set_mode(transport, mode);
    }
    mailboxes_set_mode(&traffic->mailboxes, mode);
    traffic->radios_due_ms = now.boot_ms;
}

/* --- Topics and news ------------------------------------------------------------------------ */

static void tell_topics(struct traffic *traffic, struct moment now) {
    struct transport *transport = traffic->transport;
    struct handset_topic wanted[HANDSET_TOPICS_MAX];
    struct transport_topic topics[HANDSET_TOPICS_MAX + 1];
    uint64_t version = handset_topics_version(traffic->handset);
    if (version == traffic->topics_version || transport->kind->listen == NULL ||
        traffic->mode == TRANSPORT_OFF) {
        return;
    }
    traffic->topics_version = version;
    size_t wanted_count = handset_topics(traffic->handset, wanted, HANDSET_TOPICS_MAX), count = 0;
    for (size_t i = 0; i < wanted_count; i++) {
        if (mailboxes_hear(&traffic->mailboxes, wanted[i].name)) {
            continue;
        }
        /* What is said in a group is voice, and what a talk needs; what is kept is neither. */
        topics[count].is_kept = wanted[i].is_kept;
        topics[count].lane = wanted[i].is_kept ? LANE_REST : LANE_VOICE;
        memcpy(topics[count++].name, wanted[i].name, sizeof wanted[i].name);
    }
    if (traffic->name[0] != '\0') {
        topics[count] = (struct transport_topic){.is_kept = true, .lane = LANE_REST};
        topic_renewal(traffic->name, topics[count++].name);
    }
    if (transport->kind->listen(transport, topics, count) != TRANSPORT_OK) {
        note_failure(traffic, now);
    }
}

static void tell_news(struct traffic *traffic, struct moment now) {
    struct transport *transport = traffic->transport;
    struct transport_condition news;
    while (transport->kind->news != NULL && transport->kind->news(transport, &news)) {
        note_condition(traffic, now, &news);
        traffic->radios_due_ms = now.boot_ms;
    }
    while (mailboxes_news(&traffic->mailboxes, &news)) {
        note_condition(traffic, now, &news);
    }
}

void traffic_settle(struct traffic *traffic, struct moment now) {
    tell_mode(traffic, now);
    tell_largest(traffic);
    tell_topics(traffic, now);
    tell_news(traffic, now);
    use_renewed(traffic, now);
    open_mailboxes(traffic, now);
    if (now.boot_ms >= traffic->radios_due_ms - EARLY_MS) {
        show_radios(traffic, now);
    }
}

int64_t traffic_deadline(const struct traffic *traffic) {
    int64_t renewed_ms = renewed_deadline(traffic);
    int64_t radios_ms = traffic->transport->kind->radios == NULL
                            ? INT64_MAX
                            : traffic->radios_due_ms + TRAFFIC_PATIENCE_MS;
    int64_t mailboxes_ms =
        mailboxes_are_waiting(&traffic->mailboxes) ? traffic->mailboxes_due_ms : INT64_MAX;
    int64_t first_ms = renewed_ms < radios_ms ? renewed_ms : radios_ms;
    return mailboxes_ms < first_ms ? mailboxes_ms : first_ms;
}

_Static_assert((int)EVENT_SOURCE_SIZE == (int)TRANSPORT_ADDRESS_SIZE, "each address can be told");
