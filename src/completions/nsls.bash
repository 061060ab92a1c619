# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion of nsls(8) for bash. Stands alone: bash-completion only has to load it.

# Offers the words after the last comma of the word that is being typed.
_nsls_list() {
	local word=$1 begin=
	shift
	case $word in
	*,*) begin=${word%,*}, ;;
	+*) begin=+ ;;
	esac
	mapfile -t COMPREPLY < <(compgen -P "$begin" -W "$*" -- "${word#"$begin"}")
	compopt -o nospace
}

# The columns of the view, as nsls itself lists them: those of the summary are the last paragraph.
_nsls_columns() {
	local word summary=
	for word in "${COMP_WORDS[@]}"; do
		case $word in
		--summary | -s) summary=1 ;;
		esac
	done
	"${COMP_WORDS[0]}" --list-columns 2>/dev/null | awk -v summary="$summary" '
		/^$/ { if (!summary) printf "%s", names; names = "" }
		/^  / { names = names $1 "\n" }
		END { if (summary) printf "%s", names }'
}

_nsls_pids() {
	local dir
	for dir in /proc/[0-9]*; do
		echo "${dir#/proc/}"
	done
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
	case $prev in
	-t | --type)
		_nsls_list "$cur" cgroup ipc mnt net pid time user uts
		return
		;;
	-o | --output)
		_nsls_list "$cur" "$(_nsls_columns)"
		return
		;;
	--scan)
		_nsls_list "$cur" processes threads fds sockets mounts kernel
		return
		;;
	-p | --task)
		mapfile -t COMPREPLY < <(compgen -W "$(_nsls_pids)" -- "$cur")
		return
		;;
	--procfs)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		compopt -o filenames
		return
		;;
	-Q | --filter | --jobs | --patience)
		return
		;;
	--color)
		mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
		return
		;;
	-T | --tree)
		# A namespace may follow a bare -T, so files are offered below, too.
		mapfile -t COMPREPLY < <(compgen -W 'type owner parent process' -- "$cur")
		[[ ${#COMPREPLY[@]} -gt 0 ]] && return
		;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '-l --list -T --tree -s --summary -J --json
			-r --raw -n --noheadings -u --notruncate -W --nowrap -o --output
			--output-all -H --list-columns -t --type -p --task -P --persistent
			-Q --filter -c --count -q --quiet --scan --procfs --strict
			--no-warnings --jobs --patience --color
			-h --help -V --version' -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	compopt -o filenames
}

complete -F _nsls nsls
