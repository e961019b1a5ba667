/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as one of the smaller messages: the first octet says which. */
#include <string.h>

#include "app/handset/air/presence_message.h"
#include "app/handset/keys/receipt.h"
#include "app/handset/keys/ticket.h"
#include "app/handset/talk/media.h"
#include "app/identity/credential.h"
#include "crypto/key_delivery.h"
#include "held.h"
#include "sealing.h"
#include "tests/fuzz/target.h"
#include "transport/bluetooth/hci.h"
#include "transport/bluetooth/mgmt.h"
#include "transport/hello.h"

typedef void reader_fn(struct span octets);

static void as_presence(struct span octets) {
    struct presence presence;
    struct span covered, signature;
    if (presence_read(octets, &presence, &covered, &signature) == STATUS_OK) {
        must(presence.echo_count <= PRESENCE_ECHOES_MAX);
        must(covered.octets == octets.octets && signature.length == ECCSI_SIGNATURE_SIZE);
        must(strnlen(presence.name, DISPLAY_NAME_SIZE) < DISPLAY_NAME_SIZE);
    }
}

static void as_receipt(struct span octets) {
    struct receipt receipt;
    struct span covered, signature;
    if (receipt_read(octets, &receipt, &covered, &signature) == STATUS_OK) {
        must(covered.octets == octets.octets && signature.length == ECCSI_SIGNATURE_SIZE);
    }
}

static void as_key_delivery(struct span octets) {
    struct i_message message;
    if (key_delivery_parse(octets, &message) == STATUS_OK) {
        static struct keyring keyring; /* of the handset that deliveries of fixtures/fuzz are to */
        struct key_delivery_fields fields;
        uint8_t gmk[SSV_SIZE];
        must(message.covered.octets == octets.octets);
        if (keyring.credential == NULL) {
            squad_seed(1); /* as held.c does */
            keyring.provider = squad_provider();
            must(keyring_load(&keyring, span_of_text(squad_identity(HELD)),
                              squad_credential(HELD)) == STATUS_OK);
        }
        if (key_delivery_open(keyring.provider, &message, keyring.sets[0].receiver_key, &fields,
                              gmk) == STATUS_OK) {
            must(fields.not_before_ms < fields.not_after_ms);
        }
    }
}

/* Key parameters as they come out of a delivery that is signed and sealed. */
static void as_key_parameters(struct span octets) {
    static const uint8_t gmk[SSV_SIZE] = {5};
    static uint8_t room[4096 + SEALED_PARAMETERS_TAG];
    struct i_message message = {.fields = {.key_id = 7,
                                           .utc_ms = 1000,
                                           .initiator = "sip:fire7@county.example",
                                           .initiator_kms = "sip:kms@county.example"}};
    struct key_delivery_fields fields;
    if (octets.length > sizeof room - SEALED_PARAMETERS_TAG) {
        return;
    }
    message.fields.key_parameters = octets;
    (void)!key_delivery_parameters(&message, gmk, &fields);
    message.fields.key_parameters = sealed_parameters(&message.fields, gmk, octets, room);
    if (key_delivery_parameters(&message, gmk, &fields) == STATUS_OK) {
        must(fields.gmk_id == message.fields.key_id && fields.not_before_ms >= 0 &&
             fields.not_before_ms < fields.not_after_ms);
    }
}

static void as_presence_link(struct span octets) {
    struct said_link said;
    if (presence_link_read(octets, &said) == STATUS_OK) {
        struct presence_link link = {.number = said.number};
        uint8_t room[64];
        struct writer w = writer_into(room, sizeof room);
        memcpy(link.anchor, said.chain, sizeof said.chain);
        memcpy(link.link, said.link, sizeof said.link);
        presence_link_write(&w, &link);
        must(span_equal(writer_span(&w), octets));
    }
}

static void as_attendance_word(struct span octets) {
    static const uint8_t key[GMK_SIZE] = {3};
    uint8_t room[ATTENDANCE_WORD_MAX], again[ATTENDANCE_WORD_MAX];
    struct attendance_word word;
    struct span sealed = sealed_word(key, 1, 2, octets, room);
    must(attendance_open(key, octets, &word) != STATUS_OK);
    enum status status = attendance_open(key, sealed, &word);
    must(status != STATUS_SEAL_BROKEN && status != STATUS_TOO_LONG);
    if (status == STATUS_OK) {
        struct writer w = writer_into(again, sizeof again);
        uint32_t mark = word.mark;
        must(word.gmk_id == 1 && word.hour == 2 && word.member < ATTENDANCE_MEMBERS_MAX);
        must(attendance_close(key, &word, &w) == STATUS_OK);
        must(word.mark == mark || !span_equal(writer_span(&w), sealed));
    }
}

static void as_ticket(struct span octets) {
    struct ticket ticket;
    if (ticket_read(octets, "sip:anna@county.example", &ticket) == STATUS_OK) {
        must(ticket.member.listed_in > 0 && ticket.member.listed_in < ADHOC_MEMBERS_MAX);
        must(display_text_is_valid(ticket.member.name, sizeof ticket.member.name));
        must(ticket.fields.length + ticket.signature.length == octets.length);
    }
}

static void as_attestation(struct span octets) {
    static const char *const names[] = {"", "Anna"};
    for (size_t i = 0; i < 2; i++) {
        struct reader r = reader_of(octets);
        struct attestation attestation;
        uint8_t again[ATTESTATION_SIZE_MAX];
        if (attestation_read(&r, names[i], &attestation) != STATUS_OK || attestation.number == 0) {
            continue;
        }
        struct writer w = writer_into(again, sizeof again);
        must(display_text_is_valid(attestation.name, sizeof attestation.name));
        attestation_write(&w, &attestation, names[i]);
        must(writer_finish(&w) == STATUS_OK && w.length <= r.at);
    }
}

static void as_credential(struct span octets) {
    static uint8_t again[CREDENTIAL_SIZE_MAX + ATTESTATION_SIZE_MAX];
    struct credential *credential = credential_new();
    char fingerprint[FINGERPRINT_SIZE];
    must(credential != NULL);
    if (credential_read(octets, credential) == STATUS_OK) {
        struct writer w = writer_into(again, sizeof again);
        must(credential_write(credential, &w) == STATUS_OK);
        must(credential_read(writer_span(&w), credential) == STATUS_OK);
        credential_fingerprint(credential, fingerprint);
    }
    credential_free(credential);
}

static void as_revocation(struct span octets) {
    uint8_t again[REVOCATION_SIZE_MAX];
    struct revocation list;
    if (revocation_read(octets, &list) == STATUS_OK) {
        struct writer w = writer_into(again, sizeof again);
        revocation_write(&w, &list);
        must(list.count <= REVOCATION_NAMES_MAX);
        must(span_equal(writer_span(&w), octets));
    }
}

static void as_media(struct span octets) {
    struct media media;
    if (media_read(octets, &media) == STATUS_OK) {
        must(media.signature.length == VOICE_SIGNATURE_SIZE && media.srtp.length < octets.length);
    }
}

/* RTP as it comes out of SRTP: what it says of the queue, and its voice. */
static void as_voice(struct span octets) {
    struct voice_receiver *receiver;
    struct queue_info info;
    int16_t samples[VOICE_FRAME_SAMPLES];
    (void)queue_info_read(octets, false, &info);
    (void)queue_info_read(octets, true, &info);
    must(voice_receiver_new(&receiver) == STATUS_OK);
    enum status status = voice_receiver_packet(receiver, 1000, octets);
    must(status == STATUS_OK || !voice_receiver_holds(receiver));
    for (int64_t ms = 1000; ms < 1400; ms += VOICE_FRAME_MS) {
        (void)voice_receiver_play(receiver, ms, samples);
    }
    voice_receiver_free(receiver);
}

static void as_hello(struct span octets) {
    struct hello hello;
    uint8_t again[HELLO_SIZE];
    if (hello_read(octets.octets, octets.length, &hello)) {
        hello_write(&hello, again);
        must(hello_read(again, sizeof again, &hello));
    }
}

static void as_management(struct span octets) {
    struct mgmt_event event;
    struct mgmt_info info;
    uint32_t settings;
    uint16_t indexes[16];
    if (mgmt_parse(octets.octets, octets.length, &event)) {
        (void)mgmt_info(&event, &info);
        (void)mgmt_settings(&event, &settings);
        must(mgmt_indexes(&event, indexes, 16) <= 16);
    }
}

static void as_controller(struct span octets) {
    struct hci_event event;
    if (hci_parse(octets.octets, octets.length, &event)) {
        must(event.result_count <= HCI_RESULTS_MAX);
        must(strnlen(event.name, sizeof event.name) < sizeof event.name);
    }
}

/* New ones come last, so that what was found stays what it is. */
static reader_fn *const readers[] = {
    as_presence,       as_receipt,       as_key_delivery,    as_media,      as_voice,
    as_hello,          as_management,    as_controller,      as_ticket,     as_attestation,
    as_key_parameters, as_presence_link, as_attendance_word, as_credential, as_revocation};

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    if (length > 0) {
        readers[octets[0] % (sizeof readers / sizeof readers[0])](
            (struct span){octets + 1, length - 1});
    }
    return 0;
}
