using System.Text.Json;
using System.Text.Json.Serialization;

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

        var versions = Read<VersionList>(body, address).Versions ?? throw Unreadable(address, "it lists no versions");
        return versions.Contains(version, StringComparer.OrdinalIgnoreCase);
    }

    public override void Dispose()
    {
        _web.Dispose();
        base.Dispose();
    }

    private async Task<Uri> FindPackageBaseAddressAsync()
    {
        var body = await _web.GetAsync(_web.Address, CancellationToken.None) ?? throw Unreadable(_web.Address, "there is no such page");
        var found = Read<ServiceIndex>(body, _web.Address).Resources?.FirstOrDefault(resource => resource is { ListsPackages: true });
        return found?.Id is { } id && id.StartsWith("http", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(id.TrimEnd('/') + "/", UriKind.Absolute, out var address)
            ? address
            : throw Unreadable(_web.Address, "it names no PackageBaseAddress");
    }

    private static T Read<T>(byte[] body, Uri address)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, JsonSerializerOptions.Web) ?? throw Unreadable(address, "it is null");
        }
        catch (JsonException exception)
        {
            throw Unreadable(address, exception.Message);
        }
    }

    private static FeedException Unreadable(Uri address, string why) => new($"the package source's answer from {address} is of no use: {why}");

    private sealed record ServiceIndex(IReadOnlyList<Resource?>? Resources);

    private sealed record VersionList(IReadOnlyList<string>? Versions);

    /// <summary>One service of the source. Its type is a text or a list of texts.</summary>
    private sealed record Resource([property: JsonPropertyName("@id")] string? Id, [property: JsonPropertyName("@type")] JsonElement Type)
    {
        public bool ListsPackages => Type.ValueKind == JsonValueKind.Array ? Type.EnumerateArray().Any(IsPackageBase) : IsPackageBase(Type);

        private static bool IsPackageBase(JsonElement type) =>
            type.ValueKind == JsonValueKind.String && type.GetString()!.StartsWith("PackageBaseAddress/", StringComparison.Ordinal);
    }
}
