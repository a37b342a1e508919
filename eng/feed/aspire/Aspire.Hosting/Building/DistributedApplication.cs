using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>A distributed application that can be run.</summary>
public partial class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ILogger _logger;

    /// <summary>Wraps the host that the builder made.</summary>
    /// <param name="host">The host.</param>
    public DistributedApplication(IHost host)
    {
        _host = host;
        _logger = host.Services.GetRequiredService<ILogger<DistributedApplication>>();
    }

    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>States of the resources.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Starts to describe an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });

    /// <summary>Starts to describe an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    /// <summary>Starts the application; returns when DCP has taken over, not when every resource is ready.</summary>
    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        LogVersion(Version);
        LogStarting();
        await Services.GetRequiredService<IDistributedApplicationEventing>()
            .PublishAsync(new BeforeStartEvent(Services, Services.GetRequiredService<DistributedApplicationModel>()), cancellationToken)
            .ConfigureAwait(false);
        await _host.StartAsync(cancellationToken).ConfigureAwait(false);
        LogStarted();
    }

    /// <summary>Stops every process of the application.</summary>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Runs the application until Ctrl+C or SIGTERM; or publishes it, and sets the exit code of the process to 1 where that fails.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await using var stopped = this.ConfigureAwait(false);
        var stopping = Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        if (Services.GetRequiredService<DistributedApplicationExecutionContext>().IsPublishMode)
        {
            await PublishAsync(stopping, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            await StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return; // Ctrl+C during the start is no failure
        }

        await _host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs the application until Ctrl+C or SIGTERM.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <inheritdoc />
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await ((IAsyncDisposable)_host).DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static string? Version =>
        typeof(DistributedApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private async Task PublishAsync(CancellationToken stopping, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        LogVersion(Version);
        var succeeded = false;
        try
        {
            await _host.StartAsync(end.Token).ConfigureAwait(false);
            succeeded = await Services.GetRequiredService<PipelineRun>().RunAsync(end.Token).ConfigureAwait(false);
            await _host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Ctrl+C, or the CLI is gone: half a publication is none.
        }

        if (!succeeded)
        {
            Environment.ExitCode = 1;
        }
    }

    [LoggerMessage(LogLevel.Information, "Aspire version: {Version}. This is the stand-in of eng/feed, not Microsoft's package; DCP and dashboard are the real ones.")]
    private partial void LogVersion(string? version);

    [LoggerMessage(LogLevel.Information, "Distributed application starting.")]
    private partial void LogStarting();

    [LoggerMessage(LogLevel.Information, "Distributed application started. Press Ctrl+C to shut down.")]
    private partial void LogStarted();
}
