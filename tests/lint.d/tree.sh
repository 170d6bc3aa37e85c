# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# lint: rules for all files of the tree. The functions are called through check.
# Lists are meant to be split. tests/lint sets some of the variables. Text in single quotes
# is for awk, sed or another shell.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

has_spdx() {
	wrong=0
	for file in $(tracked Kbuild Makefile '*.c' '*.h' '*.sh' '*.mk' \
		      '*/Makefile' tests tools .ci); do
		case $file in
		*.md | *.vmx | *.json | */corpus/* | */README | tests/abi/*) continue ;;
		esac
		head -n 3 "$file" | grep -q SPDX-License-Identifier: || {
			echo "$file"
			wrong=1
		}
	done
	return $wrong
}

# The line below the licence of a file is the copyright.
has_copyright() {
	wrong=0
	grep -lE 'SPDX-License-Identifier: [A-Z]' $(tracked | grep -v '/corpus/') >"$out/licensed"
	while read -r file; do
		awk 'named { exit !/Copyright The vmguestlib authors/ }
			/SPDX-License-Identifier: [A-Z]/ && FNR <= 3 { named = 1 }
			FNR > 4 { exit }' "$file" || { echo "$file"; wrong=1; }
	done <"$out/licensed"
	return $wrong
}

# LICENSES has the texts of the licences that the files name, and no other texts.
has_texts() {
	grep -ohE 'SPDX-License-Identifier: [A-Z][^*]*' $(tracked | grep -v '/corpus/') |
		sed 's/SPDX-License-Identifier: //; s/ OR / /; s/ WITH / /' | tr ' ' '\n' |
		grep . | sort -u >"$out/named"
	(cd LICENSES && printf '%s\n' *.txt | sed 's/\.txt$//' | sort) |
		diff "$out/named" -
}

# debian/copyright names the licence of each file. The last paragraph that matches counts.
agrees_with_debian() {
	awk '/^Files:/ { sub(/^Files: /, ""); files = $0 }
		/^License:/ && files { sub(/^License: /, ""); print files "\t" $0; files = "" }' \
		debian/copyright | sed 's/ or / OR /; s/ with \(.*\) exception/ WITH \1/
			s/GPL-2$/GPL-2.0-only/; s/GPL-2 /GPL-2.0-only /; s/LGPL-2.1+/LGPL-2.1-or-later/' \
		>"$out/paragraphs"
	set -f
	while read -r file; do
		says=$(sed -n '1,4s/.*SPDX-License-Identifier: \([A-Z][^*]*[^* ]\).*/\1/p' "$file")
		while IFS='	' read -r patterns licence; do
			for pattern in $patterns; do
				# The words are meant to be patterns.
				# shellcheck disable=SC2254
				case $file in
				$pattern) debian=$licence ;;
				esac
			done
		done <"$out/paragraphs"
		[ "$says" = "$debian" ] || echo "$file: $says, but in debian/copyright $debian"
	done <"$out/licensed" >"$out/disagree"
	set +f
	! grep . "$out/disagree"
}

# Readers do not read a long file to its end.
short() {
	wc -l $(tracked) | awk '$2 != "total" && $1 > 900 { print; long = 1 }
		END { exit long }'
}

# The words are spelled so that this file does not have them.
unfinished() {
	grep -nwE 'TOD[O]|FIXM[E]|XX[X]|HAC[K]' $(tracked)
}

# The configuration of the machine says where packages come from, so no file names a host.
hosts() {
	grep -nE '[a-z]+\.(debian|ubuntu|kernel)\.(org|com)|(pypi|npmjs|crates|golang|docker)\.[a-z]+' \
		$(tracked) |
		# This line names the format by the address of its description.
		grep -v 'debian/copyright:1:Format: '
}

# Words that silence a tool. They are spelled so that this file does not have them.
silencers='NOLIN[T]|cppcheck-suppres[s]|shellcheck disabl[e]|__forc[e]|__(acquire|release)[s]\('
silencers="$silencers|__must_hol[d]\\(|diagnostic ignore[d]|[- \"]Wn[o]-|no_sanitiz[e]"
silencers="$silencers|--suppres[s]=|-(e |-exclude=)S[C][0-9]"

# Each silencer needs a comment above it, which gives the reason. Only other silencers or the
# command may be between them, and the comment has a line for each silencer. Lines such as
# "# Tier: more", which the tools of the suites read, do not count.
reasoned() {
	awk -v silencers="$silencers" '
		FNR == 1 { lines = 0; inside = 0 }
		$0 ~ silencers {
			if (lines-- <= 0) {
				print FILENAME ":" FNR ": " $0
				bare = 1
			}
			inside = /\\$/
			next
		}
		/^[ \t]*(# |\/\*|\*[ \/]|\/\/)/ && !/SPDX|# (Kernels|Program|Tier|Timeout): / {
			lines++
			next
		}
		!inside && !/diagnostic push/ { lines = 0 }
		{ inside = /\\$/ }
		END { exit bare }' \
		$(tracked '*.[ch]' '*.mk' '*Makefile' Kbuild tests tools .ci |
		  grep -v /corpus/)
}

check "every source names its licence" has_spdx
check "every source names its authors" has_copyright
check "debian/copyright agrees with every source" agrees_with_debian
check "LICENSES has exactly the licences that files name" has_texts
check "no file has more than 900 lines" short
check "no comment announces unfinished work" none unfinished
check "no file names a host that serves packages" none hosts
check "each word that silences a tool has a reason above it" reasoned

# The kernels that tests/README.md calls supported are those that tests/matrix runs.
supported() {
	sed -n 's/^| `\([^`]*\)` | Debian .* | \([a-z]*\) |$/\1 \2/p' tests/README.md |
		sort >"$out/documented"
	awk '!/^#/ { suites[$1] = $2 } END { for (k in suites) print k, suites[k] }' \
		tests/kernels | sort >"$out/run"
	diff "$out/documented" "$out/run"
}

check "tests/README.md lists the kernels of tests/kernels" supported

# Manual pages of other projects, which may be missing on this machine.
foreign='dkms 8|mmap 2|modinfo 8|modprobe 8|nohup 1|poll 2|sbd 8|sd_listen_fds 3|sd_notify 3|systemd 1|write 2'

# Checks the form of the manual pages and the references between them.
manuals() {
	rm -rf "$out/man"
	for page in tools/man/*; do
		mkdir -p "$out/man/man${page##*.}"
		cp "$page" "$out/man/man${page##*.}/"
	done
	MANPATH=$out/man mandoc -T lint -W style tools/man/* 2>&1 |
		none grep -vE "outdated mandoc.db|manual not found: Xr ($foreign)( |\$)"
}

check "manual pages: mandoc reports nothing" manuals

# host_faults.c has at least one line for each fault of the virtual host except hostile.
faults_tried() {
	faults=$(sed -n 's/^	{ "\([a-z0-9]*\)",[ 	]*FAULT_.*/\1/p' tools/vmxsim/host/fault.c)
	[ "$faults" ] || { echo "no fault is known"; return 1; }
	wrong=0
	for fault in $faults; do
		case $fault in
		# No result is wrong with this fault. The suite exerciser tests it instead.
		hostile) continue ;;
		esac
		grep -q "^	{ ON[^\"]*\"${fault}[ \"]" tests/guest/host/host_faults.c || {
			echo "$fault"
			wrong=1
		}
	done
	return $wrong
}

# The changelogs of the project and of its packages have the release of dkms.conf.
releases_agree() {
	release=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' dkms.conf)
	listed=$(sed -n 's/^## \[\([^]]*\)\].*/\1/p' CHANGELOG.md | head -n 1)
	packaged=$(sed -n '1s/^[^(]*(\([^)]*\)).*/\1/p' debian/changelog)
	echo "dkms.conf $release, CHANGELOG.md $listed, debian/changelog $packaged"
	# In an archive and in the source of a package the release includes the commit.
	[ "${release%%+*}" = "$listed" ] && [ "${packaged%%+*}" = "$listed" ]
}

# Readers do not read a longer README.
readme_is_short() {
	words=$(wc -w <README.md)
	echo "$words words"
	[ "$words" -le 1000 ]
}

check "the release is the newest entry of both changelogs" releases_agree
check "README.md has at most 1000 words" readme_is_short

# The files that documents link to exist.
links_lead_somewhere() {
	grep -oE '\]\([^)#]+' $(tracked '*.md') | sed 's/:](/ /' | grep -v ' https:' |
		while read -r file target; do
			[ -e "$(dirname "$file")/$target" ] || echo "$file: $target"
		done | none grep .
}

# Paths in documents and comments exist. A path begins at the top of the tree. A path with a
# part in capitals, such as NAME, is not checked.
paths_exist() {
	grep -noE '(^|[^A-Za-z0-9_./$}-])(kmod|tests|tools|uapi|userlib)/[A-Za-z0-9_.@/-]*[a-z0-9]' \
		$(tracked '*.md' '*.[ch]' tools/man) |
		sed 's|:[^a-z0-9]\([a-z]*/\)|:\1|' |
		while IFS=: read -r file line path; do
			case $path in
			*[A-Z][A-Z]*) ;;
			*) [ -e "$path" ] || echo "$file:$line: $path" ;;
			esac
		done | none grep .
}

# The chapters that files name exist in kmod/docs/wire-protocol.md.
chapters_exist() {
	grep -hoE 'chapters? [0-9.]*[0-9]((,| and) [0-9.]*[0-9])*' $(tracked '*.md' '*.[ch]' tests) |
		grep -oE '[0-9.]+' | sort -u | while read -r chapter; do
			grep -qE "^#+ $chapter\.? " kmod/docs/wire-protocol.md || echo "$chapter"
		done | none grep .
}

check "links of documents lead to files" links_lead_somewhere
check "paths in documents and comments lead to files" paths_exist
check "chapters that are cited are in the wire protocol" chapters_exist

# The comment of each suite has a sentence for "tests/run --describe".
described() {
	tests/run --describe --tier "check more live" >"$out/suites" || return 1
	none grep -nE ": *$" "$out/suites"
}

check "every suite has a description" described
check "host_faults tries every fault of the virtual host except hostile" faults_tried

# includes: prints "FILE FILE" for each include between the files of vmxsim. A .c and the
# .h of the same name count as one file.
includes() {
	(cd tools/vmxsim && awk -F '"' '/^#include "/ {
		from = FILENAME; to = $2
		sub(/^\.\//, "", from); sub(/\.[ch]$/, "", from); sub(/\.h$/, "", to)
		if (from != to)
			print from, to
	}' ./*/*.[ch])
}

# The linker only checks symbols, and only between folders, so includes are checked here.
one_way() {
	wrong=0
	includes | tsort >/dev/null || wrong=1
	for pair in $(includes | sed 's|/[^ ]*||g; s/ /:/' | sort -u); do
		needs=$(make -s -C tools/vmxsim "needs-${pair%:*}")
		case " $needs " in
		*" ${pair#*:} "*) ;;
		*)
			echo "${pair%:*} includes of ${pair#*:}"
			wrong=1
			;;
		esac
	done
	for header in tools/vmxsim/*/*.h; do
		[ -e "${header%.h}.c" ] || {
			echo "$header has no .c of its name"
			wrong=1
		}
	done
	return $wrong
}

check "vmxsim: folders and files depend on each other one way" one_way
check "mutations: each has a suite, and changes its file" tests/mutate/run --check
