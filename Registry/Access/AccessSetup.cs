using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Keys;
using Sluice.ServiceDefaults;

namespace Sluice.Registry.Access;

/// <summary>Adds and uses the checks of who may do what.</summary>
internal static partial class AccessSetup
{
    /// <summary>The settings and what they mean.</summary>
    public static WebApplicationBuilder AddAccess(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        builder.Services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton(services => new AccessPolicy(
            services.GetRequiredService<IOptions<AccessOptions>>().Value.Access, builder.Configuration, builder.Environment));
        builder.Services.AddSingleton<ServiceSecrets>();
        builder.Services.AddSingleton<Credentials>();
        builder.Services.AddSingleton<FailedAttempts>();
        return builder;
    }

    /// <summary>Checks requests, from here on down, before anything reads them.</summary>
    /// <exception cref="OptionsValidationException">Keys are required, and nobody could make one.</exception>
    public static WebApplication UseAccess(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AccessPolicy>().IsOpen)
        {
            LogOpen(app.Logger, string.Join(", ", ListenAddresses.All(app.Configuration)));
        }
        else if (!HasAdmin(app.Services))
        {
            throw new OptionsValidationException(AccessOptions.Section, typeof(AccessOptions),
            [
                "Registry:Services:admin:Token is missing: keys are required (Registry:Access), and there is none in the store that may make others. "
                    + $"Set it to a random secret of {AccessOptions.ShortestSecret} characters or more, and make keys with it: POST {ApiPaths.Keys}.",
            ]);
        }

        app.UseMiddleware<BrowserGuard>();
        app.UseMiddleware<Door>();
        return app;
    }

    // Waits for the store, as its opening does: before the server listens.
    private static bool HasAdmin(IServiceProvider services) =>
        services.GetRequiredService<ServiceSecrets>().HasAdmin
        || services.GetRequiredService<ApiKeys>().HasAdminAsync(CancellationToken.None).GetAwaiter().GetResult();

    [LoggerMessage(LogLevel.Warning, "ACCESS IS OPEN: every program on this machine may do everything, without a key, at {Addresses}. Fit for development; set Registry:Access=keys for anything else")]
    private static partial void LogOpen(ILogger logger, string addresses);
}
