#!/bin/sh
# SPDX-License-Identifier: MIT
# Every option, column, type, source and tree is documented and completed. What exists is asked of
# the program, so that a new row of a table is noticed where it is forgotten.
. "$(dirname "$0")/lib.sh"

manual
completions=$NSLS_SOURCE/src/completions

# "-l --list", "- --strict": one option a line.
options() {
	"$NSLS" --help | sed -n \
		-e 's/^ \(-[A-Za-z]\), \(--[a-z-]*\).*/\1 \2/p' \
		-e 's/^ *\(--[a-z-]*\).*/- \1/p'
}

# The names in the paragraph of --list-columns whose title begins with $1.
columns() {
	"$NSLS" --list-columns |
		awk -v title="$1" '/^[^ ]/ { inside = index($0, title) == 1 } inside && /^  / { print $1 }'
}

# has_word FILE WORD: as a word, not as a part of one.
has_word() {
	grep -qE "(^|[^A-Za-z%-])$2([^A-Za-z%-]|\$)" "$1" || no "$1 lacks $2"
}

in_all_completions() {
	for file in nsls.bash _nsls nsls.fish; do
		has_word "$completions/$file" "$1"
	done
}

help_fits_on_a_terminal_of_80_columns() { # fact
	for option in --help --list-columns; do
		"$NSLS" "$option" | awk 'length > 80 { print; wide = 1 } END { exit wide }'
	done
}

help_has_groups_and_three_examples() { # fact
	run --help
	[ "$(grep -c '^[A-Z][a-z ]*:$' out)" -ge 6 ] || no 'too few groups'
	! awk '/^[A-Z].*:$/ { exit } 1' out | grep -qE '^ +-' || no 'options before the first group'
	[ "$(grep -c '^  nsls -' out)" -eq 3 ] || no 'not three examples'
}

every_option_is_in_the_manual_and_in_the_completions_and_no_other_is() { # fact
	options >list
	[ "$(wc -l <list)" -ge 20 ] || no 'too few options were found in --help'
	sed -n 's/^\.It \(Fl \(.\) , \)\{0,1\}Fl Fl \([a-z-]*\).*/-\2 --\3/p' "$man" | sort >in_manual
	sort list | diff - in_manual
	while read -r letter name; do
		has_word "$completions/nsls.bash" "$name"
		has_word "$completions/_nsls" "$name"
		has_word "$completions/nsls.fish" "-l ${name#--}"
		[ "$letter" != - ] || continue
		has_word "$completions/nsls.bash" "$letter"
		has_word "$completions/_nsls" "$letter"
		has_word "$completions/nsls.fish" "-s ${letter#-}"
	done <list
}

# described SECTION: the columns in that part of the manual, of which a row may have several.
described() {
	awk -v section=".Ss $1" '/^\.S[sh]/ { inside = $0 == section }
		inside && /^\.It [A-Z]/ {
			sub(/^\.It /, ""); sub(/ Ta.*/, ""); gsub(/, /, "\n"); print }' "$man"
}

# same_columns TITLE SECTION...: the columns that the program lists under TITLE are those in these
# parts of the manual.
same_columns() {
	columns "$1" | sort >in_program
	[ -s in_program ] || no "no columns under $1"
	shift
	for section; do
		described "$section"
	done | sort >in_manual
	diff in_program in_manual
}

every_column_is_in_the_manual_under_its_view() { # fact
	same_columns 'Columns of namespaces' 'Of namespaces, holders and containers' \
		'Of namespaces and holders'
	same_columns 'Of holders' 'Of holders only'
	same_columns 'Of mounts' 'Of mounts only'
	same_columns 'Of containers' 'Of namespaces, holders and containers' 'Of containers only'
	same_columns 'Of the summary' 'Of the summary'
}

# Those of the summary, and MNTNS, mean something else than in the other views.
no_column_is_described_twice_with_one_meaning() { # fact
	for section in 'Of namespaces, holders and containers' 'Of namespaces and holders' \
		'Of holders only' 'Of containers only'; do
		described "$section"
	done | grep -vx MNTNS | sort | uniq -d >twice
	[ ! -s twice ] || no "described twice: $(cat twice)"
}

# What offers the words, the part of the manual that has each, how, and the part of --help that does.
every_word_of_an_option_is_documented() { # fact
	while IFS='|' read -r option number section item help; do
		# shellcheck disable=SC2086 # an option and its argument
		words_for $option >words
		[ "$(wc -l <words)" -ge "$number" ] || no "too few words were found with $option"
		awk -v title=".Sh $section" '/^\.Sh/ { inside = $0 == title } inside' "$man" >in_section
		"$NSLS" --help | sed -n "$help" >in_help
		while read -r word; do
			in_all_completions "$word"
			grep -qxE "\.$item $word( .*)?" in_section || no "the manual lacks $word of $option"
			[ -z "$help" ] || grep -qw -e "$word" in_help || no "--help lacks $word of $option"
		done <words
	done <<-'END'
	-t nonsense|8|OPTIONS|Cm.*|
	--scan nonsense|6|OPTIONS|It Cm|/--scan/,/--procfs/p
	--tree=nonsense|4|OPTIONS|It Cm|/--tree/p
	--color=nonsense|3|OPTIONS|Cm|
	--kind nonsense|10|HOLDERS|It Cm|
	END
}

# The words that rules are made of, as the error message has them. Those behind a dot are kinds.
every_word_of_a_rule_is_documented() { # fact
	words_for --check 'nonsense<=3' >subjects
	words_for --check 'net=3' >operators
	[ "$(cat subjects operators | wc -l)" -ge 16 ] || no 'too few words were found'
	sed -n '/^\.Sh RULES/,/^\.Sh MONITORING PLUGIN/p' "$man" >section
	while read -r word; do
		in_all_completions "$word"
	done <subjects
	while read -r operator; do
		grep -q "^\.Cm.* $operator\( \|\$\)" section || no "the manual lacks $operator"
	done <operators
	"$NSLS" --help | sed -n '/--check/,/--warning/p' >help
	for word in any persistent; do
		grep -qx "$word" subjects || no "$word should be one"
		has_word section "$word"
	done
	for word in any persistent mount '<=' %; do
		grep -qF "$word" help || no "--help lacks $word"
	done
}

every_exit_status_is_in_the_manual_and_in_help() { # fact
	sed -n '/^\.Sh EXIT STATUS/,/^\.El/p' "$man" >section
	for code in 0 1 2 3; do
		grep -q "^\.It $code\$" section || no "the manual lacks exit status $code"
		"$NSLS" --help | tr '\n' ' ' | grep -q "Exit status:.*$code " ||
			no "--help lacks exit status $code"
	done
}

run_facts
