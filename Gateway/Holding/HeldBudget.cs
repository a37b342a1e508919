using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Holding;

/// <summary>The memory that all held bodies and answers take together, at most. Over it nothing fails: a request is forwarded once, unshielded.</summary>
internal sealed class HeldBudget(IOptions<GatewayOptions> options)
{
    private readonly long _limit = options.Value.HeldBytes;
    private long _taken;

    /// <summary>Bytes that are taken.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes bytes; false when there are not that many left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= _limit)
        {
            return true;
        }

        Give(bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
