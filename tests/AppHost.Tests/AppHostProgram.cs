using Sluice.Testing;

namespace Sluice.AppHost.Tests;

/// <summary>The AppHost as it was built with these tests.</summary>
internal static class AppHostProgram
{
    // artifacts/bin/AppHost.Tests/<configuration>/ -> artifacts/bin/AppHost/<configuration>/AppHost.dll
    public static string Assembly { get; } = Path.Combine(
        AppContext.BaseDirectory, "..", "..", "AppHost", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "AppHost.dll");

    public static Task<(int ExitCode, string Output)> RunToEndAsync(params (string Key, string? Value)[] settings) => RunToEndAsync([], settings);

    public static async Task<(int ExitCode, string Output)> RunToEndAsync(string[] arguments, (string Key, string? Value)[]? settings = null)
    {
        var environment = (settings ?? []).ToDictionary(setting => setting.Key, setting => setting.Value);
        await using var process = ChildProcess.Start("dotnet", [Assembly, .. arguments], environment);
        var exitCode = await process.WaitForExitAsync(TimeSpan.FromSeconds(30));
        return (exitCode, process.Output);
    }
}
