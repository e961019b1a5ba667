/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Usefulness: which neighbours are kept and shown where there are more than there is room for. Who
 * is trusted by the officer or is a member of an own group comes first; then who is nearby; then
 * who answers this handset, before who may do so yet, and that before who does not; then who was
 * heard last. So strangers, however many, and
 * recordings of them take no place from those that the officer knows.
 */
#ifndef MUSTER_APP_HANDSET_AIR_USEFULNESS_H
#define MUSTER_APP_HANDSET_AIR_USEFULNESS_H

#include "app/handset/air/roster.h"

/* Is `a` of less use than `b`? */
bool neighbour_is_less_useful(const struct neighbour *a, const struct neighbour *b,
                              const struct roster *roster, struct moment now);

#endif
