using System.Text.Json;

namespace Sluice.Contracts;

/// <summary>What a paused rollout waits for.</summary>
/// <param name="Kind">Whom it waits for.</param>
/// <param name="Since">Since when.</param>
/// <param name="ForStep">The step that begins after an approval (the number of steps: the promotion); null when the current step goes on.</param>
public sealed record RolloutPause(PauseKind Kind, DateTimeOffset Since, int? ForStep = null);

/// <summary>Why a rollout does not go on.</summary>
/// <param name="Kind">In one word.</param>
/// <param name="Detail">With figures.</param>
public sealed record RolloutHold(HoldKind Kind, string Detail);

/// <summary>The move of a model from one stable version to the next. Only the Registry writes it.</summary>
public sealed record Rollout
{
    /// <summary>The model's name, a dot, and the rollout's number within the model.</summary>
    public required string Id { get; init; }

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>Grows by one with every change; commands are compare-and-set on it.</summary>
    public required long Generation { get; init; }

    /// <summary>The version that was stable when it started: where a rollback leads.</summary>
    public required int Stable { get; init; }

    /// <summary>The version that is tried.</summary>
    public required int Canary { get; init; }

    /// <summary>Digest of the stable version.</summary>
    public required string StableDigest { get; init; }

    /// <summary>Digest of the version that is tried.</summary>
    public required string CanaryDigest { get; init; }

    /// <summary>The profile that the plan began as.</summary>
    public required string Profile { get; init; }

    /// <summary>The plan.</summary>
    public required RolloutPlan Plan { get; init; }

    /// <summary>Where it stands.</summary>
    public required RolloutPhase Phase { get; init; }

    /// <summary>When the phase began.</summary>
    public required DateTimeOffset PhaseSince { get; init; }

    /// <summary>Whether the judge's pre-flight was passed: it sees what its verdicts are to rest on. While a judge is at work no step begins without.</summary>
    public bool IsCleared { get; init; }

    /// <summary>Index of the step under way or about to begin; as many as there are steps when the promotion is next.</summary>
    public int Step { get; init; }

    /// <summary>When the step became the current one, or was taken up again after a pause: the time without a verdict counts from then.</summary>
    public required DateTimeOffset StepEntered { get; init; }

    /// <summary>When the step's weight was set; null while it is not (yet, or any more, for want of capacity).</summary>
    public DateTimeOffset? StepSince { get; init; }

    /// <summary>The canary's share in force.</summary>
    public Weight Weight { get; init; }

    /// <summary>Whether the stable pool loads the version, too.</summary>
    public bool IsWidened { get; init; }

    /// <summary>What it waits for, when paused.</summary>
    public RolloutPause? Pause { get; init; }

    /// <summary>Why it does not go on, when it is not paused.</summary>
    public RolloutHold? Hold { get; init; }

    /// <summary>Why it is where it is: the reason of the last change.</summary>
    public required string Reason { get; init; }

    /// <summary>Who made the last change.</summary>
    public required string Actor { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was promoted or rolled back.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Until when a promoted rollout can be rolled back; null before the promotion and when that time is over.</summary>
    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>Why it was started although a gate refused it.</summary>
    public string? Override { get; init; }

    /// <summary>Whether a verdict has been reached: promoted or rolled back.</summary>
    public bool IsDecided => Phase is RolloutPhase.Promoted or RolloutPhase.RolledBack;

    /// <summary>Whether nothing about it can change any more.</summary>
    public bool IsClosed => Phase == RolloutPhase.RolledBack || (Phase == RolloutPhase.Promoted && PreviousUntil is null);
}

/// <summary>One change of a rollout, as its log keeps it.</summary>
public sealed record RolloutEvent
{
    /// <summary>Its place in the log, from 1.</summary>
    public long Number { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who: a key's or service's name; <c>registry</c> when time or the cluster caused it.</summary>
    public required string Actor { get; init; }

    /// <summary>What happened, in one or two words, e.g. <c>step.begin</c>.</summary>
    public required string What { get; init; }

    /// <summary>The phase afterwards.</summary>
    public required RolloutPhase Phase { get; init; }

    /// <summary>The step afterwards.</summary>
    public required int Step { get; init; }

    /// <summary>The canary's share afterwards.</summary>
    public required Weight Weight { get; init; }

    /// <summary>The rollout's generation afterwards.</summary>
    public required long Generation { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>The figures it rested on.</summary>
    public JsonElement? Figures { get; init; }
}
