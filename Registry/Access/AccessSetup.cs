using Microsoft.Extensions.Options;

namespace Sluice.Registry.Access;

/// <summary>Adds and uses the checks of who may do what.</summary>
internal static partial class AccessSetup
{
    /// <summary>The settings and what they mean.</summary>
    public static WebApplicationBuilder AddAccess(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        builder.Services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<AccessPolicy>();
        builder.Services.AddSingleton<ServiceSecrets>();
        builder.Services.AddSingleton<Credentials>();
        builder.Services.AddSingleton<FailedAttempts>();
        return builder;
    }

    /// <summary>Checks requests, from here on down, before anything reads them.</summary>
    public static WebApplication UseAccess(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AccessPolicy>().IsOpen)
        {
            LogOpen(app.Logger, string.Join(", ", ListenAddresses.All(app.Configuration)));
        }

        app.UseMiddleware<BrowserGuard>();
        app.UseMiddleware<Door>();
        return app;
    }

    [LoggerMessage(LogLevel.Warning, "ACCESS IS OPEN: every program on this machine may do everything, without a key, at {Addresses}. Fit for development; set Registry:Access=keys for anything else")]
    private static partial void LogOpen(ILogger logger, string addresses);
}
