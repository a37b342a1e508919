// What the gateway costs: each figure as a ratio to a bare proxy in the same run, next to the bar.
using Sluice.GatewayBench.Parts;
using Sluice.GatewayBench.Servers;
using Sluice.Measuring;

switch (args)
{
    // The program itself is the replica behind every proxy, and the bare YARP: processes of their own, like what they are compared with.
    case ["--replica", var port, var digests]:
        return await Replica.RunAsync(port, digests.Split(','));
    case ["--yarp", var port, var upstream]:
        return await BareYarp.RunAsync(port, upstream);
}

return await Benchmark.RunAsync(
    args,
    models: 1000,
    ("proxies", Proxies.RunAsync),
    ("latency", AddedLatency.RunAsync),
    ("features", Features.RunAsync),
    ("models", ManyModels.RunAsync),
    ("memory", LongRun.RunAsync));
