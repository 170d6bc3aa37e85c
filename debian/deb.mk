# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# make deb: builds packages for each release in DEB_SUITES, in an empty root of that release.
# tools/etc/install.mk includes this file.

DEB_SUITES ?= bookworm trixie

deb: $(DEB_SUITES:%=deb-%)

$(DEB_SUITES:%=deb-%): deb-%:
	debian/build $*

.PHONY: deb $(DEB_SUITES:%=deb-%)
