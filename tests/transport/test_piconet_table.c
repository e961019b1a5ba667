/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control packets of transport/bluetooth/piconet_table.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/bluetooth/piconet_table.h"

static void table_survives_the_packet_and_its_largest_fits(void **state) {
    (void)state;
    struct piconet_table table = {.count = 1 + PICONET_TABLE_MAX}, back = {0};
    for (size_t i = 0; i < table.count; i++) {
        table.handsets[i] =
            (struct piconet_handset){.count = PICONET_ADAPTERS_MAX, .distance = i == 0 ? 0 : 2};
        for (unsigned j = 0; j < PICONET_ADAPTERS_MAX; j++) {
            table.handsets[i].addresses[j] = 0xa00000000001 + 16 * i + j;
        }
    }
    uint8_t packet[PICONET_CONTROL_MAX + 1] = {[PICONET_CONTROL_MAX] = 0xa5};
    size_t length = piconet_write_table(&table, packet);
    assert_true(length <= PICONET_CONTROL_MAX);
    assert_int_equal(packet[PICONET_CONTROL_MAX], 0xa5);
    assert_int_equal(piconet_read(packet, length, &back), PICONET_TABLE);
    assert_int_equal(back.count, table.count);
    for (size_t i = 0; i < table.count; i++) {
        assert_int_equal(back.handsets[i].addresses[0], table.handsets[i].addresses[0]);
    }
    table.count = 20;
    length = piconet_write_table(&table, packet);
    assert_int_equal(piconet_read(packet, length, &back), PICONET_TABLE);
    assert_true(piconet_table_equal(&table, &back));
    for (size_t i = 0; i < length; i++) {
        assert_int_equal(piconet_read(packet, i, &back), PICONET_BROKEN);
    }
    packet[length] = 0;
    assert_int_equal(piconet_read(packet, length + 1, &back), PICONET_BROKEN);
}

static void table_with_a_mistake_is_broken(void **state) {
    (void)state;
    const struct piconet_table good = {
        .count = 2,
        .handsets = {{.addresses = {0x10}, .count = 1},
                     {.addresses = {0x20}, .count = 1, .distance = 3}}};
    struct piconet_table back;
    uint8_t packet[PICONET_CONTROL_MAX];
    for (unsigned i = 0; i < 6; i++) {
        struct piconet_table bad = good;
        bad.handsets[0].distance = i == 1;
        bad.handsets[1].distance = i == 2 ? 0 : i == 3 ? PICONET_DISTANCE_MAX : 3;
        bad.handsets[i == 5].addresses[0] = i == 4 || i == 5 ? 0 : 0x30;
        size_t length = piconet_write_table(&bad, packet);
        assert_int_equal(piconet_read(packet, length, &back),
                         i == 0 ? PICONET_TABLE : PICONET_BROKEN);
    }
    size_t length = piconet_write_table(&good, packet);
    packet[0] = 1;
    assert_int_equal(piconet_read(packet, length, &back), PICONET_BROKEN);
    assert_int_equal(piconet_read(packet, piconet_write_full(packet), &back), PICONET_FULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_survives_the_packet_and_its_largest_fits),
        cmocka_unit_test(table_with_a_mistake_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
