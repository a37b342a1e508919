using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Building;
using Aspire.Hosting.Dashboard.Wire;
using Grpc.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dashboard;

/// <summary>Answers the dashboard. Streams live as long as the dashboard: one that ended before would be reopened in a tight loop.</summary>
internal sealed class ResourceService(
    ResourceNotificationService notifications, ResourceLoggerService loggers, ResourceCommandService commands, IServiceProvider services, IConfiguration configuration, AppHostProject appHost,
    IHostEnvironment environment) : DashboardService.DashboardServiceBase
{
    private const int MaxChangesInUpdate = 100;

    public override Task<ApplicationInformationResponse> GetApplicationInformation(ApplicationInformationRequest request, ServerCallContext context) =>
        Task.FromResult(new ApplicationInformationResponse
        {
            ApplicationName = configuration["AppHost:DashboardApplicationName"] ?? appHost.Name ?? environment.ApplicationName,
        });

    public override Task WatchResources(
        WatchResourcesRequest request, IServerStreamWriter<WatchResourcesUpdate> responseStream, ServerCallContext context) =>
        UntilEndAsync(context, async token =>
        {
            await responseStream.WriteAsync(new() { InitialData = new() }, token).ConfigureAwait(false);
            await foreach (var batch in notifications.WatchBatchesAsync(MaxChangesInUpdate, token).ConfigureAwait(false))
            {
                var changes = new WatchResourcesChanges();
                changes.Value.AddRange(batch.Select(change => new WatchResourcesChange { Upsert = WireResources.ToWire(change, services) }));
                await responseStream.WriteAsync(new() { Changes = changes }, token).ConfigureAwait(false);
            }
        });

    public override Task WatchResourceConsoleLogs(
        WatchResourceConsoleLogsRequest request, IServerStreamWriter<WatchResourceConsoleLogsUpdate> responseStream, ServerCallContext context) =>
        UntilEndAsync(context, async token =>
        {
            await foreach (var lines in loggers.WatchAsync(request.ResourceName, !request.SuppressFollow, token).ConfigureAwait(false))
            {
                var update = new WatchResourceConsoleLogsUpdate();
                update.LogLines.AddRange(lines.Select(line => new ConsoleLogLine { Text = line.Content, IsStdErr = line.IsErrorMessage, LineNumber = line.LineNumber }));
                await responseStream.WriteAsync(update, token).ConfigureAwait(false);
            }
        });

    public override async Task<ResourceCommandResponse> ExecuteResourceCommand(ResourceCommandRequest request, ServerCallContext context)
    {
        var result = await commands.ExecuteCommandAsync(request.ResourceName, request.CommandName, context.CancellationToken).ConfigureAwait(false);
        return new()
        {
            Kind = result.Success ? ResourceCommandResponseKind.Succeeded : result.Canceled ? ResourceCommandResponseKind.Cancelled : ResourceCommandResponseKind.Failed,
            Message = result.Message ?? "",
        };
    }

    /// <summary>The AppHost asks its user nothing.</summary>
    public override Task WatchInteractions(
        IAsyncStreamReader<WatchInteractionsRequestUpdate> requestStream, IServerStreamWriter<WatchInteractionsResponseUpdate> responseStream,
        ServerCallContext context) => UntilEndAsync(context, token => Task.Delay(Timeout.Infinite, token));

    private static async Task UntilEndAsync(ServerCallContext context, Func<CancellationToken, Task> serve)
    {
        try
        {
            await serve(context.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (context.CancellationToken.IsCancellationRequested
            && exception is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The dashboard has left.
        }
    }
}
