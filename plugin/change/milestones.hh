// Tells how far all edits are realised or refused.  Every look at the
// databases is a milestone with the configuration numbers that were there;
// it is passed when no router has anything left to do of it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace snat {

class Milestones {
public:
    struct Numbers {
        int64_t next_cfg = 0;         // SNAT_Global.next_cfg
        int64_t vswitch_next_cfg = 0; // Open_vSwitch.next_cfg
        bool operator==(const Numbers &) const = default;
    };

    // A new look at the databases; returns its serial number.
    uint64_t
    add(Numbers numbers)
    {
        waiting_.push_back({++serial_, numbers});
        return serial_;
    }

    // Nothing older than 'unsettled' is left to do; without it, nothing at
    // all.  Returns the numbers of the last milestone passed, if any was.
    std::optional<Numbers>
    pass(std::optional<uint64_t> unsettled)
    {
        std::optional<Numbers> passed;
        while (!waiting_.empty()
               && (!unsettled || waiting_.front().serial < *unsettled)) {
            passed = waiting_.front().numbers;
            waiting_.pop_front();
        }
        return passed;
    }

private:
    struct Milestone {
        uint64_t serial;
        Numbers numbers;
    };
    uint64_t serial_ = 0;
    std::deque<Milestone> waiting_;
};

} // namespace snat
