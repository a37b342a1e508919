using Sluice.Contracts;

namespace Sluice.Predictor.Versions;

/// <summary>Which versions a replica of a pool has to hold.</summary>
internal static class DesiredVersions
{
    /// <summary>
    /// The versions assigned to the pool, stable ones first, so that after a start the traffic's main part is served soonest. One that is
    /// assigned but not yet described is left out: the watch brings it.
    /// </summary>
    public static IReadOnlyList<ModelVersion> Of(ClusterState state, string pool) =>
    [
        .. from serving in state.Serving.Values
           from assignment in serving.Assignments
           where assignment.Pool == pool
           let version = state.FindVersion(serving.Model, assignment.Version)
           where version is not null
           orderby assignment.Version != serving.Stable, version.Model, version.Version
           select version,
    ];
}
