using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>How something ended.</summary>
internal enum CompletionState
{
    /// <summary>It has not.</summary>
    InProgress = 0,

    /// <summary>As it should.</summary>
    Completed = 1,

    /// <summary>With something to look at.</summary>
    CompletedWithWarning = 2,

    /// <summary>It failed.</summary>
    CompletedWithError = 3,
}

/// <summary>Something that the CLI shows of a publication.</summary>
internal sealed record PublishingActivity(string Type, PublishingActivityData Data);

/// <summary>What it shows.</summary>
internal sealed record PublishingActivityData(string Id, string StatusText, CompletionState State)
{
    public string? StepId { get; init; }

    public string? CompletionMessage { get; init; }

    public LogLevel? LogLevel { get; init; }

    public DateTimeOffset? Timestamp { get; init; }
}

/// <summary>Says what a publication does: in the AppHost's log, and to the CLI, whenever that comes.</summary>
internal sealed partial class PipelineReport(TimeProvider time, ILogger<PipelineReport> logger)
{
    private readonly Channel<PublishingActivity> _activities = Channel.CreateUnbounded<PublishingActivity>();
    private int _logs;

    /// <summary>What was said, from the beginning; ends with the publication. For one reader.</summary>
    public IAsyncEnumerable<PublishingActivity> Activities => _activities.Reader.ReadAllAsync();

    public void Started(string step)
    {
        LogStarted(step);
        Add("step", step, step, CompletionState.InProgress);
    }

    public void Succeeded(string step)
    {
        LogSucceeded(step);
        Add("step", step, $"{step} completed successfully", CompletionState.Completed);
    }

    public void Failed(string step, string reason)
    {
        LogFailed(step, reason);

        // The CLI shows the lines of a step, and of its end only that it failed.
        AddLog(step, LogLevel.Error, reason);
        Add("step", step, $"{step} failed", CompletionState.CompletedWithError, reason);
    }

    /// <summary>A line about the work of a step.</summary>
    public void Say(string step, string text)
    {
        LogSaid(step, text);
        AddLog(step, LogLevel.Information, text);
    }

    /// <summary>Something that a person has to look at, though the step goes on.</summary>
    public void Warn(string step, string text)
    {
        LogWarned(step, text);
        AddLog(step, LogLevel.Warning, text);
    }

    /// <summary>The end of it all.</summary>
    public void Complete(string message, bool isFailure)
    {
        Add("publish-complete", "publish", message, isFailure ? CompletionState.CompletedWithError : CompletionState.Completed);
        _activities.Writer.TryComplete();
    }

    private void AddLog(string step, LogLevel level, string text) => _activities.Writer.TryWrite(new PublishingActivity(
        "log", new PublishingActivityData($"log-{++_logs}", text, CompletionState.Completed) { StepId = step, LogLevel = level, Timestamp = time.GetUtcNow() }));

    private void Add(string type, string id, string text, CompletionState state, string? message = null) =>
        _activities.Writer.TryWrite(new PublishingActivity(type, new PublishingActivityData(id, text, state) { CompletionMessage = message, Timestamp = time.GetUtcNow() }));

    [LoggerMessage(LogLevel.Information, "({Step}) → Starting {Step}...")]
    private partial void LogStarted(string step);

    [LoggerMessage(LogLevel.Information, "({Step}) ✓ {Step} completed successfully")]
    private partial void LogSucceeded(string step);

    [LoggerMessage(LogLevel.Error, "({Step}) ✗ {Step} failed: {Reason}")]
    private partial void LogFailed(string step, string reason);

    [LoggerMessage(LogLevel.Information, "({Step}) {Text}")]
    private partial void LogSaid(string step, string text);

    [LoggerMessage(LogLevel.Warning, "({Step}) △ {Text}")]
    private partial void LogWarned(string step, string text);
}
