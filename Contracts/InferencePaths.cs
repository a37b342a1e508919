namespace Sluice.Contracts;

/// <summary>Route templates of inference, the same on Gateway and Predictor.</summary>
public static class InferencePaths
{
    /// <summary>Server metadata.</summary>
    public const string ServerMetadata = "/v2";

    /// <summary>200 while the process runs.</summary>
    public const string Live = "/v2/health/live";

    /// <summary>200 when requests can be answered, else 503.</summary>
    public const string Ready = "/v2/health/ready";

    /// <summary>Everything about one model, its default version.</summary>
    public const string Model = "/v2/models/{model}";

    /// <summary>Everything about one model, a named version.</summary>
    public const string ModelVersion = "/v2/models/{model}/versions/{version}";

    /// <summary>Behind <see cref="Model"/> or <see cref="ModelVersion"/>: readiness.</summary>
    public const string ReadySuffix = "/ready";

    /// <summary>Behind <see cref="Model"/> or <see cref="ModelVersion"/>: v2 inference.</summary>
    public const string InferSuffix = "/infer";

    /// <summary>MLflow scoring of one model, its default version.</summary>
    public const string Invocations = "/models/{model}/invocations";

    /// <summary>MLflow scoring of one model, a named version.</summary>
    public const string VersionInvocations = "/models/{model}/versions/{version}/invocations";
}
