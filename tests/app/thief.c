/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "thief.h"

#include <glob.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/store/record_keys.h"

enum {
    STORES_MAX = 4,
    KEYS_MAX = 256,
    NONCE_SIZE = 24,
    TABLE_SIZE = 4 * (DATABASE_NAME_SIZE + SEAL_KEY_SIZE),
    BEGIN_SIZE = 3 + 64 + THIEF_VALUE_SIZE
};

struct keys {
    size_t count;
    uint8_t each[KEYS_MAX][SEAL_KEY_SIZE];
};

struct search {
    uint8_t *octets; /* all files, one after the other, and room to look past the end */
    size_t length;
    size_t stores;
    struct store_keys store[STORES_MAX];
    struct keys key_file, sealing;
    struct span begin; /* of the record's plain text: kind and key */
    uint8_t name[DATABASE_NAME_SIZE];
};

static void add_key(struct keys *keys, const uint8_t key[SEAL_KEY_SIZE]) {
    for (size_t i = 0; i < keys->count; i++) {
        if (memcmp(keys->each[i], key, SEAL_KEY_SIZE) == 0) {
            return;
        }
    }
    assert_true(keys->count < KEYS_MAX);
    memcpy(keys->each[keys->count++], key, SEAL_KEY_SIZE);
}

static void read_files(struct search *search, const char *store) {
    char pattern[512];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s*", store);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        FILE *file = fopen(found.gl_pathv[i], "rb");
        assert_non_null(file);
        assert_int_equal(fseek(file, 0, SEEK_END), 0);
        size_t size = (size_t)ftell(file);
        rewind(file);
        search->octets = realloc(search->octets, search->length + size + TABLE_SIZE + 4096);
        assert_non_null(search->octets);
        assert_int_equal(fread(search->octets + search->length, 1, size, file), size);
        search->length += size;
        memset(search->octets + search->length, 0, TABLE_SIZE + 4096);
        fclose(file);
    }
    globfree(&found);
}

/* What a sealed text would begin with if it stood there and were sealed under that key. Whether
 * its end is there as well, with its tag, does not matter. */
static void unseal(const uint8_t *at, const uint8_t key[SEAL_KEY_SIZE], uint8_t *plain,
                   size_t length) {
    crypto_stream_xchacha20_xor_ic(plain, at + NONCE_SIZE, length, at, 1, key);
}

/* Zeros are no nonce and no key: what a page has to spare is passed over. */
static bool is_blank(const uint8_t *at) {
    static const uint8_t zeros[NONCE_SIZE];
    return memcmp(at, zeros, sizeof zeros) == 0;
}

static void find_heads(struct search *search, struct span passphrase, struct thief *thief) {
    for (size_t at = 0; at + HEAD_SIZE <= search->length; at++) {
        struct store_keys keys;
        if (search->octets[at] != 1 || head_open((struct span){search->octets + at, HEAD_SIZE},
                                                 passphrase, NULL, &keys) != STATUS_OK) {
            continue;
        }
        thief->heads++;
        bool is_known = false;
        for (size_t i = 0; i < search->stores; i++) {
            is_known = is_known || memcmp(&search->store[i], &keys, sizeof keys) == 0;
        }
        if (!is_known) {
            assert_true(search->stores < STORES_MAX);
            search->store[search->stores++] = keys;
        }
    }
}

/* Each key of a key file has its checksum behind it. */
static void find_key_file(struct search *search) {
    for (size_t at = 0; at + SEAL_KEY_SIZE + SEAL_HASH_SIZE <= search->length; at++) {
        uint8_t checksum[SEAL_HASH_SIZE];
        const uint8_t *key = search->octets + at;
        if (is_blank(key)) {
            continue;
        }
        assert_int_equal(seal_checksum((struct span){key, SEAL_KEY_SIZE}, checksum), STATUS_OK);
        if (memcmp(checksum, key + SEAL_KEY_SIZE, SEAL_HASH_SIZE) == 0) {
            add_key(&search->key_file, key);
        }
    }
}

static void find_record_keys(struct search *search, const struct store_keys *store) {
    for (size_t i = 0; i < search->key_file.count; i++) {
        uint8_t key[SEAL_KEY_SIZE], table[TABLE_SIZE];
        assert_int_equal(seal_hash(store->keys, SPAN_OF(search->key_file.each[i]), key), STATUS_OK);
        for (size_t at = 0; at < search->length; at++) {
            if (is_blank(search->octets + at)) {
                continue;
            }
            unseal(search->octets + at, key, table, sizeof table);
            for (size_t n = 0; n < TABLE_SIZE; n += DATABASE_NAME_SIZE + SEAL_KEY_SIZE) {
                if (memcmp(table + n, search->name, DATABASE_NAME_SIZE) == 0) {
                    add_key(&search->sealing, table + n + DATABASE_NAME_SIZE);
                }
            }
        }
    }
}

static void note(struct thief *thief, const uint8_t *value) {
    char text[THIEF_VALUE_SIZE] = {0};
    for (size_t i = 0; i + 1 < sizeof text && value[i] != '.'; i++) {
        text[i] = (char)value[i];
    }
    if (!thief_has(thief, text)) {
        assert_true(thief->count < THIEF_FINDINGS_MAX);
        memcpy(thief->values[thief->count++], text, sizeof text);
    }
}

static void find_values(struct search *search, struct thief *thief) {
    for (size_t i = 0; i < search->sealing.count; i++) {
        for (size_t at = 0; at < search->length; at++) {
            uint8_t plain[BEGIN_SIZE] = {0};
            if (is_blank(search->octets + at)) {
                continue;
            }
            unseal(search->octets + at, search->sealing.each[i], plain, sizeof plain);
            if (memcmp(plain, search->begin.octets, search->begin.length) == 0) {
                note(thief, plain + search->begin.length);
            }
        }
    }
}

void thief_search(const char *store, struct span passphrase, enum record_kind kind, const char *key,
                  struct thief *thief) {
    struct search *search = calloc(1, sizeof *search);
    uint8_t begin[3 + 64];
    struct writer w = writer_into(begin, sizeof begin);
    assert_non_null(search);
    *thief = (struct thief){0};
    write_u16(&w, (uint16_t)kind);
    write_span_u8(&w, span_of_text(key));
    assert_int_equal(writer_finish(&w), STATUS_OK);
    search->begin = writer_span(&w);
    read_files(search, store);
    find_heads(search, passphrase, thief);
    find_key_file(search);
    for (size_t i = 0; i < search->stores; i++) {
        assert_int_equal(row_name(&search->store[i], kind, span_of_text(key), search->name),
                         STATUS_OK);
        add_key(&search->sealing, search->store[i].record);
        find_record_keys(search, &search->store[i]);
    }
    find_values(search, thief);
    free(search->octets);
    free(search);
}

bool thief_has(const struct thief *thief, const char *value) {
    for (size_t i = 0; i < thief->count; i++) {
        if (strcmp(thief->values[i], value) == 0) {
            return true;
        }
    }
    return false;
}
