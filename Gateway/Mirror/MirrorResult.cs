namespace Sluice.Gateway.Mirror;

/// <summary>How a mirrored request ended.</summary>
internal enum MirrorResult
{
    /// <summary>The canary's answer says the same as stable's.</summary>
    Agree,

    /// <summary>It says something else.</summary>
    Disagree,

    /// <summary>The canary failed, took too long, or refused what stable accepted.</summary>
    Error,

    /// <summary>There was no room, no canary that could take it, or nothing to compare: it says nothing of the canary.</summary>
    Dropped,
}

/// <summary>The results by their names.</summary>
internal static class MirrorResults
{
    /// <summary>All of them, in order: the label values a model's counters start with.</summary>
    public static IReadOnlyList<MirrorResult> All { get; } = Enum.GetValues<MirrorResult>();

    /// <summary>The metric label.</summary>
    public static string Label(this MirrorResult result) => result switch
    {
        MirrorResult.Agree => "agree",
        MirrorResult.Disagree => "disagree",
        MirrorResult.Error => "error",
        MirrorResult.Dropped => "dropped",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };
}
