# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# make sdk: makes the tree of the vSphere Guest SDK (Table 1-1 of its guide) as an archive,
# and installs the packages that are needed for this. install.mk includes this file.

SDK_NAME = vmguestlib-sdk-$(shell tools/version)
SDK_DIR = $(B)/sdk/$(SDK_NAME)
SDK_DEPS := gcc gcc-multilib libc6-dev make xz-utils default-jdk-headless
SDK_DATE = $(shell git log -1 --format=%cI 2>/dev/null || date -Is)

sdk:
	tests/lib/packages $(SDK_DEPS)
	$(MAKE) sdk-tree

# The programs of the kit find the libraries of the kit.
sdk-tree: SDK_LIB := $(abspath $(B))/userlib
sdk-tree: userlib
	$(MAKE) -C userlib lib32 java java32 javadoc programs32
	rm -rf $(B)/sdk
	for bits in 32 64; do \
		from=$(SDK_LIB)$$([ $$bits = 64 ] || echo /32); \
		install -d $(SDK_DIR)/bin/bin$$bits $(SDK_DIR)/lib/lib$$bits; \
		install $$from/vmware-appmonitor $(SDK_DIR)/bin/bin$$bits/; \
		for library in guestlib appmonitor; do \
			cp -P $$from/lib$$library.so* $$from/lib$$library.a \
				$(SDK_DIR)/lib/lib$$bits/ || exit 1; done; \
		cp $$from/libvmGuestLib.so $$from/libappmonitorlib.so \
			$$from/libvmGuestLibJava.so $(SDK_DIR)/lib/lib$$bits/ || exit 1; done
	install -d $(SDK_DIR)/include $(SDK_DIR)/docs/licenses $(SDK_DIR)/vmGuestLibJava \
		$(SDK_DIR)/docs/VMGuestAppMonitor/samples/C \
		$(SDK_DIR)/docs/VMGuestAppMonitor/samples/java
	cp userlib/include/*/*.h tools/sdk/vmGuestLibTest.c $(SDK_DIR)/include/
	cp LICENSES/* $(SDK_DIR)/docs/licenses/
	cp tools/sdk/README $(SDK_DIR)/docs/
	cp tools/sdk/c/* $(SDK_DIR)/docs/VMGuestAppMonitor/samples/C/
	cp tools/sdk/appmonitor-sample.c $(SDK_DIR)/docs/VMGuestAppMonitor/samples/C/sample.c
	cp tools/sdk/java/* userlib/java/vmGuestLibJava.c userlib/accessors.h \
		$(SDK_DIR)/docs/VMGuestAppMonitor/samples/java/
	cp $(B)/userlib/java/vmGuestLibJava.jar $(SDK_DIR)/vmGuestLibJava/
	cp -R $(B)/userlib/java/doc $(SDK_DIR)/vmGuestLibJava/doc
	tar -C $(B)/sdk --owner=0 --group=0 --numeric-owner --sort=name --mtime='$(SDK_DATE)' \
		-cJf $(B)/sdk/$(SDK_NAME).tar.xz $(SDK_NAME)
	@echo $(B)/sdk/$(SDK_NAME).tar.xz

.PHONY: sdk sdk-tree
