using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Proofs;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Versions;

/// <summary>
/// Asks loaded versions for their golden answers again and again: memory that went bad, or a device that fell off, must not go on answering. A version
/// that twice in a row does not give them is taken out of service and loaded anew.
/// </summary>
internal sealed partial class ProofLoop(
    ServedVersions served, Reconciler reconciler, IOptions<PredictorOptions> options, TimeProvider time, ILogger<ProofLoop> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.ProofInterval == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.ProofInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await Task.Run(Tick, stoppingToken); // computes: off the timer's thread
        }
    }

    /// <summary>Looks at every version that is Ready, one after the other, so that this takes one core at most.</summary>
    internal void Tick()
    {
        foreach (var held in served.All.Where(version => version.State == VersionState.Ready))
        {
            if (held.Loaded is { Vectors.Count: > 0 } loaded && loaded.TryLease())
            {
                try
                {
                    Look(held, loaded);
                }
                finally
                {
                    loaded.EndLook();
                }
            }
        }
    }

    private void Look(HeldVersion held, LoadedVersion loaded)
    {
        if (FindProblem(loaded) is { } first)
        {
            LogDoubt(held.Artifact.Model, held.Artifact.Version, first);
            if (FindProblem(loaded) is { } second)
            {
                reconciler.Distrust(held, loaded, second);
            }
        }
    }

    private static string? FindProblem(LoadedVersion loaded)
    {
        try
        {
            GoldenProof.Run(loaded.Session, loaded.Vectors, new RunControl());
            return null;
        }
        catch (InferenceException exception)
        {
            return exception.Message;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Model} version {Version} no longer gives its golden answers: {Problem} It is tried once more")]
    private partial void LogDoubt(string model, int version, string problem);
}
