// What a port's row asks of the switch: a bridge, a kind of device, and for
// door 2 a row that the daemon keeps.

#include "accept_port.hh"

#include "names.hh"

namespace snat {
namespace {

constexpr int64_t most_tag = 4095;

} // namespace

std::string
Port_reader::default_bridge() const
{
    return port_.role == Role::gateway ? limits_.default_gateway_bridge
                                       : limits_.default_internal_bridge;
}

Check
Port_reader::read_bridge()
{
    const std::string bridge = row_.bridge.value_or(default_bridge());
    const auto found = around_.bridges.find(bridge);
    if (found == around_.bridges.end()) {
        return wait_for("the bridge " + quoted(bridge) + " does not exist");
    }
    port_.userspace = found->second;
    if (!row_.is_door1()) {
        port_.switch_port.emplace();
        port_.switch_port->bridge = bridge;
    }
    return std::nullopt;
}

Check
Port_reader::read_wiring()
{
    if (row_.is_door1()) {
        if (!row_.wiring.empty() && row_.wiring != "internal") {
            return refuse("Interface type " + quoted(row_.wiring)
                          + ": expected internal, or empty for a veth pair");
        }
        port_.wiring = row_.wiring.empty() ? Wiring::veth : Wiring::internal;
    } else if (row_.wiring.empty() || row_.wiring == "auto") {
        port_.wiring = port_.userspace ? Wiring::veth : Wiring::internal;
    } else if (row_.wiring == "veth" || row_.wiring == "internal") {
        port_.wiring = row_.wiring == "veth" ? Wiring::veth : Wiring::internal;
    } else {
        return refuse("wiring " + quoted(row_.wiring)
                      + ": expected auto, veth or internal");
    }
    Check refused = check_reach();
    return refused ? refused : check_device();
}

// ovs-vswitchd asks for the MTU of a device where it made it, and reads no
// more than the default of one that it does not find there (netdev-linux.c,
// netdev_linux_rxq_recv()).
Check
Port_reader::check_reach() const
{
    if (port_.userspace && port_.wiring == Wiring::internal
        && port_.mtu > default_mtu) {
        return refuse("MTU " + std::to_string(port_.mtu)
                      + ": expected at most 1500 bytes on an internal device "
                        "of a userspace datapath; a veth pair takes more");
    }
    return std::nullopt;
}

Check
Port_reader::check_device() const
{
    const auto missing = around_.missing_devices.find(row_.name);
    if (row_.is_door1() && port_.wiring == Wiring::internal
        && missing != around_.missing_devices.end()) {
        return wait_for(
            "ovs-vswitchd has not made the device " + row_.name
            + (missing->second.empty() ? "" : ": " + plain(missing->second)));
    }
    return std::nullopt;
}

Check
Port_reader::read_switch_port()
{
    if (!port_.switch_port) {
        return std::nullopt;
    }
    Switch_port &there = *port_.switch_port;
    if (row_.tag && (*row_.tag < 0 || *row_.tag > most_tag)) {
        return refuse("tag " + std::to_string(*row_.tag)
                      + ": expected a VLAN from 0 to 4095");
    }
    if (row_.tag) {
        there.tag = static_cast<uint16_t>(*row_.tag);
    }
    there.wiring = port_.wiring;
    there.external_ids = row_.external_ids;
    if (port_.mac) {
        there.external_ids["attached-mac"] = to_string(*port_.mac);
    }
    there.external_ids["snat-owner"] = "ovs-snatd";
    there.external_ids["snat-router"] = router_.name;
    return std::nullopt;
}

} // namespace snat
