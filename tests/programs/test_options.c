/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of muster (app/programs/options.h): what it means, and where the store is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/event.h"
#include "app/programs/options.h"

enum {
    HELP_COLUMNS = 95,
    WORDS_MAX = 2 * ADHOC_MEMBERS_MAX + 8
};

/* Parses `words`, up to NULL, as they would follow the program's name. */
static enum status parse(const char *const words[], struct options *options, struct error *error) {
    char copies[WORDS_MAX][64] = {"muster"}, *arguments[WORDS_MAX + 1] = {copies[0]};
    int count = 1;
    for (; words[count - 1] != NULL; count++) {
        assert_true(count < WORDS_MAX);
        strncpy(copies[count], words[count - 1], sizeof copies[count] - 1);
        arguments[count] = copies[count];
    }
    return options_parse(count, arguments, options, error);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct options well(const char *const words[]) {
    struct options options;
    struct error error = {0};
    if (parse(words, &options, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return options;
}

static void assert_refused(const char *const words[], const char *expected) {
    struct options options;
    struct error error = {0};
    assert_int_equal(parse(words, &options, &error), STATUS_MALFORMED);
    if (strstr(error.text, expected) == NULL || strchr(error.text, '\n') != NULL) {
        fail_msg("\"%s\" is not one line that says \"%s\"", error.text, expected);
    }
}

static void no_arguments_mean_the_screen_over_all_that_is_nearby(void **state) {
    (void)state;
    struct options options = well((const char *const[]){NULL});
    assert_int_equal(options.errand, ERRAND_SCREEN);
    assert_int_equal(options.link_count, 3);
    assert_int_equal(options.links[0].kind, LINK_WIFI_DIRECT);
    assert_int_equal(options.links[1].kind, LINK_BLUETOOTH);
    assert_int_equal(options.links[2].kind, LINK_UDP);
    for (size_t i = 0; i < options.link_count; i++) {
        assert_null(options.links[i].detail);
    }
    assert_string_equal(options.crypto, "native");
    assert_string_equal(options.sound, "alsa");
    assert_null(options.interface);
    assert_int_equal(options.port, 0);
}

static void who_names_a_network_means_that_one_alone(void **state) {
    (void)state;
    struct options options = well((const char *const[]){"--interface", "eth0", NULL});
    assert_int_equal(options.link_count, 1);
    assert_int_equal(options.links[0].kind, LINK_UDP);
    options = well((const char *const[]){"--port", "4000", NULL});
    assert_int_equal(options.link_count, 1);
    options = well((const char *const[]){"--transport", "bluetooth", NULL});
    assert_int_equal(options.link_count, 1);
    assert_int_equal(options.links[0].kind, LINK_BLUETOOTH);
}

static void store_rests_in_the_state_folder_unless_told_otherwise(void **state) {
    (void)state;
    setenv("HOME", "/home/anna", 1);
    setenv("XDG_STATE_HOME", "/state", 1);
    struct options options = well(WORDS("status"));
    assert_string_equal(options.store, "/state/muster/store");
    assert_true(options.store_is_default);
    setenv("XDG_STATE_HOME", "relative", 1); /* which that variable must not be */
    assert_string_equal(well(WORDS("status")).store, "/home/anna/.local/state/muster/store");
    unsetenv("XDG_STATE_HOME");
    assert_string_equal(well(WORDS("status")).store, "/home/anna/.local/state/muster/store");
    options = well(WORDS("status", "--store", "here"));
    assert_string_equal(options.store, "here");
    assert_false(options.store_is_default);
    unsetenv("HOME");
    assert_refused(WORDS("status"), "--store FILE");
    setenv("HOME", "/home/anna", 1);
}

static void options_may_stand_before_and_after_the_subcommand(void **state) {
    (void)state;
    struct options options = well(WORDS("--store", "a", "install", "bundle", "--crypto", "b"));
    assert_int_equal(options.errand, ERRAND_INSTALL);
    assert_string_equal(options.bundle, "bundle");
    assert_string_equal(options.store, "a");
    assert_string_equal(options.crypto, "b");
}

static void installing_replaces_keys_only_when_told_so(void **state) {
    (void)state;
    struct options options = well(WORDS("install", "bundle"));
    assert_false(options.replace);
    assert_null(options.fingerprint);
    options = well(WORDS("install", "bundle", "--replace", "--fingerprint", "0123 4567"));
    assert_true(options.replace);
    assert_string_equal(options.fingerprint, "0123 4567");
}

static void a_new_passphrase_belongs_to_its_command(void **state) {
    (void)state;
    struct options options = well(WORDS("passphrase", "--new-passphrase-file", "a"));
    assert_int_equal(options.errand, ERRAND_PASSPHRASE);
    assert_string_equal(options.new_passphrase_file, "a");
    assert_refused(WORDS("status", "--new-passphrase-file", "a"), "muster passphrase");
}

static void who_locks_or_zeroises_says_which_handset(void **state) {
    (void)state;
    struct options options = well(WORDS("lock", "--socket", "/run/me"));
    assert_int_equal(options.errand, ERRAND_LOCK);
    assert_string_equal(options.socket, "/run/me");
    options = well(WORDS("zeroise", "--yes", "--store", "s", "--log", "l", "--record", "r"));
    assert_int_equal(options.errand, ERRAND_ZEROISE);
    assert_true(options.says_yes);
    assert_false(well(WORDS("zeroise")).says_yes);
    assert_true(well(WORDS("status", "--json")).json);
    assert_refused(WORDS("--yes"), "muster zeroise");
    assert_refused(WORDS("lock", "--yes"), "muster zeroise");
    assert_refused(WORDS("lock", "--json"), "muster status");
    assert_refused(WORDS("lock", "now"), "lock does not take");
    assert_refused(WORDS("zeroise", "store"), "zeroise does not take");
}

static void what_is_asked_of_a_running_handset_has_its_arguments(void **state) {
    (void)state;
    struct options options = well(WORDS("groups", "--json"));
    assert_int_equal(options.errand, ERRAND_GROUPS);
    assert_null(options.group);
    assert_string_equal(well(WORDS("groups", "Fire 7")).group, "Fire 7");
    assert_true(well(WORDS("nearby", "--json")).json);
    assert_true(well(WORDS("log", "--follow")).follows);
    options = well(WORDS("wait", "--for", "group-ready", "--within", "10s", "--since", "2m"));
    assert_int_equal(options.errand, ERRAND_WAIT);
    assert_string_equal(options.lasts, "group-ready");
    assert_int_equal(options.within_ms, 10 * 1000);
    assert_int_equal(options.since_ms, 120 * 1000);
    options = well(WORDS("talk", "Fire 7", "--for", "5m"));
    assert_int_equal(options.errand, ERRAND_TALK);
    assert_int_equal(options.lasts_ms, SETTINGS_LONGEST_TALK_MOST_MS);
    options = well(WORDS("message", "Fire 7", "--", "-5 degrees"));
    assert_string_equal(options.group, "Fire 7");
    assert_string_equal(options.text, "-5 degrees");
    assert_null(well(WORDS("accept")).group);
    assert_int_equal(well(WORDS("quit")).errand, ERRAND_QUIT);
    assert_int_equal(well(WORDS("wait", "--for", "help")).errand, ERRAND_EVENT_NAMES);
    assert_refused(WORDS("wait"), "wait wants --for EVENT");
    assert_refused(WORDS("wait", "--for", "none"), "wait wants --for EVENT");
    assert_refused(WORDS("wait", "--for", "message", "--within", "soon"), "--within soon");
    assert_refused(WORDS("wait", "--for", "message", "--within", "25h"), "24h at most");
    assert_refused(WORDS("talk", "Fire 7"), "talk wants --for DURATION");
    assert_refused(WORDS("talk", "Fire 7", "--for", "301s"), "talk wants --for DURATION");
    assert_refused(WORDS("talk", "--for", "5s"), "muster talk GROUP");
    options = well(WORDS("talk", "Fire 7", "--from", "a.wav"));
    assert_string_equal(options.from, "a.wav");
    assert_int_equal(options.lasts_ms, 0);
    assert_int_equal(well(WORDS("talk", "Fire 7", "--from", "a", "--for", "2s")).lasts_ms, 2000);
    assert_refused(WORDS("talk", "Fire 7", "--from", "a", "--for", "301s"), "--for DURATION");
    assert_refused(WORDS("groups", "--from", "a"), "--from belongs to");
    assert_refused(WORDS("message", "Fire 7"), "muster message GROUP TEXT");
    assert_refused(WORDS("message", "Fire 7", "a", "b"), "muster message GROUP TEXT");
    assert_refused(WORDS("quit", "now"), "it is muster quit;");
    assert_refused(WORDS("lock", "--for", "5s"), "--for belongs to");
    assert_refused(WORDS("talk", "Fire 7", "--for", "5s", "--within", "5s"),
                   "--within and --since");
    assert_refused(WORDS("status", "--follow"), "--follow belongs to");
    assert_refused(WORDS("log", "--json"), "--json belongs to");
}

static void a_group_is_made_with_members_and_deleted_by_a_yes(void **state) {
    (void)state;
    struct options options =
        well(WORDS("group", "Fire 7", "--with", "tel:+44", "--with", "Anna", "--for", "90m"));
    assert_int_equal(options.errand, ERRAND_GROUP);
    assert_string_equal(options.group, "Fire 7");
    assert_int_equal(options.member_count, 2);
    assert_string_equal(options.members[1], "Anna");
    assert_int_equal(options.lasts_ms, 90 * 60 * 1000);
    assert_int_equal(well(WORDS("group", "Fire 7", "--with", "tel:+44")).lasts_ms, 0);
    assert_int_equal(well(WORDS("delete", "Fire 7", "--yes")).errand, ERRAND_DELETE);
    assert_string_equal(well(WORDS("silence", "off")).group, "off");
    assert_refused(WORDS("group", "Fire 7"), "group wants --with IDENTITY");
    assert_refused(WORDS("group", "--with", "tel:+44"), "muster group NAME --with WHO");
    assert_refused(WORDS("group", "Fire 7", "--with", "tel:+44", "--for", "ever"), "--for ever");
    assert_refused(WORDS("groups", "--with", "tel:+44"), "--with belongs to");
    assert_refused(WORDS("delete", "Fire 7"), "say --yes");
    assert_refused(WORDS("silence", "please"), "silence is on or off");
    assert_refused(WORDS("silence"), "muster silence on|off");
    const char *words[2 * ADHOC_MEMBERS_MAX + 3] = {"group", "Fire 7"};
    for (size_t i = 0; i < ADHOC_MEMBERS_MAX; i++) {
        words[2 + 2 * i] = "--with";
        words[3 + 2 * i] = "tel:+44";
    }
    assert_refused(words, "at most 32 members");
    words[2 * ADHOC_MEMBERS_MAX] = NULL;
    assert_int_equal(well(words).member_count, OPTION_MEMBERS_MAX);
}

static void a_handset_without_a_screen_needs_its_passphrase_and_says_what_happens(void **state) {
    (void)state;
    struct options options = well(WORDS("--headless", "--passphrase-file", "p", "--log", "-"));
    assert_int_equal(options.errand, ERRAND_SCREEN);
    assert_true(options.is_headless);
    assert_string_equal(options.sound, "silence");
    assert_string_equal(
        well(WORDS("--headless", "--passphrase-file", "p", "--sound", "alsa")).sound, "alsa");
    assert_refused(WORDS("--headless"), "--passphrase-file");
    assert_refused(WORDS("--headless", "--passphrase-file", "p", "--script", "s"), "say one");
    assert_refused(WORDS("--keep-going"), "belong to --script");
    assert_refused(WORDS("--junit", "j"), "belong to --script");
    assert_refused(WORDS("--tap", "t"), "belong to --script");
    assert_string_equal(well(WORDS("--script", "s", "--junit", "j", "--tap", "t")).junit, "j");
    assert_string_equal(well(WORDS("--script", "s", "--junit", "j", "--tap", "t")).tap, "t");
    assert_true(well(WORDS("--script", "s", "--keep-going")).keeps_going);
    assert_refused(WORDS("status", "--headless"), "belongs to the handset itself");
}

/* In a terminal that is not wide, and each event by a name that can be waited for. */
static void help_has_no_long_line_and_names_each_event(void **state) {
    (void)state;
    char *text = NULL, *rest = NULL;
    size_t size, count = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    options_help(out);
    fclose(out);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strlen(line) > HELP_COLUMNS) {
            fail_msg("of %zu columns: %s", strlen(line), line);
        }
    }
    free(text);
    out = open_memstream(&text, &size);
    assert_non_null(out);
    options_event_names(out);
    fclose(out);
    for (char *name = strtok_r(text, "\n", &rest); name != NULL;
         name = strtok_r(NULL, "\n", &rest)) {
        assert_string_equal(well(WORDS("wait", "--for", name)).lasts, name);
        count++;
    }
    assert_int_equal(count, EVENT_COUNT - 1);
    free(text);
}

static void a_voice_or_a_recording_means_wav_unless_told_otherwise(void **state) {
    (void)state;
    assert_string_equal(well(WORDS("--voice", "a.wav")).sound, "wav");
    assert_string_equal(well(WORDS("--record", "b.wav")).sound, "wav");
    assert_string_equal(well(WORDS("--voice", "440", "--sound", "tone")).sound, "tone");
}

static void what_the_sound_does_is_as_remembered_unless_told_otherwise(void **state) {
    (void)state;
    struct options options = well(WORDS("--sound", "alsa"));
    assert_int_equal(options.permit_tone, SOUND_AS_REMEMBERED);
    assert_int_equal(options.suppression, SOUND_AS_REMEMBERED);
    assert_false(options.has_gain);
    assert_int_equal(options.longest_talk_ms, 0);
    options = well(WORDS("--permit-tone", "--no-noise", "--gain", "0", "--longest-talk", "15"));
    assert_int_equal(options.permit_tone, SOUND_ON);
    assert_int_equal(options.suppression, SOUND_ON);
    assert_true(options.has_gain);
    assert_int_equal(options.longest_talk_ms, 15000);
    options = well(WORDS("--no-permit-tone", "--noise", "--longest-talk", "300"));
    assert_int_equal(options.permit_tone, SOUND_OFF);
    assert_int_equal(options.suppression, SOUND_OFF);
    assert_int_equal(options.longest_talk_ms, 300000);
    const char *const bad[] = {"14", "301", "-60", "", "x", "60s", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_refused(WORDS("--longest-talk", bad[i]), "15 to 300");
    }
}

static void help_and_version_want_nothing_else_to_be_right(void **state) {
    (void)state;
    assert_int_equal(well(WORDS("--help")).errand, ERRAND_HELP);
    assert_int_equal(well(WORDS("request", "--help")).errand, ERRAND_HELP);
    assert_int_equal(well(WORDS("--version")).errand, ERRAND_VERSION);
}

static void port_is_a_whole_number_in_range(void **state) {
    (void)state;
    assert_int_equal(well(WORDS("--port", "1")).port, 1);
    assert_int_equal(well(WORDS("--port", "65534")).port, 65534);
    const char *const bad[] = {
        "0", "65535", "65536", "-1", "+1", " 1", "1x", "", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_refused(WORDS("--port", bad[i]), "1 to 65534");
    }
}

static void a_handset_may_be_on_several_networks(void **state) {
    (void)state;
    struct options options = well(WORDS("--transport", "udp:eth0", "--transport", "udp:wlan0"));
    assert_int_equal(options.link_count, 2);
    assert_string_equal(options.links[0].detail, "eth0");
    assert_string_equal(options.links[1].detail, "wlan0");
    assert_string_equal(options.links[1].word, "udp:wlan0");
    assert_string_equal(well(WORDS("--transport", "udp", "--interface", "eth0")).interface, "eth0");
    assert_refused(WORDS("--transport", "udp:"), "nothing follows the colon");
    assert_refused(WORDS("--transport", "udp:a", "--transport", "udp:a"), "the same network");
    assert_refused(WORDS("--transport", "udp", "--transport", "udp:a"), "the same network");
    assert_refused(WORDS("--transport", "udp:a", "--interface", "a"), "say one");
    assert_refused(WORDS("--transport", "udpx:a"), "there are udp");
}

static void handsets_of_the_local_network_may_be_named(void **state) {
    (void)state;
    struct options options = well(WORDS("--peer", "10.0.0.7", "--peer", "fe80::7%eth0"));
    assert_int_equal(options.peer_count, 2);
    assert_string_equal(options.peers[1], "fe80::7%eth0");
    assert_refused(WORDS("--transport", "nats", "--peer", "10.0.0.7"),
                   "belongs to --transport udp");
}

static void a_handset_may_be_on_its_own_radios(void **state) {
    (void)state;
    struct options options =
        well(WORDS("--transport", "bluetooth:hci0,hci1", "--transport", "wifi-direct",
                   "--supplicant", "/run/wpa", "--port", "7000"));
    assert_int_equal(options.link_count, 2);
    assert_int_equal(options.links[0].kind, LINK_BLUETOOTH);
    assert_string_equal(options.links[0].detail, "hci0,hci1");
    assert_string_equal(options.links[0].word, "bluetooth:hci0,hci1");
    assert_int_equal(options.links[1].kind, LINK_WIFI_DIRECT);
    assert_null(options.links[1].detail);
    assert_string_equal(options.supplicant, "/run/wpa");
    options = well(WORDS("--transport", "wifi-direct:wlan0", "--transport", "bluetooth",
                         "--transport", "udp:eth0", "--transport", "nats"));
    assert_int_equal(options.link_count, 4);
    assert_string_equal(options.links[0].detail, "wlan0");
    assert_null(options.supplicant);
    assert_refused(WORDS("--transport", "bluetooth:"), "nothing follows the colon");
    assert_refused(WORDS("--transport", "bluetooths"), "there are udp, bluetooth, wifi-direct");
    /* Each would find the other one as if it were somebody else. */
    assert_refused(WORDS("--transport", "bluetooth:hci0", "--transport", "bluetooth:hci1"),
                   "the same network");
    assert_refused(WORDS("--transport", "wifi-direct:a", "--transport", "wifi-direct:b"),
                   "the same network");
}

static void what_does_not_belong_together_is_refused(void **state) {
    (void)state;
    assert_refused(WORDS("--shiny"), "unknown option --shiny");
    assert_refused(WORDS("status", "-xyz"), "unknown option -x");
    assert_refused(WORDS("--help=x"), "unknown option --help=x");
    assert_refused(WORDS("--store"), "--store wants a value");
    assert_refused(WORDS("dance"), "no such command: dance");
    assert_refused(WORDS("status", "twice"), "does not take");
    assert_refused(WORDS("install"), "muster install FILE");
    assert_refused(WORDS("request", "--out", "file"), "--identity URI and --out FILE");
    assert_refused(WORDS("status", "--identity", "tel:+1"), "belong to muster request");
    assert_refused(WORDS("status", "--replace"), "belong to muster install");
    assert_refused(WORDS("--fingerprint", "0123"), "belong to muster install");
    assert_refused(WORDS("--transport", "smoke"), "there are udp");
    assert_refused(WORDS("--store", ""), "no file");
}

static void help_names_what_is_read_from_the_environment(void **state) {
    (void)state;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    options_help(out);
    fclose(out);
    assert_non_null(strstr(text, "MUSTER_PALETTE=day"));
    assert_non_null(strstr(text, "NO_COLOR=1"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_arguments_mean_the_screen_over_all_that_is_nearby),
        cmocka_unit_test(what_is_asked_of_a_running_handset_has_its_arguments),
        cmocka_unit_test(a_group_is_made_with_members_and_deleted_by_a_yes),
        cmocka_unit_test(a_handset_without_a_screen_needs_its_passphrase_and_says_what_happens),
        cmocka_unit_test(who_names_a_network_means_that_one_alone),
        cmocka_unit_test(store_rests_in_the_state_folder_unless_told_otherwise),
        cmocka_unit_test(options_may_stand_before_and_after_the_subcommand),
        cmocka_unit_test(installing_replaces_keys_only_when_told_so),
        cmocka_unit_test(a_new_passphrase_belongs_to_its_command),
        cmocka_unit_test(who_locks_or_zeroises_says_which_handset),
        cmocka_unit_test(help_has_no_long_line_and_names_each_event),
        cmocka_unit_test(a_voice_or_a_recording_means_wav_unless_told_otherwise),
        cmocka_unit_test(what_the_sound_does_is_as_remembered_unless_told_otherwise),
        cmocka_unit_test(help_and_version_want_nothing_else_to_be_right),
        cmocka_unit_test(help_names_what_is_read_from_the_environment),
        cmocka_unit_test(port_is_a_whole_number_in_range),
        cmocka_unit_test(a_handset_may_be_on_several_networks),
        cmocka_unit_test(handsets_of_the_local_network_may_be_named),
        cmocka_unit_test(a_handset_may_be_on_its_own_radios),
        cmocka_unit_test(what_does_not_belong_together_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
