using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ServiceDefaults;

namespace Sluice.Registry.Access;

/// <summary>Settings of who is let in. Configuration section <see cref="Section"/>.</summary>
internal sealed class AccessOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = RegistryOptions.Section;

    /// <summary>Fewest characters of a secret.</summary>
    public const int ShortestSecret = 16;

    /// <summary><see cref="AccessPolicy.Open"/> or <see cref="AccessPolicy.Keys"/>. Default: open in development on loopback addresses, else keys.</summary>
    public string? Access { get; set; }

    /// <summary>The secrets of the services, by their <see cref="ServiceNames"/>.</summary>
    public Dictionary<string, ServiceSecretOptions> Services { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Origins, e.g. <c>https://ml.example.org</c>, whose pages may send commands, beside the Registry's own.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// Host names that requests may be for; <c>*.example.org</c> means all below. Where access is open, the loopback's names are always allowed and no
    /// others are by default; where keys are required, all are by default.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];
}

/// <summary>What the Registry knows a service by.</summary>
internal sealed class ServiceSecretOptions
{
    /// <summary>The secret; the service sends it as <c>RegistryClient:Token</c>.</summary>
    public string? Token { get; set; }
}

/// <summary>The services that have a secret of their own in the settings, and what each may do.</summary>
internal static class ServiceNames
{
    /// <summary>The name of whoever sets the Registry up: every scope.</summary>
    public const string Admin = "admin";

    private static readonly Dictionary<string, string> ScopeOf = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gateway"] = Scopes.Watch,
        ["predictor"] = Scopes.Replica,
        ["judge"] = Scopes.Judge,
        [Admin] = Scopes.Admin,
    };

    /// <summary>All names.</summary>
    public static IReadOnlyCollection<string> All => ScopeOf.Keys;

    /// <summary>What a service may do; null when there is none of this name.</summary>
    public static string? FindScope(string service) => ScopeOf.GetValueOrDefault(service);
}

/// <summary>Checks <see cref="AccessOptions"/> at start.</summary>
internal sealed class AccessOptionsValidator(IConfiguration configuration) : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        string[] access = AccessPolicy.FindProblem($"{AccessOptions.Section}:{nameof(AccessOptions.Access)}", options.Access, configuration) is { } problem ? [problem] : [];
        string[] failures = [.. access, .. CheckServices(options), .. options.AllowedOrigins.SelectMany(CheckOrigin)];
        return failures.Length > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> CheckServices(AccessOptions options)
    {
        foreach (var (service, secret) in options.Services)
        {
            if (ServiceNames.FindScope(service) is null)
            {
                yield return $"Registry:Services:{service} is no service: {string.Join(", ", ServiceNames.All)} are.";
            }
            else if (secret.Token is not { Length: >= AccessOptions.ShortestSecret and <= 1000 })
            {
                yield return $"Registry:Services:{service}:Token must have {AccessOptions.ShortestSecret} to 1000 characters; 32 random ones are good.";
            }
        }

        var shared = options.Services.Where(pair => pair.Value.Token is not null).GroupBy(pair => pair.Value.Token).FirstOrDefault(group => group.Count() > 1);
        if (shared is not null)
        {
            var keys = shared.Select(pair => $"Registry:Services:{pair.Key}:Token");
            yield return $"{string.Join(" and ", keys)} are the same: give each service a secret of its own.";
        }
    }

    private static IEnumerable<string> CheckOrigin(string origin)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri is not { Scheme: "http" or "https", AbsolutePath: "/", Query: "", UserInfo: "" } || origin.EndsWith('/'))
        {
            yield return $"Registry:AllowedOrigins has '{origin}': an origin such as https://ml.example.org is expected, without a path.";
        }
    }
}
