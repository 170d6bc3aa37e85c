# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Shared by all Makefiles of libraries and programs: the version, the folders of an
# installation, and the flags. A Makefile that includes it sets O, the folder that it builds
# in, before. The release is the version in dkms.conf; tools/version prints that of this tree.

# The release of open-vm-tools whose functions and programs these match: programs compare
# pkg-config's version with it.
API_VERSION := 12.2.0

PREFIX ?= /usr/local

# Make splits lists at spaces, and each level runs in a folder of its own.
FOLDERS := DESTDIR PREFIX BINDIR LIBDIR LIB32DIR INCLUDEDIR MANDIR UNITDIR UDEVDIR SYSUSERSDIR \
	DOCDIR EXAMPLEDIR BASHDIR ZSHDIR DKMSDIR LINKDIR JARDIR JNIDIR JAVADOCDIR
$(foreach name,$(FOLDERS),$(if $(word 2,$($(name)))$(filter-out /%,$($(name))),\
	$(error $(name)="$($(name))" is no absolute path, or has a space)))
# The same text for the same folder: no slash at the end, nothing for the root.
override PREFIX := $(patsubst /,,$(abspath $(PREFIX)))
override DESTDIR := $(patsubst /,,$(abspath $(DESTDIR)))

BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
MANDIR ?= $(PREFIX)/share/man

CC ?= cc
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes

ifdef O
VERSION = $(shell cat $(O)/version)

$(O)/version: FORCE
	@$(dir $(lastword $(filter %build.mk,$(MAKEFILE_LIST))))version $@

FORCE:

.PHONY: FORCE
endif

.DEFAULT_GOAL := all
