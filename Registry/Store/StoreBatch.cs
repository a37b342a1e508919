namespace Sluice.Registry.Store;

/// <summary>Changes that happen together or not at all, each with what is expected of its key.</summary>
internal sealed class StoreBatch
{
    /// <summary>Expect this to say that a key must not exist.</summary>
    public const long Absent = 0;

    private const int LongestKey = 400;

    private readonly List<Step> _steps = [];

    /// <summary>In the order they were added.</summary>
    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>Writes a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="expected">The revision that last wrote the key, or <see cref="Absent"/>; null for whatever it is.</param>
    public StoreBatch Put(string key, ReadOnlyMemory<byte> value, long? expected = null) => Add(new Step(key, StepKind.Put, value, expected));

    /// <summary>Deletes a key.</summary>
    public StoreBatch Delete(string key, long? expected = null) => Add(new Step(key, StepKind.Delete, default, expected));

    /// <summary>Only expects: the key is not changed.</summary>
    public StoreBatch Check(string key, long expected) => Add(new Step(key, StepKind.Check, default, expected));

    /// <summary>Whether a text can be a key.</summary>
    public static bool IsKey(string key) => key.Length is > 0 and <= LongestKey && IsPrefix(key);

    /// <summary>Whether a text can be the beginning of keys.</summary>
    public static bool IsPrefix(string prefix) => !prefix.AsSpan().ContainsAnyExceptInRange('!', '~');

    private StoreBatch Add(Step step)
    {
        if (!IsKey(step.Key))
        {
            throw new ArgumentException($"'{step.Key}' is no key: 1 to {LongestKey} visible ASCII characters are.", nameof(step));
        }

        // An expectation on a key that the same batch changed before would have two readings.
        if (_steps.Exists(other => string.Equals(other.Key, step.Key, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"The batch names {step.Key} twice.", nameof(step));
        }

        _steps.Add(step);
        return this;
    }

    /// <summary>What a step does.</summary>
    internal enum StepKind
    {
        /// <summary>Writes.</summary>
        Put,

        /// <summary>Deletes.</summary>
        Delete,

        /// <summary>Only expects.</summary>
        Check,
    }

    /// <summary>One key of a batch.</summary>
    internal readonly record struct Step(string Key, StepKind Kind, ReadOnlyMemory<byte> Value, long? Expected);
}
