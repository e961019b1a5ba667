/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts from elsewhere (file names, lines of a list, what a library says) as they may go to a
 * terminal: they move no cursor, turn no writing, and have no line of their own.
 */
#ifndef MUSTER_APP_TEXT_SHOWN_H
#define MUSTER_APP_TEXT_SHOWN_H

/* Puts "?" in the place of each character that is a control character, turns writing or cannot be
 * seen, and of each octet that is no UTF-8. The text becomes no longer. */
void shown_make(char *text);

#endif
