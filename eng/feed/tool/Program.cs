using Sluice.Feed;

// A packages folder named in the environment would override the repository's own, and a made package would reach the user's folder.
Environment.SetEnvironmentVariable("NUGET_PACKAGES", null);

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    var layout = new Layout(args is [var root] ? Path.GetFullPath(root) : Environment.CurrentDirectory);
    await new FeedBuild(layout, Console.Out).RunAsync(stop.Token);
    return 0;
}
catch (FeedException exception)
{
    Console.Error.WriteLine($"feed: error: {exception.Message}");
    return 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("feed: stopped");
    return 130;
}
