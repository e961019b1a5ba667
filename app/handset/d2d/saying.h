/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saying something over a D2D connection: on the best way, again without an answer, and a longer
 * record in parts.
 */
#ifndef MUSTER_APP_HANDSET_D2D_SAYING_H
#define MUSTER_APP_HANDSET_D2D_SAYING_H

#include "app/handset/d2d/connection.h"

/* Seals and sends the next request, in parts when it is longer than a frame; its time is filled in.
 */
void connection_request(struct connections *connections, struct moment now,
                        struct connection *connection, struct d2d_record *record);

/* Seals and sends the response to the request at hand; its time is filled in. */
void connection_respond(struct connections *connections, struct moment now,
                        struct connection *connection, struct d2d_record *record);

/* Says CLOSE as soon as nothing is under way, then drops the connection. */
void connection_close(struct connections *connections, struct moment now,
                      struct connection *connection);

/* For opening.h, hearing.h and upkeep.h: sends the latest word again; now and then to everyone. */
void connection_say_again(struct connections *connections, const struct connection *connection);

/* The same for who asked for it, which may be another address than the connection's peer: whoever
 * repeats a frame of the other side first must not draw all answers to itself. */
void connection_answer_again(struct connections *connections, struct moment now,
                             const struct connection *connection, uint64_t peer);

/* The other side is asked on its best way from now on, or the best that was not tried yet. When all
 * were tried, they are again. */
void connection_choose_way(struct connections *connections, struct moment now,
                           struct connection *connection);

/* Nothing came back on this way, or its link is off: on to another one. */
void connection_leave_way(struct connections *connections, struct moment now,
                          struct connection *connection);

/* Sends the latest word, which is to be answered. */
void connection_await(struct connections *connections, struct moment now,
                      struct connection *connection);

/* Says the next part of the record that goes in parts. */
void connection_say_part(struct connections *connections, struct moment now,
                         struct connection *connection);

#endif
