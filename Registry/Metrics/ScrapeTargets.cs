using System.Globalization;
using System.Text.Json.Serialization;
using Sluice.Registry.Replicas;
using Sluice.Registry.Store;

namespace Sluice.Registry.Metrics;

/// <summary>
/// Tells Prometheus where gateways and predictors show their metrics: each by its own address, as no proxy in front of several can. The form is that of its
/// HTTP service discovery. On the management endpoint, since whoever may scrape may know what there is to scrape, and needs no key of the API's for it.
/// </summary>
internal sealed class ScrapeTargets(GatewayRoster gateways, ReplicaRoster replicas)
{
    /// <summary>Where it is asked for.</summary>
    public const string Path = "/scrape-targets";

    /// <summary>Answers with the targets. While the store is away: 503, and Prometheus goes on with what it has.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET";
            return;
        }

        try
        {
            var targets = await ListAsync(context.RequestAborted);
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsJsonAsync(targets, ScrapeJson.Default.IReadOnlyListScrapeGroup, cancellationToken: context.RequestAborted);
        }
        catch (StoreUnavailableException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    private async Task<IReadOnlyList<ScrapeGroup>> ListAsync(CancellationToken cancellationToken)
    {
        var gatewayEntries = await gateways.ListAsync(cancellationToken);
        var replicaEntries = await replicas.ListAsync(cancellationToken);
        return
        [
            .. Groups("gateway", gatewayEntries.Select(entry => entry.Status.MetricsAddress)),
            .. Groups("predictor", replicaEntries.Select(entry => entry.Status.MetricsAddress)),
        ];
    }

    // The name of the service is the job: two gateways behind one address and two after one another at one address are each a target once.
    private static IEnumerable<ScrapeGroup> Groups(string job, IEnumerable<string?> addresses) => addresses
        .OfType<string>()
        .Select(address => new Uri(address))
        .GroupBy(uri => uri.Scheme, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => new ScrapeGroup(
            [.. group.Select(uri => string.Create(CultureInfo.InvariantCulture, $"{uri.Host}:{uri.Port}")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["job"] = job, ["__scheme__"] = group.Key }));
}

/// <summary>Targets of one kind.</summary>
/// <param name="Targets">Hosts with ports.</param>
/// <param name="Labels">What each of them is labelled with.</param>
internal sealed record ScrapeGroup(IReadOnlyList<string> Targets, IReadOnlyDictionary<string, string> Labels);

/// <summary>Prometheus' names for it: lower case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<ScrapeGroup>))]
internal sealed partial class ScrapeJson : JsonSerializerContext;
