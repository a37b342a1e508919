namespace Sluice.Gateway.Holding;

/// <summary>
/// How many requests may be sent again: a fifth of those that come, and a stock for the moment in which a replica dies with all that it was working on.
/// So retries cannot multiply the load on replicas that fail because of it.
/// </summary>
internal sealed class RetryBudget
{
    private const int PerRequest = 1;
    private const int PerRetry = 5;
    private const int Stock = 1000 * PerRetry;

    private int _tokens = Stock;

    /// <summary>A request came.</summary>
    public void Earn()
    {
        if (Volatile.Read(ref _tokens) < Stock)
        {
            Interlocked.Add(ref _tokens, PerRequest);
        }
    }

    /// <summary>Whether one more may be sent again; it is counted.</summary>
    public bool TrySpend()
    {
        if (Interlocked.Add(ref _tokens, -PerRetry) >= 0)
        {
            return true;
        }

        Interlocked.Add(ref _tokens, PerRetry);
        return false;
    }
}
