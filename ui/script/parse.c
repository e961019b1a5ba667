/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script/parse.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/script/lexer.h"
#include "ui/script/script.h"
#include "ui/script/suggestion.h"
#include "ui/ui.h"

static bool no_memory(struct lexer *lexer) {
    return lexer_complain(lexer, "out of memory");
}

static bool compile_pattern(struct lexer *lexer, struct statement *statement) {
    int code = regcomp(&statement->pattern, statement->text, REG_EXTENDED | REG_NOSUB);
    if (code == 0) {
        statement->is_pattern = true;
        return true;
    }
    char reason[80];
    regerror(code, &statement->pattern, reason, sizeof reason);
    return lexer_complain(lexer, "/%.60s/ is no regular expression: %s", statement->text, reason);
}

static bool complain_of_key(struct lexer *lexer, const char *word) {
    char meant[SUGGESTION_SIZE];
    struct suggestion suggestion = suggestion_for(word);
    for (size_t i = 0; press_name(i); i++) {
        suggestion_try(&suggestion, press_name(i));
    }
    suggestion_write(&suggestion, meant);
    return lexer_complain(lexer, "there is no key '%s'%s", word, meant);
}

static bool parse_key(struct lexer *lexer, struct statement *statement) {
    char word[LEXER_WORD_SIZE];
    if (!lexer_word(lexer, word)) {
        return false;
    }
    statement->press = press_from_name(word);
    if (statement->press == PRESS_NONE) {
        return complain_of_key(lexer, word);
    }
    statement->number = 1;
    return lexer_at_end(lexer) || lexer_number(lexer, "how often", 1000, &statement->number);
}

/* Of the values that this kind of event has, since one of those was meant. */
static bool complain_of_value(struct lexer *lexer, enum event_kind kind, size_t length) {
    char word[LEXER_WORD_SIZE], meant[SUGGESTION_SIZE];
    snprintf(word, sizeof word, "%.*s", (int)length, lexer->at);
    struct suggestion suggestion = suggestion_for(word);
    for (int value = 0; value < EVENT_VALUES; value++) {
        if ((event_values(kind) >> value & 1) != 0) {
            suggestion_try(&suggestion, event_value_name((enum event_value)value));
        }
    }
    suggestion_write(&suggestion, meant);
    return lexer_complain(lexer, "an event has no value '%s'%s", word, meant);
}

/* NAME=TEXT or NAME="TEXT", one value of an event. */
static bool take_value(struct lexer *lexer, struct script_event *event) {
    size_t length = strcspn(lexer->at, "= \t\r");
    int value = 0;
    while (value < EVENT_VALUES &&
           (strlen(event_value_name((enum event_value)value)) != length ||
            strncmp(event_value_name((enum event_value)value), lexer->at, length) != 0)) {
        value++;
    }
    if (lexer->at[length] != '=' || value == EVENT_VALUES) {
        return complain_of_value(lexer, event->kind, length);
    }
    if ((event_values(event->kind) >> value & 1) == 0) {
        return lexer_complain(lexer, "%s has no %s", event_name(event->kind),
                              event_value_name((enum event_value)value));
    }
    lexer->at += length + 1;
    free(event->values[value]);
    event->values[value] = NULL;
    if (*lexer->at == '"') {
        return lexer_quoted(lexer, '"', &event->values[value]);
    }
    length = strcspn(lexer->at, " \t\r");
    event->values[value] = strndup(lexer->at, length);
    lexer->at += length;
    return event->values[value] || no_memory(lexer);
}

static bool complain_of_event(struct lexer *lexer, const char *word) {
    char meant[SUGGESTION_SIZE];
    struct suggestion suggestion = suggestion_for(word);
    for (int kind = EVENT_NONE + 1; kind < EVENT_COUNT; kind++) {
        if (!event_is_refusal((enum event_kind)kind)) {
            suggestion_try(&suggestion, event_name((enum event_kind)kind));
        }
    }
    suggestion_write(&suggestion, meant);
    return lexer_complain(lexer, "no log has an event '%s'%s", word, meant);
}

static bool parse_event(struct lexer *lexer, struct statement *statement) {
    (void)lexer_at_end(lexer);
    const char *start = lexer->at;
    char word[LEXER_WORD_SIZE];
    bool has_within = false;
    statement->kind = STATEMENT_EXPECT_EVENT;
    if (!lexer_word(lexer, word)) {
        return false;
    }
    statement->event.kind = event_named(word);
    if (statement->event.kind == EVENT_NONE || event_is_refusal(statement->event.kind)) {
        return complain_of_event(lexer, word);
    }
    const char *end = lexer->at;
    while (!lexer_at_end(lexer) && !(has_within = lexer_this_word(lexer, "within"))) {
        if (!take_value(lexer, &statement->event)) {
            return false;
        }
        end = lexer->at;
    }
    statement->text = strndup(start, (size_t)(end - start));
    if (!statement->text) {
        return no_memory(lexer);
    }
    return !has_within || lexer_duration(lexer, &statement->duration_ms);
}

static bool parse_expect(struct lexer *lexer, struct statement *statement) {
    statement->is_not = lexer_this_word(lexer, "not");
    if (lexer_this_word(lexer, "event")) {
        return parse_event(lexer, statement);
    }
    (void)lexer_at_end(lexer);
    bool is_pattern = *lexer->at == '/';
    if (!lexer_quoted(lexer, is_pattern ? '/' : '"', &statement->text)) {
        return false;
    }
    if (is_pattern && !compile_pattern(lexer, statement)) {
        return false;
    }
    return !lexer_this_word(lexer, "within") || lexer_duration(lexer, &statement->duration_ms);
}

/* NAME; `whose` it is, for messages. */
static bool parse_name(struct lexer *lexer, const char *whose, char **out) {
    char word[LEXER_WORD_SIZE];
    if (!lexer_word(lexer, word)) {
        return false;
    }
    if (word[0] == 0 || word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_")] != 0) {
        return lexer_complain(lexer, "a %s's name is of a-z, 0-9, - and _, not '%s'", whose, word);
    }
    *out = strdup(word);
    return *out || no_memory(lexer);
}

static bool parse_capture(struct lexer *lexer, struct statement *statement) {
    if (!lexer_quoted(lexer, '"', &statement->text)) {
        return false;
    }
    const char *star = strchr(statement->text, '*');
    if (!star || strchr(star + 1, '*') || !statement->text[1]) {
        return lexer_complain(lexer, "a capture has one * in its text, and text beside it");
    }
    if (!lexer_this_word(lexer, "as")) {
        return lexer_complain(lexer, "'as' and a name are missing here: '%s'", lexer->at);
    }
    return parse_name(lexer, "text", &statement->name) &&
           (!lexer_this_word(lexer, "within") || lexer_duration(lexer, &statement->duration_ms));
}

static const struct {
    const char *word;
    enum statement_kind kind;
} words[] = {
    {"handset", STATEMENT_HANDSET},   {"key", STATEMENT_KEY},       {"type", STATEMENT_TYPE},
    {"paste", STATEMENT_PASTE},       {"expect", STATEMENT_EXPECT}, {"advance", STATEMENT_ADVANCE},
    {"snapshot", STATEMENT_SNAPSHOT}, {"say", STATEMENT_SAY},       {"events", STATEMENT_EVENTS},
    {"repeat", STATEMENT_REPEAT},     {"end", STATEMENT_END},       {"limit", STATEMENT_LIMIT},
    {"part", STATEMENT_PART},         {"let", STATEMENT_LET},       {"capture", STATEMENT_CAPTURE},
};

enum {
    WORDS = sizeof words / sizeof words[0]
};

/* Says which one was meant, or else which there are. */
static bool complain_of_word(struct lexer *lexer, const char *word) {
    char meant[SUGGESTION_SIZE], known[200] = "";
    struct suggestion suggestion = suggestion_for(word);
    for (size_t i = 0; i < WORDS; i++) {
        suggestion_try(&suggestion, words[i].word);
        strcat(strcat(known, i > 0 ? ", " : ""), words[i].word);
    }
    suggestion_write(&suggestion, meant);
    if (suggestion.best) {
        return lexer_complain(lexer, "'%s' is no word of a script%s", word, meant);
    }
    return lexer_complain(lexer, "'%s' is no word of a script (%s)", word, known);
}

static bool parse_statement(struct lexer *lexer, const struct parse_stage *stage,
                            struct statement *statement) {
    char word[LEXER_WORD_SIZE];
    if (!lexer_word(lexer, word)) {
        return false;
    }
    for (size_t i = 0; i < WORDS; i++) {
        if (strcmp(word, words[i].word) == 0) {
            statement->kind = words[i].kind;
        }
    }
    switch (statement->kind) {
    case STATEMENT_HANDSET:
        return lexer_number(lexer, "a handset", stage->handsets, &statement->number);
    case STATEMENT_KEY:
        return parse_key(lexer, statement);
    case STATEMENT_TYPE:
    case STATEMENT_PASTE:
    case STATEMENT_SAY:
    case STATEMENT_PART:
        return lexer_quoted(lexer, '"', &statement->text);
    case STATEMENT_EXPECT:
        return parse_expect(lexer, statement);
    case STATEMENT_EVENTS:
    case STATEMENT_END:
        return true;
    case STATEMENT_REPEAT:
        return lexer_number(lexer, "how often", 1000, &statement->number);
    case STATEMENT_ADVANCE:
    case STATEMENT_LIMIT:
        return lexer_duration(lexer, &statement->duration_ms);
    case STATEMENT_SNAPSHOT:
        return parse_name(lexer, "snapshot", &statement->text);
    case STATEMENT_LET:
        return parse_name(lexer, "text", &statement->name) &&
               lexer_quoted(lexer, '"', &statement->text);
    case STATEMENT_CAPTURE:
        return parse_capture(lexer, statement);
    case STATEMENT_EXPECT_EVENT: /* begins as STATEMENT_EXPECT does */
    case STATEMENT_NOTHING:
        break;
    }
    return complain_of_word(lexer, word);
}

/* Nothing may follow a statement; `within` may have been meant. */
static bool must_end(struct lexer *lexer, const struct statement *statement) {
    char rest[LEXER_WORD_SIZE], meant[SUGGESTION_SIZE];
    if (lexer_at_end(lexer)) {
        return true;
    }
    snprintf(rest, sizeof rest, "%.*s", (int)strcspn(lexer->at, " \t\r"), lexer->at);
    struct suggestion suggestion = suggestion_for(rest);
    if ((statement->kind == STATEMENT_EXPECT || statement->kind == STATEMENT_CAPTURE) &&
        statement->duration_ms == 0) {
        suggestion_try(&suggestion, "within");
    }
    suggestion_write(&suggestion, meant);
    return lexer_complain(lexer, "what is '%s' at the end?%s", lexer->at,
                          meant[0] ? meant + 1 : "");
}

static bool parse_line(struct lexer *lexer, const struct parse_stage *stage,
                       struct statement *statement) {
    if (lexer_at_end(lexer) || *lexer->at == '#') {
        return true;
    }
    if (!parse_statement(lexer, stage, statement) || !must_end(lexer, statement)) {
        return false;
    }
    bool needs_log =
        statement->kind == STATEMENT_EVENTS || statement->kind == STATEMENT_EXPECT_EVENT;
    return !needs_log || stage->has_logs || lexer_complain(lexer, "there are no logs here");
}

static bool keep(struct program *program, const struct statement *statement) {
    struct statement *statements =
        realloc(program->statements, (program->count + 1) * sizeof *statements);
    if (!statements) {
        return false;
    }
    program->statements = statements;
    statements[program->count++] = *statement;
    return true;
}

/* The repeats that no end has closed yet, the outermost first. */
struct open_repeats {
    size_t depth;
    struct {
        size_t at; /* in the program */
        int line_number;
    } of[REPEAT_DEPTH];
};

/* A repeat that is wrong in itself opens as well, so that its end is none too many. */
static bool pair(struct lexer *lexer, struct open_repeats *open, const struct program *program,
                 struct statement *statement) {
    if (statement->kind == STATEMENT_REPEAT) {
        if (open->depth == REPEAT_DEPTH) {
            return lexer_complain(lexer, "more than %d repeats stand in each other", REPEAT_DEPTH);
        }
        open->of[open->depth].at = program->count;
        open->of[open->depth++].line_number = statement->line_number;
    } else if (statement->kind == STATEMENT_END) {
        if (open->depth == 0) {
            return lexer_complain(lexer, "this end has no repeat before it");
        }
        statement->number = (int)open->of[--open->depth].at;
    } else if (statement->kind == STATEMENT_PART && open->depth > 0) {
        return lexer_complain(lexer, "a part does not stand in a repeat");
    }
    return true;
}

static bool complain_of_name(struct lexer *lexer, const struct program *program, const char *name,
                             size_t length) {
    char word[LEXER_WORD_SIZE], meant[SUGGESTION_SIZE];
    snprintf(word, sizeof word, "%.*s", (int)length, name);
    struct suggestion suggestion = suggestion_for(word);
    for (size_t i = 0; i < program->name_count; i++) {
        suggestion_try(&suggestion, program->names[i]);
    }
    suggestion_write(&suggestion, meant);
    return lexer_complain(lexer, "no line before gives ${%s} a text%s", word, meant);
}

static bool is_named(const struct program *program, const char *name, size_t length) {
    for (size_t i = 0; i < program->name_count; i++) {
        if (strlen(program->names[i]) == length && strncmp(program->names[i], name, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Is each ${NAME} of the statement one that a line before it has given? */
static bool knows_names(struct lexer *lexer, const struct program *program,
                        const struct statement *statement) {
    const char *name;
    size_t length;
    bool is_closed;
    if (!statement_has_variables(statement)) {
        return true;
    }
    for (const char *at = statement->text;
         (at = variable_in(at, &name, &length, &is_closed)) != NULL; at = name + length) {
        if (!is_closed) {
            return lexer_complain(lexer, "no closing } after ${");
        }
        if (!is_named(program, name, length)) {
            return complain_of_name(lexer, program, name, length);
        }
    }
    return true;
}

/* What the statement that was kept last gives a name. */
static bool add_name(struct lexer *lexer, struct program *program) {
    const char *name = program->statements[program->count - 1].name;
    if (!name || is_named(program, name, strlen(name))) {
        return true;
    }
    if (program->name_count == VARIABLES_MAX) {
        return lexer_complain(lexer, "a script has at most %d names", VARIABLES_MAX);
    }
    program->names[program->name_count++] = name;
    return true;
}

/* Of the whole run, so that it stands before what runs, and once. */
static bool take_limit(struct lexer *lexer, const struct statement *statement,
                       struct program *program) {
    if (program->limit_ms > 0) {
        return lexer_complain(lexer, "a script has one limit");
    }
    program->limit_ms = statement->duration_ms;
    return program->count == 0 || lexer_complain(lexer, "limit stands before every other step");
}

/* Parses one line of `length` octets and keeps it when it does something. */
static bool add_line(struct lexer *lexer, const char *line, size_t length, int line_number,
                     const struct parse_stage *stage, struct open_repeats *open,
                     struct program *program) {
    char source[SCRIPT_LINE_MAX + 1];
    if (length > SCRIPT_LINE_MAX) {
        return lexer_complain(lexer, "the line is over %d octets", SCRIPT_LINE_MAX);
    }
    memcpy(source, line, length);
    source[length] = 0;
    lexer->at = source;
    struct statement statement = {.line_number = line_number};
    bool is_good = parse_line(lexer, stage, &statement);
    is_good = pair(lexer, open, program, &statement) && is_good;
    is_good = is_good && knows_names(lexer, program, &statement);
    if (is_good && statement.kind == STATEMENT_LIMIT) {
        return take_limit(lexer, &statement, program);
    }
    if (is_good && statement.kind != STATEMENT_NOTHING) {
        if (keep(program, &statement)) {
            return add_name(lexer, program);
        }
        is_good = no_memory(lexer);
    }
    statement_clear(&statement);
    return is_good;
}

/* Screens are UTF-8, and regcomp and regexec take characters to be what the locale says. */
static void choose_locale(void) {
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
}

void program_parse(const char *name, const char *text, const struct parse_stage *stage,
                   struct program *out, struct script_problems *problems) {
    *out = (struct program){.count = 0};
    struct open_repeats open = {.depth = 0};
    choose_locale();
    for (int line_number = 1; *text; line_number++) {
        size_t length = strcspn(text, "\n");
        struct lexer lexer = {.at = ""};
        if (!add_line(&lexer, text, length, line_number, stage, &open, out)) {
            script_problems_add(problems, name, line_number, lexer.problem);
        }
        text += length + (text[length] == '\n');
    }
    for (size_t i = 0; i < open.depth; i++) {
        script_problems_add(problems, name, open.of[i].line_number, "this repeat has no end");
    }
}

void program_clear(struct program *program) {
    for (size_t i = 0; i < program->count; i++) {
        statement_clear(&program->statements[i]);
    }
    free(program->statements);
    *program = (struct program){.count = 0};
}

bool statement_has_variables(const struct statement *statement) {
    bool may_have = statement->kind == STATEMENT_TYPE || statement->kind == STATEMENT_PASTE ||
                    statement->kind == STATEMENT_SAY || statement->kind == STATEMENT_LET ||
                    statement->kind == STATEMENT_CAPTURE ||
                    statement->kind == STATEMENT_EXPECT_EVENT ||
                    (statement->kind == STATEMENT_EXPECT && !statement->is_pattern);
    return may_have && strstr(statement->text, "${") != NULL;
}

void statement_clear(struct statement *statement) {
    free(statement->text);
    free(statement->name);
    script_event_clear(&statement->event);
    if (statement->is_pattern) {
        regfree(&statement->pattern);
    }
    *statement = (struct statement){.kind = STATEMENT_NOTHING};
}
