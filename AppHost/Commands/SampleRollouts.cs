using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sluice.AppHost.Commands;

/// <summary>Orders to the Registry, by its API.</summary>
/// <param name="registry">Where it is.</param>
/// <param name="adminToken">By what it knows us.</param>
internal sealed class SampleRollouts(EndpointReference registry, ParameterResource adminToken)
{
    private const string Model = "wine";
    private const string Reason = "from the dashboard";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(15) };

    /// <summary>Starts a rollout of a version of the sample.</summary>
    public Task<ExecuteCommandResult> StartAsync(int version, CancellationToken cancellationToken) => AnsweredAsync(async () =>
    {
        var (isDone, answer) = await SendAsync(
            HttpMethod.Post, $"/api/models/{Model}/rollouts", new { version, profile = "development", reason = Reason }, cancellationToken);
        return isDone
            ? Done($"Rollout {answer.GetProperty("id").GetString()} began: version {version} of {Model} against version {answer.GetProperty("stable").GetInt32()}. It needs traffic for a verdict: \"Send sample traffic\" at the gateway.")
            : NotDone(answer);
    });

    /// <summary>Promotes the open rollout, or takes it back.</summary>
    public Task<ExecuteCommandResult> OrderAsync(string order, CancellationToken cancellationToken) => AnsweredAsync(async () =>
    {
        var (isRead, list) = await SendAsync(HttpMethod.Get, "/api/rollouts", null, cancellationToken);
        if (!isRead)
        {
            return NotDone(list);
        }

        // One that is promoted can still be taken back, and nothing else.
        var open = list.EnumerateArray()
            .Where(rollout => order == "rollback" || rollout.GetProperty("phase").GetString() != "Promoted")
            .OrderBy(rollout => rollout.GetProperty("phase").GetString() == "Promoted")
            .ToArray();
        if (open.Length == 0)
        {
            return NotDone("No rollout is open: start a canary first.");
        }

        if (open.Count(rollout => rollout.GetProperty("phase").GetString() != "Promoted") > 1)
        {
            return NotDone($"Several rollouts are open ({string.Join(", ", open.Select(IdOf))}): say which by the API, POST /api/rollouts/{{id}}/{order}.");
        }

        var (isDone, answer) = await SendAsync(
            HttpMethod.Post, $"/api/rollouts/{IdOf(open[0])}/{order}", new { generation = open[0].GetProperty("generation").GetInt64(), reason = Reason }, cancellationToken);
        return isDone ? Done($"Rollout {IdOf(open[0])} of version {open[0].GetProperty("canary").GetInt32()} is {answer.GetProperty("phase").GetString()} now.") : NotDone(answer);
    });

    private static string? IdOf(JsonElement rollout) => rollout.GetProperty("id").GetString();

    private static async Task<ExecuteCommandResult> AnsweredAsync(Func<Task<ExecuteCommandResult>> order)
    {
        try
        {
            return await order();
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or TaskCanceledException { InnerException: TimeoutException })
        {
            return NotDone($"The Registry does not answer: {exception.Message}");
        }
    }

    private static ExecuteCommandResult Done(string message) => new() { Success = true, Message = message };

    private static ExecuteCommandResult NotDone(string message) => new() { Success = false, Message = message };

    // A problem's detail is a sentence for people.
    private static ExecuteCommandResult NotDone(JsonElement problem) => NotDone(
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("detail", out var detail) ? detail.GetString()! : $"The Registry refused: {problem}");

    private async Task<(bool IsDone, JsonElement Answer)> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, registry.Url + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await adminToken.GetValueAsync(cancellationToken));
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await Http.SendAsync(request, cancellationToken);
        return (answer.IsSuccessStatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken));
    }
}
