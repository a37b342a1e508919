using System.Net;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>One trace leads from the caller through the real gateway and the real predictor to the run of the batch.</summary>
[Collection(nameof(SharedFleet))]
public sealed class TraceTests(Fleet fleet)
{
    [Fact]
    public async Task One_trace_leads_from_the_caller_to_the_batch()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        const string Caller = "b7ad6b7169203331";
        var known = await fleet.ServeAsync("traced", canaryShare: 0, 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/traced/infer") { Content = new ByteArrayContent(known.RequestOf(0)) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("traceparent", $"00-{Trace}-{Caller}-01"); // sampled: of all other requests nothing is sent

        using var answer = await fleet.Users.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        List<CollectedSpan> spans = [];
        await Eventually.BecomesTrueAsync(
            () => (spans = [.. fleet.Collector.Spans.Where(span => span.Trace == Trace)]).Any(span => span.Parent == Caller) && spans.Any(span => span.Name == "compute"),
            TimeSpan.FromSeconds(30));

        // compute, the predictor's server, the gateway's attempt, the gateway's server, the caller.
        var way = new List<CollectedSpan> { spans.Single(span => span.Name == "compute") };
        while (way[^1].Parent != Caller)
        {
            way.Add(spans.Single(span => span.Id == way[^1].Parent));
        }

        Assert.Equal(4, way.Count);
        Assert.Contains("sluice.batch.requests", way[0].Attributes);
        Assert.Contains("http.route", way[1].Attributes);
        Assert.Contains("sluice.version", way[2].Attributes);
        Assert.Contains("http.route", way[3].Attributes);
        Assert.Equal(4, spans.Count);
    }
}
