namespace Sluice.Contracts;

/// <summary>Where a rollout stands.</summary>
public enum RolloutPhase
{
    /// <summary>The canary pool loads and proves the version; it gets no traffic.</summary>
    Preparing,

    /// <summary>A step of the plan is under way.</summary>
    Progressing,

    /// <summary>Waits for a person or a webhook; the weight stays.</summary>
    Paused,

    /// <summary>Every stable replica loads the version; then it becomes stable.</summary>
    Promoting,

    /// <summary>The version is stable. The former one stays loaded for a while, so that going back is one write.</summary>
    Promoted,

    /// <summary>The version gets no traffic any more. From here there is no way on.</summary>
    RolledBack,
}

/// <summary>What a paused rollout waits for.</summary>
public enum PauseKind
{
    /// <summary>A person paused it and resumes it.</summary>
    Person,

    /// <summary>The next step wants a person's approval.</summary>
    Approval,

    /// <summary>The next step wants the approval of a webhook.</summary>
    Webhook,

    /// <summary>The evidence did not suffice for a verdict in the plan's time.</summary>
    Inconclusive,
}

/// <summary>Why a rollout does not go on although nobody paused it.</summary>
public enum HoldKind
{
    /// <summary>The replicas that have the version ready cannot carry the next share of the traffic.</summary>
    Capacity,

    /// <summary>The judge sees too little to decide.</summary>
    Evidence,

    /// <summary>The judge sees nothing: no metrics come.</summary>
    Blind,

    /// <summary>The stable version is sick itself: nothing can be learned from comparing with it.</summary>
    StableSick,
}
