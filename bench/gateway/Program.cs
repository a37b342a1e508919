// What the gateway costs: each figure as a ratio to a bare proxy in the same run, next to the bar.
using Sluice.GatewayBench;
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

var options = BenchOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 2;
}

if (!await Wrk.IsThereAsync())
{
    Console.Error.WriteLine("The load generator wrk is missing: install the package wrk.");
    return 2;
}

var report = new Report();
Report.Machine();
foreach (var part in options.Parts)
{
    await (part switch
    {
        "proxies" => Proxies.RunAsync(options, report),
        "latency" => AddedLatency.RunAsync(options, report),
        "features" => Features.RunAsync(options, report),
        "models" => ManyModels.RunAsync(options, report),
        _ => LongRun.RunAsync(options, report),
    });
}

Report.Machine();
return report.Missed == 0 ? 0 : 1;
