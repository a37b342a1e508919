using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial.Arenas;
using Sluice.Testing;

namespace Pipelines.Sockets.Unofficial.Tests;

/// <summary>The parts by themselves.</summary>
public sealed class PartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void An_arena_gives_cleared_pieces_that_do_not_overlap()
    {
        using var arena = new Arena<int>();
        for (var round = 0; round < 3; round++)
        {
            var pieces = Enumerable.Range(0, 20).Select(i => arena.Allocate(i * 7)).ToArray();
            Assert.All(pieces, piece => Assert.All(piece.FirstSpan.ToArray(), element => Assert.Equal(0, element)));
            for (var i = 0; i < pieces.Length; i++)
            {
                foreach (ref var element in pieces[i])
                {
                    element = i + 1;
                }
            }

            for (var i = 0; i < pieces.Length; i++)
            {
                Assert.Equal(i * 7, pieces[i].Length);
                Assert.All(pieces[i].ToArray((in int element) => element), element => Assert.Equal(i + 1, element));
            }

            arena.Reset();
        }
    }

    [Fact]
    public void A_sequence_is_the_same_without_and_with_its_type()
    {
        using var arena = new Arena<string>();
        var sequence = arena.Allocate(3);
        (sequence[0], sequence[1], sequence[2]) = ("a", "b", "c");

        var back = sequence.Untyped().Cast<string>();

        Assert.Equal(3, sequence.Untyped().Length);
        Assert.Equal(["a!", "b!", "c!"], back.ToArray((in string text, in string mark) => text + mark, "!"));
        Assert.Throws<InvalidCastException>(() => sequence.Untyped().Cast<object[]>());
        Assert.Throws<IndexOutOfRangeException>(() => back[3]);
        Assert.Throws<InvalidOperationException>(() =>
        {
            var over = back.GetEnumerator();
            for (var i = 0; i < 4; i++)
            {
                over.GetNext();
            }
        });
        Assert.True(default(Sequence<string>).IsEmpty);
        Assert.Empty(default(Sequence).Cast<string>().ToArray((in string text) => text));
        Assert.Throws<ArgumentException>(() => back.CopyTo(new string[2], (in string text) => text));
    }

    [Fact]
    public void The_parts_of_a_delegate_are_gone_over_one_by_one()
    {
        var heard = new List<int>();
        Action one = () => heard.Add(1);
        var both = one + (() => heard.Add(2));

        foreach (var part in Delegates.AsEnumerable(both))
        {
            part();
        }

        Assert.Equal([1, 2], heard);
        Assert.True(Delegates.IsSingle(one));
        Assert.False(Delegates.IsSingle(both));
    }

    [Fact]
    public async Task A_scheduler_runs_everything_and_lends_from_the_thread_pool_when_its_threads_are_busy()
    {
        const int Callbacks = 200;
        using var scheduler = new DedicatedThreadPoolPipeScheduler("test", workerCount: 2, useThreadPoolQueueLength: 5);
        using var gate = new ManualResetEventSlim();
        var ran = new ConcurrentBag<string?>();
        scheduler.Schedule(_ => throw new InvalidOperationException("on purpose"), null);
        for (var i = 0; i < Callbacks; i++)
        {
            scheduler.Schedule(
                _ =>
                {
                    gate.Wait(Token);
                    ran.Add(Thread.CurrentThread.IsThreadPoolThread ? "pool" : Thread.CurrentThread.Name);
                },
                null);
        }

        gate.Set();
        await Eventually.BecomesTrueAsync(() => ran.Count == Callbacks);
        await Eventually.BecomesTrueAsync(() => scheduler.AvailableCount == 2);
        Assert.Contains("pool", ran);
        Assert.Contains("test:0", ran.Concat(ran.Select(name => name?.Replace(":1", ":0", StringComparison.Ordinal))));
        Assert.Equal(Callbacks + 1, scheduler.TotalServicedByPool + scheduler.TotalServicedByQueue);
        scheduler.Dispose();
        var late = new TaskCompletionSource();
        scheduler.Schedule(_ => late.SetResult(), null);
        await late.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task An_operation_that_is_aborted_fails_with_that_error_and_can_be_used_again()
    {
        using var arguments = new SocketAwaitableEventArgs();
        var waiting = AwaitAsync(arguments);
        Assert.False(waiting.IsCompleted);

        arguments.Abort(SocketError.TimedOut);

        Assert.Equal(SocketError.TimedOut, (await Assert.ThrowsAsync<SocketException>(() => waiting)).SocketErrorCode);
        arguments.Complete();
        Assert.Equal(0, await AwaitAsync(arguments));

        static async Task<int> AwaitAsync(SocketAwaitableEventArgs arguments) => await arguments;
    }

    [Fact]
    public async Task A_connection_carries_bytes_both_ways_counts_them_and_knows_how_it_ended()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        SocketConnection.SetRecommendedClientOptions(client);
        await client.ConnectAsync(listener.LocalEndpoint, Token);
        using var server = await listener.AcceptSocketAsync(Token);
        using var connection = SocketConnection.Create(client, PipeOptions.Default, PipeOptions.Default, SocketConnectionOptions.None, "test");

        await connection.Output.WriteAsync("hello"u8.ToArray(), Token);
        var heard = new byte[5];
        Assert.Equal(5, await server.ReceiveAsync(heard, Token));
        Assert.Equal("hello"u8, heard);
        await server.SendAsync("ok"u8.ToArray(), Token);
        var answer = await connection.Input.ReadAtLeastAsync(2, Token);
        Assert.Equal((5L, 2L, 2), (connection.BytesSent, connection.BytesRead, connection.LastReceived));
        connection.Input.AdvanceTo(answer.Buffer.End);
        Assert.Equal(PipeShutdownKind.None, connection.ShutdownKind);
        Assert.Equal(0, connection.GetCounters().BytesAvailableOnSocket);

        server.Close();
        Assert.True((await connection.Input.ReadAsync(Token)).IsCompleted);
        Assert.Equal(PipeShutdownKind.ReadEndOfStream, connection.ShutdownKind);
        Assert.False(connection.TrySetProtocolShutdown(PipeShutdownKind.ProtocolExitClient));
    }

    [Fact]
    public async Task A_reset_is_told_as_one()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndpoint, Token);
        var server = await listener.AcceptSocketAsync(Token);
        using var connection = SocketConnection.Create(client, null, null);

        server.LingerState = new LingerOption(true, 0); // closing resets
        server.Dispose();

        await Assert.ThrowsAsync<ConnectionResetException>(async () => await connection.Input.ReadAsync(Token));
        Assert.Equal((PipeShutdownKind.ReadSocketError, SocketError.ConnectionReset), (connection.ShutdownKind, connection.SocketError));
    }
}
