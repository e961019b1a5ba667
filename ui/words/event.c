/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words/event.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ui/words/check.h"
#include "ui/words/day.h"
#include "ui/words/radio.h"
#include "ui/words/reason.h"
#include "ui/words/sentence.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

bool say(const struct sentence *sentence, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence->out, sentence->size, format, arguments);
    va_end(arguments);
    return true;
}

/* --- On the air ----------------------------------------------------------------------------- */

static bool say_around(const struct sentence *s, const struct event *event) {
    char text[CONDITION_WORDS_SIZE];
    switch (event->kind) {
    case EVENT_FELL_SILENT:
        return say(s, _("%s, of %s, has fallen silent: it was in reach until now"), s->who,
                   s->group);
    case EVENT_NEARBY:
        return say(s, _("%s is nearby"), s->who);
    case EVENT_IDENTITY_TWICE:
        return say(s,
                   _("Another device answers to your identity and can talk as you: switch it off "
                     "if it is yours, or tell your KMS"));
    case EVENT_IDENTITY_ALONE:
        return say(s, _("No other device has answered to your identity for ten minutes"));
    case EVENT_NEIGHBOUR_TWICE:
        return say(s, _("Two devices answer to the identity %s: one of them may be stolen"),
                   s->who);
    case EVENT_NAME_CHANGED:
        return say(s, _("%s now calls itself “%s”"), s->who, event->new_name);
    case EVENT_NAME_REISSUED:
        return say(s, _("%s is now attested as “%s” by the KMS"), s->who, event->new_name);
    case EVENT_REVOKED_LIST:
        return say(s,
                   words_many("A newer list of the revoked came: it names %u identity",
                              "A newer list of the revoked came: it names %u identities",
                              event->count),
                   event->count);
    case EVENT_REVOKED_MEMBER:
        return say(s, _("%s is revoked, and may hold the key of %s: give the others a new one"),
                   s->who, s->group);
    case EVENT_REVOKED_SELF:
        return say(s, "%s",
                   _("Your identity is revoked: nobody hears you or gives you keys. Tell your KMS "
                     "if that is wrong"));
    case EVENT_REVOKED_SELF_OVER:
        return say(s, "%s", _("The KMS no longer lists your identity as revoked"));
    case EVENT_REPORTED_LOST:
        return say(s, _("You reported %s lost: it is refused from now on, and trusted no more"),
                   s->who);
    case EVENT_REPORTED_FOUND:
        return say(s, _("You took back your report that %s is lost"), s->who);
    case EVENT_REPORT_NOT_SAVED:
        return say(s, _("What you reported of %s is not saved: a restart forgets it"), s->who);
    case EVENT_LOST_MEMBER:
        return say(s, _("%s is lost, and may hold the key of %s: tell whoever gives that key out"),
                   s->who, s->group);
    case EVENT_LOST_STAYS:
        return say(s, _("%s is lost, and keeps the key of %s until this handset may send again"),
                   s->who, s->group);
    case EVENT_LOST_NOT_LEFT_OUT:
        return say(s, _("%s is lost, and %s got no new key without it: %s"), s->who, s->group,
                   check_words(event->check));
    case EVENT_NEIGHBOUR_KEYS_ENDED:
        return say(s, _("The keys of %s are those of %s, which is over: nobody can verify it"),
                   s->who, month_words(event->month));
    case EVENT_LINK_NEWS:
    case EVENT_LINK_PROBLEM:
        condition_notice(event->link, &event->condition, text);
        return say(s, "%s", text);
    case EVENT_OTHER_VERSION:
        return say(s,
                   _("A handset on %s is of version %u, this one of another: they do not hear each "
                     "other"),
                   event->link[0] != '\0' ? event->link : _("a link"),
                   (unsigned)event->condition.number);
    default:
        return false;
    }
}

/* --- The machine, the store and the broker
 * --------------------------------------------------------------- */

static bool say_store(const struct sentence *s, const struct event *event) {
    char lasted[PERIOD_WORDS_SIZE];
    switch (event->kind) {
    case EVENT_CLOCK_DIFFERS:
        difference_words(event->duration_ms, lasted);
        return say(s,
                   event->duration_ms < 0
                       ? _("This handset's clock is %s ahead of those nearby: set "
                           "it")
                       : _("This handset's clock is %s behind those nearby: set "
                           "it"),
                   lasted);
    case EVENT_CLOCK_AGREES:
        return say(s, "%s", _("This handset's clock agrees with those nearby"));
    case EVENT_CLOCK_MAY_BE_BEHIND:
        difference_words(event->duration_ms, lasted);
        return say(s,
                   _("This handset's clock is %s behind the only one nearby: check which is right"),
                   lasted);
    case EVENT_SLEPT:
        time_words(event->duration_ms, lasted);
        return say(s, _("This handset slept for %s: what was said meanwhile was missed"), lasted);
    case EVENT_SAVING_FAILED:
        return say(s, _("Keys and changes cannot be saved now: %s"), s->check);
    case EVENT_JOINING_NOT_SAVED:
        return say(s, _("The key of %s was not taken: it cannot be saved"), s->group);
    case EVENT_SAVING_BACK:
        return say(s, _("Keys and changes are being saved again"));
    case EVENT_SAVING_ENDED:
        return say(s, _("Keys and changes are no longer saved (%s): start Muster again"), s->check);
    case EVENT_SETTINGS_UNREADABLE:
        return say(s, _("Settings that could not be read are the usual ones: look at Sound"));
    case EVENT_ACCESS_UNREADABLE:
        return say(s, _("The broker is not used: its access data cannot be read (%s)"), s->check);
    case EVENT_MEMORY_NOT_LOCKED:
        return say(s, _("Memory cannot be locked: keys may be written to swap (ulimit -l)"));
    case EVENT_LOGGING_FAILED:
        return say(s, _("Events are no longer written to the log file: %s"), s->check);
    case EVENT_MAILBOXES_CLOSED:
        return say(s, _("Receipts for managed groups cannot be fetched from the broker: %s"),
                   s->check);
    case EVENT_LOCKED:
        return say(s, "%s", _("This handset was locked"));
    case EVENT_LOCKED_UNSAVED:
        return say(s, "%s", _("Locked; the latest changes could not be saved and are lost"));
    case EVENT_UNLOCKED:
        return say(s, "%s", _("This handset was unlocked"));
    case EVENT_WRONG_PASSPHRASES:
        return say(s,
                   words_many("%u wrong passphrase was tried before this handset was opened",
                              "%u wrong passphrases were tried before this handset was opened",
                              event->count),
                   event->count);
    case EVENT_ERASING_NOT_SET:
        return say(s, _("How many wrong passphrases erase this handset cannot be saved: %s"),
                   s->check);
    case EVENT_CONTROL_CLOSED:
        return say(s, _("This handset cannot be locked or zeroised from a shell: %s"), s->check);
    case EVENT_HOOK_ENDED:
        return say(s, "%s", _("The command of --on-event runs no more: start Muster again"));
    case EVENT_NOT_CONFINED:
        return strcmp(s->check, "off") == 0
                   ? say(s, "%s", _("The program is not confined (--no-confinement)"))
                   : say(s, _("The program is not wholly confined on this machine (%s)"), s->check);
    default:
        return false;
    }
}

/* --- Membership ----------------------------------------------------------------------------- */

static bool say_declined(const struct sentence *s, const struct event *event) {
    char period[PERIOD_WORDS_SIZE];
    switch (event->reason) {
    case REASON_OFFICER_DECLINED:
        return say(s, _("%s declined to join %s"), s->who, s->group);
    case REASON_NO_DECISION:
        return say(s, _("%s did not decide in time whether to join %s"), s->who, s->group);
    case REASON_PERIOD_TOO_LONG:
        period_words(event->duration_ms, period);
        return say(s, _("%s cannot join %s: its keys last at most %s"), s->who, s->group, period);
    case REASON_BUSY:
        return say(s, _("%s cannot join %s: it is busy or holds too many groups"), s->who,
                   s->group);
    case REASON_CANNOT_SAVE:
        return say(s, _("%s cannot join %s: its disk is full or fails"), s->who, s->group);
    default:
        return say(s, _("%s refused the settings of %s"), s->who, s->group);
    }
}

static bool say_unreachable(const struct sentence *s, const struct event *event) {
    switch (event->reason) {
    case REASON_BROKE_OFF:
        return say(s, _("%s broke off before it joined %s"), s->who, s->group);
    case REASON_NO_ANSWER:
        return say(s, _("%s did not answer when asked to join %s"), s->who, s->group);
    case REASON_CONTACT_LOST:
        return say(s, _("Contact with %s was lost before it joined %s"), s->who, s->group);
    case REASON_NO_RECEIPT:
        return say(s, _("%s sent no receipt: it may or may not hold the key of %s"), s->who,
                   s->group);
    case REASON_CHECK_FAILED:
        return say(s, _("%s could not be asked to join %s: %s"), s->who, s->group, s->check);
    default:
        return say(s, _("%s could not be asked to join %s"), s->who, s->group);
    }
}

bool say_membership(const struct sentence *s, const struct event *event) {
    switch (event->kind) {
    case EVENT_GROUP_ASKING:
        return say(s,
                   words_many("Asking %u handset to join %s", "Asking %u handsets to join %s",
                              event->count),
                   event->count, s->group);
    case EVENT_GROUP_REKEYING:
        if (event->count == 0) {
            return say(s, _("%s has a new key (GMK %08X): nobody else is in it"), s->group,
                       (unsigned)event->gmk_id);
        }
        return say(s,
                   words_many("%u handset is getting a new key for %s (GMK %08X)",
                              "%u handsets are getting a new key for %s (GMK %08X)", event->count),
                   event->count, s->group, (unsigned)event->gmk_id);
    case EVENT_GROUP_ADDING:
        return say(s,
                   words_many("Asking %u more handset to join %s",
                              "Asking %u more handsets to join %s", event->count),
                   event->count, s->group);
    case EVENT_GROUP_DELETED:
        return say(s, _("Deleted %s and its keys"), s->group);
    case EVENT_DELETION_NOT_SAVED:
        return say(s, _("%s is deleted, but that is not saved yet: a restart brings it back"),
                   s->group);
    case EVENT_CREW_KEPT:
        return say(s,
                   words_many("Kept as crew “%s”: %u identity", "Kept as crew “%s”: %u identities",
                              event->count),
                   event->new_name, event->count);
    case EVENT_CREW_DROPPED:
        return say(s, _("Forgot the crew “%s”"), event->new_name);
    case EVENT_CREW_UNREADABLE:
        return say(s, "%s", _("A crew that you kept cannot be read and is left out: keep it anew"));
    case EVENT_CREW_NOT_SAVED:
        return say(s, _("What you changed of the crew “%s” is not saved: a restart forgets it"),
                   event->new_name);
    case EVENT_MEMBER_JOINED:
        return say(s, _("%s has joined %s"), s->who, s->group);
    case EVENT_MEMBER_DECLINED:
        return say_declined(s, event);
    case EVENT_MEMBER_UNREACHABLE:
        return say_unreachable(s, event);
    case EVENT_MEMBER_IS_TWO:
        return say(
            s,
            _("%s was not given the key of %s: two devices answer to it; try it again to decide"),
            s->who, s->group);
    case EVENT_MEMBER_NOT_SAVED:
        return say(s, _("The answer of %s to %s was not saved (%s): a restart will lose it"),
                   s->who, s->group, s->check);
    case EVENT_INVITED_TO_GROUP:
        return say(s, _("%s asks you to join %s"), s->who, s->group);
    case EVENT_INVITED_TO_REKEY:
        return say(s, _("%s asks you to take a new key for %s"), s->who, s->group);
    case EVENT_INVITED_TO_CALL:
        return say(s, _("%s is calling you"), s->who);
    case EVENT_INVITATION_ACCEPTED:
        return say(s, _("Accepted; waiting for the key from %s"), s->who);
    case EVENT_INVITATION_DECLINED:
        return say(s, _("You declined the request from %s"), s->who);
    case EVENT_INVITATION_EXPIRED:
        return say(s,
                   event->group[0] == '\0' ? _("%s called: nobody answered")
                                           : _("%s asked: nobody decided in time"),
                   s->who);
    case EVENT_INVITATION_WITHDRAWN:
        return say(s, _("%s withdrew the request"), s->who);
    case EVENT_INVITATION_LOST:
        return say(s, _("Contact with %s was lost before you decided"), s->who);
    case EVENT_INVITATION_REFUSED:
        return say(s, _("The invitation of %s to %s was refused here (%s): tell them"), s->who,
                   s->group, s->check);
    case EVENT_GROUP_KEY_REFUSED:
        return say(s, _("The key of %s from %s was not taken (%s): ask for it again"), s->group,
                   s->who, s->check);
    case EVENT_KEY_STILL_TO_COME:
        return say(s, _("Contact with %s was lost; the key comes when it is in reach"), s->who);
    case EVENT_CALLS_QUIETED:
        return say(s, _("%s calls again and again: it rings no more for a while"), s->who);
    case EVENT_INVITATIONS_QUIETED:
        return say(s, _("%s invites you again and again: you are not asked for a while"), s->who);
    case EVENT_STRANGERS_QUIETED:
        return say(s, _("Many ask for you: for a while only those you trust or share a group with "
                        "can"));
    default:
        return false;
    }
}

/* --- Keys of groups ------------------------------------------------------------------------- */

bool say_key(const struct sentence *s, const struct event *event) {
    unsigned gmk_id = event->gmk_id;
    char left[PERIOD_WORDS_SIZE];
    switch (event->kind) {
    case EVENT_GROUP_READY:
        return say(s, _("%s: this handset now holds GMK %08X"), s->group, gmk_id);
    case EVENT_GROUP_RENAMED:
        return say(s, _("%s has given a group another name: it is %s from now on"), s->who,
                   s->group);
    case EVENT_KEY_TAKEN:
        return say(s,
                   words_many("%s left %u out of %s: this handset took the new key by itself",
                              "%s left %u out of %s: this handset took the new key by itself",
                              event->count),
                   s->who, event->count, s->group);
    case EVENT_MEMBER_LEFT_OUT:
        return say(s, _("%s is in %s no more: its creator left them out"), s->who, s->group);
    case EVENT_MEMBER_ADDED:
        return say(s, _("%s was let into %s by its creator"), s->who, s->group);
    case EVENT_KEY_DELIVERED:
        return say(s, _("%s: its manager sent GMK %08X"), s->group, gmk_id);
    case EVENT_KEY_WAITS:
        return say(s, _("%s: its manager sent GMK %08X for later use"), s->group, gmk_id);
    case EVENT_KEY_IN_USE:
        return say(s, _("%s: GMK %08X is now in use"), s->group, gmk_id);
    case EVENT_KEY_EXPIRED:
        return event->identity[0] == '\0'
                   ? say(s, _("The key of %s has expired: rekey the group"), s->group)
                   : say(s, _("The key of %s has expired: only %s can give the group a new one"),
                         s->group, s->who);
    case EVENT_STANDARD_KEY_EXPIRED:
        return say(s, _("The key of %s has expired: ask its manager for a new one"), s->group);
    case EVENT_KEY_ENDS:
        time_words(event->duration_ms, left);
        return event->identity[0] == '\0'
                   ? say(s, _("The key of %s ends in %s: rekey the group"), s->group, left)
                   : say(s, _("The key of %s ends in %s: only %s can give the group a new one"),
                         s->group, left, s->who);
    case EVENT_STANDARD_KEY_ENDS:
        time_words(event->duration_ms, left);
        return say(s, _("The key of %s ends in %s: ask its manager for a new one"), s->group, left);
    case EVENT_KEYS_WIPED:
        return say(s, _("This handset no longer belongs to %s: its keys were wiped"), s->group);
    case EVENT_KEY_HAS_NO_ROOM:
        return say(s,
                   words_many("No room for the key of %s: this handset holds %u group; delete one",
                              "No room for the key of %s: this handset holds %u groups; delete one",
                              event->count),
                   s->group, event->count);
    case EVENT_MANAGER_BEHIND:
        return say(s, _("The manager of %s does not know exclusion %u: its key was not taken"),
                   s->group, event->count);
    default:
        return false;
    }
}

bool say_managed(const struct sentence *s, const struct event *event) {
    unsigned gmk_id = event->gmk_id, count = event->count;
    long long seconds = event->duration_ms / 1000 + (event->duration_ms % 1000 > 0);
    switch (event->kind) {
    case EVENT_MANAGED_REKEY:
        return say(s,
                   words_many("%s: GMK %08X is being sent to %u member",
                              "%s: GMK %08X is being sent to %u members", count),
                   s->group, gmk_id, count);
    case EVENT_MANAGED_SENT:
        return say(s,
                   words_many("%s: GMK %08X was sent to %u member in %lld s",
                              "%s: GMK %08X was sent to %u members in %lld s", count),
                   s->group, gmk_id, count, seconds);
    case EVENT_MANAGED_COMPLETE:
        return say(
            s,
            words_many("%s: its %u member has GMK %08X", "%s: all %u members have GMK %08X", count),
            s->group, count, gmk_id);
    case EVENT_MANAGED_NOT_SENT:
        return say(s, _("The key of %s cannot be sent (%s): rekey the group"), s->group, s->check);
    case EVENT_MANAGED_NOT_SAVED:
        return say(s, _("A change to %s could not be saved (%s): start Muster again"), s->group,
                   s->check);
    case EVENT_MANAGED_NOT_TAKEN:
        return say(s, _("This handset is on the roll of %s but could not take its key: %s"),
                   s->group, s->check);
    case EVENT_MANAGED_KEY_EXPIRED:
        return say(s, _("The key of %s, which this handset manages, has expired: rekey the group"),
                   s->group);
    case EVENT_MANAGED_BEHIND:
        return say(s,
                   _("%s, of %s, was told of exclusion %u, which is not known here: catch up "
                     "with muster-gm"),
                   s->who, s->group, event->count);
    case EVENT_ROLL_EXCLUDED:
        return say(s, _("%s is now excluded from %s"), s->who, s->group);
    case EVENT_ROLL_INCLUDED:
        return say(s, _("%s is let into %s again"), s->who, s->group);
    case EVENT_ROLL_ADDED:
        return say(s, _("%s is now on the roll of %s"), s->who, s->group);
    default:
        return false;
    }
}

/* --- Talk ----------------------------------------------------------------------------------- */

static bool say_call_ended(const struct sentence *s, enum event_reason reason) {
    switch (reason) {
    case REASON_HUNG_UP:
        return say(s, _("You ended the one-to-one talk with %s"), s->who);
    case REASON_OTHER_HUNG_UP:
        return say(s, _("%s ended the one-to-one talk"), s->who);
    case REASON_OFFICER_DECLINED:
        return say(s, _("%s declined the one-to-one talk"), s->who);
    case REASON_NO_DECISION:
        return say(s, _("Nobody answered the call to %s"), s->who);
    case REASON_NO_ANSWER:
        return say(s, _("%s does not answer"), s->who);
    case REASON_BUSY:
        return say(s, _("%s is busy"), s->who);
    case REASON_TOO_OFTEN:
        return say(s, _("%s was called too often: try again in a minute"), s->who);
    case REASON_PROPOSAL_REFUSED:
        return say(s, _("The handset of %s refused the one-to-one talk"), s->who);
    case REASON_CONTACT_LOST:
        return say(s, _("One-to-one talk with %s is over: contact was lost"), s->who);
    case REASON_AIRPLANE:
        return say(s, _("One-to-one talk with %s is over: airplane mode"), s->who);
    case REASON_SLEPT:
        return say(s, _("One-to-one talk with %s is over: this handset slept"), s->who);
    case REASON_CHECK_FAILED:
        return say(s, _("One-to-one talk with %s failed: %s"), s->who, s->check);
    default:
        return say(s, _("One-to-one talk with %s is over"), s->who);
    }
}

bool say_talk(const struct sentence *s, const struct event *event) {
    char lasted[PERIOD_WORDS_SIZE];
    switch (event->kind) {
    case EVENT_TALK_BEGAN:
        return say(s, _("%s talks in %s"), s->who, s->group);
    case EVENT_TALK_ENDED:
        return say(s, _("%s stopped talking in %s"), s->who, s->group);
    case EVENT_VOICE_FORGED:
        return say(s, _("A member forges the voice of %s in %s; it is not played"), s->who,
                   s->group);
    case EVENT_TICKET_FORGED:
        return say(s,
                   _("%s talks in %s with a forged ticket and is not heard: a member gave its "
                     "key away"),
                   s->who, s->group);
    case EVENT_EMERGENCY_UNFOUNDED:
        return say(s,
                   _("%s claims an emergency in %s, to which the group's creator gave no right: it "
                     "is heard as any other talk"),
                   s->who, s->group);
    case EVENT_OTHERS_KEY:
        return say(s,
                   _("%s talks in %s with a newer key than yours and is not heard: take it, or ask "
                     "for it"),
                   s->who, s->group);
    case EVENT_OLD_KEY_USED:
        return say(s, _("%s still uses an old key of %s: it hears nobody who has the new one"),
                   s->who, s->group);
    case EVENT_TALKER_UNHEARD:
        return say(s, _("%s talks in %s and is not heard: too many talk at once"), s->who,
                   s->group);
    case EVENT_TALKER_OUT_OF_TIME:
        difference_words(event->duration_ms, lasted);
        return say(s,
                   _("%s talks in %s and is not heard: its clock differs by %s, or it is a "
                     "recording"),
                   s->who, s->group, lasted);
    case EVENT_OWN_TALK_BEGAN:
        return say(s, _("You talk in %s"), s->group);
    case EVENT_OWN_TALK_ENDED:
        return say(s, _("You stopped talking in %s"), s->group);
    case EVENT_OWN_TALK_CUT_OFF:
        return say(s, _("Your talk in %s was cut off: %s"), s->group, s->check);
    case EVENT_OWN_TALK_UNHEARD:
        return say(s, _("Nobody heard you in %s: no handset reported it"), s->group);
    case EVENT_OWN_TALK_SLEPT:
        time_words(event->duration_ms, lasted);
        return say(s, _("Your talk in %s ended: this handset slept for %s"), s->group, lasted);
    case EVENT_FLOOR_LOST:
        return say(s, _("%s has the floor in %s: your microphone is closed"), s->who, s->group);
    case EVENT_FLOOR_GRANTED:
        return say(s, _("Your turn in %s: press to talk"), s->group);
    case EVENT_FLOOR_TURN_MISSED:
        return say(s, _("Your turn in %s is over: you did not press"), s->group);
    case EVENT_FLOOR_NOT_ANSWERED:
        return say(s, _("%s did not answer your request for the floor in %s"), s->who, s->group);
    case EVENT_FLOOR_DENIED:
        return say(s, _("%s has no room in the queue for the floor in %s"), s->who, s->group);
    case EVENT_FLOOR_REQUEST_OVER:
        return say(s, _("Your request for the floor in %s is over"), s->group);
    case EVENT_EMERGENCY:
        return say(s, _("EMERGENCY in %s: %s"), s->group, s->who);
    case EVENT_EMERGENCY_OVER:
        return say(s, _("%s says that the emergency in %s is over"), s->who, s->group);
    case EVENT_EMERGENCY_QUIETED:
        return say(s,
                   _("%s calls emergencies in %s again and again: they are shown without a sound"),
                   s->who, s->group);
    case EVENT_EMERGENCY_SEEN:
        return say(s, _("You acknowledged the emergency of %s in %s"), s->who, s->group);
    case EVENT_OWN_EMERGENCY:
        return say(s, _("You called an EMERGENCY in %s"), s->group);
    case EVENT_OWN_EMERGENCY_OVER:
        return say(s, _("Your emergency in %s is over"), s->group);
    case EVENT_FLOOR_CLAIMED_LATE:
        time_words(event->duration_ms, lasted);
        return say(s,
                   _("%s takes the floor in %s: it says that it began %s ago, unheard until now"),
                   s->who, s->group, lasted);
    case EVENT_OWN_TALK_ENDS_SOON:
        time_words(event->duration_ms, lasted);
        return say(s, _("Your talk in %s ends in %s: no talk is longer"), s->group, lasted);
    case EVENT_OWN_TALK_TOO_LONG:
        time_words(event->duration_ms, lasted);
        return say(s, _("Your talk in %s ended after %s: no talk is longer"), s->group, lasted);
    case EVENT_MESSAGE:
        return say(s, _("Message from %s in %s"), s->who, s->group);
    case EVENT_MESSAGE_WAITS:
        return say(s, _("The message to %s waits until this handset may send"), s->group);
    case EVENT_MESSAGES_UNSENT:
        return say(s,
                   words_many("%s: %u of your messages was never sent: its key is over",
                              "%s: %u of your messages were never sent: their key is over",
                              event->count),
                   s->group, event->count);
    case EVENT_MESSAGES_DROPPED:
        return say(s,
                   words_many("%s: %u unread message made way for a new one",
                              "%s: %u unread messages made way for new ones", event->count),
                   s->group, event->count);
    case EVENT_MESSAGES_GONE:
        return say(s,
                   words_many("%s: %u unread message is gone with its key",
                              "%s: %u unread messages are gone with their key", event->count),
                   s->group, event->count);
    case EVENT_CALL_BEGAN:
        return say(s, _("One-to-one talk with %s has begun"), s->who);
    case EVENT_CALL_ENDED:
        return say_call_ended(s, event->reason);
    case EVENT_RECORDING_FAILED:
        return say(s, _("What is heard is no longer recorded: %s"), s->check);
    case EVENT_MICROPHONE_FAILED:
        if (check_is_absence(event->check)) {
            return say(s, "%s", _("There is no microphone: nobody hears you"));
        }
        return say(s, _("The microphone does not work: nobody hears you (%s)"), s->check);
    case EVENT_MICROPHONE_SILENT:
        return say(s, "%s", _("The microphone is muted or gone: nobody hears you"));
    case EVENT_MICROPHONE_BACK:
        return say(s, "%s", _("The microphone works again"));
    case EVENT_BUTTON_GONE:
        return say(s, "%s", _("The talk button is gone: talk with space"));
    case EVENT_BUTTON_BACK:
        return say(s, "%s", _("The talk button is back"));
    case EVENT_LOUDSPEAKER_FAILED:
        if (check_is_absence(event->check)) {
            return say(s, "%s", _("There is no loudspeaker: you hear nobody"));
        }
        return say(s, _("The loudspeaker does not work: you hear nobody (%s)"), s->check);
    case EVENT_LOUDSPEAKER_BACK:
        return say(s, "%s", _("The loudspeaker works again"));
    default:
        return false;
    }
}

/* --- The whole ------------------------------------------------------------------------------ */

void event_words(const struct event *event, char *out, size_t size) {
    char who[WHO_SIZE] = "";
    if ((event_values(event->kind) >> VALUE_IDENTITY & 1) != 0) {
        who_told(who, event->name, event->name_kind, event->identity);
    }
    struct sentence sentence = {.out = out,
                                .size = size,
                                .who = who,
                                .group =
                                    event->group_name[0] != '\0' ? event->group_name : event->group,
                                .check = check_words(event->check)};
    out[0] = '\0';
    if (!say_around(&sentence, event) && !say_refused(&sentence, event) &&
        !say_flood(&sentence, event) && !say_store(&sentence, event) &&
        !say_months(&sentence, event) && !say_membership(&sentence, event) &&
        !say_key(&sentence, event) && !say_managed(&sentence, event) &&
        !say_talk(&sentence, event) && !say_import(&sentence, event) &&
        !say_part(&sentence, event)) {
        say_refusal(&sentence, event);
    }
}
