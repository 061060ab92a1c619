#!/bin/sh
# SPDX-License-Identifier: MIT
# The schemas of JSON, tests/json/schema, say what the program and the manual page say: they have
# the same keys, with the same values. That outputs fit them is another test's, tests/json.
. "$(dirname "$0")/lib.sh"

man=$NSLS_SOURCE/man/nsls-json.5
schemas=$NSLS_SOURCE/tests/json/schema

# A key a line, and its value in the words of the manual: "number or null", "array of strings".
words='
	def word: if . == "integer" then "number" else . end;
	def words: if .["$ref"] == "#/$defs/rows" then "array of rows"
		elif .["$ref"] then $common[0]["$defs"][.["$ref"] | split("/")[-1]] | words
		elif .enum and (.type | not) then "string"
		elif [.type] | flatten | index("array") then
			"array of \(.items.type // "string" | word)s" +
				(if [.type] | flatten | index("null") then " or null" else "" end)
		else [.type] | flatten | map(word) | join(" or ") end;
	.["$defs"].row // . | .properties as $own | (.propertyNames.enum // ($own | keys))[] |
		"\(.)\t\($own[.] // $common[0]["$defs"].columns.properties[.] | words)"'

# in_schema NAME
in_schema() {
	jq -r --slurpfile common "$schemas/common.json" "$words" "$schemas/$1.json"
}

# in_program VIEWS: its columns, a key a line, with the type of the value.
in_program() {
	"$NSLS" -H -J | jq -r --arg views "$1" '.columns[] |
		select(.views | any(IN($views | split(" ")[]))) |
		"\(.name | ascii_downcase)\t\(.type)"' | sort
}

# same_columns SCHEMA VIEWS
same_columns() {
	in_schema "$1" | grep -v '^children' |
		sed 's/ or null$//; s/array of \(.*\)s$/array-\1/' | sort >schema
	in_program "$2" >program
	[ "$(wc -l <program)" -ge 10 ] || no 'too few columns were found'
	diff schema program || no "the schema $1 has others than the program"
}

every_column_is_in_the_schemas_of_its_views() { # fact
	same_columns list 'list overview'
	same_columns holders holders
	same_columns containers containers
	same_columns summary summary
	same_columns mounts mounts
}

# in_manual TITLE: the table of that part of the page; a row may have several keys.
in_manual() {
	awk -v section=".Sh $1" '/^\.S[sh]/ { inside = $0 == section }
		inside && sub(/^\.It /, "") && / Ta / && !/^Em/ {
			split($0, part, / *Ta */)
			n = split(part[1], keys, ", ")
			for (i = 1; i <= n; i++) print keys[i] "\t" part[2] }' "$man"
}

# same_keys SCHEMA TITLE [WITHOUT]: the table under TITLE has the keys of the schema. With WITHOUT, the
# list has the rest of them, without the keys that match.
same_keys() {
	in_manual "$2" >"$1"
	{
		cat "$1"
		[ $# -lt 3 ] || grep -wvE "^($3)" list
	} | awk -F '\t' '!seen[$1]++' | sort >manual
	in_schema "$1" | sort | diff - manual || no "the manual has other keys than the schema $1"
}

the_manual_has_the_keys_of_every_schema_with_their_values() { # fact
	same_keys list 'THE LIST AND THE OVERVIEW'
	same_keys summary 'THE SUMMARY'
	same_keys checks 'HEALTH CHECKS'
	same_keys columns 'THE COLUMNS'
	same_keys monitor 'CHANGES'
	same_keys holders 'THE HOLDERS' count
	same_keys mounts 'THE MOUNTS' 'count|children|nthreads|start|release'
	in_schema containers | cut -f 1 >keys
	same_keys containers 'THE CONTAINERS' "$(cut -f 1 list | grep -vxFf keys | paste -sd '|')"
}

every_key_of_the_schemas_is_checked_and_no_other_is_allowed() { # fact
	for schema in "$schemas"/*.json; do
		jq -e 'del(.["$defs"] | .view, .columns) |
			[(select(.title) | ., .["$defs"].row // empty),
				(.. | objects | select(has("properties") and has("type")))] |
			all(.additionalProperties == false or .propertyNames)' "$schema" >/dev/null ||
			no "$schema: an object may have any key"
	done
	for schema in list holders mounts containers summary checks columns; do
		jq -e '.required - ["complete", "notes"] | length == 1' "$schemas/$schema.json" ||
			no "$schema: an output may be without rows"
	done
}

# The checker, if it can run, must find what is wrong.
finds() {
	rm -rf outputs
	mkdir outputs
	echo "$2" >outputs/bad
	status=0
	REQUIRE_SCHEMAS=1 "$NSLS_SOURCE/tests/json/check_json" outputs >found || status=$?
	[ "$status" -eq 1 ] || no "status $status, not 1, of: $2"
	grep -qF "$1" found || no "not found: $1, but $(cat found)"
}

an_output_that_does_not_fit_is_found() { # fact
	status=0
	mkdir none
	env -u REQUIRE_SCHEMAS "$NSLS_SOURCE/tests/json/check_json" none >messages || status=$?
	[ "$status" -eq 77 ] || no 'nothing to judge should be status 77'
	! grep 'skip: needs' messages || exit 77
	good='"complete": true, "notes": []'
	finds '$.notes minItems' '{"complete": false, "notes": [], "types": []}'
	finds '$ required' '{"complete": true, "types": []}'
	finds 'twice in one object' "{$good, \"complete\": true, \"types\": []}"
	finds '$ enum' "{$good, \"types\": [], \"x\": 1}"
	finds 'no schema has the keys' "{$good, \"rows\": []}"
	finds '$.namespaces[0] enum' "{$good, \"namespaces\": [{\"ns\": 1, \"x\": 1}]}"
	finds '$.namespaces[0].ns type' "{$good, \"namespaces\": [{\"ns\": \"1\"}]}"
	finds '$.namespaces[0] anyOf' "{$good, \"namespaces\": [{\"ns\": null, \"count\": null}]}"
	finds '$.holders[0].fds type' "{$good, \"holders\": [{\"fds\": null}]}"
	finds '$.holders[0].fds[0] type' "{$good, \"holders\": [{\"fds\": [\"1:3\"]}]}"
	finds '$.holders[0].fd type' "{$good, \"holders\": [{\"kind\": \"process\", \"fd\": 3}]}"
	finds '$.holders[0].start pattern' "{$good, \"holders\": [{\"start\": \"2026-11-24T06:40:00+00:00\"}]}"
	change='"id": null, "nprocs": 1, "name": null, "comm": null, "complete": true'
	finds '$.type type' "{\"time\": \"2026-11-24T06:40:00Z\", \"event\": \"gone\", \"type\": null, \"ns\": 1, \"holder\": null, $change}"
	finds '$.event enum' "{\"time\": \"2026-11-24T06:40:00Z\", \"event\": \"ran\", \"type\": null, \"ns\": null, \"holder\": null, $change}"
	finds 'Expecting value' "{$good, \"types\": [}"
}

run_facts
