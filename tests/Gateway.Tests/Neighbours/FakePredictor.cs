using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>What a predictor was asked.</summary>
public sealed record SeenRequest(string Method, string Path, string Query, Dictionary<string, string> Headers);

/// <summary>Stands in for a predictor: answers who it is and what it was asked for, unless a test tells it otherwise.</summary>
public sealed class FakePredictor(string id) : LoopbackServer
{
    private int _inProgress;

    public string Id => id;

    /// <summary>The pool that it is told to be of.</summary>
    public string Pool { get; set; } = Pools.Stable;

    /// <summary>Whether it answers probes; they are not among what was <see cref="Seen"/>.</summary>
    public bool AnswersProbes { get; set; } = true;

    /// <summary>Whom it says to be when it is probed.</summary>
    public string? ProbedId { get; set; }

    /// <summary>How it answers.</summary>
    public RequestDelegate Answer { get; set; } = context => WriteAsync(context, id);

    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    /// <summary>Requests it is working on.</summary>
    public int InProgress => Volatile.Read(ref _inProgress);

    public static async Task<FakePredictor> StartAsync(string id)
    {
        var predictor = new FakePredictor(id);
        await predictor.StartAsync();
        return predictor;
    }

    protected override async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == InferencePaths.Live)
        {
            context.Response.Headers[SluiceHeaders.Replica] = ProbedId ?? Id;
            if (!AnswersProbes)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return;
        }

        Seen.Enqueue(new SeenRequest(
            context.Request.Method,
            context.Request.Path,
            context.Request.QueryString.ToString(),
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        SetDigest(context);
        Interlocked.Increment(ref _inProgress);
        try
        {
            await Answer(context);
        }
        finally
        {
            Interlocked.Decrement(ref _inProgress);
        }
    }

    // Every answer of a predictor says which version gave it. Paths of inference end with the version, and the verb.
    private static void SetDigest(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/');
        if (GrpcAnswers.IsCall(context))
        {
            var (model, number) = (context.Request.Headers[SluiceHeaders.Model].ToString(), context.Request.Headers[SluiceHeaders.Version].ToString());
            context.Response.Headers[SluiceHeaders.Digest] = FakeRegistry.DigestOf(model, int.Parse(number, System.Globalization.CultureInfo.InvariantCulture));
        }
        else if (Array.IndexOf(path, "models") is > 0 and var at && Array.IndexOf(path, "versions") == at + 2)
        {
            var version = int.Parse(path[at + 3].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers[SluiceHeaders.Digest] = FakeRegistry.DigestOf(path[at + 1], version);
        }
    }

    private static async Task WriteAsync(HttpContext context, string id)
    {
        if (GrpcAnswers.IsCall(context))
        {
            await GrpcAnswers.AnswerAsync(context, id);
            return;
        }

        await context.Request.Body.CopyToAsync(Stream.Null);
        var path = context.Request.Path.Value!.Split('/');
        var version = path[Array.IndexOf(path, "versions") + 1].Split(':')[0];
        context.Response.Headers[SluiceHeaders.Version] = version;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(JsonSerializer.Serialize(new { replica = id, version }));
    }
}
