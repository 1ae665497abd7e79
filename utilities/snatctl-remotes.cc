// The commands that tell the database server where to listen, and with which
// key and certificates: *-connection, *-ssl, as in ovn-nbctl(8).
#include "snatctl.hh"

#include <climits>
#include <optional>
#include <set>

namespace snat::ctl {
namespace {

const snatrec_snat_global *
global(const ctl_context *ctx)
{
    return snatrec_snat_global_first(ctx->idl); // There is one by now.
}

void
pre_connection(ctl_context *ctx)
{
    for (const auto *column : {
             &snatrec_snat_global_col_connections,
             &snatrec_connection_col_target,
             &snatrec_connection_col_inactivity_probe,
         }) {
        ovsdb_idl_add_column(ctx->idl, column);
    }
}

std::span<snatrec_connection *const>
connections(const ctl_context *ctx)
{
    const auto *row = global(ctx);
    return row ? values(row->connections, row->n_connections)
               : std::span<snatrec_connection *const>{};
}

void
get_connection(ctl_context *ctx)
{
    std::set<std::string> targets; // A set of OVSDB has no order.
    for (const auto *connection : connections(ctx)) {
        targets.insert(connection->target);
    }
    for (const auto &target : targets) {
        ds_put_format(&ctx->output, "%s\n", printable(target).c_str());
    }
}

void
del_connection(ctl_context *ctx)
{
    snatrec_snat_global_set_connections(global(ctx), nullptr, 0);
}

// The server only logs that it does not know what else is written.
bool
check_target(ctl_context *ctx, const char *target)
{
    const bool is_good
        = !pstream_verify_name(target) || !stream_verify_name(target);
    if (!is_good) {
        ctl_error(ctx,
                  "%s: expected pssl:PORT[:ADDRESS], ptcp:PORT[:ADDRESS], "
                  "punix:FILE, ssl:ADDRESS:PORT, tcp:ADDRESS:PORT or "
                  "unix:FILE",
                  printable(target).c_str());
    }
    return is_good;
}

std::optional<int64_t>
inactivity_probe(ctl_context *ctx)
{
    const char *given = option_of(ctx, "--inactivity-probe");
    long long ms = 0;
    if (given && (!str_to_llong(given, 10, &ms) || ms < 0)) {
        ctl_error(ctx, "--inactivity-probe=%s: expected milliseconds, or 0",
                  printable(given).c_str());
    }
    return given ? std::optional<int64_t>{ms} : std::nullopt;
}

void
set_connection(ctl_context *ctx)
{
    const auto probe = inactivity_probe(ctx);
    const std::set<std::string> targets{ctx->argv + 1, ctx->argv + ctx->argc};
    std::vector<snatrec_connection *> rows;
    for (const auto &target : targets) {
        if (ctx->error || !check_target(ctx, target.c_str())) {
            return;
        }
        auto *row = snatrec_connection_insert(ctx->txn);
        snatrec_connection_set_target(row, target.c_str());
        if (probe) {
            snatrec_connection_set_inactivity_probe(row, &*probe, 1);
        }
        rows.push_back(row);
    }
    snatrec_snat_global_set_connections(global(ctx), rows.data(), rows.size());
}

void
pre_ssl(ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &snatrec_snat_global_col_ssl);
    for (const auto *column : {
             &snatrec_ssl_col_private_key,
             &snatrec_ssl_col_certificate,
             &snatrec_ssl_col_ca_cert,
         }) {
        ovsdb_idl_add_column(ctx->idl, column);
    }
}

// File names only: no key is in the database.
void
get_ssl(ctl_context *ctx)
{
    const auto *row = global(ctx);
    if (row && row->ssl) {
        ds_put_format(&ctx->output,
                      "Private key: %s\n"
                      "Certificate: %s\n"
                      "CA Certificate: %s\n",
                      printable(row->ssl->private_key).c_str(),
                      printable(row->ssl->certificate).c_str(),
                      printable(row->ssl->ca_cert).c_str());
    }
}

void
del_ssl(ctl_context *ctx)
{
    snatrec_snat_global_set_ssl(global(ctx), nullptr);
}

// The server opens them, wherever this program runs.
bool
check_file_name(ctl_context *ctx, const char *name)
{
    if (*name != '/') {
        ctl_error(ctx, "%s: expected an absolute file name",
                  printable(name).c_str());
    }
    return *name == '/';
}

void
set_ssl(ctl_context *ctx)
{
    for (int i = 1; i <= 3; i++) {
        if (!check_file_name(ctx, ctx->argv[i])) {
            return;
        }
    }
    auto *row = snatrec_ssl_insert(ctx->txn);
    snatrec_ssl_set_private_key(row, ctx->argv[1]);
    snatrec_ssl_set_certificate(row, ctx->argv[2]);
    snatrec_ssl_set_ca_cert(row, ctx->argv[3]);
    if (ctx->argc > 4) {
        snatrec_ssl_set_ssl_protocols(row, ctx->argv[4]);
    }
    if (ctx->argc > 5) {
        snatrec_ssl_set_ssl_ciphers(row, ctx->argv[5]);
    }
    snatrec_snat_global_set_ssl(global(ctx), row);
}

} // namespace

const ctl_command_syntax remote_commands[] = {
    {"get-connection", 0, 0, "", pre_connection, get_connection, nullptr, "",
     ctl_command_syntax::RO},
    {"del-connection", 0, 0, "", pre_connection, del_connection, nullptr, "",
     ctl_command_syntax::RW},
    {"set-connection", 1, INT_MAX, "TARGET...", pre_connection, set_connection,
     nullptr, "--inactivity-probe=", ctl_command_syntax::RW},
    {"get-ssl", 0, 0, "", pre_ssl, get_ssl, nullptr, "",
     ctl_command_syntax::RO},
    {"del-ssl", 0, 0, "", pre_ssl, del_ssl, nullptr, "",
     ctl_command_syntax::RW},
    {"set-ssl", 3, 5,
     "PRIVATE-KEY CERTIFICATE CA-CERT [SSL-PROTOS [SSL-CIPHERS]]", pre_ssl,
     set_ssl, nullptr, "", ctl_command_syntax::RW},
    {},
};

} // namespace snat::ctl
