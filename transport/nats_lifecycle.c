/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening the nats transport, from options to the thread, and freeing it when the last user is
 * done.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "transport/nats_state.h"

enum {
    CONNECT_MS = 2000,       /* a connection that takes longer is tried again */
    WRITE_MS = 2000,         /* a broker that reads nothing for this long is gone */
    PING_INTERVAL_MS = 3000, /* and one that does not answer two of these */
    PINGS_MAX = 2
};

static pthread_mutex_t living_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t living_changed = PTHREAD_COND_INITIALIZER;
static unsigned living; /* transports that are not freed yet */

/* --- The end ------------------------------------------------------------------------------------
 */

static void queue_clear(struct nats_queue *queue) {
    struct nats_frame *frame;
    while ((frame = nats_queue_take(queue)) != NULL) {
        free(frame);
    }
}

/* What was heard and what was to be sent. */
static void queues_clear(struct nats *nats) {
    for (int lane = 0; lane < TRANSPORT_LANES; lane++) {
        queue_clear(&nats->heard[lane]);
        queue_clear(&nats->outgoing[lane]);
    }
}

/* A copy of a secret in locked memory, which sodium_free wipes; NULL when out of memory. */
static char *copy_secret(const char *text) {
    char *copy = sodium_init() < 0 ? NULL : sodium_malloc(strlen(text) + 1);
    return copy == NULL ? NULL : strcpy(copy, text);
}

/* What nats_connect has set up. */
static void take_down(struct nats *nats) {
    natsOptions_Destroy(nats->options);
    free(nats->user_jwt);
    free(nats->user_jwt_later);
    sodium_free(nats->user_seed);
    nats->options = NULL;
    nats->user_jwt = nats->user_jwt_later = nats->user_seed = NULL;
    nats->is_fetching = false;
}

/* Under the lock. */
static void forget(struct nats *nats) {
    queues_clear(nats);
    nats->state = BROKER_NEVER;
    nats->has_news = false;
    nats->is_renewing = false;
}

void nats_come_to_rest(struct nats *nats) {
    pthread_mutex_lock(&nats->lock);
    if (nats->is_resting) {
        take_down(nats);
        nats->is_resting = false;
        if (!nats->is_renewing) {
            forget(nats);
        }
        pthread_cond_broadcast(&nats->settled);
    }
    pthread_mutex_unlock(&nats->lock);
}

void nats_disconnect(struct transport *transport) {
    struct nats *nats = (struct nats *)transport;
    pthread_mutex_lock(&nats->lock);
    nats->is_resting = nats->options != NULL;
    nats->is_renewing = false;
    if (!nats->is_resting) {
        forget(nats);
    }
    pthread_cond_signal(&nats->changed);
    pthread_mutex_unlock(&nats->lock);
}

void nats_renew(struct transport *transport) {
    struct nats *nats = (struct nats *)transport;
    pthread_mutex_lock(&nats->lock);
    nats->is_renewing = !nats->is_resting;
    nats->is_resting = nats->options != NULL;
    pthread_cond_signal(&nats->changed);
    pthread_mutex_unlock(&nats->lock);
}

bool nats_is_idle(struct transport *transport) {
    struct nats *nats = (struct nats *)transport;
    pthread_mutex_lock(&nats->lock);
    bool is_idle = !nats->is_resting && nats->options == NULL;
    pthread_mutex_unlock(&nats->lock);
    return is_idle;
}

/* After nats_disconnect: the thread may be in the middle of connecting. Returns whether it has
 * ended. */
static bool wait_for_rest(struct nats *nats) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 2 * CONNECT_MS / 1000;
    pthread_mutex_lock(&nats->lock);
    while (nats->is_resting &&
           pthread_cond_timedwait(&nats->settled, &nats->lock, &until) != ETIMEDOUT) {
    }
    bool is_idle = !nats->is_resting;
    pthread_mutex_unlock(&nats->lock);
    return is_idle;
}

void nats_let_go(struct nats *nats) {
    pthread_mutex_lock(&nats->lock);
    bool is_last = --nats->holders == 0;
    pthread_mutex_unlock(&nats->lock);
    if (!is_last) {
        return;
    }
    queues_clear(nats);
    for (size_t i = 0; i < NATS_KEEPING_MAX; i++) {
        free(nats->keeping[i].frame);
    }
    take_down(nats);
    close(nats->event);
    pthread_cond_destroy(&nats->changed);
    pthread_cond_destroy(&nats->settled);
    pthread_mutex_destroy(&nats->lock);
    free(nats);
    pthread_mutex_lock(&living_lock);
    living--;
    pthread_cond_broadcast(&living_changed);
    pthread_mutex_unlock(&living_lock);
}

/* --- Options --------------------------------------------------------------------------------- */

static natsStatus give_jwt(char **jwt, char **error, void *context) {
    struct nats *nats = context;
    (void)error;
    pthread_mutex_lock(&nats->lock);
    *jwt = strdup(nats->is_fetching ? nats->user_jwt_later : nats->user_jwt);
    pthread_mutex_unlock(&nats->lock);
    return *jwt == NULL ? NATS_NO_MEMORY : NATS_OK;
}

static natsStatus sign_nonce(char **error, unsigned char **signature, int *length,
                             const char *nonce, void *context) {
    (void)error;
    return nats_Sign(((const struct nats *)context)->user_seed, nonce, signature, length);
}

/* The library does not reconnect: the transport's thread does. */
static natsStatus set_rules(struct nats *nats) {
    natsOptions *options = nats->options;
    natsStatus status = natsOptions_SetAllowReconnect(options, false);
    if (status == NATS_OK) {
        status = natsOptions_SetTimeout(options, CONNECT_MS);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetWriteDeadline(options, WRITE_MS);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetPingInterval(options, PING_INTERVAL_MS);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetMaxPingsOut(options, PINGS_MAX);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetNoEcho(options, true);
    }
    if (status == NATS_OK) {
        status = natsOptions_UseGlobalMessageDelivery(options, true);
    }
    return status;
}

static natsStatus set_identity(struct nats *nats, const struct nats_options *options) {
    char prefix[REPLY_SIZE];
    snprintf(prefix, sizeof prefix, "_INBOX.%.60s", options->name);
    natsStatus status = natsOptions_SetCustomInboxPrefix(nats->options, prefix);
    if (status == NATS_OK && options->ca_certificates != NULL) {
        status = natsOptions_SetCATrustedCertificates(nats->options, options->ca_certificates);
    }
    if (status == NATS_OK && !options->is_plain) {
        status = natsOptions_SetSecure(nats->options, true);
    }
    /* With accounts the one that has the stream exports its API under a name that is not NATS's. */
    nats->api = options->user_jwt == NULL ? "$JS.API" : "muster.api";
    if (status != NATS_OK || options->user_jwt == NULL || options->user_seed == NULL) {
        return status;
    }
    bool has_later = options->user_jwt_later != NULL;
    nats->user_jwt = strdup(options->user_jwt);
    nats->user_jwt_later = has_later ? strdup(options->user_jwt_later) : NULL;
    nats->user_seed = copy_secret(options->user_seed);
    if (nats->user_jwt == NULL || nats->user_seed == NULL ||
        (has_later && nats->user_jwt_later == NULL)) {
        return NATS_NO_MEMORY;
    }
    return natsOptions_SetUserCredentialsCallbacks(nats->options, give_jwt, nats, sign_nonce, nats);
}

/* The addresses, each as it must be. */
static bool set_servers(struct nats *nats, const struct nats_options *options,
                        struct transport_condition *problem) {
    const char *scheme = options->is_plain ? "nats://" : "tls://";
    const char *servers[NATS_SERVERS_MAX];
    char copy[1024];
    int count = 0;
    if (strlen(options->servers) >= sizeof copy) {
        *problem = transport_condition_of(CONDITION_BROKER_ADDRESSES_LONG, NULL);
        return false;
    }
    strcpy(copy, options->servers);
    char *rest = copy;
    for (char *server = strsep(&rest, ","); server != NULL; server = strsep(&rest, ",")) {
        if (strncmp(server, scheme, strlen(scheme)) != 0) {
            *problem = transport_condition_detail(CONDITION_NOT_BROKER_ADDRESS, server, scheme);
            return false;
        }
        if (count == NATS_SERVERS_MAX) {
            *problem =
                transport_condition_number(CONDITION_TOO_MANY_BROKERS, NULL, NATS_SERVERS_MAX);
            return false;
        }
        servers[count++] = server;
    }
    if (natsOptions_SetServers(nats->options, servers, count) == NATS_OK) {
        return true;
    }
    *problem = transport_condition_detail(CONDITION_NOT_BROKER_ADDRESS, options->servers, scheme);
    return false;
}

/* All that one broker needs; what was set up before the failure goes with the transport. */
static bool set_up(struct nats *nats, const struct nats_options *options,
                   struct transport_condition *problem) {
    uint8_t token[8];
    if (natsOptions_Create(&nats->options) != NATS_OK || RAND_bytes(token, sizeof token) != 1) {
        *problem = transport_condition_of(CONDITION_NO_RESOURCES, NULL);
        return false;
    }
    int length = snprintf(nats->inbox, sizeof nats->inbox, "_INBOX.%.60s.", options->name);
    for (size_t i = 0; i < sizeof token; i++) {
        length +=
            snprintf(nats->inbox + length, sizeof nats->inbox - (size_t)length, "%02x", token[i]);
    }
    if (!set_servers(nats, options, problem)) {
        return false;
    }
    snprintf(nats->servers, sizeof nats->servers, "%s", options->servers);
    if (set_rules(nats) == NATS_OK && set_identity(nats, options) == NATS_OK) {
        return true;
    }
    *problem = transport_condition_of(CONDITION_CREDENTIALS_UNREADABLE, NULL);
    return false;
}

/* --- Opening --------------------------------------------------------------------------------- */

enum transport_result nats_open_idle(struct transport **out, struct transport_condition *problem) {
    pthread_condattr_t attributes;
    *out = NULL;
    struct nats *nats = calloc(1, sizeof *nats);
    int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (nats == NULL || event < 0) {
        *problem = transport_condition_of(CONDITION_NO_RESOURCES, NULL);
        free(nats);
        if (event >= 0) {
            close(event);
        }
        return TRANSPORT_FAILED;
    }
    nats->transport.kind = &nats_kind;
    nats->event = event;
    nats->holders = 1;
    pthread_mutex_init(&nats->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&nats->changed, &attributes);
    pthread_cond_init(&nats->settled, &attributes);
    pthread_condattr_destroy(&attributes);
    *out = &nats->transport;
    pthread_mutex_lock(&living_lock);
    living++;
    pthread_mutex_unlock(&living_lock);
    return TRANSPORT_OK;
}

bool nats_end(int timeout_ms) {
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&living_lock);
    while (living > 0 &&
           pthread_cond_timedwait(&living_changed, &living_lock, &deadline) != ETIMEDOUT) {
    }
    bool is_over = living == 0;
    pthread_mutex_unlock(&living_lock);
    return is_over;
}

/* At a program's end libnats frees a list of OpenSSL's (its compression methods), and OpenSSL once
 * more: seen with Debian's 3.4.1 and OpenSSL 3. So OpenSSL is asked, before anything else asks it
 * for anything, to leave its memory to the system. */
__attribute__((constructor)) static void let_openssl_be(void) {
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

enum transport_result nats_connect(struct transport *transport, const struct nats_options *options,
                                   struct transport_condition *problem) {
    struct nats *nats = (struct nats *)transport;
    pthread_t worker;
    if (!wait_for_rest(nats)) {
        *problem = transport_condition_of(CONDITION_NO_THREAD, NULL);
        return TRANSPORT_FAILED;
    }
    if (!set_up(nats, options, problem)) {
        take_down(nats);
        return TRANSPORT_FAILED;
    }
    nats->is_renewing = false;
    nats->holders++; /* the thread's; it is not there yet */
    if (pthread_create(&worker, NULL, nats_work, nats) != 0) {
        nats->holders--;
        take_down(nats);
        *problem = transport_condition_of(CONDITION_NO_THREAD, NULL);
        return TRANSPORT_FAILED;
    }
    pthread_detach(worker);
    return TRANSPORT_OK;
}

enum transport_result nats_open_broker(const struct nats_options *options, struct transport **out,
                                       struct transport_condition *problem) {
    enum transport_result result = nats_open_idle(out, problem);
    if (result == TRANSPORT_OK) {
        result = nats_connect(*out, options, problem);
    }
    if (result != TRANSPORT_OK && *out != NULL) {
        (*out)->kind->close(*out);
        *out = NULL;
    }
    return result;
}
