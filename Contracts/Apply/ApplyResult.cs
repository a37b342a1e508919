namespace Sluice.Contracts;

/// <summary>What <c>POST /api/apply</c> did, or with <c>?dryRun=true</c> would do.</summary>
/// <param name="DryRun">Whether nothing was changed.</param>
/// <param name="Changes">In the order they are made; empty when everything was as the document says.</param>
public sealed record ApplyResult(bool DryRun, IReadOnlyList<ApplyChange> Changes);

/// <summary>One change of an apply.</summary>
/// <param name="Action">What, by the name the audit log has for it, e.g. <c>model.create</c>.</param>
/// <param name="Model">The model.</param>
/// <param name="Version">The version it is about, if one that has its number.</param>
/// <param name="Text">The change in words.</param>
public sealed record ApplyChange(string Action, string Model, int? Version, string Text);
