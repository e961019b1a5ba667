/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the control socket says is what its schema says, of handsets that have something to show,
 * and of a locked one nothing but what its screen shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/programs/view_json.h"
#include "tests/app/squad.h"

enum {
    SIZE = 3,
    LOG_LINES = 50
};

static json_t *schema;

static int read_schema(void **state) {
    (void)state;
    schema = json_load_file("app/programs/control.schema.json", JSON_REJECT_DUPLICATES, NULL);
    return schema == NULL;
}

static int forget_schema(void **state) {
    (void)state;
    json_decref(schema);
    return 0;
}

/* --- The part of JSON Schema that it uses ----------------------------------------------------- */

static const json_t *definition(const char *name) {
    const json_t *found = json_object_get(json_object_get(schema, "definitions"), name);
    assert_non_null(found);
    return found;
}

static const json_t *resolve(const json_t *rule) {
    const char *reference = json_string_value(json_object_get(rule, "$ref"));
    return reference == NULL ? rule : definition(strrchr(reference, '/') + 1);
}

static bool is_of_type(const json_t *value, const char *type) {
    static const struct {
        const char *name;
        json_type type;
    } types[] = {{"object", JSON_OBJECT},
                 {"array", JSON_ARRAY},
                 {"string", JSON_STRING},
                 {"integer", JSON_INTEGER}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, type) == 0) {
            return json_typeof(value) == types[i].type;
        }
    }
    assert_string_equal(type, "boolean");
    return json_is_boolean(value);
}

static bool is_among(const json_t *value, const json_t *values) {
    size_t i;
    const json_t *one;
    json_array_foreach(values, i, one) {
        if (json_equal(one, value)) {
            return true;
        }
    }
    return values == NULL;
}

static bool follows(const json_t *value, const json_t *rule);

static bool has_members(json_t *object, const json_t *rule) {
    const json_t *known = json_object_get(rule, "properties");
    const json_t *others = json_object_get(rule, "additionalProperties");
    const char *name;
    json_t *value;
    size_t i;
    json_array_foreach(json_object_get(rule, "required"), i, value) {
        if (json_object_get(object, json_string_value(value)) == NULL) {
            return false;
        }
    }
    json_object_foreach(object, name, value) {
        const json_t *own = json_object_get(known, name);
        if (own == NULL && !json_is_object(others)) {
            return false;
        }
        if (!follows(value, own != NULL ? own : others)) {
            return false;
        }
    }
    return true;
}

static bool follows(const json_t *value, const json_t *rule) {
    rule = resolve(rule);
    size_t i;
    const json_t *item;
    if (!is_of_type(value, json_string_value(json_object_get(rule, "type"))) ||
        !is_among(value, json_object_get(rule, "enum"))) {
        return false;
    }
    json_array_foreach(value, i, item) {
        if (!follows(item, json_object_get(rule, "items"))) {
            return false;
        }
    }
    return !json_is_object(value) || has_members((json_t *)(uintptr_t)value, rule);
}

static void assert_follows(json_t *value, const char *name) {
    if (!follows(value, definition(name))) {
        fail_msg("that is not %s: %s", name, json_dumps(value, JSON_INDENT(1)));
    }
}

/* `value` is released. */
static void assert_is(json_t *value, const char *name) {
    assert_follows(value, name);
    json_decref(value);
}

static json_t *status_of(const struct view *view) {
    json_t *answer = json_object();
    view_json_add(answer, view);
    return answer;
}

static json_t *in(const char *name, json_t *value) {
    json_t *object = json_object();
    (void)json_object_set_new(object, name, value);
    return object;
}

static void assert_all(const struct view *view) {
    assert_is(status_of(view), "ready");
    assert_is(in("groups", view_json_groups(view)), "groups");
    assert_is(in("nearby", view_json_nearby(view)), "nearby");
    assert_is(in("events", view_json_log(view, LOG_LINES)), "log");
    for (size_t i = 0; i < view->group_count; i++) {
        assert_is(view_json_group(&view->groups[i], true), "group");
    }
}

/* --- The tests -------------------------------------------------------------------------------- */

static void what_handsets_show_is_as_the_schema_says(void **state) {
    (void)state;
    struct squad *squad = squad_new(SIZE);
    squad_run(squad, 6000);
    assert_all(squad_view(squad, 0));
    squad_group(squad, HOUR_MS);
    struct command talk = {.kind = COMMAND_TALK_BEGIN};
    const struct view *view = squad_view(squad, 0);
    assert_int_equal(view->group_count, 1);
    strcpy(talk.group, view->groups[0].identity);
    assert_int_equal(squad_command(squad, 0, &talk), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 0; n < SIZE; n++) {
        assert_all(squad_view(squad, n));
    }
    json_t *answer = status_of(squad_view(squad, 1));
    const json_t *group = json_array_get(json_object_get(answer, "groups"), 0);
    assert_int_equal(json_integer_value(json_object_get(group, "members_near")), SIZE - 1);
    assert_string_equal(json_string_value(json_object_get(group, "key")), "usable");
    assert_int_equal(json_array_size(json_object_get(answer, "talkers")), 1);
    json_decref(answer);
    squad_free(squad);
}

/* Whatever state something is in has a name, and that is in the schema. */
static void each_state_has_a_name(void **state) {
    (void)state;
    struct view *view = calloc(1, sizeof *view);
    view->phase = PHASE_READY;
    view->group_count = GMK_EXPIRED + 1;
    for (int i = 0; i <= GMK_EXPIRED; i++) {
        view->groups[i].gmk_state = (enum gmk_state)i;
        view->groups[i].kind = i == 0 ? GROUP_STANDARD : GROUP_ADHOC;
    }
    view->groups[1].member_count = MEMBER_UNANSWERED + 1;
    for (int i = 0; i <= MEMBER_UNANSWERED; i++) {
        view->groups[1].members[i].state = (enum member_state)i;
        view->groups[1].members[i].name_kind = (enum name_kind)(i % NAME_KINDS);
    }
    view->nearby_count = NEARBY_NOT_ANSWERING + 1;
    for (int i = 0; i <= NEARBY_NOT_ANSWERING; i++) {
        view->nearby[i].state = (enum nearby_state)i;
    }
    view->invitation_count = INVITED_TO_CALL + 1;
    for (int i = 0; i <= INVITED_TO_CALL; i++) {
        view->invitations[i].purpose = (enum invitation_purpose)i;
    }
    view->log_count = LOG_LINES;
    view->alarm_count = VIEW_ALARMS_MAX;
    for (size_t i = 0; i < LOG_LINES; i++) {
        view->log[i] = (struct event){.kind = (enum event_kind)(i + 1), .count = 1, .parts = 5};
        view->alarms[i % VIEW_ALARMS_MAX] = view->log[i];
    }
    for (int i = CALL_NONE; i <= CALL_ACTIVE; i++) {
        view->call_state = (enum call_state)i;
        assert_all(view);
    }
    for (int i = PHASE_LOCKED; i < PHASE_READY; i++) {
        view->phase = (enum view_phase)i;
        assert_is(status_of(view), "locked");
    }
    free(view);
}

static void assert_shut_out(json_t *who, bool is_revoked, bool is_lost) {
    assert_int_equal(json_is_true(json_object_get(who, "revoked")), is_revoked);
    assert_int_equal(json_is_true(json_object_get(who, "lost")), is_lost);
    json_decref(who);
}

/* A picture calls both revoked, and says which is lost. */
static void whom_this_officer_reported_lost_is_not_called_revoked(void **state) {
    (void)state;
    struct view *view = calloc(1, sizeof *view);
    view->phase = PHASE_READY;
    view->group_count = 1;
    view->groups[0].member_count = view->nearby_count = 3;
    for (int i = 0; i < 3; i++) {
        view->groups[0].members[i].is_revoked = view->nearby[i].is_revoked = i > 0;
        view->groups[0].members[i].is_lost = view->nearby[i].is_lost = i > 1;
    }
    assert_all(view);
    for (int i = 0; i < 3; i++) {
        json_t *group = view_json_group(&view->groups[0], true), *nearby = view_json_nearby(view);
        json_t *member = json_array_get(json_object_get(group, "members"), (size_t)i);
        assert_shut_out(json_incref(member), i == 1, i == 2);
        assert_shut_out(json_incref(json_array_get(nearby, (size_t)i)), i == 1, i == 2);
        json_decref(group);
        json_decref(nearby);
    }
    free(view);
}

/* A picture that still has everything in it: nothing of it is said but what the screen shows. */
static void a_locked_handset_says_no_more_than_its_screen(void **state) {
    (void)state;
    struct squad *squad = squad_new(SIZE);
    squad_run(squad, 6000);
    squad_group(squad, HOUR_MS);
    struct view *view = malloc(sizeof *view);
    *view = *squad_view(squad, 0);
    view->phase = PHASE_LOCKED;
    json_t *answer = status_of(view);
    assert_follows(answer, "locked");
    assert_int_equal(json_object_size(answer), 5);
    char *text = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"bound\":false,\"hears\":false,\"state\":\"locked\",\"wait_ms\":0,"
                              "\"wrong_passphrases\":0}");
    free(text);
    json_decref(answer);
    free(view);
    squad_free(squad);
}

static void what_is_not_in_the_schema_is_seen(void **state) {
    (void)state;
    static struct view view = {.phase = PHASE_READY, .group_count = 1};
    json_t *answer = status_of(&view);
    assert_true(follows(answer, definition("ready")));
    assert_false(follows(answer, definition("locked")));
    (void)json_object_set_new(answer, "gmk", json_string("00"));
    assert_false(follows(answer, definition("ready")));
    (void)json_object_del(answer, "gmk");
    json_t *group = json_array_get(json_object_get(answer, "groups"), 0);
    (void)json_object_set_new(group, "key", json_string("A1B2"));
    assert_false(follows(answer, definition("ready")));
    (void)json_object_set_new(group, "key", json_string("usable"));
    assert_true(follows(answer, definition("ready")));
    (void)json_object_set_new(group, "left_ms", json_string("5"));
    assert_false(follows(answer, definition("ready")));
    (void)json_object_del(group, "left_ms");
    assert_false(follows(answer, definition("ready")));
    json_decref(answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_handsets_show_is_as_the_schema_says),
        cmocka_unit_test(each_state_has_a_name),
        cmocka_unit_test(whom_this_officer_reported_lost_is_not_called_revoked),
        cmocka_unit_test(a_locked_handset_says_no_more_than_its_screen),
        cmocka_unit_test(what_is_not_in_the_schema_is_seen),
    };
    return cmocka_run_group_tests(tests, read_schema, forget_schema);
}
