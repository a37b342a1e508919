using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Sluice.AppHost;

/// <summary>
/// The settings of a local run: <c>Ports:Gateway</c>, <c>Ports:GatewayGrpc</c>, <c>Ports:Registry</c>, <c>Ports:Dashboard</c>, <c>Ports:Otlp</c>, <c>DataDirectory</c>,
/// <c>Access</c>, <c>Store</c> and, with redis, <c>Ports:Redis</c>, <c>Metrics</c> and, with Prometheus, <c>Ports:Prometheus</c>, given as environment variables (<c>Ports__Gateway=9080</c>), arguments (<c>--Ports:Gateway=9080</c>) or in appsettings.json.
/// </summary>
internal sealed class LocalSettings
{
    /// <summary>Exit code of a start that the settings forbid.</summary>
    public const int InvalidExitCode = 78;

    private static readonly (string Key, int Default)[] KnownPorts =
    [
        ("Ports:Gateway", 8080),
        ("Ports:Registry", 8081),
        ("Ports:GatewayGrpc", 8082),
        ("Ports:Dashboard", 18888),
        ("Ports:Otlp", 18889),
    ];

    private const string RedisPortKey = "Ports:Redis";
    private const string PrometheusPortKey = "Ports:Prometheus";

    private readonly Dictionary<string, int> _ports = [];
    private readonly List<string> _problems = [];
    private readonly string _dataDirectory;

    private LocalSettings(IConfiguration configuration, string appHostDirectory)
    {
        var root = Path.GetFullPath(Path.Combine(appHostDirectory, ".."));
        _dataDirectory = Path.GetFullPath(configuration["DataDirectory"] ?? ".data", root);
        SamplesFolder = Path.Combine(root, "samples");
        RulesFolder = Path.Combine(root, "deploy", "prometheus");
        Access = configuration["Access"] ?? "";
        if (!AsksForKeys && Access is not "" && !Access.Equals("open", StringComparison.OrdinalIgnoreCase))
        {
            _problems.Add($"Access is '{Access}': it must be open or keys.");
        }

        foreach (var (key, defaultPort) in KnownPorts)
        {
            ReadPort(configuration, key, defaultPort);
        }

        ReadStore(configuration);
        ReadMetrics(configuration);
    }

    /// <summary>Where clients send inference.</summary>
    public int GatewayPort => _ports["Ports:Gateway"];

    /// <summary>Where clients send inference over gRPC.</summary>
    public int GatewayGrpcPort => _ports["Ports:GatewayGrpc"];

    /// <summary>Where the Registry's API is.</summary>
    public int RegistryPort => _ports["Ports:Registry"];

    /// <summary>Whether the Registry keeps its state in Redis, in a redis-server that is started with it; else in a SQLite file.</summary>
    public bool UsesRedis { get; private set; }

    /// <summary>Whether Registry and Gateway are <c>open</c> or ask for <c>keys</c>; empty for what they do by themselves: open in development on loopback.</summary>
    public string Access { get; }

    /// <summary>Whether who asks them must show a key.</summary>
    public bool AsksForKeys => Access.Equals("keys", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where that redis-server listens, on the loopback interface.</summary>
    public int RedisPort => _ports[RedisPortKey];

    /// <summary>Whether the judge judges by a Prometheus that is started with the rest; else it reads the gateways' pages itself.</summary>
    public bool UsesPrometheus { get; private set; }

    /// <summary>Where that Prometheus listens, on the loopback interface.</summary>
    public int PrometheusPort => _ports[PrometheusPortKey];

    /// <summary>The rules that Prometheus evaluates.</summary>
    public string RulesFolder { get; }

    /// <summary>The models that are registered on the first start.</summary>
    public string SamplesFolder { get; }

    /// <summary>Reads the settings; what is wrong with them, <see cref="FindProblem"/> tells.</summary>
    public static LocalSettings Read(IConfiguration configuration, string appHostDirectory) => new(configuration, appHostDirectory);

    /// <summary>The folder of one service within the data directory, which outlives a restart.</summary>
    public string DataFolder(string service) => Path.Combine(_dataDirectory, service);

    /// <summary>A sentence that names the setting that forbids the start; null when none does.</summary>
    public string? FindProblem()
    {
        if (_problems.Count > 0)
        {
            return string.Join(Environment.NewLine, _problems);
        }

        var twice = _ports.GroupBy(pair => pair.Value).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            return $"{string.Join(" and ", twice.Select(pair => pair.Key))} are both {twice.Key}: give each a port of its own.";
        }

        foreach (var (key, port) in _ports.Where(pair => !IsFree(pair.Value)))
        {
            return $"Port {port} ({key}) is in use: end what listens on it, or choose another, e.g. {key.Replace(":", "__", StringComparison.Ordinal)}={port + 1000}.";
        }

        return null;
    }

    /// <summary>Gives the dashboard its ports, where Aspire looks for them.</summary>
    public void ApplyTo(IConfiguration configuration)
    {
        configuration["ASPNETCORE_URLS"] = $"http://localhost:{_ports["Ports:Dashboard"]}";
        configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{_ports["Ports:Otlp"]}";
    }

    private void ReadStore(IConfiguration configuration)
    {
        var store = configuration["Store"] ?? "sqlite";
        UsesRedis = store.Equals("redis", StringComparison.OrdinalIgnoreCase);
        if (UsesRedis)
        {
            ReadPort(configuration, RedisPortKey, 16379);
            if (!LocalRedis.IsInstalled())
            {
                _problems.Add("Store is 'redis', but there is no redis-server on the PATH: install one (Debian: apt-get install redis-server), or leave Store at sqlite.");
            }
        }
        else if (!store.Equals("sqlite", StringComparison.OrdinalIgnoreCase))
        {
            _problems.Add($"Store is '{store}': it must be sqlite or redis.");
        }
    }

    private void ReadMetrics(IConfiguration configuration)
    {
        var metrics = configuration["Metrics"] ?? "auto";
        if (metrics.Equals("embedded", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var demanded = metrics.Equals("prometheus", StringComparison.OrdinalIgnoreCase);
        if (!demanded && !metrics.Equals("auto", StringComparison.OrdinalIgnoreCase))
        {
            _problems.Add($"Metrics is '{metrics}': it must be auto, prometheus or embedded.");
            return;
        }

        UsesPrometheus = LocalPrometheus.IsInstalled();
        if (UsesPrometheus)
        {
            ReadPort(configuration, PrometheusPortKey, 19090);
        }
        else if (demanded)
        {
            _problems.Add("Metrics is 'prometheus', but there is no prometheus on the PATH: install one (Debian: apt-get install prometheus), or leave Metrics at auto.");
        }
    }

    private void ReadPort(IConfiguration configuration, string key, int defaultPort)
    {
        var text = configuration[key];
        var port = defaultPort;
        if (text is not null && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort))
        {
            _problems.Add($"{key} is '{text}': it must be a port, 1 to {IPEndPoint.MaxPort}.");
        }

        _ports[key] = port;
    }

    // Trying is the only sure way: the system's list of listeners holds connections, too, that ended a moment ago.
    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
