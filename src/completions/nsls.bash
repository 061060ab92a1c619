# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion of nsls(8) for bash. Stands alone: bash-completion only has to load it.

# Short options that take no argument: any number of them may stand before one that does.
_nsls_flags=lsCJrnuWHPcqhV

_nsls_kinds=(process zombie exiting thread children fd socket tun uring queue peer pidfd cred
	superblock file tree mount owned child kernel)

# _nsls_offer BEGIN WORD ITEM...: the items that begin with the word in any case, behind BEGIN.
_nsls_offer() {
	local LC_ALL=C begin=$1 word=${2,,} item
	shift 2
	for item; do
		[[ ${item,,} != "$word"* ]] || COMPREPLY+=("$begin$item")
	done
}

# _nsls_list BEGIN WORD ITEM...: the same for what follows the last comma of the word.
_nsls_list() {
	local begin=$1 word=$2 last
	shift 2
	last=${word##*,}
	[[ $word == *,* ]] || last=${last#+}
	_nsls_offer "$begin${word%"$last"}" "$last" "$@"
	compopt -o nospace
}

# The columns of the view, as nsls itself lists them.
_nsls_columns() {
	# A NAMESPACE may follow, but not with --of; rows of types are in the tree by type alone.
	local word view='list|holders' line=" ${COMP_WORDS[*]} "
	[[ $line != *' --of '* ]] || view=list
	[[ ! $line =~ \ (--tree|-[$_nsls_flags]*T)[\ =]*type\  ]] || view+='|overview'
	for word in "${COMP_WORDS[@]}"; do
		[[ $word != --summary && ! $word =~ ^-[$_nsls_flags]*s ]] || view=summary
		[[ $word != --containers && ! $word =~ ^-[$_nsls_flags]*C ]] || view=containers
		[[ $word != --mounted ]] || view=mounts
	done
	"${COMP_WORDS[0]}" -Hnr 2>/dev/null | awk -v view="$view" '$3 ~ view { print $1 }'
}

# _nsls_rule BEGIN WORD: the figures of rules, up to the operator that most have. It has to be
# quoted, as characters in the names of files are.
_nsls_rule() {
	local begin=$1 word=${2#[\'\"]}
	if [[ $word == *.* && $word != netns.* ]]; then
		_nsls_offer "$begin${word%%.*}." "${word#*.}" 'persistent<=' "${_nsls_kinds[@]/%/<=}"
	else
		_nsls_offer "$begin" "$word" {cgroup,ipc,mnt,net,pid,time,user,uts,any}{'<=',.} \
			'persistent<=' 'netns.stale<='
	fi
	compopt -o nospace -o filenames
}

# Names for --of, or those of network namespaces alone. nsls offers none that a shell would expand.
_nsls_names() { # of|netns
	"${COMP_WORDS[0]}" --complete "$1" 2>/dev/null
}

_nsls_files() { # compgen's option, WORD
	mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
	compopt -o filenames
}

# _nsls_argument OPTION BEGIN WORD: offers arguments of the option. BEGIN is what the argument is
# attached to. Fails where the option takes none, or may go without.
_nsls_argument() {
	local option=$1 begin=$2 word=$3
	# shellcheck disable=SC2046 # words to choose from
	case $option in
	-t | --type) _nsls_list "$begin" "$word" cgroup ipc mnt net pid time user uts ;;
	-o | --output) _nsls_list "$begin" "$word" $(_nsls_columns) ;;
	--kind) _nsls_list "$begin" "$word" "${_nsls_kinds[@]}" ;;
	--scan) _nsls_list "$begin" "$word" processes threads fds sockets mounts kernel ;;
	-p | --task)
		local dirs=(/proc/[0-9]*)
		_nsls_offer "$begin" "$word" "${dirs[@]#/proc/}"
		;;
	--of) _nsls_offer "$begin" "$word" $(_nsls_names of) ;;
	--check | --warning | --critical) _nsls_rule "$begin" "$word" ;;
	--mounted) _nsls_files -f "$word" ;;
	--procfs) _nsls_files -d "$word" ;;
	--metrics)
		# A file is attached to it; a word that follows is something else.
		[[ ${COMP_WORDS[COMP_CWORD]} == = || ${COMP_WORDS[COMP_CWORD - 1]} == = ]] &&
			_nsls_files -f "$word"
		;;
	-Q | --filter | --jobs | --timeout | --monitor) ;;
	--by) _nsls_offer "$begin" "$word" user ;;
	--color) _nsls_offer "$begin" "$word" auto always never ;;
	-T | --tree)
		_nsls_offer "$begin" "$word" type owner parent process
		# A namespace may follow a bare -T.
		[[ ${#COMPREPLY[@]} -gt 0 ]]
		;;
	*) false ;;
	esac
}

_nsls() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	# bash makes "=" a word of its own.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	COMPREPLY=()
	[[ ! $prev =~ ^-[$_nsls_flags]*([otpQT])$ ]] || prev=-${BASH_REMATCH[1]}
	_nsls_argument "$prev" '' "$cur" && return
	if [[ $cur =~ ^-[$_nsls_flags]*([otpQT])(.+)$ ]]; then
		_nsls_argument "-${BASH_REMATCH[1]}" "${cur%"${BASH_REMATCH[2]}"}" "${BASH_REMATCH[2]}"
		return
	fi
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '-l --list -T --tree -s --summary --by -C --containers
			-J --json -r --raw -n --noheadings -u --notruncate -W --nowrap -o --output --output-all
			-H --list-columns -t --type -p --task -P --persistent --of --mounted --kind -Q --filter
			-c --count -q --quiet --check --warning --critical --metrics --scan --bpf --procfs --strict
			--no-warnings --jobs --timeout --color --monitor -h --help -V --version' -- "$cur")
		return
	fi
	# A path has a slash: a bare word is no file.
	if [[ $cur == */* ]]; then _nsls_files -f "$cur"; else _nsls_files -d "$cur"; fi
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(
		COMPREPLY=()
		# shellcheck disable=SC2046 # words to choose from
		_nsls_offer '' "$cur" $(_nsls_names netns)
		[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
	)
}

complete -F _nsls nsls
