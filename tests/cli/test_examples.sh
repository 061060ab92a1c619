#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs what the manual and the README show: every command of the pages, with the JSON that follows
# one compared by its keys, and the recipes of the README on a live network namespace. None of them
# may take an error for good news, or run what a container chose.
. "$(dirname "$0")/lib.sh"

manual
readme=$NSLS_SOURCE/README.md

# Most examples run on the real system. Those that need a complete answer run on a world of which there
# is one, and so do those with names, which it has: a service, a container, and the container's
# network namespace under the name that ip-netns(8) gave it.
container=418374e6d8e0
set_up() {
	program "exec '$NSLS' \${NSLS_WORLD:+--procfs \"\$NSLS_WORLD\"} \"\$@\""
	export NSLS_WORLD
	process 1 0 init
	process 8 1 nginx
	member 8 net 4026532001
	echo '0::/system.slice/nginx.service' >"$world/8/cgroup"
	process 9 1 httpd
	member 9 net 4026532002
	member 9 mnt 4026532003
	printf '0::/system.slice/docker-%s%052d.scope\n' "$container" 7 >"$world/9/cgroup"
	echo '30 1 0:4 net:[4026532002] /run/netns/blue rw - nsfs nsfs rw' >"$world/1/mountinfo"
	mkdir -p "$world/self/ns"
	cp -d "$world/1/ns/mnt" "$world/self/ns"
	extract
}

# Writes each command to a file: manual.1 and so on, readme.aa, and table.aa of the table of other commands;
# in the latter two with PIDs and names that exist here.
extract() {
	extract_examples
	{
		sed -n 's/^| .* | `\([^`]*nsls[^`]*\)` |$/\1/p' "$readme" | grep -v -e watch -e /host/ -e --monitor
		awk '/^```/ { inside = !inside && /^```sh/; if (inside) block++; next }
			inside && block > 2 && /^nsls/' "$readme"
	} | sed -e "s,1234,$$,g" -e "s,--of web,--of $container," -e "s,/dev/sdb1,/," -e "/--of default/d" |
		split -l 1 - readme.
	sed -n '/^\.Sh WHAT YOU KNOW/,/^\.Sh DIFFERENCES/s/^\.Dl //p' "$man" |
		sed -e "s,-p PID,-p $$," -e 's,/run/netns/NAME,/proc/self/ns/net,' \
			-e "s,INODE,$(stat -Lc %i /proc/self/ns/uts)," \
			-e 's, PID NAME$, PID blue,' -e 's, UNIT$, nginx.service,' -e "s, CONTAINER\$, $container," |
		split -l 1 - table.
	several 25 manual.*
	several 5 json.*
	several 25 readme.*
	several 8 table.*
}

# several NUMBER FILE...
several() {
	[ $# -gt "$1" ] || no "$*: too few were found"
}

# try COMMAND: runs a command as it is written. It succeeds, or reports by status 3 what is not visible here.
try() {
	NSLS_WORLD=
	case $1 in
	*--check*%*) ;; # only the kernel has the owners
	*nsls*' -C'* | *--check* | *--warning* | *--of* | *--kind* | *' blue'* | *'error("incomplete")'*) NSLS_WORLD=$world ;;
	esac
	run_command sh -c "$1"
	case $1 in *--strict* | *%*) [ "$status" -ne 3 ] || status=0 ;; esac
	[ "$status" -eq 0 ] || no "status 0 was expected: $1"
	reports_only_that_it_is_incomplete
	case $1 in *jq*) ;; *) keep out ;; esac
}

# The keys of the object, and of the first row of its array, in order.
shape='to_entries[] | .key, (.value | arrays | .[0] | objects | del(.children) | keys_unsorted[])'

every_example_of_the_manual_runs_and_prints_json_with_the_keys_that_follow_it() { # fact
	for command in manual.*; do
		json=json.${command#manual.}
		try "$(cat "$command")"
		[ -s "$json" ] || continue
		jq -r "$shape" out >real
		jq -r "$shape" "$json" >shown
		keep "$json"
		[ -s real ] || no "no output: $(cat "$command")"
		diff shown real || no "the manual shows other keys: $(cat "$command")"
	done
}

every_recipe_of_the_readme_runs() { # fact
	for command in readme.*; do
		try "$(cat "$command")"
	done
}

every_command_of_the_table_in_the_manual_runs() { # fact
	for command in table.*; do
		try "$(cat "$command")"
		[ -s out ] || no "no output: $(cat "$command")"
	done
}

# prints_fine STATUS CHECK: whether the check prints "fine" if nsls exits with STATUS.
prints_fine() {
	program "exit $1"
	sh "$2" | grep -q fine
}

no_health_check_calls_an_error_or_an_incomplete_answer_fine() { # fact
	grep -l fine manual.* readme.* >checks
	[ "$(wc -l <checks)" -ge 6 ] || no 'too few health checks were found'
	while read -r check; do
		prints_fine 0 "$check" || no "status 0 should be fine: $(cat "$check")"
		for bad in 1 2 3 139 127; do
			! prints_fine "$bad" "$check" || no "status $bad is not fine: $(cat "$check")"
		done
	done <checks
	! grep -nF -e '! nsls' -e 'if nsls' "$man" "$readme" || no 'an error would count as an answer'
}

# What a process calls itself, where it mounts a namespace, and the control group that it makes:
# escape sequences, DEL, C1 control characters, and such as hide or reorder what is around them.
set_up_hostile_world() {
	evil=$(printf 'evil\033]0;x\007\033[2J\r\010\177\302\233\342\200\256\342\200\213\303\251\233')
	process 10 1 "$evil" # which shares the network of the host
	member 10 uts 4026532006
	printf '%s\0' "$evil" "$evil" >"$world/9/cmdline"
	printf '9 (%.15s) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100\n' "$evil" >"$world/9/stat"
	printf '0::/lxc.payload.%s\n' "$evil" >"$world/9/cgroup"
	mkdir -p "$world/9/root"
	for netns in 4026532002 4026532009; do
		echo "31 1 0:4 net:[$netns] /run/$evil rw - nsfs nsfs rw"
	done >"$world/9/mountinfo"
	member 9 uts 4026532004
	descriptor 9 5 'uts:[4026532005]'
	: >"$world/8/cgroup"
	echo "32 1 0:4 net:[4026532010] /run/netns/$evil rw - nsfs nsfs rw" >>"$world/1/mountinfo"
	for type in $types; do
		limit "$type" 1
	done
}

# Control characters but line breaks and tabs, C1 in UTF-8 or alone, and what hides or reorders.
hostile='[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|(?<![\x80-\xff])[\x80-\xbf]'

no_recipe_passes_control_characters_of_others_to_the_terminal() { # fact
	set_up_hostile_world
	sed -i -e 's,/proc/self/ns/net,net:[4026532002],' -e 's,/proc/self/ns/mnt,mnt:[4026532003],' \
		-e 's,/proc/self/ns/uts,uts:[4026532005],' -e "s,\\(\$\$\|$$\),9,g" -e 's,>namespaces.json,,' \
		manual.* readme.* table.*
	NSLS_WORLD=$world
	shown=0
	for recipe in manual.* readme.* table.*; do
		sh "$recipe" >out 2>err </dev/null || true
		! grep -q evil out || shown=$((shown + 1))
		! LC_ALL=C grep -aqP "$hostile" out err || no "$(cat "$recipe")"
	done
	[ "$shown" -ge 15 ] || no "only $shown recipes have shown the hostile names"
}

nothing_documented_enters_a_mount_namespace_or_opens_a_root_of_others() { # fact
	"$NSLS" --help >help
	"$NSLS" --list-columns >columns
	! grep -nE 'nsenter[^`]* (-t|-m|-a|--target|--mount=|--all=)' "$man" "$readme" help columns ||
		no 'programs of a container would run'
	! grep -nE '(cd|cat|ls|chroot|stat) [^`]*/proc/[^ `]*/root' "$man" "$readme" help columns ||
		no 'files of a container would be opened'
	! grep -n 'umount.* -N' "$man" "$readme" help columns | grep -v 'umount -i -n -N' ||
		no 'umount needs -i and -n in a mount namespace of others'
}

# What root enters should not matter: its umount and the files of libmount are a trap.
the_command_for_a_mount_of_others_unmounts_it_and_runs_nothing_of_theirs() { # fact
	# By the mount namespace of a user namespace, as umount -N does.
	needs unshare -m true
	needs unshare -Urmn mount -t tmpfs none /mnt
	printf '#!/bin/sh\necho ran >"%s/ran"\n' "$PWD" >evil
	chmod +x evil
	cat >trap.sh <<-END
		set -e
		mount -t tmpfs tmpfs /mnt
		touch "/mnt/it's, here"
		mount --bind /proc/self/ns/net "/mnt/it's, here"
		mount --bind evil "$(command -v umount)"
		mount -t tmpfs tmpfs /run
		mkdir /run/mount
		echo "SRC=nsfs TARGET=/mnt/it's,\\040here ROOT=/ ATTRS=x" >/run/mount/utab
		ln -s "$PWD/written" /run/mount/utab.lock
		echo ready >ready
		read -r line <end
	END
	start unshare -Urmn sh trap.sh
	"$NSLS" -J -o RELEASE --kind mount "/proc/$started/ns/net" 2>err | jq -r '.holders[].release[]' >commands
	grep -q "umount -i -n -N $started" commands || no "$(cat commands)"
	grep -q /mnt/it "/proc/$started/mountinfo" || no 'the mount should be there'
	sh commands
	! grep /mnt/it "/proc/$started/mountinfo" || no 'the mount should be gone'
	[ ! -e ran ] || no 'the umount of the container was run'
	[ ! -e written ] || no 'a file that the container chose was written'
	stop
}

the_readme_has_two_commands_in_one_line_each() { # fact
	awk '/^```/ { inside = !inside && /^```sh/; if (inside) block++; next }
		inside && block <= 2 { lines[block]++ } END { exit lines[1] != 1 || lines[2] != 1 }' \
		"$readme" || no 'the first two blocks of the README should be single commands'
}

run_facts
