# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The Java part, included by the Makefile above. JAVA_HOME names the JDK; a native
# library for 32-bit programs needs its headers only.

JAVA_SRC := $(SRC)java/
JAVA_HOME ?= $(patsubst %/bin/javac,%,$(realpath $(shell command -v javac)))
JARDIR ?= $(PREFIX)/share/java
JARNAME ?= vmGuestLibJava.jar
JNIDIR ?= $(LIBDIR)
JAVADOCDIR ?= $(PREFIX)/share/doc/libvmguestlib-java/api
JAVA_SOURCES := $(wildcard $(JAVA_SRC)vmguestlib/*.java)
JNI = libvmGuestLibJava.so
# The same sources must make the same archive, so all times in it are the same.
JAR_DATE ?= 2020-01-01T00:00:00Z

java: $(O)/java/vmGuestLibJava.jar $(O)/$(JNI)

java32: $(O)/32/$(JNI)

$(O)/java/vmGuestLibJava.jar: $(JAVA_SOURCES)
	rm -rf $(O)/java/classes
	$(JAVA_HOME)/bin/javac --release 11 -Xlint:all -Werror -d $(O)/java/classes $^
	$(JAVA_HOME)/bin/jar --create --file $@ --date=$(JAR_DATE) -C $(O)/java/classes .

$(O)/java/doc/index.html: $(JAVA_SOURCES)
	rm -rf $(O)/java/doc
	$(JAVA_HOME)/bin/javadoc -quiet -Xdoclint:all -Werror -notimestamp \
		-d $(O)/java/doc $^

javadoc: $(O)/java/doc/index.html

# link_java FLAGS,DIRECTORY,RUNPATH,FILE
link_java = $(CC) $(1) $(USERLIB_CFLAGS) -I$(JAVA_HOME)/include \
	-I$(JAVA_HOME)/include/linux $(USERLIB_LDFLAGS) -Wl,-soname,$(JNI) -o $(4) \
	$(JAVA_SRC)vmGuestLibJava.c -L$(2) -lvmGuestLib -lappmonitorlib \
	$(if $(3),-Wl$(comma)--enable-new-dtags$(comma)-rpath$(comma)$(3))

$(O)/$(JNI): $(JAVA_SRC)vmGuestLibJava.c $(DEPENDENCIES) $(SHARED:%=$(O)/%)
	$(call link_java,,$(O),'$$ORIGIN',$@)

$(O)/32/$(JNI): $(JAVA_SRC)vmGuestLibJava.c $(DEPENDENCIES) $(SHARED:%=$(O)/32/%)
	$(call link_java,-m32,$(O)/32,'$$ORIGIN',$@)

install-java: java javadoc
	install -D -m 644 $(O)/java/vmGuestLibJava.jar $(DESTDIR)$(JARDIR)/$(JARNAME)
	install -d $(DESTDIR)$(JNIDIR) $(DESTDIR)$(JAVADOCDIR)
	$(call link_java,,$(O),$(RUNPATH),$(DESTDIR)$(JNIDIR)/$(JNI))
	chmod 644 $(DESTDIR)$(JNIDIR)/$(JNI)
	cp -R $(O)/java/doc/. $(DESTDIR)$(JAVADOCDIR)

uninstall-java:
	rm -rf $(DESTDIR)$(JAVADOCDIR)
	rm -f $(DESTDIR)$(JARDIR)/$(JARNAME) $(DESTDIR)$(JNIDIR)/$(JNI)
	-rmdir --ignore-fail-on-non-empty $(wildcard $(patsubst %/,%,\
		$(DESTDIR)$(JARDIR) $(dir $(DESTDIR)$(JAVADOCDIR)))) 2>/dev/null

.PHONY: java java32 javadoc install-java uninstall-java
