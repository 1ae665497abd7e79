// Both databases together, as the engine meets them: one Journal, and one
// Snapshot of what is written in either.
#pragma once

#include "tables/snat.hh"
#include "tables/vswitch.hh"

#include <algorithm>

namespace snat {

class Both_databases : public Journal {
public:
    Both_databases(Snat_tables &snat, Vswitch &vswitch)
        : snat_{snat}, vswitch_{vswitch}
    {
    }

    // What may differ from what was read before.
    Snapshot read();
    // The changes up to now; to be called once, before next_number().
    std::vector<Change> load();
    void
    keep(size_t changes)
    {
        keep_ = changes;
    }

    uint64_t
    next_number() override
    {
        last_number_ = std::max(last_number_, snat_.last_found()) + 1;
        return last_number_;
    }
    bool
    remembers(const std::string &router, uint64_t number) const override
    {
        return snat_.remembers(router, number);
    }
    void record(const Change &change, const std::optional<News> &news,
                std::function<void(Outcome)> then) override;
    void show(const std::string &router, const Status &status) override;
    void
    show_counts(const std::string &router,
                const std::map<Row_id, Nat_count> &counts) override
    {
        snat_.show_counts(router, counts);
    }
    std::vector<Change>
    history() const override
    {
        return snat_.history();
    }
    void rewrite(const Rewrite &rewrite,
                 std::function<void(Outcome)> then) override;
    void
    forget_request(const Confirm &confirm) override
    {
        snat_.forget_request(confirm);
    }
    void
    forget(const Confirm &confirm) override
    {
        snat_.forget(confirm, [](const Outcome &) {});
    }
    void settle(int64_t next_cfg, int64_t vswitch_next_cfg) override;

private:
    void rewrite_switch(const Rewrite &rewrite,
                        std::function<void(Outcome)> then);
    void rewrite_ours(const Rewrite &rewrite,
                      const std::function<void(Outcome)> &then);
    void give_up(const Rewrite &rewrite, const Outcome &why,
                 const std::function<void(Outcome)> &then);

    Snat_tables &snat_;
    Vswitch &vswitch_;
    uint64_t last_number_ = 0;
    size_t keep_ = 1000;
};

} // namespace snat
