using System.Globalization;
using Sluice.Testing;

namespace Sluice.Measuring;

/// <summary>The load generator: <c>wrk</c>, which takes little of the processor that it shares with what it measures.</summary>
public static class Wrk
{
    /// <summary>Connections of many clients.</summary>
    public const int Many = 64;

    /// <summary>Installs it where it is missing and that is allowed.</summary>
    /// <returns>Whether it is there.</returns>
    public static async Task<bool> IsThereAsync()
    {
        await using var install = ChildProcess.Start(Repository.PathOf("eng", "install-optional.sh"), ["wrk:wrk"]);
        await install.WaitForExitAsync(TimeSpan.FromMinutes(10));
        return Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "wrk")));
    }

    /// <summary>Warms up, then measures.</summary>
    /// <param name="server">What is asked.</param>
    /// <param name="request">The request.</param>
    /// <param name="connections">Requests at once.</param>
    /// <param name="times">How long.</param>
    /// <exception cref="InvalidOperationException">Some answer was no success, or there was none.</exception>
    public static async Task<Sample> MeasureAsync(ServerProcess server, RequestBody request, int connections, Times times)
    {
        await RunAsync(server.Address, request, connections, times.WarmUp);
        var before = server.ProcessorTime;
        var result = await RunAsync(server.Address, request, connections, times.Duration);
        var used = server.ProcessorTime - before;
        if (result.Requests == 0)
        {
            throw new InvalidOperationException($"{new Uri(server.Address, request.Path)}: nothing was answered in {result.Seconds:0} s; measure longer, or on a machine less busy.");
        }

        return new Sample(
            result.Requests / result.Seconds, used.TotalMicroseconds / result.Requests, result.Median, result.P99);
    }

    /// <summary>Sends for a while.</summary>
    /// <returns>Requests answered, seconds it took, median and 99th percentile in ms.</returns>
    public static async Task<(long Requests, double Seconds, double Median, double P99)> RunAsync(
        Uri address, RequestBody request, int connections, TimeSpan duration)
    {
        using var folder = new TemporaryFolder();
        var body = Path.Combine(folder.Path, "body");
        await File.WriteAllBytesAsync(body, request.Body);
        var seconds = Math.Max(1, (int)Math.Round(duration.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        string[] arguments =
        [
            "-t1", "-c", connections.ToString(CultureInfo.InvariantCulture), "-d", seconds + "s", "--timeout", "30s",
            "-s", Path.Combine(AppContext.BaseDirectory, "load.lua"), new Uri(address, request.Path).AbsoluteUri,
            "--", body, .. request.Headers.SelectMany(header => new[] { header.Key, header.Value }),
        ];
        await using var wrk = ChildProcess.Start("wrk", arguments);
        await wrk.WaitForExitAsync(duration + TimeSpan.FromSeconds(60));
        await wrk.WaitForOutputAsync("result ", TimeSpan.FromSeconds(5));
        return Parse(wrk.Output, address, request);
    }

    private static (long Requests, double Seconds, double Median, double P99) Parse(string output, Uri address, RequestBody request)
    {
        var line = output.Split('\n').First(line => line.StartsWith("result ", StringComparison.Ordinal));
        var figures = Array.ConvertAll(line.Split(' ')[1..], figure => long.Parse(figure, CultureInfo.InvariantCulture));
        return figures is [.., 0, 0]
            ? (figures[0], figures[1] / 1e6, figures[2] / 1e3, figures[3] / 1e3)
            : throw new InvalidOperationException(
                $"{new Uri(address, request.Path)}: of {figures[0]} requests {figures[4]} were answered without success and {figures[5]} failed.");
    }
}
