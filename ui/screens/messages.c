/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/messages.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/talk/message_word.h"
#include "ui/character.h"
#include "ui/screens/revoked.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/reason.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

enum {
    STATUS_SIZE = 4 * TEXT_SIZE,
    DAY_MS = 24 * 60 * 60 * 1000
};

/* The status words, the same in every group. What others send goes by its number, from 1 up: no
 * number ever gets another meaning. */
static const char *const status_words[MESSAGE_WORDS_MAX] = {
    N_("on my way"),  N_("on scene"),          N_("task done"),   N_("all safe"), N_("need help"),
    N_("need water"), N_("need an ambulance"), N_("withdrawing"), N_("call me"),  N_("understood"),
};

/* The draft for that group; or one that is empty; or NULL: with a place for each group there is. */
static struct message_draft *draft_of(struct messages_screen *messages, const char *group) {
    struct message_draft *empty = NULL;
    for (size_t i = 0; i < VIEW_GROUPS_MAX; i++) {
        struct message_draft *draft = &messages->drafts[i];
        if (strcmp(draft->group, group) == 0) {
            return draft;
        }
        empty = draft->field.length == 0 ? draft : empty;
    }
    if (empty != NULL) {
        text_copy(empty->group, sizeof empty->group, group);
    }
    return empty;
}

void messages_screen_open(struct messages_screen *messages, const struct view *view,
                          const char *group) {
    for (size_t i = 0; i < VIEW_GROUPS_MAX; i++) {
        if (text_group(view, messages->drafts[i].group) == NULL) {
            field_wipe(&messages->drafts[i].field);
        }
    }
    text_copy(messages->group, sizeof messages->group, group);
    messages->page = MESSAGES_LIST;
    messages->scroll = (struct scroll){0};
    messages->drawn_count = 0;
    lost_close(&messages->lost);
}

bool messages_is_typing(const struct messages_screen *messages) {
    return messages->page == MESSAGES_WRITING;
}

bool messages_is_on_page(const struct messages_screen *messages) {
    return messages->page != MESSAGES_LIST || lost_is_open(&messages->lost);
}

void messages_screen_failed(struct messages_screen *messages) {
    if (messages->sent_from != MESSAGES_LIST) {
        messages->page = messages->sent_from;
        messages->sent_from = MESSAGES_LIST;
    }
}

void messages_screen_settle(struct messages_screen *messages) {
    struct message_draft *draft = draft_of(messages, messages->group);
    if (messages->sent_from == MESSAGES_WRITING && draft != NULL) {
        field_wipe(&draft->field);
    }
    messages->sent_from = MESSAGES_LIST;
}

/* --- Keys ----------------------------------------------------------------------------------- */

static void send(struct messages_screen *messages, struct turn *turn, const char *text, int word) {
    text_copy(messages->sent, sizeof messages->sent, text);
    turn_command_group(turn, COMMAND_MESSAGE, messages->group);
    turn->command->text = messages->sent;
    turn->command->text_length = strlen(messages->sent);
    turn->command->on = word;
    messages->sent_from = messages->page;
    messages->page = MESSAGES_LIST;
    messages->scroll = (struct scroll){0};
}

static bool may_write(const struct messages_screen *messages, struct turn *turn) {
    const struct view_group *group = text_group(turn->view, messages->group);
    if (group == NULL || group->gmk_state != GMK_USABLE) {
        turn->notice = _("The key of this group cannot be used: nothing can be written.");
        return false;
    }
    return true;
}

static void type(struct messages_screen *messages, struct turn *turn) {
    struct message_draft *draft = draft_of(messages, messages->group);
    if (draft == NULL) {
        return;
    }
    struct field *field = &draft->field;
    if (turn->press == PRESS_ENTER && !turn->is_pasted) {
        field_trim(field);
        if (field->length > 0 && may_write(messages, turn)) {
            send(messages, turn, field->text, 0);
        }
        return;
    }
    const struct field before = *field;
    (void)field_key(field, MESSAGE_TEXT_SIZE, turn->press);
    if (field_letters(field) > MESSAGE_LETTERS_MAX) {
        *field = before;
        field->is_full = true;
    }
    if (field->is_full) {
        turn->notice = _("The message is full.");
    }
}

static struct rows word_rows(void) {
    struct rows rows = {.count = 0};
    for (size_t i = 0; i < MESSAGE_WORDS_MAX; i++) {
        rows_add(&rows, status_words[i]);
    }
    return rows;
}

static void choose_word(struct messages_screen *messages, struct turn *turn) {
    const struct rows rows = word_rows();
    list_settle(&messages->words, &rows);
    const size_t word = messages->words.row;
    if (turn->press == PRESS_ENTER) {
        if (may_write(messages, turn)) {
            send(messages, turn, _(status_words[word]), (int)word + 1);
        }
    } else if (turn->press == ' ') {
        /* It talks on most screens: here it sends nothing by mistake. */
        if (turn->view->talking) {
            turn_command(turn, COMMAND_TALK_END);
        } else {
            turn->notice = _("Enter sends the status word, esc leads back to talk.");
        }
    } else {
        (void)list_key(&messages->words, &rows, turn->press);
    }
}

static void begin(struct messages_screen *messages, struct turn *turn, enum messages_page page) {
    if (turn->view->talking) {
        turn->notice = _("The microphone is open: press space to end the talk first.");
        return;
    }
    if (!may_write(messages, turn)) {
        return;
    }
    messages->page = page;
    messages->words = (struct list){.top = 0};
}

/* Whom the latest report of the group is about that stands and that this officer has not taken
 * over; NULL: nobody. */
static const char *reported_in(const struct messages_screen *messages, const struct view *view) {
    for (size_t i = 0; i < view->message_count; i++) {
        const struct view_message *message = &view->messages[i];
        if (message->word == MESSAGE_WORD_LOST && strcmp(message->group, messages->group) == 0 &&
            revoked_report_find(view, message->text) != NULL &&
            strcmp(message->text, view->identity) != 0 && !revoked_is(view, message->text)) {
            return message->text;
        }
    }
    return NULL;
}

void messages_screen_key(struct messages_screen *messages, struct turn *turn) {
    if (lost_is_open(&messages->lost)) {
        lost_key(&messages->lost, turn);
        return;
    }
    const char *reported = reported_in(messages, turn->view);
    if (turn->press == PRESS_ESCAPE) {
        turn->go = messages->page == MESSAGES_LIST ? PLACE_BACK : PLACE_HERE;
        messages->page = MESSAGES_LIST;
    } else if (messages->page == MESSAGES_WRITING) {
        type(messages, turn);
    } else if (messages->page == MESSAGES_WORDS) {
        choose_word(messages, turn);
    } else if (turn->press == 'n') {
        begin(messages, turn, MESSAGES_WRITING);
    } else if (turn->press == 's') {
        begin(messages, turn, MESSAGES_WORDS);
    } else if (turn->press == LOST_PRESS && reported != NULL) {
        lost_open(&messages->lost, turn->view, reported);
    } else {
        (void)scroll_key(&messages->scroll, turn->press);
    }
}

void messages_screen_read(struct messages_screen *messages, const struct view *view,
                          struct command *command) {
    const struct view_group *group = text_group(view, messages->group);
    struct turn turn = {.view = view, .command = command};
    if (messages->is_seen && group != NULL && messages->drawn_count > 0) {
        turn_command_group(&turn, COMMAND_READ_MESSAGES, messages->group);
        memcpy(messages->seen, messages->drawn, sizeof messages->seen);
        command->seen = messages->seen;
        command->seen_count = messages->drawn_count;
        messages->drawn_count = 0;
    }
}

/* --- Drawing -------------------------------------------------------------------------------- */

/* A status word in this language; and as its sender wrote it, where that is another. */
static void message_text(const struct view *view, const struct view_message *message, char *out,
                         size_t size) {
    char who[WHO_SIZE];
    if (message_word_is_report(message->word)) {
        snprintf(out, size,
                 message->word == MESSAGE_WORD_LOST
                     ? _("Reports %s lost: its handset may be in the wrong hands")
                     : _("Takes back the report that %s is lost"),
                 lost_who(view, message->text, who));
        return;
    }
    const char *word = message->word > 0 && message->word <= MESSAGE_WORDS_MAX
                           ? _(status_words[message->word - 1])
                           : NULL;
    if (word == NULL) {
        snprintf(out, size, "%s", message->text);
    } else if (strcmp(word, message->text) == 0) {
        snprintf(out, size, "[%s]", word);
    } else {
        snprintf(out, size, _("[%s] (written: “%s”)"), word, message->text);
    }
}

static void own_status(const struct view_message *message, char out[STATUS_SIZE]) {
    if (message->waits) {
        snprintf(out, STATUS_SIZE, "%s", _("waits: not sent yet"));
    } else if (message->is_unsent) {
        snprintf(out, STATUS_SIZE, "%s", _("never sent: its key is over"));
    } else if (!message->has_list) {
        snprintf(out, STATUS_SIZE, words_many("%zu confirms it", "%zu confirm it", message->has_it),
                 message->has_it);
    } else if (message->in_reach == 0 && message->has_it == 0) {
        snprintf(out, STATUS_SIZE, "%s", _("nobody in reach"));
    } else if (message->in_reach == 0) {
        snprintf(out, STATUS_SIZE,
                 words_many("nobody in reach; %zu in all confirms it",
                            "nobody in reach; %zu in all confirm it", message->has_it),
                 message->has_it);
    } else if (message->has_it > message->in_reach_has_it) {
        snprintf(out, STATUS_SIZE, _("%zu of %zu in reach confirm it; %zu in all"),
                 message->in_reach_has_it, message->in_reach, message->has_it);
    } else {
        snprintf(out, STATUS_SIZE, _("%zu of %zu in reach confirm it"), message->in_reach_has_it,
                 message->in_reach);
    }
}

/* Who of those in reach has not said so. */
static void write_silent(struct page *page, const struct view *view,
                         const struct view_message *message) {
    const struct view_group *group = text_group(view, message->group);
    char text[ADHOC_MEMBERS_MAX * WHO_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; group != NULL && i < group->member_count; i++) {
        const struct view_member *member = &group->members[i];
        char who[WHO_SIZE];
        if ((message->silent >> i & 1) != 0) {
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "",
                                 who_told(who, member->name, member->name_kind, member->identity));
        }
        used = used < sizeof text ? used : sizeof text - 1;
    }
    if (used > 0) {
        page_print(page, 4, STYLE_DIM, _("No word from %s"), text);
    }
}

/* When it was written; the day as well where that is not today's. */
static void written_at(const struct view_message *message, const struct view *view,
                       char out[TEXT_SIZE]) {
    if (message->utc_ms / DAY_MS == view->utc_ms / DAY_MS) {
        text_time(message->utc_ms, out);
    } else {
        text_date(message->utc_ms, out);
    }
}

static void write_message(struct page *page, const struct view *view,
                          const struct view_message *message) {
    char when[TEXT_SIZE], who[WHO_SIZE], status[STATUS_SIZE], late[PERIOD_WORDS_SIZE];
    char text[MESSAGE_TEXT_SIZE + STATUS_SIZE];
    written_at(message, view, when);
    bool is_new = !message->is_own && !message->is_read;
    page_print(page, 0, is_new ? STYLE_STRONG : STYLE_DIM, "%s%s  %s", is_new ? "* " : "  ", when,
               message->is_own
                   ? _("You")
                   : who_told(who, message->name, message->name_kind, message->identity));
    message_text(view, message, text, sizeof text);
    page_text(page, 4,
              message->word == MESSAGE_WORD_LOST ? STYLE_CAUTION
              : is_new                           ? STYLE_STRONG
                                                 : STYLE_PLAIN,
              text);
    if (message->late_ms > 0) {
        time_words(message->late_ms, late);
        snprintf(status, sizeof status, _("came late: %s after it was written"), late);
        page_text(page, 4, STYLE_CAUTION, status);
    }
    if (message->is_own) {
        bool is_done = message->has_list && message->in_reach > 0 &&
                       message->in_reach_has_it == message->in_reach;
        own_status(message, status);
        page_text(page, 4,
                  message->is_unsent ? STYLE_CAUTION
                  : is_done          ? STYLE_GOOD
                                     : STYLE_DIM,
                  status);
        if (!message->is_unsent && !message->waits) {
            write_silent(page, view, message);
        }
        if (!message->is_unsent && !message->waits && !message->is_resent) {
            page_text(page, 4, is_done ? STYLE_DIM : STYLE_CAUTION, _("not sent any more"));
        }
    }
}

/* One more message among those that `digest` stands for; FNV-1a of its writer and number. */
static uint64_t digest_more(uint64_t digest, const struct view_message *message) {
    digest = (digest ^ (uint64_t)message->utc_ms) * UINT64_C(0x100000001B3);
    for (const char *octet = message->identity; *octet != '\0'; octet++) {
        digest = (digest ^ (unsigned char)*octet) * UINT64_C(0x100000001B3);
    }
    return digest;
}

static void draw_list(struct messages_screen *messages, const struct view *view, struct area area) {
    int unread_top, unread_end;
    uint64_t unread;
    struct page page = page_begin(&messages->scroll, area);
    do {
        size_t count = 0;
        unread_top = unread_end = -1;
        messages->drawn_count = 0;
        unread = UINT64_C(0xCBF29CE484222325);
        for (size_t i = 0; i < view->message_count; i++) {
            const struct view_message *message = &view->messages[i];
            if (strcmp(message->group, messages->group) != 0) {
                continue;
            }
            count++;
            int top = page.row;
            write_message(&page, view, message);
            if (!message->is_own && !message->is_read) {
                unread_top = unread_top < 0 ? top : unread_top;
                unread_end = page.row;
                messages->drawn[messages->drawn_count++] = message->id;
                unread = digest_more(unread, message);
            }
        }
        if (count == 0) {
            page_text(&page, 0, STYLE_DIM, _("No messages yet. Write one with n."));
        }
    } while (page_again(&page));
    messages->begun = unread_top >= messages->scroll.top ? unread : messages->begun;
    messages->is_seen = unread == messages->begun && unread_end <= messages->scroll.top + area.rows;
}

static void draw_field(const struct field *field, struct area area, int row) {
    size_t letters = field_letters(field);
    area_fill(area_within(area, row, 0, 1, area.columns), ' ', STYLE_SELECTED);
    field_draw(field, false, area, row, 0, area.columns);
    size_t octets_left = MESSAGE_TEXT_SIZE - 1 - field->length;
    bool is_near = letters + 20 > MESSAGE_LETTERS_MAX || octets_left < 80;
    const char *stays = _("esc: back, the text stays");
    int end = 4 + area_print(area, row + 1, 1, is_near ? STYLE_CAUTION : STYLE_DIM,
                             _("%zu of %d letters"), letters, MESSAGE_LETTERS_MAX);
    if (field->length > 0 && end + text_width(stays) < area.columns) {
        area_text(area, row + 1, end, STYLE_DIM, stays);
    }
}

static void draw_words(struct messages_screen *messages, struct area area) {
    const struct rows rows = word_rows();
    size_t end = list_draw(&messages->words, &rows, area);
    for (size_t i = messages->words.top; i < end; i++) {
        const int row = (int)(i - messages->words.top);
        area_print(area, row, 1, list_style(&messages->words, i, STYLE_PLAIN), "%s%s",
                   list_mark(&messages->words, i), _(status_words[i]));
    }
}

void messages_screen_draw(struct messages_screen *messages, const struct view *view,
                          struct area area) {
    const struct view_group *group = text_group(view, messages->group);
    char name[TEXT_GROUP_SIZE];
    if (group != NULL && lost_is_open(&messages->lost)) {
        messages->is_seen = false;
        lost_draw(&messages->lost, view, area);
        return;
    }
    if (group == NULL) {
        lost_close(&messages->lost);
        messages->page = MESSAGES_LIST;
        messages->drawn_count = 0;
        (void)text_wrapped(area, 0, 1, area.columns - 2, STYLE_CAUTION,
                           _("This group is no longer here."));
        return;
    }
    int row =
        text_wrapped(area, 0, 1, area.columns - 2, STYLE_STRONG, text_group_name(name, group));
    if (messages->page == MESSAGES_WORDS) {
        messages->is_seen = false;
        draw_words(messages, area_within(area, row, 0, area.rows - row, area.columns));
        return;
    }
    struct message_draft *draft = draft_of(messages, messages->group);
    if (messages->page == MESSAGES_WRITING && draft != NULL) {
        draw_field(&draft->field, area, row);
        row += 2;
    }
    draw_list(messages, view, area_within(area, row, 0, area.rows - row, area.columns));
}

static bool is_written(const struct messages_screen *messages) {
    for (size_t i = 0; i < VIEW_GROUPS_MAX; i++) {
        const struct message_draft *draft = &messages->drafts[i];
        if (strcmp(draft->group, messages->group) == 0) {
            return draft->field.length > 0;
        }
    }
    return false;
}

void messages_screen_hints(const struct messages_screen *messages, const struct view *view,
                           struct hints *hints) {
    const struct view_group *group = text_group(view, messages->group);
    bool is_usable = group != NULL && group->gmk_state == GMK_USABLE;
    if (group != NULL && lost_is_open(&messages->lost)) {
        lost_hints(&messages->lost, hints);
        return;
    }
    if (messages->page == MESSAGES_LIST && group != NULL && reported_in(messages, view) != NULL) {
        hints_add(hints, LOST_KEY, _("report lost too"));
    }
    if (messages->page == MESSAGES_WRITING) {
        if (is_usable && is_written(messages)) {
            hints_add(hints, _("enter"), _("send"));
        }
        hints_add(hints, _("esc"), _("back"));
    } else if (messages->page == MESSAGES_WORDS) {
        if (is_usable) {
            hints_add(hints, _("enter"), _("send"));
        }
        hints_add(hints, _("up/down"), _("choose"));
    } else if (is_usable) {
        hints_add(hints, "n", _("write"));
        hints_add(hints, "s", _("status word"));
        hints_add(hints, _("up/down"), _("scroll"));
    }
}

int messages_draw_unread(const struct view_group *group, struct area area, int row) {
    char text[2 * TEXT_SIZE];
    if (group->unread == 0) {
        return 0;
    }
    snprintf(text, sizeof text,
             words_many("* %zu unread message: m", "* %zu unread messages: m", group->unread),
             group->unread);
    return text_wrapped(area, row, 1, area.columns - 2, STYLE_STRONG, text);
}
