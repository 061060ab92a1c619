#!/bin/sh
# SPDX-License-Identifier: MIT
# Whose namespaces are: names from control groups and mount points, in each view, and what stands
# above the holders of a namespace on a terminal.
# shellcheck disable=SC2317 # facts are called by name
. "$(dirname "$0")/lib.sh"

id=84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7ce

# group PID PATH
group() {
	printf '0::%b\n' "$2" >"$world/$1/cgroup"
}

# Init, a container and a service that holds a descriptor; nobody is in the IPC namespace that it
# holds, nor in the network namespace that is mounted.
set_up() {
	process 1 0 init
	process 8 1 web-server
	process 9 1 holder
	group 1 /init.scope
	group 8 "/system.slice/docker-$id.scope"
	group 9 /system.slice/system-my\\\\x2djob.slice/my-job@a.service
	member 8 net 4026532001
	descriptor 9 3 'ipc:[4026532002]'
	mkdir -p "$world/self/ns"
	ln -s "mnt:[$(first mnt)]" "$world/self/ns/mnt"
	echo holder >"$world/9/comm"
	echo '30 1 0:4 net:[4026532003] /run/netns/blue rw - nsfs nsfs rw' >"$world/1/mountinfo"
}

succeeds() {
	run --procfs "$world" "$@"
	has_status 0
	is_silent
}

shows_on_a_terminal() {
	run_terminal "'$NSLS' --color=never --procfs '$world' $1"
}

the_overview_names_what_has_a_name() {
	shows_on_a_terminal '-t net,ipc'
	prints <<-END
		NS           NPROCS PID USER NAME                COMMAND
		ipc (2)           3
		├─4026531839      3   1 root                     init
		└─4026532002      0          my-job@a.service    fd 9:3 (holder)
		net (3)           3
		├─4026531833      2   1 root                     init
		├─4026532001      1   8 root docker 84b8394540fb web-server
		└─4026532003      0          netns blue          mount /run/netns/blue
	END
}

a_terminal_loses_no_room_to_names_that_do_not_exist() {
	shows_on_a_terminal '-t uts'
	has_line '^NS +NPROCS PID USER COMMAND *$'
}

a_command_gives_way_to_a_name_but_no_name_takes_more_than_a_third() {
	group 8 /system.slice/a-service-with-quite-a-long-name-here.service
	process 10 1 "$(printf '%0300d' 7)"
	member 10 net 4026532004
	group 10 "/system.slice/docker-$id.scope"
	shows_on_a_terminal '-t net'
	has_line ' root docker 84b8394540fb +0{20,}'
	has_line ' root a-service-with-quite-a-… +web-server$'
	[ "$(wc -L <out)" -le 80 ] || no 'a line is longer than the terminal'
}

how_many_hold_a_namespace_is_never_cut() {
	long=$(printf '%060d' 7)
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo "3$i 1 0:4 net:[4026532003] /run/netns/$long$i rw - nsfs nsfs rw"
	done >"$world/1/mountinfo"
	shows_on_a_terminal '-t net -W'
	has_line ' 12 holders: mount /run/net'
	[ "$(wc -L <out)" -le 80 ] || no 'a line is longer than the terminal'
	run_terminal "'$NSLS' --color=never -u --procfs '$world' -t net"
	has_line "12 holders: mount /run/netns/${long}1\$"
}

a_file_has_the_same_columns_whatever_is_found() {
	succeeds 4026532001
	has_line '^HOLDER +PID PPID USER COMMAND$'
	succeeds
	has_line '^ *NS TYPE +NPROCS PID USER COMMAND$'
}

a_terminal_is_told_about_a_namespace_before_its_holders() {
	shows_on_a_terminal 'net:[4026532001]'
	prints <<-END
		net:[4026532001]
		  name     docker 84b8394540fb
		  initial  no
		  members  1 process

		HOLDER  PID PPID USER NAME                COMMAND
		process   8    1 root docker 84b8394540fb web-server

		To release it:
		  end process 8
	END
	shows_on_a_terminal '4026532001 4026532002'
	[ "$(grep -c '^  members ' out)" -eq 2 ] || no 'each namespace should have a head'
}

scripts_get_the_holders_alone() {
	for words in '-n' '-l' '-J' '-r' '-o PID' '-c'; do
		shows_on_a_terminal "$words 4026532001"
		has_no_line 'members'
	done
	run_terminal "'$NSLS' --procfs '$world' 4026532001 | cat"
	has_no_line 'members'
}

# hostile PATH: no row but that of process 8 says another thing, and no byte reaches a terminal.
hostile() {
	group 8 "$1"
	for words in '-t net' '-r -t net' '-T type -t net' '4026532001'; do
		# shellcheck disable=SC2086 # the options are words
		succeeds $words -o PID,NAME,UNIT,CGROUP,CONTAINER
		[ "$(grep -c . out)" -eq "$(wc -l <out)" ] || no 'a row is empty'
		! grep -q "$(printf '\033')" out || no 'an escape reached the output'
	done
	succeeds -r -n -t net -o NS,NAME,UNIT
	grep -v ^4026532001 out >got
	printf '%s\n' '4026531833  init.scope' '4026532003 netns\x20blue ' | diff - got
	succeeds -J -o NS,NAME,CGROUP
	jq -e '.namespaces | map(select(.name == "netns blue")) | length == 1' out
	jq -e '.namespaces | length == 11' out
	shows_on_a_terminal '-t net'
	has_line '^├─4026531833      2   1 root '
	shows_on_a_terminal '4026532001'
	! grep -q "$(printf '\033')" out || no 'an escape reached the terminal'
}

a_hostile_control_group_changes_no_other_row() {
	hostile '/a\n0::/system.slice/sshd.service\n4026531833 9 x'
	hostile '/\0033]0;owned\0007\0033[2J\0377.service'
	hostile "/$(printf '%04096d' 0).service"
	hostile "/system.slice/docker-${id}0.scope"
	hostile "/system.slice/docker-${id%?}.scope"
	hostile ''
	: >"$world/8/cgroup"
	succeeds -t net -o NS,NAME
	rm "$world/8/cgroup"
	succeeds -t net -o NS,NAME
	mkfifo "$world/8/cgroup"
	succeeds -t net -o NS,NAME
}

ids_are_whole_where_there_is_room() {
	succeeds -n -t net -o CONTAINER
	has_line '^84b8394540fb$'
	succeeds -n -t net -o CONTAINER -u
	has_line "^$id\$"
	succeeds -J -t net -o CONTAINER
	jq -e --arg id "$id" '.namespaces | map(.container) == [null, $id, null]' out
}

# Names cost one file of each shown process, where they are shown.
# The link to a namespace, which has the same name, leads nowhere in this world.
control_groups_read() {
	grep 'cgroup"' calls | grep -c ' = [0-9]'
}

a_control_group_is_read_once_and_only_for_names() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat,openat2 -o calls "$NSLS" --procfs "$world" -l >/dev/null
	[ "$(control_groups_read)" -eq 0 ] || no 'a control group was read for nothing'
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat,openat2 -o calls "$NSLS" --procfs "$world" -T type >/dev/null
	[ "$(control_groups_read)" -eq 3 ] || no 'three were to be read, each once'
}

fact the_overview_names_what_has_a_name
fact a_terminal_loses_no_room_to_names_that_do_not_exist
fact a_command_gives_way_to_a_name_but_no_name_takes_more_than_a_third
fact how_many_hold_a_namespace_is_never_cut
fact a_file_has_the_same_columns_whatever_is_found
fact a_terminal_is_told_about_a_namespace_before_its_holders
fact scripts_get_the_holders_alone
fact a_hostile_control_group_changes_no_other_row
fact ids_are_whole_where_there_is_room
fact a_control_group_is_read_once_and_only_for_names
done_testing
