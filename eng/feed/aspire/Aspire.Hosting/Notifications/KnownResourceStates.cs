namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states that the dashboard knows and the stand-in uses.</summary>
public static class KnownResourceStates
{
    /// <summary>Not started yet.</summary>
    public static readonly string NotStarted = "NotStarted";

    /// <summary>Waits for another resource.</summary>
    public static readonly string Waiting = "Waiting";

    /// <summary>Is being started.</summary>
    public static readonly string Starting = "Starting";

    /// <summary>Runs.</summary>
    public static readonly string Running = "Running";

    /// <summary>Is being stopped.</summary>
    public static readonly string Stopping = "Stopping";

    /// <summary>Ended, in words of others than DCP.</summary>
    public static readonly string Exited = "Exited";

    /// <summary>Ended.</summary>
    public static readonly string Finished = "Finished";

    /// <summary>Could not be started.</summary>
    public static readonly string FailedToStart = "FailedToStart";

    /// <summary>A parameter without a value.</summary>
    public static readonly string ValueMissing = "ValueMissing";

    /// <summary>States that a resource does not leave by itself.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

/// <summary>Colours of states.</summary>
public static class KnownResourceStateStyles
{
    /// <summary>Red.</summary>
    public static readonly string Error = "error";

    /// <summary>Green.</summary>
    public static readonly string Success = "success";

    /// <summary>Blue.</summary>
    public static readonly string Info = "info";

    /// <summary>Yellow.</summary>
    public static readonly string Warn = "warning";
}
