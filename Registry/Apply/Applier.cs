using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Models;
using Sluice.Registry.Serving;

namespace Sluice.Registry.Apply;

/// <summary>
/// Compares what a document says with what is, and changes what differs. Every change is whole, is made only when it is needed, and has its audit entry;
/// so doing it again, or after it stopped half-way, goes on where it was.
/// </summary>
internal sealed class Applier(ModelCatalog catalog, ModelRecords models, VersionRecords versions, AliasRecords aliases, ServingStates serving)
{
    /// <summary>Applies a document.</summary>
    /// <param name="file">The document.</param>
    /// <param name="dryRun">Whether to change nothing.</param>
    /// <param name="changes">Gets the changes as they are made, or would be.</param>
    /// <param name="caller">Who, for the audit log.</param>
    /// <param name="cancellationToken">Ends it between two changes.</param>
    /// <exception cref="BadHttpRequestException">
    /// 422: something cannot be as the document says. Found before anything is changed, unless it came to be meanwhile.
    /// </exception>
    public async Task ApplyAsync(ModelsFile file, bool dryRun, List<ApplyChange> changes, Caller caller, CancellationToken cancellationToken)
    {
        // Rehearsed in any case: a mistake at the end of the document must not leave its beginning applied.
        foreach (var entry in file.Models)
        {
            await ApplyAsync(new Run(entry.Name, IsDry: true, dryRun ? changes : [], caller), entry, cancellationToken);
        }

        foreach (var entry in file.Models.Where(_ => !dryRun))
        {
            await ApplyAsync(new Run(entry.Name, IsDry: false, changes, caller), entry, cancellationToken);
        }
    }

    private async Task ApplyAsync(Run run, ModelEntry entry, CancellationToken cancellationToken)
    {
        var record = await catalog.FindRecordAsync(run.Model, cancellationToken);
        var page = await catalog.ListVersionsAsync(run.Model, PageRange.All, [], cancellationToken);
        run.Versions.AddRange(page?.Items ?? []);
        await DescribeAsync(run, entry, record, cancellationToken);
        foreach (var version in entry.Versions)
        {
            await ApplyAsync(run, version, cancellationToken);
        }

        foreach (var (alias, reference) in entry.Aliases)
        {
            await AimAsync(run, alias, reference, record, cancellationToken);
        }

        if (entry.Stable is { } stable)
        {
            await ServeAsync(run, stable, cancellationToken);
        }
    }

    private async Task DescribeAsync(Run run, ModelEntry entry, ModelRecord? record, CancellationToken cancellationToken)
    {
        if (record is null)
        {
            await run.DoAsync("model.create", null, "model: created", () => models.EnsureAsync(run.Model, entry.Facts, run.Caller, cancellationToken));
        }
        else if (entry.Facts.Changes(record.Description, record.Tags))
        {
            await run.DoAsync(
                "model.describe", null, "model: description or tags", () => models.DescribeAsync(run.Model, entry.Facts, run.Caller, cancellationToken));
        }

        if (entry.Gates is { } gates && !gates.SequenceEqual(record?.Gates ?? []))
        {
            await run.DoAsync(
                "gates.set", null, $"gates: {record?.Gates.Count ?? 0} → {gates.Count} ({string.Join(", ", gates.Select(gate => gate.Metric))})",
                () => models.SetGatesAsync(run.Model, gates, run.Caller, cancellationToken));
        }
    }

    private async Task ApplyAsync(Run run, VersionEntry entry, CancellationToken cancellationToken)
    {
        if (run.Find(entry.Reference) is not { } version)
        {
            throw entry.Reference.StorageUri is null
                ? Unknown(run, entry.Reference)
                : Unprocessable(entry.Reference.At, "there is no version from there yet, and this Registry does not fetch artifacts by URI; upload it");
        }

        if (entry.Facts.Changes(version.Description, version.Tags))
        {
            await run.DoAsync(
                "version.describe", version.Version, $"version {version.Version}: description or tags",
                () => versions.DescribeAsync(run.Model, version.Version, entry.Facts, run.Caller, cancellationToken));
        }
    }

    private async Task AimAsync(Run run, string alias, VersionReference? reference, ModelRecord? record, CancellationToken cancellationToken)
    {
        int? before = record?.Aliases.TryGetValue(alias, out var number) == true ? number : null;
        if (reference is null)
        {
            if (before is not null)
            {
                await run.DoAsync(
                    "alias.delete", before, $"alias {alias}: version {before} → none",
                    () => aliases.DeleteAsync(run.Model, alias, run.Caller, cancellationToken));
            }

            return;
        }

        var version = run.Find(reference)?.Version ?? throw Unknown(run, reference);
        if (before != version)
        {
            await run.DoAsync(
                "alias.set", version, $"alias {alias}: {Words(before)} → version {version}",
                () => aliases.SetAsync(run.Model, alias, version, run.Caller, cancellationToken));
        }
    }

    private async Task ServeAsync(Run run, VersionReference reference, CancellationToken cancellationToken)
    {
        var version = run.Find(reference)?.Version ?? throw Unknown(run, reference);
        var state = await serving.FindAsync(run.Model, cancellationToken);
        if (state?.Stable == version)
        {
            return;
        }

        await run.DoAsync("serving.set", version, $"stable: {Words(state?.Stable)} → version {version}", async () =>
        {
            var outcome = await serving.SetStableAsync(run.Model, version, generation: null, run.Caller, cancellationToken);
            return outcome.IsUnknown ? throw Unknown(run, reference) : outcome;
        });
    }

    private static string Words(int? version) => version is null ? "none" : $"version {version}";

    private static BadHttpRequestException Unknown(Run run, VersionReference reference) => Unprocessable(reference.At, $"{run.Model} does not have {reference}");

    private static BadHttpRequestException Unprocessable(DocumentNode at, string problem) => new(at.Wrong(problem).Message, StatusCodes.Status422UnprocessableEntity);

    /// <summary>One model of one document, for real or dry.</summary>
    private sealed record Run(string Model, bool IsDry, List<ApplyChange> Changes, Caller Caller)
    {
        /// <summary>The versions there are.</summary>
        public List<ModelVersion> Versions { get; } = [];

        /// <summary>Notes a change, and makes it unless the run is dry.</summary>
        public async Task DoAsync<T>(string action, int? version, string text, Func<Task<T>> change)
        {
            if (!IsDry)
            {
                await change();
            }

            Changes.Add(new ApplyChange(action, Model, version, text));
        }

        /// <summary>The newest version that a reference means; null when there is none.</summary>
        public ModelVersion? Find(VersionReference reference) => Versions.FindLast(version =>
            (reference.Number is null || version.Version == reference.Number)
            && (reference.Digest is null || version.Digest == reference.Digest)
            && (reference.StorageUri is null || version.StorageUri == reference.StorageUri));
    }
}
