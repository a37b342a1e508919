// What the Predictor makes of a session: each figure as a ratio to what it is compared with in the same run, next to the bar.
using Sluice.PredictorBench;
using Sluice.Measuring;
using Sluice.PredictorBench.Parts;

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
        "bare" => BareSession.RunAsync(options, report),
        "latency" => SingleRow.RunAsync(options, report),
        "binary" => BinaryAndJson.RunAsync(options, report),
        "batching" => BatchingGain.RunAsync(options, report),
        "python" => PythonServers.RunAsync(options, report),
        "models" => ManyModels.RunAsync(options, report),
        _ => LongRun.RunAsync(options, report),
    });
}

Report.Machine();
return report.Missed == 0 ? 0 : 1;
