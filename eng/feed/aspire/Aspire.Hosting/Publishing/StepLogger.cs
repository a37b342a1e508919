using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>What a step logs becomes lines about its work.</summary>
internal sealed class StepLogger(PipelineReport report, string step) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel is >= LogLevel.Warning and < LogLevel.None)
        {
            report.Warn(step, formatter(state, exception));
        }
        else if (IsEnabled(logLevel))
        {
            report.Say(step, formatter(state, exception));
        }
    }
}
