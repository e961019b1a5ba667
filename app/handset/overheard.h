/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The air in plain words: what anybody can tell of a frame that passes, from its public octets
 * alone. Nothing is verified or opened here; the line says what the frame claims to be, and what
 * protects it.
 */
#ifndef MUSTER_APP_HANDSET_OVERHEARD_H
#define MUSTER_APP_HANDSET_OVERHEARD_H

#include "crypto/bytes.h"

enum {
    AIR_LINE_SIZE = 512 /* room for every line, its terminating 0 included */
};

/* Writes one line about `frame`, which may be any octets at all, into out[size], terminated and cut
 * to fit: what it is, from whom to whom, its size in octets, what protects it. Names from the air
 * appear only where they are spelled like identities. */
void air_describe(struct span frame, char *out, size_t size);

#endif
