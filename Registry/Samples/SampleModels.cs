using System.Globalization;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Blobs;
using Sluice.Registry.Http;
using Sluice.Registry.Models;
using Sluice.Registry.Serving;

namespace Sluice.Registry.Samples;

/// <summary>
/// On a development start: registers the sample models that the Registry does not know, and makes the first version of each stable. What is known is
/// left as it is, so a start changes nothing that a person changed. A sample that is broken is logged and passed over.
/// </summary>
internal sealed partial class SampleModels(
    IOptions<RegistryOptions> options,
    IHostEnvironment environment,
    IBlobStore blobs,
    ModelCatalog catalog,
    Registration registration,
    ServingStates serving,
    ILogger<SampleModels> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!environment.IsDevelopment() || options.Value.SamplesDirectory is not { Length: > 0 } directory)
        {
            return;
        }

        if (!Directory.Exists(directory))
        {
            LogNoDirectory(directory);
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(directory).Where(HasVersions).Order(StringComparer.Ordinal))
        {
            try
            {
                await RegisterAsync(folder, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogBroken(folder, exception.Message);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task RegisterAsync(string folder, CancellationToken cancellationToken)
    {
        var model = Path.GetFileName(folder);
        if (!ModelName.IsValid(model) || await catalog.HasModelAsync(model, cancellationToken))
        {
            return;
        }

        foreach (var version in VersionsIn(folder))
        {
            var metadata = ReadMetadata(Path.Combine(version, "version.json"));
            await using var upload = await VersionUpload.FromFileAsync(Path.Combine(version, "model.onnx"), metadata, blobs, cancellationToken);
            var registered = await registration.RegisterAsync(model, upload, Caller.Registry, cancellationToken);
            if (registered.Version == 1)
            {
                await serving.SetStableAsync(model, registered.Version, generation: 0, Caller.Registry, cancellationToken);
            }
        }
    }

    private static bool HasVersions(string folder) => VersionsIn(folder).Any();

    private static IEnumerable<string> VersionsIn(string folder) => Directory.EnumerateDirectories(folder)
        .Where(version => NumberOf(version) > 0 && File.Exists(Path.Combine(version, "model.onnx")))
        .OrderBy(NumberOf);

    private static int NumberOf(string folder) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static VersionMetadata ReadMetadata(string path)
    {
        if (!File.Exists(path))
        {
            return new VersionMetadata();
        }

        var metadata = JsonBody.Parse(File.ReadAllBytes(path), ModelRequestsJson.Default.VersionMetadata, path, VersionMetadata.Form);
        var golden = Path.Combine(Path.GetDirectoryName(path)!, GoldenVectors.FileName);
        if (metadata.Golden is null && File.Exists(golden))
        {
            metadata = metadata with { Golden = JsonBody.Parse(File.ReadAllBytes(golden), ModelRequestsJson.Default.JsonElement, golden, GoldenVectors.Form) };
        }

        return metadata.FindProblem() is { } problem ? throw new IOException($"{path}: {problem.Field}: {problem.Expectation}.") : metadata;
    }

    [LoggerMessage(LogLevel.Warning, "There are no samples: the folder {Directory} does not exist. Registry:SamplesDirectory names it")]
    private partial void LogNoDirectory(string directory);

    [LoggerMessage(LogLevel.Error, "The sample in {Folder} is not registered: {Problem}")]
    private partial void LogBroken(string folder, string problem);
}

/// <summary>Adds the samples.</summary>
internal static class SampleModelsSetup
{
    /// <summary>Registers what is missing at start.</summary>
    public static WebApplicationBuilder AddSamples(this WebApplicationBuilder builder)
    {
        builder.Services.AddHostedService<SampleModels>();
        return builder;
    }
}
