using System.Collections.Concurrent;
using System.Diagnostics;
using Sluice.Measuring;

namespace Sluice.GatewayBench.Load;

/// <summary>Sends so many requests a second, whether the ones before are answered or not, and counts from when each was due.</summary>
internal static class SteadyLoad
{
    /// <summary>Runs for a while.</summary>
    /// <returns>Median and 99th percentile in ms.</returns>
    /// <exception cref="InvalidOperationException">Something failed.</exception>
    public static async Task<Sample> MeasureAsync(ServerProcess server, RequestBody request, int perSecond, TimeSpan duration)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64, UseProxy = false });
        var address = new Uri(server.Address, request.Path);
        var took = new ConcurrentBag<double>();
        var total = (int)(duration.TotalSeconds * perSecond);
        var open = new List<Task>(total);
        var before = server.ProcessorTime;
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < total;)
        {
            for (var due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond); sent < due && sent < total; sent++)
            {
                open.Add(SendAsync(http, address, request, start, TimeSpan.FromSeconds((double)sent / perSecond), took));
            }

            await Task.Delay(1);
        }

        await Task.WhenAll(open);
        var used = server.ProcessorTime - before;
        var sorted = took.Order().ToArray();
        return new Sample(perSecond, used.TotalMicroseconds / total, sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
    }

    private static async Task SendAsync(HttpClient http, Uri address, RequestBody request, long start, TimeSpan due, ConcurrentBag<double> took)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(request.Body) };
        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await http.SendAsync(message);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
        took.Add((Stopwatch.GetElapsedTime(start) - due).TotalMilliseconds);
    }
}
