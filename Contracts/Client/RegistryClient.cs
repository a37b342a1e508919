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

    private static WatchEvent? ReadEvent(string type, ReadOnlySpan<byte> data) =>
        type is WatchEventTypes.Snapshot or WatchEventTypes.Change
            ? JsonSerializer.Deserialize(data, ContractsJson.Default.WatchEvent)
            : null;
}
