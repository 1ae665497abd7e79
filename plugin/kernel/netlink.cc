#include "kernel/netlink.hh"

#include "kernel/failure.hh"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>

namespace snat {
namespace {

// Room for ten thousand elements in a batch, and for all their answers.
constexpr int buffer_size = 4 << 20;

// A dump that the kernel's tables changed under is asked for again.
constexpr int max_dump_tries = 5;

void
set_option(int fd, int level, int option, int value)
{
    // None of them is essential, and old kernels lack some.
    (void)setsockopt(fd, level, option, &value, sizeof value);
}

// The kernel's own sentence about an error, if it has one.
std::string
kernel_says(const nlmsghdr *message)
{
    if (!(message->nlmsg_flags & NLM_F_ACK_TLVS)
        || !(message->nlmsg_flags & NLM_F_CAPPED)) {
        return {};
    }
    const auto *start = static_cast<const char *>(nlmsg_data(message));
    const int size = nlmsg_datalen(message) - int(sizeof(nlmsgerr));
    return Attributes{start + sizeof(nlmsgerr), size}.text(NLMSGERR_ATTR_MSG);
}

} // namespace

// What has come back so far.
struct Netlink::Conversation {
    uint32_t first = 0, last = 0; // Sequence numbers of the questions.
    size_t awaited = 0;           // Ends of answers that are still to come.
    bool interrupted = false;     // A dump is not of one moment.
    std::vector<Reply> replies;
    std::optional<Error> error; // The first; 'what' is only the reason.

    void take(const nlmsghdr *message);

private:
    void finish(const nlmsghdr *message);
};

void
Netlink::Conversation::finish(const nlmsghdr *message)
{
    awaited -= awaited > 0;
    const auto *result = static_cast<const nlmsgerr *>(nlmsg_data(message));
    if (nlmsg_datalen(message) < int(sizeof(int)) || !result->error || error) {
        return;
    }
    const std::string more = message->nlmsg_type == NLMSG_ERROR
                                 ? kernel_says(message)
                                 : std::string{};
    error
        = Error{-result->error, reason(-result->error)
                                    + (more.empty() ? "" : " (" + more + ")")};
}

void
Netlink::Conversation::take(const nlmsghdr *message)
{
    // Left over from a conversation that was given up.
    if (message->nlmsg_seq < first || message->nlmsg_seq > last) {
        return;
    }
    interrupted |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (message->nlmsg_type == NLMSG_ERROR
        || message->nlmsg_type == NLMSG_DONE) {
        finish(message);
    } else if (message->nlmsg_type != NLMSG_NOOP) {
        replies.emplace_back(message);
    }
}

Result<Netlink>
Netlink::open(int protocol)
{
    Fd fd{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)};
    if (!fd) {
        return failure("open a netlink socket");
    }
    set_option(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, buffer_size);
    set_option(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, buffer_size);
    set_option(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, 1);
    set_option(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, 1);
    set_option(fd.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    return Netlink{std::move(fd)};
}

Outcome
Netlink::transmit(std::span<const Message> messages)
{
    std::string bytes;
    for (const Message &message : messages) {
        const nlmsghdr *header = message.get();
        bytes.append(reinterpret_cast<const char *>(header),
                     header->nlmsg_len);
        bytes.resize(NLMSG_ALIGN(bytes.size()));
    }
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    const auto sent
        = sendto(fd_.get(), bytes.data(), bytes.size(), 0,
                 reinterpret_cast<sockaddr *>(&kernel), sizeof kernel);
    return sent < 0 ? Outcome{Error{errno, reason(errno)}} : Done{};
}

// The kernel answers rtnetlink and nf_tables before sendto() returns, and
// goes on with a dump whenever it is read, so an empty queue means that
// nothing more will come.
Outcome
Netlink::receive(Conversation &conversation)
{
    alignas(nlmsghdr) std::array<char, 65536> buffer;
    const auto size = recv(fd_.get(), buffer.data(), buffer.size(),
                           MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0) {
        return Error{errno, errno == EAGAIN ? "the kernel gave no answer"
                                            : reason(errno)};
    }
    if (size > ssize_t(buffer.size())) {
        return Error{EMSGSIZE, reason(EMSGSIZE)};
    }
    int rest = static_cast<int>(size);
    const auto *message = reinterpret_cast<const nlmsghdr *>(buffer.data());
    for (; nlmsg_ok(message, rest);
         message = nlmsg_next(const_cast<nlmsghdr *>(message), &rest)) {
        conversation.take(message);
    }
    return Done{};
}

Result<Netlink::Conversation>
Netlink::converse(std::span<const Message> messages, std::string_view what)
{
    if (!std::ranges::all_of(messages, &Message::is_whole)) {
        return failure(
            what, {EMSGSIZE, "it is too large for one netlink attribute"});
    }
    Conversation conversation;
    conversation.first = last_sequence_ + 1;
    for (const Message &message : messages) {
        message.get()->nlmsg_seq = ++last_sequence_;
        conversation.awaited
            += (message.get()->nlmsg_flags & (NLM_F_ACK | NLM_F_DUMP)) != 0;
    }
    conversation.last = last_sequence_;
    Outcome outcome = transmit(messages);
    while (outcome && conversation.awaited > 0) {
        outcome = receive(conversation);
    }
    // A batch that failed does not acknowledge the rest of its messages.
    if (conversation.error) {
        outcome = *conversation.error;
    }
    if (!outcome) {
        return failure(what, outcome.error());
    }
    return conversation;
}

Outcome
Netlink::send(std::span<const Message> messages, std::string_view what)
{
    if (messages.empty()) {
        return Done{};
    }
    const auto conversation = converse(messages, what);
    return conversation ? Outcome{Done{}} : conversation.error();
}

Outcome
Netlink::send(const Message &message, std::string_view what)
{
    return send(std::span{&message, 1}, what);
}

Result<std::vector<Reply>>
Netlink::ask(const Message &message, std::string_view what)
{
    for (int i = 0; i < max_dump_tries; i++) {
        auto conversation = converse(std::span{&message, 1}, what);
        if (!conversation) {
            return conversation.error();
        }
        if (!conversation->interrupted) {
            return std::move(conversation->replies);
        }
    }
    return failure(what, Error{EAGAIN, "the kernel's tables keep changing"});
}

} // namespace snat
