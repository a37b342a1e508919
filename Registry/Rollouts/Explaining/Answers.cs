using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Contracts;
using Sluice.Judging;

namespace Sluice.Registry.Rollouts.Explaining;

/// <summary>A judgement with its sentence and its tests.</summary>
/// <param name="Judgement">With all figures.</param>
/// <param name="Text">In a sentence.</param>
/// <param name="Tests">The tests that were made, for people.</param>
internal sealed record SaidJudgement(Judgement Judgement, string Text, IReadOnlyList<FigureLine> Tests)
{
    public static SaidJudgement Of(Judgement judgement, JudgeSettings settings) => new(judgement, Sentence.Of(judgement), FigureLine.Of(judgement.Figures, settings));
}

/// <summary>A verdict as it was recorded with a change of the rollout, and whether it comes out the same today.</summary>
/// <param name="Event">The change's number.</param>
/// <param name="What">What happened.</param>
/// <param name="Text">In the words of the time.</param>
/// <param name="Looks">How many looks it rested on.</param>
/// <param name="IsSame">Whether the judgement that is recomputed from as many looks is the recorded one, every figure bit by bit.</param>
internal sealed record RecordedVerdict(long Event, string What, string Text, int Looks, bool IsSame);

/// <summary>The answer to <c>GET …/explain</c>.</summary>
/// <param name="Rollout">The rollout's id.</param>
/// <param name="Summary">Where it stands, and by whom.</param>
/// <param name="Looks">Looks there are.</param>
/// <param name="Explained">What is concluded from the evidence; null where there is none.</param>
/// <param name="Settings">The limits; null where there is no evidence.</param>
/// <param name="Recorded">The verdicts on record, in their order.</param>
internal sealed record RolloutExplanation(
    string Rollout, string Summary, int Looks, SaidJudgement? Explained, JudgeSettings? Settings, IReadOnlyList<RecordedVerdict> Recorded);

/// <summary>The answer to <c>GET …/whatif</c>.</summary>
/// <param name="Rollout">The rollout's id.</param>
/// <param name="Rule">The rule that was tried.</param>
/// <param name="Settings">The limits that were tried.</param>
/// <param name="Changes">The judgements at which verdict, reason or step changed, to the first that ends the rollout.</param>
internal sealed record WhatIfAnswer(string Rollout, AnalysisRule Rule, JudgeSettings Settings, IReadOnlyList<SaidJudgement> Changes);

/// <summary>The answer to <c>POST …/rollouts/forecast</c>.</summary>
/// <param name="Text">In words.</param>
/// <param name="Plan">The plan that would be followed.</param>
/// <param name="RequestsPerSecond">Of the model; as given, or as last observed.</param>
/// <param name="StableErrorRate">Stable's share of failures; as given, or as last observed.</param>
/// <param name="Forecast">What is to be expected.</param>
/// <param name="Refusals">What would keep the rollout from starting.</param>
internal sealed record PlanForecast(
    string Text, RolloutPlan Plan, double RequestsPerSecond, double StableErrorRate, Forecast Forecast, IReadOnlyList<string> Refusals);

/// <summary>Generated JSON of these answers; the judge's records in them are as in <see cref="JudgingJson"/>.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RolloutExplanation))]
[JsonSerializable(typeof(WhatIfAnswer))]
[JsonSerializable(typeof(PlanForecast))]
internal sealed partial class ExplainingJson : JsonSerializerContext;
