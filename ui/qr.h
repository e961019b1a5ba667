/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * QR codes (ISO/IEC 18004), made by libqrencode: text in, a square of dark and light modules out.
 */
#ifndef MUSTER_UI_QR_H
#define MUSTER_UI_QR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    QR_VERSION_MAX = 10,
    QR_SIDE_MAX = 17 + 4 * QR_VERSION_MAX, /* modules */
    QR_QUIET = 2, /* light modules around it: half of what the standard wants, which cameras take */
};

struct qr {
    int side; /* modules; 0: there is none */
    uint8_t dark[QR_SIDE_MAX * QR_SIDE_MAX];
};

/* How many octets fit into a code of at most `side` modules; 0 where not even the smallest has
 * room. */
size_t qr_room(int side);

/* The code of `length` octets, with the least correction of errors: a screen has no stains. False
 * where they are too many, or memory is short; then qr->side is 0. */
bool qr_make(const char *octets, size_t length, struct qr *qr);

/* Is the module dark? Those outside of it are light. */
bool qr_is_dark(const struct qr *qr, int row, int column);

#endif
