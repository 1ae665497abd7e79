#include "router.hh"

namespace snat {

const char *
to_string(Role role)
{
    return role == Role::gateway ? "gateway" : "internal";
}

const char *
to_string(Wiring wiring)
{
    return wiring == Wiring::veth ? "veth" : "internal";
}

} // namespace snat
