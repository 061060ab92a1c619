#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2086 # options are several words
# What the program prints in a pipe and on a terminal, whatever the language and the character set. What
# it prints otherwise is in tests/unit/transcripts.
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
	limit ipc 10
}

shows_on_a_terminal() {
	run_terminal "'$NSLS' --color=never --procfs '$world' $1"
}

a_terminal_gets_the_overview_and_a_pipe_the_flat_list() { # fact
	shows_on_a_terminal '-t net,uts'
	prints <<-END
		NS           NPROCS PID USER COMMAND
		net (2)           3
		├─4026531833      1   1 root init
		└─4026532001      2   8 root web-server
		uts (2)           3
		├─4026531838      3   1 root init
		└─4026532002      0          fd 1:3
	END
	succeeds -t uts
	prints <<-END
		        NS TYPE NPROCS PID USER COMMAND
		4026531838 uts       3   1 root init
		4026532002 uts       0
	END
}

is_as_wide_as_the_terminal() {
	[ "$(wc -L <out)" -le 80 ] || no 'a line is longer than the terminal'
}

a_name_is_kept_at_the_cost_of_a_command_up_to_a_third_of_the_width() { # fact
	echo '0::/system.slice/a-service-with-quite-a-long-name-here.service' >"$world/8/cgroup"
	process 10 1 "$(printf '%0300d' 7)"
	member 10 net 4026532004
	echo "0::/system.slice/docker-84b8394540fb$(printf '%052d' 7).scope" >"$world/10/cgroup"
	shows_on_a_terminal '-t net'
	has_line ' root docker 84b8394540fb +0{20,}'
	has_line ' root a-service-with-quite-a-… +web-server$'
	is_as_wide_as_the_terminal
	succeeds -t net
	has_line ' 0{299}7 '
}

how_many_hold_a_namespace_is_never_cut() { # fact
	long=$(printf '%060d' 7)
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo "3$i 1 0:4 net:[4026532003] /run/netns/$long$i rw - nsfs nsfs rw"
	done >"$world/1/mountinfo"
	shows_on_a_terminal '-t net -W'
	has_line ' 12 holders: mount /run'
	is_as_wide_as_the_terminal
	shows_on_a_terminal '-t net -u'
	has_line "12 holders: mount /run/netns/${long}1 "
}

# The small letter of I has no dot in Turkey, so to strcasecmp(3) "pid" is no "PID" there.
a_column_has_its_name_in_any_case() { # fact
	succeeds -t uts -n -o pid,Initial
	has_line '^ *1 true$'
}

# In Germany, numbers have a comma there.
a_percentage_has_a_point() { # fact
	succeeds -s -J -t ipc
	has_json '.types[0]["use%"] == 0'
	succeeds -s -r -n -t ipc -o USE%
	has_line '^0\.0%$'
}

a_hostile_name_spoils_nothing() { # fact
	# shellcheck disable=SC1003 # the backslash is part of the name
	process 12 1 "$(printf 'a) b\n\033[31m\377\302\233\342\200\256"\\')"
	member 12 net 4026532003
	succeeds -J -t net
	iconv -f UTF-8 -t UTF-8 out >/dev/null || no 'not UTF-8'
	has_json '.namespaces[2].command == "a) b\n\u001b[31m\\xff\\xc2\\x9b\u202e\"\\"'
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

# has_colors WHETHER COLORS
has_colors() {
	if grep -q "$(printf '\033')" out; then seen=yes; else seen=no; fi
	[ "$seen" = "$1" ] || no "$2: colors: $seen"
}

# What else decides is in test_plan.c.
colors_are_for_terminals_by_default() { # fact
	succeeds
	has_colors no 'a pipe'
	succeeds --color
	has_colors yes 'a pipe with --color'
	for case in yes: no:NO_COLOR=1; do
		run_terminal "${case#*:} TERM=xterm '$NSLS' --procfs '$world'"
		has_colors "${case%%:*}" "a terminal $case"
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

# What stands in for it is not to be had from /dev: a chroot need not have that.
a_closed_standard_input_or_error_does_no_harm() { # fact
	for closed in '<&-' '2>&-'; do
		run_traced -f -o /dev/null -P /dev/null -e inject=openat:error=ENOENT \
			sh -c "exec \"\$0\" --procfs \"\$1\" -c $closed" "$NSLS" "$world"
		has_status 0
		has_line '^10$'
		is_silent
	done
}

a_pipe_without_a_reader_ends_it_without_a_message() { # fact
	mkfifo pipe
	true <pipe &
	# The reader is gone once this open and wait are through.
	exec 7>pipe
	wait $!
	run_redirected '>&7'
	has_status 141 # by SIGPIPE
	is_silent
	trap '' PIPE # ignored, also by what is run
	run_redirected '>&7'
	has_status 2
	is_silent
}

columns_are_listed_as_json_and_as_raw_lines() { # fact
	succeeds -H -J
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
	NAME|/8>, "cgroup|-r
	END
}

a_name_costs_one_control_group_of_each_process_that_is_shown() { # fact
	reads '/[0-9]>, "cgroup' -T=type
	[ "$(grep -c '/[0-9]>, "cgroup"' trace)" -eq 2 ] || no "not two are read: $(grep cgroup trace)"
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
	for options in '' -P -s -T -T=type -T=process "-p $$" --output-all /proc/self/ns/net; do
		run -J $options
		has_status 0
		reports_only_that_it_is_incomplete
		has_json 'type == "object"'
	done
	has_json --argjson pid $$ 'any(.holders[]; .kind == "process" and .pid == $pid)'
}

run_facts
