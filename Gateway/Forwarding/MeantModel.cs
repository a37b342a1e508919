using Sluice.Contracts;
using Sluice.Gateway.Routing;

namespace Sluice.Gateway.Forwarding;

/// <summary>
/// Which model a path without one means: the one that the header <see cref="SluiceHeaders.Model"/> names, else the default one of the settings, else the
/// only one that is served.
/// </summary>
internal static class MeantModel
{
    private const int MostNamed = 20;

    /// <summary>Its name, be it a model's or not; null when nothing says which of several, or there is none.</summary>
    public static string? Name(RouteTable table, IHeaderDictionary headers, string? defaultModel) =>
        Named(headers, defaultModel) ?? (table.Served.Count == 1 ? table.Served[0] : null);

    /// <summary>What the caller names, or the settings.</summary>
    public static string? Named(IHeaderDictionary headers, string? defaultModel) =>
        headers.TryGetValue(SluiceHeaders.Model, out var named) ? named.ToString() : defaultModel;

    /// <summary>The answer where it is no model of the table.</summary>
    public static Refusal Refuse(RouteTable table, InferenceProtocol protocol, IHeaderDictionary headers, string? defaultModel)
    {
        if (!table.IsKnown || Named(headers, defaultModel) is not null)
        {
            return Refusal.Unknown(table, protocol, Named(headers, defaultModel), inPath: false);
        }

        return table.Served.Count == 0
            ? new Refusal(protocol, FaultClass.Capacity, FaultClass.Capacity.HttpStatus(), "No model is served yet.")
            : new Refusal(protocol, FaultClass.Client, StatusCodes.Status400BadRequest, WhichOf(table.Served));
    }

    private static string WhichOf(IReadOnlyList<string> served) =>
        $"Which model? Name it in the header {SluiceHeaders.Model}, or use a path with it: "
        + $"{string.Join(", ", served.Take(MostNamed))}{(served.Count > MostNamed ? " and others" : "")} are served.";
}
