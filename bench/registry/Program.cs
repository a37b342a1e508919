// What the Registry does with many models and many watchers, each figure next to the limit that it is held against.
using Sluice.RegistryBench;

var options = BenchOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 2;
}

var report = new Report();
Report.Machine();
if (options.Models > 0)
{
    await using var registry = await BenchRegistry.StartAsync();
    await ManyModels.RunAsync(registry, options, report);
}

if (options.UploadBytes > 0)
{
    await using var registry = await BenchRegistry.StartAsync();
    await BigUpload.RunAsync(registry, options.UploadBytes, report);
}

Report.Machine();
return report.Missed == 0 ? 0 : 1;
