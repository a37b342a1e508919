namespace Sluice.Contracts;

/// <summary>Route templates of inference, the same on Gateway and Predictor.</summary>
/// <remarks>
/// The bare ones, without a model, mean the model that the header <see cref="SluiceHeaders.Model"/> names, else the default one, else the only one that
/// is served.
/// </remarks>
public static class InferencePaths
{
    /// <summary>A greeting.</summary>
    public const string Root = "/";

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

    /// <summary>Behind <see cref="Model"/> or <see cref="ModelVersion"/>: the statistics extension.</summary>
    public const string StatisticsSuffix = "/stats";

    /// <summary>Statistics of all models.</summary>
    public const string Statistics = "/v2/models/stats";

    /// <summary>POST: the versions that are known, and where they stand.</summary>
    public const string RepositoryIndex = "/v2/repository/index";

    /// <summary>POST: refused, since the Registry decides what is loaded.</summary>
    public const string RepositoryLoad = "/v2/repository/models/{model}/load";

    /// <summary>POST: refused, as <see cref="RepositoryLoad"/>.</summary>
    public const string RepositoryUnload = "/v2/repository/models/{model}/unload";

    /// <summary>The V1 protocol: names of the models.</summary>
    public const string V1Models = "/v1/models";

    /// <summary>V1: readiness of a model.</summary>
    public const string V1Model = "/v1/models/{model}";

    /// <summary>V1: readiness of a version.</summary>
    public const string V1ModelVersion = "/v1/models/{model}/versions/{version}";

    /// <summary>Behind <see cref="V1Model"/> or <see cref="V1ModelVersion"/>, in the same segment: V1 inference.</summary>
    public const string PredictVerb = ":predict";

    /// <summary>Behind <see cref="V1Model"/>: not offered.</summary>
    public const string ExplainVerb = ":explain";

    /// <summary>MLflow scoring of one model, its default version.</summary>
    public const string Invocations = "/models/{model}/invocations";

    /// <summary>MLflow scoring of one model, a named version.</summary>
    public const string VersionInvocations = "/models/{model}/versions/{version}/invocations";

    /// <summary>MLflow scoring, bare.</summary>
    public const string BareInvocations = "/invocations";

    /// <summary>The plain form of inference, of one model's default version.</summary>
    public const string Predict = "/models/{model}/predict";

    /// <summary>The plain form of inference, of a named version.</summary>
    public const string VersionPredict = "/models/{model}/versions/{version}/predict";

    /// <summary>The plain form of inference, bare.</summary>
    public const string BarePredict = "/predict";

    /// <summary>MLflow: 200 when requests can be answered, else 404.</summary>
    public const string Ping = "/ping";

    /// <summary>MLflow: as <see cref="Ping"/>.</summary>
    public const string Health = "/health";

    /// <summary>MLflow: the version of the server.</summary>
    public const string ServerVersion = "/version";
}
