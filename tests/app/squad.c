/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "squad.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/manager/roll.h"
#include "manager_keys.h"

enum {
    STEP_MS = 10,
    IDENTITIES = SQUAD_POLICE + 1
};

static const int64_t start_utc_ms = INT64_C(1795000000000);
static const char kms_uri[] = "sip:kms@county.example";

/* Where handsets' and the domain's random octets come from. */
static struct entropy randomness;

static const struct entropy *the_entropy(void) {
    return randomness.draw == NULL ? &entropy_system : &randomness;
}

/* --- One domain for all tests --------------------------------------------------------------- */

struct domain {
    struct master_key *master;
    struct domain_key *key;
    struct secret *credentials[IDENTITIES];
    struct signing_key *signing_keys[IDENTITIES];
    struct receiver_key *recovery_key;
    struct signing_key *statements_key;
};

static const struct provider *chosen;

const struct provider *squad_provider(void) {
    return chosen != NULL ? chosen : provider_find("native");
}

void squad_use(const struct provider *provider) {
    chosen = provider;
}

const char *squad_identity(size_t n) {
    static const char *const others[] = {"tel:+447700900123", "sip:fire7@county.example",
                                         "sip:rescue3@county.example",
                                         "sip:police1@county.example"};
    static char units[SQUAD_MONTHLY][IDENTITY_SIZE];
    assert_true(n < IDENTITIES);
    if (n >= SQUAD_MONTHLY) {
        return others[n - SQUAD_MONTHLY];
    }
    snprintf(units[n], IDENTITY_SIZE, "urn:gsma:imei:90420156-%06zu-0", 25763 + n);
    return units[n];
}

static void issue(struct domain *domain, const struct master_key *master, size_t n) {
    const struct provider *provider = squad_provider();
    struct credential *credential = credential_new();
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    assert_non_null(credential);
    snprintf(credential->identity, IDENTITY_SIZE, "%s", squad_identity(n));
    snprintf(credential->kms, IDENTITY_SIZE, "%s", kms_uri);
    snprintf(credential->display_name, DISPLAY_NAME_SIZE, "fire%u", (unsigned)n + 1);
    credential->max_key_period_ms = 12 * (int64_t)HOUR_MS;
    if (n >= SQUAD_MONTHLY) {
        credential->period_start_ms = start_utc_ms;
    }
    assert_int_equal(
        identifier_of(credential->identity, credential->period_start_ms, &credential->identifier),
        STATUS_OK);
    for (size_t group = SQUAD_FIRE; group < SQUAD_POLICE; group++) {
        assert_int_equal(group_list_add(&credential->groups, squad_identity(group)), STATUS_OK);
    }
    struct span identifier = identifier_span(&credential->identifier);
    assert_int_equal(provider->public_keys(master, credential->z, credential->kpak), STATUS_OK);
    assert_int_equal(provider->issue_receiver_key(master, identifier, credential->rsk), STATUS_OK);
    assert_int_equal(provider->issue_signing_key(master, identifier, the_entropy(), credential->ssk,
                                                 credential->pvt),
                     STATUS_OK);
    if (domain->key == NULL) {
        assert_int_equal(provider->domain_load(credential->z, credential->kpak, &domain->key),
                         STATUS_OK);
    }
    assert_int_equal(provider->signing_key_load(domain->key, identifier, credential->ssk,
                                                credential->pvt, &domain->signing_keys[n]),
                     STATUS_OK);
    if (n >= SQUAD_FIRE) {
        manager_keys_issue(credential, SQUAD_MANAGER, SQUAD_TERM, provider, master, domain->key);
    }
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(credential_write(credential, &w), STATUS_OK);
    domain->credentials[n] = secret_copy(writer_span(&w));
    credential_free(credential);
}

static void issue_recovery(struct domain *domain, const struct master_key *master) {
    const struct provider *provider = squad_provider();
    struct identifier identifier;
    uint8_t rsk[SAKKE_POINT_SIZE];
    assert_int_equal(identifier_of_recovery(kms_uri, start_utc_ms, &identifier), STATUS_OK);
    struct span name = identifier_span(&identifier);
    assert_int_equal(provider->issue_receiver_key(master, name, rsk), STATUS_OK);
    assert_int_equal(provider->receiver_key_load(domain->key, name, rsk, &domain->recovery_key),
                     STATUS_OK);
}

static void issue_statements(struct domain *domain, const struct master_key *master) {
    const struct provider *provider = squad_provider();
    struct identifier identifier;
    uint8_t ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    assert_int_equal(identifier_of_statements(kms_uri, &identifier), STATUS_OK);
    struct span name = identifier_span(&identifier);
    assert_int_equal(provider->issue_signing_key(master, name, the_entropy(), ssk, pvt), STATUS_OK);
    assert_int_equal(
        provider->signing_key_load(domain->key, name, ssk, pvt, &domain->statements_key),
        STATUS_OK);
}

static struct domain *the_domain(void) {
    static struct domain domain;
    if (domain.key != NULL) {
        return &domain;
    }
    const struct provider *provider = squad_provider();
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    struct master_key *master;
    assert_non_null(provider);
    assert_int_equal(provider->master_generate(the_entropy(), z, ksak), STATUS_OK);
    assert_int_equal(provider->master_load(z, ksak, &master), STATUS_OK);
    for (size_t n = 0; n < IDENTITIES; n++) {
        issue(&domain, master, n);
    }
    issue_recovery(&domain, master);
    issue_statements(&domain, master);
    domain.master = master;
    return &domain;
}

const struct domain_key *squad_domain(void) {
    return the_domain()->key;
}

struct signing_key *squad_signing_key(size_t n) {
    return the_domain()->signing_keys[n];
}

const struct receiver_key *squad_recovery_key(void) {
    return the_domain()->recovery_key;
}

const struct signing_key *squad_statements_key(void) {
    return the_domain()->statements_key;
}

struct span squad_credential(size_t n) {
    return secret_span(the_domain()->credentials[n]);
}

void squad_manager_word(uint8_t name, uint64_t term, uint64_t counter,
                        const struct exclusion_states *known,
                        const struct key_delivery_fields *fields, const uint8_t gmk[SSV_SIZE],
                        struct writer *out) {
    const struct domain *domain = the_domain();
    struct credential *credential = credential_new();
    assert_non_null(credential);
    snprintf(credential->identity, IDENTITY_SIZE, "%s", fields->group);
    snprintf(credential->kms, IDENTITY_SIZE, "%s", kms_uri);
    credential->period_start_ms = fields->utc_ms;
    manager_keys_issue(credential, name, term, squad_provider(), domain->master, domain->key);
    manager_keys_word(credential, counter, known, fields, gmk, squad_provider(), domain->key, out);
    credential_free(credential);
}

/* --- Records -------------------------------------------------------------------------------- */

static void record_set(struct squad_handset *handset, enum record_kind kind, struct span key,
                       const struct secret *value) {
    size_t at = 0;
    while (at < handset->record_count &&
           !(handset->records[at].kind == kind &&
             span_equal(secret_span(handset->records[at].key), key))) {
        at++;
    }
    struct squad_record *record = &handset->records[at];
    if (at == handset->record_count) {
        if (value == NULL) {
            return;
        }
        assert_true(at < SQUAD_RECORDS_MAX);
        handset->record_count++;
        *record = (struct squad_record){.kind = kind, .key = secret_copy(key)};
    }
    secret_free(record->value);
    record->value = NULL;
    if (value != NULL) {
        record->value = secret_copy(secret_span(value));
        return;
    }
    secret_free(record->key);
    *record = handset->records[--handset->record_count];
}

static void apply(struct squad_handset *handset, const struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_change *change = &batch->changes[i];
        record_set(handset, change->kind, (struct span){change->key, change->key_length},
                   change->is_delete ? NULL : change->value);
    }
}

/* --- Outputs -------------------------------------------------------------------------------- */

static void keep_frame(struct squad *squad, size_t from, const struct output *output) {
    assert_true(squad->frame_count < SQUAD_FRAMES_MAX);
    struct squad_frame *frame = &squad->frames[squad->frame_count++];
    *frame = (struct squad_frame){.from = from,
                                  .to = output->peer,
                                  .is_kept = output->is_kept,
                                  .length = output->frame.length};
    if (output->topic != NULL) {
        snprintf(frame->topic, sizeof frame->topic, "%s", output->topic);
    }
    frame->octets = malloc(frame->length);
    assert_non_null(frame->octets);
    memcpy(frame->octets, output->frame.octets, frame->length);
}

/* Is its power cut, by now or before? Each thing that is carried out counts. */
static bool is_cut(struct squad_handset *handset) {
    if (handset->cut_at > 0 && --handset->cut_at == 0) {
        handset->is_cut = true;
    }
    return handset->is_cut;
}

static void send_frame(void *context, const struct output *output) {
    struct squad_handset *handset = context;
    enum frame_kind kind = (enum frame_kind)output->frame.octets[1];
    bool is_voice =
        kind == FRAME_MEDIA || kind == FRAME_ANNOUNCEMENT || kind == FRAME_ANNOUNCEMENT_AND_MEDIA;
    assert_true(output->frame.length <= FRAME_MAX);
    assert_false(is_voice && output->after != 0); /* voice waits for no batch, in any test */
    if (is_cut(handset)) {
        return;
    }
    if (output->is_for_topic_alone) {
        handset->squad->far_count++;
        snprintf(handset->squad->far_topic, TOPIC_SIZE, "%s", output->topic);
        handset->squad->far_is_kept = output->is_kept;
    } else {
        keep_frame(handset->squad, (size_t)(handset - handset->squad->handsets), output);
    }
}

/* With one link it is asked for nothing. On others that a test gave it there is nobody. */
static void relay_frame(void *context, const struct output *output) {
    const struct squad_handset *handset = context;
    assert_true(handset->engine->links.count > 1);
    assert_true(output->frame.length <= FRAME_MAX);
}

static void tell(void *context, const struct output *output) {
    struct squad_handset *handset = context;
    if (is_cut(handset)) {
        return;
    }
    struct squad *squad = handset->squad;
    if (squad->told != NULL) {
        squad->told(squad->told_context, (size_t)(handset - squad->handsets), &output->event);
    }
    enum event_kind kind = output->event.kind;
    if (squad_is_refusal(kind)) {
        handset->refusals++;
        handset->last_refusal = output->status;
        assert_string_equal(output->event.check, status_name(output->status));
        return;
    }
    if (output->frame.length > 0) {
        assert_true(output->frame.length <= sizeof handset->proof);
        handset->proofs++;
        handset->proof_length = output->frame.length;
        memcpy(handset->proof, output->frame.octets, output->frame.length);
    }
    handset->invitations += squad_is_invitation(kind);
    handset->talks += squad_is_beginning(kind);
}

bool squad_is_refusal(enum event_kind kind) {
    return kind == EVENT_REFUSED || kind == EVENT_INVITATION_REFUSED ||
           kind == EVENT_GROUP_KEY_REFUSED || kind == EVENT_TALKER_UNHEARD;
}

bool squad_is_invitation(enum event_kind kind) {
    return kind >= EVENT_INVITED_TO_GROUP && kind <= EVENT_KEY_STILL_TO_COME;
}

bool squad_is_beginning(enum event_kind kind) {
    return kind == EVENT_TALK_BEGAN || kind == EVENT_OWN_TALK_BEGAN;
}

static void alarm(void *context, const struct event *event) {
    struct squad_handset *handset = context;
    assert_true(event->kind == EVENT_SAVING_FAILED || event->kind == EVENT_SAVING_BACK);
    handset->alarms += event->kind == EVENT_SAVING_FAILED;
    handset->alarms_over += event->kind == EVENT_SAVING_BACK;
}

/* The disk has done, or not done, what it had in hand. */
static void finish_writing(struct squad_handset *handset) {
    const struct error error = {handset->disk_failure, "the disk is full"};
    if (is_cut(handset)) {
        return;
    }
    for (size_t i = 0; i < handset->writing_count && error.status == STATUS_OK; i++) {
        apply(handset, handset->writing[i]);
        handset->stores++;
    }
    handset->writing = NULL;
    durable_written(handset->durable, handset->squad->boot_ms, error.status, &error);
}

static void write_batches(void *context, const struct batch *const batches[], size_t count) {
    struct squad_handset *handset = context;
    handset->writes++;
    handset->writing = batches;
    handset->writing_count = count;
    handset->written_ms = handset->squad->boot_ms + handset->disk_ms;
    if (handset->disk_ms == 0) {
        finish_writing(handset);
    }
}

static void take_outputs(struct squad *squad, size_t n) {
    durable_settle(squad->handsets[n].durable, squad->boot_ms);
}

void squad_flush(struct squad *squad, size_t n) {
    struct squad_handset *handset = &squad->handsets[n];
    while (handset->writing != NULL && !handset->is_cut) {
        finish_writing(handset);
    }
}

/* As the store hands them out. */
static int compare_records(const void *a, const void *b) {
    const struct squad_record *one = a, *two = b;
    struct span keys[] = {secret_span(one->key), secret_span(two->key)};
    size_t shorter = keys[0].length < keys[1].length ? keys[0].length : keys[1].length;
    int order = one->kind != two->kind ? (one->kind > two->kind) - (one->kind < two->kind)
                                       : memcmp(keys[0].octets, keys[1].octets, shorter);
    return order != 0 ? order
                      : (keys[0].length > keys[1].length) - (keys[0].length < keys[1].length);
}

static void name_source(void *context, uint64_t peer, char address[EVENT_SOURCE_SIZE],
                        char link[VIEW_LINK_SIZE]) {
    (void)context;
    snprintf(address, EVENT_SOURCE_SIZE, "10.0.0.%u", (unsigned)peer);
    snprintf(link, VIEW_LINK_SIZE, "udp");
}

static void start(struct squad *squad, size_t n) {
    struct squad_handset *handset = &squad->handsets[n];
    qsort(handset->records, handset->record_count, sizeof handset->records[0], compare_records);
    struct handset_setup setup = {
        .provider = squad_provider(), .entropy = *the_entropy(), .namer.name = name_source};
    assert_int_equal(handset_new(&setup, squad_now(squad, n), &handset->engine), STATUS_OK);
    for (size_t i = 0; i < handset->record_count; i++) {
        assert_int_equal(handset_restore(handset->engine, handset->records[i].kind,
                                         secret_span(handset->records[i].key),
                                         secret_span(handset->records[i].value)),
                         STATUS_OK);
    }
    assert_int_equal(handset_start(handset->engine, squad_now(squad, n)), STATUS_OK);
    const struct durable_hands hands = {
        .context = handset, .send = send_frame, .relay = relay_frame, .tell = tell, .alarm = alarm};
    const struct durable_worker worker = {.context = handset, .write = write_batches};
    handset->squad = squad;
    handset->writing = NULL;
    handset->durable = durable_new(handset->engine, &hands, &worker);
    assert_non_null(handset->durable);
}

/* --- The squad ------------------------------------------------------------------------------ */

void squad_seed(uint64_t seed) {
    static struct entropy_seeded state;
    if (randomness.draw == NULL) { /* the domain is the same whichever seed comes first */
        randomness = entropy_from_seed(&state, 0);
        (void)the_domain();
    }
    randomness = entropy_from_seed(&state, seed);
}

struct squad *squad_new(size_t count) {
    struct squad *squad = calloc(1, sizeof *squad);
    assert_non_null(squad);
    squad->boot_ms = 1000000;
    squad->step_ms = STEP_MS;
    squad->count = count;
    for (size_t n = 0; n < count; n++) {
        struct squad_handset *handset = &squad->handsets[n];
        handset->boot_id = 100 + n;
        record_set(handset, RECORD_CREDENTIAL, span_of_text(squad_identity(n)),
                   the_domain()->credentials[n]);
        start(squad, n);
    }
    return squad;
}

void squad_free(struct squad *squad) {
    for (size_t n = 0; n < squad->count; n++) {
        durable_free(squad->handsets[n].durable);
        handset_free(squad->handsets[n].engine);
        for (size_t i = 0; i < squad->handsets[n].record_count; i++) {
            secret_free(squad->handsets[n].records[i].key);
            secret_free(squad->handsets[n].records[i].value);
        }
    }
    for (size_t i = 0; i < squad->frame_count; i++) {
        free(squad->frames[i].octets);
    }
    free(squad);
}

struct moment squad_now(const struct squad *squad, size_t n) {
    const struct squad_handset *handset = &squad->handsets[n];
    return (struct moment){.utc_ms = start_utc_ms + squad->boot_ms + handset->utc_offset_ms,
                           .boot_ms = squad->boot_ms,
                           .boot_id = handset->boot_id};
}

static void deliver(struct squad *squad, struct squad_frame *frame, size_t receiver) {
    bool addressed = frame->to == EVERYONE || frame->to == receiver + 1;
    if (!addressed || receiver == frame->from || squad->handsets[receiver].deaf ||
        squad->handsets[receiver].is_asleep || squad->handsets[frame->from].deaf) {
        return;
    }
    if (squad->filter != NULL && !squad->filter(squad->filter_context, frame, receiver)) {
        return;
    }
    handset_frame(squad->handsets[receiver].engine, squad_now(squad, receiver), frame->from + 1,
                  (struct span){frame->octets, frame->length});
    take_outputs(squad, receiver);
}

static void deliver_all(struct squad *squad) {
    while (squad->delivered < squad->frame_count) {
        struct squad_frame *frame = &squad->frames[squad->delivered++];
        for (size_t receiver = 0; receiver < squad->count; receiver++) {
            deliver(squad, frame, receiver);
        }
    }
}

static void voice(struct squad *squad, size_t n) {
    struct squad_handset *handset = &squad->handsets[n];
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)(8000 * sin((double)i * 2 * 3.14159265 / 32));
    }
    if (handset_is_talking(handset->engine)) {
        handset_speak(handset->engine, squad_now(squad, n), 0, samples);
    }
    if (handset_listen(handset->engine, squad_now(squad, n), samples)) {
        int64_t pause_ms = squad->boot_ms - handset->voiced_ms;
        handset->longest_ms = pause_ms > handset->longest_ms ? pause_ms : handset->longest_ms;
        handset->voiced_ms = squad->boot_ms;
        handset->voice_frames++;
    }
}

void squad_run(struct squad *squad, int64_t ms) {
    for (int64_t until = squad->boot_ms + ms; squad->boot_ms < until;
         squad->boot_ms += squad->step_ms) {
        for (size_t n = 0; n < squad->count; n++) {
            struct moment now = squad_now(squad, n);
            struct squad_handset *handset = &squad->handsets[n];
            if (handset->is_asleep) {
                continue;
            }
            if (handset->writing != NULL && handset->written_ms <= now.boot_ms) {
                finish_writing(handset);
            }
            if (handset_deadline(handset->engine) <= now.boot_ms) {
                handset_tick(handset->engine, now);
            }
            if (squad->boot_ms % VOICE_FRAME_MS == 0 && !squad->is_mute) {
                voice(squad, n);
            }
            take_outputs(squad, n);
        }
        deliver_all(squad);
    }
}

enum status squad_command(struct squad *squad, size_t n, const struct command *command) {
    struct event problem;
    enum status status =
        handset_command(squad->handsets[n].engine, squad_now(squad, n), command, &problem);
    assert_true((status == STATUS_OK) == (problem.kind == EVENT_NONE));
    assert_true(status == STATUS_OK || event_is_refusal(problem.kind));
    take_outputs(squad, n);
    return status;
}

void squad_restart(struct squad *squad, size_t n, bool reboot) {
    durable_free(squad->handsets[n].durable);
    handset_free(squad->handsets[n].engine);
    squad->handsets[n].is_cut = false;
    if (reboot) {
        squad->handsets[n].boot_id += 1000;
    }
    start(squad, n);
}

void squad_put_record(struct squad *squad, size_t n, enum record_kind kind, struct span key,
                      const struct span *value) {
    struct secret *copy = value == NULL ? NULL : secret_copy(*value);
    record_set(&squad->handsets[n], kind, key, copy);
    secret_free(copy);
}

void squad_manage(struct squad *squad, size_t n, size_t count) {
    char key[RECORD_KEY_MAX];
    const char *group = squad_identity(SQUAD_FIRE);
    struct span keys = squad_credential(SQUAD_FIRE);
    snprintf(key, sizeof key, "%s 2026-11", group);
    squad_put_record(squad, n, RECORD_MANAGER_KEYS, span_of_text(key), &keys);
    for (size_t i = 0; i < count; i++) {
        uint8_t octets[ROLL_MEMBER_OCTETS_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        roll_member_write(&(struct roll_member){.name = ""}, &w);
        struct span value = writer_span(&w);
        size_t length = (size_t)snprintf(key, sizeof key, "%s%c%s", group, 0, squad_identity(i));
        squad_put_record(squad, n, RECORD_MEMBER, (struct span){(uint8_t *)key, length}, &value);
    }
    squad_restart(squad, n, false);
}

/* Handset n's credential, to change; and then it is what its store has. */
static struct credential *take_credential(size_t n) {
    struct credential *credential = credential_new();
    assert_non_null(credential);
    assert_int_equal(credential_read(squad_credential(n), credential), STATUS_OK);
    return credential;
}

static void put_credential(struct squad *squad, size_t n, struct credential *credential) {
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(credential_write(credential, &w), STATUS_OK);
    struct secret *value = secret_copy(writer_span(&w));
    record_set(&squad->handsets[n], RECORD_CREDENTIAL, span_of_text(squad_identity(n)), value);
    secret_free(value);
    credential_free(credential);
}

void squad_leave_groups(struct squad *squad, size_t n) {
    struct credential *credential = take_credential(n);
    credential->groups.count = 0;
    put_credential(squad, n, credential);
}

void squad_recover(struct squad *squad, size_t n) {
    struct credential *credential = take_credential(n);
    credential->recovery = true;
    put_credential(squad, n, credential);
    squad_restart(squad, n, false);
}

void squad_rest(struct squad *squad, size_t n) {
    struct handset *engine = squad->handsets[n].engine;
    admission_start(&engine->admission, squad->boot_ms);
    relay_start(&engine->relay, squad->boot_ms);
}

const struct view *squad_view(struct squad *squad, size_t n) {
    return handset_view(squad->handsets[n].engine, squad_now(squad, n));
}

void squad_inject(struct squad *squad, size_t n, size_t from, struct span octets) {
    handset_frame(squad->handsets[n].engine, squad_now(squad, n), from + 1, octets);
    take_outputs(squad, n);
}

void squad_mark(const struct handset *engine, struct frame *frame) {
    uint8_t octets[FRAME_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct frame marked;
    frame_write(&w, frame);
    mark_put(&engine->air.mark_key, octets, w.length);
    assert_int_equal(frame_read(writer_span(&w), &marked), STATUS_OK);
    frame->id = marked.id;
}

static struct frame next_frame(enum frame_kind kind, struct span payload) {
    static uint64_t frame_number;
    return (struct frame){.kind = kind, .id = ++frame_number, .payload = payload};
}

static void inject_frame(struct squad *squad, size_t n, size_t from, const struct frame *frame) {
    uint8_t room[FRAME_MAX];
    struct writer w = writer_into(room, sizeof room);
    frame_write(&w, frame);
    assert_int_equal(writer_finish(&w), STATUS_OK);
    squad_inject(squad, n, from, writer_span(&w));
}

void squad_inject_payload(struct squad *squad, size_t n, size_t from, enum frame_kind kind,
                          struct span payload) {
    const struct frame frame = next_frame(kind, payload);
    inject_frame(squad, n, from, &frame);
}

void squad_inject_marked(struct squad *squad, size_t n, size_t from, enum frame_kind kind,
                         struct span payload) {
    struct frame frame = next_frame(kind, payload);
    squad_mark(squad->handsets[n].engine, &frame);
    inject_frame(squad, n, from, &frame);
}

void squad_ask(struct squad *squad, size_t creator, size_t first, size_t count) {
    struct command create = squad_create_command(count, HOUR_MS);
    for (size_t i = 0; i < count; i++) {
        snprintf(create.members[i], sizeof create.members[i], "%s", squad_identity(first + i));
    }
    assert_int_equal(squad_command(squad, creator, &create), STATUS_OK);
}

struct command squad_create_command(size_t members, int64_t period_ms) {
    struct command command = {.kind = COMMAND_CREATE_GROUP,
                              .period_ms = period_ms,
                              .member_count = members,
                              .name = "Bridge"};
    for (size_t i = 0; i < members; i++) {
        snprintf(command.members[i], sizeof command.members[i], "%s", squad_identity(i + 1));
    }
    return command;
}

enum status squad_answer(struct squad *squad, size_t n, enum command_kind answer) {
    const struct view *view = squad_view(squad, n);
    if (view->invitation_count == 0) {
        return STATUS_NOT_FOUND;
    }
    struct command command = {.kind = answer, .invitation = view->invitations[0].id};
    return squad_command(squad, n, &command);
}

void squad_group(struct squad *squad, int64_t period_ms) {
    squad_run(squad, 200);
    struct command create = squad_create_command(squad->count - 1, period_ms);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 1; n < squad->count; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    squad_run(squad, 2000);
    for (size_t n = 0; n < squad->count; n++) {
        assert_int_equal(squad_view(squad, n)->group_count, 1);
    }
}

void squad_ask_always(struct squad *squad) {
    const struct command command = {.kind = COMMAND_TAKE_KEYS, .on = 0};
    for (size_t n = 0; n < squad->count; n++) {
        assert_int_equal(squad_command(squad, n, &command), STATUS_OK);
    }
}

enum status squad_talk(struct squad *squad, size_t n) {
    struct command command = {.kind = COMMAND_TALK_BEGIN};
    memcpy(command.group, squad_view(squad, n)->groups[0].identity, sizeof command.group);
    return squad_command(squad, n, &command);
}

enum status squad_stop(struct squad *squad, size_t n) {
    struct command command = {.kind = COMMAND_TALK_END};
    return squad_command(squad, n, &command);
}

const struct squad_frame *squad_find_frame(const struct squad *squad, size_t from, unsigned kind) {
    for (size_t i = squad->frame_count; i > 0; i--) {
        if (squad->frames[i - 1].from == from && squad->frames[i - 1].octets[1] == kind) {
            return &squad->frames[i - 1];
        }
    }
    return NULL;
}

struct span squad_payload(const struct squad_frame *frame) {
    assert_non_null(frame);
    return (struct span){frame->octets + FRAME_HEADER_SIZE, frame->length - FRAME_HEADER_SIZE};
}

bool squad_drop_all_but_first_request_of_0(void *context, struct squad_frame *frame,
                                           size_t receiver) {
    (void)context;
    (void)receiver;
    enum {
        STEP_AT = FRAME_HEADER_SIZE + 8,
        NUMBER_ENDS_AT = STEP_AT + 4
    };
    return frame->from != 0 || frame->octets[1] != FRAME_D2D ||
           frame->octets[STEP_AT] != D2D_REQUEST || frame->octets[NUMBER_ENDS_AT] == 1;
}
