# Completion for bash(1): commands and options of ovs-snatctl, and options of
# ovs-snatd, as each of them tells.

_ovs_snatctl() {
    local word=${COMP_WORDS[COMP_CWORD]} words
    case $word in
    -*) words=$(ovs-snatctl --options 2>/dev/null |
        sed 's/=.*/=/; s/ .*//') ;;
    *) words=$(ovs-snatctl --commands 2>/dev/null |
        sed 's/^[^,]*,//; s/,.*//') ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

_ovs_snatd() {
    local word=${COMP_WORDS[COMP_CWORD]}
    mapfile -t COMPREPLY < <(compgen -W "$(ovs-snatd --help 2>/dev/null |
        grep -oE -- '--[a-z-]+=?')" -- "$word")
}

complete -F _ovs_snatctl ovs-snatctl
complete -F _ovs_snatd -o default ovs-snatd
