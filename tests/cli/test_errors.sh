#!/bin/sh
# SPDX-License-Identifier: MIT
# Each mistake gets one line on standard error that names it, nothing on standard output and exit
# status 2. The worlds are plain directories, so that nsls has no other error to report.
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

a_wrong_option_is_named() { # fact
	wrong "'--bogus'" --bogus
	wrong "'-X'" -X
	wrong "'-X'" -lX
	wrong "'-(é|\\\\xc3\\\\xa9)'" -s -lé # whole, or as bytes where the character set has none
	wrong '--help' --bogus
	wrong "'bogus'" -q -t bogus # which hides warnings, not mistakes
	wrong '/nonexistent' -q --procfs /nonexistent
}

a_process_that_does_not_exist_or_has_ended_is_named() { # fact
	wrong '[^0-9]17 .*world' --procfs "$world" -p 17
	# No process has the number that is one above the largest.
	pid=$(cat /proc/sys/kernel/pid_max)
	wrong "[^0-9]$pid .*/proc" -p "$pid"
	mkdir -p "$world/23/ns" # what is left of a process between its end and its directory's
	wrong '[^0-9]23 ' --procfs "$world" -p 23
}

a_wrong_namespace_is_named() { # fact
	for text in bogus 0 -- '' 'net:[]' 'net:[0]' 'net:[1' 'net:[1]x' 'nett:[1]' 0x10 99999999999; do
		wrong 'no namespace' --procfs "$world" -- "$text"
		grep -qF -e "$text" err || no "the line should name $text"
	done
}

a_namespace_that_does_not_exist_is_named() { # fact
	wrong '12345' --procfs "$world" 12345
	wrong 'net:\[12345\]' --procfs "$world" 'net:[12345]'
	wrong "ipc:\[$(first net)\]" --procfs "$world" "ipc:[$(first net)]"
	wrong '12345' 12345
}

a_path_that_is_no_namespace_is_named() { # fact
	mkfifo fifo
	ln -s nowhere dangling
	wrong '/etc/passwd' /etc/passwd
	wrong './fifo' ./fifo # and it does not wait for a writer
	wrong './dangling' ./dangling
	wrong '/nonexistent/x' /nonexistent/x
	wrong '/dev/null' /dev/null
	wrong '/proc/self' /proc/self
}

a_wrong_rule_is_named_with_what_would_be_right() { # fact
	wrong "unknown figure 'foo' in rule 'foo<=3'; the figures are cgroup, .*, uts, any, persistent" \
		--check 'foo<=3'
	wrong "unknown kind 'foo' in rule 'net.foo<=3'; the kinds are persistent, process, .*, kernel" \
		--check 'net.foo<=3'
	wrong "unknown operator '=' in rule 'net=3'; the operators are <=, <, >=, >, ==" --check 'net=3'
	wrong "invalid rule 'net': .*quote the rule" --check net
	wrong "invalid bound 'many' in rule 'net<=many': .*number" --check 'net<=many'
	wrong "invalid bound '-1'" --check 'net<=-1'
	wrong "'4294967296'.* up to 4294967295" --check 'net<=4294967296'
	wrong "'1000.91%'.*percentage" --check 'net<=1000.91%'
	wrong "'1001%'.* up to 1000%" --check 'net<=1001%'
	wrong "invalid bound '8%' in rule 'net.fd<=8%': .*percentage" --check 'net.fd<=8%'
	wrong "invalid bound '0' in rule 'net<0': no count is less than 0" --check 'net<0'
	wrong "unknown figure ''" --check ''
	wrong "'--check' requires an argument" --check
	wrong 'x1b' --check "$(printf 'net<=\033[2J')"
}

a_rule_about_what_is_left_out_is_named() { # fact
	wrong "rule 'uts<=3' is about a type that --type leaves out" -t net --check 'uts<=3'
	wrong "rule 'net<=3%' and --task are" --check 'net<=3%' -p 1
	wrong "rule 'any<=3%' and --of are" --check 'any<=3%' --of x
	wrong "rule 'net<=3%' and --persistent are" --check 'net<=3%' -P
	wrong "rule 'net<=3%' and --kind are" --check 'net<=3%' --kind fd
	wrong "rule 'net<=3%' and --filter are" --check 'net<=3%' -Q 'NS > 1'
}

# plugin_wrong EXPRESSION ARG...: the same for a monitoring plugin.
plugin_wrong() {
	expression=$1
	shift
	run "$@"
	has_status 3
	is_silent
	[ "$(wc -l <out)" -eq 1 ] || no 'standard output should be one line'
	grep -qE -e "^NSLS UNKNOWN - $expression" out || no "the line should match: $expression"
}

a_mistake_of_a_plugin_is_its_line_wherever_it_is() { # fact
	plugin_wrong 'unknown figure foo in rule foo<=3; the figures are' --warning 'foo<=3'
	plugin_wrong 'unknown option --bogus' --bogus --warning 'net<=3'
	plugin_wrong 'unknown option --bogus' --warning 'net<=3' --bogus
	plugin_wrong 'unknown type bogus' -t bogus --crit 'net<=3'
	plugin_wrong 'option --critical requires an argument' --critical
	plugin_wrong '--check and --warning' --check 'net<=3' --warning 'net<=3'
	plugin_wrong '--warning and --json' -J --warning 'net<=3'
	plugin_wrong '--critical and --quiet' -q --critical 'net<=3'
	plugin_wrong '--critical and NAMESPACE' --critical 'net<=3' 4026531840
	plugin_wrong '/nonexistent: No such' --procfs /nonexistent --critical 'net<=3'
	plugin_wrong '.*no process' -p 17 --procfs "$world" --critical 'net<=3'
	mkdir empty
	plugin_wrong 'empty: no processes found' --procfs empty --critical 'net<=3'
	for output in /dev/full '&-'; do
		run_redirected ">$output" --critical 'net<=3'
		has_status 3
	done
	# Where it is an argument, it is no option.
	wrong 'no container' --procfs "$world" --of --warning
}

an_owner_that_does_not_exist_is_named() { # fact
	wrong "no container, .*'nobody'" --procfs "$world" --of nobody
	wrong "'nobody/x.service'" --procfs "$world" --of nobody/x.service -C
	wrong "''" --procfs "$world" --of ''
}

a_wrong_directory_is_named() { # fact
	mkdir empty
	wrong '/nonexistent.*No such' --procfs /nonexistent
	wrong '/etc/passwd.*Not a directory' --procfs /etc/passwd
	wrong 'empty' --procfs empty
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

options_that_exclude_each_other_are_both_named() { # fact
	wrong '--containers and --summary' -s -C
	wrong "unknown grouping 'type'; --by takes 'user'" -s --by type
	wrong "option '--by' requires an argument" -s --by
	wrong '--containers and --tree' -C -T
	wrong '--containers and --persistent' -CP
	wrong '--containers and --kind' -C --kind fd
	wrong '--of and NAMESPACE' --of x "net:[$(first net)]"
	for option in --list --tree --summary --containers --count --raw --output=NS --output-all --metrics; do
		wrong "--check and ${option%=*} are" --check 'net<=3' "$option"
	done
	wrong '--mounted and --scan' --mounted 8:17 --scan mounts
	wrong '--check and NAMESPACE' --check 'net<=3' 4026531840
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
	wrong "no namespace is named 'no-such-file'.*; pass an inode" no-such-file
	run -c ./no-such-netns
	has_status 0
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

# What stands in for closed standard input is not to be had from /dev: a chroot need not have that.
closed_standard_input_is_not_taken_for_closed_output() { # fact
	run_traced -f -o /dev/null -P /dev/null -e inject=openat:error=ENOENT \
		sh -c 'exec "$0" --procfs "$1" -c <&-' "$NSLS" "$world"
	has_status 0
	has_line '^8$'
	is_silent
}

run_facts
