# SPDX-License-Identifier: MIT
# From the lines that measure prints, tables in Markdown. A time is the median of the runs. A ratio,
# "nsls / floor", is the median over the rounds of one run against the other of the same round, so
# that what else the machine did meanwhile is in both; processor time suffers least from it. With
# fewer than three such rounds, as of lsns on large loads, it is the ratio of the medians.
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
	took[key, $3, 0] = $4
	took[key, $3, 1] = $5
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

# The time of a command, or of the processor, or a ratio of two. 0 where there is none.
function measured(load, what, cpu,    part, ratio, a, b, i, n) {
	ratio = split(what, part, " / ") > 1
	a = load SUBSEP part[1]
	b = ratio ? load SUBSEP part[2] : a
	for (i = 0; i < rounds[a]; i++)
		if ((a, i, cpu) in took && (b, i, cpu) in took)
			value[++n] = took[a, i, cpu] / (ratio ? took[b, i, cpu] : 1)
	if (ratio && n && n < 3)
		return measured(load, part[1], cpu) / measured(load, part[2], cpu)
	return n ? median(n) : 0
}

function ms(x) {
	return !x ? "-" : x < 1000 ? sprintf(x < 10 ? "%.1f ms" : "%.0f ms", x) : sprintf("%.2f s", x / 1000)
}

function times(x) {
	return !x ? "-" : sprintf(x < 10 ? "%.2f" : "%.0f", x)
}

function cell(load, what,    cpu) {
	cpu = sub(/ in CPU time$/, "", what)
	return what ~ " / " ? times(measured(load, what, cpu)) : ms(measured(load, what, cpu))
}

function thousands(n) {
	return n < 1000 ? n : int(n / 1000) "," sprintf("%03d", n % 1000)
}

function of_load(load) {
	return load + 0 ? thousands(load) " processes" : "3,000 threads of one process"
}

# A ratio, if there is one, and what it should be: "at most" or "at least" something.
function target(load, ratio, limit, wanted,    had) {
	had = measured(load, ratio, 0)
	if (had)
		printf "| `%s`, %s | %s %s | %s | %s | %s |\n", ratio, of_load(load), limit, wanted, times(had),
			cell(load, ratio " in CPU time"),
			(limit == "at least" ? had >= wanted : had <= wanted) ? "yes" : "no"
}

function print_sizes(    n, what, i, k, rule) {
	n = split("nsls,nsls --jobs=1,nsls --bpf,floor,lsns,nsls / floor,nsls / floor in CPU time," \
		"nsls / nsls --jobs=1,floor / floor 1,lsns / nsls,nsls / nsls --bpf," \
		"nsls / nsls --bpf in CPU time,lsns / nsls --bpf", what, ",")
	printf "| processes |"
	for (k = 1; k <= n; k++) {
		printf " %s |", what[k]
		rule = rule " ---: |"
	}
	print "\n| ---: |" rule
	for (i = 1; i <= sizes; i++) {
		printf "| %s |", thousands(size[i])
		for (k = 1; k <= n; k++)
			printf " %s |", cell(size[i], what[k])
		print ""
	}
	if (sizes > 1)
		printf "\n%s times as many processes (%s, not %s) take nsls %s times the CPU time, the floor %s, lsns %s.\n",
			times(size[sizes] / size[1]), thousands(size[sizes]), thousands(size[1]),
			growth("nsls --jobs=1"), growth("floor 1"), growth("lsns")
}

function growth(command,    from) {
	from = measured(size[1], command, 1)
	return times(from ? measured(size[sizes], command, 1) / from : 0)
}

function print_targets() {
	print "\n| ratio | target | measured | in CPU time | kept |\n| --- | ---: | ---: | ---: | --- |"
	target(middle, "nsls / floor", "at most", 1.1)
	if (jobs > 1)
		target(middle, "nsls / nsls --jobs=1", "at most", 0.75)
	target(10000, "lsns / nsls", "at least", 10)
	target(30000, "lsns / nsls", "at least", 30)
	target(middle, "nsls -c -t net --scan processes / nsls", "at most", 0.33)
	target("threads", "nsls / lsns", "at most", 2)
	target(middle, "nsls --bpf / nsls", "at most", 0.25)
	target(10000, "lsns / nsls --bpf", "at least", 40)
	target(30000, "lsns / nsls --bpf", "at least", 150)
	target("threads", "nsls --bpf / lsns", "at most", 1)
}

# Everything that was run, to read by hand.
function print_runs(load,    i, command) {
	printf "\n| %s | runs | time | CPU time | peak KiB | lines | / nsls |\n", of_load(load)
	print "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
	for (i = 1; i <= commands[load]; i++) {
		command = name[load, i]
		printf "| %s | %d | %s | %s | %d | %d | %s |\n", command, rounds[load, command],
			cell(load, command), cell(load, command " in CPU time"), peak[load, command],
			lines[load, command], cell(load, command " / nsls")
	}
}

END {
	printf "Measured on %s: %s, %d of %d processors used, Linux %s; %s. 1%% of the processes are in namespaces of their own.\n\n",
		date, machine ? machine : "an unknown processor", jobs, processors, kernel, lsns ? lsns : "no lsns"
	print_sizes()
	print_targets()
	for (i = 1; i <= sizes; i++)
		print_runs(size[i])
	print_runs("threads")
	for (key in failed) {
		split(key, part, SUBSEP)
		printf "\n%s, load %s: %s.\n", part[2], part[1],
			failed[key] == 14 ? "took longer than a load may" : "failed, status " failed[key]
	}
}
