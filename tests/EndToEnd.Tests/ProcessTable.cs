using System.Globalization;
using System.Text;

namespace Sluice.EndToEnd.Tests;

/// <summary>Finds processes by what only they know: a text in their environment, or a port they listen on (Linux).</summary>
internal static class ProcessTable
{
    /// <summary>Processes whose environment holds a text.</summary>
    public static IReadOnlyList<int> WithEnvironment(string text) => [.. All().Where(id => Read($"/proc/{id}/environ").Contains(text, StringComparison.Ordinal))];

    /// <summary>What a process was started with, as everybody on the machine can read it.</summary>
    public static string CommandOf(int id) => Read($"/proc/{id}/cmdline").Replace('\0', ' ');

    /// <summary>The process that listens on a port of localhost.</summary>
    /// <exception cref="InvalidOperationException">None does.</exception>
    public static int ListeningOn(int port)
    {
        var inodes = ListeningInodes(port).ToHashSet(StringComparer.Ordinal);
        return All().FirstOrDefault(id => Sockets(id).Any(inodes.Contains)) is var found and not 0
            ? found
            : throw new InvalidOperationException($"No process listens on {port}.");
    }

    private static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id != 0 && id != Environment.ProcessId);

    private static IEnumerable<string> ListeningInodes(int port)
    {
        const string Listen = "0A";
        var suffix = $":{port:X4}";
        return new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[1].EndsWith(suffix, StringComparison.Ordinal) && fields[3] == Listen)
            .Select(fields => $"socket:[{fields[9]}]");
    }

    private static IEnumerable<string> Sockets(int id)
    {
        try
        {
            return [.. Directory.EnumerateFiles($"/proc/{id}/fd").Select(file => new FileInfo(file).LinkTarget).OfType<string>()];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return []; // the process ended, or is another user's
        }
    }

    private static string Read(string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
