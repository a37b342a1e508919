using System.Text.Json;

namespace Sluice.Feed;

/// <summary>A source with a service index (NuGet v3): its <c>PackageBaseAddress</c> lists the versions of an id.</summary>
internal sealed class ServiceIndexOrigin : PackageOrigin
{
    private readonly Web _web;
    private readonly Lazy<Task<Uri>> _packages;

    public ServiceIndexOrigin(Web web)
    {
        _web = web;
        _packages = new Lazy<Task<Uri>>(FindPackageBaseAddressAsync);
    }

    public override async Task<bool> HasAsync(string id, string version, CancellationToken cancellationToken)
    {
        var packages = await _packages.Value.WaitAsync(cancellationToken);
        var address = new Uri(packages, $"{id.ToLowerInvariant()}/index.json");
        if (await _web.GetAsync(address, cancellationToken) is not { } body)
        {
            return false;
        }

        var versions = Parse(body, address).TryGetProperty("versions", out var listed) && listed.ValueKind == JsonValueKind.Array
            ? listed.EnumerateArray()
            : throw Unreadable(address, "it lists no versions");
        return versions.Any(listed => string.Equals(listed.GetString(), version, StringComparison.OrdinalIgnoreCase));
    }

    public override void Dispose()
    {
        _web.Dispose();
        base.Dispose();
    }

    private async Task<Uri> FindPackageBaseAddressAsync()
    {
        var body = await _web.GetAsync(_web.Address, CancellationToken.None) ?? throw Unreadable(_web.Address, "there is no such page");
        if (Parse(body, _web.Address).TryGetProperty("resources", out var resources) && resources.ValueKind == JsonValueKind.Array)
        {
            foreach (var resource in resources.EnumerateArray())
            {
                if (resource.GetProperty("@type").GetString()?.StartsWith("PackageBaseAddress/", StringComparison.Ordinal) == true)
                {
                    return new Uri(resource.GetProperty("@id").GetString()!.TrimEnd('/') + "/");
                }
            }
        }

        throw Unreadable(_web.Address, "it names no PackageBaseAddress");
    }

    private static JsonElement Parse(byte[] body, Uri address)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw Unreadable(address, "it is no object");
        }
        catch (JsonException exception)
        {
            throw Unreadable(address, exception.Message);
        }
    }

    private static FeedException Unreadable(Uri address, string why) => new($"the package source's answer from {address} is of no use: {why}");
}
