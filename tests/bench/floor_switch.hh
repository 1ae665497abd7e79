// The least that ports of the switch take: their transaction, and the news of
// what ovs-vswitchd made of them.  JSON-RPC as it goes over the wire, without
// a mirror of the database.
#pragma once

#include "tables/ovs.hh"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

struct jsonrpc;

namespace bench {

struct Floor_port {
    std::string name, bridge, type; // Of its Interface.
    int tag = 0;                    // 0: none.
};

class Floor_switch {
public:
    Floor_switch();

    // Sends it; the answer may be waited for later.
    void add(const std::vector<Floor_port> &ports);
    // Until all that were added are open.
    void wait_for_ports();

    // Until the rows are gone.
    void remove(const std::vector<Floor_port> &ports);
    // Until ovs-vswitchd has done all that it was told before.
    void settle();

private:
    json *request(const std::string &method, const std::string &params);
    void take_result(const json *result);
    void take_update(const json *update);
    // What comes next: the result if it is the answer to 'id', else null.
    json *receive(const json *id);
    json *answer_to(json *id);

    jsonrpc *rpc_ = nullptr; // Open as long as the program.
    json *added_ = nullptr;  // The id of the request under way.
    std::vector<Floor_port> adding_;
    std::set<std::string> closed_;             // Not open yet.
    std::map<std::string, std::string> uuids_; // Of Port rows, by name.
    int64_t cur_cfg_ = 0;
};

} // namespace bench
