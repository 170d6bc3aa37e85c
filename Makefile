# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
#   make            libraries, tools and the virtual host (user space)
#   make module     the module, for KDIR= or the running kernel
#   make modules    the module for each of KERNELS=, which the tests boot
#   make install    libraries and tools; DESTDIR=, PREFIX=
#   make install-dkms       the module, by DKMS     make uninstall  all of it
#   make lib32      the libraries for 32-bit programs (install-lib32)
#   make sdk        the tree of the vSphere Guest SDK, with Java
#   make deb        Debian packages, built in empty roots of Debian 12 and 13
#   make install-vmxsim     the virtual host, with the modules built so far
#   make demo       see it work        make shell      the same, by hand
#   make check      the tests that show in minutes whether it works here
#   make check-more the other ones: kernel builds, heavy checks, long suites
#   make lint       the static ones
#   make bench      what it costs, beside the reference: KERNELS=, BENCH_ROWS=
#   make check-live         installed systems with systemd, cloud-init, open-vm-tools
#   make check-debug        guests whose kernels watch themselves
#   make check-matrix       the module and its guests, on each of tests/kernels
#   make sweep      64 threads for ten minutes, 10^6 requests of a hostile host
#   make soak       the long one: applications for 30 days of virtual time
#   make kunit      the unit tests of the module, in User Mode Linux
#   make kunit-module       the same as a module, for KDIR= with KUnit
#   make coverage   which lines of the module they run
#   make fuzz       the decoders of what the host sends, and the
#                   device: FUZZ_SECONDS (60) each
#   make deps       what building and make check need, as Debian packages
#   make more-deps  what the other tests need beside those
#
# demo, shell and check install what is missing by themselves.

B := build
SIM := $(B)/vmxsim
# Names for tests/lib/kernel, which knows what the default one is.
KERNELS ?= default
PREFIX ?= /usr/local

RUN_DEPS := gcc libc6-dev make pkg-config libcjson-dev libkmod-dev libmicrohttpd-dev \
	libsystemd-dev libncurses-dev busybox-static kmod qemu-system-x86 xz-utils open-vm-tools
CHECK_DEPS := valgrind gcc-multilib g++ perl git open-vm-tools-dev sparse shellcheck mandoc procps
MORE_DEPS := dmidecode virt-what kexec-tools dkms tmux prometheus prometheus-node-exporter cppcheck clang \
	clang-tidy coccinelle default-jdk-headless
LIVE_DEPS := mmdebstrap e2fsprogs ovmf sbsigntool openssl

all: userlib vmguest vmxsim stage

userlib:
	$(MAKE) -C userlib

vmguest:
	$(MAKE) -C tools/vmguest

# --- the virtual host ---------------------------------------------------------

vmxsim:
	$(MAKE) -C tools/vmxsim
	@# What the launcher looks for beside itself.
	ln -sfn ../stage $(SIM)/stage
	ln -sfn ../kmod $(SIM)/kmod

# What the guest gets: an installation of its own.
stage: userlib vmguest
	rm -rf $(B)/stage.new
	for part in userlib tools/vmguest; do \
		$(MAKE) -C $$part install \
			DESTDIR=$(abspath $(B)/stage.new) PREFIX=/usr || exit 1; done
	@# Left alone when nothing changed: guests may be booting from it.
	if diff -rq --no-dereference $(B)/stage.new $(B)/stage >/dev/null 2>&1; then \
		rm -rf $(B)/stage.new; \
	else \
		rm -rf $(B)/stage && mv $(B)/stage.new $(B)/stage; \
	fi

# --- the module ---------------------------------------------------------------

running := /lib/modules/$(shell uname -r)/build
KDIR ?= $(or $(wildcard $(running)),$(shell ls -dv /lib/modules/*/build | tail -n 1))

# build_module KDIR,FOLDER[,FILES,SETTINGS]: kbuild writes beside the sources, hence the
# copy. SUITE is the release of Debian that the headers are in, when it is not this one.
KROOT = $(if $(SUITE),tests/lib/chroot $(SUITE))

define build_module
	@$(KROOT) test -e $(1)/Makefile || { echo "no kernel headers in '$(1)': KDIR=" >&2; exit 1; }
	@mkdir -p $(2)
	cp -pru $(or $(3),Kbuild kmod uapi) $(2)/
	tools/version $(2)/dkms.conf
	$(KROOT) $(MAKE) -C $(1) M=$(abspath $(2)) $(4) modules
endef

KDIR_RELEASE = $(shell cat $(KDIR)/include/config/kernel.release)

module:
	$(call build_module,$(KDIR),$(B)/kmod/$(KDIR_RELEASE))

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/vmguestlib

# Those of tests/debug are built without UBSAN and KCOV themselves, to be built in minutes.
modules:
	set -e; for kernel in $(KERNELS); do \
		release=$$(tests/lib/kernel --headers $$kernel); \
		if [ -e tests/debug/$$kernel.config ]; then \
			$(MAKE) module KDIR=$(CACHE)/kernels/$$release/build \
				UBSAN_SANITIZE=y KCOV_INSTRUMENT=y; \
		else \
			$(MAKE) module-$$release SUITE=$$(expr $$kernel : ".*@\(.*\)"); \
		fi; \
	done

module-%:
	$(call build_module,/lib/modules/$*/build,$(B)/kmod/$*)

# Copies the driver into a kernel's source, as one of its own.
in-tree:
	@[ "$(KSRC)" ] || { echo "which kernel source? KSRC=" >&2; exit 1; }
	kmod/compat/in-tree $(KSRC)

# vmguestlib_kunit.ko runs its suites when it is loaded; the log has the results.
kunit-module:
	@mkdir -p $(B)/kunit/$(KDIR_RELEASE)/tests
	cp -pru tests/kunit $(B)/kunit/$(KDIR_RELEASE)/tests/
	$(call build_module,$(KDIR),$(B)/kunit/$(KDIR_RELEASE),tests/kunit/Kbuild \
		kmod uapi,CONFIG_VMGUESTLIB_KUNIT_TEST=m)

# --- installation -------------------------------------------------------------

include tools/etc/install.mk

install-vmxsim: vmxsim stage
	$(MAKE) -C tools/vmxsim install PREFIX=$(PREFIX)

# --- running ------------------------------------------------------------------

run-deps:
	tests/lib/packages $(RUN_DEPS)

deps: run-deps
	tests/lib/packages $(CHECK_DEPS)
	for kernel in $(KERNELS); do tests/lib/kernel --headers $$kernel || exit 1; done

more-deps: deps
	tests/lib/packages $(MORE_DEPS)

# One kernel is enough to look at.
guest: run-deps
	$(MAKE) vmxsim stage
	$(MAKE) modules KERNELS=$(firstword $(KERNELS))

demo: guest
	VMXSIM_KERNEL=$(firstword $(KERNELS)) tests/demo

shell: guest
	@# The status is that of what was typed last.
	$(SIM)/vmxsim run --kernel $(firstword $(KERNELS)) --shell || [ $$? -lt 123 ]

check: deps
	$(MAKE) all stage modules
	KERNELS="$(KERNELS)" tests/run --tier check

check-more: more-deps
	$(MAKE) all stage
	$(MAKE) modules KERNELS="$(KERNELS) debug"
	KERNELS="$(KERNELS)" tests/run --tier more

# Installed systems: an hour, of which the most is making their images, once.
check-live: deps
	tests/lib/packages $(LIVE_DEPS)
	$(MAKE) all stage modules
	SUITE_TIMEOUT=$${SUITE_TIMEOUT:-3600} KERNELS="$(KERNELS)" tests/run --tier live

check-debug: more-deps
	$(MAKE) all stage
	tests/debug/run

check-matrix: more-deps
	$(MAKE) all stage modules
	tests/matrix

# Ten minutes of each part of stress, and 10^6 requests that a hostile host answers; some two hours.
sweep: deps
	$(MAKE) all stage modules
	SWEEP_MINUTES=$${SWEEP_MINUTES:-10} FUZZ_REQUESTS=$${FUZZ_REQUESTS:-1000000} \
		SUITE_TIMEOUT=$${SUITE_TIMEOUT:-14400} KERNELS="$(firstword $(KERNELS))" \
		tests/run stress exerciser

# The default kernel and the newest one of tests/kernels.
NEWEST_KERNEL = $(shell sed -n "s/^\([0-9.]*\(@[^[:space:]]*\)*\)[[:space:]].*/\1/p" \
	tests/kernels | sort -V | tail -n 1)
BENCH_KERNELS = $(if $(filter-out default,$(KERNELS)),$(KERNELS),default $(NEWEST_KERNEL))

bench: more-deps
	$(MAKE) all stage
	$(MAKE) modules KERNELS="$(BENCH_KERNELS)"
	KERNELS="$(BENCH_KERNELS)" tests/bench/run

# 30 days of virtual time and 1000 deaths; about an hour.
soak: deps
	$(MAKE) all stage modules
	SOAK_HOURS=$${SOAK_HOURS:-720} SOAK_DEATHS=$${SOAK_DEATHS:-1000} \
		SUITE_TIMEOUT=$${SUITE_TIMEOUT:-14400} KERNELS="$(KERNELS)" \
		tests/run heartbeat_soak

kunit:
	KUNIT_KERNELS="$(KERNELS)" tests/run kunit

coverage:
	tests/kunit/coverage

fuzz: guest
	tests/lib/packages clang
	tests/lib/packages libclang-rt-$$(clang -dumpversion | cut -d. -f1)-dev
	tests/fuzz/run
	seconds=$${FUZZ_SECONDS:-60}; \
	FUZZ_SECONDS=$$seconds SUITE_TIMEOUT=$$((2 * seconds + 600)) \
		KERNELS="$(firstword $(KERNELS))" tests/run exerciser

lint: more-deps
	KERNELS="$(KERNELS)" tests/run lint lint_heavy

clean:
	rm -rf $(B)

.SECONDARY:
.PHONY: all userlib vmguest vmxsim stage module modules in-tree install install-vmxsim run-deps \
	deps more-deps guest demo shell check check-more check-live check-debug check-matrix bench sweep soak kunit kunit-module coverage fuzz \
	lint clean
