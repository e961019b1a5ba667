/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/character.h"
#include "ui/script/parse.h"
#include "ui/script/results.h"
#include "ui/ui.h"

struct script {
    struct stage stage;
    char *name;
    struct program program;
    size_t at;
    int handset;
    size_t depth;           /* of the repeats around `at` */
    int left[REPEAT_DEPTH]; /* how often each is still to run, this time included */
    bool is_waiting; /* the statement at `at` has begun, and ends or fails at `deadline_ms` */
    int64_t deadline_ms;
    bool has_begun;   /* limit_ms counts */
    int64_t limit_ms; /* when the run is over; INT64_MAX without a limit */
    int64_t now_ms;   /* of the last step */
    enum script_state state;
    struct results results;
    struct variables variables;
    char text[SCRIPT_LINE_MAX + 1]; /* of the statement at `at`, with its variables */
    int failures;
    FILE *telling; /* into report[]; NULL before a failure, or out of memory */
    char *report;
    size_t report_length;
};

static struct script *script_new(const char *name, const struct stage *stage) {
    struct script *script = calloc(1, sizeof *script);
    if (!script) {
        return NULL;
    }
    script->stage = *stage;
    script->handset = 1;
    script->name = strdup(name);
    if (!script->name) {
        free(script);
        return NULL;
    }
    return script;
}

void script_free(struct script *script) {
    if (!script) {
        return;
    }
    results_clear(&script->results);
    variables_clear(&script->variables);
    program_clear(&script->program);
    free(script->name);
    if (script->telling) {
        fclose(script->telling);
    }
    free(script->report);
    free(script);
}

struct script *script_parse(const char *name, const char *text, const struct stage *stage,
                            char problem[SCRIPT_PROBLEM_SIZE]) {
    struct script_problems problems = script_problems_begin(problem);
    struct script *script = script_new(name, stage);
    if (!script) {
        script_problems_add(&problems, name, 0, "out of memory");
        return NULL;
    }
    const struct parse_stage has = {.handsets = stage->handsets, .has_logs = stage->events != NULL};
    program_parse(name, text, &has, &script->program, &problems);
    if (!results_begin(&script->results, script->name, &script->program)) {
        script_problems_add(&problems, name, 0, "out of memory");
    }
    script_problems_end(&problems);
    if (problems.count > 0) {
        script_free(script);
        return NULL;
    }
    return script;
}

/* A whole file, terminated; NULL with problem[] filled in. */
static char *read_file(const char *path, char problem[SCRIPT_PROBLEM_SIZE]) {
    FILE *file = fopen(path, "r");
    char *text = file ? malloc(SCRIPT_FILE_MAX + 1) : NULL;
    size_t length = text ? fread(text, 1, SCRIPT_FILE_MAX + 1, file) : 0;
    const char *reason = NULL;
    if (!text || ferror(file)) {
        reason = strerror(errno);
    } else if (length > SCRIPT_FILE_MAX) {
        reason = "too long for a script";
    } else if (memchr(text, 0, length)) {
        reason = "not a text file";
    }
    if (file) {
        fclose(file);
    }
    if (reason) {
        struct script_problems problems = script_problems_begin(problem);
        script_problems_add(&problems, path, 0, reason);
        free(text);
        return NULL;
    }
    text[length] = 0;
    return text;
}

struct script *script_load(const char *path, const struct stage *stage,
                           char problem[SCRIPT_PROBLEM_SIZE]) {
    char *text = read_file(path, problem);
    if (!text) {
        return NULL;
    }
    struct script *script = script_parse(path, text, stage, problem);
    free(text);
    return script;
}

enum {
    ROW_TEXT_SIZE = 4096
};

static const struct canvas *screen_of(const struct script *script) {
    return script->stage.screen(script->stage.context, script->handset);
}

static void write_screen(FILE *out, const struct canvas *canvas) {
    char row[ROW_TEXT_SIZE];
    for (int i = 0; i < canvas->rows; i++) {
        canvas_row_text(canvas, i, row, sizeof row);
        fprintf(out, "%s\n", row);
    }
}

/* Hands out the log, the oldest event first. */
static void write_events(const struct script *script,
                         void (*write)(void *context, const char *event), void *context) {
    char text[SCRIPT_EVENT_SIZE];
    const struct event *events;
    for (size_t left = script->stage.events(script->stage.context, script->handset, &events);
         left > 0; left--) {
        script_event_write(&events[left - 1], text);
        write(context, text);
    }
}

static void write_event_line(void *out, const char *event) {
    fprintf(out, "%s\n", event);
}

/* What was expected, then the screen as it is, or the log where that was looked at. The caller
 * frees it; NULL when out of memory. */
static char *describe(const struct script *script, const char *expected) {
    const struct statement *line = &script->program.statements[script->at];
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out) {
        return NULL;
    }
    fprintf(out, "%s:%d: %s\n", script->name, line->line_number, expected);
    if (line->kind == STATEMENT_EXPECT_EVENT) {
        fprintf(out, "The log of handset %d was:\n", script->handset);
        write_events(script, write_event_line, out);
    } else {
        fprintf(out, "The screen of handset %d was:\n", script->handset);
        write_screen(out, screen_of(script));
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* Adds it to the report, and to what came of the part. */
static void tell(struct script *script, const char *expected) {
    char *text = describe(script, expected);
    if (!script->telling) {
        script->telling = open_memstream(&script->report, &script->report_length);
    }
    if (script->telling && text) {
        fputs(text, script->telling);
        fflush(script->telling);
    }
    results_fail(&script->results, text);
    free(text);
}

/* The last line has run, or none will. */
static void end(struct script *script) {
    results_end(&script->results, script->now_ms);
    script->state = script->failures > 0 ? SCRIPT_FAILED : SCRIPT_PASSED;
    if (script->failures > SCRIPT_FAILURES_TOLD && script->telling) {
        fprintf(script->telling, "%d more lines did not come true.\n",
                script->failures - SCRIPT_FAILURES_TOLD);
        fflush(script->telling);
    }
}

/* The line at `at` did not come true. Does the script go on nevertheless? */
static bool fail(struct script *script, const char *expected) {
    if (script->failures++ < SCRIPT_FAILURES_TOLD) {
        tell(script, expected);
    } else {
        results_fail(&script->results, NULL);
    }
    if (!script->stage.keeps_going) {
        end(script);
    }
    return script->stage.keeps_going;
}

/* The same where nothing can go on. */
static void fail_for_good(struct script *script, const char *reason) {
    tell(script, reason);
    end(script);
    script->state = SCRIPT_FAILED;
}

/* With the values of the variables; what was allocated goes with script_event_clear. */
static struct script_event expected_event(const struct script *script,
                                          const struct script_event *written) {
    struct script_event event = {.kind = written->kind};
    char text[SCRIPT_LINE_MAX + 1];
    for (int value = 0; value < EVENT_VALUES; value++) {
        if (written->values[value] &&
            variables_expand(&script->variables, written->values[value],
                             strlen(written->values[value]), text, sizeof text)) {
            event.values[value] = strdup(text);
        }
    }
    return event;
}

static bool is_logged(const struct script *script, const struct statement *line) {
    const struct event *events;
    size_t count = script->stage.events(script->stage.context, script->handset, &events);
    struct script_event expected = expected_event(script, &line->event);
    bool is_there = false;
    for (size_t i = 0; i < count && !is_there; i++) {
        is_there = script_event_matches(&expected, &events[i]);
    }
    script_event_clear(&expected);
    return is_there;
}

/* Is what the line looks for in this row's text? */
static bool matches(const struct script *script, const struct statement *line, const char *row) {
    return line->is_pattern ? regexec(&line->pattern, row, 0, NULL, 0) == 0
                            : strstr(row, script->text) != NULL;
}

static bool is_as_expected(const struct script *script, const struct statement *line) {
    if (line->kind == STATEMENT_EXPECT_EVENT) {
        return is_logged(script, line) != line->is_not;
    }
    const struct canvas *canvas = screen_of(script);
    char row[ROW_TEXT_SIZE];
    for (int i = 0; i < canvas->rows; i++) {
        if (canvas_row_text(canvas, i, row, sizeof row) && matches(script, line, row)) {
            return !line->is_not;
        }
    }
    return line->is_not;
}

/* What stands in this row between the two texts, without blanks around it; NULL when nothing does.
 * It is terminated within the row. */
static char *capture_from(char *row, const char *before, const char *after) {
    char *from = strstr(row, before), *to;
    if (!from) {
        return NULL;
    }
    from += strlen(before);
    to = *after ? strstr(from, after) : from + strlen(from);
    if (!to) {
        return NULL;
    }
    from += strspn(from, " ");
    while (to > from && to[-1] == ' ') {
        to--;
    }
    if (to <= from) {
        return NULL;
    }
    *to = 0;
    return from;
}

/* Gives the name what the first such row of the screen has at the star. */
static bool capture(struct script *script, const struct statement *line) {
    const struct canvas *canvas = screen_of(script);
    const char *star = strchr(line->text, '*');
    char row[ROW_TEXT_SIZE], before[SCRIPT_LINE_MAX + 1], after[SCRIPT_LINE_MAX + 1], *found = NULL;
    if (!variables_expand(&script->variables, line->text, (size_t)(star - line->text), before,
                          sizeof before) ||
        !variables_expand(&script->variables, star + 1, strlen(star + 1), after, sizeof after)) {
        return false;
    }
    for (int i = 0; i < canvas->rows && !found; i++) {
        if (canvas_row_text(canvas, i, row, sizeof row)) {
            found = capture_from(row, before, after);
        }
    }
    return found && variables_set(&script->variables, line->name, found);
}

/* The longest unit that divides it, as scripts write durations. */
static void duration_text(int64_t ms, char out[32]) {
    if (ms % 60000 == 0) {
        snprintf(out, 32, "%lldmin", (long long)(ms / 60000));
    } else if (ms % 1000 == 0) {
        snprintf(out, 32, "%llds", (long long)(ms / 1000));
    } else {
        snprintf(out, 32, "%lldms", (long long)ms);
    }
}

enum {
    QUOTED_SIZE = 2 * SCRIPT_LINE_MAX + 3
};

/* What a line expects, as the script writes it. */
static void quote(const struct script *script, const struct statement *line,
                  char out[QUOTED_SIZE]) {
    char mark = line->is_pattern ? '/' : '"';
    size_t length = 0;
    out[length++] = mark;
    for (const char *at = line->is_pattern ? line->text : script->text; *at; at++) {
        if (*at == mark || (*at == '\\' && !line->is_pattern)) {
            out[length++] = '\\';
        }
        out[length++] = *at;
    }
    out[length++] = mark;
    out[length] = 0;
}

/* Does the script go on? */
static bool fail_expectation(struct script *script, const struct statement *line) {
    char expected[QUOTED_SIZE + 80], quoted[QUOTED_SIZE], duration[32];
    if (line->kind == STATEMENT_EXPECT_EVENT) {
        snprintf(quoted, sizeof quoted, "event %s", script->text);
    } else {
        quote(script, line, quoted);
    }
    duration_text(line->duration_ms, duration);
    snprintf(expected, sizeof expected, "expected %s%s%s%s%s", line->is_not ? "not " : "",
             line->kind == STATEMENT_CAPTURE ? "something at the star of " : "", quoted,
             line->duration_ms > 0 ? " within " : "", line->duration_ms > 0 ? duration : "");
    return fail(script, expected);
}

enum {
    DIFFERENCE_SIZE = ROW_TEXT_SIZE + 64
};

/* Is the canvas row by row what the file says? Its rows are as write_screen wrote them. If not,
 * difference[] says of the file how. */
static bool is_golden(const struct canvas *canvas, FILE *golden, char difference[DIFFERENCE_SIZE]) {
    char row[ROW_TEXT_SIZE], line[ROW_TEXT_SIZE + 1];
    for (int i = 0; i <= canvas->rows; i++) {
        bool is_there = fgets(line, sizeof line, golden) != NULL;
        line[is_there ? strcspn(line, "\n") : 0] = 0;
        if (i == canvas->rows && !is_there) {
            return true;
        }
        if (i < canvas->rows && is_there && canvas_row_text(canvas, i, row, sizeof row) &&
            strcmp(row, line) == 0) {
            continue;
        }
        snprintf(difference, DIFFERENCE_SIZE,
                 is_there ? "whose row %d is:\n%s" : "which has no row %d%s", i + 1, line);
        break;
    }
    return false;
}

static bool rewrite(const struct canvas *canvas, const char *path) {
    FILE *golden = fopen(path, "w");
    if (!golden) {
        return false;
    }
    write_screen(golden, canvas);
    bool written = !ferror(golden);
    return fclose(golden) == 0 && written;
}

/* Does the script go on? */
static bool compare_snapshot(struct script *script, const struct statement *line) {
    char path[512], expected[512 + DIFFERENCE_SIZE + 64], difference[DIFFERENCE_SIZE] = "";
    snprintf(path, sizeof path, "%.400s/%s.txt", script->stage.golden_directory, line->text);
    bool rewriting = script->stage.rewrite_golden;
    FILE *golden = rewriting ? NULL : fopen(path, "r");
    bool good = false;
    if (rewriting) {
        good = rewrite(screen_of(script), path);
    } else if (golden) {
        good = is_golden(screen_of(script), golden, difference);
    }
    if (!good && (rewriting || !golden)) {
        snprintf(expected, sizeof expected, "%s: %s", path, strerror(errno));
    } else {
        snprintf(expected, sizeof expected, "expected the screen in %s, %s", path, difference);
    }
    if (golden) {
        fclose(golden);
    }
    return good || fail(script, expected);
}

static void press_characters(struct script *script, const char *text) {
    while (*text) {
        script->stage.press(script->stage.context, script->handset, character_next(&text));
    }
}

/* The text of the line with the values of its variables. False when it is too long. */
static bool put_text(struct script *script, const struct statement *line) {
    if (statement_has_variables(line)) {
        return variables_expand(&script->variables, line->text, strlen(line->text), script->text,
                                sizeof script->text);
    }
    snprintf(script->text, sizeof script->text, "%s", line->text);
    return true;
}

/* Runs the statement at `at`. Returns whether it is done; a failed line sets the state. */
static bool run_line(struct script *script, int64_t now_ms) {
    const struct statement *line = &script->program.statements[script->at];
    if (!script->is_waiting) {
        script->deadline_ms = now_ms + line->duration_ms;
    }
    bool is_due = now_ms >= script->deadline_ms;
    if (line->text && !put_text(script, line)) {
        fail_for_good(script, "with its variables the line is too long");
        return false;
    }
    switch (line->kind) {
    case STATEMENT_HANDSET:
        script->handset = line->number;
        return true;
    case STATEMENT_KEY:
        for (int i = 0; i < line->number; i++) {
            script->stage.press(script->stage.context, script->handset, line->press);
        }
        return true;
    case STATEMENT_TYPE:
        press_characters(script, script->text);
        return true;
    case STATEMENT_PASTE:
        script->stage.press(script->stage.context, script->handset, PRESS_PASTE_BEGIN);
        press_characters(script, script->text);
        script->stage.press(script->stage.context, script->handset, PRESS_PASTE_END);
        return true;
    case STATEMENT_EXPECT:
    case STATEMENT_EXPECT_EVENT:
        if (is_as_expected(script, line)) {
            return true;
        }
        return is_due && fail_expectation(script, line);
    case STATEMENT_LET:
        if (!variables_set(&script->variables, line->name, script->text)) {
            fail_for_good(script, "out of memory");
        }
        return script->state == SCRIPT_RUNNING;
    case STATEMENT_CAPTURE:
        return capture(script, line) || (is_due && fail_expectation(script, line));
    case STATEMENT_ADVANCE:
        return is_due;
    case STATEMENT_SNAPSHOT:
        return compare_snapshot(script, line);
    case STATEMENT_SAY:
        script->stage.say(script->stage.context, script->text);
        return true;
    case STATEMENT_PART:
        results_next(&script->results, now_ms);
        return true;
    case STATEMENT_REPEAT:
        script->left[script->depth++] = line->number;
        return true;
    case STATEMENT_END:
        if (--script->left[script->depth - 1] > 0) {
            script->at = (size_t)line->number;
        } else {
            script->depth--;
        }
        return true;
    case STATEMENT_EVENTS:
        write_events(script, script->stage.say, script->stage.context);
        return true;
    case STATEMENT_LIMIT:
    case STATEMENT_NOTHING:
        break;
    }
    return true;
}

static void fail_by_limit(struct script *script) {
    char reason[80], duration[32];
    duration_text(script->program.limit_ms, duration);
    snprintf(reason, sizeof reason, "the limit of %s was over here", duration);
    fail_for_good(script, reason);
}

enum {
    STATEMENTS_AT_ONCE = 10000 /* then whoever runs the script gets a word in */
};

enum script_state script_step(struct script *script, int64_t now_ms) {
    int done = 0;
    script->now_ms = now_ms;
    if (!script->has_begun) {
        script->has_begun = true;
        script->results.of[0].begin_ms = now_ms;
        script->limit_ms =
            script->program.limit_ms > 0 ? now_ms + script->program.limit_ms : INT64_MAX;
    }
    while (script->state == SCRIPT_RUNNING) {
        if (script->at == script->program.count) {
            end(script);
            break;
        }
        if (now_ms > script->limit_ms) {
            fail_by_limit(script);
            break;
        }
        script->is_waiting = !run_line(script, now_ms);
        if (script->is_waiting) {
            if (script->state == SCRIPT_RUNNING && now_ms == script->limit_ms) {
                fail_by_limit(script);
            }
            break;
        }
        script->at++;
        if (script->stage.line_by_line) {
            break;
        }
        if (++done == STATEMENTS_AT_ONCE) {
            script->deadline_ms = now_ms;
            break;
        }
    }
    return script->state;
}

enum script_state script_end(struct script *script) {
    if (script->state == SCRIPT_RUNNING && script->at == script->program.count) {
        end(script);
    }
    if (script->state == SCRIPT_RUNNING) {
        fail_for_good(script, "the handset ended before this line was done");
    }
    return script->state;
}

int64_t script_deadline(const struct script *script) {
    return script->deadline_ms < script->limit_ms ? script->deadline_ms : script->limit_ms;
}

bool script_is_watching(const struct script *script) {
    if (script->state != SCRIPT_RUNNING || !script->is_waiting) {
        return false;
    }
    enum statement_kind kind = script->program.statements[script->at].kind;
    return kind == STATEMENT_EXPECT || kind == STATEMENT_EXPECT_EVENT || kind == STATEMENT_CAPTURE;
}

const char *script_report(const struct script *script) {
    return script->report ? script->report : "";
}

bool script_write_results(const struct script *script, FILE *junit, FILE *tap) {
    if (junit) {
        results_write_junit(&script->results, junit);
    }
    if (tap) {
        results_write_tap(&script->results, tap);
    }
    return (!junit || (fflush(junit) == 0 && !ferror(junit))) &&
           (!tap || (fflush(tap) == 0 && !ferror(tap)));
}
