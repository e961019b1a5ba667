/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words/reason.h"

#include <stdio.h>

#include "ui/words/check.h"
#include "ui/words/words.h"

void period_words(int64_t period_ms, char out[PERIOD_WORDS_SIZE]) {
    unsigned long minutes = period_ms > 0 ? (unsigned long)(period_ms / 60000) : 0;
    unsigned long hours = minutes / 60, days = hours / 24;
    if (minutes == 0 || minutes % 60 != 0) {
        snprintf(out, PERIOD_WORDS_SIZE, words_many("%lu minute", "%lu minutes", minutes), minutes);
    } else if (hours % 24 != 0) {
        snprintf(out, PERIOD_WORDS_SIZE, words_many("%lu hour", "%lu hours", hours), hours);
    } else {
        snprintf(out, PERIOD_WORDS_SIZE, words_many("%lu day", "%lu days", days), days);
    }
}

void time_words(int64_t lasted_ms, char out[PERIOD_WORDS_SIZE]) {
    long long seconds = lasted_ms / 1000, minutes = seconds / 60, hours = minutes / 60;
    if (minutes < 2) {
        snprintf(out, PERIOD_WORDS_SIZE, _("%lld s"), seconds);
    } else if (hours < 2) {
        snprintf(out, PERIOD_WORDS_SIZE, _("%lld min"), minutes);
    } else {
        snprintf(out, PERIOD_WORDS_SIZE, _("%lld h"), hours);
    }
}

void difference_words(int64_t difference_ms, char out[PERIOD_WORDS_SIZE]) {
    enum {
        HALF_A_MINUTE_MS = 30 * 1000
    };
    int64_t size = difference_ms < 0 ? -(difference_ms + 1) : difference_ms;
    time_words(size < INT64_MAX - HALF_A_MINUTE_MS ? size + HALF_A_MINUTE_MS : size, out);
}

static const char *phrase_of(enum event_reason reason, const char *check) {
    switch (reason) {
    case REASON_OFFICER_DECLINED:
        return _("its officer declined");
    case REASON_NO_DECISION:
        return _("its officer did not decide in time");
    case REASON_BUSY:
        return _("it is busy or holds too many groups");
    case REASON_CANNOT_SAVE:
        return _("it cannot save keys: its disk is full or fails");
    case REASON_PROPOSAL_REFUSED:
        return _("it refused the group's settings");
    case REASON_BROKE_OFF:
        return _("it broke off");
    case REASON_NO_ANSWER:
        return _("no answer");
    case REASON_CONTACT_LOST:
        return _("contact was lost");
    case REASON_NO_RECEIPT:
        return _("no receipt: it may or may not hold the key");
    case REASON_RESTART:
        return _("interrupted by a restart");
    case REASON_AIRPLANE:
        return _("interrupted by airplane mode");
    case REASON_SILENCE:
        return _("interrupted by radio silence");
    case REASON_TWO_DEVICES:
        return _("two devices answer to its identity");
    case REASON_REVOKED:
        return _("its identity is revoked");
    case REASON_LOST:
        return _("you reported it lost");
    case REASON_CHECK_FAILED:
        return check_words(check);
    case REASON_HUNG_UP: /* these four end a call, and no member has them */
    case REASON_TOO_OFTEN:
    case REASON_OTHER_HUNG_UP:
    case REASON_SLEPT:
    case REASON_PERIOD_TOO_LONG:
    case REASON_NONE:
    case REASON_COUNT:
        break;
    }
    return "";
}

void reason_words(enum event_reason reason, int64_t duration_ms, const char *check, char *out,
                  size_t size) {
    char period[PERIOD_WORDS_SIZE];
    if (reason == REASON_PERIOD_TOO_LONG) {
        period_words(duration_ms, period);
        snprintf(out, size, _("its keys last at most %s"), period);
    } else {
        snprintf(out, size, "%s", phrase_of(reason, check));
    }
}
