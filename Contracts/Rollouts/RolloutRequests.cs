using System.Text.Json;

namespace Sluice.Contracts;

/// <summary>The body of <c>POST /api/models/{model}/rollouts</c>. What is left out is as in the profile.</summary>
public sealed record StartRollout
{
    /// <summary>The version to try.</summary>
    public required int Version { get; init; }

    /// <summary><c>production</c> or <c>development</c>; the Registry's setting when left out.</summary>
    public string? Profile { get; init; }

    /// <summary>The serving state's generation that the caller saw; null for whatever it is.</summary>
    public long? Generation { get; init; }

    /// <summary>Steps instead of the profile's.</summary>
    public IReadOnlyList<RolloutStep>? Steps { get; init; }

    /// <inheritdoc cref="RolloutPlan.PromotionGate" />
    public StepGate? PromotionGate { get; init; }

    /// <inheritdoc cref="RolloutPlan.PrepareTimeoutSeconds" />
    public int? PrepareTimeoutSeconds { get; init; }

    /// <inheritdoc cref="RolloutPlan.PromoteTimeoutSeconds" />
    public int? PromoteTimeoutSeconds { get; init; }

    /// <inheritdoc cref="RolloutPlan.KeepPreviousSeconds" />
    public int? KeepPreviousSeconds { get; init; }

    /// <inheritdoc cref="RolloutPlan.MaxStepAgeSeconds" />
    public int? MaxStepAgeSeconds { get; init; }

    /// <inheritdoc cref="RolloutPlan.Webhook" />
    public Uri? Webhook { get; init; }

    /// <inheritdoc cref="RolloutPlan.MirrorShare" />
    public Weight? MirrorShare { get; init; }

    /// <inheritdoc cref="RolloutPlan.Analysis" />
    public RolloutAnalysis? Analysis { get; init; }

    /// <summary>Why it is to be started.</summary>
    public string? Reason { get; init; }

    /// <summary>Why it is to be started although gates or the signature refuse it; kept in the audit log.</summary>
    public string? Override { get; init; }
}

/// <summary>The body of a person's command to a rollout: pause, resume, approve, promote, roll back.</summary>
public sealed record RolloutOrder
{
    /// <summary>The rollout's generation that the caller saw. Pausing and rolling back may leave it out; what raises traffic may not.</summary>
    public long? Generation { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>What the judge concludes from a look.</summary>
public enum Verdict
{
    /// <summary>The step is passed; or, before the first one, the pre-flight.</summary>
    Advance,

    /// <summary>Not yet.</summary>
    Hold,

    /// <summary>Not seen for too long: back to the first weight, the step stays.</summary>
    StepDown,

    /// <summary>The canary is bad.</summary>
    RollBack,

    /// <summary>The evidence will not suffice: a person is needed.</summary>
    Inconclusive,
}

/// <summary>The body of <c>POST /api/rollouts/{id}/verdict</c>.</summary>
public sealed record VerdictProposal
{
    /// <summary>The rollout's generation that the evidence is of.</summary>
    public required long Generation { get; init; }

    /// <summary>The conclusion.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>In a sentence, with figures.</summary>
    public required string Reason { get; init; }

    /// <summary>Why it holds, when it does.</summary>
    public HoldKind? Hold { get; init; }

    /// <summary>The figures it rests on, an object.</summary>
    public JsonElement? Figures { get; init; }
}

/// <summary>The body of <c>POST /api/rollouts/{id}/evidence</c>: appended as a whole, or not at all.</summary>
public sealed record EvidenceAppend
{
    /// <summary>The number of the newest entry that the judge knows (0: none). Another one is answered with 409.</summary>
    public required long After { get; init; }

    /// <summary>The entries, each an object.</summary>
    public required IReadOnlyList<JsonElement> Entries { get; init; }
}

/// <summary>One entry of a rollout's evidence log.</summary>
/// <param name="Number">Its place, from 1.</param>
/// <param name="Entry">As the judge wrote it.</param>
public sealed record EvidenceEntry(long Number, JsonElement Entry);

/// <summary>A part of a rollout's evidence log.</summary>
/// <param name="Entries">In their order.</param>
/// <param name="Last">The number of the newest entry; 0 when there is none.</param>
public sealed record EvidencePage(IReadOnlyList<EvidenceEntry> Entries, long Last);

/// <summary>The body of <c>PUT /api/leases/{name}</c>.</summary>
/// <param name="Holder">Who asks; unique for the life of the process.</param>
/// <param name="Seconds">For how long, 1 to 300; 0 gives it back.</param>
public sealed record LeaseRequest(string Holder, int Seconds);

/// <summary>Who holds a lease.</summary>
/// <param name="Name">The lease.</param>
/// <param name="Holder">Who; null when nobody does.</param>
/// <param name="Until">Until when, by the Registry's clock.</param>
public sealed record Lease(string Name, string? Holder, DateTimeOffset? Until)
{
    /// <summary>The lease of the judge that works, of however many there are.</summary>
    public const string OfJudge = "judge";
}
