using Aspire.Hosting.Building;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dcp;

/// <summary>
/// Where DCP and the dashboard lie. Configuration (<c>DcpPublisher:CliPath</c>, <c>DcpPublisher:DashboardPath</c>) wins over the
/// environment (<c>ASPIRE_DCP_PATH</c>, a folder; <c>ASPIRE_DASHBOARD_PATH</c>), which wins over what the packages wrote into the AppHost.
/// </summary>
internal sealed class DcpLocations(IConfiguration configuration, AppHostProject appHost)
{
    public string CliPath => Existing(
        "DCP", "DcpPublisher:CliPath", "ASPIRE_DCP_PATH",
        configuration["DcpPublisher:CliPath"]
            ?? (configuration["ASPIRE_DCP_PATH"] is { Length: > 0 } folder ? Path.Combine(folder, OperatingSystem.IsWindows() ? "dcp.exe" : "dcp") : null)
            ?? appHost.Metadata("dcpclipath"));

    public string DashboardPath => Existing(
        "The Aspire dashboard", "DcpPublisher:DashboardPath", "ASPIRE_DASHBOARD_PATH",
        configuration["DcpPublisher:DashboardPath"]
            ?? configuration["ASPIRE_DASHBOARD_PATH"]
            ?? appHost.Metadata("aspiredashboardpath"));

    private static string Existing(string what, string key, string variable, string? path) =>
        path is null
            ? throw new DistributedApplicationException($"{what} was not found: the AppHost's packages bring it, or configuration key '{key}' or environment variable '{variable}' says where it is.")
            : File.Exists(path) ? path : throw new DistributedApplicationException($"{what} was not found at '{path}' (configuration key '{key}', environment variable '{variable}' or the AppHost's packages).");
}
