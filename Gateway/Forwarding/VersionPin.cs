using Sluice.Contracts;

namespace Sluice.Gateway.Forwarding;

/// <summary>The version that a request demands: in its path, or in the header <see cref="SluiceHeaders.Version"/>.</summary>
internal static class VersionPin
{
    /// <summary>Reads it; false when the header names no version, or another one than the path.</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="path">The version in the path, if any.</param>
    /// <param name="version">The version; null when the request demands none.</param>
    public static bool TryRead(IHeaderDictionary headers, int? path, out int? version)
    {
        version = path;
        if (!headers.TryGetValue(SluiceHeaders.Version, out var text))
        {
            return true;
        }

        var number = InferencePath.ParseVersion(text.ToString());
        version ??= number;
        return number > 0 && number == version;
    }

    /// <summary>The answer where it cannot be read.</summary>
    public static Refusal Refuse(InferenceProtocol protocol, IHeaderDictionary headers) => new(
        protocol,
        FaultClass.Client,
        StatusCodes.Status400BadRequest,
        InferencePath.ParseVersion(headers[SluiceHeaders.Version].ToString()) > 0
            ? $"{(protocol == InferenceProtocol.Grpc ? "model_version" : "The path")} and the header {SluiceHeaders.Version} demand different versions; one of them is enough."
            : $"The header {SluiceHeaders.Version} must be the number of one version, counted from 1.");
}
