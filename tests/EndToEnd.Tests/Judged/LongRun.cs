namespace Sluice.EndToEnd.Tests.Judged;

/// <summary>Rollouts take minutes each: all but one story are part of the long runs.</summary>
internal static class LongRun
{
    /// <summary>Skips the test in the default suite.</summary>
    public static void Only() =>
        Assert.SkipWhen(Environment.GetEnvironmentVariable("SLUICE_LONG_TESTS") is null, "a rollout of minutes: ./test.sh --long");
}
