using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sluice.Contracts;

/// <summary>The Registry's API as the other services use it.</summary>
/// <param name="http">Has the Registry's address, and the handlers that authorise and retry.</param>
public sealed class RegistryClient(HttpClient http)
{
    /// <summary>Tells the Registry how a replica is.</summary>
    /// <exception cref="HttpRequestException">The Registry did not take it.</exception>
    public async Task ReportReplicaAsync(string id, ReplicaReport report, CancellationToken cancellationToken)
    {
        using var answer = await http.PutAsJsonAsync(ApiPaths.ForReplica(id), report, ContractsJson.Default.ReplicaReport, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Says goodbye for a replica, so that it need not expire.</summary>
    /// <exception cref="HttpRequestException">The Registry did not take it.</exception>
    public async Task RemoveReplicaAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await http.DeleteAsync(ApiPaths.ForReplica(id), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>All replicas, with what they work on.</summary>
    /// <exception cref="HttpRequestException">The Registry did not answer as agreed.</exception>
    public async Task<IReadOnlyList<ReplicaView>> ListReplicasAsync(CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync(ApiPaths.Replicas, ContractsJson.Default.IReadOnlyListReplicaView, cancellationToken) ?? [];

    /// <summary>Tells the Registry what a gateway routes.</summary>
    /// <exception cref="HttpRequestException">The Registry did not take it.</exception>
    public async Task ReportGatewayAsync(string id, GatewayReport report, CancellationToken cancellationToken)
    {
        using var answer = await http.PutAsJsonAsync(ApiPaths.ForGateway(id), report, ContractsJson.Default.GatewayReport, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Says goodbye for a gateway.</summary>
    /// <exception cref="HttpRequestException">The Registry did not take it.</exception>
    public async Task RemoveGatewayAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await http.DeleteAsync(ApiPaths.ForGateway(id), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Takes or keeps a lease; with 0 seconds gives it back.</summary>
    /// <returns>Whether it is the caller's; false when somebody else holds it.</returns>
    /// <exception cref="HttpRequestException">The Registry did not answer as agreed.</exception>
    public async Task<bool> TakeLeaseAsync(string name, LeaseRequest wish, CancellationToken cancellationToken)
    {
        using var answer = await http.PutAsJsonAsync(ApiPaths.ForLease(name), wish, ContractsJson.Default.LeaseRequest, cancellationToken);
        return Succeeded(answer);
    }

    /// <summary>One rollout, open or not; null when there is none of that id.</summary>
    /// <exception cref="HttpRequestException">The Registry did not answer as agreed.</exception>
    public async Task<Rollout?> FindRolloutAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(ApiPaths.ForRollout(id), cancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(ContractsJson.Default.Rollout, cancellationToken);
    }

    /// <summary>What happened to a rollout.</summary>
    /// <exception cref="HttpRequestException">The Registry did not answer as agreed.</exception>
    public async Task<IReadOnlyList<RolloutEvent>> ReadRolloutEventsAsync(string id, CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync($"{ApiPaths.ForRollout(id)}/events", ContractsJson.Default.IReadOnlyListRolloutEvent, cancellationToken) ?? [];

    /// <summary>A page of a rollout's evidence log: what follows an entry.</summary>
    /// <exception cref="HttpRequestException">The Registry did not answer as agreed.</exception>
    public async Task<EvidencePage> ReadEvidenceAsync(string id, long after, CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync($"{ApiPaths.ForRollout(id)}/evidence?after={after}", ContractsJson.Default.EvidencePage, cancellationToken)
            ?? throw new JsonException("A page of evidence is null.");

    /// <summary>Appends to a rollout's evidence log.</summary>
    /// <returns>Whether it was appended; false when the log has another length, or is complete.</returns>
    /// <exception cref="HttpRequestException">The Registry did not answer as agreed; whether it was appended is not known.</exception>
    public async Task<bool> AppendEvidenceAsync(string id, EvidenceAppend entries, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync($"{ApiPaths.ForRollout(id)}/evidence", entries, ContractsJson.Default.EvidenceAppend, cancellationToken);
        return Succeeded(answer);
    }

    /// <summary>Proposes a verdict.</summary>
    /// <returns>The rollout afterwards; null when the verdict was refused: the rollout is not (any more) as the judge saw it.</returns>
    /// <exception cref="HttpRequestException">The Registry did not answer as agreed.</exception>
    public async Task<Rollout?> ProposeAsync(string id, VerdictProposal verdict, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync($"{ApiPaths.ForRollout(id)}/verdict", verdict, ContractsJson.Default.VerdictProposal, cancellationToken);
        return Succeeded(answer) ? await answer.Content.ReadFromJsonAsync(ContractsJson.Default.Rollout, cancellationToken) : null;
    }

    /// <summary>Opens a blob for reading. The caller checks its digest and disposes the stream.</summary>
    /// <exception cref="HttpRequestException">The Registry does not have it, or did not answer.</exception>
    public async Task<Stream> OpenBlobAsync(string digest, CancellationToken cancellationToken)
    {
        var answer = await http.GetAsync(ApiPaths.ForBlob(digest), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        try
        {
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadAsStreamAsync(cancellationToken);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Watches from a revision on, or from a snapshot when there is none. Heartbeats come as null. Ends when the connection does.
    /// </summary>
    /// <param name="after">The last revision that was seen.</param>
    /// <param name="storeId">The store it was seen in; null for a snapshot first.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="HttpRequestException">The Registry refused or did not answer.</exception>
    /// <exception cref="JsonException">An event is not of the form agreed.</exception>
    public async IAsyncEnumerable<WatchEvent?> WatchAsync(
        long after, string? storeId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiPaths.ForWatch(after, storeId));
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var parser = SseParser.Create(stream, ReadEvent);
        await foreach (var item in parser.EnumerateAsync(cancellationToken))
        {
            yield return item.Data;
        }
    }

    private static bool Succeeded(HttpResponseMessage answer)
    {
        if (answer.StatusCode == HttpStatusCode.Conflict)
        {
            return false;
        }

        answer.EnsureSuccessStatusCode();
        return true;
    }

    private static WatchEvent? ReadEvent(string type, ReadOnlySpan<byte> data) =>
        type is WatchEventTypes.Snapshot or WatchEventTypes.Change
            ? JsonSerializer.Deserialize(data, ContractsJson.Default.WatchEvent)
            : null;
}
