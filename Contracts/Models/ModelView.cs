namespace Sluice.Contracts;

/// <summary>A model as <c>GET /api/models</c> shows it.</summary>
/// <param name="Name">Its name (<see cref="ModelName"/>).</param>
/// <param name="HighestVersion">The highest number a version of it ever had.</param>
/// <param name="CreatedAt">When its first version was registered.</param>
/// <param name="Serving">Its desired state; null before a version was set to serve.</param>
public sealed record ModelView(string Name, int HighestVersion, DateTimeOffset CreatedAt, ServingState? Serving);
