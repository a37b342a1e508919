namespace Sluice.Gateway.Forwarding;

/// <summary>What else is done with a request once its caller has the answer.</summary>
/// <param name="Mirrors">Whether a canary is asked the same, for comparison.</param>
/// <param name="Captures">Whether it is written to a file.</param>
internal readonly record struct Sampling(bool Mirrors = false, bool Captures = false);
