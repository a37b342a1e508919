namespace Sluice.Registry.Store;

/// <summary>The store cannot do what was asked now: it cannot be reached, is full or may not be written. Nobody's mistake; the message is for the operator.</summary>
/// <param name="message">What is wrong and what to do. No secrets.</param>
/// <param name="mayBeDone">Whether the write may have happened all the same: nobody knows.</param>
/// <param name="cause">What the store's library said.</param>
internal sealed class StoreUnavailableException(string message, bool mayBeDone = false, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the write may have happened all the same.</summary>
    public bool MayBeDone { get; } = mayBeDone;
}
