using System.Runtime.InteropServices;
using Sluice.Feed;

// A packages folder named in the environment would override the repository's own, and a made package would reach the user's folder.
Environment.SetEnvironmentVariable("NUGET_PACKAGES", null);

using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

try
{
    var layout = new Layout(args is [var root] ? Path.GetFullPath(root) : Environment.CurrentDirectory);
    await new FeedBuild(layout, Console.Out, NvidiaDevice.IsWanted()).RunAsync(stop.Token);
    return 0;
}
catch (Exception exception) when (exception is FeedException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"feed: error: {exception.Message}");
    return 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("feed: stopped");
    return 130;
}

void Stop(PosixSignalContext signal)
{
    // What was started is ended and what is unfinished removed first.
    signal.Cancel = true;
    stop.Cancel();
}
