/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as a member list: what is read are members that the list written from them holds
 * again, whichever separator it has; what is refused leaves nothing, and a line that can be shown.
 */
#include <stdio.h>
#include <string.h>

#include "app/manager/member_list.h"
#include "tests/fuzz/target.h"

/* The roll as a list, with every cell in quotation marks. */
static char *write_list(const struct roll *roll, char separator) {
    char *text = NULL;
    size_t length;
    FILE *file = open_memstream(&text, &length);
    must(file != NULL);
    fprintf(file, "\"Name\"%c\"Identity\"\r\n", separator);
    for (size_t i = 0; i < roll->count; i++) {
        fputc('"', file);
        for (const char *c = roll->members[i].name; *c != '\0'; c++) {
            fputs(*c == '"' ? "\"\"" : (const char[]){*c, '\0'}, file);
        }
        fprintf(file, "\"%c\"%s\"\r\n", separator, roll->members[i].identity);
    }
    must(fclose(file) == 0);
    return text;
}

static void read_again(const struct roll *roll, char separator) {
    struct roll again = {0};
    struct error error;
    char *text = write_list(roll, separator);
    must(member_list_read("again", span_of_text(text), &again, &error) == STATUS_OK);
    must(again.count == roll->count);
    for (size_t i = 0; i < roll->count; i++) {
        must(identity_check(roll->members[i].identity) == STATUS_OK);
        must(strcmp(roll->members[i].identity, again.members[i].identity) == 0);
    }
    roll_clear(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    static const char separators[] = {',', ';', '\t'};
    struct roll roll = {0};
    struct error error = {0};
    if (member_list_read("list", (struct span){octets, length}, &roll, &error) != STATUS_OK) {
        must(roll.count == 0 && display_text_is_valid(error.text, sizeof error.text));
        return 0;
    }
    must(roll.count > 0);
    for (size_t i = 0; i < sizeof separators; i++) {
        read_again(&roll, separators[i]);
    }
    roll_clear(&roll);
    return 0;
}
