using System.Globalization;
using Sluice.GatewayBench.Load;
using Sluice.GatewayBench.Servers;
using Sluice.Measuring;
using Sluice.Testing;

namespace Sluice.GatewayBench.Parts;

/// <summary>The gateway with all that it does, a YARP that does nothing else, and nginx, before the same replica.</summary>
internal static class Proxies
{
    private const double MostToYarp = 1.25; // processor time a request
    private const double MostToNginx = 3;
    private const double LeastToYarp = 0.85; // requests a second

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        using var folder = new TemporaryFolder();
        await using var stand = await Stand.StartAsync();
        await stand.StartRolloutAsync("m0", 500);
        var gateway = await stand.AddGatewayAsync();
        var yarp = stand.Add(StartYarp(stand));
        await yarp.AnswersAsync("/");
        var nginx = await Nginx.FindAsync() is { } program ? stand.Add(Nginx.Start(program, folder, stand.Replica.Address)) : null;
        if (nginx is null)
        {
            report.Skip("nginx", "it is missing: install the package nginx-light");
        }
        else
        {
            await nginx.AnswersAsync("/");
        }

        foreach (var (bytes, connections) in new[] { (Requests.Small, 64), (Requests.Small, 1), (Requests.Large, 64), (Requests.Large, 1) })
        {
            var request = Requests.Of(stand, "m0", bytes);
            var servers = nginx is null ? new[] { gateway, yarp } : [gateway, yarp, nginx];
            var sides = await Side.AlternateAsync(
                options.Rounds, Array.ConvertAll(servers, server => (Func<Task<Sample>>)(() => Wrk.MeasureAsync(server, request, connections, options))));
            var what = string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes, {connections} {(connections == 1 ? "client" : "clients")}");
            Tell(report, $"{what}: gateway", sides[0]);
            Tell(report, $"{what}: bare YARP", sides[1]);
            report.AtMost($"{what}: processor time, gateway to bare YARP", sides[0].Cpu / sides[1].Cpu, " ×", MostToYarp);
            report.AtLeast($"{what}: requests/s, gateway to bare YARP", sides[0].PerSecond / sides[1].PerSecond, " ×", LeastToYarp);
            if (nginx is not null)
            {
                Tell(report, $"{what}: nginx", sides[2]);
                report.AtMost($"{what}: processor time, gateway to nginx", sides[0].Cpu / sides[2].Cpu, " ×", MostToNginx);
            }
        }
    }

    /// <summary>Starts a bare YARP before the stand's replica.</summary>
    public static ServerProcess StartYarp(Stand stand)
    {
        var port = FreePort.Take(1)[0];
        return new ServerProcess(
            ChildProcess.Start(
                "dotnet", [typeof(Proxies).Assembly.Location, "--yarp", port.ToString(CultureInfo.InvariantCulture), stand.Replica.Address.AbsoluteUri]),
            port);
    }

    /// <summary>A side in words.</summary>
    public static void Tell(Report report, string what, Side side) => report.Tell(
        what, $"{side.PerSecond:0} requests/s ({side.Spread}), {side.Cpu:0.#} µs of processor, median {side.Median:0.000} ms, p99 {side.P99:0.000} ms");
}
