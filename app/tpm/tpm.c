/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/tpm/tpm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>
#include <unistd.h>

#include "crypto/secret.h"

/*
 * What is sealed is, in this order: the name of the parent key, by which another TPM, or one that
 * was cleared, is known before anything is given to it; the private part and the public part of the
 * sealed object (TPM 2.0 part 3: TPM2_Create).
 *
 * The parent is TPM2_CreatePrimary of one template in the owner's hierarchy: the same key for as
 * long as the TPM is not cleared.
 */

enum {
    NAME_SIZE = 2 + 32 /* the algorithm, and SHA-256 */
};

static const char *tpm_name = TPM_DEVICE;

void tpm_use(const char *name) {
    tpm_name = name;
    /* tss2 writes each error to standard error, over the screen; ours say it. */
    (void)setenv("TSS2_LOG", "all+none", 0);
}

const char *tpm_path(void) {
    static const char usual[] = TPM_DEVICE;
    const size_t kind = strlen("device:");
    const char *name = strcmp(tpm_name, "device") == 0 ? usual : tpm_name;
    return strncmp(name, usual, kind) == 0 ? name + kind : NULL;
}

bool tpm_is_there(void) {
    const char *path = tpm_path();
    return path == NULL || access(path, F_OK) == 0;
}

/* --- Errors -----------------------------------------------------------------------------------
 */

/* A response of the TPM without what it is about: which handle, session or parameter. */
static TPM2_RC kind_of(TSS2_RC code) {
    TPM2_RC response = code & 0xFFF;
    return (response & TPM2_RC_FMT1) != 0 ? response & 0xBF : response;
}

static bool is_of_tpm(TSS2_RC code) {
    TSS2_RC layer = code & TSS2_RC_LAYER_MASK;
    return layer == TSS2_TPM_RC_LAYER || layer == TSS2_RESMGR_TPM_RC_LAYER;
}

static enum status refused(TSS2_RC code, struct error *error) {
    switch (kind_of(code)) {
    case TPM2_RC_INTEGRITY:
        return error_set(
            error, STATUS_BOUND_ELSEWHERE,
            "the TPM does not know what it sealed: the store's binding file is damaged "
            "or of another machine; put the right one back");
    case TPM2_RC_LOCKOUT:
        return error_set(error, STATUS_BUSY,
                         "the TPM is locked out after too many wrong authorisations; wait, or have "
                         "its owner reset it (tpm2_dictionarylockout)");
    case TPM2_RC_RETRY:
    case TPM2_RC_YIELDED:
    case TPM2_RC_TESTING:
    case TPM2_RC_OBJECT_MEMORY:
    case TPM2_RC_SESSION_MEMORY:
    case TPM2_RC_MEMORY:
        return error_set(error, STATUS_BUSY, "the TPM is busy; try again in a moment");
    case TPM2_RC_BAD_AUTH:
    case TPM2_RC_AUTH_FAIL:
        return error_set(error, STATUS_NOT_ALLOWED,
                         "the TPM's owner has set a password, so it does not serve others; have "
                         "that removed (tpm2_changeauth)");
    case TPM2_RC_HIERARCHY:
    case TPM2_RC_INITIALIZE:
        return error_set(error, STATUS_NOT_ALLOWED,
                         "the TPM is switched off; switch it on in the machine's firmware");
    default:
        return error_set(error, STATUS_TPM_FAILED,
                         "the TPM refused (response 0x%x); restart the machine, and try again",
                         (unsigned)code);
    }
}

static enum status failure(TSS2_RC code, struct error *error) {
    if (is_of_tpm(code)) {
        return refused(code, error);
    }
    if ((code & 0xFFFF) == TSS2_BASE_RC_MEMORY) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    return error_set(error, STATUS_TPM_FAILED,
                     "the TPM does not answer (0x%x); see that it is still there, and try again",
                     (unsigned)code);
}

static enum status not_there(struct error *error) {
    const char *path = tpm_path();
    if (path != NULL && access(path, R_OK | W_OK) != 0 && errno == EACCES) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "this user may not use the TPM at %.80s; join the group tss and log in "
                         "again",
                         path);
    }
    if (path != NULL && access(path, F_OK) == 0) {
        return error_set(error, STATUS_BUSY,
                         "the TPM at %.80s cannot be opened; another program may have it: try "
                         "again in a moment",
                         path);
    }
    return error_set(error, STATUS_TPM_MISSING,
                     "there is no TPM at %.50s; it may be switched off in the machine's firmware",
                     path != NULL ? path : tpm_name);
}

/* --- One conversation --------------------------------------------------------------------------
 */

struct talk {
    TSS2_TCTI_CONTEXT *line;
    ESYS_CONTEXT *tpm;
    ESYS_TR parent, session, object; /* ESYS_TR_NONE: not there */
    uint8_t name[NAME_SIZE];         /* of the parent */
};

static const TPMT_SYM_DEF_OBJECT aes = {
    .algorithm = TPM2_ALG_AES, .keyBits = {.aes = 128}, .mode = {.aes = TPM2_ALG_CFB}};

static enum status make_parent(struct talk *talk, struct error *error) {
    static const TPM2B_SENSITIVE_CREATE no_secret;
    static const TPM2B_DATA nothing;
    static const TPML_PCR_SELECTION no_registers;
    const TPM2B_PUBLIC template = {
        .publicArea = {.type = TPM2_ALG_ECC,
                       .nameAlg = TPM2_ALG_SHA256,
                       .objectAttributes = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT |
                                           TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                           TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                           TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA,
                       .parameters.eccDetail = {.symmetric = aes,
                                                .scheme.scheme = TPM2_ALG_NULL,
                                                .curveID = TPM2_ECC_NIST_P256,
                                                .kdf.scheme = TPM2_ALG_NULL}}};
    TPM2B_NAME *name;
    TSS2_RC code = Esys_CreatePrimary(talk->tpm, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                      ESYS_TR_NONE, &no_secret, &template, &nothing, &no_registers,
                                      &talk->parent, NULL, NULL, NULL, NULL);
    if (code == TSS2_RC_SUCCESS) {
        code = Esys_TR_GetName(talk->tpm, talk->parent, &name);
    }
    if (code != TSS2_RC_SUCCESS) {
        return failure(code, error);
    }
    bool is_right = name->size == NAME_SIZE;
    memcpy(talk->name, name->name, NAME_SIZE);
    Esys_Free(name);
    return is_right ? STATUS_OK : failure(TSS2_BASE_RC_GENERAL_FAILURE, error);
}

/* A session that only the parent key's TPM can have the secret of: what goes over the bus is
 * encrypted, in the directions that `attributes` say. */
static enum status start_session(struct talk *talk, TPMA_SESSION attributes, struct error *error) {
    static const TPMT_SYM_DEF cipher = {
        .algorithm = TPM2_ALG_AES, .keyBits = {.aes = 128}, .mode = {.aes = TPM2_ALG_CFB}};
    TSS2_RC code = Esys_StartAuthSession(talk->tpm, talk->parent, ESYS_TR_NONE, ESYS_TR_NONE,
                                         ESYS_TR_NONE, ESYS_TR_NONE, NULL, TPM2_SE_HMAC, &cipher,
                                         TPM2_ALG_SHA256, &talk->session);
    if (code == TSS2_RC_SUCCESS) {
        code = Esys_TRSess_SetAttributes(talk->tpm, talk->session,
                                         attributes | TPMA_SESSION_CONTINUESESSION, 0xFF);
    }
    return code == TSS2_RC_SUCCESS ? STATUS_OK : failure(code, error);
}

static enum status begin(struct talk *talk, struct error *error) {
    *talk = (struct talk){.parent = ESYS_TR_NONE, .session = ESYS_TR_NONE, .object = ESYS_TR_NONE};
    if (Tss2_TctiLdr_Initialize(tpm_name, &talk->line) != TSS2_RC_SUCCESS) {
        talk->line = NULL;
        return not_there(error);
    }
    TSS2_RC code = Esys_Initialize(&talk->tpm, talk->line, NULL);
    if (code != TSS2_RC_SUCCESS) {
        talk->tpm = NULL;
        return failure(code, error);
    }
    return make_parent(talk, error);
}

static void flush(struct talk *talk, ESYS_TR what) {
    if (what != ESYS_TR_NONE) {
        (void)Esys_FlushContext(talk->tpm, what);
    }
}

/* tss2 leaves keys where it computed. Its heap is wiped as it is freed (app/programs/heap.h). */
static void end(struct talk *talk) {
    flush(talk, talk->object);
    flush(talk, talk->session);
    flush(talk, talk->parent);
    Esys_Finalize(&talk->tpm);
    Tss2_TctiLdr_Finalize(&talk->line);
    secret_wipe_stack();
}

/* --- Sealing ----------------------------------------------------------------------------------
 */

static enum status write_object(const struct talk *talk, const TPM2B_PRIVATE *private_part,
                                const TPM2B_PUBLIC *public_part, struct writer *out) {
    uint8_t octets[sizeof *private_part + sizeof *public_part];
    size_t length = 0;
    if (Tss2_MU_TPM2B_PRIVATE_Marshal(private_part, octets, sizeof octets, &length) !=
            TSS2_RC_SUCCESS ||
        Tss2_MU_TPM2B_PUBLIC_Marshal(public_part, octets, sizeof octets, &length) !=
            TSS2_RC_SUCCESS) {
        return STATUS_LIBRARY_FAILED;
    }
    write_span(out, SPAN_OF(talk->name));
    write_span(out, (struct span){octets, length});
    return writer_finish(out);
}

static enum status create(struct talk *talk, const uint8_t key[TPM_KEY_SIZE], struct writer *sealed,
                          struct error *error) {
    static const TPM2B_DATA nothing;
    static const TPML_PCR_SELECTION no_registers;
    static const TPM2B_PUBLIC template = {
        .publicArea = {.type = TPM2_ALG_KEYEDHASH,
                       .nameAlg = TPM2_ALG_SHA256,
                       .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                           TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA,
                       .parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL}};
    TPM2B_SENSITIVE_CREATE secret = {.sensitive.data.size = TPM_KEY_SIZE};
    TPM2B_PRIVATE *private_part = NULL;
    TPM2B_PUBLIC *public_part = NULL;
    memcpy(secret.sensitive.data.buffer, key, TPM_KEY_SIZE);
    TSS2_RC code = Esys_Create(talk->tpm, talk->parent, talk->session, ESYS_TR_NONE, ESYS_TR_NONE,
                               &secret, &template, &nothing, &no_registers, &private_part,
                               &public_part, NULL, NULL, NULL);
    secret_wipe(&secret, sizeof secret);
    if (code != TSS2_RC_SUCCESS) {
        return failure(code, error);
    }
    enum status status = write_object(talk, private_part, public_part, sealed);
    Esys_Free(private_part);
    Esys_Free(public_part);
    return status == STATUS_OK ? STATUS_OK : error_set(error, status, "%s", status_text(status));
}

enum status tpm_seal(const uint8_t key[TPM_KEY_SIZE], struct writer *sealed, struct error *error) {
    struct talk talk;
    enum status status = begin(&talk, error);
    if (status == STATUS_OK) {
        status = start_session(&talk, TPMA_SESSION_DECRYPT, error);
    }
    if (status == STATUS_OK) {
        status = create(&talk, key, sealed, error);
    }
    end(&talk);
    return status;
}

/* --- Opening ----------------------------------------------------------------------------------
 */

static enum status load(struct talk *talk, struct span object, struct error *error) {
    TPM2B_PRIVATE private_part = {0};
    TPM2B_PUBLIC public_part = {0};
    size_t at = 0;
    if (Tss2_MU_TPM2B_PRIVATE_Unmarshal(object.octets, object.length, &at, &private_part) !=
            TSS2_RC_SUCCESS ||
        Tss2_MU_TPM2B_PUBLIC_Unmarshal(object.octets, object.length, &at, &public_part) !=
            TSS2_RC_SUCCESS) {
        return refused(TPM2_RC_INTEGRITY, error);
    }
    TSS2_RC code = Esys_Load(talk->tpm, talk->parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                             &private_part, &public_part, &talk->object);
    return code == TSS2_RC_SUCCESS ? STATUS_OK : failure(code, error);
}

static enum status unseal(struct talk *talk, uint8_t key[TPM_KEY_SIZE], struct error *error) {
    TPM2B_SENSITIVE_DATA *data = NULL;
    TSS2_RC code =
        Esys_Unseal(talk->tpm, talk->object, talk->session, ESYS_TR_NONE, ESYS_TR_NONE, &data);
    if (code != TSS2_RC_SUCCESS) {
        return failure(code, error);
    }
    bool is_right = data->size == TPM_KEY_SIZE;
    if (is_right) {
        memcpy(key, data->buffer, TPM_KEY_SIZE);
    }
    secret_wipe(data, sizeof *data);
    Esys_Free(data);
    return is_right ? STATUS_OK : refused(TPM2_RC_INTEGRITY, error);
}

static enum status know_again(const struct talk *talk, struct span name, struct error *error) {
    if (span_equal(name, SPAN_OF(talk->name))) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_BOUND_ELSEWHERE,
                     "it is bound to the TPM of another machine, or this machine's was cleared "
                     "since; it opens with the TPM that it was made with alone");
}

enum status tpm_open(struct span sealed, uint8_t key[TPM_KEY_SIZE], struct error *error) {
    struct talk talk;
    struct reader r = reader_of(sealed);
    struct span name = read_span(&r, NAME_SIZE);
    struct span object = read_span(&r, reader_left(&r));
    memset(key, 0, TPM_KEY_SIZE);
    enum status status = begin(&talk, error);
    if (status == STATUS_OK) {
        status = know_again(&talk, name, error);
    }
    if (status == STATUS_OK) {
        status = start_session(&talk, TPMA_SESSION_ENCRYPT, error);
    }
    if (status == STATUS_OK) {
        status = load(&talk, object, error);
    }
    if (status == STATUS_OK) {
        status = unseal(&talk, key, error);
    }
    end(&talk);
    return status;
}
