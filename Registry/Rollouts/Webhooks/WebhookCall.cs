using System.Globalization;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Registry.Rollouts.Webhooks;

/// <summary>What a webhook is asked: may the rollout go on?</summary>
/// <param name="Rollout">Its id.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Model">The model.</param>
/// <param name="Stable">The version that is stable.</param>
/// <param name="Canary">The version that is tried.</param>
/// <param name="CanaryDigest">Its digest.</param>
/// <param name="Step">Index of the step that waits; as many as there are steps for the promotion.</param>
/// <param name="Weight">The share of the traffic that the step would give, in basis points.</param>
internal sealed record WebhookQuestion(
    string Rollout, long Generation, string Model, int Stable, int Canary, string CanaryDigest, int Step, int Weight);

/// <summary>What it answers.</summary>
/// <param name="Decision"><c>approve</c>, <c>wait</c> or <c>reject</c>.</param>
/// <param name="Reason">Why.</param>
internal sealed record WebhookAnswer(string Decision, string? Reason);

/// <summary>Generated JSON of questions and answers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, MaxDepth = 8)]
[JsonSerializable(typeof(WebhookQuestion))]
[JsonSerializable(typeof(WebhookAnswer))]
internal sealed partial class WebhookJson : JsonSerializerContext;

/// <summary>
/// Asks a webhook. The question is signed: <c>x-sluice-signature: t=&lt;unix seconds&gt;,v1=&lt;hex&gt;</c>, where the hex is the HMAC-SHA256 of the
/// seconds, a dot and the body. A 200 with <c>{"decision": "approve"}</c> approves, with <c>"reject"</c> rolls back; everything else is asked again.
/// </summary>
internal sealed class WebhookCall(WebhookConnections connections, IOptions<RolloutOptions> options, TimeProvider time)
{
    public const string SignatureHeader = "x-sluice-signature";

    private const int LongestReason = 500;

    /// <summary>Asks once.</summary>
    /// <returns>The answer, or <c>wait</c> with what went wrong.</returns>
    public async Task<WebhookAnswer> AskAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var step = rollout.Pause!.ForStep!.Value;
        var weight = step < rollout.Plan.Steps.Count ? rollout.Plan.Steps[step].Weight : Weight.All;
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new WebhookQuestion(
                rollout.Id, rollout.Generation, rollout.Model, rollout.Stable, rollout.Canary, rollout.CanaryDigest, step, weight.BasisPoints),
            WebhookJson.Default.WebhookQuestion);
        using var request = new HttpRequestMessage(HttpMethod.Post, rollout.Plan.Webhook) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new(MediaTypeNames.Application.Json);
        request.Headers.Add(SignatureHeader, Sign(time.GetUtcNow().ToUnixTimeSeconds(), body));
        try
        {
            using var answer = await connections.Http.SendAsync(request, cancellationToken);
            return answer.StatusCode == System.Net.HttpStatusCode.OK
                ? Read(await answer.Content.ReadAsByteArrayAsync(cancellationToken))
                : Wait($"it answered {(int)answer.StatusCode}");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return Wait(exception is TaskCanceledException ? "it did not answer within 10 s" : exception.Message);
        }
    }

    private string Sign(long seconds, byte[] body)
    {
        var key = Encoding.UTF8.GetBytes(options.Value.WebhookSecret!);
        byte[] signed = [.. Encoding.UTF8.GetBytes(seconds.ToString(CultureInfo.InvariantCulture) + "."), .. body];
        return string.Create(CultureInfo.InvariantCulture, $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(key, signed))}");
    }

    private static WebhookAnswer Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, WebhookJson.Default.WebhookAnswer) is { Decision: "approve" or "wait" or "reject" } answer
                ? answer with { Reason = answer.Reason is { Length: > LongestReason } longer ? longer[..LongestReason] : answer.Reason }
                : Wait("its decision is none of approve, wait, reject");
        }
        catch (JsonException)
        {
            return Wait("""its answer is not {"decision": "approve", "wait" or "reject"}""");
        }
    }

    private static WebhookAnswer Wait(string problem) => new("wait", problem);
}
