// Network namespaces of the node, by their names.
#pragma once

#include "kernel/fd.hh"

#include <cstdint>
#include <string>

namespace bench {

// As long as it lives its thread is in that namespace.  What sockets are made
// then stay there.
class Inside {
public:
    explicit Inside(const std::string &place);
    ~Inside();

private:
    snat::Fd home_;
};

// A socket of a place, wherever its user is.
snat::Fd socket_in(const std::string &place, int type, int protocol = 0);

// How many packets the device eth0 of a place has received.
uint32_t received(const std::string &place);

// Has the shell do it, which must not fail; what it says is no matter.
void run(const std::string &commands, const std::string &input = "");

} // namespace bench
