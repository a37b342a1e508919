using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Contracts.Tests.Client;

/// <summary>A wire between a client and a server on 127.0.0.1 that a test can cut, hold, and lay to another server.</summary>
internal sealed class CutProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly CancellationTokenSource _end = new();
    private volatile TaskCompletionSource? _held;
    private int _connections;

    public CutProxy(Uri target)
    {
        Target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Where new connections go; null: they are refused by closing them.</summary>
    public Uri? Target { get; set; }

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Resets every connection, in the middle of whatever passes.</summary>
    public void Cut()
    {
        foreach (var socket in _open.Keys)
        {
            Close(socket);
        }
    }

    /// <summary>Lets nothing more through from the server, and keeps connections open: a silent network.</summary>
    public void Hold() => _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _held?.TrySetResult();
        Cut();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                _open[client] = true;
                _ = ForwardAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _open[server] = true;
        try
        {
            if (Target is { } target)
            {
                await server.ConnectAsync(target.Host, target.Port, _end.Token);
                await Task.WhenAny(CopyAsync(client, server, holds: false), CopyAsync(server, client, holds: true));
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A wire that is cut.
        }
        finally
        {
            Close(client);
            Close(server);
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool holds)
    {
        var buffer = new byte[4096];
        while (await from.ReceiveAsync(buffer, _end.Token) is var read and > 0)
        {
            if (holds && _held is { } held)
            {
                await held.Task;
            }

            await to.SendAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private void Close(Socket socket)
    {
        if (_open.TryRemove(socket, out _))
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0); // reset rather than an orderly end
            socket.Dispose();
        }
    }
}
