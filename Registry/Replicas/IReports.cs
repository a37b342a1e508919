using System.Text.Json.Serialization;
using Sluice.Contracts;

namespace Sluice.Registry.Replicas;

/// <summary>What a member reported last, beside its lasting status: worth nothing when it is old, and so never written to the store.</summary>
/// <param name="At">When it came.</param>
/// <param name="InFlight">Requests the member was working on.</param>
/// <param name="Capacity">Requests a replica can work on at once.</param>
/// <param name="Revision">The revision that a gateway routed by.</param>
internal sealed record LastReport(DateTimeOffset At, int InFlight, int Capacity = 0, long Revision = 0)
{
    /// <summary>What a gateway sees of each model.</summary>
    public IReadOnlyList<ModelLoad> Loads { get; init => field = value ?? []; } = [];
}

/// <summary>The last reports of all members, which go by themselves when the expiry has passed. All Registries of a store share them.</summary>
internal interface IReports
{
    /// <summary>Remembers a report.</summary>
    /// <param name="member">Kind and id.</param>
    /// <param name="report">What it reported.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when the member was silent for longer than the expiry before: it may be on the way to be struck off.</returns>
    ValueTask<bool> HeardAsync(string member, LastReport report, CancellationToken cancellationToken);

    /// <summary>The last reports of some members, in their order; null for whoever was silent for longer than the expiry.</summary>
    ValueTask<IReadOnlyList<LastReport?>> FindAsync(IReadOnlyList<string> members, CancellationToken cancellationToken);

    /// <summary>Forgets a member's report.</summary>
    ValueTask ForgetAsync(string member, CancellationToken cancellationToken);
}

/// <summary>JSON of what members reported last.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LastReport))]
internal sealed partial class ReportsJson : JsonSerializerContext;
