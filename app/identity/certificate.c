/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/certificate.h"

#include <string.h>

static const char label[] = "Muster certificate";

enum {
    SIGNED_MAX = (int)sizeof label + 8 + 8 + 1 + IDENTITY_MAX + SAKKE_POINT_SIZE +
                 ECCSI_POINT_SIZE + 1 + SAKKE_POINT_SIZE,
};

/* What the signature is over. */
static enum status write_signed(const struct certificate *certificate,
                                const struct domain_keys *keys, struct writer *out) {
    write_span(out, SPAN_OF(label));
    write_u64(out, certificate->number);
    write_u64(out, (uint64_t)certificate->until_ms);
    write_text_u8(out, keys->kms);
    write_span(out, (struct span){keys->z, SAKKE_POINT_SIZE});
    write_span(out, (struct span){keys->kpak, ECCSI_POINT_SIZE});
    write_u8(out, keys->authority != NULL ? 2 : keys->recovery);
    if (keys->authority != NULL) {
        write_span(out, (struct span){keys->authority, SAKKE_POINT_SIZE});
    }
    return writer_finish(out);
}

enum status certificate_sign(struct certificate *certificate, const struct domain_keys *keys,
                             const uint8_t seed[ROOT_SEED_SIZE]) {
    uint8_t room[SIGNED_MAX];
    struct writer w = writer_into(room, sizeof room);
    enum status status = root_key_of(seed, certificate->root);
    if (status == STATUS_OK) {
        status = write_signed(certificate, keys, &w);
    }
    return status == STATUS_OK ? root_sign(seed, writer_span(&w), certificate->signature) : status;
}

enum status certificate_verify(const struct certificate *certificate,
                               const struct domain_keys *keys) {
    uint8_t room[SIGNED_MAX];
    struct writer w = writer_into(room, sizeof room);
    if (certificate->number == 0 || write_signed(certificate, keys, &w) != STATUS_OK) {
        return STATUS_SIGNATURE_INVALID;
    }
    return root_verify(certificate->root, writer_span(&w), certificate->signature);
}

void certificate_write(struct writer *out, const struct certificate *certificate) {
    write_u8(out, certificate->number != 0);
    if (certificate->number == 0) {
        return;
    }
    write_span(out, SPAN_OF(certificate->root));
    write_u64(out, certificate->number);
    write_u64(out, (uint64_t)certificate->until_ms);
    write_span(out, SPAN_OF(certificate->signature));
}

enum status certificate_read(struct reader *in, struct certificate *certificate) {
    uint8_t is_there = read_u8(in);
    memset(certificate, 0, sizeof *certificate);
    if (in->failed || is_there == 0) {
        return in->failed ? STATUS_TRUNCATED : STATUS_OK;
    }
    read_octets(in, certificate->root, sizeof certificate->root);
    certificate->number = read_u64(in);
    certificate->until_ms = (int64_t)read_u64(in);
    read_octets(in, certificate->signature, sizeof certificate->signature);
    if (in->failed) {
        return STATUS_TRUNCATED;
    }
    return is_there == 1 && certificate->number != 0 ? STATUS_OK : STATUS_MALFORMED;
}
