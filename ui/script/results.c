/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script/results.h"

#include <stdlib.h>
#include <string.h>

#include "ui/character.h"

static const struct statement *next_part(const struct program *program, size_t *at) {
    while (*at < program->count) {
        const struct statement *statement = &program->statements[(*at)++];
        if (statement->kind == STATEMENT_PART) {
            return statement;
        }
    }
    return NULL;
}

bool results_begin(struct results *results, const char *path, const struct program *program) {
    bool has_beginning = program->count == 0 || program->statements[0].kind != STATEMENT_PART;
    const struct statement *part;
    *results = (struct results){.path = path, .count = has_beginning};
    for (size_t at = 0; next_part(program, &at);) {
        results->count++;
    }
    results->of = calloc(results->count, sizeof *results->of);
    if (!results->of) {
        return false;
    }
    size_t count = has_beginning;
    for (size_t at = 0; (part = next_part(program, &at)) != NULL; count++) {
        results->of[count].name = part->text;
        results->of[count].line_number = part->line_number;
    }
    /* Until the first begins none runs; the beginning runs from the start. */
    results->at = has_beginning ? 0 : SIZE_MAX;
    return true;
}

void results_clear(struct results *results) {
    for (size_t i = 0; results->of && i < results->count; i++) {
        free(results->of[i].told);
    }
    free(results->of);
    *results = (struct results){.count = 0};
}

void results_end(struct results *results, int64_t now_ms) {
    if (results->at < results->count) {
        results->of[results->at].has_ended = true;
        results->of[results->at].end_ms = now_ms;
    }
}

void results_next(struct results *results, int64_t now_ms) {
    results_end(results, now_ms);
    results->at++; /* from SIZE_MAX to 0 */
    if (results->at < results->count) {
        results->of[results->at].begin_ms = now_ms;
    }
}

void results_fail(struct results *results, const char *told) {
    if (results->at >= results->count) {
        return;
    }
    struct result *result = &results->of[results->at];
    result->failures++;
    if (told) {
        size_t length = result->told ? strlen(result->told) : 0;
        char *longer = realloc(result->told, length + strlen(told) + 1);
        if (longer) {
            result->told = longer;
            strcpy(result->told + length, told);
        }
    }
}

static const char *file_of(const struct results *results) {
    const char *slash = strrchr(results->path, '/');
    return slash ? slash + 1 : results->path;
}

static const char *name_of(const struct results *results, const struct result *result) {
    return result->name ? result->name : file_of(results);
}

static bool has_failed(const struct result *result) {
    return result->failures > 0;
}

/* Takes the next character of a text that others read; 0 for one that is left out. */
static uint32_t take(const char **text) {
    unsigned char first = (unsigned char)**text;
    if (first >= ' ' && first != 0x7F) {
        return character_next(text);
    }
    (*text)++;
    return first == '\n' ? '\n' : 0;
}

static void write_character(uint32_t character, FILE *out) {
    char utf8[CHARACTER_UTF8_SIZE];
    character_utf8(character, utf8);
    fputs(utf8, out);
}

/* As XML's text, and as what stands between double quotes there, in which `ends_line` is set. */
static void write_xml(const char *text, bool ends_line, FILE *out) {
    while (*text && !(ends_line && *text == '\n')) {
        uint32_t character = take(&text);
        switch (character) {
        case 0:
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            write_character(character, out);
        }
    }
}

static void write_attribute(const char *name, const char *value, FILE *out) {
    fprintf(out, " %s=\"", name);
    write_xml(value, true, out);
    fputc('"', out);
}

static void write_seconds(int64_t ms, FILE *out) {
    fprintf(out, " time=\"%lld.%03lld\"", (long long)(ms / 1000), (long long)(ms % 1000));
}

static int64_t duration_of(const struct result *result) {
    return result->has_ended ? result->end_ms - result->begin_ms : 0;
}

static const char *told_of(const struct result *result) {
    return result->told ? result->told : "a line did not come true";
}

static void write_case(const struct results *results, const struct result *result, FILE *out) {
    fputs("    <testcase", out);
    write_attribute("classname", file_of(results), out);
    write_attribute("name", name_of(results, result), out);
    write_seconds(duration_of(result), out);
    if (has_failed(result)) {
        fputs(">\n      <failure", out);
        write_attribute("message", told_of(result), out);
        fputc('>', out);
        write_xml(told_of(result), false, out);
        fputs("</failure>\n    </testcase>\n", out);
    } else if (!result->has_ended) {
        fputs(">\n      <skipped message=\"the run ended before\"/>\n    </testcase>\n", out);
    } else {
        fputs("/>\n", out);
    }
}

void results_write_junit(const struct results *results, FILE *out) {
    size_t failed = 0, skipped = 0;
    int64_t ms = 0;
    for (size_t i = 0; i < results->count; i++) {
        failed += has_failed(&results->of[i]);
        skipped += !has_failed(&results->of[i]) && !results->of[i].has_ended;
        ms += duration_of(&results->of[i]);
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite", out);
    write_attribute("name", results->path, out);
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", results->count,
            failed, skipped);
    write_seconds(ms, out);
    fputs(">\n", out);
    for (size_t i = 0; i < results->count; i++) {
        write_case(results, &results->of[i], out);
    }
    fputs("  </testsuite>\n</testsuites>\n", out);
}

/* A description of TAP: # would begin a directive. */
static void write_description(const char *text, FILE *out) {
    while (*text) {
        uint32_t character = take(&text);
        if (character == '#' || character == '\\') {
            fputc('\\', out);
        }
        if (character != 0 && character != '\n') {
            write_character(character, out);
        }
    }
}

/* Each line as a comment. */
static void write_comment(const char *text, FILE *out) {
    while (*text) {
        fputs("# ", out);
        while (*text && *text != '\n') {
            uint32_t character = take(&text);
            if (character != 0) {
                write_character(character, out);
            }
        }
        fputc('\n', out);
        text += *text == '\n';
    }
}

void results_write_tap(const struct results *results, FILE *out) {
    fprintf(out, "TAP version 13\n1..%zu\n", results->count);
    for (size_t i = 0; i < results->count; i++) {
        const struct result *result = &results->of[i];
        fprintf(out, "%s %zu - ", has_failed(result) ? "not ok" : "ok", i + 1);
        write_description(name_of(results, result), out);
        fputs(!has_failed(result) && !result->has_ended ? " # SKIP the run ended before\n" : "\n",
              out);
        if (has_failed(result)) {
            write_comment(told_of(result), out);
        }
    }
}
