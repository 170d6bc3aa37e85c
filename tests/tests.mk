# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Targets that install packages, show the demo and run the tests. The Makefile at the top of
# the tree includes this file.

RUN_DEPS := gcc libc6-dev make pkg-config libcjson-dev libkmod-dev libmicrohttpd-dev \
	libsystemd-dev libncurses-dev busybox-static kmod qemu-system-x86 xz-utils open-vm-tools
CHECK_DEPS := valgrind gcc-multilib g++ perl git open-vm-tools-dev sparse shellcheck mandoc procps
MORE_DEPS := dmidecode virt-what kexec-tools dkms tmux prometheus prometheus-node-exporter cppcheck clang \
	clang-tidy coccinelle default-jdk-headless qemu-utils
LIVE_DEPS := mmdebstrap e2fsprogs ovmf openssl

# vmguestlib_kunit.ko runs its suites when it is loaded. The kernel log has the results.
kunit-module:
	@mkdir -p $(B)/kunit/$(KDIR_RELEASE)/tests
	cp -pru tests/kunit $(B)/kunit/$(KDIR_RELEASE)/tests/
	$(call build_module,$(KDIR),$(B)/kunit/$(KDIR_RELEASE),tests/kunit/Kbuild \
		kmod uapi,CONFIG_VMGUESTLIB_KUNIT_TEST=m)

run-deps:
	tests/lib/packages $(RUN_DEPS)

deps: run-deps
	tests/lib/packages $(CHECK_DEPS)
	for kernel in $(KERNELS); do tests/lib/kernel --headers $$kernel || exit 1; done

more-deps: deps
	tests/lib/packages $(MORE_DEPS)

# The demo, the shell and the fuzzers use only the first kernel.
guest: run-deps
	$(MAKE) vmxsim stage
	$(MAKE) modules KERNELS=$(firstword $(KERNELS))

demo: guest
	VMXSIM_KERNEL=$(firstword $(KERNELS)) tests/demo

shell: guest
	@# The shell ends with the status of its last command, which is no failure of this target.
	@# vmxsim reports its own failures with the statuses from 123 on.
	$(SIM)/vmxsim run --kernel $(firstword $(KERNELS)) --shell || [ $$? -lt 123 ]

check: deps
	$(MAKE) all stage modules
	KERNELS="$(KERNELS)" tests/run --tier check

check-more: more-deps
	$(MAKE) all stage
	$(MAKE) modules KERNELS="$(KERNELS) debug"
	KERNELS="$(KERNELS)" tests/run --tier more

# The tests of installed systems take an hour, most of it for the images, which are made once.
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

# Each part of stress runs for ten minutes, and a hostile host answers 10^6 requests. Both take
# about two hours.
sweep: deps
	$(MAKE) all stage modules
	SWEEP_MINUTES=$${SWEEP_MINUTES:-10} FUZZ_REQUESTS=$${FUZZ_REQUESTS:-1000000} \
		SUITE_TIMEOUT=$${SUITE_TIMEOUT:-14400} KERNELS="$(firstword $(KERNELS))" \
		tests/run stress exerciser

# The benchmarks run on the default kernel and on the newest one of tests/kernels, unless KERNELS
# names others.
NEWEST_KERNEL = $(shell sed -n "s/^\([0-9.]*\(@[^[:space:]]*\)*\)[[:space:]].*/\1/p" \
	tests/kernels | sort -V | tail -n 1)
BENCH_KERNELS = $(if $(filter-out default,$(KERNELS)),$(KERNELS),default $(NEWEST_KERNEL))

bench: more-deps
	$(MAKE) all stage
	$(MAKE) modules KERNELS="$(BENCH_KERNELS)"
	KERNELS="$(BENCH_KERNELS)" tests/bench/run

# 720 hours of virtual time and the deaths of 1000 applications take about an hour.
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

.PHONY: run-deps deps more-deps guest demo shell check check-more check-live check-debug check-matrix \
	bench sweep soak kunit kunit-module coverage fuzz lint
