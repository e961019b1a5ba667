/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A canvas as a picture: SVG in a monospaced font, in light or dark colours as the reader's browser
 * prefers. Every cell stands on its column whatever font is found, so that boxes and bars meet.
 */
#ifndef MUSTER_UI_PICTURE_H
#define MUSTER_UI_PICTURE_H

#include <stdio.h>

#include "ui/canvas.h"

/* Writes `canvas` to `out` as a whole SVG document; `title` is what a screen reader says of it.
 * Returns false when `out` could not be written. */
bool picture_write(const struct canvas *canvas, const char *title, FILE *out);

#endif
