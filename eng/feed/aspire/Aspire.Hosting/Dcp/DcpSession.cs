using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>
/// One run of DCP. It watches this process: when the AppHost dies without a word, DCP stops every process it started and itself.
/// The session folder belongs to DCP, which deletes it in the end.
/// </summary>
internal sealed partial class DcpSession : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    // Together less than the ten seconds that a user waits at most for the end.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(4.5);
    private static readonly TimeSpan CleanupLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(2.5);

    // DCP hands its own environment on to every process: what is meant for the AppHost would make each project listen on the
    // dashboard's address and take the AppHost's launch profile for its own.
    private static readonly string[] NotForProjects =
        ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPIRE_LOGLEVEL"];

    private readonly SessionProcesses _processes;
    private readonly ILogger _logger;

    private DcpSession(Kubeconfig kubeconfig, string folder, ILogger logger) => (Client, _processes, _logger) = (new DcpClient(kubeconfig), new SessionProcesses(folder), logger);

    public DcpClient Client { get; }

    public static async Task<DcpSession> StartAsync(string dcpPath, ILogger logger, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        var folder = Directory.CreateTempSubdirectory("aspire-dcp-").FullName;
        var kubeconfigPath = Path.Combine(folder, "kubeconfig");
        try
        {
            await LaunchAsync(dcpPath, folder, kubeconfigPath, limit.Token).ConfigureAwait(false);
            while (true)
            {
                if (Kubeconfig.TryRead(kubeconfigPath) is { } kubeconfig)
                {
                    return new DcpSession(kubeconfig, folder, logger);
                }

                await Task.Delay(20, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DistributedApplicationException($"DCP ('{dcpPath}') was not ready within {StartLimit.TotalSeconds:0} s.");
        }
    }

    /// <summary>
    /// Stops processes, wave by wave, and waits until they have ended, for some seconds in all: those that still have telemetry to send to the
    /// dashboard, which <see cref="DisposeAsync"/> stops with the rest. Without it, each would try again and again and be killed in the end.
    /// </summary>
    public async Task StopAsync(IReadOnlyList<IReadOnlyList<string>> waves)
    {
        using var limit = new CancellationTokenSource(StopLimit);
        foreach (var wave in waves)
        {
            await Task.WhenAll(wave.Select(id => Client.StopExecutableAsync(id, limit.Token))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stops all processes, then DCP itself. Bounded: what is left then is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        var watch = Stopwatch.StartNew();
        try
        {
            using var limit = new CancellationTokenSource(CleanupLimit);
            await Client.SetExecutionAsync(new DcpExecution("CleaningResources", "Full"), limit.Token).ConfigureAwait(false);
            while (await Client.GetExecutionStatusAsync(limit.Token).ConfigureAwait(false) != "CleanupComplete")
            {
                await Task.Delay(50, limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException)
        {
            LogCleanupFailed(exception.Message);
        }

        var cleaned = watch.Elapsed;
        await StopDcpAsync().ConfigureAwait(false);
        Client.Dispose();
        LogStopped(cleaned.TotalSeconds, watch.Elapsed.TotalSeconds);
    }

    /// <summary>DCP puts itself in the background (in a session of its own, so that Ctrl+C does not reach it) and returns.</summary>
    private static async Task LaunchAsync(string dcpPath, string folder, string kubeconfigPath, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(dcpPath)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "start-apiserver", "--monitor", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--detach", "--kubeconfig", kubeconfigPath,
            },
        };
        start.Environment["DCP_SESSION_FOLDER"] = folder;
        start.Environment[SessionProcesses.Variable] = folder;
        foreach (var name in NotForProjects)
        {
            start.Environment.Remove(name);
        }

        using var process = Launch(start);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new DistributedApplicationException($"DCP ('{dcpPath}') ended with exit code {process.ExitCode}: {await error.ConfigureAwait(false)}");
        }
    }

    private static Process Launch(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new DistributedApplicationException($"DCP ('{start.FileName}') could not be started: {exception.Message}", exception);
        }
    }

    private async Task StopDcpAsync()
    {
        using var limit = new CancellationTokenSource(ExitLimit);
        try
        {
            await Client.SetExecutionAsync(new DcpExecution("Stopping"), limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException)
        {
            // As good as an answer: the API server may be gone before it has given one.
        }

        await _processes.EndAsync(limit.Token).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Warning, "DCP did not confirm that all processes have ended: {Reason}")]
    private partial void LogCleanupFailed(string reason);

    [LoggerMessage(LogLevel.Debug, "All processes had ended after {Cleaned:0.0} s, DCP after {Stopped:0.0} s.")]
    private partial void LogStopped(double cleaned, double stopped);
}
