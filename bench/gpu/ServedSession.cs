using System.Diagnostics;

namespace Sluice.GpuBench;

/// <summary>The same session behind a Predictor, asked by several clients at once, each of which sends its next request when it has its answer.</summary>
internal static class ServedSession
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static async Task<Figures> MeasureAsync(Inference request, int clients, TimeSpan duration)
    {
        await AskAsync(request, clients, WarmUp);
        var clock = Stopwatch.StartNew();
        var times = await AskAsync(request, clients, duration);
        return Figures.Of((long)times.Count * request.Rows, clock.Elapsed.TotalSeconds, times);
    }

    private static async Task<List<double>> AskAsync(Inference request, int clients, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        var asking = Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            var times = new List<double>();
            do
            {
                var started = Stopwatch.GetTimestamp();
                await request.SendAsync();
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
            while (clock.Elapsed < duration);
            return times;
        }));
        return [.. (await Task.WhenAll(asking)).SelectMany(times => times)];
    }
}
