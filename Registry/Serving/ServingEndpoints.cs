using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Models;

namespace Sluice.Registry.Serving;

/// <summary>The body of <c>PUT /api/models/{model}/serving</c>.</summary>
internal sealed record SetStable
{
    /// <summary>The form in words, for errors.</summary>
    public const string Form = """{"stable": version's number, "generation": the generation you saw, whole number, optional, "stickiness": {"kind": none, header, cookie or key, "name": of the header or cookie}, optional}""";

    /// <summary>The version that shall serve the model.</summary>
    public required int Stable { get; init; }

    /// <summary>The generation the caller saw; 0 for none.</summary>
    public long? Generation { get; init; }

    /// <summary>Which callers stay on one version while the traffic is split, from now on; left as it is where absent.</summary>
    public Stickiness? Stickiness { get; init; }
}

/// <summary>Generated JSON of the serving slice's requests.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, NumberHandling = JsonNumberHandling.Strict, MaxDepth = 16, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SetStable))]
internal sealed partial class ServingJson : JsonSerializerContext;

/// <summary>Serving states over HTTP.</summary>
internal static class ServingEndpoints
{
    /// <summary>Adds the serving states.</summary>
    public static WebApplicationBuilder AddServing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServingStates>();
        return builder;
    }

    /// <summary>Maps the serving states.</summary>
    public static void MapServing(this IEndpointRouteBuilder app)
    {
        app.MapGet(ApiPaths.AllServing, List).RequiresAnyKey();
        app.MapGet(ApiPaths.Serving, Get).RequiresAnyKey();
        app.MapDelete(ApiPaths.Serving, Stop).Requires(Scopes.Register);
        app.MapPut(ApiPaths.Serving, Put).Requires(Scopes.Register);
    }

    private static async Task<JsonHttpResult<IReadOnlyList<ServingState>>> List(ServingStates states, CancellationToken cancellationToken) =>
        TypedResults.Json(await states.ListAsync(cancellationToken), ContractsJson.Default.IReadOnlyListServingState);

    private static async Task<Results<JsonHttpResult<ServingState>, ProblemHttpResult>> Get(
        string model, ServingStates states, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        return await states.FindAsync(model, cancellationToken) is { } state
            ? TypedResults.Json(state, ContractsJson.Default.ServingState)
            : Problems.NotFound($"There is no serving state of {model}: no version of it was made stable yet.");
    }

    private static async Task<Results<JsonHttpResult<ServingState>, ProblemHttpResult>> Put(
        string model, HttpContext context, ModelCatalog catalog, ServingStates states, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        var wish = await JsonBody.ReadAsync(context.Request, ServingJson.Default.SetStable, SetStable.Form, cancellationToken);
        if (wish.Stickiness?.FindProblem() is var (member, expected))
        {
            return Problems.Refused(StatusCodes.Status422UnprocessableEntity, $"stickiness.{member}: {expected}.");
        }

        if (!await catalog.HasModelAsync(model, cancellationToken))
        {
            return Problems.NotFound($"There is no model {model}.");
        }

        var (state, isStale, isUnknown, rollout) = await states.SetStableAsync(
            model, wish.Stable, wish.Generation, context.Caller(), cancellationToken, wish.Stickiness);
        if (rollout is not null)
        {
            return UnderWay(rollout);
        }

        return isUnknown ? Problems.Refused(StatusCodes.Status422UnprocessableEntity, $"stable: there is no version {wish.Stable} of {model}.")
            : isStale ? Stale(model, wish.Generation, state) : TypedResults.Json(state!, ContractsJson.Default.ServingState);
    }

    private static async Task<Results<JsonHttpResult<ServingState>, ProblemHttpResult>> Stop(
        string model, long? generation, HttpContext context, ServingStates states, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        var (state, isStale, _, rollout) = await states.StopAsync(model, generation, context.Caller(), cancellationToken);
        return rollout is not null ? UnderWay(rollout)
            : isStale ? Stale(model, generation, state)
            : state is null ? Problems.NotFound($"There is no serving state of {model}: no version of it was made stable yet.")
            : TypedResults.Json(state, ContractsJson.Default.ServingState);
    }

    private static ProblemHttpResult UnderWay(Rollout rollout) => Problems.Refused(
        StatusCodes.Status409Conflict,
        $"Rollout {rollout.Id} of {rollout.Model} to version {rollout.Canary} is {rollout.Phase}: let it end, or roll it back, before the serving state is changed outright.");

    private static ProblemHttpResult Stale(string model, long? generation, ServingState? state) => Problems.Refused(
        StatusCodes.Status409Conflict,
        $"generation: {generation} was given, {model} is at {state?.Generation ?? 0}. Look at what changed and try again.",
        ("generation", state?.Generation ?? 0),
        ("stable", state?.Stable));
}
