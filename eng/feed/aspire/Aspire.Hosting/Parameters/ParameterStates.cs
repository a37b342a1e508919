using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Resolves the parameters at the start and shows them as resources.</summary>
internal sealed partial class ParameterStates(ResourceNotificationService notifications, ILogger<ParameterStates> logger)
{
    public async Task ResolveAsync(IEnumerable<ParameterResource> parameters, CancellationToken cancellationToken)
    {
        foreach (var parameter in parameters)
        {
            var (state, value) = await FindAsync(parameter, cancellationToken).ConfigureAwait(false);
            await notifications.PublishUpdateAsync(parameter, before => before with
            {
                ResourceType = "Parameter",
                State = state,
                Properties = [new("parameter.secret", parameter.Secret), new("Value", value) { IsSensitive = parameter.Secret }],
            }).ConfigureAwait(false);
        }
    }

    private async Task<(ResourceStateSnapshot State, string? Value)> FindAsync(ParameterResource parameter, CancellationToken cancellationToken)
    {
        try
        {
            var value = await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false);
            return (new(KnownResourceStates.Running, KnownResourceStateStyles.Success), value);
        }
        catch (MissingParameterValueException exception)
        {
            LogMissing(exception.Message);
            return (new(KnownResourceStates.ValueMissing, KnownResourceStateStyles.Warn), null);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Message}")]
    private partial void LogMissing(string message);
}
