# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Installation of all parts. PREFIX is /usr/local by default. userlib and tools/vmguest have
# further variables (LIBDIR, UNITDIR ...), which are passed on to them.
# A distribution's libguestlib.so.0 is not replaced unless PREFIX says so.

UDEVDIR ?= $(PREFIX)/lib/udev/rules.d
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
DOCDIR ?= $(PREFIX)/share/doc/vmguestlib
DKMSDIR ?= /usr/src
# Programs have these paths in their code, so they do not depend on PREFIX.
LINKDIR ?= /usr
PARTS := userlib tools/vmguest

install: install-files
ifeq ($(DESTDIR),)
	tools/etc/settle $(SYSUSERSDIR) $(UDEVDIR) $(UNITDIR)
else
	@echo "in $(DESTDIR): run 'systemd-sysusers' or 'groupadd --system vmguestlib'," \
		"'udevadm control --reload' and 'ldconfig' there"
endif

install-files:
	for part in $(PARTS); do \
		$(MAKE) -C $$part install PREFIX=$(PREFIX) || exit 1; done
	install -D -m 644 tools/etc/60-vmguestlib.rules \
		$(DESTDIR)$(UDEVDIR)/60-vmguestlib.rules
	install -D -m 644 tools/etc/sysusers.conf $(DESTDIR)$(SYSUSERSDIR)/vmguestlib.conf
	install -D -m 644 tools/etc/modprobe.conf \
		$(DESTDIR)$(DOCDIR)/examples/modprobe.d/vmguestlib.conf

lib32:
	$(MAKE) -C userlib lib32

install-lib32:
	$(MAKE) -C userlib install-lib32 PREFIX=$(PREFIX)

# --- the module by DKMS -------------------------------------------------------

# DKMS identifies a source by the version in the name of its folder.
DKMS_VERSION := $(shell tools/version)
DKMS_TREE := $(DESTDIR)$(DKMSDIR)/vmguestlib-$(DKMS_VERSION)

install-dkms-source:
	rm -rf $(DKMS_TREE)
	install -d $(DKMS_TREE)
	cp -R Kbuild kmod uapi tools/etc/dkms-install $(DKMS_TREE)/
	tools/version $(DKMS_TREE)/dkms.conf

install-dkms:
ifeq ($(DESTDIR),)
	tools/etc/dkms-replace allowed
endif
	$(MAKE) install-dkms-source
ifeq ($(DESTDIR),)
	tools/etc/dkms-replace $(DKMS_VERSION)
endif

uninstall-dkms:
ifeq ($(DESTDIR),)
	tools/etc/dkms-replace none
else
	rm -rf $(DESTDIR)$(DKMSDIR)/vmguestlib-*
endif

# --- names that programs have in their code -----------------------------------

# OpenJDK loads the library by this path; scripts of open-vm-tools run the command.
LINKS := lib64/libguestlib.so.0=$(or $(LIBDIR),$(PREFIX)/lib)/libguestlib.so.0 \
	bin/vmware-toolbox-cmd=$(or $(LIBDIR),$(PREFIX)/lib)/vmguestlib/compat/vmware-toolbox-cmd

install-links:
	tools/etc/links add $(DESTDIR)$(LINKDIR) $(LINKS)

uninstall-links:
	tools/etc/links remove $(DESTDIR)$(LINKDIR) $(LINKS)

# --- removal ------------------------------------------------------------------

# Removes all files that an installation with the same variables writes, and the folders
# that it created, except those of an empty machine. The group stays, because files may
# belong to it.
STANDARD := -path ./usr/local $(foreach folder,bin etc games include lib man sbin share share/man \
	src,-o -path './usr/$(folder)' -o -path './usr/local/$(folder)')

uninstall: uninstall-links uninstall-dkms
	$(MAKE) -C tools/vmxsim uninstall PREFIX=$(PREFIX)
	$(MAKE) -C userlib uninstall-java PREFIX=$(PREFIX)
	rm -rf $(B)/uninstall
	$(MAKE) -s install-files DESTDIR=$(abspath $(B))/uninstall >/dev/null
	$(MAKE) -s -C userlib name-lib32 PREFIX=$(PREFIX) \
		DESTDIR=$(abspath $(B))/uninstall >/dev/null
	cd $(B)/uninstall && find . ! -type d -exec sh -c \
		'for file; do rm -f "$(DESTDIR)/$$file" || exit 1; done' sh {} +
	cd $(B)/uninstall && find . -depth -type d -path './*/*' ! \( $(STANDARD) \) -exec sh -c \
		'for folder; do rmdir "$(DESTDIR)/$$folder" 2>/dev/null || :; done' sh {} +
	rm -rf $(B)/uninstall
ifeq ($(DESTDIR),)
	-udevadm control --reload
	[ ! -d /run/systemd/system ] || systemctl daemon-reload
	ldconfig
endif

.PHONY: install install-files lib32 install-lib32 install-dkms install-dkms-source \
	uninstall uninstall-dkms install-links uninstall-links

include tools/sdk/sdk.mk
include debian/deb.mk
