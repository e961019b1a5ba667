/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages for other programs to look at: `test_capture MESSAGE` prints one as the hex dump that
 * text2pcap takes (check_tshark). MESSAGE is
 *
 *   i_message
 *   connection         an I_MESSAGE that opens a D2D connection, with recovery
 *   key_delivery
 *   announcement
 *   announcement-160   the announcement with its MAC cut to 160 bits and marked as such: of the MAC
 *                      algorithms Wireshark 4.0 knows only HMAC-SHA-1-160, and stops reading a
 *                      message at another one, so this is how it gets to see the payload after it
 *
 * Without an argument it tests that the same seed gives the same messages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/mikey.h"
#include "tests/crypto/parties.h"
#include "tests/crypto/stand_in.h"

static const uint8_t key[SSV_SIZE] = "0123456789abcde";

/* The native module draws from the source that it is handed. */
static const struct provider *module(void) {
    const struct provider *native = provider_find("native");
    return native != NULL ? native : &stand_in;
}

/* One after the other, as a handset sends them: no two signatures share their ephemeral. */
static void write_both(struct writer *i_message, struct writer *announcement) {
    struct parties parties;
    parties_open(&parties, module());
    parties_write_i_message(&parties, key, i_message);
    parties_write_announcement(&parties, key, announcement);
    parties_close(&parties);
}

static void write_i_message(struct writer *w) {
    uint8_t octets[ANNOUNCEMENT_MAX];
    struct writer announcement = writer_into(octets, sizeof octets);
    write_both(w, &announcement);
}

static void write_announcement(struct writer *w) {
    uint8_t octets[I_MESSAGE_MAX];
    struct writer i_message = writer_into(octets, sizeof octets);
    write_both(&i_message, w);
}

static void write_connection(struct writer *w) {
    struct parties parties;
    parties_open(&parties, module());
    parties_write_connection(&parties, key, true, w);
    parties_close(&parties);
}

static void write_key_delivery(struct writer *w) {
    struct parties parties;
    parties_open(&parties, module());
    parties_write_key_delivery(&parties, w);
    parties_close(&parties);
}

static void write_announcement_160(struct writer *w) {
    enum {
        MAC_160 = 20,
        HMAC_SHA_1_160 = 1
    };
    uint8_t octets[ANNOUNCEMENT_MAX];
    struct announcement announcement;
    struct writer whole = writer_into(octets, sizeof octets);
    write_announcement(&whole);
    assert_int_equal(announcement_parse(writer_span(&whole), &announcement), STATUS_OK);
    size_t algorithm_at = announcement.mac_covered.length - 1;
    size_t sign_at = announcement.mac_covered.length + announcement.mac.length;
    write_span(w, (struct span){octets, algorithm_at});
    write_u8(w, HMAC_SHA_1_160);
    write_span(w, (struct span){announcement.mac.octets, MAC_160});
    write_span(w, (struct span){octets + sign_at, whole.length - sign_at});
}

static const struct {
    const char *name;
    void (*write)(struct writer *w);
} messages[] = {
    {"i_message", write_i_message},
    {"connection", write_connection},
    {"key_delivery", write_key_delivery},
    {"announcement", write_announcement},
    {"announcement-160", write_announcement_160},
};

enum {
    MESSAGE_COUNT = sizeof messages / sizeof messages[0]
};

static void the_same_seed_gives_the_same_messages(void **state) {
    (void)state;
    for (size_t i = 0; i < MESSAGE_COUNT; i++) {
        uint8_t first[I_MESSAGE_MAX];
        uint8_t second[I_MESSAGE_MAX];
        struct writer one = writer_into(first, sizeof first);
        struct writer other = writer_into(second, sizeof second);
        messages[i].write(&one);
        messages[i].write(&other);
        assert_int_equal(writer_finish(&one), STATUS_OK);
        assert_true(span_equal(writer_span(&one), writer_span(&other)));
    }
}

static int print(const char *name) {
    uint8_t octets[I_MESSAGE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    for (size_t i = 0; i < MESSAGE_COUNT; i++) {
        if (strcmp(messages[i].name, name) == 0) {
            messages[i].write(&w);
        }
    }
    for (size_t at = 0; at < w.length; at++) {
        if (at % 16 == 0) {
            printf("%s%06zx", at > 0 ? "\n" : "", at);
        }
        printf(" %02x", octets[at]);
    }
    printf("\n");
    return w.length > 0 ? 0 : 2;
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_messages),
    };
    return argc > 1 ? print(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
