#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
# Tier: more
# Timeout: 1800
#
# Executes the commands of "Install" in README.md as they are written, in an empty root for
# each way to install. After the removal no file may be left. Commands that need the kernel
# of a VMware guest are executed in tests/live; here only their programs have to exist.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh

suite=${README_SUITE:-bookworm}

section() {
	awk '/^## / { here = $2 == "Install" } here' README.md
}

# block N: prints the commands of the Nth fenced block, one per line.
block() {
	section | awk -v n="$1" '/^```/ { if (inside) inside = 0; else inside = ++count; next }
		inside == n' | sed -e :a -e '/\\$/N; s/\\\n */ /; ta' | sed "s/DIST/$suite/g"
}

# inline WORD: prints the commands in the running text that begin with WORD, for example
# `apt purge ...`.
# shellcheck disable=SC2016
inline() {
	section | tr '\n' ' ' | grep -o '`[^`]*`' | tr -d '`' | grep "^$1"
}

# here COMMAND: prints the command that is executed in place of COMMAND. The packages are
# built before, because a root cannot be created within the root.
here() {
	case $1 in
	"make deb") echo "ls build/deb/$suite/vmguest_*.deb" ;;
	modprobe*) echo "command -v modprobe" ;;
	mokutil*) echo "apt-get install -s mokutil && ls ${1#mokutil --import }" ;;
	*) echo "$1" ;;
	esac
}

# Checks the programs that "make install" has installed, and the module that DKMS has built.
cat >"$work/installed" <<'EOF'
vmguest --version && vmware-appmonitor --help >/dev/null && getent group vmguestlib &&
	[ "$(dkms status vmguestlib | grep -c ': installed')" = 1 ] &&
	find /lib/modules -name 'vmguestlib.ko*' | grep .
EOF

# A new version replaces the old version for each kernel whose headers are installed.
cat >"$work/upgrade" <<'EOF'
apt install linux-headers-cloud-amd64 &&
	sed -i 's/^PACKAGE_VERSION=.*/PACKAGE_VERSION="9.9"/' dkms.conf &&
	make install-dkms && dkms status vmguestlib &&
	[ "$(dkms status vmguestlib | grep -c 'vmguestlib.9\.9, .*: installed')" = 2 ] &&
	[ "$(dkms status vmguestlib | wc -l)" = 2 ] &&
	[ "$(echo /usr/src/vmguestlib-*)" = /usr/src/vmguestlib-9.9 ]
EOF

# If a version cannot be built, the earlier version stays. The package replaces a module that
# was installed by hand, and "make install-dkms" does not replace the package's module.
cat >"$work/mixed" <<'EOF'
modules() {
	find /lib/modules -name 'vmguestlib.ko*' -exec modinfo -F version {} + | sort | uniq -c
}
set -x
before=$(modules)
cp kmod/main.c main.c.good
echo '#error broken' >>kmod/main.c
! make install-dkms && [ "$(modules)" = "$before" ] || exit 1
sed -i 's/^PACKAGE_VERSION=.*/PACKAGE_VERSION="9.10"/' dkms.conf
! make install-dkms && [ "$(modules)" = "$before" ] || exit 1
mv main.c.good kmod/main.c
apt install ./build/deb/DIST/vmguestlib-dkms_*.deb || exit 1
package=$(dpkg-query -W -f '${Version}' vmguestlib-dkms)
[ "$(modules | tr -s ' ')" = " 2 $package" ] || exit 1
! make install-dkms && make uninstall-dkms && dpkg -V vmguestlib-dkms || exit 1
[ "$(modules | tr -s ' ')" = " 2 $package" ] && [ "$(dkms status vmguestlib | wc -l)" = 2 ] &&
	apt purge vmguestlib-dkms && [ ! "$(modules)" ]
EOF

# Prints remaining files with our names. The group may stay, and dpkg and the log of apt keep
# names.
cat >"$work/removed" <<'EOF'
find / -xdev \( -path /proc -o -path /dev -o -path "$PWD" -o -path /var/lib/dpkg/info \
	-o -path /var/cache/apt \) -prune -o -iname '*vmguest*' -print -o -iname '*guestlib*' -print \
	-o -name '*appmonitor*' -print
EOF

# The tree has only the files of Git, like the tree of a new user.
tree=build/readme
rm -rf "$tree"
mkdir -p "$tree/build/deb"
tools/files | tar -c -T - | tar -x -C "$tree"
check "the packages are built" tests/lib/debs "$suite"
cp -R "build/deb/$suite" "$tree/build/deb/"

# in_root NAME: runs each line of $work/lines as a command; each line is a test.
in_root() {
	{
		printf 'export DEBIAN_FRONTEND=noninteractive\n'
		# No user is there to answer a question of apt.
		printf 'echo "APT::Get::Assume-Yes \\"true\\";" >/etc/apt/apt.conf.d/95yes\n'
		printf 'apt-get update -q >&2\n'
		number=0
		while IFS= read -r line; do
			number=$((number + 1))
			here "$line" >"$tree/line.$number"
			echo "sh ./line.$number >&2 && echo 'ok $number' || echo 'not ok $number'"
		done <"$work/lines"
	} >"$tree/commands"
	(cd "$tree" && ../../tests/lib/clean-root "$suite" sh ./commands) \
		>"$work/said" 2>"$work/said.err" </dev/null
	number=0
	while IFS= read -r line; do
		number=$((number + 1))
		if grep -qx "ok $number" "$work/said"; then
			ok "$1: $line"
		else
			not_ok "$1: $line" "$(tail -n 20 "$work/said.err")"
		fi
	done <"$work/lines"
}

for file in installed upgrade mixed removed; do
	sed "s/DIST/$suite/" "$work/$file" >"$tree/$file"
done
none="test -z \"\$(sh ./removed | tee /dev/stderr)\""
expect "README has three blocks" "make deb
make && make install && make install-dkms
mokutil" "$(block 1 | sed -n 1p
	block 2 | grep '^make'
	block 3 | cut -d ' ' -f 1)"
{
	block 1
	echo "sh ./installed"
	inline "apt purge"
	echo "$none"
} >"$work/lines"
in_root "by packages"
{
	block 2
	echo "sh ./installed"
	block 3
	echo "sh ./upgrade"
	echo "sh ./mixed"
	inline "make uninstall"
	echo "$none"
} >"$work/lines"
in_root "by hand"
finish
