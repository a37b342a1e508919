using System.ComponentModel;
using System.Diagnostics;

namespace Sluice.Feed;

/// <summary>A program that is run to its end; what it writes is shown only when it fails.</summary>
internal static class Command
{
    /// <param name="purpose">What the program is needed for; part of the error where it is absent or fails.</param>
    /// <param name="start">The program, its arguments, folder and environment.</param>
    /// <param name="cancellationToken">Ends the program and what it started.</param>
    /// <exception cref="FeedException">There is no such program, or it failed.</exception>
    public static async Task RunAsync(string purpose, ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Start(purpose, start);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            var said = string.Join('\n', (await output).Trim(), (await errors).Trim()).Trim();
            throw new FeedException($"{Path.GetFileName(start.FileName)} failed with exit code {process.ExitCode}; it was to {purpose}\n{said}");
        }
    }

    private static Process Start(string purpose, ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new FeedException($"'{start.FileName}' cannot be run ({exception.Message}); it is needed to {purpose}", exception);
        }
    }
}
