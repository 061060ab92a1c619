#!/bin/sh
# SPDX-License-Identifier: MIT
# Each mistake gets one line on standard error that names it, nothing on standard output and exit
# status 2. More of them are in tests/unit: test_options.c, and "errors" of the transcripts.
. "$(dirname "$0")/lib.sh"

set_up() {
	process 1 0 init
}

# wrong EXPRESSION ARG...: these arguments are an error, reported in one line that matches.
runner=run
wrong() {
	expression=$1
	shift
	"$runner" "$@"
	has_status 2
	prints_nothing
	prints_error "$expression"
}

a_wrong_word_is_named() { # fact
	wrong "'--bogus'" --bogus
	wrong "'-(é|\\\\xc3\\\\xa9)'" -s -lé # whole, or as bytes where the character set has none
	wrong "'bogus'" -q -t bogus # which hides warnings, not mistakes
	wrong '/nonexistent.*No such' -q --procfs /nonexistent
	wrong "'nobody/x.service'" --procfs "$world" --of nobody/x.service -C
}

a_process_that_does_not_exist_or_has_ended_is_named() { # fact
	# No process has the number that is one above the largest.
	pid=$(cat /proc/sys/kernel/pid_max)
	wrong "[^0-9]$pid .*/proc" -p "$pid"
	mkdir -p "$world/23/ns" # what is left of a process between its end and its directory's
	wrong '[^0-9]23 ' --procfs "$world" -p 23
}

a_wrong_rule_is_named_with_what_would_be_right() { # fact
	wrong "unknown figure 'foo' in rule 'foo<=3'; the figures are cgroup, .*, uts, any, persistent" \
		--check 'foo<=3'
	wrong "unknown kind 'foo' in rule 'net.foo<=3'; the kinds are persistent, process, .*, kernel" \
		--check 'net.foo<=3'
	wrong "unknown operator '=' in rule 'net=3'; the operators are <=, <, >=, >, ==" --check 'net=3'
	wrong "invalid rule 'net': .*quote the rule" --check net
	wrong "invalid bound '1000.91%' in rule 'net<=1000.91%': .* up to 4294967295, .* up to 1000%" \
		--check 'net<=1000.91%'
	wrong "invalid bound '8%' in rule 'net.fd<=8%': .*percentage" --check 'net.fd<=8%'
	wrong "invalid bound '0' in rule 'net<0': no count is less than 0" --check 'net<0'
	wrong 'x1b' --check "$(printf 'net<=\033[2J')"
	wrong "rule 'uts<=3' is about a type that --type leaves out" -t net --check 'uts<=3'
	for option in --task=1 --of=x --persistent --kind=fd '--filter=NS > 1'; do
		wrong "rule 'any<=3%' and ${option%%=*} are" --check 'any<=3%' "$option"
	done
}

a_plugin_that_can_not_write_is_unknown() { # fact
	for output in /dev/full '&-'; do
		run_redirected ">$output" --critical 'net<=3'
		has_status 3
	done
	# Where it is an argument, it is no option.
	wrong 'no container' --procfs "$world" --of --warning
}

a_filter_is_an_error_with_a_reason_or_works() { # fact
	run --procfs "$world" -l -Q 'NPROCS > 0'
	if [ "$status" -ne 0 ]; then
		wrong 'libsmartcols 2\.40' --procfs "$world" -Q 'NPROCS > 0'
	else
		wrong 'filter' --procfs "$world" -Q 'NPROCS >'
		wrong 'BOGUS' --procfs "$world" -Q 'BOGUS > 0'
	fi
}

# With more privileges than the caller, nsls would read files that the caller's directory leads to.
another_procfs_is_not_permitted_with_privileges() { # fact
	needs_set_user_id
	chmod 4755 privileged
	as_nobody -c
	has_status 0
	wrong '--procfs .*privileges' --procfs "$world" -c
	as_nobody --procfs /proc -c
	has_status 0
}

# Nor may it reveal which files exist where the caller has no access, or write there.
a_path_is_not_permitted_with_privileges() { # fact
	needs_set_user_id
	# It could not look for leaks where it has more privileges than its caller, and reads no options.
	! grep -q __asan_ "$NSLS_BINARY" || skip 'AddressSanitizer needs to be traceable'
	mkdir -m 700 private
	touch private/there
	for mode in 4755 2755 capabilities; do
		if [ "$mode" != capabilities ]; then
			chmod "$mode" privileged
		elif ! setcap cap_dac_read_search+ep privileged; then
			continue
		fi
		for file in private/there private/missing /proc/self/ns/net ./privileged; do
			wrong 'a path is not permitted: .*privileges' -c "$file"
			wrong 'a path is not permitted: .*privileges' -q --mounted "./$file"
			wrong '--metrics=FILE is not permitted: .*privileges' --metrics="$file"
		done
		[ ! -s private/there ] || no 'a file was written'
		as_nobody --metrics -t net
		has_status 0
		wrong "no namespace is named 'there'" -c there # a name
		cd private
		wrong "no namespace is named 'there', .*; pass an inode number" -c there # no look-up here
		cd ..
		chmod 755 privileged
	done
}

a_name_is_no_file_of_the_working_directory() { # fact
	ln -s /proc/self/ns/net no-such-netns
	wrong "no namespace is named 'no-such-netns'.*'./no-such-netns'" no-such-netns
	wrong "no namespace is named 'no-such-netns'.*'./no-such-netns'" --procfs "$world" \
		no-such-netns
}

# become_nobody COMMAND ARG...: runs it as a user who has no privileges but those of the program.
become_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# as_nobody ARG...: runs ./privileged as that user.
as_nobody() {
	run_command become_nobody "$privileged" "$@"
}

# On some systems, the file system of temporary files is mounted with nosuid.
needs_set_user_id() {
	needs become_nobody true
	chmod 755 "$work" "$work/fact"
	cp "$(command -v id)" id
	chmod 4755 id
	[ "$(become_nobody ./id -u)" = "$(id -u)" ] || skip "$PWD is on a file system without set-user-ID"
	cp "$NSLS_BINARY" privileged
	privileged=$PWD/privileged runner=as_nobody
}

run_facts
