#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs what the manual page and the README show: every command of the page, with the JSON that
# follows one compared by its keys, and the recipes of the README on a live network namespace.
# shellcheck disable=SC2317 # facts are called by name
. "$(dirname "$0")/lib.sh"

man=$NSLS_SOURCE/man/nsls.8
readme=$NSLS_SOURCE/README.md
PATH=$(dirname "$NSLS"):$PATH

set_up() {
	: # the real system
}

# The literal displays of the page as numbered files: 1.command, and 1.json where one follows.
extract_examples() {
	awk '
		/^\.Ed/ { inside = 0 }
		inside {
			gsub(/\\\(aq/, "\047"); gsub(/\\-/, "-"); gsub(/\\e/, "\\")
			if (/^# /) { n++; kind = "command"; sub(/^# /, "") }
			else if (/^{/) kind = "json"
			print > (n "." kind)
		}
		/^\.Bd -literal/ { inside = 1 }' "$man"
}

# The keys of the object, and of the first row of its array, in order.
shape='to_entries[] | .key, (.value | arrays | .[0] | objects | del(.children) | keys_unsorted[])'

every_example_of_the_manual_runs() {
	extract_examples
	[ "$(find . -name '*.command' | wc -l)" -ge 15 ] || no 'too few examples were found'
	for command in *.command; do
		status=0
		sh -c "$(cat "$command")" >out 2>err </dev/null || status=$?
		has_status 0
		complains_of_nothing_but_the_system
		[ ! -s "${command%.command}.json" ] || [ -s out ] || no "no output: $(cat "$command")"
	done
}

the_json_of_the_manual_has_the_keys_of_the_real_one() {
	extract_examples
	[ "$(find . -name '*.json' | wc -l)" -ge 5 ] || no 'too few shapes were found'
	for json in *.json; do
		sh -c "$(cat "${json%.json}.command")" 2>err | jq -r "$shape" >real
		jq -r "$shape" "$json" >shown
		diff shown real || no "the manual shows other keys: $(cat "${json%.json}.command")"
	done
}

# The commands of the README's table, and those with jq, for a PID and a namespace that exist.
extract_recipes() {
	# shellcheck disable=SC2016 # backquotes of the table
	sed -n 's/^| .* | `\([^`]*nsls[^`]*\)` |$/\1/p' "$readme" | grep -v -e watch -e /host/
	awk '/^```/ { inside = !inside && /^```sh/; if (inside) block++; next }
		inside && block > 2 && /^nsls/' "$readme"
}

every_recipe_of_the_readme_runs() {
	extract_recipes | sed -e "s,1234,$$,g" -e 's,/run/netns/blue,/proc/self/ns/net,g' >recipes
	[ "$(wc -l <recipes)" -ge 12 ] || no 'too few recipes were found'
	while read -r recipe; do
		status=0
		sh -c "$recipe" >out 2>err </dev/null || status=$?
		case $recipe in
		'! '* | '[ '*) [ "$status" -le 1 ] || no "a check should say yes or no: $recipe" ;;
		*--strict*) [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || no "$recipe" ;;
		*) [ "$status" -eq 0 ] || no "status 0 was expected: $recipe" ;;
		esac
		complains_of_nothing_but_the_system
	done <recipes
}

the_readme_has_two_commands_in_one_line_each() {
	awk '/^```/ { inside = !inside && /^```sh/; if (inside) block++; next }
		inside && block <= 2 { lines[block]++ } END { exit lines[1] != 1 || lines[2] != 1 }' \
		"$readme" || no 'the first two blocks of the README should be single commands'
}

fact every_example_of_the_manual_runs
fact the_json_of_the_manual_has_the_keys_of_the_real_one
fact every_recipe_of_the_readme_runs
fact the_readme_has_two_commands_in_one_line_each
done_testing
