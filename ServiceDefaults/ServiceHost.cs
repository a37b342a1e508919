using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Sluice.ServiceDefaults;

/// <summary>Runs a service so that what stops it from starting is told in one line, with an exit code a script can read.</summary>
public static class ServiceHost
{
    /// <summary>Exit code: a setting is missing or invalid; the message names its key.</summary>
    public const int InvalidConfiguration = 78;

    /// <summary>Exit code: an address or a file that the service needs is not to be had.</summary>
    public const int CannotStart = 71;

    /// <summary>Builds and runs a service until it is asked to stop.</summary>
    /// <param name="create">Makes the application; its configuration errors are told like those of the start.</param>
    /// <returns>The exit code of the process.</returns>
    public static async Task<int> RunAsync(Func<WebApplication> create)
    {
        try
        {
            await using var app = create();

            // Before the host makes its hosted services: one that reads an invalid setting would be logged with a stack trace first.
            app.Services.GetService<IStartupValidator>()?.Validate();
            await app.RunAsync();
            return 0;
        }
        catch (OptionsValidationException exception)
        {
            return await FailAsync($"Invalid configuration: {Tell(exception)}", InvalidConfiguration);
        }
        catch (AggregateException several) when (several.InnerExceptions.All(each => each is OptionsValidationException))
        {
            var failures = several.InnerExceptions.Cast<OptionsValidationException>().Select(Tell);
            return await FailAsync($"Invalid configuration: {string.Join(" ", failures)}", InvalidConfiguration);
        }
        catch (InvalidOperationException exception) when (exception.InnerException is FormatException or ArgumentException)
        {
            // The binder: "Failed to convert configuration value 'x' at 'Section:Key' to type …".
            return await FailAsync($"Invalid configuration: {exception.Message}", InvalidConfiguration);
        }
        catch (IOException exception)
        {
            return await FailAsync($"Cannot start: {exception.Message}", CannotStart);
        }
    }

    private static string Tell(OptionsValidationException exception) => string.Join(" ", exception.Failures);

    private static async Task<int> FailAsync(string message, int exitCode)
    {
        await Console.Error.WriteLineAsync(message);
        return exitCode;
    }
}
