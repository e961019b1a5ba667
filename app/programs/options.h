/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of the program `muster`.
 */
#ifndef MUSTER_APP_PROGRAMS_OPTIONS_H
#define MUSTER_APP_PROGRAMS_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/error.h"
#include "app/handset/command.h"
#include "app/programs/button.h"
#include "app/programs/sound_settings.h"
#include "app/store/binding.h"

/* What the program is asked for. */
enum errand {
    ERRAND_SCREEN, /* the handset itself: on a terminal, by a script or without a screen */
    ERRAND_REQUEST,
    ERRAND_INSTALL,
    ERRAND_FETCH, /* a bundle that waits at the broker, and install it */
    ERRAND_IMPORT,
    ERRAND_STATUS,
    ERRAND_PASSPHRASE, /* another one */
    ERRAND_BIND,       /* to this machine's TPM */
    ERRAND_UNBIND,
    ERRAND_LOCK, /* the running handset */
    ERRAND_ZEROISE,
    ERRAND_GROUPS, /* of the running handset, too, from here to ERRAND_QUIT */
    ERRAND_NEARBY,
    ERRAND_EVENTS, /* muster log */
    ERRAND_WAIT,
    ERRAND_TALK,
    ERRAND_MESSAGE,
    ERRAND_ACCEPT,
    ERRAND_GROUP, /* make one */
    ERRAND_DELETE,
    ERRAND_SILENCE,
    ERRAND_QUIT,
    ERRAND_HELP,
    ERRAND_EVENT_NAMES, /* muster wait --for help */
    ERRAND_VERSION,
};

enum {
    OPTION_LINKS_MAX = 8,
    OPTION_PEERS_MAX = 16,
    OPTION_MEMBERS_MAX = ADHOC_MEMBERS_MAX - 1, /* who makes the group is a member, too */
};

enum link_kind {
    LINK_UDP,
    LINK_NATS, /* through the broker that the store's access names */
    LINK_BLUETOOTH,
    LINK_WIFI_DIRECT,
};

/* One --transport. */
struct link_choice {
    enum link_kind kind;
    const char *word; /* as it was given: "udp:eth0" */
    const char
        *detail; /* what follows the colon: an interface, for bluetooth adapters; NULL: nothing */
};

/* Strings are those of the command line, or of this file's defaults; NULL where nothing was given
 * and there is no default. */
struct options {
    enum errand errand;
    char store[PATH_MAX];
    bool store_is_default; /* then its folder may be made */
    const char *passphrase_file, *new_passphrase_file;
    const char *socket;       /* the control socket; NULL: beside the store */
    bool json;                /* of status, groups, nearby and group */
    const char *group, *text; /* of groups, talk, message, group and delete; of accept `group` is
                               * who asked, of silence on or off */
    size_t member_count;      /* of group: an identity or a name each */
    const char *members[OPTION_MEMBERS_MAX];
    const char *lasts; /* --for: of wait an event, of talk and group a duration */
    const char *from;  /* of talk: a sound file; NULL: the microphone */
    int64_t lasts_ms;  /* of talk, 0: as long as the file; of group 0: as the wizard proposes */
    int64_t within_ms, since_ms; /* of wait; 0: as long as it takes, and from now on */
    bool follows;                /* of log */
    bool says_yes;               /* to what is asked */
    enum binding_choice binding; /* of a store that is made */
    const char *tpm;
    const char *crypto;
    size_t link_count; /* at least 1 */
    struct link_choice links[OPTION_LINKS_MAX];
    const char *interface;
    size_t peer_count; /* handsets of the local network, to greet whether they are heard or not */
    const char *peers[OPTION_PEERS_MAX];
    uint16_t port;          /* 0: the transport's default */
    const char *supplicant; /* the folder of its control sockets */
    const char *script, *golden;
    const char *junit, *tap; /* files for what came of its parts; NULL: none */
    bool keeps_going;        /* a script whose line does not come true */
    bool is_headless;        /* it has no screen */
    const char *log;         /* where events go as JSON: a file, or "-" for standard output */
    const char *language;    /* of the screens; NULL: of a script English, else the environment's */
    const char *sound, *voice, *record;
    const char *microphone, *speaker; /* devices of --sound alsa */
    bool has_gain;
    int gain_db;                 /* of the microphone */
    enum sound_wish suppression; /* of the microphone's noise */
    enum sound_wish headset;     /* no echo is taken out */
    enum sound_wish permit_tone; /* when the floor is won */
    int64_t longest_talk_ms;     /* 0: as it is remembered */
    bool has_ptt;                /* a button opens the microphone */
    bool grabs_ptt;              /* and no other program is to have its device */
    struct button_choice ptt;
    const char *glyphs, *palette;      /* of the terminal; NULL: as the environment says */
    const char *on_event;              /* a command (hook.h); NULL: none */
    bool is_unconfined;                /* no walls around it (confinement.h) */
    const char *identity, *name, *out; /* of a request */
    const char *bundle;                /* to install */
    const char *keys;                  /* to import: a file, or "-" for standard input */
    const char *fingerprint;           /* of the domain of the bundle, as it was read out */
    bool replace;                      /* keys of another domain */
    bool manages; /* request and install: the keys of a group identity, for a group's manager */
};

/* Parses the command line. STATUS_MALFORMED with one line for the user (exit with 2). */
MUST_CHECK enum status options_parse(int argc, char *argv[], struct options *options,
                                     struct error *error);

/* Is its sound that of sound cards? */
bool options_has_cards(const struct options *options);

/* What the microphone and the loudspeaker are opened with; NULL: the usual ones. */
const char *options_source(const struct options *options);
const char *options_sink(const struct options *options);

/* The store where none is given: $XDG_STATE_HOME/muster/store or ~/.local/state/muster/store. False
 * when the environment has neither. */
bool options_default_store(char path[PATH_MAX]);

/* The text of --help. */
void options_help(FILE *out);

/* The names of all events, a line each, for `muster wait`. */
void options_event_names(FILE *out);

#endif
