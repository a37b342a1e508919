using System.Net;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>Calls byte for byte, as no decent client would make them.</summary>
internal static class RawGrpc
{
    /// <summary>Calls ModelInfer.</summary>
    public static async Task<HttpResponseMessage> SendAsync(Uri address, byte[] body, params (string Name, string Value)[] metadata)
    {
        using var http = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/inference.GRPCInferenceService/ModelInfer")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        foreach (var (name, value) in metadata)
        {
            request.Headers.Add(name, value);
        }

        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The status, wherever it stands.</summary>
    public static string StatusOf(HttpResponseMessage answer) =>
        (answer.TrailingHeaders.TryGetValues("grpc-status", out var late) ? late : answer.Headers.GetValues("grpc-status")).Single();
}
