using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Predictor.Figures;
using Sluice.Predictor.Versions;

namespace Sluice.Predictor.Inference;

/// <summary>The statistics extension of v2: what each loaded version counted and timed since it was loaded.</summary>
internal static class StatisticsEndpoints
{
    public static void MapStatistics(this WebApplication app)
    {
        app.MapGet(InferencePaths.Statistics, GetAll);
        app.MapGet(InferencePaths.Model + InferencePaths.StatisticsSuffix, GetModel);
        app.MapGet(InferencePaths.ModelVersion + InferencePaths.StatisticsSuffix, GetModel);
    }

    private static JsonHttpResult<StatisticsAnswer> GetAll(ServedVersions served) => Answer(served.All);

    private static Task GetModel(HttpContext context, ServedVersions served, HttpInference inference) => MetadataEndpoints.AnswerAsync(context, () =>
    {
        var (model, version) = inference.Target(context);
        var found = served.Find(model, version);
        return version is null
            ? Answer(served.All.Where(held => held.Artifact.Model == found.Artifact.Model))
            : found.Loaded is null ? throw InferenceException.Capacity($"Version {version} of model {model} is not loaded here.") : Answer([found]);
    });

    private static JsonHttpResult<StatisticsAnswer> Answer(IEnumerable<HeldVersion> versions) => TypedResults.Json(
        new StatisticsAnswer([.. versions
            .OrderBy(version => version.Artifact.Model, StringComparer.Ordinal).ThenBy(version => version.Artifact.Version)
            .Where(version => version.Loaded is not null)
            .Select(version => Describe(version.Artifact, version.Loaded!.Figures))]),
        StatisticsJson.Default.StatisticsAnswer);

    private static VersionStatistics Describe(ModelVersion version, VersionFigures figures) => new(
        version.Model,
        version.Version.ToString(CultureInfo.InvariantCulture),
        figures.LastInference?.ToUnixTimeMilliseconds() ?? 0,
        figures.ComputedRows,
        figures.Compute.Count,
        new InferenceStatistics(
            Of(figures.Succeeded), Of(figures.Failed), Of(figures.Queue), Of(figures.Input), Of(figures.Compute), Of(figures.Output), default, default),
        [.. figures.Batches.OrderBy(batch => batch.Key).Select(batch => new BatchStatistics(batch.Key, default, Of(batch.Value), default))]);

    private static DurationStatistics Of(DurationTotal total) => new(total.Count, total.Nanoseconds);
}

internal sealed record StatisticsAnswer(IReadOnlyList<VersionStatistics> ModelStats);

/// <param name="Name">Of the model.</param>
/// <param name="Version">Of the model.</param>
/// <param name="LastInference">Milliseconds since 1970; 0 before the first.</param>
/// <param name="InferenceCount">Rows.</param>
/// <param name="ExecutionCount">Runs.</param>
/// <param name="InferenceStats">By what time went into.</param>
/// <param name="BatchStats">Runs by their rows; 0 for runs whose rows cannot be told.</param>
internal sealed record VersionStatistics(
    string Name,
    string Version,
    long LastInference,
    long InferenceCount,
    long ExecutionCount,
    InferenceStatistics InferenceStats,
    IReadOnlyList<BatchStatistics> BatchStats);

/// <remarks>There is no cache of answers: its figures are zero, for clients that look for them.</remarks>
internal sealed record InferenceStatistics(
    DurationStatistics Success,
    DurationStatistics Fail,
    DurationStatistics Queue,
    DurationStatistics ComputeInput,
    DurationStatistics ComputeInfer,
    DurationStatistics ComputeOutput,
    DurationStatistics CacheHit,
    DurationStatistics CacheMiss);

/// <remarks>Requests are read and answered one by one, not by the batch: of a batch only its run is timed.</remarks>
internal sealed record BatchStatistics(long BatchSize, DurationStatistics ComputeInput, DurationStatistics ComputeInfer, DurationStatistics ComputeOutput);

/// <param name="Count">How often.</param>
/// <param name="Ns">Nanoseconds, all together.</param>
internal readonly record struct DurationStatistics(long Count, long Ns);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StatisticsAnswer))]
internal sealed partial class StatisticsJson : JsonSerializerContext;
