using Microsoft.Extensions.Options;
using Sluice.Registry.Objects;

namespace Sluice.Registry.Sources;

/// <summary>
/// Opens what storage URIs name: <c>file:///root/…</c>, <c>s3://bucket/prefix</c>, <c>gs://bucket/prefix</c>, <c>azure://container/prefix</c> and
/// <c>https://account.blob.core.windows.net/container/prefix</c>. A URI only chooses among the places of the settings: addresses and credentials come from
/// there, so that nobody can make the Registry call an address of his.
/// </summary>
internal sealed class StorageUris(IOptions<SourceOptions> options, TimeProvider time)
{
    private const int Longest = 2000;

    private const string Expected =
        "file:///…, s3://bucket/prefix, gs://bucket/prefix, azure://container/prefix or the https:// address of a container of the Azure account in the settings is expected";

    /// <summary>Opens what a URI names.</summary>
    /// <exception cref="BadHttpRequestException">400: it is none; 422: it is nothing that the settings allow. The message names the field.</exception>
    public ISourceFolder Open(string uri)
    {
        if (uri.Length > Longest || uri.Any(char.IsControl) || uri.IndexOf("://", StringComparison.Ordinal) is not (> 0 and var at))
        {
            throw new BadHttpRequestException($"storageUri: {Expected}, of at most {Longest} characters.");
        }

        var rest = uri[(at + 3)..];
        return uri[..at].ToLowerInvariant() switch
        {
            "file" => OpenFile(uri),
            "s3" or "s3a" => OpenObjects(rest, "S3:Buckets", options.Value.S3.Buckets, bucket => new S3Objects(options.Value.S3, bucket)),
            "gs" => OpenObjects(rest, "Gcs:Buckets", options.Value.Gcs.Buckets, bucket => new GcsObjects(options.Value.Gcs, bucket, time)),
            "azure" => OpenAzure(rest),
            "https" or "http" => OpenAzure(BelowAccount(uri)),
            var scheme => throw new BadHttpRequestException($"storageUri: the scheme '{scheme}' is not known; {Expected}."),
        };
    }

    private FileSource OpenFile(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || !uri.IsFile || uri.Host is not ("" or "localhost") || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new BadHttpRequestException("storageUri: file:///… with an absolute path is expected, without host, query and fragment.");
        }

        // The same answer for what is not there and what is not allowed: which files the machine has is nobody's business.
        var path = uri.LocalPath.Contains('\0', StringComparison.Ordinal) ? null : RealPath.Of(Path.GetFullPath(uri.LocalPath));
        var root = path is null ? null : options.Value.FileRoots.Select(RealPath.Of).FirstOrDefault(root => root is not null && RealPath.IsWithin(path, root));
        return root is not null
            ? new FileSource(root, path!)
            : throw Refused("there is no such file or folder below one that is allowed (Registry:Sources:FileRoots)");
    }

    private ObjectSource OpenAzure(string rest) =>
        OpenObjects(rest, "Azure:Containers", options.Value.Azure.Containers, container => new AzureObjects(options.Value.Azure, container));

    private static ObjectSource OpenObjects(string rest, string key, IReadOnlyList<string> allowed, Func<string, IObjectStore> open)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var place = slash < 0 ? rest : rest[..slash];
        if (!allowed.Contains(place, StringComparer.Ordinal))
        {
            throw Refused($"'{place}' is not among the places that may be read ({SourceOptions.Section}:{key})");
        }

        var prefix = slash < 0 ? "" : rest[(slash + 1)..].TrimEnd('/');
        return prefix.Split('/') is [""] || !prefix.Split('/').Any(part => part is "" or "." or "..")
            ? new ObjectSource(open(place), prefix)
            : throw new BadHttpRequestException("storageUri: the path has an empty part, or one of only dots.");
    }

    private string BelowAccount(string text)
    {
        var account = options.Value.Azure.Endpoint;
        if (options.Value.Azure.Containers.Count == 0 || account is null || !Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.UserInfo.Length > 0 || uri.Scheme != account.Scheme || uri.Authority != account.Authority)
        {
            throw Refused($"its address is not that of the Azure account in {SourceOptions.Section}:Azure:Endpoint; others are not called");
        }

        var root = account.AbsolutePath.TrimEnd('/') + "/";
        return uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.AbsolutePath.StartsWith(root, StringComparison.Ordinal)
            ? Uri.UnescapeDataString(uri.AbsolutePath[root.Length..])
            : throw new BadHttpRequestException("storageUri: an address without query and fragment is expected; credentials come from the settings.");
    }

    private static BadHttpRequestException Refused(string reason) => new($"storageUri: {reason}.", StatusCodes.Status422UnprocessableEntity);
}
