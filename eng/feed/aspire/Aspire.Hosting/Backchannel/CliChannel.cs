using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Backchannel;

/// <summary>
/// The connection to the <c>aspire</c> CLI that started this AppHost: the AppHost listens on the socket that the CLI names, the CLI connects and asks.
/// Without a CLI there is none.
/// </summary>
internal sealed partial class CliChannel(IConfiguration configuration, IServiceProvider services, ILogger<CliChannel> logger) : BackgroundService
{
    public const string PathKey = "ASPIRE_BACKCHANNEL_PATH";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _path = configuration[PathKey] is { Length: > 0 } path ? path : null;

    /// <summary>Whether a CLI started this process.</summary>
    public bool IsExpected => _path is not null;

    /// <summary>Returns when the CLI listens, at once where there is none.</summary>
    /// <exception cref="DistributedApplicationException">The CLI does not come.</exception>
    public async Task WaitForConnectionAsync(CancellationToken cancellationToken)
    {
        if (!IsExpected)
        {
            return;
        }

        try
        {
            await _connected.Task.WaitAsync(LongestWait, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new DistributedApplicationException($"The aspire CLI did not connect to '{_path}' ({PathKey}).");
        }
    }

    /// <summary>Returns when the CLI has heard everything, at once where there is none.</summary>
    public Task WaitForStopRequestAsync(CancellationToken cancellationToken) =>
        IsExpected ? _stopRequested.Task.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>The CLI asks the AppHost to end.</summary>
    public void RequestStop() => _stopRequested.TrySetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_path is null)
        {
            return;
        }

        // A file that an earlier process left would keep the name from being listened on.
        File.Delete(_path);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_path));
        socket.Listen(1);
        try
        {
            using var accepted = await socket.AcceptAsync(stoppingToken).ConfigureAwait(false);
            _connected.TrySetResult();
            LogConnected();
            var stream = new NetworkStream(accepted);
            await using (stream.ConfigureAwait(false))
            {
                using var connection = new RpcConnection(stream, services.GetRequiredService<CliMethods>().All);
                await connection.ServeAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        finally
        {
            // Whoever hung up will ask for nothing any more.
            RequestStop();
            File.Delete(_path);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The aspire CLI is connected.")]
    private partial void LogConnected();
}

internal static class CliServices
{
    public static void AddCliChannel(this IServiceCollection services, IConfiguration configuration, bool withDashboard)
    {
        services.AddSingleton<CliChannel>();
        services.AddSingleton<CliMethods>();
        services.AddSingleton(new DashboardAddress(withDashboard));
        services.AddHostedService(provider => provider.GetRequiredService<CliChannel>());
        services.AddHostedService<OrphanGuard>();
        if (configuration[CliChannel.PathKey] is { Length: > 0 })
        {
            var entries = new LogEntries();
            services.AddSingleton(entries);
            services.AddSingleton<ILoggerProvider>(entries);
        }
    }
}
