/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A capture of what is on the air, for Wireshark and tshark, in a pcap file: either the MIKEY
 * messages, each I_MESSAGE and each announcement as a UDP packet to port 2269, MIKEY's own; or
 * whole frames, as handsets send them on a local network, for Muster's dissector
 * (fixtures/wireshark/muster.lua). What carries them on the air is not IP, so the addresses stand
 * for the handsets: 192.0.2.N (RFC 5737) is handset N. Everyone is 233.252.0.1 (RFC 6676) to MIKEY
 * messages, and the group of transport/udp.h to frames.
 */
#ifndef MUSTER_APP_PROGRAMS_PCAP_H
#define MUSTER_APP_PROGRAMS_PCAP_H

#include "app/error.h"
#include "crypto/bytes.h"

struct pcap;

/* Begins the file at `path`, replacing what is there. STATUS_IO_FAILED, STATUS_NO_MEMORY. */
MUST_CHECK enum status pcap_open(const char *path, struct pcap **pcap, struct error *error);

/* A frame that handset `from` put on the air for handset `to`, or for everyone with 0, at `utc_ms`.
 * Frames without a MIKEY message, and octets that are not a frame, are left out. A write that
 * failed is reported by pcap_close. */
void pcap_frame(struct pcap *pcap, int64_t utc_ms, unsigned from, unsigned to, struct span frame);

/* The frame itself, whatever it is, of up to FRAME_MAX octets: a datagram from the handset's own
 * port to the port of the group, or of handset `to`; what goes by the lane of voice (lane.h) by the
 * port after it. A longer one is left out. */
void pcap_whole_frame(struct pcap *pcap, int64_t utc_ms, unsigned from, unsigned to,
                      struct span frame);

/* Ends the file and frees; NULL is allowed. STATUS_IO_FAILED when something of it is missing. */
MUST_CHECK enum status pcap_close(struct pcap *pcap, struct error *error);

#endif
