#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# make dist: the archive has all sources and no built files. Without Git, tools/version prints the
# right version in the archive, the libraries can be built, and the static checks of the tree pass.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh
plan 6

version=$(tools/version)
check "make dist" make -s B="$work/build" dist
check "the archive is unpacked" tar -C "$work" -xf "$work/build/dist/vmguestlib-$version.tar.xz"
cd "$work/vmguestlib-$version" || exit 1
# Git must find no repository, even if a directory above the archive's belongs to one.
GIT_DIR=/nowhere
export GIT_DIR
expect "the version of the archive" "$version" "$(tools/version)"
expect "the files of the archive" "$(cd "$root" && env -u GIT_DIR tools/files | LC_ALL=C sort)" \
	"$(find . ! -type d -printf '%P\n' | LC_ALL=C sort)"
check "the libraries are built" make -s -C userlib
check "the static checks of the tree" tests/lint tree
finish
