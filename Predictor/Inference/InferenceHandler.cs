using System.Diagnostics;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Batching;
using Sluice.Predictor.Runtime;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Inference;

/// <summary>Answers one inference request, whatever its protocol: find the version, read, compute, write.</summary>
/// <remarks>Every way out has a fault class, which goes into the answer, the metric and the log alike.</remarks>
internal sealed partial class InferenceHandler(ServedVersions served, IOptions<PredictorOptions> options, TimeProvider time, ILogger<InferenceHandler> logger)
{
    /// <summary>Answers the request. Never throws.</summary>
    public async Task HandleAsync(IInferenceExchange exchange)
    {
        var started = time.GetTimestamp();
        var fault = FaultClass.Ok;
        VersionLease? lease = null;
        try
        {
            using var deadline = new RequestDeadline(exchange.ReadTimeout() ?? options.Value.RequestTimeout, time, exchange.Abandoned);
            try
            {
                var (model, version) = exchange.ReadTarget();
                lease = served.Lease(model, version);
                exchange.Found(lease.Artifact);
                await AnswerAsync(exchange, lease, deadline, started);
            }
            catch (OperationCanceledException) when (!deadline.IsAbandoned)
            {
                throw InferenceException.Deadline($"Not answered within {deadline.Remaining.TotalMilliseconds:0} ms.");
            }
        }
        catch (Exception exception)
        {
            fault = await FailAsync(exchange, lease, exception);
        }
        finally
        {
            if (lease is not null)
            {
                lease.Loaded.Figures.Answered(fault, time.GetElapsedTime(started));
                lease.Dispose();
            }
        }
    }

    private async Task AnswerAsync(IInferenceExchange exchange, VersionLease lease, RequestDeadline deadline, long started)
    {
        var loaded = lease.Loaded;
        using var request = await exchange.ReadAsync(loaded.Session.Signature, deadline.Token);
        deadline.Shorten(request.Timeout);
        loaded.Figures.Read(time.GetElapsedTime(started));
        using var outputs = await ComputeAsync(lease, request, deadline.Token);
        var computed = time.GetTimestamp();
        loaded.Figures.Predicted(outputs);
        await exchange.AnswerAsync(new InferenceAnswer(lease.Artifact, loaded.Classes, request, outputs), deadline.Token);
        loaded.Figures.Written(time.GetElapsedTime(computed));
    }

    private static async Task<OutputTensors> ComputeAsync(VersionLease lease, InferenceRequest request, CancellationToken cancellationToken)
    {
        using var activity = PredictorMetrics.Activities.StartActivity("compute");
        activity?.SetTag("sluice.model", lease.Artifact.Model).SetTag("sluice.version", lease.Artifact.Version);
        try
        {
            var (outputs, facts) = await lease.Loaded.Batcher.RunAsync(request, cancellationToken);
            Tell(activity, facts);
            return outputs;
        }
        catch (InferenceException exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw exception.Fault == FaultClass.Model && request.FindUnequalSizes(lease.Loaded.Session.Signature) is { } unequal
                ? InferenceException.Client(unequal)
                : exception;
        }
    }

    private static void Tell(Activity? activity, RunFacts facts) => activity?
        .SetTag("sluice.batch.requests", facts.Requests)
        .SetTag("sluice.batch.rows", facts.Rows)
        .SetTag("sluice.queue.ms", facts.Waited.TotalMilliseconds)
        .SetTag("sluice.compute.ms", facts.Computed.TotalMilliseconds);

    private async Task<FaultClass> FailAsync(IInferenceExchange exchange, VersionLease? lease, Exception exception)
    {
        var failure = Classify(exchange, exception);
        Log(lease, failure, exception);
        try
        {
            await exchange.FailAsync(failure);
        }
        catch (Exception unsent) when (unsent is OperationCanceledException or IOException)
        {
            // Nobody is there to read it.
        }

        return failure.Fault;
    }

    private static InferenceException Classify(IInferenceExchange exchange, Exception exception) => exception switch
    {
        _ when exchange.Abandoned.IsCancellationRequested => new InferenceException(FaultClass.Cancelled, "The caller left."),
        InferenceException inference => inference,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } large =>
            InferenceException.Client($"The body is too large: {large.Message}", large.StatusCode),
        BadHttpRequestException bad => InferenceException.Client(bad.Message, bad.StatusCode),
        IOException => new InferenceException(FaultClass.Cancelled, "The connection broke."),
        _ => InferenceException.Model("The predictor failed on this request; its log says why."),
    };

    private void Log(VersionLease? lease, InferenceException failure, Exception exception)
    {
        if (failure.Fault == FaultClass.Model && lease is not null)
        {
            if (exception is InferenceException)
            {
                LogModelFault(lease.Artifact.Model, lease.Artifact.Version, failure.Message);
            }
            else
            {
                LogDefect(exception, lease.Artifact.Model, lease.Artifact.Version);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Model} version {Version} failed on a well-formed request: {Problem}")]
    private partial void LogModelFault(string model, int version, string problem);

    [LoggerMessage(LogLevel.Error, "A request to {Model} version {Version} met a defect of the predictor; please report it with this trace")]
    private partial void LogDefect(Exception exception, string model, int version);
}
