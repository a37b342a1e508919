using System.Diagnostics;

namespace Sluice.Feed;

/// <summary>One run: asks which packages the sources lack, makes those, and takes away what is not needed any more.</summary>
/// <param name="layout">Where things lie.</param>
/// <param name="output">What was done is said here.</param>
/// <param name="cuda">Whether packages get what only a machine with an NVIDIA device has use for.</param>
public sealed class FeedBuild(Layout layout, TextWriter output, bool cuda = false)
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(15);

    /// <summary>Runs to the end.</summary>
    /// <exception cref="FeedException">A source gave no answer, or something that a package is made from is not to be had.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var list = PackageList.Read(layout.List).For(cuda);
        using var onlyOne = await TakeLockAsync(cancellationToken);
        using var sources = ConfiguredSources.Load(layout);
        var shelf = new Shelf(layout, sources.PackagesFolder, new Fingerprints(list, layout));

        IReadOnlySet<Recipe> published;
        try
        {
            published = await sources.FindAsync(list.Packages, cancellationToken);
        }
        catch (SourceUnreachableException exception) when (list.Packages.All(shelf.IsAtHand))
        {
            output.WriteLine($"feed: warning: {exception.Message}; every listed package is at hand, so nothing is asked of it now");
            return;
        }

        CheckTogether(list, published);
        foreach (var recipe in published.Where(shelf.Remove))
        {
            output.WriteLine($"feed: removed the made {recipe.Id} {recipe.Version}: the sources have the published one");
        }

        shelf.RemoveUnlisted(list.Packages);
        Recipe[] missing = [.. list.Packages.Where(recipe => !published.Contains(recipe))];
        Recipe[] toMake = [.. missing.Where(recipe => !shelf.IsMade(recipe))];
        await MakeAsync(list, toMake, shelf, cancellationToken);
        foreach (var recipe in missing)
        {
            shelf.RemoveStaleCopy(recipe);
        }

        output.WriteLine($"feed: of {list.Packages.Count} packages the sources have {published.Count}, "
            + $"{missing.Length - toMake.Length} lay ready, {toMake.Length} were made ({clock.Elapsed.TotalSeconds:0.0} s)");
    }

    private async Task MakeAsync(PackageList list, Recipe[] toMake, Shelf shelf, CancellationToken cancellationToken)
    {
        if (toMake.Length == 0)
        {
            return;
        }

        RemoveWorks();
        Directory.CreateDirectory(layout.Work);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workshop = new Workshop(list, toMake, layout);
        var opening = workshop.OpenAllAsync(stop.Token);
        try
        {
            foreach (var recipe in toMake)
            {
                var taken = await Task.WhenAll(recipe.Files.Select(file => workshop.TakeAsync(file, stop.Token)));
                await shelf.AddAsync(recipe, taken.SelectMany(some => some), stop.Token);
                output.WriteLine($"feed: made {recipe.Id} {recipe.Version}: {recipe.Description}");
            }
        }
        finally
        {
            // After a failure nothing that was started, npm for one, runs on.
            await stop.CancelAsync();
            await opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            RemoveWorks();
        }
    }

    private static void CheckTogether(PackageList list, IReadOnlySet<Recipe> published)
    {
        foreach (var group in list.Packages.Where(recipe => recipe.Together is not null).GroupBy(recipe => recipe.Together))
        {
            if (group.Any(published.Contains) && group.FirstOrDefault(recipe => !published.Contains(recipe)) is { } missing)
            {
                throw new FeedException($"the sources lack {missing.Id} {missing.Version} but have others of {group.Key}; "
                    + "the stand-in does not work together with published ones, so it takes sources that have all of them, or none");
            }
        }
    }

    private void RemoveWorks()
    {
        try
        {
            Directory.Delete(layout.Works, recursive: true);
        }
        catch (IOException)
        {
            // There is none, or what a killed run started still writes: a later run removes it.
        }
    }

    /// <summary>The operating system gives the lock back when the process ends, however it ends.</summary>
    private async Task<FileStream> TakeLockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(layout.Packages);
        var clock = Stopwatch.StartNew();
        for (var first = true; ; first = false)
        {
            try
            {
                return new FileStream(layout.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (clock.Elapsed < LongestRun)
            {
                if (first)
                {
                    output.WriteLine("feed: waiting for another run to end");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            }
        }
    }
}
