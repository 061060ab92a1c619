#!/bin/sh
# SPDX-License-Identifier: MIT
# Names from control groups and mount points: how wide they get on a terminal, and what is read.
. "$(dirname "$0")/lib.sh"

id=84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7ce

# group PID PATH
group() {
	printf '0::%b\n' "$2" >"$world/$1/cgroup"
}

# Init, a container and a service that holds a descriptor; the IPC namespace that it holds and
# the network namespace that is mounted have no member.
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

shows_on_a_terminal() {
	run_terminal "'$NSLS' --color=never --procfs '$world' $1"
}

a_name_is_kept_at_the_cost_of_a_command_up_to_a_third_of_the_width() { # fact
	group 8 /system.slice/a-service-with-quite-a-long-name-here.service
	process 10 1 "$(printf '%0300d' 7)"
	member 10 net 4026532004
	group 10 "/system.slice/docker-$id.scope"
	shows_on_a_terminal '-t net'
	has_line ' root docker 84b8394540fb +0{20,}'
	has_line ' root a-service-with-quite-a-… +web-server$'
	[ "$(wc -L <out)" -le 80 ] || no 'a line is longer than the terminal'
}

how_many_hold_a_namespace_is_never_cut() { # fact
	long=$(printf '%060d' 7)
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo "3$i 1 0:4 net:[4026532003] /run/netns/$long$i rw - nsfs nsfs rw"
	done >"$world/1/mountinfo"
	shows_on_a_terminal '-t net -W'
	has_line ' 12 holders: mount /run'
	[ "$(wc -L <out)" -le 80 ] || no 'a line is longer than the terminal'
	run_terminal "'$NSLS' --color=never -u --procfs '$world' -t net"
	has_line "12 holders: mount /run/netns/${long}1\$"
}

# Names cost one file of each shown process, where they are shown.
# The link to a namespace, which has the same name, leads nowhere in this world.
a_control_group_is_read_once_and_only_for_names() { # fact
	for case in '0 -r' '3 -T=type'; do
		run_traced -f -e trace=openat,openat2 -o calls "$NSLS" --procfs "$world" "${case#* }"
		n=$(grep 'cgroup"' calls | grep -c ' = [0-9]') || true
		[ "$n" -eq "${case% *}" ] || no "$n control groups were read: $case"
	done
}

run_facts
