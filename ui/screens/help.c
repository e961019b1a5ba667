/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/help.h"

#include <string.h>

#include "ui/character.h"
#include "ui/screens/emergency.h"
#include "ui/screens/groups.h"
#include "ui/screens/lock.h"
#include "ui/screens/lost.h"
#include "ui/screens/messages.h"
#include "ui/screens/modes.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    KEYS_MAX = 11
};

struct help_text {
    const char *what;
    struct hint keys[KEYS_MAX]; /* up to the first without a key */
};

static const struct help_text texts[PLACE_COUNT] = {
    [PLACE_NEARBY] =
        {N_("The handsets in reach. Each identity here is proven by a signature. A mark of trust "
            "is "
            "your own: give it when you know that the identity belongs to whom you think. “!” "
            "marks "
            "a clock that differs from yours, or a name like another's; “2” an identity to which "
            "two devices answer. A name in quotes is only claimed. Bars "
            "are the signal: one is weak, three are strong; "
            "“relayed” means through another handset."),
         {{"n", N_("make a new group")},
          {TRUST_KEY, N_("mark as trusted, or take the mark back")},
          {"/",
           N_("find: type a part of a name or the last digits; enter on a whole identity asks for "
              "it by name")},
          {"c", N_("call: talk one to one; then y")},
          {"e", N_("give it a name of your own")},
          {"s", N_("sort: by name, trust, signal or when last heard, or as usual")},
          {LOST_KEY, N_("report it lost: in other hands; or take that back (asks first)")}}},
    [PLACE_GROUPS] =
        {N_("The groups that this handset has a Group Master Key for. When the time left is over, "
            "nobody can talk or listen with the key any more. A standard group gets its keys from "
            "its "
            "manager: nobody else can rekey or delete it."),
         {{"t", N_("talk in this group")},
          {N_("enter"), N_("open it: members, key, progress")},
          {"n", N_("make a new group")},
          {REKEY_KEY, N_("give it a new key and choose who gets it")},
          {MANAGE_KEY, N_("manage it: a standard group whose keys this handset gives out")},
          {"x", N_("delete it from this handset (asks first)")}}},
    [PLACE_TALK] =
        {N_("A signature in every packet proves who talks, and that they belong to "
            "the group: they are on its list or, in a standard group, hold its key."),
         {{N_("space"),
           N_("hold it to talk; where the terminal cannot tell when you let go, a tap starts and "
              "the next one stops. While another talks: ask to talk next, or take that back")},
          {EMERGENCY_CALL_KEY,
           N_("hold it for a second, or press it again and again for so long: call an EMERGENCY. "
              "You talk at once, before all others, until you press space")},
          {N_("left/right"), N_("talk in another group")},
          {"h", N_("hang up a call")},
          {"a", N_("hear what was said again; once more: what was said before")},
          {MESSAGES_KEY, N_("messages of the group: read them, write one, send a status word")},
          {REKEY_KEY, N_("give the group a new key and choose who stays")},
          {"n", N_("make a new group")},
          {N_("up/down"), N_("earlier talk sessions")}}},
    [PLACE_KEYS] = {N_("Who this handset is, who vouches for it, and which Group Master Keys it "
                       "holds. Compare "
                       "the domain's fingerprint with another handset's to be sure that both "
                       "belong together."),
                    {{"e", N_("edit the name that others see")},
                     {"p", N_("import a key that came as text messages: paste or type them")},
                     {LOCK_SETTINGS_KEY, N_("when this handset locks by itself")},
                     {"o",
                      N_("a new key that only takes members out of a group you joined: take it "
                         "unasked, or ask")},
                     {LOST_LIST_KEY, N_("whom you reported lost: take a report back there")},
                     {N_("up/down"), N_("scroll")}}},
    [PLACE_LOG] =
        {N_("What happened here, newest first. “!” needs attention: a message was refused, a key "
            "expired."),
         {{N_("up/down"), N_("scroll")}, {N_("home"), N_("back to the newest")}}},
    [PLACE_LINKS] = {N_("The radios and networks that this handset talks over, whom each reaches "
                        "without another "
                        "handset in between, and what to do where one is not on. In airplane mode "
                        "nothing is sent "
                        "and nothing heard. In radio silence the handset listens and others do not "
                        "see it; your "
                        "own talk and calls still go out."),
                     {{"s", N_("the microphone and the loudspeaker")},
                      {N_("up/down"), N_("scroll")}}},
    [PLACE_GROUP] = {N_("One group, and for each member whether it has the key. Members that were "
                        "not reached are asked again by this handset, once they are in reach; "
                        "whoever declined, only when you say so."),
                     {{"t", N_("talk in this group")},
                      {"r", N_("ask the member under the cursor again, now")},
                      {"s", N_("stop asking the member under the cursor, or all of them")},
                      {REKEY_KEY, N_("give it a new key and choose who gets it")},
                      {ADD_KEY,
                       N_("let others join, with the present key and without asking the members "
                          "again")},
                      {"x", N_("delete it from this handset")},
                      {LOST_KEY, N_("report the member under the cursor lost; or take that back")},
                      {"y", N_("yes, where it asks")}}},
    [PLACE_NEW_GROUP] =
        {N_(
             "Pick who belongs together, name the group, choose how long its key is good for, and "
             "confirm. Each handset picked is then asked, and its officer decides."),
         {{N_("space"), N_("pick the identity under the cursor, or drop it")},
          {"x", N_("drop all that are picked: what is left half way is kept until then")},
          {"e", N_("of one that is picked: it may raise no emergency in the group, or it may")},
          {"c", N_("pick many at once: a crew that you keep, all you trust, the others")},
          {"n", N_("there: keep those who are picked as a crew")},
          {N_("up/down"), N_("move, choose, scroll")},
          {"/",
           N_(
               "find: type a part of a name or the last digits; enter on a whole identity asks for "
               "it by name")},
          {N_("enter"), N_("the next step")},
          {"y", N_("yes, make it")}}},
    [PLACE_INVITATION] =
        {
            N_("Somebody is asking for your decision. The identity shown is proven by "
               "its signature; whether to trust it is for you to decide. Your answer "
               "applies to what you see and nothing else. A clock that differs often "
               "means no more than a handset fresh from its box."),
            {{"a", N_("accept")},
             {"d", N_("decline")},
             {TRUST_KEY, N_("mark the one who asks as trusted, or take the mark back")},
             {"i", N_("the next request")},
             {N_("up/down"), N_("all members")}}},
    [PLACE_IMPORT] =
        {N_(
             "A standard group's manager can send its key as text messages, by e-mail or on paper. "
             "Anything else in the text is skipped. A key counts only when the group's own "
             "manager signed it and it is for this handset."),
         {{N_("enter"), N_("take what was typed; a paste is taken by itself")},
          {N_("up/down"), N_("scroll")}}},
    [PLACE_LOST] =
        {
            N_("Whom you have reported lost, in reach or not. This handset refuses what they "
               "say, until you take your report back."),
            {{LOST_KEY, N_("it is found: take the report back (asks first)")},
             {"y", N_("yes, where it asks")}}},
    [PLACE_MESSAGES] =
        {
            N_("Short texts in the group. Each is signed by who wrote it, comes once, and is gone "
               "with "
               "the key it was written under. The time is its writer's. For ten minutes it is sent "
               "again to members who come into reach, by whoever has it."),
            {{"n", N_("write one: enter sends it")},
             {"s", N_("send a status word: choose with up and down, then enter")},
             {LOST_KEY, N_("report lost whom another officer reports here (asks first)")},
             {N_("up/down"), N_("scroll")}}},
    [PLACE_MANAGER] =
        {
            N_("A standard group that this handset manages. A member has the key when its handset "
               "gave a signed receipt; until then it is sent again, when the member comes near and "
               "every "
               "ten minutes. Whoever is excluded gets nothing."),
            {{"r", N_("rekey: a new key for all members")},
             {"x", N_("exclude the member under the cursor and rekey the others, in one action")},
             {"b", N_("let an excluded member in again")},
             {"s", N_("send the member under the cursor the key again, as to a new handset")},
             {"f", N_("find a member by a part of its name or identity")},
             {"a", N_("add a member: from those in reach, or t to type an identity")},
             {"y", N_("yes, where it asks")}}},
    [PLACE_TWO] =
        {N_(
             "Two devices prove that they hold the keys of one identity: a handset was copied, or "
             "replaced and not wiped. Nothing tells which of them is its owner's. Until its KMS "
             "has "
             "dealt with that, a group without it is the safe one."),
         {{"y", N_("yes, give it the key")}}},
    [PLACE_SOUND] = {N_("The microphones and loudspeakers that are there; those marked are used. "
                        "What is set here is remembered, unless the screen says that it cannot be "
                        "saved. Speak in the test and hear yourself. What a sound server or a "
                        "Bluetooth headset "
                        "adds in delay is shown as it says itself."),
                     {{N_("enter"), N_("use the device under the cursor")},
                      {"t", N_("record 3 s and play them")},
                      {"+/-", N_("make the microphone louder or quieter")},
                      {"n", N_("suppress noise, or leave it in")},
                      {"e", N_("with a headset: take no echo out of calls")},
                      {"p", N_("a tone when you may talk, or none")},
                      {"z", N_("how long you may talk at most, step by step")},
                      {"d",
                       N_("keep on disk what is to be said again, until its key ends; switched "
                          "off, it is wiped there at once")}}},
    [PLACE_EMERGENCY] =
        {N_(
             "Somebody in one of your groups called an emergency, proven by a signature. It stands "
             "on every screen until you acknowledge it here. Your own stands until you say that it "
             "is over."),
         {{"y", N_("seen; or, of your own, over")}}},
    [PLACE_PALETTE] =
        {
            N_("Every action of this screen, of the other ones and of all of them, by name. Beside "
               "it "
               "is the key that does it: a number before it leads to the screen where it is one. "
               "Enter "
               "presses it for you, and it asks whatever it asks otherwise. What is grey is not "
               "possible now."),
            {{N_("enter"), N_("do what the cursor is on")},
             {N_("up/down"), N_("choose")},
             {N_("esc"), N_("back, and do nothing")}}},
    [PLACE_LOCK] =
        {
            N_("Locking closes the store and wipes everything that came out of it from memory. The "
               "passphrase opens it again. Wrong passphrases are counted, and each makes the next "
               "wait longer; after a number that you choose the handset erases itself."),
            {{LOCK_SETTINGS_KEY,
              N_("lock by itself, step by step: never, or after so long without a key")},
             {"e", N_("erase everything after so many wrong passphrases, or never")}}},
    [PLACE_ZEROISE] = {N_("Everything on this handset is destroyed at once, also while it is "
                          "locked: keys first, "
                          "then all its files. Nothing brings it back."),
                       {{ZEROISE_CONFIRM_KEY, N_("destroy everything now")}}},
    [PLACE_LEAVE] = {N_("Quitting ends the program. Nothing is lost."), {{"y", N_("yes, quit")}}},
    [PLACE_UNLOCK] = {N_("All keys of this handset are sealed with its passphrase. Nobody can "
                         "recover a forgotten passphrase: the handset has to be enrolled again."),
                      {{N_("enter"), N_("done")},
                       {N_("esc"), N_("clear what is typed; on an empty line, quit")}}},
    [PLACE_UNENROLLED] =
        {
            N_("A handset needs a credential from a KMS: the private keys of its identity. What it "
               "asks for and the bundle that it gets are carried in any way you like: read by a "
               "camera, pasted, as files. Who has to be sure is the KMS's operator of the device "
               "key, and you of the domain's fingerprint."),
            {{"r", N_("request a credential, or look at the request again")},
             {"b", N_("give the bundle that came of it")},
             {"t", N_("the request as text, or as a code")},
             {N_("left/right"), N_("the code before and after, where it takes several")},
             {"n", N_("another request, for another identity or name")},
             {N_("enter"), N_("the next step")},
             {N_("esc"), N_("a step back")},
             {"q", N_("quit")}}},
};

/* Where a key works that means the same everywhere. */
enum needs {
    NEEDS_SCREENS, /* where other screens can be gone to */
    NEEDS_READY,   /* where the handset is ready, whatever is open */
    NEEDS_TAB,
    NEEDS_MODES,
    NEEDS_OPEN, /* not while the handset is locked */
    NEEDS_NOTHING,
};

static const struct {
    struct hint hint;
    enum needs needs;
} everywhere[] = {
    {{"k/j", N_("up and down, as the arrow keys; home and end: the first and the last")},
     NEEDS_SCREENS},
    {{N_("1 to 6"), N_("the six screens; tab goes to the next one")}, NEEDS_SCREENS},
    {{PALETTE_KEY, N_("every action by name: type a part of its words, then enter")},
     NEEDS_SCREENS},
    {{"i", N_("who is asking for a decision")}, NEEDS_READY},
    {{EMERGENCY_KEY, N_("the emergency that is shown")}, NEEDS_READY},
    {{"q", N_("quit (asks first)")}, NEEDS_TAB},
    {{MODES_AIRPLANE_KEY, N_("airplane mode: send and hear nothing, or end it; then y")},
     NEEDS_MODES},
    {{MODES_SILENCE_KEY, N_("radio silence: listen only, or end it; then y")}, NEEDS_MODES},
    {{N_("Ctrl-K"), N_("lock this handset")}, NEEDS_OPEN},
    {{N_("Ctrl-X"), N_("zeroise it: destroy everything (asks first)")}, NEEDS_NOTHING},
    {{N_("Ctrl-T"), N_("colours: night, day, high contrast, red")}, NEEDS_NOTHING},
    {{N_("Ctrl-L"), N_("draw the screen again")}, NEEDS_NOTHING},
};

static void add(struct help_keys *keys, struct hint hint) {
    if (keys->count < HELP_KEYS_MAX) {
        keys->key[keys->count++] = hint;
    }
}

void help_keys_of(enum place place, struct help_keys *keys) {
    for (size_t i = 0; i < KEYS_MAX && texts[place].keys[i].key != NULL; i++) {
        add(keys, texts[place].keys[i]);
    }
}

void help_keys_of_all(struct help_keys *keys) {
    for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++) {
        add(keys, everywhere[i].hint);
    }
}

uint32_t help_press(const char *key) {
    if (strcmp(key, "enter") == 0) {
        return PRESS_ENTER;
    }
    if (strcmp(key, "Ctrl-K") == 0) {
        return LOCK_PRESS;
    }
    if (strcmp(key, "Ctrl-X") == 0) {
        return ZEROISE_PRESS;
    }
    return key[0] != '\0' && key[1] == '\0' ? (unsigned char)key[0] : PRESS_NONE;
}

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

/* A key, and what it does beside it; below it where the key is too wide for that. */
static void write_key(struct page *page, int indent, const char *key, const char *what) {
    if (page->drawing) {
        area_text(page->area, page_row(page), 1, STYLE_STRONG, key);
    }
    if (text_width(key) >= indent) {
        page->row++;
    }
    page_text(page, indent, STYLE_PLAIN, what);
}

static void write_of_all(struct page *page, int indent, enum needs needs) {
    for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++) {
        if (everywhere[i].needs == needs) {
            write_key(page, indent, _(everywhere[i].hint.key), _(everywhere[i].hint.what));
        }
    }
}

/* Where digits are keys, as far as that is a matter of the place alone. */
static bool has_modes(enum place about) {
    return about != PLACE_UNLOCK && about != PLACE_UNENROLLED && about != PLACE_IMPORT;
}

/* Do the keys work there that lead to other screens? */
static bool goes_on(enum place about) {
    return has_modes(about) && about != PLACE_LEAVE;
}

/* Is text typed there, at times? */
static bool has_text(enum place about) {
    return about == PLACE_NEARBY || about == PLACE_KEYS || about == PLACE_NEW_GROUP ||
           about == PLACE_MANAGER || about == PLACE_MESSAGES || about == PLACE_IMPORT ||
           about == PLACE_UNLOCK || about == PLACE_UNENROLLED;
}

/* Is space the talk key there? Not where something is typed, picked or decided. */
static bool may_talk(enum place about) {
    switch (about) {
    case PLACE_TALK: /* it has its own words for it */
    case PLACE_NEW_GROUP:
    case PLACE_INVITATION:
    case PLACE_TWO:
    case PLACE_EMERGENCY:
    case PLACE_ZEROISE:
        return false;
    default:
        return goes_on(about);
    }
}

/* The Talk screen has its own words for it; in the palette everything is text. */
static bool may_call_emergency(enum place about) {
    return has_modes(about) && about != PLACE_TALK && about != PLACE_PALETTE;
}

void help_draw(struct help *help, struct area area) {
    const struct help_text *text = &texts[help->about];
    int indent =
        text_is_full(area) ? text_widest(_("left/right"), _("space"), _("1 to 6"), NULL) + 2 : 6;
    struct page page = page_begin(&help->scroll, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_PLAIN, _(text->what));
        page_gap(&page);
        for (size_t i = 0; i < KEYS_MAX && text->keys[i].key != NULL; i++) {
            write_key(&page, indent, _(text->keys[i].key), _(text->keys[i].what));
        }
        page_gap(&page);
        /* Before the handset is ready there is nowhere to go back to. */
        if (help->about != PLACE_UNLOCK && help->about != PLACE_UNENROLLED) {
            write_key(&page, indent, _("esc"), _("back"));
        }
        if (may_talk(help->about)) {
            write_key(&page, indent, _("space"),
                      _("talk in the group that the row above the keys names"));
        }
        if (may_call_emergency(help->about)) {
            write_key(&page, indent, EMERGENCY_CALL_KEY,
                      _("held for a second: call an EMERGENCY, in the group that the row above "
                        "the keys names"));
        }
        if (goes_on(help->about)) {
            write_of_all(&page, indent, NEEDS_SCREENS);
        }
        if (has_modes(help->about)) {
            write_of_all(&page, indent, NEEDS_READY);
        }
        if (has_text(help->about)) {
            write_key(&page, indent, "^U ^W",
                      _("with Ctrl, where text is typed: delete what is before the cursor, or the "
                        "word before it; home and end: to its ends"));
        }
        if (help->about < PLACE_TABS) {
            write_of_all(&page, indent, NEEDS_TAB);
        }
        if (has_modes(help->about)) {
            write_of_all(&page, indent, NEEDS_MODES);
        }
        if (help->about != PLACE_UNLOCK) {
            write_of_all(&page, indent, NEEDS_OPEN);
        }
        write_of_all(&page, indent, NEEDS_NOTHING);
    } while (page_again(&page));
}
