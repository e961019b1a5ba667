/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/log_head.h"

#include <stdio.h>
#include <string.h>

void log_head_print(const struct log_head *head, char out[LOG_HEAD_TEXT_SIZE]) {
    out[0] = '\0';
    if (head->number == 0) {
        return;
    }
    int length = snprintf(out, LOG_HEAD_TEXT_SIZE, "%llu:", (unsigned long long)head->number);
    for (size_t i = 0; i < sizeof head->hash; i += 2) {
        length += snprintf(out + length, LOG_HEAD_TEXT_SIZE - (size_t)length, " %02x%02x",
                           head->hash[i], head->hash[i + 1]);
    }
}

bool log_head_differs(const struct log_head *earlier, const struct log_head *later) {
    bool is_same = earlier->number == later->number;
    return earlier->number != 0 && later->number != 0 &&
           (is_same ? memcmp(earlier->hash, later->hash, sizeof earlier->hash) != 0
                    : later->number < earlier->number);
}

void log_head_write(struct writer *out, const struct log_head *head) {
    write_u64(out, head->number);
    if (head->number != 0) {
        write_span(out, SPAN_OF(head->hash));
    }
}

enum status log_head_read(struct reader *in, struct log_head *head) {
    memset(head, 0, sizeof *head);
    head->number = read_u64(in);
    if (!in->failed && head->number != 0) {
        read_octets(in, head->hash, sizeof head->hash);
    }
    return in->failed ? STATUS_TRUNCATED : STATUS_OK;
}
