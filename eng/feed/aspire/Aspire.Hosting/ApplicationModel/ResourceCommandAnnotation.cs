using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Whether a command can be given.</summary>
public enum ResourceCommandState
{
    /// <summary>Yes.</summary>
    Enabled,

    /// <summary>It is shown, and cannot.</summary>
    Disabled,

    /// <summary>It is not shown.</summary>
    Hidden,
}

/// <summary>How an icon is drawn.</summary>
public enum IconVariant
{
    /// <summary>Outlined.</summary>
    Regular,

    /// <summary>Filled.</summary>
    Filled,
}

/// <summary>An order that a person gives a resource on the dashboard.</summary>
public sealed class ResourceCommandAnnotation : IResourceAnnotation
{
    internal ResourceCommandAnnotation(string name, string displayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, CommandOptions options)
    {
        (Name, DisplayName, ExecuteCommand) = (name, displayName, executeCommand);
        UpdateState = options.UpdateState ?? (static _ => ResourceCommandState.Enabled);
        (DisplayDescription, ConfirmationMessage) = (options.Description, options.ConfirmationMessage);
        (IconName, IconVariant, IsHighlighted) = (options.IconName, options.IconVariant, options.IsHighlighted);
    }

    /// <summary>Unique among the commands of the resource.</summary>
    public string Name { get; }

    /// <summary>As it is shown.</summary>
    public string DisplayName { get; }

    /// <summary>Asked whether the command can be given, whenever the state of the resource changes.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState> UpdateState { get; }

    /// <summary>Does it.</summary>
    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; }

    /// <summary>In a sentence.</summary>
    public string? DisplayDescription { get; }

    /// <summary>Asked before it is done; null when nothing is asked.</summary>
    public string? ConfirmationMessage { get; }

    /// <summary>Name of a Fluent UI icon.</summary>
    public string? IconName { get; }

    /// <summary>How the icon is drawn.</summary>
    public IconVariant? IconVariant { get; }

    /// <summary>Whether it has a button of its own in the table; else it is in the menu.</summary>
    public bool IsHighlighted { get; }
}

/// <summary>More about a command.</summary>
public class CommandOptions
{
    /// <inheritdoc cref="ResourceCommandAnnotation.DisplayDescription" />
    public string? Description { get; set; }

    /// <inheritdoc cref="ResourceCommandAnnotation.ConfirmationMessage" />
    public string? ConfirmationMessage { get; set; }

    /// <inheritdoc cref="ResourceCommandAnnotation.IconName" />
    public string? IconName { get; set; }

    /// <inheritdoc cref="ResourceCommandAnnotation.IconVariant" />
    public IconVariant? IconVariant { get; set; }

    /// <inheritdoc cref="ResourceCommandAnnotation.IsHighlighted" />
    public bool IsHighlighted { get; set; }

    /// <summary>As <see cref="ResourceCommandAnnotation.UpdateState"/>; null: it can always be given.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
}

/// <summary>What a command's state hangs on.</summary>
public sealed class UpdateCommandStateContext
{
    /// <summary>The state of the resource.</summary>
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }

    /// <summary>The AppHost's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }
}

/// <summary>A command that is being given.</summary>
public sealed class ExecuteCommandContext
{
    /// <summary>The AppHost's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>Id of the process that it was given to, or the resource's name where it has none.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Ends it.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>Writes to the console log of the resource.</summary>
    public required ILogger Logger { get; init; }
}

/// <summary>What became of a command.</summary>
public sealed class ExecuteCommandResult
{
    /// <summary>Whether it was done.</summary>
    public required bool Success { get; init; }

    /// <summary>Whether it was given up.</summary>
    public bool Canceled { get; init; }

    /// <summary>What was done, or why it was not.</summary>
    public string? Message { get; init; }
}
