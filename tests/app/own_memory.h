/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Searches the memory of the process that runs the test for a secret that should be gone. Not under
 * the address sanitizer, where memory holds what was freed, and does not end.
 */
#ifndef MUSTER_TESTS_APP_OWN_MEMORY_H
#define MUSTER_TESTS_APP_OWN_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Inverts each octet: so a test keeps what it looks for, and its own copy is not what it finds. */
void own_memory_invert(uint8_t *octets, size_t length);

/* How often the secret whose inverted octets these are stands in the memory that this process may
 * write to. */
size_t own_memory_count(const uint8_t *inverted, size_t size);

#endif
