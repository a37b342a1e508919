using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>The step <c>publish-manifest</c>: the application as one JSON file, without a single value resolved.</summary>
internal sealed class ManifestPublisher(ILogger<ManifestPublisher> logger)
{
    private const string FileName = "aspire-manifest.json";

    public async Task WriteAsync(StepContext context)
    {
        var path = Path.GetFullPath(context.Settings.OutputPath ?? throw new DistributedApplicationException(
            "The manifest needs a place: give --output-path a folder or the name of a .json file."));
        if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            path = Path.Combine(path, FileName);
        }

        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        using var content = new MemoryStream();
        var json = new Utf8JsonWriter(content, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        await using (json.ConfigureAwait(false))
        {
            var writer = new ManifestWriter(json, folder, context.ExecutionContext, logger);
            json.WriteStartObject();
            json.WriteStartObject("resources");
            foreach (var resource in context.Model.Resources.Where(resource => !resource.Annotations.OfType<ExcludedFromManifestAnnotation>().Any()))
            {
                await writer.WriteAsync(resource, context.CancellationToken).ConfigureAwait(false);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        // Written at once, so that a manifest is never half there.
        await File.WriteAllBytesAsync(path, content.ToArray(), context.CancellationToken).ConfigureAwait(false);
        context.Report.Say(context.Step.Name, $"The manifest is {path}");
    }
}
