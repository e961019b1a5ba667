/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/crews.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/identifier.h"

enum {
    VERSION = 1,
    RECORD_SIZE_MAX =
        2 + OFFICER_NAME_SIZE + VIEW_CREW_MAX * (OFFICER_IDENTITY_SIZE + OFFICER_NAME_SIZE),
};

void crews_begin(struct crews *crews, struct desk *desk) {
    *crews = (struct crews){.desk = desk};
}

void crews_clear(struct crews *crews) {
    free(crews->list);
    *crews = (struct crews){0};
}

/* --- The list --------------------------------------------------------------------------------- */

static struct view_crew *find(const struct crews *crews, const char *name) {
    for (size_t i = 0; i < crews->count; i++) {
        if (strcmp(crews->list[i].name, name) == 0) {
            return &crews->list[i];
        }
    }
    return NULL;
}

static bool has_key(const struct crews *crews, const char *key) {
    for (size_t i = 0; i < crews->count; i++) {
        if (strcmp(crews->list[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

/* A key that no crew has. */
static void draw_key(const struct crews *crews, char key[VIEW_CREW_KEY_SIZE]) {
    unsigned number = 1;
    do {
        snprintf(key, VIEW_CREW_KEY_SIZE, "%u", number++);
    } while (has_key(crews, key));
}

static enum status make_room(struct crews *crews) {
    if (crews->count == CREWS_MAX) {
        return STATUS_TOO_LONG;
    }
    struct view_crew *list = reallocarray(crews->list, crews->count + 1, sizeof *list);
    if (list == NULL) {
        return STATUS_NO_MEMORY;
    }
    crews->list = list;
    return STATUS_OK;
}

/* There is room. */
static void insert(struct crews *crews, const struct view_crew *crew) {
    size_t at = crews->count++;
    for (; at > 0 && strcmp(crews->list[at - 1].name, crew->name) > 0; at--) {
        crews->list[at] = crews->list[at - 1];
    }
    crews->list[at] = *crew;
}

static void drop(struct crews *crews, struct view_crew *crew) {
    size_t at = (size_t)(crew - crews->list);
    crews->count--;
    memmove(crew, crew + 1, (crews->count - at) * sizeof *crew);
}

/* Can these be a crew: somebody, each once? */
static bool is_possible(const struct view_crew *crew) {
    for (size_t i = 0; i < crew->member_count; i++) {
        if (identity_check(crew->members[i].identity) != STATUS_OK) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(crew->members[i].identity, crew->members[j].identity) == 0) {
                return false;
            }
        }
    }
    return crew->member_count > 0 && crew->name[0] != '\0';
}

/* --- The record ------------------------------------------------------------------------------- */

static enum status save(struct crews *crews, const struct view_crew *crew) {
    uint8_t octets[RECORD_SIZE_MAX];
    struct writer out = writer_into(octets, sizeof octets);
    write_u8(&out, VERSION);
    write_text_u8(&out, crew->name);
    for (size_t i = 0; i < crew->member_count; i++) {
        write_text_u8(&out, crew->members[i].identity);
        write_text_u8(&out, crew->members[i].name);
    }
    const struct span value = writer_span(&out);
    enum status status = writer_finish(&out);
    return status == STATUS_OK ? desk_save(crews->desk, RECORD_CREW, crew->key, &value) : status;
}

static enum status read_crew(struct span value, struct view_crew *crew) {
    struct reader r = reader_of(value);
    if (read_u8(&r) != VERSION) {
        return STATUS_MALFORMED;
    }
    read_text_u8(&r, crew->name, sizeof crew->name);
    bool is_valid = display_name_take(crew->name);
    while (reader_left(&r) > 0 && crew->member_count < VIEW_CREW_MAX) {
        struct view_crew_member *member = &crew->members[crew->member_count++];
        read_text_u8(&r, member->identity, sizeof member->identity);
        read_text_u8(&r, member->name, sizeof member->name);
        is_valid = is_valid && (member->name[0] == '\0' || display_name_take(member->name));
    }
    enum status status = reader_finish(&r);
    return status == STATUS_OK && !(is_valid && is_possible(crew)) ? STATUS_MALFORMED : status;
}

enum status crews_restore(struct crews *crews, struct span key, struct span value) {
    struct view_crew crew = {.member_count = 0};
    bool is_right = key.length > 0 && key.length < sizeof crew.key &&
                    memchr(key.octets, 0, key.length) == NULL &&
                    read_crew(value, &crew) == STATUS_OK && find(crews, crew.name) == NULL;
    if (is_right) {
        memcpy(crew.key, key.octets, key.length);
    }
    if (!is_right || has_key(crews, crew.key)) {
        crews->is_malformed = true;
        return STATUS_OK;
    }
    enum status status = make_room(crews);
    if (status == STATUS_OK) {
        insert(crews, &crew);
    }
    crews->is_malformed = crews->is_malformed || status == STATUS_TOO_LONG;
    return status == STATUS_TOO_LONG ? STATUS_OK : status;
}

void crews_start(struct crews *crews, struct moment now) {
    if (crews->is_malformed) {
        const struct event event = {.kind = EVENT_CREW_UNREADABLE};
        desk_tell(crews->desk, now, &event);
    }
}

/* --- Changes ---------------------------------------------------------------------------------- */

static enum status take(const struct crews *crews, const struct command *command,
                        struct view_crew *crew) {
    if (display_name_make(command->name, crew->name) != STATUS_OK ||
        command->member_count > VIEW_CREW_MAX) {
        return STATUS_MALFORMED;
    }
    for (size_t i = 0; i < command->member_count; i++) {
        const char *identity = command->members[i];
        struct view_crew_member *member = &crew->members[crew->member_count++];
        snprintf(member->identity, sizeof member->identity, "%s", identity);
        snprintf(member->name, sizeof member->name, "%s", desk_name_of(crews->desk, identity).text);
        if (strcmp(identity, own_identity(crews->desk)) == 0) {
            return STATUS_MALFORMED;
        }
    }
    return is_possible(crew) ? STATUS_OK : STATUS_MALFORMED;
}

static enum status keep(struct crews *crews, struct moment now, const struct command *command) {
    struct view_crew crew = {.member_count = 0};
    enum status status = take(crews, command, &crew);
    if (status != STATUS_OK) {
        return status;
    }
    struct view_crew *before = find(crews, crew.name);
    if (before != NULL) {
        memcpy(crew.key, before->key, sizeof crew.key);
    } else {
        status = make_room(crews);
        draw_key(crews, crew.key);
    }
    if (status == STATUS_OK) {
        status = save(crews, &crew);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (before != NULL) {
        *before = crew;
    } else {
        insert(crews, &crew);
    }
    struct event event = {.kind = EVENT_CREW_KEPT, .count = (unsigned)crew.member_count};
    snprintf(event.new_name, sizeof event.new_name, "%s", crew.name);
    desk_tell_when_durable(crews->desk, now, &event, EVENT_CREW_NOT_SAVED);
    return STATUS_OK;
}

static enum status remove_crew(struct crews *crews, struct moment now, const char *name) {
    struct view_crew *crew = find(crews, name);
    if (crew == NULL) {
        return STATUS_NOT_FOUND;
    }
    enum status status = desk_save(crews->desk, RECORD_CREW, crew->key, NULL);
    if (status == STATUS_OK) {
        struct event event = {.kind = EVENT_CREW_DROPPED};
        snprintf(event.new_name, sizeof event.new_name, "%s", crew->name);
        drop(crews, crew);
        desk_tell_when_durable(crews->desk, now, &event, EVENT_CREW_NOT_SAVED);
    }
    return status;
}

enum status crews_command(struct crews *crews, struct moment now, const struct command *command,
                          struct event *problem) {
    enum status status = command->kind == COMMAND_KEEP_CREW
                             ? keep(crews, now, command)
                             : remove_crew(crews, now, command->name);
    if (status == STATUS_TOO_LONG) {
        return desk_problem(
            problem, (struct event){.kind = EVENT_CREWS_TOO_MANY, .count = CREWS_MAX}, status);
    }
    if (status != STATUS_OK) {
        return desk_problem(problem, (struct event){.kind = EVENT_CREW_NOT_CHANGED}, status);
    }
    return STATUS_OK;
}

void crews_show(struct crews *crews, struct view *view) {
    for (size_t i = 0; i < crews->count; i++) {
        for (size_t j = 0; j < crews->list[i].member_count; j++) {
            struct view_crew_member *member = &crews->list[i].members[j];
            const struct name name = desk_name_of(crews->desk, member->identity);
            member->name_kind = name.kind;
            if (name.text[0] != '\0') {
                snprintf(member->name, sizeof member->name, "%s", name.text);
            }
        }
    }
    view->crew_count = crews->count;
    view->crews = crews->list;
}
