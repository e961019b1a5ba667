/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/qr.h"

#include <qrencode.h>
#include <string.h>

/* Octets that a code of that version holds at the level L (ISO/IEC 18004, table 7). */
static const size_t rooms[1 + QR_VERSION_MAX] = {0, 17, 32, 53, 78, 106, 134, 154, 192, 230, 271};

size_t qr_room(int side) {
    int version = (side - 17) / 4;
    return version < 1 ? 0 : rooms[version < QR_VERSION_MAX ? version : QR_VERSION_MAX];
}

bool qr_make(const char *octets, size_t length, struct qr *qr) {
    qr->side = 0;
    if (length == 0 || length > rooms[QR_VERSION_MAX]) {
        return false;
    }
    QRcode *code = QRcode_encodeData((int)length, (const unsigned char *)octets, 0, QR_ECLEVEL_L);
    if (code == NULL) {
        return false;
    }
    bool fits = code->width <= QR_SIDE_MAX;
    for (int i = 0; fits && i < code->width * code->width; i++) {
        qr->dark[i] = code->data[i] & 1;
    }
    qr->side = fits ? code->width : 0;
    QRcode_free(code);
    return fits;
}

bool qr_is_dark(const struct qr *qr, int row, int column) {
    return row >= 0 && column >= 0 && row < qr->side && column < qr->side &&
           qr->dark[row * qr->side + column] != 0;
}
