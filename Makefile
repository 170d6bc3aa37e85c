# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
#   make                    libraries, tools and the virtual host
#   make module             the module, for KDIR= or the running kernel
#   make modules            the module for each of KERNELS=, for the tests
#   make in-tree            copies the driver into the kernel source KSRC=
#   make install            libraries and tools; DESTDIR=, PREFIX=
#   make install-dkms       the module, by DKMS
#   make install-vmxsim     the virtual host, with the modules built so far
#   make uninstall          removes all of it
#   make lib32              the libraries for 32-bit programs; install-lib32
#   make sdk                the tree of the vSphere Guest SDK, with Java
#   make deb                packages for Debian 12 and 13, built in empty roots
#   make dist               an archive of the sources that builds without Git
#   make demo               shows the module at work in a guest
#   make shell              the guest of the demo, with a prompt
#   make check              the tests that show in minutes whether it works here
#   make check-more         the other tests: long ones, kernel builds, heavy checks
#   make check-live         installed systems: systemd, cloud-init, open-vm-tools
#   make check-debug        guests on debug kernels (KASAN, lockdep, KCSAN ...)
#   make check-matrix       the module and guests on each kernel of tests/kernels
#   make lint               the static checks
#   make kunit              the unit tests of the module, in User Mode Linux
#   make kunit-module       the same as a module, for KDIR= with KUnit
#   make coverage           lines of the module that the unit tests run
#   make bench              performance, beside open-vm-tools: KERNELS=, BENCH_ROWS=
#   make fuzz               the decoders and the device: FUZZ_SECONDS= (60) each
#   make sweep              64 threads for minutes, 10^6 replies of a hostile host
#   make soak               applications for 30 days of virtual time
#   make deps               installs the packages for building and make check
#   make more-deps          installs the packages for the other tests
#   make clean              removes the folder build
#
# The targets that run something install missing packages by themselves.

B := build
SIM := $(B)/vmxsim
# Names for tests/lib/kernel, which knows what the default one is.
KERNELS ?= default

include tools/build.mk


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

# --- installation -------------------------------------------------------------

include tools/etc/install.mk

install-vmxsim: vmxsim stage
	$(MAKE) -C tools/vmxsim install PREFIX=$(PREFIX)

# --- tests and releases -----------------------------------------------------------

include tests/tests.mk

DIST = vmguestlib-$(shell tools/version)

# A tree that builds without Git.
dist:
	rm -rf $(B)/dist
	mkdir -p $(B)/dist/$(DIST)
	tools/files | tar -cf - -T - | tar -C $(B)/dist/$(DIST) -xf -
	tools/version $(B)/dist/$(DIST)/dkms.conf
	tar -C $(B)/dist --owner=0 --group=0 --sort=name -cJf $(B)/dist/$(DIST).tar.xz $(DIST)
	@echo $(B)/dist/$(DIST).tar.xz

# The list in the comment at the top of this file.
help:
	@sed -n "/^#   /s/^#   //p" Makefile

clean:
	rm -rf $(B)

.SECONDARY:
.PHONY: all userlib vmguest vmxsim stage module modules in-tree install install-vmxsim dist help clean
