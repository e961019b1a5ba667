/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a message's status word says beside the words of the list (1 to MESSAGE_WORDS_MAX): what its
 * writer reports of another's handset, whose identity is the text.
 */
#ifndef MUSTER_APP_HANDSET_TALK_MESSAGE_WORD_H
#define MUSTER_APP_HANDSET_TALK_MESSAGE_WORD_H

#include <stdbool.h>

enum {
    MESSAGE_WORD_FOUND = 253, /* it takes back what it reported */
    MESSAGE_WORD_LOST = 254   /* its handset may be in other hands */
};

static inline bool message_word_is_report(unsigned word) {
    return word == MESSAGE_WORD_FOUND || word == MESSAGE_WORD_LOST;
}

#endif
