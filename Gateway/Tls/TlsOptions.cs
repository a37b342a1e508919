using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ServiceDefaults;

namespace Sluice.Gateway.Tls;

/// <summary>The certificate of the public endpoint. Configuration section <see cref="Section"/>.</summary>
internal sealed class TlsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = GatewayOptions.Section + ":Tls";

    /// <summary>A PEM file with the certificate and those between it and its authority, or a PFX with the key too; null for no TLS.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>A PEM file with the certificate's private key. Default: it is in the certificate's file.</summary>
    public string? KeyPath { get; set; }

    /// <summary>Opens the key, or the PFX, where it is encrypted.</summary>
    public string? Password { get; set; }

    /// <summary>A port for TLS, on the public endpoint's host, beside the addresses there are; null where one of these is <c>https</c>.</summary>
    [SettingRange(1, 65535, ErrorMessage = Section + ":Port must be 1 to 65535.")]
    public int? Port { get; set; }
}

/// <summary>Checks the range in <see cref="TlsOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class TlsRangeValidator : IValidateOptions<TlsOptions>;

/// <summary>Checks at start that the certificate of <see cref="TlsOptions"/> can be shown to clients, and is.</summary>
internal sealed class TlsOptionsValidator(IConfiguration configuration, IHostEnvironment environment, TimeProvider time) : IValidateOptions<TlsOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsOptions options) =>
        FindProblem(options) is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;

    private string? FindProblem(TlsOptions options)
    {
        var https = ListenAddresses.All(configuration).FirstOrDefault(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
        if (options.CertificatePath is not { Length: > 0 })
        {
            return options switch
            {
                { KeyPath: not null } => MissingFor($"{TlsOptions.Section}:{nameof(TlsOptions.KeyPath)}"),
                { Password: not null } => MissingFor($"{TlsOptions.Section}:{nameof(TlsOptions.Password)}"),
                { Port: not null } => MissingFor($"{TlsOptions.Section}:{nameof(TlsOptions.Port)}"),
                _ when https is not null && !HasCertificateOfTheServer() => MissingFor(https),
                _ => null,
            };
        }

        if (https is null)
        {
            return $"{CertificateFiles.CertificateKey} is set, but nothing listens with TLS: set {TlsOptions.Section}:{nameof(TlsOptions.Port)}, or an https address (urls=https://*:8443).";
        }

        try
        {
            CertificateFiles.Read(options).Load(time.GetUtcNow());
            return null;
        }
        catch (CertificateException exception)
        {
            return exception.Message;
        }
    }

    private static string MissingFor(string what) => $"{CertificateFiles.CertificateKey} is missing: {what} needs a certificate.";

    // Kestrel's own settings, and the certificate for development that it finds by itself.
    private bool HasCertificateOfTheServer() =>
        environment.IsDevelopment() || configuration.GetSection("Kestrel:Certificates:Default").Exists() || configuration.GetSection("Kestrel:Endpoints").Exists();
}
