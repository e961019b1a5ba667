/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seeds_keys.h"

#include <stdio.h>
#include <string.h>

#include "app/text/parts.h"
#include "crypto/key_delivery.h"
#include "held.h"
#include "seed_files.h"

enum {
    KEY_ID_AT = 4 /* of an I_MESSAGE: RFC 3830 6.1, the CSB ID */
};

/* Group lists that no KMS makes, and what else a credential says that is not so. */
void seeds_write_credentials(struct credential *credential) {
    static const char *const lists[][2] = {
        {"sip:fire7@county.example", NULL},
        {"sip:fire7@county.example", "sip:fire7@county.example"},
        {"not an identity", NULL},
        {"adhoc:sip:anna@county.example;0000000000000001", NULL},
    };
    uint8_t room[ROOM];
    char name[64];
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct group_list *list = &credential->groups;
        struct writer w = writer_into(room, sizeof room);
        list->count = lists[i][1] != NULL ? 2 : 1;
        for (size_t k = 0; k < list->count; k++) {
            snprintf(list->groups[k], sizeof list->groups[k], "%s", lists[i][k]);
        }
        must(credential_write(credential, &w) == STATUS_OK);
        snprintf(name, sizeof name, "credential-groups-%zu", i);
        put_message(name, AS_CREDENTIAL, writer_span(&w));
        if (i == 0) {
            room[0]++;
            put_message("credential-newer", AS_CREDENTIAL, writer_span(&w));
            room[0] = 0;
            put_message("credential-oldest", AS_CREDENTIAL, writer_span(&w));
        }
    }
    struct writer w = writer_into(room, sizeof room);
    credential->groups.count = 0;
    credential->period_start_ms = -1;
    must(credential_write(credential, &w) == STATUS_OK);
    put_message("credential-negative", AS_CREDENTIAL, writer_span(&w));
}

/* A delivery to the handset, changed by `wrong`. */
enum delivery_flaw {
    FLAWLESS,
    OF_OTHER_SPACE,
    OF_OTHER_KMS,
    OF_LONG_AGO,
    OVER_ALREADY,
    WAITING,
    OF_FORMER_TERM,
    OF_NO_EXCLUSION, /* its manager does not know the one that the others know, */
    OF_FORMER_NUMBER /* nor that a key was drawn since its own */
};

enum {
    AHEAD_MS = 10 * 60 * 1000, /* a manager's clock may be */
    MANY = 44,                 /* deliveries: more than are checked, and opened, at once */
    NUMBER = 2                 /* of the key, in its manager's term */
};

/* Made `ahead_ms` from now. */
static void build_delivery(const struct squad *squad, size_t from, uint32_t gmk_id,
                           enum delivery_flaw flaw, int64_t ahead_ms, struct writer *w) {
    static const uint8_t gmk[SSV_SIZE] = {5};
    int64_t now_ms = squad_now(squad, HELD).utc_ms / 1000 * 1000 + ahead_ms;
    int64_t begins_ms = flaw == OVER_ALREADY ? now_ms - 2 * HOUR_MS
                        : flaw == WAITING    ? now_ms + 2000
                                             : now_ms;
    struct key_delivery_fields fields = {
        .gmk_id = gmk_id,
        .utc_ms = flaw == OF_LONG_AGO ? now_ms - 400 * (int64_t)HOUR_MS : now_ms,
        .not_before_ms = begins_ms,
        .not_after_ms = begins_ms + HOUR_MS,
        .group_kms = "sip:kms@county.example"};
    struct key_delivery_member member = {.kms = "sip:kms@county.example"};
    if (flaw == OF_OTHER_KMS) {
        snprintf(fields.group_kms, sizeof fields.group_kms, "sip:kms@state.example");
    }
    snprintf(fields.group, sizeof fields.group, "%s", squad_identity(from));
    snprintf(member.identity, sizeof member.identity, "%s", squad_identity(HELD));
    must(identifier_of(member.identity, now_ms, &member.identifier) == STATUS_OK);
    uint8_t word[EPOCH_WORD_SIZE];
    struct writer said = writer_into(word, sizeof word);
    bool knows_none = flaw == OF_NO_EXCLUSION || flaw == OF_FORMER_NUMBER;
    const struct exclusion_states known = {.count = knows_none ? 0 : 1, .list = {{.number = 1}}};
    squad_manager_word(SQUAD_MANAGER, flaw == OF_FORMER_TERM ? SQUAD_TERM - 1 : SQUAD_TERM,
                       flaw == OF_FORMER_NUMBER ? NUMBER - 1 : NUMBER, &known, &fields, gmk, &said);
    fields.manager = writer_span(&said);
    must(key_delivery_build_each(squad_provider(), &fields, gmk, 1, &member, squad_domain(),
                                 squad_signing_key(from), &entropy_system, w) == STATUS_OK);
}

static void put_delivery(const struct squad *squad, const char *name, size_t from, uint32_t gmk_id,
                         enum delivery_flaw flaw) {
    uint8_t room[KEY_DELIVERY_MAX];
    struct writer w = writer_into(room, sizeof room);
    build_delivery(squad, from, gmk_id, flaw, 0, &w);
    if (flaw == OF_OTHER_SPACE) {
        room[KEY_ID_AT] = 0x10; /* in the space of TGKs */
    }
    put_payload(name, FRAME_KEY_DELIVERY, 0, writer_span(&w));
    if (strcmp(name, "delivery") == 0) {
        uint8_t text[PARTS_TEXT_MAX];
        struct writer parts = writer_into(text, sizeof text);
        put_message(name, AS_DELIVERY, writer_span(&w));
        must(parts_write(writer_span(&w), "fire7", &parts) == STATUS_OK);
        put("plain/parts", writer_span(&parts));
    }
}

static void write_delivery(const struct squad *squad, uint32_t gmk_id, enum delivery_flaw flaw,
                           int64_t ahead_ms, struct writer *all) {
    uint8_t room[KEY_DELIVERY_MAX];
    struct writer w = writer_into(room, sizeof room);
    build_delivery(squad, SQUAD_RESCUE, gmk_id, flaw, ahead_ms, &w);
    write_payload(all, FRAME_KEY_DELIVERY, 0, writer_span(&w));
}

/* Keys one after the other: from a manager whose clock is ahead, from a former one, and more than
 * are checked at once. */
static void put_successions(const struct squad *squad) {
    static uint8_t input[2 * MANY * KEY_DELIVERY_MAX];
    struct writer all = writer_into(input, sizeof input);
    write_delivery(squad, 20, FLAWLESS, 0, &all);
    write_delivery(squad, 21, OF_FORMER_TERM, 1000, &all);
    write_delivery(squad, 22, FLAWLESS, AHEAD_MS, &all);
    must(writer_finish(&all) == STATUS_OK);
    put("handset/delivery-from-ahead", writer_span(&all));
    all = writer_into(input, sizeof input);
    write_delivery(squad, 23, WAITING, AHEAD_MS / 2, &all);
    write_delivery(squad, 24, FLAWLESS, AHEAD_MS, &all);
    put("handset/delivery-that-waited", writer_span(&all));
    all = writer_into(input, sizeof input);
    write_delivery(squad, 25, FLAWLESS, 0, &all);
    write_delivery(squad, 26, OF_NO_EXCLUSION, 1000, &all);
    write_delivery(squad, 27, OF_NO_EXCLUSION, 2000, &all);
    must(writer_finish(&all) == STATUS_OK);
    put("handset/delivery-of-who-is-behind", writer_span(&all));
    all = writer_into(input, sizeof input);
    write_delivery(squad, 28, FLAWLESS, 0, &all);
    write_delivery(squad, 29, OF_FORMER_NUMBER, 1000, &all);
    must(writer_finish(&all) == STATUS_OK);
    put("handset/delivery-of-who-was-restored", writer_span(&all));
    all = writer_into(input, sizeof input);
    write_payload(&all, 0, NO_ROOM, (struct span){NULL, 0});
    write_delivery(squad, 30, FLAWLESS, 0, &all);
    put("handset/delivery-without-room", writer_span(&all));
    all = writer_into(input, sizeof input);
    write_delivery(squad, 31, FLAWLESS, 0, &all);
    write_payload(&all, 0, KEYS_OVER, (struct span){NULL, 0});
    write_delivery(squad, 32, FLAWLESS, 1000, &all);
    must(writer_finish(&all) == STATUS_OK);
    put("handset/delivery-after-keys-ended", writer_span(&all));
    all = writer_into(input, sizeof input);
    for (uint32_t n = 0; n < MANY; n++) {
        write_delivery(squad, 40 + n, FLAWLESS, 1000 * (int64_t)n, &all);
    }
    must(writer_finish(&all) == STATUS_OK);
    put("handset/deliveries", writer_span(&all));
}

static void put_key_parameters(void) {
    uint8_t plain[256];
    struct writer w = writer_into(plain, sizeof plain);
    write_u8(&w, 0);
    write_u32(&w, 7);
    write_u8(&w, 0);
    write_u32(&w, 1000);
    write_u8(&w, 0);
    write_u32(&w, 2000);
    put_message("key-parameters", AS_PARAMETERS, writer_span(&w));
}

void seeds_write_deliveries(const struct squad *squad) {
    put_delivery(squad, "delivery", SQUAD_FIRE, 7, FLAWLESS);
    put_delivery(squad, "delivery-of-another", SQUAD_RESCUE, 8, FLAWLESS);
    put_delivery(squad, "delivery-of-none-of-ours", SQUAD_POLICE, 8, FLAWLESS);
    put_delivery(squad, "delivery-of-other-space", SQUAD_RESCUE, 8, OF_OTHER_SPACE);
    put_delivery(squad, "delivery-of-other-kms", SQUAD_RESCUE, 8, OF_OTHER_KMS);
    put_delivery(squad, "delivery-of-long-ago", SQUAD_RESCUE, 8, OF_LONG_AGO);
    put_delivery(squad, "delivery-over", SQUAD_RESCUE, 8, OVER_ALREADY);
    put_delivery(squad, "delivery-that-waits", SQUAD_FIRE, 9, WAITING);
    put_key_parameters();
    put_successions(squad);
}
