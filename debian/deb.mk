# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# make deb: packages for each release in DEB_SUITES, built in an empty root of that release.
# Included by install.mk.

DEB_SUITES ?= bookworm trixie

deb: $(DEB_SUITES:%=deb-%)

$(DEB_SUITES:%=deb-%): deb-%:
	debian/build $*

.PHONY: deb $(DEB_SUITES:%=deb-%)
