# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
#   make                    builds the libraries, the tools and the virtual host
#   make module             builds the module for KDIR= or the running kernel
#   make modules            builds the module for each kernel of KERNELS=, for the tests
#   make in-tree            copies the driver into the kernel source KSRC=
#   make install            installs the libraries and tools; DESTDIR=, PREFIX=
#   make install-dkms       installs the module by DKMS
#   make install-vmxsim     installs the virtual host, with the modules built so far
#   make uninstall          removes the installed files
#   make lib32              builds the libraries for 32-bit programs
#   make install-lib32      installs these libraries
#   make sdk                builds a replacement for the vSphere Guest SDK
#   make deb                builds packages for Debian 12 and 13 in empty roots
#   make dist               makes an archive of the sources that builds without Git
#   make demo               shows in a guest how the module works
#   make shell              boots a guest and opens a shell in it
#   make check              runs tests for some minutes
#   make check-more         runs long tests, kernel builds and heavy checks
#   make check-live         tests systemd, cloud-init, open-vm-tools on installed systems
#   make check-debug        tests guests on debug kernels (KASAN, lockdep, KCSAN ...)
#   make check-matrix       tests the module on each kernel of tests/kernels
#   make lint               runs all static checks
#   make kunit              runs the unit tests of the module in User Mode Linux
#   make kunit-module       builds the unit tests as a module, for a kernel KDIR= with KUnit
#   make coverage           prints the lines of the module that the unit tests run
#   make bench              compares the performance with open-vm-tools: KERNELS=, BENCH_ROWS=
#   make fuzz               fuzzes the decoders and the device, each for FUZZ_SECONDS= (60)
#   make sweep              tests with 64 threads for minutes, and with 10^6 hostile replies
#   make soak               monitors applications for 30 days of virtual time
#   make deps               installs the packages for make all and make check
#   make more-deps          installs the packages for the other tests
#   make clean              removes the folder build/
#
# Targets that run something install the packages that they need.

B := build
SIM := $(B)/vmxsim
# KERNELS has names for tests/lib/kernel, which finds the kernel "default".
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
	@# The launcher looks for these two folders beside itself.
	ln -sfn ../stage $(SIM)/stage
	ln -sfn ../kmod $(SIM)/kmod

# vmxsim copies this installation of the libraries and tools into each guest.
stage: userlib vmguest
	rm -rf $(B)/stage.new
	for part in userlib tools/vmguest; do \
		$(MAKE) -C $$part install \
			DESTDIR=$(abspath $(B)/stage.new) PREFIX=/usr || exit 1; done
	@# An installation without changes is kept, because guests may be booting from it.
	if diff -rq --no-dereference $(B)/stage.new $(B)/stage >/dev/null 2>&1; then \
		rm -rf $(B)/stage.new; \
	else \
		rm -rf $(B)/stage && mv $(B)/stage.new $(B)/stage; \
	fi

# --- the module ---------------------------------------------------------------

running := /lib/modules/$(shell uname -r)/build
KDIR ?= $(or $(wildcard $(running)),$(shell ls -dv /lib/modules/*/build | tail -n 1))

# build_module KDIR,FOLDER[,FILES,SETTINGS]: copies FILES to FOLDER and builds them there,
# because kbuild writes its output beside the sources. SUITE is the release of Debian that has
# the headers, if it is not the release of this machine.
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

# The kernels of tests/debug have UBSAN and KCOV, but only the module is instrumented, because an
# instrumented kernel takes much longer to build.
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

# Copies the driver into a kernel source, where it is built like the other drivers.
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

# The archive has the version in its dkms.conf, so that it builds without Git.
dist:
	rm -rf $(B)/dist
	mkdir -p $(B)/dist/$(DIST)
	tools/files | tar -cf - -T - | tar -C $(B)/dist/$(DIST) -xf -
	tools/version $(B)/dist/$(DIST)/dkms.conf
	tar -C $(B)/dist --owner=0 --group=0 --sort=name -cJf $(B)/dist/$(DIST).tar.xz $(DIST)
	@echo $(B)/dist/$(DIST).tar.xz

# Prints the list in the comment at the top of this file.
help:
	@sed -n "/^#   /s/^#   //p" Makefile

clean:
	rm -rf $(B)

.SECONDARY:
.PHONY: all userlib vmguest vmxsim stage module modules in-tree install install-vmxsim dist help clean
