using Sluice.Contracts;

namespace Sluice.CanaryJudge.Sources;

/// <summary>One value of a counter or gauge, at the time it was scraped.</summary>
/// <param name="At">When the page was read.</param>
/// <param name="Value">As it stood on the page: a counter's total, never a rate.</param>
internal readonly record struct Sample(DateTimeOffset At, double Value);

/// <summary>One series of one gateway.</summary>
/// <param name="Gateway">The gateway's id.</param>
/// <param name="Name">As Prometheus writes it.</param>
/// <param name="Labels">Its labels, <c>le</c> among them.</param>
/// <param name="Samples">By time, ascending.</param>
internal sealed record Series(string Gateway, string Name, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<Sample> Samples);

/// <summary>What is asked.</summary>
/// <param name="Model">The model.</param>
/// <param name="Stable">Its stable version.</param>
/// <param name="Canary">The version under judgement.</param>
/// <param name="Since">Raw samples later than this are wanted, and the last one before.</param>
/// <param name="Gateways">Those that must be there.</param>
internal sealed record MetricsQuery(string Model, int Stable, int Canary, DateTimeOffset Since, IReadOnlyList<GatewayStatus> Gateways);

/// <summary>What came.</summary>
/// <param name="At">When it was asked.</param>
/// <param name="Series">The series of the model and of both versions.</param>
/// <param name="Missing">Gateways of which nothing (new) could be read, with the reason.</param>
/// <param name="Blind">Why nothing can be said at all; then there are no series. Null when something can.</param>
internal sealed record Reading(DateTimeOffset At, IReadOnlyList<Series> Series, IReadOnlyDictionary<string, string> Missing, string? Blind = null)
{
    /// <summary>The predictors' counts of what the versions predicted, where the source has them. For the record: without them nothing is missing.</summary>
    public IReadOnlyList<Series> Predictions { get; init; } = [];
}

/// <summary>Where the figures of the gateways come from.</summary>
internal interface IMetricsSource
{
    /// <summary>As it is named in settings, logs and metrics.</summary>
    string Name { get; }

    /// <summary>Whether it has what was before it was first asked.</summary>
    bool KnowsPast { get; }

    /// <summary>Reads. What goes wrong is told in the reading, never thrown.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<Reading> ReadAsync(MetricsQuery query, CancellationToken cancellationToken);
}
