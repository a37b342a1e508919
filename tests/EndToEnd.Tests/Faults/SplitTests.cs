using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Sluice.Contracts;

namespace Sluice.EndToEnd.Tests.Faults;

/// <summary>Two gateways split one model's traffic over a ramp: each caller as the rule says, at either gateway, and never back to stable while the weight rises.</summary>
[Collection(nameof(SharedFleet))]
public sealed class SplitTests(Fleet fleet)
{
    private const int Callers = 2_500;
    private const int RequestsEach = 10; // at each weight, half of them through each gateway
    private const string Model = "split";
    private static readonly int[] Weights = [100, 500, 2000, 5000];

    [Fact]
    public async Task A_hundred_thousand_requests_of_known_callers_go_where_the_rule_says_at_every_gateway()
    {
        var known = await fleet.ServeAsync(Model, canaryShare: 0, 1, 2);
        await fleet.SetStickyAsync(Model, "x-user");
        await fleet.StartAsync(Model, 2, [.. Weights]);
        var before = new HashSet<int>();
        foreach (var weight in Weights)
        {
            await fleet.EveryGatewayAsync("sluice_gateway_route_weight_ratio", weight / 10_000.0, ("model", Model), ("version", "2"));
            var versions = await AskAllAsync(known);

            Assert.All(versions, caller => Assert.Equal(PlaceOf(caller.Key) < weight ? "2" : "1", Assert.Single(caller.Value)));
            var canary = versions.Where(caller => caller.Value.Contains("2")).Select(caller => caller.Key).ToHashSet();
            Assert.Subset(canary, before);
            before = canary;
            await fleet.ApproveAsync(Model);
        }

        Assert.True(before.Count is > 1_000 and < 1_500, $"{before.Count} of {Callers} at 50 %");
        await fleet.RollBackAsync(Model);
    }

    // What docs say, written once more: XxHash64 of the key, seeded with that of the rollout's id, as a share of 2^64.
    private static int PlaceOf(int caller)
    {
        var seed = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(Model + ".1"));
        var hash = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(NameOf(caller)), unchecked((long)seed));
        return (int)(hash / (double)ulong.MaxValue * 10_000);
    }

    private static string NameOf(int caller) => string.Create(CultureInfo.InvariantCulture, $"user-{caller}");

    private async Task<Dictionary<int, HashSet<string>>> AskAllAsync(KnownAnswers known)
    {
        var versions = Enumerable.Range(0, Callers).ToDictionary(caller => caller, _ => new HashSet<string>());
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(versions, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (caller, cancellationToken) =>
        {
            for (var i = 0; i < RequestsEach; i++)
            {
                var address = new Uri(fleet.Gateways[i % 2].Address, $"/v2/models/{Model}/infer");
                using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(known.RequestOf(caller.Key % known.Rows)) };
                request.Content.Headers.ContentType = new("application/json");
                request.Headers.Add("x-user", NameOf(caller.Key));
                using var answer = await fleet.Users.SendAsync(request, cancellationToken);
                if (!answer.IsSuccessStatusCode)
                {
                    failures.Enqueue(await answer.Content.ReadAsStringAsync(cancellationToken));
                    return;
                }

                caller.Value.Add(answer.Headers.GetValues(SluiceHeaders.Version).Single());
            }
        });
        Assert.Empty(failures);
        return versions;
    }
}
