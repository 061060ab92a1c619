# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the tests of the program share: facts, runs of nsls, and small worlds in a plain directory.
# A test script sources this with the environment that CMakeLists.txt sets:
#   NSLS         the program, or one that runs it
#   NSLS_BINARY  the program itself
#   NSLS_SOURCE  the source tree
#   NSLS_KEEP_JSON  where to keep JSON, which is judged by its schemas once all tests have run
# and perhaps, by in_locale:
#   NSLS_CHARMAP the character set that nsls writes in

: "${NSLS:?the program}" "${NSLS_BINARY:=$NSLS}" "${NSLS_SOURCE:?the source tree}"
LC_ALL=C.UTF-8
export LC_ALL
unset NO_COLOR COLUMNS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
facts=0
skipped=0
failed=0

# A script that reads a world makes it here.
set_up() { :; }

# A fact is a function with a sentence as its name and "# fact" behind its brace. It runs in a subshell
# with a world of its own, which the script's set_up has made. Its first failing command, or "no TEXT",
# makes the fact false; "skip TEXT" skips it.
fact() {
	facts=$((facts + 1))
	mkdir "$work/fact"
	# Not as a condition: the shell would ignore -e inside.
	(
		set -e
		cd "$work/fact"
		set_up
		"$1"
	) >"$work/log" 2>&1
	result=$?
	if [ "$result" -eq 0 ]; then
		printf 'ok - %s\n' "$1"
	elif [ "$result" -eq 77 ]; then
		printf 'skipped - %s\n' "$1"
		grep '^skip: ' "$work/log"
		skipped=$((skipped + 1))
	else
		printf 'not ok - %s\n' "$1"
		sed 's/^/# /' "$work/log"
		failed=1
	fi
	rm -rf "$work/fact"
}

# Runs all facts of the script, and ends it. Exit status: 0 if all were true, 1 if not, 77 if all were
# skipped.
run_facts() {
	names=$(sed -n 's/^\([a-z0-9_]*\)() { # fact$/\1/p' "$0")
	for name in $names; do
		fact "$name"
	done
	[ "$facts" -gt 0 ] || no 'there is no fact'
	[ "$facts" -eq "$(grep -c '^[^#]*() *{ *# *fact' "$0")" ] || no 'not all facts were run'
	[ "$skipped" -lt "$facts" ] || exit 77
	exit "$failed"
}

# manual: writes the pages of the manual, one after the other, to the file $man.
man=$work/manual
manual() {
	cat "$NSLS_SOURCE"/man/*.[578] >"$man"
}

# extract_examples: the commands of the manual, in literal displays and lines of their own, as numbered
# files: manual.1, and json.1 where JSON follows.
extract_examples() {
	awk '
		/^\.Ed/ { inside = 0 }
		sub(/^\.Dl # /, "# ") { kind = "line" }
		(inside && kind) || /^# / {
			gsub(/\\\(aq/, "\047"); gsub(/\\-/, "-"); gsub(/\\e/, "\\")
			if (/^# /) { n++; kind = "manual"; sub(/^# /, "") }
			else if (/^{/) kind = "json"
			print > (kind "." n)
		}
		/^\.Bd -literal/ { inside = 1; kind = "" }' "$man"
}

# program LINE...: makes these lines of sh the nsls of this fact, first in $PATH.
program() {
	mkdir -p bin
	printf '%s\n' '#!/bin/sh' "$@" >bin/nsls
	chmod +x bin/nsls
	PATH=$PWD/bin:$PATH
}

# program_on_world: nsls itself, on the world.
program_on_world() {
	program "exec '$NSLS' --procfs '$world' \"\$@\""
}

skip() {
	printf 'skip: %s\n' "$*"
	exit 77
}

# needs COMMAND ARG...: skips the fact unless this command, which does what the fact builds on, succeeds.
needs() {
	"$@" >/dev/null 2>needs_err || skip "$* failed: $(head -n 1 needs_err)"
}

no() {
	printf '%s\n' "$*"
	if [ -e err ]; then
		printf 'status %s, standard error:\n' "${status-}"
		head -c 2000 err
		printf 'standard output:\n'
		head -c 2000 out
	fi
	exit 1
}

# keep FILE: keeps a copy for the schemas, if it is JSON.
keep() {
	if [ -n "${NSLS_KEEP_JSON-}" ] && [ "$(head -c 1 "$1")" = '{' ]; then
		cp "$1" "$(mktemp "$NSLS_KEEP_JSON/cli.XXXXXX")"
	fi
}

# run_command COMMAND ARG...: its output is then in the files out and err, its exit status in $status.
run_command() {
	status=0
	"$@" >out 2>err </dev/null || status=$?
}

# run_traced ARG...: runs strace(1) so. A leak checker traces the process itself, which the kernel grants
# to one at a time.
run_traced() {
	run_command env ASAN_OPTIONS=detect_leaks=0 strace "$@"
}

# run ARG...: runs nsls so.
run() {
	run_command "$NSLS" "$@"
	keep out
}

# words_for ARG...: the words, one a line, that the error message about these arguments offers after "are".
words_for() {
	run "$@"
	sed -n 's/.* are //p' err | tr -d , | tr ' ' '\n'
}

# run_redirected REDIRECTION ARG...: runs it on the world, with that redirection of the shell.
run_redirected() {
	redirection=$1
	shift
	run_command sh -c "exec \"\$0\" \"\$@\" $redirection" "$NSLS" --procfs "$world" "$@"
}

# succeeds ARG...: runs it on the world, without an error or a warning.
succeeds() {
	run --procfs "$world" "$@"
	has_status 0
	is_silent
}

# start COMMAND...: starts it in the background, and waits until it writes to ./ready. It reads ./end,
# which ends with this fact, however that happens, so that nothing is left behind.
start() {
	mkfifo ready end
	exec 8<>end
	"$@" 2>start_err 8<&- &
	started=$!
	[ "$(timeout 30 head -n 1 ready)" = ready ] || no "$1 did not start: $(cat start_err)"
}

# stop: ends what was started.
stop() {
	exec 8<&-
	wait
}

# run_terminal COMMAND: runs a shell command on a terminal of 80 columns; out has what it showed.
run_terminal() {
	script -qec "stty cols 80; $1" /dev/null </dev/null | tr -d '\r' >out
	: >err
}

has_status() {
	[ "$status" -eq "$1" ] || no "the exit status should be $1"
}

is_silent() {
	[ ! -s err ] || no 'standard error should be empty'
}

prints_nothing() {
	[ ! -s out ] || no 'standard output should be empty'
}

# Even root can't read all of some systems: one line may report that.
reports_only_that_it_is_incomplete() {
	if grep -v -e '^nsls: incomplete: ' -e '^nsls: note: ' -e '^nsls: cannot check ' err; then
		no 'standard error should be empty'
	fi
	[ "$(grep -c '^nsls: incomplete: ' err)" -le 1 ] || no 'more than one line is about the system'
}

# prints_error EXPRESSION: standard error is one line that begins with the program's name and matches.
prints_error() {
	[ "$(wc -l <err)" -eq 1 ] || no 'standard error should be one line'
	grep -q '^nsls: ' err || no 'the line should begin with "nsls: "'
	grep -qE -e "$1" err || no "the line should match: $1"
}

# Where the character set has no lines to draw with, libsmartcols takes others.
in_charmap() {
	case ${NSLS_CHARMAP-UTF-8} in
	UTF-8) cat ;;
	*) sed 's/├─/|-/g; s/└─/`-/g; s/│ /| /g; s/…/.../g' ;;
	esac
}

# has_json ARG...: of what is printed, jq(1) with these makes true.
has_json() {
	[ "$(jq "$@" out)" = true ] || no "the output should be JSON with: $*"
}

# The whole of standard output is what follows on standard input.
prints() {
	in_charmap >expected
	sed 's/ *$//' out >got
	diff -u expected got || no 'another output was expected'
}

# By bytes: nsls may write in another character set than that of the tests.
has_line() {
	LC_ALL=C grep -aqE -e "$(printf %s "$1" | in_charmap)" out || no "a line of the output should match: $1"
}

has_no_line() {
	! LC_ALL=C grep -aE -e "$1" out || no "no line of the output should match: $1"
}

# Where the world of a fact is.
world=$work/fact/world

# Types of namespaces, in the order of the initial instances: the first is mnt:[4026531832].
types='mnt net time cgroup pid user uts ipc'

# process PID PPID COMMAND: one in the initial namespaces, but for those of member().
process() {
	mkdir -p "$world/$1/ns" "$world/$1/fd" "$world/$1/task"
	ino=4026531832
	for type in $types; do
		ln -s "$type:[$ino]" "$world/$1/ns/$type"
		ino=$((ino + 1))
	done
	printf '%s (x) S %s 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100\n' "$1" "$2" >"$world/$1/stat"
	printf 'Name:\tx\nUid:\t0\t0\t0\t0\nNSpid:\t%s\n' "$1" >"$world/$1/status"
	printf '%s\0' "$3" >"$world/$1/cmdline"
	: >"$world/$1/mountinfo"
}

# unreadable_process PID: one without readable namespaces.
unreadable_process() {
	mkdir "$world/$1"
	: >"$world/$1/ns"
}

# member PID TYPE INODE: makes the process a member of another instance.
member() {
	ln -sfn "$2:[$3]" "$world/$1/ns/$2"
}

# descriptor PID FD TARGET: gives the process an open descriptor.
descriptor() {
	ln -s "$3" "$world/$1/fd/$2"
}

# limit TYPE NUMBER
limit() {
	mkdir -p "$world/sys/user"
	echo "$2" >"$world/sys/user/max_$1_namespaces"
}
