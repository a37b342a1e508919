using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Judging;

namespace Sluice.Registry.Rollouts.Explaining;

/// <summary>The same answers for people.</summary>
internal static class ExplanationText
{
    /// <summary>An explanation.</summary>
    public static string Of(RolloutExplanation explanation)
    {
        var text = new StringBuilder().AppendLine(explanation.Summary);
        if (explanation.Explained is not { } explained)
        {
            return text.AppendLine("There is no evidence on it: nobody has judged it.").ToString().ReplaceLineEndings("\n");
        }

        text.AppendLine().AppendLine(explained.Text).AppendLine();
        AddTests(text, explained);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Recomputed from {explained.Judgement.Looks} of {explanation.Looks} looks. Limits: {Differences(explanation.Settings!)}.");
        foreach (var verdict in explanation.Recorded)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"On record as event {verdict.Event}, {verdict.What}, after {verdict.Looks} looks: {verdict.Text}")
                .AppendLine(verdict.IsSame ? "  Recomputed: the same, every figure." : "  Recomputed: NOT the same.");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>A what-if.</summary>
    public static string Of(WhatIfAnswer answer)
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{answer.Rollout} by the rule {answer.Rule}. Limits: {Differences(answer.Settings)}.")
            .AppendLine("The traffic stays as it was: a step that was not taken would have shown other counts.").AppendLine();
        foreach (var change in answer.Changes)
        {
            text.AppendLine(change.Text);
        }

        if (answer.Changes is [.., var last])
        {
            AddTests(text.AppendLine(), last);
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void AddTests(StringBuilder text, SaidJudgement said)
    {
        var rows = said.Tests.Select(line => new[] { line.IsReached ? "*" : " ", line.Test, line.Canary, line.Stable, line.Evidence, line.Needed })
            .Prepend([" ", "test", "canary", "stable", "evidence", "needed"]).ToArray();
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => column <= 1 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }

    /// <summary>What differs from the defaults.</summary>
    private static string Differences(JudgeSettings settings)
    {
        var defaults = JsonSerializer.SerializeToNode(JudgeSettings.Default, JudgingJson.Default.JudgeSettings)!.AsObject();
        var own = JsonSerializer.SerializeToNode(settings, JudgingJson.Default.JudgeSettings)!.AsObject();
        var different = own.Where(pair => !JsonNode.DeepEquals(pair.Value, defaults[pair.Key])).Select(pair => $"{pair.Key} {pair.Value}").ToArray();
        return different.Length == 0 ? "the defaults" : "the defaults, but " + string.Join(", ", different);
    }
}
