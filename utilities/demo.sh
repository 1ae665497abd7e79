#!/bin/bash
# What "quickstart demo" runs in its private node: a router from its first
# ovs-vsctl line to its end.  It stops at the first thing that is not as told.
set -euE -o pipefail
here=$(dirname "$0")
# shellcheck source=utilities/node.sh
. "$here/node.sh"
node_is_here
trap 'echo "Not as told: stopped at \"$BASH_COMMAND\"." >&2' ERR
trap 'exit 130' INT TERM HUP
work=$(mktemp -d -p /run)

if [ -t 1 ]; then
    bold=$'\e[1m' plain=$'\e[0m'
else
    bold='' plain=''
fi

tell() {
    printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

# Shows a command as one would type it, and what it says.
show() {
    local word line='$'
    for word; do
        case $word in
        *[\ \'\;\{]*) line+=" '$word'" ;;
        *) line+=" $word" ;;
        esac
    done
    echo "$line"
    "$@" | sed 's/^/    /'
}

# expect WHAT IS WANTED: two words that must be alike.
expect() {
    [ "$2" = "$3" ] || {
        echo "$1 is \"$2\", not \"$3\"" >&2
        return 1
    }
}

# Polls until the command succeeds, for ten seconds at most.
until_true() {
    local end=$((SECONDS + 10))
    until "$@" > /dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.02
    done
}

vsctl() {
    show ovs-vsctl --timeout=10 "$@"
}

# A value of the row of an interface, without OVSDB's quotes.
key() {
    local value
    value=$(ovs-vsctl --if-exists get Interface "$1" "external_ids:$2")
    value=${value#\"}
    echo "${value%\"}"
}

# The inside host fetches a page; it and the outside host must have seen the
# router's address.
fetch() {
    local answer
    echo '$ ip netns exec inside curl http://198.51.100.1/'
    answer=$(ip netns exec inside curl -sS -m 5 http://198.51.100.1/)
    echo "    $answer"
    expect "The page" "$answer" "you are $1"
    answer=$(tail -n 1 "$work/outside")
    echo "The outside host says: a call by ${answer% *}."
    expect "The caller" "${answer% *}" "tcp $1"
}

# All that the router is in the kernel.
state() {
    ip -n snat-demo -d address | sed 's/\(valid\|preferred\)_lft [^ ]*//g'
    ip -n snat-demo route show table all
    ip netns exec snat-demo nft --stateless list ruleset
}

hosts() {
    tell "This is a private node: its own network, its own Open vSwitch with" \
        "the bridges br-int and br-ex, and ovs-snatd beside it.  A host" \
        "\"inside\" is on br-int with 10.0.0.5, a host \"outside\" on br-ex" \
        "with 198.51.100.1; nothing joins the two."
    node_host inside br-int ip=10.0.0.5/24 via=10.0.0.1
    node_host outside br-ex ip=198.51.100.1/24
    ip netns exec outside "$here/whoami.py" 80 > "$work/outside" &
    until_true grep -q ready "$work/outside"
    if ip netns exec inside ping -c 1 -W 1 198.51.100.1 > /dev/null; then
        echo "outside answers though there is no router yet" >&2
        return 1
    fi
    echo "As it should be, inside cannot reach outside yet."
}

create() {
    tell "Two lines of plain ovs-vsctl make a router: a gateway port on" \
        "br-ex and an internal port on br-int, both of the router \"demo\"."
    vsctl add-port br-ex qg-demo -- set Interface qg-demo type=internal \
        external_ids:snat-router=demo \
        external_ids:snat-networks=198.51.100.10/24 \
        external_ids:snat-gateway-ips=198.51.100.1
    vsctl add-port br-int sg-demo -- set Interface sg-demo type=internal \
        external_ids:snat-router=demo external_ids:snat-networks=10.0.0.1/24
    vsctl wait-until Interface qg-demo external_ids:snat-state=active \
        -- wait-until Interface sg-demo external_ids:snat-state=active
    tell "It is wired.  inside fetches a page from outside; the source" \
        "address must be the router's 198.51.100.10, not the host's 10.0.0.5."
    fetch 198.51.100.10
}

look() {
    tell "What ovs-snatd says about it, and the change that it recorded:"
    show ovs-appctl -t ovs-snatd router/show demo
    show ovs-appctl -t ovs-snatd change/show "$(key sg-demo snat-change)"
    tell "And what really is there, in the namespace snat-demo:"
    show ip -n snat-demo -brief address
    show ip -n snat-demo route
    show ip netns exec snat-demo nft list ruleset
}

fail_on_purpose() {
    local before after
    tell "Every change happens whole or not at all.  Step 4 of the next one" \
        "is told to fail (and ovs-snatd not to try again soon), then the" \
        "router is to get another external address and a second network:"
    show ovs-snatctl --no-wait set SNAT_Global . \
        options:retry-initial=3600000 options:retry-max=3600000
    before=$(state)
    show ovs-appctl -t ovs-snatd fault/fail-step 4
    vsctl set Interface qg-demo \
        external_ids:snat-networks=198.51.100.20/24 \
        -- set Interface sg-demo \
        'external_ids:snat-networks="10.0.0.1/24 10.0.1.1/24"'
    vsctl wait-until Interface qg-demo external_ids:snat-state=failed
    show ovs-vsctl get Interface qg-demo external_ids:snat-error
    show ovs-appctl -t ovs-snatd change/show "$(key qg-demo snat-change)"
    after=$(state)
    diff <(echo "$before") <(echo "$after")
    tell "The steps before it were undone: addresses, routes and rules in" \
        "the namespace are, byte for byte, what they were before.  And the" \
        "router still forwards:"
    fetch 198.51.100.10
}

try_again() {
    tell "Nothing fails any more, and ovs-snatd is told to look again: the" \
        "same wish comes true now, as one change."
    show ovs-appctl -t ovs-snatd router/resync demo
    vsctl wait-until Interface qg-demo external_ids:snat-state=active
    fetch 198.51.100.20
}

is_gone() {
    [ ! -e /run/netns/snat-demo ]
}

is_forgotten() {
    [ -z "$(ovs-appctl -t ovs-snatd router/list)" ]
}

remove() {
    tell "The ports are deleted, and with the last one the router:"
    vsctl del-port qg-demo -- del-port sg-demo
    until_true is_gone
    until_true is_forgotten
    tell "Nothing of it is left: no namespace but the two hosts', no device" \
        "but theirs and the bridges', no router."
    show ip netns list
    show ip -brief link
    show ovs-appctl -t ovs-snatd router/list
    expect "The list of namespaces" \
        "$(ip netns list | awk '{ print $1 }' | sort | xargs)" \
        "inside outside"
    expect "The list of devices" \
        "$(ip -o link | sed 's/^[0-9]*: \([^@:]*\).*/\1/' | sort | xargs)" \
        "br-ex br-int inside lo outside ovs-netdev"
    expect "The list of ports" \
        "$(ovs-vsctl list-ports br-ex -- list-ports br-int | xargs)" \
        "outside inside"
}

hosts
create
look
fail_on_purpose
try_again
remove
tell "That was it: all as told, in $SECONDS seconds.  With this process the" \
    "node ends, and nothing is left of it on this machine."
