#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The completions of vmguest in bash and zsh: the shell never evaluates texts of the host, and
# words may have colons. A script that replaces vmguest prints the texts of a hostile host.
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../..")}
cd "$root" || exit 1
. tests/lib/unit.sh
plan 15

# The script must print these texts unexpanded.
# shellcheck disable=SC2016
cat >"$work/vmguest" <<END
#!/bin/sh
printf '%s\n' session resources 'vscsi scsi0:0' 'vscsi scsi0:1' 'vnet 00:50:56:aa:bb:cc' \
	'vscsi \$(>$work/evaluated)' 'vscsi \`>$work/evaluated\`' 'vscsi a;b' '\$(>$work/evaluated)'
END
chmod +x "$work/vmguest"
PATH=$work:$PATH
export PATH

# completed LINE: prints the words that bash offers at the end of LINE, in one line.
completed() {
	bash -c '. tools/completions/vmguest.bash
		COMP_LINE=$1 COMP_POINT=${#1}
		read -ra COMP_WORDS <<<"$1"
		[[ $1 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_vmguest 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' bash "$1" | LC_ALL=C sort | paste -sd' '
}

expect "bash completes a command" "stat status" "$(completed "vmguest sta")"
expect "bash completes an option" "--json" "$(completed "vmguest stat --j")"
expect "bash completes the value of an option" "need-reset stop" \
	"$(completed "vmguest heartbeat run --on-expire ")"
expect "bash: a word with a colon gets the part after the colon" "0 1" \
	"$(completed "vmguest raw text vscsi scsi0:")"
expect "bash: a word with many colons gets the part after the last colon" "56:aa:bb:cc" \
	"$(completed "vmguest raw text vnet 00:50:5")"
expect "bash: after vnet, the whole name of a device is offered" "00:50:56:aa:bb:cc" \
	"$(completed "vmguest raw text vnet ")"
contains "bash: a text of the host is quoted" '\$\(' "$(completed "vmguest raw text vscsi ")"
contains "bash: a semicolon in a text of the host is quoted" 'a\;b' \
	"$(completed "vmguest raw text vscsi ")"
mkdir "$work/files"
# The next name is the literal name of a file.
# shellcheck disable=SC2016
(cd "$work/files" && : >'a$(>..|evaluated)' && : >'a;b' && : >'a c')
prints "bash: names of files are quoted" 'a\ c a\$\(\>..\|evaluated\) a\;b' \
	"sed 's|$work/files/||g'" completed "vmguest export --textfile $work/files/a"
cp "$work/vmguest" "$work/vmguest;odd"
expect "bash: names of commands are quoted" 'vmguest\;odd' "$(completed "vmguest heartbeat run -- vmguest;o")"
completed "vmguest raw text " >"$work/out"
completed "vmguest raw text vscsi \$" >"$work/out"
check "bash: no text is evaluated" test ! -e "$work/evaluated"
# A function in place of zsh's own prints the words that zsh would offer.
cat >"$work/offer" <<'END'
_arguments() { : }
_describe() { : }
compadd() { [[ $1 != -- ]] || shift; print -l -- "$@" }
words=(vmguest)
. tools/completions/_vmguest
line=(text $1)
_vmguest_$2
END

# offered KIND OF: prints the words that zsh offers, in one line.
offered() {
	zsh -f "$work/offer" "$1" "$2" | paste -sd' '
}

if command -v zsh >/dev/null; then
	expect "zsh: a device with colons is offered" "00:50:56:aa:bb:cc" "$(offered vnet devices)"
	contains "zsh: a text of the host is offered as it is" "\$(>$work/evaluated)" \
		"$(offered vscsi devices)"
	contains "zsh: statistics are offered" "session resources vscsi vnet" "$(offered vscsi extended)"
	check "zsh: no text is evaluated" test ! -e "$work/evaluated"
else
	for name in "a device with colons is offered" "a text of the host is offered as it is" \
		"statistics are offered" "no text is evaluated"; do
		skip "zsh: $name" "no zsh"
	done
fi
finish
