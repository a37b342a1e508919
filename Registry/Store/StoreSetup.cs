using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Sluice.Registry.Store.Redis;

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
        builder.Services.AddSingleton<IValidateOptions<StoreOptions>, StoreOptionsValidator>();
        builder.Services.AddOptions<StoreOptions>().BindConfiguration(RegistryOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton(services => RedisServerLink.Connect(services.GetRequiredService<IOptions<StoreOptions>>().Value));
        builder.Services.AddSingleton(services => new RedisKeys(services.GetRequiredService<IOptions<StoreOptions>>().Value.RedisPrefix));
        builder.Services.AddSingleton<RedisDurability>();
        builder.Services.AddSingleton<IStore>(services => new MeasuredStore(CreateStore(services), services.GetRequiredService<IMeterFactory>()));
        builder.Services.AddHealthChecks().AddCheck<StoreHealth>("store");
        return builder;
    }

    private static IStore CreateStore(IServiceProvider services)
    {
        var historyLength = services.GetRequiredService<IOptions<RegistryOptions>>().Value.HistoryLength;
        if (services.GetRequiredService<IOptions<StoreOptions>>().Value.IsSqlite)
        {
            return new SqliteStore(services.GetRequiredService<DataDirectory>().StoreFile, historyLength);
        }

        var store = new RedisStore(services.GetRequiredService<RedisServerLink>(), services.GetRequiredService<RedisKeys>(), historyLength);
        services.GetRequiredService<RedisDurability>().Check();
        return store;
    }

    /// <summary>Opens the store now, so that what is wrong with it is told in one line rather than as a failure of the host.</summary>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    /// <exception cref="IOException">The data directory or the store cannot be used.</exception>
    public static WebApplication OpenStore(this WebApplication app)
    {
        app.Services.GetRequiredService<IStore>();
        return app;
    }
}
