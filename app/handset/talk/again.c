/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/voice/rtp.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

/* Takes *place out of the list. */
static void drop(struct again *again, struct again_piece **place) {
    struct again_piece *piece = *place;
    if (again->playing.piece == piece) {
        again_stop(again);
    }
    if (again->saving.piece == piece) {
        again->saving.piece = NULL;
    }
    speech_store_forget(&again->store, &piece->stored);
    *place = piece->before;
    piece_free(piece);
}

void again_stop(struct again *again) {
    voice_receiver_free(again->playing.receiver);
    again->playing.receiver = NULL;
    again->playing.piece = NULL;
    again->playing.level = 0;
}

void again_clear(struct again *again) {
    again_stop(again);
    while (again->newest != NULL) {
        struct again_piece *piece = again->newest;
        again->newest = piece->before;
        piece_free(piece);
    }
    speech_store_clear(&again->store);
    secret_free(again->key);
    again->key = NULL;
}

/* --- Keeping -------------------------------------------------------------------------------- */

struct amount {
    int64_t ms; /* of speech */
    size_t octets, pieces;
};

static const struct amount group_most = {AGAIN_GROUP_MS, AGAIN_GROUP_OCTETS, AGAIN_GROUP_PIECES};
static const struct amount all_most = {AGAIN_ALL_MS, AGAIN_ALL_OCTETS, AGAIN_ALL_PIECES};

/* Is it still no more than *most with the piece? */
static bool is_within(struct amount *amount, const struct again_piece *piece,
                      const struct amount *most) {
    amount->ms += piece_ms(piece);
    amount->octets += sizeof *piece + piece->room;
    amount->pieces++;
    return amount->ms <= most->ms && amount->octets <= most->octets &&
           amount->pieces <= most->pieces;
}

/* Makes room for a piece of `group`: `growing`, or one that is to begin where that is NULL. The
 * newest first, each group has its five minutes besides that piece, and all have what there is for
 * all; what one group has too much takes nothing from the others. */
static void make_room(struct again *again, const char *group, const struct again_piece *growing) {
    struct amount of_group = {.octets = AGAIN_PIECE_OCTETS, .pieces = 1}, of_all = of_group;
    for (struct again_piece **place = &again->newest; *place != NULL;) {
        const struct again_piece *piece = *place;
        bool is_kept =
            piece == growing ||
            ((strcmp(piece->said.group, group) != 0 || is_within(&of_group, piece, &group_most)) &&
             is_within(&of_all, piece, &all_most));
        if (is_kept) {
            place = &(*place)->before;
        } else {
            drop(again, place);
        }
    }
}

/* Does a packet of that RTP time belong to another piece? The first ones may have overtaken each
 * other. */
static bool is_over(const struct again_piece *piece, struct moment now, uint32_t timestamp) {
    int32_t after = (int32_t)(timestamp - piece->said.first_time);
    return now.boot_ms - piece->last_ms > AGAIN_PAUSE_MS ||
           after < -AGAIN_PAUSE_MS * RTP_CLOCK_PER_MS ||
           after >= AGAIN_PIECE_MS * RTP_CLOCK_PER_MS ||
           piece->length > AGAIN_PIECE_OCTETS - PIECE_PACKET_MAX;
}

/* The piece that a packet goes on with, or NULL. */
static struct again_piece *piece_of(const struct again *again, struct moment now, const char *group,
                                    const char *talker, uint32_t gmk_id,
                                    const struct rtp_packet *packet) {
    for (struct again_piece *piece = again->newest; piece != NULL; piece = piece->before) {
        if (piece->said.ssrc == packet->ssrc && piece->said.gmk_id == gmk_id &&
            strcmp(piece->said.talker, talker) == 0 && strcmp(piece->said.group, group) == 0) {
            return is_over(piece, now, packet->timestamp) ? NULL : piece;
        }
    }
    return NULL;
}

static struct again_piece *begin_piece(struct again *again, struct moment now, const char *group,
                                       const char *talker, uint32_t gmk_id,
                                       const struct rtp_packet *packet) {
    struct again_piece *piece = calloc(1, sizeof *piece);
    if (piece == NULL) {
        return NULL;
    }
    snprintf(piece->said.group, sizeof piece->said.group, "%s", group);
    snprintf(piece->said.talker, sizeof piece->said.talker, "%s", talker);
    piece->said.gmk_id = gmk_id;
    piece->said.ssrc = packet->ssrc;
    piece->said.first_time = piece->said.last_time = packet->timestamp;
    piece->unsaved_ms = INT64_MAX;
    piece->said.began_utc_ms = now.utc_ms;
    piece->before = again->newest;
    again->newest = piece;
    return piece;
}

static bool has_key(struct again *again) {
    if (again->key == NULL) {
        again->key = secret_new(SEAL_KEY_SIZE);
        if (again->key != NULL &&
            entropy_draw(&again->desk->entropy, again->key->octets, SEAL_KEY_SIZE) != STATUS_OK) {
            secret_free(again->key);
            again->key = NULL;
        }
    }
    return again->key != NULL;
}

void again_keep(struct again *again, struct moment now, const char *group, const char *talker,
                uint32_t gmk_id, struct span rtp) {
    struct rtp_packet packet;
    if (rtp.length > VOICE_PACKET_MAX || rtp_read(rtp, &packet) != STATUS_OK || !has_key(again)) {
        return;
    }
    struct again_piece *piece = piece_of(again, now, group, talker, gmk_id, &packet);
    if (piece == NULL || !piece_has_room(piece)) {
        make_room(again, group, piece);
    }
    if (piece == NULL) {
        piece = begin_piece(again, now, group, talker, gmk_id, &packet);
    }
    if (piece == NULL || (!piece_has_room(piece) && !piece_grow(piece))) {
        return;
    }
    piece->last_ms = now.boot_ms;
    piece->said.last_utc_ms = now.utc_ms;
    bool is_later = (int32_t)(packet.timestamp - piece->said.last_time) > 0;
    piece->said.last_time = is_later ? packet.timestamp : piece->said.last_time;
    piece_add(piece, again->key->octets, &again->desk->entropy, rtp);
    if (piece->unsaved_ms == INT64_MAX) {
        piece->unsaved_ms = now.boot_ms;
    }
}

/* May it still be kept? */
static bool is_kept(const struct again *again, const struct again_piece *piece, struct moment now) {
    const struct gmk *gmk;
    const struct group *group =
        groups_gmk(again->groups, piece->said.group, piece->said.gmk_id, &gmk);
    return group != NULL && gmk_is_usable(gmk, group, now) == STATUS_OK &&
           now.boot_ms - piece->last_ms <= AGAIN_KEPT_MS && !piece->is_broken;
}

/* Who asks for the keys that are needed, and when. */
struct asking {
    const struct again *again;
    struct moment now;
};

static bool needs_key(const void *context, const char *group, uint32_t gmk_id) {
    const struct asking *asking = context;
    const struct again *again = asking->again;
    for (const struct again_piece *piece = again->newest; piece != NULL; piece = piece->before) {
        if (again->settings->set.keeps_speech && piece->said.gmk_id == gmk_id &&
            strcmp(piece->said.group, group) == 0 && piece->stored.segments > 0 &&
            is_kept(again, piece, asking->now)) {
            return true;
        }
    }
    return false;
}

/* --- On disk ---------------------------------------------------------------------------------- */

/* Neither key nor record stays; what is in memory does. */
static void wipe_disk(struct again *again) {
    for (struct again_piece *piece = again->newest; piece != NULL; piece = piece->before) {
        speech_store_forget(&again->store, &piece->stored);
        piece->saved = 0;
        piece->unsaved_ms = piece->length > 0 ? piece->last_ms : INT64_MAX;
    }
    again->saving.piece = NULL;
}

/* What is on its way to the disk is there, or is taken back once the disk takes nothing: nothing
 * else is to wait behind it. */
static void settle_saving(struct again *again) {
    struct again_piece *piece = again->saving.piece;
    const struct desk *desk = again->desk;
    if (piece == NULL || (desk->outbox.durable < again->saving.batch && !desk->cannot_save)) {
        return;
    }
    if (desk->outbox.durable < again->saving.batch) {
        speech_store_withdraw(&again->store, &piece->stored);
        piece->saved = again->saving.before;
        piece->unsaved_ms = piece->last_ms;
    }
    again->saving.piece = NULL;
}

static bool may_save(const struct again *again) {
    return again->settings->set.keeps_speech && !again->desk->cannot_save &&
           again->saving.piece == NULL;
}

/* The packets of a piece from *at on, as many as a record takes. */
static void collect(const struct again *again, const struct again_piece *piece, size_t *at,
                    struct writer *packets) {
    uint8_t room[VOICE_PACKET_MAX];
    while (*at < piece->length && packets->capacity - packets->length >= PIECE_PACKET_MAX) {
        struct writer rtp = writer_into(room, sizeof room);
        if (piece_open(piece, again->key->octets, at, &rtp) == STATUS_OK) {
            write_span_u16(packets, writer_span(&rtp));
        }
    }
    secret_wipe(room, sizeof room);
}

/* One record at a time: what the disk has to do is bounded, however slow it is. */
static void save(struct again *again, struct moment now, struct again_piece *piece) {
    uint8_t *octets = secret_object_new(SPEECH_PACKETS_MAX);
    size_t at = piece->saved;
    piece->unsaved_ms = now.boot_ms; /* where that fails it is tried again */
    if (octets == NULL) {
        return;
    }
    struct writer packets = writer_into(octets, SPEECH_PACKETS_MAX);
    collect(again, piece, &at, &packets);
    if (speech_store_save(&again->store, &piece->stored, &piece->said, writer_span(&packets)) ==
        STATUS_OK) {
        again->saving.piece = piece;
        again->saving.before = piece->saved;
        again->saving.batch = again->desk->outbox.queued;
        piece->saved = at;
        piece->unsaved_ms = at < piece->length ? now.boot_ms - AGAIN_SAVE_MS : INT64_MAX;
    }
    secret_object_free(octets);
}

/* The piece that has waited for longest; NULL: none waits. */
static struct again_piece *next_to_save(const struct again *again) {
    struct again_piece *next = NULL;
    for (struct again_piece *piece = again->newest; piece != NULL; piece = piece->before) {
        bool is_next = piece->unsaved_ms != INT64_MAX &&
                       (next == NULL || piece->unsaved_ms <= next->unsaved_ms);
        next = is_next ? piece : next;
    }
    return next;
}

/* The keys go first: without them the records are nothing. */
void again_tick(struct again *again, struct moment now) {
    const struct asking asking = {again, now};
    speech_store_drop_keys(&again->store, needs_key, &asking);
    speech_store_follow(&again->store);
    for (struct again_piece **place = &again->newest; *place != NULL;) {
        if (is_kept(again, *place, now)) {
            place = &(*place)->before;
        } else {
            drop(again, place);
        }
    }
    settle_saving(again);
    if (!again->settings->set.keeps_speech) {
        wipe_disk(again);
    }
    struct again_piece *next = may_save(again) ? next_to_save(again) : NULL;
    if (next != NULL && now.boot_ms - next->unsaved_ms >= AGAIN_SAVE_MS) {
        save(again, now, next);
    }
}

int64_t again_deadline(const struct again *again) {
    const struct desk *desk = again->desk;
    if (again->saving.piece != NULL) {
        bool is_settled = desk->cannot_save || desk->outbox.durable >= again->saving.batch;
        return is_settled ? 0 : INT64_MAX;
    }
    const struct again_piece *next = may_save(again) ? next_to_save(again) : NULL;
    return next != NULL ? next->unsaved_ms + AGAIN_SAVE_MS : INT64_MAX;
}

/* The piece that a record belongs to: the latest one, or one that begins. */
static struct again_piece *restored_piece(struct again *again, uint64_t number, unsigned segment) {
    struct again_piece *piece = again->newest;
    if (piece == NULL || piece->stored.number != number) {
        piece = calloc(1, sizeof *piece);
        if (piece == NULL) {
            return NULL;
        }
        piece->stored.number = number;
        piece->before = again->newest;
        again->newest = piece;
        again->store.last_number = number;
    }
    piece->is_broken = piece->is_broken || segment != piece->stored.segments;
    piece->stored.segments = segment + 1;
    return piece;
}

static void restore_packets(struct again *again, struct again_piece *piece, struct span packets) {
    struct reader r = reader_of(packets);
    while (reader_left(&r) > 0 && !piece->is_broken) {
        struct span rtp = read_span_u16(&r);
        struct rtp_packet packet;
        piece->is_broken = r.failed || rtp.length > VOICE_PACKET_MAX ||
                           rtp_read(rtp, &packet) != STATUS_OK ||
                           piece->length > AGAIN_PIECE_OCTETS - PIECE_PACKET_MAX ||
                           (!piece_has_room(piece) && !piece_grow(piece));
        if (!piece->is_broken) {
            piece_add(piece, again->key->octets, &again->desk->entropy, rtp);
        }
    }
    piece->is_broken = piece->is_broken || r.failed;
}

void again_restore(struct again *again, struct span key, struct span value) {
    uint64_t number;
    unsigned segment;
    if (speech_store_read_key(key, &number, &segment) != STATUS_OK) {
        return;
    }
    uint8_t *octets = secret_object_new(SPEECH_PACKETS_MAX);
    struct again_piece *piece = restored_piece(again, number, segment);
    if (octets != NULL && piece != NULL && has_key(again)) {
        struct writer packets = writer_into(octets, SPEECH_PACKETS_MAX);
        piece->is_broken =
            piece->is_broken ||
            speech_store_open(&again->store, key, value, &piece->said, &packets) != STATUS_OK;
        restore_packets(again, piece, writer_span(&packets));
        make_room(again, piece->said.group, piece);
    } else if (piece != NULL) {
        piece->is_broken = true;
    }
    secret_object_free(octets);
}

/* How long ago it was said is known by the wall clock alone. What seems to be of later is not kept:
 * it could be of any time. */
void again_start(struct again *again, struct moment now) {
    for (struct again_piece *piece = again->newest; piece != NULL; piece = piece->before) {
        int64_t age_ms = now.utc_ms - piece->said.last_utc_ms;
        piece->is_broken = piece->is_broken || age_ms < 0 || age_ms > AGAIN_KEPT_MS;
        piece->last_ms = now.boot_ms - age_ms;
        piece->saved = piece->length;
        piece->unsaved_ms = INT64_MAX;
    }
    again_tick(again, now);
}

/* --- Saying again --------------------------------------------------------------------------- */

static struct again_piece *latest_of(struct again_piece *piece, const char *group) {
    while (piece != NULL && strcmp(piece->said.group, group) != 0) {
        piece = piece->before;
    }
    return piece;
}

enum status again_begin(struct again *again, struct moment now, const struct command *command,
                        struct event *problem) {
    const struct again_piece *present = again->playing.piece;
    bool goes_back = present != NULL && strcmp(present->said.group, command->group) == 0;
    again_tick(again, now);
    struct again_piece *piece =
        latest_of(goes_back && again->playing.piece != NULL ? present->before : again->newest,
                  command->group);
    if (piece == NULL) {
        return desk_problem(problem, (struct event){.kind = EVENT_NOTHING_TO_SAY_AGAIN},
                            STATUS_NOT_FOUND);
    }
    again_stop(again);
    enum status status = voice_receiver_new(&again->playing.receiver);
    if (status != STATUS_OK) {
        return desk_problem(problem, (struct event){.kind = EVENT_NOTHING_TO_SAY_AGAIN}, status);
    }
    again->playing.piece = piece;
    again->playing.at = 0;
    again->playing.began_ms = now.boot_ms;
    return STATUS_OK;
}

bool again_is_active(const struct again *again) {
    return again->playing.piece != NULL;
}

/* Hands the packets on that were said by now, at the pace at which they were said. */
static void feed(struct again *again, struct moment now) {
    const struct again_piece *piece = again->playing.piece;
    uint8_t room[VOICE_PACKET_MAX];
    while (again->playing.at < piece->length) {
        struct writer out = writer_into(room, sizeof room);
        struct rtp_packet packet;
        size_t next = again->playing.at;
        if (piece_open(piece, again->key->octets, &next, &out) == STATUS_OK &&
            rtp_read(writer_span(&out), &packet) == STATUS_OK) {
            int32_t after = (int32_t)(packet.timestamp - piece->said.first_time) / RTP_CLOCK_PER_MS;
            if (after > now.boot_ms - again->playing.began_ms) {
                break;
            }
            if (voice_receiver_packet(again->playing.receiver, now.boot_ms, writer_span(&out)) !=
                STATUS_OK) {
                again->playing.at = piece->length; /* what was heard then is of its form */
                break;
            }
        }
        again->playing.at = next;
    }
    secret_wipe(room, sizeof room);
}

bool again_play(struct again *again, struct moment now, int16_t mix[VOICE_FRAME_SAMPLES]) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    if (again->playing.piece == NULL) {
        return false;
    }
    feed(again, now);
    bool voice = voice_receiver_play(again->playing.receiver, now.boot_ms, samples);
    again->playing.level = voice ? voice_level(samples) : 0;
    voice_mix(mix, samples);
    if (again->playing.at == again->playing.piece->length &&
        !voice_receiver_holds(again->playing.receiver)) {
        again_stop(again);
    }
    return voice;
}

/* --- The view ------------------------------------------------------------------------------- */

void again_show(const struct again *again, struct moment now, struct view *view) {
    for (size_t i = 0; i < view->group_count; i++) {
        view->groups[i].says_again = latest_of(again->newest, view->groups[i].identity) != NULL;
    }
    const struct again_piece *piece = again->playing.piece;
    view->again = (struct view_again){.is_playing = piece != NULL};
    if (piece == NULL) {
        return;
    }
    view->again.began_utc_ms = piece->said.began_utc_ms;
    view->again.elapsed_ms = now.boot_ms - again->playing.began_ms;
    view->again.lasts_ms = piece_ms(piece);
    view->again.level = again->playing.level;
    snprintf(view->again.identity, sizeof view->again.identity, "%s", piece->said.talker);
    snprintf(view->again.group, sizeof view->again.group, "%s", piece->said.group);
    groups_show_name(again->groups, view->again.identity, view->again.group, view->again.name,
                     &view->again.name_kind);
}
