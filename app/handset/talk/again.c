/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/voice/rtp.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

enum {
    LENGTH_SIZE = 2, /* before each sealed packet */
    KEPT_PACKET_MAX = LENGTH_SIZE + VOICE_PACKET_MAX + SEAL_OVERHEAD,
    GROW_BY = 4 * 1024, /* a talk of one word takes no more */
};

/* Its packets, each sealed, with its length before it. */
struct again_piece {
    struct again_piece *before; /* the next older one, of whatever group */
    char group[GROUP_IDENTITY_SIZE];
    char talker[IDENTITY_SIZE];
    uint32_t gmk_id, ssrc;
    uint32_t first_time, last_time; /* RTP's */
    int64_t began_ms, began_utc_ms, last_ms;
    uint8_t *sealed;
    size_t length, room;
};

static int64_t speech_of(const struct again_piece *piece) {
    return (int64_t)((piece->last_time - piece->first_time) / RTP_CLOCK_PER_MS) + VOICE_FRAME_MS;
}

static void piece_free(struct again_piece *piece) {
    free(piece->sealed);
    free(piece);
}

/* Takes *place out of the list. */
static void drop(struct again *again, struct again_piece **place) {
    struct again_piece *piece = *place;
    if (again->playing.piece == piece) {
        again_stop(again);
    }
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
    while (again->newest != NULL) {
        drop(again, &again->newest);
    }
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
    amount->ms += speech_of(piece);
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
            ((strcmp(piece->group, group) != 0 || is_within(&of_group, piece, &group_most)) &&
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
    int32_t after = (int32_t)(timestamp - piece->first_time);
    return now.boot_ms - piece->last_ms > AGAIN_PAUSE_MS ||
           after < -AGAIN_PAUSE_MS * RTP_CLOCK_PER_MS ||
           after >= AGAIN_PIECE_MS * RTP_CLOCK_PER_MS ||
           piece->length > AGAIN_PIECE_OCTETS - KEPT_PACKET_MAX;
}

/* The piece that a packet goes on with, or NULL. */
static struct again_piece *piece_of(const struct again *again, struct moment now, const char *group,
                                    const char *talker, uint32_t gmk_id,
                                    const struct rtp_packet *packet) {
    for (struct again_piece *piece = again->newest; piece != NULL; piece = piece->before) {
        if (piece->ssrc == packet->ssrc && piece->gmk_id == gmk_id &&
            strcmp(piece->talker, talker) == 0 && strcmp(piece->group, group) == 0) {
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
    snprintf(piece->group, sizeof piece->group, "%s", group);
    snprintf(piece->talker, sizeof piece->talker, "%s", talker);
    piece->gmk_id = gmk_id;
    piece->ssrc = packet->ssrc;
    piece->first_time = piece->last_time = packet->timestamp;
    piece->began_ms = now.boot_ms;
    piece->began_utc_ms = now.utc_ms;
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

static bool has_room(const struct again_piece *piece) {
    return piece->room - piece->length >= KEPT_PACKET_MAX;
}

static bool grow(struct again_piece *piece) {
    uint8_t *larger = realloc(piece->sealed, piece->room + GROW_BY);
    if (larger != NULL) {
        piece->sealed = larger;
        piece->room += GROW_BY;
    }
    return larger != NULL;
}

static void append(struct again *again, struct again_piece *piece, struct span rtp) {
    size_t sealed = rtp.length + SEAL_OVERHEAD;
    struct writer out = writer_into(piece->sealed + piece->length, LENGTH_SIZE + sealed);
    write_u16(&out, (uint16_t)sealed);
    if (seal_close(again->key->octets, span_of_text(piece->talker), rtp, &again->desk->entropy,
                   &out) == STATUS_OK) {
        piece->length += out.length;
    }
}

void again_keep(struct again *again, struct moment now, const char *group, const char *talker,
                uint32_t gmk_id, struct span rtp) {
    struct rtp_packet packet;
    if (rtp.length > VOICE_PACKET_MAX || rtp_read(rtp, &packet) != STATUS_OK || !has_key(again)) {
        return;
    }
    struct again_piece *piece = piece_of(again, now, group, talker, gmk_id, &packet);
    if (piece == NULL || !has_room(piece)) {
        make_room(again, group, piece);
    }
    if (piece == NULL) {
        piece = begin_piece(again, now, group, talker, gmk_id, &packet);
    }
    if (piece == NULL || (!has_room(piece) && !grow(piece))) {
        return;
    }
    piece->last_ms = now.boot_ms;
    bool is_later = (int32_t)(packet.timestamp - piece->last_time) > 0;
    piece->last_time = is_later ? packet.timestamp : piece->last_time;
    append(again, piece, rtp);
}

void again_tick(struct again *again, struct moment now) {
    for (struct again_piece **place = &again->newest; *place != NULL;) {
        const struct again_piece *piece = *place;
        const struct gmk *gmk;
        const struct group *group = groups_gmk(again->groups, piece->gmk_id, &gmk);
        if (group == NULL || strcmp(group->parameters.identity, piece->group) != 0 ||
            gmk_is_usable(gmk, group, now) != STATUS_OK ||
            now.boot_ms - piece->last_ms > AGAIN_KEPT_MS) {
            drop(again, place);
        } else {
            place = &(*place)->before;
        }
    }
}

/* --- Saying again --------------------------------------------------------------------------- */

static struct again_piece *latest_of(struct again_piece *piece, const char *group) {
    while (piece != NULL && strcmp(piece->group, group) != 0) {
        piece = piece->before;
    }
    return piece;
}

enum status again_begin(struct again *again, struct moment now, const struct command *command,
                        struct event *problem) {
    const struct again_piece *present = again->playing.piece;
    bool goes_back = present != NULL && strcmp(present->group, command->group) == 0;
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
        struct reader r = reader_of((struct span){piece->sealed + again->playing.at, LENGTH_SIZE});
        size_t length = read_u16(&r);
        struct span sealed = {piece->sealed + again->playing.at + LENGTH_SIZE, length};
        struct writer out = writer_into(room, sizeof room);
        struct rtp_packet packet;
        if (seal_open(again->key->octets, span_of_text(piece->talker), sealed, &out) == STATUS_OK &&
            rtp_read(writer_span(&out), &packet) == STATUS_OK) {
            int32_t after = (int32_t)(packet.timestamp - piece->first_time) / RTP_CLOCK_PER_MS;
            if (after > now.boot_ms - again->playing.began_ms) {
                break;
            }
            if (voice_receiver_packet(again->playing.receiver, now.boot_ms, writer_span(&out)) !=
                STATUS_OK) {
                again->playing.at = piece->length; /* what was heard then is of its form */
                break;
            }
        }
        again->playing.at += LENGTH_SIZE + length;
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
    view->again.began_utc_ms = piece->began_utc_ms;
    view->again.elapsed_ms = now.boot_ms - again->playing.began_ms;
    view->again.lasts_ms = speech_of(piece);
    view->again.level = again->playing.level;
    snprintf(view->again.identity, sizeof view->again.identity, "%s", piece->talker);
    snprintf(view->again.name, sizeof view->again.name, "%s",
             groups_name_of(again->groups, piece->talker));
    snprintf(view->again.group, sizeof view->again.group, "%s", piece->group);
}
