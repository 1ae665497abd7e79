# Completion for bash(1): commands, options and arguments of ovs-snatctl, and
# options of ovs-snatd, as each of them tells.

# What "ovs-snatctl --commands" says of a command: "OPTIONS,NAME,ARGUMENTS".
_ovs_snatctl_syntax() {
    ovs-snatctl --commands 2>/dev/null | grep ",$1,"
}

# The values of a column, one a line.
_ovs_snatctl_values() {
    ovs-snatctl --timeout=2 --bare --columns="$2" list "$1" 2>/dev/null |
        sed '/^$/d'
}

_ovs_snatctl_tables() {
    ovs-snatctl --help 2>/dev/null | sed -n 's/^  \([A-Z][A-Za-z_]*\):$/\1/p'
}

# What an argument can be, by the name that the command's syntax gives it.
_ovs_snatctl_argument() {
    case $1 in
    *ROUTER*) _ovs_snatctl_values Router name ;;
    *OUTPUT_PORT*) _ovs_snatctl_values Router_Port name ;;
    *EXTERNAL_PORT* | *INTERNAL_PORT*) ;;
    *PORT*) _ovs_snatctl_values Router_Port name ;;
    *NUMBER*) _ovs_snatctl_values Change number ;;
    *TABLE*) _ovs_snatctl_tables ;;
    *TYPE*) echo snat dnat dnat_and_snat ;;
    *PROTO*) echo tcp udp sctp ;;
    *NEXTHOP*) echo discard ;;
    *FILE*) compgen -f ;;
    esac
}

_ovs_snatctl_options() {
    {
        ovs-snatctl --options
        ovs-snatctl --commands | sed 's/,.*//; s/[][]//g'
    } 2>/dev/null | sed 's/=ARG/=/; s/ ARG$//' | tr ' ' '\n' | sort -u
}

_ovs_snatctl_commands() {
    ovs-snatctl --commands 2>/dev/null | sed 's/^[^,]*,//; s/,.*//'
}

# What can stand after these words.
_ovs_snatctl_next() {
    local command='' word
    local -a arguments=() syntax=()
    for word; do
        case $word in
        --) command='' arguments=() ;;
        -*) ;;
        *)
            [ -z "$command" ] || arguments+=("$word")
            command=${command:-$word}
            ;;
        esac
    done
    if [ -z "$command" ]; then
        _ovs_snatctl_commands
    else
        read -r -a syntax < <(_ovs_snatctl_syntax "$command" | sed 's/.*,//')
        _ovs_snatctl_argument "${syntax[${#arguments[@]}]-}"
    fi
}

_ovs_snatctl() {
    local word=${COMP_WORDS[COMP_CWORD]} words
    case $word in
    -*) words=$(_ovs_snatctl_options) ;;
    *) words=$(_ovs_snatctl_next "${COMP_WORDS[@]:1:COMP_CWORD-1}") ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

_ovs_snatd() {
    local word=${COMP_WORDS[COMP_CWORD]}
    mapfile -t COMPREPLY < <(compgen -W "$(ovs-snatd --help 2>/dev/null |
        grep -oE -- '--[a-z-]+=?')" -- "$word")
}

complete -F _ovs_snatctl -o default ovs-snatctl
complete -F _ovs_snatd -o default ovs-snatd
