/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/help.h"

#include <string.h>

#include "ui/screens/modes.h"
#include "ui/screens/text.h"
#include "ui/ui.h"

enum {
    KEYS_MAX = 10
};

struct help_text {
    const char *what;
    struct hint keys[KEYS_MAX]; /* up to the first without a key */
};

static const struct help_text texts[PLACE_COUNT] = {
    [PLACE_NEARBY] =
        {"The handsets in reach. Each identity here is proven by a signature. A mark of trust is "
         "your own: give it when you know that the identity belongs to whom you think. “!” is a "
         "clock that differs from yours. Bars are the signal: one is weak, three are strong; "
         "“relayed” came through another handset.",
         {{"n", "make a new group"},
          {"m", "mark as trusted, or take the mark back"},
          {"c", "call: talk one to one"}}},
    [PLACE_GROUPS] =
        {"The groups that this handset has a Group Master Key for. When the time left is over, "
         "nobody can talk or listen with the key any more. A standard group gets its keys from its "
         "manager: nobody here rekeys or deletes it.",
         {{"t", "talk in this group"},
          {"enter", "open it: members, key, progress"},
          {"n", "make a new group"},
          {"k", "give it a new key and choose who stays"},
          {"m", "manage it: of a standard group whose keys this handset gives"},
          {"x", "delete it from this handset (asks first)"}}},
    [PLACE_TALK] =
        {"Whoever is shown as talking is proven by a signature and belongs to the group: is in "
         "its list, or in a standard group holds its key.",
         {{"space", "start talking, stop talking"},
          {"left/right", "talk in another group"},
          {"h", "hang up a call"},
          {"k", "give the group a new key and choose who stays"},
          {"n", "make a new group"},
          {"up/down", "earlier talk sessions"}}},
    [PLACE_KEYS] =
        {"Who this handset is, who vouches for it, and which Group Master Keys it holds. Compare "
         "the domain's fingerprint with another handset's to be sure that both belong together.",
         {{"e", "edit the name that others see"},
          {"p", "import a key that came as text messages: paste or type them"},
          {"up/down", "scroll"}}},
    [PLACE_LOG] =
        {"What happened here, newest first. “!” wants attention: a message was refused, a key "
         "expired.",
         {{"up/down", "scroll"}, {"home", "back to the newest"}}},
    [PLACE_LINKS] =
        {"The radios and networks that this handset talks over, whom each reaches without another "
         "handset in between, and what to do where one is not on. In airplane mode nothing is sent "
         "and nothing heard. In radio silence the handset listens and others do not see it; your "
         "own talk and calls still go out.",
         {{"up/down", "scroll"}}},
    [PLACE_GROUP] =
        {"One group, and for each member whether it has the key. Members that were not reached or "
         "declined can be tried again.",
         {{"t", "talk in this group"},
          {"r", "retry the member under the cursor"},
          {"s", "stop asking those who have not answered"},
          {"k", "give it a new key and choose who stays"},
          {"x", "delete it from this handset"},
          {"y", "yes, where it asks"}}},
    [PLACE_NEW_GROUP] =
        {"Pick who belongs together, name the group, choose how long its key is good for, and "
         "confirm. Each handset picked is then asked, and its officer decides.",
         {{"space", "pick the identity under the cursor, or not"},
          {"up/down", "move, choose, scroll"},
          {"enter", "the next step"},
          {"y", "yes, make it"}}},
    [PLACE_INVITATION] =
        {"Somebody asks for your decision. The identity shown is proven by its signature; whether "
         "it may ask you is for you to say. An answer goes to what you see and nothing else. A "
         "clock that differs is often only a handset fresh from its box.",
         {{"a", "accept"},
          {"d", "decline"},
          {"m", "mark who asks as trusted, or take the mark back"},
          {"i", "the next request"},
          {"up/down", "all members"}}},
    [PLACE_IMPORT] =
        {"A standard group's manager can send its key as text messages, by e-mail or on paper. "
         "Whatever else stands in the text is passed over. A key counts only when the group's own "
         "manager signed it and it is for this handset.",
         {{"enter", "take what is typed; a paste is taken by itself"}, {"up/down", "scroll"}}},
    [PLACE_MANAGER] =
        {"A standard group whose manager this handset is. A member has the key when its handset "
         "gave a signed receipt; until then it is sent again, when the member comes near and every "
         "ten minutes. Whoever is excluded gets nothing.",
         {{"r", "rekey: a new key for all members"},
          {"x", "exclude the member under the cursor and rekey the others, in one action"},
          {"l", "let an excluded member in again"},
          {"s", "send the member under the cursor the key again, as to a new handset"},
          {"f", "find a member by a part of its name or identity"},
          {"a", "add a member: from those in reach, or t to type an identity"},
          {"y", "yes, where it asks"}}},
    [PLACE_LEAVE] = {"Quitting ends the program. Nothing is lost.", {{"y", "yes, quit"}}},
    [PLACE_UNLOCK] =
        {"All keys of this handset are sealed with its passphrase. Nobody can recover a passphrase "
         "that is forgotten: the handset has to be enrolled again.",
         {{"enter", "done"}, {"esc", "clear what is typed; on an empty line, quit"}}},
    [PLACE_UNENROLLED] =
        {"A handset needs a credential of a KMS: the private keys of its identity. Requests and "
         "bundles are files, carried in any way you like.",
         {{"q", "quit"}}},
};

void help_open(struct help *help, enum place about) {
    *help = (struct help){.about = about};
}

void help_key(struct help *help, struct turn *turn) {
    if (turn->press == '?' || turn->press == PRESS_TAB) {
        turn->go = PLACE_BACK;
    } else {
        scroll_key(&help->scroll, turn->press);
    }
}

static void write_key(struct page *page, const char *key, const char *what) {
    int indent = text_is_full(page->area) ? 12 : 6;
    if (page->drawing) {
        area_text(page->area, page_row(page), 1, STYLE_STRONG, key);
    }
    if ((int)strlen(key) >= indent) {
        page->row++;
    }
    page_text(page, indent, STYLE_PLAIN, what);
}

/* Where digits are keys, as far as that is a matter of the place alone. */
static bool has_modes(enum place about) {
    return about != PLACE_UNLOCK && about != PLACE_UNENROLLED && about != PLACE_IMPORT;
}

void help_draw(struct help *help, struct area area) {
    const struct help_text *text = &texts[help->about];
    struct page page = page_begin(&help->scroll, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_PLAIN, text->what);
        page_gap(&page);
        for (size_t i = 0; i < KEYS_MAX && text->keys[i].key != NULL; i++) {
            write_key(&page, text->keys[i].key, text->keys[i].what);
        }
        page_gap(&page);
        /* Before the handset is ready there is nowhere to go back to. */
        if (help->about != PLACE_UNLOCK && help->about != PLACE_UNENROLLED) {
            write_key(&page, "esc", "back");
        }
        if (help->about < PLACE_TABS) {
            write_key(&page, "1 to 6", "the six screens; tab the next one");
            write_key(&page, "i", "who asks for a decision");
            write_key(&page, "q", "quit (asks first)");
        }
        if (has_modes(help->about)) {
            write_key(&page, MODES_AIRPLANE_KEY,
                      "airplane mode: send and hear nothing; again ends it");
            write_key(&page, MODES_SILENCE_KEY, "radio silence: listen only; again ends it");
        }
        write_key(&page, "Ctrl-T", "colours for day or night");
        write_key(&page, "Ctrl-L", "draw the screen again");
    } while (page_again(&page));
}
