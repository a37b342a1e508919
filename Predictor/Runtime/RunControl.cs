using Microsoft.ML.OnnxRuntime;

namespace Sluice.Predictor.Runtime;

/// <summary>Stops a run from another thread, at the next node of its graph.</summary>
internal sealed class RunControl
{
    private readonly Lock _lock = new();
    private RunOptions? _running;
    private bool _stopped;

    /// <summary>Whether it was asked to stop; the run may still have ended on its own.</summary>
    public bool IsStopped
    {
        get
        {
            lock (_lock)
            {
                return _stopped;
            }
        }
    }

    /// <summary>Stops the run that is under way, or the next one before it begins.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            _running?.Terminate = true;
        }
    }

    /// <summary>A run begins.</summary>
    /// <exception cref="OperationCanceledException">It was stopped before.</exception>
    internal void Enter(RunOptions options)
    {
        lock (_lock)
        {
            if (_stopped)
            {
                throw new OperationCanceledException("The run was stopped before it began.");
            }

            _running = options;
        }
    }

    /// <summary>The run ended: its options may be used again.</summary>
    internal void Leave()
    {
        lock (_lock)
        {
            _running = null;
        }
    }
}
