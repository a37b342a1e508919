using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Batching;
using Sluice.Predictor.Figures;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Proofs;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Versions;

/// <summary>Makes a loaded and proved version of a registered one: fetch, verify, lay out, load, warm up, prove.</summary>
internal sealed partial class VersionLoader(
    BlobCache cache,
    LoadMarks marks,
    ComputeDevice device,
    ComputePlaces places,
    PredictorMetrics metrics,
    IOptions<PredictorOptions> options,
    TimeProvider time,
    ILogger<VersionLoader> logger) : IDisposable
{
    // Two at once: one fetches while the other computes, and a slow one does not hold up all others.
    private readonly SemaphoreSlim _turns = new(2);

    // On a GPU one opens at a time, so that what the device's memory grows by meanwhile is that one's. Held until the runtime is done, also with a load
    // that was given up; so it is not disposed.
    private readonly SemaphoreSlim? _opens = device.CudaId is null ? null : new(1);
    private readonly GpuMemory? _gpu = device.CudaId is { } id ? GpuMemory.Find(id) : null;

    /// <summary>Loads a version, within <see cref="PredictorOptions.LoadTimeout"/>.</summary>
    /// <exception cref="InferenceException">The model cannot be loaded or proved.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="Exception">As <see cref="BlobCache.GetAsync"/> and <see cref="VersionFolder.LayOut"/> say.</exception>
    public async Task<LoadedVersion> LoadAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        using var limit = new CancellationTokenSource(options.Value.LoadTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var started = time.GetTimestamp();
        try
        {
            var path = await FetchAsync(version, either.Token);
            var vectors = version.Golden is null ? [] : await GoldenTensors.ReadAsync(await cache.GetAsync(version.Golden, either.Token), either.Token);
            var loaded = await OpenAsync(version, path, vectors, either.Token);
            var took = time.GetElapsedTime(started);
            metrics.Loaded(version.Model, took);
            LogLoaded(version.Model, version.Version, version.Digest, device.Name, vectors.Count, took.TotalSeconds);
            return loaded;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Not loaded within {options.Value.LoadTimeout} (Predictor:LoadTimeout).");
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<string> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        var blobs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in version.Files)
        {
            blobs[file.Path] = await cache.GetAsync(file, cancellationToken);
        }

        return VersionFolder.LayOut(cache.Root, version, blobs);
    }

    private async Task<LoadedVersion> OpenAsync(ModelVersion version, string path, IReadOnlyList<GoldenVector> vectors, CancellationToken cancellationToken)
    {
        // Loading holds its thread for as long as the runtime likes: a thread of its own, left to itself when it takes too long.
        await (_opens?.WaitAsync(cancellationToken) ?? Task.CompletedTask);
        var control = new RunControl();
        var opening = Task.Factory.StartNew(
            () => OpenAlone(version, path, vectors, control), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await opening.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            control.Stop();
            _ = opening.ContinueWith(Discard, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    private static void Discard(Task<LoadedVersion> late)
    {
        if (late.IsCompletedSuccessfully)
        {
            _ = late.Result.CloseAsync();
        }
        else
        {
            _ = late.Exception; // seen, and of no interest any more
        }
    }

    private LoadedVersion OpenAlone(ModelVersion version, string path, IReadOnlyList<GoldenVector> vectors, RunControl control)
    {
        try
        {
            return Open(version, path, vectors, control);
        }
        finally
        {
            _opens?.Release();
        }
    }

    private LoadedVersion Open(ModelVersion version, string path, IReadOnlyList<GoldenVector> vectors, RunControl control)
    {
        using var mark = marks.Begin(version);
        var before = _gpu?.Read();
        var session = OnnxSession.Load(path, device, version.Settings);
        try
        {
            if (session.Signature.Inputs.Count == 0)
            {
                throw InferenceException.Model("The model has no inputs: there is nothing to ask it.");
            }

            if (WarmUp.Run(session, control) is { } odd)
            {
                LogOdd(version.Model, version.Version, odd);
            }

            GoldenProof.Run(session, vectors, control);
            if (session.TakePlacement() is { } placement && NodePlacement.FindProblem(placement, device, version.Settings?.AllowCpuNodes ?? false) is { } misplaced)
            {
                throw InferenceException.Model(misplaced);
            }

            var loaded = Serve(version, session, vectors, control);
            MeasurePeak(loaded, before, control);
            return loaded;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private LoadedVersion Serve(ModelVersion version, OnnxSession session, IReadOnlyList<GoldenVector> vectors, RunControl control)
    {
        var settings = BatchingSettings.Of(options.Value.Batching, version.Settings, device.CudaId is null ? options.Value.MaxConcurrency : 1);
        var obstacle = settings.Joins ? JoinProof.FindObstacle(session, vectors, control) : "batching is switched off";
        if (obstacle is not null)
        {
            LogApart(version.Model, version.Version, obstacle);
        }

        var classes = ClassOutput.Of(version, session.Signature);
        var figures = new VersionFigures(version, device.Name, classes, metrics, time);
        var batcher = new Batcher(session, settings, obstacle is null, places, figures, time);
        return new LoadedVersion(session, batcher, classes, figures, vectors, time);
    }

    // The largest batch is tried now, so that a device that cannot hold it fails the load and not a caller.
    private void MeasurePeak(LoadedVersion loaded, GpuMemoryUse? before, RunControl control)
    {
        if (_gpu is null || before is not { } start)
        {
            return;
        }

        WarmUp.Run(loaded.Session, control, loaded.Batcher.Joins ? loaded.Batcher.Settings.MaxBatchSize : 1);
        loaded.Figures.GpuPeakBytes = _gpu.Read() is { } now ? Math.Max(0, now.Used - start.Used) : null;
    }

    [LoggerMessage(LogLevel.Information, "Loaded {Model} version {Version} ({Digest}) on {Device}, {Vectors} golden vectors hold, in {Seconds:0.00} s")]
    private partial void LogLoaded(string model, int version, string digest, string device, int vectors, double seconds);

    [LoggerMessage(LogLevel.Warning, "The warm-up of {Model} version {Version} is odd: {Oddity}. It is served; check the model if real inputs give that too")]
    private partial void LogOdd(string model, int version, string oddity);

    [LoggerMessage(LogLevel.Information, "Requests to {Model} version {Version} are computed one by one: {Reason}")]
    private partial void LogApart(string model, int version, string reason);
}
