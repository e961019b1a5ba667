/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/identifier.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char me_prefix[] = "urn:gsma:imei:";
static const char adhoc_prefix[] = "adhoc:";

enum {
    ADHOC_NUMBER_DIGITS = 16,
    E164_DIGITS_MAX = 15
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t count_digits(const char *text) {
    size_t count = 0;
    while (is_digit(text[count])) {
        count++;
    }
    return count;
}

/* What follows `prefix` in `text`, or NULL when it does not start with it. */
static const char *after(const char *text, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* RFC 3966 5.1.4, without visual separators and parameters: they would give a number a second
 * spelling. */
static bool is_global_number(const char *text) {
    if (*text != '+') {
        return false;
    }
    size_t digits = count_digits(text + 1);
    return digits >= 1 && digits <= E164_DIGITS_MAX && text[1 + digits] == '\0';
}

/* RFC 7254 4.2: TAC, serial number, spare digit; without the optional software version. */
static bool is_imei(const char *text) {
    static const size_t groups[] = {8, 6, 1};
    for (size_t i = 0; i < 3; i++) {
        if (count_digits(text) != groups[i]) {
            return false;
        }
        text += groups[i];
        if (*text++ != (i < 2 ? '-' : '\0')) {
            return false;
        }
    }
    return true;
}

/* A host name in lower case, dots between labels that neither start nor end with a hyphen. */
static bool is_host(const char *text) {
    for (;;) {
        size_t label = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
        if (label == 0 || text[0] == '-' || text[label - 1] == '-') {
            return false;
        }
        if (text[label] != '.') {
            return text[label] == '\0';
        }
        text += label + 1;
    }
}

/* RFC 3261 25.1 user@host. What would give the same address a second spelling is left out: escapes,
 * password, port, parameters, and capitals in the host. */
static bool is_sip_address(const char *text) {
    const char *at = strchr(text, '@');
    if (at == NULL || at == text) {
        return false;
    }
    for (const char *c = text; c < at; c++) {
        if (!is_letter(*c) && !is_digit(*c) && strchr("-_.!~*'()&=+$,", *c) == NULL) {
            return false;
        }
    }
    return is_host(at + 1);
}

enum status identity_check(const char *uri) {
    if (strnlen(uri, IDENTITY_SIZE) > IDENTITY_MAX) {
        return STATUS_TOO_LONG;
    }
    const char *number = after(uri, "tel:");
    const char *imei = after(uri, me_prefix);
    const char *address = after(uri, "sip:");
    bool valid = (number != NULL && is_global_number(number)) || (imei != NULL && is_imei(imei)) ||
                 (address != NULL && is_sip_address(address));
    return valid ? STATUS_OK : STATUS_IDENTITY_INVALID;
}

bool identity_is_me(const char *uri) {
    return after(uri, me_prefix) != NULL;
}

enum id_scheme identity_scheme(const char *uri) {
    if (identity_is_me(uri)) {
        return ID_SCHEME_FIXED;
    }
    return after(uri, "tel:") != NULL ? ID_SCHEME_MONTHLY_TEL : ID_SCHEME_MONTHLY_URI;
}

enum status kms_uri_check(const char *uri) {
    if (strnlen(uri, IDENTITY_SIZE) > IDENTITY_MAX) {
        return STATUS_TOO_LONG;
    }
    size_t scheme = strspn(uri, "abcdefghijklmnopqrstuvwxyz");
    if (scheme == 0 || uri[scheme] != ':' || uri[scheme + 1] == '\0') {
        return STATUS_IDENTITY_INVALID;
    }
    for (const char *c = uri; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~') {
            return STATUS_IDENTITY_INVALID;
        }
    }
    return STATUS_OK;
}

/* "YYYY-MM" of the month that holds `utc_ms`. */
static enum status write_month(int64_t utc_ms, struct writer *w) {
    static const int64_t year_10000_ms = INT64_C(253402300800000);
    if (utc_ms < 0 || utc_ms >= year_10000_ms) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm utc;
    char month[8];
    if (gmtime_r(&seconds, &utc) == NULL || strftime(month, sizeof month, "%Y-%m", &utc) != 7) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    write_span(w, span_of_text(month));
    return STATUS_OK;
}

/* After the period: 00, `scheme`, `uri`, 00. */
static enum status write_name(struct writer *w, const char *scheme, const char *uri,
                              struct identifier *out) {
    write_u8(w, 0);
    write_span(w, span_of_text(scheme));
    write_span(w, span_of_text(uri));
    write_u8(w, 0);
    enum status status = writer_finish(w);
    if (status == STATUS_OK) {
        out->length = w->length;
    }
    return status;
}

enum status identifier_of(const char *uri, int64_t utc_ms, struct identifier *out) {
    memset(out, 0, sizeof *out);
    enum status status = identity_check(uri);
    struct writer w = writer_into(out->octets, sizeof out->octets);
    if (status == STATUS_OK && identity_is_me(uri)) {
        write_span(&w, span_of_text("fixed"));
    } else if (status == STATUS_OK) {
        status = write_month(utc_ms, &w);
    }
    return status == STATUS_OK ? write_name(&w, "", uri, out) : status;
}

enum status identifier_of_recovery(const char *kms, int64_t utc_ms, struct identifier *out) {
    memset(out, 0, sizeof *out);
    enum status status = kms_uri_check(kms);
    struct writer w = writer_into(out->octets, sizeof out->octets);
    if (status == STATUS_OK) {
        status = write_month(utc_ms, &w);
    }
    return status == STATUS_OK ? write_name(&w, "recovery:", kms, out) : status;
}

enum status identifier_of_statements(const char *kms, struct identifier *out) {
    memset(out, 0, sizeof *out);
    enum status status = kms_uri_check(kms);
    struct writer w = writer_into(out->octets, sizeof out->octets);
    write_span(&w, span_of_text("fixed"));
    return status == STATUS_OK ? write_name(&w, "statements:", kms, out) : status;
}

enum status identifier_of_manager(const uint8_t name[MANAGER_NAME_SIZE], int64_t utc_ms,
                                  struct identifier *out) {
    char hex[2 * MANAGER_NAME_SIZE + 1];
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < MANAGER_NAME_SIZE; i++) {
        snprintf(hex + 2 * i, 3, "%02x", name[i]);
    }
    struct writer w = writer_into(out->octets, sizeof out->octets);
    enum status status = write_month(utc_ms, &w);
    return status == STATUS_OK ? write_name(&w, "manager:", hex, out) : status;
}

struct span identifier_span(const struct identifier *identifier) {
    return (struct span){identifier->octets, identifier->length};
}

/* The creator of an ad-hoc group identity into creator[]; false when `group` is not spelled like
 * one. */
static bool adhoc_creator(const char *group, char creator[IDENTITY_SIZE]) {
    const char *body = after(group, adhoc_prefix);
    if (body == NULL || strnlen(group, GROUP_IDENTITY_SIZE) > GROUP_IDENTITY_MAX) {
        return false;
    }
    const char *semicolon = strrchr(body, ';');
    if (semicolon == NULL || semicolon - body > IDENTITY_MAX) {
        return false;
    }
    if (strspn(semicolon + 1, "0123456789abcdef") != ADHOC_NUMBER_DIGITS ||
        semicolon[1 + ADHOC_NUMBER_DIGITS] != '\0') {
        return false;
    }
    size_t length = (size_t)(semicolon - body);
    memcpy(creator, body, length);
    creator[length] = '\0';
    return true;
}

bool group_identity_is_adhoc(const char *group, const char *creator) {
    char named[IDENTITY_SIZE];
    return adhoc_creator(group, named) && identity_check(named) == STATUS_OK &&
           (creator == NULL || strcmp(named, creator) == 0);
}

enum status group_identity_adhoc(const char *creator, uint64_t number,
                                 char out[GROUP_IDENTITY_SIZE]) {
    memset(out, 0, GROUP_IDENTITY_SIZE);
    enum status status = identity_check(creator);
    if (status != STATUS_OK) {
        return status;
    }
    snprintf(out, GROUP_IDENTITY_SIZE, "%s%s;%016" PRIx64, adhoc_prefix, creator, number);
    return STATUS_OK;
}

enum status group_identity_check(const char *group) {
    if (strnlen(group, GROUP_IDENTITY_SIZE) > GROUP_IDENTITY_MAX) {
        return STATUS_TOO_LONG;
    }
    if (group_identity_is_adhoc(group, NULL)) {
        return STATUS_OK;
    }
    return after(group, "sip:") != NULL ? identity_check(group) : STATUS_IDENTITY_INVALID;
}

unsigned key_id_space(uint32_t key_id) {
    return key_id >> 28;
}

uint32_t key_id_in_space(unsigned space, uint32_t random) {
    return (uint32_t)space << 28 | (random & UINT32_C(0x0FFFFFFF));
}
