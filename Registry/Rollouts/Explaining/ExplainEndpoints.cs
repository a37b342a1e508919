using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Models;

namespace Sluice.Registry.Rollouts.Explaining;

/// <summary>Why the judge decided as it did, what other settings would have made of it, and what is to be expected of a plan: read, computed, nothing changed.</summary>
internal static class ExplainEndpoints
{
    private const string Format = "format";
    private const int LatestLooks = 40; // ten minutes, as a rule

    // A long log takes a second or so of processor time: one at a time, and not for ever, or readers would keep the control plane from its work.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly SemaphoreSlim One = new(1);

    /// <summary>Maps explanations.</summary>
    public static void MapExplanations(this IEndpointRouteBuilder app)
    {
        app.MapGet(ApiPaths.RolloutExplain, Explain).RequiresAnyKey();
        app.MapGet(ApiPaths.RolloutWhatIf, Try).RequiresAnyKey();
        app.MapPost(ApiPaths.RolloutForecast, Expect).Requires(Scopes.Register);
    }

    private static async Task<IResult> Explain(
        string model, int number, string? looks, HttpRequest request, RolloutRecords records, EvidenceReader evidence, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = RolloutId.Of(model, number);
        if (FindFormat(request) is not { } format)
        {
            return UnknownFormat(request);
        }

        if (looks is not null && !(int.TryParse(looks, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted > 0))
        {
            return Problems.Invalid("looks", $"'{looks}' is no number of looks: a whole number from 1 is expected");
        }

        return await RecomputeAsync(id, records, evidence, time, async (rollout, stored, token) =>
        {
            var most = looks is null ? (int?)null : int.Parse(looks, CultureInfo.InvariantCulture);
            return most > stored.Looks.Count
                ? Problems.Invalid("looks", $"there are {stored.Looks.Count}")
                : Answer(format, Recomputation.Explain(rollout, await records.ListEventsAsync(id, token), stored, most, token), ExplanationText.Of, ExplainingJson.Default.RolloutExplanation);
        }, cancellationToken);
    }

    private static async Task<IResult> Try(
        string model, int number, HttpRequest request, RolloutRecords records, EvidenceReader evidence, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = RolloutId.Of(model, number);
        if (FindFormat(request) is not { } format)
        {
            return UnknownFormat(request);
        }

        return await RecomputeAsync(id, records, evidence, time, async (_, stored, token) =>
        {
            if (stored.Opening is not { } opening)
            {
                return Problems.Refused(StatusCodes.Status409Conflict, $"There is no evidence on rollout {id} to try settings on.");
            }

            var (other, problem) = SettingsQuery.Apply(opening, request.Query, Format);
            return other is null
                ? Problems.Invalid(problem!)
                : Answer(format, Recomputation.Try(id, other, await records.ListEventsAsync(id, token), stored.Looks, token), ExplanationText.Of, ExplainingJson.Default.WhatIfAnswer);
        }, cancellationToken);
    }

    private static async Task<IResult> Expect(
        string model, string? requestsPerSecond, string? stableErrorRate, HttpRequest request, ModelCatalog catalog, Rollouts rollouts, RolloutRecords records,
        EvidenceReader evidence, IOptions<RolloutOptions> options, CancellationToken cancellationToken)
    {
        if (!ModelName.IsValid(model))
        {
            return Problems.InvalidModelName(model);
        }

        var wish = await JsonBody.ReadAsync(request, ContractsJson.Default.StartRollout, RolloutEndpoints.StartForm, cancellationToken);
        var (profile, plan, wrong) = RolloutPlans.Make(wish, options.Value.DefaultProfile);
        if (plan is null)
        {
            return Problems.Invalid(wrong!);
        }

        if (plan.Analysis.Rule != AnalysisRule.Sequential)
        {
            return Problems.Invalid("analysis.rule", "only the rule Sequential can be forecast; the others take the time that they are given");
        }

        if (!await catalog.HasModelAsync(model, cancellationToken))
        {
            return Problems.NoModel(model);
        }

        if (!TryReadNumber(requestsPerSecond, 1e-6, 1e9, out var rate))
        {
            return Problems.Invalid("requestsPerSecond", $"'{requestsPerSecond}' is not a number above 0");
        }

        if (!TryReadNumber(stableErrorRate, 0, 1, out var errors))
        {
            return Problems.Invalid("stableErrorRate", $"'{stableErrorRate}' is not 0 to 1");
        }

        var seen = rate is null || errors is null ? ObservedTraffic.Of(await evidence.ReadLatestAsync(await records.ListAsync(model, cancellationToken), LatestLooks, cancellationToken)) : null;
        if ((rate ?? seen?.RequestsPerSecond) is not { } perSecond)
        {
            return Problems.Invalid("requestsPerSecond", $"missing; there is no evidence of an earlier rollout of {model} to take it from");
        }

        var refusal = await rollouts.FindRefusalAsync(model, wish, cancellationToken);
        IReadOnlyList<string> refusals = refusal is null ? [] : refusal.Refusals.Count > 0 ? refusal.Refusals : [refusal.Reason.TrimEnd('.')];
        var forecast = PlanForecasts.Of(profile, plan, new ObservedTraffic(perSecond, errors ?? seen?.StableErrorRate ?? 0), refusals);
        return FindFormat(request) is { } format ? Answer(format, forecast, answer => answer.Text, ExplainingJson.Default.PlanForecast) : UnknownFormat(request);
    }

    private static async Task<IResult> RecomputeAsync(
        string id, RolloutRecords records, EvidenceReader evidence, TimeProvider time, Func<Rollout, StoredEvidence, CancellationToken, Task<IResult>> compute, CancellationToken cancellationToken)
    {
        await One.WaitAsync(cancellationToken);
        using var limit = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (await records.FindAsync(id, either.Token) is not { } rollout)
            {
                return RolloutEndpoints.NoRollout(id);
            }

            var (stored, problem) = await evidence.ReadAsync(id, either.Token);
            return stored is null ? Problems.Refused(StatusCodes.Status422UnprocessableEntity, problem!) : await compute(rollout, stored, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Problems.Refused(StatusCodes.Status422UnprocessableEntity, $"The evidence on rollout {id} could not be recomputed within {Longest.TotalSeconds:0} s. GET …/evidence has it.");
        }
        finally
        {
            One.Release();
        }
    }

    private static IResult Answer<T>(string format, T answer, Func<T, string> text, JsonTypeInfo<T> type) =>
        format == "text" ? TypedResults.Text(text(answer), "text/plain; charset=utf-8") : TypedResults.Json(answer, type);

    // As the query says, else as the header prefers; JSON where it does not mind.
    private static string? FindFormat(HttpRequest request)
    {
        if (request.Query[Format].ToString() is { Length: > 0 } named)
        {
            return named is "text" or "json" ? named : null;
        }

        double Quality(string type) => request.GetTypedHeaders().Accept.Where(range => range.MatchesMediaType(type)).Select(range => range.Quality ?? 1).DefaultIfEmpty(0).Max();
        return Quality("text/plain") > Quality("application/json") ? "text" : "json";
    }

    private static ProblemHttpResult UnknownFormat(HttpRequest request) => Problems.Invalid(Format, $"'{request.Query[Format]}' is not text or json");

    private static bool TryReadNumber(string? text, double least, double most, out double? number)
    {
        number = text is null ? null : double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var read) ? read : double.NaN;
        return number is null || (number >= least && number <= most);
    }
}
