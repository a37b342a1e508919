using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Sluice.Testing;

/// <summary>Waits on conditions, never on luck.</summary>
public static class Eventually
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns once the condition holds; fails, with the condition's text, when it does not within the time (default 20 s).</summary>
    public static Task BecomesTrueAsync(
        Func<bool> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string? text = null) =>
        BecomesTrueAsync(() => Task.FromResult(condition()), within, text);

    /// <inheritdoc cref="BecomesTrueAsync(Func{bool}, TimeSpan?, string?)" />
    public static async Task BecomesTrueAsync(
        Func<Task<bool>> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string? text = null)
    {
        var limit = within ?? TimeSpan.FromSeconds(20);
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > limit)
            {
                throw new TimeoutException($"Did not become true within {limit.TotalSeconds} s: {text}");
            }

            await Task.Delay(Poll);
        }
    }
}
