using System.Text.Json;

namespace Sluice.Contracts.Tests.Serving;

public sealed class WeightTests
{
    [Fact]
    public void A_weight_is_0_to_10000_basis_points()
    {
        Assert.Equal(0, Weight.None.BasisPoints);
        Assert.Equal(10_000, Weight.All.BasisPoints);
        Assert.Equal(default, Weight.None);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Weight(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Weight(10_001));
    }

    [Fact]
    public void Weights_compare_by_their_points()
    {
        Assert.True(new Weight(5) < new Weight(6));
        Assert.True(new Weight(6) > new Weight(5));
        Assert.True(new Weight(5) <= new Weight(5));
        Assert.True(new Weight(5) >= new Weight(5));
        Assert.False(new Weight(5) < new Weight(5));
        Assert.False(new Weight(5) > new Weight(5));
        Assert.Equal([new(1), new(2), new Weight(3)], new[] { new Weight(3), new Weight(1), new Weight(2) }.Order());
    }

    [Theory]
    [InlineData(0, "0 %")]
    [InlineData(1, "0.01 %")]
    [InlineData(550, "5.5 %")]
    [InlineData(10_000, "100 %")]
    public void A_weight_is_written_in_per_cent(int points, string text) => Assert.Equal(text, new Weight(points).ToString());

    [Fact]
    public void In_JSON_a_weight_is_its_number()
    {
        var route = new GatewayRoute("m", 1, new Weight(250));
        var report = new GatewayReport { Address = "http://g", Routes = [route] };

        var json = JsonSerializer.Serialize(report, ContractsJson.Default.GatewayReport);

        Assert.Contains("\"canaryWeight\":250", json, StringComparison.Ordinal);
        Assert.Equal(route, JsonSerializer.Deserialize(json, ContractsJson.Default.GatewayReport)!.Routes.Single());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("10001")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("\"5\"")]
    [InlineData("null")]
    [InlineData("99999999999")]
    public void Another_JSON_value_is_refused(string value)
    {
        var json = $$"""{"address": "http://g", "routes": [{"model": "m", "generation": 1, "canaryWeight": {{value}} }]}""";

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ContractsJson.Default.GatewayReport));
    }
}
