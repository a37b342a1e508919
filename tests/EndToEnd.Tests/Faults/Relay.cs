using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>What a relay does to inferences; probes and other GETs always pass.</summary>
public enum Mischief
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Answers come a second and a half later.</summary>
    Slow,

    /// <summary>The connection is reset once the answer's first bytes came.</summary>
    CutAnswer,

    /// <summary>Nothing is ever answered; the connection stays.</summary>
    Swallow,

    /// <summary>Something that no predictor says, now as HTTP, now as no HTTP at all.</summary>
    Garbage,
}

/// <summary>
/// A stretch of network that a test can damage: takes connections on a port of its own and passes bytes on to the first target that takes one. With several targets
/// it is the load balancer in front of them. Requests are counted as they pass: a client sends its next one only after the answer, so that each begins a piece.
/// </summary>
internal sealed class Relay : IAsyncDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1.5);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<int, int> _answers = new();
    private readonly Uri[] _targets;
    private readonly Task _accepting;
    private int _connections;
    private int _inferences;
    private volatile Mischief _mischief;

    /// <param name="targets">Where to; of several the next one begins.</param>
    public Relay(params Uri[] targets)
    {
        _targets = targets;
        _listener.Start(512);
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>Where it takes connections.</summary>
    public Uri Address { get; }

    /// <summary>What it does.</summary>
    public Mischief Mischief
    {
        get => _mischief;
        set => _mischief = value;
    }

    /// <summary>Inferences that came so far.</summary>
    public int Inferences => Volatile.Read(ref _inferences);

    /// <summary>Answers of inferences with a status that went through so far.</summary>
    public int Answers(int status) => _answers.GetValueOrDefault(status);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                _ = CarryAsync(client);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // one that left before it was taken, or the end
            }
        }
    }

    private async Task CarryAsync(Socket client)
    {
        client.NoDelay = true;
        using var _ = client;
        using var server = await ConnectAsync();
        if (server is null)
        {
            Reset(client);
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var link = new Link(client, server);
        try
        {
            await Task.WhenAny(AskAsync(link, over.Token), AnswerAsync(link, over.Token)).Unwrap();
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Reset(client); // what one end suffers the other one is to see
        }

        await over.CancelAsync();
    }

    private async Task<Socket?> ConnectAsync()
    {
        var first = Interlocked.Increment(ref _connections);
        for (var i = 0; i < _targets.Length; i++)
        {
            var target = _targets[(first + i) % _targets.Length];
            var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target.Port, _end.Token);
                return server;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                server.Dispose();
            }
        }

        return null;
    }

    private async Task AskAsync(Link link, CancellationToken cancellationToken)
    {
        var piece = new byte[16 * 1024];
        while (await link.Client.ReceiveAsync(piece, cancellationToken) is var read and > 0)
        {
            if (piece.AsSpan(0, read).StartsWith("POST "u8))
            {
                link.IsInference = true;
                var number = Interlocked.Increment(ref _inferences);
                switch (_mischief)
                {
                    case Mischief.Swallow:
                        await Task.Delay(Timeout.Infinite, cancellationToken);
                        return;
                    case Mischief.Garbage:
                        await TalkNonsenseAsync(link.Client, number, cancellationToken);
                        return;
                }
            }
            else if (piece.AsSpan(0, read).StartsWith("GET "u8))
            {
                link.IsInference = false;
            }

            await SendAsync(link.Server, piece.AsMemory(0, read), cancellationToken);
        }
    }

    private async Task AnswerAsync(Link link, CancellationToken cancellationToken)
    {
        var piece = new byte[16 * 1024];
        while (await link.Server.ReceiveAsync(piece, cancellationToken) is var read and > 0)
        {
            var rest = piece.AsMemory(0, read);
            if (link.IsInference && rest.Span.StartsWith("HTTP/1.1 "u8))
            {
                switch (_mischief)
                {
                    case Mischief.Slow:
                        await Task.Delay(Delay, cancellationToken);
                        break;
                    case Mischief.CutAnswer:
                        await SendAsync(link.Client, rest[..(read / 2)], cancellationToken);
                        Reset(link.Client);
                        return;
                }

                _answers.AddOrUpdate(int.Parse(rest.Span.Slice(9, 3), null), 1, static (_, before) => before + 1);
            }

            await SendAsync(link.Client, rest, cancellationToken);
        }
    }

    private static Task TalkNonsenseAsync(Socket client, int number, CancellationToken cancellationToken)
    {
        var words = number % 2 == 0
            ? "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 22\r\n\r\n<html>It works!</html>"
            : "\u0001\u0002 this is not the protocol that was asked for\r\n\r\n";
        return SendAsync(client, Encoding.Latin1.GetBytes(words), cancellationToken);
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        while (!piece.IsEmpty)
        {
            piece = piece[await to.SendAsync(piece, cancellationToken)..];
        }
    }

    // Closing with nothing to linger for sends RST, as a process that was killed does.
    private static void Reset(Socket socket) => socket.Close(0);

    private sealed class Link(Socket client, Socket server)
    {
        public Socket Client => client;

        public Socket Server => server;

        public volatile bool IsInference;
    }
}
