using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Aspire.Hosting.Tests.Publishing;

/// <summary>Speaks to an AppHost as the CLI does: over its socket, in JSON-RPC with lengths.</summary>
internal sealed class FakeCli : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private NetworkStream _stream = null!;
    private int _lastId = 1;

    /// <summary>Tries again until the AppHost listens.</summary>
    public async Task ConnectAsync(string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                await _socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
                _stream = new NetworkStream(_socket);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    /// <summary>The whole answer.</summary>
    public async Task<JsonNode> AskAsync(string method, params JsonNode[] parameters)
    {
        var id = ++_lastId;
        await SendAsync(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = new JsonArray(parameters), ["traceparent"] = "00-1-2-00" });
        var answer = await ReadAsync();
        Assert.Equal(id, (int)answer["id"]!);
        return answer;
    }

    public async Task<JsonNode?> GetAsync(string method, params JsonNode[] parameters) => (await AskAsync(method, parameters))["result"];

    /// <summary>A stream from beginning to end, or to the first value that is enough.</summary>
    public async Task<List<JsonNode>> StreamAsync(string method, Func<JsonNode, bool>? isEnough = null)
    {
        var token = (await GetAsync(method))!["token"]!;
        var values = new List<JsonNode>();
        while (true)
        {
            var next = (await GetAsync("$/enumerator/next", token.DeepClone()))!;
            values.AddRange(next["values"]!.AsArray()!);
            if ((bool)next["finished"]! || values.Exists(value => isEnough?.Invoke(value) == true))
            {
                await GetAsync("$/enumerator/abort", token.DeepClone());
                return values;
            }
        }
    }

    public async Task SendAsync(JsonNode message)
    {
        var body = Encoding.UTF8.GetBytes(message.ToJsonString());

        // In two pieces: what arrives need not be what was sent.
        await _stream.WriteAsync(Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n"));
        await _stream.WriteAsync((byte[])[.. "\r\n"u8, .. body]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }

        _socket.Dispose();
    }

    private async Task<JsonNode> ReadAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var header = new List<byte>();
        var one = new byte[1];
        while (!header.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            await _stream.ReadExactlyAsync(one, limit.Token);
            header.Add(one[0]);
        }

        var length = int.Parse(Encoding.ASCII.GetString([.. header]).Split(':')[1], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        var body = new byte[length];
        await _stream.ReadExactlyAsync(body, limit.Token);
        return JsonNode.Parse(body)!;
    }
}
