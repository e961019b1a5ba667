# Muster: every command a person types. See README.md.
#
#   make demo    install what is missing, build, show three handsets side by side
#   make check   install what is missing, build, prove it all (also under sanitizers)
#   make test    the same proofs without installs and sanitizers, in under a minute
#   make help    the other targets

MAKEFLAGS += --no-print-directory
JOBS := $(shell nproc)

# --- How to build: `make VARIANT=sanitize ...` builds the same beside the optimised one. -----------

VARIANT ?= release
BUILD := build/$(VARIANT)

FLAGS_release := -O2 -D_FORTIFY_SOURCE=2
FLAGS_sanitize := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

LIBRARIES := libsodium libcrypto libsrtp2 sqlite3 libuv ncursesw opus

CC := gcc
CPPFLAGS := -I. -D_GNU_SOURCE -MMD -MP
CFLAGS := -std=c11 -g $(FLAGS_$(VARIANT)) -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Werror \
	-fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack $(filter -fsanitize%,$(FLAGS_$(VARIANT)))
LDLIBS = $(shell pkg-config --libs $(LIBRARIES)) -lm

# --- What is built: one archive a room, two programs, one test program a tests/*/test_*.c ----------

sources = $(sort $(wildcard $(addsuffix /*.c,$(1))))
objects = $(patsubst %.c,$(BUILD)/%.o,$(1))

MAINS := app/programs/muster.c app/programs/muster_kms.c

CRYPTO := $(call objects,$(call sources,crypto crypto/native crypto/wolfcrypt))
TRANSPORT := $(call objects,$(call sources,transport))
APP := $(call objects,$(call sources,app app/handset app/store app/voice app/kms))
UI := $(call objects,$(call sources,ui ui/screens ui/lesson))
PROGRAMS := $(call objects,$(filter-out $(MAINS),$(call sources,app/programs)))

ARCHIVES := $(BUILD)/libprograms.a $(BUILD)/libui.a $(BUILD)/libapp.a $(BUILD)/libtransport.a \
	$(BUILD)/libcrypto.a

TESTS := $(patsubst %.c,$(BUILD)/%,$(call sources,$(sort $(wildcard tests/*))))
SUPPORT := $(call objects,$(filter-out %/main.c,$(wildcard tests/*/support/*.c)))
TESTS := $(filter $(BUILD)/tests/%,$(TESTS))
RUNNABLE := $(foreach t,$(TESTS),$(if $(filter test_%,$(notdir $(t))),$(t)))
BENCHES := $(filter $(BUILD)/tests/bench/%,$(TESTS))

.PHONY: all
all: $(BUILD)/muster $(BUILD)/muster-kms

$(BUILD)/muster: $(BUILD)/app/programs/muster.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/muster-kms: $(BUILD)/app/programs/muster_kms.o $(ARCHIVES)
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

# A test knows the rooms that its own room may know: tests/crypto links crypto alone, and so on.
ROOMS_crypto := $(BUILD)/libcrypto.a
ROOMS_transport := $(BUILD)/libtransport.a
ROOMS_app := $(BUILD)/libapp.a $(BUILD)/libcrypto.a
ROOMS_ui := $(BUILD)/libui.a $(BUILD)/libapp.a $(BUILD)/libcrypto.a
ROOMS_other := $(ARCHIVES)

.SECONDEXPANSION:
room = $(word 2,$(subst /, ,$(1)))
rooms = $(or $(ROOMS_$(call room,$(1))),$(ROOMS_other))
$(TESTS): $(BUILD)/%: $(BUILD)/%.o $(SUPPORT) $$(call rooms,$$*)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
