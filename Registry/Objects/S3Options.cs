namespace Sluice.Registry.Objects;

/// <summary>How to reach Amazon S3, or a store that speaks its protocol.</summary>
internal class S3Options
{
    /// <summary>The store's address, e.g. <c>https://minio.example:9000</c>; Amazon's own for the region when it is not set.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>The access key's id. Without one: what the environment, the profile or the machine's role has.</summary>
    public string? AccessKey { get; set; }

    /// <summary>The access key's secret.</summary>
    public string? SecretKey { get; set; }

    /// <summary>Whether the bucket is named in the path rather than in the host's name; when it is not set: yes with an <see cref="Endpoint"/>, no without.</summary>
    public bool? PathStyle { get; set; }

    /// <summary>What is wrong with the settings, each with its key.</summary>
    /// <param name="section">The configuration section they come from.</param>
    public IEnumerable<string> FindProblems(string section)
    {
        if (Endpoint is not null and not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            yield return $"{section}:Endpoint must be an absolute http or https address.";
        }

        if (string.IsNullOrWhiteSpace(Region))
        {
            yield return $"{section}:Region must not be empty; stores without regions take us-east-1.";
        }

        if (string.IsNullOrEmpty(AccessKey) != string.IsNullOrEmpty(SecretKey))
        {
            yield return $"{section}:{(string.IsNullOrEmpty(AccessKey) ? nameof(AccessKey) : nameof(SecretKey))} is missing: the access key's id and secret go together.";
        }
    }
}
