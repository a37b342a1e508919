using System.Diagnostics;

namespace Sluice.Feed;

/// <summary>One run: asks which packages the sources lack, makes those, and takes away what is not needed any more.</summary>
public sealed class FeedBuild(Layout layout, TextWriter output)
{
    /// <summary>Runs to the end.</summary>
    /// <exception cref="FeedException">A source gave no answer, or something that a package is made from is not to be had.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var list = PackageList.Read(layout.List);
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

        EmptyWork();
        var workshop = new Workshop(list, toMake, layout);
        foreach (var recipe in toMake)
        {
            var clock = Stopwatch.StartNew();
            var taken = await Task.WhenAll(recipe.Files.Select(file => workshop.TakeAsync(file, cancellationToken)));
            var files = taken.SelectMany(some => some);
            await shelf.AddAsync(recipe, files, cancellationToken);
            output.WriteLine($"feed: made {recipe.Id} {recipe.Version} ({clock.Elapsed.TotalSeconds:0.0} s): {recipe.Description}");
        }

        EmptyWork();
    }

    private void EmptyWork()
    {
        if (Directory.Exists(layout.Work))
        {
            Directory.Delete(layout.Work, recursive: true);
        }

        Directory.CreateDirectory(layout.Work);
    }

    /// <summary>The operating system gives the lock back when the process ends, however it ends.</summary>
    private async Task<FileStream> TakeLockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(layout.Packages);
        for (var first = true; ; first = false)
        {
            try
            {
                return new FileStream(layout.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
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
