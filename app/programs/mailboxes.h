/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mailboxes of the groups that a handset manages, at the broker. It is the group identity, not
 * the handset, that may write there and read the receipts (app/broker/broker.h): so each group has
 * its own connection beside the handset's, with the access that came with the group's keys.
 */
#ifndef MUSTER_APP_PROGRAMS_MAILBOXES_H
#define MUSTER_APP_PROGRAMS_MAILBOXES_H

#include "app/broker/access.h"
#include "app/handset/view.h"
#include "app/store/store.h"
#include "transport/transport.h"

struct mailboxes {
    size_t count;
    struct mailbox_link {
        char name[TOPIC_NAME_SIZE]; /* the group's opaque name */
        struct transport *transport;
        struct access *access; /* with which it is still to be connected; NULL: it was */
    } links[VIEW_MANAGED_MAX];
};

/* Starts connecting for each group in `view` that the handset manages and the store has access for;
 * returns at once. STATUS_IO_FAILED with a line that says why when a connection cannot even be
 * begun: it waits for mailboxes_try_again, and the others are begun. Errors of access_load but
 * STATUS_NOT_FOUND; those begun before stay. */
MUST_CHECK enum status mailboxes_open(struct mailboxes *mailboxes, struct store *store,
                                      const struct view *view, struct error *error);

/* Are there connections that could not be begun? They are begun again; what fails once more waits.
 */
bool mailboxes_are_waiting(const struct mailboxes *mailboxes);
void mailboxes_try_again(struct mailboxes *mailboxes);

/* A frame under `topic`. Returns whether that is a mailbox of one of the groups: if so, it was
 * given to the group's connection and needs to go nowhere else. */
bool mailboxes_publish(struct mailboxes *mailboxes, const char *topic, const uint8_t *frame,
                       size_t length);

/* Are these the receipts of one of the groups? They are heard by the group's connection. */
bool mailboxes_hear(const struct mailboxes *mailboxes, const char *topic);

/* The descriptors to wait on for reading before mailboxes_receive; they do not change after
 * mailboxes_open. Returns how many, at most VIEW_MANAGED_MAX. */
size_t mailboxes_descriptors(const struct mailboxes *mailboxes, int descriptors[VIEW_MANAGED_MAX]);

/* Hands over the receipts that came, as frames that belong to no peer and are not relayed. */
void mailboxes_receive(struct mailboxes *mailboxes, transport_frame_fn *on_frame, void *context);

/* The next change of a connection's state, as a transport's `news`; false when there is none. */
bool mailboxes_news(struct mailboxes *mailboxes, struct transport_condition *out);

/* The connections follow the officer's modes, as the handset's own do. */
void mailboxes_set_mode(struct mailboxes *mailboxes, enum transport_mode mode);

void mailboxes_close(struct mailboxes *mailboxes);

#endif
