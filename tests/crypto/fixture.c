/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char folder[] = "fixtures/vectors/";

FILE *fixture_open(const char *name) {
    char path[120];
    snprintf(path, sizeof path, "%s%s", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail_msg("cannot read %s; tests run from the top of the source", path);
    }
    return file;
}

static void read_field(struct fixture *out, char *line) {
    assert_true(out->count < FIXTURE_FIELDS_MAX);
    struct fixture_field *field = &out->fields[out->count++];
    char *hex = strchr(line, ' ');
    assert_non_null(hex);
    *hex++ = 0;
    assert_true(strlen(line) < sizeof field->name && strlen(hex) <= 2 * sizeof field->octets);
    strcpy(field->name, line);
    field->length = strlen(hex) / 2;
    for (size_t i = 0; i < field->length; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], 0}, *end;
        field->octets[i] = (uint8_t)strtoul(pair, &end, 16);
        assert_ptr_equal(end, pair + 2);
    }
}

bool fixture_next(FILE *file, struct fixture *out) {
    char line[2 * FIXTURE_VALUE_MAX + 32];
    memset(out, 0, sizeof *out);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#') {
            continue;
        }
        if (line[0] == 0 && out->name[0] != 0) {
            return true;
        }
        if (strncmp(line, "case ", 5) == 0) {
            snprintf(out->name, sizeof out->name, "%.79s", line + 5);
        } else if (line[0] != 0) {
            read_field(out, line);
        }
    }
    return out->name[0] != 0;
}

void fixture_find(const char *file_name, const char *case_name, struct fixture *out) {
    FILE *file = fixture_open(file_name);
    while (fixture_next(file, out)) {
        if (strcmp(out->name, case_name) == 0) {
            fclose(file);
            return;
        }
    }
    fclose(file);
    fail_msg("%s has no case %s", file_name, case_name);
}

struct span fixture_octets(const struct fixture *fixture, const char *field) {
    for (size_t i = 0; i < fixture->count; i++) {
        if (strcmp(fixture->fields[i].name, field) == 0) {
            return (struct span){fixture->fields[i].octets, fixture->fields[i].length};
        }
    }
    fail_msg("case %s has no %s", fixture->name, field);
    return (struct span){0};
}

const uint8_t *fixture_exactly(const struct fixture *fixture, const char *field, size_t length) {
    struct span octets = fixture_octets(fixture, field);
    assert_int_equal(octets.length, length);
    return octets.octets;
}

void fixture_assert(const struct fixture *fixture, bool good, const char *what) {
    if (!good) {
        fail_msg("case %s: %s", fixture->name, what);
    }
}
