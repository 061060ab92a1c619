#!/bin/sh
# SPDX-License-Identifier: MIT
# The program by which tests run nsls kills it at a system call that is not allowed. Each fact runs
# another program in place of nsls: first with allowed calls only, then with a forbidden one.
. "$(dirname "$0")/lib.sh"

# ends STATUS COMMAND ARG...: 0 of one with calls in the list, and 159 of one that SIGSYS ends.
ends() {
	wanted=$1
	NSLS_PROGRAM=$(command -v "$2")
	shift 2
	export NSLS_PROGRAM
	run "$@"
	[ "$status" -ne 77 ] || skip "$(cat err)"
	has_status "$wanted"
}

starts_no_program() { # fact
	ends 0 env
	ends 159 env true
}

enters_no_namespace() { # fact
	ends 0 nsenter --version
	ends 159 nsenter --net=/proc/self/ns/net
	ends 159 unshare --user
}

writes_no_file() { # fact
	ends 0 touch --version
	ends 159 touch file
	[ ! -e file ] || no 'the file was made'
}

run_facts
