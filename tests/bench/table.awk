# SPDX-License-Identifier: MIT
# From the lines that measure prints, tables in Markdown. A time is the median of the runs. A ratio
# is the median over the rounds of one run against the other of the same round, so that what else
# the machine did meanwhile is in both; processor time suffers least from it. With fewer than three
# such rounds, as of lsns on large loads, it is the ratio of the medians.
BEGIN { FS = "\t" }

# A run that failed or was ended (SIGALRM) is not measured.
{
	key = $1 SUBSEP $2
	if (!(key in order)) {
		order[key] = ++commands[$1]
		name[$1, commands[$1]] = $2
	}
}

$8 != 0 {
	if ($8 != 14 || $3 == 0)
		failed[key] = $8
	next
}

{
	rounds[key] = $3 + 1
	wall[key, $3] = $4
	cpu[key, $3] = $5
	if ($6 > peak[key])
		peak[key] = $6
	lines[key] = $7
	if ($1 + 0 && !seen[$1]++)
		size[++sizes] = $1
}

function median(n,    i, j, swap) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && value[j - 1] > value[j]; j--) {
			swap = value[j]
			value[j] = value[j - 1]
			value[j - 1] = swap
		}
	return n % 2 ? value[(n + 1) / 2] : (value[n / 2] + value[n / 2 + 1]) / 2
}

# 0 where there is none.
function time_of(load, command, cpu_time,    key, i, n) {
	key = load SUBSEP command
	for (i = 0; i < rounds[key]; i++)
		if ((key, i) in wall)
			value[++n] = cpu_time ? cpu[key, i] : wall[key, i]
	return n ? median(n) : 0
}

function ratio_of(load, a, b, cpu_time,    ka, kb, i, n) {
	ka = load SUBSEP a
	kb = load SUBSEP b
	for (i = 0; i < rounds[ka]; i++)
		if ((ka, i) in wall && (kb, i) in wall)
			value[++n] = cpu_time ? cpu[ka, i] / cpu[kb, i] : wall[ka, i] / wall[kb, i]
	if (n >= 3)
		return median(n)
	return n ? time_of(load, a, cpu_time) / time_of(load, b, cpu_time) : 0
}

function ms(x) {
	return !x ? "-" : x < 1000 ? sprintf(x < 10 ? "%.1f ms" : "%.0f ms", x) : sprintf("%.2f s", x / 1000)
}

function times(x) {
	return !x ? "-" : sprintf(x < 10 ? "%.2f" : "%.0f", x)
}

function threads() {
	return jobs == 1 ? "1 thread" : jobs " threads"
}

function thousands(n) {
	return n < 1000 ? n : int(n / 1000) "," sprintf("%03d", n % 1000)
}

# A ratio of two commands, and what it should be: "at most" or "at least" something, or nothing.
function target(what, load, a, b, limit, wanted,    had, kept) {
	had = ratio_of(load, a, b)
	if (limit && had)
		kept = (limit == "at least" ? had >= wanted : had <= wanted) ? "yes" : "no"
	if (had)
		printf "| %s | %s | %s | %s | %s |\n", what, limit ? limit " " wanted : "", times(had),
			times(ratio_of(load, a, b, 1)), kept
}

function print_sizes(    i, n) {
	printf "| processes | nsls, %s | nsls, 1 thread | nsls --bpf | floor, %s | lsns |", threads(), threads()
	printf " nsls / floor | in CPU time | nsls, %s / 1 | floor, %s / 1 |", threads(), threads()
	print " lsns / nsls | nsls / nsls --bpf | in CPU time | lsns / nsls --bpf |"
	printf "| ---:"
	for (i = 1; i < 14; i++)
		printf " | ---:"
	print " |"
	for (i = 1; i <= sizes; i++) {
		n = size[i]
		printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n",
			thousands(n), ms(time_of(n, "nsls")), ms(time_of(n, "nsls-1")),
			ms(time_of(n, "bpf")), ms(time_of(n, "floor")), ms(time_of(n, "lsns")),
			times(ratio_of(n, "nsls", "floor")), times(ratio_of(n, "nsls", "floor", 1)),
			times(ratio_of(n, "nsls", "nsls-1")), times(ratio_of(n, "floor", "floor-1")),
			times(ratio_of(n, "lsns", "nsls")), times(ratio_of(n, "nsls", "bpf")),
			times(ratio_of(n, "nsls", "bpf", 1)), times(ratio_of(n, "lsns", "bpf"))
	}
	if (sizes > 1)
		printf "\n%s times as many processes (%s, not %s) take nsls %s times the CPU time, the floor %s, lsns %s.\n",
			times(size[sizes] / size[1]), thousands(size[sizes]), thousands(size[1]),
			growth("nsls-1"), growth("floor-1"), growth("lsns")
}

function growth(command,    from, to) {
	from = time_of(size[1], command, 1)
	to = time_of(size[sizes], command, 1)
	return times(from ? to / from : 0)
}

function print_targets(    i, at) {
	at = " at " thousands(middle) " processes"
	print "\n| ratio | target | measured | in CPU time | kept |\n| --- | ---: | ---: | ---: | --- |"
	target("list / floor" at, middle, "nsls", "floor", "at most", 1.1)
	if (jobs > 1)
		target("list with " threads() " / 1" at, middle, "nsls", "nsls-1", "at most", 0.75)
	for (i = 1; i <= sizes; i++)
		if (size[i] == 10000 || size[i] == 30000)
			target("lsns / list at " thousands(size[i]) " processes", size[i], "lsns", "nsls",
				"at least", size[i] / 1000)
	target("`-c -t net --scan processes` / list" at, middle, "count", "nsls", "at most", 0.33)
	target("list / lsns with 3,000 threads in one process", "threads", "nsls", "lsns", "at most", 2)
	target("`--bpf` / list" at, middle, "bpf", "nsls", "at most", 0.25)
	for (i = 1; i <= sizes; i++)
		if (size[i] == 10000 || size[i] == 30000)
			target("lsns / `--bpf` at " thousands(size[i]) " processes", size[i], "lsns", "bpf",
				"at least", size[i] == 10000 ? 40 : 150)
	target("`--bpf` / lsns with 3,000 threads in one process", "threads", "bpf", "lsns", "at most", 1)
	target("`--output-all` / list" at, middle, "wide", "nsls")
	target("`--json` / list" at, middle, "json", "nsls")
}

# Everything that was run, to read by hand.
function print_runs(load,    i, command) {
	printf "\n| %s | runs | time | CPU time | peak KiB | lines | / nsls |\n", load + 0 ? thousands(load) " processes" : load
	print "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
	for (i = 1; i <= commands[load]; i++) {
		command = name[load, i]
		printf "| %s | %d | %s | %s | %d | %d | %s |\n", command, rounds[load, command],
			ms(time_of(load, command)), ms(time_of(load, command, 1)), peak[load, command],
			lines[load, command], times(ratio_of(load, command, "nsls"))
	}
}

END {
	printf "Measured on %s: %s, %d of %d processors used, Linux %s; %s. %s%% of the processes are in namespaces of their own%s.\n\n",
		date, machine ? machine : "an unknown processor", jobs, processors, kernel, lsns ? lsns : "no lsns", own,
		further ? "; further load: " further : ""
	print_sizes()
	print_targets()
	for (i = 1; views == "true" && i <= sizes; i++)
		print_runs(size[i])
	if (views == "true") {
		print_runs("threads")
		print_runs("views")
	}
	for (key in failed) {
		split(key, part, SUBSEP)
		printf "\n%s, load %s: %s.\n", part[2], part[1],
			failed[key] == 14 ? "took longer than a load may" : "failed, status " failed[key]
	}
}
