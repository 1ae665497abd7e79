#include "tables/both.hh"

namespace snat {

Snapshot
Both_databases::read() const
{
    Snapshot snapshot;
    vswitch_.read(snapshot);
    snat_.read(snapshot);
    return snapshot;
}

std::vector<Change>
Both_databases::load()
{
    auto changes = snat_.history();
    last_number_ = changes.empty() ? 0 : changes.back().number;
    return changes;
}

void
Both_databases::record(const Change &change, const std::optional<News> &news,
                       std::function<void(Outcome)> then)
{
    snat_.record(change, news, keep_, std::move(then));
}

void
Both_databases::show(const Status &status, std::function<void()> done)
{
    const auto then = [left = std::make_shared<int>(2),
                       done = std::move(done)](const Outcome &) {
        if (--*left == 0) {
            done();
        }
    };
    vswitch_.show(status, then);
    snat_.show(status, then);
}

// The switch's first: what can be refused and what must be last is in ours.
// If it is, the switch's rows become again what they were.
void
Both_databases::rewrite(const Rewrite &rewrite,
                        std::function<void(Outcome)> then)
{
    vswitch_.rewrite(
        rewrite.was, rewrite.becomes,
        [this, rewrite, then = std::move(then)](const Outcome &written) {
            if (!written) {
                then(written);
                return;
            }
            snat_.rewrite(rewrite, [this, rewrite, then](const Outcome &ours) {
                if (ours) {
                    then(ours);
                    return;
                }
                vswitch_.rewrite(
                    rewrite.becomes, rewrite.was,
                    [then, ours](const Outcome &) { then(ours); });
            });
        });
}

void
Both_databases::settle(int64_t next_cfg, int64_t vswitch_next_cfg)
{
    snat_.settle(next_cfg);
    vswitch_.settle(vswitch_next_cfg);
}

} // namespace snat
