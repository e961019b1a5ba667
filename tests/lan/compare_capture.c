/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compare_capture STORE PASSPHRASE-FILE CAPTURE open|sealed - looks for what a member's store holds
 * in a capture of the air that the group was formed and talked on. Exits with 0 when nothing of it
 * is there, with 3 when something is, with 4 when too little was captured to tell.
 *
 * A capture is looked at as octets, whatever packets it is made of. In an `open` one, where frames
 * can be read, there must be none of: a GMK; the group's name; three members' identities close
 * together, as in a member list (a presence names one, an I_MESSAGE two); plain voice. Opus begins
 * every packet of a speaker with the same octet, so the first octets of all media payloads must
 * differ. In a `sealed` one, where the link's own encryption hides the frames, there is no identity
 * at all.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "app/handset/air/frame.h"
#include "app/handset/keys/group.h"
#include "app/programs/passphrase.h"
#include "app/store/store.h"

enum {
    EXIT_SHOWN = 3,
    EXIT_TOO_LITTLE = 4,
    LIST_SPAN = 250,    /* octets from the first identity of a list of three to the last */
    VOICE_PACKETS = 50, /* from here on their first octets can be judged */
    SEALED_MIN = 64 * 1024,
    GMK_ID_AT = FRAME_HEADER_SIZE,
    RTP_AT = GMK_ID_AT + 4,
    RTP_HEADER_SIZE = 12,
};

/* The file at `path`, mapped until the program ends: it may be larger than what heap.h gives in one
 * piece. */
static struct span load(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    uint8_t *octets = MAP_FAILED;
    if (file >= 0 && fstat(file, &about) == 0) {
        octets = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    }
    if (octets == MAP_FAILED) {
        fprintf(stderr, "compare_capture: cannot read %s\n", path);
        exit(1);
    }
    return (struct span){octets, (size_t)about.st_size};
}

/* Where `wanted` stands next, from `at` on; the capture's length when it does not. */
static size_t find(struct span capture, struct span wanted, size_t at) {
    const uint8_t *found = at > capture.length ? NULL
                                               : memmem(capture.octets + at, capture.length - at,
                                                        wanted.octets, wanted.length);
    return found == NULL ? capture.length : (size_t)(found - capture.octets);
}

static bool holds(struct span capture, struct span wanted) {
    return find(capture, wanted, 0) < capture.length;
}

static bool names_list(struct span capture, const struct group_parameters *parameters) {
    size_t next[ADHOC_MEMBERS_MAX] = {0};
    size_t count = parameters->member_count;
    struct span identities[ADHOC_MEMBERS_MAX];
    for (size_t i = 0; i < count; i++) {
        identities[i] = span_of_text(parameters->members[i].identity);
        next[i] = find(capture, identities[i], 0);
    }
    for (;;) {
        size_t first = 0, near = 0;
        for (size_t i = 1; i < count; i++) {
            first = next[i] < next[first] ? i : first;
        }
        if (next[first] == capture.length) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            near += next[i] < capture.length && next[i] - next[first] <= LIST_SPAN;
        }
        if (near >= 3) {
            return true;
        }
        next[first] = find(capture, identities[first], next[first] + 1);
    }
}

/* How many media frames of that GMK there are, and how many begin with the commonest octet. */
static size_t voice(struct span capture, uint32_t gmk_id, size_t *commonest) {
    const uint8_t id[] = {(uint8_t)(gmk_id >> 24), (uint8_t)(gmk_id >> 16), (uint8_t)(gmk_id >> 8),
                          (uint8_t)gmk_id};
    size_t counts[256] = {0}, packets = 0;
    *commonest = 0;
    for (size_t at = 0; (at = find(capture, SPAN_OF(id), at)) < capture.length; at++) {
        const uint8_t *frame = capture.octets + at - GMK_ID_AT;
        size_t payload_at = at - GMK_ID_AT + RTP_AT + RTP_HEADER_SIZE;
        if (at < GMK_ID_AT || payload_at >= capture.length || frame[0] != FRAME_VERSION ||
            frame[1] != FRAME_MEDIA || frame[RTP_AT] >> 6 != 2) {
            continue;
        }
        size_t count = ++counts[capture.octets[payload_at]];
        *commonest = count > *commonest ? count : *commonest;
        packets++;
    }
    return packets;
}

struct search {
    struct span capture;
    bool is_sealed;
    size_t groups;
    int code;
};

static void shown(struct search *search, const char *what) {
    printf("shown: %s\n", what);
    search->code = EXIT_SHOWN;
}

static void look_for_identities(struct search *search, const struct group_parameters *parameters) {
    for (size_t i = 0; i < parameters->member_count; i++) {
        if (holds(search->capture, span_of_text(parameters->members[i].identity))) {
            shown(search, parameters->members[i].identity);
        }
    }
}

static void look_for_voice(struct search *search, uint32_t gmk_id) {
    size_t commonest, packets = voice(search->capture, gmk_id, &commonest);
    printf("%zu packets of voice, %zu begin alike\n", packets, commonest);
    if (packets < VOICE_PACKETS && search->code == 0) {
        search->code = EXIT_TOO_LITTLE;
    } else if (commonest > packets / 4) {
        shown(search, "plain voice");
    }
}

/* Whose presence anybody can read: no secret, but to be known. */
static void list_visible(const struct search *search, const struct group_parameters *parameters) {
    printf("readable identities:");
    for (size_t i = 0; i < parameters->member_count; i++) {
        if (holds(search->capture, span_of_text(parameters->members[i].identity))) {
            printf(" %s", parameters->members[i].identity);
        }
    }
    printf("\n");
}

static enum status look_for(void *context, enum record_kind kind, struct span key,
                            struct span value) {
    struct search *search = context;
    struct group *group;
    (void)key;
    if (kind != RECORD_GROUP) {
        return STATUS_OK;
    }
    enum status status = group_read(value, &group);
    if (status != STATUS_OK) {
        return status;
    }
    search->groups++;
    if (group->current.octets == NULL) {
        status = STATUS_NOT_FOUND;
    } else if (holds(search->capture, secret_span(group->current.octets))) {
        shown(search, "a GMK");
    }
    if (holds(search->capture, span_of_text(group->parameters.name))) {
        shown(search, "the group's name");
    }
    if (search->is_sealed) {
        look_for_identities(search, &group->parameters);
        if (search->capture.length < SEALED_MIN && search->code == 0) {
            search->code = EXIT_TOO_LITTLE;
        }
    } else {
        if (names_list(search->capture, &group->parameters)) {
            shown(search, "a member list");
        }
        list_visible(search, &group->parameters);
        look_for_voice(search, group->current.id);
    }
    group_free(group);
    return status;
}

int main(int argc, char *argv[]) {
    if (argc != 5) {
        fputs("usage: compare_capture STORE PASSPHRASE-FILE CAPTURE open|sealed\n", stderr);
        return 2;
    }
    struct search search = {.capture = load(argv[3]), .is_sealed = strcmp(argv[4], "sealed") == 0};
    struct secret *passphrase = NULL;
    struct store *store = NULL;
    struct error error;
    enum status status = passphrase_from_file(argv[2], &passphrase, &error);
    if (status == STATUS_OK) {
        status = store_open(argv[1], secret_span(passphrase), &store, &error);
    }
    if (status == STATUS_OK) {
        status = store_load(store, look_for, &search, &error);
    }
    secret_free(passphrase);
    store_close(store);
    if (status != STATUS_OK || search.groups == 0) {
        fprintf(stderr, "compare_capture: %s\n", status != STATUS_OK ? error.text : "no group");
        return 1;
    }
    return search.code;
}
