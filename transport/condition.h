/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a transport reports: what a radio does, what has happened, what is wrong. A kind with its
 * values; the words for people are made elsewhere, from the kind's name.
 */
#ifndef MUSTER_TRANSPORT_CONDITION_H
#define MUSTER_TRANSPORT_CONDITION_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CONDITION_OBJECT_SIZE = 96,
    CONDITION_DETAIL_SIZE = 104
};

/* In brackets the values that a kind has, besides its `link`. */
enum transport_condition_kind {
    CONDITION_NONE, /* nothing to report */

    /* Any transport. */
    CONDITION_NO_RESOURCES, /* memory or file descriptors */
    CONDITION_NO_SUCH_PEER,
    CONDITION_NETWORK_BACK,
    CONDITION_AIRPLANE_MODE,
    CONDITION_SEEKING,
    CONDITION_RADIO_SILENCE,

    /* Its process (apart/). */
    CONDITION_PROCESS_ENDED,     /* and is started again (number: the signal that ended it, or 0) */
    CONDITION_PROCESS_HUNG,      /* and is started again */
    CONDITION_PROCESS_BACK,      /* after that */
    CONDITION_PROCESS_GONE,      /* for good */
    CONDITION_NO_PROCESS,        /* could be started for it (error) */
    CONDITION_PROCESS_SENSELESS, /* it says what it cannot mean */

    /* UDP. */
    CONDITION_NO_NETWORK,         /* no interface is up and has an address */
    CONDITION_INTERFACE_DOWN,     /* or has no address (object: interface) */
    CONDITION_NO_SUCH_INTERFACE,  /* (object: interface) */
    CONDITION_UNREACHABLE,        /* (object: interface or address; error) */
    CONDITION_FIREWALLED,         /* (object: interface or address) */
    CONDITION_SENDING_FAILED,     /* (object: interface or address; error) */
    CONDITION_PEER_NOT_HEARD,     /* for a while */
    CONDITION_NOT_IPV4_MULTICAST, /* (object: address; detail: one that is) */
    CONDITION_NOT_IPV6_MULTICAST, /* (the same) */
    CONDITION_PORT_TAKEN,         /* (number: port) */
    CONDITION_SOCKET_FAILED,      /* (object: address; error) */
    CONDITION_NO_IP,
    CONDITION_MULTICAST_BLOCKED, /* (object: interface; number: handsets that do not get ours and
                                    are sent copies; more: those there are no copies for) */
    CONDITION_MULTICAST_UNHEARD, /* (object: interface; number: handsets heard by unicast alone) */
    CONDITION_INTERFACES_LEFT,   /* (object: the first names; number: how many are not in use;
                                    more: how many of them are not named) */
    CONDITION_NOBODY_HEARD,      /* for a while (object: interface) */
    CONDITION_FRAMES_LOST,       /* more came than this handset takes, no voice among it (object:
                                    interface; number: how many; more: kilobytes that may wait) */
    CONDITION_VOICE_LOST,        /* the same of voice */
    CONDITION_NOT_PEER_ADDRESS,  /* (object: what was given) */

    /* A broker. */
    CONDITION_BROKER_SILENT, /* it has not answered yet */
    CONDITION_BROKER_BACK,
    CONDITION_BROKER_ANSWERS,        /* again, after it was slow */
    CONDITION_BROKER_SLOW,           /* (object: stream; number: seconds) */
    CONDITION_STREAM_MUTE,           /* the broker answers, its stream does not (object: stream;
                                        number: seconds) */
    CONDITION_NO_BROKER_ANSWERS,     /* (object: servers) */
    CONDITION_BROKER_LOST,           /* the connection broke (object: servers) */
    CONDITION_BROKER_REFUSES,        /* access (object: servers) */
    CONDITION_FETCHES_ALONE,         /* this handset's access: what is kept, and no talk */
    CONDITION_BROKER_WITHOUT_TLS,    /* (object: servers) */
    CONDITION_BROKER_CERTIFICATE,    /* does not verify (object: servers; detail: the library's) */
    CONDITION_TOPIC_FORBIDDEN,       /* by the broker */
    CONDITION_NO_JETSTREAM,          /* the broker keeps nothing (object: servers) */
    CONDITION_BROKER_FULL,           /* it keeps nothing new (object: servers) */
    CONDITION_BROKER_READ_ONLY,      /* its disk takes nothing (object: servers) */
    CONDITION_BROKER_EXCESSIVE,      /* it sends more at once than is taken (object: servers) */
    CONDITION_NO_STREAM,             /* (object: stream) */
    CONDITION_STREAM_DIFFERS,        /* of another kind, or other replicas (object: stream) */
    CONDITION_STREAM_NOT_MADE,       /* (object: stream; detail: the library's) */
    CONDITION_KEEPING_REFUSED,       /* (detail: the broker's reason; empty: none was given) */
    CONDITION_NO_BROKER_ACCESS,      /* this handset was given none */
    CONDITION_NOT_BROKER_ADDRESS,    /* (object: address; detail: how one begins) */
    CONDITION_BROKER_ADDRESSES_LONG, /* too long altogether */
    CONDITION_TOO_MANY_BROKERS,      /* (number: how many there may be) */
    CONDITION_CREDENTIALS_UNREADABLE,
    CONDITION_NO_THREAD,

    /* Bluetooth. */
    CONDITION_HUB,                      /* (number: handsets) */
    CONDITION_HUB_AND_LINKED,           /* (number: handsets; more: hubs) */
    CONDITION_LINKED_TO_HUBS,           /* (number: hubs) */
    CONDITION_FOUND_IN_SILENCE,         /* others still find it (object: adapter) */
    CONDITION_ADAPTER_READY,            /* (object: adapter) */
    CONDITION_ADAPTER_GONE,             /* (object: adapter) */
    CONDITION_ADAPTER_MISSING,          /* the one asked for (object: adapter) */
    CONDITION_NO_ADAPTER,               /* at all */
    CONDITION_ADAPTER_NOT_CONNECTABLE,  /* (object: adapter) */
    CONDITION_ADAPTER_NOT_DISCOVERABLE, /* (object: adapter) */
    CONDITION_ADAPTER_NAME_FOREIGN,     /* (object: adapter; detail: the name it needs) */
    CONDITION_ADAPTER_CLASS_FOREIGN,    /* (object: adapter) */
    CONDITION_ADAPTER_BLOCKED,          /* rfkill (object: adapter) */
    CONDITION_ADAPTER_OFF,              /* (object: adapter) */
    CONDITION_ADAPTER_OFF_NO_RIGHT,     /* and Muster may not switch it on (object: adapter) */
    CONDITION_ADAPTER_POWER_FAILED,     /* (object: adapter; number: management status) */
    CONDITION_ADAPTER_LE_ONLY,          /* (object: adapter) */
    CONDITION_ADAPTER_LISTENED_ON,      /* by another program (object: adapter) */
    CONDITION_ADAPTER_FAILED,           /* (object: adapter; error) */
    CONDITION_NO_BLUETOOTH,             /* in this kernel */
    CONDITION_BLUETOOTH_FORBIDDEN,
    CONDITION_BLUETOOTH_FAILED,  /* (error) */
    CONDITION_NOT_ADAPTERS,      /* (object: what was given; number: how many there may be) */
    CONDITION_NO_PEER_LINK,      /* to that handset */
    CONDITION_PEER_LINK_ENDED,   /* the one to that handset */
    CONDITION_FRAME_NOT_CARRIED, /* empty, or its first octet is 0 */

    /* Wi-Fi Direct. The object, where one is named with "radio", may be empty: not known. */
    CONDITION_IN_GROUP,      /* (object: name of the owner) */
    CONDITION_GROUP_OWNER,   /* (number: handsets) */
    CONDITION_FORMING_GROUP, /* (number: handsets in sight) */
    CONDITION_GROUP_ENDED,
    CONDITION_PEER_GROUP_ENDED,     /* the one that the handset was in */
    CONDITION_RADIO_BACK,           /* (object: radio) */
    CONDITION_NO_SUPPLICANT,        /* (object: radio) */
    CONDITION_SUPPLICANT_FORBIDDEN, /* its socket is not open to this user (object: radio) */
    CONDITION_SUPPLICANT_MUTE,      /* it does not answer (object: radio) */
    CONDITION_NO_SUCH_RADIO,        /* (object: radio) */
    CONDITION_RADIO_NOT_SERVED,     /* by any supplicant (object: radio) */
    CONDITION_NO_P2P_DEVICE,        /* (object: radio) */
    CONDITION_RADIO_BLOCKED,        /* rfkill, by software (object: radio) */
    CONDITION_RADIO_SWITCHED_OFF,   /* rfkill, by a switch (object: radio) */
    CONDITION_RADIO_NOT_SEEKING,    /* for whatever reason (object: radio) */
    CONDITION_NOT_INTERFACE_NAME,   /* (object: what was given) */
    CONDITION_NOT_SUPPLICANT_FOLDER,

    CONDITION_KINDS /* how many there are */
};

struct transport_condition {
    enum transport_condition_kind kind;
    unsigned link; /* number of the link in a bundle (bundle.h), from 1 up; 0: of no link */
    int error;     /* an errno; 0: none */
    int64_t number, more;
    char object[CONDITION_OBJECT_SIZE]; /* what it is about; cut where it is longer */
    char detail[CONDITION_DETAIL_SIZE]; /* the same; may come from outside: printable ASCII */
};

/* The kind's name for programs, of a-z, 0-9 and hyphens ("no-such-interface"); it never changes.
 * Empty for CONDITION_NONE. */
const char *transport_condition_name(enum transport_condition_kind kind);

/* Does a kind call for something to be done, or at least mean that frames do not get through? */
bool transport_condition_is_problem(enum transport_condition_kind kind);

/* A condition of that kind about `object`; NULL: about nothing in particular. */
struct transport_condition transport_condition_of(enum transport_condition_kind kind,
                                                  const char *object);

/* The same with an errno, with a number, or with a detail, whose octets that are not printable
 * ASCII become "?". */
struct transport_condition transport_condition_error(enum transport_condition_kind kind,
                                                     const char *object, int error);
struct transport_condition transport_condition_number(enum transport_condition_kind kind,
                                                      const char *object, int64_t number);
struct transport_condition transport_condition_detail(enum transport_condition_kind kind,
                                                      const char *object, const char *detail);

/* Do two conditions say the same? */
bool transport_condition_equal(const struct transport_condition *a,
                               const struct transport_condition *b);

#endif
