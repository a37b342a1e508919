using System.Globalization;
using Sluice.Contracts;

namespace Sluice.Gateway.Forwarding;

/// <summary>
/// The path of a request to be forwarded, read by hand: <c>/v2/models/{m}[/versions/{v}]/infer</c> or <c>/models/{m}[/versions/{v}]/invocations</c>.
/// </summary>
/// <remarks>
/// By hand because every inference passes here, and the router would make strings and a dictionary of what is only looked up; the other paths are
/// ordinary endpoints. The server has already decoded the path and taken out its dot segments; an encoded slash stays encoded, which no name contains.
/// </remarks>
internal readonly struct InferencePath
{
    private const string V2Prefix = "/v2/models/";
    private const string ScoringPrefix = "/models/";
    private const string ScoringSuffix = "/invocations";
    private const string VersionsPart = "/versions/";

    private readonly string _path;
    private readonly int _modelStart;
    private readonly int _modelLength;

    private InferencePath(InferenceProtocol protocol, string path, int modelStart, int modelLength, int? version)
    {
        Protocol = protocol;
        Version = version;
        _path = path;
        _modelStart = modelStart;
        _modelLength = modelLength;
    }

    /// <summary>The protocol the caller speaks, and wants its errors in.</summary>
    public InferenceProtocol Protocol { get; }

    /// <summary>The model's name as the caller wrote it.</summary>
    public ReadOnlySpan<char> Model => _path.AsSpan(_modelStart, _modelLength);

    /// <summary>The version the caller pinned; null when none; 0 when what stands there is no version number.</summary>
    public int? Version { get; }

    /// <summary>Reads a path; false when it is none of these.</summary>
    public static bool TryParse(string? path, out InferencePath result)
    {
        if (path is not null && path.StartsWith(V2Prefix, StringComparison.Ordinal))
        {
            return TryParse(InferenceProtocol.V2, path, V2Prefix.Length, InferencePaths.InferSuffix, out result);
        }

        if (path is not null && path.StartsWith(ScoringPrefix, StringComparison.Ordinal))
        {
            return TryParse(InferenceProtocol.MlflowScoring, path, ScoringPrefix.Length, ScoringSuffix, out result);
        }

        result = default;
        return false;
    }

    private static bool TryParse(InferenceProtocol protocol, string path, int start, string suffix, out InferencePath result)
    {
        result = default;
        var rest = path.AsSpan(start);
        if (!rest.EndsWith(suffix, StringComparison.Ordinal))
        {
            return false;
        }

        rest = rest[..^suffix.Length];
        var slash = rest.IndexOf('/');
        int? version = null;
        if (slash >= 0)
        {
            if (!rest[slash..].StartsWith(VersionsPart, StringComparison.Ordinal))
            {
                return false;
            }

            version = ParseVersion(rest[(slash + VersionsPart.Length)..]);
            rest = rest[..slash];
        }

        result = new InferencePath(protocol, path, start, rest.Length, version);
        return rest.Length > 0;
    }

    private static int ParseVersion(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
