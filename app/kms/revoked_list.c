/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/revoked_list.h"

#include <string.h>

#include "app/identity/month.h"
#include "app/kms/domain.h"

#include <string.h>

#define NUMBER_KEY "number"
#define LIST_KEY   "list"

_Static_assert((int)ENROLMENT_TEXT_MAX >= 2 * (int)ARMOUR_TEXT_MAX + (int)REVOCATION_TEXT_MAX,
               "a bundle has room for it");

struct making {
    struct revocation *list;
    int64_t now_ms;
    enum status status;
    size_t count;    /* of those to be named */
    int64_t ends_ms; /* when the first of them whose keys end is named no more; 0: none's do */
};

bool revoked_list_names(const struct register_entry *entry, int64_t now_ms) {
    bool is_over = entry->until_ms != 0 && now_ms - entry->until_ms >= REVOKED_LIST_KEEP_MS;
    return entry->revoked_ms != 0 && !is_over;
}

static void add_entry(void *context, const struct register_entry *entry) {
    struct making *making = context;
    if (!revoked_list_names(entry, making->now_ms)) {
        return;
    }
    int64_t ends_ms = entry->until_ms + REVOKED_LIST_KEEP_MS;
    if (entry->until_ms != 0 && (making->ends_ms == 0 || ends_ms < making->ends_ms)) {
        making->ends_ms = ends_ms;
    }
    making->count++;
    if (making->status == STATUS_OK) {
        making->status = revocation_add(making->list, entry->identity);
    }
}

/* --- The number ----------------------------------------------------------------------------- */

static enum status take_number(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    struct reader r = reader_of(value);
    (void)kind;
    (void)key;
    *(uint64_t *)context = read_u64(&r);
    return reader_finish(&r);
}

enum status revoked_list_last(struct kms *kms, uint64_t *number, struct error *error) {
    bool found;
    *number = 0;
    return kms->store == NULL ? STATUS_OK
                              : store_find(kms->store, RECORD_KMS_REVOKED, span_of_text(NUMBER_KEY),
                                           take_number, number, &found, error);
}

enum status revoked_list_put_last(uint64_t number, struct batch *batch) {
    uint8_t octets[8];
    struct writer w = writer_into(octets, sizeof octets);
    write_u64(&w, number);
    return batch_put(batch, RECORD_KMS_REVOKED, span_of_text(NUMBER_KEY), writer_span(&w));
}

/* --- The list that was made last -------------------------------------------------------------- */

static enum status take_list(void *context, enum record_kind kind, struct span key,
                             struct span value) {
    (void)kind;
    (void)key;
    return revocation_read(value, context);
}

enum status revoked_list_latest(struct kms *kms, struct revocation *list, struct error *error) {
    bool found;
    *list = (struct revocation){.number = 0};
    return kms->store == NULL ? STATUS_OK
                              : store_find(kms->store, RECORD_KMS_REVOKED, span_of_text(LIST_KEY),
                                           take_list, list, &found, error);
}

static enum status put_list(const struct revocation *list, struct batch *batch) {
    uint8_t octets[REVOCATION_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    revocation_write(&w, list);
    enum status status = writer_finish(&w);
    return status == STATUS_OK
               ? batch_put(batch, RECORD_KMS_REVOKED, span_of_text(LIST_KEY), writer_span(&w))
               : status;
}

static enum status keep(struct kms *kms, const struct revocation *list, struct error *error) {
    struct batch *batch = kms->store == NULL ? NULL : batch_new();
    if (kms->store == NULL) {
        return STATUS_OK;
    }
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY : revoked_list_put_last(list->number, batch);
    if (status == STATUS_OK) {
        status = put_list(list, batch);
    }
    if (status != STATUS_OK) {
        kms_failure(kms, status, error);
    } else {
        status = store_apply(kms->store, batch, error);
    }
    batch_free(batch);
    return status;
}

/* --- The whole ------------------------------------------------------------------------------ */

/* A list counts whole, so one that left somebody out would let them in again: rather none. */
static enum status is_full(const struct making *making, struct error *error) {
    char day[DAY_TEXT_SIZE] = "";
    if (making->ends_ms != 0) {
        day_print(making->ends_ms, day);
    }
    return error_set(error, making->status,
                     "%zu revoked identities still hold keys, more than %d, which a list can name: "
                     "no list was made, and the last one stays in force. Handsets take whom it "
                     "does not name; have managers leave those out, and run muster-kms broker. "
                     "%s%s",
                     making->count, REVOCATION_NAMES_MAX,
                     day[0] == '\0' ? "None of their keys end" : "There is room from ", day);
}

/* With all who are on the register as revoked, and those who came from the list of a lost state. */
static enum status fill(struct kms *kms, struct revocation *list, int64_t now_ms,
                        struct error *error) {
    struct making making = {.list = list, .now_ms = now_ms};
    if (kms->carried.count > 0) {
        revocation_carry(list, &kms->carried);
    }
    enum status status = register_list(kms, add_entry, &making, error);
    return status == STATUS_OK && making.status != STATUS_OK ? is_full(&making, error) : status;
}

enum status revoked_list_make(struct kms *kms, int64_t now_ms, const struct entropy *entropy,
                              struct revocation *list, struct error *error) {
    uint64_t last;
    enum status status = kms_check_settled(kms, error);
    if (status == STATUS_OK) {
        status = revoked_list_last(kms, &last, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t number = kms_number_after(last, now_ms);
    status = revocation_begin(list, kms->uri, number, now_ms, entropy);
    if (status != STATUS_OK) {
        return kms_failure(kms, status, error);
    }
    status = fill(kms, list, now_ms, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = revocation_sign(list, kms->provider, kms->statements, entropy);
    return status == STATUS_OK ? keep(kms, list, error) : kms_failure(kms, status, error);
}

/* --- What goes out with bundles --------------------------------------------------------------- */

/* *names: does `latest` name whom a list of now would? */
static enum status compare(struct kms *kms, const struct revocation *latest, int64_t now_ms,
                           size_t *count, bool *names, struct error *error) {
    struct revocation now = {.number = latest->number};
    memcpy(now.salt, latest->salt, sizeof now.salt);
    enum status status = fill(kms, &now, now_ms, error);
    *count = now.count;
    *names = status == STATUS_OK && latest->number != 0 && now.count == latest->count &&
             memcmp(now.salt, latest->salt, sizeof now.salt) == 0 &&
             memcmp(now.names, latest->names, now.count * sizeof now.names[0]) == 0;
    return status;
}

enum status revoked_list_newest(struct kms *kms, int64_t now_ms, const struct entropy *entropy,
                                struct revocation *list, struct error *error) {
    size_t count;
    bool names;
    uint64_t last;
    enum status status = revoked_list_latest(kms, list, error);
    if (status == STATUS_OK) {
        status = revoked_list_last(kms, &last, error);
    }
    if (status != STATUS_OK || kms->store == NULL) {
        return status;
    }
    status = compare(kms, list, now_ms, &count, &names, error);
    if (status == STATUS_TOO_LONG) {
        return STATUS_OK;
    }
    bool is_fresh = names && list->number == last && now_ms >= list->issued_ms &&
                    now_ms - list->issued_ms < REVOKED_LIST_FRESH_MS;
    if (status != STATUS_OK || is_fresh || (count == 0 && last == 0)) {
        return status;
    }
    return revoked_list_make(kms, now_ms, entropy, list, error);
}

enum status revoked_list_append(struct kms *kms, int64_t now_ms, const struct entropy *entropy,
                                struct writer *bundle, struct error *error) {
    struct revocation list;
    enum status status = revoked_list_newest(kms, now_ms, entropy, &list, error);
    if (status != STATUS_OK || list.number == 0) {
        return status;
    }
    status = revocation_write_text(bundle, &list);
    return status == STATUS_OK ? STATUS_OK : kms_failure(kms, status, error);
}
