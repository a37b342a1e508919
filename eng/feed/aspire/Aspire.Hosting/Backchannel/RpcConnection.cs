using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aspire.Hosting.Backchannel;

/// <summary>What answers one method: a value, or a stream of values that the caller then asks for one after the other.</summary>
internal delegate Task<object?> RpcMethod(JsonElement parameters, CancellationToken cancellationToken);

/// <summary>
/// JSON-RPC 2.0 as the CLI speaks it: messages behind a <c>Content-Length</c> header, parameters by position, streams by token. A request may stay
/// unanswered for as long as there is nothing to say.
/// </summary>
internal sealed class RpcConnection(Stream stream, IReadOnlyDictionary<string, RpcMethod> methods) : IDisposable
{
    private const int MaxMessage = 16 * 1024 * 1024;
    private const int MethodNotFound = -32601;
    private const int Failed = -32000;
    private const string NextOfStream = "$/enumerator/next";
    private const string EndOfStream = "$/enumerator/abort";
    private static readonly JsonSerializerOptions Json = new() { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<int, RpcStream> _streams = [];
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _running = [];
    private int _lastToken;

    /// <summary>Answers until the caller goes away.</summary>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reader = PipeReader.Create(stream);
        var answers = new List<Task>();
        try
        {
            while (await ReadAsync(reader, gone.Token).ConfigureAwait(false) is { } message)
            {
                answers.RemoveAll(answer => answer.IsCompleted);
                answers.Add(AnswerAsync(message, gone.Token));
            }
        }
        catch (IOException)
        {
            // The caller is gone.
        }
        finally
        {
            await gone.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(answers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var open in _streams.Values)
            {
                await open.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _writing.Dispose();

    private static async Task<JsonDocument?> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        int? length = null;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            while (length is null && TryReadHeader(ref buffer, out var found))
            {
                length = found;
            }

            if (length is { } expected && buffer.Length >= expected)
            {
                var message = JsonDocument.Parse(buffer.Slice(0, expected).ToArray());
                reader.AdvanceTo(buffer.GetPosition(expected));
                return message;
            }

            if (result.IsCompleted)
            {
                return null;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Takes the header lines with the empty one behind them; false while they are not all there.</summary>
    private static bool TryReadHeader(ref ReadOnlySequence<byte> buffer, out int length)
    {
        length = 0;
        var reader = new SequenceReader<byte>(buffer);
        while (reader.TryReadTo(out ReadOnlySpan<byte> bytes, "\r\n"u8))
        {
            if (bytes.IsEmpty)
            {
                buffer = buffer.Slice(reader.Position);
                return length is > 0 and <= MaxMessage ? true : throw new IOException("A message without a length that can be.");
            }

            var line = Encoding.ASCII.GetString(bytes).Split(':', 2);
            if (line[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
                && !int.TryParse(line[^1], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out length))
            {
                throw new IOException("A message whose length is no number.");
            }
        }

        return false;
    }

    private async Task AnswerAsync(JsonDocument message, CancellationToken cancellationToken)
    {
        using var owned = message;
        var request = message.RootElement;
        var method = request.TryGetProperty("method", out var name) ? name.GetString()! : "";
        var parameters = request.TryGetProperty("params", out var given) ? given : default;
        if (!request.TryGetProperty("id", out var id))
        {
            CancelIfAsked(method, parameters);
            return;
        }

        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _running[id.GetRawText()] = cancelled;
        try
        {
            await SendAsync(id, "result", await CallAsync(method, parameters, cancelled.Token).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (MissingMethodException)
        {
            await SendErrorAsync(id, MethodNotFound, $"There is no method '{method}'.").ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not IOException && !cancellationToken.IsCancellationRequested)
        {
            await SendErrorAsync(id, Failed, exception.Message).ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(id.GetRawText(), out _);
        }
    }

    private async Task<JsonNode?> CallAsync(string method, JsonElement parameters, CancellationToken cancellationToken)
    {
        if (method is NextOfStream or EndOfStream)
        {
            var token = (parameters.ValueKind == JsonValueKind.Array ? parameters[0] : parameters.GetProperty("token")).GetInt32();
            return method == NextOfStream ? await NextAsync(token, cancellationToken).ConfigureAwait(false) : await EndAsync(token).ConfigureAwait(false);
        }

        if (!methods.TryGetValue(method, out var call))
        {
            throw new MissingMethodException(method);
        }

        var result = await call(parameters, cancellationToken).ConfigureAwait(false);
        if (result is not IAsyncEnumerable<object> values)
        {
            return JsonSerializer.SerializeToNode(result, Json);
        }

        var number = Interlocked.Increment(ref _lastToken);
        _streams[number] = new RpcStream(values);
        return new JsonObject { ["token"] = number };
    }

    private async Task<JsonNode?> NextAsync(int token, CancellationToken cancellationToken)
    {
        if (!_streams.TryGetValue(token, out var open))
        {
            return new JsonObject { ["values"] = new JsonArray(), ["finished"] = true };
        }

        var (values, finished) = await open.NextAsync(cancellationToken).ConfigureAwait(false);
        if (finished)
        {
            await EndAsync(token).ConfigureAwait(false);
        }

        return new JsonObject { ["values"] = JsonSerializer.SerializeToNode(values, Json), ["finished"] = finished };
    }

    private async Task<JsonNode?> EndAsync(int token)
    {
        if (_streams.TryRemove(token, out var open))
        {
            await open.DisposeAsync().ConfigureAwait(false);
        }

        return null;
    }

    private void CancelIfAsked(string method, JsonElement parameters)
    {
        if (method == "$/cancelRequest" && parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("id", out var id)
            && _running.TryGetValue(id.GetRawText(), out var running))
        {
            running.Cancel();
        }
    }

    private Task SendErrorAsync(JsonElement id, int code, string text) =>
        SendAsync(id, "error", new JsonObject { ["code"] = code, ["message"] = text });

    /// <summary>Not ended by the end of the AppHost: the answer to "stop" is one that the caller waits for.</summary>
    private async Task SendAsync(JsonElement id, string member, JsonNode? content)
    {
        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = JsonNode.Parse(id.GetRawText()), [member] = content };
        var body = Encoding.UTF8.GetBytes(message.ToJsonString());
        byte[] bytes = [.. Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"), .. body];
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(bytes).ConfigureAwait(false);
            await stream.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }
}
