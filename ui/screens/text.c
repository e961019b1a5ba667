/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ui/character.h"
#include "ui/words/words.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
};

bool text_is_full(struct area area) {
    return area.columns >= FULL_COLUMNS;
}

void text_copy(char *out, size_t size, const char *text) {
    size_t length = strlen(text);
    if (length >= size) {
        length = 0;
        for (const char *end = letter_end(text); (size_t)(end - text) < size;
             end = letter_end(end)) {
            length = (size_t)(end - text);
        }
    }
    memcpy(out, text, length);
    out[length] = '\0';
}

void text_duration(int64_t ms, char out[TEXT_SIZE]) {
    int64_t left = ms > 0 ? ms : 0;
    int64_t days = left / DAY, hours = left % DAY / HOUR, minutes = left % HOUR / MINUTE;
    if (days >= 2) {
        if (hours > 0) {
            snprintf(out, TEXT_SIZE, _("%lld days %lld h"), (long long)days, (long long)hours);
        } else {
            snprintf(out, TEXT_SIZE, _("%lld days"), (long long)days);
        }
    } else if (left >= HOUR) {
        if (minutes > 0) {
            snprintf(out, TEXT_SIZE, _("%lld h %02lld min"), (long long)(left / HOUR),
                     (long long)minutes);
        } else {
            snprintf(out, TEXT_SIZE, _("%lld h"), (long long)(left / HOUR));
        }
    } else {
        text_duration_short(left, out);
    }
}

void text_duration_short(int64_t ms, char out[TEXT_SIZE]) {
    int64_t left = ms > 0 ? ms : 0;
    if (left >= 2 * (int64_t)DAY) {
        snprintf(out, TEXT_SIZE, _("%lld d"), (long long)(left / DAY));
    } else if (left >= HOUR) {
        snprintf(out, TEXT_SIZE, _("%lld h"), (long long)(left / HOUR));
    } else if (left >= MINUTE) {
        snprintf(out, TEXT_SIZE, _("%lld min"), (long long)(left / MINUTE));
    } else {
        snprintf(out, TEXT_SIZE, _("%lld s"), (long long)(left / SECOND));
    }
}

void text_difference(int64_t ms, char out[TEXT_SIZE]) {
    int64_t size = ms == INT64_MIN ? INT64_MAX : ms < 0 ? -ms : ms;
    if (size >= MINUTE && size < INT64_MAX - MINUTE) {
        size += MINUTE / 2;
    }
    text_duration(size, out);
}

void text_difference_short(int64_t ms, char out[TEXT_SIZE]) {
    int64_t size = ms == INT64_MIN ? INT64_MAX : ms < 0 ? -ms : ms;
    int64_t unit = size >= 2 * (int64_t)DAY ? DAY : size >= HOUR ? HOUR : SECOND;
    text_duration_short(size < INT64_MAX - DAY ? size + unit / 2 : size, out);
}

void text_elapsed(int64_t ms, char out[TEXT_SIZE]) {
    int64_t seconds = ms > 0 ? ms / SECOND : 0;
    if (seconds >= 3600) {
        snprintf(out, TEXT_SIZE, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
    } else {
        snprintf(out, TEXT_SIZE, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
    }
}

static void moment(int64_t utc_ms, const char *format, const char *none, char out[TEXT_SIZE]) {
    time_t seconds = (time_t)(utc_ms / SECOND);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL || parts.tm_year > 9999 - 1900 ||
        parts.tm_year < 1970 - 1900) {
        text_copy(out, TEXT_SIZE, none);
        return;
    }
    if (format[1] == 'H') {
        snprintf(out, TEXT_SIZE, "%02d:%02d:%02d", parts.tm_hour, parts.tm_min, parts.tm_sec);
    } else {
        snprintf(out, TEXT_SIZE, "%04d-%02d-%02d %02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
                 parts.tm_mday, parts.tm_hour, parts.tm_min);
    }
}

void text_time(int64_t utc_ms, char out[TEXT_SIZE]) {
    moment(utc_ms, "%H", "--:--:--", out);
}

void text_date(int64_t utc_ms, char out[TEXT_SIZE]) {
    moment(utc_ms, "%Y", "----------", out);
}

const char *text_group_name(char room[TEXT_GROUP_SIZE], const struct view_group *group) {
    const char *name = text_name(group->name, group->identity);
    snprintf(room, TEXT_GROUP_SIZE, group->mark[0] != '\0' ? "%s (%s)" : "%s", name, group->mark);
    return room;
}

int text_group_fit(struct area area, int row, int column, int width, enum style style,
                   const struct view_group *group) {
    char room[TEXT_GROUP_SIZE];
    int mark = text_width(group->mark);
    if (mark == 0 || text_width(text_group_name(room, group)) <= width) {
        return area_text_fit(area, row, column, width, style, text_group_name(room, group));
    }
    int used = area_text_fit(area, row, column, width - mark - 1, style,
                             text_name(group->name, group->identity));
    return used + 1 + area_text(area, row, column + used + 1, style, group->mark);
}

const char *text_name(const char *name, const char *identity) {
    return name[0] != '\0' ? name : identity;
}

int text_name_columns(struct area area) {
    int room = area.columns - 2;
    return room < OFFICER_NAME_LETTERS + 1 ? room : OFFICER_NAME_LETTERS + 1;
}

int text_tail(struct area area, int row, int column, int width, enum style style,
              const char *text) {
    if (width <= 0) {
        return 0;
    }
    if (text_width(text) <= width) {
        return area_text(area_within(area, row, column, 1, width), 0, 0, style, text);
    }
    const char *tail = text;
    while (*tail != '\0' && text_width(tail) > width - 1) {
        tail = letter_end(tail);
    }
    int used = area_text(area, row, column, style, "…");
    return used +
           area_text(area_within(area, row, column + used, 1, width - used), 0, 0, style, tail);
}

/* Where a text without blanks, an identity, is broken best: after these. */
static bool is_joint(char octet) {
    return octet == ':' || octet == ';' || octet == '@';
}

/* How many octets of `text` go on one row of `width` columns. */
static size_t row_octets(const char *text, int width) {
    const char *next = text, *blank = NULL, *joint = NULL;
    int columns = 0;
    while (*next != '\0') {
        const char *character = next;
        next = letter_end(next);
        columns += letter_width(character, next);
        if (columns > width) {
            const char *end = blank != NULL      ? blank
                              : joint != NULL    ? joint
                              : character > text ? character
                                                 : next;
            return (size_t)(end - text);
        }
        if (*next == ' ') {
            blank = next;
        } else if (is_joint(*character)) {
            joint = next;
        }
    }
    return (size_t)(next - text);
}

int text_widest(const char *text, ...) {
    int columns = 0;
    va_list texts;
    va_start(texts, text);
    for (; text != NULL; text = va_arg(texts, const char *)) {
        int width = text_width(text);
        columns = width > columns ? width : columns;
    }
    va_end(texts);
    return columns;
}

int text_wrapped(struct area area, int row, int column, int width, enum style style,
                 const char *text) {
    int rows = text_scrolled(area, row, column, width, style, text);
    if (area.rows > 0 && row + rows > area.rows && *text != '\0') {
        area_count_cut(area);
    }
    return rows;
}

int text_scrolled(struct area area, int row, int column, int width, enum style style,
                  const char *text) {
    int rows = 0;
    while (*text != '\0' && width > 0) {
        char line[512];
        size_t octets = row_octets(text, width);
        if (octets >= sizeof line) {
            octets = sizeof line - 1;
        }
        memcpy(line, text, octets);
        line[octets] = '\0';
        area_text(area, row + rows, column, style, line);
        rows++;
        text += octets;
        while (*text == ' ') {
            text++;
        }
    }
    return rows > 0 ? rows : 1;
}

static bool ends_soon(const struct view_group *group) {
    return group->remaining_ms <= group->period_ms / 10;
}

enum style text_left_style(const struct view_group *group) {
    if (group->gmk_state != GMK_USABLE) {
        return STYLE_BAD;
    }
    return ends_soon(group) || group->time_unproven ? STYLE_CAUTION : STYLE_GOOD;
}

void text_left(const struct view_group *group, char out[TEXT_SIZE]) {
    if (group->gmk_state == GMK_EXPIRED) {
        text_copy(out, TEXT_SIZE, _("EXPIRED"));
    } else if (group->gmk_state == GMK_NOT_YET) {
        char begins[TEXT_SIZE];
        text_duration(group->begins_in_ms, begins);
        snprintf(out, TEXT_SIZE, _("begins in %.30s"), begins);
    } else {
        char left[TEXT_SIZE];
        text_duration(group->remaining_ms, left);
        snprintf(out, TEXT_SIZE,
                 group->time_unproven ? _("%.30s left, time not proven")
                 : ends_soon(group)   ? _("%.30s left, ends soon")
                                      : _("%.30s left"),
                 left);
    }
}

void text_left_short(const struct view_group *group, char out[TEXT_SIZE]) {
    if (group->gmk_state == GMK_EXPIRED) {
        text_copy(out, TEXT_SIZE, _("EXPIRED"));
    } else if (group->gmk_state == GMK_NOT_YET) {
        text_copy(out, TEXT_SIZE, _("not yet"));
    } else {
        char left[TEXT_SIZE];
        text_duration_short(group->remaining_ms, left);
        snprintf(out, TEXT_SIZE, "%s%.30s", ends_soon(group) ? "! " : "", left);
    }
}

int text_left_columns(void) {
    return text_widest("! 59 min", _("EXPIRED"), _("not yet"), NULL);
}

void text_left_bar(struct area area, int row, int column, int width,
                   const struct view_group *group) {
    bool usable = group->gmk_state == GMK_USABLE && group->period_ms > 0;
    area_bar(area, row, column, width, text_left_style(group), usable ? group->remaining_ms : 0,
             usable ? group->period_ms : 1);
}

const struct view_group *text_group(const struct view *view, const char *identity) {
    for (size_t i = 0; i < view->group_count; i++) {
        if (strcmp(view->groups[i].identity, identity) == 0) {
            return &view->groups[i];
        }
    }
    return NULL;
}
