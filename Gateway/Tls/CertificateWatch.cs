using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Gateway.Tls;

/// <summary>
/// The certificate that clients are shown. Its files are read again every half minute, since a Kubernetes secret is replaced by a symbolic link, which not
/// every watcher of files sees. Connections that are open stay as they are; a file that cannot be served leaves the certificate there was.
/// </summary>
internal sealed partial class CertificateWatch : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromDays(1);

    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateWatch> _logger;
    private volatile ServedCertificate _current;
    private string? _problem;
    private DateTimeOffset _nextWarning;

    /// <exception cref="CertificateException">There is none to begin with.</exception>
    public CertificateWatch(IOptions<TlsOptions> options, TimeProvider time, IMeterFactory meters, ILogger<CertificateWatch> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        _current = CertificateFiles.Read(_options).Load(time.GetUtcNow());
        meters.Create(MetricNames.GatewayMeter).CreateObservableGauge(
            MetricNames.GatewayCertificateRemaining, () => (_current.Ends - _time.GetUtcNow()).TotalSeconds, "s", "Time until the public endpoint's certificate ends.");
    }

    /// <summary>The one for new connections.</summary>
    public ServedCertificate Current => _current;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        do
        {
            Look();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Takes what is in the files now, if it is another certificate and can be served.</summary>
    internal void Look()
    {
        var now = _time.GetUtcNow();
        try
        {
            var files = CertificateFiles.Read(_options);
            if (files.Fingerprint != _current.Fingerprint)
            {
                _current = files.Load(now);
                _nextWarning = default;
                LogReplaced(_current.Leaf.Subject, _current.Ends);
            }

            _problem = null;
        }
        catch (CertificateException exception)
        {
            if (exception.Message != _problem)
            {
                LogKept(exception.Message, _current.Ends);
            }

            _problem = exception.Message;
        }

        if (now >= _current.WarnsFrom && now >= _nextWarning)
        {
            LogEnds(_options.CertificatePath!, _current.Ends);
            _nextWarning = now + BetweenWarnings;
        }
    }

    [LoggerMessage(LogLevel.Information, "New connections are shown the new certificate of {Subject}, which ends at {Ends:u}")]
    private partial void LogReplaced(string subject, DateTimeOffset ends);

    [LoggerMessage(LogLevel.Warning, "The certificate was replaced by what cannot be served; the one before stays, which ends at {Ends:u}. {Reason}")]
    private partial void LogKept(string reason, DateTimeOffset ends);

    [LoggerMessage(LogLevel.Warning, "THE CERTIFICATE ENDS at {Ends:u}, and clients will refuse it then: replace the file {Path} (Gateway:Tls:CertificatePath)")]
    private partial void LogEnds(string path, DateTimeOffset ends);
}
