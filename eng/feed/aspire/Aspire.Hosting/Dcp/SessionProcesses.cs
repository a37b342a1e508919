using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Dcp;

/// <summary>
/// The living processes of a session, found by a mark in their environment (on Linux; elsewhere none are found). DCP ends the processes it
/// knows. It does not know those that a killed one had started, which would outlive the AppHost.
/// </summary>
internal sealed class SessionProcesses(string mark)
{
    public const string Variable = "APPHOST_SESSION";
    private readonly string _entry = $"{Variable}={mark}";

    /// <summary>Waits until DCP has ended, and ends what it left.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        while (Find() is { Count: > 0 } living && !cancellationToken.IsCancellationRequested)
        {
            living.Where(process => !process.IsDcp).ToList().ForEach(process => Kill(process.Id));
            await Task.Delay(50, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Who is dead but not yet asked for its exit code, as often in containers, has an empty environment.</summary>
    private List<(int Id, bool IsDcp)> Find() => !OperatingSystem.IsLinux() ? [] :
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]) && Read(folder, "environ").Split('\0').Contains(_entry))
            .Select(folder => (int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture), Path.GetFileName(Read(folder, "cmdline").Split('\0')[0]) == "dcp")),
    ];

    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended, or is another user's
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended.
        }
    }
}
