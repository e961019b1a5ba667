# Muster: every command a person types. See README.md.
#
#   make demo    install what is missing, build, show three handsets side by side
#   make check   install what is missing, build, prove it all (also under sanitizers)
#   make test    the same proofs without installs and sanitizers, in some two minutes
#   make sources what can be read off the sources: rooms, format, words, pages
#   make lab     handsets with Bluetooth and Wi-Fi Direct in a virtual machine
#   make bench   what keying, issuing, large groups and rest cost, beside libwolfssl
#   make floods  what floods of forged frames do to a handset, live, in nine minutes
#   make voice   how quick voice is between real handsets on bad networks, beside its targets
#   make soak    the simulator over 5,000 random histories of each kind, and 160 moments at which a disk fails
#   make fuzz    what reads from outside, against libFuzzer (clang), SECONDS_EACH for each
#   make words   bring the catalogues of ui/words to what the sources say
#   make install the three programs, manual pages, Wireshark's dissector, for all users (PREFIX, DESTDIR)
#   make help    the other targets

MAKEFLAGS += --no-print-directory
JOBS := $(shell nproc)

# --- How to build: `make VARIANT=sanitize ...` builds the same beside the optimised one. -----------

VARIANT ?= release
BUILD := build/$(VARIANT)

FLAGS_release := -O2 -D_FORTIFY_SOURCE=2
# Lines are all that a sanitizer's report names of debugging information.
FLAGS_sanitize := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

# What libFuzzer looks into (`make fuzz`); clang warns of more than gcc does.
FLAGS_fuzz := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -Wno-error

# What llvm-cov counts of them (tests/fuzz/coverage).
FLAGS_cover := -O1 -fprofile-instr-generate -fcoverage-mapping -Wno-error

MACHINE := $(shell uname -m)
PROTECTION_x86_64 := -fcf-protection
PROTECTION_aarch64 := -mbranch-protection=standard

LIBRARIES := libsodium libcrypto libsrtp2 sqlite3 libuv ncursesw libutf8proc opus sndfile speexdsp alsa libnats jansson bluez libcap libseccomp libevdev icu-i18n icu-uc libqrencode tss2-esys tss2-mu tss2-tctildr

CC := gcc
CPPFLAGS := -I. -D_GNU_SOURCE -MMD -MP
CFLAGS := -std=c11 -g $(FLAGS_$(VARIANT)) -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Werror \
	-fPIE -fstack-protector-strong -fstack-clash-protection $(PROTECTION_$(MACHINE))
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack $(filter -fsanitize% -fprofile%,$(FLAGS_$(VARIANT)))
LDLIBS = $(shell pkg-config --libs $(LIBRARIES)) -lcsv -lwpa_client -lsonic -lm

# --- What is built: one archive a room, three programs, one test program a tests/*/test_*.c ----------

comma := ,
sources = $(sort $(wildcard $(addsuffix /*.c,$(1))))
objects = $(patsubst %.S,$(BUILD)/%.o,$(1:%.c=$(BUILD)/%.o))

MAINS := app/programs/muster.c app/programs/muster_kms.c app/programs/muster_gm.c

CRYPTO := $(call objects,$(call sources,crypto crypto/native crypto/native/eight crypto/wolfcrypt) \
	crypto/native/limbs_adx.S)
TRANSPORT := $(call objects,$(call sources,transport transport/apart transport/bluetooth transport/wifi_direct))
APP := $(call objects,$(call sources,app app/identity app/text app/handset $(addprefix app/handset/,desk air d2d keys talk) \
	app/store app/tpm app/voice app/sound app/sound/alsa app/kms app/manager app/broker))
UI := $(call objects,$(call sources,ui ui/keyboard ui/script ui/screens ui/lesson ui/words))
PROGRAMS := $(call objects,$(filter-out $(MAINS),$(call sources,app/programs app/programs/demo app/programs/kms \
	app/programs/gm)))

ARCHIVES := $(BUILD)/libprograms.a $(BUILD)/libui.a $(BUILD)/libapp.a $(BUILD)/libtransport.a \
	$(BUILD)/libcrypto.a

# A test program is a tests/ROOM/test_*.c, a benchmark a tests/bench/bench_*.c, and compare_*.c and
# flood.c are what shell checks call; the folder's other sources are linked into each of its programs.
LAB_MAINS := tests/lab/controllers.c tests/lab/button.c $(wildcard tests/lab/*_pair.c)
DISK_HELPERS := $(wildcard tests/disk/*.c)
PRELOADED := tests/confined/probe.c tests/quick/passphrases.c
TEST_SOURCES := $(filter-out $(LAB_MAINS) $(DISK_HELPERS) $(PRELOADED),$(wildcard tests/*/*.c))
TEST_MAINS := $(filter $(wildcard tests/*/test_*.c tests/*/compare_*.c tests/*/flood.c \
	tests/bench/bench_*.c), $(TEST_SOURCES))
LAB_MAINS := $(wildcard tests/lab/controllers.c tests/lab/button.c tests/lab/*_pair.c)
TEST_SHARED := $(filter-out $(TEST_MAINS) $(LAB_MAINS) $(if $(filter fuzz,$(VARIANT)),tests/fuzz/replay.c), \
	$(TEST_SOURCES))
# These start the programs of build/release alone, in which a sanitized test would find nothing.
OF_PROCESSES := $(if $(filter sanitize,$(VARIANT)),$(patsubst %,tests/programs/test_%.c,idle kms_runs lock zeroise))
TESTS := $(patsubst %.c,$(BUILD)/%,$(filter-out tests/bench/% $(OF_PROCESSES),$(TEST_MAINS)))
BENCHES := $(patsubst %.c,$(BUILD)/%,$(filter tests/bench/%,$(TEST_MAINS)))

.PHONY: all
all: programs

$(BUILD)/muster: $(BUILD)/app/programs/muster.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/muster-kms: $(BUILD)/app/programs/muster_kms.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/muster-gm: $(BUILD)/app/programs/muster_gm.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libcrypto.a: $(CRYPTO)
$(BUILD)/libtransport.a: $(TRANSPORT)
$(BUILD)/libapp.a: $(APP)
$(BUILD)/libui.a: $(UI)
$(BUILD)/libprograms.a: $(PROGRAMS)
%.a:
	@rm -f $@ && mkdir -p $(@D)
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(PROTECTION_$(MACHINE)) -c -o $@ $<

# Arithmetic is what sanitized tests compute most.
$(BUILD)/crypto/native/%.o: CFLAGS += $(if $(filter sanitize,$(VARIANT)),-O2)

# libevdev's headers stand in a folder of their own.
$(BUILD)/app/programs/button.o $(BUILD)/tests/lab/button.o: CPPFLAGS += $(shell pkg-config --cflags libevdev 2>/dev/null)

# Arithmetic eight at a time is for CPUs that have AVX-512 IFMA, which is found out at run time.
EIGHT_x86_64 := -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx512ifma
$(BUILD)/crypto/native/eight/%.o $(BUILD)/tests/crypto/test_eight.o: CFLAGS += $(or $(EIGHT_$(MACHINE)),-DEIGHT_EMULATED)

# A test program links the rooms that its own room may know: tests/crypto links crypto alone.
ROOMS_crypto := $(BUILD)/libcrypto.a
ROOMS_lab := $(BUILD)/libtransport.a
ROOMS_transport := $(BUILD)/libtransport.a
ROOMS_lab := $(BUILD)/libtransport.a
ROOMS_app := $(BUILD)/libapp.a $(BUILD)/libcrypto.a
ROOMS_ui := $(BUILD)/libui.a $(BUILD)/libapp.a $(BUILD)/libcrypto.a
# Of the screens and the programs the targets of libFuzzer know these readers alone.
ROOMS_fuzz := $(BUILD)/libapp.a $(BUILD)/libtransport.a $(BUILD)/libcrypto.a
room = $(notdir $(patsubst %/,%,$(dir $(1))))
rooms = $(or $(ROOMS_$(room)),$(ARCHIVES))
shared = $(call objects,$(filter tests/$(room)/%,$(TEST_SHARED)) $(SHARED_$(room)))
# The executor of outputs is the programs', and every test of the engine uses it.
SHARED_app := app/programs/durable.c tests/sim/provider_model.c tests/sim/provider_cache.c
SHARED_bench := tests/crypto/peer.c tests/programs/idle_handset.c tests/sim/provider_model.c tests/attacks/deluge.c \
	tests/attacks/junk.c $(addprefix tests/app/,scratch.c squad.c manager_keys.c town.c stoi.c card_pair.c crowd.c crowd_figures.c)
SHARED_programs := tests/programs/voice_scene.c \
	$(addprefix tests/app/,chip.c scratch.c virtual_sound.c squad.c delivery.c managed.c manager_keys.c)
SHARED_dissector := $(addprefix tests/app/,squad.c scratch.c manager_squad.c manager_keys.c revoked_list.c talkers.c)
SHARED_fuzz := $(addprefix tests/app/,speaker.c squad.c manager_keys.c) $(wildcard ui/keyboard/*.c ui/script/*.c) \
	$(addprefix ui/,canvas.c character.c press.c) \
	$(addprefix app/programs/,control.c control_socket.c durable.c)
SHARED_attacks := $(addprefix tests/app/,delivery.c manager_keys.c scratch.c speaker.c squad.c town.c wiretap.c) \
	tests/programs/domain_broker.c tests/programs/raw_user.c tests/sim/provider_cache.c

# Gold, where there is one, links the hundreds of test programs in a third of the time; clang's are few.
QUICK_LINK := $(if $(filter release sanitize,$(VARIANT)),$(if $(shell command -v ld.gold),-fuse-ld=gold))

# Secrets without libsodium's pages (tests/quick/secrets.c): under a sanitizer, which does not see into these, but
# where a test counts what locks memory; and in the tests that live through thousands of hours in one run.
OF_HOURS := $(addprefix app/test_,collisions hours latecomers meeting pursuit two_devices) \
	$(addprefix attacks/test_,ghosts repetitions theft)
IS_SANITIZED := $(findstring -fsanitize=address,$(FLAGS_$(VARIANT)))
SECRETS := $(BUILD)/tests/quick/secrets.o
secrets = $(if $(IS_SANITIZED),$(if $(filter %/test_floods,$(1)),,$(SECRETS)),$(if \
	$(filter $(OF_HOURS),$(1:$(BUILD)/tests/%=%)),$(SECRETS)))
WRAP_SECRETS := -Wl$(comma)--wrap=sodium_malloc$(comma)--wrap=sodium_free$(comma)--wrap=sodium_mlock

.SECONDEXPANSION:
$(TESTS) $(BENCHES): $(BUILD)/%: $(BUILD)/%.o $$(call shared,$$@) $$(call secrets,$$@) $$(call rooms,$$@)
	$(CC) $(QUICK_LINK) $(LDFLAGS) $(if $(call secrets,$@),$(WRAP_SECRETS)) -o $@ $^ $(LDLIBS) $(if $(filter compare_%,$(@F)),,-lcmocka)

# A target of `make fuzz` has libFuzzer's main, and in the other builds that of tests/fuzz/replay.c.
ifeq ($(VARIANT),fuzz)
$(BUILD)/tests/fuzz/%: LDFLAGS += -fsanitize=fuzzer
endif

# The lab's virtual Bluetooth controllers need libc alone.
$(BUILD)/tests/lab/controllers: $(call objects,tests/lab/controllers.c tests/lab/lab_air.c \
	$(wildcard tests/lab/controller.c tests/lab/controller_*.c))
	$(CC) $(LDFLAGS) -o $@ $^

# Nor does the finger on its virtual button need anything of ours.
$(BUILD)/tests/lab/button: $(BUILD)/tests/lab/button.o
	$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs libevdev)

# Two of a transport's handsets, without the rest of a handset.
$(BUILD)/tests/lab/%_pair: $(BUILD)/tests/lab/%_pair.o $(BUILD)/libtransport.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What the checks with failing disks run beside the programs, and preload into them.
DISK_PROGRAMS := $(BUILD)/tests/disk/quick_store $(BUILD)/tests/disk/disk_trouble.so
$(BUILD)/tests/disk/quick_store: $(BUILD)/tests/disk/quick_store.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What is preloaded into programs: disks that fail, the intruder in a handset (tests/programs/test_confinement.c),
# and passphrases that cost little.
$(BUILD)/tests/%.so: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared -o $@ $<

# It looks at the scalars that OpenSSL is given.
$(BUILD)/tests/crypto/test_blinding: LDFLAGS += -Wl,--wrap=EC_POINT_mul

# It counts the tags and signatures that a listener checks.
$(BUILD)/tests/attacks/test_voice_floods: LDFLAGS += -Wl,--wrap=gsc_check,--wrap=voice_verify

# It searches its memory, of which the programs' heap is a part.
$(BUILD)/tests/app/test_binding: $(BUILD)/app/programs/heap.o

# Its clock shows the time of its keys.
$(BUILD)/tests/programs/test_import: LDFLAGS += -Wl,--wrap=clock_gettime

# It says whether the broker can be gone to.
$(BUILD)/tests/programs/test_traffic: LDFLAGS += -Wl,--wrap=nats_connect

# It says what the worker finds.
$(BUILD)/tests/programs/test_renewing: LDFLAGS += -Wl,--wrap=worker_do,--wrap=traffic_is_bundle \
	-Wl,--wrap=durable_is_done,--wrap=loop_tell,--wrap=loop_after_change

# It lets writes fail.
$(BUILD)/tests/app/test_attempts: LDFLAGS += -Wl,--wrap=pwrite

# It makes stores as they were made before passphrases had spellings.
$(BUILD)/tests/app/test_spelling: LDFLAGS += -Wl,--wrap=spellings_of

# It counts the multiplications eight at a time.
$(BUILD)/tests/bench/%: LDFLAGS += -Wl,--wrap=eight_multiply,--wrap=eight_multiply_add

# It looks at when the loop takes and plays voice.
$(BUILD)/tests/bench/bench_disk: LDFLAGS += -Wl,--wrap=handset_speak,--wrap=handset_listen

# The program itself, which tells a bench what it does and when (tests/traced/trace.h).
TRACED := handset_command handset_speak handset_listen handset_frame voice_receiver_packet traffic_send \
	store_apply_all announcement_build opus_decode
$(BUILD)/tests/traced/muster: $(BUILD)/app/programs/muster.o $(BUILD)/tests/traced/trace.o $(ARCHIVES)
	$(CC) $(LDFLAGS) $(TRACED:%=-Wl,--wrap=%) -o $@ $^ $(LDLIBS)

# What the lab runs besides the programs themselves.
LAB_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(LAB_MAINS)) $(BUILD)/tests/lan/compare_capture \
	$(BUILD)/tests/lan/compare_recordings $(BUILD)/tests/quick/passphrases.so

# --- The words, see ui/words/words.h. Whatever is shown to people in English is marked in the sources
# below; each language has a catalogue of its own. -------------------------------------------------

LANGUAGES := $(patsubst ui/words/%.po,%,$(wildcard ui/words/*.po))
CATALOGUES := $(patsubst %,$(BUILD)/locale/%/LC_MESSAGES/muster.mo,$(LANGUAGES))

$(BUILD)/locale/%/LC_MESSAGES/muster.mo: ui/words/%.po
	@mkdir -p $(@D)
	msgfmt --check --output-file=$@ $<

$(TESTS): | $(CATALOGUES)

.PHONY: words
words:
	@tests/words --write

.PHONY: programs tests test-programs benches
programs: $(BUILD)/muster $(BUILD)/muster-kms $(BUILD)/muster-gm $(CATALOGUES)
tests: programs $(TESTS) $(LAB_PROGRAMS) $(DISK_PROGRAMS) $(patsubst %.c,$(BUILD)/%.so,$(PRELOADED))
test-programs: $(TESTS)
benches: $(BENCHES) $(BUILD)/tests/traced/muster

# --- What a person types ---------------------------------------------------------------------------

.PHONY: demo check sources test bench voice floods soak fuzz fuzzers lab install picture clean help
demo:
	@./app/install-packages run
	@$(MAKE) -j$(JOBS) -s programs
	@$(BUILD)/muster demo

test:
	@$(MAKE) -j$(JOBS) -s tests
	@tests/run $(BUILD)

check:
	@tests/part packages ./app/install-packages run check fuzz
	@tests/part "what can be read off the sources" $(MAKE) sources
	@tests/part build $(MAKE) -j$(JOBS) -s tests
	@tests/part "build with sanitizers" $(MAKE) -j$(JOBS) -s VARIANT=sanitize test-programs
	@tests/part "build for libFuzzer" $(MAKE) -j$(JOBS) -s VARIANT=fuzz CC=clang fuzzers
	@tests/part tests tests/run --all $(BUILD) build/sanitize

# Rooms, format, words and pages: what can be seen without running anything.
sources:
	@tests/layers
	@tests/sentences
	@tests/format
	@tests/words
	@tests/pages

# What keying costs, beside libwolfssl, issuing, rekeying a large group through a broker, the frames
# of a flood, and a handset at rest.
bench:
	@./app/install-packages run check
	@$(MAKE) -j$(JOBS) -s programs benches
	@$(BUILD)/tests/bench/bench_keying
	@echo
	@$(BUILD)/tests/bench/bench_rekey
	@echo
	@$(BUILD)/tests/bench/bench_renewal
	@echo
	@MUSTER_BUILD=$(BUILD) $(BUILD)/tests/bench/bench_enrolment
	@echo
	@$(BUILD)/tests/bench/bench_standard
	@echo
	@$(BUILD)/tests/bench/bench_admission
	@echo
	@MUSTER_BUILD=$(BUILD) $(BUILD)/tests/bench/bench_idle
	@echo
	@$(BUILD)/tests/bench/bench_crowds
	@echo
	@$(BUILD)/tests/bench/bench_disk

# How voice is between real handsets on networks that lose, delay and reorder, beside its targets; wants
# root and the machine for itself. make voice TABLES="access cost" prints those alone.
SOUND_TABLES := mouth_to_ear mouth_to_ear_jitter echo devices
VIRTUAL_TABLES := quality drift
TABLES := access late lost words bad cost intervals flood $(VIRTUAL_TABLES) $(SOUND_TABLES)
VOICE_TABLES = $(filter-out $(VIRTUAL_TABLES) $(SOUND_TABLES),$(TABLES))
voice:
	@./app/install-packages run check bench
	@$(MAKE) -j$(JOBS) -s programs benches
	@[ -z "$(VOICE_TABLES)" ] || MUSTER_BUILD=$(BUILD) $(BUILD)/tests/bench/bench_voice $(VOICE_TABLES) || [ $$? -eq 77 ]
	@for bench in $(filter $(VIRTUAL_TABLES),$(TABLES)); do $(BUILD)/tests/bench/bench_$$bench || exit; done
	@for table in $(filter $(SOUND_TABLES),$(TABLES)); do for server in pulseaudio pipewire; do \
		MUSTER_BUILD=$(BUILD) tests/bench/$$table $$server || [ $$? -eq 77 ] || exit 1; done; done

# What floods of forged frames do to a handset, live in network namespaces; wants root and the machine
# for itself. make floods KINDS="presence junk" RATES=10000 prints those rows alone.
KINDS := presence announcement i_message junk
RATES := 100 1000 10000
floods:
	@./app/install-packages run check
	@$(MAKE) -j$(JOBS) -s programs benches $(BUILD)/tests/attacks/flood
	@MUSTER_BUILD=$(BUILD) $(BUILD)/tests/bench/bench_floods $(KINDS) $(RATES) || [ $$? -eq 77 ]

# The simulator over ten times as many histories of each kind as `make check` plays, half of them on each
# core: some twenty minutes. make soak FIRST=5001 LAST=10000 looks where no test has looked. Then failing
# disks, some eight.
SOAKED := sim/test_histories sim/test_clocks app/test_message_histories
FIRST := 1
LAST := 5000
MIDDLE = $(shell echo $$((($(FIRST) + $(LAST)) / 2)))
soak:
	@./app/install-packages run check
	@$(MAKE) -j$(JOBS) -s programs $(addprefix $(BUILD)/tests/,$(SOAKED)) $(DISK_PROGRAMS)
	@for program in $(SOAKED); do \
		$(BUILD)/tests/$$program --seeds $(FIRST) $(MIDDLE) & first=$$!; \
		$(BUILD)/tests/$$program --seeds $$(($(MIDDLE) + 1)) $(LAST); second=$$?; \
		wait $$first && [ $$second -eq 0 ] || exit 1; \
	done
	@MUSTER_BUILD=$(BUILD) tests/disk/check_moments --all || [ $$? -eq 77 ]

# libFuzzer looks at each target of tests/fuzz for SECONDS_EACH, beginning with fixtures/fuzz. What crashes one
# is left as crash-*: once it is mended, it belongs into fixtures/fuzz/NAME, which every build replays.
SECONDS_EACH := 60
# Ends with how many of the readers' lines the inputs reach.
FUZZ_TARGETS := $(patsubst tests/fuzz/test_%.c,%,$(wildcard tests/fuzz/test_*.c))
fuzz:
	@./app/install-packages run check fuzz
	@$(MAKE) -j$(JOBS) -s VARIANT=fuzz CC=clang fuzzers
	@$(MAKE) -j$(JOBS) -s VARIANT=cover CC=clang fuzzers
	@for target in $(FUZZ_TARGETS); do \
		echo "$$target"; mkdir -p build/fuzz/corpus/$$target; \
		build/fuzz/tests/fuzz/test_$$target -max_total_time=$(SECONDS_EACH) -verbosity=0 -print_final_stats=1 \
			build/fuzz/corpus/$$target fixtures/fuzz/$$target || exit; \
	done
	@tests/fuzz/coverage

fuzzers: $(patsubst %,$(BUILD)/tests/fuzz/test_%,$(FUZZ_TARGETS))

# Handsets with real radio stacks in a virtual machine: make lab SCENE=wifi plays one scene alone. A
# machine that cannot run it says so (77), and that is no failure.
lab:
	@tests/part packages ./app/install-packages run lab
	@tests/part build $(MAKE) -j$(JOBS) -s programs $(LAB_PROGRAMS)
	@MUSTER_BUILD=$(BUILD) tests/part scenes tests/lab/run $(SCENE) || [ $$? -eq 77 ]

# For all users of this machine, or into DESTDIR for a package. `muster` is given one right, that of
# making Bluetooth adapters ready, which it gives up once it has. Wireshark looks for plugins in a folder
# of its own, outside of PREFIX: where it is installed, and whoever installs may write there, the dissector
# goes there as well.
PREFIX ?= /usr/local
DISSECTOR := $(DESTDIR)$(PREFIX)/share/muster/muster.lua
WIRESHARK_PLUGINS = $(shell tshark -G folders 2>/dev/null | sed -n 's/^Global Lua Plugins:[[:space:]]*//p')
install:
	@$(MAKE) -j$(JOBS) -s programs
	@install -d $(DESTDIR)$(PREFIX)/bin
	@install $(BUILD)/muster $(BUILD)/muster-kms $(BUILD)/muster-gm $(DESTDIR)$(PREFIX)/bin
	@for language in $(LANGUAGES); do \
		install -D -m 644 $(BUILD)/locale/$$language/LC_MESSAGES/muster.mo \
			$(DESTDIR)$(PREFIX)/share/locale/$$language/LC_MESSAGES/muster.mo || exit; \
	done
	@for page in muster muster-demo muster-kms muster-gm; do \
		$(BUILD)/$$(echo $$page | sed 's/-demo/ demo/') --help | app/programs/man-page $$page >$(BUILD)/$$page.1 && \
		install -D -m 644 $(BUILD)/$$page.1 $(DESTDIR)$(PREFIX)/share/man/man1/$$page.1 || exit; \
	done
	@install -d $(DESTDIR)$(PREFIX)/share/muster/voice $(DESTDIR)$(PREFIX)/share/muster/scenarios
	@install -m 644 fixtures/voice/*.wav $(DESTDIR)$(PREFIX)/share/muster/voice
	@install -m 644 fixtures/scenarios/demo*.script $(DESTDIR)$(PREFIX)/share/muster/scenarios
	@app/programs/man-page muster-script 5 <ui/script/language.txt >$(BUILD)/muster-script.5
	@install -D -m 644 $(BUILD)/muster-script.5 $(DESTDIR)$(PREFIX)/share/man/man5/muster-script.5
	@install -D -m 644 fixtures/wireshark/muster.lua $(DISSECTOR)
	@plugins="$(WIRESHARK_PLUGINS)"; \
	if [ -n "$$plugins" ] && install -D -m 644 $(DISSECTOR) "$(DESTDIR)$$plugins/muster.lua" 2>/dev/null; then \
		echo "installed in $(DESTDIR)$$plugins: Wireshark reads Muster's frames"; \
	else \
		echo "installed $(DISSECTOR); Wireshark reads Muster's frames with -X lua_script:$(PREFIX)/share/muster/muster.lua"; \
	fi
	@if [ "$$(id -u)" -eq 0 ] && PATH="$$PATH:/sbin:/usr/sbin" setcap cap_net_admin+ep $(DESTDIR)$(PREFIX)/bin/muster; then \
		echo "installed in $(DESTDIR)$(PREFIX)/bin; muster may make Bluetooth adapters ready"; \
	else \
		echo "installed in $(DESTDIR)$(PREFIX)/bin; for Bluetooth do once (package libcap2-bin):"; \
		echo "  sudo setcap cap_net_admin+ep $(DESTDIR)$(PREFIX)/bin/muster"; \
	fi

# The README's picture and those of ui/README.md, drawn from the screens themselves.
picture:
	@$(MAKE) -j$(JOBS) -s programs
	@$(BUILD)/muster demo --script fixtures/scenarios/picture.script --picture fixtures/picture.svg >/dev/null
	@$(MAKE) -j$(JOBS) -s $(BUILD)/tests/ui/test_golden_screens
	@MUSTER_PICTURES=write $(BUILD)/tests/ui/test_golden_screens >/dev/null 2>&1

clean:
	rm -rf build

help:
	@sed -n 's/^#   //p' Makefile

# Keep objects: make would delete them as intermediate files.
.SECONDARY:

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
