/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of the revoked for squads, as their KMS makes them (app/identity/revocation.h). */
#ifndef MUSTER_TESTS_APP_REVOKED_LIST_H
#define MUSTER_TESTS_APP_REVOKED_LIST_H

#include "app/identity/revocation.h"
#include "squad.h"

/* A signed list that names the identity of `place`; from SQUAD_MAX + 10 on nobody of the squad. */
struct revocation revoked_list(const struct squad *squad, uint64_t number, size_t place);

/* Handset n's officer imports it as text. Returns the import's status. */
enum status revoked_list_import(struct squad *squad, size_t n, const struct revocation *list);

/* Hands it to handset n as if `from` had said it. */
void revoked_list_say(struct squad *squad, size_t n, size_t from, const struct revocation *list);

/* The number of the list that handset n holds. */
uint64_t revoked_list_held(const struct squad *squad, size_t n);

/* How often `from` has said a list. */
unsigned revoked_list_said(const struct squad *squad, size_t from);

#endif
