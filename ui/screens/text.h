/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts that several screens share: times in words, the time that a GMK has left, and text that
 * runs over several rows.
 */
#ifndef MUSTER_UI_SCREENS_TEXT_H
#define MUSTER_UI_SCREENS_TEXT_H

#include "app/handset/view.h"
#include "ui/canvas.h"

enum {
    TEXT_SIZE = 48,
    TEXT_GROUP_SIZE = OFFICER_GROUP_SIZE + OFFICER_NAME_SIZE,
    FULL_COLUMNS = 72, /* from here up there is room for tables; below, screens shorten */
};

/* Is there room for the full layout? */
bool text_is_full(struct area area);

/* Copies `text` into out[size], cut between letters where it does not fit. */
void text_copy(char *out, size_t size, const char *text);

/* "3 h 05 min", "8 h", "45 min", "12 s", "3 days 4 h". Negative is "0 s". Rounded down. */
void text_duration(int64_t ms, char out[TEXT_SIZE]);

/* The largest unit alone: "3 h", "45 min", "12 s", "3 d". Rounded down. */
void text_duration_short(int64_t ms, char out[TEXT_SIZE]);

/* The size of a clock difference in words, rounded to the minute from one minute up: "3 h". */
void text_difference(int64_t ms, char out[TEXT_SIZE]);

/* The same in its largest unit alone, rounded to it. */
void text_difference_short(int64_t ms, char out[TEXT_SIZE]);

/* "0:42", "12:03", "1:02:03". */
void text_elapsed(int64_t ms, char out[TEXT_SIZE]);

/* The time of day of a moment since 1970, UTC: "12:34:56"; dashes when there is no such moment. */
void text_time(int64_t utc_ms, char out[TEXT_SIZE]);

/* The same with its day: "2026-11-24 12:34". */
void text_date(int64_t utc_ms, char out[TEXT_SIZE]);

/* The name if there is one, otherwise the identity. */
const char *text_name(const char *name, const char *identity);

/* What a group is called, in a sentence: "Fire 7", or "Fire 7 (025762-0)" with its mark where
 * another group has that name or one that looks like it. Returns `room`. */
const char *text_group_name(char room[TEXT_GROUP_SIZE], const struct view_group *group);

/* The same in at most `width` columns: the name is shortened, the mark is not. Returns the columns
 * used. */
int text_group_fit(struct area area, int row, int column, int width, enum style style,
                   const struct view_group *group);

/* The columns of a field for a name: its letters and the cursor, as far as `area` has room. */
int text_name_columns(struct area area);

/* The last `width` columns of `text`, an ellipsis before them where some are missing: identities
 * differ at their ends. Returns the columns used. */
int text_tail(struct area area, int row, int column, int width, enum style style, const char *text);

/* `text` over as many rows as it takes within `width` columns, broken at blanks where possible,
 * else at the joints of an identity. Returns how many rows that is, drawn or clipped. */
int text_wrapped(struct area area, int row, int column, int width, enum style style,
                 const char *text);

/* The same for who shows the rows below the area as well, when asked: they do not count as cut. */
int text_scrolled(struct area area, int row, int column, int width, enum style style,
                  const char *text);

/* The columns of the widest of these texts; the last argument is NULL. */
int text_widest(const char *text, ...) __attribute__((sentinel));

/* What a group's GMK has left: GOOD, CAUTION in the last tenth, BAD when it cannot be used. */
enum style text_left_style(const struct view_group *group);

/* The same in words: "7 h 12 min left", "12 min left, ends soon", "EXPIRED", "not valid yet". */
void text_left(const struct view_group *group, char out[TEXT_SIZE]);

/* The same in at most text_left_columns(): "7 h", "! 12 min", "EXPIRED", "not yet". */
void text_left_short(const struct view_group *group, char out[TEXT_SIZE]);
int text_left_columns(void);

/* The same as a bar. */
void text_left_bar(struct area area, int row, int column, int width,
                   const struct view_group *group);

/* The group with that identity, or NULL. */
const struct view_group *text_group(const struct view *view, const char *identity);

#endif
