using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Models;
using Sluice.Registry.Rollouts.Explaining;
using Sluice.Registry.Rollouts.Webhooks;

namespace Sluice.Registry.Rollouts;

/// <summary>Rollouts over HTTP.</summary>
internal static class RolloutEndpoints
{
    internal const string StartForm =
        """{"version": number, "profile": "production" or "development", "generation": number, "steps": [{"weight": basis points, "holdSeconds", "warmUp", "gate"}], "reason": text, "override": text, and the plan's times}, all but version optional""";

    private const string OrderForm = """{"generation": the rollout's generation you saw, "reason": text}""";

    /// <summary>Adds rollouts, their loop, evidence and leases.</summary>
    public static WebApplicationBuilder AddRollouts(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<RolloutOptions>, RolloutOptionsValidator>();
        builder.Services.AddOptions<RolloutOptions>().BindConfiguration(RolloutOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<RolloutRecords>();
        builder.Services.AddSingleton<ClusterFactsReader>();
        builder.Services.AddSingleton<Rollouts>();
        builder.Services.AddSingleton<RolloutWait>();
        builder.Services.AddSingleton<EvidenceReader>();
        builder.Services.AddHostedService<RolloutLoop>();
        builder.AddWebhooks();
        return builder;
    }

    /// <summary>Maps rollouts.</summary>
    public static void MapRollouts(this IEndpointRouteBuilder app)
    {
        app.MapPost(ApiPaths.ModelRollouts, Start).Requires(Scopes.Register);
        app.MapGet(ApiPaths.ModelRollouts, ListOfModel).RequiresAnyKey();
        app.MapGet(ApiPaths.Rollouts, ListOpen).RequiresAnyKey();
        app.MapGet(ApiPaths.Rollout, Get).RequiresAnyKey();
        app.MapGet(ApiPaths.RolloutEvents, ListEvents).RequiresAnyKey();
        app.MapPost(ApiPaths.RolloutOrder, Order).Requires(Scopes.Register);
        app.MapPost(ApiPaths.RolloutVerdict, Judge).Requires(Scopes.Judge);
        app.MapEvidence();
        app.MapExplanations();
        app.MapLeases();
    }

    private static async Task<Results<JsonHttpResult<Rollout>, ProblemHttpResult>> Start(
        string model, HttpContext context, ModelCatalog catalog, Rollouts rollouts, WebhookConnections webhooks, IOptions<RolloutOptions> options,
        CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        var wish = await JsonBody.ReadAsync(context.Request, ContractsJson.Default.StartRollout, StartForm, cancellationToken);
        var (profile, plan, wrong) = RolloutPlans.Make(wish, options.Value.DefaultProfile);
        if (plan is null)
        {
            return Problems.Invalid(wrong!);
        }

        if (plan.Webhook is { } webhook && FindProblem(webhook, webhooks, options.Value) is { } forbidden)
        {
            return Problems.Invalid("webhook", forbidden);
        }

        if (!await catalog.HasModelAsync(model, cancellationToken))
        {
            return Problems.NotFound($"There is no model {model}.");
        }

        var (rollout, refusal) = await rollouts.StartAsync(model, wish, profile, plan, context.Caller(), cancellationToken);
        if (rollout is null)
        {
            return Problems.Refused(StatusCodes.Status409Conflict, refusal!.Reason, ("refusals", refusal.Refusals));
        }

        context.Response.Headers.Location = ApiPaths.ForRollout(rollout.Id);
        return TypedResults.Json(rollout, ContractsJson.Default.Rollout, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<Rollout>>, ProblemHttpResult>> ListOfModel(
        string model, RolloutRecords records, CancellationToken cancellationToken) => ModelName.IsValid(model)
            ? TypedResults.Json(await records.ListAsync(model, cancellationToken), ContractsJson.Default.IReadOnlyListRollout)
            : Problems.InvalidModelName(model);

    private static async Task<JsonHttpResult<IReadOnlyList<Rollout>>> ListOpen(RolloutRecords records, CancellationToken cancellationToken) =>
        TypedResults.Json(await records.ListOpenAsync(cancellationToken), ContractsJson.Default.IReadOnlyListRollout);

    private static async Task<Results<JsonHttpResult<Rollout>, ProblemHttpResult>> Get(
        string model, int number, string? wait, long? generation, RolloutWait waits, CancellationToken cancellationToken)
    {
        var id = RolloutId.Of(model, number);
        if (!RolloutWait.TryReadLimit(wait, out var limit))
        {
            return Problems.Invalid("wait", $"'{wait}' is no time: seconds, e.g. 60s, at most {RolloutWait.Longest.TotalSeconds:0}s, are expected");
        }

        return await waits.ForAsync(id, generation, limit, cancellationToken) is { } rollout
            ? TypedResults.Json(rollout, ContractsJson.Default.Rollout)
            : NoRollout(id);
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<RolloutEvent>>, ProblemHttpResult>> ListEvents(
        string model, int number, RolloutRecords records, CancellationToken cancellationToken)
    {
        var id = RolloutId.Of(model, number);
        return await records.FindAsync(id, cancellationToken) is not null
            ? TypedResults.Json(await records.ListEventsAsync(id, cancellationToken), ContractsJson.Default.IReadOnlyListRolloutEvent)
            : NoRollout(id);
    }

    private static async Task<Results<JsonHttpResult<Rollout>, ProblemHttpResult>> Order(
        string model, int number, string order, HttpContext context, Rollouts rollouts, CancellationToken cancellationToken)
    {
        if (OrderRules.Find(order) is not { } rule)
        {
            return Problems.NotFound($"'{order}' is no order; {string.Join(", ", OrderRules.Orders)} are.");
        }

        var said = context.Request.ContentLength is null or 0 && context.Request.ContentType is null
            ? new RolloutOrder()
            : await JsonBody.ReadAsync(context.Request, ContractsJson.Default.RolloutOrder, OrderForm, cancellationToken);
        if (said.Generation is null && rule.NeedsGeneration)
        {
            return Problems.Invalid("generation", $"missing; what lets traffic grow names the rollout's generation it was decided on, expected {OrderForm}");
        }

        if (OrderRules.FindProblem(said.Reason, "reason") is { } problem)
        {
            return Problems.Invalid(problem);
        }

        var caller = context.Caller();
        var reason = said.Reason ?? $"Ordered by {caller.Name}, who gave no reason.";
        var outcome = await rollouts.OrderAsync(
            RolloutId.Of(model, number), said.Generation, (state, now) => rule.Decide(state, new Cause(caller.Name, reason, now)), caller, cancellationToken);
        return Answer(RolloutId.Of(model, number), outcome);
    }

    private static async Task<Results<JsonHttpResult<Rollout>, ProblemHttpResult>> Judge(
        string model, int number, HttpContext context, Rollouts rollouts, CancellationToken cancellationToken)
    {
        var proposal = await JsonBody.ReadAsync(
            context.Request, ContractsJson.Default.VerdictProposal,
            """{"generation": number, "verdict": "Advance", "Hold", "StepDown", "RollBack" or "Inconclusive", "reason": text, "hold": "Capacity", "Evidence", "Blind" or "StableSick", optional, "figures": object, optional}""",
            cancellationToken);
        if (OrderRules.FindProblem(proposal) is { } problem)
        {
            return Problems.Invalid(problem);
        }

        var caller = context.Caller();
        var outcome = await rollouts.OrderAsync(
            RolloutId.Of(model, number), proposal.Generation,
            (state, now) => RolloutOrders.Judge(state, proposal, new Cause(caller.Name, proposal.Reason, now, proposal.Figures)), caller, cancellationToken);
        return Answer(RolloutId.Of(model, number), outcome);
    }

    private static Results<JsonHttpResult<Rollout>, ProblemHttpResult> Answer(string id, RolloutOutcome outcome) => outcome switch
    {
        { Rollout: null } => NoRollout(id),
        { Refusal: { } refusal, Rollout: { } rollout } => Problems.Refused(
            StatusCodes.Status409Conflict, refusal.Reason, ("generation", rollout.Generation), ("phase", rollout.Phase.ToString())),
        _ => TypedResults.Json(outcome.Rollout!, ContractsJson.Default.Rollout),
    };

    private static string? FindProblem(Uri webhook, WebhookConnections webhooks, RolloutOptions options) => options.WebhookSecret is null
        ? "this Registry asks no webhooks, as Registry:Rollouts:WebhookSecret is not set"
        : webhooks.FindProblem(webhook);

    internal static ProblemHttpResult NoRollout(string id) => Problems.NotFound($"There is no rollout {id}.");
}
