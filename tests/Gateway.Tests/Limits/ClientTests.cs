using System.Net;
using System.Net.Sockets;
using System.Text;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Limits;

/// <summary>Clients that are slow, many or talkative, byte for byte: what they do costs nobody else anything.</summary>
public sealed class ClientTests
{
    private const string Whole = "POST /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(101, 10, 431)]
    [InlineData(1, 40_000, 431)]
    [InlineData(50, 10, 200)]
    public async Task Too_many_or_too_large_headers_are_431(int count, int length, int status)
    {
        await using var stage = await Stage.SetWithWineAsync();
        var headers = string.Concat(Enumerable.Range(0, count).Select(number => $"x-{number}: {new string('a', length)}\r\n"));

        Assert.Equal(status, await RawHttp.StatusAsync(stage.Gateway.Address, $"POST /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\n{headers}Content-Length: 0\r\n\r\n"));
    }

    [Fact]
    public async Task A_body_above_100_MiB_is_413_before_it_is_sent_and_names_the_limit()
    {
        await using var stage = await Stage.SetWithWineAsync();

        var answer = await TalkAsync(stage.Gateway.Address, "POST /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 104857601\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("104857600", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_do_not_come_to_an_end_are_408_and_a_body_that_drips_is_408_and_others_are_served_meanwhile()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:RequestHeadersTimeout", "00:00:02"), ("Gateway:MinBodyBytesPerSecond", "1000000"));
        const string Slow = "POST /v2/models/wine/infer HTTP/1.1\r\nHost: a\r\n";
        var headers = Enumerable.Range(0, 20).Select(_ => TalkAsync(stage.Gateway.Address, Slow + "x-never: ")).ToArray();
        var bodies = Enumerable.Range(0, 20).Select(_ => TalkAsync(stage.Gateway.Address, Slow + "Content-Length: 1000\r\n\r\nsome")).ToArray();

        for (var i = 0; i < 50; i++)
        {
            using var answer = await stage.Gateway.InferAsync("wine");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.All(await Task.WhenAll(headers), answer => Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal));
        Assert.All(await Task.WhenAll(bodies), answer => Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal));
        Assert.Equal(50, stage.Predictor().Seen.Count);
    }

    [Fact]
    public async Task A_thousand_idle_connections_harm_nobody()
    {
        await using var stage = await Stage.SetWithWineAsync();
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                var client = new TcpClient();
                idle.Add(client);
                await client.ConnectAsync(stage.Gateway.Address.Host, stage.Gateway.Address.Port, Token);
            }

            using var answer = await stage.Gateway.InferAsync("wine");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_connection_without_a_request_is_closed_after_a_while()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:IdleConnectionTimeout", "00:00:01"));
        using var client = new TcpClient();
        await client.ConnectAsync(stage.Gateway.Address.Host, stage.Gateway.Address.Port, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(Whole), Token);

        using var patience = new CancellationTokenSource(Patience);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync(patience.Token), StringComparison.Ordinal); // the end is the server's
    }

    [Fact]
    public async Task Connections_above_the_limit_are_closed_unanswered_and_there_is_room_again_when_one_ends()
    {
        await using var stage = await Stage.SetWithWineAsync(1, ("Gateway:MaxConnections", "3"));
        var held = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 3; i++)
            {
                var client = new TcpClient();
                held.Add(client);
                await client.ConnectAsync(stage.Gateway.Address.Host, stage.Gateway.Address.Port, Token);
            }

            await Eventually.BecomesTrueAsync(async () => await TalkAsync(stage.Gateway.Address, Whole) == "");
            held[0].Dispose();
            await Eventually.BecomesTrueAsync(async () => (await TalkAsync(stage.Gateway.Address, Whole)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal));
        }
        finally
        {
            held.ForEach(client => client.Dispose());
        }
    }

    // Sends, and reads until the server closes the connection or the answer's end is plain.
    private static async Task<string> TalkAsync(Uri address, string request)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, patience.Token);
        var stream = client.GetStream();
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), patience.Token);
            int read;
            while (!answer.ToString().EndsWith('}') && (read = await stream.ReadAsync(buffer, patience.Token)) > 0)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Closed with something unread.
        }

        return answer.ToString();
    }
}
