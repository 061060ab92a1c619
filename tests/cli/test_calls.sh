#!/bin/sh
# SPDX-License-Identifier: MIT
# The program by which tests run nsls kills it at a system call that is not allowed. Each fact runs
# another program in place of nsls: first with allowed calls only, then with a forbidden one.
# shellcheck disable=SC2317 # run_facts calls facts by name
. "$(dirname "$0")/lib.sh"

set_up() {
	: # no world is read
}

# lets COMMAND ARG...: its calls are in the list.
lets() {
	NSLS_PROGRAM=$(command -v "$1")
	shift
	export NSLS_PROGRAM
	run "$@"
	[ "$status" -ne 77 ] || skip "$(cat err)"
	has_status 0
}

# kills COMMAND ARG...: SIGSYS ends it.
kills() {
	NSLS_PROGRAM=$(command -v "$1")
	shift
	export NSLS_PROGRAM
	run "$@"
	has_status 159
}

starts_no_program() { # fact
	lets env
	kills env true
}

enters_no_namespace() { # fact
	lets nsenter --version
	kills nsenter --net=/proc/self/ns/net
	kills unshare --user
}

writes_no_file() { # fact
	lets touch --version
	kills touch file
	[ ! -e file ] || no 'the file was made'
}

run_facts
