namespace Sluice.Registry.Store;

/// <summary>Changes that happen together or not at all, each with what is expected of its key.</summary>
internal sealed class StoreBatch
{
    /// <summary>Expect this to say that a key must not exist.</summary>
    public const long Absent = 0;

    private const int LongestKey = 400;

    private readonly List<Step> _steps = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly List<LogStep> _logSteps = [];

    /// <summary>What happens to keys, in the order they were added.</summary>
    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>What happens to logs, in the order they were added.</summary>
    public IReadOnlyList<LogStep> LogSteps => _logSteps;

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty => _steps.Count == 0 && _logSteps.Count == 0;

    /// <summary>Writes a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="expected">The revision that last wrote the key, or <see cref="Absent"/>; null for whatever it is.</param>
    public StoreBatch Put(string key, ReadOnlyMemory<byte> value, long? expected = null) => Add(new Step(key, StepKind.Put, value, expected));

    /// <summary>Deletes a key.</summary>
    public StoreBatch Delete(string key, long? expected = null) => Add(new Step(key, StepKind.Delete, default, expected));

    /// <summary>Only expects: the key is not changed.</summary>
    public StoreBatch Check(string key, long expected) => Add(new Step(key, StepKind.Check, default, expected));

    /// <summary>Appends an entry to a log, which begins with its first one.</summary>
    /// <param name="log">The log's name; formed like a key.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="expectedLast">The number of the entry before it (0: the log is empty); null for whatever it is.</param>
    public StoreBatch Append(string log, ReadOnlyMemory<byte> entry, long? expectedLast = null)
    {
        if (expectedLast is not null && _logSteps.Exists(other => string.Equals(other.Log, log, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"The batch changed the log {log} before: no expectation of it can be meant.", nameof(expectedLast));
        }

        return Add(new LogStep(log, entry, expectedLast));
    }

    /// <summary>Deletes a log with all its entries; no error when it is empty.</summary>
    public StoreBatch DropLog(string log) => Add(new LogStep(log, null, null));

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
        if (!_keys.Add(step.Key))
        {
            throw new ArgumentException($"The batch names {step.Key} twice.", nameof(step));
        }

        _steps.Add(step);
        return this;
    }

    private StoreBatch Add(LogStep step)
    {
        if (!IsKey(step.Log))
        {
            throw new ArgumentException($"'{step.Log}' is no name of a log: 1 to {LongestKey} visible ASCII characters are.", nameof(step));
        }

        _logSteps.Add(step);
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

    /// <summary>One change of a log.</summary>
    /// <param name="Log">Its name.</param>
    /// <param name="Entry">What is appended; null when the log is dropped.</param>
    /// <param name="ExpectedLast">The number of its newest entry before; null for whatever it is.</param>
    internal readonly record struct LogStep(string Log, ReadOnlyMemory<byte>? Entry, long? ExpectedLast);
}
