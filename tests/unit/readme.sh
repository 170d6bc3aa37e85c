#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
# Tier: more
# Timeout: 1800
#
# The commands of "Install" in README.md, executed as they are typed, in an empty root for
# each way to install; then the removal, after which nothing is left. Those that need the
# kernel of a VMware guest are executed in tests/live; here their programs have to exist.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
# shellcheck source=tests/lib/unit.sh
. tests/lib/unit.sh

suite=${README_SUITE:-bookworm}

section() {
	awk '/^## / { here = $2 == "Install" } here' README.md
}

# block N: the commands of the Nth fenced block, one a line.
block() {
	section | awk -v n="$1" '/^```/ { if (inside) inside = 0; else inside = ++count; next }
		inside == n' | sed -e :a -e '/\\$/N; s/\\\n */ /; ta' | sed "s/DIST/$suite/g"
}

# What is typed in the text: `apt purge ...`.
# shellcheck disable=SC2016
inline() {
	section | tr '\n' ' ' | grep -o '`[^`]*`' | tr -d '`' | grep "^$1"
}

# In the root the packages are built already: it cannot make a root of its own.
# here COMMAND: what is executed in place of COMMAND.
here() {
	case $1 in
	"make deb") echo "ls build/deb/$suite/vmguest_*.deb" ;;
	modprobe*) echo "command -v modprobe" ;;
	mokutil*) echo "apt-get install -s mokutil && ls ${1#mokutil --import }" ;;
	*) echo "$1" ;;
	esac
}

# The programs of /usr/local that "make install" has installed, and what DKMS has built.
cat >"$work/installed" <<'EOF'
vmguest --version && vmware-appmonitor --help >/dev/null && getent group vmguestlib &&
	[ "$(dkms status vmguestlib | grep -c ': installed')" = 1 ] &&
	find /lib/modules -name 'vmguestlib.ko*' | grep .
EOF

# Another version takes the place of the one before, for each kernel whose headers are there.
cat >"$work/upgrade" <<'EOF'
apt install linux-headers-cloud-amd64 &&
	sed -i 's/^PACKAGE_VERSION=.*/PACKAGE_VERSION="9.9"/' dkms.conf &&
	make install-dkms && dkms status vmguestlib &&
	[ "$(dkms status vmguestlib | grep -c 'vmguestlib.9\.9, .*: installed')" = 2 ] &&
	[ "$(dkms status vmguestlib | wc -l)" = 2 ] &&
	[ "$(echo /usr/src/vmguestlib-*)" = /usr/src/vmguestlib-9.9 ]
EOF

# A version that cannot be built leaves the one before in place, and what the package installs
# takes the place of what was installed by hand, and is its own.
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

# What is ours, by name, but for the group. dpkg and the log of apt remember names.
cat >"$work/removed" <<'EOF'
find / -xdev \( -path /proc -o -path /dev -o -path "$PWD" -o -path /var/lib/dpkg/info \
	-o -path /var/cache/apt \) -prune -o -iname '*vmguest*' -print -o -iname '*guestlib*' -print \
	-o -name '*appmonitor*' -print
EOF

# A tree as a newcomer has it: what Git has.
tree=build/readme
rm -rf "$tree"
mkdir -p "$tree/build/deb"
tools/files | tar -c -T - | tar -x -C "$tree"
check "the packages are built" tests/lib/debs "$suite"
cp -R "build/deb/$suite" "$tree/build/deb/"

# in_root NAME: each line of $work/lines is a command, and a test.
in_root() {
	{
		printf 'export DEBIAN_FRONTEND=noninteractive\n'
		# apt cannot ask a question here.
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
