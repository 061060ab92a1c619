#!/bin/sh
# SPDX-License-Identifier: MIT
# Real containers and sandboxes. Needs root, bwrap(1) and runc(8). Control groups and names of network
# namespaces without them are in tests/system/test_names.c.
. "$(dirname "$0")/lib.sh"

# Ids of 64 digits that no other run has. The 13th is known, so that another one begins no id.
id=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' | sed 's/./f/13')
short=$(printf %.12s "$id")

set_up() {
	needs unshare --mount --pid --fork --mount-proc mount -t tmpfs none /mnt
}

# run_here ARG...: like run, without the rest of the system.
run_here() {
	run --no-warnings "$@"
	has_status 0
	is_silent
}

a_sandbox_of_bubblewrap_is_one_line_with_all_that_it_has_to_itself() { # fact
	start bwrap --unshare-all --bind / / --proc /proc --die-with-parent \
		sh -c 'echo ready >ready; read -r line <end'
	# The process that signals readiness is inside. The one outside is bwrap itself.
	inside=$(cat "/proc/$started/task/$started/children")
	run_here -C -n -r -o OWN,SHARED -p "${inside% }"
	has_line '^cgroup,ipc,mnt,net,pid,user,uts time$'
	run_here -C -c -p "${inside% }"
	has_line '^1$'
	stop
}

# run_container CONTROL-GROUP: sleeps in a container of runc, whose state is below ./state.
run_container() {
	mkdir rootfs
	runc spec
	jq --arg group "$1" '.process.terminal = false | .process.args = ["sleep", "1000"] |
		.mounts += [("/bin", "/lib", "/lib64", "/usr") |
			select(. != "/lib64" or $lib64 == "yes") |
			{destination: ., source: ., type: "bind", options: ["rbind", "ro"]}] |
		.linux.namespaces |= map(select(.type != "cgroup")) | # which cgroup v2 alone gives it
		.linux.cgroupsPath = $group' \
		--arg lib64 "$([ -e /lib64 ] && echo yes)" config.json >config.new
	mv config.new config.json
	runc --root "$PWD/state" run -d --pid-file pid "nsls-$short" </dev/null >runc_out 2>&1 ||
		no "runc: $(cat runc_out)"
	trap 'stop; runc --root "$PWD/state" delete -f "nsls-$short"' EXIT
	pid=$(cat pid)
}

a_container_of_runc_has_the_name_in_its_control_group_and_is_found_by_its_id() { # fact
	run_container "/docker/$id"
	run_here -C -n -r -o NAME -p "$pid"
	has_line "^docker\\\\x20$short\$"
	[ "$(wc -l <out)" -eq 1 ] || no 'one line was expected'
	run_here -C -n -r -o RUNTIME,CONTAINER,COMMAND -p "$pid"
	has_line "^docker $id sleep\\\\x201000\$"
	run_here -n -r -o TYPE,NS --of "$short"
	for type in ipc mnt net pid uts; do
		has_line "^$type $(stat -Lc %i "/proc/$pid/ns/$type")\$"
	done
	has_no_line '^(user|time) '
	run_here -C -n -r -o PID --of "docker $short"
	has_line "^$pid\$"
	run --no-warnings --of "${short}0"
	has_status 2
}

a_shell_with_mounts_of_its_own_is_no_part_of_a_container() { # fact
	run_container "/docker/$id"
	cat >shell <<-END
		find /sys/fs/cgroup -path '*/docker/$id/cgroup.procs' >groups
		while read -r procs; do
			echo 0 >"\$procs"
		done <groups
		exec unshare -m nsenter -t $pid -u -i -n sh -c 'echo ready >ready; read -r line <end'
	END
	start sh shell
	run_here -C -n -r -o NAME,NPROCS --of "$short"
	[ "$(grep -c "^docker.x20$short 1\$" out)" -eq 2 ] || no 'two lines of that name were expected'
	run_terminal "'$NSLS' -C --no-warnings --color=never --of $short"
	has_line "^docker $short .* sleep 1000"
	has_line '^└─in another mnt, host'
}

run_facts
