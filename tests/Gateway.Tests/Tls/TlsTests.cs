using System.Collections.Concurrent;
using System.Net;
using Sluice.Gateway.Tests.Grpc;
using Sluice.Gateway.Tests.Neighbours;
using Sluice.Testing;

namespace Sluice.Gateway.Tests.Tls;

/// <summary>The public endpoint with a certificate, over real sockets.</summary>
public sealed class TlsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_versions_of_HTTP_are_spoken_on_one_port(string version)
    {
        await using var stage = await TlsStage.SetAsync();
        using var http = stage.Client(Version.Parse(version));

        using var answer = await http.PostAsync("/v2/models/wine/infer", RunningGateway.Json("{}"), Token);

        Assert.Equal((HttpStatusCode.OK, Version.Parse(version)), (answer.StatusCode, answer.Version));
        Assert.Contains("predictor-0", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_is_gRPC_also_what_is_answered_here()
    {
        await using var stage = await TlsStage.SetAsync();
        using var client = stage.GrpcClient();

        Assert.Equal("predictor-0|7", (await client.InferAsync(GrpcClient.Wine())).Answer.Id);
        Assert.True((await client.Inference.ServerReadyAsync(new(), cancellationToken: Token)).Ready);
    }

    [Fact]
    public async Task The_Registry_is_told_the_address_with_TLS_and_the_page_when_the_certificate_ends()
    {
        await using var stage = await TlsStage.SetAsync();
        await Eventually.BecomesTrueAsync(() => !stage.Inner.Registry.Reports.IsEmpty);

        Assert.Equal(stage.Address.Port, new Uri(stage.Inner.Registry.Reports.Values.Single().Address).Port);
        Assert.StartsWith("https://", stage.Inner.Registry.Reports.Values.Single().Address, StringComparison.Ordinal);
        var page = PrometheusText.Parse(await stage.Inner.Http.GetStringAsync(new Uri(stage.Inner.Gateway.Management, "/metrics"), Token));
        Assert.True(page["sluice_gateway_certificate_remaining_seconds"].Samples.Single().Value > 86_400);
    }

    [Fact]
    public async Task Health_and_metrics_stay_where_they_are()
    {
        await using var stage = await TlsStage.SetAsync();
        using var http = stage.Client(HttpVersion.Version11);

        using var there = await stage.Inner.Http.GetAsync(new Uri(stage.Inner.Gateway.Management, "/health/ready"), Token);
        using var here = await http.GetAsync("/metrics", Token);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (there.StatusCode, here.StatusCode));
    }

    [Fact]
    public async Task A_certificate_is_replaced_under_load_without_a_failed_request_or_a_dropped_connection()
    {
        await using var stage = await TlsStage.SetAsync();
        var shown = new ConcurrentQueue<string>();
        using var old = stage.Client(HttpVersion.Version11, shown.Enqueue);
        using var older = stage.Client(HttpVersion.Version20, shown.Enqueue);
        using var grpc = stage.GrpcClient();
        using var end = new CancellationTokenSource();
        var answered = 0;
        var failed = new ConcurrentQueue<string>();
        Task[] callers = [SendAsync(() => AskAsync(old)), SendAsync(() => AskAsync(older)), SendAsync(() => grpc.InferAsync(GrpcClient.Wine()))];
        for (var round = 0; round < 3; round++)
        {
            await MoreAsync();
            var next = stage.Replace();
            await MoreAsync();
            var seen = new ConcurrentQueue<string>();
            using var fresh = stage.Client(HttpVersion.Version11, seen.Enqueue);
            await AskAsync(fresh);
            Assert.Equal(next.Thumbprint, Assert.Single(seen));
        }

        await end.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Empty(failed);
        Assert.Equal(2, shown.Count); // each of the two clients connected once, before the first replacement
        Assert.Single(shown.Distinct());

        Task MoreAsync()
        {
            var until = Volatile.Read(ref answered) + 60;
            return Eventually.BecomesTrueAsync(() => Volatile.Read(ref answered) >= until || !failed.IsEmpty);
        }

        async Task SendAsync(Func<Task> ask)
        {
            while (!end.IsCancellationRequested)
            {
                try
                {
                    await ask();
                    Interlocked.Increment(ref answered);
                }
                catch (Exception exception)
                {
                    failed.Enqueue(exception.ToString());
                }
            }
        }
    }

    private static async Task AskAsync(HttpClient http)
    {
        using var answer = await http.PostAsync("/v2/models/wine/infer", RunningGateway.Json("{}"), Token);
        Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
    }
}
