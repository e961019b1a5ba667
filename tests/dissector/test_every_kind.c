/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames of every kind that handsets say (app/handset/air/frame.h), for check_dissector: with
 * MUSTER_FRAMES=FOLDER they are written there as a capture, beside what the engine's own readers
 * find in them, and a second capture with frames that were changed at random. Without it the test
 * says that no kind is missing.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/fragment.h"
#include "app/handset/air/inquiry.h"
#include "app/handset/handset.h"
#include "app/handset/keys/receipt.h"
#include "app/handset/talk/media.h"
#include "app/programs/pcap.h"
#include "crypto/attendance_word.h"
#include "crypto/floor_request.h"
#include "crypto/group_message.h"
#include "crypto/key_delivery.h"
#include "tests/app/manager_squad.h"
#include "tests/app/revoked_list.h"
#include "tests/app/talkers.h"

enum {
    FRAMES_MAX = 4000,
    MUTATED = 600,
    SEED = 20261130,
};

/* What is compared of each frame: see check_dissector, which asks tshark for the same columns. */
enum column {
    KIND,
    HOPS,
    ID,
    IDENTITY,
    GROUP,
    GMK,
    HOUR,
    SLOT,
    AGE,
    CONNECTION,
    STEP,
    SSRC,
    SEQUENCE,
    ANNOUNCED,
    CSB,
    PART_HASH,
    PART_AT,
    LIST,
    NAMES,
    MIKEY, /* 1: Wireshark's own dissector has read such a message, */
    RTP,   /* 2: or such a packet; these are the versions */
    COLUMNS
};

struct facts {
    char columns[COLUMNS][GROUP_IDENTITY_SIZE];
};

struct kept_frame {
    unsigned from, to;
    size_t length;
    uint8_t octets[FRAME_MAX];
};

/* What all scenes said. */
struct said {
    size_t count;
    struct kept_frame frames[FRAMES_MAX];
};

/* Of what is there several times, the first is told. */
static void tell(struct facts *facts, enum column column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void tell(struct facts *facts, enum column column, const char *format, ...) {
    if (facts->columns[column][0] != '\0') {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(facts->columns[column], sizeof facts->columns[column], format, arguments);
    va_end(arguments);
}

static void keep(struct said *said, unsigned from, unsigned to, struct span octets) {
    assert_true(said->count < FRAMES_MAX);
    struct kept_frame *kept = &said->frames[said->count++];
    *kept = (struct kept_frame){.from = from, .to = to, .length = octets.length};
    assert_true(octets.length <= sizeof kept->octets);
    memcpy(kept->octets, octets.octets, octets.length);
}

static void keep_squad(struct said *said, const struct squad *squad) {
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        keep(said, (unsigned)frame->from + 1, (unsigned)frame->to,
             (struct span){frame->octets, frame->length});
    }
}

/* A frame of that kind around `payload`, with that many hops left. */
static void keep_made(struct said *said, enum frame_kind kind, uint8_t hops, struct span payload) {
    uint8_t octets[FRAME_MAX];
    struct writer out = writer_into(octets, sizeof octets);
    frame_write(&out,
                &(struct frame){kind, hops, UINT64_C(0x0102030400000000) + said->count, payload});
    assert_int_equal(writer_finish(&out), STATUS_OK);
    keep(said, 1, 0, writer_span(&out));
}

/* --- What handsets say --------------------------------------------------------------------------
 */

static void say_message(struct squad *squad, size_t n, const char *text) {
    struct command command = {.kind = COMMAND_MESSAGE, .text = text, .text_length = strlen(text)};
    memcpy(command.group, squad_view(squad, n)->groups[0].identity, sizeof command.group);
    assert_int_equal(squad_command(squad, n, &command), STATUS_OK);
}

/* An ad-hoc group: its keys, a talk that one asks in, a message, a one-to-one talk and an
 * emergency. */
static void play_group(struct said *said) {
    struct squad *squad = talkers_new(3);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 300);
    (void)squad_talk(squad, 2); /* it asks for the floor */
    squad_run(squad, 300);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    say_message(squad, 1, "At the bridge.");
    squad_run(squad, 3000);
    struct command call = {.kind = COMMAND_CALL};
    snprintf(call.identity, sizeof call.identity, "%s", squad_identity(1));
    assert_int_equal(squad_command(squad, 0, &call), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 500);
    struct command emergency = {.kind = COMMAND_EMERGENCY, .on = 1};
    memcpy(emergency.group, squad_view(squad, 2)->groups[0].identity, sizeof emergency.group);
    assert_int_equal(squad_command(squad, 2, &emergency), STATUS_OK);
    squad_run(squad, 1000);
    keep_squad(said, squad);
    squad_free(squad);
}

/* A standard group: key deliveries and their receipts; and a list of the revoked. */
static void play_standard_group(struct said *said) {
    struct squad *squad = squad_with_key(3);
    const struct revocation list = revoked_list(squad, 7, SQUAD_MAX + 10);
    assert_int_equal(revoked_list_import(squad, 1, &list), STATUS_OK);
    squad_run(squad, 6000);
    keep_squad(said, squad);
    squad_free(squad);
}

static const struct kept_frame *kept_of(const struct said *said, enum frame_kind kind) {
    for (size_t i = 0; i < said->count; i++) {
        if (said->frames[i].octets[FRAME_KIND_AT] == kind) {
            return &said->frames[i];
        }
    }
    fail_msg("no frame of kind %u", kind);
    return NULL;
}

static struct span payload_of(const struct kept_frame *kept) {
    return (struct span){kept->octets + FRAME_HEADER_SIZE, kept->length - FRAME_HEADER_SIZE};
}

/* What is said among many handsets alone, by the writers of the engine where it has some. */
static void make_crowd(struct said *said) {
    uint8_t room[FRAME_MAX];
    struct writer out = writer_into(room, sizeof room);
    struct presence_link link = {.anchor = {1, 2, 3, 4, 5, 6, 7, 8, 9}, .number = 4711};
    presence_link_write(&out, &link);
    keep_made(said, FRAME_PRESENCE_LINK, FRAME_HOPS, writer_span(&out));

    out = writer_into(room, sizeof room);
    write_u64(&out, UINT64_C(0x1122334455667788));
    write_u8(&out, 2);
    write_u64(&out, 1);
    write_u64(&out, 2);
    write_span(&out, payload_of(kept_of(said, FRAME_PRESENCE)));
    keep_made(said, FRAME_INQUIRY, FRAME_HOPS, writer_span(&out));

    out = writer_into(room, sizeof room);
    const uint8_t key[GMK_SIZE] = {9};
    struct attendance_word word = {.gmk_id = 0xA1234567, .hour = 3, .member = 1};
    assert_int_equal(attendance_close(key, &word, &out), STATUS_OK);
    keep_made(said, FRAME_ATTENDANCE, FRAME_HOPS, writer_span(&out));
}

/* What relays make of frames: one hop less, and parts on a narrow link, the last part first. */
static void make_relayed(struct said *said) {
    const struct kept_frame whole = *kept_of(said, FRAME_KEY_DELIVERY);
    keep_made(said, FRAME_KEY_DELIVERY, FRAME_HOPS - 2, payload_of(&whole));
    uint8_t octets[FRAGMENT_WHOLE_MAX], room[FRAME_MAX];
    struct writer out = writer_into(octets, sizeof octets);
    write_u8(&out, FRAME_KEY_DELIVERY);
    write_span(&out, payload_of(&whole));
    struct fragment_cut cut = fragment_cut(writer_span(&out), FRAME_LINK_MIN);
    for (size_t at = cut.count; at-- > 0;) {
        struct writer part = writer_into(room, sizeof room);
        fragment_write(&part, &cut, at);
        keep_made(said, FRAME_FRAGMENT, FRAME_HOPS - 1, writer_span(&part));
    }
}

/* --- What the engine's readers find
 * ---------------------------------------------------------------- */

static void read_presence(struct facts *facts, struct span payload) {
    struct presence presence;
    struct span covered, signature;
    assert_int_equal(presence_read(payload, &presence, &covered, &signature), STATUS_OK);
    tell(facts, IDENTITY, "%s", presence.identity);
    tell(facts, SLOT, "%u", presence.link.number);
    tell(facts, AGE, "%" PRId64, presence.age_ms);
}

static void read_i_message(struct facts *facts, struct span octets) {
    struct i_message message;
    assert_int_equal(i_message_parse(octets, &message), STATUS_OK);
    tell(facts, MIKEY, "1");
    tell(facts, IDENTITY, "%s", message.fields.initiator);
    tell(facts, CSB, "0x%08x", message.fields.key_id);
}

static void read_key_delivery(struct facts *facts, struct span octets) {
    struct i_message message;
    assert_int_equal(key_delivery_parse(octets, &message), STATUS_OK);
    tell(facts, MIKEY, "1");
    tell(facts, IDENTITY, "%s", message.fields.initiator);
    tell(facts, CSB, "0x%08x", message.fields.key_id);
}

static void read_d2d(struct facts *facts, struct span payload) {
    struct d2d_head head;
    assert_int_equal(d2d_head_read(payload, &head), STATUS_OK);
    tell(facts, CONNECTION, "0x%016" PRIx64, head.id);
    tell(facts, STEP, "%u", head.step);
    if (head.step == D2D_OPEN) {
        read_i_message(facts, head.body);
    }
}

static void read_announcement(struct facts *facts, struct span octets) {
    struct announcement announcement;
    assert_int_equal(announcement_parse(octets, &announcement), STATUS_OK);
    const struct announcement_fields *fields = &announcement.fields;
    tell(facts, MIKEY, "1");
    tell(facts, IDENTITY, "%s", fields->talker);
    tell(facts, GROUP, "%s", fields->group);
    tell(facts, GMK, "0x%08x", fields->gmk_id);
    tell(facts, HOUR, "%u", fields->hour);
    tell(facts, AGE, "%" PRId64, fields->proof.age_ms);
    tell(facts, ANNOUNCED, "0x%08x", fields->ssrc);
    tell(facts, CSB, "0x%08x", fields->csb_id);
}

/* A group's media as its listeners read them; of a call the header alone, as the rest is sealed. */
static void read_media(struct facts *facts, struct span payload) {
    struct reader in = reader_of(payload);
    uint32_t key_id = read_u32(&in);
    bool has_padding =
        (read_u16(&in) & 0x2000) != 0; /* which nobody can tell from what is sealed */
    uint16_t sequence = read_u16(&in);
    (void)read_u32(&in);
    uint32_t ssrc = read_u32(&in);
    assert_false(in.failed);
    struct media media;
    if (key_id >> 28 != KEY_ID_SPACE_TGK) {
        assert_int_equal(media_read(payload, &media), STATUS_OK);
        assert_int_equal(media.ssrc, ssrc);
    }
    tell(facts, GMK, "0x%08x", key_id);
    tell(facts, SSRC, "0x%08x", ssrc);
    tell(facts, SEQUENCE, "%u", sequence);
    if (!has_padding) {
        tell(facts, RTP, "2");
    }
}

static void read_both(struct facts *facts, struct span payload) {
    struct reader in = reader_of(payload);
    read_announcement(facts, read_span_u16(&in));
    while (reader_left(&in) > 0) {
        read_media(facts, read_span_u16(&in));
    }
}

static void read_receipt(struct facts *facts, struct span payload) {
    struct receipt receipt;
    struct span covered, signature;
    assert_int_equal(receipt_read(payload, &receipt, &covered, &signature), STATUS_OK);
    tell(facts, IDENTITY, "%s", receipt.member);
    tell(facts, GROUP, "%s", receipt.group);
    tell(facts, GMK, "0x%08x", receipt.gmk_id);
}

static void read_revocation(struct facts *facts, struct span payload) {
    struct revocation list;
    assert_int_equal(revocation_read(payload, &list), STATUS_OK);
    tell(facts, LIST, "%" PRIu64, list.number);
}

/* What anybody can read of what is sealed. */
static void read_sealed(struct facts *facts, enum frame_kind kind, struct span payload) {
    uint32_t gmk_id = 0, hour = 0;
    struct attendance_word word;
    if (kind == FRAME_VOICE_REPORT) {
        assert_int_equal(voice_report_gmk_id(payload, &gmk_id), STATUS_OK);
    } else if (kind == FRAME_FLOOR) {
        assert_int_equal(floor_request_gmk_id(payload, &gmk_id), STATUS_OK);
    } else if (kind == FRAME_ATTENDANCE) {
        assert_int_equal(attendance_head(payload, &word), STATUS_OK);
        gmk_id = word.gmk_id;
        tell(facts, HOUR, "%u", word.hour);
    } else {
        assert_int_equal(group_message_head(payload, &gmk_id, &hour), STATUS_OK);
        tell(facts, HOUR, "%u", hour);
    }
    tell(facts, GMK, "0x%08x", gmk_id);
}

static void read_payload(struct facts *facts, enum frame_kind kind, struct span payload);

/* The parts come one after the other, as make_relayed has them; the last that comes has the whole.
 */
static void read_part(struct facts *facts, struct span payload) {
    static struct fragments parts;
    struct fragment part;
    struct span whole;
    struct frame frame;
    assert_int_equal(fragment_read(payload, &part), STATUS_OK);
    tell(facts, PART_AT, "%zu", part.at);
    for (size_t i = 0; i < sizeof part.hash; i++) {
        char *hash = facts->columns[PART_HASH];
        snprintf(hash + 2 * i, sizeof facts->columns[PART_HASH] - 2 * i, "%02x", part.hash[i]);
    }
    assert_int_equal(fragments_hear(&parts, (struct moment){0}, 1, false, payload, &whole),
                     STATUS_OK);
    if (whole.length > 0) {
        assert_int_equal(frame_of_whole(whole, &frame), STATUS_OK);
        read_payload(facts, frame.kind, frame.payload);
    }
}

static void read_payload(struct facts *facts, enum frame_kind kind, struct span payload) {
    struct reader in = reader_of(payload);
    struct said_link link;
    switch (kind) {
    case FRAME_PRESENCE:
        read_presence(facts, payload);
        break;
    case FRAME_D2D:
        read_d2d(facts, payload);
        break;
    case FRAME_ANNOUNCEMENT:
        read_announcement(facts, payload);
        break;
    case FRAME_MEDIA:
        read_media(facts, payload);
        break;
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        read_both(facts, payload);
        break;
    case FRAME_KEY_DELIVERY:
        read_key_delivery(facts, payload);
        break;
    case FRAME_RECEIPT:
        read_receipt(facts, payload);
        break;
    case FRAME_FRAGMENT:
        read_part(facts, payload);
        break;
    case FRAME_PRESENCE_LINK:
        assert_int_equal(presence_link_read(payload, &link), STATUS_OK);
        tell(facts, SLOT, "%u", link.number);
        break;
    case FRAME_INQUIRY:
        (void)read_u64(&in);
        tell(facts, NAMES, "%u", read_u8(&in));
        (void)read_span(&in, 2 * INQUIRY_NAME_SIZE);
        read_presence(facts, read_span(&in, reader_left(&in)));
        break;
    case FRAME_REVOCATION:
        read_revocation(facts, payload);
        break;
    case FRAME_VOICE_REPORT:
    case FRAME_FLOOR:
    case FRAME_ATTENDANCE:
    case FRAME_MESSAGE:
    case FRAME_MESSAGE_RECEIPT:
        read_sealed(facts, kind, payload);
        break;
    case FRAME_RELAY_CONTROL:
        fail_msg("nobody says that");
    }
}

static void print_facts(FILE *file, size_t number, const struct kept_frame *kept) {
    struct facts facts = {0};
    struct frame frame;
    assert_int_equal(frame_read((struct span){kept->octets, kept->length}, &frame), STATUS_OK);
    tell(&facts, KIND, "%u", frame.kind);
    tell(&facts, HOPS, "%u", frame.hops_left);
    tell(&facts, ID, "0x%016" PRIx64, frame.id);
    read_payload(&facts, frame.kind, frame.payload);
    fprintf(file, "%zu", number);
    for (size_t i = 0; i < COLUMNS; i++) {
        fprintf(file, "|%s", facts.columns[i]);
    }
    fprintf(file, "||||\n"); /* nothing is unknown, short, noted or malformed */
}

/* --- Captures
 * --------------------------------------------------------------------------------------- */

static struct pcap *open_capture(const char *folder, const char *name) {
    char path[512];
    struct pcap *pcap;
    struct error error;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(pcap_open(path, &pcap, &error), STATUS_OK);
    return pcap;
}

static void write_capture(const struct said *said, const char *folder) {
    char path[512];
    struct error error;
    struct pcap *pcap = open_capture(folder, "frames.pcap");
    snprintf(path, sizeof path, "%s/expected", folder);
    FILE *expected = fopen(path, "w");
    assert_non_null(expected);
    for (size_t i = 0; i < said->count; i++) {
        const struct kept_frame *kept = &said->frames[i];
        pcap_whole_frame(pcap, (int64_t)i, kept->from, kept->to,
                         (struct span){kept->octets, kept->length});
        print_facts(expected, i + 1, kept);
    }
    assert_int_equal(pcap_close(pcap, &error), STATUS_OK);
    assert_int_equal(fclose(expected), 0);
}

/* One of each kind in turn, cut short, changed in some octets, or random behind its head. */
static void mutate(struct kept_frame *kept) {
    size_t first = (size_t)(random() % 8) ? FRAME_HEADER_SIZE : 0;
    size_t behind = kept->length - first;
    size_t changes = 1 + (size_t)random() % 8;
    switch (random() % 4) {
    case 0:
        kept->length = first + (size_t)random() % behind;
        break;
    case 1:
        changes = behind;
        break;
    case 2: /* lengths stand where texts and payloads begin */
        behind = behind < 120 ? behind : 120;
        break;
    default:
        break;
    }
    behind = kept->length - first < behind ? kept->length - first : behind;
    for (size_t i = 0; behind > 0 && i < changes; i++) {
        kept->octets[first + (size_t)random() % behind] = (uint8_t)random();
    }
}

static void write_mutated(const struct said *said, const char *folder) {
    struct error error;
    struct pcap *pcap = open_capture(folder, "mutated.pcap");
    size_t at = 0;
    for (size_t i = 0; i < MUTATED;) {
        at = (at + 1 + (size_t)random() % 8) % said->count;
        struct kept_frame kept = said->frames[at];
        if (kept.octets[FRAME_KIND_AT] == FRAME_MEDIA && random() % 16 > 0) {
            continue; /* most frames are of that kind */
        }
        mutate(&kept);
        pcap_whole_frame(pcap, (int64_t)i++, kept.from, 0, (struct span){kept.octets, kept.length});
    }
    assert_int_equal(pcap_close(pcap, &error), STATUS_OK);
}

static void frames_of_every_kind_are_said_and_read(void **state) {
    (void)state;
    struct said *said = calloc(1, sizeof *said);
    assert_non_null(said);
    squad_seed(SEED);
    play_group(said);
    play_standard_group(said);
    make_crowd(said);
    make_relayed(said);
    for (unsigned kind = FRAME_PRESENCE; kind < FRAME_KINDS; kind++) {
        if (kind != FRAME_RELAY_CONTROL) {
            (void)kept_of(said, (enum frame_kind)kind);
        }
    }
    const char *folder = getenv("MUSTER_FRAMES");
    print_message("%zu frames; %d mutated ones of seed %d\n", said->count, MUTATED, SEED);
    srandom(SEED);
    if (folder != NULL) {
        write_capture(said, folder);
        write_mutated(said, folder);
    }
    free(said);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(frames_of_every_kind_are_said_and_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
