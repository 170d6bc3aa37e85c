# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Completion of vmguest for bash.

# Statistics and their groups, as sysfs names them.
_vmguest_statistics()
{
	(cd /sys/class/misc/vmguestlib 2>/dev/null &&
		printf '%s\n' cpu mem host session_id elapsed_ms resource_pool_path \
			cpu/* mem/* host/*)
}

# Names of extended statistics, by the host.
_vmguest_raw()
{
	case $1 in
	0) echo text json xml yaml ;;
	1) vmguest raw 2>/dev/null | cut -d' ' -f1 | sort -u ;;
	2) vmguest raw 2>/dev/null | awk -v kind="$2" '$1 == kind { print $2 }' ;;
	esac
}

# _vmguest_words COMMAND POSITION PREVIOUS-WORD: what may stand there, beside options.
_vmguest_words()
{
	case $1 in
	stat) _vmguest_statistics ;;
	raw) _vmguest_raw "$2" "$3" ;;
	load) modinfo -F parm vmguestlib 2>/dev/null | sed 's/:.*/=/' ;;
	heartbeat)
		case $2,$3 in
		0,*) echo run status list clear pause ;;
		1,clear) vmguest heartbeat list 2>/dev/null |
			awk '$3 == "expired" { print $1 }' ;;
		esac ;;
	esac
}

# _vmguest_options COMMAND
_vmguest_options()
{
	case $1 in
	stat) echo --json --max-age --help ;;
	top) echo -b --batch -d --delay -n --count --help ;;
	export) echo --collect --format --listen --textfile --help ;;
	watch) echo --interval --count --json --exec --help ;;
	doctor) echo --json --help ;;
	report) echo --active --move --json --help ;;
	heartbeat) echo --json --help ;;
	run) echo --timeout --name --name-after --on-expire --check --every --notify \
		--stop-signal --help ;;
	*) echo --help ;;
	esac
}

# _vmguest_reply CURRENT: the lines of standard input that continue it. They may be the
# host's, or another user's file: compgen -W would have the shell evaluate them, so that is
# left out, and what is put into the command line is quoted.
_vmguest_reply()
{
	local word quoted before=

	# The line editor replaces what follows the last colon only.
	[[ $COMP_WORDBREAKS != *:* || $1 != *:* ]] || before=${1%:*}:
	while IFS= read -r word; do
		[[ $word == "$1"* ]] || continue
		printf -v quoted %q "${word#"$before"}"
		COMPREPLY+=("$quoted")
	done
}

# _vmguest_list CURRENT WORD...
_vmguest_list()
{
	local current=$1

	shift
	_vmguest_reply "$current" < <(printf '%s\n' "$@")
}

# The value of an option: returns 0 if the word before is one that takes it.
_vmguest_value()
{
	case $1 in
	--on-expire) _vmguest_list "$2" stop need-reset ;;
	--format) _vmguest_list "$2" openmetrics prometheus ;;
	--collect) _vmguest_list "$2" resources vscsi vnet ;;
	--textfile) _vmguest_reply "$2" < <(compgen -f -- "$2") ;;
	--check | --exec) _vmguest_reply "$2" < <(compgen -c -- "$2") ;;
	--listen | --max-age | --interval | --count | --delay | -d | -n | \
		--timeout | --name | --name-after | --every | --stop-signal | --move) ;;
	*) return 1 ;;
	esac
}

_vmguest()
{
	local line=${COMP_LINE:0:COMP_POINT} words current position command first=2

	COMPREPLY=()
	# Words as typed, which may have colons.
	read -ra words <<<"$line"
	[[ $line != *[[:space:]] ]] || words+=("")
	position=$((${#words[@]} - 1))
	current=${words[position]}
	command=${words[1]}
	if [ "$position" = 1 ]; then
		_vmguest_list "$current" stat raw top export watch doctor report heartbeat rpc \
			status load unload --help --version
		return
	fi
	if [ "$command" = heartbeat ] && [ "${words[2]}" = run ] && [ "$position" -gt 2 ]; then
		command=run
		first=3
	fi
	_vmguest_value "${words[position - 1]}" "$current" && return
	if [[ $current == -* ]]; then
		_vmguest_reply "$current" < <(_vmguest_options "$command" | tr ' ' '\n')
	elif [ "$command" = run ]; then
		_vmguest_reply "$current" < <(compgen -c -- "$current")
	else
		_vmguest_reply "$current" < <(_vmguest_words "$command" \
			$((position - first)) "${words[position - 1]}" | tr ' ' '\n')
		# Such as the parameters of load.
		[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace
	fi
} && complete -F _vmguest vmguest
