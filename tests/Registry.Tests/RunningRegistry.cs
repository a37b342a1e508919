using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sluice.Contracts;
using Sluice.Registry.Store;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Sluice.Registry.Tests.SharedRegistry))]

namespace Sluice.Registry.Tests;

/// <summary>The Registry as it is run, on a real socket of 127.0.0.1, over a data directory of its own.</summary>
public class RunningRegistry : WebApplicationFactory<Program>
{
    private readonly TemporaryFolder? _ownFolder;
    private readonly Dictionary<string, string?> _settings;
    private readonly TimeProvider? _time;
    private readonly Func<IStore, IStore>? _store;

    /// <param name="dataDirectory">Where it keeps its data; null for a folder that goes with it.</param>
    /// <param name="settings">More settings, by key.</param>
    /// <param name="time">A clock of the test's.</param>
    public RunningRegistry(string? dataDirectory = null, Dictionary<string, string?>? settings = null, TimeProvider? time = null)
        : this(dataDirectory, settings, time, store: null)
    {
    }

    // The same, with something put around the store.
    private protected RunningRegistry(
        string? dataDirectory, Dictionary<string, string?>? settings, TimeProvider? time, Func<IStore, IStore>? store)
    {
        _store = store;
        _ownFolder = dataDirectory is null ? new TemporaryFolder() : null;
        DataDirectory = dataDirectory ?? _ownFolder!.Path;
        _settings = settings ?? [];
        _time = time;
        UseKestrel();
        StartServer();
        var address = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
        Client = new RegistryClient(Http);
    }

    public string DataDirectory { get; }

    public HttpClient Http { get; }

    public RegistryClient Client { get; }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        // A port of UseKestrel is set while the application is already starting; it comes too late now and then.
        builder.UseSetting("urls", "http://127.0.0.1:0");
        builder.UseSetting("Registry:DataDirectory", DataDirectory);
        builder.UseSetting("Registry:SamplesDirectory", "");
        builder.UseSetting("Logging:LogLevel:Default", "Error");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        if (_store is not null)
        {
            builder.ConfigureServices(services =>
            {
                var real = services.Single(service => service.ServiceType == typeof(IStore)).ImplementationFactory!;
                services.Replace(ServiceDescriptor.Singleton(provider => _store((IStore)real(provider))));
            });
        }

        if (_time is not null)
        {
            builder.ConfigureServices(services => services.Replace(ServiceDescriptor.Singleton(_time)));
        }
    }

    public override async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await base.DisposeAsync();

        // The application ends on a thread of its own; the data is free for the next one when it let go of it.
        await Eventually.BecomesTrueAsync(IsReleased);
        _ownFolder?.Dispose();
        GC.SuppressFinalize(this);
    }

    private bool IsReleased()
    {
        try
        {
            var path = Path.Combine(DataDirectory, "registry.lock");
            using var free = File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null;
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

/// <summary>One Registry for all tests that bring models and replicas of names of their own, and so do not see each other.</summary>
public sealed class SharedRegistry : RunningRegistry;
