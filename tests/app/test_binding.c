/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store that is bound to a TPM: it opens with that one alone, whoever has its files and knows its
 * passphrase, and says what is wrong where it does not. The TPM is one of software (chip.h).
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/store/attempts.h"
#include "app/store/database.h"
#include "app/store/destruction.h"
#include "app/store/store.h"
#include "app/store/tally.h"
#include "chip.h"
#include "own_memory.h"
#include "records.h"
#include "scratch.h"

#define CONTENT "2/group=the key;"

/* Chips have folders of their own in the scratch folder. */
static int clear_away(void **state) {
    chip_discard(scratch_path(state, "chip"));
    chip_discard(scratch_path(state, "other"));
    return scratch_teardown(state);
}

static enum status create(const char *path, enum binding_choice choice, struct store **store,
                          struct error *error) {
    return store_create_bound(path, RECORDS_PASSPHRASE, STORE_QUICK, choice, &entropy_system, store,
                              error);
}

static void bind_store(const char *path) {
    struct store *store;
    struct error error = {0};
    assert_int_equal(create(path, BINDING_TPM, &store, &error), STATUS_OK);
    assert_string_equal(error.text, "");
    assert_true(store_is_bound(store));
    records_must_put(store, RECORD_GROUP, "group", "the key");
    store_close(store);
}

static enum status try_passphrase(const char *path, const char *passphrase, struct error *error) {
    struct store *store = NULL;
    enum status status = store_open(path, span_of_text(passphrase), &store, error);
    store_close(store);
    return status;
}

static void assert_opens(const char *path) {
    struct error error;
    assert_int_equal(binding_check(path, &error), STATUS_OK);
    struct store *store = records_reopen(path);
    assert_true(store_is_bound(store));
    store_close(store);
    records_assert(path, CONTENT);
}

/* Neither before the passphrase is asked for nor with the right one; and nothing is counted. */
static void assert_refused(const char *path, enum status expected, const char *words) {
    struct error error;
    struct records content;
    struct attempts attempts;
    assert_int_equal(binding_check(path, &error), expected);
    assert_non_null(strstr(error.text, words));
    records_assert_one_line(&error);
    assert_int_equal(records_look(path, &content, &error), expected);
    assert_non_null(strstr(error.text, words));
    records_assert_one_line(&error);
    attempts_look(path, &attempts);
    assert_int_equal(attempts.wrong, 0);
}

static unsigned wrong_of(const char *path) {
    struct attempts attempts;
    attempts_look(path, &attempts);
    return attempts.wrong;
}

/* --- Where it opens, and where not ------------------------------------------------------------ */

static void it_opens_with_its_tpm(void **state) {
    struct chip chip;
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    assert_opens(path);
    chip_off(&chip);
    chip_on(&chip, chip.folder); /* the machine was off */
    assert_opens(path);
    chip_off(&chip);
}

static void a_copy_of_all_files_opens_with_no_other_tpm(void **state) {
    struct chip chip;
    const char *path = scratch_path(state, "store"), *copy = scratch_path(state, "copy");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    records_copy(path, copy);
    assert_opens(copy); /* it is the copy of all that is needed */
    chip_off(&chip);
    chip_on(&chip, scratch_path(state, "other"));
    assert_refused(copy, STATUS_BOUND_ELSEWHERE, "bound to the TPM of another machine");
    chip_off(&chip);
    chip_on(&chip, scratch_path(state, "chip"));
    assert_opens(path);
    chip_off(&chip);
}

/* A program that leaves the TPM out, and has all else, guesses 32 octets. */
static void without_the_key_of_the_tpm_the_head_does_not_open(void **state) {
    static const uint8_t guess[HEAD_BINDING_SIZE];
    struct chip chip;
    struct database *database;
    struct store_keys keys;
    struct error error;
    uint8_t octets[HEAD_SIZE], tally_octets[TALLY_SEALED_SIZE];
    struct writer head = writer_into(octets, sizeof octets);
    struct writer tally = writer_into(tally_octets, sizeof tally_octets);
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    chip_off(&chip);
    assert_int_equal(database_open(path, &database, &error), STATUS_OK);
    assert_int_equal(database_read_head(database, &head, &tally, &error), STATUS_OK);
    database_close(database);
    assert_int_equal(head_open(writer_span(&head), RECORDS_PASSPHRASE, guess, &keys),
                     STATUS_WRONG_PASSPHRASE);
    assert_int_equal(head_open(writer_span(&head), RECORDS_PASSPHRASE, NULL, &keys),
                     STATUS_SEAL_BROKEN);
    /* Nor where it says of itself that it is bound to nothing. */
    octets[0] = 1;
    assert_int_equal(seal_checksum((struct span){octets, HEAD_SIZE - SEAL_HASH_SIZE},
                                   octets + HEAD_SIZE - SEAL_HASH_SIZE),
                     STATUS_OK);
    assert_int_equal(head_open(writer_span(&head), RECORDS_PASSPHRASE, NULL, &keys),
                     STATUS_WRONG_PASSPHRASE);
}

/* The thief changes what is open in the file: the parent key's name for that of a TPM of its own.
 */
static void a_binding_that_names_the_other_tpm_does_not_open_either(void **state) {
    struct chip chip;
    char ours[BINDING_PATH_SIZE], theirs[BINDING_PATH_SIZE];
    uint8_t file[BINDING_FILE_MAX], other[BINDING_FILE_MAX];
    const char *path = scratch_path(state, "store"), *decoy = scratch_path(state, "decoy");
    const size_t at = 1 + STORE_ID_SIZE, name_size = 34;
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    chip_off(&chip);
    chip_on(&chip, scratch_path(state, "other"));
    bind_store(decoy);
    binding_path(path, ours);
    binding_path(decoy, theirs);
    FILE *from = fopen(theirs, "r"), *to = fopen(ours, "r");
    assert_true(fread(other, 1, sizeof other, from) > at + name_size);
    size_t length = fread(file, 1, sizeof file, to);
    fclose(from);
    fclose(to);
    memcpy(file + at, other + at, name_size);
    assert_int_equal(
        seal_checksum((struct span){file, length - SEAL_HASH_SIZE}, file + length - SEAL_HASH_SIZE),
        STATUS_OK);
    scratch_write(ours, (struct span){file, length});
    assert_refused(path, STATUS_BOUND_ELSEWHERE, "the TPM does not know what it sealed");
    chip_off(&chip);
}

static void clearing_the_tpm_closes_it_for_good(void **state) {
    struct chip chip;
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    chip_clear(&chip);
    assert_refused(path, STATUS_BOUND_ELSEWHERE, "was cleared");
    chip_off(&chip);
}

static void without_its_tpm_it_says_so(void **state) {
    struct chip chip;
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    chip_off(&chip);
    assert_refused(path, STATUS_TPM_MISSING, "bound to its machine's TPM, and there is no TPM");
    tpm_use("device:/dev/no_such_tpm");
    assert_refused(path, STATUS_TPM_MISSING, "there is no TPM at /dev/no_such_tpm");
}

static void an_owner_with_a_password_is_told_apart(void **state) {
    struct chip chip;
    struct store *store;
    struct error error;
    const char *path = scratch_path(state, "store"), *second = scratch_path(state, "second");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    chip_take_ownership(&chip);
    assert_refused(path, STATUS_NOT_ALLOWED, "owner has set a password");
    assert_int_equal(create(second, BINDING_TPM, &store, &error), STATUS_NOT_ALLOWED);
    records_assert_one_line(&error);
    assert_false(store_exists(second) || binding_exists(second));
    chip_off(&chip);
}

/* Each moment of an opening: it opens, or is refused in words, and opens once the TPM is back. */
static void a_tpm_that_goes_away_in_the_middle_harms_nothing(void **state) {
    struct chip chip;
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    for (long wait_us = 0; wait_us < 30000; wait_us += 3000) {
        struct error error = {0};
        pid_t killer = fork();
        if (killer == 0) {
            nanosleep(&(struct timespec){.tv_nsec = wait_us * 1000}, NULL);
            kill(chip.pid, SIGKILL);
            _exit(0);
        }
        enum status status = binding_check(path, &error);
        waitpid(killer, NULL, 0);
        if (status != STATUS_OK) {
            assert_true(status == STATUS_TPM_FAILED || status == STATUS_TPM_MISSING);
            records_assert_one_line(&error);
        }
        chip_off(&chip);
        chip_on(&chip, chip.folder);
    }
    assert_opens(path);
    chip_off(&chip);
}

/* --- Its key -----------------------------------------------------------------------------------
 */

/* The binding's key, inverted. Another process asks the TPM for it, so that this one's memory has
 * only what the store leaves there. */
static void binding_key_of(const char *path, uint8_t inverted[HEAD_BINDING_SIZE]) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t asker = fork();
    if (asker == 0) {
        struct database *database;
        struct error error;
        bool is_bound;
        uint8_t octets[HEAD_SIZE], tally_octets[TALLY_SEALED_SIZE], key[HEAD_BINDING_SIZE] = {0};
        struct writer head = writer_into(octets, sizeof octets);
        struct writer tally = writer_into(tally_octets, sizeof tally_octets);
        bool is_asked = database_open(path, &database, &error) == STATUS_OK &&
                        database_read_head(database, &head, &tally, &error) == STATUS_OK &&
                        binding_open(path, writer_span(&head), &is_bound, key, &error) == STATUS_OK;
        own_memory_invert(key, sizeof key);
        _exit(is_asked && write(ends[1], key, sizeof key) == sizeof key ? 0 : 1);
    }
    assert_int_equal(read(ends[0], inverted, HEAD_BINDING_SIZE), HEAD_BINDING_SIZE);
    assert_int_equal(waitpid(asker, NULL, 0), asker);
    close(ends[0]);
    close(ends[1]);
}

/* Whoever takes an open handset finds the store's keys in its memory, but not what would open a
 * copy of an older state of it. */
static void its_key_is_nowhere_in_memory_once_it_was_used(void **state) {
    struct chip chip;
    struct error error;
    uint8_t key[HEAD_BINDING_SIZE];
    const char *path = scratch_path(state, "store");
#ifdef __SANITIZE_ADDRESS__
    skip();
#endif
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    binding_key_of(path, key);
    assert_int_equal(own_memory_count(key, sizeof key), 0); /* made */
    assert_int_equal(binding_check(path, &error), STATUS_OK);
    assert_int_equal(own_memory_count(key, sizeof key), 0);
    assert_int_equal(try_passphrase(path, "wrong", &error), STATUS_WRONG_PASSPHRASE);
    assert_int_equal(own_memory_count(key, sizeof key), 0);
    struct store *store = records_reopen(path);
    assert_int_equal(own_memory_count(key, sizeof key), 0);
    assert_int_equal(store_unbind(store, RECORDS_PASSPHRASE, &entropy_system, &error), STATUS_OK);
    assert_int_equal(own_memory_count(key, sizeof key), 0);
    assert_int_equal(store_bind(store, RECORDS_PASSPHRASE, &entropy_system, &error), STATUS_OK);
    store_close(store);
    binding_key_of(path, key);
    assert_int_equal(own_memory_count(key, sizeof key), 0);
    uint8_t found[HEAD_BINDING_SIZE];
    memcpy(found, key, sizeof found);
    own_memory_invert(found, sizeof found);
    assert_true(own_memory_count(key, sizeof key) > 0); /* the search finds what is there */
    chip_off(&chip);
}

/* --- Its file ----------------------------------------------------------------------------------
 */

static void without_its_binding_file_it_says_so(void **state) {
    struct chip chip;
    char file[BINDING_PATH_SIZE];
    struct error error;
    const char *path = scratch_path(state, "store"), *other = scratch_path(state, "second");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    bind_store(other);
    binding_path(path, file);
    assert_int_equal(remove(file), 0);
    assert_int_equal(try_passphrase(path, "correct horse", &error), STATUS_FILE_GONE);
    assert_non_null(strstr(error.text, "binding file"));
    char theirs[BINDING_PATH_SIZE];
    binding_path(other, theirs);
    scratch_copy(theirs, file);
    assert_int_equal(try_passphrase(path, "correct horse", &error), STATUS_SEAL_BROKEN);
    assert_non_null(strstr(error.text, "another store's"));
    for (long at = 0; at < scratch_size(theirs); at += 7) {
        scratch_flip(theirs, at, 0x20);
        assert_int_equal(try_passphrase(other, "correct horse", &error), STATUS_SEAL_BROKEN);
        scratch_flip(theirs, at, 0x20);
    }
    assert_int_equal(wrong_of(path) + wrong_of(other), 0);
    assert_opens(other);
    chip_off(&chip);
}

/* --- The passphrase --------------------------------------------------------------------------- */

static void a_wrong_passphrase_is_counted_as_ever(void **state) {
    struct chip chip;
    struct error error;
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    for (unsigned wrong = 1; wrong <= ATTEMPTS_FREE; wrong++) {
        assert_int_equal(try_passphrase(path, "wrong", &error), STATUS_WRONG_PASSPHRASE);
        assert_int_equal(wrong_of(path), wrong);
    }
    assert_int_equal(try_passphrase(path, "correct horse", &error), STATUS_RATE_LIMITED);
    chip_off(&chip);
}

/* Power that is cut after a right passphrase counts as a wrong one at a TPM, for what its
 * protection against guessing covers: three times would shut the officer out. So it does not cover
 * a store. */
static void power_cuts_and_typos_do_not_lock_the_tpm(void **state) {
    struct chip chip;
    struct error error = {0};
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    for (unsigned n = 0; n < 5; n++) {
        assert_opens(path);
        assert_int_equal(try_passphrase(path, "another word", &error), STATUS_WRONG_PASSPHRASE);
        assert_opens(path); /* and the count starts anew */
        chip_off(&chip);
        chip_on(&chip, chip.folder);
    }
    assert_opens(path);
    chip_off(&chip);
}

static void the_passphrase_can_be_changed(void **state) {
    struct chip chip;
    struct error error;
    const char *path = scratch_path(state, "store"), *copy = scratch_path(state, "copy");
    const struct span after = span_of_text("battery staple");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    struct store *store = records_reopen(path);
    assert_int_equal(
        store_change_passphrase(store, RECORDS_PASSPHRASE, after, &entropy_system, &error),
        STATUS_OK);
    records_must_put(store, RECORD_GROUP, "group", "a new key");
    store_close(store);
    assert_int_equal(try_passphrase(path, "battery staple", &error), STATUS_OK);
    assert_int_equal(try_passphrase(path, "correct horse", &error), STATUS_WRONG_PASSPHRASE);
    assert_int_equal(try_passphrase(path, "battery staple", &error), STATUS_OK);
    records_copy(path, copy);
    chip_off(&chip);
    chip_on(&chip, scratch_path(state, "other"));
    assert_int_equal(try_passphrase(copy, "battery staple", &error), STATUS_BOUND_ELSEWHERE);
    chip_off(&chip);
}

/* What is deleted is destroyed without the TPM: it is asked at an opening alone. */
static void an_open_store_needs_no_tpm(void **state) {
    struct chip chip;
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    struct store *store = records_reopen(path);
    chip_off(&chip);
    records_must_put(store, RECORD_GROUP, "group", "another key");
    records_must_put(store, RECORD_GROUP, "group", "the key");
    store_close(store);
    chip_on(&chip, scratch_path(state, "chip"));
    assert_opens(path);
    chip_off(&chip);
}

/* --- Making and destroying it ----------------------------------------------------------------- */

static void where_there_is_no_tpm_it_is_as_it_is_chosen(void **state) {
    struct store *store;
    struct error error;
    const char *path = scratch_path(state, "store"), *none = scratch_path(state, "none");
    tpm_use("device:/dev/no_such_tpm");
    assert_int_equal(create(path, BINDING_TPM, &store, &error), STATUS_TPM_MISSING);
    records_assert_one_line(&error);
    assert_false(store_exists(path) || binding_exists(path));
    assert_int_equal(create(path, BINDING_WHERE_POSSIBLE, &store, &error), STATUS_OK);
    assert_false(store_is_bound(store) || binding_exists(path));
    store_close(store);
    store_close(records_reopen(path));
    struct chip chip;
    chip_on(&chip, scratch_path(state, "chip"));
    assert_int_equal(create(none, BINDING_NONE, &store, &error), STATUS_OK);
    assert_false(store_is_bound(store) || binding_exists(none));
    store_close(store);
    store_discard(none);
    assert_int_equal(create(none, BINDING_WHERE_POSSIBLE, &store, &error), STATUS_OK);
    assert_true(store_is_bound(store) && binding_exists(none));
    store_close(store);
    chip_off(&chip);
}

/* Where its file cannot be written, there is no store that would never open. */
static void it_is_not_made_without_its_file(void **state) {
    struct chip chip;
    struct store *store;
    struct error error;
    char file[BINDING_PATH_SIZE];
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    binding_path(path, file);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_int_not_equal(create(path, BINDING_TPM, &store, &error), STATUS_OK);
    assert_false(store_exists(path));
    assert_int_equal(rmdir(file), 0);
    bind_store(path);
    assert_opens(path);
    chip_off(&chip);
}

static void what_was_left_of_one_never_made_is_in_nobodys_way(void **state) {
    struct chip chip;
    struct store *store;
    struct error error;
    char file[BINDING_PATH_SIZE], copy[BINDING_PATH_SIZE];
    const char *path = scratch_path(state, "store"), *other = scratch_path(state, "second");
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(other);
    binding_path(other, file);
    binding_path(path, copy);
    scratch_copy(file, copy);
    bind_store(path);
    assert_opens(path);
    store_discard(path);
    scratch_copy(file, copy);
    assert_int_equal(create(path, BINDING_NONE, &store, &error), STATUS_OK);
    store_close(store);
    assert_false(binding_exists(path));
    store_close(records_reopen(path));
    chip_off(&chip);
}

/* A power cut at any moment leaves no store, or one that opens. */
static void it_is_made_whole_or_not_at_all(void **state) {
    unsigned seed = (unsigned)time(NULL);
    unsigned made = 0;
    struct chip chip;
    const char *path = scratch_path(state, "store");
    chip_on(&chip, scratch_path(state, "chip"));
    printf("seed %u\n", seed);
    for (int round = 0; round < 16; round++) {
        long wait_us = rand_r(&seed) % 25000;
        pid_t maker = fork();
        if (maker == 0) {
            struct store *store;
            struct error error;
            _exit(create(path, BINDING_TPM, &store, &error) == STATUS_OK ? 0 : 1);
        }
        nanosleep(&(struct timespec){.tv_nsec = wait_us * 1000}, NULL);
        kill(maker, SIGKILL);
        waitpid(maker, NULL, 0);
        chip_off(&chip); /* it went as well, and what it had in its memory */
        chip_on(&chip, chip.folder);
        if (store_exists(path)) {
            store_close(records_reopen(path));
            made++;
        } else {
            bind_store(path);
            assert_opens(path);
        }
        store_discard(path);
        assert_false(store_exists(path) || binding_exists(path));
    }
    printf("%u of 16 were made\n", made);
    chip_off(&chip);
}

/* --- Afterwards ------------------------------------------------------------------------------- */

static void a_store_can_be_bound_afterwards(void **state) {
    struct chip chip;
    struct error error;
    char before[SCRATCH_PATH_SIZE], after[SCRATCH_PATH_SIZE];
    const char *path = scratch_path(state, "store");
    snprintf(before, sizeof before, "%s", scratch_path(state, "before"));
    snprintf(after, sizeof after, "%s", scratch_path(state, "after"));
    chip_on(&chip, scratch_path(state, "chip"));
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "group", "the key");
    assert_int_equal(store_bind(store, span_of_text("wrong"), &entropy_system, &error),
                     STATUS_WRONG_PASSPHRASE);
    assert_false(store_is_bound(store) || binding_exists(path));
    assert_int_equal(store_unbind(store, RECORDS_PASSPHRASE, &entropy_system, &error),
                     STATUS_ALREADY_DONE);
    assert_int_equal(store_bind(store, RECORDS_PASSPHRASE, &entropy_system, &error), STATUS_OK);
    assert_true(store_is_bound(store));
    assert_int_equal(store_bind(store, RECORDS_PASSPHRASE, &entropy_system, &error),
                     STATUS_ALREADY_DONE);
    store_close(store);
    assert_opens(path);
    records_copy(path, before);
    store = records_reopen(path);
    assert_int_equal(store_unbind(store, span_of_text("wrong"), &entropy_system, &error),
                     STATUS_WRONG_PASSPHRASE);
    assert_int_equal(store_unbind(store, RECORDS_PASSPHRASE, &entropy_system, &error), STATUS_OK);
    assert_false(store_is_bound(store) || binding_exists(path));
    store_close(store);
    records_copy(path, after);
    chip_off(&chip);
    chip_on(&chip, scratch_path(state, "other"));
    assert_refused(before, STATUS_BOUND_ELSEWHERE, "another machine");
    records_assert(after, CONTENT);
    chip_off(&chip);
}

/* Without a TPM a store stays as it is. */
static void what_cannot_be_bound_stays_as_it_is(void **state) {
    struct error error;
    const char *path = scratch_path(state, "store");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "group", "the key");
    tpm_use("device:/dev/no_such_tpm");
    assert_int_equal(store_bind(store, RECORDS_PASSPHRASE, &entropy_system, &error),
                     STATUS_TPM_MISSING);
    records_assert_one_line(&error);
    store_close(store);
    assert_false(binding_exists(path));
    records_assert(path, CONTENT);
}

/* What cannot be saved leaves it with what opens it, as it was. */
static void a_change_that_fails_leaves_it_as_it_is(void **state) {
    struct chip chip;
    struct error error;
    char away[SCRATCH_PATH_SIZE];
    const char *path = scratch_path(state, "store");
    snprintf(away, sizeof away, "%s", scratch_path(state, "away"));
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    struct store *store = records_reopen(path);
    assert_int_equal(rename(path, away), 0);
    assert_int_not_equal(store_unbind(store, RECORDS_PASSPHRASE, &entropy_system, &error),
                         STATUS_OK);
    assert_true(binding_exists(path));
    store_close(store);
    assert_int_equal(rename(away, path), 0);
    assert_opens(path);
    chip_off(&chip);
}

/* A power cut at any moment leaves it bound or not, and it opens. */
static void it_is_bound_whole_or_not_at_all(void **state) {
    unsigned seed = (unsigned)time(NULL);
    unsigned bound = 0;
    struct chip chip;
    const char *path = scratch_path(state, "store");
    printf("seed %u\n", seed);
    chip_on(&chip, scratch_path(state, "chip"));
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "group", "the key");
    store_close(store);
    for (int round = 0; round < 16; round++) {
        long wait_us = rand_r(&seed) % 40000;
        pid_t changer = fork();
        if (changer == 0) {
            struct error error;
            store = records_reopen(path);
            enum status status =
                store_is_bound(store)
                    ? store_unbind(store, RECORDS_PASSPHRASE, &entropy_system, &error)
                    : store_bind(store, RECORDS_PASSPHRASE, &entropy_system, &error);
            _exit(status == STATUS_OK ? 0 : 1);
        }
        nanosleep(&(struct timespec){.tv_nsec = wait_us * 1000}, NULL);
        kill(changer, SIGKILL);
        waitpid(changer, NULL, 0);
        chip_off(&chip);
        chip_on(&chip, chip.folder);
        store = records_reopen(path);
        bound += store_is_bound(store);
        store_close(store);
        records_assert(path, CONTENT);
    }
    printf("%u of 16 times it was bound\n", bound);
    chip_off(&chip);
}

static void zeroised_it_is_gone_with_its_binding(void **state) {
    struct chip chip;
    struct destruction destruction = {0};
    const char *path = scratch_path(state, "store"), *copy = scratch_path(state, "copy");
    char file[BINDING_PATH_SIZE];
    chip_on(&chip, scratch_path(state, "chip"));
    bind_store(path);
    records_copy(path, copy);
    binding_path(copy, file);
    assert_int_equal(remove(file), 0);
    destroy_store(path, &destruction);
    assert_true(destruction_is_whole(&destruction));
    assert_false(store_exists(path) || binding_exists(path));
    /* With it goes what a copy of the rest would need, on this machine too. */
    struct error error;
    assert_int_equal(try_passphrase(copy, "correct horse", &error), STATUS_FILE_GONE);
    chip_off(&chip);
}

#define BINDING(test) cmocka_unit_test_setup_teardown(test, scratch_setup, clear_away)

/* The library that talks to swtpm forgets a text where swtpm goes away while it is opened. It stays
 * loaded, so that LeakSanitizer knows its name. */
static void keep_library(void) {
    (void)dlopen("libtss2-tcti-swtpm.so.0", RTLD_NOW | RTLD_NODELETE);
}

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libtss2-tcti-swtpm";
}

int main(void) {
    keep_library();
    const struct CMUnitTest tests[] = {
        BINDING(it_opens_with_its_tpm),
        BINDING(a_copy_of_all_files_opens_with_no_other_tpm),
        BINDING(without_the_key_of_the_tpm_the_head_does_not_open),
        BINDING(a_binding_that_names_the_other_tpm_does_not_open_either),
        BINDING(clearing_the_tpm_closes_it_for_good),
        BINDING(without_its_tpm_it_says_so),
        BINDING(an_owner_with_a_password_is_told_apart),
        BINDING(a_tpm_that_goes_away_in_the_middle_harms_nothing),
        BINDING(its_key_is_nowhere_in_memory_once_it_was_used),
        BINDING(without_its_binding_file_it_says_so),
        BINDING(a_wrong_passphrase_is_counted_as_ever),
        BINDING(power_cuts_and_typos_do_not_lock_the_tpm),
        BINDING(the_passphrase_can_be_changed),
        BINDING(an_open_store_needs_no_tpm),
        BINDING(where_there_is_no_tpm_it_is_as_it_is_chosen),
        BINDING(it_is_not_made_without_its_file),
        BINDING(what_was_left_of_one_never_made_is_in_nobodys_way),
        BINDING(it_is_made_whole_or_not_at_all),
        BINDING(a_store_can_be_bound_afterwards),
        BINDING(what_cannot_be_bound_stays_as_it_is),
        BINDING(a_change_that_fails_leaves_it_as_it_is),
        BINDING(it_is_bound_whole_or_not_at_all),
        BINDING(zeroised_it_is_gone_with_its_binding),
    };
    if (!chip_is_possible()) {
        puts("swtpm is missing: skipped");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
