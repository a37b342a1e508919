using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Protocols;
using Sluice.Predictor.Runtime;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Inference;

/// <summary>Answers one inference request, whatever its protocol: find the version, read, wait for a place, compute, write.</summary>
/// <remarks>Every way out has a fault class, which goes into the answer's header, the metric and the log alike.</remarks>
internal sealed partial class InferenceHandler(
    ServedVersions served, PredictorMetrics metrics, IOptions<PredictorOptions> options, TimeProvider time, ILogger<InferenceHandler> logger)
{
    private const int FirstAnswerBytes = 4096;

    public async Task HandleAsync(HttpContext context, IInferenceFormat format)
    {
        var started = time.GetTimestamp();
        var fault = FaultClass.Ok;
        VersionLease? lease = null;
        try
        {
            using var deadline = RequestDeadline.Of(context, options.Value.RequestTimeout, time);
            try
            {
                lease = served.Lease((string)context.Request.RouteValues["model"]!, context.Request.RouteValues["version"] as string);
                SetVersionHeaders(context.Response, lease.Artifact);
                using var answer = await AnswerAsync(context.Request, format, lease, deadline.Token);
                await SendAsync(context.Response, answer, deadline.Token);
            }
            catch (OperationCanceledException) when (!deadline.IsAbandoned)
            {
                throw InferenceException.Deadline($"Not answered within {deadline.Remaining.TotalMilliseconds:0} ms.");
            }
        }
        catch (Exception exception)
        {
            fault = await FailAsync(context, format.Protocol, lease, exception);
        }
        finally
        {
            if (lease is not null)
            {
                metrics.Answered(lease.Artifact, fault, time.GetElapsedTime(started));
                lease.Dispose();
            }
        }
    }

    private async Task<PooledBuffer> AnswerAsync(HttpRequest http, IInferenceFormat format, VersionLease lease, CancellationToken cancellationToken)
    {
        format.CheckHeaders(http);
        using var request = await ReadAsync(http, format, lease, cancellationToken);
        using var outputs = await ComputeAsync(lease, request, cancellationToken);
        var answer = new PooledBuffer(FirstAnswerBytes);
        try
        {
            format.Write(answer, lease.Artifact, request, outputs);
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private static async Task<InferenceRequest> ReadAsync(HttpRequest http, IInferenceFormat format, VersionLease lease, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(http, cancellationToken);
        return format.Read(body.WrittenSpan, lease.Loaded.Session.Signature);
    }

    private async Task<OutputTensors> ComputeAsync(VersionLease lease, InferenceRequest request, CancellationToken cancellationToken)
    {
        using var place = await lease.Loaded.Gate.EnterAsync(cancellationToken);
        using var activity = PredictorMetrics.Activities.StartActivity("compute");
        activity?.SetTag("sluice.model", lease.Artifact.Model).SetTag("sluice.version", lease.Artifact.Version);
        var started = time.GetTimestamp();
        try
        {
            return lease.Loaded.Session.Run(request.Inputs, request.Outputs, cancellationToken);
        }
        catch (InferenceException exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw request.FindUnequalSizes(lease.Loaded.Session.Signature) is { } unequal ? InferenceException.Client(unequal) : exception;
        }
        finally
        {
            metrics.Computed(lease.Artifact, time.GetElapsedTime(started));
        }
    }

    private static void SetVersionHeaders(HttpResponse response, ModelVersion version)
    {
        response.Headers[SluiceHeaders.Version] = version.Version.ToString(CultureInfo.InvariantCulture);
        response.Headers[SluiceHeaders.Digest] = version.Digest;
        response.Headers[SluiceHeaders.Fault] = FaultClass.Ok.Label();
    }

    private static async Task SendAsync(HttpResponse response, PooledBuffer answer, CancellationToken cancellationToken)
    {
        response.ContentType = "application/json";
        response.ContentLength = answer.WrittenCount;
        await response.Body.WriteAsync(answer.WrittenMemory, cancellationToken);
    }

    private async Task<FaultClass> FailAsync(HttpContext context, InferenceProtocol protocol, VersionLease? lease, Exception exception)
    {
        var failure = Classify(context, exception);
        Log(lease, failure, exception);
        await InferenceErrors.WriteAsync(context, protocol, failure);
        return failure.Fault;
    }

    private static InferenceException Classify(HttpContext context, Exception exception) => exception switch
    {
        _ when context.RequestAborted.IsCancellationRequested => new InferenceException(FaultClass.Cancelled, "The caller left."),
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
