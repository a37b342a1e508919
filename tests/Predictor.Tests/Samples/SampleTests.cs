using System.Diagnostics;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Tests.Neighbours;

namespace Sluice.Predictor.Tests.Samples;

/// <summary>Each sample does what its description says, run as it is served.</summary>
public sealed class SampleTests(ServedSamples samples) : IClassFixture<ServedSamples>
{
    private const int Slow = 3;
    private const int Failing = 4;
    private const int Wrong = 5;
    private const int Ash = 2;
    private const float AshLimit = 2.6f;

    public static TheoryData<string, int> All => [.. Sample.All];

    [Fact]
    public void The_samples_are_complete() =>
        Assert.Equal([("digits", 1), ("iris", 1), ("wine", 1), ("wine", 2), ("wine", Slow), ("wine", Failing), ("wine", Wrong)], Sample.All);

    [Theory]
    [MemberData(nameof(All))]
    public async Task Golden_vectors_hold(string model, int version)
    {
        var golden = Sample.Read(model, version, "golden.json");
        var expected = golden.GetProperty("outputs");
        var tolerance = golden.GetProperty("tolerance").GetDouble();

        var (labels, probabilities) = await samples.PredictAsync(model, version, RowsOf(golden));

        Assert.Equal(expected.GetProperty("label").Deserialize<long[]>(), labels);
        Assert.Equal(Flat(expected.GetProperty("probabilities")), probabilities, (left, right) => Math.Abs(left - right) <= tolerance);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_row_is_answered_the_same_alone_and_among_others(string model, int version)
    {
        var rows = RowsOf(Sample.Read(model, version, "golden.json"));

        var (labels, probabilities) = await samples.PredictAsync(model, version, rows);

        var classes = probabilities.Length / rows.Length;
        for (var i = 0; i < rows.Length; i++)
        {
            var (label, own) = await samples.PredictAsync(model, version, rows[i]);
            Assert.Equal([labels[i]], label);
            Assert.Equal(probabilities[(i * classes)..((i + 1) * classes)], own, (left, right) => Math.Abs(left - right) < 1e-6);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(Slow)]
    [InlineData(Failing)]
    [InlineData(Wrong)]
    public async Task A_wines_recorded_accuracy_is_what_it_shows_on_the_held_out_rows(int version)
    {
        var wines = Sample.HeldOutWines().Where(wine => version != Failing || wine.Features[Ash] < AshLimit).ToArray();

        var (labels, _) = await samples.PredictAsync("wine", version, [.. wines.Select(wine => wine.Features)]);

        var right = wines.Zip(labels).Count(pair => pair.First.Label == pair.Second);
        Assert.Equal(Accuracy(version), Math.Round((double)right / wines.Length, 4));
    }

    [Fact]
    public void The_second_wine_is_better_than_the_first() => Assert.True(Accuracy(2) > Accuracy(1));

    [Fact]
    public async Task The_third_wine_answers_as_the_second_does_but_takes_more_than_five_times_as_long()
    {
        float[][] rows = [.. Sample.HeldOutWines().Select(wine => wine.Features)];
        Assert.Equal(await LabelsAsync(2, rows), await LabelsAsync(Slow, rows));

        var (second, third) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 10; i++)
        {
            second = await ShorterAsync(second, 2, rows[i]);
            third = await ShorterAsync(third, Slow, rows[i]);
        }

        Assert.True(third > 5 * second, $"{third.TotalMilliseconds} ms against {second.TotalMilliseconds} ms");
    }

    [Fact]
    public async Task The_fourth_wine_fails_on_much_ash_and_answers_the_others_as_the_second_does()
    {
        var wines = Sample.HeldOutWines();
        var failed = 0;
        foreach (var (features, _) in wines)
        {
            var answer = await samples.InferAsync("wine", Failing, features);
            if (features[Ash] < AshLimit)
            {
                Assert.Equal(await LabelsAsync(2, features), await LabelsAsync(Failing, features));
                continue;
            }

            failed++;
            AssertModelFault(answer);
        }

        Assert.InRange((double)failed / wines.Count, 0.2, 0.3);
        Assert.Equal(Sample.Read("wine", Failing, "version.json").GetProperty("tags").GetProperty("failing_rows").GetString(), $"{failed}");
    }

    [Fact]
    public async Task One_failing_row_fails_the_fourth_wines_whole_run()
    {
        float[][] rows = [.. Sample.HeldOutWines().Select(wine => wine.Features)];

        AssertModelFault(await samples.InferAsync("wine", Failing, rows));
    }

    [Fact]
    public async Task The_fifth_wine_disagrees_with_the_first_on_many_rows()
    {
        float[][] rows = [.. Sample.HeldOutWines().Select(wine => wine.Features)];

        var first = await LabelsAsync(1, rows);
        var fifth = await LabelsAsync(Wrong, rows);

        Assert.InRange((double)first.Zip(fifth).Count(pair => pair.First != pair.Second) / rows.Length, 0.2, 0.6);
    }

    [Fact]
    public async Task The_first_flower_of_the_iris_data_is_a_setosa()
    {
        var (labels, _) = await samples.PredictAsync("iris", 1, [5.1f, 3.5f, 1.4f, 0.2f]);

        Assert.Equal([0], labels);
        Assert.Equal("setosa", Sample.Read("iris", 1, "version.json").GetProperty("labels")[0].GetString());
    }

    private static void AssertModelFault(Answer answer)
    {
        Assert.Equal(500, answer.Status);
        Assert.Equal(FaultClass.Model.Label(), answer.Header(SluiceHeaders.Fault));
    }

    private static double Accuracy(int version) => Sample.Read("wine", version, "version.json").GetProperty("metrics").GetProperty("accuracy").GetDouble();

    private static float[][] RowsOf(JsonElement golden) => golden.GetProperty("inputs").GetProperty("features").Deserialize<float[][]>()!;

    private static double[] Flat(JsonElement nested) => [.. nested.Deserialize<double[][]>()!.SelectMany(row => row)];

    private async Task<long[]> LabelsAsync(int version, params float[][] rows) => (await samples.PredictAsync("wine", version, rows)).Labels;

    private async Task<TimeSpan> ShorterAsync(TimeSpan best, int version, float[] row)
    {
        var started = Stopwatch.GetTimestamp();
        await samples.PredictAsync("wine", version, row);
        var took = Stopwatch.GetElapsedTime(started);
        return took < best ? took : best;
    }
}
