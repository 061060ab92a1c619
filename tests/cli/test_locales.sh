#!/bin/sh
# SPDX-License-Identifier: MIT
# What a locale must not change: names of columns, numbers, JSON.
. "$(dirname "$0")/lib.sh"

set_up() {
	process 1 0 init
	limit uts 3
}

# use_locale LOCALE: makes the locale here, and the one that nsls runs in.
use_locale() {
	localedef -i "$1" -f UTF-8 "$PWD/$1.UTF-8"
	export LOCPATH="$PWD" LC_ALL="$1.UTF-8"
}

# The small letter of I has no dot there, so to strcasecmp(3) "pid" is no "PID".
a_column_has_its_name_in_any_case_in_turkey() { # fact
	use_locale tr_TR
	succeeds -t uts -n -o pid,Initial
	has_line '^ *1 true$'
}

a_percentage_has_a_point_where_the_locale_has_a_comma() { # fact
	use_locale de_DE
	succeeds -s -J -t uts
	has_json '.types[0]["use%"] == 0'
	run --procfs "$world" -s -r -n -t uts -o USE%
	has_line '^0\.0%$'
}

run_facts
