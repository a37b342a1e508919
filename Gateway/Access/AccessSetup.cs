using Microsoft.Extensions.Options;
using Sluice.ServiceDefaults;

namespace Sluice.Gateway.Access;

/// <summary>Brings the check of who may ask what. Inference asks it itself; other endpoints say that they want it (<see cref="MetadataDoor"/>).</summary>
internal static partial class AccessSetup
{
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        builder.Services.AddOptions<AccessOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton(services => new AccessPolicy(
            services.GetRequiredService<IOptions<AccessOptions>>().Value.Access, builder.Configuration, builder.Environment));
        builder.Services.AddSingleton<CallerCheck>();
    }

    /// <summary>Checks requests to the endpoints that want it, from here on down, and says loudly where nobody is checked.</summary>
    public static void UseAccess(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AccessPolicy>().IsOpen)
        {
            LogOpen(app.Logger, string.Join(", ", ListenAddresses.All(app.Configuration)));
        }

        app.UseMiddleware<MetadataDoor>();
    }

    [LoggerMessage(LogLevel.Warning, "ACCESS IS OPEN: every program on this machine may ask every model, without a key, at {Addresses}. Fit for development; set Gateway:Access=keys for anything else")]
    private static partial void LogOpen(ILogger logger, string addresses);
}
