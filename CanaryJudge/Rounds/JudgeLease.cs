using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.CanaryJudge.Rounds;

/// <summary>
/// Of several judges one works. The lease saves work and is no lock: what two judges would write at once, the evidence log's length and the rollout's
/// generation keep apart.
/// </summary>
internal sealed partial class JudgeLease(RegistryClient registry, IOptions<JudgeOptions> options, ILogger<JudgeLease> logger)
{
    private readonly string _holder = $"{Environment.MachineName.ToLowerInvariant()}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>Whether this judge is the one, as far as it knows.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Takes or keeps it.</summary>
    public async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        var had = IsHeld;
        IsHeld = false; // where the Registry does not answer, somebody else may get it
        IsHeld = await registry.TakeLeaseAsync(Lease.OfJudge, new LeaseRequest(_holder, (int)Math.Ceiling(options.Value.LeaseDuration.TotalSeconds)), cancellationToken);
        if (IsHeld != had)
        {
            LogChanged(IsHeld ? "This judge judges now" : "Another judge judges now; this one waits");
        }

        return IsHeld;
    }

    /// <summary>Gives it back.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (IsHeld)
        {
            IsHeld = false;
            await registry.TakeLeaseAsync(Lease.OfJudge, new LeaseRequest(_holder, 0), cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "{What}")]
    private partial void LogChanged(string what);
}
