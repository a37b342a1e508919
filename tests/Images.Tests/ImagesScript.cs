using Sluice.Images.Tests.Images;
using Sluice.Testing;

namespace Sluice.Images.Tests;

/// <summary>eng/images.sh, run to its end.</summary>
internal static class ImagesScript
{
    // A first run compiles everything.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    /// <summary>Runs it; says its exit code and what it wrote.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunAsync(environment: null, arguments);

    /// <summary>Runs it with a registry of the tests, which the SDK has to be told it may speak to without TLS.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(ContainerRegistry registry, params string[] arguments) =>
        RunAsync(new Dictionary<string, string?> { ["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = registry.Host }, arguments);

    /// <inheritdoc cref="RunAsync(string[])" />
    public static async Task<(int ExitCode, string Output)> RunAsync(IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        await using var script = ChildProcess.Start(Repository.PathOf("eng", "images.sh"), arguments, environment);
        var exitCode = await script.WaitForExitAsync(Limit);
        return (exitCode, script.Output);
    }
}
