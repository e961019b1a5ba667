/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/event.h"
#include "app/programs/options.h"
#include "crypto/provider.h"
#include "transport/udp.h"

void options_help(FILE *out) {
    fputs(
        "muster - secure group talk for field handsets\n"
        "\n"
        "  muster [OPTION...]                        the handset's screen\n"
        "  muster demo [OPTION...]                   several handsets in one terminal\n"
        "  muster request --identity URI --out FILE  ask a KMS for keys: write a request\n"
        "  muster install FILE                       install the bundle that the KMS gave\n"
        "  muster fetch                              install the bundle that waits at the broker\n"
        "  muster import [FILE]                      take keys that came as text messages, or the\n"
        "                                            KMS's list of the revoked, from FILE or\n"
        "                                            standard input\n"
        "  muster status [--json]                    identity, groups, time left; of a running\n"
        "                                            handset without its passphrase\n"
        "  muster passphrase                         change the passphrase of the handset\n"
        "  muster bind, muster unbind                bind the handset's memory to this machine's\n"
        "                                            TPM, so that a copy opens nowhere else; or\n"
        "                                            to no machine any more\n"
        "  muster lock                               lock the running handset\n"
        "  muster zeroise [--yes]                    destroy the handset's memory, running or\n"
        "                                            not; with its --log and --record\n",
        out);
    fputs(
        "\n"
        "Of a running handset that is open, too:\n"
        "  muster groups [GROUP] [--json]            its groups; or one with its members\n"
        "  muster nearby [--json]                    who is nearby\n"
        "  muster log [--follow]                     what happened, or what happens from now on, "
        "a\n"
        "                                            line of JSON each\n"
        "  muster wait --for EVENT [--within 10s] [--since 10s]\n"
        "                                            until it happens, for 10 s at most; or it "
        "did\n"
        "                                            in the last 10 s. --for help lists events\n"
        "  muster message GROUP TEXT                 send a message\n"
        "  muster accept [WHO]                       accept the invitation to a group: of that "
        "identity,\n"
        "                                            or, of who is trusted, that name or the only "
        "one\n"
        "  muster talk GROUP --for 5s                talk from its microphone, or its --voice\n"
        "  muster talk GROUP --from FILE [--for 5s]  say what is in a sound file, in its place\n"
        "  muster group NAME --with WHO [--for 8h] [--json]\n"
        "                                            make a group with WHO, once for each member: "
        "an\n"
        "                                            identity nearby, or the name of one that is "
        "trusted\n"
        "  muster delete GROUP --yes                 wipe the group's keys from it, for ever\n"
        "  muster silence on|off                     radio silence\n"
        "  muster quit                               end it, and return once it has ended\n"
        "\n",
        out);
    fputs(
        "  --store FILE            the handset's memory\n"
        "                          (default $XDG_STATE_HOME/muster/store)\n"
        "  --passphrase-file FILE  its passphrase is the first line of FILE; otherwise typed\n"
        "  --new-passphrase-file FILE\n"
        "                          the new one likewise, of muster passphrase\n"
        "  --socket PATH           where the running handset listens for muster lock, status, "
        "talk\n"
        "                          and so on (default: beside the store, its name and -socket)\n"
        "  --bind tpm|none         a new store is bound to this machine's TPM, or is not "
        "(default:\n"
        "                          where there is a TPM that does it)\n"
        "  --tpm NAME              the TPM, as tss2 names it (default device:/dev/tpmrm0)\n"
        "  --transport udp         how frames travel: over the local network, or on one of its\n"
        "                          interfaces, udp:eth0\n"
        "  --transport bluetooth   to handsets nearby, by all adapters, or bluetooth:hci0,hci1\n"
        "  --transport wifi-direct to handsets nearby, without a network; or wifi-direct:wlan0\n"
        "  --transport nats        through the broker to which the KMS gave access\n"
        "                          Given several times, the handset is on all of them, and passes\n"
        "                          on what it hears between them (default: wifi-direct,\n"
        "                          bluetooth and udp; with --interface or --port udp alone)\n"
        "  --interface NAME        udp only on this interface (default: all that are up)\n",
        out);
    fprintf(out,
            "  --port NUMBER           UDP port of the multicast groups (default %d); voice has "
            "the next\n",
            UDP_PORT);
    fputs(
        "  --peer ADDRESS[:PORT]   a handset on this network, IPv4 or IPv6, to be found although\n"
        "                          multicast and broadcast are blocked; several times for more\n"
        "  --supplicant FOLDER     where wpa_supplicant's control sockets are, for wifi-direct\n"
        "                          (default /run/wpa_supplicant)\n"
        "  --sound alsa|wav|tone|silence\n"
        "                          (default: wav with --voice or --record; silence with --script\n"
        "                          and --headless; else alsa, the sound card or what PipeWire\n"
        "                          or PulseAudio make of it)\n"
        "  --microphone NAME, --speaker NAME\n"
        "                          devices of alsa, as arecord -L and aplay -L list them, and the\n"
        "                          Sound screen (default: default)\n"
        "  --headset, --no-headset\n"
        "                          the microphone does not hear the loudspeaker, so no echo is\n"
        "                          removed in calls; or it does, and the echo is removed\n"
        "  --gain DB               make the microphone louder by so much, -24 to 24\n"
        "  --noise, --no-noise     leave the noise in what the microphone hears, or take it out\n"
        "  --permit-tone, --no-permit-tone\n"
        "                          a tone says that the microphone is open, or none does\n"
        "  --longest-talk SECONDS  end one's own talk after so long, 15 to 300\n"
        "                          All of these are for this run; what is set on the Sound screen\n"
        "                          is remembered\n"
        "  --voice FILE            what the microphone hears: a sound file; with --sound tone,\n"
        "                          the tone's Hz (default 440)\n"
        "  --record FILE           write the voice that is heard to a WAV file\n"
        "  --ptt NAME[:CODE]       the button of a speaker microphone or headset opens the\n"
        "                          microphone as long as it is held: the device has NAME in its\n"
        "                          name, the key is CODE, such as KEY_PLAYPAUSE\n"
        "  --ptt-grab              no other program gets that device's keys\n"
        "  --headless              no screen: it runs until muster quit or a signal ends it. "
        "Wants\n"
        "                          --passphrase-file; what happens is a line of JSON each on\n"
        "                          standard error, or in --log\n"
        "  --script FILE           a script presses the keys; no terminal is needed\n"
        "  --golden FOLDER         the screens that a script's snapshots are compared with\n"
        "  --keep-going            a line of the script that does not come true is told, and the "
        "next\n"
        "                          one runs; ends with 1\n"
        "  --junit FILE            write what came of each part of the script, as JUnit XML\n"
        "  --tap FILE              the same in TAP\n"
        "  --log FILE              append what happens to FILE, as a line of JSON each; with\n"
        "                          --script or --headless also -, standard output\n"
        "  --language en|de        what the screens speak (default: as LANG says; with --script\n"
        "                          English)\n"
        "  --no-confinement        do not close what the handset has no use for: files elsewhere,\n"
        "                          system calls; for a laboratory. The screen says so\n"
        "  --identity URI          of a request: tel:+447700900123, urn:gsma:imei:...\n"
        "  --name TEXT             of a request: the name that others are shown\n"
        "  --out FILE              of a request: where to write it\n"
        "  --fingerprint DIGITS    of a bundle's domain, as the KMS's operator read it out:\n"
        "                          another domain's bundle is refused\n"
        "  --replace               install although the keys held are of another domain\n",
        out);
    fputs("  --glyphs ascii|linux|full\n"
          "                          the signs of the screens (default: by the terminal and the\n"
          "                          locale)\n"
          "  --palette night|day|contrast|red\n"
          "                          the colours (default: night; Ctrl-T changes them)\n",
          out);
    fputs(
        "  --on-event COMMAND      run COMMAND with a shell when a call, an invitation or an\n"
        "                          emergency comes, a group's key ends, the microphone is lost or\n"
        "                          a member falls silent. In its environment: MUSTER_EVENT,\n"
        "                          MUSTER_TEXT, MUSTER_WHO, MUSTER_IDENTITY, MUSTER_GROUP,\n"
        "                          MUSTER_DURATION, MUSTER_CHECK. It is killed after 10 seconds\n",
        out);
    fputs("  --crypto NAME           crypto module (default native):", out);
    for (unsigned i = 0; provider_name(i) != NULL; i++) {
        fprintf(out, " %s", provider_name(i));
    }
    fputs("\n                          (native:portable, :adx, :ifma force how native multiplies)\n"
          "  --help, --version\n"
          "\n"
          "Environment: MUSTER_PALETTE=day for bright sun, contrast, red for night eyes;\n"
          "NO_COLOR=1 without colours; MUSTER_GLYPHS=ascii, linux or full where the signs are "
          "wrong.\n"
          "Exit status: 0 done; 1 something failed, and one line says what; 2 wrong usage; 124 of\n"
          "muster wait: it did not happen in that time.\n",
          out);
}

void options_event_names(FILE *out) {
    for (int kind = EVENT_NONE + 1; kind < EVENT_COUNT; kind++) {
        fprintf(out, "%s\n", event_name((enum event_kind)kind));
    }
}
