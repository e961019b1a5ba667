/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came of keys that were brought as text messages or as files. */
#include <stdio.h>

#include "ui/words/event.h"
#include "ui/words/sentence.h"
#include "ui/words/words.h"

bool say_import(const struct sentence *s, const struct event *event) {
    switch (event->kind) {
    case EVENT_IMPORT_TAKEN:
        return say(s, _("The key of %s was imported; it is taken into use as soon as it is valid"),
                   s->group);
    case EVENT_IMPORT_HELD_ALREADY:
        return say(s, _("This handset already holds the key of %s"), s->group);
    case EVENT_IMPORT_FOR_ANOTHER:
        return say(s, _("This key is for %s, not for this handset: import it there"), s->who);
    case EVENT_IMPORT_OUTDATED:
        return say(s, _("Not imported: this handset already holds a later key of %s"), s->group);
    case EVENT_IMPORT_GROUP_NOT_OURS:
        return say(s, _("Not imported: %s is not one of this handset's groups: ask the KMS"),
                   s->group);
    case EVENT_IMPORT_EXPIRED:
        return say(s, _("Not imported: the key of %s has expired: ask its manager for a new one"),
                   s->group);
    case EVENT_IMPORT_NOT_SIGNED:
        return say(s, _("Not imported: %s did not sign this key: ask whoever sent it"), s->group);
    case EVENT_IMPORT_NOT_A_DELIVERY:
        return say(s, _("Not imported: this is not a key delivery (%s)"), s->check);
    case EVENT_IMPORT_NOT_TAKEN:
        return say(s, _("Not imported: the key of %s: %s"), s->group, s->check);
    case EVENT_IMPORT_LIST_TAKEN:
        return say(s,
                   words_many("The list of the revoked was imported: it names %u identity",
                              "The list of the revoked was imported: it names %u identities",
                              event->count),
                   event->count);
    case EVENT_IMPORT_LIST_HELD:
        return say(s, "%s", _("This handset already holds this list of the revoked"));
    case EVENT_IMPORT_LIST_OUTDATED:
        return say(s, "%s",
                   _("Not imported: this handset already holds a later list of the revoked"));
    case EVENT_IMPORT_LIST_REFUSED:
        return say(s, _("Not imported: the list of the revoked: %s"), s->check);
    default:
        return false;
    }
}

/* --- Parts ---------------------------------------------------------------------------------- */

unsigned parts_words(uint32_t parts, char out[PARTS_WORDS_SIZE]) {
    char others[PARTS_WORDS_SIZE] = "";
    size_t length = 0;
    unsigned count = 0, last = 0;
    for (unsigned number = 1; number <= EVENT_PARTS_MAX; number++) {
        if ((parts >> (number - 1) & 1) == 0) {
            continue;
        }
        if (count++ > 0) {
            length += (size_t)snprintf(others + length, sizeof others - length, "%s%u",
                                       length > 0 ? ", " : "", last);
        }
        last = number;
    }
    if (count > 1) {
        /* Translators: the numbers of parts: "2, 5" and 7. */
        snprintf(out, PARTS_WORDS_SIZE, _("%s and %u"), others, last);
    } else {
        snprintf(out, PARTS_WORDS_SIZE, "%u", last);
    }
    return count;
}

bool say_part(const struct sentence *s, const struct event *event) {
    char numbers[PARTS_WORDS_SIZE];
    unsigned many = parts_words(event->parts, numbers);
    switch (event->kind) {
    case EVENT_PARTS_MISSING:
        return say(s,
                   words_many("Key %s: part %s of %u is missing",
                              "Key %s: parts %s of %u are missing", many),
                   event->tag, numbers, event->count);
    case EVENT_PARTS_REPEATED:
        return say(s,
                   words_many("Key %s: part %s came again, the same as before",
                              "Key %s: parts %s came again, the same as before", many),
                   event->tag, numbers);
    case EVENT_PARTS_OF_HELD_KEY:
        return say(s, _("Key %s: parts came again; this handset already holds the key"),
                   event->tag);
    case EVENT_PARTS_MISMATCHED:
        return say(s, _("Key %s: its parts (%u) do not belong together; get all of them again"),
                   event->tag, event->count);
    case EVENT_PARTS_GIVEN_UP:
        return say(s,
                   words_many("Key %s: discarded, as parts of %u other key came after it",
                              "Key %s: discarded, as parts of %u other keys came after it",
                              event->count),
                   event->tag, event->count);
    case EVENT_PARTS_NOT_SAVED:
        return say(s, _("Key %s: its parts could not be saved (%s): a restart will lose them"),
                   event->tag, s->check);
    case EVENT_PARTS_NOT_FORGOTTEN:
        return say(s,
                   _("Key %s: its parts could not be deleted (%s): a restart will bring them back"),
                   event->tag, s->check);
    case EVENT_PART_DIFFERS:
        return say(s,
                   _("Key %s: part %u of %u came twice and differs: neither is kept; get it again"),
                   event->tag, event->part, event->count);
    case EVENT_PART_DAMAGED:
        return say(s, _("Line %u: part %u of %u of key %s is damaged; get it again"), event->line,
                   event->part, event->count, event->tag);
    case EVENT_PART_RENUMBERED:
        return say(
            s,
            _("Line %u: part %u of key %s has the number %u: numbers were swapped; get it again"),
            event->line, event->part, event->tag, event->count);
    case EVENT_PART_UNREADABLE:
        return say(s, _("Line %u: a part is damaged, even in its number; get it again"),
                   event->line);
    default:
        return false;
    }
}
