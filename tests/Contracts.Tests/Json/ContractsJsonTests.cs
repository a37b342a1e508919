using System.Text.Json;

namespace Sluice.Contracts.Tests.Json;

public sealed class ContractsJsonTests
{
    [Fact]
    public void Collections_that_are_left_out_are_empty()
    {
        var replica = JsonSerializer.Deserialize("""{"pool": "stable", "address": "http://a", "device": "cpu"}""", ContractsJson.Default.ReplicaReport)!;
        var gateway = JsonSerializer.Deserialize("""{"address": "http://a"}""", ContractsJson.Default.GatewayReport)!;
        var serving = JsonSerializer.Deserialize("""{"model": "m", "generation": 1}""", ContractsJson.Default.ServingState)!;
        var status = JsonSerializer.Deserialize("""{"id": "r", "pool": "stable", "address": "http://a", "device": "cpu"}""", ContractsJson.Default.ReplicaStatus)!;
        var version = JsonSerializer.Deserialize(
            """
            {"model": "m", "version": 1, "digest": "d", "modelPath": "p", "files": [], "signature": {"inputs": [], "outputs": []}, "opset": 1,
             "createdAt": "2026-01-01T00:00:00Z"}
            """,
            ContractsJson.Default.ModelVersion)!;

        Assert.Empty(replica.Versions);
        Assert.Empty(gateway.Routes);
        Assert.Empty(serving.Assignments);
        Assert.Empty(status.Versions);
        Assert.Empty(version.Labels);
        Assert.Empty(version.Metrics);
        Assert.Empty(version.Tags);
    }

    [Fact]
    public void Nulls_are_refused_where_there_can_be_none() => Assert.Throws<JsonException>(
        () => JsonSerializer.Deserialize("""{"pool": "stable", "address": null, "device": "cpu"}""", ContractsJson.Default.ReplicaReport));

    [Fact]
    public void Names_are_in_camel_case_enums_by_name_and_nulls_left_out()
    {
        var report = States.Report() with { Versions = [new ReplicaVersion("m", 1, "d", VersionState.Loading)] };

        Assert.Equal(
            """{"pool":"stable","address":"http://127.0.0.1:9000","device":"cpu:0","versions":[{"model":"m","version":1,"digest":"d","state":"Loading"}],"inFlight":0,"capacity":0}""",
            JsonSerializer.Serialize(report, ContractsJson.Default.ReplicaReport));
    }

    [Fact]
    public void What_is_not_known_is_passed_over() => Assert.Equal(
        "m", JsonSerializer.Deserialize("""{"model": "m", "generation": 1, "newer": {"a": [1]}}""", ContractsJson.Default.ServingState)!.Model);
}
