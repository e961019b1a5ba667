/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/record.h"

#include "crypto/mikey.h"

enum {
    FLAG_REPEATED = 1,
    FLAG_LIST = 2
};

/* The octet is there only where one of them is set: handsets that do not know it take what is
 * proposed the first time to those of the first list, all of whom may raise an emergency. */
static void proposal_write(struct writer *out, const struct d2d_record *record) {
    bool has_list = record->parameters->list_number > 0 || group_takes_rights(record->parameters);
    write_u64(out, (uint64_t)record->group_ms);
    group_parameters_write(out, record->parameters);
    if (record->is_repeated || has_list) {
        write_u8(out,
                 (uint8_t)((record->is_repeated ? FLAG_REPEATED : 0) | (has_list ? FLAG_LIST : 0)));
    }
    if (has_list) {
        group_latecomers_write(out, record->parameters);
    }
}

void d2d_record_write(struct writer *out, const struct d2d_record *record) {
    write_u8(out, (uint8_t)record->type);
    write_u64(out, (uint64_t)record->utc_ms);
    switch (record->type) {
    case RECORD_PROPOSE_GROUP:
    case RECORD_LIST:
        proposal_write(out, record);
        break;
    case RECORD_PROPOSE_CALL:
    case RECORD_ACCEPTED:
        write_u32(out, record->ssrc);
        break;
    case RECORD_POLL:
        write_u64(out, (uint64_t)record->group_ms);
        break;
    case RECORD_GRANT:
        write_u64(out, (uint64_t)record->group_ms);
        write_u32(out, record->gmk_id);
        write_u32(out, record->hour);
        write_u8(out, record->is_doubted);
        write_span(out, SPAN_OF(record->gmk));
        if (record->ticket.length > 0) {
            write_span_u16(out, record->ticket);
        }
        break;
    case RECORD_RECEIPT:
        write_u32(out, record->gmk_id);
        break;
    case RECORD_DECLINED:
        write_u8(out, (uint8_t)record->reason);
        write_u64(out, (uint64_t)record->limit_ms);
        break;
    case RECORD_PART:
    case RECORD_LAST_PART:
        write_span(out, record->part);
        break;
    case RECORD_CLOSE:
    case RECORD_PENDING:
    case RECORD_CLOSED:
    case RECORD_NEXT:
        break;
    }
}

/* Milliseconds since 1970 within bounds that keep sums of times far from overflow. */
static int64_t time_read(struct reader *r) {
    uint64_t ms = read_u64(r);
    if (ms > INT64_MAX / 4) {
        r->failed = true;
    }
    return r->failed ? 0 : (int64_t)ms;
}

/* A group's time, which goes into the timestamps of its announcements. */
static int64_t group_time_read(struct reader *r) {
    int64_t ms = time_read(r);
    r->failed = r->failed || !mikey_time_fits(ms);
    return r->failed ? 0 : ms;
}

static enum status proposal_read(struct reader *r, struct d2d_record *record) {
    record->group_ms = group_time_read(r);
    enum status status = group_parameters_read(r, record->parameters);
    if (status == STATUS_OK && !mikey_time_fits(record->parameters->created_ms)) {
        return STATUS_MALFORMED;
    }
    if (status != STATUS_OK || reader_left(r) == 0) {
        return status;
    }
    uint8_t flags = read_u8(r);
    record->is_repeated = (flags & FLAG_REPEATED) != 0;
    if (flags == 0 || flags > (FLAG_REPEATED | FLAG_LIST)) {
        return STATUS_MALFORMED;
    }
    return (flags & FLAG_LIST) != 0 ? group_latecomers_read(r, record->parameters) : STATUS_OK;
}

static enum status grant_read(struct reader *r, struct d2d_record *record) {
    record->gmk_id = read_u32(r);
    record->hour = read_u32(r);
    uint8_t is_doubted = read_u8(r);
    record->is_doubted = is_doubted == 1;
    read_octets(r, record->gmk, sizeof record->gmk);
    record->ticket = (struct span){NULL, 0};
    bool has_ticket = reader_left(r) > 0;
    if (has_ticket) {
        record->ticket = read_span_u16(r);
    }
    bool is_empty = has_ticket && !r->failed && record->ticket.length == 0;
    return is_doubted > 1 || is_empty ? STATUS_MALFORMED : STATUS_OK;
}

static enum status body_read(struct reader *r, struct d2d_record *record) {
    switch (record->type) {
    case RECORD_PROPOSE_GROUP:
    case RECORD_LIST:
        return proposal_read(r, record);
    case RECORD_PROPOSE_CALL:
    case RECORD_ACCEPTED:
        record->ssrc = read_u32(r);
        return STATUS_OK;
    case RECORD_POLL:
        record->group_ms = group_time_read(r);
        return STATUS_OK;
    case RECORD_GRANT:
        record->group_ms = group_time_read(r);
        return grant_read(r, record);
    case RECORD_RECEIPT:
        record->gmk_id = read_u32(r);
        return STATUS_OK;
    case RECORD_DECLINED:
        record->reason = (enum decline_reason)read_u8(r);
        record->limit_ms = time_read(r);
        return STATUS_OK;
    case RECORD_PART:
    case RECORD_LAST_PART:
        record->part = read_span(r, reader_left(r));
        return record->part.length > 0 ? STATUS_OK : STATUS_TRUNCATED;
    case RECORD_CLOSE:
    case RECORD_PENDING:
    case RECORD_CLOSED:
    case RECORD_NEXT:
        return STATUS_OK;
    }
    return STATUS_UNSUPPORTED;
}

enum status d2d_record_read(struct span octets, struct d2d_record *record) {
    struct reader r = reader_of(octets);
    record->type = (enum record_type)read_u8(&r);
    record->utc_ms = time_read(&r);
    if (r.failed) {
        return STATUS_TRUNCATED;
    }
    enum status status = body_read(&r, record);
    return status == STATUS_OK ? reader_finish(&r) : status;
}
