#!/bin/sh
# SPDX-License-Identifier: MIT
# Which capability shows what to an ordinary user: the table "Without root" of nsls(8), by source. The
# same namespace is looked for without a capability and with it.
# Usage: test_privileges.sh HOLD_SOCKET
. "$(dirname "$0")/lib.sh"

hold_socket=$1

set_up() {
	[ "$(id -u)" -eq 0 ] || skip 'this is not root'
	needs setpriv --reuid 65534 --inh-caps=-all,+sys_ptrace --ambient-caps=-all,+sys_ptrace true
	needs unshare --net true
	cp "$NSLS_BINARY" "$hold_socket" .
	chmod 755 "$work" "$work/fact"
}

# run_with CAPABILITIES ARG...: runs nsls as an ordinary user with these, such as +sys_ptrace.
run_with() {
	caps=-all${1:+,$1}
	shift
	run_command setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps="$caps" \
		--ambient-caps="$caps" ./nsls "$@"
	keep out
}

# takes KIND CAPABILITIES MORE ARG...: the answer has the namespace $inode only with more capabilities, and
# then with a holder of that kind.
takes() {
	kind=$1 without=$2 with=$2${2:+,}$3
	shift 3
	run_with "$with" -J -t uts -o NS,HOLDERS "$@"
	has_json --argjson ns "$inode" --arg kind "$kind" \
		'any(.namespaces[]; .ns == $ns and any(.holders[]; .kind == $kind))'
	run_with "$without" -J -t uts -o NS,HOLDERS "$@"
	has_json --argjson ns "$inode" 'all(.namespaces[]; .ns != $ns)'
}

# hold SCRIPT: runs it in a shell of root. It writes the inode of a namespace that it holds to the file
# "inode", which is then $inode, by ready_script.
hold() {
	cat >ready_script <<-'END'
		ls -Li "$1" | cut -d' ' -f1 >inode
		echo ready >ready
		exec cat <end
	END
	start sh -ec "$1"
	inode=$(cat inode)
}

members_take_cap_sys_ptrace() { # fact
	hold 'exec unshare --uts sh ready_script /proc/self/ns/uts'
	takes process '' +sys_ptrace --scan processes
	prints_error '\(permission denied\)(:|, such as) PID [0-9]+ \(.*; missing: CAP_SYS_PTRACE'
}

descriptors_take_cap_dac_read_search_too() { # fact
	# It returns to where it came from, with a descriptor of the namespace.
	hold 'exec 6</proc/self/ns/uts
		exec unshare --uts sh -c "exec 7</proc/self/ns/uts
			exec nsenter --uts=/proc/self/fd/6 sh ready_script /proc/self/fd/7"'
	takes fd +sys_ptrace +dac_read_search --scan processes,fds
	prints_error '; missing: CAP_DAC_READ_SEARCH'
}

# The namespace of the socket is read, although its process is a member and so no more is shown.
sockets_take_cap_net_admin_too() { # fact
	start unshare --net sh -c 'exec ./hold_socket <end >ready'
	run_with +sys_ptrace,+dac_read_search -c -t net --scan processes,sockets
	prints_error '; missing: CAP_NET_ADMIN'
	run_with +sys_ptrace,+dac_read_search,+net_admin -c -t net --scan processes,sockets
	! grep -E 'CAP_NET_ADMIN|sockets of' err || no 'not read with the capability'
}

mounts_elsewhere_take_cap_sys_ptrace() { # fact
	: >point
	hold 'exec unshare --mount sh -ec "unshare --uts mount --bind /proc/self/ns/uts point
		exec sh ready_script point"'
	takes mount '' +sys_ptrace --scan processes,mounts
}

what_the_kernel_lists_takes_cap_sys_admin() { # fact
	run -c --scan kernel
	! grep -q 'has no listns' err || skip 'this kernel has no listns(2)'
	run_with '' -c --scan kernel
	prints_error '; missing: CAP_SYS_ADMIN'
	run_with +sys_admin -c --scan kernel
	! grep CAP_SYS_ADMIN err || no 'missing, although it is there'
}

# line N PATTERN: whether line N of standard error matches.
line() {
	sed -n "$1p" err | grep -qxE "$2" || no "line $1 should match: $2"
}

# No other test makes time namespaces as an ordinary user.
no_container_found_without_privileges_is_reported() { # fact
	run_with '' -C -t time
	prints_nothing
	line 1 'nsls: no containers that you may see'
	line 2 'nsls: incomplete: .*; missing: CAP_SYS_PTRACE.*'
	run_with '' -C -t time -J
	prints_error 'incomplete'
	for option in -q --no-warnings; do
		run_with '' -C -t time "$option"
		is_silent
	done
	run -C -p 1
	! grep 'you may see' err || no 'root lacks nothing'
}

a_user_namespace_is_named_as_the_reason() { # fact
	needs unshare --user true
	run_command setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		unshare --user --map-root-user ./nsls -C -t time
	line 1 'nsls: no containers that you may see from this user namespace'
	line 2 '.*; missing: CAP_SYS_PTRACE.* in the initial user namespace \(nsls is in another one\)'
}

run_facts
