# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# awk -f report.awk [-v json=FILE] targets measurements: prints a table of the measurements
# with the targets that are met and missed, and writes the same to FILE as JSON.
#
# A measurement is: kernel <tab> transport <tab> row <tab> side <tab> metric <tab> value.

function column(key) { return key in value ? sprintf("%.5g", value[key]) : "-" }

function columns(place, side,	line, i) {
	line = sprintf("  %-42s %-13s", place, side)
	for (i = 1; i <= shown; i++)
		line = line sprintf(" %11s", column(place SUBSEP side SUBSEP show[i]))
	return line
}

# The metrics of a side that have no column in the table
function others(place, side,	list, i, text) {
	split(metrics[place, side], list, " ")
	for (i = 1; i in list; i++)
		if (!(list[i] in has_column))
			text = text " " list[i] "=" column(place SUBSEP side SUBSEP list[i])
	return text
}

function judge(place, metric, side, op, factor, other,	a, b, met) {
	if (!((place SUBSEP side SUBSEP metric) in value) ||
	    !((place SUBSEP other SUBSEP metric) in value))
		return
	a = value[place, side, metric]
	b = value[place, other, metric]
	met = op == "<" ? a < factor * b : a <= factor * b
	missed += !met
	judged++
	printf "  %-42s %s of %s %s %g x %s: %.5g / %.5g%s: %s\n", place, metric, side, op,
		factor, other, a, b, b ? sprintf(" = %.4g", a / b) : "", met ? "met" : "MISSED"
	verdicts = verdicts sprintf("%s\n{\"row\":\"%s\",\"place\":\"%s\",\"metric\":\"%s\"," \
		"\"side\":\"%s\",\"value\":%.10g,\"other\":\"%s\",\"other_value\":%.10g," \
		"\"op\":\"%s\",\"factor\":%g,\"met\":%s}", verdicts == "" ? "" : ",", row,
		place, metric, side, a, other, b, op, factor, met ? "true" : "false")
}

BEGIN {
	shown = split("median_ns p99_ns instructions hypercalls packets requests", show, " ")
	for (i = 1; i <= shown; i++)
		has_column[show[i]] = 1
	has_column["exits"] = 1
}

FNR == 1 { FS = ++file == 1 ? "|" : "\t"; $0 = $0 }
/^#/ { next }
file == 1 && $1 == "row" { row = $2; rows[++count] = row; title[row] = $3; next }
file == 1 { judgements[row] = judgements[row] substr($0, 7) "\n"; next }
{
	place = $1 " " $2
	if (!((row = $3, place) in seen)) {
		seen[row, place] = 1
		places[row] = places[row] place "\n"
	}
	if (!((row, place, $4) in seen)) {
		seen[row, place, $4] = 1
		sides[row, place] = sides[row, place] $4 "\n"
	}
	all[row, place, $4, $5] = $6
	of[row, place, $4] = of[row, place, $4] $5 " "
	measured = measured sprintf("%s\n{\"kernel\":\"%s\",\"transport\":\"%s\",\"row\":\"%s\"," \
		"\"side\":\"%s\",\"metric\":\"%s\",\"value\":%s}", measured == "" ? "" : ",",
		$1, $2, $3, $4, $5, $6)
}

# Copies the values of a row to the arrays that columns() and judge() use.
function take(row, place, side,	list, i) {
	metrics[place, side] = of[row, place, side]
	split(of[row, place, side], list, " ")
	for (i = 1; i in list; i++)
		value[place, side, list[i]] = all[row, place, side, list[i]]
	if ((place SUBSEP side SUBSEP "hypercalls") in value)
		value[place, side, "exits"] = value[place, side, "hypercalls"] + value[place, side, "packets"]
}

END {
	for (r = 1; r <= count; r++) {
		row = rows[r]
		n = split(places[row], at, "\n") - 1
		if (n < 1)
			continue
		split("", value)
		printf "\n%s: %s\n  %-42s %-13s", row, title[row], "kernel, transport", "side"
		for (i = 1; i <= shown; i++)
			printf " %11s", show[i]
		print ""
		for (p = 1; p <= n; p++) {
			m = split(sides[row, at[p]], name, "\n") - 1
			for (s = 1; s <= m; s++) {
				take(row, at[p], name[s])
				print columns(at[p], name[s]) others(at[p], name[s])
			}
		}
		k = split(judgements[row], rule, "\n") - 1
		for (j = 1; j <= k; j++) {
			split(rule[j], f, "|")
			for (p = 1; p <= n; p++)
				judge(at[p], f[1], f[2], f[3], f[4], f[5])
		}
	}
	printf "\n%d targets judged, %d missed\n", judged, missed
	if (json != "")
		printf "{\"measurements\":[%s],\n\"targets\":[%s]}\n", measured, verdicts >json
}
