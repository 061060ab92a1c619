#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2046,SC2086 # names are words
# Completions load and complete. Usage: test_completions.sh bash|zsh|fish
. "$(dirname "$0")/lib.sh"

shell=${1:?usage: test_completions.sh bash|zsh|fish}
scripts=$NSLS_SOURCE/src/completions
PATH=$(dirname "$NSLS"):$PATH # they ask nsls which columns there are

# Each prints what the shell offers for the last word of the line $1, one candidate a line.
complete_bash() {
	bash --norc -c '
		compopt() { :; } # works within a completion alone
		cd() { echo moved; builtin cd "$@"; } # as users may define it
		. "$1/nsls.bash"
		# readline cuts words at "=", and keeps it
		read -r -a COMP_WORDS <<<"${2//=/ = }"
		[[ $2 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_nsls
		printf "%s\n" "${COMPREPLY[@]}"' - "$scripts" "$1"
}

complete_fish() {
	describe_fish "$1" | cut -f1
}

describe_fish() {
	fish --no-config -c 'source $argv[1]/nsls.fish; complete -C $argv[2]' "$scripts" "$1"
}

# zsh completes only in its line editor, so one runs on a terminal and completes as soon as it
# starts. What is offered passes through compadd, which notes it.
complete_zsh() {
	cat >.zshrc <<-'END'
		PROMPT=
		fpath=($SCRIPTS $fpath)
		autoload -U compinit
		compinit -u -D
		compadd() {
			local -a hits
			if [[ ${@[(I)-[OAD]*]} -eq 0 ]]; then
				builtin compadd -O hits "$@"
				print -rl -- $hits >>$ZDOTDIR/candidates
			fi
			builtin compadd "$@"
		}
		zle-line-init() {
			BUFFER=$LINE_TO_COMPLETE
			CURSOR=$#BUFFER
			zle complete-word
			exit
		}
		zle -N zle-line-init
	END
	: >candidates
	ZDOTDIR=$PWD SCRIPTS=$scripts LINE_TO_COMPLETE=$1 TERM=vt100 \
		script -qec 'zsh -d -i' /dev/null </dev/null >screen 2>&1 || true
	cat candidates
}

# offers LINE CANDIDATE...: each of these is offered for the last word of LINE, or not if it begins with "!".
offers() {
	line=$1
	shift
	"complete_$shell" "$line" >offered
	for candidate; do
		case $candidate in
		!*) ! grep -xF -e "${candidate#!}" offered || no "$line: this is offered" ;;
		*) grep -qxF -e "$candidate" offered || no "$line: $candidate is not in $(paste -sd " " offered)" ;;
		esac
	done
}

# What a candidate repeats of the word: fish does the option; fish and bash do what stands before the last
# comma, and letters that the argument is attached to.
option() { [ "$shell" != fish ] || printf '%s' "$1"; }
before() { [ "$shell" = zsh ] || printf '%s' "$1"; }

# fish offers columns in the case in which they are typed.
typed() {
	if [ "$shell" = fish ]; then echo "$1"; else echo "$1" | tr '[:lower:]' '[:upper:]'; fi
}

options_and_types_are_completed() { # fact
	offers 'nsls --li' --list --list-columns !--summary
	offers 'nsls -t ' cgroup ipc mnt net pid time user uts
	offers 'nsls -t u' user uts !net
	offers 'nsls -t net,u' "$(before net,)user" "$(before net,)uts"
}

columns_are_completed() { # fact
	offers 'nsls -o N' NS NPROCS NETNSID NSFS
	offers 'nsls -o NS,PI' "$(before NS,)PID" "$(before NS,)PIDS"
	offers 'nsls -o +MN' "$(before +)MNTNS"
	offers 'nsls --output=NS,PI' "$(option --output=)$(before NS,)PIDS"
}

# columns VIEW: the names of those that the program lists for it.
columns() {
	"$NSLS" -Hnr | awk -v view="$1" '$3 ~ view { print $1 }'
}

columns_have_descriptions() { # fact
	[ "$shell" = fish ] || return 0 # others show none
	for word in NETNSI netnsi NS,NETNSI; do
		describe_fish "nsls -o $word" >offered
		grep -qix "[a-z,]*netnsid	ID of a network namespace as seen from ours" offered ||
			no "$word: no description in $(cat offered)"
	done
}

every_column_of_a_view_is_completed_and_no_other() { # fact
	[ "$(columns summary | wc -l)" -ge 8 ] || no 'too few columns were found'
	offers 'nsls -s -o ' $(columns summary) !NSFS
	offers 'nsls -C -o ' $(columns containers) !NSFS
	offers 'nsls --containers -o ' OWN
	offers 'nsls -o ' $(columns list) $(columns holders) !OWN !LIMIT
	offers 'nsls -T=type -o ' $(columns overview)
	offers 'nsls -T=parent -o ' !COUNT
}

no_column_that_is_offered_is_an_error() { # fact
	show_world
	for arguments in 'nordic --tree=owner' 'nordic -nT=type' 'nordic --tree type' '--of nginx.service' \
		'-JT=type --of=nginx.service' --summary --containers --mounted=/run/netns/nordic; do
		"complete_$shell" "nsls $arguments -o " >offered
		run --procfs "$world" $arguments -o "$(grep -xE '[A-Z]+%?' offered | paste -sd,)"
		[ "$status" -eq 0 ] || no "nsls $arguments: $(cat err)"
	done
}

case_does_not_matter() { # fact
	offers 'nsls -o n' "$(typed ns)" "$(typed nprocs)" "!$(typed pid)"
	offers 'nsls -o ns,pi' "$(before ns,)$(typed pid)" "$(before ns,)$(typed pids)"
	offers 'nsls --output=+mn' "$(option --output=)$(before +)$(typed mntns)"
	offers 'nsls -s -o us' "$(typed use%)"
	offers 'nsls -C -o ow' "$(typed own)"
	offers 'nsls -t U' user uts
	offers 'nsls -t net,U' "$(before net,)user"
}

letters_may_stand_together() { # fact
	offers 'nsls -Jt ' net uts
	offers 'nsls -nt net,u' "$(before net,)user"
	offers 'nsls -lo PI' PID PIDS
	offers 'nsls -JT ' type owner
	offers 'nsls -np ' $$
	offers 'nsls -ns -o ' LIMIT !NSFS
	offers 'nsls -nC -o ' OWN
	offers 'nsls -os -o ' !LIMIT
	offers 'nsls -J ' !net
}

arguments_may_be_attached() { # fact
	offers 'nsls -tu' "$(before -t)user" "$(before -t)uts"
	offers 'nsls -Jtnet,u' "$(before -Jt)$(before net,)user"
	offers 'nsls -opi' "$(before -o)$(typed pid)"
	offers 'nsls -o+MN' "$(before -o)$(before +)MNTNS"
	offers 'nsls -Tow' "$(before -T)owner"
	offers 'nsls -lTow' "$(before -lT)owner"
}

words_of_options_are_completed() { # fact
	offers 'nsls -T ' type owner parent process
	offers 'nsls --tree ' type owner parent process
	offers 'nsls -s --by ' user
	offers 'nsls --scan ' processes threads fds sockets mounts kernel
	offers 'nsls --scan fds,so' "$(before fds,)sockets"
	offers 'nsls --color=' "$(option --color=)auto" "$(option --color=)always" \
		"$(option --color=)never"
	for option in --tree= -T= -JT=; do
		prefix=$(option "$option")
		offers "nsls $option" "${prefix}type" "${prefix}owner" "${prefix}parent" "${prefix}process"
		offers "nsls ${option}ow" "${prefix}owner" "!${prefix}type"
	done
}

kinds_are_completed() { # fact
	offers 'nsls --kind ' $(words_for --kind nonsense)
	offers 'nsls --kind fd,m' "$(before fd,)mount"
	offers 'nsls --kind=ch' "$(option --kind=)children" "$(option --kind=)child"
	[ "$shell" != zsh ] || offers 'nsls --kind fd,m,' !fd
}

rules_are_completed() { # fact
	offers 'nsls --check ' 'cgroup<=' 'ipc<=' 'mnt<=' 'net<=' 'net.' 'pid<=' 'time<=' 'user<=' \
		'uts<=' 'any<=' 'any.' 'persistent<=' 'netns.stale<='
	offers 'nsls --check netns.s' 'netns.stale<='
	offers 'nsls --warning n' 'net<=' '!uts<='
	offers 'nsls --critical=u' "$(option --critical=)user<="
	offers 'nsls --check any.mo' "$(before any.)mount<=" "!$(before any.)fd<="
	offers 'nsls --check net.' $(words_for --kind nonsense | sed "s/.*/$(before net.)&<=/")
}

every_rule_that_is_completed_is_one() { # fact
	for begin in '' net.; do
		"complete_$shell" "nsls --check $begin" >offered
		[ "$(grep -c '<=$' offered)" -ge 9 ] || no 'too few rules are offered'
		grep '<=$' offered | while read -r figure; do
			run --check "${figure#"$begin"}3" -q
			[ "$status" -ne 2 ] || run --check "$begin${figure#"$begin"}3" -q
			[ "$status" -ne 2 ] || no "no rule: $figure"
		done
	done
}

# nsls itself is asked, here in a world that a wrapper shows it.
show_world() {
	id=84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7ce
	process 1 0 init
	process 20 1 nginx
	process 30 1 postgres
	process 40 1 redis
	echo '0::/system.slice/nginx.service' >"$world/20/cgroup"
	echo "0::/system.slice/docker-$id.scope" >"$world/30/cgroup"
	printf '0::/lxc.payload.$(touch ran)\n' >"$world/40/cgroup"
	echo '30 1 0:4 net:[4026532005] /run/netns/nordic rw - nsfs nsfs rw' >"$world/1/mountinfo"
	program_on_world
}

owners_and_names_of_network_namespaces_are_completed() { # fact
	show_world
	offers 'nsls --of ' nginx.service nordic 84b8394540fb
	offers 'nsls --of=84' "$(option --of=)84b8394540fb"
	offers 'nsls --of ng' nginx.service !nordic
	! grep -F 'touch' offered || no 'a name that a shell expands is offered'
	[ ! -e ran ] || no 'the name of a control group was run'
	touch no_file
	offers 'nsls no' nordic !no_file
	offers 'nsls n' !nginx.service
}

processes_and_files_are_completed() { # fact
	offers 'nsls -p ' $$ !moved
	mkdir some_dir
	touch some_file
	[ "$shell" = bash ] || slash=/ # bash's readline adds it
	[ "$shell" != zsh ] || slash=
	offers 'nsls some_' "some_dir${slash-}" !some_file
	offers 'nsls ./some_' "$(before ./)some_dir${slash-}" "$(before ./)some_file"
	offers 'nsls --metrics=some_' "$(option --metrics=)some_file"
	offers 'nsls --metrics some_' !some_file
	offers 'nsls --procfs some_' "some_dir${slash-}" !some_file
}

run_facts
