/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/options_verbs.h"

#include <string.h>

#include "app/handset/event.h"
#include "app/text/duration.h"

/* What is asked of a running handset: a word and its arguments. */
static const struct verb {
    const char *name;
    enum errand errand;
    int least, most;
    const char *usage;
} verbs[] = {{"groups", ERRAND_GROUPS, 0, 1, "[GROUP]"},
             {"nearby", ERRAND_NEARBY, 0, 0, ""},
             {"log", ERRAND_EVENTS, 0, 0, "[--follow]"},
             {"wait", ERRAND_WAIT, 0, 0, "--for EVENT, or --for help"},
             {"talk", ERRAND_TALK, 1, 1, "GROUP --for 5s, or --from FILE"},
             {"message", ERRAND_MESSAGE, 2, 2, "GROUP TEXT"},
             {"accept", ERRAND_ACCEPT, 0, 1, "[WHO]"},
             {"group", ERRAND_GROUP, 1, 1, "NAME --with WHO"},
             {"delete", ERRAND_DELETE, 1, 1, "GROUP --yes"},
             {"silence", ERRAND_SILENCE, 1, 1, "on|off"},
             {"quit", ERRAND_QUIT, 0, 0, ""}};

static const struct verb *find_verb(const char *name) {
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

bool options_are_verb(const char *word) {
    return find_verb(word) != NULL;
}

enum status options_take_verb(struct options *options, int count, char *words[],
                              struct error *error) {
    const struct verb *verb = find_verb(words[0]);
    options->errand = verb->errand;
    if (count - 1 < verb->least || count - 1 > verb->most) {
        return error_set(error, STATUS_MALFORMED, "it is muster %s%s%s; see muster --help",
                         verb->name, verb->usage[0] == '\0' ? "" : " ", verb->usage);
    }
    options->group = count > 1 ? words[1] : NULL;
    options->text = count > 2 ? words[2] : NULL;
    return STATUS_OK;
}

enum status options_add_member(struct options *options, const char *who, struct error *error) {
    if (options->member_count == OPTION_MEMBERS_MAX) {
        return error_set(error, STATUS_MALFORMED, "--with %.80s: a group has at most %d members",
                         who, ADHOC_MEMBERS_MAX);
    }
    options->members[options->member_count++] = who;
    return STATUS_OK;
}

static enum status check_group(struct options *options, struct error *error) {
    if (options->member_count == 0) {
        return error_set(error, STATUS_MALFORMED,
                         "group wants --with IDENTITY, once for each member");
    }
    if (options->lasts != NULL && duration_parse(options->lasts, &options->lasts_ms) != STATUS_OK) {
        return error_set(error, STATUS_MALFORMED,
                         "--for %.80s: a group's key lasts so many minutes or hours, 8h",
                         options->lasts);
    }
    return STATUS_OK;
}

enum status options_check_verb(struct options *options, struct error *error) {
    bool waits = options->errand == ERRAND_WAIT, talks = options->errand == ERRAND_TALK,
         makes = options->errand == ERRAND_GROUP;
    if (options->lasts != NULL && !waits && !talks && !makes) {
        return error_set(error, STATUS_MALFORMED, "--for belongs to muster wait, talk and group");
    }
    if (options->member_count > 0 && !makes) {
        return error_set(error, STATUS_MALFORMED, "--with belongs to muster group");
    }
    if ((options->within_ms != 0 || options->since_ms != 0) && !waits) {
        return error_set(error, STATUS_MALFORMED, "--within and --since belong to muster wait");
    }
    if (options->follows && options->errand != ERRAND_EVENTS) {
        return error_set(error, STATUS_MALFORMED, "--follow belongs to muster log");
    }
    if (waits && options->lasts != NULL && strcmp(options->lasts, "help") == 0) {
        options->errand = ERRAND_EVENT_NAMES;
        return STATUS_OK;
    }
    if (waits && (options->lasts == NULL || event_named(options->lasts) == EVENT_NONE)) {
        return error_set(error, STATUS_MALFORMED,
                         "wait wants --for EVENT, such as group-ready; --for help lists them");
    }
    if (options->from != NULL && !talks) {
        return error_set(error, STATUS_MALFORMED, "--from belongs to muster talk");
    }
    bool is_whole_file = options->from != NULL && options->lasts == NULL;
    if (talks && !is_whole_file &&
        (options->lasts == NULL ||
         duration_parse(options->lasts, &options->lasts_ms) != STATUS_OK ||
         options->lasts_ms > SETTINGS_LONGEST_TALK_MOST_MS)) {
        return error_set(error, STATUS_MALFORMED,
                         "talk wants --for DURATION, from 1s to %ds, or --from FILE",
                         SETTINGS_LONGEST_TALK_MOST_MS / 1000);
    }
    if (options->errand == ERRAND_SILENCE && strcmp(options->group, "on") != 0 &&
        strcmp(options->group, "off") != 0) {
        return error_set(error, STATUS_MALFORMED, "silence is on or off, not \"%.80s\"",
                         options->group);
    }
    if (options->errand == ERRAND_DELETE && !options->says_yes) {
        return error_set(error, STATUS_MALFORMED,
                         "delete wipes the group's keys from this handset for ever; say --yes");
    }
    return makes ? check_group(options, error) : STATUS_OK;
}
