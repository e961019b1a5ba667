/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words/radio.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ui/words/words.h"

/* What is said without a value. Where such a condition has an object, that goes before it. */
static const struct {
    const char *name, *text;
} plain[] = {
    {"no-resources",
     N_("out of memory or file descriptors (ulimit -v, ulimit -n); close other programs")},
    {"no-such-peer", N_("no link reaches that handset")},
    {"network-back", N_("the network is back")},
    {"airplane-mode", N_("airplane mode: the radio is off")},
    {"seeking", N_("looking for handsets")},
    {"radio-silence", N_("radio silence")},
    {"process-back", N_("its process is back")},
    {"process-gone", N_("its process is gone and nothing starts it again: restart Muster")},
    {"process-senseless",
     N_("its process says what makes no sense, and that is ignored; somebody may have taken it "
        "over: restart Muster")},

    {"no-network", N_("no network: no interface is up and has an address; see `ip address`")},
    {"peer-not-heard", N_("that handset has not been heard for a while; wait until it is")},
    {"no-ip", N_("this machine has neither IPv4 nor IPv6")},

    {"broker-silent", N_("the broker has not answered yet")},
    {"broker-back", N_("the broker is back")},
    {"broker-answers", N_("the broker answers again")},
    {"topic-forbidden",
     N_("the broker denies this handset one of its topics; get a new bundle from the KMS")},
    {"fetches-alone",
     N_("no talk over the broker, which only hands out what it kept for this handset: get a new "
        "bundle from the KMS")},
    {"no-broker-access", N_("no access to a broker; install a bundle from a KMS that grants it")},
    {"broker-addresses-long", N_("the broker's addresses are too long")},
    {"credentials-unreadable",
     N_("the broker's CA certificate or this handset's credentials cannot "
        "be read; install a new bundle")},
    {"no-thread", N_("no thread can be started; close other programs")},

    {"no-adapter", N_("no Bluetooth adapter; plug one in")},
    {"no-bluetooth", N_("this system has no Bluetooth; load it with `sudo modprobe bluetooth`, or "
                        "install a kernel that has it")},
    {"bluetooth-forbidden",
     N_("this system does not let Muster use Bluetooth; ask its administrator")},
    {"no-peer-link", N_("no Bluetooth link to that handset; wait until it is back")},
    {"peer-link-ended", N_("the Bluetooth link to that handset has ended; wait until it is back")},
    {"frame-not-carried",
     N_("Bluetooth cannot carry a frame that is empty or whose first octet is 0")},

    {"group-ended", N_("the group has ended")},
    {"peer-group-ended",
     N_("that handset was in a group that has ended; wait until it is heard again")},
    {"no-supplicant", N_("no wpa_supplicant serves a radio: `systemctl start wpa_supplicant` "
                         "(package wpasupplicant), with a ctrl_interface")},
    {"supplicant-forbidden", N_("wpa_supplicant's socket is not open to this user: `adduser USER "
                                "netdev`, and log in again")},
    {"supplicant-mute", N_("wpa_supplicant does not answer: `systemctl restart wpa_supplicant`")},
    {"no-such-radio", N_("no such interface; see `iw dev`")},
    {"radio-not-served", N_("wpa_supplicant does not serve this interface; start it with -i and a "
                            "ctrl_interface for it")},
    {"no-p2p-device", N_("the driver has no P2P device, or p2p_disabled=1 is set; see `iw phy` for "
                         "P2P-device, or use another radio")},
    {"radio-blocked", N_("the radio is blocked: `rfkill unblock wifi`")},
    {"radio-switched-off", N_("the radio is switched off: use the switch or key on this machine")},
    {"radio-not-seeking",
     N_("the radio does not look for others; see `wpa_cli status` and `dmesg`")},
    {"not-supplicant-folder",
     N_("the folder of wpa_supplicant's sockets has no name, or one that is too long")},
};

static bool is(const struct view_condition *condition, const char *name) {
    return strcmp(condition->name, name) == 0;
}

static void say(char out[CONDITION_WORDS_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(char out[CONDITION_WORDS_SIZE], const char *format, ...) {
    va_list values;
    va_start(values, format);
    vsnprintf(out, CONDITION_WORDS_SIZE, format, values);
    va_end(values);
}

static void say_plain(const struct view_condition *condition, char out[CONDITION_WORDS_SIZE]) {
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (is(condition, plain[i].name)) {
            bool is_about = condition->object[0] != '\0';
            say(out, "%s%s%s", condition->object, is_about ? ": " : "", _(plain[i].text));
        }
    }
}

/* What radios do. */
static void say_doing(const struct view_condition *condition, char out[CONDITION_WORDS_SIZE]) {
    unsigned long count = (unsigned long)condition->number, more = (unsigned long)condition->more;
    if (is(condition, "hub")) {
        say(out, words_many("hub of %lu handset", "hub of %lu handsets", count), count);
    } else if (is(condition, "hub-and-linked")) {
        say(out,
            words_many("hub of %lu handset, linked to %lu more",
                       "hub of %lu handsets, linked to %lu more", count),
            count, more);
    } else if (is(condition, "linked-to-hubs") && count == 1) {
        say(out, _("linked to a hub"));
    } else if (is(condition, "linked-to-hubs")) {
        say(out, _("linked to %lu hubs"), count);
    } else if (is(condition, "in-group")) {
        say(out, _("in the group of %s"), condition->object);
    } else if (is(condition, "group-owner")) {
        say(out, words_many("group owner, %lu handset", "group owner, %lu handsets", count), count);
    } else if (is(condition, "forming-group")) {
        say(out,
            words_many("%lu handset in sight, forming a group",
                       "%lu handsets in sight, forming a group", count),
            count);
    } else if (is(condition, "radio-back")) {
        say(out, _("%s can be used again"), condition->object);
    } else if (is(condition, "adapter-ready")) {
        say(out, _("%s is ready"), condition->object);
    }
}

/* What the system says, and which limit it is that has to be raised. */
static const char *reason(int number) {
    switch (number) {
    case EMFILE:
        return _("the limit on open files is reached (ulimit -n)");
    case ENFILE:
        return _("the whole system has no more open files");
    case ENOMEM:
        return _("there is no more memory, or a limit on it is reached (ulimit -v)");
    default:
        return strerror(number);
    }
}

/* The process that a radio has to itself. */
static void say_process(const struct view_condition *condition, char out[CONDITION_WORDS_SIZE]) {
    if (is(condition, "process-ended") && condition->number > 0) {
        say(out, _("its process was ended by signal %lu and is started again"),
            (unsigned long)condition->number);
    } else if (is(condition, "process-ended")) {
        say(out, _("its process has ended and is started again"));
    } else if (is(condition, "process-hung")) {
        say(out, _("its process did not answer any more and is started again"));
    } else if (is(condition, "no-process")) {
        say(out,
            _("no process can be started for the radio: %s; see the limit on processes (ulimit -u, "
              "or a service's TasksMax)"),
            reason(condition->error));
    }
}

/* A network that takes part, but not with all that it should. */
static void say_reach(const struct view_condition *condition, char out[CONDITION_WORDS_SIZE]) {
    const char *object = condition->object;
    unsigned long count = (unsigned long)condition->number, more = (unsigned long)condition->more;
    if (is(condition, "multicast-blocked") && more > 0) {
        say(out,
            _("%s: multicast does not get through to %lu handsets, %lu of which are not reached; "
              "let the access point or switch pass multicast"),
            object, count, more);
    } else if (is(condition, "multicast-blocked")) {
        say(out,
            words_many("%s: multicast does not get through; sending to %lu handset one by one; let "
                       "the access point or switch pass multicast",
                       "%s: multicast does not get through; sending to %lu handsets one by one; "
                       "let the access point or switch pass multicast",
                       count),
            object, count);
    } else if (is(condition, "multicast-unheard")) {
        say(out,
            words_many("%s: the multicast of %lu handset does not arrive; let the access point or "
                       "switch pass multicast",
                       "%s: the multicast of %lu handsets does not arrive; let the access point or "
                       "switch pass multicast",
                       count),
            object, count);
    } else if (is(condition, "interfaces-left-out") && more > 0) {
        say(out, _("not in use: %s and %lu more; name the one you need with --interface"), object,
            more);
    } else if (is(condition, "interfaces-left-out")) {
        say(out, _("not in use: %s; name the one you need with --interface"), object);
    } else if (is(condition, "nobody-heard")) {
        say(out,
            _("%s: nobody heard yet; where the network blocks multicast, name a handset with "
              "--peer ADDRESS"),
            object);
    } else if (is(condition, "frames-lost")) {
        say(out,
            words_many(
                "%s: more comes than this handset takes; %lu frame lost, no voice (%lu kB may "
                "wait)",
                "%s: more comes than this handset takes; %lu frames lost, no voice (%lu kB "
                "may wait)",
                count),
            object, count, more);
    } else if (is(condition, "voice-lost")) {
        say(out,
            words_many("%s: more voice comes than this handset takes; %lu frame lost (%lu kB may "
                       "wait)",
                       "%s: more voice comes than this handset takes; %lu frames lost (%lu kB may "
                       "wait)",
                       count),
            object, count, more);
    } else if (is(condition, "not-peer-address")) {
        say(out,
            _("%s is not a handset's address; try 10.0.0.7, or fe80::7%%eth0 with the interface"),
            object);
    }
}

static void say_network(const struct view_condition *condition, char out[CONDITION_WORDS_SIZE]) {
    const char *object = condition->object, *why = reason(condition->error);
    if (is(condition, "interface-down")) {
        say(out, _("%s is down or has no address; see `ip address`"), object);
    } else if (is(condition, "no-such-interface")) {
        say(out, _("no such interface %s; see `ip link`"), object);
    } else if (is(condition, "unreachable")) {
        say(out, _("%s cannot be reached: %s; see `ip address`"), object, why);
    } else if (is(condition, "firewalled")) {
        say(out,
            _("a firewall on this machine keeps frames from %s (voice has the next port); see `nft "
              "list "
              "ruleset`"),
            object);
    } else if (is(condition, "sending-failed")) {
        say(out, _("sending to %s failed: %s"), object, why);
    } else if (is(condition, "not-ipv4-multicast")) {
        say(out, _("%s is not an IPv4 multicast address; try %s"), object, condition->detail);
    } else if (is(condition, "not-ipv6-multicast")) {
        say(out, _("%s is not an IPv6 multicast address (admin-local or wider); try %s"), object,
            condition->detail);
    } else if (is(condition, "port-taken")) {
        say(out, _("another program uses UDP port %lu; choose another one"),
            (unsigned long)condition->number);
    } else if (is(condition, "socket-failed")) {
        say(out, _("cannot open a UDP socket for %s: %s"), object, why);
    } else if (is(condition, "not-interface-name")) {
        say(out, _("%s is not the name of an interface; see `iw dev`"), object);
    }
}

/* What to do comes first: a screen may have no room for all of it. */
static void say_broker(const struct view_condition *condition, char out[CONDITION_WORDS_SIZE]) {
    const char *object = condition->object, *detail = condition->detail;
    unsigned long number = (unsigned long)condition->number;
    if (is(condition, "broker-slow")) {
        say(out, _("the broker is slow: no answer for %lu s"), number);
    } else if (is(condition, "stream-mute")) {
        say(out,
            _("the broker answers, but not for what it keeps: its disk is full or fails, or its "
              "cluster has no leader; tell its operator (stream %s: no answer for %lu s)"),
            object, number);
    } else if (is(condition, "no-broker-answers")) {
        say(out, _("no broker answers at %s; trying again"), object);
    } else if (is(condition, "broker-lost")) {
        say(out, _("the connection to the broker at %s broke; trying again"), object);
    } else if (is(condition, "broker-refuses")) {
        say(out, _("the broker refuses access: get a new bundle from the KMS (%s)"), object);
    } else if (is(condition, "broker-without-tls")) {
        say(out, _("the broker does not use TLS, so nothing is sent to it: tell its operator (%s)"),
            object);
    } else if (is(condition, "broker-certificate")) {
        say(out, _("the broker's certificate is wrong or out of date: check this clock (%s: %s)"),
            object, detail);
    } else if (is(condition, "no-jetstream")) {
        say(out,
            _("the broker keeps no messages: its JetStream is off, fails or has no leader yet; "
              "tell "
              "its operator (%s)"),
            object);
    } else if (is(condition, "broker-full")) {
        say(out, _("the broker is full and keeps no new messages: tell its operator (%s)"), object);
    } else if (is(condition, "broker-read-only")) {
        say(out, _("the broker cannot write to its disk and keeps nothing: tell its operator (%s)"),
            object);
    } else if (is(condition, "broker-excessive")) {
        say(out,
            _("the broker sends more at once than any message has, so the connection was ended: "
              "tell its operator (%s)"),
            object);
    } else if (is(condition, "no-stream")) {
        say(out,
            _("the broker has no stream %s, and keeps nothing that belongs there: its operator "
              "makes it with `muster-gm prepare --operator FILE`"),
            object);
    } else if (is(condition, "stream-differs")) {
        say(out,
            _("the broker has a stream %s of another kind, or with other replicas: its operator "
              "has "
              "to change it"),
            object);
    } else if (is(condition, "stream-not-made")) {
        say(out, _("the broker does not make its stream %s: %s"), object, detail);
    } else if (is(condition, "keeping-refused") && detail[0] == '\0') {
        say(out, _("the broker refuses to keep messages, and does not say why: tell its operator"));
    } else if (is(condition, "keeping-refused")) {
        say(out, _("the broker refuses to keep messages: tell its operator (%s)"), detail);
    } else if (is(condition, "not-broker-address")) {
        say(out, _("%s: a broker's address looks like %shost:4222"), object, detail);
    } else if (is(condition, "too-many-brokers")) {
        say(out, _("too many addresses of a broker; there may be %lu"), number);
    }
}

static void say_adapter(const struct view_condition *condition, char out[CONDITION_WORDS_SIZE]) {
    const char *object = condition->object, *why = reason(condition->error);
    if (is(condition, "found-in-silence")) {
        say(out, _("others still find %s; end that with `bluetoothctl discoverable off`"), object);
    } else if (is(condition, "adapter-gone")) {
        say(out, _("%s is gone; plug it in again"), object);
    } else if (is(condition, "adapter-missing")) {
        say(out, _("%s is not there; plug it in"), object);
    } else if (is(condition, "adapter-not-connectable")) {
        say(out,
            _("%s does not accept connections; let it with `bluetoothctl discoverable on`, or give "
              "Muster the right to once: `make install`"),
            object);
    } else if (is(condition, "adapter-not-discoverable")) {
        say(out,
            _("others cannot find %s; let them with `bluetoothctl discoverable on`, or give Muster "
              "the right to once: `make install`"),
            object);
    } else if (is(condition, "adapter-name-foreign")) {
        say(out,
            _("others do not recognise %s as a handset; name it with `bluetoothctl system-alias "
              "'%s'`, or give Muster the right to once: `make install`"),
            object, condition->detail);
    } else if (is(condition, "adapter-class-foreign")) {
        say(out,
            _("others do not recognise %s as a handset, by its class; give Muster the right to set "
              "it: `make install`"),
            object);
    } else if (is(condition, "adapter-listened-on")) {
        say(out, _("another program listens for handsets on %s; close it"), object);
    } else if (is(condition, "adapter-failed")) {
        say(out, _("%s cannot be used: %s"), object, why);
    } else if (is(condition, "bluetooth-failed")) {
        say(out, _("Bluetooth cannot be used: %s"), why);
    } else if (is(condition, "not-adapters")) {
        say(out, _("%s does not name Bluetooth adapters; try hci0, or hci0,hci1 (at most %lu)"),
            object, (unsigned long)condition->number);
    }
}

static void say_adapter_off(const struct view_condition *condition,
                            char out[CONDITION_WORDS_SIZE]) {
    const char *object = condition->object;
    if (is(condition, "adapter-blocked")) {
        say(out, _("%s is blocked; free it with `rfkill unblock bluetooth`"), object);
    } else if (is(condition, "adapter-off")) {
        say(out, _("%s is off; switch it on with `bluetoothctl power on`"), object);
    } else if (is(condition, "adapter-off-no-right")) {
        say(out,
            _("%s is off; switch it on with `bluetoothctl power on`, or give Muster the right to "
              "once: `make install`"),
            object);
    } else if (is(condition, "adapter-power-failed")) {
        say(out,
            _("%s does not switch on (management status 0x%02x); plug it in again, or see "
              "`journalctl -k`"),
            object, (unsigned)condition->number);
    } else if (is(condition, "adapter-le-only")) {
        say(out,
            _("%s is on for Bluetooth LE alone; see `btmgmt bredr on`, or use another adapter"),
            object);
    }
}

void condition_words(const struct view_condition *condition, char out[CONDITION_WORDS_SIZE]) {
    out[0] = '\0';
    if (condition->name == NULL) {
        return;
    }
    say_plain(condition, out);
    say_doing(condition, out);
    say_process(condition, out);
    say_network(condition, out);
    say_reach(condition, out);
    say_broker(condition, out);
    say_adapter(condition, out);
    say_adapter_off(condition, out);
    if (out[0] == '\0') {
        say(out, "%s", condition->name);
    }
}

void condition_notice(const char *link, const struct view_condition *condition,
                      char out[CONDITION_WORDS_SIZE]) {
    char text[CONDITION_WORDS_SIZE];
    condition_words(condition, text);
    bool has_link = link != NULL && link[0] != '\0';
    snprintf(out, CONDITION_WORDS_SIZE, "%.40s%s%.270s", has_link ? link : "", has_link ? ": " : "",
             text);
}
