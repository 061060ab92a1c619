# SPDX-License-Identifier: MIT
# Completion of nsls(8) for fish.

# The arguments, each behind what of a list with commas was typed already.
function __nsls_list
    set -l word (commandline -ct | string replace -r '^--[a-z]+=' '')
    set -l begin (string match -r '^\+?(?:.*,)?' -- $word)
    for item in $argv
        printf '%s%s\n' $begin $item
    end
end

# The columns of the view, as nsls itself lists them: those of the summary are the last paragraph.
function __nsls_columns
    set -l words (commandline -opc)
    set -l summary 0
    __fish_contains_opt -s s summary; and set summary 1
    __nsls_list ($words[1] --list-columns 2>/dev/null | awk -v summary=$summary '
        /^$/ { if (!summary) printf "%s", names; names = "" }
        /^  / { names = names $1 "\n" }
        END { if (summary) printf "%s", names }')
end

# Whether the word before this one is -T or --tree, which may have an argument of its own.
function __nsls_after_tree
    string match -qr '^(-[a-zA-Z]*T|--tree)$' -- (commandline -opc)[-1]
end

complete -c nsls -s l -l list -d 'flat list, one namespace a line'
complete -c nsls -s T -l tree -f -a 'type owner parent process' -d tree
complete -c nsls -n __nsls_after_tree -a 'type owner parent process' -d tree
complete -c nsls -s s -l summary -d 'one line a type: counts and limits'
complete -c nsls -s J -l json -d JSON
complete -c nsls -s r -l raw -d 'raw lines for scripts'
complete -c nsls -s n -l noheadings -d 'no line of column names'
complete -c nsls -s u -l notruncate -d 'don\'t truncate text'
complete -c nsls -s W -l nowrap -d 'no cells of several lines'
complete -c nsls -s o -l output -x -a '(__nsls_columns)' -d 'these columns'
complete -c nsls -l output-all -d 'all columns'
complete -c nsls -s H -l list-columns -d 'name the columns and end'
complete -c nsls -s t -l type -x -a '(__nsls_list cgroup ipc mnt net pid time user uts)' \
    -d 'only these types'
complete -c nsls -s p -l task -x -a '(__fish_complete_pids)' \
    -d 'only what this process is a member of'
complete -c nsls -s P -l persistent -d 'only namespaces without a member process'
complete -c nsls -s Q -l filter -x -d 'only rows that match, scols-filter(5)'
complete -c nsls -s c -l count -d 'print only how many namespaces match'
complete -c nsls -s q -l quiet -d 'print nothing: status 0 if something matches'
complete -c nsls -l scan -x -d 'sources to use' \
    -a '(__nsls_list processes threads fds sockets mounts kernel)'
complete -c nsls -l procfs -x -a '(__fish_complete_directories)' \
    -d 'read another procfs than /proc'
complete -c nsls -l strict -d 'status 3 if something could not be read'
complete -c nsls -l no-warnings -d 'don\'t say what could not be read'
complete -c nsls -l jobs -x -d 'threads to scan with'
complete -c nsls -l patience -x -d 'how long one process may take to answer'
complete -c nsls -l color -f -a 'auto always never' -d colors
complete -c nsls -s h -l help -d 'print help and end'
complete -c nsls -s V -l version -d 'print the version and end'
