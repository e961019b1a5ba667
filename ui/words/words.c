/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words/words.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char domain[] = "muster";
static const char english[] = "en";
static const char *const languages[] = {english, "de"};

/* False: the texts of the source are shown as they are. */
static bool is_translated;

const char *words(const char *text) {
    /* The empty text stands for the catalogue's header. */
    return is_translated && text[0] != '\0' ? dgettext(domain, text) : text;
}

const char *words_many(const char *one, const char *many, unsigned long count) {
    if (is_translated) {
        return dngettext(domain, one, many, count);
    }
    return count == 1 ? one : many;
}

/* The language that a locale's name asks for: "de_DE.UTF-8" and "de" are German; NULL when it is
 * none that there is. `length` is the name's. */
static const char *language_of(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        size_t own = strlen(languages[i]);
        if (length >= own && memcmp(name, languages[i], own) == 0 &&
            (length == own || strchr("_.@-", name[own]) != NULL)) {
            return languages[i];
        }
    }
    return NULL;
}

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* As gettext(3) has it: LANGUAGE is a list of languages by preference, and does not count for who
 * asks for the plain locale. */
static const char *language_of_environment(void) {
    const char *locale = environment("LC_ALL");
    locale = locale != NULL ? locale : environment("LC_MESSAGES");
    locale = locale != NULL ? locale : environment("LANG");
    if (locale == NULL || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0) {
        return english;
    }
    const char *language = NULL, *list = environment("LANGUAGE");
    while (list != NULL && *list != '\0' && language == NULL) {
        size_t length = strcspn(list, ":");
        language = language_of(list, length);
        list += length;
        list += strspn(list, ":");
    }
    language = language != NULL ? language : language_of(locale, strlen(locale));
    return language != NULL ? language : english;
}

static bool has_catalogue(const char *folder, const char *language) {
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s/LC_MESSAGES/%s.mo", folder, language, domain);
    return length > 0 && length < (int)sizeof path && access(path, R_OK) == 0;
}

bool words_choose_in(const char *language, const char *folder) {
    is_translated = false;
    language =
        language != NULL ? language_of(language, strlen(language)) : language_of_environment();
    if (language == NULL || language == english) {
        (void)setlocale(LC_MESSAGES, "C");
        return language != NULL;
    }
    if (!has_catalogue(folder, language) || setenv("LANGUAGE", language, 1) != 0 ||
        setlocale(LC_MESSAGES, "C.UTF-8") == NULL || bindtextdomain(domain, folder) == NULL ||
        bind_textdomain_codeset(domain, "UTF-8") == NULL) {
        return false;
    }
    is_translated = true;
    return true;
}

/* The folder that the program lies in. */
static bool program_folder(char folder[PATH_MAX]) {
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (length < 1) {
        return false;
    }
    folder[length] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    return true;
}

bool words_choose(const char *language) {
    static const char *const places[] = {"locale", "../share/locale"};
    char program[PATH_MAX], folder[PATH_MAX];
    bool is_chosen = false;
    if (!program_folder(program)) {
        return words_choose_in(language, "");
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0] && !is_chosen; i++) {
        int length = snprintf(folder, sizeof folder, "%s/%s", program, places[i]);
        is_chosen = length < (int)sizeof folder && words_choose_in(language, folder);
    }
    return is_chosen;
}
