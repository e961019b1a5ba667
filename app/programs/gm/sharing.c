/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/gm/sharing.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/file.h"
#include "app/manager/shared_roll.h"
#include "app/programs/gm/import.h"

enum {
    SHARED_MAX = 2 + GROUP_STATE_MAX + SHARED_ROLL_MAX, /* octets of a file */
    TRIES = 4,     /* to write: each time another manager wrote meanwhile */
    JOINS_MAX = 32 /* batches: what EXCLUSIONS_MAX members change, and then some */
};

_Static_assert((JOINS_MAX - 2) * (BATCH_CHANGES_MAX - 2) >= 2 * EXCLUSIONS_MAX, "all of them");

/* What stands there, read and verified. */
struct found {
    struct state_value value;
    struct group_state state;
    enum group_standing standing;
};

static enum status out_of_memory(struct error *error) {
    return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
}

/* Its term, and so whether another manager has taken over, is known by this month's keys alone. */
static enum status check_keys(const struct gm *gm, struct error *error) {
    const struct key_set *keys;
    enum status status = managed_group_keys(gm->group, gm_now(), &keys);
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status,
                           "%s: there are no keys of the group identity for this month; install "
                           "this month's bundle",
                           gm->group->identity);
}

/* Two bundles name the same record of the KMS's log, and not the same hash. */
static void tell_other_log(const struct gm *gm, const struct group_state *state) {
    char ours[LOG_HEAD_TEXT_SIZE], theirs[LOG_HEAD_TEXT_SIZE];
    const struct log_head log = group_state_log(gm->group);
    if (group_state_note_log(gm->group, state)) {
        return;
    }
    log_head_print(&log, ours);
    log_head_print(&state->log, theirs);
    printf("The KMS's log is not one: it ends with %s by this store's bundles, and with %s by "
           "another manager's. Ask the KMS's operator: muster-kms audit --head\n",
           ours, theirs);
}

/* A manager that the KMS has not certified may have had access to the broker: what it left there is
 * no state, and is written over. */
static enum status look(const struct gm *gm, const struct path *path, struct found *found,
                        struct error *error) {
    const struct group_state *state = NULL;
    enum status status = path->read_state(path->delivery.context, &found->value, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (found->value.sequence != 0) {
        status = group_state_read(
            gm->group, (struct span){found->value.octets, found->value.length}, &found->state);
        if (status == STATUS_NEWER_VERSION) {
            return error_set(error, status,
                             "what the broker has of %s was written by a later version of Muster",
                             gm->group->identity);
        }
        state = status == STATUS_OK ? &found->state : NULL;
        if (state == NULL) {
            printf("What the broker has of %s is not of a manager of the group (%s): it does not "
                   "count\n",
                   gm->group->identity, status_text(status));
        } else {
            tell_other_log(gm, state);
        }
    }
    found->standing = group_state_compare(gm->group, gm_now(), state);
    return found->standing == GROUP_IS_REPLACED ? check_keys(gm, error) : STATUS_OK;
}

static enum status replaced(const struct gm *gm, struct error *error) {
    return error_set(error, STATUS_NOT_ALLOWED,
                     "another manager has taken %s over: members refuse what this one sends, and "
                     "no key was drawn",
                     gm->group->identity);
}

static enum status behind(const struct found *found, bool was_faster, struct error *error) {
    const struct group_state *state = &found->state;
    return error_set(
        error, STATUS_NOT_ALLOWED,
        "%s; its last key is GMK %08X, number %llu, and its last exclusion number %u, which this "
        "store does not know. Nothing was changed; run muster-gm catch-up, then rekey",
        was_faster ? "another manager was faster" : "another manager of this group was here",
        state->rekey.gmk_id, (unsigned long long)state->rekey.counter, state->exclusions.highest);
}

/* What stands there for good is gone with the broker's disk alone. This store had agreed on it, and
 * writes what it knows again; who was here since cannot be told. */
static void tell_if_lost(const struct managed_group *group, const struct found *found) {
    if (found->value.sequence != 0 || group->shared_term == 0) {
        return;
    }
    printf("The broker has lost what the managers of %s shared, and what other managers did since "
           "this store was here last is not known. This store's last exclusion is number %u; who "
           "knows of a later one has to rekey the group\n",
           group->identity, group->exclusions.highest);
}

static enum status number(struct gm *gm, struct error *error) {
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : managed_group_number(gm->group, batch);
    return gm_apply(gm, status, batch, error);
}

enum status sharing_check(struct gm *gm, const struct path *path, struct error *error) {
    if (path->read_state == NULL) {
        return STATUS_OK;
    }
    struct found *found = calloc(1, sizeof *found);
    enum status status = found == NULL ? out_of_memory(error) : number(gm, error);
    if (status == STATUS_OK) {
        status = look(gm, path, found, error);
    }
    if (status == STATUS_OK && found->standing == GROUP_IS_REPLACED) {
        status = replaced(gm, error);
    } else if (status == STATUS_OK && found->standing == GROUP_IS_BEHIND) {
        status = behind(found, false, error);
    } else if (status == STATUS_OK) {
        tell_if_lost(gm->group, found);
    }
    free(found);
    return status;
}

enum status sharing_show_log(struct gm *gm, const struct path *path, struct error *error) {
    char text[LOG_HEAD_TEXT_SIZE];
    struct found *found = calloc(1, sizeof *found);
    enum status status = found == NULL ? out_of_memory(error) : look(gm, path, found, error);
    const struct log_head log = group_state_log(gm->group);
    log_head_print(&log, text);
    if (status == STATUS_OK && log.number != 0) {
        printf("The KMS's log had record %s, by the bundles of this group's managers: compare with "
               "muster-kms audit --head\n",
               text);
    }
    free(found);
    return status;
}

static enum status agree(struct gm *gm, struct error *error) {
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY : group_state_agreed(gm->group, gm_now(), batch);
    return gm_apply(gm, status, batch, error);
}

static enum status put(struct gm *gm, const struct path *path, struct found *found, bool *was_set,
                       struct error *error) {
    struct writer w = writer_into(found->value.octets, sizeof found->value.octets);
    enum status status = group_state_write(gm->group, gm_now(), &entropy_system, &w);
    if (status != STATUS_OK) {
        return error_set(error, status, "%s: %s", gm->group->identity, status_text(status));
    }
    return path->write_state(path->delivery.context, writer_span(&w), found->value.sequence,
                             was_set, error);
}

enum status sharing_write(struct gm *gm, const struct path *path, struct error *error) {
    if (path->read_state == NULL) {
        return STATUS_OK;
    }
    struct found *found = calloc(1, sizeof *found);
    enum status status = found == NULL ? out_of_memory(error) : STATUS_OK;
    bool was_set = false;
    for (int i = 0; status == STATUS_OK && !was_set && i < TRIES; i++) {
        status = look(gm, path, found, error);
        if (status != STATUS_OK) {
            break;
        }
        switch (found->standing) {
        case GROUP_AGREES:
            was_set = true; /* also when the answer to what was written got lost */
            break;
        case GROUP_IS_AHEAD:
            status = put(gm, path, found, &was_set, error);
            break;
        case GROUP_IS_BEHIND:
            status = behind(found, true, error);
            break;
        case GROUP_IS_REPLACED:
            status = replaced(gm, error);
            break;
        }
    }
    if (status == STATUS_OK && !was_set) {
        status = error_set(error, STATUS_BUSY,
                           "other managers of %s write at the broker all the time; try again",
                           gm->group->identity);
    }
    free(found);
    return status == STATUS_OK ? agree(gm, error) : status;
}

/* --- Catching up ---------------------------------------------------------------------------- */

/* Changes that become durable together. */
struct joining {
    size_t count;
    struct batch *batches[JOINS_MAX];
};

static struct batch *room_in(struct joining *joining) {
    struct batch *last = joining->count == 0 ? NULL : joining->batches[joining->count - 1];
    if (last == NULL || last->count + 2 > BATCH_CHANGES_MAX) {
        last = joining->count == JOINS_MAX ? NULL : batch_new();
        if (last != NULL) {
            joining->batches[joining->count++] = last;
        }
    }
    return last;
}

static enum status mark_all(struct gm *gm, struct joining *joining) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < gm->group->roll.count; i++) {
        struct roll_member *member = &gm->group->roll.members[i];
        struct batch *batch = room_in(joining);
        bool changed = false;
        status = batch == NULL ? STATUS_NO_MEMORY
                               : managed_group_mark(gm->group, member, batch, &changed);
        if (changed) {
            printf("%s is %s\n", member->identity,
                   member->is_excluded ? "excluded and gets no keys" : "let in again");
        }
    }
    return status;
}

typedef enum status take_fn(struct managed_group *group, int64_t now_ms,
                            const struct group_state *state, struct batch *batch, bool *is_news);

static enum status take_from_broker(struct managed_group *group, int64_t now_ms,
                                    const struct group_state *state, struct batch *batch,
                                    bool *is_news) {
    *is_news = true;
    return group_state_join(group, now_ms, state, batch);
}

static enum status join(struct gm *gm, const struct group_state *state, take_fn *take,
                        bool *is_news, struct error *error) {
    struct joining joining = {0};
    struct batch *first = room_in(&joining);
    enum status status =
        first == NULL ? STATUS_NO_MEMORY : take(gm->group, gm_now(), state, first, is_news);
    if (status == STATUS_OK) {
        status = mark_all(gm, &joining);
    }
    if (status != STATUS_OK) {
        error_set(error, status, "%s: %s", gm->group->identity, status_text(status));
    } else {
        status = store_apply_all(gm->store, (const struct batch *const *)joining.batches,
                                 joining.count, error);
    }
    for (size_t i = 0; i < joining.count; i++) {
        batch_free(joining.batches[i]);
    }
    return status;
}

static void tell_caught_up(const struct gm *gm) {
    printf("%s: caught up, to GMK %08X and exclusion number %u; rekey the group\n",
           gm->group->identity, gm->group->rekey.gmk_id, gm->group->exclusions.highest);
}

enum status sharing_join(struct gm *gm, const struct path *path, struct error *error) {
    struct found *found = calloc(1, sizeof *found);
    enum status status = found == NULL ? out_of_memory(error) : number(gm, error);
    bool is_news = false;
    if (status == STATUS_OK) {
        status = look(gm, path, found, error);
    }
    if (status == STATUS_OK && found->standing == GROUP_IS_REPLACED) {
        status = replaced(gm, error);
    } else if (status == STATUS_OK && found->standing != GROUP_IS_BEHIND) {
        tell_if_lost(gm->group, found);
        printf("%s: this store knows all that the broker knows\n", gm->group->identity);
    } else if (status == STATUS_OK) {
        status = join(gm, &found->state, take_from_broker, &is_news, error);
        if (status == STATUS_OK) {
            tell_caught_up(gm);
        }
    }
    free(found);
    return status;
}

/* --- By a file ------------------------------------------------------------------------------ */

/* Members need not have been told of these exclusions: who takes them over tells them next. */
static enum status tell(struct gm *gm, struct error *error) {
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : managed_group_tell(gm->group, batch);
    return gm_apply(gm, status, batch, error);
}

/* In the file: the state, with its length before it in two octets, and the roll. */
static enum status write_all(const struct gm *gm, struct writer *out) {
    uint8_t *state = malloc(GROUP_STATE_MAX);
    if (state == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(state, GROUP_STATE_MAX);
    enum status status = group_state_write(gm->group, gm_now(), &entropy_system, &w);
    if (status == STATUS_OK) {
        write_span_u16(out, writer_span(&w));
        status = shared_roll_write(gm->group, gm_now(), &entropy_system, out);
    }
    free(state);
    return status;
}

enum status sharing_export(struct gm *gm, const char *name, struct error *error) {
    uint8_t *octets = malloc(SHARED_MAX);
    enum status status = octets == NULL ? out_of_memory(error) : check_keys(gm, error);
    if (status == STATUS_OK) {
        status = number(gm, error);
    }
    if (status == STATUS_OK) {
        status = tell(gm, error);
    }
    struct writer w = writer_into(octets, octets == NULL ? 0 : SHARED_MAX);
    if (status == STATUS_OK) {
        status = write_all(gm, &w);
        if (status != STATUS_OK) {
            error_set(error, status, "%s: %s", gm->group->identity, status_text(status));
        }
    }
    if (status == STATUS_OK) {
        status = file_write(name, writer_span(&w), false, error);
    }
    free(octets);
    return status;
}

static enum status take_state(struct gm *gm, const struct group_state *state, struct error *error) {
    bool is_news = false;
    tell_other_log(gm, state);
    enum group_standing standing = group_state_compare(gm->group, gm_now(), state);
    if (standing == GROUP_IS_REPLACED) {
        return replaced(gm, error);
    }
    enum status status = join(gm, state, group_state_take, &is_news, error);
    if (status == STATUS_OK && is_news) {
        tell_caught_up(gm);
    } else if (status == STATUS_OK) {
        printf("%s: this store knows all exclusions that are in there\n", gm->group->identity);
    }
    return status;
}

/* Who is on the other manager's roll is on this one as well from now on. */
static enum status take_roll(struct gm *gm, const struct roll *roll, struct error *error) {
    size_t added = 0;
    enum status status = import_missing(roll, gm, &added, error);
    if (status == STATUS_OK && added > 0) {
        printf("%s has %zu members: %zu new\n", gm->group->identity, gm->group->roll.count, added);
    }
    return status;
}

static enum status read_all(const struct gm *gm, struct span octets, struct group_state *state,
                            struct roll *roll) {
    struct reader r = reader_of(octets);
    struct span first = read_span_u16(&r);
    enum status status = group_state_read(gm->group, first, state);
    return status == STATUS_OK ? shared_roll_read(gm->group, read_span(&r, reader_left(&r)), roll)
                               : status;
}

enum status sharing_take(struct gm *gm, const char *name, struct error *error) {
    struct secret *octets = NULL;
    struct roll roll = {0};
    struct group_state *state = calloc(1, sizeof *state);
    enum status status = state == NULL ? out_of_memory(error) : check_keys(gm, error);
    if (status == STATUS_OK) {
        status = file_read(name, SHARED_MAX, &octets, error);
    }
    if (status == STATUS_OK) {
        status = read_all(gm, secret_span(octets), state, &roll);
        if (status != STATUS_OK) {
            error_set(error, status, "%.150s: not of a manager of %s: %s", name,
                      gm->group->identity, status_text(status));
        }
    }
    if (status == STATUS_OK) {
        status = number(gm, error);
    }
    if (status == STATUS_OK) {
        status = take_state(gm, state, error);
    }
    if (status == STATUS_OK) {
        status = take_roll(gm, &roll, error);
    }
    roll_clear(&roll);
    secret_free(octets);
    free(state);
    return status;
}
