using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Publishing;

/// <summary>What a publication was asked for, on the command line or in configuration.</summary>
/// <param name="Step">The step.</param>
/// <param name="OutputPath">Where the output goes; null where nothing was said.</param>
/// <param name="DefaultFolder">Where charts go then.</param>
internal sealed record PublishSettings(string Step, string? OutputPath, string DefaultFolder)
{
    public const string OperationKey = "AppHost:Operation";
    public const string PublisherKey = "Publishing:Publisher";
    public const string StepKey = "Pipeline:Step";
    public const string OutputPathKey = "Pipeline:OutputPath";
    private const string ManifestPublisher = "manifest";

    /// <summary>The switches of the command line.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Switches { get; } = new Dictionary<string, string>
    {
        ["--operation"] = OperationKey,
        ["--publisher"] = PublisherKey,
        ["--step"] = StepKey,
        ["--output-path"] = OutputPathKey,
        ["--log-level"] = "Pipeline:LogLevel",
        ["--include-exception-details"] = "Pipeline:IncludeExceptionDetails",
        ["--clear-cache"] = "Pipeline:ClearCache",
        ["--yes"] = "Pipeline:Yes",
    };

    /// <summary>The folder that a chart is written to.</summary>
    public string OutputFolder => Path.GetFullPath(OutputPath ?? DefaultFolder);

    /// <summary>Whether the AppHost was started to publish.</summary>
    /// <exception cref="DistributedApplicationException">It was started for something that does not exist.</exception>
    public static bool IsAskedFor(IConfiguration configuration)
    {
        if (configuration[PublisherKey] is { } publisher)
        {
            // The older form, which azd still uses: it names no operation and no step.
            return publisher.Equals(ManifestPublisher, StringComparison.OrdinalIgnoreCase)
                ? true
                : throw new DistributedApplicationException($"There is no publisher '{publisher}'; the only one is '{ManifestPublisher}'.");
        }

        return configuration[OperationKey]?.ToLowerInvariant() switch
        {
            null or "run" => false,
            "publish" => true,
            var operation => throw new DistributedApplicationException($"There is no operation '{operation}'; there are run and publish."),
        };
    }

    public static PublishSettings Read(IConfiguration configuration, string appHostDirectory) => new(
        configuration[PublisherKey] is not null ? WellKnownSteps.PublishManifest : configuration[StepKey] ?? WellKnownSteps.Publish,
        configuration[OutputPathKey] is { Length: > 0 } path ? path : null,
        Path.Combine(appHostDirectory, "aspire-output"));
}
