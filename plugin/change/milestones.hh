// Tells how far all edits are realised or refused.  Every look at the
// databases is a milestone with the configuration numbers that were there;
// it is passed when no router has anything left to do of it.  A milestone
// that nothing hangs on gives way to the next, so there are never many more
// than routers.
#pragma once

#include <cstddef>
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

    // A new look at the databases.
    void
    add(Numbers numbers)
    {
        // Whoever passes the one before the last passes the last as well.
        if (!marked_ && waiting_.size() > 1) {
            waiting_.erase(waiting_.end() - 2);
        }
        marked_ = false;
        waiting_.push_back({++serial_, numbers});
    }

    // Something of the last look is left to do: its serial number.
    uint64_t
    mark()
    {
        marked_ = true;
        return serial_;
    }

    size_t
    count() const
    {
        return waiting_.size();
    }

    // The numbers of the last milestone that is passed once nothing older
    // than 'unsettled' is left to do; without it, nothing at all.
    std::optional<Numbers>
    reach(std::optional<uint64_t> unsettled) const
    {
        std::optional<Numbers> reached;
        for (const Milestone &milestone : waiting_) {
            if (unsettled && milestone.serial >= *unsettled) {
                break;
            }
            reached = milestone.numbers;
        }
        return reached;
    }

    // As reach(), and so it is: the same numbers are told once.
    std::optional<Numbers>
    pass(std::optional<uint64_t> unsettled)
    {
        const auto reached = reach(unsettled);
        const auto passed = reached == told_ ? std::nullopt : reached;
        told_ = reached ? reached : told_;
        std::erase_if(waiting_, [&](const Milestone &milestone) {
            return !unsettled || milestone.serial < *unsettled;
        });
        return passed;
    }

    // What was told, and is shown no more: 'shown' is behind it, and 'asked'
    // has not been set back meanwhile.
    std::optional<Numbers>
    find_untold(Numbers shown, Numbers asked) const
    {
        const bool is_behind
            = told_
              && (shown.next_cfg < told_->next_cfg
                  || shown.vswitch_next_cfg < told_->vswitch_next_cfg);
        const bool is_asked
            = told_ && told_->next_cfg <= asked.next_cfg
              && told_->vswitch_next_cfg <= asked.vswitch_next_cfg;
        return is_behind && is_asked ? told_ : std::nullopt;
    }

private:
    struct Milestone {
        uint64_t serial;
        Numbers numbers;
    };
    uint64_t serial_ = 0;
    bool marked_ = false; // The last one.
    std::deque<Milestone> waiting_;
    std::optional<Numbers> told_;
};

} // namespace snat
