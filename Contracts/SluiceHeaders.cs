namespace Sluice.Contracts;

/// <summary>HTTP headers of Sluice's own, in lower case as HTTP/2 sends them.</summary>
public static class SluiceHeaders
{
    /// <summary>Request: the model that a path without one means.</summary>
    public const string Model = "x-sluice-model";

    /// <summary>Answer: the model version (a decimal number) that computed it. Request: the version that must.</summary>
    public const string Version = "x-sluice-version";

    /// <summary>Answer: the digest of that version, <c>sha256:</c> and 64 hex digits.</summary>
    public const string Digest = "x-sluice-digest";

    /// <summary>Answer, predictor to gateway: the label of the <see cref="FaultClass"/>, more exact than the status.</summary>
    public const string Fault = "x-sluice-fault";

    /// <summary>Answer of a predictor to a probe: the id of the replica that answers there.</summary>
    public const string Replica = "x-sluice-replica";

    /// <summary>Request: milliseconds that are left to answer it.</summary>
    public const string TimeoutMilliseconds = "x-sluice-timeout-ms";

    /// <summary>Request to register a version: a name by which its sender can ask how far the upload is.</summary>
    public const string UploadId = "x-sluice-upload-id";
}
