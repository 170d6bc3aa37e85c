#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# vmguest export with Debian's Prometheus: promtool and node_exporter accept the metrics in all
# formats, and the alert rules work.
# Tier: more
set -u
root=${root:-$(readlink -f "$(dirname "$0")/../../..")}
cd "$root" || exit 1
. tests/lib/vmxsim.sh

# export_with OPTION...: runs vmguest export OPTION... in a guest. $work/out gets the output.
export_with() {
	run --fast-time --set vmxsim.pool.path='host/"a" pool\b' \
		--set vmxsim.host.allowHostInfo=TRUE \
		--set tools.guestlib.enableHostInfo=TRUE -- vmguest export "$@"
	expect "vmguest export $*: status" 0 "$status"
}

# samples FILE: prints the metrics that have no labels, with all values in one number format, so
# that the output for two files can be compared.
samples() {
	awk '/^(vmware|vmguestlib)_/ && !/{/ { print $1, $2 == "+Inf" ? $2 : $2 + 0 }' \
		"$1" | sort
}

test_promtool() {
	export_with --format prometheus
	cp "$work/out" "$work/vmware.prom"
	check "promtool accepts the Prometheus format" \
		sh -c "promtool check metrics <'$work/vmware.prom'"
	# promtool reports faults on standard error.
	prints "promtool reports nothing about the Prometheus format" "" cat \
		sh -c "promtool check metrics <'$work/vmware.prom' 2>&1"
	export_with
	# The parser of promtool for OpenMetrics accepts only samples with a time.
	awk '!/^#/ { $0 = $0 " 1700000000" } { print }' "$work/out" >"$work/openmetrics"
	check "promtool reads OpenMetrics" promtool tsdb create-blocks-from openmetrics \
		"$work/openmetrics" "$work/blocks"
	# Newer versions of promtool need a folder "data" in the current directory.
	mkdir -p "$work/blocks/wal" "$work/data"
	expect "promtool keeps every sample" "$(grep -vc '^#' "$work/openmetrics")" \
		"$(cd "$work" && promtool tsdb dump blocks | wc -l)"
	sed '/^# EOF/d' "$work/openmetrics" >"$work/cut"
	check "promtool refuses samples without their end" sh -c \
		"! promtool tsdb create-blocks-from openmetrics '$work/cut' '$work/cut.d'"
}

# scrape URL: waits until a server answers. $work/scraped gets the answer.
scrape() {
	for _ in $(seq 100); do
		busybox wget -q -O "$work/scraped" "$1" 2>/dev/null && return
		sleep 0.2
	done
	return 1
}

test_node_exporter() {
	mkdir "$work/textfile"
	cp "$work/vmware.prom" "$work/textfile/"
	port=$((20000 + $$ % 10000))
	prometheus-node-exporter --web.listen-address=127.0.0.1:$port \
		--collector.disable-defaults --collector.textfile \
		--collector.textfile.directory="$work/textfile" \
		2>"$work/exporter.log" &
	exporter=$!
	trap 'kill $exporter; rm -rf "$work"' EXIT
	check "node_exporter answers" scrape http://127.0.0.1:$port/metrics
	contains "node_exporter finds no fault" "node_textfile_scrape_error 0" \
		"$(grep '^node_textfile_scrape_error' "$work/scraped")"
	expect "node_exporter serves every sample" "$(samples "$work/vmware.prom")" \
		"$(samples "$work/scraped")"
	expect "node_exporter serves the samples with labels" "$(grep '^vm.*{' "$work/vmware.prom" | sort)" \
		"$(grep '^vm.*{' "$work/scraped" | sort)"
}

# The alert rules: their own tests, and Debian's Prometheus, which scrapes node_exporter.
test_rules() {
	rules=tools/vmguest/prometheus
	check "promtool takes the alert rules" promtool check rules $rules/vmguest.rules.yml
	check "the tests of the alert rules pass" promtool test rules $rules/vmguest.rules.test.yml
	sed 's/> 0.5/> 0.7/' $rules/vmguest.rules.yml >"$work/vmguest.rules.yml"
	cp $rules/vmguest.rules.test.yml "$work/"
	check "the tests of the alert rules fail with another threshold" sh -c \
		"! promtool test rules '$work/vmguest.rules.test.yml'"
	cat >"$work/prometheus.yml" <<-END
		global: {scrape_interval: 1s, evaluation_interval: 1s}
		rule_files: [$PWD/$rules/vmguest.rules.yml]
		scrape_configs:
		  - job_name: vmguest
		    static_configs: [{targets: ["127.0.0.1:$port"]}]
	END
	prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
		--web.listen-address=127.0.0.1:$((port + 1)) 2>"$work/prometheus.log" &
	prometheus=$!
	trap 'kill $exporter $prometheus; rm -rf "$work"' EXIT
	for _ in $(seq 100); do
		scrape "http://127.0.0.1:$((port + 1))/api/v1/rules" &&
			! grep -q '"health":"unknown"' "$work/scraped" && break
		sleep 0.2
	done
	expect "Prometheus has evaluated every rule" 6 \
		"$(grep -o '"health":"ok"' "$work/scraped" | wc -l)"
	for _ in $(seq 100); do
		scrape "http://127.0.0.1:$((port + 1))/api/v1/query?query=vmguestlib_vcpus"
		! grep -q '"result":\[\]' "$work/scraped" || {
			sleep 0.2
			continue
		}
		break
	done
	contains "Prometheus has the metrics by which the rules divide" '"__name__":"vmguestlib_vcpus"' \
		"$(cat "$work/scraped")"
}

test_promtool
test_node_exporter
test_rules
finish
