using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Wire;
using Google.Protobuf.WellKnownTypes;
using CheckStatus = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;

namespace Aspire.Hosting.Dashboard;

/// <summary>States of resources in the form the dashboard reads. No field that it needs may be missing: it would never ask again.</summary>
internal static class WireResources
{
    public static Wire.Resource ToWire(ResourceEvent change, IServiceProvider services)
    {
        var snapshot = change.Snapshot;
        var resource = new Wire.Resource
        {
            Name = change.ResourceId,
            Uid = change.ResourceId,
            DisplayName = change.Resource.Name,
            ResourceType = snapshot.ResourceType,
            CreatedAt = ToWire(snapshot.CreationTimeStamp ?? DateTime.UnixEpoch),
            StartedAt = ToWire(snapshot.StartTimeStamp),
            StoppedAt = ToWire(snapshot.StopTimeStamp),
            IsHidden = snapshot.IsHidden,
            SupportsDetailedTelemetry = change.Resource is ProjectResource,
        };
        if (snapshot.State is { } state)
        {
            resource.State = state.Text;
            resource.StateStyle = state.Style ?? "";
        }

        resource.Properties.AddRange(Basics(change).Concat(snapshot.Properties).Select(ToWire));
        resource.Environment.AddRange(snapshot.EnvironmentVariables.Select(v => new EnvironmentVariable { Name = v.Name, Value = v.Value ?? "", IsFromSpec = v.IsFromSpec }));
        resource.Urls.AddRange(snapshot.Urls.Select(ToWire));
        resource.HealthReports.AddRange(snapshot.HealthReports.Select(ToWire));
        resource.Commands.AddRange(change.Resource.Annotations.OfType<ResourceCommandAnnotation>()
            .Select(command => ToWire(command, command.UpdateState(new() { ResourceSnapshot = snapshot, ServiceProvider = services }))));
        resource.Relationships.AddRange(snapshot.Relationships.Select(r => new ResourceRelationship { ResourceName = r.ResourceName, Type = r.Type }));
        return resource;
    }

    /// <summary>What every resource has, in the dashboard's names.</summary>
    private static IEnumerable<ResourcePropertySnapshot> Basics(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        return
        [
            new("resource.uid", change.ResourceId),
            new("resource.name", change.ResourceId),
            new("resource.type", snapshot.ResourceType),
            new("resource.displayName", change.Resource.Name),
            new("resource.state", snapshot.State?.Text),
            new("resource.exitCode", snapshot.ExitCode?.ToString(CultureInfo.InvariantCulture)),
            new("resource.createTime", Text(snapshot.CreationTimeStamp)),
            new("resource.startTime", Text(snapshot.StartTimeStamp)),
            new("resource.stopTime", Text(snapshot.StopTimeStamp)),
            new("resource.healthState", snapshot.HealthStatus?.ToString()),
        ];
    }

    private static ResourceCommand ToWire(ResourceCommandAnnotation command, ResourceCommandState state)
    {
        var wire = new ResourceCommand
        {
            Name = command.Name,
            DisplayName = command.DisplayName,
            IsHighlighted = command.IsHighlighted,
            IconName = command.IconName ?? "",
            IconVariant = command.IconVariant == ApplicationModel.IconVariant.Filled ? Wire.IconVariant.Filled : Wire.IconVariant.Regular,
            DisplayDescription = command.DisplayDescription ?? "",
            State = state switch
            {
                ResourceCommandState.Enabled => CommandState.Enabled,
                ResourceCommandState.Disabled => CommandState.Disabled,
                _ => CommandState.Hidden,
            },
        };
        if (command.ConfirmationMessage is { } question)
        {
            wire.ConfirmationMessage = question; // an empty one would be asked, too
        }

        return wire;
    }

    private static ResourceProperty ToWire(ResourcePropertySnapshot property) => new()
    {
        Name = property.Name,
        Value = ToWire(property.Value),
        IsSensitive = property.IsSensitive,
    };

    private static Value ToWire(object? value) => value switch
    {
        null => Value.ForNull(),
        bool flag => Value.ForBool(flag),
        int number => Value.ForNumber(number),
        IEnumerable<string> texts => Value.ForList([.. texts.Select(Value.ForString)]),
        _ => Value.ForString(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };

    private static Url ToWire(UrlSnapshot url) => new()
    {
        EndpointName = url.Name ?? "",
        FullUrl = url.Url,
        IsInternal = url.IsInternal,
        IsInactive = url.IsInactive,
        DisplayProperties = new() { DisplayName = url.DisplayProperties.DisplayName, SortOrder = url.DisplayProperties.SortOrder },
    };

    private static HealthReport ToWire(HealthReportSnapshot report)
    {
        var wire = new HealthReport
        {
            Key = report.Name,
            Description = report.Description ?? "",
            Exception = report.ExceptionText ?? "",
            LastRunAt = ToWire(report.LastRunAt),
        };
        if (report.Status is { } status)
        {
            wire.Status = status switch
            {
                CheckStatus.Healthy => HealthStatus.Healthy,
                CheckStatus.Degraded => HealthStatus.Degraded,
                _ => HealthStatus.Unhealthy,
            };
        }

        return wire;
    }

    private static Timestamp? ToWire(DateTime? time) => time is null ? null : Timestamp.FromDateTime(time.Value.ToUniversalTime());

    private static string? Text(DateTime? time) => time?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
}
