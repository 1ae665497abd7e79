// What the two processes say to each other: one JSON document a message, read
// strictly on both sides.  Requests carry an id that the answer repeats, one
// answer each, in the order of the requests; but a probe is answered when
// its outcome is known, and nothing waits for it meanwhile.
//
//     {"id": 7, "observe": {"router": "r", "links": [..], "sysctls": [..],
//                           "lent": false, "remembered": false, "expected":
//                           [{"nat": "f00..", "hosts": {"qg-r": ".."}}]}}
//     {"id": 7, "seen": {"wired": {..}, "nat": 0, "hosts": {"qg-r": 0}}}
//     {"id": 8, "apply": {"router": "r", "steps": [..], "undoing": false,
//                         "incomplete": false, "strike": {..}}}
//     {"id": 8, "applied": {"done": 3, ..}}
//     {"id": 9, "announce": {"router": "r", "links": {"qg-r": ["10.0.0.1"]}}}
//     {"id": 9, "done": true}
//     {"id": 10, "list-owned": true}
//     {"id": 10, "owned": {"r": ["qg-r"]}}
//     {"id": 11, "probe": {"router": "r", "links": {"qg-r": ["10.0.0.1"]},
//                          "answers": false, "timeout": 3000}}
//     {"id": 11, "error": {"code": 22, "what": ".."}}
//     {"id": 12, "count": {"router": "r"}}
//     {"id": 12, "counts": {"snat ..": [1, 60, 1, 60, 1]}}
//     {"id": 13, "how": true}
//     {"id": 13, "usage": {"cpu_us": 1, "resident_bytes": 4096, ..}}
//     {"id": 0, "moved": {"all": false, "routers": ["r"], "links": []}}
//
// An "error" answers what could not be looked at, counted or announced, and a
// probe that has not found what it shall, which else is "done"; an Apply says
// in its "applied" what went wrong.  "moved" is news that nobody asked for.
#pragma once

#include "change/watched.hh"
#include "change/world.hh"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace snat {

// Of what is expected only the digests are sent.
struct Digests {
    std::string nat;
    std::map<std::string, std::string> hosts; // By link.
};
struct Look {
    Observe what;
    std::vector<Digests> expected;
};

struct List_owned {};
struct How {}; // It is: what it takes of the machine.
using Request_body
    = std::variant<Look, Apply, Announce, List_owned, Probe, Count, How>;

struct Request {
    uint64_t id = 0;
    Request_body body;
};

// Which number among the expected ones has what was seen; what is not named
// here is told in full.
struct Seen {
    Wired wired;
    std::optional<uint64_t> nat;
    std::map<std::string, uint64_t> hosts; // By link.
};

using Answer_body = std::variant<Error, Seen, Applied, Owned, Done, Moved,
                                 Nat_counts, Process_usage>;

// Id 0 answers no request: an Error is the kernel process's last word.
struct Answer {
    uint64_t id = 0;
    Answer_body body;
};

// What answers a request that is refused as a whole, so that nothing of it
// was done.
Answer_body refusal(const Request_body &body, const Error &why);

Look look_for(const Observe &what);
Seen tell(Wired wired, const Look &look);
// The error is that it names what was not expected.
Result<Wired> understand(Seen seen, const std::vector<Many> &expected);

std::string to_text(const Request &request);
std::string to_text(const Answer &answer);

Result<Request> request_from_text(std::string_view text);
Result<Answer> answer_from_text(std::string_view text);

} // namespace snat
