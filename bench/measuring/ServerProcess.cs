using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Sluice.Testing;

namespace Sluice.Measuring;

/// <summary>A server in a process of its own, and what it takes of the machine.</summary>
/// <param name="process">The process.</param>
/// <param name="port">Of 127.0.0.1, where it answers.</param>
/// <param name="managementPort">Where its metrics are; 0 where it has none.</param>
public sealed partial class ServerProcess(ChildProcess process, int port, int managementPort = 0) : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Of its public paths.</summary>
    public Uri Address { get; } = new($"http://127.0.0.1:{port}");

    /// <summary>What it wrote so far.</summary>
    public string Output => process.Output;

    /// <summary>What it holds of the machine's memory, MiB.</summary>
    public double Memory
    {
        get
        {
            var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
        }
    }

    /// <summary>Processor time that it used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            using var seen = Process.GetProcessById(process.Id);
            return seen.TotalProcessorTime;
        }
    }

    /// <summary>Starts one of our services as it was built together with this program.</summary>
    public static ServerProcess Start(string name, IReadOnlyDictionary<string, string?> settings)
    {
        var ports = FreePort.Take(2);
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)); // debug, release
        var environment = new Dictionary<string, string?>(settings)
        {
            ["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[0]}"),
            ["Management__Port"] = ports[1].ToString(CultureInfo.InvariantCulture),
            ["Logging__LogLevel__Default"] = "Warning",
            ["DOTNET_ENVIRONMENT"] = "Production",
        };
        return new(ChildProcess.Start("dotnet", [Repository.PathOf("artifacts", "bin", name, configuration, name + ".dll")], environment), ports[0], ports[1]);
    }

    /// <summary>Waits until a path is answered with success.</summary>
    /// <exception cref="InvalidOperationException">The process ended.</exception>
    public Task AnswersAsync(string path) => Eventually.BecomesTrueAsync(
        async () =>
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The server does not start:\n{process.Output}");
            }

            try
            {
                using var answer = await _http.GetAsync(new Uri(Address, path));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        TimeSpan.FromSeconds(120),
        path);

    /// <summary>The sum of a metric over its series.</summary>
    /// <param name="name">As Prometheus names it.</param>
    /// <param name="labels">What its labels contain.</param>
    public async Task<double> ReadMetricAsync(string name, string labels = "")
    {
        var page = await _http.GetStringAsync(new Uri($"http://127.0.0.1:{managementPort}/metrics"));
        return Series().Matches(page)
            .Where(series => series.Groups[1].Value == name && series.Groups[2].Value.Contains(labels, StringComparison.Ordinal))
            .Sum(series => double.Parse(series.Groups[3].Value, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await process.DisposeAsync();
    }

    [GeneratedRegex(@"^([a-zA-Z_:][\w:]*)(\{.*\})? ([-+.\deE]+)", RegexOptions.Multiline)]
    private static partial Regex Series();
}
