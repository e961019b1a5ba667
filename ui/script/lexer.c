/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script/lexer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool lexer_complain(struct lexer *lexer, const char *format, ...) {
    if (!lexer->has_failed) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(lexer->problem, sizeof lexer->problem, format, arguments);
        va_end(arguments);
    }
    lexer->has_failed = true;
    return false;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct lexer *lexer) {
    while (is_blank(*lexer->at)) {
        lexer->at++;
    }
}

bool lexer_at_end(struct lexer *lexer) {
    skip_blanks(lexer);
    return *lexer->at == 0;
}

bool lexer_word(struct lexer *lexer, char word[LEXER_WORD_SIZE]) {
    skip_blanks(lexer);
    size_t length = 0;
    while (*lexer->at && !is_blank(*lexer->at)) {
        if (length + 1 == LEXER_WORD_SIZE) {
            return lexer_complain(lexer, "a word is too long");
        }
        word[length++] = *lexer->at++;
    }
    word[length] = 0;
    return true;
}

bool lexer_this_word(struct lexer *lexer, const char *expected) {
    skip_blanks(lexer);
    size_t length = strlen(expected);
    if (strncmp(lexer->at, expected, length) != 0) {
        return false;
    }
    if (lexer->at[length] && !is_blank(lexer->at[length])) {
        return false;
    }
    lexer->at += length;
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

bool lexer_number(struct lexer *lexer, const char *what, int most, int *out) {
    char word[LEXER_WORD_SIZE];
    int64_t number;
    if (!lexer_word(lexer, word)) {
        return false;
    }
    if (!number_from(word, strlen(word), most, &number)) {
        return lexer_complain(lexer, "%s is a number from 1 to %d, not '%s'", what, most, word);
    }
    *out = (int)number;
    return true;
}

bool lexer_duration(struct lexer *lexer, int64_t *out) {
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    char word[LEXER_WORD_SIZE];
    if (!lexer_word(lexer, word)) {
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
    return lexer_complain(lexer, "a duration is a number with ms, s, min, h or d (20s), not '%s'",
                          word);
}

/* What stands between two `quote`s, with \quote for the quote itself; "\\" only stands for one
 * backslash in text, since a regular expression has its own use for it. */
bool lexer_quoted(struct lexer *lexer, char quote, char **out) {
    skip_blanks(lexer);
    if (*lexer->at != quote) {
        return lexer_complain(lexer, "%c...%c is missing here: '%s'", quote, quote, lexer->at);
    }
    char *text = malloc(strlen(lexer->at));
    if (!text) {
        return lexer_complain(lexer, "out of memory");
    }
    size_t length = 0;
    const char *at = lexer->at + 1;
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
        return lexer_complain(lexer, *at == quote ? "nothing between the quotes" : "no closing %c",
                              quote);
    }
    lexer->at = at + 1;
    if (*lexer->at && !is_blank(*lexer->at)) {
        free(text);
        return lexer_complain(lexer, "no blank after the closing %c", quote);
    }
    *out = text;
    return true;
}
