/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/message_box.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/handset/talk/message_word.h"
#include "crypto/gmk_hour.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

enum {
    VERSION = 1,
    MESSAGE_COST = 5 * UNIT,
    FLAG_OWN = 1,
    FLAG_READ = 2,
    FLAG_UNSENT = 4,
    KEPT_MAX =
        1 + 8 + 8 + 1 + MESSAGE_HOLDERS_MAX * VOICE_REPORT_WHO_SIZE + GROUP_MESSAGE_PLAIN_MAX,
    SENDER_MAX = VOICE_REPORT_WHO_SIZE + 8 + 1 + 8 * MESSAGE_WINDOW,
    FIXED_SIZE = 1 + 8 + 8 + 1 + 1,
    PLAIN_MAX = FIXED_SIZE + MESSAGES_KEPT * KEPT_MAX + MESSAGE_SENDERS_MAX * SENDER_MAX,
    VALUE_OVERHEAD = 4 + SEAL_KEY_SIZE + SEAL_OVERHEAD,
    VALUE_MAX = VALUE_OVERHEAD + PLAIN_MAX,
};

_Static_assert((int)MESSAGE_BOX_NAME_SIZE - 1 <= (int)RECORD_KEY_MAX, "its name is a record's");
_Static_assert((int)VALUE_MAX <= (int)RECORD_VALUE_MAX, "a box is one record");
/* As many may be about to be sent for the first time. */
_Static_assert(2 * (int)MESSAGES_OUT_MAX <= (int)MESSAGE_WINDOW &&
                   2 * (int)MESSAGES_OUT_MAX < (int)MESSAGES_KEPT,
               "what is resent is in no danger");

/* Eight at once, then one every five seconds. */
static const struct purse_size allowance = {.burst = 8 * MESSAGE_COST / UNIT, .rate = 1};

struct message_box *message_box_new(const char *group, uint32_t gmk_id) {
    struct message_box *box = secret_object_new(sizeof *box);
    if (box != NULL) {
        snprintf(box->group, sizeof box->group, "%s", group);
        box->gmk_id = gmk_id;
        box->purse = purse_full(allowance, 0);
    }
    return box;
}

void message_box_free(struct message_box *box) {
    secret_object_free(box);
}

/* --- Who sent what -------------------------------------------------------------------------- */

static struct message_sender *find_sender(const struct message_box *box,
                                          const uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    for (size_t i = 0; i < box->sender_count; i++) {
        if (memcmp(box->senders[i].who, who, VOICE_REPORT_WHO_SIZE) == 0) {
            return (struct message_sender *)&box->senders[i];
        }
    }
    return NULL;
}

static int64_t latest_of(const struct message_sender *sender) {
    return sender->count == 0 ? 0 : sender->numbers[sender->count - 1];
}

enum message_news message_box_knows(const struct message_box *box,
                                    const uint8_t who[VOICE_REPORT_WHO_SIZE], int64_t number) {
    const struct message_sender *sender = find_sender(box, who);
    if (sender == NULL) {
        return number > box->floor ? MESSAGE_IS_NEW : MESSAGE_IS_OLD;
    }
    for (size_t i = 0; i < sender->count; i++) {
        if (sender->numbers[i] == number) {
            return MESSAGE_IS_KNOWN;
        }
    }
    bool is_below = sender->count == MESSAGE_WINDOW && number < sender->numbers[0];
    return is_below || number <= sender->floor ? MESSAGE_IS_OLD : MESSAGE_IS_NEW;
}

/* A place for one more sender; who sent longest ago makes way. */
static struct message_sender *add_sender(struct message_box *box,
                                         const uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    struct message_sender *place = &box->senders[0];
    if (box->sender_count < MESSAGE_SENDERS_MAX) {
        place = &box->senders[box->sender_count++];
    } else {
        for (size_t i = 1; i < MESSAGE_SENDERS_MAX; i++) {
            place = latest_of(&box->senders[i]) < latest_of(place) ? &box->senders[i] : place;
        }
        box->floor = latest_of(place) > box->floor ? latest_of(place) : box->floor;
    }
    *place = (struct message_sender){.floor = box->floor};
    memcpy(place->who, who, sizeof place->who);
    place->purse = purse_full(allowance, 0);
    return place;
}

bool message_box_affords(struct message_box *box, const uint8_t who[VOICE_REPORT_WHO_SIZE],
                         struct moment now) {
    struct message_sender *sender = find_sender(box, who);
    return sender == NULL || purse_has(&sender->purse, allowance, now.boot_ms, MESSAGE_COST);
}

void message_box_pays(struct message_box *box, const uint8_t who[VOICE_REPORT_WHO_SIZE],
                      struct moment now) {
    struct message_sender *sender = find_sender(box, who);
    sender = sender == NULL ? add_sender(box, who) : sender;
    (void)purse_take(&sender->purse, allowance, now.boot_ms, MESSAGE_COST);
}

bool message_box_sends(struct message_box *box, struct moment now) {
    return purse_take(&box->purse, allowance, now.boot_ms, MESSAGE_COST);
}

void message_box_note(struct message_box *box, const uint8_t who[VOICE_REPORT_WHO_SIZE],
                      int64_t number) {
    struct message_sender *sender = find_sender(box, who);
    if (sender == NULL) {
        return; /* message_box_pays comes first */
    }
    if (sender->count == MESSAGE_WINDOW) {
        memmove(&sender->numbers[0], &sender->numbers[1],
                (MESSAGE_WINDOW - 1) * sizeof sender->numbers[0]);
        sender->count--;
    }
    size_t at = sender->count++;
    for (; at > 0 && sender->numbers[at - 1] > number; at--) {
        sender->numbers[at] = sender->numbers[at - 1];
    }
    sender->numbers[at] = number;
}

/* --- What is kept --------------------------------------------------------------------------- */

bool message_waits(const struct kept_message *message) {
    return message->is_own && message->until_ms == 0 && !message->is_unsent;
}

bool message_is_out(const struct kept_message *message, int64_t group_ms) {
    return message_waits(message) || (message->is_own && group_ms < message->until_ms);
}

bool message_has(const struct kept_message *message, const uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    for (size_t i = 0; i < message->holder_count; i++) {
        if (memcmp(message->holders[i], who, VOICE_REPORT_WHO_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static void remove_at(struct message_box *box, size_t at) {
    box->message_count--;
    memmove(&box->messages[at], &box->messages[at + 1],
            (box->message_count - at) * sizeof box->messages[0]);
    secret_wipe(&box->messages[box->message_count], sizeof box->messages[0]);
}

bool message_box_is_last_word(const struct message_box *box, const struct group_message *report) {
    for (size_t i = 0; i < box->message_count; i++) {
        const struct group_message *other = &box->messages[i].said;
        if (message_word_is_report(other->word) && other->number > report->number &&
            strcmp(other->text, report->text) == 0 &&
            strcmp(other->identity, report->identity) == 0) {
            return false;
        }
    }
    return true;
}

/* What its reporter says of that handset by now: also that it is found, for without this an earlier
 * report would stand again. */
static bool is_standing(const struct message_box *box, const struct kept_message *message) {
    return message_word_is_report(message->said.word) &&
           message_box_is_last_word(box, &message->said);
}

/* The earliest that is over; MESSAGES_KEPT: none. */
static size_t first_over(const struct message_box *box, int64_t group_ms, bool is_of_standing) {
    for (size_t i = 0; i < box->message_count; i++) {
        const struct kept_message *message = &box->messages[i];
        bool is_over = message->is_own ? !message_is_out(message, group_ms) : message->is_read;
        if (is_over && is_standing(box, message) == is_of_standing) {
            return i;
        }
    }
    return MESSAGES_KEPT;
}

/* Does it count for its sender? What was read and is no standing report goes before. */
static bool counts(const struct message_box *box, const struct kept_message *message) {
    return !message->is_own && (!message->is_read || is_standing(box, message));
}

static size_t count_of(const struct message_box *box, const char *identity) {
    size_t count = 0;
    for (size_t i = 0; i < box->message_count; i++) {
        const struct kept_message *message = &box->messages[i];
        count += counts(box, message) && strcmp(message->said.identity, identity) == 0;
    }
    return count;
}

/* The earliest unread one of who has most of them and of standing reports, the one of `next`
 * counted that is to come: a standing report only where it has nothing else. MESSAGES_KEPT: none.
 */
static size_t first_of_most(const struct message_box *box, const char *next) {
    size_t first = MESSAGES_KEPT, most = 0;
    for (size_t i = 0; i < box->message_count; i++) {
        const struct kept_message *message = &box->messages[i];
        const char *identity = message->said.identity;
        size_t count = count_of(box, identity);
        count += count > 0 && strcmp(identity, next) == 0;
        if (!counts(box, message) || count < most) {
            continue;
        }
        bool is_better = first < MESSAGES_KEPT && count == most &&
                         strcmp(box->messages[first].said.identity, identity) == 0 &&
                         is_standing(box, &box->messages[first]) && !is_standing(box, message);
        if (count > most || is_better) {
            first = i;
            most = count;
        }
    }
    return first;
}

struct kept_message *message_box_add(struct message_box *box, const struct group_message *said,
                                     int64_t group_ms, bool *dropped) {
    *dropped = false;
    if (box->message_count == MESSAGES_KEPT) {
        size_t over = first_over(box, group_ms, false);
        if (over == MESSAGES_KEPT) {
            over = first_of_most(box, said->identity);
            *dropped = over < MESSAGES_KEPT && !box->messages[over].is_read;
        }
        if (over == MESSAGES_KEPT) {
            over = first_over(box, group_ms, true); /* its own ones alone */
        }
        if (over == MESSAGES_KEPT) {
            return NULL;
        }
        remove_at(box, over);
    }
    struct kept_message *message = &box->messages[box->message_count++];
    *message = (struct kept_message){.said = *said};
    return message;
}

struct kept_message *message_box_find(struct message_box *box, const char *identity,
                                      int64_t number) {
    for (size_t i = 0; i < box->message_count; i++) {
        struct kept_message *message = &box->messages[i];
        if (message->said.number == number && strcmp(message->said.identity, identity) == 0) {
            return message;
        }
    }
    return NULL;
}

struct kept_message *message_box_find_of(struct message_box *box,
                                         const uint8_t who[VOICE_REPORT_WHO_SIZE], int64_t number) {
    for (size_t i = 0; i < box->message_count; i++) {
        struct kept_message *message = &box->messages[i];
        uint8_t whose[VOICE_REPORT_WHO_SIZE];
        if (message->said.number == number &&
            voice_report_who(message->said.identity, whose) == STATUS_OK &&
            memcmp(whose, who, sizeof whose) == 0) {
            return message;
        }
    }
    return NULL;
}

/* --- The record ----------------------------------------------------------------------------- */

void message_box_name(const struct message_box *box, char out[MESSAGE_BOX_NAME_SIZE]) {
    snprintf(out, MESSAGE_BOX_NAME_SIZE, "%08" PRIx32 " %s", box->gmk_id, box->group);
}

/* What it is sealed under in its record, which holds `salt`. The caller wipes it. */
static enum status make_wrapping(const struct gmk *gmk, uint32_t hour,
                                 const uint8_t salt[SEAL_KEY_SIZE], uint8_t out[SEAL_KEY_SIZE]) {
    uint8_t octets[GMK_SIZE];
    if (gmk == NULL || gmk->octets == NULL || hour < gmk->hour || hour > gmk->next_hour) {
        return STATUS_NOT_FOUND;
    }
    memcpy(octets, gmk->octets->octets, sizeof octets);
    gmk_hour_move(octets, gmk->id, gmk->hour, hour);
    enum status status = seal_hash(salt, SPAN_OF(octets), out);
    secret_wipe(octets, sizeof octets);
    return status;
}

static void write_kept(struct writer *out, const struct kept_message *message) {
    write_u8(out, (uint8_t)((message->is_own ? FLAG_OWN : 0) | (message->is_read ? FLAG_READ : 0) |
                            (message->is_unsent ? FLAG_UNSENT : 0)));
    write_u64(out, (uint64_t)message->came_ms);
    write_u64(out, (uint64_t)message->until_ms);
    write_u8(out, (uint8_t)message->holder_count);
    for (size_t i = 0; i < message->holder_count; i++) {
        write_span(out, SPAN_OF(message->holders[i]));
    }
    group_message_write(out, &message->said);
}

static enum status read_kept(struct reader *in, struct kept_message *message) {
    uint8_t flags = read_u8(in);
    *message = (struct kept_message){.is_own = (flags & FLAG_OWN) != 0,
                                     .is_read = (flags & FLAG_READ) != 0,
                                     .is_unsent = (flags & FLAG_UNSENT) != 0,
                                     .is_told = true};
    message->came_ms = (int64_t)read_u64(in);
    message->until_ms = (int64_t)read_u64(in);
    message->holder_count = read_u8(in);
    if (message->holder_count > MESSAGE_HOLDERS_MAX) {
        return STATUS_MALFORMED;
    }
    for (size_t i = 0; i < message->holder_count; i++) {
        read_octets(in, message->holders[i], sizeof message->holders[i]);
    }
    return group_message_read(in, &message->said);
}

static void write_plain(struct writer *out, const struct message_box *box) {
    write_u8(out, VERSION);
    write_u64(out, (uint64_t)box->last_number);
    write_u64(out, (uint64_t)box->floor);
    write_u8(out, (uint8_t)box->message_count);
    for (size_t i = 0; i < box->message_count; i++) {
        write_kept(out, &box->messages[i]);
    }
    write_u8(out, (uint8_t)box->sender_count);
    for (size_t i = 0; i < box->sender_count; i++) {
        const struct message_sender *sender = &box->senders[i];
        write_span(out, SPAN_OF(sender->who));
        write_u64(out, (uint64_t)sender->floor);
        write_u8(out, (uint8_t)sender->count);
        for (size_t k = 0; k < sender->count; k++) {
            write_u64(out, (uint64_t)sender->numbers[k]);
        }
    }
}

static enum status read_senders(struct reader *in, struct message_box *box) {
    size_t count = read_u8(in);
    if (count > MESSAGE_SENDERS_MAX) {
        return STATUS_MALFORMED;
    }
    for (; box->sender_count < count; box->sender_count++) {
        struct message_sender *sender = &box->senders[box->sender_count];
        read_octets(in, sender->who, sizeof sender->who);
        sender->floor = (int64_t)read_u64(in);
        sender->count = read_u8(in);
        if (sender->count > MESSAGE_WINDOW) {
            return STATUS_MALFORMED;
        }
        for (size_t k = 0; k < sender->count; k++) {
            sender->numbers[k] = (int64_t)read_u64(in);
        }
        sender->purse = purse_full(allowance, 0);
    }
    return reader_finish(in);
}

static enum status read_plain(struct span plain, struct message_box *box) {
    struct reader r = reader_of(plain);
    uint8_t version = read_u8(&r);
    if (version != VERSION) {
        return version > VERSION ? STATUS_NEWER_VERSION : STATUS_MALFORMED;
    }
    box->last_number = (int64_t)read_u64(&r);
    box->floor = (int64_t)read_u64(&r);
    size_t count = read_u8(&r);
    if (count > MESSAGES_KEPT) {
        return STATUS_MALFORMED;
    }
    for (; box->message_count < count; box->message_count++) {
        enum status status = read_kept(&r, &box->messages[box->message_count]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return read_senders(&r, box);
}

enum status message_box_save(struct message_box *box, struct desk *desk, const struct gmk *gmk) {
    uint8_t salt[SEAL_KEY_SIZE], wrapping[SEAL_KEY_SIZE];
    char name[MESSAGE_BOX_NAME_SIZE];
    /* No more secret memory than this one needs: most are small. */
    const size_t plain_max =
        FIXED_SIZE + box->message_count * KEPT_MAX + box->sender_count * SENDER_MAX;
    uint8_t *room = secret_object_new(plain_max + VALUE_OVERHEAD + plain_max);
    if (room == NULL) {
        return STATUS_NO_MEMORY;
    }
    uint32_t hour = gmk == NULL ? 0 : gmk->next_hour;
    struct writer plain = writer_into(room, plain_max);
    struct writer out = writer_into(room + plain_max, VALUE_OVERHEAD + plain_max);
    message_box_name(box, name);
    write_plain(&plain, box);
    enum status status = entropy_draw(&desk->entropy, salt, sizeof salt);
    if (status == STATUS_OK) {
        status = make_wrapping(gmk, hour, salt, wrapping);
    }
    write_u32(&out, hour);
    write_span(&out, SPAN_OF(salt));
    if (status == STATUS_OK) {
        status =
            seal_close(wrapping, span_of_text(name), writer_span(&plain), &desk->entropy, &out);
    }
    if (status == STATUS_OK) {
        struct span saved = writer_span(&out);
        status = desk_save(desk, RECORD_MESSAGES, name, &saved);
    }
    if (status == STATUS_OK) {
        box->hour = hour;
        box->is_changed = false;
    }
    secret_wipe(wrapping, sizeof wrapping);
    secret_object_free(room);
    return status;
}

static enum status open_record(struct span name, struct span value, const struct gmk *gmk,
                               struct message_box *box) {
    uint8_t salt[SEAL_KEY_SIZE], wrapping[SEAL_KEY_SIZE];
    struct reader r = reader_of(value);
    box->hour = read_u32(&r);
    read_octets(&r, salt, sizeof salt);
    struct span sealed = read_span(&r, reader_left(&r));
    uint8_t *room = secret_object_new(sealed.length + 1);
    if (room == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer plain = writer_into(room, sealed.length);
    enum status status =
        r.failed ? STATUS_TRUNCATED : make_wrapping(gmk, box->hour, salt, wrapping);
    if (status == STATUS_OK) {
        status = seal_open(wrapping, name, sealed, &plain);
    }
    if (status == STATUS_OK) {
        status = read_plain(writer_span(&plain), box);
    }
    secret_wipe(wrapping, sizeof wrapping);
    secret_object_free(room);
    return status;
}

enum status message_box_restore(struct span key, struct span value, const struct groups *groups,
                                struct message_box **out) {
    char name[MESSAGE_BOX_NAME_SIZE] = "", again[MESSAGE_BOX_NAME_SIZE];
    uint32_t gmk_id = 0;
    *out = NULL;
    if (key.length >= sizeof name) {
        return STATUS_NOT_FOUND;
    }
    memcpy(name, key.octets, key.length);
    const char *group = strchr(name, ' ');
    if (group == NULL || sscanf(name, "%8" SCNx32, &gmk_id) != 1) {
        return STATUS_NOT_FOUND;
    }
    struct message_box *box = message_box_new(group + 1, gmk_id);
    if (box == NULL) {
        return STATUS_NO_MEMORY;
    }
    message_box_name(box, again);
    const struct gmk *gmk = NULL;
    (void)groups_gmk(groups, box->group, gmk_id, &gmk);
    enum status status =
        strcmp(name, again) == 0 ? open_record(key, value, gmk, box) : STATUS_NOT_FOUND;
    if (status == STATUS_OK) {
        *out = box;
        return STATUS_OK;
    }
    message_box_free(box);
    bool may_open = status == STATUS_NO_MEMORY || status == STATUS_LIBRARY_FAILED ||
                    status == STATUS_NEWER_VERSION;
    return may_open ? status : STATUS_NOT_FOUND;
}
