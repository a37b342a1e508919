namespace Sluice.Registry.Objects;

/// <summary>How to reach an account of Azure Blob Storage.</summary>
internal class AzureOptions
{
    /// <summary>The account's address, e.g. <c>https://account.blob.core.windows.net</c>.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The account's name; what the endpoint says when it is not set.</summary>
    public string? Account { get; set; }

    /// <summary>The account's key, base64.</summary>
    public string? AccountKey { get; set; }

    /// <summary>A shared access signature, instead of the key.</summary>
    public string? SasToken { get; set; }

    /// <summary>The account's name, from the settings or the endpoint: its path, as emulators have it, or the first part of its host.</summary>
    public string AccountName => Account ?? (Endpoint?.AbsolutePath.Trim('/') is { Length: > 0 } path ? path : Endpoint?.Host.Split('.')[0]) ?? "";

    /// <inheritdoc cref="S3Options.FindProblems" />
    public IEnumerable<string> FindProblems(string section)
    {
        if (Endpoint is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            yield return $"{section}:Endpoint must be the account's address, e.g. https://account.blob.core.windows.net.";
        }

        if (string.IsNullOrEmpty(AccountKey) == string.IsNullOrEmpty(SasToken))
        {
            yield return $"{section}:AccountKey or {section}:SasToken is expected, one of the two.";
        }
        else if (AccountKey is not null && !Convert.TryFromBase64String(AccountKey, new byte[AccountKey.Length], out _))
        {
            yield return $"{section}:AccountKey must be base64, as the portal shows it.";
        }
    }
}
