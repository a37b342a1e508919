using Sluice.Contracts;
using Sluice.Registry.Rollouts;

namespace Sluice.Registry.Tests.Rollouts;

/// <summary>What refuses a rollout before it begins.</summary>
public sealed class RefusalRuleTests
{
    private static readonly ModelSignature Stable = new(
        [new TensorSpec("x", Datatype.Fp32, [-1, 4])], [new TensorSpec("label", Datatype.Int64, [-1]), new TensorSpec("p", Datatype.Fp32, [-1, 3])]);

    [Fact]
    public void The_same_signature_accepts_what_it_accepted() => Assert.Null(SignatureCompatibility.FindProblem(Stable, Stable));

    [Fact]
    public void A_wider_input_and_more_outputs_are_accepted()
    {
        var canary = new ModelSignature([new TensorSpec("x", Datatype.Fp32, [-1, -1])], [.. Stable.Outputs, new TensorSpec("more", Datatype.Fp32, [1])]);

        Assert.Null(SignatureCompatibility.FindProblem(Stable, canary));
    }

    [Theory]
    [InlineData("x", Datatype.Fp32, new long[] { 1, 4 }, "input x takes [1,4], callers may send [-1,4]")]
    [InlineData("x", Datatype.Fp32, new long[] { -1, 5 }, "input x takes [-1,5]")]
    [InlineData("x", Datatype.Fp32, new long[] { -1 }, "input x takes [-1]")]
    [InlineData("x", Datatype.Fp64, new long[] { -1, 4 }, "input x is FP64, callers send FP32")]
    [InlineData("y", Datatype.Fp32, new long[] { -1, 4 }, "input y (FP32 [-1,4]), which callers do not send")]
    public void A_narrower_or_other_input_is_refused(string name, string datatype, long[] shape, string words) =>
        Assert.Contains(words, SignatureCompatibility.FindProblem(Stable, Stable with { Inputs = [new TensorSpec(name, datatype, shape)] }), StringComparison.Ordinal);

    [Fact]
    public void An_input_that_is_gone_or_an_output_that_is_gone_or_other_is_refused()
    {
        Assert.Contains("which callers send", SignatureCompatibility.FindProblem(Stable, Stable with { Inputs = [] }), StringComparison.Ordinal);
        Assert.Contains("output p", SignatureCompatibility.FindProblem(Stable, Stable with { Outputs = [Stable.Outputs[0]] }), StringComparison.Ordinal);
        Assert.Contains(
            "output label is INT32, callers get INT64",
            SignatureCompatibility.FindProblem(Stable, Stable with { Outputs = [new TensorSpec("label", Datatype.Int32, [-1]), Stable.Outputs[1]] }),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.95, null)]
    [InlineData(0.93, null)] // exactly at both limits
    [InlineData(0.929, "worse than the stable version's 0.95 by more than 0.02")]
    [InlineData(0.899, "less than 0.9")]
    public void A_figure_is_held_against_its_limits(double accuracy, string? words)
    {
        var refusals = GateCheck.Refusals([new Gate("accuracy", Min: 0.9, MaxDrop: 0.0200001)], Figures(("accuracy", accuracy)), Figures(("accuracy", 0.95)));

        Assert.Equal(words is null, refusals.Count == 0);
        Assert.All(refusals.Take(1), refusal => Assert.Contains("accuracy", refusal, StringComparison.Ordinal));
        Assert.True(words is null || refusals.Any(refusal => refusal.Contains(words, StringComparison.Ordinal)), string.Join("; ", refusals));
    }

    [Fact]
    public void Where_lower_is_better_worse_means_higher()
    {
        Gate[] gates = [new Gate("loss", Max: 0.5, MaxDrop: 0.1, HigherIsBetter: false)];

        Assert.Empty(GateCheck.Refusals(gates, Figures(("loss", 0.1)), Figures(("loss", 0.3))));
        Assert.Single(GateCheck.Refusals(gates, Figures(("loss", 0.45)), Figures(("loss", 0.3))));
        Assert.Equal(2, GateCheck.Refusals(gates, Figures(("loss", 0.6)), Figures(("loss", 0.3))).Count);
    }

    [Fact]
    public void A_figure_that_is_not_there_passes_no_gate()
    {
        Gate[] gates = [new Gate("f1", Min: 0.8), new Gate("auc", MaxDrop: 0.1)];

        Assert.Equal(2, GateCheck.Refusals(gates, Figures(("accuracy", 1)), Figures(("auc", 0.5))).Count);
        Assert.Empty(GateCheck.Refusals([gates[1]], Figures(("auc", 0.1)), Figures())); // there is nothing to have dropped from
    }

    private static Dictionary<string, double> Figures(params (string Name, double Value)[] figures) => figures.ToDictionary(figure => figure.Name, figure => figure.Value);
}
