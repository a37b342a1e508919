using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>
/// How fast inference by one API key may come. All gateways together grant it, each its share. A bucket holds <see cref="Burst"/> requests, fills by
/// <see cref="RequestsPerSecond"/>, and a request that finds it empty is refused.
/// </summary>
/// <param name="RequestsPerSecond">Lasting rate, 0.01 to 1,000,000.</param>
/// <param name="Burst">Requests that may come at once, 1 to 1,000,000; null for those of a second, and 1 at least.</param>
public sealed record RateLimit([property: JsonRequired] double RequestsPerSecond, int? Burst = null)
{
    private const double LowestRate = 0.01;
    private const double HighestRate = 1_000_000;
    private const int LargestBurst = 1_000_000;

    /// <summary>The member that is not as it must be, and what is expected of it; null when all are.</summary>
    public (string Member, string Expected)? FindProblem() =>
        RequestsPerSecond is not (>= LowestRate and <= HighestRate) ? ("requestsPerSecond", "a number from 0.01 to 1000000 is expected")
        : Burst is not (null or (>= 1 and <= LargestBurst)) ? ("burst", "a whole number from 1 to 1000000 is expected")
        : null;

    /// <summary>What one of several gateways grants: its part of the rate, and of the burst, but one request at least.</summary>
    /// <param name="gateways">How many there are, 1 at least.</param>
    public (double RequestsPerSecond, int Burst) ShareOf(int gateways) =>
        (RequestsPerSecond / gateways, Math.Max(1, (Burst ?? (int)Math.Ceiling(RequestsPerSecond)) / gateways));
}
