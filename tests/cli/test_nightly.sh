#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual's recipe for a nightly report of new namespaces without a process: it reports a leak
# once, and no failure, incomplete answer or reboot hides one.
# shellcheck disable=SC2317 # run_facts calls facts by name
. "$(dirname "$0")/lib.sh"

manual

# The display of the manual that has the recipe, and the program under its own name on a world.
set_up() {
	process 1 0 init
	process 8 1 monitor
	awk '/^\.Bd -literal/ { inside = 1; block = ""; next }
		/^\.Ed/ { inside = 0 }
		inside {
			gsub(/\\\(aq/, "\047"); gsub(/\\e/, "\\"); sub(/^# /, "")
			block = block $0 "\n"
			if (/mv today yesterday/) printf "%s", block
		}' "$man" >recipe
	[ -s recipe ] || no 'the manual has no such recipe'
	mkdir bin nights
	printf '#!/bin/sh\nexec "%s" --procfs "%s" "$@"\n' "$NSLS" "$world" >bin/nsls
	chmod +x bin/nsls
}

# prints_instead STATUS: nsls prints standard input and exits with that status.
prints_instead() {
	cat >json
	printf '#!/bin/sh\ncat ../json\nexit %s\n' "$1" >bin/nsls
}

# night: runs the recipe where the nights are kept.
night() {
	status=0
	(cd nights && PATH=$PWD/../bin:$PATH sh ../recipe) >out 2>err || status=$?
}

reports() {
	has_status 0
	is_silent
	printf '%b' "$1" | diff - out || no 'another report was expected'
}

a_leak_between_two_nights_is_reported_once() { # fact
	descriptor 8 3 'net:[4026532001]'
	night
	descriptor 8 4 'uts:[4026532002]'
	night
	has_line '^uts	4026532002	'
	[ "$(wc -l <out)" -eq 1 ] || no 'one line was expected'
	night
	reports ''
}

the_first_night_reports_all() { # fact
	descriptor 8 3 'net:[4026532001]'
	night
	has_status 0
	is_silent
	has_line '^net	4026532001	'
}

a_namespace_that_loses_its_last_process_is_reported() { # fact
	process 9 1 vpn
	member 9 net 4026532001
	descriptor 8 3 'net:[4026532001]'
	night
	reports ''
	rm -r "${world:?}/9"
	night
	has_line '^net	4026532001	'
}

a_leak_that_comes_back_after_a_night_is_reported_again() { # fact
	descriptor 8 3 'net:[4026532001]'
	night
	rm "$world/8/fd/3"
	night
	reports ''
	descriptor 8 3 'net:[4026532001]'
	night
	has_line '^net	4026532001	'
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
	night
	reports 'net\t4026532001\t71\n'
	answer "$(namespace 4026532001 72 8)" | prints_instead 0
	night
	reports 'net\t4026532001\t72\n'
}

a_namespace_with_an_id_may_change_its_holder() { # fact
	answer "$(namespace 4026532001 71 8)" | prints_instead 0
	night
	answer "$(namespace 4026532001 71 9)" | prints_instead 0
	night
	reports ''
}

without_an_id_another_holder_is_another_namespace() { # fact
	descriptor 8 3 'net:[4026532001]'
	night
	rm "$world/8/fd/3"
	process 9 1 vpn
	descriptor 9 3 'net:[4026532001]'
	night
	has_line '^net	4026532001	.*"pid":9'
}

ids_begin_anew_with_each_boot() { # fact
	echo 11111111-1111-1111-1111-111111111111 >boot_id
	sed "s,/proc/sys/kernel/random/boot_id,$PWD/boot_id," recipe >changed
	! cmp -s changed recipe || no 'the recipe should read the id of the boot'
	mv changed recipe
	answer "$(namespace 4026532001 71 8)" | prints_instead 0
	night
	echo 22222222-2222-2222-2222-222222222222 >boot_id
	night
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
	descriptor 8 3 'net:[4026532001]'
	night
	cp bin/nsls nsls
	descriptor 8 4 'uts:[4026532002]'
	for bad in 2 3 139; do
		answer '' | prints_instead "$bad"
		keeps_yesterday "$bad"
	done
	: | prints_instead 2 # not even an object
	keeps_yesterday 2
	: | prints_instead 127 # the status of a shell for a missing program
	keeps_yesterday 127
	cp nsls bin/nsls
	night
	has_line '^uts	4026532002	'
	[ "$(wc -l <out)" -eq 1 ] || no 'the other one was reported before'
}

an_incomplete_answer_is_an_error_that_names_what_is_missing() { # fact
	night
	mkdir "$world/9"
	: >"$world/9/ns" # which can't be read
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
	night
	descriptor 8 3 'net:[4026532001]'
	(cd nights && PATH=$PWD/../bin:$PATH sh ../recipe) >/dev/full 2>err &&
		no 'the report could not be written'
	night
	has_line '^net	4026532001	'
}

run_facts
