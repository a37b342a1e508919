using System.Collections.Frozen;
using System.Globalization;
using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Versions;

/// <summary>The versions of this replica as requests see them: an immutable table that the reconciler swaps whole.</summary>
internal sealed class ServedVersions(RegistryWatch watch)
{
    private volatile FrozenDictionary<string, HeldVersion[]> _byModel = FrozenDictionary<string, HeldVersion[]>.Empty;

    /// <summary>All versions held, in no order.</summary>
    public IEnumerable<HeldVersion> All => _byModel.Values.SelectMany(versions => versions);

    /// <summary>Requests in work over all versions.</summary>
    public int InFlight => All.Sum(version => version.InFlight);

    public void Replace(IEnumerable<HeldVersion> versions) => _byModel = versions
        .GroupBy(version => version.Artifact.Model, StringComparer.Ordinal)
        .ToFrozenDictionary(group => group.Key, group => group.OrderByDescending(version => version.Artifact.Version).ToArray(), StringComparer.Ordinal);

    /// <summary>Finds a version that answers and takes part in its use.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The version's number as the caller wrote it; null for the one that serves the model.</param>
    /// <exception cref="InferenceException">It is unknown (404) or not ready here (503).</exception>
    public VersionLease Lease(string model, string? version)
    {
        var held = Find(model, version);
        return held.Loaded is { } loaded && loaded.TryLease()
            ? new VersionLease(held, loaded)
            : throw InferenceException.Capacity(held.State == VersionState.Failed
                ? $"Version {held.Artifact.Version} of model {model} could not be loaded here: {held.Reason}"
                : $"Version {held.Artifact.Version} of model {model} is not ready here: it is {held.State}.");
    }

    /// <summary>Finds a version whatever its state.</summary>
    /// <exception cref="InferenceException">It is unknown (404) or not on this replica (503).</exception>
    public HeldVersion Find(string model, string? version)
    {
        var held = _byModel.GetValueOrDefault(model, []);
        if (version is null)
        {
            return Default(model, held) ?? throw Absent(model, null);
        }

        return int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Best(held.Where(one => one.Artifact.Version == number)) ?? throw Absent(model, number)
            : throw Unknown($"Model {Shortened(model)} has no version {Shortened(version)}: versions are whole numbers from 1.");
    }

    // The stable one, else the one before it, else the newest that answers.
    private HeldVersion? Default(string model, HeldVersion[] held)
    {
        var serving = watch.Current.Serving.GetValueOrDefault(model);
        return Of(serving?.Stable) ?? Of(serving?.Previous) ?? Best(held);

        HeldVersion? Of(int? number) => held.FirstOrDefault(one => one.Artifact.Version == number && one.Loaded is not null);
    }

    private static HeldVersion? Best(IEnumerable<HeldVersion> held)
    {
        HeldVersion? best = null;
        foreach (var one in held)
        {
            if (best is null || (best.Loaded is null && one.Loaded is not null) || (best.State != VersionState.Ready && one.State == VersionState.Ready))
            {
                best = one;
            }
        }

        return best;
    }

    // What the Registry knows but this replica does not hold is on another replica, or on its way: the caller's request is right.
    private InferenceException Absent(string model, int? version)
    {
        var state = watch.Current;
        var known = version is { } number ? state.FindVersion(model, number) is not null : state.Serving.ContainsKey(model);
        var name = version is null ? $"Model {Shortened(model)}" : $"Version {version} of model {Shortened(model)}";
        return known
            ? InferenceException.Capacity($"{name} is not on this replica.")
            : Unknown($"{name} is unknown.");
    }

    private static InferenceException Unknown(string message) => InferenceException.Client(message, StatusCodes.Status404NotFound);

    private static string Shortened(string text) => text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 100), "…");
}

/// <summary>A request's part in the use of a version: the session lives at least as long.</summary>
internal sealed class VersionLease(HeldVersion version, LoadedVersion loaded) : IDisposable
{
    public ModelVersion Artifact => version.Artifact;

    public LoadedVersion Loaded => loaded;

    public void Dispose() => loaded.Return();
}
