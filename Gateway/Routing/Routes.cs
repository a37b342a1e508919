using Sluice.Contracts;
using Sluice.Gateway.Figures;

namespace Sluice.Gateway.Routing;

/// <summary>The table in use: follows the Registry for the life of the process, and starts from the last known good state.</summary>
internal sealed partial class Routes : BackgroundService
{
    private readonly RegistryWatch _watch;
    private readonly LatencyEdges _edges;
    private readonly TimeProvider _time;
    private readonly ILogger<Routes> _logger;
    private readonly Lock _lock = new();
    private ClusterState _seen;
    private RouteTable _current;
    private TaskCompletionSource _reportChanged = NewSignal();

    public Routes(RegistryWatch watch, LatencyEdges edges, TimeProvider time, ILogger<Routes> logger)
    {
        _watch = watch;
        _edges = edges;
        _time = time;
        _logger = logger;
        _seen = watch.Current;
        _current = RouteTableBuilder.Build(_seen, RouteTable.Empty, edges, time);
    }

    /// <summary>The table. A request reads it once.</summary>
    public RouteTable Current => Volatile.Read(ref _current);

    /// <summary>Completes when <see cref="RouteTable.Report"/> becomes another one than it is at the time of asking.</summary>
    public Task ReportChanged => Volatile.Read(ref _reportChanged).Task;

    /// <summary>Builds the table anew from the same state: what probes found has changed.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            Use_NeedsLock(_seen);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Use(await _watch.WaitForChangeAsync(_seen, stoppingToken));
        }
    }

    private void Use(ClusterState state)
    {
        lock (_lock)
        {
            _seen = state;
            Use_NeedsLock(state);
        }
    }

    private void Use_NeedsLock(ClusterState state)
    {
        var before = _current;
        try
        {
            Volatile.Write(ref _current, RouteTableBuilder.Build(state, before, _edges, _time));
        }
        catch (Exception exception)
        {
            // The routes in use are still good; losing the loop would freeze them for ever.
            LogNotUsed(exception, state.Revision);
            return;
        }

        LogUsed(state.Revision, _current.Models.Count, _current.Replicas.Count);
        if (!ReferenceEquals(before.Report, _current.Report))
        {
            Interlocked.Exchange(ref _reportChanged, NewSignal()).SetResult();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Debug, "Routing by revision {Revision}: {Models} models, {Replicas} replicas")]
    private partial void LogUsed(long revision, int models, int replicas);

    [LoggerMessage(LogLevel.Error, "Revision {Revision} cannot be routed by; the routes before it stay in use. This is a defect: please report it")]
    private partial void LogNotUsed(Exception exception, long revision);
}
