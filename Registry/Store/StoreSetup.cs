using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Sluice.Registry.Store;

/// <summary>Adds the Registry's memory.</summary>
internal static class StoreSetup
{
    /// <summary>The settings, the data directory, the store and its health.</summary>
    public static WebApplicationBuilder AddStore(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<RegistryOptions>, RegistryOptionsValidator>();
        builder.Services.AddOptions<RegistryOptions>().BindConfiguration(RegistryOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<DataDirectory>();
        builder.Services.AddSingleton<IStore>(services => new MeasuredStore(Open(services), services.GetRequiredService<IMeterFactory>()));
        builder.Services.AddHealthChecks().AddCheck<StoreHealth>("store");
        return builder;
    }

    private static SqliteStore Open(IServiceProvider services) => new(
        services.GetRequiredService<DataDirectory>().StoreFile, services.GetRequiredService<IOptions<RegistryOptions>>().Value.HistoryLength);

    /// <summary>Opens the store now, so that what is wrong with it is told in one line rather than as a failure of the host.</summary>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    /// <exception cref="IOException">The data directory or the store cannot be used.</exception>
    public static WebApplication OpenStore(this WebApplication app)
    {
        app.Services.GetRequiredService<IStore>();
        return app;
    }
}
