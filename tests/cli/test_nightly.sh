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
	recipe=$PWD/$(grep -l 'mv today yesterday' ./*.command)
	mkdir nights
	program_on_world
}

# prints_instead STATUS: nsls prints standard input and exits with that status.
prints_instead() {
	cat >json
	program "cat '$PWD/json'; exit $1"
}

# night: runs the recipe where the nights are kept.
night() {
	cd nights
	run_command sh "$recipe"
	mv out err ..
	cd ..
}

# reports TEXT: the next night, the recipe prints this.
reports() {
	night
	has_status 0
	is_silent
	printf '%b' "$1" | diff - out || no 'another report was expected'
}

# reports_one NAMESPACE: the next night, the recipe prints one line, which begins so.
reports_one() {
	night
	has_status 0
	is_silent
	[ "$(wc -l <out)" -eq 1 ] || no 'one line was expected'
	has_line "^$1	"
}

a_leak_is_reported_once_be_it_of_the_first_night_or_later() { # fact
	reports_one 'net	4026532001'
	descriptor 8 4 'uts:[4026532002]'
	reports_one 'uts	4026532002'
	reports ''
}

a_namespace_that_loses_its_last_process_is_reported() { # fact
	process 9 1 vpn
	member 9 net 4026532001
	reports ''
	rm -r "${world:?}/9"
	reports_one 'net	4026532001'
}

a_leak_that_comes_back_after_a_night_is_reported_again() { # fact
	night
	rm "$world/8/fd/3"
	reports ''
	descriptor 8 3 'net:[4026532001]'
	reports_one 'net	4026532001'
}

# namespace INODE ID PID: one of a net namespace that a descriptor holds.
namespace() {
	echo "{\"ns\": $1, \"type\": \"net\", \"id\": $2, \"holders\": [{\"kind\": \"fd\", \"pid\": $3}]}"
}

answer() {
	printf '{"complete": true, "notes": [], "namespaces": [%s]}\n' "$1"
}

an_inode_number_that_is_used_again_is_recognised_by_the_id() { # fact
	answer "$(namespace 4026532001 71 8)" | prints_instead 0
	reports 'net\t4026532001\t71\n'
	answer "$(namespace 4026532001 72 8)" | prints_instead 0
	reports 'net\t4026532001\t72\n'
}

a_namespace_with_an_id_may_change_its_holder() { # fact
	answer "$(namespace 4026532001 71 8)" | prints_instead 0
	night
	answer "$(namespace 4026532001 71 9)" | prints_instead 0
	reports ''
}

without_an_id_another_holder_is_another_namespace() { # fact
	night
	rm "$world/8/fd/3"
	process 9 1 vpn
	descriptor 9 3 'net:[4026532001]'
	reports_one 'net	4026532001'
	has_line '"pid":9'
}

ids_begin_anew_with_each_boot() { # fact
	echo 11111111-1111-1111-1111-111111111111 >boot_id
	sed "s,/proc/sys/kernel/random/boot_id,$PWD/boot_id," "$recipe" >changed
	! cmp -s changed "$recipe" || no 'the recipe should read the id of the boot'
	recipe=$PWD/changed
	answer "$(namespace 4026532001 71 8)" | prints_instead 0
	night
	echo 22222222-2222-2222-2222-222222222222 >boot_id
	reports 'net\t4026532001\t71\n'
}

# keeps_yesterday STATUS: the night fails with the status, silently but for standard error.
keeps_yesterday() {
	cp nights/yesterday before
	night
	has_status "$1"
	prints_nothing
	cmp before nights/yesterday || no 'the list of yesterday is lost'
}

a_night_that_fails_or_is_incomplete_is_not_fine_and_keeps_the_list() { # fact
	night
	descriptor 8 4 'uts:[4026532002]'
	for bad in 2 3 139; do
		answer '' | prints_instead "$bad"
		keeps_yesterday "$bad"
	done
	for bad in 2 127; do # without an object; and the status of a shell for a missing program
		: | prints_instead "$bad"
		keeps_yesterday "$bad"
	done
	program_on_world
	reports_one 'uts	4026532002'
}

an_incomplete_answer_is_an_error_that_names_what_is_missing() { # fact
	night
	unreadable_process 9
	keeps_yesterday 5
	grep -q '^nsls: incomplete: could not read' err || no 'what is missing?'
	grep -q '^jq: error.*incomplete' err || no 'and so there is no report'
}

an_answer_that_is_cut_off_is_an_error_and_keeps_the_list() { # fact
	night
	printf '{"complete": true, "names' | prints_instead 0
	cp nights/yesterday before
	night
	[ "$status" -ne 0 ] || no 'jq should have failed'
	cmp before nights/yesterday
}

a_report_that_could_not_be_written_is_repeated() { # fact
	[ -w /dev/full ] || no 'there is no /dev/full'
	rm "$world/8/fd/3"
	night
	descriptor 8 3 'net:[4026532001]'
	(cd nights && sh "$recipe") >/dev/full 2>err && no 'the report could not be written'
	reports_one 'net	4026532001'
}

run_facts
