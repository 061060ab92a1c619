#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2046,SC2086 # options are several words
# --metrics: its form, by the parsers of others where they are installed; what the numbers are, against
# the other views; the file that --metrics=FILE replaces, and the service that does so for
# node_exporter. The text is in tests/unit/test_metrics.c, and how a file is replaced, in
# test_replace_file.c.
. "$(dirname "$0")/lib.sh"

manual
service=$NSLS_SOURCE/src/examples/nsls-metrics.service
daemonset=$NSLS_SOURCE/src/examples/nsls-daemonset.yaml

# Init; a member of another network namespace, and one that only a descriptor holds.
set_up() {
	process 1 0 init
	process 8 1 'vpn'
	member 8 net 4026532001
	descriptor 8 3 'net:[4026532002]'
	limit net 500
}

# Metrics of the world, without an error or a warning.
metrics() {
	succeeds --metrics
}

# is NAME-AND-LABELS VALUE: that sample in the file out.
is() {
	sample=$(awk -v name="$1" '$1 == name { print $2 }' out)
	[ "$sample" = "$2" ] || no "$1 should be '$2', not '$sample'"
}

# is_whole FILE: it begins and ends as metrics do.
is_whole() {
	[ "$(sed -n '1p; $p' "$1")" = "$(printf '# TYPE nsls_namespaces gauge\n# EOF')" ] ||
		no "$1 is not whole"
}

prometheus_takes_it_without_a_complaint() { # fact
	command -v promtool || skip 'needs the package "prometheus"'
	for procfs in "$world" /proc; do
		run --procfs "$procfs" --metrics
		promtool check metrics <out >messages 2>&1 || no "$(cat messages)"
		[ ! -s messages ] || no "$(cat messages)"
	done
}

# The reference parser, which accepts nothing that the specification forbids.
a_parser_of_openmetrics_takes_it_whatever_can_be_seen() { # fact
	/usr/bin/python3 -c 'import prometheus_client.openmetrics.parser' ||
		skip 'needs the package "python3-prometheus-client"'
	unreadable_process 9
	for options in "--procfs $world" "--procfs $world -t net,user" ''; do
		run --metrics $options
		has_status 0
		reports_only_that_it_is_incomplete
		/usr/bin/python3 - <<-'END' >parsed
			from prometheus_client.openmetrics.parser import text_string_to_metric_families
			for family in text_string_to_metric_families(open("out").read()):
			    for sample in family.samples:
			        print(family.type, sample.name)
		END
		grep -c '^nsls_' out >expected
		grep -c '^gauge nsls_' parsed | diff expected -
	done
}

the_numbers_are_those_of_the_world_and_of_the_summary() { # fact
	metrics
	is 'nsls_namespaces_limit{type="net"}' 500
	is 'nsls_namespaces_limit{type="uts"}' ''
	is 'nsls_holders{type="net",kind="fd"}' 1
	is 'nsls_holders{type="net",kind="process"}' 2
	is 'nsls_holders{type="net",kind="socket"}' 0
	is nsls_complete 1
	is "nsls_build_info{version=\"$("$NSLS" -V | sed -n '1s/nsls //p')\"}" 1
	awk '$1 == "nsls_scan_seconds" { exit !($2 > 0 && $2 < 100) }' out || no 'no such time'
	grep -E '^nsls_(namespaces|namespaces_persistent|members)[{]' out | sort >found
	succeeds -J -s
	jq -r '.types[] | "nsls_namespaces{type=\"\(.type)\"} \(.count)",
		"nsls_namespaces_persistent{type=\"\(.type)\"} \(.persistent)",
		"nsls_members{type=\"\(.type)\"} \(.nprocs)"' out | sort | diff - found
}

every_metric_is_in_the_manual_and_no_document_names_another() { # fact
	metrics
	sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' out | sort >in_program
	sed -n 's/^\.It \(nsls_[a-z_]*\).*/\1/p' "$man" | sort | diff in_program -
	grep -oh 'nsls_[a-z_]*' "$man" "$NSLS_SOURCE/README.md" | sort -u >named
	grep -vxFf in_program named >unknown || true
	[ ! -s unknown ] || no "there is no $(cat unknown)"
}

# save STATUS ARG...: nsls exits with that status, prints nothing, and writes dir/nsls.prom, which the file
# out then has, too.
save() {
	wanted=$1
	shift
	mkdir -p dir
	run --procfs "$world" --metrics=dir/nsls.prom "$@"
	has_status "$wanted"
	prints_nothing
	is_whole dir/nsls.prom
	cp dir/nsls.prom out
}

a_file_gets_the_metrics() { # fact
	save 0 -t net
	is_silent
	is 'nsls_namespaces{type="net"}' 3
	has_no_line 'type="uts"'
	succeeds --metrics=nsls.prom # in the working directory
	is_whole nsls.prom
}

an_incomplete_answer_is_written_without_what_is_unknown() { # fact
	unreadable_process 9
	save 3 --strict
	prints_error incomplete
	is nsls_complete 0
	is 'nsls_unreadable{source="processes"}' 1
	has_no_line 'nsls_namespaces_persistent\{'
	save 0
}

# fails_to_save EXPRESSION: that run has failed with a message, and dir/nsls.prom is as before and alone.
fails_to_save() {
	has_status 2
	prints_nothing
	prints_error "$1"
	[ "$(ls -A dir)" = nsls.prom ] || no "there should be no other file: $(ls -A dir)"
	[ "$(cat dir/nsls.prom)" = old ] || no 'the old file should be there'
}

# Each system call that makes the file fails, the last before the file has its name; and the scan.
a_failure_keeps_the_old_file_and_leaves_no_other() { # fact
	mkdir dir empty
	echo old >dir/nsls.prom
	for fault in openat:error=ENOSPC write:error=ENOSPC write:error=EIO fchmod:error=EPERM \
		fsync:error=EIO 'rename,renameat,renameat2:error=EXDEV'; do
		path=
		[ "${fault%%:*}" != openat ] || path="-P $PWD/dir"
		# Of /proc: another directory is tried in a child process first, which writes, too.
		# The program itself: strace makes a call fail by number -1, which the filter kills.
		run_traced -f -o /dev/null $path -e inject="$fault:when=1" \
			"$NSLS_BINARY" --no-warnings --jobs 1 --metrics=dir/nsls.prom
		fails_to_save '^nsls: dir/nsls.prom: '
	done
	run --procfs empty --metrics=dir/nsls.prom
	fails_to_save 'no processes found'
	for file in /dev/null ''; do
		run --procfs "$world" --metrics="$file"
		fails_to_save "$file"
	done
	[ -c /dev/null ] || no '/dev/null is gone'
}

# With a directory of ours for the one that it names. A shell would open what stands there, and another
# user may choose what that is.
the_service_writes_the_file_that_node_exporter_reads_and_starts_no_shell() { # fact
	sed '/^#/d' "$service" >settings
	! grep -nE '[<>|;&]|sh -' settings || no 'root would open a file that another user chooses'
	sed -n 's/^ExecStart=nsls //p' settings >arguments
	grep -qxE -e '--metrics=/[a-z/-]*/nsls[.]prom' arguments || no "$(cat arguments)"
	succeeds "$(sed "s,=.*/,=$PWD/," arguments)"
	is_whole nsls.prom
}

# systemd.exec(5): a namespace of its own would be counted, and a call that is refused hides some.
the_service_has_no_namespace_of_its_own_and_may_call_what_nsls_calls() { # fact
	sed -n '/^\[Service\]/,$s/^\([A-Za-z]*\)=.*/\1/p' "$service" >settings
	[ "$(wc -l <settings)" -ge 10 ] || no 'too few settings were found'
	! grep -E '^(Private|Protect|Proc|Read|Inaccessible|Exec(Paths|Search)|Bind|Mount|Root|Temporary|DynamicUser|StateDirectory|RestrictSUIDSGID|SystemCallFilter)' \
		settings || no 'the service would see less, or itself'
}

# Those of the table in nsls(8), which test_privileges.sh proves.
the_service_and_the_daemonset_have_the_capabilities_of_the_manual() { # fact
	sed -n 's/^\.It \(CAP_[A-Z_]*\) Ta.*/\1/p' "$NSLS_SOURCE/man/nsls.8" | sort >table
	[ "$(wc -l <table)" -eq 4 ] || no 'the manual should have four capabilities'
	for setting in AmbientCapabilities CapabilityBoundingSet; do
		sed -n "s/^$setting=//p" "$service" | tr ' ' '\n' | sort | diff table - ||
			no "$setting should have those of the manual"
	done
	sed -n 's/^ *add: \["\(.*\)"\]/\1/p' "$daemonset" | sed 's/", "/\n/g' | sed 's/^/CAP_/' |
		sort | diff table - || no 'the DaemonSet should have those of the manual'
}

# With a directory of the test for the one that is mounted there, and many scans a second.
the_daemonset_writes_its_file() { # fact
	sed -n 's/^ *args: \["\(.*\)"\]/\1/p' "$daemonset" | sed 's/", "/\n/g' >arguments
	grep -qx -e '--monitor=300' arguments || no "$(cat arguments)"
	sed -i "s,=/metrics/,=$PWD/dir/,; s,=300,=0.01," arguments
	mkdir dir
	timeout 120 "$NSLS" --procfs "$world" $(cat arguments) &
	timeout 60 sh -c 'until [ -e dir/nsls.prom ]; do :; done' || no 'no file'
	is_whole dir/nsls.prom
	kill "$!"
	wait "$!" || no "the status should be 0, not $?"
}

systemd_takes_the_service_and_the_timer() { # fact
	command -v systemd-analyze || skip 'needs the package "systemd"'
	cp "$NSLS_SOURCE"/src/examples/nsls-metrics.* .
	sed -i "s,^ExecStart=nsls,ExecStart=$NSLS," nsls-metrics.service # it need not be installed
	systemd-analyze verify --man=no ./nsls-metrics.service ./nsls-metrics.timer >messages 2>&1 ||
		no "$(cat messages)"
	! grep nsls-metrics messages || no 'systemd has warnings'
}

run_facts
