// Conversations with the kernel over one netlink socket, in one namespace.
//
// Plain sockets are used with libnl's messages: libnl's own sockets are
// numbered from a pool of 1024 a process, and one router takes two.
#pragma once

#include "kernel/fd.hh"
#include "kernel/message.hh"
#include "router/result.hh"

#include <span>
#include <string_view>
#include <vector>

namespace snat {

class Netlink {
public:
    // 'protocol' is NETLINK_ROUTE or NETLINK_NETFILTER.  The socket belongs
    // to the namespace that the caller is in now, for good.
    static Result<Netlink> open(int protocol);

    // Sends 'messages' in one go and waits for every acknowledgement.  The
    // error is the first one, put as "cannot WHAT: why"; except in an
    // nf_tables batch, the messages after it have been done all the same.
    Outcome send(std::span<const Message> messages, std::string_view what);
    Outcome send(const Message &message, std::string_view what);

    // Sends a question, a dump or not, and collects what comes.
    Result<std::vector<Reply>> ask(const Message &message,
                                   std::string_view what);

private:
    explicit Netlink(Fd fd) : fd_{std::move(fd)} {}

    struct Conversation;
    Result<Conversation> converse(std::span<const Message> messages,
                                  std::string_view what);
    Outcome transmit(std::span<const Message> messages);
    Outcome receive(Conversation &conversation);

    Fd fd_;
    uint32_t last_sequence_ = 0;
};

} // namespace snat
