#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2086 # options are several words
# What the program prints, in each view and format, of worlds of which the test made every process.
. "$(dirname "$0")/lib.sh"

# A web server with a network namespace of its own and a worker in that; its UTS namespace is kept
# only by a descriptor of init.
set_up() {
	process 1 0 init
	process 8 1 web-server
	process 9 8 worker
	member 8 net 4026532001
	member 9 net 4026532001
	descriptor 1 3 'uts:[4026532002]'
	limit net 10
}

a_pipe_gets_the_flat_list() { # fact
	succeeds
	prints <<-END
		        NS TYPE   NPROCS PID USER COMMAND
		4026531835 cgroup      3   1 root init
		4026531839 ipc         3   1 root init
		4026531832 mnt         3   1 root init
		4026531833 net         1   1 root init
		4026532001 net         2   8 root web-server
		4026531836 pid         3   1 root init
		4026531834 time        3   1 root init
		4026531837 user        3   1 root init
		4026531838 uts         3   1 root init
		4026532002 uts         0
	END
}

a_terminal_gets_the_overview() { # fact
	run_terminal "'$NSLS' --color=never --procfs '$world' -t net,uts"
	prints <<-END
		NS           NPROCS PID USER COMMAND
		net (2)           3
		├─4026531833      1   1 root init
		└─4026532001      2   8 root web-server
		uts (2)           3
		├─4026531838      3   1 root init
		└─4026532002      0          fd 1:3
	END
}

nothing_is_cut_off_without_a_terminal() { # fact
	long=$(printf '%0300d' 7)
	process 12 1 "$long"
	member 12 ipc 4026532003
	succeeds -l
	cp out long
	run_terminal "'$NSLS' -l --procfs '$world'"
	cp out cut
	run_terminal "'$NSLS' -l -u --procfs '$world'"
	cp out uncut
	grep -q "$long" long || no 'a pipe should get the whole'
	! grep -q "$long" cut || no 'a terminal of 80 columns should not'
	[ "$(awk '{ if (length > n) n = length } END { print n }' cut)" -le 80 ] ||
		no 'a line is longer than the terminal'
	tr -d '\n' <uncut | grep -q "$long" || no '--notruncate should show the whole'
}

# valid KEY ARG...: JSON with an array of that name, of objects that all have the same keys, with
# what is known of its completeness, and valid UTF-8.
valid() {
	key=$1
	shift
	run --procfs "$world" "$@"
	has_status 0
	iconv -f UTF-8 -t UTF-8 out >/dev/null || no "not UTF-8: $*"
	has_json --arg key "$key" 'keys_unsorted == ["complete", "notes", $key] and
		.complete == true and .notes == [] and (.[$key] | type == "array" and length > 0 and
		(map(del(.children) | keys) | unique | length == 1))'
}

every_view_is_valid_json() { # fact
	for columns in -J --output-all; do # -J again is no other option
		for options in '' '-t net' -P '-p 9' -T=type -T=owner -T=parent -T=process; do
			valid namespaces -J "$columns" $options
		done
		valid types -J "$columns" -s
		valid holders -J "$columns" 4026532001
		valid holders -J "$columns" 4026532001 4026532002
		valid holders -J "$columns" -T 4026532001
	done
}

json_is_typed() { # fact
	succeeds -J -t net,uts --output-all
	has_json '.namespaces | map(select(.ns == 4026532002)) == [.[-1]] and (.[-1] |
		.nprocs == 0 and .pid == null and .user == null and .command == null and
		.pids == [] and .fds == [{pid: 1, tid: null, fd: 3}] and .mounts == [] and
		.holders == [{kind: "fd", pid: 1, tid: null, fd: 3, mount: null, mntns: null, hns: null}] and
		.pns == null and .ons == null and .id == null and .netnsid == null and
		.initial == false)'
	has_json '.namespaces[1] | .pids == [8,9] and .pid == 8 and .ppid == 1 and .uid == 0 and
		.type == "net" and .nthreads == 2'
	succeeds -J -s -t net,uts
	has_json '.types == [
		{type: "net", count: 2, nprocs: 3, persistent: 0, used: null, atleast: true,
			user: null, limit: 10, "use%": null},
		{type: "uts", count: 2, nprocs: 3, persistent: 1, used: null, atleast: true,
			user: null, limit: null, "use%": null}]'
	succeeds -J -s -t ipc -o USED,ATLEAST,USER
	has_json '.types == [{used: 0, atleast: false, user: null}]'
	succeeds -J -s --scan fds,mounts -t ipc -o USED,ATLEAST,USER
	has_json '.types == [{used: null, atleast: true, user: null}]'
	succeeds -J -s --by user
	has_json '.types == []'
}

a_hostile_name_spoils_nothing() { # fact
	# shellcheck disable=SC1003 # the backslash is part of the name
	process 12 1 "$(printf 'a) b\n\033[31m\377\302\233\342\200\256"\\')"
	printf '12 (a) b\n\377) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100\n' >"$world/12/stat"
	member 12 net 4026532003
	valid namespaces -J -t net
	has_json '.namespaces[2].command == "a) b\n\u001b[31m\\xff\\xc2\\x9b\u202e\"\\"'
	valid holders -J 4026532003
	has_json '.holders[0].ppid == 1'
	# What is no text in UTF-8 may be so elsewhere, but for the control characters.
	case ${NSLS_CHARMAP-UTF-8} in
	UTF-8) high='\200-\377' rest='\\xff\\xc2\\x9b\\xe2\\x80\\xae' ;;
	*) high='\240-\377' rest='(\\xff|.)(\\xc2|.)\\x9b(\\xe2|.)\\x80(\\xae|.)' ;;
	esac
	for format in -l -r -T=type; do
		succeeds "$format" -t net
		[ "$(tr -d '\n' <out | LC_ALL=C tr -d "\040-\176$high" | wc -c)" -eq 0 ] ||
			no 'control characters in the output'
		has_line "a\\).*b\\\\x0a\\\\x1b\\[31m$rest"
		[ "$(wc -l <out)" -le 5 ] || no 'too many lines'
	done
	LC_ALL=C
	succeeds -l -t net
	[ "$(LC_ALL=C tr -d '\012\040-\176' <out | wc -c)" -eq 0 ] || no 'not ASCII'
}

# colors EXPECTED: whether the output has escape sequences.
colors() {
	if grep -q "$(printf '\033')" out; then seen=yes; else seen=no; fi
	[ "$seen" = "$1" ] || no "$case: colors: $seen"
}

colors_are_for_terminals_by_default() { # fact
	for case in no: yes:--color=always yes:--color 'no:-J --color=always'; do
		succeeds ${case#*:}
		colors "${case%%:*}"
	done
	for case in 'yes:' 'no:--color=never' 'yes:--color=auto' 'no:-J' 'no:-r'; do
		run_terminal "TERM=xterm '$NSLS' --procfs '$world' ${case#*:}"
		colors "${case%%:*}"
	done
}

no_color_is_honoured_without_color_always() { # fact
	for case in no:1: yes:: yes:1:--color=always; do
		value=${case#*:}
		run_terminal "NO_COLOR=${value%:*} TERM=xterm '$NSLS' ${value#*:} --procfs '$world'"
		colors "${case%%:*}"
	done
}

a_full_disk_and_a_closed_standard_output_are_noticed() { # fact
	for option in --help --version --list-columns -l -s -J -c 4026532001; do
		run_redirected '>/dev/full' "$option"
		has_status 2
		prints_error 'No space left'
		run_redirected '>&-' "$option"
		has_status 2
		prints_error 'standard output is closed'
	done
}

a_closed_standard_input_or_error_does_no_harm() { # fact
	for closed in '<&-' '2>&-'; do
		run_redirected "$closed" -c
		has_status 0
		has_line '^10$'
	done
}

a_pipe_without_a_reader_ends_it_without_a_message() { # fact
	mkfifo pipe
	true <pipe &
	# The reader is gone once this open and wait are through.
	exec 7>pipe
	wait $!
	run_redirected '>&7'
	exec 7>&-
	[ "$status" -eq 141 ] || [ "$status" -eq 2 ] || no 'SIGPIPE or status 2 was expected'
	is_silent
}

columns_are_listed_as_json_and_as_raw_lines() { # fact
	succeeds -H -J
	has_json '.columns | length > 30 and all(.name and .type and .description and .views)'
	has_json '.columns[] | select(.name == "USE%") | .type == "number" and .views == ["summary"]'
	has_json '.columns[] | select(.name == "FDS") |
		.type == "array-object" and .views == ["overview", "list", "holders", "mounts"]'
	has_json '.columns[] | select(.name == "COUNT") | .views == ["overview", "summary"]'
	has_json '.columns[] | select(.name == "KIND") | .views == ["holders"]'
	jq -r '.columns[].name' out >names
	[ "$(sort names | uniq -d)" = '' ] || no 'a column comes twice'
	succeeds -H -r
	[ "$(head -n 1 out)" = 'NAME TYPE VIEWS DESCRIPTION' ] || no 'the first line should name the fields'
	awk 'NF != 4 { exit 1 }' out || no 'every line should have four fields'
	has_line '^NPROCS number overview,list,holders,containers,summary,mounts number\\x20of\\x20'
	run -n -H -r
	cut -d' ' -f1 out | diff names -
}

# reads PATTERN ARG...: whether a run opens a file of the world that matches: 'DIRECTORY>, "FILE'.
reads() {
	pattern=$1
	shift
	run_traced -f -y -e trace=openat -o trace "$NSLS" --procfs "$world" "$@"
	has_status 0
	grep -q "world$pattern\"," trace
}

what_is_not_shown_is_not_read() { # fact
	while IFS='|' read -r column file options; do
		for option in -c -q -s "-c -o $column" "-q -o $column" ${options:+"$options"}; do
			! reads "$file" $option || no "$option reads $file"
		done
		reads "$file" -o "$column" || no "$column is shown without $file"
	done <<-'END'
	START|>, "stat|-l
	START|>, "stat|-c -T
	COMMAND|/8>, "cmdline|
	USER|/8>, "status|
	END
}

help_version_and_columns_need_no_procfs() { # fact
	for option in -h --help -V --version -H --list-columns; do
		run --procfs /nonexistent "$option"
		has_status 0
		is_silent
		[ -s out ] || no "$option prints nothing"
	done
	run --version
	has_line '^nsls [0-9]+\.[0-9]+\.[0-9]+$'
	has_line '^libsmartcols [0-9.]+, built with [0-9.]+, with(out)? --filter$'
	has_line '^libmount [0-9.]+, built with [0-9.]+$'
	has_line '^json-c ([0-9.]+, built with [0-9.]+|is missing)'
	has_line '^features:( filter| json-c| bpf| static| none)+$'
	has_line '^compiled by [A-Za-z]+ [0-9.]+, [A-Za-z]+'
}

# By the guidelines of monitoring plugins: no rule was judged, so nothing is OK.
help_and_version_are_unknown_to_a_monitoring_system() { # fact
	for option in -h -V -H; do
		run --warning 'net<=500' "$option"
		has_status 3
		run "$option" --critical 'net<=500'
		has_status 3
	done
}

the_real_system_is_listed_in_every_view() { # fact
	for options in '' -s -T -T=type -T=process '-t net' -P '-p self' --output-all; do
		[ "$options" != '-p self' ] || options="-p $$"
		run -J $options
		has_status 0
		reports_only_that_it_is_incomplete
		has_json 'type == "object"'
		iconv -f UTF-8 -t UTF-8 out >/dev/null
	done
	run -J /proc/self/ns/net
	has_status 0
	has_json --argjson pid $$ 'any(.holders[]; .kind == "process" and .pid == $pid)'
}

run_facts
