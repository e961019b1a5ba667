/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request as codes for a camera, as many as it takes in the window that there is. */
#ifndef MUSTER_UI_SCREENS_ENROL_CODE_H
#define MUSTER_UI_SCREENS_ENROL_CODE_H

#include "app/handset/view.h"
#include "ui/screens/enrol.h"

/* Draws the code that is looked at, and what it is about where there is room beside it. False, with
 * nothing drawn, where the window is too small for any. */
bool enrol_draw_code(struct enrol *enrol, const struct view_request *request, struct area area);

/* Whose it is, the device key that the officer reads out, and the file. */
void enrol_write_request(struct page *page, const struct view_request *request);

#endif
