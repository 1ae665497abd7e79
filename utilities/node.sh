#!/bin/bash
# A node of its own: Open vSwitch, both databases and ovs-snatd in private
# network, mount and process namespaces with a private /run, so that nothing
# of the machine is touched and nothing outlives the first process in it.
#
# Run as a command, it makes a fresh node, runs COMMAND there and exits with
# its status:
#
#     utilities/node.sh BUILD-DIRECTORY COMMAND [ARG]...
#
# COMMAND may source this file for the functions that work on the node that it
# is in.  Several nodes live side by side.  Everything here needs root.

node_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

node_usage() {
    echo "usage: utilities/node.sh BUILD-DIRECTORY COMMAND [ARG]..." >&2
    exit 2
}

# Makes the namespaces and starts this file again in them.  When this process
# dies, even by SIGKILL, so does unshare, and with it the whole node.
node_enter() {
    setpriv --pdeathsig KILL \
        unshare --net --mount --pid --fork --kill-child \
        bash "$node_top/utilities/node.sh" --inside \
        "$(readlink /proc/self/ns/net)" "$@"
}

# node_live OUTSIDE BUILD COMMAND...: the life of a node, as the first process
# in it.  OUTSIDE is the network that it must not be in: what follows would
# take the machine's own /run and network for a node's.
node_live() {
    local outside=${1-} build=${2-}
    if [ $$ -ne 1 ] || [ -z "$outside" ] || [ -z "$build" ] ||
        [ "$(readlink /proc/self/ns/net)" = "$outside" ]; then
        echo "node.sh: not in namespaces of its own" >&2
        return 2
    fi
    shift 2
    # A first process is deaf to signals that it has no handler for.  Ctrl-C
    # is for COMMAND, which has it from the terminal as well.
    trap 'exit 143' TERM HUP
    trap ':' INT
    node_make_private && node_environment "$build" && node_start &&
        "$@"
}

# Gives the node its own /proc, /run and /sys.  NODE_PID is the number that
# this process has outside: whoever enters the node from there needs it.
node_make_private() {
    read -r NODE_PID _ < /proc/self/stat
    export NODE_PID
    mount -t proc proc /proc &&
        mount -t tmpfs -o mode=755 tmpfs /run &&
        mount -t sysfs sysfs /sys &&
        mkdir /run/lock /run/netns &&
        ip link set lo up
}

# What the tools must know.
node_environment() {
    local build=$1
    export OVS_RUNDIR=/run/openvswitch
    export OVS_LOGDIR=$OVS_RUNDIR/log
    export OVS_DBDIR=$OVS_RUNDIR/db
    export OVS_SYSCONFDIR=$OVS_RUNDIR/etc
    export OVS_PKGDATADIR=/usr/share/openvswitch
    export OVS_SNAT_PKGDATADIR=$OVS_RUNDIR/share
    export OVS_SNAT_SCHEMA=$node_top/ovsdb-schema/ovs-snat.ovsschema
    export PATH=$build/plugin:$build/utilities:$PATH:/usr/sbin:/sbin
    # As ovs-snat-ctl starts it, which can tell then whether it runs.
    export SNATD_START="ovs-snatd -vconsole:off --enable-faults --detach \
--pidfile=$OVS_RUNDIR/ovs-snatd.pid --log-file"
    # A daemon has no standard error where a sanitizer could complain.
    export ASAN_OPTIONS=log_path=$OVS_LOGDIR/sanitizer
    export UBSAN_OPTIONS=$ASAN_OPTIONS:print_stacktrace=1
    mkdir -p "$OVS_RUNDIR" "$OVS_LOGDIR" "$OVS_DBDIR" "$OVS_SYSCONFDIR" \
        "$OVS_SNAT_PKGDATADIR"
    # As the package has them in one place.
    ln -sfn "$OVS_SNAT_SCHEMA" "$node_top/utilities/bugtool" \
        "$OVS_SNAT_PKGDATADIR/"
}

# Starts everything, each as its package does, and returns when it is usable.
node_start() {
    local switch snat
    node_start_database conf.db "$OVS_PKGDATADIR/vswitch.ovsschema" \
        --remote="punix:$OVS_RUNDIR/db.sock" \
        --remote=db:Open_vSwitch,Open_vSwitch,manager_options \
        --pidfile --log-file &
    switch=$!
    # Named as OVN names its databases' servers, which also live beside that
    # of the switch.
    node_start_database ovs_snat.db \
        "$OVS_SNAT_SCHEMA" \
        --remote="punix:$OVS_RUNDIR/ovs_snat_db.sock" \
        --remote=db:OVS_SNAT,SNAT_Global,connections \
        --private-key=db:OVS_SNAT,SSL,private_key \
        --certificate=db:OVS_SNAT,SSL,certificate \
        --ca-cert=db:OVS_SNAT,SSL,ca_cert \
        --ssl-protocols=db:OVS_SNAT,SSL,ssl_protocols \
        --ssl-ciphers=db:OVS_SNAT,SSL,ssl_ciphers \
        --unixctl="$OVS_RUNDIR/ovs_snat_db.ctl" \
        --pidfile="$OVS_RUNDIR/ovs_snat_db.pid" \
        --log-file="$OVS_LOGDIR/ovsdb-server-snat.log" &
    snat=$!
    wait "$switch" && node_start_switch && wait "$snat" &&
        node_start_daemon && return
    echo "the node did not start" >&2
    tail -n 5 "$OVS_LOGDIR"/*.log >&2
    return 1
}

# node_start_database FILE SCHEMA OPTION...: an ovsdb-server of its own.
node_start_database() {
    local file=$OVS_DBDIR/$1 schema=$2
    shift 2
    ovsdb-tool create "$file" "$schema" &&
        ovsdb-server -vconsole:off --detach "$@" "$file"
}

# The bridges are in the database first: ovs-vswitchd has them when it says
# that it is up.
node_start_switch() {
    ovs-vsctl --timeout=10 --no-wait -- init \
        -- add-br br-int -- set Bridge br-int datapath_type=netdev \
        -- add-br br-ex -- set Bridge br-ex datapath_type=netdev &&
        node_start_vswitchd &&
        ip link set br-int up &&
        ip link set br-ex up
}

node_start_vswitchd() {
    ovs-vswitchd -vconsole:off --disable-system --detach --pidfile --log-file
}

# What it finds in the databases at first it takes for what was there before it
# started, so it has read them before anybody writes.
node_start_daemon() {
    local tries=0
    ovs-snatctl --timeout=10 --no-wait init &&
        $SNATD_START || return
    until ovs-appctl -t ovs-snatd metrics/show |
        grep -qx 'ovs_snat_ready 1'; do
        [ $((tries++)) -lt 500 ] && sleep 0.02 || return
    done
}

# Whether this process is in a node; nothing below may touch a machine itself.
node_is_here() {
    local first
    mapfile -d '' -t first < /proc/1/cmdline
    [ "${first[2]-}" = --inside ] && return
    echo "node.sh: not in a node" >&2
    return 1
}

# node_host NAME BRIDGE [ip=NETWORK]... [via=GATEWAY]... [tag=VLAN] [mtu=BYTES]
#
# A computer on a bridge: namespace NAME with an interface eth0.
node_host() {
    local name=$1 bridge=$2 tag='' mtu='' word
    local -a setup=("link set lo up" "link set eth0 up") set_tag=()
    shift 2
    node_is_here || return
    for word; do
        case $word in
        ip=*:*) setup+=("addr add ${word#ip=} dev eth0 nodad") ;;
        ip=*) setup+=("addr add ${word#ip=} dev eth0") ;;
        via=*:*) setup+=("route add default via ${word#via=}") ;;
        via=*) setup+=("route add default via ${word#via=}") ;;
        tag=*) tag=${word#tag=} ;;
        mtu=*) mtu=${word#mtu=} ;;
        *) echo "node_host: what is $word?" >&2; return 1 ;;
        esac
    done
    [ -z "$tag" ] || set_tag=("tag=$tag")
    [ -z "$mtu" ] || setup=("link set eth0 mtu $mtu" "${setup[@]}")
    ip netns add "$name" &&
        ip link add "$name" type veth peer name eth0 netns "$name" &&
        ip link set "$name" addrgenmode none ${mtu:+mtu "$mtu"} up &&
        # The userspace datapath does not complete checksums.
        ip netns exec "$name" ethtool -K eth0 tx off > /dev/null &&
        printf '%s\n' "${setup[@]}" | ip -n "$name" -batch - &&
        ovs-vsctl -- add-port "$bridge" "$name" "${set_tag[@]}"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    if [ "${1-}" = --inside ]; then
        shift
        node_live "$@"
    else
        [ $# -ge 2 ] || node_usage
        node_enter "$@"
    fi
fi
