using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Models;
using Sluice.Registry.Serving;
using Sluice.Registry.Sources;

namespace Sluice.Registry.Apply;

/// <summary>
/// Compares what a document says with what is, and changes what differs. Every change is whole, is made only when it is needed, and has its audit entry;
/// so doing it again, or after it stopped half-way, goes on where it was.
/// </summary>
internal sealed class Applier(
    ModelCatalog catalog,
    ModelRecords models,
    VersionRecords versions,
    AliasRecords aliases,
    ServingStates serving,
    SourceRegistration sources,
    StorageUris uris)
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

        if (entry.Stable is not null || entry.Stickiness is not null)
        {
            await ServeAsync(run, entry, cancellationToken);
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
                "gates.set", null, $"gates: {Words(gates)} (was {Words(record?.Gates ?? [])})",
                () => models.SetGatesAsync(run.Model, gates, run.Caller, cancellationToken));
        }
    }

    private async Task ApplyAsync(Run run, VersionEntry entry, CancellationToken cancellationToken)
    {
        if (run.Find(entry.Reference) is not { } version)
        {
            await RegisterAsync(run, entry, cancellationToken);
            return;
        }

        if (entry.Facts.Changes(version.Description, version.Tags))
        {
            await run.DoAsync(
                "version.describe", version.Version, $"version {version.Version}: description or tags",
                () => versions.DescribeAsync(run.Model, version.Version, entry.Facts, run.Caller, cancellationToken));
        }
    }

    private async Task RegisterAsync(Run run, VersionEntry entry, CancellationToken cancellationToken)
    {
        var (at, uri, digest) = (entry.Reference.At, entry.Reference.StorageUri, entry.Reference.Digest);
        if (uri is null)
        {
            throw Unknown(run, entry.Reference);
        }

        if (run.IsDry)
        {
            await CheckSourceAsync(at, uri);
            run.Expected.Add(entry.Reference);
        }
        else
        {
            run.Versions.Add(await FetchAsync(run, entry, uri, digest, cancellationToken));
        }

        run.Note("version.register", run.IsDry ? null : run.Versions[^1].Version, $"version from {uri}: registered");
    }

    private async Task<ModelVersion> FetchAsync(Run run, VersionEntry entry, string uri, string? digest, CancellationToken cancellationToken)
    {
        try
        {
            return await sources.RegisterFromUriAsync(run.Model, uri, entry.Metadata!, digest, run.Caller, cancellationToken);
        }
        catch (BadHttpRequestException exception)
        {
            throw new BadHttpRequestException(entry.Reference.At.Wrong(exception.Message.TrimEnd('.')).Message, exception.StatusCode, exception);
        }
    }

    // Whether a URI may be fetched from is known without fetching; what lies there is seen when it is.
    private async Task CheckSourceAsync(DocumentNode at, string uri)
    {
        try
        {
            await using var _ = uris.Open(uri);
        }
        catch (BadHttpRequestException exception)
        {
            throw Unprocessable(at, exception.Message.TrimEnd('.'));
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
                    "alias.delete", before, $"alias {alias}: taken away (was version {before})",
                    () => aliases.DeleteAsync(run.Model, alias, run.Caller, cancellationToken));
            }

            return;
        }

        var version = Resolve(run, reference);
        if (version is null || before != version)
        {
            await run.DoAsync(
                "alias.set", version, $"alias {alias}: {(version is null ? reference : Words(version))} (was {Words(before)})",
                () => aliases.SetAsync(run.Model, alias, version!.Value, run.Caller, cancellationToken));
        }
    }

    private async Task ServeAsync(Run run, ModelEntry entry, CancellationToken cancellationToken)
    {
        var state = await serving.FindAsync(run.Model, cancellationToken);
        var version = entry.Stable is { } reference ? Resolve(run, reference) : state?.Stable
            ?? throw Unprocessable(entry.Stickiness!.At, $"{run.Model} is not served yet: stable is expected beside it");
        var changes = new List<string>();
        if (version is null || state?.Stable != version)
        {
            changes.Add($"stable: {(version is null ? entry.Stable : Words(version))} (was {Words(state?.Stable)})");
        }

        if (entry.Stickiness is { Value: var wished } && Words(wished) != Words(state?.Stickiness))
        {
            changes.Add($"stickiness: {Words(wished)} (was {Words(state?.Stickiness)})");
        }

        if (changes.Count > 0)
        {
            await run.DoAsync("serving.set", version, string.Join("; ", changes), () => SetAsync(run, entry, version!.Value, cancellationToken));
        }
    }

    private async Task<ServingOutcome> SetAsync(Run run, ModelEntry entry, int version, CancellationToken cancellationToken)
    {
        var outcome = await serving.SetStableAsync(run.Model, version, generation: null, run.Caller, cancellationToken, entry.Stickiness?.Value);
        var at = entry.Stable?.At ?? entry.Stickiness!.At;
        return outcome.IsUnknown ? throw Unprocessable(at, $"{run.Model} does not have version {version}")
            : outcome.Rollout is { } rollout ? throw Unprocessable(at, $"rollout {rollout.Id} to version {rollout.Canary} is {rollout.Phase}: let it end, or roll it back")
            : outcome;
    }

    // Null in a rehearsal: the version that is meant would be registered, and has no number yet.
    private static int? Resolve(Run run, VersionReference reference) =>
        run.Find(reference)?.Version ?? (run.Expects(reference) ? null : throw Unknown(run, reference));

    private static string Words(IReadOnlyList<Gate> gates) => gates.Count == 0 ? "none" : string.Join(", ", gates.Select(gate => gate.Metric));

    private static string Words(Stickiness? stickiness) => stickiness switch
    {
        null or { Kind: StickinessKind.None } => "none",
        { Kind: StickinessKind.Key } => "by key",
        { Kind: var kind, Name: var name } => $"by {(kind == StickinessKind.Header ? "header" : "cookie")} {name}",
    };

    private static string Words(int? version) => version is null ? "none" : $"version {version}";

    private static BadHttpRequestException Unknown(Run run, VersionReference reference) => Unprocessable(reference.At, $"{run.Model} does not have {reference}");

    private static BadHttpRequestException Unprocessable(DocumentNode at, string problem) => new(at.Wrong(problem).Message, StatusCodes.Status422UnprocessableEntity);

    /// <summary>One model of one document, for real or dry.</summary>
    private sealed record Run(string Model, bool IsDry, List<ApplyChange> Changes, Caller Caller)
    {
        /// <summary>The versions there are.</summary>
        public List<ModelVersion> Versions { get; } = [];

        /// <summary>The versions that a rehearsal would have registered.</summary>
        public List<VersionReference> Expected { get; } = [];

        /// <summary>Whether a version that would be registered is meant.</summary>
        public bool Expects(VersionReference reference) => reference.Number is null && Expected.Exists(expected =>
            (reference.StorageUri is null || reference.StorageUri == expected.StorageUri) && (reference.Digest is null || reference.Digest == expected.Digest));

        /// <summary>Notes a change.</summary>
        public void Note(string action, int? version, string text) => Changes.Add(new ApplyChange(action, Model, version, text));

        /// <summary>Notes a change, and makes it unless the run is dry.</summary>
        public async Task DoAsync<T>(string action, int? version, string text, Func<Task<T>> change)
        {
            if (!IsDry)
            {
                await change();
            }

            Note(action, version, text);
        }

        /// <summary>The newest version that a reference means; null when there is none.</summary>
        public ModelVersion? Find(VersionReference reference) => Versions.FindLast(version =>
            (reference.Number is null || version.Version == reference.Number)
            && (reference.Digest is null || version.Digest == reference.Digest)
            && (reference.StorageUri is null || version.StorageUri == reference.StorageUri));
    }
}
