# Completion for bash(1): commands, options and arguments of ovs-snatctl, and
# options of ovs-snatd, as each of them tells.

# Offers those of the lines of the input that the word begins, each as the shell
# has to read it.  Rows are written by others, too: what they hold must neither
# be expanded, as "compgen -W" would, nor come to a terminal as it is.
_ovs_snat_offer() {
    local word=$1 line
    COMPREPLY=()
    while IFS= read -r line; do
        printf -v line %q "$line"
        [[ $line != "$word"* ]] || COMPREPLY+=("$line")
    done
}

# What "ovs-snatctl --commands" says of a command: "OPTIONS,NAME,ARGUMENTS".
_ovs_snatctl_syntax() {
    ovs-snatctl --commands 2>/dev/null | grep -F -- ",$1,"
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
    *TYPE*) printf '%s\n' snat dnat dnat_and_snat ;;
    *PROTO*) printf '%s\n' tcp udp sctp ;;
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
    local word=${COMP_WORDS[COMP_CWORD]}
    case $word in
    -*) _ovs_snat_offer "$word" < <(_ovs_snatctl_options) ;;
    *)
        _ovs_snat_offer "$word" < <(
            _ovs_snatctl_next "${COMP_WORDS[@]:1:COMP_CWORD-1}")
        ;;
    esac
}

_ovs_snatd() {
    _ovs_snat_offer "${COMP_WORDS[COMP_CWORD]}" < <(
        ovs-snatd --help 2>/dev/null | grep -oE -- '--[a-z-]+=?')
}

complete -F _ovs_snatctl -o default ovs-snatctl
complete -F _ovs_snatd -o default ovs-snatd
