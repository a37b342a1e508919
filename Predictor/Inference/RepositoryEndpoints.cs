using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Protocols;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Inference;

/// <summary>The repository extension of v2, as far as it is for reading: what is loaded is decided by the Registry.</summary>
internal static class RepositoryEndpoints
{
    private const int MaxQueryBytes = 64 * 1024;

    public static void MapRepository(this WebApplication app)
    {
        app.MapPost(InferencePaths.RepositoryIndex, GetIndexAsync);
        app.MapPost(InferencePaths.RepositoryLoad, RefuseAsync);
        app.MapPost(InferencePaths.RepositoryUnload, RefuseAsync);
    }

    private static async Task GetIndexAsync(HttpContext context, RepositoryIndex index)
    {
        try
        {
            await using var body = new RequestBody(context.Request, MaxQueryBytes);
            using var query = await body.ReadAsync(context.RequestAborted);
            var ready = query.WrittenCount == 0 ? null : ReadQuery(JsonBody.WithoutMark(query.WrittenMemory));
            var entries = index.List().Where(entry => ready is null || ready == (entry.State == RepositoryIndex.Ready));
            await context.Response.WriteAsJsonAsync([.. entries], RepositoryJson.Default.IndexEntryArray, cancellationToken: context.RequestAborted);
        }
        catch (InferenceException failure)
        {
            await InferenceErrors.WriteAsync(context, InferenceProtocol.V2, failure);
        }
        catch (BadHttpRequestException bad)
        {
            await InferenceErrors.WriteAsync(context, InferenceProtocol.V2, InferenceException.Client(bad.Message, bad.StatusCode));
        }
    }

    private static bool? ReadQuery(ReadOnlyMemory<byte> body)
    {
        bool? ready = null;
        JsonBody.Read(body.Span, (ref Utf8JsonReader reader) =>
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isReady = reader.ValueTextEquals("ready"u8);
                reader.Read();
                ready = !isReady ? ready : reader.TokenType switch
                {
                    JsonTokenType.True => true,
                    JsonTokenType.False => null, // "not only those that are ready", as other servers read it
                    JsonTokenType.Null => null,
                    _ => throw InferenceException.Client("ready must be true or false."),
                };
                reader.Skip();
            }
        });
        return ready;
    }

    private static Task RefuseAsync(HttpContext context) => InferenceErrors.WriteAsync(context, InferenceProtocol.V2, InferenceException.Client(
        "Models are not loaded or unloaded here: the Registry decides what this replica holds. Change the serving state, or start a rollout, there.",
        StatusCodes.Status403Forbidden));
}

/// <summary>What the repository index lists.</summary>
internal sealed class RepositoryIndex(ServedVersions served, RegistryWatch watch, IOptions<PredictorOptions> options)
{
    public const string Ready = "READY";

    /// <summary>All versions that are known, by name and number.</summary>
    public IEnumerable<IndexEntry> List()
    {
        var held = served.All.ToLookup(version => (version.Artifact.Model, version.Artifact.Version));
        return watch.Current.Versions.Values.Select(version => (version.Model, version.Version))
            .Union(held.Select(versions => versions.Key))
            .OrderBy(key => key.Model, StringComparer.Ordinal).ThenBy(key => key.Version)
            .Select(key => Describe(key.Model, key.Version, held[key].OrderBy(version => version.State != VersionState.Ready).FirstOrDefault()));
    }

    private IndexEntry Describe(string model, int number, HeldVersion? held)
    {
        var (state, reason) = held?.State switch
        {
            VersionState.Ready => (Ready, ""),
            VersionState.Loading => ("LOADING", "It is being fetched, loaded and proved."),
            VersionState.Draining => ("UNLOADING", "It is wanted here no more, and answers what is still on its way."),
            VersionState.Failed => ("UNAVAILABLE", held.Reason ?? "It could not be loaded."),
            _ => ("UNAVAILABLE", $"It is not assigned to the pool {options.Value.Pool}, which this replica is of."),
        };
        return new IndexEntry(model, number.ToString(CultureInfo.InvariantCulture), state, reason);
    }
}

internal sealed record IndexEntry(string Name, string Version, string State, string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IndexEntry[]))]
internal sealed partial class RepositoryJson : JsonSerializerContext;
