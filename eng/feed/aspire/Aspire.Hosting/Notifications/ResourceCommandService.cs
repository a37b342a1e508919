using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Gives commands to resources.</summary>
public partial class ResourceCommandService
{
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;

    internal ResourceCommandService(ResourceNotificationService notifications, ResourceLoggerService loggers, IServiceProvider services) =>
        (_notifications, _loggers, _services) = (notifications, loggers, services);

    /// <summary>Gives a command to one process of a resource. An exception of the command's is a failure like any other: nothing is thrown.</summary>
    /// <param name="resourceId">Id of the process, or the resource's name where it has none.</param>
    /// <param name="commandName">The command.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (!_notifications.TryGetCurrentState(resourceId, out var state))
        {
            return new() { Success = false, Message = $"Resource '{resourceId}' not found." };
        }

        var logger = _loggers.GetLogger(resourceId);
        if (state.Resource.Annotations.OfType<ResourceCommandAnnotation>().SingleOrDefault(each => each.Name == commandName) is not { } command)
        {
            return new() { Success = false, Message = $"Command '{commandName}' not available for resource '{state.Resource.Name}'." };
        }

        try
        {
            var result = await command.ExecuteCommand(
                new() { ServiceProvider = _services, ResourceName = resourceId, CancellationToken = cancellationToken, Logger = logger }).ConfigureAwait(false);
            LogDone(logger, commandName, result.Success ? "done" : "not done", result.Message);
            return result;
        }
        catch (OperationCanceledException)
        {
            return new() { Success = false, Canceled = true };
        }
#pragma warning disable CA1031 // whatever a command throws, the dashboard is answered
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(logger, exception, commandName);
            return new() { Success = false, Message = "Unhandled exception thrown." };
        }
    }

    [LoggerMessage(LogLevel.Information, "Command '{Command}' was {Outcome}. {Message}")]
    private static partial void LogDone(ILogger logger, string command, string outcome, string? message);

    [LoggerMessage(LogLevel.Error, "Command '{Command}' failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string command);
}
