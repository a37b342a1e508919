using System.Globalization;
using Sluice.Contracts;

namespace Sluice.Gateway.Forwarding;

/// <summary>
/// The path of a request to be forwarded, read by hand: <c>/v2/models/{m}[/versions/{v}]/infer</c>, <c>/v1/models/{m}[/versions/{v}]:predict</c>,
/// <c>/models/{m}[/versions/{v}]/(invocations|predict)</c>, or bare <c>/invocations</c> and <c>/predict</c>.
/// </summary>
/// <remarks>
/// By hand because every inference passes here, and the router would make strings and a dictionary of what is only looked up; the other paths are
/// ordinary endpoints. The server has already decoded the path and taken out its dot segments; an encoded slash stays encoded, which no name contains.
/// </remarks>
internal readonly struct InferencePath
{
    private const string V2Prefix = "/v2/models/";
    private const string V1Prefix = "/v1/models/";
    private const string ModelsPrefix = "/models/";
    private const string ScoringSuffix = "/invocations";
    private const string PlainSuffix = "/predict";
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

    /// <summary>The model's name as the caller wrote it; empty in a bare path.</summary>
    public ReadOnlySpan<char> Model => _path.AsSpan(_modelStart, _modelLength);

    /// <summary>Whether the path leaves open which model is meant.</summary>
    public bool IsBare => _modelLength == 0;

    /// <summary>The version the caller pinned; null when none; 0 when what stands there is no version number.</summary>
    public int? Version { get; }

    /// <summary>Reads a path; false when it is none of these.</summary>
    public static bool TryParse(string? path, out InferencePath result)
    {
        switch (path)
        {
            case InferencePaths.BareInvocations:
                result = new(InferenceProtocol.MlflowScoring, path, 0, 0, null);
                return true;
            case InferencePaths.BarePredict:
                result = new(InferenceProtocol.Plain, path, 0, 0, null);
                return true;
            case not null when path.StartsWith(V2Prefix, StringComparison.Ordinal):
                return TryParse(InferenceProtocol.V2, path, V2Prefix.Length, InferencePaths.InferSuffix, out result);
            case not null when path.StartsWith(ModelsPrefix, StringComparison.Ordinal):
                return path.EndsWith(PlainSuffix, StringComparison.Ordinal)
                    ? TryParse(InferenceProtocol.Plain, path, ModelsPrefix.Length, PlainSuffix, out result)
                    : TryParse(InferenceProtocol.MlflowScoring, path, ModelsPrefix.Length, ScoringSuffix, out result);
            case not null when path.StartsWith(V1Prefix, StringComparison.Ordinal):
                return TryParse(InferenceProtocol.V1, path, V1Prefix.Length, InferencePaths.PredictVerb, out result);
            default:
                result = default;
                return false;
        }
    }

    /// <summary>Reads the number of a version; 0 when the text is none.</summary>
    public static int ParseVersion(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

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
}
