/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences for the months of the handset's own keys, and for their renewal. */
#include <stdio.h>

#include "ui/words/day.h"
#include "ui/words/sentence.h"
#include "ui/words/words.h"

bool say_months(const struct sentence *s, const struct event *event) {
    char day[DAY_WORDS_SIZE];
    const char *month = month_words(event->month);
    day_words(event->day, day);
    switch (event->kind) {
    case EVENT_KEYS_END_SOON:
        return say(s, _("Keys end on %s: install the %s bundle before then"), day, month);
    case EVENT_KEYS_END_TODAY:
        return say(s, _("KEYS END TODAY, at midnight UTC: install the %s bundle now"), month);
    case EVENT_KEYS_ENDING:
        return say(s, _("Keys ended on %s, accepted for a day more: install the %s bundle"), day,
                   month);
    case EVENT_KEYS_ENDED:
        return say(s, _("Keys ended on %s: nobody can verify you. Install %s's keys"), day, month);
    case EVENT_KEYS_LAST:
        return say(s, _("Your keys last until %s"), day);
    case EVENT_KEYS_RENEWED:
        return say(s, _("New keys came over the broker: those for %s are installed"), month);
    case EVENT_ACCESS_RENEWED:
        return say(s, _("Access to the broker was renewed, and lasts until %s"), day);
    case EVENT_RENEWAL_BY_HAND:
        return say(s, "%s",
                   _("A bundle with more than new keys waits: quit, then run muster fetch"));
    case EVENT_RENEWAL_REFUSED:
        return say(s, _("A bundle that came over the broker was refused: %s"), s->check);
    case EVENT_RENEWAL_NOT_SAVED:
        return say(s, _("A bundle that came over the broker cannot be installed yet: %s"),
                   s->check);
    case EVENT_KMS_LOG_DIFFERS:
        return say(s, "%s",
                   _("The KMS issued these keys from another audit log: ask its operator whether "
                     "it was restored"));
    default:
        return false;
    }
}
