/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a command was not carried out. */
#include "ui/words/reason.h"
#include "ui/words/sentence.h"
#include "ui/words/words.h"

/* Those without any value. */
static const char *plain(enum event_kind kind) {
    switch (kind) {
    case EVENT_SOUND_BUSY:
        return _("The sound devices are in use: try again in a moment");
    case EVENT_NOT_ENROLLED:
        return _("No identity is installed on this handset yet");
    case EVENT_OUT_OF_MEMORY:
        return _("Out of memory: nothing was changed");
    case EVENT_CANNOT_SAVE:
        return _("Not done: it cannot be saved, the disk is full or fails");
    case EVENT_AIRPLANE_IS_ON:
        return _("Airplane mode is on; end it first");
    case EVENT_SILENCE_IS_ON:
        return _("Radio silence is on; end it first");
    case EVENT_GROUP_GONE:
        return _("This group no longer exists");
    case EVENT_NAME_NOT_ALLOWED:
        return _("This name cannot be shown");
    case EVENT_PERIOD_MISSING:
        return _("Choose a period of use for the key");
    case EVENT_GROUP_NAME_MISSING:
        return _("Give the group a name");
    case EVENT_MEMBERS_MISSING:
        return _("Pick at least one identity");
    case EVENT_INVITATION_CLOSED:
        return _("This invitation is no longer open");
    case EVENT_TALKING_ALREADY:
        return _("You are already talking; end that first");
    case EVENT_TALK_TOO_OFTEN:
        return _("You press the key too often for the others to hear you: wait a second");
    case EVENT_NOTHING_TO_SAY_AGAIN:
        return _("Nothing is kept of this group that could be heard again");
    case EVENT_SOMEBODY_TALKS:
        return _("Somebody talks now: hear it again after that");
    case EVENT_NO_EMERGENCY:
        return _("There is no such emergency any more");
    case EVENT_NO_CALL:
        return _("There is no one-to-one talk to end");
    case EVENT_NOT_MANAGED_HERE:
        return _("This handset does not manage that group");
    case EVENT_PERIOD_NOT_POSSIBLE:
        return _("This period of use is not possible");
    case EVENT_IDENTITY_NOT_VALID:
        return _("This is not an identity: one looks like tel:+447700900123");
    case EVENT_NO_KEY_IN_TEXT:
        return _("No key found: a key's lines begin with MUSTER KEY and a number");
    case EVENT_PASSPHRASE_WRONG:
        return _("Wrong passphrase; type it again");
    case EVENT_PASSPHRASE_EMPTY:
        return _("An empty passphrase protects nothing; type one");
    case EVENT_PASSPHRASE_TOO_SOON:
        return _("Wrong passphrases were given: wait until the next one is taken");
    case EVENT_STORE_OPEN_ALREADY:
        return _("The store is already open or being opened");
    case EVENT_IS_DEMONSTRATION:
        return _("This is a demonstration: Ctrl-Q ends it");
    default:
        return NULL;
    }
}

static bool say_of_group(const struct sentence *s, const struct event *event) {
    switch (event->kind) {
    case EVENT_GROUP_IS_ITS_MANAGERS:
        return say(s, _("Only the manager of %s can do that"), s->group);
    case EVENT_GROUP_IS_ITS_CREATORS:
        return say(s, _("Only %s, who created %s, can do that"), s->who, s->group);
    case EVENT_MEMBERS_TOO_MANY:
        return say(s,
                   words_many("An ad-hoc group has at most %u member",
                              "An ad-hoc group has at most %u members", event->count),
                   event->count);
    case EVENT_GROUPS_TOO_MANY:
        return say(s,
                   words_many("This handset holds %u group; delete one first",
                              "This handset holds %u groups; delete one first", event->count),
                   event->count);
    case EVENT_GROUP_NOT_CREATED:
        return say(s, _("The group was not created: %s"), s->check);
    case EVENT_GROUP_NOT_REKEYED:
        return say(s, _("%s was not rekeyed: %s"), s->group, s->check);
    case EVENT_MEMBERS_NOT_ADDED:
        return say(s, _("Nobody was added to %s: %s"), s->group, s->check);
    case EVENT_GROUP_NOT_DELETED:
        return say(s, _("%s was not deleted: %s"), s->group, s->check);
    case EVENT_NOTHING_CANCELLED:
        return say(s, _("Members of %s are still being asked: %s"), s->group, s->check);
    case EVENT_RETRY_EXPIRED:
        return say(s, _("The key of %s has expired: rekey the group"), s->group);
    case EVENT_NO_EMERGENCY_RIGHT:
        return say(s, _("The creator of %s gave you no right to an emergency there: talk as usual"),
                   s->group);
    case EVENT_TALK_NOT_BEGUN:
        return say(s, _("You cannot talk in %s: %s"), s->group, s->check);
    case EVENT_MESSAGE_EMPTY:
        return say(s, "%s", _("There is nothing in the message"));
    case EVENT_MESSAGE_TOO_LONG:
        return say(s, _("The message is too long: %d letters at most"), MESSAGE_LETTERS_MAX);
    case EVENT_MESSAGE_NOT_ALLOWED:
        return say(s, "%s", _("The message holds what cannot be shown"));
    case EVENT_MESSAGES_TOO_OFTEN:
        return say(s, _("Too many messages to %s at once: wait until earlier ones are sent"),
                   s->group);
    case EVENT_MESSAGE_NOT_SENT:
        return say(s, _("The message to %s was not sent: %s"), s->group, s->check);
    default:
        return false;
    }
}

static bool say_of_identity(const struct sentence *s, const struct event *event) {
    switch (event->kind) {
    case EVENT_NOT_NEARBY:
        return say(s, _("%s has not been heard nearby"), s->who);
    case EVENT_IS_REVOKED:
        return say(s, _("%s is revoked: it gets no keys and cannot be called"), s->who);
    case EVENT_IS_LOST:
        return say(s, _("You reported %s lost: it gets no keys, no calls and no mark of trust"),
                   s->who);
    case EVENT_ANSWERS_TWICE:
        return say(s, _("Two devices answer to the identity %s: it gets a key only if you say so"),
                   s->who);
    case EVENT_FLOOR_TAKEN:
        return say(s, _("%s talks in %s: wait for the end"), s->who, s->group);
    case EVENT_FLOOR_ASKED:
        return say(s, _("%s talks in %s: you asked to talk next"), s->who, s->group);
    case EVENT_FLOOR_TAKEN_BACK:
        return say(s, _("%s talks in %s: you no longer ask to talk next"), s->who, s->group);
    case EVENT_FLOOR_KEPT:
        return event->identity[0] == '\0'
                   ? say(s, _("It is another's turn in %s"), s->group)
                   : say(s, _("It is the turn of %s in %s"), s->who, s->group);
    case EVENT_MEMBER_NAMED_TWICE:
        return say(s, _("%s is already in the list"), s->who);
    case EVENT_NOT_A_MEMBER:
        return say(s, _("%s is not a member of %s"), s->who, s->group);
    case EVENT_RETRY_NOT_NEEDED:
        return say(s, _("%s does not need to be asked again"), s->who);
    case EVENT_IDENTITY_NOT_MARKED:
        return say(s, _("%s was not marked: %s"), s->who, s->check);
    case EVENT_CALL_NOT_MADE:
        return say(s, _("One-to-one talk with %s did not begin: %s"), s->who, s->check);
    case EVENT_ROLL_LACKS:
        return say(s, _("%s is not on the roll of %s"), s->who, s->group);
    case EVENT_ROLL_HAS_ALREADY:
        return say(s, _("%s is already on the roll of %s"), s->who, s->group);
    case EVENT_ROLL_EXCLUDED_ALREADY:
        return say(s, _("%s is already excluded from %s"), s->who, s->group);
    case EVENT_ROLL_NOT_EXCLUDED:
        return say(s, _("%s is not excluded from %s"), s->who, s->group);
    case EVENT_ROLL_GETS_NO_KEYS:
        return say(s, _("%s is excluded from %s and gets no keys"), s->who, s->group);
    default:
        return false;
    }
}

static bool say_of_managed(const struct sentence *s, const struct event *event) {
    switch (event->kind) {
    case EVENT_MANAGED_RESTS:
        return say(s, _("A change to %s could not be saved earlier: start Muster again"), s->group);
    case EVENT_MANAGED_NOT_CHANGED:
        return say(s, _("The change to %s was not saved: %s"), s->group, s->check);
    case EVENT_MANAGED_NO_NEW_KEY:
        return say(s, _("No new key was made for %s: %s"), s->group, s->check);
    case EVENT_MANAGED_NO_KEY:
        return say(s, _("%s has no key to send: rekey the group"), s->group);
    case EVENT_MANAGER_KEYS_MISSING:
        return say(s, _("This handset has no keys of %s for this month: get them from its KMS"),
                   s->group);
    case EVENT_ROLL_FULL:
        return say(s,
                   words_many("The roll of %s is full: it has %u member",
                              "The roll of %s is full: it has %u members", event->count),
                   s->group, event->count);
    default:
        return false;
    }
}

bool say_refusal(const struct sentence *s, const struct event *event) {
    const char *text = plain(event->kind);
    char period[PERIOD_WORDS_SIZE];
    if (text != NULL) {
        return say(s, "%s", text);
    }
    switch (event->kind) {
    case EVENT_COMMAND_FAILED:
        return say(s, _("This could not be done: %s"), s->check);
    case EVENT_PERIOD_TOO_LONG:
        period_words(event->duration_ms, period);
        return say(s, _("A key lasts at most %s here; choose a shorter period of use"), period);
    case EVENT_MANAGER_CLOCK_DIFFERS:
        difference_words(event->duration_ms, period);
        return say(s,
                   event->duration_ms < 0 ? _("This handset's clock is %s ahead of those nearby: "
                                              "set it, or confirm the new key once more")
                                          : _("This handset's clock is %s behind those nearby: "
                                              "set it, or confirm the new key once more"),
                   period);
    case EVENT_NAME_NOT_SAVED:
        return say(s, _("The name was not saved: %s"), s->check);
    case EVENT_CREWS_TOO_MANY:
        return say(s, _("There is room for %u crews: forget one first"), event->count);
    case EVENT_CREW_NOT_CHANGED:
        return say(s, _("The crew was not changed: %s"), s->check);
    default:
        return say_of_group(s, event) || say_of_identity(s, event) || say_of_managed(s, event);
    }
}
