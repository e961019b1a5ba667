/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which key a terminal means: the tables between the numbers and letters of its control sequences
 * and the keys of ui/ui.h. The same key gives the same press in whichever form it comes. Each
 * function returns PRESS_NONE for what is no key here.
 */
#ifndef MUSTER_UI_KEYBOARD_KEY_CODE_H
#define MUSTER_UI_KEYBOARD_KEY_CODE_H

#include <stdint.h>

/* A key as CSI u has it: "key:shifted:on_latin ; modifiers ; text u". What is missing is -1. */
struct key_code {
    int32_t key;       /* the character without modifiers, or a number of Unicode's private area */
    int32_t shifted;   /* the character with Shift */
    int32_t on_latin;  /* the character of that key on a Latin keyboard */
    int32_t modifiers; /* 1 and a bit for each; those of the locks mean nothing */
    int32_t text;      /* the character that it types */
};

uint32_t key_code_pressed(const struct key_code *code);

/* The same key being released; modifiers may have been released before it. */
uint32_t key_code_released(const struct key_code *code);

/* "CSI number ; modifiers final"; numbers that are missing are -1. */
uint32_t key_code_function(char final, int32_t number, int32_t modifiers);

/* "SS3 final": the keypad in its application mode, arrows, F1 to F4. */
uint32_t key_code_keypad(char final);

/* "CSI [ final": F1 to F5 on the Linux console. */
uint32_t key_code_console(char final);

/* An octet of ASCII. */
uint32_t key_code_character(uint8_t octet);

#endif
