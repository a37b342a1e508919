using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.AppHost.Kubernetes;

/// <summary>What the AppHost says of a service, for the chart.</summary>
/// <param name="Name">The resource's name, which is the component's in the chart.</param>
/// <param name="Settings">Environment variables, sorted by name.</param>
/// <param name="Secrets">Environment variables and the key of the secret that holds each, sorted by name.</param>
/// <param name="Ports">The endpoints' names and the ports they listen on.</param>
internal sealed partial record ServiceFacts(
    string Name, IReadOnlyList<(string Name, string Value)> Settings, IReadOnlyList<(string Name, string Key)> Secrets, IReadOnlyList<(string Name, int Port)> Ports)
{
    /// <summary>What stands in a setting where the chart's name of another service has to come: <c>http://«registry»:8080</c>.</summary>
    public static string PlaceOf(string service) => $"«{service}»";

    /// <summary>Makes it of what the publisher made.</summary>
    /// <param name="service">The service.</param>
    /// <param name="values">The publisher's values.</param>
    /// <param name="services">The names of all services.</param>
    public static ServiceFacts From(PublishedService service, PublisherValues values, IReadOnlyCollection<string> services) => new(
        service.Name,
        [.. service.Settings
            .Where(setting => !IsForOtherLanguages(setting.Key, services))
            .Select(setting => (setting.Key, Value: values.Resolve(setting.Value)))
            .Where(setting => setting.Value is not null) // not given: the service's own default
            .Select(setting => (setting.Key, WithPlaces(setting.Value!, services)))
            .OrderBy(setting => setting.Key, StringComparer.Ordinal)],
        [.. service.Secrets.Select(secret => (secret.Key, KeyOf(service, secret.Key, secret.Value))).OrderBy(secret => secret.Key, StringComparer.Ordinal)],
        [.. service.Ports.Select(port => (port.Name, int.Parse(values.Resolve(port.Port) ?? port.Port, CultureInfo.InvariantCulture)))]);

    // Aspire names each reference twice: services__registry__http__0 for .NET, REGISTRY_HTTP for programs that cannot read that.
    private static bool IsForOtherLanguages(string variable, IEnumerable<string> services) =>
        services.Any(service => variable.StartsWith(service.Replace('-', '_').ToUpperInvariant() + "_", StringComparison.Ordinal));

    // The publisher's name of a service is the same in every release, <resource>-service; the chart's begins with the release.
    private static string WithPlaces(string value, IEnumerable<string> services) =>
        ServiceName().Replace(value, name => services.Contains(name.Groups["service"].Value) ? PlaceOf(name.Groups["service"].Value) : name.Value);

    private static string KeyOf(PublishedService service, string variable, string value) => SecretParameter().Match(value) is { Success: true } match
        ? match.Groups["parameter"].Value.Replace('_', '-')
        : throw new DistributedApplicationException(
            $"{service.Name} is told {variable} as '{value}': a secret of the chart is one secret parameter, and nothing around it.");

    [GeneratedRegex(@"(?<![\w.-])(?<service>[a-z][a-z0-9-]*)-service(?![\w.-])")]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"^\{\{ ?\.Values\.secrets\.\w+\.(?<parameter>\w+) ?\}\}$")]
    private static partial Regex SecretParameter();
}
