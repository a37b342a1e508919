using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting;

/// <summary>What a project's launch settings say of how it is started.</summary>
internal sealed record LaunchProfile(string Name, IReadOnlyList<Uri> Urls, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The first profile of the kind "Project"; null without one.</summary>
    /// <exception cref="DistributedApplicationException">The file is not what it should be, or asks for what the stand-in does not do.</exception>
    public static LaunchProfile? Read(string projectPath)
    {
        var path = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var settings = JsonDocument.Parse(File.ReadAllText(path), Lenient);
            foreach (var profile in settings.RootElement.GetProperty("profiles").EnumerateObject())
            {
                if (TextOf(profile.Value, "commandName") == "Project")
                {
                    return Parse(path, profile);
                }
            }

            return null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException)
        {
            throw new DistributedApplicationException($"The launch settings '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Gives the project its endpoints and, in a run, its variables, where the AppHost does not set them itself.</summary>
    public IResourceBuilder<ProjectResource> ApplyTo(IResourceBuilder<ProjectResource> project)
    {
        if (project.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return Urls.Count == 0 ? project : WithPublishedEndpoints(project);
        }

        foreach (var sameScheme in Urls.GroupBy(url => url.Scheme))
        {
            foreach (var (index, url) in sameScheme.Index())
            {
                project.WithEndpoint(index == 0 ? url.Scheme : $"{url.Scheme}{index + 1}", endpoint =>
                    (endpoint.UriScheme, endpoint.Transport, endpoint.Port) = (url.Scheme, "http", url.Port));
            }
        }

        return project.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", Name);
            foreach (var (name, value) in Environment)
            {
                context.EnvironmentVariables.TryAdd(name, System.Environment.ExpandEnvironmentVariables(value));
            }
        });
    }

    private static IResourceBuilder<ProjectResource> WithPublishedEndpoints(IResourceBuilder<ProjectResource> project)
    {
        foreach (var scheme in new[] { "http", "https" })
        {
            project.WithEndpoint(scheme, endpoint => (endpoint.UriScheme, endpoint.Transport) = (scheme, "http"));
        }

        return project.WithAnnotation(new DefaultHttpsEndpointAnnotation(project.GetEndpoint("https").EndpointAnnotation));
    }

    private static LaunchProfile Parse(string path, JsonProperty profile)
    {
        if (TextOf(profile.Value, "commandLineArgs") is { Length: > 0 })
        {
            throw new DistributedApplicationException(
                $"The launch settings '{path}' give profile '{profile.Name}' arguments (commandLineArgs), which the Aspire stand-in does not pass on.");
        }

        var urls = (TextOf(profile.Value, "applicationUrl") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var environment = profile.Value.TryGetProperty("environmentVariables", out var variables)
            ? variables.EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value.GetString()!)
            : [];
        return new LaunchProfile(profile.Name, [.. urls.Select(url => new Uri(url))], environment);
    }

    private static string? TextOf(JsonElement profile, string name) => profile.TryGetProperty(name, out var value) ? value.GetString() : null;
}
