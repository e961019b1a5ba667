/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/traffic.h"

#include <string.h>

#include "app/programs/broker_link.h"
#include "transport/links.h"

_Static_assert((int)HANDSET_TOPICS_MAX <= (int)TRANSPORT_TOPICS_MAX, "all can be heard");
_Static_assert((int)TOPIC_SIZE <= (int)TRANSPORT_TOPIC_SIZE, "every topic fits");
_Static_assert((int)LINKS_MAX <= (int)HANDSET_LINKS_MAX, "every link has its number");

/* How a link stands, for the screen and the log. */
static void note(struct traffic *traffic, struct moment now, const char *line, bool is_problem) {
    face_notice(traffic->face, line, is_problem);
    handset_note(traffic->handset, now, line, is_problem);
}

/* --- The beginning and the end -------------------------------------------------------------- */

/* The store tells where the broker is, and as whom to go there. */
static void connect_broker(struct traffic *traffic, struct store *store, struct moment now) {
    char problem[NATS_PROBLEM_SIZE];
    struct error error;
    struct access *access;
    if (access_load(store, NULL, &access, &error) != STATUS_OK) {
        note(traffic, now, error.text, true);
        return;
    }
    const struct nats_options options = broker_link_options(access);
    if (nats_connect(traffic->broker, &options, problem) != TRANSPORT_OK)
        note(traffic, now, problem, true);
    access_free(access);
    if (mailboxes_open(&traffic->mailboxes, store, handset_view(traffic->handset, now), &error) !=
        STATUS_OK)
        note(traffic, now, error.text, true);
}

enum status traffic_begin(struct traffic *traffic, struct handset *handset, struct store *store,
                          struct moment now, struct error *error) {
    enum status status = handset_set_links(handset, traffic->link_count);
    if (status != STATUS_OK)
        return error_set(error, status, "the links cannot be joined: %s", status_text(status));
    traffic->handset = handset;
    if (traffic->broker != NULL)
        connect_broker(traffic, store, now);
    return STATUS_OK;
}

void traffic_end(struct traffic *traffic) {
    mailboxes_close(&traffic->mailboxes);
}

/* --- Sending -------------------------------------------------------------------------------- */

/* Under its topic as well, where the transport has topics. What becomes of it there the transport's
 * news tells. */
static void publish(struct traffic *traffic, const struct output *output) {
    struct transport *transport = traffic->transport;
    if (output->topic == NULL || mailboxes_publish(&traffic->mailboxes, output->topic,
                                                   output->frame.octets, output->frame.length))
        return;
    if (transport->kind->publish != NULL)
        (void)transport->kind->publish(transport, output->topic, output->is_kept,
                                       output->frame.octets, output->frame.length);
}

void traffic_send(struct traffic *traffic, struct moment now, const struct output *output) {
    struct transport *transport = traffic->transport;
    publish(traffic, output);
    uint64_t peer = output->peer == EVERYONE ? PEER_ALL : output->peer;
    enum transport_result result =
        transport->kind->send(transport, peer, output->frame.octets, output->frame.length);
    if (peer != PEER_ALL && result == TRANSPORT_NO_ROUTE) {
        /* The transport has no place for that handset's address, or none any more: it still hears
         * what goes to everyone, who cannot read it. */
        peer = PEER_ALL;
        result = transport->kind->send(transport, peer, output->frame.octets, output->frame.length);
    }
    if (peer != PEER_ALL)
        return; /* whether that one handset heard it, the engine finds out by itself */
    bool is_broken = result == TRANSPORT_NO_ROUTE || result == TRANSPORT_FAILED;
    if (is_broken && traffic->last_send == TRANSPORT_OK)
        note(traffic, now, transport->kind->problem(transport), true);
    else if (result == TRANSPORT_OK && traffic->last_send != TRANSPORT_OK)
        note(traffic, now, "the network is back", false);
    traffic->last_send = is_broken ? result : TRANSPORT_OK;
}

/* Only with several links does the handset ask for it. What a link does not take is lost, as the
 * air may lose it; that it takes nothing any more, the next frame of this handset's own shows. */
void traffic_relay(struct traffic *traffic, const struct output *output) {
    (void)links_relay(traffic->transport, output->peer, output->topic, output->frame.octets,
                      output->frame.length);
}

/* --- Topics and news ------------------------------------------------------------------------ */

static void tell_topics(struct traffic *traffic, struct moment now) {
    struct transport *transport = traffic->transport;
    struct handset_topic wanted[HANDSET_TOPICS_MAX];
    struct transport_topic topics[HANDSET_TOPICS_MAX];
    uint64_t version = handset_topics_version(traffic->handset);
    if (version == traffic->topics_version || transport->kind->listen == NULL)
        return;
    traffic->topics_version = version;
    size_t wanted_count = handset_topics(traffic->handset, wanted, HANDSET_TOPICS_MAX), count = 0;
    for (size_t i = 0; i < wanted_count; i++) {
        if (mailboxes_hear(&traffic->mailboxes, wanted[i].name))
            continue;
        memcpy(topics[count].name, wanted[i].name, sizeof wanted[i].name);
        topics[count++].is_kept = wanted[i].is_kept;
    }
    if (transport->kind->listen(transport, topics, count) != TRANSPORT_OK)
        note(traffic, now, transport->kind->problem(transport), true);
}

void traffic_settle(struct traffic *traffic, struct moment now) {
    struct transport *transport = traffic->transport;
    const char *line;
    bool is_problem;
    tell_topics(traffic, now);
    while (transport->kind->news != NULL &&
           (line = transport->kind->news(transport, &is_problem)) != NULL)
        note(traffic, now, line, is_problem);
    while ((line = mailboxes_news(&traffic->mailboxes, &is_problem)) != NULL)
        note(traffic, now, line, is_problem);
}
