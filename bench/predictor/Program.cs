// What the Predictor makes of a session: each figure as a ratio to what it is compared with in the same run, next to the bar.
using Sluice.Measuring;
using Sluice.PredictorBench.Parts;

return await Benchmark.RunAsync(
    args,
    models: 200,
    ("bare", BareSession.RunAsync),
    ("latency", SingleRow.RunAsync),
    ("binary", BinaryAndJson.RunAsync),
    ("batching", BatchingGain.RunAsync),
    ("python", PythonServers.RunAsync),
    ("models", ManyModels.RunAsync),
    ("memory", LongRun.RunAsync));
