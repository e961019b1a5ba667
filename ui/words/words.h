/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words for people, in the screen's language. The source has them in English, marked with _()
 * or N_(); ui/words/de.po has the German. `make words` brings muster.pot and de.po to what is
 * marked.
 *
 * It is GNU gettext, with two things done for it. Its lookup wants a locale that is installed, and
 * a small machine has C and C.UTF-8 alone: setlocale(LC_MESSAGES, "de_DE.UTF-8") fails there, and
 * gettext() then stays with English whatever LANGUAGE says. But under C.UTF-8 (package libc-bin, on
 * every Debian machine) it follows LANGUAGE, so words_choose() sets both. And it wants to know
 * where the catalogues are: they are found from the program's own place, so that it speaks German
 * straight from the build, from PREFIX and from a package.
 *
 * A whole sentence is one text, with its values as printf conversions: a translator may have to
 * order them otherwise ("%2$s of %1$s").
 */
#ifndef MUSTER_UI_WORDS_WORDS_H
#define MUSTER_UI_WORDS_WORDS_H

#include <stdbool.h>

/* The text in the screen's language. */
#define _(text) words(text)
/* Marks a text in a table for the catalogue; whoever shows it passes it through _(). */
#define N_(text) text

/* The text in the language that was chosen; `english` itself in English, or where the catalogue
 * lacks it. What is returned lives as long as the program. */
const char *words(const char *english) __attribute__((format_arg(1)));

/* The one of two texts that goes with `count`, in the language that was chosen: "%lu group", "%lu
 * groups". It lives as long as the program. */
const char *words_many(const char *one, const char *many, unsigned long count)
    __attribute__((format_arg(1), format_arg(2)));

/* Chooses the language, before any thread is started: "en" or "de", or with NULL what the
 * environment asks for in LC_ALL, LC_MESSAGES or LANG and, where that is no "C", in LANGUAGE;
 * English when it asks for none of the two. Until then all is English.
 *
 * The catalogues are looked for in `locale` beside the program, then in `../share/locale`. Returns
 * false, with English chosen, when there is no such language or its catalogue is missing. */
bool words_choose(const char *language);

/* As words_choose(), with the catalogues in `folder`/LANGUAGE/LC_MESSAGES/muster.mo alone. */
bool words_choose_in(const char *language, const char *folder);

#endif
