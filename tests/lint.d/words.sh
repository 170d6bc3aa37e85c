# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# lint: finds words that documentation, messages and comments must not use. The functions
# are called through check. Lists are meant to be split. tests/lint sets some of the variables.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317

# list FILE: prints the expressions of FILE, one per line. A space in an expression also
# matches an underscore, because the names of tests have underscores.
list() {
	awk -F '\t' '!/^#/ && NF { gsub(/ /, "[ _]", $1); print $1 }' "tests/lint.d/$1"
}

# words_of FILE...: prints "FILE:LINE TEXT" for each line with a word of the list. A word ends
# where its letters end, so that words in names_with_underscores are found as well.
words_of() {
	list words | sed 's/.*/(^|[^a-z])&([^a-z]|$)/' >"$out/words"
	list words.allowed >"$out/allowed"
	grep -niE -f "$out/words" /dev/null "$@" | sed 's/^\([^:]*:[0-9]*\):/\1 /' |
		grep -viE -f "$out/allowed"
}

# advised: prints each line that words_of has found, and below it what to write instead.
# Fails if there is such a line.
advised() {
	awk -F '\t' 'NR == FNR {
			if (!/^#/ && NF) {
				gsub(/ /, "[ _]", $1)
				word[++n] = "(^|[^a-z])" $1 "([^a-z]|$)"
				advice[n] = $2
			}
			next
		}
		{
			print
			line = tolower($0)
			sub(/^[^ ]* /, "", line)
			for (i = 1; i <= n; i++)
				if (line ~ word[i])
					print "\t-> " advice[i]
			found = 1
		}
		END { exit found }' tests/lint.d/words -
}

plain_english() {
	words_of $(tracked | grep -v '/corpus/\|^LICENSES/') | advised
}

# Checks that each word of the list is found, and that each exception is still needed.
finds_words() {
	printf '%s\n' 'a nobody b' 'asks_whom()' 'Who waits' 'the door=' 'his' 'for want of' \
		'it tells' 'is told' 'test_who_dies' >"$out/sample"
	[ "$(words_of "$out/sample" | wc -l)" = 9 ] || return 1
	words_of "$out/sample" | advised >"$out/advice" && return 1
	grep -q 'the noun with "that"' "$out/advice" || return 1
	list words | sed 's/.*/(^|[^a-z])&([^a-z]|$)/' >"$out/words"
	grep -niE -f "$out/words" /dev/null $(tracked | grep -v '/corpus/\|^LICENSES/') |
		sed 's/^\([^:]*:[0-9]*\):/\1 /' >"$out/all"
	list words.allowed | while read -r pattern; do
		grep -qiE -- "$pattern" "$out/all" || {
			echo "no line needs the exception: $pattern"
			return 1
		}
	done
}

# A report prints the name of a failed test without the tests before it. A name that begins
# with "and" or "it" would therefore not be clear.
whole_names() {
	none grep -nE '^[[:space:]]*[a-z_]+ "(and|but|it|its|which|whose|so|then) [^"]*" ' \
		$(tracked 'tests/guest/*.sh' 'tests/guest/*.suite' 'tests/unit/*.sh' tests/live)
}

check "words: the lint finds those of its list" finds_words
check "words: plain English in documentation, messages and comments" plain_english
check "words: the name of a test does not begin in the middle of a phrase" whole_names
