#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual's recipe for a nightly report of new namespaces without a process: it reports a leak
# once, and no failure, incomplete answer or reboot hides one.
. "$(dirname "$0")/lib.sh"

manual

set_up() {
	process 1 0 init
	process 8 1 monitor
	descriptor 8 3 'net:[4026532001]'
	extract_examples
	recipe=$PWD/$(grep -l 'mv today yesterday' ./manual.*)
	mkdir nights
	program_on_world
}

# prints_instead STATUS TEXT: nsls prints this and exits with that status.
prints_instead() {
	program "printf '%s' '$2'" "exit $1"
}

# answers ID PID: nsls finds net:[4026532001] with that id, which a descriptor of PID holds.
answers() {
	prints_instead 0 '{"complete": true, "notes": [], "namespaces": [{"ns": 4026532001, "type": "net",
		"id": '"$1"', "holders": [{"kind": "fd", "pid": '"$2"'}]}]}'
}

# night: runs the recipe where the nights are kept.
night() {
	cd nights
	run_command sh "$recipe"
	mv out err ..
	cd ..
}

# reports [START]: the next night, the recipe prints nothing, or one line, which begins so.
reports() {
	night
	has_status 0
	is_silent
	[ "$(wc -l <out)" -eq $# ] || no "the report should have $# lines"
	[ $# -eq 0 ] || has_line "^$(printf %b "$1")"
}

a_leak_is_reported_once_be_it_of_the_first_night_or_later() { # fact
	reports 'net\t4026532001\t'
	descriptor 8 4 'uts:[4026532002]'
	reports 'uts\t4026532002\t'
	reports
}

a_namespace_that_loses_its_last_process_is_reported() { # fact
	process 9 1 vpn
	member 9 net 4026532001
	reports
	rm -r "${world:?}/9"
	reports 'net\t4026532001\t'
}

a_leak_that_comes_back_after_a_night_is_reported_again() { # fact
	night
	rm "$world/8/fd/3"
	reports
	descriptor 8 3 'net:[4026532001]'
	reports 'net\t4026532001\t'
}

a_namespace_is_known_by_its_id_whatever_its_inode_number_and_holder() { # fact
	answers 71 8
	reports 'net\t4026532001\t71$'
	answers 71 9
	reports
	answers 72 9
	reports 'net\t4026532001\t72$'
}

without_an_id_another_holder_is_another_namespace() { # fact
	night
	rm "$world/8/fd/3"
	process 9 1 vpn
	descriptor 9 3 'net:[4026532001]'
	reports 'net\t4026532001\t.*"pid":9'
}

ids_begin_anew_with_each_boot() { # fact
	echo 11111111-1111-1111-1111-111111111111 >boot_id
	sed "s,/proc/sys/kernel/random/boot_id,$PWD/boot_id," "$recipe" >changed
	recipe=$PWD/changed
	answers 71 8
	night
	echo 22222222-2222-2222-2222-222222222222 >boot_id
	reports 'net\t4026532001\t71$'
}

# keeps_yesterday STATUS: the night fails with a status that matches, silently but for standard error.
keeps_yesterday() {
	cp nights/yesterday before
	night
	echo "$status" | grep -qx "$1" || no "the exit status should be $1"
	prints_nothing
	cmp before nights/yesterday || no 'the list of yesterday is lost'
}

a_night_that_fails_or_is_incomplete_is_not_fine_and_keeps_the_list() { # fact
	night
	descriptor 8 4 'uts:[4026532002]'
	for bad in 2 3 127 139; do # 127: the status of a shell for a missing program
		prints_instead "$bad" '{"complete": true, "notes": [], "namespaces": []}'
		keeps_yesterday "$bad"
		prints_instead "$bad" ''
		keeps_yesterday "$bad"
	done
	prints_instead 0 '{"complete": true, "names'
	keeps_yesterday '[1-9].*'
	program_on_world
	reports 'uts\t4026532002\t'
}

an_incomplete_answer_is_an_error_that_names_what_is_missing() { # fact
	night
	unreadable_process 9
	keeps_yesterday 5
	grep -q '^nsls: incomplete: could not read' err || no 'what is missing?'
	grep -q '^jq: error.*incomplete' err || no 'and so there is no report'
}

a_report_that_could_not_be_written_is_repeated() { # fact
	[ -w /dev/full ] || no 'there is no /dev/full'
	rm "$world/8/fd/3"
	night
	descriptor 8 3 'net:[4026532001]'
	(cd nights && sh "$recipe") >/dev/full 2>err && no 'the report could not be written'
	reports 'net\t4026532001\t'
}

run_facts
