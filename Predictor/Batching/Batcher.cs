using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Batching;

/// <summary>Computes the requests of one version: at once where there is a place, else joined with others that wait.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>A request that finds a free instance and a free place runs on its own thread: handing it over costs more than a small model takes. What
/// waits is run on a thread of the pool as soon as both are free, so no request waits while the hardware idles, unless a delay is set.</item>
/// <item>Where other work waits for a thread the hardware does not idle, and some of that work is requests under way: then the run goes behind it, and joins
/// what it brings. Run at once, it would keep a thread from reading them, and they would come one by one.</item>
/// <item>The oldest request decides which shapes go next; those that fit with it join it, in the order they came.</item>
/// <item>A full queue refuses at once. Who leaves, or whose time is over, is taken out before he is computed; a run is stopped only when all of its
/// callers left.</item>
/// <item>A joined run that fails is run again one by one (<see cref="BatchRun"/>), so that a bad row fails its own caller only.</item>
/// </list>
/// </remarks>
internal sealed class Batcher : PlaceUser, IThreadPoolWorkItem, IDisposable
{
    private readonly Lock _lock = new();
    private readonly BatchQueue _queue;
    private readonly BatchRun _run;
    private readonly ComputePlaces _places;
    private readonly IBatchObserver _observer;
    private readonly TimeProvider _time;
    private readonly ITimer? _delay;
    private int _running;

    /// <param name="session">Computes.</param>
    /// <param name="settings">Of the version.</param>
    /// <param name="joins">Whether the load proved that rows can be joined.</param>
    /// <param name="places">Of the process.</param>
    /// <param name="observer">Is told what happened.</param>
    /// <param name="time">The clock.</param>
    public Batcher(OnnxSession session, BatchingSettings settings, bool joins, ComputePlaces places, IBatchObserver observer, TimeProvider time)
    {
        (Settings, Joins, _places, _observer, _time) = (settings, joins, places, observer, time);
        _queue = new BatchQueue(settings, time);
        _run = new BatchRun(session, joins, _lock, observer, time);
        _delay = settings.MaxQueueDelay > TimeSpan.Zero
            ? time.CreateTimer(static batcher => ((Batcher)batcher!).Offer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)
            : null;
    }

    public BatchingSettings Settings { get; }

    /// <summary>Whether requests are joined.</summary>
    public bool Joins { get; }

    /// <summary>Requests that wait.</summary>
    public int QueueLength
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>
    /// Computes a request. The caller disposes the outputs; the request's tensors are used no more when this returns or throws.
    /// </summary>
    /// <exception cref="InferenceException">The model failed on it, or too many wait already.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<(OutputTensors Outputs, RunFacts Facts)> RunAsync(InferenceRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new PendingRequest(this, request, Joins ? JoinedTensors.RowsOf(request.Inputs) : null, _time.GetTimestamp());
        var batch = Enter(pending);
        await using var leaving = cancellationToken.UnsafeRegister(static one => ((PendingRequest)one!).Owner.Leave((PendingRequest)one), pending);
        if (batch is not null)
        {
            Compute(batch);
        }

        return await pending.Answer;
    }

    /// <inheritdoc />
    public override void Granted() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>A place was granted: computes the next batch on it, if there still is one.</summary>
    public void Execute()
    {
        Batch? batch = null;
        lock (_lock)
        {
            if (_running < Settings.Instances && _queue.FindPause() == TimeSpan.Zero)
            {
                _running++;
                batch = new Batch(_queue.Take());
            }
        }

        if (batch is null)
        {
            // The one that was due left meanwhile. Whoever came after it wanted the place, too, and nobody told the timer when they are due.
            _places.Release(this, TimeSpan.Zero);
            Offer();
            return;
        }

        Offer(); // another instance may have work, too
        Compute(batch);
    }

    /// <summary>Once nothing uses it any more.</summary>
    public void Dispose() => _delay?.Dispose();

    // The batch to compute on the caller's own thread; null when the request waits.
    private Batch? Enter(PendingRequest pending)
    {
        lock (_lock)
        {
            var waits = _queue.Count > 0 || _running == Settings.Instances || (_delay is not null && pending.Rows < Settings.EarlyStart);
            var lagsBehind = Joins && Settings.MaxQueueSize > 0 && _places.HasOtherWork;
            if (!waits && !lagsBehind && _places.TryTake(this))
            {
                _running++;
                return new Batch([pending]);
            }

            if (_queue.Count >= Settings.MaxQueueSize)
            {
                throw InferenceException.Capacity($"{_queue.Count} requests wait here already, as many as may: try again later, or on another replica.");
            }

            _queue.Add(pending);
        }

        Offer();
        return null;
    }

    // Asks for a place when something is due and an instance is free; else the end of a run, or of the delay, will.
    private void Offer()
    {
        lock (_lock)
        {
            if (_running == Settings.Instances || _queue.FindPause() is not { } pause)
            {
                return;
            }

            if (pause > TimeSpan.Zero)
            {
                _delay!.Change(pause, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        _places.Wait(this);
    }

    private void Compute(Batch batch)
    {
        var started = _time.GetTimestamp();
        _run.Compute(batch);
        lock (_lock)
        {
            _running--;
        }

        Offer(); // before the place is given back: it goes to whoever waits and has computed least
        _places.Release(this, _time.GetElapsedTime(started));
    }

    // The caller left, or its time is over. Called on any thread.
    private void Leave(PendingRequest pending)
    {
        bool answered;
        var stops = false;
        var queued = false;
        lock (_lock)
        {
            if (pending.State == PendingState.Done)
            {
                return;
            }

            pending.IsAbandoned = true;
            if (pending.State == PendingState.Queued)
            {
                _queue.Remove(pending);
                queued = true;
            }
            else
            {
                stops = pending.Batch!.IsAbandoned;
            }

            answered = pending.State != PendingState.InUse; // else by whoever reads its tensors
            pending.State = answered ? PendingState.Done : pending.State;
        }

        if (stops)
        {
            pending.Batch!.Control.Stop();
        }

        if (answered)
        {
            _observer.Dropped(computed: !queued);
            pending.Cancel();
        }
    }
}
