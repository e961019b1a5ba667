/* SPDX-License-Identifier: GPL-3.0-or-later */
/* muster import (app/programs/subcommands.h): from a file and from standard input, into the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/subcommands.h"
#include "app/store/store.h"
#include "app/text/parts.h"
#include "tests/app/delivery.h"
#include "tests/app/scratch.h"

enum {
    FIRST = 0x01020304
};

struct scene {
    struct options options;
    char passphrase[SCRATCH_PATH_SIZE], file[SCRATCH_PATH_SIZE];
    struct error error;
    char *said; /* on standard output, by the latest import */
    uint8_t octets[KEY_DELIVERY_MAX];
    struct span message; /* a key for the handset whose store it is */
};

/* The machine's wall clock, in which a delivery counts near its date alone, shows the squad's time.
 */
static int64_t squad_ms;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = __real_clock_gettime(clock, now);
    if (clock == CLOCK_REALTIME) {
        *now = (struct timespec){.tv_sec = squad_ms / 1000, .tv_nsec = squad_ms % 1000 * 1000000};
    }
    return failed;
}

/* A key that is good now. */
static void make_message(struct scene *scene, size_t member, size_t signer) {
    struct squad *squad = squad_new(1);
    struct delivery delivery = delivery_now(squad, member, FIRST);
    delivery.signer = signer;
    squad_ms = squad_now(squad, 0).utc_ms;
    struct writer w = writer_into(scene->octets, sizeof scene->octets);
    delivery_write(&delivery, &w);
    scene->message = writer_span(&w);
    squad_free(squad);
}

static void set_scene(void **state, struct scene *scene) {
    static const char secret[] = "correct horse\n";
    struct store *store;
    struct batch *batch = batch_new();
    *scene = (struct scene){.said = NULL};
    snprintf(scene->passphrase, sizeof scene->passphrase, "%s", scratch_path(state, "passphrase"));
    snprintf(scene->file, sizeof scene->file, "%s", scratch_path(state, "keys.txt"));
    snprintf(scene->options.store, sizeof scene->options.store, "%s", scratch_path(state, "store"));
    scene->options.passphrase_file = scene->passphrase;
    scene->options.keys = scene->file;
    scratch_write(scene->passphrase, span_of_text(secret));
    assert_int_equal(store_create(scene->options.store,
                                  (struct span){(const uint8_t *)secret, strlen(secret) - 1},
                                  STORE_QUICK, &entropy_system, &store, &scene->error),
                     STATUS_OK);
    assert_int_equal(
        batch_put(batch, RECORD_CREDENTIAL, span_of_text(squad_identity(0)), squad_credential(0)),
        STATUS_OK);
    assert_int_equal(store_apply(store, batch, &scene->error), STATUS_OK);
    batch_free(batch);
    store_close(store);
    make_message(scene, 0, SQUAD_FIRE);
}

static void write_parts(struct scene *scene, unsigned first, unsigned last) {
    uint8_t text[PARTS_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    for (unsigned number = first; number <= last; number++) {
        struct part part;
        assert_int_equal(part_of(scene->message, number, &part), STATUS_OK);
        assert_int_equal(part_write(&part, &w), STATUS_OK);
        write_u8(&w, '\n');
    }
    scratch_write(scene->file, writer_span(&w));
}

static enum status import(struct scene *scene) {
    size_t length;
    free(scene->said);
    scene->error.text[0] = '\0';
    FILE *out = open_memstream(&scene->said, &length);
    assert_non_null(out);
    enum status status = subcommand_import(&scene->options, squad_provider(), out, &scene->error);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(status == STATUS_OK, scene->error.text[0] == '\0');
    return status;
}

static void assert_says(const char *text, const char *expected) {
    if (strstr(text, expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", text, expected);
    }
}

/* What `muster status` prints. */
static void assert_status(struct scene *scene, const char *expected) {
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    assert_int_equal(subcommand_status(&scene->options, squad_provider(), out, &scene->error),
                     STATUS_OK);
    assert_int_equal(fclose(out), 0);
    assert_says(text, expected);
    free(text);
}

static void a_file_as_the_manager_writes_it_is_taken(void **state) {
    struct scene scene;
    set_scene(state, &scene);
    uint8_t text[PARTS_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    assert_int_equal(parts_write(scene.message, "for this handset", &w), STATUS_OK);
    scratch_write(scene.file, writer_span(&w));
    assert_int_equal(import(&scene), STATUS_OK);
    assert_string_equal(scene.said, "The key of sip:fire7@county.example was imported; it is taken "
                                    "into use as soon as it is valid\n");
    assert_status(&scene, "group: fire7, standard, GMK 01020304");
    assert_int_equal(import(&scene), STATUS_OK);
    assert_string_equal(scene.said,
                        "This handset already holds the key of sip:fire7@county.example\n");
    free(scene.said);
}

static void parts_in_several_files_are_taken_once_the_last_is_there(void **state) {
    struct scene scene;
    set_scene(state, &scene);
    write_parts(&scene, 4, 12);
    assert_int_equal(import(&scene), STATUS_NOT_FOUND);
    assert_says(scene.error.text, ": parts 1, 2 and 3 of 12 are missing");
    write_parts(&scene, 2, 3);
    assert_int_equal(import(&scene), STATUS_NOT_FOUND);
    assert_says(scene.error.text, ": part 1 of 12 is missing");
    assert_status(&scene, "groups: 0");
    write_parts(&scene, 1, 1);
    assert_int_equal(import(&scene), STATUS_OK);
    assert_says(scene.said, "was imported");
    assert_status(&scene, "GMK 01020304");
    free(scene.said);
}

static void a_delivery_as_it_is_is_taken_from_standard_input(void **state) {
    struct scene scene;
    set_scene(state, &scene);
    scratch_write(scene.file, scene.message);
    int kept = dup(STDIN_FILENO);
    assert_non_null(freopen(scene.file, "r", stdin));
    scene.options.keys = "-";
    assert_int_equal(import(&scene), STATUS_OK);
    assert_says(scene.said, "was imported");
    dup2(kept, STDIN_FILENO);
    close(kept);
    free(scene.said);
}

static void what_is_refused_is_one_line_that_says_why(void **state) {
    struct scene scene;
    set_scene(state, &scene);
    make_message(&scene, 1, SQUAD_FIRE);
    write_parts(&scene, 1, 12);
    assert_int_equal(import(&scene), STATUS_NOT_ADDRESSED_TO_US);
    assert_says(scene.error.text, "This key is for urn:gsma:imei:90420156-025764-0");
    make_message(&scene, 0, 1);
    write_parts(&scene, 1, 12);
    assert_int_equal(import(&scene), STATUS_SIGNATURE_INVALID);
    assert_says(scene.error.text, "did not sign");
    scratch_write(scene.file, span_of_text("Nothing here\n"));
    assert_int_equal(import(&scene), STATUS_NOT_FOUND);
    assert_says(scene.error.text, "keys.txt: No key found");
    assert_string_equal(scene.said, "");
    assert_status(&scene, "groups: 0");
    free(scene.said);
}

static void a_file_of_a_mebibyte_is_read_and_a_larger_one_is_not(void **state) {
    struct scene scene;
    set_scene(state, &scene);
    size_t length = IMPORT_FILE_MAX + 1;
    uint8_t *text = malloc(length);
    assert_non_null(text);
    memset(text, ' ', length);
    struct writer w = writer_into(text + IMPORT_FILE_MAX - PARTS_TEXT_MAX, PARTS_TEXT_MAX);
    assert_int_equal(parts_write(scene.message, "for this handset", &w), STATUS_OK);
    scratch_write(scene.file, (struct span){text, length});
    assert_int_equal(import(&scene), STATUS_TOO_LONG);
    scratch_write(scene.file, (struct span){text, length - 1});
    assert_int_equal(import(&scene), STATUS_OK);
    free(text);
    free(scene.said);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_file_as_the_manager_writes_it_is_taken),
        TEST(parts_in_several_files_are_taken_once_the_last_is_there),
        TEST(a_delivery_as_it_is_is_taken_from_standard_input),
        TEST(what_is_refused_is_one_line_that_says_why),
        TEST(a_file_of_a_mebibyte_is_read_and_a_larger_one_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
