using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Sluice.Registry.Rollouts;

/// <summary>Settings of rollouts. Configuration section <see cref="Section"/>.</summary>
internal sealed class RolloutOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Registry:Rollouts";

    /// <summary>The profile of a rollout that names none.</summary>
    [RegularExpression("production|development", ErrorMessage = "Registry:Rollouts:DefaultProfile must be production or development.")]
    public string DefaultProfile { get; set; } = RolloutPlans.Production;

    /// <summary>
    /// Signs what is sent to webhooks: HMAC-SHA256, so that they know who asks. Without it no plan may have a webhook.
    /// </summary>
    [StringLength(1000, MinimumLength = 16, ErrorMessage = "Registry:Rollouts:WebhookSecret must have 16 to 1000 characters; 32 random ones are good.")]
    public string? WebhookSecret { get; set; }

    /// <summary>
    /// Hosts of webhooks that may lie at internal addresses, or be asked over plain http. All others must resolve to public addresses and speak https: a
    /// plan must not make the Registry send requests to what only the Registry reaches.
    /// </summary>
    public IList<string> InternalWebhookHosts { get; } = [];
}

/// <summary>Checks <see cref="RolloutOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class RolloutOptionsValidator : IValidateOptions<RolloutOptions>;
