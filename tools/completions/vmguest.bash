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
	2) vmguest raw 2>/dev/null | sed -n "s/^$2 //p" ;;
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
	export) echo --format --listen --textfile --help ;;
	watch) echo --interval --count --json --exec --help ;;
	doctor) echo --json --help ;;
	report) echo --active --move --json --help ;;
	heartbeat) echo --json --help ;;
	run) echo --timeout --name --on-expire --check --every --notify --help ;;
	*) echo --help ;;
	esac
}

# The value of an option: returns 0 if the word before is one that takes it.
_vmguest_value()
{
	case $1 in
	--on-expire) COMPREPLY=($(compgen -W "stop need-reset" -- "$2")) ;;
	--format) COMPREPLY=($(compgen -W "openmetrics prometheus" -- "$2")) ;;
	--textfile) COMPREPLY=($(compgen -f -- "$2")) ;;
	--check | --exec) COMPREPLY=($(compgen -c -- "$2")) ;;
	--listen | --max-age | --interval | --count | --delay | -d | -n | \
		--timeout | --name | --every | --move) COMPREPLY=() ;;
	*) return 1 ;;
	esac
}

_vmguest()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} first=2 words

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words="stat raw top export watch doctor report heartbeat rpc status load unload"
		COMPREPLY=($(compgen -W "$words --help --version" -- "$current"))
		return
	fi
	if [ "$command" = heartbeat ] && [ "${COMP_WORDS[2]}" = run ] &&
		[ "$COMP_CWORD" -gt 2 ]; then
		command=run
		first=3
	fi
	_vmguest_value "$previous" "$current" && return
	if [[ $current == -* ]]; then
		COMPREPLY=($(compgen -W "$(_vmguest_options "$command")" -- "$current"))
	elif [ "$command" = run ]; then
		COMPREPLY=($(compgen -c -- "$current"))
	else
		words=$(_vmguest_words "$command" $((COMP_CWORD - first)) "$previous")
		COMPREPLY=($(compgen -W "$words" -- "$current"))
		# Such as the parameters of load.
		[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace
	fi
} && complete -F _vmguest vmguest
