/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/bare_voice.h"

#include <arpa/inet.h>
#include <opus/opus.h>
#include <signal.h>
#include <sodium.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/sound/wav.h"
#include "crypto/gsc.h"

enum {
    PORT = 7007,
    FIRST_ADDRESS = 0x0A4D0001, /* 10.77.0.1 is port 0's */
    /* What app/voice/sender.c does where nothing is lost. */
    BITS_A_SECOND = 28000,
    COMPLEXITY = 5,
    OPUS_SIZE = 70,
    RTP_HEADER_SIZE = 12,
    RTP_SIZE = RTP_HEADER_SIZE + OPUS_SIZE,
    SRTP_SIZE = RTP_SIZE + GSC_OVERHEAD,
    PACKET_SIZE = SRTP_SIZE + crypto_sign_BYTES,
    SIGNED_BESIDES = 49 + 8, /* octets, with the packet: label, session, number, and link */
    SIGNED_SIZE = SIGNED_BESIDES + SRTP_SIZE,
    SSRC = 7007,
    KEY_AND_SALT_SIZE = 28,
};

/* The packet as it is sent, with room for what libsrtp2 adds. */
union packet {
    uint32_t alignment;
    uint8_t octets[PACKET_SIZE + SRTP_MAX_TRAILER_LEN];
};

static const uint8_t key_and_salt[KEY_AND_SALT_SIZE] = {1, 2, 3};
static const uint8_t seed[crypto_sign_SEEDBYTES] = {4, 5, 6};

static srtp_t open_srtp(srtp_ssrc_type_t direction) {
    srtp_t session = NULL;
    srtp_policy_t policy = {
        .ssrc = {.type = direction},
        .key = (unsigned char *)(uintptr_t)key_and_salt,
        .window_size = 128,
    };
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    bool is_open =
        gsc_set_up() == STATUS_OK && srtp_create(&session, &policy) == srtp_err_status_ok;
    return is_open ? session : NULL;
}

static struct sockaddr_in address_of(size_t port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(PORT),
                                .sin_addr.s_addr = htonl(FIRST_ADDRESS + (uint32_t)port)};
}

/* --- The talker ------------------------------------------------------------------------------- */

static OpusEncoder *open_encoder(void) {
    int error;
    OpusEncoder *encoder = opus_encoder_create(VOICE_RATE, 1, OPUS_APPLICATION_VOIP, &error);
    bool is_set =
        encoder != NULL && opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(COMPLEXITY)) == OPUS_OK &&
        opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)) == OPUS_OK &&
        opus_encoder_ctl(encoder, OPUS_SET_MAX_BANDWIDTH(OPUS_BANDWIDTH_WIDEBAND)) == OPUS_OK &&
        opus_encoder_ctl(encoder, OPUS_SET_BITRATE(BITS_A_SECOND)) == OPUS_OK &&
        opus_encoder_ctl(encoder, OPUS_SET_VBR(0)) == OPUS_OK;
    return is_set ? encoder : NULL;
}

/* The next frame of the three speakers in turn, for ever. */
static const int16_t *next_frame(void) {
    static const char *const names[] = {"bridge", "ladder", "medic"};
    static struct wav speakers[3];
    static size_t speaker, at;
    for (size_t i = 0; speakers[2].count == 0 && i < 3; i++) {
        char path[64] = "fixtures/voice/";
        struct error error;
        strcat(strcat(path, names[i]), ".wav");
        if (wav_load(path, &speakers[i], &error) != STATUS_OK) {
            _exit(EXIT_FAILURE);
        }
    }
    if (at + VOICE_FRAME_SAMPLES > speakers[speaker].count) {
        speaker = (speaker + 1) % 3;
        at = 0;
    }
    at += VOICE_FRAME_SAMPLES;
    return speakers[speaker].samples + at - VOICE_FRAME_SAMPLES;
}

/* One packet of `samples`; false when a library fails. */
static bool make(OpusEncoder *encoder, srtp_t srtp, const uint8_t *secret_key, uint16_t number,
                 const int16_t *samples, union packet *packet) {
    uint8_t covered[SIGNED_SIZE] = {0};
    int length = RTP_SIZE;
    struct writer w = writer_into(packet->octets, RTP_HEADER_SIZE);
    write_u16(&w, 0x8078);
    write_u16(&w, number);
    write_u32(&w, number * 48U * VOICE_FRAME_MS);
    write_u32(&w, SSRC);
    bool made = opus_encode(encoder, samples, VOICE_FRAME_SAMPLES, packet->octets + RTP_HEADER_SIZE,
                            OPUS_SIZE) == OPUS_SIZE &&
                srtp_protect(srtp, packet->octets, &length) == srtp_err_status_ok &&
                length == SRTP_SIZE;
    memcpy(covered + SIGNED_BESIDES, packet->octets, SRTP_SIZE);
    return made && crypto_sign_detached(packet->octets + SRTP_SIZE, NULL, covered, sizeof covered,
                                        secret_key) == 0;
}

static void talk(size_t to) {
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    const struct sockaddr_in listener = address_of(to);
    OpusEncoder *encoder = open_encoder();
    srtp_t srtp = open_srtp(ssrc_any_outbound);
    int way = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct timespec next;
    bool goes_on = encoder != NULL && srtp != NULL &&
                   crypto_sign_seed_keypair(public_key, secret_key, seed) == 0 &&
                   connect(way, (const struct sockaddr *)&listener, sizeof listener) == 0;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (uint16_t number = 0; goes_on; number++) {
        union packet packet;
        goes_on = make(encoder, srtp, secret_key, number, next_frame(), &packet);
        ssize_t sent = send(way, packet.octets, PACKET_SIZE, 0);
        (void)sent; /* nobody may be there yet */
        next.tv_nsec += VOICE_FRAME_MS * 1000000L;
        next.tv_sec += next.tv_nsec / 1000000000L;
        next.tv_nsec %= 1000000000L;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
}

/* --- The listener ----------------------------------------------------------------------------- */

/* Opens one packet; false when a library fails. */
static bool open_packet(OpusDecoder *decoder, srtp_t srtp, const uint8_t *public_key,
                        union packet *packet) {
    uint8_t covered[SIGNED_SIZE] = {0};
    int16_t samples[VOICE_FRAME_SAMPLES];
    int length = SRTP_SIZE;
    memcpy(covered + SIGNED_BESIDES, packet->octets, SRTP_SIZE);
    return crypto_sign_verify_detached(packet->octets + SRTP_SIZE, covered, sizeof covered,
                                       public_key) == 0 &&
           srtp_unprotect(srtp, packet->octets, &length) == srtp_err_status_ok &&
           opus_decode(decoder, packet->octets + RTP_HEADER_SIZE, OPUS_SIZE, samples,
                       VOICE_FRAME_SAMPLES, 0) == VOICE_FRAME_SAMPLES;
}

static void listen_on(size_t port) {
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    const struct sockaddr_in own = address_of(port);
    int error;
    OpusDecoder *decoder = opus_decoder_create(VOICE_RATE, 1, &error);
    srtp_t srtp = open_srtp(ssrc_any_inbound);
    int way = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool goes_on = decoder != NULL && srtp != NULL &&
                   crypto_sign_seed_keypair(public_key, secret_key, seed) == 0 &&
                   bind(way, (const struct sockaddr *)&own, sizeof own) == 0;
    while (goes_on) {
        union packet packet;
        ssize_t length = recv(way, packet.octets, PACKET_SIZE, 0);
        goes_on = length == PACKET_SIZE && open_packet(decoder, srtp, public_key, &packet);
    }
}

/* --- Both ------------------------------------------------------------------------------------- */

static pid_t run(const struct impaired_air *air, size_t port, void (*work)(size_t), size_t about) {
    pid_t parent = getpid(), child = fork();
    if (child != 0) {
        return child < 0 ? 0 : child;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent && sodium_init() >= 0 && impaired_air_enter(air, port)) {
        work(about);
    }
    _exit(EXIT_FAILURE);
}

bool bare_voice_begin(struct bare_voice *bare, const struct impaired_air *air, size_t talker,
                      size_t listener) {
    bare->listener = run(air, listener, listen_on, listener);
    bare->talker = run(air, talker, talk, listener);
    if (bare->listener > 0 && bare->talker > 0) {
        return true;
    }
    (void)bare_voice_end(bare);
    return false;
}

bool bare_voice_end(struct bare_voice *bare) {
    pid_t *const processes[] = {&bare->talker, &bare->listener};
    bool ran = true;
    for (size_t i = 0; i < sizeof processes / sizeof processes[0]; i++) {
        int result = 0;
        if (*processes[i] > 0) {
            kill(*processes[i], SIGKILL);
            ran = waitpid(*processes[i], &result, 0) == *processes[i] && WIFSIGNALED(result) && ran;
            *processes[i] = 0;
        }
    }
    return ran;
}
