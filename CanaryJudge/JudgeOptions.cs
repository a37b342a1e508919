using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.CanaryJudge;

/// <summary>How the judge works. Configuration section <see cref="Section"/>. What it judges by stands in the rollout's plan and profile.</summary>
internal sealed class JudgeOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Judge";

    /// <summary>Time between two looks.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:01", "00:00:15", ErrorMessage = "Judge:Interval must be 1 s to 15 s.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a judge that vanished keeps others from judging. Several may run, one judges.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:03", "00:05:00", ErrorMessage = "Judge:LeaseDuration must be 3 s to 5 min.")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>Checks <see cref="JudgeOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class JudgeOptionsValidator : IValidateOptions<JudgeOptions>;
