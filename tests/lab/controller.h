/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of the lab's air: a virtual controller, a link between two, and what is going to
 * happen. For lab_air.c and controller*.c only; others use lab_air.h.
 */
#ifndef MUSTER_TESTS_LAB_CONTROLLER_H
#define MUSTER_TESTS_LAB_CONTROLLER_H

#include "tests/lab/controller_hci.h"
#include "tests/lab/lab_air.h"

enum {
    ACL_LINKS_MAX = 256,   /* in the air */
    ACL_CENTRAL_MAX = 7,   /* links that a controller is central of: a piconet holds no more */
    ACL_SIZE = 1021,       /* octets of data in one packet */
    ACL_BUFFERS = 10,      /* packets that a controller keeps for its host */
    SETTINGS_SIZE = 560,   /* octets of all settings together */
    HAPPENINGS_MAX = 4096, /* more are not kept: a host floods its controller */
    IAC_MAX = 2,
    PAGE_RETRY_US = 640 * 1000, /* a page that was not heard is tried again after this long */
};

/* What a host writes and reads back. */
enum setting {
    SETTING_NAME,
    SETTING_ACCEPT_TIMEOUT,
    SETTING_PAGE_TIMEOUT,
    SETTING_SCAN_ENABLE,
    SETTING_PAGE_SCAN_ACTIVITY,
    SETTING_INQUIRY_SCAN_ACTIVITY,
    SETTING_AUTHENTICATION_ENABLE,
    SETTING_CLASS,
    SETTING_VOICE,
    SETTING_INQUIRY_SCAN_TYPE,
    SETTING_INQUIRY_MODE,
    SETTING_PAGE_SCAN_TYPE,
    SETTING_EIR,
    SETTING_SIMPLE_PAIRING,
    SETTING_LINK_POLICY,
    SETTING_EVENT_MASK,
};

struct controller {
    struct lab_air *air;
    unsigned number;
    uint8_t address[HCI_ADDRESS_SIZE]; /* as in packets, its last octet first */
    bool is_plugged, is_radio_on, has_ssp;
    unsigned loss_percent;
    uint8_t settings[SETTINGS_SIZE];
    uint8_t iac_count, iac[IAC_MAX][HCI_LAP_SIZE]; /* inquiries that it answers */

    bool is_inquiring;
    uint8_t inquiry_serial; /* the number of this inquiry */
    uint8_t inquiry_lap[HCI_LAP_SIZE];
    unsigned inquiry_trains;  /* left, of 1.28 s each */
    unsigned inquiry_results; /* left; 0: any number */
    uint32_t inquiry_found;   /* one bit for each controller */

    int64_t piconet_busy_us; /* until then the piconet that it is central of is sending */
};

enum acl_link_state {
    ACL_UNUSED,
    ACL_PAGING,   /* one controller calls the other */
    ACL_ASKED,    /* the other's host was asked */
    ACL_ANSWERED, /* and has answered */
    ACL_UP,
};

enum pairing_stage {
    PAIRING_NONE,
    PAIRING_KEY, /* the side that asked for authentication is asked for its link key, */
    PAIRING_OTHER_KEY,
    PAIRING_IO, /* if it has none for its capabilities, */
    PAIRING_OTHER_IO,
    PAIRING_CONFIRM, /* then both for their consent; */
    PAIRING_PAIRED,
    PAIRING_PIN, /* where one cannot do that, for a PIN */
    PAIRING_OTHER_PIN,
    PAIRING_PIN_SAME,
    PAIRING_DONE,
};

struct pairing {
    enum pairing_stage stage;
    int64_t asked_us;  /* when a host was asked last */
    bool is_in_air;    /* the hosts have answered, the other controller does not know yet */
    unsigned asker;    /* the side that began */
    bool wanted[2];    /* the sides that wait for the outcome */
    bool confirmed[2]; /* the sides whose host agreed */
    uint8_t io[2][3];  /* capability, out of band data, requirements */
    uint8_t status;    /* the outcome */
    uint8_t secret[1 + HCI_PIN_SIZE]; /* the asker's PIN with its length, or link key */
};

struct happening;

/* A link; side 0 asked for it. */
struct acl_link {
    enum acl_link_state state;
    struct {
        struct controller *controller; /* NULL: the other was not found yet */
        bool is_open;                  /* its host knows of the link or waits for it */
        bool is_losing;                /* the rest of the packet is lost as well */
        uint16_t policy;
        unsigned acl_held;  /* packets from its host that have not arrived yet */
        int64_t arrives_us; /* when what it sent last arrives */
    } sides[2];
    uint8_t paged[HCI_ADDRESS_SIZE]; /* the address of side 1 */
    unsigned central;                /* a side */
    bool allows_switch, is_authenticated, is_encrypted;
    uint16_t supervision_slots;
    int64_t lost_us;        /* since when the sides do not hear each other; -1: they do */
    struct happening *held; /* what waits until they do */
    struct pairing pairing;
};

/* One side of a link; `link` is NULL when there is none. */
struct acl_end {
    struct acl_link *link;
    unsigned side;
};

typedef void happening_fn(struct lab_air *air, struct happening *happening);

/* What is going to happen to a controller, or on a link as seen from one side. */
struct happening {
    struct happening *next;
    int64_t at_us, until_us;
    happening_fn *happens;
    struct controller *controller;
    struct acl_end end;
    bool crosses; /* it waits while the sides do not hear each other */
    size_t length;
    uint8_t octets[];
};

struct lab_air {
    int64_t now_us;
    uint64_t random;
    lab_air_host_fn *to_host;
    void *context;
    struct controller controllers[LAB_AIR_CONTROLLERS_MAX];
    bool is_apart[LAB_AIR_CONTROLLERS_MAX][LAB_AIR_CONTROLLERS_MAX];
    int8_t signal[LAB_AIR_CONTROLLERS_MAX][LAB_AIR_CONTROLLERS_MAX];
    struct acl_link links[ACL_LINKS_MAX];
    struct happening *happenings; /* the next one first */
    size_t happening_count;
};

/* A command of a host: its parameters are at least as long as its opcode demands. */
struct command {
    uint16_t opcode;
    const uint8_t *octets;
    size_t length;
};

/* --- lab_air.c -----------------------------------------------------------------------------------
 */

/* A number from `low` up to and without `high`. */
uint32_t lab_air_random(struct lab_air *air, uint32_t low, uint32_t high);

/* Whether two controllers hear each other. */
bool lab_air_reaches(const struct lab_air *air, const struct controller *one,
                     const struct controller *other);

int8_t lab_air_signal(const struct lab_air *air, const struct controller *one,
                      const struct controller *other);

/* The controller with this address that is plugged in, or NULL. */
struct controller *lab_air_find(struct lab_air *air, const uint8_t address[HCI_ADDRESS_SIZE]);

/* Makes `happens` happen in `delay_us`, with a copy of `octets`. Returns it, for what else is to be
 * said of it; NULL when there are too many. It belongs to the air. */
struct happening *lab_air_after(struct lab_air *air, int64_t delay_us, happening_fn *happens,
                                struct controller *controller, const void *octets, size_t length);

/* The same for what one side of a link sends to the other: it keeps the order, and waits while they
 * do not hear each other. */
struct happening *lab_air_send(struct lab_air *air, struct acl_end end, int64_t delay_us,
                               happening_fn *happens, const void *octets, size_t length);

/* What waited on a link goes on. */
void lab_air_release(struct lab_air *air, struct acl_link *link);

/* Cancels everything that is still due for this controller, or on this link; NULL: any. */
void lab_air_forget(struct lab_air *air, const struct controller *controller,
                    const struct acl_link *link);

/* --- controller.c --------------------------------------------------------------------------------
 */

struct event {
    size_t length;
    uint8_t octets[3 + 255];
};

struct event event_new(enum hci_event code);
void event_put8(struct event *event, unsigned value);
void event_put16(struct event *event, unsigned value);
void event_put(struct event *event, const void *octets, size_t length);

/* Sends it to the controller's host, if the host asked for such events. */
void event_tell(struct controller *controller, struct event *event);

/* Command Complete, to which return parameters can be added; and Command Status. */
struct event answer_new(const struct command *command, enum hci_error status);
void answer_status(struct controller *controller, const struct command *command,
                   enum hci_error status);

uint16_t get16(const uint8_t *octets);

/* Where a setting is kept. */
uint8_t *controller_setting(struct controller *controller, enum setting setting);

/* Its features: page 0 of the controller, page 1 of the host. */
void controller_features(struct controller *controller, unsigned page,
                         uint8_t features[HCI_FEATURES_SIZE]);

/* Carries out what its host sent. */
void controller_command(struct controller *controller, const uint8_t *octets, size_t length);

/* As after power on. */
void controller_reset(struct controller *controller);

/* --- controller_seek.c: inquiry and names --------------------------------------------------------
 */

void controller_inquiry(struct controller *controller, const struct command *command);
void controller_inquiry_cancel(struct controller *controller, const struct command *command);
void controller_remote_name(struct controller *controller, const struct command *command);
void controller_remote_name_cancel(struct controller *controller, const struct command *command);

/* --- controller_connect.c: how links come about and end ------------------------------------------
 */

void controller_create_connection(struct controller *controller, const struct command *command);
void controller_create_cancel(struct controller *controller, const struct command *command);
void controller_accept(struct controller *controller, const struct command *command);
void controller_reject(struct controller *controller, const struct command *command);
void controller_disconnect(struct controller *controller, const struct command *command);
void controller_switch_role(struct controller *controller, const struct command *command);

/* How long it takes until a page is heard, at random; and when one is given up. */
int64_t controller_page_us(struct lab_air *air);
int64_t controller_page_timeout_us(struct controller *controller);

/* The link that is up and that the controller knows by this handle. */
struct acl_end acl_link_by_handle(struct controller *controller, uint16_t handle);

/* The link, up or not, between the controller and this address. */
struct acl_end acl_link_by_address(struct controller *controller,
                                   const uint8_t address[HCI_ADDRESS_SIZE]);

uint16_t acl_link_handle(struct acl_end end);
struct controller *acl_link_controller(struct acl_end end);
struct acl_end acl_link_other(struct acl_end end);
const uint8_t *acl_link_address(struct acl_end end);

/* Tells one side's host that the link has ended, or was not made. */
void acl_link_end(struct acl_end end, enum hci_error reason);

/* Checks whether the sides still hear each other. */
void acl_link_check(struct lab_air *air, struct acl_link *link);

/* Removes the controller's side of each of its links, without telling its host. */
void acl_link_end_all(struct controller *controller);

/* --- controller_link.c: what happens on a link ---------------------------------------------------
 */

/* Sends on what came from the host. */
void controller_acl(struct controller *controller, const uint8_t *octets, size_t length);

void controller_query(struct controller *controller, const struct command *command);
void controller_packet_type(struct controller *controller, const struct command *command);
void controller_qos(struct controller *controller, const struct command *command);
void controller_role_discovery(struct controller *controller, const struct command *command);
void controller_link_policy(struct controller *controller, const struct command *command);
void controller_supervision(struct controller *controller, const struct command *command);
void controller_transmit_power(struct controller *controller, const struct command *command);
void controller_rssi(struct controller *controller, const struct command *command);

/* --- controller_security.c: authentication and encryption ----------------------------------------
 */

void controller_authenticate(struct controller *controller, const struct command *command);
void controller_pairing_reply(struct controller *controller, const struct command *command);
void controller_encrypt(struct controller *controller, const struct command *command);
void controller_key_size(struct controller *controller, const struct command *command);

#endif
