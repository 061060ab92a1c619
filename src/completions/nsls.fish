# SPDX-License-Identifier: MIT
# Completion of nsls(8) for fish.

# Short options that take no argument: any number of them may stand before one that does.
set -g __nsls_flags lsCJrnuWHPcqhV

set -g __nsls_kinds process zombie exiting thread children fd socket tun uring queue peer pidfd \
    cred superblock file tree mount owned child kernel

# The arguments, which may have a tab and a description, each behind what of a list with commas was
# typed already, in lower case if that is how they are typed. fish matches in any case, but loses an
# option to which the argument is attached where the cases differ.
function __nsls_list
    set -l token (commandline -ct)
    set -l word (string replace -r "^(--[a-z]+=|-[$__nsls_flags]*[otT]=?)" '' -- $token)
    set -l begin (string match -r '^\+?(?:.*,)?' -- $word)
    set -l item_begin (string replace -r '^\+?(?:.*,)?' '' -- $word)
    for item in $argv
        set -l parts (string split -m 1 \t -- $item)
        if string match -qr '^[a-z]' -- $item_begin
            set parts[1] (string lower -- $parts[1])
        end
        if not string match -q -- '-*' $token; or string match -q -- "$item_begin*" $parts[1]
            printf '%s%s\n' $begin (string join \t -- $parts)
        end
    end
end

# Whether the option was given: its name, and its letter.
function __nsls_has
    string match -qr -- "^($argv[1]|-[$__nsls_flags]*$argv[2][a-zA-Z]*)\$" (commandline -opc)
end

# The columns of the view with their descriptions, as nsls itself lists them.
function __nsls_columns
    set -l words (commandline -opc)
    # A NAMESPACE may follow, but not with --of; rows of types are in the tree by type alone.
    set -l view 'list|holders'
    string match -qr -- '^--of(=|$)' $words; and set view list
    string match -qr -- " (--tree|-[$__nsls_flags]*T)[ =]?type " " $words "; and set -a view overview
    set view (string join '|' $view)
    __nsls_has --summary s; and set view summary
    __nsls_has --containers C; and set view containers
    string match -qr -- '^--mounted' $words; and set view mounts
    __nsls_list ($words[1] -Hnr 2>/dev/null | awk -v view=$view '
        $3 ~ view { gsub(/\\\\x20/, " ", $4); print $1 "\t" $4 }')
end

# The figures of rules, up to the operator that most have.
function __nsls_rules
    set -l word (string replace -r '^--[a-z]+=' '' -- (commandline -ct))
    if string match -q 'netns.*' -- $word
        printf '%s\n' 'netns.stale<='
    else if string match -q '*.*' -- $word
        set -l type (string replace -r '[.].*' '' -- $word)
        printf '%s<=\n' $type.persistent $type.$__nsls_kinds
    else
        printf '%s\n' {cgroup,ipc,mnt,net,pid,time,user,uts,any}{'<=',.} 'persistent<=' 'netns.stale<='
    end
end

# Names for --of, or those of network namespaces alone.
function __nsls_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] 2>/dev/null
end

# A path has a slash: a bare word is no file.
function __nsls_paths
    set -l token (commandline -ct)
    if string match -q '*/*' -- $token
        __fish_complete_path $token
    else
        __fish_complete_directories $token
    end
end

# -T=type is how people write it after --tree=type. A namespace may follow a bare -T.
function __nsls_trees
    set -l token (commandline -ct)
    set -l equals (string match -rg "^-[$__nsls_flags]*T(=)" -- $token)
    printf '%s\ttree\n' "$equals"{type,owner,parent,process}
    string match -q -- '-*' $token; or __nsls_paths
end

# Whether the word before this one is --tree, which may have an argument of its own.
function __nsls_after_tree
    string match -q -- --tree (commandline -opc)[-1]
end

complete -c nsls -s l -l list -d 'flat list, one namespace per line'
complete -c nsls -s T -x -a '(__nsls_trees)' -d tree
complete -c nsls -l tree -f -a '(__nsls_trees)' -d tree
complete -c nsls -n __nsls_after_tree -f -a '(__nsls_trees)'
complete -c nsls -s s -l summary -d 'one line per type: counts, usage and limits'
complete -c nsls -l by -x -a user -d 'with --summary: one line per type and user'
complete -c nsls -s C -l containers -d 'one line per container'
complete -c nsls -s J -l json -d 'print JSON'
complete -c nsls -s r -l raw -d 'print raw lines for scripts'
complete -c nsls -s n -l noheadings -d 'don\'t print the column names'
complete -c nsls -s u -l notruncate -d 'don\'t cut off text at the width of the terminal'
complete -c nsls -s W -l nowrap -d 'print each row on one line'
complete -c nsls -s o -l output -x -a '(__nsls_columns)' -d 'columns to show'
complete -c nsls -l output-all -d 'show all columns'
complete -c nsls -s H -l list-columns -d 'list the columns and exit'
complete -c nsls -s t -l type -x -a '(__nsls_list cgroup ipc mnt net pid time user uts)' \
    -d 'only these types'
complete -c nsls -s p -l task -x -a '(__fish_complete_pids)' \
    -d 'only namespaces that this process is a member of'
complete -c nsls -s P -l persistent -d 'only namespaces without a member process'
complete -c nsls -l of -x -a '(__nsls_names of)' -d 'only namespaces of this owner'
complete -c nsls -l mounted -r -d 'mount namespaces in which this is mounted'
complete -c nsls -f -a '(__nsls_names netns)' -d 'network namespace'
complete -c nsls -f -a '(__nsls_paths)'
complete -c nsls -l kind -x -d 'only holders of these kinds' -a '(__nsls_list $__nsls_kinds)'
complete -c nsls -s Q -l filter -x -d 'only rows for which the expression is true, scols-filter(5)'
complete -c nsls -s c -l count -d 'print only how many namespaces match'
complete -c nsls -s q -l quiet -d 'print nothing; exit 0 if anything matches, else 1'
complete -c nsls -l check -x -a '(__nsls_rules)' -d 'exit 1 and print why if the rule is broken'
complete -c nsls -l warning -x -a '(__nsls_rules)' -d 'WARNING if the rule is broken, as a monitoring plugin'
complete -c nsls -l critical -x -a '(__nsls_rules)' -d 'CRITICAL if the rule is broken, as a monitoring plugin'
complete -c nsls -l metrics -a '(__fish_complete_path (string replace -r "^--metrics=" "" -- (commandline -ct)))' \
    -d 'print counts and limits as metrics'
complete -c nsls -l monitor -f -d 'one line per change'
complete -c nsls -l scan -x -d 'what to scan' \
    -a '(__nsls_list processes threads fds sockets mounts kernel)'
complete -c nsls -l bpf -d 'read processes and descriptors by BPF programs in the kernel'
complete -c nsls -l procfs -x -a '(__fish_complete_directories)' \
    -d 'read this procfs instead of /proc'
complete -c nsls -l strict -d 'exit 3 if the answer is incomplete'
complete -c nsls -l no-warnings -d 'don\'t report what could not be read'
complete -c nsls -l jobs -x -d 'number of threads to use'
complete -c nsls -l timeout -x -d 'how long one process may take to read'
complete -c nsls -l color -f -a 'auto always never' -d colors
complete -c nsls -s h -l help -d 'print help and exit'
complete -c nsls -s V -l version -d 'print the version, libraries and build, and exit'
