using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.RegistryBench;

/// <summary>Many models and many watchers: what a caller waits for, how long a write takes to the last watcher, what memory it costs.</summary>
internal static class ManyModels
{
    private const int VersionsPerModel = 3;
    private const double LongestAnswer = 100; // ms, the 99th percentile of list, search and rollout start
    private const double LongestWay = 100; // ms, the 99th percentile from a write to the last watcher
    private const double MostMemory = 300; // MiB

    public static async Task RunAsync(BenchRegistry registry, BenchOptions options, Report report)
    {
        await RegisterAsync(registry.Http, options.Models, report);
        var http = registry.Http;
        report.Times("list, a page", await TimeAsync(200, _ => ReadAsync(http, ApiPaths.Models)), LongestAnswer);
        report.Times("search by name", await TimeAsync(200, i => ReadAsync(http, $"{ApiPaths.Models}?name={NameOf(i % options.Models)}")), LongestAnswer);
        report.Times("one model", await TimeAsync(200, i => ReadAsync(http, ApiPaths.ForModel(NameOf(i % options.Models)))));
        report.Row($"memory with {options.Models} models", registry.Memory, "MiB", MostMemory);

        await using var watching = new Watching(http, options.Watchers);
        var watch = Stopwatch.StartNew();
        await watching.StartAsync();
        report.Row($"{options.Watchers} watchers at once, until each has the whole state", watch.Elapsed.TotalSeconds, "s");

        var used = registry.ProcessorTime;
        report.Times($"write to the last of {options.Watchers} watchers", await WriteAsync(registry.Http, watching, options), LongestWay);
        report.Row("processor time of the Registry a write", (registry.ProcessorTime - used).TotalMilliseconds / options.Writes, "ms");

        var rollouts = Math.Min(100, options.Models / 2);
        await ReportReadyAsync(http, rollouts + 10);
        report.Times($"rollout start, with {options.Watchers} watchers", await TimeAsync(rollouts, i => StartRolloutAsync(http, NameOf(i))), LongestAnswer);
        report.Row("memory with all of it", registry.Memory, "MiB", MostMemory);
        report.Row("memory, the most ever", registry.PeakMemory, "MiB", MostMemory);
    }

    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"model-{index:0000}");

    private static async Task RegisterAsync(HttpClient http, int models, Report report)
    {
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, models), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (index, _) =>
        {
            for (var version = 1; version <= VersionsPerModel; version++)
            {
                using var body = new ByteArrayContent(OnnxModels.Scale((index * VersionsPerModel) + version, -1));
                body.Headers.ContentType = new("application/octet-stream");
                await EnsureAsync(await http.PostAsync(ApiPaths.ForModel(NameOf(index)) + "/versions", body, CancellationToken.None));
            }

            await EnsureAsync(await ServeAsync(http, index, 1));
        });
        report.Row("registrations a second, each with a file of its own", models * VersionsPerModel / watch.Elapsed.TotalSeconds, "1/s");
    }

    private static async Task<List<double>> WriteAsync(HttpClient http, Watching watching, BenchOptions options)
    {
        // The first one tells where the store stands, and warms up.
        var times = new List<double>();
        var before = 0L;
        for (var i = -10; i < options.Writes; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await EnsureAsync(await ServeAsync(http, (i + 10) % options.Models, 2 + ((i + 10) / options.Models % 2)));
            while (before == 0 && watching.Newest == 0)
            {
                await Task.Delay(1);
            }

            before = before == 0 ? watching.Newest : before + 1;
            var last = await watching.LastArrivalAsync(before);
            if (i >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(started, last).TotalMilliseconds);
            }
        }

        return times;
    }

    private static Task<HttpResponseMessage> ServeAsync(HttpClient http, int model, int version) => http.PutAsync(
        ApiPaths.Serving.Replace("{model}", NameOf(model), StringComparison.Ordinal),
        new StringContent(string.Create(CultureInfo.InvariantCulture, $$"""{"stable": {{version}}}"""), null, "application/json"));

    // A rollout needs a stable version that some replica has ready.
    private static async Task ReportReadyAsync(HttpClient http, int models)
    {
        var states = await http.GetFromJsonAsync(ApiPaths.AllServing, ContractsJson.Default.IReadOnlyListServingState);
        var ready = new List<ReplicaVersion>();
        foreach (var state in states!.Take(models))
        {
            var version = await http.GetFromJsonAsync(ApiPaths.ForVersion(state.Model, state.Stable!.Value), ContractsJson.Default.ModelVersion);
            ready.Add(new ReplicaVersion(state.Model, version!.Version, version.Digest, VersionState.Ready));
        }

        var report = new ReplicaReport { Pool = Pools.Stable, Address = "http://127.0.0.1:9", Device = "cpu", Versions = ready, InFlight = 0, Capacity = 1 };
        await EnsureAsync(await http.PutAsJsonAsync(ApiPaths.ForReplica("bench"), report, ContractsJson.Default.ReplicaReport));
    }

    private static async Task StartRolloutAsync(HttpClient http, string model)
    {
        var serving = await http.GetFromJsonAsync<JsonElement>(ApiPaths.Serving.Replace("{model}", model, StringComparison.Ordinal));
        var version = serving.GetProperty("stable").GetInt32() == 3 ? 2 : 3;
        var path = ApiPaths.ModelRollouts.Replace("{model}", model, StringComparison.Ordinal);
        await EnsureAsync(await http.PostAsJsonAsync(path, new { version }));
    }

    private static async Task ReadAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        await EnsureAsync(answer);
        await answer.Content.CopyToAsync(Stream.Null);
    }

    private static async Task<List<double>> TimeAsync(int times, Func<int, Task> act)
    {
        var taken = new List<double>();
        for (var i = -5; i < times; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await act(i < 0 ? times - 1 - i : i); // what is warmed up with is not measured again
            if (i >= 0)
            {
                taken.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        return taken;
    }

    private static async Task EnsureAsync(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }
}
