using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Registry.Tokens;

/// <summary>Settings of tokens. Configuration section <see cref="Section"/>.</summary>
internal sealed class TokenOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Registry:Tokens";

    /// <summary>How long a token is valid.</summary>
    [SettingRange(typeof(TimeSpan), "00:01:00", "1.00:00:00", ErrorMessage = "Registry:Tokens:Lifetime must be 1 min to 1 day (1.00:00:00).")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long one key signs before the next does.</summary>
    [SettingRange(typeof(TimeSpan), "1.00:00:00", "366.00:00:00", ErrorMessage = "Registry:Tokens:SigningKeyLifetime must be 1 to 366 days (30.00:00:00).")]
    public TimeSpan SigningKeyLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a new key is published before it signs, so that whoever keeps the public keys for a while has it by then.</summary>
    [SettingRange(typeof(TimeSpan), "00:10:00", "1.00:00:00", ErrorMessage = "Registry:Tokens:PublishAhead must be 10 min to 1 day.")]
    public TimeSpan PublishAhead { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Private keys are encrypted with this in the store; the same for all Registry processes. Null: they are in the store as they are.</summary>
    [StringLength(1000, MinimumLength = 32, ErrorMessage = "Registry:Tokens:EncryptionSecret must have 32 to 1000 characters, random ones.")]
    public string? EncryptionSecret { get; set; }
}

/// <summary>Checks <see cref="TokenOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class TokenOptionsValidator : IValidateOptions<TokenOptions>;
