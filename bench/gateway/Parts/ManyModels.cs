using System.Diagnostics;
using System.Globalization;
using Sluice.Contracts;
using Sluice.GatewayBench.Load;
using Sluice.GatewayBench.Servers;
using Sluice.Measuring;
using Sluice.Testing;

namespace Sluice.GatewayBench.Parts;

/// <summary>What a thousand models cost the one that is asked, and how soon a weight is in force at every gateway.</summary>
internal static class ManyModels
{
    private const double MostSlower = 1.1;
    private const double MostDelay = 200; // ms
    private const int Changes = 20;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        await using var one = await Stand.StartAsync();
        await using var many = await Stand.StartAsync(options.Models);
        var lone = await one.AddGatewayAsync();
        ServerProcess[] gateways = [await many.AddGatewayAsync(), await many.AddGatewayAsync()];
        var sides = await Side.AlternateAsync(
            options.Rounds,
            () => Wrk.MeasureAsync(lone, Requests.Of(one, "m0", Requests.Small), Wrk.Many, options),
            () => Wrk.MeasureAsync(gateways[0], Requests.Of(many, "m0", Requests.Small), Wrk.Many, options));
        Proxies.Tell(report, "1 model, 64 clients", sides[0]);
        Proxies.Tell(report, $"one of {options.Models}, 64 clients", sides[1]);
        report.AtMost($"{options.Models} models to 1: processor time a request", sides[1].Cpu / sides[0].Cpu, " ×", MostSlower);
        report.Tell($"memory of a gateway with {options.Models} models", $"{gateways[0].Memory:0} MiB");

        var delays = new List<double>();
        for (var i = 0; i < Changes; i++)
        {
            var model = string.Create(CultureInfo.InvariantCulture, $"m{i}");
            await many.StartRolloutAsync(model, 1, 10_000);
            Rollout? rollout = null;
            await Eventually.BecomesTrueAsync(async () => (rollout = await many.RolloutAsync(model)) is { Pause.Kind: PauseKind.Approval }, TimeSpan.FromSeconds(60));
            delays.AddRange(await CommandAsync(many, gateways, model, "2", "approve", new { generation = rollout!.Generation, reason = "bench" }));
            delays.AddRange(await CommandAsync(many, gateways, model, "1", "rollback", new { reason = "bench" }));
        }

        delays.Sort();
        report.Tell($"a weight in force at a gateway, {options.Models} models: median", $"{delays[delays.Count / 2]:0} ms");
        report.AtMost($"a weight in force at both gateways, {options.Models} models: the longest of {2 * Changes}", delays[^1], " ms", MostDelay);
    }

    // From the sending of the command to the first answer of the other version, at each gateway.
    private static async Task<double[]> CommandAsync(Stand stand, ServerProcess[] gateways, string model, string version, string order, object command)
    {
        var start = Stopwatch.GetTimestamp();
        var seen = Task.WhenAll(gateways.Select(async gateway =>
        {
            while (await stand.AskAsync(gateway, model) != version)
            {
                await Task.Delay(1);
            }

            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }));
        await stand.CommandAsync($"/api/rollouts/{model}.1/{order}", command);
        return await seen;
    }
}
