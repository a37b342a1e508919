using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Sluice.Testing;
using StackExchange.Redis;

namespace Pipelines.Sockets.Unofficial.Tests;

/// <summary>StackExchange.Redis over the stand-in, against a real redis-server.</summary>
public sealed class RedisTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hundred_thousand_pipelined_operations_are_answered_each_with_its_own_answer(bool tls)
    {
        const int Writers = 50;
        const int Each = 2000;
        await using var server = await StartAsync(tls, durable: false);
        await using var client = await ConnectAsync(server);
        var redis = client.GetDatabase();

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            // All at once, without waiting in between: this is what makes a pipeline.
            var sums = Enumerable.Range(1, Each / 2).Select(_ => redis.StringIncrementAsync($"sum:{writer}")).ToArray();
            var echoes = Enumerable.Range(1, Each / 2).Select(n => redis.ExecuteAsync("ECHO", $"{writer}/{n}")).ToArray();
            Assert.Equal(Enumerable.Range(1, Each / 2).Select(n => (long)n), await Task.WhenAll(sums));
            Assert.Equal(Enumerable.Range(1, Each / 2).Select(n => $"{writer}/{n}"), (await Task.WhenAll(echoes)).Select(echo => (string?)echo));
        })).WaitAsync(Patience, Token);

        Assert.True(client.OperationCount >= Writers * Each);
        Assert.Equal(Writers, (await redis.StringGetAsync([.. Enumerable.Range(0, Writers).Select(writer => (RedisKey)$"sum:{writer}")])).Count(sum => sum == Each / 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Large_and_binary_values_and_nested_answers_come_back_as_they_were(bool tls)
    {
        await using var server = await StartAsync(tls);
        await using var client = await ConnectAsync(server);
        var redis = client.GetDatabase();
        foreach (var size in new[] { 0, 1, 4095, 4096, 70_000, 8_000_000 })
        {
            var value = RandomNumberGenerator.GetBytes(size);
            Assert.True(redis.StringSet("value", value)); // the waiting way too
            Assert.Equal(value, (byte[]?)await redis.StringGetAsync("value"));
        }

        var nested = (RedisResult[])(await redis.ScriptEvaluateAsync(
            "local all = {} for i = 1, 3000 do all[i] = {i, 'x' .. i, {i, {'deep', false}}} end return all"))!;
        Assert.Equal(3000, nested.Length);
        for (var i = 1; i <= nested.Length; i++)
        {
            var parts = (RedisResult[])nested[i - 1]!;
            Assert.Equal((i, $"x{i}"), ((int)parts[0], (string)parts[1]!));
            Assert.Equal("deep", (string?)((RedisResult[])((RedisResult[])parts[2]!)[1]!)[0]);
        }

        await redis.StreamAddAsync("stream", [new NameValueEntry("a", "1"), new NameValueEntry("b", "2")]);
        Assert.Equal("2", (string?)Assert.Single(await redis.StreamRangeAsync("stream"))["b"]);
        await redis.SortedSetAddAsync("set", [new SortedSetEntry("a", 1.5), new SortedSetEntry("b", 2)]);
        Assert.Equal(1.5, (await redis.SortedSetRangeByRankWithScoresAsync("set"))[0].Score);
        Assert.Equal("WRONGTYPE", (await Assert.ThrowsAsync<RedisServerException>(() => redis.StringGetAsync("set"))).Message.Split(' ')[0]);
    }

    [Fact]
    public async Task What_is_published_is_heard_once_and_in_order()
    {
        const int Messages = 2000;
        await using var server = await StartAsync();
        await using var client = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        var queue = await client.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"));
        var handled = new ConcurrentQueue<string>();
        await client.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("ne*"), (_, message) => handled.Enqueue(message!));

        await Task.WhenAll(Enumerable.Range(0, Messages).Select(n => other.GetSubscriber().PublishAsync(RedisChannel.Literal("news"), n)));

        for (var n = 0; n < Messages; n++)
        {
            Assert.Equal(n, (int)(await queue.ReadAsync(Token).AsTask().WaitAsync(Patience, Token)).Message);
        }

        await Eventually.BecomesTrueAsync(() => handled.Count == Messages);
        Assert.Equal(Messages, handled.Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_the_server_was_killed_and_started_again_everything_goes_on(bool tls)
    {
        await using var server = await StartAsync(tls);
        await using var client = await ConnectAsync(server);
        var redis = client.GetDatabase();
        var heard = new ConcurrentQueue<string>();
        var failures = 0;
        client.ConnectionFailed += (_, _) => Interlocked.Increment(ref failures);
        await client.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"), (_, message) => heard.Enqueue(message!));
        for (var round = 1; round <= 2; round++)
        {
            await redis.StringSetAsync("round", round);
            var pending = Enumerable.Range(0, 100).Select(n => redis.StringIncrementAsync("pending")).ToArray();

            await server.KillAsync();

            // Whatever was under way ends, one way or the other.
            foreach (var operation in pending)
            {
                await Record.ExceptionAsync(() => operation.WaitAsync(Patience, Token));
                Assert.True(operation.IsCompleted);
            }

            await Assert.ThrowsAnyAsync<RedisException>(() => redis.PingAsync());
            await server.RestartAsync();
            await Eventually.BecomesTrueAsync(async () => await Record.ExceptionAsync(() => redis.PingAsync()) is null, Patience);
            Assert.Equal(round, (int)await redis.StringGetAsync("round"));
            var word = $"after {round.ToString(CultureInfo.InvariantCulture)}";
            await Eventually.BecomesTrueAsync(
                async () =>
                {
                    await Record.ExceptionAsync(() => client.GetSubscriber().PublishAsync(RedisChannel.Literal("news"), word));
                    return heard.Contains(word);
                },
                Patience);
        }

        Assert.True(failures > 0);
    }

    [Fact]
    public async Task A_wrong_password_an_authority_that_is_not_trusted_and_a_closed_port_are_told()
    {
        await using var guarded = await RedisServer.StartAsync(new RedisServerOptions { Password = "right", Durable = false });
        await using var tls = await StartAsync(tls: true);
        var closed = FreePort.Take(1)[0];

        var refusals = new[]
        {
            await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{guarded.Port},password=wrong,connectRetry=1")),
            await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(tls.ConnectionString + ",connectRetry=1")),
            await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{closed},connectRetry=1")),
        };

        Assert.Equal(ConnectionFailureType.AuthenticationFailure, refusals[0].FailureType);
        Assert.DoesNotContain("wrong,", refusals[0].Message, StringComparison.Ordinal);
        Assert.Equal(ConnectionFailureType.AuthenticationFailure, refusals[1].FailureType);
        Assert.Equal(ConnectionFailureType.UnableToConnect, refusals[2].FailureType);
    }

    private static async Task<RedisServer> StartAsync(bool tls = false, bool durable = true)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        return await RedisServer.StartAsync(new RedisServerOptions { Tls = tls, Durable = durable });
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisServer server)
    {
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        if (options.Ssl)
        {
            options.TrustIssuer(server.AuthorityFile);
        }

        options.ConnectTimeout = options.AsyncTimeout = options.SyncTimeout = 20_000;
        options.ReconnectRetryPolicy = new LinearRetry(200);
        options.BacklogPolicy = BacklogPolicy.FailFast; // what cannot be sent fails at once
        return await ConnectionMultiplexer.ConnectAsync(options);
    }
}
