/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences for the months of the handset's own keys. */
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
    default:
        return false;
    }
}
