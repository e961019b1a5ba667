/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of an identity, by which people tell it from others where a whole one has no room: serial
 * number and check digit of an ME, the last digits of a telephone number, the end of the part
 * before the @ of a sip: one.
 */
#ifndef MUSTER_APP_TEXT_DIGITS_H
#define MUSTER_APP_TEXT_DIGITS_H

enum {
    IDENTITY_DIGITS = 8,
    IDENTITY_DIGITS_SIZE = IDENTITY_DIGITS + 1
};

void identity_digits(const char *identity, char digits[IDENTITY_DIGITS_SIZE]);

#endif
