using Microsoft.Extensions.Options;
using Sluice.ServiceDefaults;

namespace Sluice.Gateway.Access;

/// <summary>Settings of who is let in. Configuration section <see cref="GatewayOptions.Section"/>; the Registry has the same setting.</summary>
internal sealed class AccessOptions
{
    /// <summary><see cref="AccessPolicy.Open"/> or <see cref="AccessPolicy.Keys"/>. Default: open in development on loopback addresses, else keys.</summary>
    public string? Access { get; set; }
}

/// <summary>Checks <see cref="AccessOptions"/> at start.</summary>
internal sealed class AccessOptionsValidator(IConfiguration configuration) : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options) =>
        AccessPolicy.FindProblem($"{GatewayOptions.Section}:{nameof(AccessOptions.Access)}", options.Access, configuration) is { } problem
            ? ValidateOptionsResult.Fail(problem)
            : ValidateOptionsResult.Success;
}
