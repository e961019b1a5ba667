/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/ui.h"

/* What is left of the source while a line is parsed, and the first thing wrong with it. */
struct source {
    const char *at;
    char *problem;
    bool failed;
};

static bool complain(struct source *source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(struct source *source, const char *format, ...) {
    if (!source->failed) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(source->problem, LINE_PROBLEM_SIZE, format, arguments);
        va_end(arguments);
    }
    source->failed = true;
    return false;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct source *source) {
    while (is_blank(*source->at)) {
        source->at++;
    }
}

static bool at_end(struct source *source) {
    skip_blanks(source);
    return *source->at == 0;
}

enum {
    WORD_SIZE = 64
};

/* The next word, empty at the end of the line. */
static bool take_word(struct source *source, char word[WORD_SIZE]) {
    skip_blanks(source);
    size_t length = 0;
    while (*source->at && !is_blank(*source->at)) {
        if (length + 1 == WORD_SIZE) {
            return complain(source, "a word is too long");
        }
        word[length++] = *source->at++;
    }
    word[length] = 0;
    return true;
}

/* The next word if it is this one. */
static bool take_this_word(struct source *source, const char *expected) {
    skip_blanks(source);
    size_t length = strlen(expected);
    if (strncmp(source->at, expected, length) != 0) {
        return false;
    }
    if (source->at[length] && !is_blank(source->at[length])) {
        return false;
    }
    source->at += length;
    return true;
}

/* A whole number of 1 to `most`, in digits only. */
static bool number_from(const char *digits, size_t length, int64_t most, int64_t *out) {
    int64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return false;
        }
        number = number * 10 + (digits[i] - '0');
        if (number > most) {
            return false;
        }
    }
    *out = number;
    return length > 0 && number > 0;
}

static bool take_number(struct source *source, const char *what, int most, int *out) {
    char word[WORD_SIZE];
    int64_t number;
    if (!take_word(source, word)) {
        return false;
    }
    if (!number_from(word, strlen(word), most, &number)) {
        return complain(source, "%s is a number from 1 to %d, not '%s'", what, most, word);
    }
    *out = (int)number;
    return true;
}

static bool take_duration(struct source *source, int64_t *out) {
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    char word[WORD_SIZE];
    if (!take_word(source, word)) {
        return false;
    }
    size_t digits = strspn(word, "0123456789");
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int64_t number;
        if (strcmp(word + digits, units[i].name) == 0 &&
            number_from(word, digits, 1000000, &number)) {
            *out = number * units[i].ms;
            return true;
        }
    }
    return complain(source, "a duration is a number with ms, s, min, h or d (20s), not '%s'", word);
}

/* What stands between two `quote`s, with \quote for the quote itself; "\\" only stands for one
 * backslash in text, since a regular expression has its own use for it. */
static bool take_quoted(struct source *source, char quote, char **out) {
    skip_blanks(source);
    if (*source->at != quote) {
        return complain(source, "%c...%c is missing here: '%s'", quote, quote, source->at);
    }
    char *text = malloc(strlen(source->at));
    if (!text) {
        return complain(source, "out of memory");
    }
    size_t length = 0;
    const char *at = source->at + 1;
    for (; *at && *at != quote; at++) {
        if (*at == '\\' && (at[1] == quote || (quote == '"' && at[1] == '\\'))) {
            at++;
        } else if (*at == '\\' && at[1]) {
            text[length++] = *at++;
        }
        text[length++] = *at;
    }
    text[length] = 0;
    if (*at != quote || length == 0) {
        free(text);
        return complain(source, *at == quote ? "nothing between the quotes" : "no closing %c",
                        quote);
    }
    source->at = at + 1;
    if (*source->at && !is_blank(*source->at)) {
        free(text);
        return complain(source, "no blank after the closing %c", quote);
    }
    *out = text;
    return true;
}

static bool compile_pattern(struct source *source, struct script_line *line) {
    int code = regcomp(&line->pattern, line->text, REG_EXTENDED | REG_NOSUB);
    if (code == 0) {
        line->is_pattern = true;
        return true;
    }
    char reason[80];
    regerror(code, &line->pattern, reason, sizeof reason);
    return complain(source, "/%.60s/ is no regular expression: %s", line->text, reason);
}

static bool parse_key(struct source *source, struct script_line *line) {
    char word[WORD_SIZE];
    if (!take_word(source, word)) {
        return false;
    }
    line->press = press_from_name(word);
    if (line->press == PRESS_NONE) {
        return complain(source, "there is no key '%s'", word);
    }
    line->number = 1;
    return at_end(source) || take_number(source, "how often", 1000, &line->number);
}

/* NAME=TEXT or NAME="TEXT", one value of an event. */
static bool take_value(struct source *source, struct script_event *event) {
    size_t length = strcspn(source->at, "= \t\r");
    int value = 0;
    while (value < EVENT_VALUES &&
           (strlen(event_value_name((enum event_value)value)) != length ||
            strncmp(event_value_name((enum event_value)value), source->at, length) != 0)) {
        value++;
    }
    if (source->at[length] != '=' || value == EVENT_VALUES) {
        return complain(source, "an event has no value '%.*s'", (int)length, source->at);
    }
    if ((event_values(event->kind) >> value & 1) == 0) {
        return complain(source, "%s has no %s", event_name(event->kind),
                        event_value_name((enum event_value)value));
    }
    source->at += length + 1;
    free(event->values[value]);
    event->values[value] = NULL;
    if (*source->at == '"') {
        return take_quoted(source, '"', &event->values[value]);
    }
    length = strcspn(source->at, " \t\r");
    event->values[value] = strndup(source->at, length);
    source->at += length;
    return event->values[value] || complain(source, "out of memory");
}

static bool parse_event(struct source *source, struct script_line *line) {
    skip_blanks(source);
    const char *start = source->at;
    char word[WORD_SIZE];
    bool has_within = false;
    line->kind = LINE_EXPECT_EVENT;
    if (!take_word(source, word)) {
        return false;
    }
    line->event.kind = event_named(word);
    if (line->event.kind == EVENT_NONE || event_is_refusal(line->event.kind)) {
        return complain(source, "no log has an event '%s'", word);
    }
    const char *end = source->at;
    while (!at_end(source) && !(has_within = take_this_word(source, "within"))) {
        if (!take_value(source, &line->event)) {
            return false;
        }
        end = source->at;
    }
    line->text = strndup(start, (size_t)(end - start));
    if (!line->text) {
        return complain(source, "out of memory");
    }
    return !has_within || take_duration(source, &line->duration_ms);
}

static bool parse_expect(struct source *source, struct script_line *line) {
    line->is_not = take_this_word(source, "not");
    if (take_this_word(source, "event")) {
        return parse_event(source, line);
    }
    skip_blanks(source);
    bool is_pattern = *source->at == '/';
    if (!take_quoted(source, is_pattern ? '/' : '"', &line->text)) {
        return false;
    }
    if (is_pattern && !compile_pattern(source, line)) {
        return false;
    }
    return !take_this_word(source, "within") || take_duration(source, &line->duration_ms);
}

/* A snapshot's name is part of a path, so it is plain. */
static bool parse_snapshot(struct source *source, struct script_line *line) {
    char word[WORD_SIZE];
    if (!take_word(source, word)) {
        return false;
    }
    if (word[0] == 0 || word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_")] != 0) {
        return complain(source, "a snapshot's name is of a-z, 0-9, - and _, not '%s'", word);
    }
    line->text = strdup(word);
    return line->text || complain(source, "out of memory");
}

static bool parse_line(struct source *source, int handsets, struct script_line *line) {
    if (at_end(source) || *source->at == '#') {
        return true;
    }
    static const struct {
        const char *word;
        enum script_line_kind kind;
    } kinds[] = {
        {"handset", LINE_HANDSET},   {"key", LINE_KEY},       {"type", LINE_TYPE},
        {"paste", LINE_PASTE},       {"expect", LINE_EXPECT}, {"advance", LINE_ADVANCE},
        {"snapshot", LINE_SNAPSHOT}, {"say", LINE_SAY},       {"events", LINE_EVENTS},
    };
    char word[WORD_SIZE];
    if (!take_word(source, word)) {
        return false;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(word, kinds[i].word) == 0) {
            line->kind = kinds[i].kind;
        }
    }
    switch (line->kind) {
    case LINE_HANDSET:
        return take_number(source, "a handset", handsets, &line->number);
    case LINE_KEY:
        return parse_key(source, line);
    case LINE_TYPE:
    case LINE_PASTE:
    case LINE_SAY:
        return take_quoted(source, '"', &line->text);
    case LINE_EXPECT:
        return parse_expect(source, line);
    case LINE_EVENTS:
        return true;
    case LINE_ADVANCE:
        return take_duration(source, &line->duration_ms);
    case LINE_SNAPSHOT:
        return parse_snapshot(source, line);
    case LINE_EXPECT_EVENT: /* begins as LINE_EXPECT does */
    case LINE_NOTHING:
        break;
    }
    return complain(source,
                    "'%s' is no word of a script (handset, key, type, paste, expect, "
                    "advance, snapshot, say, events)",
                    word);
}

bool script_line_parse(const char *text, int handsets, struct script_line *out,
                       char problem[LINE_PROBLEM_SIZE]) {
    struct source source = {.at = text, .problem = problem};
    *out = (struct script_line){.kind = LINE_NOTHING};
    bool good = parse_line(&source, handsets, out);
    if (good && out->kind != LINE_NOTHING && !at_end(&source)) {
        good = complain(&source, "what is '%s' at the end?", source.at);
    }
    if (!good) {
        script_line_clear(out);
    }
    return good;
}

void script_line_clear(struct script_line *line) {
    free(line->text);
    script_event_clear(&line->event);
    if (line->is_pattern) {
        regfree(&line->pattern);
    }
    *line = (struct script_line){.kind = LINE_NOTHING};
}

bool script_line_matches(const struct script_line *line, const char *row) {
    if (line->is_pattern) {
        return regexec(&line->pattern, row, 0, NULL, 0) == 0;
    }
    return strstr(row, line->text) != NULL;
}
