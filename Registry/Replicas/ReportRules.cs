using System.Buffers;
using Sluice.Contracts;
using Sluice.Registry.Http;

namespace Sluice.Registry.Replicas;

/// <summary>What a report must be like, field by field.</summary>
internal static class ReportRules
{
    private const int LongestId = 100;
    private const int LongestText = 200;
    private const int LongestReason = 4000;
    private const int MostEntries = 10_000;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    /// <summary>The first field that is not as expected, and what was; null when all are.</summary>
    public static FieldProblem? FindProblem(string id, ReplicaReport report) =>
        CheckId(id)
        ?? FieldProblem.Unless(Pools.All.Contains(report.Pool), "pool", $"'{report.Pool}' is none; expected {string.Join(" or ", Pools.All)}")
        ?? CheckAddress("address", report.Address)
        ?? (report.GrpcAddress is null ? null : CheckAddress("grpcAddress", report.GrpcAddress))
        ?? (report.MetricsAddress is null ? null : CheckAddress("metricsAddress", report.MetricsAddress))
        ?? CheckText("device", report.Device)
        ?? CheckReason("deviceReason", report.DeviceReason)
        ?? CheckCount("inFlight", report.InFlight)
        ?? CheckCount("capacity", report.Capacity)
        ?? CheckEntries("versions", report.Versions, CheckVersion);

    /// <inheritdoc cref="FindProblem(string, ReplicaReport)" />
    public static FieldProblem? FindProblem(string id, GatewayReport report) =>
        CheckId(id)
        ?? CheckAddress("address", report.Address)
        ?? (report.MetricsAddress is null ? null : CheckAddress("metricsAddress", report.MetricsAddress))
        ?? CheckCount("inFlight", report.InFlight)
        ?? CheckCount("revision", report.Revision)
        ?? CheckEntries("routes", report.Routes, CheckRoute)
        ?? CheckEntries("loads", report.Loads, load => CheckModel(load.Model) ?? CheckCount("peakInFlight", load.PeakInFlight));

    /// <summary>Whether an id is as expected.</summary>
    public static FieldProblem? CheckId(string id) => FieldProblem.Unless(
        id.Length is > 0 and <= LongestId && !id.AsSpan().ContainsAnyExcept(IdCharacters), "id", $"1 to {LongestId} characters of A-Z a-z 0-9 . _ : - are expected");

    private static FieldProblem? CheckVersion(ReplicaVersion version) =>
        CheckModel(version.Model)
        ?? FieldProblem.Unless(version.Version >= 1, "version", "a whole number from 1 is expected")
        ?? FieldProblem.Unless(VersionDigest.IsValid(version.Digest), "digest", "sha256: and 64 lower-case hex digits are expected")
        ?? FieldProblem.Unless(Enum.IsDefined(version.State), "state", $"one of {string.Join(", ", Enum.GetNames<VersionState>())} is expected")
        ?? CheckReason("reason", version.Reason);

    private static FieldProblem? CheckRoute(GatewayRoute route) => CheckModel(route.Model) ?? CheckCount("generation", route.Generation);

    private static FieldProblem? CheckModel(string model) =>
        FieldProblem.Unless(ModelName.IsValid(model), "model", $"a model's name, {ModelName.Rule}, is expected");

    private static FieldProblem? CheckText(string field, string text) => FieldProblem.Unless(
        text.Length is > 0 and <= LongestText && !text.Any(char.IsControl), field, $"a text of 1 to {LongestText} characters is expected");

    private static FieldProblem? CheckReason(string field, string? reason) =>
        FieldProblem.Unless(reason is null or { Length: <= LongestReason }, field, $"at most {LongestReason} characters are expected");

    private static FieldProblem? CheckCount(string field, long count) => FieldProblem.Unless(count >= 0, field, "a whole number from 0 is expected");

    private static FieldProblem? CheckAddress(string field, string address) => FieldProblem.Unless(
        address.Length <= LongestText
            && Uri.TryCreate(address, UriKind.Absolute, out var uri)
            && uri is { Scheme: "http" or "https", PathAndQuery: "/", Fragment: "", UserInfo: "" },
        field,
        "an absolute http address without a path is expected, such as http://10.0.0.7:8080");

    private static FieldProblem? CheckEntries<T>(string field, IReadOnlyList<T> entries, Func<T, FieldProblem?> check)
        where T : class
    {
        if (entries.Count > MostEntries)
        {
            return new FieldProblem(field, $"at most {MostEntries} entries are expected");
        }

        for (var i = 0; i < entries.Count; i++)
        {
            // An array may hold nulls, whatever the type of its elements says.
            if (entries[i] is not { } entry)
            {
                return new FieldProblem($"{field}[{i}]", "an object is expected");
            }

            if (check(entry) is { } problem)
            {
                return problem with { Field = $"{field}[{i}].{problem.Field}" };
            }
        }

        return null;
    }
}
