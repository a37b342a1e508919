namespace Sluice.Registry.Objects;

/// <summary>How to reach Google Cloud Storage.</summary>
internal class GcsOptions
{
    /// <summary>The address of its JSON API.</summary>
    public Uri Endpoint { get; set; } = new("https://storage.googleapis.com");

    /// <summary>A bearer token. Such tokens end after an hour: for tests and for proxies that take others.</summary>
    public string? Token { get; set; }

    /// <summary>A file with a bearer token that somebody keeps fresh; read again for each request.</summary>
    public string? TokenFile { get; set; }

    /// <summary>The metadata server that tokens of the machine's service account come from, when neither of the others is set.</summary>
    public Uri MetadataServer { get; set; } = new("http://metadata.google.internal");

    /// <inheritdoc cref="S3Options.FindProblems" />
    public IEnumerable<string> FindProblems(string section)
    {
        if (Endpoint is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            yield return $"{section}:Endpoint must be an absolute http or https address.";
        }

        if (MetadataServer is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            yield return $"{section}:MetadataServer must be an absolute http or https address.";
        }

        if (!string.IsNullOrEmpty(Token) && !string.IsNullOrEmpty(TokenFile))
        {
            yield return $"{section}:Token and {section}:TokenFile are both set; one is expected, or none for the metadata server's.";
        }
    }
}
